/* What access logs may say of our requests: never anything personal. */

#ifndef NGX_WENMING_VARIABLE_H
#define NGX_WENMING_VARIABLE_H

#include "ngx_wenming_compat.h"

/* Adds the variables; for preconfiguration. */
ngx_int_t ngx_wenming_variables_add(ngx_conf_t *cf);

#endif /* NGX_WENMING_VARIABLE_H */
