/*
 * CSV, RFC 4180, strictly: a cell is quoted as a whole or not at all.  A
 * byte-order mark, CRLF or LF, blank lines, and lines that begin with # pass.
 */

#ifndef WM_CSV_H
#define WM_CSV_H

#include "wm_base.h"

#define WM_CSV_CELLS  32

typedef enum {
    WM_CSV_ROW,
    WM_CSV_END,
    WM_CSV_BAD,             /* why is set; no reading on from here */
    WM_CSV_NO_MEMORY
} wm_csv_result_t;

typedef struct {
    wm_pool_t    *pool;
    const char   *p;
    const char   *end;
    unsigned      line;                 /* where p stands */

    unsigned      row_line;             /* where the row begins */
    size_t        n;                    /* cells, also those not kept */
    wm_str_t      cells[WM_CSV_CELLS];
    const char   *why;
} wm_csv_t;

void wm_csv_init(wm_csv_t *csv, wm_pool_t *pool, wm_str_t text);

/* The next row; its cells live in the text or in the pool. */
wm_csv_result_t wm_csv_next(wm_csv_t *csv);

#endif /* WM_CSV_H */
