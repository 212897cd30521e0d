#include "unit.h"
#include "wm_trail.h"
#include "wm_doc.h"


static wm_trail_t
entry(wm_str_t user)
{
    return (wm_trail_t) {
        .now_ms = INT64_C(1795395607123), .offset = UNIT_OFFSET,
        .source = "web", .district = wm_lit("furong"), .user = user,
        .kind = wm_lit("order.accept"), .object = wm_lit("ABC"),
        .route = wm_lit("POST api/staff/orders/{id}/accept"),
        .success = true, .result = wm_lit("ok"),
        .address = wm_lit("192.0.2.7")
    };
}


static void
line(void **state)
{
    wm_trail_t  a = entry(wm_lit("wang"));

    (void) state;

    assert_text(wm_trail_line(unit_pool, &a),
                "{\"time\":\"2026-11-23T09:00:07+08:00\",\"source\":\"web\","
                "\"district\":\"furong\",\"user\":\"wang\","
                "\"kind\":\"order.accept\",\"object\":\"ABC\","
                "\"success\":true,\"result\":\"ok\","
                "\"address\":\"192.0.2.7\","
                "\"route\":\"POST api/staff/orders/{id}/accept\"}\n");
}


/* Whatever is typed as a name, it stays one line of JSON. */

static void
injected(void **state)
{
    char          many[4096];
    size_t        i;
    wm_str_t      s;
    wm_doc_t     *doc;
    wm_trail_t    a;

    static const char *const  users[] = {
        "a\"b\\c", "a\n{\"user\":\"root\"}", "\xff\xfe\x80", "\x01\x1f\x7f",
        "a\r\nb", "\xe2\x80\xa8line", "", "\xe5\xbc\xa0"
    };

    (void) state;

    for (i = 0; i < wm_countof(users); i++) {
        a = entry(wm_str(users[i]));
        s = wm_trail_line(unit_pool, &a);
        assert_non_null(s.data);
        assert_ptr_equal(memchr(s.data, '\n', s.len), s.data + s.len - 1);
        doc = wm_doc_parse(unit_pool, (wm_str_t) { s.len - 1, s.data });
        assert_non_null(doc);
        assert_text(wm_doc_get_str(doc, "kind"), "order.accept");
    }

    memset(many, '"', sizeof(many));
    a = entry((wm_str_t) { sizeof(many), many });
    a.object = a.user;
    a.address = a.user;
    a.result = a.user;
    a.kind = a.user;
    s = wm_trail_line(unit_pool, &a);
    assert_true(s.len < WM_TRAIL_LINE_MAX);
    assert_non_null(wm_doc_parse(unit_pool, (wm_str_t) { s.len - 1,
                                                         s.data }));
}


static void
nobodys_phone(void **state)
{
    wm_str_t    s;
    wm_trail_t  a = entry(wm_lit("13900001111"));

    (void) state;

    a.typed = true;
    s = wm_trail_line(unit_pool, &a);
    assert_has(wm_dup(unit_pool, s).data, "\"user\":\"(digits)\"");

    a.user = wm_lit("139 0000 1111");
    s = wm_trail_line(unit_pool, &a);
    assert_has(wm_dup(unit_pool, s).data, "\"user\":\"(digits)\"");

    a.user = wm_lit("\xef\xbc\x91\xef\xbc\x93\xef\xbc\x99"
                    "\xef\xbc\x90\xef\xbc\x90" "00");     /* full-width */
    s = wm_trail_line(unit_pool, &a);
    assert_has(wm_dup(unit_pool, s).data, "\"user\":\"(digits)\"");

    a.user = wm_lit("clerk-2026");
    s = wm_trail_line(unit_pool, &a);
    assert_has(wm_dup(unit_pool, s).data, "\"user\":\"clerk-2026\"");

    a = entry(wm_lit("clerk20260001"));     /* who is signed in has a name */
    s = wm_trail_line(unit_pool, &a);
    assert_has(wm_dup(unit_pool, s).data, "\"user\":\"clerk20260001\"");
}


static void
kinds(void **state)
{
    size_t  i;

    static const char *const  of[][3] = {
        { "POST", "api/staff/orders/{id}/accept", "order.accept" },
        { "POST", "staff/orders/{id}/reject", "order.reject" },
        { "POST", "staff/orders", "order.submit" },
        { "PATCH", "api/staff/events/{id}", "event.change" },
        { "POST", "staff/events/{id}", "event.change" },
        { "GET", "staff/events/{id}", "read" },
        { "POST", "staff/events/{id}/publish", "event.publish" },
        { "POST", "api/staff/people/sign-out", "staff.end" },
        { "PATCH", "api/staff/units/{id}", "unit.change" },
        { "POST", "api/staff/courses", "course.create" },
        { "PATCH", "api/staff/courses/{id}", "course.change" },
        { "POST", "staff/courses/{id}/withdraw", "course.withdraw" },
        { "POST", "api/staff/wishes/{id}/refuse", "wish.refuse" },
        { "POST", "staff/ratings/{id}/show", "rate.show" },
        { "GET", "api/staff/events/{id}/roster.csv", "export.roster" },
        { "GET", "api/staff/plans.csv", "export.plans.csv" },
        { "DELETE", "api/staff/session", "staff.sign_out" },
        { "POST", "api/staff/session", "staff.sign_in" },
        { "DELETE", "api/me", "person.forget" },
        { "POST", "staff/plans/{id}/close", "plans.close" },
        { "POST", "staff/plans", "plans" },
        { "GET", "api/staff/orders", "read" }
    };

    (void) state;

    for (i = 0; i < wm_countof(of); i++) {
        assert_text(wm_trail_kind(unit_pool, wm_str(of[i][0]),
                                  wm_str(of[i][1])), of[i][2]);
    }

    assert_true(wm_trail_signs_in(wm_lit("POST"), wm_lit("staff/login/code")));
    assert_false(wm_trail_signs_in(wm_lit("GET"), wm_lit("staff/login")));
    assert_true(wm_trail_forgets(wm_lit("POST"), wm_lit("me/forget")));
    assert_false(wm_trail_forgets(wm_lit("GET"), wm_lit("me/forget")));
    assert_true(wm_trail_exports(wm_lit("x.csv")));
    assert_false(wm_trail_exports(wm_lit(".csv")));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(line),
        unit_case(injected),
        unit_case(nobodys_phone),
        unit_case(kinds)
    };

    return cmocka_run_group_tests_name("trail", tests, NULL, NULL);
}
