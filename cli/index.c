#include "import.h"

#include <stdlib.h>


static int
wm_index_compare(const void *one, const void *two)
{
    int               rc;
    const wm_pair_t  *p = one, *q = two;

    rc = wm_cmp(p->key, q->key);

    if (rc != 0 || p->row == NULL || q->row == NULL) {
        return rc;
    }

    return p->row->line < q->row->line ? -1 : p->row->line > q->row->line;
}


void
wm_index_sort(wm_index_t *index)
{
    if (index->n > 1) {
        qsort(index->pairs, index->n, sizeof(wm_pair_t), wm_index_compare);
    }
}


const wm_pair_t *
wm_index_find(const wm_index_t *index, wm_str_t key)
{
    size_t  low, high, mid;

    for (low = 0, high = index->n; low < high; /* void */ ) {
        mid = low + (high - low) / 2;

        if (wm_cmp(index->pairs[mid].key, key) < 0) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    return low < index->n && wm_eq(index->pairs[low].key, key)
           ? &index->pairs[low] : NULL;
}


bool
wm_index_load(wm_pool_t *pool, wm_index_t *index, const wm_reply_t *hash)
{
    size_t  i;

    index->n = hash->n / 2;
    index->pairs = wm_alloc(pool, index->n * sizeof(wm_pair_t) + 1);

    if (index->pairs == NULL) {
        return false;
    }

    for (i = 0; i < index->n; i++) {
        index->pairs[i].key = wm_reply_str(&hash->items[2 * i]);
        index->pairs[i].value = wm_reply_str(&hash->items[2 * i + 1]);
        index->pairs[i].row = NULL;
    }

    wm_index_sort(index);

    return true;
}
