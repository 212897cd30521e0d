#include "unit.h"
#include "wm_cookie.h"


static void
found(void **state)
{
    size_t  i;

    static const struct {
        const char  *header;
        const char  *want;              /* NULL: none */
    } cases[] = {
        { "n=v", "v" }, { " n = v ", "v" }, { "\tn=v\t; x", "v" },
        { "a=b; n=v; c=d", "v" }, { "a=b;n=v", "v" }, { "n=", "" },
        { "n=a=b", "a=b" }, { "n=\"v\"", "\"v\"" }, { "n=1; n=2", "1" },
        { "n; n=2", "2" }, { "N=v", NULL }, { "xn=v", NULL }, { "nx=v", NULL },
        { "n x=v", NULL }, { "", NULL }, { ";", NULL }, { "n", NULL },
        { "=v", NULL }, { "a=n=v", NULL }, { "a=\"; n=v\"", "v\"" },
        { "\xe3\x80\x80n=v", NULL }, { "\xc2\xa0n=v", NULL }, { "\vn=v", NULL },
        { "\"n\"=v", NULL }, { "a,n=v", NULL }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        wm_str_t  s = wm_cookie_find(wm_str(cases[i].header), wm_lit("n"));

        assert_case(cases[i].want == NULL ? s.data == NULL
                                          : wm_is(s, cases[i].want),
                    "%s", cases[i].header);
    }

    assert_null(wm_cookie_find(wm_null, wm_lit("n")).data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(found)
    };

    return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}
