/*
 * Who stands at the desk, what is read of him and written: for all commands
 * about people.  Name and phone come on standard input, as arguments are for
 * everybody to see.
 */

#include "person.h"
#include "wm_text.h"

#include <stdio.h>

#define WM_PERSON_LINE  512


/* ---- who */

wm_str_t
wm_person_line(wm_cli_t *cli)
{
    char    *p;
    size_t   len;

    p = wm_alloc(cli->pool, WM_PERSON_LINE);

    if (p == NULL || fgets(p, WM_PERSON_LINE, stdin) == NULL) {
        return wm_null;
    }

    len = strlen(p);

    if (len == WM_PERSON_LINE - 1 && p[len - 1] != '\n') {
        return wm_null;
    }

    return wm_text_trim((wm_str_t) { len, p });
}


static bool
wm_person_given(wm_desk_t *d)
{
    char      *digits;
    wm_str_t   name, typed, phone, unit;

    name = wm_person_line(d->cli);
    typed = wm_person_line(d->cli);
    unit = d->cli->options[WM_OPT_UNIT];
    digits = wm_alloc(d->cli->pool, 16);

    if (name.len == 0 || digits == NULL
        || wm_text_check(name, false) != WM_TEXT_OK)
    {
        wm_say_error("two lines on standard input: a name, and its phone");
        return false;
    }

    phone = typed.len > 0 ? wm_phone_normal(typed, digits) : wm_lit("");

    if (phone.data == NULL || (phone.len == 0 && unit.data == NULL)) {
        wm_say_error("the second line is no phone; for somebody who gave "
                     "none, leave it empty and name the --unit where he was "
                     "written down");
        return false;
    }

    return wm_person_identify(d->cli->pool, &d->realm, name, phone,
                              unit.data != NULL ? unit : wm_null, &d->person);
}


const wm_reply_t *
wm_person_record(wm_desk_t *d, wm_pool_t *pool)
{
    return wm_redis_hash(d->serving.redis, pool,
                         wm_key(pool, d->realm.district, "person:%s",
                                d->person.id));
}


bool
wm_person_opened(wm_desk_t *d, const wm_reply_t *record)
{
    if (record == NULL) {
        return false;
    }

    if (!wm_person_load(d->cli->pool, &d->realm, record, &d->person)) {
        wm_say_error("the record cannot be opened: is --keys the right "
                     "file?");
        return false;
    }

    if (!d->person.known) {
        wm_say_error("there is nobody of this name and phone");
        return false;
    }

    d->wechat = wm_reply_field(record, "wechat");

    return true;
}


/* ---- a command begins and ends */

int
wm_person_ready(wm_cli_t *cli, wm_desk_t *d, bool given)
{
    memset(d, 0, sizeof(wm_desk_t));

    d->cli = cli;
    d->realm.district = wm_conf_district(cli);

    if (!wm_offers_given(cli, &d->serving.offers)
        || d->realm.district.data == NULL || !wm_conf_offset(cli, &d->offset)
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    d->realm.ring = wm_keys_ring(cli, d->realm.district, false);
    if (d->realm.ring == NULL) {
        return WM_CLI_PROBLEM;
    }

    if (given && !wm_person_given(d)) {
        return WM_CLI_USAGE;
    }

    d->serving.district = d->realm.district;
    d->serving.now_ms = wm_say_now_ms();
    d->serving.actor = wm_say_actor(cli->pool);
    d->serving.redis = d->serving.actor.data != NULL ? wm_redis_get(cli)
                                                     : NULL;

    return d->serving.redis != NULL ? WM_CLI_OK : WM_CLI_PROBLEM;
}


void
wm_person_done(wm_desk_t *d)
{
    if (d->realm.ring != NULL) {
        wm_keyring_destroy((wm_keyring_t *) d->realm.ring);
    }

    wm_wipe(&d->person, sizeof(d->person));
}


int
wm_person_run(wm_cli_t *cli, int (*run)(wm_desk_t *d))
{
    int        rc;
    wm_desk_t  d;

    rc = wm_person_ready(cli, &d, true);

    if (rc == WM_CLI_OK) {
        rc = run(&d);
    }

    wm_person_done(&d);

    return rc;
}


/* ---- reading and writing */

bool
wm_person_replies(wm_desk_t *d, wm_pool_t *pool, const wm_ask_t *asks,
    size_t n, wm_reply_t *replies)
{
    size_t             i;
    const wm_reply_t  *reply;

    for (i = 0; i < n; i++) {
        reply = wm_redis_try(d->serving.redis, pool, asks[i].argv,
                             asks[i].argc);

        if (reply == NULL || reply->type == WM_REPLY_ERROR) {
            wm_say_error("Redis does not answer");
            return false;
        }

        replies[i] = *reply;
    }

    return true;
}


wm_commit_t *
wm_person_begin(wm_desk_t *d, wm_pool_t *pool, wm_op_t op)
{
    wm_commit_t  *c;

    c = wm_commit_new(pool, d->realm.district, op, d->serving.actor,
                      d->serving.now_ms);
    if (c == NULL) {
        wm_say_error("no memory");
    }

    return c;
}


bool
wm_person_send(wm_desk_t *d, wm_commit_t *c, bool *unmet)
{
    wm_commit_result_t  result;

    if (!wm_redis_commit(d->serving.redis, c, &result)) {
        return false;
    }

    *unmet = result.status == WM_COMMIT_UNMET;

    return true;
}
