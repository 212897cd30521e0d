/* scrypt in nginx's thread pool, at most two at once in a worker. */

#include "ngx_wenming_ctx.h"

#include <ngx_thread_pool.h>

#define NGX_WENMING_HASH_AT_ONCE  2     /* 32 MiB each */
#define NGX_WENMING_HASH_QUEUE    64
#define NGX_WENMING_HASH_TIME     8000  /* ms, with waiting */

/* Not in the request's pool: the thread may outlive the request. */

typedef struct {
    ngx_queue_t           queue;
    ngx_pool_t           *pool;
    ngx_thread_task_t    *task;
    ngx_thread_pool_t    *threads;
    ngx_wenming_ctx_t    *ctx;          /* NULL: nobody waits any more */
    wm_slow_hash_t       *job;          /* the request's */
    wm_step_pt            next;
    ngx_event_t           timer;
    unsigned              running:1;
    unsigned              queued:1;

    /* the thread's own copy */

    bool                  ok;
    uint8_t               salt[16];
    uint8_t               hash[WM_KEY_LEN];
    size_t                len;
    char                  password[WM_PASSWORD_MAX * 4];
} ngx_wenming_hash_t;

static ngx_queue_t  ngx_wenming_hash_waiting;
static ngx_uint_t   ngx_wenming_hash_running;
static ngx_uint_t   ngx_wenming_hash_queued;


static void
ngx_wenming_hash_thread(void *data, ngx_log_t *log)
{
    ngx_wenming_hash_t  *hash = *(ngx_wenming_hash_t **) data;

    hash->ok = wm_scrypt((wm_str_t) { hash->len, hash->password }, hash->salt,
                         hash->hash);
}


static void
ngx_wenming_hash_free(ngx_wenming_hash_t *hash)
{
    if (hash->timer.timer_set) {
        ngx_del_timer(&hash->timer);
    }

    wm_wipe(hash->password, sizeof(hash->password));
    wm_wipe(hash->hash, sizeof(hash->hash));
    ngx_destroy_pool(hash->pool);
}


static ngx_int_t
ngx_wenming_hash_run(ngx_wenming_hash_t *hash)
{
    if (ngx_thread_task_post(hash->threads, hash->task) != NGX_OK) {
        return NGX_ERROR;
    }

    hash->running = 1;
    ngx_wenming_hash_running++;

    return NGX_OK;
}


static void
ngx_wenming_hash_unqueue(ngx_wenming_hash_t *hash)
{
    /* NOLINTNEXTLINE(clang-analyzer-*): takes the next head for this one */
    ngx_queue_remove(&hash->queue);
    hash->queued = 0;
    ngx_wenming_hash_queued--;
}


static void
ngx_wenming_hash_tell(ngx_wenming_hash_t *hash)
{
    ngx_wenming_ctx_t  *ctx = hash->ctx;

    hash->ctx = NULL;

    if (ctx == NULL) {
        return;
    }

    ctx->pending = NULL;
    hash->job->ok = hash->ok;
    ngx_memcpy(hash->job->hash, hash->hash, WM_KEY_LEN);

    ngx_wenming_resume(ctx, hash->next);
}


static void
ngx_wenming_hash_done(ngx_event_t *event)
{
    ngx_queue_t         *q;
    ngx_wenming_hash_t  *hash = event->data;

    ngx_wenming_hash_running--;

    while (!ngx_queue_empty(&ngx_wenming_hash_waiting)
           && ngx_wenming_hash_running < NGX_WENMING_HASH_AT_ONCE)
    {
        q = ngx_queue_head(&ngx_wenming_hash_waiting);
        ngx_wenming_hash_unqueue(ngx_queue_data(q, ngx_wenming_hash_t,
                                                queue));
        if (ngx_wenming_hash_run(ngx_queue_data(q, ngx_wenming_hash_t, queue))
            != NGX_OK)
        {
            break;                      /* its timer ends it */
        }
    }

    ngx_wenming_hash_tell(hash);
    ngx_wenming_hash_free(hash);
}


/* It also keeps an exiting worker until the thread has ended. */

static void
ngx_wenming_hash_timeout(ngx_event_t *event)
{
    ngx_wenming_hash_t  *hash = event->data;

    hash->ok = false;

    if (hash->running) {
        ngx_wenming_hash_tell(hash);
        return;
    }

    if (hash->queued) {
        ngx_wenming_hash_unqueue(hash);
    }

    ngx_wenming_hash_tell(hash);
    ngx_wenming_hash_free(hash);
}


static void
ngx_wenming_hash_forget(void *pending)
{
    ngx_wenming_hash_t  *hash = pending;

    hash->ctx = NULL;
}


static ngx_wenming_hash_t *
ngx_wenming_hash_create(ngx_wenming_ctx_t *ctx, wm_slow_hash_t *job)
{
    ngx_pool_t               *pool;
    ngx_wenming_hash_t       *hash;
    ngx_wenming_main_conf_t  *wmcf;

    wmcf = ngx_http_get_module_main_conf(ctx->request, ngx_wenming_module);

    if (job->password.len > sizeof(hash->password)
        || ngx_wenming_hash_queued >= NGX_WENMING_HASH_QUEUE)
    {
        return NULL;
    }

    pool = ngx_create_pool(4096, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    hash = ngx_pcalloc(pool, sizeof(ngx_wenming_hash_t));

    if (hash == NULL
        || (hash->task = ngx_thread_task_alloc(pool, sizeof(void *))) == NULL)
    {
        ngx_destroy_pool(pool);
        return NULL;
    }

    hash->pool = pool;
    hash->threads = wmcf->threads;
    hash->ctx = ctx;
    hash->job = job;
    hash->len = job->password.len;
    ngx_memcpy(hash->password, job->password.data, hash->len);
    ngx_memcpy(hash->salt, job->salt, sizeof(hash->salt));

    *(ngx_wenming_hash_t **) hash->task->ctx = hash;
    hash->task->handler = ngx_wenming_hash_thread;
    hash->task->event.data = hash;
    hash->task->event.handler = ngx_wenming_hash_done;

    hash->timer.data = hash;
    hash->timer.handler = ngx_wenming_hash_timeout;
    hash->timer.log = ngx_cycle->log;

    return hash;
}


void
wm_slow_hash(wm_web_t *w, wm_slow_hash_t *job, wm_step_pt next)
{
    ngx_wenming_ctx_t   *ctx = ngx_wenming_ctx(w);
    ngx_wenming_hash_t  *hash;

    job->ok = false;

    hash = ngx_wenming_hash_create(ctx, job);
    if (hash == NULL) {
        wm_answer(w, WM_VERDICT_UNAVAILABLE);
        return;
    }

    hash->next = next;

    if (ngx_wenming_hash_waiting.next == NULL) {
        ngx_queue_init(&ngx_wenming_hash_waiting);
    }

    if (ngx_wenming_hash_running >= NGX_WENMING_HASH_AT_ONCE) {
        ngx_queue_insert_tail(&ngx_wenming_hash_waiting, &hash->queue);
        hash->queued = 1;
        ngx_wenming_hash_queued++;

    } else if (ngx_wenming_hash_run(hash) != NGX_OK) {
        ngx_wenming_hash_free(hash);
        wm_answer(w, WM_VERDICT_UNAVAILABLE);
        return;
    }

    ngx_add_timer(&hash->timer, NGX_WENMING_HASH_TIME);
    ngx_wenming_wait(ctx, hash, ngx_wenming_hash_forget);
}
