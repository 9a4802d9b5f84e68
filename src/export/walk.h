/* The way through a program that writers of files go: which of its values lead to an output, and what each is called.
 */
#ifndef OKNG_EXPORT_WALK_H
#define OKNG_EXPORT_WALK_H

#include "export/arena.h"
#include "program/node.h"

typedef struct okng_export_walk {
    const okng_program *program;
    okng_arena arena;
    /* [program->count] each */
    bool *live;         /* an output needs it; of TOP_K both results or none; inputs always */
    const char **names; /* of those that live, each once: inputs, outputs and named constants as the program calls them
                           (a constant that is called as one of the others, or begins with "okng_", as
                           "constant_<name>"), others "okng_<number>_<operator>" */
    bool *half;         /* a constant that is written as float16 */
    /* [program->output_count]: the output is another name of a value that has one (an input, a constant, a second
     * output of one value): the format needs an operator that does nothing between */
    bool *again;
} okng_export_walk;

/* `half`: as okng_export_target says. Errors: MEMORY; the program's own failure; ARGUMENT of one without outputs. */
okng_status okng_export_walk_begin(okng_export_walk *walk, const okng_program *program, bool half, okng_error *error);
void okng_export_walk_end(okng_export_walk *walk);

#endif
