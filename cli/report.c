/*
 * wenming report: figures from an archive, by period, unit or course.  What
 * is counted are the views fact_... of sql/; one query for each, whose
 * rows are laid beside each other here.
 */

#include "archive.h"
#include "output.h"
#include "wm_doc.h"
#include "wm_order.h"
#include "wm_period.h"
#include "wm_text.h"
#include "wm_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * X(name, expression over the view f); COUNT and SUM are numbers of either
 * database.
 */
#define WM_REPORT_IS(name, status)                                           \
    X(name, "COUNT(CASE WHEN f.status = '" status "' THEN 1 END)")

#define WM_REPORT_ORDERS                                                     \
    X("orders", "COUNT(*)")                                                  \
    WM_REPORT_IS("submitted", "submitted")                                   \
    WM_REPORT_IS("dispatched", "dispatched")                                 \
    WM_REPORT_IS("accepted", "accepted")                                     \
    WM_REPORT_IS("scheduled", "scheduled")                                   \
    WM_REPORT_IS("completed", "completed")                                   \
    WM_REPORT_IS("rated", "rated")                                           \
    WM_REPORT_IS("rejected", "rejected")                                     \
    WM_REPORT_IS("cancelled", "cancelled")                                   \
    WM_REPORT_IS("expired", "expired")                                       \
    X("head_count", "CAST(COALESCE(SUM(f.head_count), 0) AS BIGINT)")        \
    X("overdue", "COUNT(CASE WHEN f.due_ms > 0 AND f.due_ms < $1 AND "       \
      "f.status IN ('submitted', 'dispatched', 'accepted') THEN 1 END)")

/* Of events: what has begun, as the desk's figures (core/wm_figures.c). */
#define WM_REPORT_HELD  "f.status = 'published' AND f.at_ms <= $1"

#define WM_REPORT_EVENTS                                                     \
    X("events", "COUNT(CASE WHEN " WM_REPORT_HELD " THEN 1 END)")            \
    X("planned", "COUNT(CASE WHEN f.status = 'published' "                   \
      "AND f.at_ms > $1 THEN 1 END)")                                        \
    X("events_cancelled",                                                    \
      "COUNT(CASE WHEN f.status = 'cancelled' THEN 1 END)")                  \
    X("days", "COUNT(DISTINCT CASE WHEN " WM_REPORT_HELD " THEN f.day END)")

#define WM_REPORT_ATTENDANCE                                                 \
    X("attended", "COUNT(CASE WHEN f.at_ms <= $1 THEN 1 END)")               \
    X("people", "COUNT(DISTINCT CASE WHEN f.at_ms <= $1 "                    \
      "THEN f.person END)")

#define WM_REPORT_RATINGS                                                    \
    X("ratings", "COUNT(CASE WHEN f.at_ms <= $1 THEN 1 END)")                \
    X("score", "CAST(COALESCE(SUM(CASE WHEN f.at_ms <= $1 "                  \
      "THEN f.score END), 0) AS BIGINT)")

#define WM_REPORT_WISHES                                                     \
    X("wishes", "COUNT(*)")                                                  \
    X("wishes_met", "COUNT(CASE WHEN f.status IN ('done', 'ordered') "       \
      "THEN 1 END)")

/* X(what, view) */
#define WM_REPORTS(X)                                                        \
    X(ORDERS,      "fact_orders")                                            \
    X(EVENTS,      "fact_events")                                            \
    X(ATTENDANCE,  "fact_attendance")                                        \
    X(RATINGS,     "fact_ratings")                                           \
    X(WISHES,      "fact_wishes")

/* How long an order waits: X(step) of fact_waits, in the order of a life. */
#define WM_REPORT_WAITS(X)                                                   \
    X("accept")                                                              \
    X("schedule")                                                            \
    X("done")                                                                \
    X("whole")

static const char *const  wm_report_names[] = {
#define X(name, expression)  name,
    WM_REPORT_ORDERS WM_REPORT_EVENTS WM_REPORT_ATTENDANCE WM_REPORT_RATINGS
    WM_REPORT_WISHES
#undef X
#define X(step)  step "_n", step "_median_s", step "_p90_s",
    WM_REPORT_WAITS(X)
#undef X
};

#define WM_REPORT_FIGURES  wm_countof(wm_report_names)
#define WM_REPORT_MAX      64

static const char *const  wm_report_steps[] = {
#define X(step)  step,
    WM_REPORT_WAITS(X)
#undef X
};

/* Columns of a query, each behind a comma. */

#define X(name, expression)  ", " expression

static const struct {
    const char  *view;
    const char  *columns;
} wm_report_queries[] = {
#define Y(what, name)  { name, WM_REPORT_##what },
    WM_REPORTS(Y)
#undef Y
};

#undef X

/* By what: the key of a row. */

typedef enum {
    WM_REPORT_BY_ALL,
    WM_REPORT_BY_YEAR,
    WM_REPORT_BY_QUARTER,
    WM_REPORT_BY_MONTH,
    WM_REPORT_BY_COURSE,
    WM_REPORT_BY_UNIT,
    WM_REPORT_BY_MAX
} wm_report_by_t;

static const struct {
    const char  *name;
    const char  *key;
} wm_report_by[] = {
    [WM_REPORT_BY_ALL] = { "all", "'all'" },
    [WM_REPORT_BY_YEAR] = { "year", "f.year" },
    [WM_REPORT_BY_QUARTER] = { "quarter", "f.quarter" },
    [WM_REPORT_BY_MONTH] = { "month", "f.month" },
    [WM_REPORT_BY_COURSE] = { "course", "f.course" },
    [WM_REPORT_BY_UNIT] = { "unit", "u.id" },
};

typedef struct {
    wm_str_t    key;
    wm_str_t    name;                   /* of a unit or course */
    wm_str_t    parent;
    wm_str_t    type;
    int64_t     figures[WM_REPORT_MAX]; /* -1: none */
} wm_figures_t;

typedef enum {
    WM_REPORT_TABLE,
    WM_REPORT_CSV,
    WM_REPORT_JSON
} wm_report_format_t;

typedef struct {
    wm_cli_t            *cli;
    wm_store_t           store;
    wm_output_t          out;
    wm_report_by_t       by;
    wm_report_format_t   format;
    wm_period_t          period;
    wm_str_t             path;          /* wm_null: all units */
    int64_t              now_ms;

    size_t               n, cap;
    wm_figures_t        *rows;
    wm_figures_t         total;
} wm_report_t;


/* ---- what is asked for */

static bool
wm_report_choice(wm_report_t *r)
{
    wm_str_t  format = r->cli->options[WM_OPT_FORMAT];
    wm_str_t  by = r->cli->options[WM_OPT_BY];

    static const char *const  formats[] = { "table", "csv", "json" };

    r->by = WM_REPORT_BY_MONTH;
    r->format = WM_REPORT_TABLE;

    if (by.data != NULL) {
        for (r->by = 0; r->by < WM_REPORT_BY_MAX; r->by++) {
            if (wm_is(by, wm_report_by[r->by].name)) {
                break;
            }
        }
    }

    while (format.data != NULL && r->format <= WM_REPORT_JSON
           && !wm_is(format, formats[r->format]))
    {
        r->format++;
    }

    if (r->by == WM_REPORT_BY_MAX) {
        wm_say_error("--by is all, year, quarter, month, course or unit");
        return false;
    }

    if (r->format > WM_REPORT_JSON) {
        wm_say_error("--format is table, csv or json");
        return false;
    }

    return true;
}


static bool
wm_report_options(wm_report_t *r)
{
    int        offset;
    wm_str_t   period = r->cli->options[WM_OPT_PERIOD];
    wm_str_t   now = r->cli->options[WM_OPT_NOW];

    if (!wm_report_choice(r) || !wm_conf_offset(r->cli, &offset)) {
        return false;
    }

    wm_period_all(&r->period);
    r->now_ms = wm_say_now_ms();

    if (period.data != NULL && !wm_period_parse(period, offset, &r->period)) {
        wm_say_error("--period is like 2026, 2026-Q4, 2026-12, 2026-12-01 or "
                     "2026-03..2026-05");
        return false;
    }

    if (now.data != NULL && !wm_time_parse(now, offset, &r->now_ms)) {
        wm_say_error("--now is a time, e.g. 2026-12-01T09:00");
        return false;
    }

    return true;
}


/* ---- rows */

/* Of seconds: a wait that nobody had has no length. */

static bool
wm_report_is_time(const char *name)
{
    size_t  n = strlen(name);

    return n > 2 && strcmp(name + n - 2, "_s") == 0;
}


static void
wm_report_clear(wm_figures_t *f, wm_str_t key)
{
    size_t  i;

    memset(f, 0, sizeof(wm_figures_t));
    f->key = key;

    for (i = 0; i < WM_REPORT_FIGURES; i++) {
        f->figures[i] = wm_report_is_time(wm_report_names[i]) ? -1 : 0;
    }
}


static wm_figures_t *
wm_report_add(wm_report_t *r, wm_str_t key)
{
    wm_figures_t  *more;

    if (r->n == r->cap) {
        r->cap = r->cap == 0 ? 64 : 2 * r->cap;
        more = wm_alloc(r->store.pool, r->cap * sizeof(wm_figures_t));

        if (more == NULL) {
            wm_say_error("no memory");
            return NULL;
        }

        if (r->n > 0) {
            memcpy(more, r->rows, r->n * sizeof(wm_figures_t));
        }

        r->rows = more;
    }

    wm_report_clear(&r->rows[r->n], key);

    return &r->rows[r->n++];
}


/* The row of a key; made when it is new.  NULL: no memory. */

static wm_figures_t *
wm_report_row(wm_report_t *r, wm_report_by_t by, wm_str_t key)
{
    size_t  i;

    if (by == WM_REPORT_BY_ALL) {
        return &r->total;
    }

    for (i = 0; i < r->n; i++) {
        if (wm_eq(r->rows[i].key, key)) {
            return &r->rows[i];
        }
    }

    return wm_report_add(r, key);
}


/* ---- queries */

static bool
wm_report_ask(wm_report_t *r, wm_str_t text, bool now, wm_sql_rows_t *rows)
{
    size_t           n = 0;
    wm_sql_value_t   args[4];

    if (now) {
        args[n++] = wm_sql_int(r->now_ms);
    }

    args[n++] = wm_sql_int(r->period.from_ms);
    args[n++] = wm_sql_int(r->period.to_ms);

    if (r->path.data != NULL) {
        args[n++] = wm_sql_text(r->store.pool, r->path);
    }

    if (text.data == NULL) {
        wm_say_error("no memory");
        return false;
    }

    return r->store.sql.run(&r->store.sql, r->store.pool, text.data, args, n,
                            rows)
           || wm_store_complain(&r->store);
}


/*
 * A unit's figures are those of all whose path begins with its own.  n: the
 * first of the numbers that values have here.
 */

static wm_str_t
wm_report_from(wm_report_t *r, wm_report_by_t by, const char *view, int n)
{
    wm_buf_t  b;

    wm_buf_init(&b, r->store.pool, 512);
    wm_putf(&b, " FROM %s f", view);

    if (by == WM_REPORT_BY_UNIT) {
        wm_puts(&b, " JOIN units u "
                "ON SUBSTR(f.path, 1, LENGTH(u.path)) = u.path");
    }

    wm_putf(&b, " WHERE COALESCE(f.at_ms, 0) >= $%d "
            "AND COALESCE(f.at_ms, 0) < $%d", n, n + 1);

    if (r->path.data != NULL) {
        wm_putf(&b, " AND SUBSTR(%s.path, 1, LENGTH(CAST($%d AS TEXT))) "
                "= CAST($%d AS TEXT)",
                by == WM_REPORT_BY_UNIT ? "u" : "f", n + 2, n + 2);
    }

    wm_putc(&b, '\0');

    return wm_buf_str(&b);
}


/* Figures from *column on; all of a view. */

static bool
wm_report_count(wm_report_t *r, wm_report_by_t by, size_t query,
    size_t *column)
{
    bool           now;
    size_t         i, k;
    wm_str_t       from, text;
    wm_figures_t  *f;
    wm_sql_rows_t  rows;

    now = strstr(wm_report_queries[query].columns, "$1") != NULL;
    from = wm_report_from(r, by, wm_report_queries[query].view, now ? 2 : 1);
    text = from.data == NULL ? wm_null
           : wm_printf(r->store.pool, "SELECT %s AS k%s%s GROUP BY 1",
                       wm_report_by[by].key,
                       wm_report_queries[query].columns, from.data);

    if (!wm_report_ask(r, text, now, &rows)) {
        return false;
    }

    for (i = 0; i < rows.n; i++) {
        f = wm_report_row(r, by, wm_sql_cell(&rows, i, 0)->str);

        if (f == NULL) {
            return false;
        }

        for (k = 1; k < rows.ncolumns; k++) {
            f->figures[*column + k - 1] = wm_sql_cell(&rows, i, k)->num;
        }
    }

    *column += rows.ncolumns - 1;

    return true;
}


static void
wm_report_wait(wm_figures_t *f, size_t column, const wm_sql_rows_t *rows,
    size_t i)
{
    size_t  step;

    for (step = 0; step < wm_countof(wm_report_steps); step++) {
        if (wm_is(wm_sql_cell(rows, i, 1)->str, wm_report_steps[step])) {
            f->figures[column + 3 * step] = wm_sql_cell(rows, i, 2)->num;
            f->figures[column + 3 * step + 1] =
                wm_sql_cell(rows, i, 3)->num / 1000;
            f->figures[column + 3 * step + 2] =
                wm_sql_cell(rows, i, 4)->num / 1000;
        }
    }
}


/*
 * Neither database has to know percentiles: of n waits in their order, the
 * one at n / 2, and the one at 0.9 n, both rounded up.
 */

static bool
wm_report_waits(wm_report_t *r, wm_report_by_t by, size_t column)
{
    size_t         i;
    wm_str_t       from, text;
    wm_figures_t  *f;
    wm_sql_rows_t  rows;

    from = wm_report_from(r, by, "fact_waits", 1);
    text = from.data == NULL ? wm_null : wm_printf(r->store.pool,
        "SELECT k, step, COUNT(*), "
        "MAX(CASE WHEN r = (n + 1) / 2 THEN ms END), "
        "MAX(CASE WHEN r = (9 * n + 9) / 10 THEN ms END) "
        "FROM (SELECT %s AS k, f.step, f.ms, "
        "ROW_NUMBER() OVER (PARTITION BY %s, f.step ORDER BY f.ms) AS r, "
        "COUNT(*) OVER (PARTITION BY %s, f.step) AS n%s) w GROUP BY k, step",
        wm_report_by[by].key, wm_report_by[by].key, wm_report_by[by].key,
        from.data);

    if (!wm_report_ask(r, text, false, &rows)) {
        return false;
    }

    for (i = 0; i < rows.n; i++) {
        f = wm_report_row(r, by, wm_sql_cell(&rows, i, 0)->str);

        if (f == NULL) {
            return false;
        }

        wm_report_wait(f, column, &rows, i);
    }

    return true;
}


static bool
wm_report_all(wm_report_t *r, wm_report_by_t by)
{
    size_t  i, column = 0;

    for (i = 0; i < wm_countof(wm_report_queries); i++) {
        if (!wm_report_count(r, by, i, &column)) {
            return false;
        }
    }

    return wm_report_waits(r, by, column);
}


/* ---- names */

/* All units in the order of the tree, with figures or without. */

static bool
wm_report_units(wm_report_t *r)
{
    size_t         i;
    wm_str_t       path;
    wm_figures_t  *f;
    wm_sql_rows_t  rows;

    if (!r->store.sql.run(&r->store.sql, r->store.pool,
                          "SELECT id, name, parent, type, path FROM units "
                          "ORDER BY path", NULL, 0, &rows))
    {
        return wm_store_complain(&r->store);
    }

    for (i = 0; i < rows.n; i++) {
        path = wm_sql_cell(&rows, i, 4)->str;

        if (r->path.data != NULL
            && (path.len < r->path.len
                || memcmp(path.data, r->path.data, r->path.len) != 0))
        {
            continue;
        }

        f = wm_report_add(r, wm_sql_cell(&rows, i, 0)->str);
        if (f == NULL) {
            return false;
        }

        f->name = wm_sql_cell(&rows, i, 1)->str;
        f->parent = wm_sql_cell(&rows, i, 2)->str;
        f->type = wm_sql_cell(&rows, i, 3)->str;
    }

    return true;
}


static bool
wm_report_courses(wm_report_t *r)
{
    size_t         i, k;
    wm_sql_rows_t  rows;

    if (!r->store.sql.run(&r->store.sql, r->store.pool,
                          "SELECT id, title FROM courses", NULL, 0, &rows))
    {
        return wm_store_complain(&r->store);
    }

    for (i = 0; i < r->n; i++) {
        for (k = 0; k < rows.n; k++) {
            if (wm_eq(r->rows[i].key, wm_sql_cell(&rows, k, 0)->str)) {
                r->rows[i].name = wm_sql_cell(&rows, k, 1)->str;
            }
        }
    }

    return true;
}


static int
wm_report_compare(const void *a, const void *b)
{
    return wm_cmp(((const wm_figures_t *) a)->key,
                  ((const wm_figures_t *) b)->key);
}


static bool
wm_report_gather(wm_report_t *r)
{
    wm_report_clear(&r->total, wm_lit("all"));

    if (!wm_store_unit(&r->store, r->cli->options[WM_OPT_UNIT],
                          &r->path)
        || (r->by == WM_REPORT_BY_UNIT && !wm_report_units(r))
        || !wm_report_all(r, WM_REPORT_BY_ALL)
        || (r->by != WM_REPORT_BY_ALL && !wm_report_all(r, r->by)))
    {
        return false;
    }

    if (r->by != WM_REPORT_BY_UNIT && r->n > 1) {
        qsort(r->rows, r->n, sizeof(wm_figures_t), wm_report_compare);
    }

    return r->by != WM_REPORT_BY_COURSE || wm_report_courses(r);
}


/* ---- writing */

static size_t
wm_report_find(const char *name)
{
    size_t  i;

    for (i = 0; i < WM_REPORT_FIGURES; i++) {
        if (strcmp(wm_report_names[i], name) == 0) {
            break;
        }
    }

    return i;
}


/* "4.33", or wm_null: nobody rated. */

static wm_str_t
wm_report_mean(wm_pool_t *pool, const wm_figures_t *f)
{
    int64_t  n, score;

    n = f->figures[wm_report_find("ratings")];
    score = f->figures[wm_report_find("score")];

    return n > 0 ? wm_printf(pool, "%" PRId64 ".%02" PRId64, score / n,
                             score % n * 100 / n)
                 : wm_null;
}


static void
wm_report_doc(wm_report_t *r, wm_doc_t *doc, const wm_figures_t *f)
{
    size_t    i;
    wm_str_t  mean;

    wm_doc_str(doc, "key", f->key);

    if (f->name.data != NULL) {
        wm_doc_str(doc, "name", f->name);
    }

    if (r->by == WM_REPORT_BY_UNIT && f != &r->total) {
        wm_doc_str(doc, "type", f->type.data != NULL ? f->type : wm_lit(""));
        wm_doc_str(doc, "parent", f->parent.data != NULL ? f->parent
                                                         : wm_lit(""));
    }

    for (i = 0; i < WM_REPORT_FIGURES; i++) {
        if (f->figures[i] >= 0) {
            wm_doc_int(doc, wm_report_names[i], f->figures[i]);

        } else {
            wm_doc_null(doc, wm_report_names[i]);
        }
    }

    mean = wm_report_mean(r->store.pool, f);

    if (mean.data != NULL) {
        wm_doc_str(doc, "rating_mean", mean);

    } else {
        wm_doc_null(doc, "rating_mean");
    }
}


static void
wm_report_json(wm_report_t *r, wm_buf_t *b)
{
    char      *from, *to;
    size_t     i;
    wm_doc_t  *doc, *items;

    doc = wm_doc_new(r->store.pool);
    from = wm_alloc(r->store.pool, WM_TIME_TEXT);
    to = wm_alloc(r->store.pool, WM_TIME_TEXT);

    wm_doc_text(doc, "by", wm_report_by[r->by].name);

    if (from != NULL && to != NULL && r->period.from_ms > 0) {
        wm_doc_str(doc, "from", wm_time_iso(r->period.from_ms,
                                            r->store.offset, from));
    }

    if (from != NULL && to != NULL && r->period.to_ms < WM_TIME_MAX) {
        wm_doc_str(doc, "to", wm_time_iso(r->period.to_ms, r->store.offset,
                                          to));
    }

    items = wm_doc_list(doc, "items");

    for (i = 0; i < r->n; i++) {
        wm_report_doc(r, wm_doc_item(items), &r->rows[i]);
    }

    wm_report_doc(r, wm_doc_obj(doc, "total"), &r->total);

    b->failed |= doc == NULL;

    if (doc != NULL) {
        wm_doc_write(b, doc);
        wm_putc(b, '\n');
    }
}


static void
wm_report_csv_row(wm_report_t *r, wm_buf_t *b, const wm_figures_t *f)
{
    size_t    i, n = 0;
    wm_str_t  cells[WM_REPORT_MAX + 4], mean;

    cells[n++] = f->key;
    cells[n++] = f->name.data != NULL ? f->name : wm_lit("");

    for (i = 0; i < WM_REPORT_FIGURES; i++) {
        cells[n++] = f->figures[i] < 0 ? wm_lit("")
                     : wm_printf(r->store.pool, "%" PRId64, f->figures[i]);
        b->failed |= cells[n - 1].data == NULL;
    }

    mean = wm_report_mean(r->store.pool, f);
    cells[n++] = mean.data != NULL ? mean : wm_lit("");

    wm_csv_row(b, cells, n);
}


static void
wm_report_csv(wm_report_t *r, wm_buf_t *b)
{
    size_t    i, n = 0;
    wm_str_t  cells[WM_REPORT_MAX + 4];

    cells[n++] = wm_str(wm_report_by[r->by].name);
    cells[n++] = wm_lit("name");

    for (i = 0; i < WM_REPORT_FIGURES; i++) {
        cells[n++] = wm_str(wm_report_names[i]);
    }

    cells[n++] = wm_lit("rating_mean");

    wm_puts(b, r->cli->options[WM_OPT_BOM].data != NULL ? "\xef\xbb\xbf" : "");
    wm_csv_row(b, cells, n);

    for (i = 0; i < r->n; i++) {
        wm_report_csv_row(r, b, &r->rows[i]);
    }

    wm_report_csv_row(r, b, &r->total);
}


/* For people: what fits a line, three tables below each other. */

#define WM_REPORT_BLOCKS  3
#define WM_REPORT_WIDE    10

static const char *const  wm_report_blocks[WM_REPORT_BLOCKS][9] = {
    { "orders", "submitted", "dispatched", "accepted", "scheduled",
      "completed", "rated", "rejected", "overdue" },
    { "events", "planned", "days", "attended", "people", "ratings",
      "rating_mean", "wishes", "wishes_met" },
    { "accept_n", "accept_median_s", "accept_p90_s", "schedule_median_s",
      "schedule_p90_s", "done_median_s", "done_p90_s", "whole_median_s",
      "whole_p90_s" },
};

static const char *const  wm_report_titles[WM_REPORT_BLOCKS][9] = {
    { "orders", "submitted", "dispatch.", "accepted", "scheduled", "complete",
      "rated", "rejected", "overdue" },
    { "events", "planned", "days", "attended", "people", "ratings", "mean",
      "wishes", "met" },
    { "accepted", "median", "90 %", "scheduled", "90 %", "done", "90 %",
      "in all", "90 %" },
};


static wm_str_t
wm_report_long(wm_pool_t *pool, int64_t s)
{
    return s >= 172800 ? wm_printf(pool, "%" PRId64 "d%02" PRId64 "h",
                                   s / 86400, s % 86400 / 3600)
           : s >= 3600 ? wm_printf(pool, "%" PRId64 "h%02" PRId64 "m",
                                   s / 3600, s % 3600 / 60)
           : wm_printf(pool, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
}


static wm_str_t
wm_report_cell(wm_report_t *r, const wm_figures_t *f, const char *name)
{
    size_t     i;
    wm_str_t   s;
    wm_pool_t *pool = r->store.pool;

    i = wm_report_find(name);

    s = i == WM_REPORT_FIGURES ? wm_report_mean(pool, f)
        : f->figures[i] < 0 ? wm_null
        : wm_report_is_time(name) ? wm_report_long(pool, f->figures[i])
        : wm_printf(pool, "%" PRId64, f->figures[i]);

    return s.data != NULL ? s : wm_lit("-");
}


static void
wm_report_line(wm_report_t *r, wm_buf_t *b, size_t block,
    const wm_figures_t *f, int width)
{
    size_t       i;
    const char  *name;

    wm_putf(b, "%-*.*s", width, wm_fmt(f->key));

    for (i = 0; i < 9 && wm_report_blocks[block][i] != NULL; i++) {
        name = wm_report_blocks[block][i];
        wm_putf(b, "%*s", WM_REPORT_WIDE, wm_report_cell(r, f, name).data);
    }

    if (f->name.len > 0) {
        wm_putf(b, "  %s", wm_say_safe(r->store.pool, f->name));
    }

    wm_putc(b, '\n');
}


static void
wm_report_table(wm_report_t *r, wm_buf_t *b)
{
    int     width = 8;
    size_t  i, k, block;

    for (i = 0; i < r->n; i++) {
        width = (int) r->rows[i].key.len > width ? (int) r->rows[i].key.len
                                                 : width;
    }

    for (block = 0; block < WM_REPORT_BLOCKS; block++) {
        wm_putf(b, "%s%-*s", block > 0 ? "\n" : "", width,
                wm_report_by[r->by].name);

        for (k = 0; k < 9 && wm_report_titles[block][k] != NULL; k++) {
            wm_putf(b, "%*s", WM_REPORT_WIDE, wm_report_titles[block][k]);
        }

        wm_putc(b, '\n');

        for (i = 0; i < r->n; i++) {
            wm_report_line(r, b, block, &r->rows[i], width);
        }

        wm_report_line(r, b, block, &r->total, width);
    }
}


static bool
wm_report_write(wm_report_t *r)
{
    wm_buf_t  b;

    wm_buf_init(&b, r->store.pool, 65536);

    switch (r->format) {

    case WM_REPORT_JSON:
        wm_report_json(r, &b);
        break;

    case WM_REPORT_CSV:
        wm_report_csv(r, &b);
        break;

    default:
        wm_report_table(r, &b);
    }

    if (b.failed) {
        wm_say_error("no memory");
        return false;
    }

    return wm_output_put(&r->out, wm_buf_str(&b), 0);
}


int
wm_cli_report(wm_cli_t *cli)
{
    bool         ok;
    wm_str_t     where;
    wm_report_t  r;

    memset(&r, 0, sizeof(wm_report_t));
    r.cli = cli;
    where = wm_archive_address(cli, WM_OPT_FROM);

    if (where.data == NULL || wm_conf_district(cli).data == NULL
        || !wm_report_options(&r))
    {
        return WM_CLI_USAGE;
    }

    ok = wm_store_open_read(cli, where, &r.store) && wm_report_gather(&r)
         && wm_output_open(cli, cli->options[WM_OPT_OUT], &r.out)
         && wm_output_close(cli, &r.out, wm_report_write(&r));

    wm_store_close(&r.store);

    return ok ? WM_CLI_OK : WM_CLI_PROBLEM;
}
