/* The table of figures: whatever okng measures is a row here, and metrics.json, CSV, Markdown, the switches of an
 * experiment, okng metrics, the tables of a run and the report follow it, in this order. Read with the macros defined
 * that the reader wants (the others are empty):
 *
 *   METRIC(id, key, heading, title, unit, group, better, compute, shown, place, help)
 *       a figure that is computed (evidence.h) and has a switch, evaluation.metrics.<key>, which `help` explains
 *   ALONG(id, metric, key, unit, group, compute, place)
 *       one that comes with a metric and is switched with it
 *   CROP(id, of, key, heading, title, unit, shown)
 *       a pixel figure again, at the network's input
 *   FIGURE(id, key, section, member, heading, title, unit, group, better, shown, place)
 *       one that the experiment counts or measures
 *
 * id: OKNG_FIGURE_<id>. key: in CSV and in the summary's JSON. section, member: where metrics.json of a category has
 * it; a metric stands in "metrics" by its key, a crop in "metrics_crop". heading: for people, NULL in no table of
 * theirs; title: the same where columns are narrow (RUN, SPEED). shown: where else it stands, figures.h. place: the
 * member of the public struct that has it too, of okng_metrics or okng_category_info; NOWHERE is the rule for new ones.
 */
#ifndef METRIC
#define METRIC(id, key, heading, title, unit, group, better, compute, shown, place, help)
#endif
#ifndef ALONG
#define ALONG(id, metric, key, unit, group, compute, place)
#endif
#ifndef CROP
#define CROP(id, of, key, heading, title, unit, shown)
#endif
#ifndef FIGURE
#define FIGURE(id, key, section, member, heading, title, unit, group, better, shown, place)
#endif

/* clang-format off */
METRIC(IMAGE_AUROC, "image_auroc", "Image AUROC", "image AUROC", SHARE, IMAGE, HIGHER, okng_auroc,
       RUN | BRIEF | TILE | BARS | CHART, METRICS(image_auroc), "area under the ROC curve of the pictures")
METRIC(IMAGE_AP, "image_ap", "Image AP", "AP", SHARE, IMAGE, HIGHER, okng_ap,
       RUN, METRICS(image_ap), "their average precision")
METRIC(IMAGE_F1MAX, "image_f1max", "Image F1-max", "F1-max", SHARE, IMAGE, HIGHER, okng_f1max,
       RUN | BRIEF | TILE | BARS | CHART, METRICS(image_f1max), "their best F1, with its threshold")
ALONG(IMAGE_F1MAX_THRESHOLD, IMAGE_F1MAX, "image_f1max_threshold", SCORE, IMAGE, okng_f1max_threshold,
      METRICS(image_f1max_threshold))
METRIC(PIXEL_AUROC, "pixel_auroc", "Pixel AUROC", "pixel AUROC", SHARE, PIXEL, HIGHER, okng_auroc,
       RUN | BRIEF | TILE | BARS | CHART, METRICS(pixel_auroc), "area under the ROC curve of the pixels")
METRIC(PIXEL_AP, "pixel_ap", "Pixel AP", "AP", SHARE, PIXEL, HIGHER, okng_ap,
       RUN | BRIEF | BARS, METRICS(pixel_ap), "their average precision")
METRIC(PIXEL_F1MAX, "pixel_f1max", "Pixel F1-max", "F1-max", SHARE, PIXEL, HIGHER, okng_f1max,
       RUN, METRICS(pixel_f1max), "their best F1, with its threshold")
ALONG(PIXEL_F1MAX_THRESHOLD, PIXEL_F1MAX, "pixel_f1max_threshold", SCORE, PIXEL, okng_f1max_threshold,
      METRICS(pixel_f1max_threshold))
METRIC(AUPRO_30, "aupro_30", "AU-PRO 30", "PRO.30", SHARE, PIXEL, HIGHER, okng_aupro_30,
       RUN | BRIEF | TILE | BARS | CHART, METRICS(aupro_30), "area under the PRO curve up to 0.30")
METRIC(AUPRO_05, "aupro_05", "AU-PRO 5", "PRO.05", SHARE, PIXEL, HIGHER, okng_aupro_05,
       RUN | BARS, METRICS(aupro_05), "area under the PRO curve up to 0.05")
METRIC(AUPIMO, "aupimo", "AUPIMO", NULL, SHARE, PIXEL, HIGHER, okng_aupimo,
       0, METRICS(aupimo), "area under the curves of each defect's overlap at 1e-5 to 1e-4 false alarms")

CROP(PIXEL_AUROC_CROP, PIXEL_AUROC, "pixel_auroc", "Pixel AUROC, crop", "crop AUROC", SHARE, RUN | BARS)
CROP(PIXEL_AP_CROP, PIXEL_AP, "pixel_ap", NULL, NULL, SHARE, 0)
CROP(PIXEL_F1MAX_CROP, PIXEL_F1MAX, "pixel_f1max", NULL, NULL, SHARE, 0)
CROP(PIXEL_F1MAX_THRESHOLD_CROP, PIXEL_F1MAX_THRESHOLD, "pixel_f1max_threshold", NULL, NULL, SCORE, 0)
CROP(AUPRO_30_CROP, AUPRO_30, "aupro_30", "AU-PRO 30, crop", NULL, SHARE, BARS)
CROP(AUPRO_05_CROP, AUPRO_05, "aupro_05", NULL, NULL, SHARE, 0)

FIGURE(TRAIN_IMAGES, "train_images", NULL, "train_images", "Learned from", NULL, COUNT, PICTURES, NEITHER, 0, INFO(train_images))
FIGURE(VALIDATION_IMAGES, "validation_images", NULL, "validation_images", NULL, NULL, COUNT, PICTURES, NEITHER, 0, NOWHERE)
FIGURE(TEST_IMAGES, "test_images", NULL, "test_images", "Inspected", NULL, COUNT, PICTURES, NEITHER, 0, INFO(test_images))
FIGURE(DEFECTS, "defects", NULL, "defects", "Defects", NULL, COUNT, PICTURES, NEITHER, 0, INFO(defects))
FIGURE(FOUND, "found", NULL, "found", "Found", NULL, COUNT, PICTURES, HIGHER, 0, INFO(found))
FIGURE(FALSE_ALARMS, "false_alarms", NULL, "false_alarms", "False alarms", NULL, COUNT, PICTURES, LOWER, 0, INFO(false_alarms))
FIGURE(THRESHOLD_IMAGE, "threshold_image", "thresholds", "image", NULL, NULL, SCORE, THRESHOLDS, NEITHER, 0, INFO(image_threshold))
FIGURE(THRESHOLD_PIXEL, "threshold_pixel", "thresholds", "pixel", NULL, NULL, SCORE, THRESHOLDS, NEITHER, 0, INFO(pixel_threshold))
FIGURE(SEED, "seed", NULL, "seed", NULL, NULL, COUNT, PICTURES, NEITHER, 0, NOWHERE)
FIGURE(K_SHOT, "k_shot", NULL, "k_shot", NULL, NULL, COUNT, PICTURES, NEITHER, 0, NOWHERE)
FIGURE(SECONDS_FEATURES, "seconds_features", "seconds", "features", NULL, "Features, s", SECONDS, LEARNING, LOWER, SPEED, NOWHERE)
FIGURE(SECONDS_CORESET, "seconds_coreset", "seconds", "coreset", NULL, "Coreset, s", SECONDS, LEARNING, LOWER, SPEED, NOWHERE)
FIGURE(SECONDS_DIRECTIONS, "seconds_directions", "seconds", "directions", NULL, "Directions, s", SECONDS, LEARNING, LOWER, SPEED, NOWHERE)
FIGURE(SECONDS_CALIBRATION, "seconds_calibration", "seconds", "calibration", NULL, "Thresholds, s", SECONDS, LEARNING, LOWER, SPEED, NOWHERE)
FIGURE(SECONDS_EVALUATE, "seconds_evaluate", "seconds", "evaluate", NULL, "Evaluation, s", SECONDS, LEARNING, LOWER, SPEED, NOWHERE)
FIGURE(LATENCY_P50, "latency_p50_ms", "latency_ms", "p50", "Latency p50", "Latency p50, ms", MILLISECONDS, LATENCY, LOWER, BRIEF | TILE | SPEED, INFO(latency_p50))
FIGURE(LATENCY_P95, "latency_p95_ms", "latency_ms", "p95", NULL, "p95, ms", MILLISECONDS, LATENCY, LOWER, SPEED, INFO(latency_p95))
FIGURE(LATENCY_P99, "latency_p99_ms", "latency_ms", "p99", NULL, "p99, ms", MILLISECONDS, LATENCY, LOWER, SPEED, INFO(latency_p99))
FIGURE(LATENCY_MEAN, "latency_mean_ms", "latency_ms", "mean", NULL, NULL, MILLISECONDS, LATENCY, LOWER, 0, NOWHERE)
FIGURE(LATENCY_WARMUP, "latency_warmup", "latency_ms", "warmup", NULL, NULL, COUNT, LATENCY, NEITHER, 0, NOWHERE)
FIGURE(LATENCY_RUNS, "latency_runs", "latency_ms", "runs", NULL, NULL, COUNT, LATENCY, NEITHER, 0, NOWHERE)
FIGURE(STAGE_DECODE, "stage_decode_ms", "stages_ms", "decode", NULL, NULL, MILLISECONDS, STAGES, LOWER, 0, NOWHERE)
FIGURE(STAGE_RESIZE, "stage_resize_ms", "stages_ms", "resize", NULL, NULL, MILLISECONDS, STAGES, LOWER, 0, NOWHERE)
FIGURE(STAGE_NETWORK, "stage_network_ms", "stages_ms", "network", NULL, NULL, MILLISECONDS, STAGES, LOWER, 0, NOWHERE)
FIGURE(STAGE_PATCHES, "stage_patches_ms", "stages_ms", "patches", NULL, NULL, MILLISECONDS, STAGES, LOWER, 0, NOWHERE)
FIGURE(STAGE_SEARCH, "stage_search_ms", "stages_ms", "search", NULL, NULL, MILLISECONDS, STAGES, LOWER, 0, NOWHERE)
FIGURE(STAGE_POST, "stage_post_ms", "stages_ms", "post", NULL, NULL, MILLISECONDS, STAGES, LOWER, 0, NOWHERE)
FIGURE(THROUGHPUT, "throughput", NULL, "throughput", "Throughput", "Pictures/s", RATE, LATENCY, HIGHER, BRIEF | SPEED, INFO(throughput))
FIGURE(PEAK_BYTES, "peak_bytes", NULL, "peak_bytes", "Peak memory", "Peak, MiB", BYTES, MEMORY, LOWER, SPEED, INFO(peak_bytes))
FIGURE(BANK_ROWS, "bank_rows", "bank", "rows", NULL, "Bank rows", COUNT, MODEL, NEITHER, SPEED, INFO(bank_rows))
FIGURE(BANK_DIM, "bank_dim", "bank", "dim", NULL, NULL, COUNT, MODEL, NEITHER, 0, NOWHERE)
FIGURE(BANK_BYTES, "bank_bytes", "bank", "bytes", "Bank", "Bank, MiB", BYTES, MODEL, LOWER, BRIEF | SPEED, INFO(bank_bytes))
FIGURE(PARAMETERS, "parameters", "network", "parameters", NULL, NULL, COUNT, MODEL, LOWER, 0, INFO(parameters))
FIGURE(FLOPS, "flops", "network", "flops", NULL, NULL, OPERATIONS, MODEL, LOWER, 0, INFO(flops))
FIGURE(IMAGE_AUROC_KINDS, "image_auroc_kinds", "metrics", "image_auroc_kinds", "Image AUROC, mean of kinds", NULL, SHARE, KINDS, HIGHER, BARS, NOWHERE)
FIGURE(IMAGE_AUROC_LOGICAL, "image_auroc_logical", "metrics", "image_auroc_logical", "Image AUROC, logical", NULL, SHARE, KINDS, HIGHER, BARS, NOWHERE)
FIGURE(IMAGE_AUROC_STRUCTURAL, "image_auroc_structural", "metrics", "image_auroc_structural", "Image AUROC, structural", NULL, SHARE, KINDS, HIGHER, BARS, NOWHERE)
FIGURE(SPRO_01, "spro_01", "metrics", "spro_01", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_01_LOGICAL, "spro_01_logical", "metrics", "spro_01_logical", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_01_STRUCTURAL, "spro_01_structural", "metrics", "spro_01_structural", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_05, "spro_05", "metrics", "spro_05", "AU-sPRO 5", NULL, SHARE, KINDS, HIGHER, BARS, NOWHERE)
FIGURE(SPRO_05_LOGICAL, "spro_05_logical", "metrics", "spro_05_logical", "AU-sPRO 5, logical", NULL, SHARE, KINDS, HIGHER, BARS, NOWHERE)
FIGURE(SPRO_05_STRUCTURAL, "spro_05_structural", "metrics", "spro_05_structural", "AU-sPRO 5, structural", NULL, SHARE, KINDS, HIGHER, BARS, NOWHERE)
FIGURE(SPRO_10, "spro_10", "metrics", "spro_10", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_10_LOGICAL, "spro_10_logical", "metrics", "spro_10_logical", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_10_STRUCTURAL, "spro_10_structural", "metrics", "spro_10_structural", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_30, "spro_30", "metrics", "spro_30", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_30_LOGICAL, "spro_30_logical", "metrics", "spro_30_logical", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_30_STRUCTURAL, "spro_30_structural", "metrics", "spro_30_structural", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_100, "spro_100", "metrics", "spro_100", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_100_LOGICAL, "spro_100_logical", "metrics", "spro_100_logical", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
FIGURE(SPRO_100_STRUCTURAL, "spro_100_structural", "metrics", "spro_100_structural", NULL, NULL, SHARE, KINDS, HIGHER, 0, NOWHERE)
/* clang-format on */

#undef METRIC
#undef ALONG
#undef CROP
#undef FIGURE
