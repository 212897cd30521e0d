#include "wm_correct.h"
#include "wm_time.h"

#include <inttypes.h>

static const struct {
    const char  *code;
    const char  *text;
} wm_corrections[] = {
    { "", "" },
#define X(name, code, text)  { code, text },
    WM_CORRECTIONS(X)
#undef X
};


wm_correct_what_t
wm_correct_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_corrections); i++) {
        if (wm_is(code, wm_corrections[i].code)) {
            return (wm_correct_what_t) i;
        }
    }

    return WM_CORRECT_NONE;
}


const char *
wm_correct_code(wm_correct_what_t what)
{
    return wm_corrections[what].code;
}


const char *
wm_correct_text(wm_correct_what_t what)
{
    return wm_corrections[what].text;
}


bool
wm_correct_load(wm_str_t value, wm_correct_t *fix)
{
    uint64_t  ms;
    wm_str_t  code, time;

    if (!wm_split(&value, ':', &code) || !wm_split(&value, ':', &time)
        || !wm_split(&value, ':', &fix->by)
        || !wm_split(&value, ':', &fix->path)
        || !wm_parse_uint(time, (uint64_t) WM_TIME_MAX, &ms))
    {
        return false;
    }

    fix->what = wm_correct_find(code);
    fix->at_ms = (int64_t) ms;
    fix->reason = value;

    return fix->what != WM_CORRECT_NONE && fix->by.len > 0;
}


static wm_str_t
wm_correct_key(wm_commit_t *c, const wm_correct_facts_t *f, const char *kind)
{
    return wm_key(c->pool, c->district, "%s:%.*s", kind, wm_fmt(f->event));
}


static wm_str_t
wm_correct_of(wm_commit_t *c, wm_str_t person)
{
    return wm_printf(c->pool, "r:%.*s", wm_fmt(person));
}


/* Into, or out of, what waits in each unit of the path. */

static void
wm_correct_queue(wm_commit_t *c, const wm_correct_facts_t *f, wm_str_t path,
    bool in)
{
    size_t    i, n;
    wm_str_t  key, member, units[WM_UNIT_DEPTH];

    n = wm_path_units(path, units, WM_UNIT_DEPTH);
    member = wm_printf(c->pool, "%.*s:%.*s", wm_fmt(f->event),
                       wm_fmt(f->person));

    for (i = 0; i < n; i++) {
        key = wm_key(c->pool, c->district, "fixes:%.*s", wm_fmt(units[i]));

        if (in) {
            wm_do(c, ZADD, key, wm_printf(c->pool, "%" PRId64, c->now_ms),
                  member);

        } else {
            wm_do(c, ZREM, key, member);
        }
    }
}


wm_verdict_t
wm_correct_ask(wm_commit_t *c, const wm_correct_facts_t *f,
    wm_correct_what_t what, wm_str_t reason)
{
    wm_str_t      key;
    wm_attend_t   attend;

    if (!wm_attend_load(f->record, &attend)) {
        return WM_VERDICT_NOT_FOUND;
    }

    if (what == WM_CORRECT_NONE || reason.len == 0) {
        return WM_VERDICT_INVALID;
    }

    if (f->asked.data != NULL
        || (what == WM_CORRECT_REOPEN && attend.out_ms == 0))
    {
        return WM_VERDICT_STATE;
    }

    key = wm_correct_key(c, f, "fix");

    wm_need(c, HEQ, wm_correct_key(c, f, "att"), f->person, f->record);
    wm_need(c, HABSENT, key, f->person);
    wm_do(c, HSET, key, f->person,
          wm_printf(c->pool, "%s:%" PRId64 ":%.*s:%.*s:%.*s",
                    wm_correct_code(what), c->now_ms, wm_fmt(f->by),
                    wm_fmt(f->path), wm_fmt(reason)),
          wm_correct_of(c, f->person), f->record);
    wm_correct_queue(c, f, f->path, true);

    return WM_VERDICT_CREATED;
}


/* It is decided, one way or the other. */

static void
wm_correct_end(wm_commit_t *c, const wm_correct_facts_t *f,
    const wm_correct_t *fix)
{
    wm_str_t  key = wm_correct_key(c, f, "fix");

    wm_need(c, HEQ, key, f->person, f->asked);
    wm_do(c, HDEL, key, f->person, wm_correct_of(c, f->person));
    wm_correct_queue(c, f, fix->path, false);
}


wm_verdict_t
wm_correct_confirm(wm_commit_t *c, const wm_correct_facts_t *f)
{
    wm_str_t      key;
    wm_attend_t   attend;
    wm_correct_t  fix;

    if (!wm_correct_load(f->asked, &fix)) {
        return WM_VERDICT_NOT_FOUND;
    }

    if (wm_eq(fix.by, f->by)) {
        return WM_VERDICT_SECOND;
    }

    if (!wm_attend_load(f->record, &attend)
        || !wm_eq(f->record, f->asked_of))
    {
        return WM_VERDICT_CONFLICT;
    }

    key = wm_correct_key(c, f, "att");
    wm_need(c, HEQ, key, f->person, f->record);

    if (fix.what == WM_CORRECT_REMOVE) {
        wm_do(c, HDEL, key, f->person);

    } else {
        attend.out_ms = 0;
        attend.out_how = WM_ASSURANCE_NONE;
        wm_do(c, HSET, key, f->person, wm_attend_record(c->pool, &attend));
    }

    wm_correct_end(c, f, &fix);

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_correct_drop(wm_commit_t *c, const wm_correct_facts_t *f)
{
    wm_correct_t  fix;

    if (!wm_correct_load(f->asked, &fix)) {
        return WM_VERDICT_NOT_FOUND;
    }

    wm_correct_end(c, f, &fix);

    return WM_VERDICT_OK;
}


void
wm_correct_forget(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t asked)
{
    wm_correct_t        fix;
    wm_correct_facts_t  f = { .event = event, .person = person };

    f.asked = asked.data != NULL ? asked : wm_lit("");

    if (!wm_correct_load(asked, &fix)) {
        fix.path = wm_lit("");
    }

    wm_correct_end(c, &f, &fix);
}
