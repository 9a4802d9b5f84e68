/* Reverse mode on a graph (net/graph.h): forward, keeping what backward needs; backward, giving the gradients of chosen
 * parameters and of the inputs. Which products that takes is made out once, as data (grad/plan.h).
 *
 *     okng_gradient_new(&g, graph, weights, &(okng_gradient_request){.trained = names, .trained_count = 2}, error);
 *     memcpy(okng_gradient_values(g, 0), start, okng_gradient_count(g, 0) * sizeof(float));
 *     okng_gradient_session_new(&s, g, 8, error);
 *     okng_gradient_forward(s, inputs, outputs, error);        // then the loss and its gradient by the outputs
 *     okng_gradient_clear(g);
 *     okng_gradient_backward(s, d_outputs, NULL, error);       // then a step against okng_gradient_of(g, 0)
 *
 * float32. The same bits for any number of threads: an element is summed in an order that only shapes decide, pictures
 * one after the other. A gradient and its sessions belong to one caller at a time. */
#ifndef OKNG_GRAD_GRADIENT_H
#define OKNG_GRAD_GRADIENT_H

#include "grad/real.h"
#include "net/graph.h"

/* Forward and backward of one graph, its weights and trained values. */
typedef struct okng_gradient okng_gradient;
/* What is kept between the two, for so many pictures at once. */
typedef struct okng_gradient_session okng_gradient_session;

typedef struct okng_gradient_request {
    const char *const *trained; /* names of parameters whose gradients are wanted ("attention.attn.to_q.weight"); all
                                   others are frozen */
    int trained_count;
    bool inputs; /* gradients of the graph's inputs are wanted */
    int threads; /* as okng_thread_count takes them */
} okng_gradient_request;

/* The graph may be fused or not. Frozen parameters are read from `weights`, which are not needed afterwards; nor is the
 * graph. Trained ones need not be in there: they start at 0 and are set through okng_gradient_values. Errors:
 * NOT_FOUND for a trained parameter that the graph does not have; UNSUPPORTED, by name, for an operator that has no
 * gradient, or a parameter that cannot be trained; NOT_FOUND, MISMATCH for frozen parameters that are missing,
 * mis-shaped or not finite; MEMORY. */
okng_status okng_gradient_new(okng_gradient **out, const okng_graph *graph, const okng_weights *weights,
                              const okng_gradient_request *request, okng_error *error);
void okng_gradient_free(okng_gradient **gradient);

/* By the number in request.trained. The parameter itself, row-major as in a weight file; may be written between a
 * backward and the next forward. */
okng_real *okng_gradient_values(okng_gradient *gradient, int trained);
/* Its gradient, summed over all backward runs since okng_gradient_clear. */
okng_real *okng_gradient_of(okng_gradient *gradient, int trained);
/* How many numbers both have. */
size_t okng_gradient_count(const okng_gradient *gradient, int trained);
void okng_gradient_clear(okng_gradient *gradient);
/* Multiply-adds x 2 of the products of a forward and a backward run of one picture, as okng_graph_flops counts. */
double okng_gradient_flops(const okng_gradient *gradient);

/* For runs of `batch` (1 or more) pictures, or sequences. Little is kept of each between forward and backward: of an
 * attention Q, K, V, its output and the logarithms of its sums, never its weights. What it takes is told before it is
 * made, in bytes. */
size_t okng_gradient_session_bytes(const okng_gradient *gradient, int64_t batch);
/* The same without the scratch of each thread: what may decide how much is done at a time, and so in which order it is
 * summed, as it does not depend on how many threads there are. */
size_t okng_gradient_shared_bytes(const okng_gradient *gradient, int64_t batch);
okng_status okng_gradient_session_new(okng_gradient_session **out, okng_gradient *gradient, int64_t batch,
                                      okng_error *error);
void okng_gradient_session_free(okng_gradient_session **session);

/* inputs[i]: [batch, ...] of the graph's i-th input, float32 or int32; they are read again by backward and stay where
 * they are until then. outputs[i]: [batch, ...] is written. ARGUMENT for a number that an embedding has no row for. */
okng_status okng_gradient_forward(okng_gradient_session *session, const void *const *inputs, okng_real *const *outputs,
                                  okng_error *error);
/* After a forward, once. d_outputs[i]: the gradient of the loss by output i, NULL for 0. d_inputs[i]: written, where
 * they were asked for (request.inputs) and neither it nor d_inputs is NULL; of whole numbers nothing is written. Adds
 * to okng_gradient_of. ARGUMENT without a forward before it. */
okng_status okng_gradient_backward(okng_gradient_session *session, const okng_real *const *d_outputs,
                                   okng_real *const *d_inputs, okng_error *error);

#endif
