/*
 * Closes the open orders whose wanted days are all over.  All orders of the
 * district are looked at, also those from before there were deadlines.
 */

#include "cli.h"
#include "wm_order_life.h"

#include <stdio.h>

#define WM_EXPIRE_CHUNK  500
#define WM_EXPIRE_TRIES  5

typedef struct {
    wm_redis_t   *redis;
    wm_str_t      district;
    wm_str_t      actor;
    int           offset;
    size_t        open;                 /* that stay so */
    size_t        expired;
} wm_expire_t;


/* One try: WM_COMMIT_UNMET when somebody else was faster. */

static bool
wm_expire_try(wm_expire_t *x, wm_pool_t *pool, wm_str_t id,
    wm_commit_status_t *status)
{
    wm_order_t           order;
    wm_commit_t         *c;
    wm_order_by_t        by = { .tool = true };
    wm_order_args_t      args = { .offset = x->offset };
    const wm_reply_t    *record;
    wm_commit_result_t   result;

    *status = WM_COMMITTED;

    record = wm_redis_hash(x->redis, pool, wm_key(pool, x->district,
                                                  "order:%.*s", wm_fmt(id)));
    if (record == NULL) {
        return false;
    }

    if (!wm_order_load(record, id, &order)
        || !wm_order_action_from(WM_ORDER_DO_EXPIRE, order.state))
    {
        return true;
    }

    c = wm_commit_new(pool, x->district, WM_OP_ORDER_EXPIRE, x->actor,
                      wm_say_now_ms());
    if (c == NULL) {
        wm_say_error("no memory");
        return false;
    }

    if (wm_order_act(c, &order, WM_ORDER_DO_EXPIRE, &by, &args)
        != WM_VERDICT_OK)
    {
        x->open++;
        return true;
    }

    if (!wm_redis_commit(x->redis, c, &result)) {
        return false;
    }

    *status = result.status;
    x->expired += result.status == WM_COMMITTED;

    return true;
}


static bool
wm_expire_order(wm_expire_t *x, wm_pool_t *pool, wm_str_t id)
{
    int                  i;
    wm_commit_status_t   status;

    for (i = 0; i < WM_EXPIRE_TRIES; i++) {
        if (!wm_expire_try(x, pool, id, &status)) {
            return false;
        }

        if (status != WM_COMMIT_UNMET) {
            return true;
        }
    }

    wm_say_error("somebody else keeps changing order %s; try again",
                 wm_say_safe(pool, id));

    return false;
}


/* The chunk that begins at first; how many it had, -1: said what is wrong. */

static int
wm_expire_chunk(wm_expire_t *x, wm_pool_t *pool, wm_str_t unit, size_t first)
{
    size_t             i;
    const wm_reply_t  *ids;

    ids = wm_redis_ask(x->redis, pool, WM_REPLY_LIST,
                       wm_argv(wm_lit("ZRANGE"),
                               wm_key(pool, x->district, "orders:%.*s",
                                      wm_fmt(unit)),
                               wm_printf(pool, "%zu", first),
                               wm_printf(pool, "%zu",
                                         first + WM_EXPIRE_CHUNK - 1)));
    if (ids == NULL) {
        return -1;
    }

    for (i = 0; i < ids->n; i++) {
        if (wm_reply_at(ids, i).len > 0
            && !wm_expire_order(x, pool, wm_reply_at(ids, i)))
        {
            return -1;
        }
    }

    return (int) ids->n;
}


static bool
wm_expire_unit(wm_expire_t *x, wm_str_t unit)
{
    int         n;
    size_t      first;
    wm_pool_t  *pool;

    for (first = 0, n = WM_EXPIRE_CHUNK; n == WM_EXPIRE_CHUNK;
         first += WM_EXPIRE_CHUNK)
    {
        pool = wm_heap_create();

        if (pool == NULL) {
            wm_say_error("no memory");
            return false;
        }

        n = wm_expire_chunk(x, pool, unit, first);
        wm_heap_destroy(pool);
    }

    return n >= 0;
}


static bool
wm_expire_all(wm_expire_t *x, wm_pool_t *pool)
{
    bool       ok;
    size_t     i, n = 0;
    wm_str_t  *roots;

    ok = wm_roots_read(x->redis, pool, x->district, &roots, &n);

    for (i = 0; ok && i < n; i++) {
        ok = wm_expire_unit(x, roots[i]);
    }

    return ok;
}


int
wm_cli_expire(wm_cli_t *cli)
{
    bool         ok;
    wm_expire_t  x;

    memset(&x, 0, sizeof(wm_expire_t));

    x.district = wm_conf_district(cli);

    if (x.district.data == NULL || !wm_conf_offset(cli, &x.offset)
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    x.actor = wm_say_actor(cli->pool);
    x.redis = x.actor.data != NULL ? wm_redis_get(cli) : NULL;

    if (x.redis == NULL) {
        return WM_CLI_PROBLEM;
    }

    ok = wm_expire_all(&x, cli->pool);
    printf("%zu expired, %zu still open\n", x.expired, x.open);

    return ok ? WM_CLI_OK : WM_CLI_PROBLEM;
}
