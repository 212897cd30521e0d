/*
 * The life of an order: who may take which step from which state, and what a
 * step writes.  One table; docs/orders.md is drawn from it.
 */

#ifndef WM_ORDER_LIFE_H
#define WM_ORDER_LIFE_H

#include "wm_order.h"
#include "wm_staff.h"

/* Who takes a step, one bit each. */
#define WM_ORDER_WHO(X)                                                      \
    X(REQUESTER)                        /* the device that ordered */        \
    X(WORKER)                           /* of the handling unit or above */  \
    X(TEAM)                             /* that it was dispatched to */      \
    X(EVENT)                            /* a worker, by way of an event */   \
    X(TOOL)                             /* wenming expire */                \
    X(RATER)                            /* who ordered, rating the event */

typedef enum {
#define X(name)  WM_ORDER_NR_##name,
    WM_ORDER_WHO(X)
#undef X
} wm_order_nr_t;

#define WM_BY_REQUESTER  (1u << WM_ORDER_NR_REQUESTER)
#define WM_BY_WORKER     (1u << WM_ORDER_NR_WORKER)
#define WM_BY_TEAM       (1u << WM_ORDER_NR_TEAM)
#define WM_BY_EVENT      (1u << WM_ORDER_NR_EVENT)
#define WM_BY_TOOL       (1u << WM_ORDER_NR_TOOL)
#define WM_BY_RATER      (1u << WM_ORDER_NR_RATER)

/* What a step needs besides. */
#define WM_ORDER_NEEDS(X)                                                    \
    X(NOTHING)                                                               \
    X(TEAM)                             /* another than it has */            \
    X(REASON)                                                                \
    X(PARENT)                           /* a unit above the handling unit */ \
    X(OVER)                             /* the event has ended */            \
    X(PAST)                             /* all wanted days are over */

typedef enum {
#define X(name)  WM_ORDER_NEED_##name,
    WM_ORDER_NEEDS(X)
#undef X
} wm_order_need_t;

#define WM_FROM(state)  (1u << WM_ORDER_##state)

#define WM_FROM_OFFERED  (WM_FROM(DISPATCHED) | WM_FROM(ACCEPTED))
#define WM_FROM_OPEN     (WM_FROM(SUBMITTED) | WM_FROM_OFFERED)
#define WM_FROM_ALIVE    (WM_FROM_OPEN | WM_FROM(SCHEDULED))

/*
 * X(name, code, from, next, who, needs, operation, Chinese on a button,
 * Chinese for the requester)
 */
#define WM_ORDER_ACTIONS(X)                                                  \
    X(SUBMIT,     "submit",      0,                  SUBMITTED,              \
      WM_BY_REQUESTER | WM_BY_WORKER,                NOTHING,  ORDER_SUBMIT, \
      "点单",      "已提交")                                                 \
    X(DISPATCH,   "dispatch",    WM_FROM(SUBMITTED), DISPATCHED,             \
      WM_BY_WORKER,                            TEAM,     ORDER_DISPATCH,     \
      "派单",      "已派单给")                                               \
    X(ACCEPT,     "accept",      WM_FROM(DISPATCHED), ACCEPTED,              \
      WM_BY_TEAM | WM_BY_WORKER,               NOTHING,  ORDER_ACCEPT,       \
      "接单",      "已接单：")                                               \
    X(DECLINE,    "decline",     WM_FROM_OFFERED,    SUBMITTED,              \
      WM_BY_TEAM | WM_BY_WORKER,               REASON,   ORDER_DECLINE,      \
      "退单",      "正在重新安排")                                           \
    X(REASSIGN,   "reassign",    WM_FROM_OFFERED,    DISPATCHED,             \
      WM_BY_WORKER,                            TEAM,     ORDER_REASSIGN,     \
      "改派",      "已改派给")                                               \
    X(ESCALATE,   "escalate",    WM_FROM(SUBMITTED), SUBMITTED,              \
      WM_BY_WORKER,                            PARENT,   ORDER_ESCALATE,     \
      "上报",      "已上报上级单位")                                         \
    X(REJECT,     "reject",      WM_FROM(SUBMITTED), REJECTED,               \
      WM_BY_WORKER,                            REASON,   ORDER_REJECT,       \
      "不予受理",  "不予受理")                                               \
    X(SCHEDULE,   "schedule",    WM_FROM(SUBMITTED) | WM_FROM(ACCEPTED),     \
      SCHEDULED,  WM_BY_EVENT,                 NOTHING,  EVENT_PUBLISH,      \
      "排课",      "已排课")                                                 \
    X(UNSCHEDULE, "unschedule",  WM_FROM(SCHEDULED), SUBMITTED,              \
      WM_BY_EVENT,                             NOTHING,  EVENT_CANCEL,       \
      "撤销排课",  "原活动已取消，正在重新安排")                             \
    X(COMPLETE,   "complete",    WM_FROM(SCHEDULED), COMPLETED,              \
      WM_BY_WORKER | WM_BY_EVENT,              OVER,     ORDER_COMPLETE,     \
      "完成",      "已完成")                                                 \
    X(CANCEL,     "cancel",      WM_FROM_ALIVE,      CANCELLED,              \
      WM_BY_REQUESTER,                         NOTHING,  ORDER_CANCEL,       \
      "取消",      "已取消")                                                 \
    X(EXPIRE,     "expire",      WM_FROM_OPEN,       EXPIRED,                \
      WM_BY_WORKER | WM_BY_TOOL,               PAST,     ORDER_EXPIRE,       \
      "过期关闭",  "期望的日期已过，已关闭")                                 \
    X(RATE,       "rate",        WM_FROM(SCHEDULED) | WM_FROM(COMPLETED),    \
      RATED,      WM_BY_RATER,                 NOTHING,  RATE_GIVE,          \
      "评单",      "已评价")

typedef enum {
#define X(name, code, from, next, who, needs, op, text, told)                \
    WM_ORDER_DO_##name,
    WM_ORDER_ACTIONS(X)
#undef X
    WM_ORDER_DO_MAX                     /* no action of the table */
} wm_order_action_t;

wm_order_action_t wm_order_action_find(wm_str_t code);
const char *wm_order_action_code(wm_order_action_t action);
const char *wm_order_action_text(wm_order_action_t action);
const char *wm_order_action_told(wm_order_action_t action);
wm_order_state_t wm_order_action_next(wm_order_action_t action);
wm_order_need_t wm_order_action_needs(wm_order_action_t action);
wm_op_t wm_order_action_op(wm_order_action_t action);

/* Whether the table has the action for a state, and for one of who. */
bool wm_order_action_from(wm_order_action_t action, wm_order_state_t state);
bool wm_order_action_by(wm_order_action_t action, unsigned who);

/* The facts about who asks; what does not apply is empty. */
typedef struct {
    wm_str_t               device;      /* base32 */
    const wm_staff_t      *staff;
    wm_str_t               event;       /* an event in the worker's scope */
    wm_str_t               rater;       /* a person, verified as present */
    bool                   tool;
} wm_order_by_t;

/* The bits of WM_ORDER_WHO that somebody has for an order. */
unsigned wm_order_who(const wm_order_t *order, const wm_order_by_t *by);

/* Whether the order may be shown to somebody at all. */
bool wm_order_sees(const wm_order_t *order, const wm_order_by_t *by);

/* What a step is told; borrowed.  Only its own need be there. */
typedef struct {
    wm_str_t               team;        /* an id that is known to exist */
    wm_str_t               reason;
    wm_str_t               note;        /* for the team */
    int64_t                end_ms;      /* of the order's event; 0: unknown */
    int                    offset;      /* minutes east of UTC */
    wm_deadlines_t         deadlines;
} wm_order_args_t;

/*
 * Fills the commit with the step, or says why not and leaves it empty:
 * NOT_FOUND (not to be seen), FORBIDDEN, STATE, INVALID (team or reason),
 * NO_PARENT, NOT_OVER, NOT_PAST.
 */
wm_verdict_t wm_order_act(wm_commit_t *c, const wm_order_t *order,
    wm_order_action_t action, const wm_order_by_t *by,
    const wm_order_args_t *args);

/* One bit for each action that somebody could take now. */
unsigned wm_order_possible(const wm_order_t *order, const wm_order_by_t *by,
    const wm_order_args_t *args, int64_t now_ms);

/* OK with nothing to commit when it is cancelled already. */
wm_verdict_t wm_order_cancel(wm_commit_t *c, const wm_order_t *order,
    wm_str_t device, bool *nothing);

/* Handling unit, log and deadline of a new order; part of its submission. */
void wm_order_begin(wm_commit_t *c, const wm_order_t *order,
    const wm_unit_t *unit, const wm_deadlines_t *deadlines);

/*
 * The steps so far are "action:ms:actor[:team]", joined by commas; in the
 * actor a slash stands for the colon, and } for a comma, as no name has them.
 */
typedef struct {
    wm_order_action_t      action;      /* WM_ORDER_DO_MAX: not of ours */
    wm_str_t               code;
    int64_t                at_ms;
    wm_str_t               actor;       /* as it stands there */
    wm_str_t               team;
} wm_order_entry_t;

/* Appends an entry; the code may be one of another table. */
void wm_order_log_put(wm_buf_t *b, const char *code, int64_t ms,
    wm_str_t actor, wm_str_t team);

/* The next entry; log moves behind it.  False: no more, or damaged. */
bool wm_order_log_next(wm_str_t *log, wm_order_entry_t *entry);

/* The worker's name, "" for a requester, the actor itself for others. */
wm_str_t wm_order_log_by(wm_pool_t *pool, wm_str_t actor);

/* Whether the last of the wanted days is over. */
bool wm_order_is_past(const wm_order_t *order, int offset, int64_t now_ms);
bool wm_order_is_overdue(const wm_order_t *order, int64_t now_ms);

#endif /* WM_ORDER_LIFE_H */
