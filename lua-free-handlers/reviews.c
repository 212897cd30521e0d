/* What people wrote with their ratings: a worker shows it or hides it. */

#include "wm_rating.h"
#include "wm_show.h"
#include "wm_time.h"
#include "wm_walk.h"

static void wm_reviews(wm_web_t *w);
static void wm_review(wm_web_t *w);

static const wm_field_t  wm_reviews_fields[] = { WM_WALK_FIELDS };
static const size_t      wm_reviews_nfields = wm_countof(wm_reviews_fields);

const wm_route_t  wm_reviews_routes[] = {
    { WM_GET, "staff/ratings", WM_PAGE, WM_STAFF, WM_CAP_REVIEW, 0,
      wm_reviews_fields, &wm_reviews_nfields, "staff-ratings", wm_reviews,
      NULL, NULL },
    { WM_GET, "api/staff/ratings", WM_API, WM_STAFF, WM_CAP_REVIEW, 0,
      wm_reviews_fields, &wm_reviews_nfields, NULL, wm_reviews, NULL, NULL },
    { WM_POST, "staff/ratings/{id}/show", WM_PAGE, WM_STAFF, WM_CAP_REVIEW,
      0, NULL, NULL, NULL, wm_review, NULL, NULL },
    { WM_POST, "api/staff/ratings/{id}/show", WM_API, WM_STAFF,
      WM_CAP_REVIEW, 0, NULL, NULL, NULL, wm_review, NULL, NULL },
    { WM_POST, "staff/ratings/{id}/hide", WM_PAGE, WM_STAFF, WM_CAP_REVIEW,
      0, NULL, NULL, NULL, wm_review, NULL, NULL },
    { WM_POST, "api/staff/ratings/{id}/hide", WM_API, WM_STAFF,
      WM_CAP_REVIEW, 0, NULL, NULL, NULL, wm_review, NULL, NULL }
};

const size_t  wm_reviews_nroutes = wm_countof(wm_reviews_routes);

typedef struct {
    wm_str_t      event;
    wm_person_t   person;
} wm_reviewed_t;

typedef struct {
    wm_walk_t       walk;
    wm_reviewed_t  *items;
} wm_reviews_t;


/* "event:person" of the index, "event-person" of an address. */

static bool
wm_review_parse(wm_str_t id, char sep, wm_reviewed_t *item)
{
    uint32_t  number;

    if (!wm_split(&id, sep, &item->event)
        || !wm_event_number(item->event, &number) || !wm_id_valid(id))
    {
        return false;
    }

    memcpy(item->person.id, id.data, WM_ID_LEN);

    return true;
}


static void
wm_review_ask(wm_web_t *w, const wm_reviewed_t *item)
{
    wm_ask(w, wm_lit("HMGET"),
           wm_web_key(w, "rating:%.*s", wm_fmt(item->event)),
           wm_str(item->person.id),
           wm_printf(w->pool, "t:%s", item->person.id));
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", item->person.id));
}


/* wm_null: the person is gone, or the key to what he or she wrote. */

static wm_str_t
wm_review_text(wm_web_t *w, wm_reviewed_t *item, const wm_reply_t *replies)
{
    if (!wm_person_load(w->pool, &w->site->realm, &replies[1], &item->person)
        || !item->person.known)
    {
        return wm_null;
    }

    return wm_person_open(w->pool, &item->person,
                          wm_reply_at(&replies[0], 1));
}


/* ---- the list */

static void
wm_reviews_show(wm_web_t *w)
{
    size_t          i;
    wm_str_t        text;
    wm_doc_t       *items, *item;
    wm_event_t      event;
    wm_reply_t     *r = w->replies;
    wm_rating_t     rating;
    wm_reviews_t   *list = w->state;
    wm_reviewed_t  *it;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < list->walk.n; i++, r += 3) {
        it = &list->items[i];

        if (!wm_rating_load(wm_reply_at(&r[0], 0), &rating)
            || rating.state != WM_RATING_PENDING
            || !wm_event_load(&r[2], it->event, &event))
        {
            continue;
        }

        text = wm_review_text(w, it, r);

        item = wm_doc_item(items);
        wm_doc_str(item, "id", wm_printf(w->pool, "%.*s-%s",
                                         wm_fmt(it->event), it->person.id));
        wm_doc_str(item, "event", it->event);
        wm_doc_str(item, "title", event.title);
        wm_doc_int(item, "score", rating.score);
        wm_doc_text(item, "score_text", wm_rating_score_text(rating.score));
        wm_doc_str(item, "text", text.data != NULL ? text : wm_lit(""));
        wm_doc_str(item, "made", wm_show_iso(w, rating.made_ms));
        wm_doc_str(item, "made_text", wm_show_human(w, rating.made_ms));
    }

    wm_walk_show_next(w, list->walk.next, "staff/ratings");
    wm_answer(w, WM_VERDICT_OK);
}


static bool
wm_reviews_fits(wm_web_t *w, wm_walk_t *walk, wm_str_t id,
    const wm_reply_t *record)
{
    wm_reviews_t  *list = walk->outer;

    (void) w;
    (void) record;

    return wm_review_parse(id, ':', &list->items[walk->n]);
}


static void
wm_reviews_found(wm_web_t *w)
{
    size_t         i;
    wm_reviews_t  *list = w->state;

    for (i = 0; i < list->walk.n; i++) {
        wm_review_ask(w, &list->items[i]);
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "event:%.*s", wm_fmt(list->items[i].event)));
    }

    if (list->walk.n == 0) {
        wm_reviews_show(w);

    } else {
        wm_fetch(w, wm_reviews_show);
    }
}


static void
wm_reviews(wm_web_t *w)
{
    wm_reviews_t  *list;

    list = wm_calloc(w->pool, sizeof(wm_reviews_t));
    if (list == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = list;
    list->walk.key = wm_web_key(w, "ratings:%.*s", wm_fmt(w->staff.unit));
    list->walk.rising = true;
    list->walk.high = WM_TIME_MAX;
    list->walk.limit = w->route->face == WM_API ? WM_WALK_MAX : WM_WALK_PAGE;
    list->walk.most = WM_WALK_TURNS;
    list->walk.fits = wm_reviews_fits;
    list->walk.next_step = wm_reviews_found;

    if (!wm_walk_begin(w, &list->walk)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    list->items = wm_calloc(w->pool,
                            (list->walk.limit + 1) * sizeof(wm_reviewed_t));
    if (list->items == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_walk(w, &list->walk);
}


/* ---- the decision */

static bool
wm_review_is_show(const wm_web_t *w)
{
    const char  *path = w->route->path;

    return strcmp(path + strlen(path) - 4, "show") == 0;
}


static void
wm_review_done(wm_web_t *w)
{
    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("staff/ratings"));
        return;
    }

    wm_doc_str(w->doc, "id", w->id);
    wm_doc_text(w->doc, "status",
                wm_rating_state_code(wm_review_is_show(w)
                                     ? WM_RATING_SHOWN : WM_RATING_HIDDEN));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_review_decide(wm_web_t *w)
{
    bool            nothing, show = wm_review_is_show(w);
    wm_str_t        record, person;
    wm_commit_t    *c;
    wm_rating_t     rating;
    wm_verdict_t    v;
    wm_reviewed_t  *item = w->state;

    record = wm_reply_at(&w->replies[0], 0);
    person = wm_str(item->person.id);

    if (!wm_rating_load(record, &rating)
        || !wm_scope_covers(w->staff.path, rating.path))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    c = wm_begin(w, show ? WM_OP_RATE_SHOW : WM_OP_RATE_HIDE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = show ? wm_rating_show(c, item->event, person, record,
                              wm_review_text(w, item, w->replies), &nothing)
             : wm_rating_hide(c, item->event, person, record, &nothing);

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_review_done(w);

    } else {
        wm_send(w, c, wm_review, wm_review_done);
    }
}


static void
wm_review(wm_web_t *w)
{
    wm_reviewed_t  *item;

    item = wm_calloc(w->pool, sizeof(wm_reviewed_t));
    if (item == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_review_parse(w->id, '-', item)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    w->state = item;
    w->event = item->event;

    wm_review_ask(w, item);
    wm_fetch(w, wm_review_decide);
}
