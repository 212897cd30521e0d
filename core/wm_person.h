/*
 * Persons.  Record person:{id}: name and phone encrypted under the person's
 * own key, and that key, wrapped under the data key.  The journal never has
 * the key: without it, what the journal says of a person is noise.
 */

#ifndef WM_PERSON_H
#define WM_PERSON_H

#include "wm_commit.h"
#include "wm_reply.h"
#include "wm_token.h"

#define WM_PERSON_NAME_MAX  50          /* characters, as in all forms */
#define WM_PERSON_TAIL      4           /* digits of a phone that tell who */

typedef struct {
    char         id[WM_ID_LEN + 1];
    wm_str_t     name;
    wm_str_t     phone;                 /* digits; empty: none given */
    uint8_t      key[WM_KEY_LEN];
    wm_cipher_t  cipher;                /* the data key's, for this key too */
    bool         known;                 /* a record exists */
    uint32_t     epoch;                 /* of sessions */
    int64_t      made_ms;               /* the record */
} wm_person_t;

/*
 * The id of an unverified person: 80 bits of a keyed hash of phone and
 * normalised name.  Someone without a phone is told from others by place,
 * the unit where he or she was written down.
 */
bool wm_person_identify(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t name, wm_str_t phone, wm_str_t place, wm_person_t *person);

/* Somebody whom the site's own login names, for as long as it does. */
typedef struct {
    char         id[WM_ID_LEN + 1];     /* empty: nobody */
    wm_str_t     name;
    wm_str_t     phone;
} wm_visitor_t;

/*
 * Takes what the site says; it may be percent-encoded, as headers want it.
 * False, and nobody: no name or no phone that a form would be allowed to
 * have, or no memory.
 */
bool wm_visitor_take(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    wm_str_t phone, wm_visitor_t *visitor);

/*
 * Reads HGETALL person:{id}.  False: the record is there, but cannot be
 * opened with this ring (foreign data key, damaged).
 */
bool wm_person_load(wm_pool_t *pool, const wm_realm_t *realm,
    const wm_reply_t *record, wm_person_t *person);

/* Makes the key of somebody not known yet, and the effects to keep him. */
void wm_person_create(wm_commit_t *c, const wm_realm_t *realm,
    wm_person_t *person);

/* Makes who is not known yet; who is known must still be there. */
void wm_person_keep(wm_commit_t *c, const wm_realm_t *realm,
    wm_person_t *person);

/*
 * Whether he is meant by what somebody types who looks for him: a part of his
 * name, or the last four digits or more of his phone.
 */
bool wm_person_matches(const wm_person_t *person, wm_str_t typed);

/* A text about the person, e.g. the note of an order. */
wm_str_t wm_person_seal(wm_pool_t *pool, const wm_person_t *person,
    wm_str_t text);
wm_str_t wm_person_open(wm_pool_t *pool, const wm_person_t *person,
    wm_str_t sealed);

#endif /* WM_PERSON_H */
