/*
 * Signing in by WeChat: there and back, and a tap.  Coming back changes
 * nothing; it shows whose the device would be, with a form.
 */

#include "wm_show.h"
#include "wm_text.h"
#include "wm_wechat.h"
#include "wm_who.h"

static void wm_wechat_go(wm_web_t *w);
static void wm_wechat_back(wm_web_t *w);
static void wm_wechat_in(wm_web_t *w);
static void wm_wechat_own(wm_web_t *w);

static const wm_field_t  wm_wechat_back_fields[] = {
    { "code",    WM_FIELD_TOKEN,  0,            1, 128 },
    { "state",   WM_FIELD_TOKEN,  0,            1, 64 }
};

static const wm_field_t  wm_wechat_fields[] = {
    { "ticket",  WM_FIELD_TOKEN,  WM_REQUIRED,  1, 128 }
};

static const size_t  wm_wechat_nback = wm_countof(wm_wechat_back_fields);
static const size_t  wm_wechat_nfields = wm_countof(wm_wechat_fields);

const wm_route_t  wm_wechat_routes[] = {
    { WM_GET, "wechat", WM_PAGE, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_wechat_go, NULL, NULL },
    { WM_GET, "wechat/back", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_wechat_back_fields, &wm_wechat_nback, "wechat", wm_wechat_back, NULL,
      NULL },
    { WM_POST, "wechat/in", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_wechat_fields, &wm_wechat_nfields, NULL, wm_wechat_in, NULL, NULL },
    { WM_POST, "wechat/bind", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_wechat_fields, &wm_wechat_nfields, NULL, wm_wechat_own, NULL, NULL }
};

const size_t  wm_wechat_nroutes = wm_countof(wm_wechat_routes);

typedef struct {
    wm_str_t       digest;
    wm_person_t    owner;               /* whose it is; id empty: nobody's */
    wm_person_t    mine;                /* who is known here */
    wm_reply_t     own, dev;            /* his record, and the device's */
} wm_wechat_t;


/* ---- there */

static void
wm_wechat_escape(wm_buf_t *b, wm_str_t s)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < s.len; i++) {
        c = (unsigned char) s.data[i];

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
            || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_')
        {
            wm_putc(b, (char) c);

        } else {
            wm_putf(b, "%%%02X", c);
        }
    }
}


static void
wm_wechat_go(wm_web_t *w)
{
    wm_buf_t  b;
    wm_str_t  state;

    if (w->site->wechat.len == 0) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    state = wm_web_device(w)
            ? wm_wechat_state(w->pool, &w->site->realm, wm_str(w->device_id),
                              w->now_ms) : wm_null;

    wm_buf_init(&b, w->pool, 512);
    wm_puts(&b, "https://open.weixin.qq.com/connect/oauth2/authorize?appid=");
    wm_wechat_escape(&b, w->site->wechat);
    wm_puts(&b, "&redirect_uri=");
    wm_wechat_escape(&b, w->site->url);
    wm_puts(&b, "%2Fwechat%2Fback&response_type=code&scope=snsapi_base"
                "&state=");
    wm_put(&b, state);
    wm_puts(&b, "#wechat_redirect");

    if (state.data == NULL || b.failed) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_redirect_away(w, wm_buf_str(&b));
}


/* ---- and back */

static void
wm_wechat_show(wm_web_t *w)
{
    bool          found, verified;
    wm_str_t      ticket;
    wm_wechat_t  *s = w->state;
    wm_person_t  *who;

    found = s->owner.id[0] != '\0'
            && wm_person_load(w->pool, &w->site->realm,
                              &w->replies[w->nreplies - 1], &s->owner)
            && s->owner.known;
    verified = !found && s->mine.id[0] != '\0'
               && wm_person_load(w->pool, &w->site->realm, &s->own, &s->mine)
               && wm_who_is_verified(w, &s->mine, &s->dev);

    who = found ? &s->owner : &s->mine;
    ticket = wm_wechat_ticket(w->pool, &w->site->realm,
                              wm_str(w->device_id), s->digest, w->now_ms);

    if (ticket.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_doc_bool(w->doc, "found", found);
    wm_doc_bool(w->doc, "taken", verified
                && wm_reply_field(&s->own, "wechat").data != NULL);
    wm_doc_bool(w->doc, "can_bind", verified
                && wm_reply_field(&s->own, "wechat").data == NULL);
    wm_doc_str(w->doc, "ticket", ticket);

    if (found || verified) {
        wm_doc_str(w->doc, "name", who->name);
        wm_doc_str(w->doc, "phone", wm_show_phone(w, who->phone));
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_wechat_found(wm_web_t *w)
{
    wm_str_t      owner = wm_reply_str(&w->replies[0]);
    wm_wechat_t  *s = w->state;

    if (w->nreplies > 2) {
        s->dev = w->replies[1];
        s->own = w->replies[2];
    }

    if (!wm_id_valid(owner)) {
        wm_wechat_show(w);
        return;
    }

    memcpy(s->owner.id, owner.data, WM_ID_LEN);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "person:%s", s->owner.id));
    wm_fetch(w, wm_wechat_show);
}


static void
wm_wechat_look(wm_web_t *w, wm_step_pt next)
{
    wm_str_t      person = wm_web_person(w);
    wm_wechat_t  *s = w->state;

    wm_ask(w, wm_lit("HGET"),
           wm_wechat_key(w->pool, w->site->district, s->digest),
           wm_lit("person"));

    if (person.data != NULL) {
        memcpy(s->mine.id, person.data, WM_ID_LEN);
        wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));
        wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "person:%s", s->mine.id));
    }

    wm_fetch(w, next);
}


static void
wm_wechat_told(wm_web_t *w)
{
    wm_str_t      openid;
    wm_wechat_t  *s = w->state;

    openid = w->sent ? wm_wechat_openid(w->pool, w->told) : wm_null;

    if (openid.data == NULL) {
        wm_answer(w, WM_VERDICT_WECHAT_AWAY);
        return;
    }

    s->digest = wm_wechat_digest(w->pool, &w->site->realm, w->site->wechat,
                                 openid);

    if (s->digest.data == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_wechat_look(w, wm_wechat_found);
}


static void
wm_wechat_back(wm_web_t *w)
{
    wm_str_t      code = wm_input(&w->input, "code")->text;
    wm_verdict_t  may;

    if (w->site->wechat.len == 0) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    if (!w->device_known || code.len == 0
        || !wm_wechat_is_state(w->pool, &w->site->realm,
                               wm_str(w->device_id),
                               wm_input(&w->input, "state")->text,
                               w->now_ms))
    {
        wm_answer(w, WM_VERDICT_WECHAT_OVER);
        return;
    }

    w->state = wm_calloc(w->pool, sizeof(wm_wechat_t));

    if (w->state == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    may = wm_take(w, WM_LIMIT_WECHAT, NULL);

    if (may != WM_VERDICT_OK) {
        wm_answer(w, may);

    } else {
        wm_wechat_ask(w, code, wm_wechat_told);
    }
}


/* ---- a tap */

static void
wm_wechat_done(wm_web_t *w)
{
    wm_redirect(w, wm_lit("me"));
}


static bool
wm_wechat_begin(wm_web_t *w)
{
    wm_wechat_t  *s;

    w->once = wm_null;                  /* twice is once */

    s = wm_calloc(w->pool, sizeof(wm_wechat_t));

    if (s == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return false;
    }

    w->state = s;

    if (w->site->wechat.len == 0) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return false;
    }

    if (!w->device_known
        || !wm_wechat_open(w->pool, &w->site->realm, wm_str(w->device_id),
                           wm_input(&w->input, "ticket")->text, w->now_ms,
                           &s->digest))
    {
        wm_answer(w, WM_VERDICT_WECHAT_OVER);
        return false;
    }

    return true;
}


static void
wm_wechat_entered(wm_web_t *w)
{
    wm_wechat_t  *s = w->state;

    wm_web_keep_person(w, &s->owner);
    wm_wechat_done(w);
}


static void
wm_wechat_enter_decide(wm_web_t *w)
{
    wm_commit_t  *c;
    wm_wechat_t  *s = w->state;

    if (!wm_who_is_opened(w, &w->replies[0], &s->owner)) {
        return;
    }

    if (!s->owner.known) {
        wm_answer(w, WM_VERDICT_WECHAT_OVER);
        return;
    }

    c = wm_begin(w, WM_OP_PERSON_ENTER);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_wechat_enter(c, &s->owner, wm_str(w->device_id), s->digest);
    wm_send(w, c, wm_wechat_in, wm_wechat_entered);
}


static void
wm_wechat_enter_found(wm_web_t *w)
{
    wm_str_t      owner = wm_reply_str(&w->replies[0]);
    wm_wechat_t  *s = w->state;

    if (!wm_id_valid(owner)) {
        wm_answer(w, WM_VERDICT_WECHAT_OVER);
        return;
    }

    memcpy(s->owner.id, owner.data, WM_ID_LEN);
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "person:%s", s->owner.id));
    wm_fetch(w, wm_wechat_enter_decide);
}


static void
wm_wechat_in(wm_web_t *w)
{
    if (wm_wechat_begin(w)) {
        wm_wechat_look(w, wm_wechat_enter_found);
    }
}


static void
wm_wechat_own_decide(wm_web_t *w)
{
    wm_str_t      mark;
    wm_commit_t  *c;
    wm_wechat_t  *s = w->state;

    if (s->mine.id[0] == '\0') {
        wm_answer(w, WM_VERDICT_VERIFY_FIRST);
        return;
    }

    if (!wm_who_is_opened(w, &w->replies[2], &s->mine)) {
        return;
    }

    if (!wm_who_is_verified(w, &s->mine, &w->replies[1])) {
        wm_answer(w, WM_VERDICT_VERIFY_FIRST);
        return;
    }

    if (wm_reply_str(&w->replies[0]).data != NULL
        || wm_reply_field(&w->replies[2], "wechat").data != NULL)
    {
        wm_answer(w, WM_VERDICT_STATE);
        return;
    }

    c = wm_begin(w, WM_OP_PERSON_BIND);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    mark = w->visitor.id[0] == '\0'
           ? wm_reply_field(&w->replies[1],
                            wm_verify_field(w->pool,
                                            wm_str(s->mine.id)).data)
           : wm_null;

    wm_wechat_bind(c, &s->mine, wm_str(w->device_id), mark, s->digest);
    wm_send(w, c, wm_wechat_own, wm_wechat_done);
}


static void
wm_wechat_own(wm_web_t *w)
{
    if (wm_wechat_begin(w)) {
        wm_wechat_look(w, wm_wechat_own_decide);
    }
}
