/* A good picture that a bank learnt from, for the page to show beside what was found. */
#include "cache/cache.h"
#include "serve/decode.h"
#include "serve/routes.h"
#include "serve/serve.h"

/* As PNG, whatever it was: browsers know few formats, and what is no picture does not get out. */
static void send_picture(const char *path, okng_reply *reply)
{
    okng_error error;
    void *bytes;
    size_t size;
    okng_picture picture;
    okng_init(&picture);
    picture.path = path;
    if (okng_decode_png(&picture, 0, &bytes, &size, &error) != OKNG_OK) {
        if (error.status == OKNG_ERROR_IO || error.status == OKNG_ERROR_NOT_FOUND)
            okng_reply_problem(reply, 404, "picture-not-found", "%s", error.message);
        else
            okng_reply_error(reply, &error);
        return;
    }
    okng_reply_bytes(reply, 200, "image/png", bytes, size);
}

static void get_good(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    okng_lease *lease = NULL;
    char *path = NULL;
    const char *name = okng_request_query(request, "picture");
    if (!name) {
        okng_reply_problem(reply, 400, "wrong-parameter",
                           "picture: expected the name of a good picture, as an "
                           "inspection names it in regions, near, picture");
        return;
    }
    okng_status status = okng_cache_take(serve->cache, okng_request_capture(request, "name"), &lease, &error);
    if (status == OKNG_OK) status = okng_bank_picture_path(okng_lease_bank(lease), name, &path, &error);
    okng_lease_drop(&lease);
    if (status == OKNG_OK)
        send_picture(path, reply);
    else
        okng_reply_error(reply, &error);
    okng_text_free(&path);
}

static const okng_query query[] = {{"picture", "string", "its name, as an inspection tells it in regions, near"}, {0}};

static const okng_route routes[] = {
    {"GET", "/v1/banks/{name}/good", OKNG_ROLE_OPERATOR, 0, "A good picture that the bank learnt from", query, NULL,
     "200:image/png", 0, get_good},
};

const okng_route_table okng_routes_good = {
    .tag = "banks", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
