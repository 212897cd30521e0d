#include "unit.h"
#include "wm_checkpoint.h"

#define HEAD  "0123456789abcdef0123456789abcdef01234567"


static wm_str_t
line_of(const char *number, const char *head)
{
    return wm_checkpoint_line(unit_pool, unit_realm->ring, wm_lit("furong"),
                              wm_str(number), wm_str(head),
                              wm_lit("2026-11-23T09:00:07+08:00"));
}


static void
signed_and_read(void **state)
{
    wm_str_t          line;
    wm_checkpoint_t   cp;

    (void) state;

    line = line_of("42", HEAD);
    assert_true(wm_starts(line, "2026-11-23T09:00:07+08:00 furong 42 " HEAD
                                " 1 "));
    assert_true(wm_checkpoint_parse(line, &cp));
    assert_text(cp.time, "2026-11-23T09:00:07+08:00");
    assert_text(cp.district, "furong");
    assert_text(cp.number, "42");
    assert_text(cp.head, HEAD);
    assert_true(cp.n == 42 && cp.key_id == 1);
    assert_int_equal(wm_checkpoint_check(unit_realm->ring, &cp), WM_SEAL_OK);

    assert_text(line_of("042", HEAD), NULL);
    assert_text(line_of("0", HEAD), NULL);
    assert_text(line_of("", HEAD), NULL);
    assert_text(line_of("42", "0123"), NULL);
    assert_text(line_of("42", "0123456789ABCDEF0123456789abcdef01234567"),
                NULL);
}


static void
forged(void **state)
{
    wm_checkpoint_t  cp, good;

    (void) state;

    assert_true(wm_checkpoint_parse(line_of("42", HEAD), &good));

    cp = good;
    cp.number = wm_lit("43");
    assert_int_equal(wm_checkpoint_check(unit_realm->ring, &cp),
                     WM_SEAL_FORGED);

    cp = good;
    cp.head = wm_lit("1123456789abcdef0123456789abcdef01234567");
    assert_int_equal(wm_checkpoint_check(unit_realm->ring, &cp),
                     WM_SEAL_FORGED);

    cp = good;
    cp.district = wm_lit("yuhua");
    assert_int_equal(wm_checkpoint_check(unit_realm->ring, &cp),
                     WM_SEAL_FORGED);

    cp = good;
    cp.mac[15] ^= 1;
    assert_int_equal(wm_checkpoint_check(unit_realm->ring, &cp),
                     WM_SEAL_FORGED);

    cp = good;
    cp.key_id = 2;
    assert_int_equal(wm_checkpoint_check(unit_realm->ring, &cp),
                     WM_SEAL_KEY);
}


static void
no_line(void **state)
{
    size_t            i;
    wm_checkpoint_t   cp;

    static const char *const  bad[] = {
        "", "x", "t d 1 " HEAD " 1", "t d 1 " HEAD " 1 0123",
        "t d 1 " HEAD " 1 0123456789ABCDEF0123456789ABCDEF more",
        "t d 1 " HEAD " 256 0123456789ABCDEF0123456789ABCDEF",
        "t d 01 " HEAD " 1 0123456789ABCDEF0123456789ABCDEF",
        "t d -1 " HEAD " 1 0123456789ABCDEF0123456789ABCDEF",
        "t  1 " HEAD " 1 0123456789ABCDEF0123456789ABCDEF",
        "t d 1 x 1 0123456789ABCDEF0123456789ABCDEF",
        "t d 1 " HEAD " 1 0123456789ABCDEF0123456789ABCDEF ",
        "t d 1 " HEAD " 1 0123456789ABCDEF0123456789ABCDEG"
    };

    (void) state;

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_checkpoint_parse(wm_str(bad[i]), &cp), "took %s",
                    bad[i]);
    }

    assert_false(wm_checkpoint_parse(wm_null, &cp));
    assert_true(wm_checkpoint_parse(
        wm_lit("t d 1 " HEAD " 1 0123456789abcdef0123456789ABCDEF"), &cp));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(signed_and_read),
        unit_case(forged),
        unit_case(no_line)
    };

    return cmocka_run_group_tests_name("checkpoint", tests, NULL, NULL);
}
