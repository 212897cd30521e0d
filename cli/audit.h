/*
 * An audit under way: the walk (audit.c), the checkpoints (audit_points.c)
 * and how a problem is told (audit_say.c).
 */

#ifndef WM_AUDIT_H
#define WM_AUDIT_H

#include "cli.h"
#include "wm_checkpoint.h"

#define WM_AUDIT_MAX  20                /* problems that are told */

typedef struct {
    wm_checkpoint_t   cp;
    const char       *file;
    unsigned          line;
} wm_audit_point_t;

typedef struct {
    wm_pool_t          *pool;
    wm_pool_t          *page;           /* lives as long as a page */
    wm_str_t            district;

    uint64_t            ms, seq;        /* id of the last entry */
    uint64_t            entries;
    uint64_t            first, last;    /* numbers; 0: none yet */
    char                hash[41];       /* of the last */
    size_t              problems;

    size_t              npoints, cap;   /* sorted by number */
    wm_audit_point_t   *points;
    size_t              older;
} wm_audit_t;

/* e may be NULL for what is no single entry's fault. */
void wm_audit_bad(wm_audit_t *a, const wm_entry_t *e, wm_str_t what);

/* Reads all files; what is wrong in them counts as a problem. */
bool wm_audit_points_load(wm_cli_t *cli, wm_audit_t *a);

/* The first checkpoint of a number; npoints when there is none. */
size_t wm_audit_find(const wm_audit_t *a, uint64_t number);

/* An entry with its checkpoints. */
void wm_audit_compare(wm_audit_t *a, const wm_entry_t *e);

/* Once all entries have been seen. */
void wm_audit_points_beyond(wm_audit_t *a);

#endif /* WM_AUDIT_H */
