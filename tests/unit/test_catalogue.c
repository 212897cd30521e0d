#include "unit.h"
#include "wm_catalogue.h"


static void
unit_types(void **state)
{
    (void) state;

    assert_true(wm_unit_type_valid(wm_lit("centre")));
    assert_true(wm_unit_type_valid(wm_lit("base")));
    assert_string_equal(wm_unit_type_text(wm_lit("station")), "站");
    assert_false(wm_unit_type_valid(wm_lit("Station")));
    assert_false(wm_unit_type_valid(wm_lit("")));
    assert_false(wm_unit_type_valid(wm_null));
}


static void
paths(void **state)
{
    wm_str_t  units[WM_UNIT_DEPTH];

    (void) state;

    assert_int_equal(wm_path_units(wm_lit("/ctr/in1/st1/"), units, 6), 3);
    assert_text(units[0], "ctr");
    assert_text(units[1], "in1");
    assert_text(units[2], "st1");

    assert_int_equal(wm_path_units(wm_lit("/"), units, 6), 0);
    assert_int_equal(wm_path_units(wm_lit(""), units, 6), 0);
    assert_int_equal(wm_path_units(wm_null, units, 6), 0);
    assert_int_equal(wm_path_units(wm_lit("//a//b"), units, 6), 2);
    assert_text(units[1], "b");
    assert_int_equal(wm_path_units(wm_lit("/a/b/c/d/e/f/g/"), units, 6), 6);
    assert_text(units[5], "f");
}


static void
courses(void **state)
{
    size_t       i;
    wm_course_t  c;

    static const char *const  bad[] = {
        "", "{", "[]", "{}", "{\"title\":\"\"}", "{\"title\":1}",
        "{\"name\":\"x\"}", "\"title\"", "[{\"title\":\"x\"}]"
    };

    (void) state;

    assert_true(wm_course_load(unit_pool, wm_lit("c1"), wm_lit(
        "{\"title\":\"反诈讲座\",\"practice\":\"p1\",\"project\":\"j1\","
        "\"provider\":\"法院\",\"summary\":\"识骗\",\"audience\":\"老人\","
        "\"duration_min\":60,\"opens_at\":5,\"more\":[1]}"), &c));
    assert_text(c.id, "c1");
    assert_text(c.title, "反诈讲座");
    assert_text(c.practice, "p1");
    assert_text(c.project, "j1");
    assert_text(c.provider, "法院");
    assert_text(c.summary, "识骗");
    assert_text(c.audience, "老人");
    assert_int_equal(c.duration_min, 60);
    assert_int_equal(c.opens_at, 5);

    assert_true(wm_course_load(unit_pool, wm_lit("c1"),
                               wm_lit("{\"title\":\"x\"}"), &c));
    assert_text(c.provider, NULL);
    assert_int_equal(c.duration_min, 0);
    assert_int_equal(c.opens_at, 0);

    for (i = 0; i < wm_countof(bad); i++) {
        assert_case(!wm_course_load(unit_pool, wm_lit("c1"), wm_str(bad[i]),
                                    &c), "took %s", bad[i]);
    }

    assert_false(wm_course_load(unit_pool, wm_lit("c1"), wm_null, &c));
}


static void
units(void **state)
{
    wm_unit_t  u;

    (void) state;

    assert_true(wm_unit_load(unit_pool, wm_lit("st1"), wm_lit(
        "{\"type\":\"station\",\"parent\":\"in1\",\"name\":\"湘湖站\","
        "\"address\":\"一路\",\"path\":\"/ctr/in1/st1/\"}"), &u));
    assert_text(u.id, "st1");
    assert_text(u.type, "station");
    assert_text(u.parent, "in1");
    assert_text(u.name, "湘湖站");
    assert_text(u.address, "一路");
    assert_text(u.path, "/ctr/in1/st1/");

    assert_false(wm_unit_load(unit_pool, wm_lit("x"), wm_null, &u));
    assert_false(wm_unit_load(unit_pool, wm_lit("x"), wm_lit("[]"), &u));
    assert_false(wm_unit_load(unit_pool, wm_lit("x"),
                              wm_lit("{\"name\":\"n\"}"), &u));
    assert_false(wm_unit_load(unit_pool, wm_lit("x"),
                              wm_lit("{\"name\":\"n\",\"path\":\"//\"}"),
                              &u));
    assert_false(wm_unit_load(unit_pool, wm_lit("x"),
                              wm_lit("{\"path\":\"/x/\"}"), &u));
}


static void
filters(void **state)
{
    size_t            i;
    wm_menu_filter_t  f;

    const wm_course_t  course = {
        wm_lit("c1"), wm_lit("反诈 Safe 讲座"), wm_lit("p1"), wm_lit("j1"),
        wm_lit("区法院"), wm_lit("识别电话诈骗"), wm_lit("老年人"), 60, 0,
        wm_lit("u1"), 0
    };

    static const struct {
        const char  *practice, *project, *provider, *words;
        bool         fits;
    } cases[] = {
        { "", "", "", "", true },
        { NULL, NULL, NULL, NULL, true },
        { "p1", "j1", "区法院", "反诈", true },
        { "p2", "", "", "", false },
        { "", "j2", "", "", false },
        { "", "", "法院", "", false },
        { "", "", "", "诈骗", true },
        { "", "", "", "法院 老年", true },
        { "", "", "", "法院 儿童", false },
        { "", "", "", "  反诈   讲座 ", true },
        { "", "", "", "SAFE", true },
        { "", "", "", "safe sAfE", true },
        { "", "", "", "safer", false },
        { "", "", "", "p1", false },
        { "p1", "j1", "区法院", "反诈讲座", false }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        f = (wm_menu_filter_t) { wm_str(cases[i].practice),
                                 wm_str(cases[i].project),
                                 wm_str(cases[i].provider),
                                 wm_str(cases[i].words) };
        assert_case(wm_menu_fits(&f, &course) == cases[i].fits, "case %zu",
                    i);
    }

    f = (wm_menu_filter_t) { .words = wm_lit("x") };
    assert_false(wm_menu_fits(&f, &(wm_course_t) { 0 }));
}


/* What no course has in full: pairs of characters, and other words whole. */

static void
near(void **state)
{
    size_t            i;
    wm_menu_filter_t  f;
    wm_course_t       course = { .title = wm_lit("急救知识"),
                                 .summary = wm_lit("学会用 AED 和心肺复苏"),
                                 .practice = wm_lit("values") };

    static const struct {
        const char  *words;
        unsigned     n;
    } cases[] = {
        { "急救课堂", 1 }, { "急救知识课", 3 }, { "救", 1 }, { "课", 0 },
        { "心肺 急救", 2 }, { "用aed急救", 3 }, { "AEDs", 0 }, { "知", 1 },
        { "识知", 0 }, { "", 0 }, { "急a救", 3 }, { "\xff\xff", 0 }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        f = (wm_menu_filter_t) { .words = wm_str(cases[i].words) };
        assert_case(wm_menu_near(&f, &course) == cases[i].n, "%s: %u",
                    cases[i].words, wm_menu_near(&f, &course));
    }

    f = (wm_menu_filter_t) { .practice = wm_lit("theory"),
                             .words = wm_lit("急救课堂") };
    assert_int_equal(wm_menu_near(&f, &course), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(unit_types),
        unit_case(paths),
        unit_case(courses),
        unit_case(units),
        unit_case(filters),
        unit_case(near)
    };

    return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
