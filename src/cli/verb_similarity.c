#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* What is compared, and what came of it. */
typedef struct table {
    const okng_cli_args *args;
    okng_cli_paths pictures, texts;
    okng_array *cosines; /* float32 [pictures that could be read, texts] */
    okng_array *shares;  /* the same, softmax; NULL: not asked for */
    const char **names;  /* of those pictures */
    size_t count, skipped;
    double scale;
    int code; /* of what has been said to be wrong already */
} table;

/* ---- comparing ---- */

/* What is wrong with one file, and not with all of the work. */
static bool is_of_picture(okng_status status)
{
    return status == OKNG_ERROR_IO || status == OKNG_ERROR_FORMAT || status == OKNG_ERROR_UNSUPPORTED ||
           status == OKNG_ERROR_LIMIT || status == OKNG_ERROR_NOT_FOUND;
}

static okng_status embed_picture(table *t, okng_encoders *encoders, const char *path, float *rows, size_t dim,
                                 okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = path}, *list[] = {&picture};
    okng_array *one;
    okng_status status = okng_encoders_pictures(&one, encoders, list, 1, 0, NULL, NULL, error);
    if (status != OKNG_OK) return status;
    memcpy(rows + t->count * dim, okng_array_data(one), dim * sizeof *rows);
    t->names[t->count++] = path;
    okng_array_free(&one);
    return OKNG_OK;
}

/* Rows of the pictures that can be read, float32 [t->count, dim]; the others are told. */
static okng_status embed_pictures(table *t, okng_encoders *encoders, okng_cli_progress *progress, float *rows,
                                  size_t dim, okng_error *error)
{
    const size_t total = t->pictures.count;
    for (size_t i = 0; i < total; i++) {
        const okng_progress step = {.struct_size = sizeof step, .stage = "features", .done = i, .total = total};
        if (okng_cli_progress_step(&step, progress) != 0)
            return okng_cli_set_error(error, OKNG_ERROR_CANCELLED, "interrupted");
        okng_status status = embed_picture(t, encoders, t->pictures.items[i], rows, dim, error);
        if (status != OKNG_OK && !is_of_picture(status)) return status;
        if (status == OKNG_OK) continue;
        okng_cli_progress_clear(progress);
        (void)okng_cli_error("%s; skipped", error->message);
        t->skipped++;
    }
    if (t->count > 0) return OKNG_OK;
    return okng_cli_set_error(error, OKNG_ERROR_NOT_FOUND, "none of the %zu pictures could be read", t->skipped);
}

/* The first t->count rows of `rows` beside the texts. */
static okng_status compare(table *t, const okng_array *texts, const float *rows, int64_t dim, okng_error *error)
{
    okng_array *pictures;
    okng_status status = okng_array_new(&pictures, OKNG_F32, 2, (const int64_t[]){(int64_t)t->count, dim}, error);
    if (status != OKNG_OK) return status;
    memcpy(okng_array_data(pictures), rows, t->count * (size_t)dim * sizeof *rows);
    status = okng_similarity(&t->cosines, pictures, texts, 0, error);
    if (status == OKNG_OK && okng_cli_value(t->args, "softmax"))
        status = okng_similarity(&t->shares, pictures, texts, t->scale, error);
    okng_array_free(&pictures);
    return status;
}

static okng_status fill(table *t, okng_encoders *encoders, okng_cli_progress *progress, okng_error *error)
{
    const okng_text_options options = okng_cli_text_options(t->args);
    okng_encoders_info info = {.struct_size = sizeof info};
    okng_array *texts;
    okng_status status = okng_encoders_texts(&texts, encoders, (const char *const *)t->texts.items, t->texts.count,
                                             &options, 0, okng_cli_progress_step, progress, error);
    if (status != OKNG_OK) {
        okng_cli_progress_clear(progress);
        const okng_cli_text_source source = {.file = okng_cli_value(t->args, "text")};
        t->code = okng_cli_fail_text(t->args, &t->texts, &source, error);
        return status;
    }
    (void)okng_encoders_get_info(encoders, &info, NULL); /* of encoders that have just worked */
    okng_cli_progress_clear(progress);
    okng_cli_tell_cuts(t->args, info.texts_cut, t->texts.count);
    t->scale = info.logit_scale;
    const size_t dim = (size_t)info.embedding;
    float *rows = calloc(t->pictures.count, dim * sizeof *rows);
    t->names = calloc(t->pictures.count, sizeof *t->names);
    if (!rows || !t->names) status = okng_cli_set_error(error, OKNG_ERROR_MEMORY, "out of memory");
    if (status == OKNG_OK) status = embed_pictures(t, encoders, progress, rows, dim, error);
    if (status == OKNG_OK) status = compare(t, texts, rows, info.embedding, error);
    free(rows);
    okng_array_free(&texts);
    return status;
}

/* ---- what is told ---- */

static double value_at(const okng_array *array, size_t picture, size_t text, size_t texts)
{
    return (double)((const float *)okng_array_data((okng_array *)array))[picture * texts + text];
}

static json_t *values_json(const okng_array *array, size_t picture, size_t texts)
{
    json_t *list = json_array();
    for (size_t k = 0; k < texts; k++) okng_cli_json_add(&list, json_real(value_at(array, picture, k, texts)));
    return list;
}

static int print_json(const table *t)
{
    json_t *texts = json_array(), *pictures = json_array();
    for (size_t k = 0; k < t->texts.count; k++) okng_cli_json_add(&texts, okng_cli_json_path(t->texts.items[k]));
    for (size_t i = 0; i < t->count; i++) {
        json_t *one = json_pack("{s:o, s:o}", "path", okng_cli_json_path(t->names[i]), "cosine",
                                values_json(t->cosines, i, t->texts.count));
        if (t->shares) okng_cli_json_put(&one, "softmax", values_json(t->shares, i, t->texts.count));
        okng_cli_json_add(&pictures, one);
    }
    return okng_cli_print_json(json_pack("{s:f, s:I, s:o, s:o}", "logit_scale", t->scale, "skipped",
                                         (json_int_t)t->skipped, "texts", texts, "pictures", pictures));
}

/* A field of CSV, RFC 4180. */
static void print_field(const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        (void)fputs(text, stdout);
        return;
    }
    (void)putchar('"');
    for (; *text; text++) (void)printf(*text == '"' ? "\"\"" : "%c", *text);
    (void)putchar('"');
}

static void print_csv(const table *t)
{
    const okng_array *values = t->shares ? t->shares : t->cosines;
    (void)fputs("picture", stdout);
    for (size_t k = 0; k < t->texts.count; k++) {
        (void)putchar(',');
        print_field(t->texts.items[k]);
    }
    (void)putchar('\n');
    for (size_t i = 0; i < t->count; i++) {
        print_field(t->names[i]);
        for (size_t k = 0; k < t->texts.count; k++) (void)printf(",%.9g", value_at(values, i, k, t->texts.count));
        (void)putchar('\n');
    }
}

/* Columns are numbers of texts, which may be long. */
static void print_table(const table *t)
{
    const okng_array *values = t->shares ? t->shares : t->cosines;
    int width = okng_cli_columns(_("picture"), strlen(_("picture")));
    for (size_t i = 0; i < t->count; i++) {
        const int columns = okng_cli_columns(t->names[i], strlen(t->names[i]));
        if (columns > width) width = columns;
    }
    for (size_t k = 0; k < t->texts.count; k++) (void)printf("%3zu  %s\n", k + 1, t->texts.items[k]);
    okng_cli_print_left(N_("picture"), width);
    for (size_t k = 0; k < t->texts.count; k++) (void)printf("  %7zu", k + 1);
    (void)putchar('\n');
    for (size_t i = 0; i < t->count; i++) {
        (void)printf("%s%*s", t->names[i], okng_cli_padding(t->names[i], width), "");
        for (size_t k = 0; k < t->texts.count; k++) (void)printf("  %7.4f", value_at(values, i, k, t->texts.count));
        (void)putchar('\n');
    }
    if (t->shares)
        (void)printf(_("softmax over the texts of %.6g x cosine\n"), t->scale);
    else
        (void)printf("%s\n", _("cosines"));
}

static int tell(const table *t)
{
    int code = EXIT_OKAY;
    if (t->args->json)
        code = print_json(t);
    else if (okng_cli_value(t->args, "csv"))
        print_csv(t);
    else
        print_table(t);
    return code == EXIT_OKAY && t->skipped > 0 ? EXIT_SKIPPED : code;
}

/* ---- the verb ---- */

static int run_table(table *t)
{
    okng_error error;
    okng_encoders *encoders;
    if (okng_encoders_open(&encoders, &t->args->build, &error) != OKNG_OK) return okng_cli_fail(&error);
    okng_cli_progress progress = okng_cli_progress_new(t->args);
    okng_status status = fill(t, encoders, &progress, &error);
    okng_cli_progress_clear(&progress);
    okng_encoders_close(&encoders);
    if (status == OKNG_OK) return tell(t);
    return t->code != EXIT_OKAY ? t->code : okng_cli_fail(&error);
}

static int run(okng_cli_args *args)
{
    table t = {.args = args};
    if (args->json && okng_cli_value(args, "csv"))
        return okng_cli_usage(args->verb, "--json and --csv are two forms of the table; give one of them");
    int code = okng_cli_need_clip(args);
    if (code == EXIT_OKAY) code = okng_cli_texts_read(&t.texts, okng_cli_value(args, "text"), false);
    if (code == EXIT_OKAY) code = okng_cli_pictures_add(args, &t.pictures);
    if (code == EXIT_OKAY) code = run_table(&t);
    okng_array_free(&t.cosines);
    okng_array_free(&t.shares);
    free(t.names);
    okng_cli_paths_free(&t.pictures);
    okng_cli_paths_free(&t.texts);
    return code;
}

static const okng_cli_option options[] = {
    {"img", "FILE|DIR...", "pictures and folders of pictures with their sub-folders; patterns as 'today/*.png'", true},
    {"text", "FILE", "texts, one a line, UTF-8; blank lines are passed over", true},
    {"softmax", NULL, "of each picture the softmax over the texts, with the scale that the weights bring along", false},
    {"csv", NULL, "print CSV: a row for each picture, a column for each text", false},
    OKNG_CLI_TEXT_ROWS,
    {0},
};

const okng_cli_verb okng_cli_similarity = {
    .name = "similarity",
    .usage = "--img FILE|DIR... --text FILE --backbone clip-... --weights FILE [options]",
    .summary = "prints a table of how alike pictures and texts are, by a CLIP",
    .about =
        "The cosine of each picture's vector and each text's. Cosines of a CLIP lie close together: what counts is "
        "which text is nearest to a picture, which --softmax shows.\n"
        "One of several pictures that cannot be read is reported and skipped; the exit code is 12 then.",
    .examples =
        "  okng similarity --img parts --text states.txt --backbone clip-vit-b-16 --weights clip.safetensors\n"
        "  okng similarity --img parts --text states.txt --backbone clip-vit-b-16 --softmax --csv > table.csv\n",
    .options = options,
    .repeats = "img",
    .gathers = true,
    .clip = true,
    .stops = true,
    .run = run,
};
