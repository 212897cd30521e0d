#include "ngx_wenming_shared.h"


ngx_shm_zone_t *
ngx_wenming_shared_zone(ngx_wenming_ctx_t *ctx)
{
    ngx_wenming_main_conf_t  *wmcf;

    wmcf = ngx_http_get_module_main_conf(ctx->request, ngx_wenming_module);

    return wmcf->cache;
}


void
ngx_wenming_shared_fill(ngx_wenming_ctx_t *ctx,
    const ngx_wenming_cached_t *cached)
{
    if (!ctx->filling) {
        return;
    }

    ctx->filling = 0;

    ngx_wenming_cache_put(ngx_wenming_shared_zone(ctx), ctx->shared_key,
                          ctx->generation, NGX_WENMING_CACHE_TTL, cached);
}


void
ngx_wenming_shared_drop(ngx_wenming_ctx_t *ctx, wm_op_t op)
{
    wm_shared_t  kind, old = wm_op_makes_old(op);

    for (kind = WM_SHARED_NOTHING + 1; kind < WM_SHARED_ALL; kind++) {
        if (wm_shared_is_old(kind, old)) {
            ngx_wenming_cache_drop(ngx_wenming_shared_zone(ctx),
                                   ctx->web.site->district, kind);
        }
    }
}


/* ---- what handlers share */

static wm_str_t
ngx_wenming_shared_name(wm_web_t *w, wm_str_t key)
{
    return wm_printf(w->pool, "%.*s\n%.*s", wm_fmt(w->site->district),
                     wm_fmt(key));
}


bool
wm_shared_find(wm_web_t *w, wm_shared_entry_t *entry)
{
    ngx_uint_t             generation;
    ngx_wenming_cache_e    rc;
    ngx_wenming_cached_t   cached;

    entry->key = ngx_wenming_shared_name(w, entry->key);
    if (entry->key.data == NULL) {
        return false;
    }

    rc = ngx_wenming_cache_get(ngx_wenming_shared_zone(ngx_wenming_ctx(w)),
                               w->pool, w->site->district, entry->kind,
                               entry->key, &cached, &generation);

    entry->generation = generation;
    entry->bytes = rc == NGX_WENMING_CACHE_HIT ? cached.body : wm_null;

    return rc == NGX_WENMING_CACHE_HIT;
}


void
wm_shared_keep(wm_web_t *w, const wm_shared_entry_t *entry, wm_str_t bytes,
    unsigned ttl_ms)
{
    ngx_wenming_cached_t  cached = { bytes, wm_lit(""), wm_lit("") };

    if (entry->key.data != NULL
        && entry->key.len <= NGX_WENMING_CACHE_KEY_MAX
        && bytes.data != NULL)
    {
        ngx_wenming_cache_put(ngx_wenming_shared_zone(ngx_wenming_ctx(w)),
                              entry->key, (ngx_uint_t) entry->generation,
                              ttl_ms, &cached);
    }
}
