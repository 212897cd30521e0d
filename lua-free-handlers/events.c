/* What the public sees of events: the timetable, one event. */

#include "wm_places.h"
#include "wm_rated.h"
#include "wm_text.h"
#include "wm_time.h"

#include <inttypes.h>

#define WM_TIMETABLE_DAYS   28
#define WM_TIMETABLE_LIMIT  "200"
#define WM_TIMETABLE_BACK   7           /* days that an event may last */

static void wm_timetable(wm_web_t *w);
static void wm_event(wm_web_t *w);

static const wm_field_t  wm_timetable_fields[] = {
    { "unit",  WM_FIELD_TOKEN,  0,  0, 64 },
    { "from",  WM_FIELD_DAY,    0,  0, 0 },
    { "to",    WM_FIELD_DAY,    0,  0, 0 }
};

static const size_t  wm_timetable_nfields = wm_countof(wm_timetable_fields);

#define WM_TIMETABLE_QUERY  wm_timetable_fields, &wm_timetable_nfields

/* a page that stands for long cannot name days */

static const wm_field_t  wm_timetable_part_fields[] = {
    { "unit",  WM_FIELD_TOKEN,   0,  0, 64 },
    { "from",  WM_FIELD_DAY,     0,  0, 0 },
    { "to",    WM_FIELD_DAY,     0,  0, 0 },
    { "days",  WM_FIELD_NUMBER,  0,  1, WM_TIMETABLE_DAYS }
};

static const size_t  wm_timetable_part_nfields =
    wm_countof(wm_timetable_part_fields);

const wm_route_t  wm_events_routes[] = {
    { WM_GET, "timetable", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_EVENTS, WM_TIMETABLE_QUERY,
      "timetable", wm_timetable, NULL, NULL },
    { WM_GET, "api/timetable", WM_API, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_EVENTS, WM_TIMETABLE_QUERY,
      NULL, wm_timetable, NULL, NULL },
    { WM_GET, "fragment/timetable", WM_FRAGMENT, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_EVENTS,
      wm_timetable_part_fields, &wm_timetable_part_nfields,
      "fragment-timetable", wm_timetable, NULL, NULL },
    { WM_GET, "event/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_PLACES, NULL, NULL, "event", wm_event, NULL, NULL },
    { WM_GET, "api/events/{id}", WM_API, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_PLACES, NULL, NULL, NULL, wm_event, NULL, NULL },
    { WM_GET, "fragment/event/{id}", WM_FRAGMENT, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_PLACES, NULL, NULL,
      "fragment-event", wm_event, NULL, NULL }
};

const size_t  wm_events_nroutes = wm_countof(wm_events_routes);

typedef struct {
    int64_t      from;
    int64_t      to;                    /* start of the last day */
    wm_str_t     unit;
    wm_reply_t   units;
    size_t       n;
    wm_str_t    *ids;
} wm_timetable_t;


/* Days are for the page: programs have the list. */

static void
wm_timetable_day(wm_web_t *w, wm_doc_t *days, wm_doc_t **day, int64_t *last,
    const wm_event_t *event)
{
    char      *out;
    int64_t    start;
    wm_doc_t  *item;

    start = wm_time_day(event->start_ms, w->site->offset);

    if (start != *last) {
        out = wm_alloc(w->pool, WM_TIME_TEXT);
        if (out == NULL) {
            return;
        }

        item = wm_doc_item(days);
        wm_doc_str(item, "day_text",
                   wm_time_human_day(start, w->site->offset, out));
        *day = wm_doc_list(item, "items");
        *last = start;
    }

    item = wm_doc_item(*day);
    wm_show_event(w, item, event, false);
    wm_doc_str(item, "clock_text", wm_show_clock(w, event->start_ms));
}


static void
wm_timetable_range(wm_web_t *w, const wm_timetable_t *t)
{
    int64_t  span = t->to - t->from + WM_DAY_MS;

    wm_doc_str(w->doc, "from", wm_show_date(w, t->from));
    wm_doc_str(w->doc, "to", wm_show_date(w, t->to));

    wm_doc_hide(wm_doc_str(w->doc, "prev",
        wm_printf(w->pool, "unit=%.*s&from=%.*s&to=%.*s", wm_fmt(t->unit),
                  wm_fmt(wm_show_date(w, t->from - span)),
                  wm_fmt(wm_show_date(w, t->from - WM_DAY_MS)))));
    wm_doc_hide(wm_doc_str(w->doc, "next",
        wm_printf(w->pool, "unit=%.*s&from=%.*s&to=%.*s", wm_fmt(t->unit),
                  wm_fmt(wm_show_date(w, t->to + WM_DAY_MS)),
                  wm_fmt(wm_show_date(w, t->to + span)))));
}


static void
wm_timetable_show(wm_web_t *w)
{
    size_t           i;
    int64_t          last = INT64_MIN;
    wm_doc_t        *items, *days, *day = NULL;
    wm_event_t       event;
    wm_timetable_t  *t = w->state;

    items = wm_doc_list(w->doc, "items");
    days = wm_doc_list(w->doc, "days");
    wm_doc_hide(days);

    for (i = 0; i < t->n; i++) {
        if (!wm_event_load(&w->replies[i], t->ids[i], &event)
            || !wm_event_is_public(&event) || event.end_ms <= t->from)
        {
            continue;                   /* over before the first day */
        }

        wm_show_event(w, wm_doc_item(items), &event, false);
        wm_timetable_day(w, days, &day, &last, &event);
    }

    wm_timetable_range(w, t);

    wm_show_sort(&t->units);
    wm_show_choices(w, "units", "name", &t->units, t->unit);

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_timetable_found(wm_web_t *w)
{
    size_t           i;
    wm_unit_t        unit;
    wm_reply_t      *ids = &w->replies[0];
    wm_timetable_t  *t = w->state;

    t->units = w->replies[1];
    t->n = ids->type == WM_REPLY_LIST ? ids->n : 0;
    t->ids = wm_alloc(w->pool, (t->n + 1) * sizeof(wm_str_t));

    if (t->unit.len > 0
        && !wm_unit_load(w->pool, t->unit, wm_show_find(&t->units, t->unit),
                         &unit))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    if (t->ids == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; i < t->n; i++) {
        t->ids[i] = wm_reply_at(ids, i);
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "event:%.*s", wm_fmt(t->ids[i])));
    }

    if (t->n == 0) {
        wm_timetable_show(w);

    } else {
        wm_fetch(w, wm_timetable_show);
    }
}


static void
wm_timetable(wm_web_t *w)
{
    int64_t          days;
    wm_value_t      *from, *to;
    wm_timetable_t  *t;

    t = wm_calloc(w->pool, sizeof(wm_timetable_t));
    if (t == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    from = wm_input(&w->input, "from");
    to = wm_input(&w->input, "to");
    days = wm_input(&w->input, "days")->num;
    days = days > 0 ? days : WM_TIMETABLE_DAYS;

    t->unit = wm_input(&w->input, "unit")->text;
    t->from = from->text.len > 0 ? from->num
                                 : wm_time_day(w->now_ms, w->site->offset);
    t->to = to->text.len > 0 ? to->num
                             : t->from + (days - 1) * WM_DAY_MS;

    w->state = t;

    if (t->to < t->from) {
        wm_input_fail(&w->input, "to", WM_WRONG_ORDER);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    wm_ask(w, wm_lit("ZRANGEBYSCORE"),
           wm_web_key(w, "events:%.*s",
                      wm_fmt(t->unit.len > 0 ? t->unit
                                             : wm_lit(WM_UNIT_ALL))),
           wm_printf(w->pool, "%" PRId64,
                     t->from - WM_TIMETABLE_BACK * WM_DAY_MS),
           wm_printf(w->pool, "(%" PRId64, t->to + WM_DAY_MS),
           wm_lit("LIMIT"), wm_lit("0"), wm_lit(WM_TIMETABLE_LIMIT));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_timetable_found);
}


/* What those who were there think of it, on the page. */

static void
wm_event_rated(wm_web_t *w)
{
    wm_doc_t    *doc;
    wm_rated_t  *rated = w->state;

    if (rated->shown.n > 0) {
        rated->texts = w->replies[0];
    }

    if (rated->count > 0) {
        doc = wm_doc_obj(w->doc, "rated");
        wm_doc_hide(doc);
        wm_rated_show(w, doc, rated);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_event_page(wm_web_t *w, const wm_event_t *event)
{
    wm_rated_t  *rated;

    rated = wm_calloc(w->pool, sizeof(wm_rated_t));
    if (rated == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_hide(wm_doc_bool(w->doc, "over",
                            event->state == WM_EVENT_PUBLISHED
                            && w->now_ms >= event->end_ms));

    w->state = rated;

    if (wm_rated_found(w, w->id, &w->replies[4], rated)) {
        wm_fetch(w, wm_event_rated);

    } else {
        wm_event_rated(w);
    }
}


static void
wm_event_show(wm_web_t *w)
{
    wm_event_t  event;
    wm_seats_t  seats;

    if (!wm_event_load(&w->replies[0], w->id, &event)
        || !wm_event_is_public(&event))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_seats_load(&w->replies[2], &w->replies[3], &seats);

    wm_show_event(w, w->doc, &event, false);
    wm_doc_int(w->doc, "present", w->replies[1].num);
    wm_show_places(w, &event, &seats);

    if (w->route->face == WM_PAGE) {
        wm_event_page(w, &event);

    } else {
        wm_answer(w, WM_VERDICT_OK);
    }
}


static void
wm_event(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HLEN"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "seats:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("ZCARD"), wm_web_key(w, "wait:%.*s", wm_fmt(w->id)));

    if (w->route->face == WM_PAGE) {
        wm_rated_ask(w, w->id);
    }

    wm_fetch(w, wm_event_show);
}
