#include "ngx_wenming_redis.h"
#include "ngx_wenming_redis_ev.h"

#include <hiredis/hiredis.h>

#define NGX_WENMING_REDIS_CHECK     1000    /* ms between two checks */
#define NGX_WENMING_REDIS_RETRY     200     /* ms, and as much jitter */
#define NGX_WENMING_REDIS_REFUSED   3000    /* ms, after it refused us */
#define NGX_WENMING_REDIS_GIVE_UP   5000    /* ms of silence: reconnect */
#define NGX_WENMING_REDIS_PENDING   16384
#define NGX_WENMING_REDIS_DEPTH     8

struct ngx_wenming_redis_s {
    ngx_wenming_redis_conf_t   conf;
    ngx_log_t                 *log;
    redisAsyncContext         *ac;
    ngx_event_t                timer;       /* next check, or reconnect */
    ngx_queue_t                waiting;     /* writes before the first check */
    ngx_uint_t                 pending;
    ngx_msec_t                 heard;       /* when it last answered */
    ngx_wenming_weakness_e     weakness;
    ngx_wenming_redis_state_t  seen;        /* counted for metrics */
    unsigned                   started:1;
    unsigned                   checked:1;
    unsigned                   checking:1;
    unsigned                   stalled:1;
    unsigned                   greeting_failed:1;
    unsigned                   away:1;      /* said so in the log */
    unsigned                   refused:1;   /* the password, the database */
};

/*
 * Not in the request's pool: a late reply may find the request gone, and then
 * data is NULL.
 */
struct ngx_wenming_redis_op_s {
    ngx_queue_t                  queue;
    ngx_wenming_redis_t         *redis;
    wm_pool_t                   *pool;
    ngx_wenming_redis_pt         handler;
    void                        *data;
    ngx_event_t                  timer;
    ngx_event_t                  ending;
    ngx_wenming_redis_rc_e       rc;
    ngx_str_t                   *bytes;     /* of the commands */
    size_t                       n;
    size_t                       sent;
    size_t                       got;
    wm_reply_t                  *replies;
    unsigned                     waiting:1;
    unsigned                     ended:1;
};

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
    { "maxmemory-policy", { "noeviction", "noeviction" },
      NGX_WENMING_WEAK_EVICTION }
};

#define NGX_WENMING_REDIS_PROMISES                                           \
    (sizeof(ngx_wenming_redis_promises)                                      \
     / sizeof(ngx_wenming_redis_promises[0]))

static const char *const  ngx_wenming_weaknesses[] = {
#define X(name, brief, text)  text,
    NGX_WENMING_WEAKNESSES(X)
#undef X
};

static void ngx_wenming_redis_connect(ngx_wenming_redis_t *redis);
static void ngx_wenming_redis_check(ngx_wenming_redis_t *redis);
static void ngx_wenming_redis_submit(ngx_wenming_redis_op_t *op);
static void ngx_wenming_redis_end(ngx_wenming_redis_op_t *op,
    ngx_wenming_redis_rc_e rc);


ngx_wenming_redis_t *
ngx_wenming_redis_create(ngx_pool_t *pool,
    const ngx_wenming_redis_conf_t *conf)
{
    ngx_wenming_redis_t  *redis;

    redis = ngx_pcalloc(pool, sizeof(ngx_wenming_redis_t));
    if (redis != NULL) {
        redis->conf = *conf;
        ngx_queue_init(&redis->waiting);
    }

    return redis;
}


const ngx_wenming_redis_conf_t *
ngx_wenming_redis_conf(const ngx_wenming_redis_t *redis)
{
    return &redis->conf;
}


/* ---- the connection */

static void
ngx_wenming_redis_again(ngx_wenming_redis_t *redis, ngx_msec_t ms)
{
    if (redis->started && !redis->timer.timer_set) {
        ngx_add_timer(&redis->timer, ms);
    }
}


static void
ngx_wenming_redis_lost(ngx_wenming_redis_t *redis)
{
    if (redis->ac == NULL) {
        return;
    }

    if (!redis->away && redis->started && !ngx_exiting) {
        redis->away = 1;
        ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                      "wenming: Redis %V is away%s%s", &redis->conf.name,
                      redis->ac->err ? ": " : "",
                      redis->ac->err ? redis->ac->errstr : "");
    }

    redis->ac = NULL;
    redis->checked = 0;
    redis->stalled = 0;

    if (redis->timer.timer_set) {
        ngx_del_timer(&redis->timer);
    }

    ngx_wenming_redis_again(redis, (redis->refused
                                    ? NGX_WENMING_REDIS_REFUSED
                                    : NGX_WENMING_REDIS_RETRY)
                            + ngx_random() % NGX_WENMING_REDIS_RETRY);
}


static void
ngx_wenming_redis_disconnected(const redisAsyncContext *ac, int status)
{
    ngx_wenming_redis_t  *redis = ac->data;

    if (redis->ac == ac) {
        ngx_wenming_redis_lost(redis);
    }
}


static void
ngx_wenming_redis_timer(ngx_event_t *event)
{
    redisAsyncContext    *ac;
    ngx_wenming_redis_t  *redis = event->data;

    ac = redis->ac;

    if (ac != NULL && redis->stalled
        && ngx_current_msec - redis->heard > NGX_WENMING_REDIS_GIVE_UP)
    {
        ngx_wenming_redis_lost(redis);
        redisAsyncFree(ac);
        return;
    }

    if (ac == NULL) {
        ngx_wenming_redis_connect(redis);

    } else {
        ngx_wenming_redis_check(redis);
        ngx_wenming_redis_again(redis, NGX_WENMING_REDIS_CHECK);
    }
}


/* The commands that go first on a connection; an error ends it. */

static void
ngx_wenming_redis_greeted(redisAsyncContext *ac, void *reply, void *data)
{
    redisReply           *r = reply;
    ngx_wenming_redis_t  *redis = ac->data;

    if (r == NULL) {
        if (redis->ac == ac) {
            ngx_wenming_redis_lost(redis);
        }

        return;
    }

    if (r->type == REDIS_REPLY_ERROR && ngx_strncmp(r->str, "LOADING", 7) != 0)
    {
        if (!redis->refused) {
            ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                          "wenming: Redis %V refuses %s", &redis->conf.name,
                          (char *) data);
        }

        /* replies behind this one come from the wrong place */

        redis->refused = 1;
        redis->greeting_failed = 1;
        redisAsyncDisconnect(ac);
    }
}


static ngx_int_t
ngx_wenming_redis_greet(ngx_wenming_redis_t *redis)
{
    int  rc;

    if (redis->conf.password.len > 0) {
        rc = redisAsyncCommand(redis->ac, ngx_wenming_redis_greeted,
                               "the password", "AUTH %b",
                               redis->conf.password.data,
                               redis->conf.password.len);
        if (rc != REDIS_OK) {
            return NGX_ERROR;
        }
    }

    rc = redisAsyncCommand(redis->ac, ngx_wenming_redis_greeted,
                           "the database", "SELECT %d",
                           (int) redis->conf.db);

    return rc == REDIS_OK ? NGX_OK : NGX_ERROR;
}


static void
ngx_wenming_redis_connect(ngx_wenming_redis_t *redis)
{
    redisAsyncContext  *ac;

    ac = redis->conf.path.len > 0
         ? redisAsyncConnectUnix((char *) redis->conf.path.data)
         : redisAsyncConnect((char *) redis->conf.host.data,
                             redis->conf.port);
    if (ac == NULL) {
        ngx_wenming_redis_again(redis, NGX_WENMING_REDIS_RETRY);
        return;
    }

    ac->data = redis;
    redis->ac = ac;
    redis->heard = ngx_current_msec;

    if (ac->err || ngx_wenming_redis_ev_attach(ac, redis->log) != NGX_OK) {
        ngx_wenming_redis_lost(redis);
        redisAsyncFree(ac);
        return;
    }

    redisAsyncSetDisconnectCallback(ac, ngx_wenming_redis_disconnected);

    if (ngx_wenming_redis_greet(redis) != NGX_OK) {
        ngx_wenming_redis_lost(redis);
        redisAsyncFree(ac);
        return;
    }

    redis->checking = 0;
    redis->greeting_failed = 0;
    ngx_wenming_redis_check(redis);
    ngx_wenming_redis_again(redis, NGX_WENMING_REDIS_CHECK);
}


ngx_int_t
ngx_wenming_redis_start(ngx_wenming_redis_t *redis, ngx_cycle_t *cycle)
{
    redis->log = cycle->log;
    redis->started = 1;
    redis->timer.data = redis;
    redis->timer.handler = ngx_wenming_redis_timer;
    redis->timer.log = cycle->log;
    redis->timer.cancelable = 1;

    ngx_queue_init(&redis->waiting);
    ngx_wenming_redis_connect(redis);

    return NGX_OK;
}


void
ngx_wenming_redis_stop(ngx_wenming_redis_t *redis)
{
    redisAsyncContext  *ac = redis->ac;

    redis->started = 0;

    if (redis->timer.timer_set) {
        ngx_del_timer(&redis->timer);
    }

    if (ac != NULL) {
        redis->ac = NULL;
        redisAsyncFree(ac);
    }
}


/* ---- the promised durability */

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
    redis->checked = 1;

    while (!ngx_queue_empty(&redis->waiting)) {
        q = ngx_queue_head(&redis->waiting);
        op = ngx_queue_data(q, ngx_wenming_redis_op_t, queue);

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


static void
ngx_wenming_redis_check(ngx_wenming_redis_t *redis)
{
    size_t                      i;
    wm_str_t                   *argv;
    ngx_pool_t                 *pool;
    ngx_wenming_command_t      *commands;
    ngx_wenming_redis_op_t     *op;
    ngx_wenming_redis_check_t  *check;

    if (redis->checking) {
        return;
    }

    pool = ngx_create_pool(4096, redis->log);
    if (pool == NULL) {
        return;
    }

    check = ngx_palloc(pool, sizeof(ngx_wenming_redis_check_t));
    commands = ngx_palloc(pool, (NGX_WENMING_REDIS_PROMISES + 1)
                                * sizeof(ngx_wenming_command_t));
    argv = ngx_palloc(pool, (NGX_WENMING_REDIS_PROMISES + 1) * 3
                            * sizeof(wm_str_t));

    if (check == NULL || commands == NULL || argv == NULL) {
        ngx_destroy_pool(pool);
        return;
    }

    check->redis = redis;
    check->pool = pool;
    check->wm.alloc = ngx_wenming_redis_check_alloc;
    check->wm.ctx = pool;

    i = 0;

    if (redis->conf.durability != NGX_WENMING_DURABLE_UNCHECKED) {
        for ( /* void */ ; i < NGX_WENMING_REDIS_PROMISES; i++) {
            argv[3 * i] = wm_lit("CONFIG");
            argv[3 * i + 1] = wm_lit("GET");
            argv[3 * i + 2] = wm_str(ngx_wenming_redis_promises[i].name);
            commands[i] = (ngx_wenming_command_t) { 3, &argv[3 * i] };
        }
    }

    argv[3 * i] = wm_lit("INFO");
    argv[3 * i + 1] = wm_lit("persistence");
    commands[i] = (ngx_wenming_command_t) { 2, &argv[3 * i] };

    redis->checking = 1;

    op = ngx_wenming_redis_send(redis, &check->wm, commands, i + 1,
                                NGX_WENMING_REDIS_PROBE,
                                ngx_wenming_redis_check_done, check);
    if (op == NULL) {
        redis->checking = 0;
        ngx_destroy_pool(pool);
        return;
    }

    op->timer.cancelable = 1;
}


/* ---- operations */

static void
ngx_wenming_redis_op_free(ngx_wenming_redis_op_t *op)
{
    if (op->timer.timer_set) {
        ngx_del_timer(&op->timer);
    }

    if (op->ending.posted) {
        ngx_delete_posted_event(&op->ending);
    }

    if (op->waiting) {
        ngx_queue_remove(&op->queue);
    }

    ngx_free(op);
}


/* Ends the operation for its owner; the replies may still be to come. */

static void
ngx_wenming_redis_end(ngx_wenming_redis_op_t *op, ngx_wenming_redis_rc_e rc)
{
    void                  *data = op->data;
    wm_reply_t            *replies = op->replies;
    ngx_wenming_redis_pt   handler = op->handler;
    size_t                 n = op->n;

    op->ended = 1;
    op->data = NULL;

    if (op->timer.timer_set) {
        ngx_del_timer(&op->timer);
    }

    if (op->got == op->sent) {
        ngx_wenming_redis_op_free(op);
    }

    if (data != NULL) {
        handler(data, rc, replies, n);
    }
}


static void
ngx_wenming_redis_op_timeout(ngx_event_t *event)
{
    ngx_wenming_redis_op_t  *op = event->data;
    ngx_wenming_redis_t     *redis = op->redis;

    redis->seen.timeouts++;

    if (op->sent > 0 && !redis->stalled && redis->ac != NULL) {
        redis->stalled = 1;
        ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                      "wenming: Redis %V does not answer in time",
                      &redis->conf.name);
    }

    if (op->waiting) {
        ngx_queue_remove(&op->queue);
        op->waiting = 0;
    }

    ngx_wenming_redis_end(op, NGX_WENMING_REDIS_TIMEOUT);
}


static void
ngx_wenming_redis_op_ending(ngx_event_t *event)
{
    ngx_wenming_redis_op_t  *op = event->data;

    ngx_wenming_redis_end(op, op->rc);
}


static ngx_int_t
ngx_wenming_redis_copy(wm_pool_t *pool, const redisReply *from,
    wm_reply_t *to, ngx_uint_t depth)
{
    size_t  i;

    ngx_memzero(to, sizeof(wm_reply_t));

    switch (from->type) {

    case REDIS_REPLY_INTEGER:
        to->type = WM_REPLY_INT;
        to->num = from->integer;
        return NGX_OK;

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
        to->type = from->type == REDIS_REPLY_ERROR ? WM_REPLY_ERROR
                                                   : WM_REPLY_STR;
        to->str = wm_dup(pool, (wm_str_t) { from->len, from->str });
        return to->str.data != NULL ? NGX_OK : NGX_ERROR;

    case REDIS_REPLY_ARRAY:
        break;

    default:
        to->type = WM_REPLY_NIL;
        return NGX_OK;
    }

    if (depth == NGX_WENMING_REDIS_DEPTH) {
        return NGX_ERROR;
    }

    to->type = WM_REPLY_LIST;
    to->n = from->elements;
    to->items = wm_alloc(pool, (to->n + 1) * sizeof(wm_reply_t));

    if (to->items == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < to->n; i++) {
        if (ngx_wenming_redis_copy(pool, from->element[i], &to->items[i],
                                   depth + 1)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_wenming_redis_answered(redisAsyncContext *ac, void *reply, void *data)
{
    ngx_wenming_redis_t     *redis = ac->data;
    ngx_wenming_redis_op_t  *op = data;

    op->got++;

    if (reply == NULL) {
        op->rc = NGX_WENMING_REDIS_AWAY;

        if (redis->ac == ac) {
            ngx_wenming_redis_lost(redis);
        }

    } else if (redis->greeting_failed) {
        op->rc = NGX_WENMING_REDIS_AWAY;

    } else {
        redis->stalled = 0;
        redis->heard = ngx_current_msec;
        redis->seen.answered = ngx_current_msec;
        redis->seen.heard = 1;

        if (!op->ended && op->rc == NGX_WENMING_REDIS_OK
            && ngx_wenming_redis_copy(op->pool, reply,
                                      &op->replies[op->got - 1], 0)
               != NGX_OK)
        {
            op->rc = NGX_WENMING_REDIS_NO_MEMORY;
        }
    }

    if (op->got < op->sent) {
        return;
    }

    redis->pending--;

    if (redis->pending == 0 && redis->ac == ac) {
        ngx_wenming_redis_ev_set_idle(ac, 1);
    }

    if (op->ended) {
        ngx_wenming_redis_op_free(op);

    } else {
        ngx_wenming_redis_end(op, op->rc);
    }
}


/* "$5\r\n" and the like; out holds NGX_SIZE_T_LEN + 3. */

static u_char *
ngx_wenming_redis_count(u_char *out, u_char sign, size_t n)
{
    u_char   digits[NGX_SIZE_T_LEN];
    u_char  *p;

    p = digits + sizeof(digits);

    do {
        *--p = (u_char) ('0' + n % 10);
        n /= 10;
    } while (n > 0);

    *out++ = sign;
    out = ngx_cpymem(out, p, digits + sizeof(digits) - p);
    *out++ = '\r';
    *out++ = '\n';

    return out;
}


static size_t
ngx_wenming_redis_size(const ngx_wenming_command_t *command)
{
    size_t  i, size;

    size = NGX_SIZE_T_LEN + 3;

    for (i = 0; i < command->argc; i++) {
        size += NGX_SIZE_T_LEN + 5 + command->argv[i].len;
    }

    return size;
}


static ngx_int_t
ngx_wenming_redis_format(wm_pool_t *pool,
    const ngx_wenming_command_t *command, ngx_str_t *bytes)
{
    size_t   i;
    u_char  *p;

    p = wm_alloc(pool, ngx_wenming_redis_size(command));
    if (p == NULL) {
        return NGX_ERROR;
    }

    bytes->data = p;
    p = ngx_wenming_redis_count(p, '*', command->argc);

    for (i = 0; i < command->argc; i++) {
        p = ngx_wenming_redis_count(p, '$', command->argv[i].len);
        p = ngx_cpymem(p, command->argv[i].data, command->argv[i].len);
        *p++ = '\r';
        *p++ = '\n';
    }

    bytes->len = p - bytes->data;

    return NGX_OK;
}


/* Hands the commands to hiredis; what fails ends soon, not here. */

static void
ngx_wenming_redis_submit(ngx_wenming_redis_op_t *op)
{
    size_t                i;
    ngx_wenming_redis_t  *redis = op->redis;

    op->rc = NGX_WENMING_REDIS_OK;

    for (i = 0; i < op->n; i++) {
        if (redisAsyncFormattedCommand(redis->ac, ngx_wenming_redis_answered,
                                       op, (char *) op->bytes[i].data,
                                       op->bytes[i].len)
            != REDIS_OK)
        {
            op->rc = NGX_WENMING_REDIS_AWAY;
            break;
        }

        op->sent++;
    }

    if (op->sent == 0) {
        ngx_post_event(&op->ending, &ngx_posted_events);
        return;
    }

    redis->pending++;
    ngx_wenming_redis_ev_set_idle(redis->ac, 0);
}


/* NULL: no memory. */

static ngx_wenming_redis_op_t *
ngx_wenming_redis_op_create(ngx_wenming_redis_t *redis, wm_pool_t *pool,
    const ngx_wenming_command_t *commands, size_t n)
{
    size_t                   i;
    ngx_wenming_redis_op_t  *op;

    op = ngx_calloc(sizeof(ngx_wenming_redis_op_t), redis->log);
    if (op == NULL) {
        return NULL;
    }

    op->replies = wm_calloc(pool, n * sizeof(wm_reply_t));
    op->bytes = wm_alloc(pool, n * sizeof(ngx_str_t));

    if (op->replies == NULL || op->bytes == NULL) {
        ngx_free(op);
        return NULL;
    }

    for (i = 0; i < n; i++) {
        if (ngx_wenming_redis_format(pool, &commands[i], &op->bytes[i])
            != NGX_OK)
        {
            ngx_free(op);
            return NULL;
        }
    }

    op->redis = redis;
    op->pool = pool;
    op->n = n;

    op->timer.data = op;
    op->timer.handler = ngx_wenming_redis_op_timeout;
    op->timer.log = redis->log;
    op->ending.data = op;
    op->ending.handler = ngx_wenming_redis_op_ending;
    op->ending.log = redis->log;

    return op;
}


ngx_wenming_redis_op_t *
ngx_wenming_redis_send(ngx_wenming_redis_t *redis, wm_pool_t *pool,
    const ngx_wenming_command_t *commands, size_t n,
    ngx_wenming_redis_kind_e kind, ngx_wenming_redis_pt handler, void *data)
{
    ngx_uint_t               write = kind == NGX_WENMING_REDIS_WRITE;
    ngx_wenming_redis_op_t  *op;

    op = ngx_wenming_redis_op_create(redis, pool, commands, n);
    if (op == NULL) {
        return NULL;
    }

    op->handler = handler;
    op->data = data;

    /* an exiting worker has no timer to reconnect: the last requests do it */

    if (redis->ac == NULL && ngx_exiting && redis->started) {
        ngx_wenming_redis_connect(redis);
    }

    if (redis->ac == NULL || redis->pending >= NGX_WENMING_REDIS_PENDING
        || (redis->stalled && kind != NGX_WENMING_REDIS_PROBE))
    {
        op->rc = NGX_WENMING_REDIS_AWAY;
        ngx_post_event(&op->ending, &ngx_posted_events);
        return op;
    }

    if (write && redis->checked && redis->weakness != NGX_WENMING_WEAK_NONE) {
        op->rc = NGX_WENMING_REDIS_NOT_DURABLE;
        ngx_post_event(&op->ending, &ngx_posted_events);
        return op;
    }

    ngx_add_timer(&op->timer, redis->conf.timeout);

    if (write && !redis->checked) {
        op->waiting = 1;
        ngx_queue_insert_tail(&redis->waiting, &op->queue);

    } else {
        ngx_wenming_redis_submit(op);
    }

    return op;
}


void
ngx_wenming_redis_forget(ngx_wenming_redis_op_t *op)
{
    op->data = NULL;
    op->pool = NULL;

    if (op->timer.timer_set) {
        ngx_del_timer(&op->timer);
    }

    op->ended = 1;

    if (op->got == op->sent) {
        ngx_wenming_redis_op_free(op);
    }
}


ngx_uint_t
ngx_wenming_redis_is_ready(const ngx_wenming_redis_t *redis)
{
    return redis->ac != NULL && redis->checked && !redis->stalled;
}


const char *
ngx_wenming_redis_weakness(const ngx_wenming_redis_t *redis)
{
    return ngx_wenming_weaknesses[redis->weakness];
}


void
ngx_wenming_redis_state(const ngx_wenming_redis_t *redis,
    ngx_wenming_redis_state_t *state)
{
    *state = redis->seen;

    state->pending = redis->pending;
    state->weakness = redis->weakness;
    state->ready = ngx_wenming_redis_is_ready(redis);
    state->connected = redis->ac != NULL
                       && (redis->ac->c.flags & REDIS_CONNECTED) != 0;
}
