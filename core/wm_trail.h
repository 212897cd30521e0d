/*
 * The log of what operators do, for whoever has to answer for it: one JSON
 * object a line.  docs/audit-log.md has its kinds.
 */

#ifndef WM_TRAIL_H
#define WM_TRAIL_H

#include "wm_base.h"

#define WM_TRAIL_LINE_MAX  3072         /* bytes: one write, whole or not */
#define WM_TRAIL_USER_MAX  64           /* characters */

typedef struct {
    int64_t       now_ms;
    int           offset;
    const char   *source;               /* "web" or "tool" */
    wm_str_t      district;
    wm_str_t      user;
    bool          typed;                /* by somebody who is nobody yet */
    wm_str_t      kind;
    wm_str_t      object;
    wm_str_t      route;                /* empty: of the tool */
    bool          success;
    wm_str_t      result;               /* code of a verdict, or a word */
    wm_str_t      address;
} wm_trail_t;

/* The line with its end; wm_null: no memory. */
wm_str_t wm_trail_line(wm_pool_t *pool, const wm_trail_t *a);

/*
 * What a route does, from its method and path: "order.accept".  What is in
 * no table is called by its path, so nothing new is left out.
 */
wm_str_t wm_trail_kind(wm_pool_t *pool, wm_str_t method, wm_str_t path);

/* Whether the route hands out a list of people. */
bool wm_trail_exports(wm_str_t path);

/* Whether it is one of those by which one signs in. */
bool wm_trail_signs_in(wm_str_t method, wm_str_t path);

/* Whether a resident has his record ended by it. */
bool wm_trail_forgets(wm_str_t method, wm_str_t path);

#endif /* WM_TRAIL_H */
