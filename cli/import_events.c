/*
 * Events of events.csv become events like any other, published at once.  A
 * row is imported once: the hash imports remembers which event it became,
 * and whatever has been done to that event since stays as it is.
 */

#include "import.h"
#include "wm_event.h"
#include "wm_time.h"

#include <inttypes.h>


static wm_str_t
wm_import_cell(const wm_sheet_t *sheet, const wm_row_t *row, const char *name)
{
    return row->cells[wm_sheet_column(sheet, name)];
}


static int64_t
wm_import_num(const wm_sheet_t *sheet, const wm_row_t *row, const char *name)
{
    return row->nums[wm_sheet_column(sheet, name)];
}


static bool
wm_import_number(wm_import_t *im, wm_event_t *event)
{
    wm_str_t           key;
    const wm_reply_t  *reply;

    key = wm_key(im->pool, im->district, "event_number");

    reply = wm_redis_ask(im->redis, im->pool, WM_REPLY_INT,
                         wm_argv(wm_lit("INCR"), key));
    if (reply == NULL) {
        return false;
    }

    event->id = wm_printf(im->pool, "%" PRId64, reply->num);

    if (event->id.data == NULL || !wm_event_number(event->id, &event->number))
    {
        wm_say_error("%s does not count events", key.data);
        return false;
    }

    return true;
}


static bool
wm_import_event_fill(wm_import_t *im, const wm_sheet_t *s,
    const wm_row_t *row, wm_event_t *event)
{
    wm_unit_t  unit;

    memset(event, 0, sizeof(wm_event_t));

    event->state = WM_EVENT_DRAFT;
    event->title = wm_import_cell(s, row, "title");
    event->course = wm_import_cell(s, row, "course");
    event->unit = wm_import_cell(s, row, "unit");
    event->place = wm_import_cell(s, row, "place");
    event->audience = wm_import_cell(s, row, "audience");
    event->content = wm_import_cell(s, row, "content");
    event->start_ms = wm_import_num(s, row, "start");
    event->end_ms = event->start_ms
                    + wm_import_num(s, row, "minutes") * WM_MINUTE_MS;
    event->capacity = wm_import_num(s, row, "capacity");
    event->orders_text = wm_lit("");

    if (!wm_refs_unit(im, event->unit, &unit)) {
        wm_say_error("the record of unit %s in Redis is damaged",
                     wm_say_safe(im->pool, event->unit));
        return false;
    }

    event->unit_name = unit.name;
    event->path = unit.path;

    return true;
}


/*
 * Creates and publishes in one commit.  An event that is not there yet has
 * no version, which is what publishing then expects.
 */

static wm_commit_t *
wm_import_event_commit(wm_import_t *im, wm_event_t *event, wm_str_t mark)
{
    bool          nothing;
    wm_str_t      imports;
    wm_commit_t  *c;

    c = wm_commit_new(im->pool, im->district, WM_OP_IMPORT, im->actor,
                      im->now_ms);
    if (c == NULL) {
        return NULL;
    }

    imports = wm_key(im->pool, im->district, "imports");
    wm_need(c, HABSENT, imports, mark);

    wm_event_create(c, event);

    event->version = wm_lit("");

    if (wm_event_publish(c, event, NULL, wm_null, &nothing) != WM_VERDICT_OK) {
        return NULL;
    }

    wm_do(c, HSET, imports, mark, event->id);

    return c;
}


static int
wm_import_event(wm_import_t *im, wm_sheet_t *sheet, const wm_row_t *row,
    wm_str_t mark)
{
    wm_event_t           event;
    wm_commit_t         *c;
    wm_commit_result_t   result;

    if (!wm_import_event_fill(im, sheet, row, &event)
        || !wm_import_number(im, &event))
    {
        return WM_CLI_PROBLEM;
    }

    c = wm_import_event_commit(im, &event, mark);

    if (c == NULL) {
        wm_say_error("no memory");
        return WM_CLI_PROBLEM;
    }

    if (!wm_redis_commit(im->redis, c, &result)) {
        return WM_CLI_PROBLEM;
    }

    if (result.status != WM_COMMIT_UNMET) {
        sheet->added++;
        return WM_CLI_OK;
    }

    if (result.index == 1) {
        return WM_IMPORT_LOST;
    }

    wm_say_error("event %s is there already: wm:{%s}:event_number counts from "
                 "too low a number", event.id.data, im->district.data);

    return WM_CLI_PROBLEM;
}


int
wm_import_events(wm_import_t *im, wm_sheet_t *sheet)
{
    int       rc;
    size_t    i;
    wm_str_t  mark;

    for (i = 0; i < sheet->nrows; i++) {
        mark = wm_printf(im->pool, "event:%.*s", wm_fmt(sheet->rows[i].id));

        if (mark.data == NULL) {
            wm_say_error("no memory");
            return WM_CLI_PROBLEM;
        }

        if (wm_index_find(&sheet->stored, mark) != NULL) {
            continue;
        }

        rc = wm_import_event(im, sheet, &sheet->rows[i], mark);
        if (rc != WM_CLI_OK) {
            return rc;
        }
    }

    return WM_CLI_OK;
}
