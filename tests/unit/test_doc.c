#include "unit.h"
#include "unit_openssl.h"
#include "wm_doc.h"


static wm_str_t
written(const wm_doc_t *doc)
{
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 16);
    wm_doc_write(&b, doc);

    return wm_buf_str(&b);
}


static void
round_trips(void **state)
{
    size_t     i;
    wm_doc_t  *d;

    static const char *const  same[] = {
        "{}", "[]",
        "{\"a\":\"b\",\"c\":[1,-2,true,false,null,{\"d\":[]}]}",
        "[[],[[]],{\"\":\"\"}]",
        "{\"n\":9223372036854775807,\"m\":-9223372036854775808}",
        "{\"张\":\"三𠮷\"}",
        "{\"z\":1,\"a\":2,\"m\":3}",
        "{\"s\":\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\\u007f/\"}"
    };

    (void) state;

    for (i = 0; i < wm_countof(same); i++) {
        d = wm_doc_parse(unit_pool, wm_str(same[i]));
        assert_case(d != NULL, "%s", same[i]);
        assert_text(written(d), same[i]);
    }

    d = wm_doc_parse(unit_pool, wm_lit(" \t\r\n{ \"a\" : \"\\u5f20\\/"
                                       "\\ud842\\udfb7\\u000b\" }\n"));
    assert_text(written(d), "{\"a\":\"张/𠮷\\u000b\"}");
}


static void
refused(void **state)
{
    size_t  i;

    static const char *const  bad[] = {
        "", " ", "null", "true", "1", "\"a\"", "{", "}", "[1,]", "{\"a\":}",
        "{\"a\":1,}", "{a:1}", "{'a':1}", "[1] x", "[1][2]", "{\"a\":1 \"b\"}",
        "[1.0]", "[1e2]", "[-0.5]", "[1E400]", "{\"a\":{\"b\":0.1}}",
        "[9223372036854775808]", "[-9223372036854775809]", "[01]", "[+1]",
        "[0x1]", "[NaN]", "[tru]", "[\"a\nb\"]", "[\"\\x\"]", "[\"\\u12\"]",
        "[\"\\ud842\"]", "[\"\\udfb7\\ud842\"]", "[\"\\u0000\"]",
        "{\"a\":1,\"a\":1}", "{\"a\":{\"b\":1,\"b\":2}}",
        "{\"a\":1,\"\\u0061\":2}", "[\"\xff\"]", "[\"\xc0\x80\"]",
        "[\"\xed\xa0\x80\"]", "{\"\xe4\xb8\":1}", "\xef\xbb\xbf[]",
        "[1]/* a */", "//\n[]"
    };

    (void) state;

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(wm_doc_parse(unit_pool, wm_str(bad[i])) == NULL,
                    "took %s", bad[i]);
    }

    assert_null(wm_doc_parse(unit_pool, wm_null));
    assert_null(wm_doc_parse(unit_pool, wm_lit("[1]\0")));
    assert_null(wm_doc_parse(unit_pool, wm_lit("[\"a\0b\"]")));
}


static wm_str_t
nested(const char *open, const char *inside, const char *close, int depth)
{
    int       i;
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 64);

    for (i = 0; i < depth; i++) {
        wm_puts(&b, open);
    }

    wm_puts(&b, inside);

    for (i = 0; i < depth; i++) {
        wm_puts(&b, close);
    }

    return wm_buf_str(&b);
}


static void
depth(void **state)
{
    (void) state;

    assert_non_null(wm_doc_parse(unit_pool, nested("[", "1", "]", 16)));
    assert_null(wm_doc_parse(unit_pool, nested("[", "1", "]", 17)));
    assert_null(wm_doc_parse(unit_pool, nested("[", "", "]", 17)));
    assert_non_null(wm_doc_parse(unit_pool, nested("{\"a\":", "1", "}", 16)));
    assert_null(wm_doc_parse(unit_pool, nested("{\"a\":", "1", "}", 17)));
    assert_null(wm_doc_parse(unit_pool, nested("[", "1", "]", 100000)));
    assert_null(wm_doc_parse(unit_pool, nested("[", "1", "", 100000)));
}


static void
made(void **state)
{
    wm_doc_t  *d, *list, *item;

    (void) state;

    d = wm_doc_new(unit_pool);
    wm_doc_text(d, "title", "反诈\"讲座\"");
    wm_doc_str(d, "empty", wm_null);
    wm_doc_int(d, "n", INT64_MIN);
    wm_doc_bool(d, "yes", true);
    wm_doc_null(d, "nothing");
    wm_doc_hide(wm_doc_text(d, "form", "secret"));

    list = wm_doc_list(d, "items");
    item = wm_doc_item(list);
    wm_doc_hide(wm_doc_int(item, "first", 1));
    wm_doc_int(item, "id", 1);
    wm_doc_hide(wm_doc_item(list));
    wm_doc_item_str(list, wm_lit("x"));
    wm_doc_obj(d, "none");

    assert_text(written(d),
                "{\"title\":\"反诈\\\"讲座\\\"\",\"empty\":\"\","
                "\"n\":-9223372036854775808,\"yes\":true,\"nothing\":null,"
                "\"items\":[{\"id\":1},\"x\"],\"none\":{}}");

    assert_text(wm_doc_get_str(d, "title"), "反诈\"讲座\"");
    assert_text(wm_doc_get_str(d, "form"), "secret");
    assert_text(wm_doc_get_str(d, "n"), NULL);
    assert_text(wm_doc_get_str(d, "absent"), NULL);
    assert_text(wm_doc_get_str(NULL, "absent"), NULL);
    assert_true(wm_doc_get_int(d, "n", 7) == INT64_MIN);
    assert_true(wm_doc_get_int(d, "title", 7) == 7);
    assert_null(wm_doc_get(list, wm_lit("id")));
    assert_int_equal(list->num, 3);
}


/* Whatever bytes are in the tree, what is written is JSON. */

static void
bad_bytes(void **state)
{
    int        i;
    char       bytes[40];
    size_t     j, n;
    wm_doc_t  *d, *back;

    (void) state;

    d = wm_doc_new(unit_pool);
    wm_doc_str(d, "a", wm_lit("x\xff\xe5\xbc" "y\xc0\x80\0"));
    assert_text(written(d), "{\"a\":\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                            "y\xef\xbf\xbd\xef\xbf\xbd\\u0000\"}");

    for (i = 0; i < 20000; i++) {
        n = unit_random() % sizeof(bytes);
        unit_random_bytes(bytes, n);

        for (j = 0; j < n; j++) {
            bytes[j] = (char) (bytes[j] == '\0' ? '"' : bytes[j]);
        }

        d = wm_doc_new(unit_pool);
        wm_doc_str(d, "a", (wm_str_t) { n, bytes });
        back = wm_doc_parse(unit_pool, written(d));

        assert_case(back != NULL, "%s", unit_show(written(d)));
        assert_true(wm_eq(written(back), written(d)));
    }
}


/* A value that there was no memory for is left out, with all below it. */

static void
no_memory(void **state)
{
    wm_doc_t       *d;
    unit_meagre_t   m;

    (void) state;

    assert_null(wm_doc_new(unit_meagre(&m, 0)));

    d = wm_doc_new(unit_meagre(&m, 2));
    wm_doc_int(d, "a", 1);
    wm_doc_int(wm_doc_item(wm_doc_list(d, "items")), "b", 2);
    wm_doc_hide(wm_doc_obj(d, "c"));
    assert_text(written(d), "{\"a\":1}");
}


/* jansson asks for more than a text of that length usually needs. */

static void
dense(void **state)
{
    size_t     i, calls;
    wm_buf_t   b;
    wm_doc_t  *d;

    (void) state;

    wm_buf_init(&b, unit_pool, 4096);
    wm_puts(&b, "[{}");

    for (i = 0; i < 3000; i++) {
        wm_puts(&b, ",{\"\":[]}");
    }

    wm_putc(&b, ']');

    unit_openssl_fail(0);
    d = wm_doc_parse(unit_pool, wm_buf_str(&b));
    calls = unit_openssl_calls();

    assert_non_null(d);
    assert_true(calls > 1 && calls < 3000);
    assert_true(wm_eq(written(d), wm_buf_str(&b)));
}


static void
no_room_to_parse(void **state)
{
    (void) state;

    unit_openssl_fail(1);
    assert_null(wm_doc_parse(unit_pool, wm_lit("{\"a\":1}")));
    assert_true(wm_pool_starved(unit_pool));
    unit_openssl_fail(0);
}


static void
too_long(void **state)
{
    size_t  len = WM_DOC_MAX + 1;
    char   *text;

    (void) state;

    text = malloc(len);
    assert_non_null(text);
    memset(text, ' ', len);
    text[0] = '[';
    text[1] = ']';

    assert_null(wm_doc_parse(unit_pool, (wm_str_t) { len, text }));
    assert_non_null(wm_doc_parse(unit_pool, (wm_str_t) { len - 1, text }));
    assert_false(wm_pool_starved(unit_pool));

    free(text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(round_trips),
        unit_case(refused),
        unit_case(depth),
        unit_case(made),
        unit_case(bad_bytes),
        unit_case(no_memory),
        unit_case(dense),
        unit_case(no_room_to_parse),
        unit_case(too_long)
    };

    return cmocka_run_group_tests_name("doc", tests, NULL, NULL);
}
