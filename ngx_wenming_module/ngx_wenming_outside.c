/*
 * A background subrequest to a location of the same server, and a timer: the
 * answer waits for neither longer than the timer.
 *
 * The subrequest lives in the request's pool, and so does what is kept of it
 * here: no subrequest ends after its pool.  The timer and the event do not
 * know pools; they are taken away when the request goes.
 */

#include "ngx_wenming_outside.h"

#define NGX_WENMING_OUTSIDE_TIME  3000  /* ms */

struct ngx_wenming_outside_s {
    ngx_wenming_ctx_t           *ctx;   /* NULL: nobody waits any more */
    ngx_http_request_t          *request;   /* the subrequest */
    ngx_http_post_subrequest_t   post;
    ngx_event_t                  event; /* its timer, and its end */
    wm_step_pt                   next;
    wm_str_t                     phone;
    wm_str_t                     code;
    unsigned                     ended:1;
    unsigned                     good:1;
};


char *
ngx_wenming_outside_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_str_t               *value = cf->args->elts;
    ngx_wenming_loc_conf_t  *conf = data;

    if (conf->sms.len > 0) {
        return "is duplicate";
    }

    if (value[1].len < 2 || value[1].data[0] != '/'
        || ngx_strlchr(value[1].data, value[1].data + value[1].len, '?')
           != NULL
        || ngx_strlchr(value[1].data, value[1].data + value[1].len, '$')
           != NULL)
    {
        return "needs the path of an internal location of this server, "
               "without variables or arguments, like \"/sms\"";
    }

    conf->sms = value[1];

    return NGX_CONF_OK;
}


/* ---- its end */

static void
ngx_wenming_outside_rest(ngx_wenming_outside_t *out)
{
    if (out->event.timer_set) {
        ngx_del_timer(&out->event);
    }

    if (out->event.posted) {
        ngx_delete_posted_event(&out->event);
    }
}


static void
ngx_wenming_outside_forget(void *pending)
{
    ngx_wenming_outside_t  *out = pending;

    out->ctx = NULL;
    ngx_wenming_outside_rest(out);
}


/*
 * A gateway that is slow is hung up on, so that no client's connection and no
 * old worker waits for it.  Other kinds of locations end by themselves, and
 * find nobody.
 */

static void
ngx_wenming_outside_hang_up(ngx_wenming_outside_t *out)
{
    ngx_http_request_t  *sr = out->request;

    sr->main->keepalive = 0;

    if (sr->upstream != NULL && sr->upstream->cleanup != NULL) {
        (*sr->upstream->cleanup)(sr);
    }
}


/* From the event loop: never out of the middle of the subrequest. */

static void
ngx_wenming_outside_event(ngx_event_t *event)
{
    ngx_connection_t       *c;
    ngx_wenming_outside_t  *out = event->data;
    ngx_wenming_ctx_t      *ctx = out->ctx;

    if (ctx == NULL) {
        return;
    }

    c = ctx->request->connection;
    out->ctx = NULL;
    ctx->pending = NULL;
    ngx_wenming_outside_rest(out);

    if (!out->ended) {
        ngx_http_set_log_request(c->log, ctx->request);
        ngx_log_error(NGX_LOG_WARN, c->log, 0,
                      "wenming: the gateway of wenming_sms does not answer");
        ngx_wenming_outside_hang_up(out);
    }

    ctx->web.sent = out->good;
    ngx_wenming_resume(ctx, out->next);
}


/*
 * Runs before an error page is made, which may be another gateway, and once
 * more at the very end.  Only the end counts.
 */

static ngx_int_t
ngx_wenming_outside_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_uint_t                  status;
    ngx_wenming_outside_t      *out = data;
    ngx_http_core_loc_conf_t   *clcf;

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE || rc == NGX_HTTP_CREATED
        || rc == NGX_HTTP_NO_CONTENT)
    {
        if (rc != NGX_HTTP_REQUEST_TIME_OUT
            && rc != NGX_HTTP_CLIENT_CLOSED_REQUEST && rc != NGX_HTTP_CLOSE)
        {
            return rc;
        }
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    status = r->headers_out.status;

    if (!clcf->internal && !clcf->named) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "wenming: wenming_sms does not lead to an internal "
                      "location");
        status = 0;
    }

    out->good = rc == NGX_OK && status >= 200 && status < 300;

    if (!out->ended) {
        out->ended = 1;

        if (!out->good) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "wenming: the gateway of wenming_sms answered "
                          "with status %ui", r->headers_out.status);
        }

        if (out->ctx != NULL) {
            ngx_post_event(&out->event, &ngx_posted_events);
        }
    }

    /* an error here would end the request of the client, too */

    return NGX_OK;
}


/* ---- its beginning */

/*
 * A POST: the gateway is told what the location says, and nothing of the
 * client's headers and body.
 */

static ngx_int_t
ngx_wenming_outside_clean(ngx_http_request_t *sr)
{
    ngx_str_t  server = sr->headers_in.server;

    sr->request_body = ngx_pcalloc(sr->pool, sizeof(ngx_http_request_body_t));
    if (sr->request_body == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&sr->headers_in, sizeof(ngx_http_headers_in_t));

    /* nginx asks no second server for what may have been done */

    sr->method = NGX_HTTP_POST;
    ngx_str_set(&sr->method_name, "POST");

    sr->headers_in.server = server;
    sr->headers_in.content_length_n = -1;
    sr->headers_in.keep_alive_n = -1;
    sr->header_only = 1;

    return ngx_list_init(&sr->headers_in.headers, sr->pool, 4,
                         sizeof(ngx_table_elt_t));
}


static ngx_int_t
ngx_wenming_outside_start(ngx_wenming_ctx_t *ctx, ngx_wenming_outside_t *out)
{
    ngx_http_request_t  *r = ctx->request;

    out->post.handler = ngx_wenming_outside_done;
    out->post.data = out;

    out->event.data = out;
    out->event.handler = ngx_wenming_outside_event;
    out->event.log = ngx_cycle->log;

    if (ngx_http_subrequest(r, &ctx->conf->sms, NULL, &out->request,
                            &out->post, NGX_HTTP_SUBREQUEST_BACKGROUND)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_wenming_outside_clean(out->request);
}


void
wm_sms(wm_web_t *w, wm_str_t phone, wm_str_t code, wm_step_pt next)
{
    ngx_wenming_ctx_t      *ctx = ngx_wenming_ctx(w);
    ngx_wenming_outside_t  *out;

    w->sent = false;

    out = ngx_pcalloc(ctx->request->pool, sizeof(ngx_wenming_outside_t));

    if (out == NULL || ctx->outside != NULL || ctx->conf->sms.len == 0) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    out->phone = phone;
    out->code = code;
    out->next = next;
    ctx->outside = out;

    /* what was begun runs, even where there was no memory for the rest */

    if (ngx_wenming_outside_start(ctx, out) != NGX_OK) {
        ctx->outside = NULL;
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    out->ctx = ctx;
    ngx_add_timer(&out->event, NGX_WENMING_OUTSIDE_TIME);
    ngx_wenming_wait(ctx, out, ngx_wenming_outside_forget);
}


/* ---- what the location may read */

static ngx_wenming_outside_t *
ngx_wenming_outside_of(ngx_http_request_t *r)
{
    ngx_wenming_ctx_t  *ctx;

    ctx = r != r->main ? ngx_http_get_module_ctx(r->main, ngx_wenming_module)
                       : NULL;

    return ctx != NULL && ctx->outside != NULL && ctx->outside->request == r
           ? ctx->outside : NULL;
}


wm_str_t
ngx_wenming_outside_phone(ngx_http_request_t *r)
{
    ngx_wenming_outside_t  *out = ngx_wenming_outside_of(r);

    return out != NULL ? out->phone : wm_null;
}


wm_str_t
ngx_wenming_outside_code(ngx_http_request_t *r)
{
    ngx_wenming_outside_t  *out = ngx_wenming_outside_of(r);

    return out != NULL ? out->code : wm_null;
}
