/*
 * Changes to the text of a key file: comments, order and spacing stay.
 */

#ifndef WM_KEYEDIT_H
#define WM_KEYEDIT_H

#include "wm_keys.h"

/* A line with a fresh secret.  False: no memory, or no random numbers. */
bool wm_key_put(wm_buf_t *b, const wm_algorithm_t *algorithm, unsigned id,
    wm_key_state_t state, int64_t now_ms);

typedef struct {
    unsigned   signs;                   /* from the next reload on */
    unsigned   next;
    bool       known;                   /* nginx knew it as the next one */
} wm_rotated_t;

/*
 * The next key signs, and a fresh one is next.  Where none is prepared, or
 * another algorithm is asked for, there are two fresh ones.  An algorithm of
 * NULL: as the key before.  On failure, error says why.
 */
bool wm_keyfile_rotate(wm_pool_t *pool, wm_str_t text,
    const wm_algorithm_t *algorithm, int64_t now_ms, wm_str_t *out,
    wm_rotated_t *rotated, wm_str_t *error);

/*
 * Marks a sign key retired.  Refused for the one that signs and, unless
 * forced, while something that the key signed may still be good.
 */
bool wm_keyfile_retire(wm_pool_t *pool, wm_str_t text, unsigned id,
    bool force, int64_t now_ms, wm_str_t *out, wm_str_t *error);

#endif /* WM_KEYEDIT_H */
