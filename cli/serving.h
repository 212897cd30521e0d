/* The list of an event's places, as commands of the tool read it. */

#ifndef WM_SERVING_H
#define WM_SERVING_H

#include "cli.h"
#include "wm_enrol.h"

typedef struct {
    wm_str_t      district;
    wm_redis_t   *redis;
    wm_str_t      actor;
    wm_offers_t   offers;
    int64_t       now_ms;
} wm_serving_t;

/* Of the operands, [BEFORE HOLD]; the built-in ones without.  As below. */
bool wm_offers_given(wm_cli_t *cli, wm_offers_t *offers);

/* False: said why. */
bool wm_offers_read(wm_cli_t *cli, wm_serving_t *s, wm_str_t id,
    wm_list_t *list, bool *found);

#endif /* WM_SERVING_H */
