/* The figures of a category: their table (figure_table.h), how they are computed from evidence, and how people read
 * them. */
#ifndef OKNG_EVAL_FIGURES_H
#define OKNG_EVAL_FIGURES_H

#include <stdbool.h>

#include "base/error.h"
#include "eval/evidence.h"

typedef enum okng_figure_id {
#define METRIC(id, ...) OKNG_FIGURE_##id,
#define ALONG(id, ...) OKNG_FIGURE_##id,
#define CROP(id, ...) OKNG_FIGURE_##id,
#define FIGURE(id, ...) OKNG_FIGURE_##id,
#include "eval/figure_table.h"
    OKNG_FIGURES
} okng_figure_id;

typedef enum okng_figure_unit {
    OKNG_UNIT_SHARE, /* 0..1; people see percent */
    OKNG_UNIT_COUNT, /* a whole number, as the next; 0 where nothing was counted, while all others are NaN */
    OKNG_UNIT_BYTES,
    OKNG_UNIT_OPERATIONS,
    OKNG_UNIT_SCORE, /* any number */
    OKNG_UNIT_SECONDS,
    OKNG_UNIT_MILLISECONDS,
    OKNG_UNIT_RATE /* pictures per second */
} okng_figure_unit;

/* Where a figure stands besides the files and the tables of all headings. */
enum {
    OKNG_SHOWN_RUN = 1,    /* the table that eval and run print as they go on */
    OKNG_SHOWN_BRIEF = 2,  /* the tables of collect on a terminal */
    OKNG_SHOWN_TILE = 4,   /* the report's first lines */
    OKNG_SHOWN_BARS = 8,   /* its table of categories */
    OKNG_SHOWN_CHART = 16, /* the bar charts of categories and experiments */
    OKNG_SHOWN_SPEED = 32  /* its table of times and memory */
};

typedef struct okng_figure {
    const char *key;              /* "pixel_auroc_crop" */
    const char *section, *member; /* "metrics_crop", "pixel_auroc"; section NULL: the top of metrics.json */
    const char *heading, *title;  /* for people; NULL: left out */
    okng_figure_unit unit;
    okng_figure_group group;
    int32_t better;                                   /* see okng_figure_better */
    double (*compute)(const okng_evidence *evidence); /* NULL: measured by the experiment */
    okng_figure_id metric;                            /* whose switch decides, maybe itself; of a crop that of `full` */
    okng_figure_id full;                              /* of a crop: the same at the pictures' size; else itself */
    unsigned shown;                                   /* OKNG_SHOWN_... */
    size_t place;                                     /* in okng_metrics or okng_category_info; SIZE_MAX: nowhere */
    const char *help;                                 /* what its switch is for; NULL: it has none of its own */
} okng_figure;

extern const okng_figure okng_figures[OKNG_FIGURES];

/* The figure of a key; OKNG_FIGURES where there is none. */
okng_figure_id okng_figure_find(const char *key);

/* 1: the larger is the better, -1: the smaller, 0: neither. A crop's is that at full size. */
int32_t okng_figure_better(okng_figure_id id);
/* Counts and bytes: whole numbers, 0 where nothing was counted. */
bool okng_figure_is_whole(okng_figure_id id);
/* What a figure is before anything was measured: 0 or NaN. */
void okng_figures_init(double values[OKNG_FIGURES]);

/* All metrics of a group into their places in `values`; the others are left as they are. NaN where good or bad ones are
 * missing. `asked`: by metric, whether it is switched on, NaN where not; NULL: all are. */
void okng_figures_compute(okng_figure_group group, const okng_evidence *evidence, const bool *asked,
                          double values[OKNG_FIGURES]);

/* Into the public structs, each figure to its place: the metrics of a group (a crop's where the full ones are), what
 * the experiment measured. */
void okng_figures_to_metrics(const double values[OKNG_FIGURES], okng_figure_group group, okng_metrics *metrics);
void okng_figures_to_info(const double values[OKNG_FIGURES], okng_category_info *info);

/* A figure as people read it, without its unit: percent with two decimals, bytes in MiB, "" for NaN. Returns text. */
const char *okng_figure_text(okng_figure_id id, double value, char *text, size_t size);
/* "%", "ms", "MiB", ...; "" where there is none. */
const char *okng_figure_unit_text(okng_figure_id id);

#endif
