#include "unit.h"
#include "wm_retain.h"
#include "wm_time.h"

#define STEPS  "submit:1000:device/A,accept:3000:staff/b,decline:2000:staff/c"


static void
times(void **state)
{
    int64_t  ms;

    (void) state;

    assert_true(wm_retain_time(wm_lit("730d"), &ms));
    assert_true(ms == 730 * WM_DAY_MS);
    assert_false(wm_retain_time(wm_lit("0d"), &ms));
    assert_false(wm_retain_time(wm_lit("d"), &ms));
    assert_false(wm_retain_time(wm_lit("730"), &ms));
    assert_false(wm_retain_time(wm_lit("24h"), &ms));
    assert_false(wm_retain_time(wm_lit("36501d"), &ms));
    assert_false(wm_retain_time(wm_lit("-1d"), &ms));
    assert_false(wm_retain_time(wm_null, &ms));
}


static void
orders(void **state)
{
    wm_order_state_t  s;
    wm_order_t        o = { .made_ms = 500, .log = wm_lit(STEPS) };

    (void) state;

    for (s = WM_ORDER_SUBMITTED; s < WM_ORDER_STATE_MAX; s++) {
        o.state = s;

        switch (s) {

        case WM_ORDER_SUBMITTED:
        case WM_ORDER_DISPATCHED:
        case WM_ORDER_ACCEPTED:
            assert_true(wm_retain_order(&o, 9000) == WM_RETAIN_OPEN);
            break;

        case WM_ORDER_SCHEDULED:
            assert_true(wm_retain_order(&o, 0) == WM_RETAIN_OPEN);
            assert_true(wm_retain_order(&o, 9000) == 9000);
            assert_true(wm_retain_order(&o, 10) == 3000);
            break;

        default:
            assert_true(wm_retain_order(&o, 9000) == 3000);
        }
    }

    o.log = wm_null;                    /* from before there were logs */
    o.state = WM_ORDER_CANCELLED;
    assert_true(wm_retain_order(&o, 0) == 500);
}


static void
wishes_and_events(void **state)
{
    wm_wish_t   w = { .made_ms = 500, .log = wm_lit(STEPS) };
    wm_event_t  e = { .start_ms = 10, .end_ms = 20 };

    (void) state;

    w.state = WM_WISH_OPEN;
    assert_true(wm_retain_wish(&w) == WM_RETAIN_OPEN);
    w.state = WM_WISH_DONE;
    assert_true(wm_retain_wish(&w) == 3000);
    w.state = WM_WISH_WITHDRAWN;
    assert_true(wm_retain_wish(&w) == 3000);

    assert_true(wm_retain_event(&e) == 20);
    e.end_ms = 0;
    assert_true(wm_retain_event(&e) == 10);
}


static void
over(void **state)
{
    (void) state;

    assert_true(wm_retain_over(1000, 500, 1500));
    assert_false(wm_retain_over(1000, 500, 1499));
    assert_false(wm_retain_over(1000, 0, INT64_MAX));
    assert_false(wm_retain_over(WM_RETAIN_OPEN, 1, INT64_MAX));
    assert_false(wm_retain_over(2000, 500, 1500));      /* in the future */
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(times),
        unit_case(orders),
        unit_case(wishes_and_events),
        unit_case(over)
    };

    return cmocka_run_group_tests_name("retain", tests, NULL, NULL);
}
