#include "ngx_wenming_ctx.h"
#include "ngx_wenming_metrics.h"
#include "ngx_wenming_trail.h"


ngx_str_t *
ngx_wenming_header(ngx_http_request_t *r, const char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    len = ngx_strlen(name);
    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {
        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NULL;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len == len
            && ngx_strncmp(h[i].lowcase_key, name, len) == 0)
        {
            return &h[i].value;
        }
    }
}


ngx_int_t
ngx_wenming_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = value;
    ngx_wenming_elt_end(h);

    return NGX_OK;
}


void
ngx_wenming_fail(ngx_wenming_ctx_t *ctx)
{
    ctx->said = WM_VERDICT_INTERNAL;
    ctx->answered = 1;
    ctx->rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    ngx_wenming_trail_answer(ctx);
    ngx_wenming_metrics_answer(ctx);
}


void
ngx_wenming_wait(ngx_wenming_ctx_t *ctx, void *pending,
    ngx_wenming_forget_pt forget)
{
    ctx->pending = pending;
    ctx->forget = forget;
}


void
ngx_wenming_run(ngx_wenming_ctx_t *ctx, wm_step_pt step)
{
    ctx->pending = NULL;

    step(&ctx->web);

    if (!ctx->answered && ctx->pending == NULL) {
        ngx_log_error(NGX_LOG_ALERT, ctx->request->connection->log, 0,
                      "wenming: a handler neither answered nor waits");
        ngx_wenming_fail(ctx);
    }

    if (ctx->answered) {
        ngx_http_finalize_request(ctx->request, ctx->rc);
    }
}


void
ngx_wenming_resume(ngx_wenming_ctx_t *ctx, wm_step_pt step)
{
    ngx_connection_t  *c = ctx->request->connection;

    ngx_http_set_log_request(c->log, ctx->request);

    ngx_wenming_run(ctx, step);
    ngx_http_run_posted_requests(c);
}


/* The request ends early: nothing may come back to it. */

static void
ngx_wenming_cleanup(void *data)
{
    ngx_wenming_ctx_t  *ctx = data;

    if (ctx->pending != NULL) {
        ctx->forget(ctx->pending);
        ctx->pending = NULL;
    }

    ngx_wenming_trail_gone(ctx);
    ngx_wenming_metrics_end(ctx);
}


void
ngx_wenming_ctx_clock(ngx_wenming_ctx_t *ctx)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();
    ctx->web.now_ms = (int64_t) tp->sec * 1000 + (int64_t) tp->msec;
}


/*
 * Who is at home in IPv6 has a /64 at least, and may come from any address of
 * it.  IPv4 written as IPv6 is one network of all the world: it is not cut.
 */

static wm_str_t
ngx_wenming_ctx_address(ngx_connection_t *c, wm_pool_t *pool)
{
#if (NGX_HAVE_INET6)
    const u_char         *a;
    struct sockaddr_in6  *sin6;

    if (c->sockaddr->sa_family == AF_INET6) {
        sin6 = (struct sockaddr_in6 *) c->sockaddr;

        if (!IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) {
            a = sin6->sin6_addr.s6_addr;

            return wm_printf(pool, "%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64",
                             a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
        }
    }
#else
    (void) pool;
#endif

    return ngx_wenming_wm(c->addr_text);
}


ngx_wenming_ctx_t *
ngx_wenming_ctx_create(ngx_http_request_t *r, ngx_wenming_loc_conf_t *conf)
{
    ngx_wenming_ctx_t   *ctx;
    ngx_http_cleanup_t  *cln;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_wenming_ctx_t));
    cln = ngx_http_cleanup_add(r, 0);

    if (ctx == NULL || cln == NULL
        || ngx_array_init(&ctx->commands, r->pool, 4,
                          sizeof(ngx_wenming_command_t))
           != NGX_OK)
    {
        return NULL;
    }

    cln->handler = ngx_wenming_cleanup;
    cln->data = ctx;

    ctx->request = r;
    ctx->conf = conf;
    wm_pool_init(&ctx->pool, ngx_wenming_pool_alloc, r->pool);

    ctx->web.pool = &ctx->pool;
    ctx->web.site = &conf->site;
    ngx_wenming_ctx_clock(ctx);
    ctx->web.doc = wm_doc_new(&ctx->pool);
    ctx->web.address = ngx_wenming_ctx_address(r->connection, &ctx->pool);

    ngx_http_set_ctx(r, ctx, ngx_wenming_module);

    return ctx;
}
