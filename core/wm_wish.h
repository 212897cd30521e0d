/*
 * Wishes: what somebody needs and the menu does not have.  Record wish:{id};
 * its life is one table, docs/wishes.md is compared with it.
 *
 * What was written (wish, text, answer, reason) is sealed under the person's
 * key; what everyone may read is a copy in shown_wish, shown_text and
 * shown_answer, there only while it is public.  wishes:{unit}: all, by when
 * they were made, of each unit of the path.  wishwall:{unit}: what is public,
 * by when it became so, of each unit of the path and of all.
 * wishdue:{unit}: what somebody has to see to, by deadline.
 */

#ifndef WM_WISH_H
#define WM_WISH_H

#include "wm_order_life.h"

#define WM_WISH_LINE  40                /* characters: the wish in one line */
#define WM_WISH_TEXT  500               /* and whatever else is to be said */

/* X(name, code, Chinese) */
#define WM_WISH_KINDS(X)                                                     \
    X(STUDY,    "study",    "学习")                                          \
    X(HEALTH,   "health",   "健康")                                          \
    X(LAW,      "law",      "法律")                                          \
    X(CULTURE,  "culture",  "文化")                                          \
    X(LIFE,     "life",     "生活")                                          \
    X(OTHER,    "other",    "其他")

typedef enum {
    WM_WISH_KIND_NONE,
#define X(name, code, text)  WM_WISH_KIND_##name,
    WM_WISH_KINDS(X)
#undef X
    WM_WISH_KIND_MAX
} wm_wish_kind_t;

wm_wish_kind_t wm_wish_kind_find(wm_str_t code);
const char *wm_wish_kind_code(wm_wish_kind_t kind);
const char *wm_wish_kind_text(wm_wish_kind_t kind);

/* X(name, code, Chinese, seconds that it may stay so; 0: for good) */
#define WM_WISH_STATES(X)                                                    \
    X(SUBMITTED,  "submitted",  "待审核",    172800)                         \
    X(OPEN,       "open",       "待认领",    604800)                         \
    X(CLAIMED,    "claimed",    "已认领",    2592000)                        \
    X(DONE,       "done",       "已实现",    0)                              \
    X(ANSWERED,   "answered",   "已答复",    0)                              \
    X(ORDERED,    "ordered",    "已转点单",  0)                              \
    X(REFUSED,    "refused",    "不予公开",  0)                              \
    X(WITHDRAWN,  "withdrawn",  "已撤回",    0)

typedef enum {
    WM_WISH_NONE,
#define X(name, code, text, waits)  WM_WISH_##name,
    WM_WISH_STATES(X)
#undef X
    WM_WISH_STATE_MAX
} wm_wish_state_t;

wm_wish_state_t wm_wish_state_find(wm_str_t code);
const char *wm_wish_state_code(wm_wish_state_t s);
const char *wm_wish_state_text(wm_wish_state_t s);

/* Who takes a step, one bit each. */
#define WM_WISH_WHO(X)                                                       \
    X(WISHER)                           /* the device that sent it */        \
    X(REVIEWER)                         /* says what everyone may read */    \
    X(WORKER)                           /* of the unit or above */           \
    X(TEAM)                             /* one that may take it up */        \
    X(HOLDER)                           /* the one that has */

typedef enum {
#define X(name)  WM_WISH_NR_##name,
    WM_WISH_WHO(X)
#undef X
} wm_wish_nr_t;

#define WM_WISH_BY(name)    (1u << WM_WISH_NR_##name)
#define WM_WISH_FROM(name)  (1u << WM_WISH_##name)

#define WM_WISH_FROM_FREE   (WM_WISH_FROM(SUBMITTED) | WM_WISH_FROM(OPEN))
#define WM_WISH_FROM_ALIVE  (WM_WISH_FROM_FREE | WM_WISH_FROM(CLAIMED))
#define WM_WISH_FROM_TOLD   (WM_WISH_FROM(DONE) | WM_WISH_FROM(ANSWERED))

/* What a step needs besides. */
#define WM_WISH_NEEDS(X)                                                     \
    X(NOTHING)                                                               \
    X(WORDS)                            /* that everyone will read */        \
    X(REASON)                                                                \
    X(ANSWER)                                                                \
    X(ORDER)                            /* course, days, heads */

typedef enum {
#define X(name)  WM_WISH_NEED_##name,
    WM_WISH_NEEDS(X)
#undef X
} wm_wish_need_t;

/*
 * X(name, code, from, next, who, needs, operation, Chinese on a button,
 * Chinese for the wisher)
 */
#define WM_WISH_ACTIONS(X)                                                   \
    X(SUBMIT,    "submit",    0,                     SUBMITTED,              \
      WM_WISH_BY(WISHER),                            NOTHING,  WISH_SUBMIT,  \
      "许愿",      "已提交")                                                 \
    X(PUBLISH,   "publish",   WM_WISH_FROM(SUBMITTED),  OPEN,                \
      WM_WISH_BY(REVIEWER),                          WORDS,    WISH_PUBLISH, \
      "公开",      "已公开，等待认领")                                       \
    X(REFUSE,    "refuse",    WM_WISH_FROM_ALIVE | WM_WISH_FROM_TOLD,        \
      REFUSED, WM_WISH_BY(REVIEWER),                 REASON,   WISH_REFUSE,  \
      "不予公开",  "不予公开")                                               \
    X(CLAIM,     "claim",     WM_WISH_FROM(OPEN),    CLAIMED,                \
      WM_WISH_BY(TEAM),                              NOTHING,  WISH_CLAIM,   \
      "认领",      "已认领：")                                               \
    X(RELEASE,   "release",   WM_WISH_FROM(CLAIMED), OPEN,                   \
      WM_WISH_BY(HOLDER) | WM_WISH_BY(WORKER),       REASON,   WISH_RELEASE, \
      "退回",      "重新等待认领")                                           \
    X(FULFIL,    "fulfil",    WM_WISH_FROM(CLAIMED), DONE,                   \
      WM_WISH_BY(HOLDER) | WM_WISH_BY(WORKER),       NOTHING,  WISH_FULFIL,  \
      "已实现",    "已实现：")                                               \
    X(ANSWER,    "answer",    WM_WISH_FROM_FREE,     ANSWERED,               \
      WM_WISH_BY(WORKER),                            ANSWER,   WISH_ANSWER,  \
      "答复",      "已答复")                                                 \
    X(ORDER,     "order",     WM_WISH_FROM_FREE,     ORDERED,                \
      WM_WISH_BY(WORKER),                            ORDER,    WISH_ORDER,   \
      "转点单",    "已转为点单")                                             \
    X(WITHDRAW,  "withdraw",  WM_WISH_FROM_ALIVE,    WITHDRAWN,              \
      WM_WISH_BY(WISHER),                            NOTHING,  WISH_WITHDRAW,\
      "撤回",      "已撤回")

typedef enum {
#define X(name, code, from, next, who, needs, op, text, told)                \
    WM_WISH_DO_##name,
    WM_WISH_ACTIONS(X)
#undef X
    WM_WISH_DO_MAX                      /* no action of the table */
} wm_wish_action_t;

wm_wish_action_t wm_wish_action_find(wm_str_t code);
const char *wm_wish_action_code(wm_wish_action_t action);
const char *wm_wish_action_text(wm_wish_action_t action);
const char *wm_wish_action_told(wm_wish_action_t action);
wm_wish_need_t wm_wish_action_needs(wm_wish_action_t action);
wm_op_t wm_wish_action_op(wm_wish_action_t action);
bool wm_wish_action_from(wm_wish_action_t action, wm_wish_state_t state);

typedef struct {
    wm_str_t          id;
    wm_wish_state_t   state;
    wm_wish_kind_t    kind;
    wm_str_t          unit;
    wm_str_t          path;
    wm_str_t          person;
    wm_str_t          device;
    wm_str_t          by;               /* the worker who wrote it down */
    wm_str_t          wish;             /* sealed */
    wm_str_t          text;             /* sealed; empty: no more was said */
    wm_str_t          answer;           /* sealed */
    wm_str_t          reason;           /* sealed; the last one */
    wm_str_t          shown_wish;
    wm_str_t          shown_text;
    wm_str_t          shown_answer;
    int64_t           shown_ms;         /* 0: not public */
    wm_str_t          team;             /* that has taken it up */
    wm_str_t          course;           /* that an answer points to */
    wm_str_t          course_title;
    wm_str_t          order;            /* that it became */
    wm_str_t          log;              /* as that of an order */
    int64_t           made_ms;
    int64_t           due_ms;           /* 0: no deadline */
} wm_wish_t;

/* Reads HGETALL wish:{id}; false when there is none. */
bool wm_wish_load(const wm_reply_t *record, wm_str_t id, wm_wish_t *wish);

bool wm_wish_is_public(const wm_wish_t *wish);
bool wm_wish_is_overdue(const wm_wish_t *wish, int64_t now_ms);

typedef struct {
    wm_unit_t        unit;
    wm_person_t      person;
    wm_str_t         device;            /* base32; empty: of a worker */
    wm_str_t         by;                /* the worker; empty: nobody */
    wm_str_t         id;
    wm_wish_kind_t   kind;
    wm_str_t         wish;
    wm_str_t         text;
} wm_wish_facts_t;

void wm_wish_submit(wm_commit_t *c, const wm_realm_t *realm,
    wm_wish_facts_t *f);

/* The facts about who asks; what does not apply is empty. */
typedef struct {
    wm_str_t            device;
    const wm_staff_t   *staff;
    wm_str_t            team_path;      /* of the unit of the staff's team */
} wm_wish_by_t;

/* Effects only: nobody reads it any more. */
void wm_wish_hide(wm_commit_t *c, const wm_wish_t *wish);

/* The bits of WM_WISH_WHO that somebody has for a wish. */
unsigned wm_wish_who(const wm_wish_t *wish, const wm_wish_by_t *by);

/* Whether somebody may see it as more than one of the public. */
bool wm_wish_sees(const wm_wish_t *wish, const wm_wish_by_t *by);

/* Whether somebody may know whose it is, and what was written. */
bool wm_wish_reads(const wm_wish_t *wish, const wm_wish_by_t *by);
bool wm_wish_calls(const wm_wish_t *wish, const wm_wish_by_t *by);

/*
 * Whether words tell who somebody is: the whole name, of two characters at
 * least, or the number, also with blanks or dashes in it.
 */
bool wm_wish_tells(wm_str_t words, const wm_person_t *person);

/* What a step is told; borrowed.  Only its own need be there. */
typedef struct {
    const wm_person_t   *person;        /* who wished; maybe not known */
    wm_str_t             wish;          /* the words for everyone */
    wm_str_t             text;
    wm_str_t             reason;
    wm_str_t             answer;
    const wm_course_t   *course;        /* of the answer; NULL: none */
    const wm_realm_t    *realm;
    wm_order_facts_t    *order;         /* all but device and person */
} wm_wish_args_t;

/*
 * Fills the commit with the step, or says why not and leaves it empty:
 * NOT_FOUND (not to be seen), FORBIDDEN, STATE, INVALID (what it needs is not
 * there, or what all are to read tells who wished).  Of ORDER, effect 1
 * replies with the order's running number.
 */
wm_verdict_t wm_wish_act(wm_commit_t *c, const wm_wish_t *wish,
    wm_wish_action_t action, const wm_wish_by_t *by,
    const wm_wish_args_t *args);

/* One bit for each action that somebody could take now. */
unsigned wm_wish_possible(const wm_wish_t *wish, const wm_wish_by_t *by,
    const wm_wish_args_t *args);

/* OK with nothing to commit when it is withdrawn already. */
wm_verdict_t wm_wish_withdraw(wm_commit_t *c, const wm_wish_t *wish,
    wm_str_t device, bool *nothing);

#endif /* WM_WISH_H */
