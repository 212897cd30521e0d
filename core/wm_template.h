/*
 * Logic-less templates over a document.
 *
 *     {{name}} {{a.b}} {{.}}   a value, escaped for HTML
 *     {{#name}} ... {{/name}}  once for each item of a list, once for an
 *                              object or a true, non-empty value
 *     {{^name}} ... {{/name}}  when there is none of that
 *     {{>name}}                another template
 *     {{=name}}                a text of the table in wm_zh.h
 *     {{!...}}                 a comment
 *
 * A name is looked up in the innermost section first, then outwards.
 */

#ifndef WM_TEMPLATE_H
#define WM_TEMPLATE_H

#include "wm_doc.h"

typedef struct wm_template_s  wm_template_t;

/* The source of a template by name; wm_null when there is none. */
typedef wm_str_t (*wm_template_load_pt)(void *ctx, wm_str_t name);

typedef struct {
    wm_str_t    file;
    unsigned    line;
    wm_str_t    what;
} wm_template_error_t;

/*
 * Parses the template called name and all that it includes.  The sources are
 * borrowed.  NULL: error says where and why (what is wm_null: no memory).
 */
wm_template_t *wm_template_parse(wm_pool_t *pool, wm_str_t name,
    wm_template_load_pt load, void *ctx, wm_template_error_t *error);

/*
 * With ascii set, numeric character references replace all but ASCII.  False:
 * no memory, or sections within sections of the same list would go on
 * beyond these limits; a page of a thousand rows has 50,000 tags and texts.
 */
#ifndef WM_RENDER_MAX                   /* fuzzing runs into a smaller one */
#define WM_RENDER_MAX    200000         /* tags and texts */
#endif
#define WM_RENDER_BYTES  (4 << 20)

bool wm_template_render(wm_buf_t *out, const wm_template_t *t,
    const wm_doc_t *doc, bool ascii);

#endif /* WM_TEMPLATE_H */
