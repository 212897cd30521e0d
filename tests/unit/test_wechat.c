#include "unit.h"
#include "wm_wechat.h"

#define PERSON  "ABCDEFGHJKMNPQRS"
#define DEVICE  "DBCDEFGHJKMNPQRS"
#define OTHER   "EBCDEFGHJKMNPQRS"


static bool
is_state(const char *device, wm_str_t state, int64_t now_ms)
{
    return wm_wechat_is_state(unit_pool, unit_realm, wm_str(device), state,
                              now_ms);
}


static void
states(void **state)
{
    char      *p;
    size_t     i;
    wm_str_t   s, ticket;

    (void) state;

    s = wm_wechat_state(unit_pool, unit_realm, wm_lit(DEVICE), UNIT_NOW);
    assert_int_equal(s.len, 36);

    assert_true(is_state(DEVICE, s, UNIT_NOW));
    assert_true(is_state(DEVICE, s, UNIT_NOW + 600000));
    assert_false(is_state(DEVICE, s, UNIT_NOW + 602000));
    assert_false(is_state(DEVICE, s, UNIT_NOW - 2000));
    assert_false(is_state(OTHER, s, UNIT_NOW));
    assert_false(is_state(DEVICE, wm_lit(""), UNIT_NOW));
    assert_false(is_state(DEVICE, wm_null, UNIT_NOW));

    for (i = 0; i < s.len; i++) {
        p = (char *) wm_dup(unit_pool, s).data;
        p[i] = (char) (p[i] == '1' ? '2' : '1');
        assert_case(!is_state(DEVICE, (wm_str_t) { s.len, p }, UNIT_NOW),
                    "%zu", i);
    }

    /* nor is a ticket's end one */

    ticket = wm_wechat_ticket(unit_pool, unit_realm, wm_lit(DEVICE),
                              wm_lit(""), UNIT_NOW);
    assert_int_equal(ticket.len, 36);
    assert_false(is_state(DEVICE, ticket, UNIT_NOW));
}


static bool
opens(const char *device, wm_str_t ticket, int64_t now_ms, wm_str_t *digest)
{
    return wm_wechat_open(unit_pool, unit_realm, wm_str(device), ticket,
                          now_ms, digest);
}


static void
tickets(void **state)
{
    char      *p;
    size_t     i;
    wm_str_t   digest, again, t, out;

    (void) state;

    digest = wm_wechat_digest(unit_pool, unit_realm, wm_lit("wx1"),
                              wm_lit("oA"));
    again = wm_wechat_digest(unit_pool, unit_realm, wm_lit("wx2"),
                             wm_lit("oA"));
    assert_int_equal(digest.len, 26);
    assert_false(wm_eq(digest, again));

    t = wm_wechat_ticket(unit_pool, unit_realm, wm_lit(DEVICE), digest,
                         UNIT_NOW);
    assert_true(opens(DEVICE, t, UNIT_NOW, &out));
    assert_true(wm_eq(out, digest));
    assert_false(opens(OTHER, t, UNIT_NOW, &out));
    assert_false(opens(DEVICE, t, UNIT_NOW + 602000, &out));
    assert_false(opens(DEVICE, wm_lit(""), UNIT_NOW, &out));
    assert_false(opens(DEVICE, digest, UNIT_NOW, &out));

    for (i = 0; i < t.len; i++) {
        p = (char *) wm_dup(unit_pool, t).data;
        p[i] = (char) (p[i] == '1' ? '2' : '1');
        assert_case(!opens(DEVICE, (wm_str_t) { t.len, p }, UNIT_NOW, &out),
                    "%zu", i);
    }
}


static void
openids(void **state)
{
    size_t  i;

    static const char *const  bad[] = {
        "", "{}", "[]", "null", "{\"openid\":5}", "{\"openid\":null}",
        "{\"openid\":\"\"}", "{\"openid\":\"a b\"}", "{\"openid\":\"é\"}",
        "{\"openid\":\"a\\u0000\"}", "{\"openid\":[\"a\"]}",
        "{\"openid\":\"a\",\"openid\":\"b\"}", "{\"openid\":\"a\"",
        ("{\"openid\":\"0123456789012345678901234567890123456789"
         "0123456789012345678901234\"}")
    };

    (void) state;

    assert_text(wm_wechat_openid(unit_pool, wm_lit("{\"access_token\":\"x\","
        "\"expires_in\":7200,\"openid\":\"oA-b_9\",\"is\":true}")),
        "oA-b_9");

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(wm_wechat_openid(unit_pool, wm_str(bad[i])).data == NULL,
                    "%s", bad[i]);
    }

    assert_true(wm_wechat_openid(unit_pool, wm_null).data == NULL);
}


static void
commits(void **state)
{
    const char   *text;
    wm_commit_t  *c = unit_commit(WM_OP_PERSON_BIND);
    wm_person_t   p = { .known = true, .epoch = 2 };

    (void) state;

    memcpy(p.id, PERSON, WM_ID_LEN);

    wm_wechat_bind(c, &p, wm_lit(DEVICE), wm_lit("2"), wm_lit("DIGEST"));
    text = unit_commit_text(c);
    assert_has(text, "? absent wm:{furong}:wechat:DIGEST");
    assert_has(text, "? habsent wm:{furong}:person:" PERSON " wechat");
    assert_has(text, "? heq wm:{furong}:dev:" DEVICE " v:" PERSON " 2");
    assert_has(text, "! HSET wm:{furong}:wechat:DIGEST person " PERSON);
    assert_has(text, "! HSET wm:{furong}:person:" PERSON " wechat DIGEST");

    c = unit_commit(WM_OP_PERSON_ENTER);
    wm_wechat_enter(c, &p, wm_lit(DEVICE), wm_lit("DIGEST"));
    text = unit_commit_text(c);
    assert_has(text, "? heq wm:{furong}:wechat:DIGEST person " PERSON);
    assert_has(text, "? heq wm:{furong}:person:" PERSON " epoch 2");
    assert_has(text, "! HSET wm:{furong}:dev:" DEVICE " v:" PERSON " 2.0");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(states),
        unit_case(tickets),
        unit_case(openids),
        unit_case(commits)
    };

    return cmocka_run_group_tests_name("wechat", tests, NULL, NULL);
}
