/*
 * A sealed value: a short payload and 16 bytes of MAC, in base32.  QR tokens,
 * scan tickets, screen passes and cookies are all sealed values; they differ
 * in purpose, hence in key, and in payload.  Format: docs/token.md.
 */

#ifndef WM_SEAL_H
#define WM_SEAL_H

#include "wm_keys.h"

#define WM_SEAL_PAYLOAD_MAX  64
#define WM_SEAL_TEXT_MAX     WM_B32_LEN(WM_SEAL_PAYLOAD_MAX + WM_MAC_LEN)

/* Where a value is valid: one host and one district, with their keys. */
typedef struct {
    const wm_keyring_t  *ring;
    wm_str_t             host;          /* of the public URL, lower case */
    wm_str_t             district;
} wm_realm_t;

typedef enum {
    WM_SEAL_OK,
    WM_SEAL_MALFORMED,      /* length, alphabet, padding */
    WM_SEAL_VERSION,
    WM_SEAL_KEY,            /* unknown or retired key id */
    WM_SEAL_FORGED,         /* the MAC does not fit */
    WM_SEAL_EXPIRED,
    WM_SEAL_NO_MEMORY
} wm_seal_t;

/* For logs. */
const char *wm_seal_name(wm_seal_t result);

/*
 * Seals payload, whose byte 1 is set to the current key id.  out holds
 * WM_SEAL_TEXT_MAX + 1.  wm_null: no memory.
 */
wm_str_t wm_seal(const wm_realm_t *realm, wm_purpose_t purpose,
    uint8_t *payload, size_t len, char *out);

/* Opens text into a payload of exactly len bytes. */
wm_seal_t wm_unseal(const wm_realm_t *realm, wm_purpose_t purpose,
    wm_str_t text, uint8_t *payload, size_t len);

#endif /* WM_SEAL_H */
