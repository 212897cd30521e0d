/*
 * Notifications: who has to hear of what an entry of the journal did, in
 * which words, and until when it is true.  Records:
 *
 *     notify             cursor: up to where the journal is worked off
 *     outbox             id -> what is still to be delivered, see below
 *     outbox_due         ids, by when they are to be tried next
 *     outbox_dead        ids that were given up, by when
 *     reminded:{event}   person -> the start that he was reminded of
 *
 * The outbox knows persons by their ids only: "kind:person:event:order:mark:
 * made:tries:status"; of a wish its id stands where the order's would.  An id
 * never means anything else: "ENTRY.kind.TARGET", with the entry's id in the
 * stream (for a reminder, "event-start"), and an order, a wish or a person.
 */

#ifndef WM_NOTIFY_H
#define WM_NOTIFY_H

#include "wm_effects.h"
#include "wm_enrol.h"
#include "wm_time.h"
#include "wm_wish.h"

#define WM_NOTIFY_MAX     200           /* put into the outbox by one commit */
#define WM_NOTIFY_SETTLE  100           /* ids that one commit settles */
#define WM_NOTIFY_AHEAD   WM_DAY_MS     /* a reminder comes before the start */

/*
 * X(name, code, who: the ORDER's requester, who has or had a PLACE, the
 * WISH's wisher; link below the public address, Chinese title, Chinese text)
 * In a text: {title} of the course or event, or the wish in one line,
 * {number} of the order, {reason}, {answer}, {when}, {place}, {until},
 * {order}: the order is open again, {kept}: whether he has a place.
 */
#define WM_NOTICES(X)                                                        \
    X(ORDER_ACCEPTED,   "order_accepted",   ORDER,  "/orders",               \
      "点单已接单",                                                          \
      "您点的「{title}」（编号{number}）已接单，排好时间后再通知您。")       \
    X(ORDER_SCHEDULED,  "order_scheduled",  ORDER,  "/{enrol}/{event}",        \
      "点单已排课",                                                          \
      "您点的「{title}」（编号{number}）已排课：{when}，{place}。{kept}")    \
    X(ORDER_REJECTED,   "order_rejected",   ORDER,  "/orders",               \
      "点单未能受理",                                                        \
      "您点的「{title}」（编号{number}）未能受理。原因：{reason}")           \
    X(ORDER_RETURNED,   "order_returned",   ORDER,  "/orders",               \
      "点单正在重新安排",                                                    \
      "您点的「{title}」（编号{number}）正在重新安排，有结果后再通知您。")   \
    X(ORDER_EXPIRED,    "order_expired",    ORDER,  "/orders",               \
      "点单已关闭",                                                          \
      "您点的「{title}」（编号{number}）期望的日期已过，已关闭。"            \
      "如果还需要，请重新点单。")                                            \
    X(EVENT_CHANGED,    "event_changed",    PLACE,  "/event/{event}",        \
      "活动有变动",                                                          \
      "活动「{title}」的时间或地点有变动，现在是：{when}，{place}。")        \
    X(EVENT_CANCELLED,  "event_cancelled",  PLACE,  "/event/{event}",        \
      "活动已取消",                                                          \
      "活动「{title}」（{when}，{place}）已取消，请不要前往。{order}")       \
    X(PLACE_OFFERED,    "place_offered",    PLACE,  "/enrol/{event}",        \
      "有名额，请确认",                                                      \
      "您候补的活动「{title}」（{when}，{place}）有名额了，请在{until}"      \
      "前确认，过时让给下一位。")                                            \
    X(SEAT_GIVEN,       "seat_given",       PLACE,  "/enrol/{event}",        \
      "候补成功",                                                            \
      "您候补的活动「{title}」（{when}，{place}）有名额了，您已报名成功。")  \
    X(PLACE_REMOVED,    "place_removed",    PLACE,  "/event/{event}",        \
      "报名已取消",                                                          \
      "您在活动「{title}」（{when}，{place}）的报名已由工作人员取消。")      \
    X(EVENT_TOMORROW,   "event_tomorrow",   PLACE,  "/enrol/{event}",        \
      "活动提醒",                                                            \
      "提醒您：活动「{title}」，{when}，{place}。如果不能来，请取消报名，"   \
      "把名额让给别人。")                                                    \
    X(WISH_OPENED,      "wish_opened",      WISH,   "/my/wishes",            \
      "心愿已公开",                                                          \
      "您的心愿「{title}」已公开，等待队伍认领。")                           \
    X(WISH_REFUSED,     "wish_refused",     WISH,   "/my/wishes",            \
      "心愿不予公开",                                                        \
      "您提交的一个心愿不予公开。原因：{reason}")                            \
    X(WISH_CLAIMED,     "wish_claimed",     WISH,   "/my/wishes",            \
      "心愿已认领",                                                          \
      "您的心愿「{title}」已有队伍认领。")                                   \
    X(WISH_RELEASED,    "wish_released",    WISH,   "/my/wishes",            \
      "心愿重新等待认领",                                                    \
      "您的心愿「{title}」由队伍退回，正在重新等待认领。")                   \
    X(WISH_DONE,        "wish_done",        WISH,   "/my/wishes",            \
      "心愿已实现",                                                          \
      "您的心愿「{title}」已实现。")                                         \
    X(WISH_ANSWERED,    "wish_answered",    WISH,   "/my/wishes",            \
      "心愿有答复",                                                          \
      "您的心愿「{title}」有答复：{answer}")                                 \
    X(WISH_ORDERED,     "wish_ordered",     WISH,   "/orders",               \
      "心愿已转为点单",                                                      \
      "您的心愿「{title}」已转为点单（编号{number}），"                      \
      "办到哪一步，请看我的点单。")

typedef enum {
#define X(name, code, who, link, title, text)  WM_NOTICE_##name,
    WM_NOTICES(X)
#undef X
    WM_NOTICE_MAX
} wm_notice_t;

const char *wm_notice_code(wm_notice_t kind);
wm_notice_t wm_notice_find(wm_str_t code);
bool wm_notice_of_order(wm_notice_t kind);
bool wm_notice_of_wish(wm_notice_t kind);

/*
 * X(operation, record, field, value, kind): what an entry writes that
 * somebody hears of.  NULL for a value: any, a time that is kept.  NULL for a
 * field: it is a person, and the value the letter of a state.
 * What is written to an order concerns its requester, to a wish its wisher,
 * to a place the person, to an event everybody who has or waits for a place,
 * or whose order it is.
 */
#define WM_NOTIFY_RULES(X)                                                   \
    X(ORDER_ACCEPT,   "order",  "status",  "accepted",   ORDER_ACCEPTED)     \
    X(ORDER_REJECT,   "order",  "status",  "rejected",   ORDER_REJECTED)     \
    X(ORDER_DECLINE,  "order",  "status",  "submitted",  ORDER_RETURNED)     \
    X(ORDER_EXPIRE,   "order",  "status",  "expired",    ORDER_EXPIRED)      \
    X(EVENT_PUBLISH,  "order",  "status",  "scheduled",  ORDER_SCHEDULED)    \
    X(EVENT_CANCEL,   "order",  "status",  "submitted",  EVENT_CANCELLED)    \
    X(EVENT_CANCEL,   "event",  "status",  "cancelled",  EVENT_CANCELLED)    \
    X(EVENT_CHANGE,   "event",  "moved",   NULL,         EVENT_CHANGED)      \
    X(ENROL_CANCEL,   "enrol",  NULL,      "s",          SEAT_GIVEN)         \
    X(ENROL_CANCEL,   "enrol",  NULL,      "o",          PLACE_OFFERED)      \
    X(ENROL_DECLINE,  "enrol",  NULL,      "s",          SEAT_GIVEN)         \
    X(ENROL_DECLINE,  "enrol",  NULL,      "o",          PLACE_OFFERED)      \
    X(ENROL_SETTLE,   "enrol",  NULL,      "s",          SEAT_GIVEN)         \
    X(ENROL_SETTLE,   "enrol",  NULL,      "o",          PLACE_OFFERED)      \
    X(ENROL_REMOVE,   "enrol",  NULL,      "s",          SEAT_GIVEN)         \
    X(ENROL_REMOVE,   "enrol",  NULL,      "o",          PLACE_OFFERED)      \
    X(ENROL_REMOVE,   "enrol",  NULL,      "c",          PLACE_REMOVED)      \
    X(WISH_PUBLISH,   "wish",   "status",  "open",       WISH_OPENED)        \
    X(WISH_REFUSE,    "wish",   "status",  "refused",    WISH_REFUSED)       \
    X(WISH_CLAIM,     "wish",   "status",  "claimed",    WISH_CLAIMED)       \
    X(WISH_RELEASE,   "wish",   "status",  "open",       WISH_RELEASED)      \
    X(WISH_FULFIL,    "wish",   "status",  "done",       WISH_DONE)          \
    X(WISH_ANSWER,    "wish",   "status",  "answered",   WISH_ANSWERED)      \
    X(WISH_ORDER,     "wish",   "status",  "ordered",    WISH_ORDERED)

/* X(seconds): after how long a delivery that failed is tried again. */
#define WM_NOTIFY_DELAYS(X)                                                  \
    X(60) X(300) X(1800) X(7200) X(28800) X(86400)

/* Of an order, a wish, a place, or (none of these, no person) an event. */
typedef struct {
    wm_notice_t   kind;
    wm_str_t      event;
    wm_str_t      order;
    wm_str_t      person;
    int64_t       mark_ms;
    wm_str_t      wish;
} wm_told_t;

/*
 * NULL: no memory.  What is no effect of ours tells nothing; texts are
 * borrowed.
 */
wm_told_t *wm_notify_told(wm_pool_t *pool, wm_str_t district, wm_str_t verb,
    wm_str_t effects, size_t *n);

typedef struct {
    wm_str_t      id;
    wm_notice_t   kind;
    wm_str_t      person;
    wm_str_t      event;
    wm_str_t      order;
    wm_str_t      wish;
    int64_t       mark_ms;              /* the start, or when it was moved */
    int64_t       made_ms;
    int64_t       tries;                /* that failed */
    int64_t       status;               /* of the last; 0: no answer */
    wm_str_t      text;                 /* as it was read */
    int64_t       due_ms;               /* of a failed one; 0: given up */
} wm_notify_t;

/* False: the record is none of ours; text is set all the same. */
bool wm_notify_load(wm_str_t id, wm_str_t record, wm_notify_t *item);
wm_str_t wm_notify_record(wm_pool_t *pool, const wm_notify_t *item);

/* Who hears of it; ids begin with the entry's. */
typedef struct {
    wm_pool_t    *pool;
    wm_str_t      entry;
    int64_t       made_ms;
    wm_buf_t      items;                /* of wm_notify_t */
} wm_notify_list_t;

void wm_notify_list(wm_notify_list_t *list, wm_pool_t *pool, wm_str_t entry,
    int64_t made_ms);
void wm_notify_person(wm_notify_list_t *list, const wm_told_t *told);

/* A step of an order, or (told of an event) what becomes of its event. */
void wm_notify_order(wm_notify_list_t *list, const wm_told_t *told,
    const wm_order_t *order);

void wm_notify_wish(wm_notify_list_t *list, const wm_told_t *told,
    const wm_wish_t *wish);

/* All in HGETALL enrol:{event} who have or may get a place. */
void wm_notify_places(wm_notify_list_t *list, const wm_told_t *told,
    const wm_reply_t *enrol, int64_t now_ms);

/*
 * Who is seated and was not reminded yet of this start; text is the record
 * in reminded:{event}.
 */
void wm_notify_remind(wm_notify_list_t *list, const wm_event_t *event,
    const wm_reply_t *enrol, const wm_reply_t *reminded, int64_t now_ms);

/* In the order of their ids, each once.  NULL: no memory. */
wm_notify_t *wm_notify_sorted(wm_notify_list_t *list, size_t *n);

/* ---- commits */

/* The cursor moves, and the outbox gets at most WM_NOTIFY_MAX. */
void wm_notify_queue(wm_commit_t *c, wm_str_t old, wm_str_t cursor,
    const wm_notify_t *items, size_t n, int64_t due_ms);

/* The same for reminders of one event. */
void wm_notify_queue_reminders(wm_commit_t *c, const wm_event_t *event,
    const wm_notify_t *items, size_t n, int64_t due_ms);

/* At most WM_NOTIFY_SETTLE; condition i is that item i is as it was read. */
void wm_notify_done(wm_commit_t *c, const wm_notify_t *items, size_t n);
void wm_notify_failed(wm_commit_t *c, const wm_notify_t *items, size_t n);
void wm_notify_again(wm_commit_t *c, const wm_notify_t *items, size_t n,
    int64_t due_ms);

/* In ms, after so many that failed; up to a tenth longer.  0: give up. */
int64_t wm_notify_delay(int64_t tries, uint32_t random);

/* ---- what is delivered: wm_notice.c */

/* All as it is now; what does not exist has the state NONE. */
typedef struct {
    wm_event_t    event;
    wm_order_t    order;
    wm_enrol_t    enrol;
    wm_wish_t     wish;                 /* its words opened */
    wm_str_t      name;
    wm_str_t      phone;
    bool          verified;             /* he has shown that it is his */
} wm_notify_facts_t;

/* False: what is sealed is not under this key. */
bool wm_notify_open(wm_pool_t *pool, const wm_person_t *person,
    wm_wish_t *wish);

/* Whether it is still true, and of use. */
bool wm_notify_holds(const wm_notify_t *item, const wm_notify_facts_t *f,
    int64_t now_ms);

typedef struct {
    wm_str_t      district;
    wm_str_t      url;                  /* public, without a slash behind */
    int           offset;
} wm_notify_site_t;

/* The body, JSON.  wm_null: no memory. */
wm_str_t wm_notify_body(wm_pool_t *pool, const wm_notify_t *item,
    const wm_notify_facts_t *f, const wm_notify_site_t *site);

/* "t=SECONDS,v1=HEX".  wm_null: no memory. */
wm_str_t wm_notify_sign(wm_pool_t *pool, wm_str_t secret, int64_t seconds,
    wm_str_t body);

#endif /* WM_NOTIFY_H */
