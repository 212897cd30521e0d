/* What a unit says of itself: degrees, and the record with the change. */

#include "unit.h"
#include "wm_unit.h"

#define RECORD  "{\"type\":\"station\",\"name\":\"s\",\"head\":\"old\","      \
                "\"contact\":\"\",\"address\":\"a\",\"lat\":\"\","            \
                "\"lng\":\"\",\"path\":\"/c/s/\"}"


static void
degrees(void **state)
{
    (void) state;

    assert_true(wm_degrees_valid(wm_lit("28.19"), 90));
    assert_true(wm_degrees_valid(wm_lit("-90.000"), 90));
    assert_false(wm_degrees_valid(wm_lit("90.1"), 90));
    assert_false(wm_degrees_valid(wm_lit("91"), 90));
    assert_false(wm_degrees_valid(wm_lit(""), 90));
    assert_false(wm_degrees_valid(wm_lit("1."), 90));
    assert_false(wm_degrees_valid(wm_lit("1.123456789"), 90));
    assert_false(wm_degrees_valid(wm_lit("0001"), 90));
    assert_false(wm_degrees_valid(wm_lit("x"), 90));
}


static void
changed(void **state)
{
    wm_unit_t     unit;
    wm_input_t    in;
    wm_commit_t  *c = unit_commit(WM_OP_UNIT_CHANGE);

    const wm_staff_t  admin = { .role = WM_ROLE_ADMINISTRATOR,
                                .path = wm_lit("/c/") };
    const wm_staff_t  clerk = { .role = WM_ROLE_WORKER,
                                .path = wm_lit("/c/") };
    const wm_staff_t  far = { .role = WM_ROLE_ADMINISTRATOR,
                              .path = wm_lit("/c/t/") };

    (void) state;

    assert_true(wm_unit_load(unit_pool, wm_lit("s"), wm_lit(RECORD), &unit));

    wm_input_init(&in, unit_pool, wm_unit_fields, wm_unit_nfields, 0);
    assert_true(wm_input_form(&in, wm_lit("head=new&lat=1.5&lng=2")));
    assert_true(wm_input_check(&in));
    wm_unit_apply(&unit, &in);
    assert_true(wm_input_ok(&in));

    assert_int_equal(wm_unit_change(c, &clerk, &unit, wm_lit(RECORD)),
                     WM_VERDICT_FORBIDDEN);
    assert_int_equal(wm_unit_change(c, &far, &unit, wm_lit(RECORD)),
                     WM_VERDICT_FORBIDDEN);
    assert_int_equal(c->neffects, 0);
    assert_int_equal(wm_unit_change(c, &admin, &unit, wm_lit(RECORD)),
                     WM_VERDICT_OK);
    assert_text(c->effects[0].args[1],
                "{\"type\":\"station\",\"name\":\"s\",\"head\":\"new\","
                "\"contact\":\"\",\"address\":\"a\",\"lat\":\"1.5\","
                "\"lng\":\"2\",\"path\":\"/c/s/\"}");
    assert_int_equal(wm_unit_change(c, &admin, &unit, wm_lit("{")),
                     WM_VERDICT_INTERNAL);
}


static void
half(void **state)
{
    wm_unit_t   unit;
    wm_input_t  in;

    (void) state;

    memset(&unit, 0, sizeof(unit));
    wm_input_init(&in, unit_pool, wm_unit_fields, wm_unit_nfields, 0);
    assert_true(wm_input_form(&in, wm_lit("lat=1")));
    assert_true(wm_input_check(&in));
    wm_unit_apply(&unit, &in);
    assert_int_equal(wm_input(&in, "lng")->error, WM_WRONG_MISSING);

    memset(&unit, 0, sizeof(unit));
    wm_input_init(&in, unit_pool, wm_unit_fields, wm_unit_nfields, 0);
    assert_true(wm_input_form(&in, wm_lit("lng=200")));
    assert_true(wm_input_check(&in));
    wm_unit_apply(&unit, &in);
    assert_int_equal(wm_input(&in, "lng")->error, WM_WRONG_TYPE);
    assert_int_equal(wm_input(&in, "lat")->error, WM_WRONG_MISSING);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(degrees),
        unit_case(changed),
        unit_case(half)
    };

    return cmocka_run_group_tests_name("unit", tests, NULL, NULL);
}
