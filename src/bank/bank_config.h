/* bank_config.json of a bank folder, written and read with every value checked. */
#ifndef OKNG_BANK_BANK_CONFIG_H
#define OKNG_BANK_BANK_CONFIG_H

#include "bank/bank_file.h"
#include "base/json.h"

okng_status okng_bank_config_write(const okng_bank_config *config, const char *path, okng_error *error);
/* `config` need not be initialised. Where no method is named, it is PatchCore's, as all were before there was another.
 * Errors: NOT_FOUND, IO, FORMAT, UNSUPPORTED (another version), MEMORY. */
okng_status okng_bank_config_read(const char *path, okng_bank_config *config, okng_error *error);
/* The same of a document that was read, whose checksum is taken out of it; `path` is told in errors. */
okng_status okng_bank_config_parse(json_t *document, const char *path, okng_bank_config *config, okng_error *error);

#endif
