#include "audit.h"

#include <inttypes.h>
#include <stdlib.h>

#define WM_POINTS_FILE_MAX  (256 * 1024 * 1024)


static wm_audit_point_t *
wm_audit_point_add(wm_audit_t *a)
{
    size_t             cap;
    wm_audit_point_t  *points;

    if (a->npoints == a->cap) {
        cap = a->cap > 0 ? a->cap * 2 : 1024;

        points = wm_alloc(a->pool, cap * sizeof(wm_audit_point_t));
        if (points == NULL) {
            return NULL;
        }

        if (a->npoints > 0) {
            memcpy(points, a->points, a->npoints * sizeof(wm_audit_point_t));
        }

        a->points = points;
        a->cap = cap;
    }

    return &a->points[a->npoints++];
}


static void
wm_audit_point_bad(wm_audit_t *a, const wm_audit_point_t *p, const char *what)
{
    wm_audit_bad(a, NULL, wm_printf(a->pool, "%s:%u: checkpoint %s", p->file,
                                    p->line, what));
}


static bool
wm_audit_point_take(wm_audit_t *a, const wm_keyring_t *ring,
    wm_audit_point_t *p, wm_str_t line)
{
    wm_audit_point_t  *slot;

    if (!wm_checkpoint_parse(line, &p->cp)) {
        wm_audit_point_bad(a, p, "is malformed");
        return true;
    }

    if (!wm_eq(p->cp.district, a->district)) {
        return true;                    /* of a neighbour in the same file */
    }

    switch (wm_checkpoint_check(ring, &p->cp)) {

    case WM_SEAL_OK:
        slot = wm_audit_point_add(a);

        if (slot != NULL) {
            *slot = *p;
        }

        return slot != NULL;

    case WM_SEAL_KEY:
        wm_audit_point_bad(a, p, "is signed with a key that is not in the "
                           "key file");
        return true;

    case WM_SEAL_FORGED:
        wm_audit_point_bad(a, p, "is forged: its MAC does not fit");
        return true;

    default:
        return false;
    }
}


static bool
wm_audit_points_read(wm_audit_t *a, const wm_keyring_t *ring, wm_str_t path)
{
    wm_str_t          text, line, error;
    wm_audit_point_t  p;

    if (!wm_file_read(a->pool, path, WM_POINTS_FILE_MAX, 0, &text, &error)) {
        wm_say_error("%s %s", path.data, error.data);
        return false;
    }

    memset(&p, 0, sizeof(p));
    p.file = path.data;

    for (p.line = 1; wm_split(&text, '\n', &line); p.line++) {
        if (line.len == 0) {
            continue;
        }

        if (!wm_audit_point_take(a, ring, &p, line)) {
            wm_say_error("no memory");
            return false;
        }
    }

    return true;
}


static int
wm_audit_points_order(const void *one, const void *two)
{
    const wm_audit_point_t  *p = one, *q = two;

    return p->cp.n < q->cp.n ? -1 : p->cp.n > q->cp.n;
}


bool
wm_audit_points_load(wm_cli_t *cli, wm_audit_t *a)
{
    bool           ok;
    size_t         i;
    wm_keyring_t  *ring;

    if (cli->ncheckpoints == 0) {
        return true;
    }

    ring = wm_keys_ring(cli, a->district, true);
    if (ring == NULL) {
        return false;
    }

    for (i = 0, ok = true; ok && i < cli->ncheckpoints; i++) {
        ok = wm_audit_points_read(a, ring, cli->checkpoints[i]);
    }

    wm_keyring_destroy(ring);

    if (ok && a->npoints > 1) {
        qsort(a->points, a->npoints, sizeof(wm_audit_point_t),
              wm_audit_points_order);
    }

    return ok;
}


/* The first point that is not before the number. */

static size_t
wm_audit_lower(const wm_audit_t *a, uint64_t number)
{
    size_t  low, high, mid;

    for (low = 0, high = a->npoints; low < high; /* void */ ) {
        mid = low + (high - low) / 2;

        if (a->points[mid].cp.n < number) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    return low;
}


size_t
wm_audit_find(const wm_audit_t *a, uint64_t number)
{
    size_t  i;

    i = wm_audit_lower(a, number);

    return i < a->npoints && a->points[i].cp.n == number ? i : a->npoints;
}


void
wm_audit_compare(wm_audit_t *a, const wm_entry_t *e)
{
    size_t                   i;
    const wm_audit_point_t  *p;

    for (i = wm_audit_lower(a, e->number); i < a->npoints; i++) {
        p = &a->points[i];

        if (p->cp.n != e->number) {
            return;
        }

        if (!wm_eq(p->cp.head, e->hash)) {
            wm_audit_bad(a, e,
                         wm_printf(a->page, "changed, it or what came before: "
                                   "%s:%u, signed at %s, has another hash",
                                   p->file, p->line,
                                   wm_say_safe(a->page, p->cp.time)));
        }
    }
}


void
wm_audit_points_beyond(wm_audit_t *a)
{
    const wm_audit_point_t  *p;

    a->older = a->first > 0 ? wm_audit_lower(a, a->first) : 0;

    if (a->npoints == 0 || a->points[a->npoints - 1].cp.n <= a->last) {
        return;
    }

    p = &a->points[a->npoints - 1];

    wm_audit_bad(a, NULL,
                 wm_printf(a->pool, "entries %" PRIu64 "-%" PRIu64
                           " were dropped at the end: %s:%u, signed at %s, "
                           "remembers them", a->last + 1, p->cp.n, p->file,
                           p->line, wm_say_safe(a->pool, p->cp.time)));
}
