/* Whether Redis keeps the promised durability. */

#include "ngx_wenming_redis_in.h"

/* what checks the promise: argument, expected value by level */

static const struct {
    const char              *name;
    const char              *wanted[2]; /* always, everysec */
    ngx_wenming_weakness_e   weakness;
} ngx_wenming_redis_promises[] = {
    { "appendonly", { "yes", "yes" }, NGX_WENMING_WEAK_APPENDONLY },
    { "appendfsync", { "always", "everysec" },
      NGX_WENMING_WEAK_APPENDFSYNC },
    { "no-appendfsync-on-rewrite", { "no", "no" },
      NGX_WENMING_WEAK_REWRITE },
    { "aof-load-truncated", { "no", "no" }, NGX_WENMING_WEAK_TRUNCATED },
    { "maxmemory-policy", { "noeviction", "noeviction" },
      NGX_WENMING_WEAK_EVICTION }
};

#define NGX_WENMING_REDIS_PROMISES                                           \
    (sizeof(ngx_wenming_redis_promises)                                      \
     / sizeof(ngx_wenming_redis_promises[0]))

static const char *const  ngx_wenming_weaknesses[] = {
#define X(name, brief, text)  (text),
    NGX_WENMING_WEAKNESSES(X)
#undef X
};


static ngx_uint_t
ngx_wenming_redis_says(const wm_reply_t *info, const char *line)
{
    wm_str_t  s = wm_reply_str(info);

    return s.len > 0
           && ngx_strlcasestrn((u_char *) s.data, (u_char *) s.data + s.len,
                               (u_char *) line, ngx_strlen(line) - 1)
              != NULL;
}


static ngx_wenming_weakness_e
ngx_wenming_redis_judge(ngx_wenming_redis_t *redis, wm_reply_t *replies,
    const wm_reply_t *info)
{
    size_t      i;
    ngx_uint_t  level = redis->conf.durability;

    if (ngx_wenming_redis_says(info, "loading:1")
        || (info->type == WM_REPLY_ERROR && wm_starts(info->str, "LOADING")))
    {
        return NGX_WENMING_WEAK_LOADING;
    }

    if (level == NGX_WENMING_DURABLE_UNCHECKED) {
        return NGX_WENMING_WEAK_NONE;
    }

    for (i = 0; i < NGX_WENMING_REDIS_PROMISES; i++) {
        if (replies[i].type == WM_REPLY_ERROR) {
            return NGX_WENMING_WEAK_CONFIG;
        }

        if (!wm_is(wm_reply_at(&replies[i], 1),
                   ngx_wenming_redis_promises[i].wanted[level])
            && !(i == 1 && wm_is(wm_reply_at(&replies[i], 1), "always")))
        {
            return ngx_wenming_redis_promises[i].weakness;
        }
    }

    return ngx_wenming_redis_says(info, "aof_last_write_status:ok")
           ? NGX_WENMING_WEAK_NONE : NGX_WENMING_WEAK_WRITE;
}


/* What INFO alone tells, where nobody may ask for the settings. */

static ngx_wenming_weakness_e
ngx_wenming_redis_notice(const wm_reply_t *info)
{
    if (ngx_wenming_redis_says(info, "aof_enabled:0")) {
        return NGX_WENMING_WEAK_APPENDONLY;
    }

    return ngx_wenming_redis_says(info, "aof_last_write_status:err")
           ? NGX_WENMING_WEAK_WRITE : NGX_WENMING_WEAK_NONE;
}


static void
ngx_wenming_redis_checked(void *data, ngx_wenming_redis_rc_e rc,
    wm_reply_t *replies, size_t n)
{
    ngx_queue_t             *q;
    ngx_wenming_redis_t     *redis = data;
    ngx_wenming_redis_op_t  *op;
    ngx_wenming_weakness_e   weakness;

    redis->checking = 0;

    if (rc != NGX_WENMING_REDIS_OK) {
        return;
    }

    redis->refused = 0;
    weakness = ngx_wenming_redis_judge(redis, replies, &replies[n - 1]);

    if (redis->away) {
        redis->away = 0;
        ngx_log_error(NGX_LOG_NOTICE, redis->log, 0,
                      "wenming: Redis %V is back", &redis->conf.name);
    }

    if (weakness != NGX_WENMING_WEAK_NONE && weakness != redis->weakness) {
        ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                      "wenming: Redis %V does not hold the durability that "
                      "is promised: %s; writes get 503", &redis->conf.name,
                      ngx_wenming_weaknesses[weakness]);

    } else if (weakness == NGX_WENMING_WEAK_NONE
               && redis->weakness != NGX_WENMING_WEAK_NONE)
    {
        ngx_log_error(NGX_LOG_NOTICE, redis->log, 0,
                      "wenming: Redis %V holds the promised durability",
                      &redis->conf.name);
    }

    if (!redis->checked) {
        redis->seen.connects++;
    }

    redis->weakness = weakness;
    redis->noticed = weakness != NGX_WENMING_WEAK_NONE
                     ? weakness : ngx_wenming_redis_notice(&replies[n - 1]);
    redis->checked = 1;

    while (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        op = ngx_queue_data(q, ngx_wenming_redis_op_t, queue);

        /* NOLINTNEXTLINE(clang-analyzer-*): takes the next head for q */
        ngx_queue_remove(q);
        op->waiting = 0;

        if (weakness == NGX_WENMING_WEAK_NONE) {
            ngx_wenming_redis_submit(op);

        } else {
            ngx_wenming_redis_end(op, NGX_WENMING_REDIS_NOT_DURABLE);
        }
    }
}


static void *
ngx_wenming_redis_check_alloc(void *ctx, size_t size)
{
    return ngx_palloc(ctx, size);
}


typedef struct {
    ngx_wenming_redis_t  *redis;
    ngx_pool_t           *pool;
    wm_pool_t             wm;
} ngx_wenming_redis_check_t;


static void
ngx_wenming_redis_check_done(void *data, ngx_wenming_redis_rc_e rc,
    wm_reply_t *replies, size_t n)
{
    ngx_wenming_redis_check_t  *check = data;

    ngx_wenming_redis_checked(check->redis, rc, replies, n);
    ngx_destroy_pool(check->pool);
}


/* The settings, unless nobody may ask for them, and how it fares. */

static size_t
ngx_wenming_redis_questions(const ngx_wenming_redis_t *redis, wm_str_t *argv,
    ngx_wenming_command_t *commands)
{
    size_t  i = 0;

    if (redis->conf.durability != NGX_WENMING_DURABLE_UNCHECKED) {
        for ( /* void */ ; i < NGX_WENMING_REDIS_PROMISES; i++, argv += 3) {
            argv[0] = wm_lit("CONFIG");
            argv[1] = wm_lit("GET");
            argv[2] = wm_str(ngx_wenming_redis_promises[i].name);
            commands[i] = (ngx_wenming_command_t) { 3, argv };
        }
    }

    argv[0] = wm_lit("INFO");
    argv[1] = wm_lit("persistence");
    commands[i] = (ngx_wenming_command_t) { 2, argv };

    return i + 1;
}


static ngx_int_t
ngx_wenming_redis_ask(ngx_wenming_redis_t *redis,
    ngx_wenming_redis_check_t *check)
{
    size_t                   n;
    wm_str_t                 argv[3 * (NGX_WENMING_REDIS_PROMISES + 1)];
    ngx_wenming_command_t    commands[NGX_WENMING_REDIS_PROMISES + 1];
    ngx_wenming_redis_op_t  *op;

    n = ngx_wenming_redis_questions(redis, argv, commands);

    op = ngx_wenming_redis_send(redis, &check->wm, commands, n,
                                NGX_WENMING_REDIS_PROBE,
                                ngx_wenming_redis_check_done, check);
    if (op == NULL) {
        return NGX_ERROR;
    }

    op->timer.cancelable = 1;

    return NGX_OK;
}


void
ngx_wenming_redis_check(ngx_wenming_redis_t *redis)
{
    ngx_pool_t                 *pool;
    ngx_wenming_redis_check_t  *check;

    if (redis->checking) {
        return;
    }

    pool = ngx_create_pool(4096, redis->log);
    if (pool == NULL) {
        return;
    }

    check = ngx_palloc(pool, sizeof(ngx_wenming_redis_check_t));
    if (check == NULL) {
        ngx_destroy_pool(pool);
        return;
    }

    check->redis = redis;
    check->pool = pool;
    wm_pool_init(&check->wm, ngx_wenming_redis_check_alloc, pool);

    redis->checking = 1;

    if (ngx_wenming_redis_ask(redis, check) != NGX_OK) {
        redis->checking = 0;
        ngx_destroy_pool(pool);
    }
}


ngx_uint_t
ngx_wenming_redis_is_durable(const ngx_wenming_redis_t *redis)
{
    return ngx_wenming_redis_is_ready(redis)
           && redis->weakness == NGX_WENMING_WEAK_NONE;
}


const char *
ngx_wenming_redis_weakness(const ngx_wenming_redis_t *redis)
{
    return ngx_wenming_weaknesses[redis->noticed];
}
