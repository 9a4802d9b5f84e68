/* What a PatchCore trainer in a container does, by its own names and defaults: a bank, the OpenVINO model, a
 * checkpoint, the settings. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

typedef struct job {
    const okng_cli_args *args;
    okng_build_options *build;
    char folder[OKNG_PATH_MAX]; /* of the good pictures */
    bool flat;                  /* those of its sub-folders are none of them */
    char *output;               /* without slashes at its end */
    char *name;
    char *target, *bank; /* OUTPUT/NAME, OUTPUT/NAME/bank */
    char *learnt_bank;   /* the bank that is exported: `bank`, or that of its region */
    okng_cli_paths excluded;
    okng_cli_progress progress;
    okng_build_report learnt;
    okng_export_report written;
} job;

static void free_job(job *j)
{
    okng_cli_paths_free(&j->excluded);
    free(j->output);
    free(j->name);
    free(j->target);
    free(j->bank);
    free(j->learnt_bank);
}

/* ---- what was asked for ------------------------------------------------------------------------------------------ */

/* The words of an option that takes several, with `between` between them, into text. "" where it was not given. */
static int join(const okng_cli_args *args, const char *option, const char *between, char *text, size_t size, int *count)
{
    size_t used = 0;
    *text = '\0';
    *count = 0;
    for (size_t i = 0; i < args->repeated_count; i++) {
        if (strcmp(args->repeated_of[i], option) != 0) continue;
        const int length = snprintf(text + used, size - used, "%s%s", used > 0 ? between : "", args->repeated[i]);
        if (length < 0 || used + (size_t)length >= size)
            return okng_cli_usage(args->verb, "--%s: the value is too long", option);
        used += (size_t)length;
        ++*count;
    }
    return EXIT_OKAY;
}

/* The trainer's option as okng's. */
static int set(const job *j, const char *option, const char *name, const char *value)
{
    okng_error error, told;
    char before[64];
    if (!value || okng_build_options_set(j->build, name, value, &error) == OKNG_OK) return EXIT_OKAY;
    const int length = snprintf(before, sizeof before, "option %s: ", name); /* okng's name of it */
    const char *why = strncmp(error.message, before, (size_t)length) == 0 ? error.message + length : error.message;
    (void)okng_cli_set_error(&told, error.status, "--%s: %.600s", option, why);
    return okng_cli_refused(j->args->verb, &told);
}

static int set_size(const job *j)
{
    char size[64];
    int count, code = join(j->args, "image-size", "x", size, sizeof size, &count);
    if (code != EXIT_OKAY || count == 0) return code == EXIT_OKAY ? set(j, "image-size", "resize", "224x224") : code;
    if (count != 2)
        return okng_cli_usage(j->args->verb, "--image-size: found %d numbers, expected height and width", count);
    return set(j, "image-size", "resize", size);
}

static int set_layers(const job *j)
{
    char layers[OKNG_MAX_LAYERS * OKNG_NAME_MAX];
    int count, code = join(j->args, "layers", " ", layers, sizeof layers, &count);
    return code == EXIT_OKAY && count > 0 ? set(j, "layers", "layers", layers) : code;
}

/* The trainer's defaults are those of anomalib 2 but for the size and the ratio. A preset keeps weights and seed. */
static int set_all(const job *j)
{
    const okng_cli_args *args = j->args;
    const char *ratio = okng_cli_value(args, "coreset-ratio");
    const okng_build_options given = *j->build;
    int code = set(j, "preset", "preset", "anomalib");
    if (code == EXIT_OKAY) code = set(j, "backbone", "backbone", okng_cli_value(args, "backbone"));
    if (code == EXIT_OKAY) code = set(j, "coreset-ratio", "coreset", ratio ? ratio : "0.001");
    if (code == EXIT_OKAY) code = set(j, "num-neighbors", "neighbors", okng_cli_value(args, "num-neighbors"));
    if (code == EXIT_OKAY) code = set_layers(j);
    if (code == EXIT_OKAY) code = set_size(j);
    j->build->threads = given.threads;
    j->build->max_memory = given.max_memory;
    return code;
}

/* Options that mean nothing here are taken, and said to. */
static int pass_over(const okng_cli_args *args)
{
    char *end;
    const char *batch = okng_cli_value(args, "batch-size");
    if (batch && (strtol(batch, &end, 10) < 1 || *end))
        return okng_cli_usage(args->verb, "--batch-size %s: expected a number of pictures", batch);
    if (args->quiet) return EXIT_OKAY;
    if (batch)
        (void)fprintf(stderr,
                      _("okng: --batch-size %s means nothing here: pictures are learnt one by one, and --max-memory "
                        "bounds memory\n"),
                      batch);
    if (okng_cli_value(args, "use-faiss") || okng_cli_value(args, "no-use-faiss"))
        (void)fprintf(
            stderr,
            _("okng: --use-faiss and --no-use-faiss mean nothing here: search is exact, by okng's own kernels\n"));
    return EXIT_OKAY;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Pictures in the folder itself; with `all` those of its sub-folders are left out by name. */
static int list_flat(job *j, const char *folder, size_t *own)
{
    okng_error error;
    okng_picture_list *list;
    *own = 0;
    if (okng_picture_list_open(&list, folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    int code = EXIT_OKAY;
    for (size_t i = 0; i < okng_picture_list_count(list) && code == EXIT_OKAY; i++)
        if (strchr(okng_picture_list_relative(list, i), '/'))
            code = okng_cli_paths_put(&j->excluded, okng_picture_list_relative(list, i));
        else
            ++*own;
    okng_picture_list_free(&list);
    return code;
}

/* As the trainer looks: DATA/train/good, else pictures in DATA itself, else DATA/good. */
static int find_pictures(job *j)
{
    const char *data = okng_cli_value(j->args, "data-dir");
    size_t own;
    if (!is_folder(data)) return okng_cli_error("%s: no such folder of pictures", data);
    const int length = snprintf(j->folder, sizeof j->folder, "%s/train/good", data);
    if (length < 0 || length >= (int)sizeof j->folder) return okng_cli_error("%s: the path is too long", data);
    if (is_folder(j->folder)) return EXIT_OKAY;
    const int code = list_flat(j, data, &own);
    if (code != EXIT_OKAY) return code;
    j->flat = own > 0;
    (void)snprintf(j->folder, sizeof j->folder, own > 0 ? "%s" : "%s/good", data);
    if (own == 0 && !is_folder(j->folder))
        return okng_cli_error("%s: no pictures here, in train/good or in good", data);
    if (j->flat && j->excluded.count > 0 && !j->args->quiet)
        (void)fprintf(stderr,
                      _("okng: %s: %zu pictures in sub-folders are left out; good ones belong into %s/train/good\n"),
                      data, j->excluded.count, data);
    return EXIT_OKAY;
}

static bool is_own(const job *j, const char *file)
{
    static const char *const names[] = {".",         "..",        "bank",       "config.yaml", "checkpoint.ckpt",
                                        ".DS_Store", "Thumbs.db", "desktop.ini"};
    const size_t length = strlen(j->name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(file, names[i]) == 0) return true;
    if (strstr(file, ".okng-")) return true;
    return strncmp(file, j->name, length) == 0 &&
           (strcmp(file + length, ".xml") == 0 || strcmp(file + length, ".bin") == 0);
}

/* Before hours of work: what the export would refuse afterwards. */
static int check_target(const job *j)
{
    DIR *folder = opendir(j->target);
    if (!folder) return errno == ENOENT ? EXIT_OKAY : okng_cli_error("%s: cannot open: %s", j->target, strerror(errno));
    int code = EXIT_OKAY;
    for (const struct dirent *entry; code == EXIT_OKAY && (entry = readdir(folder));)
        if (!is_own(j, entry->d_name))
            code = okng_cli_error("%s: holds \"%s\", which is no part of a model of that name; move it away, or give "
                                  "another --output or --pattern-name",
                                  j->target, entry->d_name);
    (void)closedir(folder);
    return code;
}

/* OUTPUT/NAME or, without a name, OUTPUT itself, whose own name is then the model's. */
static int find_places(job *j)
{
    const char *given = okng_cli_value(j->args, "pattern-name");
    j->output = strdup(okng_cli_value(j->args, "output"));
    if (!j->output) return okng_cli_error("out of memory");
    size_t length = strlen(j->output);
    while (length > 1 && j->output[length - 1] == '/') j->output[--length] = '\0';
    char *slash = strrchr(j->output, '/');
    j->name = strdup(given ? given : slash ? slash + 1 : j->output);
    if (!j->name) return okng_cli_error("out of memory");
    if (!*j->name || *j->name == '.' || strchr(j->name, '/') || strlen(j->name) > 100)
        return okng_cli_usage(
            j->args->verb,
            "\"%s\" cannot be the name of a model; give one as --pattern-name, 1 to 100 bytes without "
            "\"/\" that do not begin with \".\"",
            j->name);
    if (!given && !slash)
        (void)strcpy(j->output, "."); /* a name has at least one byte */
    else if (!given)
        slash[slash == j->output] = '\0';
    j->target = okng_cli_join(j->output, j->name);
    j->bank = j->target ? okng_cli_join(j->target, "bank") : NULL;
    return j->bank ? check_target(j) : okng_cli_error("out of memory");
}

/* ---- the region -------------------------------------------------------------------------------------------------- */

/* The picture that it is drawn on: the first that is learnt. */
static int name_first(job *j)
{
    okng_error error;
    okng_picture_list *list;
    if (okng_picture_list_open(&list, j->folder, &error) != OKNG_OK) return okng_cli_fail(&error);
    const char *first = NULL;
    for (size_t i = 0; !first && i < okng_picture_list_count(list); i++)
        if (!j->flat || !strchr(okng_picture_list_relative(list, i), '/')) first = okng_picture_list_path(list, i);
    int code = first ? EXIT_OKAY : okng_cli_error("%s: no pictures here to draw a region on", j->folder);
    if (first && okng_build_options_set(j->build, "roi-from", first, &error) != OKNG_OK) code = okng_cli_fail(&error);
    okng_picture_list_free(&list);
    return code;
}

/* --roi has it drawn, --roi-rect says it. The model is of the region alone, so there is one. */
static int find_region(job *j)
{
    const char *rect = okng_cli_value(j->args, "roi-rect");
    char *roi = j->build->roi;
    if (rect && (strpbrk(rect, "=; ") || !*rect))
        return okng_cli_usage(j->args->verb, "--roi-rect %s: expected one region, X,Y,W,H", rect);
    int code = rect ? set(j, "roi-rect", "roi", rect) : EXIT_OKAY;
    if (!rect && okng_cli_value(j->args, "roi")) {
        code = name_first(j);
        if (code == EXIT_OKAY) code = okng_cli_draw_regions(j->build->roi_from, roi, sizeof j->build->roi);
        if (code == EXIT_OKAY && strchr(roi, ';'))
            return okng_cli_error("--roi: found several regions, and a model is of one; draw one, or make a bank with "
                                  "okng build --roi");
    }
    if (code != EXIT_OKAY) return code;
    j->learnt_bank = *roi ? okng_cli_join(j->bank, "region-1") : strdup(j->bank);
    return j->learnt_bank ? EXIT_OKAY : okng_cli_error("out of memory");
}

/* ---- the work ---------------------------------------------------------------------------------------------------- */

static int step(const okng_progress *progress, void *user)
{
    job *j = user;
    return okng_cli_progress_step(progress, &j->progress);
}

static void hear(const okng_build_event *event, void *user)
{
    job *j = user;
    okng_cli_progress_clear(&j->progress);
    if (!j->args->quiet || event->kind == OKNG_BUILD_SKIPPED)
        (void)fprintf(stderr, "okng: %s%s\n", event->kind == OKNG_BUILD_NOT_FOUND ? _("left out: ") : "", event->text);
}

static okng_status learn(job *j, okng_error *error)
{
    const okng_build_folder_options options = {.struct_size = sizeof options,
                                               .build = j->build,
                                               .exclude = (const char *const *)j->excluded.items,
                                               .exclude_count = j->flat ? j->excluded.count : 0};
    const okng_status status = okng_cli_make_folders(j->target, error);
    if (status != OKNG_OK) return status;
    return okng_build_folder(j->folder, j->bank, &options, step, hear, j, &j->learnt, error);
}

static okng_status write_model(job *j, okng_error *error)
{
    okng_bank *bank;
    okng_export_options options;
    okng_init(&options);
    options.format = "openvino";
    options.out = j->output;
    options.name = j->name;
    options.precision = okng_cli_value(j->args, "precision");
    okng_status status = okng_bank_open(&bank, j->learnt_bank, NULL, error);
    if (status == OKNG_OK) status = okng_bank_export(bank, &options, &j->written, error);
    okng_bank_close(&bank);
    return status;
}

static int tell(const job *j)
{
    enum { FEW = 100 };
    const okng_build_report *r = &j->learnt;
    if (!j->args->quiet && r->rows < FEW)
        (void)fprintf(
            stderr,
            _("okng: %llu rows are few to say what good parts look like; a larger --coreset-ratio keeps more\n"),
            (unsigned long long)r->rows);
    if (j->args->json)
        return okng_cli_print_json(json_pack(
            "{s:o, s:o, s:I, s:I, s:I, s:i, s:o, s:o, s:I, s:I}", "model", okng_cli_json_path(j->written.file), "bank",
            okng_cli_json_path(j->bank), "pictures", (json_int_t)r->pictures, "not_found", (json_int_t)r->not_found,
            "rows", (json_int_t)r->rows, "dim", (int)r->dim, "image_tau",
            isnan(r->image_tau) ? json_null() : json_real((double)r->image_tau), "pixel_tau",
            isnan(r->pixel_tau) ? json_null() : json_real((double)r->pixel_tau), "bytes", (json_int_t)j->written.bytes,
            "data_bytes", (json_int_t)j->written.data_bytes));
    if (j->args->quiet) return EXIT_OKAY;
    (void)printf(_("learned     %llu pictures of %s\n"), (unsigned long long)r->pictures, j->folder);
    if (r->not_found > 0)
        (void)printf(_("not found   in %llu pictures, which are left out\n"), (unsigned long long)r->not_found);
    (void)printf(_("bank        %s: %llu rows x %d\n"), j->bank, (unsigned long long)r->rows, (int)r->dim);
    (void)printf(_("thresholds  image %.6g, pixel %.6g\n"), (double)r->image_tau, (double)r->pixel_tau);
    (void)printf(_("model       %s: %.1f MB, and %.1f MB beside it\n"), j->written.file, (double)j->written.bytes / 1e6,
                 (double)j->written.data_bytes / 1e6);
    (void)printf(_("next        okng infer --bank-dir %s --img FILE --out-dir OUT\n"), j->bank);
    return EXIT_OKAY;
}

static int work(job *j)
{
    okng_error error;
    okng_status status = learn(j, &error);
    okng_cli_progress_clear(&j->progress);
    if (status == OKNG_OK && isnan(j->learnt.image_tau))
        return okng_cli_error("%s: one picture leaves no threshold; a model needs two good pictures or more",
                              j->folder);
    if (status == OKNG_OK) status = write_model(j, &error);
    return status == OKNG_OK ? tell(j) : okng_cli_fail(&error);
}

static int run(okng_cli_args *args)
{
    job j = {.args = args, .build = &args->build, .progress = okng_cli_progress_new(args)};
    okng_init(&j.learnt);
    okng_init(&j.written);
    int code = set_all(&j);
    if (code == EXIT_OKAY) code = pass_over(args);
    if (code == EXIT_OKAY) code = find_places(&j);
    if (code == EXIT_OKAY) code = find_pictures(&j);
    if (code == EXIT_OKAY) code = okng_cli_need_network(args);
    if (code == EXIT_OKAY) code = find_region(&j);
    if (code == EXIT_OKAY) code = work(&j);
    free_job(&j);
    return code;
}

static const okng_cli_option options[] = {
    {"data-dir", "DIR", "good pictures: in DIR/train/good, in DIR itself without its sub-folders, or in DIR/good",
     true},
    {"output", "DIR", "where the model's folder goes: DIR/NAME; without --pattern-name it is the folder", true},
    {"pattern-name", "NAME", "of the model; as the output folder is called unless given", false},
    {"coreset-ratio", "RATIO", "part of all patch vectors that is kept; 0.001 unless given", false},
    {"backbone", "NAME", "network that makes the features; wide_resnet50_2 unless given", false},
    {"layers", "NAME...", "layers whose maps make a patch vector; layer2 layer3 unless given", false},
    {"image-size", "N...", "height and width that pictures are brought to; 224 224 unless given", false},
    {"num-neighbors", "N", "nearest rows that a picture's score is weighted by; 9 unless given", false},
    {"precision", "fp32|fp16", "fp16: large constants of the model are stored as float16, which halves its .bin",
     false},
    {"roi", NULL, "have a region drawn on the first picture, in a browser; it is found in all others, and learnt alone",
     false},
    {"roi-rect", "X,Y,W,H", "the region by its numbers, in pixels of the first picture", false},
    {"batch-size", "N", "taken for the trainer's sake; means nothing here", false},
    {"use-faiss", NULL, "taken for the trainer's sake; search is exact here", false},
    {"no-use-faiss", NULL, "the same", false},
    {0},
};

const okng_cli_verb okng_cli_train_patchcore = {
    .name = "train patchcore",
    .usage = "--data-dir DIR --output DIR [--pattern-name NAME] [options]",
    .summary = "learns good pictures and leaves an OpenVINO model, as a trainer image does",
    .about =
        "Options and defaults are those of a trainer image that is known for PatchCore; docs/coming-from.md sets both "
        "side by side. DIR/NAME, or without a name DIR itself, becomes a folder with NAME.xml and NAME.bin (OpenVINO), "
        "checkpoint.ckpt (rows, network "
        "and thresholds for torch.load), config.yaml, and bank, from which okng infer, okng tune and okng export go "
        "on. With --roi or --roi-rect the model takes pictures of the region, cut out before; bank finds it by itself.",
    .examples = "  okng train patchcore --data-dir data --output weights --pattern-name part7\n"
                "  okng train patchcore --data-dir data --output weights --pattern-name part7 --coreset-ratio 0.01 "
                "--backbone resnet18 --weights resnet18.pth\n",
    .options = options,
    .repeats = "layers",
    .repeats_too = "image-size",
    .gathers = true,
    .stops = true,
    .run = run,
};
