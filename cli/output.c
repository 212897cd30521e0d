#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WM_OUTPUT_TELL  5000            /* rows between two lines */


static bool
wm_output_fail(const wm_output_t *out, const char *what)
{
    wm_say_error("%s %s: %s", out->path.data != NULL ? out->path.data
                                                     : "standard output",
                 what, strerror(errno));
    return false;
}


bool
wm_output_open(wm_cli_t *cli, wm_str_t path, wm_output_t *out)
{
    int          fd;
    struct stat  st;

    memset(out, 0, sizeof(wm_output_t));
    out->terminal = isatty(STDERR_FILENO) != 0;

    if (path.data == NULL || wm_is(path, "-")) {
        out->file = stdout;
        return true;
    }

    out->path = path;

    if (lstat(path.data, &st) == 0 && !S_ISREG(st.st_mode)) {
        wm_say_error("%s is no regular file", path.data);
        return false;
    }

    out->temp = wm_printf(cli->pool, "%s.XXXXXX", path.data);
    fd = out->temp.data != NULL
         ? mkostemp((char *) out->temp.data, O_CLOEXEC) : -1;

    if (fd < 0) {
        return wm_output_fail(out, "cannot be written");
    }

    out->file = fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;

    if (out->file == NULL) {
        (void) wm_output_fail(out, "cannot be written");
        (void) close(fd);
        (void) unlink(out->temp.data);
    }

    return out->file != NULL;
}


bool
wm_output_put(wm_output_t *out, wm_str_t text, uint64_t rows)
{
    uint64_t  before = out->rows / WM_OUTPUT_TELL;

    if (fwrite(text.data, 1, text.len, out->file) != text.len) {
        return wm_output_fail(out, "cannot be written");
    }

    out->rows += rows;

    if (out->terminal && out->rows / WM_OUTPUT_TELL != before) {
        fprintf(stderr, "\r%" PRIu64 " rows", out->rows);
        fflush(stderr);
        out->told = true;
    }

    return true;
}


/* Its name is as lasting as its content. */

static bool
wm_output_named(wm_cli_t *cli, const wm_output_t *out)
{
    int       fd;
    bool      ok;
    wm_str_t  copy;

    if (rename(out->temp.data, out->path.data) != 0) {
        (void) unlink(out->temp.data);
        return false;
    }

    copy = wm_dup(cli->pool, out->path);        /* dirname() writes into it */
    fd = copy.data != NULL
         ? open(dirname((char *) copy.data), O_RDONLY | O_DIRECTORY
                                             | O_CLOEXEC)
         : -1;
    ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0) {
        (void) close(fd);
    }

    return ok;
}


bool
wm_output_close(wm_cli_t *cli, wm_output_t *out, bool ok)
{
    bool  written;

    if (out->told) {
        fputc('\n', stderr);
    }

    written = fflush(out->file) == 0;

    if (out->path.data == NULL) {
        return (written || wm_output_fail(out, "cannot be written")) && ok;
    }

    written = written && fsync(fileno(out->file)) == 0;
    written = fclose(out->file) == 0 && written;

    if (!written || !ok) {
        (void) unlink(out->temp.data);
        return ok ? wm_output_fail(out, "cannot be written") : false;
    }

    return wm_output_named(cli, out)
           || wm_output_fail(out, "cannot be written");
}
