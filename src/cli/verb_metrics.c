#include <math.h>
#include <string.h>

#include "cli.h"

enum { KEY_COLUMN = 24 };

/* A metric of scores or maps; all other figures are an experiment's. */
static bool get(size_t i, okng_figure_info *info)
{
    *info = (okng_figure_info){.struct_size = sizeof *info};
    if (okng_figure_get(i, info, NULL) != OKNG_OK) return false;
    return info->group == OKNG_GROUP_IMAGE || info->group == OKNG_GROUP_PIXEL;
}

/* JSON has no infinity, and a threshold may be infinite; the largest double stands for it. */
static double for_json(double value)
{
    return isinf(value) ? copysign(1.7976931348623157e308, value) : value;
}

/* With all digits: the figures are compared with those of other programs. */
static int print_json(const okng_metrics *m)
{
    okng_figure_info info;
    json_t *document = json_object();
    for (size_t i = 0; i < okng_figure_count(); i++)
        if (get(i, &info) && !isnan(m->figures[i]))
            okng_cli_json_put(&document, info.key, json_real(for_json(m->figures[i])));
    if (m->images_left_out > 0)
        okng_cli_json_put(&document, "images_left_out", json_integer((json_int_t)m->images_left_out));
    if (m->pixels_left_out > 0)
        okng_cli_json_put(&document, "pixels_left_out", json_integer((json_int_t)m->pixels_left_out));
    return okng_cli_print_json_digits(document, 17);
}

static bool is_threshold(const char *key)
{
    static const char end[] = "_threshold";
    size_t length = strlen(key), part = sizeof end - 1;
    return length > part && strcmp(key + length - part, end) == 0;
}

static void print_left_out(uint64_t count, const char *what)
{
    if (count > 0) (void)printf(_("left out, being NaN: %llu %s\n"), (unsigned long long)count, okng_translate(what));
}

static void print_table(const okng_metrics *m, bool scores, bool maps)
{
    if (scores)
        (void)printf(_("%llu scores, %llu bad\n"), (unsigned long long)m->images, (unsigned long long)m->images_bad);
    if (maps)
        (void)printf(_("%llu maps, %llu pixels, %llu bad in %llu regions\n"), (unsigned long long)m->maps,
                     (unsigned long long)m->pixels, (unsigned long long)m->pixels_bad, (unsigned long long)m->regions);
    print_left_out(m->images_left_out, N_("scores"));
    print_left_out(m->pixels_left_out, N_("pixels"));
    okng_figure_info info;
    char text[40];
    for (size_t i = 0; i < okng_figure_count(); i++) {
        if (!get(i, &info) || (info.group == OKNG_GROUP_IMAGE ? !scores : !maps)) continue;
        if (isnan(m->figures[i]))
            (void)printf("  %-*s -\n", KEY_COLUMN, info.key);
        else if (is_threshold(info.key))
            (void)printf("  %-*s %s\n", KEY_COLUMN, info.key, okng_cli_number_text(m->figures[i], text, sizeof text));
        else
            (void)printf("  %-*s %.6g\n", KEY_COLUMN, info.key, m->figures[i]);
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
    return EXIT_OKAY;
}

static int run(okng_cli_args *args)
{
    const char *scores = okng_cli_value(args, "scores"), *maps = okng_cli_value(args, "maps");
    okng_pro_mode mode = OKNG_PRO_EXACT;
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
    if (args->json) return print_json(&metrics);
    if (!args->quiet) print_table(&metrics, scores != NULL, maps != NULL);
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
