/* A finished ONNX graph to its files. Private to export/. */
#ifndef OKNG_EXPORT_ONNX_FILE_H
#define OKNG_EXPORT_ONNX_FILE_H

#include "export/export.h"
#include "export/onnx_graph.h"

/* Constants go into the model, or to the file <target->path>.data where they are more than target->data_apart bytes.
 * Errors: LIMIT, IO, MEMORY. */
okng_status okng_onnx_file_write(okng_onnx_graph *graph, const okng_export_target *target, okng_export_files *files,
                                 okng_error *error);
/* The same in memory, see okng_export_onnx_image. */
okng_status okng_onnx_file_image(okng_onnx_graph *graph, const okng_export_target *target, okng_export_image *image,
                                 okng_error *error);

#endif
