/*
 * Events.  Record event:{number}; the number is the id.  Indexes by unit and
 * each unit above it: sched:{unit} holds all, events:{unit} what the public
 * sees; both scored by the start.
 */

#ifndef WM_EVENT_H
#define WM_EVENT_H

#include "wm_catalogue.h"
#include "wm_field.h"
#include "wm_order_life.h"
#include "wm_reply.h"
#include "wm_verdict.h"

#define WM_EVENT_ORDERS  40
#define WM_EVENT_GROUP   20          /* seats for one person, at most */
#define WM_EVENT_DAYS    31          /* that one may last: WM_WRONG_DAYS */

/* X(name, code, Chinese, public?) */
#define WM_EVENT_STATES(X)                                                   \
    X(DRAFT,      "draft",      "草稿",    false)                            \
    X(PUBLISHED,  "published",  "已发布",  true)                             \
    X(CANCELLED,  "cancelled",  "已取消",  true)

typedef enum {
    WM_EVENT_NONE,
#define X(name, code, text, public)  WM_EVENT_##name,
    WM_EVENT_STATES(X)
#undef X
} wm_event_state_t;

wm_event_state_t wm_event_state_find(wm_str_t code);
const char *wm_event_state_code(wm_event_state_t s);
const char *wm_event_state_text(wm_event_state_t s);

typedef struct {
    wm_str_t           id;              /* the number in decimal */
    uint32_t           number;
    wm_event_state_t   state;
    bool               was_public;      /* published once, maybe cancelled */
    wm_str_t           title;
    wm_str_t           course;
    wm_str_t           unit;
    wm_str_t           unit_name;
    wm_str_t           path;
    wm_str_t           place;
    wm_str_t           audience;
    wm_str_t           content;
    int64_t            start_ms;        /* 0: not set yet */
    int64_t            end_ms;
    int64_t            capacity;        /* 0: no limit */
    wm_str_t           enrol;           /* open, none; "": as the capacity */
    int64_t            enrol_from_ms;   /* 0: since it was published */
    int64_t            enrol_until_ms;  /* 0: until the start */
    int64_t            group_max;       /* seats for one person, from 1 */
    wm_str_t           walk_in;         /* no: only with a place; else yes */
    size_t             norders;
    wm_str_t           orders[WM_EVENT_ORDERS];
    wm_str_t           orders_text;     /* the same, separated by commas */
    int64_t            moved_ms;        /* time or place, once published */
    int64_t            changed_ms;      /* the last change of any kind */
    wm_str_t           version;         /* decimal; each change adds one */
    uint16_t           epoch;           /* of screen passes */
    uint16_t           poster;          /* its number; 0: there is none */
    uint16_t           posters;         /* how many were ever made */
} wm_event_t;

/* An event's number from its id: decimal, 1 to 2^32 - 1, no zeros before. */
bool wm_event_number(wm_str_t id, uint32_t *number);

/* Reads HGETALL event:{id}; false when there is none. */
bool wm_event_load(const wm_reply_t *record, wm_str_t id, wm_event_t *event);

/* The same, and false for what the public may not see. */
bool wm_event_load_public(const wm_reply_t *record, wm_str_t id,
    wm_event_t *event);

/* The fields of a new or changed event; what is not given stays. */
extern const wm_field_t  wm_event_fields[];
extern const size_t      wm_event_nfields;

/* The same, and past: 1 publishes also what is over. */
extern const wm_field_t  wm_event_publish_fields[];
extern const size_t      wm_event_publish_nfields;

/* The same, and publish: 1 makes it public at once. */
extern const wm_field_t  wm_event_new_fields[];
extern const size_t      wm_event_new_nfields;

/*
 * Takes what was given into the event and checks it as a whole; what is
 * wrong is marked in the input.
 */
void wm_event_apply(wm_event_t *event, wm_input_t *in);

/* The fields that must be filled in before publishing: how many are not. */
size_t wm_event_missing(const wm_event_t *event, wm_input_t *in);

/*
 * The commits.  create: effect 1 replies with the event's number; public: and
 * it is published as below, in the same commit.
 */
void wm_event_create(wm_commit_t *c, const wm_event_t *event);
wm_verdict_t wm_event_create_public(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_str_t scope);
wm_verdict_t wm_event_change(wm_commit_t *c, const wm_event_t *old,
    const wm_event_t *event);

/*
 * Publishing plans the orders that the event was made for; orders[i] is the
 * record of the event's orders[i], WM_ORDER_NONE when there is none.  It is
 * refused while one that is open cannot be planned by this event, or not in
 * the worker's scope.  Cancelling gives them back; completing ends those that
 * are planned, once the event is over.
 */
wm_verdict_t wm_event_publish(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_str_t scope, bool *nothing);
wm_verdict_t wm_event_cancel(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, const wm_deadlines_t *deadlines,
    bool *nothing);
wm_verdict_t wm_event_complete(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, bool *nothing);

/* Effects only: the orders of who rates the event are rated with it. */
void wm_event_rate_orders(wm_commit_t *c, const wm_event_t *event,
    const wm_order_t *orders, wm_str_t person);

/* Whether publishing plans the order by this event. */
bool wm_event_takes_order(const wm_event_t *event, const wm_order_t *order);

/* Whether it is over, so that publishing it is to be asked about. */
bool wm_event_is_past(const wm_event_t *event, int64_t now_ms);

/* Whether the public may see it. */
bool wm_event_is_public(const wm_event_t *event);

/* Whether only who has a place may check in by a code. */
bool wm_event_needs_place(const wm_event_t *event);

#endif /* WM_EVENT_H */
