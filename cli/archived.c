/*
 * wenming archive status: how far each archive is, for people and, as it is
 * Prometheus's format, for its textfile collector.
 */

#include "archive.h"

#include <inttypes.h>
#include <stdio.h>


static void
wm_archived_print(const char *metric, const char *district, wm_str_t id,
    uint64_t n)
{
    printf("%s{district=\"%s\",archive=\"%.*s\"} %" PRIu64 "\n", metric,
           district, wm_fmt(id), n);
}


int
wm_cli_archive_status(wm_cli_t *cli)
{
    size_t             i;
    wm_str_t           district, hash;
    uint64_t           number = 0;
    wm_redis_t        *redis;
    wm_archived_t      a;
    const wm_reply_t  *reply;

    district = wm_conf_district(cli);

    if (district.data == NULL
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    redis = wm_redis_get(cli);

    reply = redis == NULL ? NULL
            : wm_redis_both(redis, cli->pool,
                            wm_argv(wm_lit("HGETALL"),
                                    wm_key(cli->pool, district, "archived")),
                            wm_argv(wm_lit("GET"),
                                    wm_key(cli->pool, district, "head")));
    if (reply == NULL) {
        return WM_CLI_PROBLEM;
    }

    (void) wm_entry_head(wm_reply_str(&reply->items[1]), &number, &hash);
    printf("wenming_journal_entries{district=\"%s\"} %" PRIu64 "\n",
           district.data, number);

    for (i = 0; i + 1 < reply->items[0].n; i += 2) {
        if (!wm_archived_load(wm_reply_at(&reply->items[0], i),
                              wm_reply_at(&reply->items[0], i + 1), &a)
            || !wm_id_valid(a.id))
        {
            wm_say_error("the key archived is damaged");
            return WM_CLI_PROBLEM;
        }

        wm_archived_print("wenming_archived_entries", district.data, a.id,
                          a.number);
        wm_archived_print("wenming_archived_at_seconds", district.data, a.id,
                          a.archived_ms / 1000);
    }

    return WM_CLI_OK;
}
