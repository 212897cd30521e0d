/* Workers and the places of an event: who has one, who waits, who came. */

#include "wm_places.h"
#include "wm_sheet.h"
#include "wm_text.h"
#include "wm_walk.h"
#include "wm_who.h"

#include <stdlib.h>

static void wm_enrolments(wm_web_t *w);
static void wm_enrolments_csv(wm_web_t *w);
static void wm_enrolments_add(wm_web_t *w);
static void wm_enrolments_cancel(wm_web_t *w);

static const wm_field_t  wm_enrolments_fields[] = {
    { "name",   WM_FIELD_TEXT,    WM_REQUIRED,  1, 50 },
    { "phone",  WM_FIELD_PHONE,   0,            0, 0 },
    { "seats",  WM_FIELD_NUMBER,  0,            1, WM_EVENT_GROUP }
};

static const wm_field_t  wm_enrolments_cancel_fields[] = {
    { "person", WM_FIELD_TOKEN,   WM_REQUIRED,  1, WM_ID_LEN }
};

static const wm_field_t  wm_enrolments_page[] = { WM_SHEET_FIELDS };
static const size_t      wm_enrolments_npage = wm_countof(wm_enrolments_page);

static const size_t  wm_enrolments_nfields = wm_countof(wm_enrolments_fields);
static const size_t  wm_enrolments_ncancel =
    wm_countof(wm_enrolments_cancel_fields);

const wm_route_t  wm_enrolments_routes[] = {
    { WM_GET, "staff/events/{id}/enrolments", WM_PAGE, WM_STAFF, WM_CAP_READ,
      0, wm_enrolments_page, &wm_enrolments_npage, "staff-enrolments",
      wm_enrolments, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/enrolments", WM_API, WM_STAFF,
      WM_CAP_READ, 0, wm_enrolments_page, &wm_enrolments_npage, NULL,
      wm_enrolments, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/enrolments.csv", WM_API, WM_STAFF,
      WM_CAP_READ, 0, NULL, NULL, NULL, wm_enrolments_csv, NULL, NULL },
    { WM_POST, "staff/events/{id}/enrolments", WM_PAGE, WM_STAFF,
      WM_CAP_ATTEND, 0, wm_enrolments_fields, &wm_enrolments_nfields, NULL,
      wm_enrolments_add, wm_enrolments, "staff-enrolments" },
    { WM_POST, "api/staff/events/{id}/enrolments", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0, wm_enrolments_fields, &wm_enrolments_nfields, NULL,
      wm_enrolments_add, NULL, NULL },
    { WM_POST, "staff/events/{id}/enrolments/cancel", WM_PAGE, WM_STAFF,
      WM_CAP_ATTEND, 0, wm_enrolments_cancel_fields, &wm_enrolments_ncancel,
      NULL, wm_enrolments_cancel, wm_enrolments, "staff-enrolments" },
    { WM_POST, "api/staff/events/{id}/enrolments/cancel", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0, wm_enrolments_cancel_fields, &wm_enrolments_ncancel,
      NULL, wm_enrolments_cancel, NULL, NULL }
};

const size_t  wm_enrolments_nroutes = wm_countof(wm_enrolments_routes);

typedef struct {
    wm_person_t        person;
    wm_enrol_t         enrol;
    wm_reply_t         rank;            /* in the queue, or NIL */
    int64_t            seq;             /* its number there, never again used */
    wm_enrol_state_t   state;           /* now */
    bool               present;
} wm_place_t;

typedef struct {
    wm_event_t    event;
    wm_seats_t    seats;
    wm_reply_t    att;
    size_t        n;
    wm_place_t   *places;
    wm_sheet_page_t  page;              /* of them, whose people are read */
    wm_step_pt    show;
} wm_enrolments_t;


/* ---- reading */

/* Places first, as they were given; then the queue; then who has left. */

static int
wm_enrolments_rank(const wm_place_t *p)
{
    return p->state == WM_ENROL_SEATED ? 0 : p->state == WM_ENROL_OFFERED ? 1
           : p->state == WM_ENROL_WAITING ? 2 : 3;
}


static int64_t
wm_enrolments_turn(const wm_place_t *p)
{
    return p->state == WM_ENROL_WAITING ? p->seq : p->enrol.since_ms;
}


static int
wm_enrolments_compare(const void *a, const void *b)
{
    int                n;
    int64_t            s, t;
    const wm_place_t  *x = a, *y = b;

    n = wm_enrolments_rank(x) - wm_enrolments_rank(y);
    if (n != 0) {
        return n;
    }

    s = wm_enrolments_turn(x);
    t = wm_enrolments_turn(y);

    return s < t ? -1 : s > t ? 1 : strcmp(x->person.id, y->person.id);
}


static int
wm_enrolments_by_id(const void *a, const void *b)
{
    const wm_place_t  *x = a, *y = b;

    return strcmp(x->person.id, y->person.id);
}


/* Each place's turn in the queue; then all of them in the list's order. */

static void
wm_enrolments_sort(wm_enrolments_t *e, const wm_reply_t *queue)
{
    size_t       i;
    uint64_t     seq;
    wm_str_t     person;
    wm_place_t   key, *p;

    qsort(e->places, e->n, sizeof(wm_place_t), wm_enrolments_by_id);
    memset(&key, 0, sizeof(wm_place_t));

    for (i = 0; queue->type == WM_REPLY_LIST && i + 1 < queue->n; i += 2) {
        person = wm_reply_at(queue, i);

        if (person.len != WM_ID_LEN
            || !wm_parse_uint(wm_reply_at(queue, i + 1), INT64_MAX, &seq))
        {
            continue;
        }

        memcpy(key.person.id, person.data, WM_ID_LEN);
        p = bsearch(&key, e->places, e->n, sizeof(wm_place_t),
                    wm_enrolments_by_id);

        if (p != NULL) {
            p->rank.type = WM_REPLY_INT;
            p->rank.num = (int64_t) i / 2;
            p->seq = (int64_t) seq;
        }
    }

    qsort(e->places, e->n, sizeof(wm_place_t), wm_enrolments_compare);
}


static wm_str_t
wm_enrolments_key(wm_web_t *w, const void *rows, size_t i)
{
    const wm_place_t  *p = (const wm_place_t *) rows + i;

    return wm_printf(w->pool, "%d-%015lld-%s", wm_enrolments_rank(p),
                     (long long) wm_enrolments_turn(p), p->person.id);
}


static void
wm_enrolments_people(wm_web_t *w)
{
    size_t            i;
    wm_enrolments_t  *e = w->state;

    for (i = 0; i < e->page.n; i++) {
        wm_who_show(w, &w->replies[i], &e->places[e->page.from + i].person);
    }

    e->show(w);
}


static void
wm_enrolments_ask_people(wm_web_t *w)
{
    size_t            i;
    wm_enrolments_t  *e = w->state;

    wm_sheet_page(w, e->places, e->n, wm_enrolments_key, &e->page);

    if (e->page.n == 0) {
        e->show(w);
        return;
    }

    for (i = 0; i < e->page.n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%s",
                          e->places[e->page.from + i].person.id));
    }

    wm_fetch(w, wm_enrolments_people);
}


static void
wm_enrolments_load(wm_web_t *w, const wm_reply_t *all, wm_enrolments_t *e)
{
    size_t       i;
    wm_str_t     person;
    wm_place_t  *p;

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        person = wm_reply_at(all, i);
        p = &e->places[e->n];

        if (person.len != WM_ID_LEN
            || !wm_enrol_load(wm_reply_at(all, i + 1), &p->enrol))
        {
            continue;
        }

        memcpy(p->person.id, person.data, WM_ID_LEN);
        p->state = wm_enrol_now(&p->enrol, &e->event, w->now_ms);
        p->present = wm_show_find_sorted(&e->att, person).data != NULL;
        p->rank.type = WM_REPLY_NIL;
        e->n++;
    }
}


static void
wm_enrolments_found(wm_web_t *w)
{
    wm_reply_t       *all = &w->replies[3];
    wm_enrolments_t  *e = w->state;

    w->event = w->id;

    if (!wm_event_load(&w->replies[0], w->id, &e->event)
        || !wm_scope_covers(w->staff.path, e->event.path))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_seats_load(&w->replies[1], &w->replies[2], &e->seats);
    e->att = w->replies[4];
    wm_show_sort(&e->att);
    e->places = wm_calloc(w->pool, (all->n / 2 + 1) * sizeof(wm_place_t));

    if (e->places == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_enrolments_load(w, all, e);
    wm_enrolments_sort(e, &w->replies[5]);
    wm_enrolments_ask_people(w);
}


static void
wm_enrolments_read(wm_web_t *w, wm_step_pt show)
{
    wm_enrolments_t  *e;

    e = wm_calloc(w->pool, sizeof(wm_enrolments_t));
    if (e == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    e->show = show;
    w->state = e;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "seats:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)),
           wm_lit("0"), wm_lit("-1"), wm_lit("WITHSCORES"));
    wm_fetch(w, wm_enrolments_found);
}


/* ---- showing */

static void
wm_enrolments_show(wm_web_t *w)
{
    bool              may;
    size_t            i;
    wm_doc_t         *items, *item;
    wm_place_t       *p;
    wm_enrolments_t  *e = w->state;

    may = wm_role_may(w->staff.role, WM_CAP_ATTEND);

    wm_show_event(w, w->doc, &e->event, false);
    wm_show_places(w, &e->event, &e->seats);
    wm_doc_hide(wm_doc_bool(w->doc, "can_attend", may));
    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < e->page.n; i++) {
        p = &e->places[e->page.from + i];
        item = wm_doc_item(items);
        wm_show_enrolment(w, item, &e->event, wm_str(p->person.id),
                          &p->enrol, &p->rank);
        wm_doc_str(item, "name", p->person.name);
        wm_doc_str(item, "phone", wm_show_phone(w, p->person.phone));
        wm_doc_bool(item, "present", p->present);
        wm_doc_hide(wm_doc_bool(item, "can_cancel",
                                may && wm_enrolments_rank(p) < 3));
    }

    wm_walk_show_next(w,
                      wm_sheet_next(w, e->places, wm_enrolments_key,
                                    &e->page),
                      wm_printf(w->pool, "staff/events/%.*s/enrolments",
                                wm_fmt(w->id)).data);

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_enrolments(wm_web_t *w)
{
    wm_enrolments_read(w, wm_enrolments_show);
}


static void
wm_enrolments_csv_row(wm_web_t *w, wm_buf_t *b, const wm_place_t *p,
    size_t no)
{
    bool      queued = p->state == WM_ENROL_WAITING
                       && p->rank.type == WM_REPLY_INT;
    wm_str_t  cells[] = {
        wm_sheet_num(w, (int64_t) no), wm_who_name(&p->person),
        wm_show_phone(w, p->person.phone),
        wm_str(wm_enrol_state_text(p->state)),
        queued ? wm_sheet_num(w, p->rank.num + 1) : wm_lit(""),
        wm_sheet_num(w, p->enrol.seats),
        wm_show_iso(w, p->enrol.since_ms),
        wm_show_iso(w, p->enrol.until_ms),
        wm_sheet_bool(p->present), wm_str(p->person.id)
    };

    wm_csv_row(b, cells, wm_countof(cells));
}


static void
wm_enrolments_csv_show(wm_web_t *w)
{
    size_t            i;
    wm_buf_t          b;
    wm_enrolments_t  *e = w->state;

    wm_sheet_begin(w, &b, "places_head");

    for (i = 0; i < e->page.n; i++) {
        wm_enrolments_csv_row(w, &b, &e->places[i], i + 1);
    }

    wm_sheet_answer(w, &b, "enrolments");
}


static void
wm_enrolments_csv(wm_web_t *w)
{
    wm_enrolments_read(w, wm_enrolments_csv_show);
}


/* ---- by hand */

typedef struct {
    wm_enrol_facts_t   facts;
    bool               settled;
    wm_verdict_t       verdict;
} wm_adding_t;

static void wm_enrolments_add_ask(wm_web_t *w);


static void
wm_enrolments_to_list(wm_web_t *w)
{
    wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s/enrolments",
                             wm_fmt(w->id)));
}


static void
wm_enrolments_added_show(wm_web_t *w)
{
    wm_enrol_t    enrol;
    wm_adding_t  *a = w->state;

    (void) wm_enrol_load(wm_reply_str(&w->replies[0]), &enrol);

    wm_show_enrolment(w, w->doc, &a->facts.event, wm_str(a->facts.person.id),
                      &enrol, &w->replies[1]);
    wm_doc_str(w->doc, "name", a->facts.person.name);
    wm_answer(w, a->verdict);
}


static void
wm_enrolments_added(wm_web_t *w)
{
    wm_adding_t  *a = w->state;

    if (w->route->face != WM_API) {
        wm_enrolments_to_list(w);
        return;
    }

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
           wm_str(a->facts.person.id));
    wm_ask(w, wm_lit("ZRANK"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)),
           wm_str(a->facts.person.id));
    wm_fetch(w, wm_enrolments_added_show);
}


static void
wm_enrolments_add_apply(wm_web_t *w, wm_adding_t *a)
{
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = wm_begin(w, WM_OP_ENROL_BY_HAND);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_enrol_add(c, &w->site->realm, &a->facts);
    a->verdict = v == WM_VERDICT_OK ? v : WM_VERDICT_CREATED;

    if (v == WM_VERDICT_CREATED) {
        wm_send(w, c, wm_enrolments_add_ask, wm_enrolments_added);

    } else if (v == WM_VERDICT_OK) {
        wm_enrolments_added(w);

    } else {
        if (v == WM_VERDICT_INVALID) {
            wm_input_fail_above(&w->input, "seats",
                                wm_enrol_most(&a->facts));
        }

        wm_refuse(w, v, wm_enrolments_added);
    }
}


static void
wm_enrolments_add_decide(wm_web_t *w)
{
    wm_adding_t       *a = w->state;
    wm_enrol_facts_t  *f = &a->facts;

    if (!wm_event_load(&w->replies[0], w->id, &f->event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_seats_load(&w->replies[1], &w->replies[2], &f->seats);

    if (!a->settled
        && wm_enrol_is_stale(&f->event, &f->seats,
                             wm_places_due(&w->replies[1]), w->now_ms))
    {
        a->settled = true;
        wm_places_settle(w, wm_enrolments_add_ask);
        return;
    }

    if (!wm_who_is_opened(w, &w->replies[5], &f->person)) {
        return;
    }

    (void) wm_enrol_load(wm_reply_str(&w->replies[4]), &f->old);
    wm_enrolments_add_apply(w, a);
}


static void
wm_enrolments_add_ask(wm_web_t *w)
{
    wm_adding_t  *a = w->state;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_places_ask(w);
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
           wm_str(a->facts.person.id));
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", a->facts.person.id));
    wm_fetch(w, wm_enrolments_add_decide);
}


static void
wm_enrolments_add_event(wm_web_t *w)
{
    wm_str_t      actor;
    wm_value_t   *seats = wm_input(&w->input, "seats");
    wm_event_t    event;
    wm_adding_t  *a = w->state;

    w->event = w->id;

    if (!wm_event_load(&w->replies[0], w->id, &event)
        || !wm_scope_covers(w->staff.path, event.path))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    actor = wm_web_actor(w);

    if (actor.data == NULL
        || !wm_who_is_by_hand(w, event.unit, &a->facts.person))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    a->facts.staff = true;
    a->facts.by = actor;
    a->facts.wanted = seats->text.len > 0 ? seats->num : 1;

    wm_enrolments_add_ask(w);
}


static void
wm_enrolments_add(wm_web_t *w)
{
    wm_adding_t  *a;

    a = wm_calloc(w->pool, sizeof(wm_adding_t));
    if (a == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = a;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_enrolments_add_event);
}


/* ---- taking a place away */

static void wm_enrolments_cancel_again(wm_web_t *w);


static void
wm_enrolments_cancelled_show(wm_web_t *w)
{
    wm_enrol_t    enrol;
    wm_places_t  *p = w->state;

    (void) wm_enrol_load(wm_reply_str(&w->replies[0]), &enrol);

    wm_show_enrolment(w, w->doc, &p->list.event, p->who.person, &enrol,
                      &w->replies[1]);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_enrolments_cancelled(wm_web_t *w)
{
    wm_places_t  *p = w->state;

    if (w->route->face != WM_API) {
        wm_enrolments_to_list(w);
        return;
    }

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
           p->who.person);
    wm_ask(w, wm_lit("ZRANK"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)),
           p->who.person);
    wm_fetch(w, wm_enrolments_cancelled_show);
}


static void
wm_enrolments_offer_over(wm_web_t *w)
{
    wm_answer(w, WM_VERDICT_OFFER_OVER);
}


static void
wm_enrolments_cancel_decide(wm_web_t *w)
{
    bool           nothing;
    wm_places_t   *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    w->event = w->id;

    if (!p->found || !wm_scope_covers(w->staff.path, p->list.event.path)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    c = wm_begin(w, WM_OP_ENROL_REMOVE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_enrol_act(c, &p->list, &p->who, WM_ENROL_CANCEL, wm_null,
                     &nothing);

    if (v == WM_VERDICT_OFFER_OVER) {
        wm_places_settle(w, wm_enrolments_offer_over);

    } else if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_enrolments_cancelled(w);

    } else {
        wm_send(w, c, wm_enrolments_cancel_again, wm_enrolments_cancelled);
    }
}


static void
wm_enrolments_cancel_again(wm_web_t *w)
{
    wm_places_t  *p = w->state;

    wm_places_read(w, p, wm_enrolments_cancel_decide);
}


static void
wm_enrolments_cancel(wm_web_t *w)
{
    wm_places_t  *p;

    p = wm_calloc(w->pool, sizeof(wm_places_t));
    if (p == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    p->who.person = wm_input(&w->input, "person")->text;
    w->state = p;

    wm_enrolments_cancel_again(w);
}
