#include "wm_demand.h"

#include <stdlib.h>


static int
wm_demand_place(const wm_order_t *a, const wm_order_t *b)
{
    int  c;

    c = wm_cmp(a->course, b->course);

    return c != 0 ? c : wm_cmp(a->unit, b->unit);
}


static int
wm_demand_order(const void *x, const void *y)
{
    int                c;
    const wm_order_t  *a = *(const wm_order_t *const *) x;
    const wm_order_t  *b = *(const wm_order_t *const *) y;

    c = wm_demand_place(a, b);

    if (c == 0) {
        c = a->made_ms < b->made_ms ? -1 : a->made_ms > b->made_ms;
    }

    return c != 0 ? c : wm_cmp(a->id, b->id);
}


static int
wm_demand_more(const void *x, const void *y)
{
    const wm_demand_t  *a = x, *b = y;

    if (a->norders != b->norders) {
        return a->norders > b->norders ? -1 : 1;
    }

    return wm_demand_order(&a->orders[0], &b->orders[0]);
}


bool
wm_demand_gather(wm_pool_t *pool, const wm_order_t *orders, size_t n,
    wm_demand_t **groups, size_t *ngroups)
{
    size_t              i, found;
    wm_demand_t        *g;
    const wm_order_t  **list;

    *ngroups = 0;
    *groups = wm_calloc(pool, (n + 1) * sizeof(wm_demand_t));
    list = wm_calloc(pool, (n + 1) * sizeof(wm_order_t *));

    if (*groups == NULL || list == NULL) {
        return false;
    }

    for (i = 0, found = 0; i < n; i++) {
        if (wm_order_action_from(WM_ORDER_DO_SCHEDULE, orders[i].state)) {
            list[found++] = &orders[i];
        }
    }

    qsort(list, found, sizeof(wm_order_t *), wm_demand_order);

    for (i = 0, g = NULL; i < found; i++) {
        if (g == NULL || wm_demand_place(g->orders[0], list[i]) != 0) {
            g = &(*groups)[(*ngroups)++];
            g->course = list[i]->course;
            g->unit = list[i]->unit;
            g->orders = &list[i];
        }

        g->norders++;
        g->heads += list[i]->head_count;
    }

    qsort(*groups, *ngroups, sizeof(wm_demand_t), wm_demand_more);

    return true;
}


bool
wm_demand_is_enough(const wm_demand_t *group, const wm_course_t *course)
{
    return (int64_t) group->norders >= course->opens_at;
}
