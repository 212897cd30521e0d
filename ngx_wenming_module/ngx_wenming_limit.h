/*
 * Counters of tries in shared memory, by worker and location alike.  The
 * table has a fixed size; two subjects that fall into one place count
 * together, so that it errs to the strict side.
 */

#ifndef NGX_WENMING_LIMIT_H
#define NGX_WENMING_LIMIT_H

#include "ngx_wenming_compat.h"
#include "wm_base.h"

ngx_shm_zone_t *ngx_wenming_limit_zone(ngx_conf_t *cf);

/*
 * False when what has had max tries in the current window of that many
 * seconds (windows begin at multiples of it).  hit counts one more.
 */
ngx_uint_t ngx_wenming_limit(ngx_shm_zone_t *zone, wm_str_t what,
    ngx_uint_t max, time_t window, ngx_uint_t hit);

#endif /* NGX_WENMING_LIMIT_H */
