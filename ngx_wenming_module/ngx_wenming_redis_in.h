/*
 * What the files of the Redis client share: ngx_wenming_redis.c (connection),
 * ngx_wenming_redis_op.c (operations), ngx_wenming_redis_promise.c (does it
 * keep the promised durability?).
 */

#ifndef NGX_WENMING_REDIS_IN_H
#define NGX_WENMING_REDIS_IN_H

#include "ngx_wenming_redis.h"
#include "ngx_wenming_redis_ev.h"

#include <hiredis/hiredis.h>

struct ngx_wenming_redis_s {
    ngx_wenming_redis_conf_t   conf;
    ngx_log_t                 *log;
    redisAsyncContext         *ac;
    ngx_event_t                timer;       /* next check, or reconnect */
    ngx_queue_t                waiting;     /* writes before the first check */
    ngx_uint_t                 pending;
    ngx_msec_t                 heard;       /* when it last answered */
    ngx_wenming_weakness_e     weakness;    /* for which writes are refused */
    ngx_wenming_weakness_e     noticed;     /* the same, also unchecked */
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

/*
 * Whether somebody waits for the reply of the command behind last.  hiredis
 * says nothing when it finds no memory for that, and each reply would go to
 * who asked next: so the connection is marked, and ends before it writes.
 */
ngx_uint_t ngx_wenming_redis_is_queued(redisAsyncContext *ac,
    const redisCallback *last);

/* The connection is gone, or given up: it is made anew after a while. */
void ngx_wenming_redis_lost(ngx_wenming_redis_t *redis);

/* Now; an exiting worker has no timer to do it. */
void ngx_wenming_redis_connect(ngx_wenming_redis_t *redis);

/* Asks whether the promise is kept; only one question at a time. */
void ngx_wenming_redis_check(ngx_wenming_redis_t *redis);

/* A write that waited for the first check goes, or ends with rc. */
void ngx_wenming_redis_submit(ngx_wenming_redis_op_t *op);
void ngx_wenming_redis_end(ngx_wenming_redis_op_t *op,
    ngx_wenming_redis_rc_e rc);

#endif /* NGX_WENMING_REDIS_IN_H */
