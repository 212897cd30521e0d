/*
 * How long things are kept: what an order, a wish or an event says of the
 * last time that somebody had to do with it, and whether its time is over.
 */

#ifndef WM_RETAIN_H
#define WM_RETAIN_H

#include "wm_order_life.h"
#include "wm_event.h"
#include "wm_wish.h"

/* The law wants logs of a network for six months at least. */
#define WM_RETAIN_LOGS_MIN  (180 * INT64_C(86400000))

#define WM_RETAIN_OPEN      INT64_MAX   /* it goes on: no time is over */

/* Days, "730d"; false for anything else, and for none. */
bool wm_retain_time(wm_str_t s, int64_t *ms);

/*
 * When it came to its end, in ms; WM_RETAIN_OPEN while it has not.  end_ms:
 * of the order's event, 0 for none or unknown: an order that was left at
 * "scheduled" ended with it.
 */
int64_t wm_retain_order(const wm_order_t *order, int64_t end_ms);
int64_t wm_retain_wish(const wm_wish_t *wish);
int64_t wm_retain_event(const wm_event_t *event);

/* after_ms: how long it is kept behind that; 0: for good. */
bool wm_retain_over(int64_t last_ms, int64_t after_ms, int64_t now_ms);

#endif /* WM_RETAIN_H */
