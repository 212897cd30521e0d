/*
 * The end of all that is kept of a person, asked for by himself.  Each record
 * is a commit of its own; who he was, with the key, goes last.
 */

#include "wm_data.h"
#include "wm_entry.h"
#include "wm_show.h"
#include "wm_who.h"

#define WM_ENDING_TOLD    100           /* notifications of a commit */
#define WM_ENDING_PASSES  4             /* until nothing new was found */
#define WM_ENDING_TRIES   20            /* until nobody else was faster */

static void wm_ending_page(wm_web_t *w);
static void wm_ending(wm_web_t *w);

const wm_route_t  wm_forget_routes[] = {
    { WM_GET, "me/forget", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "forget", wm_ending_page, NULL, NULL },
    { WM_POST, "me/forget", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "forgotten", wm_ending, NULL, NULL },
    { WM_DELETE, "api/me", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_ending, NULL, NULL }
};

const size_t  wm_forget_nroutes = wm_countof(wm_forget_routes);


/* ---- the page that asks once more */

static void
wm_ending_page_show(wm_web_t *w)
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
wm_ending_page(wm_web_t *w)
{
    w->state = wm_who_ask_known(w);

    if (w->state == NULL) {
        wm_redirect(w, wm_lit("verify"));
        return;
    }

    wm_fetch(w, wm_ending_page_show);
}


static wm_str_t
wm_ending_device(wm_web_t *w)
{
    return w->device_known ? wm_str(w->device_id) : wm_lit("");
}


/* Ended first, by its own rule; then read again, and nobody's. */

static void
wm_ending_owned_done(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->gone[d->owned]++;
    wm_data_next(w);
}


/* What others counted on, and will not be: named in the answer. */

static wm_doc_t *
wm_ending_affected(wm_web_t *w, const char *list)
{
    wm_doc_t  *doc = wm_doc_get(w->doc, wm_str(list));

    return doc != NULL ? doc : wm_doc_list(w->doc, list);
}


static void
wm_ending_order_ended(wm_web_t *w)
{
    wm_doc_t    *item;
    wm_data_t   *d = w->state;

    item = wm_doc_item(wm_ending_affected(w, "cancelled"));
    wm_doc_str(item, "id", d->order.id);
    wm_doc_str(item, "number",
               wm_order_number(w->pool, d->order.made_ms, w->site->offset,
                               d->order.running));
    wm_doc_str(item, "title", d->order.title);

    wm_data_owned_again(w);
}


static void
wm_ending_order_end(wm_web_t *w)
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
        wm_send(w, c, wm_data_owned_again, wm_ending_owned_done);

    } else if (wm_forget_end(c, &d->order, end_ms)) {
        wm_send(w, c, wm_data_owned_again,
                c->op == WM_OP_ORDER_CANCEL ? wm_ending_order_ended
                                            : wm_data_owned_again);

    } else {
        wm_answer(w, WM_VERDICT_INTERNAL);
    }
}


static void
wm_ending_order(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (!wm_order_load(&w->replies[0], d->hits[d->hit], &d->order)) {
        wm_data_next(w);
        return;
    }

    wm_ask(w, wm_lit("HGET"),
           wm_web_key(w, "event:%.*s", wm_fmt(d->order.event)),
           wm_lit("end"));
    wm_fetch(w, wm_ending_order_end);
}


static void
wm_ending_wish(wm_web_t *w)
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
        wm_send(w, c, wm_data_owned_again, wm_ending_owned_done);
    }
}


static void
wm_ending_event_done(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->events++;
    d->hit++;
    wm_data_events(w);
}


static void
wm_ending_given_back(wm_web_t *w)
{
    wm_doc_t   *item;
    wm_data_t  *d = w->state;

    item = wm_doc_item(wm_ending_affected(w, "places"));
    wm_doc_str(item, "event", d->trace.id);
    wm_doc_str(item, "title", d->trace.event.title);
    wm_doc_str(item, "start", wm_show_iso(w, d->trace.event.start_ms));
    wm_doc_str(item, "start_text",
               wm_show_human(w, d->trace.event.start_ms));

    wm_data_event_again(w);
}


static void
wm_ending_place(wm_web_t *w)
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
        wm_send(w, c, wm_data_event_again, wm_ending_given_back);

    } else {
        wm_data_event_again(w);
    }
}


static void
wm_ending_event(wm_web_t *w)
{
    wm_data_t    *d = w->state;
    wm_commit_t  *c;

    if (wm_forget_gives_back(&d->trace, w->now_ms)) {
        memset(&d->places, 0, sizeof(wm_places_t));
        d->places.who.person = wm_str(d->person.id);
        w->id = d->trace.id;
        wm_places_read(w, &d->places, wm_ending_place);
        return;
    }

    c = wm_begin(w, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_forget_event(c, &d->trace, wm_str(d->person.id),
                         wm_ending_device(w)))
    {
        wm_ending_event_done(w);
        return;
    }

    wm_send(w, c, wm_data_event_again, wm_ending_event_done);
}


static void
wm_ending_answer(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_web_forget_person(w);

    wm_doc_text(w->doc, "status", "forgotten");
    wm_doc_int(w->doc, "events", (int64_t) d->events);
    wm_doc_int(w->doc, "orders", (int64_t) d->gone[WM_OWNED_ORDER]);
    wm_doc_int(w->doc, "wishes", (int64_t) d->gone[WM_OWNED_WISH]);
    (void) wm_ending_affected(w, "places");
    (void) wm_ending_affected(w, "cancelled");
    wm_answer(w, WM_VERDICT_OK);
}


static void wm_ending_queue(wm_web_t *w);


/*
 * ---- that nothing came meanwhile: the journal's head is a condition of the
 * last commit, and no entry since the walk began names him
 */

static void
wm_ending_mark(wm_web_t *w, const wm_reply_t *last)
{
    wm_data_t   *d = w->state;
    wm_entry_t   e;

    d->ms = 0;
    d->seq = 0;
    d->number = 0;

    if (last->type == WM_REPLY_LIST && last->n > 0
        && wm_entry_load(&last->items[0], &e))
    {
        d->ms = e.ms;
        d->seq = e.seq;
        d->number = e.number;
    }
}


static void
wm_ending_ask_mark(wm_web_t *w)
{
    wm_ask(w, wm_lit("XREVRANGE"), wm_web_key(w, "journal"), wm_lit("+"),
           wm_lit("-"), wm_lit("COUNT"), wm_lit("1"));
}


static void
wm_ending_walk(wm_web_t *w)
{
    wm_ending_mark(w, &w->replies[1]);
    wm_data_walk(w);
}


static void
wm_ending_walk_again(wm_web_t *w)
{
    wm_ending_mark(w, &w->replies[0]);
    wm_data_again(w);
}


static void
wm_ending_pass(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (++d->passes == WM_ENDING_PASSES) {
        wm_answer(w, WM_VERDICT_CONFLICT);
        return;
    }

    wm_ending_ask_mark(w);
    wm_fetch(w, wm_ending_walk_again);
}


static void
wm_ending_seen(void *ctx, wm_str_t part)
{
    wm_data_t  *d = ctx;

    d->came |= wm_is(part, d->person.id);
}


/* False: it cannot be read. */

static bool
wm_ending_read(wm_web_t *w, const wm_reply_t *item)
{
    wm_data_t   *d = w->state;
    wm_entry_t   e;

    if (!wm_entry_load(item, &e)) {
        return false;
    }

    if (d->number > 0 && e.number != d->number + 1) {
        d->came = true;                 /* trimmed: who knows */
    }

    d->ms = e.ms;
    d->seq = e.seq;
    d->number = e.number;

    return wm_is(e.verb, wm_op_verb(WM_OP_PERSON_FORGET))
           || wm_entry_parts(w->pool, &e, wm_ending_seen, d);
}


static void wm_ending_since(wm_web_t *w);


static void
wm_ending_last(wm_web_t *w, wm_str_t head)
{
    wm_data_t    *d = w->state;
    wm_commit_t  *c;

    if (d->tries > 0 && wm_eq(head, d->head)) {
        wm_ending(w);                   /* his record is another: anew */
        return;
    }

    if (++d->tries == WM_ENDING_TRIES) {
        wm_answer(w, WM_VERDICT_CONFLICT);
        return;
    }

    c = wm_begin(w, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    d->head = head.data != NULL ? head : wm_lit("");
    wm_forget_person(c, &d->person, d->wechat, wm_ending_device(w), d->mark);
    wm_need(c, EQ, wm_web_key(w, "head"), d->head);
    wm_send(w, c, wm_ending_since, wm_ending_answer);
}


static void
wm_ending_since_read(wm_web_t *w)
{
    size_t             i;
    wm_data_t         *d = w->state;
    const wm_reply_t  *page = &w->replies[1];

    for (i = 0, d->came = false; i < page->n; i++) {
        if (!wm_ending_read(w, &page->items[i])) {
            wm_answer(w, WM_VERDICT_INTERNAL);
            return;
        }
    }

    if (d->came) {
        wm_ending_pass(w);

    } else if (page->n == WM_ENTRY_MAX) {
        wm_ending_since(w);

    } else {
        wm_ending_last(w, wm_reply_str(&w->replies[0]));
    }
}


/* The head first: what comes behind it is read, or makes it another. */

static void
wm_ending_since(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_ask(w, wm_lit("GET"), wm_web_key(w, "head"));
    wm_ask(w, wm_lit("XRANGE"), wm_web_key(w, "journal"),
           wm_entry_after(w->pool, d->ms, d->seq), wm_lit("+"),
           wm_lit("COUNT"), wm_lit(WM_ENTRY_PAGE));
    wm_fetch(w, wm_ending_since_read);
}


/* ---- what he was to be told, a page at a time */

static void
wm_ending_told(wm_web_t *w)
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
        wm_send(w, c, wm_ending_queue, wm_ending_queue);

    } else {
        d->first += d->page.n;
        wm_ending_queue(w);
    }
}


static void
wm_ending_queued(wm_web_t *w)
{
    size_t      i;
    wm_str_t   *argv;
    wm_data_t  *d = w->state;

    d->page = w->replies[0];

    if (d->page.type != WM_REPLY_LIST || d->page.n == 0) {
        d->queue++;
        d->first = 0;
        wm_ending_queue(w);
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
    wm_fetch(w, wm_ending_told);
}


static void
wm_ending_queue(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (d->queue == WM_FORGET_QUEUES) {

        /* what was added or moved meanwhile may have been passed by */

        if (d->found > 0) {
            wm_ending_pass(w);

        } else {
            wm_ending_since(w);
        }

        return;
    }

    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "%s",
                                           wm_forget_queue(d->queue)),
           wm_printf(w->pool, "%zu", d->first),
           wm_printf(w->pool, "%zu", d->first + WM_ENDING_TOLD - 1));
    wm_fetch(w, wm_ending_queued);
}


static void
wm_ending_told_begin(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->queue = 0;
    d->first = 0;
    wm_ending_queue(w);
}


static void
wm_ending_begin(wm_web_t *w)
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
            wm_ending_answer(w);

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
        d->visit[WM_OWNED_ORDER] = wm_ending_order;
        d->visit[WM_OWNED_WISH] = wm_ending_wish;
        d->visit_event = wm_ending_event;
        d->done = wm_ending_told_begin;
        wm_ending_ask_mark(w);
        wm_fetch(w, wm_ending_walk);
    }
}


static void
wm_ending(wm_web_t *w)
{
    w->once = wm_null;                  /* many commits; repeating goes on */
    w->state = wm_who_ask_known(w);

    if (w->state == NULL) {
        wm_answer(w, w->site->has_sms || w->site->has_login
                     ? WM_VERDICT_VERIFY_FIRST : WM_VERDICT_ASK_OFFICE);
        return;
    }

    wm_fetch(w, wm_ending_begin);
}
