/*
 * What a browser carries: the device's cookie, the scan ticket's, the
 * worker's badge, and the token in forms.
 */

#ifndef NGX_WENMING_COOKIE_H
#define NGX_WENMING_COOKIE_H

#include "ngx_wenming_ctx.h"

/* wm_null when the request does not have it. */
wm_str_t ngx_wenming_cookie_get(ngx_wenming_ctx_t *ctx, ngx_str_t *name);

/* Reads the device's cookie and the ticket's; bad ones count as none. */
void ngx_wenming_cookies_read(ngx_wenming_ctx_t *ctx);

/* Sets the device's cookie when it is new or knows another person. */
void ngx_wenming_cookies_write(ngx_wenming_ctx_t *ctx);

/* The token for this page's forms; wm_null: no memory. */
wm_str_t ngx_wenming_form_token(ngx_wenming_ctx_t *ctx);

/* Whether the form that came bears one for this device or session. */
ngx_uint_t ngx_wenming_form_proves(ngx_wenming_ctx_t *ctx);

#endif /* NGX_WENMING_COOKIE_H */
