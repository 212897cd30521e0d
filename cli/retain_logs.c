/* Log files that "retain" removes; never the one that is written to. */

#include "retain.h"

#include <errno.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>


static bool
wm_retain_file(wm_retain_t *r, const char *path)
{
    int64_t       ms;
    wm_str_t      live = r->cli->options[WM_OPT_AUDIT_LOG];
    struct stat   st;

    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode)
        || (live.data != NULL && wm_is(live, path)))
    {
        return true;
    }

    ms = (int64_t) st.st_mtim.tv_sec * 1000;

    if (!wm_retain_over_now(r, WM_RETAIN_LOGS, ms)) {
        return true;
    }

    wm_retain_count(r, WM_RETAIN_LOGS, ms);

    if (r->doing && unlink(path) != 0) {
        wm_say_error("%s: %s", path, strerror(errno));
        return false;
    }

    return true;
}


bool
wm_retain_logs(wm_retain_t *r)
{
    int        rc;
    bool       ok = true;
    size_t     i;
    glob_t     found;
    wm_str_t   pattern, all = r->cli->options[WM_OPT_LOG_FILES];

    while (r->after[WM_RETAIN_LOGS] > 0 && ok
           && wm_split(&all, ' ', &pattern))
    {
        if (pattern.len == 0) {
            continue;
        }

        pattern = wm_dup(r->cli->pool, pattern);
        rc = pattern.data != NULL ? glob(pattern.data, GLOB_NOSORT, NULL,
                                         &found)
                                  : GLOB_NOSPACE;

        if (rc != 0 && rc != GLOB_NOMATCH) {
            wm_say_error("log-files: %s cannot be looked through",
                         pattern.data != NULL ? pattern.data : "?");
            return false;
        }

        for (i = 0; rc == 0 && ok && i < found.gl_pathc; i++) {
            ok = wm_retain_file(r, found.gl_pathv[i]);
        }

        if (rc == 0) {
            globfree(&found);
        }
    }

    return ok;
}
