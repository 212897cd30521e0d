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
