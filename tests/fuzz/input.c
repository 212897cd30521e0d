/*
 * What people and programs send, as a form and as JSON.  A value that passes
 * is what its type promises, and a refusal can be reported.
 */

#include "fuzz.h"
#include "wm_event.h"
#include "wm_text.h"
#include "wm_time.h"

static const wm_field_t  fuzz_fields[] = {
    { "text",    WM_FIELD_TEXT,    WM_REQUIRED,  2,  8 },
    { "lines",   WM_FIELD_LINES,   0,            1,  40 },
    { "number",  WM_FIELD_NUMBER,  WM_REQUIRED,  3,  5000 },
    { "phone",   WM_FIELD_PHONE,   0,            0,  0 },
    { "days",    WM_FIELD_DAYS,    0,            0,  3 },
    { "day",     WM_FIELD_DAY,     0,            0,  0 },
    { "time",    WM_FIELD_TIME,    0,            0,  0 },
    { "ids",     WM_FIELD_IDS,     WM_REQUIRED,  0,  20 },
    { "token",   WM_FIELD_TOKEN,   0,            1,  12 },
    { "secret",  WM_FIELD_SECRET,  0,            8,  16 }
};


static void
fuzz_check_token(wm_str_t s, size_t max)
{
    size_t  i;

    fuzz_check(s.len > 0 && s.len <= max);

    for (i = 0; i < s.len; i++) {
        fuzz_check(strchr("-_", s.data[i]) != NULL
                   || (s.data[i] >= '0' && s.data[i] <= '9')
                   || ((s.data[i] | 0x20) >= 'a' && (s.data[i] | 0x20) <= 'z'));
        fuzz_check(s.data[i] != '\0');
    }
}


static void
fuzz_check_text(const wm_field_t *f, wm_str_t s)
{
    size_t   i;
    int64_t  n;

    n = wm_utf8_count(s);
    fuzz_check(n >= f->min && n <= f->max);

    for (i = 0; i < s.len; i++) {
        fuzz_check((unsigned char) s.data[i] >= 0x20
                   || (f->type == WM_FIELD_LINES
                       && strchr("\n\r\t", s.data[i]) != NULL));
        fuzz_check(s.data[i] != 0x7f && s.data[i] != '\0');
    }
}


static void
fuzz_check_list(const wm_field_t *f, const wm_value_t *v)
{
    size_t   i;
    int64_t  ms;

    fuzz_check(v->n <= f->max && v->n <= WM_LIST_MAX);

    for (i = 0; i < v->n; i++) {
        if (f->type == WM_FIELD_DAYS) {
            fuzz_check(wm_time_parse_day(v->list[i], FUZZ_OFFSET, &ms));

        } else {
            fuzz_check_token(v->list[i], 64);
        }
    }
}


static void
fuzz_check_phone(wm_str_t s)
{
    size_t  i;

    fuzz_check(s.len >= 10 && s.len <= 12);

    for (i = 0; i < s.len; i++) {
        fuzz_check(s.data[i] >= '0' && s.data[i] <= '9');
    }
}


static void
fuzz_check_value(const wm_field_t *f, const wm_value_t *v)
{
    char     text[WM_TIME_TEXT];
    int64_t  ms;

    if (f->type == WM_FIELD_DAYS || f->type == WM_FIELD_IDS) {
        fuzz_check(v->n > 0 || !(f->flags & WM_REQUIRED));
        fuzz_check_list(f, v);
        return;
    }

    if (v->text.len == 0) {
        fuzz_check(!(f->flags & WM_REQUIRED));
        return;
    }

    switch (f->type) {

    case WM_FIELD_NUMBER:
        fuzz_check(v->num >= f->min && v->num <= f->max);
        break;

    case WM_FIELD_PHONE:
        fuzz_check_phone(v->text);
        break;

    case WM_FIELD_DAY:
        fuzz_check(wm_eq(wm_time_date(v->num, FUZZ_OFFSET, text), v->text));
        break;

    case WM_FIELD_TIME:
        fuzz_check(wm_time_parse(wm_time_iso(v->num, FUZZ_OFFSET, text),
                                 FUZZ_OFFSET, &ms) && ms == v->num);
        break;

    case WM_FIELD_TOKEN:
        fuzz_check_token(v->text, f->max);
        break;

    default:
        fuzz_check_text(f, v->text);
    }
}


static void
fuzz_report(wm_pool_t *pool, const wm_input_t *in, bool ok)
{
    wm_buf_t   b;
    wm_doc_t  *doc, *errors, *read;

    doc = wm_doc_new(pool);
    wm_input_report(in, doc);

    errors = wm_doc_get(doc, wm_lit("errors"));
    fuzz_check(errors != NULL && (errors->first == NULL) == ok);

    wm_buf_init(&b, pool, 64);
    wm_doc_write(&b, doc);

    /* what was typed is not for programs, and a secret is for nobody */

    read = wm_doc_parse(pool, wm_buf_str(&b));

    if (read != NULL) {
        fuzz_check(wm_doc_get(read, wm_lit("form")) == NULL);
        fuzz_check(wm_doc_get(read, wm_lit("error")) == NULL);
    }

    fuzz_check(wm_doc_get(wm_doc_get(doc, wm_lit("form")), wm_lit("secret"))
               == NULL);
}


/* The fields of an event, taken into one that is there already. */

static void
fuzz_event(wm_input_t *in, wm_event_state_t state)
{
    wm_event_t  event = { .state = state };

    wm_event_apply(&event, in);
    fuzz_check(event.norders <= WM_EVENT_ORDERS);

    if (wm_input_ok(in)) {
        fuzz_check(event.title.len > 0);
        fuzz_check(state != WM_EVENT_PUBLISHED
                   || (event.place.len > 0 && event.start_ms != 0
                       && event.end_ms > event.start_ms));
    }
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    bool               read, ok;
    size_t             i, n;
    uint8_t            how;
    wm_input_t         input;
    const wm_field_t  *fields;

    how = fuzz_byte(in);
    fields = how & 2 ? wm_event_fields : fuzz_fields;
    n = how & 2 ? wm_event_nfields : wm_countof(fuzz_fields);

    wm_input_init(&input, pool, fields, n, FUZZ_OFFSET);

    read = how & 1 ? wm_input_json(&input, fuzz_rest(in))
                   : wm_input_form(&input, fuzz_rest(in));
    if (!read) {
        return;
    }

    ok = wm_input_check(&input);
    fuzz_check(ok == wm_input_ok(&input));

    for (i = 0; i < n; i++) {
        if (input.values[i].error == WM_WRONG_NONE) {
            fuzz_check_value(&fields[i], &input.values[i]);
        }
    }

    fuzz_report(pool, &input, ok);

    if (how & 2) {
        fuzz_event(&input, how & 4 ? WM_EVENT_PUBLISHED : WM_EVENT_DRAFT);
    }
}
