/* The roster, shown again by those who change it. */

#ifndef WM_ROSTER_H
#define WM_ROSTER_H

#include "wm_web.h"

void wm_roster(wm_web_t *w);

#endif /* WM_ROSTER_H */
