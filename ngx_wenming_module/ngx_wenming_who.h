/* Who is asking: a worker's session, and where a request comes from. */

#ifndef NGX_WENMING_WHO_H
#define NGX_WENMING_WHO_H

#include "ngx_wenming_ctx.h"

/* Starts to look up the worker; goes on with next when there is one. */
void ngx_wenming_who_staff(ngx_wenming_ctx_t *ctx, wm_step_pt next);

/* Whether a request that changes something comes from a page of ours. */
ngx_uint_t ngx_wenming_who_same_site(ngx_wenming_ctx_t *ctx);

#endif /* NGX_WENMING_WHO_H */
