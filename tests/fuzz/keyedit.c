/*
 * Changes to key files: what rotate and retire make is a key file again.
 * Every byte that they have no business with stays, old keys verify as they
 * did, and each refusal has its reason.
 */

#include "fuzz.h"
#include "wm_keyedit.h"
#include "wm_time.h"
#include "wm_token.h"

#define FUZZ_LIFE_MS  (WM_DEVICE_SECONDS * INT64_C(1000))

/* All but the first byte, which is the key's id. */
#define FUZZ_SECRET                                                          \
    "d95e607221e26a560ee46dc36b08c2ad13d3a7690191c113702c3cb57beace"

/* A pool that refuses once, or never when left is negative. */
typedef struct {
    wm_pool_t   pool;
    wm_pool_t  *from;
    int         left;
    bool        refused;
} fuzz_dry_t;

typedef struct {
    fuzz_dry_t    dry;
    wm_str_t      text;
    wm_keyfile_t  file;
    int64_t       now;
} fuzz_edit_t;

static const char *const  fuzz_since[] = {
    "2026-01-01T00:00:00Z", "2026-05-27T01:00:07Z", "2026-05-27T01:00:08Z",
    "2026-11-23T01:00:07Z", "2099-01-01T00:00:00Z", "2026-06-01", "t", "-"
};

static const char *const  fuzz_comments[] = { "# a comment\n", "\n", "\r\n" };


static void *
fuzz_dry_alloc(void *ctx, size_t size)
{
    fuzz_dry_t  *dry = ctx;

    if (dry->left-- == 0) {
        dry->refused = true;
        return NULL;
    }

    return wm_alloc(dry->from, size);
}


/* A file of lines that are good one by one; few inputs would spell those. */

static wm_str_t
fuzz_file(wm_pool_t *pool, fuzz_in_t *in)
{
    uint8_t   c, id;
    wm_buf_t  b;

    static const char *const  names[] = {
        "sign", "sign", "sign", "data",
        "hmac-sha256", "hmac-sm3", "hmac-sha256", "aes-256-gcm"
    };
    static const char *const  states[] = {
        "active", "next", "retired", "active"
    };

    wm_buf_init(&b, pool, 1024);

    while (in->p < in->end) {
        c = fuzz_byte(in);

        if (c >= 0xf0) {
            wm_puts(&b, fuzz_comments[c % wm_countof(fuzz_comments)]);
            continue;
        }

        id = fuzz_byte(in);

        wm_putf(&b, "%s %u%s %s %s  %s %02x%s%s", names[c & 3], id,
                c & 128 ? " " : "", names[4 + (c & 3)], states[c >> 2 & 3],
                fuzz_since[c >> 4 & 7], id, FUZZ_SECRET,
                in->p == in->end && c & 64 ? "" : c & 128 ? "\r\n" : "\n");
    }

    fuzz_check(!b.failed);

    return fuzz_exact(pool, wm_buf_str(&b));
}


/* The line of a key, without its end. */

static wm_str_t
fuzz_line(wm_str_t text, const wm_key_t *key)
{
    const char  *from, *end;
    wm_str_t     line;

    for (from = key->state_text.data;
         from > text.data && from[-1] != '\n';
         from--)
    {
        /* void */
    }

    end = memchr(from, '\n', (size_t) (text.data + text.len - from));

    line.data = from;
    line.len = end != NULL ? (size_t) (end - from)
                           : (size_t) (text.data + text.len - from);

    return line;
}


static bool
fuzz_same_key(const wm_key_t *a, const wm_key_t *b)
{
    return a->set == b->set && a->id == b->id && a->algorithm == b->algorithm
           && memcmp(a->secret, b->secret, WM_KEY_LEN) == 0;
}


static const wm_key_t *
fuzz_signs(const wm_keyfile_t *file)
{
    size_t  i;

    for (i = file->n; i-- > 0; /* void */ ) {
        if (file->keys[i].set == WM_SET_SIGN
            && file->keys[i].state == WM_KEY_ACTIVE)
        {
            break;
        }
    }

    fuzz_check(i < file->n);

    return &file->keys[i];
}


static const wm_key_t *
fuzz_sign_key(const wm_keyfile_t *file, unsigned id)
{
    size_t  i;

    for (i = 0; i < file->n; i++) {
        if (file->keys[i].set == WM_SET_SIGN && file->keys[i].id == id) {
            return &file->keys[i];
        }
    }

    return NULL;
}


/* Of a line that changed: what stands before its state and behind since. */

static void
fuzz_rest_of_line(wm_str_t was, const wm_key_t *old, wm_str_t line,
    const wm_key_t *new)
{
    size_t  n;

    n = (size_t) (old->state_text.data - was.data);
    fuzz_check(n == (size_t) (new->state_text.data - line.data));
    fuzz_check(memcmp(was.data, line.data, n) == 0);

    n = (size_t) (was.data + was.len - old->since.data) - old->since.len;
    fuzz_check(n == (size_t) (line.data + line.len - new->since.data)
                    - new->since.len);
    fuzz_check(memcmp(was.data + was.len - n, line.data + line.len - n, n)
               == 0);
}


/*
 * All keys of the file before are there, in their order, and the text of all
 * but one (changed) is as it was; returns how many bytes follow them.
 */

static size_t
fuzz_kept(fuzz_edit_t *e, wm_str_t out, const wm_keyfile_t *after,
    const wm_key_t *changed)
{
    size_t           i, from, tail, grown;
    wm_str_t         line, was;
    const wm_key_t  *old, *new;

    fuzz_check(after->n >= e->file.n);

    from = e->text.len;
    tail = 0;
    grown = 0;

    for (i = 0; i < e->file.n; i++) {
        old = &e->file.keys[i];
        new = &after->keys[i];

        fuzz_check(fuzz_same_key(old, new));

        if (old != changed) {
            fuzz_check(old->state == new->state
                       && wm_eq(old->since, new->since));
            continue;
        }

        was = fuzz_line(e->text, old);
        line = fuzz_line(out, new);

        from = (size_t) (was.data - e->text.data);
        tail = e->text.len - from - was.len;
        grown = line.len;

        fuzz_check(from == (size_t) (line.data - out.data));
        fuzz_rest_of_line(was, old, line, new);
    }

    fuzz_check(out.len >= from + grown + tail);
    fuzz_check(memcmp(out.data, e->text.data, from) == 0);
    fuzz_check(memcmp(out.data + from + grown,
                      e->text.data + e->text.len - tail, tail) == 0);

    return out.len - from - grown - tail;
}


static void
fuzz_since_now(const fuzz_edit_t *e, const wm_key_t *key)
{
    int64_t  since;

    fuzz_check(wm_time_parse(key->since, 0, &since));
    fuzz_check(since == e->now - e->now % 1000);
}


/* What follows the old text: a line for each fresh key and nothing else. */

static void
fuzz_fresh(fuzz_edit_t *e, wm_str_t out, size_t len,
    const wm_keyfile_t *after)
{
    size_t           i, j;
    const wm_key_t  *key;

    for (i = e->file.n; i < after->n; i++) {
        key = &after->keys[i];

        fuzz_check(key->set == WM_SET_SIGN && key->id >= 1 && key->id <= 255);
        fuzz_check(fuzz_sign_key(&e->file, key->id) == NULL);

        fuzz_since_now(e, key);

        for (j = 0; j < i; j++) {
            fuzz_check(memcmp(after->keys[j].secret, key->secret, WM_KEY_LEN)
                       != 0);
        }
    }

    for (i = out.len - len, j = 0; i < out.len; i++) {
        j += out.data[i] == '\n';
    }

    /* the old text may have lacked the end of its last line */

    len = e->text.len;
    fuzz_check(j == after->n - e->file.n
                    + (len > 0 && e->text.data[len - 1] != '\n'));
    fuzz_check(out.data[out.len - 1] == '\n');
}


/* Whether there was no memory; else a refusal says why. */

static bool
fuzz_refused(const fuzz_edit_t *e, wm_str_t error)
{
    fuzz_check(e->dry.refused || error.len > 0);

    return e->dry.refused;
}


static void
fuzz_rotate(fuzz_edit_t *e, const wm_algorithm_t *algorithm, bool again)
{
    size_t           fresh, len;
    wm_str_t         out = wm_null, error = wm_null;
    fuzz_edit_t      next;
    wm_rotated_t     r;
    const wm_key_t  *before, *after;

    before = &e->file.keys[e->file.n - 1];

    while (before >= e->file.keys
           && (before->set != WM_SET_SIGN || before->state != WM_KEY_NEXT))
    {
        before--;
    }

    before = before < e->file.keys ? NULL : before;

    fresh = before == NULL || (algorithm != NULL
                               && before->algorithm != algorithm) ? 2 : 1;

    if (!wm_keyfile_rotate(&e->dry.pool, e->text, algorithm, e->now, &out, &r,
                           &error))
    {
        fuzz_check(fuzz_refused(e, error) || e->file.n + fresh > WM_KEYS_MAX);
        return;
    }

    next = *e;
    next.dry.pool.ctx = &next.dry;
    next.dry.left = -1;
    next.text = fuzz_exact(e->dry.from, out);

    fuzz_check(wm_keyfile_parse(e->dry.from, next.text, &next.file, &error));
    fuzz_check(next.file.n == e->file.n + fresh);
    fuzz_check(r.known == (fresh == 1));

    len = fuzz_kept(e, next.text, &next.file, before);
    fuzz_fresh(e, next.text, len, &next.file);

    after = fuzz_signs(&next.file);
    fuzz_check(after->id == r.signs);
    fuzz_check(after->algorithm == (algorithm != NULL ? algorithm
                                    : before != NULL ? before->algorithm
                                    : fuzz_signs(&e->file)->algorithm));

    after = &next.file.keys[next.file.n - 1];
    fuzz_check(after->state == WM_KEY_NEXT && after->id == r.next);

    if (before != NULL) {
        after = &next.file.keys[before - e->file.keys];
        fuzz_check(after->state == (r.known ? WM_KEY_ACTIVE : WM_KEY_RETIRED));
        fuzz_since_now(e, after);
    }

    if (again) {
        fuzz_rotate(&next, NULL, false);
    }
}


/* Whether the rules of docs/token.md let the key go. */

static bool
fuzz_may_go(const fuzz_edit_t *e, const wm_key_t *key, bool force)
{
    int64_t          since;
    const wm_key_t  *k;

    if (key == NULL || key->state != WM_KEY_ACTIVE) {
        return key != NULL && key->state == WM_KEY_NEXT;
    }

    if (key == fuzz_signs(&e->file)) {
        return false;
    }

    for (k = key + 1; k->set != WM_SET_SIGN || k->state != WM_KEY_ACTIVE; k++)
    {
        /* void */
    }

    return force || (wm_time_parse(k->since, 0, &since)
                     && since + FUZZ_LIFE_MS <= e->now);
}


static void
fuzz_retire(fuzz_edit_t *e, unsigned id, bool force)
{
    bool             may;
    wm_str_t         out = wm_null, error = wm_null, same;
    wm_keyfile_t     after;
    const wm_key_t  *key, *gone;

    key = fuzz_sign_key(&e->file, id);
    may = fuzz_may_go(e, key, force);

    if (!wm_keyfile_retire(&e->dry.pool, e->text, id, force, e->now, &out,
                           &error))
    {
        fuzz_check(fuzz_refused(e, error) || !may);
        return;
    }

    fuzz_check(may);

    out = fuzz_exact(e->dry.from, out);

    fuzz_check(wm_keyfile_parse(e->dry.from, out, &after, &error));
    fuzz_check(after.n == e->file.n);
    fuzz_check(fuzz_kept(e, out, &after, key) == 0);
    fuzz_check(fuzz_signs(&after)->id == fuzz_signs(&e->file)->id);

    gone = fuzz_sign_key(&after, id);
    fuzz_check(gone->state == WM_KEY_RETIRED);
    fuzz_check(wm_eq(gone->since, key->since));

    fuzz_check(!wm_keyfile_retire(e->dry.from, out, id, true, e->now, &same,
                                  &error));
    fuzz_check(fuzz_has(error, "retired already"));
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    uint8_t       how, left;
    unsigned      id;
    wm_str_t      error = wm_null, same = wm_null, out;
    fuzz_edit_t   e;
    wm_rotated_t  r;

    static const char *const  algorithms[] = { "hmac-sha256", "hmac-sm3" };

    how = fuzz_byte(in);
    id = fuzz_byte(in);
    left = fuzz_byte(in);

    e.now = how & 16 ? (int64_t) fuzz_uint(in, 4) * 1000 : FUZZ_NOW;
    e.text = how & 1 ? fuzz_rest(in) : fuzz_file(pool, in);

    wm_pool_init(&e.dry.pool, fuzz_dry_alloc, &e.dry);
    e.dry.from = pool;
    e.dry.left = left < 8 ? left : -1;
    e.dry.refused = false;

    if (!wm_keyfile_parse(pool, e.text, &e.file, &error)) {
        fuzz_check(!wm_keyfile_rotate(pool, e.text, NULL, e.now, &out, &r,
                                      &same) && wm_eq(same, error));
        fuzz_check(!wm_keyfile_retire(pool, e.text, id, true, e.now, &out,
                                      &same) && wm_eq(same, error));
        return;
    }

    if (how & 2) {
        fuzz_retire(&e, id, how & 4);
        return;
    }

    fuzz_rotate(&e, how & 4 ? wm_algorithm_find(WM_SET_SIGN,
                                  wm_str(algorithms[how >> 3 & 1]))
                            : NULL, how & 8);
}
