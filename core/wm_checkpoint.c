#include "wm_checkpoint.h"

#define WM_CHECKPOINT_FIELDS  6
#define WM_CHAIN_HEX          40


static bool
wm_checkpoint_number(wm_str_t s, uint64_t *n)
{
    return wm_parse_uint(s, INT64_MAX, n) && s.data[0] != '0';
}


static bool
wm_checkpoint_is_head(wm_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (!((s.data[i] >= '0' && s.data[i] <= '9')
              || (s.data[i] >= 'a' && s.data[i] <= 'f')))
        {
            return false;
        }
    }

    return s.len == WM_CHAIN_HEX;
}


static bool
wm_checkpoint_mac(wm_mac_t *mac, wm_str_t district, wm_str_t number,
    wm_str_t head, uint8_t out[WM_MAC_LEN])
{
    wm_str_t  parts[5];

    parts[0] = district;
    parts[1] = wm_lit(" ");
    parts[2] = number;
    parts[3] = wm_lit(" ");
    parts[4] = head;

    return wm_mac_compute(mac, parts, wm_countof(parts), out);
}


wm_str_t
wm_checkpoint_line(wm_pool_t *pool, const wm_keyring_t *ring,
    wm_str_t district, wm_str_t number, wm_str_t head, wm_str_t time)
{
    char      hex[2 * WM_MAC_LEN];
    uint8_t   mac[WM_MAC_LEN];
    unsigned  id;
    uint64_t  n;

    id = wm_keyring_current(ring);

    if (!wm_checkpoint_number(number, &n) || !wm_checkpoint_is_head(head)
        || !wm_checkpoint_mac(wm_keyring_mac(ring, WM_PURPOSE_CHECKPOINT, id),
                              district, number, head, mac))
    {
        return wm_null;
    }

    wm_hex(mac, sizeof(mac), hex);

    return wm_printf(pool, "%.*s %.*s %.*s %.*s %u %.*s", wm_fmt(time),
                     wm_fmt(district), wm_fmt(number), wm_fmt(head), id,
                     (int) sizeof(hex), hex);
}


bool
wm_checkpoint_parse(wm_str_t line, wm_checkpoint_t *cp)
{
    size_t    i;
    uint64_t  id;
    wm_str_t  f[WM_CHECKPOINT_FIELDS];

    for (i = 0; i < WM_CHECKPOINT_FIELDS; i++) {
        if (!wm_split(&line, ' ', &f[i]) || f[i].len == 0) {
            return false;
        }
    }

    if (line.data != NULL || !wm_checkpoint_number(f[2], &cp->n)
        || !wm_checkpoint_is_head(f[3]) || !wm_parse_uint(f[4], 255, &id)
        || !wm_unhex(f[5], cp->mac, WM_MAC_LEN))
    {
        return false;
    }

    cp->time = f[0];
    cp->district = f[1];
    cp->number = f[2];
    cp->head = f[3];
    cp->key_id = (unsigned) id;

    return true;
}


wm_seal_t
wm_checkpoint_check(const wm_keyring_t *ring, const wm_checkpoint_t *cp)
{
    uint8_t    good[WM_MAC_LEN];
    wm_mac_t  *mac;

    mac = wm_keyring_mac(ring, WM_PURPOSE_CHECKPOINT, cp->key_id);
    if (mac == NULL) {
        return WM_SEAL_KEY;
    }

    if (!wm_checkpoint_mac(mac, cp->district, cp->number, cp->head, good)) {
        return WM_SEAL_NO_MEMORY;
    }

    return wm_equal_ct(good, cp->mac, WM_MAC_LEN) ? WM_SEAL_OK
                                                  : WM_SEAL_FORGED;
}
