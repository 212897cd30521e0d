/* Reads and commits of a request: between the handlers and the client. */

#include "ngx_wenming_metrics.h"
#include "ngx_wenming_reply.h"
#include "ngx_wenming_shared.h"

#define NGX_WENMING_TRIES  5                /* of a commit that lost a race */


void
wm_web_ask(wm_web_t *w, const wm_str_t *argv, size_t argc)
{
    wm_str_t               *copy;
    ngx_wenming_ctx_t      *ctx = ngx_wenming_ctx(w);
    ngx_wenming_command_t  *command;

    command = ngx_array_push(&ctx->commands);
    copy = wm_alloc(w->pool, argc * sizeof(wm_str_t));

    if (command == NULL || copy == NULL) {
        ctx->failed = 1;                /* noticed when they are sent */
        return;
    }

    command->argc = argc;
    command->argv = copy;

    ngx_memcpy(copy, argv, argc * sizeof(wm_str_t));
}


static ngx_uint_t
ngx_wenming_store_complete(const ngx_array_t *commands)
{
    size_t                  j;
    ngx_uint_t              i;
    ngx_wenming_command_t  *c = commands->elts;

    for (i = 0; i < commands->nelts; i++) {
        for (j = 0; j < c[i].argc; j++) {
            if (c[i].argv[j].data == NULL && c[i].argv[j].len == 0) {
                return 0;
            }
        }
    }

    return commands->nelts > 0;
}


static wm_verdict_t
ngx_wenming_store_verdict(ngx_wenming_redis_rc_e rc)
{
    switch (rc) {

    case NGX_WENMING_REDIS_NOT_DURABLE:
        return WM_VERDICT_NOT_DURABLE;

    case NGX_WENMING_REDIS_NO_MEMORY:
        return WM_VERDICT_INTERNAL;

    default:
        return WM_VERDICT_UNAVAILABLE;
    }
}


static wm_outcome_t
ngx_wenming_store_outcome(ngx_wenming_redis_rc_e rc)
{
    switch (rc) {

    case NGX_WENMING_REDIS_NOT_DURABLE:
        return WM_OUTCOME_NOT_DURABLE;

    case NGX_WENMING_REDIS_NO_MEMORY:
        return WM_OUTCOME_INTERNAL;

    case NGX_WENMING_REDIS_TIMEOUT:
        return WM_OUTCOME_TIMEOUT;

    default:
        return WM_OUTCOME_UNAVAILABLE;
    }
}


/* ---- reads */

static void
ngx_wenming_store_away(wm_web_t *w)
{
    wm_answer(w, ngx_wenming_ctx(w)->verdict);
}


static void
ngx_wenming_store_fail(ngx_wenming_ctx_t *ctx, wm_verdict_t verdict)
{
    ctx->verdict = verdict;
    ngx_wenming_resume(ctx, ngx_wenming_store_away);
}


static void
ngx_wenming_store_log(ngx_wenming_ctx_t *ctx, const wm_reply_t *error)
{
    wm_str_t  word;
    wm_str_t  text = error->str;

    /* the first word of Redis's errors is a code, the rest may quote data */

    if (!wm_split(&text, ' ', &word)) {
        word = wm_lit("?");
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "wenming: Redis answered with error %*s", word.len,
                  word.data);
}


static void
ngx_wenming_store_fetched(void *data, ngx_wenming_redis_rc_e rc,
    wm_reply_t *replies, size_t n)
{
    size_t              i;
    ngx_wenming_ctx_t  *ctx = data;

    ctx->pending = NULL;

    if (rc != NGX_WENMING_REDIS_OK) {
        ngx_wenming_store_fail(ctx, ngx_wenming_store_verdict(rc));
        return;
    }

    for (i = 0; i < n; i++) {
        if (replies[i].type == WM_REPLY_ERROR) {
            ngx_wenming_store_log(ctx, &replies[i]);
            ngx_wenming_store_fail(ctx, WM_VERDICT_UNAVAILABLE);
            return;
        }
    }

    ctx->web.replies = replies;
    ctx->web.nreplies = n;

    ngx_wenming_resume(ctx, ctx->next);
}


static void
ngx_wenming_store_forget(void *op)
{
    ngx_wenming_redis_forget(op);
}


static void
ngx_wenming_store_ask(wm_web_t *w, ngx_wenming_redis_kind_e kind,
    wm_step_pt next)
{
    ngx_array_t              commands;
    ngx_wenming_ctx_t       *ctx = ngx_wenming_ctx(w);
    ngx_wenming_redis_op_t  *op;

    commands = ctx->commands;

    if (ctx->failed || !ngx_wenming_store_complete(&commands)
        || ngx_array_init(&ctx->commands, ctx->request->pool, 4,
                          sizeof(ngx_wenming_command_t))
           != NGX_OK)
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    op = ngx_wenming_redis_send(ctx->conf->redis, &ctx->pool, commands.elts,
                                commands.nelts, kind,
                                ngx_wenming_store_fetched, ctx);
    if (op == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    ctx->next = next;
    ngx_wenming_wait(ctx, op, ngx_wenming_store_forget);
}


void
wm_fetch(wm_web_t *w, wm_step_pt next)
{
    ngx_wenming_store_ask(w, NGX_WENMING_REDIS_READ, next);
}


void
wm_fetch_number(wm_web_t *w, wm_step_pt next)
{
    ngx_wenming_store_ask(w, NGX_WENMING_REDIS_WRITE, next);
}


/* ---- commits */

wm_commit_t *
wm_begin(wm_web_t *w, wm_op_t op)
{
    wm_str_t      actor;
    wm_commit_t  *c;

    actor = wm_web_actor(w);
    if (actor.data == NULL) {
        return NULL;
    }

    c = wm_commit_new(w->pool, w->site->district, op, actor, w->now_ms);

    if (c != NULL && w->once.data != NULL) {
        wm_commit_once(c, w->once, w->body);
    }

    return c;
}


static void
ngx_wenming_store_unmet(ngx_wenming_ctx_t *ctx)
{
    if (++ctx->tries == NGX_WENMING_TRIES) {
        ngx_wenming_store_fail(ctx, WM_VERDICT_CONFLICT);
        return;
    }

    ngx_wenming_resume(ctx, ctx->again);
}


static void
ngx_wenming_store_decided(ngx_wenming_ctx_t *ctx, const wm_reply_t *reply)
{
    wm_commit_result_t  *result = &ctx->web.result;

    if (reply == NULL || !wm_commit_read(reply, result)) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "wenming: Redis answered a commit with nonsense");
        ngx_wenming_metrics_commit(ctx, WM_OUTCOME_ERROR);
        ngx_wenming_store_fail(ctx, WM_VERDICT_UNAVAILABLE);
        return;
    }

    ngx_wenming_metrics_commit(ctx, wm_outcome_of(result->status));

    switch (result->status) {

    case WM_COMMITTED:
        ctx->tries = 0;                 /* of the next, if there is one */
        ngx_wenming_shared_drop(ctx, ctx->commit->op);
        /* fall through */

    case WM_COMMITTED_BEFORE:
        ngx_wenming_resume(ctx, ctx->next);
        return;

    case WM_COMMIT_UNMET:
        ngx_wenming_store_unmet(ctx);
        return;

    case WM_COMMIT_OTHER_BODY:
        ngx_wenming_store_fail(ctx, WM_VERDICT_KEY_REUSED);
        return;

    default:
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "wenming: Redis cannot carry out effect %uz of %s: %*s",
                      result->index, wm_op_verb(ctx->commit->op),
                      result->seen.len, result->seen.data);
        ngx_wenming_store_fail(ctx, WM_VERDICT_INTERNAL);
    }
}


static void
ngx_wenming_store_committed(void *data, ngx_wenming_redis_rc_e rc,
    const wm_reply_t *reply)
{
    ngx_wenming_ctx_t  *ctx = data;

    ctx->pending = NULL;
    ctx->committed = 1;
    ctx->commit_us = ngx_wenming_metrics_now() - ctx->commit_start;

    if (rc != NGX_WENMING_REDIS_OK) {
        ngx_wenming_metrics_commit(ctx, ngx_wenming_store_outcome(rc));
        ngx_wenming_store_fail(ctx, ngx_wenming_store_verdict(rc));

    } else if (reply != NULL && reply->type == WM_REPLY_ERROR) {
        ngx_wenming_metrics_commit(ctx, WM_OUTCOME_ERROR);
        ngx_wenming_store_log(ctx, reply);
        ngx_wenming_store_fail(ctx, WM_VERDICT_UNAVAILABLE);

    } else {
        ngx_wenming_store_decided(ctx, reply);
    }
}


static void
ngx_wenming_store_forget_commit(void *member)
{
    ngx_wenming_batch_forget(member);
}


void
wm_send(wm_web_t *w, wm_commit_t *c, wm_step_pt again, wm_step_pt next)
{
    ngx_wenming_ctx_t     *ctx = ngx_wenming_ctx(w);
    ngx_wenming_member_t  *member;

    if (ctx->again != again) {
        ctx->tries = 0;                 /* another decision has its own */
    }

    ctx->commit = c;
    ctx->again = again;
    ctx->next = next;
    ngx_wenming_metrics_begin(ctx);

    member = ngx_wenming_batch_send(ctx->conf->batch, &ctx->pool, c,
                                    ngx_wenming_store_committed, ctx);
    if (member == NULL) {
        ngx_wenming_metrics_commit(ctx, WM_OUTCOME_INTERNAL);
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    ngx_wenming_wait(ctx, member, ngx_wenming_store_forget_commit);
}


/* The condition of this commit never holds: it only finds a record. */

void
wm_refuse(wm_web_t *w, wm_verdict_t verdict, wm_step_pt next)
{
    wm_commit_t        *c;
    ngx_wenming_ctx_t  *ctx = ngx_wenming_ctx(w);

    if (w->once.data == NULL) {
        wm_answer(w, verdict);
        return;
    }

    c = wm_begin(w, WM_OP_REPEAT);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_need(c, EXISTS, wm_web_key(w, "never"));

    ctx->verdict = verdict;
    wm_send(w, c, ngx_wenming_store_away, next);
}
