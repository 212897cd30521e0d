/* One order: what it is, and the steps that workers and teams take. */

#include "wm_show.h"

static void wm_case_page(wm_web_t *w);
static void wm_case_act(wm_web_t *w);
static void wm_case_teams(wm_web_t *w);

#define WM_CASE_FIELDS                                                       \
    { "team",    WM_FIELD_TOKEN,  0,  1, 64 },                               \
    { "reason",  WM_FIELD_LINES,  0,  1, 200 },                              \
    { "note",    WM_FIELD_LINES,  0,  1, 200 }

static const wm_field_t  wm_case_fields[] = {
    WM_CASE_FIELDS
};

static const size_t  wm_case_nfields = wm_countof(wm_case_fields);

/* A page may lead back to the board. */
static const wm_field_t  wm_case_form_fields[] = {
    WM_CASE_FIELDS,
    { "back",    WM_FIELD_TOKEN,  0,  1, 8 }
};

static const size_t  wm_case_form_nfields = wm_countof(wm_case_form_fields);

/* Which step the page is opened for. */
static const wm_field_t  wm_case_page_fields[] = {
    { "do",      WM_FIELD_TOKEN,  0,  1, 16 }
};

static const size_t  wm_case_page_nfields = wm_countof(wm_case_page_fields);

/* The last part of the path is the action of core/wm_order_life.h. */
#define WM_CASE_ROUTES(action)                                               \
    { WM_POST, "staff/orders/{id}/" action, WM_PAGE, WM_STAFF,               \
      WM_CAP_ORDERS, 0, wm_case_form_fields, &wm_case_form_nfields, NULL,    \
      wm_case_act, wm_case_page, "staff-order" },                            \
    { WM_POST, "api/staff/orders/{id}/" action, WM_API, WM_STAFF,            \
      WM_CAP_ORDERS, 0, wm_case_fields, &wm_case_nfields, NULL,              \
      wm_case_act, NULL, NULL }

const wm_route_t  wm_dispatch_routes[] = {
    { WM_GET, "api/staff/teams", WM_API, WM_STAFF, WM_CAP_ORDERS, 0,
      NULL, NULL, NULL, wm_case_teams, NULL, NULL },
    { WM_GET, "staff/orders/{id}", WM_PAGE, WM_STAFF, WM_CAP_ORDERS, 0,
      wm_case_page_fields, &wm_case_page_nfields, "staff-order",
      wm_case_page, NULL, NULL },
    { WM_GET, "api/staff/orders/{id}", WM_API, WM_STAFF, WM_CAP_ORDERS, 0,
      NULL, NULL, NULL, wm_case_page, NULL, NULL },
    WM_CASE_ROUTES("dispatch"),
    WM_CASE_ROUTES("accept"),
    WM_CASE_ROUTES("decline"),
    WM_CASE_ROUTES("reassign"),
    WM_CASE_ROUTES("escalate"),
    WM_CASE_ROUTES("reject"),
    WM_CASE_ROUTES("complete"),
    WM_CASE_ROUTES("expire")
};

const size_t  wm_dispatch_nroutes = wm_countof(wm_dispatch_routes);

typedef struct {
    wm_order_t        order;
    wm_order_by_t     by;
    wm_order_args_t   args;
    wm_reply_t        units;
    wm_reply_t        teams;
    wm_reply_t        person;
    wm_step_pt        next;             /* once all of it is there */
    bool              done;             /* the step has been taken */
} wm_case_t;


/* ---- the order of the address */

static wm_order_action_t
wm_case_action(const wm_web_t *w)
{
    return wm_order_action_find(wm_last(wm_str(w->route->path), '/'));
}


static void wm_case_done(wm_web_t *w);


static void
wm_case_complete(wm_web_t *w)
{
    wm_event_t   event;
    wm_case_t   *k = w->state;

    k->person = w->replies[0];

    if (k->order.event.len > 0
        && wm_event_load(&w->replies[1], k->order.event, &event))
    {
        k->args.end_ms = event.end_ms;
    }

    k->next(w);
}


static void
wm_case_loaded(wm_web_t *w)
{
    wm_case_t  *k = w->state;

    k->units = w->replies[1];
    k->teams = w->replies[2];

    if (!wm_order_load(&w->replies[0], w->id, &k->order)
        || (!k->done && !wm_order_sees(&k->order, &k->by)))
    {
        wm_refuse(w, WM_VERDICT_NOT_FOUND, wm_case_done);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%.*s", wm_fmt(k->order.person)));
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "event:%.*s", wm_fmt(k->order.event)));
    wm_fetch(w, wm_case_complete);
}


static void
wm_case_load(wm_web_t *w, wm_step_pt next, bool done)
{
    wm_case_t  *k;

    k = wm_calloc(w->pool, sizeof(wm_case_t));
    if (k == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = k;
    k->next = next;
    k->done = done;
    k->by.staff = &w->staff;
    k->args.offset = w->site->offset;
    k->args.deadlines = w->site->deadlines;

    if (!wm_id_valid(w->id)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "order:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));
    wm_fetch(w, wm_case_loaded);
}


/* ---- showing it */

/* A form for each step; what was refused comes back in the one it was in. */

static void
wm_case_forms(wm_web_t *w, wm_case_t *k, unsigned possible)
{
    unsigned            i;
    wm_doc_t           *list, *item;
    wm_value_t         *v;
    wm_order_need_t     needs;
    wm_order_action_t   tried;

    list = wm_doc_list(w->doc, "acts");
    wm_doc_hide(list);
    tried = w->refused != WM_VERDICT_OK
            ? wm_case_action(w)
            : wm_order_action_find(wm_input(&w->input, "do")->text);

    for (i = 0; i < WM_ORDER_DO_MAX; i++) {
        if ((possible & 1u << i) == 0) {
            continue;
        }

        needs = wm_order_action_needs((wm_order_action_t) i);
        item = wm_show_act(list, wm_order_action_code((wm_order_action_t) i),
                           wm_order_action_text((wm_order_action_t) i),
                           i == tried);
        wm_doc_bool(item, "asks_team", needs == WM_ORDER_NEED_TEAM);
        wm_doc_bool(item, "asks_reason", needs == WM_ORDER_NEED_REASON);

        v = wm_input(&w->input, needs == WM_ORDER_NEED_TEAM ? "team"
                                                            : "reason");
        wm_doc_str(item, "typed", i == tried ? v->typed : wm_lit(""));
        wm_doc_text(item, "wrong", i == tried ? wm_field_error_text(v->error)
                                              : "");
    }

    wm_show_sort(&k->teams);
    wm_doc_hide(wm_show_choices(w, "teams", "name", &k->teams,
                                wm_input(&w->input, "team")->text));
}


static void
wm_case_show(wm_web_t *w)
{
    bool        mine;
    unsigned    possible;
    wm_case_t  *k = w->state;

    mine = wm_order_sees(&k->order, &k->by);
    possible = wm_order_possible(&k->order, &k->by, &k->args, w->now_ms);

    wm_show_order_staff(w, w->doc, &k->order, mine ? &k->person : NULL,
                        &k->units, &k->teams);
    wm_show_log(w, w->doc, &k->order, &k->teams, true);
    wm_show_possible(w->doc, possible);

    if (w->route->face != WM_API) {
        wm_case_forms(w, k, possible);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_case_page(wm_web_t *w)
{
    wm_case_load(w, wm_case_show, false);
}


/* ---- taking a step */

static void
wm_case_done(wm_web_t *w)
{
    if (w->route->face == WM_API) {
        wm_case_load(w, wm_case_show, true);

    } else if (wm_is(wm_input(&w->input, "back")->text, "board")) {
        wm_redirect(w, wm_lit("staff/orders/board"));

    } else if (wm_role_may(w->staff.role, WM_CAP_READ)) {
        wm_redirect(w, wm_printf(w->pool, "staff/orders/%.*s",
                                 wm_fmt(w->id)));

    } else {
        /* a team may have given it back */

        wm_redirect(w, wm_lit("staff/orders"));
    }
}


/* What is missing or wrong, at its field. */

static void
wm_case_fail(wm_web_t *w, wm_order_action_t action)
{
    const char  *name;

    name = wm_order_action_needs(action) == WM_ORDER_NEED_TEAM ? "team"
                                                               : "reason";

    wm_input_fail(&w->input, name, wm_input(&w->input, name)->text.len > 0
                                   ? WM_WRONG_CHOICE : WM_WRONG_MISSING);
}


static void
wm_case_decide(wm_web_t *w)
{
    wm_team_t           team;
    wm_case_t          *k = w->state;
    wm_commit_t        *c;
    wm_verdict_t        v;
    wm_order_action_t   action;

    action = wm_case_action(w);
    k->args.team = wm_input(&w->input, "team")->text;
    k->args.reason = wm_input(&w->input, "reason")->text;
    k->args.note = wm_input(&w->input, "note")->text;

    if (k->args.team.len > 0
        && !wm_team_load(w->pool, k->args.team,
                         wm_reply_find(&k->teams, k->args.team), &team))
    {
        k->args.team = wm_null;         /* none that exists */
    }

    c = wm_begin(w, wm_order_action_op(action));
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_order_act(c, &k->order, action, &k->by, &k->args);

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_case_act, wm_case_done);
        return;
    }

    if (v == WM_VERDICT_INVALID) {
        wm_case_fail(w, action);

    } else if (v == WM_VERDICT_STATE) {
        wm_show_standing(w, &k->order,
                         wm_order_possible(&k->order, &k->by, &k->args,
                                           w->now_ms));
    }

    wm_refuse(w, v, wm_case_done);
}


static void
wm_case_act(wm_web_t *w)
{
    wm_case_load(w, wm_case_decide, false);
}


/* ---- teams */

static void
wm_case_teams_show(wm_web_t *w)
{
    size_t       i;
    wm_doc_t    *items, *item;
    wm_str_t     unit;
    wm_team_t    team;
    wm_reply_t  *all = &w->replies[0];

    wm_show_sort(all);
    items = wm_doc_list(w->doc, "items");

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        if (!wm_team_load(w->pool, wm_reply_at(all, i),
                          wm_reply_at(all, i + 1), &team))
        {
            continue;
        }

        item = wm_doc_item(items);
        wm_doc_str(item, "id", team.id);
        wm_doc_str(item, "kind", team.kind);
        wm_doc_text(item, "kind_text", wm_team_kind_text(team.kind));
        wm_doc_str(item, "unit", team.unit);

        unit = wm_show_unit_name(w, wm_reply_find(&w->replies[1], team.unit));

        if (unit.len > 0) {
            wm_doc_str(item, "unit_name", unit);
        }

        wm_doc_str(item, "name", team.name);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_case_teams(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_case_teams_show);
}
