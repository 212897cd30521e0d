/*
 * What logrotate does with a file, by what its configuration says.
 */

#ifndef WM_ROTATE_H
#define WM_ROTATE_H

#include "cli.h"

typedef struct {
    wm_str_t    path;                   /* whose blocks are looked for */
    size_t      blocks;                 /* logrotate minds only the first */
    wm_buf_t    where;                  /* files that they are in */
    int64_t     days;                   /* that are kept; -1: for good */
    wm_str_t    unread;                 /* what could not be; or wm_null */
} wm_rotate_t;

/* from: a file of logrotate's, or a directory of them.  False: no memory. */
bool wm_rotate_look(wm_pool_t *pool, wm_str_t from, wm_str_t path,
    wm_rotate_t *r);

#endif /* WM_ROTATE_H */
