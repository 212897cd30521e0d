/* The parts that documents of several families share.  See docs/api.md. */

#ifndef WM_SHOW_H
#define WM_SHOW_H

#include "wm_order_life.h"
#include "wm_web.h"

/* Times that live in the request's pool. */
wm_str_t wm_show_iso(wm_web_t *w, int64_t ms);
wm_str_t wm_show_human(wm_web_t *w, int64_t ms);
wm_str_t wm_show_clock(wm_web_t *w, int64_t ms);
wm_str_t wm_show_date(wm_web_t *w, int64_t ms);
wm_str_t wm_show_day(wm_web_t *w, int64_t ms);
wm_str_t wm_show_near_day(wm_web_t *w, int64_t ms); /* no year in this one */
wm_str_t wm_show_month_day(wm_web_t *w, int64_t ms);
wm_str_t wm_show_weekday(wm_web_t *w, int64_t ms);

/* The event's own fields into doc; staff adds what only workers see. */
void wm_show_event(wm_web_t *w, wm_doc_t *doc, const wm_event_t *event,
    bool staff);

/* Into an item or a document. */
void wm_show_order(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order);

/* The steps so far; staff adds who took them, and how long each took. */
void wm_show_log(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order,
    const wm_reply_t *teams, bool staff);

/*
 * What workers see besides, with the HGETALL of units and teams; person is
 * that of who ordered, or NULL: not for this worker.
 */
void wm_show_order_staff(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order,
    const wm_reply_t *person, const wm_reply_t *units,
    const wm_reply_t *teams);

/* The state, and bits of actions, for the problem that is about them. */
void wm_show_standing(wm_web_t *w, const wm_order_t *order,
    unsigned possible);

/* Codes of actions, by their bits. */
void wm_show_possible(wm_doc_t *doc, unsigned possible);

/* Attendance as programs and pages see it. */
void wm_show_attend(wm_web_t *w, wm_doc_t *doc, const wm_attend_t *a);
wm_str_t wm_show_phone(wm_web_t *w, wm_str_t phone);

/*
 * A list of choices for a page: id, name or title, chosen.  all is the
 * HGETALL of a hash of JSON objects; they come sorted by id, without those
 * that were withdrawn, but for the chosen one.  The list.
 */
wm_doc_t *wm_show_choices(wm_web_t *w, const char *list, const char *label,
    const wm_reply_t *all, wm_str_t chosen);

/* The same of the units of the worker's scope. */
void wm_show_units(wm_web_t *w, const char *list, wm_reply_t *all,
    wm_str_t chosen);

/* Pairs of an HGETALL in the order of their fields; then quick to find in. */
void wm_show_sort(wm_reply_t *all);
wm_str_t wm_show_find_sorted(const wm_reply_t *all, wm_str_t id);

/* A step in a page's list of forms; tried: it was taken, and refused. */
wm_doc_t *wm_show_act(wm_doc_t *list, const char *code, const char *text,
    bool tried);

/* The title of an id in an HGETALL of JSON objects; empty without one. */
wm_str_t wm_show_title(wm_web_t *w, const wm_reply_t *all, wm_str_t id);

/* The name in the record of a unit, of a team; empty without one. */
wm_str_t wm_show_unit_name(wm_web_t *w, wm_str_t json);
wm_str_t wm_show_team_name(wm_web_t *w, wm_str_t json);

/* For forms that have not been typed into: who the site says it is. */
void wm_show_visitor(wm_web_t *w);

#endif /* WM_SHOW_H */
