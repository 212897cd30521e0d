/*
 * The journal replayed: what the effects of an entry change, said to any
 * store.  Nothing has to be read for it, as an effect that counts has its
 * result in the entry.
 */

#ifndef WM_MIRROR_H
#define WM_MIRROR_H

#include "wm_commit.h"
#include "wm_effects.h"

/* An effect as it was carried out: references are replaced by replies. */
typedef struct {
    wm_do_t     what;
    wm_str_t    key;
    size_t      n;
    wm_str_t   *args;
    wm_str_t    reply;                  /* of HINCRBY */
} wm_replayed_t;

typedef struct {
    wm_pool_t    *pool;
    wm_packed_t   in;
    uint32_t      words;                /* left */
    size_t        i;                    /* effects seen */
    size_t        nreplies;
    wm_str_t     *replies;
} wm_replay_t;

typedef enum {
    WM_REPLAY_OK,
    WM_REPLAY_END,
    WM_REPLAY_DAMAGED,                 /* no effects of ours */
    WM_REPLAY_FAILED                   /* no memory, or the store */
} wm_replay_result_t;

/*
 * packed and replies as an entry has them; all strings borrow from these.
 * OK, DAMAGED or FAILED.
 */
wm_replay_result_t wm_replay_begin(wm_replay_t *e, wm_pool_t *pool,
    wm_str_t packed, wm_str_t replies);
wm_replay_result_t wm_replay_next(wm_replay_t *e, wm_replayed_t *effect);

/* As Redis reads integers: no zeros or plus before, at most 2^53. */
bool wm_replay_integer(wm_str_t s, int64_t *n);

/* X(name): name, field and value, number */
#define WM_CHANGES(X)                                                        \
    X(PUT_FIELD)                        /* name, field, value */             \
    X(DROP_FIELD)                       /* name, field */                    \
    X(PUT_MEMBER)                       /* name, member */                   \
    X(DROP_MEMBER)                                                           \
    X(PUT_SCORE)                        /* name, member, number */           \
    X(DROP_SCORE)                                                            \
    X(PUT_STRING)                       /* name, value; no end any more */   \
    X(DROP)                             /* name, whatever it is */           \
    X(END_AT)                           /* name, ms */

typedef enum {
#define X(name)  WM_##name,
    WM_CHANGES(X)
#undef X
    WM_CHANGE_MAX
} wm_change_what_t;

typedef struct {
    wm_change_what_t  what;
    wm_str_t          name;             /* of the key, behind the district */
    wm_str_t          field;
    wm_str_t          value;
    int64_t           num;
} wm_change_t;

/* False ends the replay with FAILED. */
typedef bool (*wm_change_pt)(void *ctx, const wm_change_t *change);

/*
 * Says all changes of an entry that was made at at_ms.  head is the beginning
 * of all keys, "wm:{district}:"; an effect elsewhere is DAMAGED.
 */
wm_replay_result_t wm_mirror_entry(wm_pool_t *pool, wm_str_t head,
    wm_str_t packed, wm_str_t replies, int64_t at_ms, wm_change_pt change,
    void *ctx);

/* Whether a key is of those that no mirror keeps: sessions, records. */
bool wm_mirror_skips(wm_str_t name);

/*
 * The fields of a record that the journal has only a digest of, but a rebuild
 * needs; NULL when there are none.  Up to a NULL.
 */
const char *const *wm_mirror_private(wm_str_t name);

#endif /* WM_MIRROR_H */
