/*
 * A period of the district's calendar, as people write it.
 */

#ifndef WM_PERIOD_H
#define WM_PERIOD_H

#include "wm_base.h"

typedef struct {
    int64_t   from_ms;
    int64_t   to_ms;                    /* the first instant behind it */
} wm_period_t;

/*
 * 2026, 2026-Q4, 2026-12, 2026-12-01, or two of them with ".." between, either
 * of which may be left out.  False for anything else, and for one that ends
 * before it begins.
 */
bool wm_period_parse(wm_str_t s, int offset, wm_period_t *period);

/* All that there is. */
void wm_period_all(wm_period_t *period);

#endif /* WM_PERIOD_H */
