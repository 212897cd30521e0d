#include "wm_wechat.h"
#include "wm_doc.h"

#include <inttypes.h>

#define WM_WECHAT_TIME    10            /* digits of seconds */
#define WM_WECHAT_MAC     WM_B32_LEN(WM_MAC_LEN)
#define WM_WECHAT_OPENID  64


/* Ten digits of time, and a MAC over them, the device and what is meant. */

static wm_str_t
wm_wechat_stamp(wm_pool_t *pool, const wm_realm_t *realm, const char *what,
    wm_str_t device, wm_str_t about, wm_str_t time)
{
    wm_str_t  mac, blank = wm_lit(" ");

    mac = wm_verify_digest(pool, realm, (wm_str_t[]) {
        wm_lit("wechat "), wm_str(what), blank, device, blank, about, blank,
        time }, 8);

    return mac.data != NULL && time.data != NULL
           ? wm_printf(pool, "%.*s%.*s", wm_fmt(time), wm_fmt(mac)) : wm_null;
}


static wm_str_t
wm_wechat_time(wm_pool_t *pool, int64_t now_ms)
{
    return wm_printf(pool, "%010" PRId64, now_ms / 1000);
}


static bool
wm_wechat_is_stamp(wm_pool_t *pool, const wm_realm_t *realm,
    const char *what, wm_str_t device, wm_str_t about, wm_str_t stamp,
    int64_t now_ms)
{
    uint64_t  s;
    wm_str_t  want, time;

    if (stamp.len != WM_WECHAT_TIME + WM_WECHAT_MAC) {
        return false;
    }

    time = (wm_str_t) { WM_WECHAT_TIME, stamp.data };
    want = wm_wechat_stamp(pool, realm, what, device, about, time);

    return want.data != NULL && want.len == stamp.len
           && wm_equal_ct(want.data, stamp.data, stamp.len)
           && wm_parse_uint(time, UINT32_MAX, &s)
           && (int64_t) s <= now_ms / 1000
           && now_ms / 1000 - (int64_t) s <= WM_WECHAT_SECONDS;
}


wm_str_t
wm_wechat_state(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t device,
    int64_t now_ms)
{
    return wm_wechat_stamp(pool, realm, "state", device, wm_lit(""),
                           wm_wechat_time(pool, now_ms));
}


bool
wm_wechat_is_state(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t device, wm_str_t state, int64_t now_ms)
{
    return wm_wechat_is_stamp(pool, realm, "state", device, wm_lit(""), state,
                              now_ms);
}


wm_str_t
wm_wechat_openid(wm_pool_t *pool, wm_str_t json)
{
    char       c;
    size_t     i;
    wm_str_t   id;
    wm_doc_t  *doc;

    doc = wm_doc_parse(pool, json);
    id = doc != NULL ? wm_doc_get_str(doc, "openid") : wm_null;

    if (id.len == 0 || id.len > WM_WECHAT_OPENID) {
        return wm_null;
    }

    for (i = 0; i < id.len; i++) {
        c = id.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z') || c == '-' || c == '_'))
        {
            return wm_null;
        }
    }

    return id;
}


wm_str_t
wm_wechat_digest(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t appid,
    wm_str_t openid)
{
    return wm_verify_digest(pool, realm, (wm_str_t[]) {
        wm_lit("wechat openid "), appid, wm_lit(" "), openid }, 4);
}


wm_str_t
wm_wechat_key(wm_pool_t *pool, wm_str_t district, wm_str_t digest)
{
    return wm_key(pool, district, "wechat:%.*s", wm_fmt(digest));
}


wm_str_t
wm_wechat_ticket(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t device,
    wm_str_t digest, int64_t now_ms)
{
    wm_str_t  stamp;

    stamp = wm_wechat_stamp(pool, realm, "ticket", device, digest,
                            wm_wechat_time(pool, now_ms));

    return stamp.data != NULL ? wm_printf(pool, "%.*s%.*s", wm_fmt(digest),
                                          wm_fmt(stamp)) : wm_null;
}


bool
wm_wechat_open(wm_pool_t *pool, const wm_realm_t *realm, wm_str_t device,
    wm_str_t ticket, int64_t now_ms, wm_str_t *digest)
{
    wm_str_t  stamp;

    if (ticket.len <= WM_WECHAT_MAC) {
        return false;
    }

    *digest = (wm_str_t) { WM_WECHAT_MAC, ticket.data };
    stamp = (wm_str_t) { ticket.len - WM_WECHAT_MAC,
                         ticket.data + WM_WECHAT_MAC };

    return wm_wechat_is_stamp(pool, realm, "ticket", device, *digest, stamp,
                              now_ms);
}


/* ---- commits */

void
wm_wechat_bind(wm_commit_t *c, const wm_person_t *person, wm_str_t device,
    wm_str_t mark, wm_str_t digest)
{
    wm_str_t  key, own;

    own = wm_key(c->pool, c->district, "person:%s", person->id);
    key = wm_wechat_key(c->pool, c->district, digest);

    wm_need(c, ABSENT, key);
    wm_need(c, EXISTS, own);
    wm_need(c, HABSENT, own, wm_lit("wechat"));

    if (mark.data != NULL) {
        wm_need(c, HEQ, wm_key(c->pool, c->district, "dev:%.*s",
                               wm_fmt(device)),
                wm_verify_field(c->pool, wm_str(person->id)), mark);
    }

    wm_do(c, HSET, key, wm_lit("person"), wm_str(person->id), wm_lit("made"),
          wm_printf(c->pool, "%" PRId64, c->now_ms));
    wm_do(c, HSET, own, wm_lit("wechat"), digest);
}


void
wm_wechat_enter(wm_commit_t *c, const wm_person_t *person, wm_str_t device,
    wm_str_t digest)
{
    wm_need(c, HEQ, wm_wechat_key(c->pool, c->district, digest),
            wm_lit("person"), wm_str(person->id));
    wm_verify_mark(c, device, person);
}
