/* From the outbox to the site's webhook, a few at a time. */

#include "notify.h"

#include <inttypes.h>
#include <time.h>

#define WM_SEND_WINDOW    200
#define WM_SEND_SETTLE    8             /* at most so many come twice */
#define WM_SEND_BUDGET_S  45            /* after that, nothing is begun */

typedef struct {
    size_t          n;
    wm_notify_t     items[WM_NOTIFY_SETTLE];
} wm_batch_t;

typedef struct {
    wm_notifier_t  *n;
    wm_post_t      *post;
    time_t          end;                /* of the monotonic clock */
    size_t          silent;             /* without an answer, in a row */
    wm_str_t        why;                /* the last one failed */
    wm_batch_t      sent, dropped, failed;
} wm_send_t;


static time_t
wm_send_clock(void)
{
    struct timespec  t = { 0, 0 };

    (void) clock_gettime(CLOCK_MONOTONIC, &t);

    return t.tv_sec;
}


/* A webhook that answers nobody keeps nobody waiting for it. */

static bool
wm_send_stops(const wm_send_t *s)
{
    return wm_notifier_ends() || s->silent >= WM_POST_SLOTS
           || wm_send_clock() >= s->end;
}


/* ---- the outbox */

bool
wm_notify_items(wm_notifier_t *n, const wm_reply_t *ids, wm_notify_t **items,
    size_t *count)
{
    size_t             i;
    wm_str_t           id;
    const wm_reply_t  *record;

    *count = ids->n;
    *items = wm_calloc(n->page, (ids->n + 1) * sizeof(wm_notify_t));

    for (i = 0; *items != NULL && i < ids->n; i++) {
        id = wm_reply_at(ids, i);

        record = wm_redis_ask(n->redis, n->page, WM_REPLY_STR,
                              wm_argv(wm_lit("HGET"),
                                      wm_key(n->page, n->site.district,
                                             "outbox"), id));
        if (record == NULL) {
            return false;
        }

        if (!wm_notify_load(id, wm_reply_str(record), &(*items)[i])) {
            (*items)[i].kind = WM_NOTICE_MAX;
        }
    }

    if (*items == NULL) {
        wm_say_error("no memory");
    }

    return *items != NULL;
}


bool
wm_notify_settle(wm_notifier_t *n, wm_op_t op, wm_notify_commit_pt commit,
    wm_notify_t *items, size_t count, size_t *done)
{
    size_t               i;
    wm_commit_t         *c;
    wm_commit_result_t   result;

    *done = 0;

    while (count > 0) {
        c = wm_notifier_commit(n, op);
        if (c == NULL) {
            return false;
        }

        commit(c, items, count);

        if (!wm_redis_commit(n->redis, c, &result)) {
            return false;
        }

        if (result.status != WM_COMMIT_UNMET) {
            *done = count;
            return true;
        }

        if (result.index < 1 || result.index > count) {
            wm_say_error("Redis names a condition that there is not");
            return false;
        }

        for (i = result.index; i < count; i++) {
            items[i - 1] = items[i];
        }

        count--;
    }

    return true;
}


static bool
wm_send_settle(wm_send_t *s)
{
    bool            ok;
    size_t          i, done;
    wm_notifier_t  *n = s->n;

    ok = wm_notify_settle(n, WM_OP_NOTIFY_SENT, wm_notify_done,
                          s->sent.items, s->sent.n, &done);
    n->sent += done;

    ok = ok && wm_notify_settle(n, WM_OP_NOTIFY_DROP, wm_notify_done,
                                s->dropped.items, s->dropped.n, &done);
    n->dropped += ok ? done : 0;

    ok = ok && wm_notify_settle(n, WM_OP_NOTIFY_FAIL, wm_notify_failed,
                                s->failed.items, s->failed.n, &done);

    for (i = 0; ok && i < done; i++) {
        n->died += s->failed.items[i].due_ms == 0;
    }

    n->failed += ok ? done : 0;

    s->sent.n = s->dropped.n = s->failed.n = 0;

    return ok;
}


static void
wm_send_failed(wm_send_t *s, const wm_notify_t *item, long status,
    wm_str_t why)
{
    int64_t       delay;
    uint32_t      random = 0;
    wm_notify_t  *f;

    (void) wm_random(&random, sizeof(random));

    f = &s->failed.items[s->failed.n++];
    *f = *item;
    f->tries++;
    f->status = status;

    delay = wm_notify_delay(f->tries, random);
    f->due_ms = delay > 0 ? wm_notifier_now(s->n) + delay : 0;
    s->why = why;
}


static bool
wm_send_flush(wm_send_t *s, size_t limit)
{
    return (s->sent.n < limit && s->dropped.n < limit && s->failed.n < limit)
           || wm_send_settle(s);
}


/* ---- what is true now */

typedef enum {
    WM_SEND_READY,
    WM_SEND_OBSOLETE,
    WM_SEND_SEALED,                     /* a person's record, to us */
    WM_SEND_UNREAD                      /* said why */
} wm_send_state_t;


static wm_send_state_t
wm_send_person(wm_send_t *s, const wm_notify_t *item, wm_notify_facts_t *f)
{
    wm_person_t        person;
    wm_send_state_t    state;
    const wm_reply_t  *record;

    record = wm_notifier_hash(s->n, "person", item->person);
    if (record == NULL) {
        return WM_SEND_UNREAD;
    }

    if (wm_reply_field(record, "key").data == NULL) {
        return WM_SEND_OBSOLETE;        /* deleted, or never written */
    }

    memset(&person, 0, sizeof(wm_person_t));
    memcpy(person.id, item->person.data, WM_ID_LEN);

    state = wm_person_load(s->n->page, &s->n->realm, record, &person)
            && wm_notify_open(s->n->page, &person, &f->wish)
            ? WM_SEND_READY : WM_SEND_SEALED;

    f->name = person.name;
    f->phone = person.phone;
    f->verified = wm_reply_field_int(record, "verified") > 0;
    wm_wipe(&person, sizeof(wm_person_t));

    /* who gave no number cannot be reached */

    return state == WM_SEND_READY && f->phone.len == 0 ? WM_SEND_OBSOLETE
                                                       : state;
}


static wm_send_state_t
wm_send_facts(wm_send_t *s, const wm_notify_t *item, wm_notify_facts_t *f)
{
    wm_str_t           order;
    wm_notifier_t     *n = s->n;
    const wm_reply_t  *enrol;

    memset(f, 0, sizeof(wm_notify_facts_t));

    if (item->kind == WM_NOTICE_MAX) {
        return WM_SEND_OBSOLETE;        /* no record of ours */
    }

    if (item->wish.len > 0 && !wm_notifier_wish(n, item->wish, &f->wish)) {
        return WM_SEND_UNREAD;
    }

    order = item->order.len > 0 ? item->order : f->wish.order;

    if (order.len > 0 && !wm_notifier_order(n, order, &f->order)) {
        return WM_SEND_UNREAD;
    }

    if (item->event.len > 0) {
        enrol = wm_redis_ask(n->redis, n->page, WM_REPLY_STR,
                             wm_argv(wm_lit("HGET"),
                                     wm_key(n->page, n->site.district,
                                            "enrol:%.*s",
                                            wm_fmt(item->event)),
                                     item->person));

        if (enrol == NULL || !wm_notifier_event(n, item->event, &f->event)) {
            return WM_SEND_UNREAD;
        }

        (void) wm_enrol_load(wm_reply_str(enrol), &f->enrol);
    }

    return wm_notify_holds(item, f, wm_notifier_now(n))
           ? wm_send_person(s, item, f) : WM_SEND_OBSOLETE;
}


static bool
wm_send_post(wm_send_t *s, wm_notify_t *item, const wm_notify_facts_t *f)
{
    wm_str_t        body, signature;
    wm_notifier_t  *n = s->n;

    body = wm_notify_body(n->page, item, f, &n->site);
    signature = body.data != NULL
                ? wm_notify_sign(n->page, n->secret, wm_say_now_ms() / 1000,
                                 body)
                : wm_null;

    if (signature.data == NULL
        || !wm_post_start(s->post, n->page, item->id, signature, body, item))
    {
        wm_say_error("no memory");
        return false;
    }

    return true;
}


static bool
wm_send_item(wm_send_t *s, wm_notify_t *item)
{
    wm_notify_facts_t  f;

    switch (wm_send_facts(s, item, &f)) {

    case WM_SEND_READY:
        return wm_send_post(s, item, &f);

    case WM_SEND_OBSOLETE:
        s->dropped.items[s->dropped.n++] = *item;
        return true;

    case WM_SEND_SEALED:
        wm_send_failed(s, item, 0,
                       wm_lit("a person's record cannot be opened; are these "
                              "the keys that it was written with?"));
        return true;

    default:

        /* a record of another type; without Redis the next commit fails */

        wm_send_failed(s, item, 0, wm_lit("its records cannot be read"));
        return true;
    }
}


static void
wm_send_posted(wm_send_t *s, const wm_posted_t *posted)
{
    const wm_notify_t  *item = posted->data;

    s->silent = posted->status != 0 ? 0 : s->silent + 1;

    if (posted->status >= 200 && posted->status < 300) {
        s->sent.items[s->sent.n++] = *item;

    } else if (posted->status != 0) {
        wm_send_failed(s, item, posted->status,
                       wm_printf(s->n->cli->pool, "the webhook answered with "
                                 "status %ld", posted->status));

    } else {
        wm_send_failed(s, item, 0, wm_str(posted->error));
    }
}


/* Those of one page; all that was begun has ended when it returns. */

static bool
wm_send_window(wm_send_t *s, wm_notify_t *items, size_t count)
{
    bool         ok;
    size_t       i;
    wm_posted_t  posted;

    for (i = 0, ok = true; /* void */; /* void */) {
        /* each silence makes room for one less */

        while (ok && i < count && wm_post_free(s->post) > s->silent
               && !wm_send_stops(s))
        {
            ok = wm_send_item(s, &items[i++])
                 && wm_send_flush(s, WM_SEND_SETTLE);
        }

        if (wm_post_free(s->post) == WM_POST_SLOTS) {
            break;
        }

        if (wm_post_wait(s->post, &posted)) {
            wm_send_posted(s, &posted);
            ok = wm_send_flush(s, WM_SEND_SETTLE) && ok;
        }
    }

    return wm_send_settle(s) && ok;
}


/* 1: there may be more; 0: done, or enough for now; -1: said why. */

static int
wm_send_page(wm_send_t *s)
{
    size_t             count;
    wm_notify_t       *items;
    const wm_reply_t  *ids;
    wm_notifier_t     *n = s->n;

    ids = wm_redis_ask(n->redis, n->page, WM_REPLY_LIST,
                       wm_argv(wm_lit("ZRANGEBYSCORE"),
                               wm_key(n->page, n->site.district,
                                      "outbox_due"),
                               wm_lit("-inf"),
                               wm_printf(n->page, "%" PRId64,
                                         wm_notifier_now(n)),
                               wm_lit("LIMIT"), wm_lit("0"),
                               wm_printf(n->page, "%d", WM_SEND_WINDOW)));

    if (ids == NULL || !wm_notify_items(n, ids, &items, &count)
        || !wm_send_window(s, items, count))
    {
        return -1;
    }

    return ids->n > 0 && !wm_send_stops(s);
}


bool
wm_notify_deliver(wm_notifier_t *n)
{
    int         more;
    wm_pool_t  *before = n->page;
    wm_send_t  *s;

    s = wm_calloc(n->page, sizeof(wm_send_t));

    if (s != NULL) {
        s->post = wm_post_open(n->page, n->webhook,
                               n->cli->options[WM_OPT_WEBHOOK_CA]);
    }

    if (s == NULL || s->post == NULL) {
        wm_say_error("no memory");
        return false;
    }

    s->n = n;
    s->end = wm_send_clock() + WM_SEND_BUDGET_S;

    do {
        n->page = wm_heap_create();
        more = n->page != NULL ? wm_send_page(s) : -1;

        if (n->page != NULL) {
            wm_heap_destroy(n->page);
        }

        n->page = before;

    } while (more > 0);

    wm_post_close(s->post);

    if (n->failed > 0) {
        wm_say_error("%zu could not be delivered; the last: %s", n->failed,
                     s->why.data != NULL ? s->why.data : "no memory");
    }

    return more == 0;
}
