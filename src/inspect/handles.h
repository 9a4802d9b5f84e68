/* What stands behind the public handles. */
#ifndef OKNG_INSPECT_HANDLES_H
#define OKNG_INSPECT_HANDLES_H

#include "bank/doubtful.h"
#include "image/image.h"
#include "inspect/inputs.h"
#include "model/model.h"

struct okng_bank {
    okng_model *model;
    okng_doubts doubts; /* of its good pictures */
};

/* A region of interest of the bank, as it was looked for in the picture. */
typedef struct okng_roi_result {
    okng_roi_box box; /* as it was drawn */
    okng_match match;
    bool found;
    float score; /* on the scale of the result's; where found */
} okng_roi_result;

struct okng_result {
    okng_image picture, mask;
    float *map; /* [picture.height, picture.width] */
    okng_region *regions;
    size_t region_count;
    okng_reason *reasons; /* [region_count], in pixels of `picture`; their strings are owned */
    float score, image_tau, pixel_tau;
    float review[2];                /* NaN: no band */
    float heat_low, heat_threshold; /* the bank's own, so that two heat maps of a bank can be compared */
    double p_value;
    double false_alarm;              /* rate that the image threshold promises; NaN: it is not by one */
    uint64_t max_pixels;             /* that the picture was decoded under */
    char warning[256];               /* "" = nothing to say */
    okng_region_limits limits;       /* in force, in pixels of the picture that was given */
    okng_region_limit exceeded;      /* which of them the mask passes */
    int32_t scale;                   /* all of the above is at 1/scale of the picture that was given */
    int32_t full_width, full_height; /* its size */
    okng_mask_ok mask_ok;
    okng_overlay overlay;
    okng_file_id given;        /* file of the picture */
    okng_scored_window window; /* in pixels of `picture` */
    okng_roi_result *rois;     /* [roi_count]; none where whole pictures are inspected */
    size_t roi_count;
    bool lacks_region; /* one of them is not in the picture; `score` is NaN then */
    char *bank;        /* folder of the bank; NULL: it has none */
};

#endif
