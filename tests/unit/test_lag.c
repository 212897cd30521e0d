#include "unit.h"
#include "wm_lag.h"


static void
picking(void **state)
{
    wm_lag_t    lag;
    wm_reply_t  none = { .type = WM_REPLY_LIST };

    (void) state;

    assert_true(wm_lag_least(unit_hash("A", "7 900 800-0", "B",
                                       "5 950 600-3", NULL), &lag));
    assert_int_equal(lag.number, 5);
    assert_int_equal(lag.at_ms, 950);
    assert_int_equal(lag.entry_ms, 600);
    assert_true(wm_lag_most(unit_hash("A", "7 900 800-0", "B",
                                      "5 950 600-3", NULL), &lag));
    assert_int_equal(lag.number, 7);

    assert_false(wm_lag_most(&none, &lag));
    assert_false(wm_lag_most(unit_hash("A", "7 900", NULL), &lag));
    assert_false(wm_lag_most(unit_hash("A", "x 900 8-0", NULL), &lag));
    assert_false(wm_lag_least(unit_hash("A", "7 900 8-0", "B", "damaged",
                                        NULL), &lag));
}


static void
until(void **state)
{
    wm_lag_t  lag = { 7, 900, 800 };

    (void) state;

    assert_int_equal(wm_lag_until(&lag, wm_lit("7 abc"), 850), 900);
    assert_int_equal(wm_lag_until(&lag, wm_lit("8 abc"), 700), 800);
    assert_int_equal(wm_lag_until(&lag, wm_lit("8 abc"), 800), 0);
    assert_int_equal(wm_lag_until(&lag, wm_lit("8 abc"), 850), 0);
    assert_int_equal(wm_lag_until(&lag, wm_null, 700), 800);
    assert_int_equal(wm_lag_until(&lag, wm_lit("restoring"), 850), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(picking),
        unit_case(until)
    };

    return cmocka_run_group_tests_name("lag", tests, NULL, NULL);
}
