#include "wm_trail.h"
#include "wm_doc.h"
#include "wm_text.h"
#include "wm_time.h"

/* X(method, path without "api/", kind); an empty method: each */
#define WM_TRAIL_KINDS(X)                                                    \
    X("POST",    "staff/login",        "staff.sign_in")                      \
    X("POST",    "staff/login/code",   "staff.sign_in")                      \
    X("POST",    "staff/session",      "staff.sign_in")                      \
    X("DELETE",  "staff/session",      "staff.sign_out")                     \
    X("POST",    "staff/logout",       "staff.sign_out")                     \
    X("POST",    "staff/security",     "staff.totp_on")                      \
    X("POST",    "staff/security/off", "staff.totp_off")                     \
    X("POST",    "staff/orders",       "order.submit")                       \
    X("POST",    "staff/wishes",       "wish.submit")                        \
    X("POST",    "staff/events",       "event.create")                       \
    X("",        "staff/events/{id}",  "event.change")                       \
    X("POST",    "staff/people/disable",   "staff.disable")                  \
    X("POST",    "staff/people/enable",    "staff.enable")                   \
    X("POST",    "staff/people/sign-out",  "staff.end")                      \
    X("",        "staff/units/{id}",       "unit.change")                    \
    X("POST",    "staff/courses",      "course.create")                      \
    X("",        "staff/courses/{id}", "course.change")                      \
    X("POST",    "staff/events/{id}/enrolments",         "enrol.hand")       \
    X("POST",    "staff/events/{id}/enrolments/cancel",  "enrol.remove")     \
    X("POST",    "staff/events/{id}/attendance",         "attend.hand")      \
    X("GET",     "staff/events/{id}/roster.csv",         "export.roster")    \
    X("GET",     "staff/events/{id}/enrolments.csv",  "export.enrolments")   \
    X("POST",    "me/forget",          "person.forget")                      \
    X("DELETE",  "me",                 "person.forget")

static const struct {
    const char  *method;
    const char  *path;
    const char  *kind;
} wm_trail_kinds[] = {
#define X(method, path, kind)  { method, path, kind },
    WM_TRAIL_KINDS(X)
#undef X
};

/* X(family of paths, the thing): staff/orders/{id}/accept is order.accept */
#define WM_TRAIL_THINGS(X)                                                   \
    X("orders",   "order")                                                   \
    X("events",   "event")                                                   \
    X("courses",  "course")                                                  \
    X("wishes",   "wish")                                                    \
    X("ratings",  "rate")

static const struct {
    const char  *family;
    const char  *thing;
} wm_trail_things[] = {
#define X(family, thing)  { family, thing },
    WM_TRAIL_THINGS(X)
#undef X
};


static wm_str_t
wm_trail_behind(wm_str_t s, const char *head)
{
    size_t  n = strlen(head);

    return wm_starts(s, head) ? (wm_str_t) { s.len - n, s.data + n } : s;
}


static const char *
wm_trail_known(wm_str_t method, wm_str_t path)
{
    size_t  i;

    path = wm_trail_behind(path, "api/");

    for (i = 0; i < wm_countof(wm_trail_kinds); i++) {
        if (wm_is(path, wm_trail_kinds[i].path)
            && (wm_trail_kinds[i].method[0] == '\0'
                || wm_is(method, wm_trail_kinds[i].method))
            && (wm_trail_kinds[i].method[0] != '\0'
                || !wm_is(method, "GET")))
        {
            return wm_trail_kinds[i].kind;
        }
    }

    return NULL;
}


static bool
wm_trail_is(wm_str_t method, wm_str_t path, const char *kind)
{
    const char  *known = wm_trail_known(method, path);

    return known != NULL && strcmp(known, kind) == 0;
}


bool
wm_trail_signs_in(wm_str_t method, wm_str_t path)
{
    return wm_trail_is(method, path, "staff.sign_in");
}


bool
wm_trail_forgets(wm_str_t method, wm_str_t path)
{
    return wm_trail_is(method, path, "person.forget");
}


bool
wm_trail_exports(wm_str_t path)
{
    return path.len > 4 && memcmp(path.data + path.len - 4, ".csv", 4) == 0;
}


wm_str_t
wm_trail_kind(wm_pool_t *pool, wm_str_t method, wm_str_t path)
{
    size_t       i;
    wm_str_t     family, id, rest;
    const char  *known = wm_trail_known(method, path);

    if (known != NULL) {
        return wm_str(known);
    }

    rest = wm_trail_behind(wm_trail_behind(path, "api/"), "staff/");

    if (wm_is(method, "GET")) {
        return wm_trail_exports(path)
               ? wm_printf(pool, "export.%.*s", wm_fmt(rest))
               : wm_lit("read");
    }

    if (!wm_split(&rest, '/', &family) || !wm_split(&rest, '/', &id)
        || rest.len == 0)
    {
        return wm_trail_behind(wm_trail_behind(path, "api/"), "staff/");
    }

    for (i = 0; i < wm_countof(wm_trail_things); i++) {
        if (wm_is(family, wm_trail_things[i].family)) {
            return wm_printf(pool, "%s.%.*s", wm_trail_things[i].thing,
                             wm_fmt(rest));
        }
    }

    return wm_printf(pool, "%.*s.%.*s", wm_fmt(family), wm_fmt(rest));
}


/*
 * Cut by characters.  Who types his phone, or a whole password of digits, in
 * the place of a name is not to be read here for ever.
 */

static wm_str_t
wm_trail_user(wm_str_t user, bool typed)
{
    int       n;
    size_t    i, count, digits;
    uint32_t  code;

    for (i = 0, count = 0, digits = 0;
         i < user.len && count < WM_TRAIL_USER_MAX; count++)
    {
        n = wm_utf8_len(user.data + i, user.len - i);
        code = n > 0 ? wm_utf8_code(user.data + i, n) : 0;
        digits += (code >= '0' && code <= '9')
                  || (code >= 0xff10 && code <= 0xff19);    /* full-width */
        i += n > 0 ? (size_t) n : 1;
    }

    return typed && digits >= 7 ? wm_lit("(digits)")
                                : (wm_str_t) { i, user.data };
}


static void
wm_trail_put(wm_doc_t *doc, const char *key, wm_str_t s)
{
    wm_doc_str(doc, key, s.data == NULL ? wm_lit("")
               : s.len > WM_TRAIL_USER_MAX * 4
                 ? (wm_str_t) { WM_TRAIL_USER_MAX * 4, s.data } : s);
}


wm_str_t
wm_trail_line(wm_pool_t *pool, const wm_trail_t *a)
{
    char       time[WM_TIME_TEXT];
    wm_buf_t   b;
    wm_doc_t  *doc;

    doc = wm_doc_new(pool);
    wm_buf_init(&b, pool, 512);

    wm_doc_str(doc, "time", wm_time_iso(a->now_ms, a->offset, time));
    wm_doc_text(doc, "source", a->source);
    wm_trail_put(doc, "district", a->district);
    wm_trail_put(doc, "user", wm_trail_user(a->user, a->typed));
    wm_trail_put(doc, "kind", a->kind);
    wm_trail_put(doc, "object", a->object);
    wm_doc_bool(doc, "success", a->success);
    wm_trail_put(doc, "result", a->result);
    wm_trail_put(doc, "address", a->address);

    if (a->route.len > 0) {
        wm_trail_put(doc, "route", a->route);
    }

    if (doc == NULL) {
        return wm_null;
    }

    wm_doc_write(&b, doc);
    wm_putc(&b, '\n');

    return b.failed ? wm_null : wm_buf_str(&b);
}
