#include "bench/made.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/rng.h"
#include "demo/demo.h"

enum { CLUSTERS = 64, INNER = 24, MADE_SEED = 1, QUALITY = 92 };

/* ---- rows ---- */

/* The space that the rows lie in, the same for every part: [INNER, dim] directions. */
static float *make_directions(int64_t dim)
{
    float *directions = okng_alloc((size_t)dim, INNER * sizeof *directions);
    okng_rng rng = okng_rng_new(MADE_SEED, OKNG_STREAM_BENCH);
    for (int64_t i = 0; directions && i < INNER * dim; i++) directions[i] = (float)okng_rng_normal(&rng);
    return directions;
}

static void make_row(const float *directions, const float (*centres)[INNER], int64_t dim, okng_rng *rng, float *row)
{
    const float *centre = centres[okng_rng_below(rng, CLUSTERS)];
    for (int64_t d = 0; d < dim; d++) row[d] = 0.05f * (float)okng_rng_uniform(rng);
    for (int k = 0; k < INNER; k++) {
        /* later directions matter less, as principal components do */
        float place = (centre[k] + 0.3f * (float)okng_rng_normal(rng)) / (float)(1 + k);
        for (int64_t d = 0; d < dim; d++) row[d] += place * directions[k * dim + d];
    }
}

static void fill_clusters(const float *directions, int64_t count, int64_t dim, okng_rng *rng, float *rows)
{
    float centres[CLUSTERS][INNER];
    okng_rng fixed = okng_rng_new(MADE_SEED + 1, OKNG_STREAM_BENCH);
    for (int i = 0; i < CLUSTERS * INNER; i++) centres[i / INNER][i % INNER] = (float)okng_rng_normal(&fixed);
    for (int64_t r = 0; r < count; r++) make_row(directions, centres, dim, rng, rows + r * dim);
}

okng_status okng_made_rows(okng_array **rows, int64_t count, int64_t dim, bool noise, uint64_t part, okng_error *error)
{
    const int64_t shape[2] = {count, dim};
    OKNG_TRY(okng_array_new(rows, OKNG_F32, 2, shape, error));
    float *directions = make_directions(dim), *out = (*rows)->data;
    if (!directions) {
        okng_array_free(rows);
        return okng_fail_memory(error, (size_t)dim * INNER * sizeof *directions);
    }
    okng_rng rng = okng_rng_new(MADE_SEED + 2 + part, OKNG_STREAM_BENCH);
    if (noise)
        for (int64_t i = 0; i < count * dim; i++) out[i] = (float)okng_rng_normal(&rng);
    else
        fill_clusters(directions, count, dim, &rng, out);
    free(directions);
    return OKNG_OK;
}

/* ---- folders and pictures ---- */

okng_status okng_scratch_new(okng_scratch *scratch, okng_error *error)
{
    const char *base = getenv("TMPDIR");
    if (!base || !*base) base = "/tmp";
    int length = snprintf(scratch->path, sizeof scratch->path, "%s/okng-bench-XXXXXX", base);
    if (length > 0 && (size_t)length < sizeof scratch->path && mkdtemp(scratch->path)) return OKNG_OK;
    okng_status status = okng_fail_errno(error, "make a folder in", base);
    scratch->path[0] = '\0';
    return status;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void okng_scratch_remove(okng_scratch *scratch)
{
    enum { OPEN_FOLDERS = 8 };
    if (scratch->path[0]) (void)nftw(scratch->path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    scratch->path[0] = '\0';
}

static okng_status draw(const char *folder, int number, okng_error *error)
{
    char name[32];
    okng_image picture;
    (void)snprintf(name, sizeof name, "%03d.jpg", number);
    char *path = okng_path_join(folder, name);
    if (!path) return okng_fail_memory(error, OKNG_PATH_MAX);
    okng_status status = okng_demo_picture(&okng_demo_washer, (uint64_t)number, -1, &picture, NULL, error);
    if (status == OKNG_OK) status = okng_image_write_jpeg(&picture, QUALITY, path, error);
    okng_image_free(&picture);
    free(path);
    return status;
}

okng_status okng_made_pictures(const okng_scratch *scratch, int count, char **folder, okng_error *error)
{
    *folder = okng_path_join(scratch->path, "good");
    if (!*folder) return okng_fail_memory(error, sizeof scratch->path);
    okng_status status = okng_make_folders(*folder, error);
    for (int i = 0; i < count && status == OKNG_OK; i++) status = draw(*folder, i, error);
    if (status != OKNG_OK) {
        free(*folder);
        *folder = NULL;
    }
    return status;
}
