#include "wm_limits.h"

const wm_limit_rule_t  wm_limit_rules[WM_LIMIT_MAX] = {
#define X(name, code, window, device, person, share, address, verdict)       \
    { code, window, device, person, share, address, WM_VERDICT_##verdict },
    WM_LIMITED(X)
#undef X
};


/* SIZE_MAX: nowhere. */

static size_t
wm_limits_find(const wm_limits_t *l, uint64_t subject)
{
    size_t  i, at;

    for (i = 0; i < WM_LIMITS_NEAR; i++) {
        at = (subject + i) % WM_LIMITS_PLACES;

        if (l->places[at].subject == subject) {
            return at;
        }
    }

    return SIZE_MAX;
}


/* The place whose counter is missed least. */

static size_t
wm_limits_choose(const wm_limits_t *l, uint64_t subject, int64_t now)
{
    size_t                    i, at, least;
    const wm_limits_place_t  *place, *best;

    least = subject % WM_LIMITS_PLACES;

    for (i = 0; i < WM_LIMITS_NEAR; i++) {
        at = (subject + i) % WM_LIMITS_PLACES;
        place = &l->places[at];
        best = &l->places[least];

        if (place->subject == 0 || place->end <= now) {
            return at;
        }

        if (place->count < best->count
            || (place->count == best->count && place->end < best->end))
        {
            least = at;
        }
    }

    return least;
}


int64_t
wm_limits_look(const wm_limits_t *l, uint64_t subject, int64_t end)
{
    size_t  at;

    at = wm_limits_find(l, subject);

    return at != SIZE_MAX && l->places[at].end == end ? l->places[at].count
                                                      : 0;
}


void
wm_limits_add(wm_limits_t *l, uint64_t subject, int64_t now, int64_t end,
    int64_t n)
{
    size_t              at;
    wm_limits_place_t  *place;

    at = wm_limits_find(l, subject);

    if (at == SIZE_MAX || l->places[at].end != end) {
        if (n <= 0) {
            return;
        }

        if (at == SIZE_MAX) {
            at = wm_limits_choose(l, subject, now);
        }

        l->places[at] = (wm_limits_place_t) { subject, end, 0 };
    }

    place = &l->places[at];
    place->count = place->count + n > 0 ? place->count + n : 0;
}


static bool
wm_limits_is_used_up(const wm_limits_t *l, uint64_t subject, int64_t max,
    int64_t end)
{
    return subject != 0 && max != 0 && wm_limits_look(l, subject, end) >= max;
}


wm_verdict_t
wm_limits_take(wm_limits_t *l, wm_limit_t what, const wm_taker_t *t,
    int64_t now, int64_t end)
{
    bool                    pays;
    const wm_limit_rule_t  *rule = &wm_limit_rules[what];

    if (wm_limits_is_used_up(l, t->device, rule->device, end)
        || wm_limits_is_used_up(l, t->person, rule->person, end))
    {
        return rule->verdict;
    }

    pays = t->address != 0 && rule->address != 0
           && (!t->known || t->device == 0
               || wm_limits_look(l, t->device, end) >= rule->share);

    if (pays && wm_limits_is_used_up(l, t->address, rule->address, end)) {
        return WM_VERDICT_MANY_HERE;
    }

    if (t->device != 0 && rule->device != 0) {
        wm_limits_add(l, t->device, now, end, 1);
    }

    if (t->person != 0 && rule->person != 0) {
        wm_limits_add(l, t->person, now, end, 1);
    }

    if (pays) {
        wm_limits_add(l, t->address, now, end, 1);
    }

    return WM_VERDICT_OK;
}
