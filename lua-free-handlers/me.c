/* What this device knows of its owner. */

#include "wm_show.h"

static void wm_me(wm_web_t *w);

const wm_route_t  wm_me_routes[] = {
    { WM_GET, "api/me", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_me, NULL, NULL }
};

const size_t  wm_me_nroutes = wm_countof(wm_me_routes);


static void
wm_me_attendance(wm_web_t *w, const wm_reply_t *dev)
{
    size_t     i;
    uint64_t   ms;
    wm_str_t   field, event;
    wm_doc_t  *list, *item;

    list = wm_doc_list(w->doc, "attendance");

    for (i = 0; dev->type == WM_REPLY_LIST && i + 1 < dev->n; i += 2) {
        field = wm_reply_at(dev, i);

        if (!wm_starts(field, "a:")
            || !wm_parse_uint(wm_reply_at(dev, i + 1), INT64_MAX, &ms))
        {
            continue;
        }

        field = (wm_str_t) { field.len - 2, field.data + 2 };

        if (wm_split(&field, ':', &event)) {
            item = wm_doc_item(list);
            wm_doc_str(item, "event", event);
            wm_doc_bool(item, "me", wm_eq(field, wm_web_person(w)));
            wm_doc_str(item, "in", wm_show_iso(w, (int64_t) ms));
            wm_doc_str(item, "in_text", wm_show_human(w, (int64_t) ms));
        }
    }
}


static void
wm_me_show(wm_web_t *w)
{
    wm_person_t  person;

    memset(&person, 0, sizeof(wm_person_t));

    if (w->nreplies > 1) {
        memcpy(person.id, wm_web_person(w).data, WM_ID_LEN);

        if (!wm_person_load(w->pool, &w->site->realm, &w->replies[1],
                            &person))
        {
            person.known = false;
        }
    }

    person.known = person.known && person.epoch == w->device.epoch;

    wm_doc_bool(w->doc, "known", person.known);

    if (person.known) {
        wm_doc_str(w->doc, "name", person.name);
        wm_doc_str(w->doc, "phone", wm_show_phone(w, person.phone));
    }

    wm_me_attendance(w, &w->replies[0]);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_me(wm_web_t *w)
{
    wm_str_t  person;

    if (!w->device_known) {
        wm_doc_bool(w->doc, "known", false);
        wm_doc_list(w->doc, "attendance");
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));

    person = wm_web_person(w);
    if (person.data != NULL) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(person)));
    }

    wm_fetch(w, wm_me_show);
}
