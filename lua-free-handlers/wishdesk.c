/* The worker's and the team's wishes: the list, one, the steps. */

#include "wm_time.h"
#include "wm_walk.h"
#include "wm_wanted.h"
#include "wm_wished.h"
#include "wm_zh.h"

#define WM_WISHDESK_MAX   200           /* in an answer */
#define WM_WISHDESK_PAGE  50            /* on a page */

static void wm_wishdesk(wm_web_t *w);
static void wm_wishdesk_one(wm_web_t *w);
static void wm_wishdesk_act(wm_web_t *w);

static const wm_field_t  wm_wishdesk_fields[] = {
    { "status",    WM_FIELD_TOKEN,   0,  1, 16 },
    { "unit",      WM_FIELD_TOKEN,   0,  1, 64 },
    { "category",  WM_FIELD_TOKEN,   0,  1, 16 },
    { "overdue",   WM_FIELD_NUMBER,  0,  0, 1 },
    { "cursor",    WM_FIELD_TOKEN,   0,  1, 64 },
    { "limit",     WM_FIELD_NUMBER,  0,  1, WM_WISHDESK_MAX }
};

static const wm_field_t  wm_wishdesk_act_fields[] = {
    { "wish",        WM_FIELD_TEXT,    0,  1, WM_WISH_LINE },
    { "text",        WM_FIELD_LINES,   0,  0, WM_WISH_TEXT },
    { "reason",      WM_FIELD_LINES,   0,  1, 200 },
    { "answer",      WM_FIELD_LINES,   0,  1, 500 },
    { "course",      WM_FIELD_TOKEN,   0,  1, 64 },
    { "wanted",      WM_FIELD_DAYS,    0,  1, 10 },
    { "head_count",  WM_FIELD_NUMBER,  0,  1, 10000 }
};

static const size_t  wm_wishdesk_nfields = wm_countof(wm_wishdesk_fields);
static const size_t  wm_wishdesk_act_nfields
                         = wm_countof(wm_wishdesk_act_fields);

#define WM_WISHDESK_QUERY  wm_wishdesk_fields, &wm_wishdesk_nfields

/* The last part of the path is the action of core/wm_wish.h. */
#define WM_WISHDESK_ROUTES(action)                                           \
    { WM_POST, "staff/wishes/{id}/" action, WM_PAGE, WM_STAFF,               \
      WM_CAP_ORDERS, 0, wm_wishdesk_act_fields, &wm_wishdesk_act_nfields,    \
      NULL, wm_wishdesk_act, wm_wishdesk_one, "staff-wish" },                \
    { WM_POST, "api/staff/wishes/{id}/" action, WM_API, WM_STAFF,            \
      WM_CAP_ORDERS, 0, wm_wishdesk_act_fields, &wm_wishdesk_act_nfields,    \
      NULL, wm_wishdesk_act, NULL, NULL }

const wm_route_t  wm_wishdesk_routes[] = {
    { WM_GET, "staff/wishes", WM_PAGE, WM_STAFF, WM_CAP_ORDERS, 0,
      WM_WISHDESK_QUERY, "staff-wishes", wm_wishdesk, NULL, NULL },
    { WM_GET, "api/staff/wishes", WM_API, WM_STAFF, WM_CAP_ORDERS, 0,
      WM_WISHDESK_QUERY, NULL, wm_wishdesk, NULL, NULL },
    { WM_GET, "staff/wishes/{id}", WM_PAGE, WM_STAFF, WM_CAP_ORDERS, 0,
      NULL, NULL, "staff-wish", wm_wishdesk_one, NULL, NULL },
    { WM_GET, "api/staff/wishes/{id}", WM_API, WM_STAFF, WM_CAP_ORDERS, 0,
      NULL, NULL, NULL, wm_wishdesk_one, NULL, NULL },
    WM_WISHDESK_ROUTES("publish"),
    WM_WISHDESK_ROUTES("refuse"),
    WM_WISHDESK_ROUTES("claim"),
    WM_WISHDESK_ROUTES("release"),
    WM_WISHDESK_ROUTES("fulfil"),
    WM_WISHDESK_ROUTES("answer"),
    WM_WISHDESK_ROUTES("order")
};

const size_t  wm_wishdesk_nroutes = wm_countof(wm_wishdesk_routes);


/* The unit of a team is where it may take up wishes, and all below. */

static wm_str_t
wm_wishdesk_team(wm_web_t *w, const wm_wished_names_t *names,
    wm_unit_t *unit)
{
    wm_team_t  team;

    return w->staff.team.len > 0
           && wm_team_load(w->pool, w->staff.team,
                           wm_show_find_sorted(&names->teams, w->staff.team),
                           &team)
           && wm_unit_load(w->pool, team.unit,
                           wm_show_find_sorted(&names->units, team.unit),
                           unit)
           ? unit->path : wm_lit("");
}


/* ---- the list */

typedef struct {
    wm_walk_t           walk;
    wm_wish_t          *wishes;
    wm_wish_by_t        by;
    wm_wish_state_t     state;
    wm_wish_kind_t      kind;
    wm_wished_names_t   names;
} wm_wishdesk_t;


static void
wm_wishdesk_states(wm_web_t *w, wm_str_t chosen)
{
    unsigned   i;
    wm_doc_t  *list, *item;

    list = wm_doc_list(w->doc, "states");
    wm_doc_hide(list);

    for (i = WM_WISH_NONE + 1; i < WM_WISH_STATE_MAX; i++) {
        item = wm_doc_item(list);
        wm_doc_text(item, "code", wm_wish_state_code((wm_wish_state_t) i));
        wm_doc_text(item, "text", wm_wish_state_text((wm_wish_state_t) i));
        wm_doc_bool(item, "chosen",
                    wm_is(chosen, wm_wish_state_code((wm_wish_state_t) i)));
    }
}


static void
wm_wishdesk_filters(wm_web_t *w, wm_wishdesk_t *d)
{
    wm_walk_show_next(w, d->walk.next, "staff/wishes");

    if (w->route->face != WM_API) {
        wm_doc_hide(wm_doc_bool(w->doc, "may_write",
                                wm_role_may(w->staff.role,
                                            WM_CAP_DISPATCH)));
        wm_wishdesk_states(w, wm_input(&w->input, "status")->text);
        wm_wished_kinds(w, wm_input(&w->input, "category")->text);
        wm_show_units(w, "units", &d->names.units,
                      wm_input(&w->input, "unit")->text);
        wm_doc_hide(wm_doc_bool(w->doc, "only_overdue",
                                wm_input(&w->input, "overdue")->num > 0));
    }
}


static void
wm_wishdesk_show(wm_web_t *w)
{
    size_t          i;
    wm_doc_t       *items;
    wm_person_t     person;
    wm_wishdesk_t  *d = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < d->walk.n; i++) {
        wm_wished_person(w, &d->wishes[i], &w->replies[i], &person);
        wm_wished_staff(w, wm_doc_item(items), &d->wishes[i], &d->by,
                        &person, &d->names);
    }

    wm_wishdesk_filters(w, d);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wishdesk_people(wm_web_t *w)
{
    size_t          i;
    wm_wishdesk_t  *d = w->state;

    if (d->walk.n == 0) {
        wm_wishdesk_show(w);
        return;
    }

    for (i = 0; i < d->walk.n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(d->wishes[i].person)));
    }

    wm_fetch(w, wm_wishdesk_show);
}


/* Of a team: what it could take up, and what it has taken. */

static bool
wm_wishdesk_fits(wm_web_t *w, wm_walk_t *walk, wm_str_t id,
    const wm_reply_t *record)
{
    wm_wish_t      *wish;
    wm_wishdesk_t  *d = walk->outer;

    wish = &d->wishes[walk->n];

    return wm_wish_load(record, id, wish) && wm_wish_sees(wish, &d->by)
           && (wm_wish_reads(wish, &d->by) || wish->state == WM_WISH_OPEN
               || wm_eq(wish->team, w->staff.team))
           && (d->state == WM_WISH_NONE || d->state == wish->state)
           && (d->kind == WM_WISH_KIND_NONE || d->kind == wish->kind)
           && (wm_input(&w->input, "overdue")->num == 0
               || wm_wish_is_overdue(wish, w->now_ms));
}


static void
wm_wishdesk_begin(wm_web_t *w)
{
    bool            reads;
    wm_str_t        id, path;
    wm_unit_t       unit = { .id = w->staff.unit }, other;
    wm_wishdesk_t  *d = w->state;

    wm_wished_take_names(&d->names, w->replies);

    reads = wm_role_may(w->staff.role, WM_CAP_READ);
    d->by.team_path = wm_wishdesk_team(w, &d->names, &other);
    path = w->staff.path;

    if (!reads) {
        unit.id = d->by.team_path.len > 0 ? other.id : wm_lit("");
        path = d->by.team_path;
    }

    id = wm_input(&w->input, "unit")->text;

    if (id.len > 0
        && (!wm_unit_load(w->pool, id,
                          wm_show_find_sorted(&d->names.units, id), &unit)
            || !wm_scope_covers(path, unit.path)))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    if (wm_input(&w->input, "overdue")->num > 0) {
        d->walk.key = wm_web_key(w, "wishdue:%.*s", wm_fmt(unit.id));
        d->walk.rising = true;
        d->walk.high = w->now_ms - 1;

    } else {
        d->walk.key = wm_web_key(w, "%s:%.*s", reads ? "wishes" : "wishwall",
                                 wm_fmt(unit.id));
        d->walk.high = WM_TIME_MAX;
    }

    wm_walk(w, &d->walk);
}


/* A choice of the query that is none is said at its field. */

static bool
wm_wishdesk_asked(wm_web_t *w, wm_wishdesk_t *d)
{
    wm_str_t  status, kind;

    status = wm_input(&w->input, "status")->text;
    kind = wm_input(&w->input, "category")->text;

    d->state = wm_wish_state_find(status);
    d->kind = wm_wish_kind_find(kind);

    if (status.len > 0 && d->state == WM_WISH_NONE) {
        wm_input_fail(&w->input, "status", WM_WRONG_CHOICE);
    }

    if (kind.len > 0 && d->kind == WM_WISH_KIND_NONE) {
        wm_input_fail(&w->input, "category", WM_WRONG_CHOICE);
    }

    return wm_walk_begin(w, &d->walk) && wm_input_ok(&w->input);
}


static void
wm_wishdesk(wm_web_t *w)
{
    wm_wishdesk_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_wishdesk_t));
    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    d->walk.record = "wish";
    d->walk.limit = w->route->face == WM_API ? WM_WISHDESK_MAX
                                             : WM_WISHDESK_PAGE;
    d->walk.most = WM_WALK_TURNS;
    d->walk.fits = wm_wishdesk_fits;
    d->walk.next_step = wm_wishdesk_people;
    d->by.staff = &w->staff;
    w->state = d;

    if (!wm_wishdesk_asked(w, d)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    d->wishes = wm_alloc(w->pool, (d->walk.limit + 1) * sizeof(wm_wish_t));
    if (d->wishes == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_wished_ask_names(w);
    wm_fetch(w, wm_wishdesk_begin);
}


/* ---- one */

typedef struct {
    wm_wish_t           wish;
    wm_wish_by_t        by;
    wm_wish_args_t      args;
    wm_person_t         person;
    wm_unit_t           unit;           /* of the wish; no id: it is gone */
    wm_course_t         course;
    wm_order_facts_t    order;
    wm_wished_names_t   names;
    wm_reply_t          courses;
    wm_step_pt          next;           /* once all of it is there */
    bool                done;           /* the step has been taken */
    char                order_id[WM_ID_LEN + 1];
} wm_wishcase_t;

static void wm_wishcase_done(wm_web_t *w);


static wm_wish_action_t
wm_wishcase_action(const wm_web_t *w)
{
    return wm_wish_action_find(wm_last(wm_str(w->route->path), '/'));
}


static void
wm_wishcase_complete(wm_web_t *w)
{
    wm_wishcase_t  *k = w->state;

    wm_wished_person(w, &k->wish, &w->replies[0], &k->person);
    k->next(w);
}


static void
wm_wishcase_loaded(wm_web_t *w)
{
    wm_unit_t       of_team;
    wm_wishcase_t  *k = w->state;

    wm_wished_take_names(&k->names, &w->replies[1]);
    k->courses = w->replies[3];
    k->by.team_path = wm_wishdesk_team(w, &k->names, &of_team);

    if (!wm_wish_load(&w->replies[0], w->id, &k->wish)
        || (!k->done && !wm_wish_sees(&k->wish, &k->by)))
    {
        wm_refuse(w, WM_VERDICT_NOT_FOUND, wm_wishcase_done);
        return;
    }

    if (!wm_unit_load(w->pool, k->wish.unit,
                      wm_show_find_sorted(&k->names.units, k->wish.unit),
                      &k->unit))
    {
        k->unit.id = wm_null;
    }

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%.*s", wm_fmt(k->wish.person)));
    wm_fetch(w, wm_wishcase_complete);
}


static void
wm_wishcase_load(wm_web_t *w, wm_step_pt next, bool done)
{
    wm_wishcase_t  *k, *before = w->state;

    k = wm_calloc(w->pool, sizeof(wm_wishcase_t));

    if (k == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    /* an order that is tried again is the same order */

    if (before != NULL) {
        memcpy(k->order_id, before->order_id, sizeof(k->order_id));

    } else if (!wm_order_id(w->once, k->order_id)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = k;
    k->next = next;
    k->done = done;
    k->by.staff = &w->staff;
    k->args.person = &k->person;
    k->args.realm = &w->site->realm;

    if (!wm_id_valid(w->id)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "wish:%.*s", wm_fmt(w->id)));
    wm_wished_ask_names(w);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_fetch(w, wm_wishcase_loaded);
}


/* A form for each step; what was refused comes back in the one it was in. */

static void
wm_wishcase_forms(wm_web_t *w, wm_wishcase_t *k, unsigned possible)
{
    unsigned           i;
    wm_doc_t          *list, *item;
    wm_wish_need_t     needs;
    wm_wish_action_t   tried;

    list = wm_doc_list(w->doc, "acts");
    wm_doc_hide(list);
    tried = w->refused != WM_VERDICT_OK ? wm_wishcase_action(w)
                                        : WM_WISH_DO_MAX;

    for (i = 0; i < WM_WISH_DO_MAX; i++) {
        if ((possible & 1u << i) == 0) {
            continue;
        }

        needs = wm_wish_action_needs((wm_wish_action_t) i);
        item = wm_show_act(list, wm_wish_action_code((wm_wish_action_t) i),
                           wm_wish_action_text((wm_wish_action_t) i),
                           i == tried);
        wm_doc_bool(item, "asks_words", needs == WM_WISH_NEED_WORDS);
        wm_doc_bool(item, "asks_reason", needs == WM_WISH_NEED_REASON);
        wm_doc_bool(item, "asks_answer", needs == WM_WISH_NEED_ANSWER);
        wm_doc_bool(item, "asks_order", needs == WM_WISH_NEED_ORDER);
    }

    wm_show_sort(&k->courses);
    wm_doc_hide(wm_show_choices(w, "courses", "title", &k->courses,
                                wm_input(&w->input, "course")->text));
    wm_doc_hide(wm_doc_str(w->doc, "first_day",
                           wm_show_date(w, w->now_ms)));
}


static void
wm_wishcase_show(wm_web_t *w)
{
    unsigned        possible;
    wm_wishcase_t  *k = w->state;

    possible = wm_wish_possible(&k->wish, &k->by, &k->args);

    wm_wished_staff(w, w->doc, &k->wish, &k->by, &k->person, &k->names);
    wm_wished_log(w, w->doc, &k->wish, &k->names, true);
    wm_wished_possible(w->doc, possible);

    if (w->route->face != WM_API) {
        wm_wishcase_forms(w, k, possible);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wishdesk_one(wm_web_t *w)
{
    wm_wishcase_load(w, wm_wishcase_show, false);
}


/* ---- taking a step */

static void
wm_wishcase_done(wm_web_t *w)
{
    if (w->route->face == WM_API) {
        wm_wishcase_load(w, wm_wishcase_show, true);

    } else {
        wm_redirect(w, wm_printf(w->pool, "staff/wishes/%.*s",
                                 wm_fmt(w->id)));
    }
}


static void
wm_wishcase_need(wm_web_t *w, const char *name)
{
    wm_value_t  *v = wm_input(&w->input, name);

    if (v->text.len == 0 && v->n == 0) {
        wm_input_fail(&w->input, name, WM_WRONG_MISSING);
    }
}


/* A course of the menu; false: another was named. */

static bool
wm_wishcase_course(wm_web_t *w, wm_wishcase_t *k)
{
    wm_str_t  id = wm_input(&w->input, "course")->text;

    if (id.len == 0) {
        return true;
    }

    if (!wm_course_offered(w->pool, id, wm_reply_find(&k->courses, id),
                           &k->course))
    {
        wm_input_fail(&w->input, "course", WM_WRONG_CHOICE);
        return false;
    }

    k->args.course = &k->course;

    return true;
}


/* The order that a wish becomes; what was wished is its note. */

static bool
wm_wishcase_order(wm_web_t *w, wm_wishcase_t *k)
{
    wm_str_t           text;
    wm_order_facts_t  *f = &k->order;

    wm_wishcase_need(w, "course");
    wm_wishcase_need(w, "wanted");
    wm_wishcase_need(w, "head_count");

    if (!wm_wanted(w, &f->wanted)) {
        return false;
    }

    if (!wm_input_ok(&w->input) || !k->person.known) {
        return true;                    /* the rule says no */
    }

    text = k->wish.text.len > 0
           ? wm_person_open(w->pool, &k->person, k->wish.text) : wm_lit("");
    f->note = wm_printf(w->pool, "%.*s%.*s\n%.*s",
                        wm_fmt(wm_zh(wm_lit("wish_note"))),
                        wm_fmt(wm_person_open(w->pool, &k->person,
                                              k->wish.wish)),
                        wm_fmt(text));

    f->course = k->course;
    f->unit = k->unit;
    f->by = wm_lit("");
    f->group = wm_lit("");
    f->id = wm_str(k->order_id);
    f->head_count = wm_input(&w->input, "head_count")->num;
    f->offset = w->site->offset;
    f->deadlines = w->site->deadlines;

    k->args.order = k->unit.id.len > 0 ? f : NULL;

    return f->note.data != NULL;
}


/* What everyone will read may not tell who wished. */

static void
wm_wishcase_hush(wm_web_t *w, const wm_wishcase_t *k, const char *name)
{
    if (wm_wish_tells(wm_input(&w->input, name)->text, &k->person)) {
        wm_input_fail(&w->input, name, WM_WRONG_PERSONAL);
    }
}


/* What the step needs, taken from the input.  False: no memory. */

static bool
wm_wishcase_args(wm_web_t *w, wm_wishcase_t *k, wm_wish_need_t needs)
{
    k->args.wish = wm_input(&w->input, "wish")->text;
    k->args.text = wm_input(&w->input, "text")->text;
    k->args.reason = wm_input(&w->input, "reason")->text;
    k->args.answer = wm_input(&w->input, "answer")->text;

    switch (needs) {

    case WM_WISH_NEED_WORDS:
        wm_wishcase_need(w, "wish");
        wm_wishcase_hush(w, k, "wish");
        wm_wishcase_hush(w, k, "text");
        return true;

    case WM_WISH_NEED_REASON:
        wm_wishcase_need(w, "reason");
        return true;

    case WM_WISH_NEED_ANSWER:
        wm_wishcase_need(w, "answer");

        if (wm_wish_is_public(&k->wish)) {
            wm_wishcase_hush(w, k, "answer");
        }

        (void) wm_wishcase_course(w, k);
        return true;

    case WM_WISH_NEED_ORDER:
        (void) wm_wishcase_course(w, k);
        return wm_wishcase_order(w, k);

    default:
        return true;
    }
}


static void
wm_wishcase_decide(wm_web_t *w)
{
    wm_commit_t        *c;
    wm_verdict_t        v;
    wm_wishcase_t      *k = w->state;
    wm_wish_action_t    action = wm_wishcase_action(w);

    c = wm_begin(w, wm_wish_action_op(action));

    if (c == NULL || !wm_wishcase_args(w, k, wm_wish_action_needs(action))) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_wish_act(c, &k->wish, action, &k->by, &k->args);

    /* who may not, or not now, is told that first */

    if (v == WM_VERDICT_OK && !wm_input_ok(&w->input)) {
        v = WM_VERDICT_INVALID;
    }

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_wishdesk_act, wm_wishcase_done);
        return;
    }

    if (v == WM_VERDICT_INVALID && wm_input_ok(&w->input)) {
        /* its unit is no more */

        wm_input_fail(&w->input, "course", WM_WRONG_CHOICE);

    } else if (v == WM_VERDICT_STATE) {
        wm_wished_standing(w, &k->wish,
                           wm_wish_possible(&k->wish, &k->by, &k->args),
                           &k->names);
    }

    wm_refuse(w, v, wm_wishcase_done);
}


static void
wm_wishdesk_act(wm_web_t *w)
{
    wm_wishcase_load(w, wm_wishcase_decide, false);
}
