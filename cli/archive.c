/*
 * wenming archive: follows the journal as a consumer group and keeps it, and
 * the state that follows from it, in SQL.  How far it is, the database itself
 * knows: a batch and its last number are one transaction, so whatever ends
 * this program ends it between two batches.
 */

#include "archive.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WM_ARCHIVE_BLOCK_MS  "2000"
#define WM_ARCHIVE_TRIM_MS   60000      /* between two trims, following */
#define WM_ARCHIVE_PAUSE_S   16         /* between two tries, at most */

typedef enum {
    WM_ARCHIVE_DONE,
    WM_ARCHIVE_MORE,
    WM_ARCHIVE_IDLE,
    WM_ARCHIVE_STOP,                    /* no use in trying again */
    WM_ARCHIVE_LOST                     /* a connection, as it seems */
} wm_archive_rc_t;

typedef struct {
    wm_cli_t     *cli;
    wm_redis_t   *redis;
    wm_store_t    store;
    wm_str_t      where;
    wm_str_t      group;
    wm_trim_t     trim;
    bool          follow;
    bool          once_well;            /* it has worked before */
    bool          busy;                 /* with somebody else's work */
    bool          terminal;
    uint64_t      last;                 /* of the journal, for progress */
    uint64_t      done;                 /* entries, by this run */
    int64_t       trimmed_ms;
} wm_archiver_t;


/* For tests of what a kill does: WENMING_TEST_KILL names a moment. */

static void
wm_archive_moment(const char *name)
{
    const char  *when;

    when = getenv("WENMING_TEST_KILL");

    if (when != NULL && strcmp(when, name) == 0) {
        (void) raise(SIGKILL);
    }
}


static wm_str_t
wm_archive_key(wm_archiver_t *a, wm_pool_t *pool, const char *name)
{
    return wm_key(pool, a->store.district, "%s", name);
}


static wm_archive_rc_t
wm_archive_broken(wm_str_t why)
{
    wm_say_error("the journal cannot be archived further: %s",
                 why.data != NULL ? why.data : "no memory");
    wm_say_error("nothing was trimmed; \"wenming audit\" says more");

    return WM_ARCHIVE_STOP;
}


/* ---- a batch */

static bool
wm_archive_secrets(wm_archiver_t *a, wm_pool_t *pool)
{
    size_t             i, k;
    wm_str_t           name, key;
    const wm_reply_t  *value;
    const char *const *fields;

    i = 0;

    while ((name = wm_store_secretive(&a->store, &i)).data != NULL) {
        fields = wm_mirror_private(name);
        key = wm_key(pool, a->store.district, "%.*s", wm_fmt(name));

        for (k = 0; fields[k] != NULL; k++) {
            value = wm_redis_ask(a->redis, pool, WM_REPLY_STR,
                                 wm_argv(wm_lit("HGET"), key,
                                         wm_str(fields[k])));
            if (value == NULL
                || !wm_store_secret(&a->store, name, fields[k],
                                    wm_reply_str(value)))
            {
                return false;
            }
        }
    }

    return true;
}


/* The counter that the journal does not know. */

static bool
wm_archive_event_number(wm_archiver_t *a, wm_pool_t *pool, int64_t *n)
{
    uint64_t           number;
    const wm_reply_t  *reply;

    reply = wm_redis_ask(a->redis, pool, WM_REPLY_STR,
                         wm_argv(wm_lit("GET"),
                                 wm_archive_key(a, pool, "event_number")));
    *n = 0;

    if (reply != NULL && wm_parse_uint(wm_reply_str(reply), UINT32_MAX,
                                       &number))
    {
        *n = (int64_t) number;
    }

    return reply != NULL;
}


/* Where everybody can see how far it is; not so when memory is full. */

static bool
wm_archive_tell(wm_archiver_t *a, wm_pool_t *pool)
{
    wm_str_t           at;
    wm_store_t        *s = &a->store;
    const wm_reply_t  *reply;

    at = wm_printf(pool, "%" PRIu64 " %" PRId64 " %s", s->number,
                   s->archived_ms, s->entry);

    reply = at.data == NULL ? NULL
            : wm_redis_try(a->redis, pool,
                           wm_argv(wm_lit("HSET"),
                                   wm_archive_key(a, pool, "archived"),
                                   wm_str(s->id), at));
    if (reply == NULL) {
        wm_say_error("Redis was lost after a batch; nothing of it is");
        return false;
    }

    if (reply->type == WM_REPLY_ERROR) {
        wm_say_error("Redis refuses to note how far the archive is: %s",
                     wm_say_safe(pool, reply->str));
    }

    return true;
}


static bool
wm_archive_acknowledge(wm_archiver_t *a, wm_pool_t *pool, const wm_str_t *ids,
    size_t n)
{
    wm_str_t  *argv;

    argv = wm_alloc(pool, (n + 3) * sizeof(wm_str_t));

    if (argv == NULL) {
        wm_say_error("no memory");
        return false;
    }

    argv[0] = wm_lit("XACK");
    argv[1] = wm_archive_key(a, pool, "journal");
    argv[2] = a->group;
    memcpy(argv + 3, ids, n * sizeof(wm_str_t));

    return wm_redis_ask(a->redis, pool, WM_REPLY_INT, argv, n + 3) != NULL
           && wm_archive_tell(a, pool);
}


static void
wm_archive_progress(wm_archiver_t *a)
{
    if (a->terminal) {
        fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " entries",
                a->store.number, a->last > a->store.number
                                 ? a->last : a->store.number);
        fflush(stderr);
    }
}


/* Entries until one is broken; *n: how many are good, or known. */

static wm_store_result_t
wm_archive_entries(wm_archiver_t *a, wm_pool_t *pool, const wm_reply_t *list,
    wm_str_t *ids, size_t *n)
{
    wm_entry_t         e;
    wm_store_result_t  rc;

    for (*n = 0; *n < list->n; ++*n) {
        if (!wm_entry_load(&list->items[*n], &e)) {
            a->store.broken = wm_printf(pool, "what follows entry %" PRIu64
                                        " has not the fields of an entry",
                                        a->store.number);
            return WM_STORE_BROKEN;
        }

        rc = wm_store_entry(&a->store, &e,
                            wm_reply_field(&list->items[*n].items[1], "w"));

        if (rc == WM_STORE_BROKEN || rc == WM_STORE_FAILED) {
            return rc;
        }

        ids[*n] = e.id;
    }

    return WM_STORE_OK;
}


static wm_archive_rc_t
wm_archive_batch(wm_archiver_t *a, wm_pool_t *pool, const wm_reply_t *list)
{
    size_t              n;
    int64_t             event_number;
    wm_str_t           *ids;
    wm_store_result_t   rc;

    ids = wm_alloc(pool, list->n * sizeof(wm_str_t) + 1);

    if (ids == NULL || !wm_store_begin(&a->store, pool)) {
        return WM_ARCHIVE_LOST;
    }

    /* what came before a broken entry is kept */

    rc = wm_archive_entries(a, pool, list, ids, &n);

    if (rc == WM_STORE_FAILED || !wm_archive_secrets(a, pool)
        || !wm_archive_event_number(a, pool, &event_number))
    {
        wm_store_rollback(&a->store);
        return WM_ARCHIVE_LOST;
    }

    wm_archive_moment("applied");

    if (!wm_store_commit(&a->store, event_number)) {
        return WM_ARCHIVE_LOST;
    }

    wm_archive_moment("committed");

    if (n > 0 && !wm_archive_acknowledge(a, pool, ids, n)) {
        return WM_ARCHIVE_LOST;
    }

    wm_archive_moment("acknowledged");

    a->done += n;
    wm_archive_progress(a);

    return rc == WM_STORE_BROKEN ? wm_archive_broken(a->store.broken)
                                 : WM_ARCHIVE_MORE;
}


/* The entries of our one stream; NULL: none came. */

static const wm_reply_t *
wm_archive_list(const wm_reply_t *reply)
{
    const wm_reply_t  *stream;

    if (reply->type != WM_REPLY_LIST || reply->n != 1) {
        return NULL;
    }

    stream = &reply->items[0];

    return stream->type == WM_REPLY_LIST && stream->n == 2
           && stream->items[1].type == WM_REPLY_LIST
           && stream->items[1].n > 0 ? &stream->items[1] : NULL;
}


static wm_archive_rc_t
wm_archive_read(wm_archiver_t *a, wm_pool_t *pool)
{
    wm_str_t           key;
    const wm_reply_t  *reply, *list;

    key = wm_archive_key(a, pool, "journal");

    reply = a->follow
        ? wm_redis_ask(a->redis, pool, WM_REPLY_LIST,
              wm_argv(wm_lit("XREADGROUP"), wm_lit("GROUP"), a->group,
                      wm_lit("wenming"), wm_lit("COUNT"),
                      wm_lit(WM_ENTRY_PAGE), wm_lit("BLOCK"),
                      wm_lit(WM_ARCHIVE_BLOCK_MS), wm_lit("STREAMS"), key,
                      wm_lit(">")))
        : wm_redis_ask(a->redis, pool, WM_REPLY_LIST,
              wm_argv(wm_lit("XREADGROUP"), wm_lit("GROUP"), a->group,
                      wm_lit("wenming"), wm_lit("COUNT"),
                      wm_lit(WM_ENTRY_PAGE), wm_lit("STREAMS"), key,
                      wm_lit(">")));
    if (reply == NULL) {
        return WM_ARCHIVE_LOST;
    }

    list = wm_archive_list(reply);

    if (list != NULL) {
        return wm_archive_batch(a, pool, list);
    }

    return a->store.number >= a->last ? WM_ARCHIVE_IDLE
           : wm_archive_broken(wm_printf(pool, "entries behind %" PRIu64
                               " are missing: the key head says %" PRIu64,
                               a->store.number, a->last));
}


/* ---- a connection to both */

/* Whether the journal goes on where the archive ends. */

static wm_archive_rc_t
wm_archive_compare(wm_archiver_t *a, wm_pool_t *pool)
{
    wm_str_t           hash;
    uint64_t           number;
    const wm_reply_t  *reply;
    const wm_store_t  *s = &a->store;

    reply = wm_redis_ask(a->redis, pool, WM_REPLY_STR,
                         wm_argv(wm_lit("GET"),
                                 wm_archive_key(a, pool, "head")));
    if (reply == NULL) {
        return WM_ARCHIVE_LOST;
    }

    number = 0;

    if (reply->type == WM_REPLY_STR
        && !wm_entry_head(reply->str, &number, &hash))
    {
        return wm_archive_broken(wm_lit("the key head is damaged, or a "
                                        "restore is under way"));
    }

    a->last = number;

    if (number < s->number) {
        return wm_archive_broken(wm_printf(pool, "it ends with entry %" PRIu64
                                 ", and the archive has %" PRIu64 " already: "
                                 "Redis has lost entries, or is another one",
                                 number, s->number));
    }

    if (number > 0 && number == s->number && !wm_is(hash, s->hash)) {
        return wm_archive_broken(wm_lit("its last entry is another one than "
                                        "the archive's"));
    }

    return number == 0 ? WM_ARCHIVE_IDLE : WM_ARCHIVE_MORE;
}


/*
 * The group is made anew where the database says that it ends: what was
 * given to somebody who died before his commit is given again.
 */

static wm_archive_rc_t
wm_archive_regroup(wm_archiver_t *a, wm_pool_t *pool)
{
    wm_str_t           key;
    const wm_reply_t  *reply;

    key = wm_archive_key(a, pool, "journal");

    reply = wm_redis_both(a->redis, pool,
                          wm_argv(wm_lit("XGROUP"), wm_lit("DESTROY"), key,
                                  a->group),
                          wm_argv(wm_lit("XGROUP"), wm_lit("CREATE"), key,
                                  a->group, wm_str(a->store.entry)));
    if (reply == NULL) {
        return WM_ARCHIVE_LOST;
    }

    if (!wm_is(wm_reply_str(&reply->items[1]), "OK")) {
        wm_say_error("Redis refuses XGROUP: %s",
                     wm_say_safe(pool, reply->items[1].str));
        return WM_ARCHIVE_STOP;
    }

    return WM_ARCHIVE_MORE;
}


static wm_archive_rc_t
wm_archive_resume(wm_archiver_t *a, wm_pool_t *pool)
{
    wm_archive_rc_t  rc;

    if (a->store.projection != WM_PROJECT_VERSION
        && !(wm_store_begin(&a->store, pool)
             && wm_store_project_all(&a->store)
             && wm_store_commit(&a->store, 0)))
    {
        return WM_ARCHIVE_LOST;
    }

    rc = wm_archive_compare(a, pool);

    if (rc == WM_ARCHIVE_MORE) {
        rc = wm_archive_regroup(a, pool);
    }

    /* also when there is nothing new, everybody can see how far it is */

    return rc != WM_ARCHIVE_MORE || a->store.number == 0
           || wm_archive_acknowledge(a, pool,
                                     &(wm_str_t) { strlen(a->store.entry),
                                                   a->store.entry }, 1)
           ? rc : WM_ARCHIVE_LOST;
}


/* With one pool for each turn. */

static wm_archive_rc_t
wm_archive_turn(wm_archiver_t *a,
    wm_archive_rc_t (*turn)(wm_archiver_t *a, wm_pool_t *pool))
{
    wm_pool_t        *pool;
    wm_archive_rc_t   rc;

    pool = wm_heap_create();
    if (pool == NULL) {
        wm_say_error("no memory");
        return WM_ARCHIVE_LOST;
    }

    rc = turn(a, pool);

    wm_heap_destroy(pool);

    return rc;
}


static wm_archive_rc_t
wm_archive_trim(wm_archiver_t *a, wm_pool_t *pool)
{
    a->trimmed_ms = wm_say_now_ms();

    return wm_trim_journal(&a->store, a->redis, &a->trim, pool)
           ? WM_ARCHIVE_MORE : WM_ARCHIVE_LOST;
}


static wm_archive_rc_t
wm_archive_open(wm_archiver_t *a)
{
    wm_str_t  error;

    if (!wm_store_open(a->cli, a->where, true, &a->store)) {
        a->busy = a->store.busy;
        return WM_ARCHIVE_LOST;
    }

    a->busy = false;

    a->group = wm_printf(a->store.pool, "archive:%s", a->store.id);
    a->redis = wm_redis_open(a->cli, &error);

    if (a->redis == NULL) {
        wm_say_error("Redis at %s: %s", a->cli->options[WM_OPT_REDIS].data,
                     error.data);
        return WM_ARCHIVE_LOST;
    }

    return a->group.data != NULL ? wm_archive_turn(a, wm_archive_resume)
                                 : WM_ARCHIVE_LOST;
}


static void
wm_archive_close(wm_archiver_t *a)
{
    if (a->redis != NULL) {
        wm_redis_close(a->redis);
        a->redis = NULL;
    }

    wm_store_close(&a->store);
}


/* A district without an entry yet has no stream to wait for. */

static wm_archive_rc_t
wm_archive_next(wm_archiver_t *a)
{
    if (a->last > 0) {
        return wm_archive_turn(a, wm_archive_read);
    }

    (void) sleep(1);

    return wm_archive_turn(a, wm_archive_resume);
}


static wm_archive_rc_t
wm_archive_session(wm_archiver_t *a)
{
    bool             due;
    wm_archive_rc_t  rc;

    rc = wm_archive_open(a);

    while (rc == WM_ARCHIVE_MORE || rc == WM_ARCHIVE_IDLE) {
        a->once_well = true;

        if (rc == WM_ARCHIVE_IDLE && !a->follow) {
            rc = WM_ARCHIVE_DONE;
            break;
        }

        due = a->follow && a->trim.wanted
              && wm_say_now_ms() - a->trimmed_ms > WM_ARCHIVE_TRIM_MS;

        if (due) {
            rc = wm_archive_turn(a, wm_archive_trim);

            if (rc != WM_ARCHIVE_MORE) {
                break;
            }
        }

        rc = wm_archive_next(a);
    }

    if (rc == WM_ARCHIVE_DONE && a->trim.wanted && a->last > 0) {
        rc = wm_archive_turn(a, wm_archive_trim) == WM_ARCHIVE_MORE
             ? WM_ARCHIVE_DONE : WM_ARCHIVE_LOST;
    }

    return rc;
}


static void
wm_archive_say_busy(bool busy)
{
    if (busy) {
        wm_say_error("the archive: another archiver is at work on it");
    }
}


static int
wm_archive_run(wm_archiver_t *a)
{
    unsigned         pause;
    uint64_t         before;
    wm_archive_rc_t  rc;

    for (pause = 1; /* void */ ; pause = pause < WM_ARCHIVE_PAUSE_S
                                         ? 2 * pause : pause)
    {
        before = a->done;
        rc = wm_archive_session(a);

        if (a->terminal && a->done > 0) {
            fputc('\n', stderr);
        }

        if (rc == WM_ARCHIVE_DONE) {
            printf("%" PRIu64 " entries archived; the archive has all up to "
                   "%" PRIu64 "\n", a->done, a->store.number);
        }

        wm_archive_close(a);

        if (rc != WM_ARCHIVE_LOST || !a->follow || !a->once_well) {
            return rc == WM_ARCHIVE_DONE ? WM_CLI_OK : WM_CLI_PROBLEM;
        }

        wm_archive_say_busy(a->busy);

        pause = a->done > before ? 1 : pause;
        wm_say_error("trying again in %u s", pause);
        (void) sleep(pause);
    }
}


wm_str_t
wm_archive_address(wm_cli_t *cli, wm_opt_t option)
{
    wm_opt_t  given;

    given = cli->options[option].data != NULL ? option : WM_OPT_ARCHIVE;

    if (cli->options[given].data == NULL) {
        wm_cli_say_needed(cli, option, WM_SQL_ADDRESSES, WM_OPT_ARCHIVE);
        return wm_null;
    }

    if (!wm_sql_is_address(cli->options[given])) {
        wm_say_error("--%s is no archive: that is " WM_SQL_ADDRESSES,
                     wm_cli_option_name(given));
        return wm_null;
    }

    return cli->options[given];
}


int
wm_archive_now(wm_cli_t *cli, bool *busy)
{
    int            rc;
    wm_archiver_t  a;

    memset(&a, 0, sizeof(wm_archiver_t));

    a.cli = cli;
    a.where = wm_archive_address(cli, WM_OPT_TO);
    a.follow = cli->options[WM_OPT_FOLLOW].data != NULL;
    a.terminal = isatty(STDERR_FILENO) != 0;
    *busy = false;

    if (a.where.data == NULL || !wm_trim_options(cli, &a.trim)
        || wm_conf_district(cli).data == NULL
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    rc = wm_archive_run(&a);
    *busy = a.busy;

    return rc;
}


int
wm_cli_archive(wm_cli_t *cli)
{
    int   rc;
    bool  busy;

    rc = wm_archive_now(cli, &busy);
    wm_archive_say_busy(busy);

    return rc;
}
