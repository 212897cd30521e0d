/* A notification: whether it is still true, and its words. */

#include "wm_notify.h"

#include <inttypes.h>

typedef enum {
    WM_NOTICE_TO_ORDER,
    WM_NOTICE_TO_PLACE,
    WM_NOTICE_TO_WISH
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


bool
wm_notice_of_wish(wm_notice_t kind)
{
    return wm_notices[kind].who == WM_NOTICE_TO_WISH;
}


/* ---- what a wish says */

static bool
wm_notify_unseal(wm_pool_t *pool, const wm_person_t *person, wm_str_t *text)
{
    if (text->len == 0) {
        return true;
    }

    *text = wm_person_open(pool, person, *text);

    return text->data != NULL;
}


bool
wm_notify_open(wm_pool_t *pool, const wm_person_t *person, wm_wish_t *wish)
{
    return wm_notify_unseal(pool, person, &wish->wish)
           && wm_notify_unseal(pool, person, &wish->reason)
           && wm_notify_unseal(pool, person, &wish->answer);
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


/* What a wish became is told as long as it is that. */

static bool
wm_notify_wish_holds(const wm_notify_t *item, const wm_notify_facts_t *f)
{
    wm_wish_state_t  state = f->wish.state;

    if (!wm_eq(f->wish.person, item->person)) {
        return false;                   /* it is nobody's any more */
    }

    switch (item->kind) {

    case WM_NOTICE_WISH_OPENED:
    case WM_NOTICE_WISH_RELEASED:
        return state == WM_WISH_OPEN;

    case WM_NOTICE_WISH_REFUSED:
        return state == WM_WISH_REFUSED;

    case WM_NOTICE_WISH_CLAIMED:
        return state == WM_WISH_CLAIMED;

    case WM_NOTICE_WISH_DONE:
        return state == WM_WISH_DONE;

    case WM_NOTICE_WISH_ANSWERED:
        return state == WM_WISH_ANSWERED;

    default:
        return state == WM_WISH_ORDERED && f->order.state != WM_ORDER_NONE;
    }
}


bool
wm_notify_holds(const wm_notify_t *item, const wm_notify_facts_t *f,
    int64_t now_ms)
{
    if (wm_notice_of_order(item->kind)) {
        return wm_notify_order_holds(item, f, now_ms);
    }

    if (wm_notice_of_wish(item->kind)) {
        return wm_notify_wish_holds(item, f);
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
           : wm_notice_of_wish(item->kind) ? f->wish.wish : f->event.title;
}


/* Publishing gives places to those who ordered, as far as there are any. */

static void
wm_notify_fill_kept(wm_notify_words_t *w)
{
    const wm_enrol_t  *enrol = &w->f->enrol;

    switch (enrol->state) {

    case WM_ENROL_SEATED:
        wm_putf(&w->b, "已为您留好%" PRId64 "个名额。", enrol->seats);
        return;

    case WM_ENROL_WAITING:
        wm_puts(&w->b, "名额已满，您在候补中，有名额时再通知您。");
        return;

    case WM_ENROL_OFFERED:
        wm_puts(&w->b, "有名额了，请在");
        wm_notify_put_time(w, enrol->until_ms);
        wm_puts(&w->b, "前确认，过时让给下一位。");
        return;

    default:
        return;
    }
}


/* The page where one who waits sees how it stands, and answers an offer. */

static bool
wm_notify_is_pending(const wm_notify_facts_t *f)
{
    return f->enrol.state == WM_ENROL_WAITING
           || f->enrol.state == WM_ENROL_OFFERED;
}


static void
wm_notify_fill(wm_notify_words_t *w, wm_str_t name)
{
    if (wm_is(name, "title")) {
        wm_put(&w->b, wm_notify_subject(w->item, w->f));

    } else if (wm_is(name, "number")) {
        wm_put(&w->b, wm_notify_order_number(w));

    } else if (wm_is(name, "reason")) {
        wm_put(&w->b, wm_notice_of_wish(w->item->kind)
                      ? w->f->wish.reason : w->f->order.reason);

    } else if (wm_is(name, "answer")) {
        wm_put(&w->b, w->f->wish.answer);

    } else if (wm_is(name, "kept")) {
        wm_notify_fill_kept(w);

    } else if (wm_is(name, "enrol")) {
        wm_puts(&w->b, wm_notify_is_pending(w->f) ? "enrol" : "event");

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
wm_notify_json(wm_pool_t *pool, const wm_notify_pair_t *pairs, size_t n,
    bool verified)
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

    if (wm_doc_bool(doc, "verified", verified) == NULL) {
        return wm_null;
    }

    wm_buf_init(&b, pool, 1024);
    wm_doc_write(&b, doc);

    return wm_buf_str(&b);
}


static int64_t
wm_notify_deadline(const wm_notify_t *item, const wm_notify_facts_t *f)
{
    return item->kind == WM_NOTICE_PLACE_OFFERED
           || (item->kind == WM_NOTICE_ORDER_SCHEDULED
               && f->enrol.state == WM_ENROL_OFFERED)
           ? f->enrol.until_ms : 0;
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
        { "order",         wm_notice_of_wish(item->kind)
                           ? f->wish.order : item->order },
        { "order_number",  f->order.state != WM_ORDER_NONE
                           ? wm_notify_order_number(&w) : wm_null },
        { "wish",          item->wish },
        { "place",         f->event.place },
        { "start",         wm_notify_time(&w, f->event.start_ms) },
        { "deadline",      wm_notify_time(&w, wm_notify_deadline(item, f)) },
        { "made_at",       wm_notify_time(&w, item->made_ms) }
    };

    return !w.failed ? wm_notify_json(pool, pairs, wm_countof(pairs),
                                      f->verified)
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
