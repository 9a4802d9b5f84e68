/* A CLIP checkpoint with both its towers: pictures, parts of pictures and texts become vectors of one space. */
#ifndef OKNG_CLIP_CLIP_H
#define OKNG_CLIP_CLIP_H

#include "okng/okng.h"
#include "tensor/weights.h"

/* Graphs and compiled engines of both towers, made on first use; all of one tower share its packed weights. Any number
 * of threads may use it at a time, each with a session of its own. */
typedef struct okng_clip okng_clip;

typedef struct okng_clip_request {
    const char *backbone;       /* "clip-vit-b-16-plus-240" */
    okng_activation activation; /* AUTO: as the checkpoint has it (net/clip_activation.h); else taken as it is */
    okng_positions positions;   /* AUTO: as open_clip */
    okng_precision precision;   /* fp32 or bf16 */
    const char *device;         /* NULL or "": cpu */
    int32_t height, width;      /* of the network's input, in pixels; multiples of the patch */
} okng_clip_request;

/* The extents of the towers at that input. */
typedef struct okng_clip_sizes {
    int32_t rows, columns;      /* of the patch grid */
    int32_t width;              /* W, of a token of a picture */
    int32_t embedding;          /* E, of the joint space */
    int32_t text_width;         /* of a token of a text */
    double logit_scale;         /* what cosines are multiplied by: exp of the file's; 100 where it has none */
    okng_activation activation; /* what AUTO came to */
} okng_clip_sizes;

/* Keeps `weights` by reference: the caller's, which outlive it. Compiles nothing yet. Names and shapes of the image
 * tower are checked here, those of the text tower when it is first used. Errors: NOT_FOUND (no CLIP of that name, a
 * tensor that is missing), MISMATCH (weights of another network, a logit scale that is not finite), ARGUMENT (the
 * input's sides, the device), UNSUPPORTED (the precision), MEMORY. */
okng_status okng_clip_open(okng_clip **out, const okng_weights *weights, const okng_clip_request *request,
                           okng_error *error);
void okng_clip_close(okng_clip **clip);
void okng_clip_get_sizes(const okng_clip *clip, okng_clip_sizes *sizes);

/* out: float32 [count, E], not of length 1. ids: [count, OKNG_CLIP_TOKENS (net/clip.h: 77)], as
 * okng_tokenizer_encode gives them; the read-out is at the largest id, the first of several, and what comes after it is
 * of no matter. A text is computed as far as the next multiple of 8 tokens, so its bits depend on it alone: not on the
 * other texts, nor on `threads` (>= 1), the cores that may be used. Errors: ARGUMENT for an id that is in no
 * vocabulary; MISMATCH for a file of an image tower alone; those of okng_clip_open for the text tower; MEMORY, LIMIT.
 */
okng_status okng_clip_embed_ids(okng_clip *clip, const int32_t *ids, size_t count, int threads, float *out,
                                okng_error *error);

/* ---- the image tower in pieces: float32, row-major ---- */

/* Working memory of one caller; the clip outlives it. threads (>= 1): cores that one call may use. No bit depends on
 * it, nor on what was computed before. Functions below: UNSUPPORTED, MEMORY, LIMIT, INTERNAL as
 * okng_engine_compile and its sessions give them, on first use. */
typedef struct okng_clip_session okng_clip_session;
okng_status okng_clip_session_new(okng_clip_session **out, okng_clip *clip, int threads, okng_error *error);
void okng_clip_session_free(okng_clip_session **session);

/* tensor [3, height, width], normalised -> tokens [1 + rows * columns, W]: the class token first, positions added, as
 * they are before ln_pre. */
okng_status okng_clip_tokens(okng_clip_session *session, const float *tensor, float *tokens, okng_error *error);

/* tokens as above -> embedding [E] (ln_post of the class token, times proj); patches [rows * columns, W] after the last
 * block, before ln_post; normed: the same after ln_post. NULL for what is not wanted. */
okng_status okng_clip_whole(okng_clip_session *session, const float *tokens, float *embedding, float *patches,
                            float *normed, okng_error *error);

/* windows [count, length, W], tokens of parts of a picture, each with the class token first -> embeddings [count, E].
 * Runs as many at a time as fit in some 48 MiB. Of an odd number of tokens below 33, windows 2 i and 2 i + 1 are
 * multiplied together: their last bits depend on each other, on no other window. */
okng_status okng_clip_windows(okng_clip_session *session, const float *windows, int64_t count, int64_t length,
                              float *embeddings, okng_error *error);

/* Tokens [1 + rows * columns, W], the class token first, that the last block was given of the picture that
 * okng_clip_whole saw last; the session's, until its next picture. NULL before the first. */
const float *okng_clip_before_last(const okng_clip_session *session);
/* As okng_clip_windows, of parts of those tokens: the last block and what follows it, the blocks before having seen the
 * whole picture. */
okng_status okng_clip_last_windows(okng_clip_session *session, const float *windows, int64_t count, int64_t length,
                                   float *embeddings, okng_error *error);

#endif
