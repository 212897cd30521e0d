/*
 * iCalendar, RFC 5545: events as a phone's calendar subscribes to them.
 * Lines end in CRLF and are folded at 75 octets, never within a character.
 */

#ifndef WM_ICS_H
#define WM_ICS_H

#include "wm_base.h"

#define WM_ICS_LINE  75                 /* octets, without CRLF */

typedef struct {
    wm_str_t    uid;                    /* the same as long as it exists */
    wm_str_t    url;
    wm_str_t    summary;
    wm_str_t    place;
    wm_str_t    text;                   /* lines, or empty */
    int64_t     start_ms;
    int64_t     end_ms;
    int64_t     changed_ms;             /* when what stands here was last so */
    uint64_t    sequence;               /* grows with each change */
    bool        cancelled;
} wm_ics_event_t;

/* The calendar around the events; source: where it is to be had again. */
void wm_ics_begin(wm_buf_t *out, wm_str_t name, wm_str_t source);
void wm_ics_put(wm_buf_t *out, const wm_ics_event_t *event);
void wm_ics_end(wm_buf_t *out);

/* One content line; text: a value of type TEXT, which is escaped. */
void wm_ics_line(wm_buf_t *out, const char *name, wm_str_t value, bool text);

#endif /* WM_ICS_H */
