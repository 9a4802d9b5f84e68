/* Figures of scores and maps that lie in files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/each.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "data/listing.h"
#include "data/picture_list.h"
#include "eval/figures.h"
#include "eval/image_metrics.h"
#include "eval/metrics.h"
#include "image/mask.h"
#include "options/number.h"
#include "tensor/array.h"

/* ---- scores ---- */

okng_status okng_metrics_scores(const double *scores, const uint8_t *labels, size_t count, okng_metrics *metrics,
                                okng_error *error)
{
    okng_metrics all;
    OKNG_TRY(okng_metrics_open(&all, metrics, error));
    if (count > 0 && (!scores || !labels))
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no scores or no labels were given");
    okng_image_metrics *figures = malloc(sizeof *figures);
    if (!figures) return okng_fail_memory(error, sizeof *figures);
    okng_status status = okng_image_metrics_compute(scores, labels, count, figures, error);
    if (status == OKNG_OK) {
        double values[OKNG_FIGURES];
        okng_figures_compute(OKNG_GROUP_IMAGE, &figures->evidence, NULL, values);
        okng_figures_to_metrics(values, OKNG_GROUP_IMAGE, &all);
        all.images = figures->good + figures->bad;
        all.images_bad = figures->bad;
        all.images_left_out = figures->left_out;
        okng_metrics_close(&all, metrics);
    }
    free(figures);
    return status;
}

/* A copy of a field without the blanks around it, cut to `size`: no number or label is that long. */
static void trim(const char *field, char *text, size_t size)
{
    field += strspn(field, " \t");
    size_t length = strlen(field);
    while (length > 0 && strchr(" \t", field[length - 1])) length--;
    (void)snprintf(text, size, "%.*s", (int)(length < size ? length : size - 1), field);
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp(text, *words) == 0) return true;
    return false;
}

/* A score that is not there was never computed, like NaN: results.csv has such lines of pictures that were skipped. */
static bool read_score(const char *text, double *score)
{
    static const char *const nothing[] = {"", "nan", "+nan", "-nan", NULL};
    static const char *const infinite[] = {"inf", "+inf", "infinity", "+infinity", NULL};
    static const char *const least[] = {"-inf", "-infinity", NULL};
    if (okng_number_real(text + (text[0] == '+'), score)) return true;
    bool known = true;
    if (is_one_of(text, nothing))
        *score = (double)NAN;
    else if (is_one_of(text, infinite))
        *score = (double)INFINITY;
    else if (is_one_of(text, least))
        *score = -(double)INFINITY;
    else
        known = false;
    return known;
}

static bool read_label(const char *text, uint8_t *label)
{
    static const char *const good[] = {"0", "OK", "good", "normal", NULL};
    static const char *const bad[] = {"1", "NG", "bad", "anomaly", "anomalous", "abnormal", "defect", NULL};
    *label = is_one_of(text, bad);
    return *label || is_one_of(text, good);
}

static okng_status read_rows(const okng_csv *csv, double *scores, uint8_t *labels, okng_error *error)
{
    size_t score, label;
    OKNG_TRY(okng_csv_column(csv, "score", &score, error));
    OKNG_TRY(okng_csv_column(csv, "label", &label, error));
    for (size_t r = 0; r < okng_csv_rows(csv); r++) {
        char text[64];
        trim(okng_csv_field(csv, r, score), text, sizeof text);
        if (!read_score(text, &scores[r]))
            return okng_fail(error, OKNG_ERROR_FORMAT, "%s: line %zu: score \"%s\", expected a number",
                             okng_csv_name(csv), okng_csv_line(csv, r), text);
        trim(okng_csv_field(csv, r, label), text, sizeof text);
        if (!*text) /* not known: what its score is worth neither */
            scores[r] = (double)NAN;
        else if (!read_label(text, &labels[r]))
            return okng_fail(error, OKNG_ERROR_FORMAT,
                             "%s: line %zu: label \"%s\", expected 0, OK, good or normal, or 1, NG, bad or anomaly",
                             okng_csv_name(csv), okng_csv_line(csv, r), text);
    }
    return OKNG_OK;
}

okng_status okng_metrics_read_scores(const char *path, okng_metrics *metrics, okng_error *error)
{
    OKNG_TRY(okng_need(path, "the path of the scores", error));
    okng_csv *csv;
    OKNG_TRY(okng_csv_read(&csv, path, error));
    size_t count = okng_csv_rows(csv);
    double *scores = okng_alloc(count, sizeof *scores);
    uint8_t *labels = okng_alloc(count, sizeof *labels);
    okng_status status = scores && labels ? OKNG_OK : okng_fail_memory(error, count * sizeof *scores);
    if (status == OKNG_OK) status = read_rows(csv, scores, labels, error);
    if (status == OKNG_OK) status = okng_metrics_scores(scores, labels, count, metrics, error);
    free(scores);
    free(labels);
    okng_csv_free(&csv);
    return status;
}

/* ---- maps ---- */

typedef struct maps {
    const okng_picture_list *list;
    const char *masks_dir;
    okng_pixel_metrics *pixels;
    atomic_size_t masks; /* that were found */
} maps;

static bool is_map(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && strcasecmp(dot, ".npy") == 0;
}

/* okng infer leaves the map of a/b.png in the folder a/b, so its mask is that of a/b. malloc'd "a/b.npy" of
 * "a/b/map.npy", NULL of any other. *out_of_memory tells why else it is NULL. */
static char *map_of_results(const char *relative, bool *out_of_memory)
{
    static const char end[] = "/map.npy";
    size_t length = strlen(relative), part = sizeof end - 1;
    *out_of_memory = false;
    if (length <= part || strcmp(relative + length - part, end) != 0) return NULL;
    char *name = malloc(length);
    *out_of_memory = !name;
    if (name) (void)snprintf(name, length, "%.*s.npy", (int)(length - part), relative);
    return name;
}

/* Results of x.png and x.jpg lie in folders x.png and x.jpg: a mask of x could be that of either. `name`:
 * "a/x.png.npy". */
static okng_status need_no_shared_mask(const char *folder, char *name, okng_error *error)
{
    okng_names paths = {0};
    *strrchr(name, '.') = '\0';
    const char *slash = strrchr(name, '/'), *dot = strrchr(slash ? slash : name, '.');
    bool picture = false;
    for (size_t i = 0; dot && okng_picture_endings[i]; i++)
        picture = picture || strcasecmp(dot + 1, okng_picture_endings[i]) == 0;
    if (!picture) return OKNG_OK;
    OKNG_TRY(okng_masks_find(folder, name, &paths, error));
    okng_status status = OKNG_OK;
    if (paths.count > 0)
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "%s: could be the mask of %s and of another picture of that name; call it %s_mask.png",
                           paths.items[0], name, name);
    okng_names_free(&paths);
    return status;
}

/* The masks of map `relative`, under its own name or under that of the picture whose results it lies among. */
static okng_status find_masks(const char *folder, const char *relative, okng_names *paths, okng_error *error)
{
    bool out_of_memory;
    OKNG_TRY(okng_masks_find(folder, relative, paths, error));
    if (paths->count > 0) return OKNG_OK;
    char *name = map_of_results(relative, &out_of_memory);
    if (out_of_memory) return okng_fail_memory(error, strlen(relative));
    okng_status status = name ? okng_masks_find(folder, name, paths, error) : OKNG_OK;
    if (status == OKNG_OK && name && paths->count == 0) status = need_no_shared_mask(folder, name, error);
    free(name);
    return status;
}

/* Sides of a map, [H, W] or with ones in front. */
static okng_status check_map(const okng_array *array, const char *path, int32_t *height, int32_t *width,
                             okng_error *error)
{
    char shape[160];
    bool fits = array->dims >= 2;
    for (int32_t i = 0; i < array->dims; i++) {
        int64_t least = 1, most = i < array->dims - 2 ? 1 : UINT16_MAX;
        fits = fits && array->shape[i] >= least && array->shape[i] <= most;
    }
    bool floating = array->dtype == OKNG_F32 || array->dtype == OKNG_F64 || array->dtype == OKNG_F16;
    if (!fits || !floating)
        return okng_fail(error, OKNG_ERROR_FORMAT, "%s: is %s %s, expected a map, float32 [height, width]", path,
                         okng_dtype_name(array->dtype),
                         okng_shape_text(array->dims, array->shape, shape, sizeof shape));
    *height = (int32_t)array->shape[array->dims - 2];
    *width = (int32_t)array->shape[array->dims - 1];
    return OKNG_OK;
}

/* In place of `array` the same as float32. */
static okng_status to_float(okng_array **array, okng_error *error)
{
    if ((*array)->dtype == OKNG_F32) return OKNG_OK;
    okng_array *converted;
    OKNG_TRY(okng_array_new(&converted, OKNG_F32, (*array)->dims, (*array)->shape, error));
    okng_to_float((*array)->dtype, (*array)->data, converted->bytes / sizeof(float), converted->data);
    okng_array_free(array);
    *array = converted;
    return OKNG_OK;
}

/* A map without a mask is that of a good picture. */
static okng_status add_map(maps *m, size_t i, const okng_array *map, int32_t height, int32_t width, okng_error *error)
{
    okng_names paths = {0};
    size_t pixels = (size_t)height * (size_t)width;
    OKNG_TRY(find_masks(m->masks_dir, okng_picture_list_relative(m->list, i), &paths, error));
    uint8_t *mask = paths.count > 0 ? okng_alloc(pixels, 1) : NULL;
    okng_status status = paths.count > 0 && !mask ? okng_fail_memory(error, pixels) : OKNG_OK;
    if (status == OKNG_OK && mask)
        status = okng_masks_unite((const char *const *)paths.items, paths.count, okng_picture_list_path(m->list, i),
                                  width, height, mask, error);
    if (status == OKNG_OK && mask) (void)atomic_fetch_add(&m->masks, 1);
    if (status == OKNG_OK) status = okng_pixel_metrics_add(m->pixels, map->data, mask, height, width, error);
    free(mask);
    okng_names_free(&paths);
    return status;
}

static okng_status read_map(void *context, int64_t i, int thread, okng_error *error)
{
    (void)thread;
    maps *m = context;
    const char *path = okng_picture_list_path(m->list, (size_t)i);
    okng_array *array = NULL;
    int32_t height = 0, width = 0;
    okng_status status = okng_array_read_npy(&array, path, error);
    if (status == OKNG_OK) status = check_map(array, path, &height, &width, error);
    if (status == OKNG_OK) status = to_float(&array, error);
    if (status == OKNG_OK) status = add_map(m, (size_t)i, array, height, width, error);
    okng_array_free(&array);
    return status;
}

/* Masks that belong to no map would make every map that of a good picture without a word. */
static okng_status check_masks(const maps *m, okng_error *error)
{
    if (atomic_load(&m->masks) > 0) return OKNG_OK;
    okng_picture_list *masks;
    OKNG_TRY(okng_picture_list_open(&masks, m->masks_dir, error));
    const char *found = okng_picture_list_relative(masks, 0), *map = okng_picture_list_relative(m->list, 0);
    bool out_of_memory;
    char *own = map_of_results(map, &out_of_memory);
    const char *name = own ? own : map;
    int stem = (int)(strrchr(name, '.') - name);
    okng_status status = OKNG_OK;
    if (found)
        status = okng_fail(error, OKNG_ERROR_MISMATCH,
                           "%s: no mask here belongs to a map: found %s; the mask of the map %s is %.*s_mask.png or "
                           "%.*s.png",
                           m->masks_dir, found, map, stem, name, stem, name);
    free(own);
    okng_picture_list_free(&masks);
    return status;
}

static okng_status gather(maps *m, int32_t threads, okng_ticker *ticker, okng_metrics *metrics, okng_error *error)
{
    size_t count = okng_picture_list_count(m->list);
    okng_ticker_stage(ticker, "maps", count);
    OKNG_TRY(okng_each(okng_thread_count(threads), (int64_t)count, read_map, m, ticker, "reading the maps", error));
    OKNG_TRY(check_masks(m, error));
    return okng_pixel_metrics_finish(m->pixels, metrics, error);
}

okng_status okng_metrics_read_maps(const char *maps_dir, const char *masks_dir, okng_pro_mode pro_mode, int32_t threads,
                                   okng_progress_fn progress, void *user, okng_metrics *metrics, okng_error *error)
{
    OKNG_TRY(okng_need(metrics, "the place for the figures", error));
    if (!maps_dir || !*maps_dir || !masks_dir || !*masks_dir)
        return okng_fail(error, OKNG_ERROR_ARGUMENT, "no folder of maps or no folder of masks was given");
    if (!okng_is_folder(masks_dir))
        return okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: there is no such folder of masks", masks_dir);
    okng_picture_list *list;
    maps m = {.masks_dir = masks_dir};
    OKNG_TRY(okng_list_files(&list, maps_dir, is_map, error));
    m.list = list;
    okng_status status = OKNG_OK;
    if (okng_picture_list_count(list) == 0)
        status = okng_fail(error, OKNG_ERROR_NOT_FOUND, "%s: no maps (.npy) here or in its sub-folders", maps_dir);
    if (status == OKNG_OK) status = okng_pixel_metrics_new(&m.pixels, pro_mode, threads, error);
    okng_ticker ticker;
    okng_ticker_init(&ticker, progress, user);
    if (status == OKNG_OK) status = gather(&m, threads, &ticker, metrics, error);
    okng_ticker_destroy(&ticker);
    okng_pixel_metrics_free(&m.pixels);
    okng_picture_list_free(&list);
    return status;
}
