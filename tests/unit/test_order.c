#include "unit.h"
#include "wm_order_life.h"
#include "wm_time.h"

#define ID  "ABCDEFGHJKMNPQRS"


static void
states(void **state)
{
    unsigned  s;

    (void) state;

    for (s = WM_ORDER_SUBMITTED; s < WM_ORDER_STATE_MAX; s++) {
        assert_int_equal(wm_order_state_find(wm_str(wm_order_state_code(
                             (wm_order_state_t) s))), s);
        assert_true(strlen(wm_order_state_text((wm_order_state_t) s)) > 0);
    }

    assert_string_equal(wm_order_state_code(WM_ORDER_SUBMITTED),
                        "submitted");
    assert_int_equal(wm_order_state_find(wm_lit("Submitted")),
                     WM_ORDER_NONE);
    assert_int_equal(wm_order_state_find(wm_lit("")), WM_ORDER_NONE);
    assert_int_equal(wm_order_state_find(wm_null), WM_ORDER_NONE);
}


static void
loaded(void **state)
{
    wm_order_t  o;

    (void) state;

    assert_true(wm_order_load(unit_hash("running", "12", "status",
        "scheduled", "course", "c1", "title", "反诈", "unit", "st1", "path",
        "/c/i/st1/", "wanted", "2026-12-01,2026-12-02", "head_count", "40",
        "person", "P", "note", "N", "device", "D", "event", "7", "made",
        "1795395607123", "group", "示例小学", "by", "wang", "handler", "i",
        "handler_path", "/c/i/", "team", "t1", "reason", "R", "remark", "M",
        "log", "L", "due", "9", "extra", "x", NULL), wm_lit(ID), &o));

    assert_text(o.id, ID);
    assert_int_equal(o.running, 12);
    assert_int_equal(o.state, WM_ORDER_SCHEDULED);
    assert_text(o.course, "c1");
    assert_text(o.title, "反诈");
    assert_text(o.unit, "st1");
    assert_text(o.path, "/c/i/st1/");
    assert_text(o.wanted, "2026-12-01,2026-12-02");
    assert_int_equal(o.head_count, 40);
    assert_text(o.person, "P");
    assert_text(o.note, "N");
    assert_text(o.device, "D");
    assert_text(o.event, "7");
    assert_true(o.made_ms == UNIT_NOW);
    assert_text(o.group, "示例小学");
    assert_text(o.by, "wang");
    assert_text(o.handler, "i");
    assert_text(o.handler_path, "/c/i/");
    assert_text(o.team, "t1");
    assert_text(o.reason, "R");
    assert_text(o.remark, "M");
    assert_text(o.log, "L");
    assert_int_equal(o.due_ms, 9);

    /* from before anybody handled orders: the unit itself does */

    assert_true(wm_order_load(unit_hash("status", "submitted", "unit", "st1",
        "path", "/c/i/st1/", NULL), wm_lit(ID), &o));
    assert_text(o.handler, "st1");
    assert_text(o.handler_path, "/c/i/st1/");
    assert_int_equal(o.due_ms, 0);

    assert_false(wm_order_load(unit_hash(NULL), wm_lit(ID), &o));
    assert_false(wm_order_load(unit_hash("status", "lost", NULL), wm_lit(ID),
                               &o));
    assert_false(wm_order_load(&(wm_reply_t) { 0 }, wm_lit(ID), &o));
    assert_true(wm_order_load(unit_hash("status", "submitted", "head_count",
                                        "-1", NULL), wm_lit(ID), &o));
    assert_int_equal(o.head_count, 0);
}


static void
ids(void **state)
{
    char  a[WM_ID_LEN + 1], b[WM_ID_LEN + 1];

    (void) state;

    assert_true(wm_order_id(wm_null, a));
    assert_true(wm_order_id(wm_null, b));
    assert_true(wm_id_valid(wm_str(a)));
    assert_string_not_equal(a, b);

    assert_true(wm_order_id(wm_lit("orders dev key1"), a));
    assert_true(wm_order_id(wm_lit("orders dev key1"), b));
    assert_true(wm_id_valid(wm_str(a)));
    assert_string_equal(a, b);

    assert_true(wm_order_id(wm_lit("orders dev key2"), b));
    assert_string_not_equal(a, b);
}


static void
numbers(void **state)
{
    int64_t  end;

    (void) state;

    assert_text(wm_order_number(unit_pool, UNIT_NOW, 480, 123),
                "2026000123");
    assert_text(wm_order_number(unit_pool, UNIT_NOW, 480, 1234567),
                "20261234567");

    /* the year is the district's */

    assert_true(wm_time_parse_day(wm_lit("2027-01-01"), 480, &end));
    assert_text(wm_order_number(unit_pool, end - 1, 480, 1), "2026000001");
    assert_text(wm_order_number(unit_pool, end, 480, 1), "2027000001");
    assert_text(wm_order_number(unit_pool, end, 0, 1), "2026000001");
}


static void
facts_of(wm_order_facts_t *f, bool known)
{
    memset(f, 0, sizeof(*f));

    f->course = (wm_course_t) { .id = wm_lit("c1"), .title = wm_lit("反诈") };
    f->unit = (wm_unit_t) { .id = wm_lit("st1"),
                            .path = wm_lit("/ctr/in1/st1/") };
    f->device = wm_lit("DEV");
    f->id = wm_lit(ID);
    f->wanted = wm_lit("2026-12-01");
    f->head_count = 40;
    f->note = wm_lit("有投影");
    f->offset = UNIT_OFFSET;
    f->deadlines = (wm_deadlines_t) { { 0, 86400, 60, 60 } };

    assert_true(wm_person_identify(unit_pool, unit_realm, wm_lit("张三"),
                                   wm_lit("13800001234"), wm_null,
                                   &f->person));
    f->person.known = known;
}


#define BEGUN                                                                \
    "! HSET wm:{furong}:order:" ID " handler st1 handler_path "              \
    "/ctr/in1/st1/ log submit:1795395607123:tester due 1795482007123\n"      \
    "! ZADD wm:{furong}:due:ctr 1795482007123 " ID "\n"                      \
    "! ZADD wm:{furong}:due:in1 1795482007123 " ID "\n"                      \
    "! ZADD wm:{furong}:due:st1 1795482007123 " ID "\n"

#define BODY                                                                 \
    "! HSET wm:{furong}:order:" ID " running @1 status submitted course c1 " \
    "title 反诈 unit st1 path /ctr/in1/st1/ wanted 2026-12-01 "              \
    "head_count 40 person %s note <37> device DEV made 1795395607123\n"      \
    "! HINCRBY wm:{furong}:demand c1 1\n"                                    \
    "! HSET wm:{furong}:dev:DEV o:" ID " 1795395607123\n"                    \
    "! ZADD wm:{furong}:orders:ctr 1795395607123 " ID "\n"                   \
    "! ZADD wm:{furong}:orders:in1 1795395607123 " ID "\n"                   \
    "! ZADD wm:{furong}:orders:st1 1795395607123 " ID "\n" BEGUN


static void
submitted(void **state)
{
    wm_commit_t       *c;
    wm_order_facts_t   f;

    (void) state;

    facts_of(&f, true);
    c = unit_commit(WM_OP_ORDER_SUBMIT);
    wm_order_submit(c, unit_realm, &f);

    assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
        "? absent wm:{furong}:order:" ID "\n"
        "? exists wm:{furong}:person:%s\n"
        "! HINCRBY wm:{furong}:numbers order:2026 1\n" BODY,
        f.person.id, f.person.id).data);

    facts_of(&f, false);
    c = unit_commit(WM_OP_ORDER_SUBMIT);
    wm_order_submit(c, unit_realm, &f);

    assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
        "? absent wm:{furong}:order:" ID "\n"
        "? absent wm:{furong}:person:%s\n"
        "! HINCRBY wm:{furong}:numbers order:2026 1\n"
        "! HSET wm:{furong}:person:%s name <34> phone <39> made "
        "1795395607123\n" BODY
        "* HSET wm:{furong}:person:%s key <60>\n", f.person.id, f.person.id,
        f.person.id, f.person.id).data);
}


/* By phone: no device is to find it again, the worker stands in it. */

static void
by_phone(void **state)
{
    wm_commit_t       *c;
    wm_order_facts_t   f;

    (void) state;

    facts_of(&f, true);
    f.device = wm_lit("");
    f.by = wm_lit("wang");
    f.group = wm_lit("示例小学");
    c = unit_commit(WM_OP_ORDER_SUBMIT);
    wm_order_submit(c, unit_realm, &f);

    assert_has(unit_commit_text(c),
               "! HSET wm:{furong}:order:" ID " group 示例小学\n"
               "! HSET wm:{furong}:order:" ID " by wang\n");
    assert_lacks(unit_commit_text(c), ":dev:");
}


/* No name, phone or note stands anywhere in a commit as it was typed. */

static void
nothing_personal(void **state)
{
    size_t             i, argc;
    wm_str_t          *v;
    wm_commit_t       *c;
    wm_order_facts_t   f;

    (void) state;

    facts_of(&f, false);
    c = unit_commit(WM_OP_ORDER_SUBMIT);
    wm_order_submit(c, unit_realm, &f);
    assert_true(wm_commits_encode(c->pool, &c, 1, &v, &argc));

    for (i = 2; i < argc; i++) {
        assert_null(memmem(v[i].data, v[i].len, "张三", 6));
        assert_null(memmem(v[i].data, v[i].len, "13800001234", 11));
        assert_null(memmem(v[i].data, v[i].len, "有投影", 9));
        assert_null(memmem(v[i].data, v[i].len, f.person.key, WM_KEY_LEN));
    }
}


static void
cancelled(void **state)
{
    bool          nothing;
    size_t        i;
    wm_order_t    o;
    wm_commit_t  *c;
    wm_verdict_t  v;

    static const struct {
        wm_order_state_t   state;
        const char        *mine;
        const char        *yours;
        wm_verdict_t       verdict;
        bool               commits;
    } cases[] = {
        { WM_ORDER_SUBMITTED, "DEV", "DEV", WM_VERDICT_OK, true },
        { WM_ORDER_DISPATCHED, "DEV", "DEV", WM_VERDICT_OK, true },
        { WM_ORDER_ACCEPTED, "DEV", "DEV", WM_VERDICT_OK, true },
        { WM_ORDER_SCHEDULED, "DEV", "DEV", WM_VERDICT_OK, true },
        { WM_ORDER_COMPLETED, "DEV", "DEV", WM_VERDICT_STATE, false },
        { WM_ORDER_REJECTED, "DEV", "DEV", WM_VERDICT_STATE, false },
        { WM_ORDER_EXPIRED, "DEV", "DEV", WM_VERDICT_STATE, false },
        { WM_ORDER_CANCELLED, "DEV", "DEV", WM_VERDICT_OK, false },
        { WM_ORDER_SUBMITTED, "DEV", "DEW", WM_VERDICT_NOT_FOUND, false },
        { WM_ORDER_CANCELLED, "DEV", "DEW", WM_VERDICT_NOT_FOUND, false },
        { WM_ORDER_SUBMITTED, "DEV", "", WM_VERDICT_NOT_FOUND, false },
        { WM_ORDER_SUBMITTED, "", "", WM_VERDICT_NOT_FOUND, false },
        { WM_ORDER_SUBMITTED, NULL, NULL, WM_VERDICT_NOT_FOUND, false },
        { WM_ORDER_NONE, "DEV", "DEV", WM_VERDICT_STATE, false }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        memset(&o, 0, sizeof(o));
        o.id = wm_lit(ID);
        o.state = cases[i].state;
        o.course = wm_lit("c1");
        o.device = wm_str(cases[i].mine);
        o.made_ms = 5;
        o.handler_path = wm_lit("/a/");

        c = unit_commit(WM_OP_ORDER_CANCEL);
        v = wm_order_cancel(c, &o, wm_str(cases[i].yours), &nothing);

        assert_case(v == cases[i].verdict, "case %zu: %s", i,
                    wm_verdict_code(v));
        assert_int_equal(c->neffects > 0, cases[i].commits);

        if (v == WM_VERDICT_OK) {
            assert_int_equal(nothing, !cases[i].commits);
        }

        if (cases[i].commits) {
            assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
                "? heq wm:{furong}:order:" ID " status %s\n"
                "? heq wm:{furong}:order:" ID " log \"\"\n"
                "! HSET wm:{furong}:order:" ID " status cancelled log "
                "submit:5:-,cancel:1795395607123:tester due 0\n"
                "! ZREM wm:{furong}:due:a " ID "\n"
                "! HINCRBY wm:{furong}:demand c1 -1\n",
                wm_order_state_code(cases[i].state)).data);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(states),
        unit_case(loaded),
        unit_case(ids),
        unit_case(numbers),
        unit_case(submitted),
        unit_case(by_phone),
        unit_case(nothing_personal),
        unit_case(cancelled)
    };

    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
