/* Routes: which row a request finds, and what bodies it takes. */
#include "serve/route.h"

#include "test.h"

static const okng_query queries[] = {{"limit", "integer", "how many"}, {0}};
static const okng_route rows[] = {
    {.method = "GET", .path = "/", .gives = "200"},
    {.method = "GET", .path = "/v1/banks", .gives = "200", .query = queries},
    {.method = "POST",
     .path = "/v1/banks/{name}/inspect",
     .takes = "image/+ multipart/form-data:object",
     .gives = "200"},
    {.method = "GET", .path = "/v1/banks/all", .gives = "200"},
    {.method = "GET", .path = "/v1/banks/{name}", .gives = "200"},
    {.method = "PATCH", .path = "/v1/banks/{name}", .takes = "application/json:Change", .gives = "200"},
    {.method = "GET", .path = "/v1/jobs/{id}/files/{name}", .gives = "200"},
};
static const okng_route_table table = {.tag = "test", .routes = rows, .route_count = sizeof rows / sizeof rows[0]};
static const okng_route_table *const tables[] = {&table, NULL};

static okng_route_match find(okng_request *request, const char *method, const char *path)
{
    okng_route_match match;
    *request = (okng_request){0};
    assert_ok(okng_uri_parse(&request->uri, path, strlen(path), error));
    okng_route_find(&match, tables, method, request);
    return match;
}

static void a_request_finds_its_row(void **state)
{
    static const struct {
        const char *method, *path;
        int row; /* -1: none */
        const char *allow;
    } cases[] = {
        {"GET", "/", 0, "GET, HEAD"},
        {"GET", "/v1/banks", 1, "GET, HEAD"},
        {"POST", "/v1/banks/a/inspect", 2, "POST"},
        {"GET", "/v1/banks/a/inspect", -1, "POST"},
        {"GET", "/v1/banks/all", 3, "GET, HEAD, PATCH"},
        {"GET", "/v1/banks/other", 4, "GET, HEAD, PATCH"},
        {"PATCH", "/v1/banks/other", 5, "GET, HEAD, PATCH"},
        {"DELETE", "/v1/banks/other", -1, "GET, HEAD, PATCH"},
        {"GET", "/v1/banks/", -1, ""},
        {"GET", "/v1/bank", -1, ""},
        {"GET", "/v1/banks/a%2Finspect", 4, "GET, HEAD, PATCH"},
        {"GET", "/v1", -1, ""},
        {"get", "/", -1, "GET, HEAD"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        okng_request request;
        okng_route_match match = find(&request, cases[i].method, cases[i].path);
        assert_string_equal(match.allow, cases[i].allow);
        assert_ptr_equal(match.route, cases[i].row < 0 ? NULL : &rows[cases[i].row]);
        okng_uri_clear(&request.uri);
    }
}

static const char *captured(const okng_request *request, const char *name)
{
    for (size_t i = 0; i < request->capture_count; i++)
        if (strcmp(request->captures[i].name, name) == 0) return request->captures[i].value;
    return NULL;
}

static void braces_take_a_segment(void **state)
{
    okng_request request;
    (void)state;
    assert_non_null(find(&request, "GET", "/v1/jobs/7f/files/model%20a.onnx").route);
    assert_string_equal(captured(&request, "id"), "7f");
    assert_string_equal(captured(&request, "name"), "model a.onnx");
    okng_uri_clear(&request.uri);
    assert_non_null(find(&request, "GET", "/v1/banks/a%2Fb").route);
    assert_string_equal(captured(&request, "name"), "a/b");
    okng_uri_clear(&request.uri);
}

static void bodies_and_parameters_are_those_of_the_row(void **state)
{
    (void)state;
    assert_true(okng_route_takes(&rows[2], "image/png"));
    assert_true(okng_route_takes(&rows[2], "multipart/form-data"));
    assert_false(okng_route_takes(&rows[2], "multipart/form"));
    assert_false(okng_route_takes(&rows[2], "application/json"));
    assert_true(okng_route_takes(&rows[5], "application/json"));
    assert_false(okng_route_takes(&rows[5], "application/jsonx"));
    assert_false(okng_route_takes(&rows[5], ""));
    assert_false(okng_route_takes(&rows[1], "application/json"));
    assert_non_null(okng_route_query(&rows[1], "limit"));
    assert_null(okng_route_query(&rows[1], "limits"));
    assert_null(okng_route_query(&rows[0], "limit"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_finds_its_row),
        cmocka_unit_test(braces_take_a_segment),
        cmocka_unit_test(bodies_and_parameters_are_those_of_the_row),
    };
    return RUN_TESTS(tests);
}
