/*
 * Orders: a resident's request for a course.  Record order:{id}.
 */

#ifndef WM_ORDER_H
#define WM_ORDER_H

#include "wm_catalogue.h"
#include "wm_person.h"
#include "wm_verdict.h"

/* X(name, code, Chinese, may the requester still cancel?) */
#define WM_ORDER_STATES(X)                                                   \
    X(SUBMITTED,  "submitted",  "已提交",  true)                             \
    X(SCHEDULED,  "scheduled",  "已排课",  true)                             \
    X(CANCELLED,  "cancelled",  "已取消",  false)

typedef enum {
    WM_ORDER_NONE,
#define X(name, code, text, cancel)  WM_ORDER_##name,
    WM_ORDER_STATES(X)
#undef X
} wm_order_state_t;

wm_order_state_t wm_order_state_find(wm_str_t code);
const char *wm_order_state_code(wm_order_state_t s);
const char *wm_order_state_text(wm_order_state_t s);

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
    wm_str_t       device;              /* base32 */
    wm_str_t       id;
    wm_str_t       wanted;
    int64_t        head_count;
    wm_str_t       note;
    int            offset;
} wm_order_facts_t;

/* Adds needs and effects; effect 1 replies with the running number. */
void wm_order_submit(wm_commit_t *c, const wm_realm_t *realm,
    wm_order_facts_t *f);

/* "2026000123": year of the commit and running number. */
wm_str_t wm_order_number(wm_pool_t *pool, int64_t ms, int offset,
    int64_t running);

/* OK with nothing to commit when it is cancelled already. */
wm_verdict_t wm_order_cancel(wm_commit_t *c, const wm_order_t *order,
    wm_str_t device, bool *nothing);

#endif /* WM_ORDER_H */
