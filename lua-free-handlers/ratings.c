/* Ratings of an event: what the public sees, and rating as an attendee. */

#include "wm_plan.h"
#include "wm_rated.h"
#include "wm_show.h"

#define WM_RATE_MAX  50                 /* people of one device */

static void wm_ratings(wm_web_t *w);
static void wm_rate_page(wm_web_t *w);
static void wm_rate(wm_web_t *w);

static const wm_field_t  wm_rating_fields[] = {
    { "score",   WM_FIELD_NUMBER,  WM_REQUIRED,  1, 5 },
    { "text",    WM_FIELD_LINES,   0,            0, WM_RATING_TEXT },
    { "person",  WM_FIELD_TOKEN,   0,            1, 16 }
};

static const size_t  wm_rating_nfields = wm_countof(wm_rating_fields);

const wm_route_t  wm_ratings_routes[] = {
    { WM_GET, "api/events/{id}/ratings", WM_API, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_EVENTS, NULL, NULL, NULL, wm_ratings, NULL, NULL },
    { WM_POST, "api/events/{id}/ratings", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_rating_fields, &wm_rating_nfields, NULL, wm_rate, NULL, NULL },
    { WM_GET, "rate/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "rate", wm_rate_page, NULL, NULL },
    { WM_POST, "rate/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_rating_fields, &wm_rating_nfields, "rated", wm_rate,
      wm_rate_page, "rate" }
};

const size_t  wm_ratings_nroutes = wm_countof(wm_ratings_routes);


/* ---- what the public sees */

static void
wm_ratings_show(wm_web_t *w)
{
    wm_rated_t  *rated = w->state;

    if (rated->shown.n > 0) {
        rated->texts = w->replies[0];
    }

    wm_rated_show(w, w->doc, rated);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_ratings_found(wm_web_t *w)
{
    wm_event_t   event;
    wm_rated_t  *rated;

    rated = wm_calloc(w->pool, sizeof(wm_rated_t));

    if (rated == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = rated;

    if (!wm_event_load_public(&w->replies[0], w->id, &event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);

    } else if (wm_rated_found(w, w->id, &w->replies[1], rated)) {
        wm_fetch(w, wm_ratings_show);

    } else {
        wm_ratings_show(w);
    }
}


static void
wm_ratings(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_rated_ask(w, w->id);
    wm_fetch(w, wm_ratings_found);
}


/* ---- who of this device may rate */

/* The cookie's own person must not have been signed out everywhere. */

static bool
wm_rate_person(wm_web_t *w, const wm_reply_t *record, wm_person_t *person)
{
    wm_str_t  mine = wm_web_person(w);

    if (!wm_person_load(w->pool, &w->site->realm, record, person)) {
        w->why = wm_lit("a person's record cannot be opened");
        return false;
    }

    if (wm_eq(mine, wm_str(person->id)) && !wm_web_knows(w, person)) {
        person->known = false;
    }

    return true;
}


static void
wm_rate_ask_person(wm_web_t *w, const char *person)
{
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)),
           wm_str(person));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "rating:%.*s", wm_fmt(w->id)),
           wm_str(person));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "person:%s", person));
}


/* ---- the page with a form for each of them */

typedef struct {
    wm_event_t    event;
    size_t        n;
    wm_person_t   people[WM_RATE_MAX];
} wm_rate_list_t;


/* The five scores; what was chosen before stays so. */

static void
wm_rate_scores(wm_doc_t *item, int64_t chosen)
{
    int64_t    score;
    wm_doc_t  *list, *one;

    list = wm_doc_list(item, "scores");

    for (score = WM_RATING_MAX; score > 0; score--) {
        one = wm_doc_item(list);
        wm_doc_int(one, "n", score);
        wm_doc_text(one, "n_text", wm_rating_score_text(score));
        wm_doc_bool(one, "chosen", score == chosen);
    }
}


static void
wm_rate_show_person(wm_web_t *w, const wm_person_t *person, wm_verdict_t v,
    const wm_rating_t *done)
{
    bool       typed;
    wm_str_t   meant = wm_input(&w->input, "person")->text;
    wm_doc_t  *item;

    if (v == WM_VERDICT_OK) {
        item = wm_doc_item(wm_doc_get(w->doc, wm_lit("rated")));
        wm_doc_str(item, "name", person->name);
        wm_doc_text(item, "score_text", wm_rating_score_text(done->score));
        return;
    }

    if (v == WM_VERDICT_CREATED) {
        meant = meant.len > 0 ? meant : wm_web_person(w);
        typed = wm_eq(meant, wm_str(person->id));

        item = wm_doc_item(wm_doc_get(w->doc, wm_lit("people")));
        wm_doc_text(item, "person", person->id);
        wm_doc_str(item, "name", person->name);
        wm_doc_bool(item, "typed", typed);
        wm_rate_scores(item, typed ? wm_input(&w->input, "score")->num : 0);
        return;
    }

    if (v == WM_VERDICT_RATE_EARLY) {
        wm_doc_bool(w->doc, "not_over", true);

    } else if (v == WM_VERDICT_RATING_CLOSED) {
        wm_doc_bool(w->doc, "closed", true);
    }
}


static void
wm_rate_show(wm_web_t *w)
{
    size_t              i, shown;
    wm_rating_t         done;
    wm_reply_t         *r = w->replies;
    wm_verdict_t        v;
    wm_rate_list_t     *list = w->state;
    wm_rating_facts_t   f = { .event = list->event, .here = true };

    wm_show_event(w, w->doc, &list->event, false);
    wm_doc_list(w->doc, "people");
    wm_doc_list(w->doc, "rated");

    for (i = 0, shown = 0; i < list->n; i++, r += 3) {
        if (!wm_rate_person(w, &r[2], &list->people[i])) {
            continue;                   /* the others may still */
        }

        f.person = list->people[i];
        f.attended = wm_reply_str(&r[0]);
        f.record = wm_reply_str(&r[1]);

        v = wm_rating_may(&f, w->now_ms, &done);

        if (v != WM_VERDICT_NOT_ATTENDED) {
            wm_rate_show_person(w, &list->people[i], v, &done);
            shown++;
        }
    }

    wm_answer(w, shown > 0 ? WM_VERDICT_OK : WM_VERDICT_NOT_ATTENDED);
}


/* Fields "a:event:person" of the device's record. */

static void
wm_rate_people(wm_rate_list_t *list, const wm_reply_t *dev)
{
    size_t    i;
    wm_str_t  field, event;

    for (i = 0; dev->type == WM_REPLY_LIST && i + 1 < dev->n; i += 2) {
        field = wm_reply_at(dev, i);

        if (!wm_starts(field, "a:") || list->n == WM_RATE_MAX) {
            continue;
        }

        field.data += 2;
        field.len -= 2;

        if (wm_split(&field, ':', &event) && wm_eq(event, list->event.id)
            && field.len == WM_ID_LEN)
        {
            memcpy(list->people[list->n++].id, field.data, WM_ID_LEN);
        }
    }
}


static void
wm_rate_page_found(wm_web_t *w)
{
    size_t           i;
    wm_rate_list_t  *list;

    list = wm_calloc(w->pool, sizeof(wm_rate_list_t));

    if (list == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = list;

    if (!wm_event_load_public(&w->replies[0], w->id, &list->event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_rate_people(list, &w->replies[1]);

    if (list->n == 0) {
        wm_answer(w, WM_VERDICT_NOT_ATTENDED);
        return;
    }

    for (i = 0; i < list->n; i++) {
        wm_rate_ask_person(w, list->people[i].id);
    }

    wm_fetch(w, wm_rate_show);
}


static void
wm_rate_page(wm_web_t *w)
{
    w->event = w->id;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));
    wm_fetch(w, wm_rate_page_found);
}


/* ---- rating */

typedef struct {
    wm_rating_facts_t   facts;
    wm_rating_t         done;
    wm_order_t          orders[WM_EVENT_ORDERS];
} wm_rate_t;

static void wm_rate_ask(wm_web_t *w);


static void
wm_rate_answer(wm_web_t *w, wm_verdict_t verdict)
{
    wm_rate_t  *s = w->state;

    wm_doc_str(w->doc, "event", s->facts.event.id);
    wm_doc_str(w->doc, "title", s->facts.event.title);
    wm_doc_int(w->doc, "score", s->done.score);
    wm_doc_text(w->doc, "score_text", wm_rating_score_text(s->done.score));
    wm_doc_text(w->doc, "text_status", wm_rating_state_code(s->done.state));
    wm_doc_str(w->doc, "made", wm_show_iso(w, s->done.made_ms));
    wm_doc_bool(w->doc, "again", verdict == WM_VERDICT_OK);
    wm_doc_hide(wm_doc_str(w->doc, "name", s->facts.person.name));
    wm_doc_hide(wm_doc_bool(w->doc, "pending",
                            s->done.state == WM_RATING_PENDING));

    wm_answer(w, verdict);
}


static void
wm_rate_done(wm_web_t *w)
{
    wm_rate_answer(w, WM_VERDICT_CREATED);
}


static void
wm_rate_send(wm_web_t *w)
{
    size_t        i;
    wm_rate_t    *s = w->state;
    wm_event_t   *event = &s->facts.event;
    wm_course_t   course;
    wm_commit_t  *c;

    s->facts.provider = wm_course_load(w->pool, s->facts.event.course,
                                       wm_reply_str(&w->replies[0]), &course)
                        ? course.provider : wm_null;

    c = wm_begin(w, WM_OP_RATE_GIVE);

    if (c == NULL || wm_rating_give(c, &s->facts, &s->done)
                     != WM_VERDICT_CREATED)
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; i < event->norders; i++) {
        (void) wm_order_load(&w->replies[1 + i], event->orders[i],
                             &s->orders[i]);
    }

    wm_event_rate_orders(c, event, s->orders, wm_str(s->facts.person.id));

    wm_send(w, c, wm_rate_ask, wm_rate_done);
}


static void
wm_rate_decide(wm_web_t *w)
{
    wm_str_t            course;
    wm_rate_t          *s = w->state;
    wm_verdict_t        v;
    wm_rating_facts_t  *f = &s->facts;

    (void) wm_event_load(&w->replies[0], w->id, &f->event);
    f->here = w->replies[1].num == 1;
    f->attended = wm_reply_str(&w->replies[2]);
    f->record = wm_reply_str(&w->replies[3]);

    if (!wm_rate_person(w, &w->replies[4], &f->person)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_rating_may(f, w->now_ms, &s->done);

    if (v == WM_VERDICT_CREATED) {
        course = f->event.course.len > 0 ? f->event.course : wm_lit("");
        wm_ask(w, wm_lit("HGET"), wm_web_key(w, "courses"), course);
        wm_plan_ask_orders(w, &f->event);
        wm_fetch(w, wm_rate_send);

    } else if (v == WM_VERDICT_OK) {
        wm_rate_answer(w, v);

    } else {
        wm_answer(w, v);
    }
}


static void
wm_rate_ask(wm_web_t *w)
{
    wm_rate_t  *s = w->state;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HEXISTS"), wm_web_key(w, "dev:%s", w->device_id),
           wm_printf(w->pool, "a:%.*s:%s", wm_fmt(w->id),
                     s->facts.person.id));
    wm_rate_ask_person(w, s->facts.person.id);
    wm_fetch(w, wm_rate_decide);
}


static void
wm_rate(wm_web_t *w)
{
    wm_str_t    person;
    wm_rate_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_rate_t));
    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = s;
    w->event = w->id;
    w->once = wm_null;                  /* a person rates once, key or not */

    person = wm_input(&w->input, "person")->text;
    if (person.len == 0 && w->device_known) {
        person = wm_web_person(w);
    }

    if (!w->device_known || !wm_id_valid(person)) {
        wm_answer(w, WM_VERDICT_NOT_ATTENDED);
        return;
    }

    memcpy(s->facts.person.id, person.data, WM_ID_LEN);
    s->facts.device = wm_str(w->device_id);
    s->facts.score = wm_input(&w->input, "score")->num;
    s->facts.text = wm_input(&w->input, "text")->text;

    wm_rate_ask(w);
}
