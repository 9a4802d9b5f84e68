/* A model (model/model.h) as files of other people's formats, and how far those agree with it. */
#ifndef OKNG_DEPLOY_MODEL_H
#define OKNG_DEPLOY_MODEL_H

#include "model/model.h"

/* As okng_bank_export; `options` are complete, *report is filled in. */
okng_status okng_export_model(const okng_model *model, const okng_export_options *options, okng_export_report *report,
                              okng_error *error);
/* As okng_export_verify. */
okng_status okng_export_compare(const okng_model *model, const char *file, const okng_verify_options *options,
                                okng_verify_report *report, okng_error *error);

#endif
