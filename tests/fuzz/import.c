/*
 * An import: five CSV files and what Redis holds already.  A row that passes
 * has only cells that its columns allow and a place in the tree of units.
 */

#include "fuzz.h"
#include "../../cli/csv.h"
#include "../../cli/import.h"
#include "wm_text.h"

#define FUZZ_JSON(path)                                                      \
    wm_lit("{\"type\":\"centre\",\"name\":\"n\",\"path\":\"" path "\"}")


static void
fuzz_check_cell(const wm_column_t *column, wm_str_t s, int64_t num)
{
    char     number[24] = "";
    int64_t  n;

    fuzz_check(s.len > 0 || !column->required);
    fuzz_check(wm_text_check(s, column->type == WM_CELL_LINES) == WM_TEXT_OK);

    if (s.len == 0) {
        return;
    }

    n = wm_utf8_count(s);
    memcpy(number, s.data, s.len < 23 ? s.len : 23);

    switch (column->type) {

    case WM_CELL_TEXT:
    case WM_CELL_LINES:
        fuzz_check(n >= column->min && n <= column->max);
        break;

    case WM_CELL_NUMBER:
        fuzz_check(num >= column->min && num <= column->max);
        break;

    case WM_CELL_START:
        fuzz_check(num > 0);
        break;

    case WM_CELL_UNIT_TYPE:
        fuzz_check(wm_unit_type_valid(s));
        break;

    case WM_CELL_DEGREES:
        fuzz_check(strspn(number, "-.0123456789") == s.len);
        fuzz_check(strtod(number, NULL) <= column->max
                   && strtod(number, NULL) >= -(double) column->max);
        break;

    default:
        fuzz_check(s.len <= 64 && fuzz_is_ascii(s) && !fuzz_has(s, "/"));
    }
}


static void
fuzz_check_sheet(const wm_sheet_t *sheet, bool broken)
{
    size_t           i, j, bad;
    const wm_row_t  *row;

    for (i = 0, bad = 0; i < sheet->nrows; i++) {
        row = &sheet->rows[i];
        bad += row->bad;

        for (j = 0; !row->bad && j < sheet->def->ncolumns; j++) {
            fuzz_check_cell(&sheet->def->columns[j], row->cells[j],
                            row->nums[j]);
        }

        if (!row->bad && !broken
            && sheet->def == &wm_sheet_defs[WM_SHEET_UNITS])
        {
            fuzz_check(row->path.len > 2 && row->path.data[0] == '/');
        }
    }

    fuzz_check((bad > 0) <= (sheet->bad > 0));
}


static void
fuzz_stored(wm_pool_t *pool, wm_import_t *im, wm_str_t json)
{
    size_t       i;
    wm_reply_t   items[6] = { { .type = WM_REPLY_STR } };
    wm_reply_t   hash = { .type = WM_REPLY_LIST, .n = 6, .items = items };

    static const char *const  ids[] = { "centre", "broken", "any" };

    for (i = 0; i < 6; i++) {
        items[i].type = WM_REPLY_STR;
        items[i].str = i % 2 == 0 ? wm_str(ids[i / 2])
                       : i == 1 ? FUZZ_JSON("/centre/")
                       : i == 3 ? FUZZ_JSON("/../x y/") : json;
    }

    for (i = 0; i < WM_SHEET_MAX; i++) {
        fuzz_check(wm_index_load(pool, &im->sheets[i].stored, &hash));
    }
}


/* CSV by itself: lines count up, and it comes to an end. */

static void
fuzz_csv(wm_pool_t *pool, wm_str_t text)
{
    size_t           rows;
    wm_csv_t         csv;
    unsigned         line;
    wm_csv_result_t  rc;

    wm_csv_init(&csv, pool, text);

    for (rows = 0, line = 0; (rc = wm_csv_next(&csv)) == WM_CSV_ROW; rows++) {
        fuzz_check(csv.n > 0 && csv.row_line > line && rows <= text.len);
        line = csv.row_line;
    }

    fuzz_check(rc == WM_CSV_END || (rc == WM_CSV_BAD && csv.why != NULL));
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    size_t        i;
    wm_sheet_t   *sheet;
    wm_import_t  *im;

    im = wm_calloc(pool, sizeof(wm_import_t));
    fuzz_check(im != NULL);

    im->pool = pool;
    im->district = fuzz_realm.district;
    im->actor = wm_lit("tester");
    im->offset = FUZZ_OFFSET;
    im->now_ms = FUZZ_NOW;

    fuzz_stored(pool, im, fuzz_until(in, '\f'));

    for (i = 0; i < WM_SHEET_MAX; i++) {
        sheet = &im->sheets[i];
        sheet->def = &wm_sheet_defs[i];

        if (in->p == in->end) {
            continue;
        }

        sheet->file = wm_lit("demo/data/x.csv");
        sheet->text = fuzz_until(in, '\f');

        fuzz_csv(pool, sheet->text);
        fuzz_check(wm_sheet_read(im, sheet));
    }

    if (!im->broken) {
        wm_refs_check(im);
    }

    for (i = 0; i < WM_SHEET_MAX; i++) {
        fuzz_check_sheet(&im->sheets[i], im->broken);
    }
}
