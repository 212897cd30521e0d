/*
 * How far archives are behind the journal, from what Redis knows of them:
 * the hash "archived", archive -> "number ms entry".
 */

#ifndef WM_LAG_H
#define WM_LAG_H

#include "wm_reply.h"

typedef struct {
    int64_t    number;                  /* of the last entry it has */
    int64_t    at_ms;                   /* when it had committed that */
    int64_t    entry_ms;                /* when that was written */
} wm_lag_t;

/*
 * Of all archives the one that has least, or most.  False: there is none, or
 * what is noted of one cannot be read.
 */
bool wm_lag_least(const wm_reply_t *archived, wm_lag_t *lag);
bool wm_lag_most(const wm_reply_t *archived, wm_lag_t *lag);

/*
 * Until when all that was done is archived: when the archive was written
 * last, if it has all (head is "number hash"), else the time of its last
 * entry.  0: nothing that was made at made_ms or later.
 */
int64_t wm_lag_until(const wm_lag_t *lag, wm_str_t head, int64_t made_ms);

#endif /* WM_LAG_H */
