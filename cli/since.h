/*
 * What was done since a moment, by the journal: for who has walked over many
 * records and then writes as if nothing had come to them meanwhile.
 */

#ifndef WM_SINCE_H
#define WM_SINCE_H

#include "cli.h"

typedef struct {
    wm_redis_t  *redis;
    wm_str_t     district;
    uint64_t     ms, seq;               /* the last entry that was read */
    uint64_t     number;                /* 0: there was none */
} wm_since_t;

/* False, here and below: said why. */
bool wm_since_begin(wm_since_t *since, wm_redis_t *redis, wm_pool_t *pool,
    wm_str_t district);

/*
 * Calls back with each part of each word, as colons part them, of what was
 * written since the last call; entries of the verb "but" are left out.
 * *head, of the pool, is what the key "head" has if nothing has come since.
 */
bool wm_since_read(wm_since_t *since, wm_pool_t *pool, const char *but,
    wm_entry_part_pt each, void *ctx, wm_str_t *head);

#endif /* WM_SINCE_H */
