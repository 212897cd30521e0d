#include "wm_places.h"

#include <inttypes.h>

#define WM_PLACES_QUEUE  (2 * WM_ENROL_MOVE)    /* read of those who wait */
#define WM_PLACES_TRIES  3


/* ---- reading a list */

static wm_queued_t *
wm_places_people(wm_web_t *w, const wm_reply_t *ids, size_t *n)
{
    size_t        i;
    wm_queued_t  *people;

    *n = ids->type == WM_REPLY_LIST ? ids->n : 0;
    people = wm_calloc(w->pool, (*n + 1) * sizeof(wm_queued_t));

    for (i = 0; people != NULL && i < *n; i++) {
        people[i].person = wm_reply_at(ids, i);
    }

    return people;
}


static void
wm_places_done(wm_web_t *w)
{
    wm_places_t  *p = w->state;

    w->state = p->outer;
    p->next(w);
}


static void
wm_places_records(wm_web_t *w)
{
    size_t        i;
    wm_list_t    *list;
    wm_places_t  *p = w->state;

    list = &p->list;

    for (i = 0; i < list->nqueue; i++) {
        (void) wm_enrol_load(wm_reply_str(&w->replies[i]),
                             &list->queue[i].enrol);
    }

    for (i = 0; i < list->ndue; i++) {
        (void) wm_enrol_load(wm_reply_str(&w->replies[list->nqueue + i]),
                             &list->due[i].enrol);
    }

    wm_places_done(w);
}


static void
wm_places_ask_records(wm_web_t *w, const wm_queued_t *people, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
               people[i].person);
    }
}


static void
wm_places_found(wm_web_t *w)
{
    wm_list_t    *list;
    wm_places_t  *p = w->state;

    list = &p->list;

    p->found = wm_event_load(&w->replies[0], w->id, &list->event);
    wm_seats_load(&w->replies[1], &w->replies[2], &list->seats);

    list->offers = w->site->offers;
    list->queue = wm_places_people(w, &w->replies[3], &list->nqueue);
    list->due = wm_places_people(w, &w->replies[4], &list->ndue);
    list->cut = list->nqueue == WM_PLACES_QUEUE;

    memset(&p->who.enrol, 0, sizeof(wm_enrol_t));

    if (w->nreplies > 5) {
        (void) wm_enrol_load(wm_reply_str(&w->replies[5]), &p->who.enrol);
    }

    if (list->queue == NULL || list->due == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!p->found || list->nqueue + list->ndue == 0) {
        wm_places_done(w);
        return;
    }

    wm_places_ask_records(w, list->queue, list->nqueue);
    wm_places_ask_records(w, list->due, list->ndue);
    wm_fetch(w, wm_places_records);
}


void
wm_places_read(wm_web_t *w, wm_places_t *places, wm_step_pt next)
{
    places->next = next;
    places->outer = w->state;
    w->state = places;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "seats:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)),
           wm_lit("0"), wm_printf(w->pool, "%d", WM_PLACES_QUEUE - 1));
    wm_ask(w, wm_lit("ZRANGEBYSCORE"),
           wm_web_key(w, "offers:%.*s", wm_fmt(w->id)), wm_lit("-inf"),
           wm_printf(w->pool, "%" PRId64, w->now_ms), wm_lit("LIMIT"),
           wm_lit("0"), wm_printf(w->pool, "%d", WM_ENROL_DUE));

    if (places->who.person.data != NULL) {
        wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
               places->who.person);
    }

    wm_fetch(w, wm_places_found);
}


/* ---- settling */

typedef struct {
    wm_places_t   places;
    wm_step_pt    next;
    void         *outer;
    unsigned      tries;
} wm_settling_t;

static void wm_places_settle_again(wm_web_t *w);


static void
wm_places_settled(wm_web_t *w)
{
    wm_settling_t  *s = w->state;

    w->state = s->outer;
    s->next(w);
}


static void
wm_places_settle_decide(wm_web_t *w)
{
    wm_str_t        actor;
    wm_commit_t    *c;
    wm_settling_t  *s = w->state;

    actor = wm_web_actor(w);
    c = actor.data != NULL
        ? wm_commit_new(w->pool, w->site->district, WM_OP_ENROL_SETTLE,
                        actor, w->now_ms) : NULL;
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (s->places.found && wm_enrol_settle(c, &s->places.list)) {
        wm_send(w, c, wm_places_settle_again, wm_places_settled);

    } else {
        wm_places_settled(w);
    }
}


/* Others are settling too: what is left is for whoever comes next. */

static void
wm_places_settle_again(wm_web_t *w)
{
    wm_settling_t  *s = w->state;

    if (s->tries++ == WM_PLACES_TRIES) {
        wm_places_settled(w);
        return;
    }

    wm_places_read(w, &s->places, wm_places_settle_decide);
}


void
wm_places_settle(wm_web_t *w, wm_step_pt next)
{
    wm_settling_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_settling_t));
    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    s->next = next;
    s->outer = w->state;
    w->state = s;

    wm_places_settle_again(w);
}


/* ---- counts */

void
wm_places_ask(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "seats:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("ZCOUNT"), wm_web_key(w, "offers:%.*s", wm_fmt(w->id)),
           wm_lit("-inf"), wm_printf(w->pool, "%" PRId64, w->now_ms));
}


bool
wm_places_due(const wm_reply_t *replies)
{
    return replies[2].type == WM_REPLY_INT && replies[2].num > 0;
}


/* ---- showing */

void
wm_show_enrolment(wm_web_t *w, wm_doc_t *doc, const wm_event_t *event,
    wm_str_t person, const wm_enrol_t *enrol, const wm_reply_t *rank)
{
    bool              waiting;
    wm_enrol_state_t  state;

    state = wm_enrol_now(enrol, event, w->now_ms);
    waiting = state == WM_ENROL_WAITING && rank->type == WM_REPLY_INT;

    wm_doc_str(doc, "event", event->id);
    wm_doc_str(doc, "title", event->title);
    wm_doc_str(doc, "person", person);
    wm_doc_text(doc, "status", wm_enrol_state_code(state));
    wm_doc_text(doc, "status_text", wm_enrol_state_text(state));
    wm_doc_int(doc, "seats", enrol->seats);
    wm_doc_int(doc, "position", waiting ? rank->num + 1 : 0);
    wm_doc_str(doc, "since", wm_show_iso(w, enrol->since_ms));
    wm_doc_str(doc, "since_text", wm_show_human(w, enrol->since_ms));
    wm_doc_str(doc, "until", wm_show_iso(w, enrol->until_ms));
    wm_doc_str(doc, "until_text", wm_show_human(w, enrol->until_ms));

    wm_doc_hide(wm_doc_bool(doc, "is_seated", state == WM_ENROL_SEATED));
    wm_doc_hide(wm_doc_bool(doc, "is_waiting", state == WM_ENROL_WAITING));
    wm_doc_hide(wm_doc_bool(doc, "is_offered", state == WM_ENROL_OFFERED));
    wm_doc_hide(wm_doc_bool(doc, "is_group", enrol->seats > 1));
}


void
wm_show_places(wm_web_t *w, const wm_event_t *event, const wm_seats_t *seats)
{
    wm_enrol_window_t  window;

    window = wm_enrol_window(event, seats, w->now_ms);

    wm_doc_int(w->doc, "taken", seats->taken);
    wm_doc_int(w->doc, "waiting", seats->waiting);
    wm_doc_text(w->doc, "enrolment", wm_enrol_window_code(window));
    wm_doc_text(w->doc, "enrolment_text", wm_enrol_window_text(window));
    wm_doc_str(w->doc, "enrol_from", wm_show_iso(w, event->enrol_from_ms));
    wm_doc_str(w->doc, "enrol_until", wm_show_iso(w, wm_enrol_until(event)));
    wm_doc_int(w->doc, "group_max", wm_enrol_group(event));
    wm_doc_bool(w->doc, "walk_in", !wm_event_needs_place(event));

    wm_doc_hide(wm_doc_str(w->doc, "enrol_from_text",
                           wm_show_human(w, event->enrol_from_ms)));
    wm_doc_hide(wm_doc_str(w->doc, "enrol_until_text",
                           wm_show_human(w, wm_enrol_until(event))));
    wm_doc_hide(wm_doc_bool(w->doc, "can_enrol",
                            window == WM_ENROL_OPEN
                            || window == WM_ENROL_FULL));
    wm_doc_hide(wm_doc_bool(w->doc, "is_full", window == WM_ENROL_FULL));
    wm_doc_hide(wm_doc_bool(w->doc, "enrol_early",
                            window == WM_ENROL_EARLY));
    wm_doc_hide(wm_doc_bool(w->doc, "enrol_offered",
                            window != WM_ENROL_NOT_ASKED
                            && window != WM_ENROL_GONE));
    wm_doc_hide(wm_doc_bool(w->doc, "is_group",
                            wm_enrol_group(event) > 1));
}
