#include "wm_rated.h"
#include "wm_show.h"

#define WM_RATED_LAST  "49"             /* the last index: 50 texts */


void
wm_rated_ask(wm_web_t *w, wm_str_t event)
{
    wm_ask(w, wm_lit("HMGET"), wm_web_key(w, "rating:%.*s", wm_fmt(event)),
           wm_lit("n"), wm_lit("sum"));
    wm_ask(w, wm_lit("ZREVRANGE"),
           wm_web_key(w, "shown:%.*s", wm_fmt(event)), wm_lit("0"),
           wm_lit(WM_RATED_LAST));
}


static int64_t
wm_rated_int(wm_str_t s)
{
    uint64_t  n;

    return wm_parse_uint(s, INT64_MAX / WM_RATING_MAX, &n) ? (int64_t) n : 0;
}


bool
wm_rated_found(wm_web_t *w, wm_str_t event, const wm_reply_t *replies,
    wm_rated_t *rated)
{
    size_t     i, n;
    wm_str_t  *argv;

    memset(rated, 0, sizeof(wm_rated_t));

    rated->event = event;
    rated->count = wm_rated_int(wm_reply_at(&replies[0], 0));
    rated->sum = wm_rated_int(wm_reply_at(&replies[0], 1));
    rated->shown = replies[1];

    n = rated->shown.type == WM_REPLY_LIST ? rated->shown.n : 0;
    argv = n > 0 ? wm_alloc(w->pool, (2 * n + 2) * sizeof(wm_str_t)) : NULL;

    if (argv == NULL) {
        rated->shown.n = 0;
        return false;
    }

    argv[0] = wm_lit("HMGET");
    argv[1] = wm_web_key(w, "rating:%.*s", wm_fmt(event));

    for (i = 0; i < n; i++) {
        argv[2 * i + 2] = wm_reply_at(&rated->shown, i);
        argv[2 * i + 3] = wm_printf(w->pool, "p:%.*s",
                                    wm_fmt(argv[2 * i + 2]));
    }

    wm_web_ask(w, argv, 2 * n + 2);

    return true;
}


void
wm_rated_show(wm_web_t *w, wm_doc_t *doc, const wm_rated_t *rated)
{
    size_t        i;
    wm_str_t      text;
    wm_doc_t     *items, *item;
    wm_rating_t   r;

    wm_doc_int(doc, "count", rated->count);
    wm_doc_str(doc, "average", wm_rating_average(w->pool, rated->count,
                                                 rated->sum));
    items = wm_doc_list(doc, "items");

    for (i = 0; i < rated->shown.n; i++) {
        text = wm_reply_at(&rated->texts, 2 * i + 1);

        if (text.data == NULL
            || !wm_rating_load(wm_reply_at(&rated->texts, 2 * i), &r)
            || r.state != WM_RATING_SHOWN)
        {
            continue;                   /* hidden just now */
        }

        item = wm_doc_item(items);
        wm_doc_int(item, "score", r.score);
        wm_doc_text(item, "score_text", wm_rating_score_text(r.score));
        wm_doc_str(item, "text", text);
        wm_doc_str(item, "date", wm_show_date(w, r.made_ms));
    }
}


void
wm_rated_figures(wm_web_t *w, wm_doc_t *doc, const wm_reply_t *scores,
    const char *what, wm_str_t id)
{
    int64_t  n, sum;

    n = wm_rated_int(wm_reply_find(scores, wm_printf(w->pool, "%s:%.*s:n",
                                                     what, wm_fmt(id))));
    sum = wm_rated_int(wm_reply_find(scores, wm_printf(w->pool, "%s:%.*s:sum",
                                                       what, wm_fmt(id))));

    wm_doc_int(doc, "ratings", n);
    wm_doc_str(doc, "average", wm_rating_average(w->pool, n, sum));
}
