/* Pictures of made-up products for the demo and for tests: good parts, defective ones and exact masks, in MVTec layout.
 *
 * To add a category, write one file and one row of a table:
 * 1. src/demo/<name>.c defines `const okng_demo_category okng_demo_<name>`: its name, its defects, and a function that
 *    draws one part on a canvas with paint.h. Everything in which good parts differ comes from `part`, everything of
 * the defect from `flaw`; `defect` is an index into `defects`, or -1 for a good part. `part` must give the same numbers
 *    with a defect and without, because the mask is where the two drawings differ.
 * 2. Declare it below and add it to the table `categories` in demo.c.
 * Light, white balance, blur, noise and JPEG are the camera's (camera.c) and the same for all categories. */
#ifndef OKNG_DEMO_DEMO_H
#define OKNG_DEMO_DEMO_H

#include "base/rng.h"
#include "demo/paint.h"
#include "image/image.h"

#define OKNG_DEMO_MAX_DEFECTS 8

typedef struct okng_demo_category {
    const char *name;
    const char *defects[OKNG_DEMO_MAX_DEFECTS + 1]; /* NULL at the end */
    void (*draw)(okng_canvas *canvas, okng_rng *part, okng_rng *flaw, int defect);
} okng_demo_category;

extern const okng_demo_category okng_demo_washer, okng_demo_fabric, okng_demo_circuit, okng_demo_label,
    okng_demo_blister;

/* Draws a picture of 256 x 256 pixels as a camera sees it and, where `mask` is not NULL, where its defect is. */
okng_status okng_demo_picture(const okng_demo_category *category, uint64_t seed, int defect, okng_image *picture,
                              okng_image *mask, okng_error *error);

/* ---- camera.c ---- */
/* Lens blur, uneven light, white balance and sensor noise on a scene of side x side, to 8 bits. */
void okng_demo_expose(const float *scene, int side, okng_rng *rng, okng_image *out);

#endif
