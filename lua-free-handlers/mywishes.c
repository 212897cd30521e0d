/* The wishes that were sent from this device. */

#include "wm_wished.h"

#include <stdlib.h>

#define WM_MY_WISHES_MAX  50            /* the newest */

static void wm_my_wishes(wm_web_t *w);
static void wm_my_withdraw(wm_web_t *w);

const wm_route_t  wm_mywishes_routes[] = {
    { WM_GET, "my/wishes", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "my-wishes", wm_my_wishes, NULL, NULL },
    { WM_GET, "api/me/wishes", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_my_wishes, NULL, NULL },
    { WM_POST, "wish/{id}/withdraw", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_FORM, NULL, NULL, NULL, wm_my_withdraw, wm_my_wishes, "my-wishes" },
    { WM_POST, "api/wishes/{id}/withdraw", WM_API, WM_ANYONE, WM_CAP_NONE,
      0, NULL, NULL, NULL, wm_my_withdraw, NULL, NULL }
};

const size_t  wm_mywishes_nroutes = wm_countof(wm_mywishes_routes);

typedef struct {
    uint64_t    made_ms;
    wm_str_t    id;
} wm_my_sent_t;

typedef struct {
    size_t              n;
    wm_my_sent_t       *sent;
    wm_wish_t          *wishes;
    wm_wished_names_t   names;
} wm_my_wishes_t;


static int
wm_my_newer(const void *a, const void *b)
{
    const wm_my_sent_t  *x = a, *y = b;

    return x->made_ms < y->made_ms ? 1 : x->made_ms > y->made_ms ? -1 : 0;
}


static void
wm_my_wishes_show(wm_web_t *w)
{
    size_t           i;
    wm_doc_t        *items;
    wm_my_wishes_t  *mine = w->state;

    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < mine->n; i++) {
        wm_wished_mine(w, wm_doc_item(items), &mine->wishes[i],
                       &w->replies[i], &mine->names);
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* With the records: the people, whose keys open what was written. */

static void
wm_my_wishes_read(wm_web_t *w)
{
    size_t           i, n;
    wm_my_wishes_t  *mine = w->state;

    for (i = 0, n = 0; i < mine->n; i++) {
        if (wm_wish_load(&w->replies[i], mine->sent[i].id,
                         &mine->wishes[n]))
        {
            n++;
        }
    }

    wm_wished_take_names(&mine->names, &w->replies[mine->n]);
    mine->n = n;

    if (n == 0) {
        wm_my_wishes_show(w);
        return;
    }

    for (i = 0; i < n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(mine->wishes[i].person)));
    }

    wm_fetch(w, wm_my_wishes_show);
}


/* Fields "w:id" of the device's record, the newest first. */

static void
wm_my_wishes_of(wm_my_wishes_t *mine, const wm_reply_t *dev)
{
    size_t    i;
    wm_str_t  field;

    for (i = 0; dev->type == WM_REPLY_LIST && i + 1 < dev->n; i += 2) {
        field = wm_reply_at(dev, i);

        if (wm_starts(field, "w:")
            && wm_parse_uint(wm_reply_at(dev, i + 1), INT64_MAX,
                             &mine->sent[mine->n].made_ms))
        {
            mine->sent[mine->n++].id = (wm_str_t) { field.len - 2,
                                                    field.data + 2 };
        }
    }

    qsort(mine->sent, mine->n, sizeof(wm_my_sent_t), wm_my_newer);

    if (mine->n > WM_MY_WISHES_MAX) {
        mine->n = WM_MY_WISHES_MAX;
    }
}


static void
wm_my_wishes_found(wm_web_t *w)
{
    size_t           i;
    wm_reply_t      *dev = &w->replies[0];
    wm_my_wishes_t  *mine;

    mine = wm_calloc(w->pool, sizeof(wm_my_wishes_t));

    if (mine != NULL) {
        mine->sent = wm_alloc(w->pool, (dev->n + 1) * sizeof(wm_my_sent_t));
        mine->wishes = wm_alloc(w->pool,
                                WM_MY_WISHES_MAX * sizeof(wm_wish_t));
    }

    if (mine == NULL || mine->sent == NULL || mine->wishes == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    w->state = mine;
    wm_my_wishes_of(mine, dev);

    for (i = 0; i < mine->n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "wish:%.*s", wm_fmt(mine->sent[i].id)));
    }

    wm_wished_ask_names(w);
    wm_fetch(w, wm_my_wishes_read);
}


static void
wm_my_wishes(wm_web_t *w)
{
    if (!w->device_known) {
        wm_doc_list(w->doc, "items");
        wm_answer(w, WM_VERDICT_OK);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));
    wm_fetch(w, wm_my_wishes_found);
}


/* ---- withdrawing */

static void
wm_my_withdrawn(wm_web_t *w)
{
    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("my/wishes"));
        return;
    }

    wm_doc_str(w->doc, "id", w->id);
    wm_doc_text(w->doc, "status", wm_wish_state_code(WM_WISH_WITHDRAWN));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_my_withdraw_decide(wm_web_t *w)
{
    bool           nothing;
    wm_wish_t      wish;
    wm_commit_t   *c;
    wm_verdict_t   v;

    c = wm_begin(w, WM_OP_WISH_WITHDRAW);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (!wm_wish_load(&w->replies[0], w->id, &wish)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    v = wm_wish_withdraw(c, &wish, wm_str(w->device_id), &nothing);

    if (v == WM_VERDICT_STATE) {
        wm_wished_standing(w, &wish, 0, NULL);
    }

    if (v != WM_VERDICT_OK) {
        wm_answer(w, v);

    } else if (nothing) {
        wm_my_withdrawn(w);

    } else {
        wm_send(w, c, wm_my_withdraw, wm_my_withdrawn);
    }
}


static void
wm_my_withdraw(wm_web_t *w)
{
    if (!wm_id_valid(w->id) || !w->device_known) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "wish:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_my_withdraw_decide);
}
