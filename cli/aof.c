/*
 * The end of Redis's append-only file after a crash, or a loss of power.
 *
 * A commit is one transaction there, MULTI to EXEC.  Redis with
 * aof-load-truncated cuts a torn one behind its last whole command, not
 * before its MULTI (all of Redis up to 8, Valkey up to 8): at the start after
 * that, what is left of it is carried out with the next commit.  So Redis is
 * told not to cut, and this is run before it: whole transactions stay, a torn
 * one goes.  It was never answered, as its end was never on the disk.
 *
 * Format: https://redis.io/docs/latest/operate/oss_and_stack/management/
 * persistence/ and RESP arrays of strings; lines with # are annotations.
 */
#include "cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define WM_AOF_WORDS      INT64_C(1048576)
#define WM_AOF_MANIFEST   1048576

typedef enum {
    WM_AOF_OK,
    WM_AOF_TORN,                /* it ends in the middle of something */
    WM_AOF_DAMAGED,             /* it goes on with what cannot be */
    WM_AOF_LOST                 /* it cannot be read */
} wm_aof_rc_t;

typedef struct {
    const char  *path;
    FILE        *file;
    int64_t      size;
    int64_t      good;          /* up to here all is whole */
    bool         multi;         /* in a transaction */
} wm_aof_t;


/* "*3\r\n": a mark and a number. */

static wm_aof_rc_t
wm_aof_number(wm_aof_t *aof, char mark, int64_t max, int64_t *n)
{
    int     c, digits;
    size_t  i;

    c = getc(aof->file);
    if (c != mark) {
        return c == EOF ? WM_AOF_TORN : WM_AOF_DAMAGED;
    }

    *n = 0;
    digits = 0;

    while ((c = getc(aof->file)) >= '0' && c <= '9' && *n <= max) {
        *n = *n * 10 + (c - '0');
        digits++;
    }

    for (i = 0; c == "\r\n"[i]; i++) {
        if (i == 1) {
            return digits > 0 && *n <= max ? WM_AOF_OK : WM_AOF_DAMAGED;
        }

        c = getc(aof->file);
    }

    return c == EOF ? WM_AOF_TORN : WM_AOF_DAMAGED;
}


/* A string; the first of a command, if it is short, into name. */

static wm_aof_rc_t
wm_aof_string(wm_aof_t *aof, char name[6])
{
    char         end[2];
    int64_t      n;
    wm_aof_rc_t  rc;

    rc = wm_aof_number(aof, '$', INT64_MAX / 16, &n);
    if (rc != WM_AOF_OK) {
        return rc;
    }

    if (n + 2 > aof->size - ftello(aof->file)) {
        return WM_AOF_TORN;
    }

    if (name != NULL && n < 6) {
        name[n] = '\0';

        if (fread(name, 1, (size_t) n, aof->file) != (size_t) n) {
            return WM_AOF_LOST;
        }

    } else if (fseeko(aof->file, (off_t) n, SEEK_CUR) != 0) {
        return WM_AOF_LOST;
    }

    if (fread(end, 1, 2, aof->file) != 2) {
        return WM_AOF_LOST;
    }

    return end[0] == '\r' && end[1] == '\n' ? WM_AOF_OK : WM_AOF_DAMAGED;
}


static wm_aof_rc_t
wm_aof_command(wm_aof_t *aof)
{
    char         name[6] = "";
    int64_t      i, n;
    wm_aof_rc_t  rc;

    rc = wm_aof_number(aof, '*', WM_AOF_WORDS, &n);

    for (i = 0; rc == WM_AOF_OK && i < n; i++) {
        rc = wm_aof_string(aof, i == 0 ? name : NULL);
    }

    if (rc != WM_AOF_OK) {
        return rc;
    }

    if (strcasecmp(name, "multi") == 0) {
        if (aof->multi) {
            return WM_AOF_DAMAGED;      /* it was cut in a wrong place */
        }

        aof->multi = true;

    } else if (strcasecmp(name, "exec") == 0) {
        aof->multi = false;
    }

    return WM_AOF_OK;
}


/* Only zeros to the end: a file system that had grown the file first. */

static bool
wm_aof_zeros(wm_aof_t *aof)
{
    int  c;

    if (fseeko(aof->file, -1, SEEK_CUR) != 0) {
        return false;
    }

    do {
        c = getc(aof->file);
    } while (c == '\0');

    return c == EOF;
}


static wm_aof_rc_t
wm_aof_scan(wm_aof_t *aof)
{
    int          c;
    wm_aof_rc_t  rc = WM_AOF_OK;

    while (rc == WM_AOF_OK) {
        if (!aof->multi) {
            aof->good = (int64_t) ftello(aof->file);
        }

        c = getc(aof->file);

        if (c == EOF) {
            rc = WM_AOF_TORN;
            break;
        }

        if (c == '#') {
            while (c != EOF && c != '\n') {
                c = getc(aof->file);
            }

            rc = c == EOF ? WM_AOF_TORN : WM_AOF_OK;
            continue;
        }

        ungetc(c, aof->file);
        rc = wm_aof_command(aof);
    }

    if (ferror(aof->file)) {
        return WM_AOF_LOST;
    }

    if (rc == WM_AOF_DAMAGED && wm_aof_zeros(aof)) {
        rc = WM_AOF_TORN;
    }

    return rc == WM_AOF_TORN && aof->good == aof->size ? WM_AOF_OK : rc;
}


/* ---- the cut */

/* What is cut off is kept beside: nobody has to take our word for it. */

static bool
wm_aof_keep(wm_aof_t *aof, const char *path)
{
    int      fd;
    char     bytes[65536];
    bool     ok = true;
    size_t   n;

    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
              0600);
    if (fd == -1 || fseeko(aof->file, (off_t) aof->good, SEEK_SET) != 0) {
        ok = false;
    }

    while (ok && (n = fread(bytes, 1, sizeof(bytes), aof->file)) > 0) {
        ok = write(fd, bytes, n) == (ssize_t) n;
    }

    ok = ok && !ferror(aof->file) && fsync(fd) == 0;

    if (fd != -1 && close(fd) != 0) {
        ok = false;
    }

    return ok;
}


static int
wm_aof_cut(wm_cli_t *cli, wm_aof_t *aof)
{
    wm_str_t  kept;

    kept = wm_printf(cli->pool, "%s.torn-at-%lld", aof->path,
                     (long long) aof->good);

    if (kept.data == NULL || !wm_aof_keep(aof, kept.data)
        || ftruncate(fileno(aof->file), (off_t) aof->good) != 0
        || fsync(fileno(aof->file)) != 0)
    {
        wm_say_error("%s: cannot cut its torn end off: %s", aof->path,
                     strerror(errno));
        return WM_CLI_PROBLEM;
    }

    printf("%s: cut %lld bytes off its end, a commit that was never answered; "
           "they are in %s\n", aof->path, (long long) (aof->size - aof->good),
           kept.data);

    return WM_CLI_OK;
}


static int
wm_aof_judge(wm_cli_t *cli, wm_aof_t *aof)
{
    switch (wm_aof_scan(aof)) {

    case WM_AOF_OK:
        printf("%s: whole, %lld bytes\n", aof->path, (long long) aof->size);
        return WM_CLI_OK;

    case WM_AOF_TORN:
        return wm_aof_cut(cli, aof);

    case WM_AOF_DAMAGED:
        wm_say_error("%s: damaged at byte %lld or behind, not at its end; "
                     "nothing was changed.  Copy it away, then see the guide, "
                     "\"Redis does not start\"", aof->path,
                     (long long) aof->good);
        return WM_CLI_PROBLEM;

    default:
        wm_say_error("%s: cannot be read: %s", aof->path, strerror(errno));
        return WM_CLI_PROBLEM;
    }
}


/* ---- which file */

/*
 * What a Redis that was killed has forked goes on for a while with its files
 * open, and writes to none of them that was there before.
 */

static bool
wm_aof_is_forked(wm_pool_t *pool, const char *process)
{
    wm_str_t  path, title, error;

    path = wm_printf(pool, "/proc/%s/cmdline", process);

    return path.data != NULL
           && wm_file_read(pool, path, WM_AOF_MANIFEST, 0, &title, &error)
           && (wm_starts(title, "redis-aof-rewrite")
               || wm_starts(title, "redis-rdb-"));
}


/* Somebody who has it open is still writing: a Redis that runs. */

static bool
wm_aof_is_open(wm_pool_t *pool, const struct stat *st)
{
    DIR            *fds, *all;
    bool            open = false;
    wm_str_t        own, path;
    struct stat     other;
    struct dirent  *process, *fd;

    own = wm_printf(pool, "%ld", (long) getpid());
    all = own.data != NULL ? opendir("/proc") : NULL;

    while (all != NULL && !open && (process = readdir(all)) != NULL) {
        if (process->d_name[0] < '1' || process->d_name[0] > '9'
            || strcmp(process->d_name, own.data) == 0)
        {
            continue;
        }

        path = wm_printf(pool, "/proc/%s/fd", process->d_name);
        fds = path.data != NULL ? opendir(path.data) : NULL;

        while (fds != NULL && !open && (fd = readdir(fds)) != NULL) {
            open = fstatat(dirfd(fds), fd->d_name, &other, 0) == 0
                   && other.st_dev == st->st_dev
                   && other.st_ino == st->st_ino
                   && !wm_aof_is_forked(pool, process->d_name);
        }

        if (fds != NULL) {
            (void) closedir(fds);
        }
    }

    if (all != NULL) {
        (void) closedir(all);
    }

    return open;
}


/* A fork that has just begun does not bear its name yet. */

static bool
wm_aof_is_written(wm_pool_t *pool, const struct stat *st)
{
    int                    i;
    const struct timespec  pause = { 0, 100 * 1000000 };

    for (i = 0; wm_aof_is_open(pool, st); i++) {
        if (i == 20) {
            return true;
        }

        (void) nanosleep(&pause, NULL);
    }

    return false;
}


static int
wm_aof_file(wm_cli_t *cli, const char *path)
{
    int          rc;
    char         magic[5] = "";
    wm_aof_t     aof = { .path = path };
    struct stat  st;

    aof.file = fopen(path, "r+e");
    if (aof.file == NULL && errno == ENOENT) {
        printf("%s: not there yet\n", path);
        return WM_CLI_OK;
    }

    if (aof.file == NULL || fstat(fileno(aof.file), &st) != 0
        || (fread(magic, 1, sizeof(magic), aof.file) == 0
            && ferror(aof.file)))
    {
        wm_say_error("%s: cannot be read: %s", path, strerror(errno));
        rc = WM_CLI_PROBLEM;

    } else if (wm_aof_is_written(cli->pool, &st)) {
        wm_say_error("%s: Redis is running and writes to it", path);
        rc = WM_CLI_PROBLEM;

    } else if (memcmp(magic, "REDIS", sizeof(magic)) == 0) {
        printf("%s: begins with a snapshot, which is not looked into\n", path);
        rc = WM_CLI_OK;

    } else {
        rewind(aof.file);
        aof.size = (int64_t) st.st_size;
        rc = wm_aof_judge(cli, &aof);
    }

    if (aof.file != NULL && fclose(aof.file) != 0) {
        rc = WM_CLI_PROBLEM;
    }

    return rc;
}


/* "file NAME seq N type b|i|h": the last that is no history is written to. */

static wm_str_t
wm_aof_written(wm_str_t manifest)
{
    wm_str_t  line, word, name, last = wm_null;

    while (wm_split(&manifest, '\n', &line)) {
        if (wm_split(&line, ' ', &word) && wm_is(word, "file")
            && wm_split(&line, ' ', &name) && name.len > 0
            && memchr(name.data, '/', name.len) == NULL
            && line.len > 0 && line.data[line.len - 1] != 'h')
        {
            last = name;
        }
    }

    return last;
}


int
wm_cli_aof_mend(wm_cli_t *cli)
{
    wm_str_t     name, path = cli->operands[0], text, error;
    const char  *slash;

    if (path.len < 9 || !wm_is((wm_str_t) { 9, path.data + path.len - 9 },
                               ".manifest")
        || access(path.data, F_OK) != 0)
    {
        return wm_aof_file(cli, path.data);
    }

    if (!wm_file_read(cli->pool, path, WM_AOF_MANIFEST, 0, &text, &error)) {
        wm_say_error("%s: %s", path.data, error.data);
        return WM_CLI_PROBLEM;
    }

    name = wm_aof_written(text);
    slash = strrchr(path.data, '/');
    path.len = slash != NULL ? (size_t) (slash + 1 - path.data) : 0;
    path = wm_printf(cli->pool, "%.*s%.*s", wm_fmt(path), wm_fmt(name));

    if (name.len == 0 || path.data == NULL) {
        wm_say_error("%s: names no file that Redis writes to",
                     cli->operands[0].data);
        return WM_CLI_PROBLEM;
    }

    return wm_aof_file(cli, path.data);
}
