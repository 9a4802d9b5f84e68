/* A request and its answer on their way: let in, taken whole, handled, answered. */
#ifndef OKNG_SERVE_EXCHANGE_H
#define OKNG_SERVE_EXCHANGE_H

#include <microhttpd.h>

#include "serve/body.h"
#include "serve/connections.h"
#include "serve/route.h"
#include "serve/serve.h"
#include "serve/workers.h"

typedef enum okng_exchange_stage {
    OKNG_EXCHANGE_BEGUN,    /* its address is known */
    OKNG_EXCHANGE_TAKING,   /* its body comes in */
    OKNG_EXCHANGE_DRAINING, /* it is refused, and the rest of its body passed over, so that its client reads why */
    OKNG_EXCHANGE_WORKING,  /* a worker has it, the connection sleeps */
    OKNG_EXCHANGE_READY     /* the reply is filled */
} okng_exchange_stage;

typedef struct okng_exchange {
    okng_work work; /* first: what workers take */
    okng_serve *serve;
    okng_workers *workers;
    okng_connection *place; /* NULL: unknown to okng_connections */
    okng_request request;
    okng_reply reply;
    okng_body body;
    okng_error uri_error; /* of the address; status OKNG_OK: fine */
    okng_exchange_stage stage;
    bool asks_head; /* for the headers alone */
    char *path;     /* as it was asked for, without the query; NULL: no memory for it */
    struct MHD_Response *response;
    uint64_t drained;
    double began;
    size_t sent; /* bytes of the answer */
} okng_exchange;

/* Begins with the address as it was sent; NULL where memory is out. */
okng_exchange *okng_exchange_begin(okng_serve *serve, okng_workers *workers, struct MHD_Connection *connection,
                                   const char *target);
/* What libmicrohttpd's handler is called for; it returns what that returns. */
enum MHD_Result okng_exchange_go_on(okng_exchange *exchange, const char *method, const char *data, size_t *size);
/* Counts it and releases it. */
void okng_exchange_end(okng_exchange *exchange, bool completed);

#endif
