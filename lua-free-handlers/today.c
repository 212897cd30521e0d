/*
 * The first page of the desk: what is held today, and what waits for this
 * worker.  Turns: the lists, what of the events before today goes on, then
 * the records that they name.
 */

#include "wm_codes.h"
#include "wm_correct.h"
#include "wm_course.h"
#include "wm_enrol.h"
#include "wm_rating.h"
#include "wm_table.h"
#include "wm_time.h"
#include "wm_wish.h"

#define WM_TODAY_DAYS    14             /* ahead, of events to see to */
#define WM_TODAY_EVENTS  200            /* looked at, of each list */
#define WM_TODAY_ORDERS  200
#define WM_TODAY_WISHES  100
#define WM_TODAY_FIXES   50
#define WM_TODAY_FEW     3              /* of what is to be done */
#define WM_TODAY_HELD    6              /* of today's events */

/* Replies of the first turn, and for each event of the second. */
enum { WM_TODAY_SCHED, WM_TODAY_BEFORE, WM_TODAY_DUE, WM_TODAY_WISHDUE,
       WM_TODAY_RATINGS, WM_TODAY_NRATINGS, WM_TODAY_FIXED, WM_TODAY_NFIXED,
       WM_TODAY_UNITS, WM_TODAY_TEAMS, WM_TODAY_WRITTEN };
enum { WM_TODAY_EVENT, WM_TODAY_PRESENT, WM_TODAY_TAKEN, WM_TODAY_WAITING,
       WM_TODAY_OFFERED, WM_TODAY_PER_EVENT };

static void wm_today(wm_web_t *w);

const wm_route_t  wm_today_routes[] = {
    { WM_GET, "staff/", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, "staff-today", wm_today, NULL, NULL },
    { WM_GET, "api/staff/today", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_today, NULL, NULL }
};

const size_t  wm_today_nroutes = wm_countof(wm_today_routes);

/* A block of the page: how many there are, and the few that are shown. */
typedef struct {
    int64_t      count;
    size_t       shown;
    size_t       most;
    wm_doc_t    *items;
} wm_block_t;

typedef struct {
    wm_reply_t   events;                /* by their start */
    wm_reply_t   before;
    wm_reply_t   orders;
    wm_reply_t   wishes;
    wm_reply_t   ratings;
    wm_reply_t   fixes;
    wm_reply_t   units;
    wm_reply_t   teams;
    wm_reply_t   written;               /* drafts of courses */
    int64_t      nratings;
    int64_t      nfixes;
    int64_t      day_ms;                /* the beginning of today */
    bool         more;                  /* events than were looked at */
    wm_block_t   held;
    wm_block_t   drafts;
    wm_block_t   places;
    wm_block_t   overdue;
    wm_block_t   asked;
    wm_block_t   wished;
    wm_block_t   said;
    wm_block_t   fixed;
    wm_block_t   courses;
} wm_today_t;


static size_t
wm_today_n(const wm_reply_t *list)
{
    return list->type == WM_REPLY_LIST ? list->n : 0;
}


/* Counts one in; its item, or NULL when enough are shown already. */

static wm_doc_t *
wm_today_add(wm_block_t *block)
{
    block->count++;

    if (block->shown == block->most) {
        return NULL;
    }

    block->shown++;

    return wm_doc_item(block->items);
}


/* more: there are more than were looked at. */

static void
wm_today_begin(wm_web_t *w, wm_block_t *block, const char *name, size_t most,
    bool more)
{
    wm_doc_t  *doc;

    doc = wm_doc_obj(w->doc, name);
    wm_doc_bool(doc, "more", more);
    block->most = most;
    block->items = wm_doc_list(doc, "items");
}


static void
wm_today_end(wm_web_t *w, const wm_block_t *block, const char *name)
{
    wm_doc_int(wm_doc_get(w->doc, wm_str(name)), "count", block->count);
}


/* ---- events */

static void
wm_today_event_show(wm_web_t *w, wm_doc_t *item, const wm_event_t *event,
    const wm_reply_t *r)
{
    uint64_t  taken;

    if (item == NULL) {
        return;
    }

    if (!wm_parse_uint(wm_reply_str(&r[WM_TODAY_TAKEN]), INT64_MAX, &taken)) {
        taken = 0;
    }

    wm_show_event(w, item, event, true);
    wm_doc_int(item, "present", r[WM_TODAY_PRESENT].num);
    wm_doc_int(item, "taken", (int64_t) taken);
    wm_doc_int(item, "waiting", r[WM_TODAY_WAITING].num);
    wm_doc_int(item, "offered", r[WM_TODAY_OFFERED].num);
    wm_doc_bool(item, "over", event->end_ms <= w->now_ms);
    wm_doc_hide(wm_doc_bool(item, "limited", event->capacity > 0));

    if (event->state == WM_EVENT_PUBLISHED
        && wm_role_may(w->staff.role, WM_CAP_ATTEND))
    {
        wm_doc_hide(wm_doc_bool(item, "can_attend", true));
        wm_doc_hide(wm_doc_str(item, "screen_url",
                               wm_codes_screen_url(w, event, 1)));
    }
}


/* over: those of today that have ended; they are shown behind the others. */

static void
wm_today_held(wm_web_t *w, wm_today_t *t, const wm_reply_t *r, bool over)
{
    size_t      i;
    wm_event_t  event;

    for (i = 0; i < wm_today_n(&t->events); i++, r += WM_TODAY_PER_EVENT) {
        if (wm_event_load(r, wm_reply_at(&t->events, i), &event)
            && event.state == WM_EVENT_PUBLISHED
            && event.start_ms < t->day_ms + WM_DAY_MS
            && event.end_ms > t->day_ms
            && (event.end_ms <= w->now_ms) == over
            && wm_scope_covers(w->staff.path, event.path))
        {
            wm_today_event_show(w, wm_today_add(&t->held), &event, r);
        }
    }
}


/* Drafts that draw near, and events with people who wait for an answer. */

static void
wm_today_ahead(wm_web_t *w, wm_today_t *t, const wm_reply_t *r)
{
    size_t      i;
    wm_event_t  event;

    for (i = 0; i < wm_today_n(&t->events); i++, r += WM_TODAY_PER_EVENT) {
        if (!wm_event_load(r, wm_reply_at(&t->events, i), &event)
            || event.start_ms <= w->now_ms
            || !wm_scope_covers(w->staff.path, event.path))
        {
            continue;
        }

        if (event.state == WM_EVENT_DRAFT) {
            wm_today_event_show(w, wm_today_add(&t->drafts), &event, r);

        } else if (event.state == WM_EVENT_PUBLISHED
                   && (r[WM_TODAY_WAITING].num > 0
                       || r[WM_TODAY_OFFERED].num > 0))
        {
            wm_today_event_show(w, wm_today_add(&t->places), &event, r);
        }
    }
}


/* ---- orders, by their deadlines */

static void
wm_today_orders(wm_web_t *w, wm_today_t *t, const wm_reply_t *r)
{
    size_t          i;
    wm_doc_t       *item;
    wm_order_t      order;
    wm_order_by_t   by = { .staff = &w->staff };

    for (i = 0; i < wm_today_n(&t->orders); i++, r++) {
        if (!wm_order_load(r, wm_reply_at(&t->orders, i), &order)
            || !wm_order_sees(&order, &by))
        {
            continue;
        }

        if (wm_order_is_overdue(&order, w->now_ms)) {
            item = wm_today_add(&t->overdue);

        } else if ((wm_order_who(&order, &by) & WM_BY_WORKER) != 0
                   && (order.state == WM_ORDER_SUBMITTED
                       || order.state == WM_ORDER_ACCEPTED))
        {
            item = wm_today_add(&t->asked);

        } else {
            continue;
        }

        if (item != NULL) {
            wm_show_order_staff(w, item, &order, NULL, &t->units, &t->teams);
        }
    }
}


/* ---- what people wrote; the words themselves are on the pages */

static void
wm_today_wishes(wm_web_t *w, wm_today_t *t, const wm_reply_t *r)
{
    size_t         i;
    wm_doc_t      *item;
    wm_wish_t      wish;
    wm_wish_by_t   by = { .staff = &w->staff };

    for (i = 0; i < wm_today_n(&t->wishes); i++, r++) {
        if (!wm_wish_load(r, wm_reply_at(&t->wishes, i), &wish)
            || wish.state != WM_WISH_SUBMITTED
            || (wm_wish_who(&wish, &by) & WM_WISH_BY(REVIEWER)) == 0)
        {
            continue;
        }

        item = wm_today_add(&t->wished);
        if (item == NULL) {
            continue;
        }

        wm_doc_str(item, "id", wish.id);
        wm_doc_text(item, "category", wm_wish_kind_code(wish.kind));
        wm_doc_text(item, "category_text", wm_wish_kind_text(wish.kind));
        wm_doc_str(item, "unit", wish.unit);
        wm_doc_str(item, "unit_name",
                   wm_show_unit_name(w, wm_reply_find(&t->units,
                                                      wish.unit)));
        wm_doc_str(item, "made", wm_show_iso(w, wish.made_ms));
        wm_doc_str(item, "made_text", wm_show_human(w, wish.made_ms));
        wm_doc_bool(item, "overdue", wm_wish_is_overdue(&wish, w->now_ms));
    }
}


static void
wm_today_ratings(wm_web_t *w, wm_today_t *t, const wm_reply_t *r)
{
    size_t       i;
    wm_str_t     id, number;
    wm_doc_t    *item;
    wm_event_t   event;
    wm_rating_t  rating;

    for (i = 0; i < wm_today_n(&t->ratings); i++, r += 2) {
        id = wm_reply_at(&t->ratings, i);

        if (!wm_split(&id, ':', &number)
            || !wm_event_load(&r[0], number, &event)
            || !wm_rating_load(wm_reply_str(&r[1]), &rating)
            || !wm_scope_covers(w->staff.path, rating.path))
        {
            t->nratings--;              /* the person is gone */
            continue;
        }

        item = wm_today_add(&t->said);

        if (item != NULL) {
            wm_doc_str(item, "event", event.id);
            wm_doc_str(item, "title", event.title);
            wm_doc_int(item, "score", rating.score);
            wm_doc_text(item, "score_text",
                        wm_rating_score_text(rating.score));
            wm_doc_str(item, "made_text", wm_show_human(w, rating.made_ms));
        }
    }

    /* the index says how many there are: only the first were read */

    t->said.count = t->nratings;
}


/* ---- corrections of attendance, which another worker has to confirm */

static void
wm_today_fixes(wm_web_t *w, wm_today_t *t, const wm_reply_t *r)
{
    size_t         i;
    wm_str_t       id, number;
    wm_doc_t      *item;
    wm_event_t     event;
    wm_correct_t   fix;

    for (i = 0; i < wm_today_n(&t->fixes); i++, r += 2) {
        id = wm_reply_at(&t->fixes, i);

        if (!wm_split(&id, ':', &number)
            || !wm_event_load(&r[0], number, &event)
            || !wm_correct_load(wm_reply_str(&r[1]), &fix)
            || !wm_scope_covers(w->staff.path, event.path))
        {
            t->nfixes--;    /* the person is gone, or it moved away */
            continue;
        }

        item = wm_today_add(&t->fixed);

        if (item != NULL) {
            wm_doc_str(item, "event", event.id);
            wm_doc_str(item, "title", event.title);
            wm_doc_text(item, "what", wm_correct_code(fix.what));
            wm_doc_text(item, "what_text", wm_correct_text(fix.what));
            wm_doc_str(item, "by", fix.by);
            wm_doc_str(item, "at_text", wm_show_human(w, fix.at_ms));
        }
    }

    t->fixed.count = t->nfixes;
}


/* ---- courses that this worker may publish: not those of his own */

static void
wm_today_courses(wm_web_t *w, wm_today_t *t)
{
    size_t        i;
    wm_doc_t     *item;
    wm_edited_t   e;

    for (i = 0; i + 1 < wm_today_n(&t->written); i += 2) {
        if (!wm_edited_load(w->pool, wm_reply_at(&t->written, i), wm_null,
                            wm_reply_at(&t->written, i + 1), &t->units, &e)
            || (wm_course_possible(&e, &w->staff)
                & 1u << WM_COURSE_DO_PUBLISH) == 0)
        {
            continue;
        }

        item = wm_today_add(&t->courses);

        if (item != NULL) {
            wm_doc_str(item, "id", e.id);
            wm_doc_str(item, "title", e.course.title);
            wm_doc_str(item, "by", e.by);
            wm_doc_str(item, "at_text", wm_show_human(w, e.changed_ms));
        }
    }
}


/* ---- the page */

static void
wm_today_show(wm_web_t *w)
{
    size_t             norders, nwishes;
    wm_today_t        *t = w->state;
    const wm_reply_t  *r = w->replies;

    norders = wm_today_n(&t->orders);
    nwishes = wm_today_n(&t->wishes);

    wm_today_begin(w, &t->held, "events", WM_TODAY_HELD, t->more);
    wm_today_begin(w, &t->overdue, "overdue", WM_TODAY_FEW,
                   norders == WM_TODAY_ORDERS);
    wm_today_begin(w, &t->asked, "orders", WM_TODAY_FEW,
                   norders == WM_TODAY_ORDERS);
    wm_today_begin(w, &t->wished, "wishes", WM_TODAY_FEW,
                   nwishes == WM_TODAY_WISHES);
    wm_today_begin(w, &t->said, "ratings", WM_TODAY_FEW, false);
    wm_today_begin(w, &t->fixed, "corrections", WM_TODAY_FEW, false);
    wm_today_begin(w, &t->courses, "courses", WM_TODAY_FEW, false);
    wm_today_begin(w, &t->places, "places", WM_TODAY_FEW, t->more);
    wm_today_begin(w, &t->drafts, "drafts", WM_TODAY_FEW, t->more);

    wm_today_held(w, t, r, false);
    wm_today_held(w, t, r, true);
    wm_today_ahead(w, t, r);
    r += wm_today_n(&t->events) * WM_TODAY_PER_EVENT;
    wm_today_orders(w, t, r);
    r += norders;
    wm_today_wishes(w, t, r);
    r += nwishes;
    wm_today_ratings(w, t, r);
    r += 2 * wm_today_n(&t->ratings);
    wm_today_fixes(w, t, r);
    wm_today_courses(w, t);

    wm_today_end(w, &t->held, "events");
    wm_today_end(w, &t->overdue, "overdue");
    wm_today_end(w, &t->asked, "orders");
    wm_today_end(w, &t->wished, "wishes");
    wm_today_end(w, &t->said, "ratings");
    wm_today_end(w, &t->fixed, "corrections");
    wm_today_end(w, &t->courses, "courses");
    wm_today_end(w, &t->places, "places");
    wm_today_end(w, &t->drafts, "drafts");

    wm_doc_hide(wm_doc_bool(w->doc, "can_review",
                            wm_role_may(w->staff.role, WM_CAP_REVIEW)));
    wm_doc_hide(wm_doc_bool(w->doc, "can_schedule",
                            wm_role_may(w->staff.role, WM_CAP_SCHEDULE)));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_today_ask_event(wm_web_t *w, wm_str_t id)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(id)));
    wm_ask(w, wm_lit("HLEN"), wm_web_key(w, "att:%.*s", wm_fmt(id)));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "seats:%.*s", wm_fmt(id)),
           wm_lit("taken"));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "wait:%.*s", wm_fmt(id)));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "offers:%.*s", wm_fmt(id)));
}


/* Of "event:person": the event, and what a hash of it has of the person. */

static void
wm_today_ask_of_events(wm_web_t *w, const wm_reply_t *list, const char *kind)
{
    size_t    i;
    wm_str_t  id, event;

    for (i = 0; i < wm_today_n(list); i++) {
        id = wm_reply_at(list, i);
        (void) wm_split(&id, ':', &event);

        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "event:%.*s", wm_fmt(event)));
        wm_ask(w, wm_lit("HGET"),
               wm_web_key(w, "%s:%.*s", kind, wm_fmt(event)), id);
    }
}


/* What this worker cannot decide on does not wait for him. */

static void
wm_today_mine(wm_web_t *w, wm_today_t *t)
{
    if (!wm_role_may(w->staff.role, WM_CAP_REVIEW)) {
        t->ratings.type = WM_REPLY_NIL;
        t->nratings = 0;
    }

    if (!wm_role_may(w->staff.role, WM_CAP_ATTEND)) {
        t->fixes.type = WM_REPLY_NIL;
        t->nfixes = 0;
    }
}


static void
wm_today_ask_records(wm_web_t *w, const wm_reply_t *list, const char *kind)
{
    size_t  i;

    for (i = 0; i < wm_today_n(list); i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "%s:%.*s", kind,
                          wm_fmt(wm_reply_at(list, i))));
    }
}


static void
wm_today_records(wm_web_t *w)
{
    size_t       i;
    wm_today_t  *t = w->state;

    for (i = 0; i < wm_today_n(&t->events); i++) {
        wm_today_ask_event(w, wm_reply_at(&t->events, i));
    }

    wm_today_ask_records(w, &t->orders, "order");
    wm_today_ask_records(w, &t->wishes, "wish");
    wm_today_ask_of_events(w, &t->ratings, "rating");
    wm_today_ask_of_events(w, &t->fixes, "fix");

    /* nothing to ask for on a quiet day */

    if (wm_today_n(&t->events) + wm_today_n(&t->orders)
        + wm_today_n(&t->wishes) + wm_today_n(&t->ratings)
        + wm_today_n(&t->fixes) == 0)
    {
        wm_today_show(w);
        return;
    }

    wm_fetch(w, wm_today_show);
}


/* What began before today and goes on stands in front, in its order. */

static void
wm_today_began(wm_web_t *w)
{
    size_t       i, n, kept;
    wm_today_t  *t = w->state;
    wm_reply_t  *all;

    n = wm_today_n(&t->events);
    kept = wm_table_keep(&t->before, w->replies, t->day_ms, t->day_ms,
                         WM_TODAY_EVENTS);
    all = wm_alloc(w->pool, (kept + n + 1) * sizeof(wm_reply_t));

    if (all == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; i < kept; i++) {
        all[i] = t->before.items[kept - 1 - i];
    }

    for (i = 0; i < n; i++) {
        all[kept + i] = t->events.items[i];
    }

    t->events = (wm_reply_t) { .type = WM_REPLY_LIST, .n = kept + n,
                               .items = all };
    wm_today_records(w);
}


static void
wm_today_found(wm_web_t *w)
{
    wm_today_t  *t = w->state;

    t->events = w->replies[WM_TODAY_SCHED];
    t->before = w->replies[WM_TODAY_BEFORE];
    t->orders = w->replies[WM_TODAY_DUE];
    t->wishes = w->replies[WM_TODAY_WISHDUE];
    t->ratings = w->replies[WM_TODAY_RATINGS];
    t->nratings = w->replies[WM_TODAY_NRATINGS].num;
    t->fixes = w->replies[WM_TODAY_FIXED];
    t->nfixes = w->replies[WM_TODAY_NFIXED].num;
    t->units = w->replies[WM_TODAY_UNITS];
    t->teams = w->replies[WM_TODAY_TEAMS];
    t->written = w->replies[WM_TODAY_WRITTEN];
    t->more = wm_today_n(&t->events) == WM_TODAY_EVENTS;

    wm_today_mine(w, t);

    if (wm_table_ask_ends(w, &t->before) > 0) {
        wm_fetch(w, wm_today_began);

    } else {
        wm_today_records(w);
    }
}


static wm_str_t
wm_today_last(wm_web_t *w, int n)
{
    return wm_printf(w->pool, "%d", n - 1);
}


static void
wm_today(wm_web_t *w)
{
    char        *day;
    wm_str_t     unit = w->staff.unit, sched;
    wm_today_t  *t;

    day = wm_alloc(w->pool, WM_TIME_TEXT);
    t = wm_calloc(w->pool, sizeof(wm_today_t));
    if (t == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = t;

    if (!wm_time_parse_day(wm_show_date(w, w->now_ms), w->site->offset,
                           &t->day_ms))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_str(w->doc, "date", wm_show_date(w, w->now_ms));
    wm_doc_hide(wm_doc_str(w->doc, "date_text",
                           day != NULL
                           ? wm_time_human_day(w->now_ms, w->site->offset,
                                               day)
                           : wm_null));

    sched = wm_web_key(w, "sched:%.*s", wm_fmt(unit));

    wm_ask(w, wm_lit("ZRANGEBYSCORE"), sched,
           wm_printf(w->pool, "%lld", (long long) t->day_ms),
           wm_printf(w->pool, "%lld",
                     (long long) (t->day_ms + WM_TODAY_DAYS * WM_DAY_MS)),
           wm_lit("LIMIT"), wm_lit("0"),
           wm_printf(w->pool, "%d", WM_TODAY_EVENTS));
    wm_table_ask_before(w, sched, t->day_ms, t->day_ms);
    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "due:%.*s", wm_fmt(unit)),
           wm_lit("0"), wm_today_last(w, WM_TODAY_ORDERS));
    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "wishdue:%.*s", wm_fmt(unit)),
           wm_lit("0"), wm_today_last(w, WM_TODAY_WISHES));
    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "ratings:%.*s", wm_fmt(unit)),
           wm_lit("0"), wm_today_last(w, WM_TODAY_FEW));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "ratings:%.*s", wm_fmt(unit)));
    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "fixes:%.*s", wm_fmt(unit)),
           wm_lit("0"), wm_today_last(w, WM_TODAY_FIXES));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "fixes:%.*s", wm_fmt(unit)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "drafts"));
    wm_fetch(w, wm_today_found);
}
