/* Texts and pictures as vectors of one space: a CLIP that is opened once. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "api/need.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "base/sized.h"
#include "clip/clip.h"
#include "features/extractor.h"
#include "features/preprocess.h"
#include "features/provenance.h"
#include "model/build.h"
#include "net/graph.h"
#include "options/options.h"
#include "patch/normalise.h"
#include "tensor/array.h"

/* Texts that go through the tower in one run: enough for its speed, few enough to hear a wish to stop. */
enum { TEXTS_AT_ONCE = 64 };

struct okng_encoders {
    okng_build_options options;
    okng_weights *weights;
    pthread_mutex_t mutex; /* guards what follows; held while something is embedded */
    okng_clip *clip;       /* for pictures that come to [height, width] */
    int32_t height, width;
    okng_clip_session *session; /* NULL before the first picture */
    okng_extractor *extractor;  /* of patch tokens, at [patch_height, patch_width]; NULL before the first */
    okng_extractor_session *rows;
    int32_t patch_height, patch_width;
    okng_tokenizer *tokenizer; /* NULL before the first text */
    uint64_t texts_cut;
};

/* ---- opening ---- */

/* The input that pictures come to: the square that the network was made for unless another is asked for, as CLIPs are
 * compared; a bank would keep the pictures' aspect. *height and *width hold where all pictures come to one size. */
static okng_status choose_size(okng_build_options *options, int32_t *height, int32_t *width, okng_error *error)
{
    okng_network_info info;
    OKNG_TRY(okng_network_get(options->backbone, &info, error));
    *height = *width = info.side;
    if (options->resize_mode == OKNG_RESIZE_AUTO && options->pixels == 0 && options->crop == 0) {
        options->resize_mode = OKNG_RESIZE_EXACT;
        options->resize_height = options->resize_width = info.side;
    }
    if (options->resize_mode == OKNG_RESIZE_EXACT) {
        *height = options->crop ? options->crop : options->resize_height;
        *width = options->crop ? options->crop : options->resize_width;
    }
    return OKNG_OK;
}

/* The mutex is held, or nobody else knows of the encoders. */
static okng_status open_clip(okng_encoders *e, int32_t height, int32_t width, okng_error *error)
{
    const okng_clip_request request = {.backbone = e->options.backbone,
                                       .activation = e->options.activation,
                                       .positions = e->options.positions,
                                       .precision = e->options.precision,
                                       .device = e->options.device,
                                       .height = height,
                                       .width = width};
    okng_clip *clip;
    OKNG_TRY(okng_clip_open(&clip, e->weights, &request, error));
    okng_clip_session_free(&e->session);
    okng_clip_close(&e->clip);
    e->clip = clip;
    e->height = height;
    e->width = width;
    return OKNG_OK;
}

static okng_status open_encoders(okng_encoders *e, okng_error *error)
{
    int32_t height, width;
    OKNG_TRY(choose_size(&e->options, &height, &width, error));
    OKNG_TRY(okng_graph_weights(&e->weights, e->options.backbone, e->options.weights, error));
    OKNG_TRY(okng_options_by_weights(&e->options, e->weights, error));
    return open_clip(e, height, width, error);
}

okng_status okng_encoders_open(okng_encoders **out, const okng_build_options *options, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the encoders", error));
    *out = NULL;
    okng_build_options full;
    OKNG_TRY(okng_build_options_check(options, &full, error));
    OKNG_TRY(okng_choose_network(&full, error));
    OKNG_TRY(okng_model_check_engine(&full, error));
    okng_encoders *e = calloc(1, sizeof *e);
    if (!e) return okng_fail_memory(error, sizeof *e);
    e->options = full;
    (void)pthread_mutex_init(&e->mutex, NULL);
    okng_status status = open_encoders(e, error);
    if (status != OKNG_OK) okng_encoders_close(&e);
    *out = e;
    return status;
}

void okng_encoders_close(okng_encoders **encoders)
{
    if (!encoders || !*encoders) return;
    okng_encoders *e = *encoders;
    okng_extractor_session_free(&e->rows);
    okng_extractor_free(&e->extractor);
    okng_clip_session_free(&e->session);
    okng_clip_close(&e->clip);
    okng_tokenizer_close(&e->tokenizer);
    okng_weights_close(&e->weights);
    (void)pthread_mutex_destroy(&e->mutex);
    free(e);
    *encoders = NULL;
}

okng_status okng_encoders_get_info(okng_encoders *encoders, okng_encoders_info *info, okng_error *error)
{
    okng_clip_sizes sizes;
    okng_encoders_info full = {.struct_size = sizeof full};
    OKNG_TRY(okng_need(encoders, "the encoders", error));
    (void)pthread_mutex_lock(&encoders->mutex);
    okng_clip_get_sizes(encoders->clip, &sizes);
    full.texts_cut = encoders->texts_cut;
    (void)pthread_mutex_unlock(&encoders->mutex);
    full.embedding = sizes.embedding;
    full.activation = sizes.activation;
    full.logit_scale = sizes.logit_scale;
    return okng_sized_give(info, &full, sizeof full, "the place for what the encoders are", error);
}

/* ---- texts ---- */

/* The mutex is held. */
static okng_status need_tokenizer(okng_encoders *e, okng_error *error)
{
    char path[OKNG_PATH_MAX];
    if (e->tokenizer) return OKNG_OK;
    OKNG_TRY(okng_vocabulary_find(e->options.vocabulary, e->options.weights, path, error));
    return okng_tokenizer_open(&e->tokenizer, path, error);
}

/* The mutex is held. */
static okng_status encode(okng_encoders *e, const char *const *texts, size_t count, const okng_text_options *options,
                          int32_t *ids, okng_error *error)
{
    for (size_t i = 0; i < count; i++) {
        int32_t length, cut = 0;
        if (!texts[i]) return okng_fail(error, OKNG_ERROR_ARGUMENT, "text %zu of %zu is NULL", i + 1, count);
        okng_status status =
            okng_tokenizer_encode(e->tokenizer, texts[i], options, &ids[i * OKNG_TEXT_TOKENS], &length, &cut, error);
        if (status != OKNG_OK) return okng_error_context(error, status, "text %zu of %zu", i + 1, count);
        e->texts_cut += cut != 0;
    }
    return OKNG_OK;
}

/* float32 rows [count, embedding]. The mutex is held. */
static okng_status embed_texts(okng_encoders *e, const char *const *texts, size_t count,
                               const okng_text_options *options, okng_ticker *ticker, okng_array *rows,
                               okng_error *error)
{
    OKNG_TRY(need_tokenizer(e, error));
    int32_t *ids = okng_alloc(count, OKNG_TEXT_TOKENS * sizeof *ids);
    if (!ids) return okng_fail_memory(error, count * OKNG_TEXT_TOKENS * sizeof *ids);
    okng_status status = encode(e, texts, count, options, ids, error); /* all: one that is refused costs no work */
    const int threads = okng_thread_count(e->options.threads);
    okng_ticker_stage(ticker, "texts", count);
    for (size_t i = 0; i < count && status == OKNG_OK; i += TEXTS_AT_ONCE) {
        const size_t some = count - i < TEXTS_AT_ONCE ? count - i : TEXTS_AT_ONCE;
        status = okng_clip_embed_ids(e->clip, &ids[i * OKNG_TEXT_TOKENS], some, threads,
                                     (float *)rows->data + i * (size_t)rows->shape[1], error);
        if (status == OKNG_OK && !okng_ticker_advance(ticker, some))
            status = okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled");
    }
    free(ids);
    return status;
}

/* ---- pictures ---- */

static okng_status decode(okng_image *rgb, const okng_build_options *options, const okng_picture *picture,
                          okng_error *error)
{
    okng_decoding how = {.max_pixels = options->max_pixels,
                         .bit_depth = okng_bits_of(options->bit_depth),
                         .shrink = okng_preprocess_shrink,
                         .shrink_context = options};
    return okng_image_take(rgb, picture, &how, error);
}

/* The network's input for a picture, float32 [3, placement->height, placement->width], the caller's to free. */
static okng_status take_picture(const okng_build_options *options, const okng_picture *picture,
                                okng_placement *placement, float **tensor, okng_error *error)
{
    okng_image rgb;
    *tensor = NULL;
    OKNG_TRY(decode(&rgb, options, picture, error));
    okng_status status = okng_placement_of(options, rgb.width, rgb.height, placement, error);
    const size_t floats = status == OKNG_OK ? (size_t)3 * (size_t)placement->height * (size_t)placement->width : 0;
    if (status == OKNG_OK && !(*tensor = okng_alloc(floats, sizeof **tensor)))
        status = okng_fail_memory(error, floats * sizeof **tensor);
    if (status == OKNG_OK) status = okng_preprocess_image(options, placement, &rgb, *tensor, error);
    okng_image_free(&rgb);
    if (status != OKNG_OK) {
        free(*tensor);
        *tensor = NULL;
    }
    return status;
}

/* A session for pictures that come to this size. The mutex is held. */
static okng_status need_session(okng_encoders *e, const okng_placement *placement, okng_error *error)
{
    if (e->height != placement->height || e->width != placement->width)
        OKNG_TRY(open_clip(e, placement->height, placement->width, error));
    if (e->session) return OKNG_OK;
    return okng_clip_session_new(&e->session, e->clip, okng_thread_count(e->options.threads), error);
}

/* The mutex is held. */
static okng_status embed_tensor(okng_encoders *e, const okng_placement *placement, const float *tensor, float *out,
                                okng_error *error)
{
    okng_clip_sizes sizes;
    OKNG_TRY(need_session(e, placement, error));
    okng_clip_get_sizes(e->clip, &sizes);
    const size_t tokens = 1 + (size_t)sizes.rows * (size_t)sizes.columns;
    float *all = okng_alloc(tokens, (size_t)sizes.width * sizeof *all);
    if (!all) return okng_fail_memory(error, tokens * (size_t)sizes.width * sizeof *all);
    okng_status status = okng_clip_tokens(e->session, tensor, all, error);
    if (status == OKNG_OK) status = okng_clip_whole(e->session, all, out, NULL, NULL, error);
    free(all);
    return status;
}

static okng_status embed_pictures(okng_encoders *e, const okng_picture *const *pictures, size_t count,
                                  okng_ticker *ticker, okng_array *rows, okng_error *error)
{
    okng_ticker_stage(ticker, "features", count);
    for (size_t i = 0; i < count; i++) {
        okng_placement placement;
        float *tensor;
        OKNG_TRY(okng_need(pictures[i], "a picture", error));
        OKNG_TRY(take_picture(&e->options, pictures[i], &placement, &tensor, error));
        (void)pthread_mutex_lock(&e->mutex);
        okng_status status =
            embed_tensor(e, &placement, tensor, (float *)rows->data + i * (size_t)rows->shape[1], error);
        (void)pthread_mutex_unlock(&e->mutex);
        free(tensor);
        if (status != OKNG_OK) return status;
        if (!okng_ticker_advance(ticker, 1)) return okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled");
    }
    return OKNG_OK;
}

/* ---- vectors ---- */

/* Zeros, float32 [count, embedding]. */
static okng_status new_rows(okng_array **out, okng_encoders *e, size_t count, okng_error *error)
{
    okng_clip_sizes sizes;
    if (count < 1) return okng_fail(error, OKNG_ERROR_ARGUMENT, "there is nothing to embed");
    if (count > INT64_MAX) return okng_fail_memory(error, count);
    (void)pthread_mutex_lock(&e->mutex);
    okng_clip_get_sizes(e->clip, &sizes);
    (void)pthread_mutex_unlock(&e->mutex);
    return okng_array_new(out, OKNG_F32, 2, (const int64_t[]){(int64_t)count, sizes.embedding}, error);
}

/* Rows that point somewhere: what overflowed, or is all 0, is alike to nothing. */
static okng_status check_rows(const okng_array *rows, okng_error *error)
{
    const float *row = rows->data;
    for (int64_t r = 0; r < rows->shape[0]; r++, row += rows->shape[1]) {
        double squares = 0;
        for (int64_t d = 0; d < rows->shape[1]; d++) squares += (double)row[d] * (double)row[d];
        if (!isfinite(squares) || squares == 0)
            return okng_fail(error, OKNG_ERROR_MISMATCH,
                             "vector %lld of %lld has no direction: its numbers are all 0, or not finite; check the "
                             "weights",
                             (long long)r + 1, (long long)rows->shape[0]);
    }
    return OKNG_OK;
}

static okng_status finish(okng_array **out, int32_t normalize, okng_status status, okng_error *error)
{
    if (status == OKNG_OK) status = check_rows(*out, error);
    if (status != OKNG_OK)
        okng_array_free(out);
    else if (normalize)
        okng_rows_normalise((*out)->data, (*out)->shape[0], (*out)->shape[1]);
    return status;
}

okng_status okng_encoders_texts(okng_array **out, okng_encoders *encoders, const char *const *texts, size_t count,
                                const okng_text_options *options, int32_t normalize, okng_progress_fn progress,
                                void *user, okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the vectors", error));
    *out = NULL;
    OKNG_TRY(okng_need(encoders, "the encoders", error));
    OKNG_TRY(okng_need(texts, "the texts", error));
    OKNG_TRY(new_rows(out, encoders, count, error));
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    (void)pthread_mutex_lock(&encoders->mutex);
    okng_status status = embed_texts(encoders, texts, count, options, &ticker, *out, error);
    (void)pthread_mutex_unlock(&encoders->mutex);
    okng_ticker_destroy(&ticker);
    return finish(out, normalize, status, error);
}

okng_status okng_encoders_pictures(okng_array **out, okng_encoders *encoders, const okng_picture *const *pictures,
                                   size_t count, int32_t normalize, okng_progress_fn progress, void *user,
                                   okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the vectors", error));
    *out = NULL;
    OKNG_TRY(okng_need(encoders, "the encoders", error));
    OKNG_TRY(okng_need(pictures, "the pictures", error));
    OKNG_TRY(new_rows(out, encoders, count, error));
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    okng_status status = embed_pictures(encoders, pictures, count, &ticker, *out, error);
    okng_ticker_destroy(&ticker);
    return finish(out, normalize, status, error);
}

/* ---- tokens of patches ---- */

/* The options, but for what would make something else of the tokens. */
static okng_build_options plain(const okng_build_options *options)
{
    okng_build_options o = *options;
    o.patch_size = o.patch_stride = o.stride = 1;
    o.aggregate = OKNG_AGGREGATE_CONCAT;
    o.distance = OKNG_DISTANCE_L2;
    o.foreground = OKNG_FOREGROUND_ALL;
    return o;
}

/* The mutex is held. */
static okng_status need_extractor(okng_encoders *e, const okng_build_options *options, const okng_placement *placement,
                                  okng_error *error)
{
    if (e->rows && e->patch_height == placement->height && e->patch_width == placement->width) return OKNG_OK;
    okng_extractor_session_free(&e->rows);
    okng_extractor_free(&e->extractor);
    OKNG_TRY(okng_extractor_new(&e->extractor, options, e->weights, (okng_ranges){NULL, 0}, NULL, placement->height,
                                placement->width, okng_thread_count(options->threads), error));
    e->patch_height = placement->height;
    e->patch_width = placement->width;
    return okng_extractor_session_new(&e->rows, e->extractor, 1, error);
}

/* The mutex is held. */
static okng_status embed_patches(okng_array **out, okng_encoders *e, const okng_build_options *options,
                                 const okng_image *rgb, okng_error *error)
{
    okng_placement placement;
    int32_t height, width;
    OKNG_TRY(okng_placement_of(options, rgb->width, rgb->height, &placement, error));
    OKNG_TRY(need_extractor(e, options, &placement, error));
    okng_extractor_grid(e->extractor, &height, &width);
    const int64_t shape[2] = {(int64_t)height * width, okng_extractor_dim(e->extractor)};
    OKNG_TRY(okng_array_new(out, OKNG_F32, 2, shape, error));
    return okng_extractor_run(e->rows, rgb, &placement, (*out)->data, NULL, NULL, error);
}

okng_status okng_encoders_patches(okng_array **out, okng_encoders *encoders, const okng_picture *picture,
                                  okng_error *error)
{
    OKNG_TRY(okng_need(out, "the place for the tokens", error));
    *out = NULL;
    OKNG_TRY(okng_need(encoders, "the encoders", error));
    okng_image rgb;
    const okng_build_options options = plain(&encoders->options);
    OKNG_TRY(decode(&rgb, &options, picture, error));
    (void)pthread_mutex_lock(&encoders->mutex);
    okng_status status = embed_patches(out, encoders, &options, &rgb, error);
    (void)pthread_mutex_unlock(&encoders->mutex);
    okng_image_free(&rgb);
    return finish(out, 0, status, error);
}
