/* Records that many requests need, shared by the workers for a second. */

#ifndef WM_FACTS_H
#define WM_FACTS_H

#include "wm_event.h"
#include "wm_web.h"

#define WM_FACTS_TTL_MS  1000

typedef struct {
    wm_shared_entry_t   entry;
    wm_event_t          event;
} wm_facts_t;

/* False: not there; ask with HGETALL and hand the reply to keep. */
bool wm_facts_find(wm_web_t *w, wm_str_t id, wm_facts_t *facts);
void wm_facts_keep(wm_web_t *w, const wm_facts_t *facts,
    const wm_reply_t *record);

#endif /* WM_FACTS_H */
