#include "cli.h"
#include "wm_time.h"

#include <stdio.h>

#define WM_KEYS_FILE_MAX  65536

static const char  wm_keys_head[] =
    "# Secret keys of wenming.  Who reads this file can forge codes and\n"
    "# sign-ins and read names and phone numbers.  Without it neither can be\n"
    "# read ever again: keep a copy in a safe place, apart from the copies of\n"
    "# Redis, and let nobody but its owner read it (mode 0600).\n"
    "#\n"
    "# set id algorithm state created secret\n";


static bool
wm_keys_put(wm_buf_t *b, const char *set, const char *algorithm,
    const char *created)
{
    bool     ok;
    char     hex[2 * WM_KEY_LEN];
    uint8_t  secret[WM_KEY_LEN];

    ok = wm_random(secret, sizeof(secret));

    if (ok) {
        wm_hex(secret, sizeof(secret), hex);
        wm_putf(b, "%s 1 %s active %s ", set, algorithm, created);
        wm_put(b, (wm_str_t) { sizeof(hex), hex });
        wm_putc(b, '\n');
    }

    wm_wipe(secret, sizeof(secret));
    wm_wipe(hex, sizeof(hex));

    return ok;
}


static bool
wm_keys_make(wm_pool_t *pool, wm_str_t *text, wm_str_t *error)
{
    char          created[WM_TIME_TEXT];
    wm_str_t      time;
    wm_buf_t      b;
    wm_keyfile_t  file;

    time = wm_time_iso(wm_say_now_ms(), 0, created);
    snprintf(created + time.len - 6, 2, "Z");           /* for +00:00 */

    wm_buf_init(&b, pool, 2048);
    wm_puts(&b, wm_keys_head);

    if (!wm_keys_put(&b, "sign", "hmac-sha256", created)
        || !wm_keys_put(&b, "data", "aes-256-gcm", created) || b.failed)
    {
        *error = wm_lit("no memory, or no random numbers");
        return false;
    }

    *text = wm_buf_str(&b);

    return wm_keyfile_parse(pool, *text, &file, error);
}


int
wm_cli_keys_new(wm_cli_t *cli)
{
    bool      ok;
    wm_str_t  path, text, error;

    path = cli->operands[0];
    text = wm_null;

    ok = wm_keys_make(cli->pool, &text, &error)
         && wm_file_create(cli->pool, path, text, &error);

    if (text.data != NULL) {
        wm_wipe((char *) text.data, text.len);
    }

    if (!ok) {
        wm_say_error("%s %s", path.data, error.data);
        return WM_CLI_PROBLEM;
    }

    printf("%s: a new key file; make a copy of it and keep it safe\n",
           path.data);

    return WM_CLI_OK;
}


bool
wm_keys_load(wm_cli_t *cli, wm_keyfile_t *file, wm_str_t *text,
    wm_str_t *error)
{
    *text = wm_null;

    return wm_file_read(cli->pool, cli->options[WM_OPT_KEYS],
                        WM_KEYS_FILE_MAX, WM_FILE_SECRET, text, error)
           && wm_keyfile_parse(cli->pool, *text, file, error);
}


wm_keyring_t *
wm_keys_ring(wm_cli_t *cli, wm_str_t district, bool retired)
{
    size_t         i;
    wm_str_t       path, text, error;
    wm_keyfile_t   file;
    wm_keyring_t  *ring;

    path = wm_cli_need(cli, WM_OPT_KEYS);
    if (path.data == NULL) {
        return NULL;
    }

    ring = NULL;
    error = wm_lit("does not fit into memory");

    if (wm_keys_load(cli, &file, &text, &error)) {

        /* what a retired key once signed can still be verified */

        for (i = 0; retired && i < file.n; i++) {
            if (file.keys[i].set == WM_SET_SIGN) {
                file.keys[i].state = wm_lit("active");
            }
        }

        ring = wm_keyring_create(cli->pool, &file, district);
    }

    wm_wipe(&file, sizeof(file));

    if (text.data != NULL) {
        wm_wipe((char *) text.data, text.len);
    }

    if (ring == NULL) {
        wm_say_error("%s %s", path.data, error.data);
    }

    return ring;
}


int
wm_cli_keys_list(wm_cli_t *cli)
{
    bool          ok;
    size_t        i;
    wm_str_t      path, text, error;
    wm_keyfile_t  file;

    path = wm_cli_need(cli, WM_OPT_KEYS);
    if (path.data == NULL) {
        return WM_CLI_USAGE;
    }

    ok = wm_keys_load(cli, &file, &text, &error);

    if (!ok) {
        wm_say_error("%s %s", path.data, error.data);
    }

    for (i = 0; ok && i < file.n; i++) {
        printf("%-4s  %3u  %-11s  %-7s  %s\n",
               file.keys[i].set == WM_SET_SIGN ? "sign" : "data",
               file.keys[i].id,
               wm_say_safe(cli->pool, file.keys[i].algorithm),
               wm_say_safe(cli->pool, file.keys[i].state),
               wm_say_safe(cli->pool, file.keys[i].created));
    }

    wm_wipe(&file, sizeof(file));

    if (text.data != NULL) {
        wm_wipe((char *) text.data, text.len);
    }

    return ok ? WM_CLI_OK : WM_CLI_PROBLEM;
}
