/* The days that somebody who orders would like. */

#ifndef WM_WANTED_H
#define WM_WANTED_H

#include "wm_web.h"

/*
 * The field "wanted" in one string; a day that is over already is marked as
 * wrong.  False: no memory.
 */
bool wm_wanted(wm_web_t *w, wm_str_t *wanted);

#endif /* WM_WANTED_H */
