/* tau.json of a bank folder, written and read with every value checked. */
#ifndef OKNG_BANK_TAU_H
#define OKNG_BANK_TAU_H

#include "bank/bank_file.h"
#include "base/json.h"

extern const okng_json_limits okng_tau_limits;

/* The options say which quantiles the thresholds are. */
okng_status okng_tau_write(const okng_tau *tau, const okng_build_options *options, const char *path, okng_error *error);
/* `tau` need not be initialised; on failure it is zeroed. Errors: NOT_FOUND, IO, FORMAT, LIMIT, MEMORY. */
okng_status okng_tau_read(const char *path, okng_tau *tau, okng_error *error);
/* The same of a document that was read; `path` is told in errors. */
okng_status okng_tau_parse(const json_t *document, const char *path, okng_tau *tau, okng_error *error);

/* tau.json of a folder or a recipe. Errors: likewise. */
okng_status okng_tau_source_read(const okng_bank_source *from, okng_tau *tau, okng_error *error);

#endif
