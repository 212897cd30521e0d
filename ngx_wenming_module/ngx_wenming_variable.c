#include "ngx_wenming_variable.h"
#include "ngx_wenming_outside.h"


static ngx_int_t
ngx_wenming_variable_set(ngx_http_variable_value_t *v, const char *data,
    size_t len)
{
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = len == 0;
    v->data = (u_char *) data;
    v->len = len;

    return NGX_OK;
}


/* The number of the event that the request is about. */

static ngx_int_t
ngx_wenming_variable_event(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    wm_str_t            event = wm_null;
    ngx_wenming_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_wenming_module);

    if (ctx != NULL) {
        event = ctx->web.event;
    }

    return ngx_wenming_variable_set(v, event.data, event.len);
}


/* The code of the answer: "ok", "created", "code_invalid" and so on. */

static ngx_int_t
ngx_wenming_variable_verdict(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const char         *code = "";
    ngx_wenming_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_wenming_module);

    if (ctx != NULL && ctx->answered) {
        code = wm_verdict_code(ctx->said);
    }

    return ngx_wenming_variable_set(v, code, ngx_strlen(code));
}


/* Seconds that the last commit took, like $upstream_response_time. */

static ngx_int_t
ngx_wenming_variable_commit_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char             *p;
    ngx_msec_t          ms;
    ngx_wenming_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_wenming_module);

    if (ctx == NULL || !ctx->committed) {
        return ngx_wenming_variable_set(v, "", 0);
    }

    ms = (ctx->commit_us + 500) / 1000;

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 4);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_wenming_variable_set(v, (char *) p,
        ngx_sprintf(p, "%T.%03M", (time_t) ms / 1000, ms % 1000)
        - p);
}


/* For the location of wenming_sms, and nowhere else. */

static ngx_int_t
ngx_wenming_variable_phone(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    wm_str_t  phone = ngx_wenming_outside_phone(r);

    return ngx_wenming_variable_set(v, phone.data, phone.len);
}


static ngx_int_t
ngx_wenming_variable_code(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    wm_str_t  code = ngx_wenming_outside_code(r);

    return ngx_wenming_variable_set(v, code.data, code.len);
}


/* For that of wenming_wechat. */

static ngx_int_t
ngx_wenming_variable_wechat(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    wm_str_t  code = ngx_wenming_outside_wechat_code(r);

    return ngx_wenming_variable_set(v, code.data, code.len);
}


/* A subrequest shares its parent's values: what is its own is not kept. */

static ngx_http_variable_t  ngx_wenming_variables[] = {

    { ngx_string("wenming_event"), NULL, ngx_wenming_variable_event, 0, 0, 0 },

    { ngx_string("wenming_verdict"), NULL, ngx_wenming_variable_verdict, 0,
      0, 0 },

    { ngx_string("wenming_commit_time"), NULL,
      ngx_wenming_variable_commit_time, 0, 0, 0 },

    { ngx_string("wenming_sms_phone"), NULL, ngx_wenming_variable_phone, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wenming_sms_code"), NULL, ngx_wenming_variable_code, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("wenming_wechat_code"), NULL, ngx_wenming_variable_wechat, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_wenming_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_wenming_variables; v->name.len > 0; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
