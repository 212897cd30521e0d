/*
 * A Redis for a group of tests: a Unix socket in a new directory, no port,
 * nothing kept; it ends with the program.
 */

#ifndef WM_UNIT_REDIS_H
#define WM_UNIT_REDIS_H

#include "unit.h"

/* Set up and torn down with the group. */
int unit_redis_start(void **state);
int unit_redis_stop(void **state);

wm_reply_t unit_ask(const wm_str_t *argv, size_t argc);

/* A command whose words have no blanks; an error fails the test. */
wm_reply_t unit_say(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* A reply as text. */
const char *unit_text(const wm_reply_t *r);

#define assert_says(want, ...)                                               \
    do {                                                                     \
        wm_reply_t  said = unit_say(__VA_ARGS__);                            \
        assert_string_equal(unit_text(&said), want);                         \
    } while (0)

/* All that Redis holds: every key with its value, and whether it expires. */
wm_str_t unit_everything(void);

/* A commit of the domain, sent as the module sends it. */
wm_commit_result_t unit_sent(wm_commit_t *c);

#endif /* WM_UNIT_REDIS_H */
