#include "ngx_wenming_public.h"
#include "ngx_wenming_reply.h"
#include "ngx_wenming_shared.h"

#define NGX_WENMING_POLL_MS  5
#define NGX_WENMING_POLLS    300            /* then we fetch it ourselves */

/* Not in the request's pool: the timer is told to forget the request. */

typedef struct {
    ngx_event_t         timer;
    ngx_wenming_ctx_t  *ctx;
} ngx_wenming_poll_t;

static void ngx_wenming_public_look(wm_web_t *w);


static void
ngx_wenming_poll_forget(void *pending)
{
    ngx_wenming_poll_t  *poll = pending;

    ngx_del_timer(&poll->timer);
    ngx_free(poll);
}


static void
ngx_wenming_poll_again(ngx_event_t *event)
{
    ngx_wenming_ctx_t   *ctx;
    ngx_wenming_poll_t  *poll = event->data;

    ctx = poll->ctx;
    ngx_free(poll);

    ngx_wenming_resume(ctx, ngx_wenming_public_look);
}


/* Somebody else fetches the same: a moment of waiting spares Redis. */

static ngx_int_t
ngx_wenming_poll(ngx_wenming_ctx_t *ctx)
{
    ngx_wenming_poll_t  *poll;

    if (ctx->polls++ == NGX_WENMING_POLLS) {
        return NGX_DECLINED;
    }

    poll = ngx_calloc(sizeof(ngx_wenming_poll_t), ngx_cycle->log);
    if (poll == NULL) {
        return NGX_DECLINED;
    }

    poll->ctx = ctx;
    poll->timer.data = poll;
    poll->timer.handler = ngx_wenming_poll_again;
    poll->timer.log = ngx_cycle->log;

    ngx_add_timer(&poll->timer, NGX_WENMING_POLL_MS);
    ngx_wenming_wait(ctx, poll, ngx_wenming_poll_forget);

    return NGX_OK;
}


/* The request ends; if there was no answer to share, another may try. */

static void
ngx_wenming_public_end(void *data)
{
    ngx_wenming_ctx_t  *ctx = data;

    if (ctx->filling) {
        ctx->filling = 0;
        ngx_wenming_cache_abandon(ngx_wenming_shared_zone(ctx),
                                  ctx->shared_key);
    }
}


static void
ngx_wenming_public_fill(ngx_wenming_ctx_t *ctx)
{
    ngx_http_cleanup_t  *cln;

    cln = ngx_http_cleanup_add(ctx->request, 0);

    if (cln != NULL) {
        cln->handler = ngx_wenming_public_end;
        cln->data = ctx;
        ctx->filling = 1;
    }
}


static void
ngx_wenming_public_look(wm_web_t *w)
{
    wm_shared_t            kind;
    ngx_wenming_ctx_t     *ctx = ngx_wenming_ctx(w);
    ngx_wenming_cache_e    rc;
    ngx_wenming_cached_t   cached;

    kind = w->route->flags & WM_OF_EVENTS ? WM_SHARED_EVENTS
           : w->route->flags & WM_OF_PLACES ? WM_SHARED_PLACES
           : w->route->flags & WM_OF_WISHES ? WM_SHARED_WISHES
           : w->route->flags & WM_OF_HOME ? WM_SHARED_HOME
           : WM_SHARED_MENU;

    rc = ngx_wenming_cache_get(ngx_wenming_shared_zone(ctx), w->pool,
                               w->site->district, kind, ctx->shared_key,
                               &cached, &ctx->generation);
    switch (rc) {

    case NGX_WENMING_CACHE_HIT:
        ngx_wenming_reply_cached(ctx, &cached);
        return;

    case NGX_WENMING_CACHE_WAIT:
        if (ngx_wenming_poll(ctx) == NGX_OK) {
            return;
        }
        break;

    case NGX_WENMING_CACHE_FILL:
        ngx_wenming_public_fill(ctx);
        break;

    default:
        break;
    }

    ctx->shared_next(w);
}


void
ngx_wenming_public_begin(ngx_wenming_ctx_t *ctx, wm_step_pt next)
{
    wm_web_t  *w = &ctx->web;

    ctx->shared_next = next;
    ctx->shared_key = wm_printf(w->pool, "%.*s %.*s %s%s %.*s?%.*s",
                                wm_fmt(w->site->district),
                                wm_fmt(w->site->url), w->route->path,
                                w->large && w->route->face == WM_PAGE
                                ? " large" : "",
                                wm_fmt(w->id),
                                wm_fmt(ngx_wenming_wm(ctx->request->args)));

    if (ctx->shared_key.data == NULL) {
        next(w);

    } else {
        ngx_wenming_public_look(w);
    }
}
