/*
 * Answers and facts that are the same for everyone, shared by the workers:
 * a short life, one fetch at a time, dropped when a commit changes their
 * kind, the least recently used given up when memory is short.
 */

#ifndef NGX_WENMING_CACHE_H
#define NGX_WENMING_CACHE_H

#include "ngx_wenming_compat.h"
#include "wm_ops.h"

#define NGX_WENMING_CACHE_KEY_MAX   512
#define NGX_WENMING_CACHE_TTL       1000    /* ms */
#define NGX_WENMING_CACHE_SIZE      (8 * 1024 * 1024)

typedef struct {
    wm_str_t     body;
    wm_str_t     etag;                      /* with quotes, or empty */
    wm_str_t     type;
} ngx_wenming_cached_t;

typedef enum {
    NGX_WENMING_CACHE_HIT,
    NGX_WENMING_CACHE_FILL,                 /* fetch it, then put */
    NGX_WENMING_CACHE_WAIT,                 /* somebody else fetches it */
    NGX_WENMING_CACHE_NONE                  /* no memory: as without cache */
} ngx_wenming_cache_e;

/* Counters for metrics. */
typedef struct {
    ngx_atomic_t   hits;
    ngx_atomic_t   misses;
    ngx_atomic_t   evictions;
} ngx_wenming_cache_stats_t;

ngx_shm_zone_t *ngx_wenming_cache_zone(ngx_conf_t *cf, ngx_str_t *name,
    size_t size);

/*
 * Looks key up; a HIT is copied into pool.  kind is what a commit drops;
 * after FILL, generation must be given back to put or abandon.
 */
ngx_wenming_cache_e ngx_wenming_cache_get(ngx_shm_zone_t *zone,
    wm_pool_t *pool, wm_str_t district, wm_shared_t kind, wm_str_t key,
    ngx_wenming_cached_t *cached, ngx_uint_t *generation);

void ngx_wenming_cache_put(ngx_shm_zone_t *zone, wm_str_t key,
    ngx_uint_t generation, ngx_msec_t ttl,
    const ngx_wenming_cached_t *cached);

/* It could not be fetched: the next one may try. */
void ngx_wenming_cache_abandon(ngx_shm_zone_t *zone, wm_str_t key);

/* What is of that kind and district is old from now on. */
void ngx_wenming_cache_drop(ngx_shm_zone_t *zone, wm_str_t district,
    wm_shared_t kind);

const ngx_wenming_cache_stats_t *ngx_wenming_cache_stats(
    ngx_shm_zone_t *zone);

#endif /* NGX_WENMING_CACHE_H */
