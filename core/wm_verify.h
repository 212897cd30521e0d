/*
 * Whether somebody is who he says: a code sent to the phone was typed on this
 * device.  Records:
 *
 *     code:{device}:{person}   mac: of the code; made; tries: wrong ones
 *     sms:{phone's index}      times: when codes were sent, the newest first
 *     codes:{hour}             n: codes of the whole district
 *     dev:{device}             v:{person}: the epoch that he was verified in
 *     person:{id}              verified: when, in ms; epoch: of his sessions
 */

#ifndef WM_VERIFY_H
#define WM_VERIFY_H

#include "wm_person.h"
#include "wm_verdict.h"

#define WM_VERIFY_DIGITS   6
#define WM_VERIFY_TRIES    5            /* wrong ones of a code */
#define WM_VERIFY_SECONDS  "600"        /* that a code is good for */
#define WM_VERIFY_PAUSE    INT64_C(60000)       /* between two, of a phone */
#define WM_VERIFY_HOUR     INT64_C(3600000)
#define WM_VERIFY_SENT     5            /* of a phone in an hour */
#define WM_VERIFY_ALL      "3000"       /* of a district in an hour */
#define WM_VERIFY_OTHERS   32           /* persons of one phone and device */

/* A code, and a NUL; false: no random numbers. */
bool wm_verify_draw(char out[WM_VERIFY_DIGITS + 1]);

/* The six digits of what was typed: wide ones and blanks are understood. */
bool wm_verify_digits(wm_str_t typed, char out[WM_VERIFY_DIGITS + 1]);

/*
 * A keyed digest in base32; the first part says of what, so that no two kinds
 * are ever the same.  wm_null: no memory.
 */
wm_str_t wm_verify_digest(wm_pool_t *pool, const wm_realm_t *realm,
    const wm_str_t *parts, size_t n);

wm_str_t wm_verify_code_key(wm_pool_t *pool, wm_str_t district,
    wm_str_t device, wm_str_t person);

/* Of the phone, not of a person; wm_null: no memory. */
wm_str_t wm_verify_sms_key(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t phone);

/* Of the hour, counted from 1970. */
wm_str_t wm_verify_hour_key(wm_pool_t *pool, wm_str_t district,
    int64_t now_ms);

/* The field of a device's record, and whether it says that he is verified. */
wm_str_t wm_verify_field(wm_pool_t *pool, wm_str_t person);
bool wm_verify_is(const wm_person_t *person, wm_str_t mark);

/* Whether a code may be sent now to a phone that had some at these times. */
bool wm_verify_may(wm_str_t times, int64_t now_ms);

typedef struct {
    wm_person_t    person;              /* name and phone at hand */
    wm_str_t       device;
    wm_str_t       times;               /* of the phone; wm_null: none */
    wm_str_t       all;                 /* of the hour; wm_null: none */

    /* the record of the code, wm_null where there is none */

    wm_str_t       mac;
    wm_str_t       made;
    wm_str_t       tries;

    /* others with this phone, that this device has used: opened */

    size_t         nothers;
    wm_person_t   *others;
} wm_verify_facts_t;

/* OK: the commit is to be sent, and then the code; or *_CODES. */
wm_verdict_t wm_verify_send(wm_commit_t *c, const wm_realm_t *realm,
    const wm_verify_facts_t *f, const char *code);

/* Whether the digits fit, without a look at how often it was tried. */
bool wm_verify_fits(wm_pool_t *pool, const wm_realm_t *realm,
    const wm_verify_facts_t *f, const char *digits);

/*
 * OK: the commit makes him, and the others, verified.  SMS_WRONG: it counts
 * one more try.  CODE_OVER: there is nothing to commit.
 */
wm_verdict_t wm_verify_check(wm_commit_t *c, const wm_realm_t *realm,
    wm_verify_facts_t *f, const char *digits);

/* He is verified on this device, as long as his sessions of now last. */
void wm_verify_mark(wm_commit_t *c, wm_str_t device,
    const wm_person_t *person);

/*
 * Signing out: on this device, or wherever the person is signed in.  mark is
 * what the device's record has, wm_null for who is vouched for by the site.
 */
void wm_verify_end(wm_commit_t *c, wm_str_t person, wm_str_t device);
void wm_verify_end_all(wm_commit_t *c, const wm_person_t *person,
    wm_str_t device, wm_str_t mark);

#endif /* WM_VERIFY_H */
