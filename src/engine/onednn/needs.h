/* What oneDNN needs to make and to run a network, told before it does: where it gets no memory it writes through null
 * pointers (its own operator new does not throw), so whoever calls it must know that there is some.
 *
 * The figures are measured (docs/reliability.md says how), with room to spare. */
#ifndef OKNG_ENGINE_ONEDNN_NEEDS_H
#define OKNG_ENGINE_ONEDNN_NEEDS_H

#include "engine/onednn/compiled.h"

/* Whether oneDNN multiplies matrices for it. */
bool okng_has_products(const okng_graph *graph);

/* Before anything is made: all that a compiled graph takes, to its end. MEMORY, naming bytes. */
okng_status okng_prove_program(const okng_compiled *compiled, const okng_graph *graph, okng_error *error);
/* Before the primitives and weights of one node. folded_bytes: room for folded weights that there is. */
okng_status okng_prove_node(const okng_compiled *compiled, const okng_node *node, size_t folded_bytes, bool weights,
                            okng_error *error);
/* Before a session of the plan. *promise: bytes that count as taken until okng_take_promise gets them, which is when
 * the session has run or is given up, whatever the status. */
okng_status okng_prove_session(const okng_compiled *compiled, const okng_plan *plan, size_t *promise,
                               okng_error *error);
void okng_take_promise(size_t bytes);
/* Before a run. */
okng_status okng_prove_run(okng_error *error);

/* OpenMP ends the process where it cannot start a thread. So the threads of the calling thread's team are started here,
 * where that can be told; MEMORY where they cannot be had. They stay until the calling thread ends. */
okng_status okng_prove_team(int threads, okng_error *error);

/* ---- warm.c: what would be made in the middle of the first run ---- */

/* The code of products of matrices. */
okng_status okng_warm_products(dnnl_engine_t engine, okng_error *error);
/* What the C library loads when an exception goes through it for the first time; it aborts where it has no memory for
 * that. */
okng_status okng_warm_exceptions(okng_error *error);

#endif
