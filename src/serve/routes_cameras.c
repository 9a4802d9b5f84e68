/* Cameras and other sources of the line: what they see now, and pictures that are handed to them. */
#include <stdlib.h>
#include <string.h>

#include "line/kinds.h"
#include "line/line.h"
#include "line/source_push.h"

#include "serve/routes.h"
#include "serve/serve.h"

/* ---- looking --------------------------------------------------------------------------------------------------------
 */

static bool has_view(const char *kind)
{
    for (size_t i = 0; okng_line_source_kinds[i]; i++)
        if (strcmp(okng_line_source_kinds[i]->name, kind) == 0) return okng_line_source_kinds[i]->look != NULL;
    return false;
}

/* A server without a line has no cameras, which is no problem of who asks. */
static void get_cameras(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    json_t *cameras = json_array(), *document = json_object();
    json_t *line = serve->line ? okng_line_json(serve->line) : NULL, *source;
    size_t i;
    json_array_foreach(json_object_get(line, "sources"), i, source)
    {
        const char *kind = json_string_value(json_object_get(source, "kind"));
        if (!kind || !has_view(kind)) continue;
        json_t *camera = json_object();
        static const char *const members[] = {"name", "kind", "state", "why"};
        for (size_t j = 0; j < sizeof members / sizeof *members; j++)
            okng_json_put(&camera, members[j], json_incref(json_object_get(source, members[j])));
        okng_json_add(&cameras, camera);
    }
    json_decref(line);
    okng_json_put(&document, "cameras", cameras);
    okng_reply_json(reply, 200, document);
}

static bool is_jpeg(const okng_picture *picture)
{
    return picture->data && picture->data_size > 3 && memcmp(picture->data, "\xff\xd8\xff", 3) == 0;
}

/* A camera's JPEG goes out as it came; all else as PNG. */
static void reply_frame(const okng_frame *frame, int32_t side, okng_reply *reply)
{
    void *bytes = NULL;
    size_t size = 0;
    okng_error error;
    char time[32];
    okng_reply_header(reply, "Cache-Control", "no-store");
    okng_reply_header(reply, "X-Okng-Time", okng_time_text(frame->time, time));
    if (is_jpeg(&frame->picture) && side == 0) {
        bytes = malloc(frame->picture.data_size);
        if (bytes) memcpy(bytes, frame->picture.data, frame->picture.data_size);
        okng_reply_bytes(reply, 200, "image/jpeg", bytes, frame->picture.data_size);
    } else if (okng_picture_png(&frame->picture, side, &bytes, &size, &error) == OKNG_OK) {
        okng_reply_bytes(reply, 200, "image/png", bytes, size);
    } else {
        okng_reply_error(reply, &error);
    }
}

static void get_frame(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *name = okng_request_capture(request, "name");
    int64_t side;
    okng_error error;
    okng_frame frame = {0};
    if (!okng_request_query_integer(request, "size", 0, 16384, 0, &side, reply)) return;
    if (!serve->line) {
        okng_reply_problem(reply, 404, "camera-not-found", "no camera %s: no line runs here", name);
    } else if (okng_line_look(serve->line, name, &frame, &error) != OKNG_OK) {
        okng_reply_error(reply, &error);
    } else {
        reply_frame(&frame, (int32_t)side, reply);
        if (frame.release) frame.release(&frame);
    }
}

/* ---- handing over ---------------------------------------------------------------------------------------------------
 */

static void post_picture(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *source = okng_request_capture(request, "name"), *name;
    const void *data;
    size_t size;
    okng_error error;
    if (!okng_request_picture(request, &data, &size, &name, reply)) return;
    if (!serve->line)
        okng_reply_problem(reply, 404, "source-not-found", "no source %s: no line runs here", source);
    else if (okng_line_push(serve->line, source, data, size, name, &error) != OKNG_OK)
        okng_reply_error(reply, &error);
    else
        okng_reply_status(reply, 202);
}

static const okng_query frame_query[] = {{"size", "integer", "its longer side is not larger than that; 0: as it is"},
                                         {0}};

static const okng_route routes[] = {
    {"GET", "/v1/cameras", OKNG_ROLE_OPERATOR, 0, "Sources of the line that can be looked through", NULL, NULL,
     "200:application/json:Cameras", 0, get_cameras},
    {"GET", "/v1/cameras/{name}/frame", OKNG_ROLE_OPERATOR, 0, "The newest picture of a camera", frame_query, NULL,
     "200:image/png 200:image/jpeg", 0, get_frame},
    {"POST", "/v1/sources/{name}", OKNG_ROLE_OPERATOR, 0,
     "Hands a picture to a source of the kind push; its verdict goes to the sinks, not into this answer", NULL,
     "image/+ application/octet-stream multipart/form-data", "202", 0, post_picture},
};

static const okng_schema schemas[] = {
    {"Cameras", "cameras:[Camera]"},
    {"Camera", "name:string kind:string state:opening|running|failed why:string|null"},
};

const okng_route_table okng_routes_cameras = {
    .tag = "cameras",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
