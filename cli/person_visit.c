/*
 * One order, one wish, one event of a person: shown in the document, or
 * forgotten, as far as one commit takes it.
 */

#include "person.h"
#include "wm_time.h"

#include <stdio.h>


/* ---- an order */

bool
wm_person_event_end(wm_desk_t *d, wm_pool_t *pool, wm_str_t event,
    int64_t *end_ms)
{
    uint64_t           ms;
    const wm_reply_t  *reply;

    reply = wm_redis_ask(d->serving.redis, pool, WM_REPLY_STR,
        wm_argv(wm_lit("HGET"), wm_key(pool, d->realm.district,
                                       "event:%.*s", wm_fmt(event)),
                wm_lit("end")));

    *end_ms = reply != NULL
              && wm_parse_uint(wm_reply_str(reply), INT64_MAX, &ms)
              ? (int64_t) ms : 0;

    return reply != NULL;
}


/* Who has to be told, or to do something about it: said as it is done. */

static void
wm_person_say_cancelled(wm_desk_t *d, wm_pool_t *pool,
    const wm_order_t *order)
{
    wm_str_t  number;

    number = wm_order_number(pool, order->made_ms, d->offset, order->running);

    printf("cancelled: order %s, %s\n", wm_say_safe(pool, number),
           wm_say_safe(pool, order->title));
}


static void
wm_person_say_given_back(wm_desk_t *d, wm_pool_t *pool,
    const wm_event_t *event)
{
    char  start[WM_TIME_TEXT];

    printf("given back: a place at event %s, %s, %s\n",
           wm_say_safe(pool, event->id), wm_say_safe(pool, event->title),
           wm_say_safe(pool, wm_time_iso(event->start_ms, d->offset,
                                         start)));
}


static bool
wm_person_forget_order(wm_desk_t *d, wm_pool_t *pool, const wm_order_t *order,
    bool *again)
{
    bool          unmet;
    int64_t       end_ms;
    wm_commit_t  *c;

    if (!wm_person_event_end(d, pool, order->event, &end_ms)) {
        return false;
    }

    c = wm_person_begin(d, pool,
                        wm_forget_order_op(order, end_ms,
                                           d->serving.now_ms));
    if (c == NULL) {
        return false;
    }

    if (c->op == WM_OP_PERSON_FORGET) {
        wm_forget_order(c, order);
        return wm_person_send(d, c, again);
    }

    *again = true;                      /* and then it is nobody's */

    if (!wm_forget_end(c, order, end_ms) || !wm_person_send(d, c, &unmet)) {
        return false;
    }

    if (!unmet && c->op == WM_OP_ORDER_CANCEL) {
        wm_person_say_cancelled(d, pool, order);
    }

    return true;
}


bool
wm_person_order(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again)
{
    wm_order_t         order;
    const wm_reply_t  *record;

    *again = false;
    record = wm_redis_hash(d->serving.redis, pool,
                           wm_key(pool, d->realm.district, "order:%.*s",
                                  wm_fmt(id)));
    if (record == NULL) {
        return false;
    }

    if (!wm_order_load(record, id, &order)
        || !wm_is(order.person, d->person.id))
    {
        return true;
    }

    if (d->forget) {
        return wm_person_forget_order(d, pool, &order, again);
    }

    wm_dossier_order(d->doc, &d->person, &order, d->offset);

    return true;
}


/* ---- a wish */

static bool
wm_person_forget_wish(wm_desk_t *d, wm_pool_t *pool, const wm_wish_t *wish,
    bool *again)
{
    bool          unmet;
    wm_commit_t  *c;

    c = wm_person_begin(d, pool, WM_OP_WISH_WITHDRAW);
    if (c == NULL) {
        return false;
    }

    if (wm_forget_withdraw(c, wish)) {
        *again = true;                  /* and then it is nobody's */
        return wm_person_send(d, c, &unmet);
    }

    c = wm_person_begin(d, pool, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        return false;
    }

    wm_forget_wish(c, wish);

    return wm_person_send(d, c, again);
}


bool
wm_person_wish(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again)
{
    wm_wish_t          wish;
    const wm_reply_t  *record;

    *again = false;
    record = wm_redis_hash(d->serving.redis, pool,
                           wm_key(pool, d->realm.district, "wish:%.*s",
                                  wm_fmt(id)));
    if (record == NULL) {
        return false;
    }

    if (!wm_wish_load(record, id, &wish)
        || !wm_is(wish.person, d->person.id))
    {
        return true;
    }

    if (d->forget) {
        return wm_person_forget_wish(d, pool, &wish, again);
    }

    wm_dossier_wish(d->doc, &d->person, &wish, d->offset);

    return true;
}


/* ---- an event */

static bool
wm_person_give_back(wm_desk_t *d, wm_pool_t *pool, const wm_event_t *event)
{
    bool               found, nothing, unmet;
    wm_list_t          list;
    wm_queued_t        who = { .person = wm_str(d->person.id) };
    wm_commit_t       *c;
    const wm_reply_t  *record;

    if (!wm_offers_read(d->cli, &d->serving, event->id, &list, &found)) {
        return false;
    }

    record = wm_redis_ask(d->serving.redis, pool, WM_REPLY_STR,
        wm_argv(wm_lit("HGET"), wm_key(pool, d->realm.district,
                                       "enrol:%.*s",
                                       wm_fmt(event->id)),
                who.person));
    c = wm_person_begin(d, pool, WM_OP_ENROL_CANCEL);

    if (record == NULL || c == NULL) {
        return false;
    }

    (void) wm_enrol_load(wm_reply_str(record), &who.enrol);

    if (!found
        || wm_enrol_act(c, &list, &who, WM_ENROL_CANCEL, who.enrol.by,
                        &nothing)
           != WM_VERDICT_OK
        || nothing)
    {
        return true;
    }

    if (!wm_person_send(d, c, &unmet)) {
        return false;
    }

    if (!unmet) {
        wm_person_say_given_back(d, pool, event);
    }

    return true;
}


bool
wm_person_event(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again)
{
    wm_ask_t      asks[WM_TRACE_ASKS];
    wm_trace_t    trace;
    wm_reply_t    replies[WM_TRACE_ASKS];
    wm_commit_t  *c;

    *again = false;
    wm_trace_ask(pool, d->realm.district, id, wm_str(d->person.id), asks);

    if (!wm_person_replies(d, pool, asks, WM_TRACE_ASKS, replies)) {
        return false;
    }

    wm_trace_load(id, replies, &trace);

    if (!d->forget) {
        wm_dossier_event(d->doc, &d->person, &trace, d->serving.now_ms,
                         d->offset);
        return true;
    }

    if (wm_forget_gives_back(&trace, d->serving.now_ms)) {
        *again = true;
        return wm_person_give_back(d, pool, &trace.event);
    }

    c = wm_person_begin(d, pool, WM_OP_PERSON_FORGET);

    if (c == NULL
        || !wm_forget_event(c, &trace, wm_str(d->person.id), wm_lit("")))
    {
        return c != NULL;
    }

    return wm_person_send(d, c, again);
}


/* ---- each of them */

bool
wm_person_visit(wm_desk_t *d, wm_pool_t *pool, wm_str_t id,
    wm_person_visit_pt visit)
{
    int   i;
    bool  again;

    for (i = 0, again = true; again && i < 2 * WM_PERSON_TRIES; i++) {
        d->serving.now_ms = wm_say_now_ms();

        if (!visit(d, pool, id, &again)) {
            return false;
        }
    }

    if (again) {
        wm_say_error("somebody else keeps changing %s; ask again",
                     wm_say_safe(pool, id));
    }

    return !again;
}
