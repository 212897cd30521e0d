#include "unit.h"
#include "wm_crypto.h"

#include <msgpuck.h>

#define K(rest)  "wm:{furong}:" rest


static void
put_word(wm_buf_t *b, const char **p)
{
    uint32_t     len;
    const char  *s;

    if (mp_typeof(**p) == MP_UINT) {
        wm_putf(b, "@%u", (unsigned) mp_decode_uint(p));
        return;
    }

    s = mp_decode_str(p, &len);
    wm_put(b, (wm_str_t) { len, s });
}


/* Packed steps as text, decoded by msgpuck; hidden: begins with a place. */

static const char *
unpacked(wm_str_t packed, bool hidden)
{
    uint32_t     i, n, at, args, begin = 0;
    wm_buf_t     b;
    const char  *p, *end;

    p = packed.data;
    end = packed.data + packed.len;

    assert_int_equal(mp_check(&p, end), 0);
    assert_ptr_equal(p, end);

    wm_buf_init(&b, unit_pool, 256);
    p = packed.data;
    n = mp_decode_array(&p);
    at = 1;

    if (hidden) {
        begin = (uint32_t) mp_decode_uint(&p);
        at++;
    }

    while (at <= n) {
        if (at == begin) {
            wm_puts(&b, "--\n");
        }

        args = (uint32_t) mp_decode_uint(&p);

        for (i = 0; i < args; i++) {
            wm_puts(&b, i > 0 ? "|" : "");
            put_word(&b, &p);
        }

        wm_putc(&b, '\n');
        at += args + 1;
    }

    assert_int_equal(at, n + 1);
    assert_true(!hidden || begin <= at);
    wm_putc(&b, '\0');

    return b.data;
}


/* The words of commit i; behind the number of keys, keys and the time. */

static const wm_str_t *
words_of(const wm_str_t *v, size_t argc, size_t i, size_t n)
{
    return v + argc - (n - i) * WM_COMMIT_WORDS;
}


/* SHA-1 as Redis writes it. */

static void
digest_of(wm_str_t s, char out[41])
{
    size_t   i;
    uint8_t  sum[20];

    assert_true(wm_sha1(&s, 1, sum));

    for (i = 0; i < 20; i++) {
        snprintf(out + 2 * i, 3, "%02x", sum[i]);
    }
}


static void
encoded(void **state)
{
    char             digest[41], sealed[41];
    size_t           i, argc, private;
    wm_str_t        *v, key;
    wm_commit_t     *c;
    const wm_str_t  *w;

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

    assert_true(wm_commits_encode(unit_pool, &c, 1, &v, &argc));
    assert_int_equal(argc, 3 + 5 + 1 + 6);

    for (i = 0; i < wm_countof(keys); i++) {
        assert_text(v[2 + i], keys[i]);
    }

    assert_text(v[8], "691200");
    w = words_of(v, argc, 0, 1);
    digest_of(w[5], digest);
    private = 1 + 5 + 1 + key.len + 4 + 3;
    digest_of((wm_str_t) { private, w[4].data + w[4].len - private }, sealed);

    assert_text(w[0], "1795395607123");
    assert_text(w[1], wm_printf(unit_pool, "order.submit tester %s %s",
                                sealed, digest).data);
    assert_text(w[2], "");
    assert_text(w[3], "");
    assert_has(unpacked(w[4], true), "absent|" K("a") "\n"
                                     "heq|" K("b") "|f|\n"
                                     "--\nHSET|" K("a") "|key|");
    assert_memory_equal(w[4].data + w[4].len - 7, "\xa3key\xa2\0\xff", 7);
    assert_string_equal(unpacked(w[5], false),
                        "HINCRBY|" K("b") "|n|1\n"
                        "HSET|" K("a") "|n|@1|text|张三|nil|\n"
                        "DEL|" K("c") "\n");
}


static void
encoded_once(void **state)
{
    char             hex[65];
    size_t           argc, i;
    uint8_t          sum[32];
    wm_str_t        *v;
    wm_commit_t     *c, *d;
    const wm_str_t  *w;

    (void) state;

    c = unit_commit(WM_OP_CHECK_IN);
    wm_commit_once(c, wm_lit("scope"), wm_lit("body"));
    wm_do(c, SET, wm_key(unit_pool, c->district, "x"), wm_lit("1"));

    assert_true(wm_commits_encode(unit_pool, &c, 1, &v, &argc));
    assert_int_equal(argc, 3 + 4 + 1 + 6);
    assert_text(v[2], "4");

    assert_true(wm_sha256(wm_lit("scope"), sum));
    wm_hex(sum, 16, hex);
    hex[32] = '\0';
    assert_text(v[5], wm_printf(unit_pool, K("once:%s"), hex).data);
    assert_text(words_of(v, argc, 0, 1)[2], v[5].data);

    assert_true(wm_sha256(wm_lit("body"), sum));
    wm_hex(sum, 16, hex);
    hex[32] = '\0';
    assert_text(words_of(v, argc, 0, 1)[3], hex);

    /* and every key is declared once */

    for (i = 3; i < 7; i++) {
        assert_int_equal(memcmp(v[i].data, "wm:{furong}:", 12), 0);
    }

    /* without effects it is still a commit */

    d = unit_commit(WM_OP_IMPORT);
    assert_true(wm_commits_encode(unit_pool, &d, 1, &v, &argc));
    assert_int_equal(argc, 3 + 2 + 1 + 6);
    w = words_of(v, argc, 0, 1);
    digest_of(w[5], hex);
    assert_text(w[1], wm_printf(unit_pool, "import tester - %s", hex).data);
    assert_string_equal(unpacked(w[4], true), "");
    assert_string_equal(unpacked(w[5], false), "");
}


/* Two that travel together: the words of each, every key at least once. */

static void
together(void **state)
{
    size_t           argc, i, nkeys;
    wm_str_t        *v;
    wm_commit_t     *c[2];
    const wm_str_t  *w;

    static const char *const  keys[] = {
        K("journal"), K("head"), K("a"), K("b"), K("once:1"), K("c")
    };

    (void) state;

    c[0] = unit_commit(WM_OP_CHECK_IN);
    wm_need(c[0], ABSENT, wm_lit(K("a")));
    wm_do(c[0], SET, wm_lit(K("b")), wm_lit("1"));

    c[1] = unit_commit(WM_OP_CHECK_OUT);
    c[1]->idem = wm_lit(K("once:1"));
    c[1]->body_hash = wm_lit("H");
    wm_do(c[1], SET, wm_lit(K("a")), wm_lit("1"));
    wm_do_private(c[1], SET, wm_lit(K("c")), wm_lit("2"));

    assert_true(wm_commits_encode(unit_pool, c, 2, &v, &argc));

    w = words_of(v, argc, 0, 2);
    assert_true(wm_starts(w[1], "attend.in tester - "));
    assert_string_equal(unpacked(w[5], false), "SET|" K("b") "|1\n");
    w = words_of(v, argc, 1, 2);
    assert_true(wm_starts(w[1], "attend.out tester "));
    assert_text(w[2], K("once:1"));
    assert_text(w[3], "H");
    assert_string_equal(unpacked(w[4], true), "--\nSET|" K("c") "|2\n");

    nkeys = (size_t) (words_of(v, argc, 0, 2) - v) - 4;
    assert_text(v[2], wm_printf(unit_pool, "%zu", nkeys).data);

    for (i = 0; i < wm_countof(keys); i++) {
        wm_str_t  *k = v + 3;

        while (k < v + 3 + nkeys && !wm_is(*k, keys[i])) {
            k++;
        }

        assert_case(k < v + 3 + nkeys, "%s is not declared", keys[i]);
    }

    /* one that failed fails them all: nobody may be left out unnoticed */

    c[1]->failed = true;
    assert_false(wm_commits_encode(unit_pool, c, 2, &v, &argc));
}


/* All kinds of steps, a step with every argument at the limits of its form. */

static void
names_and_lengths(void **state)
{
    size_t        i, argc;
    char         *long_text;
    wm_str_t     *v, key;
    wm_commit_t  *c;

    const wm_str_t  *w;

    static const size_t  lengths[] = {
        0, 1, 31, 32, 255, 256, 65535, 65536
    };

    (void) state;

    c = unit_commit(WM_OP_IMPORT);
    key = wm_key(unit_pool, c->district, "k");
    long_text = wm_alloc(unit_pool, 65536);
    memset(long_text, 'x', 65536);

    for (i = 0; i <= WM_NEED_EQ; i++) {
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

    assert_true(wm_commits_encode(unit_pool, &c, 1, &v, &argc));
    w = words_of(v, argc, 0, 1);
    assert_has(unpacked(w[4], true), "absent|" K("k") "\nexists|" K("k") "\n"
               "habsent|" K("k") "\nhexists|" K("k") "\nheq|" K("k") "\n"
               "hbelow|" K("k") "\nsmember|" K("k") "\nsnomember|" K("k") "\n"
               "hlen|" K("k") "\nscard|" K("k") "\nzcard|" K("k") "\n"
               "eq|" K("k") "\n");
    assert_has(unpacked(w[5], false), "HSET|" K("k") "\nHDEL|" K("k") "\n"
               "HINCRBY|" K("k") "\nSADD|" K("k") "\nSREM|" K("k") "\n"
               "ZADD|" K("k") "\nZREM|" K("k") "\nSET|" K("k") "\n"
               "DEL|" K("k") "\nEXPIRE|" K("k") "\nSET|" K("k") "|\n");
    assert_has(unpacked(w[5], false), "SET|" K("k") "|@1|@127|@128|@65536\n");
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

    assert_true(wm_commits_encode(unit_pool, &c, 1, &v, &argc));
    assert_string_equal(unpacked(words_of(v, argc, 0, 1)[5], false),
                        "SET|" K("k") "|\x01|@1|\n");
}


/* Lists grow, and keep what they had; but not without end. */

static void
many(void **state)
{
    size_t        i, argc;
    wm_str_t     *v;
    wm_commit_t  *c;

    (void) state;

    c = unit_commit(WM_OP_IMPORT);

    for (i = 0; i < WM_COMMIT_STEPS; i++) {
        wm_need(c, EXISTS, wm_key(unit_pool, c->district, "n%zu", i));
        wm_do(c, DEL, wm_key(unit_pool, c->district, "e%zu", i));
        wm_do_private(c, DEL, wm_key(unit_pool, c->district, "p%zu", i));
        assert_false(c->failed);
    }

    wm_commit_once(c, wm_lit("a"), wm_lit("b"));

    assert_true(wm_commits_encode(unit_pool, &c, 1, &v, &argc));
    assert_int_equal(argc, 3 + 3 + 3 * WM_COMMIT_STEPS + 1 + 6);
    assert_text(v[6], K("n0"));
    assert_text(v[6 + WM_COMMIT_STEPS - 1], K("n511"));
    assert_text(v[6 + WM_COMMIT_STEPS], K("e0"));
    assert_text(v[6 + 3 * WM_COMMIT_STEPS - 1], K("p511"));

    wm_do(c, DEL, wm_key(unit_pool, c->district, "one more"));
    assert_true(c->failed);
    assert_false(wm_commits_encode(unit_pool, &c, 1, &v, &argc));
}


static void
too_many(void **state)
{
    size_t        i, argc;
    wm_str_t     *v;
    wm_commit_t  *c;

    (void) state;

    c = unit_commit(WM_OP_IMPORT);

    for (i = 0; i <= WM_COMMIT_STEPS; i++) {
        assert_false(c->failed);
        wm_need(c, EXISTS, wm_lit("k"));
    }

    assert_true(c->failed);

    c = unit_commit(WM_OP_IMPORT);

    for (i = 0; i <= WM_COMMIT_STEPS; i++) {
        assert_false(c->failed);
        wm_do_private(c, DEL, wm_lit("k"));
    }

    assert_true(c->failed);

    c = unit_commit(WM_OP_IMPORT);
    wm_do(c, DEL, wm_null);
    assert_false(wm_commits_encode(unit_pool, &c, 1, &v, &argc));
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
    wm_str_t  entry = wm_lit("1 1795395607123 order.submit tester - "
                             "bf21a9e8fbc5a3846fb05b4fa0859e0917b2202f");

    (void) state;

    assert_true(wm_chain_hash(
        wm_lit("0000000000000000000000000000000000000000"), entry, a));
    digest_of(wm_printf(unit_pool, "%040d %.*s", 0, wm_fmt(entry)), b);
    assert_string_equal(a, b);

    assert_true(wm_chain_digest(wm_lit("\x90"), a));
    digest_of(wm_lit("\x90"), b);
    assert_string_equal(a, b);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(encoded),
        unit_case(encoded_once),
        unit_case(together),
        unit_case(names_and_lengths),
        unit_case(no_reference_by_text),
        unit_case(many),
        unit_case(too_many),
        unit_case(keys),
        unit_case(chained)
    };

    return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
