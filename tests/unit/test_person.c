#include "unit.h"
#include "wm_person.h"

#define OTHER_DATA                                                           \
    "sign 1 hmac-sha256 active x "                                           \
    "5f1d7a84db00d2fce00b31a7fc73224f67e15b9c3d7e9f1a42c8b06d95e3a17c\n"     \
    "data 1 aes-256-gcm active x "                                           \
    "91c3e7f05a2b8d46713f0ce9a8b5d2647e1f93806dbac4f5283e7109d6c5ab40\n"


static const char *
id_of(const char *name, const char *phone, const char *place)
{
    wm_person_t  p;

    assert_true(wm_person_identify(unit_pool, unit_realm, wm_str(name),
                                   wm_str(phone), wm_str(place), &p));
    assert_true(wm_id_valid(wm_str(p.id)));
    assert_text(p.name, name);
    assert_text(p.phone, phone);
    assert_false(p.known);

    return wm_dup(unit_pool, wm_str(p.id)).data;
}


static void
identity(void **state)
{
    size_t       i;
    const char  *id;

    static const char *const  same[] = {
        "张三", " 张三 ", "张 三", "张　三"
    };
    static const char *const  uighur[] = {
        "阿依古丽·买买提", "阿依古丽•买买提", "阿依古丽 ・ 买买提"
    };

    (void) state;

    id = id_of("张三", "13800001234", "");

    for (i = 0; i < wm_countof(same); i++) {
        assert_string_equal(id_of(same[i], "13800001234", "st1"), id);
    }

    /* a family shares a phone, and names are shared too */

    assert_string_not_equal(id_of("张三丰", "13800001234", ""), id);
    assert_string_not_equal(id_of("张三", "13800001235", ""), id);

    id = id_of(uighur[0], "13800001234", "");

    for (i = 1; i < wm_countof(uighur); i++) {
        assert_string_equal(id_of(uighur[i], "13800001234", ""), id);
    }

    assert_string_equal(id_of("ＡＮＮＡ Li", "13800001234", ""),
                        id_of("anna li", "13800001234", ""));
}


/* Without a phone it is the place that tells people of one name apart. */

static void
without_a_phone(void **state)
{
    (void) state;

    assert_string_equal(id_of("张三", "", "st1"), id_of("张 三", "", "st1"));
    assert_string_not_equal(id_of("张三", "", "st1"),
                            id_of("张三", "", "st2"));

    /* a place that looks like a phone is none */

    assert_string_not_equal(id_of("张三", "", "13800001234"),
                            id_of("张三", "13800001234", ""));
}


static void
other_districts(void **state)
{
    wm_person_t  a, b;
    wm_realm_t   other = *unit_realm;

    (void) state;

    other.ring = unit_ring(OTHER_DATA, "furong");

    assert_true(wm_person_identify(unit_pool, unit_realm, wm_lit("张三"),
                                   wm_lit("13800001234"), wm_null, &a));
    assert_true(wm_person_identify(unit_pool, &other, wm_lit("张三"),
                                   wm_lit("13800001234"), wm_null, &b));
    assert_string_not_equal(a.id, b.id);

    assert_false(wm_person_identify(unit_pool, unit_realm, wm_lit("\xff"),
                                    wm_lit("13800001234"), wm_null, &a));
}


/* The record that a commit would make of a person. */

static wm_reply_t *
kept(wm_person_t *p, const wm_realm_t *realm)
{
    size_t        i, j;
    wm_reply_t   *hash;
    wm_commit_t  *c;

    assert_true(wm_person_identify(unit_pool, realm, wm_lit("张三"),
                                   wm_lit("13800001234"), wm_null, p));

    c = unit_commit(WM_OP_CHECK_IN);
    wm_person_create(c, realm, p);
    assert_false(c->failed);
    assert_int_equal(c->nneeds, 1);
    assert_int_equal(c->neffects, 1);
    assert_int_equal(c->nprivate, 1);

    hash = unit_hash(NULL);

    for (i = 0; i < c->effects[0].n; i += 2) {
        unit_hash_add(hash, c->effects[0].args[i].data,
                      c->effects[0].args[i + 1]);
    }

    for (j = 0; j < c->private[0].n; j += 2) {
        unit_hash_add(hash, c->private[0].args[j].data,
                      c->private[0].args[j + 1]);
    }

    return hash;
}


static void
made_and_read(void **state)
{
    wm_str_t      note;
    wm_reply_t   *hash;
    wm_commit_t  *c;
    wm_person_t   made, read;

    (void) state;

    hash = kept(&made, unit_realm);

    c = unit_commit(WM_OP_CHECK_IN);
    wm_person_create(c, unit_realm, &made);
    assert_string_equal(unit_commit_text(c), wm_printf(unit_pool,
        "? absent wm:{furong}:person:%s\n"
        "! HSET wm:{furong}:person:%s name <34> phone <39> made "
        "1795395607123\n"
        "* HSET wm:{furong}:person:%s key <60>\n", made.id, made.id,
        made.id).data);

    hash = kept(&made, unit_realm);
    unit_hash_add(hash, "epoch", wm_lit("3"));

    memset(&read, 0, sizeof(read));
    memcpy(read.id, made.id, sizeof(made.id));
    assert_true(wm_person_load(unit_pool, unit_realm, hash, &read));
    assert_true(read.known);
    assert_int_equal(read.epoch, 3);
    assert_int_equal(read.made_ms, UNIT_NOW);
    assert_text(read.name, "张三");
    assert_text(read.phone, "13800001234");
    assert_memory_equal(read.key, made.key, WM_KEY_LEN);

    note = wm_person_seal(unit_pool, &made, wm_lit("要大字课件"));
    assert_text(wm_person_open(unit_pool, &read, note), "要大字课件");

    read.id[0] = read.id[0] == '0' ? '1' : '0';
    assert_text(wm_person_open(unit_pool, &read, note), NULL);
}


#define SM_DATA                                                              \
    "sign 1 hmac-sm3 active x "                                              \
    "5f1d7a84db00d2fce00b31a7fc73224f67e15b9c3d7e9f1a42c8b06d95e3a17c\n"     \
    "data 1 sm4-ctr-hmac-sm3 active x "                                      \
    "c2a94e6b1d8f03725be46fa90c7d31e892b5407f6ad1c8e35f0b9a2746d8e1f3\n"


/* With SM4, and small enough for Redis to keep the record as one block. */

static void
with_sm4(void **state)
{
    size_t        i;
    wm_str_t      note;
    wm_realm_t    sm = *unit_realm;
    wm_reply_t   *hash;
    wm_person_t   made, read, aes;

    (void) state;

    sm.ring = unit_ring(SM_DATA, "furong");
    hash = kept(&made, &sm);

    for (i = 0; i < hash->n; i += 2) {
        assert_true(hash->items[i + 1].str.len <= 64);
    }

    memset(&read, 0, sizeof(read));
    memcpy(read.id, made.id, sizeof(made.id));
    assert_true(wm_person_load(unit_pool, &sm, hash, &read));
    assert_text(read.name, "张三");
    assert_text(read.phone, "13800001234");
    assert_memory_equal(read.key, made.key, WM_KEY_LEN);

    note = wm_person_seal(unit_pool, &made, wm_lit("要大字课件"));
    assert_text(wm_person_open(unit_pool, &read, note), "要大字课件");

    /* the same secret with AES: other ids, and nothing opens */

    (void) kept(&aes, unit_realm);
    assert_string_not_equal(aes.id, made.id);
    assert_false(wm_person_load(unit_pool, unit_realm, hash, &read));
}


static void
nobody(void **state)
{
    wm_reply_t   nil = { 0 }, *empty;
    wm_person_t  p = { .id = "0000000000000000", .known = true };

    (void) state;

    empty = unit_hash(NULL);
    assert_true(wm_person_load(unit_pool, unit_realm, empty, &p));
    assert_false(p.known);

    p.known = true;
    assert_true(wm_person_load(unit_pool, unit_realm, &nil, &p));
    assert_false(p.known);
}


/* Any field damaged, missing, exchanged or of another ring. */

static void
damaged(void **state)
{
    char         *bytes;
    size_t        i, field;
    wm_str_t      s;
    wm_realm_t    other = *unit_realm;
    wm_reply_t   *hash;
    wm_person_t   made, read;

    (void) state;

    hash = kept(&made, unit_realm);
    read = made;

    for (field = 0; field < hash->n; field += 2) {
        if (wm_is(hash->items[field].str, "made")
            || wm_is(hash->items[field].str, "epoch"))
        {
            continue;
        }

        s = hash->items[field + 1].str;

        for (i = 0; i < s.len; i++) {
            bytes = (char *) wm_dup(unit_pool, s).data;
            bytes[i] = (char) (bytes[i] ^ 0x40);
            hash->items[field + 1].str.data = bytes;
            assert_false(wm_person_load(unit_pool, unit_realm, hash, &read));
        }

        hash->items[field + 1].str = (wm_str_t) { s.len - 1, s.data };
        assert_false(wm_person_load(unit_pool, unit_realm, hash, &read));
        hash->items[field + 1].type = WM_REPLY_NIL;
        assert_false(wm_person_load(unit_pool, unit_realm, hash, &read));

        hash->items[field + 1].type = WM_REPLY_STR;
        hash->items[field + 1].str = s;
        assert_true(wm_person_load(unit_pool, unit_realm, hash, &read));
    }

    other.ring = unit_ring(OTHER_DATA, "furong");
    assert_false(wm_person_load(unit_pool, &other, hash, &read));

    /* the record under somebody else's id */

    read.id[15] = read.id[15] == '0' ? '1' : '0';
    assert_false(wm_person_load(unit_pool, unit_realm, hash, &read));
}


/* What the site's login says, as headers bring it. */

static void
visitors(void **state)
{
    size_t          i;
    char            longest[151];
    wm_person_t     p;
    wm_visitor_t    v;
    unit_meagre_t   m;

    static const struct {
        const char  *name;
        const char  *phone;
    } nobody[] = {
        { "", "13800001234" }, { " ", "13800001234" }, { "张三", "" },
        { "张三", "1380000123" }, { "张三", "%31380000123" },
        { "%FF", "13800001234" }, { "%E5%BC", "13800001234" },
        { "a%00b", "13800001234" }, { "a%0Ab", "13800001234" },
        { "%E2%80%AE", "13800001234" }
    };

    (void) state;

    assert_true(wm_visitor_take(unit_pool, unit_realm, wm_lit("张三"),
                                wm_lit("138 0000 1234"), &v));
    assert_text(v.name, "张三");
    assert_text(v.phone, "13800001234");

    /* whoever types the same is the same person */

    assert_true(wm_person_identify(unit_pool, unit_realm, wm_lit("张 三"),
                                   wm_lit("13800001234"), wm_null, &p));
    assert_string_equal(v.id, p.id);

    assert_true(wm_visitor_take(unit_pool, unit_realm,
                                wm_lit("%E5%bc%A0%e4%b8%89"),
                                wm_lit("%2B8613800001234"), &v));
    assert_text(v.name, "张三");
    assert_string_equal(v.id, p.id);

    assert_true(wm_visitor_take(unit_pool, unit_realm, wm_lit("100%"),
                                wm_lit("13800001234"), &v));
    assert_text(v.name, "100%");
    assert_true(wm_visitor_take(unit_pool, unit_realm, wm_lit("%zz%2"),
                                wm_lit("13800001234"), &v));
    assert_text(v.name, "%zz%2");

    for (i = 0; i < 50; i++) {
        memcpy(longest + 3 * i, "张", 3);
    }

    longest[150] = '\0';
    assert_true(wm_visitor_take(unit_pool, unit_realm, wm_str(longest),
                                wm_lit("13800001234"), &v));
    assert_false(wm_visitor_take(unit_pool, unit_realm,
                                 wm_printf(unit_pool, "%s三", longest),
                                 wm_lit("13800001234"), &v));
    assert_int_equal(v.id[0], '\0');

    for (i = 0; i < wm_countof(nobody); i++) {
        assert_case(!wm_visitor_take(unit_pool, unit_realm,
                                     wm_str(nobody[i].name),
                                     wm_str(nobody[i].phone), &v)
                    && v.id[0] == '\0', "took %s", nobody[i].name);
    }

    for (i = 0; i < 4; i++) {
        assert_case(!wm_visitor_take(unit_meagre(&m, i), unit_realm,
                                     wm_lit("张三"), wm_lit("13800001234"),
                                     &v) && v.id[0] == '\0',
                    "with memory for %zu", i);
    }
}


static void
looked_for(void **state)
{
    size_t       i;
    wm_person_t  p = { .name = wm_lit("欧阳示例"),
                       .phone = wm_lit("13900010002") };

    static const struct {
        const char  *typed;
        bool         found;
    } cases[] = {
        { "欧阳", true }, { "示例", true }, { "欧阳示例", true },
        { "阳示", true }, { "0002", true }, { "10002", true },
        { "13900010002", true }, { "113900010002", false },
        { "002", false }, { "0001", false }, { "1390", false },
        { "欧阳示例甲", false }, { "张", false }, { "", false }
    };

    (void) state;

    for (i = 0; i < wm_countof(cases); i++) {
        assert_case(wm_person_matches(&p, wm_str(cases[i].typed))
                    == cases[i].found, "%s", cases[i].typed);
    }

    p.phone = wm_null;
    p.name = wm_null;
    assert_false(wm_person_matches(&p, wm_lit("0002")));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        unit_case(identity),
        unit_case(without_a_phone),
        unit_case(other_districts),
        unit_case(made_and_read),
        unit_case(with_sm4),
        unit_case(nobody),
        unit_case(damaged),
        unit_case(visitors),
        unit_case(looked_for)
    };

    return cmocka_run_group_tests_name("person", tests, NULL, NULL);
}
