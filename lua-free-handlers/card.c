/*
 * Residents' cards: a code on the own phone, or on paper from the office, and
 * the worker who scans them at the door.  Who scans says who is there; the
 * card says it better than a name that is typed.
 */

#include "wm_enrol.h"
#include "wm_qr.h"
#include "wm_show.h"
#include "wm_verify.h"
#include "wm_who.h"

#define WM_CARD_REFRESH_MS  240000      /* a minute before it ends */

static void wm_card_mine(wm_web_t *w);
static void wm_card_paper(wm_web_t *w);
static void wm_card_end(wm_web_t *w);
static void wm_card_scan_page(wm_web_t *w);
static void wm_card_scan_again(wm_web_t *w);
static void wm_card_check(wm_web_t *w);

static const wm_field_t  wm_card_fields[] = {
    { "card",  WM_FIELD_TEXT,    WM_REQUIRED,  1, 200 },
    { "out",   WM_FIELD_NUMBER,  0,            0, 1 },
    { "at",    WM_FIELD_TIME,    0,            0, 0 }
};

static const size_t  wm_card_nfields = wm_countof(wm_card_fields);

static const wm_field_t  wm_paper_fields[] = {
    { "person",  WM_FIELD_TOKEN,   WM_REQUIRED,  1, WM_ID_LEN }
};

static const size_t  wm_paper_nfields = wm_countof(wm_paper_fields);

static const wm_field_t  wm_door_fields[] = {
    { "out",   WM_FIELD_NUMBER,  0,  0, 1 }
};

static const size_t  wm_door_nfields = wm_countof(wm_door_fields);

const wm_route_t  wm_card_routes[] = {
    { WM_GET, "my/card", WM_PAGE, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, "my-card", wm_card_mine, NULL, NULL },
    { WM_GET, "api/me/card", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_card_mine, NULL, NULL },
    { WM_GET, "staff/events/{id}/paper", WM_PAGE, WM_STAFF, WM_CAP_ATTEND, 0,
      wm_paper_fields, &wm_paper_nfields, "staff-paper", wm_card_paper,
      NULL, NULL },
    { WM_POST, "staff/events/{id}/paper", WM_PAGE, WM_STAFF, WM_CAP_ATTEND, 0,
      wm_paper_fields, &wm_paper_nfields, NULL, wm_card_end, NULL, NULL },
    { WM_GET, "staff/events/{id}/scan", WM_PAGE, WM_STAFF, WM_CAP_ATTEND,
      WM_CAMERA, wm_door_fields, &wm_door_nfields, "staff-scan",
      wm_card_scan_page, NULL, NULL },
    { WM_POST, "staff/events/{id}/card", WM_PAGE, WM_STAFF, WM_CAP_ATTEND,
      WM_CAMERA | WM_AGAIN, wm_card_fields, &wm_card_nfields, "staff-scan",
      wm_card_check, wm_card_scan_again, "staff-scan" },
    { WM_POST, "api/staff/events/{id}/card", WM_API, WM_STAFF, WM_CAP_ATTEND,
      0, wm_card_fields, &wm_card_nfields, NULL, wm_card_check, NULL, NULL }
};

const size_t  wm_card_nroutes = wm_countof(wm_card_routes);

typedef struct {
    wm_card_t           card;
    wm_attend_facts_t   facts;
    wm_attend_t         done;
    wm_verdict_t        verdict;
} wm_door_t;


/* ---- making one */

static wm_str_t
wm_card_text(wm_web_t *w, const wm_person_t *person, wm_kind_t kind,
    int64_t time_ms)
{
    char       *text;
    wm_card_t   card;

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (text == NULL
        || !wm_b32_decode(wm_str(person->id), card.person,
                          sizeof(card.person)))
    {
        return wm_null;
    }

    card.kind = kind;
    card.epoch = person->epoch;
    card.time_ms = time_ms;

    return wm_card_make(&w->site->realm, &card, text);
}


/* Name, phone, code; for pages the picture.  False: no memory. */

static bool
wm_card_show(wm_web_t *w, const wm_person_t *person, wm_kind_t kind,
    int64_t time_ms)
{
    wm_qr_t   qr;
    wm_str_t  code;

    code = wm_card_text(w, person, kind, time_ms);

    if (code.data == NULL || !wm_qr_make(w->pool, code, &qr)) {
        return false;
    }

    wm_doc_str(w->doc, "name", person->name);
    wm_doc_str(w->doc, "phone", wm_show_phone(w, person->phone));
    wm_doc_str(w->doc, "code", code);
    wm_doc_hide(wm_doc_str(w->doc, "qr", wm_qr_data(w->pool, &qr)));

    return true;
}


/* ---- on the own phone */

static void
wm_card_mine_show(wm_web_t *w)
{
    bool          known;
    int64_t       ends;
    wm_person_t  *person = w->state;

    known = person != NULL
            && wm_person_load(w->pool, &w->site->realm, &w->replies[0],
                              person)
            && wm_web_knows(w, person);

    wm_doc_bool(w->doc, "known", known);

    if (!known) {
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    ends = (w->now_ms / 1000 + WM_CARD_SECONDS) * 1000;

    if (!wm_card_show(w, person, WM_KIND_RESIDENT_CARD, ends)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_str(w->doc, "valid_until", wm_show_iso(w, ends));
    wm_doc_int(w->doc, "refresh_ms", WM_CARD_REFRESH_MS);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_card_mine(wm_web_t *w)
{
    wm_str_t      id;
    wm_person_t  *person;

    id = wm_web_person(w);

    if (id.data == NULL) {
        wm_card_mine_show(w);
        return;
    }

    person = wm_calloc(w->pool, sizeof(wm_person_t));
    if (person == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    memcpy(person->id, id.data, WM_ID_LEN);
    w->state = person;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "person:%s", person->id));
    wm_fetch(w, wm_card_mine_show);
}


/* ---- on paper, for somebody who was at an event of the worker's units */

typedef struct {
    wm_person_t   person;
    wm_step_pt    next;
} wm_paper_t;


static void
wm_card_paper_read(wm_web_t *w)
{
    wm_event_t   event;
    wm_paper_t  *p = w->state;

    if (!wm_event_load(&w->replies[0], w->id, &event)
        || !wm_scope_covers(w->staff.path, event.path)
        || (wm_reply_str(&w->replies[1]).data == NULL
            && wm_reply_str(&w->replies[2]).data == NULL))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    if (!wm_who_is_opened(w, &w->replies[3], &p->person)) {
        return;
    }

    if (!p->person.known) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    p->next(w);
}


static void
wm_card_paper_load(wm_web_t *w, wm_step_pt next)
{
    wm_str_t     id = wm_input(&w->input, "person")->text;
    wm_paper_t  *p;

    p = wm_calloc(w->pool, sizeof(wm_paper_t));
    if (p == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_id_valid(id)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    memcpy(p->person.id, id.data, WM_ID_LEN);
    p->next = next;
    w->state = p;
    w->event = w->id;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)), id);
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)), id);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "person:%.*s", wm_fmt(id)));
    wm_fetch(w, wm_card_paper_read);
}


static void
wm_card_paper_show(wm_web_t *w)
{
    wm_paper_t  *p = w->state;

    wm_doc_str(w->doc, "id", w->id);
    wm_doc_text(w->doc, "person", p->person.id);

    wm_answer(w, wm_card_show(w, &p->person, WM_KIND_PAPER_CARD, w->now_ms)
                 ? WM_VERDICT_OK : WM_VERDICT_INTERNAL);
}


static void
wm_card_paper(wm_web_t *w)
{
    wm_card_paper_load(w, wm_card_paper_show);
}


/* A lost card ends with all the sessions of its person. */

static void
wm_card_ended(wm_web_t *w)
{
    wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s/paper?person=%.*s",
                             wm_fmt(w->id),
                             wm_fmt(wm_input(&w->input, "person")->text)));
}


static void
wm_card_end_commit(wm_web_t *w)
{
    wm_paper_t   *p = w->state;
    wm_commit_t  *c;

    c = wm_begin(w, WM_OP_PERSON_END);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_verify_end_all(c, &p->person, wm_lit(""), wm_null);
    wm_send(w, c, wm_card_end, wm_card_ended);
}


static void
wm_card_end(wm_web_t *w)
{
    wm_card_paper_load(w, wm_card_end_commit);
}


/* ---- the page at the door */

static void
wm_card_scan_show(wm_web_t *w)
{
    bool         out;
    wm_door_t   *d = w->state;
    wm_event_t   event;

    w->event = w->id;

    if (!wm_event_load(&w->replies[0], w->id, &event)
        || !wm_scope_covers(w->staff.path, event.path))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    out = wm_input(&w->input, "out")->num > 0;

    wm_show_event(w, w->doc, &event, false);
    wm_doc_int(w->doc, "present", w->replies[1].num);
    wm_doc_hide(wm_doc_bool(w->doc, "out", out));
    wm_doc_hide(wm_doc_bool(w->doc, "closed",
        event.state != WM_EVENT_PUBLISHED
        || w->now_ms > event.end_ms + WM_ATTEND_LATE_MS));
    wm_doc_hide(wm_doc_bool(w->doc, "early",
        w->now_ms < event.start_ms - WM_ATTEND_EARLY_MS));

    wm_answer(w, d != NULL && w->refused == WM_VERDICT_OK ? d->verdict
                                                           : WM_VERDICT_OK);
}


static void
wm_card_scan_page(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HLEN"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_card_scan_show);
}


/* What was refused: the name, where the card told it, in large letters. */

static void
wm_card_scan_again(wm_web_t *w)
{
    wm_door_t  *d = w->state;

    if (d != NULL && d->facts.person.known) {
        wm_doc_hide(wm_doc_str(w->doc, "refused_name",
                               d->facts.person.name));
    }

    wm_card_scan_page(w);
}


/* ---- a card was scanned */

static void
wm_card_answer(wm_web_t *w)
{
    wm_doc_t   *done;
    wm_door_t  *d = w->state;

    done = w->doc;

    if (w->route->face != WM_API) {
        done = wm_doc_obj(w->doc, "done");
        wm_doc_str(done, "at_text",
                   wm_show_clock(w, d->facts.out ? d->done.out_ms
                                                 : d->done.in_ms));
    }

    wm_doc_str(done, "event", d->facts.event.id);
    wm_doc_text(done, "person", d->facts.person.id);
    wm_doc_str(done, "name", d->facts.person.name);
    wm_doc_text(done, "status", d->facts.out ? "checked_out" : "checked_in");
    wm_doc_bool(done, "again", d->verdict == WM_VERDICT_OK);
    wm_show_attend(w, done, &d->done);
    wm_doc_str(done, "by", d->done.by);

    if (w->route->face == WM_API) {
        wm_answer(w, d->verdict);

    } else {
        wm_card_scan_page(w);
    }
}


static void
wm_card_done(wm_web_t *w)
{
    wm_door_t  *d = w->state;

    wm_attend_at(&d->done, &d->facts, w->result.time_ms);
    wm_card_answer(w);
}


static void
wm_card_refuse(wm_web_t *w, const char *why)
{
    w->why = wm_str(why);
    wm_answer(w, WM_VERDICT_CARD_INVALID);
}


static void
wm_card_commit(wm_web_t *w, wm_door_t *d)
{
    wm_commit_t  *c;

    c = wm_begin(w, WM_OP_CHECK_BY_CARD);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    d->verdict = wm_attend_check(c, &w->site->realm, &d->facts, &d->done);

    if (d->verdict == WM_VERDICT_CREATED) {
        wm_send(w, c, wm_card_check, wm_card_done);

    } else if (d->verdict == WM_VERDICT_OK) {
        wm_card_answer(w);

    } else {
        wm_answer(w, d->verdict);
    }
}


static void
wm_card_decide(wm_web_t *w)
{
    wm_door_t          *d = w->state;
    wm_attend_facts_t  *f = &d->facts;

    if (!wm_event_load(&w->replies[0], w->id, &f->event)
        || !wm_scope_covers(w->staff.path, f->event.path))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    if (!wm_who_is_opened(w, &w->replies[3], &f->person)) {
        return;
    }

    if (!f->person.known || f->person.epoch != d->card.epoch) {
        f->person.known = false;
        wm_card_refuse(w, "a card that was revoked");
        return;
    }

    f->record = wm_reply_str(&w->replies[1]);
    f->enrolled = wm_reply_str(&w->replies[2]);
    f->how = WM_ASSURANCE_CARD;
    f->by = w->staff.name;
    f->out = wm_input(&w->input, "out")->num > 0;

    wm_card_commit(w, d);
}


/* Which card, and when it was seen.  False: the request is answered. */

static bool
wm_card_read(wm_web_t *w, wm_door_t *d)
{
    wm_seal_t    rc;
    wm_value_t  *at = wm_input(&w->input, "at");

    if (at->text.len > 0) {
        if (!wm_attend_seen_at(at->num, w->now_ms)) {
            wm_input_fail(&w->input, "at", WM_WRONG_RANGE);
            wm_answer(w, WM_VERDICT_INVALID);
            return false;
        }

        d->facts.at_ms = at->num;
    }

    rc = wm_card_open(&w->site->realm, wm_input(&w->input, "card")->text,
                      d->facts.at_ms > 0 ? d->facts.at_ms : w->now_ms,
                      &d->card);

    if (rc != WM_SEAL_OK) {
        wm_card_refuse(w, wm_seal_name(rc));
        return false;
    }

    wm_b32_encode(d->card.person, sizeof(d->card.person),
                  d->facts.person.id);

    return true;
}


static void
wm_card_check(wm_web_t *w)
{
    wm_door_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_door_t));
    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = d;
    w->event = w->id;

    if (!wm_card_read(w, d)) {
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)),
           wm_str(d->facts.person.id));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)),
           wm_str(d->facts.person.id));
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", d->facts.person.id));
    wm_fetch(w, wm_card_decide);
}
