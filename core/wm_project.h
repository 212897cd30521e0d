/*
 * The archive's tables of things (sql/0002-tables.sql), made from records.
 * One table here says which records feed which, and how; a record that it
 * does not know is archived all the same, in the state only.
 */

#ifndef WM_PROJECT_H
#define WM_PROJECT_H

#include "wm_reply.h"

/* Goes up when the table changes: then all rows are made anew. */
#define WM_PROJECT_VERSION  2
#define WM_PROJECT_COLUMNS  24

typedef enum {
    WM_SQL_NULL,
    WM_SQL_INT,
    WM_SQL_TEXT,            /* UTF-8 without NUL */
    WM_SQL_BYTES
} wm_sql_type_t;

typedef struct {
    wm_sql_type_t   type;
    wm_str_t        str;
    int64_t         num;
} wm_sql_value_t;

#define wm_sql_int(n)    ((wm_sql_value_t) { WM_SQL_INT, wm_null, n })
#define wm_sql_bytes(s)  ((wm_sql_value_t) { WM_SQL_BYTES, s, 0 })

/* What is no UTF-8, and NUL, becomes U+FFFD; NULL: none, or no memory. */
wm_sql_value_t wm_sql_text(wm_pool_t *pool, wm_str_t s);

typedef enum {
    WM_ROW_RECORD,          /* a hash is a row */
    WM_ROW_PARTS,           /* a field is a row, its value a:b:c */
    WM_ROW_JSON,            /* a field is a row, its value an object */
    WM_ROW_LOG              /* the field log of a hash is many rows */
} wm_row_kind_t;

typedef enum {
    WM_COLUMN_TEXT,
    WM_COLUMN_INT,
    WM_COLUMN_DAY,          /* of milliseconds, 2026-12-01 */
    WM_COLUMN_MONTH         /* 2026-12 */
} wm_column_kind_t;

typedef struct {
    const char        *name;
    wm_column_kind_t   kind;
    const char        *from;            /* a field of RECORD and JSON */
} wm_projected_t;

typedef struct {
    const char             *table;
    const char             *key;        /* "courses", or "order:" */
    wm_row_kind_t           kind;
    size_t                  nids;       /* columns that are the row's name */
    const char             *ids[2];
    size_t                  ncolumns;
    const wm_projected_t   *columns;
} wm_projection_t;

extern const wm_projection_t  wm_projections[];
extern const size_t           wm_nprojections;

/* Whether a key feeds a table; id is what stands behind its prefix. */
bool wm_project_reads(const wm_projection_t *p, wm_str_t name, wm_str_t *id);

/* Whether a field of the key is, or makes, a row. */
bool wm_project_takes(const wm_projection_t *p, wm_str_t field);

/*
 * The columns behind the ids, from a record (HGETALL) or a field's value.
 * False: nothing of the kind stands there, so there is no row.
 */
bool wm_project_record(wm_pool_t *pool, const wm_projection_t *p,
    const wm_reply_t *record, int offset, wm_sql_value_t *values);
bool wm_project_field(wm_pool_t *pool, const wm_projection_t *p,
    wm_str_t value, int offset, wm_sql_value_t *values);

/* The next step of a log; false: no more. */
bool wm_project_step(wm_pool_t *pool, const wm_projection_t *p, wm_str_t *log,
    wm_sql_value_t *values);

/*
 * The statements of a table, without values: $1 and so on.  wm_null: no
 * memory.
 */
wm_str_t wm_project_put(wm_pool_t *pool, const wm_projection_t *p);
wm_str_t wm_project_drop(wm_pool_t *pool, const wm_projection_t *p,
    size_t nids);

#endif /* WM_PROJECT_H */
