#include "unit.h"
#include "wm_attend.h"

#define START  INT64_C(1795395600000)           /* 2026-11-23T09:00+08:00 */
#define END    INT64_C(1795402800000)
#define EARLY  (START - WM_ATTEND_EARLY_MS)
#define LATE   (END + WM_ATTEND_LATE_MS)

#define THERE  "1795395000000:0:s-:2"
#define GONE   "1795395000000:1795402000000:st:2"


static void
facts_of(wm_attend_facts_t *f, const char *status, const char *record)
{
    memset(f, 0, sizeof(*f));

    assert_true(wm_event_load(unit_hash("status", status, "published", "1",
        "start", "1795395600000", "end", "1795402800000", "version", "3",
        NULL), wm_lit("7"), &f->event));
    assert_true(wm_person_identify(unit_pool, unit_realm, wm_lit("张三"),
                                   wm_lit("13800001234"), wm_null,
                                   &f->person));

    f->person.known = true;
    f->record = wm_str(record);
    f->how = WM_ASSURANCE_SCREEN;
    f->by = wm_lit("2");
    f->device = wm_lit("DEV");
}


static wm_verdict_t
check(wm_attend_facts_t *f, int64_t now_ms, wm_commit_t **c,
    wm_attend_t *done)
{
    *c = unit_commit(f->out ? WM_OP_CHECK_OUT : WM_OP_CHECK_IN);
    (*c)->now_ms = now_ms;

    return wm_attend_check(*c, unit_realm, f, done);
}


/* A poster counts only while the event has that very one. */

static void
posters(void **state)
{
    wm_commit_t        *c;
    wm_attend_t         done;
    wm_attend_facts_t   f;

    (void) state;

    facts_of(&f, "published", NULL);
    f.how = WM_ASSURANCE_POSTER;
    f.poster = 1;
    assert_int_equal(check(&f, f.event.start_ms, &c, &done),
                     WM_VERDICT_POSTER_OVER);

    f.event.poster = 1;
    assert_int_equal(check(&f, f.event.start_ms, &c, &done),
                     WM_VERDICT_CREATED);
}


/* What a repeat is told is the time that was kept. */

static void
kept_times(void **state)
{
    wm_attend_t        a = { .in_ms = 1, .out_ms = 2 };
    wm_attend_facts_t  in = { .out = false }, out = { .out = true };

    (void) state;

    wm_attend_at(&a, &in, 3);
    wm_attend_at(&a, &out, 4);
    assert_true(a.in_ms == 3 && a.out_ms == 4);

    /* what was seen before came later, unless a clock was ahead */

    in.at_ms = 2;
    wm_attend_at(&a, &in, 9);
    assert_int_equal(a.in_ms, 2);
    wm_attend_at(&a, &in, 1);
    assert_int_equal(a.in_ms, 1);
}


static void
records(void **state)
{
    size_t       i;
    wm_attend_t  a;

    static const char *const  bad[] = {
        "", "1", "1:2", "1:2:", "1:2:s", "1:2:s-t:x", "x:2:s-:x", "1:x:s-:x",
        "-1:0:s-:x", "1::s-:x", ":0:s-:x", "1:0:x-:x", "1:0:sx:x", "1:0:--",
        "9223372036854775808:0:s-:x", " 1:0:s-:x"
    };

    (void) state;

    assert_true(wm_attend_load(wm_lit("17:42:st:staff:王"), &a));
    assert_true(a.in_ms == 17 && a.out_ms == 42);
    assert_int_equal(a.in_how, WM_ASSURANCE_SCREEN);
    assert_int_equal(a.out_how, WM_ASSURANCE_TYPED);
    assert_text(a.by, "staff:王");

    assert_true(wm_attend_load(wm_lit("17:0:h-:"), &a));
    assert_int_equal(a.in_how, WM_ASSURANCE_HAND);
    assert_int_equal(a.out_how, WM_ASSURANCE_NONE);
    assert_text(a.by, "");

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_attend_load(wm_str(bad[i]), &a), "took %s", bad[i]);
    }

    assert_false(wm_attend_load(wm_null, &a));
}


static void
first_in(void **state)
{
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f;

    (void) state;

    facts_of(&f, "published", NULL);
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CREATED);
    assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
        "? heq wm:{furong}:event:7 version 3\n"
        "? habsent wm:{furong}:att:7 %s\n"
        "? exists wm:{furong}:person:%s\n"
        "! HSET wm:{furong}:att:7 %s 1795395600000:0:s-:2\n"
        "! HSET wm:{furong}:dev:DEV a:7:%s 1795395600000\n", f.person.id,
        f.person.id, f.person.id, f.person.id).data);
    assert_true(done.in_ms == START && done.out_ms == 0);
    assert_int_equal(done.in_how, WM_ASSURANCE_SCREEN);
    assert_text(done.by, "2");

    /* somebody new is written down in the same commit */

    f.person.known = false;
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CREATED);
    assert_has(unit_commit_text(c), wm_printf(unit_pool,
               "? absent wm:{furong}:person:%s\n", f.person.id).data);
    assert_has(unit_commit_text(c), " key <60>\n");

    /* a worker's doing leaves nothing on a device */

    facts_of(&f, "published", NULL);
    f.how = WM_ASSURANCE_HAND;
    f.by = wm_lit("staff:王");
    f.device = wm_null;
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CREATED);
    assert_has(unit_commit_text(c), "1795395600000:0:h-:staff:王\n");
    assert_lacks(unit_commit_text(c), "dev:");
}


/* Whoever was offered a seat and comes in time keeps it, in that commit. */

static void
offered(void **state)
{
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f;

    (void) state;

    facts_of(&f, "published", NULL);
    f.event.capacity = 1;
    f.event.walk_in = wm_lit("no");
    f.enrolled = wm_printf(unit_pool, "o:1:5:%lld:DEV",
                           (long long) START + 1000);

    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CREATED);
    assert_has(unit_commit_text(c), wm_printf(unit_pool,
               "! HSET wm:{furong}:enrol:7 %s s:1:5:0:DEV\n"
               "! ZREM wm:{furong}:offers:7 %s\n", f.person.id,
               f.person.id).data);

    assert_int_equal(check(&f, START + 1001, &c, &done),
                     WM_VERDICT_NO_PLACE);
    assert_int_equal(c->neffects, 0);
}


/* Who is there gets the first time, whatever has happened since. */

static void
in_again(void **state)
{
    size_t              i;
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f;

    static const struct {
        const char  *status;
        const char  *record;
        int64_t      now_ms;
    } cases[] = {
        { "published", THERE, START },
        { "published", THERE, LATE + 1 },
        { "published", THERE, EARLY - 1 },
        { "published", THERE, END + 365 * INT64_C(86400000) },
        { "published", GONE, START },
        { "cancelled", THERE, START },
        { "draft", THERE, START }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        facts_of(&f, cases[i].status, cases[i].record);
        assert_int_equal(check(&f, cases[i].now_ms, &c, &done),
                         WM_VERDICT_OK);
        assert_true(done.in_ms == INT64_C(1795395000000));
        assert_int_equal(c->nneeds + c->neffects + c->nprivate, 0);
    }
}


static void
out(void **state)
{
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f;

    (void) state;

    facts_of(&f, "published", NULL);
    f.out = true;
    assert_int_equal(check(&f, END, &c, &done), WM_VERDICT_NOT_IN);
    assert_int_equal(c->nneeds + c->neffects, 0);

    facts_of(&f, "published", THERE);
    f.out = true;
    f.how = WM_ASSURANCE_TYPED;
    f.by = wm_lit("5");
    assert_int_equal(check(&f, END, &c, &done), WM_VERDICT_CREATED);
    assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
        "? heq wm:{furong}:event:7 version 3\n"
        "? heq wm:{furong}:att:7 %s " THERE "\n"
        "! HSET wm:{furong}:att:7 %s 1795395000000:1795402800000:st:2\n",
        f.person.id, f.person.id).data);
    assert_true(done.in_ms == INT64_C(1795395000000) && done.out_ms == END);

    /* out again: the first time stays, also after closing */

    facts_of(&f, "published", GONE);
    f.out = true;
    assert_int_equal(check(&f, LATE + 1, &c, &done), WM_VERDICT_OK);
    assert_true(done.out_ms == INT64_C(1795402000000));
    assert_int_equal(c->nneeds + c->neffects, 0);
}


/* To the millisecond. */

static void
windows(void **state)
{
    size_t              i;
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_verdict_t        v;
    wm_attend_facts_t   f;

    static const struct {
        int64_t         now_ms;
        wm_verdict_t    scanned;
        wm_verdict_t    by_hand;
    } cases[] = {
        { EARLY - 1, WM_VERDICT_NOT_OPEN, WM_VERDICT_NOT_OPEN },
        { EARLY, WM_VERDICT_CREATED, WM_VERDICT_CREATED },
        { START, WM_VERDICT_CREATED, WM_VERDICT_CREATED },
        { END, WM_VERDICT_CREATED, WM_VERDICT_CREATED },
        { LATE, WM_VERDICT_CREATED, WM_VERDICT_CREATED },
        { LATE + 1, WM_VERDICT_CLOSED, WM_VERDICT_CREATED },
        { LATE + 30 * INT64_C(86400000), WM_VERDICT_CLOSED,
          WM_VERDICT_CREATED }
    };

    (void) state;

    for (i = 0; i < 4 * wm_countof(cases); i++) {
        facts_of(&f, "published", i & 1 ? THERE : NULL);
        f.out = (i & 1) != 0;
        f.how = i & 2 ? WM_ASSURANCE_HAND : WM_ASSURANCE_TYPED;

        v = check(&f, cases[i / 4].now_ms, &c, &done);
        assert_case(v == (i & 2 ? cases[i / 4].by_hand
                                : cases[i / 4].scanned),
                    "case %zu: %s", i, wm_verdict_code(v));
        assert_int_equal(c->neffects > 0, v == WM_VERDICT_CREATED);
    }
}


/* A card that a worker scanned, now or while there was no network. */

static void
cards(void **state)
{
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f;

    (void) state;

    facts_of(&f, "published", NULL);
    f.how = WM_ASSURANCE_CARD;
    f.by = wm_lit("wang");
    f.device = wm_null;
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CREATED);
    assert_has(unit_commit_text(c), wm_printf(unit_pool,
               "? heq wm:{furong}:person:%s epoch \"\"\n",
               f.person.id).data);
    assert_has(unit_commit_text(c), "1795395600000:0:c-:wang\n");
    assert_lacks(unit_commit_text(c), "dev:");

    f.person.epoch = 3;
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CREATED);
    assert_has(unit_commit_text(c), " epoch 3\n");

    /* its own time counts, for the window and the record */

    f.at_ms = LATE;
    assert_int_equal(check(&f, LATE + 3600000, &c, &done),
                     WM_VERDICT_CREATED);
    assert_true(done.in_ms == LATE);
    f.at_ms = LATE + 1;
    assert_int_equal(check(&f, LATE + 3600000, &c, &done),
                     WM_VERDICT_CLOSED);

    /* a clock that is fast does not make it tomorrow */

    f.at_ms = START + 60000;
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CREATED);
    assert_true(done.in_ms == START);

    /* where a place is needed, a card is none */

    f.at_ms = 0;
    f.event.capacity = 1;
    f.event.walk_in = wm_lit("no");
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_NO_PLACE);
    f.event.walk_in = wm_lit("");

    /* nobody left before he came */

    facts_of(&f, "published", THERE);
    f.how = WM_ASSURANCE_CARD;
    f.out = true;
    assert_true(wm_attend_load(f.record, &done));
    f.at_ms = done.in_ms - 1;
    assert_int_equal(check(&f, END, &c, &done), WM_VERDICT_NOT_IN);
    f.at_ms = done.in_ms;
    assert_int_equal(check(&f, END, &c, &done), WM_VERDICT_CREATED);
    assert_true(done.out_ms == f.at_ms);
    assert_int_equal(done.out_how, WM_ASSURANCE_CARD);

    assert_true(wm_attend_seen_at(START, START));
    assert_true(wm_attend_seen_at(START + WM_ATTEND_CLOCK_MS, START));
    assert_false(wm_attend_seen_at(START + WM_ATTEND_CLOCK_MS + 1, START));
    assert_true(wm_attend_seen_at(START - WM_ATTEND_KEPT_MS, START));
    assert_false(wm_attend_seen_at(START - WM_ATTEND_KEPT_MS - 1, START));

    assert_true(wm_assurance_level(WM_ASSURANCE_CARD)
                > wm_assurance_level(WM_ASSURANCE_SCREEN));
}


static void
not_published(void **state)
{
    int                 i;
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f;

    (void) state;

    for (i = 0; i < 8; i++) {
        facts_of(&f, i & 1 ? "cancelled" : "draft", i & 2 ? THERE : NULL);
        f.out = (i & 2) != 0;
        f.how = i & 4 ? WM_ASSURANCE_HAND : WM_ASSURANCE_SCREEN;

        assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_CLOSED);
        assert_int_equal(c->neffects, 0);
    }
}


static void
damaged(void **state)
{
    wm_attend_t         done;
    wm_commit_t        *c;
    wm_attend_facts_t   f;

    (void) state;

    facts_of(&f, "published", "spoilt");
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_INTERNAL);
    f.out = true;
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_INTERNAL);
    f.record = wm_lit("");
    assert_int_equal(check(&f, START, &c, &done), WM_VERDICT_INTERNAL);
    assert_int_equal(c->neffects, 0);
}


static void
assurance(void **state)
{
    (void) state;

    assert_string_equal(wm_assurance_code(WM_ASSURANCE_SCREEN), "screen");
    assert_string_equal(wm_assurance_code(WM_ASSURANCE_NONE), "");
    assert_true(strlen(wm_assurance_text(WM_ASSURANCE_HAND)) > 0);
    assert_true(wm_assurance_level(WM_ASSURANCE_SCREEN)
                > wm_assurance_level(WM_ASSURANCE_HAND));
    assert_true(wm_assurance_level(WM_ASSURANCE_HAND)
                > wm_assurance_level(WM_ASSURANCE_NONE));
}


/* From coming to leaving; whoever stays for days was there half an hour. */

static void
minutes(void **state)
{
    wm_attend_t  a = { .in_ms = UNIT_NOW };
    wm_event_t   e = { .start_ms = UNIT_NOW,
                       .end_ms = UNIT_NOW + 90 * INT64_C(60000) };

    (void) state;

    assert_int_equal(wm_attend_minutes(&a, &e), -1);

    a.out_ms = UNIT_NOW + 61 * INT64_C(60000) - 1;
    assert_int_equal(wm_attend_minutes(&a, &e), 60);

    a.out_ms = e.end_ms + 29 * INT64_C(60000);
    assert_int_equal(wm_attend_minutes(&a, &e), 119);

    a.out_ms = e.end_ms + 1000 * INT64_C(60000);
    assert_int_equal(wm_attend_minutes(&a, &e), 120);

    a.out_ms = UNIT_NOW - 1;
    assert_int_equal(wm_attend_minutes(&a, &e), 0);
}


/* Two events at once: the time counts once, whatever the order of leaving. */

static void
credit(void **state)
{
    int64_t  counted = 0;

    (void) state;

    assert_true(wm_attend_credit(100, 200, &counted) == 100);
    assert_true(wm_attend_credit(150, 180, &counted) == 0);
    assert_true(wm_attend_credit(190, 260, &counted) == 60);
    assert_true(wm_attend_credit(300, 290, &counted) == 0);
    assert_true(wm_attend_credit(300, 310, &counted) == 10);
    assert_true(counted == 310);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(records),
        unit_case(posters),
        unit_case(kept_times),
        unit_case(first_in),
        unit_case(offered),
        unit_case(in_again),
        unit_case(out),
        unit_case(windows),
        unit_case(cards),
        unit_case(not_published),
        unit_case(damaged),
        unit_case(assurance),
        unit_case(minutes),
        unit_case(credit)
    };

    return cmocka_run_group_tests_name("attend", tests, NULL, NULL);
}
