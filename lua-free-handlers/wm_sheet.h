/*
 * Sheets of one event, which are read whole: a page of one, and the whole as
 * CSV for the spreadsheets of an office, UTF-8 with a mark.
 */

#ifndef WM_SHEET_H
#define WM_SHEET_H

#include "wm_web.h"

/*
 * head: the text of wm_zh.h that names the columns, with commas between; NULL:
 * the caller writes it.
 */
void wm_sheet_begin(wm_web_t *w, wm_buf_t *b, const char *head);

/* Cells for wm_csv_row(), in the request's pool. */
wm_str_t wm_sheet_num(wm_web_t *w, int64_t num);
wm_str_t wm_sheet_bool(bool value);

/* A last row of one cell, in words: e.g. that there is more. */
void wm_sheet_note(wm_buf_t *b, const char *text);

/* The file {name}-{id}.csv, or {name}.csv; answers. */
void wm_sheet_answer(wm_web_t *w, wm_buf_t *b, const char *name);
void wm_sheet_answer_as(wm_web_t *w, wm_buf_t *b, wm_str_t name);

/*
 * A page: n rows from row from on.  Programs get all rows unless they name a
 * limit.  The cursor is the key of the last row before, so a row that moves
 * or goes takes no other with it.
 */
#define WM_SHEET_PAGE  100

#define WM_SHEET_FIELDS                                                      \
    { "cursor",  WM_FIELD_TOKEN,   0,  1, 64 },                              \
    { "limit",   WM_FIELD_NUMBER,  0,  1, 1000 }

typedef struct {
    size_t   from;
    size_t   n;
    bool     more;
} wm_sheet_page_t;

/* Keys are texts in the order of the rows; wm_null: no memory. */
typedef wm_str_t (*wm_sheet_key_pt)(wm_web_t *w, const void *rows, size_t i);

void wm_sheet_page(wm_web_t *w, const void *rows, size_t total,
    wm_sheet_key_pt key, wm_sheet_page_t *page);

/* The cursor of the next page, wm_null on the last. */
wm_str_t wm_sheet_next(wm_web_t *w, const void *rows, wm_sheet_key_pt key,
    const wm_sheet_page_t *page);

#endif /* WM_SHEET_H */
