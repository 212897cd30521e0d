/*
 * What is held: the public events of a unit, or of all, in some days.  Those
 * that begin on the day "near" or later, as many as the limit allows; and the
 * last of those that began before it and were not over before "from", as many
 * again.
 */

#ifndef WM_TABLE_H
#define WM_TABLE_H

#include "wm_show.h"

#define WM_TABLE_MAX  500               /* events, at most */

typedef struct {
    /* of the caller */

    wm_str_t      unit;                 /* empty: the district */
    int64_t       from;                 /* starts of the first day */
    int64_t       to;                   /* and of the last one */
    int64_t       near;                 /* a day that matters more than all */
                                        /* before it; 0: from */
    size_t        limit;                /* 0: as many as there may be */

    /* what came of it; units are sorted */

    wm_reply_t    units;
    wm_unit_t     here;                 /* the unit; name empty: none */
    size_t        n;
    wm_event_t   *events;               /* by start; cancelled ones too */

    /* its own */

    size_t        room;                 /* for those that began before */
    wm_reply_t    before;               /* their ids, the last one first */
    wm_reply_t    ids;                  /* of the others */
    wm_step_pt    next;
    void         *outer;
} wm_table_t;

/* next finds w->state as it was; a unit that is not there is NOT_FOUND. */
void wm_table_read(wm_web_t *w, wm_table_t *t, wm_step_pt next);

/*
 * The same of another index, in steps: the ids of what began before near, and
 * may go on after from, the last one first; their ends, how many are asked;
 * and of both, those to keep, max at most: first of all what goes on after
 * near, then the last ones that were not over before from.  How many: they
 * stand in front then.
 */
void wm_table_ask_before(wm_web_t *w, wm_str_t index, int64_t near,
    int64_t from);
size_t wm_table_ask_ends(wm_web_t *w, const wm_reply_t *before);
size_t wm_table_keep(wm_reply_t *before, const wm_reply_t *ends, int64_t near,
    int64_t from, size_t max);

#endif /* WM_TABLE_H */
