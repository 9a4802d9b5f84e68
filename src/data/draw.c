#include "data/draw.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "data/listing.h"

okng_status okng_draw(uint64_t seed, okng_rng_stream stream, size_t count, size_t take, bool *chosen, okng_error *error)
{
    size_t *order = okng_alloc(count, sizeof *order);
    if (!order) return okng_fail_memory(error, count * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        order[i] = i;
        chosen[i] = false;
    }
    okng_rng rng = okng_rng_new(seed, stream);
    for (size_t i = 0; i < take; i++) { /* the first steps of Fisher and Yates' shuffle */
        size_t other = i + (size_t)okng_rng_below(&rng, count - i), place = order[other];
        order[other] = order[i];
        chosen[place] = true;
    }
    free(order);
    return OKNG_OK;
}

/* Pictures that a ratio takes of `count`: rounded, at least 1 and at most count - 1 where the ratio is above 0. */
static size_t draw_share(size_t count, double ratio)
{
    if (!(ratio > 0) || count < 2) return 0;
    size_t share = (size_t)lround(ratio * (double)count);
    if (share < 1) return 1;
    return share < count ? share : count - 1;
}

/* ---- of a category -------------------------------------------------------------------------- */

/* Places in the list of the samples of a split and a label. malloc'd. */
static okng_status find_places(const okng_sample_list *list, okng_split split, int32_t label, size_t **places,
                               size_t *count, okng_error *error)
{
    *count = 0;
    *places = okng_alloc(list->count, sizeof **places);
    if (!*places) return okng_fail_memory(error, list->count * sizeof **places);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].split == split && list->items[i].label == label) (*places)[(*count)++] = i;
    return OKNG_OK;
}

/* Removes the samples that are marked; the others keep their order. */
static void drop(okng_sample_list *list, const bool *marked)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (marked[i])
            okng_sample_release(&list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

/* Draws `take` of the train samples: true for those that are drawn, at their places in the list. */
static okng_status draw_train(const okng_sample_list *list, const okng_dataset_options *options, okng_rng_stream stream,
                              size_t take, bool *marked, okng_error *error)
{
    size_t *places = NULL, count;
    OKNG_TRY(find_places(list, OKNG_SPLIT_TRAIN, 0, &places, &count, error));
    bool *chosen = okng_alloc_zero(count, sizeof *chosen);
    okng_status status =
        chosen ? okng_draw(options->seed, stream, count, take, chosen, error) : okng_fail_memory(error, count);
    for (size_t i = 0; status == OKNG_OK && i < count; i++) marked[places[i]] = chosen[i];
    free(chosen);
    free(places);
    return status;
}

static size_t train_count(const okng_sample_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) count += list->items[i].split == OKNG_SPLIT_TRAIN;
    return count;
}

okng_status okng_draw_test(okng_sample_list *list, const okng_dataset_options *options, okng_error *error)
{
    okng_sample_list_sort(list);
    bool *marked = okng_alloc_zero(list->count, sizeof *marked);
    if (!marked) return okng_fail_memory(error, list->count);
    size_t take = draw_share(train_count(list), options->test_ratio);
    okng_status status = draw_train(list, options, OKNG_STREAM_FOLDER_TEST, take, marked, error);
    for (size_t i = 0; status == OKNG_OK && i < list->count; i++)
        if (marked[i]) list->items[i].split = OKNG_SPLIT_TEST;
    free(marked);
    return status;
}

static okng_status hold_out(okng_sample_list *list, const okng_dataset_options *options, bool *marked,
                            okng_error *error)
{
    size_t take = draw_share(train_count(list), options->validation);
    if (take == 0) return OKNG_OK;
    OKNG_TRY(draw_train(list, options, OKNG_STREAM_VALIDATION, take, marked, error));
    for (size_t i = 0; i < list->count; i++)
        if (marked[i]) list->items[i].split = OKNG_SPLIT_VALIDATION;
    return OKNG_OK;
}

static okng_status keep_shots(okng_sample_list *list, const okng_dataset_options *options, const char *category,
                              bool *marked, okng_error *error)
{
    if (options->k_shot <= 0) return OKNG_OK;
    size_t count = train_count(list), shots = (size_t)options->k_shot;
    if (shots > count)
        return okng_fail(error, OKNG_ERROR_ARGUMENT,
                         "category %s: k-shot is %zu, but there are %zu pictures to learn%s; take at most that many",
                         category, shots, count, options->validation > 0 ? " besides those held out" : "");
    OKNG_TRY(draw_train(list, options, OKNG_STREAM_K_SHOT, shots, marked, error));
    for (size_t i = 0; i < list->count; i++) marked[i] = list->items[i].split == OKNG_SPLIT_TRAIN && !marked[i];
    drop(list, marked);
    return OKNG_OK;
}

/* Every place whose step of take / count crosses a whole number is kept: the same distance between all. */
static void spread(const size_t *places, size_t count, size_t take, bool *dropped)
{
    for (size_t i = 0; i < count; i++) dropped[places[i]] = (i + 1) * take / count == i * take / count;
}

static okng_status thin_test(okng_sample_list *list, const okng_dataset_options *options, bool *dropped,
                             okng_error *error)
{
    size_t *places[2] = {NULL, NULL}, counts[2] = {0, 0}, take[2], most = (size_t)options->max_test_samples;
    okng_status status = OKNG_OK;
    for (int32_t label = 0; label < 2 && status == OKNG_OK; label++)
        status = find_places(list, OKNG_SPLIT_TEST, label, &places[label], &counts[label], error);
    size_t all = counts[0] + counts[1];
    if (status == OKNG_OK && most > 0 && most < all) {
        take[0] = (size_t)lround((double)most * (double)counts[0] / (double)all);
        if (take[0] == 0 && counts[0] > 0) take[0] = 1;
        if (take[0] == most && counts[1] > 0) take[0] = most - 1;
        take[1] = most - take[0];
        for (size_t i = 0; i < list->count; i++) dropped[i] = false;
        for (int label = 0; label < 2; label++) spread(places[label], counts[label], take[label], dropped);
        drop(list, dropped);
    }
    free(places[0]);
    free(places[1]);
    return status;
}

okng_status okng_draw_splits(okng_sample_list *list, const okng_dataset_options *options, const char *category,
                             okng_error *error)
{
    bool *marked = okng_alloc_zero(list->count, sizeof *marked);
    if (!marked) return okng_fail_memory(error, list->count);
    okng_status status = hold_out(list, options, marked, error);
    for (size_t i = 0; i < list->count; i++) marked[i] = false;
    if (status == OKNG_OK) status = keep_shots(list, options, category, marked, error);
    if (status == OKNG_OK) status = thin_test(list, options, marked, error);
    free(marked);
    return status;
}
