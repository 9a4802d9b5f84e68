#include "model/shared.h"

#include "base/fingerprint.h"
#include "base/tree_share.h"

bool okng_model_can_share(const okng_model *model)
{
    return okng_model_place(model) != NULL;
}

okng_status okng_model_put(okng_grown *parcel, const okng_model *model, okng_error *error)
{
    const okng_run_options run = okng_model_run_options(model);
    const uint8_t whole = run.whole;
    uint64_t fingerprint;
    OKNG_TRY(okng_fingerprint_of_tree(okng_model_place(model), &fingerprint, error));
    okng_parcel_put_text(parcel, okng_model_place(model));
    okng_parcel_put_text(parcel, run.weights);
    okng_parcel_put_text(parcel, run.device);
    okng_parcel_put(parcel, &whole, sizeof whole);
    okng_parcel_put(parcel, &run.threads, sizeof run.threads);
    okng_parcel_put(parcel, &fingerprint, sizeof fingerprint);
    return okng_parcel_packed(parcel, error);
}

okng_status okng_model_send(const okng_ranks *ranks, const void *model, okng_error *error)
{
    char *copy;
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
    *out = (okng_taken_model){0};
    /* What cannot be read here is sent, as rank 0 can. */
    const bool lacks = !place || okng_fingerprint_of_tree(place, &here, NULL) != OKNG_OK || here != expected;
    OKNG_TRY(okng_tree_share(ranks, place, lacks, &out->copy, error));
    okng_status status = okng_model_open_to_run(&out->model, lacks ? out->copy : place, &run, error);
    if (status != OKNG_OK) okng_taken_model_close(out);
    return status;
}

void okng_taken_model_close(okng_taken_model *taken)
{
    okng_model_close(&taken->model);
    okng_tree_forget(&taken->copy);
}
