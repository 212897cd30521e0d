/*
 * Many people at once: clients that keep their connection, each with one
 * operation after the other, repeated with the same key until it is answered.
 */

#ifndef FAULT_LOAD_H
#define FAULT_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OUT_MAX     4096
#define IN_MAX      65536
#define COOKIE_MAX  256
#define WORD_MAX    128
#define PLACES_MAX  4096

/*
 * X(name, letter in the record, what it is)
 * Behind the letter stands the number of the operation that began the chain:
 * it is the person, the order, the event.
 */
#define KINDS(X)                                                             \
    X(CHECKIN,  'I', "checkin")         /* by somebody else's device */      \
    X(NEW,      'N', "life")            /* by one's own; it goes on: */      \
    X(LEAVE,    'O', "leave")                                                \
    X(RATE,     'R', "rate")                                                 \
    X(ORDER,    'D', "order")                                                \
    X(OTHER,    'Y', "other")           /* the order's key, another body */  \
    X(ENROL,    'E', "enrol")                                                \
    X(CREATE,   'C', "event")           /* it goes on: */                    \
    X(PUBLISH,  'P', "publish")                                              \
    X(FORGED,   'X', "forged")          /* a ticket that was made up */      \
    X(STATIC,   'S', "static")          /* a file; not recorded */

typedef enum {
#define X(name, letter, text)  KIND_##name,
    KINDS(X)
#undef X
    KIND_MAX
} kind_t;

/* A device with its tickets, or an event to enrol at. */

typedef struct {
    char       event[WORD_MAX];
    char       cookie[COOKIE_MAX];
    char       in[WORD_MAX];
    char       out[WORD_MAX];
} place_t;

typedef struct {
    char       host[WORD_MAX];          /* 127.0.0.1:8080 */
    int        port;
    char       base[WORD_MAX];
    char       tag[WORD_MAX];           /* of the idempotency keys */
    char       staff[COOKIE_MAX * 2];
    char       day[WORD_MAX];
    char       start[WORD_MAX];
    char       end[WORD_MAX];
    char       file[WORD_MAX];
    place_t   *places;
    unsigned   nplaces;
    place_t   *enrol;
    unsigned   nenrol;
    unsigned   weight[KIND_MAX];
    unsigned   total;
} plan_t;

/* One operation of a client, and what the chain has so far. */

typedef struct {
    kind_t     kind;
    uint64_t   n;
    unsigned   tries;
    bool       chained;
    char       cookie[COOKIE_MAX];      /* as the last answer set it */
    char       id[WORD_MAX];            /* of the order or event */
    char       detail[WORD_MAX];        /* what was acknowledged */
} work_t;

bool plan_read(plan_t *plan, const char *path);

char kind_letter(kind_t kind);

/* The next operation after one that ended with this status (0: none yet). */
void work_next(const plan_t *plan, work_t *w, int status, uint64_t n);

/* True while the chain goes on: no new number is needed. */
bool work_goes_on(const plan_t *plan, const work_t *w, int status);

/* The bytes of the request; their number. */
size_t work_write(const plan_t *plan, const work_t *w, char *out);

/* Takes from an answer, a string, what the chain and the record need. */
void work_read(work_t *w, int status, const char *head, const char *body);

#endif
