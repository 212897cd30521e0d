#include "unit_redis.h"
#include "wm_embed.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

static char           dir[64];
static pid_t          server;
static redisContext  *redis;


/* ---- the server */

static void
serve(void)
{
    int   fd;
    char  socket_path[96];

    snprintf(socket_path, sizeof(socket_path), "%s/redis.sock", dir);

    prctl(PR_SET_PDEATHSIG, SIGKILL);

    fd = open("/dev/null", O_WRONLY);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
    }

    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
           socket_path, "--save", "", "--appendonly", "no", "--dir", dir,
           "--daemonize", "no", "--maxmemory-policy", "noeviction",
           (char *) NULL);
    _exit(127);
}


int
unit_redis_start(void **state)
{
    int   i;
    char  socket_path[96];

    (void) state;

    strcpy(dir, "/tmp/wenming-unit-XXXXXX");
    if (mkdtemp(dir) == NULL) {
        return -1;
    }

    server = fork();
    if (server == 0) {
        serve();
    }

    snprintf(socket_path, sizeof(socket_path), "%s/redis.sock", dir);

    for (i = 0; server > 0 && i < 500; i++) {
        redis = redisConnectUnix(socket_path);
        if (redis != NULL && redis->err == 0) {
            return 0;
        }

        redisFree(redis);
        redis = NULL;
        usleep(10000);
    }

    print_error("redis-server does not start\n");

    return -1;
}


int
unit_redis_stop(void **state)
{
    char  socket_path[96];

    (void) state;

    redisFree(redis);

    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }

    snprintf(socket_path, sizeof(socket_path), "%s/redis.sock", dir);
    unlink(socket_path);

    return rmdir(dir);
}


/* ---- what it is asked, and what it says */

static wm_reply_t
copied(const redisReply *r)
{
    size_t      i;
    wm_reply_t  out = { WM_REPLY_NIL, 0, wm_null, 0, NULL };

    switch (r->type) {

    case REDIS_REPLY_INTEGER:
        out = unit_reply_int(r->integer);
        break;

    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
        out.type = r->type == REDIS_REPLY_ERROR ? WM_REPLY_ERROR
                                                : WM_REPLY_STR;
        out.str = wm_dup(unit_pool, (wm_str_t) { r->len, r->str });
        break;

    case REDIS_REPLY_ARRAY:
        out.type = WM_REPLY_LIST;
        out.n = r->elements;
        out.items = wm_alloc(unit_pool, (r->elements + 1)
                                        * sizeof(wm_reply_t));

        for (i = 0; i < r->elements; i++) {
            out.items[i] = copied(r->element[i]);
        }
    }

    return out;
}


wm_reply_t
unit_ask(const wm_str_t *argv, size_t argc)
{
    size_t        i, lens[256];
    const char   *texts[256];
    redisReply   *r;
    wm_reply_t    out;

    assert_true(argc <= wm_countof(lens));

    for (i = 0; i < argc; i++) {
        texts[i] = argv[i].len > 0 ? argv[i].data : "";
        lens[i] = argv[i].len;
    }

    r = redisCommandArgv(redis, (int) argc, texts, lens);
    assert_non_null(r);

    out = copied(r);
    freeReplyObject(r);

    return out;
}


wm_reply_t
unit_say(const char *fmt, ...)
{
    char        line[512];
    size_t      n;
    va_list     args;
    wm_str_t    rest, word, argv[64];
    wm_reply_t  r;

    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);

    rest = wm_str(line);

    for (n = 0; wm_split(&rest, ' ', &word); n++) {
        assert_true(n < wm_countof(argv));
        argv[n] = word;
    }

    r = unit_ask(argv, n);
    assert_case(r.type != WM_REPLY_ERROR, "%s: %s", line, unit_show(r.str));

    return r;
}


const char *
unit_text(const wm_reply_t *r)
{
    switch (r->type) {

    case WM_REPLY_NIL:
        return "nil";

    case WM_REPLY_INT:
        return wm_printf(unit_pool, "%lld", (long long) r->num).data;

    case WM_REPLY_LIST:
        return wm_printf(unit_pool, "list of %zu", r->n).data;

    default:
        return unit_show(r->str);
    }
}


static int
by_name(const void *a, const void *b)
{
    return strcmp(((const wm_reply_t *) a)->str.data,
                  ((const wm_reply_t *) b)->str.data);
}


wm_str_t
unit_everything(void)
{
    size_t      i;
    wm_buf_t    b;
    wm_reply_t  keys, dump;

    keys = unit_say("KEYS *");
    qsort(keys.items, keys.n, sizeof(wm_reply_t), by_name);

    wm_buf_init(&b, unit_pool, 4096);

    for (i = 0; i < keys.n; i++) {
        dump = unit_say("DUMP %s", keys.items[i].str.data);
        wm_putf(&b, "%s %d ", keys.items[i].str.data,
                unit_say("PTTL %s", keys.items[i].str.data).num >= 0);
        wm_put(&b, dump.str);
    }

    return wm_buf_str(&b);
}


wm_commit_result_t
unit_sent(wm_commit_t *c)
{
    size_t              argc;
    wm_str_t           *argv;
    wm_reply_t          r;
    wm_commit_result_t  result = { 0 };

    assert_true(wm_commits_encode(unit_pool, &c, 1, &argv, &argc));

    argv[0] = wm_lit("EVAL");
    argv[1] = wm_commit_script;

    r = unit_ask(argv, argc);
    assert_case(r.type == WM_REPLY_LIST && r.n == 1
                && wm_commit_read(&r.items[0], &result), "%s", unit_text(&r));

    return result;
}
