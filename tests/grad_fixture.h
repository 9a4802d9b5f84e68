/* A graph with its gradients, computed in float by the library and in double by the same operators (grad_double.h), and
 * by finite differences of the latter. */
#ifndef OKNG_TESTS_GRAD_FIXTURE_H
#define OKNG_TESTS_GRAD_FIXTURE_H

#include "golden_weights.h"
#include "grad/gradient.h"
#include "grad_double.h"
#include "net/builder.h"
#include "test.h"

enum { GRAD_MAX = 40 }; /* inputs, outputs, trained parameters */

typedef struct grad_case {
    const okng_graph *graph;
    unsigned char *bytes;
    okng_weights *weights;
    int64_t batch;
    const char *trained[GRAD_MAX];
    int trained_count, input_count, output_count;
    okng_value inputs[GRAD_MAX];
    size_t trained_size[GRAD_MAX], input_size[GRAD_MAX], output_size[GRAD_MAX]; /* of all pictures */
    float *values[GRAD_MAX], *given[GRAD_MAX], *d_outputs[GRAD_MAX];
} grad_case;

/* Of either number: [0] float, [1] double. */
typedef struct grad_result {
    void *outputs[GRAD_MAX], *d_inputs[GRAD_MAX], *gradients[GRAD_MAX];
} grad_result;

static inline void *grad_room(size_t count, size_t size)
{
    void *list = calloc(count + 1, size);
    assert_non_null(list);
    return list;
}

static inline float *grad_numbers(const char *name, size_t count, float scale)
{
    float *list = grad_room(count, sizeof *list);
    for (size_t i = 0; i < count; i++) list[i] = okng_golden_uniform(okng_golden_hash(name), i) * scale;
    return list;
}

static inline double *grad_wide(const float *list, size_t count)
{
    double *out = grad_room(count, sizeof *out);
    for (size_t i = 0; i < count; i++) out[i] = (double)list[i];
    return out;
}

static inline bool grad_is_whole(const grad_case *c, int input)
{
    return c->graph->nodes[c->inputs[input]].dtype == OKNG_I32;
}

static inline void grad_add_input(grad_case *c, okng_value value)
{
    const okng_node *node = &c->graph->nodes[value];
    const int i = c->input_count++;
    c->inputs[i] = value;
    c->input_size[i] = (size_t)(c->batch * okng_shape_elements(&node->shape));
    c->given[i] = grad_numbers(node->name, c->input_size[i], 2.0f);
    for (size_t k = 0; node->dtype == OKNG_I32 && k < c->input_size[i]; k++)
        ((int32_t *)(void *)c->given[i])[k] = (int32_t)(okng_golden_mix(okng_golden_hash(node->name) + k) % 50);
}

/* Trains all that can be. */
static inline void grad_add_params(grad_case *c, const okng_node *node)
{
    for (int32_t k = 0; k < node->param_count; k++) {
        const okng_param *param = &node->params[k];
        bool known = false;
        for (int i = 0; i < c->trained_count; i++) known = known || strcmp(c->trained[i], param->name) == 0;
        if (known || node->transform || c->trained_count >= GRAD_MAX) continue;
        const int i = c->trained_count++;
        c->trained[i] = param->name;
        c->trained_size[i] = okng_golden_elements(param);
        c->values[i] = grad_room(c->trained_size[i], sizeof(float));
        okng_golden_fill(param, c->values[i]);
    }
}

/* The inputs, parameters and gradients of the outputs by the rule of golden_weights.h, from their names. */
static inline void grad_open(grad_case *c, const okng_graph *graph, int64_t batch, bool train)
{
    size_t size;
    *c = (grad_case){.graph = graph, .batch = batch};
    for (size_t i = 0; i < graph->node_count; i++) {
        if (graph->nodes[i].op == OKNG_OP_INPUT) grad_add_input(c, (okng_value)i);
        if (train) grad_add_params(c, &graph->nodes[i]);
    }
    c->output_count = graph->output_count;
    for (int i = 0; i < graph->output_count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "gradient %d", i);
        c->output_size[i] = (size_t)(batch * okng_shape_elements(&graph->nodes[graph->outputs[i]].shape));
        c->d_outputs[i] = grad_numbers(name, c->output_size[i], 1.0f);
    }
    c->bytes = okng_golden_safetensors(graph, "", &size);
    assert_non_null(c->bytes);
    assert_ok(okng_weights_open_memory(&c->weights, c->bytes, size, "w", error));
}

static inline void grad_close(grad_case *c)
{
    for (int i = 0; i < GRAD_MAX; i++) {
        free(c->values[i]);
        free(c->given[i]);
        free(c->d_outputs[i]);
    }
    okng_weights_close(&c->weights);
    free(c->bytes);
}

static inline void grad_result_open(const grad_case *c, grad_result *r, size_t size)
{
    *r = (grad_result){0};
    for (int i = 0; i < c->output_count; i++) r->outputs[i] = grad_room(c->output_size[i], size);
    for (int i = 0; i < c->input_count; i++) r->d_inputs[i] = grad_room(c->input_size[i], size);
    for (int i = 0; i < c->trained_count; i++) r->gradients[i] = grad_room(c->trained_size[i], size);
}

static inline void grad_result_close(grad_result *r)
{
    for (int i = 0; i < GRAD_MAX; i++) {
        free(r->outputs[i]);
        free(r->d_inputs[i]);
        free(r->gradients[i]);
    }
}

/* By the library, in float. */
static inline void grad_run_float(const grad_case *c, grad_result *r, int threads)
{
    const okng_gradient_request request = {
        .trained = c->trained, .trained_count = c->trained_count, .inputs = true, .threads = threads};
    okng_gradient *g;
    okng_gradient_session *s;
    grad_result_open(c, r, sizeof(float));
    assert_ok(okng_gradient_new(&g, c->graph, c->weights, &request, error));
    for (int i = 0; i < c->trained_count; i++) {
        assert_int_equal(okng_gradient_count(g, i), c->trained_size[i]);
        memcpy(okng_gradient_values(g, i), c->values[i], c->trained_size[i] * sizeof(float));
    }
    assert_ok(okng_gradient_session_new(&s, g, c->batch, error));
    assert_ok(okng_gradient_forward(s, (const void *const *)c->given, (float *const *)r->outputs, error));
    assert_ok(okng_gradient_backward(s, (const float *const *)c->d_outputs, (float *const *)r->d_inputs, error));
    for (int i = 0; i < c->trained_count; i++)
        memcpy(r->gradients[i], okng_gradient_of(g, i), c->trained_size[i] * sizeof(float));
    okng_gradient_session_free(&s);
    okng_gradient_free(&g);
}

/* The arguments in double. */
typedef struct grad_wide_case {
    grad_double run;
    void *values[GRAD_MAX], *given[GRAD_MAX], *d_outputs[GRAD_MAX];
} grad_wide_case;

static inline void grad_wide_open(grad_wide_case *w, const grad_case *c, const grad_result *r)
{
    *w = (grad_wide_case){0};
    for (int i = 0; i < c->trained_count; i++) w->values[i] = grad_wide(c->values[i], c->trained_size[i]);
    for (int i = 0; i < c->output_count; i++) w->d_outputs[i] = grad_wide(c->d_outputs[i], c->output_size[i]);
    for (int i = 0; i < c->input_count; i++)
        if (grad_is_whole(c, i)) {
            w->given[i] = grad_room(c->input_size[i], sizeof(int32_t));
            memcpy(w->given[i], c->given[i], c->input_size[i] * sizeof(int32_t));
        } else {
            w->given[i] = grad_wide(c->given[i], c->input_size[i]);
        }
    w->run = (grad_double){.graph = c->graph,
                           .weights = c->weights,
                           .trained = c->trained,
                           .trained_count = c->trained_count,
                           .batch = c->batch,
                           .values = (double *const *)w->values,
                           .inputs = (const void *const *)w->given,
                           .outputs = (double *const *)r->outputs,
                           .d_outputs = (const double *const *)w->d_outputs,
                           .d_inputs = (double *const *)r->d_inputs,
                           .gradients = (double *const *)r->gradients};
}

static inline void grad_wide_close(grad_wide_case *w)
{
    for (int i = 0; i < GRAD_MAX; i++) {
        free(w->values[i]);
        free(w->given[i]);
        free(w->d_outputs[i]);
    }
}

/* Fails unless the two lists differ by at most `tolerance` of the larger's largest number. */
static inline void grad_near(const char *what, const float *list, const double *wanted, size_t count, double tolerance)
{
    double largest = 0, worst = 0;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const double off = fabs((double)list[i] - wanted[i]);
        largest = fmax(largest, fabs(wanted[i]));
        if (off > worst || isnan(off)) {
            worst = off;
            at = i;
        }
    }
    if (!(worst <= tolerance * largest))
        fail_msg("%s: element %zu of %zu is %.9g, expected %.9g; the largest is %.9g", what, at, count,
                 (double)list[at], wanted[at], largest);
}

/* The float results beside the double ones. */
static inline void grad_compare(const grad_case *c, const char *name, double tolerance)
{
    grad_result single, wide;
    grad_wide_case w;
    char what[OKNG_NAME_MAX * 3];
    grad_run_float(c, &single, 2);
    grad_result_open(c, &wide, sizeof(double));
    grad_wide_open(&w, c, &wide);
    assert_ok(grad_double_run(&w.run, error));
    for (int i = 0; i < c->output_count; i++) {
        (void)snprintf(what, sizeof what, "%s, output %d", name, i);
        grad_near(what, single.outputs[i], wide.outputs[i], c->output_size[i], tolerance);
    }
    for (int i = 0; i < c->input_count; i++) {
        (void)snprintf(what, sizeof what, "%s, gradient by input %d", name, i);
        grad_near(what, single.d_inputs[i], wide.d_inputs[i], c->input_size[i], tolerance);
    }
    for (int i = 0; i < c->trained_count; i++) {
        (void)snprintf(what, sizeof what, "%s, gradient by %s", name, c->trained[i]);
        grad_near(what, single.gradients[i], wide.gradients[i], c->trained_size[i], tolerance);
    }
    grad_wide_close(&w);
    grad_result_close(&single);
    grad_result_close(&wide);
}

/* ---- torch ---- */

/* The gradient by a leaf of golden/make_grad.py. */
static inline const float *grad_leaf(const grad_case *c, const grad_result *r, const char *name, size_t *count)
{
    for (int i = 0; i < c->input_count; i++)
        if (strcmp(c->graph->nodes[c->inputs[i]].name, name) == 0) {
            *count = c->input_size[i];
            return r->d_inputs[i];
        }
    for (int i = 0; i < c->trained_count; i++)
        if (strcmp(c->trained[i], name) == 0) {
            *count = c->trained_size[i];
            return r->gradients[i];
        }
    fail_msg("no gradient by %s", name);
    return NULL;
}

/* Lines of grad.txt up to the end of the case. Returns how many leaves there were. */
static inline int grad_read_golden(FILE *file, const grad_case *c, const grad_result *r, const char *name,
                                   double tolerance)
{
    enum { SAMPLES = 12 };
    char leaf[128];
    size_t count = 0, given = 0;
    double largest;
    int leaves = 0;
    for (; fscanf(file, " gradient %127s %zu %lf", leaf, &given, &largest) == 3; leaves++) {
        const float *gradient = grad_leaf(c, r, leaf, &count);
        assert_int_equal(count, given);
        for (size_t k = 0; k < (count < SAMPLES ? count : SAMPLES); k++) {
            double wanted;
            const size_t at = okng_golden_mix(k) % count;
            assert_int_equal(fscanf(file, " %lf", &wanted), 1);
            if (!(fabs((double)gradient[at] - wanted) <= tolerance * largest))
                fail_msg("%s, gradient by %s: element %zu is %.9g, torch has %.9g; the largest is %.9g", name, leaf, at,
                         (double)gradient[at], wanted, largest);
        }
    }
    return leaves;
}

/* The float gradients beside torch's. */
static inline void grad_golden(const grad_case *c, const char *name, double tolerance)
{
    FILE *file = fopen(OKNG_GOLDEN "/grad/grad.txt", "r");
    char line[128];
    grad_result r;
    int leaves = 0;
    assert_non_null(file);
    grad_run_float(c, &r, 2);
    while (leaves == 0 && fgets(line, sizeof line, file))
        if (strncmp(line, "case ", 5) == 0 && strncmp(line + 5, name, strlen(name)) == 0 &&
            line[5 + strlen(name)] == '\n')
            leaves = grad_read_golden(file, c, &r, name, tolerance);
    assert_int_equal(leaves, c->input_count + c->trained_count - (c->graph->nodes[0].dtype == OKNG_I32));
    (void)fclose(file);
    grad_result_close(&r);
}

/* ---- finite differences ---- */

static inline double grad_loss(const grad_case *c, const grad_wide_case *w, const grad_result *r)
{
    grad_double forward = w->run;
    double sum = 0;
    forward.d_outputs = NULL;
    assert_ok(grad_double_run(&forward, error));
    for (int i = 0; i < c->output_count; i++)
        for (size_t k = 0; k < c->output_size[i]; k++)
            sum += ((double *)w->d_outputs[i])[k] * ((double *)r->outputs[i])[k];
    return sum;
}

/* Of `checked` numbers of a list, spread over it. */
static inline void grad_differences(const grad_case *c, const char *what, const grad_wide_case *w,
                                    const grad_result *scratch, double *numbers, const double *gradient, size_t count,
                                    size_t checked)
{
    const double step = 1e-5;
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(gradient[i]));
    for (size_t n = 0; n < checked && n < count; n++) {
        const size_t i = n * count / (checked < count ? checked : count);
        const double before = numbers[i];
        numbers[i] = before + step;
        const double above = grad_loss(c, w, scratch);
        numbers[i] = before - step;
        const double below = grad_loss(c, w, scratch), found = (above - below) / (2 * step);
        numbers[i] = before;
        if (!(fabs(found - gradient[i]) <= 1e-7 * (largest + 1)))
            fail_msg("%s, element %zu of %zu: the gradient is %.12g, differences give %.12g", what, i, count,
                     gradient[i], found);
    }
}

static inline void grad_check_differences(const grad_case *c, const char *name, size_t checked)
{
    grad_result wide, scratch;
    grad_wide_case w;
    char what[OKNG_NAME_MAX * 3];
    grad_result_open(c, &wide, sizeof(double));
    grad_result_open(c, &scratch, sizeof(double));
    grad_wide_open(&w, c, &wide);
    assert_ok(grad_double_run(&w.run, error));
    w.run.outputs = (double *const *)scratch.outputs;
    for (int i = 0; i < c->input_count; i++) {
        (void)snprintf(what, sizeof what, "%s, input %d", name, i);
        if (!grad_is_whole(c, i))
            grad_differences(c, what, &w, &scratch, w.given[i], wide.d_inputs[i], c->input_size[i], checked);
    }
    for (int i = 0; i < c->trained_count; i++) {
        (void)snprintf(what, sizeof what, "%s, %s", name, c->trained[i]);
        grad_differences(c, what, &w, &scratch, w.values[i], wide.gradients[i], c->trained_size[i], checked);
    }
    grad_wide_close(&w);
    grad_result_close(&wide);
    grad_result_close(&scratch);
}

#endif
