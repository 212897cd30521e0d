/*
 * Counters of tries in a table of fixed size.  A subject is a hash that
 * nobody outside can choose; it has few places that it may stand in.  Looking
 * takes none.  Where all of them are taken, a window that is over goes first,
 * then the smallest count: who comes with ever new subjects puts out his own,
 * not a counter that is near its limit.
 */

#ifndef WM_LIMITS_H
#define WM_LIMITS_H

#include "wm_verdict.h"

#define WM_LIMITS_PLACES  32768
#define WM_LIMITS_NEAR    8             /* that a subject may stand in */

typedef struct {
    uint64_t  subject;                  /* 0: free */
    int64_t   end;                      /* of its window */
    int64_t   count;
} wm_limits_place_t;

typedef struct {
    wm_limits_place_t  places[WM_LIMITS_PLACES];
} wm_limits_t;

/* How much was counted of a subject in the window that ends then. */
int64_t wm_limits_look(const wm_limits_t *l, uint64_t subject, int64_t end);

/* n below 0 gives back; no count falls below 0. */
void wm_limits_add(wm_limits_t *l, uint64_t subject, int64_t now, int64_t end,
    int64_t n);


/*
 * What makes something, and how often: within the window (seconds), of a
 * device, of a person (or a name), and of an address.  A hall of two thousand
 * people stands behind one address, and so does a flood.  What tells them
 * apart: an address pays for strangers only, devices that have done nothing
 * here yet, and for what a known device does beyond its share.  So who has
 * used up what an address has locks out newcomers there, nobody else.
 * 0: not limited by this.  verdict: of device and person; of an address it
 * is many_here.
 *
 * X(name, code, window, device, person, share, address, verdict)
 */
#define WM_LIMITED(X)                                                        \
    X(ORDER,     "order",    3600,   600,  600,   20,  1200,  MANY_ORDERS)    \
    X(WISH,      "wish",     3600,    60,   60,    5,   600,  MANY_WISHES)    \
    X(ENROL,     "enrol",    3600,   200,  200,   20,  6000,  MANY_ENROL)     \
    X(SCAN,      "scan",     3600,     0,    0,    1,  6000,  MANY_HERE)      \
    X(CHECK_IN,  "checkin",  3600,  2000,    0,    0,     0,  MANY_CHECK_INS) \
    X(WECHAT,    "wechat",   3600,    30,    0,   30,   600,  MANY_DATA)      \
    X(CODE,      "sms",      3600,    10,    0,    0,   600,  MANY_CODES)     \
    X(DATA,      "data",     3600,     0,    6,    0,     0,  MANY_DATA)      \
    X(SIGN_IN,   "login",     900,     0,   20,    0,   100,  TRY_LATER)

typedef enum {
#define X(name, ...)  WM_LIMIT_##name,
    WM_LIMITED(X)
#undef X
    WM_LIMIT_MAX
} wm_limit_t;

typedef struct {
    const char    *code;
    int64_t        window;
    int64_t        device;
    int64_t        person;
    int64_t        share;
    int64_t        address;
    wm_verdict_t   verdict;
} wm_limit_rule_t;

extern const wm_limit_rule_t  wm_limit_rules[WM_LIMIT_MAX];

/* Whose budgets are asked; 0: this one is not. */
typedef struct {
    uint64_t  device;
    uint64_t  person;
    uint64_t  address;
    bool      known;                    /* the device has done something */
} wm_taker_t;

/*
 * Takes one from each budget, or nothing at all: then the verdict says whose
 * was used up.
 */
wm_verdict_t wm_limits_take(wm_limits_t *l, wm_limit_t what,
    const wm_taker_t *t, int64_t now, int64_t end);

#endif /* WM_LIMITS_H */
