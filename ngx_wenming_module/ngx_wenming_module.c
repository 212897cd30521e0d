#include "ngx_wenming_cache.h"
#include "ngx_wenming_checkpoint.h"
#include "ngx_wenming_ctx.h"
#include "ngx_wenming_identity.h"
#include "ngx_wenming_limit.h"
#include "ngx_wenming_metrics.h"
#include "ngx_wenming_outside.h"
#include "ngx_wenming_request.h"
#include "ngx_wenming_variable.h"

#include <ngx_thread_pool.h>

static char *ngx_wenming_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_wenming_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_wenming_offers(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_wenming_networks(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_wenming_frame_ancestors(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_wenming_deadlines(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void *ngx_wenming_create_main_conf(ngx_conf_t *cf);
static char *ngx_wenming_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_wenming_create_loc_conf(ngx_conf_t *cf);
static char *ngx_wenming_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_wenming_init_process(ngx_cycle_t *cycle);
static void ngx_wenming_exit_process(ngx_cycle_t *cycle);

static ngx_conf_enum_t  ngx_wenming_durabilities[] = {
#define X(name, text)  { ngx_string(text), NGX_WENMING_DURABLE_##name },
    NGX_WENMING_DURABILITIES(X)
#undef X
    { ngx_null_string, 0 }
};

static ngx_conf_enum_t  ngx_wenming_staff_totps[] = {
    { ngx_string("optional"), 0 },
    { ngx_string("required"), 1 },
    { ngx_null_string, 0 }
};

static const struct {
    ngx_str_t   word;
    int64_t     seconds;
} ngx_wenming_deadline_words[WM_DEADLINE_MAX] = {
    { ngx_null_string, 0 },
#define X(name, word, seconds)  { ngx_string(word "="), seconds },
    WM_DEADLINES(X)
#undef X
};

#define NGX_WENMING_OFFERS_MAX  (30 * 86400)

#define NGX_WENMING_ANYWHERE  (NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF        \
                               | NGX_HTTP_LOC_CONF)

static ngx_command_t  ngx_wenming_commands[] = {

    { ngx_string("wenming"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_wenming_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("wenming_public_url"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, public_url),
      NULL },

    { ngx_string("wenming_redis"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, redis_address),
      NULL },

    { ngx_string("wenming_redis_password_file"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, password_file),
      NULL },

    { ngx_string("wenming_redis_timeout"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, redis_timeout),
      NULL },

    { ngx_string("wenming_durability"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, durability),
      &ngx_wenming_durabilities },

    { ngx_string("wenming_keys"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, keys_file),
      NULL },

    { ngx_string("wenming_checkpoints"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, checkpoints_file),
      NULL },

    { ngx_string("wenming_audit_log"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, audit_file),
      NULL },

    { ngx_string("wenming_templates"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, templates_dir),
      NULL },

    { ngx_string("wenming_utc_offset"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, utc_offset),
      NULL },

    { ngx_string("wenming_offers"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE2,
      ngx_wenming_offers,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("wenming_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_wenming_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("wenming_identity"),
      NGX_WENMING_ANYWHERE|NGX_CONF_1MORE,
      ngx_wenming_identity_directive,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("wenming_sms"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_wenming_outside_sms,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("wenming_wechat"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE2,
      ngx_wenming_outside_wechat,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("wenming_health"),
      NGX_WENMING_ANYWHERE|NGX_CONF_1MORE,
      ngx_wenming_networks,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, health),
      NULL },

    { ngx_string("wenming_unlimited"),
      NGX_WENMING_ANYWHERE|NGX_CONF_1MORE,
      ngx_wenming_networks,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, unlimited),
      NULL },

    { ngx_string("wenming_frame_ancestors"),
      NGX_WENMING_ANYWHERE|NGX_CONF_1MORE,
      ngx_wenming_frame_ancestors,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("wenming_staff_totp"),
      NGX_WENMING_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_wenming_loc_conf_t, staff_totp),
      &ngx_wenming_staff_totps },

    { ngx_string("wenming_deadlines"),
      NGX_WENMING_ANYWHERE|NGX_CONF_1MORE,
      ngx_wenming_deadlines,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};

static ngx_http_module_t  ngx_wenming_module_ctx = {
    ngx_wenming_variables_add,             /* preconfiguration */
    NULL,                                  /* postconfiguration */

    ngx_wenming_create_main_conf,          /* create main configuration */
    ngx_wenming_init_main_conf,            /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_wenming_create_loc_conf,           /* create location configuration */
    ngx_wenming_merge_loc_conf             /* merge location configuration */
};

ngx_module_t  ngx_wenming_module = {
    NGX_MODULE_V1,
    &ngx_wenming_module_ctx,               /* module context */
    ngx_wenming_commands,                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_wenming_init_process,              /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_wenming_exit_process,              /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static void *
ngx_wenming_create_main_conf(ngx_conf_t *cf)
{
    ngx_wenming_main_conf_t  *wmcf;

    wmcf = ngx_pcalloc(cf->pool, sizeof(ngx_wenming_main_conf_t));

    if (wmcf == NULL
        || ngx_array_init(&wmcf->redis, cf->pool, 2,
                          sizeof(ngx_wenming_redis_t *))
           != NGX_OK
        || ngx_array_init(&wmcf->locations, cf->pool, 2,
                          sizeof(ngx_wenming_loc_conf_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return wmcf;
}


/* The zone of shared answers, when the configuration does not name one. */

static char *
ngx_wenming_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_str_t                 name = ngx_string("wenming");
    ngx_wenming_main_conf_t  *wmcf = conf;

    if (wmcf->limits == NULL) {
        return NGX_CONF_OK;             /* no location uses the module */
    }

    if (wmcf->cache == NULL) {
        wmcf->cache = ngx_wenming_cache_zone(cf, &name,
                                             NGX_WENMING_CACHE_SIZE);
    }

    return wmcf->cache != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static void *
ngx_wenming_create_loc_conf(ngx_conf_t *cf)
{
    ngx_uint_t               i;
    ngx_wenming_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_wenming_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->redis_timeout = NGX_CONF_UNSET_MSEC;
    conf->durability = NGX_CONF_UNSET_UINT;
    conf->staff_totp = NGX_CONF_UNSET_UINT;
    conf->offer_before = NGX_CONF_UNSET;
    conf->offer_hold = NGX_CONF_UNSET;
    conf->health = NGX_CONF_UNSET_PTR;
    conf->unlimited = NGX_CONF_UNSET_PTR;

    for (i = 0; i < WM_DEADLINE_MAX; i++) {
        conf->deadlines.s[i] = NGX_CONF_UNSET;
    }

    return conf;
}


static char *
ngx_wenming_default_health(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    ngx_uint_t    i;
    ngx_str_t     loopback[] = { ngx_string("127.0.0.0/8"),
                                 ngx_string("::1") };
    ngx_cidr_t   *cidr;

    conf->health_is_default = 1;
    conf->health = ngx_array_create(cf->pool, 2, sizeof(ngx_cidr_t));
    if (conf->health == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < wm_countof(loopback); i++) {
        cidr = ngx_array_push(conf->health);
        if (cidr == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_ptocidr(&loopback[i], cidr) == NGX_ERROR) {
            conf->health->nelts--;      /* built without IPv6 */
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_wenming_full_name(ngx_conf_t *cf, ngx_str_t *name)
{
    return name->len > 0 ? ngx_conf_full_name(cf->cycle, name, 1) : NGX_OK;
}


static void
ngx_wenming_merge_deadlines(wm_deadlines_t *conf, const wm_deadlines_t *prev)
{
    ngx_uint_t  i;

    for (i = 0; i < WM_DEADLINE_MAX; i++) {
        ngx_conf_merge_value(conf->s[i], prev->s[i],
                             ngx_wenming_deadline_words[i].seconds);
    }
}


static char *
ngx_wenming_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_wenming_loc_conf_t    *prev = parent;
    ngx_wenming_loc_conf_t    *conf = child;
    ngx_http_core_loc_conf_t  *clcf;

    ngx_conf_merge_str_value(conf->redis_address, prev->redis_address, "");
    ngx_conf_merge_str_value(conf->password_file, prev->password_file, "");
    ngx_conf_merge_msec_value(conf->redis_timeout, prev->redis_timeout, 1500);
    ngx_conf_merge_uint_value(conf->durability, prev->durability,
                              NGX_WENMING_DURABLE_ALWAYS);
    ngx_conf_merge_uint_value(conf->staff_totp, prev->staff_totp, 0);
    ngx_conf_merge_sec_value(conf->offer_before, prev->offer_before,
                             WM_OFFERS_BEFORE_MS / 1000);
    ngx_conf_merge_sec_value(conf->offer_hold, prev->offer_hold,
                             WM_OFFERS_HOLD_MS / 1000);
    ngx_conf_merge_str_value(conf->keys_file, prev->keys_file, "");
    ngx_conf_merge_str_value(conf->frame_ancestors, prev->frame_ancestors,
                             "");
    ngx_conf_merge_str_value(conf->checkpoints_file, prev->checkpoints_file,
                             "");
    ngx_conf_merge_str_value(conf->audit_file, prev->audit_file, "");
    ngx_conf_merge_str_value(conf->templates_dir, prev->templates_dir, "");
    ngx_conf_merge_str_value(conf->sms, prev->sms, "");
    ngx_conf_merge_str_value(conf->wechat, prev->wechat, "");
    ngx_conf_merge_str_value(conf->wechat_appid, prev->wechat_appid, "");
    ngx_conf_merge_str_value(conf->utc_offset, prev->utc_offset, "+08:00");
    ngx_conf_merge_ptr_value(conf->health, prev->health, NULL);
    ngx_conf_merge_ptr_value(conf->unlimited, prev->unlimited, NULL);
    ngx_wenming_merge_deadlines(&conf->deadlines, &prev->deadlines);

    if (conf->identity_phone == NULL) {
        conf->identity_phone = prev->identity_phone;
        conf->identity_name = prev->identity_name;
    }

    if (conf->district.len == 0) {
        return NGX_CONF_OK;
    }

    if (conf->health == NULL
        && ngx_wenming_default_health(cf, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    conf->location = clcf->name;

    if (ngx_wenming_full_name(cf, &conf->keys_file) != NGX_OK
        || ngx_wenming_full_name(cf, &conf->password_file) != NGX_OK
        || ngx_wenming_full_name(cf, &conf->templates_dir) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_wenming_conf_build(cf, conf);
}


static ngx_uint_t
ngx_wenming_district_valid(ngx_str_t *name)
{
    size_t  i;
    u_char  c;

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return 0;
        }
    }

    return name->len > 0 && name->len <= 32;
}


static char *
ngx_wenming_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_str_t                 *value = cf->args->elts;
    ngx_wenming_loc_conf_t    *conf = data;
    ngx_wenming_main_conf_t   *wmcf;
    ngx_http_core_loc_conf_t  *clcf;

    if (conf->district.len > 0) {
        return "is duplicate";
    }

    if (!ngx_wenming_district_valid(&value[1])) {
        return "needs a district's name of a-z, 0-9 and -, "
               "at most 32 characters";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->name.len < 2 || clcf->name.data[0] != '/'
        || clcf->name.data[clcf->name.len - 1] != '/'
#if (NGX_PCRE)
        || clcf->regex
#endif
        || clcf->exact_match)
    {
        return "belongs into a prefix location that ends in a slash, "
               "like \"location ^~ /wenming/\"";
    }

    conf->district = value[1];
    clcf->handler = ngx_wenming_handler;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_wenming_module);

    if (wmcf->limits == NULL) {
        wmcf->limits = ngx_wenming_limit_zone(cf);
        wmcf->threads = ngx_thread_pool_add(cf, NULL);
    }

    return wmcf->limits != NULL && wmcf->threads != NULL ? NGX_CONF_OK
                                                         : NGX_CONF_ERROR;
}


static char *
ngx_wenming_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ssize_t                   size;
    ngx_str_t                *value = cf->args->elts;
    ngx_wenming_main_conf_t  *wmcf = data;

    if (wmcf->cache != NULL) {
        return "is duplicate";
    }

    size = ngx_parse_size(&value[2]);

    if (size < (ssize_t) (16 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming_zone \"%V\": a size of %uz or more, like "
                           "8m", &value[2], 16 * ngx_pagesize);
        return NGX_CONF_ERROR;
    }

    wmcf->cache = ngx_wenming_cache_zone(cf, &value[1], size);

    return wmcf->cache != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* How long before the start a freed seat is only offered; for how long. */

static char *
ngx_wenming_offers(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_str_t               *value = cf->args->elts;
    ngx_wenming_loc_conf_t  *conf = data;

    if (conf->offer_before != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    conf->offer_before = ngx_parse_time(&value[1], 1);
    conf->offer_hold = ngx_parse_time(&value[2], 1);

    if (conf->offer_before == (time_t) NGX_ERROR
        || conf->offer_before > NGX_WENMING_OFFERS_MAX
        || conf->offer_hold == (time_t) NGX_ERROR
        || conf->offer_hold < 60
        || conf->offer_hold > NGX_WENMING_OFFERS_MAX)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming_offers \"%V %V\" is not like 24h 2h: "
                           "30d at most, the second a minute or more",
                           &value[1], &value[2]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* nginx takes the quotes of 'self' and 'none'; here they are again. */

static ngx_uint_t
ngx_wenming_is_keyword(ngx_str_t *word)
{
    return (word->len == 4 && (ngx_strncmp(word->data, "self", 4) == 0
                               || ngx_strncmp(word->data, "none", 4) == 0));
}


/* Sources as a CSP has them; nothing that would begin another directive. */

static char *
ngx_wenming_frame_ancestors(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    size_t                   len;
    u_char                  *p;
    ngx_str_t               *value = cf->args->elts;
    ngx_uint_t               i;
    ngx_wenming_loc_conf_t  *conf = data;

    if (conf->frame_ancestors.data != NULL) {
        return "is duplicate";
    }

    for (i = 1, len = 0; i < cf->args->nelts; i++) {
        if (value[i].len == 0
            || strspn((char *) value[i].data,
                      "abcdefghijklmnopqrstuvwxyz0123456789.-:/*[]")
               != value[i].len)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "wenming_frame_ancestors \"%V\" is no source "
                               "such as https://www.example.gov.cn or "
                               "self", &value[i]);
            return NGX_CONF_ERROR;
        }

        len += value[i].len + sizeof(" ''") - 1;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    conf->frame_ancestors.data = p;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_sprintf(p, ngx_wenming_is_keyword(&value[i]) ? "%s'%V'"
                                                             : "%s%V",
                        i > 1 ? " " : "", &value[i]);
    }

    conf->frame_ancestors.len = p - conf->frame_ancestors.data;

    return NGX_CONF_OK;
}


static char *
ngx_wenming_networks(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_str_t     *value = cf->args->elts;
    ngx_uint_t     i;
    ngx_cidr_t    *cidr;
    ngx_array_t  **networks;

    networks = (ngx_array_t **) ((char *) data + cmd->offset);

    if (*networks != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    *networks = ngx_array_create(cf->pool, 4, sizeof(ngx_cidr_t));
    if (*networks == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        cidr = ngx_array_push(*networks);
        if (cidr == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_ptocidr(&value[i], cidr) == NGX_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "%V \"%V\" is no address or network",
                               &cmd->name, &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* WORD=TIME, a second to a year; what is not given is inherited. */

static ngx_uint_t
ngx_wenming_deadline(ngx_str_t *value, wm_deadlines_t *deadlines)
{
    ngx_int_t          s;
    ngx_str_t          time;
    ngx_uint_t         i;
    const ngx_str_t   *word;

    for (i = WM_DEADLINE_NONE + 1; i < WM_DEADLINE_MAX; i++) {
        word = &ngx_wenming_deadline_words[i].word;

        if (value->len < word->len
            || ngx_strncmp(value->data, word->data, word->len) != 0)
        {
            continue;
        }

        time.data = value->data + word->len;
        time.len = value->len - word->len;
        s = ngx_parse_time(&time, 1);

        if (s == NGX_ERROR || s < 1 || s > 365 * 86400
            || deadlines->s[i] != NGX_CONF_UNSET)
        {
            return 0;
        }

        deadlines->s[i] = s;

        return 1;
    }

    return 0;
}


static char *
ngx_wenming_deadlines(ngx_conf_t *cf, ngx_command_t *cmd, void *data)
{
    ngx_str_t               *value = cf->args->elts;
    ngx_uint_t               i;
    ngx_wenming_loc_conf_t  *conf = data;

    for (i = WM_DEADLINE_NONE + 1; i < WM_DEADLINE_MAX; i++) {
        if (conf->deadlines.s[i] != NGX_CONF_UNSET) {
            return "is duplicate";
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {
        if (!ngx_wenming_deadline(&value[i], &conf->deadlines)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "wenming_deadlines \"%V\" is not one of "
                               "dispatch=TIME, accept=TIME, schedule=TIME, "
                               "each once, with a time of 1s to 365d, like "
                               "dispatch=24h", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_shm_zone_t *
ngx_wenming_limits(wm_web_t *w)
{
    ngx_wenming_main_conf_t  *wmcf;

    wmcf = ngx_http_get_module_main_conf(ngx_wenming_ctx(w)->request,
                                         ngx_wenming_module);

    return wmcf->limits;
}


/* Of this district; wm_null: no memory. */

static wm_str_t
ngx_wenming_subject(wm_web_t *w, wm_str_t what)
{
    return what.data != NULL ? wm_web_key(w, "%.*s", wm_fmt(what)) : wm_null;
}


static void
ngx_wenming_limit_again(wm_web_t *w, int64_t window_s)
{
    w->again_s = ngx_wenming_limit_end((time_t) window_s)
                 - w->now_ms / 1000;
    wm_limit_reached(w);
}


/* Who has a person's cookie has done something here before. */

static bool
ngx_wenming_is_known(wm_web_t *w)
{
    return w->staff.name.len > 0 || w->visitor.id[0] != '\0'
           || (w->device_known && wm_web_person(w).data != NULL);
}


static ngx_uint_t
ngx_wenming_is_unlimited(ngx_wenming_ctx_t *ctx)
{
    return ctx->conf->unlimited != NULL
           && ngx_cidr_match(ctx->request->connection->sockaddr,
                             ctx->conf->unlimited)
              == NGX_OK;
}


/*
 * A device that comes without a cookie has no budget of its own: it would be
 * another one each time.
 */

wm_verdict_t
wm_take(wm_web_t *w, wm_limit_t what, const char *person)
{
    wm_str_t                device = wm_null, whom = wm_null, address = wm_null;
    wm_verdict_t            verdict;
    const wm_limit_rule_t  *rule = &wm_limit_rules[what];

    if (w->staff.name.len > 0) {
        device = wm_web_key(w, "%s:%.*s", rule->code, wm_fmt(w->staff.name));

    } else if (w->device_known) {
        device = wm_web_key(w, "%s:%s", rule->code, w->device_id);
    }

    if (person != NULL) {
        whom = wm_web_key(w, "%s:%s", rule->code, person);
    }

    if (rule->address != 0 && !ngx_wenming_is_unlimited(ngx_wenming_ctx(w))) {
        address = wm_web_key(w, "%s@%.*s", rule->code, wm_fmt(w->address));
    }

    verdict = ngx_wenming_limit_take(ngx_wenming_limits(w), what, device, whom,
                                     address, ngx_wenming_is_known(w));

    if (verdict != WM_VERDICT_OK) {
        ngx_wenming_limit_again(w, rule->window);
    }

    return verdict;
}


bool
wm_limit(wm_web_t *w, wm_str_t what, int64_t max, int64_t window_s)
{
    wm_str_t  subject;

    subject = ngx_wenming_subject(w, what);

    if (subject.data != NULL
        && ngx_wenming_limit_look(ngx_wenming_limits(w), subject,
                                  (time_t) window_s)
           < (ngx_int_t) max)
    {
        return true;
    }

    ngx_wenming_limit_again(w, window_s);

    return false;
}


void
wm_limit_add(wm_web_t *w, wm_str_t what, int64_t window_s, int n)
{
    wm_str_t  subject;

    subject = ngx_wenming_subject(w, what);

    if (subject.data != NULL) {
        ngx_wenming_limit_add(ngx_wenming_limits(w), subject,
                              (time_t) window_s, n);
    }
}


void
wm_limit_reached(wm_web_t *w)
{
    ngx_wenming_metrics_limited(ngx_wenming_ctx(w));
}


void
wm_web_health(wm_web_t *w, wm_doc_t *doc)
{
    const char           *weakness;
    ngx_wenming_redis_t  *redis = ngx_wenming_ctx(w)->conf->redis;

    weakness = ngx_wenming_redis_weakness(redis);

    wm_doc_bool(doc, "redis", ngx_wenming_redis_is_ready(redis));
    wm_doc_text(doc, "durability",
                (char *) ngx_wenming_durabilities[
                    ngx_wenming_redis_conf(redis)->durability].name.data);
    wm_doc_bool(doc, "durable", ngx_wenming_redis_is_durable(redis));
    wm_doc_text(doc, "weakness", weakness != NULL ? weakness : "");
}


static ngx_int_t
ngx_wenming_init_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                 i;
    ngx_wenming_redis_t      **redis;
    ngx_wenming_main_conf_t   *wmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    wmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_wenming_module);
    if (wmcf == NULL) {
        return NGX_OK;
    }

    redis = wmcf->redis.elts;

    for (i = 0; i < wmcf->redis.nelts; i++) {
        if (ngx_wenming_redis_start(redis[i], cycle) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ngx_wenming_metrics_start(cycle, wmcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_wenming_checkpoint_start(cycle, wmcf);
}


static void
ngx_wenming_exit_process(ngx_cycle_t *cycle)
{
    ngx_uint_t                 i;
    ngx_wenming_redis_t      **redis;
    ngx_wenming_main_conf_t   *wmcf;

    wmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_wenming_module);
    if (wmcf == NULL) {
        return;
    }

    ngx_wenming_metrics_stop(wmcf);

    redis = wmcf->redis.elts;

    wm_aead_cleanup();

    for (i = 0; i < wmcf->redis.nelts; i++) {
        ngx_wenming_redis_stop(redis[i]);
    }
}
