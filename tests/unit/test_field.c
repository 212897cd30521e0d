#include "unit.h"
#include "wm_field.h"

#define DAY_MS  INT64_C(1795363200000)          /* 2026-11-23 in China */

static const wm_field_t  fields[] = {
    { "title",     WM_FIELD_TEXT,    WM_REQUIRED,  2, 5 },
    { "note",      WM_FIELD_LINES,   0,  0, 10 },
    { "count",     WM_FIELD_NUMBER,  0,  2, 500 },
    { "phone",     WM_FIELD_PHONE,   0,  0, 0 },
    { "wanted",    WM_FIELD_DAYS,    0,  0, 3 },
    { "day",       WM_FIELD_DAY,     0,  0, 0 },
    { "start",     WM_FIELD_TIME,    0,  0, 0 },
    { "orders",    WM_FIELD_IDS,     0,  0, 3 },
    { "unit",      WM_FIELD_TOKEN,   0,  1, 8 },
    { "password",  WM_FIELD_SECRET,  0,  4, 8 }
};

typedef struct {
    const char        *body;
    const char        *field;
    wm_field_error_t   error;
} case_t;


static bool
read_form(wm_input_t *in, const char *body)
{
    wm_input_init(in, unit_pool, fields, wm_countof(fields), UNIT_OFFSET);

    return wm_input_form(in, wm_str(body));
}


static bool
read_json(wm_input_t *in, const char *body)
{
    wm_input_init(in, unit_pool, fields, wm_countof(fields), UNIT_OFFSET);

    return wm_input_json(in, wm_str(body));
}


static const char *
report(const wm_input_t *in)
{
    wm_buf_t   b;
    wm_doc_t  *d;

    d = wm_doc_new(unit_pool);
    wm_input_report(in, d);
    wm_buf_init(&b, unit_pool, 256);
    wm_doc_write(&b, d);
    wm_putc(&b, '\0');

    return b.data;
}


static void
is_everything(wm_input_t *in)
{
    assert_case(wm_input_check(in), "%s", report(in));
    assert_text(wm_input(in, "title")->text, "反诈讲座");
    assert_text(wm_input(in, "note")->text, "一\r\n二");
    assert_int_equal(wm_input(in, "count")->num, 40);
    assert_text(wm_input(in, "phone")->text, "13800001234");
    assert_int_equal(wm_input(in, "wanted")->n, 2);
    assert_text(wm_input(in, "wanted")->list[1], "2026-12-02");
    assert_true(wm_input(in, "day")->num == DAY_MS);
    assert_true(wm_input(in, "start")->num == DAY_MS + 32400000);
    assert_int_equal(wm_input(in, "orders")->n, 2);
    assert_text(wm_input(in, "orders")->list[0], "A1");
    assert_text(wm_input(in, "unit")->text, "st_1-a");
    assert_text(wm_input(in, "password")->text, " 密码 ");
    assert_false(wm_input(in, "nobody")->given);
}


static void
good(void **state)
{
    wm_input_t  in;

    (void) state;

    assert_true(read_form(&in,
        "title=%E5%8f%8d%E8%AF%88%E8%AE%B2%E5%BA%A7&note=+%E4%B8%80%0D%0A"
        "%E4%BA%8C%E3%80%80&count=+40+&phone=138-0000-1234&wanted=2026-12-01"
        "&wanted=2026-12-02&day=2026-11-23&start=2026-11-23T09%3A00&"
        "orders=A1,+B2,&unit=st_1-a&password=+%E5%AF%86%E7%A0%81+&key=K&"
        "form=F&&"));
    is_everything(&in);
    assert_text(in.key, "K");
    assert_text(in.form, "F");

    assert_true(read_json(&in,
        "{\"title\":\" 反诈讲座 \",\"note\":\"一\\r\\n二\",\"count\":40,"
        "\"phone\":\"+86 138 0000 1234\","
        "\"wanted\":[\"2026-12-01\",\"2026-12-02\"],\"day\":\"2026-11-23\","
        "\"start\":\"2026-11-23T01:00Z\",\"orders\":[\"A1\",\"B2\"],"
        "\"unit\":\"st_1-a\",\"password\":\" 密码 \"}"));
    is_everything(&in);
    assert_text(in.key, NULL);
}


static void
left_out(void **state)
{
    wm_input_t  in;

    (void) state;

    assert_true(read_form(&in, "title=ab"));
    assert_true(wm_input_check(&in));
    assert_false(wm_input(&in, "count")->given);

    assert_true(read_form(&in, "title=ab&count=&phone=&wanted=&day=&note="));
    assert_true(wm_input_check(&in));
    assert_true(wm_input(&in, "count")->given);
    assert_int_equal(wm_input(&in, "wanted")->n, 0);

    assert_true(read_json(&in, "{\"title\":\"ab\",\"count\":null,"
                               "\"orders\":[],\"phone\":\"\"}"));
    assert_true(wm_input_check(&in));
    assert_false(wm_input(&in, "count")->given);
    assert_true(wm_input(&in, "orders")->given);
}


static void
form_errors(void **state)
{
    size_t      i;
    wm_input_t  in;

    static const case_t  cases[] = {
        { "", "title", WM_WRONG_MISSING },
        { "title=", "title", WM_WRONG_MISSING },
        { "title=+%E3%80%80+", "title", WM_WRONG_MISSING },
        { "title", "title", WM_WRONG_MISSING },
        { "title=a", "title", WM_WRONG_SHORT },
        { "title=abcdef", "title", WM_WRONG_LONG },
        { "title=ab%FF", "title", WM_WRONG_ENCODING },
        { "title=a%00b", "title", WM_WRONG_CONTROL },
        { "title=a%0Ab", "title", WM_WRONG_CONTROL },
        { "title=a%E2%80%AEb", "title", WM_WRONG_CONTROL },
        { "title=ab&title=cd", "title", WM_WRONG_DUPLICATE },
        { "title=ab&title=ab", "title", WM_WRONG_DUPLICATE },
        { "title=ab&note=12345678901", "note", WM_WRONG_LONG },
        { "title=ab&note=%07", "note", WM_WRONG_CONTROL },
        { "title=ab&count=1", "count", WM_WRONG_RANGE },
        { "title=ab&count=501", "count", WM_WRONG_RANGE },
        { "title=ab&count=-3", "count", WM_WRONG_TYPE },
        { "title=ab&count=3.5", "count", WM_WRONG_TYPE },
        { "title=ab&count=3a", "count", WM_WRONG_TYPE },
        { "title=ab&count=3%00", "count", WM_WRONG_TYPE },
        { "title=ab&count=4294967299", "count", WM_WRONG_TYPE },
        { "title=ab&phone=12345", "phone", WM_WRONG_PHONE },
        { "title=ab&phone=13800001234%00", "phone", WM_WRONG_PHONE },
        { "title=ab&day=2026-02-30", "day", WM_WRONG_DATE },
        { "title=ab&wanted=2026-12-01&wanted=x", "wanted", WM_WRONG_DATE },
        { "title=ab&wanted=2026-12-01,2026-12-02,2026-12-03,2026-12-04",
          "wanted", WM_WRONG_LONG },
        { "title=ab&wanted=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r", "wanted",
          WM_WRONG_LONG },
        { "title=ab&start=2026-11-23", "start", WM_WRONG_TIME },
        { "title=ab&start=2026-11-23T25:00", "start", WM_WRONG_TIME },
        { "title=ab&orders=A/1", "orders", WM_WRONG_TYPE },
        { "title=ab&orders=%E5%BC%A0", "orders", WM_WRONG_TYPE },
        { "title=ab&unit=a.b", "unit", WM_WRONG_TYPE },
        { "title=ab&unit=a%00b", "unit", WM_WRONG_TYPE },
        { "title=ab&unit=123456789", "unit", WM_WRONG_LONG },
        { "title=ab&password=abc", "password", WM_WRONG_SHORT },
        { "title=ab&password=abcdefghi", "password", WM_WRONG_LONG }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_case(read_form(&in, cases[i].body), "%s", cases[i].body);
        assert_case(!wm_input_check(&in), "took %s", cases[i].body);
        assert_case(wm_input(&in, cases[i].field)->error == cases[i].error,
                    "%s: %s", cases[i].body, report(&in));
        assert_has(report(&in), wm_field_error_code(cases[i].error));
    }
}


static void
json_errors(void **state)
{
    size_t      i;
    wm_input_t  in;

    static const case_t  cases[] = {
        { "{}", "title", WM_WRONG_MISSING },
        { "{\"title\":null}", "title", WM_WRONG_MISSING },
        { "{\"title\":1}", "title", WM_WRONG_TYPE },
        { "{\"title\":true}", "title", WM_WRONG_TYPE },
        { "{\"title\":[\"ab\"]}", "title", WM_WRONG_TYPE },
        { "{\"title\":{\"a\":\"b\"}}", "title", WM_WRONG_TYPE },
        { "{\"title\":\"a\\u0007b\"}", "title", WM_WRONG_CONTROL },
        { "{\"title\":\"ab\",\"count\":\"40\"}", "count", WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"count\":-1}", "count", WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"count\":0}", "count", WM_WRONG_RANGE },
        { "{\"title\":\"ab\",\"count\":true}", "count", WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"phone\":13800001234}", "phone",
          WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"wanted\":\"2026-12-01\"}", "wanted",
          WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"wanted\":[1]}", "wanted", WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"wanted\":[\"\"]}", "wanted", WM_WRONG_DATE },
        { "{\"title\":\"ab\",\"orders\":[[]]}", "orders", WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"orders\":[\"a\",\"\"]}", "orders",
          WM_WRONG_TYPE },
        { "{\"title\":\"ab\",\"orders\":[\"a\",\"b\",\"c\",\"d\"]}",
          "orders", WM_WRONG_LONG },
        { "{\"title\":\"ab\",\"start\":1795395600}", "start", WM_WRONG_TYPE }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_case(read_json(&in, cases[i].body), "%s", cases[i].body);
        assert_case(!wm_input_check(&in), "took %s", cases[i].body);
        assert_case(wm_input(&in, cases[i].field)->error == cases[i].error,
                    "%s: %s", cases[i].body, report(&in));
    }
}


static void
unreadable(void **state)
{
    size_t      i;
    wm_input_t  in;

    static const char *const  forms[] = {
        "title=%", "title=%4", "title=%zz", "title=ab%", "title=%4g",
        "%zz=ab", "title=ab&note=%E", "title=%%41", "title=%+1"
    };
    static const char *const  jsons[] = {
        "", "[]", "\"title\"", "{", "{\"title\":\"ab\"", "title=ab",
        "{\"title\":\"ab\",\"title\":\"cd\"}", "{\"count\":1.5}",
        "{\"title\":\"a\\u0000\"}", "{\"title\":\"\xff\"}"
    };

    (void) state;

    for (i = 0; i < wm_countof(forms); i++) {
        assert_case(!read_form(&in, forms[i]), "took %s", forms[i]);
    }

    for (i = 0; i < wm_countof(jsons); i++) {
        assert_case(!read_json(&in, jsons[i]), "took %s", jsons[i]);
    }

    wm_input_init(&in, unit_pool, fields, wm_countof(fields), UNIT_OFFSET);
    assert_true(wm_input_form(&in, wm_null));
    assert_false(wm_input_check(&in));
}


static void
unknown(void **state)
{
    size_t      i;
    wm_input_t  in;

    static const char *const  forms[] = {
        "title=ab&role=admin&more=1", "title=ab&role", "role=&title=ab&more="
    };

    (void) state;

    for (i = 0; i < wm_countof(forms); i++) {
        assert_true(read_form(&in, forms[i]));
        assert_false(wm_input_check(&in));
        assert_text(in.unknown, "role");
        assert_has(report(&in), "{\"field\":\"role\",\"code\":\"unknown\"");
    }

    assert_true(read_form(&in, "title=ab&=x"));
    assert_false(wm_input_check(&in));
    assert_true(read_form(&in, "title=ab&Title=x"));
    assert_false(wm_input_check(&in));
    assert_true(read_form(&in, "title=ab&title%00=x"));
    assert_false(wm_input_check(&in));

    assert_true(read_json(&in, "{\"title\":\"ab\",\"role\":null,\"x\":1}"));
    assert_false(wm_input_check(&in));
    assert_text(in.unknown, "role");

    /* the names that only forms have */

    assert_true(read_json(&in, "{\"title\":\"ab\",\"key\":\"k\"}"));
    assert_false(wm_input_check(&in));
    assert_true(read_json(&in, "{\"title\":\"ab\",\"\":1}"));
    assert_false(wm_input_check(&in));
}


/* A refused form comes back with all that was typed, but never a secret. */

static void
repeated(void **state)
{
    wm_doc_t   *d, *form, *error;
    wm_input_t  in;

    (void) state;

    assert_true(read_form(&in, "title=%3Ca%3E+&count=x&password=hunter22a"
                               "&wanted=2026-12-01&wanted=b&key=K"));
    assert_false(wm_input_check(&in));

    d = wm_doc_new(unit_pool);
    wm_input_report(&in, d);
    form = wm_doc_get(d, wm_lit("form"));
    error = wm_doc_get(d, wm_lit("error"));

    assert_text(wm_doc_get_str(form, "title"), "<a> ");
    assert_text(wm_doc_get_str(form, "count"), "x");
    assert_text(wm_doc_get_str(form, "wanted"), "2026-12-01, b");
    assert_null(wm_doc_get(form, wm_lit("password")));
    assert_null(wm_doc_get(form, wm_lit("note")));
    assert_text(wm_doc_get_str(error, "count"),
                "请填写 2 到 500 的整数");
    assert_text(wm_doc_get_str(error, "password"), "内容太长了");
    assert_null(wm_doc_get(error, wm_lit("title")));

    /* JSON has only the list of errors, and no value */

    assert_lacks(report(&in), "hunter");
    assert_lacks(report(&in), "\"form\"");
    assert_lacks(report(&in), "\"error\"");
    assert_has(report(&in), "{\"field\":\"count\",\"code\":\"type\","
                            "\"message\":\"请填写 2 到 500 的整数\"}");

    /* the limits of a number; or what it may be just now */

    assert_true(read_form(&in, "title=ab&count=501"));
    assert_false(wm_input_check(&in));
    assert_has(report(&in), "{\"field\":\"count\",\"code\":\"range\","
                            "\"message\":\"请填写 2 到 500 的整数\"}");
    assert_true(read_form(&in, "title=ab&count=30"));
    assert_true(wm_input_check(&in));
    wm_input_fail_above(&in, "count", 20);
    wm_input_fail_above(&in, "nobody", 20);
    assert_has(report(&in), "\"message\":\"请填写 2 到 20 的整数\"}");
}


static void
marked_later(void **state)
{
    wm_input_t  in;

    (void) state;

    assert_true(read_form(&in, "title=ab"));
    assert_true(wm_input_check(&in));

    wm_input_fail(&in, "start", WM_WRONG_PAST);
    wm_input_fail(&in, "start", WM_WRONG_ORDER);
    wm_input_fail(&in, "nobody", WM_WRONG_ORDER);

    assert_false(wm_input_ok(&in));
    assert_int_equal(wm_input(&in, "start")->error, WM_WRONG_PAST);
    assert_has(report(&in), "\"past\"");
}


static void
error_table(void **state)
{
    unsigned  e, f;

    (void) state;

    assert_string_equal(wm_field_error_code(WM_WRONG_NONE), "ok");

    for (e = WM_WRONG_MISSING; e <= WM_WRONG_DUPLICATE; e++) {
        assert_true(strlen(wm_field_error_text((wm_field_error_t) e)) > 0);

        for (f = 0; f < e; f++) {
            assert_string_not_equal(
                wm_field_error_code((wm_field_error_t) e),
                wm_field_error_code((wm_field_error_t) f));
        }
    }
}


static void
kept(void **state)
{
    size_t  i;

    static const struct {
        const char  *body;
        const char  *kept;
    } cases[] = {
        { "", "" },
        { "title=a+b%26&unit=u1", "title=a+b%26&unit=u1" },
        { "key=K&form=F&title=a", "title=a" },
        { "password=secret&title=a", "title=a" },
        { "title=&unit=u1&&x=1", "unit=u1" },
        { "title=a&title=b", "title=a&title=b" },
        { "titl%65=a", "" },
        { "title", "" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_text(wm_input_keep(unit_pool, fields, wm_countof(fields),
                                  wm_str(cases[i].body)), cases[i].kept);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(good),
        unit_case(left_out),
        unit_case(form_errors),
        unit_case(json_errors),
        unit_case(unreadable),
        unit_case(unknown),
        unit_case(repeated),
        unit_case(marked_later),
        unit_case(error_table),
        unit_case(kept)
    };

    return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
