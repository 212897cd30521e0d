/* What works, for the administrator's monitoring: no secrets. */

#include "wm_web.h"

static void wm_health(wm_web_t *w);

const wm_route_t  wm_health_routes[] = {
    { WM_GET, "api/health", WM_API, WM_ANYONE, WM_CAP_NONE, WM_GUARDED,
      NULL, NULL, NULL, wm_health, NULL, NULL }
};

const size_t  wm_health_nroutes = wm_countof(wm_health_routes);


static void
wm_health(wm_web_t *w)
{
    wm_doc_str(w->doc, "district", w->site->district);
    wm_web_health(w, w->doc);
    wm_answer(w, WM_VERDICT_OK);
}
