#include "unit.h"
#include "wm_event.h"
#include "wm_time.h"

#define KEY    "wm:{furong}:event:7"
#define START  INT64_C(1795395600000)           /* 2026-11-23T09:00+08:00 */
#define END    INT64_C(1795402800000)

/* 3 to 40 */
#define MANY                                                                 \
    "3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,"   \
    "28,29,30,31,32,33,34,35,36,37,38,39,40"


/* HGETALL of a whole event in a state. */

static wm_reply_t *
record(const char *status)
{
    return unit_hash("status", status, "published", "1795000000000", "title",
        "反诈讲座", "course", "c1", "unit", "st1", "unit_name", "湘湖站",
        "path", "/ctr/in1/st1/", "place", "二楼", "audience", "老人",
        "content", "识骗", "start", "1795395600000", "end", "1795402800000",
        "capacity", "50", "orders", "O1,O2", "version", "3", "epoch", "2",
        NULL);
}


static void
event_in(wm_event_t *e, const char *status)
{
    assert_true(wm_event_load(record(status), wm_lit("7"), e));
}


/* What a worker sends, taken into the event. */

static bool
apply(wm_event_t *e, const char *body, wm_input_t *in)
{
    wm_input_init(in, unit_pool, wm_event_fields, wm_event_nfields,
                  UNIT_OFFSET);
    assert_true(wm_input_form(in, wm_str(body)));

    if (!wm_input_check(in)) {
        return false;
    }

    wm_event_apply(e, in);

    return wm_input_ok(in);
}


static void
numbers(void **state)
{
    size_t    i;
    uint32_t  n;

    static const char *const  bad[] = {
        "", "0", "01", "007", "-1", "+1", " 1", "1 ", "4294967296", "x",
        "99999999999999999999"
    };

    (void) state;

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_event_number(wm_str(bad[i]), &n), "took %s", bad[i]);
    }

    assert_false(wm_event_number(wm_null, &n));
    assert_true(wm_event_number(wm_lit("1"), &n) && n == 1);
    assert_true(wm_event_number(wm_lit("4294967295"), &n)
                && n == UINT32_MAX);
}


static void
loaded(void **state)
{
    wm_event_t  e;

    (void) state;

    event_in(&e, "published");
    assert_text(e.id, "7");
    assert_int_equal(e.number, 7);
    assert_int_equal(e.state, WM_EVENT_PUBLISHED);
    assert_true(e.was_public);
    assert_text(e.title, "反诈讲座");
    assert_text(e.unit_name, "湘湖站");
    assert_text(e.path, "/ctr/in1/st1/");
    assert_true(e.start_ms == START && e.end_ms == END);
    assert_int_equal(e.capacity, 50);
    assert_int_equal(e.norders, 2);
    assert_text(e.orders[0], "O1");
    assert_text(e.orders[1], "O2");
    assert_text(e.version, "3");
    assert_int_equal(e.epoch, 2);

    assert_false(wm_event_load(record("lost"), wm_lit("7"), &e));
    assert_false(wm_event_load(record("draft"), wm_lit("x"), &e));
    assert_false(wm_event_load(record("draft"), wm_lit("0"), &e));
    assert_false(wm_event_load(unit_hash(NULL), wm_lit("7"), &e));
    assert_false(wm_event_load(&(wm_reply_t) { 0 }, wm_lit("7"), &e));

    assert_true(wm_event_load(unit_hash("status", "draft", NULL),
                              wm_lit("7"), &e));
    assert_int_equal(e.norders, 0);
    assert_true(e.start_ms == 0);

    /* hours are added to the times of an event, whatever Redis says */

    assert_true(wm_event_load(unit_hash("status", "published",
                                        "start", "9223372036854775807",
                                        "end", "9223372036854775807", NULL),
                              wm_lit("7"), &e));
    assert_true(e.start_ms == WM_TIME_MAX && e.end_ms == WM_TIME_MAX);

    assert_true(wm_event_load(unit_hash("status", "draft", "orders",
                                        ",1,,2," MANY ",41,", NULL),
                              wm_lit("7"), &e));
    assert_int_equal(e.norders, WM_EVENT_ORDERS);
    assert_text(e.orders[1], "2");
    assert_text(e.orders[39], "40");
}


static void
public(void **state)
{
    wm_event_t  e;

    (void) state;

    event_in(&e, "published");
    assert_true(wm_event_is_public(&e));
    event_in(&e, "draft");
    assert_false(wm_event_is_public(&e));

    /* who had read about it can read that it was cancelled */

    event_in(&e, "cancelled");
    assert_true(wm_event_is_public(&e));
    assert_true(wm_event_load(unit_hash("status", "cancelled", NULL),
                              wm_lit("7"), &e));
    assert_false(wm_event_is_public(&e));
}


static void
applied(void **state)
{
    wm_event_t  e;
    wm_input_t  in;

    (void) state;

    event_in(&e, "draft");
    assert_true(apply(&e, "place=%E4%B8%89%E6%A5%BC&capacity=", &in));
    assert_text(e.place, "三楼");
    assert_text(e.title, "反诈讲座");
    assert_int_equal(e.capacity, 0);
    assert_int_equal(e.norders, 2);

    assert_true(apply(&e, "orders=B&orders=A,B,C&start=&end=&audience=",
                      &in));
    assert_text(e.orders_text, "B,A,C");
    assert_int_equal(e.norders, 3);
    assert_true(e.start_ms == 0 && e.end_ms == 0);
    assert_text(e.audience, "");

    assert_true(apply(&e, "orders=&start=2026-11-23T09:00", &in));
    assert_text(e.orders_text, "");
    assert_int_equal(e.norders, 0);
    assert_true(e.start_ms == START);

    memset(&e, 0, sizeof(e));
    assert_true(apply(&e, "title=a", &in));
    assert_text(e.title, "a");

    /* 31 days, and no minute more */

    assert_true(apply(&e, "end=2026-12-24T09:00", &in));
}


static void
not_applied(void **state)
{
    size_t      i;
    wm_event_t  e;
    wm_input_t  in;

    static const struct {
        const char        *status;
        const char        *body;
        const char        *field;
        wm_field_error_t   error;
    } cases[] = {
        { "draft", "title=", "title", WM_WRONG_MISSING },
        { "draft", "end=2026-11-23T09:00", "end", WM_WRONG_ORDER },
        { "draft", "end=2026-11-23T08:59", "end", WM_WRONG_ORDER },
        { "draft", "start=2026-11-23T11:00", "end", WM_WRONG_ORDER },
        { "draft", "end=2026-12-24T09:01", "end", WM_WRONG_DAYS },
        { "draft", "start=2026-10-23T10:59", "end", WM_WRONG_DAYS },
        { "published", "end=2027-11-23T09:00", "end", WM_WRONG_DAYS },
        { "draft", "capacity=100001", "capacity", WM_WRONG_RANGE },
        { "draft", "orders=1,2," MANY ",41", "orders", WM_WRONG_LONG },
        { "published", "place=", "place", WM_WRONG_MISSING },
        { "published", "audience=+", "audience", WM_WRONG_MISSING },
        { "published", "content=", "content", WM_WRONG_MISSING },
        { "published", "start=", "start", WM_WRONG_MISSING },
        { "published", "end=", "end", WM_WRONG_MISSING }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        event_in(&e, cases[i].status);
        assert_case(!apply(&e, cases[i].body, &in), "took %s",
                    cases[i].body);
        assert_case(wm_input(&in, cases[i].field)->error == cases[i].error,
                    "%s: %s", cases[i].body,
                    wm_field_error_code(wm_input(&in,
                                                 cases[i].field)->error));
    }
}


/* Time, content, place and audience before it can be published. */

static void
missing(void **state)
{
    size_t      i;
    wm_event_t  e;
    wm_input_t  in;

    static const char *const  fields[] = {
        "start", "end", "content", "place", "audience"
    };

    (void) state;

    wm_input_init(&in, unit_pool, wm_event_fields, wm_event_nfields, 480);
    event_in(&e, "draft");
    assert_int_equal(wm_event_missing(&e, &in), 0);
    assert_true(wm_input_ok(&in));

    assert_true(wm_event_load(unit_hash("status", "draft", "title", "x",
                                        NULL), wm_lit("7"), &e));
    assert_int_equal(wm_event_missing(&e, &in), 5);

    for (i = 0; i < wm_countof(fields); i++) {
        assert_int_equal(wm_input(&in, fields[i])->error, WM_WRONG_MISSING);

        event_in(&e, "draft");
        assert_true(apply(&e, wm_printf(unit_pool, "%s=", fields[i]).data,
                          &in));
        assert_int_equal(wm_event_missing(&e, &in), 1);
        assert_int_equal(wm_input(&in, fields[i])->error, WM_WRONG_MISSING);

        wm_input_init(&in, unit_pool, wm_event_fields, wm_event_nfields, 480);
        (void) wm_event_missing(&(wm_event_t) { 0 }, &in);
    }
}


#define STORED                                                               \
    "! HSET " KEY " title 反诈讲座 course c1 unit st1 unit_name 湘湖站 "      \
    "path /ctr/in1/st1/ place 二楼 audience 老人 content 识骗 "               \
    "start 1795395600000 end 1795402800000 capacity 50 orders O1,O2 " \
    "enrol \"\" enrol_from 0 enrol_until 0 group_max 0 walk_in \"\"\n"

#define INDEXED(name)                                                        \
    "! ZADD wm:{furong}:" name ":ctr 1795395600000 7\n"                      \
    "! ZADD wm:{furong}:" name ":in1 1795395600000 7\n"                      \
    "! ZADD wm:{furong}:" name ":st1 1795395600000 7\n"                      \
    "! ZADD wm:{furong}:" name ":all 1795395600000 7\n"

#define UNINDEXED(name)                                                      \
    "! ZREM wm:{furong}:" name ":ctr 7\n"                                    \
    "! ZREM wm:{furong}:" name ":in1 7\n"                                    \
    "! ZREM wm:{furong}:" name ":st1 7\n"                                    \
    "! ZREM wm:{furong}:" name ":all 7\n"

#define BUMPED                                                               \
    "? heq " KEY " version 3\n"

#define BUMP                                                                 \
    "! HINCRBY " KEY " version 1\n"

#define TOUCHED                                                              \
    "! HSET " KEY " changed 1795395607123\n"


static void
created(void **state)
{
    wm_event_t    e;
    wm_commit_t  *c;

    (void) state;

    event_in(&e, "draft");
    c = unit_commit(WM_OP_EVENT_CREATE);
    wm_event_create(c, &e);

    assert_string_equal(unit_commit_text(c),
        "? absent " KEY "\n"
        "! HINCRBY " KEY " number 7\n" STORED
        "! HSET " KEY " status draft version 1 epoch 1 made 1795395607123 "
        "made_by tester\n" INDEXED("sched"));
}


static void
changed(void **state)
{
    wm_event_t    old, e;
    wm_commit_t  *c;

    (void) state;

    event_in(&old, "draft");
    c = unit_commit(WM_OP_EVENT_CHANGE);
    assert_int_equal(wm_event_change(c, &old, &old), WM_VERDICT_OK);
    assert_string_equal(unit_commit_text(c), BUMPED BUMP STORED
                        TOUCHED INDEXED("sched"));

    event_in(&old, "published");
    c = unit_commit(WM_OP_EVENT_CHANGE);
    assert_int_equal(wm_event_change(c, &old, &old), WM_VERDICT_OK);
    assert_string_equal(unit_commit_text(c), BUMPED BUMP STORED
                        TOUCHED INDEXED("sched") INDEXED("events"));

    /* moved to another unit: out of the indexes of the old one first */

    e = old;
    e.path = wm_lit("/ctr/in2/");
    c = unit_commit(WM_OP_EVENT_CHANGE);
    assert_int_equal(wm_event_change(c, &old, &e), WM_VERDICT_OK);
    assert_has(unit_commit_text(c), UNINDEXED("sched") UNINDEXED("events")
               "! ZADD wm:{furong}:sched:ctr 1795395600000 7\n"
               "! ZADD wm:{furong}:sched:in2 1795395600000 7\n"
               "! ZADD wm:{furong}:sched:all 1795395600000 7\n"
               "! ZADD wm:{furong}:events:ctr 1795395600000 7\n"
               "! ZADD wm:{furong}:events:in2 1795395600000 7\n"
               "! ZADD wm:{furong}:events:all 1795395600000 7\n");

    old.state = WM_EVENT_DRAFT;
    c = unit_commit(WM_OP_EVENT_CHANGE);
    assert_int_equal(wm_event_change(c, &old, &e), WM_VERDICT_OK);
    assert_lacks(unit_commit_text(c), "events:");
}


/* A published event remembers when its time or place was last another. */

static void
moved(void **state)
{
    size_t        i;
    wm_event_t    old, e;
    wm_commit_t  *c;

    (void) state;

    for (i = 0; i < 5; i++) {
        event_in(&old, i == 4 ? "draft" : "published");
        e = old;
        e.start_ms += i == 0;
        e.end_ms += i == 1;
        e.place = i == 2 || i == 4 ? wm_lit("别处") : e.place;
        e.capacity += i == 3;

        c = unit_commit(WM_OP_EVENT_CHANGE);
        assert_int_equal(wm_event_change(c, &old, &e), WM_VERDICT_OK);

        if (i < 3) {
            assert_has(unit_commit_text(c),
                       "! HSET " KEY " moved 1795395607123\n");
        } else {
            assert_lacks(unit_commit_text(c), "moved");
        }
    }

    assert_true(wm_event_load(unit_hash("status", "draft", "moved", "17",
                                        NULL), wm_lit("7"), &e));
    assert_int_equal(e.moved_ms, 17);
}


/* The last of its dates, whichever that is. */

static void
last_changed(void **state)
{
    wm_event_t  e;

    (void) state;

    assert_true(wm_event_load(unit_hash("status", "draft", NULL),
                              wm_lit("7"), &e));
    assert_int_equal(e.changed_ms, 0);

    assert_true(wm_event_load(unit_hash("status", "published", "made", "5",
        "published", "7", NULL), wm_lit("7"), &e));
    assert_int_equal(e.changed_ms, 7);

    assert_true(wm_event_load(unit_hash("status", "published", "made", "5",
        "published", "7", "changed", "9", "moved", "8", NULL),
        wm_lit("7"), &e));
    assert_int_equal(e.changed_ms, 9);

    assert_true(wm_event_load(unit_hash("status", "cancelled", "made", "5",
        "published", "7", "changed", "9", "cancelled", "11", NULL),
        wm_lit("7"), &e));
    assert_int_equal(e.changed_ms, 11);
}


static void
not_changed(void **state)
{
    wm_event_t    old, e;
    wm_commit_t  *c;

    (void) state;

    c = unit_commit(WM_OP_EVENT_CHANGE);
    event_in(&old, "cancelled");
    assert_int_equal(wm_event_change(c, &old, &old), WM_VERDICT_STATE);

    /* the orders of a published event stay what they are */

    event_in(&old, "published");
    e = old;
    e.orders_text = wm_lit("O1");
    assert_int_equal(wm_event_change(c, &old, &e), WM_VERDICT_STATE);
    assert_int_equal(c->nneeds + c->neffects, 0);

    old.state = e.state = WM_EVENT_DRAFT;
    assert_int_equal(wm_event_change(c, &old, &e), WM_VERDICT_OK);
}


static const wm_deadlines_t  minute = { { 0, 60, 60, 60 } };


static wm_order_t
order_in(const char *id, wm_order_state_t state)
{
    return (wm_order_t) {
        .id = wm_str(id), .state = state, .course = wm_lit("c1"),
        .unit = wm_lit("b"), .path = wm_lit("/a/b/"),
        .handler = wm_lit("b"), .handler_path = wm_lit("/a/b/"),
        .log = wm_lit("submit:1:device/D"), .made_ms = 1, .due_ms = 2
    };
}


static void
published(void **state)
{
    bool          nothing;
    wm_order_t    orders[] = { order_in("O1", WM_ORDER_SUBMITTED),
                               order_in("O2", WM_ORDER_CANCELLED) };
    wm_event_t    e;
    wm_commit_t  *c;

    (void) state;

    event_in(&e, "draft");
    c = unit_commit(WM_OP_EVENT_PUBLISH);
    assert_int_equal(wm_event_publish(c, &e, orders, wm_lit("/a/"),
                                          &nothing),
                     WM_VERDICT_OK);
    assert_false(nothing);
    assert_string_equal(unit_commit_text(c), BUMPED
        "? heq wm:{furong}:order:O1 status submitted\n"
        "? heq wm:{furong}:order:O1 log submit:1:device/D\n" BUMP
        "! HSET " KEY " status published published 1795395607123 "
        "published_by tester\n" INDEXED("events")
        "! HSET wm:{furong}:order:O1 status scheduled log "
        "submit:1:device/D,schedule:1795395607123:tester due 0\n"
        "! ZREM wm:{furong}:due:a O1\n! ZREM wm:{furong}:due:b O1\n"
        "! HSET wm:{furong}:order:O1 event 7\n");

    c = unit_commit(WM_OP_EVENT_PUBLISH);
    e.state = WM_EVENT_PUBLISHED;
    assert_int_equal(wm_event_publish(c, &e, orders, wm_lit("/a/"), &nothing),
                     WM_VERDICT_OK);
    assert_true(nothing);

    e.state = WM_EVENT_CANCELLED;
    assert_int_equal(wm_event_publish(c, &e, orders, wm_lit("/a/"), &nothing),
                     WM_VERDICT_STATE);
    assert_false(nothing);
    assert_int_equal(c->nneeds + c->neffects, 0);
}


/* No order is left behind without a word. */

static void
published_without_an_order(void **state)
{
    bool          nothing;
    size_t        i;
    wm_order_t    orders[] = { order_in("O1", WM_ORDER_SUBMITTED),
                               order_in("O2", WM_ORDER_DISPATCHED) };
    wm_event_t    e;
    wm_commit_t  *c;

    static const struct {
        wm_order_state_t  state;
        wm_verdict_t      verdict;
    } cases[] = {
        { WM_ORDER_DISPATCHED, WM_VERDICT_STATE },
        { WM_ORDER_SCHEDULED, WM_VERDICT_STATE },
        { WM_ORDER_ACCEPTED, WM_VERDICT_OK },
        { WM_ORDER_REJECTED, WM_VERDICT_OK },
        { WM_ORDER_EXPIRED, WM_VERDICT_OK },
        { WM_ORDER_NONE, WM_VERDICT_OK }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        event_in(&e, "draft");
        orders[1].state = cases[i].state;
        c = unit_commit(WM_OP_EVENT_PUBLISH);
        assert_int_equal(wm_event_publish(c, &e, orders, wm_lit("/a/"),
                                          &nothing),
                         cases[i].verdict);
        assert_int_equal(c->neffects > 0, cases[i].verdict == WM_VERDICT_OK);
    }

    /* one that was handed up is for who has it now */

    orders[1] = order_in("O2", WM_ORDER_SUBMITTED);
    orders[1].handler_path = wm_lit("/a/");
    c = unit_commit(WM_OP_EVENT_PUBLISH);
    assert_int_equal(wm_event_publish(c, &e, orders, wm_lit("/a/b/"),
                                      &nothing),
                     WM_VERDICT_STATE);
    assert_int_equal(wm_event_publish(c, &e, orders, wm_lit("/a/"),
                                      &nothing),
                     WM_VERDICT_OK);

    /* cancelling leaves alone what another event has planned */

    e.state = WM_EVENT_PUBLISHED;
    orders[0] = order_in("O1", WM_ORDER_SCHEDULED);
    orders[0].event = wm_lit("8");
    orders[1] = order_in("O2", WM_ORDER_SCHEDULED);
    orders[1].event = e.id;
    c = unit_commit(WM_OP_EVENT_CANCEL);
    assert_int_equal(wm_event_cancel(c, &e, orders,
                                     &(wm_deadlines_t) { { 0, 60, 60, 60 } },
                                     &nothing),
                     WM_VERDICT_OK);
    assert_lacks(unit_commit_text(c), "order:O1");
    assert_has(unit_commit_text(c), "order:O2 status submitted");
}


/* Once it is over, all that were planned are done, and it stays. */

static void
completed(void **state)
{
    bool          nothing;
    wm_order_t    orders[] = { order_in("O1", WM_ORDER_SCHEDULED),
                               order_in("O2", WM_ORDER_CANCELLED) };
    wm_event_t    e;
    wm_commit_t  *c;

    (void) state;

    event_in(&e, "published");
    e.end_ms = UNIT_NOW + 1;
    c = unit_commit(WM_OP_EVENT_COMPLETE);
    assert_int_equal(wm_event_complete(c, &e, orders, &nothing),
                     WM_VERDICT_NOT_OVER);
    assert_int_equal(c->nneeds + c->neffects, 0);

    e.end_ms = UNIT_NOW;
    assert_int_equal(wm_event_complete(c, &e, orders, &nothing),
                     WM_VERDICT_OK);
    assert_false(nothing);
    assert_has(unit_commit_text(c), "? heq " KEY " version ");
    assert_has(unit_commit_text(c), "HSET wm:{furong}:order:O1 status "
                                    "completed ");
    assert_lacks(unit_commit_text(c), "order:O2");
    assert_lacks(unit_commit_text(c), "! HSET " KEY);

    orders[0].state = WM_ORDER_COMPLETED;
    c = unit_commit(WM_OP_EVENT_COMPLETE);
    assert_int_equal(wm_event_complete(c, &e, orders, &nothing),
                     WM_VERDICT_OK);
    assert_true(nothing);

    e.state = WM_EVENT_CANCELLED;
    assert_int_equal(wm_event_complete(c, &e, orders, &nothing),
                     WM_VERDICT_STATE);
    e.state = WM_EVENT_DRAFT;
    assert_int_equal(wm_event_complete(c, &e, orders, &nothing),
                     WM_VERDICT_STATE);
}


static void
cancelled(void **state)
{
    bool          nothing;
    wm_order_t    orders[] = { order_in("O1", WM_ORDER_SCHEDULED),
                               order_in("O2", WM_ORDER_SUBMITTED) };
    wm_event_t    e;
    wm_commit_t  *c;

    (void) state;

    event_in(&e, "published");
    c = unit_commit(WM_OP_EVENT_CANCEL);
    assert_int_equal(wm_event_cancel(c, &e, orders, &minute, &nothing),
                     WM_VERDICT_OK);
    assert_false(nothing);
    assert_string_equal(unit_commit_text(c), BUMPED
        "? heq wm:{furong}:order:O1 status scheduled\n"
        "? heq wm:{furong}:order:O1 log submit:1:device/D\n" BUMP
        "! HSET " KEY " status cancelled cancelled 1795395607123 "
        "cancelled_by tester\n"
        "! HINCRBY " KEY " epoch 1\n"
        "! HSET wm:{furong}:order:O1 status submitted log "
        "submit:1:device/D,unschedule:1795395607123:tester due "
        "1795395667123\n"
        "! ZADD wm:{furong}:due:a 1795395667123 O1\n"
        "! ZADD wm:{furong}:due:b 1795395667123 O1\n"
        "! HSET wm:{furong}:order:O1 event \"\"\n");

    /* an order that is gone or unread is left alone */

    orders[0].state = WM_ORDER_NONE;
    c = unit_commit(WM_OP_EVENT_CANCEL);
    assert_int_equal(wm_event_cancel(c, &e, orders, &minute, &nothing),
                     WM_VERDICT_OK);
    assert_lacks(unit_commit_text(c), "order:");

    c = unit_commit(WM_OP_EVENT_CANCEL);
    e.state = WM_EVENT_CANCELLED;
    assert_int_equal(wm_event_cancel(c, &e, orders, &minute, &nothing),
                     WM_VERDICT_OK);
    assert_true(nothing);
    assert_int_equal(c->nneeds + c->neffects, 0);
}


/* The longest path and the most orders still fit into one commit. */

static void
at_the_limits(void **state)
{
    bool          nothing;
    size_t        argc, i;
    wm_str_t     *v;
    wm_order_t    orders[WM_EVENT_ORDERS];
    wm_event_t    old, e;
    wm_commit_t  *c;

    (void) state;

    event_in(&old, "published");
    old.path = wm_lit("/a/b/c/d/e/f/");
    old.norders = WM_EVENT_ORDERS;
    e = old;
    e.path = wm_lit("/g/h/i/j/k/l/");

    c = unit_commit(WM_OP_EVENT_CHANGE);
    assert_int_equal(wm_event_change(c, &old, &e), WM_VERDICT_OK);
    assert_true(wm_commits_encode(c->pool, &c, 1, &v, &argc));

    for (i = 0; i < WM_EVENT_ORDERS; i++) {
        old.orders[i] = wm_printf(unit_pool, "O%zu", i);
        orders[i] = order_in("O", WM_ORDER_ACCEPTED);
        orders[i].team = wm_lit("t1");
    }

    old.state = WM_EVENT_DRAFT;
    c = unit_commit(WM_OP_EVENT_PUBLISH);
    assert_int_equal(wm_event_publish(c, &old, orders, wm_lit("/a/"), &nothing),
                     WM_VERDICT_OK);
    assert_true(wm_commits_encode(c->pool, &c, 1, &v, &argc));
}


static void
texts(void **state)
{
    (void) state;

    assert_string_equal(wm_event_state_code(WM_EVENT_DRAFT), "draft");
    assert_string_equal(wm_event_state_text(WM_EVENT_DRAFT), "草稿");
    assert_string_equal(wm_event_state_code(WM_EVENT_CANCELLED),
                        "cancelled");
    assert_string_equal(wm_event_state_code(WM_EVENT_NONE), "");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(numbers),
        unit_case(loaded),
        unit_case(public),
        unit_case(applied),
        unit_case(not_applied),
        unit_case(missing),
        unit_case(created),
        unit_case(changed),
        unit_case(moved),
        unit_case(last_changed),
        unit_case(not_changed),
        unit_case(published),
        unit_case(published_without_an_order),
        unit_case(cancelled),
        unit_case(completed),
        unit_case(at_the_limits),
        unit_case(texts)
    };

    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
