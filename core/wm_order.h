/*
 * Orders: a resident's request for a course.  Record order:{id}.
 */

#ifndef WM_ORDER_H
#define WM_ORDER_H

#include "wm_catalogue.h"
#include "wm_person.h"
#include "wm_verdict.h"

/* X(name, word of the directive, seconds unless configured) */
#define WM_DEADLINES(X)                                                      \
    X(DISPATCH,  "dispatch",  86400)                                         \
    X(ACCEPT,    "accept",    172800)                                        \
    X(SCHEDULE,  "schedule",  604800)

typedef enum {
    WM_DEADLINE_NONE,
#define X(name, word, seconds)  WM_DEADLINE_##name,
    WM_DEADLINES(X)
#undef X
    WM_DEADLINE_MAX
} wm_deadline_t;

/* How long a step may take, in seconds, by wm_deadline_t. */
typedef struct {
    int64_t            s[WM_DEADLINE_MAX];
} wm_deadlines_t;

/*
 * X(name, code, Chinese, what it waits for)
 */
#define WM_ORDER_STATES(X)                                                   \
    X(SUBMITTED,   "submitted",   "已提交",    DISPATCH)                     \
    X(DISPATCHED,  "dispatched",  "已派单",    ACCEPT)                       \
    X(ACCEPTED,    "accepted",    "已接单",    SCHEDULE)                     \
    X(SCHEDULED,   "scheduled",   "已排课",    NONE)                         \
    X(COMPLETED,   "completed",   "已完成",    NONE)                         \
    X(REJECTED,    "rejected",    "不予受理",  NONE)                         \
    X(CANCELLED,   "cancelled",   "已取消",    NONE)                         \
    X(EXPIRED,     "expired",     "已过期",    NONE)                         \
    X(RATED,       "rated",       "已评价",    NONE)

typedef enum {
    WM_ORDER_NONE,
#define X(name, code, text, waits)  WM_ORDER_##name,
    WM_ORDER_STATES(X)
#undef X
    WM_ORDER_STATE_MAX
} wm_order_state_t;

wm_order_state_t wm_order_state_find(wm_str_t code);
const char *wm_order_state_code(wm_order_state_t s);
const char *wm_order_state_text(wm_order_state_t s);

/* WM_DEADLINE_NONE: nobody has to do anything about it. */
wm_deadline_t wm_order_state_waits(wm_order_state_t s);

typedef struct {
    wm_str_t           id;
    int64_t            running;         /* see wm_order_number() */
    wm_order_state_t   state;
    wm_str_t           course;
    wm_str_t           title;           /* the course's, when ordered */
    wm_str_t           unit;
    wm_str_t           path;
    wm_str_t           wanted;          /* days, separated by commas */
    int64_t            head_count;
    wm_str_t           person;
    wm_str_t           note;            /* sealed under the person's key */
    wm_str_t           device;
    wm_str_t           event;           /* once it is planned */
    int64_t            made_ms;
    wm_str_t           group;           /* a school, a company */
    wm_str_t           by;              /* the worker who ordered for him */
    wm_str_t           handler;         /* the unit that takes care of it */
    wm_str_t           handler_path;
    wm_str_t           team;
    wm_str_t           reason;          /* of the last refusal */
    wm_str_t           remark;          /* of workers, for the team */
    wm_str_t           log;             /* see wm_order_life.h */
    int64_t            due_ms;          /* 0: no deadline */
} wm_order_t;

/* Reads HGETALL order:{id}; false when there is none. */
bool wm_order_load(const wm_reply_t *record, wm_str_t id, wm_order_t *order);

/*
 * The id of an order: random, or, with an idempotency key, from its scope,
 * so that the answer to a repeat can be rebuilt.
 */
bool wm_order_id(wm_str_t scope, char out[WM_ID_LEN + 1]);

typedef struct {
    wm_course_t    course;
    wm_unit_t      unit;
    wm_person_t    person;
    wm_str_t       device;              /* base32; none when by is set */
    wm_str_t       by;                  /* a worker's name, or none */
    wm_str_t       group;
    wm_str_t       id;
    wm_str_t       wanted;
    int64_t        head_count;
    wm_str_t       note;
    int            offset;
    wm_deadlines_t deadlines;
} wm_order_facts_t;

/* Adds needs and effects; effect 1 replies with the running number. */
void wm_order_submit(wm_commit_t *c, const wm_realm_t *realm,
    wm_order_facts_t *f);

/* "2026000123": year of the commit and running number. */
wm_str_t wm_order_number(wm_pool_t *pool, int64_t ms, int offset,
    int64_t running);

#endif /* WM_ORDER_H */
