#include "wm_doc.h"
#include "wm_text.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include <jansson.h>

#define WM_DOC_DEPTH  16


static wm_doc_t *
wm_doc_add(wm_doc_t *parent, const char *key, wm_doc_type_t type)
{
    wm_doc_t  *d;

    if (parent == NULL) {
        return NULL;
    }

    d = wm_calloc(parent->pool, sizeof(wm_doc_t));
    if (d == NULL) {
        return NULL;
    }

    d->type = type;
    d->key = wm_str(key);
    d->pool = parent->pool;

    if (parent->last != NULL) {
        parent->last->next = d;

    } else {
        parent->first = d;
    }

    parent->last = d;
    parent->num++;

    return d;
}


wm_doc_t *
wm_doc_new(wm_pool_t *pool)
{
    wm_doc_t  *d;

    d = wm_calloc(pool, sizeof(wm_doc_t));
    if (d != NULL) {
        d->type = WM_DOC_OBJ;
        d->pool = pool;
    }

    return d;
}


wm_doc_t *
wm_doc_obj(wm_doc_t *parent, const char *key)
{
    return wm_doc_add(parent, key, WM_DOC_OBJ);
}


wm_doc_t *
wm_doc_list(wm_doc_t *parent, const char *key)
{
    return wm_doc_add(parent, key, WM_DOC_LIST);
}


wm_doc_t *
wm_doc_item(wm_doc_t *list)
{
    return wm_doc_add(list, NULL, WM_DOC_OBJ);
}


wm_doc_t *
wm_doc_item_str(wm_doc_t *list, wm_str_t s)
{
    return wm_doc_str(list, NULL, s);
}


wm_doc_t *
wm_doc_str(wm_doc_t *obj, const char *key, wm_str_t s)
{
    wm_doc_t  *d;

    d = wm_doc_add(obj, key, WM_DOC_STR);
    if (d != NULL) {
        d->str = s;
    }

    return d;
}


wm_doc_t *
wm_doc_text(wm_doc_t *obj, const char *key, const char *z)
{
    return wm_doc_str(obj, key, wm_str(z));
}


static wm_doc_t *
wm_doc_num(wm_doc_t *obj, const char *key, wm_doc_type_t type, int64_t n)
{
    wm_doc_t  *d;

    d = wm_doc_add(obj, key, type);
    if (d != NULL) {
        d->num = n;
    }

    return d;
}


wm_doc_t *
wm_doc_int(wm_doc_t *obj, const char *key, int64_t n)
{
    return wm_doc_num(obj, key, WM_DOC_INT, n);
}


wm_doc_t *
wm_doc_bool(wm_doc_t *obj, const char *key, bool b)
{
    return wm_doc_num(obj, key, WM_DOC_BOOL, b);
}


wm_doc_t *
wm_doc_null(wm_doc_t *obj, const char *key)
{
    return wm_doc_add(obj, key, WM_DOC_NULL);
}


void
wm_doc_join(wm_doc_t *obj, wm_doc_t *from)
{
    if (obj == NULL || from == NULL || from->first == NULL) {
        return;
    }

    if (obj->last == NULL) {
        obj->first = from->first;

    } else {
        obj->last->next = from->first;
    }

    obj->last = from->last;
    from->first = from->last = NULL;
}


void
wm_doc_hide(wm_doc_t *value)
{
    if (value != NULL) {
        value->hidden = true;
    }
}


wm_doc_t *
wm_doc_get(const wm_doc_t *obj, wm_str_t key)
{
    wm_doc_t  *d;

    if (obj == NULL || obj->type != WM_DOC_OBJ) {
        return NULL;
    }

    for (d = obj->first; d != NULL; d = d->next) {
        if (wm_eq(d->key, key)) {
            return d;
        }
    }

    return NULL;
}


wm_str_t
wm_doc_get_str(const wm_doc_t *obj, const char *key)
{
    wm_doc_t  *d;

    d = wm_doc_get(obj, wm_str(key));

    return d != NULL && d->type == WM_DOC_STR ? d->str : wm_null;
}


int64_t
wm_doc_get_int(const wm_doc_t *obj, const char *key, int64_t none)
{
    wm_doc_t  *d;

    d = wm_doc_get(obj, wm_str(key));

    return d != NULL && d->type == WM_DOC_INT ? d->num : none;
}


static bool wm_doc_from_json(wm_doc_t *parent, wm_str_t key, json_t *j,
    unsigned depth);


static bool
wm_doc_fill(wm_doc_t *d, json_t *j, unsigned depth)
{
    size_t       i;
    json_t      *v;
    wm_str_t     k;
    const char  *key;

    if (depth > WM_DOC_DEPTH) {
        return false;
    }

    if (d->type == WM_DOC_LIST) {
        json_array_foreach(j, i, v) {
            if (!wm_doc_from_json(d, wm_null, v, depth)) {
                return false;
            }
        }

        return true;
    }

    json_object_foreach(j, key, v) {
        k = wm_dup(d->pool, wm_str(key));

        if (k.data == NULL || !wm_doc_from_json(d, k, v, depth)) {
            return false;
        }
    }

    return true;
}


static bool
wm_doc_from_json(wm_doc_t *parent, wm_str_t key, json_t *j, unsigned depth)
{
    wm_doc_t  *d;

    static const wm_doc_type_t  types[] = {
        [JSON_OBJECT] = WM_DOC_OBJ,   [JSON_ARRAY] = WM_DOC_LIST,
        [JSON_STRING] = WM_DOC_STR,   [JSON_INTEGER] = WM_DOC_INT,
        [JSON_TRUE] = WM_DOC_BOOL,    [JSON_FALSE] = WM_DOC_BOOL,
        [JSON_NULL] = WM_DOC_NULL
    };

    if (json_is_real(j)) {
        return false;
    }

    d = wm_doc_add(parent, NULL, types[json_typeof(j)]);
    if (d == NULL) {
        return false;
    }

    d->key = key;

    switch (d->type) {

    case WM_DOC_OBJ:
    case WM_DOC_LIST:
        return wm_doc_fill(d, j, depth + 1);

    case WM_DOC_STR:
        d->str = wm_dup(d->pool, (wm_str_t) { json_string_length(j),
                                              json_string_value(j) });
        return d->str.data != NULL;

    case WM_DOC_INT:
        d->num = json_integer_value(j);
        return true;

    default:
        d->num = json_is_true(j);
        return true;
    }
}


/*
 * Where jansson puts what it makes of one text: in a chunk that was there
 * before it began, and goes as a whole.  In the middle, jansson 2.14 without
 * memory may say that the text is wrong, leave bytes of it out and say
 * nothing, or abort; so it comes here again only for an unusual text.
 */

typedef struct wm_doc_chunk_s  wm_doc_chunk_t;

struct wm_doc_chunk_s {
    wm_doc_chunk_t  *next;
    size_t           size, used;
    max_align_t      bytes[];
};

#define WM_DOC_CHUNK  4096

static _Thread_local wm_doc_chunk_t  *wm_doc_chunks;


static bool
wm_doc_chunk_add(size_t size)
{
    wm_doc_chunk_t  *chunk;

    chunk = wm_malloc(sizeof(wm_doc_chunk_t) + size);
    if (chunk == NULL) {
        wm_no_memory();
        return false;
    }

    chunk->next = wm_doc_chunks;
    chunk->size = size;
    chunk->used = 0;
    wm_doc_chunks = chunk;

    return true;
}


static void
wm_doc_chunks_free(void)
{
    wm_doc_chunk_t  *chunk;

    while (wm_doc_chunks != NULL) {
        chunk = wm_doc_chunks;
        wm_doc_chunks = chunk->next;
        free(chunk);
    }
}


static void *
wm_doc_malloc(size_t size)
{
    char            *p;
    wm_doc_chunk_t  *chunk = wm_doc_chunks;

    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t)
           * sizeof(max_align_t);

    if (size > chunk->size - chunk->used) {
        if (!wm_doc_chunk_add(size + WM_DOC_CHUNK)) {
            return NULL;
        }

        chunk = wm_doc_chunks;
    }

    p = (char *) chunk->bytes + chunk->used;
    chunk->used += size;

    return p;
}


static void
wm_doc_free(void *p)
{
    (void) p;                           /* with its chunk */
}


wm_doc_t *
wm_doc_parse(wm_pool_t *pool, wm_str_t json)
{
    bool           ok = false;
    json_t        *j;
    wm_doc_t      *d;
    json_free_t    old_free;
    json_error_t   error;
    json_malloc_t  old_malloc;

    if (json.data == NULL) {
        return NULL;
    }

    d = wm_doc_new(pool);

    if (d == NULL || json.len > WM_DOC_MAX
        || !wm_doc_chunk_add(16 * json.len + WM_DOC_CHUNK))
    {
        return NULL;
    }

    json_get_alloc_funcs(&old_malloc, &old_free);
    json_set_alloc_funcs(wm_doc_malloc, wm_doc_free);

    j = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, &error);

    if (j != NULL && !wm_pool_starved(pool)) {
        d->type = json_is_array(j) ? WM_DOC_LIST : WM_DOC_OBJ;
        ok = wm_doc_fill(d, j, 1);
    }

    json_decref(j);
    json_set_alloc_funcs(old_malloc, old_free);
    wm_doc_chunks_free();

    return ok ? d : NULL;
}


static void
wm_doc_write_str(wm_buf_t *out, wm_str_t s)
{
    int                n;
    size_t             i, from;
    unsigned char      c;
    static const char  shorts[] = "btn?fr";

    wm_putc(out, '"');

    for (i = 0, from = 0; i < s.len; /* void */ ) {
        c = (unsigned char) s.data[i];

        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != 0x7f) {
            i++;
            continue;
        }

        n = c >= 0x80 ? wm_utf8_len(s.data + i, s.len - i) : 0;

        if (n > 0) {
            i += (size_t) n;
            continue;
        }

        wm_put(out, (wm_str_t) { i - from, s.data + from });

        if (c == '"' || c == '\\') {
            wm_putc(out, '\\');
            wm_putc(out, (char) c);

        } else if (c >= 8 && c <= 13 && c != 11) {
            wm_putc(out, '\\');
            wm_putc(out, shorts[c - 8]);

        } else if (c >= 0x80) {
            wm_puts(out, "\xef\xbf\xbd");

        } else {
            wm_putf(out, "\\u%04x", c);
        }

        from = ++i;
    }

    if (i > from) {
        wm_put(out, (wm_str_t) { i - from, s.data + from });
    }

    wm_putc(out, '"');
}


static void
wm_doc_write_children(wm_buf_t *out, const wm_doc_t *doc)
{
    bool             named, comma;
    const wm_doc_t  *d;

    named = doc->type == WM_DOC_OBJ;
    comma = false;

    wm_putc(out, named ? '{' : '[');

    for (d = doc->first; d != NULL; d = d->next) {
        if (d->hidden) {
            continue;
        }

        if (comma) {
            wm_putc(out, ',');
        }

        if (named) {
            wm_doc_write_str(out, d->key);
            wm_putc(out, ':');
        }

        wm_doc_write(out, d);
        comma = true;
    }

    wm_putc(out, named ? '}' : ']');
}


void
wm_doc_write(wm_buf_t *out, const wm_doc_t *doc)
{
    switch (doc->type) {

    case WM_DOC_NULL:
        wm_puts(out, "null");
        break;

    case WM_DOC_BOOL:
        wm_puts(out, doc->num ? "true" : "false");
        break;

    case WM_DOC_INT:
        wm_putf(out, "%" PRId64, doc->num);
        break;

    case WM_DOC_STR:
        wm_doc_write_str(out, doc->str);
        break;

    default:
        wm_doc_write_children(out, doc);
    }
}
