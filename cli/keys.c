#include "cli.h"
#include "wm_keyedit.h"

#include <stdio.h>

#define WM_KEYS_FILE_MAX  65536

static const char  wm_keys_head[] =
    "# Secret keys of wenming.  Who reads this file can forge codes and\n"
    "# sign-ins and read names and phone numbers.  Without it neither can be\n"
    "# read ever again: keep a copy in a safe place, apart from the copies of\n"
    "# Redis, and let nobody but its owner read it (mode 0600).\n"
    "#\n"
    "# set id algorithm state since secret\n";


/* All keys are made for SHA-256 and AES, or all for SM3 and SM4. */

static bool
wm_keys_make(wm_pool_t *pool, bool sm, wm_str_t *text, wm_str_t *error)
{
    bool                   ok;
    size_t                 i;
    int64_t                now;
    wm_buf_t               b;
    wm_keyfile_t           file;
    const wm_algorithm_t  *algorithm;

    static const struct {
        wm_set_t        set;
        unsigned        id;
        wm_key_state_t  state;
        const char     *names[2];
    } keys[] = {
        { WM_SET_SIGN, 1, WM_KEY_ACTIVE, { "hmac-sha256", "hmac-sm3" } },
        { WM_SET_SIGN, 2, WM_KEY_NEXT, { "hmac-sha256", "hmac-sm3" } },
        { WM_SET_DATA, 1, WM_KEY_ACTIVE,
          { "aes-256-gcm", "sm4-ctr-hmac-sm3" } }
    };

    now = wm_say_now_ms();

    wm_buf_init(&b, pool, 2048);
    wm_puts(&b, wm_keys_head);

    for (i = 0; i < wm_countof(keys); i++) {
        algorithm = wm_algorithm_find(keys[i].set,
                                      wm_str(keys[i].names[sm]));

        if (!wm_key_put(&b, algorithm, keys[i].id, keys[i].state, now)) {
            b.failed = true;
        }

        wm_putc(&b, '\n');
    }

    if (b.failed) {
        *error = wm_lit("no memory, or no random numbers");
        return false;
    }

    *text = wm_buf_str(&b);
    ok = wm_keyfile_parse(pool, *text, &file, error);

    wm_wipe(&file, sizeof(file));

    return ok;
}


static void
wm_keys_wipe(wm_str_t text)
{
    if (text.data != NULL) {
        wm_wipe((char *) text.data, text.len);
    }
}


int
wm_cli_keys_new(wm_cli_t *cli)
{
    bool      ok;
    wm_str_t  path, text, error, algorithm;

    path = cli->operands[0];
    algorithm = cli->options[WM_OPT_ALGORITHM];
    text = wm_null;

    if (algorithm.data != NULL && !wm_is(algorithm, "sm")) {
        wm_say_error("--algorithm %s: a new file knows sm, for hmac-sm3 and "
                     "sm4-ctr-hmac-sm3",
                     wm_say_safe(cli->pool, algorithm));
        return WM_CLI_USAGE;
    }

    ok = wm_keys_make(cli->pool, algorithm.data != NULL, &text, &error)
         && wm_file_create(cli->pool, path, text, &error);

    wm_keys_wipe(text);

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
                file.keys[i].state = WM_KEY_ACTIVE;
            }
        }

        ring = wm_keyring_create(cli->pool, &file, district);
    }

    wm_wipe(&file, sizeof(file));

    wm_keys_wipe(text);

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
        printf("%-4s  %3u  %-16s  %-7s  %s\n",
               file.keys[i].set == WM_SET_SIGN ? "sign" : "data",
               file.keys[i].id, file.keys[i].algorithm->name,
               wm_say_safe(cli->pool, file.keys[i].state_text),
               wm_say_safe(cli->pool, file.keys[i].since));
    }

    wm_wipe(&file, sizeof(file));

    wm_keys_wipe(text);

    return ok ? WM_CLI_OK : WM_CLI_PROBLEM;
}


static int
wm_keys_replaced(wm_cli_t *cli, bool ok, wm_str_t old, wm_str_t text,
    wm_str_t error)
{
    wm_str_t  path = cli->operands[0];

    ok = ok && wm_file_replace(cli->pool, path, old, text, &error);

    wm_keys_wipe(old);
    wm_keys_wipe(text);

    if (!ok) {
        wm_say_error("%s %s", path.data, error.data);
        return WM_CLI_PROBLEM;
    }

    return WM_CLI_OK;
}


int
wm_cli_keys_rotate(wm_cli_t *cli)
{
    bool                   ok;
    wm_str_t               path, old, text, error, name;
    wm_rotated_t           r;
    const wm_algorithm_t  *algorithm;

    path = cli->operands[0];
    name = cli->options[WM_OPT_ALGORITHM];
    algorithm = wm_algorithm_find(WM_SET_SIGN, name);
    text = wm_null;

    if (name.data != NULL && algorithm == NULL) {
        wm_say_error("--algorithm %s: there are hmac-sha256 and hmac-sm3",
                     wm_say_safe(cli->pool, name));
        return WM_CLI_USAGE;
    }

    ok = wm_file_read(cli->pool, path, WM_KEYS_FILE_MAX, WM_FILE_SECRET, &old,
                      &error)
         && wm_keyfile_rotate(cli->pool, old, algorithm, wm_say_now_ms(),
                              &text, &r, &error);

    if (wm_keys_replaced(cli, ok, old, text, error) != WM_CLI_OK) {
        return WM_CLI_PROBLEM;
    }

    printf("%s: sign key %u signs once nginx is reloaded; key %u is next\n"
           "make a copy of the file and keep it safe\n", path.data, r.signs,
           r.next);

    if (!r.known) {
        printf("nginx has not known key %u: while it reloads, for a tenth of "
               "a second,\nold workers refuse what new ones sign\n", r.signs);
    }

    return WM_CLI_OK;
}


int
wm_cli_keys_retire(wm_cli_t *cli)
{
    bool      ok;
    wm_str_t  path, old, text, error;
    uint64_t  id;

    path = cli->operands[0];
    text = wm_null;

    if (!wm_parse_uint(cli->operands[1], 255, &id) || id == 0) {
        wm_say_error("a key's id is a number from 1 to 255, not %s",
                     wm_say_safe(cli->pool, cli->operands[1]));
        return WM_CLI_USAGE;
    }

    ok = wm_file_read(cli->pool, path, WM_KEYS_FILE_MAX, WM_FILE_SECRET, &old,
                      &error)
         && wm_keyfile_retire(cli->pool, old, (unsigned) id,
                              cli->options[WM_OPT_FORCE].data != NULL,
                              wm_say_now_ms(), &text, &error);

    if (wm_keys_replaced(cli, ok, old, text, error) != WM_CLI_OK) {
        return WM_CLI_PROBLEM;
    }

    printf("%s: what sign key %u signed is refused once nginx is reloaded;\n"
           "its line still verifies checkpoints: leave it there\n", path.data,
           (unsigned) id);

    return WM_CLI_OK;
}
