#include "ngx_wenming_route.h"
#include "wm_routes.h"

static const struct {
    const wm_route_t  *routes;
    const size_t      *n;
} ngx_wenming_families[] = {
#define X(family)  { wm_##family##_routes, &wm_##family##_nroutes },
    WM_FAMILIES(X)
#undef X
};

static const struct {
    ngx_uint_t    nginx;
    ngx_uint_t    ours;
    const char   *name;
} ngx_wenming_methods[] = {
    { NGX_HTTP_GET,    WM_GET,    "GET" },
    { NGX_HTTP_HEAD,   WM_GET,    "HEAD" },
    { NGX_HTTP_POST,   WM_POST,   "POST" },
    { NGX_HTTP_PATCH,  WM_PATCH,  "PATCH" },
    { NGX_HTTP_DELETE, WM_DELETE, "DELETE" }
};


ngx_uint_t
ngx_wenming_method(ngx_uint_t nginx_method)
{
    ngx_uint_t  i;

    for (i = 0; i < wm_countof(ngx_wenming_methods); i++) {
        if (ngx_wenming_methods[i].nginx == nginx_method) {
            return ngx_wenming_methods[i].ours;
        }
    }

    return 0;
}


const char *
ngx_wenming_method_name(ngx_uint_t method)
{
    ngx_uint_t  i;

    for (i = 0; i < wm_countof(ngx_wenming_methods); i++) {
        if (ngx_wenming_methods[i].ours == method) {
            return ngx_wenming_methods[i].name;
        }
    }

    return "none";
}


ngx_str_t
ngx_wenming_allow(ngx_pool_t *pool, ngx_uint_t methods)
{
    u_char      *p;
    ngx_str_t    s = ngx_null_string;
    ngx_uint_t   i;

    p = ngx_pnalloc(pool, 64);
    if (p == NULL) {
        return s;
    }

    s.data = p;

    for (i = 0; i < wm_countof(ngx_wenming_methods); i++) {
        if (methods & ngx_wenming_methods[i].ours) {
            p = ngx_sprintf(p, "%s%s", p == s.data ? "" : ", ",
                            ngx_wenming_methods[i].name);
        }
    }

    s.len = p - s.data;

    return s;
}


/*
 * Letters for letters, but for {id}, which is one non-empty segment, up to
 * what the pattern has behind it there: "event/{id}.ics".
 */

static ngx_uint_t
ngx_wenming_route_fits(const char *pattern, wm_str_t path, wm_str_t *id)
{
    size_t       tail;
    const char  *p, *last;

    p = path.data;
    last = path.data + path.len;

    for ( /* void */ ; *pattern != '\0'; pattern++) {
        if (*pattern != '{') {
            if (p == last || *p++ != *pattern) {
                return 0;
            }

            continue;
        }

        id->data = p;

        while (p < last && *p != '/') {
            p++;
        }

        pattern += sizeof("{id}") - 1;
        tail = strcspn(pattern, "/");

        if ((size_t) (p - id->data) < tail) {
            return 0;
        }

        p -= tail;
        id->len = p - id->data;

        if (id->len == 0 || id->len > WM_SEAL_TEXT_MAX) {
            return 0;
        }

        pattern--;                      /* of what is behind it */
    }

    return p == last;
}


void
ngx_wenming_route(wm_str_t path, ngx_uint_t method,
    ngx_wenming_match_t *match)
{
    size_t             j;
    wm_str_t           id;
    ngx_uint_t         i, number;
    const wm_route_t  *route;

    ngx_memzero(match, sizeof(ngx_wenming_match_t));
    number = 0;

    for (i = 0; i < wm_countof(ngx_wenming_families); i++) {
        for (j = 0; j < *ngx_wenming_families[i].n; j++) {
            route = &ngx_wenming_families[i].routes[j];
            id = wm_null;
            number++;

            if (!ngx_wenming_route_fits(route->path, path, &id)) {
                continue;
            }

            match->allowed |= route->method;

            /* plain paths stand before those with an id in the tables */

            if (match->route == NULL && route->method == method) {
                match->route = route;
                match->id = id;
                match->number = number;
            }
        }
    }
}


const wm_route_t *
ngx_wenming_route_at(ngx_uint_t number)
{
    ngx_uint_t  i;

    for (i = 0; i < wm_countof(ngx_wenming_families); i++) {
        if (number <= *ngx_wenming_families[i].n) {
            return &ngx_wenming_families[i].routes[number - 1];
        }

        number -= *ngx_wenming_families[i].n;
    }

    return NULL;
}
