#include "wm_totp.h"
#include "wm_text.h"

#include <inttypes.h>
#include <stdio.h>

/* The field of a recovery code, by its number; "" for none. */
static const char *const  wm_totp_fields[] = {
    "code1", "code2", "code3", "code4", "code5", "code6", "code7", "code8",
    "code9", "code10"
};


void
wm_totp_load(const wm_reply_t *record, wm_totp_t *t)
{
    size_t  i;

    memset(t, 0, sizeof(wm_totp_t));

    t->sealed = wm_reply_field(record, "totp");
    t->last = wm_reply_field(record, "totp_step");
    t->wrong = wm_reply_field(record, "totp_wrong");
    t->on = t->sealed.len > 0;

    for (i = 0; i < WM_TOTP_CODES; i++) {
        t->codes[i] = wm_reply_field(record, wm_totp_fields[i]);
        t->left += t->codes[i].len > 0;
    }
}


int64_t
wm_totp_step(int64_t now_ms)
{
    return now_ms / 1000 / WM_TOTP_STEP_S;
}


/* RFC 4226, 5.3 */

bool
wm_totp_digits(const uint8_t secret[WM_SECRET_LEN], int64_t step, char *out)
{
    uint8_t   sum[WM_SHA1_LEN], counter[8];
    uint32_t  number;

    wm_be32(counter, (uint32_t) ((uint64_t) step >> 32));
    wm_be32(counter + 4, (uint32_t) step);

    if (!wm_hmac_sha1((wm_str_t) { WM_SECRET_LEN, (const char *) secret },
                      (wm_str_t) { sizeof(counter), (char *) counter }, sum))
    {
        return false;
    }

    number = wm_get32(sum + (sum[WM_SHA1_LEN - 1] & 15)) & 0x7fffffff;
    snprintf(out, 7, "%06u", number % 1000000);

    return true;
}


/* ---- what a worker sees once */

wm_str_t
wm_totp_secret_text(wm_pool_t *pool, const uint8_t secret[WM_SECRET_LEN])
{
    char      *out;
    size_t     i, n;
    unsigned   bits;

    static const char  alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    out = wm_alloc(pool, WM_B32_LEN(WM_SECRET_LEN) + 1);
    if (out == NULL) {
        return wm_null;
    }

    /* a multiple of 5 bytes: no bits are left over */

    for (n = 0; n < WM_B32_LEN(WM_SECRET_LEN); n++) {
        i = n * 5 / 8;
        bits = (unsigned) secret[i] << 8
               | (i + 1 < WM_SECRET_LEN ? secret[i + 1] : 0u);
        out[n] = alphabet[bits >> (11 - n * 5 % 8) & 31];
    }

    out[n] = '\0';

    return (wm_str_t) { n, out };
}


static void
wm_totp_put_uri(wm_buf_t *b, wm_str_t s)
{
    size_t  i;

    static const char  plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (i = 0; i < s.len; i++) {
        if (s.data[i] != '\0' && strchr(plain, s.data[i]) != NULL) {
            wm_putc(b, s.data[i]);

        } else {
            wm_putf(b, "%%%02X", (unsigned) (uint8_t) s.data[i]);
        }
    }
}


/* Apps take SHA-1, 6 digits and 30 seconds where nothing else is said. */

wm_str_t
wm_totp_uri(wm_pool_t *pool, wm_str_t issuer, wm_str_t name,
    const uint8_t secret[WM_SECRET_LEN])
{
    wm_buf_t  b;
    wm_str_t  text;

    text = wm_totp_secret_text(pool, secret);
    if (text.data == NULL) {
        return wm_null;
    }

    wm_buf_init(&b, pool, 256);
    wm_puts(&b, "otpauth://totp/");
    wm_totp_put_uri(&b, issuer);
    wm_putc(&b, ':');
    wm_totp_put_uri(&b, name);
    wm_puts(&b, "?secret=");
    wm_put(&b, text);
    wm_puts(&b, "&issuer=");
    wm_totp_put_uri(&b, issuer);

    return wm_buf_str(&b);
}


/* ---- recovery codes */

static bool
wm_totp_mac(const wm_realm_t *realm, const char *what, wm_str_t name,
    wm_str_t of, uint8_t number, uint8_t out[WM_MAC_LEN])
{
    wm_str_t  parts[6], nul = { 1, "" };

    parts[0] = wm_str(what);
    parts[1] = nul;
    parts[2] = name;
    parts[3] = nul;
    parts[4] = (wm_str_t) { 1, (char *) &number };
    parts[5] = of;

    return wm_mac_compute(wm_keyring_mac(realm->ring, WM_PURPOSE_RECOVERY, 0),
                          parts, wm_countof(parts), out);
}


wm_str_t
wm_totp_recovery(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    const uint8_t secret[WM_SECRET_LEN], size_t number)
{
    char      *out;
    uint8_t    mac[WM_MAC_LEN];

    out = wm_alloc(pool, WM_B32_LEN(WM_MAC_LEN) + 1);

    if (out == NULL
        || !wm_totp_mac(realm, "code", name,
                        (wm_str_t) { WM_SECRET_LEN, (const char *) secret },
                        (uint8_t) number, mac))
    {
        return wm_null;
    }

    wm_b32_encode(mac, WM_MAC_LEN, out);
    out[WM_TOTP_CODE_LEN] = '\0';

    return (wm_str_t) { WM_TOTP_CODE_LEN, out };
}


/* What is kept of a recovery code, in the place of its number. */

static wm_str_t
wm_totp_digest(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    wm_str_t code, size_t number)
{
    char     *out;
    uint8_t   mac[WM_MAC_LEN];

    out = wm_alloc(pool, WM_B32_LEN(WM_MAC_LEN) + 1);

    if (out == NULL || !wm_totp_mac(realm, "digest", name, code,
                                    (uint8_t) number, mac))
    {
        return wm_null;
    }

    return wm_b32_encode(mac, WM_MAC_LEN, out);
}


/* ---- what was typed */

static char
wm_totp_letter(char ch)
{
    switch (ch) {

    case 'o':
        return '0';

    case 'i':
    case 'l':
        return '1';

    default:
        return (char) (ch >= 'a' && ch <= 'z' ? ch - 'a' + 'A' : ch);
    }
}


/*
 * Digits of an app, or a recovery code: blanks and hyphens left out, wide
 * characters made narrow, letters that look like digits taken for them.
 * wm_null: no memory; other lengths are no code of ours.
 */

static wm_str_t
wm_totp_typed(wm_pool_t *pool, wm_str_t typed)
{
    char      *p;
    size_t     i;
    wm_str_t   s;

    s = wm_name_normal(pool, typed);
    p = wm_alloc(pool, s.len + 1);

    if (s.data == NULL || p == NULL) {
        return wm_null;
    }

    typed = (wm_str_t) { 0, p };

    for (i = 0; i < s.len; i++) {
        if (s.data[i] != '-') {
            p[typed.len++] = wm_totp_letter(s.data[i]);
        }
    }

    return typed;
}


static bool
wm_totp_is_digits(wm_str_t s)
{
    uint64_t  n;

    return s.len == 6 && wm_parse_uint(s, 999999, &n);
}


static int64_t
wm_totp_last(const wm_totp_t *t)
{
    uint64_t  n;

    return wm_parse_uint(t->last, INT64_MAX, &n) ? (int64_t) n : 0;
}


/*
 * The newest of the steps before, at and behind now, but above last, that
 * the digits fit; 0: none.
 */

static bool
wm_totp_match(const uint8_t secret[WM_SECRET_LEN], wm_str_t digits,
    int64_t last, int64_t now_ms, int64_t *step)
{
    char     good[7];
    int64_t  now, i;

    now = wm_totp_step(now_ms);
    *step = 0;

    for (i = now - 1; i <= now + 1; i++) {
        if (!wm_totp_digits(secret, i, good)) {
            return false;
        }

        if (wm_equal_ct(good, digits.data, 6) && i > last) {
            *step = i;
        }
    }

    return true;
}


/* ---- sealed under the data key */

static wm_str_t
wm_totp_aad(wm_pool_t *pool, wm_str_t name)
{
    return wm_printf(pool, "totp:%.*s", wm_fmt(name));
}


static wm_str_t
wm_totp_open(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    const wm_totp_t *t)
{
    wm_str_t  aad, secret;

    aad = wm_totp_aad(pool, name);
    if (aad.data == NULL) {
        return wm_null;
    }

    secret = wm_aead_open(pool, wm_keyring_cipher(realm->ring),
                          wm_keyring_wrap(realm->ring), aad, t->sealed);

    return secret.len == WM_SECRET_LEN ? secret : wm_null;
}


/* ---- trying */

static bool
wm_totp_wrong(const wm_totp_t *t, uint64_t *count, int64_t *since)
{
    uint64_t  ms;
    wm_str_t  s = t->wrong, n;

    if (!wm_split(&s, ':', &n) || !wm_parse_uint(n, WM_TOTP_TRIES, count)
        || !wm_parse_uint(s, INT64_MAX, &ms))
    {
        return false;
    }

    *since = (int64_t) ms;

    return true;
}


/* Wrong codes in the window that is still open. */

static uint64_t
wm_totp_misses(const wm_totp_t *t, int64_t now_ms, int64_t *since)
{
    uint64_t  count;

    return wm_totp_wrong(t, &count, since)
           && now_ms - *since < WM_TOTP_WINDOW_MS ? count : 0;
}


static wm_verdict_t
wm_totp_try_app(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    const wm_totp_t *t, wm_str_t digits, int64_t now_ms, wm_totp_use_t *use)
{
    bool      ok;
    wm_str_t  secret;

    secret = wm_totp_open(pool, realm, name, t);
    if (secret.data == NULL) {
        return WM_VERDICT_INTERNAL;
    }

    ok = wm_totp_match((const uint8_t *) secret.data, digits, wm_totp_last(t),
                       now_ms, &use->step);

    wm_wipe((char *) secret.data, secret.len);

    return !ok ? WM_VERDICT_INTERNAL
           : use->step > 0 ? WM_VERDICT_OK : WM_VERDICT_WRONG_CODE;
}


static wm_verdict_t
wm_totp_try_recovery(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    const wm_totp_t *t, wm_str_t code, wm_totp_use_t *use)
{
    size_t        i;
    wm_str_t      digest;
    wm_verdict_t  v;

    for (i = 0, v = WM_VERDICT_WRONG_CODE; i < WM_TOTP_CODES; i++) {
        digest = wm_totp_digest(pool, realm, name, code, i);
        if (digest.data == NULL) {
            return WM_VERDICT_INTERNAL;
        }

        if (t->codes[i].len == digest.len
            && wm_equal_ct(t->codes[i].data, digest.data, digest.len))
        {
            use->number = i;
            v = WM_VERDICT_OK;
        }
    }

    return v;
}


wm_verdict_t
wm_totp_try(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    const wm_totp_t *t, wm_str_t typed, int64_t now_ms, wm_totp_use_t *use)
{
    int64_t  since;

    memset(use, 0, sizeof(wm_totp_use_t));

    if (wm_totp_misses(t, now_ms, &since) >= WM_TOTP_TRIES) {
        return WM_VERDICT_TRY_LATER;
    }

    typed = wm_totp_typed(pool, typed);

    if (typed.data == NULL) {
        return WM_VERDICT_INTERNAL;
    }

    if (wm_totp_is_digits(typed)) {
        return wm_totp_try_app(pool, realm, name, t, typed, now_ms, use);
    }

    return typed.len == WM_TOTP_CODE_LEN
           ? wm_totp_try_recovery(pool, realm, name, t, typed, use)
           : WM_VERDICT_WRONG_CODE;
}


/* ---- what is written */

static wm_str_t
wm_totp_key(wm_commit_t *c, wm_str_t name)
{
    return wm_key(c->pool, c->district, "staff:%.*s", wm_fmt(name));
}


/* As it was when the code was tried. */

static void
wm_totp_needs(wm_commit_t *c, wm_str_t key, const wm_totp_t *t,
    const wm_totp_use_t *use)
{
    wm_need(c, HEQ, key, wm_lit("totp"), t->sealed);
    wm_need(c, HEQ, key, wm_lit("totp_wrong"), t->wrong);

    if (use == NULL) {
        return;
    }

    if (use->step > 0) {
        wm_need(c, HEQ, key, wm_lit("totp_step"), t->last);

    } else {
        wm_need(c, HEQ, key, wm_str(wm_totp_fields[use->number]),
                t->codes[use->number]);
    }
}


void
wm_totp_hit(wm_commit_t *c, wm_str_t name, const wm_totp_t *t,
    const wm_totp_use_t *use)
{
    wm_str_t  key;

    key = wm_totp_key(c, name);

    wm_totp_needs(c, key, t, use);

    if (use->step > 0) {
        wm_do(c, HSET, key, wm_lit("totp_step"),
              wm_printf(c->pool, "%" PRId64, use->step));

    } else {
        wm_do(c, HDEL, key, wm_str(wm_totp_fields[use->number]));
    }

    if (t->wrong.len > 0) {
        wm_do(c, HDEL, key, wm_lit("totp_wrong"));
    }
}


void
wm_totp_miss(wm_commit_t *c, wm_str_t name, const wm_totp_t *t)
{
    int64_t   since;
    uint64_t  count;
    wm_str_t  key;

    key = wm_totp_key(c, name);
    count = wm_totp_misses(t, c->now_ms, &since);

    if (count == 0) {
        since = c->now_ms;
    }

    wm_totp_needs(c, key, t, NULL);
    wm_do(c, HSET, key, wm_lit("totp_wrong"),
          wm_printf(c->pool, "%" PRIu64 ":%" PRId64, count + 1, since));
}


/* ---- on and off */

static void
wm_totp_write(wm_commit_t *c, const wm_realm_t *realm, wm_str_t name,
    wm_str_t key, const uint8_t secret[WM_SECRET_LEN])
{
    size_t    i;
    wm_str_t  aad, sealed, code, digest;

    aad = wm_totp_aad(c->pool, name);
    sealed = wm_aead_seal(c->pool, wm_keyring_cipher(realm->ring),
                          wm_keyring_wrap(realm->ring), aad,
                          (wm_str_t) { WM_SECRET_LEN, (char *) secret });

    c->failed |= aad.data == NULL || sealed.data == NULL;
    wm_do_private(c, HSET, key, wm_lit("totp"), sealed);

    for (i = 0; i < WM_TOTP_CODES && !c->failed; i++) {
        code = wm_totp_recovery(c->pool, realm, name, secret, i);
        digest = code.data != NULL
                 ? wm_totp_digest(c->pool, realm, name, code, i) : wm_null;

        c->failed |= digest.data == NULL;
        wm_do_private(c, HSET, key, wm_str(wm_totp_fields[i]), digest);
    }
}


/* Whether just this was turned on, by just this code. */

static bool
wm_totp_is_repeat(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    const wm_totp_t *t, const uint8_t secret[WM_SECRET_LEN], wm_str_t digits)
{
    bool      same;
    char      good[7];
    wm_str_t  have;

    have = wm_totp_open(pool, realm, name, t);
    if (have.data == NULL) {
        return false;
    }

    same = wm_equal_ct(have.data, secret, WM_SECRET_LEN)
           && wm_totp_digits(secret, wm_totp_last(t), good)
           && wm_equal_ct(good, digits.data, 6);

    wm_wipe((char *) have.data, have.len);

    return same;
}


static void
wm_totp_turn_on(wm_commit_t *c, const wm_realm_t *realm,
    const wm_staff_t *staff, wm_str_t session_key, const wm_setup_t *setup,
    int64_t step)
{
    wm_str_t  key;

    key = wm_totp_key(c, staff->name);

    wm_need(c, HEQ, key, wm_lit("epoch"),
            wm_printf(c->pool, "%" PRId64, staff->epoch));
    wm_need(c, HABSENT, key, wm_lit("totp"));
    wm_need(c, EXISTS, session_key);
    wm_do(c, HSET, key, wm_lit("totp_step"),
          wm_printf(c->pool, "%" PRId64, step));
    wm_do(c, HINCRBY, key, wm_lit("epoch"), wm_lit("1"));
    wm_do(c, HSET, session_key, wm_lit("epoch"), wm_reply_of(2));
    wm_totp_write(c, realm, staff->name, key, setup->secret);
}


wm_verdict_t
wm_totp_on(wm_commit_t *c, const wm_realm_t *realm, const wm_staff_t *staff,
    const wm_totp_t *t, wm_str_t session_key, const wm_setup_t *setup,
    wm_str_t typed, bool *nothing)
{
    int64_t   step;
    wm_str_t  digits;

    *nothing = false;
    digits = wm_totp_typed(c->pool, typed);

    if (digits.data == NULL) {
        return WM_VERDICT_INTERNAL;
    }

    if (t->on) {
        *nothing = wm_totp_is_digits(digits)
                   && wm_totp_is_repeat(c->pool, realm, staff->name, t,
                                        setup->secret, digits);

        return *nothing ? WM_VERDICT_OK : WM_VERDICT_STATE;
    }

    if (setup->epoch != (uint32_t) staff->epoch) {
        return WM_VERDICT_STALE;
    }

    if (!wm_totp_is_digits(digits)) {
        return WM_VERDICT_WRONG_CODE;
    }

    if (!wm_totp_match(setup->secret, digits, 0, c->now_ms, &step)) {
        return WM_VERDICT_INTERNAL;
    }

    if (step == 0) {
        return WM_VERDICT_WRONG_CODE;
    }

    wm_totp_turn_on(c, realm, staff, session_key, setup, step);

    return WM_VERDICT_OK;
}


static void
wm_totp_drop(wm_commit_t *c, wm_str_t key)
{
    size_t    i;
    wm_str_t  fields[3 + WM_TOTP_CODES];

    fields[0] = wm_lit("totp");
    fields[1] = wm_lit("totp_step");
    fields[2] = wm_lit("totp_wrong");

    for (i = 0; i < WM_TOTP_CODES; i++) {
        fields[3 + i] = wm_str(wm_totp_fields[i]);
    }

    wm_commit_add_effect(c, false, WM_DO_HDEL, key, fields,
                         wm_countof(fields));
}


void
wm_totp_off(wm_commit_t *c, wm_str_t name, const wm_totp_t *t,
    const wm_totp_use_t *use)
{
    wm_str_t  key;

    key = wm_totp_key(c, name);

    wm_totp_needs(c, key, t, use);
    wm_totp_drop(c, key);
}


void
wm_totp_reset(wm_commit_t *c, wm_str_t name)
{
    wm_str_t  key;

    key = wm_totp_key(c, name);

    wm_need(c, EXISTS, key);
    wm_totp_drop(c, key);
    wm_do(c, HINCRBY, key, wm_lit("epoch"), wm_lit("1"));
}
