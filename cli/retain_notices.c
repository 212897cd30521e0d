/* Dead letters that "retain" takes: notifications that were given up. */

#include "retain.h"
#include "wm_notify.h"


/* Those of a page that were given up long enough ago; *n: how many. */

static bool
wm_retain_letters(wm_retain_t *r, wm_pool_t *pool, const wm_reply_t *page,
    size_t *n)
{
    size_t             i;
    uint64_t           ms;
    wm_str_t           record;
    wm_commit_t       *c;
    wm_notify_t        items[WM_PERSON_TOLD];
    const wm_reply_t  *reply;

    for (i = 0, *n = 0; i + 1 < page->n && *n < WM_PERSON_TOLD; i += 2) {
        if (!wm_parse_uint(wm_reply_at(page, i + 1), INT64_MAX, &ms)
            || !wm_retain_over_now(r, WM_RETAIN_NOTICES, (int64_t) ms))
        {
            break;                      /* they are in this order */
        }

        wm_retain_count(r, WM_RETAIN_NOTICES, (int64_t) ms);
        reply = wm_redis_ask(r->desk.serving.redis, pool, WM_REPLY_STR,
            wm_argv(wm_lit("HGET"), wm_key(pool, r->desk.realm.district,
                                           "outbox"),
                    wm_reply_at(page, i)));
        if (reply == NULL) {
            return false;
        }

        record = wm_reply_str(reply);
        memset(&items[*n], 0, sizeof(wm_notify_t));

        /* one that is damaged goes too: id and text are what is needed */

        (void) wm_notify_load(wm_reply_at(page, i),
                              record.data != NULL ? record : wm_lit(""),
                              &items[*n]);
        items[*n].id = wm_reply_at(page, i);
        items[*n].text = record.data != NULL ? record : wm_lit("");
        ++*n;
    }

    if (*n == 0 || !r->doing) {
        return true;
    }

    c = wm_person_begin(&r->desk, pool, WM_OP_NOTIFY_DROP);

    if (c == NULL) {
        return false;
    }

    wm_notify_done(c, items, *n);

    return wm_person_send(&r->desk, c, &(bool) { false });
}


bool
wm_retain_notices(wm_retain_t *r)
{
    bool               ok;
    size_t             n, first = 0;
    wm_pool_t         *pool;
    const wm_reply_t  *page;

    if (r->after[WM_RETAIN_NOTICES] == 0) {
        return true;
    }

    do {
        pool = wm_heap_create();
        r->desk.serving.now_ms = wm_say_now_ms();
        n = 0;

        page = pool == NULL ? NULL
               : wm_redis_ask(r->desk.serving.redis, pool, WM_REPLY_LIST,
                     wm_argv(wm_lit("ZRANGE"),
                             wm_key(pool, r->desk.realm.district,
                                    "outbox_dead"),
                             wm_printf(pool, "%zu", first),
                             wm_printf(pool, "%zu",
                                       first + WM_PERSON_TOLD - 1),
                             wm_lit("WITHSCORES")));
        ok = page != NULL && wm_retain_letters(r, pool, page, &n);
        first += r->doing ? 0 : n;

        if (pool != NULL) {
            wm_heap_destroy(pool);
        }

    } while (ok && n == WM_PERSON_TOLD);

    return ok;
}
