/*
 * Commits on their way to Redis.  Those of one turn of the event loop travel
 * together, as one call of the script: it carries them out one by one.
 */

#ifndef NGX_WENMING_BATCH_H
#define NGX_WENMING_BATCH_H

#include "ngx_wenming_redis.h"
#include "wm_commit.h"

typedef struct ngx_wenming_batch_s   ngx_wenming_batch_t;
typedef struct ngx_wenming_member_s  ngx_wenming_member_t;

/*
 * How a commit ended.  With rc OK, reply is what the script says of it, or an
 * error of Redis, and lives in the commit's pool; NULL: it makes no sense.
 */
typedef void (*ngx_wenming_batch_pt)(void *data, ngx_wenming_redis_rc_e rc,
    const wm_reply_t *reply);

/* For a location, hence for one Redis and one district.  NULL: no memory. */
ngx_wenming_batch_t *ngx_wenming_batch_create(ngx_pool_t *pool,
    ngx_wenming_redis_t *redis);

/*
 * handler runs exactly once, later, never from inside this call; unless the
 * commit is forgotten before.  commit and pool live until then.
 * NULL: no memory, or too much for one commit; handler will not run.
 */
ngx_wenming_member_t *ngx_wenming_batch_send(ngx_wenming_batch_t *batch,
    wm_pool_t *pool, wm_commit_t *commit, ngx_wenming_batch_pt handler,
    void *data);

/* The request is going away: handler will not run. */
void ngx_wenming_batch_forget(ngx_wenming_member_t *member);

#endif /* NGX_WENMING_BATCH_H */
