/* Answers: JSON, pages, problems. */

#ifndef NGX_WENMING_REPLY_H
#define NGX_WENMING_REPLY_H

#include "ngx_wenming_cache.h"
#include "ngx_wenming_ctx.h"

/*
 * A problem before there is a request context: unknown path, wrong method.
 * page: for people, otherwise problem+json.
 */
void ngx_wenming_reply_problem(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict,
    ngx_uint_t page);

/* The page to sign in, with the document as it is. */
void ngx_wenming_reply_sign_in(ngx_wenming_ctx_t *ctx);

/* An answer that another request made. */
void ngx_wenming_reply_cached(ngx_wenming_ctx_t *ctx,
    const ngx_wenming_cached_t *cached);

#endif /* NGX_WENMING_REPLY_H */
