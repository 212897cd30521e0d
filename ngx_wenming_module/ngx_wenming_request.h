/*
 * A request from its arrival to its handler: route, body, fields, origin.
 */

#ifndef NGX_WENMING_REQUEST_H
#define NGX_WENMING_REQUEST_H

#include "ngx_wenming_compat.h"

#define NGX_WENMING_BODY_MAX  16384
#define NGX_WENMING_CARRY_MAX 65536     /* a form in a form */

ngx_int_t ngx_wenming_handler(ngx_http_request_t *r);

#endif /* NGX_WENMING_REQUEST_H */
