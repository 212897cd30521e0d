/* An event's places, as several families read, settle and show them. */

#ifndef WM_PLACES_H
#define WM_PLACES_H

#include "wm_show.h"

typedef struct {
    wm_list_t     list;
    wm_queued_t   who;                  /* person: whose record is wanted */
    bool          found;                /* the event is there */

    wm_step_pt    next;                 /* the reader's own */
    void         *outer;
} wm_places_t;

/*
 * Reads the list of event w->id and the record of who.person (wm_null: of
 * nobody).  next finds w->state as it was.
 */
void wm_places_read(wm_web_t *w, wm_places_t *places, wm_step_pt next);

/*
 * Serves who waits and ends offers that have run out, in a commit of its own,
 * if there is anything to do; then next runs in any case.
 */
void wm_places_settle(wm_web_t *w, wm_step_pt next);

/* Counts, and whether an offer has run out: three replies. */
#define WM_PLACES_REPLIES  3
void wm_places_ask(wm_web_t *w);
bool wm_places_due(const wm_reply_t *replies);

/* One enrolment; position counts from 0, NIL for who does not wait. */
void wm_show_enrolment(wm_web_t *w, wm_doc_t *doc, const wm_event_t *event,
    wm_str_t person, const wm_enrol_t *enrol, const wm_reply_t *rank);

/* Whether one can enrol, and how many have; seats: the questions' replies. */
void wm_show_places(wm_web_t *w, const wm_event_t *event,
    const wm_seats_t *seats);

#endif /* WM_PLACES_H */
