#include "wm_base.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>


typedef struct wm_chunk_s  wm_chunk_t;

struct wm_chunk_s {
    wm_chunk_t     *next;
    max_align_t     data[];
};

typedef struct {
    wm_pool_t       pool;
    wm_chunk_t     *chunks;
} wm_heap_t;


static _Thread_local size_t  wm_failures;


void
wm_pool_init(wm_pool_t *pool, void *(*alloc)(void *ctx, size_t size),
    void *ctx)
{
    pool->alloc = alloc;
    pool->ctx = ctx;
    pool->starved = false;
    pool->failures = wm_failures;
}


void
wm_no_memory(void)
{
    wm_failures++;
}


bool
wm_pool_starved(const wm_pool_t *pool)
{
    return pool->starved || pool->failures != wm_failures;
}


void *
wm_alloc(wm_pool_t *pool, size_t size)
{
    void  *p;

    p = pool->alloc(pool->ctx, size);
    if (p == NULL) {
        pool->starved = true;
    }

    return p;
}


void *
wm_calloc(wm_pool_t *pool, size_t size)
{
    void  *p;

    p = wm_alloc(pool, size);
    if (p != NULL) {
        memset(p, 0, size);
    }

    return p;
}


void *
wm_malloc(size_t size)
{
    return malloc(size);
}


static void *
wm_heap_alloc(void *ctx, size_t size)
{
    wm_heap_t   *heap = ctx;
    wm_chunk_t  *chunk;

    chunk = malloc(sizeof(wm_chunk_t) + size);
    if (chunk == NULL) {
        return NULL;
    }

    chunk->next = heap->chunks;
    heap->chunks = chunk;

    return chunk->data;
}


wm_pool_t *
wm_heap_create(void)
{
    wm_heap_t  *heap;

    heap = malloc(sizeof(wm_heap_t));
    if (heap == NULL) {
        return NULL;
    }

    wm_pool_init(&heap->pool, wm_heap_alloc, heap);
    heap->chunks = NULL;

    return &heap->pool;
}


void
wm_heap_destroy(wm_pool_t *pool)
{
    wm_heap_t   *heap = pool->ctx;
    wm_chunk_t  *chunk, *next;

    for (chunk = heap->chunks; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }

    free(heap);
}


wm_str_t
wm_str(const char *z)
{
    return (wm_str_t) { z == NULL ? 0 : strlen(z), z };
}


wm_str_t
wm_dup(wm_pool_t *pool, wm_str_t s)
{
    char  *p;

    p = wm_alloc(pool, s.len + 1);
    if (p == NULL) {
        return wm_null;
    }

    if (s.len > 0) {
        memcpy(p, s.data, s.len);
    }

    p[s.len] = '\0';

    return (wm_str_t) { s.len, p };
}


/*
 * Most texts are short: they are formatted once, where there is room, and
 * copied behind head.
 */

wm_str_t
wm_vprintf(wm_pool_t *pool, wm_str_t head, const char *fmt, va_list args)
{
    int      n;
    char    *p, room[256];
    va_list  again;

    va_copy(again, args);

    n = vsnprintf(room, sizeof(room), fmt, args);
    p = n < 0 ? NULL : wm_alloc(pool, head.len + (size_t) n + 1);

    if (p != NULL) {
        if (head.len > 0) {
            memcpy(p, head.data, head.len);
        }

        if ((size_t) n < sizeof(room)) {
            memcpy(p + head.len, room, (size_t) n + 1);

        } else {
            vsnprintf(p + head.len, (size_t) n + 1, fmt, again);
        }
    }

    va_end(again);

    return p != NULL ? (wm_str_t) { head.len + (size_t) n, p } : wm_null;
}


wm_str_t
wm_printf(wm_pool_t *pool, const char *fmt, ...)
{
    va_list   args;
    wm_str_t  s;

    va_start(args, fmt);
    s = wm_vprintf(pool, wm_null, fmt, args);
    va_end(args);

    return s;
}


bool
wm_eq(wm_str_t a, wm_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


int
wm_cmp(wm_str_t a, wm_str_t b)
{
    int     c;
    size_t  n;

    n = a.len < b.len ? a.len : b.len;
    c = n > 0 ? memcmp(a.data, b.data, n) : 0;

    return c != 0 ? c : a.len < b.len ? -1 : a.len > b.len;
}


bool
wm_is(wm_str_t a, const char *z)
{
    return wm_eq(a, wm_str(z));
}


bool
wm_starts(wm_str_t s, const char *z)
{
    size_t  n = strlen(z);

    return s.len >= n && memcmp(s.data, z, n) == 0;
}


bool
wm_parse_uint(wm_str_t s, uint64_t max, uint64_t *out)
{
    size_t    i;
    uint64_t  v, d;

    if (s.len == 0 || s.len > 20) {
        return false;
    }

    for (i = 0, v = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            return false;
        }

        d = (uint64_t) (s.data[i] - '0');

        if (d > max || v > (max - d) / 10) {
            return false;
        }

        v = v * 10 + d;
    }

    *out = v;

    return true;
}


bool
wm_split(wm_str_t *s, char sep, wm_str_t *part)
{
    const char  *p;

    if (s->data == NULL) {
        return false;
    }

    p = s->len > 0 ? memchr(s->data, sep, s->len) : NULL;

    if (p == NULL) {
        *part = *s;
        *s = wm_null;
        return true;
    }

    part->data = s->data;
    part->len = (size_t) (p - s->data);

    s->len -= part->len + 1;
    s->data = p + 1;

    return true;
}


wm_str_t
wm_last(wm_str_t s, char sep)
{
    wm_str_t  part = wm_null;

    while (wm_split(&s, sep, &part)) {
        /* the last part */
    }

    return part;
}


static void
wm_hex_with(const char *digits, const uint8_t *in, size_t len, char *out)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
}


void
wm_hex(const uint8_t *in, size_t len, char *out)
{
    wm_hex_with("0123456789ABCDEF", in, len, out);
}


void
wm_hex_lower(const uint8_t *in, size_t len, char *out)
{
    wm_hex_with("0123456789abcdef", in, len, out);
    out[2 * len] = '\0';
}


static int
wm_hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


bool
wm_unhex(wm_str_t s, uint8_t *out, size_t len)
{
    int     hi, lo;
    size_t  i;

    if (s.len != 2 * len) {
        return false;
    }

    for (i = 0; i < len; i++) {
        hi = wm_hex_digit(s.data[2 * i]);
        lo = wm_hex_digit(s.data[2 * i + 1]);

        if (hi < 0 || lo < 0) {
            return false;
        }

        out[i] = (uint8_t) (hi << 4 | lo);
    }

    return true;
}


bool
wm_equal_ct(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}


void
wm_wipe(void *p, size_t len)
{
    OPENSSL_cleanse(p, len);
}


void
wm_buf_init(wm_buf_t *b, wm_pool_t *pool, size_t cap)
{
    b->pool = pool;
    b->len = 0;
    b->cap = cap;
    b->data = wm_alloc(pool, cap);
    b->failed = b->data == NULL;
}


char *
wm_buf_reserve(wm_buf_t *b, size_t more)
{
    char    *p;
    size_t   cap;

    if (b->failed) {
        return NULL;
    }

    if (more <= b->cap - b->len) {
        return b->data + b->len;
    }

    if (more > SIZE_MAX / 4 || b->cap > SIZE_MAX / 4) {
        b->failed = true;
        return NULL;
    }

    cap = b->cap * 2 > b->len + more ? b->cap * 2 : b->len + more;

    p = wm_alloc(b->pool, cap);
    if (p == NULL) {
        b->failed = true;
        return NULL;
    }

    memcpy(p, b->data, b->len);

    b->data = p;
    b->cap = cap;

    return b->data + b->len;
}


void
wm_put(wm_buf_t *b, wm_str_t s)
{
    char  *p;

    p = wm_buf_reserve(b, s.len);

    if (p != NULL && s.len > 0) {
        memcpy(p, s.data, s.len);
        b->len += s.len;
    }
}


void
wm_puts(wm_buf_t *b, const char *z)
{
    wm_put(b, wm_str(z));
}


void
wm_putc(wm_buf_t *b, char c)
{
    wm_put(b, (wm_str_t) { 1, &c });
}


void
wm_putf(wm_buf_t *b, const char *fmt, ...)
{
    int       n;
    char     *p;
    va_list   args;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);

    p = n < 0 ? NULL : wm_buf_reserve(b, (size_t) n + 1);
    if (p == NULL) {
        b->failed = true;
        return;
    }

    va_start(args, fmt);
    vsnprintf(p, (size_t) n + 1, fmt, args);
    va_end(args);

    b->len += (size_t) n;
}


wm_str_t
wm_buf_str(const wm_buf_t *b)
{
    return b->failed ? wm_null : (wm_str_t) { b->len, b->data };
}


void
wm_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t) (v >> 8);
    p[1] = (uint8_t) v;
}


void
wm_be32(uint8_t *p, uint32_t v)
{
    wm_be16(p, (uint16_t) (v >> 16));
    wm_be16(p + 2, (uint16_t) v);
}


uint16_t
wm_get16(const uint8_t *p)
{
    return (uint16_t) (p[0] << 8 | p[1]);
}


uint32_t
wm_get32(const uint8_t *p)
{
    return (uint32_t) wm_get16(p) << 16 | wm_get16(p + 2);
}
