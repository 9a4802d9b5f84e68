/* metrics.json and metrics.csv of a category. One table says where every figure stands in both. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "experiment/category.h"
#include "options/number.h"

typedef enum figure_kind { FIGURE, COUNT } figure_kind; /* double; NaN is absent. int64_t */

typedef struct figure {
    const char *section; /* of the JSON document; NULL: its top */
    const char *key;
    const char *column; /* of the CSV */
    figure_kind kind;
    size_t offset;
} figure;

#define AT(field) offsetof(okng_category_result, field)
/* clang-format off */
static const figure figures[] = {
    {"metrics", "image_auroc", "image_auroc", FIGURE, AT(metrics.image_auroc)},
    {"metrics", "image_ap", "image_ap", FIGURE, AT(metrics.image_ap)},
    {"metrics", "image_f1max", "image_f1max", FIGURE, AT(metrics.image_f1max)},
    {"metrics", "image_f1max_threshold", "image_f1max_threshold", FIGURE, AT(metrics.image_f1max_threshold)},
    {"metrics", "pixel_auroc", "pixel_auroc", FIGURE, AT(metrics.pixel_auroc)},
    {"metrics", "pixel_ap", "pixel_ap", FIGURE, AT(metrics.pixel_ap)},
    {"metrics", "pixel_f1max", "pixel_f1max", FIGURE, AT(metrics.pixel_f1max)},
    {"metrics", "pixel_f1max_threshold", "pixel_f1max_threshold", FIGURE, AT(metrics.pixel_f1max_threshold)},
    {"metrics", "aupro_30", "aupro_30", FIGURE, AT(metrics.aupro_30)},
    {"metrics", "aupro_05", "aupro_05", FIGURE, AT(metrics.aupro_05)},
    {"metrics", "aupimo", "aupimo", FIGURE, AT(metrics.aupimo)},
    {"metrics_crop", "pixel_auroc", "pixel_auroc_crop", FIGURE, AT(crop.pixel_auroc)},
    {"metrics_crop", "pixel_ap", "pixel_ap_crop", FIGURE, AT(crop.pixel_ap)},
    {"metrics_crop", "pixel_f1max", "pixel_f1max_crop", FIGURE, AT(crop.pixel_f1max)},
    {"metrics_crop", "pixel_f1max_threshold", "pixel_f1max_threshold_crop", FIGURE, AT(crop.pixel_f1max_threshold)},
    {"metrics_crop", "aupro_30", "aupro_30_crop", FIGURE, AT(crop.aupro_30)},
    {"metrics_crop", "aupro_05", "aupro_05_crop", FIGURE, AT(crop.aupro_05)},
    {NULL, "train_images", "train_images", COUNT, AT(train_images)},
    {NULL, "validation_images", "validation_images", COUNT, AT(validation_images)},
    {NULL, "test_images", "test_images", COUNT, AT(test_images)},
    {NULL, "defects", "defects", COUNT, AT(defects)},
    {NULL, "found", "found", COUNT, AT(found)},
    {NULL, "false_alarms", "false_alarms", COUNT, AT(false_alarms)},
    {"thresholds", "image", "threshold_image", FIGURE, AT(image_tau)},
    {"thresholds", "pixel", "threshold_pixel", FIGURE, AT(pixel_tau)},
    {NULL, "seed", "seed", COUNT, AT(seed)},
    {NULL, "k_shot", "k_shot", COUNT, AT(k_shot)},
    {"seconds", "features", "seconds_features", FIGURE, AT(seconds_features)},
    {"seconds", "coreset", "seconds_coreset", FIGURE, AT(seconds_coreset)},
    {"seconds", "calibration", "seconds_calibration", FIGURE, AT(seconds_calibration)},
    {"seconds", "evaluate", "seconds_evaluate", FIGURE, AT(seconds_evaluate)},
    {"latency_ms", "p50", "latency_p50_ms", FIGURE, AT(latency_p50)},
    {"latency_ms", "p95", "latency_p95_ms", FIGURE, AT(latency_p95)},
    {"latency_ms", "p99", "latency_p99_ms", FIGURE, AT(latency_p99)},
    {"latency_ms", "mean", "latency_mean_ms", FIGURE, AT(latency_mean)},
    {"latency_ms", "warmup", "latency_warmup", COUNT, AT(latency_warmup)},
    {"latency_ms", "runs", "latency_runs", COUNT, AT(latency_runs)},
    {"stages_ms", "decode", "stage_decode_ms", FIGURE, AT(stages_ms[OKNG_STAGE_DECODE])},
    {"stages_ms", "resize", "stage_resize_ms", FIGURE, AT(stages_ms[OKNG_STAGE_RESIZE])},
    {"stages_ms", "network", "stage_network_ms", FIGURE, AT(stages_ms[OKNG_STAGE_NETWORK])},
    {"stages_ms", "patches", "stage_patches_ms", FIGURE, AT(stages_ms[OKNG_STAGE_PATCHES])},
    {"stages_ms", "search", "stage_search_ms", FIGURE, AT(stages_ms[OKNG_STAGE_SEARCH])},
    {"stages_ms", "post", "stage_post_ms", FIGURE, AT(stages_ms[OKNG_STAGE_POST])},
    {NULL, "throughput", "throughput", FIGURE, AT(throughput)},
    {NULL, "peak_bytes", "peak_bytes", COUNT, AT(peak_bytes)},
    {"bank", "rows", "bank_rows", COUNT, AT(bank_rows)},
    {"bank", "dim", "bank_dim", COUNT, AT(bank_dim)},
    {"bank", "bytes", "bank_bytes", COUNT, AT(bank_bytes)},
    {"network", "parameters", "parameters", COUNT, AT(parameters)},
    {"network", "flops", "flops", FIGURE, AT(flops)},
};
/* clang-format on */
enum { FIGURES = sizeof figures / sizeof figures[0] };

static const void *field(const okng_category_result *result, const figure *f)
{
    return (const char *)result + f->offset;
}

void okng_category_result_init(okng_category_result *result)
{
    memset(result, 0, sizeof *result);
    okng_metrics_init(&result->metrics);
    okng_metrics_init(&result->crop);
    for (size_t i = 0; i < FIGURES; i++)
        if (figures[i].kind == FIGURE) *(double *)((char *)result + figures[i].offset) = (double)NAN;
}

/* ---- metrics.json --------------------------------------------------------------------------- */

static json_t *section_of(json_t *document, const char *name)
{
    if (!name) return document;
    json_t *section = json_object_get(document, name);
    if (section) return section;
    (void)json_object_set_new(document, name, json_object());
    return json_object_get(document, name);
}

static json_t *curve_json(const okng_curve *curve)
{
    json_t *points = json_array();
    for (size_t i = 0; i < curve->count; i++)
        (void)json_array_append_new(points, json_pack("[ff]", curve->points[i].x, curve->points[i].y));
    return points;
}

static json_t *as_json(const okng_category_result *result)
{
    json_t *document =
        json_pack("{s:i, s:s, s:o, s:s, s:s}", "okng_metrics", 1, "dataset", result->dataset, "category",
                  okng_json_any_text(result->category), "method", result->method, "experiment", result->experiment);
    for (size_t i = 0; i < FIGURES; i++) {
        json_t *section = section_of(document, figures[i].section);
        const void *value = field(result, &figures[i]);
        if (figures[i].kind == COUNT)
            (void)json_object_set_new(section, figures[i].key, json_integer(*(const int64_t *)value));
        else if (!isnan(*(const double *)value))
            (void)json_object_set_new(section, figures[i].key, json_real(*(const double *)value));
    }
    (void)json_object_set_new(section_of(document, "network"), "backbone", json_string(result->backbone));
    json_t *curves = section_of(document, "curves");
    if (result->image_roc.count) (void)json_object_set_new(curves, "image_roc", curve_json(&result->image_roc));
    if (result->pixel_roc.count) (void)json_object_set_new(curves, "pixel_roc", curve_json(&result->pixel_roc));
    if (result->pro.count) (void)json_object_set_new(curves, "pro", curve_json(&result->pro));
    return document;
}

static okng_status take_text(const json_t *document, const char *path, const char *key, char *text, size_t size,
                             okng_error *error)
{
    const char *found;
    OKNG_TRY(okng_json_string(document, path, key, &found, error));
    (void)snprintf(text, size, "%s", found);
    return OKNG_OK;
}

static okng_status take_figures(const json_t *document, const char *path, okng_category_result *result,
                                okng_error *error)
{
    double one;
    OKNG_TRY(okng_json_number(document, path, "okng_metrics", 1, 1, &one, error));
    OKNG_TRY(take_text(document, path, "dataset", result->dataset, sizeof result->dataset, error));
    OKNG_TRY(take_text(document, path, "category", result->category, sizeof result->category, error));
    OKNG_TRY(take_text(document, path, "method", result->method, sizeof result->method, error));
    OKNG_TRY(take_text(document, path, "experiment", result->experiment, sizeof result->experiment, error));
    const json_t *network = json_object_get(document, "network");
    OKNG_TRY(take_text(network, path, "backbone", result->backbone, sizeof result->backbone, error));
    for (size_t i = 0; i < FIGURES; i++) {
        const figure *f = &figures[i];
        const json_t *section = f->section ? json_object_get(document, f->section) : document;
        void *value = (char *)result + f->offset;
        if (f->kind == COUNT)
            OKNG_TRY(okng_json_integer(section, path, f->key, 0, INT64_MAX, value, error));
        else if (json_object_get(section, f->key))
            OKNG_TRY(okng_json_number(section, path, f->key, -HUGE_VAL, HUGE_VAL, value, error));
    }
    return OKNG_OK;
}

okng_status okng_category_result_read(okng_category_result *result, const char *path, okng_error *error)
{
    json_t *document;
    okng_category_result_init(result);
    OKNG_TRY(okng_json_read(&document, path, error));
    okng_status status = take_figures(document, path, result, error);
    json_decref(document);
    return status;
}

/* ---- metrics.csv ---------------------------------------------------------------------------- */

static void write_value(FILE *stream, const okng_category_result *result, const figure *f)
{
    char text[64] = "";
    const void *value = field(result, f);
    if (f->kind == COUNT)
        (void)snprintf(text, sizeof text, "%lld", (long long)*(const int64_t *)value);
    else if (!isnan(*(const double *)value))
        okng_number_text(*(const double *)value, false, text, sizeof text);
    (void)fprintf(stream, ",%s", text);
}

/* A folder's name may hold what separates fields. */
static void write_name(FILE *stream, const char *name)
{
    if (!strpbrk(name, ",\"\r\n")) {
        (void)fputs(name, stream);
        return;
    }
    (void)fputc('"', stream);
    for (; *name; name++) {
        if (*name == '"') (void)fputc('"', stream);
        (void)fputc(*name, stream);
    }
    (void)fputc('"', stream);
}

static okng_status write_csv(const okng_category_result *result, const char *path, okng_error *error)
{
    okng_writer writer;
    OKNG_TRY(okng_writer_open(&writer, path, error));
    (void)fputs("category", writer.stream);
    for (size_t i = 0; i < FIGURES; i++) (void)fprintf(writer.stream, ",%s", figures[i].column);
    (void)fputs("\n", writer.stream);
    write_name(writer.stream, result->category);
    for (size_t i = 0; i < FIGURES; i++) write_value(writer.stream, result, &figures[i]);
    (void)fputs("\n", writer.stream);
    return okng_writer_commit(&writer, error);
}

okng_status okng_category_result_write(const okng_category_result *result, const char *folder, okng_error *error)
{
    char *csv = okng_path_join(folder, "metrics.csv"), *json = okng_path_join(folder, "metrics.json");
    json_t *document = as_json(result);
    okng_status status = csv && json && document ? OKNG_OK : okng_fail_memory(error, strlen(folder));
    if (status == OKNG_OK) status = write_csv(result, csv, error);
    if (status == OKNG_OK) status = okng_json_write(document, json, error);
    json_decref(document);
    free(csv);
    free(json);
    return status;
}
