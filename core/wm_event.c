#include "wm_event.h"
#include "wm_time.h"

#include <inttypes.h>

static const struct {
    const char  *code;
    const char  *text;
    bool         public;
} wm_event_states[] = {
    { "", "", false },
#define X(name, code, text, public)  { code, text, public },
    WM_EVENT_STATES(X)
#undef X
};

/* version: the one that was looked at */

#define WM_EVENT_ROWS                                                        \
    { "title",     WM_FIELD_TEXT,    0,  1, 80 },                            \
    { "course",    WM_FIELD_TOKEN,   0,  1, 64 },                            \
    { "unit",      WM_FIELD_TOKEN,   0,  1, 64 },                            \
    { "place",     WM_FIELD_TEXT,    0,  1, 120 },                           \
    { "audience",  WM_FIELD_TEXT,    0,  1, 80 },                            \
    { "content",   WM_FIELD_LINES,   0,  1, 2000 },                          \
    { "start",     WM_FIELD_TIME,    0,  0, 0 },                             \
    { "end",       WM_FIELD_TIME,    0,  0, 0 },                             \
    { "capacity",  WM_FIELD_NUMBER,  0,  0, 100000 },                        \
    { "orders",    WM_FIELD_IDS,     0,  0, WM_EVENT_ORDERS },               \
    { "version",   WM_FIELD_TOKEN,   0,  1, 20 },                            \
    { "enrol",        WM_FIELD_TOKEN,   0,  0, 4 },                          \
    { "enrol_from",   WM_FIELD_TIME,    0,  0, 0 },                          \
    { "enrol_until",  WM_FIELD_TIME,    0,  0, 0 },                          \
    { "group_max",    WM_FIELD_NUMBER,  0,  1, WM_EVENT_GROUP },             \
    { "walk_in",      WM_FIELD_TOKEN,   0,  0, 3 }

const wm_field_t  wm_event_fields[] = { WM_EVENT_ROWS };
const size_t      wm_event_nfields = wm_countof(wm_event_fields);

#define WM_EVENT_PAST                                                        \
    { "past",         WM_FIELD_NUMBER,  0,  0, 1 }

const wm_field_t  wm_event_publish_fields[] = {
    WM_EVENT_ROWS,
    WM_EVENT_PAST
};

const size_t      wm_event_publish_nfields =
    wm_countof(wm_event_publish_fields);

const wm_field_t  wm_event_new_fields[] = {
    WM_EVENT_ROWS,
    WM_EVENT_PAST,
    { "publish",      WM_FIELD_NUMBER,  0,  0, 1 }
};

const size_t      wm_event_new_nfields = wm_countof(wm_event_new_fields);


const char *
wm_event_state_code(wm_event_state_t s)
{
    return wm_event_states[s].code;
}


const char *
wm_event_state_text(wm_event_state_t s)
{
    return wm_event_states[s].text;
}


wm_event_state_t
wm_event_state_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_event_states); i++) {
        if (wm_is(code, wm_event_states[i].code)) {
            return (wm_event_state_t) i;
        }
    }

    return WM_EVENT_NONE;
}


bool
wm_event_number(wm_str_t id, uint32_t *number)
{
    uint64_t  n;

    if (!wm_parse_uint(id, UINT32_MAX, &n) || id.data[0] == '0') {
        return false;
    }

    *number = (uint32_t) n;

    return true;
}


static void
wm_event_split_orders(wm_event_t *event)
{
    wm_str_t  text, part;

    text = event->orders_text;
    event->norders = 0;

    while (wm_split(&text, ',', &part)) {
        if (part.len > 0 && event->norders < WM_EVENT_ORDERS) {
            event->orders[event->norders++] = part;
        }
    }
}


/* Far from the end of what can be counted, so that hours can be added. */

static int64_t
wm_event_ms(const wm_reply_t *record, const char *field)
{
    int64_t  ms;

    ms = wm_reply_field_int(record, field);

    return ms > WM_TIME_MAX ? WM_TIME_MAX : ms;
}


/* The last of what is known: records were without "changed" once. */

static int64_t
wm_event_changed(const wm_reply_t *record)
{
    size_t   i;
    int64_t  ms, last;

    static const char *const  when[] = {
        "made", "published", "moved", "changed", "cancelled"
    };

    for (i = 0, last = 0; i < wm_countof(when); i++) {
        ms = wm_event_ms(record, when[i]);
        last = ms > last ? ms : last;
    }

    return last;
}


bool
wm_event_load(const wm_reply_t *record, wm_str_t id, wm_event_t *event)
{
    memset(event, 0, sizeof(wm_event_t));

    event->id = id;
    event->state = wm_event_state_find(wm_reply_field(record, "status"));

    if (event->state == WM_EVENT_NONE || !wm_event_number(id, &event->number))
    {
        return false;
    }

    event->was_public = wm_reply_field(record, "published").data != NULL;
    event->title = wm_reply_field(record, "title");
    event->course = wm_reply_field(record, "course");
    event->unit = wm_reply_field(record, "unit");
    event->unit_name = wm_reply_field(record, "unit_name");
    event->path = wm_reply_field(record, "path");
    event->place = wm_reply_field(record, "place");
    event->audience = wm_reply_field(record, "audience");
    event->content = wm_reply_field(record, "content");
    event->start_ms = wm_event_ms(record, "start");
    event->end_ms = wm_event_ms(record, "end");
    event->capacity = wm_reply_field_int(record, "capacity");
    event->enrol = wm_reply_field(record, "enrol");
    event->enrol_from_ms = wm_event_ms(record, "enrol_from");
    event->enrol_until_ms = wm_event_ms(record, "enrol_until");
    event->group_max = wm_reply_field_int(record, "group_max");
    event->walk_in = wm_reply_field(record, "walk_in");
    event->orders_text = wm_reply_field(record, "orders");
    event->moved_ms = wm_event_ms(record, "moved");
    event->changed_ms = wm_event_changed(record);
    event->version = wm_reply_field(record, "version");
    event->epoch = (uint16_t) wm_reply_field_int(record, "epoch");
    event->poster = (uint16_t) wm_reply_field_int(record, "poster");
    event->posters = (uint16_t) wm_reply_field_int(record, "posters");

    wm_event_split_orders(event);

    return true;
}


bool
wm_event_is_past(const wm_event_t *event, int64_t now_ms)
{
    return event->end_ms != 0 && event->end_ms <= now_ms;
}


bool
wm_event_is_public(const wm_event_t *event)
{
    return wm_event_states[event->state].public && event->was_public;
}


bool
wm_event_load_public(const wm_reply_t *record, wm_str_t id, wm_event_t *event)
{
    return wm_event_load(record, id, event) && wm_event_is_public(event);
}


bool
wm_event_needs_place(const wm_event_t *event)
{
    return wm_is(event->walk_in, "no");
}


static void
wm_event_take_orders(wm_event_t *event, wm_input_t *in)
{
    size_t       i, j;
    wm_buf_t     b;
    wm_value_t  *v = wm_input(in, "orders");

    if (!v->given) {
        return;
    }

    wm_buf_init(&b, in->pool, 64);

    for (i = 0; i < v->n; i++) {
        for (j = 0; j < i && !wm_eq(v->list[i], v->list[j]); j++) {
            /* void */
        }

        if (j == i) {
            wm_puts(&b, b.len > 0 ? "," : "");
            wm_put(&b, v->list[i]);
        }
    }

    if (b.failed) {
        wm_input_fail(in, "orders", WM_WRONG_TYPE);
        return;
    }

    event->orders_text = wm_buf_str(&b);
    wm_event_split_orders(event);
}


static void
wm_event_take_choice(wm_str_t *to, wm_input_t *in, const char *name,
    const char *one, const char *other)
{
    wm_value_t  *v = wm_input(in, name);

    if (v->text.len > 0 && !wm_is(v->text, one) && !wm_is(v->text, other)) {
        wm_input_fail(in, name, WM_WRONG_CHOICE);
    }

    wm_input_text(to, in, name);
}


static void
wm_event_take_enrolment(wm_event_t *event, wm_input_t *in)
{
    wm_event_take_choice(&event->enrol, in, "enrol", "open", "none");
    wm_event_take_choice(&event->walk_in, in, "walk_in", "yes", "no");
    wm_input_num(&event->enrol_from_ms, in, "enrol_from");
    wm_input_num(&event->enrol_until_ms, in, "enrol_until");
    wm_input_num(&event->group_max, in, "group_max");

    if (event->enrol_from_ms != 0 && event->enrol_until_ms != 0
        && event->enrol_until_ms <= event->enrol_from_ms)
    {
        wm_input_fail(in, "enrol_until", WM_WRONG_ORDER);
    }
}


static void
wm_event_check_span(const wm_event_t *event, wm_input_t *in)
{
    if (event->start_ms == 0 || event->end_ms == 0) {
        return;
    }

    if (event->end_ms <= event->start_ms) {
        wm_input_fail(in, "end", WM_WRONG_ORDER);

    } else if (event->end_ms - event->start_ms > WM_EVENT_DAYS * WM_DAY_MS) {
        wm_input_fail(in, "end", WM_WRONG_DAYS);
    }
}


void
wm_event_apply(wm_event_t *event, wm_input_t *in)
{
    wm_input_text(&event->title, in, "title");
    wm_input_text(&event->course, in, "course");
    wm_input_text(&event->unit, in, "unit");
    wm_input_text(&event->place, in, "place");
    wm_input_text(&event->audience, in, "audience");
    wm_input_text(&event->content, in, "content");
    wm_input_num(&event->start_ms, in, "start");
    wm_input_num(&event->end_ms, in, "end");
    wm_event_take_orders(event, in);
    wm_event_take_enrolment(event, in);
    wm_input_num(&event->capacity, in, "capacity");

    if (event->title.len == 0) {
        wm_input_fail(in, "title", WM_WRONG_MISSING);
    }

    wm_event_check_span(event, in);

    if (event->state == WM_EVENT_PUBLISHED) {
        (void) wm_event_missing(event, in);
    }
}


size_t
wm_event_missing(const wm_event_t *event, wm_input_t *in)
{
    size_t  i, n;

    const struct {
        const char  *name;
        bool         there;
    } wanted[] = {
        { "start",    event->start_ms != 0 },
        { "end",      event->end_ms != 0 },
        { "content",  event->content.len > 0 },
        { "place",    event->place.len > 0 },
        { "audience", event->audience.len > 0 }
    };

    for (i = 0, n = 0; i < wm_countof(wanted); i++) {
        if (!wanted[i].there) {
            wm_input_fail(in, wanted[i].name, WM_WRONG_MISSING);
            n++;
        }
    }

    return n;
}


static wm_str_t
wm_event_key(wm_commit_t *c, const wm_event_t *event)
{
    return wm_key(c->pool, c->district, "event:%.*s", wm_fmt(event->id));
}


static wm_str_t
wm_event_int(wm_commit_t *c, int64_t n)
{
    return wm_printf(c->pool, "%" PRId64, n);
}


/* Puts the event into, or takes it out of, an index of each unit above. */

static void
wm_event_index(wm_commit_t *c, const wm_event_t *event, const char *index,
    bool in)
{
    size_t    i, n;
    wm_str_t  key, units[WM_UNIT_DEPTH + 1];

    n = wm_path_units(event->path, units, WM_UNIT_DEPTH);
    units[n++] = wm_lit(WM_UNIT_ALL);

    for (i = 0; i < n; i++) {
        key = wm_key(c->pool, c->district, "%s:%.*s", index, wm_fmt(units[i]));

        if (in) {
            wm_do(c, ZADD, key, wm_event_int(c, event->start_ms), event->id);

        } else {
            wm_do(c, ZREM, key, event->id);
        }
    }
}


static void
wm_event_store(wm_commit_t *c, const wm_event_t *event)
{
    wm_do(c, HSET, wm_event_key(c, event),
          wm_lit("title"), event->title, wm_lit("course"), event->course,
          wm_lit("unit"), event->unit, wm_lit("unit_name"), event->unit_name,
          wm_lit("path"), event->path, wm_lit("place"), event->place,
          wm_lit("audience"), event->audience,
          wm_lit("content"), event->content,
          wm_lit("start"), wm_event_int(c, event->start_ms),
          wm_lit("end"), wm_event_int(c, event->end_ms),
          wm_lit("capacity"), wm_event_int(c, event->capacity),
          wm_lit("orders"), event->orders_text,
          wm_lit("enrol"), event->enrol,
          wm_lit("enrol_from"), wm_event_int(c, event->enrol_from_ms),
          wm_lit("enrol_until"), wm_event_int(c, event->enrol_until_ms),
          wm_lit("group_max"), wm_event_int(c, event->group_max),
          wm_lit("walk_in"), event->walk_in);
}


void
wm_event_create(wm_commit_t *c, const wm_event_t *event)
{
    wm_str_t  key;

    key = wm_event_key(c, event);

    wm_need(c, ABSENT, key);
    wm_do(c, HINCRBY, key, wm_lit("number"), event->id);
    wm_event_store(c, event);
    wm_do(c, HSET, key,
          wm_lit("status"), wm_str(wm_event_state_code(WM_EVENT_DRAFT)),
          wm_lit("version"), wm_lit("1"), wm_lit("epoch"), wm_lit("1"),
          wm_lit("made"), wm_event_int(c, c->now_ms),
          wm_lit("made_by"), c->actor);
    wm_event_index(c, event, "sched", true);
}


static void
wm_event_bump(wm_commit_t *c, const wm_event_t *event)
{
    wm_str_t  key;

    key = wm_event_key(c, event);

    wm_need(c, HEQ, key, wm_lit("version"), event->version);
    wm_do(c, HINCRBY, key, wm_lit("version"), wm_lit("1"));
}


/* A poster that names another time or place, or an event that is not. */

static void
wm_event_take_down(wm_commit_t *c, const wm_event_t *event)
{
    if (event->poster != 0) {
        wm_do(c, HSET, wm_event_key(c, event), wm_lit("poster"),
              wm_lit("0"));
    }
}


/* What somebody who means to come has to hear of. */

static bool
wm_event_moves(const wm_event_t *old, const wm_event_t *event)
{
    return old->start_ms != event->start_ms || old->end_ms != event->end_ms
           || !wm_eq(old->place, event->place);
}


wm_verdict_t
wm_event_change(wm_commit_t *c, const wm_event_t *old,
    const wm_event_t *event)
{
    if (old->state == WM_EVENT_CANCELLED) {
        return WM_VERDICT_STATE;
    }

    /* what is planned for an order cannot lose it without anyone noticing */

    if (old->state == WM_EVENT_PUBLISHED
        && !wm_eq(old->orders_text, event->orders_text))
    {
        return WM_VERDICT_STATE;
    }

    wm_event_bump(c, old);
    wm_event_store(c, event);
    wm_do(c, HSET, wm_event_key(c, event), wm_lit("changed"),
          wm_event_int(c, c->now_ms));

    if (old->state == WM_EVENT_PUBLISHED && wm_event_moves(old, event)) {
        wm_do(c, HSET, wm_event_key(c, event), wm_lit("moved"),
              wm_event_int(c, c->now_ms));
        wm_event_take_down(c, old);
    }

    if (!wm_eq(old->path, event->path)) {
        wm_event_index(c, old, "sched", false);

        if (old->state == WM_EVENT_PUBLISHED) {
            wm_event_index(c, old, "events", false);
        }
    }

    wm_event_index(c, event, "sched", true);

    if (old->state == WM_EVENT_PUBLISHED) {
        wm_event_index(c, event, "events", true);
    }

    return WM_VERDICT_OK;
}


/* What another event has planned is not this one's to move. */

static bool
wm_event_has_order(const wm_event_t *event, const wm_order_t *order)
{
    return order->state != WM_ORDER_NONE
           && (order->event.len == 0 || wm_eq(order->event, event->id));
}


bool
wm_event_takes_order(const wm_event_t *event, const wm_order_t *order)
{
    return wm_event_has_order(event, order)
           && wm_order_action_from(WM_ORDER_DO_SCHEDULE, order->state);
}


/* Takes a step with each of the event's orders that can; how many. */

static size_t
wm_event_step_orders(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_order_action_t action,
    const wm_order_by_t *by, const wm_deadlines_t *deadlines)
{
    size_t           i, n;
    wm_order_args_t  args = { .end_ms = event->end_ms };

    if (deadlines != NULL) {
        args.deadlines = *deadlines;
    }

    for (i = 0, n = 0; i < event->norders; i++) {
        n += wm_event_has_order(event, &orders[i])
             && wm_order_act(c, &orders[i], action, by, &args)
                == WM_VERDICT_OK;
    }

    return n;
}


static size_t
wm_event_move_orders(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_order_action_t action,
    const wm_deadlines_t *deadlines)
{
    wm_order_by_t  by = { .event = event->id };

    return wm_event_step_orders(c, event, orders, action, &by, deadlines);
}


void
wm_event_rate_orders(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_str_t person)
{
    wm_order_by_t  by = { .rater = person };

    (void) wm_event_step_orders(c, event, orders, WM_ORDER_DO_RATE, &by,
                                NULL);
}


/*
 * An order that is still open, but that this event cannot take: it was given
 * to a team that has not answered, was handed up beyond the worker's scope,
 * or is planned elsewhere.
 */

static bool
wm_event_leaves_order(const wm_event_t *event, const wm_order_t *orders,
    wm_str_t scope)
{
    size_t             i;
    const wm_order_t  *o;

    for (i = 0; i < event->norders; i++) {
        o = &orders[i];

        if (wm_order_action_from(WM_ORDER_DO_CANCEL, o->state)
            && (!wm_order_action_from(WM_ORDER_DO_SCHEDULE, o->state)
                || !wm_scope_covers(scope, o->handler_path)))
        {
            return true;
        }
    }

    return false;
}


/* What publishing writes, whether the event was there before or not. */

static void
wm_event_make_public(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders)
{
    wm_do(c, HSET, wm_event_key(c, event),
          wm_lit("status"), wm_str(wm_event_state_code(WM_EVENT_PUBLISHED)),
          wm_lit("published"), wm_event_int(c, c->now_ms),
          wm_lit("published_by"), c->actor);
    wm_event_index(c, event, "events", true);
    wm_event_move_orders(c, event, orders, WM_ORDER_DO_SCHEDULE, NULL);
}


wm_verdict_t
wm_event_create_public(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_str_t scope)
{
    if (wm_event_leaves_order(event, orders, scope)) {
        return WM_VERDICT_STATE;
    }

    wm_event_create(c, event);
    wm_event_make_public(c, event, orders);

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_event_publish(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_str_t scope, bool *nothing)
{
    *nothing = event->state == WM_EVENT_PUBLISHED;

    if (event->state == WM_EVENT_CANCELLED) {
        return WM_VERDICT_STATE;
    }

    if (*nothing) {
        return WM_VERDICT_OK;
    }

    /* published, it could never take it: say so now */

    if (wm_event_leaves_order(event, orders, scope)) {
        return WM_VERDICT_STATE;
    }

    wm_event_bump(c, event);
    wm_event_make_public(c, event, orders);

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_event_cancel(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, const wm_deadlines_t *deadlines, bool *nothing)
{
    *nothing = event->state == WM_EVENT_CANCELLED;

    if (*nothing) {
        return WM_VERDICT_OK;
    }

    wm_event_bump(c, event);
    wm_do(c, HSET, wm_event_key(c, event),
          wm_lit("status"), wm_str(wm_event_state_code(WM_EVENT_CANCELLED)),
          wm_lit("cancelled"), wm_event_int(c, c->now_ms),
          wm_lit("cancelled_by"), c->actor);
    wm_do(c, HINCRBY, wm_event_key(c, event), wm_lit("epoch"), wm_lit("1"));
    wm_event_take_down(c, event);
    wm_event_move_orders(c, event, orders, WM_ORDER_DO_UNSCHEDULE, deadlines);

    return WM_VERDICT_OK;
}


/* The event itself stays published; it only must not be moved meanwhile. */

wm_verdict_t
wm_event_complete(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, bool *nothing)
{
    if (event->state != WM_EVENT_PUBLISHED) {
        return WM_VERDICT_STATE;
    }

    if (event->end_ms > c->now_ms) {
        return WM_VERDICT_NOT_OVER;
    }

    wm_need(c, HEQ, wm_event_key(c, event), wm_lit("version"),
            event->version);
    *nothing = wm_event_move_orders(c, event, orders, WM_ORDER_DO_COMPLETE,
                                    NULL) == 0;

    return WM_VERDICT_OK;
}
