/* Figures that others published, from published.csv: source, method, dataset, category ("mean": over all), setting,
 * metric, value (0..1), reference. */
#ifndef OKNG_REPORT_PUBLISHED_H
#define OKNG_REPORT_PUBLISHED_H

#include "base/csv.h"
#include "report/results.h"

typedef struct okng_published {
    const char *source, *setting, *reference; /* of the table */
    okng_figure_id metric;
    double value;
    double ours;     /* of the experiment; at the network's crop where it has that, as the sources measure */
    bool crop;       /* ours is at the crop */
    size_t category; /* of the experiment; SIZE_MAX: the mean */
} okng_published;

/* The table, parsed. Errors: MEMORY. */
okng_status okng_published_read(okng_csv **table, okng_error *error);
/* The published figures of the experiment's method (where that is not in the table: those of patchcore, for miniclip
 * those of afclip), dataset,
 * categories and metrics beside its own, in the order of the table. A published mean is beside ours only when the
 * experiment has all categories of the data set: 15 of MVTec AD, 12 of VisA. `list` is for free(). */
okng_status okng_published_match(const okng_csv *table, const okng_results *experiment, okng_published **list,
                                 size_t *count, okng_error *error);

#endif
