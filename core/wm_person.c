#include "wm_person.h"
#include "wm_text.h"

#include <inttypes.h>


bool
wm_person_identify(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    wm_str_t phone, wm_str_t place, wm_person_t *person)
{
    uint8_t   mac[WM_MAC_LEN];
    wm_str_t  parts[5], nul = { 1, "" };

    memset(person, 0, sizeof(wm_person_t));

    person->name = name;
    person->phone = phone;

    parts[0] = phone.len > 0 ? phone : place;
    parts[1] = nul;
    parts[2] = wm_name_normal(pool, name);
    parts[3] = nul;
    parts[4] = phone.len > 0 ? wm_lit("phone") : wm_lit("place");

    if (parts[2].data == NULL
        || !wm_mac_compute(wm_keyring_mac(realm->ring, WM_PURPOSE_INDEX, 0),
                           parts, wm_countof(parts), mac))
    {
        return false;
    }

    wm_b32_encode(mac, 10, person->id);

    return true;
}


/* %XX becomes its byte; a % that is no such thing stays. */

static wm_str_t
wm_visitor_decode(wm_pool_t *pool, wm_str_t s)
{
    char     *p, *out;
    size_t    i;
    uint8_t   byte;

    out = wm_alloc(pool, s.len + 1);
    if (out == NULL) {
        return wm_null;
    }

    for (i = 0, p = out; i < s.len; i++) {
        if (s.data[i] == '%' && s.len - i > 2
            && wm_unhex((wm_str_t) { 2, s.data + i + 1 }, &byte, 1))
        {
            *p++ = (char) byte;
            i += 2;

        } else {
            *p++ = s.data[i];
        }
    }

    return (wm_str_t) { (size_t) (p - out), out };
}


bool
wm_visitor_take(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t name,
    wm_str_t phone, wm_visitor_t *visitor)
{
    char         *digits;
    wm_person_t   person;

    memset(visitor, 0, sizeof(wm_visitor_t));

    digits = wm_alloc(pool, 16);
    name = wm_text_trim(wm_visitor_decode(pool, name));
    phone = wm_visitor_decode(pool, phone);

    if (digits == NULL || phone.data == NULL || name.len == 0
        || wm_text_check(name, false) != WM_TEXT_OK
        || wm_utf8_count(name) > WM_PERSON_NAME_MAX)
    {
        return false;
    }

    phone = wm_phone_normal(phone, digits);

    if (phone.data == NULL
        || !wm_person_identify(pool, realm, name, phone, wm_null, &person))
    {
        return false;
    }

    memcpy(visitor->id, person.id, sizeof(visitor->id));
    visitor->name = name;
    visitor->phone = phone;

    return true;
}


wm_str_t
wm_person_seal(wm_pool_t *pool, const wm_person_t *person, wm_str_t text)
{
    return wm_aead_seal(pool, person->cipher, person->key, wm_str(person->id),
                        text);
}


wm_str_t
wm_person_open(wm_pool_t *pool, const wm_person_t *person, wm_str_t sealed)
{
    return wm_aead_open(pool, person->cipher, person->key, wm_str(person->id),
                        sealed);
}


bool
wm_person_load(wm_pool_t *pool, const wm_realm_t *realm,
    const wm_reply_t *record, wm_person_t *person)
{
    wm_str_t  key;

    person->known = record->type == WM_REPLY_LIST && record->n > 0;

    if (!person->known) {
        return true;
    }

    person->cipher = wm_keyring_cipher(realm->ring);

    key = wm_aead_open(pool, person->cipher, wm_keyring_wrap(realm->ring),
                       wm_str(person->id), wm_reply_field(record, "key"));

    if (key.len != WM_KEY_LEN) {
        return false;
    }

    memcpy(person->key, key.data, WM_KEY_LEN);

    person->epoch = (uint32_t) wm_reply_field_int(record, "epoch");
    person->made_ms = wm_reply_field_int(record, "made");
    person->name = wm_person_open(pool, person,
                                  wm_reply_field(record, "name"));
    person->phone = wm_person_open(pool, person,
                                   wm_reply_field(record, "phone"));

    return person->name.data != NULL && person->phone.data != NULL;
}


/* Random bytes are drawn all at once: each draw costs system calls. */

typedef struct {
    uint8_t  key[WM_KEY_LEN];
    uint8_t  nonces[3][WM_NONCE_MAX];
} wm_person_random_t;


void
wm_person_create(wm_commit_t *c, const wm_realm_t *realm, wm_person_t *person)
{
    wm_str_t            key, wrapped, name, phone, id;
    wm_person_random_t  random;

    if (!wm_random(&random, sizeof(random))) {
        c->failed = true;
        return;
    }

    person->cipher = wm_keyring_cipher(realm->ring);
    memcpy(person->key, random.key, WM_KEY_LEN);
    person->made_ms = c->now_ms;

    id = wm_str(person->id);
    key = wm_key(c->pool, c->district, "person:%s", person->id);
    name = wm_aead_seal_with(c->pool, person->cipher, person->key,
                             random.nonces[0], id, person->name);
    phone = wm_aead_seal_with(c->pool, person->cipher, person->key,
                              random.nonces[1], id, person->phone);
    wrapped = wm_aead_seal_with(c->pool, person->cipher,
                                wm_keyring_wrap(realm->ring),
                                random.nonces[2], id,
                                (wm_str_t) { WM_KEY_LEN,
                                             (char *) random.key });

    wm_wipe(&random, sizeof(random));

    if (name.data == NULL || phone.data == NULL || wrapped.data == NULL) {
        c->failed = true;
        return;
    }

    wm_need(c, ABSENT, key);
    wm_do(c, HSET, key, wm_lit("name"), name, wm_lit("phone"), phone,
          wm_lit("made"), wm_printf(c->pool, "%" PRId64, c->now_ms));
    wm_do_private(c, HSET, key, wm_lit("key"), wrapped);
}


bool
wm_person_matches(const wm_person_t *person, wm_str_t typed)
{
    size_t    i;
    wm_str_t  name = person->name, phone = person->phone;

    if (typed.len == 0) {
        return false;
    }

    if (typed.len >= WM_PERSON_TAIL && typed.len <= phone.len
        && memcmp(phone.data + phone.len - typed.len, typed.data, typed.len)
           == 0)
    {
        return true;
    }

    for (i = 0; i + typed.len <= name.len; i++) {
        if (memcmp(name.data + i, typed.data, typed.len) == 0) {
            return true;
        }
    }

    return false;
}


void
wm_person_keep(wm_commit_t *c, const wm_realm_t *realm, wm_person_t *person)
{
    if (!person->known) {
        wm_person_create(c, realm, person);

    } else {
        wm_need(c, EXISTS, wm_key(c->pool, c->district, "person:%s",
                                  person->id));
    }
}
