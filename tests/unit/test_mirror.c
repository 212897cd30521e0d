#include "unit.h"
#include "wm_mirror.h"

#define HEAD     wm_lit("wm:{furong}:")
#define AT       INT64_C(1000000)
#define KEY(s)   wm_lit("wm:{furong}:" s)

typedef struct {
    wm_buf_t   text;
    size_t     left;                    /* changes that are taken */
} said_t;


/* "PUT_FIELD name field value num", an absent part is "-". */

static void
put(wm_buf_t *b, wm_str_t s)
{
    wm_putc(b, ' ');
    wm_puts(b, s.data != NULL ? unit_show(s) : "-");
}


static bool
say(void *ctx, const wm_change_t *c)
{
    said_t  *said = ctx;

    static const char *const  names[] = {
#define X(name)  #name,
        WM_CHANGES(X)
#undef X
    };

    if (said->left == 0) {
        return false;
    }

    said->left--;
    wm_puts(&said->text, names[c->what]);
    put(&said->text, c->name);
    put(&said->text, c->field);
    put(&said->text, c->value);
    wm_putf(&said->text, " %lld\n", (long long) c->num);

    return true;
}


static wm_replay_result_t
replay(wm_pool_t *pool, wm_str_t packed, wm_str_t replies, size_t left,
    const char **text)
{
    said_t               said = { .left = left };
    wm_replay_result_t  rc;

    wm_buf_init(&said.text, unit_pool, 1024);
    rc = wm_mirror_entry(pool, HEAD, packed, replies, AT, say, &said);
    wm_putc(&said.text, '\0');
    *text = said.text.data;

    return rc;
}


/* The effects of a commit as they travel. */

static wm_str_t
packed(wm_commit_t *c)
{
    size_t     argc;
    wm_str_t  *argv;

    assert_true(wm_commits_encode(unit_pool, &c, 1, &argv, &argc));

    return argv[argc - 1];
}


static wm_str_t
all_kinds(void)
{
    wm_commit_t  *c;

    c = unit_commit(WM_OP_IMPORT);

    wm_do(c, HINCRBY, KEY("h"), wm_lit("n"), wm_lit("2"));
    wm_do(c, HSET, KEY("h"), wm_lit("a"), wm_reply_of(1), wm_lit("b"),
          wm_lit("中"));
    wm_do(c, HDEL, KEY("h"), wm_lit("x"), wm_lit("y"));
    wm_do(c, SADD, KEY("s"), wm_lit("m"));
    wm_do(c, SREM, KEY("s"), wm_lit("m"));
    wm_do(c, ZADD, KEY("z"), wm_reply_of(1), wm_lit("m"));
    wm_do(c, ZREM, KEY("z"), wm_lit("m"));
    wm_do(c, SET, KEY("t"), wm_lit("v"));
    wm_do(c, EXPIRE, KEY("t"), wm_lit("60"));
    wm_do(c, DEL, KEY("t"));
    wm_do(c, HSET, KEY("session:x"), wm_lit("a"), wm_lit("b"));
    wm_do(c, SET, KEY("once:x"), wm_lit("b"));

    return packed(c);
}


#define ALL_REPLIES  wm_lit("-42,0,0,0,0,0,0,0,0,0,0,0")

static const char  all_changes[] =
    "PUT_FIELD h n -42 0\n"
    "PUT_FIELD h a -42 0\n"
    "PUT_FIELD h b 中 0\n"
    "DROP_FIELD h x - 0\n"
    "DROP_FIELD h y - 0\n"
    "PUT_MEMBER s m - 0\n"
    "DROP_MEMBER s m - 0\n"
    "PUT_SCORE z m - -42\n"
    "DROP_SCORE z m - 0\n"
    "PUT_STRING t - v 0\n"
    "END_AT t - - 1060000\n"
    "DROP t - - 0\n";


static void
changes(void **state)
{
    const char  *text;

    (void) state;

    assert_int_equal(replay(unit_pool, all_kinds(), ALL_REPLIES, 99, &text),
                     WM_REPLAY_OK);
    assert_string_equal(text, all_changes);

    assert_int_equal(replay(unit_pool, wm_lit(""), wm_null, 99, &text),
                     WM_REPLAY_OK);
    assert_string_equal(text, "");
    assert_int_equal(replay(unit_pool, wm_lit("\x90"), wm_null, 99, &text),
                     WM_REPLAY_OK);
    assert_string_equal(text, "");
}


/* What is cut anywhere, or has one byte more, is not taken for a whole. */

static void
cut(void **state)
{
    size_t       i;
    wm_str_t     whole, part;
    const char  *text;

    (void) state;

    whole = all_kinds();

    for (i = 1; i < whole.len; i++) {
        part.data = memcpy(malloc(i), whole.data, i);
        part.len = i;

        assert_case(replay(unit_pool, part, ALL_REPLIES, 99, &text)
                    == WM_REPLAY_DAMAGED, "took %zu bytes", i);
        free((char *) part.data);
    }

    part = wm_printf(unit_pool, "%.*sx", wm_fmt(whole));
    assert_int_equal(replay(unit_pool, part, ALL_REPLIES, 99, &text),
                     WM_REPLAY_DAMAGED);
}


static void
damaged(void **state)
{
    size_t       i;
    const char  *text;

    static const struct {
        const char  *name;
        wm_str_t     bytes;
        wm_str_t     replies;
    } bad[] = {
#define B(s)  { sizeof(s) - 1, s }
        { "no list", B("\x01"), B("") },
        { "a map", B("\x80"), B("") },
        { "half a count", B("\xdd\xff"), B("") },
        { "a count of gigabytes", B("\xdd\xff\xff\xff\xff"), B("") },
        { "words beyond the list",
          B("\x92\xce\xff\xff\xff\xff\xa3" "DEL"), B("") },
        { "a text for a count", B("\x91\xa1" "2"), B("") },
        { "too few words", B("\x92\x01\xa3" "DEL"), B("") },
        { "no such effect", B("\x93\x02\xa3" "GET\xae" "wm:{furong}:ab"),
          B("") },
        { "another district", B("\x93\x02\xa3" "DEL\xad" "wm:{yuelu}:ab"),
          B("") },
        { "a key that is all head", B("\x93\x02\xa3" "DEL\xac"
                                      "wm:{furong}:"), B("") },
        { "DEL with an argument", B("\x94\x03\xa3" "DEL\xad" "wm:{furong}:a"
                                    "\xa1" "b"), B("") },
        { "HSET of half a pair", B("\x94\x03\xa4" "HSET\xad" "wm:{furong}:a"
                                   "\xa1" "b"), B("") },
        { "HDEL of nothing", B("\x93\x02\xa4" "HDEL\xad" "wm:{furong}:a"),
          B("") },
        { "HINCRBY without a reply", B("\x95\x04\xa7" "HINCRBY\xad"
                                       "wm:{furong}:a\xa1" "b\xa1" "1"),
          B("") },
        { "ZADD of a word", B("\x95\x04\xa4" "ZADD\xad" "wm:{furong}:a\xa1"
                              "b\xa1" "c"), B("") },
        { "SET of two", B("\x95\x04\xa3" "SET\xad" "wm:{furong}:a\xa1"
                          "b\xa1" "c"), B("") },
        { "EXPIRE at once", B("\x94\x03\xa6" "EXPIRE\xad" "wm:{furong}:a\xa1"
                              "0"), B("") },
        { "EXPIRE of a word", B("\x94\x03\xa6" "EXPIRE\xad"
                                "wm:{furong}:a\xa1" "x"), B("") },
        { "a reply of itself", B("\x94\x03\xa3" "SET\xad" "wm:{furong}:a"
                                 "\x01"), B("5") },
        { "reply 0", B("\x94\x03\xa3" "SET\xad" "wm:{furong}:a\x00"),
          B("5") },
        { "replies that are none", B("\x90"), B("5,x") },
        { "an empty reply", B("\x90"), B("5,") },
#undef B
    };

    (void) state;

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(replay(unit_pool, bad[i].bytes, bad[i].replies, 99, &text)
                    == WM_REPLAY_DAMAGED, "took %s", bad[i].name);
        assert_string_equal(text, "");
    }
}


static void
refused(void **state)
{
    size_t       i;
    const char  *text;

    (void) state;

    for (i = 0; i < 12; i++) {
        assert_int_equal(replay(unit_pool, all_kinds(), ALL_REPLIES, i,
                                &text), WM_REPLAY_FAILED);
    }
}


static void
no_memory(void **state)
{
    size_t                i;
    const char           *text;
    unit_meagre_t         m;
    wm_replay_result_t   rc;

    (void) state;

    for (i = 0; /* void */ ; i++) {
        rc = replay(unit_meagre(&m, i), all_kinds(), ALL_REPLIES, 99, &text);

        if (!m.dry) {
            break;
        }

        assert_int_equal(rc, WM_REPLAY_FAILED);
    }

    assert_true(i > 0);
    assert_int_equal(rc, WM_REPLAY_OK);
}


static void
integers(void **state)
{
    size_t   i;
    int64_t  n;

    static const char *const  bad[] = {
        "", "-", "-0", "01", "+1", " 1", "1 ", "1.0", "x",
        "9007199254740992", "-9007199254740992", "99999999999999999999"
    };

    (void) state;

    assert_true(wm_replay_integer(wm_lit("0"), &n) && n == 0);
    assert_true(wm_replay_integer(wm_lit("-7"), &n) && n == -7);
    assert_true(wm_replay_integer(wm_lit("9007199254740991"), &n)
                && n == INT64_C(9007199254740991));
    assert_true(wm_replay_integer(wm_lit("-9007199254740991"), &n)
                && n == -INT64_C(9007199254740991));

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_replay_integer(wm_str(bad[i]), &n), "took %s",
                    bad[i]);
    }

    assert_false(wm_replay_integer(wm_null, &n));
}


static void
names(void **state)
{
    const char *const  *fields;

    (void) state;

    assert_true(wm_mirror_skips(wm_lit("session:X")));
    assert_true(wm_mirror_skips(wm_lit("once:X")));
    assert_true(wm_mirror_skips(wm_lit("head")));
    assert_false(wm_mirror_skips(wm_lit("headline")));
    assert_false(wm_mirror_skips(wm_lit("order:session:")));

    fields = wm_mirror_private(wm_lit("person:X"));
    assert_non_null(fields);
    assert_string_equal(fields[0], "key");
    assert_null(fields[1]);

    assert_non_null(wm_mirror_private(wm_lit("staff:x")));
    assert_null(wm_mirror_private(wm_lit("staff")));
    assert_null(wm_mirror_private(wm_lit("order:x")));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(changes),
        unit_case(cut),
        unit_case(damaged),
        unit_case(refused),
        unit_case(no_memory),
        unit_case(integers),
        unit_case(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
