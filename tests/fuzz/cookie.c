/*
 * What comes in headers: cookies between others, the name and phone that a
 * site's login gives, and what WeChat's gateway says.
 */

#include "fuzz.h"
#include "wm_cookie.h"
#include "wm_field.h"
#include "wm_person.h"
#include "wm_text.h"
#include "wm_token.h"
#include "wm_wechat.h"

#define FUZZ_NAME  "__Host-wm"


/* What is found is a part of the header, behind its name and a sign. */

static void
fuzz_cookie(wm_str_t header)
{
    size_t       at;
    wm_str_t     value;
    wm_badge_t   badge;
    wm_device_t  device;

    value = wm_cookie_find(header, wm_lit(FUZZ_NAME));

    if (value.data == NULL) {
        return;
    }

    at = (size_t) (value.data - header.data);

    fuzz_check(at > sizeof(FUZZ_NAME) - 1 && at + value.len <= header.len);
    fuzz_check(memchr(value.data, ';', value.len) == NULL || value.len == 0);
    fuzz_check(fuzz_has((wm_str_t) { at, header.data }, FUZZ_NAME));

    (void) wm_device_open(&fuzz_realm, value, FUZZ_NOW, &device);
    (void) wm_badge_open(&fuzz_realm, value, &badge);
}


/* One that is put behind others is found, unless it was there before. */

static void
fuzz_behind(wm_pool_t *pool, wm_str_t header)
{
    wm_str_t  all;

    if (header.data == NULL || memchr(header.data, '\0', header.len) != NULL) {
        return;
    }

    if (wm_cookie_find(header, wm_lit(FUZZ_NAME)).data != NULL) {
        return;
    }

    all = wm_printf(pool, "%.*s; " FUZZ_NAME "=good; x=y", wm_fmt(header));
    fuzz_check(wm_is(wm_cookie_find(all, wm_lit(FUZZ_NAME)), "good"));
}


/* Somebody whom a login names has a name and a phone as forms want them. */

static void
fuzz_visitor(wm_pool_t *pool, wm_str_t name, wm_str_t phone)
{
    wm_visitor_t  v;

    memset(&v, 0, sizeof(wm_visitor_t));

    if (!wm_visitor_take(pool, &fuzz_realm, name, phone, &v)) {
        return;
    }

    fuzz_check(strlen(v.id) == WM_ID_LEN);
    fuzz_check(wm_text_check(v.name, false) == WM_TEXT_OK);
    fuzz_check(wm_utf8_count(v.name) >= 1
               && wm_utf8_count(v.name) <= WM_PERSON_NAME_MAX);
    fuzz_check(v.phone.len >= 10 && v.phone.len <= 12);
}


static void
fuzz_wechat(wm_pool_t *pool, wm_str_t json)
{
    size_t    i;
    wm_str_t  openid;

    openid = wm_wechat_openid(pool, json);

    if (openid.data == NULL) {
        return;
    }

    fuzz_check(openid.len > 0 && openid.len <= 64);

    for (i = 0; i < openid.len; i++) {
        fuzz_check((unsigned char) openid.data[i] > 0x20
                   && (unsigned char) openid.data[i] < 0x7f
                   && strchr("\"'\\<>&;", openid.data[i]) == NULL);
    }
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    uint8_t   what;
    wm_str_t  name;

    what = fuzz_byte(in);

    switch (what % 3) {

    case 0:
        name = fuzz_rest(in);
        fuzz_cookie(name);
        fuzz_behind(pool, name);
        break;

    case 1:
        name = fuzz_until(in, '|');
        fuzz_visitor(pool, name, fuzz_rest(in));
        break;

    default:
        fuzz_wechat(pool, fuzz_rest(in));
    }
}
