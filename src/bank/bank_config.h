/* bank_config.json and tau.json: the two documents of a bank folder, written and read with every value checked. */
#ifndef OKNG_BANK_BANK_CONFIG_H
#define OKNG_BANK_BANK_CONFIG_H

#include "bank/bank_file.h"
#include "base/json_limits.h"

/* Of tau.json. */
extern const okng_json_limits okng_tau_limits;

okng_status okng_bank_config_write(const okng_bank_config *config, const char *path, okng_error *error);
/* `config` need not be initialised. Where no method is named, it is PatchCore's, as all were before there was another.
 * Errors: NOT_FOUND, IO, FORMAT, UNSUPPORTED (another version), MEMORY. */
okng_status okng_bank_config_read(const char *path, okng_bank_config *config, okng_error *error);

/* The options say which quantiles the thresholds are. */
okng_status okng_tau_write(const okng_tau *tau, const okng_build_options *options, const char *path, okng_error *error);
/* `tau` need not be initialised; on failure it is zeroed. */
okng_status okng_tau_read(const char *path, okng_tau *tau, okng_error *error);

#endif
