/*
 * The worker's lists: events and orders of the own unit and all below, or
 * the orders that came to the own team.
 */

#include "wm_show.h"
#include "wm_time.h"

#define WM_DESK_LIMIT  "199"            /* the last index: 200 items */
#define WM_DESK_MAX    200              /* orders in an answer */
#define WM_DESK_PAGE   50               /* on a page */
#define WM_DESK_CHUNK  100              /* looked at in one go */
#define WM_DESK_TURNS  20               /* of them for an answer */

static void wm_desk_orders(wm_web_t *w);
static void wm_desk_events(wm_web_t *w);

static const wm_field_t  wm_desk_fields[] = {
    { "status",   WM_FIELD_TOKEN,   0,  1, 16 },
    { "unit",     WM_FIELD_TOKEN,   0,  1, 64 },
    { "course",   WM_FIELD_TOKEN,   0,  1, 64 },
    { "team",     WM_FIELD_TOKEN,   0,  1, 64 },
    { "overdue",  WM_FIELD_NUMBER,  0,  0, 1 },
    { "from",     WM_FIELD_DAY,     0,  0, 0 },
    { "to",       WM_FIELD_DAY,     0,  0, 0 },
    { "cursor",   WM_FIELD_TOKEN,   0,  1, 64 },
    { "limit",    WM_FIELD_NUMBER,  0,  1, WM_DESK_MAX }
};

static const size_t  wm_desk_nfields = wm_countof(wm_desk_fields);

const wm_route_t  wm_desk_routes[] = {
    { WM_GET, "staff/", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, "staff-events", wm_desk_events, NULL, NULL },
    { WM_GET, "api/staff/events", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_desk_events, NULL, NULL },
    { WM_GET, "staff/orders", WM_PAGE, WM_STAFF, WM_CAP_ORDERS, 0,
      wm_desk_fields, &wm_desk_nfields, "staff-orders", wm_desk_orders,
      NULL, NULL },
    { WM_GET, "api/staff/orders", WM_API, WM_STAFF, WM_CAP_ORDERS, 0,
      wm_desk_fields, &wm_desk_nfields, NULL, wm_desk_orders, NULL, NULL }
};

const size_t  wm_desk_nroutes = wm_countof(wm_desk_routes);

typedef struct {
    size_t        n;
    wm_str_t     *ids;
} wm_desk_t;


static wm_desk_t *
wm_desk_ids(wm_web_t *w, const wm_reply_t *list)
{
    size_t      i;
    wm_desk_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_desk_t));
    if (d == NULL) {
        return NULL;
    }

    d->n = list->type == WM_REPLY_LIST ? list->n : 0;
    d->ids = wm_alloc(w->pool, (d->n + 1) * sizeof(wm_str_t));

    if (d->ids == NULL) {
        return NULL;
    }

    for (i = 0; i < d->n; i++) {
        d->ids[i] = wm_reply_at(list, i);
    }

    return d;
}


/* One command for each of the list. */

static void
wm_desk_ask(wm_web_t *w, const wm_desk_t *d, wm_str_t command,
    const char *record)
{
    size_t  i;

    for (i = 0; i < d->n; i++) {
        wm_ask(w, command,
               wm_web_key(w, "%s:%.*s", record, wm_fmt(d->ids[i])));
    }
}


/* ---- events */

static void
wm_desk_events_show(wm_web_t *w)
{
    size_t       i;
    wm_doc_t    *items, *item;
    wm_desk_t   *d = w->state;
    wm_event_t   event;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < d->n; i++) {
        if (wm_event_load(&w->replies[i], d->ids[i], &event)) {
            item = wm_doc_item(items);
            wm_show_event(w, item, &event, true);
            wm_doc_int(item, "present", w->replies[d->n + i].num);
        }
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_desk_events_found(wm_web_t *w)
{
    wm_desk_t  *d;

    d = wm_desk_ids(w, &w->replies[0]);
    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = d;

    if (d->n == 0) {
        wm_desk_events_show(w);
        return;
    }

    wm_desk_ask(w, d, wm_lit("HGETALL"), "event");
    wm_desk_ask(w, d, wm_lit("HLEN"), "att");
    wm_fetch(w, wm_desk_events_show);
}


static void
wm_desk_events(wm_web_t *w)
{
    wm_ask(w, wm_lit("ZREVRANGE"),
           wm_web_key(w, "sched:%.*s", wm_fmt(w->staff.unit)), wm_lit("0"),
           wm_lit(WM_DESK_LIMIT));
    wm_fetch(w, wm_desk_events_found);
}


/*
 * ---- orders, with the people who asked
 *
 * An index is walked in its order, a chunk at a time, behind the last order
 * that was looked at: its score and id are the cursor, so what comes in
 * between moves nothing.
 */

typedef struct {
    wm_str_t           key;
    bool               rising;          /* what is due: the oldest first */
    int64_t            low, high;       /* scores */
    bool               begun;
    int64_t            score;           /* of the last one looked at */
    wm_str_t           last;
    size_t             skip;            /* of the same score */
    size_t             turns;
    bool               whole;           /* the chunk may not be the last */
    size_t             nids;
    wm_str_t           ids[WM_DESK_CHUNK];
    int64_t            scores[WM_DESK_CHUNK];
    size_t             n, limit;
    wm_order_t        *orders;
    wm_str_t           next;            /* cursor of the next page */
    wm_order_by_t      by;
    wm_order_state_t   state;
    wm_reply_t         units;
    wm_reply_t         teams;
} wm_walk_t;

static void wm_walk_chunk(wm_web_t *w);


/* A choice of the filter: code, text, chosen. */

static void
wm_desk_states(wm_web_t *w, wm_str_t chosen)
{
    size_t     i;
    wm_doc_t  *list, *item;

    static const wm_order_state_t  states[] = {
#define X(name, code, text, waits)  WM_ORDER_##name,
        WM_ORDER_STATES(X)
#undef X
    };

    list = wm_doc_list(w->doc, "states");
    wm_doc_hide(list);

    for (i = 0; i < wm_countof(states); i++) {
        item = wm_doc_item(list);
        wm_doc_text(item, "code", wm_order_state_code(states[i]));
        wm_doc_text(item, "text", wm_order_state_text(states[i]));
        wm_doc_bool(item, "chosen",
                    wm_is(chosen, wm_order_state_code(states[i])));
    }
}


/* The address of the next page, with the same filters. */

static wm_str_t
wm_walk_url(wm_web_t *w, const wm_walk_t *walk)
{
    size_t       i;
    wm_buf_t     b;
    wm_value_t  *v;

    wm_buf_init(&b, w->pool, 256);
    wm_putf(&b, "staff/orders?cursor=%.*s", wm_fmt(walk->next));

    for (i = 0; i < wm_desk_nfields; i++) {
        v = wm_input(&w->input, wm_desk_fields[i].name);

        if (v->text.len > 0 && strcmp(wm_desk_fields[i].name, "cursor") != 0)
        {
            wm_putf(&b, "&%s=%.*s", wm_desk_fields[i].name, wm_fmt(v->text));
        }
    }

    return wm_buf_str(&b);
}


static void
wm_walk_filters(wm_web_t *w, wm_walk_t *walk)
{
    wm_doc_t  *filter;

    wm_desk_states(w, wm_input(&w->input, "status")->text);

    if (w->route->face == WM_API) {
        return;
    }

    filter = wm_doc_obj(w->doc, "filter");
    wm_doc_hide(filter);
    wm_doc_bool(filter, "overdue", wm_input(&w->input, "overdue")->num > 0);
    wm_doc_str(filter, "from", wm_input(&w->input, "from")->text);
    wm_doc_str(filter, "to", wm_input(&w->input, "to")->text);

    wm_show_units(w, "units", &walk->units,
                  wm_input(&w->input, "unit")->text);
    wm_show_sort(&walk->teams);
    wm_doc_hide(wm_show_choices(w, "teams", "name", &walk->teams,
                                wm_input(&w->input, "team")->text));

    wm_doc_hide(wm_doc_bool(w->doc, "can_order",
                            wm_role_may(w->staff.role, WM_CAP_DISPATCH)));

    if (walk->next.data != NULL) {
        wm_doc_hide(wm_doc_str(w->doc, "next_url", wm_walk_url(w, walk)));
    }
}


static void
wm_walk_show(wm_web_t *w)
{
    size_t      i;
    wm_doc_t   *items;
    wm_walk_t  *walk = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < walk->n; i++) {
        wm_show_order_staff(w, wm_doc_item(items), &walk->orders[i],
                            &w->replies[i], &walk->units, &walk->teams);
    }

    if (walk->next.data != NULL) {
        wm_doc_str(w->doc, "next", walk->next);
    }

    wm_walk_filters(w, walk);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_walk_people(wm_web_t *w)
{
    size_t      i;
    wm_walk_t  *walk = w->state;

    if (walk->n == 0) {
        wm_walk_show(w);
        return;
    }

    for (i = 0; i < walk->n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s",
                          wm_fmt(walk->orders[i].person)));
    }

    wm_fetch(w, wm_walk_show);
}


static bool
wm_walk_fits(wm_web_t *w, const wm_walk_t *walk, const wm_order_t *order)
{
    wm_str_t     course, team;
    wm_value_t  *from, *to;

    course = wm_input(&w->input, "course")->text;
    team = wm_input(&w->input, "team")->text;
    from = wm_input(&w->input, "from");
    to = wm_input(&w->input, "to");

    return wm_order_sees(order, &walk->by)
           && (walk->state == WM_ORDER_NONE || walk->state == order->state)
           && (course.len == 0 || wm_eq(course, order->course))
           && (team.len == 0 || wm_eq(team, order->team))
           && (from->text.len == 0 || order->made_ms >= from->num)
           && (to->text.len == 0 || order->made_ms < to->num + WM_DAY_MS)
           && (wm_input(&w->input, "overdue")->num == 0
               || wm_order_is_overdue(order, w->now_ms));
}


static wm_str_t
wm_walk_cursor(wm_web_t *w, int64_t score, wm_str_t id)
{
    return wm_printf(w->pool, "%lld-%.*s", (long long) score, wm_fmt(id));
}


/* One more than the limit tells that there is a next page. */

static void
wm_walk_read(wm_web_t *w)
{
    size_t       i;
    wm_walk_t   *walk = w->state;
    wm_order_t  *order;

    for (i = 0; i < walk->nids; i++) {
        order = &walk->orders[walk->n];

        if (wm_order_load(&w->replies[i], walk->ids[i], order)
            && wm_walk_fits(w, walk, order))
        {
            if (walk->n == walk->limit) {
                walk->next = wm_walk_cursor(w, walk->score, walk->last);
                wm_walk_people(w);
                return;
            }

            walk->n++;
        }

        /* the cursor stays behind the last one shown, or looked at */

        walk->score = walk->scores[i];
        walk->last = walk->ids[i];
    }

    if (!walk->whole) {
        wm_walk_people(w);

    } else if (++walk->turns == WM_DESK_TURNS) {
        walk->next = wm_walk_cursor(w, walk->score, walk->last);
        wm_walk_people(w);

    } else {
        wm_walk_chunk(w);
    }
}


static int
wm_walk_compare(wm_str_t a, wm_str_t b)
{
    int  c;

    c = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return c != 0 ? c : a.len < b.len ? -1 : a.len > b.len;
}


/* Whether one comes behind the last that was looked at. */

static bool
wm_walk_behind(const wm_walk_t *walk, int64_t score, wm_str_t id)
{
    int  c;

    if (!walk->begun) {
        return true;
    }

    c = score < walk->score ? -1 : score > walk->score;

    if (c == 0) {
        c = wm_walk_compare(id, walk->last);
    }

    return walk->rising ? c > 0 : c < 0;
}


static void
wm_walk_found(wm_web_t *w)
{
    size_t       i;
    uint64_t     score;
    wm_str_t     id;
    wm_walk_t   *walk = w->state;
    wm_reply_t  *list = &w->replies[0];

    walk->nids = 0;
    walk->whole = list->n == 2 * WM_DESK_CHUNK;

    for (i = 0; i + 1 < list->n && i < 2 * WM_DESK_CHUNK; i += 2) {
        id = wm_reply_at(list, i);

        if (id.len > 0
            && wm_parse_uint(wm_reply_at(list, i + 1), INT64_MAX, &score)
            && wm_walk_behind(walk, (int64_t) score, id))
        {
            walk->scores[walk->nids] = (int64_t) score;
            walk->ids[walk->nids++] = id;
        }
    }

    if (walk->nids == 0) {
        /* a chunk of one score, all seen */

        if (walk->whole) {
            walk->skip += WM_DESK_CHUNK;
            wm_walk_chunk(w);

        } else {
            wm_walk_people(w);
        }

        return;
    }

    walk->skip = 0;
    walk->begun = true;

    for (i = 0; i < walk->nids; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "order:%.*s", wm_fmt(walk->ids[i])));
    }

    wm_fetch(w, wm_walk_read);
}


static void
wm_walk_chunk(wm_web_t *w)
{
    wm_str_t    low, high;
    wm_walk_t  *walk = w->state;

    low = wm_printf(w->pool, "%lld",
                    (long long) (walk->begun && walk->rising
                                 ? walk->score : walk->low));
    high = wm_printf(w->pool, "%lld",
                     (long long) (walk->begun && !walk->rising
                                  ? walk->score : walk->high));

    wm_ask(w, walk->rising ? wm_lit("ZRANGEBYSCORE")
                           : wm_lit("ZREVRANGEBYSCORE"),
           walk->key, walk->rising ? low : high, walk->rising ? high : low,
           wm_lit("WITHSCORES"), wm_lit("LIMIT"),
           wm_printf(w->pool, "%zu", walk->skip),
           wm_printf(w->pool, "%d", WM_DESK_CHUNK));
    wm_fetch(w, wm_walk_found);
}


/* ---- where to look */

static bool
wm_walk_resume(wm_web_t *w, wm_walk_t *walk)
{
    uint64_t  score;
    wm_str_t  cursor, part;

    cursor = wm_input(&w->input, "cursor")->text;

    if (cursor.len == 0) {
        return true;
    }

    if (!wm_split(&cursor, '-', &part) || cursor.len == 0
        || !wm_parse_uint(part, WM_TIME_MAX, &score))
    {
        wm_input_fail(&w->input, "cursor", WM_WRONG_TYPE);
        return false;
    }

    walk->begun = true;
    walk->score = (int64_t) score;
    walk->last = cursor;

    return true;
}


/* The index with the fewest orders that need not be shown. */

static void
wm_walk_index(wm_web_t *w, wm_walk_t *walk, wm_str_t unit)
{
    wm_str_t     team;
    wm_value_t  *from, *to;

    team = wm_role_may(w->staff.role, WM_CAP_READ)
           ? wm_input(&w->input, "team")->text : w->staff.team;

    if (wm_input(&w->input, "overdue")->num > 0 && team.len == 0) {
        walk->key = wm_web_key(w, "due:%.*s", wm_fmt(unit));
        walk->rising = true;
        walk->high = w->now_ms - 1;
        return;
    }

    walk->key = team.len > 0
                && wm_input(&w->input, "unit")->text.len == 0
                ? wm_web_key(w, "team:%.*s", wm_fmt(team))
                : wm_web_key(w, "orders:%.*s", wm_fmt(unit));

    from = wm_input(&w->input, "from");
    to = wm_input(&w->input, "to");

    walk->low = from->text.len > 0 && from->num > 0 ? from->num : 0;
    walk->high = to->text.len > 0 ? to->num + WM_DAY_MS - 1 : WM_TIME_MAX;
}


static void
wm_desk_orders_begin(wm_web_t *w)
{
    wm_str_t    id;
    wm_unit_t   unit = { .id = w->staff.unit };
    wm_walk_t  *walk = w->state;

    walk->units = w->replies[0];
    walk->teams = w->replies[1];

    id = wm_input(&w->input, "unit")->text;

    if (id.len > 0
        && (!wm_unit_load(w->pool, id, wm_show_find(&walk->units, id), &unit)
            || !wm_scope_covers(w->staff.path, unit.path)))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    if (!wm_walk_resume(w, walk)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    wm_walk_index(w, walk, unit.id);
    wm_walk_chunk(w);
}


static void
wm_desk_orders(wm_web_t *w)
{
    wm_walk_t   *walk;
    wm_value_t  *limit = wm_input(&w->input, "limit");

    walk = wm_calloc(w->pool, sizeof(wm_walk_t));

    if (walk != NULL) {
        walk->limit = limit->text.len > 0 ? (size_t) limit->num
                      : w->route->face == WM_API ? WM_DESK_MAX
                                                 : WM_DESK_PAGE;
        walk->orders = wm_alloc(w->pool,
                                (walk->limit + 1) * sizeof(wm_order_t));
    }

    if (walk == NULL || walk->orders == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    walk->by.staff = &w->staff;
    walk->state = wm_order_state_find(wm_input(&w->input, "status")->text);
    w->state = walk;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));
    wm_fetch(w, wm_desk_orders_begin);
}
