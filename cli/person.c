/*
 * All that is kept of somebody, and its end: for who stands at the desk and
 * has shown who he is.  Name and phone come on standard input, as arguments
 * are for everybody to see.
 */

#include "person.h"
#include "wm_text.h"
#include "wm_time.h"

#include <stdio.h>
#include <unistd.h>

#define WM_PERSON_PAGE    "500"
#define WM_PERSON_PAGE_MAX  500
#define WM_PERSON_SCORE   40            /* bytes of a score, as Redis has it */
#define WM_PERSON_TRIES   5
#define WM_PERSON_PASSES  4             /* until nothing new was found */
#define WM_PERSON_RACES   100           /* of the last step, with anybody */
#define WM_PERSON_LINE    512


/* ---- who */

/* A line without its end, trimmed; NULL data: there is none. */

static wm_str_t
wm_person_line(wm_cli_t *cli)
{
    char    *p;
    size_t   len;

    p = wm_alloc(cli->pool, WM_PERSON_LINE);

    if (p == NULL || fgets(p, WM_PERSON_LINE, stdin) == NULL) {
        return wm_null;
    }

    len = strlen(p);

    if (len == WM_PERSON_LINE - 1 && p[len - 1] != '\n') {
        return wm_null;
    }

    return wm_text_trim((wm_str_t) { len, p });
}


static bool
wm_person_given(wm_desk_t *d)
{
    char      *digits;
    wm_str_t   name, typed, phone, unit;

    name = wm_person_line(d->cli);
    typed = wm_person_line(d->cli);
    unit = d->cli->options[WM_OPT_UNIT];
    digits = wm_alloc(d->cli->pool, 16);

    if (name.len == 0 || digits == NULL
        || wm_text_check(name, false) != WM_TEXT_OK)
    {
        wm_say_error("two lines on standard input: a name, and its phone");
        return false;
    }

    phone = typed.len > 0 ? wm_phone_normal(typed, digits) : wm_lit("");

    if (phone.data == NULL || (phone.len == 0 && unit.data == NULL)) {
        wm_say_error("the second line is no phone; for somebody who gave "
                     "none, leave it empty and name the --unit where he was "
                     "written down");
        return false;
    }

    return wm_person_identify(d->cli->pool, &d->realm, name, phone,
                              unit.data != NULL ? unit : wm_null, &d->person);
}


const wm_reply_t *
wm_person_record(wm_desk_t *d, wm_pool_t *pool)
{
    return wm_redis_hash(d->serving.redis, pool,
                         wm_key(pool, d->realm.district, "person:%s",
                                d->person.id));
}


static bool
wm_person_opened(wm_desk_t *d, const wm_reply_t *record)
{
    if (record == NULL) {
        return false;
    }

    if (!wm_person_load(d->cli->pool, &d->realm, record, &d->person)) {
        wm_say_error("the record cannot be opened: is --keys the right "
                     "file?");
        return false;
    }

    if (!d->person.known) {
        wm_say_error("there is nobody of this name and phone");
        return false;
    }

    d->wechat = wm_reply_field(record, "wechat");

    return true;
}


/* ---- commits */

wm_commit_t *
wm_person_begin(wm_desk_t *d, wm_pool_t *pool, wm_op_t op)
{
    wm_commit_t  *c;

    c = wm_commit_new(pool, d->realm.district, op, d->serving.actor,
                      d->serving.now_ms);
    if (c == NULL) {
        wm_say_error("no memory");
    }

    return c;
}


bool
wm_person_send(wm_desk_t *d, wm_commit_t *c, bool *unmet)
{
    wm_commit_result_t  result;

    if (!wm_redis_commit(d->serving.redis, c, &result)) {
        return false;
    }

    *unmet = result.status == WM_COMMIT_UNMET;

    return true;
}


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

    d->orders++;
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

bool
wm_person_replies(wm_desk_t *d, wm_pool_t *pool, const wm_ask_t *asks,
    size_t n, wm_reply_t *replies)
{
    size_t             i;
    const wm_reply_t  *reply;

    for (i = 0; i < n; i++) {
        reply = wm_redis_try(d->serving.redis, pool, asks[i].argv,
                             asks[i].argc);

        if (reply == NULL || reply->type == WM_REPLY_ERROR) {
            wm_say_error("Redis does not answer");
            return false;
        }

        replies[i] = *reply;
    }

    return true;
}


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
        d->events++;
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


/* ---- all of them */

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
    size_t             i;
    wm_str_t           units[WM_UNIT_DEPTH];
    wm_unit_t          unit;
    wm_pool_t         *pool = d->cli->pool;
    const wm_reply_t  *all;

    all = wm_redis_hash(d->serving.redis, pool,
                        wm_key(pool, d->realm.district, "units"));
    if (all == NULL) {
        return false;
    }

    for (i = 0; i + 1 < all->n; i += 2) {
        if (wm_unit_load(pool, wm_reply_at(all, i), wm_reply_at(all, i + 1),
                         &unit)
            && wm_path_units(unit.path, units, WM_UNIT_DEPTH) == 1
            && !wm_person_owned(d, unit.id, each))
        {
            return false;
        }
    }

    return wm_person_index(d, "sched", wm_lit(WM_UNIT_ALL), WM_OWNED_MAX,
                           each);
}


bool
wm_person_since(wm_desk_t *d)
{
    return wm_since_begin(&d->since, d->serving.redis, d->cli->pool,
                          d->realm.district);
}


static bool
wm_person_all(wm_desk_t *d)
{
    return wm_person_walk(d, wm_person_each);
}


/* ---- what he was to be told */

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


static bool
wm_person_is_told(wm_desk_t *d, wm_str_t id, wm_str_t record)
{
    return wm_forget_is_told(id, record, wm_str(d->person.id));
}


/* ---- the commands */

int
wm_person_ready(wm_cli_t *cli, wm_desk_t *d, bool given)
{
    memset(d, 0, sizeof(wm_desk_t));

    d->cli = cli;
    d->realm.district = wm_conf_district(cli);

    if (!wm_offers_given(cli, &d->serving.offers)
        || d->realm.district.data == NULL || !wm_conf_offset(cli, &d->offset)
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    d->realm.ring = wm_keys_ring(cli, d->realm.district, false);
    if (d->realm.ring == NULL) {
        return WM_CLI_PROBLEM;
    }

    if (given && !wm_person_given(d)) {
        return WM_CLI_USAGE;
    }

    d->serving.district = d->realm.district;
    d->serving.now_ms = wm_say_now_ms();
    d->serving.actor = wm_say_actor(cli->pool);
    d->serving.redis = d->serving.actor.data != NULL ? wm_redis_get(cli)
                                                     : NULL;

    return d->serving.redis != NULL ? WM_CLI_OK : WM_CLI_PROBLEM;
}


void
wm_person_done(wm_desk_t *d)
{
    if (d->realm.ring != NULL) {
        wm_keyring_destroy((wm_keyring_t *) d->realm.ring);
    }

    wm_wipe(&d->person, sizeof(d->person));
}


static int
wm_person_export(wm_desk_t *d)
{
    wm_buf_t           b;
    wm_str_t           text;
    const wm_reply_t  *record;

    record = wm_person_record(d, d->cli->pool);

    if (!wm_person_opened(d, record)) {
        return WM_CLI_PROBLEM;
    }

    d->doc = wm_doc_new(d->cli->pool);
    wm_doc_bool(d->doc, "verified",
                wm_reply_field_int(record, "verified") > 0);
    wm_dossier_begin(d->doc, &d->person, record, d->offset);

    if (d->doc == NULL || !wm_person_all(d)) {
        return WM_CLI_PROBLEM;
    }

    wm_buf_init(&b, d->cli->pool, 4096);
    wm_doc_write(&b, d->doc);
    wm_putc(&b, '\n');
    text = wm_buf_str(&b);

    if (text.data == NULL) {
        wm_say_error("no memory");
        return WM_CLI_PROBLEM;
    }

    fwrite(text.data, 1, text.len, stdout);

    return WM_CLI_OK;
}


static void
wm_person_seen(void *ctx, wm_str_t part)
{
    wm_desk_t  *d = ctx;

    d->came |= wm_is(part, d->person.id);

    if (d->seen != NULL) {
        d->seen(d, part);
    }
}


/*
 * What somebody does is of many records; that nothing was done since they
 * were looked through is one condition, the last: the journal's head.
 */

static wm_commit_t *
wm_person_ending(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *record,
    wm_str_t head)
{
    size_t        i;
    wm_str_t      was;
    wm_commit_t  *c;

    static const char *const  fields[] = { "made", "verified" };

    c = wm_person_begin(d, pool, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        return NULL;
    }

    wm_forget_person(c, &d->person, d->wechat, wm_lit(""), wm_null);

    for (i = 0; i < wm_countof(fields); i++) {
        was = wm_reply_field(record, fields[i]);
        wm_need(c, HEQ, wm_key(pool, d->realm.district, "person:%s",
                               d->person.id),
                wm_str(fields[i]), was.data != NULL ? was : wm_lit(""));
    }

    wm_need(c, EQ, wm_key(pool, d->realm.district, "head"), head);

    return c;
}


bool
wm_person_last(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *record)
{
    int                 i;
    wm_str_t            head;
    wm_commit_t        *c;
    wm_commit_result_t  result;

    for (i = 0, d->came = false; i < WM_PERSON_RACES; i++) {
        if (!wm_since_read(&d->since, pool, wm_op_verb(WM_OP_PERSON_FORGET),
                           wm_person_seen, d, &head))
        {
            return false;
        }

        if (d->came) {
            return true;
        }

        d->serving.now_ms = wm_say_now_ms();
        c = wm_person_ending(d, pool, record, head);

        if (c == NULL || !wm_redis_commit(d->serving.redis, c, &result)) {
            return false;
        }

        if (result.status != WM_COMMIT_UNMET) {
            return true;
        }

        if (result.index < c->nneeds) {
            d->came = true;             /* the record is another */
            return true;
        }
    }

    wm_say_error("others are too fast; ask again");

    return false;
}


/* Typed by hand, it is easily somebody else, and nothing brings it back. */

static bool
wm_person_sure(wm_desk_t *d)
{
    wm_str_t  answer;

    if (d->cli->options[WM_OPT_YES].data != NULL) {
        return true;
    }

    if (isatty(STDIN_FILENO) == 0) {
        wm_say_error("this cannot be taken back: say --yes, or ask from a "
                     "terminal");
        return false;
    }

    fprintf(stderr, "All that is kept of this person goes, for good. "
            "Type yes to go on: ");
    fflush(stderr);
    answer = wm_person_line(d->cli);

    if (!wm_is(answer, "yes")) {
        wm_say_error("nothing was done");
    }

    return wm_is(answer, "yes");
}


static int
wm_person_forget(wm_desk_t *d)
{
    int                i;
    size_t             n = 0;
    const wm_reply_t  *record;

    d->forget = true;
    record = wm_person_record(d, d->cli->pool);

    if (!wm_person_opened(d, record) || !wm_person_sure(d)) {
        return WM_CLI_PROBLEM;
    }

    for (i = 0; i < WM_PERSON_PASSES; i++) {
        d->found = 0;

        if (!wm_person_since(d) || !wm_person_all(d)
            || !wm_person_told(d, wm_person_is_told))
        {
            wm_say_error("not all is done; ask again");
            return WM_CLI_PROBLEM;
        }

        n += d->found;

        if (d->found == 0) {
            break;
        }
    }

    if (d->found > 0) {
        wm_say_error("others keep adding to it; ask again");
        return WM_CLI_PROBLEM;
    }

    if (!wm_person_last(d, d->cli->pool, record)) {
        return WM_CLI_PROBLEM;
    }

    if (d->came) {
        wm_say_error("something of the person came meanwhile; ask again");
        return WM_CLI_PROBLEM;
    }

    printf("forgotten: %zu record%s %s nobody's now\n", n, n == 1 ? "" : "s",
           n == 1 ? "is" : "are");

    return WM_CLI_OK;
}


static int
wm_person_run(wm_cli_t *cli, int (*run)(wm_desk_t *d))
{
    int        rc;
    wm_desk_t  d;

    rc = wm_person_ready(cli, &d, true);

    if (rc == WM_CLI_OK) {
        rc = run(&d);
    }

    wm_person_done(&d);

    return rc;
}


int
wm_cli_person_export(wm_cli_t *cli)
{
    return wm_person_run(cli, wm_person_export);
}


int
wm_cli_person_forget(wm_cli_t *cli)
{
    return wm_person_run(cli, wm_person_forget);
}
