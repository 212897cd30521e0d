/*
 * What the sealed values say.  Formats and test vectors: docs/token.md.
 */

#ifndef WM_TOKEN_H
#define WM_TOKEN_H

#include "wm_seal.h"

#define WM_SLOT_SECONDS     15          /* a rotating QR */
#define WM_CODE_SECONDS     30          /* the 6 digits beside it */
#define WM_TICKET_SECONDS   300
#define WM_OPENER_SECONDS   300         /* 8 digits that open a screen */
#define WM_DEVICE_SECONDS   (180 * 86400)
#define WM_FORM_SECONDS     (7 * 86400)
#define WM_LOGIN_SECONDS    300         /* to type a code */
#define WM_SETUP_SECONDS    1800        /* to find an app, and turn it on */

/* Until when a code is good. */
typedef enum {
    WM_LASTS_SLOT,                      /* and one more: it rotates */
    WM_LASTS_MINUTE,                    /* until the minute that it names */
    WM_LASTS_NOT                        /* no code of an event */
} wm_lasts_t;

/* X(name, number, code, is it for leaving?, until when) */
#define WM_KINDS(X)                                                          \
    X(SCREEN_IN,      1, "screen-in",      false, WM_LASTS_SLOT)             \
    X(SCREEN_OUT,     2, "screen-out",     true,  WM_LASTS_SLOT)             \
    X(POSTER_IN,      3, "poster-in",      false, WM_LASTS_MINUTE)           \
    X(POSTER_OUT,     4, "poster-out",     true,  WM_LASTS_MINUTE)           \
    X(RESIDENT_CARD,  5, "resident-card",  false, WM_LASTS_NOT)              \
    X(PAPER_CARD,     6, "paper-card",     false, WM_LASTS_NOT)

typedef enum {
#define X(name, number, code, out, lasts)  WM_KIND_##name = number,
    WM_KINDS(X)
#undef X
} wm_kind_t;

/* 0 when there is none of that name. */
wm_kind_t wm_kind_find(wm_str_t code);
const char *wm_kind_code(wm_kind_t kind);
bool wm_kind_is_out(wm_kind_t kind);
bool wm_kind_is_poster(wm_kind_t kind);

/* The code on a screen: 28 bytes, 45 characters. */
#define WM_TOKEN_PAYLOAD  12
#define WM_TOKEN_TEXT     WM_B32_LEN(WM_TOKEN_PAYLOAD + WM_MAC_LEN)

typedef struct {
    wm_kind_t   kind;
    unsigned    key_id;                 /* set by wm_token_open() */
    uint32_t    event;
    uint32_t    slot;                   /* unix time / 15; of a poster: the
                                           minute when it ends */
    uint16_t    display;                /* which screen, or which poster */
} wm_token_t;

uint32_t wm_token_slot(int64_t now_ms);
int64_t wm_token_slot_end_ms(uint32_t slot);

wm_str_t wm_token_make(const wm_realm_t *realm, const wm_token_t *token,
    char *out);

/* The minute of a poster that is good at ms and not much longer. */
uint32_t wm_token_until(int64_t ms);

/*
 * Reads and verifies; does not look at the time.  Kinds that this version
 * does not make are refused.
 */
wm_seal_t wm_token_open(const wm_realm_t *realm, wm_str_t text,
    wm_token_t *token);

/* The current slot and the one before; a poster before its minute. */
bool wm_token_is_due(const wm_token_t *token, int64_t now_ms);

/*
 * The 6 digits beside the QR; out holds 7 bytes.  slot = unix time / 30.
 * False: no memory.
 */
uint32_t wm_code_slot(int64_t now_ms);
bool wm_code_make(const wm_realm_t *realm, wm_kind_t kind, uint32_t event,
    uint32_t slot, char *out);

/*
 * The kind that the digits fit now or in the slot before, made with any key
 * that verifies; 0 for none.
 */
wm_kind_t wm_code_check(const wm_realm_t *realm, uint32_t event,
    wm_str_t digits, int64_t now_ms);

/* What a screen may show: codes and the count of one event. */
typedef struct {
    uint32_t    event;
    uint16_t    display;
    uint16_t    epoch;                  /* of the event's passes */
    int64_t     expires_ms;
} wm_pass_t;

wm_str_t wm_pass_make(const wm_realm_t *realm, const wm_pass_t *pass,
    char *out);
wm_seal_t wm_pass_open(const wm_realm_t *realm, wm_str_t text,
    int64_t now_ms, wm_pass_t *pass);

/*
 * The 8 digits that open a screen where no address can be clicked; out holds
 * 9 bytes.  slot = unix time / 300.  check: which of the screens 1 to n the
 * digits open, now or in the slot before; 0 for none.
 */
uint32_t wm_opener_slot(int64_t now_ms);
bool wm_opener_make(const wm_realm_t *realm, const wm_pass_t *pass,
    uint32_t slot, char *out);
uint16_t wm_opener_check(const wm_realm_t *realm, wm_pass_t *pass, uint16_t n,
    wm_str_t digits, int64_t now_ms);

/* What a fresh code is exchanged for. */
typedef struct {
    wm_kind_t   kind;
    bool        typed;                  /* 6 digits, not the camera */
    uint32_t    event;
    uint16_t    display;
    int64_t     expires_ms;             /* whole seconds */
    uint8_t     device[10];
} wm_ticket_t;

wm_str_t wm_ticket_make(const wm_realm_t *realm, const wm_ticket_t *ticket,
    char *out);
wm_seal_t wm_ticket_open(const wm_realm_t *realm, wm_str_t text,
    int64_t now_ms, wm_ticket_t *ticket);

/*
 * A resident's card, for a worker to scan: on the owner's phone, for a few
 * minutes; or on paper, until the person's sessions are ended everywhere.
 * What is on paper is sealed under the data key, which does not rotate.
 */
#define WM_CARD_SECONDS  300
#define WM_CARD_PAYLOAD  20
#define WM_CARD_TEXT     WM_B32_LEN(WM_CARD_PAYLOAD + WM_MAC_LEN)

typedef struct {
    wm_kind_t   kind;                   /* RESIDENT_CARD, PAPER_CARD */
    uint8_t     person[10];
    uint32_t    epoch;                  /* of the person's sessions */
    int64_t     time_ms;                /* expires; or, on paper, made */
} wm_card_t;

wm_str_t wm_card_make(const wm_realm_t *realm, const wm_card_t *card,
    char *out);
wm_seal_t wm_card_open(const wm_realm_t *realm, wm_str_t text,
    int64_t now_ms, wm_card_t *card);

/* A resident's cookie: a device, and the person last known on it. */
typedef struct {
    uint8_t     device[10];
    uint8_t     person[10];             /* zeros: nobody yet */
    uint32_t    epoch;                  /* of the person's sessions */
    int64_t     issued_ms;
} wm_device_t;

wm_str_t wm_device_make(const wm_realm_t *realm, const wm_device_t *device,
    char *out);
wm_seal_t wm_device_open(const wm_realm_t *realm, wm_str_t text,
    int64_t now_ms, wm_device_t *device);

/* A worker's cookie: which session, under which name (looked up in Redis). */
#define WM_STAFF_NAME_MAX  32

typedef struct {
    uint8_t     sid[16];
    uint8_t     name_len;
    char        name[WM_STAFF_NAME_MAX];
} wm_badge_t;

wm_str_t wm_badge_make(const wm_realm_t *realm, const wm_badge_t *badge,
    char *out);
wm_seal_t wm_badge_open(const wm_realm_t *realm, wm_str_t text,
    wm_badge_t *badge);

/* Proof that a form came from a page of ours, for one device or session. */
wm_str_t wm_form_make(const wm_realm_t *realm, const uint8_t bound[10],
    int64_t now_ms, char *out);
wm_seal_t wm_form_open(const wm_realm_t *realm, wm_str_t text,
    const uint8_t bound[10], int64_t now_ms);

/*
 * Between the two steps of signing in: whose password was right, on which
 * device, and until when a code may follow.
 */
typedef struct {
    uint8_t     device[10];
    int64_t     expires_ms;             /* whole seconds */
    uint32_t    epoch;                  /* of the worker's sessions */
    uint8_t     name_len;
    char        name[WM_STAFF_NAME_MAX];
} wm_login_t;

wm_str_t wm_login_make(const wm_realm_t *realm, const wm_login_t *login,
    char *out);
wm_seal_t wm_login_open(const wm_realm_t *realm, wm_str_t text,
    const uint8_t device[10], int64_t now_ms, wm_login_t *login);

/*
 * A second factor that was offered to one session and is not turned on yet.
 * The secret is readable in it, as it is in the page around.
 */
#define WM_SECRET_LEN  20

typedef struct {
    uint8_t     bound[10];              /* of the session */
    int64_t     expires_ms;             /* whole seconds */
    uint32_t    epoch;                  /* of the worker's sessions */
    uint8_t     secret[WM_SECRET_LEN];
} wm_setup_t;

wm_str_t wm_setup_make(const wm_realm_t *realm, const wm_setup_t *setup,
    char *out);
wm_seal_t wm_setup_open(const wm_realm_t *realm, wm_str_t text,
    const uint8_t bound[10], int64_t now_ms, wm_setup_t *setup);

#endif /* WM_TOKEN_H */
