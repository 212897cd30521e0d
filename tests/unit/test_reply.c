#include "unit.h"


static wm_reply_t
answer(wm_reply_t *items, size_t n, const char *first, ...)
{
    size_t   i;
    va_list  args;

    items[0] = unit_reply_str(first);
    va_start(args, first);

    for (i = 1; i < n; i++) {
        items[i] = unit_reply_str(va_arg(args, const char *));
    }

    va_end(args);

    return unit_reply_list(items, n);
}


static void
records(void **state)
{
    wm_reply_t  *h, odd, nil = { 0 };

    (void) state;

    h = unit_hash("a", "1", "b", "9223372036854775807", "c",
                  "9223372036854775808", "d", "-1", "e", "", NULL);

    assert_text(wm_reply_field(h, "a"), "1");
    assert_text(wm_reply_field(h, "e"), "");
    assert_text(wm_reply_field(h, "1"), NULL);
    assert_text(wm_reply_field(h, "f"), NULL);
    assert_true(wm_reply_field_int(h, "b") == INT64_MAX);
    assert_true(wm_reply_field_int(h, "c") == 0);
    assert_true(wm_reply_field_int(h, "d") == 0);
    assert_true(wm_reply_field_int(h, "f") == 0);

    assert_text(wm_reply_field(&nil, "a"), NULL);
    assert_text(wm_reply_str(&nil), NULL);
    assert_text(wm_reply_at(&nil, 0), NULL);

    /* a list of odd length, and one with other things than strings */

    odd = unit_reply_list(h->items, 3);
    assert_text(wm_reply_field(&odd, "a"), "1");
    assert_text(wm_reply_field(&odd, "b"), NULL);

    h->items[0] = unit_reply_int(5);
    h->items[3] = nil;
    assert_text(wm_reply_field(h, "a"), NULL);
    assert_text(wm_reply_field(h, "b"), NULL);
    assert_text(wm_reply_at(h, 0), NULL);
    assert_text(wm_reply_at(h, 99), NULL);
}


static void
committed(void **state)
{
    wm_reply_t          items[6], r;
    wm_commit_result_t  got;

    (void) state;

    r = answer(items, 6, "done", "1-0", "7", "1795395607123", "", "");
    items[4] = unit_reply_int(41);

    assert_true(wm_commit_read(&r, &got));
    assert_int_equal(got.status, WM_COMMITTED);
    assert_text(got.journal_id, "1-0");
    assert_true(got.number == 7 && got.time_ms == UNIT_NOW);
    assert_int_equal(got.nreplies, 2);
    assert_int_equal(got.replies[0].num, 41);

    items[0] = unit_reply_str("again");
    r.n = 4;
    assert_true(wm_commit_read(&r, &got));
    assert_int_equal(got.status, WM_COMMITTED_BEFORE);
    assert_int_equal(got.nreplies, 0);
}


static void
not_committed(void **state)
{
    wm_reply_t          items[3], r;
    wm_commit_result_t  got;

    (void) state;

    r = answer(items, 1, "other");
    assert_true(wm_commit_read(&r, &got));
    assert_int_equal(got.status, WM_COMMIT_OTHER_BODY);

    r = answer(items, 3, "unmet", "", "draft");
    items[1] = unit_reply_int(2);
    assert_true(wm_commit_read(&r, &got));
    assert_int_equal(got.status, WM_COMMIT_UNMET);
    assert_int_equal(got.index, 2);
    assert_text(got.seen, "draft");

    items[2] = unit_reply_int(1);
    assert_true(wm_commit_read(&r, &got));
    assert_text(got.seen, NULL);

    r = answer(items, 3, "bad", "", "overflow");
    items[1] = unit_reply_int(0);
    assert_true(wm_commit_read(&r, &got));
    assert_int_equal(got.status, WM_COMMIT_REFUSED);
    assert_int_equal(got.index, 0);
    assert_text(got.seen, "overflow");
}


/* Whatever comes is none of the script's answers, and is read no further. */

static void
hostile(void **state)
{
    size_t              i;
    wm_reply_t          items[4], r;
    wm_commit_result_t  got;

    static const char *const  words[] = {
        "", "DONE", "done ", "OK", "again2", "unmet", "bad", "done", "again"
    };

    (void) state;

    for (i = 0; i < wm_countof(words); i++) {
        r = answer(items, 1, words[i]);
        assert_case(!wm_commit_read(&r, &got), "took %s", words[i]);

        r = answer(items, 4, words[i], "1-0", "x", "1795395607123");
        assert_case(!wm_commit_read(&r, &got), "took %s", words[i]);

        r = answer(items, 4, words[i], "1-0", "7", "-1");
        assert_case(!wm_commit_read(&r, &got), "took %s", words[i]);

        items[2] = unit_reply_int(7);
        assert_case(!wm_commit_read(&r, &got), "took %s", words[i]);
    }

    r = answer(items, 3, "unmet", "2", "x");
    assert_false(wm_commit_read(&r, &got));
    items[1] = unit_reply_int(-1);
    assert_false(wm_commit_read(&r, &got));
    items[1] = unit_reply_int(2);
    r.n = 2;
    assert_false(wm_commit_read(&r, &got));
    r.n = 4;
    assert_false(wm_commit_read(&r, &got));

    r = answer(items, 4, "done", "1-0", "7", "9223372036854775808");
    assert_false(wm_commit_read(&r, &got));

    /* a journal entry has a name */

    r = answer(items, 4, "done", "1-0", "7", "1795395607123");
    items[1] = unit_reply_int(1);
    assert_false(wm_commit_read(&r, &got));

    r = unit_reply_list(NULL, 0);
    assert_false(wm_commit_read(&r, &got));
    r = unit_reply_str("done");
    assert_false(wm_commit_read(&r, &got));
    r = unit_reply_int(1);
    assert_false(wm_commit_read(&r, &got));
    r = (wm_reply_t) { WM_REPLY_ERROR, 0, wm_lit("done"), 0, NULL };
    assert_false(wm_commit_read(&r, &got));
    r = (wm_reply_t) { 0 };
    assert_false(wm_commit_read(&r, &got));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(records),
        unit_case(committed),
        unit_case(not_committed),
        unit_case(hostile)
    };

    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
