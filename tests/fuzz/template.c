/*
 * Templates: two fuzzed sources, which may include each other and our own.
 * Whatever they say, nothing of the document gets out unescaped.
 */

#include "fuzz.h"
#include "wm_embed.h"
#include "wm_template.h"

/* In the document a \x01 follows each of these, and stands nowhere else. */
#define FUZZ_MARKED  "<\x01 >\x01 \"\x01 '\x01 &\x01 "

typedef struct {
    wm_str_t  source[2];
} fuzz_sources_t;


static wm_str_t
fuzz_load(void *ctx, wm_str_t name)
{
    fuzz_sources_t       *s = ctx;
    const wm_embedded_t  *t;

    if (wm_is(name, "a") || wm_is(name, "b")) {
        return s->source[name.data[0] == 'b'];
    }

    for (t = wm_templates; t->name.data != NULL; t++) {
        if (wm_eq(t->name, name)) {
            return t->text;
        }
    }

    return wm_null;
}


static wm_doc_t *
fuzz_doc(wm_pool_t *pool)
{
    wm_doc_t  *doc, *list, *item;

    doc = wm_doc_new(pool);

    wm_doc_text(doc, "s", FUZZ_MARKED "\xe7\x81\xaf\xff\xf0\x9f\x92");
    wm_doc_text(doc, "title", FUZZ_MARKED);
    wm_doc_text(doc, "z", "");
    wm_doc_int(doc, "i", -9223372036854775807 - 1);
    wm_doc_bool(doc, "t", true);
    wm_doc_bool(doc, "f", false);
    wm_doc_null(doc, "n");

    list = wm_doc_list(doc, "l");
    item = wm_doc_item(list);
    wm_doc_text(item, "s", "\xe8\x8a\x99 " FUZZ_MARKED);
    wm_doc_item_str(list, wm_lit(FUZZ_MARKED));

    item = wm_doc_obj(doc, "o");
    wm_doc_text(item, "x", FUZZ_MARKED);
    wm_doc_obj(item, "o");
    wm_doc_list(item, "e");

    return doc;
}


static void
fuzz_render(wm_pool_t *pool, const wm_template_t *t, const wm_doc_t *doc,
    const fuzz_sources_t *s, bool ascii)
{
    size_t       i;
    wm_buf_t     b;
    wm_str_t     out;
    static char  marked[] = "<\x01";

    wm_buf_init(&b, pool, 256);

    if (!wm_template_render(&b, t, doc, ascii)) {
        fuzz_check(!b.failed);          /* lists within lists */
        return;
    }

    out = wm_buf_str(&b);

    fuzz_check(!ascii || fuzz_is_ascii(out));

    if (fuzz_has(s->source[0], "\x01") || fuzz_has(s->source[1], "\x01")) {
        return;
    }

    for (i = 0; i < 4; i++) {
        marked[0] = "<>\"'"[i];
        fuzz_check(!fuzz_has(out, marked));
    }

    fuzz_check(!fuzz_has(out, "&\x01"));
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_template_t        *t;
    fuzz_sources_t        s;
    wm_template_error_t   error;

    s.source[0] = fuzz_until(in, '\f');
    s.source[1] = fuzz_rest(in);

    t = wm_template_parse(pool, wm_lit("a"), fuzz_load, &s, &error);

    if (t == NULL) {
        fuzz_check(error.what.len > 0 && error.file.len > 0);
        return;
    }

    fuzz_render(pool, t, fuzz_doc(pool), &s, false);
    fuzz_render(pool, t, fuzz_doc(pool), &s, true);
}
