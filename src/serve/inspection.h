/* A picture of a request, inspected with a bank, noted in the history, answered. */
#ifndef OKNG_SERVE_INSPECTION_H
#define OKNG_SERVE_INSPECTION_H

#include "serve/route.h"
#include "serve/serve.h"

/* The query parameters that okng_inspection_answer reads: what the answer is, whether the history keeps it, options of
 * okng infer; ends with a NULL name. */
extern const okng_query okng_inspection_query[];

/* Inspects the picture of the request with bank `name` and answers as POST /v1/banks/{name}/inspect does. `more`
 * (taken, may be NULL): members that the JSON has besides. */
void okng_inspection_answer(okng_serve *serve, const okng_request *request, const char *name, json_t *more,
                            okng_reply *reply);

#endif
