#include "unit.h"
#include "wm_embed.h"
#include "wm_template.h"
#include "wm_text.h"
#include "wm_zh.h"

/* Sources by name, up to a NULL. */

static const char *const *sources;


static wm_str_t
load(void *ctx, wm_str_t name)
{
    size_t  i;

    (void) ctx;

    for (i = 0; sources[i] != NULL; i += 2) {
        if (wm_is(name, sources[i])) {
            return wm_str(sources[i + 1]);
        }
    }

    return wm_null;
}


static wm_doc_t *
parsed(const char *json)
{
    wm_doc_t  *d;

    d = wm_doc_parse(unit_pool, wm_str(json));
    assert_case(d != NULL, "%s", json);

    return d;
}


/* A list within itself, again and again, has an end all the same. */

static void
endless(void **state)
{
    size_t                i;
    wm_buf_t              b;
    wm_template_t        *t;
    wm_template_error_t   error;
    static char           many[8192];

    static const char *const  files[] = {
        "short", "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}"
                 "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}x{{/l}}{{/l}}{{/l}}{{/l}}"
                 "{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}"
                 "{{/l}}",
        "long", "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{>many}}"
                "{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}",
        "many", many,
        NULL
    };

    (void) state;

    memset(many, 'x', sizeof(many) - 1);
    sources = files;

    for (i = 0; i < 4; i += 2) {
        t = wm_template_parse(unit_pool, wm_str(files[i]), load, NULL,
                              &error);
        assert_non_null(t);
        wm_buf_init(&b, unit_pool, 8);
        assert_false(wm_template_render(&b, t, parsed("{\"l\":[1,2,3]}"),
                                        false));
        assert_false(b.failed);
        assert_true(b.len <= WM_RENDER_BYTES + sizeof(many));
    }
}


static wm_str_t
rendered(const char *source, const char *json, bool ascii)
{
    wm_buf_t              b;
    wm_template_t        *t;
    wm_template_error_t   error;

    const char *const  files[] = {
        "main", source,
        "part", "[{{x}}]",
        "list", "{{#items}}{{>part}}{{/items}}",
        NULL
    };

    sources = files;
    t = wm_template_parse(unit_pool, wm_lit("main"), load, NULL, &error);
    assert_case(t != NULL, "%s: %s", source, unit_show(error.what));

    wm_buf_init(&b, unit_pool, 8);
    assert_true(wm_template_render(&b, t, parsed(json), ascii));

    return wm_buf_str(&b);
}


#define DOC  "{\"x\":\"o\",\"n\":-7,\"zero\":0,\"yes\":true,\"no\":false,"    \
             "\"nil\":null,\"empty\":\"\",\"html\":\"<b>&\\\"'\","            \
             "\"a\":{\"b\":{\"c\":\"deep\"},\"x\":\"i\"},\"none\":[],"        \
             "\"items\":[{\"x\":\"1\"},{\"x\":\"2\",\"y\":true},{}],"         \
             "\"words\":[\"p\",\"<q>\"],\"zh\":\"张𠮷\"}"


static void
tags(void **state)
{
    size_t  i;

    static const struct {
        const char  *source;
        const char  *want;
    } cases[] = {
        { "", "" },
        { "plain } } { text\n", "plain } } { text\n" },
        { "{{x}}", "o" }, { "{{ x }}{{\nx\n}}", "oo" },
        { "{{n}} {{zero}}", "-7 0" },
        { "[{{yes}}{{no}}{{nil}}{{empty}}{{items}}{{a}}{{gone}}]", "[]" },
        { "{{html}}", "&lt;b&gt;&amp;&quot;&#39;" },
        { "<b>&{{x}}</b>", "<b>&o</b>" },
        { "{{a.b.c}}", "deep" }, { "{{a.x}}{{a.y}}{{a.b.c.d}}{{gone.x}}",
                                   "i" },
        { "{{#a}}{{x}}{{b.c}}{{n}}{{/a}}", "ideep-7" },
        { "{{#a}}{{#b}}{{c}}{{x}}{{/b}}{{/a}}", "deepi" },
        { "{{#a.b}}{{c}}{{/a.b}}", "deep" },
        { "{{#items}}<{{x}}>{{/items}}", "<1><2><o>" },
        { "{{#items}}{{#y}}Y{{/y}}{{^y}}N{{/y}}{{/items}}", "NYN" },
        { "{{#words}}{{.}},{{/words}}", "p,&lt;q&gt;," },
        { "{{#none}}a{{/none}}{{^none}}b{{/none}}", "b" },
        { "{{#empty}}a{{/empty}}{{^empty}}b{{/empty}}", "b" },
        { "{{#zero}}a{{/zero}}{{^zero}}b{{/zero}}", "b" },
        { "{{#no}}a{{/no}}{{#nil}}a{{/nil}}{{#gone}}a{{/gone}}", "" },
        { "{{^no}}a{{/no}}{{^nil}}b{{/nil}}{{^gone}}c{{/gone}}", "abc" },
        { "{{#yes}}a{{x}}{{/yes}}{{#n}}b{{/n}}{{#x}}c{{.}}{{/x}}", "aobco" },
        { "{{^yes}}a{{/yes}}{{^items}}b{{/items}}{{^a}}c{{/a}}", "" },
        { "{{#items}}{{#words}}{{x}}{{.}}{{/words}}{{/items}}",
          "1p1&lt;q&gt;2p2&lt;q&gt;opo&lt;q&gt;" },
        { "{{#a}}{{#a}}{{x}}{{/a}}{{/a}}", "i" },
        { "a{{! {{x }}b{{!}}c", "abc" },
        { "{{>part}}{{> part }}", "[o][o]" },
        { "{{#a}}{{>part}}{{/a}}", "[i]" },
        { "{{>list}}", "[1][2][o]" },
        { "{{zh}}", "张𠮷" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_text(rendered(cases[i].source, DOC, false), cases[i].want);
    }

    assert_text(rendered("{{=site}}{{= site }}", "{}", false),
                wm_printf(unit_pool, "%.*s%.*s", wm_fmt(wm_zh(wm_lit("site"))),
                          wm_fmt(wm_zh(wm_lit("site")))).data);
}


static void
ascii(void **state)
{
    (void) state;

    assert_text(rendered("<i>张</i>&amp;{{zh}}{{html}}", DOC, true),
                "<i>&#24352;</i>&amp;&#24352;&#134071;"
                "&lt;b&gt;&amp;&quot;&#39;");
    assert_int_equal(rendered("{{=site}}", DOC, true).data[0], '&');
}


/* Values that would be markup or tags are text, wherever they come from. */

static void
no_injection(void **state)
{
    wm_str_t  s;

    (void) state;

    s = rendered("<p title=\"{{x}}\">{{x}}</p>",
                 "{\"x\":\"\\\"><script>{{y}}</script>\",\"y\":\"no\"}",
                 false);
    assert_text(s, "<p title=\"&quot;&gt;&lt;script&gt;{{y}}&lt;/script&gt;"
                   "\">&quot;&gt;&lt;script&gt;{{y}}&lt;/script&gt;</p>");
}


/* What is written from right to left stands alone, where elements may be. */

static void
other_way(void **state)
{
    size_t  i;

    static const struct {
        const char  *source;
        const char  *want;
    } cases[] = {
        { "<p>{{r}}, 9:00</p>", "<p><bdi>ع&amp;</bdi>, 9:00</p>" },
        { "<p>{{x}}</p>", "<p>o</p>" },
        { "<p title=\"{{r}}\" id=\"{{#yes}}{{r}}{{/yes}}\">{{r}}</p>",
          "<p title=\"ع&amp;\" id=\"ع&amp;\"><bdi>ع&amp;</bdi></p>" },
        { "<title>{{r}}</title>{{r}}",
          "<title>ع&amp;</title><bdi>ع&amp;</bdi>" },
        { "<textarea name=\"n\">{{r}}</textarea><b>{{r}}</b>",
          "<textarea name=\"n\">ع&amp;</textarea><b><bdi>ع&amp;</bdi></b>" },
        { "<option value=\"{{r}}\">{{r}}</option>{{#yes}}{{r}}{{/yes}}",
          "<option value=\"ع&amp;\">ع&amp;</option><bdi>ع&amp;</bdi>" }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_text(rendered(cases[i].source,
                             "{\"r\":\"ع&\",\"x\":\"o\",\"yes\":true}",
                             false), cases[i].want);
    }

    assert_text(rendered("{{r}}", "{\"r\":\"ع\"}", true),
                "<bdi>&#1593;</bdi>");
}


static void
errors(void **state)
{
    size_t                i;
    wm_template_error_t   error;

    static const struct {
        const char  *source;
        const char  *file;
        unsigned     line;
        const char  *what;
    } cases[] = {
        { "a\n{{x", "main", 2, "a tag is not closed \"{{\"" },
        { "a\nb {{x}\n}", "main", 2, "a tag is not closed \"{{\"" },
        { "{{}}", "main", 1, "a tag without a name \"\"" },
        { "\n\n{{# }}", "main", 3, "a tag without a name \"\"" },
        { "{{=}}", "main", 1, "a tag without a name \"\"" },
        { "{{>}}", "main", 1, "a tag without a name \"\"" },
        { "\n{{#a}}\nx\n", "main", 4, "a section is not closed: \"a\"" },
        { "{{^a}}", "main", 1, "a section is not closed: \"a\"" },
        { "{{#a}}{{#b}}{{/a}}{{/b}}", "main", 1,
          "nothing open that is called \"a\"" },
        { "x\n{{/a}}", "main", 2, "nothing open that is called \"a\"" },
        { "{{#a}}{{/ab}}", "main", 1, "nothing open that is called \"ab\"" },
        { "{{#a}}{{/}}", "main", 1, "nothing open that is called \"\"" },
        { "\n\n{{=gone}}", "main", 3, "there is no text \"gone\"" },
        { "\n{{>gone}}", "main", 2, "there is no template \"gone\"" },
        { "\n{{>bad}}", "bad", 3, "a section is not closed: \"x\"" },
        { "{{#x}}{{>close}}", "close", 1,
          "nothing open that is called \"x\"" },
        { "{{>self}}", "self", 1, "includes nested too deep at \"self\"" },
        { "{{>a}}", "a", 2, "includes nested too deep at \"b\"" }
    };

    const char  *files[] = {
        "main", NULL, "bad", "\n{{#x}}\n", "close", "{{/x}}",
        "self", "{{>self}}", "a", "\n{{>b}}", "b", "{{>a}}", NULL
    };

    (void) state;

    sources = files;

    for (i = 0; i < wm_countof(cases); i++) {
        files[1] = cases[i].source;

        assert_case(wm_template_parse(unit_pool, wm_lit("main"), load, NULL,
                                      &error) == NULL,
                    "took %s", cases[i].source);
        assert_text(error.file, cases[i].file);
        assert_case(error.line == cases[i].line, "%s: line %u",
                    cases[i].source, error.line);
        assert_text(error.what, cases[i].what);
    }

    assert_null(wm_template_parse(unit_pool, wm_lit("none"), load, NULL,
                                  &error));
    assert_text(error.file, "none");
    assert_text(error.what, "there is no template \"none\"");
}


static void
deep_sections(void **state)
{
    int                   i, n;
    wm_buf_t              b;
    wm_template_error_t   error;

    static const char  *files[] = { "main", NULL, NULL };

    (void) state;

    sources = files;

    for (n = 14; n <= 17; n++) {
        wm_buf_init(&b, unit_pool, 256);

        for (i = 0; i < n; i++) {
            wm_puts(&b, i % 2 ? "{{#a}}" : "{{^a}}");
        }

        for (i = 0; i < n; i++) {
            wm_puts(&b, "{{/a}}");
        }

        wm_putc(&b, '\0');
        files[1] = b.data;

        assert_int_equal(wm_template_parse(unit_pool, wm_lit("main"), load,
                                           NULL, &error) != NULL,
                         n <= 15);
    }
}


static wm_str_t
load_embedded(void *ctx, wm_str_t name)
{
    const wm_embedded_t  *e;

    (void) ctx;

    for (e = wm_templates; e->name.data != NULL; e++) {
        if (wm_eq(e->name, name)) {
            return e->text;
        }
    }

    return wm_null;
}


/* The pages that are installed: all tags and all texts are there. */

static void
installed(void **state)
{
    size_t                n;
    wm_buf_t              b;
    wm_template_t        *t;
    const wm_embedded_t  *e;
    wm_template_error_t   error;

    (void) state;

    for (e = wm_templates, n = 0; e->name.data != NULL; e++, n++) {
        t = wm_template_parse(unit_pool, e->name, load_embedded, NULL,
                              &error);
        assert_case(t != NULL, "templates/%s.html: line %u: %s",
                    unit_show(error.file), error.line,
                    unit_show(error.what));

        /* with nothing to show, and for fragments in ASCII alone */

        wm_buf_init(&b, unit_pool, 1024);
        assert_true(wm_template_render(&b, t, parsed("{}"), true));
        assert_false(b.failed);
        assert_int_equal(wm_utf8_count(wm_buf_str(&b)), b.len);
    }

    assert_true(n > 0);
}


static void
texts(void **state)
{
    (void) state;

    assert_int_equal(wm_text_check(wm_zh(wm_lit("site")), false), WM_TEXT_OK);
    assert_text(wm_zh(wm_lit("site ")), NULL);
    assert_text(wm_zh(wm_null), NULL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(tags),
        unit_case(ascii),
        unit_case(no_injection),
        unit_case(other_way),
        unit_case(errors),
        unit_case(deep_sections),
        unit_case(endless),
        unit_case(installed),
        unit_case(texts)
    };

    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
