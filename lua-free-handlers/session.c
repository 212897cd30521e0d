/* Workers signing in and out. */

#include "wm_web.h"

#define WM_LOGIN_TRIES     20           /* of a name from an address */
#define WM_LOGIN_ADDRESS   100          /* of any names from an address */
#define WM_LOGIN_WINDOW    900

static void wm_login(wm_web_t *w);
static void wm_login_page(wm_web_t *w);
static void wm_logout(wm_web_t *w);

static const wm_field_t  wm_login_fields[] = {
    { "name",      WM_FIELD_TEXT,    WM_REQUIRED,  1, WM_STAFF_NAME_MAX },
    { "password",  WM_FIELD_SECRET,  WM_REQUIRED,  1, WM_PASSWORD_MAX }
};

static const size_t  wm_login_nfields = wm_countof(wm_login_fields);

const wm_route_t  wm_session_routes[] = {
    { WM_GET, "staff/login", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "staff-login", wm_login_page, NULL, NULL },
    { WM_POST, "staff/login", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_login_fields, &wm_login_nfields, NULL, wm_login, wm_login_page,
      "staff-login" },
    { WM_POST, "api/staff/session", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_login_fields, &wm_login_nfields, NULL, wm_login, NULL, NULL },
    { WM_POST, "staff/logout", WM_PAGE, WM_STAFF, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_logout, NULL, NULL },
    { WM_DELETE, "api/staff/session", WM_API, WM_STAFF, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_logout, NULL, NULL }
};

const size_t  wm_session_nroutes = wm_countof(wm_session_routes);

typedef struct {
    bool             known;
    wm_str_t         limit;             /* subjects: name and address */
    wm_str_t         limit_address;
    wm_staff_t       staff;
    wm_slow_hash_t   hash;
    wm_badge_t       badge;
} wm_login_t;


static void
wm_login_page(wm_web_t *w)
{
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_login_done(wm_web_t *w)
{
    wm_login_t  *l = w->state;

    wm_web_keep_badge(w, &l->badge);

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_role_may(l->staff.role, WM_CAP_READ)
                       ? wm_lit("staff/") : wm_lit("staff/orders"));
        return;
    }

    wm_doc_str(w->doc, "name", l->staff.name);
    wm_doc_text(w->doc, "role", wm_role_code(l->staff.role));
    wm_doc_str(w->doc, "unit", l->staff.unit);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_login_start(wm_web_t *w)
{
    wm_str_t      key;
    wm_login_t   *l = w->state;
    wm_commit_t  *c;

    l->badge.name_len = (uint8_t) l->staff.name.len;
    memcpy(l->badge.name, l->staff.name.data, l->staff.name.len);

    if (!wm_random(l->badge.sid, sizeof(l->badge.sid))) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->staff.name = l->staff.name;      /* the actor */
    c = wm_begin(w, WM_OP_STAFF_SIGN_IN);
    w->staff.name = wm_null;

    key = wm_session_key(w->pool, w->site->district, l->badge.sid);

    if (c == NULL || key.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_session_start(c, &l->staff, key);
    wm_send(w, c, wm_login, wm_login_done);
}


static void
wm_login_hashed(wm_web_t *w)
{
    wm_login_t  *l = w->state;

    if (!l->hash.ok) {
        wm_answer(w, WM_VERDICT_UNAVAILABLE);
        return;
    }

    /* an unknown name costs as much time as a wrong password */

    if (!l->known || l->staff.disabled
        || !wm_equal_ct(l->hash.hash, l->staff.hash.data, WM_KEY_LEN))
    {
        wm_answer(w, WM_VERDICT_WRONG_PASSWORD);
        return;
    }

    wm_limit_add(w, l->limit, WM_LOGIN_WINDOW, -1);
    wm_limit_add(w, l->limit_address, WM_LOGIN_WINDOW, -1);

    wm_login_start(w);
}


static void
wm_login_found(wm_web_t *w)
{
    wm_login_t  *l = w->state;

    l->known = wm_staff_load(&w->replies[0],
                             wm_input(&w->input, "name")->text, &l->staff);

    if (l->known) {
        memcpy(l->hash.salt, l->staff.salt.data, sizeof(l->hash.salt));
    }

    l->hash.password = wm_input(&w->input, "password")->text;
    wm_slow_hash(w, &l->hash, wm_login_hashed);
}


static void
wm_login(wm_web_t *w)
{
    wm_str_t     name;
    wm_login_t  *l;

    name = wm_input(&w->input, "name")->text;

    l = wm_calloc(w->pool, sizeof(wm_login_t));
    if (l == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    l->limit = wm_printf(w->pool, "login:%.*s:%.*s", wm_fmt(w->address),
                         wm_fmt(name));
    l->limit_address = wm_printf(w->pool, "login:%.*s",
                                 wm_fmt(w->address));
    w->state = l;

    /* a session is new each time: a repeat must not give back a dead one */

    w->once = wm_null;

    if (!wm_staff_name_valid(name)) {
        wm_answer(w, WM_VERDICT_WRONG_PASSWORD);
        return;
    }

    /* counted before the slow part, given back when it was right */

    if (!wm_limit(w, l->limit, WM_LOGIN_TRIES, WM_LOGIN_WINDOW)
        || !wm_limit(w, l->limit_address, WM_LOGIN_ADDRESS, WM_LOGIN_WINDOW))
    {
        wm_answer(w, WM_VERDICT_TRY_LATER);
        return;
    }

    wm_limit_add(w, l->limit, WM_LOGIN_WINDOW, 1);
    wm_limit_add(w, l->limit_address, WM_LOGIN_WINDOW, 1);

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "staff:%.*s", wm_fmt(name)));
    wm_fetch(w, wm_login_found);
}


static void
wm_logout_done(wm_web_t *w)
{
    wm_web_keep_badge(w, NULL);

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("staff/login"));
        return;
    }

    wm_doc_text(w->doc, "status", "signed_out");
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_logout(wm_web_t *w)
{
    wm_commit_t  *c;

    w->once = wm_null;

    c = wm_begin(w, WM_OP_STAFF_SIGN_OUT);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_session_end(c, wm_session_key(w->pool, w->site->district,
                                     w->badge.sid));
    wm_send(w, c, wm_logout, wm_logout_done);
}
