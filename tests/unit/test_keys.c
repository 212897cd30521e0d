#include "unit.h"
#include "wm_keyedit.h"

#define S1  "5f1d7a84db00d2fce00b31a7fc73224f67e15b9c3d7e9f1a42c8b06d95e3a17c"
#define S2  "91c3e7f05a2b8d46713f0ce9a8b5d2647e1f93806dbac4f5283e7109d6c5ab40"
#define S3  "c2a94e6b1d8f03725be46fa90c7d31e892b5407f6ad1c8e35f0b9a2746d8e1f3"

#define SIGN  "sign 1 hmac-sha256 active 2026-01-01T00:00:00Z " S1 "\n"
#define DATA  "data 1 aes-256-gcm active 2026-01-01T00:00:00Z " S3 "\n"
#define S16   "5f1d7a84db00d2fce00b31a7fc73224f"
#define ZERO  "00000000000000000000000000000000"


static bool
parse(const char *text, wm_keyfile_t *file, wm_str_t *error)
{
    *error = wm_null;

    return wm_keyfile_parse(unit_pool, wm_str(text), file, error);
}


static void
refused(const char *text, const char *why)
{
    wm_str_t      error;
    wm_keyfile_t  file;

    assert_case(!parse(text, &file, &error), "accepted: %s", text);
    assert_text(error, why);
}


static void
good_files(void **state)
{
    size_t        i;
    wm_str_t      error;
    wm_keyfile_t  file;

    static const char *const  good[] = {
        SIGN DATA,
        DATA SIGN,
        "\n# a remark\n" SIGN "\n\n" DATA "\n#",
        "sign  1   hmac-sha256 active x  " S1 "  \n" DATA,
        "sign 1 hmac-sha256 active x " S1 "\ndata 1 aes-256-gcm active x " S3,
        "sign 1 hmac-sha256 active x " S1 "\r\n\r\n# a\r\n"
            "data 1 aes-256-gcm active x " S3 "\r\n"
    };

    (void) state;

    for (i = 0; i < wm_countof(good); i++) {
        assert_case(parse(good[i], &file, &error), "%s: %s",
                    unit_show(wm_str(good[i])), unit_show(error));
        assert_int_equal(file.n, 2);
    }

    assert_true(parse("sign 255 hmac-sha256 retired then " S2 "\n" SIGN DATA,
                      &file, &error));
    assert_int_equal(file.n, 3);
    assert_int_equal(file.keys[0].set, WM_SET_SIGN);
    assert_int_equal(file.keys[0].id, 255);
    assert_string_equal(file.keys[0].algorithm->name, "hmac-sha256");
    assert_string_equal(file.keys[0].algorithm->digest, "SHA256");
    assert_int_equal(file.keys[0].state, WM_KEY_RETIRED);
    assert_text(file.keys[0].state_text, "retired");
    assert_text(file.keys[0].since, "then");
    assert_int_equal(file.keys[0].secret[0], 0x91);
    assert_int_equal(file.keys[0].secret[31], 0x40);
    assert_int_equal(file.keys[2].set, WM_SET_DATA);
}


#define MAKE   "; make one with \"wenming keys new\""
#define BOTH   "needs an active key of each set, sign and data" MAKE


static void
bad_lines(void **state)
{
    size_t  i;

    static const struct {
        const char  *line;
        const char  *why;
    } bad[] = {
        { "sign 2 hmac-sha256 active x " S2 " more", "has too many fields" },
        { "sign 2 hmac-sha256 active " S2,
          "needs: set id algorithm state since secret" },
        { "sign", "needs: set id algorithm state since secret" },
        { " ", "needs: set id algorithm state since secret" },
        { "sine 2 hmac-sha256 active x " S2,
          "names a set that is neither sign nor data" },
        { "Sign 2 hmac-sha256 active x " S2,
          "names a set that is neither sign nor data" },
        { "sign 0 hmac-sha256 active x " S2,
          "has a key id that is not 1 to 255" },
        { "sign 256 hmac-sha256 active x " S2,
          "has a key id that is not 1 to 255" },
        { "sign -1 hmac-sha256 active x " S2,
          "has a key id that is not 1 to 255" },
        { "sign two hmac-sha256 active x " S2,
          "has a key id that is not 1 to 255" },
        { "sign 18446744073709551617 hmac-sha256 active x " S2,
          "has a key id that is not 1 to 255" },
        { "sign 2 hmac-md5 active x " S2,
          "has an algorithm that this version does not know" },
        { "sign 2 aes-256-gcm active x " S2,
          "has an algorithm that this version does not know" },
        { "data 2 hmac-sha256 active x " S2,
          "has an algorithm that this version does not know" },
        { "sign 2 hmac-sha256 idle x " S2,
          "has a state that is none of active, next and retired" },
        { "sign 2 hmac-sha256 active x " S2 "0",
          "has a secret that is not 64 hexadecimal digits" },
        { "sign 2 hmac-sha256 active x 0",
          "has a secret that is not 64 hexadecimal digits" },
        { "sign 2 hmac-sha256 active x g1c3e7f05a2b8d46713f0ce9a8b5d264"
          "7e1f93806dbac4f5283e7109d6c5ab40",
          "has a secret that is not 64 hexadecimal digits" },
        { "sign 1 hmac-sha256 active x " S2, "repeats a key id" },
        { "sign 1 hmac-sha256 retired x " S2, "repeats a key id" },
        { "sign 2 hmac-SM3 active x " S2,
          "has an algorithm that this version does not know" },
        { "sign 2 sm4-ctr-hmac-sm3 active x " S2,
          "has an algorithm that this version does not know" },
        { "data 2 hmac-sm3 active x " S2,
          "has an algorithm that this version does not know" },
        { "data 2 aes-256-gcm next x " S2,
          "is a data key, which never change: it cannot be next" },
        { "data 2 aes-256-gcm active x " S2,
          "is a second active data key: every person would become two" },
        { "data 2 sm4-ctr-hmac-sm3 active x " S2,
          "is a second active data key: every person would become two" }
    };

    (void) state;

    for (i = 0; i < wm_countof(bad); i++) {
        refused(wm_printf(unit_pool, "# one\n" SIGN "\n" DATA "%s\n",
                          bad[i].line).data,
                wm_printf(unit_pool, "line 5 %s", bad[i].why).data);
    }
}


static void
bad_files(void **state)
{
    int       i;
    wm_buf_t  b;

    (void) state;

    refused("", BOTH);
    refused("\n\n# nothing\n", BOTH);
    refused(SIGN, BOTH);
    refused(DATA, BOTH);
    refused("sign 1 hmac-sha256 retired x " S1 "\n" DATA, BOTH);
    refused(SIGN "data 1 aes-256-gcm retired x " S3 "\n", BOTH);
    refused("sign 1 hmac-sha256 next x " S1 "\n" DATA, BOTH);
    refused("sign 1 hmac-sha256 next x " S1 "\n" DATA
            "sign 2 hmac-sha256 active x " S2 "\n",
            "line 3 stands behind the key that is next; that one must be the "
            "last");
    refused(SIGN DATA "sign 2 hmac-sha256 next x " S2 "\n"
            "sign 3 hmac-sha256 next x " S2 "\n",
            "line 4 stands behind the key that is next; that one must be the "
            "last");

    wm_buf_init(&b, unit_pool, 8192);
    wm_puts(&b, DATA);

    for (i = 1; i <= WM_KEYS_MAX; i++) {
        wm_putf(&b, "sign %d hmac-sha256 active x " S1 "\n", i);
    }

    wm_putc(&b, '\0');
    refused(b.data, "has more than 32 keys");
}


static void
weak_secrets(void **state)
{
    size_t  i;

    static const char *const  weak[] = {
        ZERO ZERO,
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100",
        "00020406080a0c0e10121416181a1c1e20222426282a2c2e30323436383a3c3e",
        "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
        "1212121212121212121212121212121212121212121212121212121212121212",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
        S16 S16
    };

    (void) state;

    for (i = 0; i < wm_countof(weak); i++) {
        refused(wm_printf(unit_pool, DATA "sign 1 hmac-sha256 active x %s\n",
                          weak[i]).data,
                "line 2 has a sample or weak secret" MAKE);
    }
}


/* Good secrets are hardly ever taken for weak ones. */

static void
random_secrets(void **state)
{
    int           i;
    char          hex[2 * WM_KEY_LEN + 1];
    uint8_t       raw[WM_KEY_LEN];
    wm_str_t      error, text;
    wm_keyfile_t  file;

    (void) state;

    for (i = 0; i < 20000; i++) {
        unit_random_bytes(raw, sizeof(raw));
        wm_hex(raw, sizeof(raw), hex);
        hex[64] = '\0';
        text = wm_printf(unit_pool, DATA "sign 1 hmac-sha256 active x %s\n",
                         hex);

        assert_case(parse(text.data, &file, &error), "%s: %s", hex,
                    unit_show(error));
    }
}


static void
rings(void **state)
{
    size_t         i;
    wm_keyring_t  *a, *b;

    (void) state;

    a = unit_ring(SIGN DATA
                  "sign 9 hmac-sha256 active x " S2 "\n"
                  "sign 4 hmac-sha256 retired x "
                  "3b70c1e5f29a4d8816073edc5ab94f21e8c60d7392af15b4d86e7f20"
                  "914ca3bd\n", "furong");

    assert_int_equal(wm_keyring_current(a), 9);
    assert_non_null(wm_keyring_mac(a, WM_PURPOSE_TOKEN, 1));
    assert_non_null(wm_keyring_mac(a, WM_PURPOSE_FORM, 9));
    assert_null(wm_keyring_mac(a, WM_PURPOSE_TOKEN, 4));
    assert_null(wm_keyring_mac(a, WM_PURPOSE_TOKEN, 0));
    assert_null(wm_keyring_mac(a, WM_PURPOSE_TOKEN, 2));
    assert_non_null(wm_keyring_mac(a, WM_PURPOSE_INDEX, 0));

    for (i = 0; i < 2; i++) {
        assert_ptr_equal(wm_keyring_nth(a, WM_PURPOSE_CODE, i),
                         wm_keyring_mac(a, WM_PURPOSE_CODE, i == 0 ? 1 : 9));
    }

    assert_null(wm_keyring_nth(a, WM_PURPOSE_CODE, 2));
    assert_int_equal(wm_keyring_cipher(a), WM_CIPHER_AES_256_GCM);

    b = unit_ring(SIGN DATA, "yuhua");
    assert_memory_not_equal(wm_keyring_wrap(a), wm_keyring_wrap(b),
                            WM_KEY_LEN);

    b = unit_ring(DATA SIGN, "furong");
    assert_memory_equal(wm_keyring_wrap(a), wm_keyring_wrap(b), WM_KEY_LEN);
}


/* A full file, wherever its data key stands. */

static void
full_rings(void **state)
{
    int       i, at;
    wm_buf_t  b;

    (void) state;

    for (at = 1; at <= WM_KEYS_MAX; at++) {
        wm_buf_init(&b, unit_pool, 8192);

        for (i = 1; i <= WM_KEYS_MAX; i++) {
            if (i == at) {
                wm_puts(&b, DATA);

            } else {
                wm_putf(&b, "sign %d hmac-sha256 active x " S1 "\n", i);
            }
        }

        wm_putc(&b, '\0');
        assert_int_equal(wm_keyring_current(unit_ring(b.data, "furong")),
                         at == WM_KEYS_MAX ? WM_KEYS_MAX - 1 : WM_KEYS_MAX);
        unit_teardown(NULL);
        unit_setup(NULL);
    }
}


/* Keys of different purposes and ids have nothing in common. */

static void
purposes_differ(void **state)
{
    size_t         n, i;
    uint8_t        macs[2 * WM_PURPOSE_MAX][WM_MAC_LEN];
    unsigned       p, id;
    wm_str_t       text = wm_lit("the same text");
    wm_keyring_t  *ring;

    (void) state;

    ring = unit_ring(SIGN DATA "sign 2 hmac-sha256 active x " S2 "\n",
                     "furong");
    n = 0;

    for (p = 0; p <= WM_PURPOSE_RECOVERY; p++) {
        for (id = 1; id <= (p >= WM_PURPOSE_INDEX ? 1 : 2); id++) {
            assert_true(wm_mac_compute(wm_keyring_mac(ring, (wm_purpose_t) p,
                                                      id),
                                       &text, 1, macs[n]));

            for (i = 0; i < n; i++) {
                assert_memory_not_equal(macs[i], macs[n], WM_MAC_LEN);
            }

            n++;
        }
    }
}


/* ---- rotate and retire */

#define NEXT   "sign 2 hmac-sha256 next 2026-02-01T00:00:00Z " S2 "\n"
#define DAY    INT64_C(86400000)


static const char *
rotate(const char *text, const char *algorithm, wm_rotated_t *r)
{
    wm_str_t  out, error;

    if (!wm_keyfile_rotate(unit_pool, wm_str(text), algorithm == NULL ? NULL
                           : wm_algorithm_find(WM_SET_SIGN,
                                               wm_str(algorithm)),
                           UNIT_NOW, &out, r, &error))
    {
        fail_msg("%s", unit_show(error));
    }

    return wm_dup(unit_pool, out).data;
}


/* How the text begins; all but a fresh secret behind it. */

static void
begins(const char *text, const char *want)
{
    assert_case(strncmp(text, want, strlen(want)) == 0, "%s", text);
}


static void
rotated(void **state)
{
    int            i;
    const char    *text, *more;
    wm_str_t       error;
    wm_rotated_t   r;
    wm_keyfile_t   file;

    (void) state;

    text = rotate("# mine\n\n" SIGN "  " NEXT "# and\n" DATA "# the end",
                  NULL, &r);
    begins(text, "# mine\n\n" SIGN
           "  sign 2 hmac-sha256 active 2026-11-23T01:00:07Z " S2 "\n"
           "# and\n" DATA "# the end\n"
           "sign 3 hmac-sha256 next 2026-11-23T01:00:07Z ");
    assert_true(r.known && r.signs == 2 && r.next == 3);
    assert_true(parse(text, &file, &error));
    assert_int_equal(file.n, 4);
    assert_int_equal(wm_keyring_current(unit_ring(text, "furong")), 2);

    more = rotate(text, "hmac-sha256", &r);
    assert_true(r.known && r.signs == 3 && r.next == 4);
    assert_int_equal(wm_keyring_current(unit_ring(more, "furong")), 3);

    /* a file that has no next key, and one with the lines of Windows */

    text = rotate(SIGN DATA, NULL, &r);
    begins(text, SIGN DATA "sign 2 hmac-sha256 active 2026-11-23T01:00:07Z ");
    assert_true(!r.known && r.signs == 2 && r.next == 3);
    assert_true(parse(text, &file, &error));
    assert_memory_not_equal(file.keys[2].secret, file.keys[3].secret,
                            WM_KEY_LEN);

    text = rotate("sign 1 hmac-sm3 active x " S1 "\r\n" DATA "\r\n", NULL, &r);
    assert_true(parse(text, &file, &error));
    assert_string_equal(file.keys[2].algorithm->name, "hmac-sm3");
    assert_string_equal(file.keys[3].algorithm->name, "hmac-sm3");
    assert_string_equal(text + strlen(text) - 2, "\r\n");

    /* another algorithm than that of the next key */

    text = rotate(SIGN NEXT DATA, "hmac-sm3", &r);
    assert_has(text, "sign 2 hmac-sha256 retired 2026-11-23T01:00:07Z " S2);
    assert_has(text, "sign 3 hmac-sm3 active 2026-11-23T01:00:07Z ");
    assert_has(text, "sign 4 hmac-sm3 next 2026-11-23T01:00:07Z ");
    assert_true(!r.known && r.signs == 3 && r.next == 4);

    /* on and on, until there is no room, and never the same id */

    for (i = 4, text = SIGN NEXT DATA; i <= WM_KEYS_MAX; i++) {
        text = rotate(text, NULL, &r);
        assert_true(r.signs == (unsigned) i - 2 && r.next == (unsigned) i - 1);
    }

    assert_false(wm_keyfile_rotate(unit_pool, wm_str(text), NULL, UNIT_NOW,
                                   &error, &r, &error));
    assert_text(error, "has 32 keys, and 32 are the most: delete the lines of "
                "retired keys that no checkpoint needs any more");
}


static void
ids_wrap(void **state)
{
    wm_rotated_t  r;

    (void) state;

    (void) rotate("sign 1 hmac-sha256 retired x " S1 "\n" DATA
                  "sign 254 hmac-sha256 active x " S2 "\n", NULL, &r);
    assert_true(r.signs == 255 && r.next == 2);

    (void) rotate("sign 2 hmac-sha256 retired x " S1 "\n" DATA
                  "sign 1 hmac-sha256 retired x " S1 "\n"
                  "sign 255 hmac-sha256 active x " S2 "\n", NULL, &r);
    assert_true(r.signs == 3 && r.next == 4);

    /* a data key's id is another matter */

    (void) rotate(SIGN DATA "data 2 aes-256-gcm retired x " S2 "\n", NULL,
                  &r);
    assert_true(r.signs == 2 && r.next == 3);
}


static void
retired(void **state)
{
    size_t       i;
    bool         ok;
    wm_str_t     out, error;
    const char  *text;

#define TOOK  "2026-02-01T00:00:00Z"            /* 1769904000 */
#define TWO   "sign 2 hmac-sha256 active " TOOK " " S2 "\n"
#define THREE "sign 3 hmac-sha256 next x " S2 "\n"
#define SOON  "sign key 1 has signed what is good until "                    \
              "2026-07-31T00:00:00Z: retiring it sooner signs people out "   \
              "and ends the screens and pages that it opened; --force does " \
              "so"

    static const struct {
        const char  *text;
        unsigned     id;
        bool         force;
        int64_t      days;              /* since key 2 took over */
        const char  *why;
    } cases[] = {
        { SIGN TWO THREE DATA, 1, false, 180, NULL },
        { SIGN TWO THREE DATA, 1, false, 179, SOON },
        { SIGN TWO THREE DATA, 1, false, -1, SOON },
        { SIGN TWO THREE DATA, 1, true, 0, NULL },
        { SIGN TWO THREE DATA, 3, false, 0, NULL },
        { SIGN TWO THREE DATA, 2, true, 999,
          "sign key 2 is the key that signs; \"wenming keys rotate\" first" },
        { SIGN DATA NEXT, 1, true, 999,
          "sign key 1 is the key that signs; \"wenming keys rotate\" first" },
        { SIGN TWO DATA, 4, true, 999, "sign key 4 is not there" },
        { "sign 1 hmac-sha256 retired x " S1 "\n" TWO DATA, 1, true, 999,
          "sign key 1 is retired already" },
        { SIGN DATA "sign 2 hmac-sha256 active x " S2 "\n", 1, false, 999,
          "sign key 1 was followed by a key whose line does not say since "
          "when; whether anything it signed is still good, nobody knows; "
          "--force retires it all the same" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        ok = wm_keyfile_retire(unit_pool, wm_str(cases[i].text), cases[i].id,
                               cases[i].force, INT64_C(1769904000000)
                               + cases[i].days * DAY, &out, &error);

        assert_case(ok == (cases[i].why == NULL), "case %zu: %s", i,
                    unit_show(error));

        if (!ok) {
            assert_text(error, cases[i].why);
        }
    }

    assert_true(wm_keyfile_retire(unit_pool, wm_lit("# a\n" SIGN "#b\n" TWO
                                                    DATA "# c"), 1, true,
                                  UNIT_NOW, &out, &error));
    text = wm_dup(unit_pool, out).data;
    assert_string_equal(text, "# a\nsign 1 hmac-sha256 retired "
                        "2026-01-01T00:00:00Z " S1 "\n#b\n" TWO DATA "# c");
    assert_null(wm_keyring_mac(unit_ring(text, "furong"), WM_PURPOSE_TOKEN,
                               1));
}


/* Whatever allocation fails: no half a file. */

static void
without_memory(void **state)
{
    size_t         i, left;
    wm_str_t       out, error;
    wm_rotated_t   r;
    unit_meagre_t  m;

    (void) state;

    for (i = 0, left = 1; left > 0; i++) {
        left = 0;
        left += !wm_keyfile_rotate(unit_meagre(&m, i), wm_lit(SIGN NEXT DATA),
                                   NULL, UNIT_NOW, &out, &r, &error);
        left += !wm_keyfile_retire(unit_meagre(&m, i), wm_lit(SIGN DATA NEXT),
                                   2, true, UNIT_NOW, &out, &error);
    }

    assert_true(i > 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(good_files),
        unit_case(bad_lines),
        unit_case(bad_files),
        unit_case(weak_secrets),
        unit_case(random_secrets),
        unit_case(rings),
        unit_case(full_rings),
        unit_case(purposes_differ),
        unit_case(rotated),
        unit_case(ids_wrap),
        unit_case(retired),
        unit_case(without_memory)
    };

    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
