#include "wm_data.h"
#include "wm_show.h"
#include "wm_who.h"

#define WM_DATA_ORDERS  200             /* read in one go */
#define WM_DATA_EVENTS  100

static void wm_data_owned(wm_web_t *w);


/* ---- who */

bool
wm_data_may(wm_web_t *w, wm_person_t *person)
{
    if (!wm_who_is_opened(w, &w->replies[1], person)) {
        return false;
    }

    if (wm_who_is_verified(w, person, &w->replies[0])) {
        return true;
    }

    wm_answer(w, w->site->has_sms || w->site->has_login
                 ? WM_VERDICT_VERIFY_FIRST : WM_VERDICT_ASK_OFFICE);

    return false;
}


bool
wm_data_limit(wm_web_t *w, const wm_person_t *person)
{
    wm_verdict_t  may;

    may = wm_take(w, WM_LIMIT_DATA, person->id);

    if (may != WM_VERDICT_OK) {
        wm_answer(w, may);
        return false;
    }

    return true;
}


/*
 * ---- one after the other: orders of each unit at the top, wishes, events
 */

static void
wm_data_ask(wm_web_t *w, const wm_ask_t *asks, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        wm_web_ask(w, asks[i].argv, asks[i].argc);
    }
}


static bool
wm_data_take_page(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->page = w->replies[0];
    d->nhits = 0;
    d->hit = 0;
    d->hits = wm_alloc(w->pool, (d->page.n + 1) * sizeof(wm_str_t));

    if (d->hits == NULL || d->page.type != WM_REPLY_LIST) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return false;
    }

    return true;
}


static void
wm_data_owned_read(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (wm_is(wm_reply_field(&w->replies[0], "person"), d->person.id)) {
        d->visit[d->owned](w);

    } else {
        wm_data_next(w);
    }
}


void
wm_data_owned_again(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "%s:%.*s", wm_owned_record(d->owned),
                      wm_fmt(d->hits[d->hit])));
    wm_fetch(w, wm_data_owned_read);
}


static void
wm_data_owned_hits(wm_web_t *w)
{
    size_t      i;
    wm_data_t  *d = w->state;

    for (i = 0; i < w->nreplies; i++) {
        if (wm_is(wm_reply_str(&w->replies[i]), d->person.id)) {
            d->hits[d->nhits++] = wm_reply_at(&d->page, i);
        }
    }

    d->found += d->nhits;
    wm_data_owned(w);
}


static void
wm_data_owned_page(wm_web_t *w)
{
    size_t      i;
    wm_data_t  *d = w->state;

    if (!wm_data_take_page(w)) {
        return;
    }

    d->first += d->page.n;

    if (d->page.n == 0) {
        d->root++;
        d->first = 0;
        wm_data_owned(w);
        return;
    }

    for (i = 0; i < d->page.n; i++) {
        wm_ask(w, wm_lit("HGET"),
               wm_web_key(w, "%s:%.*s", wm_owned_record(d->owned),
                          wm_fmt(wm_reply_at(&d->page, i))),
               wm_lit("person"));
    }

    wm_fetch(w, wm_data_owned_hits);
}


static void
wm_data_owned(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (d->hit < d->nhits) {
        wm_data_owned_again(w);
        return;
    }

    if (d->root == d->nroots) {
        d->root = 0;
        d->owned++;
    }

    if (d->owned == WM_OWNED_MAX || d->nroots == 0) {
        d->first = 0;
        wm_data_events(w);
        return;
    }

    wm_ask(w, wm_lit("ZRANGE"),
           wm_web_key(w, "%s:%.*s", wm_owned_index(d->owned),
                      wm_fmt(d->roots[d->root])),
           wm_printf(w->pool, "%zu", d->first),
           wm_printf(w->pool, "%zu", d->first + WM_DATA_ORDERS - 1));
    wm_fetch(w, wm_data_owned_page);
}


void
wm_data_next(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->hit++;
    wm_data_owned(w);
}


static void
wm_data_event_read(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_trace_load(d->hits[d->hit], w->replies, &d->trace);
    d->visit_event(w);
}


void
wm_data_event_again(wm_web_t *w)
{
    wm_ask_t    asks[WM_TRACE_ASKS];
    wm_data_t  *d = w->state;

    wm_trace_ask(w->pool, w->site->district, d->hits[d->hit],
                 wm_str(d->person.id), asks);
    wm_data_ask(w, asks, WM_TRACE_ASKS);
    wm_fetch(w, wm_data_event_read);
}


static void
wm_data_event_hits(wm_web_t *w)
{
    size_t      i;
    wm_data_t  *d = w->state;

    for (i = 0; i < d->page.n; i++) {
        if (wm_trace_found(&w->replies[i * WM_TRACE_HAS])) {
            d->hits[d->nhits++] = wm_reply_at(&d->page, i);
        }
    }

    d->found += d->nhits;
    wm_data_events(w);
}


static void
wm_data_event_page(wm_web_t *w)
{
    size_t      i;
    wm_ask_t    asks[WM_TRACE_HAS];
    wm_data_t  *d = w->state;

    if (!wm_data_take_page(w)) {
        return;
    }

    if (d->page.n == 0) {
        d->done(w);
        return;
    }

    d->first += d->page.n;

    for (i = 0; i < d->page.n; i++) {
        wm_trace_has(w->pool, w->site->district, wm_reply_at(&d->page, i),
                     wm_str(d->person.id), asks);
        wm_data_ask(w, asks, WM_TRACE_HAS);
    }

    wm_fetch(w, wm_data_event_hits);
}


void
wm_data_events(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    if (d->hit < d->nhits) {
        wm_data_event_again(w);
        return;
    }

    wm_ask(w, wm_lit("ZRANGE"), wm_web_key(w, "sched:" WM_UNIT_ALL),
           wm_printf(w->pool, "%zu", d->first),
           wm_printf(w->pool, "%zu", d->first + WM_DATA_EVENTS - 1));
    wm_fetch(w, wm_data_event_page);
}


/* What stands at the top has the orders of all below. */

void
wm_data_walk(wm_web_t *w)
{
    size_t       i;
    wm_str_t     units[WM_UNIT_DEPTH];
    wm_unit_t    unit;
    wm_data_t   *d = w->state;
    wm_reply_t  *all = &w->replies[0];

    d->roots = wm_alloc(w->pool, (all->n + 1) * sizeof(wm_str_t));

    if (d->roots == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        if (!wm_unit_load(w->pool, wm_reply_at(all, i),
                          wm_reply_at(all, i + 1), &unit))
        {
            w->why = wm_lit("a unit cannot be read");
            wm_answer(w, WM_VERDICT_INTERNAL);
            return;
        }

        if (wm_path_units(unit.path, units, WM_UNIT_DEPTH) == 1) {
            d->roots[d->nroots++] = unit.id;
        }
    }

    wm_data_owned(w);
}


void
wm_data_again(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    d->found = 0;
    d->owned = 0;
    d->root = 0;
    d->first = 0;
    wm_data_owned(w);
}


wm_data_t *
wm_data_begin(wm_web_t *w, const wm_person_t *person)
{
    wm_data_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_data_t));

    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return NULL;
    }

    d->person = *person;
    d->wechat = wm_reply_field(&w->replies[1], "wechat");
    d->mark = w->visitor.id[0] == '\0'
              ? wm_who_mark(w, person, &w->replies[0]) : wm_null;
    w->state = d;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));

    return d;
}
