/*
 * The life of a request: body, worker's session, handler's steps, waiting
 * for Redis, one answer.
 */

#ifndef NGX_WENMING_REQUEST_H
#define NGX_WENMING_REQUEST_H

#include "ngx_wenming_conf.h"

#define NGX_WENMING_BODY_MAX   16384
#define NGX_WENMING_TRIES      5        /* of a commit that lost a race */

typedef struct ngx_wenming_hash_s  ngx_wenming_hash_t;

typedef struct {
    wm_web_t                  web;      /* first: what handlers see */
    ngx_http_request_t       *request;
    ngx_wenming_loc_conf_t   *conf;
    wm_pool_t                 pool;

    ngx_array_t               commands; /* of ngx_wenming_command_t */
    ngx_wenming_redis_op_t   *op;       /* what is waited for */
    ngx_wenming_hash_t       *hash;
    wm_step_pt                next;
    wm_step_pt                again;
    ngx_uint_t                tries;
    unsigned                  whole_script:1;   /* EVAL, not EVALSHA */
    unsigned                  form_body:1;
    unsigned                  keep_device:1;    /* set the cookie */
    unsigned                  answered:1;
    ngx_int_t                 rc;

    wm_commit_t              *commit;
} ngx_wenming_ctx_t;

#define ngx_wenming_ctx(w)  ((ngx_wenming_ctx_t *) (w))

ngx_int_t ngx_wenming_handler(ngx_http_request_t *r);

/* Runs a step and, when it answered, ends the request. */
void ngx_wenming_run(ngx_wenming_ctx_t *ctx, wm_step_pt step);

/* The same from an event, when nginx is not above us on the stack. */
void ngx_wenming_resume(ngx_wenming_ctx_t *ctx, wm_step_pt step);

/* NULL when there is no such header; name in lower case. */
ngx_str_t *ngx_wenming_header(ngx_http_request_t *r, const char *name);

#endif /* NGX_WENMING_REQUEST_H */
