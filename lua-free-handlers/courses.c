/* The courses of the menu, as those who write and review them see them. */

#include "wm_course.h"
#include "wm_show.h"

static void wm_courses(wm_web_t *w);
static void wm_courses_new(wm_web_t *w);
static void wm_courses_create(wm_web_t *w);
static void wm_courses_one(wm_web_t *w);
static void wm_courses_change(wm_web_t *w);
static void wm_courses_act(wm_web_t *w);

static const wm_field_t  wm_courses_fields[] = {
    { "status",  WM_FIELD_TOKEN,  0,  1, 16 },
    { "q",       WM_FIELD_TEXT,   0,  0, 64 }
};

static const wm_field_t  wm_courses_act_fields[] = {
    { "reason",  WM_FIELD_LINES,  0,  1, 200 }
};

static const size_t  wm_courses_nfields = wm_countof(wm_courses_fields);
static const size_t  wm_courses_act_nfields
                         = wm_countof(wm_courses_act_fields);

#define WM_COURSES_QUERY  wm_courses_fields, &wm_courses_nfields
#define WM_COURSE_FIELDS  wm_edited_fields, &wm_edited_nfields

/* The last part of the path is the action of core/wm_course.h. */
#define WM_COURSES_ACT(action, cap, ...)                                     \
    { WM_POST, "staff/courses/{id}/" action, WM_PAGE, WM_STAFF,              \
      cap, 0, __VA_ARGS__,                                                   \
      NULL, wm_courses_act, wm_courses_one, "staff-course" },                \
    { WM_POST, "api/staff/courses/{id}/" action, WM_API, WM_STAFF,           \
      cap, 0, __VA_ARGS__,                                                   \
      NULL, wm_courses_act, NULL, NULL }
#define WM_COURSES_REASON  wm_courses_act_fields, &wm_courses_act_nfields

const wm_route_t  wm_courses_routes[] = {
    { WM_GET, "staff/courses", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      WM_COURSES_QUERY, "staff-courses", wm_courses, NULL, NULL },
    { WM_GET, "api/staff/courses", WM_API, WM_STAFF, WM_CAP_READ, 0,
      WM_COURSES_QUERY, NULL, wm_courses, NULL, NULL },
    { WM_GET, "staff/courses/new", WM_PAGE, WM_STAFF, WM_CAP_COURSES, 0,
      NULL, NULL, "staff-course-new", wm_courses_new, NULL, NULL },
    { WM_POST, "staff/courses", WM_PAGE, WM_STAFF, WM_CAP_COURSES, 0,
      WM_COURSE_FIELDS, NULL, wm_courses_create, wm_courses_new,
      "staff-course-new" },
    { WM_POST, "api/staff/courses", WM_API, WM_STAFF, WM_CAP_COURSES, 0,
      WM_COURSE_FIELDS, NULL, wm_courses_create, NULL, NULL },
    { WM_GET, "staff/courses/{id}", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, "staff-course", wm_courses_one, NULL, NULL },
    { WM_GET, "api/staff/courses/{id}", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_courses_one, NULL, NULL },
    { WM_POST, "staff/courses/{id}", WM_PAGE, WM_STAFF, WM_CAP_COURSES, 0,
      WM_COURSE_FIELDS, NULL, wm_courses_change, wm_courses_one,
      "staff-course" },
    { WM_PATCH, "api/staff/courses/{id}", WM_API, WM_STAFF, WM_CAP_COURSES, 0,
      WM_COURSE_FIELDS, NULL, wm_courses_change, NULL, NULL },
    WM_COURSES_ACT("submit", WM_CAP_COURSES, WM_COURSE_FIELDS),
    WM_COURSES_ACT("recall", WM_CAP_COURSES, WM_COURSES_REASON),
    WM_COURSES_ACT("publish", WM_CAP_REVIEW, WM_COURSES_REASON),
    WM_COURSES_ACT("return", WM_CAP_REVIEW, WM_COURSES_REASON),
    WM_COURSES_ACT("withdraw", WM_CAP_REVIEW, WM_COURSES_REASON),
    WM_COURSES_ACT("drop", WM_CAP_COURSES, WM_COURSES_REASON)
};

const size_t  wm_courses_nroutes = wm_countof(wm_courses_routes);

typedef struct {
    wm_edited_t    e;
    wm_course_t    course;              /* as it is to be */
    wm_reply_t     units;
    wm_reply_t     practices;
    wm_reply_t     projects;
    wm_reply_t     courses;             /* of the list */
    wm_reply_t     drafts;
    wm_step_pt     next;                /* once one is loaded */
    bool           done;                /* the step has been taken */
    char           id[WM_ID_LEN + 1];   /* of a new one */
} wm_editing_t;


static wm_editing_t *
wm_editing_begin(wm_web_t *w)
{
    wm_editing_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_editing_t));

    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return NULL;
    }

    w->state = s;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "practices"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "projects"));

    return s;
}


static void
wm_editing_take(wm_web_t *w)
{
    wm_editing_t  *s = w->state;

    s->units = w->replies[0];
    s->practices = w->replies[1];
    s->projects = w->replies[2];
}


/*
 * The course as this worker may see it: whose unit is not in scope reads what
 * everyone reads.
 */

static bool
wm_editing_sees(wm_web_t *w, wm_str_t id, wm_str_t shown, wm_str_t draft,
    wm_edited_t *e)
{
    wm_editing_t  *s = w->state;

    if (wm_edited_load(w->pool, id, shown, draft, &s->units, e)
        && wm_edited_covers(&w->staff, e))
    {
        return true;
    }

    return wm_edited_load(w->pool, id, shown, wm_null, &s->units, e)
           && (e->offered || wm_edited_covers(&w->staff, e));
}


/* ---- documents */

static void
wm_editing_words(wm_web_t *w, wm_doc_t *doc, const wm_course_t *course)
{
    wm_editing_t  *s = w->state;

    wm_doc_str(doc, "title", course->title);
    wm_doc_str(doc, "practice", course->practice);
    wm_doc_str(doc, "practice_title",
               wm_show_title(w, &s->practices, course->practice));
    wm_doc_str(doc, "project", course->project);
    wm_doc_str(doc, "project_title",
               wm_show_title(w, &s->projects, course->project));
    wm_doc_str(doc, "unit",
               course->unit.len > 0 ? course->unit : wm_lit(""));
    wm_doc_str(doc, "unit_name",
               wm_show_unit_name(w, wm_reply_find(&s->units,
                                                  course->unit)));
    wm_doc_str(doc, "provider", course->provider);
    wm_doc_str(doc, "summary", course->summary);
    wm_doc_str(doc, "audience", course->audience);
    wm_doc_int(doc, "duration_min", course->duration_min);
    wm_doc_int(doc, "opens_at", course->opens_at);
}


static void
wm_editing_show(wm_web_t *w, wm_doc_t *doc, const wm_edited_t *e)
{
    wm_doc_str(doc, "id", e->id);
    wm_doc_text(doc, "status", wm_course_state_code(e->state));
    wm_doc_text(doc, "status_text", wm_course_state_text(e->state));
    wm_doc_bool(doc, "public", e->offered);
    wm_editing_words(w, doc, &e->course);
    wm_doc_str(doc, "version", wm_printf(w->pool, "%lld",
                                         (long long) e->version));
    wm_doc_str(doc, "by", e->by.len > 0 ? e->by : wm_lit(""));
    wm_doc_str(doc, "changed", e->changed_ms > 0
               ? wm_show_iso(w, e->changed_ms) : wm_lit(""));
    wm_doc_str(doc, "reason", e->reason.len > 0 ? e->reason : wm_lit(""));

    if (e->changed_ms > 0) {
        wm_doc_hide(wm_doc_str(doc, "changed_text",
                               wm_show_human(w, e->changed_ms)));
    }

    wm_doc_hide(wm_doc_bool(doc, "beside", e->drafted && e->offered));
}


/* ---- the list */

static void
wm_courses_states(wm_web_t *w, wm_str_t chosen)
{
    unsigned   i;
    wm_doc_t  *list, *item;

    list = wm_doc_list(w->doc, "states");
    wm_doc_hide(list);

    for (i = WM_COURSE_NONE + 1; i < WM_COURSE_STATE_MAX; i++) {
        item = wm_doc_item(list);
        wm_doc_text(item, "code",
                    wm_course_state_code((wm_course_state_t) i));
        wm_doc_text(item, "text",
                    wm_course_state_text((wm_course_state_t) i));
        wm_doc_bool(item, "chosen",
                    wm_is(chosen,
                          wm_course_state_code((wm_course_state_t) i)));
    }
}


static void
wm_courses_item(wm_web_t *w, wm_doc_t *items, wm_str_t id, wm_str_t shown,
    wm_str_t draft, wm_course_state_t state)
{
    wm_edited_t       e;
    wm_menu_filter_t  filter = { .words = wm_input(&w->input, "q")->text };

    if (wm_editing_sees(w, id, shown, draft, &e) && e.state == state
        && wm_menu_fits(&filter, &e.course))
    {
        wm_editing_show(w, wm_doc_item(items), &e);
    }
}


/* Of one state, those that are new behind those that are known. */

static void
wm_courses_of(wm_web_t *w, wm_doc_t *items, wm_course_state_t state)
{
    size_t         i;
    wm_str_t       id;
    wm_editing_t  *s = w->state;

    for (i = 0; i + 1 < s->courses.n; i += 2) {
        id = wm_reply_at(&s->courses, i);
        wm_courses_item(w, items, id, wm_reply_at(&s->courses, i + 1),
                        wm_show_find_sorted(&s->drafts, id), state);
    }

    for (i = 0; i + 1 < s->drafts.n; i += 2) {
        id = wm_reply_at(&s->drafts, i);

        if (wm_show_find_sorted(&s->courses, id).data == NULL) {
            wm_courses_item(w, items, id, wm_null,
                            wm_reply_at(&s->drafts, i + 1), state);
        }
    }
}


static void
wm_courses_show(wm_web_t *w)
{
    size_t              i;
    wm_doc_t           *items;
    wm_editing_t       *s = w->state;
    wm_course_state_t   wanted;

    static const wm_course_state_t  order[] = {
        WM_COURSE_REVIEW, WM_COURSE_DRAFT, WM_COURSE_PUBLISHED,
        WM_COURSE_WITHDRAWN
    };

    wm_editing_take(w);
    s->courses = w->replies[3];
    s->drafts = w->replies[4];
    wm_show_sort(&s->courses);
    wm_show_sort(&s->drafts);

    wanted = wm_course_state_find(wm_input(&w->input, "status")->text);
    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < wm_countof(order); i++) {
        if (wanted == WM_COURSE_NONE || wanted == order[i]) {
            wm_courses_of(w, items, order[i]);
        }
    }

    wm_courses_states(w, wm_input(&w->input, "status")->text);
    wm_doc_hide(wm_doc_str(w->doc, "q", wm_input(&w->input, "q")->text));
    wm_doc_hide(wm_doc_bool(w->doc, "may_write",
                            wm_role_may(w->staff.role, WM_CAP_COURSES)));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_courses(wm_web_t *w)
{
    wm_str_t  status = wm_input(&w->input, "status")->text;

    if (status.len > 0 && wm_course_state_find(status) == WM_COURSE_NONE) {
        wm_input_fail(&w->input, "status", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    if (wm_editing_begin(w) != NULL) {
        wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
        wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "drafts"));
        wm_fetch(w, wm_courses_show);
    }
}


/* ---- one, and its form */

static void
wm_editing_choices(wm_web_t *w, const wm_course_t *course)
{
    wm_editing_t  *s = w->state;

    wm_show_sort(&s->practices);
    wm_show_sort(&s->projects);
    wm_show_units(w, "units", &s->units, course->unit);
    wm_doc_hide(wm_show_choices(w, "practices", "title", &s->practices,
                                course->practice));
    wm_doc_hide(wm_show_choices(w, "projects", "title", &s->projects,
                                course->project));
}


/* What was typed, or, before that, the course as it is. */

static void
wm_editing_form(wm_web_t *w, wm_course_t *course)
{
    wm_doc_t    *form;
    wm_input_t   typed;

    if (w->refused != WM_VERDICT_OK && wm_input(&w->input, "title")->given) {
        typed = w->input;
        wm_course_apply(course, &typed);
        wm_editing_choices(w, course);
        return;
    }

    wm_editing_choices(w, course);

    form = wm_doc_obj(w->doc, "form");
    wm_doc_hide(form);
    wm_doc_str(form, "title", course->title);
    wm_doc_str(form, "provider", course->provider);
    wm_doc_str(form, "summary", course->summary);
    wm_doc_str(form, "audience", course->audience);

    if (course->duration_min > 0) {
        wm_doc_int(form, "duration_min", course->duration_min);
    }

    if (course->opens_at > 0) {
        wm_doc_int(form, "opens_at", course->opens_at);
    }

    wm_doc_str(form, "reason", wm_input(&w->input, "reason")->typed);
}


static void
wm_courses_new_show(wm_web_t *w)
{
    wm_course_t  course;

    wm_editing_take(w);

    memset(&course, 0, sizeof(course));
    course.unit = w->staff.unit;

    wm_editing_form(w, &course);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_courses_new(wm_web_t *w)
{
    if (wm_editing_begin(w) != NULL) {
        wm_fetch(w, wm_courses_new_show);
    }
}


static wm_course_action_t
wm_editing_action(const wm_web_t *w)
{
    return wm_course_action_find(wm_last(wm_str(w->route->path), '/'));
}


/* A form for each step; writing and sending on is the form of the course. */

static void
wm_editing_acts(wm_web_t *w, unsigned possible)
{
    unsigned              i;
    wm_doc_t             *list, *item;
    wm_course_action_t    tried;

    list = wm_doc_list(w->doc, "acts");
    wm_doc_hide(list);
    tried = w->refused != WM_VERDICT_OK ? wm_editing_action(w)
                                        : WM_COURSE_DO_MAX;

    for (i = WM_COURSE_DO_RECALL; i < WM_COURSE_DO_MAX; i++) {
        if ((possible & 1u << i) == 0) {
            continue;
        }

        item = wm_show_act(list,
                           wm_course_action_code((wm_course_action_t) i),
                           wm_course_action_text((wm_course_action_t) i),
                           i == tried);
        wm_doc_bool(item, "go", i == WM_COURSE_DO_PUBLISH);
        wm_doc_bool(item, "asks_reason",
                    wm_course_action_reason((wm_course_action_t) i));
    }

    wm_doc_hide(wm_doc_bool(w->doc, "can_change",
                            possible & 1u << WM_COURSE_DO_CHANGE));
}


static void
wm_editing_possible(wm_doc_t *doc, unsigned possible)
{
    unsigned   i;
    wm_doc_t  *list;

    list = wm_doc_list(doc, "possible");

    for (i = 0; i < WM_COURSE_DO_MAX; i++) {
        if (possible & 1u << i) {
            wm_doc_item_str(list, wm_str(wm_course_action_code(
                                             (wm_course_action_t) i)));
        }
    }
}


static void
wm_courses_one_show(wm_web_t *w)
{
    unsigned       possible;
    wm_str_t       authors, one;
    wm_doc_t      *list;
    wm_course_t    course;
    wm_editing_t  *s = w->state;

    possible = wm_course_possible(&s->e, &w->staff);

    wm_editing_show(w, w->doc, &s->e);
    list = wm_doc_list(w->doc, "authors");
    authors = s->e.authors;

    while (wm_split(&authors, ' ', &one)) {
        wm_doc_item_str(list, one);
    }

    if (s->e.drafted && s->e.known) {
        wm_editing_words(w, wm_doc_obj(w->doc, "shown"), &s->e.shown);
    }

    wm_editing_possible(w->doc, possible);

    if (w->route->face != WM_API) {
        course = s->e.course;
        wm_editing_acts(w, possible);
        wm_editing_form(w, &course);
        wm_doc_hide(wm_doc_bool(w->doc, "waits_for_other",
            s->e.state == WM_COURSE_REVIEW
            && !(possible & 1u << WM_COURSE_DO_PUBLISH)));
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void wm_editing_done(wm_web_t *w);


static void
wm_editing_loaded(wm_web_t *w)
{
    wm_editing_t  *s = w->state;

    wm_editing_take(w);

    if (wm_editing_sees(w, w->id, wm_reply_str(&w->replies[3]),
                        wm_reply_str(&w->replies[4]), &s->e))
    {
        s->course = s->e.course;
        s->next(w);

    } else if (s->done) {
        wm_doc_str(w->doc, "id", w->id);
        wm_doc_bool(w->doc, "dropped", true);
        wm_answer(w, WM_VERDICT_OK);

    } else {
        wm_refuse(w, WM_VERDICT_NOT_FOUND, wm_editing_done);
    }
}


static void
wm_editing_load(wm_web_t *w, wm_step_pt next, bool done)
{
    wm_editing_t  *s;

    s = wm_editing_begin(w);
    if (s == NULL) {
        return;
    }

    s->next = next;
    s->done = done;

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "courses"), w->id);
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "drafts"), w->id);
    wm_fetch(w, wm_editing_loaded);
}


static void
wm_courses_one(wm_web_t *w)
{
    wm_editing_load(w, wm_courses_one_show, false);
}


/* ---- writing one */

static void
wm_editing_choice(wm_web_t *w, const wm_reply_t *all, const char *name,
    wm_str_t id)
{
    if (id.len > 0 && wm_reply_find(all, id).data == NULL) {
        wm_input_fail(&w->input, name, WM_WRONG_CHOICE);
    }
}


/* What it refers to is there, and its unit in the worker's scope. */

static bool
wm_editing_refers(wm_web_t *w, bool submit)
{
    wm_unit_t      unit = { .path = wm_lit("") };
    wm_edited_t    there;
    wm_editing_t  *s = w->state;
    wm_course_t   *course = &s->course;

    memset(&there, 0, sizeof(there));

    if (course->unit.len > 0
        && !wm_unit_load(w->pool, course->unit,
                         wm_reply_find(&s->units, course->unit), &unit))
    {
        wm_input_fail(&w->input, "unit", WM_WRONG_CHOICE);
    }

    there.path = unit.path;

    if (!wm_edited_covers(&w->staff, &there)) {
        wm_input_fail(&w->input, "unit", WM_WRONG_CHOICE);
    }

    if (course->provider.len == 0 && course->unit.len > 0) {
        course->provider = unit.name;
    }

    wm_editing_choice(w, &s->practices, "practice", course->practice);
    wm_editing_choice(w, &s->projects, "project", course->project);

    if (submit) {
        (void) wm_course_missing(course, &w->input);
    }

    return wm_input_ok(&w->input);
}


static void
wm_courses_created(wm_web_t *w)
{
    wm_editing_t  *s = w->state;

    w->made = wm_str(s->id);

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_printf(w->pool, "staff/courses/%s", s->id));
        return;
    }

    wm_doc_text(w->doc, "id", s->id);
    wm_doc_text(w->doc, "status", wm_course_state_code(
                    wm_input(&w->input, "submit")->num > 0
                    ? WM_COURSE_REVIEW : WM_COURSE_DRAFT));
    wm_answer(w, WM_VERDICT_CREATED);
}


static void
wm_courses_create_check(wm_web_t *w)
{
    bool           submit = wm_input(&w->input, "submit")->num > 0;
    wm_commit_t   *c;
    wm_editing_t  *s = w->state;

    wm_editing_take(w);
    wm_course_apply(&s->course, &w->input);

    if (s->course.unit.len == 0) {
        s->course.unit = w->staff.unit;
    }

    s->course.id = wm_str(s->id);

    if (!wm_editing_refers(w, submit)) {
        wm_refuse(w, WM_VERDICT_INVALID, wm_courses_created);
        return;
    }

    c = wm_begin(w, submit ? WM_OP_COURSE_SUBMIT : WM_OP_COURSE_CREATE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    (void) wm_course_create(c, &w->staff, &s->course, submit);
    wm_send(w, c, wm_courses_create, wm_courses_created);
}


static void
wm_courses_create(wm_web_t *w)
{
    wm_editing_t  *s;

    s = wm_editing_begin(w);
    if (s == NULL) {
        return;
    }

    if (!wm_order_id(w->once, s->id)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_fetch(w, wm_courses_create_check);
}


static void
wm_editing_done(wm_web_t *w)
{
    if (w->route->face == WM_API) {
        wm_editing_load(w, wm_courses_one_show, true);

    } else if (wm_editing_action(w) == WM_COURSE_DO_DROP) {
        wm_redirect(w, wm_lit("staff/courses"));

    } else {
        wm_redirect(w, wm_printf(w->pool, "staff/courses/%.*s",
                                 wm_fmt(w->id)));
    }
}


static void
wm_courses_change_check(wm_web_t *w)
{
    bool           fine, submit = wm_input(&w->input, "submit")->num > 0;
    wm_str_t       seen = wm_input(&w->input, "version")->text;
    wm_commit_t   *c;
    wm_editing_t  *s = w->state;
    wm_verdict_t   v;

    wm_course_apply(&s->course, &w->input);

    /* a page that somebody else's change made old overwrites nothing */

    if (seen.len > 0
        && !wm_eq(seen, wm_printf(w->pool, "%lld",
                                  (long long) s->e.version)))
    {
        wm_refuse(w, WM_VERDICT_CONFLICT, wm_editing_done);
        return;
    }

    c = wm_begin(w, submit ? WM_OP_COURSE_SUBMIT : WM_OP_COURSE_CHANGE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    /* who may not, or not now, is told that first */

    fine = wm_editing_refers(w, submit);
    v = wm_course_change(c, &s->e, &w->staff, &s->course, submit);

    if (v == WM_VERDICT_OK && !fine) {
        v = WM_VERDICT_INVALID;
    }

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_courses_change, wm_editing_done);

    } else {
        wm_refuse(w, v, wm_editing_done);
    }
}


static void
wm_courses_change(wm_web_t *w)
{
    wm_editing_load(w, wm_courses_change_check, false);
}


/* ---- moving one on */

static void
wm_courses_act_decide(wm_web_t *w)
{
    wm_str_t             reason;
    wm_commit_t         *c;
    wm_editing_t        *s = w->state;
    wm_verdict_t         v;
    wm_course_action_t   action = wm_editing_action(w);

    c = wm_begin(w, wm_course_action_op(action));
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    reason = wm_course_action_reason(action)
             ? wm_input(&w->input, "reason")->text : wm_null;
    v = wm_course_act(c, &s->e, action, &w->staff, reason);

    if (v == WM_VERDICT_INVALID) {
        wm_input_fail(&w->input, "reason", WM_WRONG_MISSING);

    } else if (v == WM_VERDICT_OK && action == WM_COURSE_DO_SUBMIT
               && wm_course_missing(&s->course, &w->input) > 0)
    {
        v = WM_VERDICT_INVALID;
    }

    if (v == WM_VERDICT_OK && !wm_input_ok(&w->input)) {
        v = WM_VERDICT_INVALID;
    }

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_courses_act, wm_editing_done);
        return;
    }

    if (v == WM_VERDICT_STATE) {
        w->more = wm_doc_new(w->pool);
        wm_doc_text(w->more, "state", wm_course_state_code(s->e.state));
        wm_editing_possible(w->more, wm_course_possible(&s->e, &w->staff));
    }

    wm_refuse(w, v, wm_editing_done);
}


static void
wm_courses_act(wm_web_t *w)
{
    wm_editing_load(w, wm_courses_act_decide, false);
}
