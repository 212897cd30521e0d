/* Asking a service of the site, by a location of nginx's configuration. */

#ifndef NGX_WENMING_OUTSIDE_H
#define NGX_WENMING_OUTSIDE_H

#include "ngx_wenming_ctx.h"

/* wenming_sms /uri; and wenming_wechat appid=ID /uri; */
char *ngx_wenming_outside_sms(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_wenming_outside_wechat(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * $wenming_sms_phone, $wenming_sms_code, $wenming_wechat_code: empty but for
 * the subrequest that they are meant for.
 */
wm_str_t ngx_wenming_outside_phone(ngx_http_request_t *r);
wm_str_t ngx_wenming_outside_code(ngx_http_request_t *r);
wm_str_t ngx_wenming_outside_wechat_code(ngx_http_request_t *r);

#endif /* NGX_WENMING_OUTSIDE_H */
