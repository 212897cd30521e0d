/*
 * What the options do not say, the configuration file may: lines of a name
 * and a value, with or without the semicolon that nginx wants.
 */

#include "cli.h"
#include "wm_text.h"

#include <errno.h>
#include <unistd.h>

#define WM_CONF_MAX      65536
#define WM_DISTRICT_MAX  64


/* The value ends at the first semicolon, which only a comment may follow. */

static const char *
wm_conf_parse(wm_str_t line, wm_str_t *name, wm_str_t *value)
{
    size_t    i;
    wm_str_t  rest;

    for (i = 0; i < line.len && strchr(" \t", line.data[i]) == NULL; i++) {
        /* void */
    }

    *name = (wm_str_t) { i, line.data };
    rest = (wm_str_t) { line.len - i, line.data + i };

    wm_split(&rest, ';', value);
    *value = wm_text_trim(*value);
    rest = wm_text_trim(rest);

    if (rest.len > 0 && rest.data[0] != '#') {
        return "something stands behind the semicolon";
    }

    if (value->len == 0) {
        return "a name and a value are needed";
    }

    return NULL;
}


static const char *
wm_conf_take(wm_cli_t *cli, wm_str_t line, bool *seen, bool own_redis)
{
    wm_str_t     name, value;
    wm_opt_t     option;
    const char  *why;

    why = wm_conf_parse(line, &name, &value);
    if (why != NULL) {
        return why;
    }

    option = wm_cli_option_find(name, true);
    if (option == WM_OPT_MAX) {
        return "no such name";
    }

    if (seen[option]) {
        return "the name is there twice";
    }

    seen[option] = true;

    /* the password of one Redis is not to be sent to another */

    if (cli->options[option].data != NULL
        || (option == WM_OPT_REDIS_PASSWORD && own_redis))
    {
        return NULL;
    }

    cli->options[option] = wm_dup(cli->pool, value);

    return cli->options[option].data != NULL ? NULL : "no memory";
}


static bool
wm_conf_read(wm_cli_t *cli, wm_str_t path, wm_str_t text)
{
    bool         own_redis, seen[WM_OPT_MAX] = { false };
    unsigned     number;
    wm_str_t     line;
    const char  *why;

    own_redis = cli->options[WM_OPT_REDIS].data != NULL;

    for (number = 1; wm_split(&text, '\n', &line); number++) {
        line = wm_text_trim(line);

        if (line.len == 0 || line.data[0] == '#') {
            continue;
        }

        why = wm_text_check(line, true) == WM_TEXT_OK
              ? wm_conf_take(cli, line, seen, own_redis)
              : "the line is no text";

        if (why != NULL) {
            wm_say_error("%s:%u: %s", path.data, number, why);
            return false;
        }
    }

    return true;
}


bool
wm_conf_load(wm_cli_t *cli)
{
    bool      given;
    wm_str_t  path, text, error;

    path = cli->options[WM_OPT_CONFIG];
    given = path.data != NULL;

    if (!given) {
        path = wm_lit(WM_CLI_CONFIG);

        if (access(path.data, F_OK) != 0 && errno == ENOENT) {
            return true;
        }
    }

    if (wm_file_read(cli->pool, path, WM_CONF_MAX, 0, &text, &error)) {
        return wm_conf_read(cli, path, text);
    }

    if (given) {
        wm_say_error("%s %s", path.data, error.data);
        return false;
    }

    cli->unread = error;        /* matters only when something is missing */

    return true;
}


wm_str_t
wm_conf_district(wm_cli_t *cli)
{
    wm_str_t  name;

    name = wm_cli_need(cli, WM_OPT_DISTRICT);
    if (name.data == NULL) {
        return wm_null;
    }

    if (!wm_text_is_token(name) || name.len > WM_DISTRICT_MAX) {
        wm_say_error("--district must be 1 to %d letters, digits, - and _",
                     WM_DISTRICT_MAX);
        return wm_null;
    }

    return name;
}


bool
wm_conf_offset(wm_cli_t *cli, int *offset)
{
    wm_str_t  s;
    uint64_t  h, m;

    s = cli->options[WM_OPT_UTC_OFFSET];

    if (s.data == NULL) {
        *offset = 480;
        return true;
    }

    if (s.len != 6 || (s.data[0] != '+' && s.data[0] != '-')
        || s.data[3] != ':'
        || !wm_parse_uint((wm_str_t) { 2, s.data + 1 }, 14, &h)
        || !wm_parse_uint((wm_str_t) { 2, s.data + 4 }, 59, &m))
    {
        wm_say_error("--utc-offset is written +HH:MM, e.g. +08:00");
        return false;
    }

    *offset = (int) (h * 60 + m) * (s.data[0] == '-' ? -1 : 1);

    return true;
}


wm_str_t
wm_conf_host(wm_cli_t *cli)
{
    char      *host;
    size_t     i;
    wm_str_t   url, rest, part;

    url = wm_cli_need(cli, WM_OPT_URL);
    if (url.data == NULL) {
        return wm_null;
    }

    i = wm_starts(url, "https://") ? 8 : wm_starts(url, "http://") ? 7 : 0;

    rest = (wm_str_t) { url.len - i, url.data + i };
    wm_split(&rest, '/', &part);

    if (i == 0 || part.len == 0
        || memchr(part.data, '@', part.len) != NULL
        || memchr(part.data, ' ', part.len) != NULL)
    {
        wm_say_error("--url is the site's public address, e.g. "
                     "https://www.example.gov.cn/wenming");
        return wm_null;
    }

    host = (char *) wm_dup(cli->pool, part).data;

    for (i = 0; host != NULL && i < part.len; i++) {
        if (host[i] >= 'A' && host[i] <= 'Z') {
            host[i] = (char) (host[i] + ('a' - 'A'));
        }
    }

    return (wm_str_t) { part.len, host };
}
