/* OpenVINO IR from memory; okng_export_read_openvino (export.h) reads files. Private to export/. */
#ifndef OKNG_EXPORT_READ_OPENVINO_H
#define OKNG_EXPORT_READ_OPENVINO_H

#include "export/read_ir.h"

/* Appends a model to an empty program. xml: `xml_size` bytes and a NUL behind them, which are changed; not kept. bin:
 * what lies in NAME.bin; the program's constants lie in it, so it lives as long. Errors: those of
 * okng_export_read_openvino. */
okng_status okng_openvino_read(okng_program *program, const char *path, char *xml, size_t xml_size, const uint8_t *bin,
                               size_t bin_size, okng_error *error);

#endif
