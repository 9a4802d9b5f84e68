/* A bank that others are made from. Private to grow/. */
#ifndef OKNG_GROW_SOURCE_H
#define OKNG_GROW_SOURCE_H

#include <jansson.h>

#include "features/ignored.h"
#include "method/method.h"

typedef struct okng_grow_source {
    char *folder; /* as it is on the disk */
    okng_bank_file file;
    const okng_method *method;
    okng_ignored *ignored; /* file.config.ignored */
    okng_ledger *ledger;
    json_t *tau;      /* tau.json as it is */
    bool own_weights; /* the weight file lies in the bank's folder */
} okng_grow_source;

/* NOT_FOUND or FORMAT where `folder` is no bank; UNSUPPORTED of an ensemble. Reads no more than it must. */
okng_status okng_grow_check(const char *folder, okng_error *error);
/* `what` ("add pictures to") is for errors. Errors: those of okng_bank_file_open; UNSUPPORTED of a method whose banks
 * do not grow, or a bank without what calibration found of its pictures. A bank of rows that came from elsewhere, as an
 * imported one, has an empty ledger. */
okng_status okng_grow_source_open(okng_grow_source *source, const char *folder, const char *what, okng_error *error);
void okng_grow_source_close(okng_grow_source *source); /* zeroed is fine; zeroes it */

/* Opens the weights that the bank recorded, or `override` where it is not NULL: the same, at another place, which
 * config->options.weights then says. Errors: those of okng_recorded_weights_open. */
okng_status okng_grow_weights(const okng_grow_source *source, const char *override, okng_bank_config *config,
                              okng_weights **weights, okng_error *error);

#endif
