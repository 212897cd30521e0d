/*
 * Figures of the worker's units, as a table, for programs and as CSV.  They
 * are counted when somebody asks, from what is there anyway, in batches with
 * a limit: docs/figures.md.
 */

#include "wm_figures.h"
#include "wm_order_life.h"
#include "wm_rating.h"
#include "wm_sheet.h"
#include "wm_show.h"
#include "wm_text.h"
#include "wm_time.h"
#include "wm_walk.h"
#include "wm_zh.h"

#define WM_FIGURES_BATCH   200          /* events or orders in one go */
#define WM_FIGURES_PEOPLE  2000         /* check-ins, about */

static void wm_stats(wm_web_t *w);

static const wm_field_t  wm_figures_fields[] = {
    { "from",  WM_FIELD_DAY,    0,  0, 0 },
    { "to",    WM_FIELD_DAY,    0,  0, 0 },
    { "unit",  WM_FIELD_TOKEN,  0,  1, 64 },
    { "by",    WM_FIELD_TOKEN,  0,  1, 8 },
    { "sort",  WM_FIELD_TOKEN,  0,  1, 16 }
};

static const size_t  wm_figures_nfields = wm_countof(wm_figures_fields);

#define WM_FIGURES_ROUTE(path, face, template)                               \
    { WM_GET, path, face, WM_STAFF, WM_CAP_READ, 0, wm_figures_fields,       \
      &wm_figures_nfields, template, wm_stats, NULL, NULL }

const wm_route_t  wm_figures_routes[] = {
    WM_FIGURES_ROUTE("staff/figures", WM_PAGE, "staff-figures"),
    WM_FIGURES_ROUTE("staff/figures.csv", WM_API, NULL),
    WM_FIGURES_ROUTE("api/staff/figures", WM_API, NULL),
    WM_FIGURES_ROUTE("api/staff/figures.csv", WM_API, NULL)
};

const size_t  wm_figures_nroutes = wm_countof(wm_figures_routes);

typedef struct {
    wm_walk_t            walk;
    wm_reply_t           units;
    wm_reply_t           courses;
    wm_unit_t            unit;
    wm_figures_by_t      by;
    int64_t              from_ms;
    int64_t              to_ms;         /* the first instant behind */
    wm_str_t             sort;
    bool                 turned;
    wm_figures_t        *figures;

    size_t               n;             /* of what is walked */
    size_t               at;
    wm_str_t            *ids;
    bool                 orders;        /* not events */

    size_t               nevents;       /* of the batch */
    size_t               shown;         /* so far people of them are read */
    size_t               asked;
    size_t               held[WM_FIGURES_BATCH];
    int64_t              people[WM_FIGURES_BATCH];
    int64_t              all_people;

    bool                 cut;
    int64_t              cut_ms;        /* start of the first not counted */
} wm_stats_t;


/* ---- what is asked for */

static void wm_stats_show(wm_web_t *w);
static void wm_stats_batch(wm_web_t *w);


/* From the first day of the year to today, unless said otherwise. */

static bool
wm_stats_time(wm_web_t *w, wm_stats_t *s)
{
    char         text[WM_TIME_TEXT];
    wm_str_t     year;
    wm_value_t  *from = wm_input(&w->input, "from");
    wm_value_t  *to = wm_input(&w->input, "to");

    s->to_ms = (to->text.len > 0 ? to->num
                                 : wm_time_day(w->now_ms, w->site->offset))
               + WM_DAY_MS;

    if (from->text.len > 0) {
        s->from_ms = from->num;

    } else {
        year = wm_time_date(s->to_ms - 1, w->site->offset, text);
        memcpy(text + year.len - 6, "-01-01", 6);

        if (!wm_time_parse_day(year, w->site->offset, &s->from_ms)) {
            return false;
        }
    }

    if (s->from_ms >= s->to_ms) {
        wm_input_fail(&w->input, "to", WM_WRONG_ORDER);

    } else if (s->to_ms - s->from_ms > WM_FIGURES_DAYS * WM_DAY_MS) {
        wm_input_fail(&w->input, "from", WM_WRONG_RANGE);
    }

    return wm_input_ok(&w->input);
}


/* "minutes", or turned "-minutes". */

static bool
wm_stats_way(wm_web_t *w, wm_stats_t *s)
{
    wm_str_t  by = wm_input(&w->input, "by")->text;

    s->by = by.len > 0 ? wm_figures_by_find(by) : WM_FIGURES_UNIT;
    s->sort = wm_input(&w->input, "sort")->text;
    s->turned = wm_starts(s->sort, "-");

    if (s->turned) {
        s->sort.data++;
        s->sort.len--;
    }

    if (s->by == WM_FIGURES_NONE) {
        wm_input_fail(&w->input, "by", WM_WRONG_CHOICE);
    }

    if (s->sort.len == 0) {
        s->sort = s->by == WM_FIGURES_MONTH ? wm_lit("id") : wm_lit("held");
    }

    return wm_input_ok(&w->input);
}


static bool
wm_stats_unit(wm_web_t *w, wm_stats_t *s)
{
    wm_str_t  id = wm_input(&w->input, "unit")->text;

    if (id.len == 0) {
        id = w->staff.unit;
    }

    return wm_unit_load(w->pool, id, wm_reply_find(&s->units, id), &s->unit)
           && wm_scope_covers(w->staff.path, s->unit.path);
}


/* Months in which nothing was are part of the picture. */

static void
wm_stats_months(wm_web_t *w, wm_stats_t *s)
{
    char      text[WM_TIME_TEXT];
    int64_t   ms;
    wm_str_t  month, last = wm_null;

    for (ms = s->from_ms; ms < s->to_ms; ms += WM_DAY_MS) {
        month = wm_time_date(ms, w->site->offset, text);
        month.len = 7;

        if (last.data == NULL || !wm_eq(month, last)) {
            last = wm_dup(w->pool, month);
            wm_figures_name(s->figures, last);
        }
    }
}


/* ---- walking along an index, by ids alone */

static bool
wm_stats_fits(wm_web_t *w, wm_walk_t *walk, wm_str_t id,
    const wm_reply_t *record)
{
    wm_stats_t  *s = walk->outer;

    (void) w;
    (void) record;

    s->ids[walk->n] = id;

    return true;
}


static void
wm_stats_walked(wm_web_t *w)
{
    wm_stats_t  *s = w->state;

    s->n = s->walk.n;
    s->at = 0;

    if (s->walk.next.data != NULL && !s->cut) {
        s->cut = true;
        s->cut_ms = s->walk.score;
    }

    wm_stats_batch(w);
}


static void
wm_stats_walk(wm_web_t *w, bool orders)
{
    wm_stats_t  *s = w->state;

    memset(&s->walk, 0, sizeof(wm_walk_t));

    s->orders = orders;
    s->walk.key = orders ? wm_web_key(w, "orders:%.*s", wm_fmt(s->unit.id))
                         : wm_web_key(w, "sched:%.*s", wm_fmt(s->unit.id));
    s->walk.rising = true;
    s->walk.low = s->from_ms;
    s->walk.high = s->to_ms - 1;
    s->walk.fits = wm_stats_fits;
    s->walk.next_step = wm_stats_walked;
    s->walk.limit = WM_FIGURES_EVENTS;
    s->walk.most = s->walk.limit / WM_WALK_CHUNK + 1;

    wm_walk(w, &s->walk);
}


/* ---- one batch: events with how many came, then who they were; or orders */

static int64_t
wm_stats_num(const wm_reply_t *list, size_t i)
{
    uint64_t  n;

    return wm_parse_uint(wm_reply_at(list, i), WM_TIME_MAX, &n)
           ? (int64_t) n : 0;
}


static void
wm_stats_orders_take(wm_web_t *w)
{
    size_t              i;
    wm_order_t          order;
    wm_reply_t         *r;
    wm_stats_t         *s = w->state;
    wm_figures_order_t  o;

    memset(&order, 0, sizeof(wm_order_t));

    for (i = 0; i < w->nreplies; i++) {
        r = &w->replies[i];

        o.state = wm_order_state_find(wm_reply_at(r, 0));
        o.path = wm_reply_at(r, 1);
        o.course = wm_reply_at(r, 2);
        o.made_ms = wm_stats_num(r, 3);

        order.state = o.state;
        order.due_ms = wm_stats_num(r, 4);
        o.overdue = wm_order_is_overdue(&order, w->now_ms);

        wm_figures_order(s->figures, &o);
    }

    wm_stats_batch(w);
}


static void wm_stats_people(wm_web_t *w);


static void
wm_stats_people_take(wm_web_t *w)
{
    size_t        i, k, event;
    wm_reply_t   *all;
    wm_stats_t   *s = w->state;
    wm_attend_t   visit;

    for (i = 0; i < w->nreplies; i++) {
        all = &w->replies[i];
        event = s->held[s->shown + i];

        for (k = 0; all->type == WM_REPLY_LIST && k + 1 < all->n; k += 2) {
            if (wm_attend_load(wm_reply_at(all, k + 1), &visit)) {
                wm_figures_visit(s->figures, event, wm_reply_at(all, k),
                                 &visit);
            }
        }
    }

    s->shown = s->asked;
    wm_stats_people(w);
}


/* Few large events in one go, or many small ones. */

static void
wm_stats_people(wm_web_t *w)
{
    int64_t      n;
    wm_stats_t  *s = w->state;

    if (s->shown == s->nevents) {
        wm_stats_batch(w);
        return;
    }

    for (n = 0, s->asked = s->shown;
         s->asked < s->nevents && n < WM_FIGURES_PEOPLE; s->asked++)
    {
        n += s->people[s->asked];
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "att:%.*s",
                          wm_fmt(s->ids[s->at - s->nevents + s->asked])));
    }

    wm_fetch(w, wm_stats_people_take);
}


static void
wm_stats_events_take(wm_web_t *w)
{
    size_t               i;
    wm_reply_t          *r;
    wm_stats_t          *s = w->state;
    wm_figures_event_t   e;

    s->nevents = w->nreplies / 3;
    s->shown = 0;

    for (i = 0; i < s->nevents; i++) {
        r = &w->replies[3 * i];

        e.state = wm_event_state_find(wm_reply_at(r, 0));
        e.start_ms = wm_stats_num(r, 1);
        e.end_ms = wm_stats_num(r, 2);
        e.path = wm_reply_at(r, 3);
        e.course = wm_reply_at(r, 4);
        e.ratings = wm_stats_num(&w->replies[3 * i + 2], 0);
        e.score_sum = wm_stats_num(&w->replies[3 * i + 2], 1);

        s->people[i] = w->replies[3 * i + 1].num;

        if (s->all_people + s->people[i] > WM_FIGURES_VISITS) {
            s->cut = true;
            s->cut_ms = e.start_ms;
            s->at -= s->nevents - i;
            s->n = s->at;
            s->nevents = i;
            break;
        }

        s->all_people += s->people[i];
        s->held[i] = wm_figures_event(s->figures, &e);
    }

    wm_stats_people(w);
}


static void
wm_stats_batch(wm_web_t *w)
{
    size_t       i, end;
    wm_stats_t  *s = w->state;

    if (s->at == s->n) {
        if (s->orders) {
            wm_stats_show(w);

        } else {
            wm_stats_walk(w, true);
        }

        return;
    }

    end = s->n - s->at > WM_FIGURES_BATCH ? s->at + WM_FIGURES_BATCH : s->n;

    for (i = s->at; i < end; i++) {
        if (s->orders) {
            wm_ask(w, wm_lit("HMGET"),
                   wm_web_key(w, "order:%.*s", wm_fmt(s->ids[i])),
                   wm_lit("status"), wm_lit("path"), wm_lit("course"),
                   wm_lit("made"), wm_lit("due"));
            continue;
        }

        wm_ask(w, wm_lit("HMGET"),
               wm_web_key(w, "event:%.*s", wm_fmt(s->ids[i])),
               wm_lit("status"), wm_lit("start"), wm_lit("end"),
               wm_lit("path"), wm_lit("course"));
        wm_ask(w, wm_lit("HLEN"),
               wm_web_key(w, "att:%.*s", wm_fmt(s->ids[i])));
        wm_ask(w, wm_lit("HMGET"),
               wm_web_key(w, "rating:%.*s", wm_fmt(s->ids[i])), wm_lit("n"),
               wm_lit("sum"));
    }

    s->at = end;
    wm_fetch(w, s->orders ? wm_stats_orders_take : wm_stats_events_take);
}


/* ---- showing */

/*
 * Bars compare what stands side by side: of units those right below the one
 * that is shown, or itself where none of them has anything.
 */

static bool
wm_stats_is_below(wm_web_t *w, wm_stats_t *s, wm_str_t id)
{
    wm_unit_t  unit;

    return wm_unit_load(w->pool, id, wm_show_find_sorted(&s->units, id),
                        &unit)
           && wm_eq(unit.parent, s->unit.id);
}


static void
wm_stats_ranked(wm_web_t *w, wm_stats_t *s, wm_doc_t *items)
{
    bool               any = false;
    size_t             i, n;
    wm_doc_t          *item = items != NULL ? items->first : NULL;
    wm_figures_row_t  *rows = wm_figures_rows(s->figures, &n);

    for (i = 0; i < n; i++) {
        any |= wm_stats_is_below(w, s, rows[i].id);
    }

    for (i = 0; i < n && item != NULL; i++) {
        wm_doc_hide(wm_doc_bool(item, "ranked", s->by != WM_FIGURES_UNIT
                                || (any ? wm_stats_is_below(w, s, rows[i].id)
                                        : wm_eq(rows[i].id, s->unit.id))));
        item = item->next;
    }
}


static wm_str_t
wm_stats_name(wm_web_t *w, wm_stats_t *s, wm_str_t id)
{
    wm_unit_t    unit;
    wm_course_t  course;

    if (s->by == WM_FIGURES_UNIT
        && wm_unit_load(w->pool, id, wm_show_find_sorted(&s->units, id),
                        &unit))
    {
        return unit.name;
    }

    if (s->by == WM_FIGURES_COURSE
        && wm_course_load(w->pool, id, wm_show_find_sorted(&s->courses, id),
                          &course))
    {
        return course.title;
    }

    return id;
}


/* "12.5": hours with tenths, as people read minutes. */

static wm_str_t
wm_stats_hours(wm_web_t *w, int64_t minutes)
{
    int64_t  tenths = (minutes + 3) / 6;

    return wm_printf(w->pool, "%lld.%lld", (long long) (tenths / 10),
                     (long long) (tenths % 10));
}


static void
wm_stats_row(wm_web_t *w, wm_doc_t *item, const wm_figures_row_t *row)
{
    int        i;
    wm_doc_t  *states;

    for (i = 0; i < WM_FIGURE_MAX; i++) {
        wm_doc_int(item, wm_figure_code((wm_figure_t) i), row->n[i]);
    }

    wm_doc_str(item, "rating",
               wm_rating_average(w->pool, row->n[WM_FIGURE_RATINGS],
                                 row->score_sum));
    states = wm_doc_obj(item, "orders_by");

    for (i = WM_ORDER_NONE + 1; i < WM_ORDER_STATE_MAX; i++) {
        wm_doc_int(states, wm_order_state_code((wm_order_state_t) i),
                   row->states[i]);
    }

    wm_doc_hide(wm_doc_str(item, "hours",
                           wm_stats_hours(w, row->n[WM_FIGURE_MINUTES])));
}


/* The columns of page and sheet: the name, the numbers, the mean. */

#define WM_STATS_COLUMNS  (1 + WM_FIGURE_MAX + 1)

static const char *
wm_stats_column(int i)
{
    return i == 0 ? "name" : i <= WM_FIGURE_MAX
                             ? wm_figure_code((wm_figure_t) (i - 1))
                             : "rating";
}


static wm_str_t
wm_stats_column_text(wm_web_t *w, int i)
{
    return wm_zh(wm_printf(w->pool, "figures_%s", wm_stats_column(i)));
}


/* A column's head is a link that sorts by it, once more turns it round. */

static void
wm_stats_heads(wm_web_t *w, wm_stats_t *s)
{
    int        i;
    bool       chosen;
    wm_doc_t  *heads, *head;

    heads = wm_doc_list(w->doc, "heads");
    wm_doc_hide(heads);

    for (i = 0; i < WM_STATS_COLUMNS; i++) {
        head = wm_doc_item(heads);
        chosen = wm_is(s->sort, wm_stats_column(i))
                 || (i == 0 && wm_is(s->sort, "id"));

        wm_doc_str(head, "text", wm_stats_column_text(w, i));
        wm_doc_str(head, "sort",
                   wm_printf(w->pool, "%s%s",
                             chosen && !s->turned ? "-" : "",
                             wm_stats_column(i)));
        wm_doc_bool(head, "rises", chosen && (i == 0) != s->turned);
        wm_doc_bool(head, "falls", chosen && (i == 0) == s->turned);
        wm_doc_bool(head, "num", i > 0);
    }
}


static void
wm_stats_page(wm_web_t *w, wm_stats_t *s)
{
    int        i;
    wm_doc_t  *ways, *way;

    ways = wm_doc_list(w->doc, "ways");
    wm_doc_hide(ways);

    for (i = 1; i < WM_FIGURES_BY_MAX; i++) {
        way = wm_doc_item(ways);
        wm_doc_text(way, "code", wm_figures_by_code((wm_figures_by_t) i));
        wm_doc_text(way, "text", wm_figures_by_text((wm_figures_by_t) i));
        wm_doc_bool(way, "chosen", i == (int) s->by);
    }

    wm_stats_heads(w, s);
    wm_show_units(w, "units", &s->units, s->unit.id);

    wm_doc_hide(wm_doc_str(w->doc, "query",
        wm_printf(w->pool, "from=%.*s&to=%.*s&unit=%.*s",
                  wm_fmt(wm_doc_get_str(w->doc, "from")),
                  wm_fmt(wm_doc_get_str(w->doc, "to")),
                  wm_fmt(s->unit.id))));
    wm_doc_hide(wm_doc_str(w->doc, "sort", wm_input(&w->input, "sort")->text));
}


static void
wm_stats_csv_row(wm_web_t *w, wm_buf_t *b, wm_str_t id, wm_str_t name,
    const wm_figures_row_t *row)
{
    int       i, n;
    wm_str_t  cells[1 + WM_STATS_COLUMNS];

    n = 0;
    cells[n++] = id;
    cells[n++] = name;

    for (i = 0; i < WM_FIGURE_MAX; i++) {
        cells[n++] = i == WM_FIGURE_MINUTES
                     ? wm_stats_hours(w, row->n[i])
                     : wm_sheet_num(w, row->n[i]);
    }

    cells[n++] = wm_rating_average(w->pool, row->n[WM_FIGURE_RATINGS],
                                   row->score_sum);
    wm_csv_row(b, cells, (size_t) n);
}


/* Those of the page, and which record a row is of. */

static void
wm_stats_csv_head(wm_web_t *w, wm_buf_t *b)
{
    int       i;
    wm_str_t  cells[1 + WM_STATS_COLUMNS];

    cells[0] = wm_zh(wm_lit("number_sign"));

    for (i = 0; i < WM_STATS_COLUMNS; i++) {
        cells[1 + i] = wm_stats_column_text(w, i);
    }

    wm_csv_row(b, cells, wm_countof(cells));
}


static void
wm_stats_csv(wm_web_t *w, wm_stats_t *s)
{
    size_t             i, n;
    wm_buf_t           b;
    wm_figures_row_t  *rows = wm_figures_rows(s->figures, &n);

    wm_sheet_begin(w, &b, NULL);
    wm_stats_csv_head(w, &b);

    for (i = 0; i < n; i++) {
        wm_stats_csv_row(w, &b, rows[i].id, rows[i].name, &rows[i]);
    }

    wm_stats_csv_row(w, &b, wm_lit(""), wm_zh(wm_lit("figures_total")),
                     wm_figures_total(s->figures));

    if (s->cut) {
        wm_sheet_note(&b, "figures_cut");
    }

    wm_sheet_answer_as(w, &b, wm_printf(w->pool, "figures-%s",
                                        wm_figures_by_code(s->by)));
}


static bool
wm_stats_end(wm_web_t *w, wm_stats_t *s)
{
    size_t             i, n;
    wm_figures_row_t  *rows;

    if (!wm_figures_end(s->figures)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return false;
    }

    wm_show_sort(&s->units);
    wm_show_sort(&s->courses);
    rows = wm_figures_rows(s->figures, &n);

    for (i = 0; i < n; i++) {
        rows[i].name = wm_stats_name(w, s, rows[i].id);
    }

    (void) wm_figures_sort(s->figures, s->sort, s->turned);

    s->cut |= wm_figures_is_full(s->figures);

    return true;
}


static void
wm_stats_show(wm_web_t *w)
{
    size_t             i, n;
    wm_doc_t          *items, *item;
    wm_stats_t        *s = w->state;
    wm_figures_row_t  *rows;

    if (!wm_stats_end(w, s)) {
        return;
    }

    if (strstr(w->route->path, ".csv") != NULL) {
        wm_stats_csv(w, s);
        return;
    }

    wm_doc_str(w->doc, "from", wm_show_date(w, s->from_ms));
    wm_doc_str(w->doc, "to", wm_show_date(w, s->to_ms - 1));
    wm_doc_str(w->doc, "unit", s->unit.id);
    wm_doc_str(w->doc, "unit_name", s->unit.name);
    wm_doc_text(w->doc, "by", wm_figures_by_code(s->by));
    wm_doc_bool(w->doc, "cut", s->cut);
    wm_doc_str(w->doc, "cut_at", wm_show_date(w, s->cut_ms));
    wm_stats_row(w, wm_doc_obj(w->doc, "total"),
                 wm_figures_total(s->figures));

    items = wm_doc_list(w->doc, "items");
    rows = wm_figures_rows(s->figures, &n);

    for (i = 0; i < n; i++) {
        item = wm_doc_item(items);
        wm_doc_str(item, "id", rows[i].id);
        wm_doc_str(item, "name", rows[i].name);
        wm_stats_row(w, item, &rows[i]);
    }

    if (w->route->face != WM_API) {
        wm_stats_ranked(w, s, items);
        wm_stats_page(w, s);
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* ---- beginning */

static void
wm_stats_found(wm_web_t *w)
{
    wm_stats_t  *s = w->state;

    s->units = w->replies[0];
    s->courses = w->replies[1];

    if (!wm_stats_unit(w, s)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    s->ids = wm_alloc(w->pool, (WM_FIGURES_EVENTS + 1) * sizeof(wm_str_t));
    s->figures = wm_figures_new(w->pool, s->by, s->unit.path,
                                w->site->offset, w->now_ms);

    if (s->ids == NULL || s->figures == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    /* nothing is in it yet: this only tells whether there is such an order */

    if (!wm_figures_sort(s->figures, s->sort, s->turned)) {
        wm_input_fail(&w->input, "sort", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    if (s->by == WM_FIGURES_MONTH) {
        wm_stats_months(w, s);
    }

    wm_stats_walk(w, false);
}


static void
wm_stats(wm_web_t *w)
{
    wm_stats_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_stats_t));
    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = s;

    if (!wm_stats_time(w, s) || !wm_stats_way(w, s)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_fetch(w, wm_stats_found);
}
