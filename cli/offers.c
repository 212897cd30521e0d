#include "serving.h"

#include <inttypes.h>
#include <stdio.h>

/* Ends offers that nobody answered, and serves who waits: for cron. */

#define WM_OFFERS_QUEUE  (2 * WM_ENROL_MOVE)
#define WM_OFFERS_TRIES  5


/* "24h", "30m", "90s" or seconds. */

static bool
wm_offers_time(wm_str_t s, int64_t *ms)
{
    char      last;
    int64_t   unit = 1000;
    uint64_t  n;

    last = (char) (s.len > 0 ? s.data[s.len - 1] : '\0');

    if (last == 'd' || last == 'h' || last == 'm' || last == 's') {
        unit = last == 'd' ? 86400000 : last == 'h' ? 3600000
               : last == 'm' ? 60000 : 1000;
        s.len--;
    }

    if (!wm_parse_uint(s, 30 * 86400, &n)) {
        return false;
    }

    *ms = (int64_t) n * unit;

    return *ms <= INT64_C(30) * 86400000;
}


static const wm_reply_t *
wm_offers_ask(wm_cli_t *cli, wm_serving_t *s, const wm_str_t *argv,
    size_t argc)
{
    return wm_redis_ask(s->redis, cli->pool, WM_REPLY_LIST, argv, argc);
}


static bool
wm_offers_records(wm_cli_t *cli, wm_serving_t *s, const wm_event_t *event,
    const wm_reply_t *ids, wm_queued_t **people, size_t *n)
{
    size_t             i;
    const wm_reply_t  *record;

    *n = ids->n;
    *people = wm_calloc(cli->pool, (ids->n + 1) * sizeof(wm_queued_t));

    for (i = 0; *people != NULL && i < ids->n; i++) {
        (*people)[i].person = wm_reply_at(ids, i);

        record = wm_redis_ask(s->redis, cli->pool, WM_REPLY_STR,
            wm_argv(wm_lit("HGET"),
                    wm_key(cli->pool, s->district, "enrol:%.*s",
                           wm_fmt(event->id)),
                    (*people)[i].person));
        if (record == NULL) {
            return false;
        }

        (void) wm_enrol_load(wm_reply_str(record), &(*people)[i].enrol);
    }

    return *people != NULL;
}


bool
wm_offers_read(wm_cli_t *cli, wm_serving_t *s, wm_str_t id, wm_list_t *list,
    bool *found)
{
    wm_pool_t         *pool = cli->pool;
    const wm_reply_t  *event, *seats, *queue, *due;

    memset(list, 0, sizeof(wm_list_t));

    event = wm_redis_hash(s->redis, pool,
                          wm_key(pool, s->district, "event:%.*s",
                                 wm_fmt(id)));
    seats = wm_redis_hash(s->redis, pool,
                          wm_key(pool, s->district, "seats:%.*s",
                                 wm_fmt(id)));
    queue = wm_offers_ask(cli, s, wm_argv(wm_lit("ZRANGE"),
                          wm_key(pool, s->district, "wait:%.*s", wm_fmt(id)),
                          wm_lit("0"),
                          wm_printf(pool, "%d", WM_OFFERS_QUEUE - 1)));
    due = wm_offers_ask(cli, s, wm_argv(wm_lit("ZRANGEBYSCORE"),
                        wm_key(pool, s->district, "offers:%.*s", wm_fmt(id)),
                        wm_lit("-inf"),
                        wm_printf(pool, "%" PRId64, s->now_ms),
                        wm_lit("LIMIT"), wm_lit("0"),
                        wm_printf(pool, "%d", WM_ENROL_DUE)));

    if (event == NULL || seats == NULL || queue == NULL || due == NULL) {
        return false;
    }

    *found = wm_event_load(event, id, &list->event);
    wm_seats_load(seats, &(wm_reply_t) { .type = WM_REPLY_INT,
                                         .num = (int64_t) queue->n },
                  &list->seats);

    list->offers = s->offers;
    list->cut = queue->n == WM_OFFERS_QUEUE;

    return wm_offers_records(cli, s, &list->event, queue, &list->queue,
                             &list->nqueue)
           && wm_offers_records(cli, s, &list->event, due, &list->due,
                                &list->ndue);
}


/* True: done or nothing to do; *changed tells which. */

static bool
wm_offers_serve(wm_cli_t *cli, wm_serving_t *s, wm_str_t id, bool *changed)
{
    int                  i;
    bool                 found;
    wm_list_t            list;
    wm_commit_t         *c;
    wm_commit_result_t   result;

    *changed = false;

    for (i = 0; i < WM_OFFERS_TRIES; i++) {
        s->now_ms = wm_say_now_ms();

        if (!wm_offers_read(cli, s, id, &list, &found)) {
            return false;
        }

        c = wm_commit_new(cli->pool, s->district, WM_OP_ENROL_SETTLE,
                          s->actor, s->now_ms);
        if (c == NULL) {
            wm_say_error("no memory");
            return false;
        }

        if (!found || !wm_enrol_settle(c, &list)) {
            return true;
        }

        if (!wm_redis_commit(s->redis, c, &result)) {
            return false;
        }

        if (result.status != WM_COMMIT_UNMET) {
            *changed = true;
            return true;
        }
    }

    return true;                        /* others are at it */
}


static int
wm_offers_serve_all(wm_cli_t *cli, wm_serving_t *s)
{
    bool               changed;
    size_t             i, n;
    const wm_reply_t  *events;

    s->now_ms = wm_say_now_ms();

    events = wm_offers_ask(cli, s, wm_argv(wm_lit("ZRANGEBYSCORE"),
                           wm_key(cli->pool, s->district,
                                  "events:" WM_UNIT_ALL),
                           wm_printf(cli->pool, "%" PRId64, s->now_ms),
                           wm_lit("+inf")));
    if (events == NULL) {
        return WM_CLI_PROBLEM;
    }

    for (i = 0, n = 0; i < events->n; i++) {
        if (!wm_offers_serve(cli, s, wm_reply_at(events, i), &changed)) {
            return WM_CLI_PROBLEM;
        }

        n += changed;
    }

    printf("%zu event%s changed\n", n, n == 1 ? "" : "s");

    return WM_CLI_OK;
}


bool
wm_offers_given(wm_cli_t *cli, wm_offers_t *offers)
{
    *offers = (wm_offers_t) { WM_OFFERS_BEFORE_MS, WM_OFFERS_HOLD_MS };

    if (cli->noperands == 1
        || (cli->noperands == 2
            && (!wm_offers_time(cli->operands[0], &offers->before_ms)
                || !wm_offers_time(cli->operands[1], &offers->hold_ms)
                || offers->hold_ms < 60000)))
    {
        wm_say_error("as wenming_offers says it: how long before the start, "
                     "and for how long, such as 24h 2h");
        return false;
    }

    return true;
}


int
wm_cli_offers(wm_cli_t *cli)
{
    wm_serving_t  s = { .now_ms = 0 };

    if (!wm_offers_given(cli, &s.offers)) {
        return WM_CLI_USAGE;
    }

    s.district = wm_conf_district(cli);

    if (s.district.data == NULL
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    s.redis = wm_redis_get(cli);
    s.actor = wm_say_actor(cli->pool);

    return s.redis != NULL && s.actor.data != NULL
           ? wm_offers_serve_all(cli, &s) : WM_CLI_PROBLEM;
}
