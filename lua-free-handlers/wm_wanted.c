#include "wm_wanted.h"
#include "wm_time.h"


bool
wm_wanted(wm_web_t *w, wm_str_t *wanted)
{
    size_t       i;
    int64_t      day, today;
    wm_buf_t     b;
    wm_value_t  *v = wm_input(&w->input, "wanted");

    today = wm_time_day(w->now_ms, w->site->offset);
    wm_buf_init(&b, w->pool, 128);

    for (i = 0; i < v->n; i++) {
        if (wm_time_parse_day(v->list[i], w->site->offset, &day)
            && day < today)
        {
            wm_input_fail(&w->input, "wanted", WM_WRONG_PAST);
        }

        wm_puts(&b, i > 0 ? "," : "");
        wm_put(&b, v->list[i]);
    }

    *wanted = wm_buf_str(&b);

    return wanted->data != NULL;
}
