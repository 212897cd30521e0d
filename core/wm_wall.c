#include "wm_wall.h"

#include <inttypes.h>


int64_t
wm_wall_turns_ms(const wm_event_t *event)
{
    int64_t  half;

    half = event->start_ms + (event->end_ms - event->start_ms) / 2;

    return event->end_ms - WM_WALL_OUT_MS > half
           ? event->end_ms - WM_WALL_OUT_MS : half;
}


wm_kind_t
wm_wall_kind(const wm_event_t *event, int64_t now_ms)
{
    return now_ms >= wm_wall_turns_ms(event) ? WM_KIND_SCREEN_OUT
                                             : WM_KIND_SCREEN_IN;
}


static wm_str_t
wm_wall_key(wm_commit_t *c, const wm_event_t *event)
{
    return wm_key(c->pool, c->district, "event:%.*s", wm_fmt(event->id));
}


/* The version first: the reply of effect 1 is what the event has now. */

static wm_str_t
wm_wall_bump(wm_commit_t *c, const wm_event_t *event)
{
    wm_str_t  key;

    key = wm_wall_key(c, event);

    wm_need(c, HEQ, key, wm_lit("version"), event->version);
    wm_do(c, HINCRBY, key, wm_lit("version"), wm_lit("1"));

    return key;
}


wm_verdict_t
wm_wall_close(wm_commit_t *c, const wm_event_t *event)
{
    wm_str_t  key;

    if (event->state != WM_EVENT_PUBLISHED) {
        return WM_VERDICT_STATE;
    }

    key = wm_wall_bump(c, event);
    wm_do(c, HINCRBY, key, wm_lit("epoch"), wm_lit("1"));

    return WM_VERDICT_OK;
}


/*
 * posters counts all that were ever made, so that a number never comes back;
 * behind 65535 there are no more.
 */

wm_verdict_t
wm_poster_make(wm_commit_t *c, const wm_event_t *event)
{
    wm_str_t  key;

    if (event->state != WM_EVENT_PUBLISHED
        || event->posters >= UINT16_MAX
        || c->now_ms > event->end_ms + WM_ATTEND_LATE_MS)
    {
        return WM_VERDICT_STATE;
    }

    key = wm_wall_bump(c, event);
    wm_do(c, HINCRBY, key, wm_lit("posters"), wm_lit("1"));
    wm_do(c, HSET, key, wm_lit("poster"), wm_reply_of(2),
          wm_lit("poster_by"), c->actor,
          wm_lit("poster_made"), wm_printf(c->pool, "%" PRId64, c->now_ms));

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_poster_end(wm_commit_t *c, const wm_event_t *event, bool *nothing)
{
    wm_str_t  key;

    *nothing = event->poster == 0;

    if (*nothing) {
        return WM_VERDICT_OK;
    }

    key = wm_wall_bump(c, event);
    wm_do(c, HSET, key, wm_lit("poster"), wm_lit("0"));

    return WM_VERDICT_OK;
}


void
wm_poster_token(const wm_event_t *event, wm_kind_t kind, wm_token_t *token)
{
    memset(token, 0, sizeof(wm_token_t));

    token->kind = kind;
    token->event = event->number;
    token->slot = wm_token_until(event->end_ms + WM_ATTEND_LATE_MS);
    token->display = event->poster;
}


wm_verdict_t
wm_poster_check(const wm_event_t *event, uint16_t number, int64_t now_ms)
{
    if (event->state != WM_EVENT_PUBLISHED) {
        return WM_VERDICT_CLOSED;
    }

    if (event->poster == 0 || event->poster != number) {
        return WM_VERDICT_POSTER_OVER;
    }

    if (now_ms < event->start_ms - WM_ATTEND_EARLY_MS) {
        return WM_VERDICT_NOT_OPEN;
    }

    return now_ms > event->end_ms + WM_ATTEND_LATE_MS ? WM_VERDICT_CLOSED
                                                      : WM_VERDICT_OK;
}
