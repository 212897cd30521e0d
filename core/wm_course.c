#include "wm_course.h"

#include <inttypes.h>

static const struct {
    const char  *code;
    const char  *text;
} wm_course_states[] = {
    { "", "" },
#define X(name, code, text)  { code, text },
    WM_COURSE_STATES(X)
#undef X
};

static const struct {
    const char  *code;
    unsigned     from;
    wm_cap_t     cap;
    bool         reason;
    wm_op_t      op;
    const char  *text;
} wm_course_actions[] = {
#define X(name, code, from, cap, reason, op, text)                           \
    { code, from, WM_CAP_##cap, reason, WM_OP_##op, text },
    WM_COURSE_ACTIONS(X)
#undef X
};

/* as the sheet has them; version: the one that was looked at */

const wm_field_t  wm_edited_fields[] = {
    { "title",         WM_FIELD_TEXT,    0,  1, 80 },
    { "practice",      WM_FIELD_TOKEN,   0,  1, 64 },
    { "project",       WM_FIELD_TOKEN,   0,  1, 64 },
    { "unit",          WM_FIELD_TOKEN,   0,  1, 64 },
    { "provider",      WM_FIELD_TEXT,    0,  1, 80 },
    { "summary",       WM_FIELD_LINES,   0,  1, 1000 },
    { "audience",      WM_FIELD_TEXT,    0,  1, 80 },
    { "duration_min",  WM_FIELD_NUMBER,  0,  1, 10080 },
    { "opens_at",      WM_FIELD_NUMBER,  0,  0, 1000 },
    { "version",       WM_FIELD_TOKEN,   0,  1, 20 },
    { "submit",        WM_FIELD_NUMBER,  0,  0, 1 }
};

const size_t  wm_edited_nfields = wm_countof(wm_edited_fields);


wm_course_state_t
wm_course_state_find(wm_str_t code)
{
    size_t  i;

    for (i = 1; i < wm_countof(wm_course_states); i++) {
        if (wm_is(code, wm_course_states[i].code)) {
            return (wm_course_state_t) i;
        }
    }

    return WM_COURSE_NONE;
}


const char *
wm_course_state_code(wm_course_state_t s)
{
    return wm_course_states[s].code;
}


const char *
wm_course_state_text(wm_course_state_t s)
{
    return wm_course_states[s].text;
}


wm_course_action_t
wm_course_action_find(wm_str_t code)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_course_actions); i++) {
        if (wm_is(code, wm_course_actions[i].code)) {
            break;
        }
    }

    return (wm_course_action_t) i;
}


const char *
wm_course_action_code(wm_course_action_t action)
{
    return wm_course_actions[action].code;
}


const char *
wm_course_action_text(wm_course_action_t action)
{
    return wm_course_actions[action].text;
}


bool
wm_course_action_reason(wm_course_action_t action)
{
    return wm_course_actions[action].reason;
}


wm_op_t
wm_course_action_op(wm_course_action_t action)
{
    return wm_course_actions[action].op;
}


/* ---- reading */

static void
wm_edited_take(wm_edited_t *e, const wm_doc_t *d)
{
    e->authors = wm_doc_get_str(d, "authors");
    e->by = wm_doc_get_str(d, "by");
    e->reason = wm_doc_get_str(d, "reason");
    e->changed_ms = wm_doc_get_int(d, "changed", 0);
    e->version = wm_doc_get_int(d, "version", 0);
}


static wm_str_t
wm_edited_path(wm_pool_t *pool, wm_str_t id, const wm_reply_t *units)
{
    wm_unit_t  unit;

    return id.len > 0
           && wm_unit_load(pool, id, wm_reply_find(units, id), &unit)
           ? unit.path : wm_lit("");
}


bool
wm_edited_load(wm_pool_t *pool, wm_str_t id, wm_str_t shown, wm_str_t draft,
    const wm_reply_t *units, wm_edited_t *e)
{
    wm_doc_t  *d;

    memset(e, 0, sizeof(wm_edited_t));

    e->id = id;
    e->shown_json = shown.data != NULL ? shown : wm_lit("");
    e->draft_json = draft.data != NULL ? draft : wm_lit("");
    e->known = wm_course_load(pool, id, shown, &e->shown);
    e->drafted = wm_course_load(pool, id, draft, &e->course);

    if (e->known) {
        e->offered = e->shown.withdrawn_ms == 0;
        e->state = e->offered ? WM_COURSE_PUBLISHED : WM_COURSE_WITHDRAWN;
    }

    d = wm_doc_parse(pool, e->drafted ? draft : e->shown_json);
    wm_edited_take(e, d);

    if (e->drafted) {
        e->state = wm_is(wm_doc_get_str(d, "status"), "review")
                   ? WM_COURSE_REVIEW : WM_COURSE_DRAFT;

    } else {
        e->course = e->shown;
        e->authors = wm_null;
    }

    e->path = wm_edited_path(pool, e->course.unit, units);

    return e->state != WM_COURSE_NONE;
}


bool
wm_edited_covers(const wm_staff_t *staff, const wm_edited_t *e)
{
    wm_str_t  units[2];

    return e->path.len > 0 ? wm_scope_covers(staff->path, e->path)
                           : wm_path_units(staff->path, units, 2) == 1;
}


/* ---- what was typed */

void
wm_course_apply(wm_course_t *course, wm_input_t *in)
{
    wm_input_text(&course->title, in, "title");
    wm_input_text(&course->practice, in, "practice");
    wm_input_text(&course->project, in, "project");
    wm_input_text(&course->unit, in, "unit");
    wm_input_text(&course->provider, in, "provider");
    wm_input_text(&course->summary, in, "summary");
    wm_input_text(&course->audience, in, "audience");
    wm_input_num(&course->duration_min, in, "duration_min");
    wm_input_num(&course->opens_at, in, "opens_at");

    if (course->title.len == 0) {
        wm_input_fail(in, "title", WM_WRONG_MISSING);
    }
}


size_t
wm_course_missing(const wm_course_t *course, wm_input_t *in)
{
    size_t  i, n;

    const struct {
        const char  *name;
        bool         there;
    } wanted[] = {
        { "practice",      course->practice.len > 0 },
        { "project",       course->project.len > 0 },
        { "provider",      course->provider.len > 0 },
        { "summary",       course->summary.len > 0 },
        { "audience",      course->audience.len > 0 },
        { "duration_min",  course->duration_min > 0 }
    };

    for (i = 0, n = 0; i < wm_countof(wanted); i++) {
        if (!wanted[i].there) {
            wm_input_fail(in, wanted[i].name, WM_WRONG_MISSING);
            n++;
        }
    }

    return n;
}


/* ---- whether */

static bool
wm_course_wrote(const wm_edited_t *e, wm_str_t name)
{
    wm_str_t  authors = e->authors, one;

    while (wm_split(&authors, ' ', &one)) {
        if (wm_eq(one, name)) {
            return true;
        }
    }

    return false;
}


static wm_verdict_t
wm_course_check(const wm_edited_t *e, wm_course_action_t action,
    const wm_staff_t *staff)
{
    if (!wm_edited_covers(staff, e)
        || !wm_role_may(staff->role, wm_course_actions[action].cap))
    {
        return WM_VERDICT_FORBIDDEN;
    }

    if ((wm_course_actions[action].from & 1u << e->state) == 0
        || (action == WM_COURSE_DO_WITHDRAW && !e->offered))
    {
        return WM_VERDICT_STATE;
    }

    return action == WM_COURSE_DO_PUBLISH && wm_course_wrote(e, staff->name)
           ? WM_VERDICT_OWN_COURSE : WM_VERDICT_OK;
}


unsigned
wm_course_possible(const wm_edited_t *e, const wm_staff_t *staff)
{
    unsigned  i, possible;

    for (i = 0, possible = 0; i < WM_COURSE_DO_MAX; i++) {
        if (wm_course_check(e, (wm_course_action_t) i, staff)
            == WM_VERDICT_OK)
        {
            possible |= 1u << i;
        }
    }

    return possible;
}


/* ---- what is written */

static wm_str_t
wm_course_json(wm_commit_t *c, wm_doc_t *doc)
{
    wm_buf_t  b;

    c->failed |= doc == NULL;
    wm_buf_init(&b, c->pool, 1024);

    if (doc != NULL) {
        wm_doc_write(&b, doc);
    }

    return wm_buf_str(&b);
}


/* A draft from now on, or one that was, as it is then. */

static void
wm_course_store(wm_commit_t *c, const wm_edited_t *e,
    const wm_course_t *course, wm_course_state_t state, wm_str_t authors,
    wm_str_t by, wm_str_t reason)
{
    wm_doc_t  *doc = wm_doc_new(c->pool);

    wm_course_write(doc, course);
    wm_doc_str(doc, "unit", course->unit);
    wm_doc_int(doc, "version", e->version + 1);
    wm_doc_text(doc, "status", wm_course_state_code(state));
    wm_doc_int(doc, "changed", c->now_ms);
    wm_doc_str(doc, "by", by);
    wm_doc_str(doc, "authors", authors);

    if (reason.len > 0) {
        wm_doc_str(doc, "reason", reason);
    }

    wm_do(c, HSET, wm_key(c->pool, c->district, "drafts"), course->id,
          wm_course_json(c, doc));
}


/* What everyone reads from now on; withdrawn: or not any more. */

static void
wm_course_show(wm_commit_t *c, const wm_edited_t *e,
    const wm_course_t *course, wm_str_t by, bool withdrawn, wm_str_t reason)
{
    wm_doc_t  *doc = wm_doc_new(c->pool);

    wm_course_write(doc, course);
    wm_doc_str(doc, "unit", course->unit);
    wm_doc_int(doc, "version", e->version + 1);
    wm_doc_int(doc, "changed", c->now_ms);
    wm_doc_str(doc, "by", by);

    if (withdrawn) {
        wm_doc_int(doc, "withdrawn", c->now_ms);
        wm_doc_str(doc, "reason", reason);
    }

    wm_do(c, HSET, wm_key(c->pool, c->district, "courses"), e->id,
          wm_course_json(c, doc));
}


/* Both are still what they were when they were looked at. */

static void
wm_course_same(wm_commit_t *c, const wm_edited_t *e)
{
    wm_need(c, HEQ, wm_key(c->pool, c->district, "drafts"), e->id,
            e->draft_json);
    wm_need(c, HEQ, wm_key(c->pool, c->district, "courses"), e->id,
            e->shown_json);
}


wm_verdict_t
wm_course_create(wm_commit_t *c, const wm_staff_t *staff,
    const wm_course_t *course, bool submit)
{
    wm_edited_t  none;

    memset(&none, 0, sizeof(none));
    none.id = course->id;
    none.shown_json = none.draft_json = wm_lit("");

    wm_course_same(c, &none);
    wm_course_store(c, &none, course,
                    submit ? WM_COURSE_REVIEW : WM_COURSE_DRAFT, staff->name,
                    staff->name, wm_null);

    return WM_VERDICT_OK;
}


wm_verdict_t
wm_course_change(wm_commit_t *c, const wm_edited_t *e,
    const wm_staff_t *staff, const wm_course_t *course, bool submit)
{
    wm_str_t      authors;
    wm_verdict_t  v;

    v = wm_course_check(e, WM_COURSE_DO_CHANGE, staff);
    if (v != WM_VERDICT_OK) {
        return v;
    }

    authors = wm_course_wrote(e, staff->name) ? e->authors
              : wm_printf(c->pool, "%.*s%s%.*s", wm_fmt(e->authors),
                          e->authors.len > 0 ? " " : "",
                          wm_fmt(staff->name));
    c->failed |= authors.data == NULL;

    wm_course_same(c, e);
    wm_course_store(c, e, course, submit ? WM_COURSE_REVIEW : WM_COURSE_DRAFT,
                    authors, staff->name, wm_null);

    return WM_VERDICT_OK;
}


static void
wm_course_step(wm_commit_t *c, const wm_edited_t *e,
    wm_course_action_t action, const wm_staff_t *staff, wm_str_t reason)
{
    wm_str_t  drafts = wm_key(c->pool, c->district, "drafts");

    switch (action) {

    case WM_COURSE_DO_PUBLISH:
        wm_course_show(c, e, &e->course, staff->name, false, wm_null);
        wm_do(c, HDEL, drafts, e->id);
        break;

    case WM_COURSE_DO_WITHDRAW:
        wm_course_show(c, e, &e->shown, staff->name, true, reason);
        break;

    case WM_COURSE_DO_DROP:
        wm_do(c, HDEL, drafts, e->id);
        break;

    default:
        wm_course_store(c, e, &e->course,
                        action == WM_COURSE_DO_SUBMIT ? WM_COURSE_REVIEW
                                                      : WM_COURSE_DRAFT,
                        e->authors, staff->name, reason);
    }
}


wm_verdict_t
wm_course_act(wm_commit_t *c, const wm_edited_t *e,
    wm_course_action_t action, const wm_staff_t *staff, wm_str_t reason)
{
    wm_verdict_t  v;

    v = wm_course_check(e, action, staff);
    if (v != WM_VERDICT_OK) {
        return v;
    }

    if (wm_course_actions[action].reason && reason.len == 0) {
        return WM_VERDICT_INVALID;
    }

    wm_course_same(c, e);
    wm_course_step(c, e, action, staff, reason);

    return WM_VERDICT_OK;
}
