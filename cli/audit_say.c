/* How a problem of the journal is told. */

#include "audit.h"

#include <inttypes.h>
#include <stdio.h>


void
wm_audit_bad(wm_audit_t *a, const wm_entry_t *e, wm_str_t what)
{
    if (++a->problems > WM_AUDIT_MAX) {
        return;
    }

    if (e == NULL) {
        printf("BAD  %s\n", what.data != NULL ? what.data : "no memory");

    } else if (e->number > 0) {
        printf("BAD  entry %" PRIu64 " at %s: %s\n", e->number,
               wm_say_safe(a->page, e->id),
               what.data != NULL ? what.data : "no memory");

    } else {
        printf("BAD  entry at %s: %s\n", wm_say_safe(a->page, e->id),
               what.data != NULL ? what.data : "no memory");
    }
}
