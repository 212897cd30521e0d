#include "sql.h"
#include "wm_embed.h"

#include <stdarg.h>
#include <stdio.h>

#define WM_SQL_MADE                                                          \
    "CREATE TABLE IF NOT EXISTS migrations ("                                \
    "number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, "               \
    "done_ms BIGINT NOT NULL)"


bool
wm_sql_fail(wm_sql_t *sql, const char *fmt, ...)
{
    char     text[sizeof(sql->error)];
    size_t   n;
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    /* a message of PostgreSQL has several lines */

    for (n = strlen(text); n > 0 && text[n - 1] == '\n'; n--) {
        text[n - 1] = '\0';
    }

    for (n = 0; text[n] != '\0'; n++) {
        text[n] = (char) ((unsigned char) text[n] < 0x20 ? ' ' : text[n]);
    }

    memcpy(sql->error, text, sizeof(text));

    return false;
}


void **
wm_sql_statement(wm_sql_t *sql, const char *text)
{
    size_t  i;

    for (i = 0; i < sql->nstatements; i++) {
        if (sql->statements[i].text == text) {
            return &sql->statements[i].handle;
        }
    }

    if (i == WM_SQL_STATEMENTS) {
        (void) wm_sql_fail(sql, "too many statements");
        return NULL;
    }

    sql->statements[i].text = text;
    sql->statements[i].handle = NULL;
    sql->nstatements++;

    return &sql->statements[i].handle;
}


static bool
wm_sql_is_file(wm_str_t where)
{
    return wm_starts(where, "sqlite:") && where.len > sizeof("sqlite:") - 1;
}


static bool
wm_sql_is_server(wm_str_t where)
{
    return wm_starts(where, "postgresql://")
           || wm_starts(where, "postgres://");
}


bool
wm_sql_is_address(wm_str_t where)
{
    return wm_sql_is_file(where) || wm_sql_is_server(where);
}


bool
wm_sql_open(wm_cli_t *cli, wm_str_t where, bool make, wm_sql_t *sql)
{
    memset(sql, 0, sizeof(wm_sql_t));
    sql->lock_fd = -1;

    if (wm_sql_is_file(where)) {
        return wm_sqlite_open(cli, where.data + sizeof("sqlite:") - 1, make,
                              sql);
    }

    if (wm_sql_is_server(where)) {
        return wm_postgres_open(cli, where.data, sql);
    }

    return wm_sql_fail(sql, "an archive is " WM_SQL_ADDRESSES);
}


static bool
wm_sql_version(wm_sql_t *sql, wm_pool_t *pool, int64_t *version)
{
    wm_sql_rows_t  rows;

    if (!sql->run(sql, pool, "SELECT COALESCE(MAX(number), 0) FROM migrations",
                  NULL, 0, &rows))
    {
        return false;
    }

    *version = rows.n == 1 ? rows.cells[0].num : 0;

    return true;
}


static int64_t
wm_sql_newest(void)
{
    size_t  i;

    for (i = 0; wm_migrations[i].name.data != NULL; i++) {
        /* void */
    }

    return (int64_t) i;
}


static bool
wm_sql_migrate_one(wm_sql_t *sql, wm_pool_t *pool, int64_t number)
{
    const wm_embedded_t  *m = &wm_migrations[number - 1];

    return sql->script(sql, "BEGIN")
           && sql->script(sql, m->text.data)
           && sql->run(sql, pool, "INSERT INTO migrations (number, name, "
                       "done_ms) VALUES ($1, $2, $3)",
                       wm_sql_args(wm_sql_int(number),
                                   wm_sql_text(pool, m->name),
                                   wm_sql_int(wm_say_now_ms())), NULL)
           && sql->script(sql, "COMMIT");
}


bool
wm_sql_migrate(wm_sql_t *sql, wm_pool_t *pool)
{
    int64_t  version, newest;

    newest = wm_sql_newest();

    if (!sql->script(sql, WM_SQL_MADE)
        || !wm_sql_version(sql, pool, &version))
    {
        return false;
    }

    for ( /* void */ ; version < newest; version++) {
        if (!wm_sql_migrate_one(sql, pool, version + 1)) {
            return false;
        }
    }

    return version == newest
           || wm_sql_fail(sql, "the archive is of a newer wenming");
}


bool
wm_sql_check(wm_sql_t *sql, wm_pool_t *pool)
{
    int64_t  version;

    if (!wm_sql_version(sql, pool, &version)) {
        return false;
    }

    return version == wm_sql_newest()
           || wm_sql_fail(sql, version > wm_sql_newest()
                               ? "the archive is of a newer wenming"
                               : "the archive is of an older wenming: "
                                 "\"wenming archive\" brings it up to date");
}
