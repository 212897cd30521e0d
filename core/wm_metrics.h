/*
 * What monitoring sees: the counters that nginx's workers share, the place of
 * each among the others, and all of it as text in Prometheus's exposition
 * format 0.0.4.  Label values come from tables and from the configuration,
 * never from a request.
 */

#ifndef WM_METRICS_H
#define WM_METRICS_H

#include "wm_base.h"
#include "wm_ops.h"
#include "wm_reply.h"
#include "wm_verdict.h"

/* X(name, metric, help): counters with no label but the district */
#define WM_TOTALS(X)                                                         \
    X(LIMITED, "wenming_limit_refusals_total",                               \
      "Requests refused because there had been too many.")                   \
    X(REDIS_CONNECTS, "wenming_redis_connects_total",                        \
      "Connections on which Redis answered, of all workers.")                \
    X(REDIS_TIMEOUTS, "wenming_redis_timeouts_total",                        \
      "Operations that Redis did not answer in time.")                       \
    X(AUDIT_LOST, "wenming_audit_log_lost_total",                            \
      "Lines that could not be written to the audit log.")                   \
    X(CACHE_HITS, "wenming_cache_hits_total",                                \
      "Lookups in the zone of shared answers, of all districts, that found " \
      "one.")                                                                \
    X(CACHE_MISSES, "wenming_cache_misses_total",                            \
      "Lookups in the zone of shared answers, of all districts, that found " \
      "none.")                                                               \
    X(CACHE_EVICTIONS, "wenming_cache_evictions_total",                      \
      "Shared answers, of all districts, given up because memory was short.")

/* X(name, metric, unit, help): states; -1 is not known and not written */
#define WM_GAUGES(X)                                                         \
    X(WORKERS, "wenming_workers", ONE,                                       \
      "Workers of nginx that reported within the last five seconds.")        \
    X(REDIS_UP, "wenming_redis_up", ONE,                                     \
      "1 when Redis answers every worker, else 0.")                          \
    X(DURABLE, "wenming_durable", ONE,                                       \
      "1 when every worker finds the promised durability, else 0.")          \
    X(REDIS_IN_FLIGHT, "wenming_redis_operations_in_flight", ONE,            \
      "Operations that wait for Redis, the workers' own checks among them.") \
    X(REDIS_SILENCE, "wenming_redis_silence_seconds", MICROSECOND,           \
      "Time since Redis last answered, of the worker that waits longest.")   \
    X(JOURNAL, "wenming_journal_entries", ONE,                               \
      "Number of the last journal entry that this nginx knows of.")          \
    X(ARCHIVED, "wenming_archive_entries", ONE,                              \
      "Number of the last journal entry that every archive has.")            \
    X(ARCHIVED_AT, "wenming_archive_time_seconds", ONE,                      \
      "When the archive that has least was written last, since 1970.")       \
    X(OUTBOX_DUE, "wenming_outbox_due", ONE,                                 \
      "Notifications whose time to be sent has come.")                       \
    X(OUTBOX_DEAD, "wenming_outbox_dead", ONE,                               \
      "Notifications that were given up.")

/* X(name, label): in what state workers see Redis */
#define WM_REDIS_STATES(X)                                                   \
    X(CONNECTED,  "connected")                                               \
    X(READY,      "ready")              /* checked, and it answers */        \
    X(DURABLE,    "durable")            /* and holds what is promised */

/* X(name, label, whether Redis answered): how a commit ended */
#define WM_OUTCOMES(X)                                                       \
    X(DONE,         "done",         1)                                       \
    X(REPEATED,     "repeated",     1)  /* it had taken effect before */     \
    X(KEY_REUSED,   "key_reused",   1)  /* the same key, another body */     \
    X(UNMET,        "unmet",        1)  /* a condition did not hold */       \
    X(REFUSED,      "refused",      1)  /* an effect cannot be */            \
    X(ERROR,        "error",        1)  /* an error, or no answer of ours */ \
    X(TIMEOUT,      "timeout",      0)                                       \
    X(UNAVAILABLE,  "unavailable",  0)                                       \
    X(NOT_DURABLE,  "not_durable",  0)  /* nothing was sent */               \
    X(INTERNAL,     "internal",     0)  /* no memory */                      \
    X(GONE,         "gone",         0)  /* the client did not wait */

/* X(name, label): how a request ends without an answer of ours */
#define WM_ENDINGS(X)                                                        \
    X(GONE,   "gone")                   /* the client left before */         \
    X(NGINX,  "nginx")                  /* nginx refused the body */

/* X(microseconds, as seconds): upper bounds of a commit's time */
#define WM_LATENCIES(X)                                                      \
    X(500, "0.0005") X(1000, "0.001") X(2500, "0.0025") X(5000, "0.005")     \
    X(10000, "0.01") X(25000, "0.025") X(50000, "0.05") X(100000, "0.1")     \
    X(250000, "0.25") X(500000, "0.5") X(1000000, "1") X(2500000, "2.5")

typedef enum {
#define X(name, metric, help)  WM_TOTAL_##name,
    WM_TOTALS(X)
#undef X
    WM_TOTAL_MAX
} wm_total_t;

typedef enum {
#define X(name, metric, unit, help)  WM_GAUGE_##name,
    WM_GAUGES(X)
#undef X
    WM_GAUGE_MAX
} wm_gauge_t;

typedef enum {
#define X(name, label)  WM_REDIS_##name,
    WM_REDIS_STATES(X)
#undef X
    WM_REDIS_MAX
} wm_redis_state_t;

typedef enum {
#define X(name, label, answered)  WM_OUTCOME_##name,
    WM_OUTCOMES(X)
#undef X
    WM_OUTCOME_MAX
} wm_outcome_t;

/* A verdict, by the same number, or an ending. */
typedef enum {
#define X(name, ...)  WM_ENDED_##name,
    WM_VERDICTS(X)
    WM_ENDINGS(X)
#undef X
    WM_ENDED_MAX
} wm_ended_t;

enum {
#define X(us, text)  WM_LATENCY_##us,
    WM_LATENCIES(X)
#undef X
    WM_LATENCY_MAX                      /* more than the last of them */
};

/*
 * The cells of one worker: what follows WM_CELL_REQUESTS is a row of
 * WM_ENDED_MAX for each route, the first for what fits no route.
 */
enum {
    WM_CELL_TOTALS = 0,
    WM_CELL_LATENCIES = WM_CELL_TOTALS + WM_TOTAL_MAX,
    WM_CELL_LATENCY_SUM = WM_CELL_LATENCIES + WM_LATENCY_MAX + 1,
    WM_CELL_COMMITS,
    WM_CELL_REQUESTS = WM_CELL_COMMITS + WM_OP_MAX * WM_OUTCOME_MAX
};

/* How many cells; routes does not count the row of none. */
size_t wm_metrics_cells(size_t routes);

/* route from 1, 0: none. */
size_t wm_metrics_request_cell(size_t route, wm_ended_t ended);
size_t wm_metrics_commit_cell(wm_op_t op, wm_outcome_t outcome);
size_t wm_metrics_latency_cell(uint64_t us);

wm_outcome_t wm_outcome_of(wm_commit_status_t status);
bool wm_outcome_answered(wm_outcome_t outcome);

typedef struct {
    const char  *method;
    const char  *path;
} wm_metrics_route_t;

/*
 * A number that differs wherever the meaning of a cell differs: counters kept
 * under another one are not ours.
 */
uint32_t wm_metrics_shape(const wm_metrics_route_t *routes, size_t n);

typedef struct {
    const char  *label;
    uint64_t     workers;
} wm_metrics_reason_t;

/* What is written; all of it is borrowed. */
typedef struct {
    wm_str_t                    district;
    const char                 *nginx;          /* its version */
    const char                 *durability;     /* the level promised */
    const wm_metrics_route_t   *routes;
    size_t                      nroutes;
    const uint64_t             *cells;          /* sums over all workers */
    int64_t                     gauges[WM_GAUGE_MAX];
    uint64_t                    states[WM_REDIS_MAX];   /* workers */
    const wm_metrics_reason_t  *reasons;        /* why not durable */
    size_t                      nreasons;
} wm_metrics_t;

/* Requests and commits that never happened have no line. */
void wm_metrics_write(wm_buf_t *b, const wm_metrics_t *m);

/* The value of a label, between its quotes. */
void wm_metrics_escape(wm_buf_t *b, wm_str_t value);

#endif /* WM_METRICS_H */
