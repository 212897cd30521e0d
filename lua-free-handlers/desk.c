/*
 * The worker's lists: events and orders of the own unit and all below, or
 * the orders that came to the own team.
 */

#include "wm_sheet.h"
#include "wm_show.h"
#include "wm_text.h"
#include "wm_time.h"
#include "wm_walk.h"

#define WM_DESK_SHEET   2000            /* rows of one */
#define WM_DESK_PEOPLE  200             /* records in one go */

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
    WM_WALK_FIELDS
};

static const size_t  wm_desk_nfields = wm_countof(wm_desk_fields);

static const wm_field_t  wm_agenda_fields[] = {
    { "status",   WM_FIELD_TOKEN,   0,  1, 16 },
    { "unit",     WM_FIELD_TOKEN,   0,  1, 64 },
    { "course",   WM_FIELD_TOKEN,   0,  1, 64 },
    { "from",     WM_FIELD_DAY,     0,  0, 0 },
    { "to",       WM_FIELD_DAY,     0,  0, 0 },
    WM_WALK_FIELDS
};

static const size_t  wm_agenda_nfields = wm_countof(wm_agenda_fields);

const wm_route_t  wm_desk_routes[] = {
    { WM_GET, "staff/events", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      wm_agenda_fields, &wm_agenda_nfields, "staff-events", wm_desk_events,
      NULL, NULL },
    { WM_GET, "api/staff/events", WM_API, WM_STAFF, WM_CAP_READ, 0,
      wm_agenda_fields, &wm_agenda_nfields, NULL, wm_desk_events,
      NULL, NULL },
    { WM_GET, "api/staff/events.csv", WM_API, WM_STAFF, WM_CAP_READ, 0,
      wm_agenda_fields, &wm_agenda_nfields, NULL, wm_desk_events,
      NULL, NULL },
    { WM_GET, "api/staff/orders.csv", WM_API, WM_STAFF, WM_CAP_READ, 0,
      wm_desk_fields, &wm_desk_nfields, NULL, wm_desk_orders, NULL, NULL },
    { WM_GET, "staff/orders", WM_PAGE, WM_STAFF, WM_CAP_ORDERS, 0,
      wm_desk_fields, &wm_desk_nfields, "staff-orders", wm_desk_orders,
      NULL, NULL },
    { WM_GET, "api/staff/orders", WM_API, WM_STAFF, WM_CAP_ORDERS, 0,
      wm_desk_fields, &wm_desk_nfields, NULL, wm_desk_orders, NULL, NULL }
};

const size_t  wm_desk_nroutes = wm_countof(wm_desk_routes);

typedef struct {
    wm_walk_t          walk;
    wm_reply_t         units;
    wm_reply_t         teams;
    wm_order_by_t      by;
    wm_order_state_t   state;           /* NONE: any */
    wm_event_state_t   held;
    wm_order_t        *orders;
    wm_event_t        *events;
    bool               sheet;           /* CSV, no document */
    wm_buf_t           cells;
    size_t             at;              /* so many are in it */
} wm_desk_t;


/* ---- filters that both lists have */

static wm_desk_t *
wm_desk_begin(wm_web_t *w)
{
    wm_desk_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_desk_t));

    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return NULL;
    }

    d->sheet = strstr(w->route->path, ".csv") != NULL;
    d->walk.limit = d->sheet ? WM_DESK_SHEET
                    : w->route->face == WM_API ? WM_WALK_MAX : WM_WALK_PAGE;

    if (!wm_walk_begin(w, &d->walk)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return NULL;
    }

    d->walk.most = WM_WALK_TURNS;
    d->by.staff = &w->staff;
    d->state = wm_order_state_find(wm_input(&w->input, "status")->text);
    d->held = wm_event_state_find(wm_input(&w->input, "status")->text);
    w->state = d;

    return d;
}


/* The unit that is asked for, or the own.  False: the request is answered. */

static bool
wm_desk_unit(wm_web_t *w, const wm_reply_t *units, wm_unit_t *unit)
{
    wm_str_t  id = wm_input(&w->input, "unit")->text;

    memset(unit, 0, sizeof(wm_unit_t));
    unit->id = w->staff.unit;

    if (id.len == 0
        || (wm_unit_load(w->pool, id, wm_reply_find(units, id), unit)
            && wm_scope_covers(w->staff.path, unit->path)))
    {
        return true;
    }

    wm_answer(w, WM_VERDICT_NOT_FOUND);

    return false;
}


static void
wm_desk_days(wm_web_t *w, wm_walk_t *walk)
{
    wm_value_t  *from = wm_input(&w->input, "from");
    wm_value_t  *to = wm_input(&w->input, "to");

    walk->low = from->text.len > 0 && from->num > 0 ? from->num : 0;
    walk->high = to->text.len > 0 ? to->num + WM_DAY_MS - 1 : WM_TIME_MAX;
}


static bool
wm_desk_is_course(wm_web_t *w, wm_str_t course)
{
    wm_str_t  wanted = wm_input(&w->input, "course")->text;

    return wanted.len == 0 || wm_eq(wanted, course);
}


/* What the form of the filters shows again. */

static void
wm_desk_filter(wm_web_t *w, wm_reply_t *units)
{
    wm_doc_t  *filter;

    filter = wm_doc_obj(w->doc, "filter");
    wm_doc_hide(filter);
    wm_doc_bool(filter, "overdue", wm_input(&w->input, "overdue")->num > 0);
    wm_doc_str(filter, "from", wm_input(&w->input, "from")->text);
    wm_doc_str(filter, "to", wm_input(&w->input, "to")->text);

    wm_show_units(w, "units", units, wm_input(&w->input, "unit")->text);
}


/* A choice of the filter: code, text, chosen. */

static void
wm_desk_choice(wm_web_t *w, wm_doc_t *list, const char *code,
    const char *text)
{
    wm_doc_t  *item;

    item = wm_doc_item(list);
    wm_doc_text(item, "code", code);
    wm_doc_text(item, "text", text);
    wm_doc_bool(item, "chosen",
                wm_is(wm_input(&w->input, "status")->text, code));
}


/* A sheet that is not all of it says so in its last row. */

static void
wm_desk_sheet_end(wm_web_t *w, wm_desk_t *d, const char *name)
{
    if (d->walk.next.data != NULL) {
        wm_sheet_note(&d->cells, "sheet_more");
    }

    wm_sheet_answer_as(w, &d->cells,
                       wm_printf(w->pool, "%s-%.*s", name,
                                 wm_fmt(wm_show_date(w, w->now_ms))));
}


/* ---- events */

static bool
wm_desk_event_fits(wm_web_t *w, wm_walk_t *walk, wm_str_t id,
    const wm_reply_t *record)
{
    wm_desk_t   *d = walk->outer;
    wm_event_t  *event = &d->events[walk->n];

    return wm_event_load(record, id, event)
           && wm_scope_covers(w->staff.path, event->path)
           && wm_desk_is_course(w, event->course)
           && (d->held == WM_EVENT_NONE || d->held == event->state);
}


static void
wm_desk_events_page(wm_web_t *w, wm_desk_t *d)
{
    size_t     i;
    wm_doc_t  *list;

    static const wm_event_state_t  states[] = {
#define X(name, code, text, public)  WM_EVENT_##name,
        WM_EVENT_STATES(X)
#undef X
    };

    list = wm_doc_list(w->doc, "states");
    wm_doc_hide(list);

    for (i = 0; i < wm_countof(states); i++) {
        wm_desk_choice(w, list, wm_event_state_code(states[i]),
                       wm_event_state_text(states[i]));
    }

    wm_desk_filter(w, &d->units);
    wm_doc_hide(wm_doc_str(w->doc, "csv_url",
                           wm_walk_filtered(w, "api/staff/events.csv")));
    wm_doc_hide(wm_doc_str(w->doc, "today", wm_show_date(w, w->now_ms)));
}


static void
wm_desk_events_sheet(wm_web_t *w, wm_desk_t *d)
{
    size_t       i;
    wm_event_t  *e;

    wm_sheet_begin(w, &d->cells, "events_head");

    for (i = 0; i < d->walk.n; i++) {
        e = &d->events[i];

        wm_csv_row(&d->cells, (wm_str_t[]) {
                       e->id, wm_str(wm_event_state_text(e->state)), e->title,
                       e->course, e->unit_name, e->place, e->audience,
                       wm_show_iso(w, e->start_ms), wm_show_iso(w, e->end_ms),
                       wm_sheet_num(w, e->capacity),
                       wm_sheet_num(w, w->replies[i].num) }, 11);
    }

    wm_desk_sheet_end(w, d, "events");
}


static void
wm_desk_events_show(wm_web_t *w)
{
    size_t      i;
    wm_doc_t   *items, *item;
    wm_desk_t  *d = w->state;

    if (d->sheet) {
        wm_desk_events_sheet(w, d);
        return;
    }

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < d->walk.n; i++) {
        item = wm_doc_item(items);
        wm_show_event(w, item, &d->events[i], true);
        wm_doc_int(item, "present", w->replies[i].num);
    }

    wm_walk_show_next(w, d->walk.next, "staff/events");

    if (w->route->face != WM_API) {
        wm_desk_events_page(w, d);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_desk_events_found(wm_web_t *w)
{
    size_t      i;
    wm_desk_t  *d = w->state;

    if (d->walk.n == 0) {
        wm_desk_events_show(w);
        return;
    }

    for (i = 0; i < d->walk.n; i++) {
        wm_ask(w, wm_lit("HLEN"),
               wm_web_key(w, "att:%.*s", wm_fmt(d->events[i].id)));
    }

    wm_fetch(w, wm_desk_events_show);
}


static void
wm_desk_events_begin(wm_web_t *w)
{
    wm_unit_t   unit;
    wm_desk_t  *d = w->state;

    d->units = w->replies[0];

    if (!wm_desk_unit(w, &d->units, &unit)) {
        return;
    }

    d->walk.key = wm_web_key(w, "sched:%.*s", wm_fmt(unit.id));
    d->walk.record = "event";
    d->walk.fits = wm_desk_event_fits;
    d->walk.next_step = wm_desk_events_found;

    wm_desk_days(w, &d->walk);
    wm_walk(w, &d->walk);
}


static void
wm_desk_events(wm_web_t *w)
{
    wm_desk_t  *d;

    d = wm_desk_begin(w);
    if (d == NULL) {
        return;
    }

    d->events = wm_alloc(w->pool, (d->walk.limit + 1) * sizeof(wm_event_t));
    if (d->events == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_desk_events_begin);
}


/* ---- orders, with the people who asked */

static bool
wm_desk_order_fits(wm_web_t *w, wm_walk_t *walk, wm_str_t id,
    const wm_reply_t *record)
{
    wm_str_t     team = wm_input(&w->input, "team")->text;
    wm_desk_t   *d = walk->outer;
    wm_value_t  *from = wm_input(&w->input, "from");
    wm_value_t  *to = wm_input(&w->input, "to");
    wm_order_t  *order = &d->orders[walk->n];

    return wm_order_load(record, id, order)
           && wm_order_sees(order, &d->by)
           && (d->state == WM_ORDER_NONE || d->state == order->state)
           && wm_desk_is_course(w, order->course)
           && (team.len == 0 || wm_eq(team, order->team))
           && (from->text.len == 0 || order->made_ms >= from->num)
           && (to->text.len == 0 || order->made_ms < to->num + WM_DAY_MS)
           && (wm_input(&w->input, "overdue")->num == 0
               || wm_order_is_overdue(order, w->now_ms));
}


static void
wm_desk_orders_page(wm_web_t *w, wm_desk_t *d)
{
    wm_desk_filter(w, &d->units);
    wm_show_sort(&d->teams);
    wm_doc_hide(wm_show_choices(w, "teams", "name", &d->teams,
                                wm_input(&w->input, "team")->text));

    wm_doc_hide(wm_doc_bool(w->doc, "can_order",
                            wm_role_may(w->staff.role, WM_CAP_DISPATCH)));

    if (wm_role_may(w->staff.role, WM_CAP_READ)) {
        wm_doc_hide(wm_doc_str(w->doc, "csv_url",
                               wm_walk_filtered(w, "api/staff/orders.csv")));
    }
}


static void
wm_desk_orders_states(wm_web_t *w)
{
    size_t     i;
    wm_doc_t  *list;

    static const wm_order_state_t  states[] = {
#define X(name, code, text, waits)  WM_ORDER_##name,
        WM_ORDER_STATES(X)
#undef X
    };

    list = wm_doc_list(w->doc, "states");
    wm_doc_hide(list);

    for (i = 0; i < wm_countof(states); i++) {
        wm_desk_choice(w, list, wm_order_state_code(states[i]),
                       wm_order_state_text(states[i]));
    }
}


static void
wm_desk_orders_show(wm_web_t *w)
{
    size_t      i;
    wm_doc_t   *items;
    wm_desk_t  *d = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < d->walk.n; i++) {
        wm_show_order_staff(w, wm_doc_item(items), &d->orders[i],
                            &w->replies[i], &d->units, &d->teams);
    }

    wm_walk_show_next(w, d->walk.next, "staff/orders");

    if (w->route->face != WM_API) {
        wm_desk_orders_states(w);
        wm_desk_orders_page(w, d);
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* The cells are those of the list, with what this worker sees there. */

static void
wm_desk_orders_row(wm_web_t *w, wm_desk_t *d, const wm_order_t *order,
    const wm_reply_t *person)
{
    size_t     i;
    wm_doc_t  *item;
    wm_str_t   cells[15];

    static const char *const  names[] = {
        "number", "status_text", "title", "unit_name", "group",
        "contact_name", "phone", "handler_name", "team_name", "made",
        "deadline", "event"
    };

    item = wm_doc_new(w->pool);
    wm_show_order_staff(w, item, order, person, &d->units, &d->teams);

    for (i = 0; i < wm_countof(names); i++) {
        cells[i] = wm_doc_get_str(item, names[i]);
    }

    cells[i++] = wm_sheet_num(w, order->head_count);
    cells[i++] = order->wanted;
    cells[i++] = wm_sheet_bool(wm_order_is_overdue(order, w->now_ms));

    wm_csv_row(&d->cells, cells, i);
}


static void wm_desk_orders_sheet(wm_web_t *w);


static void
wm_desk_orders_rows(wm_web_t *w)
{
    size_t      i;
    wm_desk_t  *d = w->state;

    for (i = 0; i < w->nreplies; i++) {
        wm_desk_orders_row(w, d, &d->orders[d->at + i], &w->replies[i]);
    }

    d->at += w->nreplies;
    wm_desk_orders_sheet(w);
}


/* People of some orders after the other: nothing is read all at once. */

static void
wm_desk_orders_sheet(wm_web_t *w)
{
    size_t      i, end;
    wm_desk_t  *d = w->state;

    if (d->at == d->walk.n) {
        wm_desk_sheet_end(w, d, "orders");
        return;
    }

    end = d->walk.n - d->at > WM_DESK_PEOPLE ? d->at + WM_DESK_PEOPLE
                                             : d->walk.n;

    for (i = d->at; i < end; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(d->orders[i].person)));
    }

    wm_fetch(w, wm_desk_orders_rows);
}


static void
wm_desk_orders_found(wm_web_t *w)
{
    size_t      i;
    wm_desk_t  *d = w->state;

    if (d->sheet) {
        wm_sheet_begin(w, &d->cells, "orders_head");
        wm_desk_orders_sheet(w);
        return;
    }

    if (d->walk.n == 0) {
        wm_desk_orders_show(w);
        return;
    }

    for (i = 0; i < d->walk.n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(d->orders[i].person)));
    }

    wm_fetch(w, wm_desk_orders_show);
}


/* The index with the fewest orders that need not be shown. */

static void
wm_desk_orders_index(wm_web_t *w, wm_walk_t *walk, wm_str_t unit)
{
    wm_str_t  team;

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

    wm_desk_days(w, walk);
}


static void
wm_desk_orders_begin(wm_web_t *w)
{
    wm_unit_t   unit;
    wm_desk_t  *d = w->state;

    d->units = w->replies[0];
    d->teams = w->replies[1];

    if (!wm_desk_unit(w, &d->units, &unit)) {
        return;
    }

    d->walk.record = "order";
    d->walk.fits = wm_desk_order_fits;
    d->walk.next_step = wm_desk_orders_found;

    wm_desk_orders_index(w, &d->walk, unit.id);
    wm_walk(w, &d->walk);
}


static void
wm_desk_orders(wm_web_t *w)
{
    wm_desk_t  *d;

    d = wm_desk_begin(w);
    if (d == NULL) {
        return;
    }

    d->orders = wm_alloc(w->pool, (d->walk.limit + 1) * sizeof(wm_order_t));
    if (d->orders == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));
    wm_fetch(w, wm_desk_orders_begin);
}
