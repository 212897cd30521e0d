/*
 * No memory, or no randomness, in OpenSSL: at each single call of it, whatever
 * is made, opened or checked is refused, and works again the next time.
 */

#include "unit.h"
#include "unit_openssl.h"
#include "wm_token.h"

/* What was made before anything failed. */
static struct {
    char      token[WM_SEAL_TEXT_MAX + 1];
    char      digits[7];
    wm_str_t  gcm;
    wm_str_t  sm4;
} made;

static const uint8_t  key[WM_KEY_LEN] = { 7, 2, 9 };


static bool
make_token(void)
{
    char        text[WM_SEAL_TEXT_MAX + 1];
    wm_token_t  token = { .kind = WM_KIND_SCREEN_IN, .event = 9 };

    return wm_token_make(unit_realm, &token, text).data != NULL;
}


static bool
open_token(void)
{
    wm_seal_t   rc;
    wm_token_t  token;

    rc = wm_token_open(unit_realm, wm_str(made.token), &token);
    assert_true(rc == WM_SEAL_OK || rc == WM_SEAL_NO_MEMORY);

    return rc == WM_SEAL_OK;
}


static bool
make_digits(void)
{
    char  text[7];

    return wm_code_make(unit_realm, WM_KIND_SCREEN_IN, 9,
                        wm_code_slot(UNIT_NOW), text);
}


static bool
make_opener(void)
{
    char       text[9];
    wm_pass_t  pass = { .event = 9, .display = 1 };

    return wm_opener_make(unit_realm, &pass, wm_opener_slot(UNIT_NOW), text);
}


/* The digits of one key, one slot and one kind, among all that are tried. */

static bool
check_digits(void)
{
    return wm_code_check(unit_realm, 9, wm_str(made.digits), UNIT_NOW)
           == WM_KIND_SCREEN_IN;
}


static bool
hmac(void)
{
    uint8_t   out[WM_SHA256_LEN];
    wm_str_t  parts[] = { wm_lit("a"), wm_lit("b") };

    return wm_hmac_sha256(wm_lit("a secret"), parts, 2, out);
}


static bool
mac(void)
{
    bool       ok;
    uint8_t    out[WM_MAC_LEN];
    wm_mac_t  *m;
    wm_str_t   parts[] = { wm_lit("a"), wm_lit("b") };

    m = wm_mac_create("SM3", key);
    ok = m != NULL && wm_mac_compute(m, parts, 2, out);
    wm_mac_destroy(m);

    return ok;
}


static bool
derive(void)
{
    uint8_t  out[WM_KEY_LEN];

    return wm_hkdf("SHA256", key, wm_lit("x"), out, sizeof(out));
}


static bool
digest(void)
{
    uint8_t  out[WM_SHA256_LEN];

    return wm_sha256(wm_lit("x"), out);
}


static bool
chain(void)
{
    uint8_t   out[WM_SHA1_LEN];
    wm_str_t  parts[] = { wm_lit("a"), wm_lit("b") };

    return wm_sha1(parts, 2, out);
}


static bool
hmac_sha1(void)
{
    uint8_t  out[WM_SHA1_LEN];

    return wm_hmac_sha1(wm_lit("a"), wm_lit("b"), out);
}


static bool
new_id(void)
{
    char  id[WM_ID_LEN + 1];

    return wm_id_new(id);
}


static bool
works(void)
{
    return wm_cipher_works(WM_CIPHER_SM4_CTR_HMAC_SM3);
}


static bool
seals(wm_cipher_t cipher)
{
    wm_aead_cleanup();                  /* nothing is kept from before */

    return wm_aead_seal(unit_pool, cipher, key, wm_lit("aad"), wm_lit("text"))
               .data != NULL;
}


static bool
opens(wm_cipher_t cipher, wm_str_t sealed)
{
    wm_str_t  s;

    wm_aead_cleanup();

    s = wm_aead_open(unit_pool, cipher, key, wm_lit("aad"), sealed);
    assert_true(s.data == NULL || wm_is(s, "text"));

    return s.data != NULL;
}


static bool
seal_gcm(void)
{
    return seals(WM_CIPHER_AES_256_GCM);
}


static bool
open_gcm(void)
{
    return opens(WM_CIPHER_AES_256_GCM, made.gcm);
}


static bool
seal_sm4(void)
{
    return seals(WM_CIPHER_SM4_CTR_HMAC_SM3);
}


static bool
open_sm4(void)
{
    return opens(WM_CIPHER_SM4_CTR_HMAC_SM3, made.sm4);
}


static void
make_all(void)
{
    wm_token_t  token = { .kind = WM_KIND_SCREEN_IN, .event = 9 };

    assert_non_null(wm_token_make(unit_realm, &token, made.token).data);
    assert_true(wm_code_make(unit_realm, WM_KIND_SCREEN_IN, 9,
                             wm_code_slot(UNIT_NOW), made.digits));

    made.gcm = wm_aead_seal(unit_pool, WM_CIPHER_AES_256_GCM, key,
                            wm_lit("aad"), wm_lit("text"));
    made.sm4 = wm_aead_seal(unit_pool, WM_CIPHER_SM4_CTR_HMAC_SM3, key,
                            wm_lit("aad"), wm_lit("text"));

    assert_true(made.gcm.data != NULL && made.sm4.data != NULL);
}


static void
each_call(void **state)
{
    size_t      i, n, calls, denied;
    wm_pool_t  *pool;

    static const struct {
        const char  *name;
        bool       (*works)(void);
        size_t       denied;        /* calls that may fail for another cause */
    } all[] = {
        { "make a token", make_token, 0 }, { "open a token", open_token, 0 },
        { "make digits", make_digits, 0 },
        { "make an opener", make_opener, 0 },
        { "hmac", hmac, 0 }, { "mac", mac, 0 }, { "derive", derive, 0 },
        { "digest", digest, 0 },
        { "chain", chain, 0 }, { "hmac_sha1", hmac_sha1, 0 },
        { "id", new_id, 0 },
        { "works", works, 1 },
        { "seal with AES", seal_gcm, 0 }, { "open with AES", open_gcm, 1 },
        { "seal with SM4", seal_sm4, 0 }, { "open with SM4", open_sm4, 0 }
    };

    (void) state;

    make_all();

    for (i = 0; i < wm_countof(all); i++) {
        unit_openssl_fail(0);
        assert_case(all[i].works(), "%s: fails by itself", all[i].name);

        calls = unit_openssl_calls();
        assert_case(calls > 0, "%s: without OpenSSL", all[i].name);

        for (n = 1, denied = 0; n <= calls; n++) {
            pool = wm_heap_create();

            unit_openssl_fail(n);
            assert_case(!all[i].works(), "%s: call %zu failed unnoticed",
                        all[i].name, n);

            denied += !wm_pool_starved(pool);
            wm_heap_destroy(pool);

            unit_openssl_fail(0);
            assert_case(all[i].works(), "%s: not again after call %zu",
                        all[i].name, n);
        }

        assert_case(denied == all[i].denied, "%s: %zu failures are a \"no\"",
                    all[i].name, denied);
    }
}


/* It can miss good digits then, but takes none for good that are not. */

static void
digits(void **state)
{
    wm_pass_t  pass = { .event = 9, .display = 1 };
    size_t  n, calls, missed;

    (void) state;

    make_all();

    unit_openssl_fail(0);
    assert_true(check_digits());
    calls = unit_openssl_calls();

    for (n = 1, missed = 0; n <= calls; n++) {
        unit_openssl_fail(n);
        missed += !check_digits();
    }

    assert_true(missed > 0);

    made.digits[0] ^= 1;

    for (n = 1; n <= calls; n++) {
        unit_openssl_fail(n);
        assert_int_equal(wm_code_check(unit_realm, 9, wm_str(made.digits),
                                       UNIT_NOW), 0);
        unit_openssl_fail(n);
        assert_int_equal(wm_opener_check(unit_realm, &pass, 1,
                                         wm_lit("00000000"), UNIT_NOW), 0);
    }
}


static int
nothing_fails(void **state)
{
    unit_openssl_fail(0);

    return unit_teardown(state);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(each_call, unit_setup, nothing_fails),
        cmocka_unit_test_setup_teardown(digits, unit_setup, nothing_fails)
    };

    return cmocka_run_group_tests_name("openssl", tests, NULL, NULL);
}
