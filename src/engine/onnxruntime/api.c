#include "engine/onnxruntime/api.h"

#include <ctype.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"

enum { API_VERSION = 17, OLDEST_MINOR = 17 };

/* What the library's one exported function gives. */
typedef struct entrance {
    const void *(*table)(uint32_t version);
    const char *(*version)(void);
} entrance;

static pthread_mutex_t mutex =
    PTHREAD_MUTEX_INITIALIZER; /* guards what follows; api is not written any more once is_there */
static bool is_there;
static okng_ort_api api;

static const char *const usual_names[] = {"libonnxruntime.so.1", "libonnxruntime.so"};
enum { USUAL_NAMES = sizeof usual_names / sizeof usual_names[0] };

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static okng_status load_named(void **handle, const char *file, okng_error *error)
{
    OKNG_TRY(okng_library_load(handle, file, error));
    if (*handle) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "%s is \"%s\", where there is no library; expected the file libonnxruntime.so of onnxruntime 1.17 "
                     "or newer",
                     OKNG_ORT_LIBRARY, file);
}

static okng_status load(void **handle, const char **file, okng_error *error)
{
    const char *asked = getenv(OKNG_ORT_LIBRARY);
    *handle = NULL;
    *file = asked;
    if (asked && *asked) return load_named(handle, asked, error);
    for (int i = 0; i < USUAL_NAMES && !*handle; i++) {
        *file = usual_names[i];
        OKNG_TRY(okng_library_load(handle, usual_names[i], error));
    }
    if (*handle) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "the system has no library %s; install onnxruntime 1.17 or newer, or say where its "
                     "libonnxruntime.so is by %s",
                     usual_names[0], OKNG_ORT_LIBRARY);
}

/* ---- what it is -------------------------------------------------------------------------------------------------- */

static okng_status check_version(const char *version, const char *file, okng_error *error)
{
    unsigned major = 0, minor = 0;
    if (version && sscanf(version, "%u.%u", &major, &minor) == 2 &&
        (major > 1 || (major == 1 && minor >= OLDEST_MINOR)))
        return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s is onnxruntime %s, expected 1.%d or newer", file,
                     version ? version : "?", OLDEST_MINOR);
}

/* Takes the entries out of the library's table. */
static okng_status take_entries(const void *const *table, const char *file, okng_error *error)
{
    const void *lacks = NULL;
#define OKNG_ORT_TAKE(number, result, field, arguments)   \
    memcpy(&api.field, &table[number], sizeof api.field); \
    if (!api.field && !lacks) lacks = #field;
    OKNG_ORT_ENTRIES(OKNG_ORT_TAKE)
#undef OKNG_ORT_TAKE
    if (!lacks) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "%s lacks a function that onnxruntime 1.%d has (%s); install another build of onnxruntime", file,
                     OLDEST_MINOR, (const char *)lacks);
}

/* The library would print. What matters comes back as an error's text. */
static void log_nothing(void *context, int severity, const char *category, const char *id, const char *place,
                        const char *message)
{
    (void)context;
    (void)severity;
    (void)category;
    (void)id;
    (void)place;
    (void)message;
}

static okng_status start(okng_error *error)
{
    OKNG_TRY(
        okng_ort_try(&api, api.create_env(log_nothing, NULL, OKNG_ORT_LOG_FATAL, "okng", &api.env), "start", error));
    return okng_ort_try(&api, api.create_memory(OKNG_ORT_ALLOCATOR_DEVICE, OKNG_ORT_MEMORY_DEFAULT, &api.memory),
                        "start", error);
}

static okng_status enter(okng_error *error)
{
    void *handle;
    const char *file;
    const entrance *(*get_base)(void) = NULL;
    OKNG_TRY(load(&handle, &file, error));
    void *symbol = dlsym(handle, "OrtGetApiBase");
    memcpy(&get_base, &symbol, sizeof get_base); /* which C does not let be cast */
    const entrance *base = get_base ? get_base() : NULL;
    if (!base || !base->version || !base->table)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "%s is no onnxruntime: it has no OrtGetApiBase; expected the file libonnxruntime.so of "
                         "onnxruntime 1.17 or newer",
                         file);
    OKNG_TRY(check_version(base->version(), file, error)); /* asked for what it has not, it prints */
    const void *table = base->table(API_VERSION);
    if (!table)
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s is onnxruntime %s and has no API of version %d", file,
                         base->version(), API_VERSION);
    OKNG_TRY(take_entries(table, file, error));
    (void)snprintf(api.version, sizeof api.version, "onnxruntime %s", base->version());
    return start(error);
}

okng_status okng_ort_get(const okng_ort_api **out, okng_error *error)
{
    (void)pthread_mutex_lock(&mutex);
    const okng_status status = is_there ? OKNG_OK : enter(error);
    is_there = status == OKNG_OK;
    (void)pthread_mutex_unlock(&mutex);
    *out = status == OKNG_OK ? &api : NULL;
    return status;
}

const char *okng_ort_version(void)
{
    (void)pthread_mutex_lock(&mutex);
    const char *version = is_there ? api.version : "onnxruntime (loaded when asked for)";
    (void)pthread_mutex_unlock(&mutex);
    return version;
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */

/* Before the reason it may say in which line of its source, "[ONNXRuntimeError] : NUMBER : KIND : ". */
static void take_reason(const char *why, char *reason, size_t size)
{
    const char *mark = why ? strstr(why, "[ONNXRuntimeError]") : NULL;
    for (int i = 0; i < 3 && mark; i++) {
        mark = strstr(mark, " : ");
        if (mark) mark += strlen(" : ");
    }
    (void)snprintf(reason, size, "%s", mark ? mark : why ? why : "no reason given");
    for (size_t length = strlen(reason); length > 0 && isspace((unsigned char)reason[length - 1]);)
        reason[--length] = '\0';
}

okng_status okng_ort_try(const okng_ort_api *ort, okng_ort_status *status, const char *doing, okng_error *error)
{
    if (!status) return OKNG_OK;
    const char *why = ort->error_message(status);
    const bool memory = why && (strstr(why, "bad_alloc") || strstr(why, "Failed to allocate memory"));
    const okng_status kind = memory                                                ? OKNG_ERROR_MEMORY
                             : ort->error_code(status) == OKNG_ORT_NOT_IMPLEMENTED ? OKNG_ERROR_UNSUPPORTED
                                                                                   : OKNG_ERROR_INTERNAL;
    char reason[512];
    take_reason(why, reason, sizeof reason);
    const okng_status result = okng_fail(error, kind, "onnxruntime cannot %s: %s", doing, reason);
    ort->release_status(status);
    return result;
}
