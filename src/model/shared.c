#include "model/shared.h"

#include <string.h>

#include "base/fingerprint.h"
#include "base/xxh64.h"

bool okng_model_can_share(const okng_model *model)
{
    return okng_model_place(model) != NULL;
}

/* Of score and map of a picture; 0 where it cannot be inspected. */
static okng_status probe(const okng_model *model, const char *path, uint64_t max_pixels, uint64_t *hash,
                         okng_error *error)
{
    okng_image rgb = {0};
    okng_scored scored = {0};
    okng_decoding how = {.max_pixels = max_pixels,
                         .bit_depth = okng_bits_of(okng_model_look(model).options->bit_depth)};
    *hash = 0;
    OKNG_TRY(okng_image_load_by(&rgb, path, &how, error));
    okng_status status = okng_model_inspect(model, &rgb, 1, &scored, error); /* as pictures of folders are */
    if (status == OKNG_OK) {
        const size_t pixels = (size_t)scored.placement.height * (size_t)scored.placement.width;
        memcpy(hash, &scored.score, sizeof scored.score);
        if (scored.input_map) *hash ^= okng_xxh64(scored.input_map, pixels * sizeof *scored.input_map);
    }
    okng_scored_free(&scored);
    okng_image_free(&rgb);
    return status;
}

okng_status okng_model_put(okng_grown *parcel, const okng_model *model, const char *path, uint64_t max_pixels,
                           okng_error *error)
{
    const okng_run_options run = okng_model_run_options(model);
    const uint8_t whole = run.whole;
    uint64_t fingerprint = 0; /* no copy of another's will do: only this one is known to be signed */
    if (!okng_model_is_signed(model)) OKNG_TRY(okng_fingerprint_of_tree(okng_model_place(model), &fingerprint, error));
    okng_parcel_put_text(parcel, okng_model_place(model));
    okng_parcel_put_text(parcel, run.weights);
    okng_parcel_put_text(parcel, run.device);
    okng_parcel_put(parcel, &whole, sizeof whole);
    okng_parcel_put(parcel, &run.threads, sizeof run.threads);
    okng_parcel_put(parcel, &fingerprint, sizeof fingerprint);
    uint64_t expected;
    (void)probe(model, path, max_pixels, &expected, NULL); /* what fails is told when its turn comes */
    okng_parcel_put_text(parcel, path);
    okng_parcel_put(parcel, &max_pixels, sizeof max_pixels);
    okng_parcel_put(parcel, &expected, sizeof expected);
    return okng_parcel_packed(parcel, error);
}

okng_status okng_model_send(const okng_ranks *ranks, const void *model, okng_error *error)
{
    okng_tree_copy copy;
    return okng_tree_share(ranks, okng_model_place(model), false, &copy, error);
}

okng_status okng_model_take(okng_taken_model *out, const okng_ranks *ranks, okng_parcel *parcel, okng_error *error)
{
    uint64_t expected, here = 0;
    uint8_t whole;
    const char *place = okng_parcel_take_text(parcel);
    okng_run_options run = {.weights = okng_parcel_take_text(parcel)};
    run.device = okng_parcel_take_text(parcel);
    okng_parcel_take(parcel, &whole, sizeof whole);
    run.whole = whole != 0;
    okng_parcel_take(parcel, &run.threads, sizeof run.threads);
    okng_parcel_take(parcel, &expected, sizeof expected);
    *out = (okng_taken_model){.path = okng_parcel_take_text(parcel)};
    okng_parcel_take(parcel, &out->max_pixels, sizeof out->max_pixels);
    okng_parcel_take(parcel, &out->expected, sizeof out->expected);
    /* What cannot be read here is sent, as rank 0 can. */
    const bool lacks =
        !place || expected == 0 || okng_fingerprint_of_tree(place, &here, NULL) != OKNG_OK || here != expected;
    OKNG_TRY(okng_tree_share(ranks, place, lacks, &out->copy, error));
    okng_status status = okng_model_open_to_run(&out->model, lacks ? out->copy.path : place, &run, error);
    if (status != OKNG_OK) okng_taken_model_close(out);
    return status;
}

okng_status okng_taken_model_compare(const okng_taken_model *taken, okng_error *error)
{
    uint64_t here;
    if (!taken->path) return OKNG_OK;
    const okng_status status = probe(taken->model, taken->path, taken->max_pixels, &here, error);
    if (here == taken->expected) return OKNG_OK; /* or it cannot be inspected anywhere */
    OKNG_TRY(status);
    return okng_fail(error, OKNG_ERROR_MISMATCH,
                     "%s: comes to another score or map here than on rank 0; give --cpu avx2, or another that all "
                     "machines have, or leave this one out",
                     taken->path);
}

void okng_taken_model_close(okng_taken_model *taken)
{
    okng_model_close(&taken->model);
    okng_tree_forget(&taken->copy);
}
