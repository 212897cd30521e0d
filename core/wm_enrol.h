/*
 * Enrolment: who has a place at an event, who waits for one.  Records:
 *
 *     enrol:{event}   person -> "state:seats:since:until:by"
 *     wait:{event}    who waits, scored by a number that is never used again
 *     offers:{event}  whose place is held until the score
 *     seats:{event}   taken: seats given or held; seq: the last such number
 *
 * Nobody is overtaken: whoever waits longest is served next, also when a
 * smaller group would fit at once.
 */

#ifndef WM_ENROL_H
#define WM_ENROL_H

#include "wm_event.h"
#include "wm_person.h"

#define WM_ENROL_MOVE  200              /* served by one commit, at most */
#define WM_ENROL_DUE   64               /* offers ended by one, at most */
#define WM_ENROL_SEATS  400000          /* of one record: 40 full orders */

/* X(name, letter, code, Chinese) */
#define WM_ENROL_STATES(X)                                                   \
    X(SEATED,     's', "seated",     "报名成功")                             \
    X(WAITING,    'w', "waiting",    "候补中")                               \
    X(OFFERED,    'o', "offered",    "有名额，待确认")                       \
    X(CANCELLED,  'c', "cancelled",  "已取消")                               \
    X(DECLINED,   'd', "declined",   "已放弃")

typedef enum {
    WM_ENROL_NONE,
#define X(name, letter, code, text)  WM_ENROL_##name,
    WM_ENROL_STATES(X)
#undef X
} wm_enrol_state_t;

const char *wm_enrol_state_code(wm_enrol_state_t s);
const char *wm_enrol_state_text(wm_enrol_state_t s);

typedef struct {
    wm_enrol_state_t   state;
    int64_t            seats;
    int64_t            since_ms;
    int64_t            until_ms;        /* of an offer, else 0 */
    wm_str_t           by;              /* a device, or staff:name */
    wm_str_t           text;            /* as it was read */
} wm_enrol_t;

/* False: no record, or none of ours; then the state is NONE. */
bool wm_enrol_load(wm_str_t record, wm_enrol_t *enrol);

/* What it is worth now: an offer that has run out is declined. */
wm_enrol_state_t wm_enrol_now(const wm_enrol_t *enrol,
    const wm_event_t *event, int64_t now_ms);

/* Whether somebody has a place, or may get one: seated, waiting, offered. */
bool wm_enrol_holds(const wm_enrol_t *enrol, int64_t now_ms);

/* X(name, code, Chinese): whether one can enrol, and why not */
#define WM_ENROL_WINDOWS(X)                                                  \
    X(OPEN,       "open",       "可以报名")                                  \
    X(FULL,       "full",       "名额已满，可以候补")                        \
    X(EARLY,      "early",      "报名还没有开始")                            \
    X(OVER,       "over",       "报名已经截止")                              \
    X(NOT_ASKED,  "none",       "不用报名，直接到场")                        \
    X(GONE,       "cancelled",  "活动已取消")

typedef enum {
#define X(name, code, text)  WM_ENROL_##name,
    WM_ENROL_WINDOWS(X)
#undef X
} wm_enrol_window_t;

const char *wm_enrol_window_code(wm_enrol_window_t window);
const char *wm_enrol_window_text(wm_enrol_window_t window);

/* Counts of an event: HGETALL seats:{event} and ZCARD wait:{event}. */
typedef struct {
    wm_str_t   taken_text;              /* as it was read */
    int64_t    taken;
    int64_t    waiting;
} wm_seats_t;

void wm_seats_load(const wm_reply_t *record, const wm_reply_t *waiting,
    wm_seats_t *seats);

/* Seats left, never below 0; INT64_MAX without a limit. */
int64_t wm_seats_free(const wm_event_t *event, int64_t taken);

wm_enrol_window_t wm_enrol_window(const wm_event_t *event,
    const wm_seats_t *seats, int64_t now_ms);

/* When it ends: the time that was set, at the start at the latest. */
int64_t wm_enrol_until(const wm_event_t *event);
int64_t wm_enrol_group(const wm_event_t *event);

/* A seat that is freed less than before_ms ahead is offered for hold_ms. */
typedef struct {
    int64_t    before_ms;
    int64_t    hold_ms;
} wm_offers_t;

#define WM_OFFERS_BEFORE_MS  INT64_C(86400000)
#define WM_OFFERS_HOLD_MS    INT64_C(7200000)

typedef struct {
    wm_str_t     person;
    wm_enrol_t   enrol;
} wm_queued_t;

/*
 * A list as it was read: those who wait, in their order (all of them, or the
 * first of them: cut), and those whose offer has run out.
 */
typedef struct {
    wm_event_t     event;
    wm_seats_t     seats;
    wm_offers_t    offers;
    size_t         nqueue, ndue;
    wm_queued_t   *queue;
    wm_queued_t   *due;
    bool           cut;
} wm_list_t;

typedef struct {
    wm_event_t     event;
    wm_seats_t     seats;
    wm_person_t    person;
    wm_enrol_t     old;                 /* of the person, if any */
    int64_t        wanted;              /* seats */
    wm_str_t       by;
    bool           staff;               /* at any time until the end */
} wm_enrol_facts_t;

/* Whether the list must be settled before anyone can be told a place. */
bool wm_enrol_is_stale(const wm_event_t *event, const wm_seats_t *seats,
    bool due, int64_t now_ms);

/* So many seats may one ask for. */
int64_t wm_enrol_most(const wm_enrol_facts_t *f);

/*
 * A place, or a place in the queue.  OK: there is one already; CREATED: the
 * commit is to be sent; INVALID: too many seats for one.
 */
wm_verdict_t wm_enrol_add(wm_commit_t *c, const wm_realm_t *realm,
    wm_enrol_facts_t *f);

/* Whether one can enrol at all, now or at another time. */
bool wm_enrol_is_offered(const wm_event_t *event);

/*
 * Effects of publishing, or of opening enrolment later: whoever ordered the
 * event has a place, or the first places in the queue, in the order of the
 * orders, for as many as he said (as many as there are seats, at most).  Only
 * orders that the event takes or has, one place for each person; nobody may
 * have a place yet.
 */
void wm_enrol_requesters(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders);

/*
 * Gives free seats to those who wait and ends offers that have run out.
 * False: there is nothing to do.
 */
bool wm_enrol_settle(wm_commit_t *c, const wm_list_t *list);

/* What a person, or a worker for him, can do with a place. */
typedef enum {
    WM_ENROL_CANCEL,
    WM_ENROL_ACCEPT,
    WM_ENROL_DECLINE
} wm_enrol_act_t;

/*
 * OK; nothing: it is so already.  What is freed goes to the next in the same
 * commit.  device: wm_null for a worker, else only what it enrolled itself.
 */
wm_verdict_t wm_enrol_act(wm_commit_t *c, const wm_list_t *list,
    const wm_queued_t *who, wm_enrol_act_t act, wm_str_t device,
    bool *nothing);

/* The field of a device's record; "e:{event}:{person}" read back. */
bool wm_enrol_field(wm_str_t field, wm_str_t *event, wm_str_t *person);

/* Effects only: whoever was offered a seat has come, and keeps it. */
void wm_enrol_keep(wm_commit_t *c, const wm_event_t *event, wm_str_t person,
    const wm_enrol_t *enrol);

#endif /* WM_ENROL_H */
