/*
 * The only file that knows PostgreSQL.
 */

#include "sql.h"

#include <inttypes.h>
#include <stdio.h>

#include <libpq-fe.h>

#define WM_POSTGRES_BYTEA  17           /* its numbers of types */
#define WM_POSTGRES_INT8   20
#define WM_POSTGRES_SENT   64           /* statements at once, at most */
#define WM_POSTGRES_LOCK   "SELECT CASE WHEN pg_try_advisory_lock("          \
                           "hashtext(current_database() || '/' "             \
                           "|| current_schema())) THEN 1::bigint "           \
                           "ELSE 0::bigint END"

/* On disk when a commit returns; and no words about tables that are there. */

#define WM_POSTGRES_SETTINGS                                                 \
    "SET synchronous_commit TO on; SET client_min_messages TO warning; "     \
    "SET client_encoding TO 'UTF8'; "                                        \
    "SET standard_conforming_strings TO on"


static bool
wm_postgres_fail(wm_sql_t *sql, const PGresult *result)
{
    const char  *what;

    /* the details of a message have values in them */

    what = result != NULL
           ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

    return wm_sql_fail(sql, "%s", what != NULL ? what
                                               : PQerrorMessage(sql->db));
}


/* One result of what was sent, up to the NULL behind it. */

static bool
wm_postgres_result(wm_sql_t *sql)
{
    bool             ok;
    PGresult        *result;
    ExecStatusType   status;

    result = PQgetResult(sql->db);
    status = PQresultStatus(result);

    ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    /* what came behind a failure was not carried out: that is no news */

    if (!ok && status != PGRES_PIPELINE_ABORTED) {
        (void) wm_postgres_fail(sql, result);
    }

    while (result != NULL) {
        PQclear(result);
        result = PQgetResult(sql->db);
    }

    return ok;
}


/* Statements without rows travel together; here they are waited for. */

static bool
wm_postgres_settle(wm_sql_t *sql)
{
    bool       ok;
    PGresult  *result;

    if (sql->sent == 0) {
        return true;
    }

    ok = PQpipelineSync(sql->db) == 1;

    if (!ok) {
        (void) wm_postgres_fail(sql, NULL);
    }

    for ( /* void */ ; sql->sent > 0; sql->sent--) {
        ok = wm_postgres_result(sql) && ok;
    }

    result = PQgetResult(sql->db);      /* of the synchronization */
    PQclear(result);

    return (PQexitPipelineMode(sql->db) == 1 || wm_postgres_fail(sql, NULL))
           && ok;
}


static bool
wm_postgres_script(wm_sql_t *sql, const char *text)
{
    bool       ok;
    PGresult  *result;

    if (!wm_postgres_settle(sql)) {
        return false;
    }

    result = PQexec(sql->db, text);

    ok = PQresultStatus(result) == PGRES_COMMAND_OK
         || PQresultStatus(result) == PGRES_TUPLES_OK
         || wm_postgres_fail(sql, result);

    PQclear(result);

    return ok;
}


/* A prepared statement has its place as its name. */

static bool
wm_postgres_prepare(wm_sql_t *sql, const char *text, char name[24])
{
    bool       ok;
    void     **place;
    PGresult  *result;

    place = wm_sql_statement(sql, text);
    if (place == NULL) {
        return false;
    }

    snprintf(name, 24, "w%td", (const char *) place
                               - (const char *) sql->statements);

    if (*place != NULL) {
        return true;
    }

    if (!wm_postgres_settle(sql)) {
        return false;
    }

    result = PQprepare(sql->db, name, text, 0, NULL);
    ok = PQresultStatus(result) == PGRES_COMMAND_OK
         || wm_postgres_fail(sql, result);
    PQclear(result);

    *place = ok ? sql : NULL;

    return ok;
}


static bool
wm_postgres_cell(const PGresult *result, int row, int column, wm_pool_t *pool,
    wm_sql_value_t *v)
{
    size_t          i;
    wm_str_t        s;
    uint64_t        n;

    memset(v, 0, sizeof(wm_sql_value_t));

    if (PQgetisnull(result, row, column)) {
        return true;
    }

    s.data = PQgetvalue(result, row, column);
    s.len = (size_t) PQgetlength(result, row, column);

    if (PQftype(result, column) == WM_POSTGRES_INT8 && s.len == 8) {
        for (i = 0, n = 0; i < 8; i++) {
            n = n << 8 | (unsigned char) s.data[i];
        }

        v->type = WM_SQL_INT;
        v->num = (int64_t) n;

        return true;
    }

    v->type = PQftype(result, column) == WM_POSTGRES_BYTEA ? WM_SQL_BYTES
                                                           : WM_SQL_TEXT;
    v->str = wm_dup(pool, s);

    return v->str.data != NULL;
}


static bool
wm_postgres_rows(wm_sql_t *sql, const PGresult *result, wm_pool_t *pool,
    wm_sql_rows_t *rows)
{
    int     row, column;
    size_t  i;

    rows->n = (size_t) PQntuples(result);
    rows->ncolumns = (size_t) PQnfields(result);
    rows->cells = wm_alloc(pool, rows->n * rows->ncolumns
                                 * sizeof(wm_sql_value_t) + 1);

    for (row = 0, i = 0; row < PQntuples(result); row++) {
        for (column = 0; column < PQnfields(result); column++) {
            if (rows->cells == NULL
                || !wm_postgres_cell(result, row, column, pool,
                                     &rows->cells[i++]))
            {
                return wm_sql_fail(sql, "no memory");
            }
        }
    }

    return rows->cells != NULL || wm_sql_fail(sql, "no memory");
}


/* Numbers go as text, whatever their type is there; the rest as it is. */

typedef struct {
    char          name[24];
    int           n;
    char          numbers[WM_SQL_ARGS][24];
    const char   *values[WM_SQL_ARGS];
    int           lens[WM_SQL_ARGS];
    int           formats[WM_SQL_ARGS];
} wm_postgres_call_t;


static bool
wm_postgres_values(wm_sql_t *sql, wm_postgres_call_t *call,
    const wm_sql_value_t *args, size_t n)
{
    size_t  i;

    if (n > WM_SQL_ARGS) {
        return wm_sql_fail(sql, "too many values");
    }

    call->n = (int) n;

    for (i = 0; i < n; i++) {
        if (args[i].str.len > INT32_MAX) {
            return wm_sql_fail(sql, "a value of gigabytes");
        }

        snprintf(call->numbers[i], sizeof(call->numbers[i]), "%" PRId64,
                 args[i].num);

        call->formats[i] = args[i].type != WM_SQL_INT;
        call->lens[i] = (int) args[i].str.len;
        call->values[i] = args[i].type == WM_SQL_NULL ? NULL
                          : args[i].type == WM_SQL_INT ? call->numbers[i]
                          : args[i].str.len > 0 ? args[i].str.data : "";
    }

    return true;
}


/* Few enough that neither side waits for the other to read. */

static bool
wm_postgres_send(wm_sql_t *sql, const wm_postgres_call_t *call)
{
    if (sql->sent == WM_POSTGRES_SENT && !wm_postgres_settle(sql)) {
        return false;
    }

    if (sql->sent == 0 && PQenterPipelineMode(sql->db) != 1) {
        return wm_postgres_fail(sql, NULL);
    }

    if (PQsendQueryPrepared(sql->db, call->name, call->n, call->values,
                            call->lens, call->formats, 1) != 1)
    {
        return wm_postgres_fail(sql, NULL);
    }

    sql->sent++;

    return true;
}


static bool
wm_postgres_run(wm_sql_t *sql, wm_pool_t *pool, const char *text,
    const wm_sql_value_t *args, size_t n, wm_sql_rows_t *rows)
{
    bool                 ok;
    PGresult            *result;
    wm_postgres_call_t   call;

    if (!wm_postgres_values(sql, &call, args, n)
        || !wm_postgres_prepare(sql, text, call.name))
    {
        return false;
    }

    if (rows == NULL) {
        return wm_postgres_send(sql, &call);
    }

    if (!wm_postgres_settle(sql)) {
        return false;
    }

    result = PQexecPrepared(sql->db, call.name, call.n, call.values,
                            call.lens, call.formats, 1);

    ok = PQresultStatus(result) == PGRES_TUPLES_OK
         || wm_postgres_fail(sql, result);

    ok = ok && wm_postgres_rows(sql, result, pool, rows);

    PQclear(result);

    return ok;
}


static bool
wm_postgres_lock(wm_sql_t *sql)
{
    bool       ok, mine;
    PGresult  *result;

    result = PQexec(sql->db, WM_POSTGRES_LOCK);
    ok = PQresultStatus(result) == PGRES_TUPLES_OK
         || wm_postgres_fail(sql, result);
    mine = ok && strcmp(PQgetvalue(result, 0, 0), "1") == 0;
    PQclear(result);

    return mine;
}


static void
wm_postgres_close(wm_sql_t *sql)
{
    PQfinish(sql->db);
    sql->db = NULL;
}


/* A password in an address stands in lists of processes and histories. */

static bool
wm_postgres_address(wm_sql_t *sql, const char *where)
{
    bool               has;
    char              *error = NULL;
    PQconninfoOption  *all, *o;

    all = PQconninfoParse(where, &error);

    if (all == NULL) {
        (void) wm_sql_fail(sql, "%s", error != NULL ? error : "no memory");
        PQfreemem(error);
        return false;
    }

    for (o = all, has = false; o->keyword != NULL; o++) {
        has |= strcmp(o->keyword, "password") == 0 && o->val != NULL;
    }

    PQconninfoFree(all);

    return !has || wm_sql_fail(sql, "a password goes into "
                               "--archive-password-file");
}


bool
wm_postgres_open(wm_cli_t *cli, const char *where, wm_sql_t *sql)
{
    wm_str_t     path, line, password = wm_null;
    const char  *names[] = { "dbname", "application_name", "connect_timeout",
                             "password", NULL };
    const char  *values[] = { where, "wenming", "10", NULL, NULL };

    path = cli->options[WM_OPT_ARCHIVE_PASSWORD];

    if (!wm_postgres_address(sql, where)) {
        return false;
    }

    if (path.data != NULL) {
        if (!wm_password_read(cli->pool, path, &line)) {
            return wm_sql_fail(sql, "no password");
        }

        password = wm_dup(cli->pool, line);
        wm_wipe((char *) line.data, line.len);
        values[3] = password.data;
    }

    sql->db = PQconnectdbParams(names, values, 1);
    sql->script = wm_postgres_script;
    sql->run = wm_postgres_run;
    sql->lock = wm_postgres_lock;
    sql->close = wm_postgres_close;

    if (password.data != NULL) {
        wm_wipe((char *) password.data, password.len);
    }

    if (PQstatus(sql->db) != CONNECTION_OK) {
        return wm_postgres_fail(sql, NULL);
    }

    return wm_postgres_script(sql, WM_POSTGRES_SETTINGS);
}
