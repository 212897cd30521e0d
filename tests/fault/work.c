/* What people do: the requests, and what is kept of the answers. */

#include "load.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PERSON  "\"name\":\"居民%07" PRIu64 "\",\"phone\":\"13%09" PRIu64 "\""

static const char  kind_letters[] = {
#define X(name, letter, text)  letter,
    KINDS(X)
#undef X
};

static const char *const  kind_names[] = {
#define X(name, letter, text)  text,
    KINDS(X)
#undef X
};


char
kind_letter(kind_t kind)
{
    return kind_letters[kind];
}


/* ---- the plan: lines of words */

static bool
plan_weight(plan_t *plan, const char *name, const char *value)
{
    unsigned  i;

    for (i = 0; i < KIND_MAX; i++) {
        if (strcmp(name, kind_names[i]) == 0) {
            plan->weight[i] = (unsigned) strtoul(value, NULL, 10);
            plan->total += plan->weight[i];
            return true;
        }
    }

    return false;
}


static bool
plan_word(plan_t *plan, const char *name, const char *value)
{
    size_t  i;

    struct {
        const char  *name;
        char        *at;
        size_t       size;
    } words[] = {
        { "host",  plan->host,  sizeof(plan->host) },
        { "base",  plan->base,  sizeof(plan->base) },
        { "tag",   plan->tag,   sizeof(plan->tag) },
        { "staff", plan->staff, sizeof(plan->staff) },
        { "day",   plan->day,   sizeof(plan->day) },
        { "start", plan->start, sizeof(plan->start) },
        { "end",   plan->end,   sizeof(plan->end) },
        { "file",  plan->file,  sizeof(plan->file) },
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i].name) == 0) {
            (void) snprintf(words[i].at, words[i].size, "%s", value);
            return true;
        }
    }

    return plan_weight(plan, name, value);
}


static bool
plan_line(plan_t *plan, char *line)
{
    char      name[WORD_MAX], value[COOKIE_MAX * 2];
    place_t  *p;

    p = &plan->places[plan->nplaces];

    if (plan->nplaces < PLACES_MAX
        && sscanf(line, "place %127s %255s %127s %127s", p->event, p->cookie,
                  p->in, p->out) == 4)
    {
        plan->nplaces++;
        return true;
    }

    p = &plan->enrol[plan->nenrol];

    if (plan->nenrol < PLACES_MAX
        && sscanf(line, "enrol-at %127s", p->event) == 1)
    {
        plan->nenrol++;
        return true;
    }

    return sscanf(line, "%127s %511[^\n]", name, value) == 2
           && plan_word(plan, name, value);
}


bool
plan_read(plan_t *plan, const char *path)
{
    char   line[2048], *colon;
    FILE  *in;
    bool   good = true;

    memset(plan, 0, sizeof(plan_t));

    plan->places = calloc(PLACES_MAX + 1, sizeof(place_t));
    plan->enrol = calloc(PLACES_MAX + 1, sizeof(place_t));

    in = fopen(path, "re");
    if (in == NULL || plan->places == NULL || plan->enrol == NULL) {
        perror(path);
        return false;
    }

    while (good && fgets(line, sizeof(line), in) != NULL) {
        good = plan_line(plan, line);

        if (!good) {
            (void) fprintf(stderr, "%s: %s", path, line);
        }
    }

    (void) fclose(in);

    colon = strchr(plan->host, ':');
    plan->port = colon != NULL ? atoi(colon + 1) : 0;

    return good && plan->port > 0 && plan->nplaces > 0 && plan->nenrol > 0
           && plan->total > 0;
}


/* ---- which comes next */

static uint64_t
mixed(uint64_t n)                       /* the same each time, in no order */
{
    n += UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);

    return n ^ (n >> 31);
}


static kind_t
work_after(const plan_t *plan, const work_t *w, int status)
{
    if (status < 200 || status > 299) {
        return KIND_MAX;
    }

    switch (w->kind) {
    case KIND_NEW:
        return KIND_LEAVE;
    case KIND_LEAVE:
        return KIND_RATE;
    case KIND_CREATE:
        return KIND_PUBLISH;
    case KIND_ORDER:
        return plan->weight[KIND_OTHER] > 0 && w->n % 4 == 0 ? KIND_OTHER
                                                             : KIND_MAX;
    default:
        return KIND_MAX;
    }
}


bool
work_goes_on(const plan_t *plan, const work_t *w, int status)
{
    return work_after(plan, w, status) != KIND_MAX;
}


void
work_next(const plan_t *plan, work_t *w, int status, uint64_t n)
{
    kind_t    kind;
    uint64_t  at;

    kind = work_after(plan, w, status);
    w->tries = 0;
    w->detail[0] = '\0';

    if (kind != KIND_MAX) {
        w->kind = kind;
        w->chained = true;
        return;
    }

    memset(w, 0, sizeof(work_t));

    at = mixed(n) % plan->total;

    for (kind = 0; at >= plan->weight[kind]; kind++) {
        at -= plan->weight[kind];
    }

    w->kind = kind;
    w->n = n;

    /* OTHER is only ever the second of a chain */

    if (kind == KIND_OTHER) {
        w->kind = KIND_ORDER;
    }
}


/* ---- requests */

static size_t
work_send(const plan_t *plan, const work_t *w, const char *path,
    const char *cookie, const char *body, char *out)
{
    int  n;

    n = snprintf(out, OUT_MAX,
                 "POST %s/api/%s HTTP/1.1\r\n"
                 "Host: %s\r\n"
                 "Cookie: %s\r\n"
                 "Idempotency-Key: %s-%" PRIu64 "-%c\r\n"
                 "Content-Type: application/json\r\n"
                 "Content-Length: %zu\r\n"
                 "\r\n%s",
                 plan->base, path, plan->host, cookie, plan->tag, w->n,
                 w->kind == KIND_OTHER ? 'D' : kind_letter(w->kind),
                 strlen(body), body);

    return n < OUT_MAX ? (size_t) n : 0;
}


static void
work_body(const plan_t *plan, const work_t *w, const place_t *p, char *body,
    size_t size)
{
    switch (w->kind) {

    case KIND_CHECKIN:
    case KIND_NEW:
    case KIND_FORGED:
        (void) snprintf(body, size, "{\"ticket\":\"%s%s\",\"who\":\"%s\","
                        PERSON "}", w->kind == KIND_FORGED ? "X" : "",
                        p->in + (w->kind == KIND_FORGED),
                        w->kind == KIND_NEW ? "new" : "family", w->n, w->n);
        break;

    case KIND_LEAVE:
        (void) snprintf(body, size, "{\"ticket\":\"%s\",\"who\":\"me\"}",
                        p->out);
        break;

    case KIND_RATE:
        (void) snprintf(body, size, "{\"score\":%u,\"text\":\"\"}",
                        (unsigned) (w->n % 5 + 1));
        break;

    case KIND_ORDER:
    case KIND_OTHER:
        (void) snprintf(body, size, "{\"course\":\"law-01\","
                        "\"unit\":\"wenyilu-1\",\"wanted\":[\"%s\"],"
                        "\"head_count\":%d,\"contact_name\":\"居民%07" PRIu64
                        "\",\"phone\":\"13%09" PRIu64 "\",\"note\":\"\"}",
                        plan->day, w->kind == KIND_ORDER ? 2 : 3, w->n, w->n);
        break;

    case KIND_ENROL:
        (void) snprintf(body, size, "{" PERSON "}", w->n, w->n);
        break;

    case KIND_CREATE:
        (void) snprintf(body, size, "{\"title\":\"第%07" PRIu64 "场\","
                        "\"course\":\"theory-01\",\"unit\":\"wenyilu-1\","
                        "\"place\":\"一活动室\",\"audience\":\"居民\","
                        "\"content\":\"学习\",\"start\":\"%s\","
                        "\"end\":\"%s\"}", w->n, plan->start, plan->end);
        break;

    default:
        (void) snprintf(body, size, "{}");
    }
}


size_t
work_write(const plan_t *plan, const work_t *w, char *out)
{
    char            path[WORD_MAX * 2], body[OUT_MAX / 2];
    const char     *cookie;
    const place_t  *p, *e;

    p = &plan->places[w->n % plan->nplaces];
    e = &plan->enrol[w->n % plan->nenrol];
    cookie = w->cookie[0] != '\0' ? w->cookie : p->cookie;

    switch (w->kind) {
    case KIND_STATIC:
        return (size_t) snprintf(out, OUT_MAX, "GET %s HTTP/1.1\r\n"
                                 "Host: %s\r\n\r\n", plan->file, plan->host);
    case KIND_ORDER:
    case KIND_OTHER:
        (void) snprintf(path, sizeof(path), "orders");
        break;
    case KIND_ENROL:
        (void) snprintf(path, sizeof(path), "events/%s/enrol", e->event);
        break;
    case KIND_RATE:
        (void) snprintf(path, sizeof(path), "events/%s/ratings", p->event);
        break;
    case KIND_CREATE:
        (void) snprintf(path, sizeof(path), "staff/events");
        cookie = plan->staff;
        break;
    case KIND_PUBLISH:
        (void) snprintf(path, sizeof(path), "staff/events/%s/publish", w->id);
        cookie = plan->staff;
        break;
    default:
        (void) snprintf(path, sizeof(path), "c");
    }

    work_body(plan, w, p, body, sizeof(body));

    return work_send(plan, w, path, cookie, body, out);
}


/* ---- answers */

static void
between(const char *text, const char *from, const char *until, char *out,
    size_t size)
{
    size_t       n;
    const char  *p;

    out[0] = '\0';

    p = strstr(text, from);
    if (p == NULL) {
        return;
    }

    p += strlen(from);
    n = strcspn(p, until);

    if (n < size) {
        memcpy(out, p, n);
        out[n] = '\0';
    }
}


void
work_read(work_t *w, int status, const char *head, const char *body)
{
    w->detail[0] = '\0';

    if (status < 200 || status > 299) {
        between(body, "\"code\":\"", "\"", w->detail, sizeof(w->detail));
        return;
    }

    switch (w->kind) {

    case KIND_NEW:
        between(head, "Set-Cookie: ", ";\r", w->cookie, sizeof(w->cookie));
        between(body, "\"in\":\"", "\"", w->detail, sizeof(w->detail));
        break;

    case KIND_CHECKIN:
        between(body, "\"in\":\"", "\"", w->detail, sizeof(w->detail));
        break;

    case KIND_LEAVE:
        between(body, "\"out\":\"", "\"", w->detail, sizeof(w->detail));
        break;

    case KIND_ORDER:
    case KIND_CREATE:
        between(body, "\"id\":\"", "\"", w->id, sizeof(w->id));
        (void) snprintf(w->detail, sizeof(w->detail), "%s", w->id);
        break;

    default:
        break;
    }
}
