/* What a bank says about the weights that it was made with. */
#ifndef OKNG_METHOD_PROVENANCE_H
#define OKNG_METHOD_PROVENANCE_H

#include "bank/bank_file.h"

/* config->options = *options with the absolute path of the weight file ("" stays: built in), and its SHA-256. To be
 * called before the work, which would be lost when the bank could not name its weights. */
okng_status okng_provenance_of_weights(const okng_build_options *options, const okng_weights *weights,
                                       okng_bank_config *config, okng_error *error);

#endif
