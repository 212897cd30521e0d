#include "output.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define WM_STAFF_SECRET  (WM_BIT(PASSWORD) | WM_BIT(GENERATE))

static const wm_command_t  wm_commands[] = {
    { "keys new", "FILE [--algorithm sm]",
      "write a file with fresh keys; never overwrites; sm: SM3 and SM4",
      wm_cli_keys_new, WM_BIT(ALGORITHM), 1, 1,
      WM_AUDITED | WM_AUDITED_OBJECT },
    { "keys rotate", "FILE [--algorithm hmac-sha256|hmac-sm3]",
      "the next key signs, once nginx is reloaded; a fresh one is next",
      wm_cli_keys_rotate, WM_BIT(ALGORITHM), 1, 1,
      WM_AUDITED | WM_AUDITED_OBJECT },
    { "keys retire", "FILE ID [--force]",
      "what this key signed is refused, once nginx is reloaded",
      wm_cli_keys_retire, WM_BIT(FORCE), 2, 2,
      WM_AUDITED | WM_AUDITED_OBJECT },
    { "keys list", "",
      "what keys there are, without their secrets",
      wm_cli_keys_list, 0, 0, 0, 0 },
    { "staff add", "NAME --role worker|auditor|administrator|reviewer|lead|"
      "lecturer --unit ID [--team ID] [--password-file FILE | --generate]",
      "a new worker; asks for the password unless told where it is",
      wm_cli_staff_add, WM_BIT(ROLE) | WM_BIT(UNIT) | WM_BIT(TEAM)
      | WM_STAFF_SECRET, 1, 1, WM_AUDITED | WM_AUDITED_OBJECT },
    { "staff list", "",
      "who works here, and where",
      wm_cli_staff_list, 0, 0, 0, 0 },
    { "staff disable", "NAME",
      "lock a worker out, at once",
      wm_cli_staff_disable, 0, 1, 1, WM_AUDITED | WM_AUDITED_OBJECT },
    { "staff enable", "NAME",
      "let a worker in again, who was locked out",
      wm_cli_staff_enable, 0, 1, 1, WM_AUDITED | WM_AUDITED_OBJECT },
    { "staff passwd", "NAME [--password-file FILE | --generate]",
      "a new password; ends the sessions of the old one",
      wm_cli_staff_passwd, WM_STAFF_SECRET, 1, 1,
      WM_AUDITED | WM_AUDITED_OBJECT },
    { "staff totp-reset", "NAME",
      "take the second factor away, when the phone is lost; ends all sessions",
      wm_cli_staff_totp_reset, 0, 1, 1, WM_AUDITED | WM_AUDITED_OBJECT },
    { "import", "DIRECTORY | FILE...",
      "practices.csv, projects.csv, units.csv, courses.csv, teams.csv, "
      "events.csv",
      wm_cli_import, 0, 1, 64, WM_AUDITED | WM_AUDITED_OBJECT },
    { "expire", "",
      "close the open orders whose wanted days are all over; for cron",
      wm_cli_expire, 0, 0, 0, WM_AUDITED },
    { "offers", "[BEFORE HOLD]",
      "end offers of seats that nobody answered, and serve who waits; "
      "for cron",
      wm_cli_offers, 0, 0, 2, 0 },
    { "notify", "[--once | --watch SECONDS | --dead | --retry ID|all] "
      "[--now TIME]",
      "tell people of what concerns them, through the site's webhook; for "
      "cron, or a service",
      wm_cli_notify, WM_BIT(ONCE) | WM_BIT(WATCH) | WM_BIT(DEAD)
      | WM_BIT(RETRY) | WM_BIT(NOW), 0, 0, 0 },
    { "person export", "[--unit ID]",
      "all that is kept of somebody, as JSON; reads two lines: name, phone; "
      "the unit where he was written down, if he gave none",
      wm_cli_person_export, WM_BIT(UNIT), 0, 0, WM_AUDITED },
    { "person forget", "[--yes] [--unit ID] [BEFORE HOLD]",
      "the same, and then it is nobody's: totals stay, the rest goes; a seat "
      "that is freed is offered as by \"offers\"",
      wm_cli_person_forget, WM_BIT(UNIT) | WM_BIT(YES), 0, 2, WM_AUDITED },
    { "doctor", "",
      "what stands in the way of keeping the durability promise",
      wm_cli_doctor, 0, 0, 0, 0 },
    { "aof mend", "FILE",
      "before Redis starts: cut off what a crash left half written at the end "
      "of its append-only file, or of the manifest's last one",
      wm_cli_aof_mend, 0, 1, 1, 0 },
    { "audit", "[--checkpoints FILE]...",
      "whether the journal is whole and unchanged",
      wm_cli_audit, WM_BIT(CHECKPOINTS), 0, 0, 0 },
    { "journal", "[--from ID]",
      "print the journal",
      wm_cli_journal, WM_BIT(FROM), 0, 0, 0 },
    { "archive status", "",
      "how far each archive is, in the format of Prometheus",
      wm_cli_archive_status, 0, 0, 0, 0 },
    { "archive", "[--to sqlite:PATH | postgresql://...] [--follow] "
      "[--trim-older TIME] [--trim-beyond COUNT]",
      "keep the journal, and what follows from it, in SQL",
      wm_cli_archive, WM_BIT(TO) | WM_BIT(FOLLOW) | WM_BIT(TRIM_AGE)
      | WM_BIT(TRIM_COUNT), 0, 0, 0 },
    { "restore", "[--from sqlite:PATH | postgresql://...]",
      "rebuild the district in an empty Redis from its archive",
      wm_cli_restore, WM_BIT(FROM), 0, 0, WM_AUDITED },
    { "export", "[--from sqlite:PATH | postgresql://...] "
      "[--what NAME,NAME...] [--format jsonl|csv] [--bom] [--out FILE] "
      "[--period PERIOD] [--unit ID] [--personal]",
      "the rows of an archive, for other programs and spreadsheets; "
      "--personal: with names and phones, if --keys is given",
      wm_cli_export, WM_BIT(FROM) | WM_BIT(WHAT) | WM_BIT(FORMAT)
      | WM_BIT(BOM) | WM_BIT(OUT) | WM_BIT(PERIOD) | WM_BIT(UNIT)
      | WM_BIT(PERSONAL), 0, 0, WM_AUDITED },
    { "report", "[--from sqlite:PATH | postgresql://...] "
      "[--by all|year|quarter|month|course|unit] [--period PERIOD] "
      "[--unit ID] [--format table|csv|json] [--bom] [--out FILE] "
      "[--now TIME]",
      "figures from an archive: orders and how long they wait, events, "
      "attendance, ratings, wishes; a unit has all below it",
      wm_cli_report, WM_BIT(FROM) | WM_BIT(BY) | WM_BIT(PERIOD)
      | WM_BIT(UNIT) | WM_BIT(FORMAT) | WM_BIT(BOM) | WM_BIT(OUT)
      | WM_BIT(NOW), 0, 0, 0 },
    { "retain", "[--dry-run | --do] [BEFORE HOLD]",
      "what was kept for as long as the configuration says (retain-orders, "
      "-wishes, -persons, -notices, -logs) and is due; --do: ends it",
      wm_cli_retain, WM_BIT(DO) | WM_BIT(DRY_RUN), 0, 2, WM_AUDITED },
    { "verify", "TOKEN",
      "what a scanned code says, and whether it is ours",
      wm_cli_verify, 0, 1, 1, 0 },
    { "qr", "TEXT",
      "draw a QR code in the terminal",
      wm_cli_qr, 0, 1, 1, 0 },
    { NULL, NULL, NULL, NULL, 0, 0, 0, 0 }
};


static int
wm_run(wm_cli_t *cli, int argc, char **argv)
{
    int  rc;

    if (!wm_cli_parse(cli, wm_commands, argc, argv)) {
        return WM_CLI_USAGE;
    }

    if (cli->options[WM_OPT_HELP].data != NULL) {
        wm_cli_usage(cli, wm_commands);
        return WM_CLI_OK;
    }

    if (!wm_conf_load(cli)) {
        return WM_CLI_USAGE;
    }

    rc = cli->command->run(cli);

    if (!wm_cli_trail(cli, rc) && rc == WM_CLI_OK) {
        rc = WM_CLI_PROBLEM;
    }

    if (cli->redis != NULL) {
        wm_redis_close(cli->redis);
    }

    return rc;
}


/* A reader that has seen enough, such as head, is no problem to report. */

static bool
wm_output_is_lost(void)
{
    struct pollfd  out = { STDOUT_FILENO, POLLOUT, 0 };

    return (fflush(stdout) != 0 || ferror(stdout))
           && (poll(&out, 1, 0) != 1 || (out.revents & POLLERR) == 0);
}


int
main(int argc, char **argv)
{
    int        rc;
    wm_cli_t   cli;

    memset(&cli, 0, sizeof(wm_cli_t));

    signal(SIGPIPE, SIG_IGN);           /* a lost Redis is an error to name */

    cli.pool = wm_heap_create();
    if (cli.pool == NULL) {
        wm_say_error("no memory");
        return WM_CLI_PROBLEM;
    }

    rc = wm_run(&cli, argc, argv);

    wm_heap_destroy(cli.pool);

    if (wm_output_is_lost()) {
        wm_say_error("cannot write to standard output");
        rc = rc == WM_CLI_OK ? WM_CLI_PROBLEM : rc;
    }

    wm_output_obey();

    return rc;
}
