#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WM_OUTPUT_TELL  5000            /* rows between two lines */

static volatile sig_atomic_t  wm_output_signo;

/* What an interruption takes away; NULL: nothing is there to be. */
static const char *volatile  wm_output_temp;


/* ---- signals */

static void
wm_output_on_signal(int signo)
{
    const char  *temp = wm_output_temp;
    int          saved = errno;

    wm_output_signo = signo;

    if (temp != NULL) {
        (void) unlink(temp);
    }

    errno = saved;
}


int
wm_output_signal(void)
{
    return wm_output_signo;
}


void
wm_output_obey(void)
{
    if (wm_output_signo != 0) {
        (void) signal(wm_output_signo, SIG_DFL);
        (void) raise(wm_output_signo);
    }
}


/* What is ignored (nohup) stays so. */

static void
wm_output_mind_signals(void)
{
    size_t            i;
    struct sigaction  action, old;

    static const int  signals[] = { SIGINT, SIGTERM, SIGHUP };

    memset(&action, 0, sizeof(action));
    action.sa_handler = wm_output_on_signal;
    action.sa_flags = (int) SA_RESETHAND;
    (void) sigemptyset(&action.sa_mask);

    for (i = 0; i < wm_countof(signals); i++) {
        if (sigaction(signals[i], NULL, &old) == 0
            && old.sa_handler != SIG_IGN)
        {
            (void) sigaction(signals[i], &action, NULL);
        }
    }
}


/* ---- the file */


static bool
wm_output_fail(const wm_output_t *out, const char *what)
{
    wm_say_error("%s %s: %s", out->path.data != NULL ? out->path.data
                                                     : "standard output",
                 what, strerror(errno));
    return false;
}


/* No signal comes between the file and the knowledge of it. */

static int
wm_output_make(const wm_output_t *out)
{
    int       fd = -1;
    sigset_t  all, before;

    (void) sigfillset(&all);

    if (out->temp.data == NULL || sigprocmask(SIG_BLOCK, &all, &before) != 0) {
        return -1;
    }

    fd = mkostemp((char *) out->temp.data, O_CLOEXEC);
    wm_output_temp = fd >= 0 ? out->temp.data : NULL;
    (void) sigprocmask(SIG_SETMASK, &before, NULL);

    return fd;
}


bool
wm_output_open(wm_cli_t *cli, wm_str_t path, wm_output_t *out)
{
    int          fd;
    struct stat  st;

    memset(out, 0, sizeof(wm_output_t));
    out->terminal = isatty(STDERR_FILENO) != 0;
    wm_output_mind_signals();

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
    fd = wm_output_make(out);

    if (fd < 0) {
        return wm_output_fail(out, "cannot be written");
    }

    out->file = fchmod(fd, 0600) == 0 ? fdopen(fd, "w") : NULL;

    if (out->file == NULL) {
        (void) wm_output_fail(out, "cannot be written");
        (void) close(fd);
        (void) unlink(out->temp.data);
        wm_output_temp = NULL;
    }

    return out->file != NULL;
}


bool
wm_output_put(wm_output_t *out, wm_str_t text, uint64_t rows)
{
    uint64_t  before = out->rows / WM_OUTPUT_TELL;

    if (wm_output_signo != 0) {
        wm_say_error("interrupted");
        return false;
    }

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

    if (!written || !ok || wm_output_signo != 0) {
        (void) unlink(out->temp.data);
        wm_output_temp = NULL;
        return ok && !written ? wm_output_fail(out, "cannot be written")
                              : false;
    }

    ok = wm_output_named(cli, out)
         || wm_output_fail(out, "cannot be written");
    wm_output_temp = NULL;

    return ok;
}
