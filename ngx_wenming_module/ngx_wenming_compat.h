/* What differs between versions of nginx, and nothing else. */

#ifndef NGX_WENMING_COMPAT_H
#define NGX_WENMING_COMPAT_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

/*
 * 1.23.0 made repeated headers linked lists; since 1.29.6 only a function of
 * its own knows that cookies are separated by semicolons
 */

#if (nginx_version >= 1023000)

#define ngx_wenming_elt_end(h)  (h)->next = NULL

#if (nginx_version >= 1029006)
#define ngx_wenming_cookie_lines  ngx_http_parse_cookie_lines
#else
#define ngx_wenming_cookie_lines  ngx_http_parse_multi_header_lines
#endif

static ngx_inline ngx_int_t
ngx_wenming_cookie(ngx_http_request_t *r, ngx_str_t *name, ngx_str_t *value)
{
    return ngx_wenming_cookie_lines(r, r->headers_in.cookie, name, value)
           != NULL ? NGX_OK : NGX_DECLINED;
}

#else

#define ngx_wenming_elt_end(h)

static ngx_inline ngx_int_t
ngx_wenming_cookie(ngx_http_request_t *r, ngx_str_t *name, ngx_str_t *value)
{
    return ngx_http_parse_multi_header_lines(&r->headers_in.cookies, name,
                                             value)
           != NGX_DECLINED ? NGX_OK : NGX_DECLINED;
}

#endif

#endif /* NGX_WENMING_COMPAT_H */
