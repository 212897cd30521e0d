#include "wm_figures.h"
#include "wm_time.h"

#include <stdlib.h>

static const struct {
    const char  *code;
    const char  *text;
} wm_figures_ways[] = {
    { "", "" },
#define X(name, code, text)  { code, text },
    WM_FIGURES_BY(X)
#undef X
};

static const char *const  wm_figure_codes[] = {
#define X(name, code)  code,
    WM_FIGURES_NUMBERS(X)
#undef X
};

#define WM_FIGURES_OF  (WM_UNIT_DEPTH + 1)

/* An event that was held: its end, and the rows it counts in. */
typedef struct {
    int64_t    end_ms;
    uint16_t   nrows;
    uint16_t   rows[WM_FIGURES_OF];
} wm_figures_held_t;

typedef struct {
    char       person[WM_ID_LEN];
    uint32_t   event;
    int64_t    in_ms;
    int64_t    until_ms;                /* counts so far; 0: did not leave */
} wm_figures_visit_t;

struct wm_figures_s {
    wm_pool_t            *pool;
    wm_figures_by_t       by;
    wm_str_t              path;
    int                   offset;
    int64_t               now_ms;
    bool                  failed;
    bool                  full;

    size_t                nrows;        /* row 0 is the total */
    wm_figures_row_t     *rows;
    size_t                nheld;
    wm_figures_held_t    *held;
    size_t                nvisits;
    size_t                room;
    wm_figures_visit_t   *visits;
};


wm_figures_by_t
wm_figures_by_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_figures_ways); i++) {
        if (wm_is(code, wm_figures_ways[i].code)) {
            return (wm_figures_by_t) i;
        }
    }

    return WM_FIGURES_NONE;
}


const char *
wm_figures_by_code(wm_figures_by_t by)
{
    return wm_figures_ways[by].code;
}


const char *
wm_figures_by_text(wm_figures_by_t by)
{
    return wm_figures_ways[by].text;
}


const char *
wm_figure_code(wm_figure_t f)
{
    return wm_figure_codes[f];
}


wm_figures_t *
wm_figures_new(wm_pool_t *pool, wm_figures_by_t by, wm_str_t path, int offset,
    int64_t now_ms)
{
    wm_figures_t  *f;

    f = wm_calloc(pool, sizeof(wm_figures_t));
    if (f == NULL) {
        return NULL;
    }

    f->pool = pool;
    f->by = by;
    f->path = path;
    f->offset = offset;
    f->now_ms = now_ms;
    f->nrows = 1;
    f->rows = wm_calloc(pool, (WM_FIGURES_ROWS + 1)
                              * sizeof(wm_figures_row_t));
    f->held = wm_alloc(pool, WM_FIGURES_EVENTS * sizeof(wm_figures_held_t));

    if (f->rows == NULL || f->held == NULL) {
        return NULL;
    }

    f->rows[0].last_day = -1;

    return f;
}


/* The row of an id; 0 where there is no room for one more. */

static uint16_t
wm_figures_find(wm_figures_t *f, wm_str_t id)
{
    size_t  i;

    for (i = 1; i < f->nrows; i++) {
        if (wm_eq(f->rows[i].id, id)) {
            return (uint16_t) i;
        }
    }

    if (f->nrows > WM_FIGURES_ROWS) {
        f->full = true;
        return 0;
    }

    f->rows[i].id = id;
    f->rows[i].name = id;
    f->rows[i].last_day = -1;
    f->nrows++;

    return (uint16_t) i;
}


void
wm_figures_name(wm_figures_t *f, wm_str_t id)
{
    (void) wm_figures_find(f, id);
}


/* A unit and those above, as far as the one that is asked for. */

static uint16_t
wm_figures_units(wm_figures_t *f, wm_str_t path, uint16_t *rows)
{
    size_t    i, above, n;
    uint16_t  found;
    wm_str_t  units[WM_UNIT_DEPTH], own[WM_UNIT_DEPTH];

    above = wm_path_units(f->path, own, WM_UNIT_DEPTH);
    n = wm_path_units(path, units, WM_UNIT_DEPTH);

    if (above == 0 || !wm_scope_covers(f->path, path)) {
        return 0;
    }

    for (i = above - 1, found = 0; i < n; i++) {
        rows[found] = wm_figures_find(f, units[i]);
        found += rows[found] != 0;
    }

    return found;
}


static uint16_t
wm_figures_month(wm_figures_t *f, int64_t ms)
{
    char      text[WM_TIME_TEXT];
    wm_str_t  date;

    date = wm_time_date(ms, f->offset, text);
    date.len = 7;
    date = wm_dup(f->pool, date);

    if (date.data == NULL) {
        f->failed = true;
        return 0;
    }

    return wm_figures_find(f, date);
}


/* The rows that something counts in, the total first: how many. */

static uint16_t
wm_figures_of(wm_figures_t *f, wm_str_t path, wm_str_t course, int64_t ms,
    uint16_t *rows)
{
    rows[0] = 0;

    switch (f->by) {

    case WM_FIGURES_UNIT:
        return (uint16_t) (1 + wm_figures_units(f, path, rows + 1));

    case WM_FIGURES_COURSE:
        if (course.len == 0) {
            return 1;
        }

        rows[1] = wm_figures_find(f, course);
        return rows[1] != 0 ? 2 : 1;

    default:
        rows[1] = wm_figures_month(f, ms);
        return rows[1] != 0 ? 2 : 1;
    }
}


static void
wm_figures_add_event(wm_figures_t *f, wm_figures_row_t *row,
    const wm_figures_event_t *event)
{
    int64_t  day;

    day = wm_time_day(event->start_ms, f->offset);

    row->n[WM_FIGURE_HELD]++;
    row->n[WM_FIGURE_DAYS] += day != row->last_day;
    row->last_day = day;
    row->n[WM_FIGURE_RATINGS] += event->ratings;
    row->score_sum += event->score_sum;
}


size_t
wm_figures_event(wm_figures_t *f, const wm_figures_event_t *event)
{
    size_t              i;
    uint16_t            nrows, rows[WM_FIGURES_OF];
    wm_figures_held_t  *held;

    if (event->state != WM_EVENT_PUBLISHED
        || f->nheld == WM_FIGURES_EVENTS)
    {
        return SIZE_MAX;
    }

    nrows = wm_figures_of(f, event->path, event->course, event->start_ms,
                          rows);

    if (event->start_ms > f->now_ms) {
        for (i = 0; i < nrows; i++) {
            f->rows[rows[i]].n[WM_FIGURE_PLANNED]++;
        }

        return SIZE_MAX;
    }

    for (i = 0; i < nrows; i++) {
        wm_figures_add_event(f, &f->rows[rows[i]], event);
    }

    held = &f->held[f->nheld];
    held->end_ms = event->end_ms;
    held->nrows = nrows;
    memcpy(held->rows, rows, sizeof(rows));

    return f->nheld++;
}


static bool
wm_figures_grow(wm_figures_t *f)
{
    size_t               room;
    wm_figures_visit_t  *visits;

    if (f->nvisits < f->room) {
        return true;
    }

    room = f->room == 0 ? 512 : 2 * f->room;
    visits = wm_alloc(f->pool, room * sizeof(wm_figures_visit_t));

    if (visits == NULL) {
        f->failed = true;
        return false;
    }

    if (f->nvisits > 0) {
        memcpy(visits, f->visits, f->nvisits * sizeof(wm_figures_visit_t));
    }

    f->visits = visits;
    f->room = room;

    return true;
}


void
wm_figures_visit(wm_figures_t *f, size_t event, wm_str_t person,
    const wm_attend_t *visit)
{
    wm_figures_visit_t  *v;

    if (event >= f->nheld || person.len != WM_ID_LEN
        || !wm_figures_grow(f))
    {
        return;
    }

    v = &f->visits[f->nvisits++];
    memcpy(v->person, person.data, WM_ID_LEN);
    v->event = (uint32_t) event;
    v->in_ms = visit->in_ms;
    v->until_ms = visit->out_ms == 0 ? 0
                  : wm_attend_until(visit, f->held[event].end_ms);
}


void
wm_figures_order(wm_figures_t *f, const wm_figures_order_t *order)
{
    size_t             i;
    uint16_t           nrows, rows[WM_FIGURES_OF];
    wm_figures_row_t  *row;

    if (order->state == WM_ORDER_NONE) {
        return;
    }

    nrows = wm_figures_of(f, order->path, order->course, order->made_ms,
                          rows);

    for (i = 0; i < nrows; i++) {
        row = &f->rows[rows[i]];
        row->n[WM_FIGURE_ORDERS]++;
        row->states[order->state]++;
        row->n[WM_FIGURE_OVERDUE] += order->overdue;
        row->n[WM_FIGURE_OPEN] += wm_order_state_waits(order->state)
                                  != WM_DEADLINE_NONE;
        row->n[WM_FIGURE_DONE] += order->state == WM_ORDER_COMPLETED
                                  || order->state == WM_ORDER_RATED;
    }
}


/* ---- persons and minutes */

static int
wm_figures_by_person(const void *a, const void *b)
{
    int                        n;
    const wm_figures_visit_t  *x = a, *y = b;

    n = memcmp(x->person, y->person, WM_ID_LEN);

    return n != 0 ? n : x->in_ms < y->in_ms ? -1 : x->in_ms > y->in_ms;
}


/* Visits of a row come by person, and those of a person by time. */

static void
wm_figures_count(wm_figures_row_t *row, const wm_figures_visit_t *v)
{
    row->n[WM_FIGURE_CHECK_INS]++;

    if (memcmp(row->last, v->person, WM_ID_LEN) != 0) {
        memcpy(row->last, v->person, WM_ID_LEN);
        row->n[WM_FIGURE_PERSONS]++;
        row->until = 0;
    }

    if (v->until_ms == 0) {
        row->n[WM_FIGURE_MISSING_OUT]++;
        return;
    }

    row->ms += wm_attend_credit(v->in_ms, v->until_ms, &row->until);
}


bool
wm_figures_end(wm_figures_t *f)
{
    size_t                     i, k;
    const wm_figures_held_t   *held;
    const wm_figures_visit_t  *v;

    if (f->failed) {
        return false;
    }

    if (f->nvisits > 0) {
        qsort(f->visits, f->nvisits, sizeof(wm_figures_visit_t),
              wm_figures_by_person);
    }

    for (i = 0; i < f->nvisits; i++) {
        v = &f->visits[i];
        held = &f->held[v->event];

        for (k = 0; k < held->nrows; k++) {
            wm_figures_count(&f->rows[held->rows[k]], v);
        }
    }

    for (i = 0; i < f->nrows; i++) {
        f->rows[i].n[WM_FIGURE_MINUTES] = f->rows[i].ms / WM_MINUTE_MS;
    }

    return true;
}


bool
wm_figures_is_full(const wm_figures_t *f)
{
    return f->full;
}


const wm_figures_row_t *
wm_figures_total(const wm_figures_t *f)
{
    return &f->rows[0];
}


wm_figures_row_t *
wm_figures_rows(wm_figures_t *f, size_t *n)
{
    *n = f->nrows - 1;

    return f->rows + 1;
}


/* ---- order */

static int
wm_figures_by_id(const void *a, const void *b)
{
    const wm_figures_row_t  *x = a, *y = b;

    return wm_cmp(x->id, y->id);
}


static int
wm_figures_by_name(const void *a, const void *b)
{
    int                      n;
    const wm_figures_row_t  *x = a, *y = b;

    n = wm_cmp(x->name, y->name);

    return n != 0 ? n : wm_cmp(x->id, y->id);
}


/* The highest mean first, what nobody rated last. */

static int
wm_figures_by_rating(const void *a, const void *b)
{
    int64_t                  p, q, s, t;
    const wm_figures_row_t  *x = a, *y = b;

    p = x->n[WM_FIGURE_RATINGS];
    q = y->n[WM_FIGURE_RATINGS];
    s = p > 0 ? x->score_sum * (q > 0 ? q : 1) : 0;
    t = q > 0 ? y->score_sum * (p > 0 ? p : 1) : 0;

    return s != t ? (s < t ? 1 : -1) : wm_cmp(x->id, y->id);
}


#define X(name, code)                                                        \
static int                                                                   \
wm_figures_by_##name(const void *a, const void *b)                           \
{                                                                            \
    const wm_figures_row_t  *x = a, *y = b;                                  \
    int64_t                  s = x->n[WM_FIGURE_##name];                     \
    int64_t                  t = y->n[WM_FIGURE_##name];                     \
                                                                             \
    return s != t ? (s < t ? 1 : -1) : wm_cmp(x->id, y->id);                 \
}
WM_FIGURES_NUMBERS(X)
#undef X

static const struct {
    const char  *code;
    int        (*compare)(const void *a, const void *b);
} wm_figures_orders[] = {
    { "id", wm_figures_by_id },
    { "name", wm_figures_by_name },
    { "rating", wm_figures_by_rating },
#define X(name, code)  { code, wm_figures_by_##name },
    WM_FIGURES_NUMBERS(X)
#undef X
};


bool
wm_figures_sort(wm_figures_t *f, wm_str_t order, bool turned)
{
    size_t            i, k, n;
    wm_figures_row_t  row, *rows;

    rows = wm_figures_rows(f, &n);

    for (i = 0; i < wm_countof(wm_figures_orders); i++) {
        if (wm_is(order, wm_figures_orders[i].code)) {
            break;
        }
    }

    if (i == wm_countof(wm_figures_orders)) {
        return false;
    }

    qsort(rows, n, sizeof(wm_figures_row_t), wm_figures_orders[i].compare);

    for (k = 0; turned && k < n / 2; k++) {
        row = rows[k];
        rows[k] = rows[n - 1 - k];
        rows[n - 1 - k] = row;
    }

    return true;
}
