/*
 * redis/commit.lua in a Redis of its own.
 */

#include "unit_redis.h"
#include "wm_crypto.h"
#include "wm_embed.h"

#include <msgpuck.h>

#define NONE  "0000000000000000000000000000000000000000"


/* ---- the script, called with steps written as lines of words */

static char *
pack_word(char *p, wm_str_t word)
{
    uint64_t  n;

    if (word.data[0] == '@'
        && wm_parse_uint((wm_str_t) { word.len - 1, word.data + 1 },
                         UINT32_MAX, &n))
    {
        return mp_encode_uint(p, n);
    }

    if (wm_is(word, "''")) {
        return mp_encode_str(p, "", 0);
    }

    if (wm_is(word, "#nil")) {
        return mp_encode_nil(p);
    }

    if (wm_is(word, "#true")) {
        return mp_encode_bool(p, true);
    }

    if (wm_is(word, "#real")) {
        return mp_encode_double(p, 1.5);
    }

    if (wm_is(word, "#minus")) {
        return mp_encode_int(p, -1);
    }

    if (wm_is(word, "#list")) {
        return mp_encode_array(p, 0);
    }

    return mp_encode_str(p, word.data, (uint32_t) word.len);
}


/* A count, and that many words, for each line. */

static char *
pack_lines(char *p, const char *lines, uint32_t *words)
{
    uint32_t  n;
    wm_str_t  all, line, word, count;

    all = wm_str(lines);

    while (wm_split(&all, '\n', &line)) {
        if (line.len == 0) {
            continue;
        }

        for (n = 0, count = line; wm_split(&count, ' ', &word); n++) {
            /* void */
        }

        p = mp_encode_uint(p, n);
        *words += n + 1;

        while (wm_split(&line, ' ', &word)) {
            p = pack_word(p, word);
        }
    }

    return p;
}


/* first: NULL for effects; conditions, and then effects (may be NULL). */

static wm_str_t
packed(const char *first, const char *effects)
{
    char      *start, *p, *from, *begin;
    uint32_t   words = 0, all = 0;

    from = wm_alloc(unit_pool, 2 * (first != NULL ? strlen(first) : 0)
                               + 2 * (effects != NULL ? strlen(effects) : 0)
                               + 256);
    start = wm_alloc(unit_pool, 2 * (first != NULL ? strlen(first) : 0)
                                + 2 * (effects != NULL ? strlen(effects) : 0)
                                + 256);
    p = from;

    if (first != NULL) {
        p = pack_lines(p, first, &words);
        all = words + 1;
    }

    p = effects != NULL ? pack_lines(p, effects, &all) : p;

    begin = mp_encode_array(start, all);

    if (first != NULL) {
        begin = mp_encode_uint(begin, 2 + words);
    }

    memcpy(begin, from, (size_t) (p - from));

    return (wm_str_t) { (size_t) (begin - start) + (size_t) (p - from),
                        start };
}


typedef struct {
    const char  *needs;
    const char  *effects;
    const char  *private;               /* NULL: none */
    const char  *body;                  /* NULL: not idempotent */
} call_t;

static wm_reply_t  nothing = { WM_REPLY_NIL, 0, { 0, NULL }, 0, NULL };


/*
 * Declared are h, s, z, t (a hash, a set, ...) and a, b, c (absent).  The
 * answer is that to the only commit, or an error.
 */

static size_t
words_of(wm_str_t *argv, size_t n, const call_t *call)
{
    char      sealed[41] = "-", digest[41];
    wm_str_t  effects;

    effects = packed(NULL, call->effects);
    assert_true(wm_chain_digest(effects, digest));

    if (call->private != NULL) {
        assert_true(wm_chain_digest(packed(NULL, call->private), sealed));
    }

    argv[n++] = wm_lit("1795395607123");
    argv[n++] = wm_printf(unit_pool, "import tester %s %s", sealed, digest);
    argv[n++] = wm_str(call->body != NULL ? "once" : "");
    argv[n++] = wm_str(call->body != NULL ? call->body : "");
    argv[n++] = packed(call->needs, call->private);
    argv[n++] = effects;

    return n;
}


static wm_reply_t
eval_all(const call_t *calls, size_t ncalls)
{
    size_t    i, n;
    wm_str_t  argv[128], keys, key;

    argv[0] = wm_lit("EVAL");
    argv[1] = wm_commit_script;
    n = 3;

    keys = wm_lit("journal head once h s z t a b c");

    while (wm_split(&keys, ' ', &key)) {
        argv[n++] = key;
    }

    argv[2] = wm_printf(unit_pool, "%zu", n - 3);
    argv[n++] = wm_lit(WM_IDEM_SECONDS);

    for (i = 0; i < ncalls; i++) {
        n = words_of(argv, n, &calls[i]);
    }

    return unit_ask(argv, n);
}


static wm_reply_t
commit(const char *needs, const char *effects, const char *private,
    const char *body)
{
    wm_reply_t  r;

    r = eval_all(&(call_t) { needs, effects, private, body }, 1);

    return r.type == WM_REPLY_LIST && r.n == 1 ? r.items[0] : r;
}


static void
has_word(const wm_reply_t *r, size_t i, const char *want, const char *what)
{
    assert_case(r->type == WM_REPLY_LIST && i < r->n
                && strcmp(unit_text(&r->items[i]), want) == 0,
                "%s: answer %zu is %s, not %s", what, i,
                unit_text(r->type == WM_REPLY_LIST
                     ? i < r->n ? &r->items[i] : &nothing : r), want);
}


static int
fresh(void **state)
{
    if (unit_setup(state) != 0) {
        return -1;
    }

    unit_say("CONFIG SET maxmemory 0");
    unit_say("FLUSHALL");
    unit_say("HSET h f 1 text abc top 9007199254740991 "
             "bottom -9007199254740991 padded 007 zero -0 real 1.5 "
             "huge 99999999999999999999");
    unit_say("SADD s m");
    unit_say("ZADD z 5 m");
    unit_say("SET t v");

    has_word(&(wm_reply_t) { WM_REPLY_LIST, 0, wm_null, 1,
                             (wm_reply_t[]) { commit("", "HSET h first 1",
                                                     NULL, NULL).items[0] } },
             0, "done", "the first commit");

    return 0;
}


/* ---- the tests */

static void
embedded(void **state)
{
    char      hex[41];
    uint8_t   sum[20];
    wm_str_t  argv[] = { wm_lit("SCRIPT"), wm_lit("LOAD"), wm_commit_script };

    (void) state;

    assert_text(unit_ask(argv, 3).str, wm_dup(unit_pool, wm_commit_sha1).data);

    assert_true(wm_sha1(&wm_commit_script, 1, sum));
    wm_hex(sum, 20, hex);
    hex[40] = '\0';
    assert_int_equal(strcasecmp(hex, wm_dup(unit_pool, wm_commit_sha1).data),
                     0);
}


static void
conditions(void **state)
{
    size_t      i;
    wm_str_t    before;
    wm_reply_t  r;

    static const struct {
        const char  *need;
        const char  *seen;              /* NULL: it is met */
    } cases[] = {
        { "absent a", NULL },           { "absent h", "1" },
        { "exists h", NULL },           { "exists a", "0" },
        { "habsent h g", NULL },        { "habsent h f", "1" },
        { "habsent a f", NULL },
        { "hexists h f", NULL },        { "hexists h g", "0" },
        { "hexists a f", "0" },
        { "heq h text abc", NULL },     { "heq h text abd", "abc" },
        { "heq h g ''", NULL },         { "heq h f ''", "1" },
        { "heq a f ''", NULL },         { "heq h g x", "" },
        { "hbelow h f 2", NULL },       { "hbelow h f 1", "1" },
        { "hbelow h g 1", NULL },       { "hbelow h g 0", "" },
        { "hbelow h bottom 0", NULL },  { "hbelow h top 5",
                                          "9007199254740991" },
        { "smember s m", NULL },        { "smember s n", "0" },
        { "smember a m", "0" },
        { "snomember s n", NULL },      { "snomember s m", "1" },
        { "snomember a m", NULL },
        { "hlen h 10", NULL },          { "hlen h 9", "9" },
        { "hlen a 1", NULL },           { "hlen a 0", "0" },
        { "scard s 2", NULL },          { "scard s 1", "1" },
        { "scard a 1", NULL },
        { "zcard z 2", NULL },          { "zcard z 1", "1" },
        { "zcard a 0", "0" },
        { "eq t v", NULL },             { "eq t other", "v" },
        { "eq a ''", NULL },            { "eq t ''", "v" },
        { "eq a x", "" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        before = unit_everything();
        r = commit(wm_printf(unit_pool, "exists h\n%s", cases[i].need).data,
                   "SET b v\nDEL b", NULL, NULL);

        if (cases[i].seen == NULL) {
            has_word(&r, 0, "done", cases[i].need);
            continue;
        }

        has_word(&r, 0, "unmet", cases[i].need);
        has_word(&r, 1, "2", cases[i].need);
        has_word(&r, 2, cases[i].seen, cases[i].need);
        assert_case(wm_eq(before, unit_everything()), "%s wrote something",
                    cases[i].need);
    }

    /* of several that are not met the first is named */

    r = commit("exists h\nabsent h\nexists a", "SET b v", NULL, NULL);
    has_word(&r, 1, "2", "absent h");
}


static void
conditions_refused(void **state)
{
    size_t      i;
    wm_str_t    before;
    wm_reply_t  r;

    static const struct {
        const char  *need;
        const char  *why;
    } cases[] = {
        { "heq s f x", "type" },        { "hexists t f", "type" },
        { "smember h m", "type" },      { "hlen s 1", "type" },
        { "scard z 1", "type" },        { "zcard h 1", "type" },
        { "hbelow t f 1", "type" },     { "absent x", "condition" },
        { "heq x f 1", "condition" },   { "get t v", "condition" },
        { "EXISTS h", "condition" },    { "#nil h", "condition" },
        { "absent", "condition" },      { "heq h", "type" },
        { "heq h #list x", "type" },    { "hbelow h f x", "number" },
        { "hbelow h f", "number" },     { "hlen h ''", "number" },
        { "hlen h", "number" },         { "zcard z #list", "number" },
        { "hbelow h text 5", "number" },
        { "eq h x", "type" }
    };

    (void) state;

    before = unit_everything();

    for (i = 0; i < wm_countof(cases); i++) {
        r = commit(cases[i].need, "SET b v", NULL, NULL);
        has_word(&r, 0, "bad", cases[i].need);
        has_word(&r, 1, "0", cases[i].need);
        has_word(&r, 2, cases[i].why, cases[i].need);
        assert_case(wm_eq(before, unit_everything()), "%s wrote something",
                    cases[i].need);
    }
}


static void
effects(void **state)
{
    wm_reply_t  r;

    (void) state;

    r = commit("", "HSET a f 1 g 2\nHDEL a g\nHINCRBY a f 41\nSADD s n o\n"
                   "SREM s m\nZADD z 7 n\nZREM z m\nSET b text\nDEL t\n"
                   "EXPIRE a 100\nHINCRBY a n -3", NULL, NULL);

    has_word(&r, 0, "done", "all effects");
    has_word(&r, 2, "2", "number");
    has_word(&r, 3, "1795395607123", "time");
    has_word(&r, 4, "2", "HSET");
    has_word(&r, 5, "1", "HDEL");
    has_word(&r, 6, "42", "HINCRBY");
    has_word(&r, 7, "2", "SADD");
    has_word(&r, 8, "1", "SREM");
    has_word(&r, 9, "1", "ZADD");
    has_word(&r, 10, "1", "ZREM");
    has_word(&r, 11, "OK", "SET");
    has_word(&r, 12, "1", "DEL");
    has_word(&r, 13, "1", "EXPIRE");
    has_word(&r, 14, "-3", "HINCRBY");

    assert_says("42", "HGET a f");
    assert_says("0", "HEXISTS a g");
    assert_says("2", "SCARD s");
    assert_says("7", "ZSCORE z n");
    assert_says("nil", "ZSCORE z m");
    assert_says("text", "GET b");
    assert_says("0", "EXISTS t");
    assert_says("100", "TTL a");
    assert_says("2", "XLEN journal");
}


/* The third effect cannot be: nothing at all is written, not even a number. */

static void
refused_as(const char *effect, const char *why)
{
    wm_str_t    before;
    wm_reply_t  r;

    before = unit_everything();
    r = commit("exists h",
               wm_printf(unit_pool, "HSET h f 2 new 1\nDEL t\n%s\nSADD s n",
                         effect).data, NULL, "body");

    assert_case(wm_eq(before, unit_everything()), "\"%s\" wrote something: %s",
                effect, unit_text(&r));
    has_word(&r, 0, "bad", effect);
    has_word(&r, 1, "3", effect);
    has_word(&r, 2, why, effect);
}


static void
wrong_types(void **state)
{
    size_t      i;
    wm_reply_t  r;

    static const char *const  effect[] = {
        "HSET s f 1", "HSET z f 1", "HDEL s f", "HINCRBY z f 1", "SADD h m",
        "SADD z m", "SREM z m", "ZADD s 1 m", "ZADD h 1 m", "ZREM h m",
        "SET h v", "SET s v", "SET z v"
    };

    (void) state;

    for (i = 0; i < wm_countof(effect); i++) {
        refused_as(effect[i], "type");
    }

    /* the type that an earlier effect of the same commit gives a key */

    r = commit("", "SADD a m\nHSET a f 1", NULL, NULL);
    has_word(&r, 1, "2", "SADD, HSET");
    has_word(&r, 2, "type", "SADD, HSET");
    assert_says("0", "EXISTS a");
}


static void
bad_numbers(void **state)
{
    size_t  i;

    static const char *const  effect[] = {
        "HINCRBY h f abc", "HINCRBY h f ''", "HINCRBY h f 1.5",
        "HINCRBY h f 1e3", "HINCRBY h f 0x10", "HINCRBY h f +1",
        "HINCRBY h f --1", "HINCRBY h f 1-", "HINCRBY h f 007",
        "HINCRBY h f -0", "HINCRBY h f -01", "HINCRBY h f 9007199254740992",
        "HINCRBY h f 99999999999999999999", "HINCRBY h text 1",
        "HINCRBY h real 1", "HINCRBY h huge 1", "HINCRBY h padded 1",
        "HINCRBY h zero 1", "ZADD z abc m", "ZADD z '' m", "ZADD z inf m",
        "ZADD z nan m", "ZADD z 1.5 m", "ZADD z 9007199254740992 m",
        "EXPIRE h 0", "EXPIRE h -1", "EXPIRE h x", "EXPIRE h ''",
        "EXPIRE h 1.5", "EXPIRE h 0100", "EXPIRE h 3153600000",
        "EXPIRE h 99999999999999999", "EXPIRE h", "EXPIRE h 1 NX"
    };

    (void) state;

    for (i = 0; i < wm_countof(effect); i++) {
        refused_as(effect[i], "number");
    }

    refused_as("HINCRBY h top 1", "overflow");
    refused_as("HINCRBY h bottom -1", "overflow");
    refused_as("HINCRBY h top 9007199254740991", "overflow");
}


/* An increment sees what the commit itself will have written. */

static void
numbers_foreseen(void **state)
{
    wm_str_t    before;
    wm_reply_t  r;

    (void) state;

    before = unit_everything();

    r = commit("", "HSET a n abc\nHINCRBY a n 1", NULL, NULL);
    has_word(&r, 1, "2", "abc");
    has_word(&r, 2, "number", "abc");
    r = commit("", "HINCRBY a n 9007199254740991\nHINCRBY a n 1", NULL, NULL);
    has_word(&r, 1, "2", "twice");
    has_word(&r, 2, "overflow", "twice");
    assert_true(wm_eq(before, unit_everything()));

    r = commit("", "HSET h text 5\nHINCRBY h text 2\nHDEL h top\n"
                   "HINCRBY h top 3\nHSET h top -1 top 9\nHINCRBY h top 1",
               NULL, NULL);
    has_word(&r, 0, "done", "set before");
    has_word(&r, 5, "7", "set before");
    has_word(&r, 7, "3", "deleted before");
    has_word(&r, 9, "10", "set twice");
}


static void
bad_references(void **state)
{
    size_t  i;

    static const char *const  effect[] = {
        "HSET a f @1", "HSET a f @2", "HSET a f @3", "HSET a f @4",
        "HSET a f @0", "HSET a f @99", "HSET a @1 x", "HINCRBY h f @1",
        "SET a @1", "ZADD z @1 m", "EXPIRE h @1", "HSET a f #real",
        "HSET a f #minus"
    };

    (void) state;

    for (i = 0; i < wm_countof(effect); i++) {
        refused_as(effect[i], "reference");
    }
}


static void
bad_arguments(void **state)
{
    size_t  i;

    static const char *const  unknown[] = {
        "HSET x f 1", "DEL x", "SET journal2 v", "FLUSHALL a", "flushall a",
        "EVAL a b", "hset a f 1", "SETEX a 1 v", "RENAME a b", "GET t",
        "XADD journal * a b", "#nil a", "#true a"
    };
    static const char *const  wrong[] = {
        "HSET a", "HSET a f", "HSET a f 1 g", "HDEL h", "HINCRBY h f",
        "HINCRBY h f 1 2", "SADD s", "SREM s", "ZADD z 1", "ZADD z 1 m 2 n",
        "ZADD z NX 1 m", "ZREM z", "SET a", "SET a v EX 1", "SET a v NX",
        "DEL a b", "DEL t 1", "HSET a f #nil", "HSET a f #true",
        "HSET a f #list", "HSET a #list v", "SADD s #list", "SET a #true",
        "HDEL h #true", "ZADD z 1 #list", "ZADD z #list m",
        "HINCRBY h #true 1", "HINCRBY h f #list", "EXPIRE h #true"
    };

    (void) state;

    for (i = 0; i < wm_countof(unknown); i++) {
        refused_as(unknown[i], "effect");
    }

    for (i = 0; i < wm_countof(wrong); i++) {
        refused_as(wrong[i], "arguments");
    }
}


/* The journal, its head and the record are the script's own. */

static void
own_keys(void **state)
{
    size_t  i;

    static const char *const  effect[] = {
        "DEL journal", "DEL head", "SET head x", "HSET once f 1", "DEL once",
        "EXPIRE journal 1", "EXPIRE head 1"
    };

    (void) state;

    for (i = 0; i < wm_countof(effect); i++) {
        refused_as(effect[i], "effect");
    }
}


static void
deleted_first(void **state)
{
    wm_reply_t  r;

    (void) state;

    r = commit("", "DEL h\nHSET h f new\nHINCRBY h n 1\nDEL s\nSET s text\n"
                   "HINCRBY h top 1\nDEL t\nHINCRBY t n 2\nSADD c m\nDEL c",
               NULL, NULL);

    has_word(&r, 0, "done", "DEL first");
    has_word(&r, 6, "1", "HINCRBY n");
    has_word(&r, 9, "1", "HINCRBY top");
    assert_says("new", "HGET h f");
    assert_says("3", "HLEN h");
    assert_says("text", "GET s");
    assert_says("2", "HGET t n");
    assert_says("0", "EXISTS c");

    /* a type after DEL counts as any other */

    r = commit("", "DEL h\nSADD h m\nHSET h f 1", NULL, NULL);
    has_word(&r, 1, "3", "DEL, SADD, HSET");
    has_word(&r, 2, "type", "DEL, SADD, HSET");
    assert_says("3", "HLEN h");
}


static void
references(void **state)
{
    wm_reply_t  r;

    (void) state;

    r = commit("", "HINCRBY h f 41\nHSET a number @1\nHINCRBY h top -1\n"
                   "ZADD z @3 big\nSADD s @1\nSET b @3\nHINCRBY h f @1\n"
                   "HSET a twice @7 @7 field\nDEL c\nHINCRBY c n -5\n"
                   "HSET a minus @10\nEXPIRE a @1", "HSET c p @7", NULL);

    has_word(&r, 0, "done", "references");
    has_word(&r, 10, "84", "HINCRBY f @1");
    assert_says("42", "HGET a number");
    assert_says("1", "ZCOUNT z 9007199254740990 9007199254740990");
    assert_says("1", "SISMEMBER s 42");
    assert_says("9007199254740990", "GET b");
    assert_says("84", "HGET a twice");
    assert_says("field", "HGET a 84");
    assert_says("-5", "HGET a minus");
    assert_says("84", "HGET c p");
    assert_says("42", "TTL a");
}


static void
once(void **state)
{
    size_t      i;
    wm_str_t    before;
    wm_reply_t  first, r;

    static const char *const  effect =
        "HINCRBY h f 1\nSET a @1\nZADD z 1 n\nDEL t\nHSET c x 1";

    (void) state;

    /* what did not happen is not remembered */

    r = commit("exists b", effect, NULL, "body");
    has_word(&r, 0, "unmet", "exists b");
    assert_says("0", "EXISTS once");
    r = commit("", "SET h v", NULL, "body");
    has_word(&r, 0, "bad", "SET h");
    assert_says("0", "EXISTS once");

    first = commit("absent a", effect, "HSET c key k", "body");
    has_word(&first, 0, "done", "first");
    assert_true(unit_say("TTL once").num > 691100);

    before = unit_everything();

    /* the condition does not hold any more, nor do the effects matter */

    r = commit("absent a", "SET h v", NULL, "body");
    has_word(&r, 0, "again", "repeat");
    assert_int_equal(r.n, first.n);

    for (i = 1; i < r.n; i++) {
        has_word(&r, i, unit_text(&first.items[i]), "repeat");
    }

    r = commit("absent a", effect, NULL, "another body");
    has_word(&r, 0, "other", "another body");
    assert_int_equal(r.n, 1);

    assert_true(wm_eq(before, unit_everything()));
}


static wm_reply_t
entries(void)
{
    return unit_say("XRANGE journal - +");
}


static void
private(void **state)
{
    char         hex[41];
    size_t       i;
    wm_str_t     steps;
    wm_reply_t   r, list;

    (void) state;

    r = commit("", "HSET a name n", "HSET a key SECRET\nSET b SECRET", NULL);
    has_word(&r, 0, "done", "private");
    assert_int_equal(r.n, 4);
    assert_says("SECRET", "HGET a key");
    assert_says("SECRET", "GET b");

    /* the journal has what it was told: a digest, and nothing else of it */

    list = entries();
    assert_int_equal(list.n, 2);

    for (i = 0; i < list.items[1].items[1].n; i++) {
        assert_null(memmem(list.items[1].items[1].items[i].str.data,
                           list.items[1].items[1].items[i].str.len,
                           "SECRET", 6));
    }

    assert_true(wm_chain_digest(packed(NULL, "HSET a key SECRET\n"
                                             "SET b SECRET"), hex));
    assert_has(wm_reply_field(&list.items[1].items[1], "w").data, hex);
    assert_has(wm_reply_field(&list.items[0].items[1], "w").data,
               " import tester - ");

    /* a private effect that cannot be is counted behind the others */

    steps = unit_everything();
    r = commit("", "HSET a name m\nHSET a x y", "HSET a key K\nSADD h m",
               NULL);
    has_word(&r, 0, "bad", "private type");
    has_word(&r, 1, "4", "private type");
    has_word(&r, 2, "type", "private type");
    r = commit("", "HSET a name m", "DEL x", NULL);
    has_word(&r, 2, "effect", "private undeclared");
    assert_true(wm_eq(steps, unit_everything()));
}


static void
chain(void **state)
{
    int               i;
    char              hash[41], digest[41];
    wm_str_t          what, sum, prev = wm_lit(NONE);
    wm_reply_t        list, head;
    const wm_reply_t *e;

    (void) state;

    for (i = 0; i < 20; i++) {
        commit(i == 13 ? "exists b" : "",
               i % 3 == 0 ? "" : i % 3 == 1 ? "HINCRBY h f 1\nSET c @1"
                                            : "HSET a f 1\nZADD z 1 m",
               i % 4 == 0 ? "SET c secret" : NULL,
               i % 5 == 0 ? "body" : NULL);
    }

    /* 20, without the one not met and the three repeated, and the first */

    list = entries();
    assert_int_equal(list.n, 20 - 1 - 3 + 1);

    for (i = 0; i < (int) list.n; i++) {
        e = &list.items[i].items[1];
        what = wm_reply_field(e, "w");

        assert_true(wm_split(&what, ' ', &sum));
        assert_true(wm_chain_digest(wm_reply_field(e, "e"), digest));
        assert_has(what.data, wm_printf(unit_pool, "%d 1795395607123 import "
                                        "tester ", i + 1).data);
        assert_has(what.data, wm_printf(unit_pool, " %s", digest).data);

        assert_true(wm_chain_hash(prev, what, hash));
        assert_text(sum, hash);
        prev = sum;
    }

    head = unit_say("GET head");
    assert_text(head.str, wm_printf(unit_pool, "%zu %s", list.n, hash).data);
}


/* What was counted stands behind the entry's words: replay needs no guess. */

static void
counted(void **state)
{
    wm_reply_t  list;

    (void) state;

    commit("", "HSET h f 40\nHINCRBY h f 2\nHSET a n @2\nHINCRBY h top -1",
           "HINCRBY c n 5", NULL);

    list = entries();
    assert_has(wm_reply_field(&list.items[1].items[1], "w").data,
               " 0,42,0,9007199254740990");
    assert_lacks(wm_reply_field(&list.items[1].items[1], "w").data,
                 "9007199254740990,");
}


/* Several in one call: each by itself, each behind the one before. */

static void
together(void **state)
{
    wm_reply_t  r, list;

    static const call_t  calls[] = {
        { "absent a", "SET a v", NULL, NULL },
        { "absent a", "SET b v", NULL, NULL },
        { "", "SADD h m", NULL, NULL },
        { "exists a", "HINCRBY h f 1\nSET b @1", NULL, "body" },
        { "", "HINCRBY h f 1\nSET b @1", NULL, "body" },
        { "", "SET c v", NULL, "another" },
        { "heq h f 2", "HINCRBY h f 1\nDEL a\nSADD a m", "HSET c k s",
          NULL },
        { "smember a m", "SREM a m", NULL, NULL },
        { "absent a", "HSET a f 1", NULL, NULL }
    };
    static const char *const  want[] = {
        "done", "unmet", "bad", "done", "again", "other", "done", "done",
        "done"
    };

    size_t  i;

    (void) state;

    r = eval_all(calls, wm_countof(calls));
    assert_int_equal(r.type, WM_REPLY_LIST);
    assert_int_equal(r.n, wm_countof(calls));

    for (i = 0; i < r.n; i++) {
        has_word(&r.items[i], 0, want[i], calls[i].effects);
    }

    has_word(&r.items[0], 2, "2", "numbers follow each other");
    has_word(&r.items[3], 2, "3", "numbers follow each other");
    has_word(&r.items[6], 2, "4", "numbers follow each other");
    has_word(&r.items[4], 4, "2", "the reply to the first");

    assert_says("3", "HGET h f");
    assert_says("2", "GET b");
    assert_says("s", "HGET c k");
    assert_says("1", "HGET a f");

    list = entries();
    assert_int_equal(list.n, 1 + 5);
    assert_has(unit_say("GET head").str.data, "6 ");
}


/* One that Redis itself stops does not take the others with it. */

static void
together_with_an_error(void **state)
{
    wm_reply_t  r;

    static const call_t  calls[] = {
        { "", "SET a v", NULL, NULL },
        { "exists h", "SET b v", NULL, "body" },
        { "", "SET c v", NULL, NULL }
    };

    (void) state;

    unit_say("SADD once x");
    r = eval_all(calls, wm_countof(calls));

    assert_int_equal(r.type, WM_REPLY_LIST);
    has_word(&r.items[0], 0, "done", "before it");
    assert_int_equal(r.items[1].type, WM_REPLY_ERROR);
    has_word(&r.items[2], 0, "done", "behind it");
    assert_says("0", "EXISTS b");
    assert_says("3", "XLEN journal");
    assert_has(unit_say("GET head").str.data, "3 ");
}


static void
damaged(void **state)
{
    size_t      i;
    wm_str_t    before;
    wm_reply_t  r;

    static const char *const  heads[] = {
        "x", "1", "1 abc", NONE, "-1 " NONE, "1.5 " NONE, "1  " NONE,
        "1 " NONE "0"
    };

    (void) state;

    for (i = 0; i < wm_countof(heads); i++) {
        unit_ask((wm_str_t[]) { wm_lit("SET"), wm_lit("head"),
                                wm_str(heads[i]) }, 3);
        before = unit_everything();
        r = commit("", "SET a v", NULL, NULL);
        has_word(&r, 0, "bad", heads[i]);
        has_word(&r, 1, "0", heads[i]);
        has_word(&r, 2, "head", heads[i]);
        assert_true(wm_eq(before, unit_everything()));
    }

    unit_say("SET head 1");
    unit_say("DEL head journal");
    unit_say("SET journal v");
    before = unit_everything();
    r = commit("", "SET a v", NULL, NULL);
    has_word(&r, 2, "journal", "journal");
    assert_true(wm_eq(before, unit_everything()));
    unit_say("DEL journal");

    /* keys of another type: an error, or refused, but nothing is written */

    unit_say("SADD head x");
    before = unit_everything();
    r = commit("", "SET a v", NULL, NULL);
    assert_false(r.type == WM_REPLY_LIST && wm_is(r.items[0].str, "done"));
    assert_true(wm_eq(before, unit_everything()));
    unit_say("DEL head");

    unit_say("SADD once x");
    before = unit_everything();
    r = commit("", "SET a v", NULL, "body");
    assert_false(r.type == WM_REPLY_LIST && wm_is(r.items[0].str, "done"));
    assert_true(wm_eq(before, unit_everything()));
}


/* Redis has no memory left: all or nothing. */

static void
out_of_memory(void **state)
{
    size_t              i;
    wm_str_t            before;
    wm_reply_t          r;
    wm_commit_result_t  result;

    static const char *const  effect[] = {
        "HSET h f 2\nSADD s n", "HINCRBY h f 1", "SET a v\nDEL t", ""
    };

    (void) state;

    before = unit_everything();
    unit_say("CONFIG SET maxmemory 1");

    for (i = 0; i < wm_countof(effect); i++) {
        r = commit("exists h", effect[i], "HSET c key k", "body");
        assert_case(r.type == WM_REPLY_ERROR, "%s: %s", effect[i],
                    unit_text(&r));
        assert_has(unit_text(&r), "OOM");
        assert_false(wm_commit_read(&r, &result));
        assert_true(wm_eq(before, unit_everything()));
    }

    /* after a first effect that frees memory Redis goes through with it */

    r = commit("exists h", "DEL t\nHSET h f 2\nSADD s n", NULL, "body");

    if (r.type == WM_REPLY_ERROR) {
        assert_true(wm_eq(before, unit_everything()));

    } else {
        has_word(&r, 0, "done", "DEL first");
        assert_says("2", "XLEN journal");
        assert_says("0", "EXISTS t");
        assert_says("1", "SISMEMBER s n");
        assert_says("1", "EXISTS once");
    }

    unit_say("CONFIG SET maxmemory 0");
}


/* Built in C, carried out in Redis, read again in C. */

static void
from_the_domain(void **state)
{
    wm_str_t            key;
    wm_commit_t        *c;
    wm_commit_result_t  r;

    (void) state;

    key = wm_key(unit_pool, wm_lit("furong"), "counter");

    c = unit_commit(WM_OP_IMPORT);
    wm_commit_once(c, wm_lit("scope"), wm_lit("body"));
    wm_need(c, ABSENT, key);
    wm_do(c, HINCRBY, key, wm_lit("n"), wm_lit("7"));
    wm_do(c, HSET, key, wm_lit("copy"), wm_reply_of(1), wm_lit("名"),
          wm_lit("张三"), wm_lit("nil"), wm_null);
    wm_do_private(c, HSET, key, wm_lit("raw"), wm_lit("\0\xff\r\n"));

    r = unit_sent(c);
    assert_int_equal(r.status, WM_COMMITTED);
    assert_int_equal(r.number, 1);
    assert_true(r.time_ms == UNIT_NOW);
    assert_int_equal(r.nreplies, 2);
    assert_int_equal(r.replies[0].num, 7);
    assert_says("7", "HGET wm:{furong}:counter copy");
    assert_says("张三", "HGET wm:{furong}:counter 名");
    assert_says("", "HGET wm:{furong}:counter nil");
    assert_int_equal(unit_say("HGET wm:{furong}:counter raw").str.len, 4);

    r = unit_sent(c);
    assert_int_equal(r.status, WM_COMMITTED_BEFORE);
    assert_int_equal(r.replies[0].num, 7);

    c->body_hash = wm_lit("0123");
    assert_int_equal(unit_sent(c).status, WM_COMMIT_OTHER_BODY);

    c->idem = wm_null;
    r = unit_sent(c);
    assert_int_equal(r.status, WM_COMMIT_UNMET);
    assert_int_equal(r.index, 1);

    c = unit_commit(WM_OP_IMPORT);
    wm_do(c, SADD, key, wm_lit("m"));
    r = unit_sent(c);
    assert_int_equal(r.status, WM_COMMIT_REFUSED);
    assert_text(r.seen, "type");
}


#define lua_case(f)                                                          \
    cmocka_unit_test_setup_teardown(f, fresh, unit_teardown)


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        lua_case(embedded),
        lua_case(conditions),
        lua_case(conditions_refused),
        lua_case(effects),
        lua_case(wrong_types),
        lua_case(bad_numbers),
        lua_case(numbers_foreseen),
        lua_case(bad_references),
        lua_case(bad_arguments),
        lua_case(own_keys),
        lua_case(deleted_first),
        lua_case(references),
        lua_case(once),
        lua_case(private),
        lua_case(chain),
        lua_case(counted),
        lua_case(together),
        lua_case(together_with_an_error),
        lua_case(damaged),
        lua_case(out_of_memory),
        lua_case(from_the_domain)
    };

    return cmocka_run_group_tests_name("commit_lua", tests, unit_redis_start,
                                       unit_redis_stop);
}
