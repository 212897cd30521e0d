#include "cli.h"

#include <inttypes.h>

#define WM_ENTRY_FIELDS  8


/* One of the eight, and none of them can be read as another. */

static bool
wm_entry_field(const wm_reply_t *fields, const char *name, bool word,
    wm_str_t *value)
{
    *value = wm_reply_field(fields, name);

    return value->data != NULL
           && (!word || (value->len > 0
                         && memchr(value->data, ' ', value->len) == NULL));
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

    if (!wm_entry_field(f, "n", true, &entry->n)
        || entry->n.data[0] == '0'
        || !wm_parse_uint(entry->n, INT64_MAX, &entry->number))
    {
        return false;
    }

    return f->type == WM_REPLY_LIST && f->n == 2 * WM_ENTRY_FIELDS
           && wm_entry_field(f, "t", true, &entry->t)
           && wm_entry_field(f, "v", true, &entry->v)
           && wm_entry_field(f, "a", true, &entry->a)
           && wm_entry_field(f, "p", true, &entry->p)
           && wm_entry_field(f, "e", false, &entry->e)
           && wm_entry_field(f, "r", false, &entry->r)
           && wm_entry_field(f, "h", true, &entry->h)
           && entry->h.len == 40
           && wm_parse_uint(entry->t, INT64_MAX, &entry->time_ms);
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
