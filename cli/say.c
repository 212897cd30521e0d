#include "cli.h"
#include "wm_text.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define WM_SAY_MAX    200
#define WM_LOGIN_MAX  32


void
wm_say_error(const char *fmt, ...)
{
    va_list  args;

    fflush(stdout);                     /* keep the order on a terminal */

    fputs("wenming: ", stderr);

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);

    fputc('\n', stderr);
}


const char *
wm_say_safe(wm_pool_t *pool, wm_str_t s)
{
    int       n;
    size_t    i;
    wm_buf_t  b;

    wm_buf_init(&b, pool, WM_SAY_MAX + 8);

    for (i = 0; i < s.len && b.len < WM_SAY_MAX; i += (size_t) n) {
        n = wm_utf8_len(s.data + i, s.len - i);

        if (n == 0
            || wm_text_check((wm_str_t) { (size_t) n, s.data + i }, false)
               != WM_TEXT_OK)
        {
            wm_putc(&b, '?');
            n = n == 0 ? 1 : n;
            continue;
        }

        wm_put(&b, (wm_str_t) { (size_t) n, s.data + i });
    }

    wm_puts(&b, i < s.len ? "..." : "");
    wm_putc(&b, '\0');

    return b.failed ? "" : b.data;
}


wm_str_t
wm_say_actor(wm_pool_t *pool)
{
    char            name[64], *p;
    struct passwd  *pw;

    if (getlogin_r(name, sizeof(name)) != 0 || name[0] == '\0') {
        pw = getpwuid(getuid());

        if (pw != NULL) {
            snprintf(name, sizeof(name), "%s", pw->pw_name);

        } else {
            snprintf(name, sizeof(name), "uid-%u", (unsigned) getuid());
        }
    }

    name[WM_LOGIN_MAX] = '\0';

    for (p = name; *p != '\0'; p++) {
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
              || (*p >= '0' && *p <= '9') || strchr("._-", *p) != NULL))
        {
            *p = '_';
        }
    }

    return wm_printf(pool, "cli:%s", name);
}


int64_t
wm_say_now_ms(void)
{
    struct timespec  ts;

    if (clock_gettime(CLOCK_REALTIME, &ts) != 0) {
        return 0;
    }

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
