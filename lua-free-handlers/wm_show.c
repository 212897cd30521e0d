#include "wm_show.h"
#include "wm_text.h"
#include "wm_time.h"

#include <stdlib.h>


typedef wm_str_t (*wm_show_time_pt)(int64_t ms, int offset, char *out);


static wm_str_t
wm_show_time(wm_web_t *w, int64_t ms, wm_show_time_pt format)
{
    char  *out;

    if (ms == 0) {
        return wm_lit("");
    }

    out = wm_alloc(w->pool, WM_TIME_TEXT);

    return out != NULL ? format(ms, w->site->offset, out) : wm_null;
}


wm_str_t
wm_show_iso(wm_web_t *w, int64_t ms)
{
    return wm_show_time(w, ms, wm_time_iso);
}


/* With the year only where it is not this one. */

wm_str_t
wm_show_human(wm_web_t *w, int64_t ms)
{
    int  offset = w->site->offset;

    if (ms == 0
        || wm_time_year(ms, offset) == wm_time_year(w->now_ms, offset))
    {
        return wm_show_time(w, ms, wm_time_human);
    }

    return wm_printf(w->pool, "%.*s%.*s",
                     wm_fmt(wm_show_time(w, ms, wm_time_human_day)),
                     wm_fmt(wm_show_clock(w, ms)));
}


wm_str_t
wm_show_near_day(wm_web_t *w, int64_t ms)
{
    int  offset = w->site->offset;

    if (wm_time_year(ms, offset) != wm_time_year(w->now_ms, offset)) {
        return wm_show_day(w, ms);
    }

    return wm_printf(w->pool, "%.*s（%.*s）",
                     wm_fmt(wm_show_month_day(w, ms)),
                     wm_fmt(wm_show_weekday(w, ms)));
}


wm_str_t
wm_show_clock(wm_web_t *w, int64_t ms)
{
    return wm_show_time(w, ms, wm_time_clock);
}


wm_str_t
wm_show_date(wm_web_t *w, int64_t ms)
{
    return wm_show_time(w, ms, wm_time_date);
}


wm_str_t
wm_show_day(wm_web_t *w, int64_t ms)
{
    return wm_show_time(w, ms, wm_time_human_day);
}


wm_str_t
wm_show_month_day(wm_web_t *w, int64_t ms)
{
    return wm_show_time(w, ms, wm_time_month_day);
}


wm_str_t
wm_show_weekday(wm_web_t *w, int64_t ms)
{
    return wm_show_time(w, ms, wm_time_weekday);
}


/* "12月1日（周二）19:00-20:30", or both days when it lasts longer. */

static wm_str_t
wm_show_when(wm_web_t *w, const wm_event_t *event)
{
    bool  same_day;

    if (event->start_ms == 0 || event->end_ms == 0) {
        return wm_show_human(w, event->start_ms);
    }

    same_day = wm_time_day(event->start_ms, w->site->offset)
               == wm_time_day(event->end_ms, w->site->offset);

    return wm_printf(w->pool, "%.*s\xe2\x80\x93%.*s",
                     wm_fmt(wm_show_human(w, event->start_ms)),
                     wm_fmt(same_day ? wm_show_clock(w, event->end_ms)
                                     : wm_show_human(w, event->end_ms)));
}


void
wm_show_event(wm_web_t *w, wm_doc_t *doc, const wm_event_t *event,
    bool staff)
{
    size_t     i;
    wm_doc_t  *orders;

    wm_doc_str(doc, "id", event->id);
    wm_doc_text(doc, "status", wm_event_state_code(event->state));
    wm_doc_text(doc, "status_text", wm_event_state_text(event->state));
    wm_doc_str(doc, "title", event->title);
    wm_doc_str(doc, "course", event->course);
    wm_doc_str(doc, "unit", event->unit);
    wm_doc_str(doc, "unit_name", event->unit_name);
    wm_doc_str(doc, "place", event->place);
    wm_doc_str(doc, "audience", event->audience);
    wm_doc_str(doc, "content", event->content);
    wm_doc_str(doc, "start", wm_show_iso(w, event->start_ms));
    wm_doc_str(doc, "start_text", wm_show_human(w, event->start_ms));
    wm_doc_str(doc, "end", wm_show_iso(w, event->end_ms));
    wm_doc_str(doc, "end_text", wm_show_human(w, event->end_ms));
    wm_doc_str(doc, "when_text", wm_show_when(w, event));
    wm_doc_int(doc, "capacity", event->capacity);

    wm_doc_hide(wm_doc_bool(doc, "cancelled",
                            event->state == WM_EVENT_CANCELLED));
    wm_doc_hide(wm_doc_bool(doc, "draft", event->state == WM_EVENT_DRAFT));
    wm_doc_hide(wm_doc_bool(doc, "published",
                            event->state == WM_EVENT_PUBLISHED));

    if (!staff) {
        return;
    }

    wm_doc_str(doc, "version", event->version);
    wm_doc_str(doc, "enrol", event->enrol);
    wm_doc_str(doc, "enrol_from", wm_show_iso(w, event->enrol_from_ms));
    wm_doc_str(doc, "enrol_until", wm_show_iso(w, event->enrol_until_ms));
    wm_doc_int(doc, "group_max", wm_enrol_group(event));
    wm_doc_str(doc, "walk_in", event->walk_in);
    orders = wm_doc_list(doc, "orders");

    for (i = 0; i < event->norders; i++) {
        wm_doc_item_str(orders, event->orders[i]);
    }
}


void
wm_show_order(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order)
{
    int64_t    ms;
    wm_str_t   wanted, day;
    wm_doc_t  *days, *texts;

    wm_doc_str(doc, "id", order->id);
    wm_doc_str(doc, "number", wm_order_number(w->pool, order->made_ms,
                                              w->site->offset,
                                              order->running));
    wm_doc_text(doc, "status", wm_order_state_code(order->state));
    wm_doc_text(doc, "status_text", wm_order_state_text(order->state));
    wm_doc_str(doc, "course", order->course);
    wm_doc_str(doc, "title", order->title);
    wm_doc_str(doc, "unit", order->unit);
    wm_doc_int(doc, "head_count", order->head_count);
    wm_doc_str(doc, "made", wm_show_iso(w, order->made_ms));
    wm_doc_str(doc, "made_text", wm_show_human(w, order->made_ms));
    wm_doc_str(doc, "event", order->event);

    if (order->group.len > 0) {
        wm_doc_str(doc, "group", order->group);
    }

    days = wm_doc_list(doc, "wanted");
    texts = wm_doc_list(doc, "wanted_text");
    wm_doc_hide(texts);
    wanted = order->wanted;

    while (wm_split(&wanted, ',', &day)) {
        if (day.len > 0) {
            wm_doc_item_str(days, day);
            wm_doc_item_str(texts, wm_time_parse_day(day, w->site->offset, &ms)
                                   ? wm_show_near_day(w, ms) : day);
        }
    }
}


wm_str_t
wm_show_title(wm_web_t *w, const wm_reply_t *all, wm_str_t id)
{
    return wm_doc_get_str(wm_doc_parse(w->pool, wm_reply_find(all, id)),
                          "title");
}


wm_str_t
wm_show_unit_name(wm_web_t *w, wm_str_t json)
{
    wm_unit_t  unit;

    return wm_unit_load(w->pool, wm_null, json, &unit) ? unit.name
                                                       : wm_lit("");
}


wm_str_t
wm_show_team_name(wm_web_t *w, wm_str_t json)
{
    wm_team_t  team;

    return wm_team_load(w->pool, wm_null, json, &team) ? team.name
                                                       : wm_lit("");
}


/* The requester is told which team it is, not which gave it back. */

static wm_str_t
wm_show_log_team(wm_web_t *w, const wm_order_entry_t *e,
    const wm_reply_t *teams, bool staff)
{
    wm_order_state_t  next;

    if (e->team.len == 0 || e->action == WM_ORDER_DO_MAX) {
        return wm_lit("");
    }

    next = wm_order_action_next(e->action);

    return staff || next == WM_ORDER_DISPATCHED || next == WM_ORDER_ACCEPTED
           ? wm_show_team_name(w, wm_reply_find(teams, e->team)) : wm_lit("");
}


void
wm_show_log(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order,
    const wm_reply_t *teams, bool staff)
{
    int64_t            before;
    wm_str_t           log;
    wm_doc_t          *list, *item;
    wm_order_entry_t   e;

    log = order->log;
    before = 0;
    list = wm_doc_list(doc, "log");

    while (wm_order_log_next(&log, &e)) {
        item = wm_doc_item(list);
        wm_doc_str(item, "action", e.code);
        wm_doc_str(item, "at", wm_show_iso(w, e.at_ms));
        wm_doc_str(item, "at_text", wm_show_human(w, e.at_ms));

        wm_doc_text(item, "text",
                    e.action == WM_ORDER_DO_MAX ? ""
                    : staff ? wm_order_action_text(e.action)
                            : wm_order_action_told(e.action));
        wm_doc_str(item, "team_name", wm_show_log_team(w, &e, teams, staff));

        if (staff) {
            wm_doc_str(item, "by", wm_order_log_by(w->pool, e.actor));
            wm_doc_str(item, "team", e.team.len > 0 ? e.team : wm_lit(""));
            wm_doc_int(item, "took_s",
                       before > 0 && e.at_ms > before
                       ? (e.at_ms - before) / 1000 : 0);
        }

        before = e.at_ms;
    }
}


static void
wm_show_contact(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order,
    const wm_reply_t *record)
{
    wm_person_t  person;

    memset(&person, 0, sizeof(wm_person_t));

    if (order->person.len == WM_ID_LEN) {
        memcpy(person.id, order->person.data, WM_ID_LEN);
    }

    if (wm_person_load(w->pool, &w->site->realm, record, &person)
        && person.known)
    {
        wm_doc_str(doc, "contact_name", person.name);
        wm_doc_str(doc, "phone", person.phone);
        wm_doc_str(doc, "note", wm_person_open(w->pool, &person,
                                               order->note));
    }
}


static void
wm_show_hand(wm_doc_t *doc, const char *key, wm_str_t name)
{
    if (name.len > 0) {
        wm_doc_str(doc, key, name);
    }
}


/* Where it was ordered, who takes care of it, who teaches. */

static void
wm_show_hands(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order,
    const wm_reply_t *units, const wm_reply_t *teams)
{
    wm_show_hand(doc, "unit_name",
                 wm_show_unit_name(w, wm_reply_find(units, order->unit)));
    wm_doc_str(doc, "handler", order->handler);
    wm_show_hand(doc, "handler_name",
                 wm_show_unit_name(w, wm_reply_find(units, order->handler)));
    wm_doc_str(doc, "team", order->team.len > 0 ? order->team : wm_lit(""));
    wm_show_hand(doc, "team_name",
                 wm_show_team_name(w, wm_reply_find(teams, order->team)));
}


void
wm_show_order_staff(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order,
    const wm_reply_t *person, const wm_reply_t *units,
    const wm_reply_t *teams)
{
    bool  reads;

    wm_show_order(w, doc, order);
    wm_show_hands(w, doc, order, units, teams);

    wm_doc_str(doc, "deadline", wm_show_iso(w, order->due_ms));
    wm_doc_str(doc, "deadline_text", wm_show_human(w, order->due_ms));
    wm_doc_bool(doc, "overdue", wm_order_is_overdue(order, w->now_ms));

    if (order->by.len > 0) {
        wm_doc_str(doc, "by", order->by);
    }

    reads = wm_role_may(w->staff.role, WM_CAP_READ);

    if (order->reason.len > 0 && reads) {
        wm_doc_str(doc, "reason", order->reason);
    }

    if (order->remark.len > 0) {
        wm_doc_str(doc, "remark", order->remark);
    }

    /* a team needs to know whom to ring up until its work is done */

    if (person != NULL
        && (reads || order->state == WM_ORDER_DISPATCHED
            || order->state == WM_ORDER_ACCEPTED
            || order->state == WM_ORDER_SCHEDULED))
    {
        wm_show_contact(w, doc, order, person);
    }

    wm_doc_hide(wm_doc_bool(doc, "can_schedule",
                            wm_order_action_from(WM_ORDER_DO_SCHEDULE,
                                                 order->state)
                            && wm_role_may(w->staff.role,
                                           WM_CAP_SCHEDULE)));
}


wm_doc_t *
wm_show_act(wm_doc_t *list, const char *code, const char *text, bool tried)
{
    wm_doc_t  *item;

    item = wm_doc_item(list);
    wm_doc_text(item, "act", code);
    wm_doc_text(item, "act_text", text);
    wm_doc_bool(item, "tried", tried);

    return item;
}


void
wm_show_possible(wm_doc_t *doc, unsigned possible)
{
    unsigned   i;
    wm_doc_t  *list;

    list = wm_doc_list(doc, "possible");

    for (i = 0; i < WM_ORDER_DO_MAX; i++) {
        if (possible & 1u << i) {
            wm_doc_item_str(list, wm_str(wm_order_action_code(
                                             (wm_order_action_t) i)));
        }
    }
}


void
wm_show_standing(wm_web_t *w, const wm_order_t *order, unsigned possible)
{
    w->more = wm_doc_new(w->pool);

    wm_doc_text(w->more, "state", wm_order_state_code(order->state));
    wm_show_possible(w->more, possible);
}


void
wm_show_attend(wm_web_t *w, wm_doc_t *doc, const wm_attend_t *a)
{
    wm_doc_str(doc, "in", wm_show_iso(w, a->in_ms));
    wm_doc_str(doc, "in_text", wm_show_clock(w, a->in_ms));
    wm_doc_str(doc, "out", wm_show_iso(w, a->out_ms));
    wm_doc_str(doc, "out_text", wm_show_clock(w, a->out_ms));
    wm_doc_text(doc, "how", wm_assurance_code(a->in_how));
    wm_doc_text(doc, "how_text", wm_assurance_text(a->in_how));
    wm_doc_int(doc, "level", wm_assurance_level(a->in_how));
}


wm_str_t
wm_show_phone(wm_web_t *w, wm_str_t phone)
{
    char  *out;

    out = wm_alloc(w->pool, 16);

    return out != NULL ? wm_phone_mask(phone, out) : wm_null;
}


static int
wm_show_compare(const void *a, const void *b)
{
    return wm_cmp(wm_reply_str(a), wm_reply_str(b));
}


void
wm_show_sort(wm_reply_t *all)
{
    if (all->type == WM_REPLY_LIST) {
        qsort(all->items, all->n / 2, 2 * sizeof(wm_reply_t),
              wm_show_compare);
    }
}


wm_str_t
wm_show_find_sorted(const wm_reply_t *all, wm_str_t id)
{
    wm_reply_t  *pair, key = { .type = WM_REPLY_STR, .str = id };

    if (all->type != WM_REPLY_LIST || all->n < 2) {
        return wm_null;
    }

    pair = bsearch(&key, all->items, all->n / 2, 2 * sizeof(wm_reply_t),
                   wm_show_compare);

    return pair != NULL ? wm_reply_str(&pair[1]) : wm_null;
}


wm_doc_t *
wm_show_choices(wm_web_t *w, const char *list, const char *label,
    const wm_reply_t *all, wm_str_t chosen)
{
    size_t     i;
    wm_str_t   id;
    wm_doc_t  *items, *item, *source;

    items = wm_doc_list(w->doc, list);

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        source = wm_doc_parse(w->pool, wm_reply_str(&all->items[i + 1]));
        id = wm_reply_str(&all->items[i]);

        if (source == NULL
            || (wm_doc_get_int(source, "withdrawn", 0) > 0
                && !wm_eq(id, chosen)))
        {
            continue;
        }

        item = wm_doc_item(items);
        wm_doc_str(item, "id", id);
        wm_doc_str(item, label, wm_doc_get_str(source, label));
        wm_doc_bool(item, "chosen", chosen.len > 0 && wm_eq(id, chosen));
    }

    return items;
}


void
wm_show_units(wm_web_t *w, const char *list, wm_reply_t *all, wm_str_t chosen)
{
    size_t      i;
    wm_doc_t   *items, *item;
    wm_unit_t   unit;

    wm_show_sort(all);
    items = wm_doc_list(w->doc, list);
    wm_doc_hide(items);

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        if (wm_unit_load(w->pool, wm_reply_at(all, i),
                         wm_reply_at(all, i + 1), &unit)
            && wm_scope_covers(w->staff.path, unit.path))
        {
            item = wm_doc_item(items);
            wm_doc_str(item, "id", unit.id);
            wm_doc_str(item, "name", unit.name);
            wm_doc_bool(item, "chosen", wm_eq(unit.id, chosen));
        }
    }
}


void
wm_show_visitor(wm_web_t *w)
{
    wm_doc_t  *visitor;

    if (w->visitor.id[0] == '\0' || w->refused != WM_VERDICT_OK) {
        return;
    }

    visitor = wm_doc_obj(w->doc, "visitor");
    wm_doc_hide(visitor);
    wm_doc_str(visitor, "name", w->visitor.name);
    wm_doc_str(visitor, "phone", w->visitor.phone);
}
