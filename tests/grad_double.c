#include "grad_double.h"

#include <string.h>

#include "base/error.h"
#include "grad/gradient.h"

static okng_status run_session(const grad_double *run, okng_gradient *g, okng_error *error)
{
    okng_gradient_session *s;
    OKNG_TRY(okng_gradient_session_new(&s, g, run->batch, error));
    okng_status status = okng_gradient_forward(s, run->inputs, run->outputs, error);
    if (status == OKNG_OK && run->d_outputs) status = okng_gradient_backward(s, run->d_outputs, run->d_inputs, error);
    okng_gradient_session_free(&s);
    return status;
}

okng_status grad_double_run(const grad_double *run, okng_error *error)
{
    const okng_gradient_request request = {
        .trained = run->trained, .trained_count = run->trained_count, .inputs = true, .threads = 1};
    okng_gradient *g;
    OKNG_TRY(okng_gradient_new(&g, run->graph, run->weights, &request, error));
    for (int i = 0; i < run->trained_count; i++)
        memcpy(okng_gradient_values(g, i), run->values[i], okng_gradient_count(g, i) * sizeof(double));
    okng_status status = run_session(run, g, error);
    for (int i = 0; run->d_outputs && i < run->trained_count; i++)
        memcpy(run->gradients[i], okng_gradient_of(g, i), okng_gradient_count(g, i) * sizeof(double));
    okng_gradient_free(&g);
    return status;
}
