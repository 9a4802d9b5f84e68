/* KolektorSDD: kos01 to kos50, eight surfaces of a commutator in each, PartN.jpg with PartN_label.bmp, which is all 0
 * where the surface is good. No split into good pictures to learn and pictures to test was published: all bad ones are
 * tested, and test-ratio of the good ones. */
#include <stdlib.h>
#include <string.h>

#include "data/draw.h"
#include "data/kolektor.h"
#include "data/listing.h"

#define UNPACKED "KolektorSDD"

/* The folders kos*, in *set. */
static okng_status find_items(const okng_source *source, char **set, okng_names *items, okng_error *error)
{
    okng_names folders = {0};
    OKNG_TRY(okng_source_below(source, UNPACKED, set, error));
    okng_status status = okng_list_folders(*set, &folders, error);
    for (size_t i = 0; status == OKNG_OK && i < folders.count; i++)
        if (strncmp(folders.items[i], "kos", 3) == 0) status = okng_names_add(items, folders.items[i], error);
    okng_names_free(&folders);
    if (status == OKNG_OK && items->count == 0)
        status = okng_fail(
            error, OKNG_ERROR_NOT_FOUND,
            "%s: no folder kos<NN> here; expected KolektorSDD: kos<NN>/Part<N>.jpg and Part<N>_label.bmp", *set);
    return status;
}

static okng_status categories(const okng_source *source, okng_names *out, okng_error *error)
{
    char *set = NULL;
    okng_names items = {0};
    okng_status status = find_items(source, &set, &items, error);
    if (status == OKNG_OK) status = okng_names_add(out, "commutator", error);
    okng_names_free(&items);
    free(set);
    return status;
}

static okng_status samples(const okng_source *source, const char *category, okng_sample_list *out, okng_error *error)
{
    (void)category; /* there is one */
    char *set = NULL;
    okng_names items = {0};
    okng_status status = find_items(source, &set, &items, error);
    for (size_t i = 0; status == OKNG_OK && i < items.count; i++) {
        const okng_beside_part part = {
            .root = set, .below = items.items[i], .tail = "_label", .split = OKNG_SPLIT_TRAIN, .bad_to_test = true};
        status = okng_sample_add_beside(out, &part, error);
    }
    if (status == OKNG_OK) status = okng_draw_test(out, source->options, error);
    okng_names_free(&items);
    free(set);
    return status;
}

const okng_layout okng_layout_kolektor_sdd = {
    .name = "kolektor-sdd",
    .help = "KolektorSDD: kos<NN>/Part<N>.jpg, Part<N>_label.bmp; a part of the good ones is tested",
    .options = "test-ratio",
    .categories = categories,
    .samples = samples,
};
