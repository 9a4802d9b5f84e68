/* An experiment as it lies on disk: the folder that `okng eval` and `okng run` write. */
#ifndef OKNG_REPORT_RESULTS_H
#define OKNG_REPORT_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json_limits.h"
#include "eval/category_figures.h"

enum { OKNG_MAX_CATEGORIES = 1024, OKNG_MAX_SCORES = 1 << 16 };

typedef struct okng_results {
    char *dir;
    okng_category_figures **categories; /* [count], owned */
    size_t count;
    double mean[OKNG_FIGURES]; /* over the categories that have the figure; NaN where none has */
} okng_results;

/* Reads all finished categories of an experiment's folder: in the order in which config.yaml names them, the others
 * after them in byte order. Errors: NOT_FOUND when there is none; as okng_category_figures_read. */
okng_status okng_results_read(okng_results *experiment, const char *dir, okng_error *error);
void okng_results_free(okng_results *experiment); /* zeroed is fine */
/* `found` becomes true when a sub-folder is a finished category: it holds a metrics.json and no summary_metrics.csv. */
okng_status okng_results_are(const char *dir, bool *found, okng_error *error);
/* dir/category/name; malloc'd, NULL when memory is out. */
char *okng_results_path(const okng_results *experiment, size_t category, const char *name);

/* One inspected picture: an entry of scores.json. */
typedef struct okng_picture_score {
    char *name; /* "crack/003.png" */
    char *overlay, *heat, *heat_colour, *picture,
        *truth;   /* pictures in the category's folder; NULL where none was kept */
    bool bad, ng; /* what it is, what it was taken for */
    bool judged;  /* false: there was no threshold to take it by */
    double score, milliseconds;
} okng_picture_score;

typedef struct okng_score_list {
    okng_picture_score *pictures; /* in the order of the file */
    size_t count;
    double threshold; /* NaN where the file has none */
} okng_score_list;

/* Of a scores.json. */
extern const okng_json_limits okng_score_limits;
/* Reads a scores.json of at most OKNG_MAX_SCORES pictures. Errors: as above. */
okng_status okng_score_list_read(okng_score_list *list, const char *path, okng_error *error);
void okng_score_list_free(okng_score_list *list);

#endif
