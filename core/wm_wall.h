/*
 * What hangs on the wall of an event: which code its screens show when, and
 * its poster.  docs/screen.md.
 */

#ifndef WM_WALL_H
#define WM_WALL_H

#include "wm_attend.h"
#include "wm_token.h"

/* How long before the end a screen turns to the code for leaving. */
#define WM_WALL_OUT_MS  (15 * INT64_C(60000))

/* Screens of one event that have a name of their own, 1 to so many. */
#define WM_WALL_SCREENS  12

/*
 * The code that is due on a screen which was told nothing: the one for coming,
 * and in the last quarter of an hour, but in no event's first half, the one
 * for leaving.
 */
wm_kind_t wm_wall_kind(const wm_event_t *event, int64_t now_ms);

/* When that turns, in milliseconds. */
int64_t wm_wall_turns_ms(const wm_event_t *event);

/*
 * Ends all passes of the event's screens: the epoch grows.  STATE: it has no
 * screens.
 */
wm_verdict_t wm_wall_close(wm_commit_t *c, const wm_event_t *event);

/*
 * Posters.  An event has none until a worker makes one; its number stands in
 * the event's field poster and in the token's display.  A new one, taking it
 * down, another time or place, and cancelling end the one before.  make:
 * effect 2 replies with the number.
 */
wm_verdict_t wm_poster_make(wm_commit_t *c, const wm_event_t *event);
wm_verdict_t wm_poster_end(wm_commit_t *c, const wm_event_t *event,
    bool *nothing);

/* The token of the poster that the event has. */
void wm_poster_token(const wm_event_t *event, wm_kind_t kind,
    wm_token_t *token);

/*
 * Whether the poster of that number is good now: OK, POSTER_OVER, NOT_OPEN,
 * or CLOSED.
 */
wm_verdict_t wm_poster_check(const wm_event_t *event, uint16_t number,
    int64_t now_ms);

#endif /* WM_WALL_H */
