#include <math.h>
#include <string.h>

#include "cli.h"

/* The figures by their keys, as they are printed. */
typedef struct figure {
    const char *key;
    double value;
} figure;

enum { FIGURES = 11, KEY_COLUMN = 24 };

static void list_figures(const okng_metrics *m, figure figures[FIGURES])
{
    const figure all[FIGURES] = {
        {"image_auroc", m->image_auroc}, {"image_ap", m->image_ap},
        {"image_f1max", m->image_f1max}, {"image_f1max_threshold", m->image_f1max_threshold},
        {"pixel_auroc", m->pixel_auroc}, {"pixel_ap", m->pixel_ap},
        {"pixel_f1max", m->pixel_f1max}, {"pixel_f1max_threshold", m->pixel_f1max_threshold},
        {"aupro_30", m->aupro_30},       {"aupro_05", m->aupro_05},
        {"aupimo", m->aupimo},
    };
    memcpy(figures, all, sizeof all);
}

/* JSON has no infinity, and a threshold may be infinite; the largest double stands for it. */
static double for_json(double value)
{
    return isinf(value) ? copysign(1.7976931348623157e308, value) : value;
}

/* With all digits: the figures are compared with those of other programs. */
static int print_json(const figure figures[FIGURES])
{
    json_t *document = json_object();
    for (size_t i = 0; i < FIGURES; i++)
        if (!isnan(figures[i].value))
            (void)json_object_set_new(document, figures[i].key, json_real(for_json(figures[i].value)));
    if (!document) return okng_cli_error("out of memory for the result as JSON");
    int failed = json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    json_decref(document);
    return failed || printf("\n") < 0 ? okng_cli_error("cannot write to the standard output") : EXIT_OKAY;
}

static void print_left_out(uint64_t count, const char *what)
{
    if (count > 0) (void)printf("left out, being NaN: %llu %s\n", (unsigned long long)count, what);
}

static void print_table(const okng_metrics *m, const figure figures[FIGURES], bool scores, bool maps)
{
    if (scores)
        (void)printf("%llu scores, %llu bad\n", (unsigned long long)m->images, (unsigned long long)m->images_bad);
    if (maps)
        (void)printf("%llu maps, %llu pixels, %llu bad in %llu regions\n", (unsigned long long)m->maps,
                     (unsigned long long)m->pixels, (unsigned long long)m->pixels_bad, (unsigned long long)m->regions);
    print_left_out(m->images_left_out, "scores");
    print_left_out(m->pixels_left_out, "pixels");
    for (size_t i = 0; i < FIGURES; i++) {
        bool of_images = strncmp(figures[i].key, "image", 5) == 0;
        if (of_images ? !scores : !maps) continue;
        if (isnan(figures[i].value))
            (void)printf("  %-*s -\n", KEY_COLUMN, figures[i].key);
        else
            (void)printf("  %-*s %.6g\n", KEY_COLUMN, figures[i].key, figures[i].value);
    }
}

static int check(const okng_cli_args *args, okng_pro_mode *mode)
{
    const char *text = okng_cli_value(args, "pro-mode");
    bool maps = okng_cli_value(args, "maps") != NULL, masks = okng_cli_value(args, "masks") != NULL;
    if (!okng_cli_value(args, "scores") && !maps && !masks)
        return okng_cli_usage(args->verb, "nothing to measure: give --scores CSV, or --maps DIR and --masks DIR");
    if (maps != masks)
        return okng_cli_usage(args->verb, "--%s DIR is missing: maps and masks are compared", maps ? "masks" : "maps");
    if (text && !maps) return okng_cli_usage(args->verb, "--pro-mode is of maps; give --maps DIR and --masks DIR");
    *mode = text && strcmp(text, "steps") == 0 ? OKNG_PRO_STEPS : OKNG_PRO_EXACT;
    if (text && *mode == OKNG_PRO_EXACT && strcmp(text, "exact") != 0)
        return okng_cli_usage(args->verb, "--pro-mode: found \"%s\", expected exact or steps", text);
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    const char *scores = okng_cli_value(args, "scores"), *maps = okng_cli_value(args, "maps");
    okng_pro_mode mode;
    int code = check(args, &mode);
    if (code != EXIT_OKAY) return code;
    okng_error error;
    okng_metrics metrics;
    okng_metrics_init(&metrics);
    okng_cli_progress progress = okng_cli_progress_new(args);
    okng_status status = OKNG_OK;
    if (scores) status = okng_metrics_read_scores(scores, &metrics, &error);
    if (status == OKNG_OK && maps)
        status = okng_metrics_read_maps(maps, okng_cli_value(args, "masks"), mode, args->build.threads,
                                        okng_cli_progress_step, &progress, &metrics, &error);
    okng_cli_progress_clear(&progress);
    if (status != OKNG_OK) return okng_cli_fail(&error);
    figure figures[FIGURES];
    list_figures(&metrics, figures);
    if (args->json) return print_json(figures);
    if (!args->quiet) print_table(&metrics, figures, scores != NULL, maps != NULL);
    return EXIT_OKAY;
}

static const okng_cli_option options[] = {
    {"scores", "CSV", "image metrics of a table with the columns score and label (0, OK, good or 1, NG, bad)", false},
    {"maps", "DIR", "pixel metrics of the anomaly maps in it and its sub-folders, .npy, float32 [H, W]", false},
    {"masks", "DIR", "their masks: of a/b.npy a/b_mask.png or a/b.png; a map without one is of a good picture", false},
    {"pro-mode", "exact|steps",
     "AU-PRO over every distinct score, or over 200 steps as papers on CLIP do; exact unless given", false},
    {0},
};

const okng_cli_verb okng_cli_metrics = {
    .name = "metrics",
    .usage = "[--scores CSV] [--maps DIR --masks DIR] [--pro-mode exact|steps]",
    .summary = "measures how well scores and maps tell bad from good",
    .about =
        "Of scores: AUROC, average precision, the largest F1 and the score that it is reached at. Of maps the same "
        "over "
        "all pixels, and AU-PRO up to false-positive rates of 0.30 and 0.05. All figures are exact, as scikit-learn's; "
        "maps of any size are read one at a time.\n"
        "A figure is left out where there is nothing good or nothing bad, and NaN counts nowhere.",
    .examples = "  okng metrics --scores scores.csv\n"
                "  okng metrics --maps maps --masks ground_truth --json\n"
                "  okng metrics --scores s.csv --maps maps --masks masks --pro-mode steps\n",
    .options = options,
    .stops = true,
    .run = run,
};
