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


wm_str_t
wm_show_human(wm_web_t *w, int64_t ms)
{
    return wm_show_time(w, ms, wm_time_human);
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
    orders = wm_doc_list(doc, "orders");

    for (i = 0; i < event->norders; i++) {
        wm_doc_item_str(orders, event->orders[i]);
    }
}


void
wm_show_order(wm_web_t *w, wm_doc_t *doc, const wm_order_t *order)
{
    wm_str_t   wanted, day;
    wm_doc_t  *days;

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

    days = wm_doc_list(doc, "wanted");
    wanted = order->wanted;

    while (wm_split(&wanted, ',', &day)) {
        if (day.len > 0) {
            wm_doc_item_str(days, day);
        }
    }
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
    int       c;
    size_t    n;
    wm_str_t  x, y;

    x = wm_reply_str(a);
    y = wm_reply_str(b);
    n = x.len < y.len ? x.len : y.len;
    c = n > 0 ? memcmp(x.data, y.data, n) : 0;

    return c != 0 ? c : x.len < y.len ? -1 : x.len > y.len;
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
wm_show_find(const wm_reply_t *all, wm_str_t id)
{
    size_t  i;

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        if (wm_eq(wm_reply_str(&all->items[i]), id)) {
            return wm_reply_str(&all->items[i + 1]);
        }
    }

    return wm_null;
}


void
wm_show_choices(wm_web_t *w, const char *list, const char *label,
    const wm_reply_t *all, wm_str_t chosen)
{
    size_t     i;
    wm_str_t   id;
    wm_doc_t  *items, *item, *source;

    items = wm_doc_list(w->doc, list);

    for (i = 0; all->type == WM_REPLY_LIST && i + 1 < all->n; i += 2) {
        source = wm_doc_parse(w->pool, wm_reply_str(&all->items[i + 1]));
        if (source == NULL) {
            continue;
        }

        id = wm_reply_str(&all->items[i]);
        item = wm_doc_item(items);
        wm_doc_str(item, "id", id);
        wm_doc_str(item, label, wm_doc_get_str(source, label));
        wm_doc_bool(item, "chosen", chosen.len > 0 && wm_eq(id, chosen));
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
