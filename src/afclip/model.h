/* An AF-CLIP with its networks, ready to inspect. Private to afclip/. */
#ifndef OKNG_AFCLIP_MODEL_H
#define OKNG_AFCLIP_MODEL_H

#include "afclip/memory.h"
#include "afclip/towers.h"
#include "afclip/view.h"
#include "method/method.h"

/* May be shared by threads. */
typedef struct okng_afclip okng_afclip;

/* Without prototypes. config has options (taps settled or none, activation and positions settled), input size; it and
 * `weights` are borrowed. Takes what `learnt` holds, on failure too. *out is NULL on failure. Errors: those of
 * okng_afclip_towers_new; MEMORY. */
okng_status okng_afclip_new(okng_afclip **out, const okng_bank_config *config, const okng_weights *weights,
                            okng_afclip_learnt *learnt, okng_error *error);
void okng_afclip_close(okng_afclip **afclip);
/* The weights that it was made with are its own from now on. */
void okng_afclip_own_weights(okng_afclip *afclip, okng_weights **weights);

okng_afclip_towers *okng_afclip_networks(const okng_afclip *afclip);
const okng_afclip_plan *okng_afclip_planned(const okng_afclip *afclip);
const okng_afclip_learnt *okng_afclip_learnt_of(const okng_afclip *afclip);
/* [2, E], to be filled in by whoever makes the model, who then says so before a picture is looked at. */
float *okng_afclip_prototypes(const okng_afclip *afclip);
void okng_afclip_take_prototypes(okng_afclip *afclip);
/* Of good pictures; empty unless it was told. */
const okng_afclip_memory *okng_afclip_remembers(const okng_afclip *afclip);
/* Takes the memory, on failure too, and makes it searchable. Errors: MEMORY. */
okng_status okng_afclip_remember(okng_afclip *afclip, okng_afclip_memory *memory, int threads, okng_error *error);

/* Hears the streams [OKNG_AFCLIP_SCALES][T, W] of depth number `tap` of a picture. */
typedef okng_status (*okng_afclip_hear_fn)(void *context, int32_t tap, const float *streams, okng_error *error);

/* What words say of the picture, into view->words and view->p; `hear` (NULL: nobody) gets the streams of all depths on
 * the way. `stages` may be NULL. Errors: MISMATCH (the picture does not come to the network's input size; what the
 * networks say is not finite), those of the networks and of `hear`; MEMORY. */
okng_status okng_afclip_look(okng_afclip *afclip, const okng_image *rgb, int threads, okng_afclip_view *view,
                             okng_afclip_hear_fn hear, void *context, okng_stages *stages, okng_error *error);
/* Map and score of a picture of width x height pixels: what words say, and where the view has distances those with
 * options.alpha times the words. On failure *scored is zeroed. Errors: MEMORY. */
okng_status okng_afclip_judge(const okng_afclip *afclip, int32_t width, int32_t height, const okng_afclip_view *view,
                              okng_scored *scored, okng_error *error);

/* See okng_method. */
okng_status okng_afclip_inspect(okng_afclip *afclip, const okng_image *rgb, int threads, okng_scored *scored,
                                okng_error *error);
okng_status okng_afclip_express(const okng_afclip *afclip, okng_program *p, okng_program_value picture,
                                okng_program_value *score, okng_program_value *map, okng_error *error);
okng_status okng_afclip_describe(const okng_afclip *afclip, okng_network_cost *cost, okng_error *error);

#endif
