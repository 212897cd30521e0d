/* Counters and states for Prometheus: no secrets, nobody's data. */

#include "wm_web.h"

static void wm_metrics(wm_web_t *w);

const wm_route_t  wm_metrics_routes[] = {
    { WM_GET, "api/metrics", WM_API, WM_ANYONE, WM_CAP_NONE, WM_GUARDED,
      NULL, NULL, NULL, wm_metrics, NULL, NULL }
};

const size_t  wm_metrics_nroutes = wm_countof(wm_metrics_routes);


static void
wm_metrics(wm_web_t *w)
{
    wm_answer_bytes(w, "text/plain; version=0.0.4", wm_web_metrics(w), NULL);
}
