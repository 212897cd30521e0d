#include "unit.h"
#include "wm_ics.h"
#include "wm_text.h"


static wm_str_t
line(const char *name, wm_str_t value, bool text)
{
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 16);
    wm_ics_line(&b, name, value, text);

    return wm_buf_str(&b);
}


static void
escapes(void **state)
{
    (void) state;

    assert_text(line("SUMMARY", wm_lit("党课"), true), "SUMMARY:党课\r\n");
    assert_text(line("X", wm_lit("a,b;c\\d\ne"), true),
                "X:a\\,b\\;c\\\\d\\ne\r\n");
    assert_text(line("URL", wm_lit("https://x/a,b;c"), false),
                "URL:https://x/a,b;c\r\n");

    /* a value cannot begin a line of its own */

    assert_text(line("X", wm_lit("a\r\nATTENDEE:b"), true),
                "X:a\\nATTENDEE:b\r\n");
    assert_text(line("X", wm_lit("a\r\nATTENDEE:b"), false),
                "X:aATTENDEE:b\r\n");
    assert_text(line("X", wm_lit("a\tb\x7f" "c\0d"), true), "X:abcd\r\n");
    assert_text(line("X", wm_lit("a\xff" "b"), true),
                "X:a\xef\xbf\xbd" "b\r\n");
}


/* Every line fits, no character is cut, and what was folded comes back. */

static void
folds(void **state)
{
    char        data[400];
    size_t      i, n, len, start;
    wm_str_t    s;
    wm_buf_t    back;

    static const char *const  filling[] = {
        "a", "文", "\xf0\x9f\x8e\x89", ",", "文a"
    };

    (void) state;

    for (i = 0; i < wm_countof(filling); i++) {
        len = strlen(filling[i]);

        for (n = 0; (n + 1) * len < 300; n++) {
            memcpy(data + n * len, filling[i], len);
            s = line("SUMMARY", (wm_str_t) { (n + 1) * len, data }, true);
            wm_buf_init(&back, unit_pool, 512);

            for (start = 0; start < s.len; ) {
                const char  *end;
                wm_str_t     part;

                end = memmem(s.data + start, s.len - start, "\r\n", 2);
                assert_non_null(end);
                part = (wm_str_t) { (size_t) (end - s.data) - start,
                                    s.data + start };
                assert_case(part.len <= WM_ICS_LINE, "%zu of %s: %zu octets",
                            n, filling[i], part.len);
                assert_case(wm_utf8_count(part) > 0, "%s is cut",
                            filling[i]);

                if (start > 0) {
                    assert_int_equal(part.data[0], ' ');
                    part = (wm_str_t) { part.len - 1, part.data + 1 };
                }

                wm_put(&back, part);
                start += (size_t) (end - s.data) - start + 2;
            }

            assert_int_equal(back.len, strlen("SUMMARY:") + (n + 1) * len
                                       * (filling[i][0] == ',' ? 2 : 1));
        }
    }

    /* 75 fit, 76 do not */

    memset(data, 'x', sizeof(data));
    assert_int_equal(line("X", (wm_str_t) { 73, data }, true).len, 77);
    assert_int_equal(line("X", (wm_str_t) { 74, data }, true).len, 81);
}


static void
calendars(void **state)
{
    wm_buf_t        b;
    wm_ics_event_t  e = {
        .uid = wm_lit("12.furong@www.example.gov.cn"),
        .url = wm_lit("https://www.example.gov.cn/wenming/event/12"),
        .summary = wm_lit("健康讲座"), .place = wm_lit("一楼，活动室"),
        .start_ms = UNIT_NOW, .end_ms = UNIT_NOW + 5400000,
        .changed_ms = 0, .sequence = 3
    };

    (void) state;

    wm_buf_init(&b, unit_pool, 16);
    wm_ics_begin(&b, wm_lit("课程表"), wm_lit("https://x/timetable.ics"));
    wm_ics_put(&b, &e);
    e.cancelled = true;
    e.place = wm_lit("");
    e.text = wm_lit("对象：居民\n内容");
    wm_ics_put(&b, &e);
    wm_ics_end(&b);

    assert_text(wm_buf_str(&b),
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//ngx_wenming//timetable//ZH\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "METHOD:PUBLISH\r\n"
        "NAME:课程表\r\n"
        "X-WR-CALNAME:课程表\r\n"
        "SOURCE;VALUE=URI:https://x/timetable.ics\r\n"
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n"
        "X-PUBLISHED-TTL:PT6H\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:12.furong@www.example.gov.cn\r\n"
        "DTSTAMP:19700101T000000Z\r\n"
        "LAST-MODIFIED:19700101T000000Z\r\n"
        "SEQUENCE:3\r\n"
        "STATUS:CONFIRMED\r\n"
        "DTSTART:20261123T010007Z\r\n"
        "DTEND:20261123T023007Z\r\n"
        "SUMMARY:健康讲座\r\n"
        "LOCATION:一楼，活动室\r\n"
        "URL:https://www.example.gov.cn/wenming/event/12\r\n"
        "END:VEVENT\r\n"
        "BEGIN:VEVENT\r\n"
        "UID:12.furong@www.example.gov.cn\r\n"
        "DTSTAMP:19700101T000000Z\r\n"
        "LAST-MODIFIED:19700101T000000Z\r\n"
        "SEQUENCE:3\r\n"
        "STATUS:CANCELLED\r\n"
        "DTSTART:20261123T010007Z\r\n"
        "DTEND:20261123T023007Z\r\n"
        "SUMMARY:健康讲座\r\n"
        "DESCRIPTION:对象：居民\\n内容\r\n"
        "URL:https://www.example.gov.cn/wenming/event/12\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n");
}


static void
memory(void **state)
{
    wm_buf_t  b;

    (void) state;

    wm_buf_init(&b, unit_pool, 16);
    b.failed = true;
    wm_ics_begin(&b, wm_lit("a"), wm_lit("b"));
    wm_ics_end(&b);
    assert_null(wm_buf_str(&b).data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(escapes),
        unit_case(folds),
        unit_case(calendars),
        unit_case(memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
