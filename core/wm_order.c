#include "wm_order.h"
#include "wm_time.h"

#include <inttypes.h>

static const struct {
    const char  *code;
    const char  *text;
    bool         cancel;
} wm_order_states[] = {
    { "", "", false },
#define X(name, code, text, cancel)  { code, text, cancel },
    WM_ORDER_STATES(X)
#undef X
};


wm_order_state_t
wm_order_state_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_order_states); i++) {
        if (wm_is(code, wm_order_states[i].code)) {
            return (wm_order_state_t) i;
        }
    }

    return WM_ORDER_NONE;
}


const char *
wm_order_state_code(wm_order_state_t s)
{
    return wm_order_states[s].code;
}


const char *
wm_order_state_text(wm_order_state_t s)
{
    return wm_order_states[s].text;
}


bool
wm_order_load(const wm_reply_t *record, wm_str_t id, wm_order_t *order)
{
    memset(order, 0, sizeof(wm_order_t));

    order->id = id;
    order->running = wm_reply_field_int(record, "running");
    order->state = wm_order_state_find(wm_reply_field(record, "status"));
    order->course = wm_reply_field(record, "course");
    order->title = wm_reply_field(record, "title");
    order->unit = wm_reply_field(record, "unit");
    order->path = wm_reply_field(record, "path");
    order->wanted = wm_reply_field(record, "wanted");
    order->head_count = wm_reply_field_int(record, "head_count");
    order->person = wm_reply_field(record, "person");
    order->note = wm_reply_field(record, "note");
    order->device = wm_reply_field(record, "device");
    order->event = wm_reply_field(record, "event");
    order->made_ms = wm_reply_field_int(record, "made");

    return order->state != WM_ORDER_NONE;
}


bool
wm_order_id(wm_str_t scope, char out[WM_ID_LEN + 1])
{
    uint8_t  sum[WM_SHA256_LEN];

    if (scope.data == NULL) {
        return wm_id_new(out);
    }

    if (!wm_sha256(scope, sum)) {
        return false;
    }

    wm_b32_encode(sum, 10, out);

    return true;
}


wm_str_t
wm_order_number(wm_pool_t *pool, int64_t ms, int offset, int64_t running)
{
    char  date[WM_TIME_TEXT];

    wm_time_date(ms, offset, date);

    return wm_printf(pool, "%.4s%06" PRId64, date, running);
}


void
wm_order_submit(wm_commit_t *c, const wm_realm_t *realm, wm_order_facts_t *f)
{
    char      date[WM_TIME_TEXT];
    size_t    i, n;
    wm_str_t  key, made, note, units[WM_UNIT_DEPTH];

    key = wm_key(c->pool, c->district, "order:%.*s", wm_fmt(f->id));
    made = wm_printf(c->pool, "%" PRId64, c->now_ms);

    wm_time_date(c->now_ms, f->offset, date);

    wm_need(c, ABSENT, key);
    wm_do(c, HINCRBY, wm_key(c->pool, c->district, "numbers"),
          wm_printf(c->pool, "order:%.4s", date), wm_lit("1"));

    if (!f->person.known) {
        wm_person_create(c, realm, &f->person);
    }

    note = wm_person_seal(c->pool, &f->person, f->note);
    c->failed |= note.data == NULL;

    wm_do(c, HSET, key,
          wm_lit("running"), wm_reply_of(1),
          wm_lit("status"), wm_str(wm_order_state_code(WM_ORDER_SUBMITTED)),
          wm_lit("course"), f->course.id, wm_lit("title"), f->course.title,
          wm_lit("unit"), f->unit.id, wm_lit("path"), f->unit.path,
          wm_lit("wanted"), f->wanted,
          wm_lit("head_count"),
          wm_printf(c->pool, "%" PRId64, f->head_count),
          wm_lit("person"), wm_str(f->person.id), wm_lit("note"), note,
          wm_lit("device"), f->device, wm_lit("made"), made);

    wm_do(c, HINCRBY, wm_key(c->pool, c->district, "demand"), f->course.id,
          wm_lit("1"));
    wm_do(c, HSET, wm_key(c->pool, c->district, "dev:%.*s",
                          wm_fmt(f->device)),
          wm_printf(c->pool, "o:%.*s", wm_fmt(f->id)), made);

    n = wm_path_units(f->unit.path, units, WM_UNIT_DEPTH);

    for (i = 0; i < n; i++) {
        wm_do(c, ZADD, wm_key(c->pool, c->district, "orders:%.*s",
                              wm_fmt(units[i])),
              made, f->id);
    }
}


wm_verdict_t
wm_order_cancel(wm_commit_t *c, const wm_order_t *order, wm_str_t device,
    bool *nothing)
{
    wm_str_t  key, state;

    *nothing = order->state == WM_ORDER_CANCELLED;

    if (device.len == 0 || !wm_eq(order->device, device)) {
        return WM_VERDICT_NOT_FOUND;
    }

    if (*nothing) {
        return WM_VERDICT_OK;
    }

    if (!wm_order_states[order->state].cancel) {
        return WM_VERDICT_STATE;
    }

    key = wm_key(c->pool, c->district, "order:%.*s", wm_fmt(order->id));
    state = wm_str(wm_order_state_code(order->state));

    wm_need(c, HEQ, key, wm_lit("status"), state);
    wm_do(c, HSET, key,
          wm_lit("status"), wm_str(wm_order_state_code(WM_ORDER_CANCELLED)),
          wm_lit("cancelled"), wm_printf(c->pool, "%" PRId64, c->now_ms));
    wm_do(c, HINCRBY, wm_key(c->pool, c->district, "demand"), order->course,
          wm_lit("-1"));

    return WM_VERDICT_OK;
}
