/*
 * A commit: conditions, effects, a journal entry and an idempotency key.
 * One or several are one call of redis/commit.lua.  core/ builds it and reads
 * its answer; who sends it is not core's concern.
 */

#ifndef WM_COMMIT_H
#define WM_COMMIT_H

#include "wm_base.h"
#include "wm_ops.h"

#define WM_COMMIT_STEPS  512            /* of a kind, at most */
#define WM_COMMIT_FEW    4              /* a power of two */
#define WM_COMMIT_WORDS  6              /* of a commit, for the script */
#define WM_IDEM_SECONDS  "691200"       /* 8 days */

/* X(name, name in the script) */
#define WM_NEEDS(X)                                                          \
    X(ABSENT,     "absent")             /* key */                            \
    X(EXISTS,     "exists")                                                  \
    X(HABSENT,    "habsent")            /* key, field */                     \
    X(HEXISTS,    "hexists")                                                 \
    X(HEQ,        "heq")                /* key, field, value; "" = absent */ \
    X(HBELOW,     "hbelow")             /* key, field, number */             \
    X(SMEMBER,    "smember")            /* key, member */                    \
    X(SNOMEMBER,  "snomember")                                               \
    X(HLEN,       "hlen")               /* key, number: fewer than */        \
    X(SCARD,      "scard")                                                   \
    X(ZCARD,      "zcard")                                                   \
    X(EQ,         "eq")                 /* key, value; "" = absent */

typedef enum {
#define X(name, text)  WM_NEED_##name,
    WM_NEEDS(X)
#undef X
} wm_need_t;

#define WM_EFFECTS(X)                                                        \
    X(HSET) X(HDEL) X(HINCRBY) X(SADD) X(SREM) X(ZADD) X(ZREM) X(SET)        \
    X(DEL) X(EXPIRE)

typedef enum {
#define X(name)  WM_DO_##name,
    WM_EFFECTS(X)
#undef X
} wm_do_t;

typedef struct {
    const char  *name;
    wm_str_t     key;
    size_t       n;
    wm_str_t    *args;
} wm_step_t;

typedef struct {
    wm_pool_t   *pool;                  /* a failure there sets failed */
    wm_op_t      op;
    wm_str_t     district;
    wm_str_t     actor;                 /* no blanks, no controls */
    int64_t      now_ms;
    wm_str_t     idem;                  /* key of the record, or wm_null */
    wm_str_t     body_hash;

    size_t       nneeds, neffects, nprivate;
    wm_step_t   *needs;
    wm_step_t   *effects;
    wm_step_t   *private;

    bool         failed;                /* no memory, or too many steps */

    wm_step_t    few[3][WM_COMMIT_FEW];     /* most commits need no more */

    wm_pool_t    noting;                /* what pool points to */
    wm_pool_t   *lender;
} wm_commit_t;

/*
 * district and actor are borrowed.  NULL: no memory.
 */
wm_commit_t *wm_commit_new(wm_pool_t *pool, wm_str_t district, wm_op_t op,
    wm_str_t actor, int64_t now_ms);

/*
 * The idempotency record: scope is whatever makes the client's key its own
 * (route, actor, key); body is what must be the same when it comes again.
 */
void wm_commit_once(wm_commit_t *c, wm_str_t scope, wm_str_t body);

void wm_commit_add_need(wm_commit_t *c, wm_need_t need, wm_str_t key,
    const wm_str_t *args, size_t n);
void wm_commit_add_effect(wm_commit_t *c, bool private, wm_do_t what,
    wm_str_t key, const wm_str_t *args, size_t n);

#define WM_ARGS(...)                                                         \
    (wm_str_t[]) { wm_null, __VA_ARGS__ } + 1,                               \
    sizeof((wm_str_t[]) { wm_null, __VA_ARGS__ }) / sizeof(wm_str_t) - 1

#define wm_need(c, what, key, ...)                                           \
    wm_commit_add_need(c, WM_NEED_##what, key, WM_ARGS(__VA_ARGS__))
#define wm_do(c, what, key, ...)                                             \
    wm_commit_add_effect(c, false, WM_DO_##what, key, WM_ARGS(__VA_ARGS__))

/* Carried out, but the journal keeps only a digest. */
#define wm_do_private(c, what, key, ...)                                     \
    wm_commit_add_effect(c, true, WM_DO_##what, key, WM_ARGS(__VA_ARGS__))

/* The reply of effect n (from 1, an HINCRBY) as an argument. */
wm_str_t wm_reply_of(unsigned n);

/*
 * Commits of one district as a call of redis/commit.lua: the whole command,
 * but that argv[0] and argv[1] are left for EVALSHA and the script's hash.
 * Strings of the commits are borrowed.  The answer is a list with one reply
 * for each, in this order, for wm_commit_read().
 * False: no memory, or a commit had none or too many steps.
 */
bool wm_commits_encode(wm_pool_t *pool, wm_commit_t *const *commits, size_t n,
    wm_str_t **argv, size_t *argc);

/* wm:{district}:rest */
wm_str_t wm_key(wm_pool_t *pool, wm_str_t district, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The hash that an entry must bear, from the one before (40 hex digits) and
 * what stands in the entry; and the digest in it, of its effects.
 */
bool wm_chain_hash(wm_str_t prev, wm_str_t entry, char out[41]);
bool wm_chain_digest(wm_str_t effects, char out[41]);

#endif /* WM_COMMIT_H */
