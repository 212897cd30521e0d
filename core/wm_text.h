/*
 * Text as people type it and as it goes out again: UTF-8, phones, names,
 * HTML and CSV.
 */

#ifndef WM_TEXT_H
#define WM_TEXT_H

#include "wm_base.h"

/* Bytes of the well-formed character at p (RFC 3629), 0 when it is none. */
int wm_utf8_len(const char *p, size_t left);

/* The character at p, which wm_utf8_len() found to have n bytes. */
uint32_t wm_utf8_code(const char *p, int n);

/* Characters, or -1 when s is not UTF-8. */
int64_t wm_utf8_count(wm_str_t s);

typedef enum {
    WM_TEXT_OK,
    WM_TEXT_ENCODING,       /* not UTF-8 */
    WM_TEXT_CONTROL         /* C0, C1, NUL, or a bidirectional override */
} wm_text_check_t;

/* Line feeds pass when lines is set (carriage returns count as one). */
wm_text_check_t wm_text_check(wm_str_t s, bool lines);

/* Whether s has letters that are written from right to left, or their mark. */
bool wm_text_is_rtl(wm_str_t s);

/* Whether s is ASCII letters, digits, - and _, and one of them at least. */
bool wm_text_is_token(wm_str_t s);

/* Without white space (ASCII and U+3000) at both ends; borrows. */
wm_str_t wm_text_trim(wm_str_t s);

/* The next word; s moves behind it.  False when there is none. */
bool wm_text_word(wm_str_t *s, wm_str_t *word);

/*
 * A phone number reduced to its digits: 11 of a mobile (1[3-9], nine more) or a
 * landline with its area code (0, then 9 to 11 digits).  Spaces, hyphens and
 * a leading +86 or 86 are left out, full-width digits accepted.
 * wm_null when it is neither.  out holds at least 16 bytes.
 */
wm_str_t wm_phone_normal(wm_str_t typed, char *out);

/* 138****1234; out holds at least 16 bytes. */
wm_str_t wm_phone_mask(wm_str_t phone, char *out);

/*
 * A name as the index sees it: spaces left out, full-width ASCII made narrow,
 * ASCII in lower case, every middle dot written the same way.  NULL data: no
 * memory.
 */
wm_str_t wm_name_normal(wm_pool_t *pool, wm_str_t typed);

/*
 * Appends s for HTML text and attribute values.  With ascii set, everything
 * beyond ASCII becomes a numeric reference.  Invalid bytes become U+FFFD.
 */
void wm_html_escape(wm_buf_t *out, wm_str_t s, bool ascii);

/* Already-escaped HTML, copied or made ASCII. */
void wm_html_put(wm_buf_t *out, wm_str_t s, bool ascii);

/* Appends s for a value of a query: all but letters, digits and -._~ */
void wm_url_escape(wm_buf_t *out, wm_str_t s);

/* One cell of CSV, RFC 4180, with formulas and long numbers made text. */
void wm_csv_put(wm_buf_t *out, wm_str_t cell);
void wm_csv_row(wm_buf_t *out, const wm_str_t *cells, size_t n);

#endif /* WM_TEXT_H */
