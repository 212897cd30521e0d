/* Asking a service of the site, by a location of nginx's configuration. */

#ifndef NGX_WENMING_OUTSIDE_H
#define NGX_WENMING_OUTSIDE_H

#include "ngx_wenming_ctx.h"

/* wenming_sms /uri; */
char *ngx_wenming_outside_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * $wenming_sms_phone and $wenming_sms_code: empty but for the subrequest
 * that they are meant for.
 */
wm_str_t ngx_wenming_outside_phone(ngx_http_request_t *r);
wm_str_t ngx_wenming_outside_code(ngx_http_request_t *r);

#endif /* NGX_WENMING_OUTSIDE_H */
