#include "wm_ops.h"


static const struct {
    const char   *verb;
    wm_shared_t   old;
} wm_ops[] = {
#define X(name, verb, old)  { verb, WM_SHARED_##old },
    WM_OPS(X)
#undef X
};

static const struct {
    const char  *code;
    const char  *text;
    unsigned     caps;
} wm_roles[] = {
    { "", "", 0 },
#define X(name, code, text, caps)  { code, text, caps },
    WM_ROLES(X)
#undef X
};


const char *
wm_op_verb(wm_op_t op)
{
    return wm_ops[op].verb;
}


wm_shared_t
wm_op_makes_old(wm_op_t op)
{
    return wm_ops[op].old;
}


/* Places are shown with their events; the first page has no places. */

bool
wm_shared_is_old(wm_shared_t kind, wm_shared_t old)
{
    if (old == WM_SHARED_NOTHING || kind == WM_SHARED_NOTHING) {
        return false;
    }

    return old == kind || old == WM_SHARED_ALL
           || (old == WM_SHARED_EVENTS && kind == WM_SHARED_PLACES)
           || (old != WM_SHARED_PLACES && kind == WM_SHARED_HOME);
}


wm_role_t
wm_role_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_roles); i++) {
        if (wm_is(code, wm_roles[i].code)) {
            return (wm_role_t) i;
        }
    }

    return WM_ROLE_NONE;
}


const char *
wm_role_code(wm_role_t role)
{
    return wm_roles[role].code;
}


const char *
wm_role_text(wm_role_t role)
{
    return wm_roles[role].text;
}


bool
wm_role_may(wm_role_t role, wm_cap_t cap)
{
    return cap == WM_CAP_NONE || (wm_roles[role].caps & 1u << cap) != 0;
}


bool
wm_scope_covers(wm_str_t scope_path, wm_str_t unit_path)
{
    return scope_path.len > 1 && scope_path.len <= unit_path.len
           && scope_path.data[scope_path.len - 1] == '/'
           && memcmp(scope_path.data, unit_path.data, scope_path.len) == 0;
}
