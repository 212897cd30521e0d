#include "ngx_wenming_identity.h"

/* What a client can make say anything. */

static const char *const  ngx_wenming_identity_raw[] = {
    "http_", "arg_", "cookie_", "args", "query_string", "request_uri", "uri",
    "document_uri", "request", "request_body", "remote_user", "host",
    "content_type"
};


static ngx_uint_t
ngx_wenming_identity_is_raw(ngx_str_t name)
{
    size_t       n;
    ngx_uint_t   i;
    const char  *raw;

    if (name.len > 0 && name.data[0] >= '0' && name.data[0] <= '9') {
        return 1;                       /* a capture */
    }

    for (i = 0; i < wm_countof(ngx_wenming_identity_raw); i++) {
        raw = ngx_wenming_identity_raw[i];
        n = ngx_strlen(raw);

        if (name.len >= n && (name.len == n || raw[n - 1] == '_')
            && ngx_strncasecmp(name.data, (u_char *) raw, n) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* Whether one of the variables in the text is a client's to fill. */

static ngx_uint_t
ngx_wenming_identity_has_raw(const ngx_str_t *text)
{
    u_char     *p, *last;
    ngx_str_t   name;

    last = text->data + text->len;

    for (p = text->data; p < last; p++) {
        if (*p != '$') {
            continue;
        }

        name.data = p + 1 < last && p[1] == '{' ? p + 2 : p + 1;

        for (p = name.data;
             p < last && (*p == '_' || (*p >= '0' && *p <= '9')
                          || (ngx_tolower(*p) >= 'a'
                              && ngx_tolower(*p) <= 'z'));
             p++)
        {
            /* void */
        }

        name.len = p-- - name.data;

        if (ngx_wenming_identity_is_raw(name)) {
            return 1;
        }
    }

    return 0;
}


static char *
ngx_wenming_identity_compile(ngx_conf_t *cf, ngx_str_t *text, size_t skip,
    ngx_http_complex_value_t **to)
{
    ngx_str_t                          value;
    ngx_http_compile_complex_value_t   ccv;

    if (*to != NULL) {
        return "says the same twice";
    }

    value.data = text->data + skip;
    value.len = text->len - skip;

    if (ngx_strlchr(value.data, value.data + value.len, '$') == NULL) {
        return "needs variables, like \"phone=$wm_phone name=$wm_name\"";
    }

    *to = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*to == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));
    ccv.cf = cf;
    ccv.value = &value;
    ccv.complex_value = *to;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}


char *
ngx_wenming_identity_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *data)
{
    char                    *rc = NGX_CONF_OK;
    ngx_str_t               *value = cf->args->elts;
    ngx_uint_t               i, raw = 0, trusted = 0;
    ngx_wenming_loc_conf_t  *conf = data;

    for (i = 1; i < cf->args->nelts && rc == NGX_CONF_OK; i++) {
        if (ngx_strcmp(value[i].data, "trust_headers") == 0) {
            trusted = 1;

        } else if (ngx_strncmp(value[i].data, "phone=", 6) == 0) {
            raw |= ngx_wenming_identity_has_raw(&value[i]);
            rc = ngx_wenming_identity_compile(cf, &value[i], 6,
                                              &conf->identity_phone);

        } else if (ngx_strncmp(value[i].data, "name=", 5) == 0) {
            raw |= ngx_wenming_identity_has_raw(&value[i]);
            rc = ngx_wenming_identity_compile(cf, &value[i], 5,
                                              &conf->identity_name);

        } else {
            rc = "knows phone=, name= and trust_headers only";
        }
    }

    if (rc != NGX_CONF_OK) {
        return rc;
    }

    if (conf->identity_phone == NULL || conf->identity_name == NULL) {
        return "needs both, like \"phone=$wm_phone name=$wm_name\"";
    }

    if (raw && !trusted) {
        return "takes what any client can send: set a variable by "
               "auth_request_set, or, where a proxy before this nginx "
               "removes such headers of clients, add trust_headers";
    }

    return NGX_CONF_OK;
}


void
ngx_wenming_identity_read(ngx_wenming_ctx_t *ctx)
{
    wm_web_t                *w = &ctx->web;
    ngx_str_t                name, phone;
    ngx_wenming_loc_conf_t  *conf = ctx->conf;

    if (conf->identity_phone == NULL) {
        return;
    }

    if (ngx_http_complex_value(ctx->request, conf->identity_phone, &phone)
            != NGX_OK
        || ngx_http_complex_value(ctx->request, conf->identity_name, &name)
               != NGX_OK
        || phone.len == 0 || name.len == 0)
    {
        return;                         /* nobody has signed in there */
    }

    if (!wm_visitor_take(w->pool, &w->site->realm, ngx_wenming_wm(name),
                         ngx_wenming_wm(phone), &w->visitor))
    {
        ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                      "wenming: wenming_identity gave no name and phone that "
                      "can be used");
    }
}
