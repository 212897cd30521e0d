/*
 * A hostile Redis: any bytes as the answer, through hiredis and the tool's
 * own conversion.  The other end of a socket pair plays the server.
 */

#include "fuzz.h"
#include "../../cli/redis_sync.c"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static void
fuzz_walk(const wm_reply_t *r, unsigned depth)
{
    size_t  i;

    fuzz_check(depth <= WM_REDIS_DEPTH);

    switch (r->type) {

    case WM_REPLY_STR:
    case WM_REPLY_ERROR:
        fuzz_check(r->str.data != NULL && r->str.data[r->str.len] == '\0');
        break;

    case WM_REPLY_LIST:
        for (i = 0; i < r->n; i++) {
            fuzz_walk(&r->items[i], depth + 1);
        }
        break;

    default:
        break;
    }
}


static void
fuzz_commit(wm_redis_t *redis, wm_pool_t *pool)
{
    size_t               i;
    wm_commit_t         *c;
    wm_commit_result_t   result;

    c = wm_commit_new(pool, fuzz_realm.district, WM_OP_IMPORT,
                      wm_lit("tester"), FUZZ_NOW);
    fuzz_check(c != NULL);

    wm_do(c, HSET, wm_lit("wm:{furong}:x"), wm_lit("f"), wm_lit("v"));

    if (wm_redis_commit(redis, c, &result)) {
        for (i = 0; i < result.nreplies; i++) {
            fuzz_walk(&result.replies[i], 1);
        }
    }
}


static void
fuzz_talk(wm_redis_t *redis, wm_pool_t *pool, uint8_t what)
{
    const wm_reply_t  *r;

    switch (what % 4) {

    case 0:
        r = wm_redis_hash(redis, pool, wm_lit("k"));
        fuzz_check(r == NULL || r->n % 2 == 0);
        break;

    case 1:
        r = wm_redis_both(redis, pool, wm_argv(wm_lit("GET"), wm_lit("a")),
                          wm_argv(wm_lit("GET"), wm_lit("b")));
        fuzz_check(r == NULL || (r->type == WM_REPLY_LIST && r->n == 2));
        break;

    case 2:
        fuzz_commit(redis, pool);
        return;

    default:
        r = wm_redis_try(redis, pool, wm_argv(wm_lit("PING")));
    }

    if (r != NULL) {
        fuzz_walk(r, 0);
    }
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    int         pair[2];
    uint8_t     what;
    wm_str_t    bytes;
    wm_redis_t  redis = { 0 };

    what = fuzz_byte(in);
    bytes = fuzz_rest(in);

    fuzz_check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);

    /* more than the socket takes at once is of no interest */

    if (write(pair[1], bytes.data, bytes.len) == (ssize_t) bytes.len
        && shutdown(pair[1], SHUT_WR) == 0)
    {
        redis.c = redisConnectFd(pair[0]);
        fuzz_check(redis.c != NULL);

        fuzz_talk(&redis, pool, what);
        fuzz_talk(&redis, pool, what >> 2);

        wm_redis_close(&redis);

    } else {
        close(pair[0]);
    }

    close(pair[1]);
}
