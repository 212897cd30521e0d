/*
 * Whether the journal is whole: each entry's number follows the one before,
 * each hash covers its entry and the hash before, the key head agrees with
 * the last entry, and what signed checkpoints remember is still so.
 */

#include "audit.h"

#include <inttypes.h>
#include <stdio.h>

/* "entry 5 is" or "entries 5-9 are" */

static wm_str_t
wm_audit_range(wm_audit_t *a, uint64_t from, uint64_t to)
{
    return from == to
           ? wm_printf(a->page, "entry %" PRIu64 " is", from)
           : wm_printf(a->page, "entries %" PRIu64 "-%" PRIu64 " are", from,
                       to);
}


/* The hash that entry n builds on; wm_null when nobody remembers it. */

static wm_str_t
wm_audit_prev(const wm_audit_t *a, uint64_t n)
{
    size_t  i;

    static const char  zeros[] = "0000000000000000000000000000000000000000";

    if (n == 1) {
        return wm_str(zeros);
    }

    if (a->last > 0 && n == a->last + 1 && a->hash[0] != '\0') {
        return wm_str(a->hash);
    }

    i = wm_audit_find(a, n - 1);

    return i < a->npoints ? a->points[i].cp.head : wm_null;
}


static void
wm_audit_hash(wm_audit_t *a, const wm_entry_t *e)
{
    char      good[41], digest[41];
    wm_str_t  prev;

    prev = wm_audit_prev(a, e->number);

    if (!wm_chain_digest(e->effects, digest)
        || (prev.data != NULL && !wm_chain_hash(prev, e->what, good)))
    {
        wm_audit_bad(a, e, wm_lit("no memory to verify it"));
        return;
    }

    if (!wm_is(e->digest, digest)) {
        wm_audit_bad(a, e, wm_lit("changed: its effects have another "
                                  "digest"));
        return;
    }

    if (prev.data != NULL && !wm_is(e->hash, good)) {
        wm_audit_bad(a, e, e->number == 1
                           ? wm_lit("changed: its hash does not fit")
                           : wm_lit("changed, or the one before it: its hash "
                                    "does not fit"));
    }
}


static void
wm_audit_move(wm_audit_t *a, const wm_entry_t *e)
{
    size_t  n;

    n = e->hash.len == 40 ? 40 : 0;        /* 0: nobody knows what follows */

    a->last = e->number;
    memcpy(a->hash, n > 0 ? e->hash.data : "", n);
    a->hash[n] = '\0';
}


static void
wm_audit_entry(wm_audit_t *a, const wm_entry_t *e)
{
    if (a->last == 0) {
        a->first = e->number;

    } else if (e->number <= a->last) {
        wm_audit_bad(a, e, wm_printf(a->page, "out of order or repeated: it "
                                     "stands behind entry %" PRIu64,
                                     a->last));
        return;

    } else if (e->number > a->last + 1) {
        wm_audit_bad(a, e, wm_printf(a->page, "%s missing before it",
                                     wm_audit_range(a, a->last + 1,
                                                    e->number - 1).data));
    }

    wm_audit_hash(a, e);
    wm_audit_compare(a, e);
    wm_audit_move(a, e);
}


static void
wm_audit_damaged(wm_audit_t *a, const wm_entry_t *e)
{
    wm_audit_bad(a, e, wm_lit("changed: it has not the fields of an entry"));

    if (e->number == a->last + 1) {
        a->first = a->last == 0 ? e->number : a->first;
        wm_audit_move(a, e);
    }
}


/* Sets *full when another page may follow. */

static bool
wm_audit_entries(wm_audit_t *a, const wm_reply_t *page, bool *full)
{
    bool        ok;
    size_t      i;
    wm_entry_t  e;

    if (page->type != WM_REPLY_LIST || page->n > WM_ENTRY_MAX) {
        wm_say_error("Redis answers XRANGE with %s",
                     page->type == WM_REPLY_ERROR
                     ? wm_say_safe(a->page, page->str) : "something else");
        return false;
    }

    for (i = 0; i < page->n; i++) {
        ok = wm_entry_load(&page->items[i], &e);

        /* whoever answers must not keep us here for ever */

        if (e.id.data == NULL || e.ms < a->ms
            || (e.ms == a->ms && e.seq <= a->seq))
        {
            wm_say_error("Redis answers XRANGE out of order");
            return false;
        }

        a->ms = e.ms;
        a->seq = e.seq;
        a->entries++;

        if (ok) {
            wm_audit_entry(a, &e);

        } else {
            wm_audit_damaged(a, &e);
        }
    }

    *full = page->n == WM_ENTRY_MAX;

    return true;
}


/* Page and head come from one moment, so that writers do not disturb. */

static void
wm_audit_head(wm_audit_t *a, const wm_reply_t *reply)
{
    uint64_t  number;
    wm_str_t  hash;

    if (reply->type == WM_REPLY_NIL) {
        if (a->last > 0) {
            wm_audit_bad(a, NULL, wm_lit("the key head is missing"));
        }

        return;
    }

    if (!wm_entry_head(wm_reply_str(reply), &number, &hash)) {
        wm_audit_bad(a, NULL, wm_lit("the key head is damaged"));
        return;
    }

    if (number > a->last) {
        wm_audit_bad(a, NULL,
                     wm_printf(a->page, "%s missing at the end: the key head "
                               "knows of %" PRIu64,
                               wm_audit_range(a, a->last + 1, number).data,
                               number));

    } else if (number < a->last) {
        wm_audit_bad(a, NULL,
                     wm_printf(a->page, "the key head says %" PRIu64
                               ", but the last entry is %" PRIu64, number,
                               a->last));

    } else if (!wm_is(hash, a->hash)) {
        wm_audit_bad(a, NULL, wm_lit("the key head has another hash than the "
                                     "last entry"));
    }
}


static bool
wm_audit_page(wm_audit_t *a, wm_redis_t *redis, bool *full)
{
    wm_str_t           journal, head;
    const wm_reply_t  *reply;

    journal = wm_key(a->page, a->district, "journal");
    head = wm_key(a->page, a->district, "head");

    reply = wm_redis_both(redis, a->page,
                          wm_argv(wm_lit("XRANGE"), journal,
                                  wm_entry_after(a->page, a->ms, a->seq),
                                  wm_lit("+"), wm_lit("COUNT"),
                                  wm_lit(WM_ENTRY_PAGE)),
                          wm_argv(wm_lit("GET"), head));

    if (reply == NULL || !wm_audit_entries(a, &reply->items[0], full)) {
        return false;
    }

    if (!*full) {
        wm_audit_head(a, &reply->items[1]);
    }

    return true;
}


static bool
wm_audit_walk(wm_audit_t *a, wm_redis_t *redis)
{
    bool  ok, full;

    do {
        a->page = wm_heap_create();
        if (a->page == NULL) {
            wm_say_error("no memory");
            return false;
        }

        ok = wm_audit_page(a, redis, &full);

        wm_heap_destroy(a->page);
        a->page = a->pool;

    } while (ok && full);

    return ok;
}


static int
wm_audit_report(const wm_audit_t *a)
{
    if (a->problems > WM_AUDIT_MAX) {
        printf("... and %zu more\n", a->problems - WM_AUDIT_MAX);
    }

    if (a->first > 1) {
        printf("the journal begins at %" PRIu64 ": what came before is not "
               "here\n", a->first);
    }

    if (a->older > 0) {
        printf("%zu checkpoints are older than the journal's first entry\n",
               a->older);
    }

    if (a->problems > 0) {
        printf("%zu problem%s in %" PRIu64 " entries of %s\n", a->problems,
               a->problems == 1 ? "" : "s", a->entries, a->district.data);
        return WM_CLI_PROBLEM;
    }

    if (a->entries == 0) {
        printf("ok: the journal of %s is empty\n", a->district.data);
        return WM_CLI_OK;
    }

    printf("ok: %" PRIu64 " entries of %s, %" PRIu64 "-%" PRIu64
           ", head %s\n", a->entries, a->district.data, a->first, a->last,
           a->hash);

    if (a->npoints > 0) {
        printf("ok: %zu checkpoints hold\n", a->npoints - a->older);
    }

    return WM_CLI_OK;
}


int
wm_cli_audit(wm_cli_t *cli)
{
    bool         ok;
    wm_audit_t   a;
    wm_redis_t  *redis;

    memset(&a, 0, sizeof(wm_audit_t));

    a.pool = cli->pool;
    a.page = cli->pool;
    a.district = wm_conf_district(cli);

    if (a.district.data == NULL
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL
        || (cli->ncheckpoints > 0
            && wm_cli_need(cli, WM_OPT_KEYS).data == NULL))
    {
        return WM_CLI_USAGE;
    }

    redis = wm_redis_get(cli);

    ok = redis != NULL && wm_audit_points_load(cli, &a)
         && wm_audit_walk(&a, redis);

    if (!ok) {
        return WM_CLI_PROBLEM;
    }

    wm_audit_points_beyond(&a);

    return wm_audit_report(&a);
}
