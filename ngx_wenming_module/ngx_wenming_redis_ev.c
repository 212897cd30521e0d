#include "ngx_wenming_redis_ev.h"


typedef struct {
    redisAsyncContext  *ac;
    ngx_connection_t   *connection;
    ngx_event_t         flush;          /* once at the end of a loop turn */
    unsigned            flushing:1;
} ngx_wenming_redis_ev_t;


static void
ngx_wenming_redis_ev_read(ngx_event_t *rev)
{
    ngx_connection_t        *c = rev->data;
    ngx_wenming_redis_ev_t  *ev = c->data;

    if (c->close) {
        /* an exiting worker closes what is idle */
        redisAsyncFree(ev->ac);
        return;
    }

    redisAsyncHandleRead(ev->ac);
}


/*
 * hiredis reads 16 KB a call and 0.14 asks to write as long as anything is
 * left: both want level-triggered events.
 */

static void
ngx_wenming_redis_ev_toggle(ngx_event_t *event, ngx_int_t what, ngx_uint_t on)
{
    if (on && !event->active) {
        if (ngx_add_event(event, what, NGX_LEVEL_EVENT) != NGX_OK) {
            ngx_log_error(NGX_LOG_ALERT, event->log, 0,
                          "wenming: cannot watch the connection to Redis");
        }

    } else if (!on && event->active) {
        ngx_del_event(event, what, NGX_LEVEL_EVENT);
    }
}


static void
ngx_wenming_redis_ev_add_read(void *data)
{
    ngx_wenming_redis_ev_t  *ev = data;

    ngx_wenming_redis_ev_toggle(ev->connection->read, NGX_READ_EVENT, 1);
}


static void
ngx_wenming_redis_ev_del_read(void *data)
{
    ngx_wenming_redis_ev_t  *ev = data;

    ngx_wenming_redis_ev_toggle(ev->connection->read, NGX_READ_EVENT, 0);
}


/*
 * Commands of one turn of the event loop go out in one send, so a write only
 * posts an event.  While connecting, or when the socket is full, the kernel
 * has to say when to go on.
 */

static void
ngx_wenming_redis_ev_add_write(void *data)
{
    ngx_wenming_redis_ev_t  *ev = data;

    if (ev->flushing || !(ev->ac->c.flags & REDIS_CONNECTED)) {
        ev->flushing = 0;
        ngx_wenming_redis_ev_toggle(ev->connection->write, NGX_WRITE_EVENT,
                                    1);

    } else if (!ev->connection->write->active && !ev->flush.posted) {
        ngx_post_event(&ev->flush, &ngx_posted_events);
    }
}


static void
ngx_wenming_redis_ev_del_write(void *data)
{
    ngx_wenming_redis_ev_t  *ev = data;

    ev->flushing = 0;
    ngx_wenming_redis_ev_toggle(ev->connection->write, NGX_WRITE_EVENT, 0);
}


static void
ngx_wenming_redis_ev_write(ngx_event_t *wev)
{
    ngx_connection_t        *c = wev->data;
    ngx_wenming_redis_ev_t  *ev = c->data;

    redisAsyncHandleWrite(ev->ac);
}


static void
ngx_wenming_redis_ev_flush(ngx_event_t *event)
{
    ngx_wenming_redis_ev_t  *ev = event->data;

    /* hiredis ends by asking for more writing or for none, or frees ev */

    ev->flushing = 1;
    redisAsyncHandleWrite(ev->ac);
}


static void
ngx_wenming_redis_ev_cleanup(void *data)
{
    ngx_wenming_redis_ev_t  *ev = data;

    if (ev->flush.posted) {
        ngx_delete_posted_event(&ev->flush);
    }

    ngx_close_connection(ev->connection);

    /* closed already: hiredis must not close a number that is reused */

    ev->ac->c.fd = -1;
    ev->ac->ev.data = NULL;

    ngx_free(ev);
}


ngx_int_t
ngx_wenming_redis_ev_attach(redisAsyncContext *ac, ngx_log_t *log)
{
    ngx_connection_t        *c;
    ngx_wenming_redis_ev_t  *ev;

    ev = ngx_calloc(sizeof(ngx_wenming_redis_ev_t), log);
    if (ev == NULL) {
        return NGX_ERROR;
    }

    c = ngx_get_connection(ac->c.fd, log);
    if (c == NULL) {
        ngx_free(ev);
        return NGX_ERROR;
    }

    ev->ac = ac;
    ev->connection = c;
    ev->flush.data = ev;
    ev->flush.handler = ngx_wenming_redis_ev_flush;
    ev->flush.log = log;

    c->data = ev;
    c->log = log;
    c->log_error = NGX_ERROR_INFO;
    c->read->log = log;
    c->write->log = log;
    c->read->handler = ngx_wenming_redis_ev_read;
    c->write->handler = ngx_wenming_redis_ev_write;

    ac->ev.data = ev;
    ac->ev.addRead = ngx_wenming_redis_ev_add_read;
    ac->ev.delRead = ngx_wenming_redis_ev_del_read;
    ac->ev.addWrite = ngx_wenming_redis_ev_add_write;
    ac->ev.delWrite = ngx_wenming_redis_ev_del_write;
    ac->ev.cleanup = ngx_wenming_redis_ev_cleanup;

    return NGX_OK;
}


void
ngx_wenming_redis_ev_set_idle(redisAsyncContext *ac, ngx_uint_t idle)
{
    ngx_wenming_redis_ev_t  *ev = ac->ev.data;

    if (ev != NULL) {
        ev->connection->idle = idle;
    }
}
