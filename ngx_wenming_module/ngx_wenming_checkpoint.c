#include "ngx_wenming_checkpoint.h"
#include "ngx_wenming_metrics.h"
#include "wm_checkpoint.h"
#include "wm_lag.h"
#include "wm_time.h"

#define NGX_WENMING_CHECKPOINT_MS    60000
#define NGX_WENMING_CHECKPOINT_ASKS  4

typedef struct {
    ngx_event_t                timer;
    ngx_wenming_loc_conf_t    *conf;
    ngx_pool_t                *pool;    /* of the read under way */
    wm_pool_t                  wm;
    wm_str_t                   argv[NGX_WENMING_CHECKPOINT_ASKS][4];
    ngx_wenming_command_t      commands[NGX_WENMING_CHECKPOINT_ASKS];
    int64_t                    last;    /* the number written last */
    int64_t                    known;   /* before the read, for metrics */
} ngx_wenming_checkpoint_t;


static void
ngx_wenming_checkpoint_write(ngx_wenming_checkpoint_t *cp, wm_str_t head)
{
    char      iso[WM_TIME_TEXT];
    wm_str_t  number, line;
    uint64_t  n;

    if (!wm_split(&head, ' ', &number) || !wm_parse_uint(number, INT64_MAX, &n)
        || head.len != 40)
    {
        return;
    }

    ngx_wenming_metrics_journal_read(cp->conf, cp->known, (int64_t) n);

    if ((int64_t) n == cp->last) {
        return;                         /* nothing new */
    }

    line = wm_checkpoint_line(&cp->wm, cp->conf->site.realm.ring,
                              cp->conf->site.district, number, head,
                              wm_time_iso((int64_t) ngx_time() * 1000, 0,
                                          iso));
    line = line.data != NULL ? wm_printf(&cp->wm, "%.*s\n", wm_fmt(line))
                             : wm_null;
    if (line.data == NULL) {
        return;
    }

    if (ngx_write_fd(cp->conf->checkpoints->fd, (u_char *) line.data,
                     line.len)
        != (ssize_t) line.len)
    {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno,
                      "wenming: cannot write a checkpoint to \"%V\"",
                      &cp->conf->checkpoints->name);
        return;
    }

    cp->last = (int64_t) n;
}


/* How far archives and notifications are behind, for metrics. */

static void
ngx_wenming_checkpoint_lag(ngx_wenming_checkpoint_t *cp,
    const wm_reply_t *replies)
{
    bool       any;
    wm_lag_t   lag;

    any = wm_lag_least(&replies[0], &lag);

    ngx_wenming_metrics_keep(cp->conf, NGX_WENMING_KEPT_ARCHIVED,
                             any ? lag.number : -1);
    ngx_wenming_metrics_keep(cp->conf, NGX_WENMING_KEPT_ARCHIVED_AT,
                             any ? lag.at_ms / 1000 : -1);
    ngx_wenming_metrics_keep(cp->conf, NGX_WENMING_KEPT_OUTBOX_DUE,
                             replies[1].type == WM_REPLY_INT
                             ? replies[1].num : -1);
    ngx_wenming_metrics_keep(cp->conf, NGX_WENMING_KEPT_OUTBOX_DEAD,
                             replies[2].type == WM_REPLY_INT
                             ? replies[2].num : -1);
}


static void
ngx_wenming_checkpoint_read(void *data, ngx_wenming_redis_rc_e rc,
    wm_reply_t *replies, size_t n)
{
    ngx_pool_t                *pool;
    ngx_wenming_checkpoint_t  *cp = data;

    pool = cp->pool;

    if (rc == NGX_WENMING_REDIS_OK && replies[0].type == WM_REPLY_STR) {
        ngx_wenming_checkpoint_write(cp, replies[0].str);

    } else if (rc == NGX_WENMING_REDIS_OK && replies[0].type == WM_REPLY_NIL) {
        ngx_wenming_metrics_journal_read(cp->conf, cp->known, 0);
    }

    if (rc == NGX_WENMING_REDIS_OK && n == NGX_WENMING_CHECKPOINT_ASKS) {
        ngx_wenming_checkpoint_lag(cp, &replies[1]);
    }

    cp->pool = NULL;
    ngx_destroy_pool(pool);
}


static ngx_uint_t
ngx_wenming_checkpoint_ask(ngx_wenming_checkpoint_t *cp, ngx_uint_t i,
    const char *command, const char *key)
{
    cp->argv[i][0] = wm_str(command);
    cp->argv[i][1] = wm_key(&cp->wm, cp->conf->site.district, "%s", key);
    cp->commands[i] = (ngx_wenming_command_t) { 2, cp->argv[i] };

    return cp->argv[i][1].data != NULL;
}


static ngx_uint_t
ngx_wenming_checkpoint_asks(ngx_wenming_checkpoint_t *cp)
{
    ngx_uint_t  ok;

    ok = ngx_wenming_checkpoint_ask(cp, 0, "GET", "head");
    ok &= ngx_wenming_checkpoint_ask(cp, 1, "HGETALL", "archived");
    ok &= ngx_wenming_checkpoint_ask(cp, 2, "ZCOUNT", "outbox_due");
    ok &= ngx_wenming_checkpoint_ask(cp, 3, "ZCARD", "outbox_dead");

    cp->argv[2][2] = wm_lit("-inf");
    cp->argv[2][3] = wm_printf(&cp->wm, "%lld",
                               (long long) ngx_time() * 1000);
    cp->commands[2].argc = 4;

    return ok && cp->argv[2][3].data != NULL;
}


static void
ngx_wenming_checkpoint_timer(ngx_event_t *event)
{
    ngx_wenming_checkpoint_t  *cp = event->data;

    ngx_add_timer(&cp->timer, NGX_WENMING_CHECKPOINT_MS);

    if (cp->pool != NULL) {
        return;
    }

    cp->pool = ngx_create_pool(4096, ngx_cycle->log);
    if (cp->pool == NULL) {
        return;
    }

    wm_pool_init(&cp->wm, ngx_wenming_pool_alloc, cp->pool);
    cp->known = ngx_wenming_metrics_journal(cp->conf);

    if (!ngx_wenming_checkpoint_asks(cp)
        || ngx_wenming_redis_send(cp->conf->redis, &cp->wm, cp->commands,
                                  NGX_WENMING_CHECKPOINT_ASKS,
                                  NGX_WENMING_REDIS_READ,
                                  ngx_wenming_checkpoint_read, cp)
           == NULL)
    {
        ngx_destroy_pool(cp->pool);
        cp->pool = NULL;
    }
}


/* One location of a district is enough. */

static ngx_uint_t
ngx_wenming_checkpoint_has(ngx_wenming_loc_conf_t **locations, ngx_uint_t i)
{
    ngx_uint_t  j;

    for (j = 0; j < i; j++) {
        if (wm_eq(locations[j]->site.district, locations[i]->site.district)
            && locations[j]->redis == locations[i]->redis)
        {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_wenming_checkpoint_start(ngx_cycle_t *cycle,
    ngx_wenming_main_conf_t *wmcf)
{
    ngx_uint_t                  i;
    ngx_wenming_loc_conf_t    **locations = wmcf->locations.elts;
    ngx_wenming_checkpoint_t   *cp;

    if (ngx_worker != 0) {
        return NGX_OK;
    }

    for (i = 0; i < wmcf->locations.nelts; i++) {
        if (ngx_wenming_checkpoint_has(locations, i)) {
            continue;
        }

        cp = ngx_pcalloc(cycle->pool, sizeof(ngx_wenming_checkpoint_t));
        if (cp == NULL) {
            return NGX_ERROR;
        }

        cp->conf = locations[i];
        cp->timer.data = cp;
        cp->timer.handler = ngx_wenming_checkpoint_timer;
        cp->timer.log = cycle->log;
        cp->timer.cancelable = 1;

        ngx_add_timer(&cp->timer, 1000);
    }

    return NGX_OK;
}
