/* What the public sees of an event's ratings: figures, and shown texts. */

#ifndef WM_RATED_H
#define WM_RATED_H

#include "wm_rating.h"
#include "wm_web.h"

typedef struct {
    wm_str_t     event;
    int64_t      count;
    int64_t      sum;
    wm_reply_t   shown;                 /* persons, the newest first */
    wm_reply_t   texts;
} wm_rated_t;

/* Two commands; their replies go to wm_rated_found(). */
void wm_rated_ask(wm_web_t *w, wm_str_t event);

/*
 * True: one more command was asked, whose reply is the texts.  False: there
 * are none to be had.
 */
bool wm_rated_found(wm_web_t *w, wm_str_t event, const wm_reply_t *replies,
    wm_rated_t *rated);

/* count, average, items. */
void wm_rated_show(wm_web_t *w, wm_doc_t *doc, const wm_rated_t *rated);

/* ratings, average: of a course or a provider, from HGETALL score. */
void wm_rated_figures(wm_web_t *w, wm_doc_t *doc, const wm_reply_t *scores,
    const char *what, wm_str_t id);

#endif /* WM_RATED_H */
