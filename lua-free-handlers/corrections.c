/*
 * Who was written down wrongly: a worker asks for a correction, another one
 * confirms it.  And leaving, by a worker's hand.
 */

#include "wm_correct.h"
#include "wm_roster.h"
#include "wm_show.h"

static void wm_hand_out(wm_web_t *w);
static void wm_fix_ask(wm_web_t *w);
static void wm_fix_confirm(wm_web_t *w);
static void wm_fix_drop(wm_web_t *w);

static const wm_field_t  wm_fix_fields[] = {
    { "person",  WM_FIELD_TOKEN,  WM_REQUIRED,  1, 16 },
    { "what",    WM_FIELD_TOKEN,  WM_REQUIRED,  1, 16 },
    { "reason",  WM_FIELD_LINES,  WM_REQUIRED,  1, WM_CORRECT_REASON }
};

static const wm_field_t  wm_fix_person_fields[] = {
    { "person",  WM_FIELD_TOKEN,  WM_REQUIRED,  1, 16 }
};

static const size_t  wm_fix_fields_n = wm_countof(wm_fix_fields);
static const size_t  wm_fix_person_fields_n
                         = wm_countof(wm_fix_person_fields);

#define WM_FIX_ROUTES(path, fields, handler)                                 \
    { WM_POST, "staff/events/{id}/" path, WM_PAGE, WM_STAFF, WM_CAP_ATTEND,  \
      WM_AGAIN, fields, &fields##_n, NULL, handler, wm_roster,               \
      "staff-roster" },                                                      \
    { WM_POST, "api/staff/events/{id}/" path, WM_API, WM_STAFF,              \
      WM_CAP_ATTEND, 0, fields, &fields##_n, NULL, handler, NULL, NULL }

const wm_route_t  wm_corrections_routes[] = {
    WM_FIX_ROUTES("attendance/out", wm_fix_person_fields,
                  wm_hand_out),
    WM_FIX_ROUTES("corrections", wm_fix_fields, wm_fix_ask),
    WM_FIX_ROUTES("corrections/confirm", wm_fix_person_fields,
                  wm_fix_confirm),
    WM_FIX_ROUTES("corrections/drop", wm_fix_person_fields,
                  wm_fix_drop)
};

const size_t  wm_corrections_nroutes = wm_countof(wm_corrections_routes);

typedef struct {
    wm_event_t           event;
    wm_correct_facts_t   facts;
    wm_attend_facts_t    leaving;
    wm_attend_t          done;
    wm_verdict_t         verdict;
    wm_step_pt           next;
} wm_fix_t;


/* ---- the event, the record, and what is asked of it */

static void
wm_fix_found(wm_web_t *w)
{
    wm_fix_t  *x = w->state;

    w->event = w->id;

    if (!wm_event_load(&w->replies[0], w->id, &x->event)
        || !wm_scope_covers(w->staff.path, x->event.path))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    x->facts.event = x->event.id;
    x->facts.path = x->event.path;
    x->facts.record = wm_reply_str(&w->replies[1]);
    x->facts.asked = wm_reply_at(&w->replies[2], 0);
    x->facts.asked_of = wm_reply_at(&w->replies[2], 1);
    x->facts.by = w->staff.name;

    x->next(w);
}


static void
wm_fix_load(wm_web_t *w, wm_step_pt next)
{
    wm_str_t   person = wm_input(&w->input, "person")->text;
    wm_fix_t  *x;

    x = wm_calloc(w->pool, sizeof(wm_fix_t));
    if (x == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = x;
    x->next = next;
    x->facts.person = person;

    if (!wm_id_valid(person)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)),
           person);
    wm_ask(w, wm_lit("HMGET"), wm_web_key(w, "fix:%.*s", wm_fmt(w->id)),
           person, wm_printf(w->pool, "r:%.*s", wm_fmt(person)));
    wm_fetch(w, wm_fix_found);
}


static void
wm_fix_to_roster(wm_web_t *w)
{
    wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s/roster",
                             wm_fmt(w->id)));
}


/* ---- leaving, by hand */

static void
wm_hand_out_answer(wm_web_t *w)
{
    wm_fix_t  *x = w->state;

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s/roster?left=%.*s",
                                 wm_fmt(w->id), wm_fmt(x->facts.person)));
        return;
    }

    wm_doc_str(w->doc, "event", x->facts.event);
    wm_doc_str(w->doc, "person", x->facts.person);
    wm_doc_bool(w->doc, "again", x->verdict == WM_VERDICT_OK);
    wm_show_attend(w, w->doc, &x->done);
    wm_doc_str(w->doc, "by", x->done.by);
    wm_answer(w, x->verdict);
}


static void
wm_hand_out_done(wm_web_t *w)
{
    wm_fix_t  *x = w->state;

    wm_attend_at(&x->done, &x->leaving, w->result.time_ms);
    wm_hand_out_answer(w);
}


static void
wm_hand_out_decide(wm_web_t *w)
{
    wm_fix_t            *x = w->state;
    wm_commit_t         *c;
    wm_attend_facts_t   *f = &x->leaving;

    c = wm_begin(w, WM_OP_HAND_OUT);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    f->event = x->event;
    f->record = x->facts.record;
    f->out = true;
    f->how = WM_ASSURANCE_HAND;
    f->by = w->staff.name;
    memcpy(f->person.id, x->facts.person.data, WM_ID_LEN);

    x->verdict = wm_attend_check(c, &w->site->realm, f, &x->done);

    if (x->verdict == WM_VERDICT_CREATED) {
        wm_send(w, c, wm_hand_out, wm_hand_out_done);

    } else if (x->verdict == WM_VERDICT_OK) {
        wm_hand_out_answer(w);

    } else {
        wm_answer(w, x->verdict);
    }
}


static void
wm_hand_out(wm_web_t *w)
{
    wm_fix_load(w, wm_hand_out_decide);
}


/* ---- corrections */

static void
wm_fix_done(wm_web_t *w)
{
    wm_fix_t  *x = w->state;

    if (w->route->face != WM_API) {
        wm_fix_to_roster(w);
        return;
    }

    wm_doc_str(w->doc, "event", x->facts.event);
    wm_doc_str(w->doc, "person", x->facts.person);
    wm_doc_text(w->doc, "status", x->verdict == WM_VERDICT_CREATED
                                  ? "asked" : "decided");
    wm_answer(w, x->verdict);
}


static void
wm_fix_end(wm_web_t *w, wm_commit_t *c, wm_step_pt again)
{
    wm_fix_t  *x = w->state;

    if (x->verdict == WM_VERDICT_OK || x->verdict == WM_VERDICT_CREATED) {
        wm_send(w, c, again, wm_fix_done);

    } else {
        wm_refuse(w, x->verdict, wm_fix_done);
    }
}


static void
wm_fix_ask_decide(wm_web_t *w)
{
    wm_fix_t           *x = w->state;
    wm_commit_t        *c;
    wm_correct_what_t   what;

    c = wm_begin(w, WM_OP_CORRECT_ASK);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    what = wm_correct_find(wm_input(&w->input, "what")->text);

    if (what == WM_CORRECT_NONE) {
        wm_input_fail(&w->input, "what", WM_WRONG_CHOICE);
    }

    x->verdict = wm_correct_ask(c, &x->facts, what,
                                wm_input(&w->input, "reason")->text);
    wm_fix_end(w, c, wm_fix_ask);
}


static void
wm_fix_ask(wm_web_t *w)
{
    wm_fix_load(w, wm_fix_ask_decide);
}


static void
wm_fix_decide(wm_web_t *w, wm_op_t op, wm_step_pt again)
{
    wm_fix_t     *x = w->state;
    wm_commit_t  *c;

    c = wm_begin(w, op);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    x->verdict = op == WM_OP_CORRECT ? wm_correct_confirm(c, &x->facts)
                                     : wm_correct_drop(c, &x->facts);
    wm_fix_end(w, c, again);
}


static void
wm_fix_confirm_decide(wm_web_t *w)
{
    wm_fix_decide(w, WM_OP_CORRECT, wm_fix_confirm);
}


static void
wm_fix_confirm(wm_web_t *w)
{
    wm_fix_load(w, wm_fix_confirm_decide);
}


static void
wm_fix_drop_decide(wm_web_t *w)
{
    wm_fix_decide(w, WM_OP_CORRECT_DROP, wm_fix_drop);
}


static void
wm_fix_drop(wm_web_t *w)
{
    wm_fix_load(w, wm_fix_drop_decide);
}
