#include "ngx_wenming_reply.h"
#include "ngx_wenming_cookie.h"
#include "ngx_wenming_metrics.h"
#include "ngx_wenming_shared.h"
#include "ngx_wenming_trail.h"
#include "wm_zh.h"

#define NGX_WENMING_AGAIN  60           /* seconds, after most refusals */


/* ---- sending */

/* Camera and WebAssembly are for the pages that scan, and for no other. */

static ngx_int_t
ngx_wenming_reply_policy(ngx_wenming_ctx_t *ctx)
{
    ngx_uint_t           scans;
    ngx_str_t            own = ngx_string("camera=(self)");
    ngx_str_t            none = ngx_string("camera=()");
    const wm_route_t    *route = ctx->web.route;
    ngx_http_request_t  *r = ctx->request;

    scans = route != NULL && (route->flags & WM_CAMERA) != 0;

    if (ngx_wenming_add_header(r, "Content-Security-Policy",
                               scans ? ctx->conf->csp_camera
                                     : ctx->conf->csp)
            != NGX_OK
        || ngx_wenming_add_header(r, "Permissions-Policy",
                                  scans ? own : none)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_wenming_reply_common(ngx_wenming_ctx_t *ctx, ngx_uint_t public,
    ngx_uint_t html)
{
    ngx_str_t            nosniff = ngx_string("nosniff");
    ngx_str_t            referrer = ngx_string("same-origin");
    ngx_str_t            any = ngx_string("*");
    ngx_str_t            cache = ngx_string("no-store");
    ngx_str_t            revalidate = ngx_string("no-cache");
    ngx_http_request_t  *r = ctx->request;

    ngx_wenming_cookies_write(ctx);

    /* If-Match and the like are about what has an ETag, never about writes */

    r->disable_not_modified = !public;

    if (ngx_wenming_add_header(r, "Cache-Control",
                                 public ? revalidate : cache)
            != NGX_OK
        || ngx_wenming_add_header(r, "X-Content-Type-Options", nosniff)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* nothing in a fragment is about who asks, so any page may take it in */

    if (ctx->web.route != NULL && ctx->web.route->face == WM_FRAGMENT
        && ngx_wenming_add_header(r, "Access-Control-Allow-Origin", any)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!html) {
        return NGX_OK;
    }

    if (ngx_wenming_add_header(r, "Referrer-Policy", referrer) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_wenming_reply_policy(ctx);
}


static wm_str_t
ngx_wenming_reply_etag(wm_web_t *w, wm_str_t body)
{
    char     *etag;
    uint8_t   sum[WM_SHA1_LEN];

    etag = wm_alloc(w->pool, 34);

    if (etag == NULL || !wm_sha1(&body, 1, sum)) {
        return wm_null;
    }

    wm_hex(sum, 16, etag + 1);
    etag[0] = '"';
    etag[33] = '"';

    return (wm_str_t) { 34, etag };
}


static ngx_int_t
ngx_wenming_reply_set_etag(ngx_http_request_t *r, wm_str_t etag)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "ETag");
    h->value = ngx_wenming_ngx(etag);
    ngx_wenming_elt_end(h);

    r->headers_out.etag = h;

    return NGX_OK;
}


static ngx_int_t
ngx_wenming_reply_send(ngx_wenming_ctx_t *ctx, ngx_uint_t status,
    const char *type, ngx_uint_t charset, wm_str_t body)
{
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_chain_t          out;
    ngx_http_request_t  *r = ctx->request;

    r->headers_out.status = status;
    r->headers_out.content_length_n = (off_t) body.len;
    r->headers_out.content_type.data = (u_char *) type;
    r->headers_out.content_type.len = ngx_strlen(type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    if (charset) {
        ngx_str_set(&r->headers_out.charset, "utf-8");
    }

    /* better no answer than one with something left out */

    b = ngx_calloc_buf(r->pool);
    if (b == NULL || wm_pool_starved(&ctx->pool)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = (u_char *) body.data;
    b->last = b->pos + body.len;
    b->memory = body.len > 0;
    b->last_buf = r == r->main;
    b->last_in_chain = 1;
    b->sync = body.len == 0 && r != r->main;

    out.buf = b;
    out.next = NULL;

    ngx_wenming_trail_answer(ctx);
    ngx_wenming_metrics_answer(ctx);

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, &out);
}


static void
ngx_wenming_reply_done(ngx_wenming_ctx_t *ctx, ngx_int_t rc)
{
    if (rc == NGX_HTTP_INTERNAL_SERVER_ERROR) {
        if (wm_pool_starved(&ctx->pool)) {
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "wenming: no memory for an answer");
        }

        ngx_wenming_fail(ctx);
        return;
    }

    ctx->answered = 1;
    ctx->rc = rc;
}


/* ---- answers for everyone */

void
ngx_wenming_reply_cached(ngx_wenming_ctx_t *ctx,
    const ngx_wenming_cached_t *cached)
{
    ngx_uint_t  text = wm_starts(cached->type, "text/");
    ngx_uint_t  html = wm_is(cached->type, "text/html");

    if (ngx_wenming_reply_common(ctx, 1, html) != NGX_OK
        || ngx_wenming_reply_set_etag(ctx->request, cached->etag) != NGX_OK)
    {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_done(ctx, ngx_wenming_reply_send(ctx, 200,
                                                       cached->type.data,
                                                       text, cached->body));
}


static void
ngx_wenming_reply_shared(ngx_wenming_ctx_t *ctx, const char *type,
    wm_str_t body)
{
    ngx_wenming_cached_t  cached;

    cached.body = body;
    cached.type = wm_str(type);
    cached.etag = body.data != NULL ? ngx_wenming_reply_etag(&ctx->web, body)
                                    : wm_null;

    if (cached.etag.data == NULL || wm_pool_starved(&ctx->pool)) {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_shared_fill(ctx, &cached);
    ngx_wenming_reply_cached(ctx, &cached);
}


/* ---- documents */

/* "title-with-dashes" of a template is the text title_with_dashes. */

static wm_str_t
ngx_wenming_reply_title(wm_web_t *w, const char *template)
{
    char      *p;
    wm_str_t   name, title;

    name = wm_printf(w->pool, "title_%s", template);
    if (name.data == NULL) {
        return wm_null;
    }

    for (p = (char *) name.data; *p != '\0'; p++) {
        *p = (char) (*p == '-' ? '_' : *p);
    }

    title = wm_zh(name);

    return title.data != NULL ? title : wm_zh(wm_lit("site"));
}


/* Where in the desk the page is: in_orders of "staff/orders/{id}". */

static void
ngx_wenming_reply_section(wm_web_t *w, wm_doc_t *staff)
{
    wm_str_t  path, section, name;

    path = w->route != NULL ? wm_str(w->route->path) : wm_lit("");

    if (!wm_split(&path, '/', &section) || !wm_is(section, "staff")) {
        return;
    }

    if (!wm_split(&path, '/', &section) || section.len == 0) {
        section = wm_lit("today");
    }

    name = wm_printf(w->pool, "in_%.*s", wm_fmt(section));

    if (name.data != NULL) {
        wm_doc_bool(staff, (const char *) name.data, true);
    }
}


static void
ngx_wenming_reply_page(ngx_wenming_ctx_t *ctx, const char *template)
{
    char      *key;
    wm_web_t  *w = &ctx->web;
    wm_doc_t  *page, *staff;

    page = wm_doc_obj(w->doc, "page");
    wm_doc_hide(page);

    wm_doc_str(page, "base", w->site->base);
    wm_doc_str(page, "url", w->site->url);
    wm_doc_str(page, "title", ngx_wenming_reply_title(w, template));
    wm_doc_bool(page, "large", w->large);

    if (w->route != NULL && (w->route->flags & WM_FORM
                             || w->route->who == WM_STAFF))
    {
        key = wm_alloc(w->pool, WM_ID_LEN + 1);

        if (key != NULL && wm_id_new(key)) {
            wm_doc_text(page, "key", key);
        }

        wm_doc_str(page, "form", ngx_wenming_form_token(ctx));
    }

    if (w->staff.role != WM_ROLE_NONE) {
        staff = wm_doc_obj(page, "staff");
        wm_doc_str(staff, "name", w->staff.name);
        wm_doc_text(staff, "role_text", wm_role_text(w->staff.role));
        wm_doc_str(staff, "unit", w->staff.unit);
        wm_doc_bool(staff, "reads", wm_role_may(w->staff.role, WM_CAP_READ));
        ngx_wenming_reply_section(w, staff);
    }
}


static void
ngx_wenming_reply_template(ngx_wenming_ctx_t *ctx, ngx_uint_t status,
    const char *template)
{
    wm_buf_t        b;
    wm_str_t        body;
    wm_web_t       *w = &ctx->web;
    ngx_uint_t      fragment, public;
    wm_template_t  *t;

    fragment = w->route != NULL && w->route->face == WM_FRAGMENT;
    public = w->route != NULL && w->route->flags & WM_PUBLIC && status == 200;

    t = ngx_wenming_conf_template(ctx->conf, template);

    if (t == NULL) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "wenming: there is no template \"%s\"", template);
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_page(ctx, template);

    wm_buf_init(&b, w->pool, 16384);
    body = wm_template_render(&b, t, w->doc, fragment) ? wm_buf_str(&b)
                                                        : wm_null;

    if (public) {
        ngx_wenming_reply_shared(ctx, "text/html", body);
        return;
    }

    if (body.data == NULL || ngx_wenming_reply_common(ctx, 0, 1) != NGX_OK) {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_done(ctx, ngx_wenming_reply_send(ctx, status,
                                                       "text/html", 1, body));
}


static void
ngx_wenming_reply_json(ngx_wenming_ctx_t *ctx, ngx_uint_t status,
    const char *type)
{
    wm_buf_t     b;
    wm_str_t     body;
    wm_web_t    *w = &ctx->web;
    ngx_uint_t   public;

    public = w->route != NULL && w->route->flags & WM_PUBLIC && status == 200;

    wm_buf_init(&b, w->pool, 4096);
    wm_doc_write(&b, w->doc);
    wm_putc(&b, '\n');
    body = wm_buf_str(&b);

    if (public) {
        ngx_wenming_reply_shared(ctx, type, body);
        return;
    }

    if (body.data == NULL || ngx_wenming_reply_common(ctx, 0, 0) != NGX_OK) {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_done(ctx, ngx_wenming_reply_send(ctx, status, type, 0,
                                                       body));
}


/* ---- problems */

static void
ngx_wenming_reply_problem_json(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict)
{
    wm_web_t  *w = &ctx->web;

    w->doc = wm_doc_new(w->pool);

    wm_doc_str(w->doc, "type", wm_printf(w->pool, "urn:wenming:%s",
                                         wm_verdict_code(verdict)));
    wm_doc_text(w->doc, "title", wm_verdict_text(verdict));
    wm_doc_int(w->doc, "status", wm_verdict_status(verdict));
    wm_doc_text(w->doc, "code", wm_verdict_code(verdict));
    wm_doc_text(w->doc, "detail", wm_verdict_next(verdict));

    if (wm_verdict_status(verdict) == 422) {
        wm_input_report(&w->input, w->doc);
    }

    wm_doc_join(w->doc, w->more);

    if (w->doc == NULL) {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_json(ctx, wm_verdict_status(verdict),
                           "application/problem+json");
}


static const char *
ngx_wenming_reply_problem_template(const wm_route_t *route, unsigned status)
{
    if (route != NULL && route->face == WM_FRAGMENT) {
        return "fragment-problem";
    }

    if (route != NULL && route->flags & WM_WALL) {
        return status >= 500 ? "screen-away" : "screen-over";
    }

    return "problem";
}


/* What to do next, where our own trouble will pass. */

static void
ngx_wenming_reply_problem_again(wm_web_t *w, wm_verdict_t verdict)
{
    ngx_uint_t  passes, get;

    passes = verdict == WM_VERDICT_UNAVAILABLE
             || verdict == WM_VERDICT_NOT_DURABLE
             || verdict == WM_VERDICT_INTERNAL;
    get = w->route != NULL && w->route->method == WM_GET;

    wm_doc_bool(w->doc, "retry", passes && get);
    wm_doc_bool(w->doc, "resubmit", passes && !get);
}


static void
ngx_wenming_reply_problem_page(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict)
{
    wm_web_t  *w = &ctx->web;

    w->doc = wm_doc_new(w->pool);

    wm_doc_int(w->doc, "status", wm_verdict_status(verdict));
    wm_doc_text(w->doc, "title", wm_verdict_text(verdict));
    wm_doc_text(w->doc, "detail", wm_verdict_next(verdict));
    wm_doc_bool(w->doc, "sign_in", verdict == WM_VERDICT_SIGN_IN);
    wm_doc_bool(w->doc, "desk", w->route != NULL
                                && wm_starts(wm_str(w->route->path),
                                             "staff/"));
    ngx_wenming_reply_problem_again(w, verdict);

    if (w->doc == NULL) {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_template(ctx, wm_verdict_status(verdict),
                               ngx_wenming_reply_problem_template(
                                   w->route, wm_verdict_status(verdict)));
}


/* Our own trouble passes soon; who asked too often waits as he is told. */

static ngx_int_t
ngx_wenming_reply_when(ngx_wenming_ctx_t *ctx, unsigned status)
{
    int64_t    s;
    wm_str_t   text;
    wm_web_t  *w = &ctx->web;

    if (status != 503 && status != 429) {
        return NGX_OK;
    }

    s = status == 503 ? 1 : w->again_s > 0 ? w->again_s
                          : NGX_WENMING_AGAIN;
    text = wm_printf(w->pool, "%lld", (long long) s);

    return text.data != NULL
           ? ngx_wenming_add_header(ctx->request, "Retry-After",
                                    ngx_wenming_ngx(text))
           : NGX_ERROR;
}


void
ngx_wenming_reply_problem(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict,
    ngx_uint_t page)
{
    wm_web_t  *w = &ctx->web;

    ctx->said = verdict;

    if (wm_pool_starved(&ctx->pool)
        || ngx_wenming_reply_when(ctx, wm_verdict_status(verdict)) != NGX_OK)
    {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    if (w->why.len > 0) {
        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "wenming: %s: %*s", wm_verdict_code(verdict),
                      w->why.len, w->why.data);
    }

    if (page) {
        ngx_wenming_reply_problem_page(ctx, verdict);

    } else {
        ngx_wenming_reply_problem_json(ctx, verdict);
    }
}


void
ngx_wenming_reply_sign_in(ngx_wenming_ctx_t *ctx)
{
    ctx->said = WM_VERDICT_SIGN_IN;

    if (ctx->web.doc == NULL) {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_template(ctx, wm_verdict_status(WM_VERDICT_SIGN_IN),
                               "staff-login");
}


/* A form comes back with what was typed, and why it was refused. */

static void
ngx_wenming_reply_again(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict)
{
    wm_web_t  *w = &ctx->web;

    w->refused = verdict;
    w->doc = wm_doc_new(w->pool);

    w->route->again(w);
}


static void
ngx_wenming_reply_refused(ngx_wenming_ctx_t *ctx)
{
    wm_web_t  *w = &ctx->web;
    wm_doc_t  *problem;

    wm_input_report(&w->input, w->doc);

    problem = wm_doc_obj(w->doc, "problem");
    wm_doc_text(problem, "text", wm_verdict_text(w->refused));
    wm_doc_text(problem, "next", wm_verdict_next(w->refused));

    if (ngx_wenming_reply_when(ctx, wm_verdict_status(w->refused))
        != NGX_OK)
    {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_template(ctx, wm_verdict_status(w->refused),
                               w->route->again_template);
}


static ngx_uint_t
ngx_wenming_reply_can_repeat(const wm_web_t *w, wm_verdict_t verdict)
{
    unsigned  status = wm_verdict_status(verdict);

    return w->route->again != NULL && w->refused == WM_VERDICT_OK
           && verdict != WM_VERDICT_SIGN_IN
           && (status == 401 || status == 409 || status == 422
               || ((w->route->method == WM_GET || w->route->flags & WM_AGAIN)
                   && (status == 403 || status == 429))
               || verdict == WM_VERDICT_SMS_AWAY);
}


void
wm_answer_with(wm_web_t *w, wm_verdict_t verdict, const char *template)
{
    unsigned            status = wm_verdict_status(verdict);
    ngx_wenming_ctx_t  *ctx = ngx_wenming_ctx(w);

    if (status < 300 && w->doc == NULL) {
        verdict = WM_VERDICT_INTERNAL;
        status = 500;
    }

    if (status >= 300) {
        if (ngx_wenming_reply_can_repeat(w, verdict)) {
            ngx_wenming_reply_again(ctx, verdict);

        } else {
            ngx_wenming_reply_problem(ctx, verdict,
                                      w->route->face != WM_API);
        }

        return;
    }

    ctx->said = w->refused != WM_VERDICT_OK ? w->refused : verdict;

    if (w->refused != WM_VERDICT_OK) {
        ngx_wenming_reply_refused(ctx);

    } else if (w->route->face == WM_API) {
        ngx_wenming_reply_json(ctx, status, "application/json");

    } else {
        ngx_wenming_reply_template(ctx, status, template);
    }
}


void
wm_answer(wm_web_t *w, wm_verdict_t verdict)
{
    wm_answer_with(w, verdict, w->route->template);
}


void
wm_answer_bytes(wm_web_t *w, const char *type, wm_str_t body,
    const char *file_name)
{
    ngx_str_t           disposition;
    ngx_wenming_ctx_t  *ctx = ngx_wenming_ctx(w);

    if (w->route->flags & WM_PUBLIC) {
        ngx_wenming_reply_shared(ctx, type, body);
        return;
    }

    if (body.data == NULL
        || ngx_wenming_reply_common(ctx, 0, 0) != NGX_OK)
    {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    if (file_name != NULL) {
        disposition = ngx_wenming_ngx(
            wm_printf(w->pool, "attachment; filename=\"%s\"", file_name));

        if (disposition.data == NULL
            || ngx_wenming_add_header(ctx->request, "Content-Disposition",
                                        disposition)
               != NGX_OK)
        {
            ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
            return;
        }
    }

    ngx_wenming_reply_done(ctx,
                           ngx_wenming_reply_send(ctx, 200, type,
                                                  ngx_strncmp(type, "text/",
                                                              5) == 0,
                                                  body));
}


void
wm_redirect(wm_web_t *w, wm_str_t path)
{
    wm_redirect_away(w, wm_printf(w->pool, "%.*s/%.*s",
                                  wm_fmt(w->site->url), wm_fmt(path)));
}


void
wm_redirect_away(wm_web_t *w, wm_str_t to)
{
    ngx_wenming_ctx_t  *ctx = ngx_wenming_ctx(w);

    if (to.data == NULL
        || ngx_wenming_reply_common(ctx, 0, 0) != NGX_OK
        || ngx_wenming_add_header(ctx->request, "Location",
                                    ngx_wenming_ngx(to))
           != NGX_OK)
    {
        ngx_wenming_reply_done(ctx, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    ngx_wenming_reply_done(ctx, ngx_wenming_reply_send(ctx, 303, "text/plain",
                                                       1, wm_lit("")));
}
