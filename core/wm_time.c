#include "wm_time.h"

#include <stdio.h>
#include <stdlib.h>


/* Whatever a damaged record says, there are no other instants. */
#define WM_TIME_MIN  (-WM_DAY_MS)

typedef struct {
    int  year, month, day, hour, minute, second, weekday;
} wm_civil_t;


/* Days since 1970-01-01 of a date of the Gregorian calendar. */

static int64_t
wm_time_days(int year, int month, int day)
{
    int64_t  y, era_days;

    /* years begin in March, so that the leap day comes last */

    y = month <= 2 ? year - 1 : year;
    era_days = y * 365 + y / 4 - y / 100 + y / 400;

    return era_days + (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5
           + day - 1 - 719468;
}


/* Milliseconds as a clock there would count them. */

static int64_t
wm_time_shift(int64_t ms, int offset)
{
    ms = ms < WM_TIME_MIN ? WM_TIME_MIN : ms > WM_TIME_MAX ? WM_TIME_MAX : ms;

    return ms + offset * WM_MINUTE_MS;
}


static wm_civil_t
wm_time_civil(int64_t ms, int offset)
{
    int         month;
    int64_t     days, rest, year;
    wm_civil_t  c;

    ms = wm_time_shift(ms, offset);

    days = ms / WM_DAY_MS;
    rest = ms % WM_DAY_MS;

    if (rest < 0) {
        rest += WM_DAY_MS;
        days--;
    }

    c.hour = (int) (rest / WM_HOUR_MS);
    c.minute = (int) (rest / WM_MINUTE_MS % 60);
    c.second = (int) (rest / 1000 % 60);
    c.weekday = (int) (((days + 4) % 7 + 7) % 7);

    year = 1969 + days / 366;

    while (wm_time_days((int) year + 1, 1, 1) <= days) {
        year++;
    }

    for (month = 12; wm_time_days((int) year, month, 1) > days; month--) {
        /* void */
    }

    c.year = (int) year;
    c.month = month;
    c.day = (int) (days - wm_time_days(c.year, month, 1)) + 1;

    return c;
}


int64_t
wm_time_day(int64_t ms, int offset)
{
    int64_t  local, rest;

    local = wm_time_shift(ms, offset);
    rest = local % WM_DAY_MS;

    return local - offset * WM_MINUTE_MS
           - (rest < 0 ? rest + WM_DAY_MS : rest);
}


int64_t
wm_time_week(int64_t ms, int offset)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_day(ms, offset) - (c.weekday + 6) % 7 * WM_DAY_MS;
}


int
wm_time_year(int64_t ms, int offset)
{
    return wm_time_civil(ms, offset).year;
}


static bool
wm_time_digits(wm_str_t s, size_t at, size_t n, int max, int *out)
{
    uint64_t  v;

    if (at + n > s.len
        || !wm_parse_uint((wm_str_t) { n, s.data + at }, (uint64_t) max, &v))
    {
        return false;
    }

    *out = (int) v;

    return true;
}


bool
wm_time_parse_day(wm_str_t s, int offset, int64_t *ms)
{
    int      y, m, d, last;
    int64_t  days;

    if (s.len != 10 || s.data[4] != '-' || s.data[7] != '-'
        || !wm_time_digits(s, 0, 4, 9999, &y)
        || !wm_time_digits(s, 5, 2, 12, &m)
        || !wm_time_digits(s, 8, 2, 31, &d)
        || y < 1970 || m == 0 || d == 0)
    {
        return false;
    }

    days = wm_time_days(y, m, 1);
    last = (int) (wm_time_days(m == 12 ? y + 1 : y, m == 12 ? 1 : m + 1, 1)
                  - days);

    if (d > last) {
        return false;
    }

    *ms = (days + d - 1) * WM_DAY_MS - offset * WM_MINUTE_MS;

    return true;
}


/* What follows the clock: nothing, Z, or +HH:MM. */

static bool
wm_time_parse_zone(wm_str_t s, int *offset)
{
    int  h, m;

    if (s.len == 0) {
        return true;
    }

    if (wm_is(s, "Z")) {
        *offset = 0;
        return true;
    }

    if (s.len != 6 || (s.data[0] != '+' && s.data[0] != '-')
        || s.data[3] != ':' || !wm_time_digits(s, 1, 2, 14, &h)
        || !wm_time_digits(s, 4, 2, 59, &m))
    {
        return false;
    }

    *offset = (s.data[0] == '-' ? -1 : 1) * (h * 60 + m);

    return true;
}


bool
wm_time_parse(wm_str_t s, int offset, int64_t *ms)
{
    int       h, m, sec, zone;
    size_t    at;
    int64_t   day, local;
    wm_str_t  date;

    if (s.len < 16 || (s.data[10] != 'T' && s.data[10] != ' ')
        || s.data[13] != ':' || !wm_time_digits(s, 11, 2, 23, &h)
        || !wm_time_digits(s, 14, 2, 59, &m))
    {
        return false;
    }

    at = 16;
    sec = 0;

    if (s.len > 16 && s.data[16] == ':') {
        if (!wm_time_digits(s, 17, 2, 59, &sec)) {
            return false;
        }

        at = 19;
    }

    if (at == 19 && s.len > 20 && s.data[19] == '.' && s.data[20] >= '0'
        && s.data[20] <= '9')
    {
        for (at = 20; at < s.len && s.data[at] >= '0' && s.data[at] <= '9';
             at++)
        {
            /* parts of a second are left out */
        }
    }

    date = (wm_str_t) { 10, s.data };
    s = (wm_str_t) { s.len - at, s.data + at };

    zone = offset;

    if (!wm_time_parse_zone(s, &zone)
        || !wm_time_parse_day(date, zone, &day))
    {
        return false;
    }

    *ms = day + h * WM_HOUR_MS + m * WM_MINUTE_MS + sec * INT64_C(1000);

    /* another zone's last evening of 9999 may be the next year here */

    local = *ms + offset * WM_MINUTE_MS;

    return *ms <= WM_TIME_MAX && local >= 0 && local <= WM_TIME_MAX;
}


static wm_str_t
wm_time_done(const char *out, int n)
{
    return (wm_str_t) { n < 0 ? 0 : (size_t) n, out };
}


wm_str_t
wm_time_iso(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT,
                                      "%04d-%02d-%02dT%02d:%02d:%02d"
                                      "%c%02d:%02d",
                                      c.year, c.month, c.day, c.hour, c.minute,
                                      c.second, offset < 0 ? '-' : '+',
                                      abs(offset) / 60, abs(offset) % 60));
}


wm_str_t
wm_time_local(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT,
                                      "%04d-%02d-%02dT%02d:%02d", c.year,
                                      c.month, c.day, c.hour, c.minute));
}


wm_str_t
wm_time_date(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT, "%04d-%02d-%02d",
                                      c.year, c.month, c.day));
}


wm_str_t
wm_time_clock(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT, "%02d:%02d", c.hour,
                                      c.minute));
}


static const char *const  wm_weekdays[] = {
    "日", "一", "二", "三", "四", "五", "六"
};


wm_str_t
wm_time_human_day(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT,
                                      "%d年%d月%d日（周%s）", c.year, c.month,
                                      c.day, wm_weekdays[c.weekday]));
}


wm_str_t
wm_time_human(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT,
                                      "%d月%d日（周%s）%02d:%02d", c.month,
                                      c.day, wm_weekdays[c.weekday], c.hour,
                                      c.minute));
}


wm_str_t
wm_time_month_day(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT, "%d月%d日", c.month,
                                      c.day));
}


wm_str_t
wm_time_weekday(int64_t ms, int offset, char *out)
{
    wm_civil_t  c = wm_time_civil(ms, offset);

    return wm_time_done(out, snprintf(out, WM_TIME_TEXT, "周%s",
                                      wm_weekdays[c.weekday]));
}
