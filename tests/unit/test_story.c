/*
 * From the order to the cancelled event: every commit of the domain carried
 * out by Redis, and every record read again.
 */

#include "unit_redis.h"
#include "wm_attend.h"
#include "wm_order.h"
#include "wm_staff.h"

#define D      wm_lit("furong")
#define START  INT64_C(1795395600000)           /* 2026-11-23T09:00+08:00 */


static wm_reply_t
record(const char *rest)
{
    return unit_say("HGETALL wm:{furong}:%s", rest);
}


static wm_str_t
field(const char *rest, const char *name)
{
    return unit_say("HGET wm:{furong}:%s %s", rest, name).str;
}


static void
person_of(wm_person_t *p, const char *name)
{
    wm_reply_t  r;

    assert_true(wm_person_identify(unit_pool, unit_realm, wm_str(name),
                                   wm_lit("13800001234"), wm_null, p));
    r = record(wm_printf(unit_pool, "person:%s", p->id).data);
    assert_true(wm_person_load(unit_pool, unit_realm, &r, p));
}


/* Places an order as a device would, with what it knows of the person. */

static wm_commit_result_t
ordered(const char *id, wm_person_t *person)
{
    wm_commit_t       *c;
    wm_order_facts_t   f = {
        .course = { .id = wm_lit("c1"), .title = wm_lit("反诈") },
        .unit = { .id = wm_lit("st1"), .path = wm_lit("/ctr/in1/st1/") },
        .device = wm_lit("DEV"), .id = wm_str(id),
        .wanted = wm_lit("2026-12-01"), .head_count = 40,
        .note = wm_lit("有投影"), .offset = 480
    };

    f.person = *person;
    c = unit_commit(WM_OP_ORDER_SUBMIT);
    wm_order_submit(c, unit_realm, &f);

    return unit_sent(c);
}


static const wm_deadlines_t  days = { { 0, 86400, 172800, 604800 } };


static void
order_read(const char *id, wm_order_t *o)
{
    wm_reply_t  r;

    r = record(wm_printf(unit_pool, "order:%s", id).data);
    assert_true(wm_order_load(&r, wm_str(id), o));
}


static void
orders(void)
{
    wm_order_t          o;
    wm_reply_t          r;
    wm_person_t         p, stale;
    wm_commit_result_t  done;

    person_of(&stale, "张三");
    assert_false(stale.known);

    done = ordered("O1", &stale);
    assert_int_equal(done.status, WM_COMMITTED);
    assert_int_equal(done.replies[0].num, 1);

    /* a second one that still thinks that nobody knows the person */

    done = ordered("O2", &stale);
    assert_int_equal(done.status, WM_COMMIT_UNMET);
    assert_int_equal(done.index, 2);

    person_of(&p, "张 三");
    assert_true(p.known);
    assert_text(p.name, "张三");
    done = ordered("O2", &p);
    assert_int_equal(done.status, WM_COMMITTED);
    assert_int_equal(done.replies[0].num, 2);
    assert_int_equal(ordered("O2", &p).status, WM_COMMIT_UNMET);

    r = record("order:O2");
    assert_true(wm_order_load(&r, wm_lit("O2"), &o));
    assert_int_equal(o.state, WM_ORDER_SUBMITTED);
    assert_int_equal(o.running, 2);
    assert_int_equal(o.head_count, 40);
    assert_text(o.person, p.id);
    assert_text(wm_person_open(unit_pool, &p, o.note), "有投影");
    assert_says("2", "HGET wm:{furong}:demand c1");
    assert_says("2", "ZCARD wm:{furong}:orders:ctr");
}


static void
event_read(wm_event_t *e)
{
    wm_reply_t  r;

    r = record("event:7");
    assert_true(wm_event_load(&r, wm_lit("7"), e));
}


static void
planned(void)
{
    bool                nothing;
    wm_order_t          both[2];
    wm_event_t          e, draft;
    wm_commit_t        *c;
    wm_commit_result_t  done;

    assert_true(wm_event_load(unit_hash("status", "draft", "title", "反诈",
        "unit", "st1", "path", "/ctr/in1/st1/", "place", "二楼", "audience",
        "老人", "content", "识骗", "start", "1795395600000", "end",
        "1795402800000", "orders", "O1,O2", NULL), wm_lit("7"), &e));

    c = unit_commit(WM_OP_EVENT_CREATE);
    wm_event_create(c, &e);
    done = unit_sent(c);
    assert_int_equal(done.status, WM_COMMITTED);
    assert_int_equal(done.replies[0].num, 7);
    assert_int_equal(unit_sent(c).status, WM_COMMIT_UNMET);

    event_read(&draft);
    assert_int_equal(draft.state, WM_EVENT_DRAFT);
    assert_text(draft.version, "1");
    assert_int_equal(draft.norders, 2);

    order_read("O1", &both[0]);
    order_read("O2", &both[1]);
    c = unit_commit(WM_OP_EVENT_PUBLISH);
    assert_int_equal(wm_event_publish(c, &draft, both, wm_lit("/ctr/"),
                                      &nothing),
                     WM_VERDICT_OK);
    assert_int_equal(unit_sent(c).status, WM_COMMITTED);

    /* the same with facts from before: somebody else was faster */

    assert_int_equal(unit_sent(c).status, WM_COMMIT_UNMET);

    event_read(&e);
    assert_int_equal(e.state, WM_EVENT_PUBLISHED);
    assert_true(wm_event_is_public(&e));
    assert_text(e.version, "2");
    assert_text(field("order:O1", "status"), "scheduled");
    assert_text(field("order:O2", "event"), "7");
    assert_says("1", "ZCARD wm:{furong}:events:in1");
}


static wm_commit_t *
check(wm_attend_facts_t *f, bool out, wm_verdict_t want)
{
    wm_str_t      id;
    wm_attend_t   done;
    wm_commit_t  *c;

    memset(f, 0, sizeof(*f));
    event_read(&f->event);
    person_of(&f->person, "李四");

    id = wm_str(f->person.id);
    f->record = field("att:7", id.data);
    f->out = out;
    f->how = WM_ASSURANCE_SCREEN;
    f->by = wm_lit("2");
    f->device = wm_lit("DEV");

    c = unit_commit(WM_OP_CHECK_IN);
    c->now_ms = START + (out ? 3600000 : 0);
    assert_int_equal(wm_attend_check(c, unit_realm, f, &done), want);

    return c;
}


static void
attended(void)
{
    wm_event_t          e;
    wm_commit_t        *c, *late;
    wm_attend_facts_t   f;
    wm_commit_result_t  done;

    check(&f, true, WM_VERDICT_NOT_IN);

    /* two requests read the same facts: one of them is in, the other not */

    c = check(&f, false, WM_VERDICT_CREATED);
    late = check(&f, false, WM_VERDICT_CREATED);
    assert_int_equal(unit_sent(c).status, WM_COMMITTED);
    done = unit_sent(late);
    assert_int_equal(done.status, WM_COMMIT_UNMET);
    assert_int_equal(done.index, 2);

    check(&f, false, WM_VERDICT_OK);
    assert_text(f.record, "1795395600000:0:s-:2");
    assert_true(f.person.known);
    assert_says("1", "HLEN wm:{furong}:att:7");

    /* the event was changed between reading and writing */

    c = check(&f, true, WM_VERDICT_CREATED);
    event_read(&e);
    late = unit_commit(WM_OP_EVENT_CHANGE);
    assert_int_equal(wm_event_change(late, &e, &e), WM_VERDICT_OK);
    assert_int_equal(unit_sent(late).status, WM_COMMITTED);
    done = unit_sent(c);
    assert_int_equal(done.status, WM_COMMIT_UNMET);
    assert_int_equal(done.index, 1);
    assert_text(done.seen, "3");

    assert_int_equal(unit_sent(check(&f, true, WM_VERDICT_CREATED)).status,
                     WM_COMMITTED);
    check(&f, true, WM_VERDICT_OK);
    assert_text(f.record, "1795395600000:1795399200000:ss:2");
}


static void
called_off(void)
{
    bool          nothing;
    wm_event_t    e;
    wm_order_t    o, both[2];
    wm_commit_t  *c;

    order_read("O1", &o);
    c = unit_commit(WM_OP_ORDER_CANCEL);
    assert_int_equal(wm_order_cancel(c, &o, wm_lit("DEV"), &nothing),
                     WM_VERDICT_OK);
    assert_int_equal(unit_sent(c).status, WM_COMMITTED);
    assert_int_equal(unit_sent(c).status, WM_COMMIT_UNMET);
    assert_says("1", "HGET wm:{furong}:demand c1");

    event_read(&e);
    order_read("O1", &both[0]);
    order_read("O2", &both[1]);
    c = unit_commit(WM_OP_EVENT_CANCEL);
    assert_int_equal(wm_event_cancel(c, &e, both, &days, &nothing),
                     WM_VERDICT_OK);
    assert_int_equal(unit_sent(c).status, WM_COMMITTED);

    event_read(&e);
    assert_int_equal(e.state, WM_EVENT_CANCELLED);
    assert_int_equal(e.epoch, 2);
    assert_text(field("order:O1", "status"), "cancelled");
    assert_text(field("order:O2", "status"), "submitted");
    assert_text(field("order:O2", "event"), "");
}


/* The journal is whole, its chain fits, and no name or phone is in it. */

static void
written_down(void)
{
    char              hash[41] = "0000000000000000000000000000000000000000";
    size_t            i, j;
    wm_str_t          what, sum;
    wm_reply_t        list;
    const wm_reply_t *e;

    list = unit_say("XRANGE wm:{furong}:journal - +");
    assert_int_equal(list.n, 9);

    for (i = 0; i < list.n; i++) {
        e = &list.items[i].items[1];

        what = wm_reply_field(e, "w");
        assert_true(wm_split(&what, ' ', &sum));
        assert_true(wm_chain_hash(wm_dup(unit_pool, wm_str(hash)), what,
                                  hash));
        assert_text(sum, hash);

        for (j = 0; j < e->n; j++) {
            assert_null(memmem(e->items[j].str.data, e->items[j].str.len,
                               "张三", 6));
            assert_null(memmem(e->items[j].str.data, e->items[j].str.len,
                               "李四", 6));
            assert_null(memmem(e->items[j].str.data, e->items[j].str.len,
                               "13800001234", 11));
        }
    }
}


static void
whole_story(void **state)
{
    (void) state;

    unit_say("FLUSHALL");
    orders();
    planned();
    attended();
    called_off();
    written_down();
}


static wm_commit_result_t
signed_in(const wm_staff_t *s, wm_str_t key)
{
    wm_commit_t  *c;

    c = unit_commit(WM_OP_STAFF_SIGN_IN);
    wm_session_start(c, s, key);

    return unit_sent(c);
}


static void
workers(void **state)
{
    uint8_t       sid[16] = { 9 };
    wm_str_t      key;
    wm_reply_t    r;
    wm_staff_t    s = { wm_lit("wang"), WM_ROLE_WORKER, wm_lit("st1"),
                        wm_lit("/ctr/st1/"), wm_lit("0123456789abcdef"),
                        wm_lit("0123456789abcdef0123456789abcdef"), false,
                        0, wm_null, false };
    wm_staff_t    read;
    wm_commit_t  *c;

    (void) state;

    unit_say("FLUSHALL");

    c = unit_commit(WM_OP_STAFF_ADD);
    wm_staff_add(c, &s);
    assert_int_equal(unit_sent(c).status, WM_COMMITTED);
    assert_int_equal(unit_sent(c).status, WM_COMMIT_UNMET);
    assert_says("1", "SISMEMBER wm:{furong}:staff wang");

    r = record("staff:wang");
    assert_true(wm_staff_load(&r, wm_lit("wang"), &read));
    assert_int_equal(read.epoch, 1);
    assert_text(read.hash, "0123456789abcdef0123456789abcdef");

    key = wm_session_key(unit_pool, D, sid);
    assert_int_equal(signed_in(&read, key).status, WM_COMMITTED);
    r = unit_say("HGETALL %s", key.data);
    assert_true(wm_session_valid(&r, &read, UNIT_NOW));
    assert_true(unit_say("TTL %s", key.data).num > 1700);

    /* who is disabled while signing in stays outside */

    c = unit_commit(WM_OP_STAFF_DISABLE);
    wm_staff_disable(c, &s);
    assert_int_equal(unit_sent(c).status, WM_COMMITTED);
    assert_int_equal(signed_in(&read, key).status, WM_COMMIT_UNMET);

    r = record("staff:wang");
    assert_true(wm_staff_load(&r, wm_lit("wang"), &read));
    assert_true(read.disabled);
    r = unit_say("HGETALL %s", key.data);
    assert_false(wm_session_valid(&r, &read, UNIT_NOW));

    c = unit_commit(WM_OP_STAFF_SIGN_OUT);
    wm_session_end(c, key);
    assert_int_equal(unit_sent(c).status, WM_COMMITTED);
    assert_int_equal(unit_say("EXISTS %s", key.data).num, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(whole_story),
        unit_case(workers)
    };

    return cmocka_run_group_tests_name("story", tests, unit_redis_start,
                                       unit_redis_stop);
}
