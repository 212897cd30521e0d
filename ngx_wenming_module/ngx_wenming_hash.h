/* scrypt in nginx's thread pool, at most two at once in a worker. */

#ifndef NGX_WENMING_HASH_H
#define NGX_WENMING_HASH_H

#include "ngx_wenming_request.h"

/* The request is going away; the computation ends without it. */
void ngx_wenming_hash_forget(ngx_wenming_hash_t *hash);

#endif /* NGX_WENMING_HASH_H */
