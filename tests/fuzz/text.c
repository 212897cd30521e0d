/*
 * Text as people type it and as it goes out: phones, names, HTML, CSV.
 * Normal forms stay what they are when they are made normal again.
 */

#include "fuzz.h"
#include "../../cli/csv.h"
#include "wm_staff.h"
#include "wm_text.h"


static void
fuzz_phone(wm_str_t text)
{
    char      out[16], again[16], mask[16];
    size_t    i;
    wm_str_t  s;

    s = wm_phone_normal(text, out);

    (void) wm_phone_mask(text, mask);

    if (s.data == NULL) {
        return;
    }

    fuzz_check(s.len >= 10 && s.len <= 12);

    for (i = 0; i < s.len; i++) {
        fuzz_check(s.data[i] >= '0' && s.data[i] <= '9');
    }

    fuzz_check(wm_eq(wm_phone_normal(s, again), s));

    s = wm_phone_mask(s, mask);
    fuzz_check(fuzz_has(s, "***"));
}


static void
fuzz_name(wm_pool_t *pool, wm_str_t text)
{
    wm_str_t  s, again;

    s = wm_name_normal(pool, text);

    if (s.data == NULL) {
        return;
    }

    fuzz_check(s.len <= text.len && wm_utf8_count(s) >= 0);

    again = wm_name_normal(pool, s);
    fuzz_check(again.data != NULL && wm_eq(s, again));

    if (wm_staff_name_valid(text)) {
        fuzz_check(text.len <= 32 && !fuzz_has(text, ":"));
    }
}


static void
fuzz_words(wm_str_t text)
{
    size_t    n;
    wm_str_t  rest, word, trimmed;

    trimmed = wm_text_trim(text);
    fuzz_check(wm_eq(wm_text_trim(trimmed), trimmed));

    for (rest = text, n = 0; wm_text_word(&rest, &word); n += word.len) {
        fuzz_check(word.len > 0 && wm_eq(wm_text_trim(word), word));
    }

    fuzz_check(rest.len == 0 && n <= trimmed.len);
}


/* Reads what an escape left: text again, when it was text. */

static void
fuzz_html(wm_pool_t *pool, wm_str_t text, bool ascii)
{
    size_t    i;
    wm_buf_t  b;
    wm_str_t  s;

    wm_buf_init(&b, pool, 16);
    wm_html_escape(&b, text, ascii);
    s = wm_buf_str(&b);

    fuzz_check(s.data != NULL && (!ascii || fuzz_is_ascii(s)));
    fuzz_check(wm_utf8_count(s) >= 0);

    for (i = 0; i < s.len; i++) {
        fuzz_check(strchr("<>\"'", s.data[i]) == NULL || s.data[i] == '\0');

        if (s.data[i] == '&') {
            fuzz_check(memchr(s.data + i, ';', s.len - i) != NULL);
        }
    }

    wm_buf_init(&b, pool, 16);
    wm_html_put(&b, text, ascii);
    fuzz_check(ascii || wm_eq(wm_buf_str(&b), text));
    fuzz_check(!ascii || fuzz_is_ascii(wm_buf_str(&b)));
}


/* No program that skips blanks may find a formula. */

static void
fuzz_no_formula(wm_str_t cell)
{
    size_t  i;

    for (i = 0; i < cell.len && strchr(" \t\n\v\f\r", cell.data[i]) != NULL
                && cell.data[i] != '\0'; i++)
    {
        /* void */
    }

    if (i < cell.len) {
        fuzz_check(strchr("=+-@", cell.data[i]) == NULL
                   || cell.data[i] == '\0');
    }
}


static void
fuzz_csv(wm_pool_t *pool, wm_str_t text)
{
    wm_buf_t  b, plain;
    wm_csv_t  csv;
    wm_str_t  cell;
    size_t    i;

    wm_buf_init(&plain, pool, 16);
    wm_buf_init(&b, pool, 16);
    wm_csv_put(&b, text);
    wm_puts(&b, ",\"\"\r\n");
    fuzz_check(!b.failed);

    for (i = 0; i < text.len; i++) {
        if (text.data[i] != '\r') {
            wm_putc(&plain, text.data[i]);

        } else if (i + 1 == text.len || text.data[i + 1] != '\n') {
            return;                     /* a bare one is not for reading */
        }
    }

    wm_csv_init(&csv, pool, fuzz_exact(pool, wm_buf_str(&b)));
    fuzz_check(wm_csv_next(&csv) == WM_CSV_ROW && csv.n == 2);

    cell = csv.cells[0];
    fuzz_no_formula(cell);

    if (!wm_eq(cell, wm_buf_str(&plain))) {
        fuzz_check(cell.len == plain.len + 1 && cell.data[0] == '\'');
        cell = (wm_str_t) { cell.len - 1, cell.data + 1 };
        fuzz_check(wm_eq(cell, wm_buf_str(&plain)));
    }

    fuzz_check(wm_csv_next(&csv) == WM_CSV_END);
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_str_t         text;
    wm_text_check_t  check;

    text = fuzz_rest(in);

    check = wm_text_check(text, true);
    fuzz_check((wm_utf8_count(text) < 0) == (check == WM_TEXT_ENCODING)
               || check == WM_TEXT_CONTROL);

    if (wm_text_check(text, false) == WM_TEXT_OK) {
        fuzz_check(check == WM_TEXT_OK);
    }

    fuzz_phone(text);
    fuzz_name(pool, text);
    fuzz_words(text);
    fuzz_html(pool, text, false);
    fuzz_html(pool, text, true);
    fuzz_csv(pool, text);
}
