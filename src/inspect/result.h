/* Files of a result, for what inspects many pictures. */
#ifndef OKNG_INSPECT_RESULT_H
#define OKNG_INSPECT_RESULT_H

#include <stdbool.h>

#include "base/json.h"
#include "inspect/handles.h"

/* okng_result_save with a reference that is decoded already; `reference` may be NULL. */
okng_status okng_result_write(const okng_result *result, const char *dir, unsigned flags, const okng_image *reference,
                              okng_error *error);

/* Takes an encoded picture of a result, by the name of its file. */
typedef okng_status (*okng_png_fn)(void *context, const char *name, const void *data, size_t size, okng_error *error);
/* All pictures of a result, encoded, one after the other. Errors: those of `put`; MEMORY. */
okng_status okng_result_encode(const okng_result *result, const okng_image *reference, okng_png_fn put, void *context,
                               okng_error *error);
/* An okng_png_fn that writes into the folder `dir`, a char *. Errors: IO. */
okng_status okng_result_write_png(void *dir, const char *name, const void *data, size_t size, okng_error *error);
/* okng_result_write with pictures that `pictures` writes into the folder. */
typedef okng_status (*okng_pictures_fn)(void *context, const char *dir, okng_error *error);
okng_status okng_result_write_by(const okng_result *result, const char *dir, unsigned flags, okng_pictures_fn pictures,
                                 void *context, okng_error *error);

/* ARGUMENT where the files of a result in `dir` would lie in a bank (okng_need_no_bank) or take the place of an input.
 */
okng_status okng_result_need_place(const char *dir, const char *bank, const okng_inputs *inputs, okng_error *error);

/* result_png.c: heat map, mask (grey), overlay or heat map in colours (RGB) at the size of the picture. Errors:
 * ARGUMENT (an unknown kind), MEMORY. */
okng_status okng_result_draw(const okng_result *result, okng_result_picture kind, okng_image *out, okng_error *error);

/* The overlay without its label: for small pictures. */
okng_status okng_result_draw_bare(const okng_result *result, okng_image *out, okng_error *error);

/* reason.c: fills in `reasons` of the regions. Errors: ARGUMENT, MEMORY. */
okng_status okng_result_explain(okng_result *result, const okng_bank *bank, const okng_scored *scored,
                                okng_error *error);
void okng_reasons_free(okng_result *result);

/* result_roi.c: as it stands in scores.json. */
json_t *okng_result_roi_json(const okng_result *result, size_t i);

/* Names of the files of a result; NULL at the end. */
const char *okng_result_file(size_t i);
/* Whether a file of a result may be called so: "scores.json", "mask.png" ... */
bool okng_is_result_file(const char *name);

/* What came of one of several pictures. */
typedef struct okng_inspected {
    okng_result *result; /* the caller's; NULL where it failed */
    okng_status status;
    okng_error error;
} okng_inspected;
/* inspect.c: pictures [count], at most okng_model_at_once, inspected together; what a picture gets is what okng_inspect
 * gives, and it can fail by itself. Few are in memory at a time where they are large. The bank is ready for `options`,
 * which are checked. */
void okng_inspect_few(const okng_bank *bank, const okng_picture *pictures, int32_t count,
                      const okng_inspect_options *options, okng_inspected *out);

/* ARGUMENT where `bank` cannot give a verdict, whatever the picture: an import without OK pictures lacks thresholds or
 * ranges that the options do not give. `options` are checked. */
okng_status okng_inspect_ready(const okng_bank *bank, const okng_inspect_options *options, okng_error *error);

/* The verdict by a score alone. */
okng_verdict okng_result_judge(const okng_result *result, float score);

/* The window in pixels of the picture that was given; result->window is in those of result->picture. */
okng_scored_window okng_result_full_window(const okng_result *result);
/* Region i in pixels of the picture that was given; result->regions are in those of result->picture. */
okng_region okng_result_full_region(const okng_result *result, size_t i);

#endif
