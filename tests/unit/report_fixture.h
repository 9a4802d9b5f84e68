/* An experiment's folder as it is on disk, made from numbers. */
#ifndef OKNG_TESTS_REPORT_FIXTURE_H
#define OKNG_TESTS_REPORT_FIXTURE_H

#include <stdio.h>

#include "base/file.h"
#include "image/image.h"

static inline okng_status report_write(const char *folder, const char *name, const char *text, okng_error *error)
{
    char path[512];
    OKNG_TRY(okng_make_folders(folder, error));
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return okng_file_write(path, text, strlen(text), error);
}

/* Image AUROC `auroc`; pixel figures unless `image_only`. */
static inline okng_status report_write_metrics(const char *dir, const char *dataset, const char *category, double auroc,
                                               bool image_only, okng_error *error)
{
    char folder[256], text[2048];
    (void)snprintf(folder, sizeof folder, "%s/%s", dir, category);
    (void)snprintf(text, sizeof text,
                   "{\"okng_metrics\": 1, \"dataset\": \"%s\", \"category\": \"%s\", \"method\": \"patchcore\","
                   "\"experiment\": \"first\", \"seed\": 3, \"k_shot\": 0, \"train_images\": 20, \"test_images\": 4,"
                   "\"defects\": 2, \"found\": 1, \"false_alarms\": 1, \"metrics\": {\"image_auroc\": %.9g%s},"
                   "\"stages_ms\": {\"decode\": 1.5, \"network\": 12.5, \"search\": 3},"
                   "\"latency_ms\": {\"p50\": 17.5}, \"bank\": {\"rows\": 10, \"dim\": 4, \"bytes\": 1048576},"
                   "\"curves\": {\"image_roc\": [[0, 0], [0, 0.5], [0.5, 1], [1, 1]],"
                   "\"pixel_roc\": [[0, 0], [0.1, 0.9], [1, 1]], \"pro\": [[0, 0], [0.2, 0.8], [0.4, 0.9], [1, 1]]}}",
                   dataset, category, auroc, image_only ? "" : ", \"pixel_auroc\": 0.95, \"aupro_30\": 0.8");
    return report_write(folder, "metrics.json", text, error);
}

static inline okng_status report_write_scores(const char *dir, const char *category, okng_error *error)
{
    char folder[256], path[512];
    okng_image image;
    (void)snprintf(folder, sizeof folder, "%s/%s", dir, category);
    OKNG_TRY(report_write(folder, "scores.json",
                          "{\"threshold\": 2.5, \"pictures\": ["
                          "{\"name\": \"good/000.png\", \"defect\": \"good\", \"label\": 0, \"score\": 1.0, "
                          "\"verdict\": \"OK\"},"
                          "{\"name\": \"good/001.png\", \"label\": 0, \"score\": 3.0, \"verdict\": \"NG\", "
                          "\"overlay\": \"overlays/missing.png\"},"
                          "{\"name\": \"cut/<000>.png\", \"label\": 1, \"score\": 2.0, \"verdict\": \"OK\", "
                          "\"overlay\": \"overlays/a.png\", \"heat\": \"overlays/a.png\"},"
                          "{\"name\": \"cut/001.png\", \"label\": 1, \"score\": 9.0, \"verdict\": \"NG\"}]}",
                          error));
    (void)snprintf(path, sizeof path, "%s/overlays", folder);
    OKNG_TRY(okng_make_folders(path, error));
    (void)snprintf(path, sizeof path, "%s/overlays/a.png", folder);
    OKNG_TRY(okng_image_new(&image, 8, 6, 3, error));
    memset(image.pixels, 90, 8 * 6 * 3);
    okng_status status = okng_image_write_png(&image, path, error);
    okng_image_free(&image);
    return status;
}

/* Two categories, of which `config.yaml` names the later one first. */
static inline okng_status report_write_experiment(const char *dir, const char *dataset, okng_error *error)
{
    OKNG_TRY(report_write_metrics(dir, dataset, "tile", 0.75, false, error));
    OKNG_TRY(report_write_metrics(dir, dataset, "grid", 0.25, true, error));
    OKNG_TRY(report_write_scores(dir, "tile", error));
    return report_write(dir, "config.yaml",
                        "experiment:\n  name: first\ndata:\n  categories:\n    - tile\n    - grid\n  root: /grid\n",
                        error);
}

#endif
