#include "wm_template.h"
#include "wm_text.h"
#include "wm_zh.h"

#include <inttypes.h>

#define WM_TEMPLATE_DEPTH  16

typedef enum {
    WM_NODE_TEXT,
    WM_NODE_VALUE,
    WM_NODE_SECTION,
    WM_NODE_INVERTED,
    WM_NODE_INCLUDE
} wm_node_type_t;

typedef struct wm_node_s  wm_node_t;

struct wm_node_s {
    wm_node_type_t    type;
    bool              prose;            /* elements may stand here */
    wm_str_t          text;             /* literal text, or a name */
    wm_node_t        *first;            /* inside a section or an include */
    wm_node_t        *next;
};

struct wm_template_s {
    wm_node_t        *first;
};

typedef struct {
    wm_pool_t             *pool;
    wm_template_load_pt    load;
    void                  *ctx;
    wm_template_error_t   *error;

    wm_str_t               file;
    wm_str_t               rest;
    unsigned               line;
    unsigned               depth;

    bool                   in_tag;
    bool                   in_raw;      /* an element that has none inside */
} wm_parser_t;

static bool wm_parse_nodes(wm_parser_t *p, wm_str_t open, wm_node_t **first);


static bool
wm_parse_fail(wm_parser_t *p, const char *what, wm_str_t name)
{
    p->error->file = p->file;
    p->error->line = p->line;
    p->error->what = wm_printf(p->pool, "%s \"%.*s\"", what, wm_fmt(name));

    return false;
}


/* Where in the page a value behind this text would stand. */

static void
wm_parse_place(wm_parser_t *p, wm_str_t text)
{
    size_t    i, k;
    wm_str_t  rest;

    static const char *const  raw[] = { "textarea", "title", "option" };

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '>') {
            p->in_tag = false;
            continue;
        }

        if (text.data[i] != '<') {
            continue;
        }

        p->in_tag = true;
        rest = (wm_str_t) { text.len - i - 1, text.data + i + 1 };

        if (rest.len > 0 && rest.data[0] == '/') {
            p->in_raw = false;
        }

        for (k = 0; k < wm_countof(raw); k++) {
            p->in_raw |= wm_starts(rest, raw[k]);
        }
    }
}


static wm_node_t *
wm_parse_add(wm_parser_t *p, wm_node_t ***last, wm_node_type_t type,
    wm_str_t text)
{
    wm_node_t  *node;

    node = wm_calloc(p->pool, sizeof(wm_node_t));
    if (node == NULL) {
        p->error->what = wm_null;
        return NULL;
    }

    if (type == WM_NODE_TEXT) {
        wm_parse_place(p, text);
    }

    node->type = type;
    node->prose = !p->in_tag && !p->in_raw;
    node->text = text;

    **last = node;
    *last = &node->next;

    return node;
}


static size_t
wm_find(wm_str_t s, const char *two)
{
    size_t  i;

    for (i = 0; i + 1 < s.len; i++) {
        if (s.data[i] == two[0] && s.data[i + 1] == two[1]) {
            return i;
        }
    }

    return s.len;
}


static void
wm_parse_skip(wm_parser_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        p->line += p->rest.data[i] == '\n';
    }

    p->rest.data += n;
    p->rest.len -= n;
}


static bool
wm_parse_include(wm_parser_t *p, wm_node_t *node)
{
    bool         ok;
    wm_str_t     source;
    wm_parser_t  inner;

    if (p->depth == WM_TEMPLATE_DEPTH) {
        return wm_parse_fail(p, "includes nested too deep at", node->text);
    }

    source = p->load(p->ctx, node->text);
    if (source.data == NULL) {
        return wm_parse_fail(p, "there is no template", node->text);
    }

    inner = *p;
    inner.file = node->text;
    inner.rest = source;
    inner.line = 1;
    inner.depth++;

    ok = wm_parse_nodes(&inner, wm_null, &node->first);

    return ok;
}


static bool
wm_parse_tag(wm_parser_t *p, char sigil, wm_str_t name, wm_node_t ***last)
{
    wm_str_t    text;
    wm_node_t  *node;

    if (name.len == 0) {
        return wm_parse_fail(p, "a tag without a name", name);
    }

    if (name.data[0] == '{' || name.data[0] == '&') {
        return wm_parse_fail(p, "everything is escaped; no such tag as",
                             name);
    }

    if (sigil == '=') {
        text = wm_zh(name);

        if (text.data == NULL) {
            return wm_parse_fail(p, "there is no text", name);
        }

        return wm_parse_add(p, last, WM_NODE_TEXT, text) != NULL;
    }

    node = wm_parse_add(p, last, sigil == '#' ? WM_NODE_SECTION
                                 : sigil == '^' ? WM_NODE_INVERTED
                                 : sigil == '>' ? WM_NODE_INCLUDE
                                 : WM_NODE_VALUE, name);
    if (node == NULL) {
        return false;
    }

    switch (node->type) {

    case WM_NODE_SECTION:
    case WM_NODE_INVERTED:

        if (p->depth == WM_TEMPLATE_DEPTH) {
            return wm_parse_fail(p, "sections nested too deep at", name);
        }

        p->depth++;

        if (!wm_parse_nodes(p, name, &node->first)) {
            return false;
        }

        p->depth--;
        return true;

    case WM_NODE_INCLUDE:
        return wm_parse_include(p, node);

    default:
        return true;
    }
}


/* Up to the tag that closes open, or to the end when there is none open. */

static bool
wm_parse_nodes(wm_parser_t *p, wm_str_t open, wm_node_t **first)
{
    char        sigil;
    size_t      n;
    wm_str_t    name;
    wm_node_t **last = first;

    for ( ;; ) {
        n = wm_find(p->rest, "{{");

        if (n > 0
            && wm_parse_add(p, &last, WM_NODE_TEXT,
                            (wm_str_t) { n, p->rest.data }) == NULL)
        {
            return false;
        }

        wm_parse_skip(p, n);

        if (p->rest.len == 0) {
            return open.data == NULL
                   || wm_parse_fail(p, "a section is not closed:", open);
        }

        n = wm_find(p->rest, "}}");

        if (n == p->rest.len) {
            return wm_parse_fail(p, "a tag is not closed", wm_lit("{{"));
        }

        name = wm_text_trim((wm_str_t) { n - 2, p->rest.data + 2 });
        wm_parse_skip(p, n + 2);

        sigil = '\0';

        if (name.len > 0 && strchr("#^/>=!", name.data[0]) != NULL) {
            sigil = name.data[0];
        }

        if (sigil == '!') {
            continue;
        }

        if (sigil != '\0') {
            name = wm_text_trim((wm_str_t) { name.len - 1, name.data + 1 });
        }

        if (sigil == '/') {
            return (open.data != NULL && wm_eq(name, open))
                   || wm_parse_fail(p, "nothing open that is called", name);
        }

        if (!wm_parse_tag(p, sigil, name, &last)) {
            return false;
        }
    }
}


wm_template_t *
wm_template_parse(wm_pool_t *pool, wm_str_t name, wm_template_load_pt load,
    void *ctx, wm_template_error_t *error)
{
    wm_node_t      *root, *first = NULL, **last = &first;
    wm_parser_t     p = { pool, load, ctx, error, name, wm_null, 0, 0,
                          false, false };
    wm_template_t  *t;

    error->file = name;
    error->line = 0;
    error->what = wm_null;

    t = wm_calloc(pool, sizeof(wm_template_t));
    root = wm_parse_add(&p, &last, WM_NODE_INCLUDE, name);

    if (t == NULL || root == NULL || !wm_parse_include(&p, root)) {
        return NULL;
    }

    t->first = root->first;

    return t;
}


typedef struct {
    wm_buf_t         *out;
    bool              ascii;
    size_t            left;             /* tags and texts, until it ends */
    size_t            depth;
    const wm_doc_t   *stack[2 * WM_TEMPLATE_DEPTH + 1];
} wm_renderer_t;


static const wm_doc_t *
wm_render_find(const wm_renderer_t *r, wm_str_t path)
{
    size_t           i;
    wm_str_t         name;
    const wm_doc_t  *d;

    if (wm_is(path, ".")) {
        return r->stack[r->depth - 1];
    }

    wm_split(&path, '.', &name);

    for (i = r->depth, d = NULL; i > 0 && d == NULL; i--) {
        d = wm_doc_get(r->stack[i - 1], name);
    }

    while (d != NULL && wm_split(&path, '.', &name)) {
        d = wm_doc_get(d, name);
    }

    return d;
}


static bool
wm_render_is_true(const wm_doc_t *d)
{
    if (d == NULL) {
        return false;
    }

    switch (d->type) {

    case WM_DOC_NULL:
        return false;

    case WM_DOC_STR:
        return d->str.len > 0;

    case WM_DOC_BOOL:
    case WM_DOC_INT:
        return d->num != 0;

    case WM_DOC_LIST:
        return d->first != NULL;

    default:
        return true;
    }
}


/* What is written from right to left must not turn round what is beside it. */

static void
wm_render_value(wm_renderer_t *r, const wm_doc_t *d, bool prose)
{
    if (d == NULL) {
        return;
    }

    if (d->type == WM_DOC_STR && prose && wm_text_is_rtl(d->str)) {
        wm_puts(r->out, "<bdi>");
        wm_html_escape(r->out, d->str, r->ascii);
        wm_puts(r->out, "</bdi>");

    } else if (d->type == WM_DOC_STR) {
        wm_html_escape(r->out, d->str, r->ascii);

    } else if (d->type == WM_DOC_INT) {
        wm_putf(r->out, "%" PRId64, d->num);
    }
}


static bool
wm_render_goes_on(const wm_renderer_t *r)
{
    return r->left > 0 && r->out->len < WM_RENDER_BYTES;
}


static void wm_render_nodes(wm_renderer_t *r, const wm_node_t *node);


static void
wm_render_inside(wm_renderer_t *r, const wm_node_t *node, const wm_doc_t *d)
{
    if (r->depth == wm_countof(r->stack)) {
        return;
    }

    r->stack[r->depth++] = d;
    wm_render_nodes(r, node);
    r->depth--;
}


static void
wm_render_section(wm_renderer_t *r, const wm_node_t *node)
{
    const wm_doc_t  *d, *item;

    d = wm_render_find(r, node->text);

    if (!wm_render_is_true(d)) {
        return;
    }

    if (d->type != WM_DOC_LIST) {
        wm_render_inside(r, node->first, d);
        return;
    }

    for (item = d->first; item != NULL; item = item->next) {
        wm_render_inside(r, node->first, item);
    }
}


static void
wm_render_nodes(wm_renderer_t *r, const wm_node_t *node)
{
    for ( /* void */ ; node != NULL && wm_render_goes_on(r);
         node = node->next)
    {
        r->left--;

        switch (node->type) {

        case WM_NODE_TEXT:
            wm_html_put(r->out, node->text, r->ascii);
            break;

        case WM_NODE_VALUE:
            wm_render_value(r, wm_render_find(r, node->text), node->prose);
            break;

        case WM_NODE_SECTION:
            wm_render_section(r, node);
            break;

        case WM_NODE_INVERTED:
            if (!wm_render_is_true(wm_render_find(r, node->text))) {
                wm_render_nodes(r, node->first);
            }
            break;

        case WM_NODE_INCLUDE:
            wm_render_nodes(r, node->first);
            break;
        }
    }
}


bool
wm_template_render(wm_buf_t *out, const wm_template_t *t, const wm_doc_t *doc,
    bool ascii)
{
    wm_renderer_t  r = { out, ascii, WM_RENDER_MAX, 1, { doc } };

    wm_render_nodes(&r, t->first);

    return wm_render_goes_on(&r) && !out->failed;
}
