/* A model that an engine runs as one graph, from the network's input to map and score, in place of okng's own scoring.
 * Private to model/. */
#ifndef OKNG_MODEL_WHOLE_H
#define OKNG_MODEL_WHOLE_H

#include "engine/whole.h"
#include "features/ignored.h"
#include "method/scored.h"

typedef struct okng_whole okng_whole;

/* What stands around the graph. Borrowed: it outlives the whole. */
typedef struct okng_whole_frame {
    const okng_build_options *options; /* how a picture comes to the network's input */
    const okng_ignored *ignored;       /* NULL: nothing is left out */
    int32_t height, width;             /* of that input */
} okng_whole_frame;

/* program: of okng_model_express, whose input is float32 of the network's size; it may go afterwards, but not the model
 * that it is of. Errors: those of okng_engine_whole_compile. */
okng_status okng_whole_new(okng_whole **out, const okng_program *program, const okng_whole_frame *frame,
                           const char *device, int threads, okng_error *error);
void okng_whole_free(okng_whole **whole); /* NULL is fine; sets it to NULL */

/* Score and maps of one picture; what is nearest to a patch is not known. Several threads may. On failure *scored is
 * zeroed. Errors: as okng_inspect; those of the engine. */
okng_status okng_whole_inspect(const okng_whole *whole, const okng_image *rgb, okng_scored *scored, okng_error *error);

#endif
