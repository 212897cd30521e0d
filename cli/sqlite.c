/*
 * The only file that knows SQLite.
 */

#include "sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#define WM_SQLITE_WAIT_MS  30000        /* for somebody who reads */

/*
 * What is deleted is overwritten, for a person's key has to be gone; a commit
 * is on disk when it returns, for the journal in Redis may be trimmed then.
 * A file that was made by somebody else shall run nothing here.
 */
#define WM_SQLITE_SETTINGS                                                   \
    "PRAGMA secure_delete = ON; PRAGMA journal_mode = DELETE; "              \
    "PRAGMA synchronous = EXTRA; PRAGMA trusted_schema = OFF; "              \
    "PRAGMA cell_size_check = ON;"


static bool
wm_sqlite_fail(wm_sql_t *sql)
{
    return wm_sql_fail(sql, "%s", sqlite3_errmsg(sql->db));
}


static bool
wm_sqlite_script(wm_sql_t *sql, const char *text)
{
    return sqlite3_exec(sql->db, text, NULL, NULL, NULL) == SQLITE_OK
           || wm_sqlite_fail(sql);
}


static sqlite3_stmt *
wm_sqlite_prepare(wm_sql_t *sql, const char *text)
{
    void         **place;
    sqlite3_stmt  *stmt = NULL;

    place = wm_sql_statement(sql, text);

    if (place == NULL || *place != NULL) {
        return place != NULL ? *place : NULL;
    }

    if (sqlite3_prepare_v3(sql->db, text, -1, SQLITE_PREPARE_PERSISTENT,
                           &stmt, NULL) != SQLITE_OK)
    {
        (void) wm_sqlite_fail(sql);
        return NULL;
    }

    *place = stmt;

    return stmt;
}


static int
wm_sqlite_bind(sqlite3_stmt *stmt, int i, const wm_sql_value_t *v)
{
    const char  *data;

    data = v->str.len > 0 ? v->str.data : "";

    switch (v->type) {

    case WM_SQL_INT:
        return sqlite3_bind_int64(stmt, i, v->num);

    case WM_SQL_TEXT:
        return sqlite3_bind_text64(stmt, i, data, v->str.len, SQLITE_STATIC,
                                   SQLITE_UTF8);

    case WM_SQL_BYTES:
        return sqlite3_bind_blob64(stmt, i, data, v->str.len, SQLITE_STATIC);

    default:
        return sqlite3_bind_null(stmt, i);
    }
}


static bool
wm_sqlite_cell(sqlite3_stmt *stmt, int i, wm_pool_t *pool, wm_sql_value_t *v)
{
    wm_str_t  s;

    memset(v, 0, sizeof(wm_sql_value_t));

    switch (sqlite3_column_type(stmt, i)) {

    case SQLITE_NULL:
        return true;

    case SQLITE_INTEGER:
        v->type = WM_SQL_INT;
        v->num = sqlite3_column_int64(stmt, i);
        return true;

    case SQLITE_BLOB:
        v->type = WM_SQL_BYTES;
        break;

    default:
        v->type = WM_SQL_TEXT;
    }

    s.data = sqlite3_column_blob(stmt, i);
    s.len = (size_t) sqlite3_column_bytes(stmt, i);
    s = s.data != NULL ? s : wm_lit("");

    v->str = wm_dup(pool, s);

    return v->str.data != NULL;
}


/* Room for twice as many whenever it is full. */

static bool
wm_sqlite_row(sqlite3_stmt *stmt, wm_pool_t *pool, wm_sql_rows_t *rows)
{
    size_t           i, n;
    wm_sql_value_t  *more;

    n = rows->ncolumns;

    if ((rows->n & (rows->n - 1)) == 0) {
        more = wm_alloc(pool, (rows->n == 0 ? 1 : 2 * rows->n) * n
                              * sizeof(wm_sql_value_t));
        if (more == NULL) {
            return false;
        }

        if (rows->n > 0) {
            memcpy(more, rows->cells, rows->n * n * sizeof(wm_sql_value_t));
        }

        rows->cells = more;
    }

    for (i = 0; i < n; i++) {
        if (!wm_sqlite_cell(stmt, (int) i, pool,
                            &rows->cells[rows->n * n + i]))
        {
            return false;
        }
    }

    rows->n++;

    return true;
}


static bool
wm_sqlite_steps(wm_sql_t *sql, wm_pool_t *pool, sqlite3_stmt *stmt,
    wm_sql_rows_t *rows)
{
    int  rc;

    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (rows != NULL && !wm_sqlite_row(stmt, pool, rows)) {
            return wm_sql_fail(sql, "no memory");
        }
    }

    return rc == SQLITE_DONE || wm_sqlite_fail(sql);
}


static bool
wm_sqlite_run(wm_sql_t *sql, wm_pool_t *pool, const char *text,
    const wm_sql_value_t *args, size_t n, wm_sql_rows_t *rows)
{
    bool           ok;
    size_t         i;
    sqlite3_stmt  *stmt;

    stmt = wm_sqlite_prepare(sql, text);
    if (stmt == NULL) {
        return false;
    }

    if (rows != NULL) {
        memset(rows, 0, sizeof(wm_sql_rows_t));
        rows->ncolumns = (size_t) sqlite3_column_count(stmt);
    }

    for (i = 0, ok = true; ok && i < n; i++) {
        ok = wm_sqlite_bind(stmt, (int) i + 1, &args[i]) == SQLITE_OK
             || wm_sqlite_fail(sql);
    }

    ok = ok && wm_sqlite_steps(sql, pool, stmt, rows);

    (void) sqlite3_reset(stmt);         /* its fault is known already */
    (void) sqlite3_clear_bindings(stmt);

    return ok;
}


/* A file beside it: locks of the file itself are SQLite's. */

static bool
wm_sqlite_lock(wm_sql_t *sql)
{
    char         path[4096];
    const char  *name;

    if (sql->lock_fd >= 0) {
        return flock(sql->lock_fd, LOCK_EX | LOCK_NB) == 0;
    }

    name = sqlite3_db_filename(sql->db, "main");

    if (name == NULL || snprintf(path, sizeof(path), "%s-lock", name)
                        >= (int) sizeof(path))
    {
        return wm_sql_fail(sql, "its path is too long");
    }

    sql->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (sql->lock_fd < 0) {
        return wm_sql_fail(sql, "%s: %s", path, strerror(errno));
    }

    if (flock(sql->lock_fd, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }

    if (errno != EWOULDBLOCK) {
        (void) wm_sql_fail(sql, "%s: %s", path, strerror(errno));
    }

    return false;
}


static void
wm_sqlite_close(wm_sql_t *sql)
{
    size_t  i;

    for (i = 0; i < sql->nstatements; i++) {
        (void) sqlite3_finalize(sql->statements[i].handle);
    }

    (void) sqlite3_close(sql->db);

    if (sql->lock_fd >= 0) {
        (void) close(sql->lock_fd);
    }

    sql->db = NULL;
}


/* It holds what makes people readable, so it is nobody else's. */

static bool
wm_sqlite_file(wm_sql_t *sql, const char *path, bool make)
{
    int          fd, flags;
    bool         open_to_others, regular;
    struct stat  st;

    flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    fd = open(path, make ? flags | O_CREAT : flags, 0600);

    if (fd < 0 || fstat(fd, &st) != 0) {
        (void) wm_sql_fail(sql, "%s: %s", path, strerror(errno));

        if (fd >= 0) {
            (void) close(fd);
        }

        return false;
    }

    open_to_others = (st.st_mode & 077) != 0;
    regular = S_ISREG(st.st_mode);
    (void) close(fd);

    if (!regular) {
        return wm_sql_fail(sql, "%s is no regular file", path);
    }

    return !open_to_others
           || wm_sql_fail(sql, "others could read %s; chmod 600 it", path);
}


bool
wm_sqlite_open(wm_cli_t *cli, const char *path, bool make, wm_sql_t *sql)
{
    sqlite3  *db = NULL;

    (void) cli;

    /* ":memory:" would be acknowledged, and gone */

    if (path[0] == ':') {
        return wm_sql_fail(sql, "the path of a file must not begin with \":\"");
    }

    if (!wm_sqlite_file(sql, path, make)) {
        return false;
    }

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE
                        | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK)
    {
        (void) wm_sql_fail(sql, "%s: %s", path,
                           db != NULL ? sqlite3_errmsg(db) : "no memory");
        (void) sqlite3_close(db);
        return false;
    }

    sql->db = db;
    sql->script = wm_sqlite_script;
    sql->run = wm_sqlite_run;
    sql->lock = wm_sqlite_lock;
    sql->close = wm_sqlite_close;

    (void) sqlite3_busy_timeout(db, WM_SQLITE_WAIT_MS);
    (void) sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);

    return wm_sqlite_script(sql, WM_SQLITE_SETTINGS);
}
