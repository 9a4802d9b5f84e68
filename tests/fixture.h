/* A small line of parts, made from numbers: FOLDER/ok/NNN.png (woven texture with variation), FOLDER/ng/000.png (the
 * same with a scratch) and FOLDER/resnet18.safetensors (weights made by golden_weights.h, up to layer3). */
#ifndef OKNG_TESTS_FIXTURE_H
#define OKNG_TESTS_FIXTURE_H

#include "base/file.h"
#include "golden_weights.h"
#include "image/image.h"
#include "net/graph.h"

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
    OKNG_TRY(okng_graph_build(&graph, "resnet18", &layer, 1, 1, 224, 224, error));
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

#endif
