/* The configuration: what nginx.conf says, checked and made ready. */

#ifndef NGX_WENMING_CONF_H
#define NGX_WENMING_CONF_H

#include "ngx_wenming_batch.h"
#include "ngx_wenming_compat.h"
#include "wm_template.h"
#include "wm_web.h"

typedef struct ngx_wenming_metrics_s  ngx_wenming_metrics_t;

typedef struct {
    ngx_array_t             redis;      /* of ngx_wenming_redis_t * */
    ngx_array_t             locations;  /* of ngx_wenming_loc_conf_t * */
    ngx_shm_zone_t         *limits;
    ngx_shm_zone_t         *cache;
    ngx_thread_pool_t      *threads;
    ngx_wenming_metrics_t  *metrics;    /* of this worker */
} ngx_wenming_main_conf_t;

typedef struct {
    ngx_str_t             name;
    wm_template_t        *template;
} ngx_wenming_template_t;

typedef struct {
    /* as written */

    ngx_str_t             redis_address;
    ngx_str_t             password_file;
    ngx_str_t             keys_file;
    ngx_str_t             checkpoints_file;
    ngx_str_t             audit_file;   /* "off" or empty: none */
    ngx_str_t             templates_dir;
    ngx_str_t             public_url;
    ngx_str_t             utc_offset;
    ngx_str_t             district;
    ngx_msec_t            redis_timeout;
    ngx_uint_t            durability;
    ngx_uint_t            staff_totp;   /* 1: required */
    time_t                offer_before;
    time_t                offer_hold;
    ngx_array_t          *health;       /* of ngx_cidr_t */
    ngx_array_t          *unlimited;    /* of ngx_cidr_t, or NULL */
    ngx_http_complex_value_t  *identity_phone;  /* both or none */
    ngx_http_complex_value_t  *identity_name;
    ngx_str_t             sms;          /* "/sms"; empty: no gateway */
    ngx_str_t             wechat;       /* the same, and its appid */
    ngx_str_t             wechat_appid;
    ngx_str_t             frame_ancestors;      /* empty: 'self' */
    ngx_uint_t            health_is_default;
    wm_deadlines_t        deadlines;    /* -1: not given */

    /* made of it, where "wenming" turns the module on */

    wm_site_t             site;
    ngx_wenming_redis_t  *redis;
    ngx_wenming_batch_t  *batch;
    ngx_open_file_t      *checkpoints;
    ngx_open_file_t      *audit_log;    /* NULL: none */
    ngx_fd_t              audit_fd;     /* that was looked at; 0: none yet */
    time_t                audit_told;   /* when a failure was */
    ngx_shm_zone_t       *metrics;      /* of the district */
    ngx_array_t           templates;    /* of ngx_wenming_template_t */
    ngx_str_t             location;     /* "/wenming/" */
    ngx_str_t             cookie_device;
    ngx_str_t             cookie_staff;
    ngx_str_t             cookie_ticket;
    ngx_str_t             cookie_look;
    ngx_str_t             csp;          /* of every page */
    ngx_str_t             csp_camera;   /* but of those that scan */
    ngx_flag_t            secure;       /* https */
} ngx_wenming_loc_conf_t;

extern ngx_module_t  ngx_wenming_module;

/* Checks a location's settings and builds what they mean. */
char *ngx_wenming_conf_build(ngx_conf_t *cf, ngx_wenming_loc_conf_t *conf);

/* nginx's memory for core/. */
void *ngx_wenming_pool_alloc(void *pool, size_t size);

/* The template of that name, or NULL. */
wm_template_t *ngx_wenming_conf_template(const ngx_wenming_loc_conf_t *conf,
    const char *name);

/* The same bytes, as nginx and as core/ see them. */
#define ngx_wenming_wm(s)   ((wm_str_t) { (s).len, (const char *) (s).data })
#define ngx_wenming_ngx(s)  ((ngx_str_t) { (s).len, (u_char *) (s).data })

#endif /* NGX_WENMING_CONF_H */
