/* Numbers as text, the same in every locale: strict, whole-string parsing and the shortest text that reads back. */
#ifndef OKNG_OPTIONS_NUMBER_H
#define OKNG_OPTIONS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each takes the whole text or nothing: false for anything else, overflow included, and *out is then untouched. */
bool okng_number_i64(const char *text, int64_t *out);
bool okng_number_u64(const char *text, uint64_t *out);
bool okng_number_real(const char *text, double *out);    /* finite, decimal */
bool okng_number_bytes(const char *text, uint64_t *out); /* "512", "512K", "1.5G", "2GiB": powers of 1024 */

/* The shortest decimal text that gives `value` again as a float (`single`) or a double; "nan", "inf", "-inf". */
void okng_number_text(double value, bool single, char *text, size_t size);

#endif
