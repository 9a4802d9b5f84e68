/* What stands behind the name of the engine: onnxruntime[:cpu|cuda|tensorrt|openvino][:N]. */
#ifndef OKNG_ENGINE_ONNXRUNTIME_DEVICE_H
#define OKNG_ENGINE_ONNXRUNTIME_DEVICE_H

#include <stdbool.h>

#include "engine/onnxruntime/api.h"

typedef struct okng_ort_device {
    const struct okng_ort_provider_row *row;
    char place[32]; /* "0"; of OpenVINO its own word, "GPU.1"; "" where none is asked for */
} okng_ort_device;

/* Reads a whole name. ARGUMENT for what no device is called, naming what is; the library is not asked. */
okng_status okng_ort_device_read(okng_ort_device *device, const char *name, okng_error *error);
/* Whether this library has what runs it. UNSUPPORTED, naming the providers that it has. */
okng_status okng_ort_device_check(const okng_ort_api *ort, const okng_ort_device *device, okng_error *error);
/* Whether it computes in this machine's memory. */
bool okng_ort_device_is_near(const okng_ort_device *device);
/* Puts the device's provider before the CPU's. Errors: those of the library, with its reason. */
okng_status okng_ort_device_append(const okng_ort_api *ort, const okng_ort_device *device, okng_ort_options *options,
                                   okng_error *error);

#endif
