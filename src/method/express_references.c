#include "method/express.h"

okng_program_value okng_directions_express(okng_program *p, okng_program_value rows, bool none,
                                           okng_program_value *undefined)
{
    const okng_program_value nothing = okng_program_scalar(p, 0);
    const okng_program_value squares = okng_program_sum(p, okng_program_multiply(p, rows, rows), OKNG_AXIS(2));
    /* NaN times 0 is NaN, and so is infinity */
    okng_program_value lost = okng_program_is_nan(p, okng_program_multiply(p, squares, nothing));
    const okng_program_value no_length =
        okng_program_or(p, lost, okng_program_not(p, okng_program_greater(p, squares, nothing)));
    rows = okng_program_select(p, no_length, nothing, okng_program_divide(p, rows, okng_program_sqrt(p, squares)));
    lost = okng_program_largest(p, okng_program_cast(p, none ? no_length : lost, OKNG_F32), OKNG_AXIS(1));
    lost = okng_program_greater(p, okng_program_reshape(p, lost, 1, (int64_t[]){OKNG_ANY}), nothing);
    *undefined = *undefined == OKNG_PROGRAM_NONE ? lost : okng_program_or(p, *undefined, lost);
    return rows;
}

okng_program_value okng_references_express(okng_program *p, const okng_reference_rows *rows, okng_program_value vectors)
{
    const okng_rows all = {.data = rows->data, .count = rows->count, .dim = rows->dim};
    const int64_t count = okng_program_dim(p, vectors, 1);
    okng_memory *memory = okng_memory_new(p, &all, &okng_nearest_defaults);
    const okng_program_value squared = okng_nearest_express(memory, vectors, 1);
    okng_memory_free(&memory);
    const okng_program_value quarter = okng_program_multiply(p, squared, okng_program_scalar(p, 0.25f));
    return okng_program_reshape(p, quarter, 2, (int64_t[]){OKNG_ANY, count});
}
