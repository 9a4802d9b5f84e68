/* Any bytes as an OpenVINO IR: the text, and behind its first NUL the numbers. */
#include <stdlib.h>
#include <string.h>

#include "export/read_openvino.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    okng_program *program;
    okng_error error;
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    const size_t length = nul ? (size_t)(nul - data) : size, rest = nul ? size - length - 1 : 0;
    char *text = malloc(length + 1);
    uint8_t *bin = malloc(rest + 1);
    if (!text || !bin) abort();
    memcpy(text, data, length);
    text[length] = '\0';
    memcpy(bin, nul ? nul + 1 : data, rest);
    if (okng_program_new(&program, &error) == OKNG_OK) {
        (void)okng_openvino_read(program, "model.xml", text, length, bin, rest, &error);
        okng_program_free(&program);
    }
    free(text);
    free(bin);
    return 0;
}
