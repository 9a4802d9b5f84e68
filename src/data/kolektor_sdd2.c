/* KolektorSDD2: {train,test}/NNNNN.png with NNNNN_GT.png, which is all 0 where the surface is good. The bad pictures of
 * train are not used: what is learned is good, and what is tested is test. */
#include <stdlib.h>

#include "base/file.h"
#include "data/kolektor.h"
#include "data/listing.h"

#define UNPACKED "KolektorSDD2"

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    char *set;
    OKNG_TRY(okng_source_below(source, UNPACKED, &set, error));
    okng_status status = okng_has_folder(set, "train") && okng_has_folder(set, "test")
                             ? okng_names_add(out, "surface", error)
                             : okng_fail(error, OKNG_ERROR_NOT_FOUND,
                                         "%s: no train and test here; expected KolektorSDD2: "
                                         "{train,test}/<NNNNN>.png and <NNNNN>_GT.png",
                                         set);
    free(set);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    (void)category; /* there is one */
    char *set;
    OKNG_TRY(okng_source_below(source, UNPACKED, &set, error));
    const okng_beside_part train = {.root = set, .below = "train", .tail = "_GT", .split = OKNG_SPLIT_TRAIN};
    const okng_beside_part test = {.root = set, .below = "test", .tail = "_GT", .split = OKNG_SPLIT_TEST};
    okng_status status = okng_sample_add_beside(out, &train, error);
    if (status == OKNG_OK) status = okng_sample_add_beside(out, &test, error);
    free(set);
    return status;
}

const okng_layout okng_layout_kolektor_sdd2 = {
    .name = "kolektor-sdd2",
    .help = "KolektorSDD2: {train,test}/<NNNNN>.png, <NNNNN>_GT.png",
    .categories = categories,
    .samples = samples,
};
