#include "unit.h"
#include "wm_crypto.h"

#include <msgpuck.h>

#define K(rest)  "wm:{furong}:" rest


/* Packed steps as text, decoded by msgpuck. */

static const char *
unpacked(wm_str_t packed)
{
    uint32_t     i, j, n, len, args;
    wm_buf_t     b;
    const char  *p, *end, *s;

    p = packed.data;
    end = packed.data + packed.len;

    assert_int_equal(mp_check(&p, end), 0);
    assert_ptr_equal(p, end);

    wm_buf_init(&b, unit_pool, 256);
    p = packed.data;

    for (i = 0, n = mp_decode_array(&p); i < n; i++) {
        for (j = 0, args = mp_decode_array(&p); j < args; j++) {
            wm_puts(&b, j > 0 ? "|" : "");

            if (mp_typeof(*p) == MP_UINT) {
                wm_putf(&b, "@%u", (unsigned) mp_decode_uint(&p));
                continue;
            }

            s = mp_decode_str(&p, &len);
            wm_put(&b, (wm_str_t) { len, s });
        }

        wm_putc(&b, '\n');
    }

    wm_putc(&b, '\0');

    return b.data;
}


static void
encoded(void **state)
{
    size_t        i, argc;
    wm_str_t     *v, key;
    wm_commit_t  *c;

    static const char *const  keys[] = {
        "5", K("journal"), K("head"), K("a"), K("b"), K("c")
    };

    (void) state;

    c = unit_commit(WM_OP_ORDER_SUBMIT);
    key = wm_key(unit_pool, c->district, "%s", "a");

    wm_need(c, ABSENT, key);
    wm_need(c, HEQ, wm_key(unit_pool, c->district, "b"), wm_lit("f"),
            wm_lit(""));
    wm_do(c, HINCRBY, wm_key(unit_pool, c->district, "b"), wm_lit("n"),
          wm_lit("1"));
    wm_do(c, HSET, key, wm_lit("n"), wm_reply_of(1), wm_lit("text"),
          wm_lit("张三"), wm_lit("nil"), wm_null);
    wm_do(c, DEL, wm_key(unit_pool, c->district, "c"));
    wm_do_private(c, HSET, key, wm_lit("key"), wm_lit("\0\xff"));

    assert_true(wm_commit_encode(c, &v, &argc));
    assert_int_equal(argc, 1 + 5 + 8);

    for (i = 0; i < wm_countof(keys); i++) {
        assert_text(v[i], keys[i]);
    }

    v += wm_countof(keys);

    assert_text(v[0], "order.submit");
    assert_text(v[1], "tester");
    assert_text(v[2], "1795395607123");
    assert_text(v[3], "");
    assert_text(v[4], "691200");
    assert_string_equal(unpacked(v[5]), "absent|" K("a") "\n"
                                        "heq|" K("b") "|f|\n");
    assert_string_equal(unpacked(v[6]), "HINCRBY|" K("b") "|n|1\n"
                                        "HSET|" K("a") "|n|@1|text|张三|nil|\n"
                                        "DEL|" K("c") "\n");
    assert_int_equal(v[7].len, 1 + 1 + 5 + 1 + key.len + 4 + 3);
    assert_memory_equal(v[7].data + v[7].len - 7, "\xa3key\xa2\0\xff", 7);
}


static void
encoded_once(void **state)
{
    char          hex[65];
    size_t        argc, i;
    uint8_t       sum[32];
    wm_str_t     *v, *w;
    wm_commit_t  *c, *d;

    (void) state;

    c = unit_commit(WM_OP_CHECK_IN);
    wm_commit_once(c, wm_lit("scope"), wm_lit("body"));
    wm_do(c, SET, wm_key(unit_pool, c->district, "x"), wm_lit("1"));

    assert_true(wm_commit_encode(c, &v, &argc));
    assert_int_equal(argc, 1 + 4 + 8);
    assert_text(v[0], "4");

    assert_true(wm_sha256(wm_lit("scope"), sum));
    wm_hex(sum, 16, hex);
    hex[32] = '\0';
    assert_text(v[3], wm_printf(unit_pool, K("once:%s"), hex).data);

    assert_true(wm_sha256(wm_lit("body"), sum));
    wm_hex(sum, 16, hex);
    hex[32] = '\0';
    assert_text(v[5 + 3], hex);
    assert_text(v[5 + 7], "");

    /* without effects it is still a commit */

    d = unit_commit(WM_OP_IMPORT);
    assert_true(wm_commit_encode(d, &w, &argc));
    assert_int_equal(argc, 1 + 2 + 8);
    assert_string_equal(unpacked(w[3 + 6]), "");

    /* and every key is declared once */

    for (i = 1; i < 5; i++) {
        assert_int_equal(memcmp(v[i].data, "wm:{furong}:", 12), 0);
    }
}


/* All kinds of steps, a step with every argument at the limits of its form. */

static void
names_and_lengths(void **state)
{
    size_t        i, argc;
    char         *long_text;
    wm_str_t     *v, key;
    wm_commit_t  *c;

    static const size_t  lengths[] = {
        0, 1, 31, 32, 255, 256, 65535, 65536
    };

    (void) state;

    c = unit_commit(WM_OP_IMPORT);
    key = wm_key(unit_pool, c->district, "k");
    long_text = wm_alloc(unit_pool, 65536);
    memset(long_text, 'x', 65536);

    for (i = 0; i <= WM_NEED_ZCARD; i++) {
        wm_commit_add_need(c, (wm_need_t) i, key, &wm_null, 0);
    }

    for (i = 0; i <= WM_DO_EXPIRE; i++) {
        wm_commit_add_effect(c, false, (wm_do_t) i, key, &wm_null, 0);
    }

    for (i = 0; i < wm_countof(lengths); i++) {
        wm_do(c, SET, key, ((wm_str_t) { lengths[i], long_text }));
    }

    wm_do(c, SET, key, wm_reply_of(1), wm_reply_of(127), wm_reply_of(128),
          wm_reply_of(65536));

    assert_true(wm_commit_encode(c, &v, &argc));
    assert_has(unpacked(v[4 + 5]), "absent|" K("k") "\nexists|" K("k") "\n"
               "habsent|" K("k") "\nhexists|" K("k") "\nheq|" K("k") "\n"
               "hbelow|" K("k") "\nsmember|" K("k") "\nsnomember|" K("k") "\n"
               "hlen|" K("k") "\nscard|" K("k") "\nzcard|" K("k") "\n");
    assert_has(unpacked(v[4 + 6]), "HSET|" K("k") "\nHDEL|" K("k") "\n"
               "HINCRBY|" K("k") "\nSADD|" K("k") "\nSREM|" K("k") "\n"
               "ZADD|" K("k") "\nZREM|" K("k") "\nSET|" K("k") "\n"
               "DEL|" K("k") "\nEXPIRE|" K("k") "\nSET|" K("k") "|\n");
    assert_has(unpacked(v[4 + 6]), "SET|" K("k") "|@1|@127|@128|@65536\n");
}


/* Text that looks like a reference is text. */

static void
no_reference_by_text(void **state)
{
    size_t        argc;
    wm_str_t     *v;
    wm_commit_t  *c;

    (void) state;

    c = unit_commit(WM_OP_IMPORT);
    wm_do(c, SET, wm_key(unit_pool, c->district, "k"), wm_lit("\x01"),
          wm_lit("@1"), wm_lit(""));

    assert_true(wm_commit_encode(c, &v, &argc));
    assert_string_equal(unpacked(v[4 + 6]), "SET|" K("k") "|\x01|@1|\n");
}


static void
too_many(void **state)
{
    size_t        i, argc;
    wm_str_t     *v;
    wm_commit_t  *c;

    (void) state;

    c = unit_commit(WM_OP_IMPORT);

    for (i = 0; i < wm_countof(c->needs); i++) {
        wm_need(c, EXISTS, wm_key(unit_pool, c->district, "n%zu", i));
    }

    for (i = 0; i < WM_COMMIT_STEPS; i++) {
        wm_do(c, DEL, wm_key(unit_pool, c->district, "e%zu", i));
    }

    for (i = 0; i < wm_countof(c->private); i++) {
        wm_do_private(c, DEL, wm_key(unit_pool, c->district, "p%zu", i));
    }

    wm_commit_once(c, wm_lit("a"), wm_lit("b"));

    assert_true(wm_commit_encode(c, &v, &argc));
    assert_int_equal(argc, 1 + 3 + 16 + 96 + 4 + 8);
    assert_text(v[0], "119");

    wm_do(c, DEL, wm_key(unit_pool, c->district, "one more"));
    assert_true(c->failed);
    assert_false(wm_commit_encode(c, &v, &argc));

    c = unit_commit(WM_OP_IMPORT);

    for (i = 0; i <= wm_countof(c->needs); i++) {
        assert_false(c->failed);
        wm_need(c, EXISTS, wm_lit("k"));
    }

    assert_true(c->failed);

    c = unit_commit(WM_OP_IMPORT);

    for (i = 0; i <= wm_countof(c->private); i++) {
        assert_false(c->failed);
        wm_do_private(c, DEL, wm_lit("k"));
    }

    assert_true(c->failed);

    c = unit_commit(WM_OP_IMPORT);
    wm_do(c, DEL, wm_null);
    assert_false(wm_commit_encode(c, &v, &argc));
}


static void
keys(void **state)
{
    unit_meagre_t  m;

    (void) state;

    assert_text(wm_key(unit_pool, wm_lit("furong"), "order:%s", "X"),
                K("order:X"));
    assert_text(wm_key(unit_pool, wm_lit("a"), "%s", ""), "wm:{a}:");
    assert_text(wm_key(unit_meagre(&m, 0), wm_lit("a"), "b"), NULL);
}


static void
chained(void **state)
{
    char      a[41], b[41];
    uint8_t   sum[20];
    wm_str_t  text, effects = wm_lit("\x91\0x"), replies = wm_lit("\x90");

    (void) state;

    text = wm_lit("0000000000000000000000000000000000000000 1 1795395607123 "
                  "order.submit tester - 3\n\x91\0x\x90");
    assert_true(wm_sha1(&text, 1, sum));
    wm_hex(sum, 20, b);
    b[40] = '\0';

    assert_true(wm_chain_hash(
        wm_lit("0000000000000000000000000000000000000000"), wm_lit("1"),
        wm_lit("1795395607123"), wm_lit("order.submit"), wm_lit("tester"),
        wm_lit("-"), effects, replies, a));

    assert_int_equal(strcasecmp(a, b), 0);
    assert_int_equal(strspn(a, "0123456789abcdef"), 40);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(encoded),
        unit_case(encoded_once),
        unit_case(names_and_lengths),
        unit_case(no_reference_by_text),
        unit_case(too_many),
        unit_case(keys),
        unit_case(chained)
    };

    return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
