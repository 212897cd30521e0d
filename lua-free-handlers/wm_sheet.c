#include "wm_sheet.h"
#include "wm_text.h"
#include "wm_zh.h"

#define WM_SHEET_SIZE  4096


void
wm_sheet_begin(wm_web_t *w, wm_buf_t *b, const char *head)
{
    wm_buf_init(b, w->pool, WM_SHEET_SIZE);
    wm_puts(b, "\xef\xbb\xbf");
    wm_put(b, wm_zh(wm_str(head)));
    wm_puts(b, "\r\n");
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
wm_sheet_answer(wm_web_t *w, wm_buf_t *b, const char *name)
{
    wm_answer_bytes(w, "text/csv", wm_buf_str(b),
                    wm_printf(w->pool, "%s-%.*s.csv", name,
                              wm_fmt(w->id)).data);
}


void
wm_sheet_page(wm_web_t *w, const void *rows, size_t total,
    const char *(*person)(const void *rows, size_t i), wm_sheet_page_t *page)
{
    size_t       i, limit;
    wm_str_t     cursor = wm_input(&w->input, "cursor")->text;
    wm_value_t  *given = wm_input(&w->input, "limit");

    page->from = 0;

    for (i = 0; cursor.len > 0 && i < total; i++) {
        if (wm_is(cursor, person(rows, i))) {
            page->from = i + 1;
            break;
        }
    }

    limit = given->text.len > 0 ? (size_t) given->num
            : w->route->face == WM_API ? total : WM_SHEET_PAGE;

    page->more = total - page->from > limit;
    page->n = page->more ? limit : total - page->from;
}
