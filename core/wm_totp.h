/*
 * The second factor of workers: codes of an app (TOTP, RFC 6238: HMAC-SHA-1,
 * 6 digits, 30 seconds) and recovery codes for when the phone is lost.
 *
 * Fields of staff:{name}: totp, the secret, sealed under the data key;
 * totp_step, the step of the last code that was accepted: no code of it or of
 * an older one is; code1 to code10, keyed digests of the recovery codes that
 * are not used yet; totp_wrong, "count:ms": wrong codes, and when the first of
 * them came.  A code is tried only for who has shown the right password, so
 * wrong ones are counted by worker, in Redis: nobody else can use up the
 * tries.
 */

#ifndef WM_TOTP_H
#define WM_TOTP_H

#include "wm_staff.h"
#include "wm_verdict.h"

#define WM_TOTP_STEP_S     30
#define WM_TOTP_TRIES      5
#define WM_TOTP_WINDOW_MS  (15 * INT64_C(60000))
#define WM_TOTP_CODES      10
#define WM_TOTP_CODE_LEN   12           /* of 5 bits each */
#define WM_TOTP_TYPED      40           /* characters, with blanks */

typedef struct {
    bool        on;
    wm_str_t    sealed;
    wm_str_t    last;                   /* as they stand in the record */
    wm_str_t    wrong;
    wm_str_t    codes[WM_TOTP_CODES];   /* empty: used */
    size_t      left;                   /* codes not used yet */
} wm_totp_t;

/* Reads HGETALL staff:{name}. */
void wm_totp_load(const wm_reply_t *record, wm_totp_t *t);

int64_t wm_totp_step(int64_t now_ms);

/* The 6 digits of a step; out holds 7 bytes.  False: no memory. */
bool wm_totp_digits(const uint8_t secret[WM_SECRET_LEN], int64_t step,
    char *out);

/* For people and apps: RFC 4648 base32; otpauth://...  wm_null: no memory. */
wm_str_t wm_totp_secret_text(wm_pool_t *pool,
    const uint8_t secret[WM_SECRET_LEN]);
wm_str_t wm_totp_uri(wm_pool_t *pool, wm_str_t issuer, wm_str_t name,
    const uint8_t secret[WM_SECRET_LEN]);

/*
 * The recovery codes (number from 0) are made of the secret by a key of the
 * data set, so that they can be shown again to who repeats the request that
 * turned the second factor on, and are kept nowhere.
 */
wm_str_t wm_totp_recovery(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t name, const uint8_t secret[WM_SECRET_LEN], size_t number);

/* What a typed code turned out to be. */
typedef struct {
    int64_t    step;                    /* of the app; 0: a recovery code */
    size_t     number;
} wm_totp_use_t;

/*
 * OK, and use is set; WRONG_CODE: wm_totp_miss() is to be committed;
 * TRY_LATER: nothing was looked at; INTERNAL: no memory, or the secret was
 * sealed under another data key.
 */
wm_verdict_t wm_totp_try(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t name, const wm_totp_t *t, wm_str_t typed, int64_t now_ms,
    wm_totp_use_t *use);

/*
 * Uses the code up, if nothing has been tried, used or changed meanwhile:
 * together with what it is good for, in the same commit.
 */
void wm_totp_hit(wm_commit_t *c, wm_str_t name, const wm_totp_t *t,
    const wm_totp_use_t *use);
void wm_totp_miss(wm_commit_t *c, wm_str_t name, const wm_totp_t *t);

/*
 * Turns it on for a worker whose session is valid; the other sessions end.
 * OK: to be sent, unless nothing: the very same was turned on with the very
 * same code.  STATE: it is on; STALE: it was offered at another epoch, so that
 * none is turned on twice; WRONG_CODE, INTERNAL.
 */
wm_verdict_t wm_totp_on(wm_commit_t *c, const wm_realm_t *realm,
    const wm_staff_t *staff, const wm_totp_t *t, wm_str_t session_key,
    const wm_setup_t *setup, wm_str_t typed, bool *nothing);

/* With a code; and by an administrator, without, which ends all sessions. */
void wm_totp_off(wm_commit_t *c, wm_str_t name, const wm_totp_t *t,
    const wm_totp_use_t *use);
void wm_totp_reset(wm_commit_t *c, wm_str_t name);

#endif /* WM_TOTP_H */
