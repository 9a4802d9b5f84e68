/* What ONNX calls the operators of programs. */
#ifndef OKNG_EXPORT_OP_NAMES_H
#define OKNG_EXPORT_OP_NAMES_H

#include "program/program.h"

/* NULL for what is no operator of ONNX: inputs, constants, the second result of TOP_K. Static storage. */
const char *okng_export_onnx_name(okng_program_op op);

#endif
