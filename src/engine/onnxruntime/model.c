#include "engine/onnxruntime/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "export/export.h"
#include "export/type_numbers.h"
#include "program/node.h"

/* An input or an output. */
typedef struct end {
    char *name;
    okng_program_type type;
} end;

/* A constant that lies where the program had it: an input that is the same for every run. */
typedef struct apart {
    char *name;
    okng_ort_value *value;
} apart;

struct okng_ort_model {
    const okng_ort_api *ort;
    okng_ort_session *session;
    apart *apart; /* [apart_count] */
    size_t apart_count;
    end inputs[OKNG_PROGRAM_MAX_ENDS], outputs[OKNG_PROGRAM_MAX_ENDS];
    int32_t input_count, output_count;
    pid_t process; /* whose threads it has */
};

/* ---- what goes in and comes out ---------------------------------------------------------------------------------- */

static okng_status copy_end(end *to, const char *name, const okng_program_type *type, okng_error *error)
{
    to->type = *type;
    to->name = strdup(name);
    return to->name ? OKNG_OK : okng_fail_memory(error, strlen(name) + 1);
}

static okng_status copy_ends(okng_ort_model *model, const okng_program *program, okng_error *error)
{
    for (; model->input_count < program->input_count; model->input_count++) {
        const okng_program_node *node = &program->nodes[program->inputs[model->input_count]];
        OKNG_TRY(copy_end(&model->inputs[model->input_count], node->name, &node->type, error));
    }
    for (; model->output_count < program->output_count; model->output_count++) {
        const okng_program_result *result = &program->outputs[model->output_count];
        OKNG_TRY(
            copy_end(&model->outputs[model->output_count], result->name, &program->nodes[result->value].type, error));
    }
    return OKNG_OK;
}

static size_t fill_dims(const end *of, int64_t pictures, int64_t dims[OKNG_PROGRAM_RANK_MAX])
{
    size_t elements = 1;
    for (int32_t i = 0; i < of->type.rank; i++) {
        dims[i] = of->type.dims[i] == OKNG_ANY ? pictures : of->type.dims[i];
        elements *= (size_t)dims[i];
    }
    return elements;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* Threads that wait do so asleep: okng's own want the cores between runs. */
static okng_status configure(const okng_ort_api *ort, okng_ort_options *options, const okng_ort_device *device,
                             int threads, okng_error *error)
{
    OKNG_TRY(okng_ort_try(ort, ort->set_optimisation(options, OKNG_ORT_OPTIMISE_ALL), "be set up", error));
    OKNG_TRY(okng_ort_try(ort, ort->set_threads(options, okng_thread_count(threads)), "be set up", error));
    OKNG_TRY(okng_ort_try(ort, ort->add_config(options, "session.intra_op.allow_spinning", "0"), "be set up", error));
    return okng_ort_device_append(ort, device, options, error);
}

static okng_status keep_apart(okng_ort_model *model, const okng_export_image *image, okng_error *error)
{
    const okng_ort_api *ort = model->ort;
    model->apart = okng_alloc_zero(image->apart_count + 1, sizeof *model->apart);
    if (!model->apart) return okng_fail_memory(error, (image->apart_count + 1) * sizeof *model->apart);
    for (size_t i = 0; i < image->apart_count; i++) {
        const okng_export_apart *a = &image->apart[i];
        apart *kept = &model->apart[i];
        kept->name = strdup(a->name);
        if (!kept->name) return okng_fail_memory(error, strlen(a->name) + 1);
        model->apart_count++;
        OKNG_TRY(okng_ort_try(ort,
                              ort->create_value(ort->memory, (void *)(uintptr_t)a->data, a->bytes, a->dims,
                                                (size_t)a->rank, okng_onnx_type(a->dtype), &kept->value),
                              "take a constant", error));
    }
    return OKNG_OK;
}

static okng_status open_image(okng_ort_model *model, const okng_export_image *image, const okng_ort_device *device,
                              int threads, okng_error *error)
{
    const okng_ort_api *ort = model->ort;
    okng_ort_options *options = NULL;
    OKNG_TRY(okng_ort_try(ort, ort->create_options(&options), "be set up", error));
    okng_status status = configure(ort, options, device, threads, error);
    if (status == OKNG_OK) status = keep_apart(model, image, error);
    if (status == OKNG_OK)
        status = okng_ort_try(ort, ort->create_session(ort->env, image->bytes, image->size, options, &model->session),
                              "open the network", error);
    ort->release_options(options);
    return status;
}

static okng_status fill(okng_ort_model *model, const okng_program *program, const char *name,
                        const okng_ort_device *device, int threads, okng_error *error)
{
    const okng_export_target target = {.name = name};
    okng_export_image image;
    OKNG_TRY(copy_ends(model, program, error));
    okng_status status = okng_export_onnx_image(&image, program, &target, okng_ort_device_is_near(device), error);
    if (status == OKNG_OK) status = open_image(model, &image, device, threads, error);
    okng_export_image_free(&image);
    return status;
}

okng_status okng_ort_model_new(okng_ort_model **out, const okng_program *program, const char *name, const char *device,
                               int threads, okng_error *error)
{
    const okng_ort_api *ort;
    okng_ort_device where;
    *out = NULL;
    OKNG_TRY(okng_ort_device_read(&where, device, error));
    OKNG_TRY(okng_ort_get(&ort, error));
    OKNG_TRY(okng_ort_device_check(ort, &where, error));
    okng_ort_model *model = calloc(1, sizeof *model);
    if (!model) return okng_fail_memory(error, sizeof *model);
    model->ort = ort;
    model->process = getpid();
    const okng_status status = fill(model, program, name, &where, threads, error);
    if (status == OKNG_OK)
        *out = model;
    else
        okng_ort_model_free(model);
    return status;
}

void okng_ort_model_free(okng_ort_model *model)
{
    if (!model) return;
    const bool own = model->process == getpid(); /* a child has not the threads that would have to end */
    if (model->session && own) model->ort->release_session(model->session);
    for (size_t i = 0; i < model->apart_count; i++) {
        if (model->apart[i].value) model->ort->release_value(model->apart[i].value);
        free(model->apart[i].name);
    }
    free(model->apart);
    for (int32_t i = 0; i < OKNG_PROGRAM_MAX_ENDS; i++) {
        free(model->inputs[i].name);
        free(model->outputs[i].name);
    }
    free(model);
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* What one run hands over: `input_count` and `output_count` of them. */
typedef struct call {
    size_t input_count, output_count;
    size_t own; /* inputs that are this run's, the others are the model's */
    okng_ort_value **inputs, *outputs[OKNG_PROGRAM_MAX_ENDS];
    const char **input_names, *output_names[OKNG_PROGRAM_MAX_ENDS];
} call;

static okng_status wrap(const okng_ort_api *ort, const end *of, int64_t pictures, void *data, okng_ort_value **value,
                        okng_error *error)
{
    int64_t dims[OKNG_PROGRAM_RANK_MAX];
    const size_t bytes = fill_dims(of, pictures, dims) * okng_dtype_size(of->type.dtype);
    return okng_ort_try(
        ort,
        ort->create_value(ort->memory, data, bytes, dims, (size_t)of->type.rank, okng_onnx_type(of->type.dtype), value),
        "take an array", error);
}

/* All ones is NaN as a float32. */
static void spoil(const end *of, int64_t pictures, void *data)
{
    int64_t dims[OKNG_PROGRAM_RANK_MAX];
    const size_t bytes = fill_dims(of, pictures, dims) * okng_dtype_size(of->type.dtype);
    memset(data, of->type.dtype == OKNG_BOOL ? 1 : 0xff, bytes);
}

static okng_status give_inputs(const okng_ort_model *model, call *c, int64_t pictures, const void *const *inputs,
                               okng_error *error)
{
    const size_t all = (size_t)model->input_count + model->apart_count;
    c->inputs = okng_alloc_zero(all, sizeof *c->inputs);
    c->input_names = okng_alloc_zero(all, sizeof *c->input_names);
    if (!c->inputs || !c->input_names) return okng_fail_memory(error, all * 2 * sizeof *c->inputs);
    for (int32_t i = 0; i < model->input_count; i++) {
        c->input_names[i] = model->inputs[i].name;
        OKNG_TRY(wrap(model->ort, &model->inputs[i], pictures, (void *)(uintptr_t)inputs[i], &c->inputs[i], error));
        c->own = c->input_count = (size_t)i + 1;
    }
    for (size_t i = 0; i < model->apart_count; i++) {
        c->input_names[c->input_count] = model->apart[i].name;
        c->inputs[c->input_count++] = model->apart[i].value;
    }
    return OKNG_OK;
}

static okng_status give_outputs(const okng_ort_model *model, call *c, int64_t pictures, void *const *outputs,
                                okng_error *error)
{
    for (int32_t i = 0; i < model->output_count; i++) {
        if (!outputs[i]) continue;
        c->output_names[c->output_count] = model->outputs[i].name;
        spoil(&model->outputs[i], pictures, outputs[i]);
        OKNG_TRY(wrap(model->ort, &model->outputs[i], pictures, outputs[i], &c->outputs[c->output_count], error));
        c->output_count++;
    }
    return OKNG_OK;
}

static void end_call(const okng_ort_api *ort, call *c)
{
    for (size_t i = 0; i < c->own; i++) ort->release_value(c->inputs[i]);
    for (size_t i = 0; i < c->output_count; i++) ort->release_value(c->outputs[i]);
    free(c->inputs);
    free(c->input_names);
}

okng_status okng_ort_model_run(const okng_ort_model *model, int64_t pictures, const void *const *inputs,
                               void *const *outputs, okng_error *error)
{
    const okng_ort_api *ort = model->ort;
    call c = {0};
    if (model->process != getpid())
        return okng_fail(error, OKNG_ERROR_UNSUPPORTED,
                         "onnxruntime runs in the process that opened the network, and this is a child of it");
    okng_status status = give_inputs(model, &c, pictures, inputs, error);
    if (status == OKNG_OK) status = give_outputs(model, &c, pictures, outputs, error);
    if (status == OKNG_OK)
        status = okng_ort_try(ort,
                              ort->run(model->session, NULL, c.input_names, (const okng_ort_value *const *)c.inputs,
                                       c.input_count, c.output_names, c.output_count, c.outputs),
                              "run the network", error);
    end_call(ort, &c);
    return status;
}
