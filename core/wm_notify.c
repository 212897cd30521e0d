#include "wm_notify.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct {
    wm_op_t       op;
    const char   *family;
    const char   *field;
    const char   *value;
    wm_notice_t   kind;
} wm_notify_rules[] = {
#define X(op, family, field, value, kind)                                    \
    { WM_OP_##op, family, field, value, WM_NOTICE_##kind },
    WM_NOTIFY_RULES(X)
#undef X
};

static const int64_t  wm_notify_delays[] = {
#define X(seconds)  seconds,
    WM_NOTIFY_DELAYS(X)
#undef X
};


/* ---- what an entry tells */

/* "wm:{district}:order:ID" */

static bool
wm_notify_key(wm_str_t key, wm_str_t district, wm_str_t *family, wm_str_t *id)
{
    wm_str_t  part;

    if (!wm_split(&key, ':', &part) || !wm_is(part, "wm")
        || !wm_split(&key, ':', &part) || part.len != district.len + 2
        || part.data[0] != '{' || part.data[part.len - 1] != '}'
        || memcmp(part.data + 1, district.data, district.len) != 0
        || !wm_split(&key, ':', family))
    {
        return false;
    }

    *id = key;

    return id->len > 0;
}


static bool
wm_notify_matches(size_t rule, wm_str_t field, wm_str_t value)
{
    const char  *want = wm_notify_rules[rule].value;

    if (wm_notify_rules[rule].field == NULL) {
        return value.len > 1 && value.data[0] == want[0]
               && value.data[1] == ':';
    }

    return wm_is(field, wm_notify_rules[rule].field)
           && (want == NULL || wm_is(value, want));
}


static void
wm_notify_tell(wm_buf_t *b, size_t rule, wm_str_t id, wm_str_t field,
    wm_str_t value)
{
    uint64_t   mark;
    wm_told_t  told = { .kind = wm_notify_rules[rule].kind };

    if (wm_is(wm_lit("order"), wm_notify_rules[rule].family)) {
        told.order = id;

    } else if (wm_is(wm_lit("wish"), wm_notify_rules[rule].family)) {
        told.wish = id;

    } else {
        told.event = id;
    }

    if (wm_notify_rules[rule].field == NULL) {
        told.person = field;
    }

    if (wm_notify_rules[rule].value == NULL
        && wm_parse_uint(value, (uint64_t) WM_TIME_MAX, &mark))
    {
        told.mark_ms = (int64_t) mark;
    }

    wm_put(b, (wm_str_t) { sizeof(told), (const char *) &told });
}


/* HSET key field value ...; *event is that of the entry, if it has one. */

static void
wm_notify_effect(wm_buf_t *b, wm_str_t district, wm_str_t verb,
    const wm_effect_t *e, wm_str_t *event)
{
    size_t    i, rule;
    wm_str_t  family, id;

    if (!wm_is(e->words[0], "HSET")
        || !wm_notify_key(e->words[1], district, &family, &id))
    {
        return;
    }

    if (wm_is(family, "event")) {
        *event = id;
    }

    for (rule = 0; rule < wm_countof(wm_notify_rules); rule++) {
        if (!wm_is(verb, wm_op_verb(wm_notify_rules[rule].op))
            || !wm_is(family, wm_notify_rules[rule].family))
        {
            continue;
        }

        for (i = 2; i + 1 < e->n; i += 2) {
            if (wm_notify_matches(rule, e->words[i], e->words[i + 1])) {
                wm_notify_tell(b, rule, id, e->words[i], e->words[i + 1]);
            }
        }
    }
}


static bool
wm_notify_verb(wm_str_t verb)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_notify_rules); i++) {
        if (wm_is(verb, wm_op_verb(wm_notify_rules[i].op))) {
            return true;
        }
    }

    return false;
}


wm_told_t *
wm_notify_told(wm_pool_t *pool, wm_str_t district, wm_str_t verb,
    wm_str_t effects, size_t *n)
{
    size_t         i;
    wm_buf_t       b;
    wm_str_t       event = wm_null;
    wm_told_t     *told;
    wm_effect_t    effect;
    wm_effects_t   list;

    *n = 0;
    wm_buf_init(&b, pool, sizeof(wm_told_t));

    if (wm_notify_verb(verb) && wm_effects_open(&list, effects)) {
        while (wm_effects_next(pool, &list, &effect)) {
            wm_notify_effect(&b, district, verb, &effect, &event);
        }

        b.failed |= list.failed;
    }

    if (b.failed) {
        return NULL;
    }

    told = (wm_told_t *) (void *) b.data;
    *n = b.len / sizeof(wm_told_t);

    for (i = 0; i < *n; i++) {
        if (told[i].event.len == 0) {
            told[i].event = event;
        }
    }

    return told;
}


/* ---- records */

static bool
wm_notify_int(wm_str_t *record, int64_t *value)
{
    uint64_t  n;
    wm_str_t  part;

    if (!wm_split(record, ':', &part)
        || !wm_parse_uint(part, (uint64_t) WM_TIME_MAX, &n))
    {
        return false;
    }

    *value = (int64_t) n;

    return true;
}


/* It stands in a head of the request. */

static bool
wm_notify_id_valid(wm_str_t id)
{
    char    c;
    size_t  i;

    for (i = 0; i < id.len; i++) {
        c = id.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
        {
            return false;
        }
    }

    return id.len > 0;
}


/* The order's place in a record is the wish's, where it is told of one. */

static bool
wm_notify_own(wm_notify_t *item)
{
    if (!wm_notice_of_wish(item->kind)) {
        return true;
    }

    item->wish = item->order;
    item->order = wm_null;

    return item->wish.len > 0;
}


bool
wm_notify_load(wm_str_t id, wm_str_t record, wm_notify_t *item)
{
    wm_str_t  code;

    memset(item, 0, sizeof(wm_notify_t));

    item->id = id;
    item->text = record;

    if (!wm_split(&record, ':', &code)) {
        return false;
    }

    item->kind = wm_notice_find(code);

    return item->kind != WM_NOTICE_MAX && wm_notify_id_valid(id)
           && wm_split(&record, ':', &item->person)
           && wm_id_valid(item->person)
           && wm_split(&record, ':', &item->event)
           && wm_split(&record, ':', &item->order)
           && (item->order.len == 0 || wm_id_valid(item->order))
           && wm_notify_own(item)
           && wm_notify_int(&record, &item->mark_ms)
           && wm_notify_int(&record, &item->made_ms)
           && wm_notify_int(&record, &item->tries)
           && wm_notify_int(&record, &item->status) && record.data == NULL;
}


wm_str_t
wm_notify_record(wm_pool_t *pool, const wm_notify_t *item)
{
    wm_str_t  own;

    own = wm_notice_of_wish(item->kind) ? item->wish : item->order;

    return wm_printf(pool, "%s:%.*s:%.*s:%.*s:%" PRId64 ":%" PRId64 ":%" PRId64
                     ":%" PRId64, wm_notice_code(item->kind),
                     wm_fmt(item->person), wm_fmt(item->event),
                     wm_fmt(own), item->mark_ms, item->made_ms,
                     item->tries, item->status);
}


/* ---- who hears of it */

void
wm_notify_list(wm_notify_list_t *list, wm_pool_t *pool, wm_str_t entry,
    int64_t made_ms)
{
    list->pool = pool;
    list->entry = entry;
    list->made_ms = made_ms;

    wm_buf_init(&list->items, pool, 4 * sizeof(wm_notify_t));
}


static void
wm_notify_add(wm_notify_list_t *list, const wm_told_t *told, wm_str_t person,
    wm_str_t order, wm_str_t text)
{
    wm_str_t     target;
    wm_notify_t  item = { .kind = told->kind, .person = person,
                          .event = told->event, .order = order,
                          .wish = told->wish, .mark_ms = told->mark_ms,
                          .made_ms = list->made_ms, .text = text };

    if (!wm_id_valid(person) || (order.len > 0 && !wm_id_valid(order))
        || (item.wish.len > 0 && !wm_id_valid(item.wish)))
    {
        return;                         /* a record that somebody damaged */
    }

    target = wm_notice_of_order(told->kind) ? order
             : wm_notice_of_wish(told->kind) ? item.wish : person;
    item.id = wm_printf(list->pool, "%.*s.%s.%.*s", wm_fmt(list->entry),
                        wm_notice_code(told->kind), wm_fmt(target));

    list->items.failed |= item.id.data == NULL;

    wm_put(&list->items, (wm_str_t) { sizeof(item), (const char *) &item });
}


void
wm_notify_person(wm_notify_list_t *list, const wm_told_t *told)
{
    wm_notify_add(list, told, told->person, wm_null, wm_null);
}


void
wm_notify_order(wm_notify_list_t *list, const wm_told_t *told,
    const wm_order_t *order)
{
    if (told->order.len > 0
        || (order->state == WM_ORDER_SCHEDULED
            && wm_eq(order->event, told->event)))
    {
        wm_notify_add(list, told, order->person, order->id, wm_null);
    }
}


void
wm_notify_wish(wm_notify_list_t *list, const wm_told_t *told,
    const wm_wish_t *wish)
{
    wm_notify_add(list, told, wish->person, wm_null, wm_null);
}


void
wm_notify_places(wm_notify_list_t *list, const wm_told_t *told,
    const wm_reply_t *enrol, int64_t now_ms)
{
    size_t      i;
    wm_enrol_t  place;

    for (i = 0; i + 1 < enrol->n; i += 2) {
        if (wm_enrol_load(wm_reply_at(enrol, i + 1), &place)
            && wm_enrol_holds(&place, now_ms))
        {
            wm_notify_add(list, told, wm_reply_at(enrol, i), wm_null,
                          wm_null);
        }
    }
}


static wm_str_t
wm_notify_reminded(const wm_reply_t *reminded, wm_str_t person)
{
    size_t  i;

    for (i = 0; i + 1 < reminded->n; i += 2) {
        if (wm_eq(wm_reply_at(reminded, i), person)) {
            return wm_reply_at(reminded, i + 1);
        }
    }

    return wm_lit("");
}


void
wm_notify_remind(wm_notify_list_t *list, const wm_event_t *event,
    const wm_reply_t *enrol, const wm_reply_t *reminded, int64_t now_ms)
{
    size_t      i;
    wm_str_t    person, start, known;
    wm_told_t   told = { .kind = WM_NOTICE_EVENT_TOMORROW,
                         .event = event->id, .mark_ms = event->start_ms };
    wm_enrol_t  place;

    if (event->state != WM_EVENT_PUBLISHED || event->start_ms <= now_ms
        || event->start_ms - now_ms > WM_NOTIFY_AHEAD)
    {
        return;
    }

    start = wm_printf(list->pool, "%" PRId64, event->start_ms);
    list->entry = wm_printf(list->pool, "%.*s-%.*s", wm_fmt(event->id),
                            wm_fmt(start));
    list->items.failed |= start.data == NULL || list->entry.data == NULL;

    for (i = 0; i + 1 < enrol->n; i += 2) {
        person = wm_reply_at(enrol, i);

        if (!wm_enrol_load(wm_reply_at(enrol, i + 1), &place)
            || place.state != WM_ENROL_SEATED)
        {
            continue;
        }

        known = wm_notify_reminded(reminded, person);

        if (!wm_eq(known, start)) {
            wm_notify_add(list, &told, person, wm_null, known);
        }
    }
}


/* The same id twice: who has a place and an order hears of the order too. */

static int
wm_notify_compare(const void *a, const void *b)
{
    int                 r;
    size_t              n;
    const wm_notify_t  *x = a, *y = b;

    n = x->id.len < y->id.len ? x->id.len : y->id.len;
    r = memcmp(x->id.data, y->id.data, n);

    if (r != 0 || x->id.len != y->id.len) {
        return r != 0 ? r : x->id.len < y->id.len ? -1 : 1;
    }

    return (y->order.len > 0) - (x->order.len > 0);
}


wm_notify_t *
wm_notify_sorted(wm_notify_list_t *list, size_t *n)
{
    size_t        i, all;
    wm_notify_t  *items;

    if (list->items.failed) {
        return NULL;
    }

    items = (wm_notify_t *) (void *) list->items.data;
    all = list->items.len / sizeof(wm_notify_t);

    if (all > 1) {
        qsort(items, all, sizeof(wm_notify_t), wm_notify_compare);
    }

    for (i = 0, *n = 0; i < all; i++) {
        if (*n == 0 || !wm_eq(items[*n - 1].id, items[i].id)) {
            items[(*n)++] = items[i];
        }
    }

    return items;
}


/* ---- commits */

static wm_str_t
wm_notify_k(wm_commit_t *c, const char *rest)
{
    return wm_key(c->pool, c->district, "%s", rest);
}


static wm_str_t
wm_notify_number(wm_commit_t *c, int64_t n)
{
    return wm_printf(c->pool, "%" PRId64, n);
}


/* One effect that names all ids, with their records when these are wanted. */

static void
wm_notify_write_all(wm_commit_t *c, wm_do_t what, const char *key,
    const wm_notify_t *items, size_t n)
{
    size_t     i, words;
    wm_str_t  *args;

    args = wm_alloc(c->pool, (2 * n + 1) * sizeof(wm_str_t));

    if (args == NULL) {
        c->failed = true;
        return;
    }

    for (i = 0, words = 0; i < n; i++) {
        args[words++] = items[i].id;

        if (what == WM_DO_HSET) {
            args[words] = wm_notify_record(c->pool, &items[i]);
            c->failed |= args[words++].data == NULL;
        }
    }

    if (n > 0) {
        wm_commit_add_effect(c, false, what, wm_notify_k(c, key), args,
                             words);
    }
}


static void
wm_notify_put(wm_commit_t *c, const wm_notify_t *items, size_t n,
    int64_t due_ms)
{
    size_t    i;
    wm_str_t  due;

    due = wm_notify_number(c, due_ms);
    wm_notify_write_all(c, WM_DO_HSET, "outbox", items, n);

    for (i = 0; i < n; i++) {
        wm_do(c, ZADD, wm_notify_k(c, "outbox_due"), due, items[i].id);
    }
}


void
wm_notify_queue(wm_commit_t *c, wm_str_t old, wm_str_t cursor,
    const wm_notify_t *items, size_t n, int64_t due_ms)
{
    wm_str_t  key;

    key = wm_notify_k(c, "notify");

    wm_need(c, HEQ, key, wm_lit("cursor"), old);
    wm_do(c, HSET, key, wm_lit("cursor"), cursor);
    wm_notify_put(c, items, n, due_ms);
}


/* The list of who was reminded is of no use once the event is long over. */

void
wm_notify_queue_reminders(wm_commit_t *c, const wm_event_t *event,
    const wm_notify_t *items, size_t n, int64_t due_ms)
{
    size_t    i;
    wm_str_t  key, start;

    key = wm_key(c->pool, c->district, "reminded:%.*s", wm_fmt(event->id));
    start = wm_notify_number(c, event->start_ms);

    for (i = 0; i < n; i++) {
        wm_need(c, HEQ, key, items[i].person, items[i].text);
        wm_do(c, HSET, key, items[i].person, start);
    }

    wm_do(c, EXPIRE, key,
          wm_notify_number(c, (WM_NOTIFY_AHEAD + 30 * WM_DAY_MS) / 1000));
    wm_notify_put(c, items, n, due_ms);
}


static void
wm_notify_need(wm_commit_t *c, const wm_notify_t *items, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        wm_need(c, HEQ, wm_notify_k(c, "outbox"), items[i].id,
                items[i].text.data != NULL ? items[i].text : wm_lit(""));
    }
}


void
wm_notify_done(wm_commit_t *c, const wm_notify_t *items, size_t n)
{
    wm_notify_need(c, items, n);
    wm_notify_write_all(c, WM_DO_HDEL, "outbox", items, n);
    wm_notify_write_all(c, WM_DO_ZREM, "outbox_due", items, n);
    wm_notify_write_all(c, WM_DO_ZREM, "outbox_dead", items, n);
}


void
wm_notify_failed(wm_commit_t *c, const wm_notify_t *items, size_t n)
{
    size_t  i;

    wm_notify_need(c, items, n);
    wm_notify_write_all(c, WM_DO_HSET, "outbox", items, n);

    for (i = 0; i < n; i++) {
        if (items[i].due_ms > 0) {
            wm_do(c, ZADD, wm_notify_k(c, "outbox_due"),
                  wm_notify_number(c, items[i].due_ms), items[i].id);
            continue;
        }

        wm_do(c, ZREM, wm_notify_k(c, "outbox_due"), items[i].id);
        wm_do(c, ZADD, wm_notify_k(c, "outbox_dead"),
              wm_notify_number(c, c->now_ms), items[i].id);
    }
}


void
wm_notify_again(wm_commit_t *c, const wm_notify_t *items, size_t n,
    int64_t due_ms)
{
    wm_notify_need(c, items, n);
    wm_notify_write_all(c, WM_DO_ZREM, "outbox_dead", items, n);
    wm_notify_put(c, items, n, due_ms);
}


int64_t
wm_notify_delay(int64_t tries, uint32_t random)
{
    int64_t  ms;

    if (tries < 1 || tries > (int64_t) wm_countof(wm_notify_delays)) {
        return 0;
    }

    ms = wm_notify_delays[tries - 1] * 1000;

    return ms + (int64_t) ((uint64_t) ms / 10 * random >> 32);
}
