/* In place of ONNX where okng is built without protobuf-c (OKNG_ONNX=OFF). */
#include "export/export.h"

static okng_status refuse(const char *path, okng_error *error)
{
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: this okng was built without ONNX (OKNG_ONNX=OFF)", path);
}

okng_status okng_export_onnx(const okng_program *program, const okng_export_target *target, okng_export_files *files,
                             okng_error *error)
{
    (void)program;
    (void)files;
    return refuse(target->path, error);
}

okng_status okng_export_read_onnx(okng_program **out, const char *path, okng_error *error)
{
    *out = NULL;
    return refuse(path, error);
}
