#include "wm_cookie.h"


/*
 * Blanks and tabs alone: a name that only becomes ours without what else may
 * count as white space could be set by a site beside ours, __Host- or not.
 */

static wm_str_t
wm_cookie_trim(wm_str_t s)
{
    while (s.len > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) {
        s.data++;
        s.len--;
    }

    while (s.len > 0 && (s.data[s.len - 1] == ' '
                         || s.data[s.len - 1] == '\t'))
    {
        s.len--;
    }

    return s;
}


wm_str_t
wm_cookie_find(wm_str_t header, wm_str_t name)
{
    wm_str_t  pair, key;

    while (wm_split(&header, ';', &pair)) {
        if (wm_split(&pair, '=', &key) && pair.data != NULL
            && wm_eq(wm_cookie_trim(key), name))
        {
            return wm_cookie_trim(pair);
        }
    }

    return wm_null;
}
