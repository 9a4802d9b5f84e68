#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* What is written of a picture: patch vectors as a bank holds them, or of a CLIP its embedding or its patches' tokens.
 */
typedef enum kind { VECTORS, IMAGE, PATCHES } kind;

typedef struct job {
    const okng_cli_args *args;
    okng_embedder *embedder; /* of VECTORS */
    okng_encoders *encoders; /* of the others */
    kind kind;
} job;

static kind kind_of(const okng_cli_args *args)
{
    const char *word = okng_cli_value(args, "output");
    return !word || strcmp(word, "vectors") == 0 ? VECTORS : strcmp(word, "image") == 0 ? IMAGE : PATCHES;
}

/* An option that says what patch vectors are made of says nothing of what is asked for. */
static int check_read(const okng_cli_args *args, kind asked)
{
    static const char *const names[] = {"patch-size",   "patch-stride", "stride",   "aggregate",
                                        "pretrain-dim", "target-dim",   "distance", "layers"};
    const size_t count = sizeof names / sizeof *names - (asked == PATCHES); /* whose layers those are */
    okng_build_options usual;
    okng_build_options_init(&usual);
    (void)okng_build_options_set(&usual, "preset", args->build.preset, NULL);
    if (*args->build.backbone) (void)okng_build_options_set(&usual, "backbone", args->build.backbone, NULL);
    for (size_t i = 0; i < count; i++) {
        char given[1024] = "", default_text[1024] = "";
        (void)okng_build_options_get(&args->build, names[i], given, sizeof given, NULL);
        (void)okng_build_options_get(&usual, names[i], default_text, sizeof default_text, NULL);
        if (strcmp(given, default_text) != 0)
            return okng_cli_usage(args->verb, "--%s is of patch vectors, and not read with --output %s", names[i],
                                  okng_cli_value(args, "output"));
    }
    return EXIT_OKAY;
}

static okng_status open_network(job *j, okng_error *error)
{
    return j->kind == VECTORS ? okng_embedder_open(&j->embedder, &j->args->build, error)
                              : okng_encoders_open(&j->encoders, &j->args->build, error);
}

static okng_status embed_one(const job *j, const char *path, okng_array **rows, okng_error *error)
{
    const okng_picture picture = {.struct_size = sizeof picture, .path = path};
    if (j->kind == VECTORS) return okng_embedder_run(rows, j->embedder, &picture, error);
    if (j->kind == PATCHES) return okng_encoders_patches(rows, j->encoders, &picture, error);
    return okng_encoders_pictures(rows, j->encoders, (const okng_picture *[]){&picture}, 1,
                                  okng_cli_value(j->args, "normalize") != NULL, NULL, NULL, error);
}

/* The place for all: [pictures, patches, D] of several, [patches, D] of one; of embeddings [pictures, E]. */
static okng_status new_rows(const job *j, okng_array **all, const okng_array *one, size_t count, okng_error *error)
{
    int64_t shape[3] = {(int64_t)count, okng_array_shape(one, 0), okng_array_shape(one, 1)};
    if (j->kind == IMAGE) shape[1] = shape[2];
    const bool two = j->kind == IMAGE;
    return okng_array_new(all, OKNG_F32, two ? 2 : 3, shape, error);
}

static okng_status put(const job *j, okng_array **all, okng_array *one, size_t i, const okng_cli_paths *pictures,
                       okng_error *error)
{
    if (!*all && new_rows(j, all, one, pictures->count, error) != OKNG_OK) return error->status;
    const int32_t last = okng_array_dims(*all) - 1;
    const int64_t rows = last == 1 ? 1 : okng_array_shape(*all, 1), dim = okng_array_shape(*all, last);
    if (okng_array_shape(one, 0) != rows || okng_array_shape(one, 1) != dim)
        return okng_cli_set_error(
            error, OKNG_ERROR_MISMATCH, "%s: comes to %lld patches, expected the %lld of %s; give --resize HxW",
            pictures->items[i], (long long)okng_array_shape(one, 0), (long long)rows, pictures->items[0]);
    const size_t floats = (size_t)rows * (size_t)dim;
    memcpy((float *)okng_array_data(*all) + i * floats, okng_array_data(one), floats * sizeof(float));
    return OKNG_OK;
}

static okng_status embed_all(const job *j, const okng_cli_paths *pictures, okng_array **all, okng_error *error)
{
    okng_cli_progress line = okng_cli_progress_new(j->args);
    okng_status status = OKNG_OK;
    for (size_t i = 0; i < pictures->count && status == OKNG_OK; i++) {
        const okng_progress step = {
            .struct_size = sizeof step, .stage = "features", .done = i, .total = pictures->count};
        okng_array *one = NULL;
        if (okng_cli_progress_step(&step, &line) != 0)
            status = okng_cli_set_error(error, OKNG_ERROR_CANCELLED, "interrupted");
        if (status == OKNG_OK) status = embed_one(j, pictures->items[i], &one, error);
        if (status == OKNG_OK && pictures->count == 1) {
            *all = one;
            break;
        }
        if (status == OKNG_OK) status = put(j, all, one, i, pictures, error);
        okng_array_free(&one);
    }
    okng_cli_progress_clear(&line);
    return status;
}

static int embed(job *j, const okng_cli_paths *pictures)
{
    const char *out = okng_cli_value(j->args, "out");
    okng_error error;
    okng_array *rows = NULL;
    okng_status status = open_network(j, &error);
    if (status == OKNG_OK) status = embed_all(j, pictures, &rows, &error);
    if (status == OKNG_OK) status = okng_array_write_npy(rows, out, &error);
    int code = status == OKNG_OK ? okng_cli_print_array(j->args, rows, out, NULL) : okng_cli_fail(&error);
    okng_array_free(&rows);
    okng_embedder_close(&j->embedder);
    okng_encoders_close(&j->encoders);
    return code;
}

static int run(okng_cli_args *args)
{
    okng_cli_paths pictures = {0};
    job j = {.args = args, .kind = kind_of(args)};
    int code = j.kind == VECTORS ? okng_cli_need_network(args) : okng_cli_need_clip(args);
    if (code == EXIT_OKAY && j.kind != VECTORS) code = check_read(args, j.kind);
    if (code == EXIT_OKAY && okng_cli_value(args, "normalize") && j.kind != IMAGE)
        code = okng_cli_usage(args->verb, "--normalize is of --output image; patch vectors come to length 1 by "
                                          "--distance cosine");
    if (code == EXIT_OKAY) code = okng_cli_pictures_add(args, &pictures);
    if (code == EXIT_OKAY) code = embed(&j, &pictures);
    okng_cli_paths_free(&pictures);
    return code;
}

static const okng_cli_option options[] = {
    {"img", "FILE|DIR...", "pictures and folders of pictures with their sub-folders; patterns as 'today/*.png'", true},
    {"out", "E.npy",
     "what is written, float32; of patches [patches, D], row-major; of several pictures one more dimension before",
     true},
    {"output", "vectors|image|patches",
     "patch vectors as a bank holds them (unless given); of a CLIP the embedding of the picture, [pictures, E], or the "
     "tokens of patches after --layers as they are",
     false},
    {"normalize", NULL, "bring embeddings to length 1", false},
    {0},
};

const okng_cli_verb okng_cli_embed = {
    .name = "embed",
    .usage = "--img FILE|DIR... --out E.npy [--backbone NAME --weights FILE] [options]",
    .summary = "writes the patch vectors of pictures, or their embeddings by a CLIP",
    .examples = "  okng embed --img part.png --out e.npy --backbone resnet18 --weights resnet18.pth\n"
                "  okng embed --img part.png --out e.npy --preset inspection --weights wide_resnet50_2.pth\n"
                "  okng embed --img parts --out e.npy --backbone clip-vit-b-16 --output image --normalize\n"
                "  okng embed --img part.png --out e.npy --backbone clip-vit-b-16 --output patches --layers blocks.5\n",
    .options = options,
    .repeats = "img",
    .gathers = true,
    .stops = true,
    .run = run,
};
