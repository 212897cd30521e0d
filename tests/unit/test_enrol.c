#include "unit.h"
#include "wm_attend.h"
#include "wm_enrol.h"

#define HOUR   INT64_C(3600000)
#define START  (UNIT_NOW + 72 * HOUR)

#define A  "AAAAAAAAAAAAAAAA"
#define B  "BBBBBBBBBBBBBBBB"
#define C  "CCCCCCCCCCCCCCCC"
#define D  "DDDDDDDDDDDDDDDD"


static void
event_of(wm_event_t *e, int64_t capacity)
{
    memset(e, 0, sizeof(*e));

    e->id = wm_lit("7");
    e->state = WM_EVENT_PUBLISHED;
    e->version = wm_lit("3");
    e->start_ms = START;
    e->end_ms = START + HOUR;
    e->capacity = capacity;
}


static wm_seats_t
seats_of(int64_t taken, int64_t waiting)
{
    return (wm_seats_t) { wm_printf(unit_pool, "%lld", (long long) taken),
                          taken, waiting };
}


static void
facts_of(wm_enrol_facts_t *f, int64_t capacity, int64_t taken,
    int64_t waiting)
{
    memset(f, 0, sizeof(*f));

    event_of(&f->event, capacity);
    f->seats = seats_of(taken, waiting);
    f->wanted = 1;
    f->by = wm_lit("DEV");
    memcpy(f->person.id, A, WM_ID_LEN);
    f->person.known = true;
}


static wm_verdict_t
add_at(wm_enrol_facts_t *f, int64_t now_ms, const char **text)
{
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = unit_commit(WM_OP_ENROL);
    c->now_ms = now_ms;
    v = wm_enrol_add(c, unit_realm, f);

    assert_int_equal(v == WM_VERDICT_CREATED, c->neffects > 0);
    assert_false(c->failed);
    *text = unit_commit_text(c);

    return v;
}


static void
records(void **state)
{
    size_t      i;
    wm_enrol_t  e;

    static const char *const  bad[] = {
        "", "s", "s:1", "s:1:2", "s:1:2:3", "x:1:2:3:D", "ss:1:2:3:D",
        ":1:2:3:D", "-:1:2:3:D", "s:0:2:3:D", "s:400001:2:3:D", "s:-1:2:3:D",
        "s:1:x:3:D", "s:1:2:x:D", "s:1:2:-3:D", "s:1:9223372036854775808:3:D"
    };

    (void) state;

    assert_true(wm_enrol_load(wm_lit("o:2:17:42:staff:王"), &e));
    assert_int_equal(e.state, WM_ENROL_OFFERED);
    assert_true(e.seats == 2 && e.since_ms == 17 && e.until_ms == 42);
    assert_text(e.by, "staff:王");
    assert_text(e.text, "o:2:17:42:staff:王");

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_enrol_load(wm_str(bad[i]), &e), "took %s", bad[i]);
        assert_int_equal(e.state, WM_ENROL_NONE);
    }

    assert_false(wm_enrol_load(wm_null, &e));
    assert_int_equal(e.state, WM_ENROL_NONE);
}


static void
windows(void **state)
{
    size_t      i;
    wm_event_t  e;
    wm_seats_t  s;

    static const struct {
        wm_event_state_t    state;
        const char         *enrol;
        int64_t             capacity, taken, waiting, from, until, now;
        wm_enrol_window_t   window;
    } cases[] = {
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 0, 0, 0, WM_ENROL_OPEN },
        { WM_EVENT_PUBLISHED, "", 2, 1, 0, 0, 0, 0, WM_ENROL_OPEN },
        { WM_EVENT_PUBLISHED, "", 2, 2, 0, 0, 0, 0, WM_ENROL_FULL },
        { WM_EVENT_PUBLISHED, "", 2, 3, 0, 0, 0, 0, WM_ENROL_FULL },
        { WM_EVENT_PUBLISHED, "", 2, 1, 1, 0, 0, 0, WM_ENROL_FULL },
        { WM_EVENT_PUBLISHED, "", 0, 0, 0, 0, 0, 0, WM_ENROL_NOT_ASKED },
        { WM_EVENT_PUBLISHED, "open", 0, 9, 0, 0, 0, 0, WM_ENROL_OPEN },
        { WM_EVENT_PUBLISHED, "none", 2, 0, 0, 0, 0, 0, WM_ENROL_NOT_ASKED },
        { WM_EVENT_CANCELLED, "", 2, 0, 0, 0, 0, 0, WM_ENROL_GONE },
        { WM_EVENT_DRAFT, "", 2, 0, 0, 0, 0, 0, WM_ENROL_GONE },
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 10, 0, 9, WM_ENROL_EARLY },
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 10, 0, 10, WM_ENROL_OPEN },
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 0, 20, 19, WM_ENROL_OPEN },
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 0, 20, 20, WM_ENROL_OVER },
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 0, 0, START - UNIT_NOW - 1,
          WM_ENROL_OPEN },
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 0, 0, START - UNIT_NOW,
          WM_ENROL_OVER },
        { WM_EVENT_PUBLISHED, "", 2, 0, 0, 0, START, START - UNIT_NOW,
          WM_ENROL_OVER }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        event_of(&e, cases[i].capacity);
        e.state = cases[i].state;
        e.enrol = wm_str(cases[i].enrol);
        e.enrol_from_ms = cases[i].from > 0 ? UNIT_NOW + cases[i].from : 0;
        e.enrol_until_ms = cases[i].until > 0 ? UNIT_NOW + cases[i].until : 0;
        s = seats_of(cases[i].taken, cases[i].waiting);

        assert_case(wm_enrol_window(&e, &s, UNIT_NOW + cases[i].now)
                    == cases[i].window, "case %zu: %s", i,
                    wm_enrol_window_code(wm_enrol_window(&e, &s,
                        UNIT_NOW + cases[i].now)));
    }
}


static void
seated(void **state)
{
    const char        *text;
    wm_enrol_facts_t   f;

    (void) state;

    facts_of(&f, 50, 17, 0);
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_string_equal(text,
        "? heq wm:{furong}:event:7 version 3\n"
        "? heq wm:{furong}:enrol:7 " A " \"\"\n"
        "? zcard wm:{furong}:wait:7 1\n"
        "? hbelow wm:{furong}:seats:7 taken 50\n"
        "? exists wm:{furong}:person:" A "\n"
        "! HINCRBY wm:{furong}:seats:7 taken 1\n"
        "! HSET wm:{furong}:enrol:7 " A " s:1:1795395607123:0:DEV\n"
        "! HSET wm:{furong}:dev:DEV e:7:" A " 1795395607123\n");

    /* the last three seats for a group of three */

    facts_of(&f, 50, 47, 0);
    f.event.group_max = 3;
    f.wanted = 3;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_has(text, "? hbelow wm:{furong}:seats:7 taken 48\n");
    assert_has(text, "! HINCRBY wm:{furong}:seats:7 taken 3\n");

    /* no limit, no condition */

    facts_of(&f, 0, 1000, 0);
    f.event.enrol = wm_lit("open");
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_lacks(text, "hbelow");

    /* who left may come back; somebody new is written down */

    facts_of(&f, 50, 0, 0);
    assert_true(wm_enrol_load(wm_lit("c:1:1:0:DEV"), &f.old));
    f.person.known = false;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_has(text, "? heq wm:{furong}:enrol:7 " A " c:1:1:0:DEV\n");
    assert_has(text, "? absent wm:{furong}:person:" A "\n");

    /* by a worker: nothing on a device */

    facts_of(&f, 50, 0, 0);
    f.staff = true;
    f.by = wm_lit("staff:王");
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_lacks(text, "dev:");
}


static void
waiting(void **state)
{
    const char        *text;
    wm_enrol_facts_t   f;

    (void) state;

    /* the first to wait */

    facts_of(&f, 50, 50, 0);
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_string_equal(text,
        "? heq wm:{furong}:event:7 version 3\n"
        "? heq wm:{furong}:enrol:7 " A " \"\"\n"
        "? heq wm:{furong}:seats:7 taken 50\n"
        "? exists wm:{furong}:person:" A "\n"
        "! HINCRBY wm:{furong}:seats:7 seq 1\n"
        "! ZADD wm:{furong}:wait:7 @1 " A "\n"
        "! HSET wm:{furong}:enrol:7 " A " w:1:1795395607123:0:DEV\n"
        "! HSET wm:{furong}:dev:DEV e:7:" A " 1795395607123\n");

    /* behind others: how many seats are taken does not matter any more */

    facts_of(&f, 50, 50, 900);
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_has(text, "? exists wm:{furong}:wait:7\n");
    assert_lacks(text, "taken");

    /* nobody is overtaken, also where one seat is free */

    facts_of(&f, 50, 49, 1);
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_has(text, " w:1:");

    /* two do not fit into one seat */

    facts_of(&f, 50, 49, 0);
    f.event.group_max = 2;
    f.wanted = 2;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_has(text, "? heq wm:{furong}:seats:7 taken 49\n");
    assert_has(text, " w:2:");
}


/* ---- those who ordered it */

static wm_order_t
order_of(const char *person, const char *device, int64_t heads, int64_t made)
{
    return (wm_order_t) { .id = wm_lit("O"), .state = WM_ORDER_SUBMITTED,
                          .person = wm_str(person), .device = wm_str(device),
                          .head_count = heads, .made_ms = made };
}


static const char *
requesters_text(const wm_event_t *e, const wm_order_t *orders)
{
    wm_commit_t  *c;

    c = unit_commit(WM_OP_EVENT_PUBLISH);
    wm_enrol_requesters(c, e, orders);
    assert_false(c->failed);

    return unit_commit_text(c);
}


static void
requesters(void **state)
{
    wm_event_t   e;
    const char  *text;
    wm_order_t   orders[WM_EVENT_ORDERS] = {
        order_of(B, "DEV2", 10, 200), order_of(A, "DEV1", 30, 100),
        order_of(C, "", 20, 300), order_of(D, "DEV4", 1, 400)
    };

    (void) state;

    orders[2].by = wm_lit("王");

    /* in the order in which they asked; who is behind others waits */

    event_of(&e, 55);
    e.norders = 4;
    assert_string_equal(requesters_text(&e, orders),
        "? absent wm:{furong}:seats:7\n"
        "! HSET wm:{furong}:enrol:7 " A " s:30:100:0:DEV1\n"
        "! HSET wm:{furong}:dev:DEV1 e:7:" A " 1795395607123\n"
        "! HSET wm:{furong}:enrol:7 " B " s:10:200:0:DEV2\n"
        "! HSET wm:{furong}:dev:DEV2 e:7:" B " 1795395607123\n"
        "! ZADD wm:{furong}:wait:7 1 " C "\n"
        "! HSET wm:{furong}:enrol:7 " C " w:20:300:0:staff:王\n"
        "! ZADD wm:{furong}:wait:7 2 " D "\n"
        "! HSET wm:{furong}:enrol:7 " D " w:1:400:0:DEV4\n"
        "! HSET wm:{furong}:dev:DEV4 e:7:" D " 1795395607123\n"
        "! HSET wm:{furong}:seats:7 taken 40 seq 2\n");

    /* one place each, from the first order on; only what is planned now */

    orders[3] = order_of(B, "DEV3", 2, 50);
    orders[0].state = WM_ORDER_ACCEPTED;
    orders[1].state = WM_ORDER_CANCELLED;
    orders[2].event = wm_lit("8");
    assert_string_equal(requesters_text(&e, orders),
        "? absent wm:{furong}:seats:7\n"
        "! HSET wm:{furong}:enrol:7 " B " s:12:50:0:DEV3\n"
        "! HSET wm:{furong}:dev:DEV3 e:7:" B " 1795395607123\n"
        "! HSET wm:{furong}:seats:7 taken 12 seq 0\n");

    /* more than there are seats take all of them */

    e.capacity = 5;
    text = requesters_text(&e, orders);
    assert_has(text, " s:5:");
    assert_has(text, "taken 5 ");

    /* no limit, no seats at all, nobody to seat */

    e.capacity = 0;
    assert_string_equal(requesters_text(&e, orders), "");
    e.enrol = wm_lit("open");
    assert_has(requesters_text(&e, orders), " s:12:");
    e.enrol = wm_lit("none");
    e.capacity = 50;
    assert_string_equal(requesters_text(&e, orders), "");
    e.enrol = wm_null;
    orders[0].state = orders[3].state = WM_ORDER_NONE;
    assert_string_equal(requesters_text(&e, orders), "");
}


/* Forty of the longest orders are one commit. */

static void
requesters_at_the_limit(void **state)
{
    size_t        i;
    bool          nothing;
    wm_event_t    e;
    wm_commit_t  *c;
    wm_order_t    orders[WM_EVENT_ORDERS];

    (void) state;

    event_of(&e, 1);
    e.state = WM_EVENT_DRAFT;
    e.path = wm_lit("/1/2/3/4/5/6/");
    e.norders = WM_EVENT_ORDERS;

    for (i = 0; i < WM_EVENT_ORDERS; i++) {
        orders[i] = order_of(wm_printf(unit_pool, "%016zu", i).data, "DEV",
                             1, (int64_t) i);
        orders[i].handler_path = e.path;
    }

    c = unit_commit(WM_OP_EVENT_PUBLISH);
    assert_int_equal(wm_event_publish(c, &e, orders, wm_lit("/1/"), &nothing),
                     WM_VERDICT_OK);
    wm_enrol_requesters(c, &e, orders);
    assert_false(c->failed);
}


/* From the start on a worker seats who is there, whoever waits elsewhere. */

static void
seated_at_the_door(void **state)
{
    const char        *text;
    wm_enrol_facts_t   f;

    (void) state;

    facts_of(&f, 50, 49, 3);
    f.staff = true;
    assert_int_equal(add_at(&f, START - 1, &text), WM_VERDICT_CREATED);
    assert_has(text, " w:1:");

    assert_int_equal(add_at(&f, START, &text), WM_VERDICT_CREATED);
    assert_has(text, " s:1:");
    assert_has(text, "? hbelow wm:{furong}:seats:7 taken 50\n");
    assert_lacks(text, "wait:7");

    /* never more than there are */

    facts_of(&f, 50, 50, 3);
    f.staff = true;
    assert_int_equal(add_at(&f, START, &text), WM_VERDICT_CREATED);
    assert_has(text, " w:1:");
}


static void
not_added(void **state)
{
    const char        *text;
    wm_enrol_facts_t   f;

    (void) state;

    facts_of(&f, 5, 0, 0);
    assert_true(wm_enrol_load(wm_lit("s:1:1:0:OTHER"), &f.old));
    assert_int_equal(add_at(&f, START + HOUR, &text), WM_VERDICT_OK);
    assert_true(wm_enrol_load(wm_lit("w:1:1:0:OTHER"), &f.old));
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_OK);
    assert_true(wm_enrol_load(wm_printf(unit_pool, "o:1:1:%lld:OTHER",
        (long long) UNIT_NOW + 1), &f.old));
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_OK);
    assert_int_equal(add_at(&f, START, &text), WM_VERDICT_ENROL_OVER);

    facts_of(&f, 5, 0, 0);
    f.wanted = 2;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_INVALID);
    f.wanted = 0;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_INVALID);
    f.staff = true;
    f.wanted = 6;                       /* more than there will ever be */
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_INVALID);
    f.wanted = 5;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);

    facts_of(&f, 5, 0, 0);
    f.event.state = WM_EVENT_CANCELLED;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_STATE);

    facts_of(&f, 5, 0, 0);
    f.event.enrol_from_ms = UNIT_NOW + 1;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_ENROL_EARLY);
    f.staff = true;
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_int_equal(add_at(&f, START + HOUR - 1, &text),
                     WM_VERDICT_CREATED);
    assert_int_equal(add_at(&f, START + HOUR, &text), WM_VERDICT_ENROL_OVER);

    facts_of(&f, 0, 0, 0);
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_NO_ENROL);
}


/* ---- lists */

static wm_queued_t
queued(const char *person, const char *record)
{
    wm_queued_t  q = { wm_str(person), { 0 } };

    assert_true(wm_enrol_load(wm_str(record), &q.enrol));

    return q;
}


static void
list_of(wm_list_t *list, int64_t capacity, int64_t taken, wm_queued_t *queue,
    size_t n)
{
    memset(list, 0, sizeof(*list));

    event_of(&list->event, capacity);
    list->seats = seats_of(taken, (int64_t) n);
    list->offers = (wm_offers_t) { 24 * HOUR, 2 * HOUR };
    list->queue = queue;
    list->nqueue = n;
}


static wm_verdict_t
act_at(const wm_list_t *list, const wm_queued_t *who, wm_enrol_act_t act,
    int64_t now_ms, const char **text)
{
    bool           nothing;
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = unit_commit(WM_OP_ENROL_CANCEL);
    c->now_ms = now_ms;
    v = wm_enrol_act(c, list, who, act, wm_lit("DEV"), &nothing);

    assert_false(c->failed);
    assert_int_equal(v == WM_VERDICT_OK && !nothing, c->neffects > 0);
    *text = unit_commit_text(c);

    return v;
}


/* Enrolling anew over an offer that has run out gives its seats back once. */

static void
over_a_lapsed_offer(void **state)
{
    const char        *text;
    wm_enrol_facts_t   f;

    (void) state;

    facts_of(&f, 10, 5, 0);
    assert_true(wm_enrol_load(wm_printf(unit_pool, "o:2:1:%lld:DEV",
                                        (long long) UNIT_NOW - 1), &f.old));
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_has(text, "? hbelow wm:{furong}:seats:7 taken 12\n");
    assert_has(text, "! HINCRBY wm:{furong}:seats:7 taken -1\n");
    assert_has(text, "! ZREM wm:{furong}:offers:7 " A "\n");

    /* who has to wait holds nothing any more */

    facts_of(&f, 10, 10, 3);
    assert_true(wm_enrol_load(wm_printf(unit_pool, "o:2:1:%lld:DEV",
                                        (long long) UNIT_NOW - 1), &f.old));
    assert_int_equal(add_at(&f, UNIT_NOW, &text), WM_VERDICT_CREATED);
    assert_has(text, "! HINCRBY wm:{furong}:seats:7 taken -2\n");
    assert_has(text, "! ZADD wm:{furong}:wait:7 @1 " A "\n");
    assert_has(text, "! ZREM wm:{furong}:offers:7 " A "\n");
}


static void
cancelled(void **state)
{
    const char   *text;
    wm_list_t     list;
    wm_queued_t   who = queued(A, "s:1:1:0:DEV"), queue[3];

    (void) state;

    /* nobody waits, and nobody may come to wait meanwhile */

    list_of(&list, 2, 2, NULL, 0);
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_OK);
    assert_string_equal(text,
        "? habsent wm:{furong}:att:7 " A "\n"
        "? heq wm:{furong}:enrol:7 " A " s:1:1:0:DEV\n"
        "? zcard wm:{furong}:wait:7 1\n"
        "! HSET wm:{furong}:enrol:7 " A " c:1:1:0:DEV\n"
        "! HINCRBY wm:{furong}:seats:7 taken -1\n");

    /* the first takes it, if the second is still there to end the search */

    queue[0] = queued(B, "w:1:2:0:DEV2");
    queue[1] = queued(C, "w:1:3:0:DEV3");
    list_of(&list, 2, 2, queue, 2);
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_OK);
    assert_string_equal(text,
        "? habsent wm:{furong}:att:7 " A "\n"
        "? heq wm:{furong}:enrol:7 " A " s:1:1:0:DEV\n"
        "? heq wm:{furong}:event:7 version 3\n"
        "? heq wm:{furong}:seats:7 taken 2\n"
        "? heq wm:{furong}:enrol:7 " B " w:1:2:0:DEV2\n"
        "? heq wm:{furong}:enrol:7 " C " w:1:3:0:DEV3\n"
        "! HSET wm:{furong}:enrol:7 " A " c:1:1:0:DEV " B " s:1:2:0:DEV2\n"
        "! ZREM wm:{furong}:wait:7 " B "\n");

    /* the only one who waits: the queue must be as long as it was */

    list_of(&list, 2, 2, queue, 1);
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_OK);
    assert_has(text, "? zcard wm:{furong}:wait:7 2\n");

}


static void
cancelled_where_a_group_waits(void **state)
{
    const char   *text;
    wm_list_t     list;
    wm_queued_t   who = queued(A, "s:1:1:0:DEV"), queue[3];

    (void) state;

    /* it does not fit, and is not overtaken */

    queue[0] = queued(B, "w:2:2:0:DEV2");
    queue[1] = queued(C, "w:1:3:0:DEV3");
    list_of(&list, 2, 2, queue, 2);
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_OK);
    assert_has(text, "? heq wm:{furong}:enrol:7 " B " w:2:2:0:DEV2\n");
    assert_has(text, "! HINCRBY wm:{furong}:seats:7 taken -1\n");
    assert_lacks(text, "ZREM");

    /* the group leaves the queue: who is behind it fits */

    who = queued(B, "w:2:2:0:DEV");
    queue[0] = who;
    list_of(&list, 2, 1, queue, 2);
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_OK);
    assert_has(text, "! HSET wm:{furong}:enrol:7 " B " c:2:2:0:DEV " C
                     " s:1:3:0:DEV3\n");
    assert_has(text, "! ZREM wm:{furong}:wait:7 " B " " C "\n");
    assert_has(text, "? zcard wm:{furong}:wait:7 3\n");
    assert_has(text, "! HINCRBY wm:{furong}:seats:7 taken 1\n");

    /* a group's seats serve two */

    who = queued(A, "s:2:1:0:DEV");
    queue[0] = queued(B, "w:1:2:0:DEV2");
    queue[2] = queued(D, "w:1:4:0:DEV4");
    list_of(&list, 2, 2, queue, 3);
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_OK);
    assert_has(text, "! ZREM wm:{furong}:wait:7 " B " " C "\n");
    assert_has(text, "? heq wm:{furong}:enrol:7 " D " w:1:4:0:DEV4\n");
    assert_lacks(text, "HINCRBY");
}


/* To the millisecond: at once, or as an offer, which ends at the start. */

static void
offers(void **state)
{
    const char   *text;
    wm_list_t     list;
    wm_queued_t   who = queued(A, "s:1:1:0:DEV"), queue[1];

    (void) state;

    queue[0] = queued(B, "w:1:2:0:DEV2");
    list_of(&list, 1, 1, queue, 1);

    (void) act_at(&list, &who, WM_ENROL_CANCEL, START - 24 * HOUR - 1, &text);
    assert_has(text, B " s:1:2:0:DEV2\n");
    assert_lacks(text, "offers");

    (void) act_at(&list, &who, WM_ENROL_CANCEL, START - 24 * HOUR, &text);
    assert_has(text, wm_printf(unit_pool, B " o:1:2:%lld:DEV2\n",
                               (long long) (START - 22 * HOUR)).data);
    assert_has(text, wm_printf(unit_pool,
               "! ZADD wm:{furong}:offers:7 %lld " B "\n",
               (long long) (START - 22 * HOUR)).data);

    (void) act_at(&list, &who, WM_ENROL_CANCEL, START - HOUR, &text);
    assert_has(text, wm_printf(unit_pool, B " o:1:2:%lld:DEV2\n",
                               (long long) START).data);

    /* a worker enrolled him: there is no device to answer with */

    queue[0] = queued(B, "w:1:2:0:staff:王");
    (void) act_at(&list, &who, WM_ENROL_CANCEL, START - HOUR, &text);
    assert_has(text, B " s:1:2:0:staff:王\n");
}


static void
answered(void **state)
{
    const char   *text;
    wm_list_t     list;
    wm_queued_t   who, queue[1];

    (void) state;

    who = queued(A, wm_printf(unit_pool, "o:1:1:%lld:DEV",
                              (long long) UNIT_NOW).data);
    queue[0] = queued(B, "w:1:2:0:DEV2");
    list_of(&list, 1, 1, queue, 1);

    assert_int_equal(act_at(&list, &who, WM_ENROL_ACCEPT, UNIT_NOW - 1,
                            &text), WM_VERDICT_OK);
    assert_has(text, "! ZREM wm:{furong}:offers:7 " A "\n");
    assert_has(text, A " s:1:1:0:DEV\n");
    assert_lacks(text, "seats");        /* it was held */

    assert_int_equal(act_at(&list, &who, WM_ENROL_DECLINE, UNIT_NOW - 1,
                            &text), WM_VERDICT_OK);
    assert_has(text, A " d:1:1:0:DEV " B " s:1:2:0:DEV2\n");
    assert_has(text, "! ZREM wm:{furong}:offers:7 " A "\n");

    assert_int_equal(act_at(&list, &who, WM_ENROL_ACCEPT, UNIT_NOW, &text),
                     WM_VERDICT_OFFER_OVER);
    assert_int_equal(wm_enrol_now(&who.enrol, &list.event, UNIT_NOW - 1),
                     WM_ENROL_OFFERED);
    assert_int_equal(wm_enrol_now(&who.enrol, &list.event, UNIT_NOW),
                     WM_ENROL_DECLINED);
}


static void
not_for_you(void **state)
{
    size_t        i;
    const char   *text;
    wm_list_t     list;
    wm_queued_t   who;
    wm_verdict_t  v;

    static const struct {
        const char       *record;
        wm_enrol_act_t    act;
        int64_t           now_ms;
        wm_verdict_t      verdict;
    } cases[] = {
        { "s:1:1:0:DEV2", WM_ENROL_CANCEL, UNIT_NOW, WM_VERDICT_NOT_FOUND },
        { "s:1:1:0:staff:DEV", WM_ENROL_CANCEL, UNIT_NOW,
          WM_VERDICT_NOT_FOUND },
        { "c:1:1:0:DEV", WM_ENROL_CANCEL, UNIT_NOW, WM_VERDICT_OK },
        { "d:1:1:0:DEV", WM_ENROL_CANCEL, UNIT_NOW, WM_VERDICT_STATE },
        { "s:1:1:0:DEV", WM_ENROL_CANCEL, START - 1, WM_VERDICT_OK },
        { "s:1:1:0:DEV", WM_ENROL_CANCEL, START, WM_VERDICT_ENROL_OVER },
        { "s:1:1:0:DEV", WM_ENROL_ACCEPT, UNIT_NOW, WM_VERDICT_OK },
        { "w:1:1:0:DEV", WM_ENROL_ACCEPT, UNIT_NOW, WM_VERDICT_STATE },
        { "c:1:1:0:DEV", WM_ENROL_ACCEPT, UNIT_NOW, WM_VERDICT_STATE },
        { "w:1:1:0:DEV", WM_ENROL_DECLINE, UNIT_NOW, WM_VERDICT_STATE },
        { "s:1:1:0:DEV", WM_ENROL_DECLINE, UNIT_NOW, WM_VERDICT_STATE },
        { "d:1:1:0:DEV", WM_ENROL_DECLINE, UNIT_NOW, WM_VERDICT_OK },
        { "o:1:1:1:DEV", WM_ENROL_CANCEL, UNIT_NOW, WM_VERDICT_OFFER_OVER }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        who = queued(A, cases[i].record);
        list_of(&list, 1, 1, NULL, 0);
        v = act_at(&list, &who, cases[i].act, cases[i].now_ms, &text);
        assert_case(v == cases[i].verdict, "case %zu: %s", i,
                    wm_verdict_code(v));
    }

    who = queued(A, "s:1:1:0:DEV");
    list.event.state = WM_EVENT_CANCELLED;
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_STATE);
    assert_int_equal(wm_enrol_now(&who.enrol, &list.event, UNIT_NOW),
                     WM_ENROL_CANCELLED);

    memset(&who.enrol, 0, sizeof(who.enrol));
    assert_int_equal(act_at(&list, &who, WM_ENROL_CANCEL, UNIT_NOW, &text),
                     WM_VERDICT_NOT_FOUND);
}


static bool
settle_at(const wm_list_t *list, int64_t now_ms, const char **text)
{
    bool          moved;
    wm_commit_t  *c;

    c = unit_commit(WM_OP_ENROL_SETTLE);
    c->now_ms = now_ms;
    moved = wm_enrol_settle(c, list);

    assert_false(c->failed);
    assert_int_equal(moved, c->neffects > 0);
    *text = unit_commit_text(c);

    return moved;
}


static void
settled(void **state)
{
    const char   *text;
    wm_list_t     list;
    wm_queued_t   queue[2], due[1];

    (void) state;

    queue[0] = queued(B, "w:1:2:0:DEV2");
    queue[1] = queued(C, "w:1:3:0:DEV3");
    due[0] = queued(A, "o:1:1:42:DEV");

    /* full: nothing to do; more room: in their order */

    list_of(&list, 1, 1, queue, 2);
    assert_false(settle_at(&list, UNIT_NOW, &text));
    list_of(&list, 2, 1, queue, 2);
    assert_true(settle_at(&list, UNIT_NOW, &text));
    assert_has(text, B " s:1:2:0:DEV2\n");
    list_of(&list, 0, 1, queue, 2);
    assert_true(settle_at(&list, UNIT_NOW, &text));
    assert_has(text, "! ZREM wm:{furong}:wait:7 " B " " C "\n");
    assert_has(text, "! HINCRBY wm:{furong}:seats:7 taken 2\n");

    /* less room takes nothing away */

    list_of(&list, 1, 5, queue, 2);
    assert_false(settle_at(&list, UNIT_NOW, &text));

    /* an offer that has run out is the next one's */

    list_of(&list, 1, 1, queue, 2);
    list.due = due;
    list.ndue = 1;
    assert_true(settle_at(&list, UNIT_NOW, &text));
    assert_has(text, A " d:1:1:0:DEV " B " s:1:2:0:DEV2\n");
    assert_false(settle_at(&list, 41, &text));

    /* who has left meanwhile is passed over */

    queue[0] = queued(B, "c:1:2:0:DEV2");
    list_of(&list, 2, 1, queue, 2);
    assert_true(settle_at(&list, UNIT_NOW, &text));
    assert_has(text, "! ZREM wm:{furong}:wait:7 " C "\n");
    assert_has(text, "? zcard wm:{furong}:wait:7 2\n");

    /* only the first of many were read: how many follow is not asked */

    list.cut = true;
    assert_true(settle_at(&list, UNIT_NOW, &text));
    assert_lacks(text, "zcard");

    /* when it is cancelled, all stays as it is */

    assert_true(settle_at(&list, START - 1, &text));
    list.event.state = WM_EVENT_CANCELLED;
    assert_false(settle_at(&list, UNIT_NOW, &text));
}


/* Who waits is served until the start, an offer may run out until the end. */

static void
settled_while_it_runs(void **state)
{
    const char   *text;
    wm_list_t     list;
    wm_queued_t   queue[1], due[1];

    (void) state;

    queue[0] = queued(B, "w:1:2:0:DEV2");
    due[0] = queued(A, "o:2:1:42:DEV");

    list_of(&list, 5, 2, queue, 1);
    assert_true(settle_at(&list, START - 1, &text));
    assert_false(settle_at(&list, START, &text));

    list.due = due;
    list.ndue = 1;
    assert_true(settle_at(&list, START, &text));
    assert_has(text, "! HINCRBY wm:{furong}:seats:7 taken -2\n");
    assert_has(text, "! ZREM wm:{furong}:offers:7 " A "\n");
    assert_has(text, A " d:2:1:0:DEV\n");
    assert_lacks(text, B);
    assert_true(settle_at(&list, START + HOUR - 1, &text));
    assert_false(settle_at(&list, START + HOUR, &text));
}


/* The most that one commit serves, with offers, fits into it. */

static void
many(void **state)
{
    size_t        i;
    wm_list_t     list;
    wm_commit_t  *c;
    wm_queued_t   queue[2 * WM_ENROL_MOVE], due[WM_ENROL_DUE];

    (void) state;

    for (i = 0; i < wm_countof(queue); i++) {
        queue[i] = queued(wm_printf(unit_pool, "Q%015zu", i).data,
                          "w:1:2:0:DEV2");
    }

    for (i = 0; i < wm_countof(due); i++) {
        due[i] = queued(wm_printf(unit_pool, "D%015zu", i).data,
                        "o:1:1:42:DEV");
    }

    list_of(&list, 100000, 64, queue, wm_countof(queue));
    list.offers.before_ms = 100 * HOUR;
    list.due = due;
    list.ndue = wm_countof(due);
    list.cut = true;

    c = unit_commit(WM_OP_ENROL_SETTLE);
    assert_true(wm_enrol_settle(c, &list));
    assert_false(c->failed);
    assert_true(c->nneeds < WM_COMMIT_STEPS);
    assert_true(c->neffects < WM_COMMIT_STEPS);
}


static void
stale(void **state)
{
    wm_event_t  e;
    wm_seats_t  s = seats_of(2, 1), none = seats_of(1, 0);

    (void) state;

    event_of(&e, 2);
    assert_false(wm_enrol_is_stale(&e, &s, false, UNIT_NOW));
    assert_true(wm_enrol_is_stale(&e, &s, true, UNIT_NOW));
    assert_false(wm_enrol_is_stale(&e, &none, false, UNIT_NOW));
    e.capacity = 3;
    assert_true(wm_enrol_is_stale(&e, &s, false, UNIT_NOW));
    assert_true(wm_enrol_is_stale(&e, &s, false, START - 1));
    assert_false(wm_enrol_is_stale(&e, &s, false, START));
    assert_true(wm_enrol_is_stale(&e, &s, true, START));
    assert_true(wm_enrol_is_stale(&e, &s, true, START + HOUR - 1));
    assert_false(wm_enrol_is_stale(&e, &s, true, START + HOUR));
    e.state = WM_EVENT_CANCELLED;
    assert_false(wm_enrol_is_stale(&e, &s, true, UNIT_NOW));
}


static void
fields(void **state)
{
    wm_str_t  event, person;

    (void) state;

    assert_true(wm_enrol_field(wm_lit("e:7:" A), &event, &person));
    assert_text(event, "7");
    assert_text(person, A);

    assert_false(wm_enrol_field(wm_lit("a:7:" A), &event, &person));
    assert_false(wm_enrol_field(wm_lit("e:7"), &event, &person));
    assert_false(wm_enrol_field(wm_lit("e::" A), &event, &person));
    assert_false(wm_enrol_field(wm_lit("e:7:x"), &event, &person));
}


/* Check-in where a place is needed. */

static void
walk_in(void **state)
{
    size_t              i;
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_verdict_t        v;
    wm_attend_facts_t   f;

    static const struct {
        const char       *walk_in;
        const char       *record;
        wm_assurance_t    how;
        wm_verdict_t      verdict;
    } cases[] = {
        { "", NULL, WM_ASSURANCE_SCREEN, WM_VERDICT_CREATED },
        { "yes", NULL, WM_ASSURANCE_SCREEN, WM_VERDICT_CREATED },
        { "no", NULL, WM_ASSURANCE_SCREEN, WM_VERDICT_NO_PLACE },
        { "no", NULL, WM_ASSURANCE_TYPED, WM_VERDICT_NO_PLACE },
        { "no", NULL, WM_ASSURANCE_HAND, WM_VERDICT_CREATED },
        { "no", "s:1:1:0:DEV", WM_ASSURANCE_SCREEN, WM_VERDICT_CREATED },
        { "no", "w:1:1:0:DEV", WM_ASSURANCE_SCREEN, WM_VERDICT_NO_PLACE },
        { "no", "c:1:1:0:DEV", WM_ASSURANCE_SCREEN, WM_VERDICT_NO_PLACE },
        { "no", "o:1:1:1:DEV", WM_ASSURANCE_SCREEN, WM_VERDICT_NO_PLACE },
        { "no", "o:1:1:9999999999999:DEV", WM_ASSURANCE_SCREEN,
          WM_VERDICT_CREATED },
        { "no", "spoilt", WM_ASSURANCE_SCREEN, WM_VERDICT_NO_PLACE }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        memset(&f, 0, sizeof(f));
        event_of(&f.event, 1);
        f.event.walk_in = wm_str(cases[i].walk_in);
        memcpy(f.person.id, A, WM_ID_LEN);
        f.person.known = true;
        f.enrolled = wm_str(cases[i].record);
        f.how = cases[i].how;
        f.by = wm_lit("2");

        c = unit_commit(WM_OP_CHECK_IN);
        c->now_ms = START;
        v = wm_attend_check(c, unit_realm, &f, &done);

        assert_case(v == cases[i].verdict, "case %zu: %s", i,
                    wm_verdict_code(v));
        unit_contains(unit_commit_text(c), "? heq wm:{furong}:enrol:7",
                      v == WM_VERDICT_CREATED && cases[i].record != NULL,
                      __FILE__, __LINE__);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(records),
        unit_case(windows),
        unit_case(seated),
        unit_case(waiting),
        unit_case(requesters),
        unit_case(requesters_at_the_limit),
        unit_case(seated_at_the_door),
        unit_case(not_added),
        unit_case(over_a_lapsed_offer),
        unit_case(cancelled),
        unit_case(cancelled_where_a_group_waits),
        unit_case(offers),
        unit_case(answered),
        unit_case(not_for_you),
        unit_case(settled),
        unit_case(settled_while_it_runs),
        unit_case(many),
        unit_case(stale),
        unit_case(fields),
        unit_case(walk_in)
    };

    return cmocka_run_group_tests_name("enrol", tests, NULL, NULL);
}
