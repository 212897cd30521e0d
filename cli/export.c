/*
 * wenming export: the rows of an archive for other programs and for
 * spreadsheets.  A page of rows is read, written and given up, in one
 * transaction that only reads; so neither memory nor a long table matters.
 */

#include "archive.h"
#include "output.h"
#include "wm_doc.h"
#include "wm_period.h"
#include "wm_person.h"
#include "wm_text.h"
#include "wm_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define WM_EXPORT_PAGE     "500"
#define WM_EXPORT_COLUMNS  40

typedef enum {
    WM_EXPORT_JSONL,
    WM_EXPORT_CSV
} wm_export_format_t;

/*
 * X(name, what it is joined with, column that says when, column of a path,
 * columns typed freely so that they may say something of people, record of
 * texts that are sealed under the person's key, their fields)
 */
#define WM_EXPORT_EVENT  "JOIN events p ON p.id = t.event"

#define WM_EXPORTS(X)                                                        \
    X(orders,       "", "t.made_ms", "t.path", "organisation,reason",        \
      "order:", "note")                                                      \
    X(order_steps,  "JOIN orders p ON p.id = t.order_id", "t.at_ms",         \
      "p.path", "", "", "")                                                  \
    X(wishes,       "", "t.made_ms", "t.path", "", "wish:",                  \
      "wish,text,answer,reason")                                             \
    X(wish_steps,   "JOIN wishes p ON p.id = t.wish_id", "t.at_ms",          \
      "p.path", "", "", "")                                                  \
    X(events,       "", "t.start_ms", "t.path", "", "", "")                  \
    X(attendance,   WM_EXPORT_EVENT, "p.start_ms", "p.path", "", "", "")     \
    X(enrolments,   WM_EXPORT_EVENT, "p.start_ms", "p.path", "", "", "")     \
    X(ratings,      WM_EXPORT_EVENT, "p.start_ms", "t.path", "", "rating:",  \
      "text")                                                                \
    X(people,       "", "t.made_ms", NULL, "", "", "")                       \
    X(units,        "", NULL, "t.path", "", "", "")                          \
    X(courses,      "", NULL, NULL, "reason", "", "")                        \
    X(drafts,       "", NULL, NULL, "reason", "", "")                        \
    X(teams,        "", NULL, NULL, "", "", "")                              \
    X(staff,        "", NULL, NULL, "", "", "")                              \
    X(practices,    "", NULL, NULL, "", "", "")                              \
    X(projects,     "", NULL, NULL, "", "", "")                              \
    X(journal,      "", "t.at_ms", NULL, "", "", "")

typedef struct {
    const char  *name;
    const char  *join;
    const char  *time;
    const char  *path;
    const char  *typed;
    const char  *record;
    const char  *sealed;
} wm_export_kind_t;

static const wm_export_kind_t  wm_export_kinds[] = {
#define X(name, join, time, path, typed, record, sealed)                     \
    { #name, join, time, path, typed, record, sealed },
    WM_EXPORTS(X)
#undef X
};

/* Of the journal, which is no projection. */

static const wm_projected_t  wm_export_entry[] = {
    { "id", WM_COLUMN_TEXT, NULL }, { "at_ms", WM_COLUMN_INT, NULL },
    { "verb", WM_COLUMN_TEXT, NULL }, { "actor", WM_COLUMN_TEXT, NULL },
    { "hash", WM_COLUMN_TEXT, NULL },
};

static const wm_projection_t  wm_export_journal = {
    "journal", "", WM_ROW_RECORD, 1, { "number", NULL },
    wm_countof(wm_export_entry), wm_export_entry
};

/* A column as it goes out. */
typedef struct {
    const char         *name;           /* of the table */
    wm_str_t            shown;
    bool                time;
    bool                actor;          /* maybe somebody's device */
} wm_export_column_t;

typedef struct {
    wm_cli_t                *cli;
    wm_store_t               store;
    wm_output_t              out;
    wm_export_format_t       format;
    wm_period_t              period;
    wm_str_t                 path;      /* of the unit; wm_null: all */
    bool                     personal;
    wm_realm_t               realm;     /* with --personal */

    /* of the kind at work */

    const wm_export_kind_t  *kind;
    const wm_projection_t   *table;
    size_t                   ncolumns;
    wm_export_column_t       columns[WM_EXPORT_COLUMNS];
    size_t                   person;    /* column; ncolumns: there is none */
    wm_str_t                 text;      /* the statement */
    wm_sql_value_t           last[2];   /* ids of the last row */
} wm_export_t;


/* ---- what is asked for */

static const wm_export_kind_t *
wm_export_find(wm_str_t name)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_export_kinds); i++) {
        if (wm_is(name, wm_export_kinds[i].name)) {
            return &wm_export_kinds[i];
        }
    }

    wm_say_error("--what is one or more of");

    for (i = 0; i < wm_countof(wm_export_kinds); i++) {
        fprintf(stderr, "%s%s", i > 0 ? "," : "", wm_export_kinds[i].name);
    }

    fputc('\n', stderr);

    return NULL;
}


static const wm_projection_t *
wm_export_table(const wm_export_kind_t *kind)
{
    size_t  i;

    for (i = 0; i < wm_nprojections; i++) {
        if (strcmp(wm_projections[i].table, kind->name) == 0) {
            return &wm_projections[i];
        }
    }

    return &wm_export_journal;
}


/* Whether a kind can be narrowed as it is wanted. */

static bool
wm_export_may(const wm_export_t *x, const wm_export_kind_t *kind)
{
    if (kind->time == NULL && x->cli->options[WM_OPT_PERIOD].data != NULL) {
        wm_say_error("%s have no --period", kind->name);
        return false;
    }

    if (kind->path == NULL && x->cli->options[WM_OPT_UNIT].data != NULL) {
        wm_say_error("%s have no --unit", kind->name);
        return false;
    }

    return true;
}


static bool
wm_export_check(wm_export_t *x, wm_str_t what)
{
    size_t                   n;
    wm_str_t                 name;
    const wm_export_kind_t  *kind;

    for (n = 0; wm_split(&what, ',', &name); n++) {
        kind = wm_export_find(name);

        if (kind == NULL || !wm_export_may(x, kind)) {
            return false;
        }
    }

    if (n > 1 && x->format == WM_EXPORT_CSV) {
        wm_say_error("a CSV has one kind of rows: --what NAME");
        return false;
    }

    return true;
}


static bool
wm_export_options(wm_export_t *x)
{
    int        offset;
    wm_cli_t  *cli = x->cli;
    wm_str_t   format = cli->options[WM_OPT_FORMAT];
    wm_str_t   period = cli->options[WM_OPT_PERIOD];

    if (format.data != NULL && !wm_is(format, "jsonl")
        && !wm_is(format, "csv"))
    {
        wm_say_error("--format is jsonl or csv");
        return false;
    }

    x->format = wm_is(format, "csv") ? WM_EXPORT_CSV : WM_EXPORT_JSONL;
    x->personal = cli->options[WM_OPT_PERSONAL].data != NULL;

    if (cli->options[WM_OPT_BOM].data != NULL && x->format != WM_EXPORT_CSV) {
        wm_say_error("--bom is for CSV");
        return false;
    }

    if (!wm_conf_offset(cli, &offset)) {
        return false;
    }

    wm_period_all(&x->period);

    if (period.data != NULL && !wm_period_parse(period, offset, &x->period)) {
        wm_say_error("--period is like 2026, 2026-Q4, 2026-12, 2026-12-01 or "
                     "2026-03..2026-05");
        return false;
    }

    return wm_export_check(x, cli->options[WM_OPT_WHAT]);
}


/* ---- the statement of a kind */

static bool
wm_export_is_typed(const wm_export_kind_t *kind, const char *name)
{
    wm_str_t  names = wm_str(kind->typed), one;

    while (wm_split(&names, ',', &one)) {
        if (wm_is(one, name)) {
            return true;
        }
    }

    return false;
}


static void
wm_export_column(wm_export_t *x, const char *name)
{
    size_t               n = strlen(name);
    wm_export_column_t  *c = &x->columns[x->ncolumns];

    if (n == 0 || x->ncolumns == WM_EXPORT_COLUMNS
        || (!x->personal && wm_export_is_typed(x->kind, name)))
    {
        return;
    }

    c->name = name;
    c->time = n > 3 && strcmp(name + n - 3, "_ms") == 0;
    c->actor = strcmp(name, "actor") == 0;
    c->shown = (wm_str_t) { c->time ? n - 3 : n, name };

    x->ncolumns++;
}


/* The columns; the ids come first. */

static void
wm_export_columns(wm_export_t *x)
{
    size_t  i;

    x->ncolumns = 0;

    for (i = 0; i < x->table->nids; i++) {
        wm_export_column(x, x->table->ids[i]);
    }

    for (i = 0; i < x->table->ncolumns; i++) {
        wm_export_column(x, x->table->columns[i].name);
    }

    for (x->person = 0; x->person < x->ncolumns; x->person++) {
        if (strcmp(x->columns[x->person].name, "person") == 0) {
            break;
        }
    }

    if (strcmp(x->kind->name, "people") == 0) {
        x->person = 0;                  /* his id */
    }
}


/* Rows behind the last one, and within what is wanted. */

static bool
wm_export_statement(wm_export_t *x)
{
    size_t                  i, n;
    wm_buf_t                b;
    const wm_projection_t  *t = x->table;

    n = t->nids;
    wm_buf_init(&b, x->store.pool, 1024);

    for (i = 0; i < x->ncolumns; i++) {
        wm_putf(&b, "%s t.%s", i == 0 ? "SELECT" : ",", x->columns[i].name);
    }

    wm_putf(&b, " FROM %s t %s", t->table, x->kind->join);
    wm_putf(&b, n == 1 ? " WHERE t.%s > $1" : " WHERE (t.%s, t.%s) > ($1, $2)",
            t->ids[0], n > 1 ? t->ids[1] : "");

    if (x->kind->time != NULL) {
        wm_putf(&b, " AND COALESCE(%s, 0) >= $%zu AND COALESCE(%s, 0) < $%zu",
                x->kind->time, n + 1, x->kind->time, n + 2);
        n += 2;
    }

    if (x->path.data != NULL) {
        wm_putf(&b, " AND SUBSTR(%s, 1, LENGTH(CAST($%zu AS TEXT))) "
                "= CAST($%zu AS TEXT)", x->kind->path, n + 1, n + 1);
    }

    wm_putf(&b, t->nids == 1 ? " ORDER BY t.%s LIMIT " WM_EXPORT_PAGE
                             : " ORDER BY t.%s, t.%s LIMIT " WM_EXPORT_PAGE,
            t->ids[0], t->nids > 1 ? t->ids[1] : "");
    wm_putc(&b, '\0');

    x->text = wm_buf_str(&b);

    if (x->text.data == NULL) {
        wm_say_error("no memory");
    }

    return x->text.data != NULL;
}


/* Before the first row: less than any id. */

static void
wm_export_first(wm_export_t *x)
{
    bool  number;

    number = x->table == &wm_export_journal;

    x->last[0] = number ? wm_sql_int(0)
                        : wm_sql_text(x->store.pool, wm_lit(""));
    x->last[1] = x->table->kind == WM_ROW_LOG
                 ? wm_sql_int(-1) : wm_sql_text(x->store.pool, wm_lit(""));
}


static bool
wm_export_page(wm_export_t *x, wm_pool_t *pool, wm_sql_rows_t *rows)
{
    size_t          n;
    wm_sql_value_t  args[6];

    n = x->table->nids;
    memcpy(args, x->last, n * sizeof(wm_sql_value_t));

    if (x->kind->time != NULL) {
        args[n++] = wm_sql_int(x->period.from_ms);
        args[n++] = wm_sql_int(x->period.to_ms);
    }

    if (x->path.data != NULL) {
        args[n++] = wm_sql_text(pool, x->path);
    }

    return x->store.sql.run(&x->store.sql, pool, x->text.data, args, n, rows)
           || wm_store_complain(&x->store);
}


/* ---- people */

/* A record as Redis has it, its private fields among the others. */

static bool
wm_export_record(wm_export_t *x, wm_pool_t *pool, wm_str_t name,
    wm_reply_t *record)
{
    size_t         i;
    wm_sql_rows_t  rows;

    if (!x->store.sql.run(&x->store.sql, pool,
                          "SELECT field, value FROM state_hash "
                          "WHERE name = $1 UNION ALL SELECT field, value "
                          "FROM private_field WHERE name = $1",
                          wm_sql_args(wm_sql_bytes(name)), &rows))
    {
        return wm_store_complain(&x->store);
    }

    memset(record, 0, sizeof(wm_reply_t));
    record->type = WM_REPLY_LIST;
    record->n = 2 * rows.n;
    record->items = wm_calloc(pool, (record->n + 1) * sizeof(wm_reply_t));

    if (record->items == NULL) {
        wm_say_error("no memory");
        return false;
    }

    for (i = 0; i < record->n; i++) {
        record->items[i].type = WM_REPLY_STR;
        record->items[i].str = rows.cells[i].str;
    }

    return true;
}


/* Texts of a record that are sealed under the person's key. */

static bool
wm_export_sealed(wm_export_t *x, wm_pool_t *pool, wm_doc_t *doc,
    const wm_person_t *person, const wm_sql_value_t *row)
{
    wm_str_t    names, name, field, sealed, open;
    wm_reply_t  record;

    names = wm_str(x->kind->sealed);

    if (names.len == 0) {
        return true;
    }

    if (!wm_export_record(x, pool, wm_printf(pool, "%s%.*s", x->kind->record,
                                             wm_fmt(row[0].str)), &record))
    {
        return false;
    }

    while (wm_split(&names, ',', &name)) {
        field = x->table->nids == 1 ? wm_dup(pool, name)
                : wm_printf(pool, "t:%.*s", wm_fmt(row[1].str));
        name = wm_dup(pool, name);

        if (field.data == NULL || name.data == NULL) {
            wm_say_error("no memory");
            return false;
        }

        sealed = wm_reply_field(&record, field.data);
        open = sealed.len > 0 && person->known
               ? wm_person_open(pool, person, sealed) : wm_null;

        wm_doc_str(doc, name.data, open.data != NULL ? open : wm_lit(""));
    }

    return true;
}


/* Who is forgotten, or whose record is of other keys, stays empty. */

static bool
wm_export_person(wm_export_t *x, wm_pool_t *pool, wm_doc_t *doc,
    const wm_sql_value_t *row)
{
    bool          ok;
    wm_str_t      id;
    wm_reply_t    record;
    wm_person_t   person;

    id = row[x->person].str;
    memset(&person, 0, sizeof(wm_person_t));

    if (wm_id_valid(id)) {
        memcpy(person.id, id.data, id.len);

        if (!wm_export_record(x, pool, wm_printf(pool, "person:%.*s",
                                                 wm_fmt(id)), &record))
        {
            return false;
        }

        if (!wm_person_load(pool, &x->realm, &record, &person)) {
            wm_say_error("a person's record cannot be opened: is --keys the "
                         "right file?");
            return false;
        }
    }

    wm_doc_str(doc, "name", person.known ? person.name : wm_lit(""));
    wm_doc_str(doc, "phone", person.known ? person.phone : wm_lit(""));

    ok = wm_export_sealed(x, pool, doc, &person, row);
    wm_wipe(&person, sizeof(wm_person_t));

    return ok;
}


/* ---- rows */

/*
 * A device is somebody's: what was done on it would be one person's doing.
 * It stands as "device/ID", "device:ID", or as an id alone.
 */

static wm_str_t
wm_export_actor(const wm_export_t *x, wm_str_t actor)
{
    size_t  n = sizeof("device/") - 1;

    return !x->personal
           && (wm_id_valid(actor)
               || (actor.len > n && memcmp(actor.data, "device", n - 1) == 0
                   && wm_id_valid((wm_str_t) { actor.len - n,
                                               actor.data + n })))
           ? wm_lit("device") : actor;
}


static void
wm_export_value(wm_export_t *x, wm_pool_t *pool, wm_doc_t *doc,
    const wm_export_column_t *c, const wm_sql_value_t *v)
{
    char        *out;
    const char  *key;

    key = wm_dup(pool, c->shown).data;

    if (key == NULL) {
        return;
    }

    if (v->type == WM_SQL_NULL || (c->time && v->num <= 0)) {
        wm_doc_null(doc, key);

    } else if (c->time) {
        out = wm_alloc(pool, WM_TIME_TEXT);

        if (out != NULL) {
            wm_doc_str(doc, key, wm_time_iso(v->num, x->store.offset, out));
        }

    } else if (v->type == WM_SQL_INT) {
        wm_doc_int(doc, key, v->num);

    } else {
        wm_doc_str(doc, key, c->actor ? wm_export_actor(x, v->str) : v->str);
    }
}


static void
wm_export_csv(wm_pool_t *pool, wm_buf_t *b, const wm_doc_t *doc, bool names)
{
    size_t     n = 0;
    wm_str_t   cells[WM_EXPORT_COLUMNS + 8];
    wm_doc_t  *d;

    for (d = doc->first; d != NULL && n < wm_countof(cells); d = d->next) {
        cells[n] = names ? d->key
                   : d->type == WM_DOC_INT
                     ? wm_printf(pool, "%" PRId64, d->num)
                     : d->str.data != NULL ? d->str : wm_lit("");
        b->failed |= cells[n++].data == NULL;
    }

    wm_csv_row(b, cells, n);
}


/* A row as a document: NULL when it said what is wrong. */

static wm_doc_t *
wm_export_row(wm_export_t *x, wm_pool_t *pool, const wm_sql_value_t *row)
{
    size_t     i;
    wm_doc_t  *doc;

    doc = wm_doc_new(pool);

    if (x->format == WM_EXPORT_JSONL) {
        wm_doc_text(doc, "what", x->kind->name);
    }

    for (i = 0; i < x->ncolumns; i++) {
        wm_export_value(x, pool, doc, &x->columns[i], &row[i]);
    }

    if (doc == NULL) {
        wm_say_error("no memory");
        return NULL;
    }

    return !x->personal || x->person == x->ncolumns
           || wm_export_person(x, pool, doc, row) ? doc : NULL;
}


static bool
wm_export_write(wm_export_t *x, wm_pool_t *pool, const wm_sql_rows_t *rows)
{
    bool       ok;
    size_t     i;
    wm_buf_t   b;
    wm_doc_t  *doc;

    wm_buf_init(&b, pool, 65536);

    for (i = 0; i < rows->n; i++) {
        doc = wm_export_row(x, pool, wm_sql_cell(rows, i, 0));

        if (doc == NULL) {
            return false;
        }

        if (x->format == WM_EXPORT_CSV) {
            wm_export_csv(pool, &b, doc, false);

        } else {
            wm_doc_write(&b, doc);
            wm_putc(&b, '\n');
        }
    }

    if (b.failed) {
        wm_say_error("no memory");
        return false;
    }

    ok = rows->n == 0 || wm_output_put(&x->out, wm_buf_str(&b), rows->n);

    if (x->personal && b.data != NULL) {
        wm_wipe(b.data, b.len);
    }

    return ok;
}


/* The ids of the last row outlive its page. */

static bool
wm_export_keep(wm_export_t *x, wm_pool_t *kept, const wm_sql_rows_t *rows)
{
    size_t                 i;
    const wm_sql_value_t  *row;

    row = wm_sql_cell(rows, rows->n - 1, 0);

    for (i = 0; i < x->table->nids; i++) {
        x->last[i] = row[i];

        if (row[i].type != WM_SQL_INT) {
            x->last[i].str = wm_dup(kept, row[i].str);

            if (x->last[i].str.data == NULL) {
                wm_say_error("no memory");
                return false;
            }
        }
    }

    return true;
}


/* -1: said what is wrong; 0: that was the last page. */

static int
wm_export_turn(wm_export_t *x, wm_pool_t *pool, wm_pool_t *next)
{
    wm_sql_rows_t  rows;

    if (!wm_export_page(x, pool, &rows) || !wm_export_write(x, pool, &rows)) {
        return -1;
    }

    return rows.n == 0 ? 0 : wm_export_keep(x, next, &rows) ? 1 : -1;
}


static bool
wm_export_pages(wm_export_t *x)
{
    int         more;
    wm_pool_t  *pool, *next;

    pool = wm_heap_create();

    for (more = 1; more > 0 && pool != NULL; pool = next) {
        next = wm_heap_create();
        more = next != NULL ? wm_export_turn(x, pool, next) : -1;
        wm_heap_destroy(pool);
    }

    if (pool != NULL) {
        wm_heap_destroy(pool);
    }

    return more == 0;
}


/* The names of the columns, from a row of none. */

static bool
wm_export_head(wm_export_t *x)
{
    size_t           i;
    wm_buf_t         b;
    wm_doc_t        *doc;
    wm_str_t         name, names;
    wm_sql_value_t   none = wm_sql_text(x->store.pool, wm_null);

    if (x->format != WM_EXPORT_CSV) {
        return true;
    }

    doc = wm_doc_new(x->store.pool);
    wm_buf_init(&b, x->store.pool, 1024);
    wm_puts(&b, x->cli->options[WM_OPT_BOM].data != NULL ? "\xef\xbb\xbf"
                                                         : "");

    for (i = 0; i < x->ncolumns; i++) {
        wm_export_value(x, x->store.pool, doc, &x->columns[i], &none);
    }

    if (x->personal && x->person < x->ncolumns) {
        wm_doc_null(doc, "name");
        wm_doc_null(doc, "phone");

        for (names = wm_str(x->kind->sealed); wm_split(&names, ',', &name); ) {
            wm_doc_null(doc, wm_dup(x->store.pool, name).data);
        }
    }

    if (doc != NULL) {
        wm_export_csv(x->store.pool, &b, doc, true);
    }

    if (doc == NULL || b.failed) {
        wm_say_error("no memory");
        return false;
    }

    return wm_output_put(&x->out, wm_buf_str(&b), 0);
}


static bool
wm_export_one(wm_export_t *x, wm_str_t name)
{
    x->kind = wm_export_find(name);

    if (x->kind == NULL) {
        return false;
    }

    x->table = wm_export_table(x->kind);

    wm_export_columns(x);
    wm_export_first(x);

    return wm_export_statement(x) && wm_export_head(x) && wm_export_pages(x);
}


/* ---- all of it */

static bool
wm_export_kinds_all(wm_export_t *x, wm_str_t what)
{
    wm_str_t  name;

    while (wm_split(&what, ',', &name)) {
        if (!wm_export_one(x, name)) {
            return false;
        }
    }

    return true;
}


static int
wm_export_run(wm_export_t *x)
{
    bool  ok;

    if (!wm_store_open_read(x->cli, wm_archive_address(x->cli, WM_OPT_FROM),
                            &x->store)
        || !wm_store_unit(&x->store, x->cli->options[WM_OPT_UNIT],
                          &x->path)
        || !wm_output_open(x->cli, x->cli->options[WM_OPT_OUT], &x->out))
    {
        return WM_CLI_PROBLEM;
    }

    ok = wm_export_kinds_all(x, x->cli->options[WM_OPT_WHAT]);

    if (!wm_output_close(x->cli, &x->out, ok)) {
        return WM_CLI_PROBLEM;
    }

    if (x->out.path.data != NULL) {
        printf("%" PRIu64 " rows in %s\n", x->out.rows, x->out.path.data);
    }

    return WM_CLI_OK;
}


int
wm_cli_export(wm_cli_t *cli)
{
    int          rc;
    wm_export_t  x;

    memset(&x, 0, sizeof(wm_export_t));
    x.cli = cli;

    if (cli->options[WM_OPT_WHAT].data == NULL) {
        cli->options[WM_OPT_WHAT] = wm_lit("orders,order_steps,wishes,"
                                           "wish_steps,events,attendance,"
                                           "enrolments,ratings");
    }

    x.realm.district = wm_conf_district(cli);

    if (wm_archive_address(cli, WM_OPT_FROM).data == NULL
        || x.realm.district.data == NULL || !wm_export_options(&x))
    {
        return WM_CLI_USAGE;
    }

    if (x.personal) {
        x.realm.ring = wm_keys_ring(cli, x.realm.district, false);

        if (x.realm.ring == NULL) {
            return WM_CLI_PROBLEM;
        }
    }

    rc = wm_export_run(&x);

    wm_store_close(&x.store);

    if (x.realm.ring != NULL) {
        wm_keyring_destroy((wm_keyring_t *) x.realm.ring);
    }

    return rc;
}
