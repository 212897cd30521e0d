/*
 * An archive: what stands in its tables (store.c), how the journal gets there
 * (archive.c), how it is trimmed behind that (trim.c), and the way back
 * (restore.c).  docs/archive.md has the whole of it.
 */

#ifndef WM_ARCHIVE_H
#define WM_ARCHIVE_H

#include "sql.h"
#include "wm_mirror.h"

#define WM_STORE_TABLES  16             /* as many projections, at most */

/* What a batch changed, by projection; SIZE_MAX: private fields. */
typedef struct {
    size_t            projection;
    wm_str_t          name;
    wm_str_t          field;            /* wm_null: the whole key */
} wm_touched_t;

typedef struct {
    wm_sql_t          sql;
    wm_pool_t        *pool;             /* as long as it is open */
    wm_pool_t        *page;             /* of a batch */
    wm_str_t          district;
    wm_str_t          head;             /* "wm:{district}:" */
    int               offset;

    char              id[WM_ID_LEN + 1];
    uint64_t          number;           /* of the last entry; 0: none yet */
    char              hash[41];
    char              entry[48];        /* its id; "0-0" */
    int64_t           event_number;
    int64_t           archived_ms;
    int64_t           projection;

    int64_t           next_end;         /* when the next key ends */

    size_t            ntouched, cap;
    wm_touched_t     *touched;

    wm_str_t          put[WM_STORE_TABLES];
    wm_str_t          drop[WM_STORE_TABLES][3];     /* by ids given */

    wm_str_t          broken;           /* why the journal is */
    bool              busy;             /* another archiver has it */
} wm_store_t;

typedef enum {
    WM_STORE_OK,
    WM_STORE_KNOWN,                     /* it is there already */
    WM_STORE_BROKEN,                    /* nothing was changed by it */
    WM_STORE_FAILED
} wm_store_result_t;

/*
 * Opens an archive and reads how far it is; make: also makes one.  False: said
 * why, but for busy.  Whatever the outcome, it is to be closed.
 */
bool wm_store_open(wm_cli_t *cli, wm_str_t where, bool make,
    wm_store_t *store);
void wm_store_close(wm_store_t *store);

/*
 * Opens one to read its rows, as they are at this moment: what is written
 * meanwhile is not seen.
 */
bool wm_store_open_read(wm_cli_t *cli, wm_str_t where, wm_store_t *store);

/* The path of a unit; wm_null when none is given.  False: said why. */
bool wm_store_unit(wm_store_t *store, wm_str_t unit, wm_str_t *path);

/* false: said why. */
bool wm_store_begin(wm_store_t *store, wm_pool_t *page);
bool wm_store_commit(wm_store_t *store, int64_t event_number);
void wm_store_rollback(wm_store_t *store);

/* w as it stands in the stream. */
wm_store_result_t wm_store_entry(wm_store_t *store, const wm_entry_t *e,
    wm_str_t w);

/* Whether an entry follows on the last; false: store->broken says why not. */
bool wm_store_follows(wm_store_t *store, const wm_entry_t *e);

/*
 * The keys of this batch that have private fields, sorted, one after the
 * other from *i on; wm_null: no more.
 */
wm_str_t wm_store_secretive(wm_store_t *store, size_t *i);

/* A private field as it is now; a value of wm_null: it is gone. */
bool wm_store_secret(wm_store_t *store, wm_str_t name, const char *field,
    wm_str_t value);

/* Makes the rows of things: of what was touched, or all. */
bool wm_store_project(wm_store_t *store);
bool wm_store_project_all(wm_store_t *store);

/* Says what the database said, and is false. */
bool wm_store_complain(wm_store_t *store);

/*
 * As "archive" does; *busy: nothing was done, and nothing said, as somebody
 * else is at work on it.  An exit code.
 */
int wm_archive_now(wm_cli_t *cli, bool *busy);

/*
 * The archive that the option names, or else the configuration; wm_null: said
 * what is wanted.
 */
wm_str_t wm_archive_address(wm_cli_t *cli, wm_opt_t option);


/* archived.c: what Redis knows of its archives */

/* "number ms entry" of wm:{district}:archived */
typedef struct {
    wm_str_t    id;
    uint64_t    number;
    uint64_t    archived_ms;
    wm_str_t    entry;
} wm_archived_t;

bool wm_archived_load(wm_str_t id, wm_str_t value, wm_archived_t *a);


/* trim.c */

typedef struct {
    bool        wanted;
    int64_t     age_ms;                 /* -1: any */
    uint64_t    count;                  /* that are left at least */
} wm_trim_t;

bool wm_trim_options(wm_cli_t *cli, wm_trim_t *trim);
bool wm_trim_journal(wm_store_t *store, wm_redis_t *redis,
    const wm_trim_t *trim, wm_pool_t *pool);

#endif /* WM_ARCHIVE_H */
