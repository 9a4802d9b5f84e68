/* What the tests of image/ share; the formulas are those of tests/golden/make_image.py. */
#ifndef OKNG_TESTS_TEST_IMAGE_H
#define OKNG_TESTS_TEST_IMAGE_H

#include <stdbool.h>

#include "image/image.h"
#include "test.h"

#define GOLDEN OKNG_GOLDEN "/image/"
#define MANY_PIXELS 100000000u

/* 64-bit FNV-1a. */
static inline uint64_t fnv(const uint8_t *data, size_t size)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) value = (value ^ data[i]) * 0x100000001b3u;
    return value;
}

static inline uint64_t image_hash(const okng_image *image)
{
    return fnv(image->pixels, (size_t)image->width * (size_t)image->height * (size_t)image->channels);
}

/* Numerical Recipes' linear congruential generator, the top 8 bits of each state. */
static inline void noise(uint8_t *out, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(seed >> 24);
    }
}

/* A whole file; free() it. */
static inline uint8_t *read_golden(const char *name, size_t *size)
{
    char path[512];
    (void)snprintf(path, sizeof path, GOLDEN "%s", name);
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("%s is missing", path);
    uint8_t *data = malloc(1 << 20);
    assert_non_null(data);
    *size = fread(data, 1, 1 << 20, file);
    assert_true(*size < 1 << 20);
    (void)fclose(file);
    return data;
}

/* Says where a picture differs from the raw bytes of a golden file. */
static inline void assert_equals_golden(const okng_image *image, const char *name)
{
    size_t size, expected_size = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    uint8_t *expected = read_golden(name, &size);
    assert_int_equal(size, expected_size);
    for (size_t i = 0; i < size; i++)
        if (image->pixels[i] != expected[i])
            fail_msg("%s: byte %zu is %d, expected %d", name, i, image->pixels[i], expected[i]);
    free(expected);
}

#endif
