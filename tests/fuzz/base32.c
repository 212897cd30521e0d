/*
 * Base32, hexadecimal and decimal numbers: a value has one spelling, and what
 * was written is read again as it was.
 */

#include "fuzz.h"

#include <inttypes.h>

#define FUZZ_LEN  80


static void
fuzz_read(wm_str_t text)
{
    char      again[WM_B32_LEN(FUZZ_LEN) + 1], hex[2 * FUZZ_LEN];
    size_t    len;
    uint8_t   raw[FUZZ_LEN];

    len = text.len * 5 / 8;

    if (len <= FUZZ_LEN && wm_b32_decode(text, raw, len)) {
        fuzz_check(fuzz_same(wm_b32_encode(raw, len, again), text));
    }

    if (wm_id_valid(text)) {
        fuzz_check(text.len == WM_ID_LEN);
    }

    len = text.len / 2;

    if (len <= FUZZ_LEN && wm_unhex(text, raw, len)) {
        wm_hex(raw, len, hex);
        fuzz_check(fuzz_same((wm_str_t) { 2 * len, hex }, text));
    }
}


static void
fuzz_write(wm_str_t data)
{
    char      text[WM_B32_LEN(FUZZ_LEN) + 1], hex[2 * FUZZ_LEN];
    size_t    len;
    uint8_t   raw[FUZZ_LEN];
    wm_str_t  s;

    len = data.len < FUZZ_LEN ? data.len : FUZZ_LEN;

    s = wm_b32_encode((const uint8_t *) data.data, len, text);
    fuzz_check(s.len == WM_B32_LEN(len) && wm_b32_decode(s, raw, len));
    fuzz_check(wm_equal_ct(raw, data.data, len));

    wm_hex((const uint8_t *) data.data, len, hex);
    fuzz_check(wm_unhex((wm_str_t) { 2 * len, hex }, raw, len));
    fuzz_check(wm_equal_ct(raw, data.data, len));
}


static void
fuzz_number(wm_str_t text, uint64_t max)
{
    char      again[24];
    uint64_t  n;
    wm_str_t  rest;

    if (!wm_parse_uint(text, max, &n)) {
        return;
    }

    fuzz_check(n <= max);

    for (rest = text; rest.len > 1 && rest.data[0] == '0'; rest.len--) {
        rest.data++;
    }

    snprintf(again, sizeof(again), "%" PRIu64, n);
    fuzz_check(wm_is(rest, again));
}


static void
fuzz_split(wm_pool_t *pool, wm_str_t text)
{
    wm_buf_t  b;
    wm_str_t  part, rest;

    wm_buf_init(&b, pool, 8);

    for (rest = text; wm_split(&rest, ',', &part); /* void */ ) {
        wm_put(&b, part);
        wm_puts(&b, rest.data != NULL ? "," : "");
    }

    fuzz_check(wm_eq(wm_buf_str(&b), text));
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    uint64_t  max;
    wm_str_t  text;

    max = fuzz_uint(in, fuzz_byte(in) % 9);
    text = fuzz_rest(in);

    fuzz_read(text);
    fuzz_write(text);
    fuzz_number(text, max);
    fuzz_number(text, UINT64_MAX);
    fuzz_split(pool, text);
}
