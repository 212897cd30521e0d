/* Answers: headers, cookies, JSON, pages, problems. */

#ifndef NGX_WENMING_REPLY_H
#define NGX_WENMING_REPLY_H

#include "ngx_wenming_request.h"

/* Adds a header; name and value are borrowed. */
ngx_int_t ngx_wenming_reply_header(ngx_http_request_t *r, const char *name,
    ngx_str_t value);

/* A wm_null value drops the cookie; age 0 lasts as long as the browser. */
void ngx_wenming_reply_cookie(ngx_wenming_ctx_t *ctx, ngx_str_t *name,
    wm_str_t value, long age);

/*
 * A problem before there is a request context: unknown path, wrong method.
 * page: for people, otherwise problem+json.
 */
void ngx_wenming_reply_problem(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict,
    ngx_uint_t page);

#endif /* NGX_WENMING_REPLY_H */
