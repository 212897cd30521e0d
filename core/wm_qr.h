/*
 * A QR code (ISO/IEC 18004, level M but for paper) as SVG, as a 1-bit PNG, or
 * as lines of half blocks for a terminal; always with the quiet zone of 4
 * modules.
 */

#ifndef WM_QR_H
#define WM_QR_H

#include "wm_base.h"

#define WM_QR_VERSION_MAX  6            /* of what hangs on a wall */
#define WM_QR_VERSION_PAPER 9
#define WM_QR_VERSION_NEAR 18           /* of what is scanned from a screen
                                           at arm's length */

typedef struct {
    unsigned        width;              /* modules, without quiet zone */
    unsigned        version;
    const uint8_t  *modules;            /* row by row, 1 is dark */
} wm_qr_t;

/* False: no memory, or text needs more than version 6, or than max. */
bool wm_qr_make(wm_pool_t *pool, wm_str_t text, wm_qr_t *qr);
bool wm_qr_make_up_to(wm_pool_t *pool, wm_str_t text, unsigned max,
    wm_qr_t *qr);

/* For paper, which gets creases and stains: level Q, up to version 9. */
bool wm_qr_make_paper(wm_pool_t *pool, wm_str_t text, wm_qr_t *qr);

/* wm_null: no memory. */
wm_str_t wm_qr_svg(wm_pool_t *pool, const wm_qr_t *qr);

/* The same as a data: URI, for an image that must have no address. */
wm_str_t wm_qr_data(wm_pool_t *pool, const wm_qr_t *qr);
wm_str_t wm_qr_png(wm_pool_t *pool, const wm_qr_t *qr, unsigned scale);
wm_str_t wm_qr_terminal(wm_pool_t *pool, const wm_qr_t *qr);

#endif /* WM_QR_H */
