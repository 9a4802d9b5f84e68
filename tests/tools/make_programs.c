/* Writes the programs of made_programs.h as files, each with inputs, for runtimes to run: OUT/NAME.onnx (or .xml) and
 * OUT/NAME/INPUT.npy; with what okng's interpreter makes of them: OUT/NAME/OUTPUT.npy.
 * Usage: make_programs OUT [openvino] [half] [apart] [opset]; apart: constants in a file of their own */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "export/export.h"
#include "made_programs.h"

static okng_status save(const okng_array *array, const char *folder, const char *name, okng_error *error)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s.npy", folder, name);
    return okng_array_write_npy(array, path, error);
}

static okng_status run(const okng_program *p, const char *folder, okng_error *error)
{
    okng_array *inputs[OKNG_PROGRAM_MAX_ENDS] = {0}, *outputs[OKNG_PROGRAM_MAX_ENDS] = {0};
    okng_status status = okng_make_folders(folder, error);
    for (int32_t i = 0; i < p->input_count && status == OKNG_OK; i++) {
        inputs[i] = made_input(p, i);
        status = inputs[i] ? save(inputs[i], folder, p->nodes[p->inputs[i]].name, error) : okng_fail_memory(error, 1);
    }
    if (status == OKNG_OK) status = okng_program_run(p, (const okng_array *const *)inputs, 1, outputs, error);
    for (int32_t i = 0; i < p->output_count && status == OKNG_OK; i++)
        status = save(outputs[i], folder, p->outputs[i].name, error);
    for (int32_t i = 0; i < OKNG_PROGRAM_MAX_ENDS; i++) {
        okng_array_free(&inputs[i]);
        okng_array_free(&outputs[i]);
    }
    return status;
}

static okng_status make(const made_program *made, const char *out, const okng_export_target *like, bool openvino,
                        okng_error *error)
{
    char path[1024], folder[512];
    okng_export_target target = *like;
    okng_program *p;
    (void)snprintf(path, sizeof path, "%s/%s.%s", out, made->name, openvino ? "xml" : "onnx");
    (void)snprintf(folder, sizeof folder, "%s/%s", out, made->name);
    target.path = path;
    target.name = made->name;
    OKNG_TRY(okng_program_new(&p, error));
    made->build(p);
    okng_status status = run(p, folder, error);
    if (status == OKNG_OK) status = (openvino ? okng_export_openvino : okng_export_onnx)(p, &target, NULL, error);
    okng_program_free(&p);
    return status;
}

int main(int count, char **words)
{
    okng_error error;
    okng_export_target target = {0};
    bool openvino = false;
    if (count < 2) {
        (void)fprintf(stderr, "usage: make_programs OUT [openvino] [half] [apart] [opset]\n");
        return 2;
    }
    for (int i = 2; i < count; i++)
        if (strcmp(words[i], "half") == 0)
            target.half = true;
        else if (strcmp(words[i], "apart") == 0)
            target.data_apart = 1;
        else if (strcmp(words[i], "openvino") == 0)
            openvino = true;
        else
            target.opset = atoi(words[i]);
    for (size_t i = 0; i < MADE_PROGRAMS; i++) {
        okng_export_target own = target;
        if (own.opset == 17 && strcmp(made_programs[i].name, "pixels") == 0) own.opset = 0;
        if (make(&made_programs[i], words[1], &own, openvino, &error) != OKNG_OK) {
            (void)fprintf(stderr, "make_programs: %s: %s\n", made_programs[i].name, error.message);
            return 1;
        }
    }
    return 0;
}
