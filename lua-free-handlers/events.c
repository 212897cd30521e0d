/* What the public sees of events: the timetable, one event. */

#include "wm_places.h"
#include "wm_rated.h"
#include "wm_table.h"
#include "wm_text.h"
#include "wm_time.h"

#define WM_TIMETABLE_DAYS   28
#define WM_TIMETABLE_LIMIT  200

static void wm_timetable(wm_web_t *w);
static void wm_event(wm_web_t *w);

#define WM_TIMETABLE_FIELDS                                                  \
    { "unit",  WM_FIELD_TOKEN,  0,  0, 64 },                                 \
    { "from",  WM_FIELD_DAY,    0,  0, 0 },                                  \
    { "to",    WM_FIELD_DAY,    0,  0, 0 }

static const wm_field_t  wm_timetable_fields[] = {
    WM_TIMETABLE_FIELDS
};

static const size_t  wm_timetable_nfields = wm_countof(wm_timetable_fields);

#define WM_TIMETABLE_QUERY  wm_timetable_fields, &wm_timetable_nfields

/* a page that stands for long cannot name days */

static const wm_field_t  wm_timetable_part_fields[] = {
    WM_TIMETABLE_FIELDS,
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


/* Days are for the page: programs have the list. */

static void
wm_timetable_day(wm_web_t *w, wm_doc_t *days, wm_doc_t **day, int64_t *last,
    const wm_event_t *event)
{
    int64_t    start;
    wm_doc_t  *item;

    start = wm_time_day(event->start_ms, w->site->offset);

    if (start != *last) {
        item = wm_doc_item(days);
        wm_doc_str(item, "day_text", wm_show_day(w, start));
        wm_doc_bool(item, "today",
                    start == wm_time_day(w->now_ms, w->site->offset));
        *day = wm_doc_list(item, "items");
        *last = start;
    }

    item = wm_doc_item(*day);
    wm_show_event(w, item, event, false);
    wm_doc_str(item, "clock_text", wm_show_clock(w, event->start_ms));
    wm_doc_bool(item, "over", w->now_ms >= event->end_ms);
}


static wm_str_t
wm_timetable_link(wm_web_t *w, const wm_table_t *t, int64_t from, int64_t to)
{
    return wm_printf(w->pool, "%s%.*s%sfrom=%.*s&to=%.*s",
                     t->unit.len > 0 ? "unit=" : "", wm_fmt(t->unit),
                     t->unit.len > 0 ? "&" : "",
                     wm_fmt(wm_show_date(w, from)),
                     wm_fmt(wm_show_date(w, to)));
}


/* The stretches of days that people ask for. */

static void
wm_timetable_spans(wm_web_t *w, const wm_table_t *t)
{
    size_t     i;
    int64_t    today, monday;
    wm_doc_t  *list, *item;

    today = wm_time_day(w->now_ms, w->site->offset);
    monday = wm_time_week(w->now_ms, w->site->offset);

    const struct {
        const char  *name;
        int64_t      from, days;
    } spans[] = {
        { "is_today",      today,                    1 },
        { "is_this_week",  monday,                   7 },
        { "is_next_week",  monday + 7 * WM_DAY_MS,   7 },
        { "is_four",       today,                    WM_TIMETABLE_DAYS }
    };

    list = wm_doc_list(w->doc, "spans");
    wm_doc_hide(list);

    for (i = 0; i < wm_countof(spans); i++) {
        item = wm_doc_item(list);
        wm_doc_bool(item, spans[i].name, true);
        wm_doc_str(item, "query",
                   wm_timetable_link(w, t, spans[i].from,
                                     spans[i].from + (spans[i].days - 1)
                                                     * WM_DAY_MS));
        wm_doc_bool(item, "chosen",
                    t->from == spans[i].from
                    && t->to == spans[i].from
                                + (spans[i].days - 1) * WM_DAY_MS);
    }
}


static void
wm_timetable_range(wm_web_t *w, const wm_table_t *t)
{
    int64_t  span = t->to - t->from + WM_DAY_MS;

    wm_doc_str(w->doc, "from", wm_show_date(w, t->from));
    wm_doc_str(w->doc, "to", wm_show_date(w, t->to));

    wm_doc_hide(wm_doc_str(w->doc, "from_text", wm_show_day(w, t->from)));
    wm_doc_hide(wm_doc_str(w->doc, "to_text", wm_show_day(w, t->to)));
    wm_doc_hide(wm_doc_bool(w->doc, "one_day", span == WM_DAY_MS));
    wm_doc_hide(wm_doc_bool(w->doc, "one_week", span == 7 * WM_DAY_MS));
    wm_doc_hide(wm_doc_str(w->doc, "prev",
        wm_timetable_link(w, t, t->from - span, t->from - WM_DAY_MS)));
    wm_doc_hide(wm_doc_str(w->doc, "next",
        wm_timetable_link(w, t, t->to + WM_DAY_MS, t->to + span)));
}


/* What the page offers besides: other units and days, a feed, paper. */

static void
wm_timetable_page(wm_web_t *w, const wm_table_t *t)
{
    wm_str_t  unit = wm_lit(""), behind = w->site->url, scheme;

    if (t->unit.len > 0) {
        unit = wm_printf(w->pool, "?unit=%.*s", wm_fmt(t->unit));
        wm_doc_hide(wm_doc_str(w->doc, "unit", t->unit));
        wm_doc_hide(wm_doc_str(w->doc, "here", t->here.name));
    }

    /* "https://host/…" as "webcal://host/…" */

    (void) wm_split(&behind, ':', &scheme);

    wm_timetable_spans(w, t);
    wm_doc_hide(wm_doc_str(w->doc, "feed",
        wm_printf(w->pool, "/timetable.ics%.*s", wm_fmt(unit))));
    wm_doc_hide(wm_doc_str(w->doc, "webcal",
        wm_printf(w->pool, "webcal:%.*s", wm_fmt(behind))));
}


static void
wm_timetable_show(wm_web_t *w)
{
    size_t       i;
    int64_t      last = INT64_MIN;
    wm_doc_t    *items, *days, *day = NULL;
    wm_table_t  *t = w->state;

    items = wm_doc_list(w->doc, "items");
    days = wm_doc_list(w->doc, "days");
    wm_doc_hide(days);

    for (i = 0; i < t->n; i++) {
        wm_show_event(w, wm_doc_item(items), &t->events[i], false);
        wm_timetable_day(w, days, &day, &last, &t->events[i]);
    }

    wm_timetable_range(w, t);
    wm_timetable_page(w, t);
    wm_show_choices(w, "units", "name", &t->units, t->unit);

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_timetable(wm_web_t *w)
{
    int64_t          days;
    wm_value_t  *from, *to;
    wm_table_t  *t;

    t = wm_calloc(w->pool, sizeof(wm_table_t));
    if (t == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    from = wm_input(&w->input, "from");
    to = wm_input(&w->input, "to");
    days = wm_input(&w->input, "days")->num;
    days = days > 0 ? days : WM_TIMETABLE_DAYS;

    t->unit = wm_input(&w->input, "unit")->text;
    t->limit = WM_TIMETABLE_LIMIT;
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

    wm_table_read(w, t, wm_timetable_show);
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
    wm_doc_hide(wm_doc_bool(w->doc, "now",
                            event->state == WM_EVENT_PUBLISHED
                            && w->now_ms >= event->start_ms
                            && w->now_ms < event->end_ms));

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

    if (!wm_event_load_public(&w->replies[0], w->id, &event)) {
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
