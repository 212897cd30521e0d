#include "wm_ics.h"
#include "wm_text.h"
#include "wm_time.h"

#include <inttypes.h>
#include <stdio.h>

/* Once every six hours is often enough for what is planned by days. */
#define WM_ICS_REFRESH  "PT6H"

#define wm_ics_raw(out, name, value)  wm_ics_line(out, name, value, false)


/* n octets that stay together; room is what the line has left. */

static void
wm_ics_octets(wm_buf_t *out, const char *data, size_t n, size_t *room)
{
    if (n > *room) {
        wm_puts(out, "\r\n ");
        *room = WM_ICS_LINE - 1;
    }

    wm_put(out, (wm_str_t) { n, data });
    *room -= n;
}


/* Of ASCII: what is no text of a line is left out. */

static void
wm_ics_ascii(wm_buf_t *out, char c, bool text, size_t *room)
{
    char  pair[2] = { '\\', c };

    if (text && c == '\n') {
        wm_ics_octets(out, "\\n", 2, room);

    } else if (text && (c == '\\' || c == ';' || c == ',')) {
        wm_ics_octets(out, pair, 2, room);

    } else if ((unsigned char) c >= 0x20 && c != 0x7f) {
        wm_ics_octets(out, &c, 1, room);
    }
}


void
wm_ics_line(wm_buf_t *out, const char *name, wm_str_t value, bool text)
{
    int     n;
    size_t  i, room = WM_ICS_LINE;

    wm_ics_octets(out, name, strlen(name), &room);
    wm_ics_octets(out, ":", 1, &room);

    for (i = 0; i < value.len; i += (size_t) (n > 0 ? n : 1)) {
        n = wm_utf8_len(value.data + i, value.len - i);

        if (n == 0) {
            wm_ics_octets(out, "\xef\xbf\xbd", 3, &room);

        } else if (n == 1) {
            wm_ics_ascii(out, value.data[i], text, &room);

        } else {
            wm_ics_octets(out, value.data + i, (size_t) n, &room);
        }
    }

    wm_puts(out, "\r\n");
}


/* 20261201T110000Z, out of 2026-12-01T11:00:00+00:00 */

static void
wm_ics_time(wm_buf_t *out, const char *name, int64_t ms)
{
    char       iso[WM_TIME_TEXT], utc[WM_TIME_TEXT];
    size_t     i, n;
    wm_str_t   s;

    s = wm_time_iso(ms, 0, iso);

    for (i = 0, n = 0; i < s.len && s.data[i] != '+'; i++) {
        if (s.data[i] != '-' && s.data[i] != ':') {
            utc[n++] = s.data[i];
        }
    }

    utc[n++] = 'Z';
    wm_ics_raw(out, name, ((wm_str_t) { n, utc }));
}


void
wm_ics_begin(wm_buf_t *out, wm_str_t name, wm_str_t source)
{
    wm_ics_raw(out, "BEGIN", wm_lit("VCALENDAR"));
    wm_ics_raw(out, "VERSION", wm_lit("2.0"));
    wm_ics_raw(out, "PRODID", wm_lit("-//ngx_wenming//timetable//ZH"));
    wm_ics_raw(out, "CALSCALE", wm_lit("GREGORIAN"));
    wm_ics_raw(out, "METHOD", wm_lit("PUBLISH"));
    wm_ics_line(out, "NAME", name, true);
    wm_ics_line(out, "X-WR-CALNAME", name, true);
    wm_ics_raw(out, "SOURCE;VALUE=URI", source);
    wm_ics_raw(out, "REFRESH-INTERVAL;VALUE=DURATION",
               wm_lit(WM_ICS_REFRESH));
    wm_ics_raw(out, "X-PUBLISHED-TTL", wm_lit(WM_ICS_REFRESH));
}


void
wm_ics_put(wm_buf_t *out, const wm_ics_event_t *event)
{
    char       number[24];
    wm_str_t   sequence;

    sequence.data = number;
    sequence.len = (size_t) snprintf(number, sizeof(number), "%" PRIu64,
                                     event->sequence);

    wm_ics_raw(out, "BEGIN", wm_lit("VEVENT"));
    wm_ics_raw(out, "UID", event->uid);
    wm_ics_time(out, "DTSTAMP", event->changed_ms);
    wm_ics_time(out, "LAST-MODIFIED", event->changed_ms);
    wm_ics_raw(out, "SEQUENCE", sequence);
    wm_ics_raw(out, "STATUS", event->cancelled ? wm_lit("CANCELLED")
                                               : wm_lit("CONFIRMED"));
    wm_ics_time(out, "DTSTART", event->start_ms);
    wm_ics_time(out, "DTEND", event->end_ms);
    wm_ics_line(out, "SUMMARY", event->summary, true);

    if (event->place.len > 0) {
        wm_ics_line(out, "LOCATION", event->place, true);
    }

    if (event->text.len > 0) {
        wm_ics_line(out, "DESCRIPTION", event->text, true);
    }

    wm_ics_raw(out, "URL", event->url);
    wm_ics_raw(out, "END", wm_lit("VEVENT"));
}


void
wm_ics_end(wm_buf_t *out)
{
    wm_ics_raw(out, "END", wm_lit("VCALENDAR"));
}
