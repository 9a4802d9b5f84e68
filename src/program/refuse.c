#include <stdio.h>

#include "program/shapes.h"

okng_status okng_program_refuse(const okng_program_node *node, const okng_program_type *inputs, const char *expected,
                                okng_error *error)
{
    char list[384] = "", type[96];
    size_t used = 0;
    for (int32_t k = 0; k < node->input_count && used < sizeof list; k++) {
        const int length = snprintf(list + used, sizeof list - used, "%s%s", k ? ", " : "",
                                    okng_program_type_text(&inputs[k], type, sizeof type));
        used += length > 0 ? (size_t)length : 0;
    }
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "was given %s, expected %s", list, expected);
}
