/*
 * What all unit tests share: a pool and a realm for each test, a pool that
 * runs dry, records as Redis gives them, and commits as text.
 */

#ifndef WM_UNIT_H
#define WM_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wm_commit.h"
#include "wm_reply.h"
#include "wm_seal.h"

/* 2026-11-23T09:00:07.123+08:00 */
#define UNIT_NOW     INT64_C(1795395607123)
#define UNIT_OFFSET  480

extern wm_pool_t         *unit_pool;
extern const wm_realm_t  *unit_realm;

int unit_setup(void **state);
int unit_teardown(void **state);

#define unit_case(f)                                                         \
    cmocka_unit_test_setup_teardown(f, unit_setup, unit_teardown)

/* A ring from the text of a key file; fails the test when it is bad. */
wm_keyring_t *unit_ring(const char *keys, const char *district);

/* Text for messages: printable, in the test's pool. */
const char *unit_show(wm_str_t s);

/* A string is z, or (want NULL) absent. */
void unit_same(wm_str_t s, const char *want, const char *file, int line);
#define assert_text(s, want)  unit_same(s, want, __FILE__, __LINE__)

/* text has, or has not, a part. */
void unit_contains(const char *text, const char *part, bool want,
    const char *file, int line);
#define assert_has(text, part)                                               \
    unit_contains(text, part, true, __FILE__, __LINE__)
#define assert_lacks(text, part)                                             \
    unit_contains(text, part, false, __FILE__, __LINE__)

/* assert_true() that names the case it was in. */
#define assert_case(ok, ...)                                                 \
    do { if (!(ok)) { fail_msg(__VA_ARGS__); } } while (0)

/* HGETALL of a hash: names and values up to a NULL. */
wm_reply_t *unit_hash(const char *name, ...);
wm_reply_t *unit_hash_add(wm_reply_t *hash, const char *name, wm_str_t value);

wm_reply_t unit_reply_str(const char *z);
wm_reply_t unit_reply_int(int64_t n);
wm_reply_t unit_reply_list(wm_reply_t *items, size_t n);

/* A commit of district furong, by "tester", at UNIT_NOW. */
wm_commit_t *unit_commit(wm_op_t op);

/*
 * One line a step: "? need ...", "! effect ...", "* private effect ...".  An
 * empty argument is "", the reply of effect n is @n, bytes are <n>.
 */
const char *unit_commit_text(const wm_commit_t *c);

/* A pool that gives n times and then never again, or (once) not just once. */
typedef struct {
    wm_pool_t    pool;
    size_t       left;
    bool         once;
    bool         dry;                   /* something was refused */
} unit_meagre_t;

wm_pool_t *unit_meagre(unit_meagre_t *m, size_t n);
wm_pool_t *unit_meagre_once(unit_meagre_t *m, size_t n);

/* The same numbers in every run. */
uint64_t unit_random(void);
void unit_random_bytes(void *out, size_t len);

/* A file of the project, whole. */
wm_str_t unit_read_file(const char *path);

#endif /* WM_UNIT_H */
