#include "demo/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "image/morphology.h"

enum { TRAIN = 30, TEST_GOOD = 12, TEST_DEFECT = 6, QUALITY = 92 };

/* A difference that a camera could see, and how many pixels of it make a defect. */
#define VISIBLE 0.014f
#define LEAST_PIXELS 24
#define ATTEMPTS 16

static const okng_demo_category *const categories[] = {&okng_demo_washer, &okng_demo_fabric, &okng_demo_circuit,
                                                       &okng_demo_label, &okng_demo_blister};
enum { CATEGORIES = sizeof categories / sizeof *categories };

/* ---- one picture ---- */

typedef struct drawing {
    okng_canvas canvas;
    float *good, *bad; /* at the picture's size */
} drawing;

static void drawing_free(drawing *d)
{
    free(d->canvas.rgb);
    free(d->good);
    free(d->bad);
}

static okng_status drawing_new(drawing *d, okng_error *error)
{
    size_t side = OKNG_DEMO_SIDE, wide = side * OKNG_DEMO_SAMPLES;
    *d = (drawing){.canvas = {.side = (int)wide, .rgb = okng_alloc_zero(wide * wide, 3 * sizeof(float))}};
    d->good = okng_alloc(side * side, 3 * sizeof(float));
    d->bad = okng_alloc(side * side, 3 * sizeof(float));
    if (d->canvas.rgb && d->good && d->bad) return OKNG_OK;
    drawing_free(d);
    *d = (drawing){0};
    return okng_fail_memory(error, wide * wide * 3 * sizeof(float));
}

static void shrink(const okng_canvas *canvas, float *out)
{
    size_t side = OKNG_DEMO_SIDE, row = (size_t)canvas->side * 3;
    for (size_t y = 0; y < side; y++)
        for (size_t x = 0; x < side; x++)
            for (size_t c = 0; c < 3; c++) {
                const float *at = canvas->rgb + 2 * y * row + 6 * x + c;
                *out++ = (at[0] + at[3] + at[row] + at[row + 3]) * 0.25f;
            }
}

static float difference(const float *a, const float *b)
{
    float largest = 0;
    for (int c = 0; c < 3; c++) {
        float d = a[c] > b[c] ? a[c] - b[c] : b[c] - a[c];
        if (d > largest) largest = d;
    }
    return largest;
}

/* Marks where the two drawings differ; pores are closed, as one would outline a defect by hand. */
static okng_status compare(const drawing *d, okng_image *mask, int *count, okng_error *error)
{
    *count = 0;
    for (size_t i = 0; i < (size_t)OKNG_DEMO_SIDE * OKNG_DEMO_SIDE; i++) {
        int differs = difference(d->good + 3 * i, d->bad + 3 * i) > VISIBLE;
        mask->pixels[i] = differs ? 255 : 0;
        *count += differs;
    }
    return okng_mask_close(mask, 2, error);
}

static okng_status draw_defect(const okng_demo_category *category, drawing *d, uint64_t seed, int defect,
                               okng_image *mask, okng_error *error)
{
    int count = 0;
    for (uint64_t attempt = 0; count < LEAST_PIXELS && attempt < ATTEMPTS; attempt++) {
        okng_rng part = okng_rng_new(seed, OKNG_STREAM_DEMO_PART);
        okng_rng flaw = okng_rng_new(seed + attempt, OKNG_STREAM_DEMO_FLAW);
        category->draw(&d->canvas, &part, &flaw, defect);
        shrink(&d->canvas, d->bad);
        OKNG_TRY(compare(d, mask, &count, error));
    }
    if (count >= LEAST_PIXELS) return OKNG_OK;
    return okng_fail(error, OKNG_ERROR_INTERNAL, "%s: no visible defect %s in %d attempts", category->name,
                     category->defects[defect], ATTEMPTS);
}

okng_status okng_demo_picture(const okng_demo_category *category, uint64_t seed, int defect, okng_image *picture,
                              okng_image *mask, okng_error *error)
{
    drawing d = {0};
    okng_image truth = {0};
    *picture = (okng_image){0};
    okng_status status = drawing_new(&d, error);
    if (status != OKNG_OK) goto done;
    okng_rng part = okng_rng_new(seed, OKNG_STREAM_DEMO_PART), flaw = okng_rng_new(seed, OKNG_STREAM_DEMO_FLAW);
    category->draw(&d.canvas, &part, &flaw, -1);
    shrink(&d.canvas, d.good);
    if (defect >= 0) {
        status = okng_image_new(&truth, OKNG_DEMO_SIDE, OKNG_DEMO_SIDE, 1, error);
        if (status == OKNG_OK) status = draw_defect(category, &d, seed, defect, &truth, error);
        if (status != OKNG_OK) goto done;
    }
    status = okng_image_new(picture, OKNG_DEMO_SIDE, OKNG_DEMO_SIDE, 3, error);
    if (status != OKNG_OK) goto done;
    okng_rng camera = okng_rng_new(seed, OKNG_STREAM_DEMO_CAMERA);
    okng_demo_expose(defect >= 0 ? d.bad : d.good, OKNG_DEMO_SIDE, &camera, picture);
    if (mask) {
        *mask = truth;
        truth = (okng_image){0};
    }
done:
    okng_image_free(&truth);
    drawing_free(&d);
    return status;
}

/* ---- all of them ---- */

typedef struct job {
    const okng_demo_category *category;
    int row;    /* of the table */
    int defect; /* -1: good */
    int train;
    int number; /* in its folder */
} job;

typedef struct work {
    const char *dir;
    uint64_t seed;
    const job *jobs;
    okng_error *errors; /* one for each thread: its first */
    int64_t *failed;    /* and the job that it belongs to, -1 for none */
    okng_ticker *ticker;
} work;

/* A seed for each picture, so that one does not depend on how many come before it. */
static uint64_t job_seed(const work *w, const job *j)
{
    uint64_t key = (uint64_t)j->row << 32 | (uint64_t)(j->train ? 0 : 2 + j->defect) << 16 | (uint64_t)j->number;
    okng_rng rng = okng_rng_new(w->seed ^ key * 0x9e3779b97f4a7c15u, OKNG_STREAM_DEMO_PICTURE);
    uint64_t high = okng_rng_u32(&rng);
    return high << 32 | okng_rng_u32(&rng);
}

static okng_status file_path(char path[4096], const work *w, const job *j, int mask, okng_error *error)
{
    const char *folder = j->defect < 0 ? "good" : j->category->defects[j->defect];
    const char *set = mask ? "ground_truth" : j->train ? "train" : "test";
    int length = snprintf(path, 4096, "%s/%s/%s/%s", w->dir, j->category->name, set, folder);
    if (length < 0 || length > 4000)
        return okng_fail(error, OKNG_ERROR_LIMIT, "the name of the demo's folder is too long; take a shorter one");
    OKNG_TRY(okng_make_folders(path, error));
    (void)snprintf(path + length, 4096 - (size_t)length, mask ? "/%03d_mask.png" : "/%03d.jpg", j->number);
    return OKNG_OK;
}

static okng_status run_job(const work *w, const job *j, okng_error *error)
{
    char path[4096];
    okng_image picture = {0}, mask = {0};
    okng_status status = okng_demo_picture(j->category, job_seed(w, j), j->defect, &picture, &mask, error);
    if (status == OKNG_OK) status = file_path(path, w, j, 0, error);
    if (status == OKNG_OK) status = okng_image_write_jpeg(&picture, QUALITY, path, error);
    if (status == OKNG_OK && j->defect >= 0) {
        status = file_path(path, w, j, 1, error);
        if (status == OKNG_OK) status = okng_image_write_png(&mask, path, error);
    }
    okng_image_free(&picture);
    okng_image_free(&mask);
    return status;
}

static void run_jobs(void *context, int64_t begin, int64_t end, int thread)
{
    const work *w = context;
    for (int64_t i = begin; i < end && w->failed[thread] < 0; i++) {
        if (okng_ticker_cancelled(w->ticker)) return;
        if (run_job(w, &w->jobs[i], &w->errors[thread]) != OKNG_OK) w->failed[thread] = i;
        (void)okng_ticker_advance(w->ticker, 1);
    }
}

static size_t list_jobs(job *jobs, int row)
{
    const okng_demo_category *category = categories[row];
    size_t count = 0;
    for (int i = 0; i < TRAIN; i++) jobs[count++] = (job){category, row, -1, 1, i};
    for (int i = 0; i < TEST_GOOD; i++) jobs[count++] = (job){category, row, -1, 0, i};
    for (int defect = 0; category->defects[defect]; defect++)
        for (int i = 0; i < TEST_DEFECT; i++) jobs[count++] = (job){category, row, defect, 0, i};
    return count;
}

static okng_status find_category(const char *name, int *row, okng_error *error)
{
    char known[256] = "";
    for (*row = 0; *row < CATEGORIES; ++*row) {
        const char *other = categories[*row]->name;
        if (strcmp(name, other) == 0) return OKNG_OK;
        size_t length = strlen(known);
        (void)snprintf(known + length, sizeof known - length, "%s%s", length ? ", " : "", other);
    }
    return okng_fail(error, OKNG_ERROR_ARGUMENT, "no category %s in the demo; take one of %s", name, known);
}

static okng_status run_all(work *w, int64_t count, int threads, okng_error *error)
{
    okng_status status = OKNG_OK;
    w->errors = okng_alloc_zero((size_t)threads, sizeof *w->errors);
    w->failed = okng_alloc((size_t)threads, sizeof *w->failed);
    if (!w->errors || !w->failed) {
        status = okng_fail_memory(error, (size_t)threads * sizeof *w->errors);
        goto done;
    }
    for (int i = 0; i < threads; i++) w->failed[i] = -1;
    okng_ticker_stage(w->ticker, "pictures", (uint64_t)count);
    okng_parallel_for(threads, count, 1, run_jobs, w);
    int64_t first = -1;
    for (int i = 0; i < threads; i++) {
        if (w->failed[i] < 0 || (first >= 0 && w->failed[i] > first)) continue;
        first = w->failed[i];
        status = okng_fail(error, w->errors[i].status, "%s", w->errors[i].message);
    }
    if (status == OKNG_OK && okng_ticker_cancelled(w->ticker))
        status = okng_fail(error, OKNG_ERROR_CANCELLED, "cancelled");
done:
    free(w->errors);
    free(w->failed);
    return status;
}

/* "007.jpg", "007_mask.png": what the demo writes. */
static bool is_own(const char *name)
{
    enum { DIGITS = 3 };
    if (strspn(name, "0123456789") != DIGITS || atoi(name) >= TRAIN) return false;
    return strcmp(name + DIGITS, ".jpg") == 0 || strcmp(name + DIGITS, "_mask.png") == 0;
}

/* Pictures of a demo are drawn over those of an earlier one, never over somebody's own. */
static okng_status check_folder(const char *dir, const okng_demo_category *category, okng_error *error)
{
    char *folder = okng_path_join(dir, category->name);
    okng_status status =
        folder ? okng_check_own(folder, is_own, error) : okng_fail_memory(error, strlen(dir) + OKNG_NAME_MAX);
    free(folder);
    return status;
}

okng_status okng_demo_write(const char *dir, const char *category, uint64_t seed, int32_t threads,
                            okng_progress_fn progress, void *user, okng_error *error)
{
    int first = 0, last = CATEGORIES;
    OKNG_TRY(okng_need(dir, "the folder of the demo", error));
    if (category) {
        OKNG_TRY(find_category(category, &first, error));
        last = first + 1;
    }
    for (int row = first; row < last; row++) OKNG_TRY(check_folder(dir, categories[row], error));
    size_t most = (size_t)CATEGORIES * (TRAIN + TEST_GOOD + OKNG_DEMO_MAX_DEFECTS * TEST_DEFECT), count = 0;
    job *jobs = okng_alloc(most, sizeof *jobs);
    if (!jobs) return okng_fail_memory(error, most * sizeof *jobs);
    for (int row = first; row < last; row++) count += list_jobs(jobs + count, row);
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    work w = {.dir = dir, .seed = seed, .jobs = jobs, .ticker = &ticker};
    okng_status status = run_all(&w, (int64_t)count, okng_thread_count(threads), error);
    okng_ticker_destroy(&ticker);
    free(jobs);
    return status;
}
