/* Who the site's own login says is asking: the directive and its use. */

#ifndef NGX_WENMING_IDENTITY_H
#define NGX_WENMING_IDENTITY_H

#include "ngx_wenming_ctx.h"

/* wenming_identity phone=$variable name=$variable [trust_headers]; */
char *ngx_wenming_identity_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* Fills web.visitor, or leaves it empty. */
void ngx_wenming_identity_read(ngx_wenming_ctx_t *ctx);

#endif /* NGX_WENMING_IDENTITY_H */
