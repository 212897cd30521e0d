/* What this device knows of its owner, and how he signs out. */

#include "wm_me.h"
#include "wm_rating.h"
#include "wm_show.h"
#include "wm_time.h"
#include "wm_verify.h"
#include "wm_who.h"

#include <stdlib.h>

#define WM_ME_MAX  200                  /* newest entries of the record */

static void wm_me_record(wm_web_t *w);
static void wm_me_leave(wm_web_t *w);
static void wm_me_end(wm_web_t *w);

const wm_route_t  wm_me_routes[] = {
    { WM_GET, "me", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "me", wm_me_answer, NULL, NULL },
    { WM_GET, "api/me", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_me_answer, NULL, NULL },
    { WM_GET, "my/record", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, "my-record", wm_me_record, NULL, NULL },
    { WM_GET, "api/me/record", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_me_record, NULL, NULL },
    { WM_POST, "me/sign-out", WM_PAGE, WM_ANYONE, WM_CAP_NONE, WM_FORM,
      NULL, NULL, NULL, wm_me_leave, NULL, NULL },
    { WM_POST, "api/me/sign-out", WM_API, WM_ANYONE, WM_CAP_NONE, 0,
      NULL, NULL, NULL, wm_me_leave, NULL, NULL },
    { WM_POST, "me/sign-out-everywhere", WM_PAGE, WM_ANYONE, WM_CAP_NONE,
      WM_FORM, NULL, NULL, NULL, wm_me_end, NULL, NULL },
    { WM_POST, "api/me/sign-out-everywhere", WM_API, WM_ANYONE, WM_CAP_NONE,
      0, NULL, NULL, NULL, wm_me_end, NULL, NULL }
};

const size_t  wm_me_nroutes = wm_countof(wm_me_routes);


typedef struct {
    wm_str_t   event;
    wm_str_t   person;
    int64_t    in_ms;
} wm_seen_t;

typedef struct {
    wm_step_pt    show;
    wm_person_t   person;
    bool          verified;
    size_t        n;
    wm_seen_t    *seen;
} wm_me_t;


/* Whether it can be rated now, and how it was. */

static void
wm_me_rating(wm_web_t *w, wm_doc_t *item, const wm_event_t *event,
    const wm_reply_t *replies)
{
    wm_rating_t         done;
    wm_verdict_t        v;
    wm_rating_facts_t   f = { .event = *event, .here = true };

    f.person.known = true;
    f.attended = wm_reply_str(&replies[0]);
    f.record = wm_reply_str(&replies[1]);

    v = wm_rating_may(&f, w->now_ms, &done);

    wm_doc_bool(item, "can_rate", v == WM_VERDICT_CREATED);
    wm_doc_int(item, "score", v == WM_VERDICT_OK ? done.score : 0);
}


static void
wm_me_show_person(wm_web_t *w, const wm_person_t *person, bool verified)
{
    wm_doc_bool(w->doc, "known", person->known);

    if (person->known) {
        wm_doc_str(w->doc, "name", person->name);
        wm_doc_str(w->doc, "phone", wm_show_phone(w, person->phone));
    }

    wm_doc_bool(w->doc, "verified", verified);
    wm_doc_text(w->doc, "verify", w->site->has_sms ? "sms"
                                  : w->site->has_login ? "site" : "office");

    wm_doc_hide(wm_doc_bool(w->doc, "can_send", w->site->has_sms));
    wm_doc_hide(wm_doc_bool(w->doc, "at_office", !w->site->has_sms
                                                 && !w->site->has_login));
    wm_doc_hide(wm_doc_bool(w->doc, "has_wechat",
                            w->site->wechat.len > 0));
    wm_doc_hide(wm_doc_bool(w->doc, "by_site",
                            w->visitor.id[0] != '\0'));
}


static void
wm_me_show(wm_web_t *w)
{
    size_t       i;
    wm_me_t     *me = w->state;
    wm_str_t     person = wm_web_person(w);
    wm_doc_t    *list, *item;
    wm_seen_t   *seen;
    wm_event_t   event;

    wm_me_show_person(w, &me->person, me->verified);

    list = wm_doc_list(w->doc, "attendance");

    for (i = 0; i < me->n; i++) {
        seen = &me->seen[i];
        item = wm_doc_item(list);

        wm_doc_str(item, "event", seen->event);
        wm_doc_str(item, "title",
                   wm_event_load(&w->replies[3 * i], seen->event, &event)
                   ? event.title : wm_lit(""));
        wm_doc_bool(item, "me", wm_eq(seen->person, person));
        wm_doc_str(item, "in", wm_show_iso(w, seen->in_ms));
        wm_doc_str(item, "in_text", wm_show_human(w, seen->in_ms));
        wm_me_rating(w, item, &event, &w->replies[3 * i + 1]);
    }

    wm_answer(w, WM_VERDICT_OK);
}


/* ---- the record: where somebody was, and for how long, by year */

typedef struct {
    wm_doc_t    *year;
    wm_doc_t    *items;
    int          number;
    int64_t      events;
    int64_t      ms;                    /* time at two events counts once */
} wm_me_year_t;


static void
wm_me_year_end(wm_me_year_t *y)
{
    if (y->year != NULL) {
        wm_doc_int(y->year, "events", y->events);
        wm_doc_int(y->year, "minutes", y->ms / INT64_C(60000));
    }
}


static void
wm_me_year_begin(wm_me_year_t *y, wm_doc_t *years, int number)
{
    wm_me_year_end(y);

    memset(y, 0, sizeof(wm_me_year_t));

    y->number = number;
    y->year = wm_doc_item(years);
    wm_doc_int(y->year, "year", number);
    y->items = wm_doc_list(y->year, "items");
}


/* A stay: the event, attendance, and what of it counts. */

typedef struct {
    wm_event_t    event;
    wm_attend_t   a;
    bool          there;                /* not taken back by a worker */
    int64_t       counted;              /* of the person's time, so far */
    int64_t       ms;
} wm_stay_t;


/* Those before it are behind it in the list. */

static void
wm_me_stay(const wm_me_t *me, const wm_reply_t *replies, wm_stay_t *stays,
    size_t n)
{
    size_t      i;
    wm_stay_t  *stay = &stays[n];

    stay->there = wm_event_load(&replies[3 * n], me->seen[n].event,
                                &stay->event)
                  && wm_attend_load(wm_reply_str(&replies[3 * n + 1]),
                                    &stay->a);

    for (i = n + 1; i < me->n; i++) {
        if (wm_eq(me->seen[i].person, me->seen[n].person)) {
            stay->counted = stays[i].counted;
            break;
        }
    }

    if (stay->there && stay->a.out_ms != 0) {
        stay->ms = wm_attend_credit(stay->a.in_ms,
                                    wm_attend_until(&stay->a,
                                                    stay->event.end_ms),
                                    &stay->counted);
    }
}


static void
wm_me_record_item(wm_web_t *w, wm_me_year_t *y, const wm_seen_t *seen,
    const wm_stay_t *stay, const wm_reply_t *attendance)
{
    int64_t             minutes;
    wm_doc_t           *item;
    const wm_event_t   *event = &stay->event;
    const wm_attend_t  *a = &stay->a;

    minutes = wm_attend_minutes(a, event);
    y->events++;
    y->ms += stay->ms;

    item = wm_doc_item(y->items);
    wm_doc_str(item, "event", seen->event);
    wm_doc_str(item, "title", event->title);
    wm_doc_str(item, "place", event->place.len > 0 ? event->place
                                                   : wm_lit(""));
    wm_doc_bool(item, "me", wm_eq(seen->person, wm_web_person(w)));
    wm_doc_str(item, "in", wm_show_iso(w, a->in_ms));
    wm_doc_str(item, "in_text", wm_show_human(w, a->in_ms));
    wm_doc_str(item, "out", wm_show_iso(w, a->out_ms));
    wm_doc_str(item, "out_text", wm_show_clock(w, a->out_ms));
    wm_doc_int(item, "minutes", minutes > 0 ? minutes : 0);
    wm_doc_bool(item, "missing_out", minutes < 0);
    wm_doc_hide(wm_doc_bool(item, "still_on",
                            minutes < 0 && w->now_ms < event->end_ms));
    wm_doc_hide(wm_doc_bool(item, "just_over", minutes < 0
                            && w->now_ms >= event->end_ms
                            && w->now_ms <= event->end_ms
                                            + WM_ATTEND_LATE_MS));
    wm_me_rating(w, item, event, attendance);
}


static void
wm_me_record_show(wm_web_t *w)
{
    int            year;
    size_t         i;
    wm_me_t       *me = w->state;
    wm_doc_t      *years;
    wm_stay_t     *stays;
    wm_me_year_t   y = { .number = -1 };

    stays = wm_calloc(w->pool, (me->n + 1) * sizeof(wm_stay_t));

    if (stays == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = me->n; i > 0; i--) {
        wm_me_stay(me, w->replies, stays, i - 1);
    }

    years = wm_doc_list(w->doc, "years");

    for (i = 0; i < me->n; i++) {
        if (!stays[i].there) {
            continue;
        }

        year = wm_time_year(me->seen[i].in_ms, w->site->offset);

        if (year != y.number) {
            wm_me_year_begin(&y, years, year);
        }

        wm_me_record_item(w, &y, &me->seen[i], &stays[i],
                          &w->replies[3 * i + 1]);
    }

    wm_me_year_end(&y);
    wm_answer(w, WM_VERDICT_OK);
}


/* A field "a:event:person" of the device's record. */

static bool
wm_me_seen(wm_str_t field, wm_str_t value, wm_seen_t *seen)
{
    uint64_t  ms;

    if (!wm_starts(field, "a:") || !wm_parse_uint(value, INT64_MAX, &ms)) {
        return false;
    }

    seen->person = (wm_str_t) { field.len - 2, field.data + 2 };
    seen->in_ms = (int64_t) ms;

    return wm_split(&seen->person, ':', &seen->event)
           && seen->event.len > 0;
}


static int
wm_me_later(const void *a, const void *b)
{
    const wm_seen_t  *x = a, *y = b;

    return x->in_ms < y->in_ms ? 1 : x->in_ms > y->in_ms ? -1 : 0;
}


static void
wm_me_found(wm_web_t *w)
{
    size_t       i;
    wm_me_t     *me = w->state;
    wm_str_t     person = wm_web_person(w);
    wm_reply_t  *dev = &w->replies[0];

    me->seen = wm_calloc(w->pool, (dev->n + 1) * sizeof(wm_seen_t));

    if (me->seen == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    if (w->nreplies > 1 && person.data != NULL) {
        memcpy(me->person.id, person.data, WM_ID_LEN);

        me->person.known = wm_person_load(w->pool, &w->site->realm,
                                          &w->replies[1], &me->person)
                           && wm_web_knows(w, &me->person);
        me->verified = wm_who_is_verified(w, &me->person, dev);
    }

    for (i = 0; dev->type == WM_REPLY_LIST && i + 1 < dev->n; i += 2) {
        me->n += wm_me_seen(wm_reply_at(dev, i), wm_reply_at(dev, i + 1),
                            &me->seen[me->n]);
    }

    qsort(me->seen, me->n, sizeof(wm_seen_t), wm_me_later);

    if (me->n > WM_ME_MAX) {
        me->n = WM_ME_MAX;
    }

    for (i = 0; i < me->n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "event:%.*s", wm_fmt(me->seen[i].event)));
        wm_ask(w, wm_lit("HGET"),
               wm_web_key(w, "att:%.*s", wm_fmt(me->seen[i].event)),
               me->seen[i].person);
        wm_ask(w, wm_lit("HGET"),
               wm_web_key(w, "rating:%.*s", wm_fmt(me->seen[i].event)),
               me->seen[i].person);
    }

    if (me->n == 0) {
        me->show(w);

    } else {
        wm_fetch(w, me->show);
    }
}


static void
wm_me_read(wm_web_t *w, wm_step_pt show)
{
    wm_me_t   *me;
    wm_str_t   person;

    me = wm_calloc(w->pool, sizeof(wm_me_t));
    if (me == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    me->show = show;
    w->state = me;

    if (!w->device_known && w->visitor.id[0] == '\0') {
        show(w);                        /* nobody, who was nowhere */
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "dev:%s", w->device_id));

    person = wm_web_person(w);
    if (person.data != NULL) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%.*s", wm_fmt(person)));
    }

    wm_fetch(w, wm_me_found);
}


void
wm_me_answer(wm_web_t *w)
{
    wm_me_read(w, wm_me_show);
}


static void
wm_me_record(wm_web_t *w)
{
    wm_me_read(w, wm_me_record_show);
}


/* ---- signing out */

static void
wm_me_left(wm_web_t *w)
{
    wm_web_forget_person(w);

    if (w->route->face != WM_API) {
        wm_redirect(w, wm_lit("me"));
        return;
    }

    wm_doc_text(w->doc, "status", "signed_out");
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_me_leave_marked(wm_web_t *w)
{
    wm_commit_t  *c;

    if (wm_reply_str(&w->replies[0]).data == NULL) {
        wm_me_left(w);                  /* nothing but the cookie knows him */
        return;
    }

    c = wm_begin(w, WM_OP_PERSON_LEAVE);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_verify_end(c, wm_web_person(w), wm_str(w->device_id));
    wm_send(w, c, wm_me_leave, wm_me_left);
}


static void
wm_me_leave(wm_web_t *w)
{
    wm_str_t  person = wm_web_person(w);

    w->once = wm_null;                  /* twice is once */

    if (!w->device_known || person.data == NULL) {
        wm_me_left(w);
        return;
    }

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "dev:%s", w->device_id),
           wm_verify_field(w->pool, person));
    wm_fetch(w, wm_me_leave_marked);
}


/* Nobody can be told to verify where there is no way to. */

static void
wm_me_end_unverified(wm_web_t *w)
{
    wm_answer(w, w->site->has_sms || w->site->has_login
                 ? WM_VERDICT_VERIFY_FIRST : WM_VERDICT_ASK_OFFICE);
}


static void
wm_me_end_decide(wm_web_t *w)
{
    wm_str_t       mark;
    wm_commit_t   *c;
    wm_person_t   *person = w->state;

    if (!wm_who_is_opened(w, &w->replies[1], person)) {
        return;
    }

    if (!wm_who_is_verified(w, person, &w->replies[0])) {
        wm_me_end_unverified(w);
        return;
    }

    mark = w->visitor.id[0] == '\0'
           ? wm_who_mark(w, person, &w->replies[0]) : wm_null;

    c = wm_begin(w, WM_OP_PERSON_END);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_verify_end_all(c, person, wm_str(w->device_id), mark);
    wm_send(w, c, wm_me_end, wm_me_left);
}


static void
wm_me_end(wm_web_t *w)
{
    wm_person_t  *person;

    w->once = wm_null;

    person = wm_who_ask_known(w);

    if (person == NULL) {
        wm_me_end_unverified(w);
        return;
    }

    w->state = person;
    wm_fetch(w, wm_me_end_decide);
}
