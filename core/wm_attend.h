/*
 * Attendance.  Hash att:{event}, field = person, value "in:out:how:by":
 * milliseconds of check-in and check-out (0: not yet), how each was proved,
 * and the screen or the worker behind it.
 */

#ifndef WM_ATTEND_H
#define WM_ATTEND_H

#include "wm_enrol.h"
#include "wm_person.h"

/* How long before the start, and after the end, codes are accepted. */
#define WM_ATTEND_EARLY_MS  (120 * INT64_C(60000))
#define WM_ATTEND_LATE_MS   (30 * INT64_C(60000))

/* How long ago a worker without a network may have seen a card. */
#define WM_ATTEND_KEPT_MS   (12 * INT64_C(3600000))
#define WM_ATTEND_CLOCK_MS  (5 * INT64_C(60000))    /* it may be wrong by */

/*
 * X(name, letter in the record, code, Chinese, level): a higher level proves
 * more.
 */
#define WM_ASSURANCES(X)                                                     \
    X(SCREEN,  's', "screen",   "现场扫码",  3)                              \
    X(TYPED,   't', "code",     "现场输码",  3)                              \
    X(POSTER,  'p', "poster",   "海报扫码",  2)                              \
    X(HAND,    'h', "by_hand",  "工作人员登记",  1)                           \
    X(CARD,    'c', "card",     "工作人员扫卡",  4)

typedef enum {
    WM_ASSURANCE_NONE,
#define X(name, letter, code, text, level)  WM_ASSURANCE_##name,
    WM_ASSURANCES(X)
#undef X
} wm_assurance_t;

const char *wm_assurance_code(wm_assurance_t a);
const char *wm_assurance_text(wm_assurance_t a);
unsigned wm_assurance_level(wm_assurance_t a);

typedef struct {
    int64_t          in_ms;
    int64_t          out_ms;            /* 0: still there, or forgot */
    wm_assurance_t   in_how;
    wm_assurance_t   out_how;
    wm_str_t         by;                /* number of a screen or poster, or
                                           a worker */
} wm_attend_t;

bool wm_attend_load(wm_str_t record, wm_attend_t *a);
wm_str_t wm_attend_record(wm_pool_t *pool, const wm_attend_t *a);

/* Until when a stay counts: until he left, 30 min after the end at most. */
int64_t wm_attend_until(const wm_attend_t *a, int64_t end_ms);

/*
 * What of a stay counts, in ms, as nobody is at two places at once.  Stays of
 * one person come by in_ms; counted is how far the ones before went, first 0.
 */
int64_t wm_attend_credit(int64_t in_ms, int64_t until_ms, int64_t *counted);

/* Minutes of one stay; -1: not known. */
int64_t wm_attend_minutes(const wm_attend_t *a, const wm_event_t *event);

typedef struct {
    wm_event_t      event;
    wm_person_t     person;
    wm_str_t        record;             /* wm_null: not checked in */
    wm_str_t        enrolled;           /* for events that need a place */
    bool            out;
    wm_assurance_t  how;
    wm_str_t        by;
    uint16_t        poster;             /* which one, for how = POSTER */
    wm_str_t        device;             /* wm_null: a worker's doing */
    int64_t         at_ms;              /* seen before; 0: now */
} wm_attend_facts_t;

/*
 * Whether a worker may say that he saw a card at this time: not too long ago,
 * and not in the future, by more than clocks differ.
 */
bool wm_attend_seen_at(int64_t at_ms, int64_t now_ms);

/*
 * Who is there already gets OK and the first record, whatever the time;
 * CREATED: the commit is to be sent, and done is what it will record.
 */
wm_verdict_t wm_attend_check(wm_commit_t *c, const wm_realm_t *realm,
    wm_attend_facts_t *f, wm_attend_t *done);

/* Once committed, at ms, which a repeat did not decide: what was recorded. */
void wm_attend_at(wm_attend_t *done, const wm_attend_facts_t *f, int64_t ms);

#endif /* WM_ATTEND_H */
