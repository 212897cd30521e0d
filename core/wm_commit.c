#include "wm_commit.h"
#include "wm_crypto.h"

#include <inttypes.h>
#include <stdio.h>

#include <msgpuck.h>

static const char *const  wm_need_names[] = {
#define X(name, text)  text,
    WM_NEEDS(X)
#undef X
};

static const char *const  wm_do_names[] = {
#define X(name)  #name,
    WM_EFFECTS(X)
#undef X
};


/*
 * An argument that there was no memory for would look like an empty one, and
 * overwrite something: the commit itself notes every failure.
 */

static void *
wm_commit_alloc(void *ctx, size_t size)
{
    void         *p;
    wm_commit_t  *c = ctx;

    p = wm_alloc(c->lender, size);
    c->failed |= p == NULL;

    return p;
}


wm_commit_t *
wm_commit_new(wm_pool_t *pool, wm_str_t district, wm_op_t op, wm_str_t actor,
    int64_t now_ms)
{
    wm_commit_t  *c;

    c = wm_calloc(pool, sizeof(wm_commit_t));
    if (c == NULL) {
        return NULL;
    }

    c->lender = pool;
    wm_pool_init(&c->noting, wm_commit_alloc, c);
    c->pool = &c->noting;
    c->needs = c->few[0];
    c->effects = c->few[1];
    c->private = c->few[2];
    c->district = district;
    c->op = op;
    c->actor = actor;
    c->now_ms = now_ms;

    return c;
}


static wm_str_t
wm_commit_digest(wm_pool_t *pool, wm_str_t s)
{
    char     *hex;
    uint8_t   sum[WM_SHA256_LEN];

    hex = wm_alloc(pool, 33);
    if (hex == NULL || !wm_sha256(s, sum)) {
        return wm_null;
    }

    wm_hex(sum, 16, hex);
    hex[32] = '\0';

    return (wm_str_t) { 32, hex };
}


void
wm_commit_once(wm_commit_t *c, wm_str_t scope, wm_str_t body)
{
    wm_str_t  digest;

    digest = wm_commit_digest(c->pool, scope);
    c->body_hash = wm_commit_digest(c->pool, body);

    if (digest.data == NULL || c->body_hash.data == NULL) {
        c->failed = true;
        return;
    }

    c->idem = wm_key(c->pool, c->district, "once:%.*s", wm_fmt(digest));
    c->failed |= c->idem.data == NULL;
}


/* The list has room for 4 at first, and twice as many whenever it is full. */

static wm_step_t *
wm_commit_room(wm_commit_t *c, wm_step_t *steps, size_t n)
{
    wm_step_t  *more;

    if (n < WM_COMMIT_FEW || (n & (n - 1)) != 0) {
        return steps;
    }

    more = n < WM_COMMIT_STEPS
           ? wm_alloc(c->pool, 2 * n * sizeof(wm_step_t)) : NULL;

    if (more == NULL) {
        c->failed = true;
        return NULL;
    }

    memcpy(more, steps, n * sizeof(wm_step_t));

    return more;
}


static void
wm_commit_add(wm_commit_t *c, wm_step_t **steps, size_t *n,
    const wm_step_t *step)
{
    wm_step_t  *s, *list;

    list = step->key.data != NULL ? wm_commit_room(c, *steps, *n) : NULL;

    if (list == NULL) {
        c->failed = true;
        return;
    }

    *steps = list;
    s = &list[(*n)++];
    *s = *step;

    s->args = wm_alloc(c->pool, step->n * sizeof(wm_str_t) + 1);
    if (s->args == NULL) {
        c->failed = true;
        return;
    }

    memcpy(s->args, step->args, step->n * sizeof(wm_str_t));
}


void
wm_commit_add_need(wm_commit_t *c, wm_need_t need, wm_str_t key,
    const wm_str_t *args, size_t n)
{
    wm_commit_add(c, &c->needs, &c->nneeds,
                  &(wm_step_t) { wm_need_names[need], key, n,
                                 (wm_str_t *) args });
}


void
wm_commit_add_effect(wm_commit_t *c, bool private, wm_do_t what, wm_str_t key,
    const wm_str_t *args, size_t n)
{
    wm_step_t  step = { wm_do_names[what], key, n, (wm_str_t *) args };

    if (private) {
        wm_commit_add(c, &c->private, &c->nprivate, &step);

    } else {
        wm_commit_add(c, &c->effects, &c->neffects, &step);
    }
}


/* A reply is told from text by its pointer, never by what the text says. */

static const char  wm_reply_mark[1];


wm_str_t
wm_reply_of(unsigned n)
{
    return (wm_str_t) { n, wm_reply_mark };
}


static size_t
wm_step_size(const wm_step_t *s)
{
    size_t  i, size;

    size = 5 + 5 + strlen(s->name) + 5 + s->key.len;

    for (i = 0; i < s->n; i++) {
        size += 9 + (s->args[i].data == wm_reply_mark ? 0 : s->args[i].len);
    }

    return size;
}


static char *
wm_step_encode(char *p, const wm_step_t *s)
{
    size_t  i;

    p = mp_encode_uint(p, 2 + s->n);
    p = mp_encode_str(p, s->name, (uint32_t) strlen(s->name));
    p = mp_encode_str(p, s->key.data, (uint32_t) s->key.len);

    for (i = 0; i < s->n; i++) {
        if (s->args[i].data == wm_reply_mark) {
            p = mp_encode_uint(p, s->args[i].len);

        } else {
            p = mp_encode_str(p, s->args[i].len > 0 ? s->args[i].data : "",
                              (uint32_t) s->args[i].len);
        }
    }

    return p;
}


static size_t
wm_steps_words(const wm_step_t *steps, size_t n)
{
    size_t  i, words;

    for (i = 0, words = 0; i < n; i++) {
        words += 3 + steps[i].n;
    }

    return words;
}


static size_t
wm_steps_size(const wm_step_t *steps, size_t n)
{
    size_t  i, size;

    for (i = 0, size = 0; i < n; i++) {
        size += wm_step_size(&steps[i]);
    }

    return size;
}


static char *
wm_steps_encode(char *p, const wm_step_t *steps, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        p = wm_step_encode(p, &steps[i]);
    }

    return p;
}


static wm_str_t
wm_commit_effects(const wm_commit_t *c, wm_pool_t *pool)
{
    char  *start, *p;

    start = wm_alloc(pool, 5 + wm_steps_size(c->effects, c->neffects));
    if (start == NULL) {
        return wm_null;
    }

    p = mp_encode_array(start, (uint32_t) wm_steps_words(c->effects,
                                                         c->neffects));
    p = wm_steps_encode(p, c->effects, c->neffects);

    return (wm_str_t) { (size_t) (p - start), start };
}


/* Where effects begin, conditions, effects; private is their part of it. */

static wm_str_t
wm_commit_hidden(const wm_commit_t *c, wm_pool_t *pool, wm_str_t *private)
{
    char    *start, *p;
    size_t   words;

    *private = wm_null;

    start = wm_alloc(pool, 10 + wm_steps_size(c->needs, c->nneeds)
                           + wm_steps_size(c->private, c->nprivate));
    if (start == NULL) {
        return wm_null;
    }

    words = wm_steps_words(c->needs, c->nneeds);

    p = mp_encode_array(start, (uint32_t) (1 + words
                                           + wm_steps_words(c->private,
                                                            c->nprivate)));
    p = mp_encode_uint(p, 2 + words);
    p = wm_steps_encode(p, c->needs, c->nneeds);

    private->data = p;
    p = wm_steps_encode(p, c->private, c->nprivate);
    private->len = (size_t) (p - private->data);

    return (wm_str_t) { (size_t) (p - start), start };
}


/*
 * The script wants every key once at least; only the keys from "from" on are
 * looked through, as those of commits that travel together are many.
 */

static size_t
wm_commit_add_key(wm_str_t *keys, size_t from, size_t have, wm_str_t key)
{
    size_t  i;

    for (i = from; i < have; i++) {
        if (wm_eq(keys[i], key)) {
            return have;
        }
    }

    keys[have] = key;

    return have + 1;
}


static size_t
wm_commit_add_steps(wm_str_t *keys, size_t from, size_t have,
    const wm_step_t *steps, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        have = wm_commit_add_key(keys, from, have, steps[i].key);
    }

    return have;
}


static size_t
wm_commit_add_keys(wm_str_t *keys, size_t from, size_t have,
    const wm_commit_t *c)
{
    if (c->idem.data != NULL) {
        have = wm_commit_add_key(keys, from, have, c->idem);
    }

    have = wm_commit_add_steps(keys, from, have, c->needs, c->nneeds);
    have = wm_commit_add_steps(keys, from, have, c->effects, c->neffects);

    return wm_commit_add_steps(keys, from, have, c->private, c->nprivate);
}


/* "verb actor sealed digest", what stands in the journal beside numbers. */

static wm_str_t
wm_commit_what(const wm_commit_t *c, wm_pool_t *pool, wm_str_t effects,
    wm_str_t private)
{
    char  sealed[41] = "-", digest[41];

    if (!wm_chain_digest(effects, digest)
        || (private.len > 0 && !wm_chain_digest(private, sealed)))
    {
        return wm_null;
    }

    return wm_printf(pool, "%s %.*s %s %s", wm_op_verb(c->op),
                     wm_fmt(c->actor), sealed, digest);
}


static bool
wm_commit_words(const wm_commit_t *c, wm_pool_t *pool,
    wm_str_t words[WM_COMMIT_WORDS])
{
    size_t    i;
    wm_str_t  private;

    words[4] = wm_commit_hidden(c, pool, &private);
    words[5] = wm_commit_effects(c, pool);

    if (words[4].data == NULL || words[5].data == NULL) {
        return false;
    }

    words[0] = wm_printf(pool, "%" PRId64, c->now_ms);
    words[1] = wm_commit_what(c, pool, words[5], private);
    words[2] = c->idem.data != NULL ? c->idem : wm_lit("");
    words[3] = c->idem.data != NULL ? c->body_hash : wm_lit("");

    for (i = 0; i < WM_COMMIT_WORDS; i++) {
        if (words[i].data == NULL) {
            return false;
        }
    }

    return true;
}


static size_t
wm_commit_max_keys(wm_commit_t *const *commits, size_t n)
{
    size_t  i, keys;

    for (i = 0, keys = 2; i < n; i++) {
        keys += 1 + commits[i]->nneeds + commits[i]->neffects
                + commits[i]->nprivate;
    }

    return keys;
}


bool
wm_commits_encode(wm_pool_t *pool, wm_commit_t *const *commits, size_t n,
    wm_str_t **argv, size_t *argc)
{
    size_t     i, from, before, nkeys;
    wm_str_t  *v, *keys, *words;

    v = wm_alloc(pool, (3 + wm_commit_max_keys(commits, n) + 1
                        + n * WM_COMMIT_WORDS) * sizeof(wm_str_t));
    if (v == NULL) {
        return false;
    }

    keys = v + 3;
    keys[0] = wm_key(pool, commits[0]->district, "journal");
    keys[1] = wm_key(pool, commits[0]->district, "head");

    for (i = 0, from = 2, nkeys = 2; i < n; i++) {
        before = nkeys;
        nkeys = wm_commit_add_keys(keys, from, nkeys, commits[i]);
        from = before;
    }

    v[2] = wm_printf(pool, "%zu", nkeys);
    words = keys + nkeys;
    *words++ = wm_lit(WM_IDEM_SECONDS);

    for (i = 0; i < n; i++, words += WM_COMMIT_WORDS) {
        if (commits[i]->failed || !wm_commit_words(commits[i], pool, words)) {
            return false;
        }
    }

    *argv = v;
    *argc = (size_t) (words - v);

    return v[2].data != NULL && keys[0].data != NULL && keys[1].data != NULL;
}


wm_str_t
wm_key(wm_pool_t *pool, wm_str_t district, const char *fmt, ...)
{
    char      head[64];
    size_t    n;
    va_list   args;
    wm_str_t  key;

    n = sizeof("wm:{") - 1 + district.len + sizeof("}:") - 1;

    if (n > sizeof(head)) {
        return wm_null;
    }

    memcpy(head, "wm:{", 4);
    memcpy(head + 4, district.data, district.len);
    memcpy(head + 4 + district.len, "}:", 2);

    va_start(args, fmt);
    key = wm_vprintf(pool, (wm_str_t) { n, head }, fmt, args);
    va_end(args);

    return key;
}


bool
wm_chain_hash(wm_str_t prev, wm_str_t entry, char out[41])
{
    uint8_t  sum[WM_SHA1_LEN];

    if (!wm_sha1((wm_str_t[]) { prev, wm_lit(" "), entry }, 3, sum)) {
        return false;
    }

    wm_hex_lower(sum, sizeof(sum), out);

    return true;
}


bool
wm_chain_digest(wm_str_t effects, char out[41])
{
    uint8_t  sum[WM_SHA1_LEN];

    if (!wm_sha1(&effects, 1, sum)) {
        return false;
    }

    wm_hex_lower(sum, sizeof(sum), out);

    return true;
}
