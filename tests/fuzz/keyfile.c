/*
 * Key files: a file that passes makes a ring that signs and verifies; one
 * that does not, says why.
 */

#include "fuzz.h"
#include "wm_person.h"


static void
fuzz_use(wm_pool_t *pool, const wm_keyfile_t *file)
{
    char           text[WM_SEAL_TEXT_MAX + 1];
    wm_realm_t     realm = fuzz_realm;
    wm_token_t     token = { .kind = WM_KIND_SCREEN_IN, .event = 7 }, same;
    wm_person_t    person;
    wm_keyring_t  *ring;

    ring = wm_keyring_create(pool, file, realm.district);
    fuzz_check(ring != NULL);

    realm.ring = ring;

    fuzz_check(wm_token_make(&realm, &token, text).data != NULL);
    fuzz_check(wm_token_open(&realm, wm_str(text), &same) == WM_SEAL_OK);
    fuzz_check(same.event == 7 && same.key_id == wm_keyring_current(ring));

    fuzz_check(wm_person_identify(pool, &realm, wm_lit("x"),
                                  wm_lit("13800000000"), wm_null, &person));

    wm_keyring_destroy(ring);
}


void
fuzz_one(wm_pool_t *pool, fuzz_in_t *in)
{
    size_t        i;
    wm_str_t      error = wm_null;
    wm_keyfile_t  file;

    if (!wm_keyfile_parse(pool, fuzz_rest(in), &file, &error)) {
        fuzz_check(error.len > 0);
        return;
    }

    fuzz_check(file.n >= 2 && file.n <= WM_KEYS_MAX);

    for (i = 0; i < file.n; i++) {
        fuzz_check(file.keys[i].id >= 1 && file.keys[i].id <= 255);
    }

    (void) wm_keyfile_is_sample(&file);
    fuzz_use(pool, &file);
}
