/*
 * What is kept of people, for "person export", "person forget" and "retain":
 * who is meant and how a command begins (person.c), what is done with one
 * order, wish or event (person_visit.c), the walk over all there are
 * (person_walk.c), notifications (person_told.c), and the record itself, last
 * of all (person_forget.c).
 */

#ifndef WM_CLI_PERSON_H
#define WM_CLI_PERSON_H

#include "serving.h"
#include "since.h"
#include "wm_doc.h"
#include "wm_forget.h"

#define WM_PERSON_TOLD   100            /* notifications in one commit */
#define WM_PERSON_TRIES  5              /* of a commit that others were in */

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
    size_t         found;               /* visited by the walk at work */
    wm_since_t     since;               /* the walk that found nothing */
    bool           came;                /* he did, since then */
    void         (*seen)(wm_desk_t *d, wm_str_t id);    /* anybody; or NULL */
    void          *ctx;
};


/* person.c */

/*
 * given: name and phone come on standard input, and person is who they say.
 * An exit code; whatever it is, done() gives up what ready() took.
 */
int wm_person_ready(wm_cli_t *cli, wm_desk_t *d, bool given);
void wm_person_done(wm_desk_t *d);

/* A command about who is given, between the two; an exit code. */
int wm_person_run(wm_cli_t *cli, int (*run)(wm_desk_t *d));

/* A line of standard input, trimmed; NULL data: there is none. */
wm_str_t wm_person_line(wm_cli_t *cli);

/* NULL or false, here and below: said why. */
const wm_reply_t *wm_person_record(wm_desk_t *d, wm_pool_t *pool);

/* person is as his record has him; record may be NULL, which was said. */
bool wm_person_opened(wm_desk_t *d, const wm_reply_t *record);

bool wm_person_replies(wm_desk_t *d, wm_pool_t *pool, const wm_ask_t *asks,
    size_t n, wm_reply_t *replies);

wm_commit_t *wm_person_begin(wm_desk_t *d, wm_pool_t *pool, wm_op_t op);

/* unmet: somebody else was faster, and it is to be read again. */
bool wm_person_send(wm_desk_t *d, wm_commit_t *c, bool *unmet);


/*
 * person_visit.c: one order, wish or event of the person: shown, or
 * forgotten.  again: there is more to do with it, so it is to be visited once
 * more.
 */
typedef bool (*wm_person_visit_pt)(wm_desk_t *d, wm_pool_t *pool,
    wm_str_t id, bool *again);

bool wm_person_order(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again);
bool wm_person_wish(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again);
bool wm_person_event(wm_desk_t *d, wm_pool_t *pool, wm_str_t id, bool *again);

/* The steps of one take several commits, and lost races a few more. */
bool wm_person_visit(wm_desk_t *d, wm_pool_t *pool, wm_str_t id,
    wm_person_visit_pt visit);

/* When an event ends, in ms; 0: unknown. */
bool wm_person_event_end(wm_desk_t *d, wm_pool_t *pool, wm_str_t event,
    int64_t *end_ms);


/* person_walk.c */

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

/* What is the person's is visited; d->found counts it. */
bool wm_person_all(wm_desk_t *d);


/* person_told.c: takes the notifications away that told says true of */

typedef bool (*wm_person_told_pt)(wm_desk_t *d, wm_str_t id, wm_str_t record);

bool wm_person_told(wm_desk_t *d, wm_person_told_pt told);


/* person_forget.c */

/* A walk begins: what comes from now on was not seen by it. */
bool wm_person_since(wm_desk_t *d);

/*
 * The record goes, as it was read, and with it the key: if the journal has
 * nothing of the person since; else d->came is set, and it stays.
 */
bool wm_person_last(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *record);

#endif /* WM_CLI_PERSON_H */
