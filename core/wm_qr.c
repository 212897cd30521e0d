#include "wm_qr.h"

#include <qrencode.h>
#include <zlib.h>

#define WM_QR_QUIET  4


bool
wm_qr_make(wm_pool_t *pool, wm_str_t text, wm_qr_t *qr)
{
    return wm_qr_make_up_to(pool, text, WM_QR_VERSION_MAX, qr);
}


static bool
wm_qr_make_of(wm_pool_t *pool, wm_str_t text, QRecLevel level, unsigned max,
    wm_qr_t *qr)
{
    size_t     i, n;
    uint8_t   *modules;
    QRcode    *code;
    wm_str_t   z;

    z = wm_dup(pool, text);
    if (z.data == NULL) {
        return false;
    }

    /* splits into byte and alphanumeric segments by itself */

    code = QRcode_encodeString(z.data, 0, level, QR_MODE_8, 1);
    if (code == NULL) {
        return false;
    }

    n = (size_t) code->width * (size_t) code->width;
    modules = wm_alloc(pool, n);

    if (modules != NULL) {
        for (i = 0; i < n; i++) {
            modules[i] = code->data[i] & 1;
        }
    }

    qr->width = (unsigned) code->width;
    qr->version = (unsigned) code->version;
    qr->modules = modules;

    QRcode_free(code);

    return modules != NULL && qr->version <= max;
}


bool
wm_qr_make_up_to(wm_pool_t *pool, wm_str_t text, unsigned max, wm_qr_t *qr)
{
    return wm_qr_make_of(pool, text, QR_ECLEVEL_M, max, qr);
}


bool
wm_qr_make_paper(wm_pool_t *pool, wm_str_t text, wm_qr_t *qr)
{
    return wm_qr_make_of(pool, text, QR_ECLEVEL_Q, WM_QR_VERSION_PAPER, qr);
}


/* Dark or not, also in the quiet zone around. */

static bool
wm_qr_dark(const wm_qr_t *qr, unsigned x, unsigned y)
{
    if (x < WM_QR_QUIET || y < WM_QR_QUIET
        || x >= qr->width + WM_QR_QUIET || y >= qr->width + WM_QR_QUIET)
    {
        return false;
    }

    return qr->modules[(y - WM_QR_QUIET) * qr->width + x - WM_QR_QUIET];
}


wm_str_t
wm_qr_svg(wm_pool_t *pool, const wm_qr_t *qr)
{
    unsigned  x, y, from, side;
    wm_buf_t  b;

    side = qr->width + 2 * WM_QR_QUIET;

    wm_buf_init(&b, pool, 8192);
    wm_putf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u "
            "%u\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" "
            "d=\"M0 0h%uv%uH0z\"/><path d=\"", side, side, side, side);

    for (y = 0; y < side; y++) {
        for (x = 0; x < side; x++) {
            for (from = x; wm_qr_dark(qr, x, y); x++) {
                /* a run of dark modules is one rectangle */
            }

            if (x > from) {
                wm_putf(&b, "M%u %uh%uv1h-%uz", from, y, x - from, x - from);
            }
        }
    }

    wm_puts(&b, "\"/></svg>");

    return wm_buf_str(&b);
}


wm_str_t
wm_qr_data(wm_pool_t *pool, const wm_qr_t *qr)
{
    size_t    i;
    wm_buf_t  b;
    wm_str_t  svg;

    svg = wm_qr_svg(pool, qr);
    if (svg.data == NULL) {
        return wm_null;
    }

    wm_buf_init(&b, pool, svg.len + 256);
    wm_puts(&b, "data:image/svg+xml,");

    for (i = 0; i < svg.len; i++) {
        if (strchr("<>\"# ", svg.data[i]) != NULL) {
            wm_putf(&b, "%%%02X", (unsigned) svg.data[i]);

        } else {
            wm_putc(&b, svg.data[i]);
        }
    }

    return wm_buf_str(&b);
}


static void
wm_png_chunk(wm_buf_t *b, const char *type, const uint8_t *data, size_t len)
{
    uint8_t   word[4];
    uint32_t  crc;

    wm_be32(word, (uint32_t) len);
    wm_put(b, (wm_str_t) { 4, (char *) word });
    wm_puts(b, type);
    wm_put(b, (wm_str_t) { len, (const char *) data });

    crc = (uint32_t) crc32(0, (const uint8_t *) type, 4);
    if (len > 0) {
        crc = (uint32_t) crc32(crc, data, (uInt) len);
    }

    wm_be32(word, crc);
    wm_put(b, (wm_str_t) { 4, (char *) word });
}


/* Rows of the image: a filter byte (none), then 8 pixels a byte, 1 white. */

static void
wm_png_rows(const wm_qr_t *qr, unsigned scale, unsigned side, uint8_t *rows)
{
    size_t    stride;
    uint8_t  *row;
    unsigned  x, y;

    stride = 1 + (side + 7) / 8;

    memset(rows, 0, stride * side);

    for (y = 0; y < side; y++) {
        row = rows + stride * y;

        for (x = 0; x < side; x++) {
            if (!wm_qr_dark(qr, x / scale, y / scale)) {
                row[1 + x / 8] |= (uint8_t) (0x80 >> x % 8);
            }
        }
    }
}


wm_str_t
wm_qr_png(wm_pool_t *pool, const wm_qr_t *qr, unsigned scale)
{
    size_t     raw;
    uint8_t   *rows, *packed, head[13];
    uLongf     len;
    unsigned   side;
    wm_buf_t   b;

    side = (qr->width + 2 * WM_QR_QUIET) * scale;
    raw = (1 + (side + 7) / 8) * (size_t) side;
    len = compressBound(raw);

    rows = wm_alloc(pool, raw);
    packed = wm_alloc(pool, len);

    if (rows == NULL || packed == NULL) {
        return wm_null;
    }

    wm_png_rows(qr, scale, side, rows);

    if (compress(packed, &len, rows, raw) != Z_OK) {
        return wm_null;
    }

    wm_be32(head, side);
    wm_be32(head + 4, side);
    memcpy(head + 8, "\1\0\0\0\0", 5);      /* 1 bit, grey, no interlace */

    wm_buf_init(&b, pool, len + 128);
    wm_put(&b, (wm_str_t) { 8, "\x89PNG\r\n\x1a\n" });
    wm_png_chunk(&b, "IHDR", head, sizeof(head));
    wm_png_chunk(&b, "IDAT", packed, len);
    wm_png_chunk(&b, "IEND", NULL, 0);

    return wm_buf_str(&b);
}


wm_str_t
wm_qr_terminal(wm_pool_t *pool, const wm_qr_t *qr)
{
    bool                      upper, lower;
    unsigned                  x, y, side;
    wm_buf_t                  b;
    static const char *const  blocks[] = { " ", "\xe2\x96\x84",
                                           "\xe2\x96\x80", "\xe2\x96\x88" };

    side = qr->width + 2 * WM_QR_QUIET;

    wm_buf_init(&b, pool, 8192);

    /* light modules are drawn, whatever the colours of the terminal */

    for (y = 0; y < side; y += 2) {
        wm_puts(&b, "\x1b[37;40m");

        for (x = 0; x < side; x++) {
            upper = !wm_qr_dark(qr, x, y);
            lower = y + 1 < side && !wm_qr_dark(qr, x, y + 1);
            wm_puts(&b, blocks[upper << 1 | lower]);
        }

        wm_puts(&b, "\x1b[0m\n");
    }

    return wm_buf_str(&b);
}
