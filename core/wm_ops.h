/*
 * The operations: everything that can change state, one line each.  The verb
 * stands in the journal and must never change its meaning.
 */

#ifndef WM_OPS_H
#define WM_OPS_H

#include "wm_base.h"

/*
 * X(name, verb, what it makes old)
 * REPEAT only looks for an idempotency record; it is never written.
 */
#define WM_OPS(X)                                                            \
    X(ORDER_SUBMIT,   "order.submit",     MENU)                              \
    X(ORDER_CANCEL,   "order.cancel",     MENU)                              \
    X(ORDER_DISPATCH, "order.dispatch",   NOTHING)                           \
    X(ORDER_ACCEPT,   "order.accept",     NOTHING)                           \
    X(ORDER_DECLINE,  "order.decline",    NOTHING)                           \
    X(ORDER_REASSIGN, "order.reassign",   NOTHING)                           \
    X(ORDER_ESCALATE, "order.escalate",   NOTHING)                           \
    X(ORDER_REJECT,   "order.reject",     MENU)                              \
    X(ORDER_COMPLETE, "order.complete",   NOTHING)                           \
    X(ORDER_EXPIRE,   "order.expire",     MENU)                              \
    X(EVENT_CREATE,   "event.create",     NOTHING)                           \
    X(EVENT_CHANGE,   "event.change",     EVENTS)                            \
    X(EVENT_PUBLISH,  "event.publish",    EVENTS)                            \
    X(EVENT_CANCEL,   "event.cancel",     EVENTS)                            \
    X(EVENT_COMPLETE, "event.complete",   NOTHING)                           \
    X(SCREENS_CLOSE,  "event.screens_close", EVENTS)                         \
    X(POSTER_MAKE,    "event.poster",     EVENTS)                            \
    X(POSTER_END,     "event.poster_end", EVENTS)                            \
    X(CHECK_IN,       "attend.in",        NOTHING)                           \
    X(CHECK_OUT,      "attend.out",       NOTHING)                           \
    X(CHECK_BY_HAND,  "attend.hand",      NOTHING)                           \
    X(CHECK_BY_CARD,  "attend.card",      NOTHING)                           \
    X(HAND_OUT,       "attend.hand_out",  NOTHING)                           \
    X(CORRECT_ASK,    "attend.ask",       NOTHING)                           \
    X(CORRECT,        "attend.correct",   NOTHING)                           \
    X(CORRECT_DROP,   "attend.drop",      NOTHING)                           \
    X(ENROL,          "enrol.add",        PLACES)                            \
    X(ENROL_CANCEL,   "enrol.cancel",     PLACES)                            \
    X(ENROL_ACCEPT,   "enrol.accept",     PLACES)                            \
    X(ENROL_DECLINE,  "enrol.decline",    PLACES)                            \
    X(ENROL_SETTLE,   "enrol.settle",     PLACES)                            \
    X(ENROL_BY_HAND,  "enrol.hand",       PLACES)                            \
    X(ENROL_REMOVE,   "enrol.remove",     PLACES)                            \
    X(RATE_GIVE,      "rate.give",        ALL)                               \
    X(RATE_SHOW,      "rate.show",        EVENTS)                            \
    X(RATE_HIDE,      "rate.hide",        EVENTS)                            \
    X(WISH_SUBMIT,    "wish.submit",      NOTHING)                           \
    X(WISH_PUBLISH,   "wish.publish",     WISHES)                            \
    X(WISH_REFUSE,    "wish.refuse",      WISHES)                            \
    X(WISH_CLAIM,     "wish.claim",       WISHES)                            \
    X(WISH_RELEASE,   "wish.release",     WISHES)                            \
    X(WISH_FULFIL,    "wish.fulfil",      WISHES)                            \
    X(WISH_ANSWER,    "wish.answer",      WISHES)                            \
    X(WISH_ORDER,     "wish.order",       ALL)                               \
    X(WISH_WITHDRAW,  "wish.withdraw",    WISHES)                            \
    X(COURSE_CREATE,  "course.create",    NOTHING)                           \
    X(COURSE_CHANGE,  "course.change",    NOTHING)                           \
    X(COURSE_SUBMIT,  "course.submit",    NOTHING)                           \
    X(COURSE_RECALL,  "course.recall",    NOTHING)                           \
    X(COURSE_PUBLISH, "course.publish",   MENU)                              \
    X(COURSE_RETURN,  "course.return",    NOTHING)                           \
    X(COURSE_WITHDRAW, "course.withdraw", MENU)                              \
    X(COURSE_DROP,    "course.drop",      NOTHING)                           \
    X(NOTIFY_QUEUE,   "notify.queue",     NOTHING)                           \
    X(NOTIFY_SENT,    "notify.sent",      NOTHING)                           \
    X(NOTIFY_DROP,    "notify.drop",      NOTHING)                           \
    X(NOTIFY_FAIL,    "notify.fail",      NOTHING)                           \
    X(NOTIFY_RETRY,   "notify.retry",     NOTHING)                           \
    X(PERSON_CODE,    "person.code",      NOTHING)                           \
    X(PERSON_TRY,     "person.try",       NOTHING)                           \
    X(PERSON_VERIFY,  "person.verify",    NOTHING)                           \
    X(PERSON_LEAVE,   "person.sign_out",  NOTHING)                           \
    X(PERSON_END,     "person.end",       NOTHING)                           \
    X(PERSON_BIND,    "person.bind",      NOTHING)                           \
    X(PERSON_ENTER,   "person.enter",     NOTHING)                           \
    X(PERSON_FORGET,  "person.forget",    ALL)                               \
    X(STAFF_SIGN_IN,  "staff.sign_in",    NOTHING)                           \
    X(STAFF_SIGN_OUT, "staff.sign_out",   NOTHING)                           \
    X(STAFF_ADD,      "staff.add",        NOTHING)                           \
    X(STAFF_DISABLE,  "staff.disable",    NOTHING)                           \
    X(STAFF_ENABLE,   "staff.enable",     NOTHING)                           \
    X(STAFF_PASSWORD, "staff.password",   NOTHING)                           \
    X(STAFF_WRONG,    "staff.wrong_code", NOTHING)                           \
    X(STAFF_END,      "staff.end",        NOTHING)                           \
    X(UNIT_CHANGE,    "unit.change",      MENU)                              \
    X(TOTP_ON,        "staff.totp_on",    NOTHING)                           \
    X(TOTP_OFF,       "staff.totp_off",   NOTHING)                           \
    X(TOTP_RESET,     "staff.totp_reset", NOTHING)                           \
    X(REPEAT,         "repeat",           NOTHING)                           \
    X(IMPORT,         "import",           MENU)

typedef enum {
#define X(name, verb, old)  WM_OP_##name,
    WM_OPS(X)
#undef X
    WM_OP_MAX
} wm_op_t;

const char *wm_op_verb(wm_op_t op);

/*
 * What is the same for everyone and therefore shared by nginx's workers, by
 * what makes it old.
 */
#define WM_SHARED_KINDS(X)                                                   \
    X(NOTHING)                                                               \
    X(MENU)                             /* courses, units, demand */         \
    X(EVENTS)                           /* events, timetable, codes */       \
    X(PLACES)                           /* how many are taken */             \
    X(WISHES)                           /* what is public of them */         \
    X(HOME)                             /* some of each: home, the menu */   \
    X(ALL)                              /* only of operations: each kind */

typedef enum {
#define X(name)  WM_SHARED_##name,
    WM_SHARED_KINDS(X)
#undef X
    WM_SHARED_MAX
} wm_shared_t;

wm_shared_t wm_op_makes_old(wm_op_t op);

/* Whether a kind is old when an operation makes old what it makes old. */
bool wm_shared_is_old(wm_shared_t kind, wm_shared_t old);

/* What a role may do. */
#define WM_CAPS(X)                                                           \
    X(NONE)                             /* nothing is needed */              \
    X(READ)                             /* orders and rosters in scope */    \
    X(ORDERS)                           /* orders, of the scope or a team */ \
    X(DISPATCH)                         /* whom an order goes to, or none */ \
    X(ACCEPT)                           /* what came to the own team */      \
    X(SCHEDULE)                         /* events */                         \
    X(ATTEND)                           /* check in by hand */               \
    X(REVIEW)                           /* what everyone may read */         \
    X(COURSES)                          /* write them, for review */         \
    X(MANAGE)                           /* units, and who works there */

typedef enum {
#define X(name)  WM_CAP_##name,
    WM_CAPS(X)
#undef X
} wm_cap_t;

#define WM_MAY_READ     (1 << WM_CAP_READ | 1 << WM_CAP_ORDERS)
#define WM_MAY_ARRANGE  (WM_MAY_READ | 1 << WM_CAP_DISPATCH                  \
                         | 1 << WM_CAP_SCHEDULE | 1 << WM_CAP_ATTEND          \
                         | 1 << WM_CAP_REVIEW | 1 << WM_CAP_COURSES)
#define WM_MAY_TEACH    (1 << WM_CAP_ORDERS | 1 << WM_CAP_ACCEPT)

/* X(name, code, Chinese, what it may) */
#define WM_ROLES(X)                                                          \
    X(WORKER,         "worker",         "专干",    WM_MAY_ARRANGE)           \
    X(AUDITOR,        "auditor",        "审计员",  WM_MAY_READ)              \
    X(ADMINISTRATOR,  "administrator",  "管理员",                            \
      WM_MAY_ARRANGE | 1 << WM_CAP_MANAGE)                                   \
    X(LEAD,           "lead",           "队长",    WM_MAY_TEACH)             \
    X(LECTURER,       "lecturer",       "宣讲员",  WM_MAY_TEACH)             \
    X(REVIEWER,       "reviewer",       "审核员",                              \
      WM_MAY_READ | 1 << WM_CAP_REVIEW)

typedef enum {
    WM_ROLE_NONE,
#define X(name, code, text, caps)  WM_ROLE_##name,
    WM_ROLES(X)
#undef X
} wm_role_t;

wm_role_t wm_role_find(wm_str_t code);
const char *wm_role_code(wm_role_t role);
const char *wm_role_text(wm_role_t role);
bool wm_role_may(wm_role_t role, wm_cap_t cap);

/*
 * A unit's path is its ancestors and itself, "/centre/institute/station/".
 * A worker's scope is the subtree below the unit he or she belongs to.
 */
bool wm_scope_covers(wm_str_t scope_path, wm_str_t unit_path);

#endif /* WM_OPS_H */
