/*
 * Whether the time of a check tells how near a guess was.  Two classes of
 * wrong guesses are drawn by lot, timed, and compared by Welch's t, over all
 * of the times and over those below a percentile; a t beyond LEAK means that
 * the classes can be told apart.  The first line is a comparison that does
 * leak: where it is not noticed, the others mean nothing.
 *
 *     timing [samples]        default 200000 of each line
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "wm_staff.h"
#include "wm_token.h"
#include "wm_totp.h"
#include "wm_verify.h"

#define NOW    INT64_C(1795395607123)
#define LEAK   10.0
#define CROPS  20
#define SAME   512                      /* guesses of a class, in turns */

static const char  keys[] =
    "sign 1 hmac-sha256 active 2026-01-01T00:00:00Z "
    "bb65b6f1945ed3214ad9a8c7a9ddf6176c60659878b60f6c68376ae4a995c974\n"
    "data 1 aes-256-gcm active 2026-01-01T00:00:00Z "
    "75989b03baaf44197e6d3416891e269e5c45a6bb0b64609b9c706467225045ea\n";

static wm_pool_t   *pool;
static wm_realm_t   realm;
static char         guess[2][SAME][WM_SEAL_TEXT_MAX + 1];
static char         good[WM_SEAL_TEXT_MAX + 1];

static wm_verify_facts_t  verify;
static wm_device_t        device;

static volatile unsigned  sink;


/* ---- what is timed: one wrong guess */

static void
try_leak(const char *s)
{
    size_t        i;
    volatile int  same = 1;

    for (i = 0; good[i] != '\0' && s[i] == good[i]; i++) {
        same = 1;
    }

    sink += (unsigned) same;
}


static void
try_token(const char *s)
{
    wm_token_t  token;

    sink += wm_token_open(&realm, wm_str(s), &token);
}


static void
try_device(const char *s)
{
    wm_device_t  d;

    sink += wm_device_open(&realm, wm_str(s), NOW, &d);
}


static void
try_form(const char *s)
{
    sink += wm_form_open(&realm, wm_str(s), device.device, NOW);
}


static void
try_code(const char *s)
{
    sink += wm_code_check(&realm, 7, wm_str(s), NOW);
}


static void
try_hash(const char *s)
{
    sink += wm_equal_ct(s, good, WM_KEY_LEN);
}


static void
try_sms(const char *s)
{
    wm_pool_t  *mine = wm_heap_create();

    if (mine != NULL) {
        sink += wm_verify_fits(mine, &realm, &verify, s);
        wm_heap_destroy(mine);
    }
}


/* ---- guesses: wrong at once, and wrong at the very end */

static void
make_near(size_t first, size_t last)
{
    size_t  i;

    for (i = 0; i < SAME; i++) {
        strcpy(guess[0][i], good);
        strcpy(guess[1][i], good);
        guess[0][i][first] = good[first] == '3' ? '5' : '3';
        guess[1][i][last] = good[last] == '3' ? '5' : '3';
    }
}


/* Another text each time that is as wrong, so that no cache learns it. */

static void
make_sealed(void)
{
    size_t  n = strlen(good);

    /* the MAC is the last 16 bytes, 25 characters and a bit */

    make_near(n - 24, n - 3);
}


static void
make_leak(void)
{
    strcpy(good, "0123456789ABCDEFGHJKMNPQRSTVWXYZ0123456789ABCDEFGHJKMNPQRST");
    make_near(0, strlen(good) - 1);
}


static void
make_token(void)
{
    wm_token_t  token = { .kind = WM_KIND_SCREEN_IN, .event = 7,
                          .slot = wm_token_slot(NOW) };

    (void) wm_token_make(&realm, &token, good);
    make_sealed();
}


static void
make_device(void)
{
    device.issued_ms = NOW;
    (void) wm_device_make(&realm, &device, good);
    make_sealed();
}


static void
make_form(void)
{
    (void) wm_form_make(&realm, device.device, NOW, good);
    make_sealed();
}


static void
make_code(void)
{
    (void) wm_code_make(&realm, WM_KIND_SCREEN_IN, 7, wm_code_slot(NOW), good);
    make_near(0, 5);
}


static void
make_hash(void)
{
    make_leak();
    make_near(0, WM_KEY_LEN - 1);
}


/* A record that is there, with a code, and six digits that are not it. */

static void
make_sms(void)
{
    verify.device = wm_lit("0123456789ABCDEF");
    verify.made = wm_lit("1795395607000");
    verify.mac = wm_lit("0123456789ABCDEFGHJKMNPQRS");
    strcpy(verify.person.id, "0123456789ABCDEF");
    strcpy(good, "123456");
    make_near(0, 5);
}


/* X(name, whether it has to leak) */
#define CHECKS(X)                                                            \
    X(leak,    1)                                                            \
    X(token,   0)                                                            \
    X(device,  0)                                                            \
    X(form,    0)                                                            \
    X(code,    0)                                                            \
    X(sms,     0)                                                            \
    X(hash,    0)

static const struct {
    const char  *name;
    int          leaks;
    void       (*make)(void);
    void       (*try)(const char *s);
} checks[] = {
#define X(name, leaks)  { #name, leaks, make_##name, try_##name },
    CHECKS(X)
#undef X
};


/* ---- the measure */

static uint64_t
now_ns(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000u + (uint64_t) ts.tv_nsec;
}


static int
by_time(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}


/* Of those at most as long as most. */

static double
welch(const double *times, const uint8_t *class, size_t n, double most)
{
    size_t  i, k;
    double  d, count[2] = { 0 }, mean[2] = { 0 }, m2[2] = { 0 }, error;

    for (i = 0; i < n; i++) {
        if (times[i] > most) {
            continue;
        }

        k = class[i];
        count[k]++;
        d = times[i] - mean[k];
        mean[k] += d / count[k];
        m2[k] += d * (times[i] - mean[k]);
    }

    if (count[0] < 100 || count[1] < 100) {
        return 0;
    }

    error = sqrt(m2[0] / (count[0] - 1) / count[0]
                 + m2[1] / (count[1] - 1) / count[1]);

    return error > 0 ? fabs(mean[0] - mean[1]) / error : 0;
}


static double
measure(size_t c, size_t n, double *times, double *sorted, uint8_t *class)
{
    size_t    i;
    double    t, worst;
    uint64_t  began;

    static char  now[WM_SEAL_TEXT_MAX + 1];

    checks[c].make();

    for (i = 0; i < n; i++) {
        class[i] = (uint8_t) (random() >> 7 & 1);

        /* from one place, or the cache tells the classes apart, not we */

        memcpy(now, guess[class[i]][i % SAME], sizeof(now));
        began = now_ns();
        checks[c].try(now);
        times[i] = (double) (now_ns() - began);
    }

    memcpy(sorted, times, n * sizeof(double));
    qsort(sorted, n, sizeof(double), by_time);

    for (i = 1, worst = 0; i <= CROPS; i++) {
        t = welch(times, class, n, sorted[(n - 1) * i / CROPS]);
        worst = t > worst ? t : worst;
    }

    return worst;
}


static int
prepare(void)
{
    wm_str_t      error;
    wm_keyfile_t  file;

    pool = wm_heap_create();

    if (pool == NULL
        || !wm_keyfile_parse(pool, wm_str(keys), &file, &error))
    {
        return 0;
    }

    realm.district = wm_lit("furong");
    realm.host = wm_lit("www.example.gov.cn");
    realm.ring = wm_keyring_create(pool, &file, realm.district);

    return realm.ring != NULL;
}


int
main(int argc, char **argv)
{
    size_t    i, n, wrong;
    double    t, *times, *sorted;
    uint8_t  *class;

    n = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
    times = malloc(n * sizeof(double));
    sorted = malloc(n * sizeof(double));
    class = malloc(n);

    if (times == NULL || sorted == NULL || class == NULL || n < 1000
        || !prepare())
    {
        fprintf(stderr, "timing: cannot begin\n");
        return 2;
    }

    srandom((unsigned) now_ns());

    for (i = 0, wrong = 0; i < wm_countof(checks); i++) {
        t = measure(i, n, times, sorted, class);
        wrong += (t > LEAK) != checks[i].leaks;
        printf("%-8s t = %8.2f  %s\n", checks[i].name, t,
               t > LEAK ? "can be told" : "cannot be told");
    }

    printf("%zu of %zu as they should be, %zu times each\n",
           wm_countof(checks) - wrong, wm_countof(checks), n);

    free(times);
    free(sorted);
    free(class);
    wm_heap_destroy(pool);

    return wrong > 0;
}
