/*
 * The only file that knows hiredis.  Replies are copied into plain data, so
 * that nothing behind this file depends on the client or on its memory.
 */

#include "cli.h"
#include "wm_embed.h"

#include <errno.h>
#include <stdio.h>

#include <hiredis/hiredis.h>

#define WM_REDIS_CONNECT_S   5
#define WM_REDIS_ANSWER_S    30
#define WM_REDIS_PORT        6379
#define WM_REDIS_DEPTH       8

struct wm_redis_s {
    redisContext  *c;
    size_t         pushed;              /* commands without an answer yet */
    char           error[160];          /* why the connection is of no use */
};

typedef struct {
    wm_str_t   path;                    /* of the socket, or wm_null */
    wm_str_t   host;
    uint64_t   port;
    wm_str_t   db;
} wm_address_t;


/* HOST, HOST:PORT or [IPV6]:PORT */

static bool
wm_redis_parse_host(wm_pool_t *pool, wm_str_t s, wm_address_t *a)
{
    wm_str_t  host;

    if (s.len > 0 && s.data[0] == '[') {
        s = (wm_str_t) { s.len - 1, s.data + 1 };

        if (!wm_split(&s, ']', &host) || s.data == NULL
            || (s.len > 0 && s.data[0] != ':'))
        {
            return false;
        }

        s = s.len > 0 ? (wm_str_t) { s.len - 1, s.data + 1 } : wm_null;

    } else {
        wm_split(&s, ':', &host);
    }

    a->port = WM_REDIS_PORT;

    if (s.data != NULL && (!wm_parse_uint(s, 65535, &a->port) || a->port == 0))
    {
        return false;
    }

    a->host = wm_dup(pool, host);

    return host.len > 0 && memchr(host.data, '@', host.len) == NULL
           && a->host.data != NULL;
}


static bool
wm_redis_parse(wm_pool_t *pool, wm_str_t s, wm_address_t *a)
{
    uint64_t  db;
    wm_str_t  host;

    memset(a, 0, sizeof(wm_address_t));

    if (wm_starts(s, "unix:")) {
        a->path = (wm_str_t) { s.len - 5, s.data + 5 };
        return a->path.len > 1 && a->path.data[0] == '/';
    }

    if (!wm_starts(s, "redis://")) {
        return false;
    }

    s = (wm_str_t) { s.len - 8, s.data + 8 };
    wm_split(&s, '/', &host);

    if (s.len > 0) {
        if (!wm_parse_uint(s, 65535, &db)) {
            return false;
        }

        a->db = s;
    }

    return wm_redis_parse_host(pool, host, a);
}


static bool
wm_redis_dial(wm_cli_t *cli, wm_redis_t *redis, const wm_address_t *a)
{
    struct timeval  wait = { WM_REDIS_CONNECT_S, 0 };
    struct timeval  answer = { cli->patience_s > 0 ? cli->patience_s
                                                   : WM_REDIS_ANSWER_S, 0 };

    redis->c = a->path.data != NULL
               ? redisConnectUnixWithTimeout(a->path.data, wait)
               : redisConnectWithTimeout(a->host.data, (int) a->port, wait);

    if (redis->c == NULL) {
        snprintf(redis->error, sizeof(redis->error), "no memory");
        return false;
    }

    if (redis->c->err != 0 || redisSetTimeout(redis->c, answer) != REDIS_OK) {
        snprintf(redis->error, sizeof(redis->error), "cannot connect: %s",
                 redis->c->errstr);
        return false;
    }

    return true;
}


static bool
wm_redis_expect_ok(wm_redis_t *redis, wm_pool_t *pool, const char *what,
    const wm_str_t *argv, size_t argc)
{
    const wm_reply_t  *reply;

    reply = wm_redis_try(redis, pool, argv, argc);
    if (reply == NULL) {
        return false;
    }

    if (wm_is(wm_reply_str(reply), "OK")) {
        return true;
    }

    snprintf(redis->error, sizeof(redis->error), "%s: %s", what,
             reply->type == WM_REPLY_ERROR ? wm_say_safe(pool, reply->str)
                                           : "unexpected answer");

    return false;
}


static bool
wm_redis_enter(wm_cli_t *cli, wm_redis_t *redis, const wm_address_t *a)
{
    bool      ok;
    wm_str_t  path, password, ping = wm_lit("PING");

    path = cli->options[WM_OPT_REDIS_PASSWORD];

    if (path.data != NULL) {
        if (!wm_password_read(cli->pool, path, &password)) {
            snprintf(redis->error, sizeof(redis->error), "no password");
            return false;
        }

        ok = wm_redis_expect_ok(redis, cli->pool, "the password is refused",
                                wm_argv(wm_lit("AUTH"), password));
        wm_wipe((char *) password.data, password.len);

        if (!ok) {
            return false;
        }
    }

    if (a->db.data != NULL
        && !wm_redis_expect_ok(redis, cli->pool, "no such database",
                               wm_argv(wm_lit("SELECT"), a->db)))
    {
        return false;
    }

    /* who stands still takes connections all the same; any answer will do */

    return wm_redis_try(redis, cli->pool, &ping, 1) != NULL;
}


wm_redis_t *
wm_redis_open(wm_cli_t *cli, wm_str_t *error)
{
    wm_str_t       address;
    wm_redis_t    *redis;
    wm_address_t   a;

    address = cli->options[WM_OPT_REDIS];

    if (!wm_redis_parse(cli->pool, address, &a)) {
        *error = wm_lit("an address is unix:/PATH or redis://HOST:PORT/DB; a "
                        "password goes into --redis-password-file");
        return NULL;
    }

    redis = wm_calloc(cli->pool, sizeof(wm_redis_t));
    if (redis == NULL) {
        *error = wm_lit("no memory");
        return NULL;
    }

    if (!wm_redis_dial(cli, redis, &a) || !wm_redis_enter(cli, redis, &a)) {
        *error = wm_str(redis->error);
        wm_redis_close(redis);
        return NULL;
    }

    return redis;
}


wm_redis_t *
wm_redis_get(wm_cli_t *cli)
{
    wm_str_t  error;

    if (cli->redis != NULL) {
        return cli->redis;
    }

    if (wm_cli_need(cli, WM_OPT_REDIS).data == NULL) {
        return NULL;
    }

    cli->redis = wm_redis_open(cli, &error);

    if (cli->redis == NULL) {
        wm_say_error("Redis at %s: %s", cli->options[WM_OPT_REDIS].data,
                     error.data);
    }

    return cli->redis;
}


void
wm_redis_close(wm_redis_t *redis)
{
    if (redis->c != NULL) {
        redisFree(redis->c);
        redis->c = NULL;
    }
}


static bool
wm_redis_copy(wm_pool_t *pool, const redisReply *from, wm_reply_t *to,
    unsigned depth)
{
    size_t  i;

    memset(to, 0, sizeof(wm_reply_t));

    switch (from->type) {

    case REDIS_REPLY_NIL:
        return true;

    case REDIS_REPLY_INTEGER:
        to->type = WM_REPLY_INT;
        to->num = from->integer;
        return true;

    case REDIS_REPLY_ARRAY:
        to->type = WM_REPLY_LIST;
        to->n = from->elements;
        to->items = wm_alloc(pool, to->n * sizeof(wm_reply_t) + 1);

        if (to->items == NULL || depth == WM_REDIS_DEPTH) {
            return false;
        }

        for (i = 0; i < to->n; i++) {
            if (!wm_redis_copy(pool, from->element[i], &to->items[i],
                               depth + 1))
            {
                return false;
            }
        }

        return true;

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
        to->type = from->type == REDIS_REPLY_ERROR ? WM_REPLY_ERROR
                                                   : WM_REPLY_STR;
        to->str = wm_dup(pool, (wm_str_t) { (size_t) from->len, from->str });
        return to->str.data != NULL;

    default:
        return false;
    }
}


/* The words as the client wants them. */

static bool
wm_redis_words(wm_redis_t *redis, wm_pool_t *pool, const wm_str_t *argv,
    size_t argc, const char ***words, size_t **lens)
{
    size_t  i;

    if (redis->error[0] != '\0') {
        return false;
    }

    *words = wm_alloc(pool, argc * sizeof(char *));
    *lens = wm_alloc(pool, argc * sizeof(size_t));

    if (*words == NULL || *lens == NULL) {
        snprintf(redis->error, sizeof(redis->error), "no memory");
        return false;
    }

    for (i = 0; i < argc; i++) {
        (*words)[i] = argv[i].len > 0 ? argv[i].data : "";
        (*lens)[i] = argv[i].len;
    }

    return true;
}


static redisReply *
wm_redis_send(wm_redis_t *redis, wm_pool_t *pool, const wm_str_t *argv,
    size_t argc)
{
    size_t       *lens;
    const char  **words;

    return wm_redis_words(redis, pool, argv, argc, &words, &lens)
           ? redisCommandArgv(redis->c, (int) argc, words, lens) : NULL;
}


const wm_reply_t *
wm_redis_try(wm_redis_t *redis, wm_pool_t *pool, const wm_str_t *argv,
    size_t argc)
{
    bool         ok;
    redisReply  *raw;
    wm_reply_t  *reply;

    raw = wm_redis_send(redis, pool, argv, argc);

    if (raw == NULL) {
        if (redis->error[0] == '\0') {
            snprintf(redis->error, sizeof(redis->error), "%s",
                     redis->c->err == REDIS_ERR_IO && errno == EAGAIN
                     ? "no answer in time" : redis->c->errstr);
        }

        return NULL;
    }

    reply = wm_alloc(pool, sizeof(wm_reply_t));
    ok = reply != NULL && wm_redis_copy(pool, raw, reply, 0);

    freeReplyObject(raw);

    if (!ok) {
        snprintf(redis->error, sizeof(redis->error),
                 "an answer that is no use, or no memory for it");
        return NULL;
    }

    return reply;
}


static void
wm_redis_complain(wm_redis_t *redis, wm_pool_t *pool, wm_str_t command,
    const wm_reply_t *reply)
{
    if (reply == NULL) {
        wm_say_error("Redis: %s", redis->error);

    } else if (reply->type == WM_REPLY_ERROR) {
        wm_say_error("Redis refuses %s: %s", command.data,
                     wm_say_safe(pool, reply->str));

    } else {
        wm_say_error("Redis answers %s with something of another type",
                     command.data);
    }
}


const wm_reply_t *
wm_redis_ask(wm_redis_t *redis, wm_pool_t *pool, wm_reply_type_t type,
    const wm_str_t *argv, size_t argc)
{
    const wm_reply_t  *reply;

    reply = wm_redis_try(redis, pool, argv, argc);

    if (reply != NULL && (reply->type == type || reply->type == WM_REPLY_NIL)) {
        return reply;
    }

    wm_redis_complain(redis, pool, argv[0], reply);

    return NULL;
}


bool
wm_redis_push(wm_redis_t *redis, wm_pool_t *pool, const wm_str_t *argv,
    size_t argc)
{
    size_t       *lens;
    const char  **words;

    if (!wm_redis_words(redis, pool, argv, argc, &words, &lens)) {
        wm_redis_complain(redis, pool, argv[0], NULL);
        return false;
    }

    if (redisAppendCommandArgv(redis->c, (int) argc, words, lens)
        != REDIS_OK)
    {
        snprintf(redis->error, sizeof(redis->error), "%s", redis->c->errstr);
        wm_redis_complain(redis, pool, argv[0], NULL);
        return false;
    }

    redis->pushed++;

    return true;
}


bool
wm_redis_drain(wm_redis_t *redis, wm_pool_t *pool)
{
    bool         ok;
    void        *raw;
    wm_reply_t   error;

    for (ok = true; redis->pushed > 0; redis->pushed--) {
        raw = NULL;

        if (redisGetReply(redis->c, &raw) != REDIS_OK || raw == NULL) {
            snprintf(redis->error, sizeof(redis->error), "%s",
                     redis->c->errstr);
            wm_redis_complain(redis, pool, wm_lit(""), NULL);
            return false;
        }

        if (ok && ((redisReply *) raw)->type == REDIS_REPLY_ERROR) {
            ok = false;

            if (wm_redis_copy(pool, raw, &error, 0)) {
                wm_redis_complain(redis, pool, wm_lit("a command"), &error);
            }
        }

        freeReplyObject(raw);
    }

    return ok;
}


const wm_reply_t *
wm_redis_hash(wm_redis_t *redis, wm_pool_t *pool, wm_str_t key)
{
    size_t             i;
    const wm_reply_t  *reply;

    reply = wm_redis_ask(redis, pool, WM_REPLY_LIST,
                         wm_argv(wm_lit("HGETALL"), key));
    if (reply == NULL) {
        return NULL;
    }

    for (i = 0; i < reply->n && reply->items[i].type == WM_REPLY_STR; i++) {
        /* void */
    }

    if (i < reply->n || reply->n % 2 != 0) {
        wm_redis_complain(redis, pool, wm_lit("HGETALL"), reply);
        return NULL;
    }

    return reply;
}


const wm_reply_t *
wm_redis_both(wm_redis_t *redis, wm_pool_t *pool, const wm_str_t *first,
    size_t nfirst, const wm_str_t *second, size_t nsecond)
{
    const wm_reply_t  *reply;

    if (wm_redis_ask(redis, pool, WM_REPLY_STR, wm_argv(wm_lit("MULTI")))
        == NULL
        || wm_redis_ask(redis, pool, WM_REPLY_STR, first, nfirst) == NULL
        || wm_redis_ask(redis, pool, WM_REPLY_STR, second, nsecond) == NULL)
    {
        return NULL;
    }

    reply = wm_redis_ask(redis, pool, WM_REPLY_LIST,
                         wm_argv(wm_lit("EXEC")));

    if (reply == NULL) {
        return NULL;
    }

    if (reply->type != WM_REPLY_LIST || reply->n != 2) {
        wm_redis_complain(redis, pool, wm_lit("EXEC"), reply);
        return NULL;
    }

    return reply;
}


static const wm_reply_t *
wm_redis_eval(wm_redis_t *redis, wm_commit_t *c)
{
    size_t             argc;
    wm_str_t          *argv;
    const wm_reply_t  *reply;

    /* nothing is decided on facts of which some found no room */

    if (wm_pool_starved(c->pool)
        || !wm_commits_encode(c->pool, &c, 1, &argv, &argc))
    {
        snprintf(redis->error, sizeof(redis->error),
                 "no memory, or too much for one commit");
        return NULL;
    }

    argv[0] = wm_lit("EVALSHA");
    argv[1] = wm_commit_sha1;

    reply = wm_redis_try(redis, c->pool, argv, argc);

    if (reply != NULL && reply->type == WM_REPLY_ERROR
        && wm_starts(reply->str, "NOSCRIPT"))
    {
        argv[0] = wm_lit("EVAL");
        argv[1] = wm_commit_script;

        reply = wm_redis_try(redis, c->pool, argv, argc);
    }

    return reply != NULL && reply->type == WM_REPLY_LIST && reply->n == 1
           ? &reply->items[0] : reply;
}


bool
wm_redis_commit(wm_redis_t *redis, wm_commit_t *c, wm_commit_result_t *result)
{
    const wm_reply_t  *reply;

    reply = wm_redis_eval(redis, c);

    if (reply == NULL || reply->type == WM_REPLY_ERROR
        || !wm_commit_read(reply, result))
    {
        wm_redis_complain(redis, c->pool, wm_lit("the commit"), reply);

        if (reply == NULL) {
            wm_say_error("nobody knows whether the last step was carried "
                         "out; repeating the command is safe");
        }

        return false;
    }

    if (result->status == WM_COMMIT_REFUSED
        || result->status == WM_COMMIT_OTHER_BODY)
    {
        wm_say_error("the commit is refused at effect %zu: %s", result->index,
                     wm_say_safe(c->pool, result->seen));
        return false;
    }

    return true;
}
