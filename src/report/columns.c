#include "report/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHARE(key, name)                             \
    {                                                \
        key, "metrics", key, name, OKNG_COLUMN_SHARE \
    }
#define CROP(key, name)                                           \
    {                                                             \
        key "_crop", "metrics_crop", key, name, OKNG_COLUMN_SHARE \
    }

/* clang-format off */
const okng_column okng_columns[OKNG_COLUMNS] = {
    SHARE("image_auroc", "Image AUROC"),
    SHARE("image_ap", "Image AP"),
    SHARE("image_f1max", "Image F1-max"),
    {"image_f1max_threshold", "metrics", "image_f1max_threshold", NULL, OKNG_COLUMN_SCORE},
    SHARE("pixel_auroc", "Pixel AUROC"),
    SHARE("pixel_ap", "Pixel AP"),
    SHARE("pixel_f1max", "Pixel F1-max"),
    {"pixel_f1max_threshold", "metrics", "pixel_f1max_threshold", NULL, OKNG_COLUMN_SCORE},
    SHARE("aupro_30", "AU-PRO 30"),
    SHARE("aupro_05", "AU-PRO 5"),
    SHARE("aupimo", "AUPIMO"),
    CROP("pixel_auroc", "Pixel AUROC, crop"),
    CROP("pixel_ap", NULL),
    CROP("pixel_f1max", NULL),
    {"pixel_f1max_threshold_crop", "metrics_crop", "pixel_f1max_threshold", NULL, OKNG_COLUMN_SCORE},
    CROP("aupro_30", "AU-PRO 30, crop"),
    CROP("aupro_05", NULL),
    {"train_images", NULL, "train_images", "Learned from", OKNG_COLUMN_COUNT},
    {"test_images", NULL, "test_images", "Inspected", OKNG_COLUMN_COUNT},
    {"defects", NULL, "defects", "Defects", OKNG_COLUMN_COUNT},
    {"found", NULL, "found", "Found", OKNG_COLUMN_COUNT},
    {"false_alarms", NULL, "false_alarms", "False alarms", OKNG_COLUMN_COUNT},
    {"threshold_image", "thresholds", "image", NULL, OKNG_COLUMN_SCORE},
    {"threshold_pixel", "thresholds", "pixel", NULL, OKNG_COLUMN_SCORE},
    {"seed", NULL, "seed", NULL, OKNG_COLUMN_COUNT},
    {"k_shot", NULL, "k_shot", NULL, OKNG_COLUMN_COUNT},
    {"seconds_features", "seconds", "features", NULL, OKNG_COLUMN_SECONDS},
    {"seconds_coreset", "seconds", "coreset", NULL, OKNG_COLUMN_SECONDS},
    {"seconds_calibration", "seconds", "calibration", NULL, OKNG_COLUMN_SECONDS},
    {"seconds_evaluate", "seconds", "evaluate", NULL, OKNG_COLUMN_SECONDS},
    {"latency_p50_ms", "latency_ms", "p50", "Latency p50", OKNG_COLUMN_MILLISECONDS},
    {"latency_p95_ms", "latency_ms", "p95", NULL, OKNG_COLUMN_MILLISECONDS},
    {"latency_p99_ms", "latency_ms", "p99", NULL, OKNG_COLUMN_MILLISECONDS},
    {"latency_mean_ms", "latency_ms", "mean", NULL, OKNG_COLUMN_MILLISECONDS},
    {"latency_warmup", "latency_ms", "warmup", NULL, OKNG_COLUMN_COUNT},
    {"latency_runs", "latency_ms", "runs", NULL, OKNG_COLUMN_COUNT},
    {"stage_decode_ms", "stages_ms", "decode", NULL, OKNG_COLUMN_MILLISECONDS},
    {"stage_resize_ms", "stages_ms", "resize", NULL, OKNG_COLUMN_MILLISECONDS},
    {"stage_network_ms", "stages_ms", "network", NULL, OKNG_COLUMN_MILLISECONDS},
    {"stage_patches_ms", "stages_ms", "patches", NULL, OKNG_COLUMN_MILLISECONDS},
    {"stage_search_ms", "stages_ms", "search", NULL, OKNG_COLUMN_MILLISECONDS},
    {"stage_post_ms", "stages_ms", "post", NULL, OKNG_COLUMN_MILLISECONDS},
    {"throughput", NULL, "throughput", "Throughput", OKNG_COLUMN_RATE},
    {"peak_bytes", NULL, "peak_bytes", "Peak memory", OKNG_COLUMN_BYTES},
    {"bank_rows", "bank", "rows", NULL, OKNG_COLUMN_COUNT},
    {"bank_dim", "bank", "dim", NULL, OKNG_COLUMN_COUNT},
    {"bank_bytes", "bank", "bytes", "Bank", OKNG_COLUMN_BYTES},
    {"parameters", "network", "parameters", NULL, OKNG_COLUMN_COUNT},
    {"flops", "network", "flops", NULL, OKNG_COLUMN_COUNT},
};
/* clang-format on */

size_t okng_column_find(const char *key)
{
    for (size_t i = 0; i < OKNG_COLUMNS; i++)
        if (strcmp(okng_columns[i].key, key) == 0) return i;
    return OKNG_COLUMNS;
}

const char *okng_column_pretty(const okng_column *column, double value, char *text, size_t size)
{
    text[0] = '\0';
    if (isnan(value)) return text;
    switch (column->kind) {
    case OKNG_COLUMN_SHARE:
        (void)snprintf(text, size, "%.2f", 100 * value);
        break;
    case OKNG_COLUMN_COUNT:
        (void)snprintf(text, size, value == floor(value) ? "%.0f" : "%.1f", value);
        break;
    case OKNG_COLUMN_SCORE:
        (void)snprintf(text, size, "%.4g", value);
        break;
    case OKNG_COLUMN_SECONDS:
    case OKNG_COLUMN_MILLISECONDS:
    case OKNG_COLUMN_RATE:
        (void)snprintf(text, size, "%.1f", value);
        break;
    case OKNG_COLUMN_BYTES:
        (void)snprintf(text, size, "%.1f", value / (1 << 20));
        break;
    }
    return text;
}

const char *okng_column_unit(const okng_column *column)
{
    static const char *const units[] = {"%", "", "", "s", "ms", "pictures/s", "MiB"};
    return units[column->kind];
}
