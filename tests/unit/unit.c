#include "unit.h"
#include "wm_text.h"

#define UNIT_HASH_MAX  64

static const char  unit_keys[] =
    "# keys of the tests\n"
    "sign 1 hmac-sha256 active 2026-01-01T00:00:00Z "
    "5f1d7a84db00d2fce00b31a7fc73224f67e15b9c3d7e9f1a42c8b06d95e3a17c\n"
    "data 1 aes-256-gcm active 2026-01-01T00:00:00Z "
    "c2a94e6b1d8f03725be46fa90c7d31e892b5407f6ad1c8e35f0b9a2746d8e1f3\n";

wm_pool_t         *unit_pool;
const wm_realm_t  *unit_realm;

static wm_realm_t     unit_realm_now;
static wm_keyring_t  *unit_rings[8];
static size_t         unit_nrings;
static uint64_t       unit_seed;


int
unit_setup(void **state)
{
    (void) state;

    unit_seed = 20261123;
    unit_nrings = 0;
    unit_pool = wm_heap_create();

    if (unit_pool == NULL) {
        return -1;
    }

    unit_realm_now.ring = unit_ring(unit_keys, "furong");
    unit_realm_now.host = wm_lit("www.example.gov.cn");
    unit_realm_now.district = wm_lit("furong");
    unit_realm = &unit_realm_now;

    return 0;
}


int
unit_teardown(void **state)
{
    (void) state;

    while (unit_nrings > 0) {
        wm_keyring_destroy(unit_rings[--unit_nrings]);
    }

    wm_heap_destroy(unit_pool);

    return 0;
}


wm_keyring_t *
unit_ring(const char *keys, const char *district)
{
    wm_str_t       error = wm_null;
    wm_keyfile_t   file;
    wm_keyring_t  *ring;

    if (!wm_keyfile_parse(unit_pool, wm_str(keys), &file, &error)) {
        fail_msg("key file %s", unit_show(error));
    }

    ring = wm_keyring_create(unit_pool, &file, wm_str(district));
    assert_non_null(ring);
    assert_true(unit_nrings < wm_countof(unit_rings));

    unit_rings[unit_nrings++] = ring;

    return ring;
}


const char *
unit_show(wm_str_t s)
{
    size_t    i;
    wm_buf_t  b;

    if (s.data == NULL) {
        return "(absent)";
    }

    wm_buf_init(&b, unit_pool, s.len + 1);

    for (i = 0; i < s.len; i++) {
        if ((unsigned char) s.data[i] < 0x20) {
            wm_putf(&b, "\\x%02x", (unsigned char) s.data[i]);

        } else {
            wm_putc(&b, s.data[i]);
        }
    }

    wm_putc(&b, '\0');

    return b.data;
}


void
unit_same(wm_str_t s, const char *want, const char *file, int line)
{
    if (want == NULL ? s.data != NULL : !wm_is(s, want)) {
        print_error("%s:%d: \"%s\" is not \"%s\"\n", file, line, unit_show(s),
                    want == NULL ? "(absent)" : unit_show(wm_str(want)));
        _fail(file, line);
    }
}


void
unit_contains(const char *text, const char *part, bool want, const char *file,
    int line)
{
    if ((strstr(text, part) != NULL) != want) {
        print_error("%s:%d: this %s \"%s\":\n%s\n", file, line,
                    want ? "lacks" : "has", part, text);
        _fail(file, line);
    }
}


wm_reply_t
unit_reply_str(const char *z)
{
    return (wm_reply_t) { WM_REPLY_STR, 0, wm_str(z), 0, NULL };
}


wm_reply_t
unit_reply_int(int64_t n)
{
    return (wm_reply_t) { WM_REPLY_INT, n, wm_null, 0, NULL };
}


wm_reply_t
unit_reply_list(wm_reply_t *items, size_t n)
{
    return (wm_reply_t) { WM_REPLY_LIST, 0, wm_null, n, items };
}


wm_reply_t *
unit_hash_add(wm_reply_t *hash, const char *name, wm_str_t value)
{
    assert_true(hash->n + 2 <= UNIT_HASH_MAX);

    hash->items[hash->n++] = unit_reply_str(name);
    hash->items[hash->n++] = (wm_reply_t) { WM_REPLY_STR, 0, value, 0, NULL };

    return hash;
}


wm_reply_t *
unit_hash(const char *name, ...)
{
    va_list      args;
    wm_reply_t  *hash;

    hash = wm_calloc(unit_pool, sizeof(wm_reply_t));
    assert_non_null(hash);

    hash->type = WM_REPLY_LIST;
    hash->items = wm_calloc(unit_pool, UNIT_HASH_MAX * sizeof(wm_reply_t));
    assert_non_null(hash->items);

    va_start(args, name);

    for ( /* void */ ; name != NULL; name = va_arg(args, const char *)) {
        unit_hash_add(hash, name, wm_str(va_arg(args, const char *)));
    }

    va_end(args);

    return hash;
}


wm_commit_t *
unit_commit(wm_op_t op)
{
    wm_commit_t  *c;

    c = wm_commit_new(unit_pool, wm_lit("furong"), op, wm_lit("tester"),
                      UNIT_NOW);
    assert_non_null(c);

    return c;
}


/* What is sealed is random and no UTF-8: it shows as its length. */

static void
unit_put_arg(wm_buf_t *b, wm_str_t arg)
{
    if (arg.data == wm_reply_of(1).data) {
        wm_putf(b, " @%zu", arg.len);

    } else if (arg.len == 0) {
        wm_puts(b, " \"\"");

    } else if (wm_text_check(arg, true) != WM_TEXT_OK) {
        wm_putf(b, " <%zu>", arg.len);

    } else {
        wm_putf(b, " %.*s", wm_fmt(arg));
    }
}


static void
unit_put_steps(wm_buf_t *b, char mark, const wm_step_t *steps, size_t n)
{
    size_t  i, j;

    for (i = 0; i < n; i++) {
        wm_putf(b, "%c %s %.*s", mark, steps[i].name, wm_fmt(steps[i].key));

        for (j = 0; j < steps[i].n; j++) {
            unit_put_arg(b, steps[i].args[j]);
        }

        wm_putc(b, '\n');
    }
}


const char *
unit_commit_text(const wm_commit_t *c)
{
    wm_buf_t  b;

    assert_false(c->failed);

    wm_buf_init(&b, unit_pool, 1024);
    unit_put_steps(&b, '?', c->needs, c->nneeds);
    unit_put_steps(&b, '!', c->effects, c->neffects);
    unit_put_steps(&b, '*', c->private, c->nprivate);
    wm_putc(&b, '\0');

    assert_false(b.failed);

    return b.data;
}


static void *
unit_meagre_alloc(void *ctx, size_t size)
{
    unit_meagre_t  *m = ctx;

    if (m->left == 0 && !(m->once && m->dry)) {
        m->dry = true;
        return NULL;
    }

    m->left -= m->left > 0;

    return wm_alloc(unit_pool, size);
}


wm_pool_t *
unit_meagre(unit_meagre_t *m, size_t n)
{
    wm_pool_init(&m->pool, unit_meagre_alloc, m);
    m->left = n;
    m->once = false;
    m->dry = false;

    return &m->pool;
}


wm_pool_t *
unit_meagre_once(unit_meagre_t *m, size_t n)
{
    (void) unit_meagre(m, n);
    m->once = true;

    return &m->pool;
}


/* xorshift64* */

uint64_t
unit_random(void)
{
    unit_seed ^= unit_seed >> 12;
    unit_seed ^= unit_seed << 25;
    unit_seed ^= unit_seed >> 27;

    return unit_seed * UINT64_C(2685821657736338717);
}


void
unit_random_bytes(void *out, size_t len)
{
    size_t    i;
    uint8_t  *p = out;
    uint64_t  r = 0;

    for (i = 0; i < len; i++) {
        r = i % 4 == 0 ? unit_random() >> 32 : r >> 8;
        p[i] = (uint8_t) r;
    }
}


wm_str_t
unit_read_file(const char *path)
{
    FILE      *f;
    size_t     n;
    wm_buf_t   b;

    f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("cannot read %s", path);
    }

    wm_buf_init(&b, unit_pool, 4096);

    do {
        assert_non_null(wm_buf_reserve(&b, 4096));
        n = fread(b.data + b.len, 1, 4096, f);
        b.len += n;
    } while (n > 0);

    fclose(f);

    return wm_buf_str(&b);
}
