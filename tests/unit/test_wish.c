/*
 * The table of a wish's life, taken at its word: every action from every
 * state by everybody.  What is allowed is written down as it should be, what
 * is not writes nothing.
 */

#include "unit.h"
#include "wm_wish.h"

#define ID      "ABCDEFGHJKMNPQRS"
#define PERSON  "SRQPNMKJHGFEDCBA"
#define KEY     "wm:{furong}:wish:" ID
#define DUE     "wm:{furong}:wishdue:"
#define WALL    "wm:{furong}:wishwall:"
#define LOG     "submit:1795395600000:device/DEV"

static const wm_staff_t  people[] = {
    { .name = wm_lit("own"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in1/") },
    { .name = wm_lit("above"), .role = WM_ROLE_ADMINISTRATOR,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("below"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in1/st1/sub/") },
    { .name = wm_lit("beside"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in2/") },
    { .name = wm_lit("reads"), .role = WM_ROLE_AUDITOR,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("reviews"), .role = WM_ROLE_REVIEWER,
      .path = wm_lit("/ctr/in1/") },
    { .name = wm_lit("holder"), .role = WM_ROLE_LEAD, .team = wm_lit("t1"),
      .path = wm_lit("/ctr/in2/") },
    { .name = wm_lit("other"), .role = WM_ROLE_LECTURER,
      .team = wm_lit("t2"), .path = wm_lit("/ctr/in2/") },
    { .name = wm_lit("far"), .role = WM_ROLE_LEAD, .team = wm_lit("t3"),
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("teamless"), .role = WM_ROLE_LEAD,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("nobody"), .role = WM_ROLE_NONE,
      .path = wm_lit("/ctr/") }
};

#define STAFF    (WM_WISH_BY(REVIEWER) | WM_WISH_BY(WORKER))
#define HOLDS    (WM_WISH_BY(HOLDER) | WM_WISH_BY(TEAM))

/*
 * Who asks, whether he may read what was written, what the table calls him
 * when the wish is public, and when it is not.
 */

static const struct {
    wm_wish_by_t   by;
    bool           reads;
    unsigned       open, closed;
} actors[] = {
    { { .device = wm_lit("DEV") }, false, WM_WISH_BY(WISHER),
      WM_WISH_BY(WISHER) },
    { { .device = wm_lit("DEW") }, false, 0, 0 },
    { { .device = wm_lit("") }, false, 0, 0 },
    { { .staff = &people[0] }, true, STAFF, STAFF },
    { { .staff = &people[1] }, true, STAFF, STAFF },
    { { .staff = &people[2] }, false, 0, 0 },
    { { .staff = &people[3] }, false, 0, 0 },
    { { .staff = &people[4] }, true, 0, 0 },
    { { .staff = &people[5] }, true, WM_WISH_BY(REVIEWER),
      WM_WISH_BY(REVIEWER) },
    { { .staff = &people[6], .team_path = wm_lit("/ctr/in1/") }, false,
      HOLDS, WM_WISH_BY(HOLDER) },
    { { .staff = &people[7], .team_path = wm_lit("/ctr/") }, false,
      WM_WISH_BY(TEAM), 0 },
    { { .staff = &people[8], .team_path = wm_lit("/ctr/in2/") }, false,
      0, 0 },
    { { .staff = &people[9], .team_path = wm_lit("") }, false, 0, 0 },
    { { .staff = &people[10], .team_path = wm_lit("/ctr/") }, false, 0, 0 }
};

static const struct {
    const char       *code;
    unsigned          from;
    wm_wish_state_t   next;
    unsigned          who;
    wm_wish_need_t    needs;
    wm_op_t           op;
} table[] = {
#define X(name, code, from, next, who, needs, op, text, told)                \
    { code, from, WM_WISH_##next, who, WM_WISH_NEED_##needs, WM_OP_##op },
    WM_WISH_ACTIONS(X)
#undef X
};

static wm_person_t       person;
static wm_course_t       course;
static wm_order_facts_t  order;


static wm_wish_t
wish_in(wm_wish_state_t state, bool shown)
{
    return (wm_wish_t) {
        .id = wm_lit(ID), .state = state, .unit = wm_lit("st1"),
        .path = wm_lit("/ctr/in1/st1/"), .person = wm_lit(PERSON),
        .device = wm_lit("DEV"), .wish = wm_lit("W"), .team = wm_lit("t1"),
        .log = wm_lit(LOG), .shown_ms = shown ? 7 : 0, .made_ms = 5,
        .due_ms = 6
    };
}


static wm_wish_args_t
all_args(void)
{
    memset(&person, 0, sizeof(person));
    memcpy(person.id, PERSON, WM_ID_LEN);
    person.known = true;
    person.cipher = WM_CIPHER_AES_256_GCM;

    course = (wm_course_t) { .id = wm_lit("c1"), .title = wm_lit("CT") };

    memset(&order, 0, sizeof(order));
    order.course = course;
    order.unit = (wm_unit_t) { .id = wm_lit("st1"),
                               .path = wm_lit("/ctr/in1/st1/") };
    order.id = wm_lit("NEWORDERNEWORDER");
    order.wanted = wm_lit("2026-12-01");
    order.head_count = 30;
    order.note = wm_lit("SECRET note");
    order.deadlines.s[WM_DEADLINE_DISPATCH] = 86400;

    return (wm_wish_args_t) {
        .person = &person, .wish = wm_lit("PW"), .text = wm_lit("PT"),
        .reason = wm_lit("SECRET reason"), .answer = wm_lit("ANS"),
        .course = &course, .realm = unit_realm, .order = &order
    };
}


static wm_verdict_t
expected(size_t action, wm_wish_state_t state, size_t actor, bool shown)
{
    unsigned  who = shown ? actors[actor].open : actors[actor].closed;

    return who == 0 && !actors[actor].reads ? WM_VERDICT_NOT_FOUND
           : (who & table[action].who) == 0 ? WM_VERDICT_FORBIDDEN
           : (table[action].from & 1u << state) == 0 ? WM_VERDICT_STATE
                                                     : WM_VERDICT_OK;
}


/* What every step writes, whichever it is. */

static void
check_commit(size_t action, const wm_wish_t *w, const wm_wish_by_t *by,
    const wm_commit_t *c)
{
    bool             hides, waits;
    wm_str_t         team;
    const char      *text;
    wm_wish_state_t  next = table[action].next;

    text = unit_commit_text(c);
    waits = next == WM_WISH_SUBMITTED || next == WM_WISH_OPEN
            || next == WM_WISH_CLAIMED;
    hides = (next == WM_WISH_REFUSED || next == WM_WISH_WITHDRAWN
             || next == WM_WISH_ORDERED) && w->shown_ms > 0;
    team = action == WM_WISH_DO_CLAIM ? by->staff->team : w->team;

    assert_false(c->failed);
    assert_has(text, wm_printf(unit_pool, "? heq " KEY " status %s\n"
                               "? heq " KEY " log " LOG "\n",
                               wm_wish_state_code(w->state)).data);
    assert_has(text, wm_printf(unit_pool, "! HSET " KEY " status %s log " LOG
                               ",%s:1795395607123:tester:%.*s due ",
                               wm_wish_state_code(next),
                               table[action].code, wm_fmt(team)).data);

    unit_contains(text, "! ZADD " DUE "ctr ", waits, __FILE__, __LINE__);
    unit_contains(text, "! ZREM " DUE "ctr " ID "\n"
                        "! ZREM " DUE "in1 " ID "\n"
                        "! ZREM " DUE "st1 " ID "\n", !waits, __FILE__,
                  __LINE__);
    unit_contains(text, "! HDEL " KEY " shown_wish shown_text shown_answer"
                        " shown\n! ZREM " WALL "ctr " ID "\n! ZREM " WALL
                        "in1 " ID "\n! ZREM " WALL "st1 " ID "\n! ZREM "
                        WALL "all " ID "\n", hides, __FILE__, __LINE__);
    unit_contains(text, "! ZREM " WALL, hides, __FILE__, __LINE__);
    unit_contains(text, "? exists wm:{furong}:person:" PERSON "\n",
                  table[action].needs != WM_WISH_NEED_NOTHING, __FILE__,
                  __LINE__);
    unit_contains(text, "! HSET " KEY " reason <",
                  table[action].needs == WM_WISH_NEED_REASON, __FILE__,
                  __LINE__);
    assert_lacks(text, "SECRET");
}


static void
every_step(void **state)
{
    size_t           action, actor, allowed;
    unsigned         s, shown, possible;
    wm_wish_t        w;
    wm_commit_t     *c;
    wm_verdict_t     v, want;
    wm_wish_args_t   args = all_args();

    (void) state;

    allowed = 0;

    for (s = 2 * WM_WISH_NONE; s < 2 * WM_WISH_STATE_MAX; s++) {
        shown = s & 1;

        for (actor = 0; actor < wm_countof(actors); actor++) {
            w = wish_in((wm_wish_state_t) (s >> 1), shown);
            possible = wm_wish_possible(&w, &actors[actor].by, &args);
            assert_int_equal(wm_wish_who(&w, &actors[actor].by),
                             shown ? actors[actor].open
                                   : actors[actor].closed);

            for (action = 0; action < wm_countof(table); action++) {
                want = expected(action, w.state, actor, shown);
                c = unit_commit(table[action].op);
                v = wm_wish_act(c, &w, (wm_wish_action_t) action,
                                &actors[actor].by, &args);

                assert_case(v == want, "%s of %s by %zu: %s, not %s",
                            table[action].code, wm_wish_state_code(w.state),
                            actor, wm_verdict_code(v),
                            wm_verdict_code(want));
                assert_int_equal(possible >> action & 1,
                                 want == WM_VERDICT_OK);

                if (want == WM_VERDICT_OK) {
                    check_commit(action, &w, &actors[actor].by, c);
                    allowed++;

                } else {
                    assert_int_equal(c->nneeds + c->neffects + c->nprivate,
                                     0);
                }
            }
        }
    }

    assert_true(allowed > 40);
}


/* Each need that is not met: said so, and nothing written. */

static void
needs(void **state)
{
    size_t           i;
    wm_wish_t        w;
    wm_commit_t     *c;
    wm_wish_args_t   args, empty = { .person = &person };
    wm_wish_by_t     worker = { .staff = &people[1] };

    static const wm_wish_action_t  acts[] = {
        WM_WISH_DO_PUBLISH, WM_WISH_DO_ANSWER, WM_WISH_DO_ORDER,
        WM_WISH_DO_REFUSE
    };

    (void) state;

    for (i = 0; i < wm_countof(acts); i++) {
        args = all_args();
        w = wish_in(WM_WISH_SUBMITTED, false);
        c = unit_commit(wm_wish_action_op(acts[i]));

        assert_int_equal(wm_wish_act(c, &w, acts[i], &worker, &empty),
                         WM_VERDICT_INVALID);
        assert_int_equal(c->nneeds + c->neffects, 0);

        /* the person and the key are gone: only putting it aside is left */

        person.known = false;
        assert_int_equal(wm_wish_act(c, &w, acts[i], &worker, &args),
                         acts[i] == WM_WISH_DO_REFUSE ? WM_VERDICT_OK
                                                      : WM_VERDICT_STATE);
        assert_lacks(unit_commit_text(c), "reason");
        assert_lacks(unit_commit_text(c), "person:");
    }
}


static void
publishing(void **state)
{
    wm_wish_t        w = wish_in(WM_WISH_SUBMITTED, false);
    wm_commit_t     *c;
    wm_wish_by_t     by = { .staff = &people[5] };
    wm_wish_args_t   args = all_args();

    (void) state;

    c = unit_commit(WM_OP_WISH_PUBLISH);
    assert_int_equal(wm_wish_act(c, &w, WM_WISH_DO_PUBLISH, &by, &args),
                     WM_VERDICT_OK);
    assert_has(unit_commit_text(c),
        "! ZADD " DUE "st1 1796000407123 " ID "\n"
        "! HSET " KEY " shown_wish PW shown_text PT shown 1795395607123\n"
        "! ZADD " WALL "ctr 1795395607123 " ID "\n"
        "! ZADD " WALL "in1 1795395607123 " ID "\n"
        "! ZADD " WALL "st1 1795395607123 " ID "\n"
        "! ZADD " WALL "all 1795395607123 " ID "\n");
}


/* Nobody is told by what all may read. */

static void
telling(void **state)
{
    size_t           i;
    wm_wish_t        w;
    wm_commit_t     *c;
    wm_wish_by_t     by = { .staff = &people[0] };
    wm_wish_args_t   args;

    static const struct {
        const char  *words;
        bool         tells;
    } cases[] = {
        { "想学手机", false }, { "", false }, { "王小示", false },
        { "找王小示例", true }, { "王小 示例", true }, { "示例王小", false },
        { "打13900001234", true }, { "139 0000-1234", true },
        { "1390000123", false }, { "139000012345", true },
        { "13913900001234", true }, { "12345", false }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        args = all_args();
        person.name = wm_lit("王小示例");
        person.phone = wm_lit("13900001234");

        assert_case(wm_wish_tells(wm_str(cases[i].words), &person)
                    == cases[i].tells, "%s", cases[i].words);

        args.text = wm_str(cases[i].words);
        w = wish_in(WM_WISH_SUBMITTED, false);
        c = unit_commit(WM_OP_WISH_PUBLISH);
        assert_int_equal(wm_wish_act(c, &w, WM_WISH_DO_PUBLISH, &by, &args),
                         cases[i].tells ? WM_VERDICT_INVALID
                                        : WM_VERDICT_OK);

        args.answer = i > 1 ? wm_str(cases[i].words) : wm_lit("好");
        w = wish_in(WM_WISH_OPEN, true);
        c = unit_commit(WM_OP_WISH_ANSWER);
        assert_int_equal(wm_wish_act(c, &w, WM_WISH_DO_ANSWER, &by, &args),
                         cases[i].tells ? WM_VERDICT_INVALID
                                        : WM_VERDICT_OK);

        w = wish_in(WM_WISH_SUBMITTED, false);
        c = unit_commit(WM_OP_WISH_ANSWER);
        assert_int_equal(wm_wish_act(c, &w, WM_WISH_DO_ANSWER, &by, &args),
                         WM_VERDICT_OK);
    }

    /* one character is no name, three digits are no number */

    person.name = wm_lit("王");
    person.phone = wm_lit("139");
    assert_false(wm_wish_tells(wm_lit("王139"), &person));
}


/* An answer is for the wisher, and for all when the wish is public. */

static void
answering(void **state)
{
    wm_wish_t        w;
    const char      *text;
    wm_commit_t     *c;
    wm_wish_by_t     by = { .staff = &people[0] };
    wm_wish_args_t   args = all_args();

    (void) state;

    w = wish_in(WM_WISH_OPEN, true);
    c = unit_commit(WM_OP_WISH_ANSWER);
    (void) wm_wish_act(c, &w, WM_WISH_DO_ANSWER, &by, &args);
    text = unit_commit_text(c);
    assert_has(text, "! HSET " KEY " answer <");
    assert_has(text, "! HSET " KEY " shown_answer ANS\n"
                     "! HSET " KEY " course c1 course_title CT\n");

    w = wish_in(WM_WISH_SUBMITTED, false);
    args.course = NULL;
    c = unit_commit(WM_OP_WISH_ANSWER);
    (void) wm_wish_act(c, &w, WM_WISH_DO_ANSWER, &by, &args);
    text = unit_commit_text(c);
    assert_has(text, "! HSET " KEY " answer <");
    assert_lacks(text, "ANS");
    assert_lacks(text, "course");
}


/* The order is one commit with the wish, its number the first effect. */

static void
ordering(void **state)
{
    wm_wish_t        w = wish_in(WM_WISH_OPEN, true);
    const char      *text;
    wm_commit_t     *c;
    wm_wish_by_t     by = { .staff = &people[0] };
    wm_wish_args_t   args = all_args();

    (void) state;

    c = unit_commit(WM_OP_WISH_ORDER);
    assert_int_equal(wm_wish_act(c, &w, WM_WISH_DO_ORDER, &by, &args),
                     WM_VERDICT_OK);
    assert_false(c->failed);
    assert_string_equal(c->effects[0].name, "HINCRBY");

    text = unit_commit_text(c);
    assert_has(text, "? absent wm:{furong}:order:NEWORDERNEWORDER\n");
    assert_has(text, "! HINCRBY wm:{furong}:numbers order:2026 1\n");
    assert_has(text, " person " PERSON " note <");
    assert_has(text, " device DEV made 1795395607123\n");
    assert_has(text, "! HSET wm:{furong}:dev:DEV o:NEWORDERNEWORDER ");
    assert_has(text, "! HINCRBY wm:{furong}:demand c1 1\n");
    assert_has(text, "! HSET " KEY " order NEWORDERNEWORDER\n");
    assert_lacks(text, "SECRET");
}


static void
claiming(void **state)
{
    wm_wish_t        w;
    wm_commit_t     *c;
    wm_wish_args_t   args = all_args();

    (void) state;

    w = wish_in(WM_WISH_OPEN, true);
    w.team = wm_lit("");
    c = unit_commit(WM_OP_WISH_CLAIM);
    assert_int_equal(wm_wish_act(c, &w, WM_WISH_DO_CLAIM, &actors[10].by,
                                 &args), WM_VERDICT_OK);
    assert_has(unit_commit_text(c), "! HSET " KEY " team t2\n");

    /* whom to ring up is for the holder alone, while it is at it */

    w = wish_in(WM_WISH_CLAIMED, true);
    assert_true(wm_wish_calls(&w, &actors[9].by));
    assert_false(wm_wish_calls(&w, &actors[10].by));
    assert_true(wm_wish_calls(&w, &actors[7].by));
    w.state = WM_WISH_DONE;
    assert_false(wm_wish_calls(&w, &actors[9].by));

    w = wish_in(WM_WISH_CLAIMED, true);
    c = unit_commit(WM_OP_WISH_RELEASE);
    assert_int_equal(wm_wish_act(c, &w, WM_WISH_DO_RELEASE, &actors[9].by,
                                 &args), WM_VERDICT_OK);
    assert_has(unit_commit_text(c), "! HSET " KEY " team \"\"\n");
}


static void
submitting(void **state)
{
    const char        *text;
    wm_commit_t       *c;
    wm_wish_facts_t    f = { .id = wm_lit(ID), .device = wm_lit("DEV") };

    (void) state;

    (void) all_args();
    f.person = person;
    f.kind = WM_WISH_KIND_HEALTH;
    f.unit = order.unit;
    f.wish = wm_lit("SECRET wish");
    f.text = wm_lit("SECRET text");

    c = unit_commit(WM_OP_WISH_SUBMIT);
    wm_wish_submit(c, unit_realm, &f);
    assert_false(c->failed);
    text = unit_commit_text(c);

    assert_has(text, "? absent " KEY "\n"
                     "? exists wm:{furong}:person:" PERSON "\n");
    assert_has(text, "! HSET " KEY " category health unit st1 path "
                     "/ctr/in1/st1/ person " PERSON " device DEV wish <");
    assert_has(text, "! HSET wm:{furong}:dev:DEV w:" ID " 1795395607123\n"
                     "! ZADD wm:{furong}:wishes:ctr 1795395607123 " ID "\n");
    assert_has(text, "! HSET " KEY " status submitted log "
                     "submit:1795395607123:tester due 1795568407123\n"
                     "! ZADD " DUE "ctr 1795568407123 " ID "\n");
    assert_lacks(text, "SECRET");
    assert_lacks(text, "wishwall");

    /* somebody new, who has nothing more to say */

    f.person.known = false;
    f.text = wm_lit("");
    c = unit_commit(WM_OP_WISH_SUBMIT);
    wm_wish_submit(c, unit_realm, &f);
    assert_false(c->failed);
    assert_true(c->nprivate > 0);
    assert_lacks(unit_commit_text(c), "exists wm:{furong}:person");
    assert_has(unit_commit_text(c), " text \"\" made ");
}


static void
records(void **state)
{
    wm_wish_t  w;

    (void) state;

    assert_true(wm_wish_load(unit_hash("status", "claimed", "category", "law",
        "unit", "st1", "path", "/ctr/st1/", "team", "t1", "due", "9",
        "shown", "8", "shown_wish", "PW", "order", "O", "course", "C", NULL),
        wm_lit(ID), &w));
    assert_int_equal(w.state, WM_WISH_CLAIMED);
    assert_int_equal(w.kind, WM_WISH_KIND_LAW);
    assert_text(w.shown_wish, "PW");
    assert_true(wm_wish_is_public(&w));
    assert_true(wm_wish_is_overdue(&w, 10));
    assert_false(wm_wish_is_overdue(&w, 9));
    w.state = WM_WISH_DONE;
    assert_false(wm_wish_is_overdue(&w, 10));

    assert_false(wm_wish_load(unit_hash("status", "gone", NULL), wm_lit(ID),
                              &w));
    assert_false(wm_wish_load(unit_hash("unit", "st1", NULL), wm_lit(ID),
                              &w));
    assert_int_equal(wm_wish_kind_find(wm_lit("")), WM_WISH_KIND_NONE);
    assert_int_equal(wm_wish_action_find(wm_lit("no")), WM_WISH_DO_MAX);
}


static void
withdrawing(void **state)
{
    bool          nothing;
    wm_wish_t     w = wish_in(WM_WISH_OPEN, true);
    wm_commit_t  *c = unit_commit(WM_OP_WISH_WITHDRAW);

    (void) state;

    assert_int_equal(wm_wish_withdraw(c, &w, wm_lit("DEW"), &nothing),
                     WM_VERDICT_NOT_FOUND);
    assert_int_equal(c->neffects, 0);
    assert_int_equal(wm_wish_withdraw(c, &w, wm_lit("DEV"), &nothing),
                     WM_VERDICT_OK);
    assert_false(nothing);
    assert_true(c->neffects > 0);

    w = wish_in(WM_WISH_WITHDRAWN, false);
    c = unit_commit(WM_OP_WISH_WITHDRAW);
    assert_int_equal(wm_wish_withdraw(c, &w, wm_lit("DEV"), &nothing),
                     WM_VERDICT_OK);
    assert_true(nothing && c->neffects == 0);
    assert_int_equal(wm_wish_withdraw(c, &w, wm_lit("DEW"), &nothing),
                     WM_VERDICT_NOT_FOUND);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(every_step), unit_case(needs), unit_case(publishing),
        unit_case(telling),
        unit_case(answering), unit_case(ordering), unit_case(claiming),
        unit_case(submitting), unit_case(records), unit_case(withdrawing)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
