/* What differs between versions of nginx, and nothing else. */

#ifndef NGX_WENMING_COMPAT_H
#define NGX_WENMING_COMPAT_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

/* 1.23.0 made repeated headers linked lists */

#if (nginx_version >= 1023000)
#define ngx_wenming_elt_end(h)  (h)->next = NULL
#else
#define ngx_wenming_elt_end(h)
#endif

#endif /* NGX_WENMING_COMPAT_H */
