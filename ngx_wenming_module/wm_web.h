/*
 * What a handler sees of a request.  Handlers are steps: each looks at what
 * is there, asks Redis for more, commits, or answers, and returns; the next
 * step goes on when the reply has come.  No handler knows nginx.
 */

#ifndef WM_WEB_H
#define WM_WEB_H

#include "wm_attend.h"
#include "wm_commit.h"
#include "wm_doc.h"
#include "wm_field.h"
#include "wm_limits.h"
#include "wm_order.h"
#include "wm_person.h"
#include "wm_reply.h"
#include "wm_staff.h"
#include "wm_token.h"
#include "wm_verdict.h"

typedef struct wm_web_s  wm_web_t;
typedef void (*wm_step_pt)(wm_web_t *w);

typedef enum {
    WM_GET = 1,                         /* HEAD too */
    WM_POST = 2,
    WM_PATCH = 4,
    WM_DELETE = 8
} wm_method_t;

typedef enum {
    WM_API,                             /* JSON */
    WM_PAGE,                            /* through a template */
    WM_FRAGMENT                         /* the same, ASCII, no forms */
} wm_face_t;

typedef enum {
    WM_ANYONE,
    WM_STAFF
} wm_who_t;

/* Flags of a route. */
#define WM_PUBLIC      1    /* the same for everyone: shared, ETag */
#define WM_OF_EVENTS   16   /* and old when an event changes; else the menu */
#define WM_OF_PLACES   32   /* the same, and when somebody enrols */
#define WM_OF_WISHES   64   /* old when what is public of wishes changes */
#define WM_OF_HOME     4096 /* old with any of these but the places */
#define WM_TICKET      2    /* the scan ticket proves where a form is from */
#define WM_FORM        4    /* the page has a form: token, device cookie */
#define WM_GUARDED     8    /* from addresses that the configuration names */
#define WM_BEFORE_TOTP 128  /* also for who must turn it on first */
#define WM_AGAIN       256  /* again also after 403, 429 and sms_away */
#define WM_CARRIES     2048 /* brings what another form had */
#define WM_CAMERA      1024 /* may use the camera, and WebAssembly */
#define WM_WALL        512  /* nobody is there to reload it when refused */

/*
 * One line of a family's table.  path has at most one {id}, a whole segment.
 * A form that was refused is shown again by again with again_template.
 */
typedef struct {
    wm_method_t        method;
    const char        *path;
    wm_face_t          face;
    wm_who_t           who;
    wm_cap_t           cap;
    unsigned           flags;
    const wm_field_t  *fields;          /* of the query, or of the body */
    const size_t      *nfields;
    const char        *template;
    wm_step_pt         handler;
    wm_step_pt         again;
    const char        *again_template;
} wm_route_t;

/* What of the configuration a handler needs. */
typedef struct {
    wm_str_t      district;
    wm_realm_t    realm;
    wm_str_t      url;                  /* https://host/wenming */
    wm_str_t      origin;               /* https://host */
    wm_str_t      base;                 /* /wenming */
    int           offset;               /* minutes east of UTC */
    wm_deadlines_t  deadlines;          /* of the steps of an order */
    wm_offers_t   offers;               /* of seats that are freed late */
    bool          totp_required;        /* of every worker */
    bool          has_sms;              /* a gateway that sends codes */
    bool          has_login;            /* of its own, that vouches */
    wm_str_t      wechat;               /* its appid there; empty: none */
} wm_site_t;

struct wm_web_s {
    wm_pool_t           *pool;
    const wm_site_t     *site;
    const wm_route_t    *route;
    wm_str_t             id;            /* {id} of the path */
    wm_input_t           input;
    int64_t              now_ms;
    bool                 head;
    bool                 large;         /* large print was chosen */
    wm_str_t             address;       /* or its /64, for limits */

    /* who: the device's cookie, and the worker of a staff route */

    wm_device_t          device;
    char                 device_id[WM_ID_LEN + 1];
    bool                 device_known;  /* it came with the request */
    wm_badge_t           badge;
    wm_staff_t           staff;
    wm_str_t             ticket_cookie;
    wm_visitor_t         visitor;       /* of the site's own login */

    /* the scope of the idempotency key, wm_null without one */

    wm_str_t             once;
    wm_str_t             body;

    /* for the next step */

    wm_reply_t          *replies;       /* of wm_fetch() */
    size_t               nreplies;
    wm_commit_result_t   result;        /* of wm_send() */
    bool                 sent;          /* of wm_sms(), wm_wechat_ask() */
    wm_str_t             told;          /* of the latter */
    wm_str_t             why;           /* for the log, no personal data */
    wm_str_t             event;         /* for the log: an event's number */
    wm_str_t             made;          /* for the audit log: a new thing */
    wm_str_t             signing_in;    /* for the same: the name typed */
    bool                 half_signed_in;    /* a code is still wanted */

    wm_doc_t            *doc;           /* the answer so far */
    wm_doc_t            *more;          /* members of a problem, or NULL */
    int64_t              again_s;       /* of 429: when to try again */
    wm_verdict_t         refused;       /* why a form is shown again */
    void                *state;         /* the family's own */
};

/* ---- asking Redis: commands add up, wm_fetch() sends them in one go */

#define wm_ask(w, ...)                                                       \
    wm_web_ask(w, (wm_str_t[]) { __VA_ARGS__ },                              \
               sizeof((wm_str_t[]) { __VA_ARGS__ }) / sizeof(wm_str_t))

void wm_web_ask(wm_web_t *w, const wm_str_t *argv, size_t argc);

/*
 * next runs when all replies are there, in w->replies, none of them an error.
 * When Redis is away the request is answered without it.
 */
void wm_fetch(wm_web_t *w, wm_step_pt next);

/* The same for an INCR: only while Redis holds the promised durability. */
void wm_fetch_number(wm_web_t *w, wm_step_pt next);

/*
 * Answers with a verdict of the rules, unless this very request took effect
 * before: then what has changed since does not matter, and next runs.
 */
void wm_refuse(wm_web_t *w, wm_verdict_t verdict, wm_step_pt next);

/*
 * Sends a commit.  next runs when it took effect, now or earlier.  When a
 * condition did not hold, again runs (it reads the facts anew and decides
 * again), a few times; then the answer is "conflict".
 */
void wm_send(wm_web_t *w, wm_commit_t *c, wm_step_pt again, wm_step_pt next);

wm_commit_t *wm_begin(wm_web_t *w, wm_op_t op);

/* wm:{district}:... of this request's district */
#define wm_web_key(w, ...)  wm_key((w)->pool, (w)->site->district, __VA_ARGS__)

/*
 * Bytes that are the same for everyone, shared by the workers.  find: false
 * when they are not there or old; then keep may store them, with what find
 * left in the entry.
 */
typedef struct {
    wm_shared_t   kind;
    wm_str_t      key;
    wm_str_t      bytes;
    uint64_t      generation;
} wm_shared_entry_t;

bool wm_shared_find(wm_web_t *w, wm_shared_entry_t *entry);
void wm_shared_keep(wm_web_t *w, const wm_shared_entry_t *entry,
    wm_str_t bytes, unsigned ttl_ms);

/* ---- answering: exactly one of these ends a request */

/* OK and CREATED send the document, others a problem. */
void wm_answer(wm_web_t *w, wm_verdict_t verdict);
void wm_answer_with(wm_web_t *w, wm_verdict_t verdict, const char *template);
/* file_name: to keep it under; NULL for what a public route shares. */
void wm_answer_bytes(wm_web_t *w, const char *type, wm_str_t body,
    const char *file_name);
void wm_redirect(wm_web_t *w, wm_str_t path);       /* 303, below the base */
void wm_redirect_away(wm_web_t *w, wm_str_t url);   /* 303 */

/*
 * The page below the base that the link was followed from, by its Referer;
 * wm_null: it does not say, or is not ours.
 */
wm_str_t wm_web_from(wm_web_t *w);

/*
 * Goes on with a worker who has just signed in (w->staff, w->badge): the form
 * at path, which was sent without a session, is shown with what was typed.
 * False, and nothing is answered: there is no such form for this worker.
 */
bool wm_web_resume(wm_web_t *w, wm_str_t path, wm_str_t typed);

/* The page at path, or the next above it; wm_null: none of the desk's. */
wm_str_t wm_web_page(wm_web_t *w, wm_str_t path);

/* ---- people */

/* Makes sure that there is a device id, and a cookie with it. */
bool wm_web_device(wm_web_t *w);
void wm_web_keep_person(wm_web_t *w, const wm_person_t *person);
void wm_web_forget_person(wm_web_t *w);     /* the device stays */
void wm_web_keep_large(wm_web_t *w, bool large);
void wm_web_keep_ticket(wm_web_t *w, wm_str_t ticket);  /* wm_null: drop */
void wm_web_keep_badge(wm_web_t *w, const wm_badge_t *badge);   /* or NULL */
wm_str_t wm_web_actor(wm_web_t *w);

/* The visitor, or the person in the device's cookie; wm_null: nobody. */
wm_str_t wm_web_person(wm_web_t *w);

/*
 * Whether that person may be shown: the site vouches for the visitor, a cookie
 * is good until its person's sessions are ended.
 */
bool wm_web_knows(wm_web_t *w, const wm_person_t *person);

/*
 * Computes scrypt of the password off the event loop; next finds the answer
 * in hash, and ok tells whether it could be computed.
 */
typedef struct {
    wm_str_t    password;
    uint8_t     salt[16];
    uint8_t     hash[WM_KEY_LEN];
    bool        ok;
} wm_slow_hash_t;

void wm_slow_hash(wm_web_t *w, wm_slow_hash_t *job, wm_step_pt next);

/*
 * Has the site's gateway send a code.  next finds in w->sent whether it said
 * within three seconds that it did; it may still send it later.
 */
void wm_sms(wm_web_t *w, wm_str_t phone, wm_str_t code, wm_step_pt next);

/*
 * Asks who gave WeChat's code, in the same way; where sent is true, told is
 * what came back: from outside, a few kilobytes at most.
 */
void wm_wechat_ask(wm_web_t *w, wm_str_t code, wm_step_pt next);

/*
 * Takes one from the budgets of this device, the person (NULL: none) and the
 * address, as wm_limit_rules has them; what was taken is not given back.  OK,
 * or why not.
 */
wm_verdict_t wm_take(wm_web_t *w, wm_limit_t what, const char *person);

/*
 * Tries of a subject, counted in shared memory: false when there have been
 * max within the window.  A subject always has the same window.
 */
bool wm_limit(wm_web_t *w, wm_str_t what, int64_t max, int64_t window_s);
void wm_limit_add(wm_web_t *w, wm_str_t what, int64_t window_s, int n);

/* A limit of the handler's own counting was reached, for the metrics. */
void wm_limit_reached(wm_web_t *w);

/* State of the module for api/health. */
void wm_web_health(wm_web_t *w, wm_doc_t *doc);

/* All counters of the district for api/metrics; wm_null: no memory. */
wm_str_t wm_web_metrics(wm_web_t *w);

#endif /* WM_WEB_H */
