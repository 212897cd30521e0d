/* Who is asking: cookies, a worker's session, where a form comes from. */

#ifndef NGX_WENMING_WHO_H
#define NGX_WENMING_WHO_H

#include "ngx_wenming_request.h"

/* Reads the device's cookie and the ticket's; bad ones count as none. */
void ngx_wenming_who_read(ngx_wenming_ctx_t *ctx);

/* Sets the device's cookie when it is new or knows another person. */
void ngx_wenming_who_write(ngx_wenming_ctx_t *ctx);

/* Starts to look up the worker; go on with next when there is one. */
void ngx_wenming_who_staff(ngx_wenming_ctx_t *ctx, wm_step_pt next);

/* Whether a request that changes something comes from a page of ours. */
ngx_uint_t ngx_wenming_who_same_site(ngx_wenming_ctx_t *ctx);

/* The token for this page's forms; wm_null: no memory. */
wm_str_t ngx_wenming_who_form(ngx_wenming_ctx_t *ctx);

#endif /* NGX_WENMING_WHO_H */
