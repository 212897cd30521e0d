/*
 * Instants are UTC milliseconds; days, weeks and what people read follow the
 * district's offset from UTC (minutes east; China: 480, without summer time).
 */

#ifndef WM_TIME_H
#define WM_TIME_H

#include "wm_base.h"

#define WM_MINUTE_MS  INT64_C(60000)
#define WM_HOUR_MS    INT64_C(3600000)
#define WM_DAY_MS     INT64_C(86400000)

#define WM_TIME_MAX   INT64_C(253402300799999)  /* the end of 9999 */

#define WM_TIME_TEXT  48                /* room that every format fits */

/* Start of the local day that holds the instant. */
int64_t wm_time_day(int64_t ms, int offset);

/* Start of the Monday of that week; the year on local clocks. */
int64_t wm_time_week(int64_t ms, int offset);
int wm_time_year(int64_t ms, int offset);

/*
 * YYYY-MM-DD of 1970 to 9999; the start of that local day.  False for
 * anything else, also for the 30th of February.
 */
bool wm_time_parse_day(wm_str_t s, int offset, int64_t *ms);

/*
 * YYYY-MM-DDTHH:MM[:SS], a blank for the T allowed; local unless it ends in
 * Z or +HH:MM.  False also for what is not 1970 to 9999 on local clocks.
 */
bool wm_time_parse(wm_str_t s, int offset, int64_t *ms);

/* out holds WM_TIME_TEXT bytes. */
wm_str_t wm_time_iso(int64_t ms, int offset, char *out);    /* with offset */
wm_str_t wm_time_local(int64_t ms, int offset, char *out);  /* for inputs */
wm_str_t wm_time_date(int64_t ms, int offset, char *out);   /* YYYY-MM-DD */
wm_str_t wm_time_clock(int64_t ms, int offset, char *out);  /* HH:MM */
wm_str_t wm_time_human(int64_t ms, int offset, char *out);  /* Chinese */
wm_str_t wm_time_human_day(int64_t ms, int offset, char *out);
wm_str_t wm_time_month_day(int64_t ms, int offset, char *out);  /* 12月1日 */
wm_str_t wm_time_weekday(int64_t ms, int offset, char *out);    /* 周二 */

#endif /* WM_TIME_H */
