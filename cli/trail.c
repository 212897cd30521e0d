/*
 * The tool's lines in the log of what operators do: wm_trail.h.  Names and
 * phones come on standard input, never as operands, so none gets here.
 */

#include "cli.h"
#include "output.h"
#include "wm_trail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>


/* Where somebody sits who came by ssh. */

static wm_str_t
wm_cli_trail_address(void)
{
    size_t    i;
    wm_str_t  all, address;

    all = wm_str(getenv("SSH_CONNECTION"));

    if (all.len == 0 || !wm_split(&all, ' ', &address)) {
        return wm_lit("local");
    }

    for (i = 0; i < address.len; i++) {
        if (strchr("0123456789abcdefABCDEF.:%", address.data[i]) == NULL) {
            return wm_lit("local");
        }
    }

    return address;
}


/* "staff add" is staff.add. */

static wm_str_t
wm_cli_trail_kind(wm_cli_t *cli)
{
    char      *p;
    wm_str_t   kind;

    kind = wm_dup(cli->pool, wm_str(cli->command->name));

    for (p = (char *) kind.data; p != NULL && *p != '\0'; p++) {
        *p = (char) (*p == ' ' ? '.' : *p == '-' ? '_' : *p);
    }

    return kind;
}


static wm_str_t
wm_cli_trail_text(wm_cli_t *cli, int rc)
{
    int         offset;
    wm_trail_t  t;

    if (!wm_conf_offset(cli, &offset)) {
        offset = 480;
    }

    t = (wm_trail_t) {
        .now_ms = wm_say_now_ms(), .offset = offset, .source = "tool",
        .district = cli->options[WM_OPT_DISTRICT],
        .user = wm_say_actor(cli->pool), .kind = wm_cli_trail_kind(cli),
        .object = (cli->command->audited & WM_AUDITED_OBJECT)
                  && cli->noperands > 0 ? cli->operands[0] : wm_lit(""),
        .success = rc == WM_CLI_OK,
        .result = rc == WM_CLI_OK ? wm_lit("ok")
                  : rc == WM_CLI_USAGE ? wm_lit("usage")
                  : wm_output_signal() != 0 ? wm_lit("interrupted")
                                            : wm_lit("failed"),
        .address = wm_cli_trail_address()
    };

    return wm_trail_line(cli->pool, &t);
}


/* What only looks, and leaves everything as it is, has no line. */

static bool
wm_cli_trail_wants(wm_cli_t *cli)
{
    return cli->options[WM_OPT_AUDIT_LOG].data != NULL
           && cli->command->audited != 0
           && (cli->command->run != wm_cli_retain
               || cli->options[WM_OPT_DO].data != NULL)
           && (cli->command->run != wm_cli_export
               || cli->options[WM_OPT_PERSONAL].data != NULL);
}


bool
wm_cli_trail(wm_cli_t *cli, int rc)
{
    int       fd;
    bool      ok;
    wm_str_t  path, line;

    if (!wm_cli_trail_wants(cli)) {
        return true;
    }

    path = cli->options[WM_OPT_AUDIT_LOG];
    line = wm_cli_trail_text(cli, rc);

    fd = line.data == NULL ? -1
         : open(path.data, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW
                | O_NONBLOCK | O_CLOEXEC, 0640);

    ok = fd >= 0 && write(fd, line.data, line.len) == (ssize_t) line.len;

    if (!ok) {
        wm_say_error("the audit log %s cannot be written: %s", path.data,
                     line.data == NULL ? "no memory" : strerror(errno));
    }

    return (fd < 0 || close(fd) == 0) && ok;
}
