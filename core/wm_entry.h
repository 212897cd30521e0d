/*
 * An entry of the journal as Redis gives it; docs/architecture.md has the
 * format.
 */

#ifndef WM_ENTRY_H
#define WM_ENTRY_H

#include "wm_reply.h"

typedef struct {
    wm_str_t   id;                      /* of the stream */
    uint64_t   ms, seq;                 /* the same, read */
    uint64_t   number;
    uint64_t   time_ms;
    wm_str_t   what;                    /* that the hash covers, in words: */
    wm_str_t   verb;
    wm_str_t   actor;
    wm_str_t   sealed;                  /* digest of private effects, or - */
    wm_str_t   digest;                  /* of the effects */
    wm_str_t   replies;                 /* of effects that count, or absent */
    wm_str_t   effects;
    wm_str_t   hash;
} wm_entry_t;

#define WM_ENTRY_PAGE  "500"
#define WM_ENTRY_MAX   500

/* False: malformed; id, ms, seq and number may be set all the same. */
bool wm_entry_load(const wm_reply_t *item, wm_entry_t *entry);
bool wm_entry_id(wm_str_t id, uint64_t *ms, uint64_t *seq);

/* Where the page behind an entry begins. */
wm_str_t wm_entry_after(wm_pool_t *pool, uint64_t ms, uint64_t seq);

/* Reads "number hash" of the key head. */
bool wm_entry_head(wm_str_t head, uint64_t *number, wm_str_t *hash);

/*
 * Calls back with each part of each word of its effects, as colons part them:
 * names of keys are parts, too.  False: the effects are damaged, or there was
 * no memory.
 */
typedef void (*wm_entry_part_pt)(void *ctx, wm_str_t part);

bool wm_entry_parts(wm_pool_t *pool, const wm_entry_t *entry,
    wm_entry_part_pt each, void *ctx);

#endif /* WM_ENTRY_H */
