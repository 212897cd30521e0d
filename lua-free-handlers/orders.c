/* Orders: placing, by a resident or by a worker for one; a resident's list. */

#include "wm_rating.h"
#include "wm_show.h"
#include "wm_wanted.h"
#include "wm_who.h"
#include "wm_zh.h"

#include <stdlib.h>

#define WM_MINE_MAX      200            /* newest orders in the list */
#define WM_MINE_RATERS   200            /* who may rate their events */

static void wm_orders_place(wm_web_t *w);
static void wm_orders_place_page(wm_web_t *w);
static void wm_orders_new_page(wm_web_t *w);
static void wm_orders_list(wm_web_t *w);
static void wm_orders_cancel(wm_web_t *w);

void wm_course_again(wm_web_t *w);

#define WM_ORDER_FIELDS                                                      \
    { "unit",          WM_FIELD_TOKEN,   WM_REQUIRED,  1, 64 },              \
    { "wanted",        WM_FIELD_DAYS,    WM_REQUIRED,  1, 10 },              \
    { "head_count",    WM_FIELD_NUMBER,  WM_REQUIRED,  1, 10000 },           \
    { "contact_name",  WM_FIELD_TEXT,    WM_REQUIRED,  1, 50 },              \
    { "phone",         WM_FIELD_PHONE,   WM_REQUIRED,  0, 0 },               \
    { "group",         WM_FIELD_TEXT,    0,            1, 80 },              \
    { "note",          WM_FIELD_LINES,   0,            0, 500 }

static const wm_field_t  wm_order_fields[] = {
    WM_ORDER_FIELDS,
    { "course",        WM_FIELD_TOKEN,   WM_REQUIRED,  1, 64 }
};

static const size_t  wm_order_nfields = wm_countof(wm_order_fields);
static const size_t  wm_order_npage = wm_countof(wm_order_fields) - 1;

const wm_route_t  wm_orders_routes[] = {
    { WM_POST, "api/orders", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_order_fields, &wm_order_nfields, NULL, wm_orders_place, NULL, NULL },
    { WM_POST, "course/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_order_fields, &wm_order_npage, "ordered", wm_orders_place_page,
      wm_course_again, "course" },
    { WM_GET, "staff/orders/new", WM_PAGE, WM_STAFF, WM_CAP_DISPATCH, 0,
      NULL, NULL, "staff-order-new", wm_orders_new_page, NULL, NULL },
    { WM_POST, "staff/orders", WM_PAGE, WM_STAFF, WM_CAP_DISPATCH, 0,
      wm_order_fields, &wm_order_nfields, NULL, wm_orders_place,
      wm_orders_new_page, "staff-order-new" },
    { WM_POST, "api/staff/orders", WM_API, WM_STAFF, WM_CAP_DISPATCH, 0,
      wm_order_fields, &wm_order_nfields, NULL, wm_orders_place, NULL, NULL },
    { WM_GET, "orders", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "orders", wm_orders_list, NULL, NULL },
    { WM_GET, "api/me/orders", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_orders_list, NULL, NULL },
    { WM_POST, "order/{id}/cancel", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, NULL, wm_orders_cancel, NULL, NULL },
    { WM_POST, "api/orders/{id}/cancel", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_orders_cancel, NULL, NULL }
};

const size_t  wm_orders_nroutes = wm_countof(wm_orders_routes);

typedef struct {
    wm_str_t           course;
    wm_order_facts_t   facts;
    char               id[WM_ID_LEN + 1];
} wm_placing_t;


/* ---- placing */

static void wm_orders_place_decide(wm_web_t *w);


static void
wm_orders_placed(wm_web_t *w)
{
    wm_str_t       known;
    wm_order_t     order;
    wm_placing_t  *p = w->state;

    if (w->route->who == WM_STAFF && w->route->face != WM_API) {
        w->made = wm_str(p->id);
        wm_redirect(w, wm_printf(w->pool, "staff/orders/%s", p->id));
        return;
    }

    memset(&order, 0, sizeof(wm_order_t));

    order.id = p->facts.id;
    order.state = WM_ORDER_SUBMITTED;
    order.course = p->facts.course.id;
    order.title = p->facts.course.title;
    order.unit = p->facts.unit.id;
    order.wanted = p->facts.wanted;
    order.head_count = p->facts.head_count;
    order.group = p->facts.group;
    order.made_ms = w->result.time_ms;
    order.running = w->result.nreplies > 0 ? w->result.replies[0].num : 0;

    wm_show_order(w, w->doc, &order);
    wm_doc_str(w->doc, "unit_name", p->facts.unit.name);

    /* whoever orders for a neighbour stays who he is */

    known = wm_web_person(w);

    if (w->route->who == WM_ANYONE
        && (known.data == NULL || wm_is(known, p->facts.person.id)))
    {
        wm_who_keep(w, &p->facts.person);
    }

    wm_answer(w, WM_VERDICT_CREATED);
}


static void
wm_orders_place_again(wm_web_t *w)
{
    wm_placing_t  *p = w->state;

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "courses"), p->course);
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "units"), p->facts.unit.id);
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", p->facts.person.id));
    wm_fetch(w, wm_orders_place_decide);
}


static void
wm_orders_place_decide(wm_web_t *w)
{
    wm_commit_t       *c;
    wm_placing_t      *p = w->state;
    wm_order_facts_t  *f = &p->facts;

    if (!wm_course_offered(w->pool, p->course, wm_reply_str(&w->replies[0]),
                           &f->course))
    {
        if (w->route->face != WM_API && w->route->who == WM_ANYONE) {
            wm_answer(w, WM_VERDICT_NOT_FOUND);
            return;
        }

        wm_input_fail(&w->input, "course", WM_WRONG_CHOICE);
    }

    if (!wm_unit_load(w->pool, f->unit.id, wm_reply_str(&w->replies[1]),
                      &f->unit)
        || (w->route->who == WM_STAFF
            && !wm_scope_covers(w->staff.path, f->unit.path)))
    {
        wm_input_fail(&w->input, "unit", WM_WRONG_CHOICE);
    }

    if (!wm_input_ok(&w->input)) {
        wm_refuse(w, WM_VERDICT_INVALID, wm_orders_placed);
        return;
    }

    if (!wm_who_is_opened(w, &w->replies[2], &f->person)) {
        return;
    }

    c = wm_begin(w, WM_OP_ORDER_SUBMIT);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_order_submit(c, &w->site->realm, f);
    wm_send(w, c, wm_orders_place_again, wm_orders_placed);
}


static void
wm_orders_begin(wm_web_t *w, wm_str_t course)
{
    bool               staff;
    wm_placing_t      *p;
    wm_verdict_t       may;
    wm_order_facts_t  *f;

    p = wm_calloc(w->pool, sizeof(wm_placing_t));

    staff = w->route->who == WM_STAFF;

    if (p == NULL || (!staff && !wm_web_device(w))
        || !wm_order_id(w->once, p->id))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    f = &p->facts;

    if (!wm_wanted(w, &f->wanted)
        || !wm_person_identify(w->pool, &w->site->realm,
                               wm_input(&w->input, "contact_name")->text,
                               wm_input(&w->input, "phone")->text, wm_null,
                               &f->person))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    p->course = course;
    f->unit.id = wm_input(&w->input, "unit")->text;
    f->device = staff ? wm_lit("") : wm_str(w->device_id);
    f->by = staff ? w->staff.name : wm_lit("");
    f->group = wm_input(&w->input, "group")->text;
    f->deadlines = w->site->deadlines;
    f->id = wm_str(p->id);
    f->head_count = wm_input(&w->input, "head_count")->num;
    f->note = wm_input(&w->input, "note")->text;
    f->offset = w->site->offset;

    w->state = p;

    if (!wm_input_ok(&w->input)) {
        wm_refuse(w, WM_VERDICT_INVALID, wm_orders_placed);
        return;
    }

    may = wm_take(w, WM_LIMIT_ORDER, f->person.id);

    if (may != WM_VERDICT_OK) {
        wm_refuse(w, may, wm_orders_placed);
        return;
    }

    wm_orders_place_again(w);
}


static void
wm_orders_place(wm_web_t *w)
{
    wm_orders_begin(w, wm_input(&w->input, "course")->text);
}


static void
wm_orders_place_page(wm_web_t *w)
{
    wm_orders_begin(w, w->id);
}


/* ---- the form for an order by phone */

static void
wm_orders_new_show(wm_web_t *w)
{
    wm_doc_t  *dates;

    wm_show_units(w, "units", &w->replies[0],
                  wm_input(&w->input, "unit")->text);
    wm_show_sort(&w->replies[1]);
    wm_show_choices(w, "courses", "title", &w->replies[1],
                    wm_input(&w->input, "course")->text);

    dates = wm_doc_obj(w->doc, "dates");
    wm_doc_str(dates, "min", wm_show_date(w, w->now_ms));

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_orders_new_page(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_fetch(w, wm_orders_new_show);
}


/* ---- the list of what this device ordered */

typedef struct {
    uint64_t       made_ms;
    wm_str_t       id;
} wm_placed_t;

typedef struct {
    wm_order_t     order;               /* state NONE: it is gone */

    /* of a planned one: where the replies about its event begin */

    bool           planned;
    size_t         at;
    size_t         nraters;             /* who were there, of this device */
} wm_listed_t;

typedef struct {
    size_t         n;
    wm_placed_t   *placed;
    wm_listed_t   *listed;
    wm_reply_t     dev;
    wm_reply_t     units;
    wm_reply_t     teams;
    size_t         nasked;              /* replies about events */
    size_t         nraters;
} wm_mine_t;


static int
wm_orders_newer(const void *a, const void *b)
{
    const wm_placed_t  *x = a, *y = b;

    return x->made_ms < y->made_ms ? 1 : x->made_ms > y->made_ms ? -1 : 0;
}


/* When and where it is, and whether somebody of this device may rate it. */

static void
wm_orders_list_event(wm_web_t *w, wm_doc_t *item, const wm_listed_t *p)
{
    bool                can_rate;
    size_t              i;
    wm_doc_t           *planned;
    wm_reply_t         *r = &w->replies[p->at];
    wm_rating_t         done;
    wm_rating_facts_t   f = { .here = true, .person.known = true };

    if (!wm_event_load_public(&r[0], p->order.event, &f.event)) {
        return;
    }

    planned = wm_doc_obj(item, "planned");
    wm_doc_hide(planned);
    wm_show_event(w, planned, &f.event, false);

    for (i = 0, can_rate = false; i < p->nraters && !can_rate; i++) {
        f.attended = wm_reply_str(&r[1 + 2 * i]);
        f.record = wm_reply_str(&r[2 + 2 * i]);
        can_rate = wm_rating_may(&f, w->now_ms, &done) == WM_VERDICT_CREATED;
    }

    wm_doc_hide(wm_doc_bool(item, "can_rate", can_rate));
}


/* What comes next, and within how many days, in words. */

static wm_str_t
wm_orders_list_next(wm_web_t *w, const wm_order_t *order)
{
    int64_t        days;
    wm_str_t       text;
    wm_deadline_t  waits;

    text = wm_zh(wm_printf(w->pool, "order_next_%s",
                           wm_order_state_code(order->state)));
    waits = wm_order_state_waits(order->state);

    if (text.data == NULL || waits == WM_DEADLINE_NONE) {
        return text.data != NULL ? text : wm_lit("");
    }

    if (wm_order_is_overdue(order, w->now_ms)) {
        return wm_printf(w->pool, "%.*s%.*s", wm_fmt(text),
                         wm_fmt(wm_zh(wm_lit("order_next_late"))));
    }

    days = (w->site->deadlines.s[waits] + 86399) / 86400;

    return wm_printf(w->pool, "%.*s%.*s%lld%.*s", wm_fmt(text),
                     wm_fmt(wm_zh(wm_lit("order_within_a"))),
                     (long long) days,
                     wm_fmt(wm_zh(wm_lit("order_within_b"))));
}


static void
wm_orders_list_item(wm_web_t *w, wm_doc_t *item, const wm_listed_t *p)
{
    wm_str_t           unit;
    wm_mine_t         *mine = w->state;
    const wm_order_t  *order = &p->order;

    wm_show_order(w, item, order);
    unit = wm_show_unit_name(w, wm_reply_find(&mine->units, order->unit));

    if (unit.len > 0) {
        wm_doc_str(item, "unit_name", unit);
    }

    if (order->state == WM_ORDER_REJECTED) {
        wm_doc_str(item, "reason", order->reason);
    }

    wm_show_log(w, item, order, &mine->teams, false);
    wm_doc_str(item, "next_text", wm_orders_list_next(w, order));
    wm_doc_hide(wm_doc_bool(item, "can_cancel",
                            wm_order_action_from(WM_ORDER_DO_CANCEL,
                                                 order->state)));

    if (p->planned) {
        wm_orders_list_event(w, item, p);
    }
}


static void
wm_orders_list_show(wm_web_t *w)
{
    size_t      i;
    wm_doc_t   *items;
    wm_mine_t  *mine = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < mine->n; i++) {
        if (mine->listed[i].order.state != WM_ORDER_NONE) {
            wm_orders_list_item(w, wm_doc_item(items), &mine->listed[i]);
        }
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* The event, and for each "a:event:person" of the device what there is. */

static void
wm_orders_list_ask(wm_web_t *w, wm_mine_t *mine, wm_listed_t *p)
{
    size_t    i;
    wm_str_t  field, event, id = p->order.event;

    p->planned = true;
    p->at = mine->nasked++;
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(id)));

    for (i = 0; mine->dev.type == WM_REPLY_LIST && i < mine->dev.n; i += 2) {
        field = wm_reply_at(&mine->dev, i);

        if (!wm_starts(field, "a:") || mine->nraters == WM_MINE_RATERS) {
            continue;
        }

        field.data += 2;
        field.len -= 2;

        if (wm_split(&field, ':', &event) && wm_eq(event, id)) {
            wm_ask(w, wm_lit("HGET"),
                   wm_web_key(w, "att:%.*s", wm_fmt(id)), field);
            wm_ask(w, wm_lit("HGET"),
                   wm_web_key(w, "rating:%.*s", wm_fmt(id)), field);
            mine->nasked += 2;
            mine->nraters++;
            p->nraters++;
        }
    }
}


static void
wm_orders_list_read(wm_web_t *w)
{
    size_t        i;
    wm_mine_t    *mine = w->state;
    wm_order_t   *order;

    mine->units = w->replies[mine->n];
    mine->teams = w->replies[mine->n + 1];

    for (i = 0; i < mine->n; i++) {
        order = &mine->listed[i].order;

        if (!wm_order_load(&w->replies[i], mine->placed[i].id, order)) {
            order->state = WM_ORDER_NONE;

        } else if (order->event.len > 0
                   && (order->state == WM_ORDER_SCHEDULED
                       || order->state == WM_ORDER_COMPLETED
                       || order->state == WM_ORDER_RATED))
        {
            wm_orders_list_ask(w, mine, &mine->listed[i]);
        }
    }

    if (mine->nasked == 0) {
        wm_orders_list_show(w);

    } else {
        wm_fetch(w, wm_orders_list_show);
    }
}


/* Fields "o:order" of the device's record, the newest first. */

static void
wm_orders_list_sort(wm_mine_t *mine)
{
    size_t     i;
    wm_str_t   field;

    for (i = 0; mine->dev.type == WM_REPLY_LIST && i + 1 < mine->dev.n; i += 2)
    {
        field = wm_reply_at(&mine->dev, i);

        if (wm_starts(field, "o:")
            && wm_parse_uint(wm_reply_at(&mine->dev, i + 1), INT64_MAX,
                             &mine->placed[mine->n].made_ms))
        {
            mine->placed[mine->n++].id = (wm_str_t) { field.len - 2,
                                                      field.data + 2 };
        }
    }

    qsort(mine->placed, mine->n, sizeof(wm_placed_t), wm_orders_newer);

    if (mine->n > WM_MINE_MAX) {
        mine->n = WM_MINE_MAX;
    }
}


static void
wm_orders_list_found(wm_web_t *w)
{
    size_t      i;
    wm_mine_t  *mine;

    mine = wm_calloc(w->pool, sizeof(wm_mine_t));

    if (mine != NULL) {
        mine->dev = w->replies[0];
        mine->placed = wm_alloc(w->pool, (mine->dev.n + 1)
                                         * sizeof(wm_placed_t));
        mine->listed = wm_calloc(w->pool, WM_MINE_MAX * sizeof(wm_listed_t));
    }

    if (mine == NULL || mine->placed == NULL || mine->listed == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_orders_list_sort(mine);

    for (i = 0; i < mine->n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "order:%.*s", wm_fmt(mine->placed[i].id)));
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));

    w->state = mine;
    wm_fetch(w, wm_orders_list_read);
}


static void
wm_orders_list(wm_web_t *w)
{
    if (!w->device_known) {
        wm_doc_list(w->doc, "items");
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));
    wm_fetch(w, wm_orders_list_found);
}


/* ---- cancelling */

static void
wm_orders_cancelled(wm_web_t *w)
{
    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("orders"));
        return;
    }

    wm_doc_str(w->doc, "id", w->id);
    wm_doc_text(w->doc, "status", wm_order_state_code(WM_ORDER_CANCELLED));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_orders_cancel_decide(wm_web_t *w)
{
    bool           nothing;
    wm_order_t     order;
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = wm_begin(w, WM_OP_ORDER_CANCEL);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_order_load(&w->replies[0], w->id, &order)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    v = wm_order_cancel(c, &order, wm_str(w->device_id), &nothing);

    if (v == WM_VERDICT_STATE) {
        wm_show_standing(w, &order, 0);
    }

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_orders_cancelled(w);

    } else {
        wm_send(w, c, wm_orders_cancel, wm_orders_cancelled);
    }
}


static void
wm_orders_cancel(wm_web_t *w)
{
    if (!wm_id_valid(w->id) || !w->device_known) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "order:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_orders_cancel_decide);
}
