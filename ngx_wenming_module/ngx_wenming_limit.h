/*
 * Counters of tries (wm_limits.h) in shared memory, by worker and location
 * alike.
 */

#ifndef NGX_WENMING_LIMIT_H
#define NGX_WENMING_LIMIT_H

#include "ngx_wenming_compat.h"
#include "wm_base.h"

ngx_shm_zone_t *ngx_wenming_limit_zone(ngx_conf_t *cf);

/*
 * How often what was counted in the current window of that many seconds;
 * windows begin at multiples of it.
 */
ngx_int_t ngx_wenming_limit_look(ngx_shm_zone_t *zone, wm_str_t what,
    time_t window);
void ngx_wenming_limit_add(ngx_shm_zone_t *zone, wm_str_t what, time_t window,
    ngx_int_t n);

#endif /* NGX_WENMING_LIMIT_H */
