/*
 * What notifications are still to be told somebody, or were given up: they
 * are taken away.
 */

#include "person.h"


/* Some of a page: those that are his go, in one commit. */

static bool
wm_person_told_some(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *page,
    size_t from, size_t to, wm_person_told_pt told, bool *unmet)
{
    size_t             i, n = 2;
    wm_str_t           argv[WM_PERSON_TOLD + 2], record;
    wm_commit_t       *c;
    const wm_reply_t  *records;

    c = wm_person_begin(d, pool, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        return false;
    }

    argv[0] = wm_lit("HMGET");
    argv[1] = wm_key(pool, d->realm.district, "outbox");

    for (i = from; i < to; i += 2) {
        argv[n++] = wm_reply_at(page, i);
    }

    records = wm_redis_ask(d->serving.redis, pool, WM_REPLY_LIST, argv, n);
    if (records == NULL) {
        return false;
    }

    for (i = 0; i + 2 < n; i++) {
        record = wm_reply_at(records, i);

        if (told(d, argv[i + 2], record)) {
            wm_forget_told(c, argv[i + 2], record);
        }
    }

    *unmet = false;

    return c->neffects == 0 || wm_person_send(d, c, unmet);
}


static bool
wm_person_told_page(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *page,
    size_t n, void *ctx)
{
    int                 i;
    bool                unmet;
    size_t              from, to;
    wm_person_told_pt  *told = ctx;

    for (from = 0; from < n; from = to) {
        to = from + 2 * WM_PERSON_TOLD < n ? from + 2 * WM_PERSON_TOLD : n;

        /* unmet: "notify" was at one of them; the others are still his */

        for (i = 0, unmet = true; unmet && i < WM_PERSON_TRIES; i++) {
            d->serving.now_ms = wm_say_now_ms();

            if (!wm_person_told_some(d, pool, page, from, to, *told, &unmet)) {
                return false;
            }
        }

        if (unmet) {
            wm_say_error("somebody else keeps changing notifications; ask "
                         "again");
            return false;
        }
    }

    return true;
}


bool
wm_person_told(wm_desk_t *d, wm_person_told_pt told)
{
    bool      ok = true;
    unsigned  i;

    for (i = 0; i < WM_FORGET_QUEUES && ok; i++) {
        ok = wm_person_pages(d, wm_key(d->cli->pool, d->realm.district, "%s",
                                       wm_forget_queue(i)),
                             wm_person_told_page, &told);
    }

    return ok;
}
