#include "ngx_wenming_metrics.h"
#include "ngx_wenming_cache.h"
#include "ngx_wenming_route.h"

#define NGX_WENMING_METRICS_SLOTS    8      /* of counters; workers share */
#define NGX_WENMING_METRICS_WORKERS  128
#define NGX_WENMING_METRICS_LINE     64     /* bytes of a cache line */
#define NGX_WENMING_METRICS_TELL     1000   /* ms */
#define NGX_WENMING_METRICS_SOON     200    /* ms, for the first time */
#define NGX_WENMING_METRICS_OLD      5000000    /* us: then it says nothing */

/* What one worker sees of Redis; written by it alone, in a line of its own. */
typedef union {
    struct {
        uint64_t      told;                 /* when; 0: never */
        uint64_t      answered;             /* 0: Redis never did */
        uint32_t      pending;
        uint8_t       states[WM_REDIS_MAX];
        uint8_t       weakness;
    } is;
    u_char            line[NGX_WENMING_METRICS_LINE];
} ngx_wenming_metrics_view_t;

typedef struct {
    ngx_wenming_metrics_view_t  views[NGX_WENMING_METRICS_WORKERS];
    ngx_atomic_t                journal;    /* the last number + 1, 0: none */
    ngx_atomic_t                kept[NGX_WENMING_KEPT_MAX];     /* as above */
    ngx_atomic_t               *cells;      /* of slot 0 */
    size_t                      stride;     /* cells from slot to slot */
    size_t                      ncells;
} ngx_wenming_metrics_shm_t;

/* What a worker tells about one district. */
typedef struct {
    ngx_shm_zone_t             *zone;
    ngx_wenming_redis_t        *redis;
    ngx_wenming_redis_state_t   told;
} ngx_wenming_metrics_district_t;

struct ngx_wenming_metrics_s {
    ngx_event_t                      timer;
    ngx_uint_t                       n;
    ngx_wenming_metrics_district_t  *districts;
};

static const char *const  ngx_wenming_metrics_levels[] = {
#define X(name, text)  text,
    NGX_WENMING_DURABILITIES(X)
#undef X
};

static const char *const  ngx_wenming_metrics_reasons[] = {
#define X(name, brief, text)  brief,
    NGX_WENMING_WEAKNESSES(X)
#undef X
};


uint64_t
ngx_wenming_metrics_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


/* ---- the zone */

static ngx_uint_t
ngx_wenming_metrics_nroutes(void)
{
    ngx_uint_t  n = 0;

    while (ngx_wenming_route_at(n + 1) != NULL) {
        n++;
    }

    return n;
}


/* n of them; NULL: no memory. */

static wm_metrics_route_t *
ngx_wenming_metrics_routes(ngx_pool_t *pool, ngx_uint_t n)
{
    ngx_uint_t           i;
    const wm_route_t    *route;
    wm_metrics_route_t  *routes;

    routes = ngx_palloc(pool, n * sizeof(wm_metrics_route_t));

    for (i = 0; routes != NULL && i < n; i++) {
        route = ngx_wenming_route_at(i + 1);
        routes[i].method = ngx_wenming_method_name(route->method);
        routes[i].path = route->path;
    }

    return routes;
}


/* No two workers of a small nginx write to one line. */

static size_t
ngx_wenming_metrics_stride(size_t ncells)
{
    return ngx_align(ncells,
                     NGX_WENMING_METRICS_LINE / sizeof(ngx_atomic_t));
}


static size_t
ngx_wenming_metrics_size(size_t ncells)
{
    return sizeof(ngx_wenming_metrics_shm_t) + NGX_WENMING_METRICS_LINE
           + ngx_wenming_metrics_stride(ncells) * sizeof(ngx_atomic_t)
             * NGX_WENMING_METRICS_SLOTS;
}


static ngx_int_t
ngx_wenming_metrics_init(ngx_shm_zone_t *zone, void *old)
{
    size_t                      ncells;
    ngx_slab_pool_t            *slab;
    ngx_wenming_metrics_shm_t  *shm;

    if (old != NULL) {
        zone->data = old;               /* kept over a reload */
        return NGX_OK;
    }

    slab = (ngx_slab_pool_t *) zone->shm.addr;

    if (zone->shm.exists) {
        zone->data = slab->data;
        return NGX_OK;
    }

    ncells = wm_metrics_cells(ngx_wenming_metrics_nroutes());

    shm = ngx_slab_calloc(slab, ngx_wenming_metrics_size(ncells));
    if (shm == NULL) {
        return NGX_ERROR;
    }

    shm->ncells = ncells;
    shm->stride = ngx_wenming_metrics_stride(ncells);
    shm->cells = (ngx_atomic_t *) ngx_align_ptr(shm + 1,
                                                NGX_WENMING_METRICS_LINE);
    slab->data = shm;
    zone->data = shm;

    return NGX_OK;
}


/*
 * The zone's name has the shape of what is in it: where another version of
 * the module left counters of another shape, new ones begin beside them, and
 * nginx gives up the old ones with the workers that use them.
 */

ngx_shm_zone_t *
ngx_wenming_metrics_zone(ngx_conf_t *cf, ngx_str_t *district)
{
    size_t               size;
    ngx_str_t            name;
    ngx_uint_t           n;
    ngx_shm_zone_t      *zone;
    wm_metrics_route_t  *routes;

    n = ngx_wenming_metrics_nroutes();
    routes = ngx_wenming_metrics_routes(cf->pool, n);
    name.data = ngx_pnalloc(cf->pool, sizeof("wenming_metrics__00000000")
                                      + district->len);

    if (routes == NULL || name.data == NULL) {
        return NULL;
    }

    name.len = ngx_sprintf(name.data, "wenming_metrics_%V_%08xD", district,
                           wm_metrics_shape(routes, n))
               - name.data;

    /* and what nginx needs to keep account of pages */

    size = ngx_align(ngx_wenming_metrics_size(wm_metrics_cells(n)),
                     ngx_pagesize)
           + 8 * ngx_pagesize;

    zone = ngx_shared_memory_add(cf, &name, size, &ngx_wenming_module);
    if (zone != NULL) {
        zone->init = ngx_wenming_metrics_init;
    }

    return zone;
}


/* ---- counting */

static void
ngx_wenming_metrics_add(ngx_shm_zone_t *zone, size_t cell, uint64_t n)
{
    ngx_wenming_metrics_shm_t  *shm = zone->data;

    (void) ngx_atomic_fetch_add(
        &shm->cells[ngx_worker % NGX_WENMING_METRICS_SLOTS * shm->stride
                    + cell],
        (ngx_atomic_int_t) n);
}


void
ngx_wenming_metrics_request(ngx_wenming_loc_conf_t *conf, ngx_uint_t route,
    wm_ended_t ended)
{
    ngx_wenming_metrics_add(conf->metrics,
                            wm_metrics_request_cell(route, ended), 1);
}


void
ngx_wenming_metrics_answer(ngx_wenming_ctx_t *ctx)
{
    if (!ctx->counted) {
        ctx->counted = 1;
        ngx_wenming_metrics_request(ctx->conf, ctx->route,
                                    (wm_ended_t) ctx->said);
    }
}


void
ngx_wenming_metrics_end(ngx_wenming_ctx_t *ctx)
{
    ngx_http_request_t  *r = ctx->request;

    if (ctx->committing) {
        ngx_wenming_metrics_commit(ctx, WM_OUTCOME_GONE);
    }

    if (!ctx->counted) {
        ctx->counted = 1;
        ngx_wenming_metrics_request(ctx->conf, ctx->route,
                                    r == r->main && r->header_sent
                                    ? WM_ENDED_NGINX : WM_ENDED_GONE);
    }
}


void
ngx_wenming_metrics_begin(ngx_wenming_ctx_t *ctx)
{
    ctx->committing = 1;
    ctx->commit_start = ngx_wenming_metrics_now();
}


static void
ngx_wenming_metrics_journal_grew(ngx_wenming_metrics_shm_t *shm,
    int64_t number)
{
    ngx_atomic_uint_t  known, now = (ngx_atomic_uint_t) number + 1;

    do {
        known = shm->journal;
    } while (known < now && !ngx_atomic_cmp_set(&shm->journal, known, now));
}


void
ngx_wenming_metrics_commit(ngx_wenming_ctx_t *ctx, wm_outcome_t outcome)
{
    ngx_shm_zone_t  *zone = ctx->conf->metrics;

    ctx->committing = 0;

    ngx_wenming_metrics_add(zone, wm_metrics_commit_cell(ctx->commit->op,
                                                         outcome), 1);

    if (wm_outcome_answered(outcome)) {
        ngx_wenming_metrics_add(zone, wm_metrics_latency_cell(ctx->commit_us),
                                1);
        ngx_wenming_metrics_add(zone, WM_CELL_LATENCY_SUM, ctx->commit_us);
    }

    if (outcome == WM_OUTCOME_DONE) {
        ngx_wenming_metrics_journal_grew(zone->data, ctx->web.result.number);
    }
}


void
ngx_wenming_metrics_limited(ngx_wenming_ctx_t *ctx)
{
    ngx_wenming_metrics_add(ctx->conf->metrics,
                            WM_CELL_TOTALS + WM_TOTAL_LIMITED, 1);
}


void
ngx_wenming_metrics_unlogged(ngx_wenming_ctx_t *ctx)
{
    ngx_wenming_metrics_add(ctx->conf->metrics,
                            WM_CELL_TOTALS + WM_TOTAL_AUDIT_LOST, 1);
}


/* ---- the journal */

int64_t
ngx_wenming_metrics_journal(ngx_wenming_loc_conf_t *conf)
{
    ngx_wenming_metrics_shm_t  *shm = conf->metrics->data;

    return (int64_t) shm->journal - 1;
}


void
ngx_wenming_metrics_journal_read(ngx_wenming_loc_conf_t *conf,
    int64_t before, int64_t number)
{
    ngx_wenming_metrics_shm_t  *shm = conf->metrics->data;

    if (number < before) {
        shm->journal = (ngx_atomic_uint_t) number + 1;

    } else {
        ngx_wenming_metrics_journal_grew(shm, number);
    }
}


void
ngx_wenming_metrics_keep(ngx_wenming_loc_conf_t *conf,
    ngx_wenming_kept_e what, int64_t n)
{
    ngx_wenming_metrics_shm_t  *shm = conf->metrics->data;

    shm->kept[what] = (ngx_atomic_uint_t) n + 1;
}


/* ---- what a worker sees of Redis */

static void
ngx_wenming_metrics_tell(ngx_wenming_metrics_district_t *d)
{
    uint64_t                     now;
    ngx_wenming_metrics_shm_t   *shm = d->zone->data;
    ngx_wenming_redis_state_t    is;
    ngx_wenming_metrics_view_t  *view;

    ngx_wenming_redis_state(d->redis, &is);

    ngx_wenming_metrics_add(d->zone, WM_CELL_TOTALS + WM_TOTAL_REDIS_CONNECTS,
                            is.connects - d->told.connects);
    ngx_wenming_metrics_add(d->zone, WM_CELL_TOTALS + WM_TOTAL_REDIS_TIMEOUTS,
                            is.timeouts - d->told.timeouts);
    d->told = is;

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        return;                         /* the view is its successor's */
    }

    now = ngx_wenming_metrics_now();
    view = &shm->views[ngx_worker % NGX_WENMING_METRICS_WORKERS];

    view->is.answered = is.heard
        ? now - (uint64_t) (ngx_current_msec - is.answered) * 1000 : 0;
    view->is.pending = (uint32_t) is.pending;
    view->is.states[WM_REDIS_CONNECTED] = is.connected;
    view->is.states[WM_REDIS_READY] = is.ready;
    view->is.states[WM_REDIS_DURABLE] = is.ready && is.weakness
                                                    == NGX_WENMING_WEAK_NONE;
    view->is.weakness = (uint8_t) is.weakness;
    view->is.told = now;
}


static void
ngx_wenming_metrics_tell_all(ngx_wenming_metrics_t *metrics)
{
    ngx_uint_t  i;

    for (i = 0; i < metrics->n; i++) {
        ngx_wenming_metrics_tell(&metrics->districts[i]);
    }
}


static void
ngx_wenming_metrics_timer(ngx_event_t *event)
{
    ngx_wenming_metrics_t  *metrics = event->data;

    ngx_add_timer(&metrics->timer, NGX_WENMING_METRICS_TELL);
    ngx_wenming_metrics_tell_all(metrics);
}


/* The first location of a district says which Redis is meant. */

static void
ngx_wenming_metrics_take(ngx_wenming_metrics_t *metrics,
    ngx_wenming_loc_conf_t *conf)
{
    ngx_uint_t  i;

    for (i = 0; i < metrics->n; i++) {
        if (metrics->districts[i].zone == conf->metrics) {
            return;
        }
    }

    metrics->districts[i].zone = conf->metrics;
    metrics->districts[i].redis = conf->redis;
    metrics->n++;
}


ngx_int_t
ngx_wenming_metrics_start(ngx_cycle_t *cycle, ngx_wenming_main_conf_t *wmcf)
{
    ngx_uint_t                i, n = wmcf->locations.nelts;
    ngx_wenming_metrics_t    *metrics;
    ngx_wenming_loc_conf_t  **locations = wmcf->locations.elts;

    if (n == 0) {
        return NGX_OK;
    }

    metrics = ngx_pcalloc(cycle->pool, sizeof(ngx_wenming_metrics_t));
    if (metrics == NULL) {
        return NGX_ERROR;
    }

    metrics->districts = ngx_pcalloc(cycle->pool,
        n * sizeof(ngx_wenming_metrics_district_t));
    if (metrics->districts == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        ngx_wenming_metrics_take(metrics, locations[i]);
    }

    metrics->timer.data = metrics;
    metrics->timer.handler = ngx_wenming_metrics_timer;
    metrics->timer.log = cycle->log;
    metrics->timer.cancelable = 1;

    ngx_add_timer(&metrics->timer, NGX_WENMING_METRICS_SOON);
    wmcf->metrics = metrics;

    return NGX_OK;
}


void
ngx_wenming_metrics_stop(ngx_wenming_main_conf_t *wmcf)
{
    if (wmcf->metrics != NULL) {
        ngx_wenming_metrics_tell_all(wmcf->metrics);
    }
}


/* ---- the answer */

static uint64_t *
ngx_wenming_metrics_sum(ngx_pool_t *pool, ngx_wenming_metrics_shm_t *shm)
{
    size_t      i;
    uint64_t   *sums;
    ngx_uint_t  slot;

    sums = ngx_pcalloc(pool, shm->ncells * sizeof(uint64_t));

    for (slot = 0; sums != NULL && slot < NGX_WENMING_METRICS_SLOTS; slot++) {
        for (i = 0; i < shm->ncells; i++) {
            sums[i] += shm->cells[slot * shm->stride + i];
        }
    }

    return sums;
}


static void
ngx_wenming_metrics_view(const ngx_wenming_metrics_view_t *view,
    uint64_t now, wm_metrics_t *m, wm_metrics_reason_t *reasons)
{
    int64_t     silence;
    ngx_uint_t  i;

    m->gauges[WM_GAUGE_WORKERS]++;
    m->gauges[WM_GAUGE_REDIS_IN_FLIGHT] += view->is.pending;

    for (i = 0; i < WM_REDIS_MAX; i++) {
        m->states[i] += view->is.states[i];
    }

    if (view->is.states[WM_REDIS_READY]
        && view->is.weakness != NGX_WENMING_WEAK_NONE)
    {
        reasons[view->is.weakness - 1].workers++;
    }

    if (view->is.answered != 0) {
        silence = ngx_max((int64_t) (now - view->is.answered), 0);
        m->gauges[WM_GAUGE_REDIS_SILENCE] =
            ngx_max(m->gauges[WM_GAUGE_REDIS_SILENCE], silence);
    }
}


static void
ngx_wenming_metrics_views(ngx_wenming_metrics_shm_t *shm, wm_metrics_t *m,
    wm_metrics_reason_t *reasons)
{
    uint64_t    now, told, workers;
    ngx_uint_t  i;

    now = ngx_wenming_metrics_now();
    m->gauges[WM_GAUGE_REDIS_SILENCE] = -1;

    for (i = 0; i < NGX_WENMING_METRICS_WORKERS; i++) {
        told = shm->views[i].is.told;

        if (told != 0 && now - ngx_min(told, now) < NGX_WENMING_METRICS_OLD) {
            ngx_wenming_metrics_view(&shm->views[i], now, m, reasons);
        }
    }

    workers = m->gauges[WM_GAUGE_WORKERS];
    m->gauges[WM_GAUGE_REDIS_UP] = workers > 0
                                   && m->states[WM_REDIS_READY] == workers;
    m->gauges[WM_GAUGE_DURABLE] = workers > 0
                                  && m->states[WM_REDIS_DURABLE] == workers;
}


static void
ngx_wenming_metrics_cached(ngx_wenming_ctx_t *ctx, uint64_t *sums)
{
    ngx_wenming_main_conf_t          *wmcf;
    const ngx_wenming_cache_stats_t  *stats;

    wmcf = ngx_http_get_module_main_conf(ctx->request, ngx_wenming_module);
    stats = ngx_wenming_cache_stats(wmcf->cache);

    sums[WM_CELL_TOTALS + WM_TOTAL_CACHE_HITS] = stats->hits;
    sums[WM_CELL_TOTALS + WM_TOTAL_CACHE_MISSES] = stats->misses;
    sums[WM_CELL_TOTALS + WM_TOTAL_CACHE_EVICTIONS] = stats->evictions;
}


wm_str_t
wm_web_metrics(wm_web_t *w)
{
    wm_buf_t                    b;
    uint64_t                   *sums;
    ngx_uint_t                  i;
    wm_metrics_t                m;
    ngx_wenming_ctx_t          *ctx = ngx_wenming_ctx(w);
    wm_metrics_reason_t         reasons[NGX_WENMING_WEAK_MAX - 1];
    ngx_wenming_metrics_shm_t  *shm = ctx->conf->metrics->data;

    ngx_memzero(&m, sizeof(wm_metrics_t));

    for (i = 0; i < wm_countof(reasons); i++) {
        reasons[i].label = ngx_wenming_metrics_reasons[i + 1];
        reasons[i].workers = 0;
    }

    sums = ngx_wenming_metrics_sum(ctx->request->pool, shm);
    m.nroutes = ngx_wenming_metrics_nroutes();
    m.routes = ngx_wenming_metrics_routes(ctx->request->pool, m.nroutes);

    if (sums == NULL || m.routes == NULL) {
        return wm_null;
    }

    ngx_wenming_metrics_cached(ctx, sums);
    ngx_wenming_metrics_views(shm, &m, reasons);

    m.district = w->site->district;
    m.nginx = NGINX_VERSION;
    m.durability = ngx_wenming_metrics_levels[
                       ngx_wenming_redis_conf(ctx->conf->redis)->durability];
    m.cells = sums;
    m.gauges[WM_GAUGE_JOURNAL] = ngx_wenming_metrics_journal(ctx->conf);

    for (i = 0; i < NGX_WENMING_KEPT_MAX; i++) {
        m.gauges[WM_GAUGE_ARCHIVED + i] = (int64_t) shm->kept[i] - 1;
    }

    m.reasons = reasons;
    m.nreasons = wm_countof(reasons);

    wm_buf_init(&b, w->pool, 32768);
    wm_metrics_write(&b, &m);

    return wm_buf_str(&b);
}
