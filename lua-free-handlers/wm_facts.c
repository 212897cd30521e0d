#include "wm_facts.h"


bool
wm_facts_find(wm_web_t *w, wm_str_t id, wm_facts_t *facts)
{
    wm_reply_t  record;

    facts->entry.kind = WM_SHARED_EVENTS;
    facts->entry.key = wm_printf(w->pool, "record %.*s", wm_fmt(id));

    return wm_shared_find(w, &facts->entry)
           && wm_reply_unpack(w->pool, facts->entry.bytes, &record)
           && wm_event_load(&record, id, &facts->event);
}


void
wm_facts_keep(wm_web_t *w, const wm_facts_t *facts, const wm_reply_t *record)
{
    wm_shared_keep(w, &facts->entry, wm_reply_pack(w->pool, record),
                   WM_FACTS_TTL_MS);
}
