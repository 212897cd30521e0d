#include "wm_lag.h"


static bool
wm_lag_load(wm_str_t value, wm_lag_t *lag)
{
    uint64_t  n, at, entry;
    wm_str_t  number, ms, id;

    if (!wm_split(&value, ' ', &number) || !wm_split(&value, ' ', &ms)
        || !wm_split(&value, '-', &id)
        || !wm_parse_uint(number, INT64_MAX, &n)
        || !wm_parse_uint(ms, INT64_MAX, &at)
        || !wm_parse_uint(id, INT64_MAX, &entry))
    {
        return false;
    }

    *lag = (wm_lag_t) { (int64_t) n, (int64_t) at, (int64_t) entry };

    return true;
}


static bool
wm_lag_pick(const wm_reply_t *archived, bool most, wm_lag_t *lag)
{
    bool      any = false;
    size_t    i;
    wm_lag_t  one;

    for (i = 0; archived->type == WM_REPLY_LIST && i + 1 < archived->n;
         i += 2)
    {
        if (!wm_lag_load(wm_reply_at(archived, i + 1), &one)) {
            return false;
        }

        if (!any || (most ? one.number > lag->number
                          : one.number < lag->number))
        {
            *lag = one;
        }

        any = true;
    }

    return any;
}


bool
wm_lag_least(const wm_reply_t *archived, wm_lag_t *lag)
{
    return wm_lag_pick(archived, false, lag);
}


bool
wm_lag_most(const wm_reply_t *archived, wm_lag_t *lag)
{
    return wm_lag_pick(archived, true, lag);
}


int64_t
wm_lag_until(const wm_lag_t *lag, wm_str_t head, int64_t made_ms)
{
    uint64_t  n;
    wm_str_t  number;

    if (wm_split(&head, ' ', &number) && wm_parse_uint(number, INT64_MAX, &n)
        && lag->number >= (int64_t) n)
    {
        return lag->at_ms;
    }

    return lag->entry_ms > made_ms ? lag->entry_ms : 0;
}
