/* The timetable for calendars of phones, and for the wall. */

#include "wm_ics.h"
#include "wm_qr.h"
#include "wm_table.h"
#include "wm_time.h"
#include "wm_zh.h"

#define WM_FEED_BACK   30               /* days */
#define WM_FEED_AHEAD  180
#define WM_SHEET_DAYS  7
#define WM_SHEET_NOON  12               /* hours at which a part begins */
#define WM_SHEET_DUSK  18

static void wm_feed(wm_web_t *w);
static void wm_feed_event(wm_web_t *w);
static void wm_wall_sheet(wm_web_t *w);

static const wm_field_t  wm_feed_fields[] = {
    { "unit",   WM_FIELD_TOKEN,  0,  0, 64 }
};

static const wm_field_t  wm_wall_sheet_fields[] = {
    { "unit",   WM_FIELD_TOKEN,  0,  0, 64 },
    { "from",   WM_FIELD_DAY,    0,  0, 0 },
    { "paper",  WM_FIELD_TOKEN,  0,  0, 8 }
};

static const size_t  wm_feed_nfields = wm_countof(wm_feed_fields);
static const size_t  wm_wall_sheet_nfields = wm_countof(wm_wall_sheet_fields);

const wm_route_t  wm_calendar_routes[] = {
    { WM_GET, "timetable.ics", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_EVENTS, wm_feed_fields, &wm_feed_nfields, NULL,
      wm_feed, NULL, NULL },
    { WM_GET, "event/{id}.ics", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_EVENTS, NULL, NULL, NULL, wm_feed_event, NULL, NULL },
    { WM_GET, "timetable/print", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_EVENTS, wm_wall_sheet_fields, &wm_wall_sheet_nfields,
      "wall-sheet", wm_wall_sheet, NULL, NULL }
};

const size_t  wm_calendar_nroutes = wm_countof(wm_calendar_routes);


/* ---- RFC 5545 */

/* "对象：…", and so on, a line each; what is empty is left out. */

static void
wm_feed_text_line(wm_buf_t *b, const char *label, wm_str_t value)
{
    if (value.len == 0) {
        return;
    }

    wm_puts(b, b->len > 0 ? "\n" : "");

    if (label != NULL) {
        wm_put(b, wm_zh(wm_str(label)));
        wm_put(b, wm_zh(wm_lit("colon")));
    }

    wm_put(b, value);
}


static wm_str_t
wm_feed_text(wm_web_t *w, const wm_event_t *event)
{
    wm_buf_t  b;

    wm_buf_init(&b, w->pool, 256);

    if (event->state == WM_EVENT_CANCELLED) {
        wm_feed_text_line(&b, NULL, wm_zh(wm_lit("event_cancelled")));
    }

    wm_feed_text_line(&b, "audience", event->audience);
    wm_feed_text_line(&b, "host", event->unit_name);
    wm_feed_text_line(&b, NULL, event->content);

    return wm_buf_str(&b);
}


static void
wm_feed_put(wm_web_t *w, wm_buf_t *out, const wm_event_t *event)
{
    wm_str_t        host, rest;
    wm_ics_event_t  e = { .summary = event->title, .place = event->place };

    /* "https://host": the name alone, of what stands behind the last slash */

    for (rest = w->site->origin; wm_split(&rest, '/', &host); /* void */ ) {
        /* void */
    }

    e.uid = wm_printf(w->pool, "event-%.*s.%.*s@%.*s", wm_fmt(event->id),
                      wm_fmt(w->site->district), wm_fmt(host));
    e.url = wm_printf(w->pool, "%.*s/event/%.*s", wm_fmt(w->site->url),
                      wm_fmt(event->id));
    e.text = wm_feed_text(w, event);
    e.start_ms = event->start_ms;
    e.end_ms = event->end_ms;
    e.changed_ms = event->changed_ms;
    e.cancelled = event->state == WM_EVENT_CANCELLED;

    if (!wm_parse_uint(event->version, INT32_MAX, &e.sequence)) {
        e.sequence = 0;
    }

    if (e.uid.data == NULL || e.url.data == NULL) {
        out->failed = true;
    }

    wm_ics_put(out, &e);
}


static void
wm_feed_answer(wm_web_t *w, const wm_event_t *events, size_t n, wm_str_t name,
    wm_str_t source)
{
    size_t     i;
    wm_buf_t   b;

    wm_buf_init(&b, w->pool, 4096);
    wm_ics_begin(&b, name, source);

    for (i = 0; i < n; i++) {
        wm_feed_put(w, &b, &events[i]);
    }

    wm_ics_end(&b);

    if (b.failed || name.data == NULL || source.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_answer_bytes(w, "text/calendar", wm_buf_str(&b), NULL);
}


static void
wm_feed_show(wm_web_t *w)
{
    bool         all;
    wm_str_t     name;
    wm_table_t  *t = w->state;

    all = t->unit.len == 0;
    name = all ? wm_zh(wm_lit("site")) : t->here.name;

    wm_feed_answer(w, t->events, t->n,
                   wm_printf(w->pool, "%.*s %.*s", wm_fmt(name),
                             wm_fmt(wm_zh(wm_lit("timetable")))),
                   wm_printf(w->pool, "%.*s/timetable.ics%s%.*s",
                             wm_fmt(w->site->url), all ? "" : "?unit=",
                             wm_fmt(t->unit)));
}


static wm_table_t *
wm_calendar_table(wm_web_t *w)
{
    wm_table_t  *t;

    t = wm_calloc(w->pool, sizeof(wm_table_t));

    if (t == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return NULL;
    }

    t->unit = wm_input(&w->input, "unit")->text;
    w->state = t;

    return t;
}


static void
wm_feed(wm_web_t *w)
{
    int64_t      today;
    wm_table_t  *t;

    t = wm_calendar_table(w);
    if (t == NULL) {
        return;
    }

    today = wm_time_day(w->now_ms, w->site->offset);

    t->near = today;
    t->from = today - WM_FEED_BACK * WM_DAY_MS;
    t->to = today + WM_FEED_AHEAD * WM_DAY_MS;

    wm_table_read(w, t, wm_feed_show);
}


static void
wm_feed_event_show(wm_web_t *w)
{
    wm_event_t  event;

    if (!wm_event_load_public(&w->replies[0], w->id, &event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_feed_answer(w, &event, 1, event.title,
                   wm_printf(w->pool, "%.*s/event/%.*s.ics",
                             wm_fmt(w->site->url), wm_fmt(w->id)));
}


static void
wm_feed_event(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_feed_event_show);
}


/* ---- a week on paper */

/* The clock, or with the day when it is another one; midnight is 24:00. */

static wm_str_t
wm_wall_sheet_until(wm_web_t *w, const wm_event_t *event)
{
    int      offset = w->site->offset;
    int64_t  day = wm_time_day(event->start_ms, offset);

    if (event->end_ms == day + WM_DAY_MS) {
        return wm_lit("24:00");
    }

    return wm_time_day(event->end_ms, offset) == day
           ? wm_show_clock(w, event->end_ms)
           : wm_printf(w->pool, "%.*s %.*s",
                       wm_fmt(wm_show_month_day(w, event->end_ms)),
                       wm_fmt(wm_show_clock(w, event->end_ms)));
}


static void
wm_wall_sheet_item(wm_web_t *w, wm_doc_t *list, const wm_event_t *event)
{
    wm_doc_t  *item;

    item = wm_doc_item(list);
    wm_doc_str(item, "title", event->title);
    wm_doc_str(item, "place", event->place);
    wm_doc_str(item, "unit_name", event->unit_name);
    wm_doc_str(item, "audience", event->audience);
    wm_doc_str(item, "clock_text", wm_show_clock(w, event->start_ms));
    wm_doc_str(item, "until_text", wm_wall_sheet_until(w, event));
    wm_doc_bool(item, "cancelled", event->state == WM_EVENT_CANCELLED);
}


static unsigned
wm_wall_sheet_part(wm_web_t *w, const wm_event_t *event)
{
    int64_t  hours;

    hours = (event->start_ms - wm_time_day(event->start_ms, w->site->offset))
            / WM_HOUR_MS;

    return hours < WM_SHEET_NOON ? 0 : hours < WM_SHEET_DUSK ? 1 : 2;
}


/* A row: the day, and what it has in the morning, afternoon, evening. */

static void
wm_wall_sheet_day(wm_web_t *w, wm_doc_t *days, int64_t day)
{
    size_t       i;
    int64_t      on;
    wm_doc_t    *item, *parts[3];
    wm_table_t  *t = w->state;

    static const char *const  names[] = { "morning", "afternoon", "evening" };

    item = wm_doc_item(days);
    wm_doc_str(item, "day_text", wm_show_month_day(w, day));
    wm_doc_str(item, "weekday_text", wm_show_weekday(w, day));

    for (i = 0; i < wm_countof(parts); i++) {
        parts[i] = wm_doc_list(item, names[i]);
    }

    for (i = 0; i < t->n; i++) {
        on = wm_time_day(t->events[i].start_ms, w->site->offset);

        /* what began before stands on the first day of the sheet */

        if (on == day || (on < t->from && day == t->from)) {
            wm_wall_sheet_item(w, parts[wm_wall_sheet_part(w, &t->events[i])],
                               &t->events[i]);
        }
    }
}


static void
wm_wall_sheet_show(wm_web_t *w)
{
    int          i;
    wm_qr_t      qr;
    wm_str_t     url;
    wm_doc_t    *days;
    wm_table_t  *t = w->state;

    url = wm_printf(w->pool, "%.*s/timetable%s%.*s", wm_fmt(w->site->url),
                    t->unit.len > 0 ? "?unit=" : "", wm_fmt(t->unit));

    if (url.data == NULL
        || !wm_qr_make_up_to(w->pool, url, WM_QR_VERSION_NEAR, &qr))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_str(w->doc, "address", url);
    wm_doc_str(w->doc, "qr", wm_qr_data(w->pool, &qr));
    wm_doc_str(w->doc, "here", t->here.name);
    wm_doc_str(w->doc, "where", t->here.address);
    wm_doc_str(w->doc, "from", wm_show_date(w, t->from));
    wm_doc_str(w->doc, "from_text", wm_show_day(w, t->from));
    wm_doc_str(w->doc, "to_text", wm_show_day(w, t->to));
    wm_doc_str(w->doc, "today_text", wm_show_day(w, w->now_ms));
    wm_doc_bool(w->doc, "a3",
                wm_is(wm_input(&w->input, "paper")->text, "a3"));
    wm_doc_str(w->doc, "unit", t->unit);

    days = wm_doc_list(w->doc, "days");

    for (i = 0; i < WM_SHEET_DAYS; i++) {
        wm_wall_sheet_day(w, days, t->from + i * WM_DAY_MS);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wall_sheet(wm_web_t *w)
{
    wm_value_t  *from = wm_input(&w->input, "from");
    wm_table_t  *t;

    t = wm_calendar_table(w);
    if (t == NULL) {
        return;
    }

    t->from = wm_time_week(from->text.len > 0 ? from->num : w->now_ms,
                           w->site->offset);
    t->to = t->from + (WM_SHEET_DAYS - 1) * WM_DAY_MS;

    wm_table_read(w, t, wm_wall_sheet_show);
}
