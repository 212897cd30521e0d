#include "unit.h"
#include "wm_demand.h"

static wm_order_t
order_of(const char *id, const char *course, const char *unit, int64_t heads,
    int64_t made)
{
    return (wm_order_t) { .id = wm_str(id), .state = WM_ORDER_SUBMITTED,
                          .course = wm_str(course), .unit = wm_str(unit),
                          .head_count = heads, .made_ms = made };
}


/* "course unit orders heads: ids;" of each group. */

static const char *
gathered(const wm_order_t *orders, size_t n)
{
    size_t        i, j, ngroups;
    wm_buf_t      b;
    wm_demand_t  *groups;

    assert_true(wm_demand_gather(unit_pool, orders, n, &groups, &ngroups));
    wm_buf_init(&b, unit_pool, 256);

    for (i = 0; i < ngroups; i++) {
        wm_putf(&b, "%.*s %.*s %zu %lld:", wm_fmt(groups[i].course),
                wm_fmt(groups[i].unit), groups[i].norders,
                (long long) groups[i].heads);

        for (j = 0; j < groups[i].norders; j++) {
            wm_putf(&b, " %.*s", wm_fmt(groups[i].orders[j]->id));
        }

        wm_putf(&b, ";");
    }

    return wm_printf(unit_pool, "%.*s", wm_fmt(wm_buf_str(&b))).data;
}


static void
gather(void **state)
{
    wm_order_t  orders[] = {
        order_of("A", "law", "st2", 5, 9), order_of("B", "law", "st1", 7, 8),
        order_of("C", "law", "st1", 2, 3), order_of("D", "la", "st1", 1, 1),
        order_of("E", "law", "st1", 4, 8), order_of("F", "law", "st", 1, 1),
        order_of("G", "law", "st1", 90, 1), order_of("H", "law", "st1", 90, 1)
    };

    (void) state;

    /* who was dispatched, or is planned already, is not asking any more */

    orders[6].state = WM_ORDER_DISPATCHED;
    orders[7].state = WM_ORDER_SCHEDULED;
    orders[4].state = WM_ORDER_ACCEPTED;

    assert_string_equal(gathered(orders, wm_countof(orders)),
                        "law st1 3 13: C B E;la st1 1 1: D;"
                        "law st 1 1: F;law st2 1 5: A;");
    assert_string_equal(gathered(orders, 0), "");
}


static void
enough(void **state)
{
    wm_demand_t  group = { .norders = 4 };
    wm_course_t  course = { .opens_at = 0 };

    (void) state;

    assert_true(wm_demand_is_enough(&group, &course));
    course.opens_at = 4;
    assert_true(wm_demand_is_enough(&group, &course));
    course.opens_at = 5;
    assert_false(wm_demand_is_enough(&group, &course));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(gather),
        unit_case(enough)
    };

    return cmocka_run_group_tests_name("demand", tests, NULL, NULL);
}
