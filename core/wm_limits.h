/*
 * Counters of tries in a table of fixed size.  A subject is a hash that
 * nobody outside can choose; it has few places that it may stand in.  Looking
 * takes none.  Where all of them are taken, a window that is over goes first,
 * then the smallest count: who comes with ever new subjects puts out his own,
 * not a counter that is near its limit.
 */

#ifndef WM_LIMITS_H
#define WM_LIMITS_H

#include "wm_base.h"

#define WM_LIMITS_PLACES  8192
#define WM_LIMITS_NEAR    8             /* that a subject may stand in */

typedef struct {
    uint64_t  subject;                  /* 0: free */
    int64_t   end;                      /* of its window */
    int64_t   count;
} wm_limits_place_t;

typedef struct {
    wm_limits_place_t  places[WM_LIMITS_PLACES];
} wm_limits_t;

/* How much was counted of a subject in the window that ends then. */
int64_t wm_limits_look(const wm_limits_t *l, uint64_t subject, int64_t end);

/* n below 0 gives back; no count falls below 0. */
void wm_limits_add(wm_limits_t *l, uint64_t subject, int64_t now, int64_t end,
    int64_t n);

#endif /* WM_LIMITS_H */
