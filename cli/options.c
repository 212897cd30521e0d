#include "cli.h"

#include <stdio.h>

typedef enum {
    WM_WHERE_CONF,
    WM_WHERE_ANY,
    WM_WHERE_OWN
} wm_where_t;

static const struct {
    const char  *name;
    const char  *value;
    wm_where_t   where;
} wm_options[] = {
#define X(name, text, value, where)  { text, value, WM_WHERE_##where },
    WM_CLI_OPTIONS(X)
#undef X
};


const char *
wm_cli_option_name(wm_opt_t option)
{
    return wm_options[option].name;
}


wm_opt_t
wm_cli_option_find(wm_str_t name, bool config)
{
    int  i;

    for (i = 0; i < WM_OPT_MAX; i++) {
        if (wm_is(name, wm_options[i].name)
            && (!config || wm_options[i].where == WM_WHERE_CONF))
        {
            break;
        }
    }

    return (wm_opt_t) i;
}


/* Of the one command, of all that begin with the word typed, or of all. */

static bool
wm_cli_list(FILE *out, const wm_cli_t *cli, const wm_command_t *commands)
{
    bool                 any;
    wm_str_t             name, word;
    const wm_command_t  *c;

    for (c = commands, any = false; c->name != NULL; c++) {
        name = wm_str(c->name);
        wm_split(&name, ' ', &word);

        if (cli->command != NULL ? cli->command != c
            : cli->noperands > 0 && !wm_eq(cli->operands[0], word))
        {
            continue;
        }

        fprintf(out, "  wenming %s%s%s\n        %s\n", c->name,
                c->usage[0] != '\0' ? " " : "", c->usage, c->help);
        any = true;
    }

    return any;
}


void
wm_cli_usage(const wm_cli_t *cli, const wm_command_t *commands)
{
    printf("usage: wenming [OPTION]... COMMAND ...\n\n");

    (void) wm_cli_list(stdout, cli, commands);

    printf("\n"
           "Options, before or after the command; but for --config they may "
           "also stand in\n"
           WM_CLI_CONFIG ", as \"name value;\":\n\n"
           "  --redis unix:/PATH | redis://HOST:PORT/DB\n"
           "  --redis-password-file FILE\n"
           "  --keys FILE            the key file\n"
           "  --district NAME        as the directive wenming has it\n"
           "  --url PUBLIC_URL       as wenming_public_url has it\n"
           "  --durability LEVEL     always (default), everysec, unchecked\n"
           "  --utc-offset +HH:MM    of the district; +08:00 by default\n"
           "  --archive ADDRESS      sqlite:PATH or postgresql://USER@HOST/"
           "DATABASE\n"
           "  --webhook URL          where notifications go: https://...\n"
           "  --webhook-secret FILE  one line that signs them\n"
           "  --webhook-ca FILE      who vouches for it, in place of the "
           "system's list\n"
           "  --config FILE          instead of " WM_CLI_CONFIG "\n\n"
           "Exit code: 0 all is well, 1 something is wrong, 2 wrong usage.\n");
}


static bool
wm_cli_store(wm_cli_t *cli, wm_opt_t option, wm_str_t value)
{
    if (option == WM_OPT_CHECKPOINTS) {
        cli->checkpoints[cli->ncheckpoints++] = value;

    } else if (cli->options[option].data != NULL && option != WM_OPT_HELP) {
        wm_say_error("--%s is given twice", wm_options[option].name);
        return false;
    }

    cli->options[option] = value;

    return true;
}


/* Takes the option at argv[*i], and its value behind "=" or a blank. */

static bool
wm_cli_parse_option(wm_cli_t *cli, int argc, char **argv, int *i)
{
    wm_str_t    name, value;
    wm_opt_t    option;
    const char *arg = argv[*i];

    value = wm_str(arg);
    wm_split(&value, '=', &name);

    if (wm_is(name, "-h")) {
        name = wm_lit("--help");
    }

    option = wm_starts(name, "--")
             ? wm_cli_option_find((wm_str_t) { name.len - 2, name.data + 2 },
                                  false)
             : WM_OPT_MAX;

    if (option == WM_OPT_MAX) {
        wm_say_error("there is no option %s (see wenming --help)", arg);
        return false;
    }

    if (wm_options[option].value == NULL) {
        if (value.data != NULL) {
            wm_say_error("--%s takes no value", wm_options[option].name);
            return false;
        }

        return wm_cli_store(cli, option, wm_lit(""));
    }

    /* another option is no value; behind "=" anything is */

    if (value.data == NULL && *i + 1 < argc
        && strncmp(argv[*i + 1], "--", 2) != 0)
    {
        value = wm_str(argv[++*i]);
    }

    if (value.len == 0) {
        wm_say_error("--%s needs a value: %s", wm_options[option].name,
                     wm_options[option].value);
        return false;
    }

    return wm_cli_store(cli, option, value);
}


/* How many operands the words of a command's name are; 0: others. */

static size_t
wm_cli_match(const wm_cli_t *cli, const wm_command_t *c)
{
    size_t    words;
    wm_str_t  name, word;

    name = wm_str(c->name);

    for (words = 0; wm_split(&name, ' ', &word); words++) {
        if (words == cli->noperands || !wm_eq(cli->operands[words], word)) {
            return 0;
        }
    }

    return words;
}


static bool
wm_cli_find_command(wm_cli_t *cli, const wm_command_t *commands)
{
    size_t               words;
    const wm_command_t  *c;

    for (c = commands; c->name != NULL; c++) {
        words = wm_cli_match(cli, c);

        if (words > 0) {
            cli->command = c;
            cli->operands += words;
            cli->noperands -= words;
            return true;
        }
    }

    return false;
}


static bool
wm_cli_check(wm_cli_t *cli)
{
    int                  i;
    const wm_command_t  *c = cli->command;

    for (i = 0; i < WM_OPT_MAX; i++) {
        if (cli->options[i].data != NULL
            && wm_options[i].where == WM_WHERE_OWN
            && (c->options & UINT64_C(1) << i) == 0)
        {
            wm_say_error("\"%s\" has no option --%s", c->name,
                         wm_options[i].name);
            return false;
        }
    }

    if (cli->noperands < c->min || cli->noperands > c->max) {
        wm_say_error("usage: wenming %s %s", c->name, c->usage);
        return false;
    }

    return true;
}


bool
wm_cli_parse(wm_cli_t *cli, const wm_command_t *commands, int argc,
    char **argv)
{
    int   i;
    bool  literal;

    cli->operands = wm_alloc(cli->pool, (size_t) argc * sizeof(wm_str_t));
    cli->checkpoints = wm_alloc(cli->pool, (size_t) argc * sizeof(wm_str_t));

    if (cli->operands == NULL || cli->checkpoints == NULL) {
        wm_say_error("no memory");
        return false;
    }

    for (i = 1, literal = false; i < argc; i++) {
        if (literal || argv[i][0] != '-' || argv[i][1] == '\0') {
            cli->operands[cli->noperands++] = wm_str(argv[i]);

        } else if (strcmp(argv[i], "--") == 0) {
            literal = true;

        } else if (!wm_cli_parse_option(cli, argc, argv, &i)) {
            return false;
        }
    }

    if (wm_cli_find_command(cli, commands)) {
        return cli->options[WM_OPT_HELP].data != NULL || wm_cli_check(cli);
    }

    if (cli->options[WM_OPT_HELP].data != NULL) {
        return true;
    }

    if (cli->noperands == 0) {
        wm_say_error("no command; see wenming --help");

    } else {
        wm_say_error("there is no command \"%s%s%s\"",
                     cli->operands[0].data, cli->noperands > 1 ? " " : "",
                     cli->noperands > 1 ? cli->operands[1].data : "");

        if (!wm_cli_list(stderr, cli, commands)) {
            fprintf(stderr, "see wenming --help\n");
        }
    }

    return false;
}


void
wm_cli_say_needed(const wm_cli_t *cli, wm_opt_t option, const char *value,
    wm_opt_t conf)
{
    wm_say_error("--%s %s is needed, or \"%s ...;\" in %s%s%s",
                 wm_options[option].name, value, wm_options[conf].name,
                 WM_CLI_CONFIG,
                 cli->unread.len > 0 ? ", which cannot be read: " : "",
                 cli->unread.len > 0 ? cli->unread.data : "");
}


wm_str_t
wm_cli_need(wm_cli_t *cli, wm_opt_t option)
{
    if (cli->options[option].data == NULL) {
        wm_cli_say_needed(cli, option, wm_options[option].value, option);
    }

    return cli->options[option];
}
