/*
 * Workers signing in and out.  Who has a second factor is asked for a code when
 * the password was right: a program sends both at once, a page asks in a
 * second step, and carries a sealed word that the first one was done.
 */

#include "wm_proof.h"

static void wm_sign_in(wm_web_t *w);
static void wm_sign_in_page(wm_web_t *w);
static void wm_sign_in_code(wm_web_t *w);
static void wm_sign_in_code_page(wm_web_t *w);
static void wm_logout(wm_web_t *w);

/*
 * Where a worker wanted to go, and what was typed into the form there when
 * the session had ended, for nobody but who typed it.
 */
#define WM_CARRIED_FIELDS                                                    \
    { "next",      WM_FIELD_TEXT,    0,  0, WM_STAFF_PATH_MAX },             \
    { "kept",      WM_FIELD_TEXT,    0,  0, 65536 },                         \
    { "kept_for",  WM_FIELD_TEXT,    0,  0, WM_STAFF_NAME_MAX }

static const wm_field_t  wm_wanted_fields[] = {
    { "next",      WM_FIELD_TEXT,    0,  0, WM_STAFF_PATH_MAX }
};

static const size_t  wm_wanted_nfields = wm_countof(wm_wanted_fields);

static const wm_field_t  wm_login_fields[] = {
    { "name",      WM_FIELD_TEXT,    WM_REQUIRED,  1, WM_STAFF_NAME_MAX },
    { "password",  WM_FIELD_SECRET,  WM_REQUIRED,  1, WM_PASSWORD_MAX },
    WM_CARRIED_FIELDS
};

static const size_t  wm_login_nfields = wm_countof(wm_login_fields);

static const wm_field_t  wm_session_fields[] = {
    { "name",      WM_FIELD_TEXT,    WM_REQUIRED,  1, WM_STAFF_NAME_MAX },
    { "password",  WM_FIELD_SECRET,  WM_REQUIRED,  1, WM_PASSWORD_MAX },
    { "code",      WM_FIELD_SECRET,  0,            0, WM_TOTP_TYPED }
};

static const size_t  wm_session_nfields = wm_countof(wm_session_fields);

static const wm_field_t  wm_code_step_fields[] = {
    { "login",  WM_FIELD_TEXT,    WM_REQUIRED,  1, 200 },
    { "code",   WM_FIELD_SECRET,  WM_REQUIRED,  1, WM_TOTP_TYPED },
    WM_CARRIED_FIELDS
};

static const size_t  wm_code_step_nfields = wm_countof(wm_code_step_fields);

const wm_route_t  wm_session_routes[] = {
    { WM_GET, "staff/login", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_wanted_fields, &wm_wanted_nfields, "staff-login", wm_sign_in_page,
      wm_sign_in_page, "staff-login" },
    { WM_POST, "staff/login", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_FORM | WM_CARRIES,
      wm_login_fields, &wm_login_nfields, "staff-code", wm_sign_in,
      wm_sign_in_page, "staff-login" },
    { WM_POST, "staff/login/code", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_FORM | WM_CARRIES,
      wm_code_step_fields, &wm_code_step_nfields, NULL, wm_sign_in_code,
      wm_sign_in_code_page, "staff-code" },
    { WM_POST, "api/staff/session", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_session_fields, &wm_session_nfields, NULL, wm_sign_in, NULL, NULL },
    { WM_POST, "staff/logout", WM_PAGE, WM_STAFF, WM_CAP_NONE, WM_BEFORE_TOTP,
      NULL, NULL, NULL, wm_logout, NULL, NULL },
    { WM_DELETE, "api/staff/session", WM_API, WM_STAFF, WM_CAP_NONE,
      WM_BEFORE_TOTP, NULL, NULL, NULL, wm_logout, NULL, NULL }
};

const size_t  wm_session_nroutes = wm_countof(wm_session_routes);

typedef struct {
    wm_proof_t   proof;                 /* first: what wm_proof.c sees */
    wm_badge_t   badge;
} wm_sign_in_t;


/* Goes along from page to page. */

static void
wm_sign_in_carry(wm_web_t *w)
{
    wm_str_t  next = wm_input(&w->input, "next")->text;

    wm_doc_str(w->doc, "next", wm_staff_leads(next) ? next : wm_lit(""));
    wm_doc_str(w->doc, "kept", wm_input(&w->input, "kept")->text);
    wm_doc_str(w->doc, "kept_for", wm_input(&w->input, "kept_for")->text);
}


static void
wm_sign_in_page(wm_web_t *w)
{
    wm_sign_in_carry(w);
    wm_answer(w, WM_VERDICT_OK);
}


/* ---- the session */

/* The form that was left with something typed into it. */

static bool
wm_sign_in_resume(wm_web_t *w, wm_sign_in_t *s, wm_str_t next)
{
    wm_str_t  kept = wm_input(&w->input, "kept")->text;
    wm_str_t  kept_for = wm_input(&w->input, "kept_for")->text;

    if (kept.len == 0 || !wm_staff_leads(next)
        || (kept_for.len > 0 && !wm_eq(kept_for, s->proof.staff.name)))
    {
        return false;
    }

    w->staff = s->proof.staff;
    w->badge = s->badge;

    return wm_web_resume(w, next, kept);
}


static void
wm_sign_in_go(wm_web_t *w, wm_sign_in_t *s, bool recovered)
{
    wm_str_t  page, next = wm_input(&w->input, "next")->text;

    if (wm_sign_in_resume(w, s, next)) {
        return;
    }

    /* who used up a recovery code is shown how many are left */

    if (recovered) {
        wm_redirect(w, wm_lit("staff/security"));
        return;
    }

    page = wm_staff_leads(next) ? wm_web_page(w, next) : wm_null;

    if (page.len > 0 && !wm_is(page, "staff/")) {
        wm_redirect(w, page);

    } else if (wm_role_may(s->proof.staff.role, WM_CAP_READ)) {
        wm_redirect(w, wm_lit("staff/"));

    } else {
        wm_redirect(w, wm_lit("staff/orders"));
    }
}


static void
wm_sign_in_done(wm_web_t *w)
{
    bool           recovered;
    wm_sign_in_t  *s = w->state;

    recovered = s->proof.totp.on && s->proof.used.step == 0;

    wm_web_keep_badge(w, &s->badge);

    if (w->route->face != WM_API) {
        wm_sign_in_go(w, s, recovered);
        return;
    }

    wm_doc_str(w->doc, "name", s->proof.staff.name);
    wm_doc_text(w->doc, "role", wm_role_code(s->proof.staff.role));
    wm_doc_str(w->doc, "unit", s->proof.staff.unit);

    if (recovered) {
        wm_doc_int(w->doc, "recovery_left",
                   (int64_t) s->proof.totp.left - 1);
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_sign_in_start(wm_web_t *w)
{
    wm_str_t       key, name;
    wm_commit_t   *c;
    wm_sign_in_t  *s = w->state;

    name = s->proof.staff.name;

    s->badge.name_len = (uint8_t) name.len;
    memcpy(s->badge.name, name.data, name.len);

    if (!wm_random(s->badge.sid, sizeof(s->badge.sid))) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->staff.name = name;               /* the actor */
    c = wm_begin(w, WM_OP_STAFF_SIGN_IN);
    w->staff.name = wm_null;

    key = wm_session_key(w->pool, w->site->district, s->badge.sid);

    if (c == NULL || key.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_session_start(c, &s->proof.staff, key);

    if (s->proof.totp.on) {
        wm_totp_hit(c, name, &s->proof.totp, &s->proof.used);
    }

    wm_send(w, c, wm_proof_again, wm_sign_in_done);
}


/* ---- the second step */

/* The page that asks for a code, with the word that the password was right. */

static void
wm_sign_in_ask(wm_web_t *w)
{
    char          *text;
    wm_str_t       name, word;
    wm_login_t     login;
    wm_sign_in_t  *s = w->state;

    text = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (text == NULL || !wm_web_device(w)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    name = s->proof.staff.name;

    memset(&login, 0, sizeof(wm_login_t));
    memcpy(login.device, w->device.device, sizeof(login.device));
    memcpy(login.name, name.data, name.len);
    login.name_len = (uint8_t) name.len;
    login.epoch = (uint32_t) s->proof.staff.epoch;
    login.expires_ms = w->now_ms + WM_LOGIN_SECONDS * INT64_C(1000);

    word = wm_login_make(&w->site->realm, &login, text);

    if (word.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->half_signed_in = true;
    wm_doc_str(w->doc, "login", word);
    wm_sign_in_carry(w);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_sign_in_proven(wm_web_t *w)
{
    wm_sign_in_t  *s = w->state;

    if (!s->proof.totp.on) {
        wm_sign_in_start(w);

    } else if (s->proof.code.len > 0) {
        if (wm_proof_code(w)) {
            wm_sign_in_start(w);
        }

    } else if (w->route->face == WM_API) {
        wm_answer(w, WM_VERDICT_CODE_NEEDED);

    } else {
        wm_sign_in_ask(w);
    }
}


static wm_sign_in_t *
wm_sign_in_state(wm_web_t *w, wm_step_pt start, wm_str_t name)
{
    wm_sign_in_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_sign_in_t));
    if (s == NULL) {
        return NULL;
    }

    s->proof.start = start;
    s->proof.proven = wm_sign_in_proven;
    s->proof.name = name;
    s->proof.code = wm_input(&w->input, "code")->text;

    w->state = s;
    w->signing_in = name;

    /* a session is new each time: a repeat must not give back a dead one */

    w->once = wm_null;

    return s;
}


static bool
wm_sign_in_word(wm_web_t *w, wm_login_t *login)
{
    return w->device_known
           && wm_login_open(&w->site->realm,
                            wm_input(&w->input, "login")->text,
                            w->device.device, w->now_ms, login)
              == WM_SEAL_OK;
}


/* The same form again, or, when its time is over, the way to begin anew. */

static void
wm_sign_in_code_page(wm_web_t *w)
{
    wm_login_t  login;

    if (wm_sign_in_word(w, &login) && w->refused != WM_VERDICT_STALE) {
        wm_doc_str(w->doc, "login", wm_input(&w->input, "login")->text);
    }

    wm_sign_in_carry(w);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_sign_in_code(wm_web_t *w)
{
    wm_str_t    name;
    wm_login_t  login;

    if (!wm_sign_in_word(w, &login)) {
        wm_answer(w, WM_VERDICT_STALE);
        return;
    }

    name = wm_dup(w->pool, (wm_str_t) { login.name_len, login.name });

    if (name.data == NULL
        || wm_sign_in_state(w, wm_sign_in_code, name) == NULL)
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_proof_before(w, login.epoch);
}


/* ---- the first step */

static void
wm_sign_in(wm_web_t *w)
{
    if (wm_sign_in_state(w, wm_sign_in, wm_input(&w->input, "name")->text)
        == NULL)
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_proof_password(w, wm_input(&w->input, "password")->text);
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
