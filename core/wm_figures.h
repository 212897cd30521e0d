/*
 * Figures of a time and a unit with all below it: what was held, who came,
 * for how long, what was ordered, how it was rated; in rows by unit, course
 * or month.  What counts as what: docs/figures.md.
 */

#ifndef WM_FIGURES_H
#define WM_FIGURES_H

#include "wm_attend.h"
#include "wm_event.h"
#include "wm_order.h"

/* How much an answer counts at most; more is said to be cut. */
#define WM_FIGURES_EVENTS  5000         /* and as many orders */
#define WM_FIGURES_VISITS  50000
#define WM_FIGURES_ROWS    2000
#define WM_FIGURES_DAYS    1100         /* of a time */

/* X(name, code, Chinese) */
#define WM_FIGURES_BY(X)                                                     \
    X(UNIT,    "unit",    "按单位")                                          \
    X(COURSE,  "course",  "按课程")                                          \
    X(MONTH,   "month",   "按月份")

typedef enum {
    WM_FIGURES_NONE,
#define X(name, code, text)  WM_FIGURES_##name,
    WM_FIGURES_BY(X)
#undef X
    WM_FIGURES_BY_MAX
} wm_figures_by_t;

/* NONE: there is none of that name. */
wm_figures_by_t wm_figures_by_find(wm_str_t code);
const char *wm_figures_by_code(wm_figures_by_t by);
const char *wm_figures_by_text(wm_figures_by_t by);

/* X(name, code): numbers of a row, in the order of the columns. */
#define WM_FIGURES_NUMBERS(X)                                                \
    X(PLANNED,      "planned")          /* published, not begun */           \
    X(HELD,         "held")             /* published, and begun */           \
    X(DAYS,         "days")             /* on which one was held */          \
    X(CHECK_INS,    "check_ins")                                             \
    X(PERSONS,      "persons")          /* each once */                      \
    X(MINUTES,      "minutes")          /* while they were there */          \
    X(MISSING_OUT,  "missing_out")      /* without a check-out: no minutes */\
    X(ORDERS,       "orders")                                                \
    X(OPEN,         "open")             /* of them: somebody has to act */   \
    X(DONE,         "done")             /* of them: completed or rated */    \
    X(OVERDUE,      "overdue")          /* of the open ones */               \
    X(RATINGS,      "ratings")

typedef enum {
#define X(name, code)  WM_FIGURE_##name,
    WM_FIGURES_NUMBERS(X)
#undef X
    WM_FIGURE_MAX
} wm_figure_t;

const char *wm_figure_code(wm_figure_t f);

typedef struct {
    wm_str_t   id;                      /* of a unit or course; "2026-11" */
    wm_str_t   name;                    /* the caller's, for showing */
    int64_t    n[WM_FIGURE_MAX];
    int64_t    states[WM_ORDER_STATE_MAX];      /* orders in each */
    int64_t    score_sum;

    int64_t    ms;                      /* what MINUTES is made of */
    int64_t    last_day;
    char       last[WM_ID_LEN];         /* person that was counted last */
    int64_t    until;                   /* so far his time is counted */
} wm_figures_row_t;

typedef struct wm_figures_s  wm_figures_t;

/* What of an event is counted; the strings must live as long. */
typedef struct {
    wm_event_state_t   state;
    int64_t            start_ms;
    int64_t            end_ms;
    wm_str_t           path;
    wm_str_t           course;
    int64_t            ratings;
    int64_t            score_sum;
} wm_figures_event_t;

typedef struct {
    wm_order_state_t   state;
    wm_str_t           path;
    wm_str_t           course;
    int64_t            made_ms;
    bool               overdue;
} wm_figures_order_t;

/* Rows by unit are those of the path's unit and of units below. */
wm_figures_t *wm_figures_new(wm_pool_t *pool, wm_figures_by_t by,
    wm_str_t path, int offset, int64_t now_ms);

/* A row without anything, for a month in which nothing was. */
void wm_figures_name(wm_figures_t *f, wm_str_t id);

/*
 * Events come in the order of their starts.  The number is for visits; SIZE_MAX
 * when it was not held: then who came does not count either.
 */
size_t wm_figures_event(wm_figures_t *f, const wm_figures_event_t *event);
void wm_figures_visit(wm_figures_t *f, size_t event, wm_str_t person,
    const wm_attend_t *visit);
void wm_figures_order(wm_figures_t *f, const wm_figures_order_t *order);

/*
 * Counts persons and minutes: one who was at two events at the same time has
 * the time once.  False: no memory.
 */
bool wm_figures_end(wm_figures_t *f);

/* There were more rows than there is room: the total counts all the same. */
bool wm_figures_is_full(const wm_figures_t *f);

const wm_figures_row_t *wm_figures_total(const wm_figures_t *f);
wm_figures_row_t *wm_figures_rows(wm_figures_t *f, size_t *n);

/*
 * Puts rows in order: by "name", "id", "rating" or a number's code; names
 * rise and numbers fall, unless turned.  False: no such order.
 */
bool wm_figures_sort(wm_figures_t *f, wm_str_t order, bool turned);

#endif /* WM_FIGURES_H */
