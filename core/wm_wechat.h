/*
 * Signing in by WeChat.  What WeChat calls somebody (openid) is kept as a
 * keyed digest, and bound to a verified person once:
 *
 *     wechat:{digest}   person: whose it is; made
 *     person:{id}       wechat: the digest
 */

#ifndef WM_WECHAT_H
#define WM_WECHAT_H

#include "wm_verify.h"

#define WM_WECHAT_SECONDS  600          /* of a state and a ticket */

/*
 * What goes to WeChat and comes back: letters and digits, as it demands;
 * bound to the device and to the time.  wm_null: no memory.
 */
wm_str_t wm_wechat_state(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t device, int64_t now_ms);
bool wm_wechat_is_state(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t device, wm_str_t state, int64_t now_ms);

/* The openid in what the gateway answered; wm_null: it has none. */
wm_str_t wm_wechat_openid(wm_pool_t *pool, wm_str_t json);

wm_str_t wm_wechat_digest(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t appid, wm_str_t openid);
wm_str_t wm_wechat_key(wm_pool_t *pool, wm_str_t district, wm_str_t digest);

/* Proof, for a form, that WeChat named somebody on this device just now. */
wm_str_t wm_wechat_ticket(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t device, wm_str_t digest, int64_t now_ms);
bool wm_wechat_open(wm_pool_t *pool, const wm_realm_t *realm,
    wm_str_t device, wm_str_t ticket, int64_t now_ms, wm_str_t *digest);

/*
 * The commits: a person who is verified here (mark as for wm_verify_end_all)
 * and has no other; somebody whose it is.
 */
void wm_wechat_bind(wm_commit_t *c, const wm_person_t *person,
    wm_str_t device, wm_str_t mark, wm_str_t digest);
void wm_wechat_enter(wm_commit_t *c, const wm_person_t *person,
    wm_str_t device, wm_str_t digest);

#endif /* WM_WECHAT_H */
