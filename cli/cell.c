#include "import.h"
#include "wm_text.h"
#include "wm_time.h"

#define WM_CELL_ID_MAX    64
#define WM_CELL_DAYS_MAX  3650


static wm_str_t
wm_cell_text(wm_import_t *im, const wm_column_t *column, wm_str_t s)
{
    int64_t  n;

    n = wm_utf8_count(s);

    if (n < column->min) {
        return wm_printf(im->pool, "%lld characters, at least %u are needed",
                         (long long) n, column->min);
    }

    if (n > column->max) {
        return wm_printf(im->pool, "%lld characters, at most %u are allowed",
                         (long long) n, column->max);
    }

    return wm_null;
}


static wm_str_t
wm_cell_number(wm_import_t *im, const wm_column_t *column, wm_str_t s,
    int64_t *num)
{
    uint64_t  n;

    if (!wm_parse_uint(s, UINT32_MAX, &n) || n < column->min
        || n > column->max)
    {
        return wm_printf(im->pool, "\"%s\" is no whole number of %u to %u",
                         wm_say_safe(im->pool, s), column->min, column->max);
    }

    *num = (int64_t) n;

    return wm_null;
}


static wm_str_t
wm_cell_degrees(wm_import_t *im, const wm_column_t *column, wm_str_t s)
{
    return wm_degrees_valid(s, column->max)
                ? wm_null
                : wm_printf(im->pool, "\"%s\" is no number of -%u to %u",
                            wm_say_safe(im->pool, s), column->max,
                            column->max);
}


/* "+3d 19:00": that many days after today, by the district's clock. */

static bool
wm_cell_relative(wm_import_t *im, wm_str_t s, int64_t *ms)
{
    uint64_t  days, h, m;
    wm_str_t  part;

    s = (wm_str_t) { s.len - 1, s.data + 1 };

    if (!wm_split(&s, 'd', &part)
        || !wm_parse_uint(part, WM_CELL_DAYS_MAX, &days)
        || s.len != 6 || s.data[0] != ' ' || s.data[3] != ':'
        || !wm_parse_uint((wm_str_t) { 2, s.data + 1 }, 23, &h)
        || !wm_parse_uint((wm_str_t) { 2, s.data + 4 }, 59, &m))
    {
        return false;
    }

    *ms = wm_time_day(im->now_ms, im->offset) + (int64_t) days * WM_DAY_MS
          + (int64_t) h * WM_HOUR_MS + (int64_t) m * WM_MINUTE_MS;

    return true;
}


static wm_str_t
wm_cell_start(wm_import_t *im, wm_str_t s, int64_t *num)
{
    bool  good;

    good = s.data[0] == '+'
           ? wm_cell_relative(im, s, num)
           : s.len == 16 && s.data[10] == 'T'
             && wm_time_parse(s, im->offset, num) && *num > 0;

    return good ? wm_null
                : wm_printf(im->pool, "\"%s\" is neither YYYY-MM-DDTHH:MM nor "
                            "+Nd HH:MM", wm_say_safe(im->pool, s));
}


/* An empty cell is the caller's business. */

static wm_str_t
wm_cell_value(wm_import_t *im, const wm_column_t *column, wm_str_t s,
    int64_t *num)
{
    switch (column->type) {

    case WM_CELL_ID:
    case WM_CELL_REF:
        return s.len <= WM_CELL_ID_MAX && wm_text_is_token(s)
               ? wm_null
               : wm_printf(im->pool, "\"%s\" is not 1 to %d letters, digits, "
                           "- and _", wm_say_safe(im->pool, s),
                           WM_CELL_ID_MAX);

    case WM_CELL_NUMBER:
        return wm_cell_number(im, column, s, num);

    case WM_CELL_DEGREES:
        return wm_cell_degrees(im, column, s);

    case WM_CELL_UNIT_TYPE:
        return wm_unit_type_valid(s)
               ? wm_null
               : wm_printf(im->pool, "\"%s\" is not centre, institute, "
                           "station or base", wm_say_safe(im->pool, s));

    case WM_CELL_TEAM_KIND:
        return wm_team_kind_valid(s)
               ? wm_null
               : wm_printf(im->pool, "\"%s\" is not squad, brigade, corps, "
                           "project or lecturers", wm_say_safe(im->pool, s));

    case WM_CELL_START:
        return wm_cell_start(im, s, num);

    default:
        return wm_cell_text(im, column, s);
    }
}


wm_str_t
wm_cell_check(wm_import_t *im, const wm_column_t *column, wm_str_t s,
    int64_t *num)
{
    *num = 0;

    switch (wm_text_check(s, column->type == WM_CELL_LINES)) {

    case WM_TEXT_ENCODING:
        return wm_lit("not UTF-8; save the file as UTF-8");

    case WM_TEXT_CONTROL:
        return wm_lit("a line break, tab or other control character");

    default:
        break;
    }

    if (s.len == 0) {
        return column->required ? wm_lit("must not be empty") : wm_null;
    }

    return wm_cell_value(im, column, s, num);
}
