/* Runs a whole program (program/program.h), from the picture to its result, on an engine that can. */
#ifndef OKNG_ENGINE_WHOLE_H
#define OKNG_ENGINE_WHOLE_H

#include "engine/engine.h"
#include "program/program.h"

/* Immutable, may be run by several threads at once. */
typedef struct okng_engine_whole okng_engine_whole;

/* name: of the graph, for the engine's own messages. Of options device, threads and precision are read. The program may
 * go afterwards, but not the large constants that it borrows: rows of a bank are not copied. Errors: those of
 * okng_engine_supports; UNSUPPORTED of an engine that runs networks alone, naming those that can, and of what it has
 * not; MEMORY, INTERNAL where the engine fails, with its reason. */
okng_status okng_engine_whole_compile(okng_engine_whole **out, const okng_program *program, const char *name,
                                      const okng_engine_options *options, okng_error *error);
void okng_engine_whole_free(okng_engine_whole **whole); /* NULL is fine; sets it to NULL */

/* inputs[i], outputs[i]: the caller's memory, of the program's inputs and outputs, row-major of their shapes with
 * `pictures` in place of OKNG_ANY. An output that is NULL is not computed. Errors: those of the engine. */
okng_status okng_engine_whole_run(const okng_engine_whole *whole, int64_t pictures, const void *const *inputs,
                                  void *const *outputs, okng_error *error);

#endif
