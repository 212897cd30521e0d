#include "wm_walk.h"
#include "wm_time.h"

static void wm_walk_chunk(wm_web_t *w);


/* A colon of an id does not belong into an address: there it is "_". */

static void
wm_walk_swap(wm_str_t s, char from, char to)
{
    char    *p = (char *) s.data;
    size_t   i;

    for (i = 0; i < s.len; i++) {
        if (p[i] == from) {
            p[i] = to;
        }
    }
}


static wm_str_t
wm_walk_cursor(wm_web_t *w, int64_t score, wm_str_t id)
{
    wm_str_t  cursor;

    cursor = wm_printf(w->pool, "%lld-%.*s", (long long) score, wm_fmt(id));
    wm_walk_swap(cursor, ':', '_');

    return cursor;
}


bool
wm_walk_begin(wm_web_t *w, wm_walk_t *walk)
{
    uint64_t     score;
    wm_str_t     cursor, part;
    wm_value_t  *limit = wm_input(&w->input, "limit");

    if (limit->text.len > 0) {
        walk->limit = (size_t) limit->num;
    }

    cursor = wm_input(&w->input, "cursor")->text;

    if (cursor.len == 0) {
        return true;
    }

    if (!wm_split(&cursor, '-', &part) || cursor.len == 0
        || !wm_parse_uint(part, WM_TIME_MAX, &score))
    {
        wm_input_fail(&w->input, "cursor", WM_WRONG_TYPE);
        return false;
    }

    walk->begun = true;
    walk->score = (int64_t) score;
    walk->last = wm_dup(w->pool, cursor);
    wm_walk_swap(walk->last, '_', ':');

    return walk->last.data != NULL;
}


static void
wm_walk_end(wm_web_t *w)
{
    wm_walk_t  *walk = w->state;

    w->state = walk->outer;
    walk->next_step(w);
}


/* One more than the limit tells that there is a next page. */

static void
wm_walk_read(wm_web_t *w)
{
    size_t             i;
    wm_walk_t         *walk = w->state;
    const wm_reply_t  *record;

    for (i = 0; i < walk->nids; i++) {
        record = walk->record != NULL ? &w->replies[i] : NULL;

        if (walk->fits(w, walk, walk->ids[i], record)) {
            if (walk->n == walk->limit) {
                walk->next = wm_walk_cursor(w, walk->score, walk->last);
                wm_walk_end(w);
                return;
            }

            walk->n++;
        }

        /* the cursor stays behind the last one shown, or looked at */

        walk->score = walk->scores[i];
        walk->last = walk->ids[i];
    }

    if (!walk->whole) {
        wm_walk_end(w);

    } else if (++walk->turns == walk->most) {
        walk->next = wm_walk_cursor(w, walk->score, walk->last);
        wm_walk_end(w);

    } else {
        wm_walk_chunk(w);
    }
}


/* Whether one comes behind the last that was looked at. */

static bool
wm_walk_behind(const wm_walk_t *walk, int64_t score, wm_str_t id)
{
    int  c;

    if (!walk->begun) {
        return true;
    }

    c = score < walk->score ? -1 : score > walk->score;

    if (c == 0) {
        c = wm_cmp(id, walk->last);
    }

    return walk->rising ? c > 0 : c < 0;
}


static void
wm_walk_take(wm_walk_t *walk, const wm_reply_t *list)
{
    size_t    i;
    uint64_t  score;
    wm_str_t  id;

    walk->nids = 0;
    walk->whole = list->n == 2 * WM_WALK_CHUNK;

    for (i = 0; i + 1 < list->n && i < 2 * WM_WALK_CHUNK; i += 2) {
        id = wm_reply_at(list, i);

        if (id.len > 0
            && wm_parse_uint(wm_reply_at(list, i + 1), INT64_MAX, &score)
            && wm_walk_behind(walk, (int64_t) score, id))
        {
            walk->scores[walk->nids] = (int64_t) score;
            walk->ids[walk->nids++] = id;
        }
    }
}


static void
wm_walk_found(wm_web_t *w)
{
    size_t      i;
    wm_walk_t  *walk = w->state;

    wm_walk_take(walk, &w->replies[0]);

    if (walk->nids == 0) {
        /* a chunk of one score, all seen */

        if (walk->whole) {
            walk->skip += WM_WALK_CHUNK;
            wm_walk_chunk(w);

        } else {
            wm_walk_end(w);
        }

        return;
    }

    walk->skip = 0;
    walk->begun = true;

    if (walk->record == NULL) {
        wm_walk_read(w);
        return;
    }

    for (i = 0; i < walk->nids; i++) {
        wm_ask(w, wm_lit("HGETALL"),
               wm_web_key(w, "%s:%.*s", walk->record, wm_fmt(walk->ids[i])));
    }

    wm_fetch(w, wm_walk_read);
}


static void
wm_walk_chunk(wm_web_t *w)
{
    wm_str_t    low, high;
    wm_walk_t  *walk = w->state;

    low = wm_printf(w->pool, "%lld",
                    (long long) (walk->begun && walk->rising
                                 ? walk->score : walk->low));
    high = wm_printf(w->pool, "%lld",
                     (long long) (walk->begun && !walk->rising
                                  ? walk->score : walk->high));

    wm_ask(w, walk->rising ? wm_lit("ZRANGEBYSCORE")
                           : wm_lit("ZREVRANGEBYSCORE"),
           walk->key, walk->rising ? low : high, walk->rising ? high : low,
           wm_lit("WITHSCORES"), wm_lit("LIMIT"),
           wm_printf(w->pool, "%zu", walk->skip),
           wm_printf(w->pool, "%d", WM_WALK_CHUNK));
    wm_fetch(w, wm_walk_found);
}


void
wm_walk(wm_web_t *w, wm_walk_t *walk)
{
    walk->outer = w->state;
    w->state = walk;

    wm_walk_chunk(w);
}


/* Texts of fields are tokens and days: nothing to escape. */

static void
wm_walk_put_field(wm_web_t *w, wm_buf_t *b, size_t i, char *sep)
{
    wm_value_t        *v = &w->input.values[i];
    const wm_field_t  *f = &w->input.fields[i];

    if (v->text.len > 0 && v->error == WM_WRONG_NONE) {
        wm_putf(b, "%c%s=%.*s", *sep, f->name, wm_fmt(v->text));
        *sep = '&';
    }
}


static wm_str_t
wm_walk_url(wm_web_t *w, wm_str_t next, const char *path)
{
    char      sep = '&';
    size_t    i;
    wm_buf_t  b;

    wm_buf_init(&b, w->pool, 256);
    wm_putf(&b, "%s?cursor=%.*s", path, wm_fmt(next));

    for (i = 0; i < w->input.nfields; i++) {
        if (strcmp(w->input.fields[i].name, "cursor") != 0) {
            wm_walk_put_field(w, &b, i, &sep);
        }
    }

    return wm_buf_str(&b);
}


wm_str_t
wm_walk_filtered(wm_web_t *w, const char *path)
{
    char         sep = '?';
    size_t       i;
    wm_buf_t     b;
    const char  *name;

    wm_buf_init(&b, w->pool, 256);
    wm_puts(&b, path);

    for (i = 0; i < w->input.nfields; i++) {
        name = w->input.fields[i].name;

        if (strcmp(name, "cursor") != 0 && strcmp(name, "limit") != 0) {
            wm_walk_put_field(w, &b, i, &sep);
        }
    }

    return wm_buf_str(&b);
}


void
wm_walk_show_next(wm_web_t *w, wm_str_t next, const char *path)
{
    if (next.data == NULL) {
        return;
    }

    wm_doc_str(w->doc, "next", next);

    if (w->route->face != WM_API) {
        wm_doc_hide(wm_doc_str(w->doc, "next_url",
                               wm_walk_url(w, next, path)));
    }
}
