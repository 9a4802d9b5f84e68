/* What the folders of a picture say of it: data sets keep good pictures in a folder called so. */
#ifndef OKNG_INSPECT_LABELS_H
#define OKNG_INSPECT_LABELS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum okng_label { OKNG_LABEL_GOOD = 0, OKNG_LABEL_BAD = 1, OKNG_LABEL_UNKNOWN } okng_label;

/* The deepest folder with a word for it decides: good, ok, normal or ng, bad, defect, defective, anomaly, anomalous,
 * abnormal, in any case. The folders are those of the picture's relative `name` and, above them, `root`. */
okng_label okng_label_of(const char *name, const char *root);

/* A picture in a folder without such a word is bad where other folders beside it hold the good ones: labels of several
 * pictures together. `any_good`: one of them is OKNG_LABEL_GOOD. */
okng_label okng_label_among(const char *name, const char *root, bool any_good);

#endif
