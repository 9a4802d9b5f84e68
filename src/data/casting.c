/* Castings of a pump's impeller: {train,test}/{ok_front,def_front}, no masks. The bad pictures of train are not used:
 * what is learned is good, and what is tested is test. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/listing.h"

/* The archive holds the set in a folder of its own, and that one in another. *set is malloc'd; NULL when it is not
 * there. */
static okng_status find_set(const char *root, char **set, okng_error *error)
{
    static const char *const places[] = {"", "/casting_data", "/casting_data/casting_data"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        OKNG_TRY(okng_path_format(set, error, "%s%s", root, places[i]));
        if (okng_has_folder(*set, "train/ok_front")) return OKNG_OK;
        free(*set);
        *set = NULL;
    }
    return OKNG_OK;
}

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    char *set;
    OKNG_TRY(find_set(source->root, &set, error));
    if (!set)
        return okng_fail(error, OKNG_ERROR_NOT_FOUND,
                         "%s: no train/ok_front here; expected {train,test}/{ok_front,"
                         "def_front}",
                         source->root);
    free(set);
    return okng_names_add(out, "casting", error);
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    (void)category; /* there is one */
    char *set;
    OKNG_TRY(find_set(source->root, &set, error));
    if (!set) return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: train/ok_front is gone", source->root);
    const okng_folder_part parts[] = {
        {.category = set, .below = "train/ok_front", .split = OKNG_SPLIT_TRAIN, .kind = "good"},
        {.category = set, .below = "test/ok_front", .split = OKNG_SPLIT_TEST, .kind = "good"},
        {.category = set, .below = "test/def_front", .split = OKNG_SPLIT_TEST, .label = 1, .kind = "def_front"},
    };
    okng_status status = okng_sample_add_parts(out, parts, sizeof parts / sizeof parts[0], error);
    free(set);
    return status;
}

const okng_layout okng_layout_casting = {
    .name = "casting",
    .help = "casting products: {train,test}/{ok_front,def_front}, no masks",
    .categories = categories,
    .samples = samples,
};
