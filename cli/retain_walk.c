/*
 * What an order, a wish, an event says of how long it is kept, and the first
 * walk over all of them, for "retain".
 */

#include "retain.h"


/* ---- what they say */

static bool
wm_retain_order_read(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    const wm_reply_t *record, wm_retain_owned_t *o)
{
    int64_t     end_ms = 0;
    wm_order_t  order;

    if (!wm_order_load(record, id, &order)) {
        return true;
    }

    if (order.event.len > 0
        && !wm_person_event_end(&r->desk, pool, order.event, &end_ms))
    {
        return false;
    }

    o->person = order.person;
    o->last_ms = wm_retain_order(&order, end_ms);

    return true;
}


bool
wm_retain_read(wm_retain_t *r, wm_pool_t *pool, unsigned owned, wm_str_t id,
    wm_retain_owned_t *o)
{
    wm_wish_t          wish;
    const wm_reply_t  *record;

    *o = (wm_retain_owned_t) { wm_null, WM_RETAIN_OPEN };

    record = wm_redis_hash(r->desk.serving.redis, pool,
                           wm_key(pool, r->desk.realm.district, "%s:%.*s",
                                  wm_owned_record(owned), wm_fmt(id)));
    if (record == NULL) {
        return false;
    }

    if (owned == WM_OWNED_ORDER) {
        return wm_retain_order_read(r, pool, id, record, o);
    }

    if (wm_wish_load(record, id, &wish)) {
        o->person = wish.person;
        o->last_ms = wm_retain_wish(&wish);
    }

    return true;
}


bool
wm_retain_event_people(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    wm_retain_in_pt in)
{
    size_t             i;
    unsigned           k;
    wm_event_t         event;
    const wm_reply_t  *record, *hash;

    record = wm_redis_hash(r->desk.serving.redis, pool,
                           wm_key(pool, r->desk.realm.district, "event:%.*s",
                                  wm_fmt(id)));

    if (record == NULL || !wm_event_load(record, id, &event)) {
        return record != NULL;
    }

    for (k = 0; k < WM_TRACE_HAS; k++) {
        hash = wm_redis_hash(r->desk.serving.redis, pool,
                             wm_key(pool, r->desk.realm.district, "%s:%.*s",
                                    wm_trace_hash(k), wm_fmt(id)));
        if (hash == NULL) {
            return false;
        }

        for (i = 0; i + 1 < hash->n; i += 2) {
            if (wm_id_valid(wm_reply_at(hash, i))
                && !in(r, pool, id, wm_reply_at(hash, i),
                       wm_retain_event(&event)))
            {
                return false;
            }
        }
    }

    return true;
}


/* ---- the first walk */

bool
wm_retain_visit(wm_retain_t *r, wm_pool_t *pool, wm_str_t id, wm_str_t person,
    wm_person_visit_pt visit)
{
    if (person.data == NULL || !wm_id_valid(person)) {
        return true;
    }

    memset(r->desk.person.id, 0, sizeof(r->desk.person.id));
    memcpy(r->desk.person.id, person.data, person.len);

    return wm_person_visit(&r->desk, pool, wm_dup(pool, id), visit);
}


static bool
wm_retain_seen_in(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    wm_str_t person, int64_t last_ms)
{
    (void) pool;
    (void) id;

    return wm_retain_was_seen(r, person, last_ms);
}


static bool
wm_retain_first(wm_desk_t *d, wm_pool_t *pool, unsigned owned, wm_str_t id)
{
    wm_retain_t        *r = d->ctx;
    wm_retain_kind_t    kind;
    wm_retain_owned_t   o;

    wm_retain_progress(r);

    if (owned == WM_OWNED_MAX) {
        return r->after[WM_RETAIN_PERSONS] == 0
               || wm_retain_event_people(r, pool, id, wm_retain_seen_in);
    }

    if (!wm_retain_read(r, pool, owned, id, &o)) {
        return false;
    }

    if (!wm_id_valid(o.person)) {
        return true;
    }

    kind = owned == WM_OWNED_ORDER ? WM_RETAIN_ORDERS : WM_RETAIN_WISHES;

    if (!wm_retain_was_seen(r, o.person, o.last_ms)) {
        return false;
    }

    if (!wm_retain_over_now(r, kind, o.last_ms)) {
        return true;
    }

    wm_retain_count(r, kind, o.last_ms);

    return !r->doing
           || wm_retain_visit(r, pool, id, o.person,
                              owned == WM_OWNED_ORDER ? wm_person_order
                                                      : wm_person_wish);
}


bool
wm_retain_walk(wm_retain_t *r)
{
    if (r->after[WM_RETAIN_ORDERS] == 0 && r->after[WM_RETAIN_WISHES] == 0
        && r->after[WM_RETAIN_PERSONS] == 0)
    {
        return true;
    }

    return wm_person_walk(&r->desk, wm_retain_first);
}
