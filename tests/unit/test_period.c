#include "unit.h"

#include "wm_period.h"
#include "wm_time.h"

#define WM_CHINA  480


static int64_t
day(const char *text)
{
    int64_t  ms;

    assert_true(wm_time_parse_day(wm_str(text), WM_CHINA, &ms));

    return ms;
}


static void
is(const char *text, const char *from, const char *to)
{
    wm_period_t  p;

    if (!wm_period_parse(wm_str(text), WM_CHINA, &p)) {
        fail_msg("%s is no period", text);
    }

    assert_true(p.from_ms == (from != NULL ? day(from) : INT64_MIN));
    assert_true(p.to_ms == (to != NULL ? day(to) : INT64_MAX));
}


static void
test_period_of_each_kind(void **state)
{
    (void) state;

    is("2026", "2026-01-01", "2027-01-01");
    is("2026-Q1", "2026-01-01", "2026-04-01");
    is("2026-Q4", "2026-10-01", "2027-01-01");
    is("2026-02", "2026-02-01", "2026-03-01");
    is("2026-12", "2026-12-01", "2027-01-01");
    is("2028-02-29", "2028-02-29", "2028-03-01");
}


static void
test_period_between(void **state)
{
    (void) state;

    is("2026-Q1..2026-Q3", "2026-01-01", "2026-10-01");
    is("2026-03-05..2026-03-05", "2026-03-05", "2026-03-06");
    is("2025..", "2025-01-01", NULL);
    is("..2025-06", NULL, "2025-07-01");
}


static void
test_period_is_none(void **state)
{
    size_t       i;
    wm_period_t  p;

    static const char *const  none[] = {
        "", "26", "2026-Q0", "2026-Q5", "2026-13", "2026-00", "2026/12",
        "2026-02-30", "..", "2026..2025", "2026-Q4x", "x", "2026..x",
        "x..2026", "202a", "2026-1", "1969"
    };

    (void) state;

    for (i = 0; i < wm_countof(none); i++) {
        if (wm_period_parse(wm_str(none[i]), WM_CHINA, &p)) {
            fail_msg("\"%s\" was taken for a period", none[i]);
        }
    }

    assert_true(wm_period_parse(wm_lit("9999"), WM_CHINA, &p));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_period_of_each_kind),
        cmocka_unit_test(test_period_between),
        cmocka_unit_test(test_period_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
