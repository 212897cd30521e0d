#include "wm_text.h"


int
wm_utf8_len(const char *p, size_t left)
{
    int                   n, i;
    uint32_t              code;
    const unsigned char  *u = (const unsigned char *) p;

    static const uint32_t  least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    if (left == 0) {
        return 0;
    }

    if (u[0] < 0x80) {
        return 1;
    }

    n = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;

    if (u[0] < 0xc2 || u[0] > 0xf4 || left < (size_t) n) {
        return 0;
    }

    for (i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    code = wm_utf8_code(p, n);

    if (code < least[n] || code > 0x10ffff
        || (code >= 0xd800 && code <= 0xdfff))
    {
        return 0;
    }

    return n;
}


uint32_t
wm_utf8_code(const char *p, int n)
{
    int                   i;
    uint32_t              code;
    const unsigned char  *u = (const unsigned char *) p;

    static const unsigned char  mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };

    code = u[0] & mask[n];

    for (i = 1; i < n; i++) {
        code = code << 6 | (u[i] & 0x3f);
    }

    return code;
}


int64_t
wm_utf8_count(wm_str_t s)
{
    int      n;
    size_t   i;
    int64_t  count;

    for (i = 0, count = 0; i < s.len; i += (size_t) n, count++) {
        n = wm_utf8_len(s.data + i, s.len - i);
        if (n == 0) {
            return -1;
        }
    }

    return count;
}


static bool
wm_text_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0)
           || code == 0x2028 || code == 0x2029
           || (code >= 0x202a && code <= 0x202e)
           || (code >= 0x2066 && code <= 0x2069)
           || code == 0xfeff || code == 0xfffe || code == 0xffff;
}


wm_text_check_t
wm_text_check(wm_str_t s, bool lines)
{
    int       n;
    size_t    i;
    uint32_t  code;

    for (i = 0; i < s.len; i += (size_t) n) {
        n = wm_utf8_len(s.data + i, s.len - i);
        if (n == 0) {
            return WM_TEXT_ENCODING;
        }

        code = wm_utf8_code(s.data + i, n);

        if (lines && (code == '\n' || code == '\r' || code == '\t')) {
            continue;
        }

        if (wm_text_is_control(code)) {
            return WM_TEXT_CONTROL;
        }
    }

    return WM_TEXT_OK;
}


/* Hebrew, Arabic and their neighbours; nothing below U+0590 is. */

static bool
wm_text_code_is_rtl(uint32_t code)
{
    return (code >= 0x590 && code <= 0x8ff) || code == 0x200f
           || (code >= 0xfb1d && code <= 0xfdff)
           || (code >= 0xfe70 && code <= 0xfefe)
           || (code >= 0x10800 && code <= 0x10fff)
           || (code >= 0x1e800 && code <= 0x1efff);
}


bool
wm_text_is_rtl(wm_str_t s)
{
    int     n;
    size_t  i;

    for (i = 0; i < s.len; i += (size_t) n) {
        n = (unsigned char) s.data[i] < 0xd6
            ? 1 : wm_utf8_len(s.data + i, s.len - i);

        if (n > 1 && wm_text_code_is_rtl(wm_utf8_code(s.data + i, n))) {
            return true;
        }

        n = n > 0 ? n : 1;
    }

    return false;
}


bool
wm_text_is_token(wm_str_t s)
{
    char    c;
    size_t  i;

    for (i = 0; i < s.len; i++) {
        c = s.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9') || c == '-' || c == '_'))
        {
            return false;
        }
    }

    return s.len > 0;
}


/* Bytes of white space at p: ASCII space and friends, or U+3000. */

static size_t
wm_text_space(const char *p, size_t left)
{
    if (left > 0 && (*p == ' ' || (*p >= '\t' && *p <= '\r'))) {
        return 1;
    }

    return left >= 3 && memcmp(p, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}


wm_str_t
wm_text_trim(wm_str_t s)
{
    size_t  n;

    while ((n = wm_text_space(s.data, s.len)) > 0) {
        s.data += n;
        s.len -= n;
    }

    while (s.len > 0) {
        n = wm_text_space(s.data + s.len - 1, 1);

        if (n == 0 && s.len >= 3) {
            n = wm_text_space(s.data + s.len - 3, 3);
            n = n == 3 ? 3 : 0;
        }

        if (n == 0) {
            break;
        }

        s.len -= n;
    }

    return s;
}


/*
 * The narrow form of a full-width ASCII character, the one middle dot of
 * many, otherwise the character itself.
 */

static uint32_t
wm_text_fold(uint32_t code)
{
    if (code >= 0xff01 && code <= 0xff5e) {
        code -= 0xfee0;
    }

    switch (code) {

    case 0x2022:                /* bullet */
    case 0x2027:                /* hyphenation point */
    case 0x22c5:                /* dot operator */
    case 0x30fb:                /* katakana middle dot */
    case 0xff65:
        return 0xb7;
    }

    return code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
}


wm_str_t
wm_phone_normal(wm_str_t typed, char *out)
{
    int       n;
    size_t    i, len;
    uint32_t  code;
    wm_str_t  s;

    for (i = 0, len = 0; i < typed.len; i += (size_t) n) {
        n = wm_utf8_len(typed.data + i, typed.len - i);
        if (n == 0) {
            return wm_null;
        }

        code = wm_text_fold(wm_utf8_code(typed.data + i, n));

        if (code == ' ' || code == '-' || code == 0x3000
            || (code == '+' && len == 0))
        {
            continue;
        }

        if (code < '0' || code > '9' || len == 14) {
            return wm_null;
        }

        out[len++] = (char) code;
    }

    s = (wm_str_t) { len, out };

    if (len == 13 && wm_starts(s, "861")) {
        memmove(out, out + 2, 11);
        s.len = 11;
    }

    out[s.len] = '\0';

    if (s.len == 11 && out[0] == '1' && out[1] >= '3') {
        return s;
    }

    if (s.len >= 10 && s.len <= 12 && out[0] == '0' && out[1] != '0') {
        return s;
    }

    return wm_null;
}


wm_str_t
wm_phone_mask(wm_str_t phone, char *out)
{
    size_t  i, len;

    len = phone.len > 15 ? 15 : phone.len;

    for (i = 0; i < len; i++) {
        out[i] = (char) (i < 3 || i + 4 >= len ? phone.data[i] : '*');
    }

    out[len] = '\0';

    return (wm_str_t) { len, out };
}


static size_t
wm_utf8_put(char *p, uint32_t code)
{
    if (code < 0x80) {
        p[0] = (char) code;
        return 1;
    }

    if (code < 0x800) {
        p[0] = (char) (0xc0 | code >> 6);
        p[1] = (char) (0x80 | (code & 0x3f));
        return 2;
    }

    if (code < 0x10000) {
        p[0] = (char) (0xe0 | code >> 12);
        p[1] = (char) (0x80 | (code >> 6 & 0x3f));
        p[2] = (char) (0x80 | (code & 0x3f));
        return 3;
    }

    p[0] = (char) (0xf0 | code >> 18);
    p[1] = (char) (0x80 | (code >> 12 & 0x3f));
    p[2] = (char) (0x80 | (code >> 6 & 0x3f));
    p[3] = (char) (0x80 | (code & 0x3f));

    return 4;
}


/* White space, or a mark of no width: U+200B to U+200F, U+2060. */

static size_t
wm_text_unseen(const char *p, size_t left)
{
    if (left >= 3 && memcmp(p, "\xe2\x80", 2) == 0
        && (unsigned char) p[2] >= 0x8b && (unsigned char) p[2] <= 0x8f)
    {
        return 3;
    }

    if (left >= 3 && memcmp(p, "\xe2\x81\xa0", 3) == 0) {
        return 3;
    }

    return wm_text_space(p, left);
}


bool
wm_text_word(wm_str_t *s, wm_str_t *word)
{
    size_t  n;

    *s = wm_text_trim(*s);
    word->data = s->data;

    for (n = 0; n < s->len && wm_text_space(s->data + n, s->len - n) == 0;
         n++)
    {
        /* void */
    }

    word->len = n;
    s->data += n;
    s->len -= n;

    return n > 0;
}


wm_str_t
wm_name_normal(wm_pool_t *pool, wm_str_t typed)
{
    int     n;
    char   *out;
    size_t  i, len;

    out = wm_alloc(pool, typed.len + 1);
    if (out == NULL) {
        return wm_null;
    }

    /* folding never makes a character longer */

    for (i = 0, len = 0; i < typed.len; i += (size_t) n) {
        n = (int) wm_text_unseen(typed.data + i, typed.len - i);
        if (n > 0) {
            continue;
        }

        n = wm_utf8_len(typed.data + i, typed.len - i);
        if (n == 0) {
            return wm_null;
        }

        len += wm_utf8_put(out + len,
                           wm_text_fold(wm_utf8_code(typed.data + i, n)));
    }

    return (wm_str_t) { len, out };
}


static const char *
wm_html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    }

    return NULL;
}


static void
wm_html_copy(wm_buf_t *out, wm_str_t s, bool escape, bool ascii)
{
    int          n;
    size_t       i, from;
    const char  *entity;

    for (i = 0, from = 0; i < s.len; /* void */ ) {
        entity = escape ? wm_html_entity(s.data[i]) : NULL;
        n = wm_utf8_len(s.data + i, s.len - i);

        if (entity == NULL && n > 0 && (n == 1 || !ascii)) {
            i += (size_t) n;
            continue;
        }

        wm_put(out, (wm_str_t) { i - from, s.data + from });

        if (entity != NULL) {
            wm_puts(out, entity);

        } else if (n == 0) {
            wm_puts(out, "&#65533;");
            n = 1;

        } else {
            wm_putf(out, "&#%u;", wm_utf8_code(s.data + i, n));
        }

        i += (size_t) n;
        from = i;
    }

    if (i > from) {
        wm_put(out, (wm_str_t) { i - from, s.data + from });
    }
}


void
wm_html_escape(wm_buf_t *out, wm_str_t s, bool ascii)
{
    wm_html_copy(out, s, true, ascii);
}


void
wm_html_put(wm_buf_t *out, wm_str_t s, bool ascii)
{
    if (ascii) {
        wm_html_copy(out, s, false, true);

    } else {
        wm_put(out, s);
    }
}


/*
 * A spreadsheet runs a cell that begins with one of = + - @ and spoils a
 * number of 11 digits or more; an apostrophe in front makes both text.
 */

static bool
wm_csv_needs_guard(wm_str_t cell)
{
    size_t    n;
    wm_str_t  s;

    /* some programs skip white space before they look for a formula */

    for (s = cell; (n = wm_text_space(s.data, s.len)) > 0; s.len -= n) {
        s.data += n;
    }

    if (s.len == 0) {
        return false;
    }

    if (cell.data[0] == '\t' || cell.data[0] == '\r') {
        return true;                    /* what some take for a next cell */
    }

    if (strchr("=+-@|%", s.data[0]) != NULL
        || wm_starts(s, "\xef\xbc\x9d") || wm_starts(s, "\xef\xbc\x8b")
        || wm_starts(s, "\xef\xbc\x8d") || wm_starts(s, "\xef\xbc\xa0"))
    {
        return true;                    /* the last four: full-width = + - @ */
    }

    for (n = 0; n < s.len && s.data[n] >= '0' && s.data[n] <= '9'; n++) {
        /* void */
    }

    return n == s.len && n >= 11;
}


void
wm_url_escape(wm_buf_t *out, wm_str_t s)
{
    char     hex[3];
    size_t   i;
    uint8_t  c;

    hex[0] = '%';

    for (i = 0; i < s.len; i++) {
        c = (uint8_t) s.data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9')
            || (c != '\0' && strchr("-._~", c) != NULL))
        {
            wm_putc(out, (char) c);
            continue;
        }

        wm_hex(&c, 1, hex + 1);
        wm_put(out, (wm_str_t) { 3, hex });
    }
}



void
wm_csv_put(wm_buf_t *out, wm_str_t cell)
{
    size_t  i, from;

    wm_putc(out, '"');

    if (wm_csv_needs_guard(cell)) {
        wm_putc(out, '\'');
    }

    for (i = 0, from = 0; i < cell.len; i++) {
        if (cell.data[i] == '"') {
            wm_put(out, (wm_str_t) { i + 1 - from, cell.data + from });
            wm_putc(out, '"');
            from = i + 1;
        }
    }

    if (i > from) {
        wm_put(out, (wm_str_t) { i - from, cell.data + from });
    }

    wm_putc(out, '"');
}


void
wm_csv_row(wm_buf_t *out, const wm_str_t *cells, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        wm_puts(out, i > 0 ? "," : "");
        wm_csv_put(out, cells[i]);
    }

    wm_puts(out, "\r\n");
}
