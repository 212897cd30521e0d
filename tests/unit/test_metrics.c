#include "unit.h"
#include "wm_metrics.h"

static const wm_metrics_route_t  routes[] = {
    { "GET", "api/menu" },
    { "POST", "api/orders/{id}/cancel" }
};

static const wm_metrics_reason_t  reasons[] = {
    { "appendfsync", 2 }, { "loading", 0 }
};

static uint64_t      cells[4096];
static wm_metrics_t  sample;


static wm_metrics_t *
fresh(void)
{
    memset(cells, 0, sizeof(cells));
    memset(&sample, 0, sizeof(sample));

    sample.district = wm_lit("furong");
    sample.nginx = "1.22.1";
    sample.durability = "always";
    sample.routes = routes;
    sample.nroutes = wm_countof(routes);
    sample.cells = cells;
    sample.reasons = reasons;
    sample.nreasons = wm_countof(reasons);

    assert_true(wm_metrics_cells(sample.nroutes) <= wm_countof(cells));

    return &sample;
}


static const char *
written(const wm_metrics_t *m)
{
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 64);
    wm_metrics_write(&b, m);

    return wm_dup(unit_pool, wm_buf_str(&b)).data;
}


static wm_str_t
escaped(const char *value)
{
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 8);
    wm_metrics_escape(&b, wm_str(value));

    return wm_buf_str(&b);
}


static void
labels_are_escaped(void **state)
{
    wm_metrics_t  *m = fresh();

    (void) state;

    assert_text(escaped("plain {id}/c"), "plain {id}/c");
    assert_text(escaped("a\"b"), "a\\\"b");
    assert_text(escaped("a\\b"), "a\\\\b");
    assert_text(escaped("a\nb"), "a\\nb");
    assert_text(escaped("\\\"\n"), "\\\\\\\"\\n");
    assert_text(escaped("芙蓉"), "芙蓉");

    m->district = wm_lit("a\"} 1\nb");
    m->durability = "x\\";
    assert_has(written(m), "wenming_durability_info"
                           "{district=\"a\\\"} 1\\nb\",level=\"x\\\\\"} 1\n");
    assert_lacks(written(m), "\nb\"");
}


static void
buckets_are_cumulative(void **state)
{
    size_t         i;
    const char    *text;
    wm_metrics_t  *m = fresh();

    static const uint64_t  times[] = {
        0, 500,                         /* a bound belongs to its bucket */
        501, 2500000, 2500001, UINT64_C(10000000)
    };

    (void) state;

    for (i = 0; i < wm_countof(times); i++) {
        cells[wm_metrics_latency_cell(times[i])]++;
        cells[WM_CELL_LATENCY_SUM] += times[i];
    }

    text = written(m);
    assert_has(text, "_bucket{district=\"furong\",le=\"0.0005\"} 2\n");
    assert_has(text, "_bucket{district=\"furong\",le=\"0.001\"} 3\n");
    assert_has(text, "_bucket{district=\"furong\",le=\"1\"} 3\n");
    assert_has(text, "_bucket{district=\"furong\",le=\"2.5\"} 4\n");
    assert_has(text, "_bucket{district=\"furong\",le=\"+Inf\"} 6\n");
    assert_has(text, "_sum{district=\"furong\"} 15.001002\n");
    assert_has(text, "_count{district=\"furong\"} 6\n");
}


static void
bounds_are_what_they_say(void **state)
{
    (void) state;

#define X(us, text)  assert_true(strtod(text, NULL) * 1e6 == (double) us);
    WM_LATENCIES(X)
#undef X
}


/* Every counter has a cell of its own, and they all fit. */

static void
cells_do_not_meet(void **state)
{
    size_t  i, j, n = wm_metrics_cells(wm_countof(routes));

    (void) fresh();
    (void) state;

    for (i = 0; i < WM_TOTAL_MAX; i++) {
        cells[WM_CELL_TOTALS + i]++;
    }

#define X(us, text)  cells[wm_metrics_latency_cell(us)]++;
    WM_LATENCIES(X)
#undef X
    cells[wm_metrics_latency_cell(UINT64_MAX)]++;
    cells[WM_CELL_LATENCY_SUM]++;

    for (i = 0; i < WM_OP_MAX; i++) {
        for (j = 0; j < WM_OUTCOME_MAX; j++) {
            cells[wm_metrics_commit_cell((wm_op_t) i, (wm_outcome_t) j)]++;
        }
    }

    for (i = 0; i <= wm_countof(routes); i++) {
        for (j = 0; j < WM_ENDED_MAX; j++) {
            cells[wm_metrics_request_cell(i, (wm_ended_t) j)]++;
        }
    }

    for (i = 0; i < wm_countof(cells); i++) {
        assert_case(cells[i] == (i < n), "cell %zu of %zu: %u", i, n,
                    (unsigned) cells[i]);
    }
}


static void
requests_by_route_and_verdict(void **state)
{
    const char    *text;
    wm_metrics_t  *m = fresh();

    (void) state;

    cells[wm_metrics_request_cell(0, WM_ENDED_NOT_FOUND)] = 3;
    cells[wm_metrics_request_cell(1, WM_ENDED_OK)] = UINT64_MAX;
    cells[wm_metrics_request_cell(2, WM_ENDED_NOT_DURABLE)] = 4;
    cells[wm_metrics_request_cell(2, WM_ENDED_GONE)] = 5;
    cells[wm_metrics_request_cell(2, WM_ENDED_NGINX)] = 6;
    cells[wm_metrics_commit_cell(WM_OP_CHECK_IN, WM_OUTCOME_DONE)] = 7;
    cells[wm_metrics_commit_cell(WM_OP_IMPORT, WM_OUTCOME_GONE)] = 8;

    text = written(m);
    assert_has(text, "wenming_requests_total{district=\"furong\","
               "method=\"none\",route=\"none\",verdict=\"not_found\"} 3\n");
    assert_has(text, "method=\"GET\",route=\"api/menu\",verdict=\"ok\"} "
               "18446744073709551615\n");
    assert_has(text, "method=\"POST\",route=\"api/orders/{id}/cancel\","
               "verdict=\"not_durable\"} 4\n");
    assert_has(text, "verdict=\"gone\"} 5\n");
    assert_has(text, "verdict=\"nginx\"} 6\n");
    assert_has(text, "wenming_commits_total{district=\"furong\","
               "operation=\"attend.in\",outcome=\"done\"} 7\n");
    assert_has(text, "operation=\"import\",outcome=\"gone\"} 8\n");
    assert_lacks(text, "outcome=\"done\"} 0");
    assert_lacks(text, "verdict=\"ok\"} 0");
}


static void
verdicts_keep_their_numbers(void **state)
{
    (void) state;

#define X(name, ...)  assert_int_equal(WM_ENDED_##name, WM_VERDICT_##name);
    WM_VERDICTS(X)
#undef X
}


static void
what_is_not_known_is_not_said(void **state)
{
    size_t         i;
    const char    *text;
    wm_metrics_t  *m = fresh();

    (void) state;

    for (i = 0; i < WM_GAUGE_MAX; i++) {
        m->gauges[i] = -1;
    }

    text = written(m);
    assert_lacks(text, "wenming_journal_entries");
    assert_lacks(text, "wenming_redis_up");

    m->gauges[WM_GAUGE_JOURNAL] = 0;
    m->gauges[WM_GAUGE_REDIS_SILENCE] = 1000001;
    m->states[WM_REDIS_READY] = 3;

    text = written(m);
    assert_has(text, "wenming_journal_entries{district=\"furong\"} 0\n");
    assert_has(text, "wenming_redis_silence_seconds{district=\"furong\"} "
               "1.000001\n");
    assert_has(text, "wenming_redis_workers{district=\"furong\","
               "state=\"ready\"} 3\n");
    assert_has(text, "wenming_redis_weakness{district=\"furong\","
               "reason=\"appendfsync\"} 2\n");
    assert_has(text, "wenming_redis_weakness{district=\"furong\","
               "reason=\"loading\"} 0\n");
}


static void
another_shape_has_another_number(void **state)
{
    uint32_t  shape = wm_metrics_shape(routes, 2);

    static const wm_metrics_route_t  same[] = {
        { "GET", "api/menu" }, { "POST", "api/orders/{id}/cancel" }
    };
    static const wm_metrics_route_t  turned[] = {
        { "POST", "api/orders/{id}/cancel" }, { "GET", "api/menu" }
    };
    static const wm_metrics_route_t  method[] = {
        { "GET", "api/menu" }, { "PATCH", "api/orders/{id}/cancel" }
    };
    static const wm_metrics_route_t  joint[] = {
        { "GET", "api/men" }, { "uPOST", "api/orders/{id}/cancel" }
    };

    (void) state;

    assert_true(wm_metrics_shape(same, 2) == shape);
    assert_false(wm_metrics_shape(routes, 1) == shape);
    assert_false(wm_metrics_shape(turned, 2) == shape);
    assert_false(wm_metrics_shape(method, 2) == shape);
    assert_false(wm_metrics_shape(joint, 2) == shape);
}


static void
outcomes(void **state)
{
    (void) state;

    assert_int_equal(wm_outcome_of(WM_COMMITTED), WM_OUTCOME_DONE);
    assert_int_equal(wm_outcome_of(WM_COMMITTED_BEFORE), WM_OUTCOME_REPEATED);
    assert_int_equal(wm_outcome_of(WM_COMMIT_OTHER_BODY),
                     WM_OUTCOME_KEY_REUSED);
    assert_int_equal(wm_outcome_of(WM_COMMIT_UNMET), WM_OUTCOME_UNMET);
    assert_int_equal(wm_outcome_of(WM_COMMIT_REFUSED), WM_OUTCOME_REFUSED);

    assert_true(wm_outcome_answered(WM_OUTCOME_UNMET));
    assert_true(wm_outcome_answered(WM_OUTCOME_ERROR));
    assert_false(wm_outcome_answered(WM_OUTCOME_TIMEOUT));
    assert_false(wm_outcome_answered(WM_OUTCOME_GONE));
}


/* All of it or nothing. */

static void
without_memory(void **state)
{
    size_t         n;
    wm_buf_t       b;
    wm_str_t       text;
    wm_pool_t     *pool;
    const char    *whole = written(fresh());
    unit_meagre_t  m;

    (void) state;

    for (n = 0; n < 100; n++) {
        pool = unit_meagre(&m, n);
        wm_buf_init(&b, pool, 64);
        wm_metrics_write(&b, &sample);
        text = wm_buf_str(&b);

        if (!m.dry) {
            assert_text(text, whole);
            return;
        }

        assert_null(text.data);
    }

    fail_msg("never enough");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(labels_are_escaped),
        unit_case(buckets_are_cumulative),
        unit_case(bounds_are_what_they_say),
        unit_case(cells_do_not_meet),
        unit_case(requests_by_route_and_verdict),
        unit_case(verdicts_keep_their_numbers),
        unit_case(what_is_not_known_is_not_said),
        unit_case(another_shape_has_another_number),
        unit_case(outcomes),
        unit_case(without_memory)
    };

    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
