#include "cli.h"
#include "wm_qr.h"
#include "wm_time.h"
#include "wm_token.h"

#include <stdio.h>


/* The code itself, or the address that stands in a QR. */

static wm_str_t
wm_verify_token(wm_str_t text)
{
    wm_str_t  part;

    if (!wm_starts(text, "https://") && !wm_starts(text, "http://")) {
        return text;
    }

    while (wm_split(&text, '/', &part)) {
        /* the last part */
    }

    return part;
}


static int
wm_verify_report(const wm_token_t *token, int offset)
{
    bool         due;
    char         from[WM_TIME_TEXT], to[WM_TIME_TEXT];
    int64_t      now, end;
    const char  *state;

    now = wm_say_now_ms();
    due = wm_token_is_due(token, now);
    end = wm_token_slot_end_ms(token->slot);

    state = due ? "due now"
            : token->slot > wm_token_slot(now) ? "not due yet" : "expired";

    wm_time_iso(end - WM_SLOT_SECONDS * 1000, offset, from);
    wm_time_iso(end, offset, to);

    printf("kind     %s\n"
           "event    %u\n"
           "slot     %s to %s\n"
           "display  %u\n"
           "key      %u\n"
           "state    %s\n", wm_kind_code(token->kind), token->event, from, to,
           token->display, token->key_id, state);

    return due ? WM_CLI_OK : WM_CLI_PROBLEM;
}


int
wm_cli_verify(wm_cli_t *cli)
{
    int            offset;
    wm_seal_t      rc;
    wm_token_t     token;
    wm_realm_t     realm;
    wm_keyring_t  *ring;

    realm.district = wm_conf_district(cli);
    realm.host = realm.district.data != NULL ? wm_conf_host(cli) : wm_null;

    if (realm.host.data == NULL || !wm_conf_offset(cli, &offset)
        || wm_cli_need(cli, WM_OPT_KEYS).data == NULL)
    {
        return WM_CLI_USAGE;
    }

    ring = wm_keys_ring(cli, realm.district, false);
    if (ring == NULL) {
        return WM_CLI_PROBLEM;
    }

    realm.ring = ring;
    rc = wm_token_open(&realm, wm_verify_token(cli->operands[0]), &token);

    wm_keyring_destroy(ring);

    if (rc != WM_SEAL_OK) {
        printf("not valid: %s\n", wm_seal_name(rc));
        return WM_CLI_PROBLEM;
    }

    return wm_verify_report(&token, offset);
}


int
wm_cli_qr(wm_cli_t *cli)
{
    wm_qr_t   qr;
    wm_str_t  text;

    if (cli->operands[0].len == 0
        || !wm_qr_make(cli->pool, cli->operands[0], &qr))
    {
        wm_say_error("the text is empty, or too long for a QR code of "
                     "version %d", WM_QR_VERSION_MAX);
        return WM_CLI_PROBLEM;
    }

    text = wm_qr_terminal(cli->pool, &qr);
    if (text.data == NULL) {
        wm_say_error("no memory");
        return WM_CLI_PROBLEM;
    }

    fwrite(text.data, 1, text.len, stdout);

    return WM_CLI_OK;
}
