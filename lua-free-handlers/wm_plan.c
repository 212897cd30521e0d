#include "wm_plan.h"


wm_plan_t *
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


void
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


bool
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
        && (!wm_course_load(w->pool, e->course, wm_reply_str(&w->replies[1]),
                            &course)
            || (course.withdrawn_ms > 0
                && !wm_eq(e->course, p->old.course)
                && e->norders == 0)))
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


void
wm_plan_ask_orders(wm_web_t *w, const wm_event_t *e)
{
    size_t  i;

    for (i = 0; i < e->norders; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "order:%.*s", wm_fmt(e->orders[i])));
    }
}


void
wm_plan_load_orders(wm_web_t *w, wm_plan_t *p)
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


void
wm_plan_ask_refers(wm_web_t *w, const wm_event_t *e, wm_step_pt next)
{
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "units"),
           e->unit.len > 0 ? e->unit : wm_lit("-"));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "courses"),
           e->course.len > 0 ? e->course : wm_lit("-"));

    wm_plan_ask_orders(w, e);

    /* the last reply: whether anybody has a place */

    wm_ask(w, wm_lit("EXISTS"),
           wm_web_key(w, "seats:%.*s", wm_fmt(e->id)));
    wm_fetch(w, next);
}


void
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


void
wm_plan_take_version(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    if (w->result.nreplies > 0) {
        p->event.version = wm_printf(w->pool, "%lld",
                                     (long long) w->result.replies[0].num);
    }
}


void
wm_plan_done(wm_web_t *w)
{
    wm_plan_take_version(w);
    wm_plan_done_show(w);
}
