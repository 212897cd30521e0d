/*
 * All that is kept of a person, to take along or to end.  Nothing leads from
 * a person to events: all are asked, a page at a time.  That is rare.
 */

#include "wm_forget.h"
#include "wm_me.h"
#include "wm_places.h"
#include "wm_show.h"
#include "wm_verify.h"
#include "wm_who.h"

#define WM_DATA_ORDERS  200             /* read in one go */
#define WM_DATA_EVENTS  100
#define WM_DATA_TOLD    100             /* of a commit, too */
#define WM_DATA_PASSES  4               /* until nothing new was found */

static void wm_data_export(wm_web_t *w);
static void wm_data_page(wm_web_t *w);
static void wm_data_forget(wm_web_t *w);

const wm_route_t  wm_data_routes[] = {
    { WM_GET, "me/data", WM_PAGE, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_data_export, NULL, NULL },
    { WM_GET, "api/me/data", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_data_export, NULL, NULL },
    { WM_GET, "me/forget", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "forget", wm_data_page, NULL, NULL },
    { WM_POST, "me/forget", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "forgotten", wm_data_forget, NULL, NULL },
    { WM_DELETE, "api/me", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_data_forget, NULL, NULL }
};

const size_t  wm_data_nroutes = wm_countof(wm_data_routes);

typedef struct {
    wm_person_t   person;
    wm_str_t      wechat;               /* a field of his record */
    wm_str_t      mark;                 /* of the device, that he is he */
    wm_step_pt    visit[WM_OWNED_MAX];  /* with the record at hand */
    wm_step_pt    visit_event;          /* with trace at hand */
    wm_step_pt    done;

    size_t        nroots;               /* units that stand at the top */
    wm_str_t     *roots;
    size_t        root;
    unsigned      owned;                /* orders, wishes; then events */
    unsigned      queue;                /* then notifications */
    size_t        first;                /* of the page */
    wm_reply_t    page;                 /* its ids */
    size_t        nhits, hit;
    wm_str_t     *hits;                 /* ids of it that are his */

    wm_order_t    order;
    wm_trace_t    trace;
    wm_places_t   places;
    size_t        gone[WM_OWNED_MAX];   /* how many there were */
    size_t        events;
    size_t        found, passes;
} wm_data_t;

static void wm_data_owned(wm_web_t *w);
static void wm_data_next(wm_web_t *w);
static void wm_data_events(wm_web_t *w);


/* ---- who */

static bool
wm_data_may(wm_web_t *w, wm_person_t *person)
{
    if (!wm_who_is_opened(w, &w->replies[1], person)) {
        return false;
    }

    if (wm_who_is_verified(w, person, &w->replies[0])) {
        return true;
    }

    wm_answer(w, w->site->has_sms || w->site->has_login
                 ? WM_VERDICT_VERIFY_FIRST : WM_VERDICT_ASK_OFFICE);

    return false;
}


static bool
wm_data_limit(wm_web_t *w, const wm_person_t *person)
{
    wm_verdict_t  may;

    may = wm_take(w, WM_LIMIT_DATA, person->id);

    if (may != WM_VERDICT_OK) {
        wm_answer(w, may);
        return false;
    }

    return true;
}


/*
 * ---- one after the other: orders of each unit at the top, wishes, events
 */

static void
wm_data_ask(wm_web_t *w, const wm_ask_t *asks, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        wm_web_ask(w, asks[i].argv, asks[i].argc);
    }
}


static bool
wm_data_take_page(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->page = w->replies[0];
    d->nhits = 0;
    d->hit = 0;
    d->hits = wm_alloc(w->pool, (d->page.n + 1) * sizeof(wm_str_t));

    if (d->hits == NULL || d->page.type != WM_REPLY_LIST) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return false;
    }

    return true;
}


static void
wm_data_owned_read(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (wm_is(wm_reply_field(&w->replies[0], "person"), d->person.id)) {
        d->visit[d->owned](w);

    } else {
        wm_data_next(w);
    }
}


static void
wm_data_owned_again(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "%s:%.*s", wm_owned_record(d->owned),
                      wm_fmt(d->hits[d->hit])));
    wm_fetch(w, wm_data_owned_read);
}


static void
wm_data_owned_hits(wm_web_t *w)
{
    size_t      i;
    wm_data_t  *d = w->state;

    for (i = 0; i < w->nreplies; i++) {
        if (wm_is(wm_reply_str(&w->replies[i]), d->person.id)) {
            d->hits[d->nhits++] = wm_reply_at(&d->page, i);
        }
    }

    d->found += d->nhits;
    wm_data_owned(w);
}


static void
wm_data_owned_page(wm_web_t *w)
{
    size_t      i;
    wm_data_t  *d = w->state;

    if (!wm_data_take_page(w)) {
        return;
    }

    d->first += d->page.n;

    if (d->page.n == 0) {
        d->root++;
        d->first = 0;
        wm_data_owned(w);
        return;
    }

    for (i = 0; i < d->page.n; i++) {
        wm_ask(w, wm_lit("HGET"),
               wm_web_key(w, "%s:%.*s", wm_owned_record(d->owned),
                          wm_fmt(wm_reply_at(&d->page, i))),
               wm_lit("person"));
    }

    wm_fetch(w, wm_data_owned_hits);
}


static void
wm_data_owned(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (d->hit < d->nhits) {
        wm_data_owned_again(w);
        return;
    }

    if (d->root == d->nroots) {
        d->root = 0;
        d->owned++;
    }

    if (d->owned == WM_OWNED_MAX || d->nroots == 0) {
        d->first = 0;
        wm_data_events(w);
        return;
    }

    wm_ask(w, wm_lit("ZRANGE"),
           wm_web_key(w, "%s:%.*s", wm_owned_index(d->owned),
                      wm_fmt(d->roots[d->root])),
           wm_printf(w->pool, "%zu", d->first),
           wm_printf(w->pool, "%zu", d->first + WM_DATA_ORDERS - 1));
    wm_fetch(w, wm_data_owned_page);
}


static void
wm_data_next(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->hit++;
    wm_data_owned(w);
}


static void
wm_data_event_read(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_trace_load(d->hits[d->hit], w->replies, &d->trace);
    d->visit_event(w);
}


static void
wm_data_event_again(wm_web_t *w)
{
    wm_ask_t    asks[WM_TRACE_ASKS];
    wm_data_t  *d = w->state;

    wm_trace_ask(w->pool, w->site->district, d->hits[d->hit],
                 wm_str(d->person.id), asks);
    wm_data_ask(w, asks, WM_TRACE_ASKS);
    wm_fetch(w, wm_data_event_read);
}


static void
wm_data_event_hits(wm_web_t *w)
{
    size_t      i;
    wm_data_t  *d = w->state;

    for (i = 0; i < d->page.n; i++) {
        if (wm_trace_found(&w->replies[i * WM_TRACE_HAS])) {
            d->hits[d->nhits++] = wm_reply_at(&d->page, i);
        }
    }

    d->found += d->nhits;
    wm_data_events(w);
}


static void
wm_data_event_page(wm_web_t *w)
{
    size_t      i;
    wm_ask_t    asks[WM_TRACE_HAS];
    wm_data_t  *d = w->state;

    if (!wm_data_take_page(w)) {
        return;
    }

    if (d->page.n == 0) {
        d->done(w);
        return;
    }

    d->first += d->page.n;

    for (i = 0; i < d->page.n; i++) {
        wm_trace_has(w->pool, w->site->district, wm_reply_at(&d->page, i),
                     wm_str(d->person.id), asks);
        wm_data_ask(w, asks, WM_TRACE_HAS);
    }

    wm_fetch(w, wm_data_event_hits);
}


static void
wm_data_events(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (d->hit < d->nhits) {
        wm_data_event_again(w);
        return;
    }

    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "sched:" WM_UNIT_ALL),
           wm_printf(w->pool, "%zu", d->first),
           wm_printf(w->pool, "%zu", d->first + WM_DATA_EVENTS - 1));
    wm_fetch(w, wm_data_event_page);
}


/* What stands at the top has the orders of all below. */

static void
wm_data_walk(wm_web_t *w)
{
    size_t       i;
    wm_str_t     units[WM_UNIT_DEPTH];
    wm_unit_t    unit;
    wm_data_t   *d = w->state;
    wm_reply_t  *all = &w->replies[0];

    d->roots = wm_alloc(w->pool, (all->n + 1) * sizeof(wm_str_t));

    if (d->roots == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        if (wm_unit_load(w->pool, wm_reply_at(all, i),
                         wm_reply_at(all, i + 1), &unit)
            && wm_path_units(unit.path, units, WM_UNIT_DEPTH) == 1)
        {
            d->roots[d->nroots++] = unit.id;
        }
    }

    wm_data_owned(w);
}


static wm_data_t *
wm_data_begin(wm_web_t *w, const wm_person_t *person)
{
    wm_data_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_data_t));

    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return NULL;
    }

    d->person = *person;
    d->wechat = wm_reply_field(&w->replies[1], "wechat");
    d->mark = w->visitor.id[0] == '\0'
              ? wm_who_mark(w, person, &w->replies[0]) : wm_null;
    w->state = d;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));

    return d;
}


/* ---- to take along */

static void
wm_data_export_order(wm_web_t *w)
{
    wm_data_t   *d = w->state;
    wm_order_t   order;

    if (wm_order_load(&w->replies[0], d->hits[d->hit], &order)) {
        wm_dossier_order(w->doc, &d->person, &order, w->site->offset);
    }

    wm_data_next(w);
}


static void
wm_data_export_wish(wm_web_t *w)
{
    wm_data_t  *d = w->state;
    wm_wish_t   wish;

    if (wm_wish_load(&w->replies[0], d->hits[d->hit], &wish)) {
        wm_dossier_wish(w->doc, &d->person, &wish, w->site->offset);
    }

    wm_data_next(w);
}


static void
wm_data_export_event(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_dossier_event(w->doc, &d->person, &d->trace, w->now_ms,
                     w->site->offset);
    d->hit++;
    wm_data_events(w);
}


static void
wm_data_export_done(wm_web_t *w)
{
    wm_buf_t  b;

    wm_buf_init(&b, w->pool, 4096);
    wm_doc_write(&b, w->doc);
    wm_putc(&b, '\n');
    wm_answer_bytes(w, "application/json", wm_buf_str(&b),
                    "wenming-data.json");
}


static void
wm_data_export_begin(wm_web_t *w)
{
    wm_data_t    *d;
    wm_person_t  *person = w->state;

    if (!wm_who_is_opened(w, &w->replies[1], person)) {
        return;
    }

    if (!wm_who_is_verified(w, person, &w->replies[0])) {
        if (w->route->face != WM_API) {
            wm_redirect(w, wm_lit("verify"));

        } else {
            wm_me_answer(w);            /* what this device knows */
        }

        return;
    }

    if (!wm_data_limit(w, person)) {
        return;
    }

    wm_doc_bool(w->doc, "verified", true);
    wm_dossier_begin(w->doc, person, &w->replies[1], w->site->offset);

    d = wm_data_begin(w, person);

    if (d != NULL) {
        d->visit[WM_OWNED_ORDER] = wm_data_export_order;
        d->visit[WM_OWNED_WISH] = wm_data_export_wish;
        d->visit_event = wm_data_export_event;
        d->done = wm_data_export_done;
        wm_fetch(w, wm_data_walk);
    }
}


static void
wm_data_export(wm_web_t *w)
{
    w->state = wm_who_ask_known(w);

    if (w->state != NULL) {
        wm_fetch(w, wm_data_export_begin);

    } else if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("verify"));

    } else {
        wm_me_answer(w);
    }
}


/* ---- the page that asks once more */

static void
wm_data_page_show(wm_web_t *w)
{
    wm_person_t  *person = w->state;

    if (!wm_data_may(w, person)) {
        return;
    }

    wm_doc_str(w->doc, "name", person->name);
    wm_doc_str(w->doc, "phone", wm_show_phone(w, person->phone));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_data_page(wm_web_t *w)
{
    w->state = wm_who_ask_known(w);

    if (w->state == NULL) {
        wm_redirect(w, wm_lit("verify"));
        return;
    }

    wm_fetch(w, wm_data_page_show);
}


/* ---- to end */

static wm_str_t
wm_data_device(wm_web_t *w)
{
    return w->device_known ? wm_str(w->device_id) : wm_lit("");
}


/* Ended first, by its own rule; then read again, and nobody's. */

static void
wm_data_forget_owned_done(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->gone[d->owned]++;
    wm_data_next(w);
}


/* What others counted on, and will not be: named in the answer. */

static wm_doc_t *
wm_data_affected(wm_web_t *w, const char *list)
{
    wm_doc_t  *doc = wm_doc_get(w->doc, wm_str(list));

    return doc != NULL ? doc : wm_doc_list(w->doc, list);
}


static void
wm_data_forget_order_ended(wm_web_t *w)
{
    wm_doc_t    *item;
    wm_data_t   *d = w->state;

    item = wm_doc_item(wm_data_affected(w, "cancelled"));
    wm_doc_str(item, "id", d->order.id);
    wm_doc_str(item, "number",
               wm_order_number(w->pool, d->order.made_ms, w->site->offset,
                               d->order.running));
    wm_doc_str(item, "title", d->order.title);

    wm_data_owned_again(w);
}


static void
wm_data_forget_order_end(wm_web_t *w)
{
    int64_t       end_ms = 0;
    uint64_t      ms;
    wm_data_t    *d = w->state;
    wm_commit_t  *c;

    if (w->nreplies > 0
        && wm_parse_uint(wm_reply_str(&w->replies[0]), INT64_MAX, &ms))
    {
        end_ms = (int64_t) ms;
    }

    c = wm_begin(w, wm_forget_order_op(&d->order, end_ms, w->now_ms));
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (c->op == WM_OP_PERSON_FORGET) {
        wm_forget_order(c, &d->order);
        wm_send(w, c, wm_data_owned_again, wm_data_forget_owned_done);

    } else if (wm_forget_end(c, &d->order, end_ms)) {
        wm_send(w, c, wm_data_owned_again,
                c->op == WM_OP_ORDER_CANCEL ? wm_data_forget_order_ended
                                            : wm_data_owned_again);

    } else {
        wm_answer(w, WM_VERDICT_INTERNAL);
    }
}


static void
wm_data_forget_order(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (!wm_order_load(&w->replies[0], d->hits[d->hit], &d->order)) {
        wm_data_next(w);
        return;
    }

    wm_ask(w, wm_lit("HGET"),
           wm_web_key(w, "event:%.*s", wm_fmt(d->order.event)),
           wm_lit("end"));
    wm_fetch(w, wm_data_forget_order_end);
}


static void
wm_data_forget_wish(wm_web_t *w)
{
    wm_data_t    *d = w->state;
    wm_wish_t     wish;
    wm_commit_t  *end, *c;

    end = wm_begin(w, WM_OP_WISH_WITHDRAW);
    c = wm_begin(w, WM_OP_PERSON_FORGET);

    if (end == NULL || c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_wish_load(&w->replies[0], d->hits[d->hit], &wish)) {
        wm_data_next(w);

    } else if (wm_forget_withdraw(end, &wish)) {
        wm_send(w, end, wm_data_owned_again, wm_data_owned_again);

    } else {
        wm_forget_wish(c, &wish);
        wm_send(w, c, wm_data_owned_again, wm_data_forget_owned_done);
    }
}


static void
wm_data_forget_event_done(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->events++;
    d->hit++;
    wm_data_events(w);
}


static void
wm_data_forget_given_back(wm_web_t *w)
{
    wm_doc_t   *item;
    wm_data_t  *d = w->state;

    item = wm_doc_item(wm_data_affected(w, "places"));
    wm_doc_str(item, "event", d->trace.id);
    wm_doc_str(item, "title", d->trace.event.title);
    wm_doc_str(item, "start", wm_show_iso(w, d->trace.event.start_ms));
    wm_doc_str(item, "start_text",
               wm_show_human(w, d->trace.event.start_ms));

    wm_data_event_again(w);
}


static void
wm_data_forget_place(wm_web_t *w)
{
    bool          nothing;
    wm_data_t    *d = w->state;
    wm_commit_t  *c;
    wm_queued_t  *who = &d->places.who;

    c = wm_begin(w, WM_OP_ENROL_CANCEL);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    /* as by oneself, whoever wrote him down; what it said has changed: again */

    if (d->places.found
        && wm_enrol_act(c, &d->places.list, who, WM_ENROL_CANCEL,
                        who->enrol.by, &nothing) == WM_VERDICT_OK
        && !nothing)
    {
        wm_send(w, c, wm_data_event_again, wm_data_forget_given_back);

    } else {
        wm_data_event_again(w);
    }
}


static void
wm_data_forget_event(wm_web_t *w)
{
    wm_data_t    *d = w->state;
    wm_commit_t  *c;

    if (wm_forget_gives_back(&d->trace, w->now_ms)) {
        memset(&d->places, 0, sizeof(wm_places_t));
        d->places.who.person = wm_str(d->person.id);
        w->id = d->trace.id;
        wm_places_read(w, &d->places, wm_data_forget_place);
        return;
    }

    c = wm_begin(w, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_forget_event(c, &d->trace, wm_str(d->person.id),
                         wm_data_device(w)))
    {
        wm_data_forget_event_done(w);
        return;
    }

    wm_send(w, c, wm_data_event_again, wm_data_forget_event_done);
}


static void
wm_data_forgotten(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_web_forget_person(w);

    wm_doc_text(w->doc, "status", "forgotten");
    wm_doc_int(w->doc, "events", (int64_t) d->events);
    wm_doc_int(w->doc, "orders", (int64_t) d->gone[WM_OWNED_ORDER]);
    wm_doc_int(w->doc, "wishes", (int64_t) d->gone[WM_OWNED_WISH]);
    (void) wm_data_affected(w, "places");
    (void) wm_data_affected(w, "cancelled");
    wm_answer(w, WM_VERDICT_OK);
}


static void wm_data_forget_last(wm_web_t *w);
static void wm_data_forget_queue(wm_web_t *w);


/*
 * What was added or moved meanwhile may have been passed by: so it goes on
 * until a pass has found nothing.
 */

static void
wm_data_forget_done(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (d->found > 0) {
        if (++d->passes == WM_DATA_PASSES) {
            wm_answer(w, WM_VERDICT_CONFLICT);
            return;
        }

        d->found = 0;
        d->owned = 0;
        d->root = 0;
        d->queue = 0;
        d->first = 0;
        wm_data_owned(w);
        return;
    }

    wm_data_forget_last(w);
}


/* ---- what he was to be told, a page at a time */

static void
wm_data_forget_told(wm_web_t *w)
{
    bool          any = false;
    size_t        i;
    wm_str_t      id, record;
    wm_data_t    *d = w->state;
    wm_commit_t  *c;

    c = wm_begin(w, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; i < d->page.n; i++) {
        id = wm_reply_at(&d->page, i);
        record = wm_reply_at(&w->replies[0], i);

        if (wm_forget_is_told(id, record, wm_str(d->person.id))) {
            wm_forget_told(c, id, record);
            any = true;
        }
    }

    /* what is taken away moves the rest up: the same page again */

    if (any) {
        wm_send(w, c, wm_data_forget_queue, wm_data_forget_queue);

    } else {
        d->first += d->page.n;
        wm_data_forget_queue(w);
    }
}


static void
wm_data_forget_queued(wm_web_t *w)
{
    size_t      i;
    wm_str_t   *argv;
    wm_data_t  *d = w->state;

    d->page = w->replies[0];

    if (d->page.type != WM_REPLY_LIST || d->page.n == 0) {
        d->queue++;
        d->first = 0;
        wm_data_forget_queue(w);
        return;
    }

    argv = wm_alloc(w->pool, (d->page.n + 2) * sizeof(wm_str_t));

    if (argv == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    argv[0] = wm_lit("HMGET");
    argv[1] = wm_web_key(w, "outbox");

    for (i = 0; i < d->page.n; i++) {
        argv[i + 2] = wm_reply_at(&d->page, i);
    }

    wm_web_ask(w, argv, d->page.n + 2);
    wm_fetch(w, wm_data_forget_told);
}


static void
wm_data_forget_queue(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (d->queue == WM_FORGET_QUEUES) {
        wm_data_forget_done(w);
        return;
    }

    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "%s",
                                           wm_forget_queue(d->queue)),
           wm_printf(w->pool, "%zu", d->first),
           wm_printf(w->pool, "%zu", d->first + WM_DATA_TOLD - 1));
    wm_fetch(w, wm_data_forget_queued);
}


static void
wm_data_forget_told_begin(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->first = 0;
    wm_data_forget_queue(w);
}


static void
wm_data_forget_last(wm_web_t *w)
{
    wm_data_t    *d = w->state;
    wm_commit_t  *c;

    c = wm_begin(w, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_forget_person(c, &d->person, d->wechat, wm_data_device(w), d->mark);
    wm_send(w, c, wm_data_forget, wm_data_forgotten);
}


static void
wm_data_forget_begin(wm_web_t *w)
{
    wm_data_t    *d;
    wm_person_t  *person = w->state;

    if (!wm_who_is_opened(w, &w->replies[1], person)) {
        return;
    }

    /* the answer to who asks once more, not having had the first */

    if (!person->known) {
        d = wm_calloc(w->pool, sizeof(wm_data_t));
        w->state = d;

        if (d != NULL) {
            wm_data_forgotten(w);

        } else {
            wm_answer(w, WM_VERDICT_INTERNAL);
        }

        return;
    }

    if (!wm_data_may(w, person) || !wm_data_limit(w, person)) {
        return;
    }

    d = wm_data_begin(w, person);

    if (d != NULL) {
        d->visit[WM_OWNED_ORDER] = wm_data_forget_order;
        d->visit[WM_OWNED_WISH] = wm_data_forget_wish;
        d->visit_event = wm_data_forget_event;
        d->done = wm_data_forget_told_begin;
        wm_fetch(w, wm_data_walk);
    }
}


static void
wm_data_forget(wm_web_t *w)
{
    w->once = wm_null;                  /* many commits; repeating goes on */
    w->state = wm_who_ask_known(w);

    if (w->state == NULL) {
        wm_answer(w, w->site->has_sms || w->site->has_login
                     ? WM_VERDICT_VERIFY_FIRST : WM_VERDICT_ASK_OFFICE);
        return;
    }

    wm_fetch(w, wm_data_forget_begin);
}
