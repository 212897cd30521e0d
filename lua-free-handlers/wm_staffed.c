#include "wm_staffed.h"

#include <stdlib.h>


static int
wm_staffed_compare(const void *a, const void *b)
{
    const wm_staff_t  *x = a, *y = b;

    return wm_cmp(x->name, y->name);
}


/* w->state begins with the wm_staffed_t that is filled. */

static void
wm_staffed_loaded(wm_web_t *w)
{
    size_t         i, n;
    wm_staffed_t  *s = w->state;

    for (i = 0, n = 0; i < s->n; i++) {
        n += wm_staff_load(&w->replies[i], s->staff[i].name, &s->staff[n]);
    }

    s->n = n;

    if (n > 0) {
        qsort(s->staff, n, sizeof(wm_staff_t), wm_staffed_compare);
    }

    s->next(w);
}


static void
wm_staffed_found(wm_web_t *w)
{
    size_t         i;
    wm_reply_t     names = w->replies[1];
    wm_staffed_t  *s = w->state;

    s->units = w->replies[0];
    wm_show_sort(&s->units);
    s->staff = wm_calloc(w->pool, (names.n + 1) * sizeof(wm_staff_t));

    if (s->staff == NULL) {
        wm_answer(w, WM_VERDICT_INTERNAL);
        return;
    }

    for (i = 0; i < names.n; i++) {
        s->staff[i].name = wm_reply_at(&names, i);
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "staff:%.*s", wm_fmt(s->staff[i].name)));
    }

    s->n = names.n;
    wm_fetch(w, wm_staffed_loaded);
}


void
wm_staffed_read(wm_web_t *w, wm_staffed_t *s, wm_step_pt next)
{
    s->next = next;
    w->state = s;

    wm_ask(w, wm_lit("HGETALL"), wm_web_key(w, "units"));
    wm_ask(w, wm_lit("SMEMBERS"), wm_web_key(w, "staff"));
    wm_fetch(w, wm_staffed_found);
}


void
wm_staffed_show(wm_web_t *w, wm_doc_t *doc, const wm_staffed_t *s,
    const wm_staff_t *staff)
{
    wm_doc_str(doc, "name", staff->name);
    wm_doc_text(doc, "role", wm_role_code(staff->role));
    wm_doc_text(doc, "role_text", wm_role_text(staff->role));
    wm_doc_str(doc, "unit", staff->unit);
    wm_doc_str(doc, "unit_name",
               wm_show_unit_name(w, wm_show_find_sorted(&s->units,
                                                        staff->unit)));
    wm_doc_str(doc, "team", staff->team.len > 0 ? staff->team : wm_lit(""));
    wm_doc_bool(doc, "totp", staff->totp);
    wm_doc_bool(doc, "disabled", staff->disabled);
    wm_doc_bool(doc, "manages", wm_staff_manages(&w->staff, staff));
}
