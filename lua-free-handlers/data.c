/* All that is kept of a person, to take along. */

#include "wm_data.h"
#include "wm_me.h"
#include "wm_who.h"

static void wm_data_export(wm_web_t *w);

const wm_route_t  wm_data_routes[] = {
    { WM_GET, "me/data", WM_PAGE, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_data_export, NULL, NULL },
    { WM_GET, "api/me/data", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_data_export, NULL, NULL }
};

const size_t  wm_data_nroutes = wm_countof(wm_data_routes);


static void
wm_data_export_order(wm_web_t *w)
{
    wm_data_t   *d = w->state;
    wm_order_t   order;

    if (wm_order_load(&w->replies[0], d->hits[d->hit], &order)) {
        wm_dossier_order(w->doc, &d->person, &order, w->site->offset);
    }

    wm_data_next(w);
}


static void
wm_data_export_wish(wm_web_t *w)
{
    wm_data_t  *d = w->state;
    wm_wish_t   wish;

    if (wm_wish_load(&w->replies[0], d->hits[d->hit], &wish)) {
        wm_dossier_wish(w->doc, &d->person, &wish, w->site->offset);
    }

    wm_data_next(w);
}


static void
wm_data_export_event(wm_web_t *w)
{
    wm_data_t  *d = w->state;

    wm_dossier_event(w->doc, &d->person, &d->trace, w->now_ms,
                     w->site->offset);
    d->hit++;
    wm_data_events(w);
}


static void
wm_data_export_done(wm_web_t *w)
{
    wm_buf_t  b;

    wm_buf_init(&b, w->pool, 4096);
    wm_doc_write(&b, w->doc);
    wm_putc(&b, '\n');
    wm_answer_bytes(w, "application/json", wm_buf_str(&b),
                    "wenming-data.json");
}


static void
wm_data_export_begin(wm_web_t *w)
{
    wm_data_t    *d;
    wm_person_t  *person = w->state;

    if (!wm_who_is_opened(w, &w->replies[1], person)) {
        return;
    }

    if (!wm_who_is_verified(w, person, &w->replies[0])) {
        if (w->route->face != WM_API) {
            wm_redirect(w, wm_lit("verify"));

        } else {
            wm_me_answer(w);            /* what this device knows */
        }

        return;
    }

    if (!wm_data_limit(w, person)) {
        return;
    }

    wm_doc_bool(w->doc, "verified", true);
    wm_dossier_begin(w->doc, person, &w->replies[1], w->site->offset);

    d = wm_data_begin(w, person);

    if (d != NULL) {
        d->visit[WM_OWNED_ORDER] = wm_data_export_order;
        d->visit[WM_OWNED_WISH] = wm_data_export_wish;
        d->visit_event = wm_data_export_event;
        d->done = wm_data_export_done;
        wm_fetch(w, wm_data_walk);
    }
}


static void
wm_data_export(wm_web_t *w)
{
    w->state = wm_who_ask_known(w);

    if (w->state != NULL) {
        wm_fetch(w, wm_data_export_begin);

    } else if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("verify"));

    } else {
        wm_me_answer(w);
    }
}
