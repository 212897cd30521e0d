/* What is the same for everyone, kept for all workers. */

#ifndef NGX_WENMING_SHARED_H
#define NGX_WENMING_SHARED_H

#include "ngx_wenming_cache.h"
#include "ngx_wenming_ctx.h"

ngx_shm_zone_t *ngx_wenming_shared_zone(ngx_wenming_ctx_t *ctx);

/* The answer is made: for the next ones, if we were to fetch it. */
void ngx_wenming_shared_fill(ngx_wenming_ctx_t *ctx,
    const ngx_wenming_cached_t *cached);

/* A commit of this operation took effect. */
void ngx_wenming_shared_drop(ngx_wenming_ctx_t *ctx, wm_op_t op);

#endif /* NGX_WENMING_SHARED_H */
