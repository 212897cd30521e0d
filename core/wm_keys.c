#include "wm_keys.h"


typedef struct {
    unsigned   id;
    wm_mac_t  *mac[WM_PURPOSE_MAX];
} wm_ring_key_t;

struct wm_keyring_s {
    size_t          n;
    wm_ring_key_t  *current;            /* the last active key of sign */
    wm_cipher_t     cipher;
    uint8_t         wrap[WM_KEY_LEN];
    wm_ring_key_t   keys[WM_KEYS_MAX];
};

static const struct {
    wm_set_t     set;
    const char  *label;
} wm_purposes[] = {
#define X(name, set, label)  { WM_SET_##set, label },
    WM_PURPOSES(X)
#undef X
};


static const wm_algorithm_t  wm_algorithms[] = {
#define X(name, set, digest, cipher)                                         \
    { name, WM_SET_##set, digest, WM_CIPHER_##cipher },
    WM_ALGORITHMS(X)
#undef X
};

static const char *const  wm_key_states[] = {
#define X(name, text)  text,
    WM_KEY_STATES(X)
#undef X
};


const wm_algorithm_t *
wm_algorithm_find(wm_set_t set, wm_str_t name)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_algorithms); i++) {
        if (wm_algorithms[i].set == set
            && wm_is(name, wm_algorithms[i].name))
        {
            return &wm_algorithms[i];
        }
    }

    return NULL;
}


static bool
wm_algorithm_works(const wm_algorithm_t *algorithm)
{
    wm_mac_t  *mac;

    static const uint8_t  key[WM_KEY_LEN];

    mac = wm_mac_create(algorithm->digest, key);
    wm_mac_destroy(mac);

    return mac != NULL && wm_cipher_works(algorithm->cipher);
}


static wm_key_state_t
wm_key_state_find(wm_str_t text)
{
    int  i;

    for (i = 0; i < WM_KEY_STATE_MAX; i++) {
        if (wm_is(text, wm_key_states[i])) {
            break;
        }
    }

    return (wm_key_state_t) i;
}


/* A secret that somebody typed or copied from a manual is none. */

static bool
wm_key_is_weak(const uint8_t *secret)
{
    int     step;
    size_t  i, same;

    for (i = 1; i <= WM_KEY_LEN / 2; i++) {
        if (memcmp(secret, secret + i, WM_KEY_LEN - i) == 0) {
            return true;                /* one pattern again and again */
        }
    }

    step = secret[1] - secret[0];

    for (i = 1, same = 0; i < WM_KEY_LEN; i++) {
        same += secret[i] - secret[i - 1] == step
                || secret[i] == secret[i - 1]
                || (i > 1 && secret[i] == secret[i - 2]);
    }

    /* of 31 steps, chance repeats one or two */

    return same > WM_KEY_LEN / 2;
}


/* The fields of a line; NULL, or what is wrong with it. */

static const char *
wm_key_split(wm_str_t line, wm_str_t f[6])
{
    size_t    n;
    wm_str_t  part;

    n = 0;

    while (wm_split(&line, ' ', &part)) {
        if (part.len == 0) {
            continue;
        }

        if (n == 6) {
            return "has too many fields";
        }

        f[n++] = part;
    }

    return n == 6 ? NULL : "needs: set id algorithm state since secret";
}


static const char *
wm_key_read(const wm_str_t f[6], wm_key_t *key)
{
    uint64_t  id;

    if (!wm_is(f[0], "sign") && !wm_is(f[0], "data")) {
        return "names a set that is neither sign nor data";
    }

    key->set = wm_is(f[0], "sign") ? WM_SET_SIGN : WM_SET_DATA;

    if (!wm_parse_uint(f[1], 255, &id) || id == 0) {
        return "has a key id that is not 1 to 255";
    }

    key->id = (unsigned) id;

    key->algorithm = wm_algorithm_find(key->set, f[2]);
    if (key->algorithm == NULL) {
        return "has an algorithm that this version does not know";
    }

    if (!wm_algorithm_works(key->algorithm)) {
        return "has an algorithm that the OpenSSL here does not have";
    }

    key->state = wm_key_state_find(f[3]);
    key->state_text = f[3];
    key->since = f[4];

    if (key->state == WM_KEY_STATE_MAX) {
        return "has a state that is none of active, next and retired";
    }

    if (!wm_unhex(f[5], key->secret, WM_KEY_LEN)) {
        return "has a secret that is not 64 hexadecimal digits";
    }

    if (wm_key_is_weak(key->secret)) {
        return "has a sample or weak secret; make one with "
               "\"wenming keys new\"";
    }

    return NULL;
}


/* Whether a key of this set is in this state. */

static bool
wm_keyfile_has(const wm_keyfile_t *file, wm_set_t set, wm_key_state_t state)
{
    size_t  i;

    for (i = 0; i < file->n; i++) {
        if (file->keys[i].set == set && file->keys[i].state == state) {
            return true;
        }
    }

    return false;
}


/* What is wrong with a key after those before it; NULL: nothing. */

static const char *
wm_keyfile_check(const wm_keyfile_t *file, const wm_key_t *key)
{
    size_t  i;

    for (i = 0; i < file->n; i++) {
        if (file->keys[i].set == key->set && file->keys[i].id == key->id) {
            return "repeats a key id";
        }
    }

    if (key->state == WM_KEY_RETIRED) {
        return NULL;
    }

    if (key->set == WM_SET_DATA) {
        return key->state == WM_KEY_NEXT
               ? "is a data key, which never change: it cannot be next"
               : wm_keyfile_has(file, WM_SET_DATA, WM_KEY_ACTIVE)
               ? "is a second active data key: every person would become two"
               : NULL;
    }

    /* the order says who signs */

    return wm_keyfile_has(file, WM_SET_SIGN, WM_KEY_NEXT)
           ? "stands behind the key that is next; that one must be the last"
           : NULL;
}


bool
wm_keyfile_parse(wm_pool_t *pool, wm_str_t text, wm_keyfile_t *file,
    wm_str_t *error)
{
    unsigned     number;
    wm_str_t     line;
    wm_key_t    *key;
    wm_str_t     fields[6];
    const char  *why;

    file->n = 0;

    for (number = 1; wm_split(&text, '\n', &line); number++) {
        if (line.len > 0 && line.data[line.len - 1] == '\r') {
            line.len--;
        }

        if (line.len == 0 || line.data[0] == '#') {
            continue;
        }

        if (file->n == WM_KEYS_MAX) {
            *error = wm_printf(pool, "has more than %d keys", WM_KEYS_MAX);
            return false;
        }

        key = &file->keys[file->n];
        why = wm_key_split(line, fields);

        if (why == NULL) {
            why = wm_key_read(fields, key);
        }

        if (why == NULL) {
            why = wm_keyfile_check(file, key);
        }

        if (why != NULL) {
            *error = wm_printf(pool, "line %u %s", number, why);
            return false;
        }

        file->n++;
    }

    if (!wm_keyfile_has(file, WM_SET_SIGN, WM_KEY_ACTIVE)
        || !wm_keyfile_has(file, WM_SET_DATA, WM_KEY_ACTIVE))
    {
        *error = wm_printf(pool, "needs an active key of each set, sign and "
                           "data; make one with \"wenming keys new\"");
        return false;
    }

    return true;
}


bool
wm_keyfile_is_sample(const wm_keyfile_t *file)
{
    size_t  i, j;

    /* how the secrets of docs/token.md begin */

    static const uint8_t  samples[][4] = {
        { 0x00, 0x8e, 0xd1, 0xea }, { 0x33, 0xd9, 0x5e, 0x60 },
        { 0x5a, 0x94, 0x83, 0xea }, { 0xdc, 0xdb, 0xc1, 0x6f },
        { 0xac, 0x43, 0x70, 0x77 }, { 0x0b, 0xb8, 0x43, 0x52 },
        { 0xc4, 0xfe, 0x6b, 0xc3 }
    };

    for (i = 0; i < file->n; i++) {
        for (j = 0; j < wm_countof(samples); j++) {
            if (memcmp(file->keys[i].secret, samples[j], 4) == 0) {
                return true;
            }
        }
    }

    return false;
}


static bool
wm_key_derive(const wm_key_t *key, wm_purpose_t purpose, wm_str_t district,
    uint8_t out[WM_KEY_LEN])
{
    bool        ok;
    wm_str_t    info;
    wm_pool_t  *scratch;

    scratch = wm_heap_create();
    if (scratch == NULL) {
        return false;
    }

    info = wm_printf(scratch, "wenming/1/%s/%.*s", wm_purposes[purpose].label,
                     wm_fmt(district));

    ok = info.data != NULL
         && wm_hkdf(key->algorithm->digest, key->secret, info, out,
                    WM_KEY_LEN);

    wm_heap_destroy(scratch);

    return ok;
}


static wm_mac_t *
wm_key_mac(const wm_key_t *key, wm_purpose_t purpose, wm_str_t district)
{
    uint8_t    derived[WM_KEY_LEN];
    wm_mac_t  *mac;

    if (!wm_key_derive(key, purpose, district, derived)) {
        return NULL;
    }

    mac = wm_mac_create(key->algorithm->digest, derived);
    wm_wipe(derived, sizeof(derived));

    return mac;
}


static bool
wm_keyring_add(wm_keyring_t *ring, const wm_key_t *key, wm_str_t district)
{
    int             i;
    wm_ring_key_t  *slot;

    slot = &ring->keys[0];              /* holds what data keys make */

    if (key->set == WM_SET_DATA) {
        ring->cipher = key->algorithm->cipher;

        if (!wm_key_derive(key, WM_PURPOSE_WRAP, district, ring->wrap)) {
            return false;
        }

    } else {
        slot = &ring->keys[ring->n++];
        slot->id = key->id;

        if (key->state == WM_KEY_ACTIVE) {
            ring->current = slot;
        }
    }

    for (i = 0; i < WM_PURPOSE_MAX; i++) {
        if (wm_purposes[i].set != key->set || i == WM_PURPOSE_WRAP) {
            continue;
        }

        slot->mac[i] = wm_key_mac(key, (wm_purpose_t) i, district);
        if (slot->mac[i] == NULL) {
            return false;
        }
    }

    return true;
}


wm_keyring_t *
wm_keyring_create(wm_pool_t *pool, const wm_keyfile_t *file, wm_str_t district)
{
    size_t         i;
    wm_keyring_t  *ring;

    ring = wm_calloc(pool, sizeof(wm_keyring_t));
    if (ring == NULL) {
        return NULL;
    }

    ring->n = 1;

    for (i = 0; i < file->n; i++) {
        if (file->keys[i].state == WM_KEY_RETIRED) {
            continue;
        }

        if ((ring->n == WM_KEYS_MAX && file->keys[i].set == WM_SET_SIGN)
            || !wm_keyring_add(ring, &file->keys[i], district))
        {
            wm_keyring_destroy(ring);
            return NULL;
        }
    }

    return ring;
}


void
wm_keyring_destroy(wm_keyring_t *ring)
{
    int     j;
    size_t  i;

    for (i = 0; i < ring->n; i++) {
        for (j = 0; j < WM_PURPOSE_MAX; j++) {
            wm_mac_destroy(ring->keys[i].mac[j]);
        }
    }

    wm_wipe(ring->wrap, sizeof(ring->wrap));
    ring->n = 0;
}


unsigned
wm_keyring_current(const wm_keyring_t *ring)
{
    return ring->current->id;
}


wm_mac_t *
wm_keyring_mac(const wm_keyring_t *ring, wm_purpose_t purpose, unsigned id)
{
    size_t  i;

    if (wm_purposes[purpose].set == WM_SET_DATA) {
        return ring->keys[0].mac[purpose];
    }

    for (i = 1; i < ring->n; i++) {
        if (ring->keys[i].id == id) {
            return ring->keys[i].mac[purpose];
        }
    }

    return NULL;
}


wm_mac_t *
wm_keyring_nth(const wm_keyring_t *ring, wm_purpose_t purpose, size_t i)
{
    return i + 1 < ring->n ? ring->keys[i + 1].mac[purpose] : NULL;
}


const uint8_t *
wm_keyring_wrap(const wm_keyring_t *ring)
{
    return ring->wrap;
}


wm_cipher_t
wm_keyring_cipher(const wm_keyring_t *ring)
{
    return ring->cipher;
}
