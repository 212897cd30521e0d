#include "cli.h"
#include "wm_catalogue.h"


/*
 * What cannot be read may be a root: who walks over all would pass by what
 * its units have.
 */

bool
wm_roots_read(wm_redis_t *redis, wm_pool_t *pool, wm_str_t district,
    wm_str_t **roots, size_t *n)
{
    size_t             i;
    wm_str_t           units[WM_UNIT_DEPTH];
    wm_unit_t          unit;
    const wm_reply_t  *all;

    all = wm_redis_hash(redis, pool, wm_key(pool, district, "units"));
    if (all == NULL) {
        return false;
    }

    *n = 0;
    *roots = wm_alloc(pool, (all->n + 1) * sizeof(wm_str_t));

    if (*roots == NULL) {
        wm_say_error("no memory");
        return false;
    }

    for (i = 0; i + 1 < all->n; i += 2) {
        if (!wm_unit_load(pool, wm_reply_at(all, i), wm_reply_at(all, i + 1),
                          &unit))
        {
            wm_say_error("the unit %s cannot be read",
                         wm_say_safe(pool, wm_reply_at(all, i)));
            return false;
        }

        if (wm_path_units(unit.path, units, WM_UNIT_DEPTH) == 1) {
            (*roots)[(*n)++] = unit.id;
        }
    }

    return true;
}
