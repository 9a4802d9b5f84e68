/* A small line of parts, made from numbers: FOLDER/ok/NNN.png (woven texture with variation), FOLDER/ng/000.png (the
 * same with a scratch) and FOLDER/resnet18.safetensors (weights made by golden_weights.h, up to layer3). And a data set
 * of two categories of such parts in the layout of MVTec AD, with masks. */
#ifndef OKNG_TESTS_FIXTURE_H
#define OKNG_TESTS_FIXTURE_H

#include "base/file.h"
#include "golden_weights.h"
#include "image/image.h"
#include "net/graph.h"
#include "try_build.h"

enum { FIXTURE_OK = 8, FIXTURE_WIDTH = 80, FIXTURE_HEIGHT = 72 };

static inline uint8_t fixture_pixel(int picture, int x, int y, int channel)
{
    int weave = ((x / 4 + y / 4 + picture) & 1) * 40;
    int light = x * (picture % 3) / 4 + y / 8;
    int noise = (int)(okng_golden_mix((uint64_t)(((picture * 3 + channel) * 1000 + y) * 1000 + x)) >> 60);
    return (uint8_t)(90 + weave + light + noise + channel * 5);
}

static inline void fixture_picture(okng_image *image, int picture, bool scratched)
{
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            for (int c = 0; c < 3; c++) {
                bool scratch = scratched && abs(x - y) < 4 && x > 20 && x < 60;
                image->pixels[(y * image->width + x) * 3 + c] = scratch ? 250 : fixture_pixel(picture, x, y, c);
            }
}

static inline okng_status fixture_write_picture(const char *folder, const char *kind, int number, okng_error *error)
{
    char path[512];
    okng_image image;
    (void)snprintf(path, sizeof path, "%s/%s", folder, kind);
    OKNG_TRY(okng_make_folders(path, error));
    (void)snprintf(path, sizeof path, "%s/%s/%03d.png", folder, kind, number);
    OKNG_TRY(okng_image_new(&image, FIXTURE_WIDTH, FIXTURE_HEIGHT, 3, error));
    fixture_picture(&image, strcmp(kind, "ng") == 0 ? 3 : number, strcmp(kind, "ng") == 0);
    okng_status status = okng_image_write_png(&image, path, error);
    okng_image_free(&image);
    return status;
}

static inline okng_status fixture_write_weights(const char *folder, okng_error *error)
{
    char path[512];
    const char *layer = "layer3";
    okng_graph *graph;
    size_t size;
    OKNG_TRY(try_build(&graph, "resnet18", &layer, 1, 224, 224, error));
    unsigned char *bytes = okng_golden_safetensors(graph, "", &size);
    okng_graph_free(&graph);
    if (!bytes) return okng_fail_memory(error, size);
    (void)snprintf(path, sizeof path, "%s/resnet18.safetensors", folder);
    okng_status status = okng_file_write(path, bytes, size, error);
    free(bytes);
    return status;
}

static inline okng_status fixture_write(const char *folder, okng_error *error)
{
    for (int i = 0; i < FIXTURE_OK; i++) OKNG_TRY(fixture_write_picture(folder, "ok", i, error));
    OKNG_TRY(fixture_write_picture(folder, "ng", 0, error));
    return fixture_write_weights(folder, error);
}

/* ---- a data set ----------------------------------------------------------------------------- */

enum { FIXTURE_TRAIN = 5, FIXTURE_TEST_GOOD = 3, FIXTURE_TEST_BAD = 3 };

static inline bool fixture_is_scratch(int x, int y, int number)
{
    int length = 20 + 8 * number;
    return abs(x - y) < 3 && x > 16 && x < 16 + length;
}

/* Picture `number` with a scratch (or without: bad false), and its mask where `mask` is not NULL. */
static inline okng_status fixture_write_part(const char *path, const char *mask, int number, bool bad,
                                             okng_error *error)
{
    okng_image image = {0}, truth = {0};
    okng_status status = okng_image_new(&image, FIXTURE_WIDTH, FIXTURE_HEIGHT, 3, error);
    if (status == OKNG_OK) status = okng_image_new(&truth, FIXTURE_WIDTH, FIXTURE_HEIGHT, 1, error);
    if (status == OKNG_OK) {
        fixture_picture(&image, number, false);
        for (int y = 0; y < image.height; y++)
            for (int x = 0; x < image.width; x++) {
                bool hit = bad && fixture_is_scratch(x, y, number % FIXTURE_TEST_BAD);
                truth.pixels[y * image.width + x] = hit ? 255 : 0;
                for (int c = 0; c < 3 && hit; c++) image.pixels[(y * image.width + x) * 3 + c] = 250;
            }
        status = okng_image_write_png(&image, path, error);
    }
    if (status == OKNG_OK && mask) status = okng_image_write_png(&truth, mask, error);
    okng_image_free(&image);
    okng_image_free(&truth);
    return status;
}

static inline okng_status fixture_write_split(const char *category, const char *split, int count, int first, bool bad,
                                              okng_error *error)
{
    char path[1024], mask[1024];
    (void)snprintf(path, sizeof path, "%s/%s", category, split);
    (void)snprintf(mask, sizeof mask, "%s/ground_truth/scratch", category);
    OKNG_TRY(okng_make_folders(path, error));
    if (bad) OKNG_TRY(okng_make_folders(mask, error));
    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/%03d.png", category, split, i);
        (void)snprintf(mask, sizeof mask, "%s/ground_truth/scratch/%03d_mask.png", category, i);
        OKNG_TRY(fixture_write_part(path, bad ? mask : NULL, first + i, bad, error));
    }
    return OKNG_OK;
}

/* FOLDER/cloth and FOLDER/weave. */
static inline okng_status fixture_write_dataset(const char *folder, okng_error *error)
{
    static const char *const names[] = {"cloth", "weave"};
    for (int i = 0; i < 2; i++) {
        char category[512];
        if (snprintf(category, sizeof category, "%s/%s", folder, names[i]) >= 400)
            return okng_fail(error, OKNG_ERROR_ARGUMENT, "%s: too long", folder);
        OKNG_TRY(fixture_write_split(category, "train/good", FIXTURE_TRAIN, 20 * i, false, error));
        OKNG_TRY(fixture_write_split(category, "test/good", FIXTURE_TEST_GOOD, 20 * i + 8, false, error));
        OKNG_TRY(fixture_write_split(category, "test/scratch", FIXTURE_TEST_BAD, 20 * i + 12, true, error));
    }
    return OKNG_OK;
}

#endif
