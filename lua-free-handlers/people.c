/* Who works where, with which role; and who no longer does. */

#include "wm_staffed.h"

static void wm_people(wm_web_t *w);
static void wm_people_move(wm_web_t *w);

static const wm_field_t  wm_people_fields[] = {
    { "unit",  WM_FIELD_TOKEN,  0,  0, 64 }
};

/* as wm_staff_name_valid() has it, in characters */

static const wm_field_t  wm_people_move_fields[] = {
    { "name",  WM_FIELD_TEXT,  WM_REQUIRED,  1, 32 }
};

static const size_t  wm_people_nfields = wm_countof(wm_people_fields);
static const size_t  wm_people_move_nfields
                         = wm_countof(wm_people_move_fields);

#define WM_PEOPLE_QUERY  wm_people_fields, &wm_people_nfields
#define WM_PEOPLE_MOVE(what)                                                 \
    { WM_POST, "staff/people/" what, WM_PAGE, WM_STAFF, WM_CAP_MANAGE, 0,    \
      wm_people_move_fields, &wm_people_move_nfields,                        \
      NULL, wm_people_move, wm_people, "staff-people" },                     \
    { WM_POST, "api/staff/people/" what, WM_API, WM_STAFF, WM_CAP_MANAGE, 0, \
      wm_people_move_fields, &wm_people_move_nfields,                        \
      NULL, wm_people_move, NULL, NULL }

const wm_route_t  wm_people_routes[] = {
    { WM_GET, "staff/people", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      WM_PEOPLE_QUERY, "staff-people", wm_people, NULL, NULL },
    { WM_GET, "api/staff/people", WM_API, WM_STAFF, WM_CAP_READ, 0,
      WM_PEOPLE_QUERY, NULL, wm_people, NULL, NULL },
    WM_PEOPLE_MOVE("disable"),
    WM_PEOPLE_MOVE("enable"),
    WM_PEOPLE_MOVE("sign-out")
};

const size_t  wm_people_nroutes = wm_countof(wm_people_routes);

typedef struct {
    wm_staffed_t   staffed;             /* first: wm_staffed_read() */
    wm_staff_t     who;
} wm_people_t;


static void
wm_people_show(wm_web_t *w)
{
    size_t        i;
    wm_str_t      unit = wm_input(&w->input, "unit")->text;
    wm_doc_t     *items;
    wm_people_t  *p = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < p->staffed.n; i++) {
        if (wm_scope_covers(w->staff.path, p->staffed.staff[i].path)
            && (unit.len == 0 || wm_eq(unit, p->staffed.staff[i].unit)))
        {
            wm_staffed_show(w, wm_doc_item(items), &p->staffed,
                            &p->staffed.staff[i]);
        }
    }

    wm_show_units(w, "units", &p->staffed.units, unit);
    wm_doc_hide(wm_doc_str(w->doc, "district", w->site->district));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_people(wm_web_t *w)
{
    wm_people_t  *p;

    p = wm_calloc(w->pool, sizeof(wm_people_t));

    if (p == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_staffed_read(w, &p->staffed, wm_people_show);
}


/* ---- moving one */

static wm_op_t
wm_people_op(const wm_web_t *w)
{
    size_t    i;
    wm_str_t  part = wm_last(wm_str(w->route->path), '/');

    static const struct {
        const char  *what;
        wm_op_t      op;
    } moves[] = {
        { "disable",   WM_OP_STAFF_DISABLE },
        { "enable",    WM_OP_STAFF_ENABLE },
        { "sign-out",  WM_OP_STAFF_END }
    };

    for (i = 0; i + 1 < wm_countof(moves); i++) {
        if (wm_is(part, moves[i].what)) {
            break;
        }
    }

    return moves[i].op;
}


static void
wm_people_moved(wm_web_t *w)
{
    wm_people_t  *p = w->state;

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("staff/people"));
        return;
    }

    wm_doc_str(w->doc, "name", p->who.name);
    wm_doc_bool(w->doc, "disabled",
                wm_people_op(w) == WM_OP_STAFF_DISABLE
                || (wm_people_op(w) == WM_OP_STAFF_END && p->who.disabled));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_people_decide(wm_web_t *w)
{
    bool           nothing;
    wm_commit_t   *c;
    wm_people_t   *p = w->state;
    wm_verdict_t   v;

    c = wm_begin(w, wm_people_op(w));
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_staff_load(&w->replies[0], p->who.name, &p->who)
        ? wm_staff_manage(c, &w->staff, &p->who, &nothing)
        : WM_VERDICT_NOT_FOUND;

    /* whom one may not see is not in the list either */

    if (v == WM_VERDICT_NOT_FOUND) {
        wm_input_fail(&w->input, "name", WM_WRONG_CHOICE);
        wm_refuse(w, WM_VERDICT_INVALID, wm_people_moved);

    } else if (v != WM_VERDICT_OK) {
        wm_refuse(w, v, wm_people_moved);

    } else if (nothing) {
        wm_people_moved(w);

    } else {
        wm_send(w, c, wm_people_move, wm_people_moved);
    }
}


static void
wm_people_move(wm_web_t *w)
{
    wm_people_t  *p;

    p = wm_calloc(w->pool, sizeof(wm_people_t));

    if (p == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = p;
    p->who.name = w->made = wm_input(&w->input, "name")->text;

    if (!wm_staff_name_valid(p->who.name)) {
        wm_input_fail(&w->input, "name", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "staff:%.*s", wm_fmt(p->who.name)));
    wm_fetch(w, wm_people_decide);
}
