/*
 * Sealed values.  What is accepted is, but for the case of its letters, just
 * what we would have made; no value passes for one of another kind.
 */

#include "fuzz.h"
#include "wm_text.h"
#include "wm_token.h"

static const struct {
    wm_purpose_t  purpose;
    size_t        payload;
} fuzz_values[] = {
    { WM_PURPOSE_TOKEN,   12 },
    { WM_PURPOSE_TICKET,  23 },
    { WM_PURPOSE_PASS,    14 },
    { WM_PURPOSE_DEVICE,  30 },
    { WM_PURPOSE_STAFF,   51 },
    { WM_PURPOSE_FORM,    16 },
    { WM_PURPOSE_LOGIN,   53 },
    { WM_PURPOSE_SETUP,   40 }
};


/* The values that last: what was read is not over yet. */

static wm_seal_t
fuzz_open_timed(size_t n, wm_str_t text, int64_t now, char *again)
{
    wm_seal_t    rc;
    wm_pass_t    pass;
    wm_ticket_t  ticket;

    if (n == 1) {
        rc = wm_ticket_open(&fuzz_realm, text, now, &ticket);

        if (rc == WM_SEAL_OK) {
            fuzz_check(ticket.expires_ms > now);
            wm_ticket_make(&fuzz_realm, &ticket, again);
        }

        return rc;
    }

    rc = wm_pass_open(&fuzz_realm, text, now, &pass);

    if (rc == WM_SEAL_OK) {
        fuzz_check(pass.expires_ms > now);
        wm_pass_make(&fuzz_realm, &pass, again);
    }

    return rc;
}


static wm_seal_t
fuzz_open_form(wm_str_t text, int64_t now, char *again)
{
    uint8_t    raw[16 + WM_MAC_LEN] = { 0 };
    wm_seal_t  rc;

    (void) wm_b32_decode(text, raw, sizeof(raw));
    rc = wm_form_open(&fuzz_realm, text, raw + 2, now);

    if (rc == WM_SEAL_OK) {
        wm_form_make(&fuzz_realm, raw + 2,
                     (int64_t) wm_get32(raw + 12) * 1000, again);
    }

    return rc;
}


static wm_seal_t
fuzz_open_login(wm_str_t text, int64_t now, char *again)
{
    uint8_t     raw[53 + WM_MAC_LEN] = { 0 };
    wm_seal_t   rc;
    wm_login_t  login;

    (void) wm_b32_decode(text, raw, sizeof(raw));
    rc = wm_login_open(&fuzz_realm, text, raw + 2, now, &login);

    if (rc == WM_SEAL_OK) {
        fuzz_check(login.expires_ms > now);
        fuzz_check(login.name_len > 0
                   && login.name_len <= WM_STAFF_NAME_MAX);
        wm_login_make(&fuzz_realm, &login, again);
    }

    return rc;
}


static wm_seal_t
fuzz_open_setup(wm_str_t text, int64_t now, char *again)
{
    uint8_t     raw[40 + WM_MAC_LEN] = { 0 };
    wm_seal_t   rc;
    wm_setup_t  setup;

    (void) wm_b32_decode(text, raw, sizeof(raw));
    rc = wm_setup_open(&fuzz_realm, text, raw + 2, now, &setup);

    if (rc == WM_SEAL_OK) {
        fuzz_check(setup.expires_ms > now);
        wm_setup_make(&fuzz_realm, &setup, again);
    }

    return rc;
}


/* Opens text as value number n; again is what is made of what was read. */

static wm_seal_t
fuzz_open(size_t n, wm_str_t text, int64_t now, char *again)
{
    wm_seal_t    rc;
    wm_token_t   token;
    wm_badge_t   badge;
    wm_device_t  device;

    switch (n) {

    case 0:
        rc = wm_token_open(&fuzz_realm, text, &token);
        if (rc == WM_SEAL_OK) {
            (void) wm_token_is_due(&token, now);
            fuzz_check(token.kind >= WM_KIND_SCREEN_IN
                       && token.kind <= WM_KIND_POSTER_OUT);
            (void) wm_kind_is_out(token.kind);
            (void) wm_kind_is_poster(token.kind);
            wm_token_make(&fuzz_realm, &token, again);
        }
        return rc;

    case 3:
        rc = wm_device_open(&fuzz_realm, text, now, &device);
        if (rc == WM_SEAL_OK) {
            wm_device_make(&fuzz_realm, &device, again);
        }
        return rc;

    case 4:
        rc = wm_badge_open(&fuzz_realm, text, &badge);
        if (rc == WM_SEAL_OK) {
            fuzz_check(badge.name_len > 0
                       && badge.name_len <= WM_STAFF_NAME_MAX);
            wm_badge_make(&fuzz_realm, &badge, again);
        }
        return rc;

    case 5:
        return fuzz_open_form(text, now, again);

    case 6:
        return fuzz_open_login(text, now, again);

    case 7:
        return fuzz_open_setup(text, now, again);

    default:
        return fuzz_open_timed(n, text, now, again);
    }
}


/* How many kinds of values text is; original: what it was before damage. */

static unsigned
fuzz_open_all(wm_str_t text, int64_t now, const char *original)
{
    char       again[WM_SEAL_TEXT_MAX + 1];
    size_t     i;
    unsigned   accepted;
    wm_seal_t  rc;

    for (i = 0, accepted = 0; i < wm_countof(fuzz_values); i++) {
        rc = fuzz_open(i, text, now, again);
        fuzz_check(rc != WM_SEAL_NO_MEMORY);

        if (rc != WM_SEAL_OK) {
            continue;
        }

        accepted++;
        fuzz_check(original == NULL || fuzz_same(text, wm_str(original)));

        /* an older key may have signed it; the same head has the same key */

        fuzz_check(strlen(again) == text.len);
        fuzz_check(fuzz_same(text, wm_str(again))
                   || !fuzz_same((wm_str_t) { 4, text.data },
                                 (wm_str_t) { 4, again }));
    }

    fuzz_check(accepted <= 1);

    return accepted;
}


/* A payload as a program with our keys might have made it. */

static void
fuzz_sealed(fuzz_in_t *in, int64_t now)
{
    char      text[WM_SEAL_TEXT_MAX + 1], original[WM_SEAL_TEXT_MAX + 1];
    size_t    n, len;
    uint8_t   p[WM_SEAL_PAYLOAD_MAX];
    wm_str_t  sealed;

    n = fuzz_byte(in) % wm_countof(fuzz_values);
    len = fuzz_values[n].payload;

    fuzz_bytes(in, p, len);

    if (n == 1) {
        p[22] &= 1;                     /* typed: yes or no */
    }

    if (n == 4 && p[2] <= WM_STAFF_NAME_MAX) {
        memset(p + 19 + p[2], 0, WM_STAFF_NAME_MAX - p[2]);
    }

    if (n == 6 && p[20] <= WM_STAFF_NAME_MAX) {
        memset(p + 21 + p[20], 0, WM_STAFF_NAME_MAX - p[20]);
    }

    sealed = wm_seal(&fuzz_realm, fuzz_values[n].purpose, p, len, text);
    fuzz_check(sealed.len == WM_B32_LEN(len + WM_MAC_LEN));

    strcpy(original, text);
    fuzz_damage(in, text, sealed.len);

    (void) fuzz_open_all(fuzz_exact(in->pool, sealed), now, original);
}


/* What we make ourselves is accepted as long as it lasts. */

static void
fuzz_made(fuzz_in_t *in, int64_t now)
{
    char         text[WM_SEAL_TEXT_MAX + 1];
    wm_token_t   token = { .kind = (wm_kind_t) (1 + fuzz_byte(in) % 4) };
    wm_ticket_t  ticket = { .kind = token.kind };

    token.event = (uint32_t) fuzz_uint(in, 4);
    token.slot = (uint32_t) fuzz_uint(in, 4);
    token.display = (uint16_t) fuzz_uint(in, 2);

    wm_token_make(&fuzz_realm, &token, text);
    fuzz_check(fuzz_open_all(wm_str(text), now, text) == 1);

    ticket.typed = fuzz_byte(in) & 1;
    ticket.event = token.event;
    ticket.expires_ms = (int64_t) fuzz_uint(in, 4) * 1000;
    fuzz_bytes(in, ticket.device, sizeof(ticket.device));

    wm_ticket_make(&fuzz_realm, &ticket, text);
    fuzz_check(fuzz_open_all(wm_str(text), now, text)
               == (now < ticket.expires_ms));
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    int64_t    now;
    wm_str_t   text;
    wm_kind_t  kind;
    wm_pass_t  pass = { 20261, 0, 1, 0 };

    (void) pool;

    now = FUZZ_NOW;

    switch (fuzz_byte(in) % 5) {

    case 0:
        now = (int64_t) fuzz_uint(in, 4) * 1000;
        fuzz_sealed(in, now);
        break;

    case 1:
        now = (int64_t) fuzz_uint(in, 4) * 1000;
        fuzz_made(in, now);
        break;

    case 2:
        text = fuzz_rest(in);
        kind = wm_code_check(&fuzz_realm, 20261, text, now);
        fuzz_check(kind == 0 || text.len == 6);
        fuzz_check(kind == 0 || !wm_kind_is_poster(kind));
        fuzz_check(wm_opener_check(&fuzz_realm, &pass, 12, text, now) == 0
                   || text.len == 8);
        break;

    case 3:
        (void) wm_kind_find(fuzz_rest(in));
        break;

    default:
        (void) fuzz_open_all(fuzz_rest(in), now, NULL);
    }
}
