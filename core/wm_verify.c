#include "wm_verify.h"

#include <inttypes.h>


bool
wm_verify_draw(char out[WM_VERIFY_DIGITS + 1])
{
    int       i;
    uint32_t  n;

    /* what is left over above a multiple would make some codes likelier */

    do {
        if (!wm_random(&n, sizeof(n))) {
            return false;
        }
    } while (n >= UINT32_MAX / 1000000 * 1000000);

    for (i = WM_VERIFY_DIGITS - 1; i >= 0; i--) {
        out[i] = (char) ('0' + n % 10);
        n /= 10;
    }

    out[WM_VERIFY_DIGITS] = '\0';

    return true;
}


bool
wm_verify_digits(wm_str_t typed, char out[WM_VERIFY_DIGITS + 1])
{
    size_t         i, n;
    unsigned char  c;

    for (i = 0, n = 0; i < typed.len; i++) {
        c = (unsigned char) typed.data[i];

        if (c == ' ' || c == '-') {
            continue;
        }

        /* U+FF10 to U+FF19 */

        if (typed.len - i > 2 && memcmp(typed.data + i, "\xef\xbc", 2) == 0) {
            c = (unsigned char) (typed.data[i + 2] - 0x60);
            i += 2;
        }

        if (c < '0' || c > '9' || n == WM_VERIFY_DIGITS) {
            return false;
        }

        out[n++] = (char) c;
    }

    out[n] = '\0';

    return n == WM_VERIFY_DIGITS;
}


wm_str_t
wm_verify_code_key(wm_pool_t *pool, wm_str_t district, wm_str_t device,
    wm_str_t person)
{
    return wm_key(pool, district, "code:%.*s:%.*s", wm_fmt(device),
                  wm_fmt(person));
}


wm_str_t
wm_verify_digest(wm_pool_t *pool, const wm_realm_t *realm,
    const wm_str_t *parts, size_t n)
{
    char     *out;
    uint8_t   mac[WM_MAC_LEN];

    out = wm_alloc(pool, WM_B32_LEN(WM_MAC_LEN) + 1);

    if (out == NULL
        || !wm_mac_compute(wm_keyring_mac(realm->ring, WM_PURPOSE_INDEX, 0),
                           parts, n, mac))
    {
        return wm_null;
    }

    return wm_b32_encode(mac, sizeof(mac), out);
}


wm_str_t
wm_verify_sms_key(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t phone)
{
    wm_str_t  digest;

    digest = wm_verify_digest(pool, realm,
                              (wm_str_t[]) { wm_lit("sms phone "), phone },
                              2);

    return digest.data != NULL ? wm_key(pool, realm->district, "sms:%.*s",
                                        wm_fmt(digest)) : wm_null;
}


wm_str_t
wm_verify_hour_key(wm_pool_t *pool, wm_str_t district, int64_t now_ms)
{
    return wm_key(pool, district, "codes:%" PRId64, now_ms / WM_VERIFY_HOUR);
}


wm_str_t
wm_verify_field(wm_pool_t *pool, wm_str_t person)
{
    return wm_printf(pool, "v:%.*s", wm_fmt(person));
}


bool
wm_verify_is(const wm_person_t *person, wm_str_t mark)
{
    uint64_t  epoch, made;
    wm_str_t  text;

    return person->known && wm_split(&mark, '.', &text)
           && wm_parse_uint(text, UINT32_MAX, &epoch)
           && epoch == person->epoch
           && wm_parse_uint(mark, INT64_MAX, &made)
           && made == (uint64_t) person->made_ms;
}


/* ---- sending */

bool
wm_verify_may(wm_str_t times, int64_t now_ms)
{
    size_t    n;
    uint64_t  ms;
    wm_str_t  part;

    for (n = 0; wm_split(&times, ',', &part); ) {
        if (!wm_parse_uint(part, INT64_MAX, &ms)) {
            continue;
        }

        /* a clock that was put back does not lock anybody out for long */

        if (now_ms - (int64_t) ms < WM_VERIFY_PAUSE
            && now_ms - (int64_t) ms > -WM_VERIFY_PAUSE)
        {
            return false;
        }

        n += now_ms - (int64_t) ms < WM_VERIFY_HOUR;
    }

    return n < WM_VERIFY_SENT;
}


static wm_str_t
wm_verify_times(wm_commit_t *c, wm_str_t times)
{
    size_t    n;
    wm_buf_t  b;
    wm_str_t  part;

    wm_buf_init(&b, c->pool, times.len + 24);
    wm_putf(&b, "%" PRId64, c->now_ms);

    for (n = 1; n < WM_VERIFY_SENT && wm_split(&times, ',', &part); n++) {
        wm_putf(&b, ",%.*s", wm_fmt(part));
    }

    c->failed |= b.failed;

    return wm_buf_str(&b);
}


/* Bound to whom it was sent for and when: the same digits look different. */

static wm_str_t
wm_verify_mac(wm_pool_t *pool, const wm_realm_t *realm,
    const wm_verify_facts_t *f, wm_str_t made, const char *code)
{
    wm_str_t  blank = wm_lit(" ");

    return wm_verify_digest(pool, realm, (wm_str_t[]) {
        wm_lit("sms code "), f->device, blank, wm_str(f->person.id), blank,
        made, blank, wm_str(code) }, 8);
}


/* Each message costs the district money, whoever has them sent. */

static bool
wm_verify_all_sent(wm_str_t all)
{
    uint64_t  n, max;

    return wm_parse_uint(wm_lit(WM_VERIFY_ALL), UINT32_MAX, &max)
           && wm_parse_uint(all, INT64_MAX, &n) && n >= max;
}


static wm_str_t
wm_verify_or_none(wm_str_t s)
{
    return s.data != NULL ? s : wm_lit("");
}


wm_verdict_t
wm_verify_send(wm_commit_t *c, const wm_realm_t *realm,
    const wm_verify_facts_t *f, const char *code)
{
    wm_str_t  sms, key, hour, made, mac;

    if (!wm_verify_may(f->times, c->now_ms)) {
        return WM_VERDICT_MANY_CODES;
    }

    if (wm_verify_all_sent(f->all)) {
        return WM_VERDICT_ALL_CODES;
    }

    sms = wm_verify_sms_key(c->pool, realm, f->person.phone);
    key = wm_verify_code_key(c->pool, c->district, f->device,
                             wm_str(f->person.id));
    hour = wm_verify_hour_key(c->pool, c->district, c->now_ms);
    made = wm_printf(c->pool, "%" PRId64, c->now_ms);
    mac = wm_verify_mac(c->pool, realm, f, made, code);

    c->failed |= sms.data == NULL || key.data == NULL || hour.data == NULL
                 || made.data == NULL || mac.data == NULL;

    wm_need(c, HEQ, sms, wm_lit("times"), wm_verify_or_none(f->times));
    wm_need(c, HBELOW, hour, wm_lit("n"), wm_lit(WM_VERIFY_ALL));

    wm_do(c, HSET, sms, wm_lit("times"), wm_verify_times(c, f->times));
    wm_do(c, EXPIRE, sms, wm_lit("3600"));
    wm_do(c, HINCRBY, hour, wm_lit("n"), wm_lit("1"));
    wm_do(c, EXPIRE, hour, wm_lit("3600"));
    wm_do(c, HSET, key, wm_lit("made"), made, wm_lit("tries"), wm_lit("0"));
    wm_do(c, EXPIRE, key, wm_lit(WM_VERIFY_SECONDS));
    wm_do_private(c, HSET, key, wm_lit("mac"), mac);

    return WM_VERDICT_OK;
}


/* ---- typing it */

bool
wm_verify_fits(wm_pool_t *pool, const wm_realm_t *realm,
    const wm_verify_facts_t *f, const char *digits)
{
    wm_str_t  mac;

    if (f->mac.data == NULL || f->made.data == NULL) {
        return false;
    }

    mac = wm_verify_mac(pool, realm, f, f->made, digits);

    return mac.data != NULL && mac.len == f->mac.len
           && wm_equal_ct(mac.data, f->mac.data, mac.len);
}


void
wm_verify_mark(wm_commit_t *c, wm_str_t device, const wm_person_t *person)
{
    wm_str_t  key, epoch;

    key = wm_key(c->pool, c->district, "person:%s", person->id);
    epoch = wm_printf(c->pool, "%" PRIu32, person->epoch);

    if (person->known) {
        wm_need(c, EXISTS, key);
        wm_need(c, HEQ, key, wm_lit("epoch"),
                person->epoch == 0 ? wm_lit("") : epoch);
    }

    wm_do(c, HSET, key, wm_lit("verified"),
          wm_printf(c->pool, "%" PRId64, c->now_ms));
    wm_do(c, HSET, wm_key(c->pool, c->district, "dev:%.*s", wm_fmt(device)),
          wm_verify_field(c->pool, wm_str(person->id)),
          wm_printf(c->pool, "%.*s.%" PRId64, wm_fmt(epoch),
                    person->made_ms));
}


wm_verdict_t
wm_verify_check(wm_commit_t *c, const wm_realm_t *realm,
    wm_verify_facts_t *f, const char *digits)
{
    size_t    i;
    uint64_t  tries;
    wm_str_t  key;

    if (f->mac.data == NULL
        || !wm_parse_uint(f->tries, WM_VERIFY_TRIES - 1, &tries))
    {
        return WM_VERDICT_CODE_OVER;
    }

    key = wm_verify_code_key(c->pool, c->district, f->device,
                             wm_str(f->person.id));

    /* of guesses at the same moment, one counts; the others look again */

    wm_need(c, HEQ, key, wm_lit("mac"), f->mac);
    wm_need(c, HEQ, key, wm_lit("tries"), f->tries);

    if (!wm_verify_fits(c->pool, realm, f, digits)) {
        wm_do(c, HINCRBY, key, wm_lit("tries"), wm_lit("1"));
        return WM_VERDICT_SMS_WRONG;
    }

    if (!f->person.known) {
        wm_person_create(c, realm, &f->person);
    }

    wm_verify_mark(c, f->device, &f->person);

    for (i = 0; i < f->nothers; i++) {
        if (f->others[i].known && strcmp(f->others[i].id, f->person.id) != 0
            && wm_eq(f->others[i].phone, f->person.phone))
        {
            wm_verify_mark(c, f->device, &f->others[i]);
        }
    }

    wm_do(c, DEL, key);

    return WM_VERDICT_OK;
}


/* ---- signing out */

static wm_str_t
wm_verify_device(wm_commit_t *c, wm_str_t device)
{
    return wm_key(c->pool, c->district, "dev:%.*s", wm_fmt(device));
}


void
wm_verify_end(wm_commit_t *c, wm_str_t person, wm_str_t device)
{
    wm_do(c, HDEL, wm_verify_device(c, device),
          wm_verify_field(c->pool, person));
}


void
wm_verify_end_all(wm_commit_t *c, const wm_person_t *person, wm_str_t device,
    wm_str_t mark)
{
    wm_str_t  key, field;

    key = wm_key(c->pool, c->district, "person:%s", person->id);
    field = wm_verify_field(c->pool, wm_str(person->id));

    wm_need(c, EXISTS, key);
    wm_need(c, HEQ, key, wm_lit("epoch"),
            person->epoch == 0 ? wm_lit("")
            : wm_printf(c->pool, "%" PRIu32, person->epoch));

    if (mark.data != NULL) {
        wm_need(c, HEQ, wm_verify_device(c, device), field, mark);
    }

    wm_do(c, HINCRBY, key, wm_lit("epoch"), wm_lit("1"));

    if (device.len > 0) {
        wm_do(c, HDEL, wm_verify_device(c, device), field);
    }
}
