/*
 * Tells people of what concerns them: reads the journal behind its cursor,
 * puts notifications into the outbox, and delivers what is due there.
 */

#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define WM_NOTIFY_SECRET_MIN   16
#define WM_NOTIFY_SECRET_MAX   1024
#define WM_NOTIFY_WATCH_MAX    86400
#define WM_NOTIFY_NAP_MS       200

static volatile sig_atomic_t  wm_notifier_signal;


static void
wm_notifier_catch(int signo)
{
    wm_notifier_signal = signo;
}


bool
wm_notifier_ends(void)
{
    return wm_notifier_signal != 0;
}


int64_t
wm_notifier_now(const wm_notifier_t *n)
{
    return wm_say_now_ms() + n->ahead_ms;
}


/* ---- what the other files read */

const wm_reply_t *
wm_notifier_hash(wm_notifier_t *n, const char *family, wm_str_t id)
{
    return wm_redis_hash(n->redis, n->page,
                         wm_key(n->page, n->site.district, "%s:%.*s", family,
                                wm_fmt(id)));
}


bool
wm_notifier_order(wm_notifier_t *n, wm_str_t id, wm_order_t *order)
{
    const wm_reply_t  *record;

    record = wm_notifier_hash(n, "order", id);

    if (record != NULL && !wm_order_load(record, id, order)) {
        memset(order, 0, sizeof(wm_order_t));
    }

    return record != NULL;
}


bool
wm_notifier_event(wm_notifier_t *n, wm_str_t id, wm_event_t *event)
{
    const wm_reply_t  *record;

    record = wm_notifier_hash(n, "event", id);

    if (record != NULL && !wm_event_load(record, id, event)) {
        memset(event, 0, sizeof(wm_event_t));
    }

    return record != NULL;
}


bool
wm_notifier_wish(wm_notifier_t *n, wm_str_t id, wm_wish_t *wish)
{
    const wm_reply_t  *record;

    record = wm_notifier_hash(n, "wish", id);

    if (record != NULL && !wm_wish_load(record, id, wish)) {
        memset(wish, 0, sizeof(wm_wish_t));
    }

    return record != NULL;
}


/* The journal has the real time, also where --now is another. */

wm_commit_t *
wm_notifier_commit(wm_notifier_t *n, wm_op_t op)
{
    wm_commit_t  *c;

    c = wm_commit_new(n->page, n->site.district, op, n->actor,
                      wm_say_now_ms());
    if (c == NULL) {
        wm_say_error("no memory");
    }

    return c;
}


/* ---- dead letters */

static const wm_reply_t *
wm_notify_dead_page(wm_notifier_t *n, size_t first)
{
    return wm_redis_ask(n->redis, n->page, WM_REPLY_LIST,
                        wm_argv(wm_lit("ZRANGE"),
                                wm_key(n->page, n->site.district,
                                       "outbox_dead"),
                                wm_printf(n->page, "%zu", first),
                                wm_printf(n->page, "%zu",
                                          first + WM_NOTIFY_SETTLE - 1)));
}


static void
wm_notify_dead_print(wm_notifier_t *n, const wm_notify_t *item)
{
    char  made[WM_TIME_TEXT];

    if (item->kind == WM_NOTICE_MAX) {
        printf("%s  damaged\n", wm_say_safe(n->page, item->id));
        return;
    }

    wm_time_iso(item->made_ms, n->site.offset, made);
    printf("%s  %s  since %s  ", wm_say_safe(n->page, item->id),
           wm_notice_code(item->kind), made);

    if (item->status > 0) {
        printf("status %" PRId64 "\n", item->status);

    } else {
        printf("no answer\n");
    }
}


static int
wm_notify_dead(wm_notifier_t *n)
{
    size_t             i, first, count;
    wm_notify_t       *items;
    const wm_reply_t  *ids;

    for (first = 0; /* void */; first += ids->n) {
        ids = wm_notify_dead_page(n, first);

        if (ids == NULL || !wm_notify_items(n, ids, &items, &count)) {
            return WM_CLI_PROBLEM;
        }

        if (count == 0) {
            break;
        }

        for (i = 0; i < count; i++) {
            wm_notify_dead_print(n, &items[i]);
        }
    }

    printf("%zu dead letter%s\n", first, first == 1 ? "" : "s");

    return WM_CLI_OK;
}


static void
wm_notify_retry_commit(wm_commit_t *c, const wm_notify_t *items, size_t n)
{
    wm_notify_again(c, items, n, c->now_ms);
}


/* Puts back those of a page that are wanted; *kept: how many were not. */

static bool
wm_notify_retry_page(wm_notifier_t *n, wm_str_t id, const wm_reply_t *ids,
    size_t *kept, size_t *done)
{
    size_t        i, count, wanted;
    wm_notify_t  *items;

    if (!wm_notify_items(n, ids, &items, &count)) {
        return false;
    }

    for (i = 0, wanted = 0; i < count; i++) {
        if (items[i].kind != WM_NOTICE_MAX
            && (wm_is(id, "all") || wm_eq(id, items[i].id)))
        {
            items[i].tries = 0;
            items[wanted++] = items[i];
        }
    }

    *kept = count - wanted;

    return wm_notify_settle(n, WM_OP_NOTIFY_RETRY, wm_notify_retry_commit,
                            items, wanted, done);
}


static int
wm_notify_retry(wm_notifier_t *n, wm_str_t id)
{
    size_t             all, first, kept, done;
    const wm_reply_t  *ids;

    for (all = 0, first = 0; /* void */; first += kept) {
        ids = wm_notify_dead_page(n, first);

        if (ids == NULL
            || !wm_notify_retry_page(n, id, ids, &kept, &done))
        {
            return WM_CLI_PROBLEM;
        }

        all += done;

        if (ids->n == 0 || (done > 0 && !wm_is(id, "all"))) {
            break;
        }
    }

    if (all == 0 && !wm_is(id, "all")) {
        wm_say_error("there is no dead letter %s", wm_say_safe(n->page, id));
        return WM_CLI_PROBLEM;
    }

    printf("%zu to be tried again\n", all);

    return WM_CLI_OK;
}


/* ---- a run */

static bool
wm_notify_run(wm_notifier_t *n)
{
    bool  ok;

    n->actor = wm_say_actor(n->page);
    n->redis = n->actor.data != NULL ? wm_redis_get(n->cli) : NULL;

    if (n->redis == NULL) {
        return false;
    }

    /* what is in the outbox can be delivered also when the rest fails */

    ok = wm_notify_journal(n) && wm_notify_reminders(n);
    ok = wm_notify_deliver(n) && ok;

    return ok && n->failed == 0;
}


/* With a pool, and where the last one failed a connection, of its own. */

static bool
wm_notify_pass(const wm_notifier_t *template, bool quiet)
{
    bool           ok;
    wm_cli_t       cli = *template->cli;
    wm_notifier_t  n = *template;

    cli.pool = wm_heap_create();
    cli.redis = NULL;

    if (cli.pool == NULL) {
        wm_say_error("no memory");
        return false;
    }

    n.cli = &cli;
    n.page = cli.pool;

    ok = wm_notify_run(&n);

    if (!quiet || n.queued + n.sent + n.failed + n.dropped > 0) {
        printf("%zu new, %zu sent, %zu failed, %zu given up, %zu dropped\n",
               n.queued, n.sent, n.failed, n.died, n.dropped);
        (void) fflush(stdout);
    }

    if (cli.redis != NULL) {
        wm_redis_close(cli.redis);
    }

    wm_heap_destroy(cli.pool);

    return ok;
}


/*
 * Runs on one machine take turns: the lock is on the file of the secret, and
 * goes with the process.  Without it nothing would be lost, but what another
 * run is just delivering would come twice.
 */

static bool
wm_notify_locked(const wm_notifier_t *n, bool quiet, bool *ok)
{
    int       fd;
    bool      mine;
    wm_str_t  path = n->cli->options[WM_OPT_WEBHOOK_SECRET];

    fd = open(path.data, O_RDONLY | O_CLOEXEC);
    mine = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

    if (mine) {
        *ok = wm_notify_pass(n, quiet);

    } else {
        *ok = fd >= 0 && errno == EWOULDBLOCK;

        if (!*ok) {
            wm_say_error("%s cannot be locked", path.data);
        }
    }

    if (fd >= 0) {
        (void) close(fd);
    }

    return mine;
}


static int
wm_notify_once(const wm_notifier_t *n)
{
    bool  ok;

    if (!wm_notify_locked(n, false, &ok) && ok) {
        printf("another run is at work\n");
    }

    return ok ? WM_CLI_OK : WM_CLI_PROBLEM;
}


static int
wm_notify_watch(const wm_notifier_t *n, uint64_t seconds)
{
    bool     ok;
    int64_t  next;

    while (!wm_notifier_ends()) {
        (void) wm_notify_locked(n, true, &ok);

        next = wm_say_now_ms() + (int64_t) seconds * 1000;

        while (!wm_notifier_ends() && wm_say_now_ms() < next) {
            (void) poll(NULL, 0, WM_NOTIFY_NAP_MS);
        }
    }

    return WM_CLI_OK;
}


/* ---- the options */

static bool
wm_notify_secret(wm_notifier_t *n)
{
    wm_str_t  path, text, error;

    path = wm_cli_need(n->cli, WM_OPT_WEBHOOK_SECRET);
    if (path.data == NULL) {
        return false;
    }

    if (!wm_file_read(n->cli->pool, path, WM_NOTIFY_SECRET_MAX,
                      WM_FILE_SECRET, &text, &error))
    {
        wm_say_error("%s %s", path.data, error.data);
        return false;
    }

    wm_split(&text, '\n', &n->secret);

    if (text.len > 0 || n->secret.len < WM_NOTIFY_SECRET_MIN
        || memchr(n->secret.data, '\r', n->secret.len) != NULL)
    {
        wm_say_error("%s must hold one line of %d characters or more",
                     path.data, WM_NOTIFY_SECRET_MIN);
        return false;
    }

    return true;
}


static bool
wm_notify_where(wm_notifier_t *n)
{
    wm_str_t  error;

    n->webhook = wm_cli_need(n->cli, WM_OPT_WEBHOOK);

    if (n->webhook.data == NULL || wm_conf_host(n->cli).data == NULL
        || wm_cli_need(n->cli, WM_OPT_KEYS).data == NULL)
    {
        return false;
    }

    if (!wm_post_url_valid(n->webhook, &error)) {
        wm_say_error("--webhook: %s", error.data);
        return false;
    }

    n->site.url = n->cli->options[WM_OPT_URL];

    while (n->site.url.data[n->site.url.len - 1] == '/') {
        n->site.url.len--;
    }

    return true;
}


static bool
wm_notify_clock(wm_notifier_t *n)
{
    int64_t   ms;
    wm_str_t  now;

    now = n->cli->options[WM_OPT_NOW];

    if (now.data == NULL) {
        return true;
    }

    if (!wm_time_parse(now, n->site.offset, &ms)) {
        wm_say_error("--now is a time, e.g. 2030-01-31T09:00");
        return false;
    }

    n->ahead_ms = ms - wm_say_now_ms();

    return true;
}


static bool
wm_notify_seconds(const wm_cli_t *cli, uint64_t *seconds)
{
    int       i, n;
    wm_str_t  watch;

    static const wm_opt_t  ways[] = {
        WM_OPT_ONCE, WM_OPT_WATCH, WM_OPT_DEAD, WM_OPT_RETRY
    };

    for (i = 0, n = 0; i < (int) wm_countof(ways); i++) {
        n += cli->options[ways[i]].data != NULL;
    }

    if (n > 1) {
        wm_say_error("only one of --once, --watch, --dead and --retry");
        return false;
    }

    watch = cli->options[WM_OPT_WATCH];
    *seconds = 0;

    if (watch.data != NULL
        && (!wm_parse_uint(watch, WM_NOTIFY_WATCH_MAX, seconds)
            || *seconds == 0))
    {
        wm_say_error("--watch: how many seconds between runs, 1 to %d",
                     WM_NOTIFY_WATCH_MAX);
        return false;
    }

    return true;
}


static void
wm_notify_signals(void)
{
    struct sigaction  action;

    memset(&action, 0, sizeof(action));
    sigemptyset(&action.sa_mask);
    action.sa_handler = wm_notifier_catch;

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}


static int
wm_notify_go(wm_notifier_t *n, uint64_t seconds)
{
    int            rc;
    wm_keyring_t  *ring;

    ring = wm_keys_ring(n->cli, n->site.district, false);
    if (ring == NULL) {
        return WM_CLI_PROBLEM;
    }

    n->realm.ring = ring;
    n->realm.district = n->site.district;

    wm_notify_signals();

    rc = seconds > 0 ? wm_notify_watch(n, seconds) : wm_notify_once(n);

    wm_keyring_destroy(ring);
    wm_aead_cleanup();
    wm_wipe((char *) n->secret.data, n->secret.len);

    return rc;
}


int
wm_cli_notify(wm_cli_t *cli)
{
    bool           letters;
    uint64_t       seconds;
    wm_notifier_t  n;

    memset(&n, 0, sizeof(wm_notifier_t));

    n.cli = cli;
    n.page = cli->pool;
    n.site.district = wm_conf_district(cli);

    letters = cli->options[WM_OPT_DEAD].data != NULL
              || cli->options[WM_OPT_RETRY].data != NULL;

    if (n.site.district.data == NULL || !wm_notify_seconds(cli, &seconds)
        || !wm_conf_offset(cli, &n.site.offset) || !wm_notify_clock(&n)
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL
        || (!letters && (!wm_notify_where(&n) || !wm_notify_secret(&n))))
    {
        return WM_CLI_USAGE;
    }

    if (!letters) {
        return wm_notify_go(&n, seconds);
    }

    n.redis = wm_redis_get(cli);
    n.actor = wm_say_actor(cli->pool);

    if (n.redis == NULL || n.actor.data == NULL) {
        return WM_CLI_PROBLEM;
    }

    return cli->options[WM_OPT_DEAD].data != NULL
           ? wm_notify_dead(&n)
           : wm_notify_retry(&n, cli->options[WM_OPT_RETRY]);
}
