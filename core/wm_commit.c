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
    c->noting.alloc = wm_commit_alloc;
    c->noting.ctx = c;
    c->pool = &c->noting;
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


static void
wm_commit_add(wm_commit_t *c, wm_step_t *steps, size_t *n, size_t max,
    const wm_step_t *step)
{
    wm_step_t  *s;

    if (*n == max || step->key.data == NULL) {
        c->failed = true;
        return;
    }

    s = &steps[(*n)++];
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
    wm_commit_add(c, c->needs, &c->nneeds, wm_countof(c->needs),
                  &(wm_step_t) { wm_need_names[need], key, n,
                                 (wm_str_t *) args });
}


void
wm_commit_add_effect(wm_commit_t *c, bool private, wm_do_t what, wm_str_t key,
    const wm_str_t *args, size_t n)
{
    wm_step_t  step = { wm_do_names[what], key, n, (wm_str_t *) args };

    if (private) {
        wm_commit_add(c, c->private, &c->nprivate, wm_countof(c->private),
                      &step);

    } else {
        wm_commit_add(c, c->effects, &c->neffects, wm_countof(c->effects),
                      &step);
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

    p = mp_encode_array(p, (uint32_t) (2 + s->n));
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


static wm_str_t
wm_steps_encode(wm_pool_t *pool, const wm_step_t *steps, size_t n)
{
    char    *start, *p;
    size_t   i, size;

    for (i = 0, size = 5; i < n; i++) {
        size += wm_step_size(&steps[i]);
    }

    start = wm_alloc(pool, size);
    if (start == NULL) {
        return wm_null;
    }

    p = mp_encode_array(start, (uint32_t) n);

    for (i = 0; i < n; i++) {
        p = wm_step_encode(p, &steps[i]);
    }

    return (wm_str_t) { (size_t) (p - start), start };
}


static size_t
wm_commit_add_keys(wm_str_t *keys, size_t have, const wm_step_t *steps,
    size_t n)
{
    size_t  i, j;

    for (i = 0; i < n; i++) {
        for (j = 0; j < have && !wm_eq(keys[j], steps[i].key); j++) {
            /* void */
        }

        if (j == have) {
            keys[have++] = steps[i].key;
        }
    }

    return have;
}


bool
wm_commit_encode(wm_commit_t *c, wm_str_t **argv, size_t *argc)
{
    size_t     nkeys;
    wm_str_t  *v, *a;

    v = wm_alloc(c->pool, sizeof(wm_str_t)
                          * (1 + 3 + wm_countof(c->needs) + WM_COMMIT_STEPS
                             + wm_countof(c->private) + 8));
    if (c->failed || v == NULL) {
        return false;
    }

    v[1] = wm_key(c->pool, c->district, "journal");
    v[2] = wm_key(c->pool, c->district, "head");
    nkeys = 2;

    if (c->idem.data != NULL) {
        v[1 + nkeys++] = c->idem;
    }

    nkeys = wm_commit_add_keys(v + 1, nkeys, c->needs, c->nneeds);
    nkeys = wm_commit_add_keys(v + 1, nkeys, c->effects, c->neffects);
    nkeys = wm_commit_add_keys(v + 1, nkeys, c->private, c->nprivate);

    v[0] = wm_printf(c->pool, "%zu", nkeys);

    a = v + 1 + nkeys;

    a[0] = wm_str(wm_op_verb(c->op));
    a[1] = c->actor;
    a[2] = wm_printf(c->pool, "%" PRId64, c->now_ms);
    a[3] = c->idem.data != NULL ? c->body_hash : wm_lit("");
    a[4] = wm_lit(WM_IDEM_SECONDS);
    a[5] = wm_steps_encode(c->pool, c->needs, c->nneeds);
    a[6] = wm_steps_encode(c->pool, c->effects, c->neffects);
    a[7] = c->nprivate > 0
           ? wm_steps_encode(c->pool, c->private, c->nprivate) : wm_lit("");

    *argv = v;
    *argc = 1 + nkeys + 8;

    return v[0].data != NULL && v[1].data != NULL && v[2].data != NULL
           && a[2].data != NULL && a[5].data != NULL && a[6].data != NULL
           && a[7].data != NULL;
}


wm_str_t
wm_key(wm_pool_t *pool, wm_str_t district, const char *fmt, ...)
{
    int       n;
    char     *p;
    size_t    head;
    va_list   args;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);

    if (n < 0) {
        return wm_null;
    }

    head = sizeof("wm:{") - 1 + district.len + sizeof("}:") - 1;

    p = wm_alloc(pool, head + (size_t) n + 1);
    if (p == NULL) {
        return wm_null;
    }

    memcpy(p, "wm:{", 4);
    memcpy(p + 4, district.data, district.len);
    memcpy(p + 4 + district.len, "}:", 2);

    va_start(args, fmt);
    vsnprintf(p + head, (size_t) n + 1, fmt, args);
    va_end(args);

    return (wm_str_t) { head + (size_t) n, p };
}


bool
wm_chain_hash(wm_str_t prev, wm_str_t number, wm_str_t ms, wm_str_t verb,
    wm_str_t actor, wm_str_t sealed, wm_str_t effects, wm_str_t replies,
    char out[41])
{
    char      len[24];
    size_t    i;
    uint8_t   sum[WM_SHA1_LEN];
    wm_str_t  blank = wm_lit(" ");

    snprintf(len, sizeof(len), "%zu\n", effects.len);

    if (!wm_sha1((wm_str_t[]) { prev, blank, number, blank, ms, blank, verb,
                                blank, actor, blank, sealed, blank,
                                wm_str(len), effects, replies },
                 15, sum))
    {
        return false;
    }

    wm_hex(sum, sizeof(sum), out);

    for (i = 0; i < 40; i++) {
        if (out[i] >= 'A' && out[i] <= 'F') {
            out[i] = (char) (out[i] + ('a' - 'A'));   /* as Redis writes */
        }
    }

    out[40] = '\0';

    return true;
}
