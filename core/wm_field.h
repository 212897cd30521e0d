/*
 * What people and programs send: the fields of a body or query, read from
 * JSON or from a form, checked against a table.
 */

#ifndef WM_FIELD_H
#define WM_FIELD_H

#include "wm_doc.h"

#define WM_FIELDS_MAX   24
#define WM_LIST_MAX     40

typedef enum {
    WM_FIELD_TEXT,          /* one line; min and max count characters */
    WM_FIELD_LINES,         /* may have line breaks */
    WM_FIELD_NUMBER,        /* min to max */
    WM_FIELD_PHONE,
    WM_FIELD_DAYS,          /* list of YYYY-MM-DD, at most max of them */
    WM_FIELD_DAY,
    WM_FIELD_TIME,          /* an instant; in local time without a zone */
    WM_FIELD_IDS,           /* list of names as TOKEN has them */
    WM_FIELD_TOKEN,         /* letters, digits, - and _ */
    WM_FIELD_SECRET         /* as TEXT, but never repeated in a page */
} wm_field_type_t;

#define WM_REQUIRED  1

typedef struct {
    const char       *name;
    wm_field_type_t   type;
    unsigned          flags;
    uint32_t          min;
    uint32_t          max;
} wm_field_t;

/* X(name, code, Chinese) */
#define WM_FIELD_ERRORS(X)                                                   \
    X(MISSING,   "missing",    "这一项必须填写")                             \
    X(UNKNOWN,   "unknown",    "不认识的字段")                               \
    X(TYPE,      "type",       "格式不正确")                                 \
    X(ENCODING,  "encoding",   "文字编码不正确")                             \
    X(CONTROL,   "control",    "含有不能使用的字符")                         \
    X(LONG,      "too_long",   "内容太长了")                                 \
    X(SHORT,     "too_short",  "内容太短了")                                 \
    X(RANGE,     "range",      "数值超出范围")                               \
    X(PHONE,     "phone",      "请填写正确的手机号码或带区号的座机号码")     \
    X(DATE,      "date",       "请填写正确的日期")                           \
    X(TIME,      "time",       "请填写正确的时间")                           \
    X(PAST,      "past",       "不能选择已经过去的时间")                     \
    X(ORDER,     "order",      "结束时间要晚于开始时间")                     \
    X(DAYS,      "days",       "一场活动最多31天，更长的请分成几场")         \
    X(CHOICE,    "choice",     "没有这个选项")                               \
    X(PERSONAL,  "personal",   "这里有提出人的姓名或电话，请删去")           \
    X(DUPLICATE, "duplicate",  "重复填写了这一项")

typedef enum {
    WM_WRONG_NONE,
#define X(name, code, text)  WM_WRONG_##name,
    WM_FIELD_ERRORS(X)
#undef X
} wm_field_error_t;

const char *wm_field_error_code(wm_field_error_t e);
const char *wm_field_error_text(wm_field_error_t e);

typedef struct {
    bool               given;
    wm_field_error_t   error;
    wm_str_t           text;            /* trimmed; digits of a phone */
    wm_str_t           typed;           /* as it came, for the page */
    int64_t            num;             /* NUMBER; DAY and TIME in ms */
    int64_t            most;            /* less than the table's max; or 0 */
    size_t             n;
    wm_str_t          *list;            /* WM_LIST_MAX of them */
} wm_value_t;

typedef struct {
    const wm_field_t  *fields;
    size_t             nfields;
    wm_value_t         values[WM_FIELDS_MAX];
    wm_str_t           unknown;         /* the first field nobody knows */
    wm_str_t           key;             /* a form's idempotency key */
    wm_str_t           form;            /* a form's proof of origin */
    int                offset;          /* minutes, for days and times */
    wm_pool_t         *pool;
} wm_input_t;

void wm_input_init(wm_input_t *in, wm_pool_t *pool, const wm_field_t *fields,
    size_t n, int offset);

/*
 * Reads application/x-www-form-urlencoded (also a query string).  False: no
 * memory, or not that format.
 */
bool wm_input_form(wm_input_t *in, wm_str_t body);

/*
 * What of a form may be carried from page to page until somebody has signed
 * in: fields of the table as they came, none that is secret, no key.
 * wm_null: no memory.
 */
wm_str_t wm_input_keep(wm_pool_t *pool, const wm_field_t *fields, size_t n,
    wm_str_t body);

/* Reads a JSON object.  False: not JSON, or no object. */
bool wm_input_json(wm_input_t *in, wm_str_t body);

/* Checks every value; true when all are good.  Errors stay at the values. */
bool wm_input_check(wm_input_t *in);

/* The value of a field of the table; never NULL. */
wm_value_t *wm_input(wm_input_t *in, const char *name);

/* What was given of a record, empty too (0 then); the rest of it stays. */
void wm_input_text(wm_str_t *to, wm_input_t *in, const char *name);
void wm_input_num(int64_t *to, wm_input_t *in, const char *name);

/* Marks a value as wrong for a reason that the table cannot express. */
void wm_input_fail(wm_input_t *in, const char *name, wm_field_error_t error);

/* A NUMBER that is more than may be just now. */
void wm_input_fail_above(wm_input_t *in, const char *name, int64_t most);
bool wm_input_ok(const wm_input_t *in);

/*
 * Writes "errors" (a list of field, code, message) into doc, and for pages
 * "form" (what was typed) and "error" (message by field).
 */
void wm_input_report(const wm_input_t *in, wm_doc_t *doc);

#endif /* WM_FIELD_H */
