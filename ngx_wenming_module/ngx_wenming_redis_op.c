/* Operations: commands under way, each ends exactly once. */

#include "ngx_wenming_redis_in.h"

#define NGX_WENMING_REDIS_PENDING   16384
#define NGX_WENMING_REDIS_DEPTH     8


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

void
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


static ngx_int_t
ngx_wenming_redis_append(ngx_wenming_redis_op_t *op, const ngx_str_t *bytes)
{
    redisAsyncContext  *ac = op->redis->ac;
    redisCallback      *last = ac->replies.tail;

    if (ac->err || ac->c.err
        || redisAsyncFormattedCommand(ac, ngx_wenming_redis_answered, op,
                                      (char *) bytes->data, bytes->len)
           != REDIS_OK)
    {
        return NGX_ERROR;
    }

    return ngx_wenming_redis_is_queued(ac, last) ? NGX_OK : NGX_ERROR;
}


/* Hands the commands to hiredis; what fails ends soon, not here. */

void
ngx_wenming_redis_submit(ngx_wenming_redis_op_t *op)
{
    size_t                i;
    ngx_wenming_redis_t  *redis = op->redis;

    op->rc = NGX_WENMING_REDIS_OK;

    for (i = 0; i < op->n; i++) {
        if (ngx_wenming_redis_append(op, &op->bytes[i]) != NGX_OK) {
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
