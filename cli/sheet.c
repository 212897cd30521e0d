#include "import.h"
#include "csv.h"
#include "wm_text.h"

#include <stdio.h>

#define WM_SHEET_SAY   20
#define WM_SHEET_ROWS  100000

static const wm_column_t  wm_practice_columns[] = {
    { "id",           WM_CELL_ID,         true,   1,  64,     0 },
    { "title",        WM_CELL_TEXT,       true,   1,  80,     0 }
};

static const wm_column_t  wm_project_columns[] = {
    { "id",           WM_CELL_ID,         true,   1,  64,     0 },
    { "number",       WM_CELL_NUMBER,     true,   1,  9999,   0 },
    { "title",        WM_CELL_TEXT,       true,   1,  80,     0 },
    { "provider",     WM_CELL_TEXT,       true,   1,  80,     0 },
    { "per_year",     WM_CELL_NUMBER,     true,   0,  100000, 0 }
};

static const wm_column_t  wm_unit_columns[] = {
    { "id",           WM_CELL_ID,         true,   1,  64,     0 },
    { "type",         WM_CELL_UNIT_TYPE,  true,   0,  0,      0 },
    { "parent",       WM_CELL_REF,        false,  0,  0,      WM_SHEET_UNITS },
    { "name",         WM_CELL_TEXT,       true,   1,  80,     0 },
    { "head",         WM_CELL_TEXT,       false,  1,  40,     0 },
    { "contact",      WM_CELL_TEXT,       false,  1,  80,     0 },
    { "address",      WM_CELL_TEXT,       false,  1,  120,    0 },
    { "lat",          WM_CELL_DEGREES,    false,  0,  90,     0 },
    { "lng",          WM_CELL_DEGREES,    false,  0,  180,    0 }
};

static const wm_column_t  wm_course_columns[] = {
    { "id",           WM_CELL_ID,     true,  1,  64,    0 },
    { "title",        WM_CELL_TEXT,   true,  1,  80,    0 },
    { "practice",     WM_CELL_REF,    true,  0,  0,     WM_SHEET_PRACTICES },
    { "project",      WM_CELL_REF,    true,  0,  0,     WM_SHEET_PROJECTS },
    { "provider",     WM_CELL_TEXT,   true,  1,  80,    0 },
    { "summary",      WM_CELL_LINES,  true,  1,  1000,  0 },
    { "duration_min", WM_CELL_NUMBER, true,  1,  10080, 0 },
    { "audience",     WM_CELL_TEXT,   true,  1,  80,    0 },
    { "opens_at",     WM_CELL_NUMBER, false, 0,  1000,  0 }
};

static const wm_column_t  wm_team_columns[] = {
    { "id",           WM_CELL_ID,         true,   1,  64,     0 },
    { "kind",         WM_CELL_TEAM_KIND,  true,   0,  0,      0 },
    { "unit",         WM_CELL_REF,        true,   0,  0,      WM_SHEET_UNITS },
    { "name",         WM_CELL_TEXT,       true,   1,  80,     0 }
};

/* as wm_event_fields has them, but all that publishing needs */

static const wm_column_t  wm_event_columns[] = {
    { "id",           WM_CELL_ID,     true,   1,  64,     0 },
    { "course",       WM_CELL_REF,    true,   0,  0,      WM_SHEET_COURSES },
    { "unit",         WM_CELL_REF,    true,   0,  0,      WM_SHEET_UNITS },
    { "title",        WM_CELL_TEXT,   true,   1,  80,     0 },
    { "place",        WM_CELL_TEXT,   true,   1,  120,    0 },
    { "audience",     WM_CELL_TEXT,   true,   1,  80,     0 },
    { "content",      WM_CELL_LINES,  true,   1,  2000,   0 },
    { "start",        WM_CELL_START,  true,   0,  0,      0 },
    { "minutes",      WM_CELL_NUMBER, true,   1,  10080,  0 },
    { "capacity",     WM_CELL_NUMBER, false,  0,  100000, 0 }
};

#define wm_columns(c)  wm_countof(c), c

const wm_sheet_def_t  wm_sheet_defs[] = {
    { "practices", "practice", wm_columns(wm_practice_columns) },
    { "projects",  "project",  wm_columns(wm_project_columns) },
    { "units",     "unit",     wm_columns(wm_unit_columns) },
    { "courses",   "course",   wm_columns(wm_course_columns) },
    { "teams",     "team",     wm_columns(wm_team_columns) },
    { "events",    "event",    wm_columns(wm_event_columns) }
};


size_t
wm_sheet_column(const wm_sheet_t *sheet, const char *name)
{
    size_t  i;

    for (i = 0; i + 1 < sheet->def->ncolumns; i++) {
        if (strcmp(sheet->def->columns[i].name, name) == 0) {
            break;
        }
    }

    return i;
}


void
wm_sheet_bad(wm_import_t *im, wm_sheet_t *sheet, unsigned line, size_t column,
    wm_str_t why)
{
    bool  named;

    if (++sheet->bad > WM_SHEET_SAY) {
        return;
    }

    named = column < sheet->def->ncolumns;

    fflush(stdout);
    fprintf(stderr, "%s:%u:%s%scolumn %zu%s: %s\n",
            wm_say_safe(im->pool, sheet->file), line,
            named ? sheet->def->columns[column].name : "", named ? " (" : "",
            column + 1, named ? ")" : "",
            why.data != NULL ? why.data : "no memory");
}


void
wm_sheet_more(const wm_sheet_t *sheet)
{
    if (sheet->bad > WM_SHEET_SAY) {
        fprintf(stderr, "%s.csv: and %zu more\n", sheet->def->name,
                sheet->bad - WM_SHEET_SAY);
    }

    if (sheet->bad > 0) {
        fprintf(stderr, "%s.csv: %zu problem%s\n", sheet->def->name,
                sheet->bad, sheet->bad == 1 ? "" : "s");
    }
}


/* Whether a header may end before a column, and have none behind it. */

static bool
wm_sheet_may_end(const wm_sheet_def_t *def, size_t column)
{
    for (/* void */; column < def->ncolumns; column++) {
        if (def->columns[column].required) {
            return false;
        }
    }

    return true;
}


static void
wm_sheet_header(wm_import_t *im, wm_sheet_t *sheet, wm_csv_t *csv)
{
    size_t                 i;
    const wm_sheet_def_t  *def = sheet->def;

    for (i = 0; i < def->ncolumns; i++) {
        if (i == csv->n && wm_sheet_may_end(def, i)) {
            break;
        }

        if (i >= csv->n || !wm_is(csv->cells[i], def->columns[i].name)) {
            wm_sheet_bad(im, sheet, csv->row_line, i,
                         wm_printf(im->pool, "the header must have \"%s\" "
                                   "here, not \"%s\"", def->columns[i].name,
                                   i >= csv->n ? "" : wm_say_safe(im->pool,
                                                          csv->cells[i])));
            im->broken = true;
            return;
        }
    }

    if (csv->n > def->ncolumns) {
        wm_sheet_bad(im, sheet, csv->row_line, def->ncolumns,
                     wm_printf(im->pool, "the header must end after %zu "
                               "columns", def->ncolumns));
        im->broken = true;
    }

    sheet->ncolumns = i;
}


static void
wm_sheet_row(wm_import_t *im, wm_sheet_t *sheet, wm_csv_t *csv, wm_row_t *row)
{
    size_t                 i;
    wm_str_t               why;
    const wm_sheet_def_t  *def = sheet->def;

    memset(row, 0, sizeof(wm_row_t));

    row->line = csv->row_line;
    row->id = wm_text_trim(csv->cells[0]);

    if (csv->n != sheet->ncolumns) {
        row->bad = true;
        wm_sheet_bad(im, sheet, row->line,
                     csv->n < sheet->ncolumns ? csv->n : sheet->ncolumns,
                     wm_printf(im->pool, "the row has %zu columns, the header "
                               "%zu", csv->n, sheet->ncolumns));
        return;
    }

    for (i = 0; i < def->ncolumns; i++) {
        row->cells[i] = i < csv->n ? wm_text_trim(csv->cells[i])
                                   : wm_lit("");
        why = wm_cell_check(im, &def->columns[i], row->cells[i],
                            &row->nums[i]);

        if (why.data != NULL) {
            row->bad = true;
            wm_sheet_bad(im, sheet, row->line, i, why);
        }
    }
}


static wm_row_t *
wm_sheet_grow(wm_import_t *im, wm_sheet_t *sheet)
{
    size_t     cap;
    wm_row_t  *rows;

    /* full whenever the number of rows is a power of two from 64 */

    if (sheet->nrows == 0
        || (sheet->nrows >= 64 && (sheet->nrows & (sheet->nrows - 1)) == 0))
    {
        cap = sheet->nrows > 0 ? 2 * sheet->nrows : 64;

        rows = wm_alloc(im->pool, cap * sizeof(wm_row_t));
        if (rows == NULL) {
            return NULL;
        }

        if (sheet->nrows > 0) {
            memcpy(rows, sheet->rows, sheet->nrows * sizeof(wm_row_t));
        }

        sheet->rows = rows;
    }

    return &sheet->rows[sheet->nrows++];
}


static bool
wm_sheet_index(wm_import_t *im, wm_sheet_t *sheet)
{
    size_t       i;
    wm_index_t  *index = &sheet->by_id;

    index->n = sheet->nrows;
    index->pairs = wm_alloc(im->pool, index->n * sizeof(wm_pair_t) + 1);

    if (index->pairs == NULL) {
        return false;
    }

    for (i = 0; i < index->n; i++) {
        index->pairs[i] = (wm_pair_t) { sheet->rows[i].id, wm_null,
                                        &sheet->rows[i] };
    }

    wm_index_sort(index);

    for (i = 1; i < index->n; i++) {
        if (wm_eq(index->pairs[i - 1].key, index->pairs[i].key)) {
            index->pairs[i].row->bad = true;
            wm_sheet_bad(im, sheet, index->pairs[i].row->line, 0,
                         wm_printf(im->pool, "\"%s\" is the id of line %u "
                                   "already",
                                   wm_say_safe(im->pool, index->pairs[i].key),
                                   index->pairs[i - 1].row->line));
        }
    }

    return true;
}


static bool
wm_sheet_rows(wm_import_t *im, wm_sheet_t *sheet, wm_csv_t *csv)
{
    wm_row_t         *row;
    wm_csv_result_t   rc;

    while ((rc = wm_csv_next(csv)) == WM_CSV_ROW) {
        if (sheet->nrows == WM_SHEET_ROWS) {
            wm_sheet_bad(im, sheet, csv->row_line, 0,
                         wm_printf(im->pool, "more than %d rows",
                                   WM_SHEET_ROWS));
            im->broken = true;
            return true;
        }

        row = wm_sheet_grow(im, sheet);
        if (row == NULL) {
            return false;
        }

        wm_sheet_row(im, sheet, csv, row);
    }

    if (rc == WM_CSV_BAD) {
        wm_sheet_bad(im, sheet, csv->row_line, csv->n,
                     wm_printf(im->pool, "%s; the rest of the file was not "
                               "looked at", csv->why));
        im->broken = true;
    }

    return rc != WM_CSV_NO_MEMORY;
}


bool
wm_sheet_read(wm_import_t *im, wm_sheet_t *sheet)
{
    bool              broken;
    wm_csv_t          csv;
    wm_csv_result_t   rc;

    wm_csv_init(&csv, im->pool, sheet->text);

    rc = wm_csv_next(&csv);

    if (rc == WM_CSV_NO_MEMORY) {
        return false;
    }

    if (rc == WM_CSV_BAD) {
        wm_sheet_bad(im, sheet, csv.row_line, csv.n, wm_str(csv.why));
        im->broken = true;
        return true;
    }

    broken = im->broken;
    im->broken = false;

    wm_sheet_header(im, sheet, &csv);

    if (im->broken) {
        return true;                    /* nothing below it means anything */
    }

    im->broken = broken;

    return wm_sheet_rows(im, sheet, &csv) && wm_sheet_index(im, sheet);
}
