/*
 * wenming person forget: walks until nothing of the person is found, and then
 * the last commit, which takes the record and with it the key.
 */

#include "person.h"

#include <stdio.h>
#include <unistd.h>

#define WM_PERSON_PASSES  4             /* until nothing new was found */
#define WM_PERSON_RACES   100           /* of the last step, with anybody */


/* ---- the record, last of all */

bool
wm_person_since(wm_desk_t *d)
{
    return wm_since_begin(&d->since, d->serving.redis, d->cli->pool,
                          d->realm.district);
}


static void
wm_person_seen(void *ctx, wm_str_t part)
{
    wm_desk_t  *d = ctx;

    d->came |= wm_is(part, d->person.id);

    if (d->seen != NULL) {
        d->seen(d, part);
    }
}


/*
 * What somebody does is of many records; that nothing was done since they
 * were looked through is one condition, the last: the journal's head.
 */

static wm_commit_t *
wm_person_ending(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *record,
    wm_str_t head)
{
    size_t        i;
    wm_str_t      was;
    wm_commit_t  *c;

    static const char *const  fields[] = { "made", "verified" };

    c = wm_person_begin(d, pool, WM_OP_PERSON_FORGET);
    if (c == NULL) {
        return NULL;
    }

    wm_forget_person(c, &d->person, d->wechat, wm_lit(""), wm_null);

    for (i = 0; i < wm_countof(fields); i++) {
        was = wm_reply_field(record, fields[i]);
        wm_need(c, HEQ, wm_key(pool, d->realm.district, "person:%s",
                               d->person.id),
                wm_str(fields[i]), was.data != NULL ? was : wm_lit(""));
    }

    wm_need(c, EQ, wm_key(pool, d->realm.district, "head"), head);

    return c;
}


bool
wm_person_last(wm_desk_t *d, wm_pool_t *pool, const wm_reply_t *record)
{
    int                 i;
    wm_str_t            head;
    wm_commit_t        *c;
    wm_commit_result_t  result;

    for (i = 0, d->came = false; i < WM_PERSON_RACES; i++) {
        if (!wm_since_read(&d->since, pool, wm_op_verb(WM_OP_PERSON_FORGET),
                           wm_person_seen, d, &head))
        {
            return false;
        }

        if (d->came) {
            return true;
        }

        d->serving.now_ms = wm_say_now_ms();
        c = wm_person_ending(d, pool, record, head);

        if (c == NULL || !wm_redis_commit(d->serving.redis, c, &result)) {
            return false;
        }

        if (result.status != WM_COMMIT_UNMET) {
            return true;
        }

        if (result.index < c->nneeds) {
            d->came = true;             /* the record is another */
            return true;
        }
    }

    wm_say_error("others are too fast; ask again");

    return false;
}


/* ---- the command */

/* Typed by hand, it is easily somebody else, and nothing brings it back. */

static bool
wm_person_sure(wm_desk_t *d)
{
    wm_str_t  answer;

    if (d->cli->options[WM_OPT_YES].data != NULL) {
        return true;
    }

    if (isatty(STDIN_FILENO) == 0) {
        wm_say_error("this cannot be taken back: say --yes, or ask from a "
                     "terminal");
        return false;
    }

    fprintf(stderr, "All that is kept of this person goes, for good. "
            "Type yes to go on: ");
    fflush(stderr);
    answer = wm_person_line(d->cli);

    if (!wm_is(answer, "yes")) {
        wm_say_error("nothing was done");
    }

    return wm_is(answer, "yes");
}


static bool
wm_person_is_told(wm_desk_t *d, wm_str_t id, wm_str_t record)
{
    return wm_forget_is_told(id, record, wm_str(d->person.id));
}


static int
wm_person_forget(wm_desk_t *d)
{
    int                i;
    size_t             n = 0;
    const wm_reply_t  *record;

    d->forget = true;
    record = wm_person_record(d, d->cli->pool);

    if (!wm_person_opened(d, record) || !wm_person_sure(d)) {
        return WM_CLI_PROBLEM;
    }

    for (i = 0; i < WM_PERSON_PASSES; i++) {
        d->found = 0;

        if (!wm_person_since(d) || !wm_person_all(d)
            || !wm_person_told(d, wm_person_is_told))
        {
            wm_say_error("not all is done; ask again");
            return WM_CLI_PROBLEM;
        }

        n += d->found;

        if (d->found == 0) {
            break;
        }
    }

    if (d->found > 0) {
        wm_say_error("others keep adding to it; ask again");
        return WM_CLI_PROBLEM;
    }

    if (!wm_person_last(d, d->cli->pool, record)) {
        return WM_CLI_PROBLEM;
    }

    if (d->came) {
        wm_say_error("something of the person came meanwhile; ask again");
        return WM_CLI_PROBLEM;
    }

    printf("forgotten: %zu record%s %s nobody's now\n", n, n == 1 ? "" : "s",
           n == 1 ? "is" : "are");

    return WM_CLI_OK;
}


int
wm_cli_person_forget(wm_cli_t *cli)
{
    return wm_person_run(cli, wm_person_forget);
}
