#include "since.h"


static wm_str_t
wm_since_key(const wm_since_t *s, wm_pool_t *pool, const char *name)
{
    return wm_key(pool, s->district, "%s", name);
}


/* Entries have no gaps but where they were trimmed. */

static bool
wm_since_entry(wm_since_t *s, const wm_reply_t *item, wm_entry_t *e)
{
    if (!wm_entry_load(item, e)) {
        wm_say_error("the journal is damaged: see \"wenming audit\"");
        return false;
    }

    if (s->number > 0 && e->number != s->number + 1) {
        wm_say_error("the journal was trimmed meanwhile; ask again");
        return false;
    }

    s->ms = e->ms;
    s->seq = e->seq;
    s->number = e->number;

    return true;
}


bool
wm_since_begin(wm_since_t *s, wm_redis_t *redis, wm_pool_t *pool,
    wm_str_t district)
{
    wm_entry_t         e;
    const wm_reply_t  *last;

    *s = (wm_since_t) { redis, district, 0, 0, 0 };

    last = wm_redis_ask(redis, pool, WM_REPLY_LIST,
                        wm_argv(wm_lit("XREVRANGE"),
                                wm_since_key(s, pool, "journal"),
                                wm_lit("+"), wm_lit("-"), wm_lit("COUNT"),
                                wm_lit("1")));

    return last != NULL
           && (last->n == 0 || wm_since_entry(s, &last->items[0], &e));
}


/* How many entries there were; -1: said why. */

static int
wm_since_page(wm_since_t *s, wm_pool_t *pool, const char *but,
    wm_entry_part_pt each, void *ctx)
{
    size_t             i;
    wm_entry_t         e;
    const wm_reply_t  *page;

    page = wm_redis_ask(s->redis, pool, WM_REPLY_LIST,
                        wm_argv(wm_lit("XRANGE"),
                                wm_since_key(s, pool, "journal"),
                                wm_entry_after(pool, s->ms, s->seq),
                                wm_lit("+"), wm_lit("COUNT"),
                                wm_lit(WM_ENTRY_PAGE)));
    if (page == NULL) {
        return -1;
    }

    for (i = 0; i < page->n; i++) {
        if (!wm_since_entry(s, &page->items[i], &e)) {
            return -1;
        }

        if (!wm_is(e.verb, but)
            && !wm_entry_parts(pool, &e, each, ctx))
        {
            wm_say_error("an entry of the journal cannot be read");
            return -1;
        }
    }

    return (int) page->n;
}


bool
wm_since_read(wm_since_t *s, wm_pool_t *pool, const char *but,
    wm_entry_part_pt each, void *ctx, wm_str_t *head)
{
    int                n;
    wm_pool_t         *page;
    const wm_reply_t  *reply;

    /* the head first: what comes behind it is read, or makes it another */

    reply = wm_redis_ask(s->redis, pool, WM_REPLY_STR,
                         wm_argv(wm_lit("GET"),
                                 wm_since_key(s, pool, "head")));
    if (reply == NULL) {
        return false;
    }

    *head = wm_reply_str(reply).data != NULL ? wm_reply_str(reply)
                                             : wm_lit("");

    do {
        page = wm_heap_create();

        if (page == NULL) {
            wm_say_error("no memory");
            return false;
        }

        n = wm_since_page(s, page, but, each, ctx);
        wm_heap_destroy(page);

    } while (n == WM_ENTRY_MAX);

    return n >= 0;
}
