#include "wm_field.h"
#include "wm_text.h"
#include "wm_time.h"

static const struct {
    const char  *code;
    const char  *text;
} wm_field_errors[] = {
    { "ok", "" },
#define X(name, code, text)  { code, text },
    WM_FIELD_ERRORS(X)
#undef X
};


const char *
wm_field_error_code(wm_field_error_t e)
{
    return wm_field_errors[e].code;
}


const char *
wm_field_error_text(wm_field_error_t e)
{
    return wm_field_errors[e].text;
}


void
wm_input_init(wm_input_t *in, wm_pool_t *pool, const wm_field_t *fields,
    size_t n, int offset)
{
    memset(in, 0, sizeof(wm_input_t));

    in->pool = pool;
    in->fields = fields;
    in->nfields = n > WM_FIELDS_MAX ? WM_FIELDS_MAX : n;
    in->offset = offset;
}


static wm_value_t *
wm_input_find(wm_input_t *in, wm_str_t name)
{
    size_t  i;

    for (i = 0; i < in->nfields; i++) {
        if (wm_is(name, in->fields[i].name)) {
            return &in->values[i];
        }
    }

    return NULL;
}


wm_value_t *
wm_input(wm_input_t *in, const char *name)
{
    wm_value_t         *v;
    static wm_value_t   none;

    v = wm_input_find(in, wm_str(name));

    return v != NULL ? v : &none;
}


void
wm_input_text(wm_str_t *to, wm_input_t *in, const char *name)
{
    wm_value_t  *v = wm_input(in, name);

    if (v->given) {
        *to = v->text;
    }
}


void
wm_input_num(int64_t *to, wm_input_t *in, const char *name)
{
    wm_value_t  *v = wm_input(in, name);

    if (v->given) {
        *to = v->text.len > 0 ? v->num : 0;
    }
}


static bool
wm_field_is_list(const wm_field_t *f)
{
    return f->type == WM_FIELD_DAYS || f->type == WM_FIELD_IDS;
}


static bool
wm_field_is_time(const wm_field_t *f)
{
    return f->type == WM_FIELD_TIME || f->type == WM_FIELD_DAY;
}


static void
wm_value_push(wm_input_t *in, wm_value_t *v, wm_str_t s)
{
    if (v->n == WM_LIST_MAX) {
        v->error = WM_WRONG_LONG;
        return;
    }

    if (v->list == NULL) {
        v->list = wm_alloc(in->pool, WM_LIST_MAX * sizeof(wm_str_t));

        if (v->list == NULL) {
            v->error = WM_WRONG_LONG;
            return;
        }
    }

    v->list[v->n++] = s;
}


/* A form has lists as repeated fields, or as one with commas. */

static void
wm_value_split(wm_input_t *in, wm_value_t *v, wm_str_t s)
{
    wm_str_t  part;

    while (wm_split(&s, ',', &part)) {
        part = wm_text_trim(part);

        if (part.len > 0) {
            wm_value_push(in, v, part);
        }
    }
}


static void
wm_input_take(wm_input_t *in, wm_str_t name, wm_str_t text)
{
    wm_value_t        *v;
    const wm_field_t  *f;

    if (wm_is(name, "key")) {
        in->key = text;
        return;
    }

    if (wm_is(name, "form")) {
        in->form = text;
        return;
    }

    v = wm_input_find(in, name);
    if (v == NULL) {
        if (in->unknown.data == NULL) {
            in->unknown = name;
        }

        return;
    }

    f = &in->fields[v - in->values];

    if (wm_field_is_list(f)) {
        wm_value_split(in, v, text);
        v->given = true;
        return;
    }

    if (v->given) {
        v->error = WM_WRONG_DUPLICATE;
        return;
    }

    v->given = true;
    v->typed = text;
    v->text = f->type == WM_FIELD_SECRET ? text : wm_text_trim(text);
}


static bool
wm_form_decode(wm_pool_t *pool, wm_str_t s, wm_str_t *out)
{
    char     *p;
    size_t    i;
    uint8_t   byte;

    p = wm_alloc(pool, s.len + 1);
    if (p == NULL) {
        return false;
    }

    out->data = p;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '+') {
            *p++ = ' ';

        } else if (s.data[i] != '%') {
            *p++ = s.data[i];

        } else {
            if (s.len - i < 3
                || !wm_unhex((wm_str_t) { 2, s.data + i + 1 }, &byte, 1))
            {
                return false;
            }

            *p++ = (char) byte;
            i += 2;
        }
    }

    *p = '\0';
    out->len = (size_t) (p - out->data);

    return true;
}


bool
wm_input_form(wm_input_t *in, wm_str_t body)
{
    wm_str_t  pair, name, value;

    while (wm_split(&body, '&', &pair)) {
        if (pair.len == 0) {
            continue;
        }

        value = pair;

        if (!wm_split(&value, '=', &name)
            || !wm_form_decode(in->pool, name, &name)
            || !wm_form_decode(in->pool, value, &value))
        {
            return false;
        }

        wm_input_take(in, name, value);
    }

    return true;
}


wm_str_t
wm_input_keep(wm_pool_t *pool, const wm_field_t *fields, size_t n,
    wm_str_t body)
{
    size_t     i;
    wm_buf_t   b;
    wm_str_t   pair, name, rest;

    wm_buf_init(&b, pool, body.len + 1);

    while (wm_split(&body, '&', &pair)) {
        rest = pair;

        if (!wm_split(&rest, '=', &name) || rest.len == 0) {
            continue;
        }

        for (i = 0; i < n; i++) {
            if (wm_is(name, fields[i].name)
                && fields[i].type != WM_FIELD_SECRET)
            {
                wm_putf(&b, "%s%.*s", b.len > 0 ? "&" : "", wm_fmt(pair));
                break;
            }
        }
    }

    return wm_buf_str(&b);
}


static void
wm_input_take_json(wm_input_t *in, const wm_doc_t *d)
{
    wm_doc_t          *item;
    wm_value_t        *v;
    const wm_field_t  *f;

    v = wm_input_find(in, d->key);
    if (v == NULL) {
        if (in->unknown.data == NULL) {
            in->unknown = d->key;
        }

        return;
    }

    f = &in->fields[v - in->values];

    if (d->type == WM_DOC_NULL) {
        return;
    }

    v->given = true;

    if (wm_field_is_list(f) && d->type == WM_DOC_LIST) {
        for (item = d->first; item != NULL; item = item->next) {
            if (item->type != WM_DOC_STR) {
                v->error = WM_WRONG_TYPE;
                return;
            }

            wm_value_push(in, v, item->str);
        }

        return;
    }

    if (f->type == WM_FIELD_NUMBER && d->type == WM_DOC_INT) {
        v->typed = wm_printf(in->pool, "%lld", (long long) d->num);
        v->text = v->typed;
        v->error = v->text.data != NULL ? WM_WRONG_NONE : WM_WRONG_TYPE;
        return;
    }

    if (d->type != WM_DOC_STR || f->type == WM_FIELD_NUMBER
        || wm_field_is_list(f))
    {
        v->error = WM_WRONG_TYPE;
        return;
    }

    v->typed = d->str;
    v->text = f->type == WM_FIELD_SECRET ? d->str : wm_text_trim(d->str);
}


bool
wm_input_json(wm_input_t *in, wm_str_t body)
{
    wm_doc_t  *doc, *d;

    doc = wm_doc_parse(in->pool, body);
    if (doc == NULL || doc->type != WM_DOC_OBJ) {
        return false;
    }

    for (d = doc->first; d != NULL; d = d->next) {
        wm_input_take_json(in, d);
    }

    return true;
}


static wm_field_error_t
wm_check_text(const wm_field_t *f, wm_str_t s)
{
    int64_t          n;
    wm_text_check_t  check;

    check = wm_text_check(s, f->type == WM_FIELD_LINES);

    if (check != WM_TEXT_OK) {
        return check == WM_TEXT_ENCODING ? WM_WRONG_ENCODING
                                         : WM_WRONG_CONTROL;
    }

    n = wm_utf8_count(s);

    return n > f->max ? WM_WRONG_LONG : n < f->min ? WM_WRONG_SHORT
                                                   : WM_WRONG_NONE;
}


static wm_field_error_t
wm_check_list(const wm_field_t *f, const wm_value_t *v, int offset)
{
    size_t   i;
    int64_t  ms;

    if (v->n > f->max) {
        return WM_WRONG_LONG;
    }

    for (i = 0; i < v->n; i++) {
        if (f->type == WM_FIELD_DAYS
            && !wm_time_parse_day(v->list[i], offset, &ms))
        {
            return WM_WRONG_DATE;
        }

        if (f->type == WM_FIELD_IDS
            && (v->list[i].len > 64 || !wm_text_is_token(v->list[i])))
        {
            return WM_WRONG_TYPE;
        }
    }

    return WM_WRONG_NONE;
}


static wm_field_error_t
wm_check_time(const wm_field_t *f, wm_value_t *v, int offset)
{
    if (f->type == WM_FIELD_TIME) {
        return wm_time_parse(v->text, offset, &v->num) ? WM_WRONG_NONE
                                                       : WM_WRONG_TIME;
    }

    return wm_time_parse_day(v->text, offset, &v->num) ? WM_WRONG_NONE
                                                       : WM_WRONG_DATE;
}


static wm_field_error_t
wm_check_number(const wm_field_t *f, wm_value_t *v)
{
    uint64_t  n;

    if (!wm_parse_uint(v->text, INT32_MAX, &n)) {
        return WM_WRONG_TYPE;
    }

    v->num = (int64_t) n;

    return n < f->min || n > f->max ? WM_WRONG_RANGE : WM_WRONG_NONE;
}


static wm_field_error_t
wm_check_phone(wm_value_t *v, wm_pool_t *pool)
{
    char  *digits;

    digits = wm_alloc(pool, 16);
    if (digits == NULL) {
        return WM_WRONG_PHONE;
    }

    v->text = wm_phone_normal(v->text, digits);

    return v->text.data == NULL ? WM_WRONG_PHONE : WM_WRONG_NONE;
}


static wm_field_error_t
wm_check_value(const wm_field_t *f, wm_value_t *v, wm_input_t *in)
{
    bool  empty;

    if (v->error != WM_WRONG_NONE) {
        return v->error;
    }

    empty = wm_field_is_list(f) ? v->n == 0 : v->text.len == 0;

    if (empty) {
        return f->flags & WM_REQUIRED ? WM_WRONG_MISSING : WM_WRONG_NONE;
    }

    if (wm_field_is_list(f)) {
        return wm_check_list(f, v, in->offset);
    }

    if (wm_field_is_time(f)) {
        return wm_check_time(f, v, in->offset);
    }

    switch (f->type) {

    case WM_FIELD_NUMBER:
        return wm_check_number(f, v);

    case WM_FIELD_PHONE:
        return wm_check_phone(v, in->pool);

    case WM_FIELD_TOKEN:
        return v->text.len > f->max ? WM_WRONG_LONG
               : wm_text_is_token(v->text) ? WM_WRONG_NONE : WM_WRONG_TYPE;

    default:
        return wm_check_text(f, v->text);
    }
}


bool
wm_input_check(wm_input_t *in)
{
    size_t  i;

    for (i = 0; i < in->nfields; i++) {
        in->values[i].error = wm_check_value(&in->fields[i], &in->values[i],
                                             in);
    }

    return wm_input_ok(in);
}


bool
wm_input_ok(const wm_input_t *in)
{
    size_t  i;

    if (in->unknown.data != NULL) {
        return false;
    }

    for (i = 0; i < in->nfields; i++) {
        if (in->values[i].error != WM_WRONG_NONE) {
            return false;
        }
    }

    return true;
}


void
wm_input_fail(wm_input_t *in, const char *name, wm_field_error_t error)
{
    wm_value_t  *v;

    v = wm_input_find(in, wm_str(name));
    if (v != NULL && v->error == WM_WRONG_NONE) {
        v->error = error;
    }
}


void
wm_input_fail_above(wm_input_t *in, const char *name, int64_t most)
{
    wm_value_t  *v;

    wm_input_fail(in, name, WM_WRONG_RANGE);

    v = wm_input_find(in, wm_str(name));
    if (v != NULL) {
        v->most = most;
    }
}


static void
wm_input_report_error(wm_doc_t *list, wm_str_t field, wm_field_error_t e,
    wm_str_t text)
{
    wm_doc_t  *item;

    item = wm_doc_item(list);
    wm_doc_str(item, "field", field);
    wm_doc_text(item, "code", wm_field_error_code(e));
    wm_doc_str(item, "message", text);
}


/* Of a number, what it may be. */

static wm_str_t
wm_input_error_text(const wm_input_t *in, size_t i)
{
    const wm_field_t  *f = &in->fields[i];
    const wm_value_t  *v = &in->values[i];

    if (f->type != WM_FIELD_NUMBER
        || (v->error != WM_WRONG_RANGE && v->error != WM_WRONG_TYPE))
    {
        return wm_str(wm_field_error_text(v->error));
    }

    return wm_printf(in->pool, "请填写 %u 到 %lld 的整数", (unsigned) f->min,
                     v->most > 0 ? (long long) v->most : (long long) f->max);
}


static wm_str_t
wm_input_typed(const wm_input_t *in, size_t i)
{
    size_t             j;
    wm_buf_t           b;
    const wm_value_t  *v = &in->values[i];

    if (!wm_field_is_list(&in->fields[i])) {
        return v->typed;
    }

    wm_buf_init(&b, in->pool, 64);

    for (j = 0; j < v->n; j++) {
        wm_puts(&b, j == 0 ? "" : ", ");
        wm_put(&b, v->list[j]);
    }

    return wm_buf_str(&b);
}


/* A page may have an input for each item of a list: name1, name2, ... */

static void
wm_input_report_items(const wm_input_t *in, wm_doc_t *form, size_t i)
{
    size_t             j;
    wm_str_t           name;
    const wm_value_t  *v = &in->values[i];

    for (j = 0; j < v->n; j++) {
        name = wm_printf(in->pool, "%s%zu", in->fields[i].name, j + 1);

        if (name.data != NULL) {
            wm_doc_str(form, name.data, v->list[j]);
        }
    }
}


void
wm_input_report(const wm_input_t *in, wm_doc_t *doc)
{
    size_t             i;
    wm_str_t           text;
    wm_doc_t          *list, *form, *error;
    const wm_value_t  *v;

    list = wm_doc_list(doc, "errors");
    form = wm_doc_obj(doc, "form");
    error = wm_doc_obj(doc, "error");

    wm_doc_hide(form);
    wm_doc_hide(error);

    if (in->unknown.data != NULL) {
        wm_input_report_error(list, in->unknown, WM_WRONG_UNKNOWN,
                              wm_str(wm_field_error_text(WM_WRONG_UNKNOWN)));
    }

    for (i = 0; i < in->nfields; i++) {
        v = &in->values[i];

        if (v->given && in->fields[i].type != WM_FIELD_SECRET) {
            wm_doc_str(form, in->fields[i].name, wm_input_typed(in, i));
            wm_input_report_items(in, form, i);
        }

        if (v->error != WM_WRONG_NONE) {
            text = wm_input_error_text(in, i);
            wm_input_report_error(list, wm_str(in->fields[i].name), v->error,
                                  text);
            wm_doc_str(error, in->fields[i].name, text);
        }
    }
}
