#include "cli.h"
#include "wm_crypto.h"
#include "wm_staff.h"
#include "wm_text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#define WM_LINE_MAX  1024

static volatile sig_atomic_t  wm_password_signal;


bool
wm_password_read(wm_pool_t *pool, wm_str_t path, wm_str_t *line)
{
    wm_str_t  text, error;

    if (!wm_file_read(pool, path, WM_LINE_MAX, 0, &text, &error)) {
        wm_say_error("%s %s", path.data, error.data);
        return false;
    }

    wm_split(&text, '\n', line);

    if (line->len > 0 && line->data[line->len - 1] == '\r') {
        line->len--;
    }

    if (line->len == 0 || text.len > 0) {
        wm_say_error("%s must hold one line, the password", path.data);
        return false;
    }

    return true;
}


static void
wm_password_interrupt(int signo)
{
    wm_password_signal = signo;
}


/* A signal must not leave the terminal without its echo. */

static ssize_t
wm_password_read_tty(int fd, char *line, size_t size)
{
    int               i;
    ssize_t           n;
    struct termios    old, quiet;
    struct sigaction  catch, before[3];

    static const int  signals[] = { SIGINT, SIGTERM, SIGHUP };

    if (tcgetattr(fd, &old) != 0) {
        return -1;
    }

    quiet = old;
    quiet.c_lflag &= ~(tcflag_t) (ECHO | ECHONL);

    memset(&catch, 0, sizeof(catch));
    sigemptyset(&catch.sa_mask);
    catch.sa_handler = wm_password_interrupt;

    for (i = 0; i < 3; i++) {
        sigaction(signals[i], &catch, &before[i]);
    }

    n = tcsetattr(fd, TCSAFLUSH, &quiet) == 0 ? read(fd, line, size) : -1;

    tcsetattr(fd, TCSAFLUSH, &old);

    for (i = 0; i < 3; i++) {
        sigaction(signals[i], &before[i], NULL);
    }

    if (wm_password_signal != 0) {
        raise(wm_password_signal);
    }

    return n;
}


static bool
wm_password_prompt(int fd, const char *prompt, char *line, wm_str_t *password)
{
    ssize_t  n;

    if (write(fd, prompt, strlen(prompt)) < 0) {
        return false;
    }

    n = wm_password_read_tty(fd, line, WM_LINE_MAX);

    if (write(fd, "\n", 1) < 0 || n <= 0 || line[n - 1] != '\n') {
        return false;
    }

    *password = (wm_str_t) { (size_t) n - 1, line };

    return true;
}


static wm_str_t
wm_password_ask(wm_cli_t *cli)
{
    int       fd;
    bool      ok;
    char     *lines;
    wm_str_t  first, second;

    lines = wm_alloc(cli->pool, 2 * WM_LINE_MAX);
    fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (lines == NULL || fd < 0) {
        wm_say_error("no terminal to ask for the password; use "
                     "--password-file or --generate");

        if (fd >= 0) {
            close(fd);
        }

        return wm_null;
    }

    ok = wm_password_prompt(fd, "New password: ", lines, &first)
         && wm_password_prompt(fd, "The same again: ", lines + WM_LINE_MAX,
                               &second);

    close(fd);

    if (!ok) {
        wm_say_error("no password was typed");
        return wm_null;
    }

    if (!wm_eq(first, second)) {
        wm_say_error("the two passwords differ");
        return wm_null;
    }

    return first;
}


/* 80 bits, in letters and digits that are hard to mistake for others. */

static wm_str_t
wm_password_generate(wm_cli_t *cli)
{
    char  *p, *text;

    text = wm_alloc(cli->pool, WM_ID_LEN + 1);

    if (text == NULL || !wm_id_new(text)) {
        wm_say_error("no memory, or no random numbers");
        return wm_null;
    }

    for (p = text; *p != '\0'; p++) {
        *p = (char) (*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
    }

    return wm_str(text);
}


wm_str_t
wm_password_get(wm_cli_t *cli)
{
    int64_t   n;
    wm_str_t  path, password;

    path = cli->options[WM_OPT_PASSWORD];

    if (cli->options[WM_OPT_GENERATE].data != NULL) {
        if (path.data != NULL) {
            wm_say_error("--generate and --password-file exclude each other");
            return wm_null;
        }

        return wm_password_generate(cli);
    }

    if (path.data == NULL) {
        password = wm_password_ask(cli);

    } else if (!wm_password_read(cli->pool, path, &password)) {
        password = wm_null;
    }

    if (password.data == NULL) {
        return wm_null;
    }

    n = wm_utf8_count(password);

    if (wm_text_check(password, false) != WM_TEXT_OK
        || n < WM_PASSWORD_MIN || n > WM_PASSWORD_MAX)
    {
        wm_say_error("a password has %d to %d characters and no controls",
                     WM_PASSWORD_MIN, WM_PASSWORD_MAX);
        return wm_null;
    }

    return password;
}
