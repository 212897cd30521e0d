/*
 * The client of one Redis: connection, commands in flight, time limits, and
 * whether it keeps the promised durability.  One object for each server of
 * the configuration; each worker has a connection of its own.
 */

#ifndef NGX_WENMING_REDIS_H
#define NGX_WENMING_REDIS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "wm_reply.h"

/* X(name, what the directive says) */
#define NGX_WENMING_DURABILITIES(X)                                          \
    X(ALWAYS,     "always")                                                  \
    X(EVERYSEC,   "everysec")                                                \
    X(UNCHECKED,  "unchecked")

typedef enum {
#define X(name, text)  NGX_WENMING_DURABLE_##name,
    NGX_WENMING_DURABILITIES(X)
#undef X
} ngx_wenming_durability_e;

/* X(name, short, in words): why Redis does not hold what is promised */
#define NGX_WENMING_WEAKNESSES(X)                                            \
    X(NONE,         "",                NULL)                                 \
    X(LOADING,      "loading",         "it is loading its data")             \
    X(CONFIG,       "config-refused",                                        \
      "CONFIG is refused (wenming_durability unchecked would trust this "    \
      "Redis)")                                                              \
    X(APPENDONLY,   "appendonly",      "appendonly is not yes")              \
    X(APPENDFSYNC,  "appendfsync",                                           \
      "appendfsync is not what wenming_durability says")                     \
    X(REWRITE,      "no-appendfsync-on-rewrite",                             \
      "no-appendfsync-on-rewrite is not no")                                 \
    X(TRUNCATED,    "aof-load-truncated",                                    \
      "aof-load-truncated is not no, so a crash could leave half a commit")  \
    X(EVICTION,     "maxmemory-policy",                                      \
      "maxmemory-policy is not noeviction")                                  \
    X(WRITE,        "aof-write",                                             \
      "the last write of the append-only file failed")

typedef enum {
#define X(name, brief, text)  NGX_WENMING_WEAK_##name,
    NGX_WENMING_WEAKNESSES(X)
#undef X
    NGX_WENMING_WEAK_MAX
} ngx_wenming_weakness_e;

/* How an operation ended. */
typedef enum {
    NGX_WENMING_REDIS_OK,
    NGX_WENMING_REDIS_AWAY,             /* not connected, or lost meanwhile */
    NGX_WENMING_REDIS_TIMEOUT,
    NGX_WENMING_REDIS_NOT_DURABLE,      /* nothing was sent */
    NGX_WENMING_REDIS_NO_MEMORY
} ngx_wenming_redis_rc_e;

typedef struct ngx_wenming_redis_s     ngx_wenming_redis_t;
typedef struct ngx_wenming_redis_op_s  ngx_wenming_redis_op_t;

typedef void (*ngx_wenming_redis_pt)(void *data, ngx_wenming_redis_rc_e rc,
    wm_reply_t *replies, size_t n);

typedef struct {
    ngx_str_t                  path;        /* unix socket, NUL-terminated */
    ngx_str_t                  host;        /* or a numeric address */
    in_port_t                  port;
    ngx_uint_t                 db;
    ngx_str_t                  password;    /* empty: none */
    ngx_msec_t                 timeout;     /* of an operation */
    ngx_wenming_durability_e   durability;
    ngx_str_t                  name;        /* for logs */
} ngx_wenming_redis_conf_t;

/* NULL: no memory.  conf is copied, its strings are borrowed. */
ngx_wenming_redis_t *ngx_wenming_redis_create(ngx_pool_t *pool,
    const ngx_wenming_redis_conf_t *conf);
const ngx_wenming_redis_conf_t *ngx_wenming_redis_conf(
    const ngx_wenming_redis_t *redis);

/* In a worker: connect and check from now on; close everything. */
ngx_int_t ngx_wenming_redis_start(ngx_wenming_redis_t *redis,
    ngx_cycle_t *cycle);
void ngx_wenming_redis_stop(ngx_wenming_redis_t *redis);

typedef enum {
    NGX_WENMING_REDIS_READ,
    NGX_WENMING_REDIS_WRITE,            /* only while the promise holds */
    NGX_WENMING_REDIS_PROBE             /* also while nothing is answered */
} ngx_wenming_redis_kind_e;

/* One command of an operation. */
typedef struct {
    size_t           argc;
    const wm_str_t  *argv;
} ngx_wenming_command_t;

/*
 * Sends the commands together.  handler runs exactly once, later, never from
 * inside this call, with replies that live in pool; unless the operation is
 * forgotten before.  The commands are copied.
 * NULL: no memory; handler will not run.
 */
ngx_wenming_redis_op_t *ngx_wenming_redis_send(ngx_wenming_redis_t *redis,
    wm_pool_t *pool, const ngx_wenming_command_t *commands, size_t n,
    ngx_wenming_redis_kind_e kind, ngx_wenming_redis_pt handler, void *data);

/* The request is going away: handler will not run, replies are dropped. */
void ngx_wenming_redis_forget(ngx_wenming_redis_op_t *op);

/*
 * For health: connected and checked; it holds what is promised; and what was
 * found wrong with it (or NULL), also where nothing is promised.
 */
ngx_uint_t ngx_wenming_redis_is_ready(const ngx_wenming_redis_t *redis);
ngx_uint_t ngx_wenming_redis_is_durable(const ngx_wenming_redis_t *redis);
const char *ngx_wenming_redis_weakness(const ngx_wenming_redis_t *redis);

/* For metrics: what this worker sees, and has counted since it began. */
typedef struct {
    ngx_uint_t               connects;  /* on which Redis answered */
    ngx_uint_t               timeouts;
    ngx_uint_t               pending;
    ngx_msec_t               answered;  /* when it last did */
    ngx_wenming_weakness_e   weakness;  /* found by the last check */
    unsigned                 connected:1;
    unsigned                 ready:1;
    unsigned                 heard:1;   /* answered is set */
} ngx_wenming_redis_state_t;

void ngx_wenming_redis_state(const ngx_wenming_redis_t *redis,
    ngx_wenming_redis_state_t *state);

#endif /* NGX_WENMING_REDIS_H */
