/*
 * The few primitives of OpenSSL that the domain uses, with their keys ready
 * for use, and base32.  Whatever fails here for want of memory calls
 * wm_no_memory(), so that nobody takes it for a forgery.
 */

#ifndef WM_CRYPTO_H
#define WM_CRYPTO_H

#include "wm_base.h"

#define WM_KEY_LEN      32
#define WM_MAC_LEN      16      /* bytes of a MAC that we keep */
#define WM_TAG_LEN      16
#define WM_SHA256_LEN   32
#define WM_SHA1_LEN     20

/* A MAC with its key already scheduled; not to be shared by threads. */
typedef struct wm_mac_s  wm_mac_t;

/* NULL: no memory or no such digest ("SHA256", "SM3"). */
wm_mac_t *wm_mac_create(const char *digest, const uint8_t key[WM_KEY_LEN]);
void wm_mac_destroy(wm_mac_t *mac);

/* The first WM_MAC_LEN bytes of HMAC over the parts.  False: no memory. */
bool wm_mac_compute(wm_mac_t *mac, const wm_str_t *parts, size_t n,
    uint8_t out[WM_MAC_LEN]);

/* HMAC-SHA256, whole, with a key of any length.  False: no memory. */
bool wm_hmac_sha256(wm_str_t key, const wm_str_t *parts, size_t n,
    uint8_t out[WM_SHA256_LEN]);

/* RFC 5869, no salt. */
bool wm_hkdf(const char *digest, const uint8_t key[WM_KEY_LEN], wm_str_t info,
    uint8_t *out, size_t len);

bool wm_sha256(wm_str_t s, uint8_t out[WM_SHA256_LEN]);
bool wm_sha1(const wm_str_t *parts, size_t n, uint8_t out[WM_SHA1_LEN]);
bool wm_random(void *out, size_t len);

/* The whole of it, as RFC 4226 wants it; nothing of ours is signed so. */
bool wm_hmac_sha1(wm_str_t key, wm_str_t text, uint8_t out[WM_SHA1_LEN]);

/*
 * Encryption that notices changes; docs/token.md has the formats.  The sealed
 * form is nonce, ciphertext, tag.  One thread of a process may use it.
 */
typedef enum {
    WM_CIPHER_AES_256_GCM,
    WM_CIPHER_SM4_CTR_HMAC_SM3
} wm_cipher_t;

/* Whether the OpenSSL at hand has it: some are built without SM3 and SM4. */
bool wm_cipher_works(wm_cipher_t cipher);

/* How much longer the sealed form is: 28 or 32 bytes. */
size_t wm_aead_extra(wm_cipher_t cipher);

/*
 * wm_null: no memory; for wm_aead_open() also: not made with this cipher and
 * key and this additional data.
 */
wm_str_t wm_aead_seal(wm_pool_t *pool, wm_cipher_t cipher,
    const uint8_t key[WM_KEY_LEN], wm_str_t aad, wm_str_t plain);

/* The same with random bytes that were drawn before, for this use alone. */
#define WM_NONCE_MAX    16

wm_str_t wm_aead_seal_with(wm_pool_t *pool, wm_cipher_t cipher,
    const uint8_t key[WM_KEY_LEN], const uint8_t nonce[WM_NONCE_MAX],
    wm_str_t aad, wm_str_t plain);

wm_str_t wm_aead_open(wm_pool_t *pool, wm_cipher_t cipher,
    const uint8_t key[WM_KEY_LEN], wm_str_t aad, wm_str_t sealed);

/* Gives back what is kept between uses; it is made again when needed. */
void wm_aead_cleanup(void);

/*
 * scrypt, N = 2^15, r = 8, p = 1 (RFC 7914): 32 MiB and about 0.1 s, so never
 * in a worker's event loop.
 */
bool wm_scrypt(wm_str_t password, const uint8_t salt[16],
    uint8_t out[WM_KEY_LEN]);

/*
 * Crockford's base32, upper case, most significant bit first, the last
 * character padded with zero bits.  out holds WM_B32_LEN(len) + 1.
 */
#define WM_B32_LEN(len)  (((len) * 8 + 4) / 5)

wm_str_t wm_b32_encode(const uint8_t *in, size_t len, char *out);

/*
 * Exactly len bytes, either letter case, no look-alikes (I, L, O), padding
 * bits zero; anything else is refused, so that a value has one spelling but
 * for case.
 */
bool wm_b32_decode(wm_str_t s, uint8_t *out, size_t len);

/* 80 random bits in base32: 16 characters and a NUL. */
#define WM_ID_LEN  16

bool wm_id_new(char out[WM_ID_LEN + 1]);
bool wm_id_valid(wm_str_t s);

#endif /* WM_CRYPTO_H */
