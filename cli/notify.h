/*
 * What the files of "wenming notify" share: reading the journal into the
 * outbox, and delivering what is in it.
 */

#ifndef WM_CLI_NOTIFY_H
#define WM_CLI_NOTIFY_H

#include "cli.h"
#include "wm_notify.h"

typedef struct {
    wm_cli_t           *cli;
    wm_redis_t         *redis;
    wm_pool_t          *page;           /* of what is at hand */
    wm_str_t            actor;
    wm_realm_t          realm;
    wm_notify_site_t    site;
    wm_str_t            webhook;
    wm_str_t            secret;
    int64_t             ahead_ms;       /* by --now, of the clock */
    size_t              queued, sent, failed, dropped, died;
} wm_notifier_t;

/* Set by a signal: what is under way is finished, nothing more is begun. */
bool wm_notifier_ends(void);

int64_t wm_notifier_now(const wm_notifier_t *n);

/* Reads of the page's pool; NULL: said why. */
const wm_reply_t *wm_notifier_hash(wm_notifier_t *n, const char *family,
    wm_str_t id);
bool wm_notifier_order(wm_notifier_t *n, wm_str_t id, wm_order_t *order);
bool wm_notifier_event(wm_notifier_t *n, wm_str_t id, wm_event_t *event);
bool wm_notifier_wish(wm_notifier_t *n, wm_str_t id, wm_wish_t *wish);
wm_commit_t *wm_notifier_commit(wm_notifier_t *n, wm_op_t op);


/* notify_queue.c: false when it has said what is wrong */

bool wm_notify_journal(wm_notifier_t *n);
bool wm_notify_reminders(wm_notifier_t *n);


/* notify_send.c */

bool wm_notify_deliver(wm_notifier_t *n);

/* Records of the outbox, as far as ids are there; settled commits of them. */
bool wm_notify_items(wm_notifier_t *n, const wm_reply_t *ids,
    wm_notify_t **items, size_t *count);

typedef void (*wm_notify_commit_pt)(wm_commit_t *c, const wm_notify_t *items,
    size_t n);

/* Without those that somebody else has settled meanwhile; *done: how many. */
bool wm_notify_settle(wm_notifier_t *n, wm_op_t op,
    wm_notify_commit_pt commit, wm_notify_t *items, size_t count,
    size_t *done);


/* notify_post.c: the only file that knows libcurl */

typedef struct wm_post_s  wm_post_t;

#define WM_POST_SLOTS       4
#define WM_POST_CONNECT_MS  3000
#define WM_POST_WHOLE_MS    10000
#define WM_POST_ANSWER_MAX  65536       /* bytes of an answer that are read */

typedef struct {
    void        *data;                  /* as it was given */
    long         status;                /* 0: there was no answer */
    const char  *error;                 /* why not */
} wm_posted_t;

/* https, or http to this machine; *error says what is wrong. */
bool wm_post_url_valid(wm_str_t url, wm_str_t *error);

/* ca: a file of certificates, or wm_null: the system's. */
wm_post_t *wm_post_open(wm_pool_t *pool, wm_str_t url, wm_str_t ca);
void wm_post_close(wm_post_t *post);

/* How many more can be begun now. */
size_t wm_post_free(const wm_post_t *post);
bool wm_post_start(wm_post_t *post, wm_pool_t *pool, wm_str_t id,
    wm_str_t signature, wm_str_t body, void *data);

/* Waits a moment for one that has ended; false: none has. */
bool wm_post_wait(wm_post_t *post, wm_posted_t *posted);

#endif /* WM_CLI_NOTIFY_H */
