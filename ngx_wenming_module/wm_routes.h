/*
 * The families of endpoints, one file each in lua-free-handlers/.  Each
 * exports one table of routes.
 */

#ifndef WM_ROUTES_H
#define WM_ROUTES_H

#include "wm_web.h"

#define WM_FAMILIES(X)                                                       \
    X(checkin)                                                               \
    X(home)                                                                  \
    X(menu)                                                                  \
    X(calendar)                                                              \
    X(events)                                                                \
    X(enrol)                                                                 \
    X(enrolments)                                                            \
    X(orders)                                                                \
    X(verify)                                                                \
    X(me)                                                                    \
    X(wechat)                                                                \
    X(data)                                                                  \
    X(forget)                                                                \
    X(ratings)                                                               \
    X(wishes)                                                                \
    X(mywishes)                                                              \
    X(screen)                                                                \
    X(screens)                                                               \
    X(posters)                                                               \
    X(session)                                                               \
    X(security)                                                              \
    X(today)                                                                 \
    X(desk)                                                                  \
    X(board)                                                                 \
    X(dispatch)                                                              \
    X(demand)                                                                \
    X(figures)                                                               \
    X(planning)                                                              \
    X(courses)                                                               \
    X(units)                                                                 \
    X(people)                                                                \
    X(publishing)                                                            \
    X(codes)                                                                 \
    X(roster)                                                                \
    X(card)                                                                  \
    X(corrections)                                                           \
    X(reviews)                                                               \
    X(wishdesk)                                                              \
    X(look)                                                                  \
    X(health)                                                                \
    X(metrics)

#define X(family)                                                            \
    extern const wm_route_t  wm_##family##_routes[];                         \
    extern const size_t      wm_##family##_nroutes;
WM_FAMILIES(X)
#undef X

#endif /* WM_ROUTES_H */
