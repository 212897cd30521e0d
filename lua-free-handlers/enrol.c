/* Enrolment: a place at an event, or one in its queue. */

#include "wm_places.h"
#include "wm_who.h"

#include <stdlib.h>

#define WM_ENROLMENTS_MAX  50           /* newest enrolments in the list */

static void wm_enrol_page(wm_web_t *w);
static void wm_enrol_post(wm_web_t *w);
static void wm_enrol_cancel(wm_web_t *w);
static void wm_enrol_accept(wm_web_t *w);
static void wm_enrol_decline(wm_web_t *w);
static void wm_enrol_mine(wm_web_t *w);

static const wm_field_t  wm_enrol_page_fields[] = {
    { "who",    WM_FIELD_TOKEN,   0,  1, 6 }
};

static const wm_field_t  wm_enrol_fields[] = {
    WM_WHO_FIELDS,
    { "seats",  WM_FIELD_NUMBER,  0,  1, WM_EVENT_GROUP }
};

static const wm_field_t  wm_enrol_act_fields[] = {
    { "person", WM_FIELD_TOKEN,   0,  1, WM_ID_LEN }
};

static const size_t  wm_enrol_page_nfields = wm_countof(wm_enrol_page_fields);
static const size_t  wm_enrol_nfields = wm_countof(wm_enrol_fields);
static const size_t  wm_enrol_act_nfields = wm_countof(wm_enrol_act_fields);

#define WM_ENROL_ACT_FIELDS  wm_enrol_act_fields, &wm_enrol_act_nfields

const wm_route_t  wm_enrol_routes[] = {
    { WM_GET, "enrol/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_enrol_page_fields, &wm_enrol_page_nfields, "enrol", wm_enrol_page,
      NULL, NULL },
    { WM_POST, "enrol/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_enrol_fields, &wm_enrol_nfields, "enrolled", wm_enrol_post,
      wm_enrol_page, "enrol" },
    { WM_POST, "api/events/{id}/enrol", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_enrol_fields, &wm_enrol_nfields, NULL, wm_enrol_post, NULL, NULL },
    { WM_POST, "enrol/{id}/cancel", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      WM_ENROL_ACT_FIELDS, NULL, wm_enrol_cancel, wm_enrol_mine,
      "enrolments" },
    { WM_POST, "api/events/{id}/enrol/cancel", WM_API, WM_ANYONE,
      WM_CAP_NONE, 0,
      WM_ENROL_ACT_FIELDS, NULL, wm_enrol_cancel, NULL, NULL },
    { WM_POST, "enrol/{id}/accept", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      WM_ENROL_ACT_FIELDS, NULL, wm_enrol_accept, wm_enrol_mine,
      "enrolments" },
    { WM_POST, "api/events/{id}/enrol/accept", WM_API, WM_ANYONE,
      WM_CAP_NONE, 0,
      WM_ENROL_ACT_FIELDS, NULL, wm_enrol_accept, NULL, NULL },
    { WM_POST, "enrol/{id}/decline", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_FORM,
      WM_ENROL_ACT_FIELDS, NULL, wm_enrol_decline, wm_enrol_mine,
      "enrolments" },
    { WM_POST, "api/events/{id}/enrol/decline", WM_API, WM_ANYONE,
      WM_CAP_NONE, 0,
      WM_ENROL_ACT_FIELDS, NULL, wm_enrol_decline, NULL, NULL },
    { WM_GET, "enrolments", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "enrolments", wm_enrol_mine, NULL, NULL },
    { WM_GET, "api/me/enrolments", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_enrol_mine, NULL, NULL }
};

const size_t  wm_enrol_nroutes = wm_countof(wm_enrol_routes);


static void
wm_enrol_ask_record(wm_web_t *w, wm_str_t person)
{
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
           person);
    wm_ask(w, wm_lit("ZRANK"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)),
           person);
}


/* ---- the page with the form */

/* Whoever has a place, or waits for one, needs no form. */

static void
wm_enrol_page_mine(wm_web_t *w, const wm_event_t *event)
{
    wm_doc_t    *mine;
    wm_enrol_t   enrol;

    if (!wm_enrol_load(wm_reply_str(&w->replies[4]), &enrol)
        || !wm_is(enrol.by, w->device_id))
    {
        return;
    }

    switch (wm_enrol_now(&enrol, event, w->now_ms)) {

    case WM_ENROL_SEATED:
    case WM_ENROL_WAITING:
    case WM_ENROL_OFFERED:
        mine = wm_doc_obj(w->doc, "mine");
        wm_doc_hide(mine);
        wm_show_enrolment(w, mine, event, wm_web_person(w), &enrol,
                          &w->replies[5]);
        break;

    default:
        break;
    }
}


static void
wm_enrol_page_show(wm_web_t *w)
{
    wm_str_t     who = wm_input(&w->input, "who")->text;
    wm_event_t   event;
    wm_seats_t   seats;

    if (!wm_event_load_public(&w->replies[0], w->id, &event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_seats_load(&w->replies[1], &w->replies[2], &seats);
    wm_show_event(w, w->doc, &event, false);
    wm_show_places(w, &event, &seats);

    if (wm_who_greet(w, w->nreplies > 6 ? &w->replies[6] : NULL)) {
        wm_enrol_page_mine(w, &event);
    }

    wm_doc_str(w->doc, "who", who);
    wm_doc_bool(w->doc, "family", wm_is(who, "family"));

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_enrol_page(wm_web_t *w)
{
    wm_str_t  person = wm_web_person(w);

    w->event = w->id;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_places_ask(w);
    wm_enrol_ask_record(w, person.data != NULL ? person : wm_lit("-"));
    wm_who_ask(w, wm_input(&w->input, "who")->text);

    wm_fetch(w, wm_enrol_page_show);
}


/* ---- enrolling */

typedef struct {
    wm_enrol_facts_t   facts;
    wm_str_t           who;             /* me, new, family */
    wm_str_t           person_id;       /* from the cookie */
    bool               settled;
    bool               counted;
    bool               shown;
} wm_enrolling_t;

static void wm_enrol_ask(wm_web_t *w);


/* replies: the person's record, the place in the queue */

static void
wm_enrol_show(wm_web_t *w, const wm_reply_t *replies)
{
    wm_enrol_t       enrol;
    wm_enrolling_t  *s = w->state;

    (void) wm_enrol_load(wm_reply_str(&replies[0]), &enrol);

    wm_show_enrolment(w, w->doc, &s->facts.event, wm_str(s->facts.person.id),
                      &enrol, &replies[1]);
    wm_doc_str(w->doc, "name", s->facts.person.name);
    wm_doc_hide(wm_doc_str(w->doc, "when_text",
                           wm_show_human(w, s->facts.event.start_ms)));
    wm_doc_hide(wm_doc_str(w->doc, "place", s->facts.event.place));

    if (!wm_is(s->who, "family")) {
        wm_who_keep(w, &s->facts.person);
    }

    s->shown = true;
}


static void
wm_enrol_done_show(wm_web_t *w)
{
    wm_enrol_show(w, w->replies);
    wm_answer(w, WM_VERDICT_CREATED);
}


/* It took effect, now or before: what has become of it, is told. */

static void
wm_enrol_done(wm_web_t *w)
{
    wm_enrolling_t  *s = w->state;

    if (s->shown) {
        wm_answer(w, WM_VERDICT_CREATED);
        return;
    }

    wm_enrol_ask_record(w, wm_str(s->facts.person.id));
    wm_fetch(w, wm_enrol_done_show);
}


static void
wm_enrol_apply(wm_web_t *w, wm_enrolling_t *s)
{
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = wm_begin(w, WM_OP_ENROL);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_enrol_add(c, &w->site->realm, &s->facts);

    if (v == WM_VERDICT_CREATED) {
        wm_send(w, c, wm_enrol_ask, wm_enrol_done);
        return;
    }

    if (v == WM_VERDICT_OK) {
        wm_enrol_show(w, &w->replies[4]);

    } else if (v == WM_VERDICT_INVALID) {
        wm_input_fail_above(&w->input, "seats",
                            wm_enrol_most(&s->facts));
    }

    wm_refuse(w, v, wm_enrol_done);
}


static void
wm_enrol_decide(wm_web_t *w)
{
    wm_verdict_t       may;
    wm_enrolling_t    *s = w->state;
    wm_enrol_facts_t  *f = &s->facts;

    if (!wm_event_load_public(&w->replies[0], w->id, &f->event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_seats_load(&w->replies[1], &w->replies[2], &f->seats);

    if (!s->settled
        && wm_enrol_is_stale(&f->event, &f->seats,
                             wm_places_due(&w->replies[1]), w->now_ms))
    {
        s->settled = true;
        wm_places_settle(w, wm_enrol_ask);
        return;
    }

    if (!wm_who_is_read(w, s->who, &w->replies[6], &f->person)) {
        return;
    }

    may = s->counted ? WM_VERDICT_OK
                     : wm_take(w, WM_LIMIT_ENROL, f->person.id);

    if (may != WM_VERDICT_OK) {
        wm_refuse(w, may, wm_enrol_done);
        return;
    }

    s->counted = true;
    (void) wm_enrol_load(wm_reply_str(&w->replies[4]), &f->old);
    wm_enrol_apply(w, s);
}


static void
wm_enrol_ask(wm_web_t *w)
{
    wm_str_t         person;
    wm_enrolling_t  *s = w->state;

    person = wm_str(s->facts.person.id);

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_places_ask(w);
    wm_enrol_ask_record(w, person);
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%.*s", wm_fmt(person)));
    wm_fetch(w, wm_enrol_decide);
}


static void
wm_enrol_post(wm_web_t *w)
{
    wm_value_t      *seats = wm_input(&w->input, "seats");
    wm_enrolling_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_enrolling_t));

    if (s == NULL || !wm_web_device(w)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = s;
    w->event = w->id;

    s->who = wm_input(&w->input, "who")->text;
    s->person_id = wm_web_person(w);

    if (!wm_who_is_meant(w, &s->who, &s->facts.person)
        || !wm_who_owns_key(w, wm_str(s->facts.person.id)))
    {
        wm_answer(w, wm_input_ok(&w->input) ? WM_VERDICT_INTERNAL
                                            : WM_VERDICT_INVALID);
        return;
    }

    s->facts.by = wm_str(w->device_id);
    s->facts.wanted = seats->text.len > 0 ? seats->num : 1;

    wm_enrol_ask(w);
}


/* ---- cancelling, accepting, declining */

typedef struct {
    wm_places_t      places;
    wm_enrol_act_t   act;
} wm_acting_t;

static void wm_enrol_act_again(wm_web_t *w);


static void
wm_enrol_acted_show(wm_web_t *w)
{
    wm_enrol_t    enrol;
    wm_acting_t  *a = w->state;

    (void) wm_enrol_load(wm_reply_str(&w->replies[0]), &enrol);

    wm_show_enrolment(w, w->doc, &a->places.list.event, a->places.who.person,
                      &enrol, &w->replies[1]);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_enrol_acted(wm_web_t *w)
{
    wm_acting_t  *a = w->state;

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("enrolments"));
        return;
    }

    wm_enrol_ask_record(w, a->places.who.person);
    wm_fetch(w, wm_enrol_acted_show);
}


static void
wm_enrol_offer_over(wm_web_t *w)
{
    wm_answer(w, WM_VERDICT_OFFER_OVER);
}


static void
wm_enrol_act_decide(wm_web_t *w)
{
    bool           nothing;
    wm_acting_t   *a = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    static const wm_op_t  ops[] = {
        WM_OP_ENROL_CANCEL, WM_OP_ENROL_ACCEPT, WM_OP_ENROL_DECLINE
    };

    c = wm_begin(w, ops[a->act]);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = a->places.found
        ? wm_enrol_act(c, &a->places.list, &a->places.who, a->act,
                       wm_str(w->device_id), &nothing)
        : WM_VERDICT_NOT_FOUND;

    if (v == WM_VERDICT_OFFER_OVER) {
        wm_places_settle(w, wm_enrol_offer_over);

    } else if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_enrol_acted(w);

    } else {
        wm_send(w, c, wm_enrol_act_again, wm_enrol_acted);
    }
}


static void
wm_enrol_act_again(wm_web_t *w)
{
    wm_acting_t  *a = w->state;

    wm_places_read(w, &a->places, wm_enrol_act_decide);
}


/* Whose place it is, is one command; the list around it may be hundreds. */

static void
wm_enrol_act_mine(wm_web_t *w)
{
    wm_enrol_t  enrol;

    if (!wm_enrol_load(wm_reply_str(&w->replies[0]), &enrol)
        || !wm_is(enrol.by, w->device_id))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_enrol_act_again(w);
}


static void
wm_enrol_act_begin(wm_web_t *w, wm_enrol_act_t act)
{
    wm_str_t      person;
    wm_acting_t  *a;

    person = wm_input(&w->input, "person")->text;
    if (person.len == 0) {
        person = wm_web_person(w);
    }

    w->event = w->id;

    if (!w->device_known || !wm_id_valid(person)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    a = wm_calloc(w->pool, sizeof(wm_acting_t));

    if (a == NULL || !wm_who_owns_key(w, person)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    a->act = act;
    a->places.who.person = person;
    w->state = a;

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
           person);
    wm_fetch(w, wm_enrol_act_mine);
}


static void
wm_enrol_cancel(wm_web_t *w)
{
    wm_enrol_act_begin(w, WM_ENROL_CANCEL);
}


static void
wm_enrol_accept(wm_web_t *w)
{
    wm_enrol_act_begin(w, WM_ENROL_ACCEPT);
}


static void
wm_enrol_decline(wm_web_t *w)
{
    wm_enrol_act_begin(w, WM_ENROL_DECLINE);
}


/* ---- the list of what this device enrolled */

#define WM_ENROL_ASKED  4               /* replies for each */

typedef struct {
    wm_str_t   event;
    wm_str_t   person;
    int64_t    since_ms;
} wm_mine_t;

typedef struct {
    size_t       n;
    wm_mine_t   *mine;
} wm_mine_list_t;


static void
wm_enrol_mine_item(wm_web_t *w, wm_doc_t *items, const wm_mine_t *mine,
    const wm_reply_t *replies)
{
    bool               before;
    wm_doc_t          *item;
    wm_event_t         event;
    wm_enrol_t         enrol;
    wm_person_t        person;
    wm_enrol_state_t   state;

    if (!wm_event_load(&replies[0], mine->event, &event)
        || !wm_enrol_load(wm_reply_str(&replies[1]), &enrol)
        || !wm_is(enrol.by, w->device_id))
    {
        return;
    }

    memset(&person, 0, sizeof(wm_person_t));
    memcpy(person.id, mine->person.data, WM_ID_LEN);

    item = wm_doc_item(items);
    wm_show_enrolment(w, item, &event, mine->person, &enrol, &replies[2]);
    wm_who_show(w, &replies[3], &person);
    wm_doc_str(item, "name", person.name);
    wm_doc_str(item, "start", wm_show_iso(w, event.start_ms));
    wm_doc_str(item, "start_text", wm_show_human(w, event.start_ms));
    wm_doc_str(item, "place", event.place);

    state = wm_enrol_now(&enrol, &event, w->now_ms);
    before = w->now_ms < event.start_ms;

    wm_doc_hide(wm_doc_bool(item, "can_cancel", before
                            && (state == WM_ENROL_SEATED
                                || state == WM_ENROL_WAITING)));
    wm_doc_hide(wm_doc_bool(item, "can_accept",
                            before && state == WM_ENROL_OFFERED));
}


static void
wm_enrol_mine_show(wm_web_t *w)
{
    size_t           i;
    wm_doc_t        *items;
    wm_mine_list_t  *list = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < list->n; i++) {
        wm_enrol_mine_item(w, items, &list->mine[i],
                           &w->replies[i * WM_ENROL_ASKED]);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static int
wm_enrol_newer(const void *a, const void *b)
{
    const wm_mine_t  *x = a, *y = b;

    return x->since_ms < y->since_ms ? 1 : x->since_ms > y->since_ms ? -1 : 0;
}


static void
wm_enrol_mine_ask(wm_web_t *w, const wm_mine_t *mine)
{
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "event:%.*s", wm_fmt(mine->event)));
    wm_ask(w, wm_lit("HGET"),
           wm_web_key(w, "enrol:%.*s", wm_fmt(mine->event)), mine->person);
    wm_ask(w, wm_lit("ZRANK"),
           wm_web_key(w, "wait:%.*s", wm_fmt(mine->event)), mine->person);
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%.*s", wm_fmt(mine->person)));
}


static void
wm_enrol_mine_found(wm_web_t *w)
{
    size_t           i;
    uint64_t         ms;
    wm_mine_t       *mine;
    wm_reply_t      *dev = &w->replies[0];
    wm_mine_list_t  *list;

    list = wm_calloc(w->pool, sizeof(wm_mine_list_t));
    if (list != NULL) {
        list->mine = wm_alloc(w->pool, (dev->n + 1) * sizeof(wm_mine_t));
    }

    if (list == NULL || list->mine == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; dev->type == WM_REPLY_LIST && i + 1 < dev->n; i += 2) {
        mine = &list->mine[list->n];

        if (wm_enrol_field(wm_reply_at(dev, i), &mine->event, &mine->person)
            && wm_parse_uint(wm_reply_at(dev, i + 1), INT64_MAX, &ms))
        {
            mine->since_ms = (int64_t) ms;
            list->n++;
        }
    }

    qsort(list->mine, list->n, sizeof(wm_mine_t), wm_enrol_newer);

    if (list->n > WM_ENROLMENTS_MAX) {
        list->n = WM_ENROLMENTS_MAX;
    }

    for (i = 0; i < list->n; i++) {
        wm_enrol_mine_ask(w, &list->mine[i]);
    }

    w->state = list;

    if (list->n == 0) {
        wm_enrol_mine_show(w);

    } else {
        wm_fetch(w, wm_enrol_mine_show);
    }
}


static void
wm_enrol_mine(wm_web_t *w)
{
    if (!w->device_known) {
        wm_doc_list(w->doc, "items");
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));
    wm_fetch(w, wm_enrol_mine_found);
}
