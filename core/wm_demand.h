/*
 * Demand: orders for the same course at the same place, gathered, so that one
 * event can be planned for all of them.
 */

#ifndef WM_DEMAND_H
#define WM_DEMAND_H

#include "wm_order_life.h"

typedef struct {
    wm_str_t            course;
    wm_str_t            unit;
    int64_t             heads;          /* of all orders together */
    size_t              norders;
    const wm_order_t  **orders;         /* the oldest first */
} wm_demand_t;

/*
 * Gathers those of n orders that can be planned now.  Groups with more orders
 * come first.  Orders are borrowed, the rest lives in pool.  False: no memory.
 */
bool wm_demand_gather(wm_pool_t *pool, const wm_order_t *orders, size_t n,
    wm_demand_t **groups, size_t *ngroups);

/* Whether so many orders are enough for a course; opens_at 0: any number. */
bool wm_demand_is_enough(const wm_demand_t *group, const wm_course_t *course);

#endif /* WM_DEMAND_H */
