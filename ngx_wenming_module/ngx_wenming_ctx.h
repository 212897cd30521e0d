/*
 * The state of one request, and how its steps run: nginx's side of wm_web.h.
 */

#ifndef NGX_WENMING_CTX_H
#define NGX_WENMING_CTX_H

#include "ngx_wenming_conf.h"

/* Tells what is waited for that the request is going away. */
typedef void (*ngx_wenming_forget_pt)(void *pending);

typedef struct ngx_wenming_outside_s  ngx_wenming_outside_t;

typedef struct {
    wm_web_t                  web;      /* first: what handlers see */
    ngx_http_request_t       *request;
    ngx_wenming_loc_conf_t   *conf;
    wm_pool_t                 pool;

    void                     *pending;  /* NULL: nothing is waited for */
    ngx_wenming_forget_pt     forget;
    wm_step_pt                next;

    /* of the store */

    ngx_array_t               commands; /* of ngx_wenming_command_t */
    wm_commit_t              *commit;
    wm_step_pt                again;
    ngx_uint_t                tries;
    wm_verdict_t              verdict;  /* why it failed */

    /* for logs */

    const wm_route_t         *asked;        /* web.route may move on */
    wm_verdict_t              said;
    uint64_t                  commit_start; /* microseconds */
    uint64_t                  commit_us;
    ngx_uint_t                route;        /* its number, 0: none */

    ngx_wenming_outside_t    *outside;      /* of a subrequest, or NULL */

    /* of shared answers */

    wm_str_t                  shared_key;
    wm_step_pt                shared_next;
    ngx_uint_t                generation;
    ngx_uint_t                polls;

    unsigned                  filling:1;        /* others wait for us */
    unsigned                  committed:1;      /* commit_us is set */
    unsigned                  committing:1;     /* no reply yet */
    unsigned                  counted:1;        /* in metrics */
    unsigned                  failed:1;         /* no memory */
    unsigned                  form_body:1;
    unsigned                  keep_device:1;    /* set the cookie */
    unsigned                  answered:1;
    ngx_int_t                 rc;
} ngx_wenming_ctx_t;

#define ngx_wenming_ctx(w)  ((ngx_wenming_ctx_t *) (w))

/* NULL: no memory. */
ngx_wenming_ctx_t *ngx_wenming_ctx_create(ngx_http_request_t *r,
    ngx_wenming_loc_conf_t *conf);

/* Answers with status 500; nginx makes the page. */
void ngx_wenming_fail(ngx_wenming_ctx_t *ctx);

/* Sets web.now_ms. */
void ngx_wenming_ctx_clock(ngx_wenming_ctx_t *ctx);

/* The step is over for now; pending ends it, or is told to forget. */
void ngx_wenming_wait(ngx_wenming_ctx_t *ctx, void *pending,
    ngx_wenming_forget_pt forget);

/* Runs a step and, when it answered, ends the request. */
void ngx_wenming_run(ngx_wenming_ctx_t *ctx, wm_step_pt step);

/* The same from an event, when nginx is not above us on the stack. */
void ngx_wenming_resume(ngx_wenming_ctx_t *ctx, wm_step_pt step);

/* NULL when there is no such header; name in lower case. */
ngx_str_t *ngx_wenming_header(ngx_http_request_t *r, const char *name);

/* Adds a header to the answer; name and value are borrowed. */
ngx_int_t ngx_wenming_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t value);

#endif /* NGX_WENMING_CTX_H */
