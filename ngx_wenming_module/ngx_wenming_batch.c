#include "ngx_wenming_batch.h"
#include "wm_embed.h"

#define NGX_WENMING_BATCH_MAX  32       /* the others go in another call */

typedef struct ngx_wenming_flight_s  ngx_wenming_flight_t;

struct ngx_wenming_batch_s {
    ngx_wenming_redis_t     *redis;
    ngx_queue_t              waiting;   /* of members */
    ngx_event_t              flush;     /* at the end of this turn */
};

/* In the request's pool: it is forgotten before that goes. */

struct ngx_wenming_member_s {
    ngx_queue_t              queue;
    wm_pool_t               *pool;
    wm_commit_t             *commit;
    ngx_wenming_batch_pt     handler;
    void                    *data;
    ngx_wenming_flight_t    *flight;    /* NULL: still waiting */
    ngx_uint_t               seat;
};

/* One call of the script, in a pool of its own. */

struct ngx_wenming_flight_s {
    ngx_wenming_batch_t     *batch;
    ngx_pool_t              *pool;
    wm_pool_t                wm;
    ngx_wenming_command_t    command;
    ngx_uint_t               n;
    ngx_wenming_member_t    *members[NGX_WENMING_BATCH_MAX];
    unsigned                 whole_script:1;
};

static void ngx_wenming_flight_answered(void *data, ngx_wenming_redis_rc_e rc,
    wm_reply_t *replies, size_t n);


ngx_wenming_batch_t *
ngx_wenming_batch_create(ngx_pool_t *pool, ngx_wenming_redis_t *redis)
{
    ngx_wenming_batch_t  *batch;

    batch = ngx_pcalloc(pool, sizeof(ngx_wenming_batch_t));
    if (batch != NULL) {
        batch->redis = redis;
    }

    return batch;
}


static void *
ngx_wenming_flight_alloc(void *pool, size_t size)
{
    return ngx_palloc(pool, size);
}


static ngx_wenming_flight_t *
ngx_wenming_flight_create(ngx_wenming_batch_t *batch)
{
    ngx_pool_t            *pool;
    ngx_wenming_flight_t  *flight;

    pool = ngx_create_pool(16384, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    flight = ngx_pcalloc(pool, sizeof(ngx_wenming_flight_t));
    if (flight == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    flight->batch = batch;
    flight->pool = pool;
    wm_pool_init(&flight->wm, ngx_wenming_flight_alloc, pool);

    return flight;
}


/* Those who left are not sent; the others move up.  0: nobody is left. */

static ngx_uint_t
ngx_wenming_flight_board(ngx_wenming_flight_t *flight, wm_commit_t **commits)
{
    ngx_uint_t             i, n;
    ngx_wenming_member_t  *member;

    for (i = 0, n = 0; i < flight->n; i++) {
        member = flight->members[i];

        if (member != NULL) {
            member->seat = n;
            flight->members[n] = member;
            commits[n++] = member->commit;
        }
    }

    flight->n = n;

    return n;
}


static ngx_int_t
ngx_wenming_flight_send(ngx_wenming_flight_t *flight)
{
    wm_str_t     *argv;
    wm_commit_t  *commits[NGX_WENMING_BATCH_MAX];

    if (!wm_commits_encode(&flight->wm, commits,
                           ngx_wenming_flight_board(flight, commits), &argv,
                           &flight->command.argc))
    {
        return NGX_ERROR;
    }

    argv[0] = flight->whole_script ? wm_lit("EVAL") : wm_lit("EVALSHA");
    argv[1] = flight->whole_script ? wm_commit_script : wm_commit_sha1;
    flight->command.argv = argv;

    return ngx_wenming_redis_send(flight->batch->redis, &flight->wm,
                                  &flight->command, 1,
                                  NGX_WENMING_REDIS_WRITE,
                                  ngx_wenming_flight_answered, flight)
           != NULL ? NGX_OK : NGX_ERROR;
}


static void
ngx_wenming_member_end(ngx_wenming_member_t *member,
    ngx_wenming_redis_rc_e rc, const wm_reply_t *reply)
{
    wm_reply_t  *copy = NULL;

    /* what the request may look at later must live as long as it does */

    if (reply != NULL) {
        copy = wm_alloc(member->pool, sizeof(wm_reply_t));

        if (copy == NULL || !wm_reply_copy(member->pool, reply, copy)) {
            rc = NGX_WENMING_REDIS_NO_MEMORY;
        }
    }

    member->handler(member->data, rc, copy);
}


/* A handler may end other requests too: they are forgotten meanwhile. */

static void
ngx_wenming_flight_land(ngx_wenming_flight_t *flight,
    ngx_wenming_redis_rc_e rc, const wm_reply_t *reply)
{
    ngx_uint_t             i;
    const wm_reply_t      *item;
    ngx_wenming_member_t  *member;

    for (i = 0; i < flight->n; i++) {
        member = flight->members[i];

        if (member == NULL) {
            continue;
        }

        flight->members[i] = NULL;
        item = reply;

        if (reply != NULL && reply->type != WM_REPLY_ERROR) {
            item = reply->type == WM_REPLY_LIST && reply->n == flight->n
                   ? &reply->items[i] : NULL;
        }

        ngx_wenming_member_end(member, rc, item);
    }

    ngx_destroy_pool(flight->pool);
}


static void
ngx_wenming_flight_answered(void *data, ngx_wenming_redis_rc_e rc,
    wm_reply_t *replies, size_t n)
{
    ngx_uint_t             i, left;
    ngx_wenming_flight_t  *flight = data;

    if (rc != NGX_WENMING_REDIS_OK) {
        ngx_wenming_flight_land(flight, rc, NULL);
        return;
    }

    if (replies[0].type != WM_REPLY_ERROR
        || !wm_starts(replies[0].str, "NOSCRIPT") || flight->whole_script)
    {
        ngx_wenming_flight_land(flight, rc, &replies[0]);
        return;
    }

    /* nothing was done: once more, with the script itself */

    for (i = 0, left = 0; i < flight->n; i++) {
        left += flight->members[i] != NULL;
    }

    flight->whole_script = 1;

    if (left == 0 || ngx_wenming_flight_send(flight) != NGX_OK) {
        ngx_wenming_flight_land(flight, NGX_WENMING_REDIS_NO_MEMORY, NULL);
    }
}


static void
ngx_wenming_batch_flush(ngx_event_t *event)
{
    ngx_queue_t           *q;
    ngx_wenming_batch_t   *batch = event->data;
    ngx_wenming_flight_t  *flight;
    ngx_wenming_member_t  *member;

    while (!ngx_queue_empty(&batch->waiting)) {
        flight = ngx_wenming_flight_create(batch);

        do {
            q = ngx_queue_head(&batch->waiting);
            /* NOLINTNEXTLINE(clang-analyzer-*): takes the next head for q */
            ngx_queue_remove(q);
            member = ngx_queue_data(q, ngx_wenming_member_t, queue);

            if (flight == NULL) {
                ngx_wenming_member_end(member, NGX_WENMING_REDIS_NO_MEMORY,
                                       NULL);
                break;
            }

            member->flight = flight;
            member->seat = flight->n;
            flight->members[flight->n++] = member;

        } while (flight->n < NGX_WENMING_BATCH_MAX
                 && !ngx_queue_empty(&batch->waiting));

        if (flight != NULL && ngx_wenming_flight_send(flight) != NGX_OK) {
            ngx_wenming_flight_land(flight, NGX_WENMING_REDIS_NO_MEMORY,
                                    NULL);
        }
    }
}


ngx_wenming_member_t *
ngx_wenming_batch_send(ngx_wenming_batch_t *batch, wm_pool_t *pool,
    wm_commit_t *commit, ngx_wenming_batch_pt handler, void *data)
{
    ngx_wenming_member_t  *member;

    member = wm_alloc(pool, sizeof(ngx_wenming_member_t));

    /* nothing is decided on facts of which some found no room */

    if (member == NULL || commit->failed || wm_pool_starved(pool)) {
        return NULL;
    }

    member->pool = pool;
    member->commit = commit;
    member->handler = handler;
    member->data = data;
    member->flight = NULL;

    if (batch->flush.handler == NULL) {     /* the first of this process */
        batch->flush.handler = ngx_wenming_batch_flush;
        batch->flush.data = batch;
        batch->flush.log = ngx_cycle->log;
        ngx_queue_init(&batch->waiting);
    }

    ngx_queue_insert_tail(&batch->waiting, &member->queue);

    if (!batch->flush.posted) {
        ngx_post_event(&batch->flush, &ngx_posted_events);
    }

    return member;
}


void
ngx_wenming_batch_forget(ngx_wenming_member_t *member)
{
    if (member->flight == NULL) {
        ngx_queue_remove(&member->queue);

    } else {
        member->flight->members[member->seat] = NULL;
    }
}
