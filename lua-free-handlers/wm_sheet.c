#include "wm_sheet.h"
#include "wm_text.h"
#include "wm_zh.h"

#define WM_SHEET_SIZE  4096


void
wm_sheet_begin(wm_web_t *w, wm_buf_t *b, const char *head)
{
    wm_buf_init(b, w->pool, WM_SHEET_SIZE);
    wm_puts(b, "\xef\xbb\xbf");

    if (head != NULL) {
        wm_put(b, wm_zh(wm_str(head)));
        wm_puts(b, "\r\n");
    }
}


wm_str_t
wm_sheet_num(wm_web_t *w, int64_t num)
{
    return wm_printf(w->pool, "%lld", (long long) num);
}


wm_str_t
wm_sheet_bool(bool value)
{
    return wm_zh(value ? wm_lit("sheet_yes") : wm_lit("sheet_no"));
}


void
wm_sheet_note(wm_buf_t *b, const char *text)
{
    wm_str_t  cell = wm_zh(wm_str(text));

    wm_csv_row(b, &cell, 1);
}


void
wm_sheet_answer_as(wm_web_t *w, wm_buf_t *b, wm_str_t name)
{
    wm_str_t  file;

    file = wm_printf(w->pool, "%.*s.csv", wm_fmt(name));

    if (b->failed || name.data == NULL || file.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_answer_bytes(w, "text/csv", wm_buf_str(b), file.data);
}


void
wm_sheet_answer(wm_web_t *w, wm_buf_t *b, const char *name)
{
    wm_sheet_answer_as(w, b, wm_printf(w->pool, "%s-%.*s", name,
                                       wm_fmt(w->id)));
}


/* The first row behind a key; rows are in the order of their keys. */

static size_t
wm_sheet_behind(wm_web_t *w, const void *rows, size_t total,
    wm_sheet_key_pt key, wm_str_t cursor)
{
    size_t  low, high, i;

    low = 0;
    high = total;

    while (low < high) {
        i = low + (high - low) / 2;

        if (wm_cmp(key(w, rows, i), cursor) > 0) {
            high = i;

        } else {
            low = i + 1;
        }
    }

    return low;
}


void
wm_sheet_page(wm_web_t *w, const void *rows, size_t total,
    wm_sheet_key_pt key, wm_sheet_page_t *page)
{
    size_t       limit;
    wm_str_t     cursor = wm_input(&w->input, "cursor")->text;
    wm_value_t  *given = wm_input(&w->input, "limit");

    page->from = cursor.len > 0
                 ? wm_sheet_behind(w, rows, total, key, cursor) : 0;

    limit = given->text.len > 0 ? (size_t) given->num
            : w->route->face == WM_API ? total : WM_SHEET_PAGE;

    page->more = total - page->from > limit;
    page->n = page->more ? limit : total - page->from;
}


wm_str_t
wm_sheet_next(wm_web_t *w, const void *rows, wm_sheet_key_pt key,
    const wm_sheet_page_t *page)
{
    return page->more ? key(w, rows, page->from + page->n - 1) : wm_null;
}
