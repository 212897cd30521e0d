/*
 * wenming retain: what was kept for long enough loses whom it was of, by the
 * same rules and commits as "person forget".  Without --do it only counts.
 * First a walk over everything, which notes when each person was last seen
 * and takes orders and wishes whose time is over; then, for the persons whose
 * is, walks until nothing more of them is found, and their records last.
 */

#include "archive.h"
#include "retain.h"
#include "wm_time.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define WM_RETAIN_TELL  1000            /* records between two lines */

static const struct {
    wm_opt_t     option;
    const char  *what;
} wm_retain_kinds[] = {
#define X(name, option, what)  { WM_OPT_##option, what },
    WM_RETAIN_KINDS(X)
#undef X
};


/* ---- what is due */

bool
wm_retain_over_now(const wm_retain_t *r, wm_retain_kind_t kind,
    int64_t last_ms)
{
    return wm_retain_over(last_ms, r->after[kind], r->now_ms);
}


void
wm_retain_count(wm_retain_t *r, wm_retain_kind_t kind, int64_t last_ms)
{
    if (r->due[kind]++ == 0 || last_ms < r->oldest[kind]) {
        r->oldest[kind] = last_ms;
    }
}


void
wm_retain_progress(wm_retain_t *r)
{
    if (++r->seen % WM_RETAIN_TELL == 0 && r->terminal) {
        fprintf(stderr, "\r%zu records", r->seen);
        fflush(stderr);
    }
}


/* ---- the command */

static bool
wm_retain_options(wm_retain_t *r)
{
    size_t     i, n;
    wm_str_t   s;
    wm_cli_t  *cli = r->cli;

    r->doing = cli->options[WM_OPT_DO].data != NULL;

    if (r->doing && cli->options[WM_OPT_DRY_RUN].data != NULL) {
        wm_say_error("either --do or --dry-run");
        return false;
    }

    for (i = 0, n = 0; i < WM_RETAIN_MAX; i++) {
        s = cli->options[wm_retain_kinds[i].option];

        if (s.data == NULL) {
            continue;
        }

        n++;

        if (!wm_retain_time(s, &r->after[i])) {
            wm_say_error("%s is a number of days, e.g. 730d",
                         wm_cli_option_name(wm_retain_kinds[i].option));
            return false;
        }
    }

    if (n == 0) {
        wm_say_error("nothing has an end: there is no \"retain-orders 730d;\" "
                     "or the like in " WM_CLI_CONFIG);
        return false;
    }

    if (r->after[WM_RETAIN_LOGS] > 0
        && r->after[WM_RETAIN_LOGS] < WM_RETAIN_LOGS_MIN)
    {
        wm_say_error("logs are kept for 180d at least");
        return false;
    }

    return true;
}


static void
wm_retain_say(const wm_retain_t *r)
{
    size_t    i;
    char      day[WM_TIME_TEXT];
    wm_str_t  oldest;

    if (r->terminal && r->seen >= WM_RETAIN_TELL) {
        fputc('\n', stderr);
    }

    for (i = 0; i < WM_RETAIN_MAX; i++) {
        if (r->after[i] == 0) {
            continue;
        }

        printf("%-13s %5" PRId64 "d  %zu %s", wm_retain_kinds[i].what,
               r->after[i] / WM_DAY_MS, r->due[i],
               r->doing ? "ended" : "due");

        if (r->due[i] > 0) {
            oldest = wm_time_date(r->oldest[i], r->desk.offset, day);
            printf(", the oldest of %.*s", wm_fmt(oldest));
        }

        putchar('\n');
    }

    if (!r->doing) {
        printf("nothing was changed: --do ends it, for good\n");
    }
}


/*
 * What has ended in Redis ends in SQL with the archive's next batch: now,
 * unless somebody follows anyway.
 */

static int
wm_retain_archive(wm_retain_t *r)
{
    bool  busy;

    if (!r->doing || r->cli->options[WM_OPT_ARCHIVE].data == NULL
        || wm_archive_now(r->cli, &busy) == WM_CLI_OK)
    {
        return WM_CLI_OK;
    }

    if (!busy) {
        wm_say_error("the archive has it with its next batch: see \"wenming "
                     "archive status\"");
        return WM_CLI_PROBLEM;
    }

    printf("the archiver that is at work takes it over; how far it is says "
           "\"wenming archive status\"\n");

    return WM_CLI_OK;
}


static int
wm_retain_run(wm_retain_t *r)
{
    bool  ok;

    r->desk.ctx = r;
    r->desk.forget = true;
    r->now_ms = wm_say_now_ms();
    r->terminal = isatty(STDERR_FILENO) != 0;

    ok = wm_retain_persons(r) && wm_retain_walk(r);

    wm_retain_decide(r);

    ok = ok && wm_retain_forget_all(r) && wm_retain_notices(r)
         && wm_retain_logs(r);

    if (!ok) {
        wm_say_error("not all is done; run it again");
        return WM_CLI_PROBLEM;
    }

    wm_retain_say(r);

    return wm_retain_archive(r);
}


int
wm_cli_retain(wm_cli_t *cli)
{
    int          rc;
    wm_retain_t  r;

    memset(&r, 0, sizeof(wm_retain_t));
    r.cli = cli;

    if (!wm_retain_options(&r)) {
        return WM_CLI_USAGE;
    }

    rc = wm_person_ready(cli, &r.desk, false);

    if (rc == WM_CLI_OK) {
        rc = wm_retain_run(&r);
    }

    wm_person_done(&r.desk);

    return rc;
}
