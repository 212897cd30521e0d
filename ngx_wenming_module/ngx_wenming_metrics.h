/*
 * Counters of a district in shared memory, and what its workers see of Redis:
 * whichever worker is asked answers for all.  Counting takes a few atomic
 * additions, no lock and no memory.
 */

#ifndef NGX_WENMING_METRICS_H
#define NGX_WENMING_METRICS_H

#include "ngx_wenming_ctx.h"
#include "wm_metrics.h"

/* One for each district; kept over a reload.  NULL: it was said why. */
ngx_shm_zone_t *ngx_wenming_metrics_zone(ngx_conf_t *cf, ngx_str_t *district);

/* In a worker: tell once a second what it sees of Redis; for the last time. */
ngx_int_t ngx_wenming_metrics_start(ngx_cycle_t *cycle,
    ngx_wenming_main_conf_t *wmcf);
void ngx_wenming_metrics_stop(ngx_wenming_main_conf_t *wmcf);

/*
 * An answer is about to be sent, with the verdict in ctx->said; or the
 * request ends, perhaps without one.  The first of them counts.
 */
void ngx_wenming_metrics_answer(ngx_wenming_ctx_t *ctx);
void ngx_wenming_metrics_end(ngx_wenming_ctx_t *ctx);

/* The same where there is no ctx; route is its number, 0: none. */
void ngx_wenming_metrics_request(ngx_wenming_loc_conf_t *conf,
    ngx_uint_t route, wm_ended_t ended);

/* A commit begins; it ended, and ctx->web.result is set if it is DONE. */
void ngx_wenming_metrics_begin(ngx_wenming_ctx_t *ctx);
void ngx_wenming_metrics_commit(ngx_wenming_ctx_t *ctx, wm_outcome_t outcome);

/* Microseconds, for differences, alike in all workers. */
uint64_t ngx_wenming_metrics_now(void);

void ngx_wenming_metrics_limited(ngx_wenming_ctx_t *ctx);

/* What worker 0 reads once a minute, in the order of the gauges; -1: none. */
typedef enum {
    NGX_WENMING_KEPT_ARCHIVED,
    NGX_WENMING_KEPT_ARCHIVED_AT,
    NGX_WENMING_KEPT_OUTBOX_DUE,
    NGX_WENMING_KEPT_OUTBOX_DEAD,
    NGX_WENMING_KEPT_MAX
} ngx_wenming_kept_e;

void ngx_wenming_metrics_keep(ngx_wenming_loc_conf_t *conf,
    ngx_wenming_kept_e what, int64_t n);

/* A line of the audit log could not be written. */
void ngx_wenming_metrics_unlogged(ngx_wenming_ctx_t *ctx);

/*
 * The journal's last number as it is read from Redis, which may have lost
 * some: before is what was known when it was asked, -1: nothing.
 */
int64_t ngx_wenming_metrics_journal(ngx_wenming_loc_conf_t *conf);
void ngx_wenming_metrics_journal_read(ngx_wenming_loc_conf_t *conf,
    int64_t before, int64_t number);

#endif /* NGX_WENMING_METRICS_H */
