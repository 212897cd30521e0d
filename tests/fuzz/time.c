/*
 * Instants: what is read is written so that it reads as the same, and any
 * number that a damaged record has can be written.
 */

#include "fuzz.h"
#include "wm_time.h"


static void
fuzz_read(wm_str_t text, int offset)
{
    char      out[WM_TIME_TEXT];
    int64_t   ms, again;
    wm_str_t  s;

    if (wm_time_parse_day(text, offset, &ms)) {
        fuzz_check(wm_time_day(ms, offset) == ms);
        fuzz_check(wm_eq(wm_time_date(ms, offset, out), text));
    }

    if (!wm_time_parse(text, offset, &ms)) {
        return;
    }

    s = wm_time_iso(ms, offset, out);
    fuzz_check(wm_time_parse(s, offset, &again) && again == ms);

    s = wm_time_local(ms, offset, out);
    fuzz_check(wm_time_parse(s, offset, &again));
    fuzz_check(again <= ms && ms - again < WM_MINUTE_MS);

    s = wm_time_date(ms, offset, out);
    fuzz_check(wm_time_parse_day(s, offset, &again));
    fuzz_check(again == wm_time_day(ms, offset));
    fuzz_check(again <= ms && ms - again < WM_DAY_MS);
}


static void
fuzz_write(int64_t ms, int offset)
{
    char  out[WM_TIME_TEXT];

    fuzz_check(wm_time_iso(ms, offset, out).len < WM_TIME_TEXT);
    fuzz_check(wm_time_local(ms, offset, out).len < WM_TIME_TEXT);
    fuzz_check(wm_time_date(ms, offset, out).len >= 10);
    fuzz_check(wm_time_clock(ms, offset, out).len == 5);
    fuzz_check(wm_time_human(ms, offset, out).len < WM_TIME_TEXT);
    fuzz_check(wm_time_human_day(ms, offset, out).len < WM_TIME_TEXT);

    (void) wm_time_day(ms, offset);
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    int  offset;

    (void) pool;

    offset = (int) (fuzz_uint(in, 2) % 1799) - 899;

    fuzz_write((int64_t) fuzz_uint(in, 8), offset);
    fuzz_read(fuzz_rest(in), offset);
}
