#include "wm_attend.h"
#include "wm_wall.h"

#include <inttypes.h>

static const struct {
    char         letter;
    const char  *code;
    const char  *text;
    unsigned     level;
} wm_assurances[] = {
    { '-', "", "", 0 },
#define X(name, letter, code, text, level)  { letter, code, text, level },
    WM_ASSURANCES(X)
#undef X
};


const char *
wm_assurance_code(wm_assurance_t a)
{
    return wm_assurances[a].code;
}


const char *
wm_assurance_text(wm_assurance_t a)
{
    return wm_assurances[a].text;
}


unsigned
wm_assurance_level(wm_assurance_t a)
{
    return wm_assurances[a].level;
}


static bool
wm_assurance_find(char letter, wm_assurance_t *out)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_assurances); i++) {
        if (wm_assurances[i].letter == letter) {
            *out = (wm_assurance_t) i;
            return true;
        }
    }

    return false;
}


bool
wm_attend_load(wm_str_t record, wm_attend_t *a)
{
    wm_str_t  in, out, how;
    uint64_t  in_ms, out_ms;

    if (!wm_split(&record, ':', &in) || !wm_split(&record, ':', &out)
        || !wm_split(&record, ':', &how) || how.len != 2
        || !wm_parse_uint(in, INT64_MAX, &in_ms)
        || !wm_parse_uint(out, INT64_MAX, &out_ms))
    {
        return false;
    }

    a->in_ms = (int64_t) in_ms;
    a->out_ms = (int64_t) out_ms;
    a->by = record;

    return wm_assurance_find(how.data[0], &a->in_how)
           && wm_assurance_find(how.data[1], &a->out_how)
           && a->in_how != WM_ASSURANCE_NONE;
}


wm_str_t
wm_attend_record(wm_pool_t *pool, const wm_attend_t *a)
{
    return wm_printf(pool, "%" PRId64 ":%" PRId64 ":%c%c:%.*s", a->in_ms,
                     a->out_ms, wm_assurances[a->in_how].letter,
                     wm_assurances[a->out_how].letter, wm_fmt(a->by));
}


bool
wm_attend_seen_at(int64_t at_ms, int64_t now_ms)
{
    return at_ms <= now_ms + WM_ATTEND_CLOCK_MS
           && at_ms >= now_ms - WM_ATTEND_KEPT_MS;
}


static int64_t
wm_attend_now(const wm_attend_facts_t *f, int64_t now_ms)
{
    return f->at_ms > 0 && f->at_ms < now_ms ? f->at_ms : now_ms;
}


/* Whether codes are accepted now; a worker may also write it down later. */

static wm_verdict_t
wm_attend_window(const wm_attend_facts_t *f, int64_t now_ms)
{
    if (f->event.state != WM_EVENT_PUBLISHED) {
        return WM_VERDICT_CLOSED;
    }

    if (f->how == WM_ASSURANCE_POSTER) {
        return wm_poster_check(&f->event, f->poster, now_ms);
    }

    if (now_ms < f->event.start_ms - WM_ATTEND_EARLY_MS) {
        return WM_VERDICT_NOT_OPEN;
    }

    if (f->how != WM_ASSURANCE_HAND
        && now_ms > f->event.end_ms + WM_ATTEND_LATE_MS)
    {
        return WM_VERDICT_CLOSED;
    }

    return WM_VERDICT_OK;
}


/*
 * Whether there is a place, where one is needed; a worker finds one for who
 * has none.
 */

static wm_verdict_t
wm_attend_place(wm_commit_t *c, const wm_attend_facts_t *f)
{
    wm_enrol_t        enrol;
    wm_enrol_state_t  state;

    if (f->out || f->how == WM_ASSURANCE_HAND
        || !wm_event_needs_place(&f->event))
    {
        return WM_VERDICT_OK;
    }

    (void) wm_enrol_load(f->enrolled, &enrol);
    state = wm_enrol_now(&enrol, &f->event, c->now_ms);

    if (state != WM_ENROL_SEATED && state != WM_ENROL_OFFERED) {
        return WM_VERDICT_NO_PLACE;
    }

    wm_need(c, HEQ, wm_key(c->pool, c->district, "enrol:%.*s",
                           wm_fmt(f->event.id)),
            wm_str(f->person.id), f->enrolled);

    if (state == WM_ENROL_OFFERED) {
        wm_enrol_keep(c, &f->event, wm_str(f->person.id), &enrol);
    }

    return WM_VERDICT_OK;
}


static void
wm_attend_write(wm_commit_t *c, const wm_attend_facts_t *f, wm_str_t key,
    const wm_attend_t *done)
{
    wm_str_t  person = wm_str(f->person.id);

    wm_do(c, HSET, key, person, wm_attend_record(c->pool, done));

    if (f->device.data != NULL && !f->out) {
        wm_do(c, HSET, wm_key(c->pool, c->district, "dev:%.*s",
                              wm_fmt(f->device)),
              wm_printf(c->pool, "a:%.*s:%s", wm_fmt(f->event.id),
                        f->person.id),
              wm_printf(c->pool, "%" PRId64, c->now_ms));
    }
}


static wm_verdict_t
wm_attend_in(wm_commit_t *c, const wm_realm_t *realm, wm_attend_facts_t *f,
    wm_str_t key, wm_attend_t *done)
{
    done->in_ms = wm_attend_now(f, c->now_ms);
    done->out_ms = 0;
    done->in_how = f->how;
    done->out_how = WM_ASSURANCE_NONE;
    done->by = f->by;

    wm_need(c, HABSENT, key, wm_str(f->person.id));

    wm_person_keep(c, realm, &f->person);

    wm_attend_write(c, f, key, done);

    return WM_VERDICT_CREATED;
}


static wm_verdict_t
wm_attend_out(wm_commit_t *c, wm_attend_facts_t *f, wm_str_t key,
    wm_attend_t *done)
{
    wm_need(c, HEQ, key, wm_str(f->person.id), f->record);

    done->out_ms = wm_attend_now(f, c->now_ms);
    done->out_how = f->how;

    wm_attend_write(c, f, key, done);

    return WM_VERDICT_CREATED;
}


/* A card is one only as long as its person's epoch is the one in it. */

static void
wm_attend_card(wm_commit_t *c, const wm_person_t *person)
{
    wm_str_t  epoch = wm_lit("");

    if (person->epoch != 0) {
        epoch = wm_printf(c->pool, "%" PRIu32, person->epoch);
    }

    wm_need(c, HEQ, wm_key(c->pool, c->district, "person:%s", person->id),
            wm_lit("epoch"), epoch);
}


int64_t
wm_attend_until(const wm_attend_t *a, int64_t end_ms)
{
    return a->out_ms < end_ms + WM_ATTEND_LATE_MS
           ? a->out_ms : end_ms + WM_ATTEND_LATE_MS;
}


int64_t
wm_attend_credit(int64_t in_ms, int64_t until_ms, int64_t *counted)
{
    int64_t  from;

    from = in_ms > *counted ? in_ms : *counted;

    if (until_ms <= from) {
        return 0;
    }

    *counted = until_ms;

    return until_ms - from;
}


int64_t
wm_attend_minutes(const wm_attend_t *a, const wm_event_t *event)
{
    int64_t  counted = 0;

    if (a->out_ms == 0) {
        return -1;
    }

    return wm_attend_credit(a->in_ms, wm_attend_until(a, event->end_ms),
                            &counted)
           / INT64_C(60000);
}


wm_verdict_t
wm_attend_check(wm_commit_t *c, const wm_realm_t *realm,
    wm_attend_facts_t *f, wm_attend_t *done)
{
    bool          there;
    wm_str_t      key;
    wm_verdict_t  v;

    there = f->record.data != NULL;

    if (there && !wm_attend_load(f->record, done)) {
        return WM_VERDICT_INTERNAL;
    }

    if (there && (!f->out || done->out_ms != 0)) {
        return WM_VERDICT_OK;
    }

    v = wm_attend_window(f, wm_attend_now(f, c->now_ms));

    if (v == WM_VERDICT_OK) {
        v = wm_attend_place(c, f);
    }

    if (v != WM_VERDICT_OK) {
        return v;
    }

    /* what comes late may have been seen before the check-in */

    if (f->out && (!there || (f->at_ms > 0 && f->at_ms < done->in_ms))) {
        return WM_VERDICT_NOT_IN;
    }

    key = wm_key(c->pool, c->district, "att:%.*s", wm_fmt(f->event.id));

    wm_need(c, HEQ, wm_key(c->pool, c->district, "event:%.*s",
                           wm_fmt(f->event.id)),
            wm_lit("version"), f->event.version);

    if (f->how == WM_ASSURANCE_CARD) {
        wm_attend_card(c, &f->person);
    }

    return f->out ? wm_attend_out(c, f, key, done)
                  : wm_attend_in(c, realm, f, key, done);
}


void
wm_attend_at(wm_attend_t *done, const wm_attend_facts_t *f, int64_t ms)
{
    *(f->out ? &done->out_ms : &done->in_ms) = wm_attend_now(f, ms);
}
