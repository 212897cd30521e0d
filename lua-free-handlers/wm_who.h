/*
 * Who is meant by a form with who ("me", "new", "family"), name and phone:
 * the visitor whom the site vouches for, the person of the cookie, or whoever
 * was typed.
 */

#ifndef WM_WHO_H
#define WM_WHO_H

#include "wm_web.h"

#define WM_WHO_FIELDS                                                        \
    { "who",    WM_FIELD_TOKEN,  0,  1, 6 },                                 \
    { "name",   WM_FIELD_TEXT,   0,  1, WM_PERSON_NAME_MAX },                \
    { "phone",  WM_FIELD_PHONE,  0,  0, 0 }

/*
 * Fills the person's id, and name and phone where they were typed or vouched
 * for; who becomes one of the three words.  False: a field is wrong, or,
 * where none is, there is no memory.
 */
bool wm_who_is_meant(wm_web_t *w, wm_str_t *who, wm_person_t *person);

/*
 * Where the body may be without a phone number, what makes an idempotency key
 * its owner's own is the person.  False: no memory.
 */
bool wm_who_owns_key(wm_web_t *w, wm_str_t person);

/* Somebody whom a worker writes down; without a phone, told apart by unit. */
bool wm_who_is_by_hand(wm_web_t *w, wm_str_t unit, wm_person_t *person);

/*
 * With HGETALL person:{id} at hand.  False: the request is answered; read
 * also asks whether the person of a cookie is still signed in.
 */
bool wm_who_is_opened(wm_web_t *w, const wm_reply_t *record,
    wm_person_t *person);
bool wm_who_is_read(wm_web_t *w, wm_str_t who, const wm_reply_t *record,
    wm_person_t *person);

/*
 * The person known here: asks for dev:{device} and person:{id}.  NULL: nobody
 * is, or there is no memory.
 */
wm_person_t *wm_who_ask_known(wm_web_t *w);

/*
 * Whether the site, or a code typed on this device (its record is dev),
 * vouches for who is known here, whose record has been opened.
 */
bool wm_who_is_verified(wm_web_t *w, const wm_person_t *person,
    const wm_reply_t *dev);

/* What the device's record says of somebody verified; wm_null: nothing. */
wm_str_t wm_who_mark(wm_web_t *w, const wm_person_t *person,
    const wm_reply_t *dev);

/* From now on the device's own person, also who had been signed out. */
void wm_who_keep(wm_web_t *w, const wm_person_t *person);

/* Name and phone, for lists: empty where the record is gone or sealed. */
void wm_who_show(wm_web_t *w, const wm_reply_t *record, wm_person_t *person);

/*
 * For a page with such a form: asks for the record of who is known, unless
 * another is meant; adds known, name and phone to the document.  record is
 * NULL where none was asked for.  Whether somebody is known.
 */
void wm_who_ask(wm_web_t *w, wm_str_t who);
bool wm_who_greet(wm_web_t *w, const wm_reply_t *record);

/* For a list of people: the name, or that who had it ended his record. */
wm_str_t wm_who_name(const wm_person_t *person);

#endif /* WM_WHO_H */
