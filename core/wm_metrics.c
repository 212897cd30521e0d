#include "wm_metrics.h"

#include <inttypes.h>

typedef enum {
    WM_UNIT_ONE,
    WM_UNIT_MICROSECOND                 /* shown in seconds */
} wm_unit_t;

static const struct {
    const char  *metric;
    const char  *help;
} wm_totals[] = {
#define X(name, metric, help)  { metric, help },
    WM_TOTALS(X)
#undef X
};

static const struct {
    const char  *metric;
    wm_unit_t    unit;
    const char  *help;
} wm_gauges[] = {
#define X(name, metric, unit, help)  { metric, WM_UNIT_##unit, help },
    WM_GAUGES(X)
#undef X
};

static const char *const  wm_redis_states[] = {
#define X(name, label)  label,
    WM_REDIS_STATES(X)
#undef X
};

static const struct {
    const char  *label;
    bool         answered;
} wm_outcomes[] = {
#define X(name, label, answered)  { label, answered },
    WM_OUTCOMES(X)
#undef X
};

static const char *const  wm_endings[] = {
#define X(name, label)  label,
    WM_ENDINGS(X)
#undef X
};

static const struct {
    uint64_t     us;
    const char  *text;
} wm_latencies[] = {
#define X(us, text)  { us, text },
    WM_LATENCIES(X)
#undef X
};


/* ---- cells */

size_t
wm_metrics_cells(size_t routes)
{
    return wm_metrics_request_cell(routes + 1, 0);
}


size_t
wm_metrics_request_cell(size_t route, wm_ended_t ended)
{
    return WM_CELL_REQUESTS + route * WM_ENDED_MAX + ended;
}


size_t
wm_metrics_commit_cell(wm_op_t op, wm_outcome_t outcome)
{
    return WM_CELL_COMMITS + (size_t) op * WM_OUTCOME_MAX + outcome;
}


size_t
wm_metrics_latency_cell(uint64_t us)
{
    size_t  i;

    for (i = 0; i < WM_LATENCY_MAX && us > wm_latencies[i].us; i++) {
        /* void */
    }

    return WM_CELL_LATENCIES + i;
}


wm_outcome_t
wm_outcome_of(wm_commit_status_t status)
{
    switch (status) {

    case WM_COMMITTED:
        return WM_OUTCOME_DONE;

    case WM_COMMITTED_BEFORE:
        return WM_OUTCOME_REPEATED;

    case WM_COMMIT_OTHER_BODY:
        return WM_OUTCOME_KEY_REUSED;

    case WM_COMMIT_UNMET:
        return WM_OUTCOME_UNMET;

    default:
        return WM_OUTCOME_REFUSED;
    }
}


bool
wm_outcome_answered(wm_outcome_t outcome)
{
    return wm_outcomes[outcome].answered;
}


static const char *
wm_ended_label(size_t ended)
{
    return ended < WM_ENDED_GONE ? wm_verdict_code((wm_verdict_t) ended)
                                 : wm_endings[ended - WM_ENDED_GONE];
}


/* FNV-1a, the NUL included: "ab" "c" is not "a" "bc". */

static uint32_t
wm_metrics_mix(uint32_t hash, const char *z)
{
    do {
        hash = (hash ^ (uint8_t) *z) * UINT32_C(16777619);
    } while (*z++ != '\0');

    return hash;
}


uint32_t
wm_metrics_shape(const wm_metrics_route_t *routes, size_t n)
{
    size_t    i;
    uint32_t  hash = UINT32_C(2166136261);

    for (i = 0; i < WM_TOTAL_MAX; i++) {
        hash = wm_metrics_mix(hash, wm_totals[i].metric);
    }

    for (i = 0; i < WM_LATENCY_MAX; i++) {
        hash = wm_metrics_mix(hash, wm_latencies[i].text);
    }

    for (i = 0; i < WM_OP_MAX; i++) {
        hash = wm_metrics_mix(hash, wm_op_verb((wm_op_t) i));
    }

    for (i = 0; i < WM_OUTCOME_MAX; i++) {
        hash = wm_metrics_mix(hash, wm_outcomes[i].label);
    }

    for (i = 0; i < WM_ENDED_MAX; i++) {
        hash = wm_metrics_mix(hash, wm_ended_label(i));
    }

    for (i = 0; i < n; i++) {
        hash = wm_metrics_mix(hash, routes[i].method);
        hash = wm_metrics_mix(hash, routes[i].path);
    }

    return hash;
}


/* ---- text */

void
wm_metrics_escape(wm_buf_t *b, wm_str_t value)
{
    size_t  i;

    for (i = 0; i < value.len; i++) {
        switch (value.data[i]) {

        case '\\':
        case '"':
            wm_putc(b, '\\');
            wm_putc(b, value.data[i]);
            break;

        case '\n':
            wm_puts(b, "\\n");
            break;

        default:
            wm_putc(b, value.data[i]);
        }
    }
}


static void
wm_metrics_head(wm_buf_t *b, const char *metric, const char *type,
    const char *help)
{
    wm_putf(b, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}


/* A line: its name and the district, more labels, the value. */

static void
wm_metrics_name(wm_buf_t *b, const wm_metrics_t *m, const char *metric)
{
    wm_puts(b, metric);
    wm_puts(b, "{district=\"");
    wm_metrics_escape(b, m->district);
    wm_putc(b, '"');
}


static void
wm_metrics_label(wm_buf_t *b, const char *name, const char *value)
{
    wm_putc(b, ',');
    wm_puts(b, name);
    wm_puts(b, "=\"");
    wm_metrics_escape(b, wm_str(value));
    wm_putc(b, '"');
}


static void
wm_metrics_value(wm_buf_t *b, uint64_t value)
{
    wm_putf(b, "} %" PRIu64 "\n", value);
}


static void
wm_metrics_seconds(wm_buf_t *b, uint64_t us)
{
    wm_putf(b, "} %" PRIu64 ".%06" PRIu64 "\n", us / 1000000, us % 1000000);
}


/* A line that says something by its label. */

static void
wm_metrics_info(wm_buf_t *b, const wm_metrics_t *m, const char *metric,
    const char *help, const char *label, const char *value)
{
    wm_metrics_head(b, metric, "gauge", help);
    wm_metrics_name(b, m, metric);
    wm_metrics_label(b, label, value);
    wm_metrics_value(b, 1);
}


static void
wm_metrics_row(wm_buf_t *b, const wm_metrics_t *m, const char *method,
    const char *path, const uint64_t *row)
{
    size_t  i;

    for (i = 0; i < WM_ENDED_MAX; i++) {
        if (row[i] > 0) {
            wm_metrics_name(b, m, "wenming_requests_total");
            wm_metrics_label(b, "method", method);
            wm_metrics_label(b, "route", path);
            wm_metrics_label(b, "verdict", wm_ended_label(i));
            wm_metrics_value(b, row[i]);
        }
    }
}


static void
wm_metrics_requests(wm_buf_t *b, const wm_metrics_t *m)
{
    size_t           i;
    const uint64_t  *cells = m->cells;

    wm_metrics_head(b, "wenming_requests_total", "counter",
                    "Requests by what became of them; HEAD counts as GET.");
    wm_metrics_row(b, m, "none", "none",
                   &cells[wm_metrics_request_cell(0, 0)]);

    for (i = 0; i < m->nroutes; i++) {
        wm_metrics_row(b, m, m->routes[i].method, m->routes[i].path,
                       &cells[wm_metrics_request_cell(i + 1, 0)]);
    }
}


static void
wm_metrics_commits(wm_buf_t *b, const wm_metrics_t *m)
{
    size_t    op, outcome;
    uint64_t  n;

    wm_metrics_head(b, "wenming_commits_total", "counter",
                    "Commits by operation and outcome.");

    for (op = 0; op < WM_OP_MAX; op++) {
        for (outcome = 0; outcome < WM_OUTCOME_MAX; outcome++) {
            n = m->cells[wm_metrics_commit_cell((wm_op_t) op,
                                                (wm_outcome_t) outcome)];

            if (n > 0) {
                wm_metrics_name(b, m, "wenming_commits_total");
                wm_metrics_label(b, "operation", wm_op_verb((wm_op_t) op));
                wm_metrics_label(b, "outcome", wm_outcomes[outcome].label);
                wm_metrics_value(b, n);
            }
        }
    }
}


/* Each bucket holds those below it as well, and the last one holds all. */

static void
wm_metrics_histogram(wm_buf_t *b, const wm_metrics_t *m)
{
    size_t    i;
    uint64_t  n = 0;

    wm_metrics_head(b, "wenming_commit_seconds", "histogram",
                    "Time from sending a commit to Redis's answer.");

    for (i = 0; i <= WM_LATENCY_MAX; i++) {
        n += m->cells[WM_CELL_LATENCIES + i];

        wm_metrics_name(b, m, "wenming_commit_seconds_bucket");
        wm_metrics_label(b, "le", i < WM_LATENCY_MAX ? wm_latencies[i].text
                                                     : "+Inf");
        wm_metrics_value(b, n);
    }

    wm_metrics_name(b, m, "wenming_commit_seconds_sum");
    wm_metrics_seconds(b, m->cells[WM_CELL_LATENCY_SUM]);
    wm_metrics_name(b, m, "wenming_commit_seconds_count");
    wm_metrics_value(b, n);
}


static void
wm_metrics_totals(wm_buf_t *b, const wm_metrics_t *m)
{
    size_t  i;

    for (i = 0; i < WM_TOTAL_MAX; i++) {
        wm_metrics_head(b, wm_totals[i].metric, "counter", wm_totals[i].help);
        wm_metrics_name(b, m, wm_totals[i].metric);
        wm_metrics_value(b, m->cells[WM_CELL_TOTALS + i]);
    }
}


static void
wm_metrics_gauges(wm_buf_t *b, const wm_metrics_t *m)
{
    size_t  i;

    for (i = 0; i < WM_GAUGE_MAX; i++) {
        if (m->gauges[i] < 0) {
            continue;
        }

        wm_metrics_head(b, wm_gauges[i].metric, "gauge", wm_gauges[i].help);
        wm_metrics_name(b, m, wm_gauges[i].metric);

        if (wm_gauges[i].unit == WM_UNIT_MICROSECOND) {
            wm_metrics_seconds(b, (uint64_t) m->gauges[i]);

        } else {
            wm_metrics_value(b, (uint64_t) m->gauges[i]);
        }
    }
}


static void
wm_metrics_redis(wm_buf_t *b, const wm_metrics_t *m)
{
    size_t  i;

    wm_metrics_head(b, "wenming_redis_workers", "gauge",
                    "Workers that see Redis in this state.");

    for (i = 0; i < WM_REDIS_MAX; i++) {
        wm_metrics_name(b, m, "wenming_redis_workers");
        wm_metrics_label(b, "state", wm_redis_states[i]);
        wm_metrics_value(b, m->states[i]);
    }

    wm_metrics_head(b, "wenming_redis_weakness", "gauge",
                    "Workers that take no writes for this reason.");

    for (i = 0; i < m->nreasons; i++) {
        wm_metrics_name(b, m, "wenming_redis_weakness");
        wm_metrics_label(b, "reason", m->reasons[i].label);
        wm_metrics_value(b, m->reasons[i].workers);
    }
}


void
wm_metrics_write(wm_buf_t *b, const wm_metrics_t *m)
{
    wm_metrics_info(b, m, "wenming_build_info",
                    "The nginx that the module was built for.", "nginx",
                    m->nginx);
    wm_metrics_info(b, m, "wenming_durability_info",
                    "The durability that a 2xx promises.", "level",
                    m->durability);
    wm_metrics_gauges(b, m);
    wm_metrics_redis(b, m);
    wm_metrics_totals(b, m);
    wm_metrics_commits(b, m);
    wm_metrics_histogram(b, m);
    wm_metrics_requests(b, m);
}
