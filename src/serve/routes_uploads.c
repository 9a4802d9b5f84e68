/* Uploads: pictures come, are looked at, and go. */
#include <string.h>

#include "base/file.h"
#include "serve/decode.h"
#include "serve/routes.h"
#include "serve/serve.h"
#include "serve/uploads.h"
#include "serve/uploads_find.h"

#include <stdlib.h>

enum { LARGEST_THUMBNAIL = 4096, USUAL_THUMBNAIL = 256 };

static void refuse(okng_reply *reply, const okng_error *error)
{
    if (error->status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 404, "upload-not-found", "%s", error->message);
    else if (error->status == OKNG_ERROR_BUSY)
        okng_reply_problem(reply, 409, "upload-in-use", "%s", error->message);
    else
        okng_reply_error(reply, error);
}

/* ---- coming ------------------------------------------------------------------------------------------------------ */

/* False where the disk is full: 507, before anything is written. */
static bool has_room(const okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    uint64_t bytes = 0;
    for (size_t i = 0; i < request->part_count; i++) bytes += request->parts[i].size;
    const char *where = serve->options->state ? serve->options->state : serve->options->banks;
    if (okng_folder_need_room(where, bytes, &error) == OKNG_OK) return true;
    okng_reply_problem(reply, 507, "disk-full", "%s", error.message);
    return false;
}

/* A write that failed though there was room before it: somebody else took that, or the disk is broken. */
static void refuse_picture(const okng_serve *serve, const okng_request *request, const okng_error *error,
                           okng_reply *reply)
{
    if (error->status == OKNG_ERROR_IO && !has_room(serve, request, reply)) return;
    refuse(reply, error);
}

static bool add_parts(okng_serve *serve, const okng_request *request, const char *id, okng_reply *reply)
{
    okng_error error;
    for (size_t i = 0; i < request->part_count; i++) {
        const okng_body_part *part = &request->parts[i];
        if (strcmp(part->name, "picture") != 0) {
            okng_reply_problem(reply, 400, "wrong-body", "part \"%.40s\": expected parts called picture", part->name);
            return false;
        }
        if (okng_uploads_add(serve->uploads, id, part->path, part->data, part->size,
                             (uint64_t)serve->options->max_pixels, &error) == OKNG_OK)
            continue;
        refuse_picture(serve, request, &error, reply);
        return false;
    }
    return true;
}

static void answer_upload(okng_serve *serve, const char *id, int status, okng_reply *reply)
{
    okng_error error;
    json_t *document;
    if (okng_uploads_json(serve->uploads, id, &document, &error) == OKNG_OK)
        okng_reply_json(reply, status, document);
    else
        refuse(reply, &error);
}

/* A picture that cannot be taken ends the request; those before it stay where the upload was there already. */
static void post_upload(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    char id[OKNG_ID_TEXT];
    okng_error error;
    if (!has_room(serve, request, reply)) return;
    if (okng_uploads_make(serve->uploads, id, &error) != OKNG_OK)
        refuse(reply, &error);
    else if (add_parts(serve, request, id, reply))
        answer_upload(serve, id, 201, reply);
    else
        (void)okng_uploads_remove(serve->uploads, id, NULL);
}

static void post_pictures(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *id = okng_request_capture(request, "id");
    if (has_room(serve, request, reply) && add_parts(serve, request, id, reply)) answer_upload(serve, id, 200, reply);
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static void get_uploads(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    okng_reply_json(reply, 200, okng_uploads_list(serve->uploads));
}

static void get_upload(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    answer_upload(serve, okng_request_capture(request, "id"), 200, reply);
}

/* The number in the path; -1, which no picture has, where it is none. */
static int64_t number_of(const okng_request *request)
{
    const char *text = okng_request_capture(request, "n");
    const size_t length = strlen(text);
    if (length > 9 || strspn(text, "0123456789") != length) return -1;
    return strtol(text, NULL, 10);
}

static void get_picture(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    char *path;
    void *bytes = NULL;
    size_t size = 0;
    int64_t side;
    if (!okng_request_query_integer(request, "size", 0, LARGEST_THUMBNAIL, USUAL_THUMBNAIL, &side, reply)) return;
    okng_status status =
        okng_uploads_picture(serve->uploads, okng_request_capture(request, "id"), number_of(request), &path, &error);
    if (status == OKNG_OK) {
        const okng_picture picture = {.struct_size = sizeof picture, .path = path};
        status = okng_decode_png(&picture, (int32_t)side, &bytes, &size, &error);
        free(path);
    }
    if (status == OKNG_OK)
        okng_reply_bytes(reply, 200, "image/png", bytes, size);
    else
        refuse(reply, &error);
}

static void find_regions(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    json_t *asked, *found;
    if (!okng_request_json(request, &asked, reply)) return;
    okng_status status = okng_uploads_find(serve->uploads, okng_request_capture(request, "id"), asked,
                                           request->deadline, &found, &error);
    json_decref(asked);
    if (status == OKNG_OK)
        okng_reply_json(reply, 200, found);
    else if (status == OKNG_ERROR_CANCELLED)
        okng_reply_problem(reply, 503, "too-slow",
                           "the pictures are too many to be searched in time; build the bank, which "
                           "tells which pictures lack a region");
    else
        refuse(reply, &error);
}

/* ---- going ------------------------------------------------------------------------------------------------------- */

static void delete_upload(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    if (okng_uploads_remove(serve->uploads, okng_request_capture(request, "id"), &error) == OKNG_OK)
        okng_reply_status(reply, 204);
    else
        refuse(reply, &error);
}

static void delete_picture(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    const char *id = okng_request_capture(request, "id");
    if (okng_uploads_remove_picture(serve->uploads, id, number_of(request), &error) == OKNG_OK)
        okng_reply_status(reply, 204);
    else
        refuse(reply, &error);
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static const okng_query size_query[] = {
    {"size", "integer", "pixels that its longer side has at most, 256 unless given; 0: as it is"}, {0}};

static const okng_route routes[] = {
    {"GET", "/v1/uploads", OKNG_ROLE_ENGINEER, 0, "The uploads that are there", NULL, NULL,
     "200:application/json:Uploads", 0, get_uploads},
    {"POST", "/v1/uploads", OKNG_ROLE_ENGINEER, OKNG_ROUTE_UPLOAD,
     "Uploads pictures: the parts \"picture\" of a form, whose names may have folders (good/001.png)", NULL,
     "multipart/form-data", "201:application/json:Upload", 0, post_upload},
    {"POST", "/v1/uploads/{id}", OKNG_ROLE_ENGINEER, OKNG_ROUTE_UPLOAD, "Adds pictures to an upload", NULL,
     "multipart/form-data", "200:application/json:Upload", 0, post_pictures},
    {"GET", "/v1/uploads/{id}", OKNG_ROLE_ENGINEER, 0, "The pictures of an upload", NULL, NULL,
     "200:application/json:Upload", 0, get_upload},
    {"DELETE", "/v1/uploads/{id}", OKNG_ROLE_ENGINEER, 0, "Removes an upload", NULL, NULL, "204", 0, delete_upload},
    {"POST", "/v1/uploads/{id}/find", OKNG_ROLE_ENGINEER, 0,
     "Looks for regions that are drawn on one picture of an upload in all of them", NULL,
     "application/json:RegionSearch", "200:application/json:FoundRegions", 1 << 16, find_regions},
    {"GET", "/v1/uploads/{id}/pictures/{n}", OKNG_ROLE_ENGINEER, 0, "A picture of an upload as PNG", size_query, NULL,
     "200:image/png", 0, get_picture},
    {"DELETE", "/v1/uploads/{id}/pictures/{n}", OKNG_ROLE_ENGINEER, 0,
     "Removes a picture; those behind it move up by one", NULL, NULL, "204", 0, delete_picture},
};

static const okng_schema schemas[] = {
    {"Uploads", "uploads:[object]"},
    {"Upload", "id:string pictures:[UploadedPicture] bytes:integer taught:boolean"},
    {"RegionSearch", "regions:[RegionOfInterest] picture?:integer threshold?:number"},
    {"FoundRegions", "found:[FoundRegion] missing:[FoundRegion]"},
    {"FoundRegion", "picture:integer region:string score:number|null x:number|null y:number|null width:number|null "
                    "height:number|null angle:number|null"},
    {"UploadedPicture", "name:string width:integer height:integer bytes:integer"},
};

const okng_route_table okng_routes_uploads = {
    .tag = "uploads",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
