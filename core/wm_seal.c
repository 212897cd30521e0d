#include "wm_seal.h"

#define WM_SEAL_PREFIX  "wenming/1"


const char *
wm_seal_name(wm_seal_t result)
{
    static const char *const  names[] = {
        [WM_SEAL_OK] = "valid",           [WM_SEAL_MALFORMED] = "malformed",
        [WM_SEAL_VERSION] = "unknown version", [WM_SEAL_KEY] = "unknown key",
        [WM_SEAL_FORGED] = "forged",      [WM_SEAL_EXPIRED] = "expired",
        [WM_SEAL_NO_MEMORY] = "no memory"
    };

    return names[result];
}


/*
 * HMAC over the prefix with its NUL, then host, district and payload, each
 * behind its length in two bytes.
 */

static bool
wm_seal_mac(const wm_realm_t *realm, wm_mac_t *mac, const uint8_t *payload,
    size_t len, uint8_t out[WM_MAC_LEN])
{
    size_t    i;
    uint8_t   lengths[3][2];
    wm_str_t  parts[7];

    wm_be16(lengths[0], (uint16_t) realm->host.len);
    wm_be16(lengths[1], (uint16_t) realm->district.len);
    wm_be16(lengths[2], (uint16_t) len);

    parts[0] = (wm_str_t) { sizeof(WM_SEAL_PREFIX), WM_SEAL_PREFIX };

    for (i = 0; i < 3; i++) {
        parts[1 + 2 * i] = (wm_str_t) { 2, (const char *) lengths[i] };
    }

    parts[2] = realm->host;
    parts[4] = realm->district;
    parts[6] = (wm_str_t) { len, (const char *) payload };

    return wm_mac_compute(mac, parts, wm_countof(parts), out);
}


wm_str_t
wm_seal(const wm_realm_t *realm, wm_purpose_t purpose, uint8_t *payload,
    size_t len, char *out)
{
    uint8_t   raw[WM_SEAL_PAYLOAD_MAX + WM_MAC_LEN];
    unsigned  id;

    id = wm_keyring_current(realm->ring);
    payload[1] = (uint8_t) id;

    memcpy(raw, payload, len);

    if (!wm_seal_mac(realm, wm_keyring_mac(realm->ring, purpose, id),
                     payload, len, raw + len))
    {
        return wm_null;
    }

    return wm_b32_encode(raw, len + WM_MAC_LEN, out);
}


wm_seal_t
wm_unseal(const wm_realm_t *realm, wm_purpose_t purpose, wm_str_t text,
    uint8_t *payload, size_t len)
{
    uint8_t    raw[WM_SEAL_PAYLOAD_MAX + WM_MAC_LEN], good[WM_MAC_LEN];
    wm_mac_t  *mac;

    if (len > WM_SEAL_PAYLOAD_MAX
        || !wm_b32_decode(text, raw, len + WM_MAC_LEN))
    {
        return WM_SEAL_MALFORMED;
    }

    mac = wm_keyring_mac(realm->ring, purpose, raw[1]);
    if (mac == NULL) {
        return WM_SEAL_KEY;
    }

    if (!wm_seal_mac(realm, mac, raw, len, good)) {
        return WM_SEAL_NO_MEMORY;
    }

    if (!wm_equal_ct(good, raw + len, WM_MAC_LEN)) {
        return WM_SEAL_FORGED;
    }

    memcpy(payload, raw, len);

    return WM_SEAL_OK;
}
