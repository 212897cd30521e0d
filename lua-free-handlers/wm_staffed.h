/* The units, and all who have an account: for pages about both. */

#ifndef WM_STAFFED_H
#define WM_STAFFED_H

#include "wm_show.h"

typedef struct {
    wm_reply_t    units;                /* HGETALL, sorted */
    size_t        n;
    wm_staff_t   *staff;                /* sorted by name */
    wm_step_pt    next;
} wm_staffed_t;

/* Reads both into s, then runs next. */
void wm_staffed_read(wm_web_t *w, wm_staffed_t *s, wm_step_pt next);

/* One of the staff; no secrets. */
void wm_staffed_show(wm_web_t *w, wm_doc_t *doc, const wm_staffed_t *s,
    const wm_staff_t *staff);

#endif /* WM_STAFFED_H */
