#include "fuzz.h"

#include <sanitizer/asan_interface.h>

/*
 * An input's memory: much cheaper than malloc() of AddressSanitizer, and as
 * strict, for what lies between two pieces is poisoned, and all of it is
 * between two inputs.
 */

#define FUZZ_ARENA  (512 * 1024)
#define FUZZ_GAP    32

/*
 * The most that calloc() gives, while an input runs: hiredis makes room for as
 * many elements as an answer says it has, and to clear megabytes for a line of
 * ten bytes is what takes the time.
 */

#define FUZZ_CALLOC  (64 * 1024)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);         /* ld --wrap */

/* Public: the vectors of docs/token.md. */

static const char  fuzz_keys[] =
    "sign 1 hmac-sha256 retired 2026-01-01T00:00:00Z "
    "008ed1ea8b53863c807a130e4913775e7f778bb220a2895ddcc7668260123e16\n"
    "sign 2 hmac-sha256 active 2026-04-01T00:00:00Z "
    "33d95e607221e26a560ee46dc36b08c2ad13d3a7690191c113702c3cb57beace\n"
    "sign 3 hmac-sha256 active 2026-07-01T00:00:00Z "
    "5a9483ea4999ff1358f3f882865f09804d2b276e7c20ef609b420e6f61a59658\n"
    "data 1 aes-256-gcm active 2026-01-01T00:00:00Z "
    "dcdbc16ffac35e58a96222c4e99f87372e049b6ae805a607cee54640080b714d\n";

/* What stands in records: names of fields, states, and odd numbers. */

static const char *const  fuzz_words[] = {
    "status", "title", "course", "unit", "unit_name", "path", "place",
    "audience", "content", "start", "end", "capacity", "orders", "version",
    "epoch", "published", "running", "wanted", "head_count", "person", "note",
    "device", "event", "made", "name", "phone", "key", "role", "salt", "hash",
    "disabled", "n", "t", "v", "a", "p", "e", "r", "h", "draft", "cancelled",
    "submitted", "scheduled", "worker", "auditor", "administrator", "done",
    "again", "other", "unmet", "bad", "0", "1", "9223372036854775807",
    "9223372036854775808", "18446744073709551616", "-1", "1795395607123",
    "/centre/institute/station/", "1795395607123-0", "",
    "1795395607123:0:s-:7", "0123456789abcdef",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef01234567"
};

wm_realm_t  fuzz_realm;

static bool        fuzz_runs;
static FILE       *fuzz_stderr;
static wm_pool_t  *fuzz_pool;           /* of the realm, never given back */

static struct {
    wm_pool_t   pool;
    wm_pool_t  *more;                   /* when the arena is full */
    size_t      used;
    char        data[FUZZ_ARENA] __attribute__((aligned(64)));
} fuzz_arena;


_Noreturn void
fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(fuzz_stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}


void *
__wrap_calloc(size_t n, size_t size)
{
    if (fuzz_runs && size > 0 && n > FUZZ_CALLOC / size) {
        return NULL;
    }

    return __real_calloc(n, size);
}


static void *
fuzz_arena_alloc(void *ctx, size_t size)
{
    char  *p;

    (void) ctx;

    if (size > FUZZ_ARENA - fuzz_arena.used) {
        if (fuzz_arena.more == NULL) {
            fuzz_arena.more = wm_heap_create();
            fuzz_check(fuzz_arena.more != NULL);
        }

        return wm_alloc(fuzz_arena.more, size);
    }

    p = fuzz_arena.data + fuzz_arena.used;
    fuzz_arena.used += (size + FUZZ_GAP + 15) & ~(size_t) 15;

    if (fuzz_arena.used > FUZZ_ARENA) {
        fuzz_arena.used = FUZZ_ARENA;
    }

    ASAN_UNPOISON_MEMORY_REGION(p, size);
    memset(p, 0xbe, size);              /* nothing of the input before */

    return p;
}


static void
fuzz_arena_reset(void)
{
    ASAN_POISON_MEMORY_REGION(fuzz_arena.data, fuzz_arena.used);
    fuzz_arena.used = 0;

    if (fuzz_arena.more != NULL) {
        wm_heap_destroy(fuzz_arena.more);
        fuzz_arena.more = NULL;
    }
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    FILE          *null;
    wm_str_t       error;
    wm_keyfile_t   file;

    (void) argc;
    (void) argv;

    fuzz_stderr = stderr;

    fuzz_pool = wm_heap_create();
    null = fopen("/dev/null", "w");

    fuzz_check(fuzz_pool != NULL && null != NULL);
    fuzz_check(setvbuf(null, NULL, _IOFBF, 1 << 20) == 0);
    fuzz_check(wm_keyfile_parse(fuzz_pool, wm_str(fuzz_keys), &file, &error));

    fuzz_realm.district = wm_lit("furong");
    fuzz_realm.host = wm_lit("www.example.gov.cn");
    fuzz_realm.ring = wm_keyring_create(fuzz_pool, &file, fuzz_realm.district);

    fuzz_check(fuzz_realm.ring != NULL);

    wm_pool_init(&fuzz_arena.pool, fuzz_arena_alloc, NULL);
    fuzz_arena.used = FUZZ_ARENA;
    fuzz_arena_reset();

    stdout = stderr = null;             /* what the tool says, not libFuzzer */

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_in_t  in = { data, data + size, &fuzz_arena.pool };

    fuzz_runs = true;
    fuzz_one(in.pool, &in);
    fuzz_runs = false;

    fuzz_arena_reset();

    return 0;
}


uint8_t
fuzz_byte(fuzz_in_t *in)
{
    return in->p < in->end ? *in->p++ : 0;
}


uint64_t
fuzz_uint(fuzz_in_t *in, size_t bytes)
{
    uint64_t  v;

    for (v = 0; bytes > 0; bytes--) {
        v = v << 8 | fuzz_byte(in);
    }

    return v;
}


void
fuzz_bytes(fuzz_in_t *in, void *out, size_t len)
{
    size_t    i;
    uint8_t  *p = out;

    for (i = 0; i < len; i++) {
        p[i] = fuzz_byte(in);
    }
}


wm_str_t
fuzz_exact(wm_pool_t *pool, wm_str_t s)
{
    char  *p;

    p = wm_alloc(pool, s.len);
    fuzz_check(p != NULL);

    if (s.len > 0) {
        memcpy(p, s.data, s.len);
    }

    return (wm_str_t) { s.len, p };
}


wm_str_t
fuzz_str(fuzz_in_t *in, size_t len)
{
    wm_str_t  s;

    s.len = (size_t) (in->end - in->p) < len ? (size_t) (in->end - in->p)
                                             : len;
    s.data = (const char *) in->p;
    in->p += s.len;

    return fuzz_exact(in->pool, s);
}


wm_str_t
fuzz_until(fuzz_in_t *in, char sep)
{
    size_t    i, left;
    wm_str_t  s;

    left = (size_t) (in->end - in->p);

    for (i = 0; i < left && in->p[i] != (uint8_t) sep; i++) {
        /* void */
    }

    s = fuzz_str(in, i);
    in->p += in->p < in->end;

    return s;
}


wm_str_t
fuzz_rest(fuzz_in_t *in)
{
    return fuzz_str(in, SIZE_MAX);
}


bool
fuzz_same(wm_str_t a, wm_str_t b)
{
    char    c, d;
    size_t  i;

    for (i = 0; a.len == b.len && i < a.len; i++) {
        c = a.data[i];
        d = b.data[i];

        c = c >= 'a' && c <= 'z' ? (char) (c - 32) : c;
        d = d >= 'a' && d <= 'z' ? (char) (d - 32) : d;

        if (c != d) {
            return false;
        }
    }

    return a.len == b.len;
}


bool
fuzz_has(wm_str_t s, const char *part)
{
    return s.len > 0 && memmem(s.data, s.len, part, strlen(part)) != NULL;
}


bool
fuzz_is_ascii(wm_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len && (unsigned char) s.data[i] < 0x80; i++) {
        /* void */
    }

    return i == s.len;
}


void
fuzz_damage(fuzz_in_t *in, char *text, size_t len)
{
    size_t    at;
    unsigned  n;

    for (n = fuzz_byte(in) % 5; n > 0 && len > 0; n--) {
        at = fuzz_byte(in) % len;
        text[at] = (char) fuzz_byte(in);
    }
}


static wm_str_t
fuzz_word(fuzz_in_t *in)
{
    uint8_t  c;

    c = fuzz_byte(in);

    return c < wm_countof(fuzz_words)
           ? fuzz_exact(in->pool, wm_str(fuzz_words[c]))
           : fuzz_str(in, c & 63);
}


wm_reply_t *
fuzz_reply(fuzz_in_t *in, unsigned depth)
{
    size_t       i;
    wm_reply_t  *r;

    r = wm_calloc(in->pool, sizeof(wm_reply_t));
    fuzz_check(r != NULL);

    r->type = (wm_reply_type_t) (fuzz_byte(in) % (WM_REPLY_ERROR + 1));

    switch (r->type) {

    case WM_REPLY_INT:
        r->num = (int64_t) fuzz_uint(in, fuzz_byte(in) % 9);
        break;

    case WM_REPLY_STR:
    case WM_REPLY_ERROR:
        r->str = fuzz_word(in);
        break;

    case WM_REPLY_LIST:
        r->n = depth > 0 ? fuzz_byte(in) % 20 : 0;
        r->items = wm_alloc(in->pool, r->n * sizeof(wm_reply_t));
        fuzz_check(r->items != NULL);

        for (i = 0; i < r->n; i++) {
            r->items[i] = *fuzz_reply(in, depth - 1);
        }
        break;

    default:
        break;
    }

    return r;
}


wm_reply_t *
fuzz_hash(fuzz_in_t *in)
{
    size_t       i;
    wm_reply_t  *r;

    r = wm_calloc(in->pool, sizeof(wm_reply_t));
    fuzz_check(r != NULL);

    r->type = WM_REPLY_LIST;
    r->n = fuzz_byte(in) % 48;
    r->items = wm_calloc(in->pool, r->n * sizeof(wm_reply_t) + 1);
    fuzz_check(r->items != NULL);

    for (i = 0; i < r->n; i++) {
        r->items[i].type = WM_REPLY_STR;
        r->items[i].str = fuzz_word(in);
    }

    return r;
}
