/*
 * Once a minute one worker signs how far the journal has come and writes it
 * to a file outside Redis; "wenming audit" compares.
 */

#ifndef NGX_WENMING_CHECKPOINT_H
#define NGX_WENMING_CHECKPOINT_H

#include "ngx_wenming_conf.h"

ngx_int_t ngx_wenming_checkpoint_start(ngx_cycle_t *cycle,
    ngx_wenming_main_conf_t *wmcf);

#endif /* NGX_WENMING_CHECKPOINT_H */
