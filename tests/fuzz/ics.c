/*
 * iCalendar: whatever a value is, every line fits, is UTF-8, and begins no
 * line of its own; unfolded and unescaped it is the text again.
 */

#include "fuzz.h"
#include "wm_ics.h"
#include "wm_text.h"


/* Each line: at most 75 octets of UTF-8; all but the first are folded on. */

static void
fuzz_lines(wm_pool_t *pool, wm_str_t s, wm_buf_t *whole)
{
    size_t    start, end;
    wm_str_t  line;

    wm_buf_init(whole, pool, 64);

    for (start = 0; start < s.len; start = end + 2) {
        for (end = start; end < s.len && s.data[end] != '\r'; end++) {
            fuzz_check(s.data[end] != '\n');
        }

        fuzz_check(end + 1 < s.len && s.data[end + 1] == '\n');

        line = (wm_str_t) { end - start, s.data + start };
        fuzz_check(line.len <= WM_ICS_LINE && wm_utf8_count(line) > 0);

        if (start > 0) {
            fuzz_check(line.data[0] == ' ');
            line = (wm_str_t) { line.len - 1, line.data + 1 };
        }

        wm_put(whole, line);
    }
}


static void
fuzz_back(wm_pool_t *pool, wm_str_t text, wm_str_t whole)
{
    size_t    i;
    wm_buf_t  b, kept;

    wm_buf_init(&b, pool, 64);
    wm_buf_init(&kept, pool, 64);

    /* a tab is no text of a line, and is left out */

    for (i = 0; i < text.len; i++) {
        if (text.data[i] != '\t') {
            wm_putc(&kept, text.data[i]);
        }
    }

    for (i = 2; i < whole.len; i++) {
        if (whole.data[i] != '\\') {
            wm_putc(&b, whole.data[i]);
            continue;
        }

        fuzz_check(++i < whole.len);
        wm_putc(&b, whole.data[i] == 'n' ? '\n' : whole.data[i]);
    }

    fuzz_check(wm_eq(wm_buf_str(&b), wm_buf_str(&kept)));
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_buf_t  b, whole;
    wm_str_t  text;

    text = fuzz_rest(in);

    wm_buf_init(&b, pool, 64);
    wm_ics_line(&b, "X", text, true);
    fuzz_check(!b.failed);
    fuzz_lines(pool, wm_buf_str(&b), &whole);

    if (wm_text_check(text, true) == WM_TEXT_OK
        && (text.len == 0 || memchr(text.data, '\r', text.len) == NULL))
    {
        fuzz_back(pool, text, wm_buf_str(&whole));
    }

    wm_buf_init(&b, pool, 64);
    wm_ics_line(&b, "URL", text, false);
    fuzz_lines(pool, wm_buf_str(&b), &whole);
}
