#include "inspect/apart.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/file.h"

okng_status okng_need_apart(const char *dir, const char *out, okng_error *error)
{
    char *there = okng_path_to_be(out);
    if (!there) return okng_fail_errno(error, "find the place of", out);
    char *in;
    okng_status status = okng_real_path(&in, dir, error);
    if (status != OKNG_OK) free(there);
    if (status != OKNG_OK) return status;
    bool inside = in && okng_path_inside(there, in);
    free(in);
    free(there);
    if (!inside) return OKNG_OK;
    return okng_fail(
        error, OKNG_ERROR_ARGUMENT,
        "the results' folder %s lies in the pictures' folder %s, where results would be taken for pictures "
        "the next time; give another folder",
        out, dir);
}
