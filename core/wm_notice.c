/* A notification: whether it is still true, and its words. */

#include "wm_notify.h"

#include <inttypes.h>

typedef enum {
    WM_NOTICE_TO_ORDER,
    WM_NOTICE_TO_PLACE
} wm_notice_to_t;

static const struct {
    const char       *code;
    wm_notice_to_t    who;
    const char       *link;
    const char       *title;
    const char       *text;
} wm_notices[] = {
#define X(name, code, who, link, title, text)                                \
    { code, WM_NOTICE_TO_##who, link, title, text },
    WM_NOTICES(X)
#undef X
};


const char *
wm_notice_code(wm_notice_t kind)
{
    return wm_notices[kind].code;
}


wm_notice_t
wm_notice_find(wm_str_t code)
{
    int  i;

    for (i = 0; i < WM_NOTICE_MAX; i++) {
        if (wm_is(code, wm_notices[i].code)) {
            break;
        }
    }

    return (wm_notice_t) i;
}


bool
wm_notice_of_order(wm_notice_t kind)
{
    return wm_notices[kind].who == WM_NOTICE_TO_ORDER;
}


/* ---- whether it is still true */

static bool
wm_notify_is_planned(const wm_notify_t *item, const wm_notify_facts_t *f)
{
    return f->order.state == WM_ORDER_SCHEDULED
           && wm_eq(f->order.event, item->event);
}


static bool
wm_notify_order_holds(const wm_notify_t *item, const wm_notify_facts_t *f,
    int64_t now_ms)
{
    wm_order_state_t  state = f->order.state;

    switch (item->kind) {

    case WM_NOTICE_ORDER_ACCEPTED:
        return state == WM_ORDER_ACCEPTED;

    case WM_NOTICE_ORDER_SCHEDULED:
        return wm_notify_is_planned(item, f) && now_ms < f->event.end_ms;

    case WM_NOTICE_ORDER_REJECTED:
        return state == WM_ORDER_REJECTED;

    case WM_NOTICE_ORDER_EXPIRED:
        return state == WM_ORDER_EXPIRED;

    default:                            /* it is being arranged anew */
        return state == WM_ORDER_SUBMITTED || state == WM_ORDER_DISPATCHED;
    }
}


static bool
wm_notify_event_holds(const wm_notify_t *item, const wm_notify_facts_t *f,
    int64_t now_ms)
{
    bool  place, public;

    place = wm_enrol_holds(&f->enrol, now_ms);
    public = f->event.state == WM_EVENT_PUBLISHED;

    switch (item->kind) {

    case WM_NOTICE_EVENT_CHANGED:       /* a later change has its own */
        return public && f->event.moved_ms <= item->mark_ms
               && (place || wm_notify_is_planned(item, f));

    case WM_NOTICE_EVENT_CANCELLED:
        return f->event.state == WM_EVENT_CANCELLED
               && (place || wm_notify_order_holds(item, f, now_ms));

    case WM_NOTICE_PLACE_OFFERED:
        return public && f->enrol.state == WM_ENROL_OFFERED && place;

    case WM_NOTICE_PLACE_REMOVED:
        return public && f->enrol.state == WM_ENROL_CANCELLED;

    case WM_NOTICE_EVENT_TOMORROW:
        return public && f->enrol.state == WM_ENROL_SEATED
               && f->event.start_ms == item->mark_ms;

    default:
        return public && f->enrol.state == WM_ENROL_SEATED;
    }
}


bool
wm_notify_holds(const wm_notify_t *item, const wm_notify_facts_t *f,
    int64_t now_ms)
{
    if (wm_notice_of_order(item->kind)) {
        return wm_notify_order_holds(item, f, now_ms);
    }

    return f->event.start_ms > now_ms
           && wm_notify_event_holds(item, f, now_ms);
}


/* ---- the words */

typedef struct {
    wm_pool_t                *pool;
    const wm_notify_t        *item;
    const wm_notify_facts_t  *f;
    const wm_notify_site_t   *site;
    wm_buf_t                  b;
    bool                      failed;
} wm_notify_words_t;


static void
wm_notify_put_time(wm_notify_words_t *w, int64_t ms)
{
    char  text[WM_TIME_TEXT];

    wm_put(&w->b, wm_time_human(ms, w->site->offset, text));
}


static wm_str_t
wm_notify_order_number(wm_notify_words_t *w)
{
    wm_str_t  number;

    number = wm_order_number(w->pool, w->f->order.made_ms, w->site->offset,
                             w->f->order.running);
    w->failed |= number.data == NULL;

    return number;
}


static wm_str_t
wm_notify_subject(const wm_notify_t *item, const wm_notify_facts_t *f)
{
    return wm_notice_of_order(item->kind) ? f->order.title
                                                         : f->event.title;
}


static void
wm_notify_fill(wm_notify_words_t *w, wm_str_t name)
{
    if (wm_is(name, "title")) {
        wm_put(&w->b, wm_notify_subject(w->item, w->f));

    } else if (wm_is(name, "number")) {
        wm_put(&w->b, wm_notify_order_number(w));

    } else if (wm_is(name, "reason")) {
        wm_put(&w->b, w->f->order.reason);

    } else if (wm_is(name, "when")) {
        wm_notify_put_time(w, w->f->event.start_ms);

    } else if (wm_is(name, "until")) {
        wm_notify_put_time(w, w->f->enrol.until_ms);

    } else if (wm_is(name, "place")) {
        wm_put(&w->b, w->f->event.place);

    } else if (wm_is(name, "event")) {
        wm_put(&w->b, w->item->event);

    } else if (wm_is(name, "order") && w->item->order.len > 0
               && wm_notify_order_holds(w->item, w->f, 0))
    {
        wm_puts(&w->b, "您的点单（编号");
        wm_put(&w->b, wm_notify_order_number(w));
        wm_puts(&w->b, "）正在重新安排。");
    }
}


/* The text with what stands in braces filled in. */

static wm_str_t
wm_notify_words(wm_notify_words_t *w, wm_str_t head, const char *text)
{
    wm_str_t  rest, part, name;

    wm_buf_init(&w->b, w->pool, 256);
    wm_put(&w->b, head);

    rest = wm_str(text);

    while (wm_split(&rest, '{', &part)) {
        wm_put(&w->b, part);

        if (rest.len > 0 && wm_split(&rest, '}', &name)) {
            wm_notify_fill(w, name);
        }
    }

    w->failed |= w->b.failed;

    return wm_buf_str(&w->b);
}


/* wm_null: there is no such time. */

static wm_str_t
wm_notify_time(wm_notify_words_t *w, int64_t ms)
{
    char  *text;

    if (ms <= 0) {
        return wm_null;
    }

    text = wm_alloc(w->pool, WM_TIME_TEXT);
    w->failed |= text == NULL;

    return text != NULL ? wm_time_iso(ms, w->site->offset, text) : wm_null;
}


/* What is absent or empty is null. */

typedef struct {
    const char  *key;
    wm_str_t     value;
} wm_notify_pair_t;


static wm_str_t
wm_notify_json(wm_pool_t *pool, const wm_notify_pair_t *pairs, size_t n)
{
    size_t     i;
    wm_buf_t   b;
    wm_doc_t  *doc, *value;

    doc = wm_doc_new(pool);

    for (i = 0; i < n; i++) {
        value = pairs[i].value.len > 0
                ? wm_doc_str(doc, pairs[i].key, pairs[i].value)
                : wm_doc_null(doc, pairs[i].key);

        if (value == NULL) {
            return wm_null;
        }
    }

    wm_buf_init(&b, pool, 1024);
    wm_doc_write(&b, doc);

    return wm_buf_str(&b);
}


wm_str_t
wm_notify_body(wm_pool_t *pool, const wm_notify_t *item,
    const wm_notify_facts_t *f, const wm_notify_site_t *site)
{
    wm_notify_words_t  w = { .pool = pool, .item = item, .f = f,
                             .site = site };

    const wm_notify_pair_t  pairs[] = {
        { "id",            item->id },
        { "kind",          wm_str(wm_notices[item->kind].code) },
        { "district",      site->district },
        { "name",          f->name },
        { "phone",         f->phone },
        { "title",         wm_str(wm_notices[item->kind].title) },
        { "text",          wm_notify_words(&w, wm_null,
                                           wm_notices[item->kind].text) },
        { "link",          wm_notify_words(&w, site->url,
                                           wm_notices[item->kind].link) },
        { "subject",       wm_notify_subject(item, f) },
        { "event",         item->event },
        { "order",         item->order },
        { "order_number",  f->order.state != WM_ORDER_NONE
                           ? wm_notify_order_number(&w) : wm_null },
        { "place",         f->event.place },
        { "start",         wm_notify_time(&w, f->event.start_ms) },
        { "deadline",      wm_notify_time(&w, item->kind
                                          == WM_NOTICE_PLACE_OFFERED
                                          ? f->enrol.until_ms : 0) },
        { "made_at",       wm_notify_time(&w, item->made_ms) }
    };

    return !w.failed ? wm_notify_json(pool, pairs, wm_countof(pairs))
                     : wm_null;
}


wm_str_t
wm_notify_sign(wm_pool_t *pool, wm_str_t secret, int64_t seconds,
    wm_str_t body)
{
    char      hex[2 * WM_SHA256_LEN + 1];
    uint8_t   mac[WM_SHA256_LEN];
    wm_str_t  parts[3];

    parts[0] = wm_printf(pool, "%" PRId64, seconds);
    parts[1] = wm_lit(".");
    parts[2] = body;

    if (parts[0].data == NULL
        || !wm_hmac_sha256(secret, parts, wm_countof(parts), mac))
    {
        return wm_null;
    }

    wm_hex_lower(mac, sizeof(mac), hex);

    return wm_printf(pool, "t=%.*s,v1=%s", wm_fmt(parts[0]), hex);
}
