/* Users: their tokens are told once, when they are made. */
#include <stdlib.h>

#include "serve/audit.h"
#include "serve/routes.h"
#include "serve/serve.h"

static json_t *user_json(const char *name, okng_role role)
{
    json_t *user = json_object();
    okng_json_put(&user, "name", json_string(name));
    okng_json_put(&user, "role", json_string(okng_role_name(role)));
    return user;
}

static void get_users(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    (void)request;
    okng_error error;
    okng_user *users;
    size_t count;
    if (okng_users_list(serve->users, &users, &count, &error) != OKNG_OK) {
        okng_reply_error(reply, &error);
        return;
    }
    json_t *document = json_object(), *list = json_array();
    for (size_t i = 0; i < count; i++) okng_json_add(&list, user_json(users[i].name, users[i].role));
    okng_json_put(&document, "users", list);
    free(users);
    okng_reply_json(reply, 200, document);
}

static void refuse(okng_reply *reply, const okng_error *error)
{
    if (error->status == OKNG_ERROR_MISMATCH)
        okng_reply_problem(reply, 409, "user-conflict", "%s", error->message);
    else
        okng_reply_error(reply, error);
}

static void add_user(okng_serve *serve, const char *by, const json_t *asked, okng_reply *reply)
{
    okng_error error;
    const char *name, *role_name;
    okng_role role;
    char token[OKNG_TOKEN_TEXT];
    if (okng_json_string(asked, "the body", "name", &name, &error) != OKNG_OK ||
        okng_json_string(asked, "the body", "role", &role_name, &error) != OKNG_OK) {
        okng_reply_problem(reply, 400, "wrong-body", "%s", error.message);
        return;
    }
    if (!okng_role_find(role_name, &role)) {
        okng_reply_problem(reply, 400, "wrong-body", "role: found \"%s\", expected operator, engineer or admin",
                           role_name);
        return;
    }
    if (okng_users_add(serve->users, name, role, token, &error) != OKNG_OK) {
        refuse(reply, &error);
        return;
    }
    (void)okng_audit(serve, by, "user added", NULL, NULL, user_json(name, role), NULL);
    json_t *document = user_json(name, role);
    okng_json_put(&document, "token", json_string(token));
    okng_reply_json(reply, 201, document);
}

static void post_user(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    json_t *asked;
    if (!okng_request_json(request, &asked, reply)) return;
    add_user(serve, request->user, asked, reply);
    json_decref(asked);
}

static void delete_user(okng_serve *serve, const okng_request *request, okng_reply *reply)
{
    okng_error error;
    const char *name = okng_request_capture(request, "name");
    if (okng_users_remove(serve->users, name, &error) != OKNG_OK) {
        refuse(reply, &error);
        return;
    }
    okng_events_end_of(serve->events, name);
    (void)okng_audit(serve, request->user, "user removed", NULL, json_string(name), NULL, NULL);
    okng_reply_status(reply, 204);
}

static const okng_route routes[] = {
    {"GET", "/v1/users", OKNG_ROLE_ADMIN, 0, "Users and their roles", NULL, NULL, "200:application/json:Users", 0,
     get_users},
    {"POST", "/v1/users", OKNG_ROLE_ADMIN, 0, "Adds a user; his token is told this once", NULL,
     "application/json:NewUser", "201:application/json:UserWithToken", 16384, post_user},
    {"DELETE", "/v1/users/{name}", OKNG_ROLE_ADMIN, 0, "Removes a user, whose token is worth nothing then", NULL, NULL,
     "204", 0, delete_user},
};

static const okng_schema schemas[] = {
    {"Users", "users:[User]"},
    {"User", "name:string role:operator|engineer|admin"},
    {"NewUser", "name:string role:operator|engineer|admin"},
    {"UserWithToken", "name:string role:operator|engineer|admin token:string"},
};

const okng_route_table okng_routes_users = {
    .tag = "users",
    .routes = routes,
    .route_count = sizeof routes / sizeof routes[0],
    .schemas = schemas,
    .schema_count = sizeof schemas / sizeof schemas[0],
};
