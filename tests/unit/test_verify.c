#include "unit.h"
#include "wm_verify.h"

#include <inttypes.h>

#define PERSON  "ABCDEFGHJKMNPQRS"
#define OTHER   "BBCDEFGHJKMNPQRS"
#define CODE    "code:DEV:" PERSON


static void
facts_of(wm_verify_facts_t *f)
{
    memset(f, 0, sizeof(*f));

    memcpy(f->person.id, PERSON, WM_ID_LEN);
    f->person.known = true;
    f->person.epoch = 3;
    f->person.name = wm_lit("张三");
    f->person.phone = wm_lit("13800000001");
    f->device = wm_lit("DEV");
}


/* What a commit has put where a step begins so. */

static wm_str_t
value_of(const wm_commit_t *c, const char *field)
{
    size_t  i, j;

    for (i = 0; i < c->nprivate; i++) {
        for (j = 0; j + 1 < c->private[i].n; j += 2) {
            if (wm_is(c->private[i].args[j], field)) {
                return c->private[i].args[j + 1];
            }
        }
    }

    for (i = 0; i < c->neffects; i++) {
        for (j = 0; j + 1 < c->effects[i].n; j += 2) {
            if (wm_is(c->effects[i].args[j], field)) {
                return c->effects[i].args[j + 1];
            }
        }
    }

    return wm_null;
}


/* Facts as they are once a code was sent. */

static void
facts_sent(wm_verify_facts_t *f, const char *code)
{
    wm_commit_t  *c = unit_commit(WM_OP_PERSON_CODE);

    facts_of(f);
    assert_int_equal(wm_verify_send(c, unit_realm, f, code), WM_VERDICT_OK);

    f->mac = value_of(c, "mac");
    f->made = value_of(c, "made");
    f->tries = value_of(c, "tries");
}


static void
drawn(void **state)
{
    int           i, seen[10] = { 0 };
    const char   *p;
    char          code[WM_VERIFY_DIGITS + 1];

    (void) state;

    for (i = 0; i < 2000; i++) {
        assert_true(wm_verify_draw(code));
        assert_int_equal(strlen(code), WM_VERIFY_DIGITS);
        assert_int_equal(strspn(code, "0123456789"), WM_VERIFY_DIGITS);

        for (p = code; *p != '\0'; p++) {
            seen[*p - '0']++;
        }
    }

    for (i = 0; i < 10; i++) {
        assert_true(seen[i] > 900 && seen[i] < 1500);
    }
}


static void
digits(void **state)
{
    size_t  i;
    char    out[WM_VERIFY_DIGITS + 1];

    static const char *const  good[] = {
        "012345", "012 345", " 0 1 2 3 4 5 ", "012-345",
        "０１２３４５", "012３45"
    };
    static const char *const  bad[] = {
        "", "01234", "0123456", "01234x", "x012345", "０１２３４",
        "01234\xef\xbc", "01234ａ", "01234／", "01234\xef\xbc\x9a"
    };

    (void) state;

    for (i = 0; i < wm_countof(good); i++) {
        assert_true(wm_verify_digits(wm_str(good[i]), out));
        assert_string_equal(out, "012345");
    }

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_verify_digits(wm_str(bad[i]), out), "%s", bad[i]);
    }
}


/* Ages of codes in seconds, the newest first. */

static bool
may(int n, ...)
{
    int       i;
    va_list   args;
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 64);
    va_start(args, n);

    for (i = 0; i < n; i++) {
        wm_putf(&b, "%s%" PRId64, i > 0 ? "," : "",
                UNIT_NOW - va_arg(args, int) * INT64_C(1000));
    }

    va_end(args);

    return wm_verify_may(n > 0 ? wm_buf_str(&b) : wm_null, UNIT_NOW);
}


static void
how_often(void **state)
{
    (void) state;

    assert_true(may(0));
    assert_false(may(1, 0));
    assert_false(may(1, 59));
    assert_true(may(1, 60));
    assert_true(may(4, 60, 120, 180, 3599));
    assert_false(may(5, 60, 120, 180, 240, 3599));
    assert_true(may(5, 60, 120, 180, 240, 3600));
    assert_false(may(1, -59));          /* another server's clock */
    assert_true(wm_verify_may(wm_lit("x,,7"), UNIT_NOW));
}


static void
sending(void **state)
{
    wm_commit_t        *c;
    wm_verify_facts_t   f;

    (void) state;

    facts_of(&f);
    c = unit_commit(WM_OP_PERSON_CODE);
    assert_int_equal(wm_verify_send(c, unit_realm, &f, "012345"),
                     WM_VERDICT_OK);

    assert_has(unit_commit_text(c), " times \"\"");
    assert_has(unit_commit_text(c), "EXPIRE wm:{furong}:" CODE " 600");
    assert_has(unit_commit_text(c), "* HSET wm:{furong}:" CODE " mac ");
    assert_lacks(unit_commit_text(c), "012345");
    assert_lacks(unit_commit_text(c), "13800000001");
    assert_text(value_of(c, "times"), "1795395607123");

    f.times = wm_lit("1795395007123,5,4,3,2,1");
    c = unit_commit(WM_OP_PERSON_CODE);
    assert_int_equal(wm_verify_send(c, unit_realm, &f, "012345"),
                     WM_VERDICT_OK);
    assert_text(value_of(c, "times"), "1795395607123,1795395007123,5,4,3");

    f.times = wm_lit("1795395607000");
    c = unit_commit(WM_OP_PERSON_CODE);
    assert_int_equal(wm_verify_send(c, unit_realm, &f, "012345"),
                     WM_VERDICT_MANY_CODES);
    assert_int_equal(c->nneeds + c->neffects + c->nprivate, 0);
}


static void
district(void **state)
{
    wm_commit_t        *c;
    wm_verify_facts_t   f;

    (void) state;

    facts_of(&f);
    f.all = wm_lit("2999");
    c = unit_commit(WM_OP_PERSON_CODE);
    assert_int_equal(wm_verify_send(c, unit_realm, &f, "012345"),
                     WM_VERDICT_OK);
    assert_has(unit_commit_text(c),
               "? hbelow wm:{furong}:codes:498721 n 3000");
    assert_has(unit_commit_text(c), "! HINCRBY wm:{furong}:codes:498721 n 1");
    assert_has(unit_commit_text(c), "! EXPIRE wm:{furong}:codes:498721 3600");

    f.all = wm_lit("3000");
    c = unit_commit(WM_OP_PERSON_CODE);
    assert_int_equal(wm_verify_send(c, unit_realm, &f, "012345"),
                     WM_VERDICT_ALL_CODES);
    assert_int_equal(c->nneeds + c->neffects + c->nprivate, 0);
}


/* A code is for one person on one device, and looks like no other. */

static void
bound(void **state)
{
    wm_str_t            mac;
    wm_verify_facts_t   f, g;

    (void) state;

    facts_sent(&f, "012345");
    mac = f.mac;
    assert_true(wm_verify_fits(unit_pool, unit_realm, &f, "012345"));
    assert_false(wm_verify_fits(unit_pool, unit_realm, &f, "012346"));

    g = f;
    g.device = wm_lit("DEW");
    assert_false(wm_verify_fits(unit_pool, unit_realm, &g, "012345"));

    g = f;
    g.person.id[0] = 'B';
    assert_false(wm_verify_fits(unit_pool, unit_realm, &g, "012345"));

    g = f;
    g.made = wm_lit("1795395607124");
    assert_false(wm_verify_fits(unit_pool, unit_realm, &g, "012345"));

    g = f;
    g.mac = wm_null;
    assert_false(wm_verify_fits(unit_pool, unit_realm, &g, "012345"));

    facts_sent(&f, "543210");
    assert_false(wm_eq(mac, f.mac));
}


static void
guessing(void **state)
{
    size_t              i;
    wm_commit_t        *c;
    wm_verify_facts_t   f;

    static const char *const  over[] = { "5", "6", "", "x", "-1" };

    (void) state;

    facts_sent(&f, "012345");
    f.tries = wm_lit("4");

    c = unit_commit(WM_OP_PERSON_TRY);
    assert_int_equal(wm_verify_check(c, unit_realm, &f, "999999"),
                     WM_VERDICT_SMS_WRONG);
    assert_has(unit_commit_text(c), "? heq wm:{furong}:" CODE " tries 4");
    assert_has(unit_commit_text(c), "HINCRBY wm:{furong}:" CODE " tries 1");
    assert_int_equal(c->neffects, 1);
    assert_int_equal(c->nprivate, 0);

    for (i = 0; i < wm_countof(over); i++) {
        f.tries = wm_str(over[i]);
        c = unit_commit(WM_OP_PERSON_VERIFY);
        assert_int_equal(wm_verify_check(c, unit_realm, &f, "012345"),
                         WM_VERDICT_CODE_OVER);
        assert_int_equal(c->neffects, 0);
    }

    f.tries = wm_lit("0");
    f.mac = wm_null;
    c = unit_commit(WM_OP_PERSON_VERIFY);
    assert_int_equal(wm_verify_check(c, unit_realm, &f, "012345"),
                     WM_VERDICT_CODE_OVER);
}


static void
right(void **state)
{
    wm_person_t         others[3];
    const char         *text;
    wm_commit_t        *c;
    wm_verify_facts_t   f;

    (void) state;

    facts_sent(&f, "012345");
    memset(others, 0, sizeof(others));

    others[0] = f.person;               /* himself: once is enough */
    others[1] = f.person;
    memcpy(others[1].id, OTHER, WM_ID_LEN);
    others[1].epoch = 0;
    others[2] = others[1];
    others[2].id[0] = 'C';
    others[2].phone = wm_lit("13800000002");

    f.others = others;
    f.nothers = 3;

    c = unit_commit(WM_OP_PERSON_VERIFY);
    assert_int_equal(wm_verify_check(c, unit_realm, &f, "012345"),
                     WM_VERDICT_OK);
    text = unit_commit_text(c);

    assert_has(text, "? heq wm:{furong}:" CODE " tries 0");
    assert_has(text, "? heq wm:{furong}:person:" PERSON " epoch 3");
    assert_has(text, "! HSET wm:{furong}:dev:DEV v:" PERSON " 3.0");
    assert_has(text, "? heq wm:{furong}:person:" OTHER " epoch \"\"");
    assert_has(text, "! HSET wm:{furong}:dev:DEV v:" OTHER " 0.0");
    assert_has(text, "! DEL wm:{furong}:" CODE);
    assert_lacks(text, "v:CBCDEFGHJKMNPQRS");
    assert_int_equal(c->neffects, 5);

    /* somebody new is made in the same commit */

    facts_sent(&f, "012345");
    f.person.known = false;
    f.person.epoch = 0;

    c = unit_commit(WM_OP_PERSON_VERIFY);
    assert_int_equal(wm_verify_check(c, unit_realm, &f, "012345"),
                     WM_VERDICT_OK);
    text = unit_commit_text(c);
    assert_has(text, "? absent wm:{furong}:person:" PERSON);
    assert_has(text, "! HSET wm:{furong}:dev:DEV v:" PERSON
               " 0.1795395607123\n");
    assert_lacks(text, "epoch");
}


static void
marks(void **state)
{
    wm_verify_facts_t  f;

    (void) state;

    facts_of(&f);
    f.person.made_ms = 77;
    assert_true(wm_verify_is(&f.person, wm_lit("3.77")));
    assert_false(wm_verify_is(&f.person, wm_lit("3.78")));
    assert_false(wm_verify_is(&f.person, wm_lit("3")));
    assert_false(wm_verify_is(&f.person, wm_lit("3.")));
    assert_false(wm_verify_is(&f.person, wm_lit(".77")));
    assert_false(wm_verify_is(&f.person, wm_lit("2.77")));
    assert_false(wm_verify_is(&f.person, wm_lit("4.77")));
    assert_false(wm_verify_is(&f.person, wm_lit("")));
    assert_false(wm_verify_is(&f.person, wm_null));

    f.person.known = false;
    assert_false(wm_verify_is(&f.person, wm_lit("3")));
}


static void
leaving(void **state)
{
    const char         *text;
    wm_commit_t        *c;
    wm_verify_facts_t   f;

    (void) state;

    facts_of(&f);
    c = unit_commit(WM_OP_PERSON_END);
    wm_verify_end_all(c, &f.person, f.device, wm_lit("3"));
    text = unit_commit_text(c);
    assert_has(text, "? heq wm:{furong}:person:" PERSON " epoch 3");
    assert_has(text, "? heq wm:{furong}:dev:DEV v:" PERSON " 3");
    assert_has(text, "! HINCRBY wm:{furong}:person:" PERSON " epoch 1");
    assert_has(text, "! HDEL wm:{furong}:dev:DEV v:" PERSON);

    c = unit_commit(WM_OP_PERSON_END);
    f.person.epoch = 0;
    wm_verify_end_all(c, &f.person, wm_lit(""), wm_null);
    text = unit_commit_text(c);
    assert_has(text, "epoch \"\"");
    assert_lacks(text, "dev:");

    c = unit_commit(WM_OP_PERSON_LEAVE);
    wm_verify_end(c, wm_lit(PERSON), f.device);
    assert_has(unit_commit_text(c), "! HDEL wm:{furong}:dev:DEV v:" PERSON);
}


/* Without memory nothing is sent that is not whole. */

static void
no_memory(void **state)
{
    size_t              n;
    wm_commit_t        *c;
    wm_verdict_t        v;
    unit_meagre_t       m;
    wm_verify_facts_t   f;

    (void) state;

    for (n = 0; n < 100; n++) {
        facts_sent(&f, "012345");
        c = wm_commit_new(unit_meagre(&m, n), wm_lit("furong"),
                          WM_OP_PERSON_VERIFY, wm_lit("tester"), UNIT_NOW);
        if (c == NULL) {
            continue;
        }

        v = wm_verify_check(c, unit_realm, &f, "012345");

        if (!m.dry) {
            assert_int_equal(v, WM_VERDICT_OK);
            break;
        }

        assert_true(c->failed || v == WM_VERDICT_SMS_WRONG);
    }

    assert_true(n > 3 && n < 100);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(drawn),
        unit_case(digits),
        unit_case(how_often),
        unit_case(sending),
        unit_case(district),
        unit_case(bound),
        unit_case(guessing),
        unit_case(right),
        unit_case(marks),
        unit_case(leaving),
        unit_case(no_memory)
    };

    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
