/* What is asked for: open orders of one course at one place, together. */

#include "wm_demand.h"
#include "wm_show.h"

#define WM_DEMAND_READ  "499"           /* the last index: 500 orders */
#define WM_DEMAND_MAX   500

static void wm_demand(wm_web_t *w);

/* Who wanted to join orders had chosen none. */
static const wm_field_t  wm_demand_fields[] = {
    { "none",  WM_FIELD_NUMBER,  0,  0, 1 }
};

static const size_t  wm_demand_nfields = wm_countof(wm_demand_fields);

const wm_route_t  wm_demand_routes[] = {
    { WM_GET, "staff/demand", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      wm_demand_fields, &wm_demand_nfields, "staff-demand", wm_demand,
      NULL, NULL },
    { WM_GET, "api/staff/demand", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_demand, NULL, NULL }
};

const size_t  wm_demand_nroutes = wm_countof(wm_demand_routes);

typedef struct {
    wm_reply_t    ids;
    wm_reply_t    units;
    wm_reply_t    courses;
    bool          more;                 /* than were read */
    size_t        n;
    wm_order_t   *orders;
} wm_asked_t;


static void
wm_demand_show_group(wm_web_t *w, wm_doc_t *item, const wm_demand_t *group)
{
    size_t        i;
    wm_doc_t     *orders;
    wm_asked_t   *asked = w->state;
    wm_course_t   course;

    /* a course that was taken off the menu is still asked for */

    if (!wm_course_load(w->pool, group->course,
                        wm_reply_find(&asked->courses, group->course),
                        &course))
    {
        memset(&course, 0, sizeof(wm_course_t));
        course.title = group->orders[0]->title;
    }

    wm_doc_str(item, "course", group->course);
    wm_doc_str(item, "title", course.title);
    wm_doc_str(item, "unit", group->unit);
    wm_doc_str(item, "unit_name",
               wm_show_unit_name(w, wm_reply_find(&asked->units,
                                                  group->unit)));
    wm_doc_int(item, "count", (int64_t) group->norders);
    wm_doc_int(item, "head_count", group->heads);
    wm_doc_int(item, "opens_at", course.opens_at);
    wm_doc_bool(item, "enough", wm_demand_is_enough(group, &course));

    orders = wm_doc_list(item, "orders");

    for (i = 0; i < group->norders; i++) {
        wm_show_order(w, wm_doc_item(orders), group->orders[i]);
    }
}


static void
wm_demand_show(wm_web_t *w)
{
    size_t        i, n;
    wm_doc_t     *items;
    wm_asked_t   *asked = w->state;
    wm_order_t   *order;
    wm_demand_t  *groups;

    for (i = 0; i < asked->ids.n; i++) {
        order = &asked->orders[asked->n];

        asked->n += wm_order_load(&w->replies[i],
                                  wm_reply_at(&asked->ids, i), order)
                    && wm_scope_covers(w->staff.path, order->handler_path);
    }

    if (!wm_demand_gather(w->pool, asked->orders, asked->n, &groups, &n)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < n; i++) {
        wm_demand_show_group(w, wm_doc_item(items), &groups[i]);
    }

    wm_doc_bool(w->doc, "more", asked->more);
    wm_doc_hide(wm_doc_bool(w->doc, "none",
                            wm_input(&w->input, "none")->num > 0));
    wm_doc_hide(wm_doc_bool(w->doc, "can_schedule",
                            wm_role_may(w->staff.role, WM_CAP_SCHEDULE)));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_demand_found(wm_web_t *w)
{
    size_t       i;
    wm_asked_t  *asked;

    asked = wm_calloc(w->pool, sizeof(wm_asked_t));
    if (asked == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = asked;
    asked->ids = w->replies[0];
    asked->more = w->replies[1].num > WM_DEMAND_MAX;
    asked->units = w->replies[2];
    asked->courses = w->replies[3];
    asked->orders = wm_alloc(w->pool,
                             (asked->ids.n + 1) * sizeof(wm_order_t));

    if (asked->orders == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (asked->ids.n == 0) {
        wm_demand_show(w);
        return;
    }

    for (i = 0; i < asked->ids.n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "order:%.*s",
                          wm_fmt(wm_reply_at(&asked->ids, i))));
    }

    wm_fetch(w, wm_demand_show);
}


static void
wm_demand(wm_web_t *w)
{
    wm_str_t  due;

    due = wm_web_key(w, "due:%.*s", wm_fmt(w->staff.unit));

    wm_ask(w, wm_lit("ZRANGE"), due, wm_lit("0"), wm_lit(WM_DEMAND_READ));
    wm_ask(w, wm_lit("ZCARD"), due);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_fetch(w, wm_demand_found);
}
