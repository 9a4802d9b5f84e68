/* A program (program/program.h) that onnxruntime runs: written as ONNX in memory, opened by the library. A network's
 * graph is brought into a program first (backend.c); a whole model is one already (engine/whole.h). */
#ifndef OKNG_ENGINE_ONNXRUNTIME_MODEL_H
#define OKNG_ENGINE_ONNXRUNTIME_MODEL_H

#include "engine/onnxruntime/device.h"
#include "program/program.h"

/* Immutable, may be run by several threads at once. */
typedef struct okng_ort_model okng_ort_model;

/* threads: as okng_engine_options has it. The program may go; large constants that it borrows outlive the model, as on
 * the CPU they are not copied (elsewhere they are, once). Errors: those of the library, of okng_export_onnx_image and
 * okng_ort_device_check. */
okng_status okng_ort_model_new(okng_ort_model **out, const okng_program *program, const char *name, const char *device,
                               int threads, okng_error *error);
void okng_ort_model_free(okng_ort_model *model); /* NULL is fine */

/* Runs `pictures` at once. inputs[i], outputs[i]: the caller's memory, of the program's inputs and outputs, row-major
 * of their shapes with `pictures` in place of OKNG_ANY; an output that is NULL is not computed. Outputs are NaN (of
 * bools true) before the library writes them, so that what it left out would be seen. Errors: UNSUPPORTED in a child of
 * the process that made the model, which has not its threads; those of the library. */
okng_status okng_ort_model_run(const okng_ort_model *model, int64_t pictures, const void *const *inputs,
                               void *const *outputs, okng_error *error);

#endif
