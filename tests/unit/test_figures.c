#include "unit.h"
#include "wm_figures.h"

#define HOUR   INT64_C(3600000)
#define DAY    (24 * HOUR)
#define START  INT64_C(1795392000000)   /* 2026-11-23T08:00 of the district */
#define NOW    (START + 30 * DAY)

#define ANNA   "AAAAAAAAAAAAAAAA"
#define BEN    "BBBBBBBBBBBBBBBB"


static wm_figures_event_t
event_of(const char *path, const char *course, int64_t start_ms)
{
    wm_figures_event_t  e = { .state = WM_EVENT_PUBLISHED };

    e.start_ms = start_ms;
    e.end_ms = start_ms + 2 * HOUR;
    e.path = wm_str(path);
    e.course = wm_str(course);

    return e;
}


static wm_figures_t *
figures(wm_figures_by_t by)
{
    wm_figures_t  *f;

    f = wm_figures_new(unit_pool, by, wm_lit("/ctr/"), UNIT_OFFSET, NOW);
    assert_non_null(f);

    return f;
}


/* Somebody came minutes behind the start, and left; 0: never did. */

static void
came(wm_figures_t *f, size_t event, const char *who, int64_t start_ms,
    int64_t in, int64_t out)
{
    wm_attend_t  a = { .in_how = WM_ASSURANCE_SCREEN };

    a.in_ms = start_ms + in * 60000;
    a.out_ms = out > 0 ? start_ms + out * 60000 : 0;

    wm_figures_visit(f, event, wm_str(who), &a);
}


static const wm_figures_row_t *
row_of(wm_figures_t *f, const char *id)
{
    size_t             i, n;
    wm_figures_row_t  *rows = wm_figures_rows(f, &n);

    for (i = 0; i < n; i++) {
        if (wm_is(rows[i].id, id)) {
            return &rows[i];
        }
    }

    fail_msg("no row %s", id);

    return NULL;
}


static void
units(void **state)
{
    size_t                   n, one, two;
    wm_figures_t            *f = figures(WM_FIGURES_UNIT);
    wm_figures_event_t       e;
    const wm_figures_row_t  *r;

    (void) state;

    e = event_of("/ctr/in/st/", "c1", START);
    e.ratings = 2;
    e.score_sum = 9;
    one = wm_figures_event(f, &e);
    e = event_of("/ctr/in/", "c1", START + HOUR);
    two = wm_figures_event(f, &e);
    e = event_of("/elsewhere/", "c1", START + 2 * HOUR);
    assert_true(wm_figures_event(f, &e) != SIZE_MAX);

    came(f, one, ANNA, START, 0, 90);
    came(f, two, ANNA, START, 60, 120);     /* half an hour at both */
    came(f, one, BEN, START, -10, 0);
    assert_true(wm_figures_end(f));

    (void) wm_figures_rows(f, &n);
    assert_int_equal(n, 3);

    r = row_of(f, "st");
    assert_int_equal(r->n[WM_FIGURE_HELD], 1);
    assert_int_equal(r->n[WM_FIGURE_MINUTES], 90);
    assert_int_equal(r->n[WM_FIGURE_MISSING_OUT], 1);

    r = row_of(f, "in");
    assert_int_equal(r->n[WM_FIGURE_HELD], 2);
    assert_int_equal(r->n[WM_FIGURE_DAYS], 1);
    assert_int_equal(r->n[WM_FIGURE_CHECK_INS], 3);
    assert_int_equal(r->n[WM_FIGURE_PERSONS], 2);
    assert_int_equal(r->n[WM_FIGURE_MINUTES], 120);
    assert_int_equal(r->n[WM_FIGURE_RATINGS], 2);
    assert_int_equal(r->score_sum, 9);

    assert_int_equal(row_of(f, "ctr")->n[WM_FIGURE_HELD], 2);
    assert_int_equal(wm_figures_total(f)->n[WM_FIGURE_HELD], 3);
}


static void
only_what_was_held(void **state)
{
    size_t              n;
    wm_figures_t       *f = figures(WM_FIGURES_COURSE);
    wm_figures_event_t  e;

    (void) state;

    e = event_of("/ctr/", "c1", START);
    e.state = WM_EVENT_CANCELLED;
    assert_true(wm_figures_event(f, &e) == SIZE_MAX);
    e.state = WM_EVENT_DRAFT;
    assert_true(wm_figures_event(f, &e) == SIZE_MAX);

    e = event_of("/ctr/", "c1", NOW + 1);
    n = wm_figures_event(f, &e);
    assert_true(n == SIZE_MAX);
    came(f, n, ANNA, NOW, 0, 60);

    e = event_of("/ctr/", "", NOW);
    assert_true(wm_figures_event(f, &e) == 0);
    assert_true(wm_figures_end(f));

    assert_int_equal(row_of(f, "c1")->n[WM_FIGURE_HELD], 0);
    assert_int_equal(row_of(f, "c1")->n[WM_FIGURE_PLANNED], 1);
    assert_int_equal(wm_figures_total(f)->n[WM_FIGURE_HELD], 1);
    assert_int_equal(wm_figures_total(f)->n[WM_FIGURE_CHECK_INS], 0);
    (void) wm_figures_rows(f, &n);
    assert_int_equal(n, 1);
}


static void
minutes(void **state)
{
    size_t              one;
    wm_figures_t       *f = figures(WM_FIGURES_MONTH);
    wm_figures_event_t  e = event_of("/ctr/", "c1", START);

    (void) state;

    one = wm_figures_event(f, &e);
    came(f, one, ANNA, START, 0, 1000);     /* cut: the end and 30 minutes */
    came(f, one, BEN, START, 180, 240);     /* behind that: nothing */
    wm_figures_visit(f, one, wm_lit("short"), &(wm_attend_t) { .in_ms = 1 });
    assert_true(wm_figures_end(f));

    assert_int_equal(wm_figures_total(f)->n[WM_FIGURE_MINUTES], 150);
    assert_int_equal(wm_figures_total(f)->n[WM_FIGURE_PERSONS], 2);
    assert_int_equal(row_of(f, "2026-11")->n[WM_FIGURE_MINUTES], 150);
}


/* Midnight is the district's: 16:00 UTC. */

static void
months_and_days(void **state)
{
    size_t              i;
    wm_figures_t       *f = figures(WM_FIGURES_MONTH);
    wm_figures_event_t  e;

    static const int64_t  starts[] = {
        INT64_C(1796054399999), INT64_C(1796054400000),
        INT64_C(1796140799999), INT64_C(1796140800000)
    };

    (void) state;

    wm_figures_name(f, wm_lit("2026-10"));

    for (i = 0; i < wm_countof(starts); i++) {
        e = event_of("/ctr/", "c1", starts[i]);
        (void) wm_figures_event(f, &e);
    }

    assert_true(wm_figures_end(f));
    assert_int_equal(row_of(f, "2026-10")->n[WM_FIGURE_HELD], 0);
    assert_int_equal(row_of(f, "2026-11")->n[WM_FIGURE_HELD], 1);
    assert_int_equal(row_of(f, "2026-12")->n[WM_FIGURE_HELD], 3);
    assert_int_equal(row_of(f, "2026-12")->n[WM_FIGURE_DAYS], 2);
    assert_int_equal(wm_figures_total(f)->n[WM_FIGURE_DAYS], 3);
}


static void
orders(void **state)
{
    size_t              i;
    wm_figures_t       *f = figures(WM_FIGURES_UNIT);
    wm_figures_order_t  o = { .path = wm_lit("/ctr/in/"), .made_ms = START };

    (void) state;

    for (i = WM_ORDER_NONE; i < WM_ORDER_STATE_MAX; i++) {
        o.state = (wm_order_state_t) i;
        o.overdue = i == WM_ORDER_DISPATCHED;
        wm_figures_order(f, &o);
    }

    assert_true(wm_figures_end(f));
    assert_int_equal(row_of(f, "in")->n[WM_FIGURE_ORDERS],
                     WM_ORDER_STATE_MAX - 1);
    assert_int_equal(row_of(f, "in")->n[WM_FIGURE_OPEN], 3);
    assert_int_equal(row_of(f, "in")->n[WM_FIGURE_DONE], 2);
    assert_int_equal(row_of(f, "ctr")->n[WM_FIGURE_OVERDUE], 1);
    assert_int_equal(row_of(f, "ctr")->states[WM_ORDER_EXPIRED], 1);
}


static void
in_order(void **state)
{
    size_t              n;
    wm_figures_t       *f = figures(WM_FIGURES_COURSE);
    wm_figures_row_t   *rows;
    wm_figures_event_t  e;

    (void) state;

    e = event_of("/ctr/", "b", START);
    e.ratings = 3;
    e.score_sum = 12;
    (void) wm_figures_event(f, &e);
    (void) wm_figures_event(f, &e);
    e = event_of("/ctr/", "a", START);
    (void) wm_figures_event(f, &e);
    e = event_of("/ctr/", "c", START);
    e.ratings = 1;
    e.score_sum = 5;
    (void) wm_figures_event(f, &e);
    assert_true(wm_figures_end(f));

    rows = wm_figures_rows(f, &n);
    assert_int_equal(n, 3);

    assert_true(wm_figures_sort(f, wm_lit("held"), false));
    assert_text(rows[0].id, "b");
    assert_text(rows[1].id, "a");
    assert_true(wm_figures_sort(f, wm_lit("held"), true));
    assert_text(rows[2].id, "b");
    assert_true(wm_figures_sort(f, wm_lit("rating"), false));
    assert_text(rows[0].id, "c");
    assert_text(rows[2].id, "a");
    assert_true(wm_figures_sort(f, wm_lit("name"), false));
    assert_text(rows[0].id, "a");
    assert_false(wm_figures_sort(f, wm_lit("none"), false));
    assert_false(wm_figures_sort(f, wm_lit(""), false));
}


static void
too_many_rows(void **state)
{
    size_t        i, n;
    wm_figures_t *f = figures(WM_FIGURES_COURSE);

    (void) state;

    for (i = 0; i <= WM_FIGURES_ROWS; i++) {
        assert_false(wm_figures_is_full(f));
        wm_figures_name(f, wm_printf(unit_pool, "c%zu", i));
    }

    assert_true(wm_figures_is_full(f));
    assert_true(wm_figures_end(f));
    (void) wm_figures_rows(f, &n);
    assert_int_equal(n, WM_FIGURES_ROWS);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(units), unit_case(only_what_was_held), unit_case(minutes),
        unit_case(months_and_days), unit_case(orders), unit_case(in_order),
        unit_case(too_many_rows)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
