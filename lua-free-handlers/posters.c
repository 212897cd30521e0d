/* The poster of an event: made, shown to be printed, and taken down. */

#include "wm_codes.h"
#include "wm_plan.h"
#include "wm_qr.h"
#include "wm_wall.h"

static void wm_posters(wm_web_t *w);
static void wm_posters_make(wm_web_t *w);
static void wm_posters_end(wm_web_t *w);

static const wm_field_t  wm_poster_fields[] = {
    { "kind",  WM_FIELD_TOKEN,  0,  1, 16 }
};

static const size_t  wm_poster_nfields = wm_countof(wm_poster_fields);

const wm_route_t  wm_posters_routes[] = {
    { WM_GET, "staff/events/{id}/poster", WM_PAGE, WM_STAFF, WM_CAP_ATTEND, 0,
      wm_poster_fields, &wm_poster_nfields, "staff-poster", wm_posters,
      NULL, NULL },
    { WM_GET, "api/staff/events/{id}/poster", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0,
      wm_poster_fields, &wm_poster_nfields, NULL, wm_posters, NULL, NULL },
    { WM_POST, "staff/events/{id}/poster", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0, NULL, NULL, NULL, wm_posters_make, NULL, NULL },
    { WM_POST, "api/staff/events/{id}/poster", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0, NULL, NULL, NULL, wm_posters_make, NULL, NULL },
    { WM_POST, "staff/events/{id}/poster/end", WM_PAGE, WM_STAFF,
      WM_CAP_SCHEDULE, 0, NULL, NULL, NULL, wm_posters_end, NULL, NULL },
    { WM_POST, "api/staff/events/{id}/poster/end", WM_API, WM_STAFF,
      WM_CAP_SCHEDULE, 0, NULL, NULL, NULL, wm_posters_end, NULL, NULL }
};

const size_t  wm_posters_nroutes = wm_countof(wm_posters_routes);


/* ---- showing */

/* poster-in when none is named; 0 for a kind that is no poster's. */

static wm_kind_t
wm_posters_kind(wm_str_t name)
{
    wm_kind_t  kind;

    kind = name.len == 0 ? WM_KIND_POSTER_IN : wm_kind_find(name);

    return wm_kind_is_poster(kind) ? kind : (wm_kind_t) 0;
}


static bool
wm_posters_draw(wm_web_t *w, const wm_event_t *event, wm_kind_t kind)
{
    wm_qr_t     qr;
    wm_str_t    url;
    wm_token_t  token;

    wm_poster_token(event, kind, &token);
    url = wm_codes_url(w, &token);

    if (url.data == NULL) {
        return false;
    }

    wm_doc_str(w->doc, "url", url);

    if (w->route->face == WM_API) {
        return true;
    }

    if (!wm_qr_make_paper(w->pool, url, &qr)) {
        return false;
    }

    wm_doc_hide(wm_doc_str(w->doc, "qr", wm_qr_data(w->pool, &qr)));

    return true;
}


/* What stands below the code, and what the worker can do about it. */

static void
wm_posters_words(wm_web_t *w, const wm_event_t *event, wm_kind_t kind,
    int64_t from_ms, int64_t until_ms)
{
    bool  may, open;

    may = wm_role_may(w->staff.role, WM_CAP_SCHEDULE);
    open = event->state == WM_EVENT_PUBLISHED && w->now_ms <= until_ms;

    wm_doc_hide(wm_doc_bool(w->doc, "out", wm_kind_is_out(kind)));
    wm_doc_hide(wm_doc_bool(w->doc, "can_make", may && open));
    wm_doc_hide(wm_doc_bool(w->doc, "can_end", may && event->poster != 0));
    wm_doc_hide(wm_doc_bool(w->doc, "was", event->poster == 0
                                           && event->posters > 0));

    if (event->poster == 0) {
        return;                         /* a draft may have no time yet */
    }

    wm_doc_hide(wm_doc_str(w->doc, "from_text",
                           wm_show_human(w, from_ms)));
    wm_doc_hide(wm_doc_str(w->doc, "until_text",
                           wm_show_human(w, until_ms)));
    wm_doc_hide(wm_doc_str(w->doc, "event_url",
                           wm_printf(w->pool, "%.*s/event/%.*s",
                                     wm_fmt(w->site->url),
                                     wm_fmt(event->id))));
}


static void
wm_posters_answer(wm_web_t *w)
{
    int64_t      from_ms, until_ms;
    wm_kind_t    kind;
    wm_plan_t   *p = w->state;
    wm_event_t  *event = &p->old;

    kind = wm_posters_kind(w->route->method == WM_GET
                           ? wm_input(&w->input, "kind")->text
                           : wm_lit(""));

    if (kind == 0) {
        wm_input_fail(&w->input, "kind", WM_WRONG_CHOICE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    from_ms = event->start_ms - WM_ATTEND_EARLY_MS;
    until_ms = event->end_ms + WM_ATTEND_LATE_MS;

    wm_show_event(w, w->doc, event, false);
    wm_doc_int(w->doc, "poster", event->poster);
    wm_doc_text(w->doc, "kind", wm_kind_code(kind));

    if (event->state == WM_EVENT_PUBLISHED) {
        wm_doc_str(w->doc, "valid_from", wm_show_iso(w, from_ms));
        wm_doc_str(w->doc, "valid_until", wm_show_iso(w, until_ms));
    }

    if (event->poster != 0 && !wm_posters_draw(w, event, kind)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_posters_words(w, event, kind, from_ms, until_ms);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_posters(wm_web_t *w)
{
    wm_plan_load(w, wm_posters_answer);
}


/* ---- making and taking down */

static void
wm_posters_done(wm_web_t *w)
{
    if (w->route->face == WM_API) {
        wm_posters_answer(w);

    } else {
        wm_redirect(w, wm_printf(w->pool, "staff/events/%.*s/poster",
                                 wm_fmt(w->id)));
    }
}


static void
wm_posters_made(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    if (w->result.nreplies > 1) {
        p->old.poster = (uint16_t) w->result.replies[1].num;
    }

    wm_posters_done(w);
}


static void
wm_posters_ended(wm_web_t *w)
{
    wm_plan_t  *p = w->state;

    p->old.poster = 0;
    wm_posters_done(w);
}


static void
wm_posters_make_decide(wm_web_t *w)
{
    wm_plan_t     *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = wm_begin(w, WM_OP_POSTER_MAKE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_poster_make(c, &p->old);

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_posters_make, wm_posters_made);

    } else {
        wm_refuse(w, v, wm_posters_made);
    }
}


static void
wm_posters_make(wm_web_t *w)
{
    wm_plan_load(w, wm_posters_make_decide);
}


static void
wm_posters_end_decide(wm_web_t *w)
{
    bool          nothing;
    wm_plan_t    *p = w->state;
    wm_commit_t  *c;

    c = wm_begin(w, WM_OP_POSTER_END);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_poster_end(c, &p->old, &nothing);

    if (nothing) {
        wm_posters_done(w);

    } else {
        wm_send(w, c, wm_posters_end, wm_posters_ended);
    }
}


static void
wm_posters_end(wm_web_t *w)
{
    wm_plan_load(w, wm_posters_end_decide);
}
