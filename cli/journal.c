#include "cli.h"
#include "wm_effects.h"
#include "wm_text.h"
#include "wm_time.h"

#include <inttypes.h>
#include <stdio.h>


static void
wm_journal_put_char(wm_buf_t *b, char c)
{
    switch (c) {

    case '\n':
        wm_puts(b, "\\n");
        break;

    case '\r':
        wm_puts(b, "\\r");
        break;

    case '\t':
        wm_puts(b, "\\t");
        break;

    default:
        if (c == '"' || c == '\\') {
            wm_putc(b, '\\');
        }

        wm_putc(b, c);
    }
}


/* What is no text is ciphertext, a hash or damage: its size says enough. */

static void
wm_journal_put(wm_buf_t *b, wm_str_t s, bool quote)
{
    size_t  i;

    if (wm_text_check(s, quote) != WM_TEXT_OK) {
        wm_putf(b, "<%zu bytes>", s.len);
        return;
    }

    if (!quote) {
        wm_put(b, s);
        return;
    }

    wm_putc(b, '"');

    for (i = 0; i < s.len; i++) {
        wm_journal_put_char(b, s.data[i]);
    }

    wm_putc(b, '"');
}


static bool
wm_journal_value(wm_buf_t *b, wm_packed_t *in, bool quote)
{
    uint64_t  n;
    wm_str_t  s;

    if (wm_packed_number(in, &n)) {
        wm_putf(b, "@%" PRIu64, n);
        return true;
    }

    if (!wm_packed_str(in, &s)) {
        return false;
    }

    wm_journal_put(b, s, quote);

    return true;
}


/* HSET key field "value" field "value" */

static bool
wm_journal_effect(wm_buf_t *b, wm_packed_t *in, uint64_t n)
{
    uint64_t  i;

    wm_puts(b, "   ");

    for (i = 0; i < n; i++) {
        wm_putc(b, ' ');

        if (!wm_journal_value(b, in, i >= 2 && (i % 2 == 1 || n == 3))) {
            wm_putc(b, '\n');
            return false;
        }
    }

    wm_putc(b, '\n');

    return true;
}


/* One flat list: how many words an effect has, the words, and so on. */

static void
wm_journal_effects(wm_buf_t *b, wm_str_t packed)
{
    bool         ok;
    uint32_t     words;
    uint64_t     n;
    wm_packed_t  in = { packed.data, packed.data + packed.len };

    words = 0;
    ok = packed.len == 0 || wm_packed_list(&in, &words);

    while (ok && words > 0) {
        ok = wm_packed_number(&in, &n) && n < words
             && wm_journal_effect(b, &in, n);
        words -= ok ? (uint32_t) n + 1 : 0;
    }

    if (!ok || in.p != in.end) {
        wm_puts(b, "    damaged: the effects cannot be read\n");
    }
}


static bool
wm_journal_print(wm_pool_t *pool, const wm_reply_t *item, wm_entry_t *e,
    int offset)
{
    bool      ok;
    char      time[WM_TIME_TEXT];
    wm_buf_t  b;

    ok = wm_entry_load(item, e);

    if (e->id.data == NULL) {
        return false;
    }

    wm_buf_init(&b, pool, 4096);

    if (!ok || e->time_ms > (uint64_t) INT64_MAX / 1000) {
        wm_putf(&b, "%s  damaged: not an entry of ours\n", e->id.data);

    } else {
        wm_putf(&b, "%s  #%" PRIu64 "  ", e->id.data, e->number);
        wm_put(&b, wm_time_iso((int64_t) e->time_ms, offset, time));
        wm_puts(&b, "  ");
        wm_journal_put(&b, e->verb, false);
        wm_puts(&b, "  ");
        wm_journal_put(&b, e->actor, false);
        wm_putc(&b, '\n');
        wm_journal_effects(&b, e->effects);

        if (!wm_is(e->sealed, "-")) {
            wm_puts(&b, "    private effects, not kept here\n");
        }
    }

    if (!b.failed) {
        fwrite(b.data, 1, b.len, stdout);
    }

    return !b.failed;
}


/* One page; *from moves behind it.  0: no more, -1: said why. */

static int
wm_journal_page(wm_redis_t *redis, wm_pool_t *pool, wm_str_t key, int offset,
    uint64_t *ms, uint64_t *seq)
{
    size_t             i;
    wm_entry_t         e;
    const wm_reply_t  *page;

    page = wm_redis_ask(redis, pool, WM_REPLY_LIST,
                        wm_argv(wm_lit("XRANGE"), key,
                                wm_entry_after(pool, *ms, *seq), wm_lit("+"),
                                wm_lit("COUNT"), wm_lit(WM_ENTRY_PAGE)));
    if (page == NULL) {
        return -1;
    }

    for (i = 0; i < page->n && !ferror(stdout); i++) {
        if (!wm_journal_print(pool, &page->items[i], &e, offset)
            || e.ms < *ms || (e.ms == *ms && e.seq <= *seq))
        {
            wm_say_error("Redis answers XRANGE with something else");
            return -1;
        }

        *ms = e.ms;
        *seq = e.seq;
    }

    return page->n == WM_ENTRY_MAX && !ferror(stdout);
}


static int
wm_journal_walk(wm_redis_t *redis, wm_str_t key, int offset, uint64_t ms,
    uint64_t seq)
{
    int         more;
    wm_pool_t  *pool;

    do {
        pool = wm_heap_create();
        if (pool == NULL) {
            wm_say_error("no memory");
            return WM_CLI_PROBLEM;
        }

        more = wm_journal_page(redis, pool, key, offset, &ms, &seq);

        wm_heap_destroy(pool);

    } while (more > 0);

    return more == 0 ? WM_CLI_OK : WM_CLI_PROBLEM;
}


/* --from ID, where the part behind the hyphen may be left out. */

static bool
wm_journal_from(wm_cli_t *cli, uint64_t *ms, uint64_t *seq)
{
    wm_str_t  from;

    from = cli->options[WM_OPT_FROM];
    *ms = *seq = 0;

    if (from.data == NULL
        || (!wm_parse_uint(from, UINT64_MAX, ms)
            && !wm_entry_id(from, ms, seq)))
    {
        if (from.data != NULL) {
            wm_say_error("--from is the id of an entry, e.g. "
                         "1700000000000-0");
        }

        return from.data == NULL;
    }

    if (*seq > 0) {                     /* pages begin behind an entry */
        --*seq;

    } else if (*ms > 0) {
        --*ms;
        *seq = UINT64_MAX;
    }

    return true;
}


int
wm_cli_journal(wm_cli_t *cli)
{
    int          offset;
    uint64_t     ms, seq;
    wm_str_t     district;
    wm_redis_t  *redis;

    district = wm_conf_district(cli);

    if (district.data == NULL || !wm_conf_offset(cli, &offset)
        || !wm_journal_from(cli, &ms, &seq)
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    redis = wm_redis_get(cli);
    if (redis == NULL) {
        return WM_CLI_PROBLEM;
    }

    return wm_journal_walk(redis, wm_key(cli->pool, district, "journal"),
                           offset, ms, seq);
}
