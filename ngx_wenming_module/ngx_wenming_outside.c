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
    const char                  *name;  /* of the directive */
    wm_str_t                     phone;
    wm_str_t                     code;
    wm_str_t                     wechat;
    unsigned                     memory:1;  /* its body is wanted */
    unsigned                     ended:1;
    unsigned                     good:1;
};


static char *
ngx_wenming_outside_path(ngx_str_t *value, ngx_str_t *path)
{
    u_char  *last = value->data + value->len;

    if (path->len > 0) {
        return "is duplicate";
    }

    if (value->len < 2 || value->data[0] != '/'
        || ngx_strlchr(value->data, last, '?') != NULL
        || ngx_strlchr(value->data, last, '$') != NULL)
    {
        return "needs the path of an internal location of this server, "
               "without variables or arguments, like \"/sms\"";
    }

    *path = *value;

    return NGX_CONF_OK;
}


char *
ngx_wenming_outside_sms(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_str_t               *value = cf->args->elts;
    ngx_wenming_loc_conf_t  *conf = data;

    return ngx_wenming_outside_path(&value[1], &conf->sms);
}


char *
ngx_wenming_outside_wechat(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    size_t                   i;
    ngx_str_t               *value = cf->args->elts, id;
    ngx_wenming_loc_conf_t  *conf = data;

    if (ngx_strncmp(value[1].data, "appid=", 6) != 0) {
        return "needs appid= first, and then an internal location";
    }

    id.data = value[1].data + 6;
    id.len = value[1].len - 6;

    for (i = 0; i < id.len; i++) {
        if (!((id.data[i] >= '0' && id.data[i] <= '9')
              || (id.data[i] >= 'a' && id.data[i] <= 'z')
              || (id.data[i] >= 'A' && id.data[i] <= 'Z')))
        {
            break;
        }
    }

    if (id.len == 0 || id.len > 64 || i < id.len) {
        return "needs an appid of letters and digits, as WeChat gave it";
    }

    conf->wechat_appid = id;

    return ngx_wenming_outside_path(&value[2], &conf->wechat);
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


/* It is in the request's pool, and not more than nginx allows. */

static wm_str_t
ngx_wenming_outside_body(ngx_http_request_t *sr)
{
    ngx_buf_t  *b;

    if (sr->out == NULL || sr->out->buf == NULL) {
        return wm_null;
    }

    b = sr->out->buf;

    return (wm_str_t) { b->last - b->pos, (char *) b->pos };
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
                      "wenming: the gateway of %s does not answer",
                      out->name);
        ngx_wenming_outside_hang_up(out);
    }

    ctx->web.sent = out->good;
    ctx->web.told = out->good && out->memory
                    ? ngx_wenming_outside_body(out->request) : wm_null;
    ngx_wenming_resume(ctx, out->next);
}


/*
 * A body that is too large for memory is no fault of the client's connection,
 * though nginx marks it so.  False: there was such a fault, of one or the
 * other.
 */

static ngx_uint_t
ngx_wenming_outside_is_whole(const ngx_wenming_outside_t *out,
    ngx_connection_t *c)
{
    if (!c->error) {
        return 1;
    }

    if (out->memory && !c->read->eof && !c->read->error && !c->write->error
        && !c->timedout)
    {
        c->error = 0;
    }

    return 0;
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
                      "wenming: %s does not lead to an internal location",
                      out->name);
        status = 0;
    }

    out->good = ngx_wenming_outside_is_whole(out, r->connection)
                && rc == NGX_OK && status >= 200 && status < 300;

    if (!out->ended) {
        out->ended = 1;

        if (!out->good) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "wenming: the gateway of %s answered with status "
                          "%ui", out->name, r->headers_out.status);
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

    return ngx_list_init(&sr->headers_in.headers, sr->pool, 4,
                         sizeof(ngx_table_elt_t));
}


static ngx_int_t
ngx_wenming_outside_start(ngx_wenming_ctx_t *ctx, ngx_wenming_outside_t *out,
    ngx_str_t *path)
{
    ngx_uint_t           flags;
    ngx_http_request_t  *r = ctx->request;

    out->post.handler = ngx_wenming_outside_done;
    out->post.data = out;

    out->event.data = out;
    out->event.handler = ngx_wenming_outside_event;
    out->event.log = ngx_cycle->log;

    flags = NGX_HTTP_SUBREQUEST_BACKGROUND
            | (out->memory ? NGX_HTTP_SUBREQUEST_IN_MEMORY : 0);

    if (ngx_http_subrequest(r, path, NULL, &out->request, &out->post, flags)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    out->request->header_only = !out->memory;

    return ngx_wenming_outside_clean(out->request);
}


static ngx_wenming_outside_t *
ngx_wenming_outside_create(wm_web_t *w, const char *name, wm_step_pt next)
{
    ngx_wenming_ctx_t      *ctx = ngx_wenming_ctx(w);
    ngx_wenming_outside_t  *out;

    w->sent = false;
    w->told = wm_null;

    out = ngx_pcalloc(ctx->request->pool, sizeof(ngx_wenming_outside_t));

    if (out == NULL || ctx->outside != NULL) {
        return NULL;                    /* one of a request */
    }

    out->name = name;
    out->next = next;

    return out;
}


static void
ngx_wenming_outside_run(wm_web_t *w, ngx_wenming_outside_t *out,
    ngx_str_t *path)
{
    ngx_wenming_ctx_t  *ctx = ngx_wenming_ctx(w);

    if (out == NULL || path->len == 0) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    ctx->outside = out;

    /* what was begun runs, even where there was no memory for the rest */

    if (ngx_wenming_outside_start(ctx, out, path) != NGX_OK) {
        ctx->outside = NULL;
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    out->ctx = ctx;
    ngx_add_timer(&out->event, NGX_WENMING_OUTSIDE_TIME);
    ngx_wenming_wait(ctx, out, ngx_wenming_outside_forget);
}


void
wm_sms(wm_web_t *w, wm_str_t phone, wm_str_t code, wm_step_pt next)
{
    ngx_wenming_outside_t  *out;

    out = ngx_wenming_outside_create(w, "wenming_sms", next);

    if (out != NULL) {
        out->phone = phone;
        out->code = code;
    }

    ngx_wenming_outside_run(w, out, &ngx_wenming_ctx(w)->conf->sms);
}


void
wm_wechat_ask(wm_web_t *w, wm_str_t code, wm_step_pt next)
{
    ngx_wenming_outside_t  *out;

    out = ngx_wenming_outside_create(w, "wenming_wechat", next);

    if (out != NULL) {
        out->wechat = code;
        out->memory = 1;
    }

    ngx_wenming_outside_run(w, out, &ngx_wenming_ctx(w)->conf->wechat);
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


wm_str_t
ngx_wenming_outside_wechat_code(ngx_http_request_t *r)
{
    ngx_wenming_outside_t  *out = ngx_wenming_outside_of(r);

    return out != NULL ? out->wechat : wm_null;
}
