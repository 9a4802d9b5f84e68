/* Where regions that are drawn on one picture of an upload lie in the others: what a build would find. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "okng/experimental.h"
#include "serve/routes.h"
#include "serve/serve.h"
#include "serve/uploads.h"

enum { MOST_REGIONS = 16, SMALL_BODY = 1 << 20 };

typedef struct search {
    okng_serve *serve;
    const char *upload;
    json_t *asked;
    okng_roi rois[MOST_REGIONS];
    const okng_roi *list[MOST_REGIONS];
    size_t count;
    okng_find_options options;
    okng_finder *finder;
    json_t *found, *missing;
} search;

static okng_status take_side(const json_t *region, const char *key, int32_t *out, okng_error *error)
{
    double number;
    OKNG_TRY(okng_json_number(region, "regions", key, -1e6, 1e6, &number, error));
    *out = (int32_t)lround(number);
    return OKNG_OK;
}

static okng_status take_regions(search *s, okng_error *error)
{
    const json_t *regions = json_object_get(s->asked, "regions");
    s->count = json_array_size(regions);
    if (s->count < 1 || s->count > MOST_REGIONS)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "regions: found %zu, expected an array of 1 to %d", s->count,
                         MOST_REGIONS);
    for (size_t i = 0; i < s->count; i++) {
        const json_t *region = json_array_get(regions, i);
        okng_roi *roi = &s->rois[i];
        okng_init(roi);
        s->list[i] = roi;
        OKNG_TRY(okng_json_string(region, "regions", "name", &roi->name, error));
        OKNG_TRY(take_side(region, "x", &roi->x, error));
        OKNG_TRY(take_side(region, "y", &roi->y, error));
        OKNG_TRY(take_side(region, "width", &roi->width, error));
        OKNG_TRY(take_side(region, "height", &roi->height, error));
    }
    return OKNG_OK;
}

/* Picture n of the upload, by its path, which is malloc'd. */
static okng_status picture_of(const search *s, json_int_t n, okng_picture *picture, char **path, okng_error *error)
{
    OKNG_TRY(okng_uploads_picture(s->serve->uploads, s->upload, n, path, error));
    okng_init(picture);
    picture->path = *path;
    return OKNG_OK;
}

static okng_status open_finder(search *s, okng_error *error)
{
    char *path = NULL;
    okng_picture picture;
    int64_t drawn_on = 0;
    okng_init(&s->options);
    s->options.max_pixels = (uint64_t)s->serve->options->max_pixels;
    if (json_object_get(s->asked, "picture"))
        OKNG_TRY(okng_json_integer(s->asked, "the body", "picture", 0, OKNG_UPLOAD_PICTURES, &drawn_on, error));
    if (json_object_get(s->asked, "threshold"))
        OKNG_TRY(okng_json_number(s->asked, "the body", "threshold", 0, 1, &s->options.threshold, error));
    okng_status status = picture_of(s, drawn_on, &picture, &path, error);
    if (status == OKNG_OK) status = okng_finder_open(&s->finder, &picture, s->list, s->count, &s->options, error);
    free(path);
    return status;
}

static json_t *found_json(json_int_t n, const okng_found_roi *roi)
{
    json_t *one = json_object();
    okng_json_put(&one, "picture", json_integer(n));
    okng_json_put(&one, "region", json_string(roi->name));
    okng_json_put(&one, "score", okng_json_known(roi->match));
    okng_json_put(&one, "x", okng_json_known(roi->x));
    okng_json_put(&one, "y", okng_json_known(roi->y));
    okng_json_put(&one, "width", okng_json_known(roi->width));
    okng_json_put(&one, "height", okng_json_known(roi->height));
    okng_json_put(&one, "angle", okng_json_known(roi->angle));
    return one;
}

/* A picture without one of its regions is missing: a build leaves it out. */
static okng_status note_finds(search *s, json_int_t n, const okng_finds *finds, okng_error *error)
{
    bool all = true;
    for (size_t i = 0; i < okng_finds_count(finds); i++) {
        okng_found_roi roi;
        okng_init(&roi);
        OKNG_TRY(okng_finds_get(finds, i, &roi, error));
        all = all && roi.found;
        if (roi.found) okng_json_add(&s->found, found_json(n, &roi));
    }
    if (!all) okng_json_add(&s->missing, json_integer(n));
    return OKNG_OK;
}

static okng_status find_in(search *s, json_int_t n, okng_error *error)
{
    char *path = NULL;
    okng_picture picture;
    okng_finds *finds = NULL;
    okng_status status = picture_of(s, n, &picture, &path, error);
    if (status == OKNG_OK) status = okng_finder_find(&finds, s->finder, &picture, error);
    if (status == OKNG_OK) status = note_finds(s, n, finds, error);
    okng_finds_free(&finds);
    free(path);
    return status;
}

/* Those that "pictures" lists, else all; until the answer is no use any more. */
static okng_status find_in_all(search *s, double deadline, okng_error *error)
{
    json_t *upload = NULL, *listed = json_object_get(s->asked, "pictures");
    OKNG_TRY(okng_uploads_json(s->serve->uploads, s->upload, &upload, error));
    const size_t all = json_array_size(json_object_get(upload, "pictures"));
    const size_t count = listed ? json_array_size(listed) : all;
    json_decref(upload);
    for (size_t i = 0; i < count; i++) {
        const json_t *n = json_array_get(listed, i);
        if (listed && !json_is_integer(n))
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "pictures: expected an array of whole numbers");
        if (okng_clock() > deadline)
            return okng_fail(error, OKNG_ERROR_BUSY,
                             "%zu of %zu pictures were searched in time; ask for fewer in "
                             "\"pictures\"",
                             i, count);
        OKNG_TRY(find_in(s, listed ? json_integer_value(n) : (json_int_t)i, error));
    }
    return OKNG_OK;
}

static void post_find(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    search s = {.serve = serve, .upload = okng_request_capture(request, "id")};
    if (!okng_request_json(request, &s.asked, reply)) return;
    s.found = json_array();
    s.missing = json_array();
    okng_status status = take_regions(&s, &error);
    if (status == OKNG_OK) status = open_finder(&s, &error);
    if (status == OKNG_OK) status = find_in_all(&s, request->deadline, &error);
    okng_finder_close(&s.finder);
    json_decref(s.asked);
    json_t *document = json_object();
    okng_json_put(&document, "found", s.found);
    okng_json_put(&document, "missing", s.missing);
    if (status == OKNG_OK) {
        okng_reply_json(reply, 200, document);
        return;
    }
    json_decref(document);
    okng_reply_error(reply, &error);
}

static const okng_route routes[] = {
    {"POST", "/v1/uploads/{id}/find", OKNG_ROLE_ENGINEER, 0,
     "Looks for regions of one picture of an upload in the others, as a build would", NULL,
     "application/json:FindRegions", "200:application/json:FoundRegions", SMALL_BODY, post_find},
};

static const okng_schema schemas[] = {
    {"FindRegions", "regions:[DrawnRegion] picture?:integer threshold?:number pictures?:[integer]"},
    {"DrawnRegion", "name:string x:number y:number width:number height:number"},
    {"FoundRegions", "found:[FoundRegion] missing:[integer]"},
    {"FoundRegion", "picture:integer region:string score:number x:number y:number width:number height:number "
                    "angle:number"},
};

const okng_route_table okng_routes_find = {
    .tag = "uploads",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
