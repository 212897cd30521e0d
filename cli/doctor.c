/*
 * What stands in the way of keeping the durability promise, each with its
 * cure.  A check that cannot be made is a warning, never an "ok".
 */

#include "archive.h"
#include "rotate.h"
#include "wm_text.h"
#include "wm_time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WM_DOCTOR_WAITS    3600     /* seconds, behind which it is amiss */
#define WM_DOCTOR_PATIENCE_S  3
#define WM_DOCTOR_SKEW_MS  2000
#define WM_DOCTOR_2025_MS  INT64_C(1735689600000)

typedef enum {
    WM_DOCTOR_OK,
    WM_DOCTOR_WARN,
    WM_DOCTOR_FAIL
} wm_doctor_level_t;

typedef struct {
    wm_cli_t     *cli;
    wm_redis_t   *redis;
    bool          unchecked;            /* the administrator answers for it */
    const char   *fsync;
    wm_str_t      info;
    size_t        fails;
    size_t        warnings;
} wm_doctor_t;


static void
wm_doctor_say(wm_doctor_t *d, wm_doctor_level_t level, const char *what,
    const char *cure)
{
    static const char *const  names[] = { "ok  ", "warn", "FAIL" };

    d->fails += level == WM_DOCTOR_FAIL;
    d->warnings += level == WM_DOCTOR_WARN;

    if (level == WM_DOCTOR_OK) {
        printf("%s  %s\n", names[level], what);

    } else {
        printf("%s  %-44s  %s\n", names[level], what, cure);
    }
}


/* A line "name:value" of INFO; wm_null when it is not there. */

static wm_str_t
wm_doctor_info(const wm_doctor_t *d, const char *name)
{
    wm_str_t  text, line, key;

    text = d->info;

    while (wm_split(&text, '\n', &line)) {
        if (line.len > 0 && line.data[line.len - 1] == '\r') {
            line.len--;
        }

        if (wm_split(&line, ':', &key) && wm_is(key, name)) {
            return line;
        }
    }

    return wm_null;
}


static void
wm_doctor_expect(wm_doctor_t *d, const char *name, const char *want,
    wm_doctor_level_t level, const char *cure)
{
    wm_str_t    value, what;
    wm_pool_t  *pool = d->cli->pool;

    value = wm_doctor_info(d, name);

    if (value.data == NULL) {
        what = wm_printf(pool, "%s is unknown", name);
        wm_doctor_say(d, WM_DOCTOR_WARN, what.data, "INFO does not tell it");
        return;
    }

    what = wm_printf(pool, "%s is %s", name, wm_say_safe(pool, value));
    wm_doctor_say(d, wm_is(value, want) ? WM_DOCTOR_OK : level, what.data,
                  cure);
}


static void
wm_doctor_version(wm_doctor_t *d)
{
    wm_str_t     value, part, rest, what;
    uint64_t     major;
    const char  *name;

    name = wm_doctor_info(d, "valkey_version").data != NULL ? "Valkey"
                                                            : "Redis";
    value = wm_doctor_info(d, name[0] == 'V' ? "valkey_version"
                                             : "redis_version");
    rest = value;

    what = wm_printf(d->cli->pool, "version: %s %s", name,
                     wm_say_safe(d->cli->pool, value));

    wm_doctor_say(d, wm_split(&rest, '.', &part)
                     && wm_parse_uint(part, UINT32_MAX, &major) && major >= 5
                     ? WM_DOCTOR_OK : WM_DOCTOR_FAIL, what.data,
                  "Redis 5 or later is needed, or Valkey");
}


static void
wm_doctor_server(wm_doctor_t *d)
{
    const wm_reply_t  *info;

    info = wm_redis_try(d->redis, d->cli->pool, wm_argv(wm_lit("INFO")));

    if (info == NULL || info->type != WM_REPLY_STR) {
        wm_doctor_say(d, WM_DOCTOR_FAIL, "INFO is not answered",
                      "allow this user INFO in the ACL of Redis");
        return;
    }

    d->info = info->str;

    wm_doctor_version(d);
    wm_doctor_expect(d, "role", "master", WM_DOCTOR_FAIL,
                     "--redis must name the primary, not a replica");
    wm_doctor_expect(d, "loading", "0", WM_DOCTOR_FAIL,
                     "Redis still reads its files; wait");
    wm_doctor_expect(d, "aof_last_write_status", "ok", WM_DOCTOR_FAIL,
                     "Redis cannot write its AOF: see its log, and the disk");
    wm_doctor_expect(d, "aof_last_bgrewrite_status", "ok", WM_DOCTOR_WARN,
                     "see the log of Redis: disk or memory is short");
    wm_doctor_expect(d, "rdb_last_bgsave_status", "ok", WM_DOCTOR_FAIL,
                     "Redis refuses writes until a snapshot succeeds: see its "
                     "log");
}


static void
wm_doctor_setting(wm_doctor_t *d, const char *name, const char *want,
    const char *also)
{
    bool               good;
    wm_str_t           value, what, cure;
    wm_pool_t         *pool = d->cli->pool;
    const wm_reply_t  *reply;

    reply = wm_redis_try(d->redis, pool,
                         wm_argv(wm_lit("CONFIG"), wm_lit("GET"),
                                 wm_str(name)));

    value = reply != NULL && reply->type == WM_REPLY_LIST && reply->n == 2
            ? wm_reply_at(reply, 1) : wm_null;

    if (value.data == NULL) {
        what = wm_printf(pool, "%s is unknown", name);
        wm_doctor_say(d, d->unchecked ? WM_DOCTOR_WARN : WM_DOCTOR_FAIL,
                      what.data, "allow CONFIG GET, or answer for Redis "
                      "yourself with durability \"unchecked\"");
        return;
    }

    good = wm_is(value, want) || (also != NULL && wm_is(value, also));

    what = wm_printf(pool, "%s is %s", name, wm_say_safe(pool, value));
    cure = wm_printf(pool, "set \"%s %s\" in redis.conf", name, want);

    wm_doctor_say(d, good ? WM_DOCTOR_OK
                     : d->unchecked ? WM_DOCTOR_WARN : WM_DOCTOR_FAIL,
                  what.data, cure.data);
}


static void
wm_doctor_settings(wm_doctor_t *d)
{
    wm_doctor_setting(d, "appendonly", "yes", NULL);
    wm_doctor_setting(d, "appendfsync", d->fsync,
                      strcmp(d->fsync, "always") != 0 ? "always" : NULL);
    wm_doctor_setting(d, "no-appendfsync-on-rewrite", "no", NULL);
    wm_doctor_setting(d, "aof-load-truncated", "no", NULL);
    wm_doctor_setting(d, "maxmemory-policy", "noeviction", NULL);
}


static void
wm_doctor_socket(wm_doctor_t *d)
{
    wm_str_t     address;
    struct stat  st;

    address = d->cli->options[WM_OPT_REDIS];

    if (!wm_starts(address, "unix:")) {
        return;
    }

    if (stat(address.data + 5, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        wm_doctor_say(d, WM_DOCTOR_WARN, "the socket cannot be examined",
                      "look at its path");

    } else if (st.st_mode & 002) {
        wm_doctor_say(d, WM_DOCTOR_WARN, "every user can write to the socket",
                      "set \"unixsocketperm 770\" and give nginx's user the "
                      "group");

    } else {
        wm_doctor_say(d, WM_DOCTOR_OK, "the socket is not open to everyone",
                      NULL);
    }
}


static void
wm_doctor_clock(wm_doctor_t *d)
{
    char      iso[WM_TIME_TEXT];
    int64_t   now;
    wm_str_t  what;

    now = wm_say_now_ms();
    wm_time_iso(now, 0, iso);

    what = wm_printf(d->cli->pool, "the clock here says %s", iso);

    wm_doctor_say(d, now > WM_DOCTOR_2025_MS ? WM_DOCTOR_OK : WM_DOCTOR_FAIL,
                  what.data, "set the clock: codes of another time are "
                  "refused");
}


static void
wm_doctor_redis_clock(wm_doctor_t *d)
{
    int64_t            before, after, there, off;
    uint64_t           seconds, micros;
    wm_str_t           what;
    const wm_reply_t  *reply;

    before = wm_say_now_ms();
    reply = wm_redis_try(d->redis, d->cli->pool, wm_argv(wm_lit("TIME")));
    after = wm_say_now_ms();

    if (reply == NULL || !wm_parse_uint(wm_reply_at(reply, 0), UINT32_MAX,
                                        &seconds)
        || !wm_parse_uint(wm_reply_at(reply, 1), 999999, &micros))
    {
        wm_doctor_say(d, WM_DOCTOR_WARN, "TIME is not answered",
                      "allow this user TIME in the ACL of Redis");
        return;
    }

    there = (int64_t) (seconds * 1000 + micros / 1000);
    off = there < before ? before - there : there > after ? there - after : 0;

    what = wm_printf(d->cli->pool, "the clock of Redis is %" PRId64
                     " ms away", off);

    wm_doctor_say(d, off < WM_DOCTOR_SKEW_MS ? WM_DOCTOR_OK : WM_DOCTOR_FAIL,
                  what.data, "let both machines follow the same time server");
}


static void
wm_doctor_keys(wm_doctor_t *d)
{
    bool          ok;
    wm_str_t      path, text, error, what;
    struct stat   st;
    wm_keyfile_t  file;

    path = d->cli->options[WM_OPT_KEYS];

    if (path.data == NULL) {
        wm_doctor_say(d, WM_DOCTOR_WARN, "no key file is named",
                      "name it with --keys, as wenming_keys does");
        return;
    }

    ok = wm_keys_load(d->cli, &file, &text, &error);

    if (text.data != NULL) {
        wm_wipe((char *) text.data, text.len);
    }

    if (!ok) {
        what = wm_printf(d->cli->pool, "the key file %s", error.data);
        wm_doctor_say(d, WM_DOCTOR_FAIL, what.data, path.data);
        return;
    }

    what = wm_printf(d->cli->pool, "the key file has %zu keys", file.n);
    wm_doctor_say(d, WM_DOCTOR_OK, what.data, NULL);
    wm_wipe(&file, sizeof(file));

    if (stat(path.data, &st) == 0 && st.st_uid != 0 && st.st_uid != geteuid())
    {
        wm_doctor_say(d, WM_DOCTOR_FAIL, "the key file is somebody else's",
                      "chown it to root");
    }
}


/* The last entry and the key head, of one moment. */

static void
wm_doctor_journal(wm_doctor_t *d, wm_str_t district)
{
    bool               same;
    uint64_t           number;
    wm_str_t           hash, what;
    wm_pool_t         *pool = d->cli->pool;
    wm_entry_t         e;
    const wm_reply_t  *reply, *last;

    reply = wm_redis_both(d->redis, pool,
                          wm_argv(wm_lit("XREVRANGE"),
                                  wm_key(pool, district, "journal"),
                                  wm_lit("+"), wm_lit("-"), wm_lit("COUNT"),
                                  wm_lit("1")),
                          wm_argv(wm_lit("GET"),
                                  wm_key(pool, district, "head")));

    if (reply == NULL || reply->items[0].type != WM_REPLY_LIST) {
        wm_doctor_say(d, WM_DOCTOR_FAIL, "the journal cannot be read",
                      "see what Redis says about it");
        return;
    }

    last = &reply->items[0];

    if (last->n == 0 && reply->items[1].type == WM_REPLY_NIL) {
        wm_doctor_say(d, WM_DOCTOR_OK, "the journal is empty", NULL);
        return;
    }

    same = last->n == 1 && wm_entry_load(&last->items[0], &e)
           && wm_entry_head(wm_reply_str(&reply->items[1]), &number, &hash)
           && number == e.number && wm_eq(hash, e.hash);

    what = same ? wm_printf(pool, "the journal ends with entry %" PRIu64,
                            number)
                : wm_lit("the journal's end and its head differ");

    wm_doctor_say(d, same ? WM_DOCTOR_OK : WM_DOCTOR_FAIL, what.data,
                  "run \"wenming audit\": entries were lost or changed");
}


/* For how long the first entry waits that an archive does not have. */

static int64_t
wm_doctor_waits(wm_doctor_t *d, wm_str_t district, const wm_archived_t *a)
{
    uint64_t           ms, seq;
    wm_pool_t         *pool = d->cli->pool;
    const wm_reply_t  *reply;

    if (!wm_entry_id(a->entry, &ms, &seq)) {
        return 0;
    }

    reply = wm_redis_try(d->redis, pool,
                         wm_argv(wm_lit("XRANGE"),
                                 wm_key(pool, district, "journal"),
                                 wm_entry_after(pool, ms, seq), wm_lit("+"),
                                 wm_lit("COUNT"), wm_lit("1")));

    return reply != NULL && reply->type == WM_REPLY_LIST && reply->n == 1
           && wm_entry_id(wm_reply_at(&reply->items[0], 0), &ms, &seq)
           ? (wm_say_now_ms() - (int64_t) ms) / 1000 : 0;
}


static void
wm_doctor_archive(wm_doctor_t *d, wm_str_t district, uint64_t number,
    const wm_archived_t *a)
{
    int64_t     waits;
    wm_str_t    what;
    wm_pool_t  *pool = d->cli->pool;

    if (a->number > number) {
        what = wm_printf(pool, "archive %s has %" PRIu64 " entries, the "
                         "journal %" PRIu64, wm_say_safe(pool, a->id),
                         a->number, number);
        wm_doctor_say(d, WM_DOCTOR_FAIL, what.data,
                      "Redis has lost entries: see docs/archive.md");
        return;
    }

    waits = wm_doctor_waits(d, district, a);
    what = wm_printf(pool, "archive %s has %" PRIu64 " of %" PRIu64
                     " entries; the next one waits for %" PRId64 " s",
                     wm_say_safe(pool, a->id), a->number, number, waits);

    wm_doctor_say(d, waits < WM_DOCTOR_WAITS ? WM_DOCTOR_OK : WM_DOCTOR_FAIL,
                  what.data, "does wenming-archive run?  An archive that is "
                  "given up: see docs/archive.md");
}


/* How far each archive is behind the journal. */

static void
wm_doctor_archives(wm_doctor_t *d, wm_str_t district)
{
    size_t             i;
    uint64_t           number = 0;
    wm_str_t           hash;
    wm_pool_t         *pool = d->cli->pool;
    wm_archived_t      a;
    const wm_reply_t  *reply, *list;

    reply = wm_redis_both(d->redis, pool,
                          wm_argv(wm_lit("HGETALL"),
                                  wm_key(pool, district, "archived")),
                          wm_argv(wm_lit("GET"),
                                  wm_key(pool, district, "head")));

    if (reply == NULL || reply->items[0].type != WM_REPLY_LIST) {
        wm_doctor_say(d, WM_DOCTOR_FAIL, "the key archived cannot be read",
                      "see what Redis says about it");
        return;
    }

    list = &reply->items[0];
    (void) wm_entry_head(wm_reply_str(&reply->items[1]), &number, &hash);

    for (i = 0; i + 1 < list->n; i += 2) {
        if (wm_archived_load(wm_reply_at(list, i), wm_reply_at(list, i + 1),
                             &a))
        {
            wm_doctor_archive(d, district, number, &a);
            continue;
        }

        wm_doctor_say(d, WM_DOCTOR_FAIL, "the key archived is damaged",
                      "run \"wenming archive\": it is written anew");
    }
}


/* ---- the audit log */

#define WM_DOCTOR_KEPT  180             /* days, as the law wants */


/* A second block is left out by logrotate, with an error: the first counts. */

static void
wm_doctor_kept(wm_doctor_t *d, wm_str_t path)
{
    wm_str_t      what, where;
    wm_pool_t    *pool = d->cli->pool;
    wm_rotate_t   r;
    wm_str_t      from = d->cli->options[WM_OPT_LOGROTATE];

    from = from.data != NULL ? from : wm_lit("/etc/logrotate.d");

    if (!wm_rotate_look(pool, from, path, &r)) {
        wm_doctor_say(d, WM_DOCTOR_FAIL, "logrotate's files cannot be read",
                      "no memory");
        return;
    }

    if (r.unread.data != NULL) {
        what = wm_printf(pool, "%s cannot be read", r.unread.data);
        wm_doctor_say(d, WM_DOCTOR_WARN, what.data, "is it text?");
    }

    where = wm_buf_str(&r.where);

    if (r.blocks > 1) {
        what = wm_printf(pool, "logrotate has %zu blocks for the audit log",
                         r.blocks);
        where = wm_printf(pool, "only the first counts: %.*s", wm_fmt(where));
        wm_doctor_say(d, WM_DOCTOR_FAIL, what.data, where.data);
        return;
    }

    what = r.days >= 0
           ? wm_printf(pool, "the audit log is kept for %" PRId64 " days",
                       r.days)
           : wm_printf(pool, "the audit log is kept for good%s",
                       r.blocks > 0 ? "" : ": logrotate has no word of it");
    where = wm_printf(pool, "180 at least: rotate, maxage in %.*s",
                      wm_fmt(where));
    wm_doctor_say(d, r.days < 0 || r.days >= WM_DOCTOR_KEPT ? WM_DOCTOR_OK
                                                            : WM_DOCTOR_FAIL,
                  what.data, where.data);
}


static void
wm_doctor_trail(wm_doctor_t *d)
{
    wm_str_t      what, path = d->cli->options[WM_OPT_AUDIT_LOG];
    struct stat   st;

    if (path.data == NULL) {
        wm_doctor_say(d, WM_DOCTOR_WARN, "there is no audit log",
                      "audit-log FILE; and wenming_audit_log in nginx");
        return;
    }

    errno = 0;

    if (lstat(path.data, &st) != 0 || !S_ISREG(st.st_mode)) {
        what = wm_printf(d->cli->pool, "the audit log %s is not there yet",
                         path.data);
        wm_doctor_say(d, errno == ENOENT ? WM_DOCTOR_OK : WM_DOCTOR_FAIL,
                      what.data, "it has to be a file");

    } else {
        what = wm_printf(d->cli->pool, "the audit log has mode %04o",
                         (unsigned) st.st_mode & 07777);
        wm_doctor_say(d, (st.st_mode & 0137) == 0 ? WM_DOCTOR_OK
                      : (st.st_mode & 022) != 0 ? WM_DOCTOR_FAIL
                                                : WM_DOCTOR_WARN,
                      what.data, "others could read or change it: "
                      "chmod 640");
    }

    wm_doctor_kept(d, path);
}


static bool
wm_doctor_begin(wm_cli_t *cli, wm_doctor_t *d)
{
    wm_str_t  level;

    memset(d, 0, sizeof(wm_doctor_t));

    d->cli = cli;
    level = cli->options[WM_OPT_DURABILITY];

    if (level.data == NULL) {
        level = wm_lit("always");
    }

    d->unchecked = wm_is(level, "unchecked");
    d->fsync = wm_is(level, "everysec") ? "everysec" : "always";

    if (!d->unchecked && !wm_is(level, d->fsync)) {
        wm_say_error("--durability is always, everysec or unchecked");
        return false;
    }

    return wm_cli_need(cli, WM_OPT_REDIS).data != NULL;
}


int
wm_cli_doctor(wm_cli_t *cli)
{
    wm_str_t     district, error;
    wm_doctor_t  d;

    if (!wm_doctor_begin(cli, &d)) {
        return WM_CLI_USAGE;
    }

    district = wm_conf_district(cli);
    if (district.data == NULL) {
        return WM_CLI_USAGE;
    }

    wm_doctor_clock(&d);
    wm_doctor_keys(&d);
    wm_doctor_trail(&d);

    cli->patience_s = WM_DOCTOR_PATIENCE_S;
    d.redis = cli->redis = wm_redis_open(cli, &error);

    if (d.redis == NULL) {
        wm_doctor_say(&d, WM_DOCTOR_FAIL, "Redis does not answer",
                      error.data);

    } else {
        wm_doctor_say(&d, WM_DOCTOR_OK, "Redis answers", NULL);
        wm_doctor_socket(&d);
        wm_doctor_server(&d);
        wm_doctor_settings(&d);
        wm_doctor_redis_clock(&d);
        wm_doctor_journal(&d, district);
        wm_doctor_archives(&d, district);
    }

    printf("%zu failed, %zu warnings\n", d.fails, d.warnings);

    return d.fails > 0 ? WM_CLI_PROBLEM : WM_CLI_OK;
}
