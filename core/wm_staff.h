/*
 * Workers and their sessions.  Record staff:{name}, the set of names in
 * staff; session:{id}, where id is a digest, so that who reads Redis cannot
 * sign in with what it finds.
 */

#ifndef WM_STAFF_H
#define WM_STAFF_H

#include "wm_catalogue.h"
#include "wm_reply.h"
#include "wm_token.h"
#include "wm_verdict.h"

#define WM_SESSION_IDLE_S      1800
#define WM_SESSION_MAX_MS      (8 * INT64_C(3600000))
#define WM_SESSION_REFRESH_S   (WM_SESSION_IDLE_S - 60)
#define WM_STAFF_PATH_MAX      600      /* of where to go after signing in */
#define WM_PASSWORD_MIN        8
#define WM_PASSWORD_MAX        128

typedef struct {
    wm_str_t    name;
    wm_role_t   role;
    wm_str_t    unit;
    wm_str_t    path;                   /* of the unit: the scope */
    wm_str_t    salt;                   /* 16 bytes */
    wm_str_t    hash;                   /* scrypt, 32 bytes */
    bool        disabled;
    int64_t     epoch;                  /* sessions of an older one end */
    wm_str_t    team;                   /* of who may accept for one */
    bool        totp;                   /* has a second factor: wm_totp.h */
} wm_staff_t;

/* 1 to 32 bytes of UTF-8 without blanks, controls, ':', '/' and '{'. */
bool wm_staff_name_valid(wm_str_t name);

/* Reads HGETALL staff:{name}; false when there is none. */
bool wm_staff_load(const wm_reply_t *record, wm_str_t name,
    wm_staff_t *staff);

/*
 * Whether a worker may be led there after signing in: an address of the desk
 * below the base, with its query, but not signing in itself.
 */
bool wm_staff_leads(wm_str_t path);

/* Salt and hash for a new password.  Slow: see wm_scrypt(). */
bool wm_staff_hash(wm_pool_t *pool, wm_str_t password, wm_staff_t *staff);

/* "staff:" name, as the journal has it. */
wm_str_t wm_staff_actor(wm_pool_t *pool, wm_str_t name);

/* The commits of the command-line tool. */
void wm_staff_add(wm_commit_t *c, const wm_staff_t *staff);
void wm_staff_disable(wm_commit_t *c, const wm_staff_t *staff);
void wm_staff_enable(wm_commit_t *c, const wm_staff_t *staff);
void wm_staff_password(wm_commit_t *c, const wm_staff_t *staff);

/* All sessions end; the account stays. */
void wm_staff_end(wm_commit_t *c, const wm_staff_t *staff);

/*
 * The same at the desk: by who manages the unit or one above, and not about
 * himself.  *nothing: it is so already.
 */
wm_verdict_t wm_staff_manage(wm_commit_t *c, const wm_staff_t *by,
    const wm_staff_t *staff, bool *nothing);
bool wm_staff_manages(const wm_staff_t *by, const wm_staff_t *staff);

/*
 * How many of those who run a unit there are to be, by its type; what was
 * planned for a district may differ.  X(type, how many)
 */
#define WM_STAFFING(X)                                                       \
    X("institute",  2)                                                       \
    X("station",    1)

int64_t wm_staffing(wm_str_t unit_type);

/* Whether somebody is one of these: not who only reads, reviews or teaches. */
bool wm_staff_runs(const wm_staff_t *staff, wm_str_t unit);

/* session:{...} of a badge. */
wm_str_t wm_session_key(wm_pool_t *pool, wm_str_t district,
    const uint8_t sid[16]);
void wm_session_start(wm_commit_t *c, const wm_staff_t *staff,
    wm_str_t session_key);
void wm_session_end(wm_commit_t *c, wm_str_t session_key);

/* Whether HGETALL of a session fits the worker and is not too old. */
bool wm_session_valid(const wm_reply_t *session, const wm_staff_t *staff,
    int64_t now_ms);

#endif /* WM_STAFF_H */
