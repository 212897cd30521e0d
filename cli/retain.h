/*
 * What the files of "wenming retain" share: who was seen when
 * (retain_known.c), the first walk (retain_walk.c), persons whose time is
 * over (retain_persons.c), dead letters (retain_notices.c), log files
 * (retain_logs.c); rules and report are the command's (retain.c).  The rules
 * themselves are wm_retain.h's.
 */

#ifndef WM_CLI_RETAIN_H
#define WM_CLI_RETAIN_H

#include "person.h"
#include "wm_retain.h"

/* X(name, option, what is counted) */
#define WM_RETAIN_KINDS(X)                                                   \
    X(ORDERS,   RETAIN_ORDERS,   "orders")                                   \
    X(WISHES,   RETAIN_WISHES,   "wishes")                                   \
    X(PERSONS,  RETAIN_PERSONS,  "persons")                                  \
    X(NOTICES,  RETAIN_NOTICES,  "dead letters")                             \
    X(LOGS,     RETAIN_LOGS,     "log files")

typedef enum {
#define X(name, option, what)  WM_RETAIN_##name,
    WM_RETAIN_KINDS(X)
#undef X
    WM_RETAIN_MAX
} wm_retain_kind_t;

typedef struct {
    char      id[WM_ID_LEN + 1];        /* empty: a free place */
    bool      kept;                     /* there is a record of him */
    bool      due;
    int64_t   last_ms;
} wm_known_t;

typedef struct {
    wm_cli_t    *cli;
    wm_desk_t    desk;                  /* its ctx is this */
    bool         doing;
    bool         terminal;
    int64_t      now_ms;
    int64_t      after[WM_RETAIN_MAX];  /* 0: kept for good */
    size_t       due[WM_RETAIN_MAX];
    int64_t      oldest[WM_RETAIN_MAX];
    size_t       seen;                  /* for progress */
    size_t       found;                 /* by the pass at work */

    size_t       nknown, cap;           /* a power of two */
    wm_known_t  *known;
} wm_retain_t;


/* retain.c */

/* Whether the time of one of a kind, last needed at last_ms, is over. */
bool wm_retain_over_now(const wm_retain_t *r, wm_retain_kind_t kind,
    int64_t last_ms);

/* One that is due, for the report. */
void wm_retain_count(wm_retain_t *r, wm_retain_kind_t kind, int64_t last_ms);
void wm_retain_progress(wm_retain_t *r);


/* retain_known.c; places move when another person is noted */

/* NULL: nobody of that id was noted. */
wm_known_t *wm_retain_find(wm_retain_t *r, wm_str_t id);

/* NULL: no memory, and said so; or an id that is none, and *ok. */
wm_known_t *wm_retain_know(wm_retain_t *r, wm_str_t id, bool *ok);

/* False, here and below: not all is done. */
bool wm_retain_was_seen(wm_retain_t *r, wm_str_t id, int64_t at_ms);


/* retain_walk.c */

typedef struct {
    wm_str_t    person;                 /* empty: nobody's */
    int64_t     last_ms;                /* WM_RETAIN_OPEN: it goes on */
} wm_retain_owned_t;

/* An order or a wish. */
bool wm_retain_read(wm_retain_t *r, wm_pool_t *pool, unsigned owned,
    wm_str_t id, wm_retain_owned_t *o);

/* Calls back with each person that an event has anything of. */
typedef bool (*wm_retain_in_pt)(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    wm_str_t person, int64_t last_ms);

bool wm_retain_event_people(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    wm_retain_in_pt in);

/* One order, wish or event is forgotten, as far as it is the person's. */
bool wm_retain_visit(wm_retain_t *r, wm_pool_t *pool, wm_str_t id,
    wm_str_t person, wm_person_visit_pt visit);

/* Notes when everybody was last seen; takes orders and wishes. */
bool wm_retain_walk(wm_retain_t *r);


/* retain_persons.c */

/* Notes who has a record. */
bool wm_retain_persons(wm_retain_t *r);

/* After the first walk: who is due. */
void wm_retain_decide(wm_retain_t *r);
bool wm_retain_forget_all(wm_retain_t *r);


/* retain_notices.c, retain_logs.c: counted and, where it is done, taken */

bool wm_retain_notices(wm_retain_t *r);
bool wm_retain_logs(wm_retain_t *r);

#endif /* WM_CLI_RETAIN_H */
