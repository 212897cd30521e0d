/*
 * JSON: what is read, is written as valid JSON that reads as the same
 * document; the records that we keep as JSON survive whatever stands there.
 */

#include "fuzz.h"
#include "wm_catalogue.h"
#include "wm_text.h"


static bool
fuzz_equal(const wm_doc_t *a, const wm_doc_t *b)
{
    const wm_doc_t  *p, *q;

    if (a->type != b->type || a->num != b->num || !wm_eq(a->key, b->key)
        || !wm_eq(a->str, b->str))
    {
        return false;
    }

    for (p = a->first, q = b->first; p != NULL && q != NULL;
         p = p->next, q = q->next)
    {
        if (!fuzz_equal(p, q)) {
            return false;
        }
    }

    return p == NULL && q == NULL;
}


static wm_str_t
fuzz_written(wm_pool_t *pool, const wm_doc_t *doc)
{
    wm_buf_t  b;

    wm_buf_init(&b, pool, 16);
    wm_doc_write(&b, doc);
    fuzz_check(!b.failed);

    return fuzz_exact(pool, wm_buf_str(&b));
}


/* Strings that did not come through the parser: any bytes. */

static void
fuzz_any(wm_pool_t *pool, wm_str_t text)
{
    wm_str_t   json;
    wm_doc_t  *doc, *again;

    doc = wm_doc_new(pool);
    wm_doc_str(doc, "text", text);

    json = fuzz_written(pool, doc);
    fuzz_check(wm_utf8_count(json) > 0);

    again = wm_doc_parse(pool, json);

    /* a NUL is written as it should be, and refused in what we read */

    fuzz_check(again != NULL
               || (text.len > 0 && memchr(text.data, '\0', text.len)));

    if (again != NULL && wm_utf8_count(text) >= 0) {
        fuzz_check(wm_eq(wm_doc_get_str(again, "text"), text));
    }
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_str_t     text, json;
    wm_doc_t    *doc, *again;
    wm_unit_t    unit;
    wm_course_t  course;

    text = fuzz_rest(in);
    fuzz_any(pool, text);

    doc = wm_doc_parse(pool, text);
    if (doc == NULL) {
        return;
    }

    json = fuzz_written(pool, doc);
    fuzz_check(wm_utf8_count(json) > 0);

    again = wm_doc_parse(pool, json);
    fuzz_check(again != NULL && fuzz_equal(doc, again));
    fuzz_check(wm_eq(fuzz_written(pool, again), json));

    if (wm_course_load(pool, wm_lit("c"), text, &course)) {
        (void) wm_menu_fits(&(wm_menu_filter_t) { .words = course.summary },
                            &course);
    }

    if (wm_unit_load(pool, wm_lit("u"), text, &unit)) {
        fuzz_check(unit.name.len > 0 && unit.path.len > 2);
    }
}
