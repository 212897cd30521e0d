#include "wm_period.h"
#include "wm_time.h"

#include <stdio.h>


static bool
wm_period_digits(wm_str_t s, size_t from, size_t n, unsigned *out)
{
    uint64_t  value;

    if (s.len < from + n
        || !wm_parse_uint((wm_str_t) { n, s.data + from }, 9999, &value))
    {
        return false;
    }

    *out = (unsigned) value;

    return true;
}


/* The first instant of a month; 13 is the January that follows. */

static bool
wm_period_month(unsigned year, unsigned month, int offset, int64_t *ms)
{
    char  text[24];

    year += (month - 1) / 12;
    month = (month - 1) % 12 + 1;

    if (year == 10000) {
        *ms = WM_TIME_MAX;
        return true;
    }

    snprintf(text, sizeof(text), "%04u-%02u-01", year, month);

    return wm_time_parse_day(wm_str(text), offset, ms);
}


static bool
wm_period_months(unsigned year, unsigned first, unsigned n, int offset,
    wm_period_t *p)
{
    return wm_period_month(year, first, offset, &p->from_ms)
           && wm_period_month(year, first + n, offset, &p->to_ms);
}


/* A year, a quarter, a month or a day. */

static bool
wm_period_one(wm_str_t s, int offset, wm_period_t *p)
{
    unsigned  year, n;

    if (!wm_period_digits(s, 0, 4, &year)) {
        return false;
    }

    switch (s.len) {

    case 4:
        return wm_period_months(year, 1, 12, offset, p);

    case 7:
        if (s.data[4] != '-') {
            return false;
        }

        if (s.data[5] == 'Q') {
            return wm_period_digits(s, 6, 1, &n) && n >= 1 && n <= 4
                   && wm_period_months(year, 3 * n - 2, 3, offset, p);
        }

        return wm_period_digits(s, 5, 2, &n) && n >= 1 && n <= 12
               && wm_period_months(year, n, 1, offset, p);

    default:
        if (!wm_time_parse_day(s, offset, &p->from_ms)) {
            return false;
        }

        p->to_ms = p->from_ms + WM_DAY_MS;

        return true;
    }
}


void
wm_period_all(wm_period_t *period)
{
    period->from_ms = INT64_MIN;
    period->to_ms = INT64_MAX;
}


bool
wm_period_parse(wm_str_t s, int offset, wm_period_t *period)
{
    size_t       i;
    wm_str_t     first, last;
    wm_period_t  p;

    for (i = 0; i + 1 < s.len; i++) {
        if (s.data[i] == '.' && s.data[i + 1] == '.') {
            break;
        }
    }

    if (i + 1 >= s.len) {
        return wm_period_one(s, offset, period);
    }

    first = (wm_str_t) { i, s.data };
    last = (wm_str_t) { s.len - i - 2, s.data + i + 2 };

    wm_period_all(period);

    if (first.len + last.len == 0
        || (first.len > 0 && !wm_period_one(first, offset, &p)))
    {
        return false;
    }

    if (first.len > 0) {
        period->from_ms = p.from_ms;
    }

    if (last.len > 0) {
        if (!wm_period_one(last, offset, &p)) {
            return false;
        }

        period->to_ms = p.to_ms;
    }

    return period->from_ms < period->to_ms;
}
