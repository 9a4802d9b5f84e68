/* Says of a picture which of some texts is nearest to it, by a CLIP:
 *
 *     cc words.c $(pkg-config --cflags --libs okng) -o words
 *     ./words clip-vit-b-16 clip.safetensors part.png "a photo of a perfect nut" "a photo of a damaged nut"
 *
 * The vocabulary lies beside the weights or where `okng weights get clip-vocabulary` puts it; docs/clip.md says how to
 * get both. Valid C11 and C++. Exit status: 0, 1 error, 2 wrong call. */
#include <okng/experimental.h>
#include <stdio.h>

static int fail(const okng_error *error)
{
    fprintf(stderr, "%s: %s\n", okng_status_text(error->status), error->message);
    return 1;
}

static okng_status open_encoders(okng_encoders **encoders, const char *backbone, const char *weights, okng_error *error)
{
    okng_build_options options;
    okng_build_options_init(&options);
    /* The backbone brings along how its pictures are prepared. */
    okng_status status = okng_build_options_set(&options, "backbone", backbone, error);
    if (status == OKNG_OK) status = okng_build_options_set(&options, "weights", weights, error);
    return status == OKNG_OK ? okng_encoders_open(encoders, &options, error) : status;
}

/* The picture's share of each text, float32 [1, count]. */
static okng_status compare(okng_array **shares, okng_encoders *encoders, const char *path, const char *const *texts,
                           size_t count, okng_error *error)
{
    okng_picture picture;
    const okng_picture *pictures[1] = {&picture};
    okng_encoders_info info;
    okng_array *images = NULL, *words = NULL;
    okng_init(&picture);
    okng_init(&info);
    picture.path = path;
    okng_status status = okng_encoders_get_info(encoders, &info, error);
    if (status == OKNG_OK) status = okng_encoders_pictures(&images, encoders, pictures, 1, 0, NULL, NULL, error);
    if (status == OKNG_OK) status = okng_encoders_texts(&words, encoders, texts, count, NULL, 0, NULL, NULL, error);
    if (status == OKNG_OK) status = okng_similarity(shares, images, words, info.logit_scale, error);
    okng_array_free(&images);
    okng_array_free(&words);
    return status;
}

int main(int argc, char **argv)
{
    okng_error error;
    okng_encoders *encoders = NULL;
    okng_array *shares = NULL;
    if (argc < 5) {
        fprintf(stderr, "usage: words BACKBONE WEIGHTS PICTURE TEXT...\n");
        return 2;
    }
    const char *const *texts = (const char *const *)(argv + 4);
    size_t count = (size_t)(argc - 4);
    okng_status status = open_encoders(&encoders, argv[1], argv[2], &error);
    if (status == OKNG_OK) status = compare(&shares, encoders, argv[3], texts, count, &error);
    okng_encoders_close(&encoders);
    if (status != OKNG_OK) return fail(&error);
    const float *values = (const float *)okng_array_data(shares);
    for (size_t i = 0; i < count; i++) printf("%.4f  %s\n", (double)values[i], texts[i]);
    okng_array_free(&shares);
    return 0;
}
