/* The codes of an event that are due now: for the screen and for workers. */

#ifndef WM_CODES_H
#define WM_CODES_H

#include "wm_event.h"
#include "wm_web.h"

/* screen-in when none is named; 0 for a kind that is not shown on screens. */
wm_kind_t wm_codes_kind(wm_str_t name);

/* Whether codes are shown: published, and not long over. */
bool wm_codes_open(const wm_event_t *event, int64_t now_ms);

/* url, code, valid_until, refresh_ms and kind into doc; false: no memory. */
bool wm_codes_show(wm_web_t *w, wm_doc_t *doc, const wm_event_t *event,
    wm_kind_t kind, uint16_t display);

/* Answers with the QR, as PNG or SVG. */
void wm_codes_image(wm_web_t *w, const wm_event_t *event, wm_kind_t kind,
    uint16_t display, bool png);

/* The address with a token in it; wm_null: no memory. */
wm_str_t wm_codes_url(wm_web_t *w, const wm_token_t *token);

/* A fresh pass for the screen of that number, as the address to open. */
wm_str_t wm_codes_screen_url(wm_web_t *w, const wm_event_t *event,
    uint16_t display);

#endif /* WM_CODES_H */
