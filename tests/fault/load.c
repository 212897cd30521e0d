/*
 * The load.  usage: load PLAN RECORD OPTIONS
 *
 *     --ops N         operations to do (chains are ended); 0: until TERM
 *     --clients N     at once
 *     --first N       number of the first operation
 *     --abandon N     every Nth operation is given up when its fate is unknown
 *     --leave N       in every Nth operation the client goes before the answer
 *     --patience S    seconds that an answer may take
 *     --drain S       seconds at the end for what is not answered yet
 *     --pause MS      between an answer that was no success and the next try
 *     --rate N        operations a second at most
 *     --static        one more client fetches a file all the time; counted
 *                     between the signals USR1 and USR2
 *
 * RECORD gets a line for each operation when its fate is known, and for each
 * try that was no success:
 *
 *     KIND number fate status tries ms detail      fate: a r u
 *     ! ms KIND number status took_ms              0: cut, 1: too late
 *
 * Fates: acknowledged (2xx), refused (4xx), unknown.  Standard output has
 * lines of progress, "p done ms", and at the end one with all counts.
 */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX  1024
#define BUCKETS      40000              /* of 0.05 ms, for the file */
#define LATE         1
#define CUT          0

typedef enum { RESTING, CONNECTING, SENDING, WAITING, ENDED } state_t;

typedef struct {
    int       fd;
    state_t   state;
    bool      leaves;
    work_t    work;
    int64_t   due;                      /* us: the next try, or too late */
    int64_t   began;                    /* us: this try */
    size_t    nout, sent, nin;
    char      out[OUT_MAX];
    char      in[IN_MAX + 1];
} client_t;

static struct {
    plan_t     plan;
    uint64_t   ops, first, abandon, leave, rate;
    int64_t    patience, drain, pause;
    unsigned   nclients;
    bool       file;

    int        epoll;
    FILE      *record;
    client_t  *clients;
    uint64_t   next, done, fates[3], failed, failed_by[600], files;
    unsigned   tries, live;
    int64_t    slowest, began, stop_at, grown;
    uint64_t  *times;
} load;

static volatile sig_atomic_t  told_to_stop, counting;


static int64_t
now(clockid_t clock)
{
    struct timespec  t;

    (void) clock_gettime(clock, &t);

    return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}


static int64_t
since_1970(void)
{
    return now(CLOCK_REALTIME) / 1000;
}


static void
on_signal(int signo)
{
    if (signo == SIGTERM) {
        told_to_stop = 1;

    } else {
        counting = signo == SIGUSR1;
    }
}


/* ---- a try: connect, send, wait */

static void
hang_up(client_t *c)
{
    if (c->fd >= 0) {
        (void) close(c->fd);
        c->fd = -1;
    }
}


static void
rest(client_t *c, int64_t us)
{
    c->state = RESTING;
    c->due = now(CLOCK_MONOTONIC) + us;
}


static void
watch(client_t *c, int how, uint32_t events)
{
    struct epoll_event  e = { .events = events, .data.ptr = c };

    if (epoll_ctl(load.epoll, how, c->fd, &e) != 0) {
        perror("epoll_ctl");
        exit(2);
    }
}


static bool
dial(client_t *c)
{
    int                 one = 1;
    struct sockaddr_in  to = { .sin_family = AF_INET };

    to.sin_port = htons((uint16_t) load.plan.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        perror("socket");
        exit(2);
    }

    (void) setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

    if (connect(c->fd, (struct sockaddr *) &to, sizeof(to)) != 0
        && errno != EINPROGRESS)
    {
        hang_up(c);
        return false;
    }

    c->state = CONNECTING;
    watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);

    return true;
}


static void
begin_try(client_t *c)
{
    c->nout = work_write(&load.plan, &c->work, c->out);
    c->sent = 0;
    c->nin = 0;
    c->began = now(CLOCK_MONOTONIC);
    c->due = c->began + load.patience;
    c->leaves = load.leave > 0 && c->work.tries == 0
                && c->work.kind != KIND_STATIC
                && c->work.n % load.leave == load.leave / 2;

    if (c->fd >= 0) {
        c->state = SENDING;
        watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);

    } else if (!dial(c)) {
        rest(c, load.pause);
    }
}


/* ---- the next operation */

static bool
all_begun(void)
{
    return told_to_stop || (load.ops > 0 && load.next >= load.ops);
}


static void
end_client(client_t *c)
{
    hang_up(c);

    if (c->state != ENDED) {
        c->state = ENDED;
        load.live--;
    }
}


static void
begin_work(client_t *c, int status)
{
    int64_t  early;

    if (c->work.kind == KIND_STATIC) {
        rest(c, 1000);
        return;
    }

    if (work_goes_on(&load.plan, &c->work, status)) {
        work_next(&load.plan, &c->work, status, 0);
        begin_try(c);
        return;
    }

    if (all_begun()) {
        end_client(c);
        return;
    }

    work_next(&load.plan, &c->work, 0, load.first + load.next++);

    early = load.rate == 0 ? 0
            : load.began + (int64_t) (load.next * 1000000 / load.rate)
              - now(CLOCK_MONOTONIC);

    if (early > 0) {
        rest(c, early);

    } else {
        begin_try(c);
    }
}


/* ---- how a try ended */

static void
settle(client_t *c, char fate, int status)
{
    work_t  *w = &c->work;

    (void) fprintf(load.record, "%c %" PRIu64 " %c %d %u %" PRId64 " %s\n",
                   kind_letter(w->kind), w->n, fate, status, w->tries,
                   since_1970(), w->detail);

    load.fates[fate == 'a' ? 0 : fate == 'r' ? 1 : 2]++;
    load.done++;

    if (w->tries > load.tries) {
        load.tries = w->tries;
    }
}


/* Unknown: the same once more, or for some never again. */

static void
try_failed(client_t *c, int status)
{
    int64_t   took;
    work_t   *w = &c->work;

    took = now(CLOCK_MONOTONIC) - c->began;
    w->tries++;
    load.failed++;
    load.failed_by[status]++;

    (void) fprintf(load.record, "! %" PRId64 " %c %" PRIu64 " %d %" PRId64
                   "\n", since_1970(), kind_letter(w->kind), w->n, status,
                   took / 1000);

    if (status <= LATE) {
        hang_up(c);
    }

    if (load.abandon > 0 && w->n % load.abandon == load.abandon / 3) {
        settle(c, 'u', status);
        begin_work(c, status);

    } else {
        rest(c, load.pause);
    }
}


static void
fetched(client_t *c)
{
    int64_t  at;

    at = (now(CLOCK_MONOTONIC) - c->began) / 50;
    if (counting) {
        load.times[at < BUCKETS ? at : BUCKETS - 1]++;
        load.files++;
    }

    begin_work(c, 200);
}


static void
answered(client_t *c, int status, const char *head, const char *body)
{
    int64_t  took;

    if (c->work.kind == KIND_STATIC) {
        fetched(c);
        return;
    }

    took = now(CLOCK_MONOTONIC) - c->began;
    if (took > load.slowest) {
        load.slowest = took;
    }

    work_read(&c->work, status, head, body);

    if (status >= 500 || status < 200) {
        try_failed(c, status < 600 && status > LATE ? status : 599);
        return;
    }

    c->work.tries++;
    settle(c, status < 300 ? 'a' : 'r', status);
    begin_work(c, status);
}


/* ---- bytes */

/* A whole answer, or nothing yet. */

static void
take_answer(client_t *c)
{
    char    *end, *length, *body;
    int      status;
    size_t   n;

    c->in[c->nin] = '\0';

    end = strstr(c->in, "\r\n\r\n");
    if (end == NULL) {
        return;
    }

    *end = '\0';
    body = end + 4;
    length = strcasestr(c->in, "\r\nContent-Length: ");
    n = length != NULL ? strtoul(length + 18, NULL, 10) : 0;

    if ((size_t) (c->in + c->nin - body) < n) {
        *end = '\r';
        return;
    }

    status = atoi(c->in + 9);

    if (strcasestr(c->in, "\r\nConnection: close") != NULL) {
        hang_up(c);
    }

    answered(c, status, c->in, body);
}


/* Before anything was sent, a closed connection is no try. */

static void
cut(client_t *c)
{
    bool  nothing = c->state == CONNECTING || c->sent == 0;

    hang_up(c);

    if (c->state == RESTING || c->state == ENDED) {
        return;
    }

    if (nothing) {
        rest(c, 1000);

    } else if (c->work.kind == KIND_STATIC) {
        rest(c, load.pause);

    } else {
        try_failed(c, CUT);
    }
}


static void
receive(client_t *c)
{
    ssize_t  n;

    if (c->nin >= IN_MAX) {
        (void) fprintf(stderr, "load: an answer of more than %d\n", IN_MAX);
        exit(2);
    }

    n = read(c->fd, c->in + c->nin, IN_MAX - c->nin);

    if (n > 0 && c->state >= SENDING && c->state < ENDED) {
        c->nin += (size_t) n;
        take_answer(c);

    } else if (n >= 0 || (errno != EAGAIN && errno != EINTR)) {
        cut(c);
    }
}


static void
transmit(client_t *c)
{
    ssize_t  n;

    n = send(c->fd, c->out + c->sent, c->nout - c->sent, MSG_NOSIGNAL);

    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            cut(c);
        }

        return;
    }

    c->sent += (size_t) n;

    if (c->sent < c->nout) {
        return;
    }

    if (c->leaves) {
        try_failed(c, CUT);
        return;
    }

    c->state = WAITING;
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
}


static void
happened(client_t *c, uint32_t events)
{
    int  fd = c->fd;

    if (c->fd >= 0 && c->state == CONNECTING
        && (events & (EPOLLERR | EPOLLHUP)) != 0)
    {
        hang_up(c);
        rest(c, load.pause);
        return;
    }

    if (c->fd >= 0 && (events & EPOLLOUT) != 0
        && (c->state == CONNECTING || c->state == SENDING))
    {
        c->state = SENDING;
        transmit(c);
    }

    if (c->fd == fd && c->fd >= 0
        && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
    {
        receive(c);
    }
}


/* ---- the loop */

static void
look_at_clock(client_t *c, int64_t t)
{
    if (c->state == ENDED || t < c->due) {
        return;
    }

    if (c->state == RESTING) {
        begin_try(c);

    } else if (c->work.kind == KIND_STATIC) {
        hang_up(c);
        fetched(c);

    } else {
        try_failed(c, LATE);
    }
}


static void
progress(int64_t t)
{
    if (t - load.grown >= 20000) {
        load.grown = t;
        (void) printf("p %" PRIu64 " %" PRId64 "\n", load.done, since_1970());
        (void) fflush(stdout);
    }
}


/* Time is over: what is on its way stays unknown. */

static void
give_up(void)
{
    unsigned  i;

    for (i = 0; i < load.nclients; i++) {
        if (load.clients[i].state != ENDED) {
            settle(&load.clients[i], 'u', 0);
            end_client(&load.clients[i]);
        }
    }
}


static void
run(void)
{
    int                 n, i;
    int64_t             t;
    unsigned            k;
    struct epoll_event  events[256];

    while (load.live > 0) {
        n = epoll_wait(load.epoll, events, 256, 1);

        for (i = 0; i < n; i++) {
            happened(events[i].data.ptr, events[i].events);
        }

        t = now(CLOCK_MONOTONIC);

        for (k = 0; k < load.nclients + load.file; k++) {
            look_at_clock(&load.clients[k], t);
        }

        progress(t);

        if (all_begun() && load.stop_at == 0) {
            load.stop_at = t + load.drain;
        }

        if (load.stop_at > 0 && t > load.stop_at) {
            give_up();
        }
    }
}


static double
share(double part)                      /* ms that this part of files took */
{
    int64_t   i;
    uint64_t  n = 0;

    for (i = 0; i < BUCKETS; i++) {
        n += load.times[i];

        if (load.files > 0 && (double) n >= part * (double) load.files) {
            return (double) (i + 1) * 0.05;
        }
    }

    return 0;
}


static void
report(void)
{
    int     status;
    double  seconds;

    seconds = (double) (now(CLOCK_MONOTONIC) - load.began) / 1e6;

    (void) printf("done %" PRIu64 " begun %" PRIu64 " acknowledged %" PRIu64
                  " refused %" PRIu64 " unknown %" PRIu64 " failed %" PRIu64
                  " tries %u slowest_ms %" PRId64 " seconds %.2f files %"
                  PRIu64 " p50 %.2f p99 %.2f p100 %.2f",
                  load.done, load.next, load.fates[0], load.fates[1],
                  load.fates[2], load.failed, load.tries, load.slowest / 1000,
                  seconds, load.files, share(0.5), share(0.99), share(1));

    for (status = 0; status < 600; status++) {
        if (load.failed_by[status] > 0) {
            (void) printf(" f%d %" PRIu64, status, load.failed_by[status]);
        }
    }

    (void) printf("\n");
}


static bool
options(int argc, char **argv)
{
    int  i;

    load.nclients = 64;
    load.patience = 10000000;
    load.drain = 30000000;
    load.pause = 30000;

    for (i = 3; i < argc; i++) {
        const char  *value = i + 1 < argc ? argv[i + 1] : "";
        uint64_t     number = strtoull(value, NULL, 10);

        if (strcmp(argv[i], "--static") == 0) {
            load.file = true;
            continue;
        }

        i++;

        if (strcmp(argv[i - 1], "--ops") == 0) {
            load.ops = number;
        } else if (strcmp(argv[i - 1], "--clients") == 0) {
            load.nclients = (unsigned) number;
        } else if (strcmp(argv[i - 1], "--first") == 0) {
            load.first = number;
        } else if (strcmp(argv[i - 1], "--abandon") == 0) {
            load.abandon = number;
        } else if (strcmp(argv[i - 1], "--leave") == 0) {
            load.leave = number;
        } else if (strcmp(argv[i - 1], "--rate") == 0) {
            load.rate = number;
        } else if (strcmp(argv[i - 1], "--patience") == 0) {
            load.patience = (int64_t) number * 1000000;
        } else if (strcmp(argv[i - 1], "--drain") == 0) {
            load.drain = (int64_t) number * 1000000;
        } else if (strcmp(argv[i - 1], "--pause") == 0) {
            load.pause = (int64_t) number * 1000;
        } else {
            return false;
        }
    }

    return load.nclients > 0 && load.nclients < CLIENTS_MAX;
}


int
main(int argc, char **argv)
{
    unsigned  i;

    if (argc < 3 || !options(argc, argv) || !plan_read(&load.plan, argv[1])) {
        (void) fprintf(stderr, "usage: load PLAN RECORD OPTIONS\n");
        return 2;
    }

    (void) signal(SIGTERM, on_signal);
    (void) signal(SIGUSR1, on_signal);
    (void) signal(SIGUSR2, on_signal);
    (void) signal(SIGPIPE, SIG_IGN);

    load.record = fopen(argv[2], "ae");
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.clients = calloc(load.nclients + 1, sizeof(client_t));
    load.times = calloc(BUCKETS, sizeof(uint64_t));

    if (load.record == NULL || load.epoll < 0 || load.clients == NULL
        || load.times == NULL)
    {
        perror("load");
        return 2;
    }

    load.began = now(CLOCK_MONOTONIC);
    load.live = load.nclients;

    for (i = 0; i < load.nclients; i++) {
        load.clients[i].fd = -1;
        begin_work(&load.clients[i], 0);
    }

    load.clients[i].fd = -1;
    load.clients[i].work.kind = KIND_STATIC;
    load.clients[i].state = load.file ? RESTING : ENDED;

    run();
    report();

    return fclose(load.record) == 0 ? 0 : 2;
}
