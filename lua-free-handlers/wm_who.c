#include "wm_who.h"
#include "wm_show.h"
#include "wm_verify.h"
#include "wm_zh.h"


static bool
wm_who_is_known(wm_web_t *w, wm_person_t *person)
{
    wm_str_t  id;

    if (w->visitor.id[0] != '\0') {
        return wm_person_identify(w->pool, &w->site->realm, w->visitor.name,
                                  w->visitor.phone, wm_null, person);
    }

    id = wm_web_person(w);
    if (id.data == NULL) {
        return false;
    }

    memcpy(person->id, id.data, WM_ID_LEN);

    return true;
}


bool
wm_who_is_meant(wm_web_t *w, wm_str_t *who, wm_person_t *person)
{
    wm_value_t  *name = wm_input(&w->input, "name");
    wm_value_t  *phone = wm_input(&w->input, "phone");

    if (who->len > 0 && !wm_is(*who, "me") && !wm_is(*who, "new")
        && !wm_is(*who, "family"))
    {
        wm_input_fail(&w->input, "who", WM_WRONG_CHOICE);
        return false;
    }

    if ((wm_is(*who, "me") || (who->len == 0 && name->text.len == 0))
        && wm_who_is_known(w, person))
    {
        *who = wm_lit("me");
        return true;
    }

    if (!wm_is(*who, "family")) {
        *who = wm_lit("new");
    }

    if (name->text.len == 0) {
        wm_input_fail(&w->input, "name", WM_WRONG_MISSING);
    }

    if (phone->text.len == 0) {
        wm_input_fail(&w->input, "phone", WM_WRONG_MISSING);
    }

    return wm_input_ok(&w->input)
           && wm_person_identify(w->pool, &w->site->realm, name->text,
                                 phone->text, wm_null, person);
}


bool
wm_who_owns_key(wm_web_t *w, wm_str_t person)
{
    if (w->once.data == NULL) {
        return true;
    }

    w->once = wm_printf(w->pool, "%.*s %.*s", wm_fmt(w->once),
                        wm_fmt(person));

    return w->once.data != NULL;
}


bool
wm_who_is_by_hand(wm_web_t *w, wm_str_t unit, wm_person_t *person)
{
    return wm_person_identify(w->pool, &w->site->realm,
                              wm_input(&w->input, "name")->text,
                              wm_input(&w->input, "phone")->text, unit,
                              person);
}


bool
wm_who_is_opened(wm_web_t *w, const wm_reply_t *record, wm_person_t *person)
{
    if (wm_person_load(w->pool, &w->site->realm, record, person)) {
        return true;
    }

    w->why = wm_lit("a person's record cannot be opened");
    wm_answer(w, WM_VERDICT_INTERNAL);

    return false;
}


void
wm_who_keep(wm_web_t *w, const wm_person_t *person)
{
    if (!wm_eq(wm_web_person(w), wm_str(person->id))
        || !wm_web_knows(w, person))
    {
        wm_web_keep_person(w, person);
    }
}


void
wm_who_show(wm_web_t *w, const wm_reply_t *record, wm_person_t *person)
{
    if (!wm_person_load(w->pool, &w->site->realm, record, person)
        || !person->known)
    {
        person->name = wm_lit("");
        person->phone = wm_lit("");
    }
}


bool
wm_who_is_read(wm_web_t *w, wm_str_t who, const wm_reply_t *record,
    wm_person_t *person)
{
    if (!wm_who_is_opened(w, record, person)) {
        return false;
    }

    /* the person of a cookie must still be there, and its sessions too */

    if (wm_is(who, "me") && w->visitor.id[0] == '\0'
        && !wm_web_knows(w, person))
    {
        wm_input_fail(&w->input, "name", WM_WRONG_MISSING);
        wm_input_fail(&w->input, "phone", WM_WRONG_MISSING);
        wm_answer(w, WM_VERDICT_INVALID);
        return false;
    }

    return true;
}


wm_person_t *
wm_who_ask_known(wm_web_t *w)
{
    wm_str_t      id;
    wm_person_t  *person;

    id = wm_web_person(w);
    person = wm_calloc(w->pool, sizeof(wm_person_t));

    if (id.data == NULL || person == NULL) {
        return NULL;
    }

    memcpy(person->id, id.data, WM_ID_LEN);

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "person:%s", person->id));

    return person;
}


wm_str_t
wm_who_mark(wm_web_t *w, const wm_person_t *person, const wm_reply_t *dev)
{
    wm_str_t  field;

    field = wm_verify_field(w->pool, wm_str(person->id));

    return field.data != NULL ? wm_reply_field(dev, field.data) : wm_null;
}


bool
wm_who_is_verified(wm_web_t *w, const wm_person_t *person,
    const wm_reply_t *dev)
{
    if (!wm_web_knows(w, person)) {
        return false;
    }

    if (w->visitor.id[0] != '\0') {
        return true;
    }

    return wm_verify_is(person, wm_who_mark(w, person, dev));
}


void
wm_who_ask(wm_web_t *w, wm_str_t who)
{
    wm_str_t  person;

    person = wm_web_person(w);

    if (person.data != NULL && !wm_is(who, "new") && !wm_is(who, "family")) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(person)));
    }
}


/* A visitor is greeted also when he is here for the first time. */

static bool
wm_who_is_greeted(wm_web_t *w, const wm_reply_t *record, wm_person_t *person)
{
    wm_str_t  id;

    memset(person, 0, sizeof(wm_person_t));

    id = wm_web_person(w);
    if (record == NULL || id.data == NULL) {
        return false;
    }

    if (w->visitor.id[0] != '\0') {
        person->name = w->visitor.name;
        person->phone = w->visitor.phone;
        return true;
    }

    memcpy(person->id, id.data, WM_ID_LEN);

    return wm_person_load(w->pool, &w->site->realm, record, person)
           && wm_web_knows(w, person);
}


bool
wm_who_greet(wm_web_t *w, const wm_reply_t *record)
{
    bool         known;
    wm_person_t  person;

    known = wm_who_is_greeted(w, record, &person);
    wm_doc_bool(w->doc, "known", known);

    if (known) {
        wm_doc_str(w->doc, "name", person.name);
        wm_doc_str(w->doc, "phone", wm_show_phone(w, person.phone));
    }

    return known;
}


wm_str_t
wm_who_name(const wm_person_t *person)
{
    return person->name.len > 0 ? person->name
                                : wm_zh(wm_lit("person_deleted"));
}
