#include "wm_enrol.h"

#include <inttypes.h>

static const struct {
    char         letter;
    const char  *code;
    const char  *text;
} wm_enrol_states[] = {
    { '-', "", "" },
#define X(name, letter, code, text)  { letter, code, text },
    WM_ENROL_STATES(X)
#undef X
};

static const struct {
    const char  *code;
    const char  *text;
} wm_enrol_windows[] = {
#define X(name, code, text)  { code, text },
    WM_ENROL_WINDOWS(X)
#undef X
};


const char *
wm_enrol_state_code(wm_enrol_state_t s)
{
    return wm_enrol_states[s].code;
}


const char *
wm_enrol_state_text(wm_enrol_state_t s)
{
    return wm_enrol_states[s].text;
}


const char *
wm_enrol_window_code(wm_enrol_window_t window)
{
    return wm_enrol_windows[window].code;
}


const char *
wm_enrol_window_text(wm_enrol_window_t window)
{
    return wm_enrol_windows[window].text;
}


/* ---- reading */

static wm_enrol_state_t
wm_enrol_state_find(wm_str_t letter)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_enrol_states); i++) {
        if (letter.len == 1 && letter.data[0] == wm_enrol_states[i].letter) {
            return (wm_enrol_state_t) i;
        }
    }

    return WM_ENROL_NONE;
}


bool
wm_enrol_load(wm_str_t record, wm_enrol_t *enrol)
{
    wm_str_t  state, seats, since, until;
    uint64_t  n, since_ms, until_ms;

    memset(enrol, 0, sizeof(wm_enrol_t));
    enrol->text = record;

    if (!wm_split(&record, ':', &state) || !wm_split(&record, ':', &seats)
        || !wm_split(&record, ':', &since) || !wm_split(&record, ':', &until)
        || !wm_parse_uint(seats, WM_ENROL_SEATS, &n) || n == 0
        || !wm_parse_uint(since, INT64_MAX, &since_ms)
        || !wm_parse_uint(until, INT64_MAX, &until_ms))
    {
        return false;
    }

    enrol->state = wm_enrol_state_find(state);
    enrol->seats = (int64_t) n;
    enrol->since_ms = (int64_t) since_ms;
    enrol->until_ms = (int64_t) until_ms;
    enrol->by = record;

    if (enrol->by.data == NULL) {
        enrol->state = WM_ENROL_NONE;
    }

    return enrol->state != WM_ENROL_NONE;
}


static bool
wm_enrol_has_run_out(const wm_enrol_t *enrol, int64_t now_ms)
{
    return enrol->state == WM_ENROL_OFFERED && now_ms >= enrol->until_ms;
}


wm_enrol_state_t
wm_enrol_now(const wm_enrol_t *enrol, const wm_event_t *event, int64_t now_ms)
{
    if (enrol->state != WM_ENROL_NONE && event->state != WM_EVENT_PUBLISHED) {
        return WM_ENROL_CANCELLED;
    }

    return wm_enrol_has_run_out(enrol, now_ms) ? WM_ENROL_DECLINED
                                               : enrol->state;
}


void
wm_seats_load(const wm_reply_t *record, const wm_reply_t *waiting,
    wm_seats_t *seats)
{
    seats->taken_text = wm_reply_field(record, "taken");
    seats->taken = wm_reply_field_int(record, "taken");
    seats->waiting = waiting->type == WM_REPLY_INT ? waiting->num : 0;
}


int64_t
wm_seats_free(const wm_event_t *event, int64_t taken)
{
    if (event->capacity == 0) {
        return INT64_MAX;
    }

    return event->capacity > taken ? event->capacity - taken : 0;
}


/* ---- when, and how many */

int64_t
wm_enrol_until(const wm_event_t *event)
{
    return event->enrol_until_ms != 0
           && event->enrol_until_ms < event->start_ms
           ? event->enrol_until_ms : event->start_ms;
}


int64_t
wm_enrol_group(const wm_event_t *event)
{
    return event->group_max < 1 ? 1
           : event->group_max > WM_EVENT_GROUP ? WM_EVENT_GROUP
           : event->group_max;
}


bool
wm_enrol_is_offered(const wm_event_t *event)
{
    return wm_is(event->enrol, "open")
           || (event->enrol.len == 0 && event->capacity > 0);
}


wm_enrol_window_t
wm_enrol_window(const wm_event_t *event, const wm_seats_t *seats,
    int64_t now_ms)
{
    if (event->state != WM_EVENT_PUBLISHED) {
        return WM_ENROL_GONE;
    }

    if (!wm_enrol_is_offered(event)) {
        return WM_ENROL_NOT_ASKED;
    }

    if (now_ms >= wm_enrol_until(event)) {
        return WM_ENROL_OVER;
    }

    if (now_ms < event->enrol_from_ms) {
        return WM_ENROL_EARLY;
    }

    return seats->waiting > 0 || wm_seats_free(event, seats->taken) == 0
           ? WM_ENROL_FULL : WM_ENROL_OPEN;
}


static wm_verdict_t
wm_enrol_may(const wm_enrol_facts_t *f, int64_t now_ms)
{
    if (f->event.state != WM_EVENT_PUBLISHED) {
        return WM_VERDICT_STATE;
    }

    if (f->staff) {
        return now_ms < f->event.end_ms ? WM_VERDICT_OK
                                        : WM_VERDICT_ENROL_OVER;
    }

    switch (wm_enrol_window(&f->event, &f->seats, now_ms)) {

    case WM_ENROL_OPEN:
    case WM_ENROL_FULL:
        return WM_VERDICT_OK;

    case WM_ENROL_EARLY:
        return WM_VERDICT_ENROL_EARLY;

    case WM_ENROL_NOT_ASKED:
        return WM_VERDICT_NO_ENROL;

    default:
        return WM_VERDICT_ENROL_OVER;
    }
}


/* ---- writing */

static wm_str_t
wm_enrol_key(wm_commit_t *c, const char *what, const wm_event_t *event)
{
    return wm_key(c->pool, c->district, "%s:%.*s", what, wm_fmt(event->id));
}


static wm_str_t
wm_enrol_record(wm_pool_t *pool, const wm_enrol_t *e)
{
    return wm_printf(pool, "%c:%" PRId64 ":%" PRId64 ":%" PRId64 ":%.*s",
                     wm_enrol_states[e->state].letter, e->seats, e->since_ms,
                     e->until_ms, wm_fmt(e->by));
}


static wm_str_t
wm_enrol_int(wm_commit_t *c, int64_t n)
{
    return wm_printf(c->pool, "%" PRId64, n);
}


static void
wm_enrol_need_event(wm_commit_t *c, const wm_event_t *event)
{
    wm_need(c, HEQ, wm_enrol_key(c, "event", event), wm_lit("version"),
            event->version);
}


/* "": there is no such record. */

static void
wm_enrol_need_record(wm_commit_t *c, const wm_event_t *event,
    wm_str_t person, const wm_enrol_t *enrol)
{
    wm_need(c, HEQ, wm_enrol_key(c, "enrol", event), person,
            enrol->text.data != NULL ? enrol->text : wm_lit(""));
}


static void
wm_enrol_need_taken(wm_commit_t *c, const wm_event_t *event,
    const wm_seats_t *seats)
{
    wm_need(c, HEQ, wm_enrol_key(c, "seats", event), wm_lit("taken"),
            seats->taken_text.data != NULL ? seats->taken_text : wm_lit(""));
}


/* ---- enrolling */

/* From the start on a worker seats who is there, whoever waits elsewhere. */

static bool
wm_enrol_is_queue_over(const wm_enrol_facts_t *f, int64_t now_ms)
{
    return f->staff && now_ms >= f->event.start_ms;
}


/*
 * The conditions say just what the decision rests on, so that a race is lost
 * only when it would be another now: seated while it fits and nobody waits,
 * in the queue while somebody waits or it does not fit.
 */

static void
wm_enrol_seat(wm_commit_t *c, const wm_enrol_facts_t *f, int64_t held)
{
    wm_str_t  seats;

    seats = wm_enrol_key(c, "seats", &f->event);

    if (!wm_enrol_is_queue_over(f, c->now_ms)) {
        wm_need(c, ZCARD, wm_enrol_key(c, "wait", &f->event), wm_lit("1"));
    }

    if (f->event.capacity > 0) {
        wm_need(c, HBELOW, seats, wm_lit("taken"),
                wm_enrol_int(c, f->event.capacity - f->wanted + held + 1));
    }

    wm_do(c, HINCRBY, seats, wm_lit("taken"),
          wm_enrol_int(c, f->wanted - held));
}


static void
wm_enrol_queue(wm_commit_t *c, const wm_enrol_facts_t *f, int64_t held)
{
    wm_str_t  wait;

    wait = wm_enrol_key(c, "wait", &f->event);

    if (f->seats.waiting > 0) {
        wm_need(c, EXISTS, wait);

    } else {
        wm_enrol_need_taken(c, &f->event, &f->seats);
    }

    wm_do(c, HINCRBY, wm_enrol_key(c, "seats", &f->event), wm_lit("seq"),
          wm_lit("1"));
    wm_do(c, ZADD, wait, wm_reply_of(1), wm_str(f->person.id));

    if (held > 0) {
        wm_do(c, HINCRBY, wm_enrol_key(c, "seats", &f->event),
              wm_lit("taken"), wm_enrol_int(c, -held));
    }
}


bool
wm_enrol_holds(const wm_enrol_t *enrol, int64_t now_ms)
{
    return enrol->state == WM_ENROL_SEATED
           || enrol->state == WM_ENROL_WAITING
           || (enrol->state == WM_ENROL_OFFERED
               && !wm_enrol_has_run_out(enrol, now_ms));
}


static void
wm_enrol_write(wm_commit_t *c, const wm_enrol_facts_t *f, bool seated)
{
    wm_enrol_t  done = { .seats = f->wanted, .since_ms = c->now_ms,
                         .by = f->by };

    done.state = seated ? WM_ENROL_SEATED : WM_ENROL_WAITING;

    wm_do(c, HSET, wm_enrol_key(c, "enrol", &f->event), wm_str(f->person.id),
          wm_enrol_record(c->pool, &done));

    if (!f->staff) {
        wm_do(c, HSET, wm_key(c->pool, c->district, "dev:%.*s",
                              wm_fmt(f->by)),
              wm_printf(c->pool, "e:%.*s:%s", wm_fmt(f->event.id),
                        f->person.id),
              wm_enrol_int(c, c->now_ms));
    }
}


int64_t
wm_enrol_most(const wm_enrol_facts_t *f)
{
    int64_t  most, all;

    most = f->staff ? WM_EVENT_GROUP : wm_enrol_group(&f->event);
    all = wm_seats_free(&f->event, 0);

    return most < all ? most : all;
}


wm_verdict_t
wm_enrol_add(wm_commit_t *c, const wm_realm_t *realm, wm_enrol_facts_t *f)
{
    bool          seated;
    int64_t       held;
    wm_verdict_t  v;

    if (wm_enrol_holds(&f->old, c->now_ms)) {
        return WM_VERDICT_OK;
    }

    v = wm_enrol_may(f, c->now_ms);
    if (v != WM_VERDICT_OK) {
        return v;
    }

    if (f->wanted < 1 || f->wanted > wm_enrol_most(f)) {
        return WM_VERDICT_INVALID;
    }

    /* seats of an offer that has run out, if nobody has ended it yet */

    held = f->old.state == WM_ENROL_OFFERED ? f->old.seats : 0;

    seated = (f->seats.waiting == 0 || wm_enrol_is_queue_over(f, c->now_ms))
             && wm_seats_free(&f->event, f->seats.taken - held) >= f->wanted;

    wm_enrol_need_event(c, &f->event);
    wm_enrol_need_record(c, &f->event, wm_str(f->person.id), &f->old);

    if (seated) {
        wm_enrol_seat(c, f, held);

    } else {
        wm_enrol_queue(c, f, held);
    }

    if (held > 0) {
        wm_do(c, ZREM, wm_enrol_key(c, "offers", &f->event),
              wm_str(f->person.id));
    }

    wm_person_keep(c, realm, &f->person);

    wm_enrol_write(c, f, seated);

    return WM_VERDICT_CREATED;
}


/* ---- those who ordered the event */

typedef struct {
    wm_str_t           person;
    int64_t            seats;
    const wm_order_t  *order;           /* the person's first */
} wm_asker_t;


static wm_asker_t *
wm_enrol_asker(wm_asker_t *askers, size_t n, wm_str_t person)
{
    size_t  i;

    for (i = 0; i < n && !wm_eq(askers[i].person, person); i++) {
        /* void */
    }

    return &askers[i];
}


/* Who asked, the first order first; how many. */

static size_t
wm_enrol_askers(const wm_event_t *event, const wm_order_t *orders,
    wm_asker_t *askers)
{
    size_t             i, at, n;
    wm_asker_t         moved;
    const wm_order_t  *o;

    for (i = 0, n = 0; i < event->norders; i++) {
        o = &orders[i];

        if (o->person.len != WM_ID_LEN
            || (!wm_event_takes_order(event, o)
                && !(o->state == WM_ORDER_SCHEDULED
                     && wm_eq(o->event, event->id))))
        {
            continue;
        }

        moved = (wm_asker_t) { o->person, 0, o };
        at = (size_t) (wm_enrol_asker(askers, n, o->person) - askers);

        if (at < n) {
            moved = askers[at];
            moved.order = o->made_ms < moved.order->made_ms ? o
                                                            : moved.order;

        } else {
            n++;
        }

        moved.seats += o->head_count > 0 ? o->head_count : 1;

        for (/* void */;
             at > 0 && askers[at - 1].order->made_ms > moved.order->made_ms;
             at--)
        {
            askers[at] = askers[at - 1];
        }

        askers[at] = moved;
    }

    return n;
}


/* Who ordered by phone has no device, but a worker who wrote it down. */

static wm_str_t
wm_enrol_asked_by(wm_commit_t *c, const wm_order_t *order)
{
    return order->device.len > 0 ? order->device
           : order->by.len > 0 ? wm_staff_actor(c->pool, order->by)
           : c->actor;
}


static void
wm_enrol_asker_write(wm_commit_t *c, const wm_event_t *event,
    const wm_asker_t *a, wm_enrol_state_t state)
{
    wm_str_t    device = a->order->device;
    wm_enrol_t  done = { .state = state, .seats = a->seats,
                         .since_ms = a->order->made_ms };

    done.by = wm_enrol_asked_by(c, a->order);

    wm_do(c, HSET, wm_enrol_key(c, "enrol", event), a->person,
          wm_enrol_record(c->pool, &done));

    if (device.len > 0) {
        wm_do(c, HSET,
              wm_key(c->pool, c->district, "dev:%.*s", wm_fmt(device)),
              wm_printf(c->pool, "e:%.*s:%.*s", wm_fmt(event->id),
                        wm_fmt(a->person)),
              wm_enrol_int(c, c->now_ms));
    }
}


void
wm_enrol_requesters(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders)
{
    size_t       i, n;
    int64_t      taken, seq;
    wm_str_t     seats;
    wm_asker_t   askers[WM_EVENT_ORDERS];

    n = wm_enrol_is_offered(event) ? wm_enrol_askers(event, orders, askers)
                                   : 0;
    if (n == 0) {
        return;
    }

    for (i = 0, taken = 0, seq = 0; i < n; i++) {
        if (askers[i].seats > wm_seats_free(event, 0)) {
            askers[i].seats = wm_seats_free(event, 0);
        }

        if (seq == 0 && askers[i].seats <= wm_seats_free(event, taken)) {
            taken += askers[i].seats;
            wm_enrol_asker_write(c, event, &askers[i], WM_ENROL_SEATED);
            continue;
        }

        wm_do(c, ZADD, wm_enrol_key(c, "wait", event),
              wm_enrol_int(c, ++seq), askers[i].person);
        wm_enrol_asker_write(c, event, &askers[i], WM_ENROL_WAITING);
    }

    seats = wm_enrol_key(c, "seats", event);
    wm_need(c, ABSENT, seats);
    wm_do(c, HSET, seats, wm_lit("taken"), wm_enrol_int(c, taken),
          wm_lit("seq"), wm_enrol_int(c, seq));
}


/* ---- what becomes free goes to the next */

bool
wm_enrol_is_stale(const wm_event_t *event, const wm_seats_t *seats, bool due,
    int64_t now_ms)
{
    return event->state == WM_EVENT_PUBLISHED && now_ms < event->end_ms
           && (due || (now_ms < event->start_ms && seats->waiting > 0
                       && wm_seats_free(event, seats->taken) > 0));
}


/* What one commit does to a list. */

typedef struct {
    const wm_list_t  *list;
    wm_buf_t          records;          /* of wm_str_t: person, record, ... */
    wm_buf_t          leaving;          /* who is taken off the queue */
    int64_t           taken;            /* after all of it */
    size_t            seen;             /* of the queue, still there */
    bool              moved;
} wm_moves_t;


static void
wm_moves_init(wm_moves_t *m, wm_commit_t *c, const wm_list_t *list)
{
    memset(m, 0, sizeof(wm_moves_t));

    m->list = list;
    m->taken = list->seats.taken;

    wm_buf_init(&m->records, c->pool, 4 * sizeof(wm_str_t));
    wm_buf_init(&m->leaving, c->pool, 2 * sizeof(wm_str_t));
}


static void
wm_moves_push(wm_buf_t *b, wm_str_t s)
{
    wm_put(b, (wm_str_t) { sizeof(wm_str_t), (const char *) &s });
}


/* A person's record changes; what it was stands in a condition. */

static void
wm_moves_change(wm_commit_t *c, wm_moves_t *m, const wm_queued_t *who,
    wm_enrol_state_t state, int64_t until_ms)
{
    wm_enrol_t         done = who->enrol;
    const wm_event_t  *event = &m->list->event;

    wm_enrol_need_record(c, event, who->person, &who->enrol);

    done.state = state;
    done.until_ms = until_ms;

    if (who->enrol.state == WM_ENROL_WAITING) {
        wm_moves_push(&m->leaving, who->person);

    } else if (who->enrol.state == WM_ENROL_OFFERED) {
        wm_do(c, ZREM, wm_enrol_key(c, "offers", event), who->person);
    }

    if (state == WM_ENROL_OFFERED) {
        wm_do(c, ZADD, wm_enrol_key(c, "offers", event),
              wm_enrol_int(c, until_ms), who->person);
    }

    wm_moves_push(&m->records, who->person);
    wm_moves_push(&m->records, wm_enrol_record(c->pool, &done));
    m->moved = true;
}


static void
wm_moves_give_back(wm_commit_t *c, wm_moves_t *m, const wm_queued_t *who,
    wm_enrol_state_t state)
{
    if (who->enrol.state == WM_ENROL_WAITING) {
        m->seen++;

    } else {
        m->taken -= who->enrol.seats;
    }

    wm_moves_change(c, m, who, state, 0);
}


/* Who was enrolled by a worker has no device to accept an offer with. */

static void
wm_moves_serve(wm_commit_t *c, wm_moves_t *m, const wm_queued_t *who)
{
    int64_t           until_ms;
    const wm_list_t  *list = m->list;

    m->taken += who->enrol.seats;

    if (list->event.start_ms - c->now_ms > list->offers.before_ms
        || wm_starts(who->enrol.by, "staff:"))
    {
        wm_moves_change(c, m, who, WM_ENROL_SEATED, 0);
        return;
    }

    until_ms = c->now_ms + list->offers.hold_ms;

    if (until_ms > list->event.start_ms) {
        until_ms = list->event.start_ms;
    }

    wm_moves_change(c, m, who, WM_ENROL_OFFERED, until_ms);
}


/*
 * Serves the queue in its order, without who is leaving.  The conditions: it
 * is still the same up to the first who does not fit, or as long as it was.
 */

static void
wm_moves_serve_all(wm_commit_t *c, wm_moves_t *m, const wm_queued_t *leaver)
{
    size_t              i, served;
    const wm_list_t    *list = m->list;
    const wm_queued_t  *q;

    for (i = 0, served = 0; i < list->nqueue; i++) {
        q = &list->queue[i];

        if (q->enrol.state != WM_ENROL_WAITING
            || (leaver != NULL && wm_eq(q->person, leaver->person)))
        {
            continue;
        }

        if (served == WM_ENROL_MOVE
            || q->enrol.seats > wm_seats_free(&list->event, m->taken))
        {
            wm_enrol_need_record(c, &list->event, q->person, &q->enrol);
            return;
        }

        wm_moves_serve(c, m, q);
        m->seen++;
        served++;
    }

    if (!list->cut) {
        wm_need(c, ZCARD, wm_enrol_key(c, "wait", &list->event),
                wm_enrol_int(c, (int64_t) m->seen + 1));
    }
}


static void
wm_moves_write(wm_commit_t *c, wm_moves_t *m)
{
    const wm_event_t  *event = &m->list->event;

    c->failed |= m->records.failed || m->leaving.failed;

    if (c->failed) {
        return;
    }

    if (m->records.len > 0) {
        wm_commit_add_effect(c, false, WM_DO_HSET,
                             wm_enrol_key(c, "enrol", event),
                             (wm_str_t *) (void *) m->records.data,
                             m->records.len / sizeof(wm_str_t));
    }

    if (m->leaving.len > 0) {
        wm_commit_add_effect(c, false, WM_DO_ZREM,
                             wm_enrol_key(c, "wait", event),
                             (wm_str_t *) (void *) m->leaving.data,
                             m->leaving.len / sizeof(wm_str_t));
    }

    if (m->taken != m->list->seats.taken) {
        wm_do(c, HINCRBY, wm_enrol_key(c, "seats", event), wm_lit("taken"),
              wm_enrol_int(c, m->taken - m->list->seats.taken));
    }
}


/*
 * Ends offers that have run out, until the end: a worker may give the seats to
 * who is there.  Serves who waits, until the start.
 */

static void
wm_moves_settle(wm_commit_t *c, wm_moves_t *m, const wm_queued_t *leaver)
{
    size_t              i;
    const wm_list_t    *list = m->list;
    const wm_queued_t  *q;

    if (list->event.state != WM_EVENT_PUBLISHED
        || c->now_ms >= list->event.end_ms)
    {
        return;
    }

    for (i = 0; i < list->ndue && i < WM_ENROL_DUE; i++) {
        q = &list->due[i];

        if (wm_enrol_has_run_out(&q->enrol, c->now_ms)
            && (leaver == NULL || !wm_eq(q->person, leaver->person)))
        {
            wm_moves_give_back(c, m, q, WM_ENROL_DECLINED);
        }
    }

    if (c->now_ms >= list->event.start_ms) {
        return;
    }

    /* without a queue it does not matter how many seats there are */

    if (list->nqueue > 0) {
        wm_enrol_need_event(c, &list->event);
        wm_enrol_need_taken(c, &list->event, &list->seats);
    }

    wm_moves_serve_all(c, m, leaver);
}


bool
wm_enrol_settle(wm_commit_t *c, const wm_list_t *list)
{
    wm_moves_t  m;

    wm_moves_init(&m, c, list);
    wm_moves_settle(c, &m, NULL);
    wm_moves_write(c, &m);

    return m.moved;
}


void
wm_enrol_keep(wm_commit_t *c, const wm_event_t *event, wm_str_t person,
    const wm_enrol_t *enrol)
{
    wm_enrol_t  done = *enrol;

    done.state = WM_ENROL_SEATED;
    done.until_ms = 0;

    wm_do(c, HSET, wm_enrol_key(c, "enrol", event), person,
          wm_enrol_record(c->pool, &done));
    wm_do(c, ZREM, wm_enrol_key(c, "offers", event), person);
}


/* ---- cancelling, accepting, declining */

static wm_verdict_t
wm_enrol_act_may(const wm_list_t *list, const wm_enrol_t *e,
    wm_enrol_act_t act, bool staff, int64_t now_ms, bool *nothing)
{
    wm_enrol_state_t  wanted;

    static const wm_enrol_state_t  after[] = {
        WM_ENROL_CANCELLED, WM_ENROL_SEATED, WM_ENROL_DECLINED
    };

    wanted = after[act];
    *nothing = e->state == wanted;

    if (*nothing) {
        return WM_VERDICT_OK;
    }

    if (list->event.state != WM_EVENT_PUBLISHED) {
        return WM_VERDICT_STATE;
    }

    if (!staff && now_ms >= list->event.start_ms) {
        return WM_VERDICT_ENROL_OVER;
    }

    if (wm_enrol_has_run_out(e, now_ms)) {
        return WM_VERDICT_OFFER_OVER;
    }

    if (act == WM_ENROL_CANCEL) {
        return wm_enrol_holds(e, now_ms) ? WM_VERDICT_OK : WM_VERDICT_STATE;
    }

    return e->state == WM_ENROL_OFFERED ? WM_VERDICT_OK : WM_VERDICT_STATE;
}


wm_verdict_t
wm_enrol_act(wm_commit_t *c, const wm_list_t *list, const wm_queued_t *who,
    wm_enrol_act_t act, wm_str_t device, bool *nothing)
{
    wm_moves_t    m;
    wm_verdict_t  v;

    *nothing = false;

    if (who->enrol.state == WM_ENROL_NONE
        || (device.data != NULL && !wm_eq(who->enrol.by, device)))
    {
        return WM_VERDICT_NOT_FOUND;
    }

    v = wm_enrol_act_may(list, &who->enrol, act, device.data == NULL,
                         c->now_ms, nothing);

    if (v != WM_VERDICT_OK || *nothing) {
        return v;
    }

    wm_moves_init(&m, c, list);

    /* whoever is in the room already does not give his seat away */

    if (act != WM_ENROL_ACCEPT && device.data != NULL) {
        wm_need(c, HABSENT, wm_enrol_key(c, "att", &list->event),
                who->person);
    }

    if (act == WM_ENROL_ACCEPT) {
        wm_moves_change(c, &m, who, WM_ENROL_SEATED, 0);

    } else {
        wm_moves_give_back(c, &m, who, act == WM_ENROL_CANCEL
                                       ? WM_ENROL_CANCELLED
                                       : WM_ENROL_DECLINED);
        wm_moves_settle(c, &m, who);
    }

    wm_moves_write(c, &m);

    return WM_VERDICT_OK;
}


bool
wm_enrol_field(wm_str_t field, wm_str_t *event, wm_str_t *person)
{
    if (!wm_starts(field, "e:")) {
        return false;
    }

    *person = (wm_str_t) { field.len - 2, field.data + 2 };

    return wm_split(person, ':', event) && event->len > 0
           && person->len == WM_ID_LEN;
}
