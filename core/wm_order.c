#include "wm_order_life.h"
#include "wm_time.h"

#include <inttypes.h>

static const struct {
    const char     *code;
    const char     *text;
    wm_deadline_t   waits;
} wm_order_states[] = {
    { "", "", WM_DEADLINE_NONE },
#define X(name, code, text, waits)  { code, text, WM_DEADLINE_##waits },
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


wm_deadline_t
wm_order_state_waits(wm_order_state_t s)
{
    return wm_order_states[s].waits;
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
    order->group = wm_reply_field(record, "group");
    order->by = wm_reply_field(record, "by");
    order->handler = wm_reply_field(record, "handler");
    order->handler_path = wm_reply_field(record, "handler_path");
    order->team = wm_reply_field(record, "team");
    order->reason = wm_reply_field(record, "reason");
    order->remark = wm_reply_field(record, "remark");
    order->log = wm_reply_field(record, "log");
    order->due_ms = wm_reply_field_int(record, "due");

    if (order->handler.len == 0) {
        order->handler = order->unit;
        order->handler_path = order->path;
    }

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


/* The lists where it is found: of the device, and of each unit above. */

static void
wm_order_list(wm_commit_t *c, const wm_order_facts_t *f, wm_str_t made)
{
    size_t    i, n;
    wm_str_t  units[WM_UNIT_DEPTH];

    wm_do(c, HINCRBY, wm_key(c->pool, c->district, "demand"), f->course.id,
          wm_lit("1"));

    if (f->device.len > 0) {
        wm_do(c, HSET, wm_key(c->pool, c->district, "dev:%.*s",
                              wm_fmt(f->device)),
              wm_printf(c->pool, "o:%.*s", wm_fmt(f->id)), made);
    }

    n = wm_path_units(f->unit.path, units, WM_UNIT_DEPTH);

    for (i = 0; i < n; i++) {
        wm_do(c, ZADD, wm_key(c->pool, c->district, "orders:%.*s",
                              wm_fmt(units[i])),
              made, f->id);
    }
}


void
wm_order_submit(wm_commit_t *c, const wm_realm_t *realm, wm_order_facts_t *f)
{
    char        date[WM_TIME_TEXT];
    wm_str_t    key, made, note;
    wm_order_t  order = { .id = f->id };

    key = wm_key(c->pool, c->district, "order:%.*s", wm_fmt(f->id));
    made = wm_printf(c->pool, "%" PRId64, c->now_ms);

    wm_time_date(c->now_ms, f->offset, date);

    wm_need(c, ABSENT, key);
    wm_do(c, HINCRBY, wm_key(c->pool, c->district, "numbers"),
          wm_printf(c->pool, "order:%.4s", date), wm_lit("1"));

    wm_person_keep(c, realm, &f->person);

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

    if (f->group.len > 0) {
        wm_do(c, HSET, key, wm_lit("group"), f->group);
    }

    if (f->by.len > 0) {
        wm_do(c, HSET, key, wm_lit("by"), f->by);
    }

    wm_order_list(c, f, made);
    wm_order_begin(c, &order, &f->unit, &f->deadlines);
}
