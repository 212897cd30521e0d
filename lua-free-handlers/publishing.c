/* Workers move one event, and its orders: publish, cancel, complete. */

#include "wm_enrol.h"
#include "wm_plan.h"

static void wm_publish(wm_web_t *w);
static void wm_cancel(wm_web_t *w);
static void wm_complete(wm_web_t *w);

#define WM_EVENT_FIELDS  wm_event_publish_fields, &wm_event_publish_nfields

const wm_route_t  wm_publishing_routes[] = {
    { WM_POST, "staff/events/{id}/publish", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_publish, wm_plan_page,
      "staff-event" },
    { WM_POST, "api/staff/events/{id}/publish", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      WM_EVENT_FIELDS, NULL, wm_publish, NULL, NULL },
    { WM_POST, "staff/events/{id}/cancel", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_cancel, NULL, NULL },
    { WM_POST, "api/staff/events/{id}/cancel", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_cancel, NULL, NULL },
    { WM_POST, "staff/events/{id}/complete", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_complete, NULL, NULL },
    { WM_POST, "api/staff/events/{id}/complete", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0,
      NULL, NULL, NULL, wm_complete, NULL, NULL }
};

const size_t  wm_publishing_nroutes = wm_countof(wm_publishing_routes);


static wm_verdict_t
wm_publishing_step(wm_web_t *w, wm_commit_t *c, bool *nothing)
{
    wm_plan_t     *p = w->state;
    wm_verdict_t   v;

    switch (c->op) {

    case WM_OP_EVENT_PUBLISH:
        p->event.state = WM_EVENT_PUBLISHED;
        v = wm_event_publish(c, &p->old, p->orders, w->staff.path, nothing);

        if (v == WM_VERDICT_OK && !*nothing) {
            wm_enrol_requesters(c, &p->old, p->orders);
        }

        return v;

    case WM_OP_EVENT_COMPLETE:
        return wm_event_complete(c, &p->old, p->orders, nothing);

    default:
        p->event.state = WM_EVENT_CANCELLED;
        return wm_event_cancel(c, &p->old, p->orders, &w->site->deadlines,
                               nothing);
    }
}


static void
wm_publishing_decide(wm_web_t *w)
{
    bool           nothing;
    wm_plan_t     *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    wm_plan_load_orders(w, p);

    c = wm_begin(w, p->op);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_publishing_step(w, c, &nothing);

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_plan_done(w);

    } else {
        wm_send(w, c, p->again, wm_plan_done);
    }
}


static void
wm_publishing_move(wm_web_t *w, wm_op_t op, wm_step_pt again)
{
    wm_plan_t  *p = w->state;

    p->op = op;
    p->again = again;

    wm_plan_ask_refers(w, &p->old, wm_publishing_decide);
}


static void
wm_publish_loaded(wm_web_t *w)
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

    if (p->old.state == WM_EVENT_DRAFT
        && wm_event_is_past(&p->old, w->now_ms)
        && wm_input(&w->input, "past")->num != 1)
    {
        wm_answer(w, WM_VERDICT_PAST);
        return;
    }

    wm_publishing_move(w, WM_OP_EVENT_PUBLISH, wm_publish);
}


static void
wm_publish(wm_web_t *w)
{
    wm_plan_load(w, wm_publish_loaded);
}


static void
wm_cancel_loaded(wm_web_t *w)
{
    wm_publishing_move(w, WM_OP_EVENT_CANCEL, wm_cancel);
}


static void
wm_cancel(wm_web_t *w)
{
    wm_plan_load(w, wm_cancel_loaded);
}


static void
wm_complete_loaded(wm_web_t *w)
{
    wm_publishing_move(w, WM_OP_EVENT_COMPLETE, wm_complete);
}


static void
wm_complete(wm_web_t *w)
{
    wm_plan_load(w, wm_complete_loaded);
}
