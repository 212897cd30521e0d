#include "ngx_wenming_who.h"
#include "ngx_wenming_cookie.h"

typedef struct {
    wm_step_pt  next;
} ngx_wenming_who_t;


static void
ngx_wenming_who_none(wm_web_t *w)
{
    w->staff.name = wm_null;

    if (w->route->face == WM_PAGE && w->route->method == WM_GET) {
        wm_redirect(w, wm_lit("staff/login"));

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
