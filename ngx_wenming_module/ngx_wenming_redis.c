#include "ngx_wenming_redis_in.h"

#define NGX_WENMING_REDIS_CHECK     1000    /* ms between two checks */
#define NGX_WENMING_REDIS_RETRY     200     /* ms, and as much jitter */
#define NGX_WENMING_REDIS_REFUSED   3000    /* ms, after it refused us */
#define NGX_WENMING_REDIS_GIVE_UP   5000    /* ms of silence: reconnect */


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


void
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


ngx_uint_t
ngx_wenming_redis_is_queued(redisAsyncContext *ac, const redisCallback *last)
{
    if (ac->replies.tail != NULL && ac->replies.tail != last) {
        return 1;
    }

    ac->c.err = REDIS_ERR_OOM;
    ngx_cpystrn((u_char *) ac->c.errstr, (u_char *) "Out of memory",
                sizeof(ac->c.errstr));

    return 0;
}


static ngx_int_t
ngx_wenming_redis_greet(ngx_wenming_redis_t *redis)
{
    int             rc;
    redisCallback  *last = NULL;

    if (redis->conf.password.len > 0) {
        rc = redisAsyncCommand(redis->ac, ngx_wenming_redis_greeted,
                               "the password", "AUTH %b",
                               redis->conf.password.data,
                               redis->conf.password.len);

        if (rc != REDIS_OK || !ngx_wenming_redis_is_queued(redis->ac, last)) {
            return NGX_ERROR;
        }

        last = redis->ac->replies.tail;
    }

    rc = redisAsyncCommand(redis->ac, ngx_wenming_redis_greeted,
                           "the database", "SELECT %d",
                           (int) redis->conf.db);

    return rc == REDIS_OK && ngx_wenming_redis_is_queued(redis->ac, last)
           ? NGX_OK : NGX_ERROR;
}


void
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


/* ---- what others may know */

ngx_uint_t
ngx_wenming_redis_is_ready(const ngx_wenming_redis_t *redis)
{
    return redis->ac != NULL && redis->checked && !redis->stalled;
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
