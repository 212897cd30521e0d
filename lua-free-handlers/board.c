/*
 * Orders as a board: a column for each state that somebody works at.  The
 * steps on a card are the forms of dispatch.c.
 */

#include "wm_show.h"

#include <stdlib.h>

#define WM_BOARD_READ   500             /* orders looked at, of each list */
#define WM_BOARD_CARDS  40              /* of a column */

/* X(state, column's text): what the state waits for */
#define WM_BOARD_COLUMNS(X)                                                  \
    X(SUBMITTED,   "待派单")                                                 \
    X(DISPATCHED,  "待接单")                                                 \
    X(ACCEPTED,    "待排课")                                                 \
    X(SCHEDULED,   "已排课")

static void wm_board(wm_web_t *w);

static const wm_field_t  wm_board_fields[] = {
    { "status",  WM_FIELD_TOKEN,   0,  1, 16 },
    { "none",    WM_FIELD_NUMBER,  0,  0, 1 }
};

static const wm_field_t  wm_board_api_fields[] = {
    { "status",  WM_FIELD_TOKEN,   0,  1, 16 }
};

static const size_t  wm_board_nfields = wm_countof(wm_board_fields);
static const size_t  wm_board_api_nfields = wm_countof(wm_board_api_fields);

const wm_route_t  wm_board_routes[] = {
    { WM_GET, "staff/orders/board", WM_PAGE, WM_STAFF, WM_CAP_ORDERS, 0,
      wm_board_fields, &wm_board_nfields, "staff-board", wm_board,
      NULL, NULL },
    { WM_GET, "api/staff/board", WM_API, WM_STAFF, WM_CAP_ORDERS, 0,
      wm_board_api_fields, &wm_board_api_nfields, NULL, wm_board,
      NULL, NULL }
};

const size_t  wm_board_nroutes = wm_countof(wm_board_routes);

static const struct {
    wm_order_state_t   state;
    const char        *text;
} wm_board_columns[] = {
#define X(name, text)  { WM_ORDER_##name, text },
    WM_BOARD_COLUMNS(X)
#undef X
};

/* What can be done on a card itself; the rest is on the order's page. */
static const wm_order_action_t  wm_board_acts[] = {
    WM_ORDER_DO_DISPATCH, WM_ORDER_DO_ACCEPT, WM_ORDER_DO_REASSIGN,
    WM_ORDER_DO_DECLINE
};

typedef struct {
    wm_reply_t       ids[2];            /* open ones by deadline; newest */
    wm_reply_t       units;
    wm_reply_t       teams;
    bool             more[2];           /* of each list */
    size_t           n;
    wm_order_t      *orders;
    wm_order_by_t    by;
    wm_order_args_t  args;
} wm_board_t;


static size_t
wm_board_n(const wm_reply_t *list)
{
    return list->type == WM_REPLY_LIST ? list->n : 0;
}


/* What is due first; what is not due any more, the newest. */

static int
wm_board_compare(const void *a, const void *b)
{
    const wm_order_t  *x = a, *y = b;

    if (x->due_ms != y->due_ms) {
        return x->due_ms == 0 ? 1 : y->due_ms == 0 ? -1
               : x->due_ms < y->due_ms ? -1 : 1;
    }

    return x->made_ms > y->made_ms ? -1 : x->made_ms < y->made_ms ? 1
           : wm_cmp(x->id, y->id);
}


/* ---- a card */

static void
wm_board_card_acts(wm_web_t *w, wm_doc_t *item, const wm_order_t *order,
    unsigned possible)
{
    size_t              i;
    wm_doc_t           *list, *act;
    wm_order_need_t     needs;
    wm_order_action_t   a;

    (void) w;

    list = wm_doc_list(item, "acts");
    wm_doc_hide(list);

    for (i = 0; i < wm_countof(wm_board_acts); i++) {
        a = wm_board_acts[i];

        if ((possible & 1u << a) == 0) {
            continue;
        }

        needs = wm_order_action_needs(a);
        act = wm_doc_item(list);
        wm_doc_text(act, "act", wm_order_action_code(a));
        wm_doc_text(act, "act_text", wm_order_action_text(a));
        wm_doc_text(act, "to",
                    wm_order_state_code(wm_order_action_next(a)));
        wm_doc_bool(act, "plain", needs == WM_ORDER_NEED_NOTHING);
        wm_doc_bool(act, "first", a == WM_ORDER_DO_ACCEPT
                                  || (a == WM_ORDER_DO_DISPATCH
                                      && order->state
                                         == WM_ORDER_SUBMITTED));
    }
}


static void
wm_board_card(wm_web_t *w, wm_doc_t *item, const wm_order_t *order)
{
    unsigned     possible;
    wm_board_t  *b = w->state;

    possible = wm_order_possible(order, &b->by, &b->args, w->now_ms);

    wm_show_order_staff(w, item, order, NULL, &b->units, &b->teams);
    wm_show_possible(item, possible);

    if (w->route->face != WM_API) {
        wm_board_card_acts(w, item, order, possible);
    }
}


/* ---- the columns */

static void
wm_board_column(wm_web_t *w, wm_doc_t *columns, size_t column, bool here)
{
    size_t            i, n;
    wm_doc_t         *doc, *items;
    wm_board_t       *b = w->state;
    wm_order_state_t  state = wm_board_columns[column].state;

    doc = wm_doc_item(columns);
    wm_doc_text(doc, "status", wm_order_state_code(state));
    wm_doc_text(doc, "status_text", wm_board_columns[column].text);
    wm_doc_hide(wm_doc_bool(doc, "here", here));
    items = wm_doc_list(doc, "items");

    for (i = 0, n = 0; i < b->n; i++) {
        if (b->orders[i].state == state && n++ < WM_BOARD_CARDS) {
            wm_board_card(w, wm_doc_item(items), &b->orders[i]);
        }
    }

    wm_doc_int(doc, "count", (int64_t) n);
    wm_doc_bool(doc, "more", n > WM_BOARD_CARDS
                             || b->more[state == WM_ORDER_SCHEDULED]);
}


static void
wm_board_page(wm_web_t *w, wm_board_t *b)
{
    wm_doc_hide(wm_doc_bool(w->doc, "can_schedule",
                            wm_role_may(w->staff.role, WM_CAP_SCHEDULE)));
    wm_doc_hide(wm_doc_bool(w->doc, "can_order",
                            wm_role_may(w->staff.role, WM_CAP_DISPATCH)));
    wm_doc_hide(wm_doc_bool(w->doc, "none",
                            wm_input(&w->input, "none")->num > 0));
    wm_show_sort(&b->teams);
    wm_doc_hide(wm_show_choices(w, "teams", "name", &b->teams, wm_lit("")));
}


/* The column of a status; none has this number: there is no such column. */

static size_t
wm_board_find(wm_str_t status)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_board_columns)
                && !wm_is(status,
                          wm_order_state_code(wm_board_columns[i].state));
         i++)
    {
        /* void */
    }

    return i;
}


static void
wm_board_show(wm_web_t *w)
{
    size_t       i, here;
    wm_str_t     wanted = wm_input(&w->input, "status")->text;
    wm_doc_t    *columns;
    wm_board_t  *b = w->state;

    qsort(b->orders, b->n, sizeof(wm_order_t), wm_board_compare);

    here = wm_board_find(wanted) % wm_countof(wm_board_columns);
    columns = wm_doc_list(w->doc, "columns");

    for (i = 0; i < wm_countof(wm_board_columns); i++) {
        if (w->route->face != WM_API || wanted.len == 0 || i == here) {
            wm_board_column(w, columns, i, i == here);
        }
    }

    if (w->route->face != WM_API) {
        wm_board_page(w, b);
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* An order may be in both lists. */

static bool
wm_board_has(const wm_board_t *b, wm_str_t id)
{
    size_t  i;

    for (i = 0; i < wm_board_n(&b->ids[0]); i++) {
        if (wm_eq(wm_reply_at(&b->ids[0], i), id)) {
            return true;
        }
    }

    return false;
}


static void
wm_board_loaded(wm_web_t *w)
{
    size_t       i, n, open;
    wm_str_t     id;
    wm_board_t  *b = w->state;
    wm_order_t  *order;

    open = wm_board_n(&b->ids[0]);
    n = open + wm_board_n(&b->ids[1]);

    for (i = 0; i < n; i++) {
        id = i < open ? wm_reply_at(&b->ids[0], i)
                      : wm_reply_at(&b->ids[1], i - open);
        order = &b->orders[b->n];

        if (wm_order_load(&w->replies[i], id, order)
            && wm_order_sees(order, &b->by)
            && (i < open || !wm_board_has(b, id)))
        {
            b->n++;
        }
    }

    wm_board_show(w);
}


static void
wm_board_found(wm_web_t *w)
{
    size_t       i, j, n;
    wm_board_t  *b = w->state;

    b->ids[0] = w->replies[0];
    b->ids[1] = w->replies[1];
    b->units = w->replies[2];
    b->teams = w->replies[3];
    b->more[0] = wm_board_n(&b->ids[0]) == WM_BOARD_READ;
    b->more[1] = wm_board_n(&b->ids[1]) == WM_BOARD_READ;

    n = wm_board_n(&b->ids[0]) + wm_board_n(&b->ids[1]);
    b->orders = wm_alloc(w->pool, (n + 1) * sizeof(wm_order_t));

    if (b->orders == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (n == 0) {
        wm_board_show(w);
        return;
    }

    for (i = 0; i < 2; i++) {
        for (j = 0; j < wm_board_n(&b->ids[i]); j++) {
            wm_ask(w, wm_lit("HGETALL"),
                   wm_web_key(w, "order:%.*s",
                              wm_fmt(wm_reply_at(&b->ids[i], j))));
        }
    }

    wm_fetch(w, wm_board_loaded);
}


/*
 * What is open, by its deadline, and the newest of all: those that are
 * planned have no deadline.  A team has one list.
 */

static void
wm_board(wm_web_t *w)
{
    bool         reads;
    wm_str_t     last, wanted = wm_input(&w->input, "status")->text;
    wm_board_t  *b;

    /* a page shows the first one then */

    if (w->route->face == WM_API && wanted.len > 0
        && wm_board_find(wanted) == wm_countof(wm_board_columns))
    {
        wm_input_fail(&w->input, "status", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    b = wm_calloc(w->pool, sizeof(wm_board_t));
    last = wm_printf(w->pool, "%d", WM_BOARD_READ - 1);

    if (b == NULL || last.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = b;
    b->by.staff = &w->staff;
    b->args.offset = w->site->offset;
    reads = wm_role_may(w->staff.role, WM_CAP_READ);

    wm_ask(w, wm_lit("ZRANGE"),
           reads ? wm_web_key(w, "due:%.*s", wm_fmt(w->staff.unit))
                 : wm_web_key(w, "team:%.*s", wm_fmt(w->staff.team)),
           wm_lit("0"), last);
    wm_ask(w, wm_lit("ZREVRANGE"),
           reads ? wm_web_key(w, "orders:%.*s", wm_fmt(w->staff.unit))
                 : wm_web_key(w, "team:%.*s", wm_fmt(w->staff.team)),
           wm_lit("0"), last);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));
    wm_fetch(w, wm_board_found);
}
