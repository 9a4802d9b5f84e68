/* The image tower of a CLIP written into a program (program/program.h). */
#ifndef OKNG_CLIP_EXPRESS_H
#define OKNG_CLIP_EXPRESS_H

#include "clip/clip.h"
#include "program/program.h"

/* pictures: float32 [N, 3, height, width], normalised, of the clip's input size. values[i]: the layer layers[i] of the
 * tower (net/clip.c): "tokens" [N, 1 + patches, W] before ln_pre, "blocks.<i>.tokens", "norm.tokens" likewise,
 * "embedding" [N, 1, E]. Weights are in the program once, however often it is asked. Errors: UNSUPPORTED for a
 * precision other than fp32; those of okng_graph_build and okng_program_lower. */
okng_status okng_clip_express(const okng_clip *clip, const char *const *layers, int count, okng_program *p,
                              okng_program_value pictures, okng_program_value *values, okng_error *error);
/* The name of the tokens that the last block is given, or gives where `after`, into name. */
void okng_clip_tokens_name(const okng_clip *clip, bool after, char name[OKNG_NAME_MAX]);

/* windows: float32 [M, length, W], tokens of parts of pictures with the class token first -> *embeddings [M, E], as
 * okng_clip_windows computes them; where `last`, as okng_clip_last_windows. Errors: likewise. */
okng_status okng_clip_windows_express(const okng_clip *clip, bool last, int64_t length, okng_program *p,
                                      okng_program_value windows, okng_program_value *embeddings, okng_error *error);

#endif
