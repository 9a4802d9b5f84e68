/* Any bytes as an ONNX model. */
#include "export/export.h"
#include "fuzz/memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_program *program;
    okng_error error;
    memory_file("model.onnx", data, size);
    if (okng_export_read_onnx(&program, memory_path, &error) == OKNG_OK) okng_program_free(&program);
    return 0;
}
