/* The body of a request while it comes in: as it is, or multipart/form-data taken apart into its parts. */
#ifndef OKNG_SERVE_BODY_H
#define OKNG_SERVE_BODY_H

#include <microhttpd.h>

#include "serve/request.h"
#include "serve/spool.h"

enum { OKNG_BODY_PARTS = 10000, OKNG_BODY_NAME_MAX = 1024 };

struct okng_body_piece; /* a part that comes in */

typedef struct okng_body {
    uint64_t limit, received; /* bytes */
    okng_spool whole;         /* where it is no form */
    struct MHD_PostProcessor *form;
    struct okng_body_piece *pieces;
    size_t count, room;
    okng_body_part *parts; /* once sealed */
    okng_error error;      /* of the first that went wrong; status OKNG_OK: nothing */
} okng_body;

/* `form`: the request's Content-Type is multipart/form-data. Errors: ARGUMENT where it has no boundary, MEMORY. */
okng_status okng_body_begin(okng_body *body, struct MHD_Connection *connection, bool form, uint64_t limit,
                            okng_error *error);
/* Takes the next bytes. Errors: LIMIT (bytes, parts, length of a name), FORMAT, MEMORY, IO. */
okng_status okng_body_add(okng_body *body, const char *bytes, size_t size, okng_error *error);
/* Hands all of it to the request. FORMAT where a form ends early. */
okng_status okng_body_seal(okng_body *body, okng_request *request, okng_error *error);
void okng_body_clear(okng_body *body);

#endif
