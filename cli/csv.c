#include "csv.h"


void
wm_csv_init(wm_csv_t *csv, wm_pool_t *pool, wm_str_t text)
{
    memset(csv, 0, sizeof(wm_csv_t));

    csv->pool = pool;
    csv->p = text.len > 0 ? text.data : "";
    csv->end = csv->p + text.len;
    csv->line = 1;

    if (wm_starts(text, "\xef\xbb\xbf")) {
        csv->p += 3;
    }
}


/* The end of a line at p: 1 or 2 bytes, 0 when there is none. */

static size_t
wm_csv_eol(const wm_csv_t *csv)
{
    if (csv->p < csv->end && csv->p[0] == '\n') {
        return 1;
    }

    return csv->end - csv->p >= 2 && csv->p[0] == '\r' && csv->p[1] == '\n'
           ? 2 : 0;
}


static void
wm_csv_skip(wm_csv_t *csv)
{
    const char  *p;

    for ( ;; ) {
        for (p = csv->p; p < csv->end && (*p == ' ' || *p == '\t'); p++) {
            /* void */
        }

        if (p == csv->end || (*p != '\n' && *p != '\r' && *csv->p != '#')) {
            csv->p = p == csv->end ? p : csv->p;
            return;
        }

        if (*csv->p == '#') {
            p = memchr(csv->p, '\n', (size_t) (csv->end - csv->p));

            if (p == NULL) {
                csv->p = csv->end;
                return;
            }

        } else if (*p == '\r') {
            if (csv->end - p < 2 || p[1] != '\n') {
                return;
            }

            p++;
        }

        csv->p = p + 1;
        csv->line++;
    }
}


static wm_csv_result_t
wm_csv_bad(wm_csv_t *csv, const char *why)
{
    csv->why = why;
    return WM_CSV_BAD;
}


static wm_csv_result_t
wm_csv_plain(wm_csv_t *csv, wm_str_t *cell)
{
    cell->data = csv->p;

    while (csv->p < csv->end && *csv->p != ',' && wm_csv_eol(csv) == 0) {
        if (*csv->p == '"') {
            return wm_csv_bad(csv, "a quote inside a cell that is not quoted");
        }

        if (*csv->p == '\r') {
            return wm_csv_bad(csv, "a carriage return without a line feed");
        }

        csv->p++;
    }

    cell->len = (size_t) (csv->p - cell->data);

    return WM_CSV_ROW;
}


/* Doubled quotes become one, and line ends LF. */

static wm_csv_result_t
wm_csv_quoted(wm_csv_t *csv, wm_str_t *cell)
{
    size_t    eol;
    wm_buf_t  b;

    wm_buf_init(&b, csv->pool, 64);

    for (csv->p++; csv->p < csv->end; csv->p++) {
        eol = wm_csv_eol(csv);

        if (eol > 0) {
            csv->line++;
            csv->p += eol - 1;

        } else if (*csv->p == '\r') {
            return wm_csv_bad(csv, "a carriage return without a line feed");

        } else if (*csv->p == '"'
                   && (++csv->p == csv->end || *csv->p != '"'))
        {
            *cell = wm_buf_str(&b);
            return b.failed ? WM_CSV_NO_MEMORY : WM_CSV_ROW;
        }

        wm_putc(&b, *csv->p);
    }

    return wm_csv_bad(csv, "a quoted cell that does not end");
}


wm_csv_result_t
wm_csv_next(wm_csv_t *csv)
{
    wm_str_t         cell;
    wm_csv_result_t  rc;

    wm_csv_skip(csv);

    csv->row_line = csv->line;
    csv->n = 0;

    if (csv->p == csv->end) {
        return WM_CSV_END;
    }

    for ( ;; ) {
        rc = csv->p < csv->end && *csv->p == '"' ? wm_csv_quoted(csv, &cell)
                                                 : wm_csv_plain(csv, &cell);
        if (rc != WM_CSV_ROW) {
            return rc;
        }

        if (csv->n < WM_CSV_CELLS) {
            csv->cells[csv->n] = cell;
        }

        csv->n++;

        if (csv->p == csv->end) {
            return WM_CSV_ROW;
        }

        if (*csv->p != ',') {
            break;
        }

        csv->p++;
    }

    if (wm_csv_eol(csv) == 0) {
        csv->n--;                       /* the cell that was read last */
        return wm_csv_bad(csv, "something behind the end of a quoted cell");
    }

    csv->p += wm_csv_eol(csv);
    csv->line++;

    return WM_CSV_ROW;
}
