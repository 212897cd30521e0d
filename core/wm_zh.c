#include "wm_zh.h"

static const struct {
    const char  *name;
    const char  *text;
} wm_zh_table[] = {
#define X(name, text)  { #name, text },
#include "wm_zh_table.h"
#undef X
};


wm_str_t
wm_zh(wm_str_t name)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_zh_table); i++) {
        if (wm_is(name, wm_zh_table[i].name)) {
            return wm_str(wm_zh_table[i].text);
        }
    }

    return wm_null;
}
