/*
 * What Redis answered, as plain data: the domain reads records from it
 * without knowing the client.
 */

#ifndef WM_REPLY_H
#define WM_REPLY_H

#include "wm_base.h"

typedef enum {
    WM_REPLY_NIL,
    WM_REPLY_INT,
    WM_REPLY_STR,           /* also status replies */
    WM_REPLY_LIST,
    WM_REPLY_ERROR
} wm_reply_type_t;

typedef struct wm_reply_s  wm_reply_t;

struct wm_reply_s {
    wm_reply_type_t   type;
    int64_t           num;
    wm_str_t          str;
    size_t            n;
    wm_reply_t       *items;
};

/* wm_null for anything that is no string. */
wm_str_t wm_reply_str(const wm_reply_t *r);
wm_str_t wm_reply_at(const wm_reply_t *list, size_t i);

/* A field of an HGETALL; wm_null when it is not there. */
wm_str_t wm_reply_find(const wm_reply_t *hash, wm_str_t field);
wm_str_t wm_reply_field(const wm_reply_t *hash, const char *field);
int64_t wm_reply_field_int(const wm_reply_t *hash, const char *field);

/* All of it, into pool.  False: no memory. */
bool wm_reply_copy(wm_pool_t *pool, const wm_reply_t *from, wm_reply_t *to);

/*
 * A list of strings as bytes and back, for a shared cache.  wm_null: no
 * memory or no such list; false: not bytes of ours.
 */
wm_str_t wm_reply_pack(wm_pool_t *pool, const wm_reply_t *list);
bool wm_reply_unpack(wm_pool_t *pool, wm_str_t bytes, wm_reply_t *list);

/* What commit.lua returned. */
typedef enum {
    WM_COMMITTED,
    WM_COMMITTED_BEFORE,    /* the same idempotency key and body */
    WM_COMMIT_OTHER_BODY,
    WM_COMMIT_UNMET,        /* index and seen are set */
    WM_COMMIT_REFUSED       /* an effect of ours cannot be: index, seen */
} wm_commit_status_t;

typedef struct {
    wm_commit_status_t   status;
    wm_str_t             journal_id;
    int64_t              number;
    int64_t              time_ms;       /* when it was committed */
    size_t               index;         /* from 1 */
    wm_str_t             seen;
    const wm_reply_t    *replies;       /* of the effects */
    size_t               nreplies;
} wm_commit_result_t;

/* False when the reply is none of the script's. */
bool wm_commit_read(const wm_reply_t *reply, wm_commit_result_t *result);

#endif /* WM_REPLY_H */
