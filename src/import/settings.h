/* What a checkpoint of anomalib says of itself beside its tensors: the arguments that its model was made with, and the
 * transform that pictures went through. */
#ifndef OKNG_IMPORT_SETTINGS_H
#define OKNG_IMPORT_SETTINGS_H

#include "tensor/weights.h"

/* As values of the options of the same name; "" = not told. */
typedef struct okng_settings {
    char layers[OKNG_MAX_LAYERS * OKNG_NAME_MAX], neighbors[16];
    bool transform; /* told; then all of these are, but for the interpolation */
    char resize[32], crop[32], mean[64], std[64], interpolation[16];
    bool wide_crop;      /* of a crop that is no square, "224x448", which okng does not cut */
    char other[192];     /* what of the transform okng does not do: "RandomErasing, Pad" */
    char default_of[64]; /* where no transform is told: whose default was taken, "1.x"; "" = it was told */
} okng_settings;

/* Never fails: what is not understood is not told, or is named in `other`. */
okng_settings okng_settings_read(const okng_weights *checkpoint);
/* What the object of a checkpoint tells; nothing of defaults. */
okng_settings okng_settings_of(const okng_pickle *p, okng_pickle_ref root);

#endif
