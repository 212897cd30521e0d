/*
 * The table of a course's life, taken at its word: each action, from each
 * state, by everybody.
 */

#include "unit.h"
#include "wm_course.h"

#define ID     "C1"
#define SHOWN  "{\"title\":\"old\",\"provider\":\"p\",\"unit\":\"in1\","      \
               "\"version\":3,\"changed\":7,\"by\":\"z\"}"
#define GONE   "{\"title\":\"old\",\"unit\":\"in1\",\"version\":4,"           \
               "\"withdrawn\":9,\"reason\":\"r\"}"
#define WORDS  "{\"title\":\"new\",\"unit\":\"in1\",\"version\":4,"           \
               "\"authors\":\"ann bob\",\"by\":\"bob\",\"status\":"
#define DRAFT  WORDS "\"draft\"}"
#define REVIEW WORDS "\"review\"}"

#define IS(name)  (1u << WM_COURSE_DO_##name)

static const wm_staff_t  people[] = {
    { .name = wm_lit("ann"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in1/") },
    { .name = wm_lit("eve"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in1/") },
    { .name = wm_lit("rev"), .role = WM_ROLE_REVIEWER,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("aud"), .role = WM_ROLE_AUDITOR,
      .path = wm_lit("/ctr/") },
    { .name = wm_lit("far"), .role = WM_ROLE_WORKER,
      .path = wm_lit("/ctr/in2/") }
};

static const struct {
    const char          *name;
    wm_str_t             shown, draft;
    wm_course_state_t    state;
    unsigned             possible[5];   /* by people */
} cases[] = {
    { "new draft", { 0, NULL }, wm_lit(DRAFT), WM_COURSE_DRAFT,
      { IS(CHANGE) | IS(SUBMIT) | IS(DROP),
        IS(CHANGE) | IS(SUBMIT) | IS(DROP), 0, 0, 0 } },
    { "new in review", { 0, NULL }, wm_lit(REVIEW), WM_COURSE_REVIEW,
      { IS(RECALL) | IS(RETURN), IS(RECALL) | IS(RETURN) | IS(PUBLISH),
        IS(RETURN) | IS(PUBLISH), 0, 0 } },
    { "public", wm_lit(SHOWN), { 0, NULL }, WM_COURSE_PUBLISHED,
      { IS(CHANGE) | IS(WITHDRAW), IS(CHANGE) | IS(WITHDRAW), IS(WITHDRAW),
        0, 0 } },
    { "public with a draft", wm_lit(SHOWN), wm_lit(DRAFT), WM_COURSE_DRAFT,
      { IS(CHANGE) | IS(SUBMIT) | IS(DROP) | IS(WITHDRAW),
        IS(CHANGE) | IS(SUBMIT) | IS(DROP) | IS(WITHDRAW), IS(WITHDRAW), 0,
        0 } },
    { "withdrawn", wm_lit(GONE), { 0, NULL }, WM_COURSE_WITHDRAWN,
      { IS(CHANGE), IS(CHANGE), 0, 0, 0 } },
    { "withdrawn, in review", wm_lit(GONE), wm_lit(REVIEW), WM_COURSE_REVIEW,
      { IS(RECALL) | IS(RETURN), IS(RECALL) | IS(RETURN) | IS(PUBLISH),
        IS(RETURN) | IS(PUBLISH), 0, 0 } }
};

static wm_reply_t  unit_words[] = {
    { .type = WM_REPLY_STR, .str = wm_lit("in1") },
    { .type = WM_REPLY_STR, .str = wm_lit(
          "{\"name\":\"i\",\"path\":\"/ctr/in1/\"}") }
};

static const wm_reply_t  units = {
    .type = WM_REPLY_LIST, .n = 2, .items = unit_words
};


static void
life(void **state)
{
    size_t         i, j;
    unsigned       k;
    wm_commit_t   *c;
    wm_edited_t    e;
    wm_verdict_t   v;

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_true(wm_edited_load(unit_pool, wm_lit(ID), cases[i].shown,
                                   cases[i].draft, &units, &e));
        assert_case(e.state == cases[i].state, "%s", cases[i].name);

        for (j = 0; j < wm_countof(people); j++) {
            assert_case(wm_course_possible(&e, &people[j])
                        == cases[i].possible[j], "%s, %.*s: %x",
                        cases[i].name, wm_fmt(people[j].name),
                        wm_course_possible(&e, &people[j]));

            for (k = WM_COURSE_DO_SUBMIT; k < WM_COURSE_DO_MAX; k++) {
                c = unit_commit(wm_course_action_op((wm_course_action_t) k));
                v = wm_course_act(c, &e, (wm_course_action_t) k, &people[j],
                                  wm_lit("why"));
                assert_case((v == WM_VERDICT_OK)
                            == (cases[i].possible[j] >> k & 1),
                            "%s, %.*s, %s", cases[i].name,
                            wm_fmt(people[j].name), wm_course_action_code(
                                (wm_course_action_t) k));
                assert_int_equal(c->neffects > 0, v == WM_VERDICT_OK);
            }
        }
    }
}


static void
own(void **state)
{
    wm_edited_t    e;
    wm_commit_t   *c = unit_commit(WM_OP_COURSE_PUBLISH);

    (void) state;

    assert_true(wm_edited_load(unit_pool, wm_lit(ID), wm_null,
                               wm_lit(REVIEW), &units, &e));
    assert_int_equal(wm_course_act(c, &e, WM_COURSE_DO_PUBLISH, &people[0],
                                   wm_null), WM_VERDICT_OWN_COURSE);
    assert_int_equal(wm_course_act(c, &e, WM_COURSE_DO_RETURN, &people[1],
                                   wm_null), WM_VERDICT_INVALID);
    assert_int_equal(c->neffects, 0);
}


static void
written(void **state)
{
    wm_edited_t   e, after;
    wm_commit_t  *c;

    (void) state;

    assert_true(wm_edited_load(unit_pool, wm_lit(ID), wm_lit(SHOWN),
                               wm_lit(REVIEW), &units, &e));
    assert_text(e.course.title, "new");
    assert_text(e.shown.title, "old");

    c = unit_commit(WM_OP_COURSE_PUBLISH);
    assert_int_equal(wm_course_act(c, &e, WM_COURSE_DO_PUBLISH, &people[1],
                                   wm_null), WM_VERDICT_OK);
    assert_int_equal(c->nneeds, 2);
    assert_int_equal(c->neffects, 2);

    assert_true(wm_edited_load(unit_pool, wm_lit(ID), c->effects[0].args[1],
                               wm_null, &units, &after));
    assert_int_equal(after.state, WM_COURSE_PUBLISHED);
    assert_int_equal(after.version, 5);
    assert_text(after.by, "eve");
    assert_text(after.course.title, "new");

    /* another author is added once */

    assert_true(wm_edited_load(unit_pool, wm_lit(ID), wm_null,
                               wm_lit(DRAFT), &units, &e));
    c = unit_commit(WM_OP_COURSE_CHANGE);
    assert_int_equal(wm_course_change(c, &e, &people[1], &e.course, false),
                     WM_VERDICT_OK);
    assert_true(wm_edited_load(unit_pool, wm_lit(ID), wm_null,
                               c->effects[0].args[1], &units, &after));
    assert_text(after.authors, "ann bob eve");
    c = unit_commit(WM_OP_COURSE_CHANGE);
    assert_int_equal(wm_course_change(c, &after, &people[0], &e.course,
                                      true), WM_VERDICT_OK);
    assert_true(wm_edited_load(unit_pool, wm_lit(ID), wm_null,
                               c->effects[0].args[1], &units, &e));
    assert_text(e.authors, "ann bob eve");
    assert_int_equal(e.state, WM_COURSE_REVIEW);
}


/* What has no unit, or one that is gone, is the district's. */

static void
district(void **state)
{
    wm_edited_t  e;

    const wm_staff_t  top = { .name = wm_lit("top"),
                              .role = WM_ROLE_WORKER,
                              .path = wm_lit("/ctr/") };

    (void) state;

    assert_true(wm_edited_load(unit_pool, wm_lit(ID),
                               wm_lit("{\"title\":\"x\"}"), wm_null, &units,
                               &e));
    assert_true(wm_edited_covers(&top, &e));
    assert_false(wm_edited_covers(&people[0], &e));
    assert_int_equal(e.changed_ms, 0);

    assert_false(wm_edited_load(unit_pool, wm_lit(ID), wm_null, wm_null,
                                &units, &e));
    assert_false(wm_edited_load(unit_pool, wm_lit(ID), wm_lit("{"),
                                wm_lit("{}"), &units, &e));
}


static void
words(void **state)
{
    (void) state;

    assert_int_equal(wm_course_state_find(wm_lit("review")),
                     WM_COURSE_REVIEW);
    assert_int_equal(wm_course_state_find(wm_lit("")), WM_COURSE_NONE);
    assert_string_equal(wm_course_state_text(WM_COURSE_WITHDRAWN), "已下架");
    assert_int_equal(wm_course_action_find(wm_lit("drop")),
                     WM_COURSE_DO_DROP);
    assert_int_equal(wm_course_action_find(wm_lit("x")), WM_COURSE_DO_MAX);
    assert_true(wm_course_action_reason(WM_COURSE_DO_RETURN));
    assert_string_equal(wm_course_action_text(WM_COURSE_DO_SUBMIT), "送审");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(life),
        unit_case(own),
        unit_case(written),
        unit_case(district),
        unit_case(words)
    };

    return cmocka_run_group_tests_name("course", tests, NULL, NULL);
}
