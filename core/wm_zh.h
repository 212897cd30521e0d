/*
 * The texts of the pages: one table, {{=name}} in a template.
 * Sentences of errors stand in wm_verdict.h and wm_field.h.
 */

#ifndef WM_ZH_H
#define WM_ZH_H

#include "wm_base.h"

/* wm_null when there is none of that name. */
wm_str_t wm_zh(wm_str_t name);

#endif /* WM_ZH_H */
