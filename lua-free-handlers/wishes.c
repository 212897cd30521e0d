/* Wishes in public: those that may be read, and the form for a new one. */

#include "wm_time.h"
#include "wm_walk.h"
#include "wm_who.h"
#include "wm_wished.h"

#define WM_WISHES_MAX     100           /* in an answer */
#define WM_WISHES_PAGE    20            /* unless it is said */
#define WM_WISHES_FEW     8             /* in a fragment */

static void wm_wishes(wm_web_t *w);
static void wm_wish(wm_web_t *w);
static void wm_wish_new(wm_web_t *w);
static void wm_wish_post(wm_web_t *w);
static void wm_wish_hand_page(wm_web_t *w);
static void wm_wish_hand(wm_web_t *w);

static const wm_field_t  wm_wishes_fields[] = {
    { "unit",      WM_FIELD_TOKEN,   0,  1, 64 },
    { "category",  WM_FIELD_TOKEN,   0,  1, 16 },
    { "cursor",    WM_FIELD_TOKEN,   0,  1, 64 },
    { "limit",     WM_FIELD_NUMBER,  0,  1, WM_WISHES_MAX }
};

static const wm_field_t  wm_wish_new_fields[] = {
    { "who",       WM_FIELD_TOKEN,   0,  1, 6 }
};

static const wm_field_t  wm_wish_fields[] = {
    { "wish",      WM_FIELD_TEXT,    WM_REQUIRED,  1, WM_WISH_LINE },
    { "text",      WM_FIELD_LINES,   0,            0, WM_WISH_TEXT },
    { "category",  WM_FIELD_TOKEN,   WM_REQUIRED,  1, 16 },
    { "unit",      WM_FIELD_TOKEN,   WM_REQUIRED,  1, 64 },
    WM_WHO_FIELDS
};

/* of somebody without a phone, by a worker */

static const wm_field_t  wm_wish_hand_fields[] = {
    { "wish",      WM_FIELD_TEXT,    WM_REQUIRED,  1, WM_WISH_LINE },
    { "text",      WM_FIELD_LINES,   0,            0, WM_WISH_TEXT },
    { "category",  WM_FIELD_TOKEN,   WM_REQUIRED,  1, 16 },
    { "unit",      WM_FIELD_TOKEN,   WM_REQUIRED,  1, 64 },
    { "name",      WM_FIELD_TEXT,    WM_REQUIRED,  1, 50 },
    { "phone",     WM_FIELD_PHONE,   0,            0, 0 }
};

static const size_t  wm_wish_hand_nfields = wm_countof(wm_wish_hand_fields);
static const size_t  wm_wishes_nfields = wm_countof(wm_wishes_fields);
static const size_t  wm_wish_new_nfields = wm_countof(wm_wish_new_fields);
static const size_t  wm_wish_nfields = wm_countof(wm_wish_fields);

#define WM_WISHES_SHARED  (WM_PUBLIC | WM_OF_WISHES)
#define WM_WISHES_QUERY   wm_wishes_fields, &wm_wishes_nfields

const wm_route_t  wm_wishes_routes[] = {
    { WM_GET, "wishes", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_WISHES_SHARED,
      WM_WISHES_QUERY, "wishes", wm_wishes, NULL, NULL },
    { WM_GET, "api/wishes", WM_API, WM_ANYONE, WM_CAP_NONE,
      WM_WISHES_SHARED, WM_WISHES_QUERY, NULL, wm_wishes, NULL, NULL },
    { WM_GET, "fragment/wishes", WM_FRAGMENT, WM_ANYONE, WM_CAP_NONE,
      WM_WISHES_SHARED, WM_WISHES_QUERY, "fragment-wishes", wm_wishes,
      NULL, NULL },
    { WM_GET, "wish/{id}", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_WISHES_SHARED, NULL, NULL, "wish", wm_wish, NULL, NULL },
    { WM_GET, "api/wishes/{id}", WM_API, WM_ANYONE, WM_CAP_NONE,
      WM_WISHES_SHARED, NULL, NULL, NULL, wm_wish, NULL, NULL },
    { WM_GET, "wishes/new", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_wish_new_fields, &wm_wish_new_nfields, "wish-new", wm_wish_new,
      NULL, NULL },
    { WM_POST, "wishes", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_wish_fields, &wm_wish_nfields, "wished", wm_wish_post,
      wm_wish_new, "wish-new" },
    { WM_POST, "api/wishes", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_wish_fields, &wm_wish_nfields, NULL, wm_wish_post, NULL, NULL },
    { WM_GET, "staff/wishes/new", WM_PAGE, WM_STAFF, WM_CAP_DISPATCH, 0,
      NULL, NULL, "staff-wish-new", wm_wish_hand_page, NULL, NULL },
    { WM_POST, "staff/wishes", WM_PAGE, WM_STAFF, WM_CAP_DISPATCH, 0,
      wm_wish_hand_fields, &wm_wish_hand_nfields, NULL, wm_wish_hand,
      wm_wish_hand_page, "staff-wish-new" },
    { WM_POST, "api/staff/wishes", WM_API, WM_STAFF, WM_CAP_DISPATCH, 0,
      wm_wish_hand_fields, &wm_wish_hand_nfields, NULL, wm_wish_hand,
      NULL, NULL }
};

const size_t  wm_wishes_nroutes = wm_countof(wm_wishes_routes);


/* ---- what everyone may read, the newest first */

typedef struct {
    wm_walk_t           walk;
    wm_wish_t          *wishes;
    wm_wish_kind_t      kind;
    wm_wished_names_t   names;
} wm_wishes_t;


static bool
wm_wishes_fits(wm_web_t *w, wm_walk_t *walk, wm_str_t id,
    const wm_reply_t *record)
{
    wm_wish_t    *wish;
    wm_wishes_t  *l = walk->outer;

    (void) w;

    wish = &l->wishes[walk->n];

    return wm_wish_load(record, id, wish) && wm_wish_is_public(wish)
           && (l->kind == WM_WISH_KIND_NONE || l->kind == wish->kind);
}


static void
wm_wishes_show(wm_web_t *w)
{
    size_t        i;
    wm_doc_t     *items;
    wm_wishes_t  *l = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < l->walk.n; i++) {
        wm_wished_public(w, wm_doc_item(items), &l->wishes[i], &l->names);
    }

    wm_walk_show_next(w, l->walk.next, "wishes");

    if (w->route->face == WM_PAGE) {
        wm_wished_kinds(w, wm_input(&w->input, "category")->text);
        wm_doc_hide(wm_show_choices(w, "units", "name", &l->names.units,
                                    wm_input(&w->input, "unit")->text));
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wishes_begin(wm_web_t *w)
{
    wm_str_t      id;
    wm_unit_t     unit = { .id = wm_lit(WM_UNIT_ALL) };
    wm_wishes_t  *l = w->state;

    wm_wished_take_names(&l->names, w->replies);

    id = wm_input(&w->input, "unit")->text;

    if (id.len > 0
        && !wm_unit_load(w->pool, id,
                         wm_show_find_sorted(&l->names.units, id), &unit))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    l->walk.key = wm_web_key(w, "wishwall:%.*s", wm_fmt(unit.id));
    wm_walk(w, &l->walk);
}


static bool
wm_wishes_asked(wm_web_t *w, wm_wishes_t *l)
{
    wm_str_t  kind = wm_input(&w->input, "category")->text;

    l->kind = wm_wish_kind_find(kind);

    if (kind.len > 0 && l->kind == WM_WISH_KIND_NONE) {
        wm_input_fail(&w->input, "category", WM_WRONG_CHOICE);
    }

    return wm_walk_begin(w, &l->walk) && wm_input_ok(&w->input);
}


static void
wm_wishes(wm_web_t *w)
{
    wm_wishes_t  *l;

    l = wm_calloc(w->pool, sizeof(wm_wishes_t));
    if (l == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    l->walk.record = "wish";
    l->walk.most = WM_WALK_FEW;
    l->walk.high = WM_TIME_MAX;
    l->walk.limit = w->route->face == WM_FRAGMENT ? WM_WISHES_FEW
                                                  : WM_WISHES_PAGE;
    l->walk.fits = wm_wishes_fits;
    l->walk.next_step = wm_wishes_show;
    w->state = l;

    if (!wm_wishes_asked(w, l)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    l->wishes = wm_alloc(w->pool, (l->walk.limit + 1) * sizeof(wm_wish_t));
    if (l->wishes == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_wished_ask_names(w);
    wm_fetch(w, wm_wishes_begin);
}


static void
wm_wish_show(wm_web_t *w)
{
    wm_wish_t           wish;
    wm_wished_names_t   names;

    if (!wm_wish_load(&w->replies[0], w->id, &wish)
        || !wm_wish_is_public(&wish))
    {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_wished_take_names(&names, &w->replies[1]);
    wm_wished_public(w, w->doc, &wish, &names);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wish(wm_web_t *w)
{
    if (!wm_id_valid(w->id)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "wish:%.*s", wm_fmt(w->id)));
    wm_wished_ask_names(w);
    wm_fetch(w, wm_wish_show);
}


/* ---- the form */

static void
wm_wish_new_show(wm_web_t *w)
{
    wm_str_t  who = wm_input(&w->input, "who")->text;

    wm_show_sort(&w->replies[0]);
    wm_show_choices(w, "units", "name", &w->replies[0],
                    wm_input(&w->input, "unit")->text);
    wm_wished_kinds(w, wm_input(&w->input, "category")->text);
    (void) wm_who_greet(w, w->nreplies > 1 ? &w->replies[1] : NULL);
    wm_doc_str(w->doc, "who", who);
    wm_doc_bool(w->doc, "family", wm_is(who, "family"));

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wish_new(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_who_ask(w, wm_input(&w->input, "who")->text);
    wm_fetch(w, wm_wish_new_show);
}


/* ---- a new one */

typedef struct {
    wm_wish_facts_t   facts;
    wm_str_t          who;              /* me, new, family */
    bool              counted;
    char              id[WM_ID_LEN + 1];
} wm_wishing_t;

static void wm_wish_ask(wm_web_t *w);


static void
wm_wish_done(wm_web_t *w)
{
    wm_wishing_t  *s = w->state;

    if (w->route->who == WM_STAFF) {
        w->made = wm_str(s->id);

        if (w->route->face != WM_API) {
            wm_redirect(w, wm_printf(w->pool, "staff/wishes/%s", s->id));
            return;
        }
    }

    wm_doc_str(w->doc, "id", s->facts.id);
    wm_doc_text(w->doc, "status", wm_wish_state_code(WM_WISH_SUBMITTED));
    wm_doc_text(w->doc, "status_text",
                wm_wish_state_text(WM_WISH_SUBMITTED));
    wm_doc_text(w->doc, "category", wm_wish_kind_code(s->facts.kind));
    wm_doc_text(w->doc, "category_text", wm_wish_kind_text(s->facts.kind));
    wm_doc_str(w->doc, "unit", wm_input(&w->input, "unit")->text);
    wm_doc_str(w->doc, "unit_name", s->facts.unit.name);
    wm_doc_str(w->doc, "made", wm_show_iso(w, w->result.time_ms));
    wm_doc_hide(wm_doc_str(w->doc, "wish", s->facts.wish));

    if (w->route->who == WM_ANYONE && !wm_is(s->who, "family")) {
        wm_who_keep(w, &s->facts.person);
    }

    wm_answer(w, WM_VERDICT_CREATED);
}


static void
wm_wish_decide(wm_web_t *w)
{
    wm_commit_t      *c;
    wm_verdict_t      may;
    wm_wishing_t     *s = w->state;
    wm_wish_facts_t  *f = &s->facts;

    if (!wm_unit_load(w->pool, wm_input(&w->input, "unit")->text,
                      wm_reply_str(&w->replies[0]), &f->unit)
        || (w->route->who == WM_STAFF
            && !wm_scope_covers(w->staff.path, f->unit.path)))
    {
        wm_input_fail(&w->input, "unit", WM_WRONG_CHOICE);
        wm_refuse(w, WM_VERDICT_INVALID, wm_wish_done);
        return;
    }

    if (w->route->who == WM_STAFF
        ? !wm_who_is_opened(w, &w->replies[1], &f->person)
        : !wm_who_is_read(w, s->who, &w->replies[1], &f->person))
    {
        return;
    }

    /* nobody has dozens of wishes in an hour, but a tablet might */

    may = s->counted ? WM_VERDICT_OK
                     : wm_take(w, WM_LIMIT_WISH, f->person.id);

    if (may != WM_VERDICT_OK) {
        wm_refuse(w, may, wm_wish_done);
        return;
    }

    s->counted = true;

    c = wm_begin(w, WM_OP_WISH_SUBMIT);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_wish_submit(c, &w->site->realm, f);
    wm_send(w, c, wm_wish_ask, wm_wish_done);
}


static void
wm_wish_ask(wm_web_t *w)
{
    wm_wishing_t  *s = w->state;

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "units"),
           wm_input(&w->input, "unit")->text);
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", s->facts.person.id));
    wm_fetch(w, wm_wish_decide);
}


/* False: it is answered. */

static bool
wm_wish_meant(wm_web_t *w, wm_wishing_t *s)
{
    bool  meant;

    s->who = wm_input(&w->input, "who")->text;
    s->facts.kind = wm_wish_kind_find(wm_input(&w->input, "category")->text);

    if (s->facts.kind == WM_WISH_KIND_NONE) {
        wm_input_fail(&w->input, "category", WM_WRONG_CHOICE);
    }

    meant = wm_who_is_meant(w, &s->who, &s->facts.person);

    if (!wm_input_ok(&w->input)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return false;
    }

    if (!meant || !wm_who_owns_key(w, wm_str(s->facts.person.id))
        || !wm_order_id(w->once, s->id))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return false;
    }

    return true;
}


static void
wm_wish_post(wm_web_t *w)
{
    wm_wishing_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_wishing_t));

    if (s == NULL || !wm_web_device(w)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = s;

    if (!wm_wish_meant(w, s)) {
        return;
    }

    s->facts.device = wm_str(w->device_id);
    s->facts.id = wm_str(s->id);
    s->facts.wish = wm_input(&w->input, "wish")->text;
    s->facts.text = wm_input(&w->input, "text")->text;

    wm_wish_ask(w);
}


/* ---- a worker's, for somebody without a phone */

static void
wm_wish_hand_show(wm_web_t *w)
{
    wm_str_t  unit = wm_input(&w->input, "unit")->text;

    wm_show_units(w, "units", &w->replies[0],
                  w->refused == WM_VERDICT_OK ? w->staff.unit : unit);
    wm_wished_kinds(w, wm_input(&w->input, "category")->text);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wish_hand_page(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_fetch(w, wm_wish_hand_show);
}


static void
wm_wish_hand(wm_web_t *w)
{
    wm_wishing_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_wishing_t));

    if (s == NULL || !wm_order_id(w->once, s->id)
        || !wm_who_is_by_hand(w, wm_input(&w->input, "unit")->text,
                              &s->facts.person))
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = s;
    s->who = wm_lit("new");
    s->counted = true;                  /* a worker is not held up */
    s->facts.kind = wm_wish_kind_find(wm_input(&w->input, "category")->text);

    if (s->facts.kind == WM_WISH_KIND_NONE) {
        wm_input_fail(&w->input, "category", WM_WRONG_CHOICE);
    }

    if (!wm_input_ok(&w->input)) {
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    s->facts.device = wm_lit("");
    s->facts.by = w->staff.name;
    s->facts.id = wm_str(s->id);
    s->facts.wish = wm_input(&w->input, "wish")->text;
    s->facts.text = wm_input(&w->input, "text")->text;

    wm_wish_ask(w);
}
