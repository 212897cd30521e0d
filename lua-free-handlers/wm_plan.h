/* One event in a worker's hands: what planning, publishing and codes share. */

#ifndef WM_PLAN_H
#define WM_PLAN_H

#include "wm_show.h"

typedef struct {
    wm_event_t    old;                  /* as it is */
    wm_event_t    event;                /* as it is to be */
    wm_step_pt    next;                 /* once the event is loaded */
    wm_op_t       op;                   /* and where it is moved: which way, */
    wm_step_pt    again;                /* and the whole once more */
    wm_order_t    orders[WM_EVENT_ORDERS];
    wm_reply_t    units;
    wm_reply_t    courses;
    int64_t       made_ms;              /* for the page */
} wm_plan_t;

/* The event's form, as it is and as it was sent. */
void wm_plan_page(wm_web_t *w);

/* Becomes the request's state.  NULL: the request is answered. */
wm_plan_t *wm_plan_begin(wm_web_t *w);

/*
 * Begins, and fills old and event with the event of the address; it is not
 * found outside the worker's scope.  In next, replies[1] is how many came.
 */
void wm_plan_load(wm_web_t *w, wm_step_pt next);

/* The records of e's orders; then, behind two other replies, those of old. */
void wm_plan_ask_orders(wm_web_t *w, const wm_event_t *e);
void wm_plan_load_orders(wm_web_t *w, wm_plan_t *p);

/*
 * Asks for the unit, the course, each order of e, and whether anybody has a
 * place, in this order.
 */
void wm_plan_ask_refers(wm_web_t *w, const wm_event_t *e, wm_step_pt next);

/* With these, checks the event that is to be.  False: a field is wrong. */
bool wm_plan_refers(wm_web_t *w, wm_plan_t *p);

/*
 * Answers with the event, after a commit whose effect 1 counted its version;
 * take_version and done_show are its two halves.
 */
void wm_plan_done(wm_web_t *w);
void wm_plan_take_version(wm_web_t *w);
void wm_plan_done_show(wm_web_t *w);

#endif /* WM_PLAN_H */
