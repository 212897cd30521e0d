/*
 * The journal as the tool prints it: entries with any effects.  What goes to
 * a terminal is text without controls.
 */

#include "fuzz.h"
#include "wm_notify.h"
#include "../../cli/journal.c"


static void
fuzz_effects(wm_pool_t *pool, wm_str_t packed)
{
    size_t    i;
    wm_buf_t  b;
    wm_str_t  s;

    wm_buf_init(&b, pool, 64);
    wm_journal_effects(&b, packed);
    s = wm_buf_str(&b);

    fuzz_check(s.data != NULL && wm_utf8_count(s) >= 0);

    for (i = 0; i < s.len; i++) {
        fuzz_check((unsigned char) s.data[i] >= 0x20 || s.data[i] == '\n');
        fuzz_check(s.data[i] != 0x7f);
    }
}


/* And as notifications are made of it. */

static void
fuzz_told(wm_pool_t *pool, wm_str_t packed)
{
    int         op;
    size_t      i, n;
    wm_told_t  *told;

    for (op = 0; op < WM_OP_MAX; op++) {
        told = wm_notify_told(pool, wm_lit("furong"),
                              wm_str(wm_op_verb((wm_op_t) op)), packed, &n);

        for (i = 0; told != NULL && i < n; i++) {
            fuzz_check(told[i].kind < WM_NOTICE_MAX && told[i].mark_ms >= 0);
        }
    }
}


static void
fuzz_entry(wm_pool_t *pool, fuzz_in_t *in)
{
    wm_entry_t   e;
    wm_reply_t   items[2];

    items[0] = *fuzz_reply(in, 0);
    items[0].str = wm_dup(pool, items[0].str);  /* as they all are */
    items[1] = *fuzz_hash(in);

    (void) wm_journal_print(pool, &(wm_reply_t) { .type = WM_REPLY_LIST,
                                                  .n = 2, .items = items },
                            &e, FUZZ_OFFSET);
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    if (fuzz_byte(in) & 1) {
        fuzz_entry(pool, in);
        return;
    }

    fuzz_effects(pool, fuzz_rest(in));
    fuzz_told(pool, fuzz_rest(in));
}
