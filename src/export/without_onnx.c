/* In place of ONNX where okng is built without protobuf-c (OKNG_ONNX=OFF). */
#include "export/export.h"

okng_status okng_export_onnx(const okng_program *program, const okng_export_target *target, okng_export_files *files,
                             okng_error *error)
{
    (void)program;
    (void)files;
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: this okng was built without ONNX (OKNG_ONNX=OFF)",
                     target->path);
}

okng_status okng_export_onnx_image(okng_export_image *image, const okng_program *program,
                                   const okng_export_target *target, bool lends, okng_error *error)
{
    (void)program;
    (void)lends;
    *image = (okng_export_image){0};
    return okng_fail(error, OKNG_ERROR_UNSUPPORTED, "%s: this okng was built without ONNX (OKNG_ONNX=OFF)",
                     target->name);
}

void okng_export_image_free(okng_export_image *image)
{
    (void)image; /* there never is one */
}
