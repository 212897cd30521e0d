/* What a unit says of itself: head, contact, address, where it stands. */

#ifndef WM_UNITS_H
#define WM_UNITS_H

#include "wm_field.h"
#include "wm_staff.h"

extern const wm_field_t  wm_unit_fields[];
extern const size_t      wm_unit_nfields;

/* Of a record as it was read; changes with it.  wm_null: no memory. */
wm_str_t wm_unit_version(wm_pool_t *pool, wm_str_t json);

/* Takes what was given; what is wrong is marked in the input. */
void wm_unit_apply(wm_unit_t *unit, wm_input_t *in);

/* By who manages the unit or one above; json: the record as it is. */
bool wm_unit_manages(const wm_staff_t *by, const wm_unit_t *unit);
wm_verdict_t wm_unit_change(wm_commit_t *c, const wm_staff_t *by,
    const wm_unit_t *unit, wm_str_t json);

#endif /* WM_UNITS_H */
