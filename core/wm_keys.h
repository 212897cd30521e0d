/*
 * The key file and the keys derived from it.
 *
 * A file has a line for each key, fields separated by blanks:
 *
 *     set id algorithm state since secret
 *     sign 1 hmac-sha256 active 2026-11-23T09:00:00Z 64 hex digits
 *
 * Sets: sign (codes, tickets, cookies) and data (index of persons, their
 * encryption).  Lines that begin with # and empty lines are left out.
 *
 * The last active key of sign signs.  The one that is to sign next stands
 * behind it and verifies already: while nginx reloads, old and new workers
 * answer side by side, and what a new one signs the old ones must know.
 */

#ifndef WM_KEYS_H
#define WM_KEYS_H

#include "wm_crypto.h"

#define WM_KEYS_MAX  32

/* X(name, set, label): the label goes into HKDF and must never change. */
#define WM_PURPOSES(X)                                                       \
    X(TOKEN,       SIGN, "token")                                            \
    X(TICKET,      SIGN, "ticket")                                           \
    X(PASS,        SIGN, "pass")                                             \
    X(CODE,        SIGN, "code")                                             \
    X(DEVICE,      SIGN, "device")                                           \
    X(STAFF,       SIGN, "staff")                                            \
    X(FORM,        SIGN, "form")                                             \
    X(LOGIN,       SIGN, "login")                                            \
    X(SETUP,       SIGN, "setup")                                            \
    X(CARD,        SIGN, "card")                                             \
    X(CHECKPOINT,  SIGN, "checkpoint")                                       \
    X(INDEX,       DATA, "index")                                            \
    X(PAPER,       DATA, "paper")                                            \
    X(RECOVERY,    DATA, "recovery")                                         \
    X(WRAP,        DATA, "wrap")

typedef enum {
#define X(name, set, label)  WM_PURPOSE_##name,
    WM_PURPOSES(X)
#undef X
    WM_PURPOSE_MAX
} wm_purpose_t;

typedef enum {
    WM_SET_SIGN,
    WM_SET_DATA
} wm_set_t;

/* X(name, set, digest, cipher): also what cannot be changed in a key. */
#define WM_ALGORITHMS(X)                                                     \
    X("hmac-sha256",       SIGN, "SHA256", AES_256_GCM)                      \
    X("hmac-sm3",          SIGN, "SM3",    AES_256_GCM)                      \
    X("aes-256-gcm",       DATA, "SHA256", AES_256_GCM)                      \
    X("sm4-ctr-hmac-sm3",  DATA, "SM3",    SM4_CTR_HMAC_SM3)

typedef struct {
    const char   *name;
    wm_set_t      set;
    const char   *digest;               /* of its MACs and derived keys */
    wm_cipher_t   cipher;               /* of a data key */
} wm_algorithm_t;

/* NULL when there is none of that name. */
const wm_algorithm_t *wm_algorithm_find(wm_set_t set, wm_str_t name);

/* X(name, text) */
#define WM_KEY_STATES(X)                                                     \
    X(ACTIVE,   "active")                                                    \
    X(NEXT,     "next")                 /* verifies, does not sign yet */    \
    X(RETIRED,  "retired")              /* as good as not there */

typedef enum {
#define X(name, text)  WM_KEY_##name,
    WM_KEY_STATES(X)
#undef X
    WM_KEY_STATE_MAX
} wm_key_state_t;

/* One line of the file; the strings are parts of its text. */
typedef struct {
    wm_set_t               set;
    unsigned               id;          /* 1 to 255 */
    const wm_algorithm_t  *algorithm;
    wm_key_state_t         state;
    wm_str_t               state_text;
    wm_str_t               since;       /* made, or (sign) began to sign */
    uint8_t                secret[WM_KEY_LEN];
} wm_key_t;

typedef struct {
    size_t     n;
    wm_key_t   keys[WM_KEYS_MAX];
} wm_keyfile_t;

/*
 * Parses the text of a key file; strings are parts of it.  On failure, error
 * says what is wrong with which line and how to mend it.
 */
bool wm_keyfile_parse(wm_pool_t *pool, wm_str_t text, wm_keyfile_t *file,
    wm_str_t *error);

/* Whether a key is one that docs/token.md made public for its vectors. */
bool wm_keyfile_is_sample(const wm_keyfile_t *file);

/*
 * The keys of one district, derived: HKDF(secret, "wenming/1/" label "/"
 * district).  Lives as long as its pool, but for wm_keyring_destroy().
 */
typedef struct wm_keyring_s  wm_keyring_t;

wm_keyring_t *wm_keyring_create(wm_pool_t *pool, const wm_keyfile_t *file,
    wm_str_t district);
void wm_keyring_destroy(wm_keyring_t *ring);

/* The id that new signatures bear. */
unsigned wm_keyring_current(const wm_keyring_t *ring);

/* NULL when the ring has no such key, or it is retired. */
wm_mac_t *wm_keyring_mac(const wm_keyring_t *ring, wm_purpose_t purpose,
    unsigned id);

/* Each key of sign that verifies, i = 0, 1, ...; NULL behind the last. */
wm_mac_t *wm_keyring_nth(const wm_keyring_t *ring, wm_purpose_t purpose,
    size_t i);

/* The bytes that wrap the keys of persons, and how. */
const uint8_t *wm_keyring_wrap(const wm_keyring_t *ring);
wm_cipher_t wm_keyring_cipher(const wm_keyring_t *ring);

#endif /* WM_KEYS_H */
