/* The table of engines, and the way from the folder's functions to the chosen one's. */
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/backend.h"

extern const okng_backend okng_backend_onednn, okng_backend_onnxruntime;

static const okng_backend *const backends[] = {&okng_backend_onednn, &okng_backend_onnxruntime};
enum { BACKENDS = sizeof backends / sizeof *backends };

struct okng_engine {
    const okng_backend *backend;
    void *program;
};

struct okng_engine_kept {
    const okng_backend *backend;
    void *state;
};

struct okng_engine_whole {
    const okng_backend *backend;
    void *state;
};

struct okng_engine_session {
    const okng_backend *backend;
    void *state;
};

/* ---- the table ---- */

static const okng_backend *find(const char *device)
{
    if (!device || !*device) return backends[0];
    const size_t length = strcspn(device, ":");
    for (int i = 0; i < BACKENDS; i++)
        if (strlen(backends[i]->name) == length && strncmp(backends[i]->name, device, length) == 0 &&
            (device[length] == '\0' || backends[i]->check))
            return backends[i];
    return NULL;
}

static okng_status unknown_device(const char *device, okng_error *error)
{
    char known[128] = "";
    size_t used = 0;
    for (int i = 0; i < BACKENDS && used < sizeof known; i++) {
        int length = snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", backends[i]->name);
        used += length > 0 ? (size_t)length : 0;
    }
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%s\", expected %s%s", device, BACKENDS > 1 ? "one of " : "",
                     known);
}

bool okng_engine_get(size_t i, okng_engine_info *info)
{
    if (i >= BACKENDS) return false;
    *info = (okng_engine_info){backends[i]->name, backends[i]->version(), backends[i]->instructions()};
    return true;
}

const char *okng_engine_version(const char *device)
{
    const okng_backend *backend = find(device);
    return backend ? backend->version() : "";
}

okng_status okng_engine_check(const char *device, okng_error *error)
{
    const okng_backend *backend = find(device);
    if (!backend) return unknown_device(device, error);
    return backend->check ? backend->check(device, error) : OKNG_OK;
}

okng_status okng_engine_supports(const char *device, okng_precision precision, okng_error *error)
{
    okng_status status = okng_engine_check(device, error);
    return status == OKNG_OK ? find(device)->supports(device, precision, error)
                             : okng_error_context(error, status, "device");
}

bool okng_engine_limit_cpu(const char *variant)
{
    bool fine = true;
    for (int i = 0; i < BACKENDS; i++) fine = backends[i]->limit_cpu(variant) && fine;
    return fine;
}

/* ---- the chosen one ---- */

okng_status okng_engine_compile(okng_engine **out, const okng_graph *graph, const okng_weights *weights,
                                const okng_engine_options *options, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(okng_engine_supports(options->device, options->precision, error));
    okng_engine *engine = calloc(1, sizeof *engine);
    if (!engine) return okng_fail_memory(error, sizeof *engine);
    engine->backend = find(options->device);
    const void *share = options->share && options->share->backend == engine->backend ? options->share->program : NULL;
    const void *kept = options->kept && options->kept->backend == engine->backend ? options->kept->state : NULL;
    okng_status status = engine->backend->compile(&engine->program, graph, weights, options, share, kept, error);
    if (status == OKNG_OK)
        *out = engine;
    else
        free(engine);
    return status;
}

void okng_engine_free(okng_engine **engine)
{
    if (!engine || !*engine) return;
    (*engine)->backend->free((*engine)->program);
    free(*engine);
    *engine = NULL;
}

bool okng_engine_takes_pixels(const okng_engine *engine)
{
    return engine->backend->takes_pixels && engine->backend->takes_pixels(engine->program);
}

okng_status okng_engine_session_new(okng_engine_session **out, const okng_engine *engine, int64_t batch,
                                    okng_error *error)
{
    *out = NULL;
    if (batch < 1 || batch > OKNG_ENGINE_MAX_BATCH)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "%lld pictures at once, expected 1..%d", (long long)batch,
                         OKNG_ENGINE_MAX_BATCH);
    okng_engine_session *session = calloc(1, sizeof *session);
    if (!session) return okng_fail_memory(error, sizeof *session);
    session->backend = engine->backend;
    okng_status status = engine->backend->session(&session->state, engine->program, batch, error);
    if (status == OKNG_OK)
        *out = session;
    else
        free(session);
    return status;
}

void okng_engine_session_free(okng_engine_session **session)
{
    if (!session || !*session) return;
    (*session)->backend->session_free((*session)->state);
    free(*session);
    *session = NULL;
}

okng_status okng_engine_run(okng_engine_session *session, const void *const *inputs, float *const *outputs,
                            okng_error *error)
{
    return session->backend->run(session->state, inputs, outputs, NULL, error);
}

okng_status okng_engine_observe(okng_engine_session *session, const void *const *inputs, float *const *outputs,
                                float *ranges, okng_error *error)
{
    return session->backend->run(session->state, inputs, outputs, ranges, error);
}

/* ---- whole programs ---- */

okng_status okng_engine_whole_compile(okng_engine_whole **out, const okng_program *program, const char *name,
                                      const okng_engine_options *options, okng_error *error)
{
    *out = NULL;
    OKNG_TRY(okng_engine_supports(options->device, options->precision, error));
    const okng_backend *backend = find(options->device);
    if (!backend->whole)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "device %s runs networks alone, expected onnxruntime to run a bank as a whole", backend->name);
    okng_engine_whole *whole = calloc(1, sizeof *whole);
    if (!whole) return okng_fail_memory(error, sizeof *whole);
    whole->backend = backend;
    const okng_status status = backend->whole(&whole->state, program, name, options, error);
    if (status == OKNG_OK)
        *out = whole;
    else
        free(whole);
    return status;
}

void okng_engine_whole_free(okng_engine_whole **whole)
{
    if (!whole || !*whole) return;
    (*whole)->backend->whole_free((*whole)->state);
    free(*whole);
    *whole = NULL;
}

okng_status okng_engine_whole_run(const okng_engine_whole *whole, int64_t pictures, const void *const *inputs,
                                  void *const *outputs, okng_error *error)
{
    return whole->backend->whole_run(whole->state, pictures, inputs, outputs, error);
}

/* ---- packed weights on disk ---- */

okng_status okng_engine_kept_open(okng_engine_kept **out, const okng_graph *graph, const okng_engine_options *options,
                                  const char *sha256, okng_error *error)
{
    const okng_backend *backend = find(options->device);
    *out = NULL;
    if (!backend || !backend->kept_open) return OKNG_OK;
    okng_engine_kept *kept = calloc(1, sizeof *kept);
    if (!kept) return okng_fail_memory(error, sizeof *kept);
    kept->backend = backend;
    const okng_status status = backend->kept_open(&kept->state, graph, options, sha256, error);
    if (status == OKNG_OK && kept->state)
        *out = kept;
    else
        free(kept);
    return status;
}

void okng_engine_kept_close(okng_engine_kept **kept)
{
    if (!kept || !*kept) return;
    (*kept)->backend->kept_close((*kept)->state);
    free(*kept);
    *kept = NULL;
}

void okng_engine_keep(const okng_engine *engine, const char *sha256)
{
    if (engine->backend->keep) engine->backend->keep(engine->program, sha256);
}
