/*
 * Check-in and check-out: a fresh code is exchanged for a scan ticket, the
 * ticket for attendance.
 */

#include "wm_facts.h"
#include "wm_show.h"
#include "wm_wall.h"
#include "wm_who.h"

#define WM_CODE_TRIES  20

static void wm_scan(wm_web_t *w);
static void wm_scan_typed(wm_web_t *w);
static void wm_scan_again(wm_web_t *w);
static void wm_scan_code_page(wm_web_t *w);
static void wm_checkin(wm_web_t *w);

static const wm_field_t  wm_typed_fields[] = {
    { "event",   WM_FIELD_TOKEN,  0,  1, 10 },
    { "code",    WM_FIELD_TOKEN,  0,  1, 6 },
    { "who",     WM_FIELD_TOKEN,  0,  1, 6 }
};

static const size_t  wm_typed_nfields = wm_countof(wm_typed_fields);

static const wm_field_t  wm_checkin_fields[] = {
    { "ticket",  WM_FIELD_TEXT,   0,  0, 200 },
    WM_WHO_FIELDS
};

static const size_t  wm_checkin_nfields = wm_countof(wm_checkin_fields);

const wm_route_t  wm_checkin_routes[] = {
    { WM_POST, "c", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM | WM_TICKET,
      wm_checkin_fields, &wm_checkin_nfields, "checked", wm_checkin,
      wm_scan_again, "scan" },
    { WM_POST, "api/c", WM_API, WM_ANYONE, WM_CAP_NONE, WM_TICKET,
      wm_checkin_fields, &wm_checkin_nfields, NULL, wm_checkin, NULL, NULL },
    { WM_GET, "c", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_typed_fields, &wm_typed_nfields, "scan", wm_scan_typed,
      wm_scan_code_page, "code" },
    { WM_GET, "api/c", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_typed_fields, &wm_typed_nfields, NULL, wm_scan_typed, NULL, NULL },
    { WM_GET, "c/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_typed_fields, &wm_typed_nfields, "scan", wm_scan, NULL, NULL },
    { WM_GET, "api/c/{id}", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_typed_fields, &wm_typed_nfields, NULL, wm_scan, NULL, NULL }
};

const size_t  wm_checkin_nroutes = wm_countof(wm_checkin_routes);

typedef struct {
    wm_ticket_t          ticket;
    wm_str_t             text;          /* the ticket as sealed */
    wm_str_t             event_id;
    wm_str_t             who;           /* me, new, family */
    wm_str_t             person_id;     /* from the cookie */
    wm_facts_t           shared;
    wm_attend_facts_t    facts;
    wm_attend_t          done;
} wm_scan_t;


static void
wm_scan_refuse(wm_web_t *w, const char *why)
{
    w->why = wm_str(why);
    wm_answer(w, WM_VERDICT_CODE_INVALID);
}


/* Which of the two it was, is not told either. */

static void
wm_scan_refuse_digits(wm_web_t *w, const char *why)
{
    w->why = wm_str(why);
    wm_answer(w, WM_VERDICT_DIGITS_INVALID);
}


/* ---- the page with the big button */

/* A screen shows its code when it is time; a poster can be read any day. */

static wm_verdict_t
wm_scan_may(const wm_scan_t *s, const wm_event_t *event, int64_t now_ms)
{
    if (event->state == WM_EVENT_CANCELLED) {
        return WM_VERDICT_CLOSED;
    }

    return wm_kind_is_poster(s->ticket.kind)
           ? wm_poster_check(event, s->ticket.display, now_ms)
           : WM_VERDICT_OK;
}


static void
wm_scan_show(wm_web_t *w)
{
    wm_scan_t     *s = w->state;
    wm_event_t     event;
    wm_verdict_t   v;

    if (!wm_event_load_public(&w->replies[0], s->event_id, &event)) {
        if (w->route->method == WM_GET && w->id.len == 0) {
            wm_scan_refuse_digits(w, "no such event");

        } else {
            wm_scan_refuse(w, "no such event");
        }

        return;
    }

    v = wm_scan_may(s, &event, w->now_ms);

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);
        return;
    }

    wm_doc_str(w->doc, "event", event.id);
    wm_doc_str(w->doc, "title", event.title);
    wm_doc_str(w->doc, "when_text", wm_show_human(w, event.start_ms));
    wm_doc_str(w->doc, "place", event.place);
    wm_doc_text(w->doc, "kind", wm_kind_code(s->ticket.kind));
    wm_doc_str(w->doc, "ticket", s->text);
    (void) wm_who_greet(w, w->nreplies > 1 ? &w->replies[1] : NULL);
    wm_doc_hide(wm_doc_bool(w->doc, "out", wm_kind_is_out(s->ticket.kind)));
    wm_doc_hide(wm_doc_str(w->doc, "who", s->who));
    wm_doc_hide(wm_doc_bool(w->doc, "family", wm_is(s->who, "family")));

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_scan_ask(wm_web_t *w, wm_scan_t *s)
{
    s->event_id = wm_printf(w->pool, "%u", s->ticket.event);
    w->event = s->event_id;
    s->person_id = wm_web_person(w);
    w->state = s;

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "event:%.*s", wm_fmt(s->event_id)));

    wm_who_ask(w, s->who);
    wm_fetch(w, wm_scan_show);
}


/* Seals a new ticket for this device and keeps it in a cookie too. */

static void
wm_scan_issue(wm_web_t *w, wm_scan_t *s)
{
    char          *text;
    wm_verdict_t   may;

    may = wm_take(w, WM_LIMIT_SCAN, NULL);

    if (may != WM_VERDICT_OK) {
        wm_answer(w, may);
        return;
    }

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (text == NULL || !wm_web_device(w)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    memcpy(s->ticket.device, w->device.device, sizeof(s->ticket.device));
    s->ticket.expires_ms = w->now_ms + WM_TICKET_SECONDS * 1000;

    s->text = wm_ticket_make(&w->site->realm, &s->ticket, text);
    if (s->text.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_web_keep_ticket(w, s->text);
    wm_scan_ask(w, s);
}


/* The ticket in the cookie, when it is this device's and still good. */

static bool
wm_scan_kept(wm_web_t *w, wm_scan_t *s)
{
    if (w->ticket_cookie.data == NULL || !w->device_known
        || wm_ticket_open(&w->site->realm, w->ticket_cookie, w->now_ms,
                          &s->ticket)
           != WM_SEAL_OK)
    {
        return false;
    }

    s->text = w->ticket_cookie;

    return wm_equal_ct(s->ticket.device, w->device.device,
                       sizeof(s->ticket.device));
}


static wm_scan_t *
wm_scan_begin(wm_web_t *w)
{
    wm_scan_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_scan_t));

    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return NULL;
    }

    s->who = wm_input(&w->input, "who")->text;

    return s;
}


static void
wm_scan(wm_web_t *w)
{
    wm_scan_t   *s;
    wm_seal_t    rc;
    wm_token_t   token;

    rc = wm_token_open(&w->site->realm, w->id, &token);
    if (rc != WM_SEAL_OK) {
        wm_scan_refuse(w, wm_seal_name(rc));
        return;
    }

    s = wm_scan_begin(w);
    if (s == NULL) {
        return;
    }

    if (wm_kind_is_poster(token.kind) && !wm_token_is_due(&token, w->now_ms))
    {
        wm_answer(w, WM_VERDICT_POSTER_OVER);
        return;
    }

    if (wm_token_is_due(&token, w->now_ms)) {
        s->ticket.kind = token.kind;
        s->ticket.event = token.event;
        s->ticket.display = token.display;
        wm_scan_issue(w, s);
        return;
    }

    /* a page opened in time may be loaded again */

    if (wm_scan_kept(w, s) && s->ticket.event == token.event
        && s->ticket.kind == token.kind && s->ticket.display == token.display)
    {
        wm_scan_ask(w, s);
        return;
    }

    wm_scan_refuse(w, wm_seal_name(WM_SEAL_EXPIRED));
}


/* The 6 digits: few wrong tries for an event and slot, then only the QR. */

static void
wm_scan_code(wm_web_t *w, wm_scan_t *s, uint32_t event, wm_str_t code)
{
    wm_str_t   subject;
    wm_kind_t  kind;

    subject = wm_printf(w->pool, "code:%u", event);

    if (subject.data == NULL
        || !wm_limit(w, subject, WM_CODE_TRIES, WM_CODE_SECONDS))
    {
        wm_answer(w, WM_VERDICT_TOO_MANY);
        return;
    }

    kind = wm_code_check(&w->site->realm, event, code, w->now_ms);

    if (kind == 0) {
        wm_limit_add(w, subject, WM_CODE_SECONDS, 1);
        wm_scan_refuse_digits(w, "wrong digits");
        return;
    }

    s->ticket.kind = kind;
    s->ticket.event = event;
    s->ticket.typed = true;

    wm_scan_issue(w, s);
}


static void
wm_scan_code_page(wm_web_t *w)
{
    wm_answer_with(w, WM_VERDICT_OK, "code");
}


static void
wm_scan_typed(wm_web_t *w)
{
    uint32_t    event;
    wm_str_t    id, code;
    wm_scan_t  *s;

    s = wm_scan_begin(w);
    if (s == NULL) {
        return;
    }

    id = wm_input(&w->input, "event")->text;
    code = wm_input(&w->input, "code")->text;

    if (id.len > 0 || code.len > 0) {
        if (wm_event_number(id, &event)) {
            wm_scan_code(w, s, event, code);

        } else {
            wm_scan_refuse_digits(w, "no event number");
        }

        return;
    }

    if (s->who.len > 0 && wm_scan_kept(w, s)) {
        wm_scan_ask(w, s);
        return;
    }

    wm_scan_code_page(w);
}


/* ---- checking in */

static void wm_checkin_ask(wm_web_t *w);


static void
wm_checkin_answer(wm_web_t *w, wm_verdict_t verdict)
{
    wm_scan_t          *s = w->state;
    wm_attend_facts_t  *f = &s->facts;

    wm_doc_str(w->doc, "event", f->event.id);
    wm_doc_str(w->doc, "title", f->event.title);
    wm_doc_str(w->doc, "name", f->person.name);
    wm_doc_text(w->doc, "status", f->out ? "checked_out" : "checked_in");
    wm_doc_bool(w->doc, "again", verdict == WM_VERDICT_OK);
    wm_doc_hide(wm_doc_bool(w->doc, "out", f->out));
    wm_doc_hide(wm_doc_bool(w->doc, "ticket_live", true));
    wm_show_attend(w, w->doc, &s->done);

    if (!wm_is(s->who, "family")) {
        wm_who_keep(w, &f->person);
    }

    wm_answer(w, verdict);
}


static void
wm_checkin_done(wm_web_t *w)
{
    wm_scan_t  *s = w->state;

    /* a repeat decided now what was done before */

    wm_attend_at(&s->done, &s->facts, w->result.time_ms);
    wm_checkin_answer(w, WM_VERDICT_CREATED);
}


static wm_assurance_t
wm_checkin_how(const wm_ticket_t *ticket)
{
    if (wm_kind_is_poster(ticket->kind)) {
        return WM_ASSURANCE_POSTER;
    }

    return ticket->typed ? WM_ASSURANCE_TYPED : WM_ASSURANCE_SCREEN;
}


/*
 * With event, person and record in the facts: decide, and do it.  A guess
 * only goes as far as a commit; false: it would be refused.
 */

static bool
wm_checkin_apply(wm_web_t *w, wm_scan_t *s, bool guess)
{
    wm_commit_t        *c;
    wm_verdict_t        v;
    wm_attend_facts_t  *f = &s->facts;

    f->out = wm_kind_is_out(s->ticket.kind);
    f->how = wm_checkin_how(&s->ticket);
    f->poster = s->ticket.display;
    f->by = wm_printf(w->pool, "%u", s->ticket.display);
    f->device = wm_str(w->device_id);

    c = wm_begin(w, f->out ? WM_OP_CHECK_OUT : WM_OP_CHECK_IN);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return true;
    }

    v = wm_attend_check(c, &w->site->realm, f, &s->done);

    if (guess && v != WM_VERDICT_CREATED) {
        return false;
    }

    if (v == WM_VERDICT_CREATED) {
        wm_send(w, c, wm_checkin_ask, wm_checkin_done);

    } else if (v == WM_VERDICT_OK) {
        wm_checkin_answer(w, v);

    } else {
        wm_answer(w, v);
    }

    return true;
}


/* Only where nobody may come without a place is it asked for. */

static void
wm_checkin_place(wm_web_t *w)
{
    wm_scan_t  *s = w->state;

    s->facts.enrolled = wm_reply_str(&w->replies[0]);
    (void) wm_checkin_apply(w, s, false);
}


static void
wm_checkin_decide(wm_web_t *w)
{
    wm_scan_t          *s = w->state;
    wm_attend_facts_t  *f = &s->facts;

    if (!wm_event_load_public(&w->replies[0], s->event_id, &f->event)) {
        wm_scan_refuse(w, "no such event");
        return;
    }

    if (s->shared.entry.key.data != NULL) {
        wm_facts_keep(w, &s->shared, &w->replies[0]);
        s->shared.entry.key = wm_null;
    }

    if (!wm_who_is_read(w, s->who, &w->replies[2], &f->person)) {
        return;
    }

    f->record = wm_reply_str(&w->replies[1]);

    if (wm_event_needs_place(&f->event) && f->record.data == NULL) {
        wm_ask(w, wm_lit("HGET"),
               wm_web_key(w, "enrol:%.*s", wm_fmt(s->event_id)),
               wm_str(f->person.id));
        wm_fetch(w, wm_checkin_place);
        return;
    }

    (void) wm_checkin_apply(w, s, false);
}


/*
 * Most who type a name are new and not there yet.  With the event at hand the
 * commit can be sent at once; its conditions hold the guess, and where it
 * was wrong, everything is read and decided anew.
 */

static bool
wm_checkin_guess(wm_web_t *w, wm_scan_t *s)
{
    if (wm_is(s->who, "me") || wm_kind_is_out(s->ticket.kind)
        || !wm_facts_find(w, s->event_id, &s->shared)
        || s->shared.event.state != WM_EVENT_PUBLISHED
        || wm_event_needs_place(&s->shared.event))
    {
        return false;
    }

    s->facts.event = s->shared.event;
    s->facts.record = wm_null;
    s->shared.entry.key = wm_null;

    return wm_checkin_apply(w, s, true);
}


static void
wm_checkin_ask(wm_web_t *w)
{
    wm_scan_t  *s = w->state;

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "event:%.*s", wm_fmt(s->event_id)));
    wm_ask(w, wm_lit("HGET"),
           wm_web_key(w, "att:%.*s", wm_fmt(s->event_id)),
           wm_str(s->facts.person.id));
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", s->facts.person.id));
    wm_fetch(w, wm_checkin_decide);
}


/* The ticket that came with the form; NULL: the request is answered. */

static wm_scan_t *
wm_checkin_ticket(wm_web_t *w)
{
    wm_scan_t  *s;
    wm_seal_t   rc;

    s = wm_scan_begin(w);
    if (s == NULL) {
        return NULL;
    }

    s->text = wm_input(&w->input, "ticket")->text;

    rc = wm_ticket_open(&w->site->realm, s->text, w->now_ms, &s->ticket);
    if (rc != WM_SEAL_OK) {
        wm_scan_refuse(w, wm_seal_name(rc));
        return NULL;
    }

    if (!w->device_known
        || !wm_equal_ct(s->ticket.device, w->device.device,
                        sizeof(s->ticket.device)))
    {
        wm_scan_refuse(w, "the ticket of another device");
        return NULL;
    }

    s->event_id = wm_printf(w->pool, "%u", s->ticket.event);
    w->event = s->event_id;

    return s;
}


/* The scan page once more, when what was typed was refused. */

static void
wm_scan_again(wm_web_t *w)
{
    wm_scan_t  *s;

    s = wm_checkin_ticket(w);

    if (s != NULL) {
        s->who = wm_is(s->who, "family") ? s->who : wm_lit("new");
        wm_scan_ask(w, s);
    }
}


static void
wm_checkin(wm_web_t *w)
{
    wm_scan_t     *s;
    wm_verdict_t   may;

    s = wm_checkin_ticket(w);
    if (s == NULL) {
        return;
    }

    w->state = s;

    s->person_id = wm_web_person(w);

    if (!wm_who_is_meant(w, &s->who, &s->facts.person)) {
        wm_answer(w, wm_input_ok(&w->input) ? WM_VERDICT_INTERNAL
                                            : WM_VERDICT_INVALID);
        return;
    }

    may = wm_take(w, WM_LIMIT_CHECK_IN, NULL);

    if (may != WM_VERDICT_OK) {
        wm_answer(w, may);
        return;
    }

    if (!wm_checkin_guess(w, s)) {
        wm_checkin_ask(w);
    }
}
