/* A WinCLIP with its network, ready to inspect. Private to winclip/. */
#ifndef OKNG_WINCLIP_MODEL_H
#define OKNG_WINCLIP_MODEL_H

#include "method/method.h"
#include "winclip/score.h"
#include "winclip/tiles.h"

/* May be shared by threads. */
typedef struct okng_winclip okng_winclip;

/* Without prototypes and memory. bank->config has options, input size and the weights' hash; both are borrowed.
 * `network_weights` opens the towers. *out is NULL on failure. Errors: those of okng_clip_open; ARGUMENT (a scale that
 * is larger than the grid, weights of scales that are not as many), UNSUPPORTED (int8); MEMORY. */
okng_status okng_winclip_new(okng_winclip **out, const okng_bank_config *config, const okng_weights *weights,
                             okng_error *error);
void okng_winclip_close(okng_winclip **winclip);
/* The weights that it was made with are its own from now on. */
void okng_winclip_own_weights(okng_winclip *winclip, okng_weights **weights);

okng_clip *okng_winclip_towers(okng_winclip *winclip);
const okng_view_plan *okng_winclip_plan(const okng_winclip *winclip);
/* Views have patches from now on, for a memory that is to be made. */
void okng_winclip_want_patches(okng_winclip *winclip);
/* [2, E], to be filled in by whoever makes the model. */
float *okng_winclip_prototypes(const okng_winclip *winclip);
const okng_winclip_memory *okng_winclip_remembers(const okng_winclip *winclip);
/* Takes the memory, on failure too, and makes it searchable. Errors: MEMORY. */
okng_status okng_winclip_remember(okng_winclip *winclip, okng_winclip_memory *memory, int threads, okng_error *error);

/* The tiles of a picture. Errors: LIMIT. */
okng_status okng_winclip_tiles(const okng_winclip *winclip, int32_t width, int32_t height, okng_tiles *tiles,
                               okng_error *error);
/* What the network sees of tile i of the picture. Errors: MISMATCH (it does not come to the network's input size),
 * MEMORY. `stages` may be NULL. */
okng_status okng_winclip_look(okng_winclip *winclip, const okng_image *rgb, const okng_tiles *tiles, int32_t i,
                              int threads, okng_view *view, okng_stages *stages, okng_error *error);
/* Map and score of a picture from the views [tiles->count] of its tiles; rows of the group `excluded` (-1: none) are
 * passed over. On failure *scored is zeroed. Errors: MEMORY. */
okng_status okng_winclip_judge(const okng_winclip *winclip, const okng_tiles *tiles, const okng_view *views,
                               int32_t excluded, int threads, okng_scored *scored, okng_error *error);

/* See okng_method. */
okng_status okng_winclip_inspect(okng_winclip *winclip, const okng_image *rgb, int threads, okng_scored *scored,
                                 okng_error *error);
/* What the image tower costs for a picture that is one tile, its windows counted in. Errors: NOT_FOUND. */
okng_status okng_winclip_cost(const char *backbone, const okng_view_plan *plan, okng_network_cost *cost,
                              okng_error *error);
okng_status okng_winclip_describe(okng_winclip *winclip, okng_network_cost *cost, okng_error *error);
okng_status okng_winclip_express(const okng_winclip *winclip, okng_program *p, okng_program_value picture,
                                 okng_program_value *score, okng_program_value *map, okng_error *error);

#endif
