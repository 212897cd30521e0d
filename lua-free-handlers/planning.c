/* Workers and one event: planning, publishing, cancelling, its codes. */

#include "wm_codes.h"
#include "wm_places.h"
#include "wm_time.h"
#include "wm_zh.h"

static void wm_plan_new_page(wm_web_t *w);
static void wm_plan_create(wm_web_t *w);
static void wm_plan_page(wm_web_t *w);
static void wm_plan_change(wm_web_t *w);
static void wm_plan_publish(wm_web_t *w);
static void wm_plan_cancel(wm_web_t *w);
static void wm_plan_complete(wm_web_t *w);
static void wm_plan_code(wm_web_t *w);
static void wm_plan_svg(wm_web_t *w);
static void wm_plan_png(wm_web_t *w);

static const wm_field_t  wm_new_fields[] = {
    { "order",  WM_FIELD_TOKEN,  0,  1, 64 }
};

static const wm_field_t  wm_code_fields[] = {
    { "kind",  WM_FIELD_TOKEN,  0,  1, 16 }
};

static const size_t  wm_new_nfields = wm_countof(wm_new_fields);
static const size_t  wm_code_nfields = wm_countof(wm_code_fields);

#define WM_EVENT_FIELDS  wm_event_fields, &wm_event_nfields

const wm_route_t  wm_planning_routes[] = {
    { WM_GET, "staff/events/new", WM_PAGE, WM_STAFF, WM_CAP_SCHEDULE, 0,
      wm_new_fields, &wm_new_nfields, "staff-event-new", wm_plan_new_page,
      NULL, NULL },
    { WM_POST, "staff/events", WM_PAGE, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_create, wm_plan_new_page,
      "staff-event-new" },
    { WM_POST, "api/staff/events", WM_API, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_create, NULL, NULL },
    { WM_GET, "staff/events/{id}", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, "staff-event", wm_plan_page, NULL, NULL },
    { WM_GET, "api/staff/events/{id}", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_plan_page, NULL, NULL },
    { WM_POST, "staff/events/{id}", WM_PAGE, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_change, wm_plan_page, "staff-event" },
    { WM_PATCH, "api/staff/events/{id}", WM_API, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_change, NULL, NULL },
    { WM_POST, "staff/events/{id}/publish", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_publish, wm_plan_page, "staff-event" },
    { WM_POST, "api/staff/events/{id}/publish", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_publish, NULL, NULL },
    { WM_POST, "staff/events/{id}/cancel", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_plan_cancel, NULL, NULL },
    { WM_POST, "api/staff/events/{id}/cancel", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_plan_cancel, NULL, NULL },
    { WM_POST, "staff/events/{id}/complete", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_plan_complete, NULL, NULL },
    { WM_POST, "api/staff/events/{id}/complete", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_plan_complete, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/code", WM_API, WM_STAFF, WM_CAP_ATTEND, 0,
      wm_code_fields, &wm_code_nfields, NULL, wm_plan_code, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/qr.svg", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0,
      wm_code_fields, &wm_code_nfields, NULL, wm_plan_svg, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/qr.png", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0,
      wm_code_fields, &wm_code_nfields, NULL, wm_plan_png, NULL, NULL }
};

const size_t  wm_planning_nroutes = wm_countof(wm_planning_routes);

typedef struct {
    wm_event_t    old;
    wm_event_t    event;
    wm_step_pt    next;                 /* once the event is loaded */
    wm_order_t    orders[WM_EVENT_ORDERS];
    wm_reply_t    units;
    wm_reply_t    courses;
} wm_plan_t;


static wm_plan_t *
wm_plan_begin(wm_web_t *w)
{
    wm_plan_t  *p;

    p = wm_calloc(w->pool, sizeof(wm_plan_t));

    if (p == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return NULL;
    }

    w->state = p;

    return p;
}


/* ---- the event of the address, if it is in the worker's scope */

static void
wm_plan_loaded(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    if (!wm_event_load(&w->replies[0], w->id, &p->old)
        || !wm_scope_covers(w->staff.path, p->old.path))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    w->event = w->id;
    p->event = p->old;
    p->next(w);
}


static void
wm_plan_load(wm_web_t *w, wm_step_pt next)
{
    wm_plan_t  *p;

    p = wm_plan_begin(w);
    if (p == NULL) {
        return;
    }

    p->next = next;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HLEN"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_plan_loaded);
}


/* ---- pages */

/* Units of the worker's scope; courses; both for the form's choices. */

static void
wm_plan_choices(wm_web_t *w, wm_plan_t *p, wm_str_t unit, wm_str_t course)
{
    wm_show_units(w, "units", &p->units, unit);
    wm_show_sort(&p->courses);
    wm_show_choices(w, "courses", "title", &p->courses, course);
}


static void
wm_plan_form_time(wm_web_t *w, wm_doc_t *form, const char *name, int64_t ms)
{
    char  *out;

    out = wm_alloc(w->pool, WM_TIME_TEXT);

    if (out != NULL && ms != 0) {
        wm_doc_str(form, name, wm_time_local(ms, w->site->offset, out));
    }
}


/* The choices of a form, as the event has them or as they were typed. */

static void
wm_plan_form_enrolment(wm_web_t *w, const wm_event_t *e)
{
    wm_doc_t  *chosen;

    chosen = wm_doc_obj(w->doc, "chosen");
    wm_doc_hide(chosen);
    wm_doc_bool(chosen, "enrol_open", wm_is(e->enrol, "open"));
    wm_doc_bool(chosen, "enrol_none", wm_is(e->enrol, "none"));
    wm_doc_bool(chosen, "no_walk_in", wm_event_needs_place(e));
}


/* What the form shows before anything was typed: the event as it is. */

static void
wm_plan_form(wm_web_t *w, const wm_event_t *e)
{
    char      *start, *end;
    wm_doc_t  *form;

    if (w->refused != WM_VERDICT_OK) {
        return;                         /* what was typed comes back */
    }

    start = wm_alloc(w->pool, WM_TIME_TEXT);
    end = wm_alloc(w->pool, WM_TIME_TEXT);

    if (start == NULL || end == NULL) {
        return;
    }

    form = wm_doc_obj(w->doc, "form");
    wm_doc_hide(form);
    wm_doc_str(form, "title", e->title);
    wm_doc_str(form, "place", e->place);
    wm_doc_str(form, "audience", e->audience);
    wm_doc_str(form, "content", e->content);
    wm_doc_str(form, "orders", e->orders_text);

    if (e->capacity > 0) {
        wm_doc_int(form, "capacity", e->capacity);
    }

    wm_doc_int(form, "group_max", wm_enrol_group(e));
    wm_plan_form_time(w, form, "enrol_from", e->enrol_from_ms);
    wm_plan_form_time(w, form, "enrol_until", e->enrol_until_ms);

    if (e->start_ms != 0) {
        wm_doc_str(form, "start", wm_time_local(e->start_ms, w->site->offset,
                                                start));
    }

    if (e->end_ms != 0) {
        wm_doc_str(form, "end", wm_time_local(e->end_ms, w->site->offset,
                                              end));
    }
}


/* What a draft lacks before it can be published, in words. */

static void
wm_plan_missing(wm_web_t *w, const wm_event_t *event)
{
    size_t       i;
    wm_doc_t    *list;
    wm_input_t  *check;

    check = wm_alloc(w->pool, sizeof(wm_input_t));
    if (check == NULL || event->state != WM_EVENT_DRAFT) {
        return;
    }

    wm_input_init(check, w->pool, wm_event_fields, wm_event_nfields, 0);
    (void) wm_event_missing(event, check);

    list = wm_doc_list(w->doc, "missing");
    wm_doc_hide(list);

    for (i = 0; i < wm_event_nfields; i++) {
        if (check->values[i].error != WM_WRONG_NONE) {
            wm_doc_item_str(list, wm_zh(wm_str(wm_event_fields[i].name)));
        }
    }
}


static void
wm_plan_page_show(wm_web_t *w)
{
    bool        may;
    wm_plan_t  *p = w->state;

    p->units = w->replies[0];
    p->courses = w->replies[1];

    wm_plan_choices(w, p, p->event.unit, p->event.course);
    wm_plan_form(w, &p->old);
    wm_plan_form_enrolment(w, &p->event);
    wm_plan_missing(w, &p->old);

    may = wm_role_may(w->staff.role, WM_CAP_SCHEDULE);

    wm_doc_hide(wm_doc_bool(w->doc, "can_complete",
                            may && p->old.state == WM_EVENT_PUBLISHED
                            && p->old.norders > 0
                            && p->old.end_ms <= w->now_ms));

    wm_doc_hide(wm_doc_bool(w->doc, "can_publish",
                            may && p->old.state == WM_EVENT_DRAFT));
    wm_doc_hide(wm_doc_bool(w->doc, "can_cancel",
                            may && p->old.state != WM_EVENT_CANCELLED));
    wm_doc_hide(wm_doc_bool(w->doc, "can_edit",
                            may && p->old.state != WM_EVENT_CANCELLED));

    if (p->old.state == WM_EVENT_PUBLISHED
        && wm_role_may(w->staff.role, WM_CAP_ATTEND))
    {
        wm_doc_hide(wm_doc_str(w->doc, "screen_url",
                               wm_codes_screen_url(w, &p->old)));
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_plan_page_read(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    wm_show_event(w, w->doc, &p->old, true);
    wm_doc_int(w->doc, "present", w->replies[1].num);

    if (w->route->face == WM_API) {
        if (p->old.state == WM_EVENT_PUBLISHED
            && wm_role_may(w->staff.role, WM_CAP_ATTEND))
        {
            wm_doc_str(w->doc, "screen_url", wm_codes_screen_url(w, &p->old));
        }

        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_fetch(w, wm_plan_page_show);
}


static void
wm_plan_page(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_page_read);
}


/* The form of a new event; made for an order, it begins with its course. */

static void
wm_plan_new_show(wm_web_t *w)
{
    wm_plan_t    *p = w->state;
    wm_order_t    order;
    wm_course_t   course;

    p->units = w->replies[0];
    p->courses = w->replies[1];
    p->event.unit = wm_input(&w->input, "unit")->text;
    p->event.course = wm_input(&w->input, "course")->text;

    if (w->nreplies > 2
        && wm_order_load(&w->replies[2], wm_input(&w->input, "order")->text,
                         &order)
        && wm_scope_covers(w->staff.path, order.path))
    {
        p->event.unit = order.unit;
        p->event.course = order.course;
        p->event.title = order.title;
        p->event.orders_text = order.id;

        if (wm_course_load(w->pool, order.course,
                           wm_show_find(&p->courses, order.course), &course))
        {
            p->event.audience = course.audience;
            p->event.content = course.summary;
        }
    }

    if (p->event.unit.len == 0) {
        p->event.unit = w->staff.unit;
    }

    wm_plan_choices(w, p, p->event.unit, p->event.course);
    wm_plan_form(w, &p->event);
    wm_plan_form_enrolment(w, &p->event);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_plan_new_page(wm_web_t *w)
{
    wm_str_t  order;

    if (wm_plan_begin(w) == NULL) {
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));

    order = wm_input(&w->input, "order")->text;
    if (wm_id_valid(order)) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "order:%.*s", wm_fmt(order)));
    }

    wm_fetch(w, wm_plan_new_show);
}


/* ---- checking what an event refers to */

/* Whether the order was the event's before, with whoever put it there. */

static bool
wm_plan_had_order(const wm_event_t *old, wm_str_t order)
{
    size_t  i;

    for (i = 0; i < old->norders; i++) {
        if (wm_eq(old->orders[i], order)) {
            return true;
        }
    }

    return false;
}


/*
 * replies: the unit, the course, then each order.  False: a field is wrong.
 */
static bool
wm_plan_refers(wm_web_t *w, wm_plan_t *p)
{
    size_t       i;
    wm_unit_t    unit;
    wm_event_t  *e = &p->event;
    wm_course_t  course;

    if (!wm_unit_load(w->pool, e->unit, wm_reply_str(&w->replies[0]), &unit)
        || !wm_scope_covers(w->staff.path, unit.path))
    {
        wm_input_fail(&w->input, "unit", WM_WRONG_CHOICE);

    } else {
        e->path = unit.path;
        e->unit_name = unit.name;
    }

    if (e->course.len > 0
        && !wm_course_load(w->pool, e->course, wm_reply_str(&w->replies[1]),
                           &course))
    {
        wm_input_fail(&w->input, "course", WM_WRONG_CHOICE);

    } else if (e->course.len > 0 && e->title.len == 0) {
        e->title = course.title;
        wm_input(&w->input, "title")->error = WM_WRONG_NONE;
    }

    for (i = 0; i < e->norders; i++) {
        if (!wm_order_load(&w->replies[2 + i], e->orders[i], &p->orders[i])
            || (!wm_plan_had_order(&p->old, e->orders[i])
                && !wm_scope_covers(w->staff.path,
                                    p->orders[i].handler_path)))
        {
            wm_input_fail(&w->input, "orders", WM_WRONG_CHOICE);
        }
    }

    return wm_input_ok(&w->input);
}


static void
wm_plan_ask_refers(wm_web_t *w, const wm_event_t *e, wm_step_pt next)
{
    size_t  i;

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "units"),
           e->unit.len > 0 ? e->unit : wm_lit("-"));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "courses"),
           e->course.len > 0 ? e->course : wm_lit("-"));

    for (i = 0; i < e->norders; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "order:%.*s", wm_fmt(e->orders[i])));
    }

    wm_fetch(w, next);
}


/* ---- creating */

static void
wm_plan_created(wm_web_t *w)
{
    wm_str_t  id;

    id = wm_printf(w->pool, "%lld", w->result.nreplies > 0
                   ? (long long) w->result.replies[0].num : 0LL);

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s", wm_fmt(id)));
        return;
    }

    wm_doc_str(w->doc, "id", id);
    wm_doc_text(w->doc, "status", wm_event_state_code(WM_EVENT_DRAFT));
    wm_answer(w, WM_VERDICT_CREATED);
}


static void
wm_plan_create_numbered(wm_web_t *w)
{
    wm_plan_t    *p = w->state;
    wm_commit_t  *c;

    p->event.id = wm_printf(w->pool, "%lld", (long long) w->replies[0].num);

    c = wm_begin(w, WM_OP_EVENT_CREATE);
    if (c == NULL || p->event.id.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_event_create(c, &p->event);
    wm_send(w, c, wm_plan_create, wm_plan_created);
}


static void
wm_plan_create_check(wm_web_t *w)
{
    if (!wm_plan_refers(w, w->state)) {
        wm_refuse(w, WM_VERDICT_INVALID, wm_plan_created);
        return;
    }

    /* numbers that people read may have gaps */

    wm_ask(w, wm_lit("INCR"), wm_web_key(w, "event_number"));
    wm_fetch_number(w, wm_plan_create_numbered);
}


static void
wm_plan_create(wm_web_t *w)
{
    wm_plan_t  *p;

    p = wm_plan_begin(w);
    if (p == NULL) {
        return;
    }

    p->event.state = WM_EVENT_DRAFT;
    wm_event_apply(&p->event, &w->input);

    if (p->event.unit.len == 0) {
        p->event.unit = w->staff.unit;
    }

    wm_plan_ask_refers(w, &p->event, wm_plan_create_check);
}


/* ---- changing, publishing, cancelling */

static void
wm_plan_done_show(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s",
                                 wm_fmt(w->id)));
        return;
    }

    wm_show_event(w, w->doc, &p->event, true);
    wm_answer(w, WM_VERDICT_OK);
}


/* effect 1 of each of these commits counts the version */

static void
wm_plan_take_version(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    if (w->result.nreplies > 0) {
        p->event.version = wm_printf(w->pool, "%lld",
                                     (long long) w->result.replies[0].num);
    }
}


static void
wm_plan_done(wm_web_t *w)
{
    wm_plan_take_version(w);
    wm_plan_done_show(w);
}


/* More room is for those who wait for it. */

static void
wm_plan_changed(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    wm_plan_take_version(w);

    if (p->event.state == WM_EVENT_PUBLISHED
        && wm_seats_free(&p->event, 0) > wm_seats_free(&p->old, 0))
    {
        wm_places_settle(w, wm_plan_done_show);

    } else {
        wm_plan_done_show(w);
    }
}


static void
wm_plan_change_check(wm_web_t *w)
{
    wm_plan_t     *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    if (!wm_plan_refers(w, p)) {
        wm_refuse(w, WM_VERDICT_INVALID, wm_plan_done);
        return;
    }

    c = wm_begin(w, WM_OP_EVENT_CHANGE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_event_change(c, &p->old, &p->event);

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_plan_change, wm_plan_changed);

    } else {
        wm_refuse(w, v, wm_plan_done);
    }
}


static void
wm_plan_change_loaded(wm_web_t *w)
{
    wm_plan_t  *p = w->state;
    wm_str_t    seen = wm_input(&w->input, "version")->text;

    /* a page that somebody else's change made old overwrites nothing */

    if (seen.len > 0 && !wm_eq(seen, p->old.version)) {
        wm_event_apply(&p->event, &w->input);
        wm_refuse(w, WM_VERDICT_CONFLICT, wm_plan_done);
        return;
    }

    wm_event_apply(&p->event, &w->input);
    wm_plan_ask_refers(w, &p->event, wm_plan_change_check);
}


static void
wm_plan_change(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_change_loaded);
}


/* The event's orders, which publishing, cancelling and completing move. */

static void
wm_plan_orders(wm_web_t *w, wm_plan_t *p)
{
    size_t       i;
    wm_order_t  *order;

    for (i = 0; i < p->old.norders; i++) {
        order = &p->orders[i];

        if (!wm_order_load(&w->replies[2 + i], p->old.orders[i], order)) {
            order->state = WM_ORDER_NONE;
        }
    }
}


static wm_verdict_t
wm_plan_step(wm_web_t *w, wm_commit_t *c, bool *nothing)
{
    wm_plan_t  *p = w->state;

    switch (c->op) {

    case WM_OP_EVENT_PUBLISH:
        p->event.state = WM_EVENT_PUBLISHED;
        return wm_event_publish(c, &p->old, p->orders, w->staff.path,
                                nothing);

    case WM_OP_EVENT_COMPLETE:
        return wm_event_complete(c, &p->old, p->orders, nothing);

    default:
        p->event.state = WM_EVENT_CANCELLED;
        return wm_event_cancel(c, &p->old, p->orders, &w->site->deadlines,
                               nothing);
    }
}


static void
wm_plan_move(wm_web_t *w, wm_op_t op, wm_step_pt again)
{
    bool           nothing;
    wm_plan_t     *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    wm_plan_orders(w, p);

    c = wm_begin(w, op);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_plan_step(w, c, &nothing);

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_plan_done(w);

    } else {
        wm_send(w, c, again, wm_plan_done);
    }
}


static void
wm_plan_publish_decide(wm_web_t *w)
{
    wm_plan_move(w, WM_OP_EVENT_PUBLISH, wm_plan_publish);
}


static void
wm_plan_publish_loaded(wm_web_t *w)
{
    wm_plan_t   *p = w->state;
    wm_event_t   unused = p->old;

    wm_event_apply(&unused, &w->input);

    if (!wm_input_ok(&w->input)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    if (wm_event_missing(&p->old, &w->input) > 0) {
        wm_answer(w, WM_VERDICT_INCOMPLETE);
        return;
    }

    wm_plan_ask_refers(w, &p->old, wm_plan_publish_decide);
}


static void
wm_plan_publish(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_publish_loaded);
}


static void
wm_plan_cancel_decide(wm_web_t *w)
{
    wm_plan_move(w, WM_OP_EVENT_CANCEL, wm_plan_cancel);
}


static void
wm_plan_cancel_loaded(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    wm_plan_ask_refers(w, &p->old, wm_plan_cancel_decide);
}


static void
wm_plan_cancel(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_cancel_loaded);
}


static void
wm_plan_complete_decide(wm_web_t *w)
{
    wm_plan_move(w, WM_OP_EVENT_COMPLETE, wm_plan_complete);
}


static void
wm_plan_complete_loaded(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    wm_plan_ask_refers(w, &p->old, wm_plan_complete_decide);
}


static void
wm_plan_complete(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_complete_loaded);
}


/* ---- codes */

static void
wm_plan_code_show(wm_web_t *w)
{
    wm_kind_t   kind;
    wm_plan_t  *p = w->state;

    kind = wm_codes_kind(wm_input(&w->input, "kind")->text);

    if (kind == 0) {
        wm_input_fail(&w->input, "kind", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);

    } else if (!wm_codes_open(&p->old, w->now_ms)) {
        wm_answer(w, WM_VERDICT_STATE);

    } else {
        wm_answer(w, wm_codes_show(w, w->doc, &p->old, kind, 0)
                     ? WM_VERDICT_OK : WM_VERDICT_INTERNAL);
    }
}


static void
wm_plan_code(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_code_show);
}


static void
wm_plan_image(wm_web_t *w, bool png)
{
    wm_kind_t   kind;
    wm_plan_t  *p = w->state;

    kind = wm_codes_kind(wm_input(&w->input, "kind")->text);

    if (kind == 0) {
        wm_input_fail(&w->input, "kind", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    wm_codes_image(w, &p->old, kind, 0, png);
}


static void
wm_plan_draw_svg(wm_web_t *w)
{
    wm_plan_image(w, false);
}


static void
wm_plan_svg(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_draw_svg);
}


static void
wm_plan_draw_png(wm_web_t *w)
{
    wm_plan_image(w, true);
}


static void
wm_plan_png(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_draw_png);
}
