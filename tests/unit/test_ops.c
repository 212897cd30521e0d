#include "unit.h"
#include "wm_ops.h"
#include "wm_verdict.h"


/* Verbs stand in journals: no two alike, and none of these may change. */

static void
verbs(void **state)
{
    size_t    j;
    unsigned  i;

    static const struct {
        wm_op_t      op;
        const char  *verb;
    } kept[] = {
        { WM_OP_ORDER_SUBMIT, "order.submit" },
        { WM_OP_ORDER_CANCEL, "order.cancel" },
        { WM_OP_ORDER_DISPATCH, "order.dispatch" },
        { WM_OP_ORDER_ACCEPT, "order.accept" },
        { WM_OP_ORDER_DECLINE, "order.decline" },
        { WM_OP_ORDER_REASSIGN, "order.reassign" },
        { WM_OP_ORDER_ESCALATE, "order.escalate" },
        { WM_OP_ORDER_REJECT, "order.reject" },
        { WM_OP_ORDER_COMPLETE, "order.complete" },
        { WM_OP_ORDER_EXPIRE, "order.expire" },
        { WM_OP_EVENT_COMPLETE, "event.complete" },
        { WM_OP_SCREENS_CLOSE, "event.screens_close" },
        { WM_OP_POSTER_MAKE, "event.poster" },
        { WM_OP_POSTER_END, "event.poster_end" },
        { WM_OP_EVENT_CREATE, "event.create" },
        { WM_OP_EVENT_CHANGE, "event.change" },
        { WM_OP_EVENT_PUBLISH, "event.publish" },
        { WM_OP_EVENT_CANCEL, "event.cancel" },
        { WM_OP_CHECK_IN, "attend.in" },
        { WM_OP_CHECK_OUT, "attend.out" },
        { WM_OP_CHECK_BY_HAND, "attend.hand" },
        { WM_OP_CHECK_BY_CARD, "attend.card" },
        { WM_OP_RATE_GIVE, "rate.give" },
        { WM_OP_RATE_SHOW, "rate.show" },
        { WM_OP_RATE_HIDE, "rate.hide" },
        { WM_OP_NOTIFY_QUEUE, "notify.queue" },
        { WM_OP_NOTIFY_SENT, "notify.sent" },
        { WM_OP_NOTIFY_DROP, "notify.drop" },
        { WM_OP_NOTIFY_FAIL, "notify.fail" },
        { WM_OP_NOTIFY_RETRY, "notify.retry" },
        { WM_OP_STAFF_SIGN_IN, "staff.sign_in" },
        { WM_OP_STAFF_SIGN_OUT, "staff.sign_out" },
        { WM_OP_STAFF_ADD, "staff.add" },
        { WM_OP_STAFF_DISABLE, "staff.disable" },
        { WM_OP_STAFF_ENABLE, "staff.enable" },
        { WM_OP_STAFF_PASSWORD, "staff.password" },
        { WM_OP_IMPORT, "import" }
    };

    (void) state;

    for (j = 0; j < wm_countof(kept); j++) {
        assert_string_equal(wm_op_verb(kept[j].op), kept[j].verb);
    }

    for (i = 0; i < WM_OP_MAX; i++) {
        assert_int_equal(strcspn(wm_op_verb((wm_op_t) i), " \t\n"),
                         strlen(wm_op_verb((wm_op_t) i)));

        for (j = 0; j < i; j++) {
            assert_string_not_equal(wm_op_verb((wm_op_t) i),
                                    wm_op_verb((wm_op_t) j));
        }
    }
}


static void
roles(void **state)
{
    size_t  i;

    static const struct {
        wm_role_t  role;
        bool       read, schedule, attend, orders, dispatch, accept, review;
    } may[] = {
        { WM_ROLE_NONE, false, false, false, false, false, false, false },
        { WM_ROLE_WORKER, true, true, true, true, true, false, true },
        { WM_ROLE_AUDITOR, true, false, false, true, false, false, false },
        { WM_ROLE_ADMINISTRATOR, true, true, true, true, true, false, true },
        { WM_ROLE_LEAD, false, false, false, true, false, true, false },
        { WM_ROLE_LECTURER, false, false, false, true, false, true, false },
        { WM_ROLE_REVIEWER, true, false, false, true, false, false, true }
    };

    (void) state;

    for (i = 0; i < wm_countof(may); i++) {
        assert_true(wm_role_may(may[i].role, WM_CAP_NONE));
        assert_int_equal(wm_role_may(may[i].role, WM_CAP_READ), may[i].read);
        assert_int_equal(wm_role_may(may[i].role, WM_CAP_SCHEDULE),
                         may[i].schedule);
        assert_int_equal(wm_role_may(may[i].role, WM_CAP_ATTEND),
                         may[i].attend);
        assert_int_equal(wm_role_may(may[i].role, WM_CAP_ORDERS),
                         may[i].orders);
        assert_int_equal(wm_role_may(may[i].role, WM_CAP_DISPATCH),
                         may[i].dispatch);
        assert_int_equal(wm_role_may(may[i].role, WM_CAP_ACCEPT),
                         may[i].accept);
        assert_int_equal(wm_role_may(may[i].role, WM_CAP_REVIEW),
                         may[i].review);
        assert_int_equal(wm_role_find(wm_str(wm_role_code(may[i].role))),
                         may[i].role);
    }

    assert_int_equal(wm_role_find(wm_lit("Worker")), WM_ROLE_NONE);
    assert_int_equal(wm_role_find(wm_null), WM_ROLE_NONE);
    assert_string_equal(wm_role_text(WM_ROLE_AUDITOR), "审计员");
}


static void
scopes(void **state)
{
    size_t  i;

    static const struct {
        const char  *scope;
        const char  *unit;
        bool         covers;
    } cases[] = {
        { "/a/b/", "/a/b/", true },
        { "/a/b/", "/a/b/c/", true },
        { "/a/", "/a/b/c/", true },
        { "/a/b/", "/a/bc/", false },
        { "/a/b/", "/a/", false },
        { "/a/b/", "/a/c/", false },
        { "/a/b/", "/x/a/b/", false },
        { "/a/b/", "", false },
        { "/a/b/", NULL, false },
        { "/", "/a/", false },
        { "", "/a/", false },
        { NULL, "/a/", false },
        { NULL, NULL, false },

        /* a damaged scope covers nothing beside itself */

        { "/a/b", "/a/bc/", false },
        { "/a/b", "/a/b/", false }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_case(wm_scope_covers(wm_str(cases[i].scope),
                                    wm_str(cases[i].unit))
                    == cases[i].covers, "case %zu", i);
    }
}


#define X(name, code, status, text, next)  WM_VERDICT_##name,
static const wm_verdict_t  verdicts[] = { WM_VERDICTS(X) };
#undef X


static void
answers(void **state)
{
    size_t    i, j;
    unsigned  status;

    (void) state;

    for (i = 0; i < wm_countof(verdicts); i++) {
        status = wm_verdict_status(verdicts[i]);
        assert_true(status >= 200 && status < 600);
        assert_int_equal(strspn(wm_verdict_code(verdicts[i]),
                                "abcdefghijklmnopqrstuvwxyz_"),
                         strlen(wm_verdict_code(verdicts[i])));
        assert_true(strlen(wm_verdict_text(verdicts[i])) > 0
                    || status < 300);
        assert_non_null(wm_verdict_next(verdicts[i]));

        for (j = 0; j < i; j++) {
            assert_string_not_equal(wm_verdict_code(verdicts[i]),
                                    wm_verdict_code(verdicts[j]));
        }
    }

    assert_int_equal(wm_verdict_status(WM_VERDICT_INVALID), 422);
    assert_string_equal(wm_verdict_code(WM_VERDICT_INVALID), "invalid");
}


/* What is shared grows old with what changes it, and with nothing else. */

static void
old(void **state)
{
    wm_shared_t  kind;

    (void) state;

    for (kind = WM_SHARED_NOTHING + 1; kind < WM_SHARED_ALL; kind++) {
        assert_false(wm_shared_is_old(kind, WM_SHARED_NOTHING));
        assert_true(wm_shared_is_old(kind, WM_SHARED_ALL));
        assert_true(wm_shared_is_old(kind, kind));
        assert_false(wm_shared_is_old(WM_SHARED_NOTHING, kind));
    }

    assert_true(wm_shared_is_old(WM_SHARED_PLACES, WM_SHARED_EVENTS));
    assert_false(wm_shared_is_old(WM_SHARED_EVENTS, WM_SHARED_PLACES));
    assert_false(wm_shared_is_old(WM_SHARED_MENU, WM_SHARED_EVENTS));
    assert_false(wm_shared_is_old(WM_SHARED_WISHES, WM_SHARED_MENU));

    assert_true(wm_shared_is_old(WM_SHARED_HOME, WM_SHARED_MENU));
    assert_true(wm_shared_is_old(WM_SHARED_HOME, WM_SHARED_EVENTS));
    assert_true(wm_shared_is_old(WM_SHARED_HOME, WM_SHARED_WISHES));
    assert_false(wm_shared_is_old(WM_SHARED_HOME, WM_SHARED_PLACES));
    assert_false(wm_shared_is_old(WM_SHARED_MENU, WM_SHARED_HOME));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(verbs),
        unit_case(roles),
        unit_case(scopes),
        unit_case(answers),
        unit_case(old)
    };

    return cmocka_run_group_tests_name("ops", tests, NULL, NULL);
}
