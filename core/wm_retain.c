#include "wm_retain.h"
#include "wm_time.h"

#define WM_RETAIN_DAYS  36500


bool
wm_retain_time(wm_str_t s, int64_t *ms)
{
    uint64_t  days;

    if (s.len < 2 || s.data[s.len - 1] != 'd'
        || !wm_parse_uint((wm_str_t) { s.len - 1, s.data }, WM_RETAIN_DAYS,
                          &days)
        || days == 0)
    {
        return false;
    }

    *ms = (int64_t) days * WM_DAY_MS;

    return true;
}


/* The last step of a log, or, where it has none, when the thing was made. */

static int64_t
wm_retain_last(wm_str_t log, int64_t made_ms)
{
    int64_t           last = made_ms;
    wm_order_entry_t  step;

    while (wm_order_log_next(&log, &step)) {
        last = step.at_ms > last ? step.at_ms : last;
    }

    return last;
}


int64_t
wm_retain_order(const wm_order_t *order, int64_t end_ms)
{
    int64_t  last = wm_retain_last(order->log, order->made_ms);

    if (!wm_order_action_from(WM_ORDER_DO_CANCEL, order->state)) {
        return last;
    }

    return order->state == WM_ORDER_SCHEDULED && end_ms > 0
           ? (end_ms > last ? end_ms : last) : WM_RETAIN_OPEN;
}


int64_t
wm_retain_wish(const wm_wish_t *wish)
{
    return wm_wish_action_from(WM_WISH_DO_WITHDRAW, wish->state)
           ? WM_RETAIN_OPEN : wm_retain_last(wish->log, wish->made_ms);
}


int64_t
wm_retain_event(const wm_event_t *event)
{
    return event->end_ms > event->start_ms ? event->end_ms : event->start_ms;
}


bool
wm_retain_over(int64_t last_ms, int64_t after_ms, int64_t now_ms)
{
    return after_ms > 0 && last_ms < now_ms && now_ms - last_ms >= after_ms;
}
