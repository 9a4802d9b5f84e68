/* What an engine is: a row of functions. A new one takes a folder beside onednn/ and its row in engine.c. */
#ifndef OKNG_ENGINE_BACKEND_H
#define OKNG_ENGINE_BACKEND_H

#include "engine/kept.h"
#include "engine/whole.h"

/* Contracts, errors and ownership are those of the functions of engine.h with the same names. */
typedef struct okng_backend {
    const char *name; /* the device: "cpu"; what stands behind a colon is the row's own */
    /* NULL: the name stands alone. Else whether the whole name is one of its devices; nothing is loaded for it. */
    okng_status (*check)(const char *device, okng_error *error);
    okng_status (*supports)(const char *device, okng_precision precision, okng_error *error);
    /* *program: what the other functions are given; released by `free`. share: the program of options->share, or NULL;
     * kept: what kept_open gave, or NULL. */
    okng_status (*compile)(void **program, const okng_graph *graph, const okng_weights *weights,
                           const okng_engine_options *options, const void *share, const void *kept, okng_error *error);
    void (*free)(void *program);
    bool (*takes_pixels)(const void *program); /* NULL: no program does */
    okng_status (*session)(void **session, const void *program, int64_t batch, okng_error *error);
    void (*session_free)(void *session);
    /* ranges: NULL, or what to observe. */
    okng_status (*run)(void *session, const void *const *inputs, float *const *outputs, float *ranges,
                       okng_error *error);
    /* As in kept.h; NULL of an engine that keeps nothing. */
    okng_status (*kept_open)(void **kept, const okng_graph *graph, const okng_engine_options *options,
                             const char *sha256, okng_error *error);
    void (*kept_close)(void *kept);
    void (*keep)(const void *program, const char *sha256);
    /* As in whole.h; NULL of an engine that runs networks alone. */
    okng_status (*whole)(void **whole, const okng_program *program, const char *name,
                         const okng_engine_options *options, okng_error *error);
    void (*whole_free)(void *whole);
    okng_status (*whole_run)(const void *whole, int64_t pictures, const void *const *inputs, void *const *outputs,
                             okng_error *error);
    const char *(*version)(void);
    const char *(*instructions)(void);
    bool (*limit_cpu)(const char *variant);
} okng_backend;

#endif
