/*
 * Memory that runs out inside the module, at a place that is asked for.
 *
 * Linked into a module of its own with --wrap: each allocation that the
 * module asks nginx or the C library for comes through here, is counted in a
 * shared page, and fails where the page says so.  What nginx and shared
 * libraries allocate for themselves does not come here.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    _Atomic int64_t  count;         /* so many since it was set to 0 */
    _Atomic int64_t  first;         /* the first that fails; 0: none */
    _Atomic int64_t  last;          /* and the last */
} wm_page_t;

static wm_page_t nothing;
static wm_page_t *page = &nothing;


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


static int
wm_none_left(void)
{
    int64_t n = atomic_fetch_add(&page->count, 1) + 1;

    return n >= atomic_load(&page->first) && n <= atomic_load(&page->last);
}


/* weak: configure links programs without nginx with the same words */

#define WM_WRAP(name, args, call)                                             \
    extern void *__real_##name args __attribute__((weak));                    \
    void *__wrap_##name args;                                                 \
    void *__wrap_##name args                                                  \
    {                                                                         \
        return wm_none_left() ? NULL : __real_##name call;                    \
    }

WM_WRAP(ngx_palloc, (void *pool, size_t size), (pool, size))
WM_WRAP(ngx_pcalloc, (void *pool, size_t size), (pool, size))
WM_WRAP(ngx_pnalloc, (void *pool, size_t size), (pool, size))
WM_WRAP(ngx_alloc, (size_t size, void *log), (size, log))
WM_WRAP(ngx_calloc, (size_t size, void *log), (size, log))
WM_WRAP(ngx_array_create, (void *pool, uintptr_t n, size_t size),
        (pool, n, size))
WM_WRAP(ngx_array_push, (void *array), (array))
WM_WRAP(ngx_list_push, (void *list), (list))
WM_WRAP(ngx_pool_cleanup_add, (void *pool, size_t size), (pool, size))

WM_WRAP(ngx_slab_alloc_locked, (void *pool, size_t size), (pool, size))

