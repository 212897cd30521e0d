#include "unit.h"
#include "wm_wall.h"

#define START  INT64_C(1795395600000)
#define MIN    INT64_C(60000)


static void
event_of(wm_event_t *e, const char *status, int64_t minutes,
    const char *poster, const char *posters)
{
    const char  *end;

    end = wm_printf(unit_pool, "%lld",
                    (long long) (START + minutes * MIN)).data;

    assert_true(wm_event_load(unit_hash("status", status, "published", "1",
        "start", "1795395600000", "end", end, "version", "3", "epoch", "2",
        "poster", poster, "posters", posters, NULL), wm_lit("7"), e));
}


/* In first, out in the last quarter of an hour, never in the first half. */

static void
turns(void **state)
{
    size_t      i;
    wm_event_t  e;

    static const struct {
        int64_t  minutes;
        int64_t  turns;                 /* minutes from the start */
    } events[] = {
        { 120, 105 }, { 30, 15 }, { 29, 14 }, { 20, 10 }, { 1, 0 }
    };

    (void) state;

    for (i = 0; i < wm_countof(events); i++) {
        event_of(&e, "published", events[i].minutes, "0", "0");
        assert_int_equal((wm_wall_turns_ms(&e) - START) / MIN,
                         events[i].turns);
        assert_int_equal(wm_wall_kind(&e, wm_wall_turns_ms(&e) - 1),
                         WM_KIND_SCREEN_IN);
        assert_int_equal(wm_wall_kind(&e, wm_wall_turns_ms(&e)),
                         WM_KIND_SCREEN_OUT);
        assert_int_equal(wm_wall_kind(&e, 0), WM_KIND_SCREEN_IN);
        assert_int_equal(wm_wall_kind(&e, e.end_ms + 60 * MIN),
                         WM_KIND_SCREEN_OUT);
    }
}


static void
closes(void **state)
{
    wm_event_t    e;
    wm_commit_t  *c;

    (void) state;

    event_of(&e, "published", 120, "0", "0");
    c = unit_commit(WM_OP_SCREENS_CLOSE);
    assert_int_equal(wm_wall_close(c, &e), WM_VERDICT_OK);
    assert_string_equal(unit_commit_text(c),
        "? heq wm:{furong}:event:7 version 3\n"
        "! HINCRBY wm:{furong}:event:7 version 1\n"
        "! HINCRBY wm:{furong}:event:7 epoch 1\n");

    event_of(&e, "draft", 120, "0", "0");
    assert_int_equal(wm_wall_close(unit_commit(WM_OP_SCREENS_CLOSE), &e),
                     WM_VERDICT_STATE);
    event_of(&e, "cancelled", 120, "0", "0");
    assert_int_equal(wm_wall_close(unit_commit(WM_OP_SCREENS_CLOSE), &e),
                     WM_VERDICT_STATE);
}


static void
posters_are_made(void **state)
{
    bool          nothing;
    wm_event_t    e;
    wm_commit_t  *c;

    (void) state;

    event_of(&e, "published", 120, "0", "4");
    c = unit_commit(WM_OP_POSTER_MAKE);
    c->now_ms = START;
    assert_int_equal(wm_poster_make(c, &e), WM_VERDICT_OK);
    assert_has(unit_commit_text(c),
        "? heq wm:{furong}:event:7 version 3\n"
        "! HINCRBY wm:{furong}:event:7 version 1\n"
        "! HINCRBY wm:{furong}:event:7 posters 1\n"
        "! HSET wm:{furong}:event:7 poster ");

    /* not of a draft, not when it is over, and not without end */

    c->now_ms = e.end_ms + WM_ATTEND_LATE_MS;
    assert_int_equal(wm_poster_make(c, &e), WM_VERDICT_OK);
    c->now_ms++;
    assert_int_equal(wm_poster_make(c, &e), WM_VERDICT_STATE);
    event_of(&e, "draft", 120, "0", "0");
    c->now_ms = START;
    assert_int_equal(wm_poster_make(c, &e), WM_VERDICT_STATE);
    event_of(&e, "published", 120, "0", "65535");
    assert_int_equal(wm_poster_make(c, &e), WM_VERDICT_STATE);
    event_of(&e, "published", 120, "0", "65534");
    assert_int_equal(wm_poster_make(c, &e), WM_VERDICT_OK);

    event_of(&e, "published", 120, "4", "4");
    c = unit_commit(WM_OP_POSTER_END);
    assert_int_equal(wm_poster_end(c, &e, &nothing), WM_VERDICT_OK);
    assert_false(nothing);
    assert_string_equal(unit_commit_text(c),
        "? heq wm:{furong}:event:7 version 3\n"
        "! HINCRBY wm:{furong}:event:7 version 1\n"
        "! HSET wm:{furong}:event:7 poster 0\n");

    event_of(&e, "published", 120, "0", "4");
    c = unit_commit(WM_OP_POSTER_END);
    assert_int_equal(wm_poster_end(c, &e, &nothing), WM_VERDICT_OK);
    assert_true(nothing);
    assert_string_equal(unit_commit_text(c), "");
}


static void
posters_are_checked(void **state)
{
    size_t      i;
    wm_event_t  e;
    wm_token_t  t;

    static const struct {
        const char    *status, *poster;
        uint16_t       number;
        int64_t        minute;          /* from the start */
        wm_verdict_t   verdict;
    } cases[] = {
        { "published", "4", 4, 0,    WM_VERDICT_OK },
        { "published", "4", 4, -120, WM_VERDICT_OK },
        { "published", "4", 4, -121, WM_VERDICT_NOT_OPEN },
        { "published", "4", 4, 150,  WM_VERDICT_OK },
        { "published", "4", 4, 151,  WM_VERDICT_CLOSED },
        { "published", "4", 3, 0,    WM_VERDICT_POSTER_OVER },
        { "published", "4", 5, 0,    WM_VERDICT_POSTER_OVER },
        { "published", "0", 0, 0,    WM_VERDICT_POSTER_OVER },
        { "published", "0", 4, 0,    WM_VERDICT_POSTER_OVER },
        { "published", "0", 4, 500,  WM_VERDICT_POSTER_OVER },
        { "cancelled", "4", 4, 0,    WM_VERDICT_CLOSED },
        { "draft",     "4", 4, 0,    WM_VERDICT_CLOSED }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        event_of(&e, cases[i].status, 120, cases[i].poster, "4");
        assert_case(wm_poster_check(&e, cases[i].number,
                                    START + cases[i].minute * MIN)
                    == cases[i].verdict, "case %zu", i);
    }

    /* the token outlives the last moment by less than a minute */

    event_of(&e, "published", 120, "4", "4");
    wm_poster_token(&e, WM_KIND_POSTER_OUT, &t);
    assert_int_equal(t.kind, WM_KIND_POSTER_OUT);
    assert_int_equal(t.event, 7);
    assert_int_equal(t.display, 4);
    assert_true(wm_token_is_due(&t, e.end_ms + WM_ATTEND_LATE_MS));
    assert_false(wm_token_is_due(&t, e.end_ms + WM_ATTEND_LATE_MS + MIN));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(turns),
        unit_case(closes),
        unit_case(posters_are_made),
        unit_case(posters_are_checked)
    };

    return cmocka_run_group_tests_name("wall", tests, NULL, NULL);
}
