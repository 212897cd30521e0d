#include "ngx_wenming_who.h"
#include "ngx_wenming_cookie.h"
#include "ngx_wenming_reply.h"

typedef struct {
    wm_step_pt  next;
} ngx_wenming_who_t;


/* Where the request was for, with its query, as a value in a query. */

static wm_str_t
ngx_wenming_who_wanted(ngx_wenming_ctx_t *ctx)
{
    wm_str_t             path;
    ngx_http_request_t  *r = ctx->request;

    path = wm_printf(ctx->web.pool, "%.*s%s%.*s",
                     (int) (r->uri.len - ctx->conf->location.len),
                     (char *) r->uri.data + ctx->conf->location.len,
                     r->args.len > 0 ? "?" : "",
                     (int) r->args.len, (char *) r->args.data);

    return path.data != NULL && wm_staff_leads(path) ? path : wm_null;
}


static void
ngx_wenming_who_login(wm_web_t *w, wm_str_t wanted)
{
    size_t     len;
    u_char    *p;
    wm_buf_t   b;

    wm_buf_init(&b, w->pool, WM_STAFF_PATH_MAX);
    wm_puts(&b, "staff/login");

    if (wanted.len > 0 && !wm_is(wanted, "staff/")) {
        len = 2 * ngx_escape_uri(NULL, (u_char *) wanted.data, wanted.len,
                                 NGX_ESCAPE_URI_COMPONENT);
        p = wm_alloc(w->pool, wanted.len + len);

        if (p != NULL) {
            (void) ngx_escape_uri(p, (u_char *) wanted.data, wanted.len,
                                  NGX_ESCAPE_URI_COMPONENT);
            wm_puts(&b, "?next=");
            wm_put(&b, (wm_str_t) { wanted.len + len, (char *) p });
        }
    }

    wm_redirect(w, wm_buf_str(&b));
}


/*
 * A form that was sent when the session had ended: the page to sign in
 * carries on what was typed.  Only what came from a page of ours.
 */

static void
ngx_wenming_who_carry(ngx_wenming_ctx_t *ctx, wm_str_t name, wm_str_t wanted)
{
    wm_str_t   kept;
    wm_web_t  *w = &ctx->web;

    kept = wm_null;

    if (w->route->again != NULL && w->route->nfields != NULL) {
        kept = wm_input_keep(w->pool, w->route->fields, *w->route->nfields,
                             w->body);
    }

    wm_doc_bool(w->doc, "over", true);
    wm_doc_str(w->doc, "next", wanted);
    wm_doc_str(w->doc, "kept", kept.data != NULL ? kept : wm_lit(""));
    wm_doc_str(w->doc, "kept_for", name);

    ngx_wenming_reply_sign_in(ctx);
}


static void
ngx_wenming_who_none(wm_web_t *w)
{
    wm_str_t            name, wanted;
    ngx_uint_t          ours;
    ngx_wenming_ctx_t  *ctx = ngx_wenming_ctx(w);

    name = w->staff.name;
    wanted = ngx_wenming_who_wanted(ctx);
    ours = w->route->face == WM_PAGE && ctx->form_body
           && ngx_wenming_who_same_site(ctx);

    ngx_memzero(&w->staff, sizeof(wm_staff_t));

    if (w->route->face == WM_PAGE && w->route->method == WM_GET) {
        ngx_wenming_who_login(w, wanted);

    } else if (ours && wanted.data != NULL) {
        ngx_wenming_who_carry(ctx, name, wanted);

    } else {
        wm_answer(w, WM_VERDICT_SIGN_IN);
    }
}


/* Who has to turn a second factor on first gets no further than that. */

static void
ngx_wenming_who_half(wm_web_t *w)
{
    if (w->route->face == WM_PAGE && w->route->method == WM_GET) {
        wm_redirect(w, wm_lit("staff/security"));

    } else {
        wm_answer(w, WM_VERDICT_TOTP_REQUIRED);
    }
}


static void
ngx_wenming_who_go(wm_web_t *w)
{
    ngx_wenming_who_t  *who = w->state;

    w->state = NULL;

    if (w->site->totp_required && !w->staff.totp
        && !(w->route->flags & WM_BEFORE_TOTP))
    {
        ngx_wenming_who_half(w);
        return;
    }

    if (!wm_role_may(w->staff.role, w->route->cap)) {
        wm_answer(w, WM_VERDICT_FORBIDDEN);
        return;
    }

    who->next(w);
}


static void
ngx_wenming_who_found(wm_web_t *w)
{
    if (!wm_staff_load(&w->replies[1], w->staff.name, &w->staff)
        || !wm_session_valid(&w->replies[0], &w->staff, w->now_ms))
    {
        ngx_wenming_who_none(w);
        return;
    }

    /* half an hour since the last request, written once a minute at most */

    if (w->replies[2].type == WM_REPLY_INT
        && w->replies[2].num < WM_SESSION_REFRESH_S)
    {
        wm_ask(w, wm_lit("EXPIRE"),
               wm_session_key(w->pool, w->site->district, w->badge.sid),
               wm_printf(w->pool, "%d", WM_SESSION_IDLE_S));
        wm_fetch(w, ngx_wenming_who_go);
        return;
    }

    ngx_wenming_who_go(w);
}


void
ngx_wenming_who_staff(ngx_wenming_ctx_t *ctx, wm_step_pt next)
{
    wm_str_t            cookie, session;
    wm_web_t           *w = &ctx->web;
    ngx_wenming_who_t  *who;

    cookie = ngx_wenming_cookie_get(ctx, &ctx->conf->cookie_staff);

    if (cookie.data == NULL
        || wm_badge_open(&w->site->realm, cookie, &w->badge) != WM_SEAL_OK)
    {
        ngx_wenming_who_none(w);
        return;
    }

    who = wm_alloc(w->pool, sizeof(ngx_wenming_who_t));
    if (who == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    who->next = next;
    w->state = who;
    w->staff.name = (wm_str_t) { w->badge.name_len, w->badge.name };

    session = wm_session_key(w->pool, w->site->district, w->badge.sid);

    wm_ask(w, wm_lit("HGETALL"), session);
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "staff:%.*s", wm_fmt(w->staff.name)));
    wm_ask(w, wm_lit("TTL"), session);
    wm_fetch(w, ngx_wenming_who_found);
}


/* ---- forms */

wm_str_t
wm_web_from(wm_web_t *w)
{
    wm_str_t    from, url = w->site->url;
    ngx_str_t  *h;

    h = ngx_wenming_header(ngx_wenming_ctx(w)->request, "referer");

    if (h == NULL || h->len <= url.len + 1) {
        return wm_null;
    }

    from = ngx_wenming_wm(*h);

    if (memcmp(from.data, url.data, url.len) != 0
        || from.data[url.len] != '/')
    {
        return wm_null;
    }

    from.data += url.len + 1;
    from.len -= url.len + 1;

    return from;
}


ngx_uint_t
ngx_wenming_who_same_site(ngx_wenming_ctx_t *ctx)
{
    wm_str_t    origin;
    wm_web_t   *w = &ctx->web;
    ngx_str_t  *h;

    h = ngx_wenming_header(ctx->request, "sec-fetch-site");
    if (h != NULL) {
        return wm_is(ngx_wenming_wm(*h), "same-origin");
    }

    h = ngx_wenming_header(ctx->request, "origin");
    if (h != NULL) {
        origin = ngx_wenming_wm(*h);
        return origin.len == w->site->origin.len
               && ngx_strncasecmp((u_char *) origin.data,
                                  (u_char *) w->site->origin.data,
                                  origin.len)
                  == 0;
    }

    /* no browser of today: a program, or a form whose token shows the page */

    if (!ctx->form_body || w->route->flags & WM_TICKET) {
        return 1;
    }

    return ngx_wenming_form_proves(ctx);
}
