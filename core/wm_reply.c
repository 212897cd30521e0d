#include "wm_reply.h"


wm_str_t
wm_reply_str(const wm_reply_t *r)
{
    return r->type == WM_REPLY_STR ? r->str : wm_null;
}


wm_str_t
wm_reply_at(const wm_reply_t *list, size_t i)
{
    return list->type == WM_REPLY_LIST && i < list->n
           ? wm_reply_str(&list->items[i]) : wm_null;
}


wm_str_t
wm_reply_find(const wm_reply_t *hash, wm_str_t field)
{
    size_t  i;

    for (i = 0; hash->type == WM_REPLY_LIST && i + 1 < hash->n; i += 2) {
        if (wm_eq(wm_reply_str(&hash->items[i]), field)) {
            return wm_reply_str(&hash->items[i + 1]);
        }
    }

    return wm_null;
}


wm_str_t
wm_reply_field(const wm_reply_t *hash, const char *field)
{
    return wm_reply_find(hash, wm_str(field));
}


int64_t
wm_reply_field_int(const wm_reply_t *hash, const char *field)
{
    uint64_t  n;

    return wm_parse_uint(wm_reply_field(hash, field), INT64_MAX, &n)
           ? (int64_t) n : 0;
}


bool
wm_reply_copy(wm_pool_t *pool, const wm_reply_t *from, wm_reply_t *to)
{
    size_t  i;

    *to = *from;

    if (from->str.data != NULL) {
        to->str = wm_dup(pool, from->str);

        if (to->str.data == NULL) {
            return false;
        }
    }

    if (from->type != WM_REPLY_LIST) {
        return true;
    }

    to->items = wm_alloc(pool, (from->n + 1) * sizeof(wm_reply_t));
    if (to->items == NULL) {
        return false;
    }

    for (i = 0; i < from->n; i++) {
        if (!wm_reply_copy(pool, &from->items[i], &to->items[i])) {
            return false;
        }
    }

    return true;
}


wm_str_t
wm_reply_pack(wm_pool_t *pool, const wm_reply_t *list)
{
    size_t     i;
    uint8_t    word[4];
    wm_buf_t   b;
    wm_str_t   item;

    if (list->type != WM_REPLY_LIST) {
        return wm_null;
    }

    wm_buf_init(&b, pool, 1024);
    wm_be32(word, (uint32_t) list->n);
    wm_put(&b, (wm_str_t) { 4, (char *) word });

    for (i = 0; i < list->n; i++) {
        item = wm_reply_str(&list->items[i]);
        wm_be32(word, (uint32_t) item.len);
        wm_put(&b, (wm_str_t) { 4, (char *) word });
        wm_put(&b, item);
    }

    return wm_buf_str(&b);
}


/* The next number; bytes moves behind it.  Never more than is left. */

static bool
wm_reply_unpack_word(wm_str_t *bytes, size_t *out)
{
    if (bytes->len < 4) {
        return false;
    }

    *out = wm_get32((const uint8_t *) bytes->data);
    bytes->data += 4;
    bytes->len -= 4;

    return *out <= bytes->len;
}


bool
wm_reply_unpack(wm_pool_t *pool, wm_str_t bytes, wm_reply_t *list)
{
    size_t       i, len;
    wm_reply_t  *item;

    memset(list, 0, sizeof(wm_reply_t));

    if (!wm_reply_unpack_word(&bytes, &list->n)) {
        return false;
    }

    list->type = WM_REPLY_LIST;
    list->items = wm_calloc(pool, (list->n + 1) * sizeof(wm_reply_t));

    for (i = 0; list->items != NULL && i < list->n; i++) {
        if (!wm_reply_unpack_word(&bytes, &len)) {
            return false;
        }

        item = &list->items[i];
        item->type = WM_REPLY_STR;
        item->str = (wm_str_t) { len, bytes.data };

        bytes.data += len;
        bytes.len -= len;
    }

    return list->items != NULL;
}


static bool
wm_commit_read_done(const wm_reply_t *reply, wm_commit_result_t *result)
{
    uint64_t  number, ms;

    if (reply->n < 4 || wm_reply_at(reply, 1).data == NULL
        || !wm_parse_uint(wm_reply_at(reply, 2), INT64_MAX, &number)
        || !wm_parse_uint(wm_reply_at(reply, 3), INT64_MAX, &ms))
    {
        return false;
    }

    result->journal_id = wm_reply_at(reply, 1);
    result->number = (int64_t) number;
    result->time_ms = (int64_t) ms;
    result->replies = reply->items + 4;
    result->nreplies = reply->n - 4;

    return true;
}


static bool
wm_commit_read_index(const wm_reply_t *reply, wm_commit_result_t *result)
{
    if (reply->n != 3 || reply->items[1].type != WM_REPLY_INT
        || reply->items[1].num < 0)
    {
        return false;
    }

    result->index = (size_t) reply->items[1].num;
    result->seen = wm_reply_at(reply, 2);

    return true;
}


bool
wm_commit_read(const wm_reply_t *reply, wm_commit_result_t *result)
{
    wm_str_t  word;

    memset(result, 0, sizeof(wm_commit_result_t));

    word = wm_reply_at(reply, 0);

    if (wm_is(word, "done")) {
        result->status = WM_COMMITTED;
        return wm_commit_read_done(reply, result);
    }

    if (wm_is(word, "again")) {
        result->status = WM_COMMITTED_BEFORE;
        return wm_commit_read_done(reply, result);
    }

    if (wm_is(word, "other")) {
        result->status = WM_COMMIT_OTHER_BODY;
        return true;
    }

    if (wm_is(word, "unmet")) {
        result->status = WM_COMMIT_UNMET;
        return wm_commit_read_index(reply, result);
    }

    if (wm_is(word, "bad")) {
        result->status = WM_COMMIT_REFUSED;
        return wm_commit_read_index(reply, result);
    }

    return false;
}
