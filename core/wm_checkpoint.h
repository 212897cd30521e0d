/*
 * Checkpoints: what the journal was at a moment, signed and kept outside
 * Redis.  A line of a checkpoint file:
 *
 *     time district number head key-id mac
 *
 * time is for people.  head is the chain's hash at the entry of that number,
 * mac the first 16 bytes of HMAC, with the key's digest, under the checkpoint
 * key over "district number head", both in hex.  Fields are separated by one
 * blank.
 */

#ifndef WM_CHECKPOINT_H
#define WM_CHECKPOINT_H

#include "wm_seal.h"

typedef struct {
    wm_str_t   time;
    wm_str_t   district;
    wm_str_t   number;                  /* decimal, no zeros before */
    wm_str_t   head;                    /* 40 hex digits, lower case */
    unsigned   key_id;
    uint8_t    mac[WM_MAC_LEN];
    uint64_t   n;                       /* the number, read */
} wm_checkpoint_t;

/*
 * A line without its end, signed with the current key of the district's
 * ring.  wm_null: no memory, or number or head are not what they should be.
 */
wm_str_t wm_checkpoint_line(wm_pool_t *pool, const wm_keyring_t *ring,
    wm_str_t district, wm_str_t number, wm_str_t head, wm_str_t time);

/* Reads a line; its strings borrow from it.  False: no such line. */
bool wm_checkpoint_parse(wm_str_t line, wm_checkpoint_t *cp);

/* OK, KEY (unknown or retired), FORGED, or NO_MEMORY. */
wm_seal_t wm_checkpoint_check(const wm_keyring_t *ring,
    const wm_checkpoint_t *cp);

#endif /* WM_CHECKPOINT_H */
