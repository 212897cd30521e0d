/* Who was seen when: persons by id, for "retain". */

#include "retain.h"


static wm_known_t *
wm_retain_place(wm_known_t *known, size_t cap, wm_str_t id)
{
    size_t    i, h = 5381;

    for (i = 0; i < id.len; i++) {
        h = h * 33 + (unsigned char) id.data[i];
    }

    for (i = h & (cap - 1); known[i].id[0] != '\0'; i = (i + 1) & (cap - 1)) {
        if (wm_is(id, known[i].id)) {
            break;
        }
    }

    return &known[i];
}


static bool
wm_retain_grow(wm_retain_t *r)
{
    size_t       i, cap;
    wm_known_t  *more;

    cap = r->cap == 0 ? 1024 : 2 * r->cap;
    more = wm_calloc(r->cli->pool, cap * sizeof(wm_known_t));

    if (more == NULL) {
        wm_say_error("no memory");
        return false;
    }

    for (i = 0; i < r->cap; i++) {
        if (r->known[i].id[0] != '\0') {
            *wm_retain_place(more, cap, wm_str(r->known[i].id))
                = r->known[i];
        }
    }

    r->known = more;
    r->cap = cap;

    return true;
}


wm_known_t *
wm_retain_find(wm_retain_t *r, wm_str_t id)
{
    wm_known_t  *k;

    k = r->cap > 0 && wm_id_valid(id) ? wm_retain_place(r->known, r->cap, id)
                                      : NULL;

    return k != NULL && k->id[0] != '\0' ? k : NULL;
}


wm_known_t *
wm_retain_know(wm_retain_t *r, wm_str_t id, bool *ok)
{
    wm_known_t  *k;

    *ok = true;

    if (id.data == NULL || !wm_id_valid(id)) {
        return NULL;
    }

    if (2 * (r->nknown + 1) > r->cap && !wm_retain_grow(r)) {
        *ok = false;
        return NULL;
    }

    k = wm_retain_place(r->known, r->cap, id);

    if (k->id[0] == '\0') {
        memcpy(k->id, id.data, id.len);
        r->nknown++;
    }

    return k;
}


bool
wm_retain_was_seen(wm_retain_t *r, wm_str_t id, int64_t at_ms)
{
    bool         ok;
    wm_known_t  *k;

    k = wm_retain_know(r, id, &ok);

    if (k != NULL && at_ms > k->last_ms) {
        k->last_ms = at_ms;
    }

    return ok;
}
