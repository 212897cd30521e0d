#include "wm_codes.h"
#include "wm_qr.h"
#include "wm_show.h"
#include "wm_time.h"

#define WM_PNG_SCALE  12


wm_kind_t
wm_codes_kind(wm_str_t name)
{
    wm_kind_t  kind;

    kind = name.len == 0 ? WM_KIND_SCREEN_IN : wm_kind_find(name);

    return kind == WM_KIND_SCREEN_IN || kind == WM_KIND_SCREEN_OUT
           ? kind : (wm_kind_t) 0;
}


bool
wm_codes_open(const wm_event_t *event, int64_t now_ms)
{
    return event->state == WM_EVENT_PUBLISHED
           && now_ms <= event->end_ms + WM_ATTEND_LATE_MS;
}


wm_str_t
wm_codes_url(wm_web_t *w, const wm_token_t *token)
{
    char  text[WM_SEAL_TEXT_MAX + 1];

    if (wm_token_make(&w->site->realm, token, text).data == NULL) {
        return wm_null;
    }

    return wm_printf(w->pool, "%.*s/c/%s", wm_fmt(w->site->url), text);
}


static wm_str_t
wm_codes_url_now(wm_web_t *w, const wm_event_t *event, wm_kind_t kind,
    uint16_t display)
{
    wm_token_t  token;

    memset(&token, 0, sizeof(wm_token_t));

    token.kind = kind;
    token.event = event->number;
    token.slot = wm_token_slot(w->now_ms);
    token.display = display;

    return wm_codes_url(w, &token);
}


bool
wm_codes_show(wm_web_t *w, wm_doc_t *doc, const wm_event_t *event,
    wm_kind_t kind, uint16_t display)
{
    char      *digits;
    int64_t    end;
    wm_str_t   url;

    digits = wm_alloc(w->pool, 7);
    url = wm_codes_url_now(w, event, kind, display);
    end = wm_token_slot_end_ms(wm_token_slot(w->now_ms));

    if (digits == NULL || url.data == NULL
        || !wm_code_make(&w->site->realm, kind, event->number,
                         wm_code_slot(w->now_ms), digits))
    {
        return false;
    }

    wm_doc_text(doc, "kind", wm_kind_code(kind));
    wm_doc_str(doc, "url", url);
    wm_doc_text(doc, "code", digits);

    /* the slot after is accepted too */

    wm_doc_str(doc, "valid_until",
               wm_show_iso(w, end + WM_SLOT_SECONDS * 1000));
    wm_doc_int(doc, "refresh_ms", end - w->now_ms);

    return true;
}


static wm_str_t
wm_codes_draw(wm_web_t *w, const wm_event_t *event, wm_kind_t kind,
    uint16_t display, bool png)
{
    wm_qr_t   qr;
    wm_str_t  url;

    url = wm_codes_url_now(w, event, kind, display);

    if (url.data == NULL || !wm_qr_make(w->pool, url, &qr)) {
        return wm_null;
    }

    return png ? wm_qr_png(w->pool, &qr, WM_PNG_SCALE)
               : wm_qr_svg(w->pool, &qr);
}


/*
 * Drawn once for each slot, screen and key, and only once the slot has begun;
 * what a key drew is not shown any more when another one signs.
 */

void
wm_codes_image(wm_web_t *w, const wm_event_t *event, wm_kind_t kind,
    uint16_t display, bool png)
{
    int64_t             left;
    wm_str_t            image;
    uint32_t            slot;
    wm_shared_entry_t   entry;

    if (!wm_codes_open(event, w->now_ms)) {
        wm_answer(w, WM_VERDICT_CLOSED);
        return;
    }

    slot = wm_token_slot(w->now_ms);

    entry.kind = WM_SHARED_EVENTS;
    entry.key = wm_printf(w->pool, "%s %.*s %.*s %s %u %u %u",
                          png ? "png" : "svg", wm_fmt(w->site->url),
                          wm_fmt(event->id), wm_kind_code(kind), display,
                          slot, wm_keyring_current(w->site->realm.ring));

    if (wm_shared_find(w, &entry)) {
        image = entry.bytes;

    } else {
        image = wm_codes_draw(w, event, kind, display, png);
        left = wm_token_slot_end_ms(slot) - w->now_ms;
        wm_shared_keep(w, &entry, image, (unsigned) left);
    }

    if (image.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_answer_bytes(w, png ? "image/png" : "image/svg+xml", image, NULL);
}


wm_str_t
wm_codes_screen_url(wm_web_t *w, const wm_event_t *event, uint16_t display)
{
    char       text[WM_SEAL_TEXT_MAX + 1];
    wm_pass_t  pass;

    pass.event = event->number;
    pass.display = display;                 /* 0: a worker's own view */
    pass.epoch = event->epoch;
    pass.expires_ms = event->end_ms + WM_HOUR_MS;

    if (wm_pass_make(&w->site->realm, &pass, text).data == NULL) {
        return wm_null;
    }

    return wm_printf(w->pool, "%.*s/screen/%.*s?pass=%s",
                     wm_fmt(w->site->url), wm_fmt(event->id), text);
}
