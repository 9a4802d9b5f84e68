/* The networks of AF-CLIP: the image tower as far as its depths are looked at, the adapter, and the text tower. Private
 * to afclip/ and those above it. */
#ifndef OKNG_AFCLIP_TOWERS_H
#define OKNG_AFCLIP_TOWERS_H

#include "afclip/learnt.h"
#include "afclip/plan.h"
#include "afclip/words.h"
#include "program/program.h"

/* Weights of both towers with what was learnt, and engines, compiled on first use. Any number of threads may use it at
 * a time, each with a session of its own. */
typedef struct okng_afclip_towers okng_afclip_towers;

typedef struct okng_afclip_towers_request {
    const char *backbone;
    okng_activation activation; /* AUTO: as the checkpoint has it */
    okng_positions positions;   /* AUTO: as open_clip */
    okng_precision precision;   /* fp32 or bf16 */
    bool winograd;              /* see okng_engine_options */
    const char *device;         /* NULL or "": cpu */
    int32_t height, width;      /* of the input, in pixels */
    const int32_t *taps;        /* [OKNG_AFCLIP_TAPS]; NULL: the quarters of the tower */
} okng_afclip_towers_request;

/* weights, of a CLIP in any layout, and `learnt` are the caller's, and outlive it. Compiles nothing yet; names and
 * shapes of image tower and adapter are checked. Errors: those of okng_afclip_plan_of, okng_clip_activation,
 * okng_engine_supports, okng_weights_join and okng_graph_check_weights; UNSUPPORTED (int8); MEMORY. */
okng_status okng_afclip_towers_new(okng_afclip_towers **out, const okng_weights *weights,
                                   const okng_afclip_learnt *learnt, const okng_afclip_towers_request *request,
                                   okng_error *error);
void okng_afclip_towers_free(okng_afclip_towers **towers);
const okng_afclip_plan *okng_afclip_towers_plan(const okng_afclip_towers *towers);
okng_activation okng_afclip_towers_activation(const okng_afclip_towers *towers); /* what AUTO came to */
int64_t okng_afclip_towers_dim(const okng_afclip_towers *towers);                /* of what cosines are taken: fold.h */

/* What a picture costs, and how many parameters the image tower, as far as it is looked at, and the adapter have. */
okng_status okng_afclip_towers_cost(const okng_afclip_towers *towers, int64_t *parameters, double *flops,
                                    okng_error *error);

/* prototypes [2, E] of length 1, good and bad: what the text tower makes of the learnt prompt and the words. Nothing of
 * it is kept. Errors: MISMATCH (vectors of no direction), those of the text tower; MEMORY. */
okng_status okng_afclip_towers_prototypes(const okng_afclip_towers *towers, const okng_afclip_words *words, int threads,
                                          float *prototypes, okng_error *error);

/* vectors [2, E] -> [2, dim]: prototypes for the cosines with what okng_afclip_session_adapt gives. */
void okng_afclip_towers_fold(const okng_afclip_towers *towers, const float *vectors, float *out);

/* ---- pictures: float32, row-major ---- */

/* Working memory of one caller, for `threads` (>= 1) cores; no bit depends on it. Must be given back with the same
 * towers, which outlive it. Errors: those of okng_engine_compile and its sessions, on first use. */
typedef struct okng_afclip_session okng_afclip_session;
okng_status okng_afclip_session_take(okng_afclip_session **out, okng_afclip_towers *towers, int threads,
                                     okng_error *error);
void okng_afclip_session_give(okng_afclip_towers *towers, okng_afclip_session *session);

/* tensor [3, height, width], normalised -> tokens of each depth, [T, W], the class token first; the session's, until
 * its next picture. */
okng_status okng_afclip_session_look(okng_afclip_session *session, const float *tensor,
                                     const float *taps[OKNG_AFCLIP_TAPS], okng_error *error);
/* The streams [OKNG_AFCLIP_SCALES][T, W] of the tokens of one depth (aggregate.h); the session's, until the next ones.
 */
const float *okng_afclip_session_streams(okng_afclip_session *session, const float *tokens);
/* tokens of one depth and their streams -> z [OKNG_AFCLIP_SCALES][T, dim], not of length 1: what the adapter, the
 * tower's last norm and its projection make of the streams, as okng_afclip_towers_fold sees it; the session's, until
 * the next ones. */
okng_status okng_afclip_session_adapt(okng_afclip_session *session, const float *tokens, const float *streams,
                                      const float **z, okng_error *error);

/* ---- towers_express.c: the same written into a program; weights are in it once. Errors: UNSUPPORTED for a precision
 * other than fp32; those of okng_program_lower ---- */

/* pictures [N, 3, height, width], normalised -> taps[i] [N, T, W] */
okng_status okng_afclip_taps_express(const okng_afclip_towers *towers, okng_program *p, okng_program_value pictures,
                                     okng_program_value taps[OKNG_AFCLIP_TAPS], okng_error *error);
/* One stream [N, T, W] -> *z [N, T, E], not of length 1 and not folded: what the adapter's whole graph makes of it. */
okng_status okng_afclip_adapter_express(const okng_afclip_towers *towers, okng_program *p, okng_program_value stream,
                                        okng_program_value *z, okng_error *error);

#endif
