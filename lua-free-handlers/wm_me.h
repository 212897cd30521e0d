/* What this device knows of its owner, as other families answer it, too. */

#ifndef WM_ME_H
#define WM_ME_H

#include "wm_web.h"

void wm_me_answer(wm_web_t *w);

#endif /* WM_ME_H */
