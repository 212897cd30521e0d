/* Which line of the handlers' tables an address means. */

#ifndef NGX_WENMING_ROUTE_H
#define NGX_WENMING_ROUTE_H

#include "ngx_wenming_compat.h"
#include "wm_web.h"

typedef struct {
    const wm_route_t  *route;           /* NULL: none for this method */
    ngx_uint_t         allowed;         /* methods of all that fit the path */
    wm_str_t           id;
    ngx_uint_t         number;          /* of the route, 0: none */
} ngx_wenming_match_t;

/* path is what follows the location, without a slash in front. */
void ngx_wenming_route(wm_str_t path, ngx_uint_t method,
    ngx_wenming_match_t *match);

/* All routes, in the order of their numbers, which begin at 1; NULL: end. */
const wm_route_t *ngx_wenming_route_at(ngx_uint_t number);

/* 0 for methods that no route has. */
ngx_uint_t ngx_wenming_method(ngx_uint_t nginx_method);

/* "GET" of a route's method. */
const char *ngx_wenming_method_name(ngx_uint_t method);

/* "GET, HEAD, POST" */
ngx_str_t ngx_wenming_allow(ngx_pool_t *pool, ngx_uint_t methods);

#endif /* NGX_WENMING_ROUTE_H */
