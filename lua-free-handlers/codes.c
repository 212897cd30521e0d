/* Codes of one event for workers: as text, and to print or to show. */

#include "wm_codes.h"
#include "wm_plan.h"

static void wm_code_text(wm_web_t *w);
static void wm_code_svg(wm_web_t *w);
static void wm_code_png(wm_web_t *w);

static const wm_field_t  wm_code_fields[] = {
    { "kind",  WM_FIELD_TOKEN,  0,  1, 16 }
};

static const size_t  wm_code_nfields = wm_countof(wm_code_fields);

const wm_route_t  wm_codes_routes[] = {
    { WM_GET, "api/staff/events/{id}/code", WM_API, WM_STAFF, WM_CAP_ATTEND, 0,
      wm_code_fields, &wm_code_nfields, NULL, wm_code_text, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/qr.svg", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0,
      wm_code_fields, &wm_code_nfields, NULL, wm_code_svg, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/qr.png", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0,
      wm_code_fields, &wm_code_nfields, NULL, wm_code_png, NULL, NULL }
};

const size_t  wm_codes_nroutes = wm_countof(wm_codes_routes);


/* The kind that is asked for.  0: the request is answered. */

static wm_kind_t
wm_code_kind(wm_web_t *w)
{
    wm_kind_t  kind;

    kind = wm_codes_kind(wm_input(&w->input, "kind")->text);

    if (kind == 0) {
        wm_input_fail(&w->input, "kind", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);
    }

    return kind;
}


static void
wm_code_text_show(wm_web_t *w)
{
    wm_kind_t   kind;
    wm_plan_t  *p = w->state;

    kind = wm_code_kind(w);

    if (kind == 0) {
        return;
    }

    if (!wm_codes_open(&p->old, w->now_ms)) {
        wm_answer(w, WM_VERDICT_STATE);

    } else {
        wm_answer(w, wm_codes_show(w, w->doc, &p->old, kind, 0)
                     ? WM_VERDICT_OK : WM_VERDICT_INTERNAL);
    }
}


static void
wm_code_text(wm_web_t *w)
{
    wm_plan_load(w, wm_code_text_show);
}


static void
wm_code_image(wm_web_t *w, bool png)
{
    wm_kind_t   kind;
    wm_plan_t  *p = w->state;

    kind = wm_code_kind(w);

    if (kind != 0) {
        wm_codes_image(w, &p->old, kind, 0, png);
    }
}


static void
wm_code_draw_svg(wm_web_t *w)
{
    wm_code_image(w, false);
}


static void
wm_code_svg(wm_web_t *w)
{
    wm_plan_load(w, wm_code_draw_svg);
}


static void
wm_code_draw_png(wm_web_t *w)
{
    wm_code_image(w, true);
}


static void
wm_code_png(wm_web_t *w)
{
    wm_plan_load(w, wm_code_draw_png);
}
