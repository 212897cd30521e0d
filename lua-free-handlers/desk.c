/* The worker's lists: orders and events of the own unit and all below. */

#include "wm_show.h"

#define WM_DESK_LIMIT  "199"            /* the last index: 200 items */

static void wm_desk_orders(wm_web_t *w);
static void wm_desk_events(wm_web_t *w);

static const wm_field_t  wm_desk_fields[] = {
    { "status",  WM_FIELD_TOKEN,  0,  1, 16 }
};

static const size_t  wm_desk_nfields = wm_countof(wm_desk_fields);

const wm_route_t  wm_desk_routes[] = {
    { WM_GET, "staff/", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, "staff-events", wm_desk_events, NULL, NULL },
    { WM_GET, "api/staff/events", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_desk_events, NULL, NULL },
    { WM_GET, "staff/orders", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      wm_desk_fields, &wm_desk_nfields, "staff-orders", wm_desk_orders,
      NULL, NULL },
    { WM_GET, "api/staff/orders", WM_API, WM_STAFF, WM_CAP_READ, 0,
      wm_desk_fields, &wm_desk_nfields, NULL, wm_desk_orders, NULL, NULL }
};

const size_t  wm_desk_nroutes = wm_countof(wm_desk_routes);

typedef struct {
    size_t        n;
    wm_str_t     *ids;
    wm_order_t   *orders;
    wm_reply_t    units;
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
    d->orders = wm_calloc(w->pool, (d->n + 1) * sizeof(wm_order_t));

    if (d->ids == NULL || d->orders == NULL) {
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


static void
wm_desk_list(wm_web_t *w, const char *index, wm_step_pt found)
{
    wm_ask(w, wm_lit("ZREVRANGE"),
           wm_web_key(w, "%s:%.*s", index, wm_fmt(w->staff.unit)),
           wm_lit("0"), wm_lit(WM_DESK_LIMIT));
    wm_fetch(w, found);
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
    wm_desk_list(w, "sched", wm_desk_events_found);
}


/* ---- orders, with the people who asked */

static void
wm_desk_order(wm_web_t *w, wm_doc_t *item, const wm_order_t *order,
    const wm_reply_t *record, const wm_reply_t *units)
{
    wm_unit_t    unit;
    wm_person_t  person;

    wm_show_order(w, item, order);

    if (wm_unit_load(w->pool, order->unit, wm_show_find(units, order->unit),
                     &unit))
    {
        wm_doc_str(item, "unit_name", unit.name);
    }

    memset(&person, 0, sizeof(wm_person_t));

    if (order->person.len == WM_ID_LEN) {
        memcpy(person.id, order->person.data, WM_ID_LEN);
    }

    if (wm_person_load(w->pool, &w->site->realm, record, &person)
        && person.known)
    {
        wm_doc_str(item, "contact_name", person.name);
        wm_doc_str(item, "phone", person.phone);
        wm_doc_str(item, "note", wm_person_open(w->pool, &person,
                                                order->note));
    }

    wm_doc_hide(wm_doc_bool(item, "can_schedule",
                            order->state == WM_ORDER_SUBMITTED
                            && wm_role_may(w->staff.role,
                                           WM_CAP_SCHEDULE)));
}


static void
wm_desk_states(wm_web_t *w, wm_str_t chosen)
{
    size_t     i;
    wm_doc_t  *list, *item;

    static const wm_order_state_t  states[] = {
#define X(name, code, text, cancel)  WM_ORDER_##name,
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


static void
wm_desk_orders_show(wm_web_t *w)
{
    size_t      i;
    wm_doc_t   *items;
    wm_desk_t  *d = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < d->n; i++) {
        wm_desk_order(w, wm_doc_item(items), &d->orders[i], &w->replies[i],
                      &d->units);
    }

    wm_desk_states(w, wm_input(&w->input, "status")->text);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_desk_orders_read(wm_web_t *w)
{
    size_t             i, n;
    wm_desk_t         *d = w->state;
    wm_order_state_t   only;

    only = wm_order_state_find(wm_input(&w->input, "status")->text);
    d->units = w->replies[d->n];

    for (i = 0, n = 0; i < d->n; i++) {
        if (wm_order_load(&w->replies[i], d->ids[i], &d->orders[n])
            && (only == WM_ORDER_NONE || d->orders[n].state == only))
        {
            n++;
        }
    }

    d->n = n;

    if (n == 0) {
        wm_desk_orders_show(w);
        return;
    }

    for (i = 0; i < n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(d->orders[i].person)));
    }

    wm_fetch(w, wm_desk_orders_show);
}


static void
wm_desk_orders_found(wm_web_t *w)
{
    wm_desk_t  *d;

    d = wm_desk_ids(w, &w->replies[0]);
    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = d;

    wm_desk_ask(w, d, wm_lit("HGETALL"), "order");
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_desk_orders_read);
}


static void
wm_desk_orders(wm_web_t *w)
{
    wm_desk_list(w, "orders", wm_desk_orders_found);
}
