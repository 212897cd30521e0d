#include "unit.h"
#include "wm_correct.h"

#define PERSON  "ABCDEFGH23456789"
#define THERE   "1795395000000:0:h-:one"
#define GONE    "1795395000000:1795402000000:hh:one"
#define ASKED   "remove:1795403000000:one:/furong/st1/:why: so"


static wm_correct_facts_t
facts_of(const char *record, const char *asked, const char *by)
{
    wm_correct_facts_t  f = {
        .event = wm_lit("7"), .path = wm_lit("/furong/st1/"),
        .person = wm_lit(PERSON), .by = wm_str(by)
    };

    f.record = record != NULL ? wm_str(record) : wm_null;
    f.asked = asked != NULL ? wm_str(asked) : wm_null;
    f.asked_of = asked != NULL ? wm_lit(THERE) : wm_null;

    return f;
}


static void
loaded(void **state)
{
    size_t         i;
    wm_correct_t   fix;

    static const char *const  bad[] = {
        "", "remove", "remove:1", "remove:1:one", "remove:x:one:/a/:r",
        "erase:1:one:/a/:r", "remove:1::/a/:r", ":1:one:/a/:r"
    };

    (void) state;

    assert_true(wm_correct_load(wm_lit(ASKED), &fix));
    assert_int_equal(fix.what, WM_CORRECT_REMOVE);
    assert_text(fix.by, "one");
    assert_text(fix.path, "/furong/st1/");
    assert_text(fix.reason, "why: so");

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_correct_load(wm_str(bad[i]), &fix), "took %s",
                    bad[i]);
    }

    assert_false(wm_correct_load(wm_null, &fix));
}


static void
asked(void **state)
{
    size_t               i;
    wm_commit_t         *c;
    wm_correct_facts_t   f;

    static const struct {
        const char          *record;
        const char          *asked;
        wm_correct_what_t    what;
        const char          *reason;
        wm_verdict_t         verdict;
    } cases[] = {
        { THERE, NULL, WM_CORRECT_REMOVE, "why", WM_VERDICT_CREATED },
        { GONE, NULL, WM_CORRECT_REOPEN, "why", WM_VERDICT_CREATED },
        { THERE, NULL, WM_CORRECT_REOPEN, "why", WM_VERDICT_STATE },
        { THERE, ASKED, WM_CORRECT_REMOVE, "why", WM_VERDICT_STATE },
        { THERE, NULL, WM_CORRECT_REMOVE, "", WM_VERDICT_INVALID },
        { THERE, NULL, WM_CORRECT_NONE, "why", WM_VERDICT_INVALID },
        { NULL, NULL, WM_CORRECT_REMOVE, "why", WM_VERDICT_NOT_FOUND }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        c = unit_commit(WM_OP_CORRECT_ASK);
        f = facts_of(cases[i].record, cases[i].asked, "one");

        assert_case(wm_correct_ask(c, &f, cases[i].what,
                                   wm_str(cases[i].reason))
                    == cases[i].verdict, "case %zu", i);
        assert_case((c->neffects > 0)
                    == (cases[i].verdict == WM_VERDICT_CREATED),
                    "case %zu writes", i);
        assert_case(c->nneeds == (c->neffects > 0 ? 2 : 0),
                    "case %zu holds", i);
    }
}


static void
confirmed(void **state)
{
    wm_commit_t         *c;
    wm_correct_facts_t   f;

    (void) state;

    c = unit_commit(WM_OP_CORRECT);
    f = facts_of(THERE, ASKED, "one");
    assert_int_equal(wm_correct_confirm(c, &f), WM_VERDICT_SECOND);
    f = facts_of(THERE, NULL, "two");
    assert_int_equal(wm_correct_confirm(c, &f), WM_VERDICT_NOT_FOUND);
    f = facts_of(GONE, ASKED, "two");
    assert_int_equal(wm_correct_confirm(c, &f), WM_VERDICT_CONFLICT);
    f = facts_of(NULL, ASKED, "two");
    assert_int_equal(wm_correct_confirm(c, &f), WM_VERDICT_CONFLICT);
    assert_int_equal(c->neffects, 0);

    f = facts_of(THERE, ASKED, "two");
    assert_int_equal(wm_correct_confirm(c, &f), WM_VERDICT_OK);
    assert_int_equal(c->nneeds, 2);

    /* the record, what was asked, and the queues of two units */

    assert_int_equal(c->neffects, 4);

    c = unit_commit(WM_OP_CORRECT_DROP);
    f = facts_of(GONE, ASKED, "one");
    assert_int_equal(wm_correct_drop(c, &f), WM_VERDICT_OK);
    assert_int_equal(c->neffects, 3);
    f = facts_of(GONE, NULL, "one");
    assert_int_equal(wm_correct_drop(c, &f), WM_VERDICT_NOT_FOUND);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(loaded),
        unit_case(asked),
        unit_case(confirmed)
    };

    return cmocka_run_group_tests_name("correct", tests, NULL, NULL);
}
