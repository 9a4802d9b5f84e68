/* Inspection of a picture of whichever product: the bank is found first. */
#include "serve/bank_router.h"
#include "serve/inspection.h"
#include "serve/routes.h"

#include <math.h>
#include <string.h>

enum { NEAREST = 10 }; /* banks that are told: with pictures they go into a header, which has its limit */

/* The nearest banks, the nearest first; NULL where memory is out. */
static json_t *nearest_json(const okng_routes *routes)
{
    json_t *nearest = json_array();
    for (size_t i = 0; i < okng_routes_count(routes) && i < NEAREST; i++)
        okng_json_add(&nearest, json_pack("{s:s, s:f}", "bank", okng_routes_bank(routes, i), "distance",
                                          okng_routes_distance(routes, i)));
    return nearest;
}

static json_t *route_json(const okng_routes *routes)
{
    const double margin = okng_routes_margin(routes);
    return json_pack("{s:{s:s, s:f, s:o, s:o}}", "route", "bank", okng_routes_bank(routes, 0), "distance",
                     okng_routes_distance(routes, 0), "margin", isnan(margin) ? json_null() : json_real(margin),
                     "nearest", nearest_json(routes));
}

static void refuse_stranger(okng_serve *serve, const okng_request *request, const okng_routes *routes,
                            okng_reply *reply)
{
    okng_error error;
    (void)okng_fail(
        &error, OKNG_ERROR_MISMATCH,
        "the picture is of none of the banks: the nearest is \"%s\" at a distance of %.2f, expected at most "
        "%.1f; name the bank, or teach the product",
        okng_routes_bank(routes, 0), okng_routes_distance(routes, 0), OKNG_ROUTE_LIMIT);
    okng_inspection_note_failure(serve, request, &error);
    okng_reply_problem_member(reply, "nearest", nearest_json(routes));
    okng_reply_problem(reply, 422, "no-bank-fits", "%s", error.message);
}

static void answer(okng_serve *serve, const okng_request *request, const okng_picture *picture, okng_reply *reply)
{
    okng_routes *routes;
    okng_error error;
    int32_t width, height;
    okng_status status = okng_picture_size(picture, (uint64_t)serve->options->max_pixels, &width, &height, &error);
    if (status == OKNG_OK) status = okng_bank_router_find(serve->router, picture, &routes, &error);
    if (status != OKNG_OK) {
        okng_inspection_note_failure(serve, request, &error);
        okng_reply_error(reply, &error);
        return;
    }
    if (okng_routes_fits(routes))
        okng_inspection_answer(serve, request, okng_routes_bank(routes, 0), route_json(routes), reply);
    else
        refuse_stranger(serve, request, routes, reply);
    okng_routes_free(&routes);
}

static void inspect(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *route = okng_request_query(request, "route"), *name;
    okng_picture picture = {.struct_size = sizeof picture};
    if (!route || strcmp(route, "auto") != 0) {
        okng_reply_problem(reply, 400, "wrong-parameter",
                           "route: found \"%s\", expected auto; with a bank's name it is /v1/banks/NAME/inspect",
                           route ? route : "");
        return;
    }
    if (okng_request_picture(request, &picture.data, &picture.data_size, &name, reply))
        answer(serve, request, &picture, reply);
}

static const okng_query query[] = {
    {"route", "auto", "auto: with the bank that the picture is of"}, OKNG_INSPECTION_QUERY, {0}};

static const okng_route routes[] = {
    {"POST", "/v1/inspect", OKNG_ROLE_OPERATOR, 0,
     "Inspects a picture with the bank that it is of; 422 where it is of none", query,
     "image/+ application/octet-stream multipart/form-data",
     "200:application/json:RoutedInspection 200:image/png 200:application/x-npy", 0, inspect},
};

static const okng_schema schemas[] = {
    {"RoutedInspection",
     "image_score:number image_tau:number pixel_tau:number|null verdict:OK|NG|REVIEW|NOT_FOUND p_value:number|null "
     "size:[integer] regions:[object] id:string|null unrecorded?:string route:Route"},
    {"Route", "bank:string distance:number margin:number|null nearest:[Near]"},
    {"Near", "bank:string distance:number"},
};

const okng_route_table okng_routes_route = {
    .tag = "inspection",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
