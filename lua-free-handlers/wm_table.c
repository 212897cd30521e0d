#include "wm_table.h"
#include "wm_time.h"

#include <inttypes.h>

#define WM_TABLE_BACK  1000             /* that began before, looked at */


/* ---- what began before a day, and may go on */

void
wm_table_ask_before(wm_web_t *w, wm_str_t index, int64_t near, int64_t from)
{
    wm_ask(w, wm_lit("ZREVRANGEBYSCORE"), index,
           wm_printf(w->pool, "(%" PRId64, near),
           wm_printf(w->pool, "%" PRId64, from - WM_EVENT_DAYS * WM_DAY_MS),
           wm_lit("LIMIT"), wm_lit("0"),
           wm_printf(w->pool, "%d", WM_TABLE_BACK));
}


size_t
wm_table_ask_ends(wm_web_t *w, const wm_reply_t *before)
{
    size_t  i, n;

    n = before->type == WM_REPLY_LIST ? before->n : 0;

    for (i = 0; i < n; i++) {
        wm_ask(w, wm_lit("HGET"),
               wm_web_key(w, "event:%.*s",
                          wm_fmt(wm_reply_at(before, i))),
               wm_lit("end"));
    }

    return n;
}


static bool
wm_table_ends(const wm_reply_t *end, int64_t after)
{
    uint64_t  ms;

    return wm_parse_uint(wm_reply_str(end), WM_TIME_MAX, &ms)
           && (int64_t) ms > after;
}


size_t
wm_table_keep(wm_reply_t *before, const wm_reply_t *ends, int64_t near,
    int64_t from, size_t max)
{
    size_t  i, n, kept, spare;

    n = before->type == WM_REPLY_LIST ? before->n : 0;

    for (i = 0, spare = max; i < n && spare > 0; i++) {
        spare -= wm_table_ends(&ends[i], near);
    }

    for (i = 0, kept = 0; i < n && kept < max; i++) {
        if (!wm_table_ends(&ends[i], near)) {
            if (spare == 0 || !wm_table_ends(&ends[i], from)) {
                continue;
            }

            spare--;
        }

        before->items[kept++] = before->items[i];
    }

    return kept;
}


/* ---- the public ones */

static void
wm_table_done(wm_web_t *w)
{
    wm_table_t  *t = w->state;

    w->state = t->outer;
    t->next(w);
}


static size_t
wm_table_limit(const wm_table_t *t)
{
    return t->limit > 0 && t->limit < WM_TABLE_MAX ? t->limit : WM_TABLE_MAX;
}


static size_t
wm_table_count(const wm_reply_t *list)
{
    return list->type == WM_REPLY_LIST ? list->n : 0;
}


static void
wm_table_ask_event(wm_web_t *w, wm_str_t id)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(id)));
}


/* false: it is not for the public, or was over before the first day */

static bool
wm_table_take(const wm_table_t *t, const wm_reply_t *record, wm_str_t id,
    wm_event_t *event)
{
    return wm_event_load_public(record, id, event)
           && event->end_ms > t->from;
}


/* The last one comes first: they fill the room backwards. */

static void
wm_table_began(wm_web_t *w)
{
    size_t       i, first;
    wm_table_t  *t = w->state;

    for (i = 0, first = t->room; i < w->nreplies; i++) {
        first -= wm_table_take(t, &w->replies[i],
                               wm_reply_at(&t->before, i),
                               &t->events[first - 1]);
    }

    t->events += first;
    t->n += t->room - first;

    wm_table_done(w);
}


/* Of what began before, the ends are known now, of the rest all. */

static void
wm_table_events(wm_web_t *w)
{
    size_t       i, n, nbefore;
    wm_table_t  *t = w->state;

    n = wm_table_count(&t->ids);
    nbefore = wm_table_count(&t->before);

    t->room = wm_table_keep(&t->before, w->replies, t->near, t->from,
                            wm_table_limit(t));

    for (i = 0; i < t->room; i++) {
        wm_table_ask_event(w, wm_reply_at(&t->before, i));
    }

    t->events = wm_calloc(w->pool, (t->room + n + 1) * sizeof(wm_event_t));
    if (t->events == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; i < n; i++) {
        t->n += wm_table_take(t, &w->replies[nbefore + i],
                              wm_reply_at(&t->ids, i),
                              &t->events[t->room + t->n]);
    }

    if (t->room == 0) {
        wm_table_done(w);

    } else {
        wm_fetch(w, wm_table_began);
    }
}


static void
wm_table_found(wm_web_t *w)
{
    size_t       i, n;
    wm_table_t  *t = w->state;

    t->ids = w->replies[0];
    t->before = w->replies[1];
    t->units = w->replies[2];
    wm_show_sort(&t->units);

    if (t->unit.len > 0
        && !wm_unit_load(w->pool, t->unit,
                         wm_show_find_sorted(&t->units, t->unit), &t->here))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    n = wm_table_ask_ends(w, &t->before);

    for (i = 0; i < wm_table_count(&t->ids); i++, n++) {
        wm_table_ask_event(w, wm_reply_at(&t->ids, i));
    }

    if (n == 0) {
        wm_table_done(w);

    } else {
        wm_fetch(w, wm_table_events);
    }
}


void
wm_table_read(wm_web_t *w, wm_table_t *t, wm_step_pt next)
{
    wm_str_t  key;

    t->next = next;
    t->outer = w->state;
    w->state = t;

    t->near = t->near > t->from ? t->near : t->from;
    key = wm_web_key(w, "events:%.*s",
                     wm_fmt(t->unit.len > 0 ? t->unit
                                            : wm_lit(WM_UNIT_ALL)));

    wm_ask(w, wm_lit("ZRANGEBYSCORE"), key,
           wm_printf(w->pool, "%" PRId64, t->near),
           wm_printf(w->pool, "(%" PRId64, t->to + WM_DAY_MS),
           wm_lit("LIMIT"), wm_lit("0"),
           wm_printf(w->pool, "%zu", wm_table_limit(t)));
    wm_table_ask_before(w, key, t->near, t->from);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_table_found);
}
