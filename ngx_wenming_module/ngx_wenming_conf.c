#include "ngx_wenming_conf.h"
#include "ngx_wenming_metrics.h"
#include "ngx_wenming_trail.h"
#include "wm_embed.h"
#include "wm_time.h"

/* with the hash of the style in a page, and who may frame it */

#define NGX_WENMING_CSP                                                      \
    "default-src 'none'; style-src 'self' '%*s'; img-src 'self' data:; "     \
    "script-src 'self'%s; connect-src 'self'; form-action 'self'; "          \
    "base-uri 'none'; frame-ancestors %V"


void *
ngx_wenming_pool_alloc(void *pool, size_t size)
{
    return ngx_palloc(pool, size);
}


wm_template_t *
ngx_wenming_conf_template(const ngx_wenming_loc_conf_t *conf,
    const char *name)
{
    ngx_uint_t               i;
    ngx_wenming_template_t  *t = conf->templates.elts;

    for (i = 0; i < conf->templates.nelts; i++) {
        if (wm_is(ngx_wenming_wm(t[i].name), name)) {
            return t[i].template;
        }
    }

    return NULL;
}


/* A small file, whole.  secret: refused when others may read it. */

static char *
ngx_wenming_conf_read(ngx_conf_t *cf, ngx_str_t *name, ngx_uint_t secret,
    ngx_str_t *text)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "wenming: cannot open \"%V\"", name);
        return NGX_CONF_ERROR;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)
        || ngx_file_size(&fi) > 1024 * 1024)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming: \"%V\" is no small regular file", name);
        goto failed;
    }

    if (secret && (fi.st_mode & 077) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming: others may read the secret file \"%V\"; "
                           "run: chmod 600 %V", name, name);
        goto failed;
    }

    text->len = (size_t) ngx_file_size(&fi);
    text->data = ngx_pnalloc(cf->pool, text->len + 1);

    if (text->data == NULL) {
        goto failed;
    }

    n = ngx_read_fd(fd, text->data, text->len);

    if (n < 0 || (size_t) n != text->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "wenming: cannot read \"%V\"", name);
        goto failed;
    }

    text->data[text->len] = '\0';
    ngx_close_file(fd);

    return NGX_CONF_OK;

failed:

    ngx_close_file(fd);

    return NGX_CONF_ERROR;
}


static void
ngx_wenming_conf_forget_keys(void *data)
{
    wm_keyring_destroy(data);
}


static char *
ngx_wenming_conf_keys(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    wm_str_t             error = wm_null;
    ngx_str_t            text;
    wm_pool_t            pool;
    wm_keyfile_t         file;
    wm_keyring_t        *ring;
    ngx_pool_cleanup_t  *cln;

    wm_pool_init(&pool, ngx_wenming_pool_alloc, cf->pool);

    if (conf->keys_file.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming needs \"wenming_keys FILE\"; make the "
                           "file with: wenming keys new FILE");
        return NGX_CONF_ERROR;
    }

    if (ngx_wenming_conf_read(cf, &conf->keys_file, 1, &text)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (!wm_keyfile_parse(&pool, ngx_wenming_wm(text), &file, &error)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming: key file \"%V\": %*s", &conf->keys_file,
                           error.len, error.data);
        return NGX_CONF_ERROR;
    }

    if (wm_keyfile_is_sample(&file)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming: key file \"%V\" has a sample key out of "
                           "the documentation; make one with: "
                           "wenming keys new FILE", &conf->keys_file);
        return NGX_CONF_ERROR;
    }

    ring = wm_keyring_create(&pool, &file, ngx_wenming_wm(conf->district));

    wm_wipe(&file, sizeof(file));
    wm_wipe(text.data, text.len);

    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (ring == NULL || cln == NULL) {
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_wenming_conf_forget_keys;
    cln->data = ring;

    conf->site.realm.ring = ring;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_wenming_conf_host_valid(const u_char *p, const u_char *last)
{
    if (p == last) {
        return 0;
    }

    for ( /* void */ ; p < last; p++) {
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
              || (*p >= '0' && *p <= '9') || ngx_strchr(".-:[]", *p) != NULL))
        {
            return 0;
        }
    }

    return 1;
}


/* https://host[:port]/path, the path being the location's. */

static char *
ngx_wenming_conf_url(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    size_t      scheme;
    u_char     *p, *last;
    ngx_str_t   url = conf->public_url, host;

    if (url.len > 0 && url.data[url.len - 1] == '/') {
        url.len--;
    }

    scheme = url.len > 8 && ngx_strncmp(url.data, "https://", 8) == 0 ? 8
             : url.len > 7 && ngx_strncmp(url.data, "http://", 7) == 0 ? 7
             : 0;

    last = url.data + url.len;
    p = scheme > 0 ? ngx_strlchr(url.data + scheme, last, '/') : NULL;

    if (p == NULL || !ngx_wenming_conf_host_valid(url.data + scheme, p)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming needs \"wenming_public_url "
                           "https://host%*s\": the address that residents "
                           "see, got \"%V\"", conf->location.len - 1,
                           conf->location.data, &conf->public_url);
        return NGX_CONF_ERROR;
    }

    if ((size_t) (last - p) != conf->location.len - 1
        || ngx_strncmp(p, conf->location.data, last - p) != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming_public_url \"%V\" must end in the path "
                           "of its location, \"%V\"", &conf->public_url,
                           &conf->location);
        return NGX_CONF_ERROR;
    }

    host.data = ngx_pnalloc(cf->pool, p - url.data);
    if (host.data == NULL) {
        return NGX_CONF_ERROR;
    }

    host.len = p - url.data - scheme;
    ngx_strlow(host.data, url.data + scheme, host.len);

    conf->secure = scheme == 8;
    conf->site.realm.host = ngx_wenming_wm(host);
    conf->site.url = ngx_wenming_wm(url);
    conf->site.origin = (wm_str_t) { p - url.data, (char *) url.data };
    conf->site.base = (wm_str_t) { last - p, (char *) p };

    return NGX_CONF_OK;
}


static char *
ngx_wenming_conf_offset(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    ngx_int_t   h, m;
    ngx_str_t  *s = &conf->utc_offset;

    if (s->len == 6 && (s->data[0] == '+' || s->data[0] == '-')
        && s->data[3] == ':')
    {
        h = ngx_atoi(s->data + 1, 2);
        m = ngx_atoi(s->data + 4, 2);

        if (h != NGX_ERROR && m != NGX_ERROR && h <= 14 && m < 60) {
            conf->site.offset = (int) ((s->data[0] == '-' ? -1 : 1)
                                       * (h * 60 + m));
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "wenming_utc_offset \"%V\" is not like +08:00", s);

    return NGX_CONF_ERROR;
}


/* redis://host:port/db, resolved now: a worker never waits for a name. */

static char *
ngx_wenming_conf_redis_tcp(ngx_conf_t *cf, ngx_str_t *address,
    ngx_wenming_redis_conf_t *redis)
{
    u_char      *p, *last;
    ngx_int_t    db;
    ngx_url_t    url;
    ngx_str_t    numeric;

    last = address->data + address->len;
    p = ngx_strlchr(address->data + 8, last, '/');

    ngx_memzero(&url, sizeof(ngx_url_t));

    url.url.data = address->data + 8;
    url.url.len = (p != NULL ? p : last) - url.url.data;
    url.default_port = 6379;

    db = p != NULL && last - p > 1 ? ngx_atoi(p + 1, last - p - 1) : 0;

    if (ngx_parse_url(cf->pool, &url) != NGX_OK || db == NGX_ERROR
        || url.naddrs == 0 || url.addrs[0].sockaddr->sa_family == AF_UNIX)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "wenming_redis \"%V\": %s", address,
                           url.err != NULL ? url.err : "no address in it");
        return NGX_CONF_ERROR;
    }

    numeric.data = ngx_pcalloc(cf->pool, NGX_SOCKADDR_STRLEN + 1);
    if (numeric.data == NULL) {
        return NGX_CONF_ERROR;
    }

    numeric.len = ngx_sock_ntop(url.addrs[0].sockaddr, url.addrs[0].socklen,
                                numeric.data, NGX_SOCKADDR_STRLEN, 0);
    numeric.data[numeric.len] = '\0';

    redis->host = numeric;
    redis->port = ngx_inet_get_port(url.addrs[0].sockaddr);
    redis->db = db;

    return NGX_CONF_OK;
}


static char *
ngx_wenming_conf_redis_address(ngx_conf_t *cf, ngx_str_t *address,
    ngx_wenming_redis_conf_t *redis)
{
    redis->name = *address;

    if (ngx_strncmp(address->data, "unix:/", 6) == 0
        && address->len - 5 < sizeof(((struct sockaddr_un *) 0)->sun_path))
    {
        redis->path.data = address->data + 5;
        redis->path.len = address->len - 5;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(address->data, "redis://", 8) == 0) {
        return ngx_wenming_conf_redis_tcp(cf, address, redis);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "wenming needs \"wenming_redis unix:/path/socket\" "
                       "(a short path) or \"redis://host:port/db\", "
                       "got \"%V\"", address);

    return NGX_CONF_ERROR;
}


static ngx_wenming_redis_t *
ngx_wenming_conf_redis_find(ngx_wenming_main_conf_t *wmcf,
    const ngx_wenming_redis_conf_t *want)
{
    ngx_uint_t                       i;
    ngx_wenming_redis_t            **all = wmcf->redis.elts;
    const ngx_wenming_redis_conf_t  *have;

    for (i = 0; i < wmcf->redis.nelts; i++) {
        have = ngx_wenming_redis_conf(all[i]);

        if (have->name.len == want->name.len
            && ngx_strncmp(have->name.data, want->name.data, want->name.len)
               == 0
            && wm_eq(ngx_wenming_wm(have->password),
                     ngx_wenming_wm(want->password))
            && have->timeout == want->timeout
            && have->durability == want->durability)
        {
            return all[i];
        }
    }

    return NULL;
}


static char *
ngx_wenming_conf_redis(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    ngx_str_t                  text;
    ngx_wenming_redis_t      **slot;
    ngx_wenming_main_conf_t   *wmcf;
    ngx_wenming_redis_conf_t   redis;

    ngx_memzero(&redis, sizeof(ngx_wenming_redis_conf_t));

    if (ngx_wenming_conf_redis_address(cf, &conf->redis_address, &redis)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->password_file.len > 0) {
        if (ngx_wenming_conf_read(cf, &conf->password_file, 1, &text)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }

        while (text.len > 0 && text.data[text.len - 1] <= ' ') {
            text.len--;
        }

        redis.password = text;
    }

    redis.timeout = conf->redis_timeout;
    redis.durability = (ngx_wenming_durability_e) conf->durability;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_wenming_module);
    conf->redis = ngx_wenming_conf_redis_find(wmcf, &redis);

    if (conf->redis != NULL) {
        return NGX_CONF_OK;
    }

    slot = ngx_array_push(&wmcf->redis);
    conf->redis = ngx_wenming_redis_create(cf->pool, &redis);

    if (slot == NULL || conf->redis == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = conf->redis;

    return NGX_CONF_OK;
}


/* ---- templates: built in, or from the district's own directory */

typedef struct {
    ngx_conf_t  *cf;
    ngx_str_t   *dir;
} ngx_wenming_template_source_t;


static wm_str_t
ngx_wenming_conf_load_template(void *data, wm_str_t name)
{
    u_char                         *p;
    ngx_str_t                       path, text;
    ngx_file_info_t                 fi;
    const wm_embedded_t            *e;
    ngx_wenming_template_source_t  *source = data;

    if (source->dir->len > 0) {
        path.len = source->dir->len + 1 + name.len + 5;
        path.data = ngx_pnalloc(source->cf->pool, path.len + 1);
        if (path.data == NULL) {
            return wm_null;
        }

        p = ngx_cpymem(path.data, source->dir->data, source->dir->len);
        *p++ = '/';
        p = ngx_cpymem(p, name.data, name.len);
        ngx_cpystrn(p, (u_char *) ".html", 6);

        if (ngx_file_info(path.data, &fi) != NGX_FILE_ERROR) {
            return ngx_wenming_conf_read(source->cf, &path, 0, &text)
                   == NGX_CONF_OK ? ngx_wenming_wm(text) : wm_null;
        }
    }

    for (e = wm_templates; e->name.data != NULL; e++) {
        if (wm_eq(e->name, name)) {
            return e->text;
        }
    }

    return wm_null;
}


static char *
ngx_wenming_conf_templates(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    wm_pool_t                      pool;
    ngx_file_info_t                fi;
    const wm_embedded_t           *e;
    wm_template_error_t            error;
    ngx_wenming_template_t        *t;
    ngx_wenming_template_source_t  source = { cf, &conf->templates_dir };

    wm_pool_init(&pool, ngx_wenming_pool_alloc, cf->pool);

    if (conf->templates_dir.len > 0
        && (ngx_file_info(conf->templates_dir.data, &fi) == NGX_FILE_ERROR
            || !ngx_is_dir(&fi)))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "wenming_templates \"%V\" is no directory",
                           &conf->templates_dir);
        return NGX_CONF_ERROR;
    }

    if (ngx_array_init(&conf->templates, cf->pool, 32,
                       sizeof(ngx_wenming_template_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (e = wm_templates; e->name.data != NULL; e++) {
        t = ngx_array_push(&conf->templates);
        if (t == NULL) {
            return NGX_CONF_ERROR;
        }

        t->name = ngx_wenming_ngx(e->name);
        t->template = wm_template_parse(&pool, e->name,
                                        ngx_wenming_conf_load_template,
                                        &source, &error);

        if (t->template == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "wenming: template %V%s%*s.html:%ui: %*s",
                               &conf->templates_dir,
                               conf->templates_dir.len > 0 ? "/" : "",
                               error.file.len, error.file.data,
                               (ngx_uint_t) error.line, error.what.len,
                               error.what.data);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* ---- what a page may load, and who may frame it */

static char *
ngx_wenming_conf_csp(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf,
    const char *scripts, ngx_str_t *csp)
{
    u_char     *p;
    ngx_str_t   who = conf->frame_ancestors;

    if (who.len == 0) {
        ngx_str_set(&who, "'self'");
    }

    p = ngx_pnalloc(cf->pool, sizeof(NGX_WENMING_CSP) + wm_style_hash.len
                              + who.len + ngx_strlen(scripts));
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    csp->data = p;
    csp->len = ngx_sprintf(p, NGX_WENMING_CSP, wm_style_hash.len,
                           wm_style_hash.data, scripts, &who)
               - p;

    return NGX_CONF_OK;
}


/* ---- cookies: __Host- wherever the public address allows it */

static char *
ngx_wenming_conf_cookie(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf,
    const char *kind, ngx_str_t *name)
{
    name->data = ngx_pnalloc(cf->pool, sizeof("__Host-wm__") + 16
                             + conf->district.len);
    if (name->data == NULL) {
        return NGX_CONF_ERROR;
    }

    name->len = ngx_sprintf(name->data, "%swm_%V_%s",
                            conf->secure ? "__Host-" : "", &conf->district,
                            kind)
                - name->data;

    return NGX_CONF_OK;
}


static char *
ngx_wenming_conf_cookies(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    if (ngx_wenming_conf_cookie(cf, conf, "device", &conf->cookie_device)
            != NGX_CONF_OK
        || ngx_wenming_conf_cookie(cf, conf, "staff", &conf->cookie_staff)
               != NGX_CONF_OK
        || ngx_wenming_conf_cookie(cf, conf, "look", &conf->cookie_look)
               != NGX_CONF_OK
        || ngx_wenming_conf_cookie(cf, conf, "ticket", &conf->cookie_ticket)
               != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_wenming_conf_checkpoints(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    u_char     *slash;
    ngx_str_t   name = conf->checkpoints_file;

    if (name.len == 0) {
        /* beside nginx's own logs: a place that is there and writable */

        slash = (u_char *) strrchr(NGX_HTTP_LOG_PATH, '/');

        name.data = ngx_pnalloc(cf->pool, sizeof(NGX_HTTP_LOG_PATH) + 32);
        if (name.data == NULL) {
            return NGX_CONF_ERROR;
        }

        name.len = ngx_sprintf(name.data, "%*swenming.checkpoints",
                               slash == NULL ? (size_t) 0
                               : (size_t) (slash + 1
                                           - (u_char *) NGX_HTTP_LOG_PATH),
                               NGX_HTTP_LOG_PATH)
                   - name.data;
        name.data[name.len] = '\0';
    }

    conf->checkpoints = ngx_conf_open_file(cf->cycle, &name);

    return conf->checkpoints != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_wenming_conf_build(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    ngx_wenming_loc_conf_t   **slot;
    ngx_wenming_main_conf_t   *wmcf;

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_wenming_module);

    conf->site.district = ngx_wenming_wm(conf->district);
    conf->site.realm.district = conf->site.district;
    conf->site.deadlines = conf->deadlines;
    conf->site.totp_required = conf->staff_totp == 1;
    conf->site.has_sms = conf->sms.len > 0;
    conf->site.wechat = ngx_wenming_wm(conf->wechat_appid);
    conf->site.has_login = conf->identity_phone != NULL;
    conf->site.offers.before_ms = (int64_t) conf->offer_before * 1000;
    conf->site.offers.hold_ms = (int64_t) conf->offer_hold * 1000;

    if (ngx_wenming_conf_offset(cf, conf) != NGX_CONF_OK
        || ngx_wenming_conf_url(cf, conf) != NGX_CONF_OK
        || ngx_wenming_conf_keys(cf, conf) != NGX_CONF_OK
        || ngx_wenming_conf_redis(cf, conf) != NGX_CONF_OK
        || ngx_wenming_conf_templates(cf, conf) != NGX_CONF_OK
        || ngx_wenming_conf_csp(cf, conf, "", &conf->csp) != NGX_CONF_OK
        || ngx_wenming_conf_csp(cf, conf, " 'wasm-unsafe-eval'",
                                &conf->csp_camera) != NGX_CONF_OK
        || ngx_wenming_conf_cookies(cf, conf) != NGX_CONF_OK
        || ngx_wenming_conf_checkpoints(cf, conf) != NGX_CONF_OK
        || ngx_wenming_trail_file(cf, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    conf->batch = ngx_wenming_batch_create(cf->pool, conf->redis);
    conf->metrics = ngx_wenming_metrics_zone(cf, &conf->district);
    slot = ngx_array_push(&wmcf->locations);

    if (conf->batch == NULL || conf->metrics == NULL || slot == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = conf;

    return NGX_CONF_OK;
}
