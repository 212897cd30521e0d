#include "notify.h"

#include <stdlib.h>

#include <curl/curl.h>

#define WM_POST_POLL_MS  200

typedef struct {
    CURL               *easy;
    struct curl_slist  *headers;
    void               *data;
    size_t              read;
    bool                busy;
} wm_post_slot_t;

struct wm_post_s {
    CURLM              *multi;
    wm_str_t            url;
    wm_str_t            ca;
    bool                local;
    wm_post_slot_t      slots[WM_POST_SLOTS];
};


static bool
wm_post_is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0
           || strcmp(host, "[::1]") == 0;
}


/* NULL: there is none; what is there is for curl_free(). */

static char *
wm_post_part(CURLU *u, CURLUPart what)
{
    char  *part = NULL;

    return curl_url_get(u, what, &part, 0) == CURLUE_OK ? part : NULL;
}


static const char *
wm_post_check(CURLU *u, wm_str_t url, bool *local)
{
    char        *scheme, *host, *user;
    const char  *why;

    if (curl_url_set(u, CURLUPART_URL, url.data, 0) != CURLUE_OK) {
        return "it is no address";
    }

    scheme = wm_post_part(u, CURLUPART_SCHEME);
    host = wm_post_part(u, CURLUPART_HOST);
    user = wm_post_part(u, CURLUPART_USER);
    why = NULL;

    if (scheme == NULL || host == NULL) {
        why = "it is no address";

    } else if (user != NULL) {
        why = "no user and password may stand in it: the signature says who "
              "calls";

    } else {
        *local = wm_post_is_local(host);

        if (strcmp(scheme, "https") != 0
            && !(strcmp(scheme, "http") == 0 && *local))
        {
            why = "it must begin with https://; http:// is for this machine "
                  "alone, as names and phone numbers are sent there";
        }
    }

    curl_free(scheme);
    curl_free(host);
    curl_free(user);

    return why;
}


static const char *
wm_post_parse(wm_str_t url, bool *local)
{
    CURLU       *u;
    const char  *why;

    *local = false;

    u = curl_url();
    why = u != NULL ? wm_post_check(u, url, local) : "no memory";
    curl_url_cleanup(u);

    return why;
}


bool
wm_post_url_valid(wm_str_t url, wm_str_t *error)
{
    bool         local;
    const char  *why;

    why = wm_post_parse(url, &local);
    *error = why != NULL ? wm_str(why) : wm_null;

    return why == NULL;
}


/* What the answer says is of no use here; its end is waited for, not more. */

static size_t
wm_post_read(const char *data, size_t size, size_t n, void *slot)
{
    wm_post_slot_t  *s = slot;

    (void) data;

    s->read += size * n;

    return s->read <= WM_POST_ANSWER_MAX ? size * n : 0;
}


#define wm_post_set(easy, option, value)                                     \
    (curl_easy_setopt(easy, option, value) == CURLE_OK)

static bool
wm_post_prepare(wm_post_t *post, wm_post_slot_t *s)
{
    CURL  *e;

    e = s->easy = curl_easy_init();

    return e != NULL
           && wm_post_set(e, CURLOPT_URL, post->url.data)
           && wm_post_set(e, CURLOPT_PROTOCOLS_STR,
                          post->local ? "http,https" : "https")
           && wm_post_set(e, CURLOPT_FOLLOWLOCATION, 0L)
           && wm_post_set(e, CURLOPT_SSL_VERIFYPEER, 1L)
           && wm_post_set(e, CURLOPT_SSL_VERIFYHOST, 2L)
           && wm_post_set(e, CURLOPT_NOSIGNAL, 1L)
           && wm_post_set(e, CURLOPT_CONNECTTIMEOUT_MS,
                          (long) WM_POST_CONNECT_MS)
           && wm_post_set(e, CURLOPT_TIMEOUT_MS, (long) WM_POST_WHOLE_MS)
           && wm_post_set(e, CURLOPT_USERAGENT, "wenming")
           && wm_post_set(e, CURLOPT_WRITEFUNCTION, wm_post_read)
           && wm_post_set(e, CURLOPT_WRITEDATA, s)
           && wm_post_set(e, CURLOPT_PRIVATE, s)
           && (post->ca.data == NULL
               || wm_post_set(e, CURLOPT_CAINFO, post->ca.data))
           && (!post->local || wm_post_set(e, CURLOPT_NOPROXY, "*"));
}


wm_post_t *
wm_post_open(wm_pool_t *pool, wm_str_t url, wm_str_t ca)
{
    int         i;
    wm_post_t  *post;

    post = wm_calloc(pool, sizeof(wm_post_t));

    if (post == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return NULL;
    }

    post->url = url;
    post->ca = ca;
    post->multi = wm_post_parse(url, &post->local) == NULL
                  ? curl_multi_init() : NULL;

    for (i = 0; post->multi != NULL && i < WM_POST_SLOTS; i++) {
        if (!wm_post_prepare(post, &post->slots[i])) {
            break;
        }
    }

    if (i < WM_POST_SLOTS) {
        wm_post_close(post);
        return NULL;
    }

    return post;
}


void
wm_post_close(wm_post_t *post)
{
    int              i;
    wm_post_slot_t  *s;

    for (i = 0; i < WM_POST_SLOTS; i++) {
        s = &post->slots[i];

        if (s->busy) {
            (void) curl_multi_remove_handle(post->multi, s->easy);
        }

        curl_easy_cleanup(s->easy);
        curl_slist_free_all(s->headers);
    }

    (void) curl_multi_cleanup(post->multi);
    curl_global_cleanup();
}


size_t
wm_post_free(const wm_post_t *post)
{
    size_t  i, n;

    for (i = 0, n = 0; i < WM_POST_SLOTS; i++) {
        n += !post->slots[i].busy;
    }

    return n;
}


static bool
wm_post_headers(wm_post_slot_t *s, wm_pool_t *pool, wm_str_t id,
    wm_str_t signature)
{
    int                 i;
    wm_str_t            lines[4];
    struct curl_slist  *list;

    lines[0] = wm_lit("Content-Type: application/json; charset=utf-8");
    lines[1] = wm_printf(pool, "Wenming-Id: %.*s", wm_fmt(id));
    lines[2] = wm_printf(pool, "Wenming-Signature: %.*s", wm_fmt(signature));
    lines[3] = wm_lit("Expect:");

    curl_slist_free_all(s->headers);
    s->headers = NULL;

    for (i = 0; i < 4; i++) {
        list = lines[i].data != NULL
               ? curl_slist_append(s->headers, lines[i].data) : NULL;

        if (list == NULL) {
            return false;
        }

        s->headers = list;
    }

    return true;
}


bool
wm_post_start(wm_post_t *post, wm_pool_t *pool, wm_str_t id,
    wm_str_t signature, wm_str_t body, void *data)
{
    size_t           i;
    wm_post_slot_t  *s;

    for (i = 0; i < WM_POST_SLOTS - 1 && post->slots[i].busy; i++) {
        /* void */
    }

    s = &post->slots[i];
    s->data = data;
    s->read = 0;

    s->busy = wm_post_headers(s, pool, id, signature)
              && wm_post_set(s->easy, CURLOPT_HTTPHEADER, s->headers)
              && wm_post_set(s->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             (curl_off_t) body.len)
              && wm_post_set(s->easy, CURLOPT_COPYPOSTFIELDS, body.data)
              && curl_multi_add_handle(post->multi, s->easy) == CURLM_OK;

    return s->busy;
}


/* An answer that is too long was an answer. */

static void
wm_post_result(wm_post_t *post, CURLMsg *message, wm_posted_t *posted)
{
    CURLcode         code = message->data.result;
    wm_post_slot_t  *s = NULL;

    (void) curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &s);

    posted->status = 0;
    posted->error = curl_easy_strerror(code);
    posted->data = s->data;

    if (code == CURLE_OK
        || (code == CURLE_WRITE_ERROR && s->read > WM_POST_ANSWER_MAX))
    {
        (void) curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE,
                                 &posted->status);
    }

    (void) curl_multi_remove_handle(post->multi, s->easy);
    s->busy = false;
}


bool
wm_post_wait(wm_post_t *post, wm_posted_t *posted)
{
    int       i, n, left;
    CURLMsg  *message;

    for (i = 0; i < 2; i++) {
        (void) curl_multi_perform(post->multi, &n);

        while ((message = curl_multi_info_read(post->multi, &left)) != NULL) {
            if (message->msg == CURLMSG_DONE) {
                wm_post_result(post, message, posted);
                return true;
            }
        }

        if (i == 0) {
            (void) curl_multi_poll(post->multi, NULL, 0, WM_POST_POLL_MS,
                                   NULL);
        }
    }

    return false;
}
