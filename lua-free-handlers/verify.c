/* A code sent to the phone, and typed: then this device is that person's. */

#include "wm_show.h"
#include "wm_verify.h"
#include "wm_who.h"

#define WM_CODES_ORDERS   200           /* looked at for their person */

static void wm_verify_page(wm_web_t *w);
static void wm_verify_again(wm_web_t *w);
static void wm_verify_ask_code(wm_web_t *w);
static void wm_verify_type(wm_web_t *w);

#define WM_VERIFY_WHO                                                        \
    { "name",   WM_FIELD_TEXT,   0, 1, WM_PERSON_NAME_MAX },                 \
    { "phone",  WM_FIELD_PHONE,  0, 0, 0 }

static const wm_field_t  wm_verify_page_fields[] = {
    { "who",    WM_FIELD_TOKEN,  0, 1, 8 }
};

static const wm_field_t  wm_verify_who_fields[] = {
    WM_VERIFY_WHO
};

static const wm_field_t  wm_verify_code_fields[] = {
    WM_VERIFY_WHO,
    { "code",   WM_FIELD_TEXT,   WM_REQUIRED, 1, 32 }
};

static const size_t  wm_verify_npage = wm_countof(wm_verify_page_fields);
static const size_t  wm_verify_nwho = wm_countof(wm_verify_who_fields);
static const size_t  wm_verify_ncode = wm_countof(wm_verify_code_fields);

const wm_route_t  wm_verify_routes[] = {
    { WM_GET, "verify", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      wm_verify_page_fields, &wm_verify_npage, "verify", wm_verify_page,
      NULL, NULL },
    { WM_POST, "verify", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM | WM_AGAIN,
      wm_verify_who_fields, &wm_verify_nwho, "verify", wm_verify_ask_code,
      wm_verify_again, "verify" },
    { WM_POST, "api/me/code", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_verify_who_fields, &wm_verify_nwho, NULL, wm_verify_ask_code, NULL,
      NULL },
    { WM_POST, "verify/code", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_FORM | WM_AGAIN, wm_verify_code_fields, &wm_verify_ncode, NULL,
      wm_verify_type, wm_verify_again, "verify" },
    { WM_POST, "api/me/verify", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      wm_verify_code_fields, &wm_verify_ncode, NULL, wm_verify_type, NULL,
      NULL }
};

const size_t  wm_verify_nroutes = wm_countof(wm_verify_routes);

typedef struct {
    wm_verify_facts_t   facts;
    wm_str_t            who;
    wm_str_t            limit_device;
    wm_str_t            limit_address;
    char                code[WM_VERIFY_DIGITS + 1];
    char                digits[WM_VERIFY_DIGITS + 1];
    wm_verdict_t        verdict;        /* of the code */
    size_t              norders;
} wm_verify_t;


/* ---- the page */

static void
wm_verify_page_show(wm_web_t *w)
{
    (void) wm_who_greet(w, w->nreplies > 0 ? &w->replies[0] : NULL);
    wm_doc_bool(w->doc, "can_send", w->site->has_sms);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_verify_page(wm_web_t *w)
{
    wm_str_t  who = wm_input(&w->input, "who")->text;

    w->nreplies = 0;

    if (wm_is(who, "new") || wm_web_person(w).data == NULL) {
        wm_verify_page_show(w);
        return;
    }

    wm_who_ask(w, who);
    wm_fetch(w, wm_verify_page_show);
}


/* Whether a code can have arrived: then there is a field to type it into. */

static bool
wm_verify_has_field(wm_web_t *w)
{
    return w->refused == WM_VERDICT_OK || w->refused == WM_VERDICT_SMS_AWAY
           || w->refused == WM_VERDICT_MANY_CODES
           || w->refused == WM_VERDICT_ALL_CODES
           || w->refused == WM_VERDICT_SMS_WRONG
           || (w->refused == WM_VERDICT_INVALID
               && wm_input(&w->input, "code")->error != WM_WRONG_NONE);
}


/* Who was typed goes on from page to page; who is known need not. */

static void
wm_verify_fill(wm_web_t *w)
{
    wm_str_t  phone = wm_input(&w->input, "phone")->text;

    wm_doc_bool(w->doc, "can_send", w->site->has_sms);
    wm_doc_bool(w->doc, "asked", wm_verify_has_field(w));
    wm_doc_str(w->doc, "typed_name", wm_input(&w->input, "name")->text);
    wm_doc_str(w->doc, "typed_phone", phone);

    if (phone.len > 0) {
        wm_doc_str(w->doc, "to", wm_show_phone(w, phone));
    }
}


static void
wm_verify_again_show(wm_web_t *w)
{
    (void) wm_who_greet(w, w->nreplies > 0 ? &w->replies[0] : NULL);
    wm_verify_fill(w);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_verify_again(wm_web_t *w)
{
    w->nreplies = 0;

    if (wm_input(&w->input, "name")->text.len > 0
        || wm_web_person(w).data == NULL)
    {
        wm_verify_again_show(w);
        return;
    }

    wm_who_ask(w, wm_null);
    wm_fetch(w, wm_verify_again_show);
}


/* ---- a code */

static bool
wm_verify_begin(wm_web_t *w)
{
    wm_verify_t  *v;

    v = wm_calloc(w->pool, sizeof(wm_verify_t));

    /* a code is new each time; its own limits make a repeat harmless */

    w->once = wm_null;

    if (v == NULL || !wm_web_device(w)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return false;
    }

    w->state = v;

    if (!w->site->has_sms) {
        wm_answer(w, w->site->has_login ? WM_VERDICT_VERIFY_FIRST
                                        : WM_VERDICT_ASK_OFFICE);
        return false;
    }

    if (!wm_who_is_meant(w, &v->who, &v->facts.person)) {
        wm_answer(w, wm_input_ok(&w->input) ? WM_VERDICT_INTERNAL
                                            : WM_VERDICT_INVALID);
        return false;
    }

    v->facts.device = wm_str(w->device_id);

    return true;
}


static void
wm_verify_sent(wm_web_t *w)
{
    wm_verify_t  *v = w->state;

    /* the code stays as it is: a gateway may still be reading it */

    if (!w->sent) {
        wm_answer(w, WM_VERDICT_SMS_AWAY);
        return;
    }

    if (w->route->face == WM_API) {
        wm_doc_text(w->doc, "status", "sent");

    } else {
        (void) wm_who_greet(w, NULL);
        wm_verify_fill(w);
        wm_doc_str(w->doc, "to", wm_show_phone(w, v->facts.person.phone));
    }

    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_verify_kept(wm_web_t *w)
{
    int64_t       window = wm_limit_rules[WM_LIMIT_CODE].window;
    wm_verify_t  *v = w->state;

    wm_limit_add(w, v->limit_device, window, 1);
    wm_limit_add(w, v->limit_address, window, 1);

    wm_sms(w, v->facts.person.phone, wm_str(v->code), wm_verify_sent);
}


static void wm_verify_ask_person(wm_web_t *w);


static void
wm_verify_decide(wm_web_t *w)
{
    wm_commit_t   *c;
    wm_verify_t   *v = w->state;
    wm_verdict_t   verdict;

    v->facts.times = wm_reply_str(&w->replies[0]);
    v->facts.all = wm_reply_str(&w->replies[1]);
    c = wm_begin(w, WM_OP_PERSON_CODE);

    if (c == NULL || !wm_verify_draw(v->code)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    verdict = wm_verify_send(c, &w->site->realm, &v->facts, v->code);

    if (verdict == WM_VERDICT_ALL_CODES) {
        w->again_s = 3600 - w->now_ms / 1000 % 3600;
        wm_limit_reached(w);
    }

    if (verdict != WM_VERDICT_OK) {
        wm_answer(w, verdict);
        return;
    }

    wm_send(w, c, wm_verify_ask_person, wm_verify_kept);
}


static void
wm_verify_ask_times(wm_web_t *w)
{
    wm_str_t      phone;
    wm_verify_t  *v = w->state;

    phone = v->facts.person.phone;

    if (phone.len == 0 || phone.data[0] != '1') {   /* none, or on a desk */
        wm_input_fail(&w->input, "phone", WM_WRONG_PHONE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    wm_ask(w, wm_lit("HGET"),
           wm_verify_sms_key(w->pool, &w->site->realm, phone),
           wm_lit("times"));
    wm_ask(w, wm_lit("HGET"),
           wm_verify_hour_key(w->pool, w->site->district, w->now_ms),
           wm_lit("n"));
    wm_fetch(w, wm_verify_decide);
}


static void
wm_verify_person_read(wm_web_t *w)
{
    wm_verify_t  *v = w->state;

    if (wm_who_is_read(w, v->who, &w->replies[0], &v->facts.person)) {
        wm_verify_ask_times(w);
    }
}


/* Whoever typed his name is not looked up: known or not, it is the same. */

static void
wm_verify_ask_person(wm_web_t *w)
{
    wm_verify_t  *v = w->state;

    if (v->facts.person.phone.len > 0) {
        wm_verify_ask_times(w);
        return;
    }

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", v->facts.person.id));
    wm_fetch(w, wm_verify_person_read);
}


static void
wm_verify_ask_code(wm_web_t *w)
{
    wm_verify_t            *v;
    const wm_limit_rule_t  *rule = &wm_limit_rules[WM_LIMIT_CODE];

    if (!wm_verify_begin(w)) {
        return;
    }

    v = w->state;
    v->limit_device = wm_printf(w->pool, "sms:%s", w->device_id);
    v->limit_address = wm_printf(w->pool, "sms:%.*s", wm_fmt(w->address));

    /* counted when a code is sent, and of who is known, too: it costs money */

    if (!wm_limit(w, v->limit_device, rule->device, rule->window)
        || !wm_limit(w, v->limit_address, rule->address, rule->window))
    {
        wm_answer(w, rule->verdict);
        return;
    }

    wm_verify_ask_person(w);
}


/* ---- the digits */

static void wm_verify_look(wm_web_t *w);


static void
wm_verify_done(wm_web_t *w)
{
    wm_verify_t  *v = w->state;

    if (v->verdict != WM_VERDICT_OK) {
        wm_answer(w, v->verdict);
        return;
    }

    wm_web_keep_person(w, &v->facts.person);

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("me"));
        return;
    }

    wm_doc_text(w->doc, "status", "verified");
    wm_doc_str(w->doc, "name", v->facts.person.name);
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_verify_apply(wm_web_t *w)
{
    bool          right;
    wm_commit_t  *c;
    wm_verify_t  *v = w->state;

    right = wm_verify_fits(w->pool, &w->site->realm, &v->facts, v->digits);

    c = wm_begin(w, right ? WM_OP_PERSON_VERIFY : WM_OP_PERSON_TRY);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    v->verdict = wm_verify_check(c, &w->site->realm, &v->facts, v->digits);

    if (v->verdict == WM_VERDICT_CODE_OVER) {
        wm_answer(w, v->verdict);

    } else {
        wm_send(w, c, wm_verify_look, wm_verify_done);
    }
}


/* Persons that this device has used; those whose record opens. */

static void
wm_verify_others(wm_web_t *w)
{
    size_t              i, n;
    wm_verify_t        *v = w->state;
    wm_verify_facts_t  *f = &v->facts;

    for (i = 0, n = 0; i < f->nothers; i++) {
        if (wm_person_load(w->pool, &w->site->realm, &w->replies[i],
                           &f->others[i]))
        {
            f->others[n++] = f->others[i];
        }
    }

    f->nothers = n;
    wm_verify_apply(w);
}


static void
wm_verify_add_other(wm_verify_facts_t *f, wm_str_t id)
{
    size_t  i;

    if (!wm_id_valid(id) || f->nothers == WM_VERIFY_OTHERS) {
        return;
    }

    for (i = 0; i < f->nothers; i++) {
        if (wm_is(id, f->others[i].id)) {
            return;
        }
    }

    memcpy(f->others[f->nothers++].id, id.data, WM_ID_LEN);
}


static void
wm_verify_orders(wm_web_t *w)
{
    size_t        i;
    wm_verify_t  *v = w->state;

    for (i = 0; i < v->norders; i++) {
        wm_verify_add_other(&v->facts, wm_reply_str(&w->replies[i]));
    }

    if (v->facts.nothers == 0) {
        wm_verify_apply(w);
        return;
    }

    for (i = 0; i < v->facts.nothers; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%s", v->facts.others[i].id));
    }

    wm_fetch(w, wm_verify_others);
}


/*
 * Fields "a:event:person" and "e:event:person"; of "o:order" and "w:wish" it
 * is asked.
 */

static void
wm_verify_used(wm_web_t *w, const wm_reply_t *dev)
{
    size_t        i;
    wm_str_t      field, event;
    wm_verify_t  *v = w->state;

    v->norders = 0;
    v->facts.nothers = 0;

    for (i = 0; dev->type == WM_REPLY_LIST && i + 1 < dev->n; i += 2) {
        field = wm_reply_at(dev, i);

        if (wm_starts(field, "a:") || wm_starts(field, "e:")) {
            field = (wm_str_t) { field.len - 2, field.data + 2 };

            if (wm_split(&field, ':', &event)) {
                wm_verify_add_other(&v->facts, field);
            }

        } else if ((wm_starts(field, "o:") || wm_starts(field, "w:"))
                   && v->norders < WM_CODES_ORDERS)
        {
            wm_ask(w, wm_lit("HGET"),
                   wm_web_key(w, "%s:%.*s",
                              field.data[0] == 'o' ? "order" : "wish",
                              (int) field.len - 2, field.data + 2),
                   wm_lit("person"));
            v->norders++;
        }
    }
}


static void
wm_verify_found(wm_web_t *w)
{
    wm_verify_t        *v = w->state;
    wm_verify_facts_t  *f = &v->facts;

    f->mac = wm_reply_field(&w->replies[0], "mac");
    f->made = wm_reply_field(&w->replies[0], "made");
    f->tries = wm_reply_field(&w->replies[0], "tries");

    if (!wm_who_is_read(w, v->who, &w->replies[1], &f->person)) {
        return;
    }

    if (!wm_verify_fits(w->pool, &w->site->realm, f, v->digits)) {
        wm_verify_apply(w);
        return;
    }

    f->others = wm_calloc(w->pool, WM_VERIFY_OTHERS * sizeof(wm_person_t));
    if (f->others == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_verify_used(w, &w->replies[2]);

    if (v->norders > 0) {
        wm_fetch(w, wm_verify_orders);

    } else {
        wm_verify_orders(w);
    }
}


static void
wm_verify_look(wm_web_t *w)
{
    wm_verify_t  *v = w->state;
    wm_str_t      person = wm_str(v->facts.person.id);

    wm_ask(w, wm_lit("HGETALL"),
           wm_verify_code_key(w->pool, w->site->district, v->facts.device,
                              person));
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", v->facts.person.id));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));
    wm_fetch(w, wm_verify_found);
}


static void
wm_verify_type(wm_web_t *w)
{
    wm_verify_t  *v;

    if (!wm_verify_begin(w)) {
        return;
    }

    v = w->state;

    if (!wm_verify_digits(wm_input(&w->input, "code")->text, v->digits)) {
        wm_input_fail(&w->input, "code", WM_WRONG_TYPE);
        wm_answer(w, WM_VERDICT_INVALID);
        return;
    }

    wm_verify_look(w);
}
