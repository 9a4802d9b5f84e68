#include "model/shared.h"

#include "base/fingerprint.h"

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

okng_status okng_model_take(okng_model **out, okng_parcel *parcel, okng_error *error)
{
    uint64_t expected, here;
    uint8_t whole;
    *out = NULL;
    const char *place = okng_parcel_take_text(parcel);
    okng_run_options run = {.weights = okng_parcel_take_text(parcel)};
    run.device = okng_parcel_take_text(parcel);
    okng_parcel_take(parcel, &whole, sizeof whole);
    run.whole = whole != 0;
    okng_parcel_take(parcel, &run.threads, sizeof run.threads);
    okng_parcel_take(parcel, &expected, sizeof expected);
    if (!place) return okng_fail(error, OKNG_ERROR_FORMAT, "a message from rank 0 names no bank");
    OKNG_TRY(okng_fingerprint_of_tree(place, &here, error));
    if (here == 0)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: the bank is not here; every rank needs it", place);
    if (here != expected)
        return okng_fail(error, OKNG_ERROR_MISMATCH,
                         "%s: is another bank than that of rank 0; every rank needs the same", place);
    return okng_model_open_to_run(out, place, &run, error);
}
