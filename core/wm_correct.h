/*
 * Corrections of attendance: one worker asks for it, with a reason, another
 * one confirms it.  Both values are in the journal: the first with what was
 * asked, the second with what was done.
 *
 * Hash fix:{event}: field = person, value "what:ms:by:path:reason" of a
 * correction that is asked for; r:{person}: the record that it was asked
 * of.  fixes:{unit}, of each unit of the path: "event:person", by time.
 */

#ifndef WM_CORRECT_H
#define WM_CORRECT_H

#include "wm_attend.h"

#define WM_CORRECT_REASON  200          /* characters */

/* X(name, code, Chinese) */
#define WM_CORRECTIONS(X)                                                    \
    X(REMOVE,  "remove",  "删去这条签到")                                    \
    X(REOPEN,  "reopen",  "撤销签退")

typedef enum {
    WM_CORRECT_NONE,
#define X(name, code, text)  WM_CORRECT_##name,
    WM_CORRECTIONS(X)
#undef X
    WM_CORRECT_MAX
} wm_correct_what_t;

wm_correct_what_t wm_correct_find(wm_str_t code);
const char *wm_correct_code(wm_correct_what_t what);
const char *wm_correct_text(wm_correct_what_t what);

typedef struct {
    wm_correct_what_t   what;
    int64_t             at_ms;
    wm_str_t            by;             /* the worker who asks */
    wm_str_t            path;           /* the event's, then */
    wm_str_t            reason;
} wm_correct_t;

/* False for what is no value of fix:{event}, also for wm_null. */
bool wm_correct_load(wm_str_t value, wm_correct_t *fix);

typedef struct {
    wm_str_t            event;          /* its number */
    wm_str_t            path;
    wm_str_t            person;
    wm_str_t            record;         /* att:{event}; wm_null: none */
    wm_str_t            asked;          /* fix:{event}; wm_null: none */
    wm_str_t            asked_of;       /* its r:{person} */
    wm_str_t            by;             /* the worker */
} wm_correct_facts_t;

/*
 * CREATED: the commit is to be sent.  NOT_FOUND: there is no such record.
 * STATE: one is asked for already, or nobody has left.  INVALID: no reason.
 */
wm_verdict_t wm_correct_ask(wm_commit_t *c, const wm_correct_facts_t *f,
    wm_correct_what_t what, wm_str_t reason);

/*
 * NOT_FOUND: none is asked for.  SECOND: by who asked for it.  CONFLICT: the
 * record is another since.  OK: the commit is to be sent.
 */
wm_verdict_t wm_correct_confirm(wm_commit_t *c, const wm_correct_facts_t *f);

/* Everything stays as it is.  NOT_FOUND: none is asked for. */
wm_verdict_t wm_correct_drop(wm_commit_t *c, const wm_correct_facts_t *f);

/*
 * What is asked about a person, of fix:{event} (wm_null: nothing), goes with
 * the person, if it is still that.
 */
void wm_correct_forget(wm_commit_t *c, wm_str_t event, wm_str_t person,
    wm_str_t asked);

#endif /* WM_CORRECT_H */
