#include "wm_keys.h"


typedef struct {
    unsigned   id;
    wm_mac_t  *mac[WM_PURPOSE_MAX];
} wm_ring_key_t;

struct wm_keyring_s {
    size_t          n;
    wm_ring_key_t  *current;            /* the newest active key to sign */
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


static const char *
wm_key_parse(wm_str_t line, wm_key_t *key)
{
    size_t    n;
    wm_str_t  f[6], part;
    uint64_t  id;

    n = 0;

    while (wm_split(&line, ' ', &part)) {
        if (part.len == 0) {
            continue;
        }

        if (n == wm_countof(f)) {
            return "has too many fields";
        }

        f[n++] = part;
    }

    if (n != wm_countof(f)) {
        return "needs: set id algorithm state created secret";
    }

    if (!wm_is(f[0], "sign") && !wm_is(f[0], "data")) {
        return "names a set that is neither sign nor data";
    }

    key->set = wm_is(f[0], "sign") ? WM_SET_SIGN : WM_SET_DATA;

    if (!wm_parse_uint(f[1], 255, &id) || id == 0) {
        return "has a key id that is not 1 to 255";
    }

    key->id = (unsigned) id;
    key->algorithm = f[2];
    key->state = f[3];
    key->created = f[4];

    if (!wm_is(f[2], key->set == WM_SET_SIGN ? "hmac-sha256" : "aes-256-gcm")) {
        return "has an algorithm that this version does not know";
    }

    if (!wm_is(f[3], "active") && !wm_is(f[3], "retired")) {
        return "has a state that is neither active nor retired";
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


static const wm_key_t *
wm_keyfile_find(const wm_keyfile_t *file, wm_set_t set, unsigned id)
{
    size_t  i;

    for (i = 0; i < file->n; i++) {
        if (file->keys[i].set == set && (id == 0 || file->keys[i].id == id)
            && (id != 0 || wm_is(file->keys[i].state, "active")))
        {
            return &file->keys[i];
        }
    }

    return NULL;
}


bool
wm_keyfile_parse(wm_pool_t *pool, wm_str_t text, wm_keyfile_t *file,
    wm_str_t *error)
{
    unsigned     number;
    wm_str_t     line;
    wm_key_t    *key;
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
        why = wm_key_parse(line, key);

        if (why == NULL && wm_keyfile_find(file, key->set, key->id) != NULL) {
            why = "repeats a key id";
        }

        if (why == NULL && key->set == WM_SET_DATA
            && wm_is(key->state, "active")
            && wm_keyfile_find(file, WM_SET_DATA, 0) != NULL)
        {
            why = "is a second active data key: every person would become "
                  "two";
        }

        if (why != NULL) {
            *error = wm_printf(pool, "line %u %s", number, why);
            return false;
        }

        file->n++;
    }

    if (wm_keyfile_find(file, WM_SET_SIGN, 0) == NULL
        || wm_keyfile_find(file, WM_SET_DATA, 0) == NULL)
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
        { 0x5a, 0x94, 0x83, 0xea }, { 0xdc, 0xdb, 0xc1, 0x6f }
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

    ok = info.data != NULL && wm_hkdf(key->secret, info, out);

    wm_heap_destroy(scratch);

    return ok;
}


static bool
wm_keyring_add(wm_keyring_t *ring, const wm_key_t *key, wm_str_t district)
{
    int             i;
    uint8_t         derived[WM_KEY_LEN];
    wm_ring_key_t  *slot;

    if (key->set == WM_SET_DATA) {
        return wm_key_derive(key, WM_PURPOSE_WRAP, district, ring->wrap)
               && wm_key_derive(key, WM_PURPOSE_INDEX, district, derived)
               && (ring->keys[0].mac[WM_PURPOSE_INDEX] =
                       wm_mac_create("SHA256", derived)) != NULL;
    }

    slot = &ring->keys[ring->n++];
    slot->id = key->id;

    for (i = 0; i < WM_PURPOSE_MAX; i++) {
        if (wm_purposes[i].set != WM_SET_SIGN) {
            continue;
        }

        if (!wm_key_derive(key, (wm_purpose_t) i, district, derived)) {
            return false;
        }

        slot->mac[i] = wm_mac_create("SHA256", derived);
        wm_wipe(derived, sizeof(derived));

        if (slot->mac[i] == NULL) {
            return false;
        }
    }

    ring->current = slot;

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

    ring->n = 1;                        /* slot 0 holds what data keys make */

    for (i = 0; i < file->n; i++) {
        if (!wm_is(file->keys[i].state, "active")) {
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


const uint8_t *
wm_keyring_wrap(const wm_keyring_t *ring)
{
    return ring->wrap;
}
