/*
 * The persons of "retain": which there are, whose time is over, and how these
 * go, their records last.
 */

#include "retain.h"
#include "wm_notify.h"

#define WM_RETAIN_PASSES  4             /* until nothing new was found */
#define WM_RETAIN_SCAN    "500"


/* ---- which there are */

static bool
wm_retain_person(wm_retain_t *r, wm_pool_t *pool, wm_str_t key)
{
    bool               ok;
    size_t             i;
    int64_t            ms;
    uint64_t           n;
    wm_str_t           id, head;
    wm_known_t        *k;
    const wm_reply_t  *times;

    head = wm_key(pool, r->desk.realm.district, "person:");

    if (head.data == NULL || !wm_starts(key, head.data)) {
        return true;
    }

    id = (wm_str_t) { key.len - head.len, key.data + head.len };
    k = wm_retain_know(r, id, &ok);

    if (k == NULL || k->kept) {
        return ok;
    }

    times = wm_redis_ask(r->desk.serving.redis, pool, WM_REPLY_LIST,
                         wm_argv(wm_lit("HMGET"), key, wm_lit("made"),
                                 wm_lit("verified")));

    for (i = 0, ms = 0; times != NULL && i < times->n; i++) {
        if (wm_parse_uint(wm_reply_at(times, i), INT64_MAX, &n)
            && (int64_t) n > ms)
        {
            ms = (int64_t) n;
        }
    }

    k->kept = true;
    k->last_ms = ms > k->last_ms ? ms : k->last_ms;
    wm_retain_progress(r);

    return times != NULL;
}


static bool
wm_retain_scan(wm_retain_t *r, wm_pool_t *pool, wm_str_t *cursor)
{
    size_t             i;
    const wm_reply_t  *reply, *keys;

    reply = wm_redis_ask(r->desk.serving.redis, pool, WM_REPLY_LIST,
        wm_argv(wm_lit("SCAN"), *cursor, wm_lit("MATCH"),
                wm_key(pool, r->desk.realm.district, "person:*"),
                wm_lit("COUNT"), wm_lit(WM_RETAIN_SCAN)));

    if (reply == NULL || reply->n != 2) {
        return false;
    }

    keys = &reply->items[1];

    for (i = 0; keys->type == WM_REPLY_LIST && i < keys->n; i++) {
        if (!wm_retain_person(r, pool, wm_reply_at(keys, i))) {
            return false;
        }
    }

    *cursor = wm_dup(r->cli->pool, wm_reply_at(reply, 0));

    return cursor->data != NULL;
}


bool
wm_retain_persons(wm_retain_t *r)
{
    bool        ok;
    wm_str_t    cursor = wm_lit("0");
    wm_pool_t  *pool;

    if (r->after[WM_RETAIN_PERSONS] == 0) {
        return true;
    }

    do {
        pool = wm_heap_create();
        ok = pool != NULL && wm_retain_scan(r, pool, &cursor);

        if (pool != NULL) {
            wm_heap_destroy(pool);
        }

    } while (ok && !wm_is(cursor, "0"));

    return ok;
}


/* ---- whose time is over */

void
wm_retain_decide(wm_retain_t *r)
{
    size_t       i;
    wm_known_t  *k;

    for (i = 0; i < r->cap; i++) {
        k = &r->known[i];

        if (k->kept && wm_retain_over_now(r, WM_RETAIN_PERSONS, k->last_ms)) {
            k->due = true;
            wm_retain_count(r, WM_RETAIN_PERSONS, k->last_ms);
        }
    }
}


/* Who came back meanwhile. */

static void
wm_retain_stays(wm_retain_t *r, wm_known_t *k)
{
    k->due = false;
    r->due[WM_RETAIN_PERSONS]--;
}


static bool
wm_retain_is_due(wm_retain_t *r, wm_str_t person, int64_t last_ms)
{
    wm_known_t  *k;

    k = wm_retain_find(r, person);

    if (k == NULL || !k->due) {
        return false;
    }

    if (!wm_retain_over_now(r, WM_RETAIN_PERSONS, last_ms)) {
        wm_retain_stays(r, k);
    }

    return k->due;
}


/* ---- what is theirs goes */

static bool
wm_retain_forget_in(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    wm_str_t person, int64_t last_ms)
{
    if (!wm_retain_is_due(r, person, last_ms)) {
        return true;
    }

    r->found++;

    return wm_retain_visit(r, pool, id, person, wm_person_event);
}


static bool
wm_retain_forget(wm_desk_t *d, wm_pool_t *pool, unsigned owned, wm_str_t id)
{
    wm_retain_t        *r = d->ctx;
    wm_retain_owned_t   o;

    wm_retain_progress(r);

    if (owned == WM_OWNED_MAX) {
        return wm_retain_event_people(r, pool, id, wm_retain_forget_in);
    }

    if (!wm_retain_read(r, pool, owned, id, &o)) {
        return false;
    }

    if (!wm_retain_is_due(r, o.person, o.last_ms)) {
        return true;
    }

    r->found++;

    return wm_retain_visit(r, pool, id, o.person,
                           owned == WM_OWNED_ORDER ? wm_person_order
                                                   : wm_person_wish);
}


static bool
wm_retain_is_told(wm_desk_t *d, wm_str_t id, wm_str_t record)
{
    wm_known_t   *k;
    wm_notify_t   item;

    if (record.data == NULL || !wm_notify_load(id, record, &item)) {
        return false;
    }

    k = wm_retain_find(d->ctx, item.person);

    return k != NULL && k->due;
}


/* ---- their records */

static void
wm_retain_seen(wm_desk_t *d, wm_str_t id)
{
    wm_known_t  *k;

    k = wm_retain_find(d->ctx, id);

    if (k != NULL && k->due) {
        wm_retain_stays(d->ctx, k);
    }
}


/* When it was made, or its phone was last proven. */

static int64_t
wm_retain_record_ms(const wm_reply_t *record)
{
    int64_t  made, verified;

    made = wm_reply_field_int(record, "made");
    verified = wm_reply_field_int(record, "verified");

    return verified > made ? verified : made;
}


static bool
wm_retain_record(wm_retain_t *r, wm_pool_t *pool, wm_known_t *k)
{
    wm_desk_t         *d = &r->desk;
    const wm_reply_t  *record;

    memset(&d->person, 0, sizeof(wm_person_t));
    memcpy(d->person.id, k->id, sizeof(k->id));

    record = wm_person_record(d, pool);

    if (record == NULL || record->n == 0) {
        return record != NULL;          /* he did it himself */
    }

    if (!wm_retain_is_due(r, wm_str(k->id), wm_retain_record_ms(record))) {
        return true;
    }

    d->person.known = true;
    d->person.epoch = (uint32_t) wm_reply_field_int(record, "epoch");
    d->wechat = wm_reply_field(record, "wechat");

    if (!wm_person_last(d, pool, record)) {
        return false;
    }

    if (d->came && k->due) {
        wm_retain_stays(r, k);
    }

    return true;
}


/* The records, one after the other: a few are of somebody who came back. */

static bool
wm_retain_records(wm_retain_t *r)
{
    bool        ok = true;
    size_t      k;
    wm_pool_t  *pool;

    r->desk.seen = wm_retain_seen;

    for (k = 0; k < r->cap && ok; k++) {
        if (!r->known[k].due) {
            continue;
        }

        pool = wm_heap_create();
        ok = pool != NULL && wm_retain_record(r, pool, &r->known[k]);

        if (pool != NULL) {
            wm_heap_destroy(pool);
        }
    }

    return ok;
}


/* ---- all of them */

bool
wm_retain_forget_all(wm_retain_t *r)
{
    int  i;

    if (!r->doing || r->due[WM_RETAIN_PERSONS] == 0) {
        return true;
    }

    for (i = 0; i < WM_RETAIN_PASSES; i++) {
        r->found = 0;

        if (!wm_person_since(&r->desk)
            || !wm_person_walk(&r->desk, wm_retain_forget)
            || !wm_person_told(&r->desk, wm_retain_is_told))
        {
            return false;
        }

        if (r->found == 0) {
            break;
        }
    }

    if (r->found > 0) {
        wm_say_error("others keep adding to it; run it again");
        return false;
    }

    return wm_retain_records(r);
}
