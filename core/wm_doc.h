/*
 * The document: a tree of strings, numbers and lists.  A handler makes one;
 * a program gets it as JSON, a person through a template.
 */

#ifndef WM_DOC_H
#define WM_DOC_H

#include "wm_base.h"

typedef enum {
    WM_DOC_NULL,
    WM_DOC_BOOL,
    WM_DOC_INT,
    WM_DOC_STR,
    WM_DOC_LIST,
    WM_DOC_OBJ
} wm_doc_type_t;

typedef struct wm_doc_s  wm_doc_t;

struct wm_doc_s {
    wm_doc_type_t    type;
    bool             hidden;    /* for templates only, never in JSON */
    wm_str_t         key;
    int64_t          num;       /* BOOL, INT; LIST: how many items */
    wm_str_t         str;
    wm_doc_t        *first;     /* LIST, OBJ */
    wm_doc_t        *last;
    wm_doc_t        *next;
    wm_pool_t       *pool;
};

/*
 * Adding to NULL gives NULL, so that only the root need be checked and a
 * failed allocation leaves a value out.  Keys and strings are borrowed, not
 * copied: they must live as long as the pool.
 */
wm_doc_t *wm_doc_new(wm_pool_t *pool);
wm_doc_t *wm_doc_obj(wm_doc_t *parent, const char *key);
wm_doc_t *wm_doc_list(wm_doc_t *parent, const char *key);
wm_doc_t *wm_doc_item(wm_doc_t *list);              /* a new object in it */
wm_doc_t *wm_doc_item_str(wm_doc_t *list, wm_str_t s);
wm_doc_t *wm_doc_str(wm_doc_t *obj, const char *key, wm_str_t s);
wm_doc_t *wm_doc_text(wm_doc_t *obj, const char *key, const char *z);
wm_doc_t *wm_doc_int(wm_doc_t *obj, const char *key, int64_t n);
wm_doc_t *wm_doc_bool(wm_doc_t *obj, const char *key, bool b);
wm_doc_t *wm_doc_null(wm_doc_t *obj, const char *key);

/* Moves the members of an object into another; either may be NULL. */
void wm_doc_join(wm_doc_t *obj, wm_doc_t *from);

/* Marks a value as one that pages need and programs do not get. */
void wm_doc_hide(wm_doc_t *value);

/* NULL, or wm_null for a value that is missing or no string. */
wm_doc_t *wm_doc_get(const wm_doc_t *obj, wm_str_t key);
wm_str_t wm_doc_get_str(const wm_doc_t *obj, const char *key);
int64_t wm_doc_get_int(const wm_doc_t *obj, const char *key, int64_t none);

/*
 * JSON, RFC 8259: objects and arrays at the top level, depth at most 16,
 * duplicate keys refused, reals refused, at most WM_DOC_MAX bytes.  NULL when
 * it is not that, wm_null too, or there was no memory, which the pool knows.
 */
#define WM_DOC_MAX  16777216

wm_doc_t *wm_doc_parse(wm_pool_t *pool, wm_str_t json);

/* Appends JSON; invalid UTF-8 becomes U+FFFD. */
void wm_doc_write(wm_buf_t *out, const wm_doc_t *doc);

#endif /* WM_DOC_H */
