#include "engine/onnxruntime/device.h"

#include <stdio.h>
#include <string.h>

typedef okng_status append_fn(const okng_ort_api *ort, const okng_ort_device *device, okng_ort_options *options,
                              okng_error *error);

typedef struct okng_ort_provider_row {
    const char *name;
    const char *provider; /* as the library calls what runs it */
    bool words;           /* a place may be a word, not only a number */
    append_fn *append;    /* NULL: it is always there */
} row;

/* ---- the providers ----------------------------------------------------------------------------------------------- */

/* Float32 stays float32: TF32, which it would take for products, has 10 bits and is 1e-3 off. */
static okng_status append_cuda(const okng_ort_api *ort, const okng_ort_device *device, okng_ort_options *options,
                               okng_error *error)
{
    const char *const keys[] = {"device_id", "use_tf32"};
    const char *const values[] = {*device->place ? device->place : "0", "0"};
    okng_ort_provider *cuda = NULL;
    OKNG_TRY(okng_ort_try(ort, ort->create_cuda(&cuda), "use CUDA", error));
    okng_status status = okng_ort_try(ort, ort->update_cuda(cuda, keys, values, 2), "use CUDA", error);
    if (status == OKNG_OK) status = okng_ort_try(ort, ort->append_cuda(options, cuda), "use CUDA", error);
    ort->release_cuda(cuda);
    return status;
}

/* What TensorRT cannot do is CUDA's. */
static okng_status append_tensorrt(const okng_ort_api *ort, const okng_ort_device *device, okng_ort_options *options,
                                   okng_error *error)
{
    const char *const keys[] = {"device_id"};
    const char *const values[] = {*device->place ? device->place : "0"};
    okng_ort_provider *tensorrt = NULL;
    OKNG_TRY(okng_ort_try(ort, ort->create_tensorrt(&tensorrt), "use TensorRT", error));
    okng_status status = okng_ort_try(ort, ort->update_tensorrt(tensorrt, keys, values, 1), "use TensorRT", error);
    if (status == OKNG_OK) status = okng_ort_try(ort, ort->append_tensorrt(options, tensorrt), "use TensorRT", error);
    ort->release_tensorrt(tensorrt);
    return status == OKNG_OK ? append_cuda(ort, device, options, error) : status;
}

/* Its GPUs would compute in float16 unless told. Its NPUs have no other. */
static okng_status append_openvino(const okng_ort_api *ort, const okng_ort_device *device, okng_ort_options *options,
                                   okng_error *error)
{
    const char *const keys[] = {"device_type", "precision"};
    const char *const values[] = {*device->place ? device->place : "CPU",
                                  strncmp(device->place, "NPU", 3) == 0 ? "FP16" : "FP32"};
    return okng_ort_try(ort, ort->append_openvino(options, keys, values, 2), "use OpenVINO", error);
}

static const row rows[] = {
    {"cpu", "CPUExecutionProvider", false, NULL},
    {"cuda", "CUDAExecutionProvider", false, append_cuda},
    {"tensorrt", "TensorrtExecutionProvider", false, append_tensorrt},
    {"openvino", "OpenVINOExecutionProvider", true, append_openvino},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* ---- names ------------------------------------------------------------------------------------------------------- */

static okng_status refuse(const char *name, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_ARGUMENT,
                     "found \"%s\", expected onnxruntime[:cpu|cuda|tensorrt|openvino][:N], N the number of the device "
                     "(of openvino GPU.N, or one of its words: CPU, GPU, NPU, AUTO)",
                     name);
}

/* A small number, or one of OpenVINO's words. */
static bool is_place(const char *place, bool words)
{
    static const char digits[] = "0123456789", letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t length = strlen(place), number = strspn(place, digits);
    if (length == number) return length >= 1 && length <= 3;
    const size_t word = strspn(place, letters);
    if (!words || word == 0 || length > 16) return false;
    return word == length ||
           (place[word] == '.' && strspn(place + word + 1, digits) == length - word - 1 && length - word - 1 >= 1);
}

okng_status okng_ort_device_read(okng_ort_device *device, const char *name, okng_error *error)
{
    const char *kind = strchr(name, ':');
    *device = (okng_ort_device){.row = &rows[0]};
    if (!kind) return OKNG_OK;
    kind++;
    const size_t length = strcspn(kind, ":");
    const char *place = kind[length] == ':' ? kind + length + 1 : NULL;
    device->row = NULL;
    for (int i = 0; i < ROWS; i++)
        if (strlen(rows[i].name) == length && strncmp(rows[i].name, kind, length) == 0) device->row = &rows[i];
    if (!device->row && !place && is_place(kind, false)) { /* onnxruntime:N */
        device->row = &rows[0];
        place = kind;
    }
    if (!device->row || (place && !is_place(place, device->row->words))) return refuse(name, error);
    if (place && !device->row->append && strspn(place, "0") != strlen(place))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "found \"%s\": there is one CPU, expected its number 0", name);
    const bool gpu = place && device->row->words && strspn(place, "0123456789") == strlen(place);
    if (place) (void)snprintf(device->place, sizeof device->place, "%s%s", gpu ? "GPU." : "", place);
    return OKNG_OK;
}

/* ---- the library's ----------------------------------------------------------------------------------------------- */

static okng_status missing(const okng_ort_api *ort, const okng_ort_device *device, char **names, int count,
                           okng_error *error)
{
    char known[512] = "";
    size_t used = 0;
    for (int i = 0; i < count && used < sizeof known; i++) {
        const int length = snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", names[i]);
        used += length > 0 ? (size_t)length : 0;
    }
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                     "device onnxruntime:%s: this %s has no %s, only %s; install a build of onnxruntime that has it",
                     device->row->name, ort->version, device->row->provider, known);
}

okng_status okng_ort_device_check(const okng_ort_api *ort, const okng_ort_device *device, okng_error *error)
{
    char **names = NULL;
    int count = 0;
    bool has = false;
    OKNG_TRY(okng_ort_try(ort, ort->get_providers(&names, &count), "list its providers", error));
    for (int i = 0; i < count; i++) has |= strcmp(names[i], device->row->provider) == 0;
    const okng_status status = has ? OKNG_OK : missing(ort, device, names, count, error);
    const okng_status released = okng_ort_try(ort, ort->release_providers(names, count), "list its providers", NULL);
    return status == OKNG_OK ? released : status;
}

bool okng_ort_device_is_near(const okng_ort_device *device)
{
    return !device->row->append;
}

okng_status okng_ort_device_append(const okng_ort_api *ort, const okng_ort_device *device, okng_ort_options *options,
                                   okng_error *error)
{
    const row *provider = device->row;
    if (!provider->append) return OKNG_OK;
    const okng_status status = provider->append(ort, device, options, error);
    if (status == OKNG_OK) return OKNG_OK;
    /* A library may list a provider whose own libraries, or whose device, are not there. */
    return okng_error_context(
        error, status, "device onnxruntime:%s: %s is listed and cannot start here; onnxruntime:cpu needs no more",
        provider->name, provider->provider);
}
