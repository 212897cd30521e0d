/*
 * Counters of tries in shared memory, by worker and location alike.  The
 * table has a fixed size; where subjects crowd, the one that has been quiet
 * longest is forgotten.
 */

#ifndef NGX_WENMING_LIMIT_H
#define NGX_WENMING_LIMIT_H

#include "ngx_wenming_compat.h"
#include "wm_base.h"

ngx_shm_zone_t *ngx_wenming_limit_zone(ngx_conf_t *cf);

/*
 * How often what was counted in the current window of that many seconds
 * (windows begin at multiples of it), before n is added.
 */
ngx_int_t ngx_wenming_limit_count(ngx_shm_zone_t *zone, wm_str_t what,
    time_t window, ngx_int_t n);

#endif /* NGX_WENMING_LIMIT_H */
