/* What okng finds in a data set: a look before a long run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static void count_in(json_t **object, const char *key, int more)
{
    okng_cli_json_put(object, key, json_integer(json_integer_value(json_object_get(*object, key)) + more));
}

/* How many pictures of a category are for what. */
static json_t *count_category(const char *name, const okng_samples *samples)
{
    static const char *const splits[] = {"train", "validation", "test_good", "test_bad"};
    json_t *category = json_object(), *kinds = json_object();
    okng_cli_json_put(&category, "name", okng_cli_json_path(name));
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) count_in(&category, splits[i], 0);
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        count_in(&category, splits[(size_t)sample->split + (size_t)sample->label], 1);
        if (sample->label) count_in(&kinds, sample->kind, 1);
    }
    okng_cli_json_put(&category, "masks", json_boolean(okng_samples_have_masks(samples)));
    okng_cli_json_put(&category, "kinds", kinds);
    return category;
}

static okng_status count_all(const okng_dataset *dataset, json_t *categories, okng_error *error)
{
    for (size_t i = 0; i < okng_dataset_category_count(dataset); i++) {
        okng_samples *samples;
        const char *name = okng_dataset_category(dataset, i);
        okng_status status = okng_samples_open(&samples, dataset, name, error);
        if (status != OKNG_OK) return status;
        int failed = json_array_append_new(categories, count_category(name, samples));
        okng_samples_free(&samples);
        if (failed) return okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    }
    return OKNG_OK;
}

static void tell_left_out(const okng_cli_args *args, const char *root, const okng_dataset *dataset)
{
    const size_t count = okng_dataset_category_count(dataset);
    const char **names = calloc(count + 1, sizeof *names); /* without memory nothing is told of them */
    for (size_t i = 0; names && i < count; i++) names[i] = okng_dataset_category(dataset, i);
    if (names) okng_cli_tell_left_out_of(args, root, names, count);
    free(names);
}

static long long number(const json_t *category, const char *key)
{
    return (long long)json_integer_value(json_object_get(category, key));
}

static void print_table(const json_t *categories)
{
    const char *head = okng_translate(N_("category"));
    int width = okng_cli_columns(head, strlen(head));
    size_t i;
    json_t *category;
    json_array_foreach(categories, i, category)
    {
        int length = (int)json_string_length(json_object_get(category, "name"));
        if (length > width) width = length;
    }
    okng_cli_print_left(head, width);
    okng_cli_print_right(N_("train"), 8);
    okng_cli_print_right(N_("validation"), 12);
    okng_cli_print_right(N_("test good"), 11);
    okng_cli_print_right(N_("test bad"), 10);
    (void)printf("  ");
    okng_cli_print_left(N_("masks"), 7);
    (void)printf("%s\n", _("kinds of defect"));
    json_array_foreach(categories, i, category)
    {
        const char *kind;
        json_t *count;
        (void)printf("%-*s %7lld %11lld %10lld %9lld  ", width, json_string_value(json_object_get(category, "name")),
                     number(category, "train"), number(category, "validation"), number(category, "test_good"),
                     number(category, "test_bad"));
        okng_cli_print_left(json_is_true(json_object_get(category, "masks")) ? N_("yes") : N_("none"), 6);
        json_object_foreach(json_object_get(category, "kinds"), kind, count)(void)
            printf(" %s %lld", kind, (long long)json_integer_value(count));
        (void)printf("\n");
    }
}

static int run(okng_cli_args *args)
{
    okng_error error;
    okng_dataset *dataset = NULL;
    const char *given = okng_cli_value(args, "dataset"), *name = given ? given : "mvtec",
               *root = okng_cli_value(args, "root");
    json_t *categories = json_array();
    okng_status status = okng_dataset_open(&dataset, name, root, &args->data, &error);
    if (status == OKNG_OK) status = count_all(dataset, categories, &error);
    if (status == OKNG_OK) tell_left_out(args, root, dataset);
    okng_dataset_close(&dataset);
    if (status != OKNG_OK) {
        json_decref(categories);
        return okng_cli_fail(&error);
    }
    if (args->json)
        return okng_cli_print_json(
            json_pack("{s:s, s:o, s:o}", "dataset", name, "root", okng_cli_json_path(root), "categories", categories));
    if (!args->quiet) print_table(categories);
    json_decref(categories);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {OKNG_CLI_DATASET_ROWS, {0}};

const okng_cli_verb okng_cli_data_show = {
    .name = "data show",
    .usage = "--root DIR [--dataset NAME] [options]",
    .summary = "counts what is in a data set and finds what is missing",
    .about = "Lists each category as a run would: pictures to learn, held out, to test, kinds of defect and masks. "
             "Files are "
             "looked for, not decoded; a missing mask or an empty split is an error that names the path. Pictures of "
             "kinds that are not read are named. docs/datasets.md "
             "shows the layouts.",
    .examples =
        "  okng data show --root mvtec_anomaly_detection\n"
        "  okng data show --dataset visa --root VisA --category candle,pcb1 --k-shot 16 --seed 3\n"
        "  okng data show --dataset folder --root parts --normal fine --abnormal scratched,dented --masks truth\n"
        "  okng data show --dataset csv --root line4.csv --json\n",
    .options = options,
    .no_kernels = true,
    .run = run,
};
