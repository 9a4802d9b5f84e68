/* What is used of onnxruntime's C API, and how its library comes in: when it is asked for, so that building needs none
 * of its files. The API is a table of functions to which each version only appends; the numbers below are places of
 * that of version 17 (onnxruntime 1.17), which every later library gives to who asks for it. They were read off the
 * public header of 1.17 and are the same in that of 1.29. */
#ifndef OKNG_ENGINE_ONNXRUNTIME_API_H
#define OKNG_ENGINE_ONNXRUNTIME_API_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct okng_ort_status okng_ort_status; /* NULL: it went well; else to be released */
typedef struct okng_ort_env okng_ort_env;
typedef struct okng_ort_options okng_ort_options;
typedef struct okng_ort_session okng_ort_session;
typedef struct okng_ort_value okng_ort_value;
typedef struct okng_ort_memory okng_ort_memory;
typedef struct okng_ort_provider okng_ort_provider; /* the options of CUDA, or of TensorRT */

typedef void okng_ort_log_fn(void *context, int severity, const char *category, const char *id, const char *place,
                             const char *message);

enum { OKNG_ORT_LOG_FATAL = 4 };       /* of what it logs */
enum { OKNG_ORT_NOT_IMPLEMENTED = 9 }; /* a code of a status */
enum { OKNG_ORT_OPTIMISE_ALL = 99 };   /* of a graph */
enum { OKNG_ORT_ALLOCATOR_DEVICE = 0, OKNG_ORT_MEMORY_DEFAULT = 0 };

/* clang-format off */
#define OKNG_ORT_ENTRIES(X) \
    X(1, int, error_code, (const okng_ort_status *status)) \
    X(2, const char *, error_message, (const okng_ort_status *status)) \
    X(4, okng_ort_status *, create_env, (okng_ort_log_fn *log, void *context, int severity, const char *id, okng_ort_env **out)) \
    X(8, okng_ort_status *, create_session, (const okng_ort_env *env, const void *model, size_t bytes, const okng_ort_options *options, okng_ort_session **out)) \
    X(9, okng_ort_status *, run, (okng_ort_session *session, const void *run_options, const char *const *input_names, const okng_ort_value *const *inputs, size_t input_count, const char *const *output_names, size_t output_count, okng_ort_value **outputs)) \
    X(10, okng_ort_status *, create_options, (okng_ort_options **out)) \
    X(23, okng_ort_status *, set_optimisation, (okng_ort_options *options, int level)) \
    X(24, okng_ort_status *, set_threads, (okng_ort_options *options, int threads)) \
    X(49, okng_ort_status *, create_value, (const okng_ort_memory *memory, void *data, size_t bytes, const int64_t *dims, size_t rank, int type /* ONNX's number */, okng_ort_value **out)) \
    X(69, okng_ort_status *, create_memory, (int allocator, int kind, okng_ort_memory **out)) \
    X(93, void, release_status, (okng_ort_status *status)) \
    X(95, void, release_session, (okng_ort_session *session)) \
    X(96, void, release_value, (okng_ort_value *value)) \
    X(100, void, release_options, (okng_ort_options *options)) \
    X(125, okng_ort_status *, get_providers, (char ***names, int *count)) \
    X(126, okng_ort_status *, release_providers, (char **names, int count)) \
    X(130, okng_ort_status *, add_config, (okng_ort_options *options, const char *key, const char *value)) \
    X(170, okng_ort_status *, append_tensorrt, (okng_ort_options *options, const okng_ort_provider *provider)) \
    X(171, okng_ort_status *, create_tensorrt, (okng_ort_provider **out)) \
    X(172, okng_ort_status *, update_tensorrt, (okng_ort_provider *provider, const char *const *keys, const char *const *values, size_t count)) \
    X(174, void, release_tensorrt, (okng_ort_provider *provider)) \
    X(204, okng_ort_status *, append_cuda, (okng_ort_options *options, const okng_ort_provider *provider)) \
    X(205, okng_ort_status *, create_cuda, (okng_ort_provider **out)) \
    X(206, okng_ort_status *, update_cuda, (okng_ort_provider *provider, const char *const *keys, const char *const *values, size_t count)) \
    X(208, void, release_cuda, (okng_ort_provider *provider)) \
    X(275, okng_ort_status *, append_openvino, (okng_ort_options *options, const char *const *keys, const char *const *values, size_t count))
/* clang-format on */

#define OKNG_ORT_FIELD(number, result, name, arguments) result(*name) arguments;
/* The library, once it is there. */
typedef struct okng_ort_api {
    OKNG_ORT_ENTRIES(OKNG_ORT_FIELD)
    okng_ort_env *env;       /* the process has one, as the library wants it */
    okng_ort_memory *memory; /* of this machine, which the caller's arrays lie in */
    char version[48];        /* "onnxruntime 1.30.0" */
} okng_ort_api;
#undef OKNG_ORT_FIELD

#define OKNG_ORT_LIBRARY "OKNG_ONNXRUNTIME" /* of the environment: the library's file */

/* The library: that of OKNG_ONNXRUNTIME, else the system's; loaded for good the first time, looked for again as long as
 * there was none. Any thread. Errors: UNSUPPORTED where there is none, saying where it was looked for and what to do,
 * where it cannot be loaded, is no onnxruntime, is older than 1.17 or lacks a function; MEMORY. */
okng_status okng_ort_get(const okng_ort_api **out, okng_error *error);
/* "onnxruntime 1.30.0", or where it is not loaded (yet) "onnxruntime (loaded when asked for)". */
const char *okng_ort_version(void);

/* OK for NULL. Else an error with what was being done and the library's reason; releases the status. UNSUPPORTED for
 * what it has not, MEMORY where it says so, else INTERNAL. */
okng_status okng_ort_try(const okng_ort_api *ort, okng_ort_status *status, const char *doing, okng_error *error);

#endif
