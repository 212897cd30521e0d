/* The units of a worker's scope: where they are, who runs them. */

#include "wm_staffed.h"
#include "wm_unit.h"

#include <stdlib.h>

static void wm_unitdesk(wm_web_t *w);
static void wm_unitdesk_one(wm_web_t *w);
static void wm_unitdesk_change(wm_web_t *w);

static const wm_field_t  wm_unitdesk_fields[] = {
    { "short",  WM_FIELD_NUMBER,  0,  0, 1 }
};

static const size_t  wm_unitdesk_nfields = wm_countof(wm_unitdesk_fields);

#define WM_UNITDESK_QUERY  wm_unitdesk_fields, &wm_unitdesk_nfields
#define WM_UNIT_FIELDS     wm_unit_fields, &wm_unit_nfields

const wm_route_t  wm_units_routes[] = {
    { WM_GET, "staff/units", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      WM_UNITDESK_QUERY, "staff-units", wm_unitdesk, NULL, NULL },
    { WM_GET, "api/staff/units", WM_API, WM_STAFF, WM_CAP_READ, 0,
      WM_UNITDESK_QUERY, NULL, wm_unitdesk, NULL, NULL },
    { WM_GET, "staff/units/{id}", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, "staff-unit", wm_unitdesk_one, NULL, NULL },
    { WM_GET, "api/staff/units/{id}", WM_API, WM_STAFF, WM_CAP_READ, 0,
      NULL, NULL, NULL, wm_unitdesk_one, NULL, NULL },
    { WM_POST, "staff/units/{id}", WM_PAGE, WM_STAFF, WM_CAP_MANAGE, 0,
      WM_UNIT_FIELDS, NULL, wm_unitdesk_change, wm_unitdesk_one,
      "staff-unit" },
    { WM_PATCH, "api/staff/units/{id}", WM_API, WM_STAFF, WM_CAP_MANAGE, 0,
      WM_UNIT_FIELDS, NULL, wm_unitdesk_change, NULL, NULL }
};

const size_t  wm_units_nroutes = wm_countof(wm_units_routes);

typedef struct {
    wm_staffed_t   staffed;             /* first: wm_staffed_read() */
    wm_unit_t      unit;                /* of the address */
    wm_str_t       json;
} wm_unitdesk_t;


/* How many of those who run the unit are lacking; n: how many there are. */

static int64_t
wm_unitdesk_lacks(const wm_unitdesk_t *d, const wm_unit_t *unit, int64_t *n)
{
    size_t   i;
    int64_t  wanted = wm_staffing(unit->type);

    for (i = 0, *n = 0; i < d->staffed.n; i++) {
        *n += wm_staff_runs(&d->staffed.staff[i], unit->id);
    }

    return *n < wanted ? wanted - *n : 0;
}


static void
wm_unitdesk_show(wm_web_t *w, wm_doc_t *doc, const wm_unit_t *unit)
{
    int64_t         n, lacks;
    wm_str_t        up[WM_UNIT_DEPTH];
    wm_unitdesk_t  *d = w->state;

    lacks = wm_unitdesk_lacks(d, unit, &n);

    wm_doc_str(doc, "id", unit->id);
    wm_doc_str(doc, "type", unit->type);
    wm_doc_text(doc, "type_text", wm_unit_type_text(unit->type));
    wm_doc_str(doc, "name", unit->name);
    wm_doc_str(doc, "parent",
               unit->parent.len > 0 ? unit->parent : wm_lit(""));
    wm_doc_str(doc, "parent_name",
               wm_show_unit_name(w, wm_show_find_sorted(&d->staffed.units,
                                                        unit->parent)));
    wm_doc_str(doc, "head", unit->head.len > 0 ? unit->head : wm_lit(""));
    wm_doc_str(doc, "contact",
               unit->contact.len > 0 ? unit->contact : wm_lit(""));
    wm_doc_str(doc, "address",
               unit->address.len > 0 ? unit->address : wm_lit(""));
    wm_doc_str(doc, "lat", unit->lat.len > 0 ? unit->lat : wm_lit(""));
    wm_doc_str(doc, "lng", unit->lng.len > 0 ? unit->lng : wm_lit(""));
    wm_doc_int(doc, "staff", n);
    wm_doc_int(doc, "wanted", wm_staffing(unit->type));
    wm_doc_int(doc, "lacks", lacks);
    wm_doc_hide(wm_doc_int(doc, "level",
        (int64_t) wm_path_units(unit->path, up, WM_UNIT_DEPTH)));
}


/* ---- the tree */

static int
wm_unitdesk_compare(const void *a, const void *b)
{
    const wm_unit_t  *x = a, *y = b;

    return wm_cmp(x->path, y->path);
}


/* A unit is followed by those below it: that is the order of paths. */

static void
wm_unitdesk_list(wm_web_t *w)
{
    bool            only = wm_input(&w->input, "short")->num > 0;
    size_t          i, n;
    int64_t         there;
    wm_doc_t       *items;
    wm_unit_t      *units;
    wm_unitdesk_t  *d = w->state;
    wm_reply_t     *all = &d->staffed.units;

    units = wm_alloc(w->pool, (all->n / 2 + 1) * sizeof(wm_unit_t));
    if (units == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0, n = 0; i + 1 < all->n; i += 2) {
        n += wm_unit_load(w->pool, wm_reply_at(all, i),
                          wm_reply_at(all, i + 1), &units[n])
             && wm_scope_covers(w->staff.path, units[n].path)
             && (!only || wm_unitdesk_lacks(d, &units[n], &there) > 0);
    }

    if (n > 0) {
        qsort(units, n, sizeof(wm_unit_t), wm_unitdesk_compare);
    }

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < n; i++) {
        wm_unitdesk_show(w, wm_doc_item(items), &units[i]);
    }

    wm_doc_hide(wm_doc_bool(w->doc, "only_short", only));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_unitdesk(wm_web_t *w)
{
    wm_unitdesk_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_unitdesk_t));

    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_staffed_read(w, &d->staffed, wm_unitdesk_list);
}


/* ---- one */

static void
wm_unitdesk_form(wm_web_t *w, const wm_unit_t *unit)
{
    wm_doc_t  *form;

    if (w->refused != WM_VERDICT_OK) {
        return;                         /* what was typed comes back */
    }

    form = wm_doc_obj(w->doc, "form");
    wm_doc_hide(form);
    wm_doc_str(form, "head", unit->head);
    wm_doc_str(form, "contact", unit->contact);
    wm_doc_str(form, "address", unit->address);
    wm_doc_str(form, "lat", unit->lat);
    wm_doc_str(form, "lng", unit->lng);
}


static void
wm_unitdesk_answer(wm_web_t *w)
{
    size_t          i;
    wm_doc_t       *people;
    wm_unitdesk_t  *d = w->state;

    wm_unitdesk_show(w, w->doc, &d->unit);
    wm_doc_str(w->doc, "version", wm_unit_version(w->pool, d->json));
    people = wm_doc_list(w->doc, "people");

    for (i = 0; i < d->staffed.n; i++) {
        if (wm_eq(d->staffed.staff[i].unit, d->unit.id)) {
            wm_staffed_show(w, wm_doc_item(people), &d->staffed,
                            &d->staffed.staff[i]);
        }
    }

    wm_doc_bool(w->doc, "manages", wm_unit_manages(&w->staff, &d->unit));

    if (w->route->face != WM_API) {
        wm_unitdesk_form(w, &d->unit);
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* The unit of the address; false: it is answered that there is none. */

static bool
wm_unitdesk_found(wm_web_t *w)
{
    wm_unitdesk_t  *d = w->state;

    d->json = wm_show_find_sorted(&d->staffed.units, w->id);

    if (wm_unit_load(w->pool, w->id, d->json, &d->unit)
        && wm_scope_covers(w->staff.path, d->unit.path))
    {
        return true;
    }

    wm_answer(w, WM_VERDICT_NOT_FOUND);

    return false;
}


static void
wm_unitdesk_loaded(wm_web_t *w)
{
    if (wm_unitdesk_found(w)) {
        wm_unitdesk_answer(w);
    }
}


static void
wm_unitdesk_load(wm_web_t *w, wm_step_pt next)
{
    wm_unitdesk_t  *d;

    d = wm_calloc(w->pool, sizeof(wm_unitdesk_t));

    if (d == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_staffed_read(w, &d->staffed, next);
}


static void
wm_unitdesk_one(wm_web_t *w)
{
    wm_unitdesk_load(w, wm_unitdesk_loaded);
}


static void
wm_unitdesk_changed(wm_web_t *w)
{
    if (w->route->face == WM_API) {
        wm_unitdesk_load(w, wm_unitdesk_loaded);

    } else {
        wm_redirect(w, wm_printf(w->pool, "staff/units/%.*s",
                                 wm_fmt(w->id)));
    }
}


static void
wm_unitdesk_decide(wm_web_t *w)
{
    wm_str_t        seen = wm_input(&w->input, "version")->text;
    wm_commit_t    *c;
    wm_verdict_t    v;
    wm_unitdesk_t  *d = w->state;

    if (!wm_unitdesk_found(w)) {
        return;
    }

    c = wm_begin(w, WM_OP_UNIT_CHANGE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_unit_apply(&d->unit, &w->input);
    v = wm_unit_change(c, &w->staff, &d->unit, d->json);

    /* a page that somebody else's change made old overwrites nothing */

    if (v == WM_VERDICT_OK && seen.len > 0
        && !wm_eq(seen, wm_unit_version(w->pool, d->json)))
    {
        v = WM_VERDICT_CONFLICT;
    }

    if (v == WM_VERDICT_OK && !wm_input_ok(&w->input)) {
        v = WM_VERDICT_INVALID;
    }

    if (v == WM_VERDICT_OK) {
        wm_send(w, c, wm_unitdesk_change, wm_unitdesk_changed);

    } else {
        wm_refuse(w, v, wm_unitdesk_changed);
    }
}


static void
wm_unitdesk_change(wm_web_t *w)
{
    wm_unitdesk_load(w, wm_unitdesk_decide);
}
