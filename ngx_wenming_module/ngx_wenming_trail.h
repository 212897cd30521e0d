/* The log of what operators do: a line for each of their requests. */

#ifndef NGX_WENMING_TRAIL_H
#define NGX_WENMING_TRAIL_H

#include "ngx_wenming_ctx.h"

/* Its file exists with mode 0640 before nginx opens it in its own way. */
char *ngx_wenming_trail_file(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf);

/* When an answer is sent; said has the verdict. */
void ngx_wenming_trail_answer(ngx_wenming_ctx_t *ctx);

/* When the client left before, with a commit under way. */
void ngx_wenming_trail_gone(ngx_wenming_ctx_t *ctx);

#endif /* NGX_WENMING_TRAIL_H */
