/* What the networks of AF-CLIP are made of. Private to towers.c, towers_graphs.c and towers_session.c. */
#ifndef OKNG_AFCLIP_TOWERS_INSIDE_H
#define OKNG_AFCLIP_TOWERS_INSIDE_H

#include <pthread.h>

#include "afclip/fold.h"
#include "afclip/towers.h"
#include "engine/engine.h"

enum { OKNG_AFCLIP_MAPS = 3 * OKNG_AFCLIP_INNER }; /* numbers of a token's q, k and v together */

/* The engines for one number of threads, and their sessions that wait for the next picture. */
typedef struct okng_afclip_fleet {
    int threads;
    okng_engine *tower, *maps, *heads;
    okng_afclip_session *idle;
    struct okng_afclip_fleet *next;
} okng_afclip_fleet;

struct okng_afclip_towers {
    char backbone[OKNG_NAME_MAX], device[OKNG_NAME_MAX];
    okng_afclip_towers_request request; /* its texts are those two, its taps the plan's */
    okng_afclip_plan plan;
    okng_weights *weights; /* both: CLIP's and what was learnt */
    const float *prompt;
    okng_afclip_folded folded;
    okng_array arrays[OKNG_AFCLIP_PARAMS + 1]; /* what is learnt and what is folded, but for the prompt */
    int64_t batch;                             /* streams whose heads run at a time */
    pthread_mutex_t mutex;                     /* guards what follows */
    okng_afclip_fleet *fleets;
};

struct okng_afclip_session {
    const okng_afclip_towers *towers;
    okng_afclip_fleet *fleet;
    okng_engine_session *tower, *maps, *heads;
    float *taps;    /* [OKNG_AFCLIP_TAPS][T, W] */
    float *streams; /* [OKNG_AFCLIP_SCALES][T, W] */
    float *factors; /* [OKNG_AFCLIP_SCALES][T] */
    float *centred; /* [T, W] */
    float *mapped;  /* [T, OKNG_AFCLIP_MAPS] */
    float *normed;  /* [OKNG_AFCLIP_SCALES][T, OKNG_AFCLIP_MAPS] */
    float *z;       /* [OKNG_AFCLIP_SCALES][T, dim] */
    okng_afclip_session *next;
};

/* ---- towers_graphs.c: for the towers' input size, activation and positions. Errors: those of okng_graph_build ---- */

typedef okng_status (*okng_afclip_graph_fn)(const okng_afclip_towers *t, okng_graph **out, okng_error *error);
okng_status okng_afclip_graph_tower(const okng_afclip_towers *t, okng_graph **out, okng_error *error);
okng_status okng_afclip_graph_adapter(const okng_afclip_towers *t, okng_graph **out, okng_error *error);
/* The adapter in two steps (fold.h). */
okng_status okng_afclip_graph_maps(const okng_afclip_towers *t, okng_graph **out, okng_error *error);
okng_status okng_afclip_graph_heads(const okng_afclip_towers *t, okng_graph **out, okng_error *error);
/* The text tower, of OKNG_AFCLIP_STATES sentences of so many vectors. */
okng_status okng_afclip_graph_words(const okng_afclip_towers *t, int32_t length, okng_graph **out, okng_error *error);

/* An engine of the towers' weights, device and precision; share: another of the same graph, or NULL. Errors: those of
 * okng_engine_compile. */
okng_status okng_afclip_compile(const okng_afclip_towers *t, const okng_graph *graph, int threads, bool winograd,
                                const okng_engine *share, okng_engine **out, okng_error *error);

/* ---- towers_session.c ---- */

/* Frees all engines, and the sessions that wait. */
void okng_afclip_fleets_free(okng_afclip_towers *t);

#endif
