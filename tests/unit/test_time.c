#include "unit.h"
#include "wm_time.h"

#include <time.h>

#define CHINA  480


static void
instants(void **state)
{
    char  out[WM_TIME_TEXT];

    (void) state;

    assert_text(wm_time_iso(UNIT_NOW, CHINA, out),
                "2026-11-23T09:00:07+08:00");
    assert_text(wm_time_iso(UNIT_NOW, 0, out), "2026-11-23T01:00:07+00:00");
    assert_text(wm_time_iso(UNIT_NOW, -210, out),
                "2026-11-22T21:30:07-03:30");
    assert_text(wm_time_local(UNIT_NOW, CHINA, out), "2026-11-23T09:00");
    assert_text(wm_time_date(UNIT_NOW, CHINA, out), "2026-11-23");
    assert_text(wm_time_clock(UNIT_NOW, CHINA, out), "09:00");
    assert_text(wm_time_human(UNIT_NOW, CHINA, out),
                "11月23日（周一）09:00");
    assert_text(wm_time_human_day(UNIT_NOW, CHINA, out),
                "2026年11月23日（周一）");
    assert_text(wm_time_month_day(UNIT_NOW, CHINA, out), "11月23日");
    assert_text(wm_time_weekday(UNIT_NOW, CHINA, out), "周一");

    assert_text(wm_time_iso(0, CHINA, out), "1970-01-01T08:00:00+08:00");
    assert_text(wm_time_iso(0, 0, out), "1970-01-01T00:00:00+00:00");
    assert_text(wm_time_human_day(0, 0, out), "1970年1月1日（周四）");
    assert_text(wm_time_human_day(INT64_C(951782400000), 0, out),
                "2000年2月29日（周二）");
    assert_text(wm_time_iso(INT64_C(253402271999999), CHINA, out),
                "9999-12-31T23:59:59+08:00");
}


/* Before 1970 nothing of ours happens, but nothing odd is printed either. */

static void
before_1970(void **state)
{
    char  out[WM_TIME_TEXT];

    (void) state;

    assert_text(wm_time_iso(-1, 0, out), "1969-12-31T23:59:59+00:00");
    assert_text(wm_time_iso(0, -60, out), "1969-12-31T23:00:00-01:00");
    assert_text(wm_time_iso(-WM_DAY_MS, -720, out),
                "1969-12-30T12:00:00-12:00");
}


static void
weeks(void **state)
{
    int64_t  ms, monday, n;

    (void) state;

    assert_true(wm_time_parse_day(wm_lit("2026-12-28"), CHINA, &monday));

    for (n = 0; n < 7; n++) {
        ms = monday + n * WM_DAY_MS;
        assert_int_equal(wm_time_week(ms, CHINA), monday);
        assert_int_equal(wm_time_week(ms + WM_DAY_MS - 1, CHINA), monday);
    }

    assert_int_equal(wm_time_week(monday - 1, CHINA), monday - 7 * WM_DAY_MS);
    assert_int_equal(wm_time_week(monday + 7 * WM_DAY_MS, CHINA),
                     monday + 7 * WM_DAY_MS);

    assert_int_equal(wm_time_year(monday + 4 * WM_DAY_MS - 1, CHINA), 2026);
    assert_int_equal(wm_time_year(monday + 4 * WM_DAY_MS, CHINA), 2027);
}


static void
days(void **state)
{
    int64_t  day, next;

    (void) state;

    assert_true(wm_time_parse_day(wm_lit("2026-11-23"), CHINA, &day));
    assert_true(wm_time_parse_day(wm_lit("2026-11-24"), CHINA, &next));

    assert_true(day == INT64_C(1795363200000));
    assert_true(next == day + WM_DAY_MS);
    assert_true(wm_time_day(day, CHINA) == day);
    assert_true(wm_time_day(day - 1, CHINA) == day - WM_DAY_MS);
    assert_true(wm_time_day(next - 1, CHINA) == day);
    assert_true(wm_time_day(next, CHINA) == next);

    /* eight hours before, it is still the same day in UTC */

    assert_true(wm_time_day(day, 0) == day - 16 * WM_HOUR_MS);
    assert_true(wm_time_day(-1, 0) == -WM_DAY_MS);
}


static void
leap_years(void **state)
{
    int      y, last;
    char     text[32];
    int64_t  ms;

    (void) state;

    for (y = 1970; y <= 2404; y++) {
        last = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 ? 29 : 28;

        snprintf(text, sizeof(text), "%d-02-%d", y, last);
        assert_case(wm_time_parse_day(wm_str(text), CHINA, &ms), "%s", text);
        snprintf(text, sizeof(text), "%d-02-%d", y, last + 1);
        assert_case(!wm_time_parse_day(wm_str(text), CHINA, &ms), "%s", text);
    }
}


/* Programs write parts of a second; they are left out. */

static void
fractions(void **state)
{
    int64_t  whole, part;

    (void) state;

    assert_true(wm_time_parse(wm_lit("2026-11-23T09:00:05Z"), CHINA, &whole));
    assert_true(wm_time_parse(wm_lit("2026-11-23T09:00:05.987Z"), CHINA,
                              &part));
    assert_true(part == whole);
}


/* Random instants of 1970 to 2200, against the C library. */

static void
against_libc(void **state)
{
    int        i;
    char       out[WM_TIME_TEXT], want[WM_TIME_TEXT];
    time_t     t;
    int64_t    ms, last;
    struct tm  tm;

    (void) state;

    last = INT64_C(7258118400);         /* 2200-01-01 */

    for (i = 0; i < 200000; i++) {
        t = (time_t) (unit_random() % (uint64_t) last);
        assert_non_null(gmtime_r(&t, &tm));

        strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S+00:00", &tm);
        assert_text(wm_time_iso(t * INT64_C(1000) + i % 1000, 0, out), want);

        assert_true(wm_time_parse(wm_str(want), CHINA, &ms));
        assert_case(ms == t * INT64_C(1000), "%s", want);

        want[10] = '\0';
        assert_true(wm_time_parse_day(wm_str(want), 0, &ms));
        tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
        assert_case(ms == timegm(&tm) * INT64_C(1000), "%s", want);

        assert_true(wm_time_parse(wm_time_local(ms, CHINA, out), CHINA,
                                  &ms));
        assert_case(ms == timegm(&tm) * INT64_C(1000), "%s", out);
    }
}


static void
every_day(void **state)
{
    int        weekday;
    char       out[WM_TIME_TEXT];
    int64_t    ms, back;

    static const char *const  names[] = {
        "四", "五", "六", "日", "一", "二", "三"
    };

    (void) state;

    for (ms = 0, weekday = 0; ms < INT64_C(7258118400000);
         ms += WM_DAY_MS, weekday = (weekday + 1) % 7)
    {
        assert_true(wm_time_parse_day(wm_time_date(ms, 0, out), 0, &back));
        assert_true(back == ms);
        assert_non_null(strstr(wm_time_human_day(ms, 0, out).data,
                               names[weekday]));
    }
}


static void
typed_times(void **state)
{
    size_t   i;
    int64_t  ms;

    static const char *const  same[] = {
        "2026-11-23T09:00", "2026-11-23 09:00", "2026-11-23T09:00:00",
        "2026-11-23T09:00+08:00", "2026-11-23T01:00Z",
        "2026-11-23T01:00:00Z", "2026-11-23T01:00:00-00:00",
        "2026-11-22T20:30-04:30", "2026-11-23 15:00:00+14:00"
    };

    (void) state;

    for (i = 0; i < wm_countof(same); i++) {
        assert_case(wm_time_parse(wm_str(same[i]), CHINA, &ms)
                    && ms == INT64_C(1795395600000), "%s", same[i]);
    }

    assert_true(wm_time_parse(wm_lit("2026-11-23T23:59:59"), CHINA, &ms));
    assert_true(ms == INT64_C(1795449599000));
}


static void
refused(void **state)
{
    size_t   i;
    int64_t  ms;

    static const char *const  no_days[] = {
        "", "2026-11-2", "2026-11-233", "2026/11/23", "2026-13-01",
        "2026-00-01", "2026-01-00", "2026-01-32", "2026-02-29", "2026-02-30",
        "2026-04-31", "2026-06-31", "2026-09-31", "2026-11-31", "1969-12-31",
        "0000-01-01", "202a-01-01", "+026-01-01", "2026- 1-01", "2026-1-001",
        " 2026-11-23", "2026-11-23 ", "二〇二六年"
    };
    static const char *const  no_times[] = {
        "", "2026-11-23", "2026-11-23T", "2026-11-23T9:00",
        "2026-11-23T24:00", "2026-11-23T09:60", "2026-11-23T09:00:60",
        "2026-11-23T09:00:0", "2026-11-23T09:00:", "2026-11-23T0900",
        "2026-11-23x09:00", "2026-11-23T09:00z", "2026-11-23T09:00+8:00",
        "2026-11-23T09:00+0800", "2026-11-23T09:00+15:00",
        "2026-11-23T09:00+08:60", "2026-11-23T09:00 08:00",
        "2026-11-23T09:00ZZ", "2026-11-23T09:00:00.Z",
        "2026-11-23T09:00.000Z", "2026-11-23T09:000",
        "2026-02-29T09:00", "1969-12-31T23:59", "2026-11-23T09:00:00+08:00x"
    };

    (void) state;

    for (i = 0; i < wm_countof(no_days); i++) {
        assert_case(!wm_time_parse_day(wm_str(no_days[i]), CHINA, &ms),
                    "took %s", no_days[i]);
    }

    for (i = 0; i < wm_countof(no_times); i++) {
        assert_case(!wm_time_parse(wm_str(no_times[i]), CHINA, &ms),
                    "took %s", no_times[i]);
    }

    assert_false(wm_time_parse_day(wm_null, CHINA, &ms));
    assert_false(wm_time_parse(wm_null, CHINA, &ms));
}


/* What another zone's clock makes of the first and last day that can be. */

static void
edges(void **state)
{
    int64_t  ms;

    (void) state;

    assert_true(wm_time_parse(wm_lit("9999-12-31T23:59:59"), CHINA, &ms));
    assert_true(wm_time_parse(wm_lit("9999-12-31T15:59:59Z"), CHINA, &ms));
    assert_false(wm_time_parse(wm_lit("9999-12-31T16:00Z"), CHINA, &ms));
    assert_false(wm_time_parse(wm_lit("9999-12-31T23:00"), -CHINA, &ms));

    assert_true(wm_time_parse(wm_lit("1970-01-01T00:00"), CHINA, &ms));
    assert_true(ms == -8 * WM_HOUR_MS);
    assert_false(wm_time_parse(wm_lit("1970-01-01T00:00+09:00"), CHINA, &ms));
    assert_false(wm_time_parse(wm_lit("1970-01-01T00:00Z"), -CHINA, &ms));
}


/* A damaged record can have any number: what comes is text all the same. */

static void
any_number(void **state)
{
    int     i;
    char    out[WM_TIME_TEXT];
    size_t  len;

    static const int64_t  odd[] = {
        INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_C(253402300800000),
        INT64_C(-62135596800001)
    };

    (void) state;

    for (i = 0; i < (int) wm_countof(odd); i++) {
        len = wm_time_iso(odd[i], CHINA, out).len;
        assert_true(len > 0 && len < WM_TIME_TEXT && len == strlen(out));
        len = wm_time_human(odd[i], CHINA, out).len;
        assert_true(len > 0 && len < WM_TIME_TEXT && len == strlen(out));
        (void) wm_time_day(odd[i], CHINA);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(instants),
        unit_case(before_1970),
        unit_case(weeks),
        unit_case(days),
        unit_case(leap_years),
        unit_case(fractions),
        unit_case(against_libc),
        unit_case(every_day),
        unit_case(typed_times),
        unit_case(refused),
        unit_case(edges),
        unit_case(any_number)
    };

    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
