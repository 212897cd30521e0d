/*
 * What the district offers: units, practices, projects, courses and teams.
 * Each is a JSON object in a hash (units, practices, projects, courses,
 * teams), field = id.
 */

#ifndef WM_CATALOGUE_H
#define WM_CATALOGUE_H

#include "wm_commit.h"
#include "wm_doc.h"

#define WM_UNIT_DEPTH  6

/* No unit may have this id: it stands for all in indexes. */
#define WM_UNIT_ALL    "all"

/* X(name, code, Chinese) */
#define WM_UNIT_TYPES(X)                                                     \
    X(CENTRE,     "centre",     "中心")                                      \
    X(INSTITUTE,  "institute",  "所")                                        \
    X(STATION,    "station",    "站")                                        \
    X(BASE,       "base",       "基地")

bool wm_unit_type_valid(wm_str_t code);
const char *wm_unit_type_text(wm_str_t code);

/* Units of a path "/a/b/c/", from the root; how many, at most max. */
size_t wm_path_units(wm_str_t path, wm_str_t *units, size_t max);

typedef struct {
    wm_str_t   id;
    wm_str_t   title;
    wm_str_t   practice;
    wm_str_t   project;
    wm_str_t   provider;
    wm_str_t   summary;
    wm_str_t   audience;
    int64_t    duration_min;
    int64_t    opens_at;                /* orders that are enough; 0: any */
    wm_str_t   unit;                    /* that provides it; empty: none */
    int64_t    withdrawn_ms;            /* 0: it is on the menu */
} wm_course_t;

/* False: not a course's JSON.  Strings live in pool. */
bool wm_course_load(wm_pool_t *pool, wm_str_t id, wm_str_t json,
    wm_course_t *course);

/* The same, and false for what was taken off the menu. */
bool wm_course_offered(wm_pool_t *pool, wm_str_t id, wm_str_t json,
    wm_course_t *course);

/* What a sheet has of a course, in the order in which an import writes it. */
void wm_course_write(wm_doc_t *doc, const wm_course_t *course);

typedef struct {
    wm_str_t   id;
    wm_str_t   type;
    wm_str_t   parent;
    wm_str_t   name;
    wm_str_t   head;
    wm_str_t   contact;
    wm_str_t   address;
    wm_str_t   lat;                     /* degrees as text; empty: unknown */
    wm_str_t   lng;
    wm_str_t   path;                    /* "/centre/institute/station/" */
} wm_unit_t;

/* -max to max, up to 8 decimals; as text, for our JSON has no fractions. */
bool wm_degrees_valid(wm_str_t s, uint32_t max);

bool wm_unit_load(wm_pool_t *pool, wm_str_t id, wm_str_t json,
    wm_unit_t *unit);

/* X(name, code, Chinese) */
#define WM_TEAM_KINDS(X)                                                     \
    X(SQUAD,      "squad",      "志愿服务队")                                \
    X(BRIGADE,    "brigade",    "志愿服务大队")                              \
    X(CORPS,      "corps",      "志愿服务总队")                              \
    X(PROJECT,    "project",    "项目团队")                                  \
    X(LECTURERS,  "lecturers",  "宣讲团")

bool wm_team_kind_valid(wm_str_t code);
const char *wm_team_kind_text(wm_str_t code);

typedef struct {
    wm_str_t   id;
    wm_str_t   kind;
    wm_str_t   unit;
    wm_str_t   name;
} wm_team_t;

bool wm_team_load(wm_pool_t *pool, wm_str_t id, wm_str_t json,
    wm_team_t *team);

/* Whether a course fits a reader's filter; empty parts fit everything. */
typedef struct {
    wm_str_t   practice;
    wm_str_t   project;
    wm_str_t   provider;
    wm_str_t   words;                   /* each must be found somewhere */
} wm_menu_filter_t;

bool wm_menu_fits(const wm_menu_filter_t *filter, const wm_course_t *course);

/*
 * For words that no course has: how many parts of them this one has.  A part
 * is two Chinese characters, a single one, or a word of other letters.
 */
unsigned wm_menu_near(const wm_menu_filter_t *filter,
    const wm_course_t *course);

#endif /* WM_CATALOGUE_H */
