#include "rotate.h"
#include "wm_text.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>

#define WM_ROTATE_FILE_MAX  65536

/* How much is kept, as it is said: in a block, or for all that follow. */
typedef struct {
    int64_t    every;                   /* days */
    int64_t    rotate;                  /* -1: all */
    int64_t    maxage;                  /* days; -1: any */
    bool       sized;                   /* each run may rotate: each day */
} wm_kept_t;

typedef struct {
    wm_pool_t    *pool;
    wm_rotate_t  *r;
    const char   *name;                 /* of the file */
    wm_kept_t     all;
    wm_kept_t     own;                  /* of the block */
    bool          inside;               /* a block */
    bool          ours;
    bool          script;
} wm_rotate_reader_t;


static int64_t
wm_kept_days(const wm_kept_t *k)
{
    int64_t  days;

    if (k->rotate < 0) {
        return k->maxage;
    }

    days = k->rotate * (k->sized ? 1 : k->every);

    return k->maxage >= 0 && k->maxage < days ? k->maxage : days;
}


static void
wm_kept_word(wm_kept_t *k, wm_str_t word, wm_str_t value)
{
    bool      keeps;
    uint64_t  n;

    k->every = wm_is(word, "hourly") ? 0 : wm_is(word, "daily") ? 1
               : wm_is(word, "weekly") ? 7 : wm_is(word, "monthly") ? 30
               : wm_is(word, "yearly") ? 365 : k->every;
    k->sized |= wm_is(word, "size") || wm_is(word, "maxsize");

    keeps = wm_is(value, "-1");

    if (!keeps && !wm_parse_uint(value, 100000, &n)) {
        return;
    }

    if (wm_is(word, "rotate")) {
        k->rotate = keeps ? -1 : (int64_t) n;

    } else if (wm_is(word, "maxage")) {
        k->maxage = keeps ? -1 : (int64_t) n;
    }
}


/* "a b" 'c' d: the next name of a file, without its quotes. */

static bool
wm_rotate_name(wm_str_t *line, wm_str_t *name)
{
    char  quote;

    *line = wm_text_trim(*line);

    if (line->len == 0) {
        return false;
    }

    quote = line->data[0];

    if (quote != '"' && quote != '\'') {
        return wm_text_word(line, name);
    }

    *line = (wm_str_t) { line->len - 1, line->data + 1 };
    (void) wm_split(line, quote, name);

    if (line->data == NULL) {
        *line = wm_lit("");
    }

    return true;
}


static void
wm_rotate_end(wm_rotate_reader_t *f)
{
    int64_t  days = wm_kept_days(&f->own);

    if (f->ours) {
        wm_putf(&f->r->where, "%s%s", f->r->blocks++ > 0 ? " and " : "",
                f->name);

        if (days >= 0 && (f->r->days < 0 || days < f->r->days)) {
            f->r->days = days;
        }
    }

    f->inside = f->ours = false;
}


/* Names, on this line and on those before, and then "{". */

static void
wm_rotate_names(wm_rotate_reader_t *f, wm_str_t line)
{
    wm_str_t  name, pattern;

    while (wm_rotate_name(&line, &name)) {
        if (name.len > 0 && name.data[name.len - 1] == '{') {
            name.len--;
            f->inside = true;
            f->own = f->all;
        }

        pattern = wm_dup(f->pool, name);

        if (pattern.len > 0
            && fnmatch(pattern.data, f->r->path.data,
                       FNM_PATHNAME | FNM_PERIOD) == 0)
        {
            f->ours = true;
        }
    }
}


static void
wm_rotate_line(wm_rotate_reader_t *f, wm_str_t line)
{
    wm_str_t  word, rest = wm_text_trim(line);

    line = rest;

    if (f->script || !wm_text_word(&rest, &word) || word.data[0] == '#') {
        f->script = f->script && !wm_is(line, "endscript");
        return;
    }

    if (word.data[0] == '}') {
        wm_rotate_end(f);

    } else if (wm_is(word, "prerotate") || wm_is(word, "postrotate")
               || wm_is(word, "firstaction") || wm_is(word, "lastaction")
               || wm_is(word, "preremove"))
    {
        f->script = true;

    } else if (!f->inside && strchr("/\"'{", word.data[0]) != NULL) {
        wm_rotate_names(f, line);

    } else {
        wm_kept_word(f->inside ? &f->own : &f->all, word,
                     wm_text_trim(rest));
    }
}


static void
wm_rotate_file(wm_pool_t *pool, wm_str_t path, wm_rotate_t *r)
{
    wm_str_t            text, line, error;
    wm_rotate_reader_t  f = { .pool = pool, .r = r, .name = path.data,
                              .all = { 7, 0, -1, false } };

    if (!wm_file_read(pool, path, WM_ROTATE_FILE_MAX, 0, &text, &error)) {
        r->unread = path;
        return;
    }

    while (wm_split(&text, '\n', &line)) {
        wm_rotate_line(&f, line);
    }

    if (f.inside) {
        wm_rotate_end(&f);
    }
}


/* What logrotate leaves out of a directory by its name. */

static bool
wm_rotate_taboo(const char *name)
{
    size_t  i, n, len = strlen(name);

    static const char *const  ends[] = {
        "~", ",v", ".swp", ".bak", ".disabled", ".cfsaved", ".dpkg-bak",
        ".dpkg-del", ".dpkg-dist", ".dpkg-new", ".dpkg-old", ".dpkg-tmp",
        ".rpmnew", ".rpmorig", ".rpmsave", ".ucf-dist", ".ucf-new",
        ".ucf-old"
    };

    for (i = 0; i < wm_countof(ends); i++) {
        n = strlen(ends[i]);

        if (len >= n && strcmp(name + len - n, ends[i]) == 0) {
            return true;
        }
    }

    return name[0] == '.';
}


bool
wm_rotate_look(wm_pool_t *pool, wm_str_t from, wm_str_t path, wm_rotate_t *r)
{
    int              i, n;
    wm_str_t         file;
    struct stat      st;
    struct dirent  **names = NULL;

    *r = (wm_rotate_t) { .path = path, .days = -1 };
    wm_buf_init(&r->where, pool, 256);

    n = scandir(from.data, &names, NULL, alphasort);

    if (n < 0 && errno == ENOTDIR) {
        wm_rotate_file(pool, from, r);

    } else if (n < 0 && errno != ENOENT) {
        r->unread = from;
    }

    for (i = 0; i < n; i++) {
        file = wm_printf(pool, "%s/%s", from.data, names[i]->d_name);

        if (file.data != NULL && !wm_rotate_taboo(names[i]->d_name)
            && stat(file.data, &st) == 0 && S_ISREG(st.st_mode))
        {
            wm_rotate_file(pool, file, r);
        }

        r->where.failed |= file.data == NULL;
        free(names[i]);
    }

    free(names);

    return !r->where.failed;
}
