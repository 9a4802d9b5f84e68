/* Inspection with a bank that is named. */
#include "serve/inspection.h"
#include "serve/routes.h"

static void inspect(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_inspection_answer(serve, request, okng_request_capture(request, "name"), NULL, reply);
}

static const okng_route routes[] = {
    {"POST", "/v1/banks/{name}/inspect", OKNG_ROLE_OPERATOR, 0,
     "Inspects a picture: the body, or the part \"picture\" of a form", okng_inspection_query,
     "image/+ application/octet-stream multipart/form-data",
     "200:application/json:Inspection 200:image/png 200:application/x-npy", 0, inspect},
};

static const okng_schema schemas[] = {
    {"Inspection",
     "image_score:number image_tau:number pixel_tau:number|null verdict:OK|NG|REVIEW|NOT_FOUND p_value:number|null "
     "size:[integer] regions:[object] id:string|null unrecorded?:string"},
};

const okng_route_table okng_routes_inspect = {
    .tag = "inspection",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
