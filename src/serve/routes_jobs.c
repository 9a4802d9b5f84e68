/* Jobs: asked for, followed, cancelled, and their files. */
#include <stdlib.h>
#include <string.h>

#include "serve/jobs.h"
#include "serve/routes.h"

enum { SMALL_BODY = 1 << 20 };

static void refuse(okng_reply *reply, const okng_error *error)
{
    if (error->status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 404, "job-not-found", "%s", error->message);
    else
        okng_reply_error(reply, error);
}

/* What a job names and is not there is told of as a fault of the body. */
static void refuse_asked(okng_reply *reply, const okng_error *error)
{
    if (error->status == OKNG_ERROR_UNSUPPORTED)
        okng_reply_problem(reply, 403, "folder-not-allowed", "%s", error->message);
    else if (error->status == OKNG_ERROR_NOT_FOUND)
        okng_reply_problem(reply, 422, "not-there", "%s", error->message);
    else
        okng_reply_error(reply, error);
}

static void post_job(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    json_t *asked, *job;
    if (!okng_request_json(request, &asked, reply)) return;
    if (okng_jobs_add(serve->jobs, asked, request->user, &job, &error) == OKNG_OK) {
        char place[64];
        (void)snprintf(place, sizeof place, "/v1/jobs/%.40s", json_string_value(json_object_get(job, "id")));
        okng_reply_json(reply, 202, job);
        okng_reply_header(reply, "Location", place);
    } else {
        refuse_asked(reply, &error);
    }
    json_decref(asked);
}

static void get_jobs(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    okng_reply_json(reply, 200, okng_jobs_list(serve->jobs));
}

static void get_job(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    json_t *job;
    if (okng_jobs_get(serve->jobs, okng_request_capture(request, "id"), &job, &error) == OKNG_OK)
        okng_reply_json(reply, 200, job);
    else
        refuse(reply, &error);
}

static void delete_job(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *id = okng_request_capture(request, "id");
    okng_error error;
    bool over;
    if (okng_jobs_remove(serve->jobs, id, &over, &error) != OKNG_OK)
        refuse(reply, &error);
    else if (over)
        okng_reply_status(reply, 204);
    else
        okng_reply_status(reply, 202);
}

static void get_file(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    const char *name = okng_request_capture(request, "name");
    okng_error error;
    char *path;
    bool known;
    if (okng_jobs_file(serve->jobs, okng_request_capture(request, "id"), name, &path, &known, &error) != OKNG_OK) {
        if (known && error.status == OKNG_ERROR_NOT_FOUND)
            okng_reply_problem(reply, 404, "file-not-found", "%s", error.message);
        else
            refuse(reply, &error);
        return;
    }
    okng_reply_file(reply, "application/octet-stream", path, name);
    free(path);
}

static const okng_route routes[] = {
    {"POST", "/v1/jobs", OKNG_ROLE_ENGINEER, 0,
     "Builds a bank, adds pictures to it, evaluates, exports or packs it; jobs run one after the other", NULL,
     "application/json:NewJob", "202:application/json:Job", SMALL_BODY, post_job},
    {"GET", "/v1/jobs", OKNG_ROLE_OPERATOR, 0, "The jobs, the last first, without their results", NULL, NULL,
     "200:application/json:Jobs", 0, get_jobs},
    {"GET", "/v1/jobs/{id}", OKNG_ROLE_OPERATOR, 0, "A job, how far it is, and what came of it", NULL, NULL,
     "200:application/json:Job", 0, get_job},
    {"DELETE", "/v1/jobs/{id}", OKNG_ROLE_ENGINEER, 0,
     "Cancels a job that is not over (202); forgets one that is, with its files (204)", NULL, NULL, "202 204", 0,
     delete_job},
    {"GET", "/v1/jobs/{id}/files/{name}", OKNG_ROLE_ENGINEER, 0, "A file that a job made", NULL, NULL,
     "200:application/octet-stream", 0, get_file},
};

static const okng_schema schemas[] = {
    {"NewJob", "kind:build|add|evaluate|export|pack bank:string upload?:string folder?:string inspections?:[string] "
               "options?:object regions?:[RegionOfInterest] format?:onnx|openvino precision?:string"},
    {"RegionOfInterest", "name:string x:number y:number width:number height:number threshold?:number"},
    {"Jobs", "jobs:[object]"},
    {"Job", "id:string kind:build|add|evaluate|export|pack bank:string state:queued|running|done|failed|cancelled "
            "stage:string done:integer total:integer created:string started:string|null finished:string|null by:string "
            "why:string|null result:object|null files:[JobFile]"},
    {"JobFile", "name:string bytes:integer"},
};

const okng_route_table okng_routes_jobs = {
    .tag = "jobs",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
