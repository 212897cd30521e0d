/*
 * Where rows go: standard output, or a file that is there whole or not at
 * all.
 */

#ifndef WM_OUTPUT_H
#define WM_OUTPUT_H

#include "cli.h"

#include <stdio.h>

typedef struct {
    FILE        *file;
    wm_str_t     path;                  /* wm_null: standard output */
    wm_str_t     temp;
    bool         terminal;              /* of stderr: progress is shown */
    bool         told;                  /* some was */
    uint64_t     rows;
} wm_output_t;

/* path: wm_null or "-" for standard output.  False: said why. */
bool wm_output_open(wm_cli_t *cli, wm_str_t path, wm_output_t *out);

/*
 * One row, or some; counts and shows progress.  False: cannot write, or was
 * interrupted.
 */
bool wm_output_put(wm_output_t *out, wm_str_t text, uint64_t rows);

/*
 * ok: the file takes its name, on disk; else nothing is left of it.  False
 * when it is not, and said why.
 */
bool wm_output_close(wm_cli_t *cli, wm_output_t *out, bool ok);

/*
 * From wm_output_open() on INT, TERM and HUP take the file away at once, and
 * let the row at hand be the last; a second one ends the program.  0: none
 * has come.
 */
int wm_output_signal(void);

/* Ends the program by the signal that has come, if one has. */
void wm_output_obey(void);

#endif /* WM_OUTPUT_H */
