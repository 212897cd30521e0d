#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WM_FILE_CHUNK  4096


static bool
wm_file_fail(wm_pool_t *pool, wm_str_t *error, const char *what)
{
    *error = wm_printf(pool, "%s: %s", what, strerror(errno));
    return false;
}


static bool
wm_file_check(wm_pool_t *pool, int fd, unsigned flags, size_t *size,
    wm_str_t *error)
{
    struct stat  st;

    if (fstat(fd, &st) != 0) {
        return wm_file_fail(pool, error, "cannot be examined");
    }

    *size = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t) st.st_size : 0;

    if (flags & WM_FILE_SECRET) {
        if (!S_ISREG(st.st_mode)) {
            *error = wm_lit("is no regular file");
            return false;
        }

        if (st.st_mode & 077) {
            *error = wm_printf(pool, "has mode %04o, so others could use it; "
                               "chmod 600 it", st.st_mode & 07777);
            return false;
        }
    }

    return true;
}


/* One buffer of the right size, so that a secret is not left in old ones. */

static bool
wm_file_read_all(wm_pool_t *pool, int fd, size_t size, size_t max,
    wm_str_t *text, wm_str_t *error)
{
    char      *p;
    ssize_t    n;
    wm_buf_t   b;

    wm_buf_init(&b, pool, (size < max ? size : max) + WM_FILE_CHUNK + 1);

    for ( ;; ) {
        p = wm_buf_reserve(&b, WM_FILE_CHUNK);
        if (p == NULL) {
            *error = wm_lit("does not fit into memory");
            return false;
        }

        n = read(fd, p, WM_FILE_CHUNK);

        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n < 0) {
            return wm_file_fail(pool, error, "cannot be read");
        }

        if (n == 0) {
            break;
        }

        b.len += (size_t) n;

        if (b.len > max) {
            *error = wm_printf(pool, "is longer than %zu bytes", max);
            return false;
        }
    }

    *text = wm_buf_str(&b);

    return true;
}


bool
wm_file_read(wm_pool_t *pool, wm_str_t path, size_t max, unsigned flags,
    wm_str_t *text, wm_str_t *error)
{
    int     fd;
    bool    ok;
    size_t  size;

    *text = wm_null;

    /* a pipe in the place of a key file must not make us wait */

    fd = open(path.data, O_RDONLY | O_CLOEXEC
              | (flags & WM_FILE_SECRET ? O_NONBLOCK : 0));
    if (fd < 0) {
        return wm_file_fail(pool, error, "cannot be opened");
    }

    ok = wm_file_check(pool, fd, flags, &size, error)
         && wm_file_read_all(pool, fd, size, max, text, error);

    close(fd);

    return ok;
}


static bool
wm_file_write_all(int fd, wm_str_t text)
{
    ssize_t  n;

    while (text.len > 0) {
        n = write(fd, text.data, text.len);

        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return false;
        }

        text.data += n;
        text.len -= (size_t) n;
    }

    return true;
}


static bool
wm_file_sync_dir(wm_pool_t *pool, wm_str_t path)
{
    int       fd;
    bool      ok;
    wm_str_t  copy;

    copy = wm_dup(pool, path);          /* dirname() writes into it */
    if (copy.data == NULL) {
        errno = ENOMEM;
        return false;
    }

    fd = open(dirname((char *) copy.data), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }

    ok = fsync(fd) == 0;

    close(fd);

    return ok;
}


bool
wm_file_create(wm_pool_t *pool, wm_str_t path, wm_str_t text, wm_str_t *error)
{
    int   fd;
    bool  ok;

    fd = open(path.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
              0600);
    if (fd < 0) {
        return wm_file_fail(pool, error, errno == EEXIST
                            ? "is never overwritten" : "cannot be created");
    }

    ok = fchmod(fd, 0600) == 0          /* a umask may have taken more away */
         && wm_file_write_all(fd, text) && fsync(fd) == 0;

    if (!ok) {
        wm_file_fail(pool, error, "cannot be written");
    }

    if (close(fd) != 0 && ok) {
        ok = wm_file_fail(pool, error, "cannot be written");
    }

    if (ok && !wm_file_sync_dir(pool, path)) {
        ok = wm_file_fail(pool, error, "cannot be synced to disk");
    }

    if (!ok) {
        unlink(path.data);
    }

    return ok;
}


/* Whether the open file is the one of that name, and has this text. */

static bool
wm_file_is(wm_pool_t *pool, const char *path, int fd, wm_str_t text,
    wm_str_t *error)
{
    bool         same;
    wm_str_t     now;
    struct stat  here, there;

    if (fstat(fd, &here) != 0 || stat(path, &there) != 0
        || lseek(fd, 0, SEEK_SET) != 0)
    {
        return wm_file_fail(pool, error, "cannot be examined");
    }

    same = here.st_dev == there.st_dev && here.st_ino == there.st_ino
           && (size_t) here.st_size == text.len;

    if (same) {
        if (!wm_file_read_all(pool, fd, text.len, text.len, &now, error)) {
            return false;
        }

        same = wm_eq(now, text);
        wm_wipe((char *) now.data, now.len);
    }

    if (!same) {
        *error = wm_lit("was changed by somebody else meanwhile; look at it "
                        "and try again");
    }

    return same;
}


/* A new file beside it, of the same owner; takes its place at the end. */

static bool
wm_file_swap(wm_pool_t *pool, const char *path, int old_fd, wm_str_t old,
    wm_str_t text, wm_str_t *error)
{
    int          fd;
    bool         ok;
    wm_str_t     temp;
    struct stat  st;

    temp = wm_printf(pool, "%s.XXXXXX", path);
    fd = temp.data != NULL ? mkostemp((char *) temp.data, O_CLOEXEC) : -1;

    if (fd < 0) {
        return wm_file_fail(pool, error, "cannot be replaced");
    }

    ok = fstat(old_fd, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0
         && fchmod(fd, 0600) == 0 && wm_file_write_all(fd, text)
         && fsync(fd) == 0;

    if (!ok) {
        wm_file_fail(pool, error, "cannot be replaced");
    }

    if (close(fd) != 0 && ok) {
        ok = wm_file_fail(pool, error, "cannot be replaced");
    }

    ok = ok && wm_file_is(pool, path, old_fd, old, error);

    if (ok && rename(temp.data, path) != 0) {
        ok = wm_file_fail(pool, error, "cannot be replaced");
    }

    if (!ok) {
        unlink(temp.data);
        return false;
    }

    return wm_file_sync_dir(pool, wm_str(path))
           || wm_file_fail(pool, error, "is replaced, but perhaps not on disk");
}


bool
wm_file_replace(wm_pool_t *pool, wm_str_t path, wm_str_t old, wm_str_t text,
    wm_str_t *error)
{
    int    fd;
    bool   ok;
    char  *real;

    real = realpath(path.data, NULL);           /* a link stays a link */
    fd = real != NULL ? open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

    if (fd < 0) {
        ok = wm_file_fail(pool, error, "cannot be opened");

    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        *error = wm_lit("is being changed by somebody else just now");
        ok = false;

    } else {
        ok = wm_file_swap(pool, real, fd, old, text, error);
    }

    if (fd >= 0) {
        close(fd);
    }

    free(real);

    return ok;
}
