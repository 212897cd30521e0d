/* wenming person export: all that is kept of somebody, as one document. */

#include "person.h"

#include <stdio.h>


static int
wm_person_export(wm_desk_t *d)
{
    wm_buf_t           b;
    wm_str_t           text;
    const wm_reply_t  *record;

    record = wm_person_record(d, d->cli->pool);

    if (!wm_person_opened(d, record)) {
        return WM_CLI_PROBLEM;
    }

    d->doc = wm_doc_new(d->cli->pool);
    wm_doc_bool(d->doc, "verified",
                wm_reply_field_int(record, "verified") > 0);
    wm_dossier_begin(d->doc, &d->person, record, d->offset);

    if (d->doc == NULL || !wm_person_all(d)) {
        return WM_CLI_PROBLEM;
    }

    wm_buf_init(&b, d->cli->pool, 4096);
    wm_doc_write(&b, d->doc);
    wm_putc(&b, '\n');
    text = wm_buf_str(&b);

    if (text.data == NULL) {
        wm_say_error("no memory");
        return WM_CLI_PROBLEM;
    }

    fwrite(text.data, 1, text.len, stdout);

    return WM_CLI_OK;
}


int
wm_cli_person_export(wm_cli_t *cli)
{
    return wm_person_run(cli, wm_person_export);
}
