#include "wm_mirror.h"

#define WM_INTEGER_MAX  INT64_C(9007199254740991)

static const char *const  wm_effect_names[] = {
#define X(name)  #name,
    WM_EFFECTS(X)
#undef X
};

/* Sessions, records of idempotency keys and one-time codes have their time. */

static const char *const  wm_mirror_skipped[] = {
    "session:", "once:", "code:", "journal", "head", "archived", NULL
};

static const char *const  wm_person_private[] = { "key", NULL };
static const char *const  wm_staff_private[] = {
    "salt", "hash", "totp", "code1", "code2", "code3", "code4", "code5",
    "code6", "code7", "code8", "code9", "code10", NULL
};

static const struct {
    const char         *prefix;
    const char *const  *fields;
} wm_mirror_privates[] = {
    { "person:", wm_person_private },
    { "staff:", wm_staff_private },
};


static bool
wm_mirror_begins(wm_str_t name, const char *prefix)
{
    size_t  n;

    n = strlen(prefix);

    return prefix[n - 1] == ':' ? wm_starts(name, prefix)
                                : wm_is(name, prefix);
}


bool
wm_mirror_skips(wm_str_t name)
{
    size_t  i;

    for (i = 0; wm_mirror_skipped[i] != NULL; i++) {
        if (wm_mirror_begins(name, wm_mirror_skipped[i])) {
            return true;
        }
    }

    return false;
}


const char *const *
wm_mirror_private(wm_str_t name)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_mirror_privates); i++) {
        if (wm_mirror_begins(name, wm_mirror_privates[i].prefix)) {
            return wm_mirror_privates[i].fields;
        }
    }

    return NULL;
}


bool
wm_replay_integer(wm_str_t s, int64_t *n)
{
    bool      minus;
    uint64_t  u;

    minus = s.len > 1 && s.data[0] == '-';

    if (minus) {
        s = (wm_str_t) { s.len - 1, s.data + 1 };
    }

    if (!wm_parse_uint(s, (uint64_t) WM_INTEGER_MAX, &u)
        || (s.data[0] == '0' && (s.len > 1 || minus)))
    {
        return false;
    }

    *n = minus ? -(int64_t) u : (int64_t) u;

    return true;
}


/* ---- effects, read step by step with the end in sight */

/* A text, or the number of an effect before this one. */

static bool
wm_replay_word(wm_replay_t *e, wm_str_t *s)
{
    uint64_t  n;

    if (!wm_packed_number(&e->in, &n)) {
        return wm_packed_str(&e->in, s);
    }

    if (n == 0 || n >= e->i || n > e->nreplies) {
        return false;
    }

    *s = e->replies[n - 1];

    return true;
}


static wm_replay_result_t
wm_replay_replies(wm_replay_t *e, wm_str_t replies)
{
    size_t    i, n;
    int64_t   num;
    wm_str_t  one;

    for (i = 0, n = 1; i < replies.len; i++) {
        n += replies.data[i] == ',';
    }

    e->replies = wm_alloc(e->pool, n * sizeof(wm_str_t));
    if (e->replies == NULL) {
        return WM_REPLAY_FAILED;
    }

    while (wm_split(&replies, ',', &one)) {
        if (!wm_replay_integer(one, &num)) {
            return WM_REPLAY_DAMAGED;
        }

        e->replies[e->nreplies++] = one;
    }

    return WM_REPLAY_OK;
}


wm_replay_result_t
wm_replay_begin(wm_replay_t *e, wm_pool_t *pool, wm_str_t packed,
    wm_str_t replies)
{
    memset(e, 0, sizeof(wm_replay_t));

    e->pool = pool;
    e->in.p = packed.data;
    e->in.end = packed.len > 0 ? packed.data + packed.len : packed.data;

    if (packed.len > 0 && !wm_packed_list(&e->in, &e->words)) {
        return WM_REPLAY_DAMAGED;
    }

    return replies.len > 0 ? wm_replay_replies(e, replies) : WM_REPLAY_OK;
}


static bool
wm_replay_find(wm_str_t name, wm_do_t *what)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_effect_names); i++) {
        if (wm_is(name, wm_effect_names[i])) {
            *what = (wm_do_t) i;
            return true;
        }
    }

    return false;
}


/* How many words an effect has, as redis/commit.lua wants them. */

static bool
wm_replay_fits(const wm_replayed_t *f)
{
    int64_t  n;

    switch (f->what) {

    case WM_DO_HSET:
        return f->n >= 2 && f->n % 2 == 0;

    case WM_DO_HINCRBY:
        return f->n == 2 && f->reply.data != NULL;

    case WM_DO_HDEL:
    case WM_DO_SADD:
    case WM_DO_SREM:
    case WM_DO_ZREM:
        return f->n >= 1;

    case WM_DO_ZADD:
        return f->n == 2 && wm_replay_integer(f->args[0], &n);

    case WM_DO_SET:
        return f->n == 1;

    case WM_DO_DEL:
        return f->n == 0;

    default:
        return f->n == 1 && wm_replay_integer(f->args[0], &n) && n > 0
               && n < INT64_C(3153600000);
    }
}


wm_replay_result_t
wm_replay_next(wm_replay_t *e, wm_replayed_t *effect)
{
    size_t    i;
    uint64_t  n;
    wm_str_t  name;

    if (e->words == 0) {
        return e->in.p == e->in.end ? WM_REPLAY_END : WM_REPLAY_DAMAGED;
    }

    e->i++;

    /* each word is a byte at least: more of them than bytes cannot be */

    if (!wm_packed_number(&e->in, &n) || n < 2 || n >= e->words
        || n > (uint64_t) (e->in.end - e->in.p) || !wm_packed_str(&e->in, &name)
        || !wm_replay_find(name, &effect->what)
        || !wm_packed_str(&e->in, &effect->key))
    {
        return WM_REPLAY_DAMAGED;
    }

    e->words -= (uint32_t) n + 1;
    effect->n = (size_t) n - 2;
    effect->reply = e->i <= e->nreplies ? e->replies[e->i - 1] : wm_null;
    effect->args = wm_alloc(e->pool, effect->n * sizeof(wm_str_t) + 1);

    if (effect->args == NULL) {
        return WM_REPLAY_FAILED;
    }

    for (i = 0; i < effect->n; i++) {
        if (!wm_replay_word(e, &effect->args[i])) {
            return WM_REPLAY_DAMAGED;
        }
    }

    return wm_replay_fits(effect) ? WM_REPLAY_OK : WM_REPLAY_DAMAGED;
}


/* ---- what they change */

typedef struct {
    wm_change_pt   change;
    void          *ctx;
    wm_str_t       name;
    int64_t        at_ms;
} wm_saying_t;


static bool
wm_say_one(const wm_saying_t *r, wm_change_what_t what, wm_str_t field,
    wm_str_t value, int64_t num)
{
    return r->change(r->ctx, &(wm_change_t) { what, r->name, field, value,
                                              num });
}


static bool
wm_say_each(const wm_saying_t *r, wm_change_what_t what,
    const wm_replayed_t *f)
{
    size_t  i;

    for (i = 0; i < f->n; i++) {
        if (!wm_say_one(r, what, f->args[i], wm_null, 0)) {
            return false;
        }
    }

    return true;
}


static bool
wm_say_fields(const wm_saying_t *r, const wm_replayed_t *f)
{
    size_t  i;

    for (i = 0; i + 1 < f->n; i += 2) {
        if (!wm_say_one(r, WM_PUT_FIELD, f->args[i], f->args[i + 1], 0)) {
            return false;
        }
    }

    return true;
}


static bool
wm_say_effect(const wm_saying_t *r, const wm_replayed_t *f)
{
    int64_t  n = 0;

    switch (f->what) {

    case WM_DO_HSET:
        return wm_say_fields(r, f);

    case WM_DO_HINCRBY:
        return wm_say_one(r, WM_PUT_FIELD, f->args[0], f->reply, 0);

    case WM_DO_HDEL:
        return wm_say_each(r, WM_DROP_FIELD, f);

    case WM_DO_SADD:
        return wm_say_each(r, WM_PUT_MEMBER, f);

    case WM_DO_SREM:
        return wm_say_each(r, WM_DROP_MEMBER, f);

    case WM_DO_ZADD:
        (void) wm_replay_integer(f->args[0], &n);
        return wm_say_one(r, WM_PUT_SCORE, f->args[1], wm_null, n);

    case WM_DO_ZREM:
        return wm_say_each(r, WM_DROP_SCORE, f);

    case WM_DO_SET:
        return wm_say_one(r, WM_PUT_STRING, wm_null, f->args[0], 0);

    case WM_DO_DEL:
        return wm_say_one(r, WM_DROP, wm_null, wm_null, 0);

    default:
        (void) wm_replay_integer(f->args[0], &n);
        return wm_say_one(r, WM_END_AT, wm_null, wm_null,
                             r->at_ms + n * 1000);
    }
}


wm_replay_result_t
wm_mirror_entry(wm_pool_t *pool, wm_str_t head, wm_str_t packed,
    wm_str_t replies, int64_t at_ms, wm_change_pt change, void *ctx)
{
    wm_replayed_t          f;
    wm_saying_t          r = { change, ctx, wm_null, at_ms };
    wm_replay_t         e;
    wm_replay_result_t  rc;

    rc = wm_replay_begin(&e, pool, packed, replies);

    while (rc == WM_REPLAY_OK) {
        rc = wm_replay_next(&e, &f);

        if (rc != WM_REPLAY_OK) {
            break;
        }

        if (f.key.len <= head.len
            || memcmp(f.key.data, head.data, head.len) != 0)
        {
            return WM_REPLAY_DAMAGED;
        }

        r.name = (wm_str_t) { f.key.len - head.len, f.key.data + head.len };

        if (!wm_mirror_skips(r.name) && !wm_say_effect(&r, &f)) {
            return WM_REPLAY_FAILED;
        }
    }

    return rc == WM_REPLAY_END ? WM_REPLAY_OK : rc;
}
