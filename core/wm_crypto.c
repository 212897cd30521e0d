#include "wm_crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>




wm_mac_t *
wm_mac_create(const char *digest, const uint8_t key[WM_KEY_LEN])
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

    if (EVP_MAC_init(ctx, key, WM_KEY_LEN, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }

    return (wm_mac_t *) ctx;
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
    size_t        i, len;
    uint8_t       full[EVP_MAX_MD_SIZE];
    EVP_MAC_CTX  *ctx = (EVP_MAC_CTX *) mac;

    /* without a key: the scheduled one again */

    if (EVP_MAC_init(ctx, NULL, 0, NULL) != 1) {
        return false;
    }

    for (i = 0; i < n; i++) {
        if (EVP_MAC_update(ctx, (const unsigned char *) parts[i].data,
                           parts[i].len)
            != 1)
        {
            return false;
        }
    }

    if (EVP_MAC_final(ctx, full, &len, sizeof(full)) != 1
        || len < WM_MAC_LEN)
    {
        return false;
    }

    memcpy(out, full, WM_MAC_LEN);

    return true;
}


bool
wm_hkdf(const uint8_t key[WM_KEY_LEN], wm_str_t info,
    uint8_t out[WM_KEY_LEN])
{
    int            ok;
    EVP_KDF       *kdf;
    OSSL_PARAM     params[4];
    EVP_KDF_CTX   *ctx;

    kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    if (kdf == NULL) {
        return false;
    }

    ctx = EVP_KDF_CTX_new(kdf);
    EVP_KDF_free(kdf);

    if (ctx == NULL) {
        return false;
    }

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                                 "SHA256", 0);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                                  (void *) key, WM_KEY_LEN);
    params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
                                                  (void *) info.data,
                                                  info.len);
    params[3] = OSSL_PARAM_construct_end();

    ok = EVP_KDF_derive(ctx, out, WM_KEY_LEN, params);

    EVP_KDF_CTX_free(ctx);

    return ok == 1;
}


bool
wm_sha256(wm_str_t s, uint8_t out[WM_SHA256_LEN])
{
    return EVP_Digest(s.data, s.len, out, NULL, EVP_sha256(), NULL) == 1;
}


bool
wm_sha1(const wm_str_t *parts, size_t n, uint8_t out[WM_SHA1_LEN])
{
    bool         ok;
    size_t       i;
    EVP_MD_CTX  *ctx;

    ctx = EVP_MD_CTX_new();
    if (ctx == NULL) {
        return false;
    }

    ok = EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1;

    for (i = 0; ok && i < n; i++) {
        ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
    }

    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;

    EVP_MD_CTX_free(ctx);

    return ok;
}


bool
wm_random(void *out, size_t len)
{
    return RAND_bytes(out, (int) len) == 1;
}


wm_str_t
wm_aead_seal(wm_pool_t *pool, const uint8_t key[WM_KEY_LEN], wm_str_t aad,
    wm_str_t plain)
{
    int              n;
    bool             ok;
    size_t           len;
    uint8_t         *out;
    EVP_CIPHER_CTX  *ctx;

    len = WM_NONCE_LEN + plain.len + WM_TAG_LEN;

    out = wm_alloc(pool, len);
    if (out == NULL || !wm_random(out, WM_NONCE_LEN)) {
        return wm_null;
    }

    ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL) {
        return wm_null;
    }

    ok = EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, out) == 1
         && EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *) aad.data,
                              (int) aad.len) == 1
         && EVP_EncryptUpdate(ctx, out + WM_NONCE_LEN, &n,
                              (const uint8_t *) plain.data,
                              (int) plain.len) == 1
         && EVP_EncryptFinal_ex(ctx, out + WM_NONCE_LEN + n, &n) == 1
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, WM_TAG_LEN,
                                out + WM_NONCE_LEN + plain.len) == 1;

    EVP_CIPHER_CTX_free(ctx);

    return ok ? (wm_str_t) { len, (char *) out } : wm_null;
}


wm_str_t
wm_aead_open(wm_pool_t *pool, const uint8_t key[WM_KEY_LEN], wm_str_t aad,
    wm_str_t sealed)
{
    int              n;
    bool             ok;
    size_t           len;
    uint8_t         *out;
    const uint8_t   *in;
    EVP_CIPHER_CTX  *ctx;

    if (sealed.len < WM_NONCE_LEN + WM_TAG_LEN) {
        return wm_null;
    }

    in = (const uint8_t *) sealed.data;
    len = sealed.len - WM_NONCE_LEN - WM_TAG_LEN;

    out = wm_alloc(pool, len + 1);
    ctx = EVP_CIPHER_CTX_new();

    if (out == NULL || ctx == NULL) {
        EVP_CIPHER_CTX_free(ctx);
        return wm_null;
    }

    ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, in) == 1
         && EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *) aad.data,
                              (int) aad.len) == 1
         && EVP_DecryptUpdate(ctx, out, &n, in + WM_NONCE_LEN, (int) len) == 1
         && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, WM_TAG_LEN,
                                (void *) (in + WM_NONCE_LEN + len)) == 1
         && EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;

    EVP_CIPHER_CTX_free(ctx);

    if (!ok) {
        return wm_null;
    }

    out[len] = '\0';

    return (wm_str_t) { len, (char *) out };
}


bool
wm_scrypt(wm_str_t password, const uint8_t salt[16], uint8_t out[WM_KEY_LEN])
{
    return EVP_PBE_scrypt(password.data, password.len, salt, 16,
                          1 << 15, 8, 1, 64 * 1024 * 1024, out, WM_KEY_LEN)
           == 1;
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
