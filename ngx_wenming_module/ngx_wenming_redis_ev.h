/* hiredis in nginx's event loop. */

#ifndef NGX_WENMING_REDIS_EV_H
#define NGX_WENMING_REDIS_EV_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <hiredis/async.h>

/*
 * Attaches a fresh context.  The nginx connection closes with the context,
 * and nginx may close it first, when it is idle and the worker is exiting.
 */
ngx_int_t ngx_wenming_redis_ev_attach(redisAsyncContext *ac, ngx_log_t *log);

/* Idle: an exiting worker may close it. */
void ngx_wenming_redis_ev_set_idle(redisAsyncContext *ac, ngx_uint_t idle);

#endif /* NGX_WENMING_REDIS_EV_H */
