/*
 * The table of an order's life, taken at its word: every action from every
 * state by everybody.  What is allowed is written down as it should be, what
 * is not writes nothing.
 */

#include "unit.h"
#include "wm_order_life.h"
#include "wm_time.h"

#define ID    "ABCDEFGHJKMNPQRS"
#define KEY   "wm:{furong}:order:" ID
#define DUE   "wm:{furong}:due:"
#define LOG   "submit:1795395600000:device/DEV,dispatch:1795395601000:staff/li"

/* 2026-11-24 */
#define OVER  INT64_C(1795449600000)

static const wm_deadlines_t  deadlines = { { 0, 86400, 172800, 604800 } };

static const wm_staff_t  people[] = {
    { .name = wm_lit("own"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in1/") },
    { .name = wm_lit("above"), .role = WM_ROLE_ADMINISTRATOR,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("below"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in1/st1/") },
    { .name = wm_lit("beside"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in2/") },
    { .name = wm_lit("reads"), .role = WM_ROLE_AUDITOR,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("reviews"), .role = WM_ROLE_REVIEWER,
      .path = wm_lit("/ctr/in1/") },
    { .name = wm_lit("lead"), .role = WM_ROLE_LEAD, .team = wm_lit("t1"),
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("lecturer"), .role = WM_ROLE_LECTURER,
      .team = wm_lit("t1"), .path = wm_lit("/ctr/") },
    { .name = wm_lit("other"), .role = WM_ROLE_LEAD, .team = wm_lit("t2"),
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("teamless"), .role = WM_ROLE_LEAD,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("nobody"), .role = WM_ROLE_NONE,
      .path = wm_lit("/ctr/") }
};

/* Who asks, whether he sees the order, and what the table calls him. */

static const struct {
    wm_order_by_t   by;
    bool            sees;
    unsigned        who;
} actors[] = {
    { { .device = wm_lit("DEV") }, true, WM_BY_REQUESTER },
    { { .device = wm_lit("DEW") }, false, 0 },
    { { .device = wm_lit("") }, false, 0 },
    { { .tool = true }, true, WM_BY_TOOL },
    { { .event = wm_lit("7") }, true, WM_BY_EVENT },
    { { .rater = wm_lit("P") }, true, WM_BY_RATER },
    { { .rater = wm_lit("Q") }, false, 0 },
    { { .staff = &people[0] }, true, WM_BY_WORKER },
    { { .staff = &people[1] }, true, WM_BY_WORKER },
    { { .staff = &people[2] }, true, 0 },
    { { .staff = &people[3] }, false, 0 },
    { { .staff = &people[4] }, true, 0 },
    { { .staff = &people[5] }, true, 0 },
    { { .staff = &people[6] }, true, WM_BY_TEAM },
    { { .staff = &people[7] }, true, WM_BY_TEAM },
    { { .staff = &people[8] }, false, 0 },
    { { .staff = &people[9] }, false, 0 },
    { { .staff = &people[10] }, false, 0 }
};

static const struct {
    const char        *code;
    unsigned           from;
    wm_order_state_t   next;
    unsigned           who;
    wm_order_need_t    needs;
    wm_op_t            op;
} table[] = {
#define X(name, code, from, next, who, needs, op, text, told)                \
    { code, from, WM_ORDER_##next, who, WM_ORDER_NEED_##needs, WM_OP_##op },
    WM_ORDER_ACTIONS(X)
#undef X
};


/* Ordered for a station, handled by the institute above it. */

static wm_order_t
order_in(wm_order_state_t state)
{
    return (wm_order_t) {
        .id = wm_lit(ID), .state = state, .course = wm_lit("c1"),
        .unit = wm_lit("st1"), .path = wm_lit("/ctr/in1/st1/"),
        .handler = wm_lit("in1"), .handler_path = wm_lit("/ctr/in1/"),
        .wanted = wm_lit("2026-11-22,2026-11-21"), .device = wm_lit("DEV"),
        .person = wm_lit("P"), .team = wm_lit("t1"), .log = wm_lit(LOG),
        .made_ms = 5, .due_ms = 6
    };
}


static wm_order_args_t
all_args(void)
{
    return (wm_order_args_t) {
        .team = wm_lit("t9"), .reason = wm_lit("R"), .note = wm_lit(""),
        .end_ms = UNIT_NOW, .offset = UNIT_OFFSET, .deadlines = deadlines
    };
}


static wm_verdict_t
expected(size_t action, wm_order_state_t state, size_t actor)
{
    return !actors[actor].sees ? WM_VERDICT_NOT_FOUND
           : (actors[actor].who & table[action].who) == 0
             ? WM_VERDICT_FORBIDDEN
             : (table[action].from & 1u << state) == 0 ? WM_VERDICT_STATE
                                                       : WM_VERDICT_OK;
}


/* What every step writes, whichever it is. */

static void
check_commit(size_t action, const wm_order_t *o, const wm_commit_t *c)
{
    bool              closes, open, team;
    const char       *text;
    wm_order_state_t  next = table[action].next;

    text = unit_commit_text(c);
    open = wm_order_state_waits(next) != WM_DEADLINE_NONE;
    closes = next == WM_ORDER_REJECTED || next == WM_ORDER_CANCELLED
             || next == WM_ORDER_EXPIRED;
    team = table[action].needs == WM_ORDER_NEED_TEAM;

    assert_has(text, wm_printf(unit_pool, "? heq " KEY " status %s\n"
                               "? heq " KEY " log " LOG "\n"
                               "! HSET " KEY " status %s log " LOG
                               ",%s:1795395607123:tester:%s due ",
                               wm_order_state_code(o->state),
                               wm_order_state_code(next),
                               table[action].code, team ? "t9" : "t1").data);
    unit_contains(text, "! HINCRBY wm:{furong}:demand c1 -1\n", closes,
                  __FILE__, __LINE__);
    unit_contains(text, " due 0\n", !open, __FILE__, __LINE__);
    unit_contains(text, "! ZADD " DUE "ctr ", open, __FILE__, __LINE__);
    unit_contains(text, "! ZREM " DUE "ctr ", !open, __FILE__, __LINE__);
    unit_contains(text, "! HSET " KEY " reason R\n",
                  table[action].needs == WM_ORDER_NEED_REASON, __FILE__,
                  __LINE__);
    unit_contains(text, "! ZREM wm:{furong}:team:t1 " ID "\n",
                  team || next == WM_ORDER_SUBMITTED, __FILE__, __LINE__);
    unit_contains(text, "! HSET " KEY " team t9\n", team, __FILE__,
                  __LINE__);
    unit_contains(text, "! ZADD wm:{furong}:team:t9 5 " ID "\n", team,
                  __FILE__, __LINE__);
    assert_int_equal(c->nneeds, 2);
    assert_int_equal(c->nprivate, 0);
}


static void
every_step(void **state)
{
    size_t            action, actor, allowed;
    unsigned          s, possible;
    wm_order_t        o;
    wm_commit_t      *c;
    wm_verdict_t      v, want;
    wm_order_args_t   args = all_args();

    (void) state;

    allowed = 0;

    for (s = WM_ORDER_NONE; s < WM_ORDER_STATE_MAX; s++) {
        for (actor = 0; actor < wm_countof(actors); actor++) {
            o = order_in((wm_order_state_t) s);
            possible = wm_order_possible(&o, &actors[actor].by, &args,
                                         UNIT_NOW);
            assert_int_equal(wm_order_who(&o, &actors[actor].by),
                             actors[actor].who);

            for (action = 0; action < wm_countof(table); action++) {
                want = expected(action, o.state, actor);
                c = unit_commit(table[action].op);
                v = wm_order_act(c, &o, (wm_order_action_t) action,
                                 &actors[actor].by, &args);

                assert_case(v == want, "%s of %s by %zu: %s, not %s",
                            table[action].code, wm_order_state_code(o.state),
                            actor, wm_verdict_code(v),
                            wm_verdict_code(want));
                assert_int_equal(possible >> action & 1,
                                 want == WM_VERDICT_OK);

                if (want == WM_VERDICT_OK) {
                    check_commit(action, &o, c);
                    allowed++;

                } else {
                    assert_int_equal(c->nneeds + c->neffects, 0);
                }
            }
        }
    }

    assert_true(allowed > 30);
}


/* Each need, when it is not met: a verdict of its own, and nothing written. */

static void
needs(void **state)
{
    size_t           i;
    wm_order_t       o;
    wm_commit_t     *c;
    wm_order_by_t    worker = { .staff = &people[1] };

    const struct {
        wm_order_action_t  action;
        wm_order_state_t   state;
        const char        *team, *reason, *path, *wanted;
        int64_t            end_ms;
        wm_verdict_t       want;
    } cases[] = {
        { WM_ORDER_DO_DISPATCH, WM_ORDER_SUBMITTED, "", "R", "/ctr/in1/",
          "2026-11-22", 1, WM_VERDICT_INVALID },
        { WM_ORDER_DO_REASSIGN, WM_ORDER_ACCEPTED, "t1", "R", "/ctr/in1/",
          "2026-11-22", 1, WM_VERDICT_INVALID },
        { WM_ORDER_DO_DECLINE, WM_ORDER_ACCEPTED, "t2", "", "/ctr/in1/",
          "2026-11-22", 1, WM_VERDICT_INVALID },
        { WM_ORDER_DO_REJECT, WM_ORDER_SUBMITTED, "t2", "", "/ctr/in1/",
          "2026-11-22", 1, WM_VERDICT_INVALID },
        { WM_ORDER_DO_ESCALATE, WM_ORDER_SUBMITTED, "t2", "R", "/ctr/",
          "2026-11-22", 1, WM_VERDICT_NO_PARENT },
        { WM_ORDER_DO_COMPLETE, WM_ORDER_SCHEDULED, "t2", "R", "/ctr/in1/",
          "2026-11-22", UNIT_NOW + 1, WM_VERDICT_NOT_OVER },
        { WM_ORDER_DO_COMPLETE, WM_ORDER_SCHEDULED, "t2", "R", "/ctr/in1/",
          "2026-11-22", 0, WM_VERDICT_NOT_OVER },
        { WM_ORDER_DO_EXPIRE, WM_ORDER_SUBMITTED, "t2", "R", "/ctr/in1/",
          "2026-11-22,2026-11-23", 1, WM_VERDICT_NOT_PAST },
        { WM_ORDER_DO_EXPIRE, WM_ORDER_SUBMITTED, "t2", "R", "/ctr/in1/",
          "", 1, WM_VERDICT_NOT_PAST },
        { WM_ORDER_DO_EXPIRE, WM_ORDER_SUBMITTED, "t2", "R", "/ctr/in1/",
          "some day", 1, WM_VERDICT_NOT_PAST }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        wm_order_args_t  args = all_args();

        o = order_in(cases[i].state);
        o.handler_path = wm_str(cases[i].path);
        o.wanted = wm_str(cases[i].wanted);
        args.team = wm_str(cases[i].team);
        args.reason = wm_str(cases[i].reason);
        args.end_ms = cases[i].end_ms;

        c = unit_commit(WM_OP_ORDER_EXPIRE);
        assert_case(wm_order_act(c, &o, cases[i].action, &worker, &args)
                    == cases[i].want, "case %zu", i);
        assert_int_equal(c->nneeds + c->neffects, 0);
    }
}


/* A day is over at midnight of the district. */

static void
past(void **state)
{
    wm_order_t  o = { .wanted = wm_lit("2026-11-20,2026-11-23") };

    (void) state;

    assert_false(wm_order_is_past(&o, UNIT_OFFSET, OVER - 1));
    assert_true(wm_order_is_past(&o, UNIT_OFFSET, OVER));
    assert_false(wm_order_is_past(&o, 0, OVER));
}


/* The whole commit, where little is left to the pieces above. */

static void
written(void **state)
{
    wm_order_t        o = order_in(WM_ORDER_SUBMITTED);
    wm_commit_t      *c;
    wm_order_by_t     worker = { .staff = &people[0] };
    wm_order_args_t   args = all_args();

    (void) state;

    /* the institute gives it to the centre, where it is due anew */

    o.team = wm_null;
    c = unit_commit(WM_OP_ORDER_ESCALATE);
    assert_int_equal(wm_order_act(c, &o, WM_ORDER_DO_ESCALATE, &worker,
                                  &args), WM_VERDICT_OK);
    assert_string_equal(unit_commit_text(c),
        "? heq " KEY " status submitted\n"
        "? heq " KEY " log " LOG "\n"
        "! HSET " KEY " status submitted log " LOG
        ",escalate:1795395607123:tester due 1795482007123\n"
        "! HSET " KEY " handler ctr handler_path /ctr/\n"
        "! ZREM " DUE "in1 " ID "\n"
        "! ZADD " DUE "ctr 1795482007123 " ID "\n");

    /* one from before there were logs */

    o.log = wm_null;
    args.note = wm_lit("N");
    c = unit_commit(WM_OP_ORDER_DISPATCH);
    assert_int_equal(wm_order_act(c, &o, WM_ORDER_DO_DISPATCH, &worker,
                                  &args), WM_VERDICT_OK);
    assert_string_equal(unit_commit_text(c),
        "? heq " KEY " status submitted\n"
        "? heq " KEY " log \"\"\n"
        "! HSET " KEY " status dispatched log "
        "submit:5:-,dispatch:1795395607123:tester:t9 due 1795568407123\n"
        "! HSET " KEY " team t9\n"
        "! ZADD wm:{furong}:team:t9 5 " ID "\n"
        "! ZADD " DUE "ctr 1795568407123 " ID "\n"
        "! ZADD " DUE "in1 1795568407123 " ID "\n"
        "! HSET " KEY " remark N\n");
}


/* Who is in the log comes out as he went in. */

static void
logs(void **state)
{
    wm_str_t           log;
    wm_order_t         o = order_in(WM_ORDER_DISPATCHED);
    wm_commit_t       *c;
    wm_order_by_t      worker = { .staff = &people[0] };
    wm_order_args_t    args = all_args();
    wm_order_entry_t   e;

    (void) state;

    c = unit_commit(WM_OP_ORDER_ACCEPT);
    c->actor = wm_lit("staff:a,b");
    assert_int_equal(wm_order_act(c, &o, WM_ORDER_DO_ACCEPT, &worker, &args),
                     WM_VERDICT_OK);
    log = c->effects[0].args[3];

    assert_true(wm_order_log_next(&log, &e));
    assert_int_equal(e.action, WM_ORDER_DO_SUBMIT);
    assert_text(wm_order_log_by(unit_pool, e.actor), "");
    assert_text(e.team, NULL);
    assert_true(wm_order_log_next(&log, &e));
    assert_int_equal(e.action, WM_ORDER_DO_DISPATCH);
    assert_true(wm_order_log_next(&log, &e));
    assert_int_equal(e.action, WM_ORDER_DO_ACCEPT);
    assert_true(e.at_ms == UNIT_NOW);
    assert_text(wm_order_log_by(unit_pool, e.actor), "a,b");
    assert_text(e.team, "t1");
    assert_false(wm_order_log_next(&log, &e));

    assert_text(wm_order_log_by(unit_pool, wm_lit("cli/root")), "cli:root");
    assert_text(wm_order_log_by(unit_pool, wm_lit("-")), "");

    /* a step of another time, and what is none */

    log = wm_lit("rated:7:staff/li");
    assert_true(wm_order_log_next(&log, &e));
    assert_int_equal(e.action, WM_ORDER_DO_MAX);
    log = wm_lit("accept:x:staff/li");
    assert_false(wm_order_log_next(&log, &e));
    log = wm_lit("accept:1");
    assert_false(wm_order_log_next(&log, &e));
    log = wm_lit("accept:99999999999999999:a");
    assert_false(wm_order_log_next(&log, &e));
}


static void
overdue(void **state)
{
    unsigned    s;
    wm_order_t  o;

    (void) state;

    for (s = WM_ORDER_NONE; s < WM_ORDER_STATE_MAX; s++) {
        o = order_in((wm_order_state_t) s);
        assert_int_equal(wm_order_is_overdue(&o, 7),
                         s >= WM_ORDER_SUBMITTED && s <= WM_ORDER_ACCEPTED);
        assert_false(wm_order_is_overdue(&o, 6));
        o.due_ms = 0;
        assert_false(wm_order_is_overdue(&o, 7));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(every_step),
        unit_case(needs),
        unit_case(past),
        unit_case(written),
        unit_case(logs),
        unit_case(overdue)
    };

    return cmocka_run_group_tests_name("order_life", tests, NULL, NULL);
}
