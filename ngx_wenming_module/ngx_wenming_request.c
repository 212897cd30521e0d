#include "ngx_wenming_request.h"
#include "ngx_wenming_cookie.h"
#include "ngx_wenming_ctx.h"
#include "ngx_wenming_identity.h"
#include "ngx_wenming_metrics.h"
#include "ngx_wenming_public.h"
#include "ngx_wenming_reply.h"
#include "ngx_wenming_route.h"
#include "ngx_wenming_who.h"


/* ---- input */

/* A keyed digest: what it was made of cannot be guessed from Redis. */

static wm_str_t
ngx_wenming_digest(wm_web_t *w, const wm_str_t *parts, size_t n)
{
    char     *out;
    uint8_t   mac[WM_MAC_LEN];

    out = wm_alloc(w->pool, WM_B32_LEN(WM_MAC_LEN) + 1);

    if (out == NULL
        || !wm_mac_compute(wm_keyring_mac(w->site->realm.ring,
                                          WM_PURPOSE_INDEX, 0),
                           parts, n, mac))
    {
        return wm_null;
    }

    return wm_b32_encode(mac, sizeof(mac), out);
}


/*
 * The idempotency key, from the header or a form's hidden field, in a scope
 * of route, record and actor.  A resident is the phone number that the
 * request bears: the cookie of a lost answer would make two of one.
 */

static ngx_uint_t
ngx_wenming_read_key(ngx_wenming_ctx_t *ctx)
{
    size_t      i;
    wm_str_t    key, blank = wm_lit(" ");
    wm_web_t   *w = &ctx->web;
    ngx_str_t  *h;

    h = ngx_wenming_header(ctx->request, "idempotency-key");
    key = h != NULL ? ngx_wenming_wm(*h) : w->input.key;

    if (key.len == 0) {
        return 1;
    }

    for (i = 0; i < key.len; i++) {
        if (key.data[i] <= ' ' || key.data[i] > '~') {
            return 0;
        }
    }

    if (key.len > 128) {
        return 0;
    }

    w->once = ngx_wenming_digest(w, (wm_str_t[]) {
        wm_lit("once "), wm_str(w->route->path), blank, w->id, blank,
        w->staff.name.len > 0 ? w->staff.name
                              : wm_input(&w->input, "phone")->text,
        blank, key }, 8);

    w->body = ngx_wenming_digest(w, (wm_str_t[]) { wm_lit("body "), w->body },
                                 2);

    return w->once.data != NULL && w->body.data != NULL;
}


static off_t
ngx_wenming_body_max(const wm_web_t *w)
{
    return w->route->flags & WM_CARRIES ? NGX_WENMING_CARRY_MAX
                                        : NGX_WENMING_BODY_MAX;
}


static ngx_int_t
ngx_wenming_body_bytes(ngx_http_request_t *r, off_t max, wm_str_t *body)
{
    off_t         total;
    size_t        n;
    u_char       *p;
    ssize_t       got;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    total = 0;

    for (cl = r->request_body ? r->request_body->bufs : NULL; cl;
         cl = cl->next)
    {
        total += ngx_buf_size(cl->buf);
    }

    if (total > max) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, total + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    body->data = (char *) p;
    body->len = total;

    for (cl = r->request_body ? r->request_body->bufs : NULL; cl;
         cl = cl->next)
    {
        b = cl->buf;
        n = (size_t) ngx_buf_size(b);

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, n);
            continue;
        }

        got = n > 0 ? ngx_read_file(b->file, p, n, b->file_pos) : 0;

        if (got != (ssize_t) n) {
            return NGX_ERROR;
        }

        p += n;
    }

    return NGX_OK;
}


/* NULL: neither JSON nor a form. */

static ngx_uint_t
ngx_wenming_is_type(ngx_http_request_t *r, const char *type)
{
    size_t      n;
    ngx_str_t  *s;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    s = &r->headers_in.content_type->value;
    n = ngx_strlen(type);

    return s->len >= n && ngx_strncasecmp(s->data, (u_char *) type, n) == 0
           && (s->len == n || s->data[n] == ';' || s->data[n] == ' ');
}


static wm_verdict_t
ngx_wenming_read_input(ngx_wenming_ctx_t *ctx)
{
    bool        ok;
    wm_web_t   *w = &ctx->web;
    ngx_int_t   rc;

    rc = ngx_wenming_body_bytes(ctx->request, ngx_wenming_body_max(w),
                                &w->body);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? WM_VERDICT_TOO_LARGE
                                  : WM_VERDICT_INTERNAL;
    }

    if (w->body.len == 0 && ctx->request->headers_in.content_type == NULL) {
        ok = true;

    } else if (ngx_wenming_is_type(ctx->request, "application/json")) {
        ok = wm_input_json(&w->input, w->body);

    } else if (ngx_wenming_is_type(ctx->request,
                                   "application/x-www-form-urlencoded"))
    {
        ctx->form_body = 1;
        ok = wm_input_form(&w->input, w->body);

    } else {
        return WM_VERDICT_MEDIA_TYPE;
    }

    return ok ? WM_VERDICT_OK : WM_VERDICT_BAD_REQUEST;
}


/* ---- beginning */

static void
ngx_wenming_checked(wm_web_t *w)
{
    if (w->route->method != WM_GET
        && !ngx_wenming_who_same_site(ngx_wenming_ctx(w)))
    {
        wm_answer(w, WM_VERDICT_FOREIGN);
        return;
    }

    if (!wm_input_check(&w->input)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    if (w->route->method != WM_GET
        && !ngx_wenming_read_key(ngx_wenming_ctx(w)))
    {
        wm_answer(w, WM_VERDICT_BAD_REQUEST);
        return;
    }

    w->route->handler(w);
}


static void
ngx_wenming_begin(wm_web_t *w)
{
    wm_verdict_t        v = WM_VERDICT_OK;
    ngx_wenming_ctx_t  *ctx = ngx_wenming_ctx(w);

    if (w->route->method != WM_GET) {
        v = ngx_wenming_read_input(ctx);

    } else if (!wm_input_form(&w->input,
                              ngx_wenming_wm(ctx->request->args)))
    {
        v = WM_VERDICT_BAD_REQUEST;
    }

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);
        return;
    }

    if (w->route->method == WM_GET) {
        w->input.unknown = wm_null;     /* other sites add parameters */
    }

    if (w->route->who == WM_STAFF) {
        ngx_wenming_who_staff(ctx, ngx_wenming_checked);

    } else if (w->route->flags & WM_PUBLIC) {
        ngx_wenming_public_begin(ctx, ngx_wenming_checked);

    } else {
        ngx_wenming_checked(w);
    }
}


static void
ngx_wenming_body_ready(ngx_http_request_t *r)
{
    ngx_wenming_ctx_t  *ctx = ngx_http_get_module_ctx(r, ngx_wenming_module);

    ngx_wenming_ctx_clock(ctx);         /* a body may take its time */

    /* from here on only the client's leaving is of interest */

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_wenming_run(ctx, ngx_wenming_begin);
}


/* ---- going on after signing in */

bool
wm_web_resume(wm_web_t *w, wm_str_t path, wm_str_t typed)
{
    const wm_route_t     *route;
    ngx_wenming_match_t   match;

    ngx_wenming_route(path, WM_POST, &match);
    route = match.route;

    if (route == NULL || route->face != WM_PAGE || route->who != WM_STAFF
        || route->again == NULL || !wm_role_may(w->staff.role, route->cap)
        || (w->site->totp_required && !w->staff.totp
            && !(route->flags & WM_BEFORE_TOTP)))
    {
        return false;
    }

    wm_input_init(&w->input, w->pool, route->fields,
                  route->nfields != NULL ? *route->nfields : 0,
                  w->site->offset);

    if (!wm_input_form(&w->input, typed)) {
        return false;
    }

    (void) wm_input_check(&w->input);

    w->route = route;
    w->id = match.id;
    w->once = wm_null;
    w->state = NULL;
    w->refused = WM_VERDICT_RESUMED;
    w->doc = wm_doc_new(w->pool);

    route->again(w);

    return true;
}


wm_str_t
wm_web_page(wm_web_t *w, wm_str_t path)
{
    wm_str_t              bare, query;
    ngx_wenming_match_t   match;

    (void) w;

    query = path;
    (void) wm_split(&query, '?', &bare);

    while (bare.len > 0) {
        ngx_wenming_route(bare, WM_GET, &match);

        if (match.route != NULL && match.route->face == WM_PAGE
            && match.route->who == WM_STAFF)
        {
            return query.len > 0 ? path : bare;
        }

        query = wm_null;                /* that of another page */

        do {
            bare.len--;
        } while (bare.len > 0 && bare.data[bare.len - 1] != '/');

        /* "a/b/" is the page "a/b" */

        while (bare.len > sizeof("staff/") - 1
               && bare.data[bare.len - 1] == '/')
        {
            bare.len--;
        }
    }

    return wm_null;
}


/* An answer at once, for what reaches no handler. */

static ngx_int_t
ngx_wenming_refuse(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict,
    ngx_uint_t page)
{
    ngx_int_t  rc;

    rc = ngx_http_discard_request_body(ctx->request);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_wenming_reply_problem(ctx, verdict, page);

    return ctx->rc;
}


static ngx_uint_t
ngx_wenming_is_guarded(ngx_wenming_ctx_t *ctx)
{
    ngx_http_request_t  *r = ctx->request;

    /* a proxy on this machine speaks for someone else */

    if (ctx->conf->health_is_default
        && (ngx_wenming_header(r, "x-forwarded-for") != NULL
            || ngx_wenming_header(r, "forwarded") != NULL
            || ngx_wenming_header(r, "x-real-ip") != NULL))
    {
        return 1;
    }

    return ngx_cidr_match(r->connection->sockaddr, ctx->conf->health)
           != NGX_OK
           && r->connection->sockaddr->sa_family != AF_UNIX;
}


static ngx_int_t
ngx_wenming_start(ngx_wenming_ctx_t *ctx)
{
    ngx_int_t            rc;
    wm_web_t            *w = &ctx->web;
    ngx_http_request_t  *r = ctx->request;

    wm_input_init(&w->input, w->pool, w->route->fields,
                  w->route->nfields != NULL ? *w->route->nfields : 0,
                  w->site->offset);
    ngx_wenming_cookies_read(ctx);

    if (!(w->route->flags & WM_PUBLIC)) {
        ngx_wenming_identity_read(ctx);
    }

    if (w->route->method == WM_GET) {
        rc = ngx_http_discard_request_body(r);
        if (rc != NGX_OK) {
            return rc;
        }

        /* ours until ngx_http_finalize_request() */

        r->main->count++;

        if (r == r->main) {
            r->read_event_handler = ngx_http_test_reading;
        }

        r->write_event_handler = ngx_http_request_empty_handler;

        ngx_wenming_run(ctx, ngx_wenming_begin);

        return NGX_DONE;
    }

    if (r->headers_in.content_length_n > ngx_wenming_body_max(w)) {
        return ngx_wenming_refuse(ctx, WM_VERDICT_TOO_LARGE,
                                  w->route->face != WM_API);
    }

    rc = ngx_http_read_client_request_body(r, ngx_wenming_body_ready);

    return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : NGX_DONE;
}


/* Names of files are in nginx's log as they are: no line breaks in them. */

static ngx_uint_t
ngx_wenming_is_plain(wm_str_t path)
{
    size_t  i;

    for (i = 0; i < path.len; i++) {
        if ((u_char) path.data[i] < ' ' || path.data[i] == 0x7f) {
            return 0;
        }
    }

    return 1;
}


ngx_int_t
ngx_wenming_handler(ngx_http_request_t *r)
{
    wm_str_t                 path;
    ngx_uint_t               api;
    ngx_wenming_ctx_t       *ctx;
    ngx_wenming_match_t      match;
    ngx_wenming_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_wenming_module);

    path.data = (char *) r->uri.data + conf->location.len;
    path.len = r->uri.len - conf->location.len;

    ngx_wenming_route(path, ngx_wenming_method(r->method), &match);

    api = wm_starts(path, "api/") || wm_is(path, "api");

    if (match.allowed == 0 && !api) {
        return ngx_wenming_is_plain(path) ? NGX_DECLINED    /* a file */
                                          : NGX_HTTP_NOT_FOUND;
    }

    if (r != r->main
        && (match.route == NULL || match.route->face != WM_FRAGMENT))
    {
        ngx_wenming_metrics_request(conf, match.number, WM_ENDED_NOT_FOUND);
        return NGX_HTTP_NOT_FOUND;
    }

    ctx = ngx_wenming_ctx_create(r, conf);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (match.allowed == 0) {
        return ngx_wenming_refuse(ctx, WM_VERDICT_NOT_FOUND, 0);
    }

    if (match.route == NULL) {
        if (ngx_wenming_add_header(r, "Allow",
                                     ngx_wenming_allow(r->pool,
                                                       match.allowed))
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_wenming_refuse(ctx, WM_VERDICT_NOT_ALLOWED, !api);
    }

    ctx->route = match.number;
    ctx->asked = match.route;
    ctx->web.route = match.route;
    ctx->web.id = match.id;
    ctx->web.head = r->method == NGX_HTTP_HEAD;

    if (match.route->flags & WM_GUARDED && ngx_wenming_is_guarded(ctx)) {
        return ngx_wenming_refuse(ctx, WM_VERDICT_FORBIDDEN, 0);
    }

    return ngx_wenming_start(ctx);
}
