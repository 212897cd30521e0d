#include "wm_rating.h"

#include <inttypes.h>

static const char *const  wm_rating_states[] = {
    "",
#define X(name, code)  code,
    WM_RATING_STATES(X)
#undef X
};

static const struct {
    int64_t      score;
    const char  *text;
} wm_rating_scores[] = {
#define X(score, text)  { score, text },
    WM_RATING_SCORES(X)
#undef X
};


const char *
wm_rating_state_code(wm_rating_state_t s)
{
    return wm_rating_states[s];
}


const char *
wm_rating_score_text(int64_t score)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_rating_scores); i++) {
        if (wm_rating_scores[i].score == score) {
            return wm_rating_scores[i].text;
        }
    }

    return "";
}


static wm_rating_state_t
wm_rating_state_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_rating_states); i++) {
        if (wm_is(code, wm_rating_states[i])) {
            return (wm_rating_state_t) i;
        }
    }

    return WM_RATING_NONE;
}


bool
wm_rating_load(wm_str_t record, wm_rating_t *r)
{
    wm_str_t  score, ms, state;
    uint64_t  n, made_ms;

    if (!wm_split(&record, ':', &score) || !wm_split(&record, ':', &ms)
        || !wm_split(&record, ':', &state)
        || !wm_parse_uint(score, WM_RATING_MAX, &n) || n == 0
        || !wm_parse_uint(ms, INT64_MAX, &made_ms))
    {
        return false;
    }

    r->score = (int64_t) n;
    r->made_ms = (int64_t) made_ms;
    r->state = wm_rating_state_find(state);
    r->path = record;

    return r->state != WM_RATING_NONE;
}


static wm_str_t
wm_rating_record(wm_pool_t *pool, const wm_rating_t *r)
{
    return wm_printf(pool, "%" PRId64 ":%" PRId64 ":%s:%.*s", r->score,
                     r->made_ms, wm_rating_state_code(r->state),
                     wm_fmt(r->path));
}


wm_verdict_t
wm_rating_may(const wm_rating_facts_t *f, int64_t now_ms, wm_rating_t *done)
{
    wm_attend_t  attend;

    if (!wm_event_is_public(&f->event)) {
        return WM_VERDICT_NOT_FOUND;
    }

    if (!f->here || !f->person.known || f->attended.data == NULL) {
        return WM_VERDICT_NOT_ATTENDED;
    }

    if (f->record.data != NULL) {
        return wm_rating_load(f->record, done) ? WM_VERDICT_OK
                                               : WM_VERDICT_INTERNAL;
    }

    if (!wm_attend_load(f->attended, &attend)) {
        return WM_VERDICT_INTERNAL;
    }

    if (f->event.state != WM_EVENT_PUBLISHED) {
        return WM_VERDICT_STATE;
    }

    if (attend.out_ms == 0 && now_ms < f->event.end_ms) {
        return WM_VERDICT_RATE_EARLY;
    }

    return now_ms > f->event.end_ms + WM_RATING_LONG
           ? WM_VERDICT_RATING_CLOSED : WM_VERDICT_CREATED;
}


static wm_str_t
wm_rating_key(wm_commit_t *c, wm_str_t event)
{
    return wm_key(c->pool, c->district, "rating:%.*s", wm_fmt(event));
}


/* Into, or out of, what waits in each unit of the path. */

static void
wm_rating_queue(wm_commit_t *c, wm_str_t path, wm_str_t event,
    wm_str_t person, bool in)
{
    size_t    i, n;
    wm_str_t  key, member, units[WM_UNIT_DEPTH + 1];

    n = wm_path_units(path, units, WM_UNIT_DEPTH);
    units[n++] = wm_lit(WM_UNIT_ALL);

    member = wm_printf(c->pool, "%.*s:%.*s", wm_fmt(event), wm_fmt(person));

    for (i = 0; i < n; i++) {
        key = wm_key(c->pool, c->district, "ratings:%.*s", wm_fmt(units[i]));

        if (in) {
            wm_do(c, ZADD, key, wm_printf(c->pool, "%" PRId64, c->now_ms),
                  member);

        } else {
            wm_do(c, ZREM, key, member);
        }
    }
}


static void
wm_rating_add(wm_commit_t *c, const char *what, wm_str_t id, wm_str_t score)
{
    wm_str_t  key;

    key = wm_key(c->pool, c->district, "score");

    wm_do(c, HINCRBY, key, wm_printf(c->pool, "%s:%.*s:n", what, wm_fmt(id)),
          wm_lit("1"));
    wm_do(c, HINCRBY, key,
          wm_printf(c->pool, "%s:%.*s:sum", what, wm_fmt(id)), score);
}


static void
wm_rating_figures(wm_commit_t *c, const wm_rating_facts_t *f, wm_str_t key)
{
    size_t    i, n;
    wm_str_t  score, units[WM_UNIT_DEPTH + 1];

    score = wm_printf(c->pool, "%" PRId64, f->score);

    wm_do(c, HINCRBY, key, wm_lit("n"), wm_lit("1"));
    wm_do(c, HINCRBY, key, wm_lit("sum"), score);

    if (f->event.course.len > 0) {
        wm_rating_add(c, "course", f->event.course, score);
    }

    if (f->provider.len > 0) {
        wm_rating_add(c, "provider", f->provider, score);
    }

    n = wm_path_units(f->event.path, units, WM_UNIT_DEPTH);
    units[n++] = wm_lit(WM_UNIT_ALL);

    for (i = 0; i < n; i++) {
        wm_rating_add(c, "unit", units[i], score);
    }
}


static void
wm_rating_needs(wm_commit_t *c, const wm_rating_facts_t *f, wm_str_t key)
{
    wm_str_t  person = wm_str(f->person.id);

    wm_need(c, HEQ, wm_key(c->pool, c->district, "event:%.*s",
                           wm_fmt(f->event.id)),
            wm_lit("version"), f->event.version);
    wm_need(c, HEXISTS, wm_key(c->pool, c->district, "att:%.*s",
                               wm_fmt(f->event.id)), person);
    wm_need(c, HEXISTS, wm_key(c->pool, c->district, "dev:%.*s",
                               wm_fmt(f->device)),
            wm_printf(c->pool, "a:%.*s:%s", wm_fmt(f->event.id),
                      f->person.id));
    wm_need(c, EXISTS, wm_key(c->pool, c->district, "person:%s",
                              f->person.id));
    wm_need(c, HABSENT, key, person);
}


wm_verdict_t
wm_rating_give(wm_commit_t *c, const wm_rating_facts_t *f, wm_rating_t *done)
{
    wm_str_t      key, person, record, sealed;
    wm_verdict_t  v;

    v = wm_rating_may(f, c->now_ms, done);
    if (v != WM_VERDICT_CREATED) {
        return v;
    }

    done->score = f->score;
    done->made_ms = c->now_ms;
    done->state = f->text.len > 0 ? WM_RATING_PENDING : WM_RATING_BARE;
    done->path = f->event.path;

    key = wm_rating_key(c, f->event.id);
    person = wm_str(f->person.id);
    record = wm_rating_record(c->pool, done);

    wm_rating_needs(c, f, key);

    if (f->text.len > 0) {
        sealed = wm_person_seal(c->pool, &f->person, f->text);
        c->failed |= sealed.data == NULL;

        wm_do(c, HSET, key, person, record,
              wm_printf(c->pool, "t:%s", f->person.id), sealed);
        wm_rating_queue(c, done->path, f->event.id, person, true);

    } else {
        wm_do(c, HSET, key, person, record);
    }

    wm_rating_figures(c, f, key);

    return WM_VERDICT_CREATED;
}


/* ---- review */

/* The rating with a text, and whether the text is in a state already. */

static wm_verdict_t
wm_rating_reviewed(wm_str_t record, wm_rating_state_t state, wm_rating_t *r,
    bool *nothing)
{
    if (record.data == NULL) {
        return WM_VERDICT_NOT_FOUND;
    }

    if (!wm_rating_load(record, r)) {
        return WM_VERDICT_INTERNAL;
    }

    *nothing = r->state == state;

    return r->state == WM_RATING_BARE ? WM_VERDICT_NOT_FOUND : WM_VERDICT_OK;
}


static wm_str_t
wm_rating_shown(wm_commit_t *c, wm_str_t event)
{
    return wm_key(c->pool, c->district, "shown:%.*s", wm_fmt(event));
}


wm_verdict_t
wm_rating_show(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t record, wm_str_t text, bool *nothing)
{
    wm_str_t      key, made;
    wm_rating_t   r;
    wm_verdict_t  v;

    v = wm_rating_reviewed(record, WM_RATING_SHOWN, &r, nothing);

    if (v != WM_VERDICT_OK || *nothing) {
        return v;
    }

    if (r.state == WM_RATING_HIDDEN || text.data == NULL) {
        return WM_VERDICT_STATE;
    }

    r.state = WM_RATING_SHOWN;
    key = wm_rating_key(c, event);
    made = wm_printf(c->pool, "%" PRId64, r.made_ms);

    wm_need(c, HEQ, key, person, record);
    wm_do(c, HSET, key, person, wm_rating_record(c->pool, &r),
          wm_printf(c->pool, "p:%.*s", wm_fmt(person)), text);
    wm_do(c, ZADD, wm_rating_shown(c, event), made, person);
    wm_rating_queue(c, r.path, event, person, false);

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_rating_hide(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t record, bool *nothing)
{
    wm_str_t      key;
    wm_rating_t   r;
    wm_verdict_t  v;

    v = wm_rating_reviewed(record, WM_RATING_HIDDEN, &r, nothing);

    if (v != WM_VERDICT_OK || *nothing) {
        return v;
    }

    r.state = WM_RATING_HIDDEN;
    key = wm_rating_key(c, event);

    wm_need(c, HEQ, key, person, record);
    wm_do(c, HSET, key, person, wm_rating_record(c->pool, &r));
    wm_do(c, HDEL, key, wm_printf(c->pool, "p:%.*s", wm_fmt(person)));
    wm_do(c, ZREM, wm_rating_shown(c, event), person);
    wm_rating_queue(c, r.path, event, person, false);

    return WM_VERDICT_OK;
}


void
wm_rating_forget(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t record, wm_str_t fresh)
{
    wm_str_t     key, now = record;
    wm_rating_t  r;

    key = wm_rating_key(c, event);

    wm_need(c, HEQ, key, person, record);

    if (wm_rating_load(record, &r)) {
        wm_rating_queue(c, r.path, event, person, false);
        r.state = WM_RATING_BARE;
        now = wm_rating_record(c->pool, &r);
    }

    wm_do(c, HDEL, key, person,
          wm_printf(c->pool, "t:%.*s", wm_fmt(person)),
          wm_printf(c->pool, "p:%.*s", wm_fmt(person)));
    wm_do(c, HSET, key, fresh, now);
    wm_do(c, ZREM, wm_rating_shown(c, event), person);
}


wm_str_t
wm_rating_average(wm_pool_t *pool, int64_t n, int64_t sum)
{
    int64_t  tenths;

    if (n <= 0 || sum < 0 || sum > n * WM_RATING_MAX) {
        return wm_lit("");
    }

    tenths = (sum * 20 + n) / (n * 2);

    return wm_printf(pool, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
}
