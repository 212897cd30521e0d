#include "wm_staff.h"
#include "wm_text.h"

#include <inttypes.h>


bool
wm_staff_name_valid(wm_str_t name)
{
    size_t  i;

    if (name.len == 0 || name.len > WM_STAFF_NAME_MAX
        || wm_text_check(name, false) != WM_TEXT_OK
        || wm_text_trim(name).len != name.len)
    {
        return false;
    }

    for (i = 0; i < name.len; i++) {
        if (strchr(" :/{}", name.data[i]) != NULL) {
            return false;
        }
    }

    return true;
}


bool
wm_staff_leads(wm_str_t path)
{
    char    c;
    size_t  i;

    if (path.len > WM_STAFF_PATH_MAX || !wm_starts(path, "staff/")
        || wm_starts(path, "staff/login"))
    {
        return false;
    }

    for (i = 0; i < path.len; i++) {
        c = path.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9'))
            && (c == '\0' || strchr("-_/?&=%+.,:", c) == NULL))
        {
            return false;
        }

        /* no way up or aside */

        if (i > 0 && ((c == '.' && path.data[i - 1] == '.')
                      || (c == '/' && path.data[i - 1] == '/')))
        {
            return false;
        }
    }

    return true;
}


bool
wm_staff_load(const wm_reply_t *record, wm_str_t name, wm_staff_t *staff)
{
    memset(staff, 0, sizeof(wm_staff_t));

    staff->name = name;
    staff->role = wm_role_find(wm_reply_field(record, "role"));
    staff->unit = wm_reply_field(record, "unit");
    staff->path = wm_reply_field(record, "path");
    staff->salt = wm_reply_field(record, "salt");
    staff->hash = wm_reply_field(record, "hash");
    staff->disabled = wm_reply_field(record, "disabled").len > 0;
    staff->epoch = wm_reply_field_int(record, "epoch");
    staff->team = wm_reply_field(record, "team");
    staff->totp = wm_reply_field(record, "totp").len > 0;

    return staff->role != WM_ROLE_NONE && staff->salt.len == 16
           && staff->hash.len == WM_KEY_LEN;
}


bool
wm_staff_hash(wm_pool_t *pool, wm_str_t password, wm_staff_t *staff)
{
    uint8_t  *salt, *hash;

    salt = wm_alloc(pool, 16);
    hash = wm_alloc(pool, WM_KEY_LEN);

    if (salt == NULL || hash == NULL || !wm_random(salt, 16)
        || !wm_scrypt(password, salt, hash))
    {
        return false;
    }

    staff->salt = (wm_str_t) { 16, (char *) salt };
    staff->hash = (wm_str_t) { WM_KEY_LEN, (char *) hash };

    return true;
}


wm_str_t
wm_staff_actor(wm_pool_t *pool, wm_str_t name)
{
    return wm_printf(pool, "staff:%.*s", wm_fmt(name));
}


static wm_str_t
wm_staff_key(wm_commit_t *c, const wm_staff_t *staff)
{
    return wm_key(c->pool, c->district, "staff:%.*s", wm_fmt(staff->name));
}


void
wm_staff_add(wm_commit_t *c, const wm_staff_t *staff)
{
    wm_str_t  key;

    key = wm_staff_key(c, staff);

    wm_need(c, ABSENT, key);
    wm_do(c, HSET, key,
          wm_lit("role"), wm_str(wm_role_code(staff->role)),
          wm_lit("unit"), staff->unit, wm_lit("path"), staff->path,
          wm_lit("epoch"), wm_lit("1"),
          wm_lit("made"), wm_printf(c->pool, "%" PRId64, c->now_ms));

    if (staff->team.len > 0) {
        wm_do(c, HSET, key, wm_lit("team"), staff->team);
    }

    wm_do_private(c, HSET, key, wm_lit("salt"), staff->salt,
                  wm_lit("hash"), staff->hash);
    wm_do(c, SADD, wm_key(c->pool, c->district, "staff"), staff->name);
}


void
wm_staff_disable(wm_commit_t *c, const wm_staff_t *staff)
{
    wm_str_t  key;

    key = wm_staff_key(c, staff);

    wm_need(c, EXISTS, key);
    wm_do(c, HSET, key, wm_lit("disabled"), wm_lit("1"));
    wm_do(c, HINCRBY, key, wm_lit("epoch"), wm_lit("1"));
}


/* The sessions of before have ended for good: the epoch stays. */

void
wm_staff_enable(wm_commit_t *c, const wm_staff_t *staff)
{
    wm_str_t  key;

    key = wm_staff_key(c, staff);

    wm_need(c, EXISTS, key);
    wm_do(c, HDEL, key, wm_lit("disabled"));
}


void
wm_staff_password(wm_commit_t *c, const wm_staff_t *staff)
{
    wm_str_t  key;

    key = wm_staff_key(c, staff);

    wm_need(c, EXISTS, key);
    wm_do(c, HINCRBY, key, wm_lit("epoch"), wm_lit("1"));
    wm_do_private(c, HSET, key, wm_lit("salt"), staff->salt,
                  wm_lit("hash"), staff->hash);
}


void
wm_staff_end(wm_commit_t *c, const wm_staff_t *staff)
{
    wm_str_t  key;

    key = wm_staff_key(c, staff);

    wm_need(c, EXISTS, key);
    wm_do(c, HINCRBY, key, wm_lit("epoch"), wm_lit("1"));
}


bool
wm_staff_manages(const wm_staff_t *by, const wm_staff_t *staff)
{
    return wm_role_may(by->role, WM_CAP_MANAGE)
           && wm_scope_covers(by->path, staff->path)
           && !wm_eq(by->name, staff->name);
}


wm_verdict_t
wm_staff_manage(wm_commit_t *c, const wm_staff_t *by, const wm_staff_t *staff,
    bool *nothing)
{
    *nothing = false;

    if (!wm_scope_covers(by->path, staff->path)) {
        return WM_VERDICT_NOT_FOUND;
    }

    if (!wm_staff_manages(by, staff)) {
        return WM_VERDICT_FORBIDDEN;
    }

    if (c->op == WM_OP_STAFF_END) {
        wm_staff_end(c, staff);
        return WM_VERDICT_OK;
    }

    *nothing = staff->disabled == (c->op == WM_OP_STAFF_DISABLE);

    if (*nothing) {
        return WM_VERDICT_OK;
    }

    if (c->op == WM_OP_STAFF_DISABLE) {
        wm_staff_disable(c, staff);

    } else {
        wm_staff_enable(c, staff);
    }

    return WM_VERDICT_OK;
}


int64_t
wm_staffing(wm_str_t unit_type)
{
    size_t  i;

    static const struct {
        const char  *type;
        int64_t      n;
    } quotas[] = {
#define X(type, n)  { type, n },
        WM_STAFFING(X)
#undef X
    };

    for (i = 0; i < wm_countof(quotas); i++) {
        if (wm_is(unit_type, quotas[i].type)) {
            return quotas[i].n;
        }
    }

    return 0;
}


bool
wm_staff_runs(const wm_staff_t *staff, wm_str_t unit)
{
    return !staff->disabled && wm_eq(staff->unit, unit)
           && wm_role_may(staff->role, WM_CAP_DISPATCH);
}


wm_str_t
wm_session_key(wm_pool_t *pool, wm_str_t district, const uint8_t sid[16])
{
    char     id[27];
    uint8_t  sum[WM_SHA256_LEN];

    if (!wm_sha256((wm_str_t) { 16, (const char *) sid }, sum)) {
        return wm_null;
    }

    wm_b32_encode(sum, 16, id);

    return wm_key(pool, district, "session:%s", id);
}


void
wm_session_start(wm_commit_t *c, const wm_staff_t *staff,
    wm_str_t session_key)
{
    wm_need(c, HEQ, wm_staff_key(c, staff), wm_lit("epoch"),
            wm_printf(c->pool, "%" PRId64, staff->epoch));
    wm_do(c, HSET, session_key, wm_lit("name"), staff->name,
          wm_lit("epoch"), wm_printf(c->pool, "%" PRId64, staff->epoch),
          wm_lit("made"), wm_printf(c->pool, "%" PRId64, c->now_ms));
    wm_do(c, EXPIRE, session_key,
          wm_printf(c->pool, "%d", WM_SESSION_IDLE_S));
}


void
wm_session_end(wm_commit_t *c, wm_str_t session_key)
{
    wm_do(c, DEL, session_key);
}


bool
wm_session_valid(const wm_reply_t *session, const wm_staff_t *staff,
    int64_t now_ms)
{
    return !staff->disabled
           && wm_eq(wm_reply_field(session, "name"), staff->name)
           && wm_reply_field_int(session, "epoch") == staff->epoch
           && now_ms - wm_reply_field_int(session, "made")
              < WM_SESSION_MAX_MS;
}
