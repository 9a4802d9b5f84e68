/* /openapi.json: what the rows of the routes say, as OpenAPI 3.1. */
#ifndef OKNG_SERVE_OPENAPI_H
#define OKNG_SERVE_OPENAPI_H

#include "serve/route.h"

/* Of tables that end with NULL. NULL where memory is out. */
json_t *okng_openapi(const okng_route_table *const *tables);
/* The JSON Schema of members in the notation of okng_schema, and of one type of it; NULL where memory is out. */
json_t *okng_schema_json(const char *members);
json_t *okng_schema_type(const char *type, size_t size);

#endif
