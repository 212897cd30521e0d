#include "cli.h"
#include "wm_totp.h"

#include <stdio.h>
#include <stdlib.h>

/* What every command about a worker begins with. */
typedef struct {
    wm_str_t     district;
    wm_redis_t  *redis;
    wm_staff_t   staff;
    bool         exists;
} wm_hr_t;


static wm_commit_t *
wm_hr_commit(wm_cli_t *cli, wm_hr_t *hr, wm_op_t op)
{
    wm_str_t      actor;
    wm_commit_t  *c;

    actor = wm_say_actor(cli->pool);
    c = wm_commit_new(cli->pool, hr->district, op, actor, wm_say_now_ms());

    if (c == NULL || actor.data == NULL) {
        wm_say_error("no memory");
        return NULL;
    }

    return c;
}


static bool
wm_hr_read(wm_cli_t *cli, wm_hr_t *hr, wm_str_t name)
{
    const wm_reply_t  *record;

    record = wm_redis_hash(hr->redis, cli->pool,
                           wm_key(cli->pool, hr->district, "staff:%.*s",
                                  wm_fmt(name)));
    if (record == NULL) {
        return false;
    }

    hr->exists = wm_staff_load(record, name, &hr->staff);

    return true;
}


static int
wm_hr_begin(wm_cli_t *cli, wm_hr_t *hr)
{
    wm_str_t  name;

    memset(hr, 0, sizeof(wm_hr_t));

    name = cli->operands[0];

    if (!wm_staff_name_valid(name)) {
        wm_say_error("a name has 1 to %d bytes, no blanks, and none of : / "
                     "{ }", WM_STAFF_NAME_MAX);
        return WM_CLI_USAGE;
    }

    hr->district = wm_conf_district(cli);

    if (hr->district.data == NULL
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    hr->redis = wm_redis_get(cli);

    return hr->redis != NULL && wm_hr_read(cli, hr, name)
           ? WM_CLI_OK : WM_CLI_PROBLEM;
}


/* As begin, but for a worker who must be there. */

static int
wm_hr_find(wm_cli_t *cli, wm_hr_t *hr)
{
    int  rc;

    rc = wm_hr_begin(cli, hr);

    if (rc == WM_CLI_OK && !hr->exists) {
        wm_say_error("there is no worker %s in %s", cli->operands[0].data,
                     hr->district.data);
        return WM_CLI_PROBLEM;
    }

    return rc;
}


/* A unit or a team, as it was imported; NULL data: said why. */

static wm_str_t
wm_hr_row(wm_cli_t *cli, wm_hr_t *hr, const char *what, wm_str_t id)
{
    const wm_reply_t  *json;

    json = wm_redis_ask(hr->redis, cli->pool, WM_REPLY_STR,
                        wm_argv(wm_lit("HGET"),
                                wm_key(cli->pool, hr->district, "%ss", what),
                                id));
    if (json == NULL) {
        return wm_null;
    }

    if (json->type == WM_REPLY_NIL) {
        wm_say_error("there is no %s %s in %s; import %ss.csv first", what,
                     wm_say_safe(cli->pool, id), hr->district.data, what);
        return wm_null;
    }

    return json->str;
}


static bool
wm_hr_damaged(wm_cli_t *cli, const char *what, wm_str_t id)
{
    wm_say_error("the record of %s %s in Redis is damaged", what,
                 wm_say_safe(cli->pool, id));

    return false;
}


static bool
wm_hr_unit(wm_cli_t *cli, wm_hr_t *hr, wm_str_t id)
{
    wm_str_t   json;
    wm_unit_t  unit;

    json = wm_hr_row(cli, hr, "unit", id);
    if (json.data == NULL) {
        return false;
    }

    if (!wm_unit_load(cli->pool, id, json, &unit)) {
        return wm_hr_damaged(cli, "unit", id);
    }

    hr->staff.unit = id;
    hr->staff.path = unit.path;

    return true;
}


/* Who accepts orders does so for a team, and nobody else has one. */

static bool
wm_hr_team(wm_cli_t *cli, wm_hr_t *hr, wm_str_t id)
{
    wm_str_t   json;
    wm_team_t  team;

    if (!wm_role_may(hr->staff.role, WM_CAP_ACCEPT)) {
        return true;
    }

    json = wm_hr_row(cli, hr, "team", id);
    if (json.data == NULL) {
        return false;
    }

    if (!wm_team_load(cli->pool, id, json, &team)) {
        return wm_hr_damaged(cli, "team", id);
    }

    hr->staff.team = id;

    return true;
}


static bool
wm_hr_password(wm_cli_t *cli, wm_hr_t *hr, wm_str_t *password)
{
    *password = wm_password_get(cli);

    if (password->data == NULL) {
        return false;
    }

    if (!wm_staff_hash(cli->pool, *password, &hr->staff)) {
        wm_say_error("no memory to hash the password");
        return false;
    }

    return true;
}


/* A password that nobody has chosen is shown, once. */

static void
wm_hr_show(wm_cli_t *cli, wm_str_t password)
{
    if (cli->options[WM_OPT_GENERATE].data != NULL) {
        printf("password: %.*s\n", wm_fmt(password));
    }

    wm_wipe((char *) password.data, password.len);
}


static int
wm_hr_add(wm_cli_t *cli, wm_hr_t *hr)
{
    wm_str_t             password;
    wm_commit_t         *c;
    wm_commit_result_t   result;

    if (!wm_hr_unit(cli, hr, cli->options[WM_OPT_UNIT])
        || !wm_hr_team(cli, hr, cli->options[WM_OPT_TEAM])
        || !wm_hr_password(cli, hr, &password))
    {
        return WM_CLI_PROBLEM;
    }

    c = wm_hr_commit(cli, hr, WM_OP_STAFF_ADD);
    if (c == NULL) {
        return WM_CLI_PROBLEM;
    }

    wm_staff_add(c, &hr->staff);

    if (!wm_redis_commit(hr->redis, c, &result)) {
        return WM_CLI_PROBLEM;
    }

    if (result.status == WM_COMMIT_UNMET) {
        wm_say_error("somebody else has just added %s",
                     cli->operands[0].data);
        return WM_CLI_PROBLEM;
    }

    printf("%s: %s of %s\n", cli->operands[0].data,
           wm_role_code(hr->staff.role), hr->staff.unit.data);
    wm_hr_show(cli, password);

    return WM_CLI_OK;
}


static bool
wm_hr_role(wm_cli_t *cli, wm_role_t *role)
{
    bool  team;

    *role = wm_role_find(cli->options[WM_OPT_ROLE]);

    if (*role == WM_ROLE_NONE) {
        wm_say_error("--role is worker, auditor, administrator, reviewer, "
                     "lead or lecturer");
        return false;
    }

    team = cli->options[WM_OPT_TEAM].data != NULL;

    if (team != wm_role_may(*role, WM_CAP_ACCEPT)) {
        wm_say_error(team ? "--team is only for a lead or a lecturer"
                          : "a lead or a lecturer needs --team ID");
        return false;
    }

    return true;
}


int
wm_cli_staff_add(wm_cli_t *cli)
{
    int        rc;
    wm_hr_t    hr;
    wm_role_t  role;

    if (wm_cli_need(cli, WM_OPT_ROLE).data == NULL
        || wm_cli_need(cli, WM_OPT_UNIT).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    if (!wm_hr_role(cli, &role)) {
        return WM_CLI_USAGE;
    }

    rc = wm_hr_begin(cli, &hr);
    if (rc != WM_CLI_OK) {
        return rc;
    }

    if (hr.exists) {
        wm_say_error("there is a worker %s already", cli->operands[0].data);
        return WM_CLI_PROBLEM;
    }

    hr.staff.role = role;

    return wm_hr_add(cli, &hr);
}


static int
wm_hr_change(wm_hr_t *hr, wm_commit_t *c, const char *done)
{
    wm_commit_result_t  result;

    if (!wm_redis_commit(hr->redis, c, &result)) {
        return WM_CLI_PROBLEM;
    }

    if (result.status == WM_COMMIT_UNMET) {
        wm_say_error("%s is gone", hr->staff.name.data);
        return WM_CLI_PROBLEM;
    }

    printf("%s: %s\n", hr->staff.name.data, done);

    return WM_CLI_OK;
}


/* Locks a worker out, or lets in again. */

static int
wm_hr_lock(wm_cli_t *cli, bool out)
{
    int           rc;
    wm_hr_t       hr;
    wm_commit_t  *c;

    rc = wm_hr_find(cli, &hr);
    if (rc != WM_CLI_OK) {
        return rc;
    }

    if (hr.staff.disabled == out) {
        printf("%s: %s, unchanged\n", hr.staff.name.data,
               out ? "disabled already" : "not disabled");
        return WM_CLI_OK;
    }

    c = wm_hr_commit(cli, &hr, out ? WM_OP_STAFF_DISABLE
                                   : WM_OP_STAFF_ENABLE);
    if (c == NULL) {
        return WM_CLI_PROBLEM;
    }

    if (out) {
        wm_staff_disable(c, &hr.staff);
        return wm_hr_change(&hr, c, "disabled; all sessions have ended");
    }

    wm_staff_enable(c, &hr.staff);

    return wm_hr_change(&hr, c, "enabled; the password is the old one");
}


int
wm_cli_staff_disable(wm_cli_t *cli)
{
    return wm_hr_lock(cli, true);
}


int
wm_cli_staff_enable(wm_cli_t *cli)
{
    return wm_hr_lock(cli, false);
}


int
wm_cli_staff_passwd(wm_cli_t *cli)
{
    int           rc;
    wm_hr_t       hr;
    wm_str_t      password;
    wm_commit_t  *c;

    rc = wm_hr_find(cli, &hr);
    if (rc != WM_CLI_OK) {
        return rc;
    }

    if (!wm_hr_password(cli, &hr, &password)) {
        return WM_CLI_PROBLEM;
    }

    c = wm_hr_commit(cli, &hr, WM_OP_STAFF_PASSWORD);
    if (c == NULL) {
        return WM_CLI_PROBLEM;
    }

    wm_staff_password(c, &hr.staff);

    rc = wm_hr_change(&hr, c, hr.staff.disabled
                              ? "new password, but still disabled: "
                                "wenming staff enable"
                              : "new password; all sessions have ended");
    if (rc == WM_CLI_OK) {
        wm_hr_show(cli, password);
    }

    return rc;
}


/* For a lost phone: the password alone, until it is turned on again. */

int
wm_cli_staff_totp_reset(wm_cli_t *cli)
{
    int           rc;
    wm_hr_t       hr;
    wm_commit_t  *c;

    rc = wm_hr_find(cli, &hr);
    if (rc != WM_CLI_OK) {
        return rc;
    }

    if (!hr.staff.totp) {
        printf("%s: has no second factor, unchanged\n", hr.staff.name.data);
        return WM_CLI_OK;
    }

    c = wm_hr_commit(cli, &hr, WM_OP_TOTP_RESET);
    if (c == NULL) {
        return WM_CLI_PROBLEM;
    }

    wm_totp_reset(c, hr.staff.name);

    return wm_hr_change(&hr, c, "second factor and recovery codes are gone; "
                        "all sessions have ended");
}


static int
wm_hr_compare(const void *one, const void *two)
{
    return strcmp(wm_reply_str(one).data, wm_reply_str(two).data);
}


static bool
wm_hr_list(wm_cli_t *cli, wm_hr_t *hr, wm_str_t name)
{
    const wm_staff_t  *s = &hr->staff;

    if (!wm_hr_read(cli, hr, name)) {
        return false;
    }

    if (!hr->exists) {
        printf("%-16s  damaged\n", wm_say_safe(cli->pool, name));
        return true;
    }

    printf("%-16s  %-13s  %-16s  %s%s%s%s%s\n", wm_say_safe(cli->pool, name),
           wm_role_code(s->role), wm_say_safe(cli->pool, s->unit),
           wm_say_safe(cli->pool, s->path),
           s->team.len > 0 ? "  team " : "",
           s->team.len > 0 ? wm_say_safe(cli->pool, s->team) : "",
           s->totp ? "  totp" : "", s->disabled ? "  disabled" : "");

    return true;
}


int
wm_cli_staff_list(wm_cli_t *cli)
{
    size_t             i;
    wm_hr_t            hr;
    const wm_reply_t  *names;

    hr.district = wm_conf_district(cli);

    if (hr.district.data == NULL
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    hr.redis = wm_redis_get(cli);
    if (hr.redis == NULL) {
        return WM_CLI_PROBLEM;
    }

    names = wm_redis_ask(hr.redis, cli->pool, WM_REPLY_LIST,
                         wm_argv(wm_lit("SMEMBERS"),
                                 wm_key(cli->pool, hr.district, "staff")));
    if (names == NULL) {
        return WM_CLI_PROBLEM;
    }

    for (i = 0; i < names->n; i++) {
        if (wm_reply_at(names, i).data == NULL) {
            wm_say_error("Redis answers SMEMBERS with something of another "
                         "type");
            return WM_CLI_PROBLEM;
        }
    }

    qsort(names->items, names->n, sizeof(wm_reply_t), wm_hr_compare);

    for (i = 0; i < names->n; i++) {
        if (!wm_hr_list(cli, &hr, names->items[i].str)) {
            return WM_CLI_PROBLEM;
        }
    }

    return WM_CLI_OK;
}
