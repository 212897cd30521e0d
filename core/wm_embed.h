/*
 * Files made into arrays by tools/embed: the server-side script, the default
 * templates with what web/build.mjs made for them, and the archive's
 * migrations.
 */

#ifndef WM_EMBED_H
#define WM_EMBED_H

#include "wm_base.h"

typedef struct {
    wm_str_t  name;                     /* without .html */
    wm_str_t  text;
} wm_embedded_t;

extern const wm_str_t       wm_commit_script;
extern const wm_str_t       wm_commit_sha1;
extern const wm_str_t       wm_style_hash;      /* sha256-..., for a CSP */
extern const wm_embedded_t  wm_templates[];     /* up to a NULL name */
extern const wm_embedded_t  wm_migrations[];    /* the same, in their order */

#endif /* WM_EMBED_H */
