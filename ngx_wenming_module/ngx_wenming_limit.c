#include "ngx_wenming_limit.h"
#include "wm_crypto.h"

#define NGX_WENMING_LIMIT_PLACES  8192
#define NGX_WENMING_LIMIT_NEAR    8     /* places that a subject may have */

typedef struct {
    uint64_t     subject;               /* 0: free */
    time_t       window;                /* its start */
    ngx_int_t    count;
} ngx_wenming_limit_place_t;

typedef struct {
    u_char                     seed[16];
    ngx_wenming_limit_place_t  places[NGX_WENMING_LIMIT_PLACES];
} ngx_wenming_limit_table_t;

extern ngx_module_t  ngx_wenming_module;


static ngx_int_t
ngx_wenming_limit_init(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t            *slab;
    ngx_wenming_limit_table_t  *table;

    if (data != NULL) {
        zone->data = data;              /* kept over a reload */
        return NGX_OK;
    }

    slab = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        zone->data = slab->data;
        return NGX_OK;
    }

    table = ngx_slab_calloc(slab, sizeof(ngx_wenming_limit_table_t));

    if (table == NULL || !wm_random(table->seed, sizeof(table->seed))) {
        return NGX_ERROR;
    }

    slab->data = table;
    zone->data = table;

    return NGX_OK;
}


ngx_shm_zone_t *
ngx_wenming_limit_zone(ngx_conf_t *cf)
{
    ngx_str_t        name = ngx_string("wenming_limits");
    ngx_shm_zone_t  *zone;

    zone = ngx_shared_memory_add(cf, &name, 512 * 1024, &ngx_wenming_module);
    if (zone != NULL) {
        zone->init = ngx_wenming_limit_init;
    }

    return zone;
}


/* Nobody outside can choose subjects that meet: the seed is secret. */

static uint64_t
ngx_wenming_limit_hash(const ngx_wenming_limit_table_t *table, wm_str_t what)
{
    u_char    sum[WM_SHA1_LEN];
    uint64_t  hash;
    wm_str_t  parts[2];

    parts[0] = (wm_str_t) { sizeof(table->seed), (char *) table->seed };
    parts[1] = what;

    if (!wm_sha1(parts, 2, sum)) {
        return 1;                       /* together, and strict */
    }

    ngx_memcpy(&hash, sum, sizeof(hash));

    return hash != 0 ? hash : 1;
}


static ngx_wenming_limit_place_t *
ngx_wenming_limit_place(ngx_wenming_limit_table_t *table, uint64_t subject)
{
    ngx_uint_t                  i;
    ngx_wenming_limit_place_t  *place, *oldest;

    oldest = NULL;

    for (i = 0; i < NGX_WENMING_LIMIT_NEAR; i++) {
        place = &table->places[(subject + i) % NGX_WENMING_LIMIT_PLACES];

        if (place->subject == subject) {
            return place;
        }

        if (oldest == NULL || place->window < oldest->window) {
            oldest = place;
        }
    }

    oldest->subject = subject;
    oldest->window = 0;
    oldest->count = 0;

    return oldest;
}


ngx_int_t
ngx_wenming_limit_count(ngx_shm_zone_t *zone, wm_str_t what, time_t window,
    ngx_int_t n)
{
    time_t                      now;
    uint64_t                    subject;
    ngx_int_t                   before;
    ngx_slab_pool_t            *slab;
    ngx_wenming_limit_place_t  *place;

    subject = ngx_wenming_limit_hash(zone->data, what);
    slab = (ngx_slab_pool_t *) zone->shm.addr;
    now = ngx_time() / window * window;

    ngx_shmtx_lock(&slab->mutex);

    place = ngx_wenming_limit_place(zone->data, subject);

    if (place->window != now) {
        place->window = now;
        place->count = 0;
    }

    before = place->count;
    place->count = ngx_max(before + n, 0);

    ngx_shmtx_unlock(&slab->mutex);

    return before;
}
