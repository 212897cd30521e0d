#include "wm_crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#define WM_GCM_NONCE  12
#define WM_SM4_KEY    16
#define WM_SM4_NONCE  16

typedef enum {
    WM_AEAD_OK,
    WM_AEAD_FORGED,
    WM_AEAD_NO_MEMORY
} wm_aead_rc_t;


/* OpenSSL fails for want of memory; that must not pass for a "no". */

static bool
wm_worked(bool ok)
{
    if (!ok) {
        wm_no_memory();
    }

    return ok;
}


static EVP_MAC_CTX *
wm_hmac_open(const char *digest, const void *key, size_t len)
{
    EVP_MAC      *hmac;
    EVP_MAC_CTX  *ctx;
    OSSL_PARAM    params[2];

    hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (hmac == NULL) {
        return NULL;
    }

    ctx = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);                 /* the context holds its own */

    if (ctx == NULL) {
        return NULL;
    }

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 (char *) digest, 0);
    params[1] = OSSL_PARAM_construct_end();

    if (EVP_MAC_init(ctx, key, len, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }

    return ctx;
}


static bool
wm_hmac_finish(EVP_MAC_CTX *ctx, const wm_str_t *parts, size_t n,
    uint8_t full[EVP_MAX_MD_SIZE])
{
    size_t  i, len;

    for (i = 0; i < n; i++) {
        if (EVP_MAC_update(ctx, (const unsigned char *) parts[i].data,
                           parts[i].len)
            != 1)
        {
            return false;
        }
    }

    return EVP_MAC_final(ctx, full, &len, EVP_MAX_MD_SIZE) == 1;
}


wm_mac_t *
wm_mac_create(const char *digest, const uint8_t key[WM_KEY_LEN])
{
    EVP_MAC_CTX  *ctx;

    ctx = wm_hmac_open(digest, key, WM_KEY_LEN);

    return wm_worked(ctx != NULL) ? (wm_mac_t *) ctx : NULL;
}


void
wm_mac_destroy(wm_mac_t *mac)
{
    EVP_MAC_CTX_free((EVP_MAC_CTX *) mac);
}


bool
wm_mac_compute(wm_mac_t *mac, const wm_str_t *parts, size_t n,
    uint8_t out[WM_MAC_LEN])
{
    uint8_t       full[EVP_MAX_MD_SIZE];
    EVP_MAC_CTX  *ctx = (EVP_MAC_CTX *) mac;

    /* without a key: the scheduled one again */

    if (!wm_worked(EVP_MAC_init(ctx, NULL, 0, NULL) == 1
                   && wm_hmac_finish(ctx, parts, n, full)))
    {
        return false;
    }

    memcpy(out, full, WM_MAC_LEN);

    return true;
}


bool
wm_hmac_sha256(wm_str_t key, const wm_str_t *parts, size_t n,
    uint8_t out[WM_SHA256_LEN])
{
    bool          ok;
    uint8_t       full[EVP_MAX_MD_SIZE];
    EVP_MAC_CTX  *ctx;

    ctx = wm_hmac_open("SHA256", key.data, key.len);
    ok = wm_worked(ctx != NULL && wm_hmac_finish(ctx, parts, n, full));
    EVP_MAC_CTX_free(ctx);

    if (ok) {
        memcpy(out, full, WM_SHA256_LEN);
    }

    return ok;
}


bool
wm_hkdf(const char *digest, const uint8_t key[WM_KEY_LEN], wm_str_t info,
    uint8_t *out, size_t len)
{
    bool           ok;
    EVP_KDF       *kdf;
    OSSL_PARAM     params[4];
    EVP_KDF_CTX   *ctx;

    kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
    EVP_KDF_free(kdf);

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                                 (char *) digest, 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                                  (void *) key, WM_KEY_LEN);
    params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
                                                  (void *) info.data,
                                                  info.len);
    params[3] = OSSL_PARAM_construct_end();

    ok = wm_worked(ctx != NULL && EVP_KDF_derive(ctx, out, len, params) == 1);

    EVP_KDF_CTX_free(ctx);

    return ok;
}


bool
wm_sha256(wm_str_t s, uint8_t out[WM_SHA256_LEN])
{
    return wm_worked(EVP_Digest(s.data, s.len, out, NULL, EVP_sha256(), NULL)
                     == 1);
}


bool
wm_sha1(const wm_str_t *parts, size_t n, uint8_t out[WM_SHA1_LEN])
{
    bool         ok;
    size_t       i;
    EVP_MD_CTX  *ctx;

    ctx = EVP_MD_CTX_new();
    ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1;

    for (i = 0; ok && i < n; i++) {
        ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
    }

    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;

    EVP_MD_CTX_free(ctx);

    return wm_worked(ok);
}


bool
wm_hmac_sha1(wm_str_t key, wm_str_t text, uint8_t out[WM_SHA1_LEN])
{
    size_t  len;

    return wm_worked(EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, key.data,
                               key.len, (const unsigned char *) text.data,
                               text.len, out, WM_SHA1_LEN, &len)
                     != NULL);
}


bool
wm_random(void *out, size_t len)
{
    return wm_worked(RAND_bytes(out, (int) len) == 1);
}


bool
wm_cipher_works(wm_cipher_t cipher)
{
    wm_mac_t    *mac;
    EVP_CIPHER  *sm4;

    static const uint8_t  key[WM_KEY_LEN];

    if (cipher == WM_CIPHER_AES_256_GCM) {
        return true;
    }

    mac = wm_mac_create("SM3", key);
    sm4 = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);

    wm_mac_destroy(mac);
    EVP_CIPHER_free(sm4);

    return mac != NULL && sm4 != NULL;
}


static size_t
wm_aead_nonce(wm_cipher_t cipher)
{
    return cipher == WM_CIPHER_AES_256_GCM ? WM_GCM_NONCE : WM_SM4_NONCE;
}


size_t
wm_aead_extra(wm_cipher_t cipher)
{
    return wm_aead_nonce(cipher) + WM_TAG_LEN;
}


/*
 * Finding a cipher and making a context cost more than a name's encryption:
 * both are kept, one for opening and one for sealing.
 */

static EVP_CIPHER_CTX  *wm_gcm_kept[2];


static EVP_CIPHER_CTX *
wm_gcm_context(int encrypt)
{
    EVP_CIPHER      *gcm;
    EVP_CIPHER_CTX  *ctx;

    if (wm_gcm_kept[encrypt] != NULL) {
        return wm_gcm_kept[encrypt];
    }

    gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    ctx = EVP_CIPHER_CTX_new();

    if (gcm == NULL || ctx == NULL
        || EVP_CipherInit_ex(ctx, gcm, NULL, NULL, NULL, encrypt) != 1)
    {
        EVP_CIPHER_CTX_free(ctx);
        ctx = NULL;
    }

    EVP_CIPHER_free(gcm);               /* the context holds its own */
    wm_gcm_kept[encrypt] = ctx;

    return ctx;
}


void
wm_aead_cleanup(void)
{
    size_t  i;

    for (i = 0; i < 2; i++) {
        EVP_CIPHER_CTX_free(wm_gcm_kept[i]);
        wm_gcm_kept[i] = NULL;
    }
}


static bool
wm_gcm_seal(const uint8_t *key, wm_str_t aad, wm_str_t plain, uint8_t *out)
{
    int              n;
    EVP_CIPHER_CTX  *ctx;

    ctx = wm_gcm_context(1);

    return ctx != NULL
           && EVP_EncryptInit_ex(ctx, NULL, NULL, key, out) == 1
           && EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *) aad.data,
                                (int) aad.len) == 1
           && EVP_EncryptUpdate(ctx, out + WM_GCM_NONCE, &n,
                                (const uint8_t *) plain.data,
                                (int) plain.len) == 1
           && EVP_EncryptFinal_ex(ctx, out + WM_GCM_NONCE + n, &n) == 1
           && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, WM_TAG_LEN,
                                  out + WM_GCM_NONCE + plain.len) == 1;
}


static wm_aead_rc_t
wm_gcm_open(const uint8_t *key, wm_str_t aad, const uint8_t *in, size_t len,
    uint8_t *out)
{
    int              n;
    EVP_CIPHER_CTX  *ctx;

    ctx = wm_gcm_context(0);

    if (ctx == NULL || EVP_DecryptInit_ex(ctx, NULL, NULL, key, in) != 1
        || EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *) aad.data,
                             (int) aad.len) != 1
        || EVP_DecryptUpdate(ctx, out, &n, in + WM_GCM_NONCE, (int) len) != 1
        || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, WM_TAG_LEN,
                               (void *) (in + WM_GCM_NONCE + len)) != 1)
    {
        return WM_AEAD_NO_MEMORY;
    }

    return EVP_DecryptFinal_ex(ctx, out + n, &n) == 1 ? WM_AEAD_OK
                                                      : WM_AEAD_FORGED;
}


/* The same for both directions: a stream of key bytes, exclusive or. */

static bool
wm_sm4_crypt(const uint8_t *key, const uint8_t *iv, const uint8_t *in,
    size_t len, uint8_t *out)
{
    int              n;
    bool             ok;
    EVP_CIPHER      *sm4;
    EVP_CIPHER_CTX  *ctx;

    sm4 = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
    ctx = EVP_CIPHER_CTX_new();

    ok = sm4 != NULL && ctx != NULL
         && EVP_EncryptInit_ex(ctx, sm4, NULL, key, iv) == 1
         && EVP_EncryptUpdate(ctx, out, &n, in, (int) len) == 1;

    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(sm4);

    return ok;
}


/* The tag, over whatever bounds its parts: a length, aad, nonce and text. */

static bool
wm_sm4_tag(const uint8_t *key, wm_str_t aad, const uint8_t *text, size_t len,
    uint8_t tag[WM_TAG_LEN])
{
    bool       ok;
    uint8_t    length[4];
    wm_mac_t  *mac;
    wm_str_t   parts[3];

    mac = wm_mac_create("SM3", key);
    if (mac == NULL) {
        return false;
    }

    wm_be32(length, (uint32_t) aad.len);

    parts[0] = (wm_str_t) { sizeof(length), (const char *) length };
    parts[1] = aad;
    parts[2] = (wm_str_t) { len, (const char *) text };

    ok = wm_mac_compute(mac, parts, wm_countof(parts), tag);

    wm_mac_destroy(mac);

    return ok;
}


/* A key to encrypt and, behind it, one for the tag. */

static bool
wm_sm4_keys(const uint8_t *key, uint8_t keys[WM_SM4_KEY + WM_KEY_LEN])
{
    return wm_hkdf("SM3", key, wm_lit("wenming/1/sm4-ctr-hmac-sm3"), keys,
                   WM_SM4_KEY + WM_KEY_LEN);
}


static bool
wm_sm4_seal(const uint8_t *key, wm_str_t aad, wm_str_t plain, uint8_t *out)
{
    bool     ok;
    uint8_t  keys[WM_SM4_KEY + WM_KEY_LEN];

    ok = wm_sm4_keys(key, keys)
         && wm_sm4_crypt(keys, out, (const uint8_t *) plain.data, plain.len,
                         out + WM_SM4_NONCE)
         && wm_sm4_tag(keys + WM_SM4_KEY, aad, out, WM_SM4_NONCE + plain.len,
                       out + WM_SM4_NONCE + plain.len);

    wm_wipe(keys, sizeof(keys));

    return ok;
}


static wm_aead_rc_t
wm_sm4_open(const uint8_t *key, wm_str_t aad, const uint8_t *in, size_t len,
    uint8_t *out)
{
    uint8_t       keys[WM_SM4_KEY + WM_KEY_LEN], good[WM_TAG_LEN];
    wm_aead_rc_t  rc;

    if (!wm_sm4_keys(key, keys)
        || !wm_sm4_tag(keys + WM_SM4_KEY, aad, in, WM_SM4_NONCE + len, good))
    {
        rc = WM_AEAD_NO_MEMORY;

    } else if (!wm_equal_ct(good, in + WM_SM4_NONCE + len, WM_TAG_LEN)) {
        rc = WM_AEAD_FORGED;

    } else {
        rc = wm_sm4_crypt(keys, in, in + WM_SM4_NONCE, len, out)
             ? WM_AEAD_OK : WM_AEAD_NO_MEMORY;
    }

    wm_wipe(keys, sizeof(keys));

    return rc;
}


wm_str_t
wm_aead_seal_with(wm_pool_t *pool, wm_cipher_t cipher,
    const uint8_t key[WM_KEY_LEN], const uint8_t nonce[WM_NONCE_MAX],
    wm_str_t aad, wm_str_t plain)
{
    bool      ok;
    size_t    len;
    uint8_t  *out;

    len = plain.len + wm_aead_extra(cipher);

    out = wm_alloc(pool, len);
    if (out == NULL) {
        return wm_null;
    }

    memcpy(out, nonce, wm_aead_nonce(cipher));

    ok = cipher == WM_CIPHER_AES_256_GCM ? wm_gcm_seal(key, aad, plain, out)
                                         : wm_sm4_seal(key, aad, plain, out);

    if (!ok) {
        wm_no_memory();
        return wm_null;
    }

    return (wm_str_t) { len, (char *) out };
}


wm_str_t
wm_aead_seal(wm_pool_t *pool, wm_cipher_t cipher,
    const uint8_t key[WM_KEY_LEN], wm_str_t aad, wm_str_t plain)
{
    uint8_t  nonce[WM_NONCE_MAX];

    return wm_random(nonce, sizeof(nonce))
           ? wm_aead_seal_with(pool, cipher, key, nonce, aad, plain)
           : wm_null;
}


wm_str_t
wm_aead_open(wm_pool_t *pool, wm_cipher_t cipher,
    const uint8_t key[WM_KEY_LEN], wm_str_t aad, wm_str_t sealed)
{
    size_t          len;
    uint8_t        *out;
    wm_aead_rc_t    rc;
    const uint8_t  *in;

    if (sealed.len < wm_aead_extra(cipher)) {
        return wm_null;
    }

    in = (const uint8_t *) sealed.data;
    len = sealed.len - wm_aead_extra(cipher);

    out = wm_alloc(pool, len + 1);
    if (out == NULL) {
        return wm_null;
    }

    rc = cipher == WM_CIPHER_AES_256_GCM
         ? wm_gcm_open(key, aad, in, len, out)
         : wm_sm4_open(key, aad, in, len, out);

    if (rc != WM_AEAD_OK) {
        if (rc == WM_AEAD_NO_MEMORY) {
            wm_no_memory();
        }

        return wm_null;
    }

    out[len] = '\0';

    return (wm_str_t) { len, (char *) out };
}


bool
wm_scrypt(wm_str_t password, const uint8_t salt[16], uint8_t out[WM_KEY_LEN])
{
    return wm_worked(EVP_PBE_scrypt(password.data, password.len, salt, 16,
                                    1 << 15, 8, 1, 64 * 1024 * 1024, out,
                                    WM_KEY_LEN)
                     == 1);
}


static const char  wm_b32_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";


wm_str_t
wm_b32_encode(const uint8_t *in, size_t len, char *out)
{
    char     *p;
    size_t    i;
    uint32_t  bits;
    unsigned  have;

    for (i = 0, p = out, bits = 0, have = 0; i < len; i++) {
        bits = bits << 8 | in[i];

        for (have += 8; have >= 5; have -= 5) {
            *p++ = wm_b32_alphabet[bits >> (have - 5) & 31];
        }
    }

    if (have > 0) {
        *p++ = wm_b32_alphabet[bits << (5 - have) & 31];
    }

    *p = '\0';

    return (wm_str_t) { (size_t) (p - out), out };
}


static int
wm_b32_digit(char c)
{
    const char  *p;

    if (c >= 'a' && c <= 'z') {
        c = (char) (c - ('a' - 'A'));
    }

    p = c != '\0' ? strchr(wm_b32_alphabet, c) : NULL;

    return p != NULL ? (int) (p - wm_b32_alphabet) : -1;
}


bool
wm_b32_decode(wm_str_t s, uint8_t *out, size_t len)
{
    int       d;
    size_t    i;
    uint32_t  bits;
    unsigned  have;

    if (s.len != WM_B32_LEN(len)) {
        return false;
    }

    for (i = 0, bits = 0, have = 0; i < s.len; i++) {
        d = wm_b32_digit(s.data[i]);
        if (d < 0) {
            return false;
        }

        bits = bits << 5 | (uint32_t) d;
        have += 5;

        if (have >= 8) {
            have -= 8;
            *out++ = (uint8_t) (bits >> have);
        }
    }

    return (bits & ((1u << have) - 1)) == 0;
}


bool
wm_id_new(char out[WM_ID_LEN + 1])
{
    uint8_t  raw[10];

    if (!wm_random(raw, sizeof(raw))) {
        return false;
    }

    wm_b32_encode(raw, sizeof(raw), out);

    return true;
}


bool
wm_id_valid(wm_str_t s)
{
    uint8_t  raw[10];

    return wm_b32_decode(s, raw, sizeof(raw));
}
