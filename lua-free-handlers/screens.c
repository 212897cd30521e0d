/*
 * The screens of an event, for the worker who hangs them up: one address and
 * one short code for each, and an end to all of them.
 */

#include "wm_codes.h"
#include "wm_plan.h"
#include "wm_qr.h"
#include "wm_wall.h"

#define WM_SCREENS_FIRST  2             /* shown unless more are asked for */
#define WM_OPENER_TRIES   10

static void wm_screens(wm_web_t *w);
static void wm_screens_close(wm_web_t *w);
static void wm_opener(wm_web_t *w);
static void wm_opener_page(wm_web_t *w);

static const wm_field_t  wm_screens_fields[] = {
    { "count",  WM_FIELD_NUMBER,  0,  1, WM_WALL_SCREENS }
};

static const size_t  wm_screens_nfields = wm_countof(wm_screens_fields);

static const wm_field_t  wm_opener_fields[] = {
    { "code",  WM_FIELD_TEXT,  0,  0, 24 }
};

static const size_t  wm_opener_nfields = wm_countof(wm_opener_fields);

const wm_route_t  wm_screens_routes[] = {
    { WM_GET, "staff/events/{id}/screens", WM_PAGE, WM_STAFF, WM_CAP_ATTEND,
      0, wm_screens_fields, &wm_screens_nfields, "staff-screens", wm_screens,
      NULL, NULL },
    { WM_GET, "api/staff/events/{id}/screens", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0, wm_screens_fields, &wm_screens_nfields, NULL,
      wm_screens, NULL, NULL },
    { WM_POST, "staff/events/{id}/screens/close", WM_PAGE, WM_STAFF,
      WM_CAP_ATTEND, 0, NULL, NULL, NULL, wm_screens_close, NULL, NULL },
    { WM_POST, "api/staff/events/{id}/screens/close", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0, NULL, NULL, NULL, wm_screens_close, NULL, NULL },
    { WM_GET, "tv", WM_PAGE, WM_ANYONE, WM_CAP_NONE, 0,
      wm_opener_fields, &wm_opener_nfields, "tv", wm_opener,
      wm_opener_page, "tv" }
};

const size_t  wm_screens_nroutes = wm_countof(wm_screens_routes);


/* ---- the list */

/* "12-4821-9077": event and digits, as they are easy to read out. */

static wm_str_t
wm_screens_code(wm_web_t *w, const wm_event_t *event, uint16_t display)
{
    char       digits[9];
    wm_pass_t  pass = { event->number, display, event->epoch, 0 };

    if (!wm_opener_make(&w->site->realm, &pass, wm_opener_slot(w->now_ms),
                        digits))
    {
        return wm_null;
    }

    return wm_printf(w->pool, "%.*s-%.4s-%s", wm_fmt(event->id), digits,
                     digits + 4);
}


static bool
wm_screens_item(wm_web_t *w, wm_doc_t *list, const wm_event_t *event,
    uint16_t display)
{
    wm_qr_t    qr;
    wm_str_t   url, code;
    wm_doc_t  *item;

    url = wm_codes_screen_url(w, event, display);
    code = wm_screens_code(w, event, display);

    if (url.data == NULL || code.data == NULL) {
        return false;
    }

    item = wm_doc_item(list);
    wm_doc_int(item, "screen", display);
    wm_doc_str(item, "url", url);
    wm_doc_str(item, "code", code);

    if (w->route->face == WM_API) {
        return true;
    }

    if (!wm_qr_make_up_to(w->pool, url, WM_QR_VERSION_NEAR, &qr)) {
        return false;
    }

    wm_doc_hide(wm_doc_str(item, "qr", wm_qr_data(w->pool, &qr)));

    return true;
}


static void
wm_screens_show(wm_web_t *w)
{
    int64_t      count, until;
    uint16_t     i;
    wm_doc_t    *list;
    wm_plan_t   *p = w->state;
    wm_value_t  *asked = wm_input(&w->input, "count");

    count = asked->text.len > 0 ? asked->num : WM_SCREENS_FIRST;
    until = ((int64_t) wm_opener_slot(w->now_ms) + 2) * WM_OPENER_SECONDS
            * 1000;

    wm_show_event(w, w->doc, &p->old, false);
    wm_doc_str(w->doc, "tv_url", wm_printf(w->pool, "%.*s/tv",
                                           wm_fmt(w->site->url)));
    wm_doc_str(w->doc, "valid_until", wm_show_iso(w, until));
    wm_doc_hide(wm_doc_str(w->doc, "until_text", wm_show_clock(w, until)));

    list = wm_doc_list(w->doc, "items");

    for (i = 1; i <= count && wm_codes_open(&p->old, w->now_ms); i++) {
        if (!wm_screens_item(w, list, &p->old, i)) {
            wm_answer(w, WM_VERDICT_INTERNAL);
            return;
        }
    }

    wm_doc_hide(wm_doc_bool(w->doc, "open",
                            wm_codes_open(&p->old, w->now_ms)));

    if (count < WM_WALL_SCREENS) {
        wm_doc_hide(wm_doc_int(w->doc, "more", count + 1));
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_screens(wm_web_t *w)
{
    wm_plan_load(w, wm_screens_show);
}


/* ---- closing all of them */

static void
wm_screens_closed(wm_web_t *w)
{
    if (w->route->face == WM_API) {
        wm_doc_bool(w->doc, "closed", true);
        wm_answer(w, WM_VERDICT_OK);

    } else {
        wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s/screens",
                                 wm_fmt(w->id)));
    }
}


static void
wm_screens_close_decide(wm_web_t *w)
{
    wm_plan_t     *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = wm_begin(w, WM_OP_SCREENS_CLOSE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_wall_close(c, &p->old);

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_screens_close, wm_screens_closed);

    } else {
        wm_refuse(w, v, wm_screens_closed);
    }
}


static void
wm_screens_close(wm_web_t *w)
{
    wm_plan_load(w, wm_screens_close_decide);
}


/* ---- where the short code is typed: on the television itself */

typedef struct {
    uint32_t    event;
    wm_str_t    id;
    wm_str_t    subject;                /* of the limit */
    wm_str_t    digits;
} wm_opener_t;


static void
wm_opener_page(wm_web_t *w)
{
    wm_answer_with(w, WM_VERDICT_OK, "tv");
}


static void
wm_opener_refuse(wm_web_t *w, const char *why)
{
    w->why = wm_str(why);
    wm_answer(w, WM_VERDICT_OPENER_INVALID);
}


/*
 * The number of the event up to what is no digit, then the digits, with
 * anything between them.
 */

static bool
wm_opener_read(wm_web_t *w, wm_str_t text, wm_opener_t *o)
{
    char    *digits;
    size_t   i, n, head;

    digits = wm_alloc(w->pool, text.len + 1);
    if (digits == NULL) {
        return false;
    }

    for (head = 0; head < text.len && text.data[head] >= '0'
                   && text.data[head] <= '9'; head++)
    {
        /* void */
    }

    for (i = head, n = 0; i < text.len; i++) {
        if (text.data[i] >= '0' && text.data[i] <= '9') {
            digits[n++] = text.data[i];
        }
    }

    digits[n] = '\0';
    o->id = (wm_str_t) { head, text.data };
    o->digits = (wm_str_t) { n, digits };

    return n == 8 && wm_event_number(o->id, &o->event);
}


static void
wm_opener_decide(wm_web_t *w)
{
    uint16_t      display;
    wm_str_t      url;
    wm_pass_t     pass;
    wm_event_t    event;
    wm_opener_t  *o = w->state;

    if (!wm_event_load(&w->replies[0], o->id, &event)) {
        wm_limit_add(w, o->subject, WM_OPENER_SECONDS, 1);
        wm_opener_refuse(w, "no such event");
        return;
    }

    pass = (wm_pass_t) { event.number, 0, event.epoch, 0 };
    display = wm_opener_check(&w->site->realm, &pass, WM_WALL_SCREENS,
                              o->digits, w->now_ms);

    if (display == 0 || !wm_codes_open(&event, w->now_ms)) {
        wm_limit_add(w, o->subject, WM_OPENER_SECONDS, 1);
        wm_opener_refuse(w, "wrong digits for a screen");
        return;
    }

    url = wm_codes_screen_url(w, &event, display);

    if (url.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_redirect_away(w, url);
}


static void
wm_opener(wm_web_t *w)
{
    wm_str_t      text;
    wm_opener_t  *o;

    text = wm_input(&w->input, "code")->text;

    if (text.len == 0) {
        wm_opener_page(w);
        return;
    }

    o = wm_calloc(w->pool, sizeof(wm_opener_t));
    if (o == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_opener_read(w, text, o)) {
        wm_opener_refuse(w, "no code of a screen");
        return;
    }

    o->subject = wm_printf(w->pool, "opener:%u", o->event);

    if (o->subject.data == NULL
        || !wm_limit(w, o->subject, WM_OPENER_TRIES, WM_OPENER_SECONDS))
    {
        wm_answer(w, WM_VERDICT_MANY_OPENERS);
        return;
    }

    w->state = o;
    w->event = o->id;
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(o->id)));
    wm_fetch(w, wm_opener_decide);
}
