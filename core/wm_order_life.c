#include "wm_order_life.h"
#include "wm_time.h"

#include <inttypes.h>

static const struct {
    const char        *code;
    unsigned           from;
    wm_order_state_t   next;
    unsigned           who;
    wm_order_need_t    needs;
    wm_op_t            op;
    const char        *text;
    const char        *told;
} wm_order_actions[] = {
#define X(name, code, from, next, who, needs, op, text, told)                \
    { code, from, WM_ORDER_##next, who, WM_ORDER_NEED_##needs, WM_OP_##op,   \
      text, told },
    WM_ORDER_ACTIONS(X)
#undef X
};


wm_order_action_t
wm_order_action_find(wm_str_t code)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_order_actions); i++) {
        if (wm_is(code, wm_order_actions[i].code)) {
            break;
        }
    }

    return (wm_order_action_t) i;
}


const char *
wm_order_action_code(wm_order_action_t action)
{
    return wm_order_actions[action].code;
}


const char *
wm_order_action_text(wm_order_action_t action)
{
    return wm_order_actions[action].text;
}


const char *
wm_order_action_told(wm_order_action_t action)
{
    return wm_order_actions[action].told;
}


wm_order_state_t
wm_order_action_next(wm_order_action_t action)
{
    return wm_order_actions[action].next;
}


wm_order_need_t
wm_order_action_needs(wm_order_action_t action)
{
    return wm_order_actions[action].needs;
}


wm_op_t
wm_order_action_op(wm_order_action_t action)
{
    return wm_order_actions[action].op;
}


bool
wm_order_action_from(wm_order_action_t action, wm_order_state_t state)
{
    return (wm_order_actions[action].from & 1u << state) != 0;
}


bool
wm_order_action_by(wm_order_action_t action, unsigned who)
{
    return (wm_order_actions[action].who & who) != 0;
}


/* ---- who */

unsigned
wm_order_who(const wm_order_t *order, const wm_order_by_t *by)
{
    unsigned           who;
    const wm_staff_t  *staff = by->staff;

    who = 0;

    if (by->device.len > 0 && wm_eq(by->device, order->device)) {
        who |= WM_BY_REQUESTER;
    }

    if (by->event.len > 0) {
        who |= WM_BY_EVENT;
    }

    if (by->tool) {
        who |= WM_BY_TOOL;
    }

    if (by->rater.len > 0 && wm_eq(by->rater, order->person)) {
        who |= WM_BY_RATER;
    }

    if (staff == NULL) {
        return who;
    }

    if (wm_role_may(staff->role, WM_CAP_DISPATCH)
        && wm_scope_covers(staff->path, order->handler_path))
    {
        who |= WM_BY_WORKER;
    }

    if (wm_role_may(staff->role, WM_CAP_ACCEPT) && staff->team.len > 0
        && wm_eq(staff->team, order->team))
    {
        who |= WM_BY_TEAM;
    }

    return who;
}


bool
wm_order_sees(const wm_order_t *order, const wm_order_by_t *by)
{
    return wm_order_who(order, by) != 0
           || (by->staff != NULL
               && wm_role_may(by->staff->role, WM_CAP_READ)
               && wm_scope_covers(by->staff->path, order->path));
}


/* ---- whether */

bool
wm_order_is_past(const wm_order_t *order, int offset, int64_t now_ms)
{
    int64_t   day, last;
    wm_str_t  wanted, part;

    last = 0;
    wanted = order->wanted;

    while (wm_split(&wanted, ',', &part)) {
        if (wm_time_parse_day(part, offset, &day) && day >= last) {
            last = day + WM_DAY_MS;
        }
    }

    return last > 0 && last <= now_ms;
}


bool
wm_order_is_overdue(const wm_order_t *order, int64_t now_ms)
{
    return order->due_ms > 0 && order->due_ms < now_ms
           && wm_order_state_waits(order->state) != WM_DEADLINE_NONE;
}


/* The path of the unit above, its own id set apart; wm_null: none. */

static wm_str_t
wm_order_parent(wm_str_t path, wm_str_t *id)
{
    size_t    n;
    wm_str_t  units[WM_UNIT_DEPTH];

    n = wm_path_units(path, units, WM_UNIT_DEPTH);

    if (n < 2) {
        return wm_null;
    }

    *id = units[n - 2];

    return (wm_str_t) { (size_t) (units[n - 1].data - path.data),
                        path.data };
}


/* What the rules say before anything is filled in. */

static wm_verdict_t
wm_order_check(const wm_order_t *order, wm_order_action_t action,
    const wm_order_by_t *by, const wm_order_args_t *args, int64_t now_ms)
{
    wm_str_t  id;

    if (!wm_order_sees(order, by)) {
        return WM_VERDICT_NOT_FOUND;
    }

    if (!wm_order_action_by(action, wm_order_who(order, by))) {
        return WM_VERDICT_FORBIDDEN;
    }

    if (!wm_order_action_from(action, order->state)) {
        return WM_VERDICT_STATE;
    }

    switch (wm_order_actions[action].needs) {

    case WM_ORDER_NEED_PARENT:
        return wm_order_parent(order->handler_path, &id).data != NULL
               ? WM_VERDICT_OK : WM_VERDICT_NO_PARENT;

    case WM_ORDER_NEED_OVER:
        return args->end_ms > 0 && args->end_ms <= now_ms
               ? WM_VERDICT_OK : WM_VERDICT_NOT_OVER;

    case WM_ORDER_NEED_PAST:
        return wm_order_is_past(order, args->offset, now_ms)
               ? WM_VERDICT_OK : WM_VERDICT_NOT_PAST;

    default:
        return WM_VERDICT_OK;
    }
}


static bool
wm_order_filled(const wm_order_t *order, wm_order_action_t action,
    const wm_order_args_t *args)
{
    switch (wm_order_actions[action].needs) {

    case WM_ORDER_NEED_TEAM:
        return args->team.len > 0 && !wm_eq(args->team, order->team);

    case WM_ORDER_NEED_REASON:
        return args->reason.len > 0;

    default:
        return true;
    }
}


unsigned
wm_order_possible(const wm_order_t *order, const wm_order_by_t *by,
    const wm_order_args_t *args, int64_t now_ms)
{
    unsigned  i, possible;

    for (i = 0, possible = 0; i < WM_ORDER_DO_MAX; i++) {
        if (wm_order_check(order, (wm_order_action_t) i, by, args, now_ms)
            == WM_VERDICT_OK)
        {
            possible |= 1u << i;
        }
    }

    return possible;
}


/* ---- the log */

void
wm_order_log_put(wm_buf_t *b, const char *code, int64_t ms, wm_str_t actor,
    wm_str_t team)
{
    size_t  i;

    wm_putf(b, "%s%s:%" PRId64 ":", b->len > 0 ? "," : "", code, ms);

    for (i = 0; i < actor.len; i++) {
        wm_putc(b, (char) (actor.data[i] == ':' ? '/'
                           : actor.data[i] == ',' ? '}' : actor.data[i]));
    }

    if (team.len > 0) {
        wm_putf(b, ":%.*s", wm_fmt(team));
    }
}


/* An order from before there were logs begins with when it was made. */

static wm_str_t
wm_order_log_add(wm_commit_t *c, const wm_order_t *order,
    wm_order_action_t action, wm_str_t team)
{
    wm_buf_t  b;

    wm_buf_init(&b, c->pool, order->log.len + 128);
    wm_put(&b, order->log);

    if (b.len == 0 && action != WM_ORDER_DO_SUBMIT) {
        wm_order_log_put(&b, wm_order_action_code(WM_ORDER_DO_SUBMIT),
                         order->made_ms, wm_lit("-"), wm_null);
    }

    wm_order_log_put(&b, wm_order_action_code(action), c->now_ms, c->actor,
                     team);
    c->failed |= b.failed;

    return wm_buf_str(&b);
}


bool
wm_order_log_next(wm_str_t *log, wm_order_entry_t *entry)
{
    uint64_t  ms;
    wm_str_t  rest, time;

    if (!wm_split(log, ',', &rest)) {
        return false;
    }

    memset(entry, 0, sizeof(wm_order_entry_t));

    if (!wm_split(&rest, ':', &entry->code) || !wm_split(&rest, ':', &time)
        || !wm_parse_uint(time, (uint64_t) WM_TIME_MAX, &ms)
        || !wm_split(&rest, ':', &entry->actor))
    {
        return false;
    }

    entry->action = wm_order_action_find(entry->code);
    entry->at_ms = (int64_t) ms;
    entry->team = rest;

    return true;
}


wm_str_t
wm_order_log_by(wm_pool_t *pool, wm_str_t actor)
{
    char      *p;
    size_t     i;
    wm_str_t   name;

    if (wm_starts(actor, "device/") || wm_is(actor, "-")) {
        return wm_lit("");
    }

    name = actor;

    if (wm_starts(actor, "staff/")) {
        name = (wm_str_t) { actor.len - 6, actor.data + 6 };
    }

    name = wm_dup(pool, name);
    p = (char *) name.data;

    for (i = 0; p != NULL && i < name.len; i++) {
        p[i] = (char) (p[i] == '/' ? ':' : p[i] == '}' ? ',' : p[i]);
    }

    return name;
}


/* ---- what a step writes */

static wm_str_t
wm_order_int(wm_commit_t *c, int64_t n)
{
    return wm_printf(c->pool, "%" PRId64, n);
}


static wm_str_t
wm_order_key(wm_commit_t *c, const wm_order_t *order)
{
    return wm_key(c->pool, c->district, "order:%.*s", wm_fmt(order->id));
}


/* When the next step is due; 0: there is none. */

static int64_t
wm_order_due(wm_commit_t *c, wm_order_state_t state,
    const wm_deadlines_t *deadlines)
{
    wm_deadline_t  d;

    d = wm_order_state_waits(state);

    return d != WM_DEADLINE_NONE ? c->now_ms + deadlines->s[d] * 1000 : 0;
}


/*
 * The lists of what is due, of the handling unit and all above: the order
 * leaves those of was that it does not stay in.
 */

static void
wm_order_due_index(wm_commit_t *c, const wm_order_t *order, wm_str_t was,
    wm_str_t path, int64_t due_ms)
{
    size_t    i, nbefore, n;
    wm_str_t  key, before[WM_UNIT_DEPTH], after[WM_UNIT_DEPTH];

    nbefore = wm_path_units(was, before, WM_UNIT_DEPTH);
    n = due_ms > 0 ? wm_path_units(path, after, WM_UNIT_DEPTH) : 0;

    for (i = n; i < nbefore; i++) {
        key = wm_key(c->pool, c->district, "due:%.*s", wm_fmt(before[i]));
        wm_do(c, ZREM, key, order->id);
    }

    for (i = 0; i < n; i++) {
        key = wm_key(c->pool, c->district, "due:%.*s", wm_fmt(after[i]));
        wm_do(c, ZADD, key, wm_order_int(c, due_ms), order->id);
    }
}


void
wm_order_begin(wm_commit_t *c, const wm_order_t *order,
    const wm_unit_t *unit, const wm_deadlines_t *deadlines)
{
    int64_t  due_ms;

    due_ms = wm_order_due(c, WM_ORDER_SUBMITTED, deadlines);

    wm_do(c, HSET, wm_order_key(c, order),
          wm_lit("handler"), unit->id, wm_lit("handler_path"), unit->path,
          wm_lit("log"), wm_order_log_add(c, order, WM_ORDER_DO_SUBMIT,
                                          wm_null),
          wm_lit("due"), wm_order_int(c, due_ms));
    wm_order_due_index(c, order, wm_null, unit->path, due_ms);
}


/* The team that an order has after a step. */

static wm_str_t
wm_order_team(const wm_order_t *order, wm_order_action_t action,
    const wm_order_args_t *args)
{
    return wm_order_actions[action].needs == WM_ORDER_NEED_TEAM
           ? args->team
           : wm_order_actions[action].next == WM_ORDER_SUBMITTED
             ? wm_lit("") : order->team;
}


static void
wm_order_move_team(wm_commit_t *c, const wm_order_t *order, wm_str_t team)
{
    if (wm_eq(order->team, team)) {
        return;
    }

    wm_do(c, HSET, wm_order_key(c, order), wm_lit("team"), team);

    if (order->team.len > 0) {
        wm_do(c, ZREM, wm_key(c->pool, c->district, "team:%.*s",
                              wm_fmt(order->team)), order->id);
    }

    if (team.len > 0) {
        wm_do(c, ZADD, wm_key(c->pool, c->district, "team:%.*s",
                              wm_fmt(team)),
              wm_order_int(c, order->made_ms), order->id);
    }
}


/* What only some of the steps write. */

static void
wm_order_details(wm_commit_t *c, const wm_order_t *order,
    wm_order_action_t action, const wm_order_by_t *by,
    const wm_order_args_t *args)
{
    wm_str_t  key;

    key = wm_order_key(c, order);

    if (wm_order_actions[action].needs == WM_ORDER_NEED_REASON) {
        wm_do(c, HSET, key, wm_lit("reason"), args->reason);
    }

    if (args->note.len > 0) {
        wm_do(c, HSET, key, wm_lit("remark"), args->note);
    }

    switch (action) {

    case WM_ORDER_DO_SCHEDULE:
        wm_do(c, HSET, key, wm_lit("event"), by->event);
        return;

    case WM_ORDER_DO_UNSCHEDULE:
        wm_do(c, HSET, key, wm_lit("event"), wm_lit(""));
        return;

    case WM_ORDER_DO_REJECT:
    case WM_ORDER_DO_CANCEL:
    case WM_ORDER_DO_EXPIRE:
        wm_do(c, HINCRBY, wm_key(c->pool, c->district, "demand"),
              order->course, wm_lit("-1"));
        return;

    default:
        return;
    }
}


wm_verdict_t
wm_order_act(wm_commit_t *c, const wm_order_t *order,
    wm_order_action_t action, const wm_order_by_t *by,
    const wm_order_args_t *args)
{
    int64_t            due_ms;
    wm_str_t           key, path, team, handler;
    wm_verdict_t       v;
    wm_order_state_t   next;

    v = wm_order_check(order, action, by, args, c->now_ms);
    if (v != WM_VERDICT_OK) {
        return v;
    }

    if (!wm_order_filled(order, action, args)) {
        return WM_VERDICT_INVALID;
    }

    key = wm_order_key(c, order);
    next = wm_order_actions[action].next;
    due_ms = wm_order_due(c, next, &args->deadlines);
    team = wm_order_team(order, action, args);
    path = order->handler_path;
    handler = order->handler;

    if (action == WM_ORDER_DO_ESCALATE) {
        path = wm_order_parent(path, &handler);
    }

    wm_need(c, HEQ, key, wm_lit("status"),
            wm_str(wm_order_state_code(order->state)));
    wm_need(c, HEQ, key, wm_lit("log"),
            order->log.len > 0 ? order->log : wm_lit(""));
    wm_do(c, HSET, key, wm_lit("status"), wm_str(wm_order_state_code(next)),
          wm_lit("log"),
          wm_order_log_add(c, order, action,
                           team.len > 0 ? team : order->team),
          wm_lit("due"), wm_order_int(c, due_ms));

    if (!wm_eq(handler, order->handler)) {
        wm_do(c, HSET, key, wm_lit("handler"), handler,
              wm_lit("handler_path"), path);
    }

    wm_order_move_team(c, order, team);
    wm_order_due_index(c, order, order->handler_path, path, due_ms);
    wm_order_details(c, order, action, by, args);

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_order_cancel(wm_commit_t *c, const wm_order_t *order, wm_str_t device,
    bool *nothing)
{
    wm_order_by_t    by = { .device = device };
    wm_order_args_t  args = { .offset = 0 };

    *nothing = order->state == WM_ORDER_CANCELLED;

    if (*nothing) {
        return wm_order_sees(order, &by) ? WM_VERDICT_OK
                                         : WM_VERDICT_NOT_FOUND;
    }

    return wm_order_act(c, order, WM_ORDER_DO_CANCEL, &by, &args);
}
