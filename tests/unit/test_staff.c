#include "unit.h"
#include "unit_openssl.h"
#include "wm_staff.h"

#define HASH  "0123456789abcdef0123456789abcdef"
#define SALT  "0123456789abcdef"


static void
names(void **state)
{
    size_t  i;

    static const char *const  good[] = {
        "a", "worker01", "王小明", "li.lei-2@furong",
        "12345678901234567890123456789012", "王小明王小明王小明王"
    };
    static const char *const  bad[] = {
        "", " ", " a", "a ", "a b", "a:b", "a/b", "a{b", "a}b", "a\tb",
        "a\nb", "a\x7f", "\xff", "王\xe5", "123456789012345678901234567890123",
        "王小明王小明王小明王小", "a\xe2\x80\xae", "　王", "王　"
    };

    (void) state;

    for (i = 0; i < wm_countof(good); i++) {
        assert_case(wm_staff_name_valid(wm_str(good[i])), "%s", good[i]);
    }

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_staff_name_valid(wm_str(bad[i])), "took %s", bad[i]);
    }

    assert_false(wm_staff_name_valid(wm_null));
    assert_false(wm_staff_name_valid(wm_lit("a\0b")));
}


static void
loaded(void **state)
{
    wm_staff_t  s;

    (void) state;

    assert_true(wm_staff_load(unit_hash("role", "worker", "unit", "st1",
        "path", "/ctr/st1/", "salt", SALT, "hash", HASH, "epoch", "4", NULL),
        wm_lit("wang"), &s));
    assert_text(s.name, "wang");
    assert_int_equal(s.role, WM_ROLE_WORKER);
    assert_text(s.path, "/ctr/st1/");
    assert_int_equal(s.epoch, 4);
    assert_false(s.disabled);

    assert_true(wm_staff_load(unit_hash("role", "auditor", "salt", SALT,
        "hash", HASH, "disabled", "1", NULL), wm_lit("wang"), &s));
    assert_true(s.disabled);

    assert_false(wm_staff_load(unit_hash(NULL), wm_lit("wang"), &s));
    assert_false(wm_staff_load(&(wm_reply_t) { 0 }, wm_lit("wang"), &s));
    assert_false(wm_staff_load(unit_hash("role", "god", "salt", SALT, "hash",
                                         HASH, NULL), wm_lit("wang"), &s));
    assert_false(wm_staff_load(unit_hash("role", "worker", "hash", HASH,
                                         NULL), wm_lit("wang"), &s));
    assert_false(wm_staff_load(unit_hash("role", "worker", "salt", SALT,
                                         "hash", "short", NULL),
                               wm_lit("wang"), &s));
}


static void
passwords(void **state)
{
    uint8_t     hash[WM_KEY_LEN];
    wm_staff_t  a = { 0 }, b = { 0 };

    (void) state;

    assert_true(wm_staff_hash(unit_pool, wm_lit("红太阳2026"), &a));
    assert_true(wm_staff_hash(unit_pool, wm_lit("红太阳2026"), &b));
    assert_false(wm_eq(a.salt, b.salt));
    assert_false(wm_eq(a.hash, b.hash));

    assert_true(wm_scrypt(wm_lit("红太阳2026"),
                          (const uint8_t *) a.salt.data, hash));
    assert_memory_equal(hash, a.hash.data, WM_KEY_LEN);
    assert_true(wm_scrypt(wm_lit("红太阳2027"),
                          (const uint8_t *) a.salt.data, hash));
    assert_memory_not_equal(hash, a.hash.data, WM_KEY_LEN);
}


#define KEY  "wm:{furong}:staff:wang"


static void
commits(void **state)
{
    wm_staff_t    s = { wm_lit("wang"), WM_ROLE_WORKER, wm_lit("st1"),
                        wm_lit("/ctr/st1/"), wm_lit(SALT), wm_lit(HASH),
                        false, 4, wm_null, false };
    wm_commit_t  *c;

    (void) state;

    c = unit_commit(WM_OP_STAFF_ADD);
    wm_staff_add(c, &s);
    assert_string_equal(unit_commit_text(c),
        "? absent " KEY "\n"
        "! HSET " KEY " role worker unit st1 path /ctr/st1/ epoch 1 made "
        "1795395607123\n"
        "! SADD wm:{furong}:staff wang\n"
        "* HSET " KEY " salt " SALT " hash " HASH "\n");

    c = unit_commit(WM_OP_STAFF_DISABLE);
    wm_staff_disable(c, &s);
    assert_string_equal(unit_commit_text(c),
        "? exists " KEY "\n"
        "! HSET " KEY " disabled 1\n"
        "! HINCRBY " KEY " epoch 1\n");

    c = unit_commit(WM_OP_STAFF_ENABLE);
    wm_staff_enable(c, &s);
    assert_has(unit_commit_text(c), " disabled\n");
    assert_lacks(unit_commit_text(c), "epoch");

    /* a new password ends the sessions of the old one */

    c = unit_commit(WM_OP_STAFF_PASSWORD);
    wm_staff_password(c, &s);
    assert_string_equal(unit_commit_text(c),
        "? exists " KEY "\n"
        "! HINCRBY " KEY " epoch 1\n"
        "* HSET " KEY " salt " SALT " hash " HASH "\n");

    c = unit_commit(WM_OP_STAFF_SIGN_IN);
    wm_session_start(c, &s, wm_lit("wm:{furong}:session:X"));
    assert_string_equal(unit_commit_text(c),
        "? heq " KEY " epoch 4\n"
        "! HSET wm:{furong}:session:X name wang epoch 4 made 1795395607123\n"
        "! EXPIRE wm:{furong}:session:X 1800\n");

    c = unit_commit(WM_OP_STAFF_SIGN_OUT);
    wm_session_end(c, wm_lit("wm:{furong}:session:X"));
    assert_string_equal(unit_commit_text(c),
                        "! DEL wm:{furong}:session:X\n");

    assert_text(wm_staff_actor(unit_pool, s.name), "staff:wang");
}


/* What stands in Redis is a digest of what the cookie says. */

static void
session_keys(void **state)
{
    char      id[27];
    uint8_t   sid[16] = { 1, 2, 3 }, sum[32];
    wm_str_t  key;

    (void) state;

    key = wm_session_key(unit_pool, wm_lit("furong"), sid);
    assert_true(wm_sha256((wm_str_t) { 16, (char *) sid }, sum));
    wm_b32_encode(sum, 16, id);
    assert_text(key, wm_printf(unit_pool, "wm:{furong}:session:%s",
                               id).data);

    sid[15] = 1;
    assert_false(wm_eq(key, wm_session_key(unit_pool, wm_lit("furong"),
                                           sid)));
}


static void
sessions(void **state)
{
    size_t      i;
    wm_staff_t  s;

    static const struct {
        const char  *name;
        const char  *epoch;
        const char  *made;
        bool         disabled;
        bool         valid;
    } cases[] = {
        { "wang", "4", "1795395607123", false, true },
        { "wang", "4", "1795366807124", false, true },
        { "wang", "4", "1795366807123", false, false },     /* 8 hours */
        { "wang", "4", "0", false, false },
        { "wang", "4", "", false, false },
        { "wang", "3", "1795395607123", false, false },
        { "wang", "5", "1795395607123", false, false },
        { "wang", "", "1795395607123", false, false },
        { "wan", "4", "1795395607123", false, false },
        { "", "4", "1795395607123", false, false },
        { "wang", "4", "1795395607123", true, false }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        s = (wm_staff_t) { .name = wm_lit("wang"), .epoch = 4,
                           .disabled = cases[i].disabled };

        assert_case(wm_session_valid(unit_hash("name", cases[i].name,
                        "epoch", cases[i].epoch, "made", cases[i].made, NULL),
                        &s, UNIT_NOW) == cases[i].valid, "case %zu", i);
    }

    s.disabled = false;
    assert_false(wm_session_valid(unit_hash(NULL), &s, UNIT_NOW));
    assert_false(wm_session_valid(&(wm_reply_t) { 0 }, &s, UNIT_NOW));
}


/* No salt, no password, no name of a session without what they are made of. */

static void
nothing_half(void **state)
{
    size_t          k;
    uint8_t         sid[16] = { 7 };
    wm_staff_t      s = { 0 };
    unit_meagre_t   m;

    (void) state;

    for (k = 0; k < 2; k++) {
        assert_false(wm_staff_hash(unit_meagre(&m, k), wm_lit("12345678"),
                                   &s));
        assert_null(s.hash.data);

        unit_openssl_fail(k + 1);
        assert_false(wm_staff_hash(unit_pool, wm_lit("12345678"), &s));
        assert_null(s.hash.data);
    }

    unit_openssl_fail(1);
    assert_null(wm_session_key(unit_pool, wm_lit("furong"), sid).data);
    unit_openssl_fail(0);
    assert_non_null(wm_session_key(unit_pool, wm_lit("furong"), sid).data);
}


static void
leads(void **state)
{
    size_t  i;

    static const char *const  good[] = {
        "staff/", "staff/orders", "staff/events/12/roster?limit=5&cursor=a_1",
        "staff/orders?from=2026-01-01&team=%E4%B8%AD"
    };
    static const char *const  bad[] = {
        "", "staff", "menu", "/staff/", "//staff/", "staff//x", "staff/../x",
        "staff/login", "staff/login?next=staff/", "staff/x y", "staff/x\ny",
        "staff/x\"y", "staff/x\\y", "staff/\xe4\xb8\xad", "staff/x#y",
        "https://evil.example/staff/", "staff/x~y"
    };
    char  far[WM_STAFF_PATH_MAX + 2];

    (void) state;

    for (i = 0; i < wm_countof(good); i++) {
        assert_case(wm_staff_leads(wm_str(good[i])), "%s", good[i]);
    }

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_staff_leads(wm_str(bad[i])), "took %s", bad[i]);
    }

    assert_false(wm_staff_leads(wm_null));
    assert_false(wm_staff_leads(wm_lit("staff/\0")));

    memset(far, 'x', sizeof(far) - 1);
    memcpy(far, "staff/", 6);
    far[sizeof(far) - 1] = '\0';
    assert_false(wm_staff_leads(wm_str(far)));
    far[sizeof(far) - 2] = '\0';
    assert_true(wm_staff_leads(wm_str(far)));
}


/* Who may, for whom, and what is written; op by op. */

static void
managing(void **state)
{
    bool          nothing;
    size_t        i;
    wm_commit_t  *c;

    static const wm_staff_t  admin = {
        .name = wm_lit("ad"), .role = WM_ROLE_ADMINISTRATOR,
        .path = wm_lit("/c/i/")
    };
    static const wm_staff_t  clerk = {
        .name = wm_lit("cl"), .role = WM_ROLE_WORKER,
        .path = wm_lit("/c/i/")
    };
    static const wm_staff_t  out = {
        .name = wm_lit("ou"), .role = WM_ROLE_WORKER,
        .path = wm_lit("/c/i/s/"), .disabled = true
    };
    static const wm_staff_t  above = {
        .name = wm_lit("ab"), .role = WM_ROLE_WORKER, .path = wm_lit("/c/")
    };

    static const struct {
        wm_op_t             op;
        const wm_staff_t   *by, *who;
        wm_verdict_t        verdict;
        bool                nothing;
        size_t              effects;
    } cases[] = {
        { WM_OP_STAFF_DISABLE, &admin, &clerk, WM_VERDICT_OK, false, 2 },
        { WM_OP_STAFF_DISABLE, &admin, &out, WM_VERDICT_OK, true, 0 },
        { WM_OP_STAFF_ENABLE, &admin, &out, WM_VERDICT_OK, false, 1 },
        { WM_OP_STAFF_ENABLE, &admin, &clerk, WM_VERDICT_OK, true, 0 },
        { WM_OP_STAFF_END, &admin, &clerk, WM_VERDICT_OK, false, 1 },
        { WM_OP_STAFF_END, &admin, &out, WM_VERDICT_OK, false, 1 },
        { WM_OP_STAFF_END, &admin, &admin, WM_VERDICT_FORBIDDEN, false, 0 },
        { WM_OP_STAFF_END, &clerk, &out, WM_VERDICT_FORBIDDEN, false, 0 },
        { WM_OP_STAFF_END, &admin, &above, WM_VERDICT_NOT_FOUND, false, 0 }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        c = unit_commit(cases[i].op);
        assert_case(wm_staff_manage(c, cases[i].by, cases[i].who, &nothing)
                    == cases[i].verdict, "case %zu", i);
        assert_case(nothing == cases[i].nothing, "case %zu", i);
        assert_case(c->neffects == cases[i].effects, "case %zu", i);
    }

    assert_false(wm_staff_manages(&admin, &above));
}


static void
staffing(void **state)
{
    wm_staff_t  s = { .role = WM_ROLE_WORKER, .unit = wm_lit("i") };

    (void) state;

    assert_int_equal(wm_staffing(wm_lit("institute")), 2);
    assert_int_equal(wm_staffing(wm_lit("station")), 1);
    assert_int_equal(wm_staffing(wm_lit("base")), 0);

    assert_true(wm_staff_runs(&s, wm_lit("i")));
    assert_false(wm_staff_runs(&s, wm_lit("j")));
    s.role = WM_ROLE_LECTURER;
    assert_false(wm_staff_runs(&s, wm_lit("i")));
    s.role = WM_ROLE_ADMINISTRATOR;
    s.disabled = true;
    assert_false(wm_staff_runs(&s, wm_lit("i")));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(names),
        unit_case(loaded),
        unit_case(passwords),
        unit_case(commits),
        unit_case(session_keys),
        unit_case(sessions),
        unit_case(nothing_half),
        unit_case(leads),
        unit_case(managing),
        unit_case(staffing)
    };

    return cmocka_run_group_tests_name("staff", tests, NULL, NULL);
}
