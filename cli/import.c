/*
 * Imports the sheets of a district.  All files are read and checked before
 * anything is written; what is wrong in one of them keeps them all out.
 *
 * A commit takes as many rows as it has conditions (16), each on condition
 * that the row is still what it was when it was read, so a longer file takes
 * several commits.  What breaks off between two of them leaves whole rows
 * behind, and the same import again goes on from there.  Rows that are the
 * same already are not written; rows that a file does not have stay.
 */

#include "import.h"

#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define WM_IMPORT_ATTEMPTS  5


static bool
wm_import_take(wm_cli_t *cli, wm_import_t *im, size_t id, wm_str_t path)
{
    wm_str_t     error;
    wm_sheet_t  *sheet = &im->sheets[id];

    if (sheet->file.data != NULL) {
        wm_say_error("%s.csv is given twice", wm_sheet_defs[id].name);
        return false;
    }

    sheet->file = path;

    if (!wm_file_read(cli->pool, path, WM_IMPORT_FILE_MAX, 0, &sheet->text,
                      &error))
    {
        wm_say_error("%s %s", path.data, error.data);
        return false;
    }

    return true;
}


static bool
wm_import_directory(wm_cli_t *cli, wm_import_t *im, wm_str_t dir)
{
    bool      any;
    size_t    i;
    wm_str_t  path;

    for (i = 0, any = false; i < WM_SHEET_MAX; i++) {
        path = wm_printf(cli->pool, "%s%s%s.csv", dir.data,
                         dir.data[dir.len - 1] == '/' ? "" : "/",
                         wm_sheet_defs[i].name);

        if (path.data == NULL) {
            wm_say_error("no memory");
            return false;
        }

        if (access(path.data, F_OK) != 0) {
            continue;
        }

        if (!wm_import_take(cli, im, i, path)) {
            return false;
        }

        any = true;
    }

    if (!any) {
        wm_say_error("%s has none of the files that can be imported",
                     dir.data);
    }

    return any;
}


static bool
wm_import_file(wm_cli_t *cli, wm_import_t *im, wm_str_t path)
{
    size_t    i;
    wm_str_t  name, rest;

    for (rest = path; wm_split(&rest, '/', &name); /* void */ ) {
        /* the last part */
    }

    for (i = 0; i < WM_SHEET_MAX; i++) {
        if (name.len == strlen(wm_sheet_defs[i].name) + 4
            && wm_starts(name, wm_sheet_defs[i].name)
            && wm_is((wm_str_t) { 4, name.data + name.len - 4 }, ".csv"))
        {
            return wm_import_take(cli, im, i, path);
        }
    }

    wm_say_error("%s: what a file holds is told by its name: practices.csv, "
                 "projects.csv, units.csv, courses.csv, teams.csv or "
                 "events.csv",
                 path.data);

    return false;
}


static bool
wm_import_files(wm_cli_t *cli, wm_import_t *im)
{
    bool         ok;
    size_t       i;
    struct stat  st;

    for (i = 0; i < WM_SHEET_MAX; i++) {
        im->sheets[i].def = &wm_sheet_defs[i];
    }

    for (i = 0, ok = true; ok && i < cli->noperands; i++) {
        ok = cli->operands[i].len > 0
             && stat(cli->operands[i].data, &st) == 0 && S_ISDIR(st.st_mode)
             ? wm_import_directory(cli, im, cli->operands[i])
             : wm_import_file(cli, im, cli->operands[i]);
    }

    return ok;
}


/* Forgets what an attempt before this one has read. */

static void
wm_import_reset(wm_import_t *im)
{
    size_t       i;
    wm_sheet_t  *sheet;

    im->broken = false;

    for (i = 0; i < WM_SHEET_MAX; i++) {
        sheet = &im->sheets[i];

        sheet->nrows = 0;
        sheet->rows = NULL;
        sheet->bad = 0;
        memset(&sheet->by_id, 0, sizeof(wm_index_t));
        memset(&sheet->stored, 0, sizeof(wm_index_t));
    }
}


static bool
wm_import_read(wm_import_t *im)
{
    size_t             i;
    wm_str_t           key;
    wm_sheet_t        *sheet;
    const wm_reply_t  *hash;

    for (i = 0; i < WM_SHEET_MAX; i++) {
        sheet = &im->sheets[i];

        key = wm_key(im->pool, im->district, "%s",
                     i == WM_SHEET_EVENTS ? "imports" : sheet->def->name);
        hash = wm_redis_hash(im->redis, im->pool, key);

        if (hash == NULL) {
            return false;
        }

        if (!wm_index_load(im->pool, &sheet->stored, hash)
            || (sheet->file.data != NULL && !wm_sheet_read(im, sheet)))
        {
            wm_say_error("no memory");
            return false;
        }
    }

    return true;
}


static bool
wm_import_check(wm_import_t *im)
{
    size_t  i, bad;

    if (!im->broken) {
        wm_refs_check(im);
    }

    for (i = 0, bad = 0; i < WM_SHEET_MAX; i++) {
        wm_sheet_more(&im->sheets[i]);
        bad += im->sheets[i].bad;
    }

    if (bad > 0) {
        wm_say_error("nothing was imported");
    }

    return bad == 0;
}


static bool
wm_import_has(const wm_sheet_t *sheet, wm_str_t name)
{
    size_t  i;

    for (i = 0; i < sheet->def->ncolumns; i++) {
        if (wm_is(name, sheet->def->columns[i].name)) {
            return true;
        }
    }

    return wm_is(name, "path");
}


/*
 * What no column has is the desk's: who provides a course, that it was taken
 * off the menu.  It stays.
 */

static void
wm_import_rest(wm_import_t *im, const wm_sheet_t *sheet, wm_doc_t *doc,
    wm_str_t old)
{
    wm_doc_t  *stored, **link;

    stored = old.len > 0 ? wm_doc_parse(im->pool, old) : NULL;
    if (stored == NULL) {
        return;
    }

    for (link = &stored->first, stored->last = NULL; *link != NULL;
         /* void */ )
    {
        if (wm_import_has(sheet, (*link)->key)) {
            *link = (*link)->next;

        } else {
            stored->last = *link;
            link = &(*link)->next;
        }
    }

    wm_doc_join(doc, stored);
}


/* What Redis keeps of a row, always written the same way. */

static wm_str_t
wm_import_json(wm_import_t *im, const wm_sheet_t *sheet, const wm_row_t *row,
    wm_str_t old)
{
    size_t              i;
    wm_buf_t            b;
    wm_doc_t           *doc;
    const wm_column_t  *column;

    doc = wm_doc_new(im->pool);
    if (doc == NULL) {
        return wm_null;
    }

    for (i = 1; i < sheet->def->ncolumns; i++) {
        column = &sheet->def->columns[i];

        if (column->type == WM_CELL_NUMBER && !column->required
            && row->nums[i] == 0)
        {
            continue;
        }

        if ((column->type == WM_CELL_NUMBER
             ? wm_doc_int(doc, column->name, row->nums[i])
             : wm_doc_str(doc, column->name, row->cells[i])) == NULL)
        {
            return wm_null;
        }
    }

    if (row->path.data != NULL && wm_doc_str(doc, "path", row->path) == NULL) {
        return wm_null;
    }

    wm_import_rest(im, sheet, doc, old);

    wm_buf_init(&b, im->pool, 512);
    wm_doc_write(&b, doc);

    return wm_buf_str(&b);
}


static int
wm_import_send(wm_import_t *im, wm_sheet_t *sheet, wm_commit_t *c,
    size_t added)
{
    wm_commit_result_t  result;

    if (!wm_redis_commit(im->redis, c, &result)) {
        return WM_CLI_PROBLEM;
    }

    if (result.status == WM_COMMIT_UNMET) {
        return WM_IMPORT_LOST;
    }

    sheet->added += added;
    sheet->changed += c->neffects - added;

    return WM_CLI_OK;
}


static int
wm_import_rows(wm_import_t *im, wm_sheet_t *sheet)
{
    int               rc;
    size_t            i, added;
    wm_str_t          key, id, old;
    wm_commit_t      *c;
    const wm_pair_t  *pair;

    c = NULL;
    added = 0;
    key = wm_key(im->pool, im->district, "%s", sheet->def->name);

    for (i = 0; i < sheet->nrows; i++) {
        id = sheet->rows[i].id;
        pair = wm_index_find(&sheet->stored, id);
        old = pair != NULL ? pair->value : wm_lit("");

        sheet->rows[i].json = wm_import_json(im, sheet, &sheet->rows[i], old);

        if (sheet->rows[i].json.data != NULL
            && wm_eq(sheet->rows[i].json, old))
        {
            continue;
        }

        if (c == NULL) {
            added = 0;
            c = wm_commit_new(im->pool, im->district, WM_OP_IMPORT, im->actor,
                              im->now_ms);
        }

        if (c == NULL || sheet->rows[i].json.data == NULL) {
            wm_say_error("no memory");
            return WM_CLI_PROBLEM;
        }

        wm_need(c, HEQ, key, id, old);
        wm_do(c, HSET, key, id, sheet->rows[i].json);
        added += pair == NULL;

        if (c->nneeds == WM_IMPORT_ROWS) {
            rc = wm_import_send(im, sheet, c, added);
            if (rc != WM_CLI_OK) {
                return rc;
            }

            c = NULL;
        }
    }

    return c != NULL ? wm_import_send(im, sheet, c, added) : WM_CLI_OK;
}


static int
wm_import_attempt(wm_import_t *im)
{
    int     rc;
    size_t  i;

    wm_import_reset(im);

    if (!wm_import_read(im) || !wm_import_check(im)) {
        return WM_CLI_PROBLEM;
    }

    for (i = 0, rc = WM_CLI_OK; rc == WM_CLI_OK && i < WM_SHEET_MAX; i++) {
        rc = i == WM_SHEET_EVENTS ? wm_import_events(im, &im->sheets[i])
                                  : wm_import_rows(im, &im->sheets[i]);
    }

    return rc;
}


static void
wm_import_report(const wm_import_t *im, bool whole)
{
    size_t             i, same;
    const wm_sheet_t  *s;

    for (i = 0; i < WM_SHEET_MAX; i++) {
        s = &im->sheets[i];
        same = s->nrows - s->added - s->changed;

        if (s->file.data == NULL) {
            continue;
        }

        if (whole) {
            printf("%-14s %zu added, %zu changed, %zu unchanged\n",
                   basename((char *) s->file.data), s->added, s->changed,
                   same);

        } else if (s->added + s->changed > 0) {
            printf("%-14s %zu added, %zu changed; the rest is left to "
                   "another try\n", basename((char *) s->file.data), s->added,
                   s->changed);
        }
    }
}


static int
wm_import_run(wm_cli_t *cli, wm_import_t *im)
{
    int  i, rc;

    rc = WM_IMPORT_LOST;

    for (i = 0; i < WM_IMPORT_ATTEMPTS && rc == WM_IMPORT_LOST; i++) {
        im->pool = wm_heap_create();

        if (im->pool == NULL) {
            wm_say_error("no memory");
            return WM_CLI_PROBLEM;
        }

        im->now_ms = wm_say_now_ms();
        rc = wm_import_attempt(im);

        wm_heap_destroy(im->pool);
    }

    im->pool = cli->pool;
    wm_import_report(im, rc == WM_CLI_OK);

    if (rc == WM_IMPORT_LOST) {
        wm_say_error("somebody else keeps changing the same rows; try again");
    }

    return rc == WM_CLI_OK ? WM_CLI_OK : WM_CLI_PROBLEM;
}


int
wm_cli_import(wm_cli_t *cli)
{
    wm_import_t  *im;

    im = wm_calloc(cli->pool, sizeof(wm_import_t));
    if (im == NULL) {
        wm_say_error("no memory");
        return WM_CLI_PROBLEM;
    }

    im->district = wm_conf_district(cli);

    if (im->district.data == NULL || !wm_conf_offset(cli, &im->offset)
        || wm_cli_need(cli, WM_OPT_REDIS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    im->actor = wm_say_actor(cli->pool);

    if (im->actor.data == NULL || !wm_import_files(cli, im)) {
        return WM_CLI_PROBLEM;
    }

    im->redis = wm_redis_get(cli);

    return im->redis != NULL ? wm_import_run(cli, im) : WM_CLI_PROBLEM;
}
