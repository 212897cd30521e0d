#include "unit.h"
#include "wm_rating.h"

#define END    INT64_C(1795402800000)
#define LATE   (END + WM_RATING_LONG)

#define THERE  "1795395000000:0:s-:2"
#define GONE   "1795395000000:1795402000000:st:2"
#define RATED  "4:1795402900000:pending:/ctr/st1/"

#define PERSON  "ABCDEFGHJKMNPQRS"


static void
facts_of(wm_rating_facts_t *f, const char *status, const char *attended,
    const char *record)
{
    memset(f, 0, sizeof(*f));

    assert_true(wm_event_load(unit_hash("status", status, "published", "1",
        "start", "1795395600000", "end", "1795402800000", "version", "3",
        "course", "law-01", "unit", "st1", "path", "/ctr/st1/", NULL),
        wm_lit("7"), &f->event));

    memcpy(f->person.id, PERSON, WM_ID_LEN);
    f->person.known = true;
    f->person.cipher = WM_CIPHER_AES_256_GCM;
    f->here = true;
    f->attended = wm_str(attended);
    f->record = wm_str(record);
    f->device = wm_lit("DEV");
    f->provider = wm_lit("司法局");
    f->score = 4;
    f->text = wm_lit("讲得好");
}


static wm_verdict_t
give(wm_rating_facts_t *f, int64_t now_ms, wm_commit_t **c,
    wm_rating_t *done)
{
    *c = unit_commit(WM_OP_RATE_GIVE);
    (*c)->now_ms = now_ms;

    return wm_rating_give(*c, f, done);
}


static void
records(void **state)
{
    size_t       i;
    wm_rating_t  r;

    static const char *const  bad[] = {
        "", "5", "5:1", "5:1:", "0:1:none:/a/", "6:1:none:/a/", ":1:none:/a/",
        "5::none:/a/", "5:x:none:/a/", "-1:1:none:/a/", "5:1::/a/",
        "5:1:SHOWN:/a/", "5:9223372036854775808:none:/a/", "x:1:none:/a/"
    };

    (void) state;

    assert_true(wm_rating_load(wm_lit("3:17:hidden:/a/b/"), &r));
    assert_true(r.score == 3 && r.made_ms == 17);
    assert_int_equal(r.state, WM_RATING_HIDDEN);
    assert_text(r.path, "/a/b/");

    assert_true(wm_rating_load(wm_lit("1:0:none:"), &r));
    assert_int_equal(r.state, WM_RATING_BARE);

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_rating_load(wm_str(bad[i]), &r), "took %s", bad[i]);
    }

    assert_false(wm_rating_load(wm_null, &r));
}


static void
with_text(void **state)
{
    wm_rating_t         done;
    const char         *text;
    wm_commit_t        *c;
    wm_rating_facts_t   f;

    (void) state;

    facts_of(&f, "published", GONE, NULL);
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_CREATED);
    assert_false(c->failed);

    text = unit_commit_text(c);

    assert_has(text,
        "? heq wm:{furong}:event:7 version 3\n"
        "? hexists wm:{furong}:att:7 " PERSON "\n"
        "? hexists wm:{furong}:dev:DEV a:7:" PERSON "\n"
        "? exists wm:{furong}:person:" PERSON "\n"
        "? habsent wm:{furong}:rating:7 " PERSON "\n"
        "! HSET wm:{furong}:rating:7 " PERSON
        " 4:1795402800000:pending:/ctr/st1/ t:" PERSON " <");
    assert_has(text,
        "! ZADD wm:{furong}:ratings:ctr 1795402800000 7:" PERSON "\n"
        "! ZADD wm:{furong}:ratings:st1 1795402800000 7:" PERSON "\n"
        "! ZADD wm:{furong}:ratings:all 1795402800000 7:" PERSON "\n"
        "! HINCRBY wm:{furong}:rating:7 n 1\n"
        "! HINCRBY wm:{furong}:rating:7 sum 4\n"
        "! HINCRBY wm:{furong}:score course:law-01:n 1\n"
        "! HINCRBY wm:{furong}:score course:law-01:sum 4\n"
        "! HINCRBY wm:{furong}:score provider:司法局:n 1\n"
        "! HINCRBY wm:{furong}:score provider:司法局:sum 4\n"
        "! HINCRBY wm:{furong}:score unit:ctr:n 1\n"
        "! HINCRBY wm:{furong}:score unit:ctr:sum 4\n"
        "! HINCRBY wm:{furong}:score unit:st1:n 1\n"
        "! HINCRBY wm:{furong}:score unit:st1:sum 4\n"
        "! HINCRBY wm:{furong}:score unit:all:n 1\n"
        "! HINCRBY wm:{furong}:score unit:all:sum 4\n");
    assert_lacks(text, "讲得好");

    assert_true(done.score == 4 && done.made_ms == END);
    assert_int_equal(done.state, WM_RATING_PENDING);
}


static void
without_text(void **state)
{
    wm_rating_t         done;
    const char         *text;
    wm_commit_t        *c;
    wm_rating_facts_t   f;

    (void) state;

    facts_of(&f, "published", THERE, NULL);
    f.text = wm_lit("");
    f.score = 1;
    f.provider = wm_null;
    f.event.course = wm_lit("");

    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_CREATED);

    text = unit_commit_text(c);

    assert_has(text, "! HSET wm:{furong}:rating:7 " PERSON
                     " 1:1795402800000:none:/ctr/st1/\n");
    assert_lacks(text, "t:" PERSON);
    assert_lacks(text, "ratings:");
    assert_lacks(text, "course:");
    assert_lacks(text, "provider:");
    assert_has(text, "unit:st1:sum 1\n");
    assert_int_equal(done.state, WM_RATING_BARE);
}


static void
once(void **state)
{
    size_t              i;
    wm_rating_t         done;
    wm_commit_t        *c;
    wm_rating_facts_t   f;

    static const struct {
        const char  *status;
        int64_t      now_ms;
    } cases[] = {
        { "published", END }, { "published", LATE + 1 },
        { "published", END - 1 }, { "cancelled", END }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        facts_of(&f, cases[i].status, THERE, RATED);
        f.score = 1;
        assert_int_equal(give(&f, cases[i].now_ms, &c, &done),
                         WM_VERDICT_OK);
        assert_true(done.score == 4
                    && done.made_ms == INT64_C(1795402900000));
        assert_int_equal(c->nneeds + c->neffects + c->nprivate, 0);
    }
}


/* To the millisecond. */

static void
windows(void **state)
{
    size_t              i;
    wm_rating_t         done;
    wm_commit_t        *c;
    wm_verdict_t        v;
    wm_rating_facts_t   f;

    static const struct {
        const char     *attended;
        int64_t         now_ms;
        wm_verdict_t    want;
    } cases[] = {
        { THERE, END - 1, WM_VERDICT_RATE_EARLY },
        { THERE, END, WM_VERDICT_CREATED },
        { GONE, INT64_C(1795402000000), WM_VERDICT_CREATED },
        { GONE, END - 1, WM_VERDICT_CREATED },
        { THERE, LATE, WM_VERDICT_CREATED },
        { THERE, LATE + 1, WM_VERDICT_RATING_CLOSED },
        { GONE, LATE, WM_VERDICT_CREATED },
        { GONE, LATE + 1, WM_VERDICT_RATING_CLOSED }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        facts_of(&f, "published", cases[i].attended, NULL);
        v = give(&f, cases[i].now_ms, &c, &done);
        assert_case(v == cases[i].want, "case %zu: %s", i,
                    wm_verdict_code(v));
        assert_int_equal(c->neffects > 0, v == WM_VERDICT_CREATED);
    }
}


static void
refused(void **state)
{
    wm_rating_t         done;
    wm_commit_t        *c;
    wm_rating_facts_t   f;

    (void) state;

    facts_of(&f, "published", NULL, NULL);
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_NOT_ATTENDED);

    facts_of(&f, "published", THERE, NULL);
    f.here = false;
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_NOT_ATTENDED);

    /* nor hears another device what was rated */

    facts_of(&f, "published", THERE, RATED);
    f.here = false;
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_NOT_ATTENDED);

    facts_of(&f, "published", THERE, NULL);
    f.person.known = false;
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_NOT_ATTENDED);

    facts_of(&f, "cancelled", THERE, NULL);
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_STATE);

    facts_of(&f, "draft", THERE, NULL);
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_NOT_FOUND);

    facts_of(&f, "published", "spoilt", NULL);
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_INTERNAL);

    facts_of(&f, "published", THERE, "spoilt");
    assert_int_equal(give(&f, END, &c, &done), WM_VERDICT_INTERNAL);
    assert_int_equal(c->nneeds + c->neffects, 0);
}


static wm_verdict_t
review(bool show, const char *record, const char *text, wm_commit_t **c,
    bool *nothing)
{
    *c = unit_commit(show ? WM_OP_RATE_SHOW : WM_OP_RATE_HIDE);
    *nothing = false;

    return show ? wm_rating_show(*c, wm_lit("7"), wm_lit(PERSON),
                                 wm_str(record), wm_str(text), nothing)
                : wm_rating_hide(*c, wm_lit("7"), wm_lit(PERSON),
                                 wm_str(record), nothing);
}


static void
shown(void **state)
{
    bool          nothing;
    wm_commit_t  *c;

    (void) state;

    assert_int_equal(review(true, RATED, "讲得好", &c, &nothing),
                     WM_VERDICT_OK);
    assert_false(nothing);
    assert_string_equal(unit_commit_text(c),
        "? heq wm:{furong}:rating:7 " PERSON " " RATED "\n"
        "! HSET wm:{furong}:rating:7 " PERSON
        " 4:1795402900000:shown:/ctr/st1/ p:" PERSON " 讲得好\n"
        "! ZADD wm:{furong}:shown:7 1795402900000 " PERSON "\n"
        "! ZREM wm:{furong}:ratings:ctr 7:" PERSON "\n"
        "! ZREM wm:{furong}:ratings:st1 7:" PERSON "\n"
        "! ZREM wm:{furong}:ratings:all 7:" PERSON "\n");

    assert_int_equal(review(true, "4:1:shown:/ctr/", "x", &c, &nothing),
                     WM_VERDICT_OK);
    assert_true(nothing);
    assert_int_equal(c->nneeds + c->neffects, 0);

    /* what is hidden stays hidden; what nobody can read is not shown */

    assert_int_equal(review(true, "4:1:hidden:/ctr/", "x", &c, &nothing),
                     WM_VERDICT_STATE);
    assert_int_equal(review(true, RATED, NULL, &c, &nothing),
                     WM_VERDICT_STATE);
    assert_int_equal(c->nneeds + c->neffects, 0);
}


static void
hidden(void **state)
{
    size_t        i;
    bool          nothing;
    wm_commit_t  *c;

    static const char *const  before[] = {
        RATED, "4:1795402900000:shown:/ctr/st1/"
    };

    (void) state;

    for (i = 0; i < wm_countof(before); i++) {
        assert_int_equal(review(false, before[i], NULL, &c, &nothing),
                         WM_VERDICT_OK);
        assert_false(nothing);
        assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
            "? heq wm:{furong}:rating:7 " PERSON " %s\n"
            "! HSET wm:{furong}:rating:7 " PERSON
            " 4:1795402900000:hidden:/ctr/st1/\n"
            "! HDEL wm:{furong}:rating:7 p:" PERSON "\n"
            "! ZREM wm:{furong}:shown:7 " PERSON "\n"
            "! ZREM wm:{furong}:ratings:ctr 7:" PERSON "\n"
            "! ZREM wm:{furong}:ratings:st1 7:" PERSON "\n"
            "! ZREM wm:{furong}:ratings:all 7:" PERSON "\n",
            before[i]).data);
    }

    assert_int_equal(review(false, "4:1:hidden:/ctr/", NULL, &c, &nothing),
                     WM_VERDICT_OK);
    assert_true(nothing);
    assert_int_equal(c->nneeds + c->neffects, 0);
}


static void
nothing_to_review(void **state)
{
    int           i;
    bool          nothing;
    wm_commit_t  *c;

    (void) state;

    for (i = 0; i < 2; i++) {
        assert_int_equal(review(i == 0, NULL, "x", &c, &nothing),
                         WM_VERDICT_NOT_FOUND);
        assert_int_equal(review(i == 0, "4:1:none:/ctr/", "x", &c, &nothing),
                         WM_VERDICT_NOT_FOUND);
        assert_int_equal(review(i == 0, "spoilt", "x", &c, &nothing),
                         WM_VERDICT_INTERNAL);
        assert_int_equal(c->nneeds + c->neffects, 0);
    }
}


static void
averages(void **state)
{
    size_t  i;

    static const struct {
        int64_t      n, sum;
        const char  *want;
    } cases[] = {
        { 0, 0, "" }, { -1, 5, "" }, { 0, 5, "" }, { 1, 6, "" },
        { 1, -1, "" }, { 1, 5, "5.0" }, { 2, 9, "4.5" }, { 3, 14, "4.7" },
        { 3, 13, "4.3" }, { 20, 99, "5.0" }, { 20, 97, "4.9" },
        { 25, 100, "4.0" }, { 1, 1, "1.0" },
        { INT64_C(9007199254740991), INT64_C(9007199254740991), "1.0" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_text(wm_rating_average(unit_pool, cases[i].n, cases[i].sum),
                    cases[i].want);
    }
}


static void
words(void **state)
{
    int64_t  i, j;

    (void) state;

    for (i = 1; i <= WM_RATING_MAX; i++) {
        assert_true(strlen(wm_rating_score_text(i)) > 0);

        for (j = 1; j < i; j++) {
            assert_string_not_equal(wm_rating_score_text(i),
                                    wm_rating_score_text(j));
        }
    }

    assert_string_equal(wm_rating_score_text(0), "");
    assert_string_equal(wm_rating_score_text(6), "");
    assert_string_equal(wm_rating_state_code(WM_RATING_SHOWN), "shown");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(records),
        unit_case(with_text),
        unit_case(without_text),
        unit_case(once),
        unit_case(windows),
        unit_case(refused),
        unit_case(shown),
        unit_case(hidden),
        unit_case(nothing_to_review),
        unit_case(averages),
        unit_case(words)
    };

    return cmocka_run_group_tests_name("rating", tests, NULL, NULL);
}
