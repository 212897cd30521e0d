/*
 * Checkpoint lines: one that passes says of the journal just what was signed.
 */

#include "fuzz.h"
#include "wm_checkpoint.h"

#define FUZZ_HEAD  "0123456789abcdef0123456789abcdef01234567"


static void
fuzz_read(wm_pool_t *pool, wm_str_t line, const wm_checkpoint_t *original)
{
    wm_str_t         again;
    wm_checkpoint_t  cp;

    if (!wm_checkpoint_parse(line, &cp)) {
        return;
    }

    fuzz_check(cp.head.len == 40 && cp.n > 0 && cp.number.data[0] != '0');

    if (wm_checkpoint_check(fuzz_realm.ring, &cp) != WM_SEAL_OK) {
        return;
    }

    if (original != NULL) {
        fuzz_check(wm_eq(cp.district, original->district));
        fuzz_check(wm_eq(cp.number, original->number));
        fuzz_check(wm_eq(cp.head, original->head));
    }

    if (cp.key_id == wm_keyring_current(fuzz_realm.ring)) {
        again = wm_checkpoint_line(pool, fuzz_realm.ring, cp.district,
                                   cp.number, cp.head, cp.time);
        fuzz_check(again.data != NULL && again.len <= line.len);
    }
}


static void
fuzz_made(wm_pool_t *pool, fuzz_in_t *in)
{
    char             number[24];
    wm_str_t         line;
    wm_checkpoint_t  cp;

    snprintf(number, sizeof(number), "%llu",
             (unsigned long long) fuzz_uint(in, 8) >> 1);

    line = wm_checkpoint_line(pool, fuzz_realm.ring, fuzz_realm.district,
                              wm_str(number), wm_lit(FUZZ_HEAD),
                              wm_lit("2026-11-23T09:00:07+08:00"));
    if (line.data == NULL) {
        fuzz_check(number[0] == '0');
        return;
    }

    fuzz_check(wm_checkpoint_parse(line, &cp));
    fuzz_check(wm_checkpoint_check(fuzz_realm.ring, &cp) == WM_SEAL_OK);

    line = fuzz_exact(pool, line);
    fuzz_check(wm_checkpoint_parse(wm_dup(pool, line), &cp));

    fuzz_damage(in, (char *) line.data, line.len);
    fuzz_read(pool, line, &cp);
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    if (fuzz_byte(in) & 1) {
        fuzz_made(pool, in);
        return;
    }

    fuzz_read(pool, fuzz_rest(in), NULL);
}
