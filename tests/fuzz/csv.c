/*
 * CSV as it goes out comes in again as it was, but for the apostrophe in
 * front of what a spreadsheet would run; and nothing is left that it would.
 */

#include "fuzz.h"
#include "../../cli/csv.h"
#include "wm_text.h"

#define FUZZ_CELLS  4


/* A cell that came back: what went in, with or without the guard. */

static void
fuzz_cell(wm_str_t in, wm_str_t out)
{
    wm_str_t  s = wm_text_trim(in);

    if (out.len == in.len + 1 && out.data[0] == '\'') {
        out.data++;
        out.len--;

    } else {
        fuzz_check(s.len == 0 || s.data[0] == '\0'
                   || strchr("=+-@", s.data[0]) == NULL);
    }

    fuzz_check(wm_eq(in, out));
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    size_t           i, n;
    wm_buf_t         b;
    wm_csv_t         csv;
    wm_str_t         text, cells[FUZZ_CELLS];
    wm_csv_result_t  rc;

    for (n = 0; n < FUZZ_CELLS - 1; n++) {
        cells[n] = fuzz_until(in, '|');
    }

    cells[n++] = fuzz_rest(in);

    for (i = 0; i < n; i++) {           /* line ends come back as LF */
        if (cells[i].len > 0 && memchr(cells[i].data, '\r', cells[i].len)) {
            return;
        }
    }

    wm_buf_init(&b, pool, 16);
    wm_csv_row(&b, cells, n);
    wm_csv_row(&b, cells, n);
    text = fuzz_exact(pool, wm_buf_str(&b));

    wm_csv_init(&csv, pool, text);

    for (i = 0; (rc = wm_csv_next(&csv)) == WM_CSV_ROW; i++) {
        size_t  k;

        fuzz_check(csv.n == n && i < 2);

        for (k = 0; k < n; k++) {
            fuzz_cell(cells[k], csv.cells[k]);
        }
    }

    fuzz_check(rc == WM_CSV_END && i == 2);
}
