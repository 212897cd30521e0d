#include "wm_catalogue.h"
#include "wm_text.h"

static const struct {
    const char  *code;
    const char  *text;
} wm_unit_types[] = {
#define X(name, code, text)  { code, text },
    WM_UNIT_TYPES(X)
#undef X
};


bool
wm_unit_type_valid(wm_str_t code)
{
    return wm_unit_type_text(code) != NULL;
}


const char *
wm_unit_type_text(wm_str_t code)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_unit_types); i++) {
        if (wm_is(code, wm_unit_types[i].code)) {
            return wm_unit_types[i].text;
        }
    }

    return NULL;
}

static const struct {
    const char  *code;
    const char  *text;
} wm_team_kinds[] = {
#define X(name, code, text)  { code, text },
    WM_TEAM_KINDS(X)
#undef X
};


bool
wm_team_kind_valid(wm_str_t code)
{
    return wm_team_kind_text(code) != NULL;
}


const char *
wm_team_kind_text(wm_str_t code)
{
    size_t  i;

    for (i = 0; i < wm_countof(wm_team_kinds); i++) {
        if (wm_is(code, wm_team_kinds[i].code)) {
            return wm_team_kinds[i].text;
        }
    }

    return NULL;
}


size_t
wm_path_units(wm_str_t path, wm_str_t *units, size_t max)
{
    size_t    n;
    wm_str_t  part;

    for (n = 0; wm_split(&path, '/', &part); /* void */ ) {
        if (part.len > 0 && n < max) {
            units[n++] = part;
        }
    }

    return n;
}


bool
wm_course_load(wm_pool_t *pool, wm_str_t id, wm_str_t json,
    wm_course_t *course)
{
    wm_doc_t  *d;

    d = wm_doc_parse(pool, json);
    if (d == NULL) {
        return false;
    }

    course->id = id;
    course->title = wm_doc_get_str(d, "title");
    course->practice = wm_doc_get_str(d, "practice");
    course->project = wm_doc_get_str(d, "project");
    course->provider = wm_doc_get_str(d, "provider");
    course->summary = wm_doc_get_str(d, "summary");
    course->audience = wm_doc_get_str(d, "audience");
    course->duration_min = wm_doc_get_int(d, "duration_min", 0);
    course->opens_at = wm_doc_get_int(d, "opens_at", 0);
    course->unit = wm_doc_get_str(d, "unit");
    course->withdrawn_ms = wm_doc_get_int(d, "withdrawn", 0);

    return course->title.len > 0;
}


bool
wm_course_offered(wm_pool_t *pool, wm_str_t id, wm_str_t json,
    wm_course_t *course)
{
    return wm_course_load(pool, id, json, course)
           && course->withdrawn_ms == 0;
}


void
wm_course_write(wm_doc_t *doc, const wm_course_t *course)
{
    wm_doc_str(doc, "title", course->title);
    wm_doc_str(doc, "practice", course->practice);
    wm_doc_str(doc, "project", course->project);
    wm_doc_str(doc, "provider", course->provider);
    wm_doc_str(doc, "summary", course->summary);
    wm_doc_int(doc, "duration_min", course->duration_min);
    wm_doc_str(doc, "audience", course->audience);

    if (course->opens_at > 0) {
        wm_doc_int(doc, "opens_at", course->opens_at);
    }
}


bool
wm_unit_load(wm_pool_t *pool, wm_str_t id, wm_str_t json, wm_unit_t *unit)
{
    wm_doc_t  *d;

    d = wm_doc_parse(pool, json);
    if (d == NULL) {
        return false;
    }

    unit->id = id;
    unit->type = wm_doc_get_str(d, "type");
    unit->parent = wm_doc_get_str(d, "parent");
    unit->name = wm_doc_get_str(d, "name");
    unit->head = wm_doc_get_str(d, "head");
    unit->contact = wm_doc_get_str(d, "contact");
    unit->address = wm_doc_get_str(d, "address");
    unit->lat = wm_doc_get_str(d, "lat");
    unit->lng = wm_doc_get_str(d, "lng");
    unit->path = wm_doc_get_str(d, "path");

    return unit->name.len > 0 && unit->path.len > 2;
}


bool
wm_degrees_valid(wm_str_t s, uint32_t max)
{
    uint64_t  whole, decimals = 0;
    wm_str_t  rest, part;

    rest = s.len > 0 && s.data[0] == '-'
           ? (wm_str_t) { s.len - 1, s.data + 1 } : s;

    (void) wm_split(&rest, '.', &part);

    return part.len <= 3 && wm_parse_uint(part, max, &whole)
           && (rest.data == NULL
               || (rest.len <= 8
                   && wm_parse_uint(rest, UINT32_MAX, &decimals)))
           && (whole < max || decimals == 0);
}


bool
wm_team_load(wm_pool_t *pool, wm_str_t id, wm_str_t json, wm_team_t *team)
{
    wm_doc_t  *d;

    d = wm_doc_parse(pool, json);
    if (d == NULL) {
        return false;
    }

    team->id = id;
    team->kind = wm_doc_get_str(d, "kind");
    team->unit = wm_doc_get_str(d, "unit");
    team->name = wm_doc_get_str(d, "name");

    return team->name.len > 0;
}


/* Plain bytes but for ASCII letters, which match in either case. */

static bool
wm_contains(wm_str_t text, wm_str_t word)
{
    char    a, b;
    size_t  i, j;

    for (i = 0; i + word.len <= text.len; i++) {
        for (j = 0; j < word.len; j++) {
            a = text.data[i + j];
            b = word.data[j];

            a = (char) (a >= 'A' && a <= 'Z' ? a | 0x20 : a);
            b = (char) (b >= 'A' && b <= 'Z' ? b | 0x20 : b);

            if (a != b) {
                break;
            }
        }

        if (j == word.len) {
            return true;
        }
    }

    return false;
}


static bool
wm_menu_has(const wm_course_t *course, wm_str_t word)
{
    return wm_contains(course->title, word)
           || wm_contains(course->summary, word)
           || wm_contains(course->provider, word)
           || wm_contains(course->audience, word);
}


static bool
wm_menu_of(const wm_menu_filter_t *filter, const wm_course_t *course)
{
    return (filter->practice.len == 0
            || wm_eq(filter->practice, course->practice))
           && (filter->project.len == 0
               || wm_eq(filter->project, course->project))
           && (filter->provider.len == 0
               || wm_eq(filter->provider, course->provider));
}


bool
wm_menu_fits(const wm_menu_filter_t *filter, const wm_course_t *course)
{
    wm_str_t  words, word;

    if (!wm_menu_of(filter, course)) {
        return false;
    }

    words = filter->words;

    while (words.data != NULL && wm_text_word(&words, &word)) {
        if (!wm_menu_has(course, word)) {
            return false;
        }
    }

    return true;
}


/* The next part of a word, which moves on: by one character of Chinese. */

static wm_str_t
wm_menu_part(wm_str_t *word, bool first)
{
    int       n, m;
    size_t    len;
    wm_str_t  part;

    n = wm_utf8_len(word->data, word->len);
    n = n > 0 ? n : 1;
    len = (size_t) n;

    if (n == 1) {
        while (len < word->len && (word->data[len] & 0x80) == 0) {
            len++;
        }

        part = (wm_str_t) { len, word->data };

    } else {
        m = wm_utf8_len(word->data + n, word->len - len);
        part = (wm_str_t) { len + (m > 1 ? (size_t) m : 0), word->data };

        if (m <= 1 && !first) {
            part.len = 0;               /* the end of the pair before it */
        }
    }

    word->data += len;
    word->len -= len;

    return part;
}


unsigned
wm_menu_near(const wm_menu_filter_t *filter, const wm_course_t *course)
{
    bool      first;
    unsigned  n = 0;
    wm_str_t  words, word, part;

    if (!wm_menu_of(filter, course)) {
        return 0;
    }

    words = filter->words;

    while (words.data != NULL && wm_text_word(&words, &word)) {
        for (first = true; word.len > 0; first = (part.data[0] & 0x80) == 0) {
            part = wm_menu_part(&word, first);
            n += part.len > 0 && wm_menu_has(course, part);
        }
    }

    return n;
}
