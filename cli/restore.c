/*
 * wenming restore: a Redis that has nothing of the district gets everything
 * that its archive has.  Until the last step the key head says that a restore
 * is under way, and redis/commit.lua refuses every write because of it.
 */

#include "archive.h"
#include "wm_crypto.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define WM_RESTORE_MARK    "restoring "
#define WM_RESTORE_LEAP    1000         /* events that may have been lost */
#define WM_RESTORE_SCAN    "1000"
#define WM_RESTORE_PAIRS   128          /* in one command */

/* Rows behind a row, in the order of their key. */

#define WM_RESTORE_ALIVE                                                     \
    " AND NOT EXISTS (SELECT 1 FROM state_expiry x WHERE x.name = t.name "   \
    "AND x.at_ms <= $3) "

#define WM_RESTORE_STATE(columns, table, member)                             \
    "SELECT " columns " FROM " table " t WHERE (t.name, t." member ") > "    \
    "($1, $2)" WM_RESTORE_ALIVE "ORDER BY t.name, t." member " LIMIT 1000"

/* A private field without its record is nobody's. */

#define WM_RESTORE_PRIVATE                                                   \
    "SELECT t.name, t.field, t.value FROM private_field t "                  \
    "WHERE (t.name, t.field) > ($1, $2)" WM_RESTORE_ALIVE                    \
    "AND EXISTS (SELECT 1 FROM state_hash h WHERE h.name = t.name) "         \
    "ORDER BY t.name, t.field LIMIT 1000"

static const struct {
    const char  *command;
    const char  *text;
    bool         pairs;
} wm_restore_states[] = {
    { "HSET", WM_RESTORE_STATE("t.name, t.field, t.value", "state_hash",
                               "field"), true },
    { "HSET", WM_RESTORE_PRIVATE, true },
    { "SADD", WM_RESTORE_STATE("t.name, t.member", "state_set", "member"),
      false },
    { "ZADD", WM_RESTORE_STATE("t.name, t.member, t.score", "state_zset",
                               "member"), true },
};

#define WM_RESTORE_STRINGS                                                   \
    "SELECT t.name, t.value FROM state_string t WHERE t.name > $1 "          \
    "AND NOT EXISTS (SELECT 1 FROM state_expiry x WHERE x.name = t.name "    \
    "AND x.at_ms <= $2) ORDER BY t.name LIMIT 1000"

#define WM_RESTORE_EXPIRY                                                    \
    "SELECT t.name, t.at_ms FROM state_expiry t WHERE t.name > $1 "          \
    "AND t.at_ms > $2 ORDER BY t.name LIMIT 1000"

#define WM_RESTORE_JOURNAL                                                   \
    "SELECT id, number, w, e FROM journal WHERE number > $1 "                \
    "ORDER BY number LIMIT 500"

typedef struct {
    wm_cli_t     *cli;
    wm_redis_t   *redis;
    wm_store_t    store;
    wm_pool_t    *page;
    int64_t       now_ms;
    uint64_t      number;               /* of the entry written last */
    uint64_t      keys;                 /* rows written */
    bool          terminal;
} wm_restore_t;


static bool
wm_restore_run(wm_restore_t *r, const char *text, const wm_sql_value_t *args,
    size_t n, wm_sql_rows_t *rows)
{
    return r->store.sql.run(&r->store.sql, r->page, text, args, n, rows)
           || wm_store_complain(&r->store);
}


/*
 * Page by page: -1 when it failed, 0 when it was the last; 1: there is more.
 */

typedef int (*wm_restore_page_pt)(wm_restore_t *r, void *ctx);

static bool
wm_restore_pages(wm_restore_t *r, wm_restore_page_pt page, void *ctx)
{
    int  more;

    do {
        r->page = wm_heap_create();
        if (r->page == NULL) {
            wm_say_error("no memory");
            return false;
        }

        more = page(r, ctx);

        wm_heap_destroy(r->page);
        r->page = r->store.pool;

    } while (more > 0);

    return more == 0;
}


/* A file may be anybody's: it must not keep us here, or write elsewhere. */

static int
wm_restore_strange(void)
{
    wm_say_error("the archive is damaged: its rows are not in order, or of a "
                 "key that no archive has");
    return -1;
}


/* ---- the journal of the archive: first read as a whole, then written */

static bool
wm_restore_entry(const wm_sql_value_t *v, wm_entry_t *e)
{
    wm_reply_t  f[4], items[2];

    memset(f, 0, sizeof(f));
    memset(items, 0, sizeof(items));

    f[0].type = f[1].type = f[2].type = f[3].type = WM_REPLY_STR;
    f[0].str = wm_lit("w");
    f[1].str = v[2].str;
    f[2].str = wm_lit("e");
    f[3].str = v[3].str;

    items[0] = (wm_reply_t) { .type = WM_REPLY_STR, .str = v[0].str };
    items[1] = (wm_reply_t) { .type = WM_REPLY_LIST, .n = 4, .items = f };

    return wm_entry_load(&(wm_reply_t) { .type = WM_REPLY_LIST, .n = 2,
                                         .items = items }, e)
           && (int64_t) e->number == v[1].num;
}


static int
wm_restore_check_page(wm_restore_t *r, void *ctx)
{
    size_t          i;
    wm_entry_t      e;
    wm_store_t     *s = &r->store;
    wm_sql_rows_t   rows;

    (void) ctx;

    s->page = r->page;

    if (!wm_restore_run(r, WM_RESTORE_JOURNAL,
                        wm_sql_args(wm_sql_int((int64_t) s->number)), &rows))
    {
        return -1;
    }

    for (i = 0; i < rows.n; i++) {
        if (!wm_restore_entry(wm_sql_cell(&rows, i, 0), &e)
            || !wm_store_follows(s, &e))
        {
            wm_say_error("the archive's journal is damaged behind entry %"
                         PRIu64 "%s%s", s->number,
                         s->broken.data != NULL ? ": " : "",
                         s->broken.data != NULL ? s->broken.data : "");
            return -1;
        }

        s->number = e.number;
        memcpy(s->hash, e.hash.data, 40);
    }

    return rows.n == 500;
}


/* Follows the chain from its beginning to where the archive says it ends. */

static bool
wm_restore_check(wm_restore_t *r)
{
    bool         ok;
    char         hash[41];
    uint64_t     number;
    wm_store_t  *s = &r->store;

    number = s->number;
    memcpy(hash, s->hash, sizeof(hash));

    s->number = 0;
    memset(s->hash, '0', 40);

    ok = wm_restore_pages(r, wm_restore_check_page, NULL);
    s->page = s->pool;

    if (ok && (s->number != number || strcmp(s->hash, hash) != 0)) {
        wm_say_error("the archive says that it ends with entry %" PRIu64
                     ", but its journal does with %" PRIu64, number,
                     s->number);
        ok = false;
    }

    return ok;
}


static void
wm_restore_progress(wm_restore_t *r, const char *what, uint64_t n)
{
    if (r->terminal) {
        fprintf(stderr, "\r%s: %" PRIu64 "    ", what, n);
        fflush(stderr);
    }
}


static int
wm_restore_journal_page(wm_restore_t *r, void *ctx)
{
    size_t           i;
    wm_str_t         key;
    wm_sql_rows_t    rows;
    wm_sql_value_t  *v;

    (void) ctx;

    if (!wm_restore_run(r, WM_RESTORE_JOURNAL,
                        wm_sql_args(wm_sql_int((int64_t) r->number)), &rows))
    {
        return -1;
    }

    key = wm_key(r->page, r->store.district, "journal");

    for (i = 0; i < rows.n; i++) {
        v = wm_sql_cell(&rows, i, 0);

        if (v[1].num <= (int64_t) r->number) {
            return wm_restore_strange();
        }

        if (!wm_redis_push(r->redis, r->page,
                           wm_argv(wm_lit("XADD"), key, v[0].str, wm_lit("w"),
                                   v[2].str, wm_lit("e"), v[3].str)))
        {
            return -1;
        }

        r->number = (uint64_t) v[1].num;
    }

    wm_restore_progress(r, "entries", r->number);

    return wm_redis_drain(r->redis, r->page) ? rows.n == 500 : -1;
}


/* ---- the state */

typedef struct {
    size_t     i;                       /* of wm_restore_states */
    wm_buf_t   name, field;             /* where the page before ended */
} wm_restore_at_t;


static bool
wm_restore_keep(wm_buf_t *b, wm_str_t s)
{
    b->len = 0;
    wm_put(b, s);

    return !b->failed;
}


static int
wm_restore_compare(const wm_buf_t *b, wm_str_t s)
{
    int  rc;

    rc = memcmp(b->data, s.len > 0 ? s.data : "",
                b->len < s.len ? b->len : s.len);

    return rc != 0 ? rc : b->len < s.len ? -1 : b->len > s.len;
}


/* Whether a row comes behind the page before, and may be in an archive. */

static bool
wm_restore_fits(const wm_restore_at_t *at, wm_str_t name,
    const wm_str_t *field)
{
    int  rc;

    rc = wm_restore_compare(&at->name, name);

    return name.len > 0 && !wm_mirror_skips(name)
           && (rc < 0 || (rc == 0 && field != NULL
                          && wm_restore_compare(&at->field, *field) < 0));
}


static wm_str_t
wm_restore_key(wm_restore_t *r, wm_str_t name)
{
    return wm_key(r->page, r->store.district, "%.*s", wm_fmt(name));
}


/* Rows of one key, up to so many, are one command; returns how many. */

static size_t
wm_restore_command(wm_restore_t *r, size_t state, const wm_sql_rows_t *rows,
    size_t from)
{
    size_t           i, argc;
    wm_str_t         argv[2 + 2 * WM_RESTORE_PAIRS], name, score;
    wm_sql_value_t  *v;

    name = wm_sql_cell(rows, from, 0)->str;

    argv[0] = wm_str(wm_restore_states[state].command);
    argv[1] = wm_restore_key(r, name);
    argc = 2;

    for (i = from; i < rows->n && i - from < WM_RESTORE_PAIRS; i++) {
        v = wm_sql_cell(rows, i, 0);

        if (!wm_eq(v[0].str, name)) {
            break;
        }

        if (wm_restore_states[state].pairs && v[2].type == WM_SQL_INT) {
            score = wm_printf(r->page, "%" PRId64, v[2].num);
            argv[argc++] = score;
            argv[argc++] = v[1].str;
            continue;
        }

        argv[argc++] = v[1].str;

        if (wm_restore_states[state].pairs) {
            argv[argc++] = v[2].str;
        }
    }

    return argv[1].data != NULL
           && wm_redis_push(r->redis, r->page, argv, argc) ? i - from : 0;
}


static int
wm_restore_state_page(wm_restore_t *r, void *ctx)
{
    size_t            i, n;
    wm_sql_rows_t     rows;
    wm_restore_at_t  *at = ctx;

    if (!wm_restore_run(r, wm_restore_states[at->i].text,
                        wm_sql_args(wm_sql_bytes(wm_buf_str(&at->name)),
                                    wm_sql_bytes(wm_buf_str(&at->field)),
                                    wm_sql_int(r->now_ms)), &rows))
    {
        return -1;
    }

    for (i = 0; i < rows.n; i++) {
        if (!wm_restore_fits(at, wm_sql_cell(&rows, i, 0)->str,
                             &wm_sql_cell(&rows, i, 1)->str))
        {
            return wm_restore_strange();
        }
    }

    for (i = 0; i < rows.n; i += n) {
        n = wm_restore_command(r, at->i, &rows, i);

        if (n == 0) {
            return -1;
        }
    }

    if (rows.n > 0
        && (!wm_restore_keep(&at->name, wm_sql_cell(&rows, i - 1, 0)->str)
            || !wm_restore_keep(&at->field,
                                wm_sql_cell(&rows, i - 1, 1)->str)))
    {
        return -1;
    }

    r->keys += rows.n;
    wm_restore_progress(r, "fields and members", r->keys);

    return wm_redis_drain(r->redis, r->page) ? rows.n == 1000 : -1;
}


/* Whole strings, and when keys end. */

static int
wm_restore_simple_page(wm_restore_t *r, wm_restore_at_t *at, const char *text,
    const char *command)
{
    size_t           i;
    wm_str_t         value;
    wm_sql_rows_t    rows;
    wm_sql_value_t  *v;

    if (!wm_restore_run(r, text,
                        wm_sql_args(wm_sql_bytes(wm_buf_str(&at->name)),
                                    wm_sql_int(r->now_ms)), &rows))
    {
        return -1;
    }

    for (i = 0; i < rows.n; i++) {
        v = wm_sql_cell(&rows, i, 0);

        if (!wm_restore_fits(at, v[0].str, NULL)) {
            return wm_restore_strange();
        }

        value = v[1].type == WM_SQL_INT
                ? wm_printf(r->page, "%" PRId64, v[1].num) : v[1].str;

        if (!wm_redis_push(r->redis, r->page,
                           wm_argv(wm_str(command),
                                   wm_restore_key(r, v[0].str), value))
            || !wm_restore_keep(&at->name, v[0].str))
        {
            return -1;
        }
    }

    return wm_redis_drain(r->redis, r->page) ? rows.n == 1000 : -1;
}


static int
wm_restore_strings_page(wm_restore_t *r, void *ctx)
{
    return wm_restore_simple_page(r, ctx, WM_RESTORE_STRINGS, "SET");
}


static int
wm_restore_expiry_page(wm_restore_t *r, void *ctx)
{
    return wm_restore_simple_page(r, ctx, WM_RESTORE_EXPIRY, "PEXPIREAT");
}


static bool
wm_restore_part(wm_restore_t *r, wm_restore_page_pt page, size_t i)
{
    wm_restore_at_t  at = { .i = i };

    wm_buf_init(&at.name, r->store.pool, 128);
    wm_buf_init(&at.field, r->store.pool, 128);

    return wm_restore_pages(r, page, &at);
}


static bool
wm_restore_state(wm_restore_t *r)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_restore_states); i++) {
        if (!wm_restore_part(r, wm_restore_state_page, i)) {
            return false;
        }
    }

    return wm_restore_part(r, wm_restore_strings_page, 0)
           && wm_restore_part(r, wm_restore_expiry_page, 0);
}


/* ---- what stands in Redis before */

typedef struct {
    wm_str_t    cursor;
    char        text[24];
    bool        clear;
    uint64_t    others;                 /* keys that are not head */
} wm_restore_scan_t;


static int
wm_restore_scan_page(wm_restore_t *r, void *ctx)
{
    size_t              i;
    wm_str_t            key, head;
    wm_restore_scan_t  *scan = ctx;
    const wm_reply_t   *reply;

    reply = wm_redis_ask(r->redis, r->page, WM_REPLY_LIST,
                         wm_argv(wm_lit("SCAN"), scan->cursor,
                                 wm_lit("MATCH"),
                                 wm_printf(r->page, "%s*",
                                           r->store.head.data),
                                 wm_lit("COUNT"), wm_lit(WM_RESTORE_SCAN)));

    if (reply == NULL || reply->n != 2 || wm_reply_at(reply, 0).len == 0
        || wm_reply_at(reply, 0).len >= sizeof(scan->text)
        || reply->items[1].type != WM_REPLY_LIST)
    {
        return -1;
    }

    head = wm_key(r->page, r->store.district, "head");

    for (i = 0; i < reply->items[1].n; i++) {
        key = wm_reply_at(&reply->items[1], i);

        if (wm_eq(key, head)) {
            continue;
        }

        scan->others++;

        if (scan->clear && !wm_redis_push(r->redis, r->page,
                                          wm_argv(wm_lit("DEL"), key)))
        {
            return -1;
        }
    }

    memcpy(scan->text, reply->items[0].str.data, reply->items[0].str.len + 1);
    scan->cursor = wm_str(scan->text);

    return wm_redis_drain(r->redis, r->page) ? !wm_is(scan->cursor, "0") : -1;
}


static bool
wm_restore_scan(wm_restore_t *r, bool clear, uint64_t *others)
{
    bool               ok;
    wm_restore_scan_t  scan = { .cursor = wm_lit("0"), .clear = clear };

    ok = wm_restore_pages(r, wm_restore_scan_page, &scan);
    *others = scan.others;

    return ok;
}


static bool
wm_restore_again(wm_restore_t *r, wm_str_t head)
{
    uint64_t           others;
    const wm_reply_t  *reply;

    reply = wm_redis_ask(r->redis, r->page, WM_REPLY_STR,
                         wm_argv(wm_lit("GET"), head));
    if (reply == NULL) {
        return false;
    }

    if (!wm_starts(wm_reply_str(reply), WM_RESTORE_MARK)) {
        wm_say_error("Redis has data of the district %s already; a restore "
                     "needs one that has none", r->store.district.data);
        return false;
    }

    printf("an earlier restore did not come to its end: it begins anew\n");

    return wm_restore_scan(r, true, &others);
}


/* Nobody can write between this and the end: there is a head, but no number. */

static bool
wm_restore_claim(wm_restore_t *r)
{
    uint64_t           others;
    wm_str_t           head;
    const wm_reply_t  *reply;

    head = wm_key(r->page, r->store.district, "head");

    reply = wm_redis_ask(r->redis, r->page, WM_REPLY_STR,
                         wm_argv(wm_lit("SET"), head,
                                 wm_printf(r->page, WM_RESTORE_MARK "%s",
                                           r->store.id), wm_lit("NX")));
    if (reply == NULL) {
        return false;
    }

    if (reply->type == WM_REPLY_NIL) {
        return wm_restore_again(r, head);
    }

    if (!wm_restore_scan(r, false, &others)) {
        return false;
    }

    if (others == 0) {
        return true;
    }

    (void) wm_redis_ask(r->redis, r->page, WM_REPLY_INT,
                        wm_argv(wm_lit("DEL"), head));
    wm_say_error("Redis has %" PRIu64 " keys of the district %s already; a "
                 "restore needs one that has none", others,
                 r->store.district.data);

    return false;
}


/* ---- the end */

/*
 * The highest event of the state, or the counter as the archiver saw it.  The
 * leap is for events after that, whose screens may still have a pass.
 */

static bool
wm_restore_event_number(wm_restore_t *r)
{
    int64_t        n;
    wm_sql_rows_t  rows;

    if (!wm_restore_run(r, "SELECT MAX(number) FROM events", NULL, 0, &rows)) {
        return false;
    }

    n = rows.n == 1 && rows.cells[0].type == WM_SQL_INT ? rows.cells[0].num
                                                         : 0;
    n = n < r->store.event_number ? r->store.event_number : n;

    return n == 0
           || wm_redis_ask(r->redis, r->page, WM_REPLY_STR,
                           wm_argv(wm_lit("SET"),
                                   wm_key(r->page, r->store.district,
                                          "event_number"),
                                   wm_printf(r->page, "%" PRId64,
                                             n + WM_RESTORE_LEAP))) != NULL;
}


static bool
wm_restore_finish(wm_restore_t *r)
{
    wm_str_t  value;

    value = wm_printf(r->page, "%" PRIu64 " %s", r->store.number,
                      r->store.hash);

    return wm_redis_ask(r->redis, r->page, WM_REPLY_STR,
                        wm_argv(wm_lit("SET"),
                                wm_key(r->page, r->store.district, "head"),
                                value)) != NULL;
}


static bool
wm_restore_all(wm_restore_t *r)
{
    if (!wm_restore_check(r) || !wm_restore_claim(r)) {
        return false;
    }

    r->now_ms = wm_say_now_ms();

    return wm_restore_pages(r, wm_restore_journal_page, NULL)
           && wm_restore_state(r) && wm_restore_event_number(r)
           && wm_restore_finish(r);
}


int
wm_cli_restore(wm_cli_t *cli)
{
    bool          ok;
    wm_str_t      where;
    wm_restore_t  r;

    memset(&r, 0, sizeof(wm_restore_t));

    r.cli = cli;
    r.terminal = isatty(STDERR_FILENO) != 0;
    where = wm_archive_address(cli, WM_OPT_FROM);

    if (where.data == NULL || wm_conf_district(cli).data == NULL
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    ok = wm_store_open(cli, where, false, &r.store);
    r.page = r.store.pool;
    r.redis = ok ? wm_redis_get(cli) : NULL;
    ok = r.redis != NULL && wm_restore_all(&r);

    if (r.terminal) {
        fputc('\n', stderr);
    }

    if (ok) {
        printf("restored: %" PRIu64 " entries, %" PRIu64 " fields and "
               "members; archived %" PRId64 " s ago\n", r.number, r.keys,
               (wm_say_now_ms() - r.store.archived_ms) / 1000);
    }

    wm_store_close(&r.store);

    return ok ? WM_CLI_OK : WM_CLI_PROBLEM;
}
