#include "unit.h"
#include "wm_project.h"


static const wm_projection_t *
table(const char *name)
{
    size_t  i;

    for (i = 0; i < wm_nprojections; i++) {
        if (strcmp(wm_projections[i].table, name) == 0) {
            return &wm_projections[i];
        }
    }

    fail_msg("there is no table %s", name);

    return NULL;
}


/* "column=value", one a line; NULL ones are left out. */

static const char *
row(const wm_projection_t *p, const wm_sql_value_t *values)
{
    size_t    i;
    wm_buf_t  b;

    wm_buf_init(&b, unit_pool, 512);

    for (i = 0; i < p->ncolumns; i++) {
        if (values[i].type == WM_SQL_INT) {
            wm_putf(&b, "%s=%lld\n", p->columns[i].name,
                    (long long) values[i].num);

        } else if (values[i].type == WM_SQL_TEXT) {
            wm_putf(&b, "%s=\"%.*s\"\n", p->columns[i].name,
                    wm_fmt(values[i].str));
        }
    }

    wm_putc(&b, '\0');

    return b.data;
}


static const char *
field_row(const char *name, const char *value)
{
    wm_sql_value_t          v[WM_PROJECT_COLUMNS];
    const wm_projection_t  *p = table(name);

    return wm_project_field(unit_pool, p, wm_str(value), UNIT_OFFSET, v)
           ? row(p, v) : NULL;
}


static void
shape(void **state)
{
    size_t                  i, k;
    const wm_projection_t  *p;

    (void) state;

    for (i = 0; i < wm_nprojections; i++) {
        p = &wm_projections[i];

        assert_case(p->nids >= 1 && p->nids <= 2
                    && p->nids + p->ncolumns <= WM_PROJECT_COLUMNS, "%s",
                    p->table);

        for (k = 0; k < p->ncolumns; k++) {
            assert_case(p->columns[k].from != NULL, "%s.%s", p->table,
                        p->columns[k].name);
        }
    }
}


static void
keys(void **state)
{
    wm_str_t  id;

    (void) state;

    assert_true(wm_project_reads(table("units"), wm_lit("units"), &id));
    assert_null(id.data);
    assert_false(wm_project_reads(table("units"), wm_lit("units:x"), &id));
    assert_true(wm_project_reads(table("orders"), wm_lit("order:A:b"), &id));
    assert_text(id, "A:b");
    assert_false(wm_project_reads(table("orders"), wm_lit("orders:x"), &id));
    assert_false(wm_project_reads(table("orders"), wm_lit("order:"), &id));

    assert_true(wm_project_takes(table("ratings"),
                                 wm_lit("ABCDEFGHJKMNPQRS")));
    assert_false(wm_project_takes(table("ratings"), wm_lit("sum")));
    assert_false(wm_project_takes(table("ratings"),
                                  wm_lit("t:ABCDEFGHJKMNPQRS")));
    assert_true(wm_project_takes(table("units"), wm_lit("st1")));
}


static void
records(void **state)
{
    wm_reply_t             *hash;
    wm_sql_value_t          v[WM_PROJECT_COLUMNS];
    const wm_projection_t  *p = table("orders");

    (void) state;

    hash = unit_hash("running", "7", "status", "submitted", "group", "一中",
                     "made", "1795395607123", "due", "x", "head_count",
                     "040", "note", "sealed", NULL);

    assert_true(wm_project_record(unit_pool, p, hash, UNIT_OFFSET, v));
    assert_string_equal(row(p, v),
                        "running=7\nstatus=\"submitted\"\n"
                        "organisation=\"一中\"\nmade_ms=1795395607123\n"
                        "day=\"2026-11-23\"\nmonth=\"2026-11\"\n");

    /* the day is the district's */

    hash = unit_hash("made", "1795363199999", NULL);
    assert_true(wm_project_record(unit_pool, p, hash, UNIT_OFFSET, v));
    assert_has(row(p, v), "day=\"2026-11-22\"");
    assert_true(wm_project_record(unit_pool, p, hash, 481, v));
    assert_has(row(p, v), "day=\"2026-11-23\"");

    hash = unit_hash("made", "9007199254740991", NULL);
    assert_true(wm_project_record(unit_pool, p, hash, UNIT_OFFSET, v));
    assert_lacks(row(p, v), "day=");

    assert_false(wm_project_record(unit_pool, p, unit_hash(NULL),
                                   UNIT_OFFSET, v));
}


static void
fields(void **state)
{
    (void) state;

    assert_string_equal(field_row("attendance", "17:0:s-:staff:王"),
                        "in_ms=17\nout_ms=0\nhow=\"s-\"\n"
                        "actor=\"staff:王\"\n");
    assert_string_equal(field_row("enrolments", "s:2:5:0:DEV"),
                        "state=\"s\"\nseats=2\nsince_ms=5\nuntil_ms=0\n"
                        "actor=\"DEV\"\n");
    assert_string_equal(field_row("ratings", "5:17:none:/a/b/"),
                        "score=5\nmade_ms=17\nstate=\"none\"\n"
                        "path=\"/a/b/\"\n");
    assert_null(field_row("attendance", "17:0:s-"));
    assert_null(field_row("attendance", ""));

    assert_string_equal(field_row("units",
                                  "{\"name\":\"站\",\"path\":\"/a/\","
                                  "\"type\":1,\"lat\":\"28\"}"),
                        "name=\"站\"\npath=\"/a/\"\n");
    assert_string_equal(field_row("courses", "{\"duration_min\":90}"),
                        "duration_min=90\n");
    assert_null(field_row("units", "[1]"));
    assert_null(field_row("units", "{"));

    assert_false(wm_project_field(unit_pool, table("units"), wm_null,
                                  UNIT_OFFSET, NULL));
}


static void
steps(void **state)
{
    wm_str_t                log;
    wm_sql_value_t          v[WM_PROJECT_COLUMNS];
    const wm_projection_t  *p = table("order_steps");

    (void) state;

    log = wm_lit("submit:5:device/X:,dispatch:9:staff/w:t1");

    assert_true(wm_project_step(unit_pool, p, &log, v));
    assert_string_equal(row(p, v), "action=\"submit\"\nat_ms=5\n"
                                   "actor=\"device/X\"\nteam=\"\"\n");
    assert_true(wm_project_step(unit_pool, p, &log, v));
    assert_string_equal(row(p, v), "action=\"dispatch\"\nat_ms=9\n"
                                   "actor=\"staff/w\"\nteam=\"t1\"\n");
    assert_false(wm_project_step(unit_pool, p, &log, v));

    log = wm_lit("nonsense");
    assert_false(wm_project_step(unit_pool, p, &log, v));
}


static void
texts(void **state)
{
    unit_meagre_t  m;

    (void) state;

    assert_int_equal(wm_sql_text(unit_pool, wm_null).type, WM_SQL_NULL);
    assert_text(wm_sql_text(unit_pool, wm_lit("")).str, "");
    assert_text(wm_sql_text(unit_pool, wm_lit("中a")).str, "中a");
    assert_text(wm_sql_text(unit_pool, wm_lit("中\xff\0z")).str,
                "中\xef\xbf\xbd\xef\xbf\xbdz");
    assert_int_equal(wm_sql_text(unit_meagre(&m, 0), wm_lit("\xff")).type,
                     WM_SQL_NULL);
}


static void
statements(void **state)
{
    size_t         i, n;
    unit_meagre_t  m;

    (void) state;

    assert_string_equal(wm_project_put(unit_pool, table("people")).data,
                        "INSERT INTO people (id, made_ms) VALUES ($1, $2) "
                        "ON CONFLICT (id) DO UPDATE SET "
                        "made_ms = excluded.made_ms");
    assert_has(wm_project_put(unit_pool, table("attendance")).data,
               "ON CONFLICT (event, person) DO UPDATE SET in_ms =");
    assert_text(wm_project_drop(unit_pool, table("attendance"), 2),
                "DELETE FROM attendance WHERE event = $1 AND person = $2");
    assert_text(wm_project_drop(unit_pool, table("attendance"), 1),
                "DELETE FROM attendance WHERE event = $1");
    assert_text(wm_project_drop(unit_pool, table("units"), 0),
                "DELETE FROM units");

    for (i = 0; i < wm_nprojections; i++) {
        for (n = 0; n < 3; n++) {
            assert_true(wm_project_put(unit_meagre(&m, n),
                                       &wm_projections[i]).data == NULL
                        || !m.dry);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(shape),
        unit_case(keys),
        unit_case(records),
        unit_case(fields),
        unit_case(steps),
        unit_case(texts),
        unit_case(statements),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
