#include "wm_token.h"

#include <stdio.h>

#define WM_TOKEN_VERSION    1
#define WM_TICKET_PAYLOAD   23
#define WM_PASS_PAYLOAD     14
#define WM_DEVICE_PAYLOAD   30
#define WM_BADGE_PAYLOAD    (3 + 16 + WM_STAFF_NAME_MAX)
#define WM_FORM_PAYLOAD     16
#define WM_LOGIN_PAYLOAD    (21 + WM_STAFF_NAME_MAX)
#define WM_SETUP_PAYLOAD    (20 + WM_SECRET_LEN)

static const struct {
    wm_kind_t    kind;
    const char  *code;
    bool         out;
    wm_lasts_t   lasts;
} wm_kinds[] = {
#define X(name, number, code, out, lasts)                                    \
    { WM_KIND_##name, code, out, lasts },
    WM_KINDS(X)
#undef X
};


wm_kind_t
wm_kind_find(wm_str_t code)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_kinds); i++) {
        if (wm_is(code, wm_kinds[i].code)) {
            return wm_kinds[i].kind;
        }
    }

    return (wm_kind_t) 0;
}


const char *
wm_kind_code(wm_kind_t kind)
{
    return wm_kinds[kind - 1].code;
}


bool
wm_kind_is_out(wm_kind_t kind)
{
    return wm_kinds[kind - 1].out;
}


bool
wm_kind_is_poster(wm_kind_t kind)
{
    return kind != 0 && wm_kinds[kind - 1].lasts == WM_LASTS_MINUTE;
}


/* The first byte of a payload about a code: 3 bits version, 5 bits kind. */

static uint8_t
wm_token_head(wm_kind_t kind)
{
    return (uint8_t) (WM_TOKEN_VERSION << 5 | (unsigned) kind);
}


static wm_seal_t
wm_token_read_head(uint8_t head, wm_kind_t *kind)
{
    unsigned  number;

    number = head & 31;

    if (head >> 5 != WM_TOKEN_VERSION || number == 0
        || number > wm_countof(wm_kinds)
        || wm_kinds[number - 1].lasts == WM_LASTS_NOT)
    {
        return WM_SEAL_VERSION;
    }

    *kind = (wm_kind_t) number;

    return WM_SEAL_OK;
}


static wm_seal_t
wm_token_check_version(uint8_t head)
{
    return head == WM_TOKEN_VERSION << 5 ? WM_SEAL_OK : WM_SEAL_VERSION;
}


static int64_t
wm_token_get_seconds(const uint8_t *p)
{
    return (int64_t) wm_get32(p) * 1000;
}


static void
wm_token_put_seconds(uint8_t *p, int64_t ms)
{
    wm_be32(p, (uint32_t) (ms / 1000));
}


uint32_t
wm_token_slot(int64_t now_ms)
{
    return (uint32_t) (now_ms / 1000 / WM_SLOT_SECONDS);
}


int64_t
wm_token_slot_end_ms(uint32_t slot)
{
    return ((int64_t) slot + 1) * WM_SLOT_SECONDS * 1000;
}


uint32_t
wm_token_until(int64_t ms)
{
    return (uint32_t) (ms / 60000) + 1;
}


wm_str_t
wm_token_make(const wm_realm_t *realm, const wm_token_t *token, char *out)
{
    uint8_t  p[WM_TOKEN_PAYLOAD];

    p[0] = wm_token_head(token->kind);
    wm_be32(p + 2, token->event);
    wm_be32(p + 6, token->slot);
    wm_be16(p + 10, token->display);

    return wm_seal(realm, WM_PURPOSE_TOKEN, p, sizeof(p), out);
}


wm_seal_t
wm_token_open(const wm_realm_t *realm, wm_str_t text, wm_token_t *token)
{
    uint8_t    p[WM_TOKEN_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_TOKEN, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    token->key_id = p[1];
    token->event = wm_get32(p + 2);
    token->slot = wm_get32(p + 6);
    token->display = wm_get16(p + 10);

    return wm_token_read_head(p[0], &token->kind);
}


bool
wm_token_is_due(const wm_token_t *token, int64_t now_ms)
{
    uint32_t  now;

    if (wm_kind_is_poster(token->kind)) {
        return now_ms < (int64_t) token->slot * 60000;
    }

    now = wm_token_slot(now_ms);

    return token->slot == now || token->slot + 1 == now;
}


uint32_t
wm_code_slot(int64_t now_ms)
{
    return (uint32_t) (now_ms / 1000 / WM_CODE_SECONDS);
}


static bool
wm_code_digits(const wm_realm_t *realm, wm_mac_t *key, wm_kind_t kind,
    uint32_t event, uint32_t slot, char *out)
{
    uint8_t   p[9], mac[WM_MAC_LEN];
    wm_str_t  parts[2];

    p[0] = wm_token_head(kind);
    wm_be32(p + 1, event);
    wm_be32(p + 5, slot);

    parts[0] = (wm_str_t) { sizeof(p), (const char *) p };
    parts[1] = realm->host;

    if (!wm_mac_compute(key, parts, wm_countof(parts), mac)) {
        return false;
    }

    snprintf(out, 7, "%06u", wm_get32(mac) % 1000000);

    return true;
}


bool
wm_code_make(const wm_realm_t *realm, wm_kind_t kind, uint32_t event,
    uint32_t slot, char *out)
{
    return wm_code_digits(realm,
                          wm_keyring_mac(realm->ring, WM_PURPOSE_CODE,
                                         wm_keyring_current(realm->ring)),
                          kind, event, slot, out);
}


/* Whether the digits are those of any key that is not retired. */

static bool
wm_code_fits(const wm_realm_t *realm, wm_kind_t kind, uint32_t event,
    uint32_t slot, const char *digits)
{
    bool       fits;
    char       good[7];
    size_t     i;
    wm_mac_t  *key;

    for (i = 0, fits = false; /* void */ ; i++) {
        key = wm_keyring_nth(realm->ring, WM_PURPOSE_CODE, i);
        if (key == NULL) {
            return fits;
        }

        if (!wm_code_digits(realm, key, kind, event, slot, good)) {
            return false;
        }

        fits |= wm_equal_ct(good, digits, 6);
    }
}


wm_kind_t
wm_code_check(const wm_realm_t *realm, uint32_t event, wm_str_t digits,
    int64_t now_ms)
{
    size_t     i;
    uint32_t   slot, back;
    wm_kind_t  found;

    if (digits.len != 6) {
        return (wm_kind_t) 0;
    }

    slot = wm_code_slot(now_ms);
    found = (wm_kind_t) 0;

    for (i = 0; i < wm_countof(wm_kinds); i++) {
        if (wm_kinds[i].lasts != WM_LASTS_SLOT) {
            continue;
        }

        for (back = 0; back < 2; back++) {
            if (wm_code_fits(realm, wm_kinds[i].kind, event, slot - back,
                             digits.data))
            {
                found = wm_kinds[i].kind;
            }
        }
    }

    return found;
}


uint32_t
wm_opener_slot(int64_t now_ms)
{
    return (uint32_t) (now_ms / 1000 / WM_OPENER_SECONDS);
}


static bool
wm_opener_digits(const wm_realm_t *realm, wm_mac_t *key,
    const wm_pass_t *pass, uint32_t slot, char *out)
{
    uint8_t   p[13], mac[WM_MAC_LEN];
    wm_str_t  parts[2];

    p[0] = WM_TOKEN_VERSION << 5;
    wm_be32(p + 1, pass->event);
    wm_be32(p + 5, slot);
    wm_be16(p + 9, pass->epoch);
    wm_be16(p + 11, pass->display);

    parts[0] = (wm_str_t) { sizeof(p), (const char *) p };
    parts[1] = realm->host;

    if (!wm_mac_compute(key, parts, wm_countof(parts), mac)) {
        return false;
    }

    snprintf(out, 9, "%08u", wm_get32(mac) % 100000000);

    return true;
}


bool
wm_opener_make(const wm_realm_t *realm, const wm_pass_t *pass, uint32_t slot,
    char *out)
{
    return wm_opener_digits(realm,
                            wm_keyring_mac(realm->ring, WM_PURPOSE_CODE,
                                           wm_keyring_current(realm->ring)),
                            pass, slot, out);
}


/* Whether the digits are those of any key that is not retired. */

static bool
wm_opener_fits(const wm_realm_t *realm, const wm_pass_t *pass, uint32_t slot,
    const char *digits)
{
    bool       fits;
    char       good[9];
    size_t     i;
    wm_mac_t  *key;

    for (i = 0, fits = false; /* void */ ; i++) {
        key = wm_keyring_nth(realm->ring, WM_PURPOSE_CODE, i);

        if (key == NULL
            || !wm_opener_digits(realm, key, pass, slot, good))
        {
            return fits;
        }

        fits |= wm_equal_ct(good, digits, 8);
    }
}


uint16_t
wm_opener_check(const wm_realm_t *realm, wm_pass_t *pass, uint16_t n,
    wm_str_t digits, int64_t now_ms)
{
    unsigned  i;
    uint16_t  found;
    uint32_t  slot;

    if (digits.len != 8) {
        return 0;
    }

    slot = wm_opener_slot(now_ms);
    found = 0;

    for (i = 1; i <= n; i++) {
        pass->display = (uint16_t) i;

        if (wm_opener_fits(realm, pass, slot, digits.data)
            || wm_opener_fits(realm, pass, slot - 1, digits.data))
        {
            found = pass->display;
        }
    }

    pass->display = found;

    return found;
}


wm_str_t
wm_ticket_make(const wm_realm_t *realm, const wm_ticket_t *ticket, char *out)
{
    uint8_t  p[WM_TICKET_PAYLOAD];

    p[0] = wm_token_head(ticket->kind);
    wm_be32(p + 2, ticket->event);
    wm_token_put_seconds(p + 6, ticket->expires_ms);
    wm_be16(p + 10, ticket->display);
    memcpy(p + 12, ticket->device, 10);
    p[22] = ticket->typed;

    return wm_seal(realm, WM_PURPOSE_TICKET, p, sizeof(p), out);
}


wm_seal_t
wm_ticket_open(const wm_realm_t *realm, wm_str_t text, int64_t now_ms,
    wm_ticket_t *ticket)
{
    uint8_t    p[WM_TICKET_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_TICKET, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    ticket->event = wm_get32(p + 2);
    ticket->expires_ms = wm_token_get_seconds(p + 6);
    ticket->display = wm_get16(p + 10);
    memcpy(ticket->device, p + 12, 10);
    ticket->typed = p[22] != 0;

    rc = wm_token_read_head(p[0], &ticket->kind);

    return rc == WM_SEAL_OK && now_ms >= ticket->expires_ms ? WM_SEAL_EXPIRED
                                                            : rc;
}


/* Which of the two it is, stands in the first byte; that key must fit. */

static wm_purpose_t
wm_card_purpose(wm_kind_t kind)
{
    return kind == WM_KIND_PAPER_CARD ? WM_PURPOSE_PAPER : WM_PURPOSE_CARD;
}


wm_str_t
wm_card_make(const wm_realm_t *realm, const wm_card_t *card, char *out)
{
    uint8_t  p[WM_CARD_PAYLOAD];

    p[0] = wm_token_head(card->kind);
    memcpy(p + 2, card->person, 10);
    wm_be32(p + 12, card->epoch);
    wm_token_put_seconds(p + 16, card->time_ms);

    return wm_seal(realm, wm_card_purpose(card->kind), p, sizeof(p), out);
}


wm_seal_t
wm_card_open(const wm_realm_t *realm, wm_str_t text, int64_t now_ms,
    wm_card_t *card)
{
    uint8_t    raw[WM_CARD_PAYLOAD + WM_MAC_LEN], p[WM_CARD_PAYLOAD];
    wm_seal_t  rc;

    if (!wm_b32_decode(text, raw, sizeof(raw))) {
        return WM_SEAL_MALFORMED;
    }

    card->kind = (wm_kind_t) (raw[0] & 31);

    rc = wm_unseal(realm, wm_card_purpose(card->kind), text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    if (p[0] != wm_token_head(WM_KIND_RESIDENT_CARD)
        && p[0] != wm_token_head(WM_KIND_PAPER_CARD))
    {
        return WM_SEAL_VERSION;
    }

    memcpy(card->person, p + 2, 10);
    card->epoch = wm_get32(p + 12);
    card->time_ms = wm_token_get_seconds(p + 16);

    return card->kind == WM_KIND_RESIDENT_CARD && now_ms >= card->time_ms
           ? WM_SEAL_EXPIRED : WM_SEAL_OK;
}


wm_str_t
wm_pass_make(const wm_realm_t *realm, const wm_pass_t *pass, char *out)
{
    uint8_t  p[WM_PASS_PAYLOAD];

    p[0] = WM_TOKEN_VERSION << 5;
    wm_be32(p + 2, pass->event);
    wm_be16(p + 6, pass->display);
    wm_be16(p + 8, pass->epoch);
    wm_token_put_seconds(p + 10, pass->expires_ms);

    return wm_seal(realm, WM_PURPOSE_PASS, p, sizeof(p), out);
}


wm_seal_t
wm_pass_open(const wm_realm_t *realm, wm_str_t text, int64_t now_ms,
    wm_pass_t *pass)
{
    uint8_t    p[WM_PASS_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_PASS, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    pass->event = wm_get32(p + 2);
    pass->display = wm_get16(p + 6);
    pass->epoch = wm_get16(p + 8);
    pass->expires_ms = wm_token_get_seconds(p + 10);

    rc = wm_token_check_version(p[0]);

    return rc == WM_SEAL_OK && now_ms >= pass->expires_ms ? WM_SEAL_EXPIRED
                                                          : rc;
}


wm_str_t
wm_device_make(const wm_realm_t *realm, const wm_device_t *device, char *out)
{
    uint8_t  p[WM_DEVICE_PAYLOAD];

    p[0] = WM_TOKEN_VERSION << 5;
    memcpy(p + 2, device->device, 10);
    memcpy(p + 12, device->person, 10);
    wm_be32(p + 22, device->epoch);
    wm_token_put_seconds(p + 26, device->issued_ms);

    return wm_seal(realm, WM_PURPOSE_DEVICE, p, sizeof(p), out);
}


wm_seal_t
wm_device_open(const wm_realm_t *realm, wm_str_t text, int64_t now_ms,
    wm_device_t *device)
{
    uint8_t    p[WM_DEVICE_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_DEVICE, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    memcpy(device->device, p + 2, 10);
    memcpy(device->person, p + 12, 10);
    device->epoch = wm_get32(p + 22);
    device->issued_ms = wm_token_get_seconds(p + 26);

    rc = wm_token_check_version(p[0]);

    return rc == WM_SEAL_OK
           && now_ms - device->issued_ms >= WM_DEVICE_SECONDS * INT64_C(1000)
           ? WM_SEAL_EXPIRED : rc;
}


wm_str_t
wm_badge_make(const wm_realm_t *realm, const wm_badge_t *badge, char *out)
{
    uint8_t  p[WM_BADGE_PAYLOAD];

    memset(p, 0, sizeof(p));

    p[0] = WM_TOKEN_VERSION << 5;
    p[2] = badge->name_len;
    memcpy(p + 3, badge->sid, 16);
    memcpy(p + 19, badge->name, badge->name_len);

    return wm_seal(realm, WM_PURPOSE_STAFF, p, sizeof(p), out);
}


wm_seal_t
wm_badge_open(const wm_realm_t *realm, wm_str_t text, wm_badge_t *badge)
{
    uint8_t    p[WM_BADGE_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_STAFF, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    if (p[2] == 0 || p[2] > WM_STAFF_NAME_MAX) {
        return WM_SEAL_MALFORMED;
    }

    badge->name_len = p[2];
    memcpy(badge->sid, p + 3, 16);
    memcpy(badge->name, p + 19, WM_STAFF_NAME_MAX);

    return wm_token_check_version(p[0]);
}


wm_str_t
wm_form_make(const wm_realm_t *realm, const uint8_t bound[10], int64_t now_ms,
    char *out)
{
    uint8_t  p[WM_FORM_PAYLOAD];

    p[0] = WM_TOKEN_VERSION << 5;
    memcpy(p + 2, bound, 10);
    wm_token_put_seconds(p + 12, now_ms);

    return wm_seal(realm, WM_PURPOSE_FORM, p, sizeof(p), out);
}


wm_seal_t
wm_form_open(const wm_realm_t *realm, wm_str_t text, const uint8_t bound[10],
    int64_t now_ms)
{
    uint8_t    p[WM_FORM_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_FORM, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    if (!wm_equal_ct(p + 2, bound, 10)) {
        return WM_SEAL_FORGED;
    }

    if (now_ms - wm_token_get_seconds(p + 12) >= WM_FORM_SECONDS * 1000LL) {
        return WM_SEAL_EXPIRED;
    }

    return wm_token_check_version(p[0]);
}


wm_str_t
wm_login_make(const wm_realm_t *realm, const wm_login_t *login, char *out)
{
    uint8_t  p[WM_LOGIN_PAYLOAD];

    memset(p, 0, sizeof(p));

    p[0] = WM_TOKEN_VERSION << 5;
    memcpy(p + 2, login->device, 10);
    wm_token_put_seconds(p + 12, login->expires_ms);
    wm_be32(p + 16, login->epoch);
    p[20] = login->name_len;
    memcpy(p + 21, login->name, login->name_len);

    return wm_seal(realm, WM_PURPOSE_LOGIN, p, sizeof(p), out);
}


wm_seal_t
wm_login_open(const wm_realm_t *realm, wm_str_t text, const uint8_t device[10],
    int64_t now_ms, wm_login_t *login)
{
    uint8_t    p[WM_LOGIN_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_LOGIN, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    if (!wm_equal_ct(p + 2, device, 10)) {
        return WM_SEAL_FORGED;
    }

    if (p[20] == 0 || p[20] > WM_STAFF_NAME_MAX) {
        return WM_SEAL_MALFORMED;
    }

    memcpy(login->device, p + 2, 10);
    login->expires_ms = wm_token_get_seconds(p + 12);
    login->epoch = wm_get32(p + 16);
    login->name_len = p[20];
    memcpy(login->name, p + 21, WM_STAFF_NAME_MAX);

    rc = wm_token_check_version(p[0]);

    return rc == WM_SEAL_OK && now_ms >= login->expires_ms ? WM_SEAL_EXPIRED
                                                           : rc;
}


wm_str_t
wm_setup_make(const wm_realm_t *realm, const wm_setup_t *setup, char *out)
{
    uint8_t  p[WM_SETUP_PAYLOAD];

    p[0] = WM_TOKEN_VERSION << 5;
    memcpy(p + 2, setup->bound, 10);
    wm_token_put_seconds(p + 12, setup->expires_ms);
    wm_be32(p + 16, setup->epoch);
    memcpy(p + 20, setup->secret, WM_SECRET_LEN);

    return wm_seal(realm, WM_PURPOSE_SETUP, p, sizeof(p), out);
}


wm_seal_t
wm_setup_open(const wm_realm_t *realm, wm_str_t text, const uint8_t bound[10],
    int64_t now_ms, wm_setup_t *setup)
{
    uint8_t    p[WM_SETUP_PAYLOAD];
    wm_seal_t  rc;

    rc = wm_unseal(realm, WM_PURPOSE_SETUP, text, p, sizeof(p));
    if (rc != WM_SEAL_OK) {
        return rc;
    }

    if (!wm_equal_ct(p + 2, bound, 10)) {
        return WM_SEAL_FORGED;
    }

    memcpy(setup->bound, p + 2, 10);
    setup->expires_ms = wm_token_get_seconds(p + 12);
    setup->epoch = wm_get32(p + 16);
    memcpy(setup->secret, p + 20, WM_SECRET_LEN);

    rc = wm_token_check_version(p[0]);

    return rc == WM_SEAL_OK && now_ms >= setup->expires_ms ? WM_SEAL_EXPIRED
                                                           : rc;
}
