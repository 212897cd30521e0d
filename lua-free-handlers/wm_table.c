#include "wm_table.h"
#include "wm_time.h"

#include <inttypes.h>

#define WM_TABLE_BACK  7                /* days that an event may last */


static void
wm_table_done(wm_web_t *w)
{
    wm_table_t  *t = w->state;

    w->state = t->outer;
    t->next(w);
}


static void
wm_table_events(wm_web_t *w)
{
    size_t       i;
    wm_event_t  *event;
    wm_table_t  *t = w->state;

    for (i = 0; i < w->nreplies; i++) {
        event = &t->events[t->n];

        /* what was over before the first day is not of these days */

        t->n += wm_event_load(&w->replies[i], t->ids[i], event)
                && wm_event_is_public(event) && event->end_ms > t->from;
    }

    wm_table_done(w);
}


static void
wm_table_found(wm_web_t *w)
{
    size_t       i, n;
    wm_reply_t  *ids = &w->replies[0];
    wm_table_t  *t = w->state;

    t->units = w->replies[1];
    wm_show_sort(&t->units);

    if (t->unit.len > 0
        && !wm_unit_load(w->pool, t->unit,
                         wm_show_find_sorted(&t->units, t->unit), &t->here))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    n = ids->type == WM_REPLY_LIST ? ids->n : 0;
    t->ids = wm_alloc(w->pool, (n + 1) * sizeof(wm_str_t));
    t->events = wm_calloc(w->pool, (n + 1) * sizeof(wm_event_t));

    if (t->ids == NULL || t->events == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; i < n; i++) {
        t->ids[i] = wm_reply_at(ids, i);
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "event:%.*s", wm_fmt(t->ids[i])));
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
    size_t  limit;

    t->next = next;
    t->outer = w->state;
    w->state = t;

    limit = t->limit > 0 && t->limit < WM_TABLE_MAX ? t->limit : WM_TABLE_MAX;

    wm_ask(w, wm_lit("ZRANGEBYSCORE"),
           wm_web_key(w, "events:%.*s",
                      wm_fmt(t->unit.len > 0 ? t->unit
                                             : wm_lit(WM_UNIT_ALL))),
           wm_printf(w->pool, "%" PRId64,
                     t->from - WM_TABLE_BACK * WM_DAY_MS),
           wm_printf(w->pool, "(%" PRId64, t->to + WM_DAY_MS),
           wm_lit("LIMIT"), wm_lit("0"), wm_printf(w->pool, "%zu", limit));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_table_found);
}
