/* The menu: courses, units, one course with the form of an order. */

#include "wm_rated.h"
#include "wm_table.h"
#include "wm_text.h"
#include "wm_time.h"

#include <stdlib.h>

#define WM_MENU_AHEAD   60              /* days in which a unit has a course */
#define WM_MENU_EVENTS  300
#define WM_COMING_MAX   6               /* events on the page of a course */
#define WM_COMING_MS    60000

static void wm_menu(wm_web_t *w);
static void wm_course(wm_web_t *w);
static void wm_units(wm_web_t *w);

#define WM_MENU_FIELDS                                                       \
    { "practice",  WM_FIELD_TEXT,   0,  0, 64 },                             \
    { "project",   WM_FIELD_TEXT,   0,  0, 64 },                             \
    { "provider",  WM_FIELD_TEXT,   0,  0, 64 },                             \
    { "unit",      WM_FIELD_TOKEN,  0,  0, 64 },                             \
    { "q",         WM_FIELD_TEXT,   0,  0, 64 }

static const wm_field_t  wm_menu_fields[] = {
    WM_MENU_FIELDS
};

static const size_t  wm_menu_nfields = wm_countof(wm_menu_fields);

#define WM_MENU_QUERY  wm_menu_fields, &wm_menu_nfields

/* a site's page is often of one unit, which then stands in the order */

static const wm_field_t  wm_menu_part_fields[] = {
    WM_MENU_FIELDS,
    { "limit",     WM_FIELD_NUMBER,  0,  1, 200 }
};

static const size_t  wm_menu_part_nfields = wm_countof(wm_menu_part_fields);

static const wm_field_t  wm_course_fields[] = {
    { "unit",      WM_FIELD_TOKEN,  0,  0, 64 }
};

static const size_t  wm_course_nfields = wm_countof(wm_course_fields);

const wm_route_t  wm_menu_routes[] = {
    { WM_GET, "menu", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_PUBLIC | WM_OF_HOME,
      WM_MENU_QUERY, "menu", wm_menu, NULL, NULL },
    { WM_GET, "api/menu", WM_API, WM_ANYONE, WM_CAP_NONE,
      WM_PUBLIC | WM_OF_HOME, WM_MENU_QUERY, NULL, wm_menu, NULL, NULL },
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

typedef struct {
    wm_course_t        course;
    unsigned           near;            /* parts found; 0: it fits */
} wm_dish_t;

typedef struct {
    wm_menu_filter_t   filter;
    wm_str_t           unit;
    bool               held;            /* only what the unit holds soon */
    wm_table_t         table;
    size_t             n;
    wm_dish_t         *dishes;
    bool               near;            /* none fits: these come close */
} wm_menu_t;


static void
wm_menu_ask(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "courses"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "demand"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "practices"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "projects"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "score"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
}


static void
wm_menu_course(wm_web_t *w, wm_doc_t *doc, const wm_course_t *course)
{
    uint64_t  orders;

    wm_doc_str(doc, "id", course->id);
    wm_doc_str(doc, "title", course->title);
    wm_doc_str(doc, "practice", course->practice);
    wm_doc_str(doc, "practice_title",
               wm_show_title(w, &w->replies[2], course->practice));
    wm_doc_str(doc, "project", course->project);
    wm_doc_str(doc, "project_title",
               wm_show_title(w, &w->replies[3], course->project));
    wm_doc_str(doc, "provider", course->provider);
    wm_doc_str(doc, "summary", course->summary);
    wm_doc_int(doc, "duration_min", course->duration_min);
    wm_doc_str(doc, "audience", course->audience);

    if (!wm_parse_uint(wm_reply_find(&w->replies[1], course->id), INT32_MAX,
                       &orders))
    {
        orders = 0;
    }

    wm_doc_int(doc, "orders", (int64_t) orders);
    wm_doc_int(doc, "opens_at", course->opens_at);
    wm_rated_figures(w, doc, &w->replies[4], "course", course->id);
}


/* ---- which courses */

static bool
wm_menu_held(const wm_menu_t *m, wm_str_t course)
{
    size_t  i;

    for (i = 0; i < m->table.n; i++) {
        if (m->table.events[i].state == WM_EVENT_PUBLISHED
            && wm_eq(m->table.events[i].course, course))
        {
            return true;
        }
    }

    return !m->held;
}


/* Those that fit, or, with near, those that come close. */

static void
wm_menu_pick(wm_web_t *w, wm_menu_t *m, const wm_reply_t *all)
{
    size_t      i;
    wm_dish_t  *dish;

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        dish = &m->dishes[m->n];

        if (!wm_course_offered(w->pool, wm_reply_at(all, i),
                               wm_reply_at(all, i + 1), &dish->course)
            || !wm_menu_held(m, dish->course.id))
        {
            continue;
        }

        dish->near = m->near ? wm_menu_near(&m->filter, &dish->course) : 0;
        m->n += m->near ? dish->near > 0
                        : wm_menu_fits(&m->filter, &dish->course);
    }
}


static int
wm_menu_nearer(const void *a, const void *b)
{
    const wm_dish_t  *x = a, *y = b;

    return x->near < y->near ? 1 : x->near > y->near ? -1
           : wm_cmp(x->course.id, y->course.id);
}


/* Of those that come close: the closest, and what is at least half of it. */

static void
wm_menu_closest(wm_menu_t *m)
{
    if (m->n == 0) {
        m->near = false;
        return;
    }

    qsort(m->dishes, m->n, sizeof(wm_dish_t), wm_menu_nearer);

    while (m->dishes[m->n - 1].near * 2 < m->dishes[0].near) {
        m->n--;
    }
}


/* ---- the page's links: this filter, but for one thing */

static wm_str_t
wm_menu_query(wm_web_t *w, const char *without, const char *name,
    wm_str_t value)
{
    size_t     i;
    wm_buf_t   b;
    wm_str_t   v;

    wm_buf_init(&b, w->pool, 128);

    for (i = 0; i < wm_menu_nfields; i++) {
        v = w->input.values[i].text;

        if (strcmp(wm_menu_fields[i].name, without) == 0) {
            v = name != NULL ? value : wm_null;
        }

        if (v.len > 0) {
            wm_putf(&b, "%s%s=", b.len > 0 ? "&" : "",
                    wm_menu_fields[i].name);
            wm_url_escape(&b, v);
        }
    }

    return wm_buf_str(&b);
}


/* What is filtered by, each with the way to do without. */

static void
wm_menu_in_force(wm_web_t *w, const wm_menu_t *m)
{
    size_t     i;
    wm_doc_t  *list, *item;

    const struct {
        const char  *name;
        wm_str_t     text;
    } parts[] = {
        { "q",         m->filter.words },
        { "practice",  wm_show_title(w, &w->replies[2],
                                     m->filter.practice) },
        { "project",   wm_show_title(w, &w->replies[3],
                                     m->filter.project) },
        { "unit",      m->table.here.name },
        { "provider",  m->filter.provider }
    };

    list = wm_doc_list(w->doc, "in_force");
    wm_doc_hide(list);

    for (i = 0; i < wm_countof(parts); i++) {
        if (parts[i].text.len > 0) {
            item = wm_doc_item(list);
            wm_doc_str(item, "text", parts[i].text);
            wm_doc_str(item, "query",
                       wm_menu_query(w, parts[i].name, NULL, wm_null));
        }
    }
}


static void
wm_menu_links(wm_web_t *w, wm_doc_t *list, const char *name)
{
    wm_doc_t  *item;

    for (item = list != NULL ? list->first : NULL; item != NULL;
         item = item->next)
    {
        wm_doc_hide(wm_doc_str(item, "query",
                               wm_menu_query(w, name, name,
                                             wm_doc_get_str(item, "id"))));
    }
}


static void
wm_menu_page(wm_web_t *w, const wm_menu_t *m)
{
    wm_doc_t  *practices, *projects;

    practices = wm_show_choices(w, "practices", "title", &w->replies[2],
                                m->filter.practice);
    projects = wm_show_choices(w, "projects", "title", &w->replies[3],
                               m->filter.project);

    if (w->route->face != WM_PAGE) {
        return;
    }

    wm_menu_links(w, practices, "practice");
    wm_menu_links(w, projects, "project");
    wm_menu_in_force(w, m);

    wm_show_sort(&w->replies[5]);
    wm_doc_hide(wm_show_choices(w, "units", "name", &w->replies[5],
                                m->unit));
    wm_doc_hide(wm_doc_str(w->doc, "all_practices",
                           wm_menu_query(w, "practice", NULL, wm_null)));
    wm_doc_hide(wm_doc_bool(w->doc, "any_practice",
                            m->filter.practice.len == 0));
    wm_doc_hide(wm_doc_str(w->doc, "practice", m->filter.practice));
    wm_doc_hide(wm_doc_str(w->doc, "q", m->filter.words));
    wm_doc_hide(wm_doc_str(w->doc, "provider", m->filter.provider));
}


static void
wm_menu_show(wm_web_t *w)
{
    size_t        i, limit;
    wm_doc_t     *items;
    wm_menu_t    *m = w->state;
    wm_reply_t   *all = &w->replies[0];

    m->dishes = wm_alloc(w->pool, (all->n / 2 + 1) * sizeof(wm_dish_t));

    if (m->dishes == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_show_sort(all);
    wm_show_sort(&w->replies[2]);
    wm_show_sort(&w->replies[3]);

    wm_menu_pick(w, m, all);

    if (m->n == 0 && m->filter.words.len > 0) {
        m->near = true;
        wm_menu_pick(w, m, all);
        wm_menu_closest(m);
    }

    if (wm_input(&w->input, "limit")->given) {
        limit = (size_t) wm_input(&w->input, "limit")->num;
        m->n = m->n < limit ? m->n : limit;
    }

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < m->n; i++) {
        wm_menu_course(w, wm_doc_item(items), &m->dishes[i].course);
    }

    wm_menu_page(w, m);
    wm_doc_int(w->doc, "count", (int64_t) m->n);
    wm_doc_hide(wm_doc_str(w->doc, "for_unit", m->unit));
    wm_doc_bool(w->doc, "near", m->near);

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_menu_read(wm_web_t *w)
{
    wm_menu_ask(w);
    wm_fetch(w, wm_menu_show);
}


static void
wm_menu(wm_web_t *w)
{
    wm_menu_t  *m;

    m = wm_calloc(w->pool, sizeof(wm_menu_t));
    if (m == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = m;
    m->filter.practice = wm_input(&w->input, "practice")->text;
    m->filter.project = wm_input(&w->input, "project")->text;
    m->filter.provider = wm_input(&w->input, "provider")->text;
    m->filter.words = wm_input(&w->input, "q")->text;
    m->unit = wm_input(&w->input, "unit")->text;

    /* a site's fragment names the unit for the order, and has the whole menu */

    m->held = m->unit.len > 0 && w->route->face != WM_FRAGMENT;

    if (!m->held) {
        wm_menu_read(w);
        return;
    }

    m->table.unit = m->unit;
    m->table.limit = WM_MENU_EVENTS;
    m->table.from = wm_time_day(w->now_ms, w->site->offset);
    m->table.to = m->table.from + WM_MENU_AHEAD * WM_DAY_MS;

    wm_table_read(w, &m->table, wm_menu_read);
}


/* ---- one course */

#define WM_COURSE_PARTS  6              /* replies about it */

typedef struct {
    wm_course_t         course;
    wm_reply_t          parts[WM_COURSE_PARTS];
    wm_table_t          table;
    wm_shared_entry_t   entry;
} wm_course_page_t;


static void
wm_course_show(wm_web_t *w, wm_doc_t *coming)
{
    wm_doc_t          *dates;
    wm_course_page_t  *p = w->state;

    w->replies = p->parts;
    wm_menu_course(w, w->doc, &p->course);

    wm_show_sort(&p->parts[5]);
    wm_show_choices(w, "units", "name", &p->parts[5],
                    wm_input(&w->input, "unit")->text);
    dates = wm_doc_obj(w->doc, "dates");
    wm_doc_str(dates, "min", wm_show_date(w, w->now_ms));
    wm_doc_join(wm_doc_obj(w->doc, "coming"), coming);
    wm_show_visitor(w);

    wm_answer(w, WM_VERDICT_OK);
}


/* When it is held next: {"items":[...]} */

static void
wm_course_came(wm_web_t *w)
{
    size_t             i, n;
    wm_buf_t           b;
    wm_doc_t          *doc, *list;
    wm_table_t        *t;
    wm_course_page_t  *p = w->state;

    t = &p->table;
    doc = wm_doc_new(w->pool);
    list = wm_doc_list(doc, "items");

    for (i = 0, n = 0; i < t->n && n < WM_COMING_MAX; i++) {
        if (wm_eq(t->events[i].course, p->course.id)
            && t->events[i].state == WM_EVENT_PUBLISHED
            && t->events[i].end_ms > w->now_ms)
        {
            wm_show_event(w, wm_doc_item(list), &t->events[i], false);
            n++;
        }
    }

    if (doc == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_buf_init(&b, w->pool, 1024);
    wm_doc_write(&b, doc);
    wm_shared_keep(w, &p->entry, wm_buf_str(&b), WM_COMING_MS);

    wm_course_show(w, doc);
}


/* The events of all courses are read for one: so it is kept for a while. */

static void
wm_course_found(wm_web_t *w)
{
    wm_course_page_t  *p = w->state;

    if (!wm_course_offered(w->pool, w->id, wm_reply_str(&w->replies[0]),
                           &p->course))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    if (w->route->face == WM_API) {
        wm_menu_course(w, w->doc, &p->course);
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    memcpy(p->parts, w->replies, sizeof(p->parts));

    p->entry.kind = WM_SHARED_EVENTS;
    p->entry.key = wm_printf(w->pool, "coming %.*s", wm_fmt(w->id));

    if (wm_shared_find(w, &p->entry)) {
        wm_course_show(w, wm_doc_parse(w->pool, p->entry.bytes));
        return;
    }

    p->table.from = wm_time_day(w->now_ms, w->site->offset);
    p->table.to = p->table.from + WM_MENU_AHEAD * WM_DAY_MS;

    wm_table_read(w, &p->table, wm_course_came);
}


static void
wm_course(wm_web_t *w)
{
    wm_course_page_t  *p;

    p = wm_calloc(w->pool, sizeof(wm_course_page_t));
    if (p == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = p;

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "courses"), w->id);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "demand"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "practices"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "projects"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "score"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_course_found);
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
