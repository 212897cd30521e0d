#include "ngx_wenming_limit.h"

#define NGX_WENMING_LIMIT_PLACES  8192

typedef struct {
    time_t       window;
    ngx_uint_t   count;
} ngx_wenming_limit_place_t;

extern ngx_module_t  ngx_wenming_module;


static ngx_int_t
ngx_wenming_limit_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t  *slab;

    if (data != NULL) {
        zone->data = data;              /* kept over a reload */
        return NGX_OK;
    }

    slab = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        zone->data = slab->data;
        return NGX_OK;
    }

    slab->data = ngx_slab_calloc(slab, NGX_WENMING_LIMIT_PLACES
                                 * sizeof(ngx_wenming_limit_place_t));
    zone->data = slab->data;

    return zone->data != NULL ? NGX_OK : NGX_ERROR;
}


ngx_shm_zone_t *
ngx_wenming_limit_zone(ngx_conf_t *cf)
{
    ngx_str_t        name = ngx_string("wenming_limits");
    ngx_shm_zone_t  *zone;

    zone = ngx_shared_memory_add(cf, &name, 256 * 1024, &ngx_wenming_module);
    if (zone != NULL) {
        zone->init = ngx_wenming_limit_init;
    }

    return zone;
}


ngx_uint_t
ngx_wenming_limit(ngx_shm_zone_t *zone, wm_str_t what, ngx_uint_t max,
    time_t window, ngx_uint_t hit)
{
    time_t                      now;
    ngx_uint_t                  allowed;
    ngx_slab_pool_t            *slab;
    ngx_wenming_limit_place_t  *place;

    place = zone->data;
    place += ngx_murmur_hash2((u_char *) what.data, what.len)
             % NGX_WENMING_LIMIT_PLACES;

    slab = (ngx_slab_pool_t *) zone->shm.addr;
    now = ngx_time() / window * window;

    ngx_shmtx_lock(&slab->mutex);

    if (place->window < now) {
        place->window = now;
        place->count = 0;
    }

    allowed = place->count < max;
    place->count += hit;

    ngx_shmtx_unlock(&slab->mutex);

    return allowed;
}
