#include "unit.h"
#include "wm_forget.h"

#define PERSON  "ABCDEFGHJKMNPQRS"
#define DEVICE  "DBCDEFGHJKMNPQRS"
#define START   (UNIT_NOW + INT64_C(86400000))

#define ATT     "1795395000000:0:s-:2"
#define RATED   "4:1795402900000:shown:/ctr/st1/"
#define ASKED   "remove:1795395100000:one:/ctr/st1/:no"
#define SEATED  "s:1:1795395000000:0:" DEVICE


static void
trace_of(wm_trace_t *t, const char *status)
{
    char        start[24];
    wm_reply_t  replies[WM_TRACE_ASKS], rated[2];

    snprintf(start, sizeof(start), "%lld", (long long) START);
    memset(replies, 0, sizeof(replies));

    replies[0] = *unit_hash("status", status, "published", "1", "start",
                            start, "end", "1895402800000", "version", "3",
                            "title", "讲座", "unit", "st1", "path",
                            "/ctr/st1/", NULL);
    replies[1] = unit_reply_str(ATT);
    rated[0] = unit_reply_str(RATED);
    rated[1] = unit_reply_str("sealed");
    replies[2] = unit_reply_list(rated, 2);
    replies[3] = unit_reply_str(SEATED);
    replies[7] = unit_reply_str(ASKED);

    wm_trace_load(wm_lit("7"), replies, t);
}


static void
asking(void **state)
{
    size_t      i;
    wm_ask_t    has[WM_TRACE_HAS], all[WM_TRACE_ASKS];
    wm_reply_t  replies[WM_TRACE_HAS];

    (void) state;

    wm_trace_has(unit_pool, wm_lit("furong"), wm_lit("7"), wm_lit(PERSON),
                 has);
    wm_trace_ask(unit_pool, wm_lit("furong"), wm_lit("7"), wm_lit(PERSON),
                 all);

    for (i = 0; i < WM_TRACE_HAS; i++) {
        assert_int_equal(has[i].argc, 3);
        assert_text(has[i].argv[0], "HEXISTS");
        assert_has(unit_show(has[i].argv[1]), wm_trace_hash((unsigned) i));
        replies[i] = unit_reply_int(0);
    }

    assert_text(all[2].argv[1], "wm:{furong}:rating:7");
    assert_text(all[2].argv[3], "t:" PERSON);
    assert_int_equal(all[2].argc, 4);

    assert_false(wm_trace_found(replies));
    replies[2].num = 1;
    assert_true(wm_trace_found(replies));
    replies[2].num = 0;
    replies[3].num = 1;                 /* only reminded: that goes too */
    assert_text(has[3].argv[1], "wm:{furong}:reminded:7");
    assert_true(wm_trace_found(replies));
}


static void
event(void **state)
{
    const char   *text;
    wm_trace_t    t;
    wm_commit_t  *c = unit_commit(WM_OP_PERSON_FORGET);

    (void) state;

    trace_of(&t, "published");
    t.queued = wm_lit("12");
    t.offered = wm_lit("1795402800000");
    assert_true(wm_forget_event(c, &t, wm_lit(PERSON), wm_lit("HERE")));
    text = unit_commit_text(c);

    /* all of it only as it was read */

    assert_has(text, "? heq wm:{furong}:att:7 " PERSON " " ATT);
    assert_has(text, "? heq wm:{furong}:rating:7 " PERSON " " RATED);
    assert_has(text, "? heq wm:{furong}:enrol:7 " PERSON " " SEATED);

    assert_has(text, "! HDEL wm:{furong}:att:7 " PERSON);
    assert_has(text, "! HDEL wm:{furong}:rating:7 " PERSON " t:" PERSON
               " p:" PERSON);
    assert_has(text, " 4:1795402900000:none:/ctr/st1/");
    assert_has(text, "! ZREM wm:{furong}:shown:7 " PERSON);
    assert_has(text, "! ZREM wm:{furong}:ratings:st1 7:" PERSON);
    assert_has(text, "! ZREM wm:{furong}:ratings:all 7:" PERSON);
    assert_has(text, "? heq wm:{furong}:fix:7 " PERSON " " ASKED);
    assert_has(text, "! HDEL wm:{furong}:fix:7 " PERSON " r:" PERSON);
    assert_has(text, "! ZREM wm:{furong}:fixes:ctr 7:" PERSON);
    assert_has(text, "! ZREM wm:{furong}:fixes:st1 7:" PERSON);
    assert_has(text, " s:1:1795395000000:0:-");
    assert_has(text, "! ZREM wm:{furong}:wait:7 " PERSON);
    assert_has(text, "! ZADD wm:{furong}:wait:7 12 ");
    assert_has(text, "! ZADD wm:{furong}:offers:7 1795402800000 ");
    assert_has(text, "! HDEL wm:{furong}:dev:" DEVICE " e:7:" PERSON);
    assert_has(text, "! HDEL wm:{furong}:dev:HERE a:7:" PERSON " e:7:"
               PERSON);
    assert_lacks(text, "HINCRBY");      /* no total changes */

    /* the id that it goes on under is new, and one */

    assert_int_equal(c->effects[1].n, 2);
    assert_true(wm_id_valid(c->effects[1].args[0]));
    assert_text(c->effects[1].args[1], ATT);
    assert_lacks(PERSON, unit_show(c->effects[1].args[0]));

    memset(&t, 0, sizeof(t));
    assert_false(wm_forget_event(unit_commit(WM_OP_PERSON_FORGET), &t,
                                 wm_lit(PERSON), wm_lit("")));

    /* nothing was asked about him, and that must still be so */

    t.id = wm_lit("7");
    t.attended = wm_lit(ATT);
    c = unit_commit(WM_OP_PERSON_FORGET);
    assert_true(wm_forget_event(c, &t, wm_lit(PERSON), wm_lit("")));
    text = unit_commit_text(c);
    assert_has(text, "? heq wm:{furong}:fix:7 " PERSON " \"\"\n");
    assert_lacks(text, "fixes:");

    t.asked = wm_lit("nonsense");       /* in no queue that could be known */
    c = unit_commit(WM_OP_PERSON_FORGET);
    assert_true(wm_forget_event(c, &t, wm_lit(PERSON), wm_lit("")));
    assert_has(unit_commit_text(c), "! HDEL wm:{furong}:fix:7 " PERSON);
}


/* A worker who wrote somebody down stays; what cannot be read goes too. */

static void
by(void **state)
{
    wm_trace_t    t;
    wm_commit_t  *c = unit_commit(WM_OP_PERSON_FORGET);

    (void) state;

    memset(&t, 0, sizeof(t));
    t.id = wm_lit("7");
    t.enrolled = wm_lit("c:2:1795395000000:0:staff:wang");
    assert_true(wm_forget_event(c, &t, wm_lit(PERSON), wm_lit("")));
    assert_has(unit_commit_text(c), " c:2:1795395000000:0:staff:wang");
    assert_lacks(unit_commit_text(c), "dev:");

    t.enrolled = wm_lit("nonsense");
    t.rating = wm_lit("nonsense");
    c = unit_commit(WM_OP_PERSON_FORGET);
    assert_true(wm_forget_event(c, &t, wm_lit(PERSON), wm_lit("")));
    assert_has(unit_commit_text(c), "! HDEL wm:{furong}:rating:7 " PERSON);
    assert_has(unit_commit_text(c), "! HDEL wm:{furong}:enrol:7 " PERSON);
}


static void
giving_back(void **state)
{
    size_t      i;
    wm_trace_t  t;

    static const struct {
        const char  *record;
        bool         gives;
    } cases[] = {
        { SEATED, true },
        { "w:1:1795395000000:0:" DEVICE, true },
        { "o:1:1795395000000:1895395000000:" DEVICE, true },
        { "o:1:1795395000000:1795395000001:" DEVICE, false },
        { "c:1:1795395000000:0:" DEVICE, false },
        { "d:1:1795395000000:0:" DEVICE, false },
        { "s:1:1795395000000:0:staff:wang", true },
        { "", false }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        trace_of(&t, "published");
        t.enrolled = wm_str(cases[i].record);
        t.attended = wm_null;
        assert_case(wm_forget_gives_back(&t, UNIT_NOW) == cases[i].gives,
                    "%s", cases[i].record);
        assert_false(wm_forget_gives_back(&t, START));

        t.attended = wm_lit(ATT);       /* he sits there */
        assert_false(wm_forget_gives_back(&t, UNIT_NOW));
    }

    trace_of(&t, "cancelled");
    t.attended = wm_null;
    assert_false(wm_forget_gives_back(&t, UNIT_NOW));
}


static void
order_of(wm_order_t *o, const char *status, const char *device)
{
    assert_true(wm_order_load(unit_hash("status", status, "course", "law-01",
        "unit", "st1", "path", "/ctr/st1/", "person", PERSON, "note", "x",
        "device", device, "made", "1795395000000", "log",
        "submit:1795395000000:device/" DEVICE ",dispatch:1795395000001:"
        "staff/wang:corps,cancel:1795395000002:device/" DEVICE ":corps",
        NULL), wm_lit("ORDER"), o));
}


static void
orders(void **state)
{
    size_t        i;
    wm_order_t    o;
    const char   *text;
    wm_commit_t  *c;

    static const char *const  open[] = {
        "submitted", "dispatched", "accepted", "scheduled"
    };
    static const char *const  over[] = {
        "completed", "rejected", "cancelled", "expired", "rated"
    };

    (void) state;

    for (i = 0; i < wm_countof(open); i++) {
        order_of(&o, open[i], DEVICE);
        assert_int_equal(wm_forget_order_op(&o, 0, UNIT_NOW),
                         WM_OP_ORDER_CANCEL);
        c = unit_commit(WM_OP_ORDER_CANCEL);
        assert_true(wm_forget_end(c, &o, 0));
        assert_has(unit_commit_text(c), " status cancelled");

        order_of(&o, open[i], "");      /* a worker ordered for him */
        c = unit_commit(WM_OP_ORDER_CANCEL);
        assert_true(wm_forget_end(c, &o, 0));
    }

    for (i = 0; i < wm_countof(over); i++) {
        order_of(&o, over[i], DEVICE);
        assert_int_equal(wm_forget_order_op(&o, 1, UNIT_NOW),
                         WM_OP_PERSON_FORGET);
    }

    /* what was held is completed, and still counts */

    order_of(&o, "scheduled", DEVICE);
    assert_int_equal(wm_forget_order_op(&o, UNIT_NOW + 1, UNIT_NOW),
                     WM_OP_ORDER_CANCEL);
    assert_int_equal(wm_forget_order_op(&o, UNIT_NOW, UNIT_NOW),
                     WM_OP_ORDER_COMPLETE);
    o.event = wm_lit("7");
    c = unit_commit(WM_OP_ORDER_COMPLETE);
    assert_true(wm_forget_end(c, &o, UNIT_NOW));
    assert_has(unit_commit_text(c), " status completed");
    assert_lacks(unit_commit_text(c), "demand");

    order_of(&o, "completed", DEVICE);
    c = unit_commit(WM_OP_PERSON_FORGET);
    wm_forget_order(c, &o);
    text = unit_commit_text(c);
    assert_has(text, "? heq wm:{furong}:order:ORDER person " PERSON);
    assert_has(text, "! HDEL wm:{furong}:order:ORDER person note device "
               "group\n");
    assert_has(text, " log submit:1795395000000:device/-,dispatch:"
               "1795395000001:staff/wang:corps,cancel:1795395000002:device/-"
               ":corps");
    assert_has(text, "! HDEL wm:{furong}:dev:" DEVICE " o:ORDER");
}


static void
wishes(void **state)
{
    size_t        i;
    wm_wish_t     w;
    const char   *text;
    wm_commit_t  *c;

    static const struct {
        wm_wish_state_t   state;
        bool              open;
    } cases[] = {
        { WM_WISH_SUBMITTED, true }, { WM_WISH_OPEN, true },
        { WM_WISH_CLAIMED, true }, { WM_WISH_DONE, false },
        { WM_WISH_ANSWERED, false }, { WM_WISH_ORDERED, false },
        { WM_WISH_REFUSED, false }, { WM_WISH_WITHDRAWN, false }
    };

    (void) state;

    memset(&w, 0, sizeof(w));
    w.id = wm_lit("WISH");
    w.path = wm_lit("/ctr/st1/");
    w.person = wm_lit(PERSON);
    w.device = wm_lit(DEVICE);
    w.log = wm_lit("submit:5:device/" DEVICE ",publish:6:staff/wang");

    for (i = 0; i < wm_countof(cases); i++) {
        w.state = cases[i].state;
        c = unit_commit(WM_OP_WISH_WITHDRAW);
        assert_int_equal(wm_forget_withdraw(c, &w), cases[i].open);
        assert_int_equal(c->neffects > 0, cases[i].open);

        /* a worker wrote it down */

        w.device = wm_lit("");
        c = unit_commit(WM_OP_WISH_WITHDRAW);
        assert_int_equal(wm_forget_withdraw(c, &w), cases[i].open);
        w.device = wm_lit(DEVICE);
    }

    /* what was public goes with what was sealed */

    w.shown_ms = 6;
    c = unit_commit(WM_OP_PERSON_FORGET);
    wm_forget_wish(c, &w);
    text = unit_commit_text(c);
    assert_has(text, "? heq wm:{furong}:wish:WISH person " PERSON "\n");
    assert_has(text, "? heq wm:{furong}:wish:WISH log submit:5:");
    assert_has(text, "! HDEL wm:{furong}:wish:WISH shown_wish shown_text "
               "shown_answer shown\n");
    assert_has(text, "! ZREM wm:{furong}:wishwall:ctr WISH\n");
    assert_has(text, "! ZREM wm:{furong}:wishwall:all WISH\n");
    assert_has(text, "! HDEL wm:{furong}:wish:WISH person device wish text "
               "answer reason\n");
    assert_has(text, "! HSET wm:{furong}:wish:WISH log "
               "submit:5:device/-,publish:6:staff/wang\n");
    assert_has(text, "! HDEL wm:{furong}:dev:" DEVICE " w:WISH\n");
}


static void
last(void **state)
{
    const char   *text;
    wm_person_t   person = { .id = PERSON, .epoch = 5 };
    wm_commit_t  *c = unit_commit(WM_OP_PERSON_FORGET);

    (void) state;

    wm_forget_person(c, &person, wm_lit("DIGEST"), wm_lit("DEV"),
                     wm_lit("5"));
    text = unit_commit_text(c);
    assert_has(text, "? exists wm:{furong}:person:" PERSON "\n");
    assert_has(text, "? heq wm:{furong}:person:" PERSON " epoch 5\n");
    assert_has(text, "? heq wm:{furong}:dev:DEV v:" PERSON " 5\n");
    assert_has(text, "! DEL wm:{furong}:person:" PERSON "\n");
    assert_has(text, "! HDEL wm:{furong}:dev:DEV v:" PERSON "\n");
    assert_has(text, "? heq wm:{furong}:person:" PERSON " wechat DIGEST\n");
    assert_has(text, "! DEL wm:{furong}:wechat:DIGEST\n");

    person.epoch = 0;                   /* from before there were any */
    c = unit_commit(WM_OP_PERSON_FORGET);
    wm_forget_person(c, &person, wm_null, wm_lit(""), wm_null);
    text = unit_commit_text(c);
    assert_has(text, " wechat \"\"");
    assert_has(text, " epoch \"\"");
    assert_lacks(text, "dev:");
    assert_int_equal(c->neffects, 1);
}


/* What is still to be told, or was given up. */

static void
told(void **state)
{
    const char   *text;
    wm_trace_t    t;
    wm_commit_t  *c = unit_commit(WM_OP_PERSON_FORGET);

    static const char  record[] = "seat_given:" PERSON ":7::0:1:0:0";

    (void) state;

    assert_true(wm_forget_is_told(wm_lit("x"), wm_str(record),
                                  wm_lit(PERSON)));
    assert_false(wm_forget_is_told(wm_lit("x"), wm_str(record),
                                   wm_lit(DEVICE)));
    assert_false(wm_forget_is_told(wm_lit("x"), wm_lit("nonsense " PERSON),
                                   wm_lit(PERSON)));
    assert_false(wm_forget_is_told(wm_lit("x"), wm_null, wm_lit(PERSON)));

    wm_forget_told(c, wm_lit("1-0.seat_given." PERSON), wm_str(record));
    text = unit_commit_text(c);
    assert_has(text, "? heq wm:{furong}:outbox 1-0.seat_given." PERSON " ");
    assert_has(text, "! HDEL wm:{furong}:outbox 1-0.seat_given." PERSON);
    assert_has(text, "! ZREM wm:{furong}:outbox_due 1-0.seat_given." PERSON);
    assert_has(text, "! ZREM wm:{furong}:outbox_dead 1-0.seat_given."
               PERSON);

    memset(&t, 0, sizeof(t));
    t.id = wm_lit("7");
    t.reminded = wm_lit("1795402800000");
    c = unit_commit(WM_OP_PERSON_FORGET);
    assert_true(wm_forget_event(c, &t, wm_lit(PERSON), wm_lit("")));
    assert_has(unit_commit_text(c), "! HDEL wm:{furong}:reminded:7 " PERSON);
}


static void
dossier(void **state)
{
    wm_buf_t      b;
    wm_doc_t     *doc = wm_doc_new(unit_pool);
    wm_order_t    o;
    wm_trace_t    t;
    wm_person_t   p;

    (void) state;

    assert_true(wm_person_identify(unit_pool, unit_realm, wm_lit("张示例"),
                                   wm_lit("13900000000"), wm_null, &p));
    p.cipher = WM_CIPHER_AES_256_GCM;
    p.known = true;

    trace_of(&t, "published");
    t.text = wm_person_seal(unit_pool, &p, wm_lit("讲得好"));
    order_of(&o, "completed", DEVICE);
    o.note = wm_person_seal(unit_pool, &p, wm_lit("请早到"));

    wm_dossier_begin(doc, &p, unit_hash("made", "1795395607123", NULL),
                     UNIT_OFFSET);
    wm_dossier_event(doc, &p, &t, UNIT_NOW, UNIT_OFFSET);
    wm_dossier_order(doc, &p, &o, UNIT_OFFSET);

    wm_buf_init(&b, unit_pool, 1024);
    wm_doc_write(&b, doc);
    wm_putc(&b, '\0');

    assert_false(b.failed);
    assert_has(b.data, "\"made\":\"2026-11-23T09:00:07+08:00\"");
    assert_has(b.data, "\"verified\":\"\"");
    assert_has(b.data, "\"text\":\"讲得好\"");
    assert_has(b.data, "\"note\":\"请早到\"");
    assert_has(b.data, "\"how\":\"screen\"");
    assert_has(b.data, "\"status\":\"seated\"");
    assert_lacks(b.data, DEVICE);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(asking),
        unit_case(event),
        unit_case(by),
        unit_case(giving_back),
        unit_case(orders),
        unit_case(wishes),
        unit_case(last),
        unit_case(told),
        unit_case(dossier)
    };

    return cmocka_run_group_tests_name("forget", tests, NULL, NULL);
}
