#include "unit.h"
#include "unit_openssl.h"
#include "wm_totp.h"

#define NAME    wm_lit("wang")
#define KEY     "wm:{furong}:staff:wang"
#define SECRET  ((const uint8_t *) "12345678901234567890")
#define STEP    (UNIT_NOW / 30000)


static wm_setup_t
setup_of(const char *secret)
{
    wm_setup_t  setup = { .epoch = 4 };

    memcpy(setup.secret, secret, WM_SECRET_LEN);

    return setup;
}


/* A worker with a second factor, as turning it on writes it. */

static wm_commit_t *
turned_on(void)
{
    bool           nothing;
    char           digits[7];
    wm_totp_t      off = { 0 };
    wm_staff_t     s = { .name = NAME, .epoch = 4 };
    wm_setup_t     setup = setup_of((const char *) SECRET);
    wm_commit_t   *c;

    assert_true(wm_totp_digits(SECRET, STEP, digits));

    c = unit_commit(WM_OP_TOTP_ON);
    assert_int_equal(wm_totp_on(c, unit_realm, &s, &off,
                                wm_lit("wm:{furong}:session:X"), &setup,
                                wm_dup(unit_pool, wm_str(digits)), &nothing),
                     WM_VERDICT_OK);
    assert_false(nothing || c->failed);

    return c;
}


static wm_reply_t *
record(void)
{
    size_t        i, j;
    wm_step_t    *s;
    wm_reply_t   *hash = unit_hash("role", "worker", NULL);
    wm_commit_t  *c = turned_on();

    for (i = 0; i < c->nprivate; i++) {
        s = &c->private[i];

        for (j = 0; j < s->n; j += 2) {
            unit_hash_add(hash, wm_dup(unit_pool, s->args[j]).data,
                          s->args[j + 1]);
        }
    }

    unit_hash_add(hash, "totp_step", c->effects[0].args[1]);

    return hash;
}


static void
given(wm_totp_t *t, const char *last, const char *wrong)
{
    wm_totp_load(record(), t);
    t->last = wm_str(last);
    t->wrong = wm_str(wrong);
}


static wm_verdict_t
try(const wm_totp_t *t, const char *typed, int64_t now_ms, wm_totp_use_t *use)
{
    return wm_totp_try(unit_pool, unit_realm, NAME, t, wm_str(typed), now_ms,
                       use);
}


static const char *
digits_of(int64_t step)
{
    char  *out = wm_alloc(unit_pool, 7);

    assert_true(wm_totp_digits(SECRET, step, out));

    return out;
}


/* RFC 6238, appendix B: the last 6 digits of its SHA-1 rows. */

static void
vectors(void **state)
{
    size_t  i;
    char    out[7];

    static const struct {
        int64_t      s;
        const char  *digits;
    } rows[] = {
        { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
        { 1234567890, "005924" }, { 2000000000, "279037" },
        { INT64_C(20000000000), "353130" }
    };

    (void) state;

    for (i = 0; i < wm_countof(rows); i++) {
        assert_true(wm_totp_digits(SECRET, wm_totp_step(rows[i].s * 1000),
                                   out));
        assert_string_equal(out, rows[i].digits);
    }
}


static void
texts(void **state)
{
    uint8_t  secret[WM_SECRET_LEN];

    (void) state;

    assert_text(wm_totp_secret_text(unit_pool, SECRET),
                "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

    memset(secret, 0xff, sizeof(secret));
    assert_text(wm_totp_secret_text(unit_pool, secret),
                "77777777777777777777777777777777");

    assert_text(wm_totp_uri(unit_pool, wm_lit("x.cn:8080"), wm_lit("王 a"),
                            SECRET),
                "otpauth://totp/x.cn%3A8080:%E7%8E%8B%20a"
                "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                "&issuer=x.cn%3A8080");
}


static void
window(void **state)
{
    int            i;
    wm_totp_t      t;
    wm_totp_use_t  use;

    (void) state;

    given(&t, "0", "");

    for (i = -3; i <= 3; i++) {
        assert_int_equal(try(&t, digits_of(STEP + i), UNIT_NOW, &use),
                         i >= -1 && i <= 1 ? WM_VERDICT_OK
                                           : WM_VERDICT_WRONG_CODE);
        assert_int_equal(use.step, i >= -1 && i <= 1 ? STEP + i : 0);
    }
}


/* A code of the last step, or of an older one, is no code. */

static void
replay(void **state)
{
    int            i;
    wm_totp_t      t;
    wm_totp_use_t  use;

    (void) state;

    given(&t, wm_printf(unit_pool, "%lld", (long long) STEP).data, "");

    for (i = -1; i <= 1; i++) {
        assert_int_equal(try(&t, digits_of(STEP + i), UNIT_NOW, &use),
                         i > 0 ? WM_VERDICT_OK : WM_VERDICT_WRONG_CODE);
    }
}


static void
typed(void **state)
{
    size_t         i;
    wm_str_t       digits, code;
    wm_totp_t      t;
    wm_totp_use_t  use;

    static const char *const  none[] = {
        "", "1", "12345", "1234567", "abcdef", "-------", "++++++", "1e4   ",
        "000000000000", "ABCDEFGHJKM", "ABCDEFGHJKMNP", "\xff\xff"
    };

    (void) state;

    given(&t, "0", "");
    digits = wm_str(digits_of(STEP));

    assert_int_equal(try(&t, wm_printf(unit_pool, " %.3s %.3s ", digits.data,
                                       digits.data + 3).data,
                         UNIT_NOW, &use), WM_VERDICT_OK);

    code = wm_totp_recovery(unit_pool, unit_realm, NAME, SECRET, 6);
    assert_int_equal(code.len, WM_TOTP_CODE_LEN);
    assert_int_equal(try(&t, wm_printf(unit_pool, "%.4s-%.4s %.4s", code.data,
                                       code.data + 4, code.data + 8).data,
                         UNIT_NOW, &use), WM_VERDICT_OK);
    assert_int_equal(use.step, 0);
    assert_int_equal(use.number, 6);

    for (i = 0; i < code.len; i++) {
        if (code.data[i] >= 'A' && code.data[i] <= 'Z') {
            ((char *) code.data)[i] |= 0x20;

        } else if (code.data[i] <= '1') {
            ((char *) code.data)[i] = code.data[i] == '0' ? 'o' : 'l';
        }
    }

    assert_int_equal(try(&t, code.data, UNIT_NOW, &use), WM_VERDICT_OK);
    assert_int_equal(use.number, 6);

    for (i = 0; i < wm_countof(none); i++) {
        assert_case(try(&t, none[i], UNIT_NOW, &use)
                    == (i == 11 ? WM_VERDICT_INTERNAL
                                : WM_VERDICT_WRONG_CODE), "%s", none[i]);
    }
}


/* Each once, of this worker, with this key. */

static void
recovery(void **state)
{
    size_t         i, j;
    wm_str_t       codes[WM_TOTP_CODES];
    wm_totp_t      t;
    wm_totp_use_t  use;

    (void) state;

    given(&t, "0", "");
    assert_int_equal(t.left, WM_TOTP_CODES);

    for (i = 0; i < WM_TOTP_CODES; i++) {
        codes[i] = wm_totp_recovery(unit_pool, unit_realm, NAME, SECRET, i);

        for (j = 0; j < i; j++) {
            assert_false(wm_eq(codes[i], codes[j]));
        }

        assert_int_equal(try(&t, codes[i].data, UNIT_NOW, &use),
                         WM_VERDICT_OK);
        assert_int_equal(use.number, i);
        assert_int_equal(wm_totp_try(unit_pool, unit_realm, wm_lit("li"), &t,
                                     codes[i], UNIT_NOW, &use),
                         WM_VERDICT_WRONG_CODE);

        t.codes[i] = wm_null;
        assert_int_equal(try(&t, codes[i].data, UNIT_NOW, &use),
                         WM_VERDICT_WRONG_CODE);
    }

    assert_false(wm_eq(codes[0], wm_totp_recovery(unit_pool, unit_realm,
                                                  wm_lit("li"), SECRET, 0)));
}


static void
limited(void **state)
{
    size_t         i;
    const char    *good = digits_of(STEP);
    wm_totp_t      t;
    wm_totp_use_t  use;
    wm_commit_t   *c;

    static const struct {
        const char  *wrong;
        bool         later;
        const char  *next;
    } rows[] = {
        { "", false, "1:1795395607123" },
        { "1:1795395607000", false, "2:1795395607000" },
        { "4:1795395607000", false, "5:1795395607000" },
        { "5:1795395607000", true, NULL },
        { "5:1795394707124", true, NULL },
        { "5:1795394707123", false, "1:1795395607123" },    /* a quarter */
        { "4:1795394707123", false, "1:1795395607123" },
        { "x", false, "1:1795395607123" },
        { "5", false, "1:1795395607123" }
    };

    (void) state;

    for (i = 0; i < wm_countof(rows); i++) {
        given(&t, "0", rows[i].wrong);
        assert_case(try(&t, good, UNIT_NOW, &use)
                    == (rows[i].later ? WM_VERDICT_TRY_LATER : WM_VERDICT_OK),
                    "%s", rows[i].wrong);

        if (rows[i].later) {
            continue;
        }

        c = unit_commit(WM_OP_STAFF_WRONG);
        t.sealed = wm_lit("S");
        wm_totp_miss(c, NAME, &t);
        assert_string_equal(unit_commit_text(c),
            wm_printf(unit_pool, "? heq " KEY " totp S\n"
                      "? heq " KEY " totp_wrong %s\n"
                      "! HSET " KEY " totp_wrong %s\n",
                      rows[i].wrong[0] != '\0' ? rows[i].wrong : "\"\"",
                      rows[i].next).data);
    }
}


static void
commits(void **state)
{
    wm_totp_t      t;
    const char    *text;
    wm_commit_t   *c;
    wm_totp_use_t  app = { STEP, 0 }, code = { 0, 2 };

    (void) state;

    text = unit_commit_text(turned_on());
    assert_has(text, "? heq " KEY " epoch 4\n"
               "? habsent " KEY " totp\n"
               "? exists wm:{furong}:session:X\n");
    assert_has(text, "! HINCRBY " KEY " epoch 1\n"
               "! HSET wm:{furong}:session:X epoch @2\n");
    assert_has(text, "* HSET " KEY " totp ");
    assert_has(text, "* HSET " KEY " code10 ");
    assert_lacks(text, "12345678901234567890");
    assert_lacks(text, wm_totp_recovery(unit_pool, unit_realm, NAME, SECRET,
                                        0).data);

    given(&t, "7", "");
    t.sealed = wm_lit("S");
    t.codes[2] = wm_lit("D");

    c = unit_commit(WM_OP_STAFF_SIGN_IN);
    wm_totp_hit(c, NAME, &t, &app);
    assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
        "? heq " KEY " totp S\n? heq " KEY " totp_wrong \"\"\n"
        "? heq " KEY " totp_step 7\n"
        "! HSET " KEY " totp_step %lld\n", (long long) STEP).data);

    t.wrong = wm_lit("2:1");
    c = unit_commit(WM_OP_STAFF_SIGN_IN);
    wm_totp_hit(c, NAME, &t, &code);
    assert_string_equal(unit_commit_text(c),
        "? heq " KEY " totp S\n? heq " KEY " totp_wrong 2:1\n"
        "? heq " KEY " code3 D\n"
        "! HDEL " KEY " code3\n! HDEL " KEY " totp_wrong\n");

    c = unit_commit(WM_OP_TOTP_OFF);
    wm_totp_off(c, NAME, &t, &code);
    assert_string_equal(unit_commit_text(c),
        "? heq " KEY " totp S\n? heq " KEY " totp_wrong 2:1\n"
        "? heq " KEY " code3 D\n"
        "! HDEL " KEY " totp totp_step totp_wrong code1 code2 code3 code4 "
        "code5 code6 code7 code8 code9 code10\n");

    c = unit_commit(WM_OP_TOTP_RESET);
    wm_totp_reset(c, NAME);
    assert_string_equal(unit_commit_text(c),
        "? exists " KEY "\n"
        "! HDEL " KEY " totp totp_step totp_wrong code1 code2 code3 code4 "
        "code5 code6 code7 code8 code9 code10\n"
        "! HINCRBY " KEY " epoch 1\n");
}


static wm_verdict_t
on(const wm_totp_t *t, const char *secret, const char *typed, bool *nothing)
{
    wm_staff_t  s = { .name = NAME, .epoch = 4 };
    wm_setup_t  setup = setup_of(secret);

    return wm_totp_on(unit_commit(WM_OP_TOTP_ON), unit_realm, &s, t,
                      wm_lit("wm:{furong}:session:X"), &setup,
                      wm_str(typed), nothing);
}


static void
turning_on(void **state)
{
    bool         nothing;
    wm_totp_t    t, off = { 0 };
    const char  *same = "12345678901234567890";
    wm_setup_t   offered = setup_of(same);
    const char  *last = wm_printf(unit_pool, "%lld", (long long) STEP).data;

    (void) state;

    assert_int_equal(on(&off, same, digits_of(STEP - 2), &nothing),
                     WM_VERDICT_WRONG_CODE);
    assert_int_equal(on(&off, same, "12345", &nothing),
                     WM_VERDICT_WRONG_CODE);
    assert_int_equal(on(&off, "another secret......", digits_of(STEP),
                        &nothing), WM_VERDICT_WRONG_CODE);
    assert_false(nothing);

    /* turned on, and off again: the same is not turned on twice */

    assert_int_equal(wm_totp_on(unit_commit(WM_OP_TOTP_ON), unit_realm,
                                &(wm_staff_t) { .name = NAME, .epoch = 5 },
                                &off, wm_lit("S"), &offered,
                                wm_str(digits_of(STEP)), &nothing),
                     WM_VERDICT_STALE);

    /* once more is nothing to do; anything else is too late */

    given(&t, last, "");
    assert_int_equal(on(&t, same, digits_of(STEP), &nothing), WM_VERDICT_OK);
    assert_true(nothing);
    assert_int_equal(on(&t, same, digits_of(STEP + 1), &nothing),
                     WM_VERDICT_STATE);
    assert_int_equal(on(&t, "another secret......", digits_of(STEP),
                        &nothing), WM_VERDICT_STATE);
    assert_int_equal(on(&t, same, "ABCDEFGHJKMN", &nothing),
                     WM_VERDICT_STATE);
    assert_false(nothing);
}


/* What another data key sealed, or what was moved to another worker. */

static void
foreign(void **state)
{
    wm_totp_t      t;
    wm_totp_use_t  use;

    (void) state;

    given(&t, "0", "");
    assert_int_equal(wm_totp_try(unit_pool, unit_realm, wm_lit("li"), &t,
                                 wm_str(digits_of(STEP)), UNIT_NOW, &use),
                     WM_VERDICT_INTERNAL);

    t.sealed = wm_lit("garbage");
    assert_int_equal(try(&t, digits_of(STEP), UNIT_NOW, &use),
                     WM_VERDICT_INTERNAL);
}


/* ---- the sealed values between two pages */

static void
logins(void **state)
{
    char        text[WM_SEAL_TEXT_MAX + 1];
    uint8_t     other[10] = { 9 };
    wm_login_t  one = { { 1, 2, 3 }, UNIT_NOW + 300000, 4, 4, "wang" }, two;

    (void) state;

    assert_non_null(wm_login_make(unit_realm, &one, text).data);
    assert_int_equal(wm_login_open(unit_realm, wm_str(text), one.device,
                                   UNIT_NOW, &two), WM_SEAL_OK);
    assert_memory_equal(two.name, "wang", 4);
    assert_int_equal(two.name_len, 4);
    assert_int_equal(two.epoch, 4);

    assert_int_equal(wm_login_open(unit_realm, wm_str(text), other, UNIT_NOW,
                                   &two), WM_SEAL_FORGED);
    assert_int_equal(wm_login_open(unit_realm, wm_str(text), one.device,
                                   UNIT_NOW + 300000, &two), WM_SEAL_EXPIRED);
    text[30] = text[30] == 'A' ? 'B' : 'A';
    assert_int_equal(wm_login_open(unit_realm, wm_str(text), one.device,
                                   UNIT_NOW, &two), WM_SEAL_FORGED);
    assert_int_equal(wm_login_open(unit_realm, wm_lit(""), one.device,
                                   UNIT_NOW, &two), WM_SEAL_MALFORMED);
}


static void
setups(void **state)
{
    char        text[WM_SEAL_TEXT_MAX + 1];
    uint8_t     other[16] = { 2 };
    wm_setup_t  one = setup_of("12345678901234567890"), two;

    (void) state;

    one.bound[0] = 1;
    one.expires_ms = UNIT_NOW + 1800000;

    assert_non_null(wm_setup_make(unit_realm, &one, text).data);
    assert_int_equal(wm_setup_open(unit_realm, wm_str(text), one.bound,
                                   UNIT_NOW, &two), WM_SEAL_OK);
    assert_memory_equal(two.secret, SECRET, WM_SECRET_LEN);
    assert_int_equal(two.epoch, 4);
    assert_int_equal(wm_setup_open(unit_realm, wm_str(text), other, UNIT_NOW,
                                   &two), WM_SEAL_FORGED);
    assert_int_equal(wm_setup_open(unit_realm, wm_str(text), one.bound,
                                   UNIT_NOW + 1800000, &two),
                     WM_SEAL_EXPIRED);
    text[40] = text[40] == 'A' ? 'B' : 'A';
    assert_int_equal(wm_setup_open(unit_realm, wm_str(text), one.bound,
                                   UNIT_NOW, &two), WM_SEAL_FORGED);
}


/* Each call of OpenSSL fails once: never is a code taken for a right one. */

static void
failing(void **state)
{
    size_t         n, calls;
    wm_str_t       code;
    const char    *good = digits_of(STEP);
    wm_totp_t      t;
    wm_verdict_t   v;
    wm_totp_use_t  use;

    (void) state;

    given(&t, "0", "");
    code = wm_totp_recovery(unit_pool, unit_realm, NAME, SECRET, 0);

    for (n = 1, calls = 1; n <= calls; n++) {
        unit_openssl_fail(n);
        v = try(&t, good, UNIT_NOW, &use);
        calls = unit_openssl_calls();
        assert_int_equal(v, n <= calls ? WM_VERDICT_INTERNAL : WM_VERDICT_OK);
    }

    unit_openssl_fail(1);
    assert_int_equal(try(&t, code.data, UNIT_NOW, &use), WM_VERDICT_INTERNAL);

    unit_openssl_fail(0);
    assert_int_equal(try(&t, good, UNIT_NOW, &use), WM_VERDICT_OK);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(vectors),
        unit_case(texts),
        unit_case(window),
        unit_case(replay),
        unit_case(typed),
        unit_case(recovery),
        unit_case(limited),
        unit_case(commits),
        unit_case(turning_on),
        unit_case(foreign),
        unit_case(logins),
        unit_case(setups),
        unit_case(failing)
    };

    return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
