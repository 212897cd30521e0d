#include "wm_keyedit.h"
#include "wm_time.h"
#include "wm_token.h"

#include <stdio.h>

/* What lives longest of all that has an end of its own: a device cookie. */
#define WM_KEY_LIFE_MS  (WM_DEVICE_SECONDS * INT64_C(1000))


static void
wm_key_time(int64_t ms, char out[WM_TIME_TEXT])
{
    wm_str_t  time;

    time = wm_time_iso(ms, 0, out);
    snprintf(out + time.len - 6, 2, "Z");       /* for +00:00 */
}


bool
wm_key_put(wm_buf_t *b, const wm_algorithm_t *algorithm, unsigned id,
    wm_key_state_t state, int64_t now_ms)
{
    bool     ok;
    char     since[WM_TIME_TEXT], hex[2 * WM_KEY_LEN];
    uint8_t  secret[WM_KEY_LEN];

    static const char *const  states[] = {
#define X(name, text)  text,
        WM_KEY_STATES(X)
#undef X
    };

    ok = wm_random(secret, sizeof(secret));

    if (ok) {
        wm_key_time(now_ms, since);
        wm_hex(secret, sizeof(secret), hex);
        wm_putf(b, "%s %u %s %s %s ",
                algorithm->set == WM_SET_SIGN ? "sign" : "data", id,
                algorithm->name, states[state], since);
        wm_put(b, (wm_str_t) { sizeof(hex), hex });
        ok = !b->failed;
    }

    wm_wipe(secret, sizeof(secret));
    wm_wipe(hex, sizeof(hex));

    return ok;
}


/* Copies the text before a part of it, and then something for the part. */

static void
wm_key_replace(wm_buf_t *b, wm_str_t *text, wm_str_t part, const char *with)
{
    size_t  before;

    before = (size_t) (part.data - text->data);

    wm_put(b, (wm_str_t) { before, text->data });
    wm_puts(b, with);

    text->data += before + part.len;
    text->len -= before + part.len;
}


static const wm_key_t *
wm_key_find(const wm_keyfile_t *file, wm_key_state_t state)
{
    size_t  i;

    for (i = file->n; i-- > 0; /* void */ ) {
        if (file->keys[i].set == WM_SET_SIGN && file->keys[i].state == state) {
            return &file->keys[i];
        }
    }

    return NULL;
}


/* The id behind the last one; behind 255 comes 1, and none comes twice. */

static unsigned
wm_key_free_id(const wm_keyfile_t *file, unsigned id)
{
    size_t  i;

    do {
        id = id % 255 + 1;

        for (i = 0; i < file->n; i++) {
            if (file->keys[i].set == WM_SET_SIGN && file->keys[i].id == id) {
                break;
            }
        }

    } while (i < file->n);              /* 32 keys leave many free */

    return id;
}


static bool
wm_keyfile_write(wm_buf_t *b, wm_str_t text, const wm_keyfile_t *file,
    const wm_algorithm_t *algorithm, int64_t now_ms, wm_rotated_t *r)
{
    char             since[WM_TIME_TEXT];
    const char      *end;
    const wm_key_t  *next;

    next = wm_key_find(file, WM_KEY_NEXT);
    end = text.len > 1 && text.data[text.len - 2] == '\r' ? "\r\n" : "\n";

    wm_key_time(now_ms, since);

    if (next != NULL) {
        wm_key_replace(b, &text, next->state_text,
                       r->known ? "active" : "retired");
        wm_key_replace(b, &text, next->since, since);
    }

    wm_put(b, text);

    if (text.len > 0 && text.data[text.len - 1] != '\n') {
        wm_puts(b, end);
    }

    if (!r->known) {
        if (!wm_key_put(b, algorithm, r->signs, WM_KEY_ACTIVE, now_ms)) {
            return false;
        }

        wm_puts(b, end);
    }

    if (!wm_key_put(b, algorithm, r->next, WM_KEY_NEXT, now_ms)) {
        return false;
    }

    wm_puts(b, end);

    return !b->failed;
}


bool
wm_keyfile_rotate(wm_pool_t *pool, wm_str_t text,
    const wm_algorithm_t *algorithm, int64_t now_ms, wm_str_t *out,
    wm_rotated_t *rotated, wm_str_t *error)
{
    bool             ok;
    wm_buf_t         b;
    wm_keyfile_t     file;
    const wm_key_t  *last;

    if (!wm_keyfile_parse(pool, text, &file, error)) {
        wm_wipe(&file, sizeof(file));
        return false;
    }

    last = wm_key_find(&file, WM_KEY_NEXT);

    rotated->known = last != NULL
                     && (algorithm == NULL || last->algorithm == algorithm);

    if (last == NULL) {
        last = wm_key_find(&file, WM_KEY_ACTIVE);
    }

    if (algorithm == NULL) {
        algorithm = last->algorithm;
    }

    rotated->signs = rotated->known ? last->id
                                    : wm_key_free_id(&file, last->id);
    rotated->next = wm_key_free_id(&file, rotated->signs);

    if (file.n + (rotated->known ? 1 : 2) > WM_KEYS_MAX) {
        *error = wm_printf(pool, "has %zu keys, and %d are the most: delete "
                           "the lines of retired keys that no checkpoint "
                           "needs any more", file.n, WM_KEYS_MAX);
        ok = false;

    } else {

        /* room at once, so that no secret is left in a smaller buffer */

        wm_buf_init(&b, pool, text.len + 512);
        ok = wm_keyfile_write(&b, text, &file, algorithm, now_ms, rotated);
        *out = ok ? wm_buf_str(&b) : wm_null;
        *error = wm_lit("no memory, or no random numbers");
    }

    ok = ok && wm_keyfile_parse(pool, *out, &file, error);

    wm_wipe(&file, sizeof(file));

    return ok;
}


/* The key that took over from this one: the first active one behind it. */

static const wm_key_t *
wm_key_successor(const wm_keyfile_t *file, const wm_key_t *key)
{
    const wm_key_t  *k;

    for (k = key + 1; k < file->keys + file->n; k++) {
        if (k->set == WM_SET_SIGN && k->state == WM_KEY_ACTIVE) {
            return k;
        }
    }

    return NULL;
}


/* NULL: it may be retired. */

static const char *
wm_key_keep(wm_pool_t *pool, const wm_keyfile_t *file, const wm_key_t *key,
    bool force, int64_t now_ms)
{
    char             end[WM_TIME_TEXT];
    int64_t          since;
    wm_str_t         why;
    const wm_key_t  *successor;

    if (key->state == WM_KEY_RETIRED) {
        return "is retired already";
    }

    if (key->state == WM_KEY_NEXT) {
        return NULL;                    /* nothing is signed with it */
    }

    successor = wm_key_successor(file, key);

    if (successor == NULL) {
        return "is the key that signs; \"wenming keys rotate\" first";
    }

    if (force) {
        return NULL;
    }

    if (!wm_time_parse(successor->since, 0, &since)) {
        return "was followed by a key whose line does not say since when; "
               "whether anything it signed is still good, nobody knows; "
               "--force retires it all the same";
    }

    if (now_ms - since >= WM_KEY_LIFE_MS) {
        return NULL;
    }

    wm_key_time(since + WM_KEY_LIFE_MS, end);

    why = wm_printf(pool, "has signed what is good until %s: retiring it "
                    "sooner signs people out and ends the screens and pages "
                    "that it opened; --force does so", end);

    return why.data != NULL ? why.data : "no memory";
}


bool
wm_keyfile_retire(wm_pool_t *pool, wm_str_t text, unsigned id, bool force,
    int64_t now_ms, wm_str_t *out, wm_str_t *error)
{
    size_t           i;
    wm_buf_t         b;
    const char      *why;
    wm_keyfile_t     file;

    if (!wm_keyfile_parse(pool, text, &file, error)) {
        wm_wipe(&file, sizeof(file));
        return false;
    }

    for (i = 0, why = "is not there"; i < file.n; i++) {
        if (file.keys[i].set == WM_SET_SIGN && file.keys[i].id == id) {
            why = wm_key_keep(pool, &file, &file.keys[i], force, now_ms);
            break;
        }
    }

    if (why != NULL) {
        *error = wm_printf(pool, "sign key %u %s", id, why);
        wm_wipe(&file, sizeof(file));
        return false;
    }

    wm_buf_init(&b, pool, text.len + 64);
    wm_key_replace(&b, &text, file.keys[i].state_text, "retired");
    wm_put(&b, text);

    *out = wm_buf_str(&b);
    *error = wm_lit("no memory");

    wm_wipe(&file, sizeof(file));

    return out->data != NULL;
}
