/*
 * Counters of tries (wm_limits.h) in shared memory, by worker and location
 * alike.
 */

#ifndef NGX_WENMING_LIMIT_H
#define NGX_WENMING_LIMIT_H

#include "ngx_wenming_compat.h"
#include "wm_limits.h"

ngx_shm_zone_t *ngx_wenming_limit_zone(ngx_conf_t *cf);

/*
 * How often what was counted in the current window of that many seconds;
 * windows begin at multiples of it.
 */
ngx_int_t ngx_wenming_limit_look(ngx_shm_zone_t *zone, wm_str_t what,
    time_t window);
void ngx_wenming_limit_add(ngx_shm_zone_t *zone, wm_str_t what, time_t window,
    ngx_int_t n);

/* When the current window ends. */
time_t ngx_wenming_limit_end(time_t window);

/* wm_limits_take(), of what all workers count; wm_null: not asked. */
wm_verdict_t ngx_wenming_limit_take(ngx_shm_zone_t *zone, wm_limit_t what,
    wm_str_t device, wm_str_t person, wm_str_t address, ngx_uint_t known);

#endif /* NGX_WENMING_LIMIT_H */
