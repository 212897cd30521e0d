#include "wm_wish.h"

#include <inttypes.h>

#define WM_WISH_NAME   6                /* bytes that tell somebody */
#define WM_WISH_PHONE  7

static const struct {
    const char  *code;
    const char  *text;
} wm_wish_kinds[] = {
    { "", "" },
#define X(name, code, text)  { code, text },
    WM_WISH_KINDS(X)
#undef X
};

static const struct {
    const char  *code;
    const char  *text;
    int64_t      waits;
} wm_wish_states[] = {
    { "", "", 0 },
#define X(name, code, text, waits)  { code, text, waits },
    WM_WISH_STATES(X)
#undef X
};

static const struct {
    const char       *code;
    unsigned          from;
    wm_wish_state_t   next;
    unsigned          who;
    wm_wish_need_t    needs;
    wm_op_t           op;
    const char       *text;
    const char       *told;
} wm_wish_actions[] = {
#define X(name, code, from, next, who, needs, op, text, told)                \
    { code, from, WM_WISH_##next, who, WM_WISH_NEED_##needs, WM_OP_##op,     \
      text, told },
    WM_WISH_ACTIONS(X)
#undef X
};


wm_wish_kind_t
wm_wish_kind_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_wish_kinds); i++) {
        if (wm_is(code, wm_wish_kinds[i].code)) {
            return (wm_wish_kind_t) i;
        }
    }

    return WM_WISH_KIND_NONE;
}


const char *
wm_wish_kind_code(wm_wish_kind_t kind)
{
    return wm_wish_kinds[kind].code;
}


const char *
wm_wish_kind_text(wm_wish_kind_t kind)
{
    return wm_wish_kinds[kind].text;
}


wm_wish_state_t
wm_wish_state_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_wish_states); i++) {
        if (wm_is(code, wm_wish_states[i].code)) {
            return (wm_wish_state_t) i;
        }
    }

    return WM_WISH_NONE;
}


const char *
wm_wish_state_code(wm_wish_state_t s)
{
    return wm_wish_states[s].code;
}


const char *
wm_wish_state_text(wm_wish_state_t s)
{
    return wm_wish_states[s].text;
}


wm_wish_action_t
wm_wish_action_find(wm_str_t code)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_wish_actions); i++) {
        if (wm_is(code, wm_wish_actions[i].code)) {
            break;
        }
    }

    return (wm_wish_action_t) i;
}


const char *
wm_wish_action_code(wm_wish_action_t action)
{
    return wm_wish_actions[action].code;
}


const char *
wm_wish_action_text(wm_wish_action_t action)
{
    return wm_wish_actions[action].text;
}


const char *
wm_wish_action_told(wm_wish_action_t action)
{
    return wm_wish_actions[action].told;
}


wm_wish_need_t
wm_wish_action_needs(wm_wish_action_t action)
{
    return wm_wish_actions[action].needs;
}


wm_op_t
wm_wish_action_op(wm_wish_action_t action)
{
    return wm_wish_actions[action].op;
}


bool
wm_wish_action_from(wm_wish_action_t action, wm_wish_state_t state)
{
    return (wm_wish_actions[action].from & 1u << state) != 0;
}


bool
wm_wish_load(const wm_reply_t *record, wm_str_t id, wm_wish_t *wish)
{
    memset(wish, 0, sizeof(wm_wish_t));

    wish->id = id;
    wish->state = wm_wish_state_find(wm_reply_field(record, "status"));
    wish->kind = wm_wish_kind_find(wm_reply_field(record, "category"));
    wish->unit = wm_reply_field(record, "unit");
    wish->path = wm_reply_field(record, "path");
    wish->person = wm_reply_field(record, "person");
    wish->device = wm_reply_field(record, "device");
    wish->by = wm_reply_field(record, "by");
    wish->wish = wm_reply_field(record, "wish");
    wish->text = wm_reply_field(record, "text");
    wish->answer = wm_reply_field(record, "answer");
    wish->reason = wm_reply_field(record, "reason");
    wish->shown_wish = wm_reply_field(record, "shown_wish");
    wish->shown_text = wm_reply_field(record, "shown_text");
    wish->shown_answer = wm_reply_field(record, "shown_answer");
    wish->shown_ms = wm_reply_field_int(record, "shown");
    wish->team = wm_reply_field(record, "team");
    wish->course = wm_reply_field(record, "course");
    wish->course_title = wm_reply_field(record, "course_title");
    wish->order = wm_reply_field(record, "order");
    wish->log = wm_reply_field(record, "log");
    wish->made_ms = wm_reply_field_int(record, "made");
    wish->due_ms = wm_reply_field_int(record, "due");

    return wish->state != WM_WISH_NONE;
}


bool
wm_wish_is_public(const wm_wish_t *wish)
{
    return wish->shown_ms > 0;
}


bool
wm_wish_is_overdue(const wm_wish_t *wish, int64_t now_ms)
{
    return wish->due_ms > 0 && wish->due_ms < now_ms
           && wm_wish_states[wish->state].waits > 0;
}


/* ---- who */

unsigned
wm_wish_who(const wm_wish_t *wish, const wm_wish_by_t *by)
{
    unsigned           who;
    const wm_staff_t  *staff = by->staff;

    who = 0;

    if (by->device.len > 0 && wm_eq(by->device, wish->device)) {
        who |= WM_WISH_BY(WISHER);
    }

    if (staff == NULL) {
        return who;
    }

    if (wm_scope_covers(staff->path, wish->path)) {
        who |= wm_role_may(staff->role, WM_CAP_REVIEW)
               ? WM_WISH_BY(REVIEWER) : 0;
        who |= wm_role_may(staff->role, WM_CAP_DISPATCH)
               ? WM_WISH_BY(WORKER) : 0;
    }

    if (wm_role_may(staff->role, WM_CAP_ACCEPT) && staff->team.len > 0) {
        who |= wm_wish_is_public(wish)
               && wm_scope_covers(by->team_path, wish->path)
               ? WM_WISH_BY(TEAM) : 0;
        who |= wm_eq(staff->team, wish->team) ? WM_WISH_BY(HOLDER) : 0;
    }

    return who;
}


bool
wm_wish_sees(const wm_wish_t *wish, const wm_wish_by_t *by)
{
    return wm_wish_who(wish, by) != 0 || wm_wish_reads(wish, by);
}


bool
wm_wish_reads(const wm_wish_t *wish, const wm_wish_by_t *by)
{
    return by->staff != NULL && wm_role_may(by->staff->role, WM_CAP_READ)
           && wm_scope_covers(by->staff->path, wish->path);
}


/* A team needs to know whom to ring up until its work is done. */

bool
wm_wish_calls(const wm_wish_t *wish, const wm_wish_by_t *by)
{
    return wm_wish_reads(wish, by)
           || (wish->state == WM_WISH_CLAIMED
               && (wm_wish_who(wish, by) & WM_WISH_BY(HOLDER)) != 0);
}


/* ---- whether */

/* Nobody can act for a person who is gone with his or her key. */

static bool
wm_wish_is_lost(wm_wish_action_t action, const wm_wish_args_t *args)
{
    wm_wish_need_t  needs = wm_wish_actions[action].needs;

    return (needs == WM_WISH_NEED_WORDS || needs == WM_WISH_NEED_ANSWER
            || needs == WM_WISH_NEED_ORDER)
           && (args->person == NULL || !args->person->known);
}


static wm_verdict_t
wm_wish_check(const wm_wish_t *wish, wm_wish_action_t action,
    const wm_wish_by_t *by, const wm_wish_args_t *args)
{
    unsigned  who;

    if (!wm_wish_sees(wish, by)) {
        return WM_VERDICT_NOT_FOUND;
    }

    who = wm_wish_who(wish, by);

    if ((wm_wish_actions[action].who & who) == 0) {
        return WM_VERDICT_FORBIDDEN;
    }

    return wm_wish_action_from(action, wish->state)
           && !wm_wish_is_lost(action, args)
           ? WM_VERDICT_OK : WM_VERDICT_STATE;
}


static bool
wm_wish_has(wm_str_t words, wm_str_t part)
{
    size_t  i, j, k;

    for (i = 0; i < words.len; i++) {
        for (j = i, k = 0; j < words.len && k < part.len; j++) {
            if (words.data[j] == part.data[k]) {
                k++;

            } else if (k == 0
                       || (words.data[j] != ' ' && words.data[j] != '-'))
            {
                break;
            }
        }

        if (k == part.len) {
            return true;
        }
    }

    return false;
}


bool
wm_wish_tells(wm_str_t words, const wm_person_t *person)
{
    return (person->name.len >= WM_WISH_NAME
            && wm_wish_has(words, person->name))
           || (person->phone.len >= WM_WISH_PHONE
               && wm_wish_has(words, person->phone));
}


static bool
wm_wish_filled(const wm_wish_t *wish, wm_wish_action_t action,
    const wm_wish_args_t *args)
{
    switch (wm_wish_actions[action].needs) {

    case WM_WISH_NEED_WORDS:
        return args->wish.len > 0 && !wm_wish_tells(args->wish, args->person)
               && !wm_wish_tells(args->text, args->person);

    case WM_WISH_NEED_REASON:
        return args->reason.len > 0;

    case WM_WISH_NEED_ANSWER:
        return args->answer.len > 0
               && !(wm_wish_is_public(wish)
                    && wm_wish_tells(args->answer, args->person));

    case WM_WISH_NEED_ORDER:
        return args->order != NULL;

    default:
        return true;
    }
}


unsigned
wm_wish_possible(const wm_wish_t *wish, const wm_wish_by_t *by,
    const wm_wish_args_t *args)
{
    unsigned  i, possible;

    for (i = 0, possible = 0; i < WM_WISH_DO_MAX; i++) {
        if (wm_wish_check(wish, (wm_wish_action_t) i, by, args)
            == WM_VERDICT_OK)
        {
            possible |= 1u << i;
        }
    }

    return possible;
}


/* ---- what is written */

static wm_str_t
wm_wish_int(wm_commit_t *c, int64_t n)
{
    return wm_printf(c->pool, "%" PRId64, n);
}


static wm_str_t
wm_wish_key(wm_commit_t *c, wm_str_t id)
{
    return wm_key(c->pool, c->district, "wish:%.*s", wm_fmt(id));
}


static wm_str_t
wm_wish_seal(wm_commit_t *c, const wm_person_t *person, wm_str_t text)
{
    wm_str_t  sealed;

    if (text.len == 0) {
        return wm_lit("");
    }

    sealed = wm_person_seal(c->pool, person, text);
    c->failed |= sealed.data == NULL;

    return sealed;
}


/* Into an index of each unit of the path, or out of it (score 0). */

static void
wm_wish_index(wm_commit_t *c, const char *index, wm_str_t path, wm_str_t id,
    int64_t score, bool all)
{
    size_t    i, n;
    wm_str_t  key, units[WM_UNIT_DEPTH + 1];

    n = wm_path_units(path, units, WM_UNIT_DEPTH);

    if (all) {
        units[n++] = wm_lit(WM_UNIT_ALL);
    }

    for (i = 0; i < n; i++) {
        key = wm_key(c->pool, c->district, "%s:%.*s", index,
                     wm_fmt(units[i]));

        if (score > 0) {
            wm_do(c, ZADD, key, wm_wish_int(c, score), id);

        } else {
            wm_do(c, ZREM, key, id);
        }
    }
}


/* State, log and deadline: what every step writes. */

static void
wm_wish_move(wm_commit_t *c, const wm_wish_t *wish, wm_wish_action_t action,
    wm_str_t team)
{
    int64_t          due_ms;
    wm_buf_t         log;
    wm_wish_state_t  next = wm_wish_actions[action].next;

    due_ms = wm_wish_states[next].waits > 0
             ? c->now_ms + wm_wish_states[next].waits * 1000 : 0;

    wm_buf_init(&log, c->pool, wish->log.len + 128);
    wm_put(&log, wish->log);
    wm_order_log_put(&log, wm_wish_action_code(action), c->now_ms, c->actor,
                     team);
    c->failed |= log.failed;

    wm_do(c, HSET, wm_wish_key(c, wish->id),
          wm_lit("status"), wm_str(wm_wish_state_code(next)),
          wm_lit("log"), wm_buf_str(&log),
          wm_lit("due"), wm_wish_int(c, due_ms));
    wm_wish_index(c, "wishdue", wish->path, wish->id, due_ms, false);
}


void
wm_wish_submit(wm_commit_t *c, const wm_realm_t *realm, wm_wish_facts_t *f)
{
    wm_str_t   key, made;
    wm_wish_t  wish = { .id = f->id, .path = f->unit.path };

    key = wm_wish_key(c, f->id);
    made = wm_wish_int(c, c->now_ms);

    wm_need(c, ABSENT, key);

    wm_person_keep(c, realm, &f->person);

    wm_do(c, HSET, key,
          wm_lit("category"), wm_str(wm_wish_kind_code(f->kind)),
          wm_lit("unit"), f->unit.id, wm_lit("path"), f->unit.path,
          wm_lit("person"), wm_str(f->person.id),
          wm_lit("device"), f->device,
          wm_lit("wish"), wm_wish_seal(c, &f->person, f->wish),
          wm_lit("text"), wm_wish_seal(c, &f->person, f->text),
          wm_lit("made"), made);

    if (f->device.len > 0) {
        wm_do(c, HSET, wm_key(c->pool, c->district, "dev:%.*s",
                              wm_fmt(f->device)),
              wm_printf(c->pool, "w:%.*s", wm_fmt(f->id)), made);

    } else {
        wm_do(c, HSET, key, wm_lit("by"), f->by);
    }

    wm_wish_index(c, "wishes", f->unit.path, f->id, c->now_ms, false);
    wm_wish_move(c, &wish, WM_WISH_DO_SUBMIT, wm_null);
}


/* From now on everyone may read it. */

static void
wm_wish_show(wm_commit_t *c, const wm_wish_t *wish,
    const wm_wish_args_t *args)
{
    wm_do(c, HSET, wm_wish_key(c, wish->id),
          wm_lit("shown_wish"), args->wish,
          wm_lit("shown_text"),
          args->text.len > 0 ? args->text : wm_lit(""),
          wm_lit("shown"), wm_wish_int(c, c->now_ms));
    wm_wish_index(c, "wishwall", wish->path, wish->id, c->now_ms, true);
}


void
wm_wish_hide(wm_commit_t *c, const wm_wish_t *wish)
{
    if (!wm_wish_is_public(wish)) {
        return;
    }

    wm_do(c, HDEL, wm_wish_key(c, wish->id), wm_lit("shown_wish"),
          wm_lit("shown_text"), wm_lit("shown_answer"), wm_lit("shown"));
    wm_wish_index(c, "wishwall", wish->path, wish->id, 0, true);
}


static void
wm_wish_tell(wm_commit_t *c, const wm_wish_t *wish,
    const wm_wish_args_t *args)
{
    wm_str_t  key = wm_wish_key(c, wish->id);

    wm_do(c, HSET, key, wm_lit("answer"),
          wm_wish_seal(c, args->person, args->answer));

    if (wm_wish_is_public(wish)) {
        wm_do(c, HSET, key, wm_lit("shown_answer"), args->answer);
    }

    if (args->course != NULL) {
        wm_do(c, HSET, key, wm_lit("course"), args->course->id,
              wm_lit("course_title"), args->course->title);
    }
}


static void
wm_wish_details(wm_commit_t *c, const wm_wish_t *wish,
    wm_wish_action_t action, const wm_wish_by_t *by,
    const wm_wish_args_t *args)
{
    wm_str_t  key = wm_wish_key(c, wish->id);

    if (wm_wish_actions[action].needs == WM_WISH_NEED_REASON
        && args->person != NULL && args->person->known)
    {
        wm_do(c, HSET, key, wm_lit("reason"),
              wm_wish_seal(c, args->person, args->reason));
    }

    switch (action) {

    case WM_WISH_DO_PUBLISH:
        wm_wish_show(c, wish, args);
        return;

    case WM_WISH_DO_CLAIM:
        wm_do(c, HSET, key, wm_lit("team"), by->staff->team);
        return;

    case WM_WISH_DO_RELEASE:
        wm_do(c, HSET, key, wm_lit("team"), wm_lit(""));
        return;

    case WM_WISH_DO_ANSWER:
        wm_wish_tell(c, wish, args);
        return;

    case WM_WISH_DO_ORDER:
        wm_do(c, HSET, key, wm_lit("order"), args->order->id);
        wm_wish_hide(c, wish);
        return;

    case WM_WISH_DO_REFUSE:
    case WM_WISH_DO_WITHDRAW:
        wm_wish_hide(c, wish);
        return;

    default:
        return;
    }
}


wm_verdict_t
wm_wish_act(wm_commit_t *c, const wm_wish_t *wish, wm_wish_action_t action,
    const wm_wish_by_t *by, const wm_wish_args_t *args)
{
    wm_str_t      key;
    wm_verdict_t  v;

    v = wm_wish_check(wish, action, by, args);
    if (v != WM_VERDICT_OK) {
        return v;
    }

    if (!wm_wish_filled(wish, action, args)) {
        return WM_VERDICT_INVALID;
    }

    /* the first effect of an order is its number, so it comes first */

    if (action == WM_WISH_DO_ORDER) {
        args->order->person = *args->person;
        args->order->device = wish->device.len > 0 ? wish->device
                                                   : wm_lit("");
        wm_order_submit(c, args->realm, args->order);
    }

    key = wm_wish_key(c, wish->id);

    wm_need(c, HEQ, key, wm_lit("status"),
            wm_str(wm_wish_state_code(wish->state)));
    wm_need(c, HEQ, key, wm_lit("log"),
            wish->log.len > 0 ? wish->log : wm_lit(""));

    if (wm_wish_actions[action].needs != WM_WISH_NEED_NOTHING
        && args->person != NULL && args->person->known)
    {
        wm_need(c, EXISTS, wm_key(c->pool, c->district, "person:%s",
                                  args->person->id));
    }

    wm_wish_move(c, wish, action, action == WM_WISH_DO_CLAIM
                                  ? by->staff->team : wish->team);
    wm_wish_details(c, wish, action, by, args);

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_wish_withdraw(wm_commit_t *c, const wm_wish_t *wish, wm_str_t device,
    bool *nothing)
{
    wm_wish_by_t    by = { .device = device };
    wm_wish_args_t  args = { .person = NULL };

    *nothing = wish->state == WM_WISH_WITHDRAWN && wm_wish_sees(wish, &by);

    return *nothing ? WM_VERDICT_OK
           : wm_wish_act(c, wish, WM_WISH_DO_WITHDRAW, &by, &args);
}
