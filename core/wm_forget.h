/*
 * What there is of a person, event by event and order by order, and how it
 * goes.  Totals stay: attendance, enrolments and scores go on under an id
 * that was drawn for that event and belongs to nobody.  Each event, each
 * order is a commit of its own; the record of the person, with the key that
 * makes the journal readable, goes last.  So what was interrupted can be
 * asked for again.
 */

#ifndef WM_FORGET_H
#define WM_FORGET_H

#include "wm_doc.h"
#include "wm_order_life.h"
#include "wm_rating.h"
#include "wm_wish.h"

/* X(name, index of units, record): what has a person in its record */
#define WM_OWNED(X)                                                          \
    X(ORDER,  "orders",  "order")                                            \
    X(WISH,   "wishes",  "wish")

typedef enum {
#define X(name, index, record)  WM_OWNED_##name,
    WM_OWNED(X)
#undef X
    WM_OWNED_MAX
} wm_owned_t;

const char *wm_owned_index(unsigned owned);
const char *wm_owned_record(unsigned owned);

/* A command for Redis. */
typedef struct {
    size_t       argc;
    wm_str_t     argv[5];
} wm_ask_t;

/* Whether an event has anything of a person: four replies of 0 or 1. */
#define WM_TRACE_HAS   4
/* All of it. */
#define WM_TRACE_ASKS  8

/* Hashes of an event that have persons as fields: WM_TRACE_HAS families. */
const char *wm_trace_hash(unsigned i);

void wm_trace_has(wm_pool_t *pool, wm_str_t district, wm_str_t event,
    wm_str_t person, wm_ask_t asks[WM_TRACE_HAS]);
void wm_trace_ask(wm_pool_t *pool, wm_str_t district, wm_str_t event,
    wm_str_t person, wm_ask_t asks[WM_TRACE_ASKS]);
bool wm_trace_found(const wm_reply_t replies[WM_TRACE_HAS]);

/* wm_null: there is none. */
typedef struct {
    wm_event_t   event;
    wm_str_t     id;                    /* of the event */
    wm_str_t     attended;
    wm_str_t     rating;
    wm_str_t     text;                  /* of the rating, sealed */
    wm_str_t     enrolled;
    wm_str_t     queued;                /* score in the queue */
    wm_str_t     offered;               /* score among the offers */
    wm_str_t     reminded;              /* of which start */
    wm_str_t     asked;                 /* a correction that waits */
} wm_trace_t;

void wm_trace_load(wm_str_t event, const wm_reply_t replies[WM_TRACE_ASKS],
    wm_trace_t *trace);

/* ---- forgetting */

/* Whether there is a place to give back first, as one does oneself. */
bool wm_forget_gives_back(const wm_trace_t *trace, int64_t now_ms);

/*
 * The event goes on without the person.  device: whose record loses its
 * notes; may be empty.  False: there is nothing of him.
 */
bool wm_forget_event(wm_commit_t *c, const wm_trace_t *trace,
    wm_str_t person, wm_str_t device);

/*
 * How an order ends before it is nobody's: ORDER_CANCEL while it is open,
 * ORDER_COMPLETE once its event is over (end_ms, 0: unknown), PERSON_FORGET
 * where it has ended.  end takes the step of c's operation by its own rule.
 */
wm_op_t wm_forget_order_op(const wm_order_t *order, int64_t end_ms,
    int64_t now_ms);
bool wm_forget_end(wm_commit_t *c, const wm_order_t *order, int64_t end_ms);

/* Who ordered, from where, and what was said about him go. */
void wm_forget_order(wm_commit_t *c, const wm_order_t *order);

/* The same of a wish: withdrawn while it is open; then its words go. */
bool wm_forget_withdraw(wm_commit_t *c, const wm_wish_t *wish);
void wm_forget_wish(wm_commit_t *c, const wm_wish_t *wish);

/*
 * What notifications are still to be told him, or were given up: ids of these
 * sorted sets; their records stand in the hash "outbox".
 */
#define WM_FORGET_QUEUES  2

const char *wm_forget_queue(unsigned i);
bool wm_forget_is_told(wm_str_t id, wm_str_t record, wm_str_t person);

/* One of them, as it was read; several may be of one commit. */
void wm_forget_told(wm_commit_t *c, wm_str_t id, wm_str_t record);

/*
 * Last of all: the record, and with it the key.  wechat is the field of it as
 * it was read, wm_null for none; mark what the device's record says of the
 * person, wm_null where something else allows it.  Whoever was signed out
 * meanwhile ends nobody.
 */
void wm_forget_person(wm_commit_t *c, const wm_person_t *person,
    wm_str_t wechat, wm_str_t device, wm_str_t mark);

/* ---- showing, in a document with these lists */

void wm_dossier_begin(wm_doc_t *doc, const wm_person_t *person,
    const wm_reply_t *record, int offset);
void wm_dossier_event(wm_doc_t *doc, const wm_person_t *person,
    const wm_trace_t *trace, int64_t now_ms, int offset);
void wm_dossier_order(wm_doc_t *doc, const wm_person_t *person,
    const wm_order_t *order, int offset);
void wm_dossier_wish(wm_doc_t *doc, const wm_person_t *person,
    const wm_wish_t *wish, int offset);

#endif /* WM_FORGET_H */
