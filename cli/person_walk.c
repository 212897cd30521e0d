/*
 * The walk over all orders, wishes and events there are: nothing leads from a
 * person to what is his.
 */

#include "person.h"

#include <stdio.h>

#define WM_PERSON_PAGE      "500"
#define WM_PERSON_PAGE_MAX  500
#define WM_PERSON_SCORE     40          /* bytes of a score, as Redis has it */


/* ---- pages */

/*
 * A sorted set, page by page, by scores: ranks move when somebody else takes
 * away what was read.  A page ends between two scores.
 */

typedef struct {
    wm_str_t    key;                    /* of who asked */
    char        min[WM_PERSON_SCORE];   /* of the next page */
    bool        end;                    /* there is no next one */
} wm_person_pages_t;


static const wm_reply_t *
wm_person_range(wm_desk_t *d, wm_pool_t *pool, const wm_person_pages_t *p,
    wm_str_t max, const char *limit)
{
    return wm_redis_ask(d->serving.redis, pool, WM_REPLY_LIST,
        wm_argv(wm_lit("ZRANGEBYSCORE"), p->key, wm_str(p->min), max,
                wm_lit("WITHSCORES"), wm_lit("LIMIT"), wm_lit("0"),
                wm_str(limit)));
}


/* Members and scores, *n of both; NULL: said what is wrong. */

static const wm_reply_t *
wm_person_next(wm_desk_t *d, wm_pool_t *pool, wm_person_pages_t *p, size_t *n)
{
    wm_str_t           last;
    const wm_reply_t  *page;

    page = wm_person_range(d, pool, p, wm_lit("+inf"), WM_PERSON_PAGE);
    if (page == NULL) {
        return NULL;
    }

    *n = page->n;
    p->end = page->n < 2 * WM_PERSON_PAGE_MAX;

    if (p->end) {
        return page;
    }

    last = wm_reply_at(page, page->n - 1);

    if (wm_eq(last, wm_reply_at(page, 1))) {    /* all of the same: whole */
        page = wm_person_range(d, pool, p, last, "-1");
        snprintf(p->min, sizeof(p->min), "(%.*s", wm_fmt(last));
        *n = page != NULL ? page->n : 0;
        return page;
    }

    while (wm_eq(wm_reply_at(page, *n - 1), last)) {
        *n -= 2;
    }

    snprintf(p->min, sizeof(p->min), "%.*s", wm_fmt(last));

    return page;
}


bool
wm_person_pages(wm_desk_t *d, wm_str_t key, wm_person_page_pt each, void *ctx)
{
    bool                ok;
    size_t              n;
    wm_pool_t          *pool;
    const wm_reply_t   *page;
    wm_person_pages_t   p = { .key = key, .min = "-inf" };

    ok = key.data != NULL;

    if (!ok) {
        wm_say_error("no memory");
    }

    while (ok && !p.end) {
        pool = wm_heap_create();

        if (pool == NULL) {
            wm_say_error("no memory");
            return false;
        }

        page = wm_person_next(d, pool, &p, &n);
        ok = page != NULL && each(d, pool, page, n, ctx);
        wm_heap_destroy(pool);
    }

    return ok;
}


/* ---- everything */

/* One of the indices: each of its members is somebody's, or an event. */

typedef struct {
    unsigned            owned;
    wm_person_each_pt   each;
} wm_person_index_t;


static bool
wm_person_page(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *page,
    size_t n, void *ctx)
{
    size_t                    i;
    const wm_person_index_t  *index = ctx;

    for (i = 0; i + 1 < n; i += 2) {
        if (!index->each(d, pool, index->owned, wm_reply_at(page, i))) {
            return false;
        }
    }

    return true;
}


static bool
wm_person_index(wm_desk_t *d, const char *name, wm_str_t unit,
    unsigned owned, wm_person_each_pt each)
{
    wm_person_index_t  index = { owned, each };

    return wm_person_pages(d, wm_key(d->cli->pool, d->realm.district,
                                     "%s:%.*s", name, wm_fmt(unit)),
                           wm_person_page, &index);
}


/* What stands at the top has the orders and wishes of all below. */

static bool
wm_person_owned(wm_desk_t *d, wm_str_t unit, wm_person_each_pt each)
{
    unsigned  owned;

    for (owned = 0; owned < WM_OWNED_MAX; owned++) {
        if (!wm_person_index(d, wm_owned_index(owned), unit, owned, each)) {
            return false;
        }
    }

    return true;
}


bool
wm_person_walk(wm_desk_t *d, wm_person_each_pt each)
{
    bool       ok;
    size_t     i, n = 0;
    wm_str_t  *roots;

    ok = wm_roots_read(d->serving.redis, d->cli->pool, d->realm.district,
                       &roots, &n);

    for (i = 0; ok && i < n; i++) {
        ok = wm_person_owned(d, roots[i], each);
    }

    return ok && wm_person_index(d, "sched", wm_lit(WM_UNIT_ALL),
                                 WM_OWNED_MAX, each);
}


/* ---- what is his */

static bool
wm_person_owns(wm_desk_t *d, wm_pool_t *pool, unsigned owned, wm_str_t id,
    bool *is)
{
    wm_ask_t    ask;
    wm_reply_t  reply;

    ask = (wm_ask_t) { 3, { wm_lit("HGET"),
                            wm_key(pool, d->realm.district, "%s:%.*s",
                                   wm_owned_record(owned), wm_fmt(id)),
                            wm_lit("person") } };

    if (!wm_person_replies(d, pool, &ask, 1, &reply)) {
        return false;
    }

    *is = wm_is(wm_reply_str(&reply), d->person.id);

    return true;
}


static bool
wm_person_is_in_event(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *is)
{
    wm_ask_t    asks[WM_TRACE_HAS];
    wm_reply_t  replies[WM_TRACE_HAS];

    wm_trace_has(pool, d->realm.district, id, wm_str(d->person.id), asks);

    if (!wm_person_replies(d, pool, asks, WM_TRACE_HAS, replies)) {
        return false;
    }

    *is = wm_trace_found(replies);

    return true;
}


/* What is his is visited. */

static bool
wm_person_each(wm_desk_t *d, wm_pool_t *pool, unsigned owned, wm_str_t id)
{
    bool  is;

    static const wm_person_visit_pt  visits[] = {
        wm_person_order, wm_person_wish, wm_person_event
    };

    if (!(owned < WM_OWNED_MAX
          ? wm_person_owns(d, pool, owned, id, &is)
          : wm_person_is_in_event(d, pool, id, &is)))
    {
        return false;
    }

    if (!is) {
        return true;
    }

    d->found++;

    /* what is shown lives as long as the document */

    return wm_person_visit(d, d->forget ? pool : d->cli->pool,
                           wm_dup(d->cli->pool, id), visits[owned]);
}


bool
wm_person_all(wm_desk_t *d)
{
    return wm_person_walk(d, wm_person_each);
}
