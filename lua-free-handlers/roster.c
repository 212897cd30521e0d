/* Who was there: the roster, its CSV, and check-in by a worker's hand. */

#include "wm_correct.h"
#include "wm_enrol.h"
#include "wm_roster.h"
#include "wm_sheet.h"
#include "wm_show.h"
#include "wm_text.h"
#include "wm_walk.h"
#include "wm_who.h"
#include "wm_zh.h"

#include <stdlib.h>

static void wm_presence(wm_web_t *w);
static void wm_roster_csv(wm_web_t *w);
static void wm_by_hand(wm_web_t *w);

/* So many of one name, without a phone, can be told apart by a number. */
#define WM_NAMESAKES  50

static const wm_field_t  wm_hand_fields[] = {
    { "name",     WM_FIELD_TEXT,    WM_REQUIRED,  1, 50 },
    { "phone",    WM_FIELD_PHONE,   0,            0, 0 },
    { "another",  WM_FIELD_NUMBER,  0,            2, WM_NAMESAKES }
};

static const size_t  wm_hand_nfields = wm_countof(wm_hand_fields);

static const wm_field_t  wm_roster_fields[] = { WM_SHEET_FIELDS };
static const size_t      wm_roster_nfields = wm_countof(wm_roster_fields);

/* Who has just been written down as gone. */
static const wm_field_t  wm_roster_page_fields[] = {
    WM_SHEET_FIELDS,
    { "left",     WM_FIELD_TOKEN,   0,            1, WM_ID_LEN }
};

static const size_t  wm_roster_page_nfields
                         = wm_countof(wm_roster_page_fields);

/* Names stand in no address: who is looked for is posted. */
static const wm_field_t  wm_roster_find_fields[] = {
    { "q",        WM_FIELD_TEXT,    0,            1, 50 }
};

static const size_t  wm_roster_find_nfields
                         = wm_countof(wm_roster_find_fields);

const wm_route_t  wm_roster_routes[] = {
    { WM_GET, "staff/events/{id}/roster", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      wm_roster_page_fields, &wm_roster_page_nfields, "staff-roster",
      wm_roster, NULL, NULL },
    { WM_POST, "staff/events/{id}/roster", WM_PAGE, WM_STAFF, WM_CAP_READ, 0,
      wm_roster_find_fields, &wm_roster_find_nfields, "staff-roster",
      wm_roster, wm_roster, "staff-roster" },
    { WM_GET, "api/staff/events/{id}/roster", WM_API, WM_STAFF, WM_CAP_READ,
      0, wm_roster_fields, &wm_roster_nfields, NULL, wm_roster, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/presence", WM_API, WM_STAFF, WM_CAP_READ,
      0, NULL, NULL, NULL, wm_presence, NULL, NULL },
    { WM_GET, "api/staff/events/{id}/roster.csv", WM_API, WM_STAFF,
      WM_CAP_READ, 0, NULL, NULL, NULL, wm_roster_csv, NULL, NULL },
    { WM_POST, "staff/events/{id}/attendance", WM_PAGE, WM_STAFF,
      WM_CAP_ATTEND, 0, wm_hand_fields, &wm_hand_nfields, "staff-roster",
      wm_by_hand, wm_roster, "staff-roster" },
    { WM_POST, "api/staff/events/{id}/attendance", WM_API, WM_STAFF,
      WM_CAP_ATTEND, 0, wm_hand_fields, &wm_hand_nfields, NULL, wm_by_hand,
      NULL, NULL }
};

const size_t  wm_roster_nroutes = wm_countof(wm_roster_routes);

typedef struct {
    wm_person_t   person;
    wm_attend_t   attend;
    bool          enrolled;             /* had a place, or waited for one */
} wm_row_t;

typedef struct {
    wm_event_t          event;
    wm_reply_t          att;
    wm_reply_t          fixes;
    size_t              n;
    wm_row_t           *rows;
    wm_sheet_page_t     page;           /* of them, whose people are read */
    size_t              present;        /* n, before anybody was looked for */
    wm_row_t           *left;           /* NULL: nobody has, just now */
    wm_step_pt          show;

    /* by hand */

    wm_attend_facts_t   facts;
    wm_attend_t         done;
    wm_verdict_t        verdict;
} wm_roster_t;


static wm_roster_t *
wm_roster_begin(wm_web_t *w)
{
    wm_roster_t  *r;

    r = wm_calloc(w->pool, sizeof(wm_roster_t));

    if (r == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
    }

    w->state = r;

    return r;
}


static bool
wm_roster_event(wm_web_t *w, wm_event_t *event)
{
    w->event = w->id;

    return wm_event_load(&w->replies[0], w->id, event)
           && wm_scope_covers(w->staff.path, event->path);
}


/* ---- whether anything has changed, for a page that asks again and again */

static wm_str_t
wm_roster_mark(wm_web_t *w, const wm_reply_t *att, const wm_reply_t *fixes)
{
    size_t       i, n, gone;
    int64_t      sum;
    wm_attend_t  a;

    for (i = 0, n = 0, gone = 0, sum = 0; i + 1 < att->n; i += 2) {
        if (att->type == WM_REPLY_LIST
            && wm_attend_load(wm_reply_at(att, i + 1), &a))
        {
            n++;
            gone += a.out_ms != 0;
            sum = (sum + a.in_ms + a.out_ms) % INT64_C(1000000007);
        }
    }

    return wm_printf(w->pool, "%zu-%zu-%zu-%lld", n, gone,
                     fixes->type == WM_REPLY_LIST ? fixes->n : 0,
                     (long long) sum);
}


static void
wm_presence_show(wm_web_t *w)
{
    wm_event_t  event;

    if (!wm_roster_event(w, &event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_doc_str(w->doc, "event", event.id);
    wm_doc_int(w->doc, "present", w->replies[1].type == WM_REPLY_LIST
                                  ? (int64_t) w->replies[1].n / 2 : 0);
    wm_doc_str(w->doc, "mark", wm_roster_mark(w, &w->replies[1],
                                              &w->replies[2]));
    wm_answer(w, WM_VERDICT_OK);
}


static void
wm_presence(wm_web_t *w)
{
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "fix:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_presence_show);
}


/* ---- reading */

/* In the order of arrival; the hash has them in none. */

static int
wm_roster_compare(const void *a, const void *b)
{
    const wm_row_t  *x = a, *y = b;

    return x->attend.in_ms < y->attend.in_ms ? -1
           : x->attend.in_ms > y->attend.in_ms ? 1
           : strcmp(x->person.id, y->person.id);
}


static wm_str_t
wm_roster_key(wm_web_t *w, const void *rows, size_t i)
{
    const wm_row_t  *row = (const wm_row_t *) rows + i;

    return wm_printf(w->pool, "%015lld-%s", (long long) row->attend.in_ms,
                     row->person.id);
}


static wm_str_t
wm_roster_wanted(wm_web_t *w)
{
    return wm_input(&w->input, "q")->text;
}


/* Those who are looked for, of all; they are few, and stand on one page. */

static void
wm_roster_search(wm_web_t *w, wm_roster_t *r)
{
    size_t  i, n;

    for (i = 0, n = 0; i < r->page.n; i++) {
        if (wm_person_matches(&r->rows[i].person, wm_roster_wanted(w))) {
            r->rows[n++] = r->rows[i];
        }
    }

    r->n = n;
    wm_sheet_page(w, r->rows, r->n, wm_roster_key, &r->page);
}


static void
wm_roster_people(wm_web_t *w)
{
    size_t        i;
    wm_roster_t  *r = w->state;

    for (i = 0; i < r->page.n; i++) {
        wm_who_show(w, &w->replies[i], &r->rows[r->page.from + i].person);
    }

    if (r->left != NULL) {
        wm_who_show(w, &w->replies[i], &r->left->person);
    }

    if (wm_roster_wanted(w).len > 0) {
        wm_roster_search(w, r);
    }

    r->show(w);
}


/* Of whom the page says that he has left; he may be on another page of it. */

static wm_row_t *
wm_roster_left(wm_web_t *w, const wm_roster_t *r)
{
    size_t    i;
    wm_str_t  left = wm_input(&w->input, "left")->text;

    for (i = 0; left.len > 0 && i < r->n; i++) {
        if (wm_is(left, r->rows[i].person.id) && r->rows[i].attend.out_ms) {
            return &r->rows[i];
        }
    }

    return NULL;
}


static void
wm_roster_ask_people(wm_web_t *w)
{
    size_t        i;
    wm_roster_t  *r = w->state;

    qsort(r->rows, r->n, sizeof(wm_row_t), wm_roster_compare);
    wm_sheet_page(w, r->rows, r->n, wm_roster_key, &r->page);
    r->present = r->n;

    if (wm_roster_wanted(w).len > 0) {
        r->page.n = r->n;
        r->page.more = false;
    }

    r->left = r->page.n > 0 ? wm_roster_left(w, r) : NULL;

    if (r->page.n == 0) {
        r->show(w);
        return;
    }

    for (i = 0; i < r->page.n; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%s",
                          r->rows[r->page.from + i].person.id));
    }

    if (r->left != NULL) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "person:%s", r->left->person.id));
    }

    wm_fetch(w, wm_roster_people);
}


static bool
wm_roster_enrolled(wm_web_t *w, const wm_event_t *event, wm_str_t person)
{
    wm_enrol_t        enrol;
    wm_enrol_state_t  state;

    (void) wm_enrol_load(wm_show_find_sorted(&w->replies[2], person),
                         &enrol);
    state = wm_enrol_now(&enrol, event, w->now_ms);

    return state == WM_ENROL_SEATED || state == WM_ENROL_WAITING
           || state == WM_ENROL_OFFERED;
}


static void
wm_roster_found(wm_web_t *w)
{
    size_t        i;
    wm_str_t      person;
    wm_row_t     *row;
    wm_roster_t  *r = w->state;

    if (!wm_roster_event(w, &r->event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    wm_show_sort(&w->replies[2]);
    r->att = w->replies[1];
    r->fixes = w->replies[3];
    r->rows = wm_calloc(w->pool, (r->att.n / 2 + 1) * sizeof(wm_row_t));

    if (r->rows == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; r->att.type == WM_REPLY_LIST && i + 1 < r->att.n; i += 2) {
        person = wm_reply_at(&r->att, i);
        row = &r->rows[r->n];

        if (person.len != WM_ID_LEN
            || !wm_attend_load(wm_reply_at(&r->att, i + 1), &row->attend))
        {
            continue;
        }

        memcpy(row->person.id, person.data, WM_ID_LEN);
        row->enrolled = wm_roster_enrolled(w, &r->event, person);
        r->n++;
    }

    wm_roster_ask_people(w);
}


static void
wm_roster_read(wm_web_t *w, wm_step_pt show)
{
    wm_roster_t  *r = w->state;

    r->n = 0;
    r->show = show;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "enrol:%.*s", wm_fmt(w->id)));
    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "fix:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_roster_found);
}


/* ---- showing */

/* A correction that waits for another worker. */

static void
wm_roster_fix(wm_web_t *w, wm_doc_t *item, const wm_row_t *row)
{
    wm_doc_t      *doc;
    wm_roster_t   *r = w->state;
    wm_correct_t   fix;

    if (!wm_correct_load(wm_reply_field(&r->fixes, row->person.id), &fix)) {
        return;
    }

    doc = wm_doc_obj(item, "correction");
    wm_doc_text(doc, "what", wm_correct_code(fix.what));
    wm_doc_text(doc, "what_text", wm_correct_text(fix.what));
    wm_doc_str(doc, "reason", fix.reason);
    wm_doc_str(doc, "by", fix.by);
    wm_doc_str(doc, "at", wm_show_iso(w, fix.at_ms));
    wm_doc_str(doc, "at_text", wm_show_human(w, fix.at_ms));
    wm_doc_hide(wm_doc_bool(doc, "mine", wm_eq(fix.by, w->staff.name)));
}


/* What the forms of a row need. */

static void
wm_roster_row_forms(wm_web_t *w, wm_doc_t *item, const wm_row_t *row)
{
    wm_doc_hide(wm_doc_bool(item, "gone", row->attend.out_ms != 0));
    wm_doc_hide(wm_doc_bool(item, "tried",
                            w->refused != WM_VERDICT_OK
                            && wm_is(wm_input(&w->input, "person")->text,
                                     row->person.id)));
}


static void
wm_roster_show(wm_web_t *w)
{
    size_t        i;
    wm_row_t     *row;
    wm_doc_t     *items, *item;
    wm_roster_t  *r = w->state;

    wm_show_event(w, w->doc, &r->event, false);
    wm_doc_int(w->doc, "present", (int64_t) r->present);
    items = wm_doc_list(w->doc, "items");

    for (i = 0; i < r->page.n; i++) {
        row = &r->rows[r->page.from + i];
        item = wm_doc_item(items);
        wm_doc_text(item, "person", row->person.id);
        wm_doc_str(item, "name", row->person.name);
        wm_doc_str(item, "phone", wm_show_phone(w, row->person.phone));
        wm_show_attend(w, item, &row->attend);
        wm_doc_str(item, "by", row->attend.by);
        wm_doc_bool(item, "enrolled", row->enrolled);
        wm_roster_fix(w, item, row);

        if (w->route->face != WM_API) {
            wm_roster_row_forms(w, item, row);
        }
    }

    wm_walk_show_next(w, wm_sheet_next(w, r->rows, wm_roster_key, &r->page),
                      wm_printf(w->pool, "staff/events/%.*s/roster",
                                wm_fmt(w->id)).data);

    if (w->route->face != WM_API) {
        wm_doc_str(w->doc, "mark", wm_roster_mark(w, &r->att, &r->fixes));
    }

    if (r->left != NULL) {
        item = wm_doc_obj(w->doc, "left");
        wm_doc_hide(item);
        wm_doc_str(item, "name", r->left->person.name);
        wm_doc_str(item, "out_text", wm_show_clock(w, r->left->attend.out_ms));
    }

    if (wm_roster_wanted(w).len > 0) {
        wm_doc_hide(wm_doc_str(w->doc, "searched", wm_roster_wanted(w)));
    }

    wm_doc_hide(wm_doc_bool(w->doc, "hand_first",
                            wm_roster_wanted(w).len == 0));
    wm_doc_hide(wm_doc_bool(w->doc, "can_attend",
                            wm_role_may(w->staff.role, WM_CAP_ATTEND)));

    wm_answer(w, r->verdict);
}


void
wm_roster(wm_web_t *w)
{
    wm_roster_t  *r;

    /* shown again after a refused entry, it begins anew */

    r = wm_roster_begin(w);
    if (r != NULL) {
        r->verdict = WM_VERDICT_OK;
        wm_roster_read(w, wm_roster_show);
    }
}


static void
wm_roster_csv_row(wm_web_t *w, wm_buf_t *b, const wm_row_t *row, size_t no)
{
    wm_str_t  cells[] = {
        wm_sheet_num(w, (int64_t) no), wm_who_name(&row->person),
        wm_show_phone(w, row->person.phone),
        wm_show_iso(w, row->attend.in_ms),
        wm_show_iso(w, row->attend.out_ms),
        wm_str(wm_assurance_text(row->attend.in_how)),
        wm_sheet_num(w, wm_assurance_level(row->attend.in_how)),
        row->attend.by, wm_str(row->person.id),
        wm_sheet_bool(row->enrolled)
    };

    wm_csv_row(b, cells, wm_countof(cells));
}


static void
wm_roster_csv_show(wm_web_t *w)
{
    size_t        i;
    wm_buf_t      b;
    wm_roster_t  *r = w->state;

    wm_sheet_begin(w, &b, "roster_head");

    for (i = 0; i < r->page.n; i++) {
        wm_roster_csv_row(w, &b, &r->rows[i], i + 1);
    }

    wm_sheet_answer(w, &b, "roster");
}


static void
wm_roster_csv(wm_web_t *w)
{
    if (wm_roster_begin(w) != NULL) {
        wm_roster_read(w, wm_roster_csv_show);
    }
}


/* ---- by hand */

static void wm_by_hand_ask(wm_web_t *w);


/* Somebody of this name is there: the number that another one would have. */

static void
wm_by_hand_namesake(wm_web_t *w, wm_doc_t *done)
{
    wm_value_t  *another = wm_input(&w->input, "another");

    if (wm_input(&w->input, "phone")->text.len > 0
        || another->num == WM_NAMESAKES)
    {
        return;
    }

    wm_doc_int(done, "another", another->num > 0 ? another->num + 1 : 2);
    wm_doc_str(done, "typed", wm_input(&w->input, "name")->text);
}


static void
wm_by_hand_answer(wm_web_t *w)
{
    wm_doc_t     *done;
    wm_roster_t  *r = w->state;

    if (w->route->face == WM_API) {
        wm_doc_str(w->doc, "event", r->facts.event.id);
        wm_doc_text(w->doc, "person", r->facts.person.id);
        wm_doc_str(w->doc, "name", r->facts.person.name);
        wm_doc_bool(w->doc, "again", r->verdict == WM_VERDICT_OK);
        wm_show_attend(w, w->doc, &r->done);
        wm_doc_str(w->doc, "by", r->done.by);
        wm_answer(w, r->verdict);
        return;
    }

    done = wm_doc_obj(w->doc, "done");
    wm_doc_str(done, "name", r->facts.person.name);
    wm_by_hand_namesake(w, done);
    wm_doc_str(done, "in_text", wm_show_clock(w, r->done.in_ms));
    wm_doc_bool(done, "again", r->verdict == WM_VERDICT_OK);

    wm_roster_read(w, wm_roster_show);
}


static void
wm_by_hand_done(wm_web_t *w)
{
    wm_roster_t  *r = w->state;

    wm_attend_at(&r->done, &r->facts, w->result.time_ms);
    wm_by_hand_answer(w);
}


static void
wm_by_hand_decide(wm_web_t *w)
{
    wm_roster_t        *r = w->state;
    wm_commit_t        *c;
    wm_attend_facts_t  *f = &r->facts;

    if (!wm_who_is_opened(w, &w->replies[1], &f->person)) {
        return;
    }

    f->record = wm_reply_str(&w->replies[0]);

    c = wm_begin(w, WM_OP_CHECK_BY_HAND);
    if (c == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    r->verdict = wm_attend_check(c, &w->site->realm, f, &r->done);

    if (r->verdict == WM_VERDICT_CREATED) {
        wm_send(w, c, wm_by_hand, wm_by_hand_done);

    } else if (r->verdict == WM_VERDICT_OK) {
        wm_by_hand_answer(w);

    } else {
        wm_answer(w, r->verdict);
    }
}


static void
wm_by_hand_ask(wm_web_t *w)
{
    wm_roster_t  *r = w->state;

    wm_ask(w, wm_lit("HGET"), wm_web_key(w, "att:%.*s", wm_fmt(w->id)),
           wm_str(r->facts.person.id));
    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "person:%s", r->facts.person.id));
    wm_fetch(w, wm_by_hand_decide);
}


/* With a number, another one of the same name: "name (2)". */

static bool
wm_by_hand_identify(wm_web_t *w, const wm_event_t *event,
    wm_person_t *person)
{
    bool         done;
    wm_str_t     typed;
    wm_value_t  *name = wm_input(&w->input, "name");
    wm_value_t  *another = wm_input(&w->input, "another");

    typed = name->text;

    if (another->num > 0) {
        name->text = wm_printf(w->pool, "%.*s%.*s%lld%.*s", wm_fmt(typed),
                               wm_fmt(wm_zh(wm_lit("namesake_a"))),
                               (long long) another->num,
                               wm_fmt(wm_zh(wm_lit("namesake_b"))));
    }

    done = name->text.data != NULL
           && wm_who_is_by_hand(w, event->unit, person);
    name->text = typed;

    return done;
}


static void
wm_by_hand_event(wm_web_t *w)
{
    wm_roster_t        *r = w->state;
    wm_attend_facts_t  *f = &r->facts;

    if (!wm_roster_event(w, &f->event)) {
        wm_answer(w, WM_VERDICT_NOT_FOUND);
        return;
    }

    f->how = WM_ASSURANCE_HAND;
    f->by = w->staff.name;

    if (!wm_by_hand_identify(w, &f->event, &f->person)) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    wm_by_hand_ask(w);
}


static void
wm_by_hand(wm_web_t *w)
{
    if (wm_roster_begin(w) == NULL) {
        return;
    }

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "event:%.*s", wm_fmt(w->id)));
    wm_fetch(w, wm_by_hand_event);
}
