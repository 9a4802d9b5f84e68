/* Single allocations that fail, of all that a gradient takes: each is told, and nothing stays behind. */
#include "grad/gradient.h"

#include "grad_fixture.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

static int left = -1; /* allocations that succeed before one fails; < 0: all do */

static bool fails(void)
{
    return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

static okng_status run(const grad_case *c, float *out, okng_error *error)
{
    const okng_gradient_request request = {
        .trained = c->trained, .trained_count = c->trained_count, .inputs = true, .threads = 1};
    okng_gradient *g = NULL;
    okng_gradient_session *s = NULL;
    okng_status status = okng_gradient_new(&g, c->graph, c->weights, &request, error);
    assert_int_equal(status == OKNG_OK, g != NULL);
    if (status == OKNG_OK) status = okng_gradient_session_new(&s, g, c->batch, error);
    assert_int_equal(status == OKNG_OK, s != NULL);
    if (status == OKNG_OK) status = okng_gradient_forward(s, (const void *const *)c->given, &out, error);
    if (status == OKNG_OK) status = okng_gradient_backward(s, (const float *const *)c->d_outputs, NULL, error);
    okng_gradient_session_free(&s);
    okng_gradient_free(&g);
    return status;
}

static void every_allocation_that_fails_is_told(void **state)
{
    okng_error why;
    okng_builder b = {.graph = calloc(1, sizeof(okng_graph)), .error = &why};
    grad_case c;
    (void)state;
    assert_non_null(b.graph);
    okng_value x = okng_net_input_vectors(&b, "x", 5, 64);
    okng_value y = okng_net_linear(&b, okng_net_layer_norm(&b, x, "", "norm", 1e-5), "", "qkv", 192, true);
    y = okng_net_linear(&b, okng_net_attention_packed(&b, y, "", "attn", 1, false), "", "out", 64, true);
    b.graph->outputs[b.graph->output_count++] = okng_net_gelu(&b, okng_net_add(&b, x, y, "", "add"), "", "gelu");
    assert_int_equal(b.status, OKNG_OK);
    assert_ok(okng_graph_fuse(b.graph, error)); /* so that it has to be taken apart */
    grad_open(&c, b.graph, 2, true);
    float *out = grad_room(c.output_size[0], sizeof *out);
    int failures = 0;
    for (okng_status status = OKNG_ERROR_MEMORY; status != OKNG_OK; failures++) {
        left = failures;
        status = run(&c, out, &why);
        const bool failed = left < 0;
        left = -1;
        if (status != (failed ? OKNG_ERROR_MEMORY : OKNG_OK))
            fail_msg("allocation %d: status %d, %s", failures, (int)status, why.message);
    }
    assert_true(failures > 30);
    free(out);
    grad_close(&c);
    okng_graph_free(&b.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_that_fails_is_told)};
    return RUN_TESTS(tests);
}
