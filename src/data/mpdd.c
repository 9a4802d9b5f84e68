/* MPDD (metal parts): the layout of MVTec AD, at the root or in the folder MPDD of its archive. */
#include <stdlib.h>

#include "data/listing.h"

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    char *set;
    OKNG_TRY(okng_source_below(source, "MPDD", &set, error));
    okng_status status = okng_list_categories(
        set, "train/good", "MPDD: <category>/train/good, test/<kind>, ground_truth/<kind>/<stem>_mask.png", out, error);
    free(set);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    char *set;
    OKNG_TRY(okng_source_below(source, "MPDD", &set, error));
    const okng_source below = {set, source->options};
    okng_status status = okng_layout_mvtec.samples(&below, category, out, error);
    free(set);
    return status;
}

const okng_layout okng_layout_mpdd = {
    .name = "mpdd",
    .help = "MPDD: the layout of mvtec, at the root or in its folder MPDD",
    .categories = categories,
    .samples = samples,
};
