/*
 * From the journal into the outbox.  The cursor is the id of the last entry
 * that was worked off, or "ID TARGET" in the middle of one: TARGET is the
 * rest of the last notification's id, and they are taken in that order.
 */

#include "notify.h"

#include <inttypes.h>

#define WM_QUEUE_IDLE   1000            /* entries that tell nothing */
#define WM_QUEUE_TRIES  5

typedef struct {
    wm_notifier_t  *n;
    wm_str_t        cursor;             /* as it is in Redis */
    wm_str_t        at;                 /* where it moves to */
    uint64_t        ms, seq;            /* of the last entry that was read */
    wm_str_t        behind;             /* of that entry; wm_null: all of it */
    size_t          count;
    wm_notify_t     items[WM_NOTIFY_MAX];
    size_t          idle;
    bool            lost;               /* another run was faster */
} wm_queue_t;


static wm_str_t
wm_queue_keep(wm_queue_t *q, wm_str_t s)
{
    return wm_dup(q->n->cli->pool, s);
}


static bool
wm_queue_flush(wm_queue_t *q)
{
    wm_commit_t         *c;
    wm_commit_result_t   result;

    c = wm_notifier_commit(q->n, WM_OP_NOTIFY_QUEUE);
    if (c == NULL) {
        return false;
    }

    wm_notify_queue(c, q->cursor, q->at, q->items, q->count,
                    wm_notifier_now(q->n));

    if (!wm_redis_commit(q->n->redis, c, &result)) {
        return false;
    }

    q->lost = result.status == WM_COMMIT_UNMET;

    if (!q->lost) {
        q->n->queued += q->count;
        q->cursor = wm_queue_keep(q, q->at);
    }

    q->count = 0;
    q->idle = 0;

    return q->cursor.data != NULL;
}


/* ---- what an entry tells, and whom */

static bool
wm_queue_event(wm_queue_t *q, wm_notify_list_t *list, const wm_told_t *told)
{
    size_t             i;
    wm_order_t         order;
    wm_event_t         event;
    const wm_reply_t  *enrol;

    enrol = wm_notifier_hash(q->n, "enrol", told->event);

    if (enrol == NULL || !wm_notifier_event(q->n, told->event, &event)) {
        return false;
    }

    wm_notify_places(list, told, enrol, wm_notifier_now(q->n));

    for (i = 0; i < event.norders; i++) {
        if (!wm_notifier_order(q->n, event.orders[i], &order)) {
            return false;
        }

        wm_notify_order(list, told, &order);
    }

    return true;
}


static bool
wm_queue_wish(wm_queue_t *q, wm_notify_list_t *list, const wm_told_t *told)
{
    wm_wish_t  wish;

    if (!wm_notifier_wish(q->n, told->wish, &wish)) {
        return false;
    }

    wm_notify_wish(list, told, &wish);

    return true;
}


static bool
wm_queue_told(wm_queue_t *q, wm_notify_list_t *list, const wm_told_t *told)
{
    wm_order_t  order;

    if (told->person.len > 0) {
        wm_notify_person(list, told);
        return true;
    }

    if (told->wish.len > 0) {
        return wm_queue_wish(q, list, told);
    }

    if (told->order.len == 0) {
        return wm_queue_event(q, list, told);
    }

    if (!wm_notifier_order(q->n, told->order, &order)) {
        return false;
    }

    wm_notify_order(list, told, &order);

    return true;
}


static wm_notify_t *
wm_queue_people(wm_queue_t *q, const wm_entry_t *e, size_t *count)
{
    size_t             i, n;
    wm_told_t         *told;
    wm_notify_t       *items;
    wm_notify_list_t   list;

    told = wm_notify_told(q->n->page, q->n->site.district, e->verb,
                          e->effects, &n);
    wm_notify_list(&list, q->n->page, e->id, (int64_t) e->time_ms);

    for (i = 0; told != NULL && i < n; i++) {
        if (!wm_queue_told(q, &list, &told[i])) {
            return NULL;
        }
    }

    items = told != NULL ? wm_notify_sorted(&list, count) : NULL;

    if (items == NULL) {
        wm_say_error("no memory");
    }

    return items;
}


/* "kind.target" of an id, behind the entry's own and a dot. */

static wm_str_t
wm_queue_target(const wm_notify_t *item, const wm_entry_t *e)
{
    return (wm_str_t) { item->id.len - e->id.len - 1,
                        item->id.data + e->id.len + 1 };
}


static bool
wm_queue_is_behind(const wm_queue_t *q, wm_str_t target)
{
    int     r;
    size_t  n;

    if (q->behind.len == 0) {
        return false;
    }

    n = target.len < q->behind.len ? target.len : q->behind.len;
    r = memcmp(target.data, q->behind.data, n);

    return r < 0 || (r == 0 && target.len <= q->behind.len);
}


static bool
wm_queue_add(wm_queue_t *q, const wm_entry_t *e, const wm_notify_t *item)
{
    wm_str_t  target;

    target = wm_queue_target(item, e);

    if (wm_queue_is_behind(q, target)) {
        return true;
    }

    if (q->count == WM_NOTIFY_MAX && !wm_queue_flush(q)) {
        return false;
    }

    if (q->lost) {
        return true;
    }

    q->items[q->count++] = *item;
    q->at = wm_printf(q->n->page, "%.*s %.*s", wm_fmt(e->id), wm_fmt(target));

    return q->at.data != NULL;
}


static bool
wm_queue_entry(wm_queue_t *q, const wm_entry_t *e)
{
    size_t        i, count;
    wm_notify_t  *items;

    if (e->ms != q->ms || e->seq != q->seq) {
        q->behind = wm_null;            /* the cursor's entry is gone */
    }

    items = wm_queue_people(q, e, &count);

    for (i = 0; items != NULL && i < count && !q->lost; i++) {
        if (!wm_queue_add(q, e, &items[i])) {
            return false;
        }
    }

    q->at = e->id;
    q->behind = wm_null;

    return items != NULL;
}


/* ---- pages */

/* 1: there may be more; 0: no, or lost; -1: said what is wrong. */

static int
wm_queue_entries(wm_queue_t *q, const wm_reply_t *page)
{
    size_t      i;
    wm_entry_t  e;

    for (i = 0; i < page->n && !q->lost && !wm_notifier_ends(); i++) {
        if (!wm_entry_load(&page->items[i], &e)) {
            if (e.id.data == NULL) {
                wm_say_error("Redis answers XRANGE with something else");
                return -1;
            }

            q->at = e.id;               /* damaged: "wenming audit" says so */

        } else if (!wm_queue_entry(q, &e)) {
            return -1;
        }

        q->ms = e.ms;
        q->seq = e.seq;
        q->idle++;
    }

    if (!q->lost && (q->count > 0 || q->idle >= WM_QUEUE_IDLE)
        && !wm_queue_flush(q))
    {
        return -1;
    }

    return page->n == WM_ENTRY_MAX && !q->lost && !wm_notifier_ends();
}


static int
wm_queue_page(wm_queue_t *q)
{
    wm_str_t           from;
    const wm_reply_t  *page;

    from = q->behind.data != NULL
           ? wm_printf(q->n->page, "%" PRIu64 "-%" PRIu64, q->ms, q->seq)
           : wm_entry_after(q->n->page, q->ms, q->seq);

    page = wm_redis_ask(q->n->redis, q->n->page, WM_REPLY_LIST,
                        wm_argv(wm_lit("XRANGE"),
                                wm_key(q->n->page, q->n->site.district,
                                       "journal"),
                                from, wm_lit("+"), wm_lit("COUNT"),
                                wm_lit(WM_ENTRY_PAGE)));

    return page != NULL ? wm_queue_entries(q, page) : -1;
}


/* The first run tells nothing of what was before it. */

static bool
wm_queue_begin(wm_queue_t *q)
{
    const wm_reply_t  *last;

    last = wm_redis_ask(q->n->redis, q->n->page, WM_REPLY_LIST,
                        wm_argv(wm_lit("XREVRANGE"),
                                wm_key(q->n->page, q->n->site.district,
                                       "journal"),
                                wm_lit("+"), wm_lit("-"), wm_lit("COUNT"),
                                wm_lit("1")));
    if (last == NULL) {
        return false;
    }

    q->cursor = wm_lit("");
    q->at = last->n == 1 ? wm_reply_at(&last->items[0], 0) : wm_lit("0-0");

    return wm_queue_flush(q);
}


static bool
wm_queue_open(wm_queue_t *q)
{
    wm_str_t           id, rest;
    const wm_reply_t  *cursor;

    q->lost = false;
    q->count = q->idle = 0;

    cursor = wm_redis_ask(q->n->redis, q->n->page, WM_REPLY_STR,
                          wm_argv(wm_lit("HGET"),
                                  wm_key(q->n->page, q->n->site.district,
                                         "notify"),
                                  wm_lit("cursor")));
    if (cursor == NULL) {
        return false;
    }

    if (cursor->type == WM_REPLY_NIL) {
        if (!wm_queue_begin(q) || q->lost) {
            return q->lost;
        }

    } else {
        q->cursor = wm_queue_keep(q, wm_reply_str(cursor));
    }

    q->at = rest = q->cursor;

    if (!wm_split(&rest, ' ', &id) || !wm_entry_id(id, &q->ms, &q->seq)) {
        wm_say_error("the cursor of the notifications is damaged");
        return false;
    }

    q->behind = rest;

    return true;
}


/* 1: again, as another run was faster; 0: done; -1: said what is wrong. */

static int
wm_queue_walk(wm_queue_t *q)
{
    int         more;
    bool        opened;
    wm_pool_t  *before = q->n->page;

    for (more = 1, opened = false; more > 0; /* void */) {
        q->n->page = wm_heap_create();

        if (q->n->page == NULL) {
            wm_say_error("no memory");
            q->n->page = before;
            return -1;
        }

        if (!opened && !wm_queue_open(q)) {
            more = -1;

        } else {
            opened = true;
            more = q->lost ? 0 : wm_queue_page(q);
        }

        wm_heap_destroy(q->n->page);
        q->n->page = before;
    }

    return more < 0 ? -1 : q->lost;
}


bool
wm_notify_journal(wm_notifier_t *n)
{
    int          i, more;
    wm_queue_t  *q;

    q = wm_calloc(n->page, sizeof(wm_queue_t));
    if (q == NULL) {
        wm_say_error("no memory");
        return false;
    }

    q->n = n;

    for (i = 0, more = 1; i < WM_QUEUE_TRIES && more > 0; i++) {
        more = wm_queue_walk(q);
    }

    return more >= 0;                   /* another run is at it */
}


/* ---- reminders */

static bool
wm_remind_queue(wm_notifier_t *n, const wm_event_t *event,
    wm_notify_t *items, size_t count)
{
    size_t               first, some;
    wm_commit_t         *c;
    wm_commit_result_t   result;

    for (first = 0; first < count; first += some) {
        some = count - first < WM_NOTIFY_MAX ? count - first : WM_NOTIFY_MAX;

        c = wm_notifier_commit(n, WM_OP_NOTIFY_QUEUE);
        if (c == NULL) {
            return false;
        }

        wm_notify_queue_reminders(c, event, &items[first], some,
                                  wm_notifier_now(n));

        if (!wm_redis_commit(n->redis, c, &result)) {
            return false;
        }

        if (result.status == WM_COMMIT_UNMET) {
            return true;                /* another run is at it */
        }

        n->queued += some;
    }

    return true;
}


static bool
wm_remind_event(wm_notifier_t *n, wm_str_t id)
{
    size_t             count;
    wm_event_t         event;
    wm_notify_t       *items;
    wm_notify_list_t   list;
    const wm_reply_t  *enrol, *reminded;

    enrol = wm_notifier_hash(n, "enrol", id);
    reminded = enrol != NULL ? wm_notifier_hash(n, "reminded", id) : NULL;

    if (reminded == NULL || !wm_notifier_event(n, id, &event)) {
        return false;
    }

    wm_notify_list(&list, n->page, wm_null, wm_notifier_now(n));
    wm_notify_remind(&list, &event, enrol, reminded, wm_notifier_now(n));

    items = wm_notify_sorted(&list, &count);
    if (items == NULL) {
        wm_say_error("no memory");
        return false;
    }

    return wm_remind_queue(n, &event, items, count);
}


bool
wm_notify_reminders(wm_notifier_t *n)
{
    bool               ok;
    size_t             i;
    int64_t            now_ms;
    wm_pool_t         *before = n->page;
    const wm_reply_t  *events;

    now_ms = wm_notifier_now(n);

    events = wm_redis_ask(n->redis, n->page, WM_REPLY_LIST,
                          wm_argv(wm_lit("ZRANGEBYSCORE"),
                                  wm_key(n->page, n->site.district,
                                         "events:" WM_UNIT_ALL),
                                  wm_printf(n->page, "%" PRId64, now_ms),
                                  wm_printf(n->page, "%" PRId64,
                                            now_ms + WM_NOTIFY_AHEAD)));

    for (i = 0, ok = events != NULL; ok && i < events->n; i++) {
        n->page = wm_heap_create();
        ok = n->page != NULL && wm_remind_event(n, wm_reply_at(events, i));

        if (n->page != NULL) {
            wm_heap_destroy(n->page);
        }

        n->page = before;
    }

    return ok;
}
