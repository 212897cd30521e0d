#include "unit.h"
#include "wm_qr.h"
#include "wm_text.h"

#include <unistd.h>

#define URL  "https://www.example.gov.cn/wenming/c/"                         \
             "441G002F4M3J4QQG0019QZFQNJXJ35GYQJ2WA49HM1AA0"


/* What a reader of images sees in it. */

static const char *
scanned(wm_str_t png)
{
    int     fd;
    char    path[] = "/tmp/wenming-unit-XXXXXX";
    FILE   *f;
    char   *line;

    line = wm_calloc(unit_pool, 512);
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, png.data, png.len), png.len);
    close(fd);

    f = popen(wm_printf(unit_pool, "zbarimg --nodbus -q --raw %s", path).data,
              "r");
    assert_non_null(f);
    assert_non_null(fgets(line, 512, f));
    pclose(f);
    unlink(path);

    line[strcspn(line, "\n")] = '\0';

    return line;
}


/* More than hangs on a wall; and the image without an address. */

static void
near(void **state)
{
    size_t       i;
    char         uri[300];
    wm_qr_t      qr;
    wm_str_t     data;
    const char  *refused = "<>\"# ";

    (void) state;

    memset(uri, 'a', sizeof(uri));
    uri[sizeof(uri) - 1] = '\0';

    assert_false(wm_qr_make(unit_pool, wm_str(uri), &qr));
    assert_true(wm_qr_make_up_to(unit_pool, wm_str(uri), WM_QR_VERSION_NEAR,
                                 &qr));
    assert_true(qr.version > WM_QR_VERSION_MAX);
    assert_string_equal(scanned(wm_qr_png(unit_pool, &qr, 4)),
                        wm_str(uri).data);

    data = wm_qr_data(unit_pool, &qr);
    assert_true(wm_starts(data, "data:image/svg+xml,%3Csvg%20xmlns=%22http"));

    for (i = 0; refused[i] != '\0'; i++) {
        assert_null(memchr(data.data, refused[i], data.len));
    }
}


static void
made(void **state)
{
    wm_qr_t   qr;
    wm_str_t  png, svg;

    (void) state;

    assert_true(wm_qr_make(unit_pool, wm_lit(URL), &qr));
    assert_true(qr.version <= WM_QR_VERSION_MAX);
    assert_int_equal(qr.width, 17 + 4 * qr.version);

    png = wm_qr_png(unit_pool, &qr, 4);
    assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    assert_int_equal(wm_get32((const uint8_t *) png.data + 16),
                     (qr.width + 8) * 4);
    assert_string_equal(scanned(png), URL);

    svg = wm_qr_svg(unit_pool, &qr);
    assert_true(wm_starts(svg, wm_printf(unit_pool, "<svg xmlns=\"http://www"
                ".w3.org/2000/svg\" viewBox=\"0 0 %u %u\"", qr.width + 8,
                qr.width + 8).data));
    assert_has(wm_dup(unit_pool, svg).data, "\"/></svg>");

    assert_true(wm_utf8_count(wm_qr_terminal(unit_pool, &qr)) > 0);
}


static void
too_long(void **state)
{
    char      text[400];
    wm_qr_t   qr;

    (void) state;

    memset(text, 'a', sizeof(text));

    assert_true(wm_qr_make(unit_pool, (wm_str_t) { 106, text }, &qr));
    assert_int_equal(qr.version, 6);
    assert_false(wm_qr_make(unit_pool, (wm_str_t) { 107, text }, &qr));
    assert_false(wm_qr_make(unit_pool, wm_lit(""), &qr));
}


static void
no_memory(void **state)
{
    size_t         k;
    wm_qr_t        qr;
    unit_meagre_t  m;

    (void) state;

    for (k = 0; !wm_qr_make(unit_meagre(&m, k), wm_lit(URL), &qr); k++) {
        assert_true(k < 10);
    }

    for (k = 0; wm_qr_png(unit_meagre(&m, k), &qr, 4).data == NULL; k++) {
        assert_true(k < 10);
    }

    for (k = 0; wm_qr_svg(unit_meagre(&m, k), &qr).data == NULL; k++) {
        assert_true(k < 10);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(made),
        unit_case(near),
        unit_case(too_long),
        unit_case(no_memory)
    };

    return cmocka_run_group_tests_name("qr", tests, NULL, NULL);
}
