/* The first half of every method: picture -> tensor -> network -> feature maps -> patch vectors. */
#ifndef OKNG_FEATURES_EXTRACTOR_H
#define OKNG_FEATURES_EXTRACTOR_H

#include "engine/kept.h"
#include "features/ignored.h"
#include "features/placement.h"
#include "features/stages.h"
#include "image/image.h"
#include "net/graph.h"
#include "tensor/weights.h"

/* Immutable; may be shared by threads. */
typedef struct okng_extractor okng_extractor;
/* Working memory of one call in flight, for one picture or several. */
typedef struct okng_extractor_session okng_extractor_session;

/* The largest magnitudes of a network's values, by node: what int8 is scaled by. */
typedef struct okng_ranges {
    const float *values;
    int32_t count;
} okng_ranges;

/* The network that `options` describe for input [3, height, width], as far as their layers need it. Weights are asked
 * for the activation alone, where the options leave it to them. Errors: as okng_graph_build. */
okng_status okng_extractor_graph(okng_graph **out, const okng_build_options *options, const okng_weights *weights,
                                 int32_t height, int32_t width, okng_error *error);

/* The pipeline that `options` describe for network input [3, height, width]. Keeps neither options, weights nor ranges.
 * ranges: what okng_extractor_observe found over typical pictures; looked at for the precision int8 only (MISMATCH when
 * they are of another network). ignored: areas that are left out, which must outlive the extractor; NULL: none.
 * `threads` >= 1: cores that one picture may use; the result does not depend on it. Errors: also those of
 * okng_looked_at_new. */
okng_status okng_extractor_new(okng_extractor **out, const okng_build_options *options, const okng_weights *weights,
                               okng_ranges ranges, const okng_ignored *ignored, int32_t height, int32_t width,
                               int threads, okng_error *error);
/* The same with packed weights that were kept on disk (engine/kept.h), in place of weights; they outlive it. Not for
 * CLIPs, nor int8. */
okng_status okng_extractor_restore(okng_extractor **out, const okng_build_options *options,
                                   const okng_engine_kept *kept, const okng_ignored *ignored, int32_t height,
                                   int32_t width, int threads, okng_error *error);
/* What is kept of the network that `options` describe, with weights of that SHA-256; *out is NULL for nothing, also of
 * a CLIP. `threads` look at it. Errors: MEMORY; as okng_graph_build. */
okng_status okng_extractor_kept_open(okng_engine_kept **out, const okng_build_options *options, const char *sha256,
                                     int32_t height, int32_t width, int threads, okng_error *error);
/* Keeps its packed weights, which were made of a weight file of that SHA-256. */
void okng_extractor_keep(const okng_extractor *extractor, const char *sha256);
void okng_extractor_free(okng_extractor **extractor);
/* Whether there is such a device: ARGUMENT, with those known. */
okng_status okng_extractor_check_device(const char *device, okng_error *error);

/* Of the network's input. */
void okng_extractor_input(const okng_extractor *extractor, int32_t *height, int32_t *width);
void okng_extractor_grid(const okng_extractor *extractor, int32_t *height, int32_t *width);
/* How many patches of the grid are looked at, and which: NULL = all. */
int64_t okng_extractor_patches(const okng_extractor *extractor);
const okng_looked_at *okng_extractor_looked_at(const okng_extractor *extractor);
/* What pictures are masked by; NULL = nothing. */
const okng_ignored *okng_extractor_ignored(const okng_extractor *extractor);
int32_t okng_extractor_dim(const okng_extractor *extractor);
/* How many numbers at the front of a row are the first listed layer's: all where layers are not concatenated. */
int32_t okng_extractor_lead(const okng_extractor *extractor);
/* Of the network as far as it is used: see net/graph.h. */
int64_t okng_extractor_parameters(const okng_extractor *extractor);
double okng_extractor_flops(const okng_extractor *extractor);

/* How many pictures at a time are worth the memory of their activations: the network goes through its weights once for
 * all of them, which matters where the input is small; 1 where it is large. A picture's rows are the same bits. */
enum { OKNG_EXTRACTOR_AT_ONCE = 8 };
/* Decoded, no more wait for the network together: a few small ones, or one that is large. */
enum { OKNG_WAITING_PIXELS = 8000000 };
int32_t okng_extractor_at_once(int32_t height, int32_t width);

/* For up to `pictures` pictures at a time, 1..OKNG_EXTRACTOR_AT_ONCE, or where memory is too short for that, for one:
 * okng_extractor_session_pictures tells. The extractor must outlive its sessions. */
okng_status okng_extractor_session_new(okng_extractor_session **out, const okng_extractor *extractor, int32_t pictures,
                                       okng_error *error);
void okng_extractor_session_free(okng_extractor_session **session);
int32_t okng_extractor_session_pictures(const okng_extractor_session *session);
/* About, for memory plans: of a session for so many pictures; of finding the foreground of one picture, 0 where the
 * option says all. */
uint64_t okng_extractor_session_bytes(const okng_extractor *extractor, int32_t pictures);
uint64_t okng_extractor_foreground_bytes(const okng_extractor *extractor);

/* Several pictures are put into their places, go through the network, and are taken out again, each as rows. */

/* Makes the picture the network's input at `place` < the session's pictures. Errors: MISMATCH when it does not come to
 * the input size. */
okng_status okng_extractor_put(okng_extractor_session *session, int32_t place, const okng_image *rgb,
                               okng_placement *placement, okng_error *error);
/* Runs the network over the first `count` places, which all hold pictures. Errors: those of the engine. */
okng_status okng_extractor_forward(okng_extractor_session *session, int32_t count, okng_error *error);
/* rows: room for float32 [grid height * grid width, dim]; what is filled are the patches that are looked at of the
 * picture at `place`, in their order, of length 1 for the distance cosine. foreground: becomes the picture's
 * mask [patches], 0 for patches of the background, the session's until the next is taken; NULL where the
 * option foreground says that all can be anomalous. Who has no use for it gives NULL and is spared the work. Errors:
 * those of okng_foreground_find. */
okng_status okng_extractor_take(okng_extractor_session *session, int32_t place, float *rows, const uint8_t **foreground,
                                okng_error *error);

/* All three for one picture. Adds to `stages` (may be NULL) what resize, network and patches took. */
okng_status okng_extractor_run(okng_extractor_session *session, const okng_image *rgb, okng_placement *placement,
                               float *rows, const uint8_t **foreground, okng_stages *stages, okng_error *error);

/* For an extractor of precision fp32: raises ranges[i], for each of the okng_extractor_nodes nodes of the network, to
 * the largest magnitude that the picture gives it. Errors: as okng_extractor_run. */
okng_status okng_extractor_observe(okng_extractor_session *session, const okng_image *rgb, float *ranges,
                                   okng_error *error);
int32_t okng_extractor_nodes(const okng_extractor *extractor);

#endif
