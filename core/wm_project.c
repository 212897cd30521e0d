#include "wm_project.h"
#include "wm_crypto.h"
#include "wm_doc.h"
#include "wm_mirror.h"
#include "wm_order_life.h"
#include "wm_text.h"
#include "wm_time.h"

#define WM_TEXT(name)           { name, WM_COLUMN_TEXT, name }
#define WM_TEXT_OF(name, from)  { name, WM_COLUMN_TEXT, from }
#define WM_INT(name)            { name, WM_COLUMN_INT, name }
#define WM_MS(from)             { from "_ms", WM_COLUMN_INT, from }
#define WM_DAYS_OF(from)                                                     \
    { "day", WM_COLUMN_DAY, from }, { "month", WM_COLUMN_MONTH, from }

static const wm_projected_t  wm_practice_columns[] = {
    WM_TEXT("title"),
};

static const wm_projected_t  wm_project_columns[] = {
    WM_INT("number"), WM_TEXT("title"), WM_TEXT("provider"),
    WM_INT("per_year"),
};

static const wm_projected_t  wm_unit_columns[] = {
    WM_TEXT("type"), WM_TEXT("parent"), WM_TEXT("name"), WM_TEXT("address"),
    WM_TEXT("path"),
};

/* what both a course and a draft of one have */

#define WM_TAUGHT                                                            \
    WM_TEXT("title"), WM_TEXT("practice"), WM_TEXT("project"),               \
    WM_TEXT("provider"), WM_TEXT("audience"), WM_INT("duration_min"),        \
    WM_TEXT("unit")

static const wm_projected_t  wm_course_columns[] = {
    WM_TAUGHT, WM_MS("changed"), WM_TEXT_OF("changed_by", "by"),
    WM_MS("withdrawn"), WM_TEXT("reason"),
};

static const wm_projected_t  wm_draft_columns[] = {
    WM_TAUGHT, WM_TEXT("status"), WM_TEXT("authors"), WM_MS("changed"),
    WM_TEXT_OF("changed_by", "by"), WM_TEXT("reason"),
};

static const wm_projected_t  wm_team_columns[] = {
    WM_TEXT("kind"), WM_TEXT("unit"), WM_TEXT("name"),
};

static const wm_projected_t  wm_staff_columns[] = {
    WM_TEXT("role"), WM_TEXT("unit"), WM_TEXT("team"), WM_MS("made"),
    WM_INT("disabled"),
};

static const wm_projected_t  wm_person_columns[] = {
    WM_MS("made"),
};

static const wm_projected_t  wm_order_columns[] = {
    WM_INT("running"), WM_TEXT("status"), WM_TEXT("course"), WM_TEXT("title"),
    WM_TEXT("unit"), WM_TEXT("path"), WM_TEXT("wanted"), WM_INT("head_count"),
    WM_TEXT("person"), WM_TEXT_OF("organisation", "group"),
    WM_TEXT_OF("entered_by", "by"), WM_TEXT("handler"), WM_TEXT("team"),
    WM_TEXT("event"), WM_TEXT("reason"), WM_MS("due"), WM_MS("made"),
    WM_DAYS_OF("made"),
};

static const wm_projected_t  wm_wish_columns[] = {
    WM_TEXT("status"), WM_TEXT("category"), WM_TEXT("unit"), WM_TEXT("path"),
    WM_TEXT("person"), WM_TEXT("team"), WM_TEXT("course"),
    WM_TEXT_OF("order_id", "order"), WM_TEXT("shown_wish"), WM_MS("shown"),
    WM_MS("due"), WM_MS("made"), WM_DAYS_OF("made"),
};

static const wm_projected_t  wm_step_columns[] = {
    WM_TEXT("action"), WM_INT("at_ms"), WM_TEXT("actor"), WM_TEXT("team"),
};

static const wm_projected_t  wm_event_columns[] = {
    WM_INT("number"), WM_TEXT("status"), WM_TEXT("title"), WM_TEXT("course"),
    WM_TEXT("unit"), WM_TEXT("unit_name"), WM_TEXT("path"), WM_TEXT("place"),
    WM_TEXT("audience"), WM_MS("start"), WM_MS("end"), WM_DAYS_OF("start"),
    WM_INT("capacity"), WM_TEXT("enrol"), WM_TEXT("orders"), WM_MS("made"),
    WM_MS("published"), WM_MS("cancelled"),
};

static const wm_projected_t  wm_attend_columns[] = {
    WM_INT("in_ms"), WM_INT("out_ms"), WM_TEXT("how"), WM_TEXT("actor"),
};

static const wm_projected_t  wm_enrol_columns[] = {
    WM_TEXT("state"), WM_INT("seats"), WM_INT("since_ms"), WM_INT("until_ms"),
    WM_TEXT("actor"),
};

static const wm_projected_t  wm_rating_columns[] = {
    WM_INT("score"), WM_INT("made_ms"), WM_TEXT("state"), WM_TEXT("path"),
};

#define WM_COLUMNS(a)  wm_countof(a), a
#define WM_ID          1, { "id", NULL }
#define WM_OF_EVENT    2, { "event", "person" }

const wm_projection_t  wm_projections[] = {
    { "practices", "practices", WM_ROW_JSON, WM_ID,
      WM_COLUMNS(wm_practice_columns) },
    { "projects", "projects", WM_ROW_JSON, WM_ID,
      WM_COLUMNS(wm_project_columns) },
    { "units", "units", WM_ROW_JSON, WM_ID, WM_COLUMNS(wm_unit_columns) },
    { "courses", "courses", WM_ROW_JSON, WM_ID,
      WM_COLUMNS(wm_course_columns) },
    { "drafts", "drafts", WM_ROW_JSON, WM_ID, WM_COLUMNS(wm_draft_columns) },
    { "teams", "teams", WM_ROW_JSON, WM_ID, WM_COLUMNS(wm_team_columns) },
    { "staff", "staff:", WM_ROW_RECORD, WM_ID,
      WM_COLUMNS(wm_staff_columns) },
    { "people", "person:", WM_ROW_RECORD, WM_ID,
      WM_COLUMNS(wm_person_columns) },
    { "orders", "order:", WM_ROW_RECORD, WM_ID,
      WM_COLUMNS(wm_order_columns) },
    { "order_steps", "order:", WM_ROW_LOG, 2, { "order_id", "step" },
      WM_COLUMNS(wm_step_columns) },
    { "wishes", "wish:", WM_ROW_RECORD, WM_ID,
      WM_COLUMNS(wm_wish_columns) },
    { "wish_steps", "wish:", WM_ROW_LOG, 2, { "wish_id", "step" },
      WM_COLUMNS(wm_step_columns) },
    { "events", "event:", WM_ROW_RECORD, WM_ID,
      WM_COLUMNS(wm_event_columns) },
    { "attendance", "att:", WM_ROW_PARTS, WM_OF_EVENT,
      WM_COLUMNS(wm_attend_columns) },
    { "enrolments", "enrol:", WM_ROW_PARTS, WM_OF_EVENT,
      WM_COLUMNS(wm_enrol_columns) },
    { "ratings", "rating:", WM_ROW_PARTS, WM_OF_EVENT,
      WM_COLUMNS(wm_rating_columns) },
};

const size_t  wm_nprojections = wm_countof(wm_projections);


static bool
wm_sql_is_text(wm_str_t s)
{
    int     n;
    size_t  i;

    for (i = 0; i < s.len; i += (size_t) n) {
        n = wm_utf8_len(s.data + i, s.len - i);

        if (n == 0 || s.data[i] == '\0') {
            return false;
        }
    }

    return true;
}


wm_sql_value_t
wm_sql_text(wm_pool_t *pool, wm_str_t s)
{
    int       n;
    size_t    i;
    wm_buf_t  b;

    if (s.data == NULL) {
        return (wm_sql_value_t) { WM_SQL_NULL, wm_null, 0 };
    }

    if (wm_sql_is_text(s)) {
        return (wm_sql_value_t) { WM_SQL_TEXT, s, 0 };
    }

    wm_buf_init(&b, pool, s.len + 16);

    for (i = 0; i < s.len; i += (size_t) n) {
        n = s.data[i] != '\0' ? wm_utf8_len(s.data + i, s.len - i) : 0;

        wm_put(&b, n > 0 ? (wm_str_t) { (size_t) n, s.data + i }
                         : wm_lit("\xef\xbf\xbd"));
        n = n > 0 ? n : 1;
    }

    return (wm_sql_value_t) { b.failed ? WM_SQL_NULL : WM_SQL_TEXT,
                              wm_buf_str(&b), 0 };
}


bool
wm_project_reads(const wm_projection_t *p, wm_str_t name, wm_str_t *id)
{
    size_t  n;

    n = strlen(p->key);

    if (p->key[n - 1] != ':') {
        *id = wm_null;
        return wm_is(name, p->key);
    }

    *id = (wm_str_t) { name.len - n, name.data + n };

    return wm_starts(name, p->key) && name.len > n;
}


/* A hash of people also has fields of other kinds: t:{person}, n, sum. */

bool
wm_project_takes(const wm_projection_t *p, wm_str_t field)
{
    return p->kind != WM_ROW_PARTS || wm_id_valid(field);
}


/* ---- values */

static wm_sql_value_t
wm_project_day(wm_pool_t *pool, wm_str_t ms, size_t len, int offset)
{
    char      text[WM_TIME_TEXT];
    int64_t   n;
    wm_str_t  day;

    if (!wm_replay_integer(ms, &n) || n <= 0 || n > WM_TIME_MAX - WM_DAY_MS) {
        return wm_sql_text(pool, wm_null);
    }

    day = wm_time_date(n, offset, text);
    day.len = len < day.len ? len : day.len;

    return wm_sql_text(pool, wm_dup(pool, day));
}


static wm_sql_value_t
wm_project_value(wm_pool_t *pool, wm_column_kind_t kind, wm_str_t s,
    int offset)
{
    int64_t  n;

    switch (kind) {

    case WM_COLUMN_TEXT:
        return wm_sql_text(pool, s);

    case WM_COLUMN_INT:
        return wm_replay_integer(s, &n) ? wm_sql_int(n)
                                         : wm_sql_text(pool, wm_null);

    case WM_COLUMN_DAY:
        return wm_project_day(pool, s, 10, offset);

    default:
        return wm_project_day(pool, s, 7, offset);
    }
}


bool
wm_project_record(wm_pool_t *pool, const wm_projection_t *p,
    const wm_reply_t *record, int offset, wm_sql_value_t *values)
{
    size_t  i;

    if (record->n == 0) {
        return false;
    }

    for (i = 0; i < p->ncolumns; i++) {
        values[i] = wm_project_value(pool, p->columns[i].kind,
                                     wm_reply_field(record,
                                                    p->columns[i].from),
                                     offset);
    }

    return true;
}


static bool
wm_project_parts(wm_pool_t *pool, const wm_projection_t *p, wm_str_t value,
    int offset, wm_sql_value_t *values)
{
    size_t    i;
    wm_str_t  part;

    for (i = 0; i < p->ncolumns; i++) {
        part = value;

        if (value.data == NULL
            || (i + 1 < p->ncolumns && !wm_split(&value, ':', &part)))
        {
            return false;
        }

        values[i] = wm_project_value(pool, p->columns[i].kind, part, offset);
    }

    return true;
}


static bool
wm_project_json(wm_pool_t *pool, const wm_projection_t *p, wm_str_t value,
    wm_sql_value_t *values)
{
    size_t     i;
    wm_doc_t  *doc, *member;

    doc = wm_doc_parse(pool, value);

    if (doc == NULL || doc->type != WM_DOC_OBJ) {
        return false;
    }

    for (i = 0; i < p->ncolumns; i++) {
        member = wm_doc_get(doc, wm_str(p->columns[i].from));

        values[i] = member != NULL && member->type == WM_DOC_INT
                    && p->columns[i].kind == WM_COLUMN_INT
                    ? wm_sql_int(member->num)
                    : member != NULL && member->type == WM_DOC_STR
                      && p->columns[i].kind == WM_COLUMN_TEXT
                      ? wm_sql_text(pool, member->str)
                      : wm_sql_text(pool, wm_null);
    }

    return true;
}


bool
wm_project_field(wm_pool_t *pool, const wm_projection_t *p, wm_str_t value,
    int offset, wm_sql_value_t *values)
{
    if (value.data == NULL) {
        return false;
    }

    return p->kind == WM_ROW_JSON
           ? wm_project_json(pool, p, value, values)
           : wm_project_parts(pool, p, value, offset, values);
}


bool
wm_project_step(wm_pool_t *pool, const wm_projection_t *p, wm_str_t *log,
    wm_sql_value_t *values)
{
    wm_order_entry_t  step;

    if (p->ncolumns != 4 || !wm_order_log_next(log, &step)) {
        return false;
    }

    values[0] = wm_sql_text(pool, step.code);
    values[1] = wm_sql_int(step.at_ms);
    values[2] = wm_sql_text(pool, step.actor);
    values[3] = wm_sql_text(pool, step.team);

    return true;
}


/* ---- statements */

static const char *
wm_project_column(const wm_projection_t *p, size_t i)
{
    return i < p->nids ? p->ids[i] : p->columns[i - p->nids].name;
}


wm_str_t
wm_project_put(wm_pool_t *pool, const wm_projection_t *p)
{
    size_t    i, n;
    wm_buf_t  b;

    n = p->nids + p->ncolumns;

    wm_buf_init(&b, pool, 1024);
    wm_putf(&b, "INSERT INTO %s (", p->table);

    for (i = 0; i < n; i++) {
        wm_putf(&b, "%s%s", i > 0 ? ", " : "", wm_project_column(p, i));
    }

    wm_puts(&b, ") VALUES (");

    for (i = 0; i < n; i++) {
        wm_putf(&b, "%s$%zu", i > 0 ? ", " : "", i + 1);
    }

    wm_putf(&b, ") ON CONFLICT (%s%s%s) DO UPDATE SET ", p->ids[0],
            p->nids > 1 ? ", " : "", p->nids > 1 ? p->ids[1] : "");

    for (i = p->nids; i < n; i++) {
        wm_putf(&b, "%s%s = excluded.%s", i > p->nids ? ", " : "",
                wm_project_column(p, i), wm_project_column(p, i));
    }

    wm_putc(&b, '\0');

    return b.failed ? wm_null : (wm_str_t) { b.len - 1, b.data };
}


wm_str_t
wm_project_drop(wm_pool_t *pool, const wm_projection_t *p, size_t nids)
{
    return nids == 0 ? wm_printf(pool, "DELETE FROM %s", p->table)
           : nids == 1 ? wm_printf(pool, "DELETE FROM %s WHERE %s = $1",
                                   p->table, p->ids[0])
           : wm_printf(pool, "DELETE FROM %s WHERE %s = $1 AND %s = $2",
                       p->table, p->ids[0], p->ids[1]);
}
