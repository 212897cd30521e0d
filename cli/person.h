/*
 * What is kept of people, walked over: for "person" and "retain".
 */

#ifndef WM_CLI_PERSON_H
#define WM_CLI_PERSON_H

#include "serving.h"
#include "since.h"
#include "wm_doc.h"
#include "wm_forget.h"

#define WM_PERSON_TOLD  100             /* notifications in one commit */

typedef struct wm_desk_s  wm_desk_t;

struct wm_desk_s {
    wm_cli_t      *cli;
    wm_serving_t   serving;
    wm_realm_t     realm;
    int            offset;
    bool           forget;
    wm_person_t    person;
    wm_str_t       wechat;              /* a field of his record */
    wm_doc_t      *doc;
    size_t         orders, events, found;
    wm_since_t     since;               /* the walk that found nothing */
    bool           came;                /* he did, since then */
    void         (*seen)(wm_desk_t *d, wm_str_t id);    /* anybody; or NULL */
    void          *ctx;
};

/*
 * given: name and phone come on standard input, and person is who they say.
 * An exit code.
 */
int wm_person_ready(wm_cli_t *cli, wm_desk_t *d, bool given);

/* Also what ready() gave up. */
void wm_person_done(wm_desk_t *d);

/* NULL or false, here and below: said why. */
const wm_reply_t *wm_person_record(wm_desk_t *d, wm_pool_t *pool);
bool wm_person_replies(wm_desk_t *d, wm_pool_t *pool, const wm_ask_t *asks,
    size_t n, wm_reply_t *replies);

wm_commit_t *wm_person_begin(wm_desk_t *d, wm_pool_t *pool, wm_op_t op);

/* unmet: somebody else was faster, and it is to be read again. */
bool wm_person_send(wm_desk_t *d, wm_commit_t *c, bool *unmet);

/*
 * One order, wish or event of the person: shown, or forgotten.  again: there
 * is more to do with it, so it is to be visited once more.
 */
typedef bool (*wm_person_visit_pt)(wm_desk_t *d, wm_pool_t *pool,
    wm_str_t id, bool *again);

bool wm_person_order(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again);
bool wm_person_wish(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again);
bool wm_person_event(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again);

/* When an event ends; 0: unknown. */
bool wm_person_event_end(wm_desk_t *d, wm_pool_t *pool, wm_str_t event,
    int64_t *end_ms);

/* The steps of one take several commits, and lost races a few more. */
bool wm_person_visit(wm_desk_t *d, wm_pool_t *pool, wm_str_t id,
    wm_person_visit_pt visit);

/* A walk begins: what comes from now on was not seen by it. */
bool wm_person_since(wm_desk_t *d);

/*
 * A sorted set, page by page: a page is members and scores, n of both, and
 * with its pool ends after the call.
 */
typedef bool (*wm_person_page_pt)(wm_desk_t *d, wm_pool_t *pool,
    const wm_reply_t *page, size_t n, void *ctx);

bool wm_person_pages(wm_desk_t *d, wm_str_t key, wm_person_page_pt each,
    void *ctx);

/* All orders, wishes and (owned: WM_OWNED_MAX) events there are. */
typedef bool (*wm_person_each_pt)(wm_desk_t *d, wm_pool_t *pool,
    unsigned owned, wm_str_t id);

bool wm_person_walk(wm_desk_t *d, wm_person_each_pt each);

/* Takes the notifications away that told says true of. */
typedef bool (*wm_person_told_pt)(wm_desk_t *d, wm_str_t id, wm_str_t record);

bool wm_person_told(wm_desk_t *d, wm_person_told_pt told);

/*
 * The record goes, as it was read, and with it the key: if the journal has
 * nothing of the person since; else d->came is set, and it stays.
 */
bool wm_person_last(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *record);

#endif /* WM_CLI_PERSON_H */
