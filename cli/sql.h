/*
 * A database behind one small interface: sqlite.c and postgres.c.  Statements
 * are constant texts with $1, $2 and so on in this order, which both read;
 * values are always parameters.
 */

#ifndef WM_SQL_H
#define WM_SQL_H

#include "cli.h"
#include "wm_project.h"

#define WM_SQL_STATEMENTS  128          /* prepared by one connection */
#define WM_SQL_ARGS        24

typedef struct wm_sql_s  wm_sql_t;

typedef struct {
    size_t           n;
    size_t           ncolumns;
    wm_sql_value_t  *cells;             /* row by row */
} wm_sql_rows_t;

#define wm_sql_cell(rows, row, column)                                       \
    (&(rows)->cells[(row) * (rows)->ncolumns + (column)])

struct wm_sql_s {
    /* Several statements without parameters. */
    bool       (*script)(wm_sql_t *sql, const char *text);

    /*
     * rows live in pool.  Without rows (NULL) it may be told only by a later
     * call, the script "COMMIT" at the latest, that a statement failed.
     */
    bool       (*run)(wm_sql_t *sql, wm_pool_t *pool, const char *text,
                      const wm_sql_value_t *args, size_t n,
                      wm_sql_rows_t *rows);

    /* Until it is closed; false, and no error: somebody else has it. */
    bool       (*lock)(wm_sql_t *sql);
    void       (*close)(wm_sql_t *sql);

    void        *db;
    int          lock_fd;
    size_t       sent;                  /* statements without a result yet */
    size_t       nstatements;
    struct {
        const char  *text;              /* told apart by their place */
        void        *handle;
    } statements[WM_SQL_STATEMENTS];

    char         error[256];
};

#define wm_sql_args(...)                                                     \
    (const wm_sql_value_t[]) { __VA_ARGS__ },                                \
    sizeof((const wm_sql_value_t[]) { __VA_ARGS__ })                         \
    / sizeof(wm_sql_value_t)

#define WM_SQL_ADDRESSES  "sqlite:PATH or postgresql://USER@HOST/DATABASE"

/* Whether it looks like one: sqlite:PATH, postgresql://..., postgres://... */
bool wm_sql_is_address(wm_str_t where);

/*
 * sql is what to close, also
 * when it failed.  make: a SQLite file that is not there is made.
 */
bool wm_sql_open(wm_cli_t *cli, wm_str_t where, bool make, wm_sql_t *sql);
bool wm_sqlite_open(wm_cli_t *cli, const char *path, bool make,
    wm_sql_t *sql);
bool wm_postgres_open(wm_cli_t *cli, const char *where, wm_sql_t *sql);

/* False, always: for the reader. */
bool wm_sql_fail(wm_sql_t *sql, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The place of a statement, or of a free one; NULL: there are too many. */
void **wm_sql_statement(wm_sql_t *sql, const char *text);

/* Carries out the migrations that it has not seen yet. */
bool wm_sql_migrate(wm_sql_t *sql, wm_pool_t *pool);

/* False, and an error, when its tables are not those of this tool. */
bool wm_sql_check(wm_sql_t *sql, wm_pool_t *pool);

#endif /* WM_SQL_H */
