/* Any bytes as a file of labelme, of COCO and of YOLO: outlines within their limits that can be drawn, or an error. */
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "memory_file.h"
#include "okng/experimental.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const folders[] = {"labelme", "coco", "yolo", "yolo/images", "yolo/labels"};
static const char *const pictures[] = {"labelme/a.png", "labelme/b.png",     "coco/a.png",
                                       "coco/b.png",    "yolo/images/a.png", "yolo/images/b.png"};
static const char *const links[] = {"labelme/a.json", "coco/a.json", "yolo/labels/a.txt"};
enum { FOLDERS = 5, PICTURES = 6, LINKS = 3, WIDTH = 16, HEIGHT = 12 };

static const char *path_of(const char *name)
{
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", memory_folder, name);
    return path;
}

static void remove_sets(void)
{
    for (int i = 0; i < LINKS; i++) (void)unlink(path_of(links[i]));
    for (int i = 0; i < PICTURES; i++) (void)unlink(path_of(pictures[i]));
    for (int i = FOLDERS; i-- > 0;) (void)rmdir(path_of(folders[i]));
}

static void make_sets(void)
{
    static bool made;
    if (made) return;
    made = true;
    (void)atexit(remove_sets);
    for (int i = 0; i < FOLDERS; i++)
        if (mkdir(path_of(folders[i]), 0700) != 0) abort();
    for (int i = 0; i < PICTURES; i++) {
        FILE *picture = fopen(path_of(pictures[i]), "wb");
        if (!picture || fclose(picture) != 0) abort();
    }
    for (int i = 0; i < LINKS; i++)
        if (symlink(memory_path, path_of(links[i])) != 0) abort();
}

static void try_layout(const char *name)
{
    okng_dataset *dataset = NULL;
    okng_samples *samples = NULL;
    okng_error error = {0};
    uint8_t mask[WIDTH * HEIGHT];
    if (okng_dataset_open(&dataset, name, path_of(name), NULL, &error) != OKNG_OK) abort();
    if (okng_samples_open(&samples, dataset, name, &error) != OKNG_OK && !error.message[0]) abort();
    for (size_t i = 0; i < okng_samples_count(samples); i++) {
        const okng_sample *sample = okng_samples_get(samples, i);
        if (okng_sample_mask(sample, WIDTH, HEIGHT, mask, &error) != OKNG_OK) continue;
        for (int p = 0; p < WIDTH * HEIGHT; p++)
            if (mask[p] > 1) abort();
    }
    okng_samples_free(&samples);
    okng_dataset_close(&dataset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memory_file("file", data, size);
    make_sets();
    try_layout("labelme");
    try_layout("coco");
    try_layout("yolo");
    return 0;
}
