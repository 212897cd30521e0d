/* The first page: what is on, what there is to order; and what we keep. */

#include "wm_table.h"
#include "wm_time.h"
#include "wm_wished.h"

#include <stdlib.h>

#define WM_HOME_DAYS    14              /* that are looked at */
#define WM_HOME_TODAY   8
#define WM_HOME_NEXT    4
#define WM_HOME_WANTED  5
#define WM_HOME_WISHES  3
#define WM_HOME_LOOK    12              /* of the newest wishes */

static void wm_home(wm_web_t *w);
static void wm_privacy(wm_web_t *w);
static void wm_missing(wm_web_t *w);

const wm_route_t  wm_home_routes[] = {
    { WM_GET, "", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC | WM_OF_HOME,
      NULL, NULL, "home", wm_home, NULL, NULL },
    { WM_GET, "api/home", WM_API, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_HOME, NULL, NULL, NULL, wm_home, NULL, NULL },
    { WM_GET, "privacy", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC,
      NULL, NULL, "privacy", wm_privacy, NULL, NULL },
    { WM_GET, "missing", WM_PAGE, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_missing, NULL, NULL }
};

const size_t  wm_home_nroutes = wm_countof(wm_home_routes);

typedef struct {
    wm_course_t         course;
    uint64_t            orders;
} wm_wanted_t;

typedef struct {
    wm_table_t          table;
    wm_reply_t          courses;
    wm_reply_t          demand;
    wm_reply_t          practices;
    wm_wished_names_t   names;
    wm_reply_t          wishes;         /* ids */
} wm_home_t;


/* ---- the centre: how to reach it */

static void
wm_home_centre(wm_web_t *w, const wm_reply_t *units)
{
    size_t      i;
    wm_doc_t   *doc;
    wm_unit_t   unit;

    for (i = 0; units->type == WM_REPLY_LIST && i + 1 < units->n; i += 2) {
        if (!wm_unit_load(w->pool, wm_reply_at(units, i),
                          wm_reply_at(units, i + 1), &unit)
            || !wm_is(unit.type, "centre"))
        {
            continue;
        }

        doc = wm_doc_obj(w->doc, "centre");
        wm_doc_str(doc, "id", unit.id);
        wm_doc_str(doc, "name", unit.name);
        wm_doc_str(doc, "address", unit.address.len > 0 ? unit.address
                                                        : wm_lit(""));
        wm_doc_str(doc, "contact", unit.contact.len > 0 ? unit.contact
                                                        : wm_lit(""));
        return;
    }
}


/* ---- what is on */

static void
wm_home_events(wm_web_t *w, const wm_table_t *t)
{
    bool        here;
    size_t      i, ntoday, nnext;
    int64_t     tomorrow;
    wm_doc_t   *today, *next, *item;

    tomorrow = t->from + WM_DAY_MS;
    today = wm_doc_list(w->doc, "today");
    next = wm_doc_list(w->doc, "next");

    for (i = 0, ntoday = 0, nnext = 0; i < t->n; i++) {
        here = t->events[i].start_ms < tomorrow;

        if (t->events[i].end_ms <= w->now_ms
            || t->events[i].state != WM_EVENT_PUBLISHED
            || (here ? ntoday++ >= WM_HOME_TODAY : nnext++ >= WM_HOME_NEXT))
        {
            continue;
        }

        item = wm_doc_item(here ? today : next);
        wm_show_event(w, item, &t->events[i], false);
        wm_doc_hide(wm_doc_str(item, "clock_text",
                               wm_show_clock(w, t->events[i].start_ms)));
        wm_doc_hide(wm_doc_bool(item, "now",
                                t->events[i].start_ms <= w->now_ms));
    }

    wm_doc_hide(wm_doc_bool(w->doc, "has_next", nnext > 0));
}


/* ---- what there is to order */

static size_t
wm_home_count(wm_web_t *w, const wm_home_t *h, wm_str_t practice)
{
    size_t        i, n;
    wm_course_t   course;

    for (i = 0, n = 0;
         h->courses.type == WM_REPLY_LIST && i + 1 < h->courses.n; i += 2)
    {
        n += wm_course_offered(w->pool, wm_reply_at(&h->courses, i),
                               wm_reply_at(&h->courses, i + 1), &course)
             && wm_eq(course.practice, practice);
    }

    return n;
}


/* The pages have a picture for each that they know. */

static void
wm_home_practices(wm_web_t *w, wm_home_t *h)
{
    size_t     i, j;
    wm_str_t   id;
    wm_doc_t  *list, *item, *source;

    static const char *const  known[] = {
        "theory", "values", "culture", "customs", "ecology"
    };

    wm_show_sort(&h->practices);
    list = wm_doc_list(w->doc, "practices");

    for (i = 0; h->practices.type == WM_REPLY_LIST && i + 1 < h->practices.n;
         i += 2)
    {
        id = wm_reply_at(&h->practices, i);
        source = wm_doc_parse(w->pool, wm_reply_at(&h->practices, i + 1));

        if (source == NULL) {
            continue;
        }

        item = wm_doc_item(list);
        wm_doc_str(item, "id", id);
        wm_doc_str(item, "title", wm_doc_get_str(source, "title"));
        wm_doc_int(item, "courses", (int64_t) wm_home_count(w, h, id));

        for (j = 0; j < wm_countof(known) && !wm_is(id, known[j]); j++) {
            /* void */
        }

        wm_doc_hide(wm_doc_bool(item, j < wm_countof(known) ? known[j]
                                                            : "another",
                                true));
    }
}


static int
wm_home_more(const void *a, const void *b)
{
    const wm_wanted_t  *x = a, *y = b;

    return x->orders < y->orders ? 1 : x->orders > y->orders ? -1
           : wm_cmp(x->course.id, y->course.id);
}


static void
wm_home_wanted(wm_web_t *w, const wm_home_t *h)
{
    size_t        i, n;
    wm_doc_t     *list, *item;
    wm_wanted_t  *all;

    list = wm_doc_list(w->doc, "wanted");
    all = wm_alloc(w->pool, (h->demand.n / 2 + 1) * sizeof(wm_wanted_t));

    for (i = 0, n = 0; all != NULL && h->demand.type == WM_REPLY_LIST
                       && i + 1 < h->demand.n; i += 2)
    {
        n += wm_parse_uint(wm_reply_at(&h->demand, i + 1), INT32_MAX,
                           &all[n].orders)
             && all[n].orders > 0
             && wm_course_offered(w->pool, wm_reply_at(&h->demand, i),
                                  wm_reply_find(&h->courses,
                                                wm_reply_at(&h->demand, i)),
                                  &all[n].course);
    }

    if (n > 0) {
        qsort(all, n, sizeof(wm_wanted_t), wm_home_more);
    }

    for (i = 0; i < n && i < WM_HOME_WANTED; i++) {
        item = wm_doc_item(list);
        wm_doc_str(item, "id", all[i].course.id);
        wm_doc_str(item, "title", all[i].course.title);
        wm_doc_str(item, "provider", all[i].course.provider);
        wm_doc_int(item, "orders", (int64_t) all[i].orders);
    }

    wm_doc_hide(wm_doc_bool(w->doc, "has_wanted", n > 0));
}


/* ---- wishes that somebody may still take up */

static void
wm_home_wishes(wm_web_t *w, const wm_home_t *h)
{
    size_t      i, n;
    wm_doc_t   *list;
    wm_wish_t   wish;

    list = wm_doc_list(w->doc, "wishes");

    for (i = 0, n = 0; i < w->nreplies && n < WM_HOME_WISHES; i++) {
        if (wm_wish_load(&w->replies[i], wm_reply_at(&h->wishes, i), &wish)
            && wm_wish_is_public(&wish) && wish.state == WM_WISH_OPEN)
        {
            wm_wished_public(w, wm_doc_item(list), &wish, &h->names);
            n++;
        }
    }

    wm_doc_hide(wm_doc_bool(w->doc, "has_wishes", n > 0));
}


static void
wm_home_show(wm_web_t *w)
{
    wm_home_t  *h = w->state;

    wm_home_centre(w, &h->names.units);
    wm_home_events(w, &h->table);
    wm_home_practices(w, h);
    wm_home_wanted(w, h);
    wm_home_wishes(w, h);

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_home_read(wm_web_t *w)
{
    size_t      i;
    wm_home_t  *h = w->state;

    h->courses = w->replies[0];
    h->demand = w->replies[1];
    h->practices = w->replies[2];
    h->wishes = w->replies[3];
    wm_wished_take_names(&h->names, &w->replies[4]);

    if (h->wishes.type != WM_REPLY_LIST || h->wishes.n == 0) {
        w->nreplies = 0;                /* no wishes among them */
        wm_home_show(w);
        return;
    }

    for (i = 0; i < h->wishes.n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "wish:%.*s",
                          wm_fmt(wm_reply_at(&h->wishes, i))));
    }

    wm_fetch(w, wm_home_show);
}


static void
wm_home_on(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "demand"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "practices"));
    wm_ask(w, wm_lit("ZREVRANGE"), wm_web_key(w, "wishwall:" WM_UNIT_ALL),
           wm_lit("0"), wm_printf(w->pool, "%d", WM_HOME_LOOK - 1));
    wm_wished_ask_names(w);
    wm_fetch(w, wm_home_read);
}


static void
wm_home(wm_web_t *w)
{
    wm_home_t  *h;

    h = wm_calloc(w->pool, sizeof(wm_home_t));
    if (h == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = h;
    h->table.from = wm_time_day(w->now_ms, w->site->offset);
    h->table.to = h->table.from + (WM_HOME_DAYS - 1) * WM_DAY_MS;

    wm_table_read(w, &h->table, wm_home_on);
}


/* ---- what is kept of people, and why */

static void
wm_privacy_show(wm_web_t *w)
{
    wm_home_centre(w, &w->replies[0]);
    wm_doc_hide(wm_doc_bool(w->doc, "online",
                            w->site->has_sms || w->site->has_login));
    wm_doc_hide(wm_doc_bool(w->doc, "has_wechat", w->site->wechat.len > 0));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_privacy(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_privacy_show);
}


/* For error_page: addresses that are none are looked for as files, by nginx. */

static void
wm_missing(wm_web_t *w)
{
    wm_answer(w, WM_VERDICT_NOT_FOUND);
}
