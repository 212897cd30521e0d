/*
 * A worker proves who he is: by the password, and, where he has a second
 * factor, by a code, of which nothing is told before the password was right.
 */

#ifndef WM_PROOF_H
#define WM_PROOF_H

#include "wm_totp.h"
#include "wm_web.h"

/*
 * The first member of the state of whoever asks for it.  start and proven are
 * the caller's: everything from the beginning; and what follows once the
 * password is known to be right for this record.
 */
typedef struct {
    wm_step_pt       start;
    wm_step_pt       proven;
    wm_str_t         name;
    wm_str_t         code;              /* as typed; may be empty */

    bool             known;             /* there is such a worker */
    wm_staff_t       staff;
    wm_totp_t        totp;
    wm_totp_use_t    used;              /* by the code that was right */

    wm_str_t         limit;             /* subjects: name and address */
    wm_str_t         limit_address;
    wm_slow_hash_t   hash;
} wm_proof_t;

/* proven runs, or the request is answered. */
void wm_proof_password(wm_web_t *w, wm_str_t password);

/* The record alone: for who has proved the password before, at an epoch. */
void wm_proof_before(wm_web_t *w, int64_t epoch);

/* Whether the code is right; if not, that is counted and answered. */
bool wm_proof_code(wm_web_t *w);

/* For wm_send(): the record anew; the password stays proven, or not. */
void wm_proof_again(wm_web_t *w);

#endif /* WM_PROOF_H */
