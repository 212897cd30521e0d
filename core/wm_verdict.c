#include "wm_verdict.h"

static const struct {
    const char  *code;
    unsigned     status;
    const char  *text;
    const char  *next;
} wm_verdicts[] = {
#define X(name, code, status, text, next)  { code, status, text, next },
    WM_VERDICTS(X)
#undef X
};


const char *
wm_verdict_code(wm_verdict_t v)
{
    return wm_verdicts[v].code;
}


unsigned
wm_verdict_status(wm_verdict_t v)
{
    return wm_verdicts[v].status;
}


const char *
wm_verdict_text(wm_verdict_t v)
{
    return wm_verdicts[v].text;
}


const char *
wm_verdict_next(wm_verdict_t v)
{
    return wm_verdicts[v].next;
}
