/*
 * An import under way: the sheets (sheet.c), what the cells may hold
 * (cell.c), how rows refer to each other (refs.c), and what is written
 * (import.c, import_events.c).
 */

#ifndef WM_IMPORT_H
#define WM_IMPORT_H

#include "cli.h"
#include "wm_catalogue.h"

#define WM_IMPORT_FILE_MAX  (16 * 1024 * 1024)
#define WM_IMPORT_COLUMNS   10
#define WM_IMPORT_ROWS      16          /* in one commit */
#define WM_IMPORT_LOST      3           /* beside the exit codes: a race */

typedef enum {
    WM_SHEET_PRACTICES,
    WM_SHEET_PROJECTS,
    WM_SHEET_UNITS,
    WM_SHEET_COURSES,
    WM_SHEET_TEAMS,
    WM_SHEET_EVENTS,
    WM_SHEET_MAX
} wm_sheet_id_t;

typedef enum {
    WM_CELL_ID,
    WM_CELL_TEXT,           /* one line; min and max count characters */
    WM_CELL_LINES,
    WM_CELL_NUMBER,         /* min to max; empty is 0 where it may be */
    WM_CELL_DEGREES,        /* -max to max, with decimals */
    WM_CELL_UNIT_TYPE,
    WM_CELL_TEAM_KIND,
    WM_CELL_REF,            /* the id of a row of sheet ref */
    WM_CELL_START           /* +Nd HH:MM or YYYY-MM-DDTHH:MM */
} wm_cell_type_t;

typedef struct {
    const char      *name;
    wm_cell_type_t   type;
    bool             required;
    uint32_t         min, max;
    wm_sheet_id_t    ref;
} wm_column_t;

typedef struct {
    const char         *name;           /* of the hash; the file adds .csv */
    const char         *one;            /* of what stands in a row */
    size_t              ncolumns;       /* those at the end may be missing */
    const wm_column_t  *columns;        /* where none is required */
} wm_sheet_def_t;

typedef struct {
    unsigned   line;
    bool       bad;
    wm_str_t   id;
    wm_str_t   path;                    /* of a unit, once it is known */
    wm_str_t   json;
    wm_str_t   cells[WM_IMPORT_COLUMNS];
    int64_t    nums[WM_IMPORT_COLUMNS];
} wm_row_t;

/* Sorted by key. */
typedef struct {
    wm_str_t    key;
    wm_str_t    value;
    wm_row_t   *row;
} wm_pair_t;

typedef struct {
    size_t      n;
    wm_pair_t  *pairs;
} wm_index_t;

typedef struct {
    const wm_sheet_def_t  *def;
    wm_str_t               file;        /* wm_null: not in this import */
    wm_str_t               text;
    size_t                 ncolumns;    /* that its header has */
    size_t                 nrows;
    wm_row_t              *rows;
    wm_index_t             by_id;
    wm_index_t             stored;      /* HGETALL; events: imports */
    size_t                 bad;
    size_t                 added;
    size_t                 changed;
} wm_sheet_t;

typedef struct {
    wm_pool_t    *pool;                 /* of one attempt */
    wm_redis_t   *redis;
    wm_str_t      district;
    wm_str_t      actor;
    int           offset;
    int64_t       now_ms;
    bool          broken;               /* a file that cannot be read on */
    wm_sheet_t    sheets[WM_SHEET_MAX];
} wm_import_t;

extern const wm_sheet_def_t  wm_sheet_defs[];


/* index.c */

void wm_index_sort(wm_index_t *index);
/* The first of those with the key; NULL when there is none. */
const wm_pair_t *wm_index_find(const wm_index_t *index, wm_str_t key);
bool wm_index_load(wm_pool_t *pool, wm_index_t *index,
    const wm_reply_t *hash);


/*
 * sheet.c: reads a sheet and checks each of its cells.  What is wrong goes
 * to stderr, as file:line:column: what, and counts in bad.  False: no memory.
 */

bool wm_sheet_read(wm_import_t *im, wm_sheet_t *sheet);
void wm_sheet_bad(wm_import_t *im, wm_sheet_t *sheet, unsigned line,
    size_t column, wm_str_t why);
void wm_sheet_more(const wm_sheet_t *sheet);

/* The cell of a column by name. */
size_t wm_sheet_column(const wm_sheet_t *sheet, const char *name);


/* cell.c: wm_null when the cell is good, else what is wrong with it */

wm_str_t wm_cell_check(wm_import_t *im, const wm_column_t *column, wm_str_t s,
    int64_t *num);


/* refs.c: that every reference leads somewhere, and the paths of units */

void wm_refs_check(wm_import_t *im);

/* A unit of this import or of Redis. */
bool wm_refs_unit(wm_import_t *im, wm_str_t id, wm_unit_t *unit);


/* import_events.c: OK, PROBLEM or LOST */

int wm_import_events(wm_import_t *im, wm_sheet_t *sheet);

#endif /* WM_IMPORT_H */
