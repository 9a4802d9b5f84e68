/* The page: files that are parts of the program. Its scripts and styles are files of this server, nothing in the page
 * is inline and nothing comes from elsewhere, which the Content-Security-Policy holds it to. Who may do what is decided
 * by /v1 alone; the files hold nothing secret. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/xxh64.h"
#include "serve/routes.h"
#include "serve/serve.h"

#define page_file(symbol, path, type)       \
    extern const char okng_page_##symbol[]; \
    extern const uint64_t okng_page_##symbol##_size;
#include "serve/page_files.h"
#undef page_file

typedef struct page_file {
    const char *path, *type, *data;
    const uint64_t *size;
} page_file;

static const page_file files[] = {
#define page_file(symbol, path, type) {path, type, okng_page_##symbol, &okng_page_##symbol##_size},
#include "serve/page_files.h"
#undef page_file
};

/* "blob:" is for pictures that scripts fetch with the token, which an <img> cannot send. */
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
                             "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/* A browser asks each time whether a file is still the same, so that none mixes files of two versions. */
static void answer(const page_file *file, const okng_request *request, okng_reply *reply)
{
    char tag[32];
    const char *known = okng_request_header(request, "If-None-Match");
    (void)snprintf(tag, sizeof tag, "\"%016" PRIx64 "\"", okng_xxh64(file->data, (size_t)*file->size));
    if (known && strcmp(known, tag) == 0)
        okng_reply_status(reply, 304);
    else
        okng_reply_const(reply, 200, file->type, file->data, (size_t)*file->size);
    okng_reply_header(reply, "ETag", tag);
    okng_reply_header(reply, "Cache-Control", "no-cache");
    okng_reply_header(reply, "Content-Security-Policy", policy);
    okng_reply_header(reply, "Permissions-Policy", "camera=(self), fullscreen=(self), screen-wake-lock=(self)");
}

static void find(const char *path, const okng_request *request, okng_reply *reply)
{
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(files[i].path, path) == 0) {
            answer(&files[i], request, reply);
            return;
        }
    okng_reply_problem(reply, 404, "file-not-found", "the page has no file \"%s\"", path);
}

static void get_index(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)serve;
    find("index.html", request, reply);
}

static void get_file(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)serve;
    find(okng_request_capture(request, "file"), request, reply);
}

static void get_view(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)serve;
    char path[128];
    (void)snprintf(path, sizeof path, "views/%s", okng_request_capture(request, "file"));
    find(path, request, reply);
}

#define FREE OKNG_ROLE_NONE, OKNG_ROUTE_AT_ONCE | OKNG_ROUTE_ANY_QUERY

static const okng_route routes[] = {
    {"GET", "/", FREE, "The page", NULL, NULL, "200:text/html 304", 0, get_index},
    {"GET", "/page/{file}", FREE, "A file of the page", NULL, NULL, "200:text/javascript 304", 0, get_file},
    {"GET", "/page/views/{file}", FREE, "A view of the page", NULL, NULL, "200:text/javascript 304", 0, get_view},
};

const okng_route_table okng_routes_page = {
    .tag = "page", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
