/*
 * How a visitor wants the pages: large print.  A cookie remembers it, and a
 * link changes it, so that it works without scripts and with nothing stored.
 */

#include "wm_web.h"

static void wm_look(wm_web_t *w);

static const wm_field_t  wm_look_fields[] = {
    { "large", WM_FIELD_NUMBER, WM_REQUIRED, 0, 1 }
};

static const size_t  wm_look_nfields = wm_countof(wm_look_fields);

const wm_route_t  wm_look_routes[] = {
    { WM_GET, "look", WM_PAGE, WM_ANYONE, WM_CAP_NONE, 0,
      wm_look_fields, &wm_look_nfields, NULL, wm_look, NULL, NULL }
};

const size_t  wm_look_nroutes = wm_countof(wm_look_routes);


static void
wm_look(wm_web_t *w)
{
    wm_str_t  from = wm_web_from(w);

    wm_web_keep_large(w, wm_input(&w->input, "large")->num == 1);
    wm_redirect(w, from.data != NULL ? from : wm_lit("menu"));
}
