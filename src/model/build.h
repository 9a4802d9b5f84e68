/* From pictures to a bank on disk, for every method. */
#ifndef OKNG_MODEL_BUILD_H
#define OKNG_MODEL_BUILD_H

#include "method/method.h"

/* Learns from `lesson`, which has the class name of the options where it has none, by the method that options->method
 * names and writes the folder `folder`: the work of okng_build, see there. `options` are complete and checked, with a
 * network chosen. `ticker` may not be NULL; *report is filled but for struct_size. Errors: NOT_FOUND of the method,
 * naming those known; ARGUMENT where the lesson lacks what the method needs; those of okng_build. */
okng_status okng_model_build(const okng_lesson *lesson, const char *folder, const okng_build_options *options,
                             okng_ticker *ticker, okng_build_report *report, okng_error *error);

/* Whether the network can be run on this machine as `options` say, before a picture is read: ARGUMENT for an unknown
 * device, UNSUPPORTED for a precision that it has no instructions for. */
okng_status okng_model_check_engine(const okng_build_options *options, okng_error *error);

/* What is in the folder of a bank or an ensemble, or in a recipe, as okng_bank_describe says it. *json is malloc'd.
 * Opens no weights. */
okng_status okng_model_document(const char *path, char **json, okng_error *error);

#endif
