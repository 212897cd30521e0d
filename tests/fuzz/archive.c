/*
 * What the archive makes of strangers' bytes: effects that are replayed,
 * records that become rows, and what Redis says of how far archives are.
 */

#include "fuzz.h"
#include "../../cli/archive.h"
#include "wm_text.h"

#define FUZZ_HEAD  wm_lit("wm:{furong}:")

typedef struct {
    size_t  n;
    size_t  max;
} fuzz_said_t;


static bool
fuzz_change(void *ctx, const wm_change_t *c)
{
    fuzz_said_t  *said = ctx;

    fuzz_check(c->what < WM_CHANGE_MAX);
    fuzz_check(c->name.len > 0 && !wm_mirror_skips(c->name));
    fuzz_check((c->field.data != NULL)
               == (c->what <= WM_DROP_SCORE));
    fuzz_check((c->value.data != NULL)
               == (c->what == WM_PUT_FIELD || c->what == WM_PUT_STRING));

    said->n++;

    return said->n <= said->max;
}


/* Read twice: the dry run and the one that counts say the same. */

static void
fuzz_effects(wm_pool_t *pool, wm_str_t replies, wm_str_t packed)
{
    fuzz_said_t          dry = { 0, SIZE_MAX }, wet = { 0, SIZE_MAX };
    wm_replay_result_t  rc;

    rc = wm_mirror_entry(pool, FUZZ_HEAD, packed, replies, FUZZ_NOW,
                         fuzz_change, &dry);

    fuzz_check(rc == WM_REPLAY_OK || rc == WM_REPLAY_DAMAGED);
    fuzz_check(dry.n <= packed.len);
    fuzz_check(rc == wm_mirror_entry(pool, FUZZ_HEAD, packed, replies,
                                     FUZZ_NOW, fuzz_change, &wet));
    fuzz_check(dry.n == wet.n);

    wet.n = 0;
    wet.max = dry.n / 2;

    if (dry.n > 0) {
        fuzz_check(wm_mirror_entry(pool, FUZZ_HEAD, packed, replies, FUZZ_NOW,
                                   fuzz_change, &wet) != WM_REPLAY_OK);
    }
}


/* What goes to a database as text is text. */

static void
fuzz_values(const wm_projection_t *p, const wm_sql_value_t *v)
{
    size_t  i;

    for (i = 0; i < p->ncolumns; i++) {
        if (v[i].type == WM_SQL_TEXT) {
            fuzz_check(wm_utf8_count(v[i].str) >= 0);
            fuzz_check(v[i].str.len == 0
                       || memchr(v[i].str.data, '\0', v[i].str.len) == NULL);
        } else {
            fuzz_check(v[i].type == WM_SQL_NULL || v[i].type == WM_SQL_INT);
        }
    }
}


static void
fuzz_rows(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_str_t                value;
    wm_sql_value_t          v[WM_PROJECT_COLUMNS];
    const wm_projection_t  *p;

    p = &wm_projections[fuzz_byte(in) % wm_nprojections];

    if (p->kind == WM_ROW_RECORD) {
        if (wm_project_record(pool, p, fuzz_hash(in), FUZZ_OFFSET, v)) {
            fuzz_values(p, v);
        }

        return;
    }

    value = fuzz_rest(in);

    if (p->kind == WM_ROW_LOG) {
        while (wm_project_step(pool, p, &value, v)) {
            fuzz_values(p, v);
        }

    } else if (wm_project_field(pool, p, value, FUZZ_OFFSET, v)) {
        fuzz_values(p, v);
    }
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_str_t       replies;
    wm_archived_t  a;

    switch (fuzz_byte(in) % 3) {

    case 0:
        replies = fuzz_until(in, ';');
        fuzz_effects(pool, replies, fuzz_rest(in));
        return;

    case 1:
        fuzz_rows(pool, in);
        return;

    default:
        if (wm_archived_load(wm_lit("X"), fuzz_rest(in), &a)) {
            fuzz_check(a.number <= INT64_MAX && a.entry.len >= 3);
        }
    }
}
