#include "unit.h"
#include "wm_limits.h"

#define NOW    INT64_C(1000)
#define SOON   INT64_C(1800)            /* ends of windows */
#define LATER  INT64_C(3600)

static wm_limits_t  limits;
static uint64_t     serial;


static int
empty(void **state)
{
    (void) state;

    memset(&limits, 0, sizeof(limits));
    serial = 0;

    return 0;
}


/* A subject like a hash, another one each time. */

static uint64_t
another(void)
{
    uint64_t  z;

    z = (serial += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);

    return (z ^ (z >> 31)) | 1;
}


/* The i-th of those that have the same places. */

static uint64_t
crowded(unsigned i)
{
    return 5 + (uint64_t) (i + 1) * WM_LIMITS_PLACES;
}


static size_t
taken(void)
{
    size_t  i, n;

    for (i = 0, n = 0; i < WM_LIMITS_PLACES; i++) {
        n += limits.places[i].subject != 0;
    }

    return n;
}


static void
counted(void **state)
{
    (void) state;

    wm_limits_add(&limits, 7, NOW, SOON, 1);
    wm_limits_add(&limits, 7, NOW, SOON, 2);
    wm_limits_add(&limits, 8, NOW, SOON, 1);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), 3);
    assert_int_equal(wm_limits_look(&limits, 8, SOON), 1);
    assert_int_equal(wm_limits_look(&limits, 9, SOON), 0);

    wm_limits_add(&limits, 7, NOW, SOON, -1);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), 2);
    wm_limits_add(&limits, 7, NOW, SOON, -5);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), 0);

    wm_limits_add(&limits, 8, SOON, LATER, 4);
    assert_int_equal(wm_limits_look(&limits, 8, LATER), 4);
    assert_int_equal(wm_limits_look(&limits, 8, SOON), 0);
    assert_int_equal(taken(), 2);
}


/* Nor does giving back, once there is nothing to give back to. */

static void
looking_takes_nothing(void **state)
{
    unsigned  i;
    uint64_t  subject;

    (void) state;

    for (i = 0; i < 20000; i++) {
        subject = another();
        assert_int_equal(wm_limits_look(&limits, subject, SOON), 0);
        wm_limits_add(&limits, subject, NOW, SOON, -1);
        wm_limits_add(&limits, subject, NOW, SOON, 0);
    }

    assert_int_equal(taken(), 0);

    wm_limits_add(&limits, 7, NOW, SOON, 1);
    wm_limits_add(&limits, 7, SOON, LATER, -1);
    assert_int_equal(wm_limits_look(&limits, 7, LATER), 0);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), 1);
}


/* Whatever window the others have. */

static void
flooded(void **state)
{
    unsigned  i;
    uint64_t  mine[100];

    (void) state;

    for (i = 0; i < wm_countof(mine); i++) {
        mine[i] = another();
        wm_limits_add(&limits, mine[i], NOW, i % 2 == 0 ? SOON : LATER, 2);
    }

    for (i = 0; i < 800000; i++) {
        wm_limits_add(&limits, another(), NOW, i % 3 == 0 ? SOON : LATER, 1);
    }

    assert_in_range(taken(), WM_LIMITS_PLACES * 99 / 100, WM_LIMITS_PLACES);

    for (i = 0; i < wm_countof(mine); i++) {
        assert_int_equal(wm_limits_look(&limits, mine[i],
                                        i % 2 == 0 ? SOON : LATER), 2);
    }
}


static void
who_goes(void **state)
{
    unsigned  i;

    (void) state;

    for (i = 0; i < WM_LIMITS_NEAR; i++) {
        wm_limits_add(&limits, crowded(i), NOW, i == 3 ? SOON : LATER, 9);
    }

    /* all live and alike: the window that ends first */

    wm_limits_add(&limits, crowded(10), NOW, LATER, 1);
    assert_int_equal(wm_limits_look(&limits, crowded(3), SOON), 0);
    assert_int_equal(wm_limits_look(&limits, crowded(10), LATER), 1);

    /* the smallest count, though its window ends last */

    wm_limits_add(&limits, crowded(11), NOW, SOON, 5);
    assert_int_equal(wm_limits_look(&limits, crowded(10), LATER), 0);
    assert_int_equal(wm_limits_look(&limits, crowded(11), SOON), 5);

    /* over, though its count is the largest */

    wm_limits_add(&limits, crowded(11), NOW, SOON, 90);
    wm_limits_add(&limits, crowded(12), SOON, LATER, 1);
    assert_int_equal(wm_limits_look(&limits, crowded(11), SOON), 0);
    assert_int_equal(wm_limits_look(&limits, crowded(12), LATER), 1);

    for (i = 0; i < WM_LIMITS_NEAR; i++) {
        assert_int_equal(wm_limits_look(&limits, crowded(i), LATER),
                         i == 3 ? 0 : 9);
    }
}


/* ---- budgets */

static wm_verdict_t
take(wm_limit_t what, uint64_t device, uint64_t person, uint64_t address,
    bool known)
{
    wm_taker_t  t = { device, person, address, known };

    return wm_limits_take(&limits, what, &t, NOW, SOON);
}


static void
strangers_cost_the_address(void **state)
{
    int64_t                 i;
    const wm_limit_rule_t  *rule = &wm_limit_rules[WM_LIMIT_ORDER];

    (void) state;

    for (i = 0; i < rule->address; i++) {
        assert_int_equal(take(WM_LIMIT_ORDER, i % 2 ? another() : 0,
                              another(), 7, false), WM_VERDICT_OK);
    }

    assert_int_equal(take(WM_LIMIT_ORDER, another(), another(), 7, false),
                     WM_VERDICT_MANY_HERE);
    assert_int_equal(take(WM_LIMIT_ORDER, 0, another(), 7, false),
                     WM_VERDICT_MANY_HERE);
    assert_int_equal(take(WM_LIMIT_ORDER, another(), another(), 7, true),
                     WM_VERDICT_OK);
    assert_int_equal(take(WM_LIMIT_ORDER, another(), another(), 8, false),
                     WM_VERDICT_OK);
    assert_int_equal(take(WM_LIMIT_ORDER, another(), another(), 0, false),
                     WM_VERDICT_OK);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), rule->address);
}


/* A known device costs it nothing, until its share is used up. */

static void
share(void **state)
{
    int64_t                 i;
    const wm_limit_rule_t  *rule = &wm_limit_rules[WM_LIMIT_ORDER];

    (void) state;

    for (i = 0; i < rule->share; i++) {
        assert_int_equal(take(WM_LIMIT_ORDER, 5, another(), 7, true),
                         WM_VERDICT_OK);
    }

    assert_int_equal(wm_limits_look(&limits, 7, SOON), 0);
    assert_int_equal(take(WM_LIMIT_ORDER, 5, another(), 7, true),
                     WM_VERDICT_OK);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), 1);

    /* known without a device's counter: the site's own login */

    assert_int_equal(take(WM_LIMIT_ORDER, 0, another(), 7, true),
                     WM_VERDICT_OK);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), 2);
}


/* Who is refused takes nothing. */

static void
device_and_person(void **state)
{
    int64_t                 i;
    const wm_limit_rule_t  *rule = &wm_limit_rules[WM_LIMIT_WISH];

    (void) state;

    for (i = 0; i < rule->device; i++) {
        assert_int_equal(take(WM_LIMIT_WISH, 5, 6, 0, true), WM_VERDICT_OK);
    }

    assert_int_equal(take(WM_LIMIT_WISH, 5, 9, 7, false),
                     WM_VERDICT_MANY_WISHES);
    assert_int_equal(take(WM_LIMIT_WISH, 9, 6, 7, false),
                     WM_VERDICT_MANY_WISHES);
    assert_int_equal(wm_limits_look(&limits, 9, SOON), 0);
    assert_int_equal(wm_limits_look(&limits, 7, SOON), 0);
    assert_int_equal(wm_limits_look(&limits, 5, SOON), rule->device);

    /* what has no number is not counted */

    assert_int_equal(take(WM_LIMIT_CHECK_IN, 1, 2, 3, false), WM_VERDICT_OK);
    assert_int_equal(take(WM_LIMIT_SCAN, 1, 2, 3, false), WM_VERDICT_OK);
    assert_int_equal(wm_limits_look(&limits, 1, SOON), 1);
    assert_int_equal(wm_limits_look(&limits, 2, SOON), 0);
    assert_int_equal(wm_limits_look(&limits, 3, SOON), 1);
    assert_int_equal(take(WM_LIMIT_WISH, 4, 0, 0, true), WM_VERDICT_OK);
    assert_int_equal(wm_limits_look(&limits, 0, SOON), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(counted, empty),
        cmocka_unit_test_setup(looking_takes_nothing, empty),
        cmocka_unit_test_setup(flooded, empty),
        cmocka_unit_test_setup(who_goes, empty),
        cmocka_unit_test_setup(strangers_cost_the_address, empty),
        cmocka_unit_test_setup(share, empty),
        cmocka_unit_test_setup(device_and_person, empty)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
