#include "unit.h"
#include "wm_person.h"
#include "wm_token.h"

#define RAW  (WM_TOKEN_PAYLOAD + WM_MAC_LEN)

/* The vectors of docs/token.md, and a realm made of its key file. */

typedef struct {
    const char  *suffix;                /* of the fences: "", "-sm3" */
    const char  *digest;
    wm_str_t     doc;
    wm_realm_t   realm;
    unsigned     signs;                 /* the key's id */
    int64_t      now_ms;
} vectors_t;

static const vectors_t  both[] = {
    { .suffix = "",     .digest = "SHA256", .signs = 3 },
    { .suffix = "-sm3", .digest = "SM3",    .signs = 2 }
};


static wm_str_t
fenced(const vectors_t *v, const char *what)
{
    char      *from, *to;
    wm_str_t   z, open;

    z = wm_dup(unit_pool, v->doc);
    open = wm_printf(unit_pool, "\n```%s%s\n", what, v->suffix);

    from = strstr(z.data, open.data);
    assert_non_null(from);
    from += open.len;

    to = strstr(from, "```");
    assert_non_null(to);
    *to = '\0';

    return wm_str(from);
}


static wm_str_t
vector(const vectors_t *v, const char *name)
{
    wm_str_t  text, line, word;

    text = fenced(v, "vectors");

    while (wm_split(&text, '\n', &line)) {
        wm_split(&line, ' ', &word);

        if (wm_is(word, name)) {
            while (line.len > 0 && line.data[0] == ' ') {
                line.data++;
                line.len--;
            }

            return line;
        }
    }

    fail_msg("docs/token.md has no vector%s %s", v->suffix, name);

    return wm_null;
}


static void
vectors_read(vectors_t *v, const vectors_t *from)
{
    uint64_t  now;
    wm_str_t  keys, district;

    *v = *from;
    v->doc = unit_read_file("docs/token.md");

    keys = fenced(v, "keys");
    district = wm_dup(unit_pool, vector(v, "district"));

    v->realm.ring = unit_ring(keys.data, district.data);
    v->realm.district = district;
    v->realm.host = vector(v, "host");

    assert_true(wm_parse_uint(vector(v, "now_ms"), INT64_MAX, &now));
    v->now_ms = (int64_t) now;
}


static wm_str_t
vector_bytes(const vectors_t *v, const char *name)
{
    uint8_t   *out;
    wm_str_t   hex;

    hex = vector(v, name);
    out = wm_alloc(unit_pool, hex.len / 2);

    assert_case(wm_unhex(hex, out, hex.len / 2), "%s is not hex", name);

    return (wm_str_t) { hex.len / 2, (char *) out };
}


/* What stands in the page: payload and MAC are what the text decodes to. */

static void
vector_is(const vectors_t *v, const char *name, wm_str_t made)
{
    uint8_t   raw[WM_SEAL_PAYLOAD_MAX + WM_MAC_LEN];
    wm_str_t  payload, mac;

    assert_text(made, wm_dup(unit_pool, vector(v, name)).data);

    payload = vector_bytes(v, wm_printf(unit_pool, "%s.payload", name).data);
    mac = vector_bytes(v, wm_printf(unit_pool, "%s.mac", name).data);

    assert_int_equal(mac.len, WM_MAC_LEN);
    assert_true(wm_b32_decode(made, raw, payload.len + WM_MAC_LEN));
    assert_memory_equal(raw, payload.data, payload.len);
    assert_memory_equal(raw + payload.len, mac.data, WM_MAC_LEN);
}


static void
vectors_keys_of(const vectors_t *from)
{
    size_t        i;
    uint8_t       derived[WM_KEY_LEN];
    wm_str_t      error, info, want;
    vectors_t     v;
    wm_keyfile_t  file;

    static const struct {
        const char  *label;
        size_t       back;              /* the data key comes last */
    } labels[] = {
        { "token", 2 }, { "ticket", 2 }, { "pass", 2 }, { "code", 2 },
        { "device", 2 }, { "staff", 2 }, { "form", 2 }, { "card", 2 },
        { "index", 1 }, { "paper", 1 }, { "wrap", 1 }
    };

    vectors_read(&v, from);
    assert_true(wm_keyfile_parse(unit_pool, fenced(&v, "keys"), &file,
                                 &error));
    assert_int_equal(file.n, v.signs + 1);
    assert_true(wm_keyfile_is_sample(&file));

    for (i = 0; i < wm_countof(labels); i++) {
        info = wm_printf(unit_pool, "wenming/1/%s/%.*s", labels[i].label,
                         wm_fmt(v.realm.district));
        want = vector_bytes(&v, wm_printf(unit_pool, "key.%s",
                                          labels[i].label).data);

        assert_true(wm_hkdf(v.digest,
                            file.keys[file.n - labels[i].back].secret, info,
                            derived, WM_KEY_LEN));
        assert_int_equal(want.len, WM_KEY_LEN);
        assert_memory_equal(derived, want.data, WM_KEY_LEN);
    }

    assert_memory_equal(wm_keyring_wrap(v.realm.ring),
                        vector_bytes(&v, "key.wrap").data, WM_KEY_LEN);
}


static void
vectors_token_of(const vectors_t *from)
{
    char        out[WM_SEAL_TEXT_MAX + 1];
    uint8_t     mac[WM_MAC_LEN];
    wm_mac_t   *m;
    wm_str_t    key, input;
    vectors_t   v;
    wm_token_t  t;

    vectors_read(&v, from);

    t = (wm_token_t) { WM_KIND_SCREEN_IN, 0, 20261, wm_token_slot(v.now_ms),
                       2 };
    vector_is(&v, "token", wm_token_make(&v.realm, &t, out));

    memset(&t, 0, sizeof(t));
    assert_int_equal(wm_token_open(&v.realm, vector(&v, "token"), &t),
                     WM_SEAL_OK);
    assert_int_equal(t.kind, WM_KIND_SCREEN_IN);
    assert_int_equal(t.key_id, v.signs);
    assert_int_equal(t.event, 20261);
    assert_int_equal(t.slot, wm_token_slot(v.now_ms));
    assert_int_equal(t.display, 2);
    assert_true(wm_token_is_due(&t, v.now_ms));

    t = (wm_token_t) { WM_KIND_POSTER_IN, 0, 20261,
                       wm_token_until(INT64_C(1795410000000)), 1 };
    vector_is(&v, "poster", wm_token_make(&v.realm, &t, out));

    memset(&t, 0, sizeof(t));
    assert_int_equal(wm_token_open(&v.realm, vector(&v, "poster"), &t),
                     WM_SEAL_OK);
    assert_int_equal(t.kind, WM_KIND_POSTER_IN);
    assert_int_equal(t.display, 1);
    assert_true(wm_token_is_due(&t, v.now_ms));
    assert_true(wm_token_is_due(&t, INT64_C(1795410000000)));
    assert_true(wm_token_is_due(&t, INT64_C(1795410059999)));
    assert_false(wm_token_is_due(&t, INT64_C(1795410060000)));

    /* the input of the MAC, byte by byte */

    key = vector_bytes(&v, "key.token");
    input = vector_bytes(&v, "token.mac_input");
    m = wm_mac_create(v.digest, (const uint8_t *) key.data);

    assert_non_null(m);
    assert_true(wm_mac_compute(m, &input, 1, mac));
    assert_memory_equal(mac, vector_bytes(&v, "token.mac").data, WM_MAC_LEN);

    wm_mac_destroy(m);
}


static void
vectors_others_of(const vectors_t *from)
{
    char         out[WM_SEAL_TEXT_MAX + 1];
    wm_str_t     device;
    vectors_t    v;
    wm_pass_t    pass;
    wm_badge_t   badge = { { 0 }, 8, "worker01" };
    wm_device_t  cookie = { { 0 }, { 0 }, 7, 0 };
    wm_ticket_t  ticket = { WM_KIND_SCREEN_IN, false, 20261, 2, 0, { 0 } };

    vectors_read(&v, from);

    device = vector_bytes(&v, "device.payload");
    memcpy(ticket.device, device.data + 2, 10);
    ticket.expires_ms = v.now_ms + WM_TICKET_SECONDS * 1000;
    vector_is(&v, "ticket", wm_ticket_make(&v.realm, &ticket, out));

    pass = (wm_pass_t) { 20261, 2, 1, INT64_C(1795410000000) };
    vector_is(&v, "pass", wm_pass_make(&v.realm, &pass, out));

    memcpy(cookie.device, device.data + 2, 10);
    memcpy(cookie.person, device.data + 12, 10);
    cookie.issued_ms = v.now_ms;
    vector_is(&v, "device", wm_device_make(&v.realm, &cookie, out));

    memcpy(badge.sid, vector_bytes(&v, "badge.payload").data + 3, 16);
    vector_is(&v, "badge", wm_badge_make(&v.realm, &badge, out));

    vector_is(&v, "form", wm_form_make(&v.realm, cookie.device, v.now_ms,
                                       out));
}


static void
vectors_cards_of(const vectors_t *from)
{
    size_t      i;
    char        out[WM_SEAL_TEXT_MAX + 1];
    vectors_t   v;
    wm_card_t   card, got;
    wm_token_t  token;

    static const struct {
        const char  *name;
        wm_kind_t    kind;
        int64_t      lasts_ms;
    } cards[] = {
        { "card",  WM_KIND_RESIDENT_CARD, WM_CARD_SECONDS * 1000 },
        { "paper", WM_KIND_PAPER_CARD,    0 }
    };

    vectors_read(&v, from);

    for (i = 0; i < wm_countof(cards); i++) {
        card.kind = cards[i].kind;
        card.epoch = 7;
        card.time_ms = v.now_ms + cards[i].lasts_ms;
        memcpy(card.person, vector_bytes(&v, "device.payload").data + 12, 10);
        vector_is(&v, cards[i].name, wm_card_make(&v.realm, &card, out));

        assert_int_equal(wm_card_open(&v.realm, vector(&v, cards[i].name),
                                      v.now_ms, &got), WM_SEAL_OK);
        assert_int_equal(got.kind, card.kind);
        assert_int_equal(got.epoch, 7);
        assert_memory_equal(got.person, card.person, 10);

        /* a phone's card ends to the second, paper does not */

        assert_int_equal(wm_card_open(&v.realm, wm_str(out),
                                      card.time_ms / 1000 * 1000 - 1, &got),
                         WM_SEAL_OK);
        assert_int_equal(wm_card_open(&v.realm, wm_str(out),
                                      v.now_ms + INT64_C(300000), &got),
                         i == 0 ? WM_SEAL_EXPIRED : WM_SEAL_OK);

        /* and none of them is a code of a screen */

        assert_int_equal(wm_token_open(&v.realm, wm_str(out), &token),
                         WM_SEAL_MALFORMED);
    }
}


/* The kind chooses the key, so neither passes for the other. */

static void
cards_are_apart(void **state)
{
    char       out[WM_SEAL_TEXT_MAX + 1];
    size_t     i;
    uint8_t    raw[WM_CARD_PAYLOAD + WM_MAC_LEN], p[WM_CARD_PAYLOAD];
    wm_str_t   s;
    wm_card_t  card = { WM_KIND_RESIDENT_CARD, { 1 }, 0, UNIT_NOW + 60000 };

    static const struct {
        uint8_t       head;
        wm_purpose_t  purpose;
        wm_seal_t     want;
    } made[] = {
        { 1 << 5 | 5, WM_PURPOSE_CARD,  WM_SEAL_OK },
        { 1 << 5 | 6, WM_PURPOSE_PAPER, WM_SEAL_OK },
        { 1 << 5 | 5, WM_PURPOSE_PAPER, WM_SEAL_FORGED },
        { 1 << 5 | 6, WM_PURPOSE_CARD,  WM_SEAL_FORGED },
        { 1 << 5 | 1, WM_PURPOSE_CARD,  WM_SEAL_VERSION },
        { 1 << 5,     WM_PURPOSE_CARD,  WM_SEAL_VERSION },
        { 2 << 5 | 5, WM_PURPOSE_CARD,  WM_SEAL_VERSION },
        { 2 << 5 | 6, WM_PURPOSE_PAPER, WM_SEAL_VERSION }
    };

    (void) state;

    s = wm_card_make(unit_realm, &card, out);
    assert_int_equal(s.len, WM_CARD_TEXT);
    assert_true(wm_b32_decode(s, raw, sizeof(raw)));

    for (i = 0; i < wm_countof(made); i++) {
        memcpy(p, raw, sizeof(p));
        p[0] = made[i].head;
        s = wm_seal(unit_realm, made[i].purpose, p, sizeof(p), out);
        assert_case(wm_card_open(unit_realm, s, UNIT_NOW, &card)
                    == made[i].want, "card %zu", i);
    }

    assert_int_equal(wm_card_open(unit_realm, wm_lit("no card"), UNIT_NOW,
                                  &card), WM_SEAL_MALFORMED);
}


static void
vectors_digits_of(const vectors_t *from)
{
    size_t      i;
    char        out[7];
    uint8_t     mac[WM_MAC_LEN];
    uint32_t    slot;
    wm_str_t    key, input;
    wm_mac_t   *m;
    vectors_t   v;

    static const struct {
        const char  *name;
        wm_kind_t    kind;
    } codes[] = {
        { "code.in", WM_KIND_SCREEN_IN }, { "code.out", WM_KIND_SCREEN_OUT }
    };

    vectors_read(&v, from);

    slot = wm_code_slot(v.now_ms);
    key = vector_bytes(&v, "key.code");
    m = wm_mac_create(v.digest, (const uint8_t *) key.data);
    assert_non_null(m);

    for (i = 0; i < wm_countof(codes); i++) {
        assert_true(wm_code_make(&v.realm, codes[i].kind, 20261, slot, out));
        assert_text(vector(&v, codes[i].name), out);
        assert_int_equal(wm_code_check(&v.realm, 20261, wm_str(out),
                                       v.now_ms),
                         codes[i].kind);

        input = vector_bytes(&v, wm_printf(unit_pool, "%s.mac_input",
                                           codes[i].name).data);
        assert_true(wm_mac_compute(m, &input, 1, mac));
        assert_memory_equal(mac, vector_bytes(&v, wm_printf(unit_pool,
                                "%s.mac", codes[i].name).data).data,
                            WM_MAC_LEN);
    }

    wm_mac_destroy(m);
}


static void
vectors_opener_of(const vectors_t *from)
{
    char        out[9];
    uint8_t     mac[WM_MAC_LEN];
    wm_str_t    key, input;
    wm_mac_t   *m;
    wm_pass_t   pass = { 20261, 2, 1, 0 };
    vectors_t   v;

    vectors_read(&v, from);

    assert_true(wm_opener_make(&v.realm, &pass, wm_opener_slot(v.now_ms),
                               out));
    assert_text(vector(&v, "opener"), out);

    key = vector_bytes(&v, "key.code");
    input = vector_bytes(&v, "opener.mac_input");
    m = wm_mac_create(v.digest, (const uint8_t *) key.data);
    assert_non_null(m);
    assert_true(wm_mac_compute(m, &input, 1, mac));
    assert_memory_equal(mac, vector_bytes(&v, "opener.mac").data,
                        WM_MAC_LEN);
    wm_mac_destroy(m);
}


static void
vectors_opener(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(both); i++) {
        vectors_opener_of(&both[i]);
    }
}


/* Each screen has digits of its own, good in two slots and one epoch. */

static void
openers(void **state)
{
    char        out[9];
    int64_t     at, step = WM_OPENER_SECONDS * INT64_C(1000);
    uint16_t    i;
    wm_pass_t   pass, asked;

    (void) state;

    at = UNIT_NOW / step * step;

    for (i = 1; i <= 4; i++) {
        pass = (wm_pass_t) { 7, i, 3, 0 };
        assert_true(wm_opener_make(unit_realm, &pass, wm_opener_slot(at),
                                   out));
        assert_int_equal(strlen(out), 8);

        asked = (wm_pass_t) { 7, 0, 3, 0 };
        assert_int_equal(wm_opener_check(unit_realm, &asked, 4, wm_str(out),
                                         at), i);
        assert_int_equal(asked.display, i);
        assert_int_equal(wm_opener_check(unit_realm, &asked, 4, wm_str(out),
                                         at + 2 * step - 1), i);
        assert_int_equal(wm_opener_check(unit_realm, &asked, 4, wm_str(out),
                                         at + 2 * step), 0);
        assert_int_equal(wm_opener_check(unit_realm, &asked, 4, wm_str(out),
                                         at - 1), 0);
        assert_int_equal(wm_opener_check(unit_realm, &asked,
                                         (uint16_t) (i - 1), wm_str(out),
                                         at), 0);

        asked.epoch = 4;
        assert_int_equal(wm_opener_check(unit_realm, &asked, 4, wm_str(out),
                                         at), 0);

        asked = (wm_pass_t) { 8, 0, 3, 0 };
        assert_int_equal(wm_opener_check(unit_realm, &asked, 4, wm_str(out),
                                         at), 0);
    }

    out[7] = '\0';
    asked = (wm_pass_t) { 7, 0, 3, 0 };
    assert_int_equal(wm_opener_check(unit_realm, &asked, 4, wm_str(out), at),
                     0);
}


static void
vectors_keys(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(both); i++) {
        vectors_keys_of(&both[i]);
    }
}


static void
vectors_token(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(both); i++) {
        vectors_token_of(&both[i]);
    }
}


static void
vectors_others(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(both); i++) {
        vectors_others_of(&both[i]);
    }
}


static void
vectors_cards(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(both); i++) {
        vectors_cards_of(&both[i]);
    }
}


static void
vectors_digits(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < wm_countof(both); i++) {
        vectors_digits_of(&both[i]);
    }
}


static void
vectors_refused(void **state)
{
    size_t      i;
    wm_str_t    name;
    vectors_t   v;
    wm_seal_t   rc;
    wm_token_t  t;

    static const struct {
        const char  *name;
        wm_seal_t    why;
    } refused[] = {
        { "padding",  WM_SEAL_MALFORMED }, { "letter", WM_SEAL_MALFORMED },
        { "length",   WM_SEAL_MALFORMED }, { "key",    WM_SEAL_KEY },
        { "mac",      WM_SEAL_FORGED },    { "host",   WM_SEAL_FORGED },
        { "district", WM_SEAL_FORGED },    { "purpose", WM_SEAL_FORGED },
        { "version",  WM_SEAL_VERSION },   { "kind",   WM_SEAL_VERSION }
    };

    (void) state;

    vectors_read(&v, &both[0]);

    for (i = 0; i < wm_countof(refused); i++) {
        name = wm_printf(unit_pool, "refused.%s", refused[i].name);
        rc = wm_token_open(&v.realm, vector(&v, name.data), &t);

        assert_case(rc == refused[i].why, "%s: %s", name.data,
                    wm_seal_name(rc));
    }
}


static void
vectors_refused_sm3(void **state)
{
    vectors_t   v;
    wm_token_t  t;

    (void) state;

    vectors_read(&v, &both[1]);

    assert_int_equal(wm_token_open(&v.realm, vector(&v, "refused.key"), &t),
                     WM_SEAL_KEY);
    assert_int_equal(wm_token_open(&v.realm, vector(&v, "refused.digest"),
                                   &t),
                     WM_SEAL_FORGED);
}


/* Each secret of the page alone makes a file one that nobody may use. */

static void
vectors_are_samples(void **state)
{
    size_t        i, j;
    vectors_t     v;
    wm_str_t      error;
    wm_keyfile_t  file, one;

    (void) state;

    for (i = 0; i < wm_countof(both); i++) {
        vectors_read(&v, &both[i]);
        assert_true(wm_keyfile_parse(unit_pool, fenced(&v, "keys"), &file,
                                     &error));

        for (j = 0, one.n = 1; j < file.n; j++) {
            one.keys[0] = file.keys[j];
            assert_true(wm_keyfile_is_sample(&one));
            one.keys[0].secret[0] ^= 1;
            assert_false(wm_keyfile_is_sample(&one));
        }
    }
}


/* A person sealed by others, with SM4. */

static void
vectors_person(void **state)
{
    size_t       i;
    vectors_t    v;
    wm_reply_t  *hash;
    wm_person_t  p;

    (void) state;

    vectors_read(&v, &both[1]);
    memset(&p, 0, sizeof(p));
    memcpy(p.id, vector(&v, "person.id").data, WM_ID_LEN);

    hash = unit_hash(NULL);
    unit_hash_add(hash, "key", vector_bytes(&v, "person.wrapped"));
    unit_hash_add(hash, "name", vector_bytes(&v, "person.name"));
    unit_hash_add(hash, "phone", vector_bytes(&v, "person.name"));

    assert_true(wm_person_load(unit_pool, &v.realm, hash, &p));
    assert_text(p.name, "示例居民");
    assert_memory_equal(p.key, vector_bytes(&v, "person.key").data,
                        WM_KEY_LEN);

    for (i = 0; i < hash->n; i += 2) {
        assert_true(hash->items[i + 1].str.len <= 64);
    }
}


static wm_token_t
random_token(void)
{
    return (wm_token_t) {
        unit_random() & 1 ? WM_KIND_SCREEN_IN : WM_KIND_SCREEN_OUT, 0,
        (uint32_t) unit_random(), (uint32_t) unit_random(),
        (uint16_t) unit_random()
    };
}


/* All 224 bits of 1,000 tokens, and the one that pads the last character. */

static void
one_bit_off(void **state)
{
    int         i, bit;
    char        text[WM_SEAL_TEXT_MAX + 1], bad[WM_TOKEN_TEXT + 1];
    uint8_t     raw[RAW];
    wm_seal_t   rc;
    wm_token_t  made, got;

    (void) state;

    for (i = 0; i < 1000; i++) {
        made = random_token();
        assert_int_equal(wm_token_make(unit_realm, &made, text).len,
                         WM_TOKEN_TEXT);
        assert_int_equal(wm_token_open(unit_realm, wm_str(text), &got),
                         WM_SEAL_OK);
        assert_true(made.event == got.event && made.slot == got.slot
                    && made.display == got.display && made.kind == got.kind);
        assert_true(wm_b32_decode(wm_str(text), raw, RAW));

        for (bit = 0; bit < RAW * 8; bit++) {
            raw[bit / 8] ^= (uint8_t) (0x80 >> bit % 8);
            rc = wm_token_open(unit_realm, wm_b32_encode(raw, RAW, bad),
                               &got);
            raw[bit / 8] ^= (uint8_t) (0x80 >> bit % 8);

            assert_case(rc == WM_SEAL_FORGED
                        || (rc == WM_SEAL_KEY && bit / 8 == 1),
                        "bit %d of %s: %s", bit, text, wm_seal_name(rc));
        }

        wm_b32_encode(raw, RAW, bad);
        bad[WM_TOKEN_TEXT - 1] =
            "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(raw[RAW - 1] & 15) << 1 | 1];
        assert_int_equal(wm_token_open(unit_realm, wm_str(bad), &got),
                         WM_SEAL_MALFORMED);
    }
}


/* Half of them with the right first bytes, so that it comes to the MAC. */

static void
a_million_guesses(void **state)
{
    int         i, forged;
    char        text[WM_TOKEN_TEXT + 1];
    uint8_t     raw[RAW];
    wm_seal_t   rc;
    wm_token_t  got;

    (void) state;

    for (i = 0, forged = 0; i < 1000000; i++) {
        unit_random_bytes(raw, RAW);

        if (i & 1) {
            raw[0] = 1 << 5 | WM_KIND_SCREEN_IN;
            raw[1] = 1;
        }

        rc = wm_token_open(unit_realm, wm_b32_encode(raw, RAW, text), &got);
        forged += rc == WM_SEAL_FORGED;

        assert_case(rc == WM_SEAL_FORGED || rc == WM_SEAL_KEY,
                    "%s: %s", text, wm_seal_name(rc));
    }

    assert_true(forged >= 500000);
}


static void
spelling(void **state)
{
    char        text[WM_SEAL_TEXT_MAX + 2], bad[WM_SEAL_TEXT_MAX + 2];
    size_t      i, j;
    wm_token_t  got, made = random_token();

    static const char  strange[] = "ILOUilou-_ =+/.";

    (void) state;

    assert_non_null(wm_token_make(unit_realm, &made, text).data);

    for (i = 0; i < WM_TOKEN_TEXT; i += 1 + i % 2) {
        text[i] |= text[i] >= 'A' ? 0x20 : 0;
    }

    assert_int_equal(wm_token_open(unit_realm, wm_str(text), &got),
                     WM_SEAL_OK);

    for (i = 0; i < WM_TOKEN_TEXT; i++) {
        for (j = 0; j < sizeof(strange); j++) {
            strcpy(bad, text);
            bad[i] = strange[j];
            assert_int_equal(wm_token_open(unit_realm, (wm_str_t) {
                                           WM_TOKEN_TEXT, bad }, &got),
                             WM_SEAL_MALFORMED);
        }
    }

    strcpy(bad, text);
    strcat(bad, "0");

    for (i = 0; i <= WM_TOKEN_TEXT + 1; i++) {
        assert_int_equal(wm_token_open(unit_realm, (wm_str_t) { i, bad },
                                       &got),
                         i == WM_TOKEN_TEXT ? WM_SEAL_OK : WM_SEAL_MALFORMED);
    }
}


static void
foreign(void **state)
{
    char        text[WM_SEAL_TEXT_MAX + 1];
    uint8_t     p[WM_TOKEN_PAYLOAD] = { 1 << 5 | WM_KIND_SCREEN_IN };
    unsigned    i;
    wm_str_t    s;
    wm_realm_t  other;
    wm_token_t  got, made = random_token();

    (void) state;

    s = wm_token_make(unit_realm, &made, text);

    other = *unit_realm;
    other.host = wm_lit("www.example.org");
    assert_int_equal(wm_token_open(&other, s, &got), WM_SEAL_FORGED);

    /* the same keys under another district's name */

    other = *unit_realm;
    other.district = wm_lit("yuhua");
    assert_int_equal(wm_token_open(&other, s, &got), WM_SEAL_FORGED);

    /* a part of the host moved over to the district */

    other = *unit_realm;
    other.host = wm_lit("www.example.gov.c");
    other.district = wm_lit("nfurong");
    assert_int_equal(wm_token_open(&other, s, &got), WM_SEAL_FORGED);

    for (i = WM_PURPOSE_TOKEN; i <= WM_PURPOSE_CHECKPOINT; i++) {
        s = wm_seal(unit_realm, (wm_purpose_t) i, p, sizeof(p), text);
        assert_int_equal(wm_token_open(unit_realm, s, &got),
                         i == WM_PURPOSE_TOKEN ? WM_SEAL_OK : WM_SEAL_FORGED);
    }
}


/* Nothing that another key signed, or of another length, opens anything. */

static void
refused_by_all(void **state)
{
    char         text[WM_SEAL_TEXT_MAX + 1];
    size_t       i, len;
    uint8_t      p[WM_SEAL_PAYLOAD_MAX] = { 1 << 5 }, bound[10] = { 0 };
    wm_str_t     s;
    wm_seal_t    want, got[7];
    wm_pass_t    pass;
    wm_badge_t   badge;
    wm_login_t   login;
    wm_setup_t   setup;
    wm_device_t  device;
    wm_ticket_t  ticket;

    /* in the order of got: ticket, pass, device, badge, form, login, setup */

    static const size_t  lengths[] = { 23, 14, 30, 51, 16, 53, 40 };

    (void) state;

    for (len = 12; len <= WM_SEAL_PAYLOAD_MAX; len++) {
        s = wm_seal(unit_realm, WM_PURPOSE_CHECKPOINT, p, len, text);
        assert_non_null(s.data);

        got[0] = wm_ticket_open(unit_realm, s, 0, &ticket);
        got[1] = wm_pass_open(unit_realm, s, 0, &pass);
        got[2] = wm_device_open(unit_realm, s, 0, &device);
        got[3] = wm_badge_open(unit_realm, s, &badge);
        got[4] = wm_form_open(unit_realm, s, bound, 0);
        got[5] = wm_login_open(unit_realm, s, bound, 0, &login);
        got[6] = wm_setup_open(unit_realm, s, bound, 0, &setup);

        for (i = 0; i < wm_countof(got); i++) {
            want = len == lengths[i] ? WM_SEAL_FORGED : WM_SEAL_MALFORMED;
            assert_case(got[i] == want, "opener %zu, %zu bytes: %s", i, len,
                        wm_seal_name(got[i]));
        }
    }

    /* more than there is room for */

    assert_int_equal(wm_unseal(unit_realm, WM_PURPOSE_TOKEN, s, p,
                               WM_SEAL_PAYLOAD_MAX + 1),
                     WM_SEAL_MALFORMED);
}


static void
names(void **state)
{
    (void) state;

    assert_string_equal(wm_seal_name(WM_SEAL_OK), "valid");
    assert_string_equal(wm_seal_name(WM_SEAL_FORGED), "forged");
    assert_string_equal(wm_seal_name(WM_SEAL_EXPIRED), "expired");
    assert_string_equal(wm_seal_name(WM_SEAL_NO_MEMORY), "no memory");
}


/* Every first byte under a good MAC: four are codes, the others reserved. */

static void
versions_and_kinds(void **state)
{
    char          text[WM_SEAL_TEXT_MAX + 1];
    uint8_t       p[53] = { 0 }, bound[10] = { 1 };
    unsigned      head;
    wm_str_t      s;
    wm_seal_t     want, plain;
    wm_pass_t     pass;
    wm_badge_t    badge;
    wm_login_t    login;
    wm_setup_t    setup;
    wm_token_t    token;
    wm_device_t   device;
    wm_ticket_t   ticket;

    (void) state;

    for (head = 0; head < 256; head++) {
        p[0] = (uint8_t) head;
        p[2] = 1;                       /* of a name, or what a form is for */
        p[20] = 4;                      /* of a login's name */
        want = head >= 0x21 && head <= 0x24 ? WM_SEAL_OK : WM_SEAL_VERSION;
        plain = head == 0x20 ? WM_SEAL_OK : WM_SEAL_VERSION;

        s = wm_seal(unit_realm, WM_PURPOSE_TOKEN, p, 12, text);
        assert_int_equal(wm_token_open(unit_realm, s, &token), want);

        s = wm_seal(unit_realm, WM_PURPOSE_TICKET, p, 23, text);
        assert_int_equal(wm_ticket_open(unit_realm, s, -1, &ticket), want);

        s = wm_seal(unit_realm, WM_PURPOSE_PASS, p, 14, text);
        assert_int_equal(wm_pass_open(unit_realm, s, -1, &pass), plain);

        s = wm_seal(unit_realm, WM_PURPOSE_DEVICE, p, 30, text);
        assert_int_equal(wm_device_open(unit_realm, s, 0, &device), plain);

        s = wm_seal(unit_realm, WM_PURPOSE_STAFF, p, 51, text);
        assert_int_equal(wm_badge_open(unit_realm, s, &badge), plain);

        s = wm_seal(unit_realm, WM_PURPOSE_FORM, p, 16, text);
        assert_int_equal(wm_form_open(unit_realm, s, bound, 0), plain);

        s = wm_seal(unit_realm, WM_PURPOSE_LOGIN, p, 53, text);
        assert_int_equal(wm_login_open(unit_realm, s, bound, -1, &login),
                         plain);

        s = wm_seal(unit_realm, WM_PURPOSE_SETUP, p, 40, text);
        assert_int_equal(wm_setup_open(unit_realm, s, bound, -1, &setup),
                         plain);
    }
}


/* A login has a name of 1 to 32 bytes. */

static void
login_names(void **state)
{
    char         text[WM_SEAL_TEXT_MAX + 1];
    uint8_t      p[53] = { 1 << 5 }, device[10] = { 0 };
    unsigned     len;
    wm_str_t     s;
    wm_login_t   login;

    (void) state;

    for (len = 0; len < 256; len++) {
        p[20] = (uint8_t) len;
        s = wm_seal(unit_realm, WM_PURPOSE_LOGIN, p, sizeof(p), text);

        assert_int_equal(wm_login_open(unit_realm, s, device, -1, &login),
                         len >= 1 && len <= 32 ? WM_SEAL_OK
                                               : WM_SEAL_MALFORMED);
    }
}


#define OLD     "sign 1 hmac-sha256 %s c "                                   \
    "5f1d7a84db00d2fce00b31a7fc73224f67e15b9c3d7e9f1a42c8b06d95e3a17c\n"
#define NEW     "sign 2 hmac-sha256 active c "                               \
    "91c3e7f05a2b8d46713f0ce9a8b5d2647e1f93806dbac4f5283e7109d6c5ab40\n"
#define NEXT    "sign 2 hmac-sha256 next c "                                 \
    "91c3e7f05a2b8d46713f0ce9a8b5d2647e1f93806dbac4f5283e7109d6c5ab40\n"
#define DATA    "data 1 aes-256-gcm active c "                               \
    "c2a94e6b1d8f03725be46fa90c7d31e892b5407f6ad1c8e35f0b9a2746d8e1f3\n"


static void
rotation(void **state)
{
    char        old[WM_SEAL_TEXT_MAX + 1], new[WM_SEAL_TEXT_MAX + 1];
    char        six[7];
    wm_realm_t  later = *unit_realm;
    wm_token_t  got, made = random_token();

    (void) state;

    assert_non_null(wm_token_make(unit_realm, &made, old).data);
    assert_true(wm_code_make(unit_realm, WM_KIND_SCREEN_IN, 7,
                             wm_code_slot(UNIT_NOW), six));

    later.ring = unit_ring(wm_printf(unit_pool, OLD NEW DATA, "active").data,
                           "furong");
    assert_int_equal(wm_keyring_current(later.ring), 2);
    assert_int_equal(wm_token_open(&later, wm_str(old), &got), WM_SEAL_OK);
    assert_int_equal(got.key_id, 1);

    assert_non_null(wm_token_make(&later, &made, new).data);
    assert_int_equal(wm_token_open(&later, wm_str(new), &got), WM_SEAL_OK);
    assert_int_equal(got.key_id, 2);
    assert_int_equal(wm_token_open(unit_realm, wm_str(new), &got),
                     WM_SEAL_KEY);
    assert_int_equal(wm_code_check(&later, 7, wm_str(six), UNIT_NOW),
                     WM_KIND_SCREEN_IN);

    later.ring = unit_ring(wm_printf(unit_pool, OLD NEW DATA, "retired").data,
                           "furong");
    assert_int_equal(wm_token_open(&later, wm_str(old), &got), WM_SEAL_KEY);
    assert_int_equal(wm_token_open(&later, wm_str(new), &got), WM_SEAL_OK);
    assert_int_equal(wm_code_check(&later, 7, wm_str(six), UNIT_NOW), 0);
}


/* Before a rotation, old workers know what new ones will sign. */

static void
known_before(void **state)
{
    char        text[WM_SEAL_TEXT_MAX + 1], six[7];
    wm_realm_t  before = *unit_realm, after = *unit_realm;
    wm_token_t  got, made = random_token();

    (void) state;

    before.ring = unit_ring(wm_printf(unit_pool, OLD NEXT DATA,
                                      "active").data, "furong");
    after.ring = unit_ring(wm_printf(unit_pool, OLD NEW DATA, "active").data,
                           "furong");

    assert_int_equal(wm_keyring_current(before.ring), 1);
    assert_non_null(wm_token_make(&before, &made, text).data);
    assert_int_equal(wm_token_open(&after, wm_str(text), &got), WM_SEAL_OK);
    assert_int_equal(got.key_id, 1);

    assert_int_equal(wm_keyring_current(after.ring), 2);
    assert_non_null(wm_token_make(&after, &made, text).data);
    assert_int_equal(wm_token_open(&before, wm_str(text), &got), WM_SEAL_OK);
    assert_int_equal(got.key_id, 2);

    assert_true(wm_code_make(&after, WM_KIND_SCREEN_OUT, 7,
                             wm_code_slot(UNIT_NOW), six));
    assert_int_equal(wm_code_check(&before, 7, wm_str(six), UNIT_NOW),
                     WM_KIND_SCREEN_OUT);
}


static void
due(void **state)
{
    int         d;
    int64_t     start;
    wm_token_t  t = { 0 };

    (void) state;

    t.slot = wm_token_slot(UNIT_NOW);
    start = wm_token_slot_end_ms(t.slot) - WM_SLOT_SECONDS * 1000;

    assert_true(start <= UNIT_NOW && UNIT_NOW < start + 15000);
    assert_int_equal(wm_token_slot_end_ms(t.slot), start + 15000);

    assert_false(wm_token_is_due(&t, start - 1));
    assert_true(wm_token_is_due(&t, start));
    assert_true(wm_token_is_due(&t, start + 29999));
    assert_false(wm_token_is_due(&t, start + 30000));

    for (d = -100; d <= 100; d++) {
        assert_int_equal(wm_token_is_due(&t, UNIT_NOW + d * 15000),
                         d == 0 || d == 1);
    }
}


static void
tickets(void **state)
{
    char         text[WM_SEAL_TEXT_MAX + 1];
    wm_str_t     s;
    wm_ticket_t  got, made = { WM_KIND_SCREEN_OUT, true, UINT32_MAX, 65535,
                               1795395907000, { 0 } };

    (void) state;

    unit_random_bytes(made.device, sizeof(made.device));
    s = wm_ticket_make(unit_realm, &made, text);
    assert_int_equal(s.len, 63);

    assert_int_equal(wm_ticket_open(unit_realm, s, UNIT_NOW, &got),
                     WM_SEAL_OK);
    assert_int_equal(got.kind, WM_KIND_SCREEN_OUT);
    assert_true(got.typed);
    assert_true(got.event == UINT32_MAX && got.display == 65535);
    assert_true(got.expires_ms == made.expires_ms);
    assert_memory_equal(got.device, made.device, 10);

    assert_int_equal(wm_ticket_open(unit_realm, s, made.expires_ms - 1,
                                    &got),
                     WM_SEAL_OK);
    assert_int_equal(wm_ticket_open(unit_realm, s, made.expires_ms, &got),
                     WM_SEAL_EXPIRED);

    /* another device makes another ticket */

    made.device[9] ^= 1;
    assert_true(!wm_eq(s, wm_ticket_make(unit_realm, &made,
                                         (char[WM_SEAL_TEXT_MAX + 1]) { 0 })));
}


static void
passes(void **state)
{
    char       text[WM_SEAL_TEXT_MAX + 1];
    wm_str_t   s;
    wm_pass_t  got, made = { 9, 3, 65535, 1795395908000 };

    (void) state;

    s = wm_pass_make(unit_realm, &made, text);
    assert_int_equal(s.len, 48);
    assert_int_equal(wm_pass_open(unit_realm, s, made.expires_ms - 1, &got),
                     WM_SEAL_OK);
    assert_true(got.event == 9 && got.display == 3 && got.epoch == 65535
                && got.expires_ms == made.expires_ms);
    assert_int_equal(wm_pass_open(unit_realm, s, made.expires_ms, &got),
                     WM_SEAL_EXPIRED);
}


static void
devices(void **state)
{
    char         text[WM_SEAL_TEXT_MAX + 1];
    int64_t      end;
    wm_str_t     s;
    wm_device_t  got, made = { { 1, 2 }, { 3, 4 }, UINT32_MAX,
                               1795395607000 };

    (void) state;

    end = made.issued_ms + WM_DEVICE_SECONDS * INT64_C(1000);

    s = wm_device_make(unit_realm, &made, text);
    assert_int_equal(s.len, 74);
    assert_int_equal(wm_device_open(unit_realm, s, end - 1, &got),
                     WM_SEAL_OK);
    assert_memory_equal(got.device, made.device, 10);
    assert_memory_equal(got.person, made.person, 10);
    assert_true(got.epoch == UINT32_MAX && got.issued_ms == made.issued_ms);
    assert_int_equal(wm_device_open(unit_realm, s, end, &got),
                     WM_SEAL_EXPIRED);
}


static void
badges(void **state)
{
    char        text[WM_SEAL_TEXT_MAX + 1];
    uint8_t     p[51] = { 1 << 5 };
    unsigned    len;
    wm_str_t    s;
    wm_badge_t  got, made = { { 7, 8, 9 }, 0, "0123456789abcdef"
                                              "ghijklmnopqrstuv" };

    (void) state;

    for (len = 1; len <= WM_STAFF_NAME_MAX; len++) {
        made.name_len = (uint8_t) len;
        s = wm_badge_make(unit_realm, &made, text);

        assert_int_equal(s.len, 108);
        assert_int_equal(wm_badge_open(unit_realm, s, &got), WM_SEAL_OK);
        assert_int_equal(got.name_len, len);
        assert_memory_equal(got.name, made.name, len);
        assert_memory_equal(got.sid, made.sid, 16);
    }

    for (len = 0; len < 256; len++) {
        p[2] = (uint8_t) len;
        s = wm_seal(unit_realm, WM_PURPOSE_STAFF, p, sizeof(p), text);

        assert_int_equal(wm_badge_open(unit_realm, s, &got),
                         len >= 1 && len <= 32 ? WM_SEAL_OK
                                               : WM_SEAL_MALFORMED);
    }
}


static void
forms(void **state)
{
    char      text[WM_SEAL_TEXT_MAX + 1];
    int64_t   end;
    uint8_t   mine[10] = "0123456789", yours[10] = "0123456788";
    wm_str_t  s;

    (void) state;

    end = UNIT_NOW / 1000 * 1000 + WM_FORM_SECONDS * INT64_C(1000);

    s = wm_form_make(unit_realm, mine, UNIT_NOW, text);
    assert_int_equal(s.len, 52);
    assert_int_equal(wm_form_open(unit_realm, s, mine, end - 1), WM_SEAL_OK);
    assert_int_equal(wm_form_open(unit_realm, s, mine, end),
                     WM_SEAL_EXPIRED);
    assert_int_equal(wm_form_open(unit_realm, s, yours, UNIT_NOW),
                     WM_SEAL_FORGED);
}


static void
six_digits(void **state)
{
    char       in[7], out[7];
    int64_t    start;
    uint32_t   slot;
    wm_str_t   six;
    wm_realm_t other = *unit_realm;

    (void) state;

    slot = wm_code_slot(UNIT_NOW);
    start = (int64_t) slot * 30000;

    assert_true(wm_code_make(unit_realm, WM_KIND_SCREEN_IN, 7, slot, in));
    assert_true(wm_code_make(unit_realm, WM_KIND_SCREEN_OUT, 7, slot, out));
    assert_string_not_equal(in, out);

    six = wm_str(in);
    assert_int_equal(six.len, 6);
    assert_int_equal(wm_code_check(unit_realm, 7, wm_str(out), start),
                     WM_KIND_SCREEN_OUT);

    assert_int_equal(wm_code_check(unit_realm, 7, six, start - 1), 0);
    assert_int_equal(wm_code_check(unit_realm, 7, six, start),
                     WM_KIND_SCREEN_IN);
    assert_int_equal(wm_code_check(unit_realm, 7, six, start + 59999),
                     WM_KIND_SCREEN_IN);
    assert_int_equal(wm_code_check(unit_realm, 7, six, start + 60000), 0);

    assert_int_equal(wm_code_check(unit_realm, 8, six, start), 0);
    assert_int_equal(wm_code_check(unit_realm, 7, (wm_str_t) { 5, in },
                                   start), 0);
    assert_int_equal(wm_code_check(unit_realm, 7, wm_null, start), 0);
    assert_int_equal(wm_code_check(unit_realm, 7, wm_lit("abcdef"), start),
                     0);

    other.host = wm_lit("www.example.org");
    assert_int_equal(wm_code_check(&other, 7, six, start), 0);

    other = *unit_realm;
    other.ring = unit_ring(wm_printf(unit_pool, OLD DATA, "active").data,
                           "yuhua");
    assert_int_equal(wm_code_check(&other, 7, six, start), 0);
}


/* Of 20,000 guesses only those that are one of the four due are right. */

static void
six_digits_guessed(void **state)
{
    int        i, n;
    char       good[4][7], guess[7];
    uint32_t   slot;
    wm_kind_t  kind;

    (void) state;

    slot = wm_code_slot(UNIT_NOW);

    for (i = 0; i < 4; i++) {
        assert_true(wm_code_make(unit_realm,
                                 i < 2 ? WM_KIND_SCREEN_IN
                                       : WM_KIND_SCREEN_OUT,
                                 1, slot - (uint32_t) i % 2, good[i]));
    }

    for (n = 0; n < 20000; n++) {
        snprintf(guess, sizeof(guess), "%06u",
                 (unsigned) (unit_random() % 1000000));
        kind = (wm_kind_t) 0;

        for (i = 0; i < 4; i++) {
            if (strcmp(good[i], guess) == 0) {
                kind = i < 2 ? WM_KIND_SCREEN_IN : WM_KIND_SCREEN_OUT;
            }
        }

        assert_int_equal(wm_code_check(unit_realm, 1, wm_str(guess),
                                       UNIT_NOW), kind);
    }
}


static void
kinds(void **state)
{
    (void) state;

    assert_int_equal(wm_kind_find(wm_lit("screen-in")), WM_KIND_SCREEN_IN);
    assert_int_equal(wm_kind_find(wm_lit("resident-card")),
                     WM_KIND_RESIDENT_CARD);
    assert_int_equal(wm_kind_find(wm_lit("Screen-In")), 0);
    assert_int_equal(wm_kind_find(wm_null), 0);
    assert_string_equal(wm_kind_code(WM_KIND_POSTER_OUT), "poster-out");
    assert_true(wm_kind_is_out(WM_KIND_SCREEN_OUT));
    assert_false(wm_kind_is_out(WM_KIND_SCREEN_IN));
    assert_true(wm_kind_is_out(WM_KIND_POSTER_OUT));
    assert_true(wm_kind_is_poster(WM_KIND_POSTER_IN));
    assert_true(wm_kind_is_poster(WM_KIND_POSTER_OUT));
    assert_false(wm_kind_is_poster(WM_KIND_SCREEN_OUT));
    assert_false(wm_kind_is_poster(WM_KIND_RESIDENT_CARD));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(vectors_keys),
        unit_case(vectors_token),
        unit_case(vectors_others),
        unit_case(vectors_cards), unit_case(cards_are_apart),
        unit_case(vectors_digits),
        unit_case(vectors_opener),
        unit_case(openers),
        unit_case(vectors_refused),
        unit_case(vectors_refused_sm3),
        unit_case(vectors_are_samples),
        unit_case(vectors_person),
        unit_case(one_bit_off),
        unit_case(a_million_guesses),
        unit_case(spelling),
        unit_case(foreign),
        unit_case(refused_by_all),
        unit_case(names),
        unit_case(versions_and_kinds),
        unit_case(rotation),
        unit_case(known_before),
        unit_case(due),
        unit_case(tickets),
        unit_case(passes),
        unit_case(devices),
        unit_case(badges),
        unit_case(login_names),
        unit_case(forms),
        unit_case(six_digits),
        unit_case(six_digits_guessed),
        unit_case(kinds)
    };

    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
