/* Wishes as the public, the wisher and workers see them: docs/wishes.md. */

#ifndef WM_WISHED_H
#define WM_WISHED_H

#include "wm_show.h"
#include "wm_wish.h"

/* What the names of units and teams are read from: their HGETALL. */
typedef struct {
    wm_reply_t   units;
    wm_reply_t   teams;
} wm_wished_names_t;

/* Asks for both, and takes them from the replies. */
void wm_wished_ask_names(wm_web_t *w);
void wm_wished_take_names(wm_wished_names_t *names,
    const wm_reply_t *replies);

/* The categories as choices for a page. */
void wm_wished_kinds(wm_web_t *w, wm_str_t chosen);

/* Id, state, category, unit: what every document has. */
void wm_wished_head(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wished_names_t *names);

/* What everyone may read. */
void wm_wished_public(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wished_names_t *names);

/* What was written, with the HGETALL of the person. */
void wm_wished_mine(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_reply_t *record, const wm_wished_names_t *names);

/* As much as one of the staff may see. */
void wm_wished_staff(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wish_by_t *by, const wm_person_t *person,
    const wm_wished_names_t *names);

/* The steps so far; staff adds who took them. */
void wm_wished_log(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wished_names_t *names, bool staff);

/* Codes of actions, by their bits; and a state, for a problem about it. */
void wm_wished_possible(wm_doc_t *doc, unsigned possible);
void wm_wished_standing(wm_web_t *w, const wm_wish_t *wish,
    unsigned possible, const wm_wished_names_t *names);

/* The person of a wish; not known when the record is gone or sealed. */
void wm_wished_person(wm_web_t *w, const wm_wish_t *wish,
    const wm_reply_t *record, wm_person_t *person);

#endif /* WM_WISHED_H */
