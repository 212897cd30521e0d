#include "wm_forget.h"
#include "wm_notify.h"
#include "wm_correct.h"
#include "wm_time.h"
#include "wm_wechat.h"

#include <inttypes.h>

static const struct {
    const char  *index;
    const char  *record;
} wm_owned[] = {
#define X(name, index, record)  { index, record },
    WM_OWNED(X)
#undef X
};


const char *
wm_owned_index(unsigned owned)
{
    return wm_owned[owned].index;
}


const char *
wm_owned_record(unsigned owned)
{
    return wm_owned[owned].record;
}



/* ---- reading */

#define wm_asks(...)                                                         \
    (wm_ask_t) { sizeof((wm_str_t[]) { __VA_ARGS__ }) / sizeof(wm_str_t),    \
                 { __VA_ARGS__ } }


static wm_str_t
wm_trace_key(wm_pool_t *pool, wm_str_t district, const char *what,
    wm_str_t event)
{
    return wm_key(pool, district, "%s:%.*s", what, wm_fmt(event));
}


const char *
wm_trace_hash(unsigned i)
{
    static const char *const  hashes[WM_TRACE_HAS] = {
        "att", "rating", "enrol", "reminded"
    };

    return hashes[i];
}


void
wm_trace_has(wm_pool_t *pool, wm_str_t district, wm_str_t event,
    wm_str_t person, wm_ask_t asks[WM_TRACE_HAS])
{
    unsigned  i;

    for (i = 0; i < WM_TRACE_HAS; i++) {
        asks[i] = wm_asks(wm_lit("HEXISTS"),
                          wm_trace_key(pool, district, wm_trace_hash(i),
                                       event), person);
    }
}


bool
wm_trace_found(const wm_reply_t replies[WM_TRACE_HAS])
{
    size_t  i;

    for (i = 0; i < WM_TRACE_HAS; i++) {
        if (replies[i].type == WM_REPLY_INT && replies[i].num > 0) {
            return true;
        }
    }

    return false;
}


void
wm_trace_ask(wm_pool_t *pool, wm_str_t district, wm_str_t event,
    wm_str_t person, wm_ask_t asks[WM_TRACE_ASKS])
{
    asks[0] = wm_asks(wm_lit("HGETALL"),
                      wm_trace_key(pool, district, "event", event));
    asks[1] = wm_asks(wm_lit("HGET"),
                      wm_trace_key(pool, district, "att", event), person);
    asks[2] = wm_asks(wm_lit("HMGET"),
                      wm_trace_key(pool, district, "rating", event), person,
                      wm_printf(pool, "t:%.*s", wm_fmt(person)));
    asks[3] = wm_asks(wm_lit("HGET"),
                      wm_trace_key(pool, district, "enrol", event), person);
    asks[4] = wm_asks(wm_lit("ZSCORE"),
                      wm_trace_key(pool, district, "wait", event), person);
    asks[5] = wm_asks(wm_lit("ZSCORE"),
                      wm_trace_key(pool, district, "offers", event), person);
    asks[6] = wm_asks(wm_lit("HGET"),
                      wm_trace_key(pool, district, "reminded", event),
                      person);
    asks[7] = wm_asks(wm_lit("HGET"),
                      wm_trace_key(pool, district, "fix", event), person);
}


void
wm_trace_load(wm_str_t event, const wm_reply_t replies[WM_TRACE_ASKS],
    wm_trace_t *trace)
{
    memset(trace, 0, sizeof(wm_trace_t));

    trace->id = event;
    (void) wm_event_load(&replies[0], event, &trace->event);

    trace->attended = wm_reply_str(&replies[1]);
    trace->rating = wm_reply_at(&replies[2], 0);
    trace->text = wm_reply_at(&replies[2], 1);
    trace->enrolled = wm_reply_str(&replies[3]);
    trace->queued = wm_reply_str(&replies[4]);
    trace->offered = wm_reply_str(&replies[5]);
    trace->reminded = wm_reply_str(&replies[6]);
    trace->asked = wm_reply_str(&replies[7]);
}


/* ---- an event */

bool
wm_forget_gives_back(const wm_trace_t *trace, int64_t now_ms)
{
    wm_enrol_t        enrol;
    wm_enrol_state_t  state;

    if (!wm_enrol_load(trace->enrolled, &enrol)
        || trace->event.state != WM_EVENT_PUBLISHED
        || now_ms >= trace->event.start_ms || trace->attended.data != NULL)
    {
        return false;
    }

    state = wm_enrol_now(&enrol, &trace->event, now_ms);

    return state == WM_ENROL_SEATED || state == WM_ENROL_OFFERED
           || state == WM_ENROL_WAITING;
}


/* A field of a hash goes on under another name, if it is as it was read. */

static void
wm_forget_move(wm_commit_t *c, wm_str_t key, wm_str_t from, wm_str_t was,
    wm_str_t to, wm_str_t now)
{
    wm_need(c, HEQ, key, from, was);
    wm_do(c, HDEL, key, from);
    wm_do(c, HSET, key, to, now);
}


static void
wm_forget_rank(wm_commit_t *c, wm_str_t key, wm_str_t score, wm_str_t from,
    wm_str_t to)
{
    if (score.data != NULL) {
        wm_do(c, ZREM, key, from);
        wm_do(c, ZADD, key, score, to);
    }
}


static void
wm_forget_enrolment(wm_commit_t *c, const wm_trace_t *t, wm_str_t person,
    wm_str_t fresh)
{
    wm_str_t    now = t->enrolled;
    wm_enrol_t  e;

    /* by whom it was: the device goes, a worker stays */

    if (wm_enrol_load(t->enrolled, &e) && !wm_starts(e.by, "staff:")) {
        now = wm_printf(c->pool, "%.*s-", (int) (t->enrolled.len - e.by.len),
                        t->enrolled.data);

        if (wm_id_valid(e.by)) {
            wm_do(c, HDEL, wm_key(c->pool, c->district, "dev:%.*s",
                                  wm_fmt(e.by)),
                  wm_printf(c->pool, "e:%.*s:%.*s", wm_fmt(t->id),
                            wm_fmt(person)));
        }
    }

    wm_forget_move(c, wm_trace_key(c->pool, c->district, "enrol", t->id),
                   person, t->enrolled, fresh, now);
    wm_forget_rank(c, wm_trace_key(c->pool, c->district, "wait", t->id),
                   t->queued, person, fresh);
    wm_forget_rank(c, wm_trace_key(c->pool, c->district, "offers", t->id),
                   t->offered, person, fresh);
}


bool
wm_forget_event(wm_commit_t *c, const wm_trace_t *t, wm_str_t person,
    wm_str_t device)
{
    char      *id;
    wm_str_t   fresh;

    if (t->attended.data == NULL && t->rating.data == NULL
        && t->enrolled.data == NULL && t->reminded.data == NULL)
    {
        return false;
    }

    id = wm_alloc(c->pool, WM_ID_LEN + 1);

    if (id == NULL || !wm_id_new(id)) {
        c->failed = true;
        return true;
    }

    fresh = wm_str(id);

    if (t->attended.data != NULL) {
        wm_forget_move(c, wm_trace_key(c->pool, c->district, "att", t->id),
                       person, t->attended, fresh, t->attended);
        wm_correct_forget(c, t->id, person, t->asked);
    }

    if (t->rating.data != NULL) {
        wm_rating_forget(c, t->id, person, t->rating, fresh);
    }

    if (t->enrolled.data != NULL) {
        wm_forget_enrolment(c, t, person, fresh);
    }

    if (t->reminded.data != NULL) {
        wm_do(c, HDEL, wm_trace_key(c->pool, c->district, "reminded", t->id),
              person);
    }

    if (device.len > 0) {
        wm_do(c, HDEL, wm_key(c->pool, c->district, "dev:%.*s",
                              wm_fmt(device)),
              wm_printf(c->pool, "a:%.*s:%.*s", wm_fmt(t->id),
                        wm_fmt(person)),
              wm_printf(c->pool, "e:%.*s:%.*s", wm_fmt(t->id),
                        wm_fmt(person)));
    }

    return true;
}


/* ---- an order */

wm_op_t
wm_forget_order_op(const wm_order_t *order, int64_t end_ms, int64_t now_ms)
{
    return !wm_order_action_from(WM_ORDER_DO_CANCEL, order->state)
           ? WM_OP_PERSON_FORGET
           : order->state == WM_ORDER_SCHEDULED && end_ms > 0
             && end_ms <= now_ms ? WM_OP_ORDER_COMPLETE : WM_OP_ORDER_CANCEL;
}


bool
wm_forget_end(wm_commit_t *c, const wm_order_t *order, int64_t end_ms)
{
    bool             nothing;
    wm_order_t       own = *order;
    wm_order_by_t    by = { .event = order->event };
    wm_order_args_t  args = { .end_ms = end_ms };

    if (c->op == WM_OP_ORDER_COMPLETE) {
        return wm_order_act(c, order, WM_ORDER_DO_COMPLETE, &by, &args)
               == WM_VERDICT_OK;
    }

    /* whoever ordered by phone has no device: he asks for it himself now */

    if (own.device.len == 0) {
        own.device = wm_lit("-");
    }

    return wm_order_cancel(c, &own, own.device, &nothing) == WM_VERDICT_OK
           && !nothing;
}


/* "device/ABC" of the log becomes "device/-". */

static wm_str_t
wm_forget_log(wm_commit_t *c, wm_str_t log)
{
    size_t    i;
    wm_buf_t  b;

    wm_buf_init(&b, c->pool, log.len + 1);

    for (i = 0; i < log.len; i++) {
        wm_putc(&b, log.data[i]);

        if (log.data[i] != '/' || i < 7
            || memcmp(log.data + i - 7, ":device", 7) != 0)
        {
            continue;
        }

        wm_putc(&b, '-');

        while (i + 1 < log.len && log.data[i + 1] != ','
               && log.data[i + 1] != ':')
        {
            i++;
        }
    }

    c->failed |= b.failed;

    return wm_buf_str(&b);
}


void
wm_forget_order(wm_commit_t *c, const wm_order_t *order)
{
    wm_str_t  key;

    key = wm_key(c->pool, c->district, "order:%.*s", wm_fmt(order->id));

    wm_need(c, HEQ, key, wm_lit("person"), order->person);
    wm_need(c, HEQ, key, wm_lit("log"),
            order->log.data != NULL ? order->log : wm_lit(""));
    wm_do(c, HDEL, key, wm_lit("person"), wm_lit("note"), wm_lit("device"),
          wm_lit("group"));

    if (order->log.len > 0) {
        wm_do(c, HSET, key, wm_lit("log"), wm_forget_log(c, order->log));
    }

    if (order->device.len > 0) {
        wm_do(c, HDEL, wm_key(c->pool, c->district, "dev:%.*s",
                              wm_fmt(order->device)),
              wm_printf(c->pool, "o:%.*s", wm_fmt(order->id)));
    }
}


/* ---- a wish */

bool
wm_forget_withdraw(wm_commit_t *c, const wm_wish_t *wish)
{
    bool       nothing;
    wm_wish_t  own = *wish;

    /* what a worker wrote down has no device: as of an order */

    if (own.device.len == 0) {
        own.device = wm_lit("-");
    }

    return wm_wish_action_from(WM_WISH_DO_WITHDRAW, own.state)
           && wm_wish_withdraw(c, &own, own.device, &nothing)
              == WM_VERDICT_OK
           && !nothing;
}


void
wm_forget_wish(wm_commit_t *c, const wm_wish_t *wish)
{
    wm_str_t  key;

    key = wm_key(c->pool, c->district, "wish:%.*s", wm_fmt(wish->id));

    wm_need(c, HEQ, key, wm_lit("person"), wish->person);
    wm_need(c, HEQ, key, wm_lit("log"), wish->log);
    wm_wish_hide(c, wish);
    wm_do(c, HDEL, key, wm_lit("person"), wm_lit("device"), wm_lit("wish"),
          wm_lit("text"), wm_lit("answer"), wm_lit("reason"));
    wm_do(c, HSET, key, wm_lit("log"), wm_forget_log(c, wish->log));

    if (wish->device.len > 0) {
        wm_do(c, HDEL, wm_key(c->pool, c->district, "dev:%.*s",
                              wm_fmt(wish->device)),
              wm_printf(c->pool, "w:%.*s", wm_fmt(wish->id)));
    }
}


/* ---- notifications */

const char *
wm_forget_queue(unsigned i)
{
    static const char *const  queues[WM_FORGET_QUEUES] = {
        "outbox_due", "outbox_dead"
    };

    return queues[i];
}


bool
wm_forget_is_told(wm_str_t id, wm_str_t record, wm_str_t person)
{
    wm_notify_t  item;

    return record.data != NULL && wm_notify_load(id, record, &item)
           && wm_eq(item.person, person);
}


void
wm_forget_told(wm_commit_t *c, wm_str_t id, wm_str_t record)
{
    unsigned  i;
    wm_str_t  outbox;

    outbox = wm_key(c->pool, c->district, "outbox");

    wm_need(c, HEQ, outbox, id, record);
    wm_do(c, HDEL, outbox, id);

    for (i = 0; i < WM_FORGET_QUEUES; i++) {
        wm_do(c, ZREM, wm_key(c->pool, c->district, "%s",
                              wm_forget_queue(i)), id);
    }
}


void
wm_forget_person(wm_commit_t *c, const wm_person_t *person, wm_str_t wechat,
    wm_str_t device, wm_str_t mark)
{
    wm_str_t  key, id = wm_str(person->id);

    key = wm_key(c->pool, c->district, "person:%.*s", wm_fmt(id));

    wm_need(c, EXISTS, key);
    wm_need(c, HEQ, key, wm_lit("epoch"),
            person->epoch == 0 ? wm_lit("")
            : wm_printf(c->pool, "%" PRIu32, person->epoch));
    wm_need(c, HEQ, key, wm_lit("wechat"),
            wechat.data != NULL ? wechat : wm_lit(""));

    if (mark.data != NULL) {
        wm_need(c, HEQ, wm_key(c->pool, c->district, "dev:%.*s",
                               wm_fmt(device)),
                wm_verify_field(c->pool, id), mark);
    }

    wm_do(c, DEL, key);

    if (wechat.len > 0) {
        wm_do(c, DEL, wm_wechat_key(c->pool, c->district, wechat));
    }

    if (device.len > 0) {
        wm_verify_end(c, id, device);
    }
}


/* ---- showing */

static void
wm_dossier_time(wm_doc_t *doc, const char *key, int64_t ms, int offset)
{
    char  *out;

    if (doc == NULL) {
        return;
    }

    if (ms <= 0) {
        wm_doc_str(doc, key, wm_lit(""));
        return;
    }

    out = wm_alloc(doc->pool, WM_TIME_TEXT);

    if (out != NULL) {
        wm_doc_str(doc, key, wm_time_iso(ms, offset, out));
    }
}


static wm_str_t
wm_dossier_text(wm_str_t s)
{
    return s.data != NULL ? s : wm_lit("");
}


void
wm_dossier_begin(wm_doc_t *doc, const wm_person_t *person,
    const wm_reply_t *record, int offset)
{
    wm_doc_t  *p;

    p = wm_doc_obj(doc, "person");

    wm_doc_str(p, "id", wm_str(person->id));
    wm_doc_str(p, "name", person->name);
    wm_doc_str(p, "phone", person->phone);
    wm_dossier_time(p, "made", wm_reply_field_int(record, "made"), offset);
    wm_dossier_time(p, "verified", wm_reply_field_int(record, "verified"),
                    offset);

    wm_doc_list(doc, "orders");
    wm_doc_list(doc, "enrolments");
    wm_doc_list(doc, "attendance");
    wm_doc_list(doc, "ratings");
    wm_doc_list(doc, "wishes");
}


static wm_doc_t *
wm_dossier_item(wm_doc_t *doc, const char *list, const wm_trace_t *t,
    int offset)
{
    wm_doc_t  *item;

    item = wm_doc_item(wm_doc_get(doc, wm_str(list)));

    wm_doc_str(item, "event", t->id);
    wm_doc_str(item, "title", wm_dossier_text(t->event.title));
    wm_doc_str(item, "place", wm_dossier_text(t->event.place));
    wm_dossier_time(item, "start", t->event.start_ms, offset);

    return item;
}


static void
wm_dossier_rating(wm_doc_t *doc, const wm_person_t *person,
    const wm_trace_t *t, const wm_rating_t *r, int offset)
{
    wm_doc_t  *item;

    item = wm_dossier_item(doc, "ratings", t, offset);

    wm_doc_int(item, "score", r->score);
    wm_doc_text(item, "text_status", wm_rating_state_code(r->state));
    wm_doc_str(item, "text",
               item != NULL && t->text.data != NULL
               ? wm_dossier_text(wm_person_open(item->pool, person, t->text))
               : wm_lit(""));
    wm_dossier_time(item, "made", r->made_ms, offset);
}


void
wm_dossier_event(wm_doc_t *doc, const wm_person_t *person,
    const wm_trace_t *t, int64_t now_ms, int offset)
{
    wm_doc_t     *item;
    wm_enrol_t    enrol;
    wm_attend_t   attend;
    wm_rating_t   rating;

    if (t->attended.data != NULL && wm_attend_load(t->attended, &attend)) {
        item = wm_dossier_item(doc, "attendance", t, offset);
        wm_dossier_time(item, "in", attend.in_ms, offset);
        wm_dossier_time(item, "out", attend.out_ms, offset);
        wm_doc_text(item, "how", wm_assurance_code(attend.in_how));
    }

    if (wm_enrol_load(t->enrolled, &enrol)) {
        item = wm_dossier_item(doc, "enrolments", t, offset);
        wm_doc_text(item, "status",
                    wm_enrol_state_code(wm_enrol_now(&enrol, &t->event,
                                                     now_ms)));
        wm_doc_int(item, "seats", enrol.seats);
        wm_dossier_time(item, "since", enrol.since_ms, offset);
        wm_dossier_time(item, "until", enrol.until_ms, offset);
    }

    if (t->rating.data != NULL && wm_rating_load(t->rating, &rating)) {
        wm_dossier_rating(doc, person, t, &rating, offset);
    }
}


void
wm_dossier_order(wm_doc_t *doc, const wm_person_t *person,
    const wm_order_t *order, int offset)
{
    wm_str_t   wanted = order->wanted, day;
    wm_doc_t  *item, *days;

    item = wm_doc_item(wm_doc_get(doc, wm_lit("orders")));

    if (item == NULL) {
        return;
    }

    wm_doc_str(item, "id", order->id);
    wm_doc_str(item, "number", wm_order_number(item->pool, order->made_ms,
                                               offset, order->running));
    wm_doc_text(item, "status", wm_order_state_code(order->state));
    wm_doc_str(item, "course", wm_dossier_text(order->course));
    wm_doc_str(item, "title", wm_dossier_text(order->title));
    wm_doc_str(item, "unit", wm_dossier_text(order->unit));

    days = wm_doc_list(item, "wanted");

    while (wm_split(&wanted, ',', &day)) {
        wm_doc_item_str(days, day);
    }

    wm_doc_int(item, "head_count", order->head_count);
    wm_doc_str(item, "group", wm_dossier_text(order->group));
    wm_doc_str(item, "note",
               wm_dossier_text(wm_person_open(item->pool, person,
                                              order->note)));
    wm_dossier_time(item, "made", order->made_ms, offset);
    wm_doc_str(item, "event", wm_dossier_text(order->event));
    wm_doc_str(item, "reason", wm_dossier_text(order->reason));
}


static void
wm_dossier_sealed(wm_doc_t *item, const char *key, const wm_person_t *person,
    wm_str_t sealed)
{
    wm_doc_str(item, key, sealed.len > 0
               ? wm_dossier_text(wm_person_open(item->pool, person, sealed))
               : wm_lit(""));
}


void
wm_dossier_wish(wm_doc_t *doc, const wm_person_t *person,
    const wm_wish_t *wish, int offset)
{
    wm_doc_t  *item;

    item = wm_doc_item(wm_doc_get(doc, wm_lit("wishes")));

    if (item == NULL) {
        return;
    }

    wm_doc_str(item, "id", wish->id);
    wm_doc_text(item, "status", wm_wish_state_code(wish->state));
    wm_doc_text(item, "category", wm_wish_kind_code(wish->kind));
    wm_doc_str(item, "unit", wm_dossier_text(wish->unit));
    wm_dossier_sealed(item, "wish", person, wish->wish);
    wm_dossier_sealed(item, "text", person, wish->text);
    wm_dossier_sealed(item, "answer", person, wish->answer);
    wm_dossier_sealed(item, "reason", person, wish->reason);
    wm_doc_str(item, "order", wm_dossier_text(wish->order));
    wm_dossier_time(item, "made", wish->made_ms, offset);
}
