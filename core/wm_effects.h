/*
 * The effects of a journal entry, as redis/commit.lua kept them: MessagePack,
 * one flat list of counts and words.
 */

#ifndef WM_EFFECTS_H
#define WM_EFFECTS_H

#include "wm_base.h"

typedef struct {
    const char  *p;
    const char  *end;
} wm_packed_t;

/* False, and nothing is read: it is something else, or cut off. */
bool wm_packed_list(wm_packed_t *in, uint32_t *n);
bool wm_packed_number(wm_packed_t *in, uint64_t *n);
bool wm_packed_str(wm_packed_t *in, wm_str_t *s);

typedef struct {
    size_t      n;
    wm_str_t   *words;                  /* name, key, arguments; borrowed */
} wm_effect_t;

typedef struct {
    wm_packed_t   in;
    uint64_t      left;                 /* of the list */
    bool          failed;               /* no memory: there may be more */
} wm_effects_t;

/* False: not a list of effects. */
bool wm_effects_open(wm_effects_t *e, wm_str_t packed);

/*
 * The next effect; a word that was the reply of another effect is wm_null.
 * False: no more, damaged, or no memory.
 */
bool wm_effects_next(wm_pool_t *pool, wm_effects_t *e, wm_effect_t *effect);

#endif /* WM_EFFECTS_H */
