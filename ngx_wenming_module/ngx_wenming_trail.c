#include "ngx_wenming_trail.h"
#include "ngx_wenming_metrics.h"
#include "ngx_wenming_route.h"
#include "wm_trail.h"

#define NGX_WENMING_TRAIL_MODE    0640
#define NGX_WENMING_TRAIL_SILENT  60        /* seconds between two complaints */


char *
ngx_wenming_trail_file(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf)
{
    ngx_fd_t   fd;
    ngx_str_t  name = conf->audit_file;

    if (name.len == 0 || ngx_strcmp(name.data, "off") == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_conf_full_name(cf->cycle, &name, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* nginx would make it for everybody to read; what is there stays */

    fd = open((const char *) name.data,
              O_WRONLY|O_CREAT|O_APPEND|O_NONBLOCK|O_CLOEXEC,
              NGX_WENMING_TRAIL_MODE);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "wenming_audit_log \"%V\" cannot be written",
                           &name);
        return NGX_CONF_ERROR;
    }

    (void) ngx_close_file(fd);

    conf->audit_log = ngx_conf_open_file(cf->cycle, &name);

    return conf->audit_log != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* ---- which requests */

static wm_str_t
ngx_wenming_trail_method(ngx_wenming_ctx_t *ctx)
{
    return wm_str(ngx_wenming_method_name(ctx->asked->method));
}


/*
 * What a worker changes or takes along, whoever signs in, and what somebody
 * was refused.  Who is not signed in at all leaves no line: anybody could
 * fill the disk with them.
 */

static ngx_uint_t
ngx_wenming_trail_wants(ngx_wenming_ctx_t *ctx)
{
    wm_str_t           path;
    const wm_route_t  *route = ctx->asked;

    if (ctx->conf->audit_log == NULL || route == NULL) {
        return 0;
    }

    path = wm_str(route->path);

    if (route->who == WM_STAFF) {
        return ctx->web.staff.name.len > 0 && ctx->said != WM_VERDICT_SIGN_IN
               && (route->method != WM_GET || wm_trail_exports(path)
                   || ctx->said == WM_VERDICT_FORBIDDEN);
    }

    return wm_trail_signs_in(ngx_wenming_trail_method(ctx), path)
           || wm_trail_forgets(ngx_wenming_trail_method(ctx), path);
}


static wm_str_t
ngx_wenming_trail_user(ngx_wenming_ctx_t *ctx)
{
    return ctx->web.signing_in.len > 0 ? ctx->web.signing_in
           : ctx->asked->who == WM_STAFF ? ctx->web.staff.name
           : wm_trail_forgets(ngx_wenming_trail_method(ctx),
                              wm_str(ctx->asked->path))
             ? wm_lit("resident")
             : wm_input(&ctx->web.input, "name")->text;
}


/* Who signs in and gets a form back has done nothing to what it is about. */

static wm_str_t
ngx_wenming_trail_object(ngx_wenming_ctx_t *ctx)
{
    wm_str_t   id;
    wm_web_t  *w = &ctx->web;

    if (w->route != ctx->asked) {
        return wm_null;
    }

    if (w->id.len > 0) {
        return w->id;
    }

    id = wm_doc_get_str(w->doc, "id");

    return id.len > 0 ? id : w->made;
}


/* ---- writing */

/* A rotated file is a new one, made by nginx: nobody else's business. */

static void
ngx_wenming_trail_mode(ngx_fd_t fd)
{
    ngx_file_info_t  fi;

    if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR && ngx_is_file(&fi)
        && (fi.st_mode & 0137) != 0)
    {
        (void) fchmod(fd, NGX_WENMING_TRAIL_MODE);
    }
}


static void
ngx_wenming_trail_lost(ngx_wenming_ctx_t *ctx, ngx_err_t err)
{
    ngx_wenming_metrics_unlogged(ctx);

    if (ngx_time() - ctx->conf->audit_told < NGX_WENMING_TRAIL_SILENT) {
        return;
    }

    ctx->conf->audit_told = ngx_time();
    ngx_log_error(NGX_LOG_ALERT, ctx->request->connection->log, err,
                  "wenming: cannot write to the audit log \"%V\"",
                  &ctx->conf->audit_log->name);
}


static void
ngx_wenming_trail_write(ngx_wenming_ctx_t *ctx, ngx_uint_t success,
    wm_str_t result)
{
    ssize_t      n;
    wm_str_t     line, method, path;
    wm_web_t    *w = &ctx->web;
    ngx_fd_t     fd = ctx->conf->audit_log->fd;
    wm_trail_t   t;

    method = ngx_wenming_trail_method(ctx);
    path = wm_str(ctx->asked->path);

    t = (wm_trail_t) {
        .now_ms = w->now_ms, .offset = w->site->offset, .source = "web",
        .district = w->site->district, .user = ngx_wenming_trail_user(ctx),
        .typed = !success && wm_trail_signs_in(method, path),
        .kind = wm_trail_kind(w->pool, method, path),
        .object = ngx_wenming_trail_object(ctx),
        .route = wm_printf(w->pool, "%.*s %.*s", wm_fmt(method),
                           wm_fmt(path)),
        .success = success, .result = result,
        .address = ngx_wenming_wm(ctx->request->connection->addr_text)
    };

    line = wm_trail_line(w->pool, &t);

    if (line.data == NULL) {
        ngx_wenming_trail_lost(ctx, NGX_ENOMEM);
        return;
    }

    if (ctx->conf->audit_fd != fd) {
        ctx->conf->audit_fd = fd;
        ngx_wenming_trail_mode(fd);
    }

    n = ngx_write_fd(fd, (u_char *) line.data, line.len);

    if (n != (ssize_t) line.len) {
        ngx_wenming_trail_lost(ctx, n < 0 ? ngx_errno : NGX_ENOSPC);
    }
}


void
ngx_wenming_trail_answer(ngx_wenming_ctx_t *ctx)
{
    ngx_uint_t  good;

    if (ctx->counted || !ngx_wenming_trail_wants(ctx)) {
        return;
    }

    good = wm_verdict_status(ctx->said) < 400 && !ctx->web.half_signed_in;

    ngx_wenming_trail_write(ctx, good, ctx->web.half_signed_in
                            ? wm_lit("code_needed")
                            : wm_str(wm_verdict_code(ctx->said)));
}


void
ngx_wenming_trail_gone(ngx_wenming_ctx_t *ctx)
{
    if (!ctx->counted && ctx->commit != NULL && ngx_wenming_trail_wants(ctx)) {
        ngx_wenming_trail_write(ctx, 0, wm_lit("gone"));
    }
}
