#include "wm_effects.h"
#include "wm_entry.h"

#include <inttypes.h>

#define WM_ENTRY_FIELDS  2


/* A word and the blank behind it: one reading, and none of them empty. */

static bool
wm_entry_word(wm_str_t *rest, wm_str_t *word)
{
    return wm_split(rest, ' ', word) && word->len > 0;
}


static bool
wm_entry_number(wm_str_t *rest, uint64_t *number)
{
    wm_str_t  word;

    return wm_entry_word(rest, &word)
           && wm_parse_uint(word, INT64_MAX, number)
           && (word.data[0] != '0' || word.len == 1);
}


/*
 * Behind the hash: "number ms verb actor sealed digest", and " replies" where
 * some counted.
 */

static bool
wm_entry_what(wm_str_t rest, wm_entry_t *e)
{
    e->what = rest;

    if (!wm_entry_number(&rest, &e->number) || e->number == 0) {
        e->number = 0;
        return false;
    }

    if (!wm_entry_number(&rest, &e->time_ms)
        || !wm_entry_word(&rest, &e->verb)
        || !wm_entry_word(&rest, &e->actor)
        || !wm_entry_word(&rest, &e->sealed)
        || !wm_entry_word(&rest, &e->digest) || e->digest.len != 40)
    {
        return false;
    }

    return rest.data == NULL
           || (wm_entry_word(&rest, &e->replies) && rest.data == NULL);
}


bool
wm_entry_id(wm_str_t id, uint64_t *ms, uint64_t *seq)
{
    wm_str_t  part;

    return wm_split(&id, '-', &part) && wm_parse_uint(part, UINT64_MAX, ms)
           && id.data != NULL && wm_parse_uint(id, UINT64_MAX, seq);
}


bool
wm_entry_load(const wm_reply_t *item, wm_entry_t *entry)
{
    wm_str_t           what;
    const wm_reply_t  *f;

    memset(entry, 0, sizeof(wm_entry_t));

    entry->id = wm_reply_at(item, 0);

    if (item->type != WM_REPLY_LIST || item->n != 2
        || !wm_entry_id(entry->id, &entry->ms, &entry->seq))
    {
        entry->id = wm_null;
        return false;
    }

    f = &item->items[1];

    what = wm_reply_field(f, "w");
    entry->effects = wm_reply_field(f, "e");

    return wm_split(&what, ' ', &entry->hash) && wm_entry_what(what, entry)
           && f->type == WM_REPLY_LIST && f->n == 2 * WM_ENTRY_FIELDS
           && entry->effects.data != NULL && entry->hash.len == 40;
}


wm_str_t
wm_entry_after(wm_pool_t *pool, uint64_t ms, uint64_t seq)
{
    /* Redis 5 knows no exclusive ranges */

    return seq < UINT64_MAX
           ? wm_printf(pool, "%" PRIu64 "-%" PRIu64, ms, seq + 1)
           : wm_printf(pool, "%" PRIu64 "-0", ms + 1);
}


bool
wm_entry_head(wm_str_t head, uint64_t *number, wm_str_t *hash)
{
    wm_str_t  part;

    if (!wm_split(&head, ' ', &part)
        || !wm_parse_uint(part, INT64_MAX, number)
        || part.data[0] == '0' || head.len != 40)
    {
        return false;
    }

    *hash = head;

    return true;
}


bool
wm_entry_parts(wm_pool_t *pool, const wm_entry_t *entry,
    wm_entry_part_pt each, void *ctx)
{
    size_t        i;
    wm_str_t      word, part;
    wm_effect_t   effect;
    wm_effects_t  effects;

    if (entry->effects.len == 0) {
        return true;
    }

    if (!wm_effects_open(&effects, entry->effects)) {
        return false;
    }

    while (wm_effects_next(pool, &effects, &effect)) {
        for (i = 1; i < effect.n; i++) {
            word = effect.words[i];

            while (wm_split(&word, ':', &part)) {
                each(ctx, part);
            }
        }
    }

    return !effects.failed && effects.left == 0;
}
