/*
 * A walk over all that is kept of a person.  Nothing leads from a person to
 * events: all are asked, a page at a time.  That is rare.
 */

#ifndef WM_DATA_H
#define WM_DATA_H

#include "wm_forget.h"
#include "wm_places.h"

typedef struct {
    wm_person_t   person;
    wm_str_t      wechat;               /* a field of his record */
    wm_str_t      mark;                 /* of the device, that he is he */
    wm_step_pt    visit[WM_OWNED_MAX];  /* with the record at hand */
    wm_step_pt    visit_event;          /* with trace at hand */
    wm_step_pt    done;

    size_t        nroots;               /* units that stand at the top */
    wm_str_t     *roots;
    size_t        root;
    unsigned      owned;                /* orders, wishes; then events */
    size_t        first;                /* of the page */
    wm_reply_t    page;                 /* its ids */
    size_t        nhits, hit;
    wm_str_t     *hits;                 /* ids of it that are his */

    wm_order_t    order;
    wm_trace_t    trace;
    wm_places_t   places;
    size_t        found;                /* by this walk */

    /* of the end: */

    size_t        gone[WM_OWNED_MAX];   /* how many there were */
    size_t        events;
    unsigned      queue;                /* notifications */
    size_t        passes, tries;
    uint64_t      ms, seq;              /* the last entry that was read */
    uint64_t      number;               /* 0: there was none */
    bool          came;                 /* something of his, since the walk */
    wm_str_t      head;                 /* of the journal, then */
} wm_data_t;

/* Whether he may have it, and not too often; else it is answered. */
bool wm_data_may(wm_web_t *w, wm_person_t *person);
bool wm_data_limit(wm_web_t *w, const wm_person_t *person);

/*
 * Makes w->state of the two replies that wm_who_ask_known() asks for.  The
 * caller says what to visit and what to do when done, asks for more before
 * it if it likes, and goes on with wm_data_walk().  NULL: it is answered.
 */
wm_data_t *wm_data_begin(wm_web_t *w, const wm_person_t *person);
void wm_data_walk(wm_web_t *w);

/* The same once more, from its beginning. */
void wm_data_again(wm_web_t *w);

/* From within a visit: the next record, or the same, read again. */
void wm_data_next(wm_web_t *w);
void wm_data_owned_again(wm_web_t *w);
void wm_data_events(wm_web_t *w);
void wm_data_event_again(wm_web_t *w);

#endif /* WM_DATA_H */
