/*
 * Ratings of an event by those who were there, once each.
 *
 * Hash rating:{event}: field = person, value "score:ms:state:path", path
 * being the event's when it was rated; t:{person}: the text, sealed under the
 * person's key; p:{person}: the text in plain, while it is shown; n and sum
 * of the event.  shown:{event}: persons whose text is shown, by time.
 * ratings:{unit}, of each unit of the path and of all: "event:person" that
 * wait for a worker, by time.  Hash score: course:{id}:n, ...:sum,
 * provider:{name}:..., unit:{id}:...
 */

#ifndef WM_RATING_H
#define WM_RATING_H

#include "wm_attend.h"

#define WM_RATING_TEXT   500            /* characters */
#define WM_RATING_LONG   (30 * INT64_C(86400000))   /* after the end, in ms */

/* X(score, Chinese), the best first */
#define WM_RATING_SCORES(X)                                                  \
    X(5,  "非常满意")                                                        \
    X(4,  "满意")                                                            \
    X(3,  "一般")                                                            \
    X(2,  "不太满意")                                                        \
    X(1,  "很不满意")

#define WM_RATING_MAX  5

/* "" for a number that is no score. */
const char *wm_rating_score_text(int64_t score);

/* X(name, code): of the text */
#define WM_RATING_STATES(X)                                                  \
    X(BARE,     "none")                 /* there is no text */               \
    X(PENDING,  "pending")              /* nobody has looked at it yet */    \
    X(SHOWN,    "shown")                                                     \
    X(HIDDEN,   "hidden")

typedef enum {
    WM_RATING_NONE,
#define X(name, code)  WM_RATING_##name,
    WM_RATING_STATES(X)
#undef X
} wm_rating_state_t;

const char *wm_rating_state_code(wm_rating_state_t s);

typedef struct {
    int64_t             score;          /* 1 to 5 */
    int64_t             made_ms;
    wm_rating_state_t   state;
    wm_str_t            path;
} wm_rating_t;

/* False for what is no record, also for wm_null. */
bool wm_rating_load(wm_str_t record, wm_rating_t *r);

typedef struct {
    wm_event_t     event;
    wm_person_t    person;
    bool           here;                /* checked in with this device */
    wm_str_t       attended;            /* att:{event}; wm_null: was not */
    wm_str_t       record;              /* wm_null: has not rated */

    wm_str_t       device;
    wm_str_t       provider;            /* of the course; may be empty */
    int64_t        score;
    wm_str_t       text;                /* empty: none */
} wm_rating_facts_t;

/*
 * CREATED: may rate now.  OK: has rated, done is the first rating.  Others
 * say why not; device, provider, score and text are not looked at.
 */
wm_verdict_t wm_rating_may(const wm_rating_facts_t *f, int64_t now_ms,
    wm_rating_t *done);

/* The same; when CREATED the commit is to be sent, and done will be kept. */
wm_verdict_t wm_rating_give(wm_commit_t *c, const wm_rating_facts_t *f,
    wm_rating_t *done);

/*
 * A worker has read the text.  NOT_FOUND: there is none.  What is hidden
 * stays hidden (STATE); what is shown may still be hidden.  text is what was
 * sealed, wm_null when nobody can read it any more: it cannot be shown.
 * OK with nothing to commit when it is so already.
 */
wm_verdict_t wm_rating_show(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t record, wm_str_t text, bool *nothing);
wm_verdict_t wm_rating_hide(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t record, bool *nothing);

/*
 * Effects, if the record is as it was read: the score stays, under the id
 * fresh; the text is gone, also where it was shown or waited.
 */
void wm_rating_forget(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t record, wm_str_t fresh);

/* "4.7": rounded to tenths, a half up; "" when n is 0.  wm_null: no memory. */
wm_str_t wm_rating_average(wm_pool_t *pool, int64_t n, int64_t sum);

#endif /* WM_RATING_H */
