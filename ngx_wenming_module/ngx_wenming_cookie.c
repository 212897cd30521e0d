#include "ngx_wenming_cookie.h"
#include "wm_cookie.h"

#define NGX_WENMING_LARGE         "large"
#define NGX_WENMING_LOOK_SECONDS  (365 * 24 * 3600)


static void
ngx_wenming_cookie_set(ngx_wenming_ctx_t *ctx, ngx_str_t *name,
    wm_str_t value, long age)
{
    u_char     *p;
    ngx_str_t   s;

    s.data = wm_alloc(&ctx->pool, name->len + value.len + 128);

    /* who could not be told may be known all the same: nobody is replaced */

    if (wm_pool_starved(&ctx->pool)) {
        return;
    }

    p = ngx_sprintf(s.data, "%V=%*s; Path=/; HttpOnly; SameSite=Lax", name,
                    value.len, value.data);

    if (value.data == NULL || age > 0) {
        p = ngx_sprintf(p, "; Max-Age=%l", value.data == NULL ? 0 : age);
    }

    if (ctx->conf->secure) {
        p = ngx_cpymem(p, "; Secure", sizeof("; Secure") - 1);
    }

    s.len = p - s.data;

    if (ngx_wenming_add_header(ctx->request, "Set-Cookie", s) != NGX_OK) {
        ctx->pool.starved = true;
    }
}


wm_str_t
ngx_wenming_cookie_get(ngx_wenming_ctx_t *ctx, ngx_str_t *name)
{
    wm_str_t          value;
    ngx_uint_t        i;
    ngx_list_part_t  *part = &ctx->request->headers_in.headers.part;
    ngx_table_elt_t  *h;

    for ( /* void */ ; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len != sizeof("cookie") - 1
                || ngx_strncmp(h[i].lowcase_key, "cookie", h[i].key.len) != 0)
            {
                continue;
            }

            value = wm_cookie_find(ngx_wenming_wm(h[i].value),
                                   ngx_wenming_wm(*name));

            if (value.data != NULL) {
                return value;
            }
        }
    }

    return wm_null;
}


void
ngx_wenming_cookies_read(ngx_wenming_ctx_t *ctx)
{
    wm_str_t   cookie;
    wm_web_t  *w = &ctx->web;

    cookie = ngx_wenming_cookie_get(ctx, &ctx->conf->cookie_device);

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

    w->ticket_cookie = ngx_wenming_cookie_get(ctx, &ctx->conf->cookie_ticket);
    w->large = wm_is(ngx_wenming_cookie_get(ctx, &ctx->conf->cookie_look),
                     NGX_WENMING_LARGE);
}


/* ---- residents */

void
ngx_wenming_cookies_write(ngx_wenming_ctx_t *ctx)
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
        ngx_wenming_cookie_set(ctx, &ctx->conf->cookie_device, value,
                                 WM_DEVICE_SECONDS);
    }
}


bool
wm_web_device(wm_web_t *w)
{
    uint8_t  sum[WM_SHA256_LEN];

    if (w->device_id[0] != '\0') {
        return true;
    }

    /* a repeat without a cookie is the same device again */

    if (w->once.data != NULL) {
        if (!wm_sha256(w->once, sum)) {
            return false;
        }

        memcpy(w->device.device, sum, sizeof(w->device.device));

    } else if (!wm_random(w->device.device, sizeof(w->device.device))) {
        return false;
    }

    wm_b32_encode(w->device.device, sizeof(w->device.device), w->device_id);
    ngx_wenming_ctx(w)->keep_device = 1;

    return true;
}


void
wm_web_keep_person(wm_web_t *w, const wm_person_t *person)
{
    if (w->visitor.id[0] != '\0') {
        return;                         /* the site knows how long */
    }

    wm_b32_decode(wm_str(person->id), w->device.person,
                  sizeof(w->device.person));
    w->device.epoch = person->epoch;

    ngx_wenming_ctx(w)->keep_device = 1;
}


void
wm_web_forget_person(wm_web_t *w)
{
    if (w->device_id[0] == '\0') {
        return;
    }

    ngx_memzero(w->device.person, sizeof(w->device.person));
    w->device.epoch = 0;

    ngx_wenming_ctx(w)->keep_device = 1;
}


wm_str_t
wm_web_person(wm_web_t *w)
{
    char     *id;
    uint8_t   nobody[10] = { 0 };

    if (w->visitor.id[0] != '\0') {
        return wm_str(w->visitor.id);
    }

    if (memcmp(w->device.person, nobody, sizeof(nobody)) == 0) {
        return wm_null;
    }

    id = wm_alloc(w->pool, WM_ID_LEN + 1);

    return id != NULL ? wm_b32_encode(w->device.person, 10, id) : wm_null;
}


bool
wm_web_knows(wm_web_t *w, const wm_person_t *person)
{
    return person->known && (w->visitor.id[0] != '\0'
                             || person->epoch == w->device.epoch);
}


void
wm_web_keep_ticket(wm_web_t *w, wm_str_t ticket)
{
    ngx_wenming_cookie_set(ngx_wenming_ctx(w),
                             &ngx_wenming_ctx(w)->conf->cookie_ticket, ticket,
                             WM_TICKET_SECONDS);
}


void
wm_web_keep_large(wm_web_t *w, bool large)
{
    ngx_wenming_cookie_set(ngx_wenming_ctx(w),
                             &ngx_wenming_ctx(w)->conf->cookie_look,
                             large ? wm_lit(NGX_WENMING_LARGE) : wm_null,
                             NGX_WENMING_LOOK_SECONDS);
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


void
wm_web_keep_badge(wm_web_t *w, const wm_badge_t *badge)
{
    char      *text;
    wm_str_t   value = wm_null;

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (badge != NULL && text != NULL) {
        value = wm_badge_make(&w->site->realm, badge, text);
    }

    ngx_wenming_cookie_set(ngx_wenming_ctx(w),
                             &ngx_wenming_ctx(w)->conf->cookie_staff, value,
                             0);
}


/* ---- proof that a form comes from a page of ours */

static const uint8_t *
ngx_wenming_form_bound(wm_web_t *w)
{
    return w->staff.name.len > 0 ? w->badge.sid : w->device.device;
}


wm_str_t
ngx_wenming_form_token(ngx_wenming_ctx_t *ctx)
{
    char      *text;
    wm_web_t  *w = &ctx->web;

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (text == NULL || !wm_web_device(w)) {
        return wm_null;
    }

    return wm_form_make(&w->site->realm, ngx_wenming_form_bound(w), w->now_ms,
                        text);
}


ngx_uint_t
ngx_wenming_form_proves(ngx_wenming_ctx_t *ctx)
{
    wm_web_t  *w = &ctx->web;

    return wm_form_open(&w->site->realm, w->input.form,
                        ngx_wenming_form_bound(w), w->now_ms)
           == WM_SEAL_OK;
}
