/*
 * Records and answers of a Redis that says anything at all: what is read of
 * them, and what the rules then make of it.
 */

#include "fuzz.h"
#include "../../cli/cli.h"
#include "wm_attend.h"
#include "wm_order_life.h"
#include "wm_staff.h"
#include "wm_time.h"


static void
fuzz_encode(wm_commit_t *c)
{
    size_t     argc;
    wm_str_t  *argv;

    if (wm_commits_encode(c->pool, &c, 1, &argv, &argc)) {
        fuzz_check(argc >= 3 + 2 + 1 + WM_COMMIT_WORDS);
    }
}


static wm_commit_t *
fuzz_commit(wm_pool_t *pool, wm_op_t op)
{
    wm_commit_t  *c;

    c = wm_commit_new(pool, fuzz_realm.district, op, wm_lit("tester"),
                      FUZZ_NOW);
    fuzz_check(c != NULL);

    return c;
}


static void
fuzz_attend(wm_pool_t *pool, const wm_event_t *event, wm_str_t record,
    uint8_t how)
{
    wm_commit_t        *c;
    wm_attend_t         done = { 0 };
    wm_attend_facts_t   f = { .event = *event, .record = record };

    f.out = how & 1;
    f.how = (wm_assurance_t) (1 + (how >> 1) % 3);
    f.by = wm_lit("7");
    f.person.known = true;
    strcpy(f.person.id, "0123456789ABCDEF");

    c = fuzz_commit(pool, WM_OP_CHECK_IN);

    if (wm_attend_check(c, &fuzz_realm, &f, &done) == WM_VERDICT_CREATED) {
        fuzz_encode(c);
        fuzz_check(event->state == WM_EVENT_PUBLISHED);
    }
}


static void
fuzz_event(wm_pool_t *pool, fuzz_in_t *in)
{
    bool          nothing;
    char          text[WM_TIME_TEXT];
    size_t        i;
    wm_order_t    orders[WM_EVENT_ORDERS];
    wm_deadlines_t  deadlines = { { 0, 60, 60, 60 } };
    wm_event_t    event, other;
    wm_commit_t  *c;

    if (!wm_event_load(fuzz_hash(in), wm_lit("20261"), &event)) {
        return;
    }

    fuzz_check(event.norders <= WM_EVENT_ORDERS && event.number == 20261);

    (void) wm_event_is_public(&event);
    wm_time_human(event.start_ms, FUZZ_OFFSET, text);

    /* what pages do with the times */

    fuzz_check(event.start_ms + WM_DAY_MS > 0 && event.end_ms + WM_DAY_MS > 0);

    memset(orders, 0, sizeof(orders));

    for (i = 0; i < WM_EVENT_ORDERS; i++) {
        orders[i].id = wm_lit("O");
        orders[i].state = fuzz_byte(in) & 1 ? WM_ORDER_SUBMITTED
                                            : WM_ORDER_SCHEDULED;
    }

    c = fuzz_commit(pool, WM_OP_EVENT_PUBLISH);
    (void) wm_event_publish(c, &event, orders, wm_lit("/"), &nothing);
    fuzz_encode(c);

    c = fuzz_commit(pool, WM_OP_EVENT_CANCEL);
    (void) wm_event_cancel(c, &event, orders, &deadlines, &nothing);
    fuzz_encode(c);

    if (wm_event_load(fuzz_hash(in), wm_lit("20261"), &other)) {
        c = fuzz_commit(pool, WM_OP_EVENT_CHANGE);
        (void) wm_event_change(c, &event, &other);
        fuzz_encode(c);
    }

    fuzz_attend(pool, &event, wm_reply_str(fuzz_reply(in, 0)), fuzz_byte(in));
}


/* Whatever the log holds: read, and every step taken from there. */

static void
fuzz_steps(wm_pool_t *pool, const wm_order_t *order)
{
    unsigned           i;
    wm_str_t           log = order->log;
    wm_commit_t       *c;
    wm_order_by_t      by = { .device = order->device, .event = wm_lit("7"),
                              .rater = order->person, .tool = true };
    wm_order_args_t    args = { wm_lit("t9"), wm_lit("R"), wm_lit("N"), 1,
                                FUZZ_OFFSET, { { 0, 60, 60, 60 } } };
    wm_order_entry_t   e;

    while (wm_order_log_next(&log, &e)) {
        fuzz_check(e.at_ms >= 0 && e.at_ms <= WM_TIME_MAX);
        (void) wm_order_log_by(pool, e.actor);
    }

    for (i = 0; i < WM_ORDER_DO_MAX; i++) {
        c = fuzz_commit(pool, WM_OP_ORDER_EXPIRE);

        if (wm_order_act(c, order, (wm_order_action_t) i, &by, &args)
            == WM_VERDICT_OK)
        {
            fuzz_encode(c);
        }
    }
}


static void
fuzz_order(wm_pool_t *pool, fuzz_in_t *in)
{
    bool          nothing;
    wm_order_t    order;
    wm_commit_t  *c;

    if (!wm_order_load(fuzz_hash(in), wm_lit("0123456789ABCDEF"), &order)) {
        return;
    }

    fuzz_check(wm_order_number(pool, order.made_ms, FUZZ_OFFSET,
                               order.running).len >= 10);

    c = fuzz_commit(pool, WM_OP_ORDER_CANCEL);
    (void) wm_order_cancel(c, &order, order.device, &nothing);
    fuzz_encode(c);
    fuzz_steps(pool, &order);
}


static void
fuzz_person(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_person_t  person = { .id = "0123456789ABCDEF" };

    if (wm_person_load(pool, &fuzz_realm, fuzz_hash(in), &person)) {
        fuzz_check(!person.known);      /* nobody guesses a wrapped key */
    }

    (void) wm_person_open(pool, &person, fuzz_rest(in));
}


static void
fuzz_staff(fuzz_in_t *in)
{
    wm_staff_t  staff;

    if (wm_staff_load(fuzz_hash(in), wm_lit("worker"), &staff)) {
        fuzz_check(staff.salt.len == 16 && staff.hash.len == 32);
        (void) wm_scope_covers(staff.path, wm_lit("/a/b/"));
    }

    if (wm_session_valid(fuzz_hash(in), &staff, FUZZ_NOW)) {
        fuzz_check(!staff.disabled);
    }
}


static void
fuzz_tree(fuzz_in_t *in)
{
    size_t               i;
    wm_entry_t           entry;
    wm_reply_t          *r;
    wm_event_t           event;
    wm_commit_result_t   result;

    r = fuzz_reply(in, 3);

    if (wm_commit_read(r, &result)) {
        for (i = 0; i < result.nreplies; i++) {
            (void) wm_reply_str(&result.replies[i]);
        }
    }

    (void) wm_event_load(r, wm_lit("7"), &event);

    if (wm_entry_load(r, &entry)) {
        fuzz_check(entry.hash.len == 40 && entry.number > 0);
    }
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_str_t     s, hash;
    uint32_t     number;
    uint64_t     n;
    wm_attend_t  attend;

    switch (fuzz_byte(in) % 6) {

    case 0:
        fuzz_event(pool, in);
        break;

    case 1:
        fuzz_order(pool, in);
        break;

    case 2:
        fuzz_person(pool, in);
        break;

    case 3:
        fuzz_staff(in);
        break;

    case 4:
        fuzz_tree(in);
        break;

    default:
        s = fuzz_rest(in);

        if (wm_attend_load(s, &attend)) {
            fuzz_check(attend.in_how != WM_ASSURANCE_NONE);
        }

        fuzz_check(!wm_event_number(s, &number) || number > 0);
        (void) wm_entry_head(s, &n, &hash);
    }
}
