/*
 * Courses in the hands of those who write them.  courses holds what everyone
 * may read, as an import writes it too; drafts holds what is being written:
 * both a field for each course, its JSON.  A draft becomes public when
 * somebody who has written none of it publishes it; until then the public
 * reads what it read before.
 */

#ifndef WM_COURSE_H
#define WM_COURSE_H

#include "wm_field.h"
#include "wm_reply.h"
#include "wm_staff.h"
#include "wm_verdict.h"

/* X(name, code, Chinese) */
#define WM_COURSE_STATES(X)                                                  \
    X(DRAFT,      "draft",      "草稿")                                      \
    X(REVIEW,     "review",     "待审核")                                    \
    X(PUBLISHED,  "published",  "已发布")                                    \
    X(WITHDRAWN,  "withdrawn",  "已下架")

typedef enum {
    WM_COURSE_NONE,
#define X(name, code, text)  WM_COURSE_##name,
    WM_COURSE_STATES(X)
#undef X
    WM_COURSE_STATE_MAX
} wm_course_state_t;

wm_course_state_t wm_course_state_find(wm_str_t code);
const char *wm_course_state_code(wm_course_state_t s);
const char *wm_course_state_text(wm_course_state_t s);

#define WM_COURSE_FROM(name)  (1u << WM_COURSE_##name)

#define WM_COURSE_FROM_REST  (WM_COURSE_FROM(PUBLISHED)                      \
                              | WM_COURSE_FROM(WITHDRAWN))

/*
 * X(name, code, from, what it needs of the role, a reason?, operation,
 * Chinese on a button).  WITHDRAW is of what is on the menu, whatever is being
 * written beside it.
 */
#define WM_COURSE_ACTIONS(X)                                                 \
    X(CHANGE,    "change",    WM_COURSE_FROM_REST | WM_COURSE_FROM(DRAFT),   \
      COURSES,   false,  COURSE_CHANGE,    "修改")                           \
    X(SUBMIT,    "submit",    WM_COURSE_FROM(DRAFT),                         \
      COURSES,   false,  COURSE_SUBMIT,    "送审")                           \
    X(RECALL,    "recall",    WM_COURSE_FROM(REVIEW),                        \
      COURSES,   false,  COURSE_RECALL,    "撤回送审")                       \
    X(PUBLISH,   "publish",   WM_COURSE_FROM(REVIEW),                        \
      REVIEW,    false,  COURSE_PUBLISH,   "审核通过并发布")                 \
    X(RETURN,    "return",    WM_COURSE_FROM(REVIEW),                        \
      REVIEW,    true,   COURSE_RETURN,    "退回修改")                       \
    X(WITHDRAW,  "withdraw",  WM_COURSE_FROM(DRAFT) | WM_COURSE_FROM(REVIEW) \
                              | WM_COURSE_FROM(PUBLISHED),                   \
      REVIEW,    true,   COURSE_WITHDRAW,  "下架")                           \
    X(DROP,      "drop",      WM_COURSE_FROM(DRAFT),                         \
      COURSES,   false,  COURSE_DROP,      "放弃草稿")

typedef enum {
#define X(name, code, from, cap, reason, op, text)  WM_COURSE_DO_##name,
    WM_COURSE_ACTIONS(X)
#undef X
    WM_COURSE_DO_MAX                    /* no action of the table */
} wm_course_action_t;

wm_course_action_t wm_course_action_find(wm_str_t code);
const char *wm_course_action_code(wm_course_action_t action);
const char *wm_course_action_text(wm_course_action_t action);
bool wm_course_action_reason(wm_course_action_t action);
wm_op_t wm_course_action_op(wm_course_action_t action);

typedef struct {
    wm_str_t            id;
    wm_course_state_t   state;
    bool                known;          /* stands in courses */
    bool                offered;        /* and on the menu */
    bool                drafted;        /* stands in drafts */
    wm_course_t         shown;          /* of courses, once known */
    wm_course_t         course;         /* of the draft, else the same */
    wm_str_t            path;           /* of its unit; empty: the district */
    wm_str_t            authors;        /* of the draft, apart by blanks */
    wm_str_t            by;             /* of the last step of the draft */
    wm_str_t            reason;         /* of the last return, or withdrawal */
    int64_t             changed_ms;     /* of the same; 0: imported */
    int64_t             version;        /* of the draft, or what is public */
    wm_str_t            shown_json;     /* as they were read, or "" */
    wm_str_t            draft_json;
} wm_edited_t;

/*
 * From the fields of courses and drafts, wm_null where there is none, and the
 * path of the course's unit by its HGETALL.  False: there is no such course.
 */
bool wm_edited_load(wm_pool_t *pool, wm_str_t id, wm_str_t shown,
    wm_str_t draft, const wm_reply_t *units, wm_edited_t *e);

/* Whether a worker has it in scope: what has no unit is the district's. */
bool wm_edited_covers(const wm_staff_t *staff, const wm_edited_t *e);

/* The fields of a new or changed course; what is not given stays. */
extern const wm_field_t  wm_edited_fields[];
extern const size_t      wm_edited_nfields;

/*
 * Takes what was given into the course; what is wrong is marked in the
 * input.  missing: what must be there before others review it.
 */
void wm_course_apply(wm_course_t *course, wm_input_t *in);
size_t wm_course_missing(const wm_course_t *course, wm_input_t *in);

/*
 * The commits: nothing is written unless the answer is OK.  course is as it is
 * to be, complete where it is sent on for review.
 */
wm_verdict_t wm_course_create(wm_commit_t *c, const wm_staff_t *staff,
    const wm_course_t *course, bool submit);
wm_verdict_t wm_course_change(wm_commit_t *c, const wm_edited_t *e,
    const wm_staff_t *staff, const wm_course_t *course, bool submit);
wm_verdict_t wm_course_act(wm_commit_t *c, const wm_edited_t *e,
    wm_course_action_t action, const wm_staff_t *staff, wm_str_t reason);

/* One bit for each action that the worker could take now. */
unsigned wm_course_possible(const wm_edited_t *e, const wm_staff_t *staff);

#endif /* WM_COURSE_H */
