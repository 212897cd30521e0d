/*
 * Pages of a list: an index (a zset) is walked in its order, a chunk at a
 * time, behind the last record that was looked at.  Its score and id are the
 * cursor, so what comes in between moves nothing.
 */

#ifndef WM_WALK_H
#define WM_WALK_H

#include "wm_web.h"

#define WM_WALK_CHUNK  100              /* looked at in one go */
#define WM_WALK_TURNS  20               /* of them for a worker */
#define WM_WALK_FEW    3                /* for anyone */
#define WM_WALK_MAX    200              /* records in an answer */
#define WM_WALK_PAGE   50               /* on a page */

/* Rows of a table of fields, for wm_walk_begin() */
#define WM_WALK_FIELDS                                                       \
    { "cursor",   WM_FIELD_TOKEN,   0,  1, 64 },                             \
    { "limit",    WM_FIELD_NUMBER,  0,  1, WM_WALK_MAX }

typedef struct wm_walk_s  wm_walk_t;

/*
 * Whether a record belongs to the list; then it is the caller's number
 * walk->n, of which one more than the limit may come.
 */
typedef bool (*wm_walk_fits_pt)(wm_web_t *w, wm_walk_t *walk, wm_str_t id,
    const wm_reply_t *record);

struct wm_walk_s {
    /* of the caller */

    wm_str_t          key;              /* the index */
    bool              rising;           /* the lowest score first */
    int64_t           low, high;        /* scores */
    const char       *record;           /* "order": HGETALL order:{id}, or */
                                        /* NULL: the id says all */
    wm_walk_fits_pt   fits;
    wm_step_pt        next_step;        /* finds w->state as it was */
    size_t            limit;            /* unless the request has one */
    size_t            most;             /* chunks for an answer */

    /* what came of it */

    size_t            n;
    wm_str_t          next;             /* cursor of the next page, or none */

    /* its own */

    void             *outer;
    bool              begun;
    int64_t           score;            /* of the last one looked at */
    wm_str_t          last;
    size_t            skip;             /* of the same score */
    size_t            turns;
    bool              whole;            /* the chunk may not be the last */
    size_t            nids;
    wm_str_t          ids[WM_WALK_CHUNK];
    int64_t           scores[WM_WALK_CHUNK];
};

/*
 * Takes the cursor of the request, and the limit where it names one.  False:
 * the cursor is marked.
 */
bool wm_walk_begin(wm_web_t *w, wm_walk_t *walk);

/* Walks until the page is full; next_step runs with n and next. */
void wm_walk(wm_web_t *w, wm_walk_t *walk);

/*
 * Adds the cursor of the next page to the document, unless it is wm_null; for
 * pages also next_url, hidden: path with the request's fields.
 */
void wm_walk_show_next(wm_web_t *w, wm_str_t next, const char *path);

/* path with the request's filters, but from the first page on. */
wm_str_t wm_walk_filtered(wm_web_t *w, const char *path);

#endif /* WM_WALK_H */
