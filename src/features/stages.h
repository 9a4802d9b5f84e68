/* The stages of inspecting one picture, for measuring each. */
#ifndef OKNG_FEATURES_STAGES_H
#define OKNG_FEATURES_STAGES_H

typedef enum okng_stage {
    OKNG_STAGE_DECODE = 0, /* file to RGB */
    OKNG_STAGE_RESIZE,     /* RGB to the network's input: resize, crop, normalise */
    OKNG_STAGE_NETWORK,
    OKNG_STAGE_PATCHES, /* feature maps to patch vectors */
    OKNG_STAGE_SEARCH,  /* patch vectors to patch and image scores */
    OKNG_STAGE_POST,    /* patch scores to the map at the picture's size */
    OKNG_STAGE_COUNT
} okng_stage;

/* "decode", "resize" ... */
const char *okng_stage_name(okng_stage stage);

/* Seconds per stage. */
typedef struct okng_stages {
    double seconds[OKNG_STAGE_COUNT];
} okng_stages;

/* Adds the time since *since to a stage and sets *since to now. `stages` may be NULL. */
void okng_stages_add(okng_stages *stages, okng_stage stage, double *since);

#endif
