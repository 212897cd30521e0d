/*
 * The journal in Redis, trimmed behind what every archive has.
 */

#include "archive.h"

#include <inttypes.h>

bool
wm_archived_load(wm_str_t id, wm_str_t value, wm_archived_t *a)
{
    uint64_t  ms, seq;
    wm_str_t  number, at;

    a->id = id;

    if (!wm_split(&value, ' ', &number) || !wm_split(&value, ' ', &at)
        || !wm_parse_uint(number, INT64_MAX, &a->number)
        || !wm_parse_uint(at, INT64_MAX / 2, &a->archived_ms))
    {
        return false;
    }

    a->entry = value;

    return wm_entry_id(value, &ms, &seq);
}


/* 90d, 24h, 30m, 60s */

static bool
wm_trim_age(wm_str_t s, int64_t *ms)
{
    char      unit;
    uint64_t  n;

    unit = (char) (s.len > 1 ? s.data[s.len - 1] : '\0');
    s.len -= s.len > 1;

    *ms = unit == 'd' ? 86400000 : unit == 'h' ? 3600000
          : unit == 'm' ? 60000 : unit == 's' ? 1000 : 0;

    if (*ms == 0 || !wm_parse_uint(s, 36500, &n)) {
        wm_say_error("--trim-older is a time such as 90d, 24h, 30m or 60s");
        return false;
    }

    *ms *= (int64_t) n;

    return true;
}


bool
wm_trim_options(wm_cli_t *cli, wm_trim_t *trim)
{
    wm_str_t  age, count;

    age = cli->options[WM_OPT_TRIM_AGE];
    count = cli->options[WM_OPT_TRIM_COUNT];

    trim->wanted = age.data != NULL || count.data != NULL;
    trim->age_ms = -1;
    trim->count = 1;                    /* the head is the hash of one */

    if (age.data != NULL && !wm_trim_age(age, &trim->age_ms)) {
        return false;
    }

    if (count.data != NULL
        && (!wm_parse_uint(count, INT32_MAX, &trim->count)
            || trim->count == 0))
    {
        wm_say_error("--trim-beyond is how many entries stay, 1 at least");
        return false;
    }

    return true;
}


/* How far the archive is that has least; false: somebody's is not known. */

static bool
wm_trim_archived(const wm_reply_t *archived, uint64_t *number)
{
    size_t         i;
    wm_archived_t  a;

    *number = archived->n > 0 ? UINT64_MAX : 0;

    for (i = 0; i + 1 < archived->n; i += 2) {
        if (!wm_archived_load(wm_reply_at(archived, i),
                              wm_reply_at(archived, i + 1), &a))
        {
            return false;
        }

        *number = a.number < *number ? a.number : *number;
    }

    return true;
}


/*
 * The id below which entries go: that of the first of the last so many, or
 * the age, whichever is older.  wm_null: nothing goes, or *ok is false.
 */

static wm_str_t
wm_trim_below(wm_store_t *store, wm_pool_t *pool, const wm_trim_t *trim,
    uint64_t number, bool *ok)
{
    int64_t        before;
    uint64_t       ms, seq;
    wm_sql_rows_t  rows;

    number = number < store->number ? number : store->number;
    *ok = true;

    if (number <= trim->count) {
        return wm_null;
    }

    if (!store->sql.run(&store->sql, pool,
                        "SELECT id FROM journal WHERE number = $1",
                        wm_sql_args(wm_sql_int((int64_t) (number
                                                          - trim->count
                                                          + 1))), &rows))
    {
        *ok = wm_store_complain(store);
        return wm_null;
    }

    before = wm_say_now_ms() - trim->age_ms;

    if (rows.n != 1 || !wm_entry_id(rows.cells[0].str, &ms, &seq)
        || before <= 0)
    {
        return wm_null;
    }

    return trim->age_ms >= 0 && (uint64_t) before < ms
           ? wm_printf(pool, "%" PRId64 "-0", before) : rows.cells[0].str;
}


/* Notifications read the journal too: what they have not read yet stays. */

static bool
wm_trim_unread(wm_store_t *store, wm_redis_t *redis, wm_pool_t *pool,
    wm_str_t *below)
{
    uint64_t           ms, seq, at_ms, at_seq;
    wm_str_t           at;
    const wm_reply_t  *cursor;

    cursor = wm_redis_ask(redis, pool, WM_REPLY_STR,
                          wm_argv(wm_lit("HGET"),
                                  wm_key(pool, store->district, "notify"),
                                  wm_lit("cursor")));
    if (cursor == NULL || !wm_entry_id(*below, &ms, &seq)) {
        return false;
    }

    at = wm_reply_str(cursor);

    if (wm_entry_id(at, &at_ms, &at_seq)
        && (at_ms < ms || (at_ms == ms && at_seq < seq)))
    {
        *below = at;
    }

    return true;
}


bool
wm_trim_journal(wm_store_t *store, wm_redis_t *redis, const wm_trim_t *trim,
    wm_pool_t *pool)
{
    bool               ok;
    uint64_t           number;
    wm_str_t           below;
    const wm_reply_t  *archived;

    archived = wm_redis_hash(redis, pool,
                             wm_key(pool, store->district, "archived"));
    if (archived == NULL) {
        return false;
    }

    if (!wm_trim_archived(archived, &number)) {
        wm_say_error("nothing is trimmed: the key archived is damaged");
        return true;
    }

    below = wm_trim_below(store, pool, trim, number, &ok);

    if (below.data == NULL) {
        return ok;
    }

    return wm_trim_unread(store, redis, pool, &below)
           && wm_redis_ask(redis, pool, WM_REPLY_INT,
                           wm_argv(wm_lit("XTRIM"),
                                   wm_key(pool, store->district, "journal"),
                                   wm_lit("MINID"), below)) != NULL;
}
