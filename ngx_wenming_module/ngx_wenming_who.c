#include "ngx_wenming_who.h"
#include "ngx_wenming_reply.h"

typedef struct {
    wm_step_pt  next;
} ngx_wenming_who_t;


static wm_str_t
ngx_wenming_who_cookie(ngx_wenming_ctx_t *ctx, ngx_str_t *name)
{
    ngx_str_t  value;

    return ngx_wenming_cookie(ctx->request, name, &value) == NGX_OK
           ? ngx_wenming_wm(value) : wm_null;
}


void
ngx_wenming_who_read(ngx_wenming_ctx_t *ctx)
{
    wm_str_t   cookie;
    wm_web_t  *w = &ctx->web;

    cookie = ngx_wenming_who_cookie(ctx, &ctx->conf->cookie_device);

    if (cookie.data != NULL
        && wm_device_open(&w->site->realm, cookie, w->now_ms, &w->device)
           == WM_SEAL_OK)
    {
        w->device_known = true;
        wm_b32_encode(w->device.device, sizeof(w->device.device),
                      w->device_id);

    } else {
        ngx_memzero(&w->device, sizeof(wm_device_t));
    }

    w->ticket_cookie = ngx_wenming_who_cookie(ctx, &ctx->conf->cookie_ticket);
}


/* ---- residents */

void
ngx_wenming_who_write(ngx_wenming_ctx_t *ctx)
{
    char      *text;
    wm_str_t   value;
    wm_web_t  *w = &ctx->web;

    if (!ctx->keep_device) {
        return;
    }

    ctx->keep_device = 0;

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);
    if (text == NULL) {
        return;
    }

    w->device.issued_ms = w->now_ms;
    value = wm_device_make(&w->site->realm, &w->device, text);

    if (value.data != NULL) {
        ngx_wenming_reply_cookie(ctx, &ctx->conf->cookie_device, value,
                                 WM_DEVICE_SECONDS);
    }
}


bool
wm_web_device(wm_web_t *w)
{
    if (w->device_id[0] != '\0') {
        return true;
    }

    if (!wm_random(w->device.device, sizeof(w->device.device))) {
        return false;
    }

    wm_b32_encode(w->device.device, sizeof(w->device.device), w->device_id);
    ngx_wenming_ctx(w)->keep_device = 1;

    return true;
}


void
wm_web_keep_person(wm_web_t *w, const wm_person_t *person)
{
    wm_b32_decode(wm_str(person->id), w->device.person,
                  sizeof(w->device.person));
    w->device.epoch = person->epoch;

    ngx_wenming_ctx(w)->keep_device = 1;
}


wm_str_t
wm_web_person(wm_web_t *w)
{
    char     *id;
    uint8_t   nobody[10] = { 0 };

    if (memcmp(w->device.person, nobody, sizeof(nobody)) == 0) {
        return wm_null;
    }

    id = wm_alloc(w->pool, WM_ID_LEN + 1);

    return id != NULL ? wm_b32_encode(w->device.person, 10, id) : wm_null;
}


void
wm_web_keep_ticket(wm_web_t *w, wm_str_t ticket)
{
    ngx_wenming_reply_cookie(ngx_wenming_ctx(w),
                             &ngx_wenming_ctx(w)->conf->cookie_ticket, ticket,
                             WM_TICKET_SECONDS);
}


wm_str_t
wm_web_actor(wm_web_t *w)
{
    if (w->staff.name.len > 0) {
        return wm_staff_actor(w->pool, w->staff.name);
    }

    return w->device_id[0] != '\0' ? wm_printf(w->pool, "device:%s",
                                               w->device_id)
                                   : wm_lit("anyone");
}


/* ---- workers */

void
wm_web_keep_badge(wm_web_t *w, const wm_badge_t *badge)
{
    char      *text;
    wm_str_t   value = wm_null;

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (badge != NULL && text != NULL) {
        value = wm_badge_make(&w->site->realm, badge, text);
    }

    ngx_wenming_reply_cookie(ngx_wenming_ctx(w),
                             &ngx_wenming_ctx(w)->conf->cookie_staff, value,
                             0);
}


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


static void
ngx_wenming_who_go(wm_web_t *w)
{
    ngx_wenming_who_t  *who = w->state;

    w->state = NULL;

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

    cookie = ngx_wenming_who_cookie(ctx, &ctx->conf->cookie_staff);

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

static const uint8_t *
ngx_wenming_who_bound(wm_web_t *w)
{
    return w->staff.name.len > 0 ? w->badge.sid : w->device.device;
}


wm_str_t
ngx_wenming_who_form(ngx_wenming_ctx_t *ctx)
{
    char      *text;
    wm_web_t  *w = &ctx->web;

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (text == NULL || !wm_web_device(w)) {
        return wm_null;
    }

    return wm_form_make(&w->site->realm, ngx_wenming_who_bound(w), w->now_ms,
                        text);
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

    return wm_form_open(&w->site->realm, w->input.form,
                        ngx_wenming_who_bound(w), w->now_ms)
           == WM_SEAL_OK;
}
