/* A worker's second factor: turning it on, and off. */

#include "wm_proof.h"
#include "wm_qr.h"

static void wm_security(wm_web_t *w);
static void wm_security_again(wm_web_t *w);
static void wm_security_on(wm_web_t *w);
static void wm_security_off(wm_web_t *w);

static const wm_field_t  wm_totp_on_fields[] = {
    { "setup",  WM_FIELD_TEXT,    WM_REQUIRED,  1, 200 },
    { "code",   WM_FIELD_SECRET,  WM_REQUIRED,  1, WM_TOTP_TYPED }
};

static const size_t  wm_totp_on_nfields = wm_countof(wm_totp_on_fields);

static const wm_field_t  wm_totp_off_fields[] = {
    { "password",  WM_FIELD_SECRET,  WM_REQUIRED,  1, WM_PASSWORD_MAX },
    { "code",      WM_FIELD_SECRET,  WM_REQUIRED,  1, WM_TOTP_TYPED }
};

static const size_t  wm_totp_off_nfields = wm_countof(wm_totp_off_fields);

const wm_route_t  wm_security_routes[] = {
    { WM_GET, "staff/security", WM_PAGE, WM_STAFF, WM_CAP_NONE,
      WM_BEFORE_TOTP, NULL, NULL, "staff-security", wm_security, NULL, NULL },
    { WM_GET, "api/staff/security", WM_API, WM_STAFF, WM_CAP_NONE,
      WM_BEFORE_TOTP, NULL, NULL, NULL, wm_security, NULL, NULL },
    { WM_POST, "staff/security", WM_PAGE, WM_STAFF, WM_CAP_NONE,
      WM_BEFORE_TOTP, wm_totp_on_fields, &wm_totp_on_nfields,
      "staff-recovery", wm_security_on, wm_security_again, "staff-security" },
    { WM_POST, "api/staff/security", WM_API, WM_STAFF, WM_CAP_NONE,
      WM_BEFORE_TOTP, wm_totp_on_fields, &wm_totp_on_nfields, NULL,
      wm_security_on, NULL, NULL },
    { WM_POST, "staff/security/off", WM_PAGE, WM_STAFF, WM_CAP_NONE,
      WM_BEFORE_TOTP, wm_totp_off_fields, &wm_totp_off_nfields, NULL,
      wm_security_off, wm_security_again, "staff-security" },
    { WM_POST, "api/staff/security/off", WM_API, WM_STAFF, WM_CAP_NONE,
      WM_BEFORE_TOTP, wm_totp_off_fields, &wm_totp_off_nfields, NULL,
      wm_security_off, NULL, NULL }
};

const size_t  wm_security_nroutes = wm_countof(wm_security_routes);

typedef struct {
    wm_proof_t   proof;                 /* first: what wm_proof.c sees */
    wm_str_t     session;
    wm_setup_t   setup;
} wm_security_t;


/* ---- the page */

static bool
wm_security_setup(wm_web_t *w, wm_setup_t *setup)
{
    return wm_setup_open(&w->site->realm, wm_input(&w->input, "setup")->text,
                         w->badge.sid, w->now_ms, setup)
           == WM_SEAL_OK;
}


/* What a form brings back, so that it need not be scanned again, or another. */

static bool
wm_security_renew(wm_web_t *w, wm_setup_t *setup)
{
    if (wm_security_setup(w, setup)
        && setup->epoch == (uint32_t) w->staff.epoch)
    {
        return true;
    }

    memcpy(setup->bound, w->badge.sid, sizeof(setup->bound));
    setup->expires_ms = w->now_ms + WM_SETUP_SECONDS * INT64_C(1000);
    setup->epoch = (uint32_t) w->staff.epoch;

    return wm_random(setup->secret, sizeof(setup->secret));
}


/* In groups of four, as it is typed. */

static wm_str_t
wm_security_groups(wm_pool_t *pool, wm_str_t s)
{
    size_t    i;
    wm_buf_t  b;

    wm_buf_init(&b, pool, s.len * 2);

    for (i = 0; i < s.len; i++) {
        if (i > 0 && i % 4 == 0) {
            wm_putc(&b, ' ');
        }

        wm_putc(&b, s.data[i]);
    }

    return wm_buf_str(&b);
}


/* Without a picture, when the address is too long for one, it is typed. */

static void
wm_security_offer(wm_web_t *w)
{
    char        *sealed;
    wm_qr_t      qr;
    wm_str_t     text, uri;
    wm_setup_t   setup;

    sealed = wm_alloc(w->pool, WM_SEAL_TEXT_MAX + 1);

    if (sealed == NULL || !wm_security_renew(w, &setup)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    text = wm_totp_secret_text(w->pool, setup.secret);
    uri = wm_totp_uri(w->pool, w->site->realm.host, w->staff.name,
                      setup.secret);

    if (text.data == NULL || uri.data == NULL
        || wm_setup_make(&w->site->realm, &setup, sealed).data == NULL)
    {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_text(w->doc, "setup", sealed);
    wm_doc_str(w->doc, "secret", text);
    wm_doc_str(w->doc, "uri", uri);

    if (w->route->face != WM_API) {
        wm_doc_str(w->doc, "secret_text", wm_security_groups(w->pool, text));

        if (wm_qr_make_up_to(w->pool, uri, WM_QR_VERSION_NEAR, &qr)) {
            wm_doc_str(w->doc, "qr", wm_qr_data(w->pool, &qr));
        }
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_security_show(wm_web_t *w)
{
    wm_totp_t  t;

    wm_totp_load(&w->replies[0], &t);

    wm_doc_bool(w->doc, "on", t.on);
    wm_doc_bool(w->doc, "required", w->site->totp_required);
    wm_doc_int(w->doc, "recovery_left", (int64_t) t.left);

    if (t.on) {
        wm_doc_hide(wm_doc_bool(w->doc, "few", t.left < 4));
        wm_answer(w, WM_VERDICT_OK);

    } else {
        wm_security_offer(w);
    }
}


static void
wm_security(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "staff:%.*s", wm_fmt(w->staff.name)));
    wm_fetch(w, wm_security_show);
}


static void
wm_security_again(wm_web_t *w)
{
    wm_security(w);
}


/* ---- on */

static void
wm_security_is_on(wm_web_t *w)
{
    size_t          i;
    wm_str_t        code;
    wm_doc_t       *list;
    wm_security_t  *s = w->state;

    wm_doc_bool(w->doc, "on", true);
    list = wm_doc_list(w->doc, "recovery");

    for (i = 0; i < WM_TOTP_CODES; i++) {
        code = wm_totp_recovery(w->pool, &w->site->realm, w->staff.name,
                                s->setup.secret, i);
        if (code.data == NULL) {
            wm_answer(w, WM_VERDICT_INTERNAL);
            return;
        }

        wm_doc_item_str(list, wm_printf(w->pool, "%.4s-%.4s-%.4s", code.data,
                                        code.data + 4, code.data + 8));
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_security_on_found(wm_web_t *w)
{
    bool            nothing;
    wm_staff_t      staff;
    wm_totp_t       t;
    wm_commit_t    *c;
    wm_verdict_t    v;
    wm_security_t  *s = w->state;

    if (!wm_staff_load(&w->replies[1], w->staff.name, &staff)
        || !wm_session_valid(&w->replies[0], &staff, w->now_ms))
    {
        wm_answer(w, WM_VERDICT_SIGN_IN);
        return;
    }

    wm_totp_load(&w->replies[1], &t);

    c = wm_begin(w, WM_OP_TOTP_ON);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v = wm_totp_on(c, &w->site->realm, &staff, &t, s->session, &s->setup,
                   wm_input(&w->input, "code")->text, &nothing);

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_security_is_on(w);

    } else {
        wm_send(w, c, wm_security_on, wm_security_is_on);
    }
}


static void
wm_security_on(wm_web_t *w)
{
    wm_security_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_security_t));
    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = s;
    w->once = wm_null;                  /* a repeat is told by the code */

    if (!wm_security_setup(w, &s->setup)) {
        wm_answer(w, WM_VERDICT_STALE);
        return;
    }

    s->session = wm_session_key(w->pool, w->site->district, w->badge.sid);

    wm_ask(w, wm_lit("HGETALL"), s->session);
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "staff:%.*s", wm_fmt(w->staff.name)));
    wm_fetch(w, wm_security_on_found);
}


/* ---- off */

static void
wm_security_is_off(wm_web_t *w)
{
    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("staff/security"));
        return;
    }

    wm_doc_bool(w->doc, "on", false);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_security_off_proven(wm_web_t *w)
{
    wm_commit_t  *c;
    wm_proof_t   *p = w->state;

    if (!p->totp.on) {
        wm_security_is_off(w);
        return;
    }

    if (!wm_proof_code(w)) {
        return;
    }

    c = wm_begin(w, WM_OP_TOTP_OFF);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_totp_off(c, p->name, &p->totp, &p->used);
    wm_send(w, c, wm_proof_again, wm_security_is_off);
}


static void
wm_security_off(wm_web_t *w)
{
    wm_security_t  *s;

    s = wm_calloc(w->pool, sizeof(wm_security_t));
    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    s->proof.start = wm_security_off;
    s->proof.proven = wm_security_off_proven;
    s->proof.name = w->staff.name;
    s->proof.code = wm_input(&w->input, "code")->text;

    w->state = s;
    w->once = wm_null;                  /* off is off, however often */

    wm_proof_password(w, wm_input(&w->input, "password")->text);
}
