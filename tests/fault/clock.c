/*
 * Another clock for a program (LD_PRELOAD): so many seconds away from the
 * real one as the file FAULT_CLOCK says now, a 64-bit number.  Time to wait
 * (CLOCK_MONOTONIC) goes on as ever.  libfaketime would do the same, but not
 * in a Redis with jemalloc, which asks for the time before it is ready.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t  *away;


__attribute__((constructor)) static void
begin(void)
{
    int          fd;
    void        *p;
    const char  *path;

    path = getenv("FAULT_CLOCK");
    if (path == NULL) {
        return;
    }

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        abort();
    }

    p = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        abort();
    }

    (void) close(fd);
    away = p;
}


int
clock_gettime(clockid_t clock, struct timespec *t)
{
    long  rc;

    rc = syscall(SYS_clock_gettime, clock, t);

    if (rc == 0 && away != NULL
        && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    {
        t->tv_sec += *away;
    }

    return (int) rc;
}


int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec  t;

    (void) zone;

    if (clock_gettime(CLOCK_REALTIME, &t) != 0) {
        return -1;
    }

    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;

    return 0;
}


time_t
time(time_t *out)
{
    struct timespec  t;

    if (clock_gettime(CLOCK_REALTIME, &t) != 0) {
        return (time_t) -1;
    }

    if (out != NULL) {
        *out = t.tv_sec;
    }

    return t.tv_sec;
}
