#include "bench/given_bank.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"

/* The pictures of a folder, or the one picture that a path names. */
static okng_status take_pictures(okng_given_bank *given, const char *path, okng_error *error)
{
    size_t count = 1;
    if (okng_is_folder(path)) {
        OKNG_TRY(okng_picture_list_open(&given->list, path, error));
        count = okng_picture_list_count(given->list);
        if (count == 0)
            return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no pictures here or in its sub-folders", path);
    }
    given->pictures = okng_alloc(count, sizeof *given->pictures);
    if (!given->pictures) return okng_fail_memory(error, count * sizeof *given->pictures);
    given->count = count;
    for (size_t i = 0; i < count; i++) given->pictures[i] = given->list ? okng_picture_list_path(given->list, i) : path;
    return OKNG_OK;
}

static okng_status make_bank(okng_given_bank *given, const okng_bench_run *run, okng_error *error)
{
    okng_picture_list *list;
    given->made_bank = okng_path_join(given->scratch.path, "bank");
    if (!given->made_bank) return okng_fail_memory(error, sizeof given->scratch.path);
    OKNG_TRY(okng_picture_list_open(&list, given->made_pictures, error));
    okng_status status = okng_bench_build_bank(run, list, given->made_bank, NULL, error);
    okng_picture_list_free(&list);
    given->bank_dir = given->made_bank;
    return status;
}

static okng_status open_given(okng_given_bank *given, const okng_bench_run *run, okng_error *error)
{
    const okng_bench_inputs *in = &run->inputs;
    OKNG_TRY(okng_scratch_new(&given->scratch, error));
    if (!in->bank_dir || !in->pictures)
        OKNG_TRY(okng_made_pictures(&given->scratch, OKNG_MADE_PICTURES, &given->made_pictures, error));
    given->bank_dir = in->bank_dir;
    if (!in->bank_dir) OKNG_TRY(make_bank(given, run, error));
    return take_pictures(given, in->pictures ? in->pictures : given->made_pictures, error);
}

okng_status okng_given_bank_open(okng_given_bank *given, const okng_bench_run *run, okng_error *error)
{
    memset(given, 0, sizeof *given);
    okng_status status = open_given(given, run, error);
    if (status != OKNG_OK) okng_given_bank_close(given);
    return status;
}

void okng_given_bank_close(okng_given_bank *given)
{
    okng_picture_list_free(&given->list);
    free(given->pictures);
    free(given->made_bank);
    free(given->made_pictures);
    okng_scratch_remove(&given->scratch);
    memset(given, 0, sizeof *given);
}
