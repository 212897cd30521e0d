/*
 * No memory: each task runs with a pool that gives k times and then not once,
 * or never again, for k = 0 until all is well.  It says that it failed, or its
 * result is the whole one.
 */

#include "unit.h"
#include "wm_attend.h"
#include "wm_demand.h"
#include "wm_enrol.h"
#include "wm_notify.h"
#include "wm_order_life.h"
#include "wm_rating.h"
#include "wm_staff.h"
#include "wm_template.h"
#include "wm_totp.h"
#include "wm_wall.h"
#include "wm_wish.h"

/* False: failed.  Otherwise out is the result, in the test's pool. */
typedef bool (*task_pt)(wm_pool_t *pool, const char **out);


static void
starve_from(task_pt task, wm_pool_t *(*make)(unit_meagre_t *, size_t))
{
    bool            ok;
    size_t          k, failures;
    const char     *whole, *out;
    unit_meagre_t   m;

    assert_true(task(make(&m, SIZE_MAX), &whole));
    assert_false(m.dry);

    for (k = 0, failures = 0; k < 10000; k++) {
        out = NULL;
        ok = task(make(&m, k), &out);
        failures += !ok;

        assert_case(!ok || strcmp(out, whole) == 0,
                    "gave %zu times, and no failure was reported:\n%s\n"
                    "instead of\n%s", k, out, whole);

        if (!m.dry) {
            assert_true(ok);
            assert_true(failures > 0);
            return;
        }
    }

    fail_msg("never enough");
}


static void
starve(task_pt task)
{
    starve_from(task, unit_meagre);
    starve_from(task, unit_meagre_once);
}


/* What would be sent, decoded, without what is random in it. */

static bool
encoded(wm_commit_t *c, const char **out)
{
    size_t     i, argc;
    wm_buf_t   b;
    wm_str_t  *v;

    if (!wm_commits_encode(c->pool, &c, 1, &v, &argc)) {
        return false;
    }

    wm_buf_init(&b, unit_pool, 1024);

    for (i = 2; i + 2 < argc; i++) {
        if (i + 5 != argc) {            /* digests of what is random */
            wm_putf(&b, "%.*s\n", wm_fmt(v[i]));
        }
    }

    wm_putf(&b, "%zu %zu\n", v[argc - 2].len, v[argc - 1].len);
    wm_puts(&b, unit_commit_text(c));
    wm_putc(&b, '\0');

    *out = b.data;

    return true;
}


static wm_commit_t *
begun(wm_pool_t *pool, wm_op_t op)
{
    return wm_commit_new(pool, wm_lit("furong"), op, wm_lit("tester"),
                         UNIT_NOW);
}


static bool
order(wm_pool_t *pool, const char **out)
{
    wm_commit_t       *c;
    wm_order_facts_t   f = {
        .course = { .id = wm_lit("c1"), .title = wm_lit("反诈") },
        .unit = { .id = wm_lit("st1"), .path = wm_lit("/ctr/in1/st1/") },
        .device = wm_lit("DEV"), .id = wm_lit("ABCDEFGHJKMNPQRS"),
        .wanted = wm_lit("2026-12-01"), .head_count = 40,
        .note = wm_lit("有投影"), .offset = 480
    };

    c = begun(pool, WM_OP_ORDER_SUBMIT);

    if (c == NULL
        || !wm_person_identify(pool, unit_realm, wm_lit("张三"),
                               wm_lit("13800001234"), wm_null, &f.person))
    {
        return false;
    }

    wm_commit_once(c, wm_lit("orders DEV K"), wm_lit("body"));
    wm_order_submit(c, unit_realm, &f);

    return encoded(c, out);
}


/* Every step of an order's life that can be taken. */

static bool
steps(wm_pool_t *pool, const char **out)
{
    unsigned          i, s;
    wm_order_t        o = { .id = wm_lit("X"), .course = wm_lit("c1"),
                            .device = wm_lit("DEV"), .person = wm_lit("P"),
                            .team = wm_lit("t1"),
                            .handler = wm_lit("in1"), .made_ms = 5,
                            .handler_path = wm_lit("/ctr/in1/"),
                            .wanted = wm_lit("2020-01-01") };
    wm_staff_t        staff = { .role = WM_ROLE_WORKER,
                                .path = wm_lit("/ctr/") };
    wm_commit_t      *c;
    wm_order_by_t     by = { wm_lit("DEV"), &staff, wm_lit("7"), wm_lit("P"),
                              true };
    wm_order_args_t   args = { wm_lit("t2"), wm_lit("R"), wm_lit("N"), 1, 480,
                               { { 0, 60, 60, 60 } } };

    for (s = WM_ORDER_SUBMITTED; s < WM_ORDER_STATE_MAX; s++) {
        o.state = (wm_order_state_t) s;

        for (i = 0; i < WM_ORDER_DO_MAX; i++) {
            if (!wm_order_action_from((wm_order_action_t) i, o.state)) {
                continue;
            }

            c = begun(pool, WM_OP_ORDER_EXPIRE);

            if (c == NULL
                || wm_order_act(c, &o, (wm_order_action_t) i, &by, &args)
                   != WM_VERDICT_OK
                || !encoded(c, out))
            {
                return false;
            }
        }
    }

    return true;
}


static bool
enrol(wm_pool_t *pool, const char **out)
{
    wm_commit_t       *c;
    wm_enrol_facts_t   f = {
        .event = { .id = wm_lit("7"), .state = WM_EVENT_PUBLISHED,
                   .version = wm_lit("3"), .start_ms = UNIT_NOW + 1000,
                   .capacity = 2 },
        .seats = { wm_lit("2"), 2, 0 }, .by = wm_lit("DEV"), .wanted = 1
    };

    c = begun(pool, WM_OP_ENROL);

    if (c == NULL
        || !wm_person_identify(pool, unit_realm, wm_lit("张三"),
                               wm_lit("13800001234"), wm_null, &f.person))
    {
        return false;
    }

    return wm_enrol_add(c, unit_realm, &f) == WM_VERDICT_CREATED
           && encoded(c, out);
}


/* One leaves, one offer has run out, and three are served. */

static bool
moved(wm_pool_t *pool, const char **out)
{
    bool          nothing;
    size_t        i;
    wm_list_t     list = {
        .event = { .id = wm_lit("7"), .state = WM_EVENT_PUBLISHED,
                   .version = wm_lit("3"), .start_ms = UNIT_NOW + 10000,
                   .capacity = 3 },
        .seats = { wm_lit("2"), 2, 4 }, .offers = { 20000, 5000 },
        .nqueue = 4, .ndue = 1
    };
    wm_queued_t   who = { wm_lit("AAAAAAAAAAAAAAAA"), { 0 } }, queue[4], due;
    wm_commit_t  *c;

    c = begun(pool, WM_OP_ENROL_CANCEL);
    if (c == NULL) {
        return false;
    }

    assert_true(wm_enrol_load(wm_lit("s:1:1:0:DEV"), &who.enrol));
    due.person = wm_lit("BBBBBBBBBBBBBBBB");
    assert_true(wm_enrol_load(wm_lit("o:1:1:2:DEV"), &due.enrol));

    for (i = 0; i < 4; i++) {
        queue[i].person = wm_printf(unit_pool, "CCCCCCCCCCCCCCC%zu", i);
        assert_true(wm_enrol_load(wm_lit("w:1:1:0:DEV"), &queue[i].enrol));
    }

    list.queue = queue;
    list.due = &due;

    return wm_enrol_act(c, &list, &who, WM_ENROL_CANCEL, wm_lit("DEV"),
                        &nothing)
           == WM_VERDICT_OK
           && encoded(c, out);
}


static bool
cancelled(wm_pool_t *pool, const char **out)
{
    bool          nothing;
    wm_order_t    o = { .id = wm_lit("X"), .state = WM_ORDER_SCHEDULED,
                        .course = wm_lit("c1"), .device = wm_lit("DEV") };
    wm_commit_t  *c;

    c = begun(pool, WM_OP_ORDER_CANCEL);

    return c != NULL
           && wm_order_cancel(c, &o, wm_lit("DEV"), &nothing)
              == WM_VERDICT_OK
           && encoded(c, out);
}


static void
event_of(wm_event_t *e, const char *status)
{
    assert_true(wm_event_load(unit_hash("status", status, "title", "反诈",
        "unit", "st1", "path", "/ctr/in1/st1/", "content", "识骗", "start",
        "1795395600000", "end", "1795402800000", "orders", "O1,O2",
        "version", "3", NULL), wm_lit("7"), e));
}


/* Orders gathered to one event, published where it is made. */

static bool
gathered(wm_pool_t *pool, const char **out)
{
    size_t        n;
    wm_event_t    e;
    wm_order_t    orders[WM_EVENT_ORDERS] = {
        { .id = wm_lit("O1"), .state = WM_ORDER_SUBMITTED, .head_count = 9,
          .course = wm_lit("c1"), .unit = wm_lit("st1"),
          .person = wm_lit("ABCDEFGHJKMNPQRS"), .device = wm_lit("DEV") },
        { .id = wm_lit("O2"), .state = WM_ORDER_ACCEPTED, .head_count = 2,
          .course = wm_lit("c1"), .unit = wm_lit("st1"),
          .person = wm_lit("BBCDEFGHJKMNPQRS"), .by = wm_lit("王") }
    };
    wm_commit_t  *c;
    wm_demand_t  *groups;

    event_of(&e, "draft");
    e.capacity = 10;
    orders[0].handler_path = orders[1].handler_path = wm_lit("/ctr/in1/");
    c = begun(pool, WM_OP_EVENT_PUBLISH);

    if (c == NULL || !wm_demand_gather(pool, orders, 2, &groups, &n)
        || wm_event_create_public(c, &e, orders, wm_lit("/ctr/"))
           != WM_VERDICT_OK)
    {
        return false;
    }

    wm_enrol_requesters(c, &e, orders);

    return n == 1 && groups[0].norders == 2 && encoded(c, out);
}


static bool
attend(wm_pool_t *pool, const char **out)
{
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f = { .how = WM_ASSURANCE_SCREEN, .by = wm_lit("2"),
                              .device = wm_lit("DEV") };

    event_of(&f.event, "published");
    c = begun(pool, WM_OP_CHECK_IN);

    return c != NULL
           && wm_person_identify(pool, unit_realm, wm_lit("张三"),
                                 wm_lit("13800001234"), wm_null, &f.person)
           && wm_attend_check(c, unit_realm, &f, &done) == WM_VERDICT_CREATED
           && encoded(c, out);
}


static bool
leave(wm_pool_t *pool, const char **out)
{
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f = { .how = WM_ASSURANCE_TYPED, .out = true,
                              .record = wm_lit("1795395600000:0:s-:2"),
                              .person = { .id = "ABCDEFGHJKMNPQRS" } };

    event_of(&f.event, "published");
    c = begun(pool, WM_OP_CHECK_OUT);

    return c != NULL
           && wm_attend_check(c, unit_realm, &f, &done) == WM_VERDICT_CREATED
           && encoded(c, out);
}


static bool
rate(wm_pool_t *pool, const char **out)
{
    wm_commit_t        *c;
    wm_rating_t         done;
    wm_rating_facts_t   f = { .here = true, .score = 4,
                              .person = { .id = "ABCDEFGHJKMNPQRS",
                                          .known = true },
                              .attended = wm_lit("1795395600000:1:st:2"),
                              .device = wm_lit("DEV"),
                              .provider = wm_lit("司法局"),
                              .text = wm_lit("讲得好") };

    event_of(&f.event, "published");
    f.event.was_public = true;
    f.event.course = wm_lit("law-01");
    c = begun(pool, WM_OP_RATE_GIVE);

    return c != NULL
           && wm_rating_give(c, &f, &done) == WM_VERDICT_CREATED
           && encoded(c, out);
}


static bool
reviewed(wm_pool_t *pool, const char **out)
{
    bool          nothing;
    wm_str_t      person = wm_lit("ABCDEFGHJKMNPQRS");
    wm_str_t      record = wm_lit("4:17:pending:/ctr/in1/st1/");
    wm_commit_t  *c;

    c = begun(pool, WM_OP_RATE_SHOW);

    return c != NULL
           && wm_rating_show(c, wm_lit("7"), person, record, wm_lit("好"),
                             &nothing) == WM_VERDICT_OK
           && wm_rating_hide(c, wm_lit("7"), person, record, &nothing)
              == WM_VERDICT_OK
           && encoded(c, out);
}


static bool
wished(wm_pool_t *pool, const char **out)
{
    wm_commit_t      *c;
    wm_wish_facts_t   f = {
        .unit = { .id = wm_lit("st1"), .path = wm_lit("/ctr/in1/st1/") },
        .device = wm_lit("DEV"), .id = wm_lit("ABCDEFGHJKMNPQRS"),
        .kind = WM_WISH_KIND_LIFE, .wish = wm_lit("想学手机"),
        .text = wm_lit("眼睛不好")
    };

    c = begun(pool, WM_OP_WISH_SUBMIT);

    if (c == NULL
        || !wm_person_identify(pool, unit_realm, wm_lit("张三"),
                               wm_lit("13800001234"), wm_null, &f.person))
    {
        return false;
    }

    wm_wish_submit(c, unit_realm, &f);

    return encoded(c, out);
}


/* Every step of a wish that somebody could take. */

static bool
granted(wm_pool_t *pool, const char **out)
{
    unsigned           i, s;
    wm_commit_t       *c;
    wm_staff_t         staff = { .role = WM_ROLE_WORKER, .team = wm_lit("t"),
                                 .path = wm_lit("/ctr/") };
    wm_wish_t          wish = { .id = wm_lit("ABCDEFGHJKMNPQRS"),
                                .path = wm_lit("/ctr/in1/st1/"),
                                .device = wm_lit("DEV"), .shown_ms = 5,
                                .log = wm_lit("submit:1:device/DEV") };
    wm_course_t        course = { .id = wm_lit("c"), .title = wm_lit("C") };
    wm_person_t        person = { .id = "SRQPNMKJHGFEDCBA", .known = true };
    wm_wish_by_t       by = { .staff = &staff, .device = wm_lit("DEV"),
                              .team_path = wm_lit("/ctr/") };
    wm_order_facts_t   order = { .unit = { .id = wm_lit("st1"),
                                           .path = wm_lit("/ctr/st1/") },
                                 .id = wm_lit("O"), .note = wm_lit("N") };
    wm_wish_args_t     args = { .person = &person, .wish = wm_lit("W"),
                                .text = wm_lit("T"), .reason = wm_lit("R"),
                                .answer = wm_lit("A"), .course = &course,
                                .realm = unit_realm, .order = &order };

    c = begun(pool, WM_OP_WISH_ANSWER);
    if (c == NULL) {
        return false;
    }

    for (s = WM_WISH_SUBMITTED; s < WM_WISH_STATE_MAX; s++) {
        wish.state = (wm_wish_state_t) s;

        /* the order first: its number is the first effect */

        for (i = WM_WISH_DO_MAX; i-- > 0; /* void */ ) {
            staff.role = i == WM_WISH_DO_CLAIM ? WM_ROLE_LEAD
                                               : WM_ROLE_WORKER;
            (void) wm_wish_act(c, &wish, (wm_wish_action_t) i, &by, &args);
        }
    }

    return encoded(c, out);
}


static bool
average(wm_pool_t *pool, const char **out)
{
    wm_str_t  s = wm_rating_average(pool, 3, 14);

    *out = s.data;

    return s.data != NULL;
}


static bool
event_create(wm_pool_t *pool, const char **out)
{
    wm_event_t    e;
    wm_commit_t  *c;

    event_of(&e, "draft");
    c = begun(pool, WM_OP_EVENT_CREATE);
    if (c == NULL) {
        return false;
    }

    wm_event_create(c, &e);

    return encoded(c, out);
}


static bool
event_moves(wm_pool_t *pool, const char **out)
{
    bool          nothing;
    wm_order_t    orders[] = {
        { .id = wm_lit("O1"), .state = WM_ORDER_SCHEDULED,
          .handler_path = wm_lit("/ctr/in1/"), .team = wm_lit("t") },
        { .id = wm_lit("O2"), .state = WM_ORDER_SUBMITTED,
          .handler_path = wm_lit("/ctr/in1/") } };
    wm_deadlines_t  deadlines = { { 0, 60, 60, 60 } };
    wm_event_t    e, moved;
    wm_commit_t  *c;

    event_of(&e, "published");
    moved = e;
    moved.path = wm_lit("/ctr/in2/");

    c = begun(pool, WM_OP_EVENT_CHANGE);
    if (c == NULL || wm_event_change(c, &e, &moved) != WM_VERDICT_OK
        || wm_event_cancel(c, &e, orders, &deadlines, &nothing)
           != WM_VERDICT_OK
        || wm_poster_make(c, &e) != WM_VERDICT_OK
        || wm_wall_close(c, &e) != WM_VERDICT_OK)
    {
        return false;
    }

    e.state = WM_EVENT_DRAFT;
    orders[0].state = WM_ORDER_ACCEPTED;

    return wm_event_publish(c, &e, orders, wm_lit("/ctr/"), &nothing)
           == WM_VERDICT_OK
           && encoded(c, out);
}


static bool
staff(wm_pool_t *pool, const char **out)
{
    uint8_t       sid[16] = { 1 };
    wm_staff_t    s = { wm_lit("wang"), WM_ROLE_WORKER, wm_lit("st1"),
                        wm_lit("/ctr/st1/"), wm_lit("0123456789abcdef"),
                        wm_lit("0123456789abcdef0123456789abcdef"), false,
                        4, wm_lit("t1"), false };
    wm_commit_t  *c;

    c = begun(pool, WM_OP_STAFF_ADD);
    if (c == NULL) {
        return false;
    }

    wm_staff_add(c, &s);
    wm_staff_password(c, &s);
    wm_staff_disable(c, &s);
    wm_session_start(c, &s, wm_session_key(pool, wm_lit("furong"), sid));
    wm_session_end(c, wm_session_key(pool, wm_lit("furong"), sid));

    return encoded(c, out);
}


/* An entry that moves an event, as far as the outbox. */

#define MOVED  "\x95\x04\xa4HSET\xb3wm:{furong}:event:7\xa5moved\xa2" "17"
#define WHO    "ABCDEFGHJKMNPQRS"

static bool
notices(wm_pool_t *pool, const char **out)
{
    size_t             n;
    wm_told_t         *told;
    wm_commit_t       *c;
    wm_notify_t       *items;
    wm_notify_list_t   list;

    told = wm_notify_told(pool, wm_lit("furong"), wm_lit("event.change"),
                          wm_lit(MOVED), &n);
    c = begun(pool, WM_OP_NOTIFY_QUEUE);

    if (told == NULL || c == NULL) {
        return false;
    }

    assert_int_equal(n, 1);
    wm_notify_list(&list, pool, wm_lit("5-0"), 99);
    wm_notify_places(&list, told, unit_hash(WHO, "s:1:1:0:x", NULL), 1);
    items = wm_notify_sorted(&list, &n);

    if (items == NULL) {
        return false;
    }

    wm_notify_queue(c, wm_lit(""), wm_lit("5-0"), items, n, 5);

    return encoded(c, out);
}


static bool
notice_body(wm_pool_t *pool, const char **out)
{
    wm_str_t            body;
    wm_notify_t         item = { .id = wm_lit("5-0.x"), .event = wm_lit("7"),
                                 .kind = WM_NOTICE_PLACE_OFFERED,
                                 .made_ms = UNIT_NOW };
    wm_notify_facts_t   f;
    wm_notify_site_t    at = { wm_lit("furong"), wm_lit("https://x/y"), 480 };

    memset(&f, 0, sizeof(f));
    f.event.title = wm_lit("法治讲座");
    f.event.start_ms = f.enrol.until_ms = UNIT_NOW;
    f.name = f.phone = f.event.place = wm_lit("x");

    body = wm_notify_body(pool, &item, &f, &at);

    *out = wm_dup(unit_pool, body).data;

    return body.data != NULL
           && wm_notify_sign(pool, wm_lit("key"), 1, body).data != NULL;
}


static bool
doc(wm_pool_t *pool, const char **out)
{
    wm_buf_t   b;
    wm_doc_t  *d;

    d = wm_doc_parse(pool, wm_lit("{\"a\":[1,\"\\u0001张\",{\"b\":null}],"
                                  "\"c\":{\"d\":\"" "0123456789012345678901"
                                  "2345678901234567890123456789\"}}"));
    wm_buf_init(&b, pool, 1);

    if (d == NULL) {
        return false;
    }

    wm_doc_write(&b, d);
    *out = wm_dup(unit_pool, wm_buf_str(&b)).data;

    return wm_buf_str(&b).data != NULL;
}


/* A second factor that is turned on, and what is shown and tried of it. */

static bool
totp_on(wm_pool_t *pool, const char **out)
{
    bool          nothing;
    char          digits[7];
    wm_totp_t     off = { 0 };
    wm_staff_t    s = { .name = wm_lit("wang"), .epoch = 4 };
    wm_setup_t    setup = { .epoch = 4, .secret = { 1, 2, 3 } };
    wm_commit_t  *c;

    assert_true(wm_totp_digits(setup.secret, wm_totp_step(UNIT_NOW), digits));

    c = begun(pool, WM_OP_TOTP_ON);

    return c != NULL
           && wm_totp_on(c, unit_realm, &s, &off, wm_lit("S"), &setup,
                         wm_str(digits), &nothing) == WM_VERDICT_OK
           && encoded(c, out);
}


static bool
totp_try(wm_pool_t *pool, const char **out)
{
    wm_str_t       uri;
    wm_totp_t      t = { .on = true };
    wm_verdict_t   v;
    wm_totp_use_t  use;

    const uint8_t  *secret = (const uint8_t *) "12345678901234567890";

    uri = wm_totp_uri(pool, wm_lit("x.cn"), wm_lit("wang"), secret);
    v = wm_totp_try(pool, unit_realm, wm_lit("wang"), &t,
                    wm_lit("ABCD-EFGH-JKMN"), UNIT_NOW, &use);
    assert_true(v == WM_VERDICT_WRONG_CODE || v == WM_VERDICT_INTERNAL);

    *out = wm_dup(unit_pool, uri).data;

    return uri.data != NULL && v == WM_VERDICT_WRONG_CODE;
}


static bool
totp_used(wm_pool_t *pool, const char **out)
{
    wm_totp_t      t = { .on = true, .sealed = wm_lit("S"),
                         .last = wm_lit("7"), .wrong = wm_lit("1:2") };
    wm_commit_t   *c;
    wm_totp_use_t  use = { 8, 0 };

    c = begun(pool, WM_OP_STAFF_SIGN_IN);
    if (c == NULL) {
        return false;
    }

    wm_totp_hit(c, wm_lit("wang"), &t, &use);
    wm_totp_miss(c, wm_lit("wang"), &t);
    wm_totp_off(c, wm_lit("wang"), &t, &use);
    wm_totp_reset(c, wm_lit("wang"));

    return encoded(c, out);
}


static wm_str_t
source(void *ctx, wm_str_t name)
{
    (void) ctx;

    return wm_is(name, "main")
           ? wm_lit("<h1>{{=site}}</h1>{{#items}}{{>part}}{{/items}}"
                    "{{^none}}{{! x }}&{{html}}{{/none}}")
           : wm_lit("<li>{{.}}{{x}}");
}


static bool
template(wm_pool_t *pool, const char **out)
{
    wm_buf_t              b;
    wm_doc_t             *d;
    wm_template_t        *t;
    wm_template_error_t   error;

    d = wm_doc_parse(unit_pool, wm_lit("{\"items\":[{\"x\":\"张\"},\"<q>\"],"
                                       "\"html\":\"<b>\"}"));
    t = wm_template_parse(pool, wm_lit("main"), source, NULL, &error);

    if (t == NULL) {
        assert_text(error.what, NULL);
        return false;
    }

    wm_buf_init(&b, pool, 1);
    (void) wm_template_render(&b, t, d, true);
    *out = wm_dup(unit_pool, wm_buf_str(&b)).data;

    return !b.failed;
}


/* A template that is wrong is refused without memory for saying why, too. */

static wm_str_t
wrong_source(void *ctx, wm_str_t name)
{
    (void) ctx;
    (void) name;

    return wm_lit("<h1>{{=site}}</h1>{{#items}}");
}


static void
wrong_template(void **state)
{
    size_t                k;
    unit_meagre_t         m;
    wm_template_error_t   error;

    (void) state;

    for (k = 0; k < 20; k++) {
        assert_null(wm_template_parse(unit_meagre(&m, k), wm_lit("main"),
                                      wrong_source, NULL, &error));
        assert_int_equal(error.what.data == NULL, m.dry);
    }
}


static const char *
values(wm_input_t *in)
{
    size_t             i, j;
    wm_buf_t           b;
    const wm_value_t  *v;

    wm_buf_init(&b, unit_pool, 256);

    for (i = 0; i < in->nfields; i++) {
        v = &in->values[i];
        wm_putf(&b, "%s %d \"%.*s\" %lld", in->fields[i].name, v->given,
                wm_fmt(v->text), (long long) v->num);

        for (j = 0; j < v->n; j++) {
            wm_putf(&b, " %.*s", wm_fmt(v->list[j]));
        }

        wm_putc(&b, '\n');
    }

    wm_putc(&b, '\0');

    return b.data;
}


static const wm_field_t  fields[] = {
    { "title",     WM_FIELD_TEXT,    0,  2, 9 },
    { "count",     WM_FIELD_NUMBER,  0,  0, 500 },
    { "phone",     WM_FIELD_PHONE,   0,  0, 0 },
    { "wanted",    WM_FIELD_DAYS,    0,  0, 3 }
};


static bool
form(wm_pool_t *pool, const char **out)
{
    wm_input_t  in;

    wm_input_init(&in, pool, fields, wm_countof(fields), 480);

    if (!wm_input_form(&in, wm_lit("title=a%20b&count=7&phone=138-0000-1234&"
                                   "wanted=2026-12-01&wanted=2026-12-02"))
        || !wm_input_check(&in))
    {
        return false;
    }

    *out = values(&in);

    return true;
}


static bool
json(wm_pool_t *pool, const char **out)
{
    wm_input_t  in;

    wm_input_init(&in, pool, fields, wm_countof(fields), 480);

    if (!wm_input_json(&in, wm_lit("{\"title\":\"a b\",\"count\":7,"
                                   "\"phone\":\"138 0000 1234\",\"wanted\":"
                                   "[\"2026-12-01\",\"2026-12-02\"]}"))
        || !wm_input_check(&in))
    {
        return false;
    }

    *out = values(&in);

    return true;
}


static bool
event_apply(wm_pool_t *pool, const char **out)
{
    wm_event_t   e;
    wm_input_t   in;

    event_of(&e, "draft");
    wm_input_init(&in, pool, wm_event_fields, wm_event_nfields, 480);

    if (!wm_input_form(&in, wm_lit("orders=012345678901234567890123456789,"
                                   "1,012345678901234567890123456789x,2&"
                                   "place=x"))
        || !wm_input_check(&in))
    {
        return false;
    }

    wm_event_apply(&e, &in);
    *out = wm_printf(unit_pool, "%.*s %zu %.*s", wm_fmt(e.orders_text),
                     e.norders, wm_fmt(e.place)).data;

    return wm_input_ok(&in);
}


/* A page without memory for all of it is at least no crash. */

static void
report(void **state)
{
    size_t         k;
    wm_doc_t      *d;
    wm_input_t     in;
    unit_meagre_t  m;

    (void) state;

    for (k = 0; k < 100; k++) {
        wm_input_init(&in, unit_pool, fields, wm_countof(fields), 480);
        assert_true(wm_input_form(&in, wm_lit("title=a&count=x&wanted=1,2&"
                                              "unknown=1")));
        assert_false(wm_input_check(&in));

        in.pool = unit_meagre(&m, k);
        d = wm_doc_new(in.pool);

        if (d != NULL) {
            wm_input_report(&in, d);
        }
    }

    assert_false(m.dry);
}


static bool
person(wm_pool_t *pool, const char **out)
{
    wm_reply_t   *hash;
    wm_person_t   made, p;
    wm_commit_t  *c;

    c = begun(unit_pool, WM_OP_CHECK_IN);
    assert_true(wm_person_identify(unit_pool, unit_realm, wm_lit("张三"),
                                   wm_lit("13800001234"), wm_null, &made));
    wm_person_create(c, unit_realm, &made);
    hash = unit_hash(NULL);
    unit_hash_add(hash, "name", c->effects[0].args[1]);
    unit_hash_add(hash, "phone", c->effects[0].args[3]);
    unit_hash_add(hash, "key", c->private[0].args[1]);

    if (!wm_person_identify(pool, unit_realm, wm_lit("张三"),
                            wm_lit("13800001234"), wm_null, &p)
        || !wm_person_load(pool, unit_realm, hash, &p))
    {
        return false;
    }

    *out = wm_printf(unit_pool, "%s %.*s %.*s", p.id, wm_fmt(p.name),
                     wm_fmt(p.phone)).data;

    return true;
}


static bool
ring(wm_pool_t *pool, const char **out)
{
    wm_str_t       error;
    wm_keyfile_t   file;
    wm_keyring_t  *r;

    if (!wm_keyfile_parse(pool, wm_lit(
            "sign 1 hmac-sha256 active x "
            "5f1d7a84db00d2fce00b31a7fc73224f67e15b9c3d7e9f1a42c8b06d95e3a17c"
            "\ndata 1 aes-256-gcm active x "
            "c2a94e6b1d8f03725be46fa90c7d31e892b5407f6ad1c8e35f0b9a2746d8e1f3"
            ), &file, &error))
    {
        return false;
    }

    r = wm_keyring_create(pool, &file, wm_lit("furong"));
    if (r == NULL) {
        return false;
    }

    wm_keyring_destroy(r);
    *out = "";

    return true;
}


static bool
course(wm_pool_t *pool, const char **out)
{
    wm_course_t  c;

    if (!wm_course_load(pool, wm_lit("c"), wm_lit("{\"title\":\"x\","
                        "\"summary\":\"y\",\"duration_min\":3}"), &c))
    {
        return false;
    }

    *out = wm_printf(unit_pool, "%.*s %.*s %d", wm_fmt(c.title),
                     wm_fmt(c.summary), (int) c.duration_min).data;

    return true;
}


#define STARVE(task)                                                         \
    static void                                                              \
    task##_starved(void **state)                                             \
    {                                                                        \
        (void) state;                                                        \
        starve(task);                                                        \
    }

STARVE(order)
STARVE(steps)
STARVE(gathered)
STARVE(cancelled)
STARVE(enrol)
STARVE(moved)
STARVE(attend)
STARVE(leave)
STARVE(rate)
STARVE(reviewed)
STARVE(wished)
STARVE(granted)
STARVE(average)
STARVE(event_create)
STARVE(event_moves)
STARVE(notices)
STARVE(notice_body)
STARVE(staff)
STARVE(totp_on)
STARVE(totp_try)
STARVE(totp_used)
STARVE(doc)
STARVE(template)
STARVE(form)
STARVE(json)
STARVE(event_apply)
STARVE(person)
STARVE(ring)
STARVE(course)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(order_starved),
        unit_case(steps_starved),
        unit_case(gathered_starved),
        unit_case(cancelled_starved),
        unit_case(enrol_starved),
        unit_case(moved_starved),
        unit_case(attend_starved),
        unit_case(leave_starved),
        unit_case(rate_starved),
        unit_case(reviewed_starved),
        unit_case(wished_starved),
        unit_case(granted_starved),
        unit_case(average_starved),
        unit_case(event_create_starved),
        unit_case(event_moves_starved),
        unit_case(notices_starved),
        unit_case(notice_body_starved),
        unit_case(staff_starved),
        unit_case(totp_on_starved),
        unit_case(totp_try_starved),
        unit_case(totp_used_starved),
        unit_case(doc_starved),
        unit_case(template_starved),
        unit_case(wrong_template),
        unit_case(form_starved),
        unit_case(json_starved),
        unit_case(event_apply_starved),
        unit_case(report),
        unit_case(person_starved),
        unit_case(ring_starved),
        unit_case(course_starved)
    };

    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
