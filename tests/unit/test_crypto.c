#include "unit.h"
#include "wm_crypto.h"

/* What the openssl command says for this key: 00 01 02 ... 1f. */

static uint8_t  key[WM_KEY_LEN];


static void
hex_is(const uint8_t *bytes, size_t len, const char *want)
{
    char  hex[2 * 64 + 1];

    wm_hex(bytes, len, hex);
    hex[2 * len] = '\0';
    assert_string_equal(hex, want);
}


static int
make_key(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t) i;
    }

    return 0;
}


static void
digests(void **state)
{
    uint8_t   out[WM_SHA256_LEN];
    wm_str_t  parts[] = { wm_lit("a"), wm_null, wm_lit("bc") };

    (void) state;

    assert_true(wm_sha256(wm_lit("abc"), out));
    hex_is(out, 32, "BA7816BF8F01CFEA414140DE5DAE2223"
                    "B00361A396177A9CB410FF61F20015AD");
    assert_true(wm_sha256(wm_null, out));
    hex_is(out, 32, "E3B0C44298FC1C149AFBF4C8996FB924"
                    "27AE41E4649B934CA495991B7852B855");
    assert_true(wm_sha1(parts, 3, out));
    hex_is(out, 20, "A9993E364706816ABA3E25717850C26C9CD0D89D");
}


/* RFC 4231, cases 2 and 6: a short key, and one longer than a block. */

static void
hmacs(void **state)
{
    char      aa[131], hex[2 * WM_SHA256_LEN + 1];
    uint8_t   out[WM_SHA256_LEN];
    wm_str_t  two[] = { wm_lit("what do ya want "), wm_lit("for nothing?") };
    wm_str_t  six = wm_lit("Test Using Larger Than Block-Size Key - Hash Key "
                           "First");

    (void) state;

    assert_true(wm_hmac_sha256(wm_lit("Jefe"), two, 2, out));
    wm_hex_lower(out, sizeof(out), hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
                             "5a003f089d2739839dec58b964ec3843");

    memset(aa, 0xaa, sizeof(aa));
    assert_true(wm_hmac_sha256((wm_str_t) { sizeof(aa), aa }, &six, 1, out));
    wm_hex_lower(out, sizeof(out), hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f"
                             "8e0bc6213728c5140546040f0ee37f54");
}


static void
macs(void **state)
{
    uint8_t    out[WM_MAC_LEN];
    wm_mac_t  *m;
    wm_str_t   whole = wm_lit("what do ya want for nothing?");
    wm_str_t   parts[] = { wm_lit("what do ya "), wm_lit("want for "),
                           wm_null, wm_lit("nothing?") };

    (void) state;

    assert_null(wm_mac_create("SHA-none", key));

    m = wm_mac_create("SM3", key);
    assert_non_null(m);
    assert_true(wm_mac_compute(m, parts, 4, out));
    hex_is(out, 16, "06EECE7E039516A3B27346544A2EDD8F");
    wm_mac_destroy(m);

    m = wm_mac_create("SHA256", key);
    assert_non_null(m);

    assert_true(wm_mac_compute(m, &whole, 1, out));
    hex_is(out, 16, "099805F4AC310786968565C098DB515C");
    assert_true(wm_mac_compute(m, NULL, 0, out));
    hex_is(out, 16, "D38B42096D80F45F826B44A9D5607DE7");
    assert_true(wm_mac_compute(m, parts, 4, out));
    hex_is(out, 16, "099805F4AC310786968565C098DB515C");

    wm_mac_destroy(m);
    wm_mac_destroy(NULL);
}


static void
derived(void **state)
{
    uint8_t  out[WM_KEY_LEN];

    (void) state;

    assert_true(wm_hkdf("SM3", key, wm_lit("wenming/1/token/furong"), out,
                        32));
    hex_is(out, 32, "9E328B7E238FE72A691FE33417C79DD6"
                    "DE288D392ED84690A10C0B8C299E743A");
    assert_true(wm_hkdf("SHA256", key, wm_lit("wenming/1/token/furong"), out,
                        32));
    hex_is(out, 32, "F38D436932C3102E67E1E27360B7A97B"
                    "EFE50F3C1569C188E1FBE8177E6B0B0D");
    assert_true(wm_hkdf("SHA256", key, wm_lit("x"), out, 32));
    hex_is(out, 32, "2965D0B8FEB239F8E888BAE7DA728027"
                    "FE58AFCB5C5BA7100AD0FB9DD65C39DC");
}


static void
passwords(void **state)
{
    uint8_t  out[WM_KEY_LEN];

    (void) state;

    assert_true(wm_scrypt(wm_lit("pleaseletmein"), key, out));
    hex_is(out, 32, "186E14CB910DAC4F2A1BC3D1782FB5B4"
                    "FAE093EA02937860E081F41FBAC1B804");
}


static const wm_cipher_t  ciphers[] = {
    WM_CIPHER_AES_256_GCM, WM_CIPHER_SM4_CTR_HMAC_SM3
};


static void
sealed_by(wm_cipher_t cipher)
{
    size_t    len;
    uint8_t   plain[200];
    wm_str_t  s, again, open, aad = wm_lit("person");

    unit_random_bytes(plain, sizeof(plain));

    for (len = 0; len <= sizeof(plain); len += len < 40 ? 1 : 32) {
        s = wm_aead_seal(unit_pool, cipher, key, aad,
                         (wm_str_t) { len, (char *) plain });
        assert_int_equal(s.len, wm_aead_extra(cipher) + len);

        open = wm_aead_open(unit_pool, cipher, key, aad, s);
        assert_non_null(open.data);
        assert_int_equal(open.len, len);
        assert_memory_equal(open.data, plain, len);
        assert_int_equal(open.data[len], 0);

        again = wm_aead_seal(unit_pool, cipher, key, aad,
                             (wm_str_t) { len, (char *) plain });
        assert_false(wm_eq(s, again));
    }

    s = wm_aead_seal(unit_pool, cipher, key, wm_null, wm_null);
    open = wm_aead_open(unit_pool, cipher, key, wm_null, s);
    assert_text(open, "");
}


static void
sealed(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(ciphers); i++) {
        assert_true(wm_cipher_works(ciphers[i]));
        sealed_by(ciphers[i]);
    }

    /* Redis keeps a hash small while no value is longer than 64 bytes */

    assert_int_equal(wm_aead_extra(WM_CIPHER_AES_256_GCM), 28);
    assert_int_equal(wm_aead_extra(WM_CIPHER_SM4_CTR_HMAC_SM3), 32);
}


static void
spoilt_by(wm_cipher_t cipher)
{
    char      *p;
    size_t     i;
    uint8_t    other[WM_KEY_LEN];
    wm_str_t   s, aad = wm_lit("person");

    s = wm_aead_seal(unit_pool, cipher, key, aad, wm_lit("13800001234"));
    s = wm_dup(unit_pool, s);
    p = (char *) s.data;

    for (i = 0; i < s.len * 8; i++) {
        p[i / 8] = (char) (p[i / 8] ^ 1 << i % 8);
        assert_text(wm_aead_open(unit_pool, cipher, key, aad, s), NULL);
        p[i / 8] = (char) (p[i / 8] ^ 1 << i % 8);
    }

    for (i = 0; i < s.len; i++) {
        assert_text(wm_aead_open(unit_pool, cipher, key, aad,
                                 (wm_str_t) { i, s.data }), NULL);
    }

    assert_text(wm_aead_open(unit_pool, cipher, key, wm_lit("persom"), s),
                NULL);
    assert_text(wm_aead_open(unit_pool, cipher, key, wm_lit("persons"), s),
                NULL);
    assert_text(wm_aead_open(unit_pool, cipher, key, wm_null, s), NULL);
    assert_text(wm_aead_open(unit_pool, cipher, key, aad, wm_null), NULL);

    /* the bound between additional data and nonce does not move */

    assert_text(wm_aead_open(unit_pool, cipher, key,
                             (wm_str_t) { aad.len - 1, aad.data }, s), NULL);

    memcpy(other, key, sizeof(key));
    other[31] ^= 0x80;
    assert_text(wm_aead_open(unit_pool, cipher, other, aad, s), NULL);
    assert_text(wm_aead_open(unit_pool, cipher, key, aad, s), "13800001234");

    for (i = 0; i < wm_countof(ciphers); i++) {
        assert_text(wm_aead_open(unit_pool, ciphers[i], key, aad, s),
                    ciphers[i] == cipher ? "13800001234" : NULL);
    }
}


static void
sealed_spoilt(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(ciphers); i++) {
        spoilt_by(ciphers[i]);
    }
}


static void
base32(void **state)
{
    char      text[WM_B32_LEN(64) + 1];
    size_t    len;
    uint8_t   raw[64], back[64];
    wm_str_t  s;

    (void) state;

    for (len = 0; len <= 64; len++) {
        unit_random_bytes(raw, len);
        s = wm_b32_encode(raw, len, text);

        assert_int_equal(s.len, WM_B32_LEN(len));
        assert_int_equal(text[s.len], 0);
        assert_int_equal(strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
                         s.len);

        assert_true(wm_b32_decode(s, back, len));
        assert_memory_equal(raw, back, len);

        if (len > 0) {
            assert_false(wm_b32_decode(s, back, len - 1));
            assert_false(wm_b32_decode((wm_str_t) { s.len - 1, s.data }, back,
                                       len));
        }
    }

    assert_text(wm_b32_encode((const uint8_t *) "\xff", 1, text), "ZW");
    assert_text(wm_b32_encode((const uint8_t *) "hello", 5, text),
                "D1JPRV3F");
}


/* Of the 256 bytes exactly 22 letters twice and 10 digits are characters. */

static void
base32_alphabet(void **state)
{
    int      c, n;
    char     text[8] = "00000000";
    uint8_t  back[5];

    (void) state;

    for (c = 0, n = 0; c < 256; c++) {
        text[3] = (char) c;
        n += wm_b32_decode((wm_str_t) { 8, text }, back, 5);

        assert_case(!wm_b32_decode((wm_str_t) { 8, text }, back, 5)
                    || strchr("ILOUilou", c) == NULL || c == 0,
                    "accepted %02x", c);
    }

    assert_int_equal(n, 10 + 2 * 22);
}


/* A value has one spelling: padding bits are zero. */

static void
base32_padding(void **state)
{
    char      text[WM_B32_LEN(8) + 1];
    size_t    len, i, n;
    uint8_t   raw[8] = { 0 }, back[8];
    wm_str_t  s;

    static const char  alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    (void) state;

    for (len = 1; len <= 8; len++) {
        s = wm_b32_encode(raw, len, text);

        for (i = 0, n = 0; i < 32; i++) {
            text[s.len - 1] = alphabet[i];
            n += wm_b32_decode(s, back, len);
        }

        assert_int_equal(n, 32 >> (s.len * 5 - len * 8));
    }
}


static void
ids(void **state)
{
    char  a[WM_ID_LEN + 1], b[WM_ID_LEN + 1];

    (void) state;

    assert_true(wm_id_new(a));
    assert_true(wm_id_new(b));
    assert_int_equal(strlen(a), WM_ID_LEN);
    assert_string_not_equal(a, b);

    assert_true(wm_id_valid(wm_str(a)));
    assert_true(wm_id_valid(wm_lit("0000000000000000")));
    assert_false(wm_id_valid(wm_lit("000000000000000")));
    assert_false(wm_id_valid(wm_lit("00000000000000000")));
    assert_false(wm_id_valid(wm_lit("000000000000000:")));
    assert_false(wm_id_valid(wm_lit("000000000000000U")));
    assert_false(wm_id_valid(wm_null));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(digests),
        unit_case(hmacs),
        unit_case(macs),
        unit_case(derived),
        unit_case(passwords),
        unit_case(sealed),
        unit_case(sealed_spoilt),
        unit_case(base32),
        unit_case(base32_alphabet),
        unit_case(base32_padding),
        unit_case(ids)
    };

    return cmocka_run_group_tests_name("crypto", tests, make_key, NULL);
}
