/*
 * wenming retain: what was kept for long enough loses whom it was of, by the
 * same rules and commits as "person forget".  Without --do it only counts.
 * First a walk over everything, which notes when each person was last seen
 * and takes orders and wishes whose time is over; then, for the persons whose
 * is, walks until nothing more of them is found, and their records last.
 */

#include "archive.h"
#include "person.h"
#include "wm_notify.h"
#include "wm_retain.h"
#include "wm_time.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WM_RETAIN_PASSES  4
#define WM_RETAIN_SCAN    "500"
#define WM_RETAIN_TELL    1000          /* records between two lines */

/* X(name, option, what is counted) */
#define WM_RETAIN_KINDS(X)                                                   \
    X(ORDERS,   RETAIN_ORDERS,   "orders")                                   \
    X(WISHES,   RETAIN_WISHES,   "wishes")                                   \
    X(PERSONS,  RETAIN_PERSONS,  "persons")                                  \
    X(NOTICES,  RETAIN_NOTICES,  "dead letters")                             \
    X(LOGS,     RETAIN_LOGS,     "log files")

typedef enum {
#define X(name, option, what)  WM_RETAIN_##name,
    WM_RETAIN_KINDS(X)
#undef X
    WM_RETAIN_MAX
} wm_retain_kind_t;

static const struct {
    wm_opt_t     option;
    const char  *what;
} wm_retain_kinds[] = {
#define X(name, option, what)  { WM_OPT_##option, what },
    WM_RETAIN_KINDS(X)
#undef X
};

typedef struct {
    char      id[WM_ID_LEN + 1];        /* empty: a free place */
    bool      kept;                     /* there is a record of him */
    bool      due;
    int64_t   last_ms;
} wm_known_t;

typedef struct {
    wm_cli_t    *cli;
    wm_desk_t    desk;
    bool         doing;
    bool         terminal;
    int64_t      now_ms;
    int64_t      after[WM_RETAIN_MAX];  /* 0: kept for good */
    size_t       all[WM_RETAIN_MAX];
    size_t       due[WM_RETAIN_MAX];
    int64_t      oldest[WM_RETAIN_MAX];
    size_t       seen;                  /* for progress */
    size_t       found;                 /* by the pass at work */

    size_t       nknown, cap;           /* a power of two */
    wm_known_t  *known;
} wm_retain_t;


/* ---- who is known, by id */

static wm_known_t *
wm_retain_place(wm_known_t *known, size_t cap, wm_str_t id)
{
    size_t    i, h = 5381;

    for (i = 0; i < id.len; i++) {
        h = h * 33 + (unsigned char) id.data[i];
    }

    for (i = h & (cap - 1); known[i].id[0] != '\0'; i = (i + 1) & (cap - 1)) {
        if (wm_is(id, known[i].id)) {
            break;
        }
    }

    return &known[i];
}


static bool
wm_retain_grow(wm_retain_t *r)
{
    size_t       i, cap;
    wm_known_t  *more;

    cap = r->cap == 0 ? 1024 : 2 * r->cap;
    more = wm_calloc(r->cli->pool, cap * sizeof(wm_known_t));

    if (more == NULL) {
        wm_say_error("no memory");
        return false;
    }

    for (i = 0; i < r->cap; i++) {
        if (r->known[i].id[0] != '\0') {
            *wm_retain_place(more, cap, wm_str(r->known[i].id))
                = r->known[i];
        }
    }

    r->known = more;
    r->cap = cap;

    return true;
}


/* NULL: nobody of that id was noted. */

static wm_known_t *
wm_retain_find(wm_retain_t *r, wm_str_t id)
{
    wm_known_t  *k;

    k = r->cap > 0 && wm_id_valid(id) ? wm_retain_place(r->known, r->cap, id)
                                      : NULL;

    return k != NULL && k->id[0] != '\0' ? k : NULL;
}


/* NULL: no memory, and said so; or an id that is none, and nothing. */

static wm_known_t *
wm_retain_know(wm_retain_t *r, wm_str_t id, bool *ok)
{
    wm_known_t  *k;

    *ok = true;

    if (id.data == NULL || !wm_id_valid(id)) {
        return NULL;
    }

    if (2 * (r->nknown + 1) > r->cap && !wm_retain_grow(r)) {
        *ok = false;
        return NULL;
    }

    k = wm_retain_place(r->known, r->cap, id);

    if (k->id[0] == '\0') {
        memcpy(k->id, id.data, id.len);
        r->nknown++;
    }

    return k;
}


static bool
wm_retain_was_seen(wm_retain_t *r, wm_str_t id, int64_t at_ms)
{
    bool         ok;
    wm_known_t  *k;

    k = wm_retain_know(r, id, &ok);

    if (k != NULL && at_ms > k->last_ms) {
        k->last_ms = at_ms;
    }

    return ok;
}


static bool
wm_retain_over_now(const wm_retain_t *r, wm_retain_kind_t kind,
    int64_t last_ms)
{
    return wm_retain_over(last_ms, r->after[kind], r->now_ms);
}


static void
wm_retain_count(wm_retain_t *r, wm_retain_kind_t kind, int64_t last_ms)
{
    if (r->due[kind]++ == 0 || last_ms < r->oldest[kind]) {
        r->oldest[kind] = last_ms;
    }
}


static void
wm_retain_progress(wm_retain_t *r)
{
    if (++r->seen % WM_RETAIN_TELL == 0 && r->terminal) {
        fprintf(stderr, "\r%zu records", r->seen);
        fflush(stderr);
    }
}


/* ---- the persons that there are */

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
    r->all[WM_RETAIN_PERSONS]++;
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


static bool
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


/* ---- what an order, a wish, an event says */

typedef struct {
    wm_str_t    person;                 /* empty: nobody's */
    int64_t     last_ms;
} wm_retain_owned_t;


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


static bool
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


/* Calls back with each person that an event has anything of. */

typedef bool (*wm_retain_in_pt)(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    wm_str_t person, int64_t last_ms);


static bool
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

static bool
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
    r->all[kind]++;

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


/* ---- persons whose time is over */

static void
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


static void
wm_retain_seen(wm_desk_t *d, wm_str_t id)
{
    wm_known_t  *k;

    k = wm_retain_find(d->ctx, id);

    if (k != NULL && k->due) {
        wm_retain_stays(d->ctx, k);
    }
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


static bool
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


/* ---- dead letters */

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


static bool
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


/* ---- log files */

static bool
wm_retain_file(wm_retain_t *r, const char *path)
{
    int64_t       ms;
    wm_str_t      live = r->cli->options[WM_OPT_AUDIT_LOG];
    struct stat   st;

    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode)
        || (live.data != NULL && wm_is(live, path)))
    {
        return true;
    }

    ms = (int64_t) st.st_mtim.tv_sec * 1000;
    r->all[WM_RETAIN_LOGS]++;

    if (!wm_retain_over_now(r, WM_RETAIN_LOGS, ms)) {
        return true;
    }

    wm_retain_count(r, WM_RETAIN_LOGS, ms);

    if (r->doing && unlink(path) != 0) {
        wm_say_error("%s: %s", path, strerror(errno));
        return false;
    }

    return true;
}


static bool
wm_retain_logs(wm_retain_t *r)
{
    int        rc;
    bool       ok = true;
    size_t     i;
    glob_t     found;
    wm_str_t   pattern, all = r->cli->options[WM_OPT_LOG_FILES];

    while (r->after[WM_RETAIN_LOGS] > 0 && ok
           && wm_split(&all, ' ', &pattern))
    {
        if (pattern.len == 0) {
            continue;
        }

        pattern = wm_dup(r->cli->pool, pattern);
        rc = pattern.data != NULL ? glob(pattern.data, GLOB_NOSORT, NULL,
                                         &found)
                                  : GLOB_NOSPACE;

        if (rc != 0 && rc != GLOB_NOMATCH) {
            wm_say_error("log-files: %s cannot be looked through",
                         pattern.data != NULL ? pattern.data : "?");
            return false;
        }

        for (i = 0; rc == 0 && ok && i < found.gl_pathc; i++) {
            ok = wm_retain_file(r, found.gl_pathv[i]);
        }

        if (rc == 0) {
            globfree(&found);
        }
    }

    return ok;
}


/* ---- the command */

static bool
wm_retain_options(wm_retain_t *r)
{
    size_t     i, n;
    wm_str_t   s;
    wm_cli_t  *cli = r->cli;

    r->doing = cli->options[WM_OPT_DO].data != NULL;

    if (r->doing && cli->options[WM_OPT_DRY_RUN].data != NULL) {
        wm_say_error("either --do or --dry-run");
        return false;
    }

    for (i = 0, n = 0; i < WM_RETAIN_MAX; i++) {
        s = cli->options[wm_retain_kinds[i].option];

        if (s.data == NULL) {
            continue;
        }

        n++;

        if (!wm_retain_time(s, &r->after[i])) {
            wm_say_error("%s is a number of days, e.g. 730d",
                         wm_cli_option_name(wm_retain_kinds[i].option));
            return false;
        }
    }

    if (n == 0) {
        wm_say_error("nothing has an end: there is no \"retain-orders 730d;\" "
                     "or the like in " WM_CLI_CONFIG);
        return false;
    }

    if (r->after[WM_RETAIN_LOGS] > 0
        && r->after[WM_RETAIN_LOGS] < WM_RETAIN_LOGS_MIN)
    {
        wm_say_error("logs are kept for 180d at least");
        return false;
    }

    return true;
}


static void
wm_retain_say(const wm_retain_t *r)
{
    size_t    i;
    char      day[WM_TIME_TEXT];
    wm_str_t  oldest;

    if (r->terminal && r->seen >= WM_RETAIN_TELL) {
        fputc('\n', stderr);
    }

    for (i = 0; i < WM_RETAIN_MAX; i++) {
        if (r->after[i] == 0) {
            continue;
        }

        printf("%-13s %5" PRId64 "d  %zu %s", wm_retain_kinds[i].what,
               r->after[i] / WM_DAY_MS, r->due[i],
               r->doing ? "ended" : "due");

        if (r->due[i] > 0) {
            oldest = wm_time_date(r->oldest[i], r->desk.offset, day);
            printf(", the oldest of %.*s", wm_fmt(oldest));
        }

        putchar('\n');
    }

    if (!r->doing) {
        printf("nothing was changed: --do ends it, for good\n");
    }
}


/*
 * What has ended in Redis ends in SQL with the archive's next batch: now,
 * unless somebody follows anyway.
 */

static int
wm_retain_archive(wm_retain_t *r)
{
    bool  busy;

    if (!r->doing || r->cli->options[WM_OPT_ARCHIVE].data == NULL
        || wm_archive_now(r->cli, &busy) == WM_CLI_OK)
    {
        return WM_CLI_OK;
    }

    if (!busy) {
        wm_say_error("the archive has it with its next batch: see \"wenming "
                     "archive status\"");
        return WM_CLI_PROBLEM;
    }

    printf("the archiver that is at work takes it over; how far it is says "
           "\"wenming archive status\"\n");

    return WM_CLI_OK;
}


static int
wm_retain_run(wm_retain_t *r)
{
    bool  ok;

    r->desk.ctx = r;
    r->desk.forget = true;
    r->now_ms = wm_say_now_ms();
    r->terminal = isatty(STDERR_FILENO) != 0;

    ok = wm_retain_persons(r);

    if (ok && (r->after[WM_RETAIN_ORDERS] > 0 || r->after[WM_RETAIN_WISHES] > 0
               || r->after[WM_RETAIN_PERSONS] > 0))
    {
        ok = wm_person_walk(&r->desk, wm_retain_first);
    }

    wm_retain_decide(r);

    ok = ok && wm_retain_forget_all(r) && wm_retain_notices(r)
         && wm_retain_logs(r);

    if (!ok) {
        wm_say_error("not all is done; run it again");
        return WM_CLI_PROBLEM;
    }

    wm_retain_say(r);

    return wm_retain_archive(r);
}


int
wm_cli_retain(wm_cli_t *cli)
{
    int          rc;
    wm_retain_t  r;

    memset(&r, 0, sizeof(wm_retain_t));
    r.cli = cli;

    if (!wm_retain_options(&r)) {
        return WM_CLI_USAGE;
    }

    rc = wm_person_ready(cli, &r.desk, false);

    if (rc == WM_CLI_OK) {
        rc = wm_retain_run(&r);
    }

    wm_person_done(&r.desk);

    return rc;
}
