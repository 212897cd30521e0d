/* Workers and one event: its pages, making it and changing it. */

#include "wm_codes.h"
#include "wm_enrol.h"
#include "wm_lag.h"
#include "wm_places.h"
#include "wm_plan.h"
#include "wm_time.h"
#include "wm_zh.h"

#define WM_PLAN_CLOCK_MS  (9 * WM_HOUR_MS)

static void wm_plan_new_page(wm_web_t *w);
static void wm_plan_create(wm_web_t *w);
static void wm_plan_change(wm_web_t *w);

static const wm_field_t  wm_new_fields[] = {
    { "orders",  WM_FIELD_IDS,    0,  0, WM_EVENT_ORDERS },
    { "join",    WM_FIELD_TOKEN,  0,  1, 8 },
    { "like",    WM_FIELD_TOKEN,  0,  1, 16 }
};

static const size_t  wm_new_nfields = wm_countof(wm_new_fields);

#define WM_EVENT_FIELDS      wm_event_fields, &wm_event_nfields
#define WM_EVENT_NEW_FIELDS  wm_event_new_fields, &wm_event_new_nfields

const wm_route_t  wm_planning_routes[] = {
    { WM_GET, "staff/events/new", WM_PAGE, WM_STAFF, WM_CAP_SCHEDULE, 0,
      wm_new_fields, &wm_new_nfields, "staff-event-new", wm_plan_new_page,
      NULL, NULL },
    { WM_POST, "staff/events", WM_PAGE, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_NEW_FIELDS, NULL, wm_plan_create, wm_plan_new_page,
      "staff-event-new" },
    { WM_POST, "api/staff/events", WM_API, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_NEW_FIELDS, NULL, wm_plan_create, NULL, NULL },
    { WM_GET, "staff/events/{id}", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, "staff-event", wm_plan_page, NULL, NULL },
    { WM_GET, "api/staff/events/{id}", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_plan_page, NULL, NULL },
    { WM_POST, "staff/events/{id}", WM_PAGE, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_change, wm_plan_page, "staff-event" },
    { WM_PATCH, "api/staff/events/{id}", WM_API, WM_STAFF, WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_plan_change, NULL, NULL }
};

const size_t  wm_planning_nroutes = wm_countof(wm_planning_routes);


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
    bool       typed = w->refused != WM_VERDICT_OK;
    wm_str_t   enrol, walk_in;
    wm_doc_t  *chosen;

    enrol = typed ? wm_input(&w->input, "enrol")->text : e->enrol;
    walk_in = typed ? wm_input(&w->input, "walk_in")->text : e->walk_in;

    chosen = wm_doc_obj(w->doc, "chosen");
    wm_doc_hide(chosen);
    wm_doc_bool(chosen, "enrol_open", wm_is(enrol, "open"));
    wm_doc_bool(chosen, "enrol_none", wm_is(enrol, "none"));
    wm_doc_bool(chosen, "no_walk_in", wm_is(walk_in, "no"));
}


/* What the form shows before anything was typed: the event as it is. */

static void
wm_plan_form(wm_web_t *w, const wm_event_t *e)
{
    wm_doc_t  *form;

    if (w->refused != WM_VERDICT_OK) {
        return;                         /* what was typed comes back */
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
    wm_plan_form_time(w, form, "start", e->start_ms);
    wm_plan_form_time(w, form, "end", e->end_ms);
}


/* What the event was asked for, and how many people that is. */

static void
wm_plan_orders(wm_web_t *w, const wm_event_t *event, const wm_order_t *orders)
{
    size_t     i;
    int64_t    heads;
    wm_doc_t  *list, *item;

    list = wm_doc_list(w->doc, "asked");
    wm_doc_hide(list);

    for (i = 0, heads = 0; i < event->norders; i++) {
        if (orders[i].state == WM_ORDER_NONE) {
            continue;
        }

        item = wm_doc_item(list);
        wm_show_order(w, item, &orders[i]);
        heads += orders[i].head_count;
    }

    wm_doc_hide(wm_doc_int(w->doc, "asked_heads", heads));
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
    wm_plan_load_orders(w, p);
    wm_plan_orders(w, &p->old, p->orders);

    may = wm_role_may(w->staff.role, WM_CAP_SCHEDULE);

    wm_doc_hide(wm_doc_bool(w->doc, "can_complete",
                            may && p->old.state == WM_EVENT_PUBLISHED
                            && p->old.norders > 0
                            && p->old.end_ms <= w->now_ms));

    wm_doc_hide(wm_doc_bool(w->doc, "is_past",
                            wm_event_is_past(&p->old, w->now_ms)));
    wm_doc_hide(wm_doc_bool(w->doc, "may_plan", may));
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
                               wm_codes_screen_url(w, &p->old, 1)));
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* Until when all that was done with the event is in an archive. */

static void
wm_plan_page_archived(wm_web_t *w)
{
    char       *out, *human;
    int64_t     until;
    wm_lag_t    lag;
    wm_plan_t  *p = w->state;

    until = wm_lag_most(&w->replies[0], &lag)
            ? wm_lag_until(&lag, wm_reply_str(&w->replies[1]),
                           p->made_ms)
            : 0;

    out = wm_alloc(w->pool, WM_TIME_TEXT);
    human = wm_alloc(w->pool, WM_TIME_TEXT);

    if (out == NULL || human == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_str(w->doc, "archived_at", until > 0
               ? wm_time_iso(until, w->site->offset, out) : wm_lit(""));

    if (until > 0) {
        wm_doc_hide(wm_doc_str(w->doc, "archived_text",
                               wm_time_human(until, w->site->offset,
                                             human)));
    }

    if (w->route->face == WM_API) {
        if (p->old.state == WM_EVENT_PUBLISHED
            && wm_role_may(w->staff.role, WM_CAP_ATTEND))
        {
            wm_doc_str(w->doc, "screen_url",
                       wm_codes_screen_url(w, &p->old, 1));
        }

        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_plan_ask_orders(w, &p->old);
    wm_fetch(w, wm_plan_page_show);
}


static void
wm_plan_page_read(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    wm_show_event(w, w->doc, &p->old, true);
    wm_doc_int(w->doc, "present", w->replies[1].num);
    p->made_ms = wm_reply_field_int(&w->replies[0], "made");

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "archived"));
    wm_ask(w, wm_lit("GET"), wm_web_key(w, "head"));
    wm_fetch(w, wm_plan_page_archived);
}


void
wm_plan_page(wm_web_t *w)
{
    wm_plan_load(w, wm_plan_page_read);
}


/* ---- the form of a new event; made for orders, it begins with their course */

/*
 * Keeps of the orders that were named those that this worker can plan; of the
 * others the page says why not, as far as they are the worker's to see.
 */

static void
wm_plan_new_orders(wm_web_t *w, wm_plan_t *p)
{
    bool          seen;
    size_t        i, n;
    wm_buf_t      ids;
    wm_doc_t     *left, *item;
    wm_event_t   *e = &p->event;
    wm_order_t   *o;

    wm_buf_init(&ids, w->pool, 256);
    left = wm_doc_list(w->doc, "left_out");
    wm_doc_hide(left);

    for (i = 0, n = 0; i < e->norders; i++) {
        o = &p->orders[n];

        seen = wm_order_load(&w->replies[2 + i], e->orders[i], o)
               && wm_scope_covers(w->staff.path, o->handler_path);

        if (seen && wm_event_takes_order(e, o)) {
            wm_putf(&ids, "%s%.*s", n > 0 ? "," : "", wm_fmt(o->id));
            n++;
            continue;
        }

        item = wm_doc_item(left);

        if (seen) {
            wm_show_order(w, item, o);
        }
    }

    wm_doc_hide(wm_doc_bool(w->doc, "leaves_out", n < e->norders));
    wm_doc_hide(wm_doc_bool(w->doc, "none_left", n == 0));
    e->norders = n;
    e->orders_text = wm_buf_str(&ids);
}


/* How many of the orders want a day. */

static size_t
wm_plan_want(const wm_plan_t *p, wm_str_t day)
{
    size_t    i, n;
    wm_str_t  wanted, one;

    for (i = 0, n = 0; i < p->event.norders; i++) {
        wanted = p->orders[i].wanted;

        while (wm_split(&wanted, ',', &one)) {
            n += wm_eq(one, day);
        }
    }

    return n;
}


/*
 * The day that most want, the first of those; at nine in the morning, to begin
 * with.  The end is as far away as the course takes.
 */

static void
wm_plan_new_day(wm_web_t *w, wm_plan_t *p)
{
    size_t    i, n, most = 0;
    int64_t   day;
    wm_str_t  wanted, one;

    for (i = 0; i < p->event.norders; i++) {
        wanted = p->orders[i].wanted;

        while (wm_split(&wanted, ',', &one)) {
            n = wm_plan_want(p, one);

            if (n >= most && wm_time_parse_day(one, w->site->offset, &day)
                && day >= wm_time_day(w->now_ms, w->site->offset)
                && (n > most
                    || day + WM_PLAN_CLOCK_MS < p->event.start_ms))
            {
                most = n;
                p->event.start_ms = day + WM_PLAN_CLOCK_MS;
            }
        }
    }
}


static void
wm_plan_new_course(wm_web_t *w, wm_plan_t *p)
{
    wm_course_t   course;
    wm_event_t   *e = &p->event;

    e->unit = p->orders[0].unit;
    e->course = p->orders[0].course;
    e->title = p->orders[0].title;

    wm_plan_new_day(w, p);

    /* who ordered has a place, with or without a limit */

    e->enrol = wm_lit("open");

    if (wm_course_load(w->pool, e->course,
                       wm_reply_find(&p->courses, e->course), &course))
    {
        e->audience = course.audience;
        e->content = course.summary;

        if (e->start_ms != 0 && course.duration_min > 0) {
            e->end_ms = e->start_ms + course.duration_min * WM_MINUTE_MS;
        }
    }
}


/* Another one like an event of the scope: all but when, and for whom asked. */

static void
wm_plan_new_like(wm_web_t *w, wm_plan_t *p)
{
    wm_str_t    id = wm_input(&w->input, "like")->text;
    wm_event_t  like, *e = &p->event;

    if (id.len == 0
        || !wm_event_load(&w->replies[w->nreplies - 1], id, &like)
        || !wm_scope_covers(w->staff.path, like.path))
    {
        return;
    }

    e->title = like.title;
    e->unit = like.unit;
    e->course = like.course;
    e->place = like.place;
    e->audience = like.audience;
    e->content = like.content;
    e->capacity = like.capacity;
    e->enrol = like.enrol;
    e->group_max = like.group_max;
    e->walk_in = like.walk_in;
}


static void
wm_plan_new_show(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    p->units = w->replies[0];
    p->courses = w->replies[1];
    p->event.unit = wm_input(&w->input, "unit")->text;
    p->event.course = wm_input(&w->input, "course")->text;

    wm_plan_new_orders(w, p);

    if (p->event.norders > 0 && w->refused == WM_VERDICT_OK) {
        wm_plan_new_course(w, p);
    }

    wm_plan_new_like(w, p);

    if (p->event.unit.len == 0) {
        p->event.unit = w->staff.unit;
    }

    wm_plan_choices(w, p, p->event.unit, p->event.course);
    wm_plan_form(w, &p->event);
    wm_plan_form_enrolment(w, &p->event);
    wm_plan_orders(w, &p->event, p->orders);
    wm_doc_hide(wm_doc_bool(w->doc, "is_past",
                            w->refused == WM_VERDICT_PAST));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_plan_new_page(wm_web_t *w)
{
    size_t       i;
    wm_str_t     join = wm_input(&w->input, "join")->text;
    wm_str_t     like = wm_input(&w->input, "like")->text;
    wm_plan_t   *p;
    wm_value_t  *ids = wm_input(&w->input, "orders");

    /* of chosen orders, but none was chosen */

    if (join.len > 0 && ids->n == 0) {
        wm_redirect(w, wm_is(join, "board")
                       ? wm_lit("staff/orders/board?none=1")
                       : wm_lit("staff/demand?none=1"));
        return;
    }

    p = wm_plan_begin(w);
    if (p == NULL) {
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));

    for (i = 0; i < ids->n && i < WM_EVENT_ORDERS; i++) {
        p->event.orders[p->event.norders++] = ids->list[i];
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "order:%.*s", wm_fmt(ids->list[i])));
    }

    if (like.len > 0) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "event:%.*s", wm_fmt(like)));
    }

    wm_fetch(w, wm_plan_new_show);
}


/* ---- creating */

static void
wm_plan_created(wm_web_t *w)
{
    wm_str_t    id;
    wm_plan_t  *p = w->state;

    id = wm_printf(w->pool, "%lld", w->result.nreplies > 0
                   ? (long long) w->result.replies[0].num : 0LL);
    w->made = id;

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s", wm_fmt(id)));
        return;
    }

    wm_doc_str(w->doc, "id", id);
    wm_doc_text(w->doc, "status", wm_event_state_code(p->event.state));
    wm_answer(w, WM_VERDICT_CREATED);
}


static wm_verdict_t
wm_plan_create_decide(wm_web_t *w, wm_commit_t *c, wm_plan_t *p)
{
    wm_verdict_t  v;

    if (c->op == WM_OP_EVENT_CREATE) {
        wm_event_create(c, &p->event);
        return WM_VERDICT_OK;
    }

    v = wm_event_create_public(c, &p->event, p->orders, w->staff.path);

    if (v == WM_VERDICT_OK) {
        wm_enrol_requesters(c, &p->event, p->orders);
    }

    return v;
}


static void
wm_plan_create_numbered(wm_web_t *w)
{
    wm_plan_t     *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    p->event.id = wm_printf(w->pool, "%lld", (long long) w->replies[0].num);

    c = wm_begin(w, p->event.state == WM_EVENT_PUBLISHED
                    ? WM_OP_EVENT_PUBLISH : WM_OP_EVENT_CREATE);
    if (c == NULL || p->event.id.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_plan_create_decide(w, c, p);

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_plan_create, wm_plan_created);

    } else {
        wm_refuse(w, v, wm_plan_created);
    }
}


static void
wm_plan_create_check(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    if (!wm_plan_refers(w, p)) {
        wm_refuse(w, WM_VERDICT_INVALID, wm_plan_created);
        return;
    }

    if (p->event.state == WM_EVENT_PUBLISHED
        && wm_event_is_past(&p->event, w->now_ms)
        && wm_input(&w->input, "past")->num != 1)
    {
        wm_refuse(w, WM_VERDICT_PAST, wm_plan_created);
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

    p->event.state = wm_input(&w->input, "publish")->num > 0
                     ? WM_EVENT_PUBLISHED : WM_EVENT_DRAFT;
    wm_event_apply(&p->event, &w->input);

    if (p->event.unit.len == 0) {
        p->event.unit = w->staff.unit;
    }

    wm_plan_ask_refers(w, &p->event, wm_plan_create_check);
}


/* ---- changing */

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

    /* enrolment that is opened later: first for those who ordered */

    if (v == WM_VERDICT_OK && p->old.state == WM_EVENT_PUBLISHED
        && !wm_enrol_is_offered(&p->old)
        && w->replies[w->nreplies - 1].num == 0)
    {
        wm_enrol_requesters(c, &p->event, p->orders);
    }

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
