/* The screen on the wall: codes and a count, for whoever holds a pass. */

#include "wm_show.h"
#include "wm_codes.h"
#include "wm_facts.h"
#include "wm_wall.h"

static void wm_screen(wm_web_t *w);
static void wm_screen_show(wm_web_t *w);
static void wm_screen_tell(wm_web_t *w);
static void wm_screen_now(wm_web_t *w);
static void wm_screen_svg(wm_web_t *w);
static void wm_screen_png(wm_web_t *w);

static const wm_field_t  wm_screen_fields[] = {
    { "pass",  WM_FIELD_TEXT,   0,  0, 200 },
    { "kind",  WM_FIELD_TOKEN,  0,  0, 16 }
};

static const size_t  wm_screen_nfields = wm_countof(wm_screen_fields);

/* slot: the one that the page believes to be now; no image of another */

static const wm_field_t  wm_image_fields[] = {
    { "pass",  WM_FIELD_TEXT,   0,  0, 200 },
    { "kind",  WM_FIELD_TOKEN,  0,  0, 16 },
    { "slot",  WM_FIELD_TOKEN,  0,  0, 10 }
};

static const size_t  wm_image_nfields = wm_countof(wm_image_fields);

#define WM_SCREEN(path, face, flags, template, handler)                      \
    { WM_GET, path, face, WM_ANYONE, WM_CAP_NONE, flags, wm_screen_fields,   \
      &wm_screen_nfields, template, handler, NULL, NULL }

#define WM_IMAGE(path, handler)                                              \
    { WM_GET, path, WM_API, WM_ANYONE, WM_CAP_NONE, 0, wm_image_fields,      \
      &wm_image_nfields, NULL, handler, NULL, NULL }

const wm_route_t  wm_screen_routes[] = {
    WM_SCREEN("screen/{id}", WM_PAGE, WM_WALL, "screen", wm_screen),
    WM_SCREEN("api/screen/{id}", WM_API, 0, NULL, wm_screen),
    WM_SCREEN("api/screen/{id}/now", WM_API, 0, NULL, wm_screen_now),
    WM_IMAGE("screen/{id}/qr.svg", wm_screen_svg),
    WM_IMAGE("screen/{id}/qr.png", wm_screen_png)
};

const size_t  wm_screen_nroutes = wm_countof(wm_screen_routes);

typedef struct {
    wm_pass_t    pass;
    wm_facts_t   facts;
    wm_event_t   event;
    wm_kind_t    kind;                  /* 0: as the time is */
    bool         chosen;                /* by whoever stands there */
    int64_t      present;
    wm_step_pt   next;

    wm_shared_entry_t   count;          /* the same, for a second */
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

    if (!s->chosen) {
        s->kind = wm_wall_kind(&s->event, w->now_ms);
    }

    s->next(w);
}


/*
 * A hundred screens ask Redis once in a second how many have come.  What is
 * older is no answer, although the shared memory gives it out while somebody
 * fetches anew: a screen that hears of no trouble shows codes on.
 */

static bool
wm_screen_count(wm_web_t *w, wm_screen_t *s)
{
    int64_t   age;
    uint64_t  n, at;
    wm_str_t  text, word;

    s->count.kind = WM_SHARED_EVENTS;
    s->count.key = wm_printf(w->pool, "present %.*s", wm_fmt(w->id));

    if (!wm_shared_find(w, &s->count)) {
        return false;
    }

    text = s->count.bytes;

    if (!wm_split(&text, ' ', &word) || !wm_parse_uint(word, INT32_MAX, &n)
        || !wm_parse_uint(text, INT64_MAX, &at))
    {
        return false;
    }

    age = w->now_ms - (int64_t) at;
    s->present = (int64_t) n;

    return age >= 0 && age < WM_FACTS_TTL_MS;
}


static void
wm_screen_count_keep(wm_web_t *w, wm_screen_t *s)
{
    wm_shared_keep(w, &s->count,
                   wm_printf(w->pool, "%lld %lld", (long long) s->present,
                             (long long) w->now_ms),
                   WM_FACTS_TTL_MS);
}


static void
wm_screen_loaded(wm_web_t *w)
{
    wm_screen_t  *s = w->state;

    if (wm_event_load(&w->replies[0], w->id, &s->event)) {
        wm_facts_keep(w, &s->facts, &w->replies[0]);
    }

    s->present = w->replies[1].num;

    if (s->next == wm_screen_tell) {
        wm_screen_count_keep(w, s);
    }

    wm_screen_checked(w);
}


/*
 * Whether what is needed is at hand.  The page itself reads anew: it also
 * serves to look whether somebody has come just now.
 */

static bool
wm_screen_has(wm_web_t *w, wm_screen_t *s)
{
    bool  event, count;

    if (s->next == wm_screen_show) {
        return false;
    }

    event = wm_facts_find(w, w->id, &s->facts);
    count = s->next != wm_screen_tell || wm_screen_count(w, s);

    return event && count;
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

    s->next = next;
    s->chosen = wm_input(&w->input, "kind")->text.len > 0;
    s->kind = wm_codes_kind(wm_input(&w->input, "kind")->text);

    if (rc != WM_SEAL_OK
        || !wm_eq(w->id, wm_printf(w->pool, "%u", s->pass.event)))
    {
        w->why = rc != WM_SEAL_OK ? wm_str(wm_seal_name(rc))
                                  : wm_lit("a pass of another event");
        wm_answer(w, WM_VERDICT_CODE_INVALID);
        return;
    }

    if (s->kind == 0) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    w->state = s;
    w->event = w->id;

    if (wm_screen_has(w, s)) {
        s->event = s->facts.event;
        wm_screen_checked(w);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HLEN"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_screen_loaded);
}


/* ---- the page */

/* What only the page needs, with and without its script. */

static void
wm_screen_page(wm_web_t *w, const wm_screen_t *s)
{
    bool       out = wm_kind_is_out(s->kind);
    wm_doc_t  *doc = w->doc;

    wm_doc_hide(wm_doc_str(doc, "pass", wm_input(&w->input, "pass")->text));
    wm_doc_hide(wm_doc_str(doc, "chosen", wm_input(&w->input, "kind")->text));
    wm_doc_hide(wm_doc_bool(doc, "by_time", !s->chosen));
    wm_doc_hide(wm_doc_bool(doc, "kind_in", !out));
    wm_doc_hide(wm_doc_bool(doc, "kind_out", out));
    wm_doc_hide(wm_doc_str(doc, "now_text", wm_show_clock(w, w->now_ms)));
    wm_doc_hide(wm_doc_int(doc, "offset", w->site->offset));
    wm_doc_hide(wm_doc_str(doc, "version", s->event.version));
    wm_doc_hide(wm_doc_int(doc, "numbered",
                           s->pass.display <= WM_WALL_SCREENS
                           ? s->pass.display : 0));
}


static void
wm_screen_show(wm_web_t *w)
{
    int64_t       next;
    wm_screen_t  *s = w->state;

    wm_show_event(w, w->doc, &s->event, false);
    wm_doc_int(w->doc, "present", s->present);
    wm_doc_int(w->doc, "screen", s->pass.display);
    wm_screen_page(w, s);

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
    wm_doc_hide(wm_doc_int(w->doc, "slot", wm_token_slot(w->now_ms)));

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_screen(wm_web_t *w)
{
    wm_screen_open(w, wm_screen_show);
}


/* ---- what its script asks every two seconds */

static void
wm_screen_tell(wm_web_t *w)
{
    char         *digits;
    uint32_t      slot;
    wm_screen_t  *s = w->state;

    digits = wm_alloc(w->pool, 7);
    slot = wm_token_slot(w->now_ms);

    wm_doc_int(w->doc, "now", w->now_ms);
    wm_doc_int(w->doc, "present", s->present);
    wm_doc_str(w->doc, "version", s->event.version);

    if (!wm_codes_open(&s->event, w->now_ms)) {
        wm_doc_bool(w->doc, "closed", true);
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    if (digits == NULL
        || !wm_code_make(&w->site->realm, s->kind, s->event.number,
                         wm_code_slot(w->now_ms), digits))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_text(w->doc, "kind", wm_kind_code(s->kind));
    wm_doc_text(w->doc, "code", digits);
    wm_doc_int(w->doc, "slot", slot);
    wm_doc_int(w->doc, "refresh_ms", wm_token_slot_end_ms(slot) - w->now_ms);

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_screen_now(wm_web_t *w)
{
    wm_screen_open(w, wm_screen_tell);
}


/* ---- images */

/*
 * An image is always the one that is due.  Who names a slot gets it in that
 * one, and in the one after: a page is loaded at the edge, too.
 */

static void
wm_screen_image(wm_web_t *w, bool png)
{
    uint64_t      slot;
    uint32_t      now;
    wm_str_t      asked;
    wm_screen_t  *s = w->state;

    asked = wm_input(&w->input, "slot")->text;
    now = wm_token_slot(w->now_ms);

    if (asked.len > 0
        && (!wm_parse_uint(asked, UINT32_MAX, &slot)
            || (slot != now && slot + 1 != now)))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_codes_image(w, &s->event, s->kind, s->pass.display, png);
}


static void
wm_screen_draw_svg(wm_web_t *w)
{
    wm_screen_image(w, false);
}


static void
wm_screen_svg(wm_web_t *w)
{
    wm_screen_open(w, wm_screen_draw_svg);
}


static void
wm_screen_draw_png(wm_web_t *w)
{
    wm_screen_image(w, true);
}


static void
wm_screen_png(wm_web_t *w)
{
    wm_screen_open(w, wm_screen_draw_png);
}
