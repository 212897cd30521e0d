#include "ngx_wenming_cache.h"

#define NGX_WENMING_CACHE_FILLING     2000  /* ms that a fetch may take */
#define NGX_WENMING_CACHE_DISTRICTS   64
#define NGX_WENMING_CACHE_EVICT       32    /* at most, for one new entry */

typedef struct {
    ngx_rbtree_t               tree;
    ngx_rbtree_node_t          sentinel;
    ngx_queue_t                queue;       /* least recently used last */
    ngx_wenming_cache_stats_t  stats;

    /* districts that share a place drop each other's entries */

    ngx_uint_t                 generations[NGX_WENMING_CACHE_DISTRICTS]
                                          [WM_SHARED_MAX];
} ngx_wenming_cache_shm_t;

typedef struct {
    ngx_str_node_t             sn;          /* key, first */
    ngx_queue_t                queue;
    ngx_uint_t                 generation;
    ngx_msec_t                 expires;
    ngx_msec_t                 filling;     /* somebody fetches until then */
    size_t                     body_len;
    size_t                     etag_len;
    size_t                     type_len;
    unsigned                   full:1;
    u_char                     data[1];     /* key, body, etag, type */
} ngx_wenming_cache_node_t;

extern ngx_module_t  ngx_wenming_module;


static ngx_int_t
ngx_wenming_cache_init(ngx_shm_zone_t *zone, void *old)
{
    ngx_slab_pool_t          *slab;
    ngx_wenming_cache_shm_t  *shm;

    if (old != NULL) {
        zone->data = old;
        return NGX_OK;
    }

    slab = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        zone->data = slab->data;
        return NGX_OK;
    }

    shm = ngx_slab_calloc(slab, sizeof(ngx_wenming_cache_shm_t));
    if (shm == NULL) {
        return NGX_ERROR;
    }

    ngx_rbtree_init(&shm->tree, &shm->sentinel, ngx_str_rbtree_insert_value);
    ngx_queue_init(&shm->queue);

    slab->data = shm;
    slab->log_nomem = 0;                    /* full is its usual state */
    zone->data = shm;

    return NGX_OK;
}


ngx_shm_zone_t *
ngx_wenming_cache_zone(ngx_conf_t *cf, ngx_str_t *name, size_t size)
{
    ngx_shm_zone_t  *zone;

    zone = ngx_shared_memory_add(cf, name, size, &ngx_wenming_module);
    if (zone != NULL) {
        zone->init = ngx_wenming_cache_init;
    }

    return zone;
}


static ngx_slab_pool_t *
ngx_wenming_cache_lock(ngx_shm_zone_t *zone)
{
    ngx_slab_pool_t  *slab = (ngx_slab_pool_t *) zone->shm.addr;

    ngx_shmtx_lock(&slab->mutex);

    return slab;
}


static ngx_uint_t *
ngx_wenming_cache_generation(ngx_wenming_cache_shm_t *shm, wm_str_t district,
    wm_shared_t kind)
{
    ngx_uint_t  place;

    place = ngx_crc32_short((u_char *) district.data, district.len)
            % NGX_WENMING_CACHE_DISTRICTS;

    return &shm->generations[place][kind];
}


static ngx_wenming_cache_node_t *
ngx_wenming_cache_find(ngx_wenming_cache_shm_t *shm, wm_str_t key)
{
    ngx_str_t  name = { key.len, (u_char *) key.data };

    return (ngx_wenming_cache_node_t *)
           ngx_str_rbtree_lookup(&shm->tree, &name,
                                 ngx_crc32_short(name.data, name.len));
}


static void
ngx_wenming_cache_remove(ngx_slab_pool_t *slab, ngx_wenming_cache_shm_t *shm,
    ngx_wenming_cache_node_t *node)
{
    ngx_rbtree_delete(&shm->tree, &node->sn.node);
    ngx_queue_remove(&node->queue);
    ngx_slab_free_locked(slab, node);
}


static void *
ngx_wenming_cache_alloc(ngx_slab_pool_t *slab, ngx_wenming_cache_shm_t *shm,
    size_t size)
{
    void         *p;
    ngx_uint_t    i;
    ngx_queue_t  *q;

    for (i = 0; i <= NGX_WENMING_CACHE_EVICT; i++) {
        p = ngx_slab_alloc_locked(slab, size);

        if (p != NULL || ngx_queue_empty(&shm->queue)) {
            return p;
        }

        q = ngx_queue_last(&shm->queue);
        ngx_wenming_cache_remove(slab, shm,
            ngx_queue_data(q, ngx_wenming_cache_node_t, queue));
        shm->stats.evictions++;
    }

    return NULL;
}


static ngx_wenming_cache_node_t *
ngx_wenming_cache_add(ngx_slab_pool_t *slab, ngx_wenming_cache_shm_t *shm,
    wm_str_t key, size_t more)
{
    ngx_wenming_cache_node_t  *node;

    node = ngx_wenming_cache_alloc(slab, shm,
                                   offsetof(ngx_wenming_cache_node_t, data)
                                   + key.len + more);
    if (node == NULL) {
        return NULL;
    }

    ngx_memzero(node, sizeof(ngx_wenming_cache_node_t));
    ngx_memcpy(node->data, key.data, key.len);

    node->sn.str.data = node->data;
    node->sn.str.len = key.len;
    node->sn.node.key = ngx_crc32_short(node->data, key.len);

    ngx_rbtree_insert(&shm->tree, &node->sn.node);
    ngx_queue_insert_head(&shm->queue, &node->queue);

    return node;
}


static ngx_wenming_cache_e
ngx_wenming_cache_copy(wm_pool_t *pool, const ngx_wenming_cache_node_t *node,
    ngx_wenming_cached_t *cached)
{
    char    *p;
    size_t   len;

    len = node->body_len + node->etag_len + node->type_len;

    p = wm_alloc(pool, len + 1);
    if (p == NULL) {
        return NGX_WENMING_CACHE_NONE;
    }

    ngx_memcpy(p, node->data + node->sn.str.len, len);
    p[len] = '\0';                          /* the type is used as text */

    cached->body = (wm_str_t) { node->body_len, p };
    cached->etag = (wm_str_t) { node->etag_len, p + node->body_len };
    cached->type = (wm_str_t) { node->type_len,
                                p + node->body_len + node->etag_len };

    return NGX_WENMING_CACHE_HIT;
}


/*
 * Fresh is fresh.  What only grew old is still good while somebody fetches it
 * anew; what a commit dropped is not.
 */

static ngx_wenming_cache_e
ngx_wenming_cache_judge(ngx_wenming_cache_node_t *node, ngx_uint_t generation,
    ngx_msec_t now)
{
    ngx_uint_t  good, filling;

    good = node->full && node->generation == generation;
    filling = (ngx_msec_int_t) (node->filling - now) > 0;

    if (good && ((ngx_msec_int_t) (node->expires - now) > 0 || filling)) {
        return NGX_WENMING_CACHE_HIT;
    }

    return filling && node->generation == generation
           ? NGX_WENMING_CACHE_WAIT : NGX_WENMING_CACHE_FILL;
}


ngx_wenming_cache_e
ngx_wenming_cache_get(ngx_shm_zone_t *zone, wm_pool_t *pool,
    wm_str_t district, wm_shared_t kind, wm_str_t key,
    ngx_wenming_cached_t *cached, ngx_uint_t *generation)
{
    ngx_slab_pool_t           *slab;
    ngx_wenming_cache_e        rc;
    ngx_wenming_cache_shm_t   *shm = zone->data;
    ngx_wenming_cache_node_t  *node;

    if (key.len > NGX_WENMING_CACHE_KEY_MAX) {
        return NGX_WENMING_CACHE_NONE;
    }

    slab = ngx_wenming_cache_lock(zone);

    *generation = *ngx_wenming_cache_generation(shm, district, kind);
    node = ngx_wenming_cache_find(shm, key);

    if (node != NULL) {
        rc = ngx_wenming_cache_judge(node, *generation, ngx_current_msec);

    } else {
        node = ngx_wenming_cache_add(slab, shm, key, 0);
        rc = node != NULL ? NGX_WENMING_CACHE_FILL : NGX_WENMING_CACHE_NONE;
    }

    if (rc == NGX_WENMING_CACHE_HIT) {
        ngx_queue_remove(&node->queue);
        ngx_queue_insert_head(&shm->queue, &node->queue);
        rc = ngx_wenming_cache_copy(pool, node, cached);
        shm->stats.hits++;

    } else {
        shm->stats.misses++;
    }

    if (rc == NGX_WENMING_CACHE_FILL) {
        node->filling = ngx_current_msec + NGX_WENMING_CACHE_FILLING;

        if (!node->full || node->generation != *generation) {
            node->full = 0;
            node->generation = *generation;
        }
    }

    ngx_shmtx_unlock(&slab->mutex);

    return rc;
}


void
ngx_wenming_cache_put(ngx_shm_zone_t *zone, wm_str_t key,
    ngx_uint_t generation, ngx_msec_t ttl,
    const ngx_wenming_cached_t *cached)
{
    u_char                    *p;
    ngx_slab_pool_t           *slab;
    ngx_wenming_cache_shm_t   *shm = zone->data;
    ngx_wenming_cache_node_t  *node;

    slab = ngx_wenming_cache_lock(zone);

    node = ngx_wenming_cache_find(shm, key);
    if (node != NULL) {
        ngx_wenming_cache_remove(slab, shm, node);
    }

    node = ngx_wenming_cache_add(slab, shm, key,
                                 cached->body.len + cached->etag.len
                                 + cached->type.len);
    if (node != NULL) {
        p = node->data + key.len;
        p = ngx_cpymem(p, cached->body.data, cached->body.len);
        p = ngx_cpymem(p, cached->etag.data, cached->etag.len);
        ngx_memcpy(p, cached->type.data, cached->type.len);

        node->body_len = cached->body.len;
        node->etag_len = cached->etag.len;
        node->type_len = cached->type.len;
        node->generation = generation;
        node->expires = ngx_current_msec + ttl;
        node->filling = ngx_current_msec;
        node->full = 1;
    }

    ngx_shmtx_unlock(&slab->mutex);
}


void
ngx_wenming_cache_abandon(ngx_shm_zone_t *zone, wm_str_t key)
{
    ngx_slab_pool_t           *slab;
    ngx_wenming_cache_node_t  *node;

    slab = ngx_wenming_cache_lock(zone);

    node = ngx_wenming_cache_find(zone->data, key);
    if (node != NULL) {
        node->filling = ngx_current_msec;
    }

    ngx_shmtx_unlock(&slab->mutex);
}


void
ngx_wenming_cache_drop(ngx_shm_zone_t *zone, wm_str_t district,
    wm_shared_t kind)
{
    ngx_slab_pool_t  *slab;

    slab = ngx_wenming_cache_lock(zone);
    (*ngx_wenming_cache_generation(zone->data, district, kind))++;
    ngx_shmtx_unlock(&slab->mutex);
}


const ngx_wenming_cache_stats_t *
ngx_wenming_cache_stats(ngx_shm_zone_t *zone)
{
    ngx_wenming_cache_shm_t  *shm = zone->data;

    return &shm->stats;
}
