/*
 * The Cookie header of a request: pairs between semicolons.  What a browser
 * sends there, any site beside ours may have put in, and any program.
 */

#ifndef WM_COOKIE_H
#define WM_COOKIE_H

#include "wm_base.h"

/*
 * The value of the first pair with that very name; wm_null: there is none.
 * Borrows from the header.
 */
wm_str_t wm_cookie_find(wm_str_t header, wm_str_t name);

#endif /* WM_COOKIE_H */
