/*
 * The command-line tool: what its files share.  A command gets a wm_cli_t
 * with its options and operands sorted out, says what it did on stdout, what
 * is wrong on stderr, and returns one of the three exit codes.
 */

#ifndef WM_CLI_H
#define WM_CLI_H

#include "wm_commit.h"
#include "wm_entry.h"
#include "wm_keys.h"
#include "wm_reply.h"
#include "wm_seal.h"

#define WM_CLI_OK       0
#define WM_CLI_PROBLEM  1       /* something is wrong or could not be done */
#define WM_CLI_USAGE    2

#define WM_CLI_CONFIG   "/etc/wenming/wenming.conf"

/*
 * X(name, option, what its value is or NULL, where it may stand): ANY
 * command and the configuration file, ANY command, OWN: only with commands
 * that name it.
 */
#define WM_CLI_OPTIONS(X)                                                    \
    X(REDIS,          "redis",          "ADDRESS",  CONF)                    \
    X(REDIS_PASSWORD, "redis-password-file",  "FILE",  CONF)                 \
    X(KEYS,           "keys",           "FILE",     CONF)                    \
    X(DISTRICT,       "district",       "NAME",     CONF)                    \
    X(URL,            "url",            "PUBLIC_URL",  CONF)                 \
    X(DURABILITY,     "durability",     "LEVEL",    CONF)                    \
    X(UTC_OFFSET,     "utc-offset",     "+HH:MM",   CONF)                    \
    X(ARCHIVE,        "archive",        "ADDRESS",  CONF)                    \
    X(ARCHIVE_PASSWORD, "archive-password-file",  "FILE",  CONF)             \
    X(RETAIN_ORDERS,  "retain-orders",  "DAYS",     CONF)                    \
    X(RETAIN_WISHES,  "retain-wishes",  "DAYS",     CONF)                    \
    X(RETAIN_PERSONS, "retain-persons", "DAYS",     CONF)                    \
    X(RETAIN_NOTICES, "retain-notices", "DAYS",     CONF)                    \
    X(RETAIN_LOGS,    "retain-logs",    "DAYS",     CONF)                    \
    X(LOG_FILES,      "log-files",      "PATTERN...",  CONF)                 \
    X(AUDIT_LOG,      "audit-log",      "FILE",     CONF)                    \
    X(LOGROTATE,      "logrotate",      "PATH",     CONF)                    \
    X(WEBHOOK,        "webhook",        "ADDRESS",  CONF)                    \
    X(WEBHOOK_SECRET, "webhook-secret", "FILE",     CONF)                    \
    X(WEBHOOK_CA,     "webhook-ca",     "FILE",     CONF)                    \
    X(CONFIG,         "config",         "FILE",     ANY)                     \
    X(HELP,           "help",           NULL,       ANY)                     \
    X(ROLE,           "role",           "ROLE",     OWN)                     \
    X(UNIT,           "unit",           "ID",       OWN)                     \
    X(TEAM,           "team",           "ID",       OWN)                     \
    X(PASSWORD,       "password-file",  "FILE",     OWN)                     \
    X(GENERATE,       "generate",       NULL,       OWN)                     \
    X(CHECKPOINTS,    "checkpoints",    "FILE",     OWN)                     \
    X(FROM,           "from",           "ID or ARCHIVE",  OWN)               \
    X(TO,             "to",             "ARCHIVE",  OWN)                     \
    X(FOLLOW,         "follow",         NULL,       OWN)                     \
    X(TRIM_AGE,       "trim-older",     "TIME",     OWN)                     \
    X(TRIM_COUNT,     "trim-beyond",    "COUNT",    OWN)                     \
    X(ALGORITHM,      "algorithm",      "NAME",     OWN)                     \
    X(FORCE,          "force",          NULL,       OWN)                     \
    X(ONCE,           "once",           NULL,       OWN)                     \
    X(WATCH,          "watch",          "SECONDS",  OWN)                     \
    X(DEAD,           "dead",           NULL,       OWN)                     \
    X(RETRY,          "retry",          "ID|all",   OWN)                     \
    X(NOW,            "now",            "TIME",     OWN)                     \
    X(WHAT,           "what",           "NAME,NAME...",  OWN)                \
    X(FORMAT,         "format",         "NAME",     OWN)                     \
    X(OUT,            "out",            "FILE",     OWN)                     \
    X(BOM,            "bom",            NULL,       OWN)                     \
    X(PERIOD,         "period",         "PERIOD",   OWN)                     \
    X(PERSONAL,       "personal",       NULL,       OWN)                     \
    X(BY,             "by",             "NAME",     OWN)                     \
    X(DO,             "do",             NULL,       OWN)                     \
    X(DRY_RUN,        "dry-run",        NULL,       OWN)                     \
    X(YES,            "yes",            NULL,       OWN)

typedef enum {
#define X(name, text, value, where)  WM_OPT_##name,
    WM_CLI_OPTIONS(X)
#undef X
    WM_OPT_MAX
} wm_opt_t;

/* What stands in the audit log of a command. */
#define WM_AUDITED         1            /* that it was run, and how it went */
#define WM_AUDITED_OBJECT  2            /* and its first operand */

#define WM_BIT(name)  (UINT64_C(1) << WM_OPT_##name)

typedef struct wm_cli_s    wm_cli_t;
typedef struct wm_redis_s  wm_redis_t;

typedef struct {
    const char  *name;                  /* one word or two */
    const char  *usage;                 /* what follows it */
    const char  *help;
    int        (*run)(wm_cli_t *cli);
    uint64_t     options;               /* its own */
    size_t       min, max;              /* operands */
    unsigned     audited;               /* WM_AUDITED..., or 0 */
} wm_command_t;

struct wm_cli_s {
    wm_pool_t           *pool;          /* lives as long as the command */
    const wm_command_t  *command;
    wm_str_t             options[WM_OPT_MAX];   /* wm_null: not given */
    size_t               noperands;
    wm_str_t            *operands;      /* NUL-terminated, as all options */
    size_t               ncheckpoints;
    wm_str_t            *checkpoints;   /* --checkpoints, in their order */
    wm_str_t             unread;        /* why there is no configuration */
    wm_redis_t          *redis;
    unsigned             patience_s;    /* for an answer of Redis; 0: 30 */
};


/* options.c: false when it has said what is wrong */

bool wm_cli_parse(wm_cli_t *cli, const wm_command_t *commands, int argc,
    char **argv);
void wm_cli_usage(const wm_cli_t *cli, const wm_command_t *commands);
const char *wm_cli_option_name(wm_opt_t option);

/* The option of the configuration file; WM_OPT_MAX when there is none. */
wm_opt_t wm_cli_option_find(wm_str_t name, bool config);

/* What is wanted of an option, or of the configuration in its place. */
void wm_cli_say_needed(const wm_cli_t *cli, wm_opt_t option,
    const char *value, wm_opt_t conf);

/* The value of an option that must be there; wm_null: said what to do. */
wm_str_t wm_cli_need(wm_cli_t *cli, wm_opt_t option);


/* conf.c */

bool wm_conf_load(wm_cli_t *cli);

/* The district's name; wm_null: said what is wrong with it. */
wm_str_t wm_conf_district(wm_cli_t *cli);

/* Minutes east of UTC. */
bool wm_conf_offset(wm_cli_t *cli, int *offset);

/* The lower-case host, with its port, of --url. */
wm_str_t wm_conf_host(wm_cli_t *cli);


/* say.c: what goes out, and who says so */

void wm_say_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* s as it may go to a terminal: no controls, at most 200 bytes. */
const char *wm_say_safe(wm_pool_t *pool, wm_str_t s);

/* "cli:" and the name of whoever runs the tool. */
wm_str_t wm_say_actor(wm_pool_t *pool);
int64_t wm_say_now_ms(void);


/* trail.c: a line of the audit log, if there is one.  False: said why not */

bool wm_cli_trail(wm_cli_t *cli, int rc);


/* file.c */

#define WM_FILE_SECRET  1       /* refuses what others could read */

/* False: error says why, without the file's name. */
bool wm_file_read(wm_pool_t *pool, wm_str_t path, size_t max, unsigned flags,
    wm_str_t *text, wm_str_t *error);

/* A new file of mode 0600, on disk when it returns; never overwrites. */
bool wm_file_create(wm_pool_t *pool, wm_str_t path, wm_str_t text,
    wm_str_t *error);

/*
 * Puts another text into a file of mode 0600, at once or not at all; refused
 * when it is not the old text any more.
 */
bool wm_file_replace(wm_pool_t *pool, wm_str_t path, wm_str_t old,
    wm_str_t text, wm_str_t *error);


/* password.c: by --password-file, --generate, or typed; NULL data: said why */

wm_str_t wm_password_get(wm_cli_t *cli);

/* The first and only line of a file. */
bool wm_password_read(wm_pool_t *pool, wm_str_t path, wm_str_t *line);


/* keys.c: the keys that --keys names; NULL or false: said why */

bool wm_keys_load(wm_cli_t *cli, wm_keyfile_t *file, wm_str_t *text,
    wm_str_t *error);
wm_keyring_t *wm_keys_ring(wm_cli_t *cli, wm_str_t district, bool retired);


/* redis_sync.c */

/* The connection, opened when it is first asked for; NULL: said why. */
wm_redis_t *wm_redis_get(wm_cli_t *cli);
void wm_redis_close(wm_redis_t *redis);

/* The same without a word; *error says why. */
wm_redis_t *wm_redis_open(wm_cli_t *cli, wm_str_t *error);

/*
 * try: the reply, also an error of Redis; NULL when the connection is lost.
 * ask: NULL also for errors and for a type other than wanted (NIL passes);
 * said why.
 */
const wm_reply_t *wm_redis_try(wm_redis_t *redis, wm_pool_t *pool,
    const wm_str_t *argv, size_t argc);
const wm_reply_t *wm_redis_ask(wm_redis_t *redis, wm_pool_t *pool,
    wm_reply_type_t type, const wm_str_t *argv, size_t argc);

#define wm_argv(...)                                                         \
    (const wm_str_t[]) { __VA_ARGS__ },                                      \
    sizeof((const wm_str_t[]) { __VA_ARGS__ }) / sizeof(wm_str_t)

/* HGETALL: an even list of strings. */
const wm_reply_t *wm_redis_hash(wm_redis_t *redis, wm_pool_t *pool,
    wm_str_t key);

/* Two commands in one MULTI; NULL as ask. */
const wm_reply_t *wm_redis_both(wm_redis_t *redis, wm_pool_t *pool,
    const wm_str_t *first, size_t nfirst, const wm_str_t *second,
    size_t nsecond);

/*
 * Many commands at once: sent and answered with the next wm_redis_drain().
 * False: as ask; said why.  An error of one command is one of all.
 */
bool wm_redis_push(wm_redis_t *redis, wm_pool_t *pool, const wm_str_t *argv,
    size_t argc);
bool wm_redis_drain(wm_redis_t *redis, wm_pool_t *pool);

/*
 * Sends a commit.  False: it was not applied, or, when the connection was
 * lost, nobody knows; said why.  An unmet condition is an answer.
 */
bool wm_redis_commit(wm_redis_t *redis, wm_commit_t *c,
    wm_commit_result_t *result);


/*
 * roots.c: the ids of units that stand at the top, which have in their indexes
 * what all below have.  False: said why; nothing may be taken for all then.
 */
bool wm_roots_read(wm_redis_t *redis, wm_pool_t *pool, wm_str_t district,
    wm_str_t **roots, size_t *n);


/* the commands */

int wm_cli_keys_new(wm_cli_t *cli);
int wm_cli_keys_list(wm_cli_t *cli);
int wm_cli_keys_rotate(wm_cli_t *cli);
int wm_cli_keys_retire(wm_cli_t *cli);
int wm_cli_staff_add(wm_cli_t *cli);
int wm_cli_staff_list(wm_cli_t *cli);
int wm_cli_staff_totp_reset(wm_cli_t *cli);
int wm_cli_staff_disable(wm_cli_t *cli);
int wm_cli_staff_enable(wm_cli_t *cli);
int wm_cli_staff_passwd(wm_cli_t *cli);
int wm_cli_import(wm_cli_t *cli);
int wm_cli_expire(wm_cli_t *cli);
int wm_cli_offers(wm_cli_t *cli);
int wm_cli_notify(wm_cli_t *cli);
int wm_cli_person_export(wm_cli_t *cli);
int wm_cli_person_forget(wm_cli_t *cli);
int wm_cli_doctor(wm_cli_t *cli);
int wm_cli_aof_mend(wm_cli_t *cli);
int wm_cli_audit(wm_cli_t *cli);
int wm_cli_journal(wm_cli_t *cli);
int wm_cli_archive(wm_cli_t *cli);
int wm_cli_archive_status(wm_cli_t *cli);
int wm_cli_restore(wm_cli_t *cli);
int wm_cli_export(wm_cli_t *cli);
int wm_cli_report(wm_cli_t *cli);
int wm_cli_retain(wm_cli_t *cli);
int wm_cli_verify(wm_cli_t *cli);
int wm_cli_qr(wm_cli_t *cli);

#endif /* WM_CLI_H */
