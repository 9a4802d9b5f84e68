/* What IR calls the types of elements: "f32" in attributes, "FP32" at ports. Private to export/. */
#ifndef OKNG_EXPORT_IR_TYPES_H
#define OKNG_EXPORT_IR_TYPES_H

#include <stdbool.h>

#include "okng/okng.h"

/* NULL of a type that IR does not have. Static storage. */
const char *okng_ir_element(okng_dtype dtype);
const char *okng_ir_precision(okng_dtype dtype);
/* And back: false for what programs have no type for. */
bool okng_ir_dtype_of_element(const char *element, okng_dtype *dtype);
bool okng_ir_dtype_of_precision(const char *precision, okng_dtype *dtype);

#endif
