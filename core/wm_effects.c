#include "wm_effects.h"


/*
 * Of MessagePack, the three kinds that an entry has.  msgpuck checks by
 * tables that its static library has not for modules of nginx.
 */

/* A number of so many bytes, behind the first one. */

static bool
wm_packed_big(wm_packed_t *in, size_t bytes, uint64_t *n)
{
    size_t          i;
    const uint8_t  *p = (const uint8_t *) in->p;

    if ((size_t) (in->end - in->p) < bytes + 1) {
        return false;
    }

    for (i = 1, *n = 0; i <= bytes; i++) {
        *n = *n << 8 | p[i];
    }

    in->p += bytes + 1;

    return true;
}


bool
wm_packed_list(wm_packed_t *in, uint32_t *n)
{
    uint8_t   type;
    uint64_t  size;

    if (in->p == in->end) {
        return false;
    }

    type = (uint8_t) *in->p;

    if ((type & 0xf0) == 0x90) {
        *n = type & 0x0f;
        in->p++;
        return true;
    }

    if ((type != 0xdc && type != 0xdd)
        || !wm_packed_big(in, type == 0xdc ? 2 : 4, &size))
    {
        return false;
    }

    *n = (uint32_t) size;

    return true;
}


bool
wm_packed_number(wm_packed_t *in, uint64_t *n)
{
    uint8_t  type;

    if (in->p == in->end) {
        return false;
    }

    type = (uint8_t) *in->p;

    if (type < 0x80) {
        *n = type;
        in->p++;
        return true;
    }

    return type >= 0xcc && type <= 0xcf
           && wm_packed_big(in, (size_t) 1 << (type - 0xcc), n);
}


bool
wm_packed_str(wm_packed_t *in, wm_str_t *s)
{
    uint8_t      type;
    uint64_t     len;
    wm_packed_t  rest = *in;

    if (in->p == in->end) {
        return false;
    }

    type = (uint8_t) *in->p;

    if ((type & 0xe0) == 0xa0) {
        len = type & 0x1f;
        rest.p++;

    } else if (type < 0xd9 || type > 0xdb
               || !wm_packed_big(&rest, (size_t) 1 << (type - 0xd9), &len))
    {
        return false;
    }

    if (len > (size_t) (rest.end - rest.p)) {
        return false;
    }

    s->len = (size_t) len;
    s->data = rest.p;
    in->p = rest.p + s->len;

    return true;
}


bool
wm_effects_open(wm_effects_t *e, wm_str_t packed)
{
    uint32_t  n;

    e->in.p = packed.data;
    e->in.end = packed.len > 0 ? packed.data + packed.len : packed.data;
    e->left = 0;
    e->failed = false;

    if (packed.len == 0 || !wm_packed_list(&e->in, &n)) {
        return false;
    }

    e->left = n;

    return true;
}


bool
wm_effects_next(wm_pool_t *pool, wm_effects_t *e, wm_effect_t *effect)
{
    uint64_t  i, n, reply;

    if (e->left == 0 || !wm_packed_number(&e->in, &n) || n < 2
        || n > e->left - 1 || n > (uint64_t) (e->in.end - e->in.p))
    {
        return false;                   /* each word has a byte at least */
    }

    effect->n = (size_t) n;
    effect->words = wm_calloc(pool, effect->n * sizeof(wm_str_t));
    e->failed = effect->words == NULL;

    for (i = 0; !e->failed && i < n; i++) {
        if (!wm_packed_str(&e->in, &effect->words[i])
            && !wm_packed_number(&e->in, &reply))
        {
            return false;
        }
    }

    e->left -= n + 1;

    return !e->failed;
}
