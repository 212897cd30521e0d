#include "wm_unit.h"
#include "wm_crypto.h"

#define WM_UNIT_VERSION  8              /* bytes of a digest */

/* as units.csv has them; version: the one that was looked at */

const wm_field_t  wm_unit_fields[] = {
    { "head",     WM_FIELD_TEXT,   0,  0, 40 },
    { "contact",  WM_FIELD_TEXT,   0,  0, 80 },
    { "address",  WM_FIELD_TEXT,   0,  0, 120 },
    { "lat",      WM_FIELD_TEXT,   0,  0, 13 },
    { "lng",      WM_FIELD_TEXT,   0,  0, 13 },
    { "version",  WM_FIELD_TOKEN,  0,  1, 16 }
};

const size_t  wm_unit_nfields = wm_countof(wm_unit_fields);


wm_str_t
wm_unit_version(wm_pool_t *pool, wm_str_t json)
{
    char     *out;
    uint8_t   sum[WM_SHA256_LEN];

    out = wm_alloc(pool, 2 * WM_UNIT_VERSION + 1);

    if (out == NULL || !wm_sha256(json, sum)) {
        return wm_null;
    }

    wm_hex_lower(sum, WM_UNIT_VERSION, out);

    return wm_str(out);
}


static void
wm_unit_take_degrees(wm_str_t *to, wm_input_t *in, const char *name,
    uint32_t max)
{
    wm_value_t  *v = wm_input(in, name);

    wm_input_text(to, in, name);

    if (v->text.len > 0 && !wm_degrees_valid(v->text, max)) {
        wm_input_fail(in, name, WM_WRONG_TYPE);
    }
}


void
wm_unit_apply(wm_unit_t *unit, wm_input_t *in)
{
    wm_input_text(&unit->head, in, "head");
    wm_input_text(&unit->contact, in, "contact");
    wm_input_text(&unit->address, in, "address");
    wm_unit_take_degrees(&unit->lat, in, "lat", 90);
    wm_unit_take_degrees(&unit->lng, in, "lng", 180);

    /* one without the other is no place */

    if ((unit->lat.len > 0) != (unit->lng.len > 0)) {
        wm_input_fail(in, unit->lat.len > 0 ? "lng" : "lat",
                      WM_WRONG_MISSING);
    }
}


bool
wm_unit_manages(const wm_staff_t *by, const wm_unit_t *unit)
{
    return wm_role_may(by->role, WM_CAP_MANAGE)
           && wm_scope_covers(by->path, unit->path);
}


/* In its place, so that an import of the same changes nothing. */

static void
wm_unit_set(wm_doc_t *doc, const char *name, wm_str_t value)
{
    wm_doc_t  *member;

    value = value.data != NULL ? value : wm_lit("");
    member = wm_doc_get(doc, wm_str(name));

    if (member != NULL && member->type == WM_DOC_STR) {
        member->str = value;

    } else if (member == NULL) {
        wm_doc_str(doc, name, value);
    }
}


wm_verdict_t
wm_unit_change(wm_commit_t *c, const wm_staff_t *by, const wm_unit_t *unit,
    wm_str_t json)
{
    wm_buf_t   b;
    wm_doc_t  *doc;
    wm_str_t   units;

    if (!wm_unit_manages(by, unit)) {
        return WM_VERDICT_FORBIDDEN;
    }

    doc = wm_doc_parse(c->pool, json);
    if (doc == NULL) {
        return WM_VERDICT_INTERNAL;
    }

    wm_unit_set(doc, "head", unit->head);
    wm_unit_set(doc, "contact", unit->contact);
    wm_unit_set(doc, "address", unit->address);
    wm_unit_set(doc, "lat", unit->lat);
    wm_unit_set(doc, "lng", unit->lng);

    wm_buf_init(&b, c->pool, 512);
    wm_doc_write(&b, doc);

    units = wm_key(c->pool, c->district, "units");
    wm_need(c, HEQ, units, unit->id, json);
    wm_do(c, HSET, units, unit->id, wm_buf_str(&b));

    return WM_VERDICT_OK;
}
