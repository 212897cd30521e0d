#include "wm_wished.h"


void
wm_wished_ask_names(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "teams"));
}


void
wm_wished_take_names(wm_wished_names_t *names, const wm_reply_t *replies)
{
    names->units = replies[0];
    names->teams = replies[1];

    wm_show_sort(&names->units);
    wm_show_sort(&names->teams);
}


static wm_str_t
wm_wished_unit(wm_web_t *w, const wm_wished_names_t *names, wm_str_t id)
{
    return wm_show_unit_name(w, wm_show_find_sorted(&names->units, id));
}


static wm_str_t
wm_wished_team(wm_web_t *w, const wm_wished_names_t *names, wm_str_t id)
{
    return wm_show_team_name(w, wm_show_find_sorted(&names->teams, id));
}


/* A member that is always there. */

static void
wm_wished_str(wm_doc_t *doc, const char *key, wm_str_t s)
{
    wm_doc_str(doc, key, s.data != NULL ? s : wm_lit(""));
}


void
wm_wished_kinds(wm_web_t *w, wm_str_t chosen)
{
    unsigned   i;
    wm_doc_t  *list, *item;

    list = wm_doc_list(w->doc, "categories");
    wm_doc_hide(list);

    for (i = WM_WISH_KIND_NONE + 1; i < WM_WISH_KIND_MAX; i++) {
        item = wm_doc_item(list);
        wm_doc_text(item, "id", wm_wish_kind_code((wm_wish_kind_t) i));
        wm_doc_text(item, "name", wm_wish_kind_text((wm_wish_kind_t) i));
        wm_doc_bool(item, "chosen",
                    wm_is(chosen, wm_wish_kind_code((wm_wish_kind_t) i)));
    }
}


void
wm_wished_head(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wished_names_t *names)
{
    wm_doc_str(doc, "id", wish->id);
    wm_doc_text(doc, "status", wm_wish_state_code(wish->state));
    wm_doc_text(doc, "status_text", wm_wish_state_text(wish->state));
    wm_doc_text(doc, "category", wm_wish_kind_code(wish->kind));
    wm_doc_text(doc, "category_text", wm_wish_kind_text(wish->kind));
    wm_doc_str(doc, "unit", wish->unit);
    wm_doc_str(doc, "unit_name", wm_wished_unit(w, names, wish->unit));
}


/* Who has it or had it to the end, and the course of an answer. */

static void
wm_wished_links(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wished_names_t *names)
{
    bool  held;

    held = wish->state == WM_WISH_CLAIMED || wish->state == WM_WISH_DONE;

    wm_doc_str(doc, "team_name",
               held ? wm_wished_team(w, names, wish->team) : wm_lit(""));
    wm_wished_str(doc, "course", wish->course);
    wm_wished_str(doc, "course_title", wish->course_title);
}


void
wm_wished_public(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wished_names_t *names)
{
    wm_wished_head(w, doc, wish, names);
    wm_wished_links(w, doc, wish, names);
    wm_wished_str(doc, "wish", wish->shown_wish);
    wm_wished_str(doc, "text", wish->shown_text);
    wm_wished_str(doc, "answer", wish->shown_answer);
    wm_doc_str(doc, "date", wm_show_date(w, wish->shown_ms));
}


void
wm_wished_person(wm_web_t *w, const wm_wish_t *wish,
    const wm_reply_t *record, wm_person_t *person)
{
    memset(person, 0, sizeof(wm_person_t));

    if (wish->person.len == WM_ID_LEN) {
        memcpy(person->id, wish->person.data, WM_ID_LEN);
    }

    if (!wm_person_load(w->pool, &w->site->realm, record, person)) {
        person->known = false;
    }
}


static void
wm_wished_open(wm_web_t *w, wm_doc_t *doc, const char *key,
    const wm_person_t *person, wm_str_t sealed)
{
    wm_wished_str(doc, key, person->known && sealed.len > 0
                            ? wm_person_open(w->pool, person, sealed)
                            : wm_null);
}


void
wm_wished_mine(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_reply_t *record, const wm_wished_names_t *names)
{
    wm_person_t  person;

    wm_wished_person(w, wish, record, &person);

    wm_wished_head(w, doc, wish, names);
    wm_wished_links(w, doc, wish, names);
    wm_wished_open(w, doc, "wish", &person, wish->wish);
    wm_wished_open(w, doc, "text", &person, wish->text);
    wm_wished_open(w, doc, "answer", &person, wish->answer);
    wm_wished_open(w, doc, "reason", &person,
                   wish->state == WM_WISH_REFUSED ? wish->reason : wm_null);
    wm_wished_str(doc, "order", wish->order);
    wm_doc_bool(doc, "public", wm_wish_is_public(wish));
    wm_doc_str(doc, "made", wm_show_iso(w, wish->made_ms));
    wm_doc_str(doc, "made_text", wm_show_human(w, wish->made_ms));
    wm_wished_log(w, doc, wish, names, false);

    wm_doc_hide(wm_doc_bool(doc, "can_withdraw",
                            wm_wish_action_from(WM_WISH_DO_WITHDRAW,
                                                wish->state)));
}


void
wm_wished_staff(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wish_by_t *by, const wm_person_t *person,
    const wm_wished_names_t *names)
{
    wm_wished_head(w, doc, wish, names);
    wm_wished_links(w, doc, wish, names);
    wm_wished_str(doc, "team", wish->team);
    wm_wished_str(doc, "shown_wish", wish->shown_wish);
    wm_wished_str(doc, "shown_text", wish->shown_text);
    wm_doc_bool(doc, "public", wm_wish_is_public(wish));
    wm_doc_str(doc, "made", wm_show_iso(w, wish->made_ms));
    wm_doc_str(doc, "made_text", wm_show_human(w, wish->made_ms));
    wm_doc_str(doc, "deadline", wm_show_iso(w, wish->due_ms));
    wm_doc_str(doc, "deadline_text", wm_show_human(w, wish->due_ms));
    wm_doc_bool(doc, "overdue", wm_wish_is_overdue(wish, w->now_ms));

    if (wm_wish_reads(wish, by)) {
        wm_wished_str(doc, "by", wish->by);
        wm_wished_open(w, doc, "wish", person, wish->wish);
        wm_wished_open(w, doc, "text", person, wish->text);
        wm_wished_open(w, doc, "answer", person, wish->answer);
        wm_wished_open(w, doc, "reason", person, wish->reason);
        wm_wished_str(doc, "order", wish->order);
    }

    if (wm_wish_calls(wish, by) && person->known) {
        wm_doc_str(doc, "contact_name", person->name);
        wm_doc_str(doc, "phone", person->phone);
    }
}


static void
wm_wished_step(wm_web_t *w, wm_doc_t *item, const wm_order_entry_t *e,
    const wm_wished_names_t *names, bool staff)
{
    bool              named;
    wm_wish_action_t  action;

    action = wm_wish_action_find(e->code);
    named = staff || action == WM_WISH_DO_CLAIM
            || action == WM_WISH_DO_FULFIL;

    wm_doc_str(item, "action", e->code);
    wm_doc_str(item, "at", wm_show_iso(w, e->at_ms));
    wm_doc_str(item, "at_text", wm_show_human(w, e->at_ms));
    wm_doc_text(item, "text", action == WM_WISH_DO_MAX ? ""
                              : staff ? wm_wish_action_text(action)
                                      : wm_wish_action_told(action));
    wm_doc_str(item, "team_name",
               named ? wm_wished_team(w, names, e->team) : wm_lit(""));

    if (staff) {
        wm_doc_str(item, "by", wm_order_log_by(w->pool, e->actor));
        wm_wished_str(item, "team", e->team);
    }
}


void
wm_wished_log(wm_web_t *w, wm_doc_t *doc, const wm_wish_t *wish,
    const wm_wished_names_t *names, bool staff)
{
    wm_str_t           log;
    wm_doc_t          *list;
    wm_order_entry_t   e;

    log = wish->log;
    list = wm_doc_list(doc, "log");

    while (wm_order_log_next(&log, &e)) {
        wm_wished_step(w, wm_doc_item(list), &e, names, staff);
    }
}


void
wm_wished_possible(wm_doc_t *doc, unsigned possible)
{
    unsigned   i;
    wm_doc_t  *list;

    list = wm_doc_list(doc, "possible");

    for (i = 0; i < WM_WISH_DO_MAX; i++) {
        if (possible & 1u << i) {
            wm_doc_item_str(list, wm_str(wm_wish_action_code(
                                             (wm_wish_action_t) i)));
        }
    }
}


void
wm_wished_standing(wm_web_t *w, const wm_wish_t *wish, unsigned possible,
    const wm_wished_names_t *names)
{
    w->more = wm_doc_new(w->pool);

    wm_doc_text(w->more, "state", wm_wish_state_code(wish->state));
    wm_wished_possible(w->more, possible);

    if (names != NULL && wish->state == WM_WISH_CLAIMED) {
        wm_doc_str(w->more, "team_name",
                   wm_wished_team(w, names, wish->team));
    }
}
