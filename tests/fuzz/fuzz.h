/*
 * What all fuzz targets share.  A target is one file that defines fuzz_one():
 * it reads its input, calls what it is about, and checks with fuzz_check()
 * what must hold whatever the input was.
 */

#ifndef WM_FUZZ_H
#define WM_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "wm_seal.h"
#include "wm_reply.h"

/* 2026-11-23T09:00:07.123+08:00, when the vectors of docs/token.md were made */
#define FUZZ_NOW     INT64_C(1795395607123)
#define FUZZ_OFFSET  480

typedef struct {
    const uint8_t  *p;
    const uint8_t  *end;
    wm_pool_t      *pool;
} fuzz_in_t;

/* pool ends with the call. */
void fuzz_one(wm_pool_t *pool, fuzz_in_t *in);

/* The ring, host and district of docs/token.md. */
extern wm_realm_t  fuzz_realm;

/* Ends the program, and so saves the input, when ok is false. */
#define fuzz_check(ok)                                                       \
    ((ok) ? (void) 0 : fuzz_fail(__FILE__, __LINE__, #ok))

_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* Zeros once the input is used up. */
uint8_t fuzz_byte(fuzz_in_t *in);
uint64_t fuzz_uint(fuzz_in_t *in, size_t bytes);
void fuzz_bytes(fuzz_in_t *in, void *out, size_t len);

/*
 * Strings in memory of just their length, so that reading one byte too many
 * is noticed: len bytes at most, up to a separator, or all that is left.
 */
wm_str_t fuzz_str(fuzz_in_t *in, size_t len);
wm_str_t fuzz_until(fuzz_in_t *in, char sep);
wm_str_t fuzz_rest(fuzz_in_t *in);
wm_str_t fuzz_exact(wm_pool_t *pool, wm_str_t s);

/* Equal but for the case of ASCII letters. */
bool fuzz_same(wm_str_t a, wm_str_t b);
bool fuzz_has(wm_str_t s, const char *part);
bool fuzz_is_ascii(wm_str_t s);

/* Changes up to 4 bytes of a text as the input says. */
void fuzz_damage(fuzz_in_t *in, char *text, size_t len);

/* A reply, and one that looks like an HGETALL of records of ours. */
wm_reply_t *fuzz_reply(fuzz_in_t *in, unsigned depth);
wm_reply_t *fuzz_hash(fuzz_in_t *in);

#endif /* WM_FUZZ_H */
