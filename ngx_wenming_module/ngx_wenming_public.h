/* Answers that are the same for everyone: from the cache, or made once. */

#ifndef NGX_WENMING_PUBLIC_H
#define NGX_WENMING_PUBLIC_H

#include "ngx_wenming_ctx.h"

/* Answers from the cache, or runs next to make the answer. */
void ngx_wenming_public_begin(ngx_wenming_ctx_t *ctx, wm_step_pt next);

#endif /* NGX_WENMING_PUBLIC_H */
