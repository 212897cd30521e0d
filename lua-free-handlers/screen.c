/* The screen on the wall: codes and a count, for whoever holds a pass. */

#include "wm_show.h"
#include "wm_codes.h"
#include "wm_facts.h"

static void wm_screen(wm_web_t *w);
static void wm_screen_show(wm_web_t *w);
static void wm_screen_svg(wm_web_t *w);
static void wm_screen_png(wm_web_t *w);

static const wm_field_t  wm_screen_fields[] = {
    { "pass",  WM_FIELD_TEXT,   0,  0, 200 },
    { "kind",  WM_FIELD_TOKEN,  0,  0, 16 }
};

static const size_t  wm_screen_nfields = wm_countof(wm_screen_fields);

#define WM_SCREEN(path, face, flags, template, handler)                      \
    { WM_GET, path, face, WM_ANYONE, WM_CAP_NONE, flags, wm_screen_fields,   \
      &wm_screen_nfields, template, handler, NULL, NULL }

const wm_route_t  wm_screen_routes[] = {
    WM_SCREEN("screen/{id}", WM_PAGE, WM_WALL, "screen", wm_screen),
    WM_SCREEN("api/screen/{id}", WM_API, 0, NULL, wm_screen),
    WM_SCREEN("screen/{id}/qr.svg", WM_API, 0, NULL, wm_screen_svg),
    WM_SCREEN("screen/{id}/qr.png", WM_API, 0, NULL, wm_screen_png)
};

const size_t  wm_screen_nroutes = wm_countof(wm_screen_routes);

typedef struct {
    wm_pass_t    pass;
    wm_facts_t   facts;
    wm_event_t   event;
    wm_kind_t    kind;
    wm_step_pt   next;
} wm_screen_t;


static void
wm_screen_checked(wm_web_t *w)
{
    wm_screen_t  *s = w->state;

    if (s->event.state == WM_EVENT_NONE || s->event.epoch != s->pass.epoch) {
        w->why = wm_lit("a revoked pass");
        wm_answer(w, WM_VERDICT_CODE_INVALID);
        return;
    }

    s->next(w);
}


static void
wm_screen_loaded(wm_web_t *w)
{
    wm_screen_t  *s = w->state;

    if (wm_event_load(&w->replies[0], w->id, &s->event)) {
        wm_facts_keep(w, &s->facts, &w->replies[0]);
    }

    wm_screen_checked(w);
}


/* next runs with the event loaded, for a pass that fits it. */

static void
wm_screen_open(wm_web_t *w, wm_step_pt next)
{
    wm_seal_t     rc;
    wm_screen_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_screen_t));
    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    rc = wm_pass_open(&w->site->realm, wm_input(&w->input, "pass")->text,
                      w->now_ms, &s->pass);

    if (rc != WM_SEAL_OK
        || !wm_eq(w->id, wm_printf(w->pool, "%u", s->pass.event)))
    {
        w->why = rc != WM_SEAL_OK ? wm_str(wm_seal_name(rc))
                                  : wm_lit("a pass of another event");
        wm_answer(w, WM_VERDICT_CODE_INVALID);
        return;
    }

    s->kind = wm_codes_kind(wm_input(&w->input, "kind")->text);

    if (s->kind == 0) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    s->next = next;
    w->state = s;
    w->event = w->id;

    /* an image needs the event alone, the page also who is there */

    if (next != wm_screen_show && wm_facts_find(w, w->id, &s->facts)) {
        s->event = s->facts.event;
        wm_screen_checked(w);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HLEN"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_screen_loaded);
}


static void
wm_screen_show(wm_web_t *w)
{
    bool          out;
    int64_t       next;
    wm_screen_t  *s = w->state;

    out = wm_kind_is_out(s->kind);

    wm_show_event(w, w->doc, &s->event, false);
    wm_doc_int(w->doc, "present", w->replies[1].num);

    if (!wm_codes_open(&s->event, w->now_ms)) {
        wm_doc_bool(w->doc, "closed", true);
        wm_doc_hide(wm_doc_int(w->doc, "refresh_s", 30));
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    if (!wm_codes_show(w, w->doc, &s->event, s->kind, s->pass.display)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    /* a page without scripts comes again when the next slot begins */

    next = (wm_token_slot_end_ms(wm_token_slot(w->now_ms)) - w->now_ms) / 1000;

    wm_doc_hide(wm_doc_int(w->doc, "refresh_s", next + 1));
    wm_doc_hide(wm_doc_str(w->doc, "pass", wm_input(&w->input, "pass")->text));
    wm_doc_hide(wm_doc_int(w->doc, "slot", wm_token_slot(w->now_ms)));
    wm_doc_hide(wm_doc_bool(w->doc, "kind_in", !out));
    wm_doc_hide(wm_doc_bool(w->doc, "kind_out", out));

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_screen(wm_web_t *w)
{
    wm_screen_open(w, wm_screen_show);
}


static void
wm_screen_draw_svg(wm_web_t *w)
{
    wm_screen_t  *s = w->state;

    wm_codes_image(w, &s->event, s->kind, s->pass.display, false);
}


static void
wm_screen_svg(wm_web_t *w)
{
    wm_screen_open(w, wm_screen_draw_svg);
}


static void
wm_screen_draw_png(wm_web_t *w)
{
    wm_screen_t  *s = w->state;

    wm_codes_image(w, &s->event, s->kind, s->pass.display, true);
}


static void
wm_screen_png(wm_web_t *w)
{
    wm_screen_open(w, wm_screen_draw_png);
}
