/*
 * Memory that runs out inside the module, at a place that is asked for.
 *
 * Linked into a module of its own with --wrap: each allocation that the
 * module asks nginx for comes through here, is counted in a shared page, and
 * fails where the page says so; so does what hiredis and jansson have, and each
 * call of OpenSSL, qrencode and zlib that may have to.  What nginx allocates
 * for itself does not come here.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit_openssl.h"

typedef struct {
    _Atomic int64_t  count;         /* so many since it was set to 0 */
    _Atomic int64_t  first;         /* the first that fails; 0: none */
    _Atomic int64_t  last;          /* and the last */
} wm_page_t;

static wm_page_t nothing;
static wm_page_t *page = &nothing;


static int
wm_none_left(void)
{
    int64_t n = atomic_fetch_add(&page->count, 1) + 1;

    return n >= atomic_load(&page->first) && n <= atomic_load(&page->last);
}


__attribute__((constructor)) static void
wm_page_open(void)
{
    const char *path = getenv("WENMING_NOMEM");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *p;

    if (fd == -1) {
        return;
    }

    p = mmap(NULL, sizeof(wm_page_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
             0);
    close(fd);

    if (p != MAP_FAILED) {
        page = p;
    }
}


/*
 * A line for each: what it returns, and what it returns then.  Weak, as
 * configure links programs without nginx with the same words.
 */

#define WM_NONE_LEFT()  wm_none_left()

#define WM_WRAP(type, none, name, args, call)                                 \
    extern type __real_##name args __attribute__((weak));                     \
    type __wrap_##name args;                                                  \
    type __wrap_##name args                                                   \
    {                                                                         \
        return WM_NONE_LEFT() ? none : __real_##name call;                    \
    }

typedef void *pt;

WM_WRAP(pt, NULL, ngx_palloc, (pt pool, size_t size), (pool, size))
WM_WRAP(pt, NULL, ngx_pcalloc, (pt pool, size_t size), (pool, size))
WM_WRAP(pt, NULL, ngx_pnalloc, (pt pool, size_t size), (pool, size))
WM_WRAP(pt, NULL, ngx_alloc, (size_t size, pt log), (size, log))
WM_WRAP(pt, NULL, ngx_calloc, (size_t size, pt log), (size, log))
WM_WRAP(pt, NULL, ngx_array_create, (pt pool, uintptr_t n, size_t size),
        (pool, n, size))
WM_WRAP(pt, NULL, ngx_array_push, (pt array), (array))
WM_WRAP(pt, NULL, ngx_list_push, (pt list), (list))
WM_WRAP(pt, NULL, ngx_pool_cleanup_add, (pt pool, size_t size), (pool, size))
WM_WRAP(pt, NULL, ngx_slab_alloc_locked, (pt pool, size_t size), (pool, size))

#define WM_WRAP_OPENSSL(type, name, args, call, none)                         \
    WM_WRAP(type, none, name, args, call)

UNIT_OPENSSL(WM_WRAP_OPENSSL)

WM_WRAP(pt, NULL, QRcode_encodeString,
        (const char *text, int version, int level, int hint, int cases),
        (text, version, level, hint, cases))
WM_WRAP(int, -4, compress,              /* Z_MEM_ERROR */
        (pt out, pt wrote, const void *data, unsigned long size),
        (out, wrote, data, size))

/*
 * hiredis 0.14 is linked into the module.  With no memory at all it ends the
 * process when it closes or opens a connection, and it does not look at the
 * empty string that it makes after each write: so only one of its own fails,
 * and none of a few bytes.
 */

#undef WM_NONE_LEFT
#define WM_NONE_LEFT()                                                        \
    (size > 8 && wm_none_left() && page->first == page->last)

WM_WRAP(pt, NULL, malloc, (size_t size), (size))
WM_WRAP(pt, NULL, calloc, (size_t n, size_t size), (n, size))
WM_WRAP(pt, NULL, realloc, (pt old, size_t size), (old, size))
