#include "wm_proof.h"

#define WM_PROOF_RULE    (&wm_limit_rules[WM_LIMIT_SIGN_IN])
#define WM_PROOF_WINDOW  WM_PROOF_RULE->window


static void
wm_proof_load(wm_web_t *w)
{
    wm_proof_t  *p = w->state;

    p->known = wm_staff_load(&w->replies[0], p->name, &p->staff);
    wm_totp_load(&w->replies[0], &p->totp);
}


static void
wm_proof_fetch(wm_web_t *w, wm_step_pt next)
{
    wm_proof_t  *p = w->state;

    wm_ask(w, wm_lit("HGETALL"),
           wm_web_key(w, "staff:%.*s", wm_fmt(p->name)));
    wm_fetch(w, next);
}


/* ---- the password */

static void
wm_proof_hashed(wm_web_t *w)
{
    wm_proof_t  *p = w->state;

    if (!p->hash.ok) {
        wm_answer(w, WM_VERDICT_UNAVAILABLE);
        return;
    }

    /* an unknown name costs as much time as a wrong password */

    if (!p->known || p->staff.disabled
        || !wm_equal_ct(p->hash.hash, p->staff.hash.data, WM_KEY_LEN))
    {
        wm_answer(w, WM_VERDICT_WRONG_PASSWORD);
        return;
    }

    wm_limit_add(w, p->limit, WM_PROOF_WINDOW, -1);
    wm_limit_add(w, p->limit_address, WM_PROOF_WINDOW, -1);

    p->proven(w);
}


static void
wm_proof_found(wm_web_t *w)
{
    wm_proof_t  *p = w->state;

    wm_proof_load(w);

    if (p->known) {
        memcpy(p->hash.salt, p->staff.salt.data, sizeof(p->hash.salt));
    }

    wm_slow_hash(w, &p->hash, wm_proof_hashed);
}


void
wm_proof_password(wm_web_t *w, wm_str_t password)
{
    wm_proof_t  *p = w->state;

    p->hash.password = password;
    p->limit = wm_printf(w->pool, "login:%.*s:%.*s", wm_fmt(w->address),
                         wm_fmt(p->name));
    p->limit_address = wm_printf(w->pool, "login:%.*s", wm_fmt(w->address));

    if (!wm_staff_name_valid(p->name)) {
        wm_answer(w, WM_VERDICT_WRONG_PASSWORD);
        return;
    }

    /* counted before the slow part, given back when it was right */

    if (!wm_limit(w, p->limit_address, WM_PROOF_RULE->address,
                  WM_PROOF_WINDOW)
        || !wm_limit(w, p->limit, WM_PROOF_RULE->person, WM_PROOF_WINDOW))
    {
        wm_answer(w, WM_VERDICT_TRY_LATER);
        return;
    }

    wm_limit_add(w, p->limit, WM_PROOF_WINDOW, 1);
    wm_limit_add(w, p->limit_address, WM_PROOF_WINDOW, 1);

    wm_proof_fetch(w, wm_proof_found);
}


/* ---- proven before */

/* A new password, a reset and the like raise the epoch. */

static bool
wm_proof_holds(wm_web_t *w)
{
    int64_t      epoch;
    wm_proof_t  *p = w->state;

    epoch = p->staff.epoch;
    wm_proof_load(w);

    return p->known && !p->staff.disabled && p->staff.epoch == epoch;
}


static void
wm_proof_checked(wm_web_t *w)
{
    wm_proof_t  *p = w->state;

    if (wm_proof_holds(w)) {
        p->proven(w);

    } else {
        p->start(w);
    }
}


static void
wm_proof_known(wm_web_t *w)
{
    wm_proof_t  *p = w->state;

    if (wm_proof_holds(w)) {
        p->proven(w);

    } else {
        wm_answer(w, WM_VERDICT_STALE);
    }
}


void
wm_proof_before(wm_web_t *w, int64_t epoch)
{
    wm_proof_t  *p = w->state;

    p->staff.epoch = epoch;
    wm_proof_fetch(w, wm_proof_known);
}


void
wm_proof_again(wm_web_t *w)
{
    wm_proof_fetch(w, wm_proof_checked);
}


/* ---- the code */

static void
wm_proof_wrong(wm_web_t *w)
{
    wm_answer(w, WM_VERDICT_WRONG_CODE);
}


bool
wm_proof_code(wm_web_t *w)
{
    wm_proof_t    *p = w->state;
    wm_commit_t   *c;
    wm_verdict_t   v;

    v = wm_totp_try(w->pool, &w->site->realm, p->name, &p->totp, p->code,
                    w->now_ms, &p->used);

    if (v == WM_VERDICT_OK) {
        return true;
    }

    if (v == WM_VERDICT_WRONG_CODE) {
        c = wm_begin(w, WM_OP_STAFF_WRONG);

        if (c != NULL) {
            wm_totp_miss(c, p->name, &p->totp);
            wm_send(w, c, wm_proof_again, wm_proof_wrong);
            return false;
        }

        v = WM_VERDICT_INTERNAL;
    }

    if (v == WM_VERDICT_TRY_LATER) {
        w->again_s = WM_TOTP_WINDOW_MS / 1000;
        wm_limit_reached(w);

    } else {
        w->why = wm_lit("a worker's second factor cannot be opened");
    }

    wm_answer(w, v);

    return false;
}
