/* The summary of an experiment: one table over its categories. */
#ifndef OKNG_REPORT_SUMMARY_H
#define OKNG_REPORT_SUMMARY_H

#include "base/error.h"

/* Reads `<category>/metrics.json` of every finished category below `experiment_dir` and writes summary_metrics.csv,
 * summary_metrics_pretty.csv, summary_metrics_pretty.md and metrics.json beside them. Categories come in the order in
 * which config.yaml lists them, the others after them in byte order. The mean of a figure is that over the categories
 * that have it. Each file appears whole or not at all. Errors: NOT_FOUND when no category is finished; FORMAT, LIMIT,
 * naming the file; IO, MEMORY. */
okng_status okng_summary_write(const char *experiment_dir, okng_error *error);

#endif
