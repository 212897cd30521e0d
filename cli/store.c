/*
 * What stands in an archive's tables: the journal, the state that follows
 * from it, and a row for each thing.  A batch is one transaction.
 */

#include "archive.h"
#include "wm_crypto.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WM_STORE_LOCK_S  5

static const char  wm_store_zeros[] =
    "0000000000000000000000000000000000000000";

#define WM_STORE_PUT(table, column, value)                                   \
    "INSERT INTO " table " (name, " column ", " value ") "                   \
    "VALUES ($1, $2, $3) ON CONFLICT (name, " column ") "                    \
    "DO UPDATE SET " value " = excluded." value

#define WM_STORE_DROP(table, column)                                         \
    "DELETE FROM " table " WHERE name = $1 AND " column " = $2"

#define WM_STORE_NONE(table)                                                 \
    "NOT EXISTS (SELECT 1 FROM " table " WHERE name = $1)"

/* Which values of a change a statement wants, in this order. */
typedef struct {
    const char  *text;
    bool         field;
    bool         value;
    bool         num;
} wm_store_statement_t;

/* What a change means, statement by statement. */

static const struct {
    bool                  ends;         /* with it, the key may be gone */
    wm_store_statement_t  statements[6];
} wm_store_changes[] = {
    [WM_PUT_FIELD] = { false, {
        { WM_STORE_PUT("state_hash", "field", "value"), true, true, false },
    } },
    [WM_DROP_FIELD] = { true, {
        { WM_STORE_DROP("state_hash", "field"), true, false, false },
        { WM_STORE_DROP("private_field", "field"), true, false, false },
    } },
    [WM_PUT_MEMBER] = { false, {
        { "INSERT INTO state_set (name, member) VALUES ($1, $2) "
          "ON CONFLICT (name, member) DO NOTHING", true, false, false },
    } },
    [WM_DROP_MEMBER] = { true, {
        { WM_STORE_DROP("state_set", "member"), true, false, false },
    } },
    [WM_PUT_SCORE] = { false, {
        { WM_STORE_PUT("state_zset", "member", "score"), true, false, true },
    } },
    [WM_DROP_SCORE] = { true, {
        { WM_STORE_DROP("state_zset", "member"), true, false, false },
    } },
    [WM_PUT_STRING] = { false, {
        { "INSERT INTO state_string (name, value) VALUES ($1, $2) "
          "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
          false, true, false },
        { "DELETE FROM state_expiry WHERE name = $1", false, false, false },
    } },
    [WM_DROP] = { false, {
        { "DELETE FROM state_hash WHERE name = $1", false, false, false },
        { "DELETE FROM state_set WHERE name = $1", false, false, false },
        { "DELETE FROM state_zset WHERE name = $1", false, false, false },
        { "DELETE FROM state_string WHERE name = $1", false, false, false },
        { "DELETE FROM state_expiry WHERE name = $1", false, false, false },
        { "DELETE FROM private_field WHERE name = $1", false, false, false },
    } },
    [WM_END_AT] = { true, {
        { "INSERT INTO state_expiry (name, at_ms) VALUES ($1, $2) "
          "ON CONFLICT (name) DO UPDATE SET at_ms = excluded.at_ms",
          false, false, true },
    } },
};

/* A key that is gone takes its end with it. */

#define WM_STORE_ENDLESS                                                     \
    "DELETE FROM state_expiry WHERE name = $1 AND "                          \
    WM_STORE_NONE("state_hash") " AND " WM_STORE_NONE("state_set") " AND "   \
    WM_STORE_NONE("state_zset") " AND " WM_STORE_NONE("state_string")


bool
wm_store_complain(wm_store_t *store)
{
    wm_say_error("the archive: %s", store->sql.error);
    return false;
}


static bool
wm_store_run(wm_store_t *store, const char *text, const wm_sql_value_t *args,
    size_t n, wm_sql_rows_t *rows)
{
    return store->sql.run(&store->sql, store->page, text, args, n, rows)
           || wm_store_complain(store);
}


static bool
wm_store_script(wm_store_t *store, const char *text)
{
    return store->sql.script(&store->sql, text) || wm_store_complain(store);
}


/* ---- opening */

static bool
wm_store_row(wm_store_t *store, bool *found)
{
    wm_str_t               hash, id;
    wm_sql_rows_t          rows;
    const wm_sql_value_t  *v;

    if (!wm_store_run(store, "SELECT id, district, number, hash, entry, "
                      "event_number, projection, archived_ms FROM archive",
                      NULL, 0, &rows))
    {
        return false;
    }

    *found = rows.n == 1;

    if (rows.n == 0) {
        return true;
    }

    v = rows.cells;
    id = v[0].str;
    hash = v[3].str;

    if (!wm_id_valid(id) || hash.len != 40 || v[2].num < 0) {
        wm_say_error("the archive: its table \"archive\" is damaged");
        return false;
    }

    if (!wm_eq(v[1].str, store->district)) {
        wm_say_error("the archive is of the district %s",
                     wm_say_safe(store->page, v[1].str));
        return false;
    }

    memcpy(store->id, id.data, id.len);
    memcpy(store->hash, hash.data, hash.len);
    store->number = (uint64_t) v[2].num;
    snprintf(store->entry, sizeof(store->entry), "%.*s", wm_fmt(v[4].str));
    store->event_number = v[5].num;
    store->projection = v[6].num;
    store->archived_ms = v[7].num;

    return true;
}


static bool
wm_store_make(wm_store_t *store)
{
    bool  found;

    if (!wm_store_row(store, &found)) {
        return false;
    }

    if (found) {
        return true;
    }

    return wm_id_new(store->id)
           && wm_store_run(store, "INSERT INTO archive (one, id, district, "
                           "number, hash, entry, event_number, projection, "
                           "batches, archived_ms) "
                           "VALUES (1, $1, $2, 0, $3, '0-0', 0, $4, 0, 0)",
                           wm_sql_args(wm_sql_text(store->page,
                                                   wm_str(store->id)),
                                       wm_sql_text(store->page,
                                                   store->district),
                                       wm_sql_text(store->page,
                                                   wm_str(wm_store_zeros)),
                                       wm_sql_int(WM_PROJECT_VERSION)), NULL)
           && wm_store_row(store, &found) && found;
}


static bool
wm_store_statements(wm_store_t *store)
{
    size_t  i, n;

    for (i = 0; i < wm_nprojections && i < WM_STORE_TABLES; i++) {
        store->put[i] = wm_project_put(store->pool, &wm_projections[i]);

        if (store->put[i].data == NULL) {
            return false;
        }

        for (n = 0; n <= wm_projections[i].nids; n++) {
            store->drop[i][n] = wm_project_drop(store->pool,
                                                &wm_projections[i], n);
            if (store->drop[i][n].data == NULL) {
                return false;
            }
        }
    }

    return i == wm_nprojections;
}


static bool
wm_store_next_end(wm_store_t *store)
{
    wm_sql_rows_t  rows;

    if (!wm_store_run(store, "SELECT MIN(at_ms) FROM state_expiry", NULL, 0,
                      &rows))
    {
        return false;
    }

    store->next_end = rows.n == 1 && rows.cells[0].type == WM_SQL_INT
                      ? rows.cells[0].num : INT64_MAX;

    return true;
}


/* One writer at a time; a database misses a dead one within moments. */

static bool
wm_store_lock(wm_store_t *store)
{
    int  i;

    for (i = 0; i < WM_STORE_LOCK_S * 10; i++) {
        if (store->sql.lock(&store->sql)) {
            return true;
        }

        if (store->sql.error[0] != '\0') {
            return false;
        }

        (void) usleep(100000);
    }

    store->busy = true;

    return wm_sql_fail(&store->sql, "another archiver is at work on it");
}


bool
wm_store_open(wm_cli_t *cli, wm_str_t where, bool make, wm_store_t *store)
{
    bool  found;

    memset(store, 0, sizeof(wm_store_t));

    store->district = wm_conf_district(cli);
    store->pool = store->page = wm_heap_create();
    store->sql.lock_fd = -1;

    if (store->district.data == NULL || !wm_conf_offset(cli, &store->offset)) {
        return false;
    }

    if (store->pool == NULL) {
        wm_say_error("no memory");
        return false;
    }

    store->head = wm_printf(store->pool, "wm:{%.*s}:",
                            wm_fmt(store->district));

    if (store->head.data == NULL || !wm_store_statements(store)) {
        wm_say_error("no memory");
        return false;
    }

    if (!wm_sql_open(cli, where, make, &store->sql)
        || (make && !wm_store_lock(store))
        || !(make ? wm_sql_migrate(&store->sql, store->pool)
                  : wm_sql_check(&store->sql, store->pool)))
    {
        return !store->busy && wm_store_complain(store);
    }

    if (make) {
        return wm_store_make(store) && wm_store_next_end(store);
    }

    return wm_store_row(store, &found)
           && (found || wm_sql_fail(&store->sql, "it is empty")
               || wm_store_complain(store));
}


bool
wm_store_open_read(wm_cli_t *cli, wm_str_t where, wm_store_t *store)
{
    if (!wm_store_open(cli, where, false, store)) {
        return false;
    }

    if (store->projection != WM_PROJECT_VERSION) {
        wm_say_error("the archive's rows are of another wenming: "
                     "\"wenming archive\" makes them anew");
        return false;
    }

    /* SQLite keeps what its first SELECT saw; PostgreSQL has to be told */

    return wm_store_script(store, wm_starts(where, "sqlite:")
                           ? "BEGIN"
                           : "BEGIN ISOLATION LEVEL REPEATABLE READ READ "
                             "ONLY");
}


bool
wm_store_unit(wm_store_t *store, wm_str_t unit, wm_str_t *path)
{
    wm_sql_rows_t  rows;

    *path = wm_null;

    if (unit.data == NULL) {
        return true;
    }

    if (!wm_store_run(store, "SELECT path FROM units WHERE id = $1",
                      wm_sql_args(wm_sql_text(store->pool, unit)), &rows))
    {
        return false;
    }

    if (rows.n != 1 || rows.cells[0].str.len == 0) {
        wm_say_error("the archive has no unit %s",
                     wm_say_safe(store->pool, unit));
        return false;
    }

    *path = wm_dup(store->pool, rows.cells[0].str);

    if (path->data == NULL) {
        wm_say_error("no memory");
    }

    return path->data != NULL;
}


void
wm_store_close(wm_store_t *store)
{
    if (store->sql.close != NULL && store->sql.db != NULL) {
        store->sql.close(&store->sql);
    }

    if (store->pool != NULL) {
        wm_heap_destroy(store->pool);
        store->pool = NULL;
    }
}


/* ---- a batch */

/* The update takes the lock that two writers would be kept apart by. */

bool
wm_store_begin(wm_store_t *store, wm_pool_t *page)
{
    store->page = page;
    store->ntouched = store->cap = 0;
    store->touched = NULL;

    return wm_store_script(store, "BEGIN")
           && wm_store_run(store, "UPDATE archive SET batches = batches + 1",
                           NULL, 0, NULL);
}


bool
wm_store_commit(wm_store_t *store, int64_t event_number)
{
    int64_t     now;
    wm_pool_t  *page = store->page;

    now = wm_say_now_ms();

    if (event_number > store->event_number) {
        store->event_number = event_number;
    }

    if (!wm_store_project(store)
        || !wm_store_run(store, "UPDATE archive SET number = $1, hash = $2, "
                         "entry = $3, event_number = $4, archived_ms = $5",
                         wm_sql_args(wm_sql_int((int64_t) store->number),
                                     wm_sql_text(page, wm_str(store->hash)),
                                     wm_sql_text(page, wm_str(store->entry)),
                                     wm_sql_int(store->event_number),
                                     wm_sql_int(now)), NULL)
        || !wm_store_script(store, "COMMIT"))
    {
        return false;
    }

    store->archived_ms = now;
    store->page = store->pool;          /* the page goes away */

    return true;
}


void
wm_store_rollback(wm_store_t *store)
{
    (void) store->sql.script(&store->sql, "ROLLBACK");
    store->page = store->pool;
}


/* ---- what a batch touched */

static bool
wm_store_note(wm_store_t *store, size_t projection, wm_str_t name,
    wm_str_t field)
{
    wm_touched_t  *more;

    if (store->ntouched == store->cap) {
        store->cap = store->cap == 0 ? 256 : 2 * store->cap;

        more = wm_alloc(store->page, store->cap * sizeof(wm_touched_t));
        if (more == NULL) {
            return wm_sql_fail(&store->sql, "no memory");
        }

        if (store->ntouched > 0) {
            memcpy(more, store->touched,
                   store->ntouched * sizeof(wm_touched_t));
        }

        store->touched = more;
    }

    store->touched[store->ntouched++] = (wm_touched_t) { projection, name,
                                                         field };

    return true;
}


/* A field that may be a row, a record that is one, a key of any kind. */

static bool
wm_store_touch(wm_store_t *store, wm_str_t name, wm_str_t field)
{
    bool                    whole;
    size_t                  i;
    wm_str_t                id;
    const wm_projection_t  *p;

    for (i = 0; i < wm_nprojections; i++) {
        p = &wm_projections[i];

        if (!wm_project_reads(p, name, &id)) {
            continue;
        }

        whole = p->kind == WM_ROW_RECORD || p->kind == WM_ROW_LOG;

        if ((whole || field.data == NULL || wm_project_takes(p, field))
            && !wm_store_note(store, i, name, whole ? wm_null : field))
        {
            return false;
        }
    }

    return wm_mirror_private(name) == NULL
           || wm_store_note(store, SIZE_MAX, name, wm_null);
}


static int
wm_store_compare_str(wm_str_t a, wm_str_t b)
{
    int  rc;

    if ((a.data == NULL) != (b.data == NULL)) {
        return a.data == NULL ? -1 : 1;
    }

    if (a.data == NULL) {
        return 0;
    }

    rc = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return rc != 0 ? rc : a.len < b.len ? -1 : a.len > b.len;
}


static int
wm_store_compare(const void *one, const void *two)
{
    int                  rc;
    const wm_touched_t  *a = one, *b = two;

    if (a->projection != b->projection) {
        return a->projection < b->projection ? -1 : 1;
    }

    rc = wm_store_compare_str(a->name, b->name);

    return rc != 0 ? rc : wm_store_compare_str(a->field, b->field);
}


/* Each once, in an order. */

static void
wm_store_sort(wm_store_t *store)
{
    size_t  i, n;

    if (store->ntouched == 0) {
        return;
    }

    qsort(store->touched, store->ntouched, sizeof(wm_touched_t),
          wm_store_compare);

    for (i = 1, n = 1; i < store->ntouched; i++) {
        if (wm_store_compare(&store->touched[i], &store->touched[n - 1])
            != 0)
        {
            store->touched[n++] = store->touched[i];
        }
    }

    store->ntouched = n;
}


/* ---- an entry */

static bool
wm_store_change(void *ctx, const wm_change_t *c)
{
    size_t                       i, n;
    wm_store_t                  *store = ctx;
    wm_sql_value_t               args[3];
    const wm_store_statement_t  *s = wm_store_changes[c->what].statements;

    for (i = 0; i < 6 && s[i].text != NULL; i++) {
        n = 0;
        args[n++] = wm_sql_bytes(c->name);

        if (s[i].field) {
            args[n++] = wm_sql_bytes(c->field);
        }

        if (s[i].value || s[i].num) {
            args[n++] = s[i].value ? wm_sql_bytes(c->value)
                                   : wm_sql_int(c->num);
        }

        if (!store->sql.run(&store->sql, store->page, s[i].text, args, n,
                            NULL))
        {
            return false;
        }
    }

    if (c->what == WM_END_AT && c->num < store->next_end) {
        store->next_end = c->num;
    }

    if (wm_store_changes[c->what].ends && store->next_end != INT64_MAX
        && !store->sql.run(&store->sql, store->page, WM_STORE_ENDLESS,
                           wm_sql_args(wm_sql_bytes(c->name)), NULL))
    {
        return false;
    }

    return wm_store_touch(store, c->name, c->field);
}


/* Keys that had ended when an entry was made: Redis had none of them. */

static bool
wm_store_end(wm_store_t *store, int64_t at_ms)
{
    size_t         i;
    wm_sql_rows_t  rows;

    if (store->next_end >= at_ms) {
        return true;
    }

    if (!wm_store_run(store, "SELECT name FROM state_expiry "
                      "WHERE at_ms < $1",
                      wm_sql_args(wm_sql_int(at_ms)), &rows))
    {
        return false;
    }

    for (i = 0; i < rows.n; i++) {
        if (!wm_store_change(store, &(wm_change_t) {
                                 .what = WM_DROP,
                                 .name = rows.cells[i].str }))
        {
            return wm_store_complain(store);
        }
    }

    return wm_store_next_end(store);
}


static bool
wm_store_nothing(void *ctx, const wm_change_t *change)
{
    (void) ctx;
    (void) change;

    return true;
}


bool
wm_store_follows(wm_store_t *store, const wm_entry_t *e)
{
    char  good[41], digest[41];

    if (e->number != store->number + 1) {
        store->broken = wm_printf(store->page, "entry %" PRIu64 " stands "
                                  "where %" PRIu64 " should", e->number,
                                  store->number + 1);
        return false;
    }

    if (!wm_chain_digest(e->effects, digest)
        || !wm_chain_hash(wm_str(store->hash), e->what, good))
    {
        store->broken = wm_lit("no memory to verify it");
        return false;
    }

    if (!wm_is(e->digest, digest) || !wm_is(e->hash, good)) {
        store->broken = wm_printf(store->page, "entry %" PRIu64 ", or the one "
                                  "before it, was changed: its %s does not "
                                  "fit", e->number,
                                  wm_is(e->digest, digest) ? "hash"
                                                           : "digest");
        return false;
    }

    if (e->ms > INT64_MAX / 2
        || wm_mirror_entry(store->page, store->head, e->effects, e->replies,
                           (int64_t) e->ms, wm_store_nothing, NULL)
           != WM_REPLAY_OK)
    {
        store->broken = wm_printf(store->page, "entry %" PRIu64 ": its "
                                  "effects cannot be read", e->number);
        return false;
    }

    return true;
}


/* Only the same entry may come again. */

static wm_store_result_t
wm_store_again(wm_store_t *store, const wm_entry_t *e)
{
    wm_sql_rows_t  rows;

    if (!wm_store_run(store, "SELECT hash FROM journal WHERE number = $1",
                      wm_sql_args(wm_sql_int((int64_t) e->number)), &rows))
    {
        return WM_STORE_FAILED;
    }

    if (rows.n == 1 && wm_eq(rows.cells[0].str, e->hash)) {
        return WM_STORE_KNOWN;
    }

    store->broken = wm_printf(store->page, "entry %" PRIu64 " is another one "
                              "than the archive has", e->number);

    return WM_STORE_BROKEN;
}


static bool
wm_store_journal(wm_store_t *store, const wm_entry_t *e, wm_str_t w)
{
    return wm_store_run(store, "INSERT INTO journal (id, number, hash, at_ms, "
                        "verb, actor, w, e) "
                        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                        "ON CONFLICT (id) DO UPDATE SET "
                        "number = excluded.number, hash = excluded.hash, "
                        "at_ms = excluded.at_ms, verb = excluded.verb, "
                        "actor = excluded.actor, w = excluded.w, "
                        "e = excluded.e",
                        wm_sql_args(wm_sql_text(store->page, e->id),
                                    wm_sql_int((int64_t) e->number),
                                    wm_sql_text(store->page, e->hash),
                                    wm_sql_int((int64_t) e->time_ms),
                                    wm_sql_text(store->page, e->verb),
                                    wm_sql_text(store->page, e->actor),
                                    wm_sql_bytes(w),
                                    wm_sql_bytes(e->effects)), NULL);
}


wm_store_result_t
wm_store_entry(wm_store_t *store, const wm_entry_t *e, wm_str_t w)
{
    if (e->number <= store->number) {
        return wm_store_again(store, e);
    }

    if (!wm_store_follows(store, e)) {
        return WM_STORE_BROKEN;
    }

    if (!wm_store_end(store, (int64_t) e->ms)
        || !wm_store_journal(store, e, w))
    {
        return WM_STORE_FAILED;
    }

    if (wm_mirror_entry(store->page, store->head, e->effects, e->replies,
                        (int64_t) e->ms, wm_store_change, store)
        != WM_REPLAY_OK)
    {
        (void) wm_store_complain(store);
        return WM_STORE_FAILED;
    }

    store->number = e->number;
    memcpy(store->hash, e->hash.data, 40);
    snprintf(store->entry, sizeof(store->entry), "%.*s", wm_fmt(e->id));

    return WM_STORE_OK;
}


/* ---- what the journal does not have */

wm_str_t
wm_store_secretive(wm_store_t *store, size_t *i)
{
    if (*i == 0) {
        wm_store_sort(store);
    }

    for ( /* void */ ; *i < store->ntouched; ++*i) {
        if (store->touched[*i].projection == SIZE_MAX) {
            return store->touched[(*i)++].name;
        }
    }

    return wm_null;
}


bool
wm_store_secret(wm_store_t *store, wm_str_t name, const char *field,
    wm_str_t value)
{
    if (value.data == NULL) {
        return wm_store_run(store, WM_STORE_DROP("private_field", "field"),
                            wm_sql_args(wm_sql_bytes(name),
                                        wm_sql_bytes(wm_str(field))), NULL);
    }

    return wm_store_run(store, WM_STORE_PUT("private_field", "field", "value"),
                        wm_sql_args(wm_sql_bytes(name),
                                    wm_sql_bytes(wm_str(field)),
                                    wm_sql_bytes(value)), NULL);
}


/* ---- rows of things */

typedef struct {
    wm_store_t             *store;
    size_t                  i;
    const wm_projection_t  *p;
    size_t                  nids;       /* that the key's name gives */
    wm_sql_value_t          ids[2];
} wm_rows_t;


static bool
wm_rows_put(const wm_rows_t *r, const wm_sql_value_t *ids,
    const wm_sql_value_t *values)
{
    size_t          n = r->p->nids;
    wm_sql_value_t  args[WM_PROJECT_COLUMNS];

    memcpy(args, ids, n * sizeof(wm_sql_value_t));
    memcpy(args + n, values, r->p->ncolumns * sizeof(wm_sql_value_t));

    return wm_store_run(r->store, r->store->put[r->i].data, args,
                        n + r->p->ncolumns, NULL);
}


static bool
wm_rows_drop(const wm_rows_t *r, const wm_sql_value_t *ids, size_t n)
{
    return wm_store_run(r->store, r->store->drop[r->i][n].data, ids, n, NULL);
}


static bool
wm_rows_record(wm_rows_t *r, const wm_reply_t *record)
{
    wm_sql_value_t  values[WM_PROJECT_COLUMNS];

    return wm_project_record(r->store->page, r->p, record, r->store->offset,
                             values)
           ? wm_rows_put(r, r->ids, values) : wm_rows_drop(r, r->ids, 1);
}


/* All of it anew: what was written of somebody forgotten may be shorter. */

static bool
wm_rows_log(wm_rows_t *r, const wm_reply_t *record)
{
    int64_t         step;
    wm_str_t        log;
    wm_sql_value_t  values[WM_PROJECT_COLUMNS];

    log = wm_reply_field(record, "log");

    if (!wm_rows_drop(r, r->ids, 1)) {
        return false;
    }

    for (step = 1; wm_project_step(r->store->page, r->p, &log, values);
         step++)
    {
        r->ids[1] = wm_sql_int(step);

        if (!wm_rows_put(r, r->ids, values)) {
            return false;
        }
    }

    return true;
}


static bool
wm_rows_field(wm_rows_t *r, wm_str_t field, wm_str_t value)
{
    wm_sql_value_t  values[WM_PROJECT_COLUMNS];

    if (!wm_project_takes(r->p, field)) {
        return true;
    }

    r->ids[r->nids] = wm_sql_text(r->store->page, field);

    return wm_project_field(r->store->page, r->p, value, r->store->offset,
                            values)
           ? wm_rows_put(r, r->ids, values)
           : wm_rows_drop(r, r->ids, r->nids + 1);
}


/* The fields of a key, as HGETALL would say them. */

static bool
wm_rows_hash(wm_rows_t *r, wm_str_t name, wm_reply_t *record)
{
    size_t         i;
    wm_sql_rows_t  rows;

    if (!wm_store_run(r->store, "SELECT field, value FROM state_hash "
                      "WHERE name = $1",
                      wm_sql_args(wm_sql_bytes(name)), &rows))
    {
        return false;
    }

    *record = (wm_reply_t) { .type = WM_REPLY_LIST, .n = 2 * rows.n };
    record->items = wm_calloc(r->store->page,
                              (record->n + 1) * sizeof(wm_reply_t));

    for (i = 0; record->items != NULL && i < record->n; i++) {
        record->items[i].type = WM_REPLY_STR;
        record->items[i].str = rows.cells[i].str;
    }

    return record->items != NULL;
}


static bool
wm_rows_whole(wm_rows_t *r, wm_str_t name)
{
    size_t      i;
    wm_reply_t  record;

    if (!wm_rows_hash(r, name, &record)) {
        return false;
    }

    if (r->p->kind == WM_ROW_RECORD) {
        return wm_rows_record(r, &record);
    }

    if (r->p->kind == WM_ROW_LOG) {
        return wm_rows_log(r, &record);
    }

    if (!wm_rows_drop(r, r->ids, r->nids)) {
        return false;
    }

    for (i = 0; i + 1 < record.n; i += 2) {
        if (!wm_rows_field(r, record.items[i].str, record.items[i + 1].str)) {
            return false;
        }
    }

    return true;
}


static bool
wm_rows_one(wm_rows_t *r, const wm_touched_t *t)
{
    wm_sql_rows_t  rows;

    if (t->field.data == NULL) {
        return wm_rows_whole(r, t->name);
    }

    return wm_store_run(r->store, "SELECT value FROM state_hash "
                        "WHERE name = $1 AND field = $2",
                        wm_sql_args(wm_sql_bytes(t->name),
                                    wm_sql_bytes(t->field)), &rows)
           && wm_rows_field(r, t->field, rows.n == 1 ? rows.cells[0].str
                                                     : wm_null);
}


bool
wm_store_project(wm_store_t *store)
{
    size_t               i;
    wm_str_t             id;
    wm_rows_t            r;
    const wm_touched_t  *t;

    wm_store_sort(store);

    for (i = 0; i < store->ntouched; i++) {
        t = &store->touched[i];

        if (t->projection == SIZE_MAX) {
            continue;
        }

        r = (wm_rows_t) { .store = store, .i = t->projection,
                          .p = &wm_projections[t->projection] };

        (void) wm_project_reads(r.p, t->name, &id);

        r.nids = id.data != NULL;
        r.ids[0] = wm_sql_text(store->page, id);

        if (!wm_rows_one(&r, t)) {
            return false;
        }
    }

    store->ntouched = 0;

    return true;
}


bool
wm_store_project_all(wm_store_t *store)
{
    size_t         i;
    wm_sql_rows_t  rows;

    if (!wm_store_run(store, "SELECT DISTINCT name FROM state_hash", NULL, 0,
                      &rows))
    {
        return false;
    }

    for (i = 0; i < rows.n; i++) {
        if (!wm_store_touch(store, rows.cells[i].str, wm_null)) {
            return wm_store_complain(store);
        }
    }

    return wm_store_project(store)
           && wm_store_run(store, "UPDATE archive SET projection = $1",
                           wm_sql_args(wm_sql_int(WM_PROJECT_VERSION)),
                           NULL);
}
