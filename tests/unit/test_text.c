#include "unit.h"
#include "wm_text.h"

typedef struct {
    const char  *in;
    const char  *want;                  /* NULL: refused */
} pair_t;


/* Every code point, and what stands right beside the allowed ranges. */

static void
utf8_all(void **state)
{
    int       n, want;
    char      p[5];
    uint32_t  c;

    (void) state;

    for (c = 0; c <= 0x1fffff; c++) {
        n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

        p[0] = (char) (n == 1 ? c : n == 2 ? 0xc0 | c >> 6
                       : n == 3 ? 0xe0 | c >> 12 : 0xf0 | c >> 18);
        p[n - 1] = (char) (n == 1 ? c : 0x80 | (c & 0x3f));

        if (n > 2) {
            p[n - 2] = (char) (0x80 | (c >> 6 & 0x3f));
        }

        if (n > 3) {
            p[1] = (char) (0x80 | (c >> 12 & 0x3f));
        }

        want = c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n;

        assert_case(wm_utf8_len(p, (size_t) n) == want, "U+%04X", c);
        assert_case(wm_utf8_len(p, (size_t) n - 1) == 0, "U+%04X cut", c);

        if (want > 0) {
            assert_case(wm_utf8_code(p, n) == c, "U+%04X", c);
        }
    }
}


static void
utf8_bad(void **state)
{
    size_t  i;

    static const char *const  bad[] = {
        "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
        "\xc2\xc2", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe4\xb8", "\xe4\x41\xad",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
        "\xfe", "\xff", "\xd5\xc5\xc8\xfd"
    };

    (void) state;

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(wm_utf8_count(wm_str(bad[i])) == -1, "case %zu", i);
        assert_case(wm_text_check(wm_str(bad[i]), true) == WM_TEXT_ENCODING,
                    "case %zu", i);
    }

    assert_int_equal(wm_utf8_count(wm_lit("a\xc3\xa9张𠮷\0b")), 6);
    assert_int_equal(wm_utf8_count(wm_null), 0);
}


static void
controls(void **state)
{
    int       n;
    char      p[4];
    bool      want;
    uint32_t  c;
    wm_str_t  s;

    (void) state;

    for (c = 0; c < 0xa0; c++) {
        n = c < 0x80 ? 1 : 2;
        p[0] = (char) (n == 1 ? c : 0xc0 | c >> 6);
        p[1] = (char) (0x80 | (c & 0x3f));
        s = (wm_str_t) { (size_t) n, p };

        want = c < 0x20 || c >= 0x7f;
        assert_int_equal(wm_text_check(s, false) == WM_TEXT_CONTROL, want);

        want &= c != '\n' && c != '\r' && c != '\t';
        assert_int_equal(wm_text_check(s, true) == WM_TEXT_CONTROL, want);
    }

    for (c = 0x2000; c <= 0x206f; c++) {
        p[0] = '\xe2';
        p[1] = (char) (0x80 | (c >> 6 & 0x3f));
        p[2] = (char) (0x80 | (c & 0x3f));

        want = (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        assert_case((wm_text_check((wm_str_t) { 3, p }, true)
                     == WM_TEXT_CONTROL) == want, "U+%04X", c);
    }

    assert_int_equal(wm_text_check(wm_lit("\xef\xbb\xbf" "a"), true),
                     WM_TEXT_CONTROL);
    assert_int_equal(wm_text_check(wm_lit("\xef\xbf\xbf"), true),
                     WM_TEXT_CONTROL);
    assert_int_equal(wm_text_check(wm_lit("张三·𠮷 é\xc2\xa0"), false),
                     WM_TEXT_OK);
    assert_int_equal(wm_text_check(wm_null, false), WM_TEXT_OK);
}


static void
trimming(void **state)
{
    size_t  i;

    static const pair_t  cases[] = {
        { "", "" }, { " ", "" }, { " \t\r\n\v\f", "" }, { "　", "" },
        { "　 　", "" }, { "a", "a" }, { " a ", "a" }, { "　张 三　", "张 三" },
        { " 　张　三 　\n", "张　三" }, { "\xe3\x80", "\xe3\x80" },
        { "\x80\x80", "\x80\x80" }, { " \xe3\x80\x81 ", "\xe3\x80\x81" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_text(wm_text_trim(wm_str(cases[i].in)), cases[i].want);
    }

    assert_int_equal(wm_text_trim(wm_null).len, 0);
}


static void
phones(void **state)
{
    char    out[16];
    size_t  i;

    static const pair_t  cases[] = {
        { "13800001234", "13800001234" },
        { "19912345678", "19912345678" },
        { " 138 0000 1234 ", "13800001234" },
        { "138-0000-1234", "13800001234" },
        { "+8613800001234", "13800001234" },
        { "+86 138 0000 1234", "13800001234" },
        { "8613800001234", "13800001234" },
        { "＋８６　１３８００００１２３４", "13800001234" },
        { "１３８－００００－１２３４", "13800001234" },
        { "0731-84683333", "073184683333" },
        { "010 12345678", "01012345678" },
        { "0731 468333", "0731468333" },
        { "", NULL },
        { " ", NULL },
        { "+", NULL },
        { "1380000123", NULL },
        { "138000012345", NULL },
        { "12800001234", NULL },
        { "11000001234", NULL },
        { "23800001234", NULL },
        { "84683333", NULL },
        { "00731468333", NULL },
        { "0731846833334", NULL },
        { "073184683", NULL },
        { "861380000123", NULL },
        { "+85213800001234", NULL },
        { "138+00001234", NULL },
        { "1380000123a", NULL },
        { "1380000123\xef", NULL },
        { "1380000123四", NULL },
        { "138000012341380000123413800001234", NULL },
        { "(0731)84683333", NULL }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        memset(out, 'x', sizeof(out));
        assert_text(wm_phone_normal(wm_str(cases[i].in), out),
                    cases[i].want);
    }

    assert_text(wm_phone_normal(wm_lit("13800001234\0"), out), NULL);
    assert_text(wm_phone_normal(wm_null, out), NULL);
}


static void
masks(void **state)
{
    char    out[16];
    size_t  i;

    static const pair_t  cases[] = {
        { "13800001234", "138****1234" },
        { "073184683333", "073*****3333" },
        { "0731468333", "073***8333" },
        { "", "" },
        { "123456789012345678", "123********2345" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_text(wm_phone_mask(wm_str(cases[i].in), out), cases[i].want);
    }
}


static void
names(void **state)
{
    size_t         i;
    unit_meagre_t  m;

    static const pair_t  cases[] = {
        { "张三", "张三" },
        { "张 三", "张三" },
        { " 张　三 ", "张三" },
        { "𠮷野", "𠮷野" },
        { "Anna Li", "annali" },
        { "Ａｎｎａ　Ｌｉ", "annali" },
        { "ÀÉ", "ÀÉ" },
        { "阿依古丽·买买提", "阿依古丽·买买提" },
        { "阿依古丽•买买提", "阿依古丽·买买提" },
        { "阿依古丽・买买提", "阿依古丽·买买提" },
        { "阿依古丽･买买提", "阿依古丽·买买提" },
        { "阿依古丽⋅买买提", "阿依古丽·买买提" },
        { "阿依古丽‧买买提", "阿依古丽·买买提" },
        { "", "" },
        { "张\xff", NULL }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_text(wm_name_normal(unit_pool, wm_str(cases[i].in)),
                    cases[i].want);
    }

    assert_text(wm_name_normal(unit_meagre(&m, 0), wm_lit("张三")), NULL);
}


static wm_str_t
html(const char *s, bool ascii)
{
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 4);
    wm_html_escape(&b, wm_str(s), ascii);

    return wm_buf_str(&b);
}


static void
html_escaping(void **state)
{
    int       c;
    char      z[2] = { 0 };
    wm_buf_t  b;

    (void) state;

    assert_text(html("", false), "");
    assert_text(html(NULL, true), "");
    assert_text(html("<a href=\"x\">'&'</a>", false),
                "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    assert_text(html("张<三", false), "张&lt;三");
    assert_text(html("张<三𠮷", true), "&#24352;&lt;&#19977;&#134071;");
    assert_text(html("a\xff\xe5\xbc" "b", false), "a&#65533;&#65533;&#65533;b");
    assert_text(html("\xff", true), "&#65533;");

    for (c = 1; c < 128; c++) {
        z[0] = (char) c;
        assert_int_equal(wm_is(html(z, true), z),
                         strchr("&<>\"'", c) == NULL);
    }

    wm_buf_init(&b, unit_pool, 4);
    wm_html_put(&b, wm_lit("<b>张</b>"), false);
    wm_html_put(&b, wm_lit("<b>张</b>&amp;"), true);
    assert_text(wm_buf_str(&b), "<b>张</b><b>&#24352;</b>&amp;");
}


static void
csv(void **state)
{
    size_t    i;
    wm_buf_t  b;

    static const pair_t  cases[] = {
        { "", "\"\"" },
        { "张三", "\"张三\"" },
        { "a,b", "\"a,b\"" },
        { "say \"hi\"", "\"say \"\"hi\"\"\"" },
        { "\"", "\"\"\"\"" },
        { "two\nlines\r\n", "\"two\nlines\r\n\"" },
        { "=1+1", "\"'=1+1\"" },
        { "+1", "\"'+1\"" },
        { "-1", "\"'-1\"" },
        { "@SUM(A1)", "\"'@SUM(A1)\"" },
        { "|calc", "\"'|calc\"" },
        { "%0A", "\"'%0A\"" },
        { "\t=1", "\"'\t=1\"" },
        { " =1", "\"' =1\"" },
        { "\n=1", "\"'\n=1\"" },
        { "　=1", "\"'　=1\"" },
        { "＝1+1", "\"'＝1+1\"" },
        { "＋1", "\"'＋1\"" },
        { "－1", "\"'－1\"" },
        { "＠x", "\"'＠x\"" },
        { "1=2", "\"1=2\"" },
        { "=\"a\"", "\"'=\"\"a\"\"\"" },
        { "1234567890", "\"1234567890\"" },
        { "13800001234", "\"'13800001234\"" },
        { "430102199001011234", "\"'430102199001011234\"" },
        { "99999999999999999999", "\"'99999999999999999999\"" },
        { "430102199001011234430102", "\"'430102199001011234430102\"" },
        { "138****1234", "\"138****1234\"" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        wm_buf_init(&b, unit_pool, 4);
        wm_csv_put(&b, wm_str(cases[i].in));
        assert_text(wm_buf_str(&b), cases[i].want);
    }

    wm_buf_init(&b, unit_pool, 4);
    wm_csv_put(&b, wm_null);
    assert_text(wm_buf_str(&b), "\"\"");
}


static void
tokens(void **state)
{
    size_t  i;

    static const char *const  good[] = { "a", "Z", "9", "-", "_", "az-AZ_09" };
    static const char *const  bad[] = {
        "", " ", "a b", "a.", "a:b", "{a}", "@", "[", "`", "{", "/", "\x7f",
        "张", "ａ", "\xff"
    };

    (void) state;

    for (i = 0; i < wm_countof(good); i++) {
        assert_case(wm_text_is_token(wm_str(good[i])), "case %zu", i);
    }

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_text_is_token(wm_str(bad[i])), "case %zu", i);
    }

    assert_false(wm_text_is_token(wm_null));
    assert_false(wm_text_is_token(wm_lit("a\0b")));
}


static void
right_to_left(void **state)
{
    size_t  i;

    static const char *const  rtl[] = {
        "שלום", "张a ئالىم", "\xe2\x80\x8f", "\xef\xac\x9d", "\xef\xb9\xb0",
        "\xf0\x90\xa0\x80", "\xf0\x9e\xa0\x80", "𠮷\xe0\xa3\xbf",
        "\xff\xd7\x90"
    };
    static const char *const  ltr[] = {
        "", "abc", "张𠮷·👵🏽", "Zoë", "\xd6\x8f", "\xe0\xa4\x80", "\xe2\x80\x8e",
        "\xef\xac\x9c", "\xef\xb8\x80", "\xef\xbb\xbf", "\xf0\x90\x9f\xbf",
        "\xf0\x91\x80\x80", "\xf0\x9e\x9f\xbf", "\xf0\x9f\x80\x80",
        "\xd7", "\xff"
    };

    (void) state;

    for (i = 0; i < wm_countof(rtl); i++) {
        assert_case(wm_text_is_rtl(wm_str(rtl[i])), "case %zu", i);
    }

    for (i = 0; i < wm_countof(ltr); i++) {
        assert_case(!wm_text_is_rtl(wm_str(ltr[i])), "case %zu", i);
    }
}


static void
url_escaping(void **state)
{
    wm_buf_t  b;

    (void) state;

    wm_buf_init(&b, unit_pool, 16);
    wm_url_escape(&b, wm_lit("aZ09-._~ &=?/%\"\n\0文"));
    assert_text(wm_buf_str(&b),
                "aZ09-._~%20%26%3D%3F%2F%25%22%0A%00%E6%96%87");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(utf8_all),
        unit_case(utf8_bad),
        unit_case(controls),
        unit_case(trimming),
        unit_case(phones),
        unit_case(masks),
        unit_case(names),
        unit_case(html_escaping),
        unit_case(csv),
        unit_case(tokens),
        unit_case(right_to_left),
        unit_case(url_escaping)
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
