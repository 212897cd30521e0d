/*
 * Strings, pools and growing buffers: what every file of core/ builds on.
 * Nothing in core/ knows nginx, Redis or I/O.
 */

#ifndef WM_BASE_H
#define WM_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes with a length; data need not end in a NUL. {0, NULL} is "absent". */
typedef struct {
    size_t       len;
    const char  *data;
} wm_str_t;

#define wm_lit(s)       ((wm_str_t) { sizeof(s) - 1, s })
#define wm_null         ((wm_str_t) { 0, NULL })
#define wm_countof(a)   (sizeof(a) / sizeof((a)[0]))

/*
 * Memory that lives as long as its pool.  nginx lends a request's pool, the
 * command-line tool and the tests a heap pool; tests lend one that fails.
 */
typedef struct {
    void  *(*alloc)(void *ctx, size_t size);
    void   *ctx;
    bool    starved;    /* an allocation failed */
    size_t  failures;   /* wm_no_memory() was called so often before */
} wm_pool_t;

/* Something of this thread found no memory without a pool: in a library. */
void wm_no_memory(void);

/*
 * Whether something was left out since the pool began, its own or not: what
 * was made meanwhile may lack it, and must not be told or stored.
 */
bool wm_pool_starved(const wm_pool_t *pool);

/* malloc(), where tests can let it fail. */
void *wm_malloc(size_t size);

void wm_pool_init(wm_pool_t *pool, void *(*alloc)(void *ctx, size_t size),
    void *ctx);

/* Aligned, uninitialised; NULL when there is none. */
void *wm_alloc(wm_pool_t *pool, size_t size);
void *wm_calloc(wm_pool_t *pool, size_t size);

wm_pool_t *wm_heap_create(void);
void wm_heap_destroy(wm_pool_t *pool);

wm_str_t wm_str(const char *z);                     /* borrows z */
wm_str_t wm_dup(wm_pool_t *pool, wm_str_t s);       /* NUL-terminated copy */
wm_str_t wm_printf(wm_pool_t *pool, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));          /* wm_null: no memory */
wm_str_t wm_vprintf(wm_pool_t *pool, wm_str_t head, const char *fmt,
    va_list args) __attribute__((format(printf, 3, 0)));    /* behind head */
bool wm_eq(wm_str_t a, wm_str_t b);
int wm_cmp(wm_str_t a, wm_str_t b);                 /* by bytes, as memcmp() */
bool wm_is(wm_str_t a, const char *z);
bool wm_starts(wm_str_t s, const char *z);

/* %.*s of a wm_str_t */
#define wm_fmt(s)       (int) (s).len, (s).data

/* Decimal without sign or spaces, at most max; false for anything else. */
bool wm_parse_uint(wm_str_t s, uint64_t max, uint64_t *out);

/* The part before sep; s moves behind it.  False when s is used up. */
bool wm_split(wm_str_t *s, char sep, wm_str_t *part);

/* The part behind the last sep; all of s when there is none. */
wm_str_t wm_last(wm_str_t s, char sep);

/* Upper-case hex; out holds 2 * len. */
void wm_hex(const uint8_t *in, size_t len, char *out);

/* Lower-case, as Redis writes it; out holds 2 * len and a NUL. */
void wm_hex_lower(const uint8_t *in, size_t len, char *out);
bool wm_unhex(wm_str_t s, uint8_t *out, size_t len);

/* Equal in a time that depends on len alone. */
bool wm_equal_ct(const void *a, const void *b, size_t len);

/* Overwrite a secret so that no compiler leaves it out. */
void wm_wipe(void *p, size_t len);

/*
 * A buffer that grows in its pool.  The first failed allocation sets failed,
 * and everything later is ignored: check once, at the end.
 */
typedef struct {
    wm_pool_t  *pool;
    char       *data;
    size_t      len;
    size_t      cap;
    bool        failed;
} wm_buf_t;

void wm_buf_init(wm_buf_t *b, wm_pool_t *pool, size_t cap);
char *wm_buf_reserve(wm_buf_t *b, size_t more);     /* NULL when failed */
void wm_put(wm_buf_t *b, wm_str_t s);
void wm_puts(wm_buf_t *b, const char *z);
void wm_putc(wm_buf_t *b, char c);
void wm_putf(wm_buf_t *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
wm_str_t wm_buf_str(const wm_buf_t *b);             /* wm_null when failed */

/* Big-endian integers, as all binary formats of ours have them. */
void wm_be16(uint8_t *p, uint16_t v);
void wm_be32(uint8_t *p, uint32_t v);
uint16_t wm_get16(const uint8_t *p);
uint32_t wm_get32(const uint8_t *p);

#endif /* WM_BASE_H */
