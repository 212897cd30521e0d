/* The menu: courses, units, one course with the form of an order. */

#include "wm_rated.h"
#include "wm_show.h"
#include "wm_time.h"

static void wm_menu(wm_web_t *w);
static void wm_course(wm_web_t *w);
static void wm_units(wm_web_t *w);

static const wm_field_t  wm_menu_fields[] = {
    { "practice",  WM_FIELD_TEXT,  0,  0, 64 },
    { "project",   WM_FIELD_TEXT,  0,  0, 64 },
    { "provider",  WM_FIELD_TEXT,  0,  0, 64 },
    { "q",         WM_FIELD_TEXT,  0,  0, 64 }
};

static const size_t  wm_menu_nfields = wm_countof(wm_menu_fields);

#define WM_MENU_QUERY  wm_menu_fields, &wm_menu_nfields

/* a site's page is often of one unit, which then stands in the order */

static const wm_field_t  wm_menu_part_fields[] = {
    { "practice",  WM_FIELD_TEXT,    0,  0, 64 },
    { "project",   WM_FIELD_TEXT,    0,  0, 64 },
    { "provider",  WM_FIELD_TEXT,    0,  0, 64 },
    { "q",         WM_FIELD_TEXT,    0,  0, 64 },
    { "unit",      WM_FIELD_TOKEN,   0,  0, 64 },
    { "limit",     WM_FIELD_NUMBER,  0,  1, 200 }
};

static const size_t  wm_menu_part_nfields = wm_countof(wm_menu_part_fields);

static const wm_field_t  wm_course_fields[] = {
    { "unit",      WM_FIELD_TOKEN,  0,  0, 64 }
};

static const size_t  wm_course_nfields = wm_countof(wm_course_fields);

const wm_route_t  wm_menu_routes[] = {
    { WM_GET, "", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC,
      WM_MENU_QUERY, "menu", wm_menu, NULL, NULL },
    { WM_GET, "menu", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC,
      WM_MENU_QUERY, "menu", wm_menu, NULL, NULL },
    { WM_GET, "api/menu", WM_API, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC,
      WM_MENU_QUERY, NULL, wm_menu, NULL, NULL },
    { WM_GET, "fragment/menu", WM_FRAGMENT, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC,
      wm_menu_part_fields, &wm_menu_part_nfields,
      "fragment-menu", wm_menu, NULL, NULL },
    { WM_GET, "course/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_course_fields, &wm_course_nfields, "course", wm_course, NULL, NULL },
    { WM_GET, "api/courses/{id}", WM_API, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC,
      NULL, NULL, NULL, wm_course, NULL, NULL },
    { WM_GET, "api/units", WM_API, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC,
      NULL, NULL, NULL, wm_units, NULL, NULL }
};

const size_t  wm_menu_nroutes = wm_countof(wm_menu_routes);


static void
wm_menu_ask(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "demand"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "practices"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "projects"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "score"));
}


static wm_str_t
wm_menu_title(wm_web_t *w, const wm_reply_t *all, wm_str_t id)
{
    wm_str_t  json = wm_show_find(all, id);

    return json.data != NULL
           ? wm_doc_get_str(wm_doc_parse(w->pool, json), "title") : wm_null;
}


static void
wm_menu_course(wm_web_t *w, wm_doc_t *doc, const wm_course_t *course)
{
    uint64_t  orders;

    wm_doc_str(doc, "id", course->id);
    wm_doc_str(doc, "title", course->title);
    wm_doc_str(doc, "practice", course->practice);
    wm_doc_str(doc, "practice_title",
               wm_menu_title(w, &w->replies[2], course->practice));
    wm_doc_str(doc, "project", course->project);
    wm_doc_str(doc, "project_title",
               wm_menu_title(w, &w->replies[3], course->project));
    wm_doc_str(doc, "provider", course->provider);
    wm_doc_str(doc, "summary", course->summary);
    wm_doc_int(doc, "duration_min", course->duration_min);
    wm_doc_str(doc, "audience", course->audience);

    if (!wm_parse_uint(wm_show_find(&w->replies[1], course->id), INT32_MAX,
                       &orders))
    {
        orders = 0;
    }

    wm_doc_int(doc, "orders", (int64_t) orders);
    wm_doc_int(doc, "opens_at", course->opens_at);
    wm_rated_figures(w, doc, &w->replies[4], "course", course->id);
}


static void
wm_menu_show(wm_web_t *w)
{
    size_t             i, count;
    wm_doc_t          *items;
    wm_course_t        course;
    wm_reply_t        *all = &w->replies[0];
    uint64_t           limit;
    wm_menu_filter_t   filter;

    limit = (uint64_t) wm_input(&w->input, "limit")->num;
    limit = limit > 0 ? limit : SIZE_MAX;
    filter.practice = wm_input(&w->input, "practice")->text;
    filter.project = wm_input(&w->input, "project")->text;
    filter.provider = wm_input(&w->input, "provider")->text;
    filter.words = wm_input(&w->input, "q")->text;

    wm_show_sort(all);
    wm_show_sort(&w->replies[2]);
    wm_show_sort(&w->replies[3]);

    items = wm_doc_list(w->doc, "items");
    count = 0;

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        if (count < limit
            && wm_course_load(w->pool, wm_reply_at(all, i),
                              wm_reply_at(all, i + 1), &course)
            && wm_menu_fits(&filter, &course))
        {
            wm_menu_course(w, wm_doc_item(items), &course);
            count++;
        }
    }

    wm_show_choices(w, "practices", "title", &w->replies[2], filter.practice);
    wm_show_choices(w, "projects", "title", &w->replies[3], filter.project);

    wm_doc_int(w->doc, "count", (int64_t) count);
    wm_doc_hide(wm_doc_str(w->doc, "q", filter.words));
    wm_doc_hide(wm_doc_str(w->doc, "provider", filter.provider));
    wm_doc_hide(wm_doc_str(w->doc, "for_unit",
                           wm_input(&w->input, "unit")->text));
    wm_doc_hide(wm_doc_bool(w->doc, "filtered",
                            filter.practice.len + filter.project.len
                            + filter.provider.len + filter.words.len > 0));

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_menu(wm_web_t *w)
{
    wm_menu_ask(w);
    wm_fetch(w, wm_menu_show);
}


static void
wm_course_show(wm_web_t *w)
{
    wm_doc_t     *dates;
    wm_course_t   course;

    if (!wm_course_load(w->pool, w->id, wm_reply_str(&w->replies[0]),
                        &course))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_menu_course(w, w->doc, &course);

    if (w->route->face != WM_API) {
        wm_show_sort(&w->replies[5]);
        wm_show_choices(w, "units", "name", &w->replies[5],
                        wm_input(&w->input, "unit")->text);
        dates = wm_doc_obj(w->doc, "dates");
        wm_doc_str(dates, "min", wm_show_date(w, w->now_ms));
        wm_show_visitor(w);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_course(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "courses"), w->id);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "demand"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "practices"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "projects"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "score"));

    if (w->route->face != WM_API) {
        wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    }

    wm_fetch(w, wm_course_show);
}


/* The page of a course, when the order it sent was refused. */

void
wm_course_again(wm_web_t *w)
{
    wm_course(w);
}


static void
wm_units_show(wm_web_t *w)
{
    size_t        i;
    wm_unit_t     unit;
    wm_doc_t     *items, *item;
    wm_reply_t   *all = &w->replies[0];

    wm_show_sort(all);
    items = wm_doc_list(w->doc, "items");

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        if (!wm_unit_load(w->pool, wm_reply_at(all, i),
                          wm_reply_at(all, i + 1), &unit))
        {
            continue;
        }

        item = wm_doc_item(items);
        wm_doc_str(item, "id", unit.id);
        wm_doc_str(item, "type", unit.type);
        wm_doc_text(item, "type_text", wm_unit_type_text(unit.type));
        wm_doc_str(item, "parent", unit.parent);
        wm_doc_str(item, "name", unit.name);
        wm_doc_str(item, "address", unit.address);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_units(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_units_show);
}
