/* Small trees of pictures in a temporary folder. */
#ifndef OKNG_TESTS_DATA_TREE_H
#define OKNG_TESTS_DATA_TREE_H

#include <unistd.h>

#include "base/file.h"
#include "image/image.h"
#include "test.h"

enum { TREE_WIDTH = 6, TREE_HEIGHT = 4 };

typedef struct tree {
    char root[64];
} tree;

static inline tree tree_new(void)
{
    tree t = {.root = "/tmp/okng_data_XXXXXX"};
    assert_non_null(mkdtemp(t.root));
    return t;
}

static inline void tree_remove(const tree *t)
{
    char command[128];
    (void)snprintf(command, sizeof command, "rm -rf %s", t->root);
    assert_int_equal(system(command), 0);
}

/* "ROOT/name" in one of four buffers. */
static inline const char *tree_path(const tree *t, const char *name)
{
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", t->root, name);
    return path;
}

static inline void tree_folder_of(const tree *t, const char *name)
{
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%s", tree_path(t, name));
    *strrchr(folder, '/') = '\0';
    assert_ok(okng_make_folders(folder, error));
}

/* A file of one line: enough for a listing. */
static inline void tree_add(const tree *t, const char *name)
{
    tree_folder_of(t, name);
    assert_ok(okng_file_write(tree_path(t, name), "x", 1, error));
}

/* 0, 1, ... in `format`, which takes one int. */
static inline void tree_add_many(const tree *t, const char *format, int count)
{
    for (int i = 0; i < count; i++) {
        char name[128];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(name, sizeof name, format, i);
#pragma GCC diagnostic pop
        tree_add(t, name);
    }
}

static inline void tree_write(const tree *t, const char *name, const char *text)
{
    tree_folder_of(t, name);
    assert_ok(okng_file_write(tree_path(t, name), text, strlen(text), error));
}

/* A grey PNG with `value` in the columns first..last. */
static inline void tree_mask(const tree *t, const char *name, int32_t width, int first, int last, uint8_t value)
{
    okng_image image;
    tree_folder_of(t, name);
    assert_ok(okng_image_new(&image, width, TREE_HEIGHT, 1, error));
    for (int y = 0; y < TREE_HEIGHT; y++)
        for (int x = 0; x < width; x++) image.pixels[y * width + x] = x >= first && x <= last ? value : 0;
    assert_ok(okng_image_write_png(&image, tree_path(t, name), error));
    okng_image_free(&image);
}

/* The samples of `category`. */
static inline okng_samples *tree_samples(const tree *t, const char *dataset, const char *category,
                                         const okng_dataset_options *options)
{
    okng_dataset *set;
    okng_samples *samples;
    assert_ok(okng_dataset_open(&set, dataset, t->root, options, error));
    assert_ok(okng_samples_open(&samples, set, category, error));
    okng_dataset_close(&set);
    assert_null(set);
    return samples;
}

/* What opening the samples of `category` says; the status is that of the error. */
static inline okng_status tree_fails(const tree *t, const char *dataset, const char *category,
                                     const okng_dataset_options *options, okng_error *error)
{
    okng_dataset *set;
    okng_samples *samples = NULL;
    okng_status status = okng_dataset_open(&set, dataset, t->root, options, error);
    if (status == OKNG_OK) status = okng_samples_open(&samples, set, category, error);
    assert_null(samples);
    okng_dataset_close(&set);
    return status;
}

static inline size_t tree_count(const okng_samples *samples, okng_split split, int32_t label)
{
    size_t count = 0;
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        count += sample->split == split && sample->label == label;
    }
    return count;
}

static inline const okng_sample *tree_sample(const okng_samples *samples, const char *name)
{
    for (size_t i = 0; i < okng_samples_count(samples); i++)
        if (strcmp(okng_samples_get(samples, i)->name, name) == 0) return okng_samples_get(samples, i);
    fail_msg("no sample %s", name);
    return NULL;
}

#endif
