#include "import.h"

#define WM_REFS_STEPS  64               /* a loop longer than that is deep */


/* A path of Redis is somebody else's word until it has been looked at. */

static bool
wm_refs_path_valid(wm_str_t path)
{
    char    c;
    size_t  i, depth;

    for (i = 0, depth = 0; i < path.len; i++) {
        c = path.data[i];

        if (c == '/') {
            depth++;

        } else if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                     || (c >= '0' && c <= '9') || c == '-' || c == '_'))
        {
            return false;
        }
    }

    return path.len > 2 && path.data[0] == '/'
           && path.data[path.len - 1] == '/' && depth <= WM_UNIT_DEPTH + 1;
}


bool
wm_refs_unit(wm_import_t *im, wm_str_t id, wm_unit_t *unit)
{
    const wm_row_t    *row;
    const wm_pair_t   *pair;
    const wm_sheet_t  *sheet = &im->sheets[WM_SHEET_UNITS];

    pair = wm_index_find(&sheet->by_id, id);

    if (pair != NULL) {
        row = pair->row;

        memset(unit, 0, sizeof(wm_unit_t));
        unit->id = id;
        unit->name = row->cells[wm_sheet_column(sheet, "name")];
        unit->path = row->path;

        return row->path.data != NULL;
    }

    pair = wm_index_find(&sheet->stored, id);

    return pair != NULL && wm_unit_load(im->pool, id, pair->value, unit)
           && wm_refs_path_valid(unit->path);
}


static wm_str_t
wm_refs_parent(const wm_sheet_t *units, const wm_row_t *row)
{
    return row->cells[wm_sheet_column(units, "parent")];
}


/* Why a row has no place in the tree: the way up from it does not end. */

static wm_str_t
wm_refs_why(wm_import_t *im, const wm_sheet_t *units, const wm_row_t *row)
{
    size_t            i;
    wm_str_t          up;
    wm_unit_t         unit;
    const wm_pair_t  *pair;

    up = wm_refs_parent(units, row);

    for (i = 0; i < WM_REFS_STEPS && up.len > 0; i++) {
        if (wm_eq(up, row->id)) {
            return wm_lit("the unit would stand below itself");
        }

        pair = wm_index_find(&units->by_id, up);

        if (pair == NULL && !wm_refs_unit(im, up, &unit)) {
            return wm_printf(im->pool, "there is something wrong with \"%s\", "
                             "which stands above", wm_say_safe(im->pool, up));
        }

        up = pair != NULL ? wm_refs_parent(units, pair->row) : wm_null;
    }

    return wm_printf(im->pool, "the unit would stand deeper than %d levels",
                     WM_UNIT_DEPTH);
}


/*
 * Fills in the path of a row and of those above it; wm_null when one of them
 * is bad or it is too deep.
 */

static wm_str_t
wm_refs_place(wm_import_t *im, wm_sheet_t *units, wm_row_t *row,
    unsigned depth)
{
    wm_str_t          up, path;
    wm_unit_t         unit;
    const wm_pair_t  *pair;

    if (row->path.data != NULL) {
        return row->path;
    }

    if (depth > WM_UNIT_DEPTH) {
        return wm_null;
    }

    up = wm_refs_parent(units, row);
    path = wm_lit("/");

    if (up.len > 0) {
        pair = wm_index_find(&units->by_id, up);

        path = pair != NULL ? wm_refs_place(im, units, pair->row, depth + 1)
               : wm_refs_unit(im, up, &unit) ? unit.path : wm_null;
    }

    if (path.data == NULL) {
        return wm_null;
    }

    path = wm_printf(im->pool, "%.*s%.*s/", wm_fmt(path), wm_fmt(row->id));

    row->path = wm_refs_path_valid(path) ? path : wm_null;

    return row->path;
}


/* What belongs to a unit knows its path, so a unit stays where it is. */

static void
wm_refs_stays(wm_import_t *im, wm_sheet_t *units, wm_row_t *row)
{
    wm_unit_t         unit;
    const wm_pair_t  *pair;

    pair = wm_index_find(&units->stored, row->id);

    if (pair == NULL || !wm_unit_load(im->pool, row->id, pair->value, &unit)
        || wm_eq(unit.path, row->path))
    {
        return;
    }

    row->bad = true;
    wm_sheet_bad(im, units, row->line, wm_sheet_column(units, "parent"),
                 wm_printf(im->pool, "the unit stands at %s already and "
                           "cannot be moved: its workers and events are "
                           "there", wm_say_safe(im->pool, unit.path)));
}


static void
wm_refs_tree(wm_import_t *im)
{
    size_t       i;
    wm_row_t    *row;
    wm_sheet_t  *units = &im->sheets[WM_SHEET_UNITS];

    for (i = 0; i < units->nrows; i++) {
        row = &units->rows[i];

        if (row->bad) {
            continue;
        }

        if (wm_is(row->id, WM_UNIT_ALL)) {
            row->bad = true;
            wm_sheet_bad(im, units, row->line, 0,
                         wm_lit("no unit may be called that"));

        } else if (wm_refs_place(im, units, row, 1).data == NULL) {
            row->bad = true;
            wm_sheet_bad(im, units, row->line,
                         wm_sheet_column(units, "parent"),
                         wm_refs_why(im, units, row));

        } else {
            wm_refs_stays(im, units, row);
        }
    }
}


static void
wm_refs_cell(wm_import_t *im, wm_sheet_t *sheet, wm_row_t *row, size_t i)
{
    wm_str_t            id;
    const wm_sheet_t   *to;
    const wm_column_t  *column = &sheet->def->columns[i];

    id = row->cells[i];
    to = &im->sheets[column->ref];

    if (id.len == 0 || wm_index_find(&to->by_id, id) != NULL
        || wm_index_find(&to->stored, id) != NULL)
    {
        return;
    }

    row->bad = true;
    wm_sheet_bad(im, sheet, row->line, i,
                 wm_printf(im->pool, "there is no %s \"%s\"", to->def->one,
                           wm_say_safe(im->pool, id)));
}


static void
wm_refs_sheet(wm_import_t *im, wm_sheet_t *sheet)
{
    size_t  i, j;

    for (i = 0; i < sheet->nrows; i++) {
        for (j = 0; j < sheet->def->ncolumns; j++) {
            if (!sheet->rows[i].bad
                && sheet->def->columns[j].type == WM_CELL_REF)
            {
                wm_refs_cell(im, sheet, &sheet->rows[i], j);
            }
        }
    }
}


void
wm_refs_check(wm_import_t *im)
{
    size_t  i;

    for (i = 0; i < WM_SHEET_MAX; i++) {
        wm_refs_sheet(im, &im->sheets[i]);

        if (i == WM_SHEET_UNITS) {
            wm_refs_tree(im);
        }
    }
}
