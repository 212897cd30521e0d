/* Lists as CSV, for the spreadsheets of an office: UTF-8, with a mark. */

#ifndef WM_SHEET_H
#define WM_SHEET_H

#include "wm_web.h"

/* head: the text of wm_zh.h that names the columns, with commas between. */
void wm_sheet_begin(wm_web_t *w, wm_buf_t *b, const char *head);

/* Cells for wm_csv_row(), in the request's pool. */
wm_str_t wm_sheet_num(wm_web_t *w, int64_t num);
wm_str_t wm_sheet_bool(bool value);

/* The file {name}-{id}.csv; answers. */
void wm_sheet_answer(wm_web_t *w, wm_buf_t *b, const char *name);

#endif /* WM_SHEET_H */
