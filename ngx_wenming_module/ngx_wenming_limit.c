#include "ngx_wenming_limit.h"
#include "wm_crypto.h"

typedef struct {
    u_char         seed[16];
    wm_limits_t    limits;
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

    zone = ngx_shared_memory_add(cf, &name, 1024 * 1024, &ngx_wenming_module);
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


time_t
ngx_wenming_limit_end(time_t window)
{
    return (ngx_time() / window + 1) * window;
}


ngx_int_t
ngx_wenming_limit_look(ngx_shm_zone_t *zone, wm_str_t what, time_t window)
{
    int64_t                     count;
    uint64_t                    subject;
    ngx_slab_pool_t            *slab;
    ngx_wenming_limit_table_t  *table = zone->data;

    subject = ngx_wenming_limit_hash(table, what);
    slab = (ngx_slab_pool_t *) zone->shm.addr;

    ngx_shmtx_lock(&slab->mutex);

    count = wm_limits_look(&table->limits, subject,
                           ngx_wenming_limit_end(window));

    ngx_shmtx_unlock(&slab->mutex);

    return (ngx_int_t) count;
}


void
ngx_wenming_limit_add(ngx_shm_zone_t *zone, wm_str_t what, time_t window,
    ngx_int_t n)
{
    uint64_t                    subject;
    ngx_slab_pool_t            *slab;
    ngx_wenming_limit_table_t  *table = zone->data;

    subject = ngx_wenming_limit_hash(table, what);
    slab = (ngx_slab_pool_t *) zone->shm.addr;

    ngx_shmtx_lock(&slab->mutex);

    wm_limits_add(&table->limits, subject, ngx_time(),
                  ngx_wenming_limit_end(window), n);

    ngx_shmtx_unlock(&slab->mutex);
}


wm_verdict_t
ngx_wenming_limit_take(ngx_shm_zone_t *zone, wm_limit_t what, wm_str_t device,
    wm_str_t person, wm_str_t address, ngx_uint_t known)
{
    wm_taker_t                  t;
    wm_verdict_t                verdict;
    ngx_slab_pool_t            *slab;
    ngx_wenming_limit_table_t  *table = zone->data;

    t.device = device.data != NULL ? ngx_wenming_limit_hash(table, device) : 0;
    t.person = person.data != NULL ? ngx_wenming_limit_hash(table, person) : 0;
    t.address = address.data != NULL ? ngx_wenming_limit_hash(table, address)
                                     : 0;
    t.known = known;

    slab = (ngx_slab_pool_t *) zone->shm.addr;

    ngx_shmtx_lock(&slab->mutex);

    verdict = wm_limits_take(&table->limits, what, &t, ngx_time(),
                             ngx_wenming_limit_end(
                                 (time_t) wm_limit_rules[what].window));

    ngx_shmtx_unlock(&slab->mutex);

    return verdict;
}
