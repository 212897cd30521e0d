#include "unit.h"
#include "wm_notify.h"

#define A  "AAAAAAAAAAAAAAAA"
#define B  "BBBBBBBBBBBBBBBB"
#define C  "CCCCCCCCCCCCCCCC"
#define D  "DDDDDDDDDDDDDDDD"
#define O1  "0RDER00000000001"
#define W1  "W1SH000000000001"

#define K(rest)  "wm:{furong}:" rest

#define HOUR  WM_HOUR_MS


/* ---- effects as Redis packs them */

static void
pack_str(wm_buf_t *b, const char *s)
{
    size_t  n = strlen(s);

    if (n < 32) {
        wm_putc(b, (char) (0xa0 | n));

    } else if (n < 256) {
        wm_putc(b, (char) 0xd9);
        wm_putc(b, (char) n);

    } else {
        wm_putc(b, (char) 0xda);
        wm_putc(b, (char) (n >> 8));
        wm_putc(b, (char) n);
    }

    wm_puts(b, s);
}


/* One effect, its words up to a NULL; "@" is the reply of effect 1. */

static wm_str_t
effects(const char *word, ...)
{
    size_t    n;
    va_list   args;
    wm_buf_t  b, words;

    wm_buf_init(&words, unit_pool, 64);
    va_start(args, word);

    for (n = 0; word != NULL; word = va_arg(args, const char *), n++) {
        if (strcmp(word, "@") == 0) {
            wm_putc(&words, 1);

        } else {
            pack_str(&words, word);
        }
    }

    va_end(args);

    assert_true(n < 15);
    wm_buf_init(&b, unit_pool, 64);
    wm_putc(&b, (char) (0x90 | (n + 1)));
    wm_putc(&b, (char) n);
    wm_put(&b, wm_buf_str(&words));

    return wm_buf_str(&b);
}


static wm_str_t
bytes(const char *s, size_t n)
{
    return (wm_str_t) { n, s };
}

#define BYTES(s)  bytes(s, sizeof(s) - 1)


static void
packed(void **state)
{
    size_t        i;
    uint32_t      n;
    uint64_t      number;
    wm_str_t      s;
    wm_packed_t   in;

    static const struct {
        const char  *bytes;
        size_t       len;
        uint64_t     value;
    } numbers[] = {
        { "\x00", 1, 0 }, { "\x7f", 1, 127 }, { "\xcc\xff", 2, 255 },
        { "\xcd\x01\x00", 3, 256 }, { "\xce\x00\x01\x00\x00", 5, 65536 },
        { "\xcf\x00\x00\x00\x01\x00\x00\x00\x00", 9, UINT64_C(1) << 32 }
    };

    (void) state;

    for (i = 0; i < wm_countof(numbers); i++) {
        in.p = numbers[i].bytes;
        in.end = in.p + numbers[i].len;
        assert_true(wm_packed_number(&in, &number));
        assert_true(number == numbers[i].value && in.p == in.end);

        in.p = numbers[i].bytes;
        in.end = in.p + numbers[i].len - 1;
        assert_false(wm_packed_number(&in, &number));
        assert_ptr_equal(in.p, numbers[i].bytes);
    }

    in = (wm_packed_t) { "\xdc\x01\x00", NULL };
    in.end = in.p + 3;
    assert_true(wm_packed_list(&in, &n) && n == 256);
    in = (wm_packed_t) { "\xdd\x00\x00\x00\x02", NULL };
    in.end = in.p + 4;
    assert_false(wm_packed_list(&in, &n));
    in.end = in.p + 5;
    assert_true(wm_packed_list(&in, &n) && n == 2);
    in = (wm_packed_t) { "\xa0", NULL };
    in.end = in.p + 1;
    assert_false(wm_packed_list(&in, &n));
    assert_false(wm_packed_number(&in, &number));
    assert_true(wm_packed_str(&in, &s) && s.len == 0);
    assert_false(wm_packed_str(&in, &s));

    in = (wm_packed_t) { "\xd9\x02xy", NULL };
    in.end = in.p + 3;
    assert_false(wm_packed_str(&in, &s));
    in.end = in.p + 4;
    assert_true(wm_packed_str(&in, &s));
    assert_text(s, "xy");
    in = (wm_packed_t) { "\xdb\xff\xff\xff\xff", NULL };
    in.end = in.p + 5;
    assert_false(wm_packed_str(&in, &s));
    in = (wm_packed_t) { "\x91", NULL };
    in.end = in.p + 1;
    assert_false(wm_packed_str(&in, &s));
}


/* ---- what an entry tells */

/* "kind event order person mark; ..." */

static const char *
told(const char *verb, wm_str_t packed_effects)
{
    size_t      i, n;
    wm_buf_t    b;
    wm_told_t  *t;

    t = wm_notify_told(unit_pool, wm_lit("furong"), wm_str(verb),
                       packed_effects, &n);
    assert_non_null(t);
    wm_buf_init(&b, unit_pool, 64);

    for (i = 0; i < n; i++) {
        wm_putf(&b, "%s%s %.*s %.*s %.*s %d", i > 0 ? "; " : "",
                wm_notice_code(t[i].kind), wm_fmt(t[i].event),
                wm_fmt(t[i].order), wm_fmt(t[i].person), (int) t[i].mark_ms);

        if (t[i].wish.len > 0) {
            wm_putf(&b, " %.*s", wm_fmt(t[i].wish));
        }
    }

    wm_putc(&b, '\0');

    return b.data;
}


static void
orders(void **state)
{
    size_t  i, j;

    /* what each verb with each state tells the requester */

    static const char *const  states[] = {
        "submitted", "dispatched", "accepted", "scheduled", "completed",
        "rejected", "cancelled", "expired"
    };
    static const struct {
        const char  *verb;
        const char  *status;
        const char  *kind;
    } hears[] = {
        { "order.accept", "accepted", "order_accepted" },
        { "order.reject", "rejected", "order_rejected" },
        { "order.decline", "submitted", "order_returned" },
        { "order.expire", "expired", "order_expired" },
        { "event.publish", "scheduled", "order_scheduled" },
        { "event.cancel", "submitted", "event_cancelled" },
        { "order.submit", "", "" }, { "order.cancel", "", "" },
        { "order.dispatch", "", "" }, { "order.reassign", "", "" },
        { "order.escalate", "", "" }, { "order.complete", "", "" },
        { "event.complete", "", "" }, { "import", "", "" },
        { "notify.queue", "", "" }
    };

    (void) state;

    for (i = 0; i < wm_countof(hears); i++) {
        for (j = 0; j < wm_countof(states); j++) {
            const char  *seen, *want = "";

            seen = told(hears[i].verb, effects("HSET", K("order:" O1),
                        "log", "x", "status", states[j], "due", "0", NULL));

            if (strcmp(states[j], hears[i].status) == 0) {
                want = wm_printf(unit_pool, "%s  " O1 "  0",
                                 hears[i].kind).data;
            }

            assert_string_equal(seen, want);
        }
    }
}


static void
places(void **state)
{
    size_t  i;

    static const char *const  verbs[] = {
        "enrol.cancel", "enrol.decline", "enrol.settle", "enrol.remove"
    };
    static const char *const  others[] = {
        "enrol.add", "enrol.accept", "enrol.hand", "attend.in"
    };

    (void) state;

    for (i = 0; i < wm_countof(verbs); i++) {
        assert_string_equal(told(verbs[i], effects("HSET", K("enrol:7"),
            A, "s:1:1:0:x", B, "o:1:1:9:x", D, "w:1:1:0:x", C, "d:1:1:0:x",
            NULL)), "seat_given 7  " A " 0; place_offered 7  " B " 0");
    }

    assert_string_equal(told("enrol.remove", effects("HSET", K("enrol:7"),
        A, "c:1:1:0:x", NULL)), "place_removed 7  " A " 0");
    assert_string_equal(told("enrol.cancel", effects("HSET", K("enrol:7"),
        A, "c:1:1:0:x", B, "seated", C, "s", NULL)), "");

    for (i = 0; i < wm_countof(others); i++) {
        assert_string_equal(told(others[i], effects("HSET", K("enrol:7"),
            A, "s:1:1:0:x", NULL)), "");
    }
}


static void
events(void **state)
{
    (void) state;

    assert_string_equal(told("event.cancel", effects("HSET", K("event:7"),
        "status", "cancelled", "cancelled", "17", NULL)),
        "event_cancelled 7   0");
    assert_string_equal(told("event.change", effects("HSET", K("event:7"),
        "moved", "17", NULL)), "event_changed 7   17");
    assert_string_equal(told("event.change", effects("HSET", K("event:7"),
        "place", "x", NULL)), "");
    assert_string_equal(told("event.publish", effects("HSET", K("event:7"),
        "status", "published", NULL)), "");
}


/* What each verb with each state tells the wisher. */

static void
wishes(void **state)
{
    size_t  i, j;

    static const char *const  states[] = {
        "submitted", "open", "claimed", "done", "answered", "ordered",
        "refused", "withdrawn"
    };
    static const struct {
        const char  *verb;
        const char  *status;
        const char  *kind;
    } hears[] = {
        { "wish.publish", "open", "wish_opened" },
        { "wish.refuse", "refused", "wish_refused" },
        { "wish.claim", "claimed", "wish_claimed" },
        { "wish.fulfil", "done", "wish_done" },
        { "wish.answer", "answered", "wish_answered" },
        { "wish.order", "ordered", "wish_ordered" },
        { "wish.release", "open", "wish_released" },
        { "wish.submit", "", "" },
        { "wish.withdraw", "", "" }, { "order.accept", "", "" }
    };

    (void) state;

    for (i = 0; i < wm_countof(hears); i++) {
        for (j = 0; j < wm_countof(states); j++) {
            const char  *want = "";

            if (strcmp(states[j], hears[i].status) == 0) {
                want = wm_printf(unit_pool, "%s    0 " W1,
                                 hears[i].kind).data;
            }

            assert_string_equal(told(hears[i].verb, effects("HSET",
                K("wish:" W1), "status", states[j], "log", "x", NULL)),
                want);
        }
    }

    /* the order that it becomes is not told by itself */

    assert_string_equal(told("wish.order", effects("HSET", K("order:" O1),
        "status", "submitted", NULL)), "");
}


/* Orders of an entry get its event, wherever that stands. */

static void
several(void **state)
{
    wm_buf_t  b;
    wm_str_t  one, two;

    (void) state;

    one = effects("HSET", K("order:" O1), "status", "scheduled", NULL);
    two = effects("HSET", K("event:7"), "status", "published", NULL);

    wm_buf_init(&b, unit_pool, 64);
    wm_putc(&b, (char) (0x90 | 10));
    wm_put(&b, (wm_str_t) { one.len - 1, one.data + 1 });
    wm_put(&b, (wm_str_t) { two.len - 1, two.data + 1 });

    assert_string_equal(told("event.publish", wm_buf_str(&b)),
                        "order_scheduled 7 " O1 "  0");
}


/* Damage, other districts, other records: nothing, and no harm. */

static void
nothing(void **state)
{
    size_t    i;
    wm_str_t  whole, cut;

    (void) state;

    whole = effects("HSET", K("order:" O1), "status", "accepted", NULL);

    for (i = 0; i < whole.len; i++) {
        cut = wm_dup(unit_pool, (wm_str_t) { i, whole.data });
        assert_string_equal(told("order.accept", cut), "");
    }

    assert_string_equal(told("order.accept", wm_null), "");
    assert_string_equal(told("order.accept", BYTES("\xff\xff")), "");
    assert_string_equal(told("order.accept", BYTES("\x93\x02\x01\x01")), "");
    assert_string_equal(told("order.accept", BYTES("\x92\x01\xa1x")), "");
    assert_string_equal(told("order.accept", BYTES("\x92\x00\xa1x")), "");
    assert_string_equal(told("order.accept",
                             BYTES("\x92\xce\xff\xff\xff\xff\xa1x")), "");
    assert_string_equal(told("order.accept", BYTES("\x93\x02\xc0\xc0")), "");

    assert_string_equal(told("order.accept", effects("HSET",
        "wm:{other}:order:" O1, "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET",
        "wm:(furong):order:" O1, "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET",
        "xx:{furong}:order:" O1, "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET", K("order"),
        "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET", K("order:"),
        "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET", "wm",
        "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HDEL", K("order:" O1),
        "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET", K("team:" O1),
        "status", "accepted", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET", K("order:" O1),
        "status", "@", NULL)), "");
    assert_string_equal(told("order.accept", effects("HSET", K("order:" O1),
        "status", NULL)), "");
    assert_string_equal(told("event.change", effects("HSET", K("event:7"),
        "moved", "soon", NULL)), "event_changed 7   0");
}


/* ---- who hears of it */

static const char *
listed(wm_notify_list_t *list)
{
    size_t        i, n;
    wm_buf_t      b;
    wm_notify_t  *items;

    items = wm_notify_sorted(list, &n);
    assert_non_null(items);
    wm_buf_init(&b, unit_pool, 64);

    for (i = 0; i < n; i++) {
        wm_putf(&b, "%.*s %.*s\n", wm_fmt(items[i].id),
                wm_fmt(wm_notify_record(unit_pool, &items[i])));
    }

    wm_putc(&b, '\0');

    return b.data;
}


static void
of_event(void **state)
{
    wm_told_t         t = { WM_NOTICE_EVENT_CHANGED, wm_lit("7"), wm_null,
                            wm_null, 17, wm_null };
    wm_order_t        order = { .id = wm_lit(O1), .person = wm_lit(B),
                                .event = wm_lit("7"),
                                .state = WM_ORDER_SCHEDULED };
    wm_notify_list_t  list;

    (void) state;

    /* seated, waiting, offered; not cancelled, declined, offered too long */

    wm_notify_list(&list, unit_pool, wm_lit("5-0"), 99);
    wm_notify_places(&list, &t, unit_hash(C, "w:1:1:0:x", B, "s:1:1:0:x",
        A, "o:1:1:1001:x", D, "o:1:1:1000:x", "EEEEEEEEEEEEEEEE",
        "c:1:1:0:x", "FFFFFFFFFFFFFFFF", "d:1:1:0:x", "GGGGGGGGGGGGGGGG",
        "what?", "nobody", "s:1:1:0:x", NULL), 1000);

    /* whose order it is, once, and with the order */

    wm_notify_order(&list, &t, &order);
    order.person = wm_lit(D);
    wm_notify_order(&list, &t, &order);
    order.person = wm_lit("HHHHHHHHHHHHHHHH");
    order.event = wm_lit("8");
    wm_notify_order(&list, &t, &order);
    order.event = wm_lit("7");
    order.state = WM_ORDER_SUBMITTED;
    wm_notify_order(&list, &t, &order);

    assert_string_equal(listed(&list),
        "5-0.event_changed." A " event_changed:" A ":7::17:99:0:0\n"
        "5-0.event_changed." B " event_changed:" B ":7:" O1 ":17:99:0:0\n"
        "5-0.event_changed." C " event_changed:" C ":7::17:99:0:0\n"
        "5-0.event_changed." D " event_changed:" D ":7:" O1 ":17:99:0:0\n");
}


static void
of_order(void **state)
{
    wm_told_t         t = { WM_NOTICE_ORDER_ACCEPTED, wm_null, wm_lit(O1),
                            wm_null, 0, wm_null };
    wm_told_t         seat = { WM_NOTICE_SEAT_GIVEN, wm_lit("7"), wm_null,
                               wm_lit(A), 0, wm_null };
    wm_order_t        order = { .id = wm_lit(O1), .person = wm_lit(B),
                                .state = WM_ORDER_ACCEPTED };
    wm_notify_list_t  list;

    (void) state;

    wm_notify_list(&list, unit_pool, wm_lit("5-0"), 99);
    wm_notify_order(&list, &t, &order);
    wm_notify_person(&list, &seat);
    memset(&order, 0, sizeof(order));   /* it is not there any more */
    wm_notify_order(&list, &t, &order);

    assert_string_equal(listed(&list),
        "5-0.order_accepted." O1 " order_accepted:" B "::" O1 ":0:99:0:0\n"
        "5-0.seat_given." A " seat_given:" A ":7::0:99:0:0\n");
}


static void
of_wish(void **state)
{
    wm_told_t         t = { .kind = WM_NOTICE_WISH_CLAIMED,
                            .wish = wm_lit(W1) };
    wm_wish_t         wish = { .id = wm_lit(W1), .person = wm_lit(B) };
    wm_notify_t       n;
    wm_notify_list_t  list;

    (void) state;

    wm_notify_list(&list, unit_pool, wm_lit("5-0"), 99);
    wm_notify_wish(&list, &t, &wish);
    wish.person = wm_lit("");           /* it is nobody's any more */
    wm_notify_wish(&list, &t, &wish);
    wish.person = wm_lit(B);
    t.wish = wm_lit("no id");
    wm_notify_wish(&list, &t, &wish);

    assert_string_equal(listed(&list),
        "5-0.wish_claimed." W1 " wish_claimed:" B "::" W1 ":0:99:0:0\n");

    assert_true(wm_notify_load(wm_lit("x"), wm_lit("wish_claimed:" B "::" W1
                               ":0:99:0:0"), &n));
    assert_text(n.wish, W1);
    assert_true(n.order.len == 0);
    assert_false(wm_notify_load(wm_lit("x"), wm_lit("wish_claimed:" B
                                ":::0:99:0:0"), &n));
    assert_false(wm_notify_load(wm_lit("x"), wm_lit("wish_claimed:" B
                                "::x:0:99:0:0"), &n));
}


static void
reminders(void **state)
{
    size_t            i;
    wm_event_t        e = { .id = wm_lit("7"), .state = WM_EVENT_PUBLISHED };
    wm_notify_list_t  list;

    static const struct {
        int64_t            ahead_ms;
        wm_event_state_t   state;
    } none[] = {
        { 0, WM_EVENT_PUBLISHED }, { -1, WM_EVENT_PUBLISHED },
        { 24 * HOUR + 1, WM_EVENT_PUBLISHED }, { HOUR, WM_EVENT_CANCELLED },
        { HOUR, WM_EVENT_DRAFT }
    };

    (void) state;

    e.start_ms = UNIT_NOW + 24 * HOUR;

    wm_notify_list(&list, unit_pool, wm_null, 99);
    wm_notify_remind(&list, &e, unit_hash(A, "s:1:1:0:x", B, "w:1:1:0:x",
        C, "s:1:1:0:x", D, "s:1:1:0:x", NULL),
        unit_hash(C, "1795482007123", D, "1", NULL), UNIT_NOW);

    assert_string_equal(listed(&list),
        "7-1795482007123.event_tomorrow." A " event_tomorrow:" A
        ":7::1795482007123:99:0:0\n"
        "7-1795482007123.event_tomorrow." D " event_tomorrow:" D
        ":7::1795482007123:99:0:0\n");

    for (i = 0; i < wm_countof(none); i++) {
        e.start_ms = UNIT_NOW + none[i].ahead_ms;
        e.state = none[i].state;
        wm_notify_list(&list, unit_pool, wm_null, 99);
        wm_notify_remind(&list, &e, unit_hash(A, "s:1:1:0:x", NULL),
                         unit_hash(NULL, NULL), UNIT_NOW);
        assert_string_equal(listed(&list), "");
    }
}


static void
records(void **state)
{
    size_t       i;
    wm_notify_t  n;

    static const char *const  bad[] = {
        "", "x", "x:" A ":7::0:1:0:0", "seat_given", "seat_given:" A,
        "seat_given:short:7::0:1:0:0", "seat_given:" A ":7::0:1:0",
        "seat_given:" A ":7::0:1:0:0:0", "seat_given:" A ":7::x:1:0:0",
        "seat_given:" A ":7::0::0:0", "seat_given:" A ":7::0:1:-1:0"
    };

    (void) state;

    assert_true(wm_notify_load(wm_lit("5-0.x"), wm_lit("event_changed:" A
        ":7:" O1 ":17:99:3:500"), &n));
    assert_text(wm_notify_record(unit_pool, &n), "event_changed:" A
                ":7:" O1 ":17:99:3:500");
    assert_text(n.id, "5-0.x");

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_notify_load(wm_lit("x"), wm_str(bad[i]), &n),
                    "took %s", bad[i]);
        assert_text(n.text, bad[i]);
    }

    assert_false(wm_notify_load(wm_lit("x"), wm_null, &n));

    assert_true(wm_notify_load(wm_lit("5-0.seat_given." A),
                               wm_lit("seat_given:" A ":7::0:1:0:0"), &n));
    assert_false(wm_notify_load(wm_lit("5-0\r\nHost: x"),
                                wm_lit("seat_given:" A ":7::0:1:0:0"), &n));
    assert_false(wm_notify_load(wm_lit(""),
                                wm_lit("seat_given:" A ":7::0:1:0:0"), &n));
    assert_false(wm_notify_load(wm_lit("x"),
                                wm_lit("seat_given:" A ":7:x:0:1:0:0"), &n));
}


/* ---- commits */

#define ITEM(i, who, t)                                                      \
    { .id = wm_lit(i), .kind = WM_NOTICE_SEAT_GIVEN, .person = wm_lit(who),  \
      .event = wm_lit("7"), .made_ms = 99, .text = wm_lit(t) }

#define REC(who)  "seat_given:" who ":7::0:99:"


static void
commits(void **state)
{
    wm_event_t    e = { .id = wm_lit("7"), .start_ms = 17 };
    wm_commit_t  *c;
    wm_notify_t   two[] = { ITEM("a", A, "old-a"), ITEM("b", B, "old-b") };

    (void) state;

    c = unit_commit(WM_OP_NOTIFY_QUEUE);
    wm_notify_queue(c, wm_lit("1-0"), wm_lit("2-0"), two, 2, 5);
    assert_string_equal(unit_commit_text(c),
        "? heq " K("notify") " cursor 1-0\n"
        "! HSET " K("notify") " cursor 2-0\n"
        "! HSET " K("outbox") " a " REC(A) "0:0 b " REC(B) "0:0\n"
        "! ZADD " K("outbox_due") " 5 a\n"
        "! ZADD " K("outbox_due") " 5 b\n");

    c = unit_commit(WM_OP_NOTIFY_QUEUE);
    wm_notify_queue(c, wm_lit(""), wm_lit("2-0"), NULL, 0, 5);
    assert_string_equal(unit_commit_text(c),
        "? heq " K("notify") " cursor \"\"\n"
        "! HSET " K("notify") " cursor 2-0\n");

    c = unit_commit(WM_OP_NOTIFY_QUEUE);
    wm_notify_queue_reminders(c, &e, two, 1, 5);
    assert_string_equal(unit_commit_text(c),
        "? heq " K("reminded:7") " " A " old-a\n"
        "! HSET " K("reminded:7") " " A " 17\n"
        "! EXPIRE " K("reminded:7") " 2678400\n"
        "! HSET " K("outbox") " a " REC(A) "0:0\n"
        "! ZADD " K("outbox_due") " 5 a\n");

    c = unit_commit(WM_OP_NOTIFY_SENT);
    wm_notify_done(c, two, 2);
    assert_string_equal(unit_commit_text(c),
        "? heq " K("outbox") " a old-a\n"
        "? heq " K("outbox") " b old-b\n"
        "! HDEL " K("outbox") " a b\n"
        "! ZREM " K("outbox_due") " a b\n"
        "! ZREM " K("outbox_dead") " a b\n");

    two[0].tries = 2;
    two[0].status = 503;
    two[0].due_ms = 8;
    c = unit_commit(WM_OP_NOTIFY_FAIL);
    wm_notify_failed(c, two, 2);
    assert_string_equal(unit_commit_text(c),
        "? heq " K("outbox") " a old-a\n"
        "? heq " K("outbox") " b old-b\n"
        "! HSET " K("outbox") " a " REC(A) "2:503 b " REC(B) "0:0\n"
        "! ZADD " K("outbox_due") " 8 a\n"
        "! ZREM " K("outbox_due") " b\n"
        "! ZADD " K("outbox_dead") " 1795395607123 b\n");

    c = unit_commit(WM_OP_NOTIFY_RETRY);
    wm_notify_again(c, &two[1], 1, 5);
    assert_string_equal(unit_commit_text(c),
        "? heq " K("outbox") " b old-b\n"
        "! ZREM " K("outbox_dead") " b\n"
        "! HSET " K("outbox") " b " REC(B) "0:0\n"
        "! ZADD " K("outbox_due") " 5 b\n");
}


/* The largest that there may be are not too much for a commit. */

static void
largest(void **state)
{
    size_t        i, argc;
    wm_str_t     *argv;
    wm_event_t    e = { .id = wm_lit("7"), .start_ms = 17 };
    wm_commit_t  *c[3];
    wm_notify_t  *items;

    (void) state;

    items = wm_calloc(unit_pool, WM_NOTIFY_MAX * sizeof(wm_notify_t));
    assert_non_null(items);

    for (i = 0; i < WM_NOTIFY_MAX; i++) {
        items[i] = (wm_notify_t) ITEM("a", A, "old");
    }

    for (i = 0; i < 3; i++) {
        c[i] = unit_commit(WM_OP_NOTIFY_QUEUE);
    }

    wm_notify_queue(c[0], wm_lit("1-0"), wm_lit("2-0"), items, WM_NOTIFY_MAX,
                    5);
    wm_notify_queue_reminders(c[1], &e, items, WM_NOTIFY_MAX, 5);
    wm_notify_failed(c[2], items, WM_NOTIFY_SETTLE);

    assert_true(wm_commits_encode(unit_pool, c, 3, &argv, &argc));
}


static void
delays(void **state)
{
    size_t  i;

    static const int64_t  minutes[] = { 1, 5, 30, 120, 480, 1440 };

    (void) state;

    for (i = 0; i < wm_countof(minutes); i++) {
        assert_int_equal(wm_notify_delay((int64_t) i + 1, 0),
                         minutes[i] * 60000);
        assert_true(wm_notify_delay((int64_t) i + 1, UINT32_MAX)
                    >= minutes[i] * 65999);
        assert_true(wm_notify_delay((int64_t) i + 1, UINT32_MAX)
                    <= minutes[i] * 66000);
    }

    assert_int_equal(wm_notify_delay(7, 0), 0);
    assert_int_equal(wm_notify_delay(0, 0), 0);
}


/* ---- what is true */

static void
facts(wm_notify_facts_t *f)
{
    memset(f, 0, sizeof(*f));

    f->event.id = wm_lit("7");
    f->event.state = WM_EVENT_PUBLISHED;
    f->event.title = wm_lit("法治讲座");
    f->event.place = wm_lit("一活动室");
    f->event.start_ms = UNIT_NOW + HOUR;
    f->event.end_ms = UNIT_NOW + 2 * HOUR;
    f->order.title = wm_lit("宪法课");
    f->order.reason = wm_lit("排满{when}");
    f->order.made_ms = UNIT_NOW;
    f->order.running = 123;
    f->wish.state = WM_WISH_OPEN;
    f->wish.person = wm_lit(A);
    f->wish.wish = wm_lit("想学手机");
    f->wish.reason = wm_lit("请到村里{title}");
    f->wish.answer = wm_lit("周三有课");
    f->name = wm_lit("测试居民");
    f->phone = wm_lit("13900000000");
}


static void
orders_hold(void **state)
{
    int                s;
    size_t             i;
    wm_notify_t        item = { .event = wm_lit("7"), .order = wm_lit(O1) };
    wm_notify_facts_t  f;

    static const struct {
        wm_notice_t  kind;
        unsigned     states;
    } holds[] = {
        { WM_NOTICE_ORDER_ACCEPTED, 1u << WM_ORDER_ACCEPTED },
        { WM_NOTICE_ORDER_SCHEDULED, 1u << WM_ORDER_SCHEDULED },
        { WM_NOTICE_ORDER_REJECTED, 1u << WM_ORDER_REJECTED },
        { WM_NOTICE_ORDER_RETURNED,
          1u << WM_ORDER_SUBMITTED | 1u << WM_ORDER_DISPATCHED },
        { WM_NOTICE_ORDER_EXPIRED, 1u << WM_ORDER_EXPIRED }
    };

    (void) state;

    for (i = 0; i < wm_countof(holds); i++) {
        for (s = 0; s < WM_ORDER_STATE_MAX; s++) {
            facts(&f);
            f.order.state = (wm_order_state_t) s;
            f.order.event = wm_lit("7");
            item.kind = holds[i].kind;
            assert_case(wm_notify_holds(&item, &f, UNIT_NOW)
                        == ((holds[i].states & 1u << s) != 0),
                        "%s in state %d", wm_notice_code(item.kind), s);
        }
    }

    /* another event has it now; or this one is over */

    item.kind = WM_NOTICE_ORDER_SCHEDULED;
    f.order.state = WM_ORDER_SCHEDULED;
    assert_true(wm_notify_holds(&item, &f, UNIT_NOW));
    assert_false(wm_notify_holds(&item, &f, f.event.end_ms));
    f.order.event = wm_lit("8");
    assert_false(wm_notify_holds(&item, &f, UNIT_NOW));
}


static void
events_hold(void **state)
{
    int                e, p;
    size_t             i;
    bool               want;
    wm_notify_t        item = { .event = wm_lit("7") };
    wm_notify_facts_t  f;

    static const struct {
        wm_notice_t        kind;
        wm_event_state_t   event;
        unsigned           places;
    } holds[] = {
        { WM_NOTICE_EVENT_CHANGED, WM_EVENT_PUBLISHED,
          1u << WM_ENROL_SEATED | 1u << WM_ENROL_WAITING
          | 1u << WM_ENROL_OFFERED },
        { WM_NOTICE_EVENT_CANCELLED, WM_EVENT_CANCELLED,
          1u << WM_ENROL_SEATED | 1u << WM_ENROL_WAITING
          | 1u << WM_ENROL_OFFERED },
        { WM_NOTICE_PLACE_OFFERED, WM_EVENT_PUBLISHED,
          1u << WM_ENROL_OFFERED },
        { WM_NOTICE_SEAT_GIVEN, WM_EVENT_PUBLISHED, 1u << WM_ENROL_SEATED },
        { WM_NOTICE_PLACE_REMOVED, WM_EVENT_PUBLISHED,
          1u << WM_ENROL_CANCELLED },
        { WM_NOTICE_EVENT_TOMORROW, WM_EVENT_PUBLISHED,
          1u << WM_ENROL_SEATED }
    };

    (void) state;

    for (i = 0; i < wm_countof(holds); i++) {
        for (e = WM_EVENT_NONE; e <= WM_EVENT_CANCELLED; e++) {
            for (p = WM_ENROL_NONE; p <= WM_ENROL_DECLINED; p++) {
                facts(&f);
                f.event.state = (wm_event_state_t) e;
                f.enrol.state = (wm_enrol_state_t) p;
                f.enrol.until_ms = UNIT_NOW + 1;
                item.kind = holds[i].kind;
                item.mark_ms = f.event.start_ms;
                want = e == (int) holds[i].event
                       && (holds[i].places & 1u << p) != 0;

                assert_case(wm_notify_holds(&item, &f, UNIT_NOW) == want,
                            "%s of event %d, place %d",
                            wm_notice_code(item.kind), e, p);
                assert_false(wm_notify_holds(&item, &f, f.event.start_ms));
            }
        }
    }
}


static void
wishes_hold(void **state)
{
    int                s;
    size_t             i;
    wm_notify_t        item = { .person = wm_lit(A), .wish = wm_lit(W1) };
    wm_notify_facts_t  f;

    static const struct {
        wm_notice_t      kind;
        wm_wish_state_t  state;
    } holds[] = {
        { WM_NOTICE_WISH_OPENED, WM_WISH_OPEN },
        { WM_NOTICE_WISH_REFUSED, WM_WISH_REFUSED },
        { WM_NOTICE_WISH_CLAIMED, WM_WISH_CLAIMED },
        { WM_NOTICE_WISH_RELEASED, WM_WISH_OPEN },
        { WM_NOTICE_WISH_DONE, WM_WISH_DONE },
        { WM_NOTICE_WISH_ANSWERED, WM_WISH_ANSWERED },
        { WM_NOTICE_WISH_ORDERED, WM_WISH_ORDERED }
    };

    (void) state;

    for (i = 0; i < wm_countof(holds); i++) {
        for (s = 0; s < WM_WISH_STATE_MAX; s++) {
            facts(&f);
            f.wish.state = (wm_wish_state_t) s;
            f.order.state = WM_ORDER_SUBMITTED;
            item.kind = holds[i].kind;
            assert_case(wm_notify_holds(&item, &f, UNIT_NOW)
                        == (s == (int) holds[i].state),
                        "%s in state %d", wm_notice_code(item.kind), s);
            f.wish.person = wm_lit("");
            assert_false(wm_notify_holds(&item, &f, UNIT_NOW));
        }
    }

    /* the order is not there: it has no number to tell */

    facts(&f);
    f.wish.state = WM_WISH_ORDERED;
    assert_false(wm_notify_holds(&item, &f, UNIT_NOW));
}


static void
events_fade(void **state)
{
    wm_notify_t        item = { .event = wm_lit("7"), .mark_ms = 17,
                                .kind = WM_NOTICE_EVENT_CHANGED };
    wm_notify_facts_t  f;

    (void) state;

    facts(&f);
    f.enrol.state = WM_ENROL_SEATED;
    f.event.moved_ms = 17;
    assert_true(wm_notify_holds(&item, &f, UNIT_NOW));
    f.event.moved_ms = 18;              /* moved again, which is told too */
    assert_false(wm_notify_holds(&item, &f, UNIT_NOW));

    item.kind = WM_NOTICE_EVENT_TOMORROW;
    assert_false(wm_notify_holds(&item, &f, UNIT_NOW));     /* of then */

    item.kind = WM_NOTICE_PLACE_OFFERED;
    f.enrol.state = WM_ENROL_OFFERED;
    f.enrol.until_ms = UNIT_NOW;
    assert_false(wm_notify_holds(&item, &f, UNIT_NOW));

    /* without a place, by an order */

    f.enrol.state = WM_ENROL_NONE;
    f.event.moved_ms = 17;
    f.order.state = WM_ORDER_SCHEDULED;
    f.order.event = wm_lit("7");
    item.kind = WM_NOTICE_EVENT_CHANGED;
    assert_true(wm_notify_holds(&item, &f, UNIT_NOW));
    f.order.event = wm_lit("8");
    assert_false(wm_notify_holds(&item, &f, UNIT_NOW));

    item.kind = WM_NOTICE_EVENT_CANCELLED;
    f.event.state = WM_EVENT_CANCELLED;
    assert_false(wm_notify_holds(&item, &f, UNIT_NOW));
    f.order.state = WM_ORDER_SUBMITTED;
    assert_true(wm_notify_holds(&item, &f, UNIT_NOW));
}


/* ---- the words */

static const wm_notify_site_t  site = {
    { 6, "furong" }, { 33, "https://www.example.gov.cn/wenmin" }, UNIT_OFFSET
};


static void
bodies(void **state)
{
    wm_str_t           body;
    wm_notify_t        item = { .id = wm_lit("5-0.place_offered." A),
                                .kind = WM_NOTICE_PLACE_OFFERED,
                                .person = wm_lit(A), .event = wm_lit("7"),
                                .made_ms = UNIT_NOW };
    wm_notify_facts_t  f;

    (void) state;

    facts(&f);
    f.enrol.until_ms = UNIT_NOW + HOUR;
    body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
    assert_text(body,
        "{\"id\":\"5-0.place_offered." A "\",\"kind\":\"place_offered\","
        "\"district\":\"furong\",\"name\":\"测试居民\","
        "\"phone\":\"13900000000\",\"title\":\"有名额，请确认\","
        "\"text\":\"您候补的活动「法治讲座」（11月23日（周一）10:00，"
        "一活动室）有名额了，请在11月23日（周一）10:00前确认，"
        "过时让给下一位。\","
        "\"link\":\"https://www.example.gov.cn/wenmin/enrol/7\","
        "\"subject\":\"法治讲座\",\"event\":\"7\",\"order\":null,"
        "\"order_number\":null,\"wish\":null,"
        "\"place\":\"一活动室\","
        "\"start\":\"2026-11-23T10:00:07+08:00\","
        "\"deadline\":\"2026-11-23T10:00:07+08:00\","
        "\"made_at\":\"2026-11-23T09:00:07+08:00\","
        "\"verified\":false}");

    f.verified = true;
    body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
    assert_has(body.data, ",\"verified\":true}");

    /* what people typed is no template */

    item.kind = WM_NOTICE_ORDER_REJECTED;
    item.event = wm_null;
    item.order = wm_lit(O1);
    f.order.state = WM_ORDER_REJECTED;
    memset(&f.event, 0, sizeof(f.event));
    body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
    assert_has(body.data, "\"text\":\"您点的「宪法课」（编号2026000123）"
               "未能受理。原因：排满{when}\"");
    assert_has(body.data, "\"start\":null,\"deadline\":null");
    assert_has(body.data, "\"order_number\":\"2026000123\"");
}


static void
cancelled(void **state)
{
    wm_str_t           body;
    wm_notify_t        item = { .id = wm_lit("x"), .order = wm_lit(O1),
                                .kind = WM_NOTICE_EVENT_CANCELLED,
                                .event = wm_lit("7") };
    wm_notify_facts_t  f;

    (void) state;

    facts(&f);
    f.order.state = WM_ORDER_SUBMITTED;
    body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
    assert_has(body.data, "已取消，请不要前往。您的点单（编号2026000123）"
               "正在重新安排。\"");
    f.order.state = WM_ORDER_CANCELLED;
    body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
    assert_has(body.data, "已取消，请不要前往。\"");
}


/* Who ordered is told whether he has a place, or only waits for one. */

static void
scheduled(void **state)
{
    int                s;
    wm_str_t           body;
    wm_notify_t        item = { .id = wm_lit("x"), .order = wm_lit(O1),
                                .kind = WM_NOTICE_ORDER_SCHEDULED,
                                .event = wm_lit("7") };
    wm_notify_facts_t  f;

    static const struct {
        const char  *text;
        const char  *page;
        const char  *deadline;
    } says[] = {
        [WM_ENROL_NONE] = { "", "event", "null" },
        [WM_ENROL_SEATED] = { "已为您留好8个名额。", "event", "null" },
        [WM_ENROL_WAITING] = { "名额已满，您在候补中，有名额时再通知您。",
                               "enrol", "null" },
        [WM_ENROL_OFFERED] = { "有名额了，请在11月23日（周一）10:00前确认，"
                               "过时让给下一位。", "enrol",
                               "\"2026-11-23T10:00:07+08:00\"" },
        [WM_ENROL_CANCELLED] = { "", "event", "null" },
        [WM_ENROL_DECLINED] = { "", "event", "null" }
    };

    (void) state;

    facts(&f);
    f.enrol.seats = 8;
    f.enrol.until_ms = UNIT_NOW + HOUR;

    for (s = WM_ENROL_NONE; s <= WM_ENROL_DECLINED; s++) {
        f.enrol.state = (wm_enrol_state_t) s;
        body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
        assert_has(body.data, wm_printf(unit_pool,
                   "已排课：11月23日（周一）10:00，一活动室。%s\"",
                   says[s].text).data);
        assert_has(body.data, wm_printf(unit_pool,
                   "\"link\":\"https://www.example.gov.cn/wenmin/%s/7\"",
                   says[s].page).data);
        assert_has(body.data, wm_printf(unit_pool, "\"deadline\":%s,",
                                        says[s].deadline).data);
    }
}


/* The wisher's own words, and what was said to him. */

static void
wish_bodies(void **state)
{
    size_t             i;
    wm_str_t           body;
    wm_notify_t        item = { .id = wm_lit("x"), .wish = wm_lit(W1) };
    wm_notify_facts_t  f;

    static const struct {
        wm_notice_t  kind;
        const char  *text;
        const char  *page;
    } says[] = {
        { WM_NOTICE_WISH_OPENED, "已公开，等待队伍认领。", "my/wishes" },
        { WM_NOTICE_WISH_REFUSED, "您提交的一个心愿不予公开。原因："
          "请到村里{title}", "my/wishes" },
        { WM_NOTICE_WISH_CLAIMED, "已有队伍认领。", "my/wishes" },
        { WM_NOTICE_WISH_RELEASED, "由队伍退回，正在重新等待认领。",
          "my/wishes" },
        { WM_NOTICE_WISH_DONE, "已实现。", "my/wishes" },
        { WM_NOTICE_WISH_ANSWERED, "有答复：周三有课", "my/wishes" },
        { WM_NOTICE_WISH_ORDERED, "已转为点单（编号2026000123），"
          "办到哪一步，请看我的点单。", "orders" }
    };

    (void) state;

    facts(&f);
    memset(&f.event, 0, sizeof(f.event));
    f.order.state = WM_ORDER_SUBMITTED;
    f.wish.order = wm_lit(O1);

    for (i = 0; i < wm_countof(says); i++) {
        item.kind = says[i].kind;
        body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
        assert_has(body.data, wm_printf(unit_pool,
                   "\"text\":\"%s%s\"",
                   item.kind == WM_NOTICE_WISH_REFUSED ? ""
                   : "您的心愿「想学手机」", says[i].text).data);
        assert_has(body.data, wm_printf(unit_pool,
                   "\"link\":\"https://www.example.gov.cn/wenmin/%s\","
                   "\"subject\":\"想学手机\",\"event\":null,\"order\":\""
                   O1 "\",", says[i].page).data);
        assert_has(body.data, "\"wish\":\"" W1 "\",");
    }
}


/* What was sealed is opened with the person's key, and with no other. */

static void
opened(void **state)
{
    wm_wish_t    w, wish = { .wish = wm_lit("想学手机") };
    wm_person_t  a = { .id = A, .key = { 1 },
                       .cipher = WM_CIPHER_AES_256_GCM };
    wm_person_t  b = { .id = A, .key = { 2 },
                       .cipher = WM_CIPHER_AES_256_GCM };

    (void) state;

    wish.wish = wm_person_seal(unit_pool, &a, wm_lit("想学手机"));
    wish.answer = wm_person_seal(unit_pool, &a, wm_lit("周三有课"));
    assert_true(wish.wish.len > 0 && wish.answer.len > 0);

    w = wish;
    assert_true(wm_notify_open(unit_pool, &a, &w));
    assert_text(w.wish, "想学手机");
    assert_text(w.answer, "周三有课");
    assert_true(w.reason.len == 0);

    w = wish;
    assert_false(wm_notify_open(unit_pool, &b, &w));
}


/* Each kind has its words, and leaves no braces in them. */

static void
words(void **state)
{
    int                k;
    wm_str_t           body;
    wm_notify_t        item = { .id = wm_lit("x"), .event = wm_lit("7"),
                                .order = wm_lit(O1) };
    wm_notify_facts_t  f;

    (void) state;

    facts(&f);
    f.order.state = WM_ORDER_SUBMITTED;
    f.order.reason = wm_lit("排满");
    f.wish.reason = f.order.reason;

    for (k = 0; k < WM_NOTICE_MAX; k++) {
        item.kind = (wm_notice_t) k;
        assert_int_equal(wm_notice_find(wm_str(wm_notice_code(item.kind))),
                         k);
        body = wm_dup(unit_pool, wm_notify_body(unit_pool, &item, &f, &site));
        assert_non_null(body.data);
        assert_case(strchr(body.data + 1, '{') == NULL, "%s", body.data);
        assert_case(strstr(body.data, "「」") == NULL, "%s", body.data);
    }

    assert_int_equal(wm_notice_find(wm_lit("x")), WM_NOTICE_MAX);
}


/* As docs/notifications.md says; by openssl dgst -sha256 -hmac. */

static void
signature(void **state)
{
    (void) state;

    assert_text(wm_notify_sign(unit_pool, wm_lit("0123456789abcdef"),
                               1795395607, wm_lit("{\"id\":\"1\"}")),
                "t=1795395607,v1="
                "0acbac21e907d132d35b8119cb5cba80"
                "79612d37bba4910c6690040053185136");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(packed),
        unit_case(orders),
        unit_case(places),
        unit_case(events),
        unit_case(wishes),
        unit_case(of_wish),
        unit_case(several),
        unit_case(nothing),
        unit_case(of_event),
        unit_case(of_order),
        unit_case(reminders),
        unit_case(records),
        unit_case(commits),
        unit_case(largest),
        unit_case(delays),
        unit_case(orders_hold),
        unit_case(events_hold),
        unit_case(wishes_hold),
        unit_case(events_fade),
        unit_case(bodies),
        unit_case(cancelled),
        unit_case(scheduled),
        unit_case(wish_bodies),
        unit_case(opened),
        unit_case(words),
        unit_case(signature)
    };

    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
